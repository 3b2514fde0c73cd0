"""A folder of whole files: read, listed, removed, written whole or not at all, and created by one of many who try.

The seam for where editions and claims stand. Whoever holds a Storage cannot tell a folder of this machine from a place
behind an address.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from typing import Protocol, cast

from digest import files
from digest.errors import OutputError
from digest.tables import places


class Storage(Protocol):
    """A place of files, which have names with `/` in them. Safe to use from several threads and processes.

    *place* is its name for messages. Every method raises a DigestError that names the file where it cannot do its work.
    """

    place: str

    def shown(self, name: str) -> str:
        """Return how the file *name* is called in a message."""

    def read(self, name: str) -> bytes | None:
        """Return the content of a file, None where there is none."""

    def exists(self, name: str) -> bool:
        """Return whether there is a file of that name."""

    def names(self, folder: str) -> list[str]:
        """Return the names of the files that stand right below *folder*, without it, sorted; none where it is missing.

        Hidden ones, among them those that are being written, are left out.
        """

    def folders(self, folder: str) -> list[str]:
        """Return the names of the folders right below *folder*, or with "" of the place itself, as `names` does."""

    def write(self, name: str, content: bytes) -> None:
        """Write a file, whole or not at all, in place of what is there."""

    def remove(self, name: str) -> None:
        """Remove a file; one that is not there is no error."""

    def create(self, name: str, content: bytes) -> bool:
        """Create a file that nobody has; return False where it is there already. Of all who try, one gets True.

        It is on the disk when this returns. Whoever is killed meanwhile leaves it whole or not at all, or without
        content in a folder whose file system knows no hard links.
        """


def opened(place: str) -> Storage:
    """Return the storage at *place*, a path or an address, which need not exist yet.

    Raises OutputError for an address that cannot be one, and TableError without the extra that it needs.
    """
    path = places.path_of(place)
    if not places.is_address(path):
        return LocalStorage(path)
    return cast("Storage", places.behind(place).storage(place))


class LocalStorage:
    """A folder of this machine, or one that is mounted here."""

    def __init__(self, place: str) -> None:
        self.place = place

    def shown(self, name: str) -> str:
        """As of Storage."""
        return os.path.join(self.place, *name.split("/"))

    def read(self, name: str) -> bytes | None:
        """As of Storage."""
        path = self.shown(name)
        return files.read_file(path) if os.path.lexists(path) else None

    def exists(self, name: str) -> bool:
        """As of Storage."""
        return os.path.exists(self.shown(name))

    def names(self, folder: str) -> list[str]:
        """As of Storage."""
        return sorted(entry.name for entry in self._below(folder) if entry.is_file())

    def folders(self, folder: str) -> list[str]:
        """As of Storage."""
        return sorted(entry.name for entry in self._below(folder) if entry.is_dir())

    def _below(self, folder: str) -> list[os.DirEntry[str]]:
        path = self.shown(folder)
        try:
            return [entry for entry in os.scandir(path) if not entry.name.startswith(".")]
        except FileNotFoundError:
            return []
        except NotADirectoryError:
            raise OutputError(path, "is no folder, or stands below a file", "move that file away") from None
        except OSError as error:
            raise OutputError(path, files.trouble(error), "see to its permissions") from error

    def write(self, name: str, content: bytes) -> None:
        """As of Storage."""
        files.write_file(self.shown(name), content)

    def remove(self, name: str) -> None:
        """As of Storage."""
        path = self.shown(name)
        try:
            with suppress(FileNotFoundError):
                os.unlink(path)
        except OSError as error:
            raise OutputError(path, f"cannot be removed ({error.strerror})", "see to its permissions") from error

    def create(self, name: str, content: bytes) -> bool:
        """As of Storage."""
        path = self.shown(name)
        folder = os.path.dirname(path)
        try:
            os.makedirs(folder, exist_ok=True)
            _create(path, content)
            _keep(folder)
        except FileExistsError:
            # Also where a file stands in the way of the folder, and then nobody has created anything.
            if not os.path.isdir(folder):
                raise OutputError(folder, "is no folder", "move it away; nothing was changed") from None
            return False
        except OSError as error:
            trouble = f"cannot be written ({error.strerror})"
            raise OutputError(path, trouble, "make room or choose another folder") from error
        return True


def _create(path: str, content: bytes) -> None:
    """Create the file *path*, whole or not at all. Raises FileExistsError and OSError, and leaves nothing behind then.

    Whoever looks meanwhile finds no file or a whole one; an empty one only where a file system knows no hard links.
    """
    working = os.path.join(os.path.dirname(path), f".{secrets.token_hex(8)}.new")
    try:
        with open(working, "xb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        files.give_name(working, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(working)


def _keep(folder: str) -> None:
    """Wait until the name of a new file in *folder* is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
