"""What earlier issues ran, as it bears on the stories of a week, for many readers who each had a part of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from digest.model import Past
from digest.selection import candidates
from digest.selection.recall import signs
from digest.selection.running import Recent
from digest.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from collections.abc import Set as AbstractSet

    from digest.config.values import Rules
    from digest.model import Story, Update
    from digest.selection.telling import Telling


class SharedMemory:
    """What of *stories*, by number, a reader has had, by her part of what ran in *past*.

    Runs that touch no story of the week, which are nearly all, cost her nothing; what some of them mean for a story is
    worked out once for all readers who had those.
    """

    def __init__(self, stories: Mapping[int, Story], telling: Telling, rules: Rules, past: Past) -> None:
        self._stories, self._telling, self._rules, self._past = stories, telling, rules, past
        self._recent = Recent(telling.week, past if rules.marks_updates else Past())
        self._near = {number: near for number, story in stories.items() if (near := self._recent.near(story))}
        self.touched: dict[int, tuple[int, ...]] = {}
        """Which stories a run may be the same as, by its number; those that touch none are not there."""
        self._judged: dict[tuple[int, tuple[int, ...]], tuple[bool, Update | None]] = {}
        self._touch()

    def of(self, seen: Collection[int]) -> tuple[AbstractSet[int], Mapping[str, Update]]:
        """Return which stories may not run again for whoever had *seen*, and by their lead's path which are updates."""
        runs: dict[int, list[int]] = defaultdict(list)
        for run in seen:
            for number in self.touched.get(run, ()):
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
        for number, story in self._stories.items():
            for article in (story.lead, *story.others):
                for sign in signs(article, map(canonical, article.addresses)):
                    by_sign[sign].add(number)
        touched: dict[int, set[int]] = defaultdict(set)
        for run, ran in enumerate(self._past.ran):
            for sign in signs(ran, ran.addresses):
                touched[run] |= by_sign.get(sign, set())
        for number, near in self._near.items():
            for run in near:
                touched[run].add(number)
        self.touched = {run: tuple(sorted(numbers)) for run, numbers in touched.items() if numbers}

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
