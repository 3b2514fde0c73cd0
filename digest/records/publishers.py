"""Families of publishers: hosts that belong to one, by the Public Suffix List (https://publicsuffix.org).

`edition.example.co.uk`, `m.example.co.uk` and `blogs.example.co.uk` are one publisher under three hosts. Hosts below a
suffix that anybody can register under (`co.uk`) are nobody's family, nor are those of people who write on somebody
else's site: the list's private part (`github.io`, `blogspot.com`), and hosts of blogs and newsletters that it lacks.

The list is that of the installed package; nothing is fetched.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from digest.config.values import is_example
from digest.text import urls

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_HOSTING = frozenset({
    "beehiiv.com", "buttondown.email", "cocolog-nifty.com", "dreamwidth.org", "exblog.jp", "ghost.io", "hatenablog.jp",
    "livedoor.blog", "livejournal.com", "medium.com", "neocities.org", "over-blog.com", "squarespace.com",
    "substack.com", "tistory.com", "tumblr.com", "typepad.com", "wordpress.com", "write.as",
})  # fmt: skip
"""Sites below which each name is a publisher of its own, as the list of public suffixes does not say."""


_OF_A_COUNTRY = re.compile(r"[^.]+\.(?:ac|co|com|edu|go|gov|ne|net|or|org)\.[a-z]{2}")
"""A name right below the usual suffixes of countries, such as `co.uk`, which is known without the list."""


@lru_cache(maxsize=10_000)
def family(host: str) -> str | None:
    """Return the host that stands for the family of *host*, a name in lower case; None where that is *host* itself.

    A leading `www.` makes no difference. Domains reserved for examples, names without a dot and numbers are nobody's.
    """
    name = host.removeprefix("www.").rstrip(".")
    # The list is a megabyte of memory and 15 ms, which most archives of a blog can do without.
    if name.count(".") < 2 or _OF_A_COUNTRY.fullmatch(name) or is_example(name) or urls.is_bare(name):
        return None
    registered = _suffixes(encoded="xn--" in name).privatesuffix(name)
    if registered in {None, name} or registered in _HOSTING:
        return None
    return str(registered)


@lru_cache(maxsize=2)
def _suffixes(*, encoded: bool) -> PublicSuffixList:
    """Return the list; *encoded* with the ASCII form of each suffix in other letters, too."""
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415 - see above

    # The ASCII forms take two thirds of the time, and few archives have a host that is written so.
    return PublicSuffixList(accept_encoded_idn=encoded)
