"""Compiled themes on disk, by the content of all that went into them. Safe to delete; a damaged one is made anew.

Lives in `$XDG_CACHE_HOME/heat-digest` (`~/.cache/heat-digest`). Where that cannot be written, nothing is cached.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import asdict
from importlib.metadata import version
from typing import TYPE_CHECKING

from digest.model import CompiledTheme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.theme.source import Files

_FORMAT = 2
"""To be raised when the compiler changes what it makes of the same theme."""

_ENGINES = ("mjml-python", "premailer", "lxml", "cssutils", "jinja2", "coloraide")


def key(files: Files, tokens: Mapping[str, str], language: str) -> str:
    """Return the name of a compile: a hash of the theme's bytes and place, its tokens, the language and the engines."""
    engines = {engine: version(engine) for engine in _ENGINES}
    parts = [_FORMAT, files.folder, dict(files.contents), dict(tokens), language, engines]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def load(name: str) -> CompiledTheme | None:
    """Return the compile of that name, or None if there is none or it is damaged."""
    try:
        with open(_path(name), encoding="utf-8") as handle:
            checksum, _, content = handle.read().partition("\n")
    except (OSError, UnicodeDecodeError):
        return None
    if checksum != hashlib.sha256(content.encode()).hexdigest():
        return None
    pairs = json.loads(content)
    for key in ("expressions", "catalogues"):
        pairs[key] = tuple((place, text) for place, text in pairs[key])
    return CompiledTheme(**pairs)


def store(name: str, compiled: CompiledTheme) -> None:
    """Keep *compiled* under that name, if it can be kept."""
    content = json.dumps(asdict(compiled), sort_keys=True)
    try:
        os.makedirs(os.path.dirname(_path(name)), exist_ok=True)
        descriptor, working = tempfile.mkstemp(dir=os.path.dirname(_path(name)))
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(f"{hashlib.sha256(content.encode()).hexdigest()}\n{content}")
        os.replace(working, _path(name))
    except OSError:
        return  # a cache that cannot be written costs time, never an issue


def _path(name: str) -> str:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "heat-digest", f"theme-{name}.json")
