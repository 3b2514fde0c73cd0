"""An issue's files written into its folder, all or none, and a folder's files kept that are the user's own.

The files are written into a fresh folder beside the issue's own, brought to the disk, and put in place in one step:
whatever stops the program at whatever moment, the folder holds the old issue or the new one, whole. What else the user
keeps in it is in both. Only one program writes into `out` at a time; what a killed one left behind is removed by the
next.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import sys
import tempfile
from typing import TYPE_CHECKING

from digest import folders
from digest.errors import OutputError
from digest.files import read_file, umask, write_file
from digest.model import ISSUE_ID

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping

__all__ = ["copy_folder", "holds", "make_folder", "read_file", "withdraw", "write", "write_file"]

# Linux: paths are relative to the working directory (fcntl.h).
_AT_FDCWD = -100

# RENAME_EXCHANGE on Linux (renameat2(2), since 3.15), RENAME_SWAP on macOS (renamex_np(2)); both happen to be 2.
_SWAP = 2

# What stands in every folder that a build wrote, and nowhere else: by it ours is told from foreign.
_RECORD = "issue.json"

# The record of an issue that is being withdrawn. What stands beside it is still a build's, though no reader of issues
# takes the folder for one.
_GONE = ".issue.json.gone"

_ID = re.compile(ISSUE_ID)
_WORKING = re.compile(rf"\.{_ID.pattern}\.\w+\.new")


def write(
    out: str,
    name: str,
    files: Mapping[str, bytes],
    *,
    ours: Iterable[str] = (),
    unless: Callable[[], None] = lambda: None,
) -> str:
    """Write *files*, which may stand in folders, as `out/name/` in place of what is there, and return that folder.

    *ours* are the names of files that are gone afterwards where *files* has none such; everything else in the folder
    is the user's and is in the new one, too. *unless* is called right before the folder changes, and stops the writing
    by an error of its own. Raises OutputError, also where *out* is not a folder for issues, or another program is
    writing into it at this moment.
    """
    folder = os.path.join(out, name)
    real = folders.resolve(out, "--out")
    place = os.path.join(real, name)
    single = {file for file in files if "/" not in file} | {*ours, _GONE}
    leave = single | {file.split("/")[0] for file in files}
    try:
        _refuse_folder(real, out)
        os.makedirs(real, exist_ok=True)
        with folders.locked(real):
            # With the lock held nobody is at work in them, so what is there was left by a program that was killed.
            _clear_up(real, _WORKING)
            _recover(place)
            _refuse_foreign(place, folder, single)
            # As late as can be: between a check at the beginning and the exchange of folders a hand-over may have
            # begun.
            unless()
            _write(place, files, leave)
    except BlockingIOError as error:
        remedy = "build again when it is done; nothing was changed"
        raise OutputError(folder, "another digest is writing an issue at this moment", remedy) from error
    except OSError as error:
        raise OutputError(
            _as_named(error.filename, real, out) or folder,
            f"cannot be written ({error.strerror})",
            "make room or name a writable folder with --out; nothing was changed",
        ) from error
    return folder


def _refuse_folder(real: str, out: str) -> None:
    """Raise OutputError where no issues should be written into the folder *real*, called *out*."""

    def may_hold(entry: str) -> bool:
        return entry != ".git" and (entry[0] == "." or os.path.isdir(os.path.join(real, entry)))

    ours = any(os.path.lexists(os.path.join(real, day, _RECORD)) for day in _days(real))
    folders.guard(real, out, "name a folder for issues with --out", ours=ours, may_hold=may_hold)


def _days(real: str) -> list[str]:
    return [name for name in os.listdir(real) if _ID.fullmatch(name)] if os.path.isdir(real) else []


def _refuse_foreign(place: str, folder: str, names: Iterable[str]) -> None:
    """Refuse to replace what no build can have written: a file, a link, or files of ours without a record."""
    remedy = "move it away; nothing was changed"
    if os.path.islink(place) or os.path.isfile(place):
        raise OutputError(folder, "is no folder of an issue", remedy)
    if not os.path.isdir(place):
        return
    recorded = any(os.path.lexists(os.path.join(place, name)) for name in (_RECORD, _GONE))
    for name in sorted(names):
        path = os.path.join(place, name)
        if os.path.isdir(path) or (os.path.lexists(path) and not recorded):
            # Whatever it is, it may be all that somebody has of it.
            raise OutputError(os.path.join(folder, name), "was not written by `digest`", remedy)


def _write(place: str, files: Mapping[str, bytes], leave: Container[str]) -> None:
    """Write the new folder beside *place*, with the user's own files in it, and put it there; undone where it fails."""
    out, name = os.path.split(place)
    working = tempfile.mkdtemp(prefix=f".{name}.", suffix=".new", dir=out)
    try:
        for file, content in files.items():
            os.makedirs(os.path.dirname(os.path.join(working, file)), exist_ok=True)
            _write_through(os.path.join(working, file), content)
        carried = folders.carry(place, working, leave)
        # mkdtemp makes a folder for its owner alone, and a web server may have to read this one.
        os.chmod(working, 0o777 & ~umask())
        _sync(working)
        # Everything is on the disk by now, so a crash after the exchange finds whole files, not empty ones.
        before = _put_in_place(working, place)
        if before:
            _carry_late(before, place, leave, carried)
            _remove(before)
        _sync(out)
    finally:
        _remove(working)


def _carry_late(before: str, place: str, leave: Container[str], carried: folders.Stamps) -> None:
    """Bring along what was written into the old folder meanwhile; where that fails, the old one comes back."""
    try:
        folders.carry_late(before, place, leave, carried)
    except OSError:
        if before != folders.old_of(place):
            _exchange(before, place)
        raise


def _as_named(path: str | None, real: str, name: str) -> str:
    """Return a path below the real one as the user would write it."""
    return name + path.removeprefix(real) if path and path.startswith(real) else path or ""


def _clear_up(folder: str, pattern: re.Pattern[str]) -> None:
    """Remove the working folders of programs that were killed: with the lock held, nobody is at work in one."""
    for name in os.listdir(folder):
        if pattern.fullmatch(name):
            _remove(os.path.join(folder, name))


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


def withdraw(folder: str, names: Iterable[str]) -> None:
    """Remove the files *names* of the issue in *folder*, if a build wrote one; whatever else stands there stays.

    The record's name goes first, in one step: without it a folder is no issue, wherever the program is stopped. Raises
    OutputError.
    """
    standing = folders.standing(folder)
    path, gone = os.path.join(standing, _RECORD), os.path.join(standing, _GONE)
    try:
        if os.path.lexists(path):
            os.replace(path, gone)
        if not os.path.lexists(gone):
            return
        for path in (*(os.path.join(standing, name) for name in names), gone):
            if os.path.lexists(path):
                os.unlink(path)
        if not os.listdir(standing):
            os.rmdir(standing)
    except OSError as error:
        raise OutputError(path, f"cannot be removed ({error.strerror})", "remove the issue by hand") from error


def make_folder(folder: str) -> None:
    """Make an empty folder, unless it is there. Raises OutputError."""
    try:
        os.makedirs(folders.resolve(folder, "the folder's name"), exist_ok=True)
    except OSError as error:
        raise OutputError(folder, f"cannot be made ({error.strerror})", "move what is in its way") from error


def copy_folder(original: str, folder: str) -> None:
    """Copy a folder of ours to *folder*, which must not be there, whole or not at all. Raises OutputError."""
    real = folders.resolve(folder, "the folder's name")
    above, name = os.path.split(real)
    working = ""
    try:
        os.makedirs(above, exist_ok=True)
        with folders.locked(above):
            _clear_up(above, re.compile(rf"\.{re.escape(name)}\.\w+\.new"))
            working = tempfile.mkdtemp(prefix=f".{name}.", suffix=".new", dir=above)
            shutil.copytree(original, working, dirs_exist_ok=True)
            os.chmod(working, 0o777 & ~umask())
            if os.path.lexists(real):
                raise OutputError(folder, "is there already", "choose another name; nothing was changed")
            os.rename(working, real)
    except BlockingIOError as error:
        raise OutputError(folder, "another digest is writing there at this moment", "try again later") from error
    except (OSError, shutil.Error) as error:
        trouble = f"cannot be written ({getattr(error, 'strerror', None) or 'not all of it'})"
        raise OutputError(folder, trouble, "make room or choose another folder") from error
    finally:
        if working:
            _remove(working)


def _write_through(path: str, content: bytes) -> None:
    with open(path, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def _put_in_place(working: str, folder: str) -> str:
    """Let *working* become *folder*; return the path of what was there before, empty where nothing was."""
    if not os.path.lexists(folder):
        os.rename(working, folder)
        return ""
    if _exchange(working, folder):
        return working
    # No atomic exchange on this system: for a moment the issue stands under its other name only. Who is killed then
    # leaves it there for `folders.standing`, with which every reader begins, and `_recover`.
    old = folders.old_of(folder)
    os.rename(folder, old)
    try:
        os.rename(working, folder)
    except BaseException:
        os.rename(old, folder)
        raise
    return old


def _recover(folder: str) -> None:
    old = folders.old_of(folder)
    if os.path.lexists(old):
        if os.path.lexists(folder):
            shutil.rmtree(old, ignore_errors=True)
        else:
            os.rename(old, folder)


def _exchange(first: str, other: str) -> bool:
    """Swap two folders in one step; return whether the system could: renameat2(2) on Linux, renamex_np(2) on macOS."""
    call, before_path = {"linux": ("renameat2", (_AT_FDCWD,)), "darwin": ("renamex_np", ())}.get(sys.platform, ("", ()))
    if not call:
        return False
    try:
        function = getattr(ctypes.CDLL(None, use_errno=True), call)
        return bool(function(*before_path, os.fsencode(first), *before_path, os.fsencode(other), _SWAP) == 0)
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
