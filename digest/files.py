"""One file read without ever waiting for it, and one file written whole or not at all.

Whoever opens a pipe that nobody writes to waits for ever, and a device may have no end. So every file of a user is
opened here: without waiting, and read only where it turns out to be a regular file.
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
"""How to open what may be a pipe or a terminal; a name that only some systems have counts for nothing elsewhere."""

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFDIR: "a folder",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}

_OF_A_SOCKET = frozenset({errno.ENXIO, getattr(errno, "EOPNOTSUPP", errno.ENXIO)})
"""What Linux and macOS answer to whoever opens a socket as if it were a file."""

_PASSING = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""What the system says when this program, not the file, has come to an end."""


class NotAFile(OSError):
    """Something else than a regular file stands at the path; *strerror* says what, as `is a pipe, not a file`."""


def read(path: str) -> bytes:
    """Return the content of the regular file *path*. Raises NotAFile for anything else, and OSError."""
    descriptor = open_descriptor(path)
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise not_a_file(mode, path)
        with open(descriptor, "rb", closefd=False) as handle:
            return handle.read()
    finally:
        os.close(descriptor)


def open_descriptor(path: str, flags: int = WITHOUT_WAITING) -> int:
    """Return a descriptor of *path* to read from. Raises NotAFile for a socket, which cannot be opened, and OSError."""
    try:
        return os.open(path, flags)
    except OSError as error:
        if error.errno in _OF_A_SOCKET:
            raise not_a_file(os.stat(path).st_mode, path) from error
        raise


def text(path: str) -> str:
    """Return the text of the regular file *path*, lines ending in LF. Raises UnicodeDecodeError, and as `read`."""
    return io.StringIO(read(path).decode("utf-8"), newline=None).read()


def is_passing(error: BaseException | None) -> bool:
    """Whether *error* is about what this program has left (files, memory), so that it says nothing of the file."""
    return isinstance(error, OSError) and error.errno in _PASSING


def not_a_file(mode: int, path: str) -> NotAFile:
    """Return the error for *path*, whose *mode* is not that of a regular file."""
    return NotAFile(errno.EINVAL, f"is {_KINDS.get(stat.S_IFMT(mode), 'something else')}, not a file", path)


def trouble(error: OSError) -> str:
    """Return what keeps a file from being read, to stand behind its path."""
    return str(error.strerror) if isinstance(error, NotAFile) else f"cannot be read ({error.strerror or error})"


def read_file(path: str) -> bytes:
    """Return the content of a file. Raises OutputError."""
    try:
        return read(path)
    except OSError as error:
        raise OutputError(path, trouble(error), "see to its permissions") from error


def write_file(path: str, content: bytes, *, private: bool = False) -> None:
    """Write one file, whole or not at all, in place of what is there; through a link, the file that it leads to.

    An existing file keeps its mode. With *private*, as for readers' addresses, only its owner may read it. Raises
    OutputError.
    """
    real = folders.resolve(path, "the file's name")
    if os.path.isdir(real):
        raise OutputError(path, "is a folder", "name a file; nothing was changed")
    above, name = os.path.split(real)
    working = os.path.join(above, f".{name}.new")
    try:
        os.makedirs(above, mode=0o700 if private else 0o777, exist_ok=True)
        with _working_file(working) as descriptor:
            mode = stat.S_IMODE(os.stat(real).st_mode) if os.path.exists(real) else 0o666 & ~umask()
            _fill(descriptor, content, 0o600 if private else mode)
            os.replace(working, real)
    except BlockingIOError as error:
        trouble, remedy = "another digest is writing it at this moment", "try again when it is done"
        raise OutputError(path, trouble, remedy) from error
    except OSError as error:
        raise OutputError(
            path, f"cannot be written ({error.strerror})", "make room or choose another folder"
        ) from error


@contextmanager
def _working_file(working: str) -> Iterator[int]:
    """Open the file *working* for this program alone, empty; it is gone afterwards unless it was renamed.

    Its name is always the same, so that the next writer takes over what a killed one left behind.
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
    while True:
        descriptor = os.open(working, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            folders.lock(descriptor)
            if os.path.exists(working) and os.path.samestat(os.stat(working), os.fstat(descriptor)):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # its last owner renamed it between our opening and our locking


def _fill(descriptor: int, content: bytes, mode: int) -> None:
    with os.fdopen(os.dup(descriptor), "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
        os.fchmod(handle.fileno(), mode)


def umask() -> int:
    """Return the mask of this process, which stays as it is."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
