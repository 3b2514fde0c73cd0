"""What is read before anything can be judged: the files of a built issue, the archive and the settings.

Reads each file of the issue once. What cannot be read, decoded or understood is a finding here, and then there is
nothing more to say about that issue.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from typing import TYPE_CHECKING

from digest.checks.context import FILES, FRAGMENT, HTML, MESSAGE, NAMES, RECORD, TEXT, Context, facts
from digest.checks.rule import RuleGroup, Spot, rule
from digest.errors import RecordError
from digest.issue.folder import IssueFolder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from digest.checks.context import Facts
    from digest.config.values import Waiver
    from digest.model import Finding


def load(folder: str) -> dict[str, bytes]:
    """Return the files of the issue built in *folder* by their names, as many as there are.

    Raises RecordError for a folder without any of them, and for one that is there and cannot be read.
    """
    contents = IssueFolder(folder).contents(FILES)
    if not contents:
        raise RecordError(folder, "there is no issue", "build it first, or name the folder of one")
    return contents


def opened(issue: Mapping[str, bytes]) -> Context:
    """Return *issue*, its files by name, ready to be judged: the HTML at least. Raises ValueError as `facts`."""
    return Context(
        html=issue[HTML].decode(errors="replace"),
        given_text=issue[TEXT].decode(errors="replace") if TEXT in issue else None,
        given_eml=issue.get(MESSAGE),
        record=facts(issue[RECORD]) if RECORD in issue else None,
    )


def unreadable(issue: Mapping[str, bytes]) -> Iterator[Finding]:
    """Yield what makes it impossible to look any further."""
    yield from missing_files(issue)
    yield from wrong_encoding(issue)
    yield from unknown_record(issue)


@rule("file-missing", "error", RuleGroup.FILES, do="build the issue again")
def missing_files(issue: Mapping[str, bytes]) -> Iterator[Spot]:
    """All four files of the issue are there.

    A part that is missing cannot be sent or explained.
    """
    return (Spot(name, "is not there") for name in NAMES if name not in issue)


@rule("file-encoding", "error", RuleGroup.FILES, do="build the issue again")
def wrong_encoding(issue: Mapping[str, bytes]) -> Iterator[Spot]:
    """HTML and text are UTF-8.

    Other bytes show as question marks.
    """
    for name in (HTML, TEXT, FRAGMENT):
        try:
            issue.get(name, b"").decode()
        except UnicodeDecodeError as error:
            line = issue[name].count(b"\n", 0, error.start) + 1
            yield Spot(name, f"byte {issue[name][error.start]:#04x} is not UTF-8", line=line)


@rule("record", "error", RuleGroup.FILES, do="build the issue again")
def unknown_record(issue: Mapping[str, bytes]) -> Iterator[Spot]:
    """issue.json is a record of a format that is known.

    Without it nobody can say what should be in the issue.
    """
    if RECORD in issue:
        try:
            facts(issue[RECORD])
        except ValueError as error:
            yield Spot(RECORD, f"is no record ({error})")


@rule("record-hash", "error", RuleGroup.FILES, do="build the issue again; put your own words in the editor's file")
def changed_files(issue: Mapping[str, bytes], record: Facts) -> Iterator[Spot]:
    """Each file is the one that the record was made for.

    A file that was changed by hand is not what was built, and its neighbours do not know of the change.
    """
    for name in (HTML, TEXT, MESSAGE):
        if record.outputs.get(name) != hashlib.sha256(issue[name]).hexdigest():
            yield Spot(name, "is not the file that issue.json has the hash of")


@rule("archive", "error", RuleGroup.ARCHIVE, do="mend the file")
def archive_problems(lines: Iterable[str]) -> Iterator[Spot]:
    """Every article of the archive can be read.

    A story is lost otherwise.
    """
    return map(_spot_of_problem, lines)


@rule("settings", "error", RuleGroup.ARCHIVE, do="mend the file")
def settings_problems(lines: Iterable[str]) -> Iterator[Spot]:
    """digest.yaml can be read.

    Nothing can be built otherwise.
    """
    return map(_spot_of_problem, lines)


@rule("waiver", "error", RuleGroup.ARCHIVE, do="correct it, or take it out of check.allow")
def useless_waivers(waivers: Iterable[Waiver], waivable: Mapping[str, bool]) -> Iterator[Spot]:
    """What check.allow names is a rule that can be waived.

    A misspelt one waives nothing, and what must not reach a reader is no matter of taste.
    """
    for waiver in waivers:
        path, _, line = waiver.place.rpartition(":")
        if waiver.rule not in waivable:
            near = difflib.get_close_matches(waiver.rule, waivable, n=1)
            remedy = f"did you mean {near[0]!r}?" if near else "docs/checks.md lists them"
            yield Spot(path, f"check.allow.{waiver.rule} is no rule", line=int(line), remedy=remedy)
        elif not waivable[waiver.rule]:
            yield Spot(path, f"check.allow.{waiver.rule} cannot be waived: it must not reach a reader", line=int(line))


def _spot_of_problem(line: str) -> Spot:
    """Take a printed problem apart: `path:line: problem; remedy`, of which all but the path may be missing."""
    place, _, sentence = line.partition(": ")
    problem, _, remedy = sentence.partition("; ")
    numbered = re.fullmatch(r"(.*):(\d+)", place)
    path, number = (numbered[1], int(numbered[2])) if numbered else (place, None)
    return Spot(path, problem, line=number, remedy=remedy)
