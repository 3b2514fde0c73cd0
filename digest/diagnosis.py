"""Diagnosis of settings and weeks: words of sections that fit no article, a window without enough stories.

The whole archive is read for it, which a good build never does.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from digest.config.values import WITHOUT_HEAT, Match
from digest.errors import NothingToSend, TooManyRows
from digest.model import Story

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from digest.archive import Archive
    from digest.config.settings import Settings
    from digest.model import Article, Issue, Window

# A newsroom that still works has published something within two months; a year that is mistyped is farther off.
_FAR = 60
"""Days from the window to the nearest story beyond which the message doubts the window's date."""

_MANY = 20
"""Values that a message names, where none is like the word that was written."""


def unmatched(settings: Settings, issue: Issue, whole: Callable[[], Archive]) -> tuple[str, ...]:
    """Return a line for each word of a section's `match` that fits no article of the whole archive, with the nearest.

    *whole* reads the whole archive; nothing is said where it has more rows than a build looks through. Case is ignored.
    Raises ArchiveError where the archive cannot be read.
    """
    plans = zip(settings.rules.plans or (), settings.section_places, strict=True)
    wanted = [(place, *asked) for plan, place in plans for asked in _asked(plan.match)]
    this_week = [verdict.article for verdict in issue.verdicts]
    # A word of this week is spelled right, and nothing has to be read; a rare one may be missing from the week for
    # lack of news, so that only the whole archive tells a misspelling.
    rare = [(place, part, word) for place, part, word in wanted if not part.fits(word, this_week)]
    try:
        articles = whole().articles if rare else ()
    except TooManyRows:
        return ()
    return tuple(
        f"{place}: no article has the {part.name} {word!r}; {_nearest(word, part.values(articles))}"
        for place, part, word in rare
        if not part.fits(word, articles)
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a section's `match`: what it is called, what takes a word of it alone, and what articles have there."""

    name: str
    alone: Callable[[str], Match]
    of: Callable[[Article], Iterable[str]]

    def fits(self, word: str, articles: Iterable[Article]) -> bool:
        """Whether a section that asks for *word* alone takes any of *articles*."""
        match = self.alone(word)
        return any(match.takes(Story(lead=article)) for article in articles)

    def values(self, articles: Iterable[Article]) -> dict[str, str]:
        """Return what *articles* have, each without case with the way it is written."""
        return {value.casefold(): value for article in articles for value in self.of(article) if value}


_TOPIC = _Part("topic", lambda word: Match(any=(word,)), lambda article: article.topics)
_KIND = _Part("type", lambda word: Match(kinds=(word,)), lambda article: (article.kind,))
_CATEGORY = _Part("category", lambda word: Match(categories=(word,)), lambda article: (article.category,))
_PROVIDER = _Part(
    "provider", lambda word: Match(providers=(word,)), lambda article: (article.provider.domain, article.provider.name)
)
_LANGUAGE = _Part("language", lambda word: Match(languages=(word,)), lambda article: (article.language,))
# Of paths the folders: of files there may be a hundred thousand.
_PATH = _Part("path", lambda word: Match(paths=(word,)), lambda article: (_folder(article.path),))


def _folder(path: str) -> str:
    folder = path.rpartition("/")[0]
    return folder and f"{folder}/*"


def _asked(match: Match) -> Iterator[tuple[_Part, str]]:
    """Yield the words of *match*, each with its part."""
    # What names no language is taken for the newsletter's, which an archive may never name.
    languages = () if match.unnamed else match.languages
    parts = (
        (_TOPIC, match.topics), (_KIND, match.kinds), (_CATEGORY, match.categories), (_PROVIDER, match.providers),
        (_LANGUAGE, languages), (_PATH, match.paths),
    )  # fmt: skip
    for part, words in parts:
        yield from ((part, word) for word in words)


def nothing_to_send(settings: Settings, issue: Issue, whole: Callable[[], Archive]) -> NothingToSend:
    """Return the error that says why the window gives no issue, and which days would.

    *issue* is what selection made of the window: with too few picks, or none; *whole* reads the whole archive. The
    remedy names the nearest days before and after that have an article which may run. Raises ArchiveError where the
    archive cannot be read.
    """
    window = issue.window
    if issue.picks:
        count, least = len(issue.picks), settings.rules.min_stories
        problem = f"only {count} {'story' if count == 1 else 'stories'}; an issue needs {least} (`select.min_stories`)"
        return NothingToSend(str(window), problem, "`digest explain` says why of the others")
    try:
        full = whole()
    except TooManyRows:
        return NothingToSend(str(window), *_nothing_here(issue, "is the date right?"))
    needs_heat = settings.rules.settled(full.articles).needs_heat
    moments = [
        article.published_at
        for article in full.articles
        # The conditions that hold in any week; those of one (repeats, limits, sections) would need a choice for each
        # day.
        if article.published_at and article.has_all(needs_heat=needs_heat)
    ]
    place = str(window)
    if not moments:
        return NothingToSend(place, *_nothing_ever(full, needs_heat=needs_heat))
    near = _nearest_days(window, moments)
    remedy = "`digest explain` says why of each"
    if near:
        doubt = "is the date right? " if min(near)[0] > _FAR else ""
        remedy = f"{doubt}the nearest stories are of {' and '.join(day for _, day in near)}"
    return NothingToSend(place, *_nothing_here(issue, remedy))


def _nothing_here(issue: Issue, remedy: str) -> tuple[str, str]:
    """Return what became of the candidates of an empty *issue*, and the *remedy*."""
    if not issue.verdicts:
        return "the archive has nothing in this window", remedy
    counts = Counter(verdict.rule for verdict in issue.verdicts)
    reasons = ", ".join(f"{counts[rule]} {rule}" for rule in sorted(counts))
    return f"no story of the window may run ({reasons})", remedy


def _nearest_days(window: Window, moments: Sequence[datetime]) -> list[tuple[int, str]]:
    """Return the nearest days with news before and after *window*, each with its distance in days, and in words."""
    before = max((at for at in moments if at < window.starts_at), default=None)
    after = min((at for at in moments if at >= window.ends_at), default=None)
    near = []
    if before:
        day = window.day_of(before)
        near.append(((window.day_of(window.starts_at) - day).days, day, "before"))
    if after:
        day = window.day_of(after)
        near.append(((day - window.last).days, day, "after"))
    return [(gap, f"{day} ({_days(gap)} {side})") for gap, day, side in near]


def _nothing_ever(archive: Archive, *, needs_heat: bool) -> tuple[str, str]:
    """Return what is wrong with an archive none of whose articles may run in any week, and what to do about it."""
    articles = archive.articles
    if not articles and archive.problems:
        # A column of titles that is called otherwise, say: what every article lacks would lead away from that.
        problem = f"none of the {archive.files} articles of the archive can be read ({archive.problems[0]})"
        return problem, "mend that; `digest build --strict` names all problems"
    lacking = [
        (sum(article.heat is None for article in articles) if needs_heat else 0, "no heat"),
        (sum(article.published_at is None for article in articles), "no date"),
        (sum(article.url is None for article in articles), "no address"),
    ]
    counts = ", ".join(f"{count} {'has' if count == 1 else 'have'} {thing}" for count, thing in lacking if count)
    problem = f"none of the {archive.files} articles of the archive may ever run{f' ({counts})' if counts else ''}"
    if needs_heat and any(article.has_all(needs_heat=False) for article in articles):
        order = ", ".join(WITHOUT_HEAT)
        return problem, f"`select: {{order: [{order}]}}` ranks without heat, and `score` makes one of other figures"
    if articles and not any(article.url for article in articles):
        return problem, "if they are of your own site, say where that is: `site: https://example.com`"
    wanted = "heat, a date" if needs_heat else "a date"
    return problem, f"they need {wanted}, an address and not `published: false`"


def _nearest(word: str, values: Mapping[str, str]) -> str:
    """Return what to do about an unknown *word*: the most similar value that there is, or else the first of them.

    *values* maps each value without case to the value as it is written.
    """
    near = get_close_matches(word.casefold(), values, n=1)
    if near:
        return f"did you mean {values[near[0]]!r}?"
    # An archive may have thousands of outlets, and hundreds of topics.
    some = sorted(values.values())[:_MANY]
    more = f" and {len(values) - _MANY:,} more" if len(values) > _MANY else ""
    return f"known are {', '.join(some)}{more}" if some else "no article has any"


def _days(count: int) -> str:
    """Return a number of days in words."""
    return "1 day" if count == 1 else f"{count} days" if count else "hours"
