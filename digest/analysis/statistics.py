"""What an archive holds: topics, weeks, heat, providers, missing fields; counted, and told in words.

Knows articles, not where they stand nor what will be picked.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from digest.model import Article


UMBRELLA = 0.5
"""A topic of more than this share of all stories says little about one of them."""

_LOOK_BACK = 28
"""Days before the last story among which a good day is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How hot some stories are: the least, the middle and the most; all 0 where there is none."""

    least: int = 0
    middle: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic's stories: how many, how hot, each heat, and how many in each week of the survey, oldest first."""

    name: str
    stories: int
    heat: Spread
    heats: tuple[int, ...]
    weeks: tuple[int, ...]

    @property
    def filled(self) -> int:
        """In how many weeks it has a story."""
        return sum(1 for count in self.weeks if count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """An archive in figures.

    *able* may run: published, with heat, date and address. *lacks* counts what articles are without. *weeks* are the
    last days of the weeks counted, oldest first; topics come most stories first, and an article counts for each of
    its topics.
    """

    articles: int
    able: int
    first: date | None
    last: date | None
    heat: Spread
    lacks: tuple[tuple[str, int], ...]
    providers: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, int], ...]
    weeks: tuple[date, ...]
    topics: tuple[Topic, ...]

    def is_umbrella(self, topic: Topic) -> bool:
        """Whether nearly everything is about *topic*."""
        return topic.stories > UMBRELLA * self.able


def of(articles: Sequence[Article], *, timezone: str = "UTC", last: date | None = None, weeks: int = 10) -> Survey:
    """Return the survey of *articles*, with *weeks* weeks that end on *last*, by default on the day of the last one.

    Weeks before the first story are not counted.
    """
    zone = ZoneInfo(timezone)
    able = [
        (article, article.published_at.astimezone(zone).date())
        for article in articles
        if can_run(article) and article.published_at
    ]
    days = [day for _, day in able]
    end = last or max(days, default=None)
    shown = weeks if end is None or not days else min(weeks, max((end - min(days)).days // 7 + 1, 1))
    ends = tuple(end - timedelta(days=7 * back) for back in reversed(range(shown))) if end else ()
    return Survey(
        articles=len(articles),
        able=len(able),
        first=min(days, default=None),
        last=max(days, default=None),
        heat=_spread([article.heat or 0 for article, _ in able]),
        lacks=_lacks(articles),
        providers=_most(article.provider.name for article, _ in able),
        languages=_most(article.language for article, _ in able if article.language),
        weeks=ends,
        topics=_topics(able, ends),
    )


def can_run(article: Article) -> bool:
    """Whether an article has all that a pick needs."""
    return bool(article.published and article.heat is not None and article.published_at and article.url)


def good_day(articles: Iterable[Article], *, timezone: str = "UTC", days: int = 7) -> date | None:
    """Return the last day of the fullest window of the archive's last four weeks; the latest of two alike."""
    zone = ZoneInfo(timezone)
    count = Counter(
        article.published_at.astimezone(zone).date()
        for article in articles
        if can_run(article) and article.published_at
    )
    if not count:
        return None
    last = max(count)
    ends = [last - timedelta(days=back) for back in range(_LOOK_BACK)]
    return max(ends, key=lambda end: (sum(count[end - timedelta(days=back)] for back in range(days)), end))


def _topics(able: Sequence[tuple[Article, date]], ends: Sequence[date]) -> tuple[Topic, ...]:
    names: dict[str, str] = {}
    heats: dict[str, list[int]] = {}
    weeks: dict[str, Counter[int]] = {}
    for article, day in able:
        for topic in article.topics:
            key = topic.casefold()
            names.setdefault(key, topic)
            heats.setdefault(key, []).append(article.heat or 0)
            weeks.setdefault(key, Counter())[_week_of(day, ends)] += 1
    topics = [
        Topic(
            name=names[key],
            stories=len(heats[key]),
            heat=_spread(heats[key]),
            heats=tuple(sorted(heats[key])),
            weeks=tuple(weeks[key][number] for number in range(len(ends))),
        )
        for key in names
    ]
    return tuple(sorted(topics, key=lambda topic: (-topic.stories, topic.name.casefold())))


def _week_of(day: date, ends: Sequence[date]) -> int:
    """Return which of the weeks *day* is in, -1 for none."""
    if not ends or day > ends[-1]:
        return -1
    back = (ends[-1] - day).days // 7
    return len(ends) - 1 - back if back < len(ends) else -1


def _spread(heats: Sequence[int]) -> Spread:
    return Spread(least=min(heats), middle=round(median(heats)), most=max(heats)) if heats else Spread()


def _lacks(articles: Iterable[Article]) -> tuple[tuple[str, int], ...]:
    count: Counter[str] = Counter()
    for article in articles:
        count["are not published"] += not article.published
        count["have no heat"] += article.heat is None
        count["have no date"] += article.published_at is None
        count["have no address"] += article.url is None
        count["have no topic"] += not article.topics
        count["have no picture"] += article.picture is None
    return tuple((problem, number) for problem, number in count.items() if number)


def _most(values: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0])))


_BLOCKS = " ▁▂▃▄▅▆▇█"
_TOPICS, _PROVIDERS = 30, 8
"""How many are listed by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """How full a section would have been: the stories it would have run each week, of so many slots at most."""

    title: str
    limit: int
    weeks: tuple[int, ...]

    @property
    def middle(self) -> float:
        """Stories a week, on average."""
        return sum(self.weeks) / len(self.weeks) if self.weeks else 0.0


def lines(survey: Survey, fillings: Sequence[Filling] = ()) -> list[str]:
    """Return what an archive holds."""
    if not survey.able:
        return [f"{_articles(survey)}, none of which may run", *_lacking(survey)]
    span = f"{survey.first} to {survey.last}"
    report = [f"{_articles(survey)}, {survey.able:,} may run, {span}", *_lacking(survey), ""]
    wide = max(len("topic"), *(len(topic.name) for topic in survey.topics[:_TOPICS] or [_nothing()]))
    report.append(f"{'topic':<{wide}}  stories   heat least, middle, most   weeks to {survey.weeks[-1]}")
    report += [_topic(topic, wide) for topic in survey.topics[:_TOPICS]]
    report += _rest(len(survey.topics) - _TOPICS, "topic")
    if fillings:
        report += ["", f"sections, as they would have been filled in {len(survey.weeks)} weeks"]
        report += [_filling(filling, wide) for filling in fillings]
    report += ["", f"providers: {_providers(survey)}"]
    return report


def values(survey: Survey, fillings: Sequence[Filling] = ()) -> dict[str, Any]:
    """Return the same for other programs."""
    values_of = asdict(survey)
    return {
        **values_of,
        "first": str(survey.first) if survey.first else None,
        "last": str(survey.last) if survey.last else None,
        "weeks": [day.isoformat() for day in survey.weeks],
        "lacks": dict(survey.lacks),
        "providers": dict(survey.providers),
        "languages": dict(survey.languages),
        "sections": [asdict(filling) for filling in fillings],
    }


def _nothing() -> Topic:

    return Topic(name="", stories=0, heat=Spread(), heats=(), weeks=())


def _topic(topic: Topic, wide: int) -> str:
    heat = f"{topic.heat.least:>10}, {topic.heat.middle:>6}, {topic.heat.most:>4}"
    return f"{topic.name:<{wide}}  {topic.stories:>7,}   {heat}   {bars(topic.weeks)}"


def _filling(filling: Filling, wide: int) -> str:
    return f"{filling.title:<{wide}}  {filling.middle:>4.1f} of {filling.limit}   {' '.join(map(str, filling.weeks))}"


def bars(counts: Iterable[int]) -> str:
    """Return counts as a row of blocks, the tallest for the most."""
    numbers = list(counts)
    most = max(numbers, default=0) or 1
    return "".join(_BLOCKS[-(-count * (len(_BLOCKS) - 1) // most)] for count in numbers)


def _articles(survey: Survey) -> str:
    return "1 article" if survey.articles == 1 else f"{survey.articles:,} articles"


def _lacking(survey: Survey) -> list[str]:
    return [", ".join(f"{count:,} {problem}" for problem, count in survey.lacks)] if survey.lacks else []


def _providers(survey: Survey) -> str:
    shown = ", ".join(f"{name} {count}" for name, count in survey.providers[:_PROVIDERS])
    more = len(survey.providers) - _PROVIDERS
    return shown + (f" and {more} more" if more > 0 else "")


def _rest(count: int, word: str) -> list[str]:
    return [f"and {count} more {word}s"] if count > 1 else [f"and 1 more {word}"] if count == 1 else []
