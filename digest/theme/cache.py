"""Compiled themes by the content of all that went into them: those that came with the program, and those of this user.

What came with the program was compiled when its wheel was made; it is taken for a theme whose files are still the same.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING

from digest import cache
from digest.model import CompiledTheme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.theme.source import ThemeFiles

_FORMAT = 3
"""To be raised when the compiler changes what it makes of the same theme."""

_ENGINES = ("mjml", "premailer", "lxml", "cssutils", "jinja2", "coloraide")

_SHIPPED = os.path.join(os.path.dirname(__file__), "shipped")
"""Filled when a wheel is made (hatch_build.py); not there in a checkout."""


def key(files: ThemeFiles, tokens: Mapping[str, str], language: str) -> str:
    """Return the name of a compile: a hash of the theme's bytes, its tokens and the language."""
    parts = [_FORMAT, dict(files.contents), dict(tokens), language]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def shipped(name: str, folder: str) -> CompiledTheme | None:
    """Return the compile of that name that came with the program, its places in *folder*; None if there is none."""
    content = cache.read(os.path.join(_SHIPPED, _file(name)))
    return None if content is None else _from_bytes(content, folder)


def ship(name: str, compiled: CompiledTheme, into: str) -> str:
    """Write what `shipped` finds into the folder *into*, and return the file's path."""
    path = os.path.join(into, _file(name))
    with open(path, "wb") as handle:
        handle.write(cache.written(_to_bytes(compiled, "")))
    return path


def load(name: str, folder: str) -> CompiledTheme | None:
    """Return this user's compile of that name by these engines, its places in *folder*; None if there is none."""
    engines, _, content = (cache.load(_file(name)) or b"").partition(b"\n")
    return _from_bytes(content, folder) if content and engines == _engines() else None


def store(name: str, compiled: CompiledTheme, folder: str) -> None:
    """Keep *compiled*, whose places are in *folder*, under that name, if it can be kept."""
    cache.store(_file(name), _engines() + b"\n" + _to_bytes(compiled, folder))


def _engines() -> bytes:
    """What tells one installed engine from another: asking each for its version would take longer than all the rest."""
    origins = [spec.origin for spec in map(PathFinder.find_spec, _ENGINES) if spec and spec.origin]
    stamps = [(origin, os.stat(origin).st_mtime_ns, os.stat(origin).st_size) for origin in origins]
    return hashlib.sha256(json.dumps(stamps).encode()).hexdigest().encode()


def _to_bytes(compiled: CompiledTheme, folder: str) -> bytes:
    start = os.path.join(folder, "")
    pairs = asdict(compiled)
    pairs["text_place"] = compiled.text_place.removeprefix(start)
    for key in ("expressions", "catalogues"):
        pairs[key] = [(place.removeprefix(start), text) for place, text in pairs[key]]
    return json.dumps(pairs, sort_keys=True).encode()


def _from_bytes(content: bytes, folder: str) -> CompiledTheme:
    pairs = json.loads(content)
    pairs["text_place"] = os.path.join(folder, pairs["text_place"])
    for key in ("expressions", "catalogues"):
        pairs[key] = tuple((os.path.join(folder, place), text) for place, text in pairs[key])
    return CompiledTheme(**pairs)


def _file(name: str) -> str:
    return f"theme-{name}.json"
