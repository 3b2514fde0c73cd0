"""What was handed to whom, in one SQLite file that outlives a crash. Knows states and hashes; sends nothing.

Each mark is on the disk when `mark` returns (WAL, synchronous=FULL). One process at a time may write: a lock that dies
with its process sees to it, so what it finds as `sending` at its start is from a run that was killed, and becomes
`unknown`: nobody can tell whether that message left. Holds addresses of readers, and never a secret of a service.
"""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Literal

from digest.errors import SendingError
from digest.mail.letter import Reader, Receipt
from digest.mail.recipients import key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

State = Literal["queued", "sending", "sent", "deferred", "failed", "unknown", "suppressed"]
"""deferred: a soft refusal, to be tried again; failed: a hard one; unknown: it may have left, nobody knows."""

PASSING = ""
"""Name of a ledger that is gone when it is closed; SQLite keeps it on the disk, whatever its size."""

_PAGE = 500
_SCHEMA = """
CREATE TABLE IF NOT EXISTS handover (
  id INTEGER PRIMARY KEY, issue TEXT NOT NULL, target TEXT NOT NULL, hash TEXT NOT NULL, state TEXT NOT NULL,
  reference TEXT NOT NULL DEFAULT '', address TEXT NOT NULL DEFAULT '', at REAL NOT NULL, UNIQUE (issue, target));
CREATE TABLE IF NOT EXISTS mail (
  handover INTEGER NOT NULL REFERENCES handover, reader TEXT NOT NULL, address TEXT NOT NULL, fields TEXT NOT NULL,
  state TEXT NOT NULL, due REAL, tries INTEGER NOT NULL DEFAULT 0, reply TEXT NOT NULL DEFAULT '', at REAL NOT NULL,
  seen INTEGER NOT NULL, PRIMARY KEY (handover, reader)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS due ON mail (handover, due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS suppressed (reader TEXT PRIMARY KEY, because TEXT NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 1;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """One issue and one target. *hash* is of the letter; *state* `draft` until it is sent."""

    id: int
    issue: str
    target: str
    hash: str
    state: str
    reference: str
    address: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A reader who is to be written to: *state* is queued or deferred, *tries* how often it was tried."""

    reader: Reader
    state: State
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What became of one reader's message. *due* is when to try again, None for never by itself."""

    address: str
    state: State
    reply: str = ""
    due: float | None = None


class Ledger:
    """The ledger of a newsletter. Safe to use from several threads; close it, or use `opened`."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._guard = Lock()
        self._waiting: list[list[tuple[object, ...]]] = []
        try:
            if path != PASSING:
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # it holds addresses: for its owner only
            self._disk = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
            self._disk.execute("PRAGMA journal_mode = WAL")
            self._disk.execute("PRAGMA synchronous = FULL")
            if self._disk.execute("PRAGMA user_version").fetchone()[0] == 0:  # else whoever only reads would write
                self._disk.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise SendingError(path, f"is no ledger we can use ({error})", "name another as send.ledger") from error

    def close(self) -> None:
        """Let go of the file."""
        self._disk.close()

    # --- hand-overs

    def handovers(self, issue: str = "") -> list[Handover]:
        """Return the hand-overs of an issue, or all of them, in order."""
        rows = self._disk.execute(
            "SELECT id, issue, target, hash, state, reference, address, at FROM handover"
            " WHERE ? IN ('', issue) ORDER BY issue, target",
            (issue,),
        )
        names = ("id", "issue", "target", "hash", "state", "reference", "address", "at")
        return [Handover(**dict(zip(names, row, strict=True))) for row in rows]

    def handover(self, issue: str, target: str) -> Handover | None:
        """Return one hand-over, None where there was none yet."""
        return next((one for one in self.handovers(issue) if one.target == target), None)

    def note(self, issue: str, target: str, content: str, receipt: Receipt, *, at: float) -> Handover:
        """Write down how a hand-over stands. Raises SendingError where the letter is not the one sent before.

        From the first sending on the letter is frozen; a draft may change.
        """
        before = self.handover(issue, target)
        if before and before.state != "draft" and before.hash != content:
            raise SendingError(
                f"issue {issue}",
                f"was handed to {target} with other content before",
                "bring that build back, or name another target",
            )
        with self._guard, self._transaction():
            self._disk.execute(
                "INSERT INTO handover (issue, target, hash, state, reference, address, at) VALUES (?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (issue, target) DO UPDATE SET hash = excluded.hash, state = excluded.state,"
                " reference = excluded.reference, address = excluded.address, at = excluded.at",
                (issue, target, content, receipt.state, receipt.reference, receipt.address, at),
            )
        found = self.handover(issue, target)
        assert found is not None
        return found

    # --- readers

    def enlist(self, handover: Handover, readers: Iterable[Reader], *, at: float) -> int:
        """Let the list be *readers*, and return how many stood in it twice.

        Who has a message keeps it. Who still waits and is not in the list any more is passed over.
        """
        if handover.state == "draft":
            with self._guard, self._transaction():
                self._disk.execute("DELETE FROM mail WHERE handover = ?", (handover.id,))
        seen = self._number("SELECT coalesce(max(seen), 0) + 1 FROM mail WHERE handover = ?", handover.id)
        count = 0
        chunk: list[Reader] = []
        for reader in readers:
            count += 1
            chunk.append(reader)
            if len(chunk) == _PAGE:
                self._enlist(handover, chunk, seen, at)
                chunk = []
        self._enlist(handover, chunk, seen, at)
        self._pass_over(handover, f"seen <> {seen}", "left the list")
        self._pass_over(handover, "reader IN (SELECT reader FROM suppressed)", "suppressed")
        return count - self._number("SELECT count(*) FROM mail WHERE handover = ? AND seen = ?", handover.id, seen)

    def _enlist(self, handover: Handover, readers: Sequence[Reader], seen: int, at: float) -> None:
        rows = [
            (handover.id, key(one.address), one.address, json.dumps(dict(one.fields), ensure_ascii=False), at, seen)
            for one in readers
        ]
        with self._guard, self._transaction():
            self._disk.executemany(
                "INSERT INTO mail (handover, reader, address, fields, state, due, at, seen)"
                " VALUES (?, ?, ?, ?, 'queued', 0, ?, ?)"
                " ON CONFLICT (handover, reader) DO UPDATE SET seen = excluded.seen",
                rows,
            )

    def _pass_over(self, handover: Handover, whom: str, because: str) -> None:
        with self._guard, self._transaction():
            self._disk.execute(
                "UPDATE mail SET state = 'suppressed', due = NULL, reply = ?"  # noqa: S608 - *whom* is written above
                f" WHERE handover = ? AND due IS NOT NULL AND {whom}",
                (because, handover.id),
            )

    def _number(self, query: str, *values: object) -> int:
        with self._guard:
            return int(self._disk.execute(query, values).fetchone()[0])

    def suppress(self, addresses: Iterable[str], because: str, *, at: float) -> None:
        """Never write to these readers again, in any issue."""
        rows = [(key(address), because, at) for address in addresses]
        with self._guard, self._transaction():
            self._disk.executemany("INSERT OR IGNORE INTO suppressed VALUES (?, ?, ?)", rows)

    def resume(self, handover: Handover, *, unknown: bool) -> None:
        """Begin a run: what a killed one left as `sending` is `unknown`, and the deferred are to be tried at once.

        With *unknown* those are queued again too.
        """
        with self._guard, self._transaction():
            self._disk.execute(
                "UPDATE mail SET state = 'unknown', due = NULL, reply = 'the run ended before the answer'"
                " WHERE handover = ? AND state = 'sending'",
                (handover.id,),
            )
            self._disk.execute("UPDATE mail SET due = 0 WHERE handover = ? AND state = 'deferred'", (handover.id,))
            if unknown:
                self._disk.execute(
                    "UPDATE mail SET state = 'queued', due = 0 WHERE handover = ? AND state = 'unknown'", (handover.id,)
                )

    def due(self, handover: Handover, *, now: float, limit: int = _PAGE) -> list[Due]:
        """Return readers who are to be written to by *now*, those who have waited longest first."""
        with self._guard:
            rows = self._disk.execute(
                "SELECT address, fields, state, tries FROM mail WHERE handover = ? AND due <= ? ORDER BY due LIMIT ?",
                (handover.id, now, limit),
            ).fetchall()
        return [
            Due(reader=Reader(address=address, fields=json.loads(fields)), state=state, tries=tries)
            for address, fields, state, tries in rows
        ]

    def next_due(self, handover: Handover) -> float | None:
        """Return when the next reader is to be written to, None where nobody waits."""
        with self._guard:
            found = self._disk.execute(
                "SELECT min(due) FROM mail WHERE handover = ? AND due IS NOT NULL", (handover.id,)
            ).fetchone()[0]
        return None if found is None else float(found)

    def mark(self, handover: Handover, marks: Sequence[Mark], *, at: float) -> None:
        """Write down what became of readers; it is on the disk when this returns.

        Several connections that mark at the same time share one commit: the disk takes as long for four as for one.
        """
        trial = {"sending": 0, "queued": 0}  # neither is an answer, so neither counts as a try
        mine: list[tuple[object, ...]] = [
            (one.state, one.due, one.reply, trial.get(one.state, 1), at, handover.id, key(one.address)) for one in marks
        ]
        self._waiting.append(mine)
        with self._guard:
            if not any(rows is mine for rows in self._waiting):  # another connection has committed it with its own
                return
            together = self._waiting[:]
            try:
                with self._transaction():
                    self._disk.executemany(
                        "UPDATE mail SET state = ?, due = ?, reply = ?, tries = tries + ?, at = ?"
                        " WHERE handover = ? AND reader = ?",
                        [row for rows in together for row in rows],
                    )
            except BaseException:
                self._waiting = [rows for rows in self._waiting if rows is not mine]
                raise
            del self._waiting[: len(together)]

    def counts(self, handover: Handover) -> dict[State, int]:
        """Return how many readers are in which state."""
        with self._guard:
            rows = self._disk.execute(
                "SELECT state, count(*) FROM mail WHERE handover = ? GROUP BY state ORDER BY state", (handover.id,)
            )
            return dict(rows.fetchall())

    def listed(self, handover: Handover, state: str) -> Iterator[tuple[str, str]]:
        """Yield the readers in a state, with the last reply."""
        rows = self._disk.execute(
            "SELECT address, reply FROM mail WHERE handover = ? AND state = ? ORDER BY reader", (handover.id, state)
        )
        yield from rows

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._disk.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._disk.execute("ROLLBACK")
            raise
        self._disk.execute("COMMIT")


@contextmanager
def opened(path: str) -> Iterator[Ledger]:
    """Open the ledger for writing. Raises SendingError where another run has it."""
    with _alone(path):
        ledger = Ledger(path)
        try:
            yield ledger
        finally:
            ledger.close()


@contextmanager
def _alone(path: str) -> Iterator[None]:
    """Hold a lock that ends with this process, however it ends: an exclusive transaction on a file of its own."""
    if path == PASSING:
        yield
        return
    try:
        lock = sqlite3.connect(f"{path}.lock", isolation_level=None, timeout=0)
    except sqlite3.Error as error:
        raise SendingError(path, f"is no ledger we can use ({error})", "name another as send.ledger") from error
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        raise SendingError(path, "another run is sending", "wait for it, or end it") from error
    try:
        yield
    finally:
        lock.close()
