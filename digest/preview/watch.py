"""Files that changed, as soon as they have."""

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


_Identity = frozenset[tuple[str, tuple[int, int] | None]]

_log = logging.getLogger(__name__)

_STEP = 12
"""Milliseconds without a change after which a burst is over: an editor writes a file in one or a few strokes."""

_DEBOUNCE = 200
"""Milliseconds after which a burst is reported even if it goes on."""

_RETRY = 0.5
"""Seconds to wait for a folder that has gone."""

_RETRY_UNWATCHED = 5.0
"""Seconds to wait where the system can watch no more folders."""

_LOOK = 1000
"""Milliseconds after which an empty set is reported, so that what happened before a folder was watched is seen."""


_FEW = 1000
"""More files than that in a folder are not looked at one by one."""

COARSE = 0.1
"""Seconds that a file's time may lie behind the clock: file systems count in ticks."""


async def changes(places: Callable[[], frozenset[str]], *, deep: bool) -> AsyncIterator[set[str]]:
    """Yield the files that changed in the folders that *places* names, with *deep* also in the folders inside.

    *places* is asked again after each change, as a folder may have come. A set may be empty: time to look whether
    something happened before its folder was watched. A folder that came, went or was replaced is in the set itself.
    Hidden and temporary files are not reported.
    """
    before: _Identity | None = None
    while True:
        folders = places()
        identity = _identity(folders)
        if before is not None:  # what was in a folder that is another now is told by the folder itself
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
                    if _identity(places()) != identity:
                        break
        except FileNotFoundError:
            pass  # a folder has gone since it was named
        except (OSError, RuntimeError) as error:  # RuntimeError is what watchfiles raises of its own
            _log.warning("the files cannot be watched, and the page does not follow them for a while: %s", error)
            await asyncio.sleep(_RETRY_UNWATCHED)
        await asyncio.sleep(0)


def _identity(places: frozenset[str]) -> _Identity:
    """Return the folders with what tells one from another that has taken its place."""
    return frozenset((path, _numbers(path)) for path in places)


def _numbers(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def saved_since(moment: float, places: Iterable[str]) -> bool:
    """Whether one of *places*, or a file right inside one, is newer than *moment* (seconds since 1970).

    Until a folder is watched nobody tells what happens there, so this is asked once when watching has begun. Of a
    folder with very many files only the folder itself is asked: it is newer if something in it came or went.
    """
    return any(_is_newer(path, moment) for place in places for path in (place, *_inside(place)))


def _inside(place: str) -> list[str]:
    names = os.listdir(place) if os.path.isdir(place) else []
    return [os.path.join(place, name) for name in names] if len(names) < _FEW else []


def _is_newer(path: str, moment: float) -> bool:
    try:
        status = os.stat(path)
    except OSError:
        return False
    return max(status.st_mtime, status.st_ctime) > moment


def folder_of(path: str) -> str:
    """Return *path* if it is a folder, else the nearest folder above it that is."""
    folder = os.path.abspath(path)
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    return folder


def _matters(_: Change, path: str) -> bool:
    name = os.path.basename(path)
    return not name.startswith((".", "#")) and not name.endswith(("~", ".swp", ".swx", ".tmp", ".part"))
