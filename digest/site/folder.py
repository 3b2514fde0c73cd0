"""The site's files into a folder that others may use, too: a work tree of `gh-pages`, a web server's root.

Nothing is removed but what an earlier run wrote: its list is `.digest-site` in the folder. New files are written beside
the pages first and then put in place, one after the other. A failure takes them back; after a kill each file is the old
one or the new one, the list names both, and the next run finishes the work.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from digest import folders
from digest.errors import OutputError
from digest.issue import output

if TYPE_CHECKING:
    from collections.abc import Mapping

MARK = ".digest-site"
"""The file that says that a folder is the site's, and lists what it wrote."""

_STAGE = ".digest-site.new"
"""Where new files stand until all of them are there, and afterwards the replaced ones until all is done."""

_FORMAT = 1
_ABOUT = "What `digest site` wrote into this folder. It removes nothing else; keep this file."
_WHOLE = b"Made by `digest site`"
"""How the mark of version 0.1.0 begins, which replaced the whole folder and so had no list: all was its own."""

Hashes = dict[str, list[str]]
"""Files that the site wrote, with the hashes of what they may hold: several after a run that was killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What `.digest-site` says: whose site it is, its files, and whether everything in the folder was written by it."""

    newsletter: str = ""
    address: str = ""
    files: Hashes = field(default_factory=dict)
    whole: bool = False

    def to_bytes(self) -> bytes:
        """Return the mark as it stands on disk."""
        values = {
            "about": _ABOUT,
            "address": self.address,
            "files": self.files,
            "format": _FORMAT,
            "newsletter": self.newsletter,
        }
        return (json.dumps(values, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a run did: files written, files removed, and those that it would have removed had they not been changed."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    kept: tuple[str, ...]


def admit(name: str, keeps: Mapping[str, str]) -> str:
    """Return the real path of the folder called *name*; raises OutputError where no site may be written there.

    *keeps* says what certain paths are, which must not lie in it.
    """
    real = folders.resolve(name, "--to")
    leftovers = {_STAGE, f".{MARK}.new"}  # of a first run that was killed before its list was there
    folders.guard(
        real,
        name,
        "name another folder with --to",
        ours=os.path.isfile(os.path.join(real, MARK)),
        may_hold=leftovers.__contains__,
        keeps=keeps,
        otherwise=f", or put an empty file {MARK} into this one to write among its files",
    )
    return real


def write(real: str, name: str, files: Mapping[str, bytes], *, newsletter: str, address: str) -> Published:
    """Write *files*, by their paths, into the folder *real* as `admit` gave it; messages call it *name*.

    Raises OutputError where the folder holds another newsletter's site or a file of others where a page belongs, where
    it cannot be written, and while another run is at work in it.
    """
    try:
        os.makedirs(real, exist_ok=True)
        with folders.locked(real):
            return _Run(real, name, files, Manifest(newsletter=newsletter, address=address)).go()
    except BlockingIOError as error:
        trouble, remedy = "another `digest site` is writing it at this moment", "run it again when that is done"
        raise OutputError(name, trouble, remedy) from error
    except OSError as error:
        remedy = "make room or name a writable folder with --to; run it again to finish"
        raise OutputError(name, f"cannot be written ({error.strerror})", remedy) from error


def read_manifest(path: str) -> Manifest:
    """Return what the mark *path* says; an empty one lists nothing. Raises OutputError for one that is damaged."""
    try:
        with open(path, "rb") as handle:
            content = handle.read()
    except FileNotFoundError:
        return Manifest()
    if not content.strip():
        return Manifest()
    if content.startswith(_WHOLE):
        return Manifest(whole=True)
    try:
        return _manifest(json.loads(content))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        remedy = "empty it; then remove the pages that are not written anew by hand"
        raise OutputError(path, f"is no list of format {_FORMAT}", remedy) from error


def _manifest(values: Any) -> Manifest:  # noqa: ANN401 - JSON as read, which this function checks
    files = {str(file): [str(value) for value in hashes] for file, hashes in values["files"].items()}
    if values["format"] != _FORMAT or not all(map(is_inside, files)):
        raise ValueError(values["format"])
    return Manifest(newsletter=str(values["newsletter"]), address=str(values["address"]), files=files)


def is_inside(file: str) -> bool:
    """Whether the path *file* leads to a file below the folder it is relative to, and not to Git's own."""
    parts = file.split("/")
    return "\0" not in file and "\\" not in file and not {"", ".", "..", ".git"} & set(parts)


class _Run:
    """One run, with the lock held."""

    def __init__(self, real: str, name: str, files: Mapping[str, bytes], mark: Manifest) -> None:
        self._real, self._name, self._files = real, name, files
        self._stage = os.path.join(real, _STAGE)
        self._mark = mark
        self._before = read_manifest(os.path.join(real, MARK))
        self._hashes = {file: [hashlib.sha256(content).hexdigest()] for file, content in files.items()}

    def go(self) -> Published:
        self._refuse()
        changed = [file for file, hashes in self._hashes.items() if self._hash(file) != hashes[0]]
        stale = sorted(self._before.files.keys() - self._files.keys())
        kept = [file for file in stale if self._hash(file) not in (None, *self._before.files[file])]
        removed = [file for file in stale if file not in kept and self._hash(file) is not None]
        try:
            self._put_in_place(changed)
        finally:
            shutil.rmtree(self._stage, ignore_errors=True)
        if os.path.lexists(self._stage):  # what it holds would be uploaded with the pages
            shutil.rmtree(self._stage)
        for file in removed:
            self._remove(file)
        self._note(self._hashes)
        return Published(written=tuple(changed), removed=tuple(removed), kept=tuple(kept))

    def _refuse(self) -> None:
        """Raise OutputError where the folder is another newsletter's, or something of others stands in a page's place.

        A newsletter may change its name or its address, but not both at once.
        """
        before = self._before
        if before.newsletter not in {"", self._mark.newsletter} and before.address != self._mark.address:
            trouble = f"holds the site of another newsletter, {before.newsletter} ({before.address})"
            raise OutputError(self._name, trouble, "name another folder with --to, or remove that site first")
        for file in sorted({*self._files, *before.files}):
            self._refuse_in_the_way(file)

    def _refuse_in_the_way(self, file: str) -> None:
        remedy = "move it away; nothing was changed"
        if not is_inside(file):
            raise OutputError(f"{self._name}/{file}", "is no place in the site", "change `newsletter.web`")
        parts = file.split("/")
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth])
            path = os.path.join(self._real, folder)
            if os.path.islink(path) or os.path.isfile(path):
                raise OutputError(f"{self._name}/{folder}", "is not a folder that `digest site` made", remedy)
        path = os.path.join(self._real, file)
        foreign = file not in self._before.files and not self._before.whole and os.path.lexists(path)
        if os.path.isdir(path) or (foreign and self._hash(file) not in self._hashes[file]):
            raise OutputError(f"{self._name}/{file}", "was not written by `digest site`", remedy)

    def _put_in_place(self, changed: list[str]) -> None:
        """Write what is *changed* aside, list it, and then let it take its places; take all back where that fails."""
        shutil.rmtree(self._stage, ignore_errors=True)
        for file in changed:
            _write(os.path.join(self._stage, "new", file), self._files[file])
        together = {file: list(hashes) for file, hashes in self._before.files.items()}
        for file, hashes in self._hashes.items():
            together[file] = list(dict.fromkeys([*together.get(file, []), *hashes]))
        self._note(together)
        done: list[str] = []
        try:
            for file in changed:
                done.append(file)
                self._replace(file)
        except OSError:
            for file in reversed(done):
                self._take_back(file)
            raise

    def _replace(self, file: str) -> None:
        place, old = os.path.join(self._real, file), os.path.join(self._stage, "old", file)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        if os.path.lexists(place):
            os.makedirs(os.path.dirname(old), exist_ok=True)
            try:
                os.link(place, old, follow_symlinks=False)
            except OSError:  # a file system without hard links
                shutil.copy2(place, old, follow_symlinks=False)
        os.replace(os.path.join(self._stage, "new", file), place)

    def _take_back(self, file: str) -> None:
        """Bring back what stood in the place of *file*; what cannot be brought back the next run writes again."""
        place, old = os.path.join(self._real, file), os.path.join(self._stage, "old", file)
        with suppress(OSError):
            if os.path.lexists(old):
                os.replace(old, place)
            elif not os.path.lexists(os.path.join(self._stage, "new", file)):
                self._remove(file)

    def _remove(self, file: str) -> None:
        """Remove a file and the folders that are empty without it."""
        os.unlink(os.path.join(self._real, file))
        folder = os.path.dirname(file)
        while folder:
            try:
                os.rmdir(os.path.join(self._real, folder))
            except OSError:  # something else is in it
                return
            folder = os.path.dirname(folder)

    def _hash(self, file: str) -> str | None:
        """The hash of what stands there, None for nothing; of a link its target, which is no hash of any page."""
        path = os.path.join(self._real, file)
        if os.path.islink(path):
            return os.readlink(path)
        try:
            with open(path, "rb") as handle:
                return hashlib.file_digest(handle, "sha256").hexdigest()
        except FileNotFoundError:
            return None

    def _note(self, files: Hashes) -> None:
        mark = Manifest(newsletter=self._mark.newsletter, address=self._mark.address, files=files)
        output.write_file(os.path.join(self._real, MARK), mark.to_bytes())


def _write(path: str, content: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
