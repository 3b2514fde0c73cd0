"""What the name of a table means: a file or a folder of files, a pattern (`news/*.parquet`), or an address.

An address may hold a password or a signature: it is opened as it stands, and shown without them.
"""

from __future__ import annotations

import glob
import os
import re
import stat
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from digest import files as plain_files
from digest.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

JSON_LINES = (".jsonl", ".ndjson")
PARQUET = (".parquet", ".pq")
ENDINGS = (*JSON_LINES, *PARQUET)
"""Endings of the names of tables, in lower case."""

# Of fsspec: `s3://bucket/a.parquet`, and chained `simplecache::s3://bucket/a.parquet`.
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?:://|::)")
_SECRETS = re.compile(r"(?<=//)[^/@]*@|[?#].*", re.DOTALL)
"""What of an address may be a secret: a user with a password, and what follows the path."""


class TableFile(NamedTuple):
    """One file of a table: *name* to open it by, *shown* for messages, *label* for its rows.

    A label is the path below the fixed part of a pattern, so that it stays when the folder moves.
    """

    name: str
    shown: str
    label: str

    @property
    def is_remote(self) -> bool:
        """Whether fsspec has to open it."""
        return is_address(self.name)

    @property
    def is_parquet(self) -> bool:
        """Whether it is Parquet, by its name."""
        return is_parquet(self.name)


def is_address(name: str) -> bool:
    """Whether *name* is an address, and no path."""
    return bool(_ADDRESS.match(name))


def path_of(name: str) -> str:
    """Return the path that *name* is, also where it is written as an address of this machine; other addresses as is."""
    return name.removeprefix("file://")


def from_anywhere(name: str) -> str:
    """Return the path or address *name* as processes have to be given it that stand in folders of their own."""
    return name if is_address(name) else os.path.abspath(name)


def is_of_s3(name: str) -> bool:
    """Whether an address leads to a bucket of S3, also behind another kind such as `simplecache::`."""
    return name.startswith("s3") or "::s3" in name


def is_parquet(name: str) -> bool:
    """Whether *name* is that of Parquet files, by its ending."""
    return _ending(name) in PARQUET


def is_table(name: str) -> bool:
    """Whether *name* is that of a table, and not of a folder of articles: by its ending, or as an address."""
    return is_address(name) or _ending(name) in ENDINGS


def shown(name: str) -> str:
    """Return *name* as messages have it: of an address neither user and password nor what follows the path."""
    return _SECRETS.sub("", name) if is_address(name) else name


def stem(name: str) -> str:
    """Return what the table called *name* is called among others: its file without ending, of a pattern its folder."""
    fixed = os.path.splitext((_fixed(shown(name)) or shown(name)).rstrip("/"))[0]
    return re.sub(r"[*?\[\]]", "", re.split(r"[/:]", fixed)[-1]) or "table"


def files(name: str) -> list[TableFile]:
    """Return the files that *name* names, sorted; at least one, and all of one kind.

    Raises TableError where there is none, where their names tell no kind or several, and where an extra is missing.
    """
    if is_address(name):
        names: Sequence[str] = behind(name).matching(name)
    else:
        names = _local(name)
    start = len(_fixed(name)) if _is_pattern(name) else None
    listed = [_file(each, start) for each in names]
    if not listed:
        raise TableError(shown(name), "there is no such file", "see to its name")
    kinds = {file.is_parquet for file in listed if _ending(file.name) in ENDINGS}
    if len(kinds) != 1:
        problem = "names files of several kinds" if kinds else "names no table"
        raise TableError(shown(name), problem, f"name files that end in {' or '.join(ENDINGS[:3])}")
    return [file for file in listed if _ending(file.name) in ENDINGS]


@contextmanager
def opened(file: TableFile) -> Iterator[BinaryIO]:
    """Lend *file* open for reading. Raises TableError, also for what goes wrong while it is read."""
    if file.is_remote:
        with behind(file.name).opened(file.name) as handle:
            yield handle
        return
    try:
        with _plain(file.name) as handle:
            yield handle
    except OSError as error:
        raise TableError(file.shown, plain_files.trouble(error), "see to the file and its permissions") from error


def local_files(name: str) -> list[str]:
    """Return the files of this machine that *name* names now; none for an address."""
    return [] if is_address(name) else _local(name)


def folder_of(name: str) -> str:
    """Return the folder of this machine in which files of the table called *name* come and go."""
    fixed = _fixed(name)
    return fixed if os.path.isdir(fixed) else os.path.dirname(fixed) or "."


def is_part(file: str, name: str) -> bool:
    """Whether *file* is one of this machine that belongs to the table called *name*, also where it has just gone."""
    real = os.path.realpath(file)
    if _is_pattern(name) and not os.path.lexists(name):
        return fnmatchcase(
            real, os.path.join(glob.escape(os.path.realpath(folder_of(name))), name[len(_fixed(name)) :])
        )
    return real == os.path.realpath(name) or os.path.dirname(real) == os.path.realpath(name)


def exists(name: str) -> bool:
    """Whether something stands at the path or address *name*. Raises TableError."""
    return behind(name).exists(name) if is_address(name) else os.path.lexists(name)


def put(file: str, name: str) -> None:
    """Move the local *file* to the path *name*, or write it to that address. Raises OSError and TableError."""
    if is_address(name):
        behind(name).write(name, file)
    else:
        os.replace(file, name)


def store(content: bytes, name: str) -> None:
    """Write *content* to the address *name*. Raises TableError."""
    behind(name).store(name, content)


def _plain(path: str) -> BinaryIO:
    """Return a regular file open for reading, never waited for. Raises OSError for anything else."""
    descriptor = plain_files.open_descriptor(path)
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise plain_files.not_a_file(mode, path)
    return open(descriptor, "rb")


def behind(name: str) -> ModuleType:
    """Return the module that opens the address *name*. Raises TableError without the extra that it needs."""
    try:
        from digest.tables import remote  # noqa: PLC0415 - an extra
    except ImportError as error:
        extra = "s3" if is_of_s3(name) else "tables"
        raise TableError(shown(name), f"needs the extra {extra}", f"pip install 'heat-digest[{extra}]'") from error
    return remote


def redacted(text: str, name: str) -> str:
    """Return *text*, the first line of a message, without what may be a secret of the address *name*."""
    line = text.strip().partition("\n")[0][:300].replace(name, shown(name))
    for secret in filter(None, _SECRETS.findall(name)):
        line = line.replace(secret, "").replace(secret.strip("?#@"), "…")
    return line


def _ending(name: str) -> str:
    """Return the ending of a name in lower case; of an address that of its path."""
    path = shown(name)
    return os.path.splitext(path.rstrip("/"))[1].casefold()


def _is_pattern(name: str) -> bool:
    return glob.has_magic(shown(name))


def _fixed(name: str) -> str:
    """Return the part of *name* up to the last slash before its first sign of a pattern; all of it without a sign."""
    sign = re.search(r"[*?\[]", name) if _is_pattern(name) else None
    return name[: name.rfind("/", 0, sign.start()) + 1] if sign else name


def _file(name: str, start: int | None) -> TableFile:
    visible = shown(name)
    label = visible[start:] if start is not None else os.path.basename(visible)
    return TableFile(name, visible, label or os.path.basename(visible))


def _local(name: str) -> list[str]:
    """Return the paths that *name* names, sorted. A folder called like a table has its parts in it, as Spark writes."""
    if os.path.isdir(name):
        return sorted(glob.glob(os.path.join(glob.escape(name), f"*{_ending(name)}")))
    if os.path.lexists(name):
        return [name]
    return sorted(glob.glob(name, recursive=True))
