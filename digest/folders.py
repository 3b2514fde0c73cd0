"""Which folders may be written into, and where an issue stands. Knows the file system, not what the files mean.

A name is turned into a real path once (`resolve`), and that path is both judged (`guard`) and written to, so that no
link, `..` or empty variable can lead a writer past its guard.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from digest.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping

_NO_LOCKS = frozenset({errno.ENOTSUP, errno.ENOLCK, errno.ENOSYS})
"""What file systems answer that cannot lock."""


def resolve(name: str, option: str) -> str:
    """Return the real path of what is called *name*, all links followed; it need not exist.

    Raises OutputError for a name that leads nowhere or only by accident; *option* is named where there is no name.
    """
    if not name.strip():
        raise OutputError(option, "is empty", "name a folder; nothing was changed")
    if "\0" in name:
        raise OutputError(option, f"{name!r} cannot be a name", "name another; nothing was changed")
    if name.split(os.sep, maxsplit=1)[0].startswith("~"):
        # Only a shell expands it: in settings or between quotes it would make a folder that is called `~`.
        raise OutputError(name, "starts with ~, which only a shell expands", "write the whole path")
    try:
        _refuse_dangling(name)
        return os.path.realpath(name)
    except FileNotFoundError as error:  # os.getcwd()
        raise OutputError(name, "the working folder is gone", "change into one that is there") from error


def _refuse_dangling(name: str) -> None:
    """Refuse a path through a link to nothing: what it leads to, a disk perhaps, is not there now."""
    place = os.sep if os.path.isabs(name) else ""
    for part in filter(None, name.split(os.sep)):
        place = os.path.join(place, part)
        if os.path.islink(place) and not os.path.exists(place):
            raise OutputError(place, f"is a link to {os.readlink(place)}, which is not there", "mend or remove it")


def guard(  # noqa: PLR0913 - each says what one kind of writer allows
    real: str,
    name: str,
    remedy: str,
    *,
    ours: bool = False,
    may_hold: Callable[[str], bool] = lambda _: False,
    keeps: Mapping[str, str] | None = None,
    otherwise: str = "",
) -> None:
    """Raise OutputError with the reason where the folder *real*, called *name*, must not be written into.

    With *ours* digest wrote it before, so whatever else stands in it was put there by the user since, and may stay;
    else it may hold only names that *may_hold* accepts. *keeps* says what certain paths are, such as the archive,
    which must not lie in it; *otherwise* how to write among foreign files all the same.
    """
    reason = _standing_in_the_way(real, keeps or {})
    if not reason and os.path.isdir(real):
        try:
            names = os.listdir(real)
        except OSError as error:
            reason = f"cannot be read ({error.strerror})"
        else:
            foreign = [] if ours else [entry for entry in names if not may_hold(entry)]
            reason = _content_in_the_way(names, foreign)
            remedy += otherwise if foreign and "digest.yaml" not in names else ""
    if reason:
        raise OutputError(name, reason, f"{remedy}; nothing was changed")


def _standing_in_the_way(real: str, keeps: Mapping[str, str]) -> str:
    """Why a folder must not be written into wherever it stands and whatever it holds; empty where it may."""
    working, home = os.path.realpath(os.getcwd()), os.path.realpath(os.path.expanduser("~"))
    if real == working:
        return "is the working folder"
    if is_below(working, real):
        return "holds the working folder"
    if real == home:
        return "is your home folder"
    if ".git" in real.split(os.sep):
        return "lies in a .git"
    if os.path.lexists(real) and not os.path.isdir(real):
        return "is a file"
    kept = {os.path.realpath(path): meaning for path, meaning in keeps.items()}
    held = [meaning for path, meaning in kept.items() if is_below(path, real)]
    return f"is {kept[real]}" if real in kept else f"holds {held[0]}" if held else ""


def _content_in_the_way(names: list[str], foreign: list[str]) -> str:
    if "digest.yaml" in names:
        return "holds a digest.yaml"
    if ".git" in foreign:
        return "holds a .git, and nothing that `digest` wrote there"
    return f"holds {min(foreign)}, which `digest` did not write there" if foreign else ""


def is_below(path: str, folder: str) -> bool:
    """Whether *path* is *folder* or lies in it, both being real paths."""
    return path == folder or path.startswith(os.path.join(folder, ""))


def for_articles(name: str | None, archive: tuple[str, ...]) -> str:
    """Return the folder that new articles are written into: *name*, by default the first of *archive*.

    A folder of the archive may hold whatever it does, and be the working folder; elsewhere only articles may stand.
    Raises OutputError.
    """
    folder = archive[0] if name is None else name
    real = resolve(folder, "--to")
    if real in {os.path.realpath(path) for path in archive}:
        if os.path.lexists(real) and not os.path.isdir(real):
            raise OutputError(folder, "is a file", "name a folder with --to; nothing was changed")
        return folder
    guard(real, folder, "name a folder of the archive, or a new one", may_hold=lambda entry: entry.endswith(".md"))
    return folder


@contextmanager
def locked(folder: str) -> Iterator[bool]:
    """Hold the lock of *folder*, which ends with this process, however it ends; False where there are no locks.

    Raises BlockingIOError where another process holds it.
    """
    if sys.platform == "win32":  # a folder cannot be opened there
        yield False
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield lock(descriptor)
    finally:
        os.close(descriptor)


def lock(descriptor: int) -> bool:
    """Lock an open file or folder; return whether its file system can. Raises BlockingIOError where another has it."""
    if sys.platform == "win32":
        return False
    import fcntl  # noqa: PLC0415 - not there on Windows

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _NO_LOCKS:
            return False
        raise
    return True


def standing(folder: str) -> str:
    """Return the folder in which the issue of *folder* stands.

    A build that was killed between its two renames, where a file system cannot exchange folders, leaves the issue under
    another name. It is put back, or read there where it cannot be put back: on a read-only disk, or without a lock,
    since that build may still be at work.
    """
    old = old_of(folder)
    if os.path.lexists(folder) or not os.path.isdir(old):
        return folder
    try:
        with locked(os.path.dirname(old)) as alone:
            if alone and not os.path.lexists(folder):
                os.rename(old, folder)
    except OSError:
        pass
    return folder if os.path.lexists(folder) else old


def old_of(folder: str) -> str:
    """Return the name under which an issue stands while another takes its place."""
    above, name = os.path.split(folder.rstrip(os.sep))
    return os.path.join(above or ".", f".{name}.old")


Stamps = dict[str, tuple[int, int, int]]
"""What an entry of a folder was when it was looked at: its inode, size and time."""


def carry(before: str, working: str, leave: Container[str]) -> Stamps:
    """Bring what the user keeps in the folder *before* into *working*, and return what was brought."""
    brought = {}
    for entry in sorted(os.listdir(before)) if os.path.isdir(before) else ():
        if entry not in leave:
            brought[entry] = _stamp(os.path.join(before, entry))
            _bring(os.path.join(before, entry), os.path.join(working, entry))
    return brought


def carry_late(before: str, place: str, leave: Container[str], carried: Stamps) -> None:
    """Bring what was written into the folder *before* while the new one was made, such as the mark of a hand-over."""
    for entry in os.listdir(before):
        path, new = os.path.join(before, entry), os.path.join(place, entry)
        if entry in leave or carried.get(entry) == _stamp(path):
            continue
        if os.path.isdir(new):
            shutil.copytree(path, new, symlinks=True, dirs_exist_ok=True)
        else:
            if os.path.lexists(new):
                os.unlink(new)
            _bring(path, new)


def _stamp(path: str) -> tuple[int, int, int]:
    status = os.lstat(path)
    return status.st_ino, status.st_size, status.st_mtime_ns


def _bring(path: str, new: str) -> None:
    """Let *path* stand as *new*, too: the same file, where the file system can, else a copy with its mode and times."""
    if os.path.islink(path):
        os.symlink(os.readlink(path), new)
    elif os.path.isdir(path):
        os.mkdir(new)
        for entry in os.listdir(path):
            _bring(os.path.join(path, entry), os.path.join(new, entry))
        shutil.copystat(path, new)
    else:
        try:
            os.link(path, new)
        except OSError:
            shutil.copy2(path, new)
