"""A built issue to Findings: is it fit to be sent? Pure; knows the four files, not how they were made.

    index.html  index.txt  message.eml  issue.json
         └──────────┴─── files ──┴──────────┘          readable, and the ones of the record?
                          │ opened                     page, Outlook's branch, styles, text, message, facts
         ┌────────────────┼─────────────────┐
     structure validity  contrast legibility   links images stories legal   …   one module a subject
         └────────────────┼─────────────────┘
                       Findings, by gravity and place ─▶ report

Every rule stands in `rules`; nothing is fetched, and no clock is asked: who calls says what day it is.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

from digest import folders, regular
from digest.checks import (
    attribution,
    clients,
    contrast,
    css,
    files,
    forbidden,
    headers,
    images,
    leaving,
    leftovers,
    legal,
    legibility,
    links,
    mime,
    opened,
    outlook,
    plaintext,
    rules,
    spam,
    stories,
    structure,
    subject,
    validity,
)
from digest.checks.opened import Opened, facts
from digest.errors import RecordError
from digest.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from digest.checks.clients import Verdict
    from digest.model import Finding

_SUBJECTS = (
    leftovers, structure, validity, forbidden, css, contrast, legibility, images, links, legal, stories, plaintext,
    outlook, clients, subject, spam, mime, headers,
)  # fmt: skip
_GRAVITY = {severity: place for place, severity in enumerate(get_args(Severity))}


def load(folder: str) -> dict[str, bytes]:
    """Return the files of the issue built in *folder*, as many as are there. Raises RecordError without any."""
    found = {}
    standing = folders.standing(folder)
    for name in opened.NAMES:
        path = os.path.join(standing, name)
        try:
            found[name] = regular.read(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise RecordError(path, regular.trouble(error), "make it readable") from error
    if not found:
        raise RecordError(folder, "there is no issue", "build it first, or name the folder of one")
    return found


def check(issue: Mapping[str, bytes], *, today: date | None = None, leaves: bool = False) -> tuple[Finding, ...]:
    """Return what is wrong with the built *issue*, its files by name: errors first, then by place.

    With *today* its age is judged, too; where it *leaves* this machine, the sample's identity is an error: to look at,
    and to write to a folder, it is as good as another. The same fault in several places is one finding that counts
    them. Where a file is missing or cannot be read, that is all there is to say.
    """
    unreadable = tuple(files.unreadable(issue))
    if unreadable:
        return in_order(unreadable)
    whole = _opened(issue)
    judged = attribution.attributed(whole, _judged(whole), _judged)
    found = [*files.changed(issue, whole.facts), *judged]
    found += leaving.example_identity(whole) if leaves else ()
    found += leaving.age(whole, today) if today else ()
    return in_order(found)


def timezone(issue: Mapping[str, bytes]) -> str:
    """Return the zone that the days of the built *issue* are counted in; UTC where its record cannot be read."""
    return "UTC" if any(files.unreadable(issue)) else facts(issue[opened.RECORD]).timezone


def verdicts(issue: Mapping[str, bytes]) -> tuple[Verdict, ...]:
    """Return what each major mail client makes of the built *issue*; nothing where it cannot be read."""
    return () if any(files.unreadable(issue)) else clients.verdicts(_opened(issue))


def of_problems(rule: str, lines: Iterable[str]) -> tuple[Finding, ...]:
    """Return problems of the archive or the settings, written as `path:line: what; remedy`, as findings of *rule*."""
    found = []
    for line in lines:
        place, _, words = line.partition(": ")
        what, _, remedy = words.partition("; ")
        numbered = re.fullmatch(r"(.*):(\d+)", place)
        path, number = (numbered[1], int(numbered[2])) if numbered else (place, None)
        one = rules.finding(rule, path, what, line=number)
        found.append(replace(one, remedy=remedy or one.remedy))
    return in_order(found)


def in_order(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return *found* by gravity and place, like ones as one."""
    merged: dict[tuple[str, str, str], Finding] = {}
    for one in found:
        key = (one.rule, one.file, one.what)
        first = merged.get(key)
        merged[key] = replace(first, more=first.more + 1) if first else one
    places = {name: place for place, name in enumerate(opened.NAMES)}
    return tuple(
        sorted(
            merged.values(),
            key=lambda one: (
                _GRAVITY[one.severity],
                places.get(one.file, len(places)),
                one.file,
                one.line or 0,
                one.rule,
                one.what,
            ),
        )
    )


def _judged(issue: Opened) -> Iterator[Finding]:
    for module in _SUBJECTS:
        yield from module.findings(issue)


def _opened(issue: Mapping[str, bytes]) -> Opened:
    return Opened(
        html=issue[opened.HTML].decode(),
        text=issue[opened.TEXT].decode(),
        eml=issue[opened.MESSAGE],
        facts=facts(issue[opened.RECORD]),
    )
