"""MJML to HTML: the only module that knows MRML, what it must be kept from, and what its errors mean.

MRML is a hundred times as fast as the official compiler and needs no Node. But it passes unknown tags and attributes
silently, aborts the process on deep nesting, and counts errors in UTF-8 bytes. So the text is read through first, and
an error is turned into a place in the theme.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from digest.errors import ThemeError

if TYPE_CHECKING:
    from digest.theme.placeholders import HiddenTemplate

_BOX = "padding padding-top padding-right padding-bottom padding-left"
_BORDER = "border border-top border-right border-bottom border-left border-radius"
_TYPE = "font-family font-size font-style font-weight line-height letter-spacing text-decoration text-transform color"
_COMMON = "css-class mj-class"
_GROUND = "container-background-color"
_LINK = "href name rel target title"

# The elements a theme may use, with their attributes (from the MJML 4 reference). What is left out cannot be made right
# in every client: mj-hero and background images need VML, mj-carousel and mj-accordion need checkboxes, mj-font goes to
# the network, mj-include and mj-preview have better ways here.
_ATTRIBUTES: dict[str, str] = {
    "mjml": "lang dir owa",
    "mj-head": "",
    "mj-title": "",
    "mj-attributes": "",
    "mj-breakpoint": "width",
    "mj-style": "inline",
    "mj-raw": "position",
    "mj-body": f"{_COMMON} background-color width",
    "mj-section": f"{_COMMON} {_BOX} {_BORDER} background-color direction full-width text-align",
    "mj-wrapper": f"{_COMMON} {_BOX} {_BORDER} background-color full-width text-align gap",
    "mj-group": f"{_COMMON} background-color direction vertical-align width",
    "mj-column": (
        f"{_COMMON} {_BOX} {_BORDER} background-color vertical-align width "
        "inner-background-color inner-border inner-border-radius"
    ),
    "mj-text": f"{_COMMON} {_BOX} {_TYPE} {_GROUND} align height",
    "mj-table": f"{_COMMON} {_BOX} {_TYPE} {_BORDER} {_GROUND} align cellpadding cellspacing role table-layout width",
    "mj-image": (
        f"{_COMMON} {_BOX} {_BORDER} {_GROUND} {_LINK} align alt fluid-on-mobile font-size height "
        "src srcset sizes usemap width"
    ),
    "mj-button": (
        f"{_COMMON} {_BOX} {_TYPE} {_BORDER} {_GROUND} {_LINK} align background-color height inner-padding "
        "text-align vertical-align width"
    ),
    "mj-divider": f"{_COMMON} {_BOX} {_GROUND} align border-color border-style border-width width",
    "mj-spacer": f"{_COMMON} {_BOX} {_GROUND} height",
}

_ELEMENT = re.compile(
    r"<(/?)(mj[\w-]*)((?:\s+[\w:.-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'<>]+))?)*)\s*(/?)>", re.DOTALL
)
_ATTRIBUTE = re.compile(r"([\w:.-]+)\s*=?")
_TAG = re.compile(r"<(?:(/?)([A-Za-z][\w:-]*)((?:\"[^\"]*\"|'[^']*'|[^\"'<>])*)>)?")
_VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
# Far from the thousands of levels at which MRML overflows the stack and ends the process; a letter has a dozen.
_MAX_DEPTH = 60
_IMPORT = re.compile(r"@import", re.IGNORECASE)


def to_html(hidden: HiddenTemplate, text: str) -> str:
    """Return the HTML of *text*, which is *hidden.text* with parts blanked out. Raises ThemeError with its place.

    *text* has as many characters as *hidden.text*, or the places of errors are wrong. An element or attribute that MRML
    would pass over is an error here, with the name that was meant.
    """
    import mjml  # noqa: PLC0415 - a native library; only a theme that changed needs it

    _read_through(hidden, text)
    try:
        # Its own list of fonts would load from Google those that a theme names.
        return str(mjml.mjml2html(text, fonts={}))
    except ValueError as error:
        raise ThemeError(_place(hidden, text, str(error)), f"MJML: {error}", "mend the element there") from error
    except BaseException as error:
        # So pyo3 reports a Rust panic; the class cannot be imported, and is no Exception.
        if type(error).__name__ == "PanicException":
            raise ThemeError(
                hidden.place(0), "MJML gave up on this theme", "look for stray mark-up or an unclosed tag"
            ) from error
        raise


def _read_through(hidden: HiddenTemplate, text: str) -> None:
    """Raise ThemeError for the first thing that MRML would drop silently, or die of.

    Those are imports, unknown elements and attributes, deep nesting and tags that do not pair. Comments are not read.
    """
    if match := _IMPORT.search(hidden.text):
        raise ThemeError(hidden.place(match.start()), "@import would go to the network", "write the styles out")
    elements = set(_ATTRIBUTES)
    depth = 0
    uncommented = re.sub(r"<!--.*?-->", lambda comment: " " * len(comment[0]), text, flags=re.DOTALL)
    _balanced(hidden, uncommented)
    for element in _ELEMENT.finditer(uncommented):
        closing, name, attributes, empty = element.groups()
        if closing:
            depth -= 1
            continue
        depth += not empty
        if depth > _MAX_DEPTH:
            raise ThemeError(hidden.place(element.start()), f"nested deeper than {_MAX_DEPTH} elements", "flatten it")
        defaults = name in {"mj-all", "mj-class"}  # inside mj-attributes
        if name not in elements and not defaults:
            raise ThemeError(hidden.place(element.start()), f"unknown element <{name}>", _nearest(name, elements))
        allowed = set(" ".join(_ATTRIBUTES.values()).split()) | {"name"} if defaults else set(_ATTRIBUTES[name].split())
        for attribute in _ATTRIBUTE.finditer(re.sub(r"\"[^\"]*\"|'[^']*'", "", attributes)):
            if attribute[1] not in allowed:
                place = hidden.place(element.start())
                raise ThemeError(place, f"<{name}> has no attribute {attribute[1]!r}", _nearest(attribute[1], allowed))


def _balanced(hidden: HiddenTemplate, text: str) -> None:
    """Raise ThemeError for the first tag that is not closed, or closes nothing, HTML's and MJML's alike.

    MRML reports such a tag at the top of the file, or guesses where it ends.
    """
    opened: list[tuple[str, int]] = []
    for tag in _TAG.finditer(text):
        closing, name, rest = tag.groups()
        if name is None:
            raise ThemeError(hidden.place(tag.start()), "a < that opens no tag", "write &lt;")
        if not closing:
            if name not in _VOID and not rest.endswith("/"):
                opened.append((name, tag.start()))
        elif opened and opened[-1][0] == name:
            opened.pop()
        elif name in {tag for tag, _ in opened}:
            break  # what was opened last is not closed
        else:
            raise ThemeError(hidden.place(tag.start()), f"</{name}> closes nothing", "take it out, or open it before")
    if opened:
        name, start = opened[-1]
        raise ThemeError(hidden.place(start), f"<{name}> is not closed", f"write </{name}>")


def _nearest(word: str, names: set[str]) -> str:
    """Return a remedy for a misspelt *word*: the most similar of *names*, or all of them."""
    near = get_close_matches(word, sorted(names), n=1)
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(names))}"


def _place(hidden: HiddenTemplate, text: str, message: str) -> str:
    """Return the place in the theme that MRML's *message* names as `position start:end`, counted in UTF-8 bytes.

    A message without one gives the first place: so MRML reports an element that is nowhere closed.
    """
    match = re.search(r"position (\d+):\d+", message)
    start = len(text.encode()[: int(match[1])].decode(errors="ignore")) if match else 0
    return hidden.place(start)
