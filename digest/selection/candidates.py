"""Who is in the race: articles of the window, late arrivals, and what past issues or thresholds rule out.

Three questions, each answered with a verdict for every article that is turned away:

- `gather`: which articles belong to the window, came late, or are brought in by a pin or a thin section;
- `eligible`, `still_ahead` and `warm_enough`: which of them may run at all, which invite to nothing that is over, and
  which reach the floor;
- `not_repeated`: which stories no earlier issue ran.

A story is recognised by a canonical address, or by its title where the reports are of the same fortnight, and the
outlet's own one of the same days or of the same words. An event told again in other words is judged in `running`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from digest.model import Story, Update, Verdict
from digest.records import invitations, scoring
from digest.selection import latecomers, order
from digest.selection.stories import is_telling, normalised
from digest.text.languages import MONTHS
from digest.text.numbers import apart
from digest.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from digest.config.values import Rules, SectionPlan, TellingRules
    from digest.model import Article, Past, Pin, Ran, Window
    from digest.selection.running import Retold


ArticleKey = Callable[["Article"], tuple[object, ...]]
"""What to sort articles by: the smallest key comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """The candidates in the order of the rules, and which of them are special, by path.

    *late*: published in the days of an earlier issue, but not able to run then. *wide*: older articles that a thin
    section looks back to. *pinned*: articles the editor pinned, whatever their date.
    """

    candidates: tuple[Article, ...]
    window: Window
    late: frozenset[str]
    wide: frozenset[str]
    pinned: frozenset[str]


def gather(
    everything: Sequence[Article],
    window: Window,
    rules: TellingRules,
    past: Past,
    pins: Iterable[Pin],
    widening: Iterable[SectionPlan] = (),
) -> Candidates:
    """Return the candidates of *window*, those the editor pins included, each with the points of the rules' signals.

    *everything* may hold articles of any date. Sections of *widening* also take articles of their last `widen_days`
    before the window. An article is a candidate once, whatever brings it in.
    """
    wanted = frozenset(pin.story for pin in pins)
    inside = {article.path: article for article in _dated_in(window, everything)}
    late = {article.path: article for article in latecomers.arrivals(everything, window, past, rules)}
    wide = {article.path: article for article in _older(everything, window, widening)}
    pinned = {article.path: article for article in everything if article.path in wanted}
    # The last of these mappings wins, so an article of the window is an ordinary one even where it is pinned, too.
    candidates = list((pinned | wide | late | inside).values())
    if rules.signals:
        ends_at = window.ends_at
        candidates = [scoring.of_article(article, rules.signals, ends_at) for article in candidates]
    return Candidates(
        candidates=tuple(sorted(candidates, key=order.of_articles(rules.order))),
        window=window,
        late=frozenset(late),
        # A pin or a late arrival may stand in any section; what is only looked back to may not, so it is the weakest.
        wide=frozenset(wide) - frozenset(late) - wanted,
        pinned=wanted,
    )


def _dated_in(window: Window, everything: Iterable[Article]) -> Iterable[Article]:
    # Asked once: each property looks up the time zone, which would double the time over 100,000 articles.
    starts_at, ends_at = window.starts_at, window.ends_at
    return (article for article in everything if article.published_at and starts_at <= article.published_at < ends_at)


def _older(everything: Iterable[Article], window: Window, widening: Iterable[SectionPlan]) -> Iterable[Article]:
    looks = [(plan, window.from_day(window.first - timedelta(days=plan.widen_days)).starts_at) for plan in widening]
    if not looks:
        return
    starts_at = window.starts_at
    for article in everything:
        at = article.published_at
        if at and any(begin <= at < starts_at and plan.match.takes(Story(lead=article)) for plan, begin in looks):
            yield article


def ranked(pool: Candidates, rules: TellingRules, stories: Iterable[Story]) -> Candidates:
    """Return *pool* with its candidates in the order of the rules, each with the coverage of its story.

    Leads are as *stories* have them, whose coverage may have added to their heat.
    """
    leads: dict[str, Article] = {}
    coverage: dict[str, int] = {}
    for story in stories:
        leads[story.lead.path] = story.lead
        coverage.update((article.path, story.coverage) for article in (story.lead, *story.others))
    key = order.of_articles(rules.order, coverage)
    candidates = (leads.get(article.path, article) for article in pool.candidates)
    return replace(pool, candidates=tuple(sorted(candidates, key=key)))


def eligible(
    candidates: Iterable[Article],
    window: Window,
    pinned: AbstractSet[str] = frozenset(),
    *,
    needs_heat: bool = True,
) -> tuple[list[Article], list[Verdict]]:
    """Return the articles that may run, and a verdict for each of the others.

    An article runs if it is published, still public at the end of *window*, when the issue leaves, has heat where the
    order *needs_heat*, and a URL for its headline. Those *pinned*, by path, may always run.
    """
    ends_at = window.ends_at
    able: list[Article] = []
    verdicts: list[Verdict] = []
    for article in candidates:
        # Asked before everything else: the editor's word wins over every rule, also for an article without heat.
        if article.path in pinned:
            able.append(article)
        elif not article.published:
            because = "its file says `published: false`"
            verdicts.append(Verdict(article=article, rule="unpublished", because=because))
        elif article.expires_at and article.expires_at <= ends_at:
            because = f"its file says that it is no longer public from {window.day_of(article.expires_at)} on"
            verdicts.append(Verdict(article=article, rule="expired", because=because))
        elif article.heat is None and needs_heat:
            because = "it has no heat (absent, negative or not a number), so it cannot be ranked"
            verdicts.append(Verdict(article=article, rule="unscored", because=because))
        elif article.url is None:
            because = "it has no http(s) address for its headline to lead to"
            verdicts.append(Verdict(article=article, rule="no-address", because=because))
        else:
            able.append(article)
    return able, verdicts


def still_ahead(
    articles: Iterable[Article], window: Window, rules: TellingRules, pinned: AbstractSet[str] = frozenset()
) -> tuple[list[Article], list[Verdict]]:
    """Return the articles that invite to nothing that is over when *window* ends, and a verdict for each of the others.

    Those *pinned*, by path, are not asked, nor is any where the settings let such run.
    """
    if rules.past_events_run:
        return list(articles), []
    ahead: list[Article] = []
    verdicts: list[Verdict] = []
    for article in articles:
        published = article.path not in pinned and article.published_at
        over = published and invitations.over(article, window.day_of(published), window.last)
        if over:
            last, call = over
            because = f"it invites (“{call}”) to an event that was over on {last}, before the issue's day"
            because += "; `select.past_events: run` lets such run"
            verdicts.append(Verdict(article=article, rule="over", because=because))
        else:
            ahead.append(article)
    return ahead, verdicts


def warm_enough(stories: Iterable[Story], min_heat: float) -> tuple[list[Story], list[Verdict]]:
    """Return the stories whose lead has at least *min_heat*, and a verdict for the lead of each of the others."""
    warm: list[Story] = []
    verdicts: list[Verdict] = []
    for story in stories:
        # Pinned stories are not asked, so without heat there is only what the order does not rank by it. The whole
        # heat, of late stories too: the floor is one of quality, and age is not.
        heat = story.lead.heat
        if (heat or 0) >= min_heat:
            warm.append(story)
        else:
            own, least = apart([heat, min_heat])
            has = "it has no heat, which" if heat is None else f"its heat {own}"
            because = f"{has} is below the floor; heat {least} (`min_heat`) would have been enough"
            verdicts.append(Verdict(article=story.lead, rule="min-heat", because=because))
    return warm, verdicts


# A title that comes back later than that is a new story under an old headline ("Weekly round-up of ...").
_SAME_TITLE_WITHIN = timedelta(days=14)

# Within the first an outlet's article with the same title is one that has moved to another address, and within the
# second, unless its words are others: a column may be daily.
_NEXT_DAY, _NEXT_INSTALMENT = timedelta(hours=18), timedelta(days=2)
_ALIKE = 0.5
"""The share of an excerpt's words from which two are the same text, changed a little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """The stories that may run as far as earlier issues go, by path those that are updates, and the other verdicts."""

    stories: list[Story]
    updates: dict[str, Update]
    verdicts: list[Verdict]


def not_repeated(
    stories: Iterable[Story], past: Past, window: Window, rules: Rules, retold: Mapping[str, Retold]
) -> Remembered:
    """Return the stories that no earlier issue ran, or that may return, and a verdict for the lead of the others.

    A story may return `repeat_after` days after it ran, or when `returns_with` more providers report it than then. Of
    *retold*, the events that ran, by the path of a lead, those return, too, that have something new.
    """
    if not past.ran:
        return Remembered(stories=list(stories), updates={}, verdicts=[])
    runs = _Runs(past)
    kept: list[Story] = []
    updates: dict[str, Update] = {}
    verdicts: list[Verdict] = []
    for story in stories:
        # Every article of the story is asked: last week's lead may be behind another lead now.
        articles = (story.lead, *story.others)
        ran = runs.of(
            (canonical(address) for article in articles for address in article.addresses),
            articles,
        )
        again = None if ran else retold.get(story.lead.path)
        ran = again.ran if again else ran
        # What is forgotten is no update, either: nobody remembers what it adds to.
        if ran is None or _is_forgotten(ran, window, rules):
            kept.append(story)
            continue
        new = (*(again.new if again else ()), *_more_publishers(story.coverage, ran, rules))
        if new or (again and not again.is_sure):
            kept.append(story)
            updates |= {story.lead.path: Update(ran=ran, new=new)} if new and rules.marks_updates else {}
        else:
            because = _repeat(ran, again)
            verdicts.append(Verdict(article=story.lead, rule="repeat", because=because, ran_in=ran.issue))
    return Remembered(stories=kept, updates=updates, verdicts=verdicts)


def told_day(ran: Ran) -> str:
    """Return the day of a run for a sentence."""
    return f"{ran.day.day} {MONTHS[ran.day.month - 1]} {ran.day.year}"


def _repeat(ran: Ran, again: Retold | None) -> str:
    """Say what ran, and of an event told *again* in other words what ties the two."""
    when = f"on {told_day(ran)}{ran.fate and f', {ran.fate}'}"
    run = f"“{ran.title}” ({ran.provider.name})"
    return f"it tells what ran {when}, and nothing new: {run}; {again.why}" if again else f"ran {when}: {run}"


def repeats(picks: Iterable[Ran], past: Past, window: Window, rules: Rules) -> list[tuple[Ran, Ran]]:
    """Return the *picks* of a built issue whose story is in *past* and may not return, each with that run.

    Asked again at hand-over, since another issue may have been sent between the build and then.
    """
    runs = _Runs(past)
    pairs = [(pick, runs.of(pick.addresses, [pick])) for pick in picks]
    return [
        (pick, ran)
        for pick, ran in pairs
        if ran and not _is_forgotten(ran, window, rules) and not _more_publishers(pick.coverage, ran, rules)
    ]


class _Runs:
    """What ran, by canonical address and by normalised title. Of several runs of a story the last one counts."""

    def __init__(self, past: Past) -> None:
        self._ran = past.ran
        self._by_address = {address: number for number, ran in enumerate(past.ran) for address in ran.addresses}
        self._by_title: dict[str, list[int]] = defaultdict(list)
        for number, ran in reversed(list(enumerate(past.ran))):
            self._by_title[normalised(ran.title, ran.provider)].append(number)

    def of(self, addresses: Iterable[str], reports: Iterable[Article | Ran]) -> Ran | None:
        """Return the last run of the story with these canonical addresses and *reports*, None where it never ran."""
        by_address = [number for address in addresses if (number := self._by_address.get(address)) is not None]
        by_title = [number for report in reports if (number := self._by_its_title(report)) is not None]
        last = max(by_address + by_title, default=None)
        return None if last is None else self._ran[last]

    def _by_its_title(self, report: Article | Ran) -> int | None:
        title = normalised(report.title, report.provider)
        numbers = self._by_title.get(title, ())
        return next((number for number in numbers if _is_again(report, self._ran[number], title)), None)


def _is_again(report: Article | Ran, ran: Ran, title: str) -> bool:
    """Whether *report*, at another address and with the *title* of what ran, tells that story again.

    A column has one title and a new text each time, so what its own outlet publishes days later is news, unless its
    words are those that ran; and so is the next day's, if its words are others. Of another outlet it is the same
    report, if the title says enough to tell.
    """
    # An article without a date, such as a pinned one, is taken for a repeat: to run twice is the worse mistake.
    if report.published_at is None or ran.published_at is None:
        return True
    apart = abs(report.published_at - ran.published_at)
    # By name: a record has no domain.
    if report.provider.name.casefold() != ran.provider.name.casefold():
        return apart <= _SAME_TITLE_WITHIN and is_telling(title)
    now, then = (normalised(each.excerpt or "", each.provider).split() for each in (report, ran))
    if apart >= _NEXT_INSTALMENT:
        return apart <= _SAME_TITLE_WITHIN and bool(now) and now == then
    shared = len({*now} & {*then}) / max(min(len({*now}), len({*then})), 1)
    return apart < _NEXT_DAY or not now or not then or shared >= _ALIKE


def _is_forgotten(ran: Ran, window: Window, rules: Rules) -> bool:
    return rules.repeat_after is not None and window.last > ran.day + timedelta(days=rules.repeat_after)


def _more_publishers(coverage: int, ran: Ran, rules: Rules) -> tuple[str, ...]:
    """Return in words how many publishers more than then report a story, nothing where these are too few."""
    more = coverage - ran.coverage
    if rules.returns_with is None or more < rules.returns_with:
        return ()
    return (f"{more} more publisher{'s' if more > 1 else ''}",)
