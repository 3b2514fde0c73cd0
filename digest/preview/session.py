"""The issue as it stands now, in memory: rebuilt when a file changes, changed from the desk. Knows pages not at all.

Only the steps that a change concerns are taken again: an edit reads no article, a theme chooses nothing anew. What
fails leaves the last good issue where it is and says so. All methods may be called from any thread; one at a time acts.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from digest import files, pipeline
from digest.config import edits
from digest.config.draft import Draft
from digest.errors import DigestError, EditsError
from digest.issue import memory, output, sent
from digest.preview import watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from digest.config.settings import Settings
    from digest.issue.sent import Sent
    from digest.model import Edits, Finding, Issue, Message, Window

    Load = Callable[[], tuple[Settings, Window]]
    """Reads the settings; raises DigestError."""

    Render = Callable[[Settings, Issue], pipeline.Rendered]
    """Gives an issue its look, as `pipeline.render` does; raises DigestError."""

    Judge = Callable[[Mapping[str, bytes]], Sequence[Finding]]
    """What `digest check` finds in the files of an issue."""


class Conflict(DigestError):
    """The editor's file was changed by someone else meanwhile; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One state of the issue. *version* grows with every change; *edits_hash* is of the editor's file as it was read.

    *error* says why the files as they are now give no issue; the rest is then the last good one. *findings* are the
    judge's, None without one; *undo* names what can be undone. *sent*: readers have it, so the desk changes nothing.
    *remembered* says what earlier issues took from it, a line each.
    """

    version: int
    settings: Settings
    issue: Issue
    message: Message
    files: Mapping[str, bytes]
    edits_hash: str
    error: str = ""
    findings: tuple[Finding, ...] | None = None
    undo: str = ""
    sent: Sent | None = None
    remembered: tuple[str, ...] = ()

    @property
    def letter(self) -> str:
        """A hash of what the frame can show: the page loads it anew when this is another."""
        return _hash(b"\0".join(self.files.values()))


@dataclass(frozen=True, slots=True)
class _Step:
    """One change of the editor's file by the desk: what it was before, a hash of what it became, and what was done."""

    before: bytes
    after: str
    what: str


@dataclass(slots=True)
class _Stale:
    """What has to be read again; `add` takes in what another one says."""

    settings: bool = False
    past: bool = False
    edits: bool = False
    archive: bool = False
    theme: bool = False
    files: set[str] = field(default_factory=set)

    def add(self, other: _Stale) -> None:
        self.settings |= other.settings
        self.past |= other.past
        self.edits |= other.edits
        self.archive |= other.archive
        self.theme |= other.theme
        self.files |= other.files


class Session:
    """The issue of one window, as the files say now. The first build must succeed; raises DigestError."""

    def __init__(
        self, load: Load, *, judge: Judge | None = None, render: Render = pipeline.render, again: bool = False
    ) -> None:
        self._load = load
        self._judge = judge
        self._render = render
        self._may_edit_sent = again
        self._lock = threading.RLock()
        self._steps: list[_Step] = []
        self._stale = _Stale()
        self._begun = time.time() - watch.COARSE
        self._again = False  # whether to build anew though nothing has changed: what failed was not in the files
        settings, window = load()
        self._read = pipeline.choose(settings, window)
        self._edits_seen: bytes | str = self._read.content
        self.picture = self._shown(0)

    @property
    def window(self) -> Window:
        """The window of the issue."""
        return self._read.window

    @property
    def edits_file(self) -> str:
        """Where the editor's file stands, or would."""
        return edits.path(self._read.settings.edits, self._read.window.issue_id)

    def saved_since(self, config: str) -> set[str]:
        """Return those of the settings' and the theme's files, and of the folders, that are newer than the first build.

        Until a folder is watched, nobody tells what happens there. Articles that are saved anew in that moment are left
        out: there may be too many to look at. A folder is newer if something in it came or went, or itself.
        """
        settings = self.picture.settings
        theme = settings.templates
        names = os.listdir(theme) if os.path.isdir(theme) else []
        files = {config, theme, *settings.archive, *(os.path.join(theme, name) for name in names)}
        return {file for file in files if self._is_newer(file)}

    def _is_newer(self, file: str) -> bool:
        try:
            status = os.stat(file)
        except OSError:
            return True
        return max(status.st_mtime, status.st_ctime) > self._begun

    def is_theme(self, file: str) -> bool:
        """Whether *file* is part of the theme."""
        return _is_in(file, self.picture.settings.templates)

    def refresh(self, changed: Iterable[str], config: str) -> bool:
        """Build anew what the files *changed* concern; return whether the picture is another."""
        with self._lock:
            try:
                if not self._mark(changed, config) and not self._again:
                    return False
                self._read = self._reread()
                self.picture = self._shown(self.picture.version + 1)
                self._stale, self._again = _Stale(), False
            except DigestError as error:
                self._again = files.is_passing(error.__cause__)
                self._fail(str(error))
            except Exception:
                # A bug must not end the editor's session: its traceback goes to the terminal, the page says so.
                logging.getLogger(__name__).exception("a build of the preview failed")
                self._fail("a mistake in digest itself; the terminal has its traceback")
            return True

    def _reread(self) -> pipeline.Chosen:
        """Choose anew after what is stale; new settings may have another archive, so all of it is read again."""
        if self._stale.settings or self._stale.archive:
            return pipeline.choose(*self._load())
        articles = frozenset(self._stale.files)
        changes = pipeline.Changes(past=self._stale.past, edits=self._stale.edits, articles=articles)
        return pipeline.choose_again(self._read, changes)

    def edit(self, change: Callable[[Draft], None], problem: str, base: str) -> None:
        """Let *change* write the editor's file, if it is still the one with the hash *base*.

        Raises Conflict where it is not, and DigestError where the file would give no issue; then nothing is written.
        """
        with self._lock:
            self._refuse_sealed()
            before = self._current(base)
            draft = Draft(before, self.edits_file, self._meaning())
            change(draft)
            after = draft.to_bytes()
            if after != before:
                self._write(after)
                self._steps.append(_Step(before, _hash(after), problem))
                self._publish()

    def undo(self) -> str:
        """Take the desk's last change back, and return what it was. Raises Conflict where the file is another now."""
        with self._lock:
            self._refuse_sealed()
            if not self._steps:
                raise Conflict(self.edits_file, "there is nothing to undo", "every change of this session is undone")
            step = self._steps[-1]
            self._current(step.after)
            self._write(step.before)
            self._steps.pop()
            self._publish()
            return step.what

    def _refuse_sealed(self) -> None:
        """Raise Sealed where readers have the issue, unless the session was begun to build over it."""
        folder = os.path.join(self._read.settings.out, self._read.window.issue_id)
        handed_over = sent.handed_over(folder)
        if handed_over and not self._may_edit_sent:
            raise pipeline.sealed(folder, handed_over)

    def find(self) -> bool:
        """Ask the judge about the picture as it is; return whether there was one to ask.

        Nobody waits for the judge: what has changed meanwhile is not told what was found in the one before.
        """
        if self._judge is None:
            return False
        with self._lock:
            asked, read = self.picture, self._read
        rendered = pipeline.Rendered(message=asked.message, files=dict(asked.files), theme="")
        # No check asks after those that do not run, and to write down why would hold up an editor at work.
        running = replace(
            read.issue, verdicts=tuple(verdict for verdict in read.issue.verdicts if verdict.rule == "picked")
        )
        findings = tuple(self._judge(pipeline.with_record(asked.settings, running, rendered)))
        with self._lock:
            if self.picture.letter == asked.letter:
                self.picture = replace(self.picture, version=self.picture.version + 1, findings=findings)
        return True

    def _mark(self, changed: Iterable[str], config: str) -> bool:
        """Note what has to be read again because of the files *changed*; return whether anything has."""
        fresh = _Stale()
        for file in changed:
            self._concern(fresh, file, config)
        self._stale.add(fresh)
        return fresh != _Stale()

    def _concern(self, stale: _Stale, file: str, config: str) -> None:
        settings = self._read.settings
        inside = [folder for folder in settings.archive if _is_below(file, folder)]
        if _same(file, config):
            stale.settings = True
        elif _same(file, self.edits_file):
            stale.edits = self._edits_differ()
        elif _is_in(file, settings.templates):
            stale.theme = True
        elif _is_in(file, settings.out):
            stale.past = True
        elif inside and file.endswith(".md"):
            stale.files.add(file)
        elif any(_same(file, folder) for folder in settings.archive) or (inside and os.path.isdir(file)):
            stale.archive = True

    def _edits_differ(self) -> bool:
        """Whether the editor's file is another than when it was last looked at, or cannot be read for another reason.

        One that gives no issue must not be tried again with every look: that may take seconds each time.
        """
        before = self._edits_seen
        try:
            self._edits_seen = edits.read(self._read.settings.edits, self._read.window.issue_id)
        except EditsError as error:
            self._edits_seen = str(error)
        return self._edits_seen != before

    def _current(self, base: str) -> bytes:
        """The editor's file as it is on the disk, which must be the one the desk showed."""
        content = edits.read(self._read.settings.edits, self._read.window.issue_id)
        if _hash(content) != base:
            remedy = "look at what is new there, then do it again"
            raise Conflict(self.edits_file, "was changed meanwhile, and nothing was written", remedy)
        return content

    def _write(self, content: bytes) -> None:
        """Try *content* in memory, then write it; what gives no issue is not written."""
        read = pipeline.choose_again(self._read, pipeline.Changes(), content=content)
        rendered = self._render(read.settings, read.issue)
        if content:
            output.write_file(self.edits_file, content)
        elif os.path.exists(self.edits_file):
            os.unlink(self.edits_file)
        self._read = read
        self._edits_seen = content
        self.picture = self._shown(self.picture.version + 1, rendered)

    def _publish(self) -> None:
        self.picture = replace(self.picture, undo=self._steps[-1].what if self._steps else "")

    def _shown(self, version: int, rendered: pipeline.Rendered | None = None) -> Snapshot:
        read = self._read
        done = rendered or self._render(read.settings, read.issue)
        handed_over = sent.handed_over(os.path.join(read.settings.out, read.window.issue_id))
        return Snapshot(
            version=version,
            settings=self._read.settings,
            issue=self._read.issue,
            message=done.message,
            files=done.files,
            edits_hash=_hash(self._read.content),
            findings=self.picture.findings if version else None,  # the last ones, until the judge has looked again
            undo=self._steps[-1].what if self._steps else "",
            sent=handed_over,
            remembered=tuple(memory.in_words(read.settings, read.issue, handed_over)),
        )

    def _fail(self, error: str) -> None:
        self.picture = replace(self.picture, version=self.picture.version + 1, error=error)

    def _meaning(self) -> dict[str, str]:
        """Which path each name in the editor's file means."""
        return meaning(self._read.wishes, self._read.issue.edits)


def meaning(written: Edits, resolved: Edits) -> dict[str, str]:
    """Return the path of each story that *written* names; *resolved* is the same with paths in place of names."""
    pairs = list(zip(_names(written), _names(resolved), strict=True))
    return dict(pairs)


def _names(wishes: Edits) -> list[str]:
    names = [pin.story for pin in wishes.pins] + [story for story, _ in (*wishes.drops, *wishes.moves)]
    return (
        names
        + [change.story for change in wishes.changes]
        + [story for _, stories in wishes.order for story in stories]
    )


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _same(mine: str, other: str) -> bool:
    return os.path.realpath(mine) == os.path.realpath(other)


def _is_in(file: str, folder: str) -> bool:
    return _same(file, folder) or _is_below(file, folder)


def _is_below(file: str, folder: str) -> bool:
    where = os.path.join(os.path.realpath(os.path.dirname(file)), os.path.basename(file))
    return where.startswith(os.path.join(os.path.realpath(folder), ""))
