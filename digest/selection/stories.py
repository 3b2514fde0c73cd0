"""Which articles tell the same story. Knows addresses and titles; decides no slot.

Two articles are one story when they share a canonical address, or their titles are equal once case, punctuation,
agency prefixes and outlet suffixes are gone. Never by `related` alone: in real archives it ties strangers together.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from digest.model import Coverage, Story
from digest.selection import order

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from digest.model import Address, Article, Provider

ALSO_LIMIT = 3
"""Most providers named under "also covered by"."""

_TRACKING = re.compile(
    r"(utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|ocid|cmpid|ncid|ref|ref_src|spm|amp)", re.IGNORECASE
)
_AGENCY = re.compile(
    r"^(?:(?:feature|exclusive|analysis|update \d+|re-?transmission|correct(?:ed|ion)|refile|wrapup \d+)\s*[-:–]\s*)+",
    re.IGNORECASE,
)
_MIN_WORDS = 4
"""Fewest words of a title that may tie two providers: "Weekly round-up" is no evidence."""


def tell(articles: Sequence[Article]) -> list[tuple[Story, list[tuple[Article, str]]]]:
    """Return the stories, hottest lead first, each with its other articles and what ties each of them to it.

    *articles* must be able to run; the lead is the first of its story in the order of `order.key`.
    """
    groups: list[list[tuple[Article, str]]] = []
    known: dict[str, int] = {}
    for article in sorted(articles, key=order.key):
        signs = dict(_signs(article))
        sign = next((sign for sign in signs if sign in known), None)
        number = known[sign] if sign else len(groups)
        if sign is None:
            groups.append([])
        groups[number].append((article, signs[sign] if sign else ""))
        for own in signs:
            known.setdefault(own, number)
    return [(_story([article for article, _ in group]), group[1:]) for group in groups]


def canonical(address: Address) -> str:
    """Return *address* without what does not tell pages apart: scheme, `www.`, trailing slash, fragment, tracking."""
    parts = urlsplit(address)
    query = urlencode([(key, value) for key, value in parse_qsl(parts.query) if not _TRACKING.fullmatch(key)])
    host = parts.netloc.casefold().removeprefix("www.")
    return f"{host}{parts.path.rstrip('/')}" + (f"?{query}" if query else "")


def normalised(title: str, provider: Provider) -> str:
    """Return *title* as it is compared: no case, accents, punctuation, agency prefix or outlet suffix."""
    bare = _AGENCY.sub("", title)
    bare = re.sub(
        rf"\s*[-|–—]\s*(?:{re.escape(provider.name)}|{re.escape(provider.domain or provider.name)})\s*$",
        "",
        bare,
        flags=re.IGNORECASE,
    )
    plain = unicodedata.normalize("NFKD", bare).casefold()
    return " ".join(re.findall(r"\w+", re.sub(r"['’`\u0300-\u036f]", "", plain)))


def _signs(article: Article) -> Iterator[tuple[str, str]]:
    """What an article is recognised by, with the words for it."""
    for address in article.addresses:
        yield f"address {canonical(address)}", "the same address"
    title = normalised(article.title, article.provider)
    if len(title.split()) >= _MIN_WORDS:
        yield f"title {title}", "the same title"


def _story(group: Sequence[Article]) -> Story:
    lead, *others = group
    return Story(lead=lead, others=tuple(others), also=tuple(_also(lead, others))[:ALSO_LIMIT])


def _also(lead: Article, others: Iterable[Article]) -> Iterator[Coverage]:
    """Other providers' coverage: one a provider, best quality first."""
    reports = [(other.quality, other.provider, other.url) for other in others if other.url]
    reports += [(related.quality, related.provider, related.url) for related in lead.related]
    seen = {lead.provider.key}
    for _, provider, url in sorted(reports, key=lambda report: (-report[0], report[1].key, report[2])):
        if provider.key not in seen:
            seen.add(provider.key)
            yield Coverage(provider=provider, url=url)
