"""A list of readers as ids and wishes. It sees the addresses, and lets none out.

An address is read to make the reader's id of it: 16 bytes of HMAC-SHA256 under a key that is kept outside of the
settings. Without the key nobody can tell whose id it is, nor try out addresses. What is wrong with a row is told by its
line alone, in sentences that quote nothing of it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import sqlite3
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from digest import files
from digest.errors import OutputError, SendingError, SettingsError
from digest.mail import recipients
from digest.mail.recipients import BadRow
from digest.model import Wish
from digest.tables import places
from digest.text.languages import normal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from digest.config.settings import Settings
    from digest.config.values import ReadersPlan
    from digest.mail.built import Reader

_TABLE = """
    PRAGMA journal_mode = OFF;
    CREATE TABLE asked (part INTEGER, reader BLOB, wish TEXT, PRIMARY KEY (part, reader)) WITHOUT ROWID;
    BEGIN;
"""
_ADDING = "INSERT OR IGNORE INTO asked VALUES (?, ?, ?)"

_SHORTEST = 16
"""Fewest characters of a key: a shorter one can be guessed, and then every address can be tried out."""

_WISHES = 65_536
"""Wishes kept while a list is read."""

_BYTES = 16
"""Bytes of an id: of a hundred million readers no two are likely to have the same."""

LEFT_OUT = "left out: "
NO_LANGUAGE = "taken for any language: names no tag such as en"
NOT_OFFERED = "taken without a topic: asks for one that is not on offer"


class Offer:
    """The topics that may be asked for, in the order of the sections, each of *limit* stories.

    Where it *is_open*, a topic that is not among them has no story this week, and is no fault of the list.
    """

    def __init__(self, topics: Iterable[str], limit: int, *, is_open: bool) -> None:
        self.topics = tuple(dict.fromkeys(topics))
        self.is_open = is_open
        self._limit = limit
        self._places = {topic.casefold(): place for place, topic in reversed(list(enumerate(self.topics)))}

    def wish(self, asked: Sequence[str], language: str) -> Wish:
        """Return the wish for those of *asked* that are on offer."""
        places = sorted({self._places[key] for topic in asked if (key := topic.casefold()) in self._places})
        return Wish(topics=tuple((self.topics[place], self._limit) for place in places), language=language)

    def lacks(self, asked: Iterable[str]) -> bool:
        """Whether one of *asked* can never be had."""
        return not self.is_open and any(topic.casefold() not in self._places for topic in asked)


def part_of(reader: bytes, parts: int) -> int:
    """Return the number of the part that a reader is in by her id, from 1 to *parts*."""
    return int.from_bytes(reader[:8], "big") % parts + 1


@dataclass(frozen=True, slots=True)
class Asked:
    """The readers of a part, each her id in hexadecimal digits with her wish, in the order of ids.

    For who asks for nothing, and gets the issue for all, None stands. *mark* is a hash of all that.
    """

    mark: str
    readers: tuple[tuple[str, Wish | None], ...]

    @classmethod
    def of(cls, content: bytes) -> Asked:
        """Return what *content*, of `Roll.of_part`, says. Raises ValueError, KeyError, TypeError or AttributeError."""
        rows = map(json.loads, content.splitlines())
        return cls(mark_of(content), tuple((row["reader"], _wish(row["wish"])) for row in rows))


class Roll:
    """The readers of a list by part, each in JSON. On the disk while it is used, so that it takes the same memory.

    *only* is the one part that is kept, None for all. *faults* are lines of the list by what is wrong with them, and
    *duplicates* rows beyond the first of a reader. *not_due* are rows of those who ask for another frequency.
    """

    def __init__(self, parts: int, only: int | None) -> None:
        self._parts, self._only = parts, only
        # A file without a name: SQLite keeps it in memory while it is small, and it is gone however this process ends.
        self._rows = sqlite3.connect("", isolation_level=None)
        self._rows.executescript(_TABLE)
        self.faults: dict[str, list[int]] = defaultdict(list)
        self.duplicates = 0
        self.not_due = 0

    def add(self, reader: bytes, wish: str) -> None:
        """Take a reader with her *wish* into her part; of several rows the first counts. Raises OutputError."""
        number = part_of(reader, self._parts)
        if self._only not in (None, number):
            return
        try:
            self.duplicates += 1 - self._rows.execute(_ADDING, (number, reader, wish)).rowcount
        except sqlite3.Error as error:
            problem = f"the list cannot be sorted on this machine's disk ({error})"
            raise OutputError(
                "editions", problem, "make room in its folder for temporary files, or set TMPDIR"
            ) from error

    def of_part(self, number: int) -> bytes:
        """Return the readers of a part in JSON Lines, in the order of their ids, whatever that of the list."""
        rows = self._rows.execute("SELECT reader, wish FROM asked WHERE part = ? ORDER BY reader", (number,))
        return "".join(f'{{"reader": "{reader.hex()}", "wish": {wish}}}\n' for reader, wish in rows).encode()

    def mark(self, number: int) -> str:
        """Return a hash of the readers of a part and their wishes."""
        return mark_of(self.of_part(number))


def mark_of(readers: bytes) -> str:
    """Return a hash of *readers*, as `Roll.of_part` returns them."""
    return hashlib.sha256(readers).hexdigest()[:32]


def ids(plan: ReadersPlan) -> Callable[[str], bytes]:
    """Return what makes the id of an address, by the key of *plan*. Raises SettingsError and SendingError."""
    if plan.key is None:
        remedy = "write `readers: {id: {env: READER_KEY}}`, and keep a long random key in that variable"
        raise SettingsError([f"readers.id: is missing, and without it ids could be guessed; {remedy}"])
    if plan.key.env:
        key = os.environ.get(plan.key.env, "")
        if not key:
            raise SendingError("readers.id", f"${plan.key.env} is not set", "export it")
    else:
        try:
            key = files.text(plan.key.file).strip()
        except (OSError, UnicodeDecodeError) as error:
            trouble = files.trouble(error) if isinstance(error, OSError) else "is not UTF-8"
            raise SendingError(f"readers.id: {plan.key.file}", trouble, "mend the path or the file") from error
    if len(key) < _SHORTEST:
        problem = f"the key has {len(key)} characters, and could be guessed"
        raise SendingError("readers.id", problem, f"make a random one of {_SHORTEST} or more, and keep it for good")
    secret = key.encode()
    return lambda address: hmac.digest(secret, recipients.key(address).encode(), "sha256")[:_BYTES]


def read(source: str, settings: Settings, offer: Offer, id_of: Callable[[str], bytes], only: int | None = None) -> Roll:
    """Return the readers of the list *source*, of the part *only* where that is given.

    A row that names no reader is left out, and one that asks for what there is not is taken for the rest; both are told
    among the faults. Raises SendingError where the list cannot be read to its end, names nobody, or has no topics.
    """
    plan, listed, shown = settings.readers, Roll(settings.editions.parts, only), places.shown(source)
    count, has_topics = 0, False
    # Many ask for the same: half of a million readers for some thousand wishes.
    wish_of = lru_cache(_WISHES)(partial(_written, offer))
    for row in recipients.read(source, option="--readers"):
        if isinstance(row, BadRow):
            listed.faults[fault(row.reason)].append(row.line)
            continue
        if not is_due(row, settings):
            listed.not_due += 1
            continue
        count += 1
        asked, language = _asked(row, plan)
        has_topics = has_topics or bool(asked)
        if offer.lacks(asked):
            listed.faults[NOT_OFFERED].append(row.line)
        tag = normal(language)
        if language and not tag:
            listed.faults[NO_LANGUAGE].append(row.line)
        listed.add(id_of(row.address), wish_of(asked, tag))
    if not count and listed.not_due:
        problem = f"no reader of it asks for {settings.editions.frequency!r} in a column {plan.frequency!r}"
        raise SendingError(shown, problem, "name the column with readers.frequency; nothing was changed")
    if not count:
        why = "; ".join(f"line {lines[0]} {reason}" for reason, lines in listed.faults.items())
        problem = f"names no reader{f' ({why})' if why else ''}"
        raise SendingError(shown, problem, "export it again; nothing was changed")
    if not has_topics:
        problem = f"no reader of it asks for a topic in a column {plan.topics!r}"
        raise SendingError(shown, problem, "name the column with readers.topics; nothing was changed")
    return listed


def is_due(reader: Reader, settings: Settings) -> bool:
    """Return whether a reader of a list asks for a letter as often as these editions come."""
    wanted = settings.editions.frequency
    asked = reader.fields.get(settings.readers.frequency.casefold(), "").strip() or settings.readers.usual_frequency
    return not wanted or asked.casefold() == wanted.casefold()


def _asked(reader: Reader, plan: ReadersPlan) -> tuple[tuple[str, ...], str]:
    """Return the topics and the language that a row asks for."""
    written: Mapping[str, str] = reader.fields
    topics = (
        unicodedata.normalize("NFC", topic.strip()) for topic in written.get(plan.topics.casefold(), "").split(";")
    )
    return tuple(sorted(set(filter(None, topics)))), written.get(plan.language.casefold(), "").strip()


def _written(offer: Offer, asked: tuple[str, ...], language: str) -> str:
    """Return in JSON what a reader is given who asks for *asked*: null for nothing."""
    wish = offer.wish(asked, language)
    return json.dumps({"topics": dict(wish.topics), "language": language} if asked else None, ensure_ascii=False)


def _wish(written: dict[str, Any] | None) -> Wish | None:
    """Return the wish that `_written` has written."""
    return Wish(topics=tuple(written["topics"].items()), language=written["language"]) if written else None


def fault(reason: str) -> str:
    """Return *reason* without what it quotes: a library's words on an address, the name of a column."""
    return LEFT_OUT + re.split(r": | in column ", reason, maxsplit=1)[0]
