"""Whether the four files are there, readable, and the ones that the record was made for."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from digest.checks.opened import HTML, MESSAGE, NAMES, RECORD, TEXT, facts
from digest.checks.rules import finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from digest.checks.opened import Facts
    from digest.model import Finding


def unreadable(files: Mapping[str, bytes]) -> Iterator[Finding]:
    """Yield what makes it impossible to look any further."""
    for name in NAMES:
        if name not in files:
            yield finding("file-missing", name, "is not there")
    for name in (HTML, TEXT):
        try:
            files.get(name, b"").decode()
        except UnicodeDecodeError as error:
            line = files[name].count(b"\n", 0, error.start) + 1
            yield finding("file-encoding", name, f"byte {files[name][error.start]:#04x} is not UTF-8", line=line)
    if RECORD in files:
        try:
            facts(files[RECORD])
        except ValueError as error:
            yield finding("record", RECORD, f"is no record ({error})")


def changed(files: Mapping[str, bytes], record: Facts) -> Iterator[Finding]:
    """Yield each file that is not the one of the record."""
    for name in (HTML, TEXT, MESSAGE):
        if record.outputs.get(name) != hashlib.sha256(files[name]).hexdigest():
            yield finding("record-hash", name, "is not the file that issue.json has the hash of")
