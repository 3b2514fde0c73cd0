"""The slots of an issue as a flow network: who can be let in, and who would have to go for it.

    story ─▶ its outlet in a section ─▶ the section ─▶ a slot that the section is promised (`floors`)
             at most `per_provider`      at most `limit`  └▶ one of the others, of which the issue has so many (`total`)

A story is let in if a free slot can be reached on this way, or can be made free by moving stories that are already in
among *their own* sections (an augmenting path; Ford and Fulkerson 1956):

    AI (1 slot): Hospital      CV (1 slot): -
    Faces wants in, and may stand in AI only: Hospital moves from AI to CV, Faces takes AI.

Sets of stories that can be seated together in such a network form a matroid (a gammoid; Perfect 1968), so taking them
in order is optimal. Where no way leads to a free slot, none of the places that were reached ever has one again; they
are not searched a second time, which keeps the work near linear in stories and sections.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from digest.config.values import SectionPlan
    from digest.model import Story
    from digest.selection.contenders import Contenders

_Node = tuple[int, str | None]
"""A place of the network: an outlet in a section, or with None the section itself; `_POOL` for the issue's slots."""

_POOL: _Node = (-1, None)


class _Entry(NamedTuple):
    """How a node was reached: from which, and the story that enters there; None where none does."""

    before: _Node | None
    mover: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Where a story could enter if somebody left. *is_open*: it can enter as it is.

    *sections* are the numbers of those where any story would have to leave, *outlets* of those where only one of its
    own outlet's makes room; *whole*: any story beyond the floors of its section makes room. *rivals* are all stories
    that give way, in order; the last of them is the one to beat, and *is_elsewhere* where it stands in none of the
    *sections*.
    """

    is_open: bool = False
    sections: tuple[int, ...]
    outlets: tuple[int, ...] = ()
    whole: bool = False
    rivals: tuple[Story, ...] = ()
    is_elsewhere: bool = False


class SlotNetwork:
    """Who stands where, while stories are let in; stories are numbers of *contenders*, sections those of *plans*.

    *floors* are the slots that each section is promised; *total* the slots of the issue, None for no limit.
    """

    def __init__(
        self,
        contenders: Contenders,
        plans: Sequence[SectionPlan],
        floors: Sequence[int] = (),
        total: int | None = None,
    ) -> None:
        self.contenders = contenders
        self.plans = plans
        self.taken: list[list[int]] = [[] for _ in plans]
        self.beyond: list[int] = []
        """Who was put in beyond a cap."""
        self._floors = list(floors) or [0] * len(plans)
        self._room = None if total is None else total - sum(self._floors)
        self._has_shares = any(plan.per_provider is not None for plan in plans)
        self._place: dict[int, int] = {}
        self._inside: Counter[_Node] = Counter()
        self._beyond_floors = 0
        self._dead: set[_Node] = set()
        self._onward: dict[_Node, frozenset[_Node]] = {}
        self._reach_of: dict[tuple[_Node, ...], Reach] = {}
        self._reaches: dict[frozenset[_Node], Reach] = {}

    def outlet(self, number: int) -> str:
        """Return the key of the provider that leads a story."""
        return self.contenders[number].story.lead.provider.key

    def put(self, number: int, place: int) -> None:
        """Let a story stand in a section, whatever the limits say, or move it there."""
        before = self._place.get(number)
        if before is not None:
            self.taken[before].remove(number)
            if self._has_shares:
                self._inside[before, self.outlet(number)] -= 1
            self._beyond_floors -= len(self.taken[before]) >= self._floors[before]
        self._place[number] = place
        self._beyond_floors += len(self.taken[place]) >= self._floors[place]
        self.taken[place].append(number)
        if self._has_shares:
            self._inside[place, self.outlet(number)] += 1

    def holds(self, number: int) -> bool:
        """Whether a story has a slot."""
        return number in self._place

    @property
    def is_full(self) -> bool:
        """Whether no section has a slot left; then no story that comes later can be let in."""
        return not any(map(self._is_free, range(len(self.plans))))

    def is_shut(self, place: int) -> bool:
        """Whether a way into a section was searched in vain; then no story that comes later finds one there."""
        # Where outlets have a share of the section, each of them enters by a way of its own.
        return (place, None) in self._dead and self.plans[place].per_provider is None

    def admit(self, number: int) -> bool:
        """Give a story a slot, moving others where that helps; return whether it got one."""
        if not self._has_shares:
            # Mostly nobody has to move: the first thing that the search would come upon.
            for place in self.contenders[number].choices:
                if self._is_free(place):
                    self.put(number, place)
                    return True
        return self._augment(dict.fromkeys(self._entries(number), _Entry(None, number)), self._is_free)

    def keep_floors(self) -> None:
        """Move stories, without letting any out, until as many promised slots as possible are taken."""
        while any(map(self._lacks_promised, range(len(self.plans)))):
            if not self._augment({_POOL: _Entry(None, None)}, self._lacks_promised):
                return

    def reach(self, number: int) -> Reach:
        """Return where a story could enter, and who would have to leave for it. Nothing may be put anywhere after."""
        entries = tuple(self._entries(number))
        # Thousands of stories stand before the same few sections.
        if entries not in self._reach_of:
            self._reach_of[entries] = self._reach_from(entries)
        return self._reach_of[entries]

    def _reach_from(self, entries: Sequence[_Node]) -> Reach:
        if self._is_open(entries):
            return Reach(is_open=True, sections=tuple(place for place, _ in entries))
        # Nearly everything leads to the slots of the whole issue where they are scarce, and on from there: known first.
        self._reached_from(_POOL)
        nodes: frozenset[_Node] = frozenset().union(*map(self._reached_from, entries))
        # Other sections, and in the end the same.
        if nodes not in self._reaches:
            self._reaches[nodes] = self._reach(nodes)
        return self._reaches[nodes]

    def _is_open(self, entries: Iterable[_Node]) -> bool:
        """Whether a way leads from *entries* to a free slot; from nodes that were searched in vain none ever does."""
        queue = [node for node in entries if node not in self._dead]
        reached = set(queue)
        for node in queue:
            if node[1] is None and node != _POOL and self._is_free(node[0]):
                return True
            onward = {following for following, _ in self._steps(node)} - reached - self._dead
            reached |= onward
            queue += onward
        self._dead |= reached
        return False

    def _reach(self, nodes: frozenset[_Node]) -> Reach:
        sections = {place for place, outlet in nodes if outlet is None and place >= 0}
        rivals = sorted({rival for node in nodes for rival in self._leaving(node)})
        return Reach(
            sections=tuple(sorted(sections)),
            outlets=tuple(sorted({place for place, outlet in nodes if outlet is not None})),
            whole=_POOL in nodes,
            rivals=tuple(self.contenders[rival].story for rival in rivals),
            is_elsewhere=bool(rivals) and self._place[rivals[-1]] not in sections,
        )

    def _reached_from(self, start: _Node) -> frozenset[_Node]:
        """Return the nodes that lead on from *start*, itself included."""
        reached = {start}
        queue = [] if start in self._onward else [start]
        for node in queue:
            for following in {following for following, _ in self._steps(node)} - reached:
                if following in self._onward:
                    reached |= self._onward[following]
                else:
                    reached.add(following)
                    queue.append(following)
        if queue:
            self._onward[start] = frozenset(reached)
        return self._onward[start]

    def _augment(self, came_from: dict[_Node, _Entry], is_goal: Callable[[int], bool]) -> bool:
        """Search from the nodes of *came_from* for a section that is a goal, and move all on the way to it."""
        queue = [node for node in came_from if node not in self._dead]
        # The queue grows while it is read: breadth first, so the shortest chain of moves wins.
        for node in queue:
            if node[1] is None and node != _POOL and is_goal(node[0]):
                self._move_along(node, came_from)
                return True
            for following, mover in self._steps(node):
                if following not in came_from and following not in self._dead:
                    came_from[following] = _Entry(node, mover)
                    queue.append(following)
        self._dead.update(queue)
        return False

    def _move_along(self, node: _Node | None, came_from: dict[_Node, _Entry]) -> None:
        moves = []
        while node is not None:
            before, mover = came_from[node]
            if mover is not None:
                moves.append((mover, node[0]))
            node = before
        for mover, place in moves:
            self.put(mover, place)

    def _entries(self, number: int) -> Iterator[_Node]:
        """Yield the nodes at which a story enters its sections."""
        for place in self.contenders[number].choices:
            yield place, None if self.plans[place].per_provider is None else self.outlet(number)

    def _steps(self, node: _Node) -> Iterator[tuple[_Node, int | None]]:
        """Yield the nodes that are reached from *node*, each with the story that would move there."""
        place, outlet = node
        if outlet is not None and not self._is_crowded(node):
            yield (place, None), None
            return
        if node != _POOL and outlet is None and len(self.taken[place]) < self.plans[place].limit:
            yield _POOL, None
        for occupant in self._leaving(node):
            for entry in self._entries(occupant):
                yield entry, occupant

    def _leaving(self, node: _Node) -> Iterable[int]:
        """Return the stories of which each makes room at *node* by leaving; the editor's pins never do."""
        place, outlet = node
        if node == _POOL:
            beyond = (taken for taken, floor in zip(self.taken, self._floors, strict=True) if len(taken) > floor)
            leaving: Iterable[int] = chain.from_iterable(beyond)
        elif outlet is None:
            leaving = self.taken[place]
        elif not self._is_crowded(node):
            return ()
        else:
            leaving = (occupant for occupant in self.taken[place] if self.outlet(occupant) == outlet)
        return [occupant for occupant in leaving if not self.contenders[occupant].pinned]

    def _lacks_promised(self, place: int) -> bool:
        return len(self.taken[place]) < self._floors[place]

    def _is_crowded(self, node: _Node) -> bool:
        """Whether the outlet of *node* has as many stories in its section as it may."""
        return self._inside[node] >= (self.plans[node[0]].per_provider or 0)

    def _is_free(self, place: int) -> bool:
        """Whether a section has a slot, and the issue one for it."""
        if len(self.taken[place]) >= self.plans[place].limit:
            return False
        return self._lacks_promised(place) or self._room is None or self._beyond_floors < self._room
