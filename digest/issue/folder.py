"""A built issue on the disk, read back: the one way to its files, its record, and what was sent of it.

    out/2020-11-11/   index.html  index.txt  message.eml  issue.json
                      [web.html]  [fragment.html]  [sent.json]  [sent/ …]

Nothing here is kept in memory: each property reads the disk, since a build, an editor or another `digest` may have
changed it meanwhile.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest import files, folders
from digest.errors import RecordError
from digest.issue import record, sent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.issue.record import Record
    from digest.issue.sent import Sent


@dataclass(frozen=True, slots=True)
class IssueFolder:
    """The folder of one issue. *path* is `OUT/DAY`, which need not exist: then the issue was not built."""

    path: str

    @classmethod
    def of(cls, out: str, issue_id: str) -> IssueFolder:
        """Return the folder of the issue that ends on day *issue_id* (`2020-11-11`) in *out*."""
        return cls(os.path.join(out, issue_id))

    @classmethod
    def all_in(cls, out: str) -> list[IssueFolder]:
        """Return all issues that stand in *out*, oldest first; none where there is no such folder."""
        return [cls.of(out, issue_id) for issue_id in record.issues(out)]

    @property
    def id(self) -> str:
        """The last day of its window, which names it."""
        return os.path.basename(self.path)

    @property
    def standing(self) -> str:
        """Where its files are: *path*, but for an issue that a killed build left under another name."""
        return folders.standing(self.path)

    @property
    def is_built(self) -> bool:
        """Whether there is a record of it."""
        return os.path.exists(os.path.join(self.standing, record.FILE))

    @property
    def record(self) -> Record:
        """Its whole record. Raises RecordError."""
        return record.read(self.path)

    @property
    def picks(self) -> Record:
        """Its record without the verdicts, which are a hundred times as much to read. Raises RecordError."""
        return record.read_picks(self.path)

    @property
    def sent(self) -> Sent | None:
        """All hand-overs, drafts at a service among them; None if there are none. Raises RecordError."""
        return sent.read(self.path)

    @property
    def handed_over(self) -> Sent | None:
        """The hand-overs by which readers have it; None if nobody has. Raises RecordError."""
        return sent.handed_over(self.path)

    @property
    def as_sent(self) -> IssueFolder:
        """What readers got: a folder in it where a sent issue was built again, else the issue itself."""
        return IssueFolder(sent.copy_of(self.path))

    def read(self, name: str) -> bytes:
        """Return the content of one of its files. Raises OSError."""
        return files.read(os.path.join(self.standing, name))

    def contents(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return those of its files *names* that are there, by name. Raises RecordError for what cannot be read."""
        contents = {}
        for name in names:
            try:
                contents[name] = self.read(name)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise RecordError(
                    os.path.join(self.standing, name), files.trouble(error), "make it readable"
                ) from error
        return contents
