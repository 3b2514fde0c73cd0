"""The ledger: which reader was handed which issue, in one SQLite file that outlives a crash. Sends nothing.

- Its key is newsletter, issue and reader: whichever target carried it, a reader who has an issue is not written to
  again. Addresses compare without case.
- Each mark is on the disk when `mark` returns, so what the ledger says is never behind the wire.
- One process at a time may write. So whatever a run finds as `sending` at its start is from a run that was killed, and
  becomes `unknown`: nobody can tell whether that message left.
- Being in the list is no state of a reader: whoever is missing from it, or suppressed, is a reader again as soon as
  that ends.
- It holds addresses of readers, and never a secret of a service.

`ledger_file` has the file itself: schema, locks, formats.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from digest.errors import SendingError
from digest.mail import ledger_file
from digest.mail.built import Reader, Receipt
from digest.mail.ledger_file import PASSING
from digest.mail.recipients import key

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from digest.mail.smtp import Fault

__all__ = [
    "PASSING",
    "Due",
    "Edition",
    "Handover",
    "HandoverBook",
    "Held",
    "Ledger",
    "ListSize",
    "Mark",
    "State",
    "opened",
    "snapshot",
]

State = Literal["queued", "sending", "sent", "deferred", "failed", "unknown", "suppressed", "absent"]
"""How one reader stands with an issue.

queued: to be written to. sending: under way. sent: accepted by the service. deferred: refused softly, to be tried
again. failed: refused for good. unknown: it may have left, nobody knows. suppressed: not to be written to, in any
issue. absent: queued or deferred, but not in the list as it was last read.
"""

# When readers are due who were asked already and are to be asked again: after 0, which all have who were not yet asked.
# Else every run would begin with the same readers, and where a server stumbles over ten of them none would get further.
LAST_IN_LINE = 1.0

# Readers that are fetched at once: a list of a million must not be in memory as a whole.
_PAGE = 500

# `absent` stands in no row: it follows from a reader who waits and is due at no time.
_STATE = "CASE WHEN due IS NULL AND state IN ('queued', 'deferred') THEN 'absent' ELSE state END"
_HAS_IT = "('sent', 'unknown')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What is handed over: an *issue* of a *newsletter*; *content* is a hash of everything that a reader sees of it."""

    newsletter: str
    issue: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """One issue and one target. *id* and *edition* are the ledger's own keys.

    *hash* is of the letter as it was last handed to this target; *state* is `draft` until it is sent. *reference* and
    *address* are the service's; *at* is when it was last noted, in seconds since 1970.
    """

    id: int
    edition: int
    newsletter: str
    issue: str
    target: str
    hash: str
    state: str
    reference: str
    address: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A reader who is to be written to. *state* is `queued` or `deferred`; *tries* counts the answers so far."""

    reader: Reader
    state: State
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What became of one reader's message. *due* is when to try again (seconds since 1970), None for never.

    *fault* says what a failure is about, None for what is none.
    """

    address: str
    state: State
    reply: str = ""
    due: float | None = None
    fault: Fault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How many readers of the list have the issue by *target*, the first one since *since* (seconds since 1970)."""

    target: str
    readers: int
    since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSize:
    """How many readers a list had when it was last written to, and of which issue."""

    issue: str
    readers: int


class Ledger:
    """The ledger of one or more newsletters, from `opened` or `snapshot`. Safe to use from several threads.

    Every method raises SendingError where the file cannot be read or written any more: nobody is written to without
    it. *at* is always the time, in seconds since 1970. What a method writes is one transaction, whole or not at all.
    """

    def __init__(self, disk: sqlite3.Connection, path: str) -> None:
        self.path = path
        self._disk = disk
        self._guard = Lock()
        self._waiting: list[list[tuple[object, ...]]] = []

    # --- hand-overs

    def handovers(self, issue: str = "", newsletter: str = "") -> list[Handover]:
        """Return the hand-overs of an *issue* and a *newsletter*, of all where one is empty, in order."""
        rows = self._rows(
            "SELECT h.id, e.id, e.newsletter, e.issue, h.target, h.hash, h.state, h.reference, h.address, h.at"
            " FROM handover h JOIN edition e ON e.id = h.edition WHERE ? IN ('', e.issue) AND ? IN ('', e.newsletter)"
            " ORDER BY e.issue, e.newsletter, h.target",
            (issue, newsletter),
        )
        names = ("id", "edition", "newsletter", "issue", "target", "hash", "state", "reference", "address", "at")
        return [Handover(**dict(zip(names, row, strict=True))) for row in rows]

    def handover(self, newsletter: str, issue: str, target: str) -> Handover | None:
        """Return the hand-over of an issue to the *target* of that name in the settings, None where there was none."""
        return next((handover for handover in self.handovers(issue, newsletter) if handover.target == target), None)

    def note(self, edition: Edition, target: str, receipt: Receipt, *, at: float, freeze: bool = False) -> Handover:
        """Write down how a hand-over stands, and return it. Raises SendingError where readers have other content.

        From the first accepted message on the content is frozen, for all targets: two readers of one issue must not
        read two issues. *freeze* says that a service has begun, so that a reader may have it.
        """
        frozen = self._rows(
            "SELECT content FROM edition WHERE newsletter = ? AND issue = ?", (edition.newsletter, edition.issue)
        )
        if frozen and frozen[0][0] not in ("", edition.content):
            raise SendingError(
                f"issue {edition.issue}",
                "was handed over with other content before",
                "bring that build back; if the issue was built again, what readers got is in its folder `sent`",
            )
        with self._transaction() as disk:
            disk.execute(
                "INSERT INTO edition (newsletter, issue) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (edition.newsletter, edition.issue),
            )
            (number,) = disk.execute(
                "SELECT id FROM edition WHERE newsletter = ? AND issue = ?", (edition.newsletter, edition.issue)
            ).fetchone()
            if freeze:
                disk.execute("UPDATE edition SET content = ? WHERE id = ?", (edition.content, number))
            disk.execute(
                "INSERT INTO handover (edition, target, hash, state, reference, address, at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (edition, target) DO UPDATE SET hash = excluded.hash,"
                " state = excluded.state, reference = excluded.reference, address = excluded.address,"
                " at = excluded.at",
                (number, target, edition.content, receipt.state, receipt.reference, receipt.address, at),
            )
        handover = self.handover(edition.newsletter, edition.issue, target)
        assert handover is not None
        return handover

    def forget(self, handover: Handover) -> None:
        """Let a hand-over never have been: for one that reached nobody, as files of this machine do not.

        Readers whom it carried are queued again; the content is free again unless another target reached somebody.
        """
        with self._transaction() as disk:
            disk.execute(
                "UPDATE mail SET state = 'queued', due = 0, handover = NULL WHERE handover = ?", (handover.id,)
            )
            disk.execute("DELETE FROM handover WHERE id = ?", (handover.id,))
            disk.execute(
                "UPDATE edition SET content = '' WHERE id = ? AND NOT EXISTS"  # noqa: S608 - ours
                f" (SELECT 1 FROM mail WHERE edition = edition.id AND state IN {_HAS_IT})",
                (handover.edition,),
            )

    # --- the list

    def enlist(
        self, handover: Handover, readers: Iterable[Reader], *, excluded: Iterable[str] = (), at: float
    ) -> tuple[int, int]:
        """Let the list be *readers* without the keys *excluded*; return its size, and how many rows were duplicates.

        A reader who has the message keeps that state; one who waits and is not in the list is `absent` until the list
        has them again. Where reading *readers* fails halfway nothing is written.
        """
        with self._transaction() as disk:
            # Each reading of the list has a number. Who bears it is in the list, so that no list has to be compared in
            # memory, however long it is.
            disk.execute("UPDATE edition SET seen = seen + 1 WHERE id = ?", (handover.edition,))
            (seen,) = disk.execute("SELECT seen FROM edition WHERE id = ?", (handover.edition,)).fetchone()
            rows = 0
            for reader in readers:
                rows += 1
                fields = json.dumps(dict(reader.fields), ensure_ascii=False)
                disk.execute(_ENLIST, (handover.edition, key(reader.address), reader.address, fields, at, seen))
            self._follow_list(disk, handover, seen, excluded)
            (size,) = disk.execute(
                "SELECT count(*) FROM mail WHERE edition = ? AND seen = ?", (handover.edition, seen)
            ).fetchone()
        return size, rows - size

    @staticmethod
    def _follow_list(disk: sqlite3.Connection, handover: Handover, seen: int, excluded: Iterable[str]) -> None:
        """Let waiting readers be due, absent or suppressed as the list and the suppressions are now.

        First everybody who was suppressed waits again, since suppressions may have been lifted or taken out of files.
        """
        disk.execute("CREATE TEMP TABLE IF NOT EXISTS excluded_now (reader TEXT PRIMARY KEY) WITHOUT ROWID")
        disk.execute("DELETE FROM excluded_now")
        disk.executemany("INSERT OR IGNORE INTO excluded_now VALUES (?)", ((reader,) for reader in excluded))
        disk.execute(
            "UPDATE mail SET state = 'queued', due = 0, reply = '' WHERE edition = ? AND state = 'suppressed'",
            (handover.edition,),
        )
        disk.execute(
            "UPDATE mail SET due = CASE WHEN seen = ? THEN coalesce(due, 0) END"
            " WHERE edition = ? AND state IN ('queued', 'deferred')",
            (seen, handover.edition),
        )
        for table, because in (("suppressed", "suppressed"), ("excluded_now", "stands in a list of suppressions")):
            disk.execute(
                "UPDATE mail SET state = 'suppressed', due = NULL, reply = ?"  # noqa: S608 - both tables are ours
                f" WHERE edition = ? AND due IS NOT NULL AND reader IN (SELECT reader FROM {table})",
                (because, handover.edition),
            )

    def last_list(self, handover: Handover) -> ListSize | None:
        """Return the size of the list that this target wrote to last, else of any target of the newsletter.

        None where nothing was written to yet. A list that is much shorter is asked about.
        """
        rows = self._rows(
            "SELECT e.issue, h.listed FROM handover h JOIN edition e ON e.id = h.edition"
            " WHERE e.newsletter = ? AND h.listed > 0 ORDER BY h.target = ? DESC, h.at DESC LIMIT 1",
            (handover.newsletter, handover.target),
        )
        return ListSize(issue=rows[0][0], readers=rows[0][1]) if rows else None

    def note_list(self, handover: Handover, size: int) -> None:
        """Write down the *size* of the list that is written to now, for the next run to compare its own with."""
        with self._transaction() as disk:
            disk.execute("UPDATE handover SET listed = ? WHERE id = ?", (size, handover.id))

    # --- suppressions

    def suppress(self, addresses: Iterable[str], because: str, *, at: float) -> None:
        """Never write to these readers again, in any issue of any newsletter, until `lift`."""
        rows = [(key(address), because, at) for address in addresses]
        with self._transaction() as disk:
            disk.executemany("INSERT OR IGNORE INTO suppressed VALUES (?, ?, ?)", rows)

    def suppressed(self) -> set[str]:
        """Return the keys of all who are never to be written to, in any issue."""
        return {reader for (reader,) in self._rows("SELECT reader FROM suppressed", ())}

    def refused(self, handover: Handover, replies: Mapping[str, str], *, at: float) -> None:
        """Note that a server said of these mailboxes that they take no mail: *replies* by address.

        A mailbox of which that was said in an earlier issue, too, and which got nothing since, is suppressed for good.
        Once may be a server's bad day.
        """
        with self._transaction() as disk:
            for address, reply in replies.items():
                reader = key(address)
                before = disk.execute(
                    "SELECT r.issue FROM refusal r WHERE r.reader = :reader"
                    " AND (r.newsletter, r.issue) <> (:newsletter, :issue) AND NOT EXISTS ("
                    # CROSS JOIN fixes the order for SQLite: one look-up for each issue instead of a walk through all
                    # mail.
                    " SELECT 1 FROM edition CROSS JOIN mail ON mail.edition = edition.id AND mail.reader = :reader"
                    " WHERE mail.state = 'sent' AND mail.at > r.at) ORDER BY r.at DESC LIMIT 1",
                    {"reader": reader, "newsletter": handover.newsletter, "issue": handover.issue},
                ).fetchone()
                disk.execute(
                    "INSERT OR REPLACE INTO refusal VALUES (?, ?, ?, ?, ?)",
                    (reader, handover.newsletter, handover.issue, reply, at),
                )
                if before:
                    because = f"refused in issues {before[0]} and {handover.issue}: {reply}"
                    disk.execute("INSERT OR IGNORE INTO suppressed VALUES (?, ?, ?)", (reader, because, at))

    def give_back(self, handover: Handover, addresses: Iterable[str]) -> None:
        """Let readers who failed be asked again, after all others. Their last reply stays, to be read by `sent`."""
        rows = [(LAST_IN_LINE, handover.edition, key(address)) for address in addresses]
        with self._transaction() as disk:
            disk.executemany(
                "UPDATE mail SET state = 'queued', due = ? WHERE edition = ? AND reader = ? AND state = 'failed'", rows
            )

    def lift(self, address: str) -> bool:
        """Forget that a mailbox was refused, and queue it where it waits; return whether anything was to forget."""
        with self._transaction() as disk:
            counts = [
                disk.execute(f"DELETE FROM {table} WHERE reader = ?", (key(address),)).rowcount  # noqa: S608 - ours
                for table in ("suppressed", "refusal")
            ]
            waiting = disk.execute(
                "UPDATE mail SET state = 'queued', due = 0, reply = '' WHERE reader = ? AND state = 'suppressed'",
                (key(address),),
            ).rowcount
        return any(counts) or bool(waiting)

    # --- readers

    def resume(self, handover: Handover, *, unknown: bool, failed: bool = False) -> None:
        """Begin a run: what a killed one left as `sending` is `unknown`, and the deferred are to be tried at once.

        With *unknown* and with *failed* readers in those states are queued again, too, after all others.
        """
        states = [state for state, wanted in (("unknown", unknown), ("failed", failed)) if wanted]
        with self._transaction() as disk:
            disk.execute(
                "UPDATE mail SET state = 'unknown', due = NULL, reply = 'the run ended before the answer'"
                " WHERE edition = ? AND state = 'sending'",
                (handover.edition,),
            )
            disk.execute(
                "UPDATE mail SET due = ? WHERE edition = ? AND state = 'deferred'", (LAST_IN_LINE, handover.edition)
            )
            for state in states:
                disk.execute(
                    "UPDATE mail SET state = 'queued', due = ? WHERE edition = ? AND state = ?",
                    (LAST_IN_LINE, handover.edition, state),
                )

    def due(self, handover: Handover, *, now: float, limit: int = _PAGE) -> list[Due]:
        """Return at most *limit* readers who are to be written to by *now*, those who have waited longest first."""
        rows = self._rows(
            "SELECT address, fields, state, tries FROM mail WHERE edition = ? AND due <= ? ORDER BY due LIMIT ?",
            (handover.edition, now, limit),
        )
        return [
            Due(reader=Reader(address=address, fields=json.loads(fields)), state=state, tries=tries)
            for address, fields, state, tries in rows
        ]

    def next_due(self, handover: Handover) -> float | None:
        """Return when the next reader is to be written to, in seconds since 1970; None where nobody waits."""
        [(due,)] = self._rows("SELECT min(due) FROM mail WHERE edition = ? AND due IS NOT NULL", (handover.edition,))
        return None if due is None else float(due)

    def mark(self, handover: Handover, marks: Sequence[Mark], *, at: float) -> None:
        """Write down what became of readers; it is on the disk when this returns.

        The first message that was accepted, or may have been, freezes the content. Several connections that mark at the
        same time share one commit: the disk takes as long for four as for one.
        """
        mine = [_mark_row(mark, handover, at) for mark in marks]
        # Before the lock: whoever holds it meanwhile takes these rows along.
        self._waiting.append(mine)
        with self._guard, ledger_file.errors_named(self.path):
            if not any(rows is mine for rows in self._waiting):
                # Another connection has committed them with its own.
                return
            together = self._waiting[:]
            try:
                with _committed(self._disk):
                    self._disk.executemany(
                        "UPDATE mail SET state = ?, due = ?, reply = ?, tries = tries + ?, at = ?, handover = ?"
                        " WHERE edition = ? AND reader = ?",
                        [row for rows in together for row in rows],
                    )
                    if any(row[0] in ("sent", "unknown") for rows in together for row in rows):
                        self._disk.execute(
                            "UPDATE edition SET content = ? WHERE id = ? AND content = ''",
                            (handover.hash, handover.edition),
                        )
            except BaseException:
                # Only ours: the others stay, and their own threads try, fail and say so.
                self._waiting = [rows for rows in self._waiting if rows is not mine]
                raise
            del self._waiting[: len(together)]

    def counts(self, handover: Handover) -> dict[State, int]:
        """Return how many readers are in which state; states without a reader are left out."""
        return dict(
            self._rows(
                f"SELECT {_STATE} AS stands, count(*) FROM mail WHERE edition = ? GROUP BY stands ORDER BY stands",  # noqa: S608 - ours
                (handover.edition,),
            )
        )

    def held(self, handover: Handover) -> list[Held]:
        """Return how many readers of the list, as it was last read, have the issue, by target.

        For the question before a run: who has it is passed over, whichever target carried it.
        """
        rows = self._rows(
            "SELECT h.target, count(*), min(m.at) FROM mail m JOIN handover h ON h.id = m.handover"
            " JOIN edition e ON e.id = m.edition AND e.seen = m.seen"
            " WHERE m.edition = ? AND m.state = 'sent' GROUP BY h.target ORDER BY h.target",
            (handover.edition,),
        )
        return [Held(target=target, readers=count, since=since) for target, count, since in rows]

    def carried(self, handover: Handover) -> tuple[int, int]:
        """Return how many readers have the issue by this target, and how many more may have it (sending or unknown).

        The first number goes into sent.json, against which the ledger is held at the next run.
        """
        [(certain, doubtful)] = self._rows(
            "SELECT coalesce(sum(state = 'sent'), 0), coalesce(sum(state IN ('unknown', 'sending')), 0) FROM mail"
            " WHERE edition = ? AND handover = ?",
            (handover.edition, handover.id),
        )
        return int(certain), int(doubtful)

    def listed(self, handover: Handover, state: str) -> Iterator[tuple[str, str]]:
        """Yield address and last reply of the readers in *state*, in the order of their addresses."""
        yield from self._rows(
            f"SELECT address, reply FROM mail WHERE edition = ? AND {_STATE} = ? ORDER BY reader",  # noqa: S608 - ours
            (handover.edition, state),
        )

    def close(self) -> None:
        """Let go of the file."""
        ledger_file.close(self._disk)

    def _rows(self, query: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        """Return all rows of a query that only reads. Fetched under the lock: a cursor must not outlive it."""
        with self._guard, ledger_file.errors_named(self.path):
            return self._disk.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection for one transaction, which is rolled back where the caller fails."""
        with self._guard, ledger_file.errors_named(self.path), _committed(self._disk):
            yield self._disk


class HandoverBook:
    """One hand-over of a ledger as a run takes it (`delivery.Book`)."""

    def __init__(self, ledger: Ledger, handover: Handover) -> None:
        self._ledger, self._handover = ledger, handover

    def counts(self) -> dict[State, int]:
        """As of Book."""
        return self._ledger.counts(self._handover)

    def due(self, *, now: float, wanted: int, busy: Collection[str]) -> list[Due]:
        """As of Book: a page of them, whatever is wanted."""
        # Who is busy is due by the ledger until there is an answer, and would fill the page.
        page = self._ledger.due(self._handover, now=now, limit=max(_PAGE, wanted) + len(busy))
        return [due for due in page if due.reader.address not in busy]

    def next_due(self) -> float | None:
        """As of Book."""
        return self._ledger.next_due(self._handover)

    def lends(self, addresses: Collection[str]) -> bool:  # noqa: ARG002 - as Book has it
        """As of Book: always, since nobody else has the ledger while the run does."""
        return True

    def mark(self, marks: Sequence[Mark], *, at: float) -> None:
        """As of Book; it is on the disk when this returns."""
        self._ledger.mark(self._handover, marks, at=at)

    def give_back(self, addresses: Iterable[str]) -> None:
        """As of Book."""
        self._ledger.give_back(self._handover, addresses)

    def refused(self, replies: Mapping[str, str], *, at: float) -> None:
        """As of Book; a mailbox of which that was said before is suppressed."""
        self._ledger.refused(self._handover, replies, at=at)

    def end(self) -> None:
        """As of Book: who was not written to waits in the ledger anyway."""


def _mark_row(mark: Mark, handover: Handover, at: float) -> tuple[object, ...]:
    """Return the values for the update of `Ledger.mark`."""
    # Neither of these is an answer, so neither counts as a try.
    tries = 0 if mark.state in {"sending", "queued"} else 1
    return (mark.state, mark.due, mark.reply, tries, at, handover.id, handover.edition, key(mark.address))


# The first row of a list that names a reader counts; what it says of them is new for whoever still waits.
_ENLIST = (
    "INSERT INTO mail (edition, reader, address, fields, state, due, at, seen) VALUES (?, ?, ?, ?, 'queued', 0, ?, ?)"
    " ON CONFLICT (edition, reader) DO UPDATE SET seen = excluded.seen,"
    " fields = CASE WHEN state IN ('queued', 'deferred', 'suppressed') AND seen <> excluded.seen"
    " THEN excluded.fields ELSE fields END"
)


@contextmanager
def _committed(disk: sqlite3.Connection) -> Iterator[None]:
    """Make what the caller does one transaction."""
    # IMMEDIATE takes the write lock at once; taken later, it could fail in the middle of the work.
    disk.execute("BEGIN IMMEDIATE")
    try:
        yield
        disk.execute("COMMIT")
    except BaseException:
        # A full disk may have ended the transaction already.
        if disk.in_transaction:
            disk.execute("ROLLBACK")
        raise


@contextmanager
def opened(path: str, newsletter: str = "") -> Iterator[Ledger]:
    """Open the ledger for writing, alone; one of format 1 is of *newsletter*. Raises SendingError where it cannot be.

    PASSING as *path* is a ledger that is gone at the end.
    """
    with ledger_file.alone(path):
        ledger = Ledger(ledger_file.for_writing(path, newsletter), path)
        try:
            yield ledger
        finally:
            ledger.close()


@contextmanager
def snapshot(path: str, newsletter: str = "") -> Iterator[Ledger]:
    """Open a copy of the ledger that is gone at the end: for counting, which writes nothing and needs no lock."""
    ledger = Ledger(ledger_file.snapshot(path, newsletter), path)
    try:
        yield ledger
    finally:
        ledger.close()
