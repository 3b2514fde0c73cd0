"""The words of MJML 4: its elements, where each may stand, which attributes it has, and which are not for themes.

From the reference of MJML 4.18. An element that does not stand here does nothing, in the official MJML as in ours, so
it is a problem of the theme and not passed over. Of attributes only what looks like a slip is one; any other that does
not stand here, or belongs to another element, is noted.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

BLANK = "\ue000"
"""Stands for each sign of a comment that was left out; no theme holds it, so that all places stay right."""

_BOX = "padding padding-top padding-right padding-bottom padding-left"
_SIDES = "border border-top border-right border-bottom border-left"
_BORDER = f"{_SIDES} border-radius"
_FONT = "color font-family font-size font-style font-weight line-height"
_TYPE = f"{_FONT} letter-spacing text-decoration text-transform"
_GROUND = "container-background-color"
_LINK = "href name rel target title"
_PICTURE = (
    "background-url background-repeat background-size background-position background-position-x background-position-y"
)
_SECTION = f"{_BOX} {_BORDER} {_PICTURE} background-color direction full-width text-align text-padding"
_OPENER = (
    "icon-align icon-height icon-position icon-width icon-wrapped-alt icon-wrapped-url icon-unwrapped-alt "
    "icon-unwrapped-url"
)
_ICO = (
    "ico-align ico-close ico-color ico-font-family ico-font-size ico-line-height ico-open ico-padding ico-padding-top "
    "ico-padding-right ico-padding-bottom ico-padding-left ico-text-decoration ico-text-transform"
)

# The attributes of each element beside css-class and mj-class, which all in the body have. The reference lacks two that
# act all the same: full-width of mj-image, and width of mj-hero.
_ATTRIBUTES = {
    "mjml": "lang dir owa version",
    "mj-head": "",
    "mj-title": "",
    "mj-preview": "",
    "mj-attributes": "",
    "mj-breakpoint": "width",
    "mj-font": "name href",
    "mj-html-attributes": "",
    "mj-selector": "path",
    "mj-html-attribute": "name",
    "mj-style": "inline",
    "mj-raw": "position",
    "mj-body": "background-color width",
    "mj-section": _SECTION,
    "mj-wrapper": f"{_SECTION} gap",
    "mj-hero": (
        f"{_BOX} {_GROUND} background-color background-height background-position background-url background-width "
        "border-radius height inner-background-color inner-padding inner-padding-top inner-padding-right "
        "inner-padding-bottom inner-padding-left mode vertical-align width"
    ),
    "mj-group": "background-color direction vertical-align width",
    "mj-column": (
        f"{_BOX} {_BORDER} background-color direction vertical-align width inner-background-color inner-border "
        "inner-border-top inner-border-right inner-border-bottom inner-border-left inner-border-radius"
    ),
    "mj-text": f"{_BOX} {_TYPE} {_GROUND} align background-color height vertical-align",
    "mj-table": (
        f"{_BOX} {_GROUND} align border cellpadding cellspacing color font-family font-size font-weight line-height "
        "role table-layout vertical-align width"
    ),
    "mj-image": (
        f"{_BOX} {_BORDER} {_GROUND} {_LINK} align alt fluid-on-mobile font-size full-width height max-height sizes "
        "src srcset usemap width"
    ),
    "mj-button": (
        f"{_BOX} {_BORDER} {_GROUND} {_TYPE} {_LINK} align background-color height inner-padding text-align "
        "vertical-align width"
    ),
    "mj-divider": f"{_BOX} {_GROUND} align border-color border-style border-width width",
    "mj-spacer": f"{_BOX} {_SIDES} {_GROUND} height",
    "mj-social": (
        f"{_BOX} {_GROUND} {_FONT} align border-radius icon-height icon-padding icon-size inner-padding mode "
        "table-layout text-decoration text-padding vertical-align"
    ),
    "mj-social-element": (
        f"{_BOX} {_FONT} {_LINK} align alt background-color border-radius icon-height icon-padding icon-position "
        "icon-size sizes src srcset text-decoration text-padding vertical-align"
    ),
    "mj-navbar": f"{_BOX} {_ICO} align base-url hamburger",
    "mj-navbar-link": f"{_BOX} {_TYPE} href name rel target",
    "mj-accordion": f"{_BOX} {_OPENER} {_GROUND} border font-family",
    "mj-accordion-element": f"{_OPENER} background-color border font-family",
    "mj-accordion-title": f"{_BOX} background-color color font-family font-size font-weight",
    "mj-accordion-text": f"{_BOX} background-color color font-family font-size font-weight letter-spacing line-height",
}

CONTENT = frozenset({
    "mj-title", "mj-preview", "mj-style", "mj-raw", "mj-text", "mj-table", "mj-button", "mj-social-element",
    "mj-navbar-link", "mj-accordion-title", "mj-accordion-text", "mj-html-attribute",
})  # fmt: skip
"""Elements that hold HTML, CSS or text; all others hold elements."""

_IN_COLUMNS = "mj-accordion mj-button mj-divider mj-image mj-navbar mj-raw mj-social mj-spacer mj-table mj-text"

# What may stand in each element that holds elements.
_CHILDREN = {
    "": "mjml",
    "mjml": "mj-head mj-body mj-raw",
    "mj-head": "mj-attributes mj-breakpoint mj-font mj-html-attributes mj-preview mj-raw mj-style mj-title",
    "mj-html-attributes": "mj-selector",
    "mj-selector": "mj-html-attribute",
    "mj-body": "mj-hero mj-raw mj-section mj-wrapper",
    "mj-wrapper": "mj-hero mj-raw mj-section",
    "mj-section": "mj-column mj-group mj-raw",
    "mj-group": "mj-column mj-raw",
    "mj-column": _IN_COLUMNS,
    "mj-hero": _IN_COLUMNS,
    "mj-social": "mj-raw mj-social-element",
    "mj-navbar": "mj-navbar-link mj-raw",
    "mj-accordion": "mj-accordion-element mj-raw",
    "mj-accordion-element": "mj-accordion-text mj-accordion-title mj-raw",
}

HOLDERS = frozenset(_CHILDREN) - {"", "mjml", "mj-head", "mj-html-attributes", "mj-selector"}
"""Elements of the body that hold elements."""

DEFAULTS = frozenset({"mj-attributes", "mj-class"})
"""In these stand attributes for elements elsewhere."""

ELEMENTS = frozenset(_ATTRIBUTES)

# Those of all elements, and one of MJML 3 that many templates still have.
_EVERY = frozenset(" ".join(_ATTRIBUTES.values()).split()) | {"css-class", "mj-class", "mobile-width"}

# Known to MJML, and not for themes: what is wrong with each, and what to write instead.
_REFUSED = {
    "mj-carousel": ("most programs show its first picture only", "write an <mj-image>"),
    "mj-carousel-image": ("most programs show the first picture of a carousel only", "write an <mj-image>"),
    "mj-container": ("it is of MJML 3", "write its attributes into <mj-body>"),
    "mj-include": ("without a path in quotes it includes nothing", 'write <mj-include path="./part.mjml" />'),
}

# What has no css-class and no mj-class: it makes nothing that could have one.
_UNSEEN = frozenset(f"mjml mj-head mj-selector mj-html-attribute {_CHILDREN['mj-head']}".split())


def attributes(name: str) -> frozenset[str]:
    """Return the attributes that the element *name* has; an unknown one has the two that all have."""
    return frozenset(_ATTRIBUTES.get(name, "").split()) | (
        frozenset() if name in _UNSEEN else {"css-class", "mj-class"}
    )


def problems(name: str, given: Mapping[str, str], parent: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with an element of that *name* and those attributes in *parent*: the problem, the remedy.

    *parent* is the name of the element around it, empty at the top of the theme.
    """
    if name not in ELEMENTS and not _is_of_all(name, parent):
        yield _unknown(name, parent)
        return
    if parent not in DEFAULTS and name not in _CHILDREN.get(parent, name).split():
        yield misplaced(name, parent)
    for attribute in given:
        if attribute not in _EVERY and (near := _slip(attribute, name, parent)):
            yield f"<{name}> has no attribute {attribute!r}", f"did you mean {near!r}?"


def idle(name: str, given: Mapping[str, str], parent: str) -> Iterator[tuple[str, str]]:
    """Yield which of those attributes do nothing, as MJML or the element does not have them, and what to do."""
    if name not in ELEMENTS and not _is_of_all(name, parent):
        return
    for attribute in given:
        is_known = attribute in _EVERY
        is_elsewhere = is_known and parent not in DEFAULTS and attribute not in attributes(name)
        if is_elsewhere or not (is_known or attribute == "name" or _slip(attribute, name, parent)):
            yield f"{attribute} does nothing in <{name}>", "take it out"


def _is_of_all(name: str, parent: str) -> bool:
    """Whether *name* stands for elements of any name, in the head."""
    return parent in DEFAULTS and name in {"mj-all", "mj-class"}


def _slip(attribute: str, name: str, parent: str) -> str:
    """Return the attribute that is meant by one that MJML does not have; "" where it is no slip of any."""
    allowed = _EVERY if _is_of_all(name, parent) else attributes(name)
    return next(iter(get_close_matches(attribute.lower(), sorted(allowed), n=1, cutoff=0.8)), "")


def misplaced(name: str, parent: str) -> tuple[str, str]:
    """Return what is wrong with the element *name* inside *parent*, where it has no place, and what to do."""
    if parent in CONTENT:
        return f"<{name}> stands in <{parent}>, which holds no elements of MJML", f"write </{parent}> before it"
    places = [holder for holder, children in _CHILDREN.items() if holder and name in children.split()]
    where = f"<{parent}>" if parent else "no <mjml>"
    return f"<{name}> stands in {where}", f"put it into <{places[0]}>" if places else "take it out"


def _unknown(name: str, parent: str) -> tuple[str, str]:
    """Return what is wrong with an element that is not MJML's, or not for themes, and what to do."""
    if name in _REFUSED:
        reason, remedy = _REFUSED[name]
        return f"<{name}> is not for themes: {reason}", remedy
    if not name.startswith("mj"):
        return f"<{name}> stands in <{parent}>, which holds elements of MJML", "put it into an <mj-text> or an <mj-raw>"
    return f"unknown element <{name}>", _nearest(name, ELEMENTS)


def _nearest(word: str, names: Collection[str]) -> str:
    """Return a remedy for a misspelt *word*: the name that is as good as the same, or all of *names*."""
    # Half the letters of any two names of MJML are alike, so only what differs by a slip is meant.
    near = get_close_matches(word, sorted(names), n=1, cutoff=0.66)
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(names))}"
