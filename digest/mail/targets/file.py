"""file: the issue as files for whoever takes it from there: .eml, .html, .txt and all of them as .zip. No network.

To a folder, or with the extra `s3` to any place that fsspec knows (s3://bucket/path). The letter comes dated at the
moment of handing over: whoever takes it from there may send it as it stands, and on the morning of its last day the end
of the window lies up to a day in the future. Same letter, same bytes.
"""

from __future__ import annotations

import io
import os
import zipfile
from typing import TYPE_CHECKING

from digest.errors import SendingError, TableError
from digest.mail.target import Able, FileTarget, Known, Receipt
from digest.tables import places

if TYPE_CHECKING:
    from digest.mail.target import BuiltIssue


class Files(FileTarget):
    """The issue as files in a folder, or in a bucket that fsspec knows."""

    ABLE = Able(text=True, preheader=True, headers=True, schedule=False, test=False)
    OPTIONS = (Known(name="folder", default="handed-over"),)

    def write(self) -> Receipt:
        """Write the files and return where the .zip is. Raises SendingError."""
        letter, folder = self.letter, self.options.text("folder").rstrip("/")
        for name, content in contents(letter).items():
            (_write_remote if "://" in folder else _write_local)(f"{folder}/{name}", content)
        return Receipt(state="sent", reference=letter.name, address=f"{folder}/{letter.label}-{letter.issue}.zip")


def contents(letter: BuiltIssue) -> dict[str, bytes]:
    """Return the files of *letter* by their names: three, and one that packs them."""
    stem = f"{letter.label}-{letter.issue}"
    files = {f"{stem}.eml": letter.mime, f"{stem}.html": letter.html.encode(), f"{stem}.txt": letter.text.encode()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            # A ZipInfo is dated 1980, a bare name with the clock's time: the same letter would not be the same bytes.
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return {**files, f"{stem}.zip": packed.getvalue()}


def _write_local(path: str, content: bytes) -> None:
    """Write a file of this machine, whole or not at all. Raises SendingError."""
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(f"{path}.new", "wb") as handle:
            handle.write(content)
        os.replace(f"{path}.new", path)
    except OSError as error:
        raise SendingError(path, f"cannot be written ({error.strerror})", "make room or name another folder") from error


def _write_remote(path: str, content: bytes) -> None:
    """Write to an address that fsspec knows, such as s3://bucket/path. Raises SendingError, also without the extra."""
    try:
        places.store(content, path)
    except TableError as error:
        raise SendingError(error.place, error.what, error.remedy) from error
