"""The issues that can be shown: the live one from memory, and those built before from their folders in `out/`.

Only plain files with the names of a build and pictures of the archive are read. Links and hidden names are not
followed, so that no name in a request leads out of these folders, whatever somebody has put into them.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from digest import files
from digest.issue import record
from digest.mail import built, registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.config.values import TargetPlan
    from digest.issue.record import Record
    from digest.mail.built import BuiltIssue
    from digest.preview.session import Session

PICTURES = "pictures"
PICTURE_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
_FILES = built.FILES


class Issues:
    """The live issue of a session and all in its `out/`, which may come and go while the preview runs.

    Nothing is kept: each call reads what is there now. Raises FileNotFoundError, and RecordError for a record that
    cannot be read.
    """

    def __init__(self, live: Session) -> None:
        self._live = live

    def is_live(self, issue: str) -> bool:
        """Whether *issue* is the id of the live issue, also where a build of it stands in `out/`."""
        return issue == self._live.window.issue_id

    def names(self) -> list[str]:
        """Return the ids of the live issue and of all in `out/` that are plain folders, newest first."""
        out = self._live.snapshot.settings.out
        built = [name for name in record.issues(out) if not os.path.islink(os.path.join(out, name))]
        return sorted({*built, self._live.window.issue_id}, reverse=True)

    def files(self, issue: str) -> Mapping[str, bytes]:
        """Return the contents of an issue's files by their names."""
        if self.is_live(issue):
            return self._live.snapshot.files
        return {name: _plain_file(os.path.join(self._folder(issue), name)) for name in _FILES}

    def fragment(self, issue: str, letter: str = "") -> str:
        """Return an issue without its frame, of *letter* as `letter` does; empty where it was built without one."""
        if self.is_live(issue):
            return self._live.state(letter).files.get(record.FRAGMENT, b"").decode()
        try:
            return _plain_file(os.path.join(self._folder(issue), record.FRAGMENT)).decode(errors="replace")
        except FileNotFoundError:
            return ""

    def record(self, issue: str) -> Record:
        """Return the record of an issue that was built before."""
        folder = self._folder(issue)
        # For its error alone: `record.read` would follow a link.
        _plain_file(os.path.join(folder, record.FILE))
        return record.read(folder)

    def targets(self) -> list[TargetPlan]:
        """Return the targets of the settings and the shipped services: whom an issue could be handed to."""
        return registry.plans(self._live.snapshot.settings.targets)

    def letter(self, issue: str, target: str = "", letter: str = "") -> BuiltIssue:
        """Return an issue as it was built, or as the target called *target* would get it.

        Of the live one that is *letter* where the session has tried it last, and what is written otherwise. An unknown
        target is taken for none: it may have gone from the settings. Raises SendingError where the target would refuse
        the issue, and SettingsError where its settings are wrong.
        """
        if self.is_live(issue):
            state = self._live.state(letter)
            newsletter, place = state.settings.newsletter, self._folder(issue)
            as_built = built.in_memory(state.files, state.message, newsletter, issue=state.issue.id, place=place)
        else:
            as_built = built.of(self.files(issue), self.record(issue), place=self._folder(issue))
        plan = next((plan for plan in self.targets() if plan.name == target), None)
        return registry.foresee(plan, as_built) if plan else as_built

    def pictures(self) -> dict[str, os.DirEntry[str]]:
        """Return the pictures in the `pictures/` folders of the archive by name; of two alike the first archive's."""
        pictures: dict[str, os.DirEntry[str]] = {}
        for folder in reversed(self._live.snapshot.settings.folders):
            with contextlib.suppress(OSError), os.scandir(os.path.join(folder, PICTURES)) as inside:
                pictures |= {entry.name: entry for entry in inside if _is_picture(entry)}
        return pictures

    def _folder(self, issue: str) -> str:
        return os.path.join(self._live.snapshot.settings.out, issue)


def _is_picture(entry: os.DirEntry[str]) -> bool:
    """Whether a directory entry is a plain file of a format that mail clients show, and not hidden."""
    is_image = os.path.splitext(entry.name)[1].lower() in PICTURE_TYPES
    return is_image and not entry.name.startswith(".") and entry.is_file(follow_symlinks=False)


def _plain_file(path: str) -> bytes:
    """Return the content of a regular file. Raises FileNotFoundError for a link, and OSError for what is no file."""
    if os.path.islink(path):
        raise FileNotFoundError(path)
    return files.read(path)
