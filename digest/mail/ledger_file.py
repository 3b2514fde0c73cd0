"""The ledger's file: made, opened, locked, brought up to date, and refused where it is not what it should be.

While it is written to, SQLite keeps a log beside it (WAL, synchronous=FULL): a commit is on the disk once it returns,
and costs 0.2 ms, where a message to a real server costs far more. At rest it is one file, so a copy of that file is a
backup. One process at a time may write; the lock dies with that process. What SQLite says wrong becomes a SendingError
with a remedy.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import SendingError

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSING = ""
"""Path of a ledger that is gone when it is closed. SQLite puts it into a temporary file, whatever its size."""

# Stands in the file as user_version. A format that is new gets the next number and statements that bring old ones up.
_VERSION = 2
_SCHEMA = """
CREATE TABLE edition (
  id INTEGER PRIMARY KEY, newsletter TEXT NOT NULL, issue TEXT NOT NULL, content TEXT NOT NULL DEFAULT '',
  seen INTEGER NOT NULL DEFAULT 0, UNIQUE (newsletter, issue));
CREATE TABLE handover (
  id INTEGER PRIMARY KEY, edition INTEGER NOT NULL REFERENCES edition, target TEXT NOT NULL, hash TEXT NOT NULL,
  state TEXT NOT NULL, reference TEXT NOT NULL DEFAULT '', address TEXT NOT NULL DEFAULT '', at REAL NOT NULL,
  listed INTEGER NOT NULL DEFAULT 0, UNIQUE (edition, target));
CREATE TABLE mail (
  edition INTEGER NOT NULL REFERENCES edition, reader TEXT NOT NULL, address TEXT NOT NULL, fields TEXT NOT NULL,
  state TEXT NOT NULL, due REAL, tries INTEGER NOT NULL DEFAULT 0, reply TEXT NOT NULL DEFAULT '', at REAL NOT NULL,
  seen INTEGER NOT NULL, handover INTEGER REFERENCES handover, PRIMARY KEY (edition, reader)) WITHOUT ROWID;
CREATE INDEX due ON mail (edition, due) WHERE due IS NOT NULL;
CREATE TABLE suppressed (reader TEXT PRIMARY KEY, because TEXT NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE refusal (
  reader TEXT NOT NULL, newsletter TEXT NOT NULL, issue TEXT NOT NULL, reply TEXT NOT NULL, at REAL NOT NULL,
  PRIMARY KEY (reader, newsletter, issue)) WITHOUT ROWID;
"""
"""The tables. Times are in seconds since 1970; `reader` is an address without case (`recipients.key`).

edition: an issue of a newsletter. `content` is the hash of what readers have of it, empty while nobody has it; `seen`
counts how often a list was read for it.
handover: an edition and a target, with the service's state; `listed` is the size of the list that was last written to.
mail: an edition and a reader. `due` is when to write, 0 for somebody who was not tried yet and NULL for nobody's turn;
`tries` counts answers; `seen` is the last reading of the list that named this reader, `handover` who carried it.
suppressed: readers who are never written to. refusal: who was refused as a mailbox, and in which issue.
"""
# Of two hand-overs to one reader in format 1, the one that counts: whoever has a message has it.
_RANK = "CASE state WHEN 'sent' THEN 0 WHEN 'unknown' THEN 1 WHEN 'sending' THEN 1 WHEN 'failed' THEN 2 ELSE 3 END"

# Format 1 knew a reader by target and issue, and the newsletter not at all: whoever opens it says which it was.
_FROM_1 = (
    "DROP INDEX due",
    *(f"ALTER TABLE {table} RENAME TO old_{table}" for table in ("handover", "mail", "suppressed")),
    *(statement for statement in _SCHEMA.split(";") if statement.strip()),
    "INSERT INTO edition (newsletter, issue) SELECT DISTINCT :newsletter, issue FROM old_handover",
    (
        "INSERT INTO handover SELECT o.id, e.id, o.target, o.hash, o.state, o.reference, o.address, o.at, 0"
        " FROM old_handover o JOIN edition e ON e.issue = o.issue"
    ),
    (
        "INSERT OR IGNORE INTO mail SELECT h.edition, lower(m.reader), m.address, m.fields,"  # noqa: S608 - no outside words
        " CASE WHEN m.state = 'suppressed' THEN 'queued' ELSE m.state END,"
        " CASE WHEN m.state = 'suppressed' THEN 0 ELSE m.due END, m.tries, m.reply, m.at, 0, m.handover"
        f" FROM old_mail m JOIN handover h ON h.id = m.handover ORDER BY {_RANK.replace('state', 'm.state')}"
    ),
    (
        "UPDATE edition SET content = coalesce((SELECT h.hash FROM handover h WHERE h.edition = edition.id AND EXISTS"
        " (SELECT 1 FROM mail m WHERE m.handover = h.id AND m.state IN ('sent', 'unknown', 'sending'))), '')"
    ),
    (
        "INSERT OR IGNORE INTO suppressed SELECT lower(reader), because, at FROM old_suppressed"
        " WHERE because NOT LIKE 'stands in %'"
    ),
    *(f"DROP TABLE old_{table}" for table in ("mail", "handover", "suppressed")),
)


@contextmanager
def errors_named(path: str) -> Iterator[None]:
    """Turn what SQLite and the disk say about *path* into one sentence with a remedy. Raises SendingError.

    Locked, unusable (no room, no permission) and damaged are three things to a user, and three remedies.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise SendingError(path, "is locked by another program", "close that program and try again") from error
        remedy = "make room and see to its permissions; nobody is written to without it"
        raise SendingError(path, f"cannot be used ({error})", remedy) from error
    except sqlite3.DatabaseError as error:
        remedy = "bring a copy of it back; nobody is written to without it"
        raise SendingError(path, f"is damaged or no ledger ({error})", remedy) from error
    except OSError as error:
        remedy = "see to it, or name another as send.ledger"
        raise SendingError(path, f"cannot be used ({error.strerror})", remedy) from error


def is_empty(path: str) -> bool:
    """Return whether no ledger stands at *path*: no file, or one without a byte. Raises SendingError."""
    with errors_named(path):
        return not os.path.lexists(path) or (os.path.isfile(path) and os.path.getsize(path) == 0)


def for_writing(path: str, newsletter: str) -> sqlite3.Connection:
    """Open the ledger at *path* and make it where there is none; one of format 1 is of *newsletter*.

    The connection commits to the disk (WAL, synchronous=FULL) and may be used by several threads, one at a time. Raises
    SendingError where the file is damaged, locked, read-only, of another format or no ledger at all.
    """
    with errors_named(path):
        if path != PASSING:
            _make_private(path)
        # isolation_level None: transactions begin where `ledger` says so, and not before some of its statements, as
        # the sqlite3 module would have it. The ledger's own lock keeps threads apart.
        disk = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        try:
            _bring_up_to_date(disk, path, newsletter)
            disk.execute("PRAGMA journal_mode = WAL")
            disk.execute("PRAGMA synchronous = FULL")
        except BaseException:
            disk.close()
            raise
        return disk


def snapshot(path: str, newsletter: str) -> sqlite3.Connection:
    """Return a passing copy of the ledger at *path*, an empty one where there is none; writes nothing beside it.

    Raises SendingError as `for_writing` does.
    """
    copy = sqlite3.connect(PASSING, isolation_level=None, check_same_thread=False)
    with errors_named(path):
        if not is_empty(path):
            # SQLite says no more of a folder than that it cannot be opened.
            if os.path.isdir(path):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            # Opened read-only and copied page by page: a run that writes meanwhile is not held up.
            source = sqlite3.connect(f"{Path(os.path.abspath(path)).as_uri()}?mode=ro", uri=True, timeout=10)
            try:
                source.backup(copy)
            finally:
                source.close()
        _bring_up_to_date(copy, path, newsletter)
    return copy


def close(disk: sqlite3.Connection) -> None:
    """Close the file, and fold the log into it where nobody else reads it, so that one file is the whole ledger."""
    with suppress(sqlite3.Error):
        disk.execute("PRAGMA journal_mode = DELETE")
    disk.close()


@contextmanager
def alone(path: str) -> Iterator[None]:
    """Hold a lock that ends with this process, however it ends: an exclusive transaction on a file beside *path*.

    A file of its own, so that the ledger can be read meanwhile. Raises SendingError where another run has it.
    """
    if path == PASSING:
        yield
        return
    with errors_named(path):
        _make_private(f"{path}.lock")
        lock = sqlite3.connect(f"{path}.lock", isolation_level=None, timeout=0)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        raise SendingError(path, "another run is sending", "wait for it, or end it") from error
    try:
        yield
    finally:
        lock.close()


def _make_private(path: str) -> None:
    """Let only its owner read the file *path*, which is made where there is none: it holds addresses.

    Before SQLite opens it, because the files that SQLite puts beside it get the mode that this one has.
    """
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        # Another user's file may be shared on purpose; it is left as it is.
        with suppress(PermissionError):
            os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def _bring_up_to_date(disk: sqlite3.Connection, path: str, newsletter: str) -> None:
    """Make the tables of a new file, or bring one of format 1 up to date, in one transaction.

    Raises SendingError for a newer format and for another program's database, and DatabaseError for a damaged one.
    """
    version = disk.execute("PRAGMA user_version").fetchone()[0]
    tables = {name for (name,) in disk.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if version > _VERSION or (version == 0 and tables):
        problem = f"is a ledger of format {version}" if version else "is a database of another program"
        remedy = f"this digest writes format {_VERSION}; name another as send.ledger, or use the digest that made it"
        raise SendingError(path, problem, remedy)
    # Before anything is written: SQLite notices damage only where it reads, which may be in the middle of a run.
    fault = disk.execute("PRAGMA quick_check(1)").fetchone()[0]
    if fault != "ok":
        raise sqlite3.DatabaseError(fault.splitlines()[-1])
    if version == _VERSION:
        return
    disk.execute("BEGIN IMMEDIATE")
    try:
        if version == 1:
            for statement in _FROM_1:
                disk.execute(statement, {"newsletter": newsletter} if ":newsletter" in statement else {})
        else:
            for statement in filter(str.strip, _SCHEMA.split(";")):
                disk.execute(statement)
        disk.execute(f"PRAGMA user_version = {_VERSION}")
        disk.execute("COMMIT")
    except BaseException:
        if disk.in_transaction:
            disk.execute("ROLLBACK")
        raise
