"""When two URLs are one page, and what a URL loses and gains before it is sent. Opens none.

Parameters are cut out and put on as text, so what stays is as it was, byte for byte. No path is rewritten: where an
AMP page's plain twin is cannot be known.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, quote, urlencode

from digest.text import sanitize

_TRACKING = re.compile(
    r"(utm_\w+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|mc_[ce]id|_hsenc|_hsmi"
    r"|mkt_tok|vero_id|oly_(enc|anon)_id|wickedid|cmpid|ncid|amp|amp_js_v|amp_gsa|usqp)(=.*)?|outputType=amp",
    re.IGNORECASE | re.DOTALL,
)
"""Parameters, as `name` or `name=value`, that no page needs: they only count readers."""

_PERHAPS_TRACKING = re.compile(r"(ref|ref_src|spm|ocid)(=.*)?", re.IGNORECASE | re.DOTALL)
"""Parameters that mostly count readers, but that some pages need: links keep them, and no page is known by them."""


_NO_NAME = r"(?:[0-9]+|0x[0-9a-f]*|localhost)\.?"
"""The last part of a host that is no name. Where it is a number, the whole is an IPv4 address, however it is written
(WHATWG URL, 3.5): 127.1, 0x7f000001."""

_BARE_HOST = re.compile(rf"(?:.*\.)?{_NO_NAME}|.*:.*", re.IGNORECASE)
_BARE_ADDRESS = re.compile(rf"https?://(?:[^/?#:]*\.)?{_NO_NAME}(?![^/?#:])", re.IGNORECASE)


def is_bare(host: str) -> bool:
    """Whether *host* is an address in numbers or this machine's own name, not a name that others can look up."""
    return bool(_BARE_HOST.fullmatch(host))


def has_bare_host(address: str) -> bool:
    """Whether the host of a clean address is a bare one."""
    return bool(_BARE_ADDRESS.match(address))


def counts_readers(parameter: str) -> bool:
    """Whether a *parameter* of a query, as `name` or `name=value`, only counts readers, so that a link goes without."""
    return bool(_TRACKING.fullmatch(parameter))


def _tells_pages_apart(parameter: str) -> bool:
    return not counts_readers(parameter) and not _PERHAPS_TRACKING.fullmatch(parameter)


@lru_cache(maxsize=32_768)  # the preview chooses again and again from the same addresses
def canonical(address: str) -> str:
    """Return *address* without what does not tell pages apart: scheme, `www.`, trailing slash, fragment, tracking.

    *address* is a clean absolute one. Cut by hand, because a week of 5,000 articles has 30,000 addresses.
    """
    page, _, query = address.partition("://")[2].partition("#")[0].partition("?")
    host, slash, path = page.partition("/")
    if query:
        pairs = parse_qsl(query)
        query = urlencode([(key, value) for key, value in pairs if _tells_pages_apart(f"{key}={value}")])
    return f"{host.casefold().removeprefix('www.')}{(slash + path).rstrip('/')}" + (f"?{query}" if query else "")


_AMP_CACHE = re.compile(r"https://(?:[\w-]+\.cdn\.ampproject\.org/[a-z]/|(?:www\.)?google\.[a-z.]+/amp/)(s/)?(.+)")
_LIMIT = 2_000
"""Longest address that every client opens; see `clean`."""


def without_tracking(address: str) -> str:
    """Return *address* without parameters that only count readers, and out of Google's AMP cache."""
    match = _AMP_CACHE.fullmatch(address)
    if match:
        address = sanitize.address(f"{'https' if match[1] else 'http'}://{match[2]}") or address
    page, query, fragment = _parted(address)
    return _joined(
        page, "&".join(parameter for parameter in query.split("&") if not counts_readers(parameter)), fragment
    )


def with_campaign(address: str, parameters: list[tuple[str, str]]) -> str:
    """Return *address* with parameters put on; one that is there already stays as it is."""
    page, query, fragment = _parted(address)
    present = {parameter.partition("=")[0].casefold() for parameter in query.split("&")}
    new = [f"{name}={quote(value, safe='')}" for name, value in parameters if name not in present]
    longer = _joined(page, "&".join(filter(None, [query, *new])), fragment)
    return longer if len(longer) <= _LIMIT else address


def _parted(address: str) -> tuple[str, str, str]:
    rest, _, fragment = address.partition("#")
    page, _, query = rest.partition("?")
    return page, query, fragment


def _joined(page: str, query: str, fragment: str) -> str:
    return page + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
