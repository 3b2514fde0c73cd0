"""Compiled themes by the content of all that went into them: those that came with the program, and those of this user.

Those of the program are compiled when its wheel is made (hatch_build.py), and taken for a theme whose files are still
the same. Nothing compiled is committed, so nothing can be out of step: a checkout compiles on first use and keeps that
in the user's cache. A cache that cannot be read or written costs time, never an error.
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
from digest.theme import source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.theme.source import ThemeFiles

# To be raised when the compiler changes what it makes of the same theme.
_FORMAT = 8

# The packages whose version decides what comes out; `mjml` is MRML's binding.
_ENGINES = ("mjml", "premailer", "lxml", "cssutils", "jinja2", "coloraide")

# Filled when a wheel is made (hatch_build.py); not there in a checkout.
_SHIPPED = os.path.join(os.path.dirname(__file__), "shipped")


def key(files: ThemeFiles, tokens: Mapping[str, str], language: str) -> str:
    """Return the name of a compile: a hash of the theme's bytes, its tokens and the language.

    It is the same on every machine; the folder and the engines' versions are no part of it.
    """
    parts = [_FORMAT, dict(files.contents), sorted(files.shared), dict(tokens), language]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def shipped(name: str, folder: str) -> CompiledTheme | None:
    """Return the compile of that name that came with the program, its places in *folder*; None if there is none.

    The engines' versions are not asked for: what was tested with the program is right, whatever is installed beside it.
    """
    content = cache.read(os.path.join(_SHIPPED, _file(name)))
    return None if content is None else _from_bytes(content, folder)


def ship(name: str, compiled: CompiledTheme, into: str) -> str:
    """Write *compiled* to where `shipped` finds it when *into* is part of the program; return the file's path.

    Raises OSError where it cannot be written: a wheel without its themes must not be made.
    """
    path = os.path.join(into, _file(name))
    with open(path, "wb") as handle:
        handle.write(cache.written(_to_bytes(compiled, "")))
    return path


def load(name: str, folder: str) -> CompiledTheme | None:
    """Return this user's compile of that name by these engines, its places in *folder*; None if there is none.

    One that other engines made is passed over, and replaced when the theme is compiled anew.
    """
    engines, _, content = (cache.load(_file(name)) or b"").partition(b"\n")
    return _from_bytes(content, folder) if content and engines == _engines() else None


def store(name: str, compiled: CompiledTheme, folder: str) -> None:
    """Keep *compiled*, whose places are in *folder*, under that name; nothing is kept where there is no cache."""
    cache.store(_file(name), _engines() + b"\n" + _to_bytes(compiled, folder))


def _engines() -> bytes:
    """Return a hash of where the engines are installed, and of when and how large, in place of their versions."""
    # Asking each package for its version reads its metadata, which takes longer than all the rest of a load.
    origins = [spec.origin for spec in map(PathFinder.find_spec, _ENGINES) if spec and spec.origin]
    stamps = [(origin, os.stat(origin).st_mtime_ns, os.stat(origin).st_size) for origin in origins]
    return hashlib.sha256(json.dumps(stamps).encode()).hexdigest().encode()


def _to_bytes(compiled: CompiledTheme, folder: str) -> bytes:
    """Return *compiled* as JSON with sorted keys, the same bytes for the same theme."""
    # Places are kept without their folder: the same theme may stand elsewhere, or be named by another path.
    start = os.path.join(folder, "")
    pairs = asdict(compiled)
    pairs["text_place"] = compiled.text_place.removeprefix(start)
    pairs["fragment_places"] = [place.removeprefix(start) for place in compiled.fragment_places]
    for key in ("expressions", "catalogues"):
        pairs[key] = [(place.removeprefix(start), text) for place, text in pairs[key]]
    return json.dumps(pairs, sort_keys=True).encode()


def _from_bytes(content: bytes, folder: str) -> CompiledTheme:
    """Return what `_to_bytes` wrote, its places in *folder*; the checksum has been checked (digest.cache)."""
    pairs = json.loads(content)
    pairs["text_place"] = _placed(folder, pairs["text_place"])
    pairs["fragment_places"] = tuple(_placed(folder, place) for place in pairs["fragment_places"])
    for key in ("expressions", "catalogues"):
        pairs[key] = tuple((_placed(folder, place), text) for place, text in pairs[key])
    return CompiledTheme(**pairs)


def _placed(folder: str, place: str) -> str:
    """Return the *place* of a cached theme in *folder*; that of a shared file is the same for all."""
    return place if place.startswith(f"{source.SHARED}/") else os.path.join(folder, place)


def _file(name: str) -> str:
    return f"theme-{name}.json"
