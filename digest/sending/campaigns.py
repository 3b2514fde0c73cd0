"""A hand-over that is one act for all readers: a campaign at a service that keeps them, or the issue as files.

The ledger has one row for it, and no readers: to whom the service sent is known to the service alone. So an issue that
was sent in this way is refused to every other target, unless the editor says that its readers are others (`job`).
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from digest.errors import NoAnswer, SendingError
from digest.issue import output
from digest.mail import http, options, personalise, registry
from digest.mail.built import Receipt
from digest.mail.campaign import Campaign, CampaignClient
from digest.mail.target import CampaignService, FileTarget
from digest.mail.targets import file as file_target
from digest.sending.history import one_reader, tell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from digest.mail.delivery import Clock
    from digest.mail.ledger import Ledger
    from digest.sending.job import Job


def files(job: Job, ledger: Ledger, clock: Clock) -> Receipt:
    """Hand the issue over to a target that takes it as it is, and return where it put it. Raises SendingError."""
    assert issubclass(job.target, FileTarget)
    # Whoever sends them on may do so at once: this is the moment at which the letter leaves us.
    letter = replace(job.letter, mime=personalise.dated(job.letter.mime, clock.now()))
    receipt = job.target(job.options, letter).write()
    tell(job, "sent", None, clock)
    ledger.note(job.edition, job.name, receipt, at=clock.now())
    return receipt


def dry_files(job: Job, clock: Clock) -> list[str]:
    """Write the files that would be handed over to the folder outbox/, and return their paths."""
    files_of = file_target.contents(replace(job.letter, mime=personalise.dated(job.letter.mime, clock.now())))
    paths = {os.path.join("outbox", job.letter.issue, name): content for name, content in files_of.items()}
    for path, content in paths.items():
        output.write_file(path, content)
    return list(paths)


@contextmanager
def desk(job: Job, clock: Clock) -> Iterator[CampaignClient]:
    """Lend a connection to the service of a job, with the letter in the service's own language. Raises SendingError.

    A service that makes its own plain text is refused, unless the settings allow ours to be left out.
    """
    if not job.target.ABLE.text and "text" not in job.options.texts("without"):
        raise SendingError(
            f"targets.{job.name}", "cannot take our plain text", "say that it may be left out: without: [text]"
        )
    service = _service(job)
    base = options.base_address(job.options, insecure=job.insecure)
    access, timeout = service.access(), job.options.number("timeout")
    client = http.Client(base, access, timeout=timeout, clock=clock)
    try:
        yield CampaignClient(service, client, clock.wait)
    finally:
        client.close()


def draft(job: Job, at: CampaignClient, ledger: Ledger, clock: Clock) -> Campaign:
    """Create or update the draft of the issue and return it. Sends nothing, and never makes a second draft.

    Raises SendingError where the issue was sent before, also where the service has lost its campaign since.
    """
    # By the ledger, because a service lets users delete a campaign that was sent: it must not be made anew.
    before = ledger.handover(job.letter.label, job.letter.issue, job.name)
    if before and before.state != "draft" and at.find() is None:
        raise SendingError(
            f"{job.name}, {at.letter.name}", f"is {before.state} by our ledger, and gone there", "it is not sent again"
        )
    campaign = at.draft()
    tell(job, "draft", None, clock)
    _note(job, ledger, campaign, campaign.state, clock)
    return campaign


def send(
    job: Job, at: CampaignClient, campaign: Campaign, when: datetime | None, ledger: Ledger, clock: Clock
) -> Campaign:
    """Send the draft, or schedule it for *when*, and return it as it stands then.

    From here on the issue is sealed, unless the service refuses it. Raises SendingError, and NoAnswer where nobody
    knows whether it was sent.
    """
    if when and not job.target.ABLE.schedule:
        raise SendingError("--schedule", f"{job.options.kind} cannot send later by itself", "use --send at that time")
    # Before the call: a crash in between must leave an issue that counts as sent, not one that is sent twice.
    tell(job, "sending", None, clock)
    _note(job, ledger, campaign, "sending", clock)
    try:
        sent = at.send(campaign, when)
    except NoAnswer:
        # It may have begun: the issue stays sealed, and the next run looks first.
        _note(job, ledger, campaign, "sending", clock, freeze=True)
        raise
    except SendingError:
        _note(job, ledger, campaign, "draft", clock)
        tell(job, "draft", None, clock)
        raise
    tell(job, "scheduled" if when else "sent", None, clock)
    _note(job, ledger, sent, "scheduled" if when else "sent", clock, freeze=True)
    return sent


def test_draft(job: Job, at: CampaignClient, campaign: Campaign, address: str) -> None:
    """Send one copy of the draft to *address*. Raises SendingError where that is no address, or the service cannot."""
    one_reader(address, job.plan)
    if not job.target.ABLE.test:
        raise SendingError(f"--test {address}", f"{job.options.kind} cannot send a test", "look at its draft instead")
    at.test(campaign, address)


def dry_campaign(job: Job) -> list[str]:
    """Write the calls that would make the draft to the folder outbox/, as JSON, and return the paths.

    Without the key, which is no part of a call. Raises SendingError for what the service could not hold.
    """
    service = _service(job)
    nowhere = Campaign(reference="REFERENCE", name=job.letter.name, state="draft")
    calls = [service.create(), service.content(nowhere)]
    paths = []
    for number, call in enumerate(filter(None, calls), start=1):
        path = os.path.join("outbox", job.letter.issue, f"{job.name}-{number}.json")
        shown = {"method": call.method, "path": call.path, "json": call.json}
        output.write_file(path, (json.dumps(shown, indent=1, ensure_ascii=False) + "\n").encode(), private=True)
        paths.append(path)
    return paths


def _service(job: Job) -> CampaignService:
    """Return the service of a job, with the issue in its own language.

    Links to the web view lead to the service's page where the option `web_view` says so. Raises SendingError.
    """
    assert issubclass(job.target, CampaignService)
    web_view = job.options.text("web_view") if job.target.WEB_VIEW else ""
    letter = registry.translated_for(job.target, job.letter, name=job.name, web_view=web_view)
    return job.target(job.options, letter)


def _note(job: Job, ledger: Ledger, campaign: Campaign, state: str, clock: Clock, *, freeze: bool = False) -> None:
    """Write the state of *campaign* into the ledger; *freeze*: readers may have it, so its content must not change."""
    receipt = Receipt(state=state, reference=campaign.reference, address=campaign.address)
    ledger.note(job.edition, job.name, receipt, at=clock.now(), freeze=freeze)
