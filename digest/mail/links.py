"""Where a link stands in a Letter's HTML and text. Knows how the theme writes links, not what they are for."""

from __future__ import annotations

import html
import re

_HREF = re.compile(r'\bhref="([^"]*)"')


def in_html(words: str, address: str) -> list[tuple[int, int]]:
    """Return where *address* is the value of an href, as (start, end)."""
    return [found.span(1) for found in _HREF.finditer(words) if html.unescape(found[1]) == address]


def in_text(words: str, address: str) -> list[tuple[int, int]]:
    """Return where *address* stands as a word of its own, as (start, end)."""
    return [found.span() for found in re.finditer(rf"(?<!\S){re.escape(address)}(?!\S)", words)]
