"""Letters of any maker, judged as far as their files go: a page, a message, or a folder with some of both.

A rule asks for what it needs (`Context`); where a letter lacks that, the rule is passed over and named. No record
tells which stories should be in such a letter, so nothing is attributed to them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from digest import files
from digest.checks.context import HTML, MESSAGE, RECORD, TEXT, NotGiven, parsed_message
from digest.errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from email.message import EmailMessage

    from digest.checks.rule import Rule
    from digest.model import Finding

Asked = TypeVar("Asked")

PAGES, MESSAGES, TEXTS = (".html", ".htm", ".xhtml"), (".eml",), (".txt",)
"""How names of files end that are a letter's page, message or text."""

HTML_PART, TEXT_PART = " (HTML part)", " (text part)"
"""What stands behind a message's name where its page or its text is meant: lines are those of the decoded part."""

LARGEST = 50 * 1024 * 1024
"""Bytes of a file above which it is no letter: mail servers take half of that at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter as its maker left it: the files by what they are in an issue of ours, and what to call each in words."""

    files: Mapping[str, bytes]
    names: Mapping[str, str]

    def named(self, finding: Finding) -> Finding:
        """Return *finding* with the file by the letter's own name."""
        return replace(finding, file=self.names.get(finding.file, finding.file))


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """A *rule* that was not asked, as the letter has no *part* of that name, such as message, record or text."""

    rule: str
    part: str


def is_letter(place: str) -> bool:
    """Whether *place* is to be judged as a letter of any maker: a file, or a folder of pages without a record.

    Raises RecordError for a folder that cannot be read.
    """
    if not os.path.isdir(place):
        # Pipes and devices among them: `read` says what they are.
        return os.path.exists(place)
    names = _listed(place)
    return RECORD not in names and any(name.lower().endswith((*PAGES, *MESSAGES)) for name in names)


def read(place: str) -> Letter:
    """Return the letter in the file or the folder *place*. Raises RecordError where there is none, or more than one."""
    if os.path.isdir(place):
        chosen = [(HTML, PAGES), (TEXT, TEXTS), (MESSAGE, MESSAGES)]
        names = {name: file for name, endings in chosen if (file := _only(place, name, endings))}
    elif place.lower().endswith((*PAGES, *MESSAGES)):
        names = {MESSAGE if place.lower().endswith(MESSAGES) else HTML: place}
    else:
        endings = ", ".join((*PAGES, *MESSAGES))
        raise RecordError(place, "is no letter", f"name a file that ends in {endings}, or a folder")
    given = {name: _content(file) for name, file in names.items()}
    if MESSAGE in given:
        given[MESSAGE] = _on_the_wire(given[MESSAGE])
        # A page or a text beside the message is what it was made of, and has lines to point at.
        given = {**_bodies(given[MESSAGE], names[MESSAGE]), **given}
        parts = {HTML: f"{names[MESSAGE]}{HTML_PART}", TEXT: f"{names[MESSAGE]}{TEXT_PART}"}
        names = {**parts, RECORD: names[MESSAGE], **names}
    if HTML not in given:
        raise RecordError(place, "has no part that is HTML", "name a letter that has one")
    return Letter(files=given, names={RECORD: place, **names})


def asked(rules: Iterable[Rule[[Asked]]], about: Asked) -> tuple[list[Finding], tuple[PassedOver, ...]]:
    """Return what the *rules* find, and which of them could not be asked for want of a part."""
    findings: list[Finding] = []
    passed_over = []
    for rule in rules:
        try:
            # All of it before any: half of an answer would look like a whole one.
            findings += list(rule(about))
        except NotGiven as lacking:
            passed_over.append(PassedOver(rule=rule.name, part=lacking.part))
    return findings, tuple(passed_over)


def _listed(folder: str) -> list[str]:
    """Return the names in *folder* in order. Raises RecordError."""
    try:
        return sorted(os.listdir(folder))
    except OSError as error:
        raise RecordError(folder, files.trouble(error), "make it readable") from error


def _content(file: str) -> bytes:
    """Return the bytes of *file*. Raises RecordError."""
    try:
        if os.path.getsize(file) > LARGEST:
            raise RecordError(file, f"has more than {LARGEST:,} bytes", "name a letter")
        return files.read(file)
    except OSError as error:
        raise RecordError(file, files.trouble(error), "name another file") from error


def _on_the_wire(content: bytes) -> bytes:
    """Return a message as it travels: on a disk its lines may end as those of the system (RFC 5322 asks for CRLF)."""
    return content if b"\r\n" in content else content.replace(b"\n", b"\r\n")


def _bodies(content: bytes, file: str) -> dict[str, bytes]:
    """Return the page and the text that the message in *file* shows, as far as it has them. Raises RecordError."""
    message = parsed_message(content, file)
    bodies = {HTML: _body(message, "html"), TEXT: _body(message, "plain")}
    return {name: body for name, body in bodies.items() if body is not None}


def _body(message: EmailMessage, kind: str) -> bytes | None:
    """Return the part of *message* that readers get as its body of that kind, in UTF-8; None where there is none."""
    part = message.get_body((kind,))
    if part is None:
        return None
    payload = bytes(part.get_payload(decode=True) or b"")
    try:
        decoded = payload.decode(str(part.get_content_charset("utf-8")), errors="replace")
    except (LookupError, ValueError):
        # No charset is called so, or it is one that cannot replace what it does not know, such as idna.
        decoded = payload.decode("utf-8", errors="replace")
    return decoded.replace("\r\n", "\n").encode("utf-8", errors="replace")


def _only(folder: str, name: str, endings: tuple[str, ...]) -> str | None:
    """Return the path of the file called *name*, else of the only one with such an ending. Raises RecordError."""
    listed = [entry for entry in _listed(folder) if entry.lower().endswith(endings)]
    if name in listed or len(listed) == 1:
        return os.path.join(folder, name if name in listed else listed[0])
    if listed:
        raise RecordError(folder, f"has {len(listed)} files {endings[0]} and no {name}", "name one of them")
    return None
