"""What an archive holds: articles by topic, week, heat and provider, and what they lack; counted, and in words.

    articles ─▶ of ─▶ Survey ─▶ lines (terminal), values (JSON), pages.statistics_page (HTML)

It counts articles and selects none; what sections would have run is handed in as `Filling`s, which a replay gives.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from digest.config.values import WITHOUT_HEAT, Rules
from digest.records import adverts
from digest.text.numbers import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from digest.model import Article


UMBRELLA = 0.5
"""The share of all stories above which a topic is an umbrella: it says little about any one of them."""

# Days back from the last story among which `good_day` looks: the first issue should be a recent one.
_LOOK_BACK = 28


_RULES = Rules()
UNRANKED = Rules(order=WITHOUT_HEAT)
"""Rules by which an article needs no heat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The range of heat of some stories: the least, the median for show, and the most; all 0 without stories."""

    least: float = 0
    middle: float = 0
    most: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic and the stories that carry it.

    *name* is written as in the first article that has it. *heats* are of those that have one, ascending. *weeks* counts
    the stories of each week of the survey, oldest first; a story outside all of them counts in *stories* alone.
    """

    name: str
    stories: int
    heat: Spread
    heats: tuple[float, ...]
    weeks: tuple[int, ...]

    @property
    def filled(self) -> int:
        """The number of weeks in which it has a story."""
        return sum(1 for count in self.weeks if count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """An archive in figures.

    *articles* counts all, *able* those that can run; all other figures but *lacks* are of the latter. *first* and
    *last* are days in the newsletter's time zone, None where nothing can run. *lacks* counts articles by what they
    lack, in words. *providers*, *languages* and *topics* come most stories first, and an article counts for each of its
    topics. *weeks* are the last days of the weeks that topics are counted by, oldest first.
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
        """Whether more than half of the stories carry *topic*."""
        return topic.stories > UMBRELLA * self.able


def of(
    articles: Sequence[Article],
    *,
    timezone: str = "UTC",
    last: date | None = None,
    weeks: int = 10,
    rules: Rules = _RULES,
    today: date | None = None,
) -> Survey:
    """Return the survey of *articles*, with topics counted in at most *weeks* weeks of seven days.

    The weeks end on *last*, by default on the day of the newest story up to *today*, in *timezone*. There are fewer
    where the archive is younger: empty weeks before its first story would make every topic look rare. *rules*: see
    `can_run`.
    """
    zone = ZoneInfo(timezone)
    able = [
        (article, article.published_at.astimezone(zone).date())
        for article in articles
        if can_run(article, rules) and article.published_at
    ]
    days = [day for _, day in able]
    end = last or max(so_far(days, today), default=None)
    shown = weeks if end is None or not days else min(weeks, max((end - min(days)).days // 7 + 1, 1))
    ends = tuple(end - timedelta(days=7 * back) for back in reversed(range(shown))) if end else ()
    return Survey(
        articles=len(articles),
        able=len(able),
        first=min(days, default=None),
        last=max(days, default=None),
        heat=_spread([article.heat for article, _ in able if article.heat is not None]),
        lacks=_lacks(articles, sum(1 for day in days if today and day > today)),
        providers=_most(article.provider.name for article, _ in able),
        languages=_most(article.language for article, _ in able if article.language),
        weeks=ends,
        topics=_topics(able, ends),
    )


def can_run(article: Article, rules: Rules = _RULES) -> bool:
    """Whether an article has all that a pick needs by *rules*: a heat where they need one; and it is no advert."""
    return article.has_all(needs_heat=rules.needs_heat) and (rules.adverts_run or not adverts.signs(article))


def lacks_heat(articles: Iterable[Article]) -> bool:
    """Whether articles could run and none of them has a heat: then only an order without heat gives an issue."""
    heats = [article.heat for article in articles if can_run(article, UNRANKED)]
    return bool(heats) and all(heat is None for heat in heats)


def good_day(
    articles: Iterable[Article],
    *,
    timezone: str = "UTC",
    days: int = 7,
    rules: Rules = _RULES,
    today: date | None = None,
) -> date | None:
    """Return the last day of the window of *days* days with most stories, among those that end in the last four weeks.

    The last week is that of the newest story up to *today*. Of two with as many it is the later one; None where no
    article can run (see `can_run`).
    """
    zone = ZoneInfo(timezone)
    count = Counter(
        article.published_at.astimezone(zone).date()
        for article in articles
        if can_run(article, rules) and article.published_at
    )
    if not count:
        return None
    last = max(so_far(count, today))
    ends = [last - timedelta(days=back) for back in range(_LOOK_BACK)]
    return max(ends, key=lambda end: (sum(count[end - timedelta(days=back)] for back in range(days)), end))


def so_far(days: Iterable[date], today: date | None) -> list[date]:
    """Return the *days* up to *today*, else all of them: one wrong year must not make the newest week one to come."""
    every = list(days)
    return [day for day in every if today is None or day <= today] or every


def _topics(able: Sequence[tuple[Article, date]], ends: Sequence[date]) -> tuple[Topic, ...]:
    """Return the topics of the articles in *able*, each with its day; topics that differ in case are one."""
    names: dict[str, str] = {}
    heats: dict[str, list[float]] = {}
    weeks: dict[str, Counter[int]] = {}
    stories: Counter[str] = Counter()
    for article, day in able:
        for topic in article.topics:
            key = topic.casefold()
            names.setdefault(key, topic)
            heats.setdefault(key, []).extend(() if article.heat is None else (article.heat,))
            stories[key] += 1
            weeks.setdefault(key, Counter())[_week_of(day, ends)] += 1
    topics = [
        Topic(
            name=names[key],
            stories=stories[key],
            heat=_spread(heats[key]),
            heats=tuple(sorted(heats[key])),
            weeks=tuple(weeks[key][number] for number in range(len(ends))),
        )
        for key in names
    ]
    return tuple(sorted(topics, key=lambda topic: (-topic.stories, topic.name.casefold())))


def _week_of(day: date, ends: Sequence[date]) -> int:
    """Return the place of the week that *day* is in, or -1, which no week has, so that it is counted and not shown."""
    if not ends or day > ends[-1]:
        return -1
    back = (ends[-1] - day).days // 7
    return len(ends) - 1 - back if back < len(ends) else -1


def _spread(heats: Sequence[float]) -> Spread:
    """Return the range of *heats*."""
    if not heats:
        return Spread()
    # Of whole numbers a whole one, also between two of them.
    middle = round(median(heats)) if all(isinstance(heat, int) for heat in heats) else float(shown(median(heats)))
    return Spread(least=min(heats), middle=middle, most=max(heats))


def _lacks(articles: Iterable[Article], future: int) -> tuple[tuple[str, int], ...]:
    """Return how many articles lack what, as the end of a sentence; what none of them lacks is left out.

    *future* is how many are of days to come, which is a plan or a typing error.
    """
    count: Counter[str] = Counter({"are of days to come": future})
    for article in articles:
        count["are not published"] += not article.published
        count["have no heat"] += article.heat is None
        count["have no date"] += article.published_at is None
        count["have no address"] += article.url is None
        count["have no topic"] += not article.topics
        count["have no picture"] += article.picture is None
    return tuple((problem, number) for problem, number in count.items() if number)


def _most(values: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Return each value with how often it comes, the most first, and equal ones in alphabetical order."""
    return tuple(sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0])))


_BLOCKS = " ▁▂▃▄▅▆▇█"

# How many of each are listed by name; the rest is counted. An archive may have thousands of topics.
_TOPICS, _PROVIDERS = 30, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """How full a section would have been: the stories that it would have run in each week, of *limit* slots.

    The weeks are those of the survey, oldest first.
    """

    title: str
    limit: int
    weeks: tuple[int, ...]

    @property
    def middle(self) -> float:
        """The mean of the stories of a week; 0 without weeks."""
        return sum(self.weeks) / len(self.weeks) if self.weeks else 0.0


def lines(survey: Survey, fillings: Sequence[Filling] = ()) -> list[str]:
    """Return the survey as lines for a terminal: size, gaps, a table of topics, *fillings* of sections, providers."""
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
    """Return the survey for other programs: its fields by name, days in ISO 8601, and *fillings* as `sections`."""
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
    """Return a topic without a name, so that an archive without topics has a table with a head alone."""
    return Topic(name="", stories=0, heat=Spread(), heats=(), weeks=())


def _topic(topic: Topic, wide: int) -> str:
    """Return a row of the table of topics; *wide* is the width of its first column in characters."""
    spread = (topic.heat.least, topic.heat.middle, topic.heat.most) if topic.heats else (None, None, None)
    least, middle, most = map(shown, spread)
    heat = f"{least:>10}, {middle:>6}, {most:>4}"
    return f"{topic.name:<{wide}}  {topic.stories:>7,}   {heat}   {bars(topic.weeks)}"


def _filling(filling: Filling, wide: int) -> str:
    """Return a row of the table of sections, under the columns of that of topics."""
    return f"{filling.title:<{wide}}  {filling.middle:>4.1f} of {filling.limit}   {' '.join(map(str, filling.weeks))}"


def bars(counts: Iterable[int]) -> str:
    """Return *counts* as a row of block characters, the tallest for the greatest; a blank is 0."""
    numbers = list(counts)
    most = max(numbers, default=0) or 1
    # Rounded up: one story must not look like none beside a week of a hundred.
    return "".join(_BLOCKS[-(-count * (len(_BLOCKS) - 1) // most)] for count in numbers)


def _articles(survey: Survey) -> str:
    """Return the number of all articles as a phrase."""
    return "1 article" if survey.articles == 1 else f"{survey.articles:,} articles"


def _lacking(survey: Survey) -> list[str]:
    """Return the line that says what articles lack; none where they lack nothing."""
    return [", ".join(f"{count:,} {problem}" for problem, count in survey.lacks)] if survey.lacks else []


def _providers(survey: Survey) -> str:
    """Return the providers with most stories, and how many others there are."""
    shown = ", ".join(f"{name} {count}" for name, count in survey.providers[:_PROVIDERS])
    more = len(survey.providers) - _PROVIDERS
    return shown + (f" and {more} more" if more > 0 else "")


def _rest(count: int, word: str) -> list[str]:
    """Return a line that counts what is not listed; none where all is."""
    return [f"and {count} more {word}s"] if count > 1 else [f"and 1 more {word}"] if count == 1 else []
