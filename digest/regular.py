"""The bytes of a file that a person named, never waited for. Knows the file system, not what a file means.

Whoever opens a pipe that nobody writes to waits for ever, and a device may have no end. So every file of a user is
opened here: without waiting, and read only where it turns out to be a regular file.
"""

from __future__ import annotations

import errno
import io
import os
import stat

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
