"""The steps of a hand-over, in order, and nothing else. Prints nothing, asks nobody, decides no date.

A hand-over begins with `prepare`, which changes nothing anywhere. What may be sent is what stands in out/; nothing is
rebuilt here.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from digest import checks, output, record
from digest.errors import NotFit, SendingError
from digest.mail import dkim, foreseen, http, options, pieces, recipients, registry
from digest.mail import ledger as ledgers
from digest.mail import letter as letters
from digest.mail.campaigns import Campaign, Desk
from digest.mail.delivery import Delivery
from digest.mail.letter import Reader, Receipt
from digest.model import Problem, TargetPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import tzinfo

    from digest.mail.campaigns import Service
    from digest.mail.delivery import Clock, Tally
    from digest.mail.ledger import Handover, Ledger, State
    from digest.mail.letter import Letter
    from digest.model import SendPlan
    from digest.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One issue and one target, both found and checked."""

    letter: Letter
    target: registry.Target
    options: options.Options
    plan: SendPlan
    insecure: bool

    @property
    def name(self) -> str:
        """The target's name in the settings."""
        return self.options.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Enlisted:
    """A list that was read into the ledger: how many wait for a message, stood in it twice, are passed over."""

    handover: Handover
    waiting: int
    twice: int
    suppressed: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """How a hand-over went: how many readers are in which state, and those that were asked for, each with the reply."""

    handover: Handover
    counts: dict[State, int]
    listed: tuple[tuple[str, str], ...]

    def facts(self, zone: tzinfo) -> dict[str, object]:
        """Return it for other programs, with the time in *zone*."""
        one = self.handover
        return {
            "issue": one.issue,
            "target": one.target,
            "state": one.state,
            "at": datetime.fromtimestamp(one.at, zone).isoformat(timespec="seconds"),
            "address": one.address,
            "readers": self.counts,
            "listed": [{"address": address, "reply": reply} for address, reply in self.listed],
        }


def prepare(settings: Settings, issue: str, target: str, *, insecure: bool = False) -> Job:
    """Find the issue and the target, and hold the issue to `digest check`.

    Raises NotFit where it must not go out, SendingError or SettingsError; nothing was changed then.
    """
    folder = os.path.join(settings.out, issue)
    letter = letters.read(folder, record.read(folder))
    errors = [one for one in checks.check(checks.load(folder)) if one.severity == "error"]
    if errors:
        raise NotFit(f"{folder}: {one.rule}: {one}" for one in errors)
    plan = next((one for one in settings.targets if one.name == target), TargetPlan(name=target, kind=target))
    found = registry.find(plan, named=[one.name for one in settings.targets])
    chosen = options.Options(plan, found.OPTIONS)
    return Job(letter=letter, target=found, options=chosen, plan=settings.send, insecure=insecure)


def files(job: Job, ledger: Ledger, clock: Clock) -> Receipt:
    """Hand the files over to a target that takes them as they are."""
    assert isinstance(job.target, registry.Files)
    receipt = job.target.write(job.options, job.letter)
    ledger.note(job.letter.issue, job.name, job.letter.hash, receipt, at=clock.now())
    return receipt


# --- one campaign at a service that keeps the readers


@contextmanager
def desk(job: Job, clock: Clock) -> Iterator[Desk]:
    """Open the service of a job, with the letter in the service's own language. Raises SendingError."""
    assert registry.is_campaigns(job.target)
    service = job.target
    if not service.ABLE.text and "text" not in job.options.texts("without"):
        raise SendingError(
            f"targets.{job.name}", "cannot take our plain text", "say that it may be left out: without: [text]"
        )
    letter = _in_its_words(job, service)
    base = options.base_address(job.options, insecure=job.insecure)
    access, timeout = service.access(job.options), job.options.number("timeout")
    client = http.Client(base, access, timeout=timeout, wait=clock.wait)
    try:
        yield Desk(service, job.options, client, letter, clock.wait)
    finally:
        client.close()


def draft(job: Job, at: Desk, ledger: Ledger, clock: Clock) -> Campaign:
    """Create or update the draft of the issue. Sends nothing, and never makes a second draft."""
    before = ledger.handover(job.letter.issue, job.name)
    if before and before.state != "draft" and at.find() is None:
        raise SendingError(
            f"{job.name}, {at.letter.name}", f"is {before.state} by our ledger, and gone there", "it is not sent again"
        )
    campaign = at.draft()
    _note(job, ledger, campaign, campaign.state, clock)
    return campaign


def send(job: Job, at: Desk, campaign: Campaign, when: datetime | None, ledger: Ledger, clock: Clock) -> Campaign:
    """Send the draft, or schedule it for *when*. From here on the issue is frozen for this target."""
    if when and not job.target.ABLE.schedule:
        raise SendingError("--schedule", f"{job.options.kind} cannot send later by itself", "use --send at that time")
    _note(job, ledger, campaign, "sending", clock)
    sent = at.send(campaign, when)
    _note(job, ledger, sent, "scheduled" if when else "sent", clock)
    return sent


def test_draft(job: Job, at: Desk, campaign: Campaign, address: str) -> None:
    """Send one copy of the draft to *address*. Raises SendingError where the service cannot."""
    _only(address, job.plan)
    if not job.target.ABLE.test:
        raise SendingError(f"--test {address}", f"{job.options.kind} cannot send a test", "look at its draft instead")
    at.test(campaign, address)


def dry_campaign(job: Job, clock: Clock) -> list[str]:
    """Write the call that would make the draft to the folder outbox/, without the key, and return the paths."""
    del clock
    assert registry.is_campaigns(job.target)
    service = job.target
    letter = _in_its_words(job, service)
    nowhere = Campaign(reference="REFERENCE", name=letter.name, state="draft")
    calls = [service.create(job.options, letter), service.content(job.options, letter, nowhere)]
    paths = []
    for number, call in enumerate(filter(None, calls), start=1):
        path = os.path.join("outbox", letter.issue, f"{job.name}-{number}.json")
        shown = {"method": call.method, "path": call.path, "json": call.json}
        output.write_file(path, (json.dumps(shown, indent=1, ensure_ascii=False) + "\n").encode())
        paths.append(path)
    return paths


def _in_its_words(job: Job, service: Service) -> Letter:
    web_view = job.options.text("web_view") if service.WEB_VIEW else ""
    return foreseen.in_its_words(service, job.letter, name=job.name, web_view=web_view)


def _note(job: Job, ledger: Ledger, campaign: Campaign, state: str, clock: Clock) -> None:
    receipt = Receipt(state=state, reference=campaign.reference, address=campaign.address)
    ledger.note(job.letter.issue, job.name, job.letter.hash, receipt, at=clock.now())


# --- one message a reader


def enlist(job: Job, ledger: Ledger, source: str, clock: Clock, *, unknown: bool = False) -> Enlisted:
    """Read the list *source* into the ledger, so that a run can begin or go on. Sends nothing.

    Readers of a killed run become `unknown`; with *unknown* those are to be written to again.
    """
    known = ledger.handover(job.letter.issue, job.name)
    state = known.state if known else "draft"
    handover = ledger.note(
        job.letter.issue, job.name, job.letter.hash, Receipt(state=state, reference=job.letter.name), at=clock.now()
    )
    ledger.resume(handover, unknown=unknown)
    for file in job.plan.suppressions:
        ledger.suppress(recipients.suppressions(file), f"stands in {os.path.basename(file)}", at=clock.now())
    problems: list[Problem] = []
    twice = ledger.enlist(handover, _readers(source, job.plan, problems), at=clock.now())
    counts = ledger.counts(handover)
    return Enlisted(
        handover=handover,
        waiting=counts.get("queued", 0) + counts.get("deferred", 0),
        twice=twice,
        suppressed=counts.get("suppressed", 0),
        problems=tuple(problems),
    )


def deliver(job: Job, ledger: Ledger, clock: Clock, *, watch: Callable[[Tally], None] = lambda _: None) -> Tally:
    """Write to the readers who wait in the ledger. From here on the issue is frozen for this target."""
    assert isinstance(job.target, registry.Readers)
    line = job.target.line(job.options, job.letter, Writing(job.letter, job.plan), insecure=job.insecure)
    receipt = Receipt(state="sending", reference=job.letter.name)
    handover = ledger.note(job.letter.issue, job.name, job.letter.hash, receipt, at=clock.now())
    tally = Delivery(ledger, handover, line, job.plan, clock).run(watch)
    if not tally.waiting:
        receipt = Receipt(state="sent", reference=job.letter.name)
        ledger.note(job.letter.issue, job.name, job.letter.hash, receipt, at=clock.now())
    return tally


def test_copy(job: Job, address: str, clock: Clock) -> Tally:
    """Send one message to *address*, past list and ledger."""
    if not job.target.ABLE.test:
        raise SendingError(f"--test {address}", f"{job.options.kind} cannot send a test", "look at its draft instead")
    with ledgers.opened(ledgers.PASSING) as passing:
        receipt = Receipt(state="draft", reference=job.letter.name)
        handover = passing.note(job.letter.issue, job.name, job.letter.hash, receipt, at=clock.now())
        passing.enlist(handover, [_only(address, job.plan)], at=clock.now())
        return deliver(job, passing, clock)


def dry_run(job: Job, source: str, clock: Clock) -> Tally:
    """Write into the folder of `outbox` what every reader would get, past the ledger."""
    outbox = registry.find(TargetPlan(name="outbox", kind="outbox"))
    dry = replace(job, target=outbox, options=options.Options(TargetPlan(name="outbox", kind="outbox"), outbox.OPTIONS))
    with ledgers.opened(ledgers.PASSING) as passing:
        enlist(dry, passing, source, clock)
        return deliver(dry, passing, clock)


def handed_over(settings: Settings, issue: str, state: str | None = None) -> list[HandedOver]:
    """Return the hand-overs of an issue, or of all where it is empty; with *state* who is in it."""
    if not os.path.exists(settings.send.ledger):
        return []
    ledger = ledgers.Ledger(settings.send.ledger)
    try:
        return [
            HandedOver(
                handover=one,
                counts=dict(ledger.counts(one)),
                listed=tuple(ledger.listed(one, state)) if state else (),
            )
            for one in ledger.handovers(issue)
        ]
    finally:
        ledger.close()


class Writing:
    """What makes each reader's message: everything that all readers share is encoded once, at the start."""

    def __init__(self, letter: Letter, plan: SendPlan) -> None:
        self._cut, self._template, self._general = pieces.cut(letter), plan.unsubscribe, letter.unsubscribe
        self._sign = dkim.signer(plan.dkim, letter.sender) if plan.dkim else bytes

    def __call__(self, reader: Reader) -> bytes:
        """Return the whole message, signed where the settings say how."""
        return self._sign(self._cut.message(reader, self.address(reader)))

    def address(self, reader: Reader) -> str:
        """Return the reader's own unsubscribe address, the newsletter's where there is none."""
        if self._template:
            return recipients.unsubscribe(self._template, reader)
        return reader.fields.get("unsubscribe", "") or self._general


@contextmanager
def ledger_of(settings: Settings) -> Iterator[Ledger]:
    """Open the newsletter's ledger. Raises SendingError where another run has it."""
    with ledgers.opened(settings.send.ledger) as ledger:
        yield ledger


def _only(address: str, plan: SendPlan) -> Reader:
    """Return a reader for a test, with something in each column that the unsubscribe address asks for."""
    try:
        checked = recipients.address(address)
    except ValueError as error:
        raise SendingError(
            f"--test {address}", f"is no e-mail address: {error}", "write it like me@example.com"
        ) from error
    return Reader(address=checked, fields=dict.fromkeys(recipients.columns(plan.unsubscribe), "test"))


def _readers(source: str, plan: SendPlan, problems: list[Problem]) -> Iterator[Reader]:
    for found in recipients.read(source):
        if isinstance(found, Problem):
            problems.append(found)
            continue
        try:
            recipients.unsubscribe(plan.unsubscribe, found)
        except SendingError as error:  # better now than in the middle of the run
            problems.append(Problem(path=source, what=str(error)))
        else:
            yield found
