"""Remote files as DuckDB reads them. Needs the extra `tables`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

import fsspec

from digest.tables import remote

if TYPE_CHECKING:
    from collections.abc import Sequence


class Lent(fsspec.AbstractFileSystem):  # type: ignore[misc]  # fsspec has no types
    """Remote files under plain names, for DuckDB: `lent://0.parquet` is the first of *names*.

    So a name with signs of a pattern is no pattern to DuckDB, and no message of its has a secret of an address.
    """

    protocol = "lent"
    cachable = False

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._names = {f"{number}.parquet": name for number, name in enumerate(names)}
        self._handles: list[BinaryIO] = []

    @property
    def aliases(self) -> list[str]:
        """The names to give to DuckDB."""
        return [f"{self.protocol}://{alias}" for alias in self._names]

    def _open(self, path: str, mode: str = "rb", **_: object) -> BinaryIO:
        del mode
        name = self._names[self._strip_protocol(path)]
        with remote.telling(name):
            self._handles.append(remote.handle_of(name))
        return self._handles[-1]

    def close(self) -> None:
        """Close what was opened: DuckDB leaves that to the collector of garbage."""
        while self._handles:
            self._handles.pop().close()

    def info(self, path: str, **_: object) -> dict[str, Any]:
        """Return what fsspec says of a file: its size."""
        alias = self._strip_protocol(path)
        name = self._names[alias]
        with remote.telling(name):
            system, inner = remote.system_of(name)
            return {"name": alias, "type": "file", "size": system.info(inner)["size"]}

    def glob(self, path: str, **_: object) -> list[str]:
        """Return the file itself: its name is no pattern."""
        return [self._strip_protocol(path)]

    def modified(self, path: str) -> datetime:
        """Return the same moment always: nothing is kept between two runs."""
        del path
        return datetime(2000, 1, 1, tzinfo=UTC)
