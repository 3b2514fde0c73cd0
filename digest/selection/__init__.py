"""Articles and a window to an Issue with a verdict for every candidate. Pure: no disk, no clock, no rendering.

    articles ─▶ candidates ─▶ stories ─▶ edits, memory ─▶ sections ─▶ assignment ─▶ Issue
                of the        who tells   what has run,    which       who gets a
                window, and   the same?   what the editor  are there   slot
                late ones                 dropped

Each step takes some candidates out of the race and leaves a verdict for each; what is left at the end is picked.

Decisions: docs/decisions/selection.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.model import Edits, Issue, Past, Pick, Section
from digest.records import scoring
from digest.selection import (
    assignment,
    candidates,
    coverage,
    default_sections,
    joining,
    latecomers,
    muting,
    order,
    reasons,
    running,
    stories,
)
from digest.selection import edits as editing
from digest.selection.candidates import repeats
from digest.selection.edits import missing
from digest.selection.witnesses import Witnesses

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from digest.config.values import Rules, SectionPlan
    from digest.model import Article, Story, Update, Verdict, Window
    from digest.selection.assignment import Assignment
    from digest.selection.candidates import ArticleKey, Candidates


__all__ = ["Tellings", "missing", "repeats", "select"]


def select(
    articles: Sequence[Article],
    window: Window,
    rules: Rules,
    past: Past | None = None,
    edits: Edits | None = None,
    tellings: Tellings | None = None,
) -> Issue:
    """Choose the issue of *window*.

    *articles* may hold more than the window: what is older may be late, pinned, or fill a thin section. The stories
    that *edits* name must be among them.

    Guarantees: the same arguments give the same issue, whatever the order of the articles; no story takes two slots; no
    story left out for want of a slot ranks above one that could have given up its own; what an earlier issue ran is not
    run again, but as an update with something new; the editor's word wins; every candidate has exactly one verdict.
    Raises EditsError.
    """
    memories, considered = past or Past(), tuple(articles)
    resolved = editing.resolve(edits or Edits(), considered)
    tellings = tellings or Tellings()

    def run(widening: tuple[SectionPlan, ...] = ()) -> Issue:
        telling = tellings.of(considered, window, rules, memories, resolved, widening)
        return _run(telling, window, memories, resolved)

    issue = run()
    picked = {section.title: len(section.picks) for section in issue.sections}
    # Only now is known which sections are thin; what they look back to may tell the same story as an article of the
    # window, so everything is chosen again.
    thin = [plan for plan in rules.plans or () if plan.thin == "widen" and picked.get(plan.title, 0) < plan.minimum]
    issue = run(tuple(thin)) if thin else issue
    # Only now are all candidates known: a thin section may have brought some in.
    joining.candidates_only(edits or Edits(), resolved, {verdict.article.path for verdict in issue.verdicts})
    return issue


class Tellings:
    """Which articles tell the same story, kept for who chooses again among the same articles.

    Half of a choice, and of all that an editor can ask for only pins, joins and splits change it; who may run changes
    with pins alone, and how texts agree with none of them. The last two are kept: a choice tells the week once, and
    once more where a thin section looks back. Not for threads that choose at the same time.
    """

    def __init__(self) -> None:
        self._kept: list[tuple[tuple[object, ...], Telling]] = []

    def of(
        self,
        articles: tuple[Article, ...],
        window: Window,
        rules: Rules,
        past: Past,
        edits: Edits,
        widening: tuple[SectionPlan, ...],
    ) -> Telling:
        """Return the telling of these, the one before where all of them are equal."""
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
        telling = tell(pool, settled, edits, past, [telling for _, telling in self._kept])
        self._kept = [*self._kept, (given, telling)][-2:]
        return telling


def _run(telling: Telling, window: Window, past: Past, edits: Edits) -> Issue:
    """Take the stories that may not run out of the race, one rule after the other, and assign slots to the rest."""
    pool, rules = telling.pool, telling.rules
    pinned = [story for story in telling.ranked if not pool.pinned.isdisjoint(editing.paths(story))]
    free = [story for story in telling.ranked if story not in pinned]
    free, dropped = editing.dropped(free, edits)
    remembered = candidates.not_repeated(free, past, window, rules, telling.retold)
    warm, cold = candidates.warm_enough(remembered.stories, rules.min_heat)
    entering = {story.lead.path for story in (*pinned, *warm)}
    racing = tuple(story for story in telling.ranked if story.lead.path in entering)
    if rules.plans is not None:
        plans, places = rules.plans, editing.placements(racing, edits, rules.plans)
    else:
        wanted = [*(pin.section for pin in edits.pins), *(section for _, section in edits.moves)]
        plans = default_sections.of_week(racing, rules)
        plans = default_sections.for_editor(plans, wanted, telling.ranked, rules)
        # A drop may take a section out of the issue that the editor has ordered before: that is no misspelt title.
        # So may a week that its topics hold leave out the section for the rest.
        rest = {title.casefold() for title in (rules.more_title, rules.all_title)}
        waits = edits.order or edits.blocks
        topics = rest.union(*(story.topic_keys for story in telling.ranked)) if waits else frozenset()
        places = editing.placements(racing, edits, plans, topics)
    outcome = latecomers.behind_the_window(assignment.assign(racing, plans, rules, pool, places), pool, rules)
    verdicts = [*telling.unable, *dropped, *remembered.verdicts, *cold, *reasons.refused(outcome, pool, rules)]
    verdicts += [verdict for merged in telling.told for verdict in reasons.merged(*merged)]
    verdicts += reasons.seated(outcome, pool, edits, rules, remembered.updates)
    unable = {verdict.article.path for verdict in telling.unable}
    verdicts = joining.remarked(verdicts, edits, unable, telling.week.near_misses)
    return Issue(
        window=window,
        sections=_sections(outcome, telling, edits, remembered.updates),
        verdicts=_in_order(pool, reasons.told_apart(verdicts, telling.week.near_misses)),
        empty_sections=_empty(outcome),
        edits=edits,
        rehearsals=past.rehearsals,
    )


def _sections(
    outcome: Assignment, telling: Telling, edits: Edits, updates: Mapping[str, Update]
) -> tuple[Section, ...]:
    """Sections with at least one pick, in the order of the settings or of their first pick."""
    pool, rules = telling.pool, telling.rules
    filled: list[tuple[SectionPlan, Sequence[Story]]] = [
        (plan, seated) for plan, seated in zip(outcome.seating.plans, outcome.seating.seats, strict=True) if seated
    ]
    if rules.plans is None or rules.by_heat:
        # Without sections of their own making, editors expect the hottest topic first.
        filled = latecomers.by_leads(filled, pool, rules)
    changes = {change.story: change for change in edits.changes}

    def pick(story: Story) -> Pick:
        change = next((changes[path] for path in editing.paths(story) if path in changes), None)
        return Pick(
            story=telling.covered(story),
            late=story.lead.path in pool.late,
            pinned=bool(pool.pinned.intersection(editing.paths(story))),
            title=change.title if change else None,
            excerpt=change.excerpt if change else None,
            kicker=change.kicker if change else None,
            why=change.why if change else "",
            update=updates.get(story.lead.path),
        )

    return tuple(
        Section(
            title=plan.title,
            topics=plan.topics,
            picks=tuple(pick(story) for story in editing.in_order(seated, plan.title, edits)),
        )
        for plan, seated in filled
    )


def _empty(outcome: Assignment) -> tuple[str, ...]:
    """Name each section that is not in the issue, and say why."""
    names = []
    for number, plan in enumerate(outcome.seating.plans):
        if outcome.closed.get(number):
            names.append(f"{plan.title} (has {outcome.closed[number]} of the {plan.minimum} stories it needs)")
        elif not outcome.seating.seats[number]:
            names.append(plan.title)
    return tuple(names)


def _in_order(pool: Candidates, verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    of = {verdict.article.path: verdict for verdict in verdicts}
    return tuple(of[article.path] for article in pool.candidates)


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
    rules: Rules
    week: stories.Week
    witnesses: Witnesses
    unable: tuple[Verdict, ...]
    told: tuple[tuple[Story, stories.Others], ...]
    ranked: tuple[Story, ...]
    coverage: dict[str, tuple[Story, Story]]
    retold: Mapping[str, running.Retold]

    def covered(self, story: Story) -> Story:
        """Return *story* with its coverage; asked for the picks alone, where no rule goes by it."""
        before = self.coverage.get(story.lead.path)
        if before is None or before[0] != story:
            before = self.coverage[story.lead.path] = story, coverage.covered(story, self.week, self.witnesses)
        return before[1]


def tell(
    pool: Candidates,
    rules: Rules,
    edits: Edits | None = None,
    past: Past | None = None,
    earlier: Sequence[Telling] = (),
) -> Telling:
    """Return the stories of *pool*, in order, joined and split as *edits* ask. Pure, and half the work of a choice.

    What one of *earlier* knows of the same candidates is not worked out again.
    """
    entered = pool
    able, unable = _may_run(pool, rules, earlier)
    article_key, story_key = _keys(pool, rules)
    ordered = sorted(able, key=article_key)
    before = next((before for before in earlier if before.week.articles == ordered), None)
    week = stories.Week.after(before.week) if before else stories.Week(able, article_key)
    week.ask(edits or Edits())
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
    retold: Mapping[str, running.Retold] = {}
    if past and rules.marks_updates:
        retold = running.retold((story for story, _ in in_order), week, past)
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
        retold=retold,
    )


def _may_run(
    pool: Candidates, rules: Rules, earlier: Sequence[Telling]
) -> tuple[Sequence[Article], tuple[Verdict, ...]]:
    """Return the articles of *pool* that may run, and the verdicts of the others."""
    for before in earlier:
        if before.entered == pool and before.rules == rules:
            return before.able, before.unable
    able, unable = candidates.eligible(pool.candidates, pool.window, pool.pinned, needs_heat=rules.needs_heat)
    able, over = candidates.still_ahead(able, pool.window, rules, pool.pinned)
    able, muted = muting.audible(able, rules, pool.pinned)
    return able, (*unable, *over, *muted)


def _keys(pool: Candidates, rules: Rules) -> tuple[ArticleKey, order.StoryKey]:
    """How articles and stories are ranked: what a thin section looks back to comes behind all of the window."""
    place = {article.path: number for number, article in enumerate(pool.candidates)}
    of_story = order.by(rules.order)
    return (
        lambda article: (article.path in pool.wide, place[article.path]),
        lambda story: (story.lead.path in pool.wide, of_story(story)),
    )
