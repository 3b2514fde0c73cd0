"""Addresses as they are sent: cleaned of what counts readers, marked with the newsletter's own words. Opens none.

Parameters are cut out and put on as text, so what stays is as it was, byte for byte. No path is rewritten: where an
AMP page's plain twin is cannot be known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from digest import clean
from digest.addresses import counts_readers

if TYPE_CHECKING:
    from digest.model import Issue, Shape

_AMP_CACHE = re.compile(r"https://(?:[\w-]+\.cdn\.ampproject\.org/[a-z]/|(?:www\.)?google\.[a-z.]+/amp/)(s/)?(.+)")
_LIMIT = 2_000
"""Longest address that every client opens; see `clean`."""


def sent(issue: Issue, shape: Shape) -> dict[str, str]:
    """Return how the address of each story and of its other coverage is sent, by the address in the archive."""
    words = [(f"utm_{name}", value.replace("{id}", issue.id)) for name, value in shape.utm]
    addresses = [pick.article.url for pick in issue.picks if pick.article.url]
    addresses += [one.url for pick in issue.picks for one in pick.story.also]
    return {one: marked(cleaned(one) if shape.clean_links else one, words) for one in addresses}


def cleaned(address: str) -> str:
    """Return *address* without parameters that only count readers, and out of Google's AMP cache."""
    found = _AMP_CACHE.fullmatch(address)
    if found:
        address = clean.address(f"{'https' if found[1] else 'http'}://{found[2]}") or address
    page, query, fragment = _parted(address)
    return _joined(page, "&".join(one for one in query.split("&") if not counts_readers(one)), fragment)


def marked(address: str, words: list[tuple[str, str]]) -> str:
    """Return *address* with parameters put on; one that is there already stays as it is."""
    page, query, fragment = _parted(address)
    there = {one.partition("=")[0].casefold() for one in query.split("&")}
    new = [f"{name}={quote(value, safe='')}" for name, value in words if name not in there]
    longer = _joined(page, "&".join(filter(None, [query, *new])), fragment)
    return longer if len(longer) <= _LIMIT else address


def _parted(address: str) -> tuple[str, str, str]:
    rest, _, fragment = address.partition("#")
    page, _, query = rest.partition("?")
    return page, query, fragment


def _joined(page: str, query: str, fragment: str) -> str:
    return page + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
