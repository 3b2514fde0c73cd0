"""Adverts for market reports: texts that sell a study and look like news.

Aggregators are full of them ("Drone Market Size, Share, Growth, Forecast 2020-2027"), in any beat. They are told by how
they are made: the title is about a market, and two of these hold.

- The title looks years ahead: a span that ends after the article came out, or a year at least two later.
- The title lists what such a study holds: two of size, share, growth, trends, forecast, key players and the like.
- The text speaks of the study: a market report, its forecast period, an annual rate (CAGR).
- The address is one of press releases.

A single sign is none: newspapers write about markets, about the years ahead, and from press releases, too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.model import Article

_MARKET = re.compile(r"\bmarkets?\b", re.IGNORECASE)
_SPAN = re.compile(r"\b(20\d\d)\s?(?:[-–—/]|to|through|till|until)\s?(20\d\d)\b", re.IGNORECASE)
_YEAR = re.compile(r"\b20\d\d\b")
_CONTENTS = re.compile(
    r"\b(size|shares?|growth|trends?|forecasts?|outlook|analysis|scope|segmentation|segments|scenario|opportunit(?:y|ies)|"
    r"demand|revenue|cagr|key players|top players|manufacturers|competitive landscape|industry|insights?)\b",
    re.IGNORECASE,
)
_STUDY = re.compile(
    r"\bcagr\b|\bforecast period\b|\bmarket (?:\w+ )?(?:report|study|research|intelligence|insights?)\b|"
    r"\b(?:the|this) (?:report|study)\b|\bresearch report\b|"
    r"\b(?:via comtex|news department was not involved)\b",
    re.IGNORECASE,
)
_RELEASE = re.compile(r"/(?:press|media|news)[-_]?releases?/|/pr[-_]?news/", re.IGNORECASE)
_AHEAD = 2
"""Years from which on a single year in a title is a forecast and not this year's or the next season's news."""


def signs(article: Article) -> tuple[str, ...]:
    """Return what shows that *article* sells a market report, in words; none where fewer than two signs do."""
    # Few titles have the letters, and to look for the word takes several times as long.
    if "market" not in article.title.casefold() or not _MARKET.search(article.title):
        return ()
    listed = {match.casefold() for match in _CONTENTS.findall(article.title)}
    shown = [
        "its title looks years ahead" if _looks_ahead(article) else "",
        f"its title lists {' and '.join(sorted(listed)[:2])}" if len(listed) > 1 else "",
        "its text speaks of a market study" if _STUDY.search(article.excerpt) else "",
        "its address is one of press releases" if article.url and _RELEASE.search(article.url) else "",
    ]
    told = tuple(filter(None, shown))
    return told if len(told) > 1 else ()


def _looks_ahead(article: Article) -> bool:
    if article.published_at is None:
        return False
    now = article.published_at.year
    spans = any(int(span[2]) > now for span in _SPAN.finditer(article.title))
    return spans or any(int(year) >= now + _AHEAD for year in _YEAR.findall(article.title))
