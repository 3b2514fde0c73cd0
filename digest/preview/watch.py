"""Which files have changed, as soon as they have. Knows the file system's events, not what a change means."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING

from watchfiles import awatch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from watchfiles import Change

_STEP = 12
"""Milliseconds without a change after which a burst is over: an editor writes a file in one or a few strokes."""

_DEBOUNCE = 200
"""Milliseconds after which a burst is reported even if it goes on."""

_RETRY = 0.5
"""Seconds to wait for a folder that has gone."""

_LOOK = 1000
"""Milliseconds after which an empty set is reported, so that what happened before a folder was watched is seen."""


async def changes(places: Callable[[], frozenset[str]], *, deep: bool) -> AsyncIterator[set[str]]:
    """Yield the files that changed in the folders that *places* names, with *deep* also in the folders inside.

    *places* is asked again after each change, as a folder may have come. A set may be empty: time to look whether
    something happened before its folder was watched. Hidden and temporary files are not reported.
    """
    while True:
        here = places()
        if not here:
            await asyncio.sleep(_RETRY)
            continue
        watcher = awatch(
            *here,
            watch_filter=_matters,
            recursive=deep,
            step=_STEP,
            debounce=_DEBOUNCE,
            rust_timeout=_LOOK,
            yield_on_timeout=True,
        )
        with contextlib.suppress(FileNotFoundError):
            async with contextlib.aclosing(watcher):
                async for found in watcher:
                    yield {path for _, path in found}
                    if places() != here:
                        break
        await asyncio.sleep(0)
        yield set()


def folder_of(path: str) -> str:
    """Return *path* if it is a folder, else the nearest folder above it that is."""
    here = os.path.abspath(path)
    while not os.path.isdir(here):
        here = os.path.dirname(here)
    return here


def _matters(_: Change, path: str) -> bool:
    name = os.path.basename(path)
    return not name.startswith((".", "#")) and not name.endswith(("~", ".swp", ".swx", ".tmp", ".part"))
