"""Files of users read without ever waiting for them, and files written whole or not at all.

open() of a pipe that nobody writes to waits for ever, and a device may have no end. So every file of a user is opened
here, with O_NONBLOCK, and read only where it turns out to be a regular file; anything else is named (NotAFile).

A file is written under a hidden name beside its place and renamed, so that readers, and a crash of the program or the
machine, find the old content or the new one. The hidden file is locked while it is written.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from digest import folders
from digest.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator


WITHOUT_WAITING = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
"""Flags to open what may be a pipe or a terminal; those that a system lacks count for nothing there."""

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFDIR: "a folder",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
"""Kinds of files that are no regular ones, in words."""

# A socket in the file system can only be connected to. Linux answers ENXIO to open(), macOS EOPNOTSUPP.
_OF_A_SOCKET = frozenset({errno.ENXIO, getattr(errno, "EOPNOTSUPP", errno.ENXIO)})
"""Errors of opening a socket as if it were a file."""

_PASSING = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""Errors that say nothing of the file: this program or the system has no more descriptors or memory."""


class NotAFile(OSError):
    """Something else than a regular file stands at the path; *strerror* says what, as `is a pipe, not a file`."""


def read(path: str) -> bytes:
    """Return the content of the regular file *path*, links followed. Raises NotAFile for anything else, and OSError."""
    descriptor = open_descriptor(path)
    try:
        # Asked of the open file, not of the path, behind which another file may stand by now.
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise not_a_file(mode, path)
        with open(descriptor, "rb", closefd=False) as handle:
            return handle.read()
    finally:
        os.close(descriptor)


def open_descriptor(path: str, flags: int = WITHOUT_WAITING) -> int:
    """Return a descriptor of *path* to read from, which the caller closes; it may be of anything but a socket.

    Raises NotAFile for a socket, which cannot be opened, and OSError.
    """
    try:
        return os.open(path, flags)
    except OSError as error:
        if error.errno in _OF_A_SOCKET:
            raise not_a_file(os.stat(path).st_mode, path) from error
        raise


def text(path: str) -> str:
    """Return the text of the regular file *path*, which is UTF-8, with LF at the ends of lines.

    Raises UnicodeDecodeError, and as `read` does.
    """
    return io.StringIO(read(path).decode("utf-8"), newline=None).read()


def is_passing(error: BaseException | None) -> bool:
    """Whether *error* is about files or memory that this program has run out of, so that it says nothing of the file.

    To report the file as bad would be wrong then: a loop over files has to end with the error instead.
    """
    return isinstance(error, OSError) and error.errno in _PASSING


def not_a_file(mode: int, path: str) -> NotAFile:
    """Return the error for *path*, whose *mode* is not that of a regular file."""
    return NotAFile(errno.EINVAL, f"is {_KINDS.get(stat.S_IFMT(mode), 'something else')}, not a file", path)


def trouble(error: OSError) -> str:
    """Return in words that follow a file's path what keeps it from being read."""
    return str(error.strerror) if isinstance(error, NotAFile) else f"cannot be read ({error.strerror or error})"


def read_file(path: str) -> bytes:
    """Return the content of the regular file *path*. Raises OutputError for whatever keeps it from being read."""
    try:
        return read(path)
    except OSError as error:
        # More rights help nobody where something else stands there.
        remedy = "move it away" if isinstance(error, NotAFile) else "see to its permissions"
        raise OutputError(path, trouble(error), remedy) from error


def write_file(path: str, content: bytes, *, private: bool = False) -> None:
    """Write the file *path*, whole or not at all, in place of what is there; missing folders above it are made.

    Where *path* is a link, the file that it leads to is written. An existing file keeps its mode, a new one has that of
    the umask; with *private*, as for readers' addresses, only the owner may read it, whatever its mode was. Raises
    OutputError where it cannot be written, or another digest is writing it.
    """
    real = folders.resolve(path, "the file's name")
    if os.path.isdir(real):
        raise OutputError(path, "is a folder", "name a file; nothing was changed")
    above, name = os.path.split(real)
    # Beside the file itself: a rename is one step only within a file system.
    working = os.path.join(above, f".{name}.new")
    try:
        os.makedirs(above, mode=0o700 if private else 0o777, exist_ok=True)
        with _working_file(working) as descriptor:
            mode = stat.S_IMODE(os.stat(real).st_mode) if os.path.exists(real) else 0o666 & ~umask()
            # Filled and on the disk before it is renamed; the other way round, a crash could leave an empty file
            # behind.
            _fill(descriptor, content, 0o600 if private else mode)
            os.replace(working, real)
    except BlockingIOError as error:
        trouble, remedy = "another digest is writing it at this moment", "try again when it is done"
        raise OutputError(path, trouble, remedy) from error
    except OSError as error:
        raise OutputError(
            path, f"cannot be written ({error.strerror})", "make room or choose another folder"
        ) from error


def give_name(working: str, path: str) -> None:
    """Give the file *working* the name *path*, beside its own. Raises FileExistsError where something has it."""
    try:
        os.link(working, path)
    except FileExistsError:
        raise
    except OSError:
        # No hard links on this file system (FAT, some network ones). rename() would write over the file of another
        # program, so the name is taken first, by an empty file that must be new, and then that one replaced.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        os.replace(working, path)


@contextmanager
def _working_file(working: str) -> Iterator[int]:
    """Lend a descriptor of the file *working*, empty and locked for this program alone.

    After an OSError the file is removed. Its name is always the same, so that the next writer takes over what a killed
    one left behind. Raises BlockingIOError where another program holds it, and OSError.
    """
    descriptor = _locked_file(working)
    try:
        os.ftruncate(descriptor, 0)
        yield descriptor
    except OSError:
        with suppress(OSError):
            os.unlink(working)
        raise
    finally:
        os.close(descriptor)


def _locked_file(working: str) -> int:
    """Return a descriptor of the file *working*, made where it is missing, that holds its lock. Raises as above."""
    while True:
        # Owner only until it is filled, since the content may be readers' addresses. A link of that name would be
        # somebody else's doing, and lead the writing elsewhere.
        descriptor = os.open(working, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            folders.lock(descriptor)
            # A lock is on the file, not on its name: between our opening and our locking the last owner may have
            # renamed the file into its place. Then we have locked the finished one, and have to begin anew.
            if os.path.exists(working) and os.path.samestat(os.stat(working), os.fstat(descriptor)):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _fill(descriptor: int, content: bytes, mode: int) -> None:
    """Write *content* into an open file, wait until it is on the disk, and give the file its *mode*."""
    # A copy of the descriptor, since closing the handle closes that; the lock belongs to both, and stays until the
    # original is closed.
    with os.fdopen(os.dup(descriptor), "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
        os.fchmod(handle.fileno(), mode)


def umask() -> int:
    """Return the umask of this process, which stays as it is."""
    # It cannot be read but by setting it. Another thread that makes a file in between makes it too open for a moment.
    mask = os.umask(0)
    os.umask(mask)
    return mask
