"""A list of readers as ids and wishes. The only place of editions that sees an address, and it lets none out.

An address is read to make the reader's id of it: 16 bytes of HMAC-SHA256 under a key that is kept outside of the
settings. Without the key nobody can tell whose id it is, nor try out addresses. What is wrong with a row is told by its
line alone, in sentences that quote nothing of it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING

from digest import files
from digest.errors import SendingError, SettingsError
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

_SHORTEST = 16
"""Fewest characters of a key: a shorter one can be guessed, and then every address can be tried out."""

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


class Roll:
    """The readers of a list by part. A reader with no wish, for whom None stands, gets the issue for all."""

    def __init__(self, parts: int, only: int | None) -> None:
        self._parts, self._only = parts, only
        self._wishes: dict[tuple[tuple[str, ...], str], Wish] = {}
        self._readers: dict[int, dict[bytes, Wish | None]] = defaultdict(dict)
        self.faults: dict[str, list[int]] = defaultdict(list)
        self.duplicates = 0

    def add(self, reader: bytes, asked: tuple[str, ...], language: str, offer: Offer) -> None:
        """Take a reader into her part; of several rows the first counts."""
        number = part_of(reader, self._parts)
        if self._only not in (None, number):
            return
        if reader in self._readers[number]:
            self.duplicates += 1
            return
        if (asked, language) not in self._wishes:
            self._wishes[asked, language] = offer.wish(asked, language)
        self._readers[number][reader] = self._wishes[asked, language] if asked else None

    def of_part(self, number: int) -> tuple[tuple[bytes, Wish | None], ...]:
        """Return the readers of a part in the order of their ids, whatever that of the list."""
        return tuple(sorted(self._readers.get(number, {}).items(), key=lambda item: item[0]))

    def mark(self, number: int) -> str:
        """Return a hash of the readers of a part and their wishes."""
        return mark_of(self.of_part(number))


def mark_of(readers: Iterable[tuple[bytes, Wish | None]]) -> str:
    """Return a hash of readers and their wishes."""
    made = hashlib.sha256()
    for reader, wish in readers:
        made.update(f"{reader.hex()} {(wish.topics, wish.language) if wish else None}\n".encode())
    return made.hexdigest()[:32]


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
    for row in recipients.read(source, option="--readers"):
        if isinstance(row, BadRow):
            listed.faults[fault(row.reason)].append(row.line)
            continue
        count += 1
        asked, language = _asked(row, plan)
        has_topics = has_topics or bool(asked)
        if offer.lacks(asked):
            listed.faults[NOT_OFFERED].append(row.line)
        tag = normal(language)
        if language and not tag:
            listed.faults[NO_LANGUAGE].append(row.line)
        listed.add(id_of(row.address), asked, tag, offer)
    if not count:
        raise SendingError(shown, "names no reader", "export it again; nothing was changed")
    if not has_topics:
        problem = f"no reader of it asks for a topic in a column {plan.topics!r}"
        raise SendingError(shown, problem, "name the column with readers.topics; nothing was changed")
    return listed


def _asked(reader: Reader, plan: ReadersPlan) -> tuple[tuple[str, ...], str]:
    """Return the topics and the language that a row asks for."""
    written: Mapping[str, str] = reader.fields
    topics = (
        unicodedata.normalize("NFC", topic.strip()) for topic in written.get(plan.topics.casefold(), "").split(";")
    )
    return tuple(sorted(set(filter(None, topics)))), written.get(plan.language.casefold(), "").strip()


def fault(reason: str) -> str:
    """Return *reason* without what it quotes: a library's words on an address, the name of a column."""
    return LEFT_OUT + re.split(r": | in column ", reason, maxsplit=1)[0]
