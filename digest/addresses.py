"""When two addresses are one page. Knows web addresses; makes none (that is `clean`) and opens none."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode

_TRACKING = re.compile(
    r"(utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|ocid|cmpid|ncid|ref|ref_src|spm|amp)", re.IGNORECASE
)


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


@lru_cache(maxsize=32_768)  # the preview chooses again and again from the same addresses
def canonical(address: str) -> str:
    """Return *address* without what does not tell pages apart: scheme, `www.`, trailing slash, fragment, tracking.

    *address* is a clean absolute one. Cut by hand, because a week of 5,000 articles has 30,000 addresses.
    """
    page, _, query = address.partition("://")[2].partition("#")[0].partition("?")
    host, slash, path = page.partition("/")
    if query:
        query = urlencode([(key, value) for key, value in parse_qsl(query) if not _TRACKING.fullmatch(key)])
    return f"{host.casefold().removeprefix('www.')}{(slash + path).rstrip('/')}" + (f"?{query}" if query else "")
