"""A folder of articles packed as one table, a row a file: what is read of it is what is read of the folder.

Each field of a file's front matter is a column, its values as they are written. Two columns come on top: PATH is the
name of the article in the archive, and BODY the text below its fields (`rows`). In Parquet a column whose values are
all texts is of texts, one of lists of texts is of lists of texts, and any other is JSON.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from digest import archive, folders, tables
from digest.archive.rows import BODY, PATH
from digest.errors import ArchiveError, OutputError, TableError
from digest.tables import places

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.config.values import ReadingPlan
    from digest.config.yamlfile import Node
    from digest.model import Problem
    from digest.records.frontmatter import Post

_MOST_COLUMNS = 1_000
"""Columns of a Parquet file; each costs memory in every part of it."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A table that was written: its *name* as messages have it, how many *rows* it has, and its *size* in bytes."""

    name: str
    rows: int
    size: int


def pack(
    folder: str, name: str, how: ReadingPlan, trouble: Callable[[Problem], None], *, replace: bool = False
) -> Packed:
    """Write the articles of *folder*, as *how* reads files, as the table *name*, whole or not at all.

    *trouble* is called with what is wrong with each file that is left out, since it is no article. Raises OutputError
    where something is there and may not be replaced, or cannot be written; ArchiveError for a folder without articles;
    and TableError where its files do not fit into a table.
    """
    ending = os.path.splitext(places.shown(name))[1].casefold()
    if ending not in places.ENDINGS:
        raise OutputError(places.shown(name), "names no table", "end it in .jsonl or .parquet; nothing was written")
    # A name is a path once, so that no link leads a writer elsewhere.
    file = name if places.is_address(name) else folders.resolve(name, "--to")
    if not replace and places.exists(file):
        raise OutputError(places.shown(name), "is there already", "name another, or write over it with --replace")
    above = None if places.is_address(name) else os.path.dirname(file)
    try:
        if above:
            os.makedirs(above, exist_ok=True)
        # Beside the file itself, since a rename is one step only within a file system.
        with tempfile.TemporaryDirectory(prefix=".digest-", dir=above) as working:
            packer = Packer()
            lines = os.path.join(working, "lines.jsonl")
            with open(lines, "wb") as handle:
                handle.writelines(archive.lines(folder, how, packer, trouble))
            if not packer.count:
                raise ArchiveError(folder, "no article (*.md) in it", "name a folder of articles")
            if ending in places.PARQUET:
                table = os.path.join(working, "table.parquet")
                tables.write_parquet(lines, packer.columns(folder), table, packer.longest)
                lines = table
            size = os.path.getsize(lines)
            places.put(lines, file)
    except OSError as error:
        problem = f"cannot be written ({error.strerror})"
        raise OutputError(places.shown(name), problem, "make room or choose another folder") from error
    return Packed(places.shown(name), packer.count, size)


@dataclass(slots=True)
class Packer:
    """Makes lines of JSON of articles, and knows which columns they have.

    *count* is how many there are so far, and *longest* how many bytes the longest has.
    """

    count: int = 0
    longest: int = 0
    _kinds: dict[str, str] = field(default_factory=lambda: {PATH: "VARCHAR"})

    def line(self, path: str, file: str, post: Post) -> bytes:
        """Return the line of the article called *path*. Raises TableError where *file* has a column's name itself."""
        for name in (PATH, BODY):
            if name in post.fields:
                problem = f"has a field {name!r}, which a table needs for itself"
                raise TableError(f"{file}:{post.fields[name].line}", problem, "rename it; nothing was written")
        values: dict[str, Any] = {PATH: path}
        for name, node in post.fields.items():
            # What is empty is there all the same, and a null would not be.
            values[name] = "" if node.value is None else _plain(node)
        if post.body:
            values[BODY] = post.body
        for name, value in values.items():
            kind = _kind(value)
            if self._kinds.setdefault(name, kind) != kind:
                self._kinds[name] = "JSON"
        line = json.dumps(values, ensure_ascii=False).encode() + b"\n"
        self.count += 1
        self.longest = max(self.longest, len(line))
        return line

    def columns(self, place: str) -> dict[str, str]:
        """Return the columns of a Parquet file by their types. Raises TableError where there can be no such file."""
        alike = tables.columns_alike(list(self._kinds))
        if alike:
            problem = f"there are fields that differ in case only: {alike[0]!r} and {alike[1]!r}"
            raise TableError(place, problem, "rename one, or pack as .jsonl, which has both")
        if len(self._kinds) > _MOST_COLUMNS:
            raise TableError(place, f"there are {len(self._kinds):,} different fields", "pack as .jsonl instead")
        return self._kinds


def _kind(value: object) -> str:
    """Return DuckDB's type for a value."""
    if isinstance(value, str):
        return "VARCHAR"
    is_list = isinstance(value, list) and all(isinstance(member, str) for member in value)
    return "VARCHAR[]" if is_list else "JSON"


def _plain(node: Node) -> Any:  # noqa: ANN401 - what JSON holds
    """Return a node as JSON has it."""
    if isinstance(node.value, dict):
        return {key: _plain(member) for key, member in node.value.items()}
    if isinstance(node.value, tuple):
        return [_plain(member) for member in node.value]
    return node.value
