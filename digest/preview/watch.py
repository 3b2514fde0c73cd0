"""Changed files, as soon as they have changed: a burst of events from the system becomes a set of paths.

It knows folders, not what is in them. Nothing is lost that matters: what happens before a folder is watched, or while
it is replaced by another one, is found by looking (`saved_since`, and the empty sets of `changes`). What the system
cannot watch is tried again, with a warning in the terminal.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from typing import TYPE_CHECKING

from watchfiles import awatch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from watchfiles import Change


_log = logging.getLogger(__name__)

# Folders with device and inode number, None for a folder that is not there.
_Identity = frozenset[tuple[str, tuple[int, int] | None]]

# Milliseconds without a change after which a burst is over. Editors save in one or a few writes within a millisecond or
# two; the library's own 50 would be a sixth of the 300 from a save to the letter in the browser.
_STEP = 12

# Milliseconds after which a burst is reported even if it goes on, as when hundreds of articles are copied.
_DEBOUNCE = 200

# Seconds until a folder that has gone is looked for again.
_RETRY = 0.5

# Seconds until watching is tried again where the system can watch no more folders, as inotify has a limit.
_RETRY_UNWATCHED = 5.0

# Milliseconds after which an empty set is reported.
_LOOK = 1000

# Files in a folder up to which they are looked at one by one.
_FEW = 1000

COARSE = 0.1
"""Seconds that the time of a file may lie behind the clock: file systems count in ticks of the kernel."""


async def changes(places: Callable[[], frozenset[str]], *, deep: bool) -> AsyncIterator[set[str]]:
    """Yield sets of paths that changed in the folders that *places* returns, with *deep* also in the folders inside.

    *places* is called again after each set, as a folder may have come. A folder that came, went or was replaced by
    another one is in the set itself. About once a second a set is empty: time to look whether something happened before
    a folder was watched. Hidden files and those that editors write for a moment are not reported. It never ends and
    raises nothing; what cannot be watched is tried again.
    """
    before: _Identity | None = None
    while True:
        folders = places()
        identity = _identity(folders)
        # No event tells of the files in a folder that has taken another one's place.
        if before is not None:
            yield {path for path, _ in identity ^ before}
        before = identity
        if not folders:
            await asyncio.sleep(_RETRY)
            continue
        watcher = awatch(
            *folders,
            watch_filter=_matters,
            recursive=deep,
            step=_STEP,
            debounce=_DEBOUNCE,
            rust_timeout=_LOOK,
            yield_on_timeout=True,
        )
        try:
            async with contextlib.aclosing(watcher):
                async for files in watcher:
                    yield {path for _, path in files}
                    # The system goes on to watch a folder that was moved away; the one there now needs a new watch.
                    if _identity(places()) != identity:
                        break
        except FileNotFoundError:
            # A folder has gone between the look at it and the watch.
            pass
        # RuntimeError: watchfiles wraps some errors of the system in it.
        except (OSError, RuntimeError) as error:
            _log.warning("the files cannot be watched, and the page does not follow them for a while: %s", error)
            await asyncio.sleep(_RETRY_UNWATCHED)
        # Let the other tasks run: a folder that comes and goes could keep this loop busy.
        await asyncio.sleep(0)


def _identity(places: frozenset[str]) -> _Identity:
    """Return the folders with what tells each of them from another one that has taken its place."""
    return frozenset((path, _numbers(path)) for path in places)


def _numbers(path: str) -> tuple[int, int] | None:
    """Return the device and inode number of *path*, None where it is not there."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def saved_since(moment: float, places: Iterable[str]) -> bool:
    """Whether one of *places*, or a file right inside one, is newer than *moment*, in seconds since 1970.

    Until a folder is watched nobody tells what happens there, so this is asked once when watching has begun. Take
    COARSE off the moment of a first look. Of a folder with a thousand files or more only the folder itself is looked
    at; it is newer if a file in it came or went.
    """
    return any(_is_newer(path, moment) for place in places for path in (place, *_inside(place)))


def _inside(place: str) -> list[str]:
    """Return the paths right inside a folder, none for a file or for a folder with very many."""
    names = os.listdir(place) if os.path.isdir(place) else []
    return [os.path.join(place, name) for name in names] if len(names) < _FEW else []


def _is_newer(path: str, moment: float) -> bool:
    try:
        status = os.stat(path)
    except OSError:
        return False
    # Also the time of the last change of its data: a file that is moved here keeps the time of its content.
    return max(status.st_mtime, status.st_ctime) > moment


def folder_of(path: str) -> str:
    """Return *path* if it is a folder, else the nearest folder above it: that is where it can appear."""
    folder = os.path.abspath(path)
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    return folder


def _matters(_: Change, path: str) -> bool:
    """Whether a path is not hidden and none of the temporary files that Vim, Emacs and other programs write."""
    name = os.path.basename(path)
    return not name.startswith((".", "#")) and not name.endswith(("~", ".swp", ".swx", ".tmp", ".part"))
