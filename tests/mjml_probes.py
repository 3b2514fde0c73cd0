"""MJML that uses every attribute of every element, in several ways, to hold our engine against the official one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.theme import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

PICTURE = "https://example.com/a.png"

# An element of each name with what it needs to be seen; the probe stands in place of the sign.
_BARE = {
    "mj-text": "<mj-text %>Bees <b>sleep</b> in the roof of the old town hall, and nobody minds them.</mj-text>",
    "mj-table": "<mj-table %><tr><td>one</td><td>two</td></tr></mj-table>",
    "mj-image": f'<mj-image src="{PICTURE}" alt="A hive" href="https://example.com/" %></mj-image>',
    "mj-button": '<mj-button href="https://example.com/" %>Read on</mj-button>',
    "mj-divider": "<mj-divider %></mj-divider>",
    "mj-spacer": "<mj-spacer %></mj-spacer>",
    "mj-social": (
        f'<mj-social %><mj-social-element src="{PICTURE}" href="https://example.com/">one</mj-social-element>'
        f'<mj-social-element src="{PICTURE}">two</mj-social-element></mj-social>'
    ),
    "mj-social-element": (
        f'<mj-social><mj-social-element src="{PICTURE}" href="https://example.com/" %>one</mj-social-element>'
        "</mj-social>"
    ),
    "mj-navbar": '<mj-navbar %><mj-navbar-link href="/a">one</mj-navbar-link></mj-navbar>',
    "mj-navbar-link": '<mj-navbar><mj-navbar-link href="/a" %>one</mj-navbar-link></mj-navbar>',
    "mj-accordion": (
        "<mj-accordion %><mj-accordion-element><mj-accordion-title>one</mj-accordion-title>"
        "<mj-accordion-text>two</mj-accordion-text></mj-accordion-element></mj-accordion>"
    ),
    "mj-accordion-element": (
        "<mj-accordion><mj-accordion-element %><mj-accordion-title>one</mj-accordion-title>"
        "<mj-accordion-text>two</mj-accordion-text></mj-accordion-element></mj-accordion>"
    ),
    "mj-accordion-title": (
        "<mj-accordion><mj-accordion-element><mj-accordion-title %>one</mj-accordion-title>"
        "<mj-accordion-text>two</mj-accordion-text></mj-accordion-element></mj-accordion>"
    ),
    "mj-accordion-text": (
        "<mj-accordion><mj-accordion-element><mj-accordion-title>one</mj-accordion-title>"
        "<mj-accordion-text %>two</mj-accordion-text></mj-accordion-element></mj-accordion>"
    ),
}
_CONTENT = f'<mj-text>Some words</mj-text><mj-image src="{PICTURE}" alt=""></mj-image>'
_LAYOUT = {
    "mj-section": f"<mj-section %><mj-column>{_CONTENT}</mj-column><mj-column>{_CONTENT}</mj-column></mj-section>",
    "mj-wrapper": (
        f'<mj-wrapper %><mj-section><mj-column>{_CONTENT}</mj-column></mj-section><mj-section background-color="#eee">'
        f"<mj-column>{_CONTENT}</mj-column></mj-section></mj-wrapper>"
    ),
    "mj-group": (
        f"<mj-section><mj-group %><mj-column>{_CONTENT}</mj-column><mj-column>{_CONTENT}</mj-column></mj-group>"
        "</mj-section>"
    ),
    "mj-column": f"<mj-section><mj-column %>{_CONTENT}</mj-column><mj-column>{_CONTENT}</mj-column></mj-section>",
    "mj-hero": (
        f'<mj-hero background-url="{PICTURE}" background-width="600px" background-height="200px" height="200px" %>'
        f"{_CONTENT}</mj-hero>"
    ),
}

# A value for each attribute that differs from its default; those left out are told by the end of their name.
_VALUES = {
    "align": "right", "base-url": "https://example.com", "cellpadding": "5", "cellspacing": "4", "direction": "rtl",
    "fluid-on-mobile": "true", "font-family": "Georgia, serif", "font-style": "italic", "font-weight": "700",
    "full-width": "full-width", "gap": "21px", "hamburger": "hamburger", "href": "https://example.com/b",
    "icon-align": "top", "icon-position": "right", "ico-close": "x", "ico-open": "o",
    "letter-spacing": "3px", "line-height": "2", "name": "bees", "rel": "nofollow", "role": "list",
    "sizes": "300px", "src": "https://example.com/b.png", "srcset": "https://example.com/c.png 2x",
    "table-layout": "fixed", "target": "_self", "text-align": "left", "text-decoration": "underline",
    "text-transform": "uppercase", "title": "On the roof", "usemap": "#roof", "vertical-align": "bottom",
    "background-repeat": "no-repeat", "background-size": "cover", "background-position": "left bottom",
    "background-position-x": "right", "background-position-y": "bottom", "border-style": "dashed",
    "css-class": "probe other", "ico-text-transform": "none",
    "ico-text-decoration": "underline", "ico-align": "right", "alt": "Bees",
}  # fmt: skip
_ENDINGS = (
    ("mode", {"mj-social": "vertical", "mj-hero": "fluid-height"}),
    ("background-url", PICTURE), ("icon-wrapped-url", PICTURE), ("icon-unwrapped-url", PICTURE), ("alt", "more"),
    ("color", "#b91c1c"), ("border-radius", "11px"), ("border-width", "7px"), ("font-size", "21px"),
    ("padding", "7px 31px 9px 3px"), ("padding-top", "19px"), ("padding-right", "23px"), ("padding-bottom", "29px"),
    ("padding-left", "37px"), ("width", "140px"), ("height", "60px"), ("icon-size", "44px"),
    ("font-family", "Georgia, serif"),
)  # fmt: skip
# Other ways to write a value, by attribute or by the end of its name: units, shorthands, what is empty or has blanks.
_MORE = {
    "css-class": (" probe  other ", ""), "href": ("https://example.com/?a=1&amp;b=2", ""),
    "width": ("40px", "33.33%", "50"),
    "height": ("0", "33px"), "full-width": ("false",), "vertical-align": ("top", "middle"), "align": ("left", "center"),
    "padding": ("0", "7px 31px", "7px 31px 9px", "0 20px", "20px 0", "5% 10%", "7px  31px", ""),
    "padding-top": ("0", "12.5px"), "padding-bottom": ("0", "5%"),
    "padding-left": ("0", "12.5px", "5%"), "padding-right": ("0", "2em", "33"),
    "color": ("#ABCDEF", "#abc", "rgb(10, 120, 30)", "rgba(200,0,0,.5)", "transparent"),
    "border": ("none", "0", "1px dashed red"), "border-radius": ("50%", "3px 9px", "0"),
    "font-size": ("0", "1.2em"), "font-family": ("'Times New Roman', serif",),
    "background-size": ("contain", "100px 50px"),
    "background-position": ("top", "20px 30px", "30% 70%"), "background-repeat": ("repeat",),
}  # fmt: skip
# Of these the official MJML makes half a pixel, no width, or what another element has.
_LESS = {
    ("mj-social", ""),
    ("mj-divider", "33.33%"),
    ("mj-divider", "50"),
    ("mj-table", "50"),
    ("mj-group", "50"),
    ("mj-hero", "50"),
}


def elements() -> list[str]:
    """Return the elements that are probed."""
    return [*_BARE, *_LAYOUT]


def probes(name: str) -> dict[str, str]:
    """Return MJML for a body by the attribute of the element *name* that is set in it; "" with none."""
    probes = {"": ""}
    for attribute in sorted(vocabulary.attributes(name) - {"mj-class"}):
        values = [_value(name, attribute), *_more(name, attribute)]
        probes |= {f'{attribute}="{value}"': attribute for value in values}
    return {probe: _around(name, probe, attribute) for probe, attribute in probes.items()}


def _around(name: str, probe: str, attribute: str) -> str:
    text = _LAYOUT.get(name) or f"<mj-section><mj-column>{_BARE[name]}</mj-column></mj-section>"
    before, _, behind = text.partition("%")
    # Of two the first would hold.
    opening = before.rindex("<")
    tag = re.sub(rf' {attribute}="[^"]*"', "", before[opening:]) if attribute else before[opening:]
    return f"{before[:opening]}{tag}{probe}{behind}"


def _more(name: str, attribute: str) -> Iterator[str]:
    """Yield more values for an attribute: its own, or of the longest end of its name that has some."""
    ending = next((end for end in _endings(attribute) if end in _MORE), "")
    for value in _MORE.get(ending, ()):
        if (name, value) not in _LESS and (ending != "width" or attribute == "width"):
            yield value


def _endings(attribute: str) -> Iterator[str]:
    pieces = attribute.split("-")
    return ("-".join(pieces[number:]) for number in range(len(pieces)))


def _value(name: str, attribute: str) -> str:
    if attribute in _VALUES:
        return _VALUES[attribute]
    for ending, value in _ENDINGS:
        if attribute == ending or attribute.endswith(f"-{ending}"):
            return value if isinstance(value, str) else value[name]
    return "3px solid #15803d"
