"""One reader's edition, for the editor who asks: what she gets now, why, and whether that is what was written down.

It is made as `digest editions` and `digest send` make it, by the same press and out of the same row of the list. Her
address is no more than the editor's word for her: it goes as far as the hash that is her id.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from digest import pipeline
from digest.editions import common, memory, part_files, roll
from digest.editions.press import Press
from digest.errors import NothingToSend, SendingError
from digest.mail import recipients
from digest.tables import places

if TYPE_CHECKING:
    from digest.config.settings import Settings
    from digest.editions.common import CommonWeek
    from digest.model import Issue, Window, Wish
    from digest.pipeline import Chosen
    from digest.tables.storage import Storage

OPTION = "--reader"
"""What names a reader on the command line, and in messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionStanding:
    """Whether what a reader gets now is what was written down for her, and so will be sent; *words* say it."""

    will_be_sent: bool
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderEdition:
    """What a reader gets of a week as it is now.

    *chosen* has her issue in the place of that for all, with a verdict on each candidate. *name* is that of her
    edition; where the stories are too few for one it is that of what she gets instead, as in `ReaderRow`. *lack* says
    so then, and is "" otherwise.
    """

    chosen: Chosen
    name: str | None
    lack: str
    standing: EditionStanding

    @property
    def issue(self) -> Issue:
        """Her issue."""
        return self.chosen.issue


class OneReader:
    """The reader of *address* in the list *source*, for whom an editor asks. No message has the address in it."""

    def __init__(self, source: str, address: str) -> None:
        self.source, self._address = source, address
        self._read: tuple[object, Wish | None] | None = None

    def edition(self, settings: Settings, window: Window) -> ReaderEdition:
        """Return what she gets of *window*. Writes nothing.

        Raises SendingError where she is not in the list or asks for no topic, and another DigestError for what
        `editions.make` refuses.
        """
        place = part_files.place_of(settings, window.issue_id)
        # As many parts as there are, which may be those of `--part`.
        parts = next((head.parts for _, head in part_files.heads(place)), settings.editions.parts)
        settings = replace(settings, editions=replace(settings.editions, parts=parts))
        # The key first: without it nothing of the list may be read.
        reader = self._id(settings)
        chosen = pipeline.select(settings, window)
        week = common.of_choice(chosen)
        wish = self._wish(week, reader)
        had = memory.of_part(week, roll.part_of(reader, parts), [reader.hex()]).had(reader.hex())
        press = Press(week)
        row = press.edition(wish, had)
        issue, judged = press.issue(wish, row.had if row else had), press.explained(wish, had)
        name = row.name if row else part_files.instead(settings.editions)
        return ReaderEdition(
            chosen=replace(
                chosen, issue=replace(issue, verdicts=judged.verdicts, empty_sections=judged.empty_sections)
            ),
            name=name,
            lack="" if row else _lack(issue, wish, settings),
            standing=_standing(place, week, reader, name),
        )

    def _id(self, settings: Settings) -> bytes:
        """Return her id. Raises SendingError for what is no address, and without a key."""
        id_of = roll.ids(settings.readers)
        try:
            return id_of(recipients.address(self._address.strip()))
        except ValueError:
            # Its words quote the address.
            raise SendingError(OPTION, "is no e-mail address", "write the one that stands in the list") from None

    def _wish(self, week: CommonWeek, reader: bytes) -> Wish:
        """Return what she asks for. Raises SendingError where she is not in the list, or has no wish.

        The list is read again when it is another one, or means something else: one of a million takes half a minute.
        """
        state = (_state(self.source), week.settings.readers, week.settings.editions, week.offer.topics)
        if self._read is None or state[0] is None or self._read[0] != state:
            self._read = state, self._looked_up(week, reader)
        wish = self._read[1]
        if wish is None:
            remedy = f"leave {OPTION} out to see that"
            raise SendingError(OPTION, "asks for no topic and gets the issue for all", remedy)
        return wish

    def _looked_up(self, week: CommonWeek, reader: bytes) -> Wish | None:
        part = roll.part_of(reader, week.settings.editions.parts)
        listed = roll.read(self.source, week.settings, week.offer, roll.ids(week.settings.readers), part)
        wishes = dict(roll.Asked.of(listed.of_part(part)).readers)
        if reader.hex() not in wishes and week.settings.editions.frequency:
            self._refuse_if_not_due(week.settings, reader)
        if reader.hex() not in wishes:
            raise SendingError(OPTION, f"is not in {places.shown(self.source)}", "write the address that stands there")
        return wishes[reader.hex()]

    def _refuse_if_not_due(self, settings: Settings, reader: bytes) -> None:
        """Raise SendingError where the list has her, and she asks for another frequency."""
        id_of = roll.ids(settings.readers)
        for row in recipients.read(self.source):
            if isinstance(row, recipients.BadRow) or id_of(row.address) != reader:
                continue
            if not roll.is_due(row, settings):
                problem = f"does not ask for a {settings.editions.frequency} letter, and gets none of these editions"
                raise SendingError(OPTION, problem, "name the settings of her letter with --config")


def with_stories(edition: ReaderEdition) -> ReaderEdition:
    """Return *edition*. Raises NothingToSend where it has too few stories to be one."""
    if edition.lack:
        raise NothingToSend(OPTION, edition.lack, f"`digest explain {OPTION}` says of each story why")
    return edition


def folder_of_readers(settings: Settings, window: Window) -> str:
    """Return the folder in which it is written down who gets which edition of a window."""
    return os.path.dirname(part_files.place_of(settings, window.issue_id).shown(part_files.readers_file(1)))


def _state(source: str) -> tuple[int, ...] | None:
    """Return what changes with a list that is a file, None for a folder, a pattern or an address."""
    if not os.path.isfile(source):
        return None
    status = os.stat(source)
    return status.st_ino, status.st_size, status.st_mtime_ns


def _lack(issue: Issue, wish: Wish, settings: Settings) -> str:
    """Say that there are too few stories, and what the reader gets."""
    gets = "the issue for all" if part_files.instead(settings.editions) else "nothing"
    if not wish.topics:
        return f"asks for no topic that is on offer this week, and gets {gets}"
    return f"has fewer stories ({len(issue.picks)}) than an edition needs ({settings.editions.fewest}), and gets {gets}"


def _standing(place: Storage, week: CommonWeek, reader: bytes, name: str | None) -> EditionStanding:
    """Say whether *name* is what was written down for a reader."""
    part = roll.part_of(reader, week.settings.editions.parts)
    file, head = place.shown(part_files.readers_file(part)), part_files.head(place, part)
    if head is None:
        return EditionStanding(will_be_sent=False, words="not written down yet; `digest editions` does it")
    if head.week_mark != week.mark:
        changed = f"not to be sent: {file} {part_files.OTHER_WEEK}"
        return EditionStanding(will_be_sent=False, words=f"{changed}; {part_files.remedy(place)}")
    rows = {row.reader: row.edition for row in part_files.readers(place, part)}
    written = rows.get(reader.hex())
    if reader.hex() in rows and written == name:
        return EditionStanding(will_be_sent=True, words=f"as it will be sent: {file} has the same")
    gets = {part_files.GENERAL: "the issue for all", None: "nothing"}.get(written, f"edition {written}")
    aware = head.memory_mark == memory.mark_of_part(week, part)
    changed = "the list has" if aware else "the list, or what was sent of earlier issues, has"
    return EditionStanding(will_be_sent=False, words=f"{changed} changed since: by {file} this reader gets {gets}")
