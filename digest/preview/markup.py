"""HTML taken apart just enough to change tags and style sheets, and left alone byte for byte elsewhere.

Knows tags, attributes, comments and CSS declarations; not what any of them is for. Meant for the HTML that a theme
makes, in which article text is escaped.
"""

from __future__ import annotations

import re
from html import escape, unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_PIECE = re.compile(
    r"(?P<comment><!--.*?-->)"
    r"|(?P<open><style\b[^>]*>)(?P<css>.*?)(?P<close></style\s*>)"
    r"|<(?P<name>[a-zA-Z][\w:-]*)(?P<attributes>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>",
    re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"\s+([^\s=/>\"']+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+)))?")
_DECLARATION = re.compile(r"(?<![\w-])([a-z-]+)(\s*:\s*)([^;{}]+?)(?=\s*(?:[;}]|$))", re.IGNORECASE)

Attributes = dict[str, str | None]
"""The attributes of a tag by name in lower case; None for one without a value."""


def rewrite(
    html: str,
    *,
    tag: Callable[[str, Attributes], Attributes | None] | None = None,
    css: Callable[[str], str | None] | None = None,
) -> str:
    """Return *html* with each start tag as *tag* gives its attributes, and each style sheet as *css* gives it.

    *tag* gets the name in lower case and may change the attributes; None removes the tag, as None from *css* removes
    the style element. Comments stay as they are, so what only Outlook reads is not touched.
    """

    def piece(found: re.Match[str]) -> str:
        if found["comment"]:
            return found[0]
        if found["open"]:
            sheet = css(found["css"]) if css else found["css"]
            return "" if sheet is None else found["open"] + sheet + found["close"]
        if tag is None:
            return found[0]
        before = _attributes(found["attributes"])
        after = tag(found["name"].lower(), dict(before))
        if after is None:
            return ""
        return found[0] if after == before else _written(found["name"], after, found["attributes"])

    return _PIECE.sub(piece, html)


def in_head(html: str, addition: str) -> str:
    """Return *html* with *addition* at the end of its head, or in front where there is none."""
    place = re.search(r"</head\s*>", html, re.IGNORECASE)
    at = place.start() if place else 0
    return html[:at] + addition + html[at:]


def declarations(css: str, change: Callable[[str, str], str]) -> str:
    """Return *css* with the value of each declaration as *change* gives it for the property and its value."""
    return _DECLARATION.sub(lambda found: f"{found[1]}{found[2]}{change(found[1].lower(), found[3])}", css)


def _attributes(written: str) -> Attributes:
    found: Attributes = {}
    for name, double, single, bare in _ATTRIBUTE.findall(written):
        value = double or single or bare
        empty = not value and not re.search(rf"{re.escape(name)}\s*=", written)
        found.setdefault(name.lower(), None if empty else unescape(value))
    return found


def _written(name: str, attributes: Attributes, before: str) -> str:
    words = "".join(f" {key}" if value is None else f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{words}{' /' if before.rstrip().endswith('/') else ''}>"
