"""Files put into a folder whole, and never over another file.

A file has no name, or a hidden one, until it is on the disk; then it gets its own in one step of the file system that
fails where something has that name.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from typing import BinaryIO

from digest import files
from digest.files import umask

_OPEN_FILES = "/proc/self/fd"
"""Where Linux shows the open files of a process, each as a link that linkat() can be told to follow."""


def write_new(folder: str, path: str, content: bytes) -> bool:
    """Write a file as a whole, and return whether its name was free. Raises OSError."""
    if sys.platform == "linux":
        # Many file systems and sandboxes lack O_TMPFILE, /proc or linkat(). An error that has another cause, such as a
        # full disk, comes again below and is raised there.
        with contextlib.suppress(OSError):
            return _write_unnamed(folder, path, content)
    return _write_hidden(folder, path, content)


def _write_unnamed(folder: str, path: str, content: bytes) -> bool:
    """Write a file that has no name until it is on the disk (O_TMPFILE, Linux), so that a kill leaves nothing behind.

    Return whether its name was free. Raises OSError where the system cannot.
    """
    above = os.open(folder, os.O_RDONLY)
    try:
        with os.fdopen(os.open(folder, os.O_WRONLY | os.O_TMPFILE, 0o666), "wb") as handle:
            _write_through(handle, content)
            # The unnamed file is reached through a link in /proc, which only linkat() can be told to follow. Python
            # calls that only where it is given a folder's descriptor, even one that does not matter, as the path is
            # absolute; otherwise it calls link(), which does not follow.
            os.link(f"{_OPEN_FILES}/{handle.fileno()}", path, src_dir_fd=above, follow_symlinks=True)
    except FileExistsError:
        return False
    finally:
        os.close(above)
    return True


def _write_hidden(folder: str, path: str, content: bytes) -> bool:
    """Write a file under a hidden name, then give it its own as well and take the hidden one away.

    Return whether its name was free. A kill leaves the hidden file behind, which no reader of an archive looks at.
    Raises OSError.
    """
    place, working = tempfile.mkstemp(prefix=".import-", suffix=".new", dir=folder)
    try:
        with os.fdopen(place, "wb") as handle:
            _write_through(handle, content)
        # mkstemp() makes a file that its owner alone may read; articles are as open as the user's other files.
        os.chmod(working, 0o666 & ~umask())
        files.give_name(working, path)
    except FileExistsError:
        return False
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(working)
    return True


def _write_through(handle: BinaryIO, content: bytes) -> None:
    """Write *content* and wait until it is on the disk."""
    # Without fsync a crash of the machine may keep the name and lose the content, and an empty article would stay.
    handle.write(content)
    handle.flush()
    os.fsync(handle.fileno())
