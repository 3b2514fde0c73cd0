"""What the articles of a week tell: who may run, how they rank, and which of them are one story. Picks nothing.

It is most of the work of a choice, and asks the fewest of its inputs: no plan, no limit, no floor, no share. So whoever
chooses again among the same articles, for other sections, another newsletter or after an edit, tells the week once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from digest.records import scoring
from digest.selection import candidates, coverage, muting, order, running, stories
from digest.selection.witnesses import Witnesses

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from digest.config.values import SectionPlan, TellingRules
    from digest.model import Article, Edits, Past, Story, Verdict, Window
    from digest.selection.candidates import ArticleKey, Candidates

_KEPT = 2
"""Tellings that one choice makes: a week is told once, and once more where a thin section looks back."""


class Tellings:
    """Which articles tell the same story, kept for who chooses again among the same articles.

    Only pins, joins and splits of what an editor can ask for change it, and of the rules only `TellingRules`; who may
    run changes with pins alone, and how texts agree with none of them. The last two are kept, or as many as *most*.
    Not for threads that choose at the same time.
    """

    def __init__(self, most: int = _KEPT) -> None:
        self._most = most
        self._kept: list[tuple[tuple[object, ...], Telling]] = []

    def of(
        self,
        articles: tuple[Article, ...],
        window: Window,
        rules: TellingRules,
        past: Past,
        edits: Edits,
        widening: tuple[SectionPlan, ...],
    ) -> Telling:
        """Return the telling of these, one from before where all of them are equal."""
        # By equality and not as a cache's keys: the same tuple of articles is equal at once, and takes long to hash.
        entering = (articles, window, rules, past, edits.pins, widening)
        given = (entering, edits.joins, edits.splits)
        alike = [(before, telling) for before, telling in self._kept if before[0] == entering]
        for before, telling in alike:
            if before == given:
                return telling
        if alike:
            pool, settled = alike[0][1].entered, alike[0][1].rules
        else:
            pool = candidates.gather(articles, window, rules, past, edits.pins, widening)
            settled = rules.settled(pool.candidates)
            if settled != rules:
                pool = candidates.gather(articles, window, settled, past, edits.pins, widening)
        # Another memory mostly changes no candidate, and never what is one story.
        same = (kept for before, kept in self._kept if before[1:] == given[1:] and kept.is_of(pool, settled))
        telling = next(same, None) or tell(pool, settled, edits, [telling for _, telling in self._kept])
        telling = telling.after(past)
        self._kept = [*self._kept, (given, telling)][-self._most :]
        return telling


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What the articles of *pool* tell. *unable* are the verdicts of those that may not run.

    *entered* is the pool as it was before coverage was counted, and *able* its articles that may run. *told* are the
    stories as their articles come, each with the evidence that ties it; *ranked* the same in the order of the rules.
    *coverage* has stories by the path of their lead, each as it was asked for and with its coverage; *retold* are those
    whose event an earlier issue ran, by the same path.
    """

    entered: Candidates
    able: Sequence[Article]
    pool: Candidates
    rules: TellingRules
    week: stories.Week
    witnesses: Witnesses
    unable: tuple[Verdict, ...]
    told: tuple[tuple[Story, stories.Others], ...]
    ranked: tuple[Story, ...]
    coverage: dict[str, tuple[Story, Story]]
    retold: Mapping[str, running.Retold]

    def is_of(self, pool: Candidates, rules: TellingRules) -> bool:
        """Whether it tells *pool*, as it was gathered, by *rules*."""
        return self.entered == pool and self.rules == rules

    def after(self, past: Past) -> Telling:
        """Return it with what of it retells an event that ran."""
        if not self.rules.marks_updates:
            return replace(self, retold={})
        return replace(self, retold=running.retold((story for story, _ in self.told), self.week, past))

    def covered(self, story: Story) -> Story:
        """Return *story* with its coverage; asked for the picks alone, where no rule goes by it."""
        before = self.coverage.get(story.lead.path)
        if before is None or before[0] != story:
            before = self.coverage[story.lead.path] = story, coverage.covered(story, self.week, self.witnesses)
        return before[1]


def tell(
    pool: Candidates,
    rules: TellingRules,
    edits: Edits,
    earlier: Sequence[Telling] = (),
) -> Telling:
    """Return the stories of *pool*, in order, joined and split as *edits* ask, before anything is remembered. Pure.

    What one of *earlier* knows of the same candidates is not worked out again.
    """
    entered = pool
    able, unable = _may_run(pool, rules, earlier)
    article_key, story_key = _keys(pool, rules)
    ordered = sorted(able, key=article_key)
    before = next((before for before in earlier if before.week.articles == ordered), None)
    week = stories.Week.after(before.week) if before else stories.Week(able, article_key)
    week.ask(edits)
    witnesses = Witnesses(week, (verdict.article for verdict in unable if verdict.rule == "unpublished"))
    covers: dict[str, tuple[Story, Story]] = {}
    if before and before.unable == unable:
        witnesses = before.witnesses
        # What is split off is no coverage of what it was split from.
        covers = before.coverage if before.week.splits == week.splits else {}
    in_order = week.stories()
    # Comparing every related text of a week costs more than all the rest, so it is done for all stories only where a
    # rule asks for coverage, and else for the picks.
    if rules.counts_coverage or rules.returns_with is not None:
        in_order = [(coverage.covered(story, week, witnesses), others) for story, others in in_order]
    if rules.counts_coverage:
        in_order = [(scoring.of_story(story, rules.signals), others) for story, others in in_order]
        # Only now is it known how many report what; the candidates' ranks, which an editor reads, go by it, too.
        pool = candidates.ranked(pool, rules, [story for story, _ in in_order])
    return Telling(
        entered=entered,
        able=able,
        pool=pool,
        rules=rules,
        week=week,
        witnesses=witnesses,
        unable=unable,
        told=tuple(in_order),
        ranked=tuple(sorted((story for story, _ in in_order), key=story_key)),
        coverage=covers,
        retold={},
    )


def _may_run(
    pool: Candidates, rules: TellingRules, earlier: Sequence[Telling]
) -> tuple[Sequence[Article], tuple[Verdict, ...]]:
    """Return the articles of *pool* that may run, and the verdicts of the others."""
    for before in earlier:
        if before.is_of(pool, rules):
            return before.able, before.unable
    able, unable = candidates.eligible(pool.candidates, pool.window, pool.pinned, needs_heat=rules.needs_heat)
    able, over = candidates.still_ahead(able, pool.window, rules, pool.pinned)
    able, muted = muting.audible(able, rules, pool.pinned)
    return able, (*unable, *over, *muted)


def _keys(pool: Candidates, rules: TellingRules) -> tuple[ArticleKey, order.StoryKey]:
    """How articles and stories are ranked: what a thin section looks back to comes behind all of the window."""
    place = {article.path: number for number, article in enumerate(pool.candidates)}
    of_story = order.by(rules.order)
    return (
        lambda article: (article.path in pool.wide, place[article.path]),
        lambda story: (story.lead.path in pool.wide, of_story(story)),
    )
