"""Files behind an address, through fsspec: listed, opened and written. Needs the extra `tables`, of S3 the extra `s3`.

Imported only for an address. fsspec's own errors are as many as services: each is told by its kind and without its
text, which may hold an address with its signature.
"""

from __future__ import annotations

import io
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import fsspec
from fsspec.implementations.local import LocalFileSystem

from digest.errors import DigestError, OutputError, TableError
from digest.tables import places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from digest.tables.storage import Storage

_PIECE = 1 << 20
"""Bytes that are asked for at once."""

_NO_FILE = "there is no such file", "see to its name"
_NO_PLACE = "there is no such bucket or folder", "make it, or name another"
_NAME_A_BUCKET = "name a bucket, or a folder of this machine; nothing was changed"

_PROBE = ".exclusive"
"""A file that many try to create, hidden. It stays, so that it is one however many runs there are."""

_PROBERS = 8

_LONGEST_WAIT = 4
"""Seconds; each wait for another who is at the same file is twice as long as the one before."""


@contextmanager
def telling(name: str, missing: tuple[str, str] = _NO_FILE) -> Iterator[None]:
    """Turn whatever goes wrong with the address *name* into a TableError; *missing* is told where nothing is there."""
    try:
        yield
    # What was told by whoever reads, and a text in another encoding, are not the address's fault.
    except (DigestError, UnicodeDecodeError):
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
        system, path = system_of(name)
        if not any(sign in path for sign in "*["):
            # Not exists(), which is as silent on a server without an answer as on a file that is not there.
            system.info(path)
            return [name]
        return sorted(system.unstrip_protocol(each) for each in system.glob(path))


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """Lend what stands at the address *name*, open for reading; what goes wrong in the block counts as of it."""
    # Most of fsspec's files read lines one way only, however long.
    with telling(name), io.BufferedReader(cast("io.RawIOBase", handle_of(name)), _PIECE) as handle:
        yield handle


def handle_of(name: str) -> BinaryIO:
    """Return what stands at the address *name* as fsspec opens it for reading."""
    system, path = system_of(name)
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
    """Return what `system_of` does of an address that will be written; a folder of this machine is made for it."""
    system, path = system_of(name)
    # Elsewhere it might make a bucket of a misspelt name.
    if isinstance(system, LocalFileSystem):
        system.makedirs(os.path.dirname(path), exist_ok=True)
    return system, path


def exists(name: str) -> bool:
    """Whether something stands at the address *name*."""
    with telling(name):
        system, path = system_of(name)
        return bool(system.exists(path))


def system_of(name: str) -> tuple[Any, str]:
    """Return the file system that an address is of, and its path there."""
    system, path = fsspec.core.url_to_fs(name)
    return system, path


def storage(place: str) -> Storage:
    """Return the storage at the address *place*, which need not exist yet. Raises OutputError where it can be none."""
    return RemoteStorage(place)


class RemoteStorage:
    """The files below an address; see `Storage`. Listings are not kept, so that what others write is seen at once."""

    def __init__(self, place: str) -> None:
        self.place = places.shown(place).rstrip("/")
        self._is_exclusive = False
        if "::" in place:
            # The copies that `simplecache::` keeps are as old as they are.
            raise OutputError(self.place, "is an address behind another", "name the place itself")
        with self._telling():
            self._system, root = fsspec.core.url_to_fs(place, use_listings_cache=False)
        self._root = root.rstrip("/")
        # What a service that knows no way of its own is given by fsspec: look whether it is there, then open and write.
        if getattr(self._system.pipe_file, "__func__", None) is fsspec.AbstractFileSystem.pipe_file:
            raise OutputError(self.place, "may keep half a file where a run is killed", _NAME_A_BUCKET)

    def shown(self, name: str) -> str:
        """As of Storage."""
        return f"{self.place}/{name}"

    def read(self, name: str) -> bytes | None:
        """As of Storage."""
        content: bytes | None = self._asked(self._system.cat_file, name, None)
        return content

    def exists(self, name: str) -> bool:
        """As of Storage."""
        # Not exists(), which is as silent on a server without an answer as on a file that is not there.
        return bool(self._asked(self._system.info, name, {}).get("type") == "file")

    def names(self, folder: str) -> list[str]:
        """As of Storage."""
        return self._below(folder, "file")

    def folders(self, folder: str) -> list[str]:
        """As of Storage."""
        return self._below(folder, "directory")

    def _below(self, folder: str, kind: str) -> list[str]:
        """Return the names of that *kind* right below *folder*, sorted, without hidden ones."""
        path = self._path(folder)
        listed = self._asked(partial(self._system.ls, detail=True), folder, [])
        found = (entry["name"].rstrip("/").rpartition("/") for entry in listed if entry["type"] == kind)
        # Stores list a folder that was made by hand as a file without a name, and a file as the only one below itself.
        return sorted(name for above, _, name in found if name and above == path and not name.startswith("."))

    def remove(self, name: str) -> None:
        """As of Storage."""
        self._asked(self._system.rm_file, name, None)

    def write(self, name: str, content: bytes) -> None:
        """As of Storage."""
        with self._telling(name):
            self._system.pipe_file(self._path(name), content)

    def create(self, name: str, content: bytes) -> bool:
        """As of Storage. Raises OutputError before anything is created where the place lets several create a file.

        An answer that got lost on its way counts as another's success: it is False though the file is ours.
        """
        if not self._is_exclusive:
            self._prove_exclusive()
        return self._create(name, content)

    def _create(self, name: str, content: bytes, wait: float = 0.1) -> bool:
        """As `create`; *wait* seconds are waited where the service says that another is at it just now."""
        with self._telling(name):
            try:
                self._system.pipe_file(self._path(name), content, mode="create")
            except FileExistsError:
                return False
            except OSError as error:
                answer = _code(error)
                # Amazon's own answer is a FileExistsError to s3fs; those of others who play S3 say less.
                if answer == "PreconditionFailed":
                    return False
                if answer == "NotImplemented":
                    raise self._shared() from error
                if answer != "ConditionalRequestConflict" or wait > _LONGEST_WAIT:
                    raise
                time.sleep(wait)
                return self._create(name, content, 2 * wait)
            return True

    def _prove_exclusive(self) -> None:
        """Raise OutputError unless of many who create a file one does at most, and one who comes later does not."""
        with ThreadPoolExecutor(_PROBERS) as threads:
            won = sum(threads.map(lambda _: self._create(_PROBE, b""), range(_PROBERS)))
        if won > 1 or self._create(_PROBE, b""):
            raise self._shared()
        self._is_exclusive = True

    def _shared(self) -> OutputError:
        return OutputError(self.place, "lets several create the same file", _NAME_A_BUCKET)

    def _asked(self, question: Callable[..., Any], name: str, absent: object) -> Any:  # noqa: ANN401 - as fsspec says
        """Return what a *question* of fsspec says of a file, *absent* where there is none."""
        with self._telling(name):
            try:
                return question(self._path(name))
            except FileNotFoundError as error:
                if _unreachable(error):
                    raise
                return absent

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}" if name else self._root

    @contextmanager
    def _telling(self, name: str = "") -> Iterator[None]:
        """Turn whatever goes wrong with the file *name* into an OutputError."""
        place = self.shown(name) if name else self.place
        try:
            with telling(place, _NO_PLACE):
                yield
        except TableError as error:
            raise OutputError(error.place, error.what, error.remedy) from error


def _code(error: OSError) -> str:
    """Return what S3 calls *error*, "" where it is none of its."""
    answer = getattr(error.__cause__, "response", {})
    return str(answer.get("Error", {}).get("Code", ""))
