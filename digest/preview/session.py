"""The issue as it is now, in memory: built again when a file changes, and edited from the desk. Knows no page.

    changed files ─▶ refresh ─▶ what is stale is read again ─▶ select ─▶ render ─▶ Snapshot
    the desk      ─▶ edit, undo ─▶ tried in memory ─▶ edits/DAY.yaml ───────────▶ Snapshot
                  ─▶ attempt    ─▶ tried in memory, for the frame to show

Only the steps that a change concerns are done again: an edit reads no article, and a theme selects nothing. A build
that fails leaves the last good issue as it is, with the reason in its `error`. Methods may be called from any thread;
one at a time builds, and whoever reads `snapshot` gets a whole state and waits for nobody.
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
from digest.issue import memory, output, windows
from digest.issue.folder import IssueFolder
from digest.preview import watch
from digest.records import filenames
from digest.tables import places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from digest.config.settings import Settings
    from digest.config.values import Waiver
    from digest.editions.reader import ReaderEdition
    from digest.issue.sent import Sent
    from digest.model import Edits, Finding, Issue, Message, Window

    Load = Callable[[], tuple[Settings, Window]]
    """Reads the settings; raises DigestError."""

    Render = Callable[[Settings, Issue], pipeline.Rendered]
    """Gives an issue its look, as `pipeline.render` does; raises DigestError."""

    Judge = Callable[[Mapping[str, bytes], Sequence[Waiver]], Sequence[Finding]]
    """What `digest check` finds in the files of an issue, with what the settings waive."""


class Conflict(DigestError):
    """The editor's file is not the one that an edit is based on, so nothing was written; or nothing is to be undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A state of the issue, which never changes.

    *version* counts states from 0. *files* are what a build would write, but for the record, by name. *edits_hash* is
    the SHA-256 of the editor's file that this state is of; an edit names it as its base. *error* says why the files as
    they are now give no issue, in which case everything else is of the last one. *findings* are those of the last
    check, maybe of the letter before, and None before the first one. *undo* names the change that can be undone, if
    any. *sent* tells when the issue was handed over, after which the desk changes nothing. *remembered* says since
    which issue the news is, what earlier issues have taken from this one, and what its sections ask for in vain, a line
    each. *edition* is that of one reader, where the letter is hers.
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
    edition: ReaderEdition | None = None

    @property
    def letter(self) -> str:
        """A hash of all that the frame can show: the page loads the letter again when it is another."""
        return _hash(b"\0".join(self.files.values()))


@dataclass(frozen=True, slots=True)
class _Step:
    """A change of the editor's file by the desk: its content before, a hash of that after, and what was done in words.

    A hash is enough for the latter, to see that the file is still the one that the desk left.
    """

    before: bytes
    after: str
    what: str


@dataclass(slots=True)
class _Stale:
    """What has to be read again; *files* are changed articles, and the others are whole inputs.

    It is kept until a build succeeds, so that what a failed build did not get to is not forgotten.
    """

    settings: bool = False
    past: bool = False
    edits: bool = False
    archive: bool = False
    theme: bool = False
    files: set[str] = field(default_factory=set)

    def add(self, other: _Stale) -> None:
        """Take in what *other* says."""
        self.settings |= other.settings
        self.past |= other.past
        self.edits |= other.edits
        self.archive |= other.archive
        self.theme |= other.theme
        self.files |= other.files


class Session:
    """The issue of one window as the files are now; `snapshot` is its latest state.

    *load* reads settings and window, *render* makes files of an issue, and *judge* checks them. With *again* an issue
    that was handed over may be edited. Raises DigestError where the first build fails: there is no last good issue to
    show then.
    """

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
        self._tried: Snapshot | None = None
        self._begun = time.time() - watch.COARSE
        # Whether to build again though no file has changed: what failed was the machine, such as its memory or disk.
        self._again = False
        self._read = self._begin()
        self._edits_seen: bytes | str = self._read.content
        self.snapshot = self._shown(0)

    @property
    def beside(self) -> tuple[str, ...]:
        """Files and folders that this letter is made of beside what every issue is."""
        return ()

    @property
    def window(self) -> Window:
        """The window of the issue."""
        return self._read.window

    @property
    def edits_file(self) -> str:
        """The path of the editor's file, which need not exist."""
        return edits.path(self._read.settings.edits, self._read.window.issue_id)

    def saved_since(self) -> set[str]:
        """Return the files of the theme, its folder and those of the archive that are newer than the first build.

        Until a folder is watched, nobody tells what happens in it, so this is asked once when watching has begun. An
        article that is saved in just that moment is missed, as there may be too many of them to look at; one that came
        or went is not, because its folder is newer then.
        """
        settings = self.snapshot.settings
        theme = settings.templates
        names = os.listdir(theme) if os.path.isdir(theme) else []
        tables = (file for name in settings.local_tables for file in places.local_files(name))
        return self.newer({theme, *settings.folders, *tables, *(os.path.join(theme, name) for name in names)})

    def newer(self, files: Iterable[str]) -> set[str]:
        """Return those of some files and folders that have changed since the first build, or have gone."""
        return {file for file in files if self._is_newer(file)}

    def _is_newer(self, file: str) -> bool:
        """Whether a file has changed since the first build; one that has gone has."""
        try:
            status = os.stat(file)
        except OSError:
            return True
        return max(status.st_mtime, status.st_ctime) > self._begun

    def is_theme(self, file: str) -> bool:
        """Whether *file* is the theme's folder or in it."""
        return _is_in(file, self.snapshot.settings.templates)

    def refresh(self, changed: Iterable[str], config: str) -> bool:
        """Build again what the files *changed* concern; return whether `snapshot` is another one.

        *config* is the path of the settings. Raises nothing: an error is in the new state, where the page shows it.
        """
        with self._lock:
            try:
                if not self._mark(changed, config) and not self._again:
                    return False
                self._read = self._reread()
                shown = self._shown(self.snapshot.version + 1)
                self._stale, self._again = _Stale(), False
                # A file saved as it was is no news: each new state replaces the desk under the editor's hands.
                if replace(shown, version=self.snapshot.version) == self.snapshot:
                    return False
                self.snapshot = shown
            except DigestError as error:
                self._again = files.is_passing(error.__cause__)
                self._fail(str(error))
            except Exception:
                # A bug must not end the editor's session: its traceback goes to the terminal, the page says so.
                logging.getLogger(__name__).exception("a build of the preview failed")
                self._fail("an error in digest itself; its traceback is in the terminal")
            return True

    def _begin(self) -> pipeline.Chosen:
        """Choose by the files as they are now."""
        return pipeline.choose(*self._load())

    def _reread(self) -> pipeline.Chosen:
        """Choose anew after what is stale; new settings may have another archive, so all of it is read again."""
        tellings = self._read.tellings
        if self._stale.settings or self._stale.archive:
            return pipeline.choose(*self._load(), tellings=tellings)
        if self._stale.past and self._read.settings.window.since_sent:
            settings, window = self._load()
            # An issue was sent, or is no longer: the news begins where the last one that was sent ended.
            if window != self._read.window:
                return pipeline.choose(settings, window, tellings=tellings)
        articles = frozenset(self._stale.files)
        changes = pipeline.Changes(past=self._stale.past, edits=self._stale.edits, articles=articles)
        return pipeline.choose_again(self._read, changes)

    def edit(self, change: Callable[[Draft], None], label: str, base: str) -> None:
        """Let *change* write the editor's file, if it is still the one with the hash *base*.

        *label* names the change, for undoing it. A change that changes nothing is no step of the history. Raises
        Conflict where the file is another one, Sealed where readers have the issue, and DigestError where the file
        would give no issue; then nothing is written.
        """
        with self._lock:
            before, after = self._changed(change, base)
            if after != before:
                self._write(after)
                self._steps.append(_Step(before, _hash(after), label))
                self._publish()

    def attempt(self, change: Callable[[Draft], None], base: str) -> str:
        """Try *change* as `edit` does, write nothing, and return the letter that it gives, which `state` then has.

        Only the last one that was tried is kept. Raises as `edit` does.
        """
        with self._lock:
            _, content = self._changed(change, base)
            read, rendered = self._built_with(content)
            self._tried = replace(self.snapshot, issue=read.issue, message=rendered.message, files=rendered.files)
            return self._tried.letter

    def state(self, letter: str) -> Snapshot:
        """Return the state with *letter* where that was tried last, and the present one for any other."""
        tried = self._tried
        return tried if tried and tried.letter == letter else self.snapshot

    def undo(self) -> str:
        """Take back the desk's last change and return its name.

        Raises Conflict where there is none, or where the file is not as the desk left it; and as `edit` does.
        """
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
        place = IssueFolder.of(self._read.settings.out, self._read.window.issue_id)
        handed_over = place.handed_over
        if handed_over and not self._may_edit_sent:
            raise pipeline.sealed(place.path, handed_over)

    def find(self) -> bool:
        """Check the present letter and put the findings into `snapshot`; return False where there is no judge to ask.

        The lock is not held meanwhile, so an edit never waits for a check. Findings in a letter that is not the present
        one any more are thrown away. Raises what the judge does.
        """
        if self._judge is None:
            return False
        with self._lock:
            asked, read = self.snapshot, self._read
        rendered = pipeline.Rendered(message=asked.message, files=dict(asked.files), theme="")
        # Without the verdicts on stories that do not run: no check asks for them, and to record thousands of them would
        # take Python's lock from an editor at work.
        running = replace(
            read.issue, verdicts=tuple(verdict for verdict in read.issue.verdicts if verdict.rule == "picked")
        )
        files = pipeline.with_record(asked.settings, running, rendered)
        findings = tuple(self._judge(files, asked.settings.waivers))
        with self._lock:
            if self.snapshot.letter == asked.letter:
                self.snapshot = replace(self.snapshot, version=self.snapshot.version + 1, findings=findings)
        return True

    def _mark(self, changed: Iterable[str], config: str) -> bool:
        """Note what the files *changed* make stale; return whether anything is."""
        fresh = _Stale()
        for file in changed:
            self._concern(fresh, file, config)
        self._stale.add(fresh)
        return fresh != _Stale()

    def _concern(self, stale: _Stale, file: str, config: str) -> None:
        """Note in *stale* what *file* is part of: the first of these, as the theme may lie inside the archive."""
        settings = self._read.settings
        inside = [folder for folder in settings.folders if _is_below(file, folder)]
        if _same(file, config):
            stale.settings = True
        elif _same(file, self.edits_file):
            stale.edits = self._edits_differ()
        elif _is_in(file, settings.templates):
            stale.theme = True
        elif _is_in(file, settings.out) or any(_is_in(file, place) for place in self.beside):
            stale.past = True
        elif inside and filenames.is_article(os.path.basename(file)):
            stale.files.add(file)
        # A folder that came or went may bring or take any number of articles, of which nothing else tells. So may a
        # table that was written.
        elif (
            any(_same(file, folder) for folder in settings.folders)
            or (inside and os.path.isdir(file))
            or any(places.is_part(file, name) for name in settings.local_tables)
        ):
            stale.archive = True

    def _edits_differ(self) -> bool:
        """Whether the editor's file is another one than at the last look, or cannot be read for another reason.

        It is looked at about once a second. One that gives no issue must not be tried again with every look, as that
        may take seconds each time.
        """
        before = self._edits_seen
        try:
            self._edits_seen = edits.read(self._read.settings.edits, self._read.window.issue_id)
        except EditsError as error:
            self._edits_seen = str(error)
        return self._edits_seen != before

    def _current(self, base: str) -> bytes:
        """Return the editor's file as it is on the disk. Raises Conflict where it has another hash than *base*."""
        content = edits.read(self._read.settings.edits, self._read.window.issue_id)
        if _hash(content) != base:
            remedy = "look at what is new there, then do it again"
            raise Conflict(self.edits_file, "was changed meanwhile, and nothing was written", remedy)
        return content

    def _changed(self, change: Callable[[Draft], None], base: str) -> tuple[bytes, bytes]:
        """Return the editor's file before and after *change*, which is for the one with the hash *base*."""
        self._refuse_sealed()
        before = self._current(base)
        draft = Draft(before, self.edits_file, self._meaning())
        change(draft)
        return before, draft.to_bytes()

    def _built_with(self, content: bytes) -> tuple[pipeline.Chosen, pipeline.Rendered]:
        """Build in memory with *content* as the editor's file. Raises DigestError where it gives no issue."""
        read = pipeline.choose_again(self._read, pipeline.Changes(), content=content)
        return read, self._render(read.settings, read.issue)

    def _write(self, content: bytes) -> None:
        """Build with *content* in memory, then write it to the editor's file; without any the file is removed.

        Raises DigestError where it gives no issue, before anything is written.
        """
        read, rendered = self._built_with(content)
        if content:
            output.write_file(self.edits_file, content)
        elif os.path.exists(self.edits_file):
            os.unlink(self.edits_file)
        self._read = read
        # The watcher will report this file in a moment; it is then found to be no news.
        self._edits_seen = content
        self.snapshot = self._shown(self.snapshot.version + 1, rendered)

    def _publish(self) -> None:
        """Say in `snapshot` what can be undone now."""
        self.snapshot = replace(self.snapshot, undo=self._steps[-1].what if self._steps else "")

    def _shown(self, version: int, rendered: pipeline.Rendered | None = None) -> Snapshot:
        """Return the state of what was read and chosen last, rendered unless it is already."""
        read = self._read
        done = rendered or self._render(read.settings, read.issue)
        handed_over = IssueFolder.of(read.settings.out, read.window.issue_id).handed_over
        return Snapshot(
            version=version,
            settings=self._read.settings,
            issue=self._read.issue,
            message=done.message,
            files=done.files,
            edits_hash=_hash(self._read.content),
            # Those of the letter before, until this one is checked: a list that is empty meanwhile would jump.
            findings=self.snapshot.findings if version else None,
            undo=self._steps[-1].what if self._steps else "",
            sent=handed_over,
            remembered=(
                *windows.since_in_words(read.settings, read.window),
                *memory.in_words(read.settings, read.issue, handed_over),
                *read.unmatched,
            ),
        )

    def _fail(self, error: str) -> None:
        """Keep the last good issue, with the reason why there is no newer one."""
        self.snapshot = replace(self.snapshot, version=self.snapshot.version + 1, error=error)

    def _meaning(self) -> dict[str, str]:
        """Return the path of each story that the editor's file names."""
        return meaning(self._read.wishes, self._read.issue.edits)


def meaning(written: Edits, resolved: Edits) -> dict[str, str]:
    """Return the path of each story that *written* names; *resolved* are the same edits with paths in place of names.

    A user may write a story by its address or its title; the desk finds the entry of a story by its path.
    """
    pairs = list(zip(_names(written), _names(resolved), strict=True))
    return dict(pairs)


def _names(wishes: Edits) -> list[str]:
    names = [pin.story for pin in wishes.pins] + [story for story, _ in (*wishes.drops, *wishes.moves)]
    return (
        names
        + [change.story for change in wishes.changes]
        + [story for _, stories in wishes.order for story in stories]
        + [*wishes.splits, *(story for join in wishes.joins for story in join)]
    )


def _hash(content: bytes) -> str:
    """Return the SHA-256 of *content* in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _same(mine: str, other: str) -> bool:
    """Whether two paths lead to the same place; links are followed, as the watcher reports real paths."""
    return os.path.realpath(mine) == os.path.realpath(other)


def _is_in(file: str, folder: str) -> bool:
    """Whether *file* is *folder* or inside it."""
    return _same(file, folder) or _is_below(file, folder)


def _is_below(file: str, folder: str) -> bool:
    """Whether *file* is inside *folder*, also where it is a link that leads out of it, or has just been removed."""
    where = os.path.join(os.path.realpath(os.path.dirname(file)), os.path.basename(file))
    return where.startswith(os.path.join(os.path.realpath(folder), ""))
