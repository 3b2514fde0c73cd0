"""Addresses compared and cleaned: when two lead to one page, tracking parameters, hosts that are no public name.

All functions take a clean absolute address, as `sanitize.address` gives it, and none opens one. What is a tracking
parameter is decided here alone, for comparing and for sending: two lists that disagree let a story run twice.

Parameters are cut out and added as text, so that the rest stays as it was, byte for byte: servers may sign it. No path
is rewritten, since nobody can know where the plain twin of an AMP page lies.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from digest.text import sanitize

_TRACKING = re.compile(
    r"(utm_\w+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|mc_[ce]id|_hsenc|_hsmi"
    r"|mkt_tok|vero_id|oly_(enc|anon)_id|wickedid|cmpid|ncid|amp|amp_js_v|amp_gsa|usqp)(=.*)?|outputType=amp",
    re.IGNORECASE | re.DOTALL,
)
"""A parameter, as `name` or `name=value`, that no page needs, because it only counts readers."""

_PERHAPS_TRACKING = re.compile(r"(ref|ref_src|spm|ocid)(=.*)?", re.IGNORECASE | re.DOTALL)
"""A parameter that mostly counts readers, but that some pages need: links keep it, comparisons do without."""

# Browsers take a host whose last part is a number for an IPv4 address, however it is written: 127.1, 0x7f000001
# (WHATWG URL, 3.5). To look for four decimal numbers would miss these.
_NO_NAME = r"(?:[0-9]+|0x[0-9a-f]*|localhost)\.?"
"""The last part of a host that is no name."""

_BARE_HOST = re.compile(rf"(?:.*\.)?{_NO_NAME}|.*:.*", re.IGNORECASE)
_BARE_ADDRESS = re.compile(rf"https?://(?:[^/?#:]*\.)?{_NO_NAME}(?![^/?#:])", re.IGNORECASE)


def is_bare(host: str) -> bool:
    """Whether *host* is an IP address in any spelling, or localhost, and no name that others can look up."""
    return bool(_BARE_HOST.fullmatch(host))


def host_of(address: str) -> str:
    """Return the host of an address in lower case, without `www.`; "" where it has none."""
    return (urlsplit(address).hostname or "").removeprefix("www.")


def has_bare_host(address: str) -> bool:
    """Whether the host of *address* is a bare one (see `is_bare`), without taking the address apart."""
    return bool(_BARE_ADDRESS.match(address))


def counts_readers(parameter: str) -> bool:
    """Whether a *parameter* of a query, as `name` or `name=value`, only counts readers, so that a link goes without."""
    return bool(_TRACKING.fullmatch(parameter))


def _tells_pages_apart(parameter: str) -> bool:
    """Whether two addresses that differ in *parameter* may be two pages."""
    return not counts_readers(parameter) and not _PERHAPS_TRACKING.fullmatch(parameter)


# The preview chooses again and again from the same addresses.
@lru_cache(maxsize=32_768)
def canonical(address: str) -> str:
    """Return *address* without what does not tell pages apart: scheme, `www.`, trailing slash, fragment, tracking.

    The result is a key to compare by, and no address that can be opened. Parameters keep their order.
    """
    # Cut by hand, since a week of 5,000 articles has 30,000 addresses, and urlsplit() takes several times as long.
    page, _, query = address.partition("://")[2].partition("#")[0].partition("?")
    host, slash, path = page.partition("/")
    if query:
        # A page may be named by a parameter without a value: `showthread.php?184467`, `index.php?Kites`.
        pairs = parse_qsl(query, keep_blank_values=True)
        query = urlencode([(key, value) for key, value in pairs if _tells_pages_apart(f"{key}={value}")])
    return f"{host.casefold().removeprefix('www.')}{(slash + path).rstrip('/')}" + (f"?{query}" if query else "")


_AMP_CACHE = re.compile(r"https://(?:[\w-]+\.cdn\.ampproject\.org/[a-z]/|(?:www\.)?google\.[a-z.]+/amp/)(s/)?(.+)")
"""An address in Google's AMP cache: group 2 is the publisher's address without its scheme, `s/` means https."""


def without_tracking(address: str) -> str:
    """Return *address* without parameters that only count readers, and out of Google's AMP cache.

    All others stay as they are and in their order.
    """
    match = _AMP_CACHE.fullmatch(address)
    if match:
        address = sanitize.address(f"{'https' if match[1] else 'http'}://{match[2]}") or address
    page, query, fragment = _parted(address)
    return _joined(
        page, "&".join(parameter for parameter in query.split("&") if not counts_readers(parameter)), fragment
    )


def with_campaign(address: str, parameters: list[tuple[str, str]]) -> str:
    """Return *address* with *parameters* (name, value) added, such as utm_source for the newsletter's own counting.

    One that is there already stays as it is. The address stays as a whole where it would become too long for clients.
    """
    page, query, fragment = _parted(address)
    present = {parameter.partition("=")[0].casefold() for parameter in query.split("&")}
    new = [f"{name}={quote(value, safe='')}" for name, value in parameters if name not in present]
    longer = _joined(page, "&".join(filter(None, [query, *new])), fragment)
    return longer if len(longer) <= sanitize.ADDRESS_LIMIT else address


def _parted(address: str) -> tuple[str, str, str]:
    """Return an address's page, query and fragment, without `?` and `#`."""
    rest, _, fragment = address.partition("#")
    page, _, query = rest.partition("?")
    return page, query, fragment


def _joined(page: str, query: str, fragment: str) -> str:
    """Return the address of these parts, without the sign of one that is empty."""
    return page + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
