"""Who competes for slots: stories by number, in the order of the rules, and the sections that take each of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, Protocol

from digest.selection.edits import paths

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from digest.config.values import SectionPlan
    from digest.model import Story
    from digest.selection.candidates import Candidates
    from digest.selection.edits import Places


# A named tuple: thousands are made for each choice, and a frozen dataclass takes three times as long.
class Contender(NamedTuple):
    """A story that competes for a slot, and the numbers of the sections that take it, best first.

    *pinned*: it stands in its one section whatever the limits say.
    """

    story: Story
    choices: tuple[int, ...]
    pinned: bool = False


class Contenders(Protocol):
    """The contenders of a race, by number: the lower comes first. Numbers may have gaps."""

    @property
    def pinned(self) -> Sequence[int]:
        """The numbers of those that the editor pinned, in order."""

    def __getitem__(self, number: int) -> Contender:
        """Return the contender of that number."""

    def each(self) -> Iterable[tuple[int, Contender]]:
        """Return all of them, in order, those included that no section takes."""

    def of(self, place: int) -> Iterable[int]:
        """Return the numbers of those that a section takes, in order, without what is pinned."""

    def matching(self, place: int) -> int:
        """Return how many a section takes, with what is pinned there."""

    def without(self, closed: Container[int]) -> Contenders:
        """Return the same contenders where sections are *closed*, by number, and take none."""


class ContenderList:
    """The contenders of a race, each at hand."""

    def __init__(self, rows: Sequence[Contender]) -> None:
        self._rows = rows
        self.pinned = [number for number, row in enumerate(rows) if row.pinned]
        self._of: dict[int, list[int]] = defaultdict(list)
        for number, row in enumerate(rows):
            for place in () if row.pinned else row.choices:
                self._of[place].append(number)
        self._pinned_in = Counter(rows[number].choices[0] for number in self.pinned)

    def __getitem__(self, number: int) -> Contender:
        """As of `Contenders`."""
        return self._rows[number]

    def each(self) -> Iterable[tuple[int, Contender]]:
        """As of `Contenders`."""
        return enumerate(self._rows)

    def of(self, place: int) -> Sequence[int]:
        """As of `Contenders`."""
        return self._of.get(place, ())

    def matching(self, place: int) -> int:
        """As of `Contenders`."""
        return len(self.of(place)) + self._pinned_in[place]

    def without(self, closed: Container[int]) -> ContenderList:
        """As of `Contenders`."""
        return ContenderList(
            [
                row
                if all(choice not in closed for choice in row.choices)
                else row._replace(choices=tuple(choice for choice in row.choices if choice not in closed))
                for row in self._rows
            ]
        )


def of_race(stories: Sequence[Story], plans: Sequence[SectionPlan], pool: Candidates, places: Places) -> ContenderList:
    """Return *stories*, in the order of the rules, as contenders for *plans*; the editor's *places* come first."""
    pins, moves = places
    fitting = choices(stories, plans)
    return ContenderList(
        [
            contender(story, fitting[number], plans, pool, (pins.get(number), moves.get(number)))
            for number, story in enumerate(stories)
        ]
    )


def contender(
    story: Story,
    fitting: tuple[int, ...],
    plans: Sequence[SectionPlan],
    pool: Candidates,
    placed: tuple[int | None, int | None],
) -> Contender:
    """Return a story that *fitting* sections of *plans* take, best first, as a contender for them.

    *placed* are the sections in which the editor has pinned it and to which she has moved it, None for none.
    """
    pin, move = placed
    if pin is not None or (pool.pinned and not pool.pinned.isdisjoint(paths(story))):
        stands = fitting[:1] if pin is None else (pin,)
        return Contender(story=story, choices=stands, pinned=bool(stands))
    # The editor moved it there: it competes for a slot of that section alone, and needs not match it.
    taken_by = fitting if move is None else (move,)
    if story.lead.path in pool.wide:
        # An older article was brought in for a thin section, and must not take a slot of another one.
        taken_by = tuple(choice for choice in taken_by if plans[choice].thin == "widen")
    return Contender(story=story, choices=taken_by)


def choices(stories: Sequence[Story], plans: Sequence[SectionPlan]) -> list[tuple[int, ...]]:
    """Return for each story the numbers of the sections that take it, best first.

    Best is the section that the fewest stories match, so that an umbrella topic takes what the narrow ones leave; of
    two alike, the first in the settings.
    """
    # An index by topic, because matching 2,000 stories with 50 sections one by one took a third of a choice.
    by_topic: dict[str, list[int]] = defaultdict(list)
    for number, plan in enumerate(plans):
        for topic in plan.match.any:
            by_topic[topic.casefold()].append(number)
    of_any_topic = [number for number, plan in enumerate(plans) if not plan.match.any]
    fitting = []
    for story in stories:
        wanted = {number for topic in story.topic_keys for number in by_topic.get(topic, ())}.union(of_any_topic)
        fitting.append([number for number in wanted if plans[number].match.takes(story)])
    popularity = Counter(chain.from_iterable(fitting))
    return [tuple(sorted(numbers, key=lambda number: (popularity[number], number))) for numbers in fitting]
