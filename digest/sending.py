"""The steps of a hand-over, in order, and nothing else. Prints nothing, asks nobody, decides no date.

A hand-over begins with `prepare`, which changes nothing anywhere. What may be sent is what stands in out/; nothing is
rebuilt here. Before the first message leaves, sent.json says so beside the issue.
"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from digest import checks, memory, output, record
from digest import sent as sents
from digest.errors import DigestError, NoAnswer, NotFit, NothingToSend, SendingError
from digest.mail import dkim, foreseen, http, ledger_file, oneclick, options, pieces, recipients, registry
from digest.mail import ledger as ledgers
from digest.mail import letter as letters
from digest.mail.campaigns import Campaign, Desk
from digest.mail.delivery import Delivery
from digest.mail.ledger import Edition
from digest.mail.letter import Reader, Receipt
from digest.mail.targets import file as file_target
from digest.model import TargetPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import tzinfo

    from digest.mail.campaigns import Service
    from digest.mail.delivery import Clock, Tally
    from digest.mail.ledger import Handover, Held, Ledger, ListSize, State
    from digest.mail.letter import Letter
    from digest.mail.recipients import BadRow
    from digest.model import SendPlan
    from digest.sent import HandOver
    from digest.settings import Settings

_SHRUNK_TO = 0.9
"""A list with less than this share of its last readers is asked about: it may be a half-written export."""

_TEST = "[Test] "


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One issue and one target, both found and checked. *out* is where the issues stand, *folder* this one."""

    letter: Letter
    target: registry.Target
    options: options.Options
    plan: SendPlan
    insecure: bool
    out: str

    @property
    def name(self) -> str:
        """The target's name in the settings."""
        return self.options.name

    @property
    def folder(self) -> str:
        """Where the issue stands."""
        return os.path.join(self.out, self.letter.issue)

    @property
    def edition(self) -> Edition:
        """What the ledger knows it by."""
        return Edition(newsletter=self.letter.label, issue=self.letter.issue, content=self.letter.hash)

    @property
    def before(self) -> HandOver | None:
        """What was handed to this target before, None for nothing. Raises RecordError."""
        told = sents.read(self.folder)
        return next((one for one in told.hand_overs if one.target == self.name), None) if told else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enlisted:
    """A list that was read into the ledger.

    *size* counts its readers, *duplicates* its rows beyond the first of a reader, *counts* the readers in each state,
    *held* those who have the issue, by target. *shrank_from* is the last list where this one is much shorter. *unnamed*
    readers have no unsubscribe address of their own, and so no one-click unsubscribing.
    """

    handover: Handover
    size: int
    duplicates: int
    counts: dict[State, int]
    held: tuple[Held, ...]
    bad_rows: tuple[BadRow, ...]
    unnamed: int
    shrank_from: ListSize | None

    @property
    def waiting(self) -> int:
        """How many readers are to be written to."""
        return self.counts.get("queued", 0) + self.counts.get("deferred", 0)


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
            "newsletter": one.newsletter,
            "target": one.target,
            "state": one.state,
            "at": datetime.fromtimestamp(one.at, zone).isoformat(timespec="seconds"),
            "address": one.address,
            "readers": self.counts,
            "listed": [{"address": address, "reply": reply} for address, reply in self.listed],
        }


def prepare(
    settings: Settings,
    issue: str,
    target: str,
    *,
    insecure: bool = False,
    dry_run: bool = False,
    counts: bool = False,
) -> Job:
    """Find the issue and the target, and hold the issue to `digest check`.

    Of a *dry_run* nothing leaves this machine; who only *counts* the readers of a server on it needs no --insecure.

    Raises NotFit where it must not go out, SendingError or SettingsError; nothing was changed then.
    """
    folder = os.path.join(settings.out, issue)
    letter = letters.read(folder, record.read(folder))
    plan = next((one for one in settings.targets if one.name == target), TargetPlan(name=target, kind=target))
    found = registry.find(plan, named=[one.name for one in settings.targets])
    chosen = options.Options(plan, found.OPTIONS)
    leaves = not dry_run and not options.stays_here(chosen, insecure=insecure or counts)
    errors = [one for one in checks.check(checks.load(folder), leaves=leaves) if one.severity == "error"]
    if errors:
        raise NotFit(f"{folder}: {one.rule}: {one}" for one in errors)
    if sents.handed_over(folder) is None:
        _refuse_repeats(settings, issue)
    return Job(letter=letter, target=found, options=chosen, plan=settings.send, insecure=insecure, out=settings.out)


def _refuse_repeats(settings: Settings, issue: str) -> None:
    """Refuse an issue with stories that readers got with another one since it was built. Raises SendingError."""
    again = memory.repeats(settings, issue)
    if again:
        names = ", ".join(sorted({ran.issue for _, ran in again}))
        count = "1 of its stories" if len(again) == 1 else f"{len(again)} of its stories"
        raise SendingError(
            os.path.join(settings.out, issue),
            f"{count} ran in issue {names}, which was handed over since this was built",
            f"build it again: digest build --date {issue}",
        )


def refuse_a_second_way(job: Job) -> None:
    """Refuse a target whose readers may have the issue already, in a way that no ledger of ours can tell.

    Readers of a list are passed over one by one; whoever has it from a service, or by the editor's own hand, is known
    to nobody here. Raises SendingError.
    """
    told = sents.handed_over(job.folder)
    if told is None:
        return
    if told.newsletter != job.letter.newsletter:
        raise SendingError(
            job.folder, f"was handed over as {told.newsletter!r}", "give a newsletter of another name its own `out`"
        )
    by_list = not registry.is_campaigns(job.target)
    for one in told.hand_overs:
        elsewhere = (
            one.target != job.name and one.kind not in sents.LOCAL and not isinstance(job.target, registry.Files)
        )
        if elsewhere and not (by_list and one.readers is not None):
            to = f"to {one.target} on" if one.target else "by hand,"
            raise SendingError(
                job.folder,
                f"was handed over {to} {one.at[:10]}, and nobody here can tell to whom",
                "if these are other readers, say so with --also",
            )


def tell(job: Job, state: sents.State, readers: int | None, clock: Clock) -> None:
    """Write into sent.json how the hand-over to this target stands. Raises OutputError."""
    before = job.before
    now = sents.HandOver(
        target=job.name,
        kind=job.options.kind,
        state=state,
        at=before.at if before else sents.moment(clock.now()),
        readers=readers,
        content=job.letter.hash,
    )
    told = sents.with_hand_over(sents.read(job.folder), now, issue=job.letter.issue, newsletter=job.letter.newsletter)
    output.write_file(os.path.join(job.folder, sents.FILE), sents.to_bytes(told))


def take_back(folder: str, target: str) -> None:
    """Take the hand-over to *target* out of sent.json: nothing of it reached anybody."""
    told = sents.read(folder)
    left = sents.without(told, target) if told else None
    path = os.path.join(folder, sents.FILE)
    if left:
        output.write_file(path, sents.to_bytes(left))
    elif told:
        os.unlink(path)
        shutil.rmtree(os.path.join(folder, sents.COPY), ignore_errors=True)  # kept for readers, whom it has none of


def mark(settings: Settings, issue: str, clock: Clock) -> sents.Sent:
    """Write into sent.json that the editor has sent the issue by hand, and return it. Raises RecordError."""
    folder = os.path.join(settings.out, issue)
    letter = letters.read(folder, record.read(folder))
    now = sents.HandOver(
        target="", kind="", state="marked", at=sents.moment(clock.now()), readers=None, content=letter.hash
    )
    told = sents.with_hand_over(sents.read(folder), now, issue=issue, newsletter=letter.newsletter)
    output.write_file(os.path.join(folder, sents.FILE), sents.to_bytes(told))
    return told


def unmark(settings: Settings, issue: str) -> list[str]:
    """Take back what the editor marked, or what went to files of this machine; return what that was.

    Raises SendingError where there is nothing to take back: what left the machine stays.
    """
    folder = os.path.join(settings.out, issue)
    told = sents.read(folder)
    ours = [one for one in told.hand_overs if one.state == "marked" or one.kind in sents.LOCAL] if told else []
    if not ours:
        raise SendingError(folder, "was not marked as sent", "what left this machine cannot be taken back")
    if not ledger_file.is_empty(settings.send.ledger):
        with ledgers.opened(settings.send.ledger) as ledger:
            for handover in ledger.handovers(issue):
                if handover.target in [one.target for one in ours]:
                    ledger.forget(handover)
    for one in ours:
        take_back(folder, one.target)
    return [one.target or "the mark" for one in ours]


def latest(settings: Settings, target: str) -> str:
    """Return the newest issue of the newsletter in out/. Raises NothingToSend where it was handed over already.

    An older one is never meant: a rehearsal of a month ago must not leave because this week was sent before.
    """
    for issue in reversed(record.issues(settings.out)):
        folder = os.path.join(settings.out, issue)
        if record.read(folder)["newsletter"]["name"] != settings.newsletter.name:
            continue
        told = sents.read(folder)
        done = told and any(
            one.is_over and (one.target == target or one.kind not in sents.LOCAL) for one in told.hand_overs
        )
        if told and done:
            raise NothingToSend(folder, f"the newest issue was handed over ({told.in_words()})", "build the next one")
        return issue
    raise NothingToSend(settings.out, "no issue stands there", "build one first")


def files(job: Job, ledger: Ledger, clock: Clock) -> Receipt:
    """Hand the files over to a target that takes them as they are."""
    assert isinstance(job.target, registry.Files)
    # Who sends them on may do so at once: this is the moment at which the letter leaves us.
    letter = replace(job.letter, mime=pieces.dated(job.letter.mime, clock.now()))
    receipt = job.target.write(job.options, letter)
    tell(job, "sent", None, clock)
    ledger.note(job.edition, job.name, receipt, at=clock.now())
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
    client = http.Client(base, access, timeout=timeout, clock=clock)
    try:
        yield Desk(service, job.options, client, letter, clock.wait)
    finally:
        client.close()


def draft(job: Job, at: Desk, ledger: Ledger, clock: Clock) -> Campaign:
    """Create or update the draft of the issue. Sends nothing, and never makes a second draft."""
    before = ledger.handover(job.letter.label, job.letter.issue, job.name)
    if before and before.state != "draft" and at.find() is None:
        raise SendingError(
            f"{job.name}, {at.letter.name}", f"is {before.state} by our ledger, and gone there", "it is not sent again"
        )
    campaign = at.draft()
    tell(job, "draft", None, clock)
    _note(job, ledger, campaign, campaign.state, clock)
    return campaign


def send(job: Job, at: Desk, campaign: Campaign, when: datetime | None, ledger: Ledger, clock: Clock) -> Campaign:
    """Send the draft, or schedule it for *when*. From here on the issue is sealed, unless the service refuses it."""
    if when and not job.target.ABLE.schedule:
        raise SendingError("--schedule", f"{job.options.kind} cannot send later by itself", "use --send at that time")
    tell(job, "sending", None, clock)
    _note(job, ledger, campaign, "sending", clock)
    try:
        sent = at.send(campaign, when)
    except NoAnswer:  # it may have begun: the issue stays sealed, and the next run looks first
        _note(job, ledger, campaign, "sending", clock, freeze=True)
        raise
    except SendingError:
        _note(job, ledger, campaign, "draft", clock)
        tell(job, "draft", None, clock)
        raise
    tell(job, "scheduled" if when else "sent", None, clock)
    _note(job, ledger, sent, "scheduled" if when else "sent", clock, freeze=True)
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
        output.write_file(path, (json.dumps(shown, indent=1, ensure_ascii=False) + "\n").encode(), private=True)
        paths.append(path)
    return paths


def _in_its_words(job: Job, service: Service) -> Letter:
    web_view = job.options.text("web_view") if service.WEB_VIEW else ""
    return foreseen.in_its_words(service, job.letter, name=job.name, web_view=web_view)


def _note(job: Job, ledger: Ledger, campaign: Campaign, state: str, clock: Clock, *, freeze: bool = False) -> None:
    receipt = Receipt(state=state, reference=campaign.reference, address=campaign.address)
    ledger.note(job.edition, job.name, receipt, at=clock.now(), freeze=freeze)


# --- one message a reader


def enlist(
    job: Job, ledger: Ledger, source: str, clock: Clock, *, unknown: bool = False, failed: bool = False
) -> Enlisted:
    """Read the list *source* into the ledger, so that a run can begin or go on. Sends nothing.

    Readers of a killed run become `unknown`; with *unknown* those are to be written to again, with *failed* those whom
    the server refused. Raises SendingError where the list cannot be read to its end, or names no reader.
    """
    receipt = Receipt(state=_state(ledger, job), reference=job.letter.name)
    handover = ledger.note(job.edition, job.name, receipt, at=clock.now())
    ledger.resume(handover, unknown=unknown, failed=failed)
    excluded = [key for file in job.plan.suppressions for key in recipients.suppressions(file)]
    bad_rows: list[BadRow] = []
    unnamed = oneclick.Unnamed(job.plan.unsubscribe, job.letter.unsubscribe)
    readers = unnamed.passing(_readers(source, job.plan, bad_rows))
    size, duplicates = ledger.enlist(handover, readers, excluded=excluded, at=clock.now())
    counts, last = ledger.counts(handover), ledger.last_list(handover)
    return Enlisted(
        handover=handover,
        size=size,
        duplicates=duplicates,
        counts=counts,
        held=tuple(ledger.held(handover)),
        bad_rows=tuple(bad_rows),
        unnamed=unnamed.count,
        shrank_from=last if last and size < last.readers * _SHRUNK_TO else None,
    )


def deliver(
    job: Job, ledger: Ledger, clock: Clock, *, size: int = 0, watch: Callable[[Tally], None] = lambda _: None
) -> Tally:
    """Write to the readers who wait in the ledger; *size* is how many the list has.

    sent.json says so before the first message leaves. Where none did, it says nothing in the end.
    """
    handover = ledger.note(job.edition, job.name, Receipt(state="sending", reference=job.letter.name), at=clock.now())
    if ledger.path == ledgers.PASSING:
        return _delivery(job, ledger, handover, clock).run(watch)
    run = _delivery(job, ledger, handover, clock)
    tell(job, "sending", ledger.carried(handover)[0], clock)
    ledger.note_list(handover, size)
    try:
        tally = run.run(watch)
    except BaseException:
        with suppress(DigestError):  # what stopped the run is what the user has to see
            say_how_it_stands(job, ledger, handover, clock, over=False)
        raise
    say_how_it_stands(job, ledger, handover, clock, over=not tally.waiting and not tally.stopped)
    return tally


def say_how_it_stands(job: Job, ledger: Ledger, handover: Handover, clock: Clock, *, over: bool) -> None:
    """Write into ledger and sent.json how many have the issue; a run that reached nobody leaves no trace in sent.json.

    *over*: nobody of the list waits any more.
    """
    certain, doubtful = ledger.carried(handover)
    state = "draft" if not certain and not doubtful else "sent" if over else "sending"
    ledger.note(job.edition, job.name, Receipt(state=state, reference=job.letter.name), at=clock.now())
    if state == "draft":
        take_back(job.folder, job.name)
    else:
        tell(job, "sent" if over else "sending", certain, clock)


def _delivery(job: Job, ledger: Ledger, handover: Handover, clock: Clock) -> Delivery:
    assert isinstance(job.target, registry.Readers)
    write = Writing(job.letter, job.plan, clock, unsigned=getattr(job.target, "REWRITES", ()))
    line = job.target.line(job.options, job.letter, write, insecure=job.insecure)
    return Delivery(ledger, handover, line, job.plan, clock)


def test_copy(job: Job, address: str, clock: Clock) -> Tally:
    """Send one message to *address*, past list and ledger, marked as a test in its subject."""
    if not job.target.ABLE.test:
        raise SendingError(f"--test {address}", f"{job.options.kind} cannot send a test", "look at its draft instead")
    marked = replace(job, letter=letters.with_subject_prefix(job.letter, _TEST))
    with ledgers.opened(ledgers.PASSING) as passing:
        receipt = Receipt(state="draft", reference=job.letter.name)
        handover = passing.note(marked.edition, job.name, receipt, at=clock.now())
        passing.enlist(handover, [_only(address, job.plan)], at=clock.now())
        return deliver(marked, passing, clock)


def dry_files(job: Job, clock: Clock) -> list[str]:
    """Write the files that would be handed over to the folder outbox/, and return the paths."""
    files_of = file_target.contents(replace(job.letter, mime=pieces.dated(job.letter.mime, clock.now())))
    paths = {os.path.join("outbox", job.letter.issue, name): content for name, content in files_of.items()}
    for path, content in paths.items():
        output.write_file(path, content)
    return list(paths)


def dry_run(job: Job, source: str, clock: Clock) -> tuple[Enlisted, Tally]:
    """Write into the folder of `outbox` what every reader would get, past the ledger."""
    outbox = registry.find(TargetPlan(name="outbox", kind="outbox"))
    dry = replace(job, target=outbox, options=options.Options(TargetPlan(name="outbox", kind="outbox"), outbox.OPTIONS))
    with ledgers.opened(ledgers.PASSING) as passing:
        return enlist(dry, passing, source, clock), deliver(dry, passing, clock)


def count(job: Job, source: str, clock: Clock) -> Enlisted:
    """Return what a run would find, and write nothing anywhere."""
    hold_ledger(job)
    with ledgers.snapshot(job.plan.ledger, job.letter.label) as passing:
        _hold_against(job, passing)
        return enlist(job, passing, source, clock)


def handed_over(settings: Settings, issue: str, state: str | None = None) -> list[HandedOver]:
    """Return the hand-overs of an issue, or of all where it is empty; with *state* who is in it."""
    with ledgers.snapshot(settings.send.ledger) as ledger:
        return [
            HandedOver(
                handover=one,
                counts=dict(ledger.counts(one)),
                listed=tuple(ledger.listed(one, state)) if state else (),
            )
            for one in ledger.handovers(issue)
        ]


def by_hand(settings: Settings, issue: str) -> list[dict[str, object]]:
    """Return the hand-overs of an issue, or of all, that only sent.json knows, in the shape of `HandedOver.facts`."""
    names = [issue] if issue else record.issues(settings.out)
    told = [sents.read(os.path.join(settings.out, name)) for name in names]
    marks = [(sent.issue, sent.newsletter, one) for sent in told if sent for one in sent.hand_overs if not one.target]
    return [
        {
            "issue": name,
            "newsletter": newsletter,
            "target": "by hand",
            "state": one.state,
            "at": one.at,
            "address": "",
            "readers": {},
            "listed": [],
        }
        for name, newsletter, one in marks
    ]


def lift(settings: Settings, address: str) -> bool:
    """Forget that a mailbox was refused, so that it is written to again; return whether there was anything to forget.

    Raises SendingError for what is no address, and for one that stands in a file of suppressions.
    """
    only = _only(address, settings.send).address
    for file in settings.send.suppressions:
        if recipients.key(only) in set(recipients.suppressions(file)):
            raise SendingError(address, f"stands in {file}", "take it out there")
    if ledger_file.is_empty(settings.send.ledger):
        return False
    with ledgers.opened(settings.send.ledger) as ledger:
        return ledger.lift(only)


# --- the ledger


@contextmanager
def ledger_of(job: Job, *, new: bool = False) -> Iterator[Ledger]:
    """Open the ledger of a job; *new*: another may be begun although one was used before.

    Raises SendingError where it is in use, cannot be used, or does not know what sent.json knows.
    """
    hold_ledger(job, new=new)
    with ledgers.opened(job.plan.ledger, job.letter.label) as ledger:
        _hold_against(job, ledger)
        yield ledger


def hold_ledger(job: Job, *, new: bool = False) -> None:
    """Refuse to begin a ledger where an issue says that one was used. Raises SendingError."""
    if not ledger_file.is_empty(job.plan.ledger):
        return
    for issue in [job.letter.issue] if new else reversed(record.issues(job.out)):
        told = sents.handed_over(os.path.join(job.out, issue))
        if (
            told
            and any(one.readers is not None for one in told.hand_overs)
            and told.newsletter == job.letter.newsletter
        ):
            remedy = "bring a copy of it back; if it is lost for good, --new-ledger begins another for later issues"
            raise SendingError(
                job.plan.ledger,
                f"is missing or empty, and issue {issue} was handed over with it ({told.in_words()})",
                remedy,
            )


def _hold_against(job: Job, ledger: Ledger) -> None:
    """Refuse a ledger that knows of fewer readers than sent.json: an old copy would write to the others again."""
    told = sents.read(job.folder)
    for one in told.hand_overs if told else ():
        if one.readers is None:
            continue
        handover = ledger.handover(job.letter.label, job.letter.issue, one.target)
        certain = ledger.carried(handover)[0] if handover else 0
        if certain < one.readers or handover is None:
            raise SendingError(
                job.plan.ledger,
                f"knows {certain:,} of the {one.readers:,} readers who have issue {job.letter.issue} by {one.target}",
                "it is an old copy or another ledger; bring the newest one back",
            )


class Writing:
    """What makes each reader's message: everything that all readers share is encoded once, at the start.

    *clock* dates the messages; *unsigned* are headers that the service writes anew, which a signature must not cover.
    """

    def __init__(self, letter: Letter, plan: SendPlan, clock: Clock, *, unsigned: Sequence[str] = ()) -> None:
        self.clock = clock
        self._cut, self._template, self._general = pieces.cut(letter), plan.unsubscribe, letter.unsubscribe
        self._sign = dkim.signer(plan.dkim, letter.sender, unsigned=unsigned) if plan.dkim else bytes

    def __call__(self, reader: Reader) -> bytes:
        """Return the whole message, dated now, signed where the settings say how."""
        at, one_click = self.clock.now(), self.one_click(reader)
        return self._sign(self._cut.message(reader, self.address(reader), at=at, one_click=one_click))

    def address(self, reader: Reader) -> str:
        """Return the reader's own unsubscribe address, the newsletter's where there is none."""
        return oneclick.address(self._template, reader, self._general)

    def one_click(self, reader: Reader) -> bool:
        """Return whether a POST to that address takes this reader off the list."""
        return oneclick.offered(self._template, reader, self._general)


def _only(address: str, plan: SendPlan) -> Reader:
    """Return a reader for a test, with something in each column that the unsubscribe address asks for."""
    try:
        checked = recipients.address(address)
    except ValueError as error:
        raise SendingError(
            f"--test {address}", f"is no e-mail address: {error}", "write it like me@example.com"
        ) from error
    return Reader(address=checked, fields=dict.fromkeys(recipients.columns(plan.unsubscribe), "test"))


def _state(ledger: Ledger, job: Job) -> str:
    """How the hand-over stands by the ledger; one that was never begun is a draft."""
    known = ledger.handover(job.letter.label, job.letter.issue, job.name)
    return known.state if known else "draft"


def _readers(source: str, plan: SendPlan, bad_rows: list[BadRow]) -> Iterator[Reader]:
    """Yield the readers of a list and put its bad rows aside. Raises SendingError where it names no reader."""
    nobody = True
    for row in recipients.read(source, recipients.columns(plan.unsubscribe)):
        if isinstance(row, recipients.BadRow):
            bad_rows.append(row)
        else:
            nobody = False
            yield row
    if nobody:
        why = f"; its {len(bad_rows):,} rows are bad, the first: {bad_rows[0]}" if bad_rows else ""
        raise SendingError(source, f"names no reader{why}", "export it again; nothing was changed")
