"""The steps of a build, in order, and nothing else. Decides nothing, prints nothing, asks no clock."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from digest import archive, diagnosis, folders, selection, weight
from digest.config import edits
from digest.errors import NothingToSend, ProblemsFound, Sealed
from digest.issue import memory, output, record
from digest.issue import sent as sents
from digest.model import Window

if TYPE_CHECKING:
    from datetime import date

    from digest.archive import Archive
    from digest.config.settings import Settings
    from digest.issue.sent import Sent
    from digest.model import Edits, Issue, Message, Past


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A finished issue: what was read, what was chosen, what was written where. *sizes* are bytes by file name.

    *sent*: it was handed over before; then either nothing has changed, or the user wanted it built over.
    """

    archive: Archive
    issue: Issue
    message: Message
    folder: str
    sizes: dict[str, int]
    sent: Sent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """An issue with its look: the message, the files it makes by name, and the hash of the theme."""

    message: Message
    files: dict[str, bytes]
    theme: str


def build(settings: Settings, window: Window, *, strict: bool = False, again: bool = False) -> Built:
    """Read the archive, choose, render and write the issue of *window*.

    With *strict* every file is read in full, and any problem stops the build before anything is written. An issue that
    was handed over is changed only with *again*, and what readers got is kept beside it. Raises Sealed where it would
    change, NothingToSend where no story may run, and another DigestError for what the user must fix. What was built
    before and not handed over is gone when there is nothing to send now: it must not be sent in this week's place.
    """
    folder = folders.standing(os.path.join(settings.out, window.issue_id))
    sent = sents.handed_over(folder)
    try:
        read, issue = choose(settings, window, strict=strict)
    except NothingToSend:
        if sent is None:
            output.withdraw(folder, record.NAMES)
        raise
    rendered = render(settings, issue)
    files = with_record(settings, issue, rendered)
    sizes = {name: len(content) for name, content in files.items()}
    is_same = sent is not None and output.holds(folder, files)
    if sent and not is_same:
        if not again:
            raise sealed(folder, sent)
        files = {**files, **_kept(folder)}
    if not is_same:
        unless = partial(_refuse_what_was_sent_meanwhile, folder, sent)
        folder = output.write(settings.out, issue.id, files, ours=record.NAMES, unless=unless)
    return Built(archive=read, issue=issue, message=rendered.message, folder=folder, sizes=sizes, sent=sent)


def _refuse_what_was_sent_meanwhile(folder: str, before: Sent | None) -> None:
    """Raise Sealed where the issue in *folder* was handed over while this one was built over it."""
    now = sents.handed_over(folder)
    if now and now != before:
        raise sealed(folder, now)


def sealed(folder: str, sent: Sent) -> Sealed:
    """Return the error that the issue in *folder* is not changed unasked."""
    remedy = f"--again builds over it and keeps what readers got in {os.path.join(folder, sents.COPY)}"
    return Sealed(folder, f"was handed over ({sent.in_words()}), and nothing was changed", remedy)


def _kept(folder: str) -> dict[str, bytes]:
    """Return what readers got of the issue in *folder*, by the names that its first rebuild keeps it under.

    Later ones need none: like sent.json, the copy is no file of a build, so it stays as it is.
    """
    if sents.copy_of(folder) != folder:
        return {}
    paths = {name: os.path.join(folder, name) for name in record.NAMES}
    return {f"{sents.COPY}/{name}": output.read_file(path) for name, path in paths.items() if os.path.exists(path)}


def render(settings: Settings, issue: Issue) -> Rendered:
    """Give *issue* its look, in memory. Raises ThemeError and RenderingError."""
    from digest import rendering, theme  # noqa: PLC0415 - Jinja is not needed to say that the archive is missing
    from digest.mail import mime  # noqa: PLC0415 - likewise the e-mail package

    look = theme.load(settings.templates, dict(settings.theme), language=settings.newsletter.language)
    message = rendering.render(issue, settings.newsletter, look, settings.shape, weight.of)
    files = {
        "index.html": message.html.encode(),
        "index.txt": message.text.encode(),
        "message.eml": mime.to_bytes(message, issue, settings.newsletter),
    }
    if message.web:
        files["web.html"] = message.web.encode()
    return Rendered(message=message, files=files, theme=look.digest)


def with_record(settings: Settings, issue: Issue, rendered: Rendered) -> dict[str, bytes]:
    """Return all files of an issue: what was rendered, and the record of it."""
    inputs = {"settings": settings.digest, "theme": rendered.theme, "edits": record.hash_of(issue.edits)}
    its_record = record.of(issue, settings.newsletter, rendered.message, inputs=inputs, files=rendered.files)
    return {**rendered.files, record.FILE: record.to_bytes(its_record)}


def choose(settings: Settings, window: Window, *, strict: bool = False) -> tuple[Archive, Issue]:
    """Read the archive, the memory and the edits, and choose, without writing anything; raises as `build` does."""
    past = memory.past(settings, window)
    wishes = edits.load(settings.edits, window.issue_id)
    within = None if strict else reach(settings, window, past)
    read = archive.read(settings.archive, settings.reading, within=within)
    if strict and read.problems:
        raise ProblemsFound(read.problems)
    if selection.missing(wishes, read.articles):  # older than what was read, or misspelt
        read = archive.read(settings.archive, settings.reading)
    return read, choose_from(read, settings, window, past, wishes)


def choose_from(
    read: Archive, settings: Settings, window: Window, past: Past, wishes: Edits, reuse: selection.Reuse | None = None
) -> Issue:
    """Choose from what was read already, with *reuse* of what the last choice worked out; raises as `build` does."""
    issue = selection.select(read.articles, window, settings.rules, past, wishes, reuse)
    diagnosis.check_topics(settings, issue)
    if len(issue.picks) < max(settings.rules.min_stories, 1):
        raise diagnosis.nothing_to_send(settings, issue)
    return issue


def reach(settings: Settings, window: Window, past: Past) -> Window:
    """The days whose articles may matter: the window, and before it what may come late or fill a thin section."""
    days = max((plan.widen_days for plan in settings.rules.plans or ()), default=0)
    if past.since is not None:
        days = max(days, settings.rules.late_days)
    return replace(window, first=window.first - timedelta(days=days))


def window_of(settings: Settings, *, last: date, first: date | None = None) -> Window:
    """Return the window that ends on *last*: from *first*, else of the days that the settings say."""
    start = first or last - timedelta(days=settings.days - 1)
    return Window(first=start, last=last, timezone=settings.newsletter.timezone)
