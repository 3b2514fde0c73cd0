"""A survey in words: lines for a terminal, values for JSON. Counts nothing itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.survey import Survey, Topic

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
    found = [f"{_articles(survey)}, {survey.able:,} may run, {span}", *_lacking(survey), ""]
    wide = max(len("topic"), *(len(topic.name) for topic in survey.topics[:_TOPICS] or [_nothing()]))
    found.append(f"{'topic':<{wide}}  stories   heat least, middle, most   weeks to {survey.weeks[-1]}")
    found += [_topic(topic, wide) for topic in survey.topics[:_TOPICS]]
    found += _rest(len(survey.topics) - _TOPICS, "topic")
    if fillings:
        found += ["", f"sections, as they would have been filled in {len(survey.weeks)} weeks"]
        found += [_filling(one, wide) for one in fillings]
    found += ["", f"providers: {_providers(survey)}"]
    return found


def values(survey: Survey, fillings: Sequence[Filling] = ()) -> dict[str, Any]:
    """Return the same for other programs."""
    known = asdict(survey)
    return {
        **known,
        "first": str(survey.first) if survey.first else None,
        "last": str(survey.last) if survey.last else None,
        "weeks": [day.isoformat() for day in survey.weeks],
        "lacks": dict(survey.lacks),
        "providers": dict(survey.providers),
        "languages": dict(survey.languages),
        "sections": [asdict(one) for one in fillings],
    }


def _nothing() -> Topic:
    from digest.survey import Spread, Topic  # noqa: PLC0415 - only for an archive without topics

    return Topic(name="", stories=0, heat=Spread(), heats=(), weeks=())


def _topic(topic: Topic, wide: int) -> str:
    heat = f"{topic.heat.least:>10}, {topic.heat.middle:>6}, {topic.heat.most:>4}"
    return f"{topic.name:<{wide}}  {topic.stories:>7,}   {heat}   {bars(topic.weeks)}"


def _filling(one: Filling, wide: int) -> str:
    return f"{one.title:<{wide}}  {one.middle:>4.1f} of {one.limit}   {' '.join(map(str, one.weeks))}"


def bars(counts: Iterable[int]) -> str:
    """Return counts as a row of blocks, the tallest for the most."""
    known = list(counts)
    most = max(known, default=0) or 1
    return "".join(_BLOCKS[-(-count * (len(_BLOCKS) - 1) // most)] for count in known)


def _articles(survey: Survey) -> str:
    return "1 article" if survey.articles == 1 else f"{survey.articles:,} articles"


def _lacking(survey: Survey) -> list[str]:
    return [", ".join(f"{count:,} {what}" for what, count in survey.lacks)] if survey.lacks else []


def _providers(survey: Survey) -> str:
    shown = ", ".join(f"{name} {count}" for name, count in survey.providers[:_PROVIDERS])
    more = len(survey.providers) - _PROVIDERS
    return shown + (f" and {more} more" if more > 0 else "")


def _rest(count: int, word: str) -> list[str]:
    return [f"and {count} more {word}s"] if count > 1 else [f"and 1 more {word}"] if count == 1 else []
