"""Tables behind an address, through fsspec: listed, opened and written. Needs the extra `tables`, of S3 the extra `s3`.

Imported only for an address. fsspec's own errors are as many as services: each is told by its kind and without its
text, which may hold an address with its signature.
"""

from __future__ import annotations

import io
import os
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import fsspec
from fsspec.implementations.local import LocalFileSystem

from digest.errors import TableError
from digest.tables import places

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PIECE = 1 << 20
"""Bytes that are asked for at once."""


_NO_FILE = "there is no such file", "see to its name in `archive`"
_NO_PLACE = "there is no such bucket or folder", "make it, or name another"


@contextmanager
def telling(name: str, missing: tuple[str, str] = _NO_FILE) -> Iterator[None]:
    """Turn whatever goes wrong with the address *name* into a TableError; *missing* is told where nothing is there."""
    try:
        yield
    except TableError:
        raise
    except ImportError as error:
        extra = "s3" if places.is_of_s3(name) else ""
        needs = f"needs the extra {extra}" if extra else f"needs another package ({places.redacted(str(error), name)})"
        remedy = f"pip install 'heat-digest[{extra}]'" if extra else "install it beside digest"
        raise TableError(places.shown(name), needs, remedy) from error
    except FileNotFoundError as error:
        if (why := _unreachable(error)) is not None:
            raise _no_answer(name, why) from error
        raise TableError(places.shown(name), *missing) from error
    except PermissionError as error:
        raise TableError(places.shown(name), "may not be read or written", "see to its rights") from error
    # Not narrower: each service raises errors of its own library.
    except Exception as error:
        raise _no_answer(name, error) from error


def _no_answer(name: str, error: BaseException) -> TableError:
    """Return the error for an address that *error* keeps from being read."""
    problem = f"cannot be reached ({type(error).__name__})"
    return TableError(places.shown(name), problem, "see to the address, its rights and the network")


def _unreachable(error: FileNotFoundError) -> BaseException | None:
    """Return what is behind *error* where that is no missing file: to fsspec, a server that is silent has none."""
    cause = error.__cause__
    # Of an answer the status says it; a connection that fails is an OSError.
    is_other = isinstance(cause, (OSError, TimeoutError)) and not isinstance(cause, FileNotFoundError)
    return cause if is_other or getattr(cause, "status", 404) != 404 else None


def matching(name: str) -> list[str]:
    """Return the addresses that *name* names, sorted: those that fit a pattern, else the one that it is."""
    with telling(name):
        system, path = _system(name)
        if not any(sign in path for sign in "*["):
            # Not exists(), which is as silent on a server without an answer as on a file that is not there.
            system.info(path)
            return [name]
        return sorted(system.unstrip_protocol(each) for each in system.glob(path))


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """Lend what stands at the address *name*, open for reading; what goes wrong in the block counts as of it."""
    # Most of fsspec's files read lines one way only, however long.
    with telling(name), io.BufferedReader(cast("io.RawIOBase", _open(name)), _PIECE) as handle:
        yield handle


def _open(name: str) -> BinaryIO:
    system, path = _system(name)
    return cast("BinaryIO", system.open(path, "rb"))


def write(name: str, file: str) -> None:
    """Write the local *file* to the address *name*, in one step where its service can."""
    with telling(name, _NO_PLACE):
        system, path = _to_be_written(name)
        system.put_file(file, path)


def store(name: str, content: bytes) -> None:
    """Write *content* to the address *name*, in one step where its service can."""
    with telling(name, _NO_PLACE):
        system, path = _to_be_written(name)
        system.pipe_file(path, content)


def _to_be_written(name: str) -> tuple[Any, str]:
    """Return what `_system` does of an address that will be written; a folder of this machine is made for it."""
    system, path = _system(name)
    # Elsewhere it might make a bucket of a misspelt name.
    if isinstance(system, LocalFileSystem):
        system.makedirs(os.path.dirname(path), exist_ok=True)
    return system, path


def exists(name: str) -> bool:
    """Whether something stands at the address *name*."""
    with telling(name):
        system, path = _system(name)
        return bool(system.exists(path))


def _system(name: str) -> tuple[Any, str]:
    """Return the file system that an address is of, and its path there."""
    system, path = fsspec.core.url_to_fs(name)
    return system, path


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
        with telling(name):
            self._handles.append(_open(name))
        return self._handles[-1]

    def close(self) -> None:
        """Close what was opened: DuckDB leaves that to the collector of garbage."""
        while self._handles:
            self._handles.pop().close()

    def info(self, path: str, **_: object) -> dict[str, Any]:
        """Return what fsspec says of a file: its size."""
        alias = self._strip_protocol(path)
        name = self._names[alias]
        with telling(name):
            system, inner = _system(name)
            return {"name": alias, "type": "file", "size": system.info(inner)["size"]}

    def glob(self, path: str, **_: object) -> list[str]:
        """Return the file itself: its name is no pattern."""
        return [self._strip_protocol(path)]

    def modified(self, path: str) -> datetime:
        """Return the same moment always: nothing is kept between two runs."""
        del path
        return datetime(2000, 1, 1, tzinfo=UTC)
