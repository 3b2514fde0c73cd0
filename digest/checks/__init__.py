"""A built issue to Findings: is it fit to be sent? Reads the four files; knows nothing of how they were made.

    index.html  index.txt  message.eml  issue.json
         └──────────┴─── files ──┴──────────┘          readable, and the ones of the record?
                          │ opened                     page, Outlook's branch, styles, text, message, facts
         ┌────────────────┼─────────────────┐
     structure validity  contrast legibility   links images stories legal   …   one module a subject
         └────────────────┼─────────────────┘
                       Findings, by gravity and place ─▶ report

Every rule stands in `rules`; nothing is fetched, and no clock is asked: who calls says what day it is.

Decisions: docs/decisions/checks.md.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

from digest import files, folders
from digest.checks import (
    attribution,
    clients,
    content,
    context,
    contrast,
    links,
    message,
    resources,
    sender,
    structure,
    subject,
    validity,
)
from digest.checks import rule as rules
from digest.checks.context import HTML, MESSAGE, NAMES, RECORD, TEXT, Context, facts
from digest.errors import RecordError
from digest.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from digest.checks.clients import SupportVerdict
    from digest.checks.context import Facts
    from digest.model import Finding


_SUBJECTS = (
    content.findings,
    structure.findings,
    validity.findings,
    resources.forbidden_findings,
    validity.style_findings,
    contrast.findings,
    contrast.legibility_findings,
    resources.findings,
    links.findings,
    sender.findings,
    content.story_findings,
    message.findings,
    structure.outlook_findings,
    clients.findings,
    subject.findings,
    subject.spam_findings,
    message.mime_findings,
    message.header_findings,
)
_GRAVITY = {severity: place for place, severity in enumerate(get_args(Severity))}


def load(folder: str) -> dict[str, bytes]:
    """Return the files of the issue built in *folder*, as many as are there. Raises RecordError without any."""
    contents = {}
    standing = folders.standing(folder)
    for name in context.NAMES:
        path = os.path.join(standing, name)
        try:
            contents[name] = files.read(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise RecordError(path, files.trouble(error), "make it readable") from error
    if not contents:
        raise RecordError(folder, "there is no issue", "build it first, or name the folder of one")
    return contents


def check(issue: Mapping[str, bytes], *, today: date | None = None, leaves: bool = False) -> tuple[Finding, ...]:
    """Return what is wrong with the built *issue*, its files by name: errors first, then by place.

    With *today* its age is judged, too; where it *leaves* this machine, the sample's identity is an error: to look at,
    and to write to a folder, it is as good as another. The same fault in several places is one finding that counts
    them. Where a file is missing or cannot be read, that is all there is to say.
    """
    unreadable = tuple(unreadable_files(issue))
    if unreadable:
        return in_order(unreadable)
    whole = _opened(issue)
    judged = attribution.attributed(whole, _judged(whole), _judged)
    findings = [*changed_files(issue, whole.facts), *judged]
    findings += sender.example_identity(whole) if leaves else ()
    findings += sender.age(whole, today) if today else ()
    return in_order(findings)


def timezone(issue: Mapping[str, bytes]) -> str:
    """Return the zone that the days of the built *issue* are counted in; UTC where its record cannot be read."""
    return "UTC" if any(unreadable_files(issue)) else facts(issue[context.RECORD]).timezone


def verdicts(issue: Mapping[str, bytes]) -> tuple[SupportVerdict, ...]:
    """Return what each major mail client makes of the built *issue*; nothing where it cannot be read."""
    return () if any(unreadable_files(issue)) else clients.verdicts(_opened(issue))


def of_problems(rule: str, lines: Iterable[str]) -> tuple[Finding, ...]:
    """Return problems of the archive or the settings, written as `path:line: what; remedy`, as findings of *rule*."""
    findings = []
    for line in lines:
        place, _, sentence = line.partition(": ")
        problem, _, remedy = sentence.partition("; ")
        numbered = re.fullmatch(r"(.*):(\d+)", place)
        path, number = (numbered[1], int(numbered[2])) if numbered else (place, None)
        made = rules.finding(rule, path, problem, line=number)
        findings.append(replace(made, remedy=remedy or made.remedy))
    return in_order(findings)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return *findings* by gravity and place, like ones as one."""
    merged: dict[tuple[str, str, str], Finding] = {}
    for finding in findings:
        key = (finding.rule, finding.file, finding.what)
        first = merged.get(key)
        merged[key] = replace(first, more=first.more + 1) if first else finding
    places = {name: place for place, name in enumerate(context.NAMES)}
    return tuple(
        sorted(
            merged.values(),
            key=lambda finding: (
                _GRAVITY[finding.severity],
                places.get(finding.file, len(places)),
                finding.file,
                finding.line or 0,
                finding.rule,
                finding.what,
            ),
        )
    )


def _judged(issue: Context) -> Iterator[Finding]:
    for findings in _SUBJECTS:
        yield from findings(issue)


def _opened(issue: Mapping[str, bytes]) -> Context:
    return Context(
        html=issue[context.HTML].decode(),
        text=issue[context.TEXT].decode(),
        eml=issue[context.MESSAGE],
        facts=facts(issue[context.RECORD]),
    )


def unreadable_files(files: Mapping[str, bytes]) -> Iterator[Finding]:
    """Yield what makes it impossible to look any further."""
    for name in NAMES:
        if name not in files:
            yield rules.finding("file-missing", name, "is not there")
    for name in (HTML, TEXT):
        try:
            files.get(name, b"").decode()
        except UnicodeDecodeError as error:
            line = files[name].count(b"\n", 0, error.start) + 1
            yield rules.finding("file-encoding", name, f"byte {files[name][error.start]:#04x} is not UTF-8", line=line)
    if RECORD in files:
        try:
            facts(files[RECORD])
        except ValueError as error:
            yield rules.finding("record", RECORD, f"is no record ({error})")


def changed_files(files: Mapping[str, bytes], record: Facts) -> Iterator[Finding]:
    """Yield each file that is not the one of the record."""
    for name in (HTML, TEXT, MESSAGE):
        if record.outputs.get(name) != hashlib.sha256(files[name]).hexdigest():
            yield rules.finding("record-hash", name, "is not the file that issue.json has the hash of")
