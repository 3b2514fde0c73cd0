"""What each reader had in earlier weeks: the stories of her own editions, found part by part where those stand.

    editions/2020-11-04/  stories.jsonl ─▶ runs that may decide about this week, numbered for all readers
                          claims/part-k    who was sent hers, or may have been ─┐
                          readers/part-k   which edition that is               ─┼─▶ the numbers of what she had
                          editions/part-k  which stories that is               ─┘

Of an issue of which editions were sent a reader had what hers says, the issue for all where she got that, and nothing
where it did not reach her: that may come again. Editions of which nothing was sent are a rehearsal and count for
nothing. An issue without editions was sent to all.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial
from math import gcd
from typing import TYPE_CHECKING

from digest.editions import part_files, stories
from digest.editions.marks import hash_of
from digest.errors import OutputError
from digest.issue import memory, record
from digest.issue.folder import IssueFolder
from digest.mail import claims
from digest.model import day_of_issue
from digest.selection import recall
from digest.tables import places, storage

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from digest.config.settings import Settings
    from digest.editions.common import CommonWeek
    from digest.issue.record import Record
    from digest.model import Article, Past, Ran, Window
    from digest.tables.storage import Storage

_FATE = "sent in editions"
_HAD = frozenset({"sent", "unknown"})
"""How a reader stands who has her edition, or may have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueMemory:
    """What may decide about the week of an issue of which editions were sent, in *parts* parts.

    *runs* are numbers in the memory by the path of the story, *general* are those of the issue for all.
    """

    issue: str
    parts: int
    runs: Mapping[str, int]
    general: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The numbers in the memory of what *everybody* had, and the *issues* that readers had editions of.

    These stand below *out*, a path from the root or an address.
    """

    out: str
    everybody: tuple[int, ...]
    issues: tuple[IssueMemory, ...]

    @property
    def deciding(self) -> tuple[object, ...]:
        """What of it decides which editions there are, however earlier ones were cut into parts."""
        return self.everybody, *((issue.issue, tuple(issue.runs.items()), issue.general) for issue in self.issues)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartMemory:
    """What readers of a part had: *everybody*, and some their *own*, by their ids. *mark* is as of `mark_of_part`."""

    everybody: tuple[int, ...]
    own: Mapping[str, Collection[int]]
    mark: str

    def had(self, reader: str) -> tuple[int, ...]:
        """Return the numbers in the memory of what a *reader* had, in order."""
        own = self.own.get(reader)
        return tuple(sorted({*self.everybody, *own})) if own else self.everybody


def sent_before(settings: Settings, window: Window) -> tuple[str, ...]:
    """Return the issues before *window* of which editions were sent and that may still matter, the oldest first.

    Raises OutputError.
    """
    recent = memory.late_from(settings, window)
    # By their names, as memory has issues for all.
    return tuple(
        issue
        for issue in part_files.issues(settings)
        if issue != window.issue_id
        and (day_of_issue(issue) >= recent or not memory.is_forgotten(day_of_issue(issue), settings, window))
        and claims.claimed(part_files.place_of(settings, issue))
        and memory.is_before(issue, window, partial(stories.window_of, part_files.place_of(settings, issue)))
    )


def of(
    settings: Settings, window: Window, past: Past, sent: Sequence[str], articles: Sequence[Article], key: str
) -> tuple[Past, Memory]:
    """Return *past*, which is that of issues for all, with what readers had in editions of the issues *sent*.

    Of these it holds what may decide about a story among *articles*. Raises OutputError, also where they are of another
    *key*.
    """
    earlier, matters = [], recall.mattering(articles if sent else ())
    for issue in sent:
        place = part_files.place_of(settings, issue)
        with stories.telling(place):
            head, rows = stories.read(place)
            if memory.is_own(head["newsletter"]["name"], settings):
                stories.hold_key(place, head, key)
                is_recent = day_of_issue(issue) >= memory.late_from(settings, window)
                past = stories.considered(past, record.window(head), rows if is_recent else ())
                is_forgotten = memory.is_forgotten(day_of_issue(issue), settings, window)
                earlier.append(_runs(settings, issue, () if is_forgotten else rows, matters))
    return _numbered(past, earlier, places.from_anywhere(places.path_of(settings.editions.out)).rstrip("/"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _IssueRuns:
    """Runs of an *issue* in *parts* that may decide about the week: of editions, by path, and of the issue for all."""

    issue: str
    parts: int
    by_path: Mapping[str, Ran]
    general: tuple[Ran, ...]


def _runs(settings: Settings, issue: str, rows: Sequence[Record], matters: Callable[[Ran], bool]) -> _IssueRuns:
    picks = stories.picks(rows)
    personal = record.past_of([{"id": issue, "sections": [{"picks": picks}]}], fate=_FATE).ran
    built = IssueFolder.of(settings.out, issue)
    general = record.past_of([built.as_sent.picks], fate=_FATE).ran if rows and built.is_built else ()
    mattering = frozenset(filter(matters, (*personal, *general)))
    return _IssueRuns(
        issue=issue,
        parts=_parts(part_files.place_of(settings, issue)) if mattering else 0,
        by_path={pick["path"]: run for pick, run in zip(picks, personal, strict=True) if run in mattering},
        general=tuple(run for run in general if run in mattering),
    )


def _numbered(past: Past, earlier: Sequence[_IssueRuns], out: str) -> tuple[Past, Memory]:
    """Return *past* with the runs of *earlier*, each once and the oldest first, and who had which of them."""
    own = {issue_runs.issue for issue_runs in earlier}
    to_all = [run for run in past.ran if run.issue not in own]
    runs = [*to_all, *(run for issue_runs in earlier for run in (*issue_runs.by_path.values(), *issue_runs.general))]
    numbers = {run: number for number, run in enumerate(dict.fromkeys(sorted(runs, key=lambda run: run.issue)))}
    issues = tuple(
        IssueMemory(
            issue=issue_runs.issue,
            parts=issue_runs.parts,
            runs={path: numbers[run] for path, run in issue_runs.by_path.items()},
            general=tuple(numbers[run] for run in issue_runs.general),
        )
        for issue_runs in earlier
        if issue_runs.by_path or issue_runs.general
    )
    everybody = tuple(sorted(numbers[run] for run in to_all))
    return replace(past, ran=tuple(numbers)), Memory(out=out, everybody=everybody, issues=issues)


def of_part(week: CommonWeek, number: int, readers: Collection[str]) -> PartMemory:
    """Return what *readers* of a part, by their ids, had. Raises OutputError."""
    own: dict[str, set[int]] = defaultdict(set)
    for issue, place, theirs in _parts_before(week, number):
        for reader, runs in _delivered(issue, place, theirs).items():
            if reader in readers:
                own[reader].update(runs)
    return PartMemory(everybody=week.memory.everybody, own=own, mark=mark_of_part(week, number))


def mark_of_part(week: CommonWeek, number: int) -> str:
    """Return a hash of what the memories of a part are read from: earlier parts, and whom they were sent to."""
    read = [
        (issue.issue, part_files.head(place, theirs), tuple(place.names(claims.folder(theirs))))
        for issue, place, theirs in _parts_before(week, number)
    ]
    return hash_of(tuple(read))


def _parts_before(week: CommonWeek, number: int) -> Iterator[tuple[IssueMemory, Storage, int]]:
    """Yield the parts of earlier issues in which readers of a part may stand, and of which something was sent."""
    for issue in week.memory.issues:
        place = storage.opened(part_files.folder_of(week.memory.out, issue.issue))
        # Readers are spread by the remainder of their ids, by which they are found in another number of parts, too.
        step = gcd(week.settings.editions.parts, issue.parts)
        for theirs in range((number - 1) % step + 1, issue.parts + 1, step):
            if place.names(claims.folder(theirs)):
                yield issue, place, theirs


def _delivered(issue: IssueMemory, place: Storage, number: int) -> dict[str, Collection[int]]:
    """Return which runs reached, or may have reached, readers of a part, by their ids. Raises OutputError."""
    try:
        rows = [row for row in part_files.readers(place, number) if row.edition]
        stands = claims.standing(place, number, [row.reader for row in rows]).readers
        runs: dict[str | None, Collection[int]] = {
            name: [issue.runs[path] for _, paths in edition.sections for path in paths if path in issue.runs]
            for name, edition in part_files.editions(place, number).items()
        }
        runs[part_files.GENERAL] = issue.general
        return {row.reader: runs[row.edition] for row in rows if stands[row.reader].state in _HAD}
    except (KeyError, TypeError, AttributeError) as error:
        problem = "does not fit its editions, and it says who had that issue"
        raise OutputError(place.shown(part_files.readers_file(number)), problem, "bring both back") from error


def _parts(place: Storage) -> int:
    for _, head in part_files.heads(place):
        return head.parts
    raise OutputError(place.shown("readers"), "is gone, and it says who had that issue", "bring it back")
