"""The issues that can be shown: the live one from memory, built ones from their folders. Knows no page.

Only plain files of an issue's folder and pictures of the archive are read; links and hidden names are not followed.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from digest import files
from digest.issue import record
from digest.mail import built as letter
from digest.mail import registry

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
_FILES = letter.FILES


class Issues:
    """The live issue and all in `out/`. Raises FileNotFoundError for what is not there, and RecordError."""

    def __init__(self, live: Session) -> None:
        self._live = live

    def is_live(self, issue: str) -> bool:
        """Whether it is the one that changes."""
        return issue == self._live.window.issue_id

    def names(self) -> list[str]:
        """The live issue and all in `out/` that are plain folders, newest first."""
        out = self._live.picture.settings.out
        built = [name for name in record.issues(out) if not os.path.islink(os.path.join(out, name))]
        return sorted({*built, self._live.window.issue_id}, reverse=True)

    def files(self, issue: str) -> Mapping[str, bytes]:
        """The files of an issue."""
        if self.is_live(issue):
            return self._live.picture.files
        return {name: _plain_file(os.path.join(self._folder(issue), name)) for name in _FILES}

    def record(self, issue: str) -> Record:
        """The record of a built issue."""
        folder = self._folder(issue)
        _plain_file(os.path.join(folder, record.FILE))
        return record.read(folder)

    def targets(self) -> list[TargetPlan]:
        """Whom an issue could be handed to."""
        return registry.plans(self._live.picture.settings.targets)

    def letter(self, issue: str, target: str = "") -> BuiltIssue:
        """An issue as it was built, or as *target* would get it. Raises SendingError and SettingsError."""
        about = self._about() if self.is_live(issue) else self.record(issue)
        built = letter.of(self.files(issue), about, place=self._folder(issue))
        plan = next((plan for plan in self.targets() if plan.name == target), None)
        return registry.foresee(plan, built) if plan else built

    def pictures(self) -> dict[str, os.DirEntry[str]]:
        """Every picture of the archive's `pictures/` folders by name; of two alike the first archive's."""
        pictures: dict[str, os.DirEntry[str]] = {}
        for folder in reversed(self._live.picture.settings.archive):
            with contextlib.suppress(OSError), os.scandir(os.path.join(folder, PICTURES)) as inside:
                pictures |= {entry.name: entry for entry in inside if _is_picture(entry)}
        return pictures

    def _about(self) -> Record:
        """What of the live issue's record a letter needs; the whole of it would take longer than the rest."""
        shown = self._live.picture
        record = shown.settings.newsletter
        return {
            "id": shown.issue.id,
            "newsletter": {"name": record.name, "web": record.web_address(shown.issue.id)},
            "subject": shown.message.subject,
            "preheader": shown.message.preheader,
        }

    def _folder(self, issue: str) -> str:
        return os.path.join(self._live.picture.settings.out, issue)


def _is_picture(entry: os.DirEntry[str]) -> bool:
    is_image = os.path.splitext(entry.name)[1].lower() in PICTURE_TYPES
    return is_image and not entry.name.startswith(".") and entry.is_file(follow_symlinks=False)


def _plain_file(path: str) -> bytes:
    """The content of a regular file; a folder or a link is not found."""
    if os.path.islink(path):
        raise FileNotFoundError(path)
    return files.read(path)
