"""What was handed over, as sent.json and the ledger tell it, and what an editor may add to it or take back.

sent.json stands beside each issue, is committed with it, and names no reader; it says that the issue counts as sent.
The ledger is on the machine that sends and knows each reader. Where both know of a hand-over they agree, or `job`
refuses to go on.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from digest.errors import NothingToSend, SendingError
from digest.issue import output, record, sent, windows
from digest.issue.folder import IssueFolder
from digest.mail import built, ledger_file, recipients
from digest.mail import ledger as ledgers
from digest.mail.built import Reader

if TYPE_CHECKING:
    from datetime import tzinfo

    from digest.config.settings import Settings
    from digest.config.values import SendPlan
    from digest.mail.delivery import Clock
    from digest.mail.ledger import Handover, State
    from digest.sending.job import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """How a hand-over went by the ledger.

    *counts* has how many readers are in which state; *listed* the address and the last reply of each reader in the
    state that was asked for.
    """

    handover: Handover
    counts: dict[State, int]
    listed: tuple[tuple[str, str], ...]

    def facts(self, zone: tzinfo) -> dict[str, object]:
        """Return it for other programs (`digest sent --json`), with the time in *zone*, in ISO 8601."""
        handover = self.handover
        return {
            "issue": handover.issue,
            "newsletter": handover.newsletter,
            "target": handover.target,
            "state": handover.state,
            "at": datetime.fromtimestamp(handover.at, zone).isoformat(timespec="seconds"),
            "address": handover.address,
            "readers": self.counts,
            "listed": [{"address": address, "reply": reply} for address, reply in self.listed],
        }


def tell(job: Job, state: sent.State, readers: int | None, clock: Clock) -> None:
    """Write into sent.json how the hand-over to this target stands. Raises OutputError.

    *readers* is how many have it, None where only the service knows. The time stays that of the first hand-over.
    """
    # The date of an issue is when its first reader got it; a run that is resumed a day later must not move it.
    before = job.before
    now = sent.HandOver(
        target=job.name,
        kind=job.options.kind,
        state=state,
        at=before.at if before else sent.moment(clock.now()),
        readers=readers,
        content=job.letter.hash,
    )
    so_far = sent.with_hand_over(job.place.sent, now, issue=job.letter.issue, newsletter=job.letter.newsletter)
    output.write_file(os.path.join(job.folder, sent.FILE), sent.to_bytes(so_far))


def take_back(folder: str, target: str, *, editions: bool = False) -> None:
    """Take the hand-over to *target*, or that of *editions*, out of sent.json: nothing of it reached anybody.

    Where it was the only one the issue is not sealed any more: sent.json and the copy for readers go.
    """
    so_far = IssueFolder(folder).sent
    left = sent.without(so_far, target, editions=editions) if so_far else None
    path = os.path.join(folder, sent.FILE)
    if left:
        output.write_file(path, sent.to_bytes(left))
    elif so_far:
        os.unlink(path)
        # The copy of what readers got was kept for them, and there are none.
        shutil.rmtree(os.path.join(folder, sent.COPY), ignore_errors=True)


def mark(settings: Settings, issue: str, clock: Clock) -> sent.Sent:
    """Write into sent.json that the editor has sent the issue by hand, and return what stands there now.

    Raises RecordError and SendingError where the issue is not there as it was built.
    """
    place = IssueFolder.of(settings.out, issue)
    folder, letter = place.path, built.read(place)
    now = sent.HandOver(
        target="", kind="", state="marked", at=sent.moment(clock.now()), readers=None, content=letter.hash
    )
    so_far = sent.with_hand_over(place.sent, now, issue=issue, newsletter=letter.newsletter)
    output.write_file(os.path.join(folder, sent.FILE), sent.to_bytes(so_far))
    return so_far


def unmark(settings: Settings, issue: str) -> list[str]:
    """Take back what the editor marked, or what went to files of this machine; return what that was.

    Its readers in the ledger wait again, since nobody wrote to them. Raises SendingError where there is nothing to take
    back: what left the machine stays.
    """
    place = IssueFolder.of(settings.out, issue)
    folder, so_far = place.path, place.sent
    # What went to a service or over a list cannot be called back; to forget it would only let it be sent twice.
    ours = (
        [hand_over for hand_over in so_far.hand_overs if hand_over.state == "marked" or hand_over.kind in sent.LOCAL]
        if so_far
        else []
    )
    if not ours:
        raise SendingError(folder, "was not marked as sent", "what left this machine cannot be taken back")
    # Opening a ledger would make one where there is none.
    if not ledger_file.is_empty(settings.send.ledger):
        with ledgers.opened(settings.send.ledger) as ledger:
            for handover in ledger.handovers(issue):
                if handover.target in [our.target for our in ours]:
                    ledger.forget(handover)
    for our in ours:
        take_back(folder, our.target)
    return [our.target or "the mark" for our in ours]


def latest(settings: Settings, target: str, now: datetime) -> str:
    """Return the newest issue of the newsletter in out/. Raises NothingToSend where it was handed over already.

    An older one is never meant: a rehearsal of a month ago must not leave because this week was sent before. Used by
    `digest send latest`, which a scheduler starts, so that nothing to send is an exit status of its own. Of a calendar
    a window that is not over is a rehearsal, too, and passed over.
    """
    for place in reversed(IssueFolder.all_in(settings.out)):
        # Of two letters of one day, each is the newest one by its own settings.
        if not windows.is_named_by(settings, place.id):
            continue
        its_record = place.record
        if its_record["newsletter"]["name"] != settings.newsletter.name:
            continue
        if settings.window.is_of_calendar and record.window(its_record).ends_at > now:
            continue
        so_far = place.sent
        done = so_far and any(
            hand_over.is_over and (hand_over.target == target or hand_over.kind not in sent.LOCAL)
            for hand_over in so_far.hand_overs
        )
        if so_far and done:
            raise NothingToSend(
                place.path, f"the newest issue was handed over ({so_far.in_words()})", "build the next one"
            )
        return place.id
    raise NothingToSend(settings.out, "no issue stands there", "build one first")


def handed_over(settings: Settings, issue: str, state: str | None = None) -> list[HandedOver]:
    """Return the hand-overs of *issue*, of all where it is empty; with *state*, the readers in that state, too."""
    with ledgers.snapshot(settings.send.ledger) as ledger:
        return [
            HandedOver(
                handover=handover,
                counts=dict(ledger.counts(handover)),
                listed=tuple(ledger.listed(handover, state)) if state else (),
            )
            for handover in ledger.handovers(issue)
        ]


def by_hand(settings: Settings, issue: str) -> list[dict[str, object]]:
    """Return the hand-overs of an issue, or of all, that only sent.json knows, in the shape of `HandedOver.facts`.

    They have no target and no readers: the editor sent them past digest, and said so with --mark.
    """
    places = [IssueFolder.of(settings.out, issue)] if issue else IssueFolder.all_in(settings.out)
    so_far = [place.sent for place in places]
    marks = [
        (sent.issue, sent.newsletter, mark) for sent in so_far if sent for mark in sent.hand_overs if not mark.target
    ]
    return [
        {
            "issue": name,
            "newsletter": newsletter,
            "target": "by hand",
            "state": mark.state,
            "at": mark.at,
            "address": "",
            "readers": {},
            "listed": [],
        }
        for name, newsletter, mark in marks
    ]


def lift(settings: Settings, address: str) -> bool:
    """Forget that a mailbox was refused, so that it is written to again; return whether there was anything to forget.

    Raises SendingError for what is no address, and for one that stands in a file of suppressions.
    """
    checked = one_reader(address, settings.send).address
    for file in settings.send.suppressions:
        if recipients.key(checked) in set(recipients.suppressions(file)):
            raise SendingError(address, f"stands in {file}", "take it out there")
    if ledger_file.is_empty(settings.send.ledger):
        return False
    with ledgers.opened(settings.send.ledger) as ledger:
        return ledger.lift(checked)


def one_reader(address: str, plan: SendPlan) -> Reader:
    """Return a reader for a test, with something in each column that the unsubscribe address asks for."""
    try:
        checked = recipients.address(address)
    except ValueError as error:
        raise SendingError(
            f"--test {address}", f"is no e-mail address: {error}", "write it like me@example.com"
        ) from error
    return Reader(address=checked, fields=dict.fromkeys(recipients.columns(plan.unsubscribe), "test"))
