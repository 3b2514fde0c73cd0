"""Folders to be written into: which ones may be, locks on them, and where an issue's folder stands.

A name is turned into a real path once (`resolve`), and that path is both checked (`guard`) and written to, so that no
link, `..` or empty shell variable can lead a writer past its check.

A folder is replaced by exchanging it with a new one. Where a file system cannot exchange folders, a killed build may
leave the issue under another name for a moment; `standing` finds it there and puts it back.
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
"""Errors of file systems without locks, such as some network ones."""


def resolve(name: str, option: str) -> str:
    """Return the real path of *name*, all links followed; it need not exist.

    *option* is what the user gave it by, for the message about an empty name. Raises OutputError for a name that is
    empty, cannot be one, starts with `~`, or leads through a link to nothing, and where the working folder is gone.
    """
    # An unset variable of a script (`--to "$FOLDER"`): as a path, "" would be the working folder.
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
    # realpath() of a relative name asks os.getcwd(), and that fails where somebody has removed the folder.
    except FileNotFoundError as error:
        raise OutputError(name, "the working folder is gone", "change into one that is there") from error


def _refuse_dangling(name: str) -> None:
    """Raise OutputError for a path through a link to nothing."""
    # What the link leads to may be a disk that is not mounted now. To make its folders would write onto the wrong disk,
    # and hide the files once the right one is there.
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

    *real* is the result of `resolve`. With *ours* digest wrote it before, so whatever else stands in it was put there
    by the user since, and may stay; else it may hold only names that *may_hold* accepts. *keeps* names paths that must
    neither be it nor lie in it, such as the archive, with a word for each. *remedy* says what to do, and *otherwise*
    how to write among foreign files all the same.

    Refused whatever they hold are the working folder and those above it, the home folder, a file, and anything inside
    a `.git`; by what they hold, folders with a digest.yaml, and foreign ones.
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
            # A folder with a digest.yaml is a project, and no option should talk anybody into writing there.
            remedy += otherwise if foreign and "digest.yaml" not in names else ""
    if reason:
        raise OutputError(name, reason, f"{remedy}; nothing was changed")


def _standing_in_the_way(real: str, keeps: Mapping[str, str]) -> str:
    """Return why a folder must not be written into, whatever it holds; "" where it may."""
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
    """Return why a folder with those *names*, some of them *foreign*, must not be written into; "" where it may."""
    if "digest.yaml" in names:
        return "holds a digest.yaml"
    if ".git" in foreign:
        return "holds a .git, and nothing that `digest` wrote there"
    return f"holds {min(foreign)}, which `digest` did not write there" if foreign else ""


def is_below(path: str, folder: str) -> bool:
    """Whether *path* is *folder* or lies in it; both are real paths."""
    # With a separator behind it, or `/news-old` would lie in `/news`; join() adds none to `/`.
    return path == folder or path.startswith(os.path.join(folder, ""))


def for_articles(name: str | None, archive: tuple[str, ...]) -> str:
    """Return the folder that new articles are written into: *name*, where that is None the first of *archive*.

    A folder of the archive may hold anything and be the working folder, for an archive is often a repository of its
    own; any other may hold only articles. Raises OutputError.
    """
    if name is None and not archive:
        raise OutputError("archive", "has no folder, and only into one are articles written", "name one with --to")
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
    """Hold the lock of *folder* and say whether there is one; False where the file system or Windows has none.

    The lock ends with this process, however that ends. Raises BlockingIOError where another process holds it.
    """
    # The lock is on the folder itself: a lock file would have to be put somewhere, and stay when the program is killed.
    # Windows cannot open folders.
    if sys.platform == "win32":
        yield False
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield lock(descriptor)
    finally:
        os.close(descriptor)


def lock(descriptor: int) -> bool:
    """Lock an open file or folder without waiting; return whether its file system can.

    The lock lasts until the last copy of *descriptor* is closed. Raises BlockingIOError where another process has it.
    """
    if sys.platform == "win32":
        return False
    import fcntl  # noqa: PLC0415 - not there on Windows

    # flock(), not lockf(): POSIX locks are lost as soon as this process closes any descriptor of the same file.
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _NO_LOCKS:
            return False
        raise
    return True


def standing(folder: str) -> str:
    """Return the folder in which the issue of *folder* stands; it is *folder* unless a build was killed in between.

    Where a file system cannot exchange folders, a build that is killed between its two renames leaves the issue under
    another name (`old_of`). It is put back here. Where it cannot be, it is read there: on a read-only disk, or without
    the lock, since that build may still be at work.
    """
    old = old_of(folder)
    if os.path.lexists(folder) or not os.path.isdir(old):
        return folder
    try:
        with locked(os.path.dirname(old)) as alone:
            # Looked at again under the lock: the build may just have put it into its place.
            if alone and not os.path.lexists(folder):
                os.rename(old, folder)
    except OSError:
        pass
    return folder if os.path.lexists(folder) else old


def old_of(folder: str) -> str:
    """Return the hidden name beside *folder* under which an issue stands while another takes its place."""
    above, name = os.path.split(folder.rstrip(os.sep))
    return os.path.join(above or ".", f".{name}.old")


Stamps = dict[str, tuple[int, int, int]]
"""For entries of a folder by name: inode, size in bytes and mtime in nanoseconds when they were brought over."""


def carry(before: str, working: str, leave: Container[str]) -> Stamps:
    """Bring the user's own files in the folder *before* into *working*, and return their stamps for `carry_late`.

    *leave* are names of entries that are not brought, since they are written anew. Raises OSError.
    """
    brought = {}
    for entry in sorted(os.listdir(before)) if os.path.isdir(before) else ():
        if entry not in leave:
            brought[entry] = _stamp(os.path.join(before, entry))
            _bring(os.path.join(before, entry), os.path.join(working, entry))
    return brought


def carry_late(before: str, place: str, leave: Container[str], carried: Stamps) -> None:
    """Bring into *place* what was written into the folder *before* since `carry` returned *carried*. Raises OSError.

    A hand-over may end while a build is under way, and its mark (sent.json) must not be lost with the old folder.
    """
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
    """Return what changes when *path* itself, not what it may link to, is written anew."""
    status = os.lstat(path)
    return status.st_ino, status.st_size, status.st_mtime_ns


def _bring(path: str, new: str) -> None:
    """Make *path* stand as *new*, too: as a hard link where the file system can, else as a copy with mode and times.

    Links are made anew as they are, folders with all they hold.
    """
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
