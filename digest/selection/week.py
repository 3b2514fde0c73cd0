"""A week told once, from which each reader's own sections are chosen.

    articles ─▶ Telling ─▶ per topic its stories, in order ─▶ those of a wish, merged ─▶ assignment ─▶ sections
                           what tells again what ran,         without what she had,
                           without what is dropped            the editor's in their places

Editions are letters for many readers, each with topics, language and memory of her own. `select`
takes a choice through all stories of the week; here a reader's choice looks at hardly more stories than she has slots,
since a section that was searched in vain is never looked at again (`slots`). What it picks is the same, by the same
assignment. Pure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from heapq import merge
from typing import TYPE_CHECKING

from digest.model import Edits, Issue, Verdict
from digest.selection import assignment, candidates, latecomers, sections
from digest.selection import edits as editing
from digest.selection.contenders import Contender, contender
from digest.selection.own_sections import OwnSections, SharedEdits
from digest.selection.shared_memory import SharedMemory
from digest.selection.telling import Tellings

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from digest.config.values import Match, Rules, SectionPlan
    from digest.model import Article, Past, Pick, Section, Story, Window, Wish
    from digest.selection.edits import Places
    from digest.selection.telling import Telling

_WIDENED = 16
"""Tellings kept of weeks with thin sections that look back: each holds the texts of a week."""


class ToldWeek:
    """The articles of *window* as they are told by *rules*, for choices by the wishes and memories of many readers.

    *past* is what all readers have in common: since when, what was considered, and in `ran` everything that any of them
    may have had, the oldest first. *own* makes the sections of a wish. *edits* are those of the issue for all; the
    sections of *rules* are those that they speak of, and count for nothing else. Raises EditsError for a story of
    *edits* that there is not, or that cannot be pinned, joined or split.

    Telling costs what `select` costs, and so does each set of sections that are the first to look back as too thin.
    Not for threads that choose at the same time.
    """

    def __init__(
        self,
        articles: Iterable[Article],
        window: Window,
        rules: Rules,
        past: Past,
        own: OwnSections | None = None,
        edits: Edits | None = None,
    ) -> None:
        self._articles, self._window, self._past = tuple(articles), window, past
        # Without any they would stand in the order of their first stories, and not of the wish.
        self._rules = replace(rules, plans=())
        self._own = own or OwnSections()
        self._widened: dict[AbstractSet[tuple[Match, int]], _Choices] = {}
        resolved = editing.resolve(edits or Edits(), self._articles)
        telling = self._told(resolved)
        self._edits = SharedEdits(resolved, rules.plans or (), telling)
        self._choices = self._choices_of(telling)

    def plans(self, wish: Wish) -> tuple[SectionPlan, ...]:
        """Return the sections that *wish* asks for."""
        return self._own.of(wish)

    def edits(self, wish: Wish) -> Edits:
        """Return the edits, named by path, as they count for who asks for *wish*; `own_sections` says how."""
        return self._edits.of(self.plans(wish))

    def choose(self, wish: Wish, seen: Collection[int] = ()) -> tuple[Section, ...]:
        """Return the sections of a reader who asks for *wish* and had the runs *seen*, by their number in the memory.

        Guarantees: they are those of `select` with the plans and the edits of *wish* and a memory of *seen* alone.
        """
        return self._chosen(self.plans(wish), seen, self.edits(wish))[0]

    def issue(self, wish: Wish, seen: Collection[int] = ()) -> Issue:
        """Return the issue of `choose`, with the verdicts of its picks alone, in rank order.

        Guarantees: it is rendered as that of `select` would be; verdicts of what was not picked are asked of `select`.
        """
        edits = self.edits(wish)
        chosen, choices = self._chosen(self.plans(wish), seen, edits)
        picked = [(pick.article, section.title) for section in chosen for pick in section.picks]
        verdicts = [
            Verdict(article=article, rule="picked", because="", section=title)
            for article, title in sorted(picked, key=lambda pair: choices.rank(pair[0].path))
        ]
        return Issue(window=self._window, sections=chosen, verdicts=tuple(verdicts), edits=edits)

    def picks(self) -> tuple[Pick, ...]:
        """Return every story that a reader may get, in order, but for those that thin sections look back to."""
        return self._choices.picks()

    def others(self) -> tuple[Article, ...]:
        """Return the candidates that have all that a pick needs, and that no reader gets."""
        return self._choices.others()

    def mattering(self, wish: Wish, seen: Collection[int]) -> tuple[int, ...]:
        """Return those of the runs *seen* that may decide about a story that *wish* asks for, in order.

        Guarantees: whoever had these alone gets what whoever had all of *seen* gets.
        """
        plans = self.plans(wish)
        # Those who look back have stories that this telling of the week has not.
        if any(plan.thin == "widen" for plan in plans):
            return tuple(sorted(seen))
        return self._choices.mattering(plans, seen)

    def _chosen(
        self, plans: tuple[SectionPlan, ...], seen: Collection[int], edits: Edits
    ) -> tuple[tuple[Section, ...], _Choices]:
        """Return the sections of a reader, and the choices that they are of."""
        chosen = self._choices.of(plans, seen, edits)
        picked = {section.title: len(section.picks) for section in chosen}
        thin = [plan for plan in plans if plan.thin == "widen" and picked.get(plan.title, 0) < plan.minimum]
        if not thin:
            return chosen, self._choices
        choices = self._looking_back(tuple(thin))
        return choices.of(plans, seen, edits), choices

    def _looking_back(self, thin: tuple[SectionPlan, ...]) -> _Choices:
        """Return the choices among the articles that *thin* sections bring in, too."""
        brought = frozenset((plan.match, plan.widen_days) for plan in thin)
        if brought not in self._widened:
            if len(self._widened) >= _WIDENED:
                self._widened.pop(next(iter(self._widened)))
            self._widened[brought] = self._choices_of(self._told(self._edits.common, thin))
        return self._widened[brought]

    def _told(self, edits: Edits, widening: tuple[SectionPlan, ...] = ()) -> Telling:
        # What a reader had changes no candidate and no story, so it is told to each choice and not here.
        common = replace(self._past, ran=())
        return Tellings().of(self._articles, self._window, self._rules.telling, common, edits, widening)

    def _choices_of(self, telling: Telling) -> _Choices:
        return _Choices(telling, self._rules.told_by(telling.rules), self._past, self._edits.common)


class _Taking:
    """The stories by number that one section takes, in order and as a set."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self.in_order = tuple(numbers)
        self.members = frozenset(self.in_order)

    def left(self, had: AbstractSet[int]) -> int:
        """Return how many there are beside those that a reader *had*."""
        return len(self.in_order) - (len(had & self.members) if had else 0)


class _Choices:
    """The choices among the stories of *telling* that are warm enough, which have their place in the order as number.

    Those that the editor has pinned are among them however cold they are, and of the others none that she has dropped.
    *past* is the memory of all readers, *edits* are what all of them have in common.
    """

    def __init__(self, telling: Telling, rules: Rules, past: Past, edits: Edits) -> None:
        self._telling, self._rules = telling, rules
        self.stories = self._racing(edits)
        self.pool = pool = telling.pool
        free = {number: story for number, story in enumerate(self.stories) if not self._is_pinned(story)}
        self._memory = SharedMemory(free, telling, rules, past)
        self.wide = frozenset(number for number, story in enumerate(self.stories) if story.lead.path in pool.wide)
        named = pool.pinned.union(path for path, _ in edits.moves)
        self.named = tuple(
            (number, story) for number, story in enumerate(self.stories) if not named.isdisjoint(editing.paths(story))
        )
        """The stories that the editor has pinned or moved, in order."""
        self._by_topic: dict[str, list[int]] = defaultdict(list)
        for number, story in enumerate(self.stories):
            for key in story.topic_keys:
                self._by_topic[key].append(number)
        self._takings: dict[Match, tuple[_Taking, _Taking]] = {}
        self._picks: dict[str, Pick] = {}
        self._edits = edits
        self._picking = sections.picking(telling, edits, {})
        self._ranks = {article.path: rank for rank, article in enumerate(pool.candidates)}

    def _racing(self, edits: Edits) -> tuple[Story, ...]:
        """Return the stories that may run as far as nobody's memory says otherwise, in order."""
        ranked = self._telling.ranked
        kept, _ = editing.dropped((story for story in ranked if not self._is_pinned(story)), edits)
        warm, _ = candidates.warm_enough(kept, self._rules.min_heat)
        entering = {story.lead.path for story in warm}
        return tuple(story for story in ranked if story.lead.path in entering or self._is_pinned(story))

    def _is_pinned(self, story: Story) -> bool:
        pinned = self._telling.pool.pinned
        return bool(pinned) and not pinned.isdisjoint(editing.paths(story))

    def of(self, plans: tuple[SectionPlan, ...], seen: Collection[int], edits: Edits) -> tuple[Section, ...]:
        """Return the sections of *plans* for whoever had *seen*, with *edits* as they count for these."""
        pool, rules = self.pool, self._rules
        had, updates = self._memory.of(seen)
        places = editing.placements(self.named, edits, plans)
        outcome = assignment.assign(_Fresh(self, plans, had, places), plans, rules)
        outcome = latecomers.behind_the_window(outcome, pool, rules)
        update = sections.picking(self._telling, self._edits, updates)

        def pick(story: Story) -> Pick:
            return update(story) if story.lead.path in updates else self._pick(story)

        return sections.of(outcome, pool, rules, edits, pick)

    def picks(self) -> tuple[Pick, ...]:
        """Return the stories as whoever had none of them would get them, in order."""
        return tuple(map(self._pick, self.stories))

    def others(self) -> tuple[Article, ...]:
        """Return the candidates that have all that a pick needs, and stand in none of the stories."""
        members = {path for story in self.stories for path in editing.paths(story)}
        needs_heat = self._telling.rules.needs_heat
        return tuple(
            article
            for article in self.pool.candidates
            if article.path not in members and article.has_all(needs_heat=needs_heat)
        )

    def mattering(self, plans: tuple[SectionPlan, ...], seen: Collection[int]) -> tuple[int, ...]:
        """Return those of *seen* that may be runs of a story that *plans* take or the editor places, in order."""
        touched = self._memory.touched
        members = [self.taking(plan.match)[0].members for plan in plans]
        members.append(frozenset(number for number, _ in self.named))
        return tuple(
            run
            for run in sorted(seen)
            if run in touched and any(not taken.isdisjoint(touched[run]) for taken in members)
        )

    def rank(self, path: str) -> int:
        """Return the place of a candidate among all in the order of verdicts."""
        return self._ranks[path]

    def taking(self, match: Match) -> tuple[_Taking, _Taking]:
        """Return the stories that a section takes, and those of them that it need not look back for."""
        if match not in self._takings:
            near = {number for topic in match.any for number in self._by_topic.get(topic.casefold(), ())}
            numbers = sorted(near) if match.any else range(len(self.stories))
            taken = [number for number in numbers if match.takes(self.stories[number])]
            every = _Taking(taken)
            narrow = _Taking(number for number in taken if number not in self.wide) if self.wide else every
            self._takings[match] = every, narrow
        return self._takings[match]

    def _pick(self, story: Story) -> Pick:
        path = story.lead.path
        if path not in self._picks:
            self._picks[path] = self._picking(story)
        return self._picks[path]


class _Fresh:
    """The stories that a reader has not *had*, as contenders for her *plans*; each is looked at when it is asked for.

    As `contenders.ContenderList`. *places* are where among *plans* the editor has put some of them.
    """

    def __init__(
        self,
        choices: _Choices,
        plans: Sequence[SectionPlan],
        had: AbstractSet[int],
        places: Places,
        closed: Container[int] = (),
    ) -> None:
        self._choices, self._plans, self._had, self._places, self._closed = choices, plans, had, places, closed
        takings = [choices.taking(plan.match) for plan in plans]
        # What is looked back to stands in no section but those that do.
        self._takings = [
            every if plan.thin == "widen" else narrow for plan, (every, narrow) in zip(plans, takings, strict=True)
        ]
        # The section that fewest stories match comes first, as in `contenders.choices`.
        popularity = [every.left(had) for every, _ in takings]
        self._best_first = sorted(range(len(plans)), key=lambda place: (popularity[place], place))
        self._asked = dict(self._placed([every for every, _ in takings])) if choices.named else {}
        self.pinned = tuple(number for number, row in self._asked.items() if row.pinned)
        # Those that the editor has placed stand beside what sections take.
        self._aside = had | self._asked.keys() if self._asked else had
        self._brought: dict[int, list[int]] = defaultdict(list)
        for number, row in self._asked.items():
            for place in () if row.pinned else row.choices:
                self._brought[place].append(number)
        self._pinned_in = Counter(self._asked[number].choices[0] for number in self.pinned)

    def _placed(self, takings: Sequence[_Taking]) -> Iterator[tuple[int, Contender]]:
        """Yield the contenders that the editor has pinned or moved, for anybody; *takings* are of each section."""
        pins, moves = self._places
        for number, story in self._choices.named:
            if number in self._had:
                continue
            fitting = tuple(place for place in self._best_first if number in takings[place].members)
            placed = pins.get(number), moves.get(number)
            row = contender(story, fitting, self._plans, self._choices.pool, placed)
            yield number, row._replace(choices=tuple(place for place in row.choices if place not in self._closed))

    def __getitem__(self, number: int) -> Contender:
        """As of `Contenders`."""
        asked = self._asked.get(number)
        if asked is None:
            asked = self._asked[number] = Contender(self._choices.stories[number], self._taken_by(number))
        return asked

    def each(self) -> Iterable[tuple[int, Contender]]:
        """As of `Contenders`."""
        return ((number, self[number]) for number in range(len(self._choices.stories)) if number not in self._had)

    def of(self, place: int) -> Iterable[int]:
        """As of `Contenders`."""
        numbers: Iterable[int] = () if place in self._closed else self._takings[place].in_order
        numbers = (number for number in numbers if number not in self._aside) if self._aside else numbers
        return merge(numbers, self._brought[place]) if place in self._brought else numbers

    def matching(self, place: int) -> int:
        """As of `Contenders`."""
        return self._takings[place].left(self._aside) + len(self._brought.get(place, ())) + self._pinned_in[place]

    def without(self, closed: Container[int]) -> _Fresh:
        """As of `Contenders`."""
        return _Fresh(self._choices, self._plans, self._had, self._places, closed)

    def _taken_by(self, number: int) -> tuple[int, ...]:
        takings, closed = self._takings, self._closed
        return tuple(place for place in self._best_first if number in takings[place].members and place not in closed)
