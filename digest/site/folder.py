"""Writes the site into a folder that may hold files of others: a work tree of `gh-pages`, a web server's root.

    files ─▶ refuse what is in the way ─▶ .digest-site.new ─▶ list ─▶ replace each ─▶ remove stale ones ─▶ list

- Only files that an earlier run wrote are replaced or removed, and only where nobody has changed them since; the list
  of them, with their hashes, is `.digest-site` in the folder.
- Where it fails, the files that were replaced are put back, and the error says why.
- After a kill each file is whole, the old one or the new one. The list, written before the first replacement, names
  both, so that the next run knows them for its own and finishes the work.
- Two runs at once are refused by a lock on the folder.
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
"""The file that says that a site may be written into its folder, and lists the files of it."""

# Holds the new files until all are there, and then the replaced ones until the run is done. Inside the folder, because
# a file can be renamed in one step only within a file system.
_STAGE = ".digest-site.new"

_FORMAT = 1
_ABOUT = "What `digest site` wrote into this folder. It removes nothing else; keep this file."

# How the mark of version 0.1.0 begins. That version replaced the whole folder and kept no list: all files were its own.
_WHOLE = b"Made by `digest site`"

Hashes = dict[str, list[str]]
"""The files of the site by path, with the SHA-256 hashes that each may have: several after a run that was killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The content of `.digest-site`: the newsletter's name, the URL of the site's root, and the files of the site.

    *whole* is True for a mark of version 0.1.0, whose folder held nothing else.
    """

    newsletter: str = ""
    address: str = ""
    files: Hashes = field(default_factory=dict)
    whole: bool = False

    def to_bytes(self) -> bytes:
        """Return the mark as it is written: JSON with sorted keys, so that a commit of it shows what has changed."""
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
    """The paths of the files that a run has *written* and *removed*, below the site's root.

    *kept* are stale files of an earlier run that somebody has changed since, so that they were not removed.
    """

    written: tuple[str, ...]
    removed: tuple[str, ...]
    kept: tuple[str, ...]


def admit(name: str, keeps: Mapping[str, str]) -> str:
    """Return the real path of the folder *name*, which need not exist yet.

    *keeps* describes paths that must not lie in it, such as the archive, by path. Raises OutputError where no site may
    be written: in a folder with files of others and without a mark, and in those that `folders.guard` protects.
    """
    real = folders.resolve(name, "--to")
    # A first run that was killed before it had written its list leaves these.
    leftovers = {_STAGE, f".{MARK}.new"}
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
    """Write *files*, contents by path, into the folder *real* as `admit` returned it; messages call it *name*.

    *newsletter* and *address*, the URL of the site's root, tell the site from another newsletter's. Files that already
    have their content are not touched. Raises OutputError where the folder holds another newsletter's site or somebody
    else's file where a page belongs, where it cannot be written, and while another run is writing it.
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
    """Return the content of the mark *path*; a missing or empty one lists nothing.

    An empty mark is how a user allows the site to be written among other files. Raises OutputError for a damaged one.
    """
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
    """Return the manifest in *values*. Raises ValueError, TypeError, KeyError or AttributeError for any other JSON."""
    files = {str(file): [str(value) for value in hashes] for file, hashes in values["files"].items()}
    # Files of the list are removed: one that leads out of the folder must not get there by an edited list.
    if values["format"] != _FORMAT or not all(map(is_inside, files)):
        raise ValueError(values["format"])
    return Manifest(newsletter=str(values["newsletter"]), address=str(values["address"]), files=files)


def is_inside(file: str) -> bool:
    """Whether the relative path *file* stays below its folder and out of `.git`, on every system.

    A backslash separates folders on Windows, and a zero byte ends a path for the system but not for Python.
    """
    parts = file.split("/")
    return "\0" not in file and "\\" not in file and not {"", ".", "..", ".git"} & set(parts)


class _Run:
    """One run of `write`; the lock is held by the caller."""

    def __init__(self, real: str, name: str, files: Mapping[str, bytes], mark: Manifest) -> None:
        self._real, self._name, self._files = real, name, files
        self._stage = os.path.join(real, _STAGE)
        self._mark = mark
        self._before = read_manifest(os.path.join(real, MARK))
        self._hashes = {file: [hashlib.sha256(content).hexdigest()] for file, content in files.items()}

    def go(self) -> Published:
        """Write the site and return what was done. Raises OutputError and OSError."""
        self._refuse()
        changed = [file for file, hashes in self._hashes.items() if self._hash(file) != hashes[0]]
        stale = sorted(self._before.files.keys() - self._files.keys())
        kept = [file for file in stale if self._hash(file) not in (None, *self._before.files[file])]
        removed = [file for file in stale if file not in kept and self._hash(file) is not None]
        try:
            self._put_in_place(changed)
        finally:
            shutil.rmtree(self._stage, ignore_errors=True)
        # Once more with its errors: what it holds would be uploaded with the pages.
        if os.path.lexists(self._stage):
            shutil.rmtree(self._stage)
        for file in removed:
            self._remove(file)
        self._note(self._hashes)
        return Published(written=tuple(changed), removed=tuple(removed), kept=tuple(kept))

    def _refuse(self) -> None:
        """Raise OutputError where the folder is another newsletter's, or somebody else's file is in a page's place.

        Before anything is changed. A newsletter may change its name or its address; with both changed nobody can tell
        it from another one.
        """
        before = self._before
        if before.newsletter not in {"", self._mark.newsletter} and before.address != self._mark.address:
            trouble = f"holds the site of another newsletter, {before.newsletter} ({before.address})"
            raise OutputError(self._name, trouble, "name another folder with --to, or remove that site first")
        for file in sorted({*self._files, *before.files}):
            self._refuse_in_the_way(file)

    def _refuse_in_the_way(self, file: str) -> None:
        """Raise OutputError where *file* cannot be written without following a link or replacing a file of others."""
        remedy = "move it away; nothing was changed"
        if not is_inside(file):
            raise OutputError(f"{self._name}/{file}", "is no place in the site", "change `newsletter.web`")
        parts = file.split("/")
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth])
            path = os.path.join(self._real, folder)
            # A link to a folder would let pages be written, and later be removed, somewhere else.
            if os.path.islink(path) or os.path.isfile(path):
                raise OutputError(f"{self._name}/{folder}", "is not a folder that `digest site` made", remedy)
        path = os.path.join(self._real, file)
        foreign = file not in self._before.files and not self._before.whole and os.path.lexists(path)
        # A file that has exactly the page's content is as good as ours: a clone of the site without its mark.
        if os.path.isdir(path) or (foreign and self._hash(file) not in self._hashes[file]):
            raise OutputError(f"{self._name}/{file}", "was not written by `digest site`", remedy)

    def _put_in_place(self, changed: list[str]) -> None:
        """Write the *changed* files aside, list them, and rename them into their places.

        Where that fails, those that were replaced are put back. Raises OSError.
        """
        shutil.rmtree(self._stage, ignore_errors=True)
        for file in changed:
            _write(os.path.join(self._stage, "new", file), self._files[file])
        # Both contents are listed until the end, as a kill may leave either; an unlisted file would never be removed.
        together = {file: list(hashes) for file, hashes in self._before.files.items()}
        for file, hashes in self._hashes.items():
            together[file] = list(dict.fromkeys([*together.get(file, []), *hashes]))
        self._note(together)
        done: list[str] = []
        try:
            for file in changed:
                # Noted first: a failure in the middle of a replacement has to be undone too.
                done.append(file)
                self._replace(file)
        except OSError:
            for file in reversed(done):
                self._take_back(file)
            raise

    def _replace(self, file: str) -> None:
        """Put the new *file* in its place in one step, so that no reader gets half a page, and keep the old one."""
        place, old = os.path.join(self._real, file), os.path.join(self._stage, "old", file)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        if os.path.lexists(place):
            os.makedirs(os.path.dirname(old), exist_ok=True)
            try:
                os.link(place, old, follow_symlinks=False)
            # A file system without hard links, such as FAT on a stick.
            except OSError:
                shutil.copy2(place, old, follow_symlinks=False)
        os.replace(os.path.join(self._stage, "new", file), place)

    def _take_back(self, file: str) -> None:
        """Put back the old *file*, or remove the new one where there was none.

        Errors are ignored, as the one that led here is reported; the next run writes the file again.
        """
        place, old = os.path.join(self._real, file), os.path.join(self._stage, "old", file)
        with suppress(OSError):
            if os.path.lexists(old):
                os.replace(old, place)
            elif not os.path.lexists(os.path.join(self._stage, "new", file)):
                self._remove(file)

    def _remove(self, file: str) -> None:
        """Remove a file, and the folders above it that are empty then. Raises OSError."""
        os.unlink(os.path.join(self._real, file))
        folder = os.path.dirname(file)
        while folder:
            try:
                os.rmdir(os.path.join(self._real, folder))
            # Not empty: a file of another page, or of somebody else.
            except OSError:
                return
            folder = os.path.dirname(folder)

    def _hash(self, file: str) -> str | None:
        """Return the SHA-256 of the *file* in the folder, None where there is none; of a link its target.

        That is the hash of no page, so a link never counts as a file that an earlier run wrote.
        """
        path = os.path.join(self._real, file)
        if os.path.islink(path):
            return os.readlink(path)
        try:
            with open(path, "rb") as handle:
                return hashlib.file_digest(handle, "sha256").hexdigest()
        except FileNotFoundError:
            return None

    def _note(self, files: Hashes) -> None:
        """Write the mark, whole or not at all."""
        mark = Manifest(newsletter=self._mark.newsletter, address=self._mark.address, files=files)
        output.write_file(os.path.join(self._real, MARK), mark.to_bytes())


def _write(path: str, content: bytes) -> None:
    """Write a file and wait until it is on the disk.

    Else a loss of power after the rename could leave an empty file under the new name.
    """
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
