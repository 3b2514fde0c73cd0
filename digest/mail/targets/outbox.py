"""outbox: a folder instead of a service, one .eml a reader. The dry run. Knows the disk, and no network.

A message that is there already is written again, dated anew: what happens twice here is seen as one file. The files
hold readers' addresses and what unsubscribes them, so only their owner may read them, whatever the umask.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from digest.errors import SendingError
from digest.mail.target import Able, Known, Outcome, ReaderTarget, Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.mail.target import Reader, Writer


class Outbox(ReaderTarget):
    """A folder with a folder for each issue, and a file for each reader in it."""

    ABLE = Able(text=True, preheader=False, headers=True, schedule=False, test=True, editions=True)
    OPTIONS = (Known(name="folder", default="outbox"),)

    def line(self, write: Writer, *, insecure: bool) -> Transport:
        """Make the folder and return how to write into it. Raises SendingError."""
        outbox = self.options.text("folder")
        folder = os.path.join(outbox, self.letter.issue)
        try:
            # One by one: `makedirs` gives its mode to the last folder only.
            for private in (outbox, folder):
                os.makedirs(private, mode=0o700, exist_ok=True)
        except OSError as error:
            raise SendingError(folder, f"cannot be made ({error.strerror})", "name another folder") from error
        return Transport(lambda: _Folder(folder, write))


class _Folder:
    """The folder of one issue, as a connection; *write* makes a reader's message."""

    def __init__(self, folder: str, write: Writer) -> None:
        self._folder, self._write = folder, write

    def carry(self, readers: Sequence[Reader], sending: Callable[[], None]) -> list[Outcome]:
        """Write one file, whole or not at all."""
        [reader] = readers
        # Not the address itself: it may hold what no file name may, and names are seen where contents are not.
        path = os.path.join(self._folder, f"{hashlib.sha256(reader.address.encode()).hexdigest()[:24]}.eml")
        message = self._write(reader)
        sending()
        try:
            _write_private(f"{path}.new", message)
            os.replace(f"{path}.new", path)
        except OSError as error:
            raise SendingError(path, f"cannot be written ({error.strerror})", "make room") from error
        return [Outcome(state="sent", reply=os.path.basename(path))]

    def close(self) -> None:
        """Nothing is open."""


def _write_private(path: str, content: bytes) -> None:
    """Write a file that nobody else may read, not even where a killed run or an older version left one that is open."""
    with suppress(FileNotFoundError):
        os.unlink(path)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
