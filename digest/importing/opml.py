"""Lists of feeds in OPML, as feed readers export their subscriptions.

A list of feeds holds no articles. Its feeds are named, and fetched only where the user asks for that.
"""

from __future__ import annotations

import re

from digest.errors import ImportingError
from digest.text import sanitize

_START = re.compile(r"(?:\s|<\?[^>]*+>|<!--(?:[^-]|-(?!->))*+-->|<![^>]*+>)*+<opml\b", re.IGNORECASE)
_OUTLINE = re.compile(r"<outline\b((?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)>", re.IGNORECASE)
_FEED = re.compile(r"\bxmlurl\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)')", re.IGNORECASE)

# More would fill the screen; the file itself has them all.
_NAMED = 5
"""Feeds that are named in the message."""


def is_list(text: str) -> bool:
    """Whether a text is OPML."""
    return bool(_START.match(text[:10_000]))


def feeds(text: str) -> list[str]:
    """Return the addresses of the feeds in a list, each once; anything but http(s) is left out."""
    written = (match for outline in _OUTLINE.finditer(text) if (match := _FEED.search(outline[1])))
    addresses = (sanitize.address(sanitize.unescaped(match[1] or match[2] or "")) for match in written)
    return list(dict.fromkeys(filter(None, addresses)))


def refused(place: str, addresses: list[str]) -> ImportingError:
    """Return the error for a list of feeds that nobody asked to fetch; it names the first of them."""
    more = f" and {len(addresses) - _NAMED:,} more" if len(addresses) > _NAMED else ""
    named = f"feeds ({', '.join(addresses[:_NAMED])}{more})" if addresses else "no feeds"
    remedy = "fetch them all with --fetch-feeds, or name those that you want" if addresses else "export it anew"
    return ImportingError(place, f"is OPML, a list of {named}, and holds no articles", remedy)
