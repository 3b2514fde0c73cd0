"""One file to the disk and back, whole or not at all. Knows the file system, not what the file means."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from digest import folders, regular
from digest.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator


def read_file(path: str) -> bytes:
    """Return the content of a file. Raises OutputError."""
    try:
        return regular.read(path)
    except OSError as error:
        raise OutputError(path, regular.trouble(error), "see to its permissions") from error


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
