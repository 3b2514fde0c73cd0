"""Sentences of verdicts about stories and slots, in an editor's words; those of a step stand with it in `candidates`.

picked       it has a slot                            repeat       an earlier issue ran it
merged       another article tells the same story     dropped      the editor took it out
unpublished  `published: false`                       min-heat     below the floor
expired      no longer public when the issue ends     no-section   no section of the issue takes it
unscored     no heat                                  provider     its provider has its share already
no-address   nowhere to lead to                       thin         its section is left out this week
limit        all slots it could have went to others   muted        a rule of the settings takes it
over         the event that it invites to is over
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING

from digest.model import Verdict
from digest.selection import edits as editing
from digest.selection import latecomers, order, refusals
from digest.selection.candidates import told_day
from digest.text.numbers import apart, least_above, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from digest.config.values import Rules, SectionPlan
    from digest.model import Article, Edits, Rule, Story, Update
    from digest.selection.assignment import Assignment
    from digest.selection.candidates import Candidates
    from digest.selection.refusals import Rejection


_Missed = tuple["Article", str]


def merged(story: Story, others: Sequence[tuple[Article, str]]) -> list[Verdict]:
    """Return the verdicts of the articles whose story another article leads, each with the evidence that ties them."""
    lead = story.lead
    return [
        Verdict(
            article=other,
            rule="merged",
            because=f"it tells the same story as {_named(lead)}: {why}",
            lead=lead.path,
        )
        for other, why in others
    ]


def told_apart(verdicts: Sequence[Verdict], near_misses: Mapping[str, Sequence[_Missed]]) -> list[Verdict]:
    """Return *verdicts*, each with what the words of its article agree with and why that is another story.

    *near_misses* are by path, the best ranked first.
    """
    return [_told_apart(verdict, near_misses.get(verdict.article.path, ())) for verdict in verdicts]


def _told_apart(verdict: Verdict, missed: Sequence[_Missed]) -> Verdict:
    if not missed:
        return verdict
    other, why = missed[0]
    because = f"{verdict.because}; another story than {_named(other)}: {why}"
    return replace(verdict, because=because, near_miss=other.path)


def seated(
    outcome: Assignment, pool: Candidates, edits: Edits, rules: Rules, updates: Mapping[str, Update]
) -> list[Verdict]:
    """Return the verdicts of all leads that have a slot, with their place and what helped them to it.

    *updates* are those that add to what ran, by path.
    """
    verdicts = []
    moved = dict(edits.moves)
    leading = {} if rules.ranks_by_heat else _leading(outcome, pool, rules)
    for plan, stories in zip(outcome.seating.plans, outcome.seating.seats, strict=True):
        in_order = editing.in_order(stories, plan.title, edits)
        for place, (story, following) in enumerate(zip_longest(in_order, in_order[1:]), start=1):
            because = f"place {place} of {plan.limit} in {plan.title}"
            if rules.ranks_by_heat:
                because += f" with heat {shown(story.lead.heat)}{latecomers.account(story.lead, pool.window)}"
            elif following:
                because += _before(story, following, rules)
            because += leading.get(story.lead.path, "")
            if pool.pinned.intersection(editing.paths(story)):
                because = f"the editor pinned it in {plan.title}, place {place}"
            elif any(path in moved for path in editing.paths(story)):
                because += "; the editor moved it there"
            if story.lead.path in pool.late:
                because += "; it came too late for the issue of its days"
                # Where the editor orders them, it is her word and not their age that puts one before the other.
                because += _behind(story, stories, rules) if in_order[0] is stories[0] else ""
            if story.lead.path in pool.wide:
                because += f"; of an earlier week, as {plan.title} had too few of its own"
            because += _adds(updates.get(story.lead.path))
            if story in outcome.seating.beyond:
                because += f"; beyond the share of {story.lead.provider.name}, as {plan.title} would have been too thin"
            verdicts.append(Verdict(article=story.lead, rule="picked", because=because, section=plan.title))
    return verdicts


def _adds(update: Update | None) -> str:
    """Say of which earlier telling a story is an update, and what is new in it; "" where it is none."""
    if update is None:
        return ""
    ran = update.ran
    new = f"new since {told_day(ran)}: {', '.join(update.new)}"
    return f"; an update of “{ran.title}” ({ran.provider.name}), {new}"


def _before(story: Story, following: Story, rules: Rules) -> str:
    """Say what puts *story* before the one that follows; "" where it was not the order but the editor, or its week."""
    rank = order.by(rules.order)
    if rank(story) > rank(following):
        return ""
    key = order.decided_by(rules.order, story, following)
    return f", before {_named(following.lead)}: {order.because(key, story, following)}"


def _leading(outcome: Assignment, pool: Candidates, rules: Rules) -> dict[str, str]:
    """Say of the first story of a section what puts that section before the next, by path, where the order does."""
    if rules.plans is not None and not rules.by_heat:
        return {}
    pairs = zip(outcome.seating.plans, outcome.seating.seats, strict=True)
    filled = latecomers.by_leads(((plan, seats) for plan, seats in pairs if seats), pool, rules)
    return {
        stories[0].lead.path: f"; {plan.title} comes before {other.title}{_ahead(stories[0], following[0], rules)}"
        for (plan, stories), (other, following) in pairwise(filled)
    }


def _ahead(story: Story, following: Story, rules: Rules) -> str:
    """Say what puts the section of *story* before that of another, to follow the names of both."""
    rank = order.by(rules.order)
    if rank(story) > rank(following):
        return f", as {_named(following.lead)} is not of the window"
    return f": {order.because(order.decided_by(rules.order, story, following), story, following)}"


def _behind(story: Story, stories: Sequence[Story], rules: Rules) -> str:
    """Say which of *stories*, as they stand, comes before a late *story* that ranks above it; "" where none does."""
    rank = order.by(rules.order)
    if stories[0] is story or rank(stories[0]) < rank(story):
        return ""
    return f", so {_named(stories[0].lead)} leads, which comes close and is of the window"


def refused(outcome: Assignment, pool: Candidates, rules: Rules) -> list[Verdict]:
    """Return the verdicts of all leads that found no slot: what decided, and the heat that would have been enough.

    A heat is only named where it is certain: with pins in the way, or a section left out, it is not; nor for a late
    story, of which only a part counts.
    """
    verdicts = []
    for refusal in refusals.of(outcome, rules):
        story = refusal.story
        closed = _closed_to(story, outcome) if refusal.rule == "no-section" else None
        if closed is not None:
            plan = outcome.seating.plans[closed]
            has = f"{outcome.closed[closed]} of the {plan.minimum} stories it needs"
            because = f"{plan.title} is left out this week: it has {has}"
            verdicts.append(Verdict(article=story.lead, rule="thin", because=because, section=plan.title))
            continue
        # Among the sections where a slot would help may be others, which only make room: the story's own is named.
        section = next((plan.title for plan in refusal.plans if plan.match.takes(story)), "")
        because = _SENTENCES[refusal.rule](refusal, outcome, rules)
        if rules.ranks_by_heat and (account := latecomers.account(story.lead, pool.window)):
            because += f"; its heat {shown(story.lead.heat)}{account}"
        # A share of a section and of the issue are one rule to an editor, who sets both as `per_provider`.
        rule: Rule = "provider" if refusal.rule == "share" else refusal.rule
        verdicts.append(Verdict(article=story.lead, rule=rule, because=because, section=section))
    return verdicts


def _closed_to(story: Story, outcome: Assignment) -> int | None:
    """Return the first section that would take *story* had it not been closed."""
    return next((number for number in outcome.closed if outcome.seating.plans[number].match.takes(story)), None)


def _no_section(refusal: Rejection, outcome: Assignment, _: Rules) -> str:
    wanted = ", ".join(plan.title for plan in outcome.seating.plans) or "none"
    topics = refusal.story.lead.topics
    if not topics:
        return f"it has no topic; the sections are: {wanted}"
    language = refusal.story.lead.language
    asked = language and any(plan.match.languages for plan in outcome.seating.plans)
    written = f" in {language}" if asked else ""
    return f"no section takes its topics ({', '.join(topics)}){written}; the sections are: {wanted}"


def _provider(refusal: Rejection, outcome: Assignment, rules: Rules) -> str:
    story = refusal.story
    rank = order.by(rules.order)
    sections = zip(outcome.seating.plans, outcome.seating.seats, strict=True)
    inside = [rival for plan, stories in sections if plan in refusal.plans for rival in stories]
    # What the share cost: the best story that runs instead although it ranks below. An editor decides by it whether the
    # share is worth its price.
    colder = max((other for other in inside if rank(other) > rank(story)), key=rank, default=None)
    price = ""
    if colder:
        heat, other = apart([story.lead.heat, colder.lead.heat])
        given_up = "it" if story.lead.heat is None else f"its heat {heat}"
        price = f"; {given_up} was given up for {_named(colder.lead, other)}"
    count = refusal.held
    where = f" in {_titles(refusal.plans)}" if refusal.rule == "share" else ""
    already = f"{story.lead.provider.name} already leads {'1 story' if count == 1 else f'{count} stories'}{where}"
    if not refusal.rivals:
        return f"{already}, its share (`per_provider`){price}; the editor pinned them"
    return f"{already}, its share (`per_provider`){price}; {_enough(refusal, 'the last of them', rules)}"


def _limit(refusal: Rejection, _: Assignment, rules: Rules) -> str:
    slots = (rules.total or 0) if refusal.whole else sum(plan.limit for plan in refusal.plans)
    whose = "the issue (`total`)" if refusal.whole else _titles(refusal.plans)
    if not slots:
        return f"{whose} has no slot (limit 0)"
    if not refusal.rivals:
        return f"all slots of {whose} went to what the editor pinned"
    taken = "the only slot" if slots == 1 else f"all {slots} slots"
    went = f"{taken} of {whose} went to {'hotter' if rules.order[0] == 'heat' else 'better placed'}"
    which = "the last that could make way" if refusal.whole or refusal.is_elsewhere else "the last of them"
    return f"{went} stories; {_enough(refusal, which, rules)}"


_SENTENCES: dict[str, Callable[[Rejection, Assignment, Rules], str]] = {
    "no-section": _no_section,
    "provider": _provider,
    "share": _provider,
    "limit": _limit,
}


def _enough(refusal: Rejection, which: str, rules: Rules) -> str:
    """Name who took the last slot, and what would have taken it back."""
    rival, loser = refusal.rivals[-1], refusal.story
    key = order.decided_by(rules.order, rival, loser)
    sentence = f"{which} is {_named(rival.lead)}"
    if key != "heat":
        sentence += f", before it by {key}: {order.because(key, rival, loser)}"
    # Under another order more heat would not have helped, so none is named.
    if rules.order[0] == "heat" and refusal.sure and loser.lead.late_share is None:
        # Where no slot is free either, it must also beat the last of those who hold one.
        # The same heat as a rival's, where the loser wins the tie, else more.
        to_beat = [
            (other.lead.counted_heat or 0, order.comes_first_when_level(rules.order, loser, other))
            for other in (rival, *refusal.slots[-1:])
        ]
        sentence += f"; heat {least_above(to_beat, loser.lead.heat or 0)} would have been enough"
    return sentence


def _titles(plans: Sequence[SectionPlan]) -> str:
    titles = [plan.title for plan in plans]
    return titles[0] if len(titles) == 1 else f"{', '.join(titles[:-1])} and {titles[-1]}"


def _named(article: Article, heat: str = "") -> str:
    """Return an article for a sentence; *heat* is how it is shown beside another."""
    figure = "" if article.heat is None else f"{latecomers.with_heat(article, heat)}, "
    return f"“{article.title}” ({figure}{article.provider.name})"
