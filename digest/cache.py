"""What was learnt and can be learnt again, kept between runs. Knows the file system, not what is kept.

Lives in `$XDG_CACHE_HOME/heat-digest` (`~/.cache/heat-digest`), and may be deleted at any time. A damaged file counts
as none, and where nothing can be written nothing is kept: that costs time, never an issue. `DIGEST_CACHE=off` in the
environment turns it off altogether.
"""

from __future__ import annotations

import os
from zlib import crc32


def load(name: str) -> bytes | None:
    """Return what is kept under *name*; None if that is nothing, or damaged."""
    return None if _is_off() else read(_path(name))


def read(path: str) -> bytes | None:
    """Return what `written` made the file *path* hold; None if there is no such file, or it is damaged."""
    try:
        with open(path, "rb") as handle:
            checksum, content = handle.readline(), handle.read()
    except OSError:
        return None
    return content if checksum == b"%08x\n" % crc32(content) else None


def store(name: str, content: bytes) -> None:
    """Keep *content* under *name*, if it can be kept. Of two programs at once, the last one's stays, whole."""
    if _is_off():
        return
    path = _path(name)
    working = f"{path}.{os.getpid()}.new"
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with open(working, "wb") as handle:
            handle.write(written(content))
        os.replace(working, path)
    except OSError:
        return


def written(content: bytes) -> bytes:
    """Return the bytes of a file that holds *content*, with what tells whether it is damaged."""
    return b"%08x\n%b" % (crc32(content), content)


def _is_off() -> bool:
    return os.environ.get("DIGEST_CACHE", "").casefold() in {"off", "no", "0", "false"}


def _path(name: str) -> str:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "heat-digest", name)
