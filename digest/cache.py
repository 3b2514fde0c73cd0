"""The user's cache: results that can be made again, kept between runs, each in one file with a checksum.

It lies in `$XDG_CACHE_HOME/heat-digest`, by default `~/.cache/heat-digest` (XDG Base Directory Specification), and may
be deleted at any time. A damaged file counts as none, and where nothing can be written nothing is kept: that costs
time, never an issue. `DIGEST_CACHE=off` in the environment turns it off: nothing is read or written.

Nothing is ever invalidated here: callers put a hash of what a result depends on into its name, or check it themselves.
"""

from __future__ import annotations

import os
from zlib import crc32


def load(name: str) -> bytes | None:
    """Return the content kept under *name*; None if there is none, it is damaged, or the cache is off."""
    return None if _is_off() else read(_path(name))


def read(path: str) -> bytes | None:
    """Return the content of the file *path*, whose bytes `written` made; None if it is missing or damaged."""
    # `store` does not wait for the disk, so a crash of the machine may leave a file without its end under its name.
    try:
        with open(path, "rb") as handle:
            checksum, content = handle.readline(), handle.read()
    except OSError:
        return None
    return content if checksum == b"%08x\n" % crc32(content) else None


def store(name: str, content: bytes) -> None:
    """Keep *content* under *name*, if it can be kept; nothing is raised. Of two programs at once, the last one wins."""
    if _is_off():
        return
    path = _path(name)
    # With the process's id: two programs must not write into one file, and the rename replaces the kept one whole.
    working = f"{path}.{os.getpid()}.new"
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with open(working, "wb") as handle:
            handle.write(written(content))
        os.replace(working, path)
    except OSError:
        return


def written(content: bytes) -> bytes:
    """Return the bytes of a file that holds *content*: a line with its CRC-32 in hexadecimal, then the content."""
    return b"%08x\n%b" % (crc32(content), content)


def _is_off() -> bool:
    """Whether the environment turns the cache off."""
    return os.environ.get("DIGEST_CACHE", "").casefold() in {"off", "no", "0", "false"}


def _path(name: str) -> str:
    """Return the path of the file for *name*."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "heat-digest", name)
