"""An issue's files to its folder, all or none. Knows the file system, not what the files mean.

The files are written into a fresh folder beside the issue's own, brought to the disk, and put in place in one step:
whatever stops the program at whatever moment, the folder holds the old issue or the new one, whole. Only one program
writes into `out` at a time; what a killed one left behind is removed by the next.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import shutil
import sys
import tempfile
from typing import TYPE_CHECKING

from digest.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_AT_FDCWD = -100
"""Linux: paths are relative to the working directory."""

_SWAP = 2
"""RENAME_EXCHANGE on Linux, RENAME_SWAP on macOS."""

_NO_LOCKS = frozenset({errno.ENOTSUP, errno.ENOLCK, errno.ENOSYS})
"""What file systems say that cannot lock."""

_WORKING = re.compile(r"\.(?:\d{4}-\d\d-\d\d|site)\.\w+\.new")


def write(out: str, name: str, files: Mapping[str, bytes]) -> str:
    """Write *files*, which may stand in folders, as `out/name/` in place of what is there, and return that folder.

    Raises OutputError, also when another program is writing into *out* at this moment.
    """
    folder = os.path.join(out, name)
    working, lock = "", -1
    try:
        os.makedirs(out, exist_ok=True)
        lock = _lock(out, folder)
        _clear_up(out)
        _recover(folder)
        working = tempfile.mkdtemp(prefix=f".{name}.", suffix=".new", dir=out)
        for file, content in files.items():
            os.makedirs(os.path.dirname(os.path.join(working, file)), exist_ok=True)
            _write_through(os.path.join(working, file), content)
        os.chmod(working, 0o777 & ~_umask())
        _sync(working)
        _put_in_place(working, folder)
        _sync(out)
    except OSError as error:
        raise OutputError(
            error.filename or folder,
            f"cannot be written ({error.strerror})",
            "make room or name a writable folder with --out; nothing was changed",
        ) from error
    finally:
        if working:
            _remove(working)
        if lock >= 0:
            os.close(lock)  # and with it the lock is given up, as it is when the program is killed
    return folder


def _lock(out: str, folder: str) -> int:
    """Lock the folder *out* against other writers and return the open lock. Raises OutputError where one is at work."""
    if sys.platform == "win32":
        return -1
    import fcntl  # noqa: PLC0415 - not there on Windows

    descriptor = os.open(out, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if error.errno in _NO_LOCKS:
            return -1
        remedy = "build again when it is done; nothing was changed"
        raise OutputError(folder, "another digest is writing an issue at this moment", remedy) from error
    return descriptor


def _clear_up(out: str) -> None:
    """Remove the working folders of programs that were killed: with the lock held, nobody is at work in one."""
    for name in os.listdir(out):
        if _WORKING.fullmatch(name):
            _remove(os.path.join(out, name))


def _remove(path: str) -> None:
    if os.path.islink(path) or os.path.isfile(path):
        os.unlink(path)
    else:
        shutil.rmtree(path, ignore_errors=True)


def holds(folder: str, files: Mapping[str, bytes]) -> bool:
    """Whether *folder* holds just these contents under these names; what else stands there is not asked."""
    try:
        return all(read_file(os.path.join(folder, name)) == content for name, content in files.items())
    except OutputError:
        return False


def read_file(path: str) -> bytes:
    """Return the content of a file. Raises OutputError."""
    try:
        with open(path, "rb") as handle:
            return handle.read()
    except OSError as error:
        raise OutputError(path, f"cannot be read ({error.strerror})", "see to its permissions") from error


def withdraw(folder: str, names: Iterable[str]) -> None:
    """Remove the files *names* of an issue, in this order; whatever else stands in *folder* stays. Raises OutputError.

    The record comes first: without it a folder is no issue, wherever the program is stopped.
    """
    for name in names:
        path = os.path.join(folder, name)
        try:
            if os.path.lexists(path):
                os.unlink(path)
        except OSError as error:
            raise OutputError(path, f"cannot be removed ({error.strerror})", "remove the issue by hand") from error
    if os.path.isdir(folder) and not os.listdir(folder):
        os.rmdir(folder)


def write_file(path: str, content: bytes) -> None:
    """Write one file, whole or not at all, in place of what is there. Raises OutputError."""
    folder = os.path.dirname(path) or "."
    working = ""
    try:
        os.makedirs(folder, exist_ok=True)
        descriptor, working = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", dir=folder)
        os.close(descriptor)
        _write_through(working, content)
        os.chmod(working, 0o666 & ~_umask())
        os.replace(working, path)
    except OSError as error:
        if os.path.lexists(working):
            os.unlink(working)
        raise OutputError(
            path, f"cannot be written ({error.strerror})", "make room or choose another folder"
        ) from error


def copy_folder(original: str, folder: str) -> None:
    """Copy a folder of ours to *folder*, which must not be there, whole or not at all. Raises OutputError."""
    above = os.path.dirname(folder) or "."
    working = ""
    try:
        os.makedirs(above, exist_ok=True)
        working = tempfile.mkdtemp(prefix=f".{os.path.basename(folder)}.", dir=above)
        shutil.copytree(original, working, dirs_exist_ok=True)
        os.chmod(working, 0o777 & ~_umask())
        os.rename(working, folder)
    except OSError as error:
        if working:
            shutil.rmtree(working, ignore_errors=True)
        raise OutputError(
            error.filename or folder, f"cannot be written ({error.strerror})", "make room or choose another folder"
        ) from error


def _write_through(path: str, content: bytes) -> None:
    with open(path, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def _put_in_place(working: str, folder: str) -> None:
    """Let *working* become *folder*; afterwards *working* holds what was there before, if anything was."""
    if not os.path.lexists(folder):
        os.rename(working, folder)
    elif not _exchange(working, folder):
        # No atomic exchange on this system: for a moment the issue stands under its `.old` name only, from where the
        # next run brings it back (_recover).
        os.rename(folder, _old(folder))
        os.rename(working, folder)
        shutil.rmtree(_old(folder), ignore_errors=True)


def _recover(folder: str) -> None:
    if os.path.lexists(_old(folder)):
        if os.path.lexists(folder):
            shutil.rmtree(_old(folder), ignore_errors=True)
        else:
            os.rename(_old(folder), folder)


def _old(folder: str) -> str:
    return os.path.join(os.path.dirname(folder), f".{os.path.basename(folder)}.old")


def _exchange(one: str, other: str) -> bool:
    """Swap two folders in one step; return whether the system could: renameat2(2) on Linux, renamex_np(2) on macOS."""
    call, before_path = {"linux": ("renameat2", (_AT_FDCWD,)), "darwin": ("renamex_np", ())}.get(sys.platform, ("", ()))
    if not call:
        return False
    try:
        function = getattr(ctypes.CDLL(None, use_errno=True), call)
        return bool(function(*before_path, os.fsencode(one), *before_path, os.fsencode(other), _SWAP) == 0)
    except AttributeError:  # a C library without the call
        return False


def _sync(folder: str) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
