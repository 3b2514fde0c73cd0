"""A week told once, from which each reader's own sections are chosen.

    articles ─▶ Telling ─▶ per topic its stories, in order ─▶ those of a wish, merged ─▶ assignment ─▶ sections
                           what tells again what ran          without what she had

Editions are letters for many readers, each with topics, language and memory of her own. `select`
takes a choice through all stories of the week; here a reader's choice looks at hardly more stories than she has slots,
since a section that was searched in vain is never looked at again (`slots`). What it picks is the same, by the same
assignment. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from digest.config.values import Match, SectionPlan
from digest.model import Edits, Issue, Past, Verdict
from digest.selection import assignment, candidates, latecomers, sections
from digest.selection.contenders import Contender
from digest.selection.running import Recent
from digest.selection.stories import normalised
from digest.selection.telling import Tellings
from digest.text.languages import covers
from digest.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from digest.config.values import Rules
    from digest.model import Article, Pick, Section, Story, Update, Window, Wish
    from digest.selection.telling import Telling

_NOTHING = Edits()
_WIDENED = 16
"""Tellings kept of weeks with thin sections that look back: each holds the texts of a week."""


class ToldWeek:
    """The articles of *window* as they are told by *rules*, for choices by the wishes and memories of many readers.

    *past* is what all readers have in common: since when, what was considered, and in `ran` everything that any of them
    may have had, the oldest first. *each* is what the section of a topic is like, but for its title, topic, language
    and limit. What names no language is in *language*, "" for none. The sections of *rules* count for nothing.

    Telling costs what `select` costs, and so does each set of sections that are the first to look back as too thin.
    Not for threads that choose at the same time.
    """

    def __init__(
        self,
        articles: Iterable[Article],
        window: Window,
        rules: Rules,
        past: Past,
        each: SectionPlan | None = None,
        *,
        language: str = "",
    ) -> None:
        self._articles, self._window, self._past = tuple(articles), window, past
        # Without any they would stand in the order of their first stories, and not of the wish.
        self._rules = replace(rules, plans=())
        self._each, self._language = each or SectionPlan(title="", match=Match()), language
        self._plans: dict[tuple[str, int, str], SectionPlan] = {}
        self._widened: dict[AbstractSet[tuple[Match, int]], _Choices] = {}
        self._choices = self._told()

    def plans(self, wish: Wish) -> tuple[SectionPlan, ...]:
        """Return the sections that *wish* asks for."""
        return tuple(self._plan(topic, limit, wish.language) for topic, limit in wish.topics)

    def choose(self, wish: Wish, seen: Collection[int] = ()) -> tuple[Section, ...]:
        """Return the sections of a reader who asks for *wish* and had the runs *seen*, by their number in the memory.

        Guarantees: they are those of `select` with the plans of *wish* and a memory of *seen* alone.
        """
        return self._chosen(wish, seen)[0]

    def issue(self, wish: Wish, seen: Collection[int] = ()) -> Issue:
        """Return the issue of `choose`, with the verdicts of its picks alone, in rank order.

        Guarantees: it is rendered as that of `select` would be; verdicts of what was not picked are asked of `select`.
        """
        chosen, choices = self._chosen(wish, seen)
        picked = [(pick.article, section.title) for section in chosen for pick in section.picks]
        verdicts = [
            Verdict(article=article, rule="picked", because="", section=title)
            for article, title in sorted(picked, key=lambda pair: choices.rank(pair[0].path))
        ]
        return Issue(window=self._window, sections=chosen, verdicts=tuple(verdicts))

    def _chosen(self, wish: Wish, seen: Collection[int]) -> tuple[tuple[Section, ...], _Choices]:
        """Return the sections of `choose`, and the choices that they are of."""
        plans = self.plans(wish)
        chosen = self._choices.of(plans, seen)
        picked = {section.title: len(section.picks) for section in chosen}
        thin = [plan for plan in plans if plan.thin == "widen" and picked.get(plan.title, 0) < plan.minimum]
        if not thin:
            return chosen, self._choices
        choices = self._looking_back(tuple(thin))
        return choices.of(plans, seen), choices

    def _plan(self, topic: str, limit: int, language: str) -> SectionPlan:
        key = topic, limit, language
        if key not in self._plans:
            languages = (language,) if language else self._each.match.languages
            is_own = bool(language and self._language and covers(language, self._language))
            unnamed = self._each.match.unnamed or is_own
            match = replace(self._each.match, any=(topic,), languages=languages, unnamed=unnamed)
            self._plans[key] = replace(self._each, title=topic, match=match, limit=limit)
        return self._plans[key]

    def _looking_back(self, thin: tuple[SectionPlan, ...]) -> _Choices:
        """Return the choices among the articles that *thin* sections bring in, too."""
        brought = frozenset((plan.match, plan.widen_days) for plan in thin)
        if brought not in self._widened:
            if len(self._widened) >= _WIDENED:
                self._widened.pop(next(iter(self._widened)))
            self._widened[brought] = self._told(thin)
        return self._widened[brought]

    def _told(self, widening: tuple[SectionPlan, ...] = ()) -> _Choices:
        # What a reader had changes no candidate and no story, so it is told to each choice and not here.
        common = replace(self._past, ran=())
        rules = self._rules.telling
        telling = Tellings().of(self._articles, self._window, rules, common, _NOTHING, widening)
        return _Choices(telling, self._rules.told_by(telling.rules), self._past)


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

    *past* is the memory of all readers.
    """

    def __init__(self, telling: Telling, rules: Rules, past: Past) -> None:
        self._telling, self._rules = telling, rules
        self.stories = tuple(candidates.warm_enough(telling.ranked, rules.min_heat)[0])
        self._memory = _SharedMemory(self.stories, telling, rules, past)
        wide = telling.pool.wide
        self.wide = frozenset(number for number, story in enumerate(self.stories) if story.lead.path in wide)
        self._by_topic: dict[str, list[int]] = defaultdict(list)
        for number, story in enumerate(self.stories):
            for key in story.topic_keys:
                self._by_topic[key].append(number)
        self._takings: dict[Match, tuple[_Taking, _Taking]] = {}
        self._picks: dict[str, Pick] = {}
        self._picking = sections.picking(telling, _NOTHING, {})
        self._ranks = {article.path: rank for rank, article in enumerate(telling.pool.candidates)}

    def of(self, plans: tuple[SectionPlan, ...], seen: Collection[int]) -> tuple[Section, ...]:
        """Return the sections of *plans* for whoever had *seen*."""
        pool, rules = self._telling.pool, self._rules
        had, updates = self._memory.of(seen)
        outcome = assignment.assign(_Fresh(self, plans, had), plans, rules)
        outcome = latecomers.behind_the_window(outcome, pool, rules)
        update = sections.picking(self._telling, _NOTHING, updates)

        def pick(story: Story) -> Pick:
            return update(story) if story.lead.path in updates else self._pick(story)

        return sections.of(outcome, pool, rules, _NOTHING, pick)

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

    As `contenders.ContenderList`, and none of them is pinned.
    """

    def __init__(
        self,
        choices: _Choices,
        plans: Sequence[SectionPlan],
        had: AbstractSet[int],
        closed: Container[int] = (),
    ) -> None:
        self.pinned: tuple[int, ...] = ()
        self._choices, self._plans, self._had, self._closed = choices, plans, had, closed
        takings = [choices.taking(plan.match) for plan in plans]
        # What is looked back to stands in no section but those that do.
        self._takings = [
            every if plan.thin == "widen" else narrow for plan, (every, narrow) in zip(plans, takings, strict=True)
        ]
        # The section that fewest stories match comes first, as in `contenders.choices`.
        popularity = [every.left(had) for every, _ in takings]
        self._best_first = sorted(range(len(plans)), key=lambda place: (popularity[place], place))
        self._asked: dict[int, Contender] = {}

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
        numbers = () if place in self._closed else self._takings[place].in_order
        return (number for number in numbers if number not in self._had) if self._had else numbers

    def matching(self, place: int) -> int:
        """As of `Contenders`."""
        return self._takings[place].left(self._had)

    def without(self, closed: Container[int]) -> _Fresh:
        """As of `Contenders`."""
        return _Fresh(self._choices, self._plans, self._had, closed)

    def _taken_by(self, number: int) -> tuple[int, ...]:
        takings, closed = self._takings, self._closed
        return tuple(place for place in self._best_first if number in takings[place].members and place not in closed)


class _SharedMemory:
    """What of *stories* a reader has had, by her part of what ran in *past*.

    Runs that touch no story of the week, which are nearly all, cost her nothing; what some of them mean for a story is
    worked out once for all readers who had those.
    """

    def __init__(self, stories: Sequence[Story], telling: Telling, rules: Rules, past: Past) -> None:
        self._stories, self._telling, self._rules, self._past = stories, telling, rules, past
        self._recent = Recent(telling.week, past if rules.marks_updates else Past())
        self._near = {number: near for number, story in enumerate(stories) if (near := self._recent.near(story))}
        self._touched: dict[int, tuple[int, ...]] = {}
        self._judged: dict[tuple[int, tuple[int, ...]], tuple[bool, Update | None]] = {}
        self._touch()

    def of(self, seen: Collection[int]) -> tuple[AbstractSet[int], Mapping[str, Update]]:
        """Return which stories may not run again for whoever had *seen*, and by their lead's path which are updates."""
        runs: dict[int, list[int]] = defaultdict(list)
        for run in seen:
            for number in self._touched.get(run, ()):
                runs[number].append(run)
        had: set[int] = set()
        updates: dict[str, Update] = {}
        for number, ran in runs.items():
            runs_again, update = self._judge(number, tuple(sorted(ran)))
            if not runs_again:
                had.add(number)
            elif update:
                updates[self._stories[number].lead.path] = update
        return had, updates

    def _touch(self) -> None:
        """Note which stories each run may be the same as: by an address, by the title, or as the same event."""
        by_sign: dict[str, set[int]] = defaultdict(set)
        for number, story in enumerate(self._stories):
            for article in (story.lead, *story.others):
                for sign in (*map(canonical, article.addresses), f"“{normalised(article.title, article.provider)}”"):
                    by_sign[sign].add(number)
        touched: dict[int, set[int]] = defaultdict(set)
        for run, ran in enumerate(self._past.ran):
            for sign in (*ran.addresses, f"“{normalised(ran.title, ran.provider)}”"):
                touched[run] |= by_sign.get(sign, set())
        for number, near in self._near.items():
            for run in near:
                touched[run].add(number)
        self._touched = {run: tuple(sorted(numbers)) for run, numbers in touched.items() if numbers}

    def _judge(self, number: int, runs: tuple[int, ...]) -> tuple[bool, Update | None]:
        """Return whether a story runs again after *runs*, and what it adds to them."""
        key = number, runs
        if key not in self._judged:
            story, path = self._stories[number], self._stories[number].lead.path
            near = {run: tie for run, tie in self._near.get(number, {}).items() if run in runs}
            again = self._recent.told_by(story, near)
            remembered = candidates.not_repeated(
                [story],
                replace(self._past, ran=tuple(self._past.ran[run] for run in runs)),
                self._telling.pool.window,
                self._rules,
                {path: again} if again else {},
            )
            self._judged[key] = bool(remembered.stories), remembered.updates.get(path)
        return self._judged[key]
