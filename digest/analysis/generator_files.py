"""Settings files of other programs, read as data: no line of them is run, and what is broken in them says nothing.

They are somebody's, and may be hostile or large: a file of more than 256 KB is not read, links do not lead out of the
folder, and YAML comes without aliases, as in our own settings.
"""

from __future__ import annotations

import ast
import json
import os
import re
import tomllib
from typing import TYPE_CHECKING

from digest.archive import walk
from digest.config import yamlfile
from digest.records import filenames
from digest.records.fields import nodes, scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.config.yamlfile import Node

Tree = dict[str, object]
"""A mapping of a file: texts, lists and mappings, with numbers and flags as texts."""

_MOST = 256 * 1024
_LINE = re.compile(r"^([A-Za-z_][\w-]*)[ \t]*:[ \t]*(?![&*!|>])([^\n#]*?)[ \t]*(?:#[^\n]*)?$", re.MULTILINE)

# A site has tens of folders, a repository around it thousands.
_MOST_FOLDERS = 2_000
_DEEPEST = 4
_NO_CONTENT = frozenset({"node_modules", "vendor", "_site", "public", "dist", "out", "target", "themes"})


def first(root: str, *names: str) -> str:
    """Return the first of *names* that is a file below *root*; "" for none."""
    return next((name for name in names if os.path.isfile(os.path.join(root, name))), "")


def names(root: str, folder: str) -> list[str]:
    """Return the names of what is in a folder below *root*, sorted; none where it cannot be read."""
    try:
        return sorted(os.listdir(os.path.join(root, folder)))
    except OSError:
        return []


def has_texts(root: str, folder: str) -> bool:
    """Whether a folder below *root* holds an article, or folders that may."""
    inside = names(root, folder)
    return any(filenames.is_article(name) or os.path.isdir(os.path.join(root, folder, name)) for name in inside)


def content(root: str, name: str) -> str:
    """Return the text of a file below *root*; "" for one that cannot be read, is too large, or no UTF-8."""
    try:
        return walk.read_bytes(os.path.join(root, name), root, _MOST).decode("utf-8-sig")
    except (OSError, ValueError):
        return ""


def tree(root: str, name: str) -> Tree:
    """Return the mapping in a file of YAML, TOML or JSON, by its ending; empty for anything else."""
    written = content(root, name)
    ending = name.rpartition(".")[2]
    if not written:
        return {}
    if ending in {"yml", "yaml"}:
        return _of_yaml(written)
    try:
        parsed = tomllib.loads(written) if ending == "toml" else json.loads(written)
    # Nesting of a hundred thousand brackets is a RecursionError in both parsers.
    except (ValueError, RecursionError):
        return {}
    return _tree(nodes(parsed))


_ANCHOR = re.compile(r"(?<=[\s\[,])&[\w-]+(?=[\s,\]}]|$)")
_ALIAS = re.compile(r"(?<=[\s\[,])\*([\w-]+)(?=[\s,\]}]|$)")
"""What YAML's aliases are named and called by; without the signs they are texts like any other, and grow nothing."""


def _of_yaml(written: str) -> Tree:
    """Return the mapping of a YAML file; of one that our parser refuses, the keys that have a value on their line.

    Aliases are refused and tags: what has the first is read without them, each alias as a text.
    """
    for text in dict.fromkeys((written, _ALIAS.sub(r"\1", _ANCHOR.sub("", written)))):
        try:
            return _tree(yamlfile.compose(text.encode()))
        except yamlfile.YamlProblem:
            continue
    # A key that stands twice, which other parsers take, must not cost the site's address.
    return {key: value.strip("\"'") for key, value in reversed(_LINE.findall(written))}


def _tree(node: Node) -> Tree:
    """Return the mapping that a file holds; empty for anything else."""
    plain = _of_node(node)
    return plain if isinstance(plain, dict) else {}


def _of_node(node: Node) -> object:
    """Return a value as texts, lists and mappings."""
    value = node.value
    if isinstance(value, dict):
        return {key: _of_node(inner) for key, inner in value.items()}
    return [_of_node(inner) for inner in value] if isinstance(value, tuple) else value or ""


def lowered(values: Tree) -> Tree:
    """Return a mapping with all its keys in lower case, at any depth: Hugo takes them in any."""
    return {key.lower(): lowered(value) if isinstance(value, dict) else value for key, value in values.items()}


def text_at(values: Tree, *keys: str) -> str:
    """Return the first of *keys* that has a text, or a list that begins with one; "" for none."""
    for key in keys:
        value = values.get(key)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def literals(root: str, name: str) -> Tree:
    """Return the names that a Python file gives a literal at its top level, with their values as texts.

    The file is parsed and not run: what it computes or imports is not known.
    """
    try:
        module = ast.parse(content(root, name))
    # Too deep an expression is a RecursionError, or since 3.12 a MemoryError; a NUL a ValueError.
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    return {
        target.id: scalar(statement.value.value) or ""
        for statement in module.body
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }


def quoted(root: str, name: str, *keys: str) -> Tree:
    """Return what stands in quotes behind each of *keys* in a JavaScript or JSON file; the first of each counts."""
    written = content(root, name)
    values: Tree = {}
    for key in keys:
        match = re.search(rf"(?:^|[\s{{,])[\"']?{key}[\"']?\s*:\s*([\"'`])([^\"'`\n]{{1,300}})\1", written)
        if match and "${" not in match[2]:
            values[key] = match[2]
    return values


def folders(root: str) -> Iterator[str]:
    """Yield the folders below *root*, at most four deep and two thousand, that may hold content; parted by slashes."""
    waiting, count = [""], 0
    while waiting and count < _MOST_FOLDERS:
        above = waiting.pop(0)
        try:
            with os.scandir(os.path.join(root, above)) as entries:
                names = sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
        except OSError:
            continue
        for name in names:
            if name.startswith(".") or name in _NO_CONTENT:
                continue
            folder = f"{above}/{name}" if above else name
            count += 1
            yield folder
            if folder.count("/") < _DEEPEST - 1:
                waiting.append(folder)
