"""`digest send`: a built issue to a mail service, asking before anything leaves.

What happens depends on who keeps the readers: a campaign service gets a draft (`_campaign`), a target of files gets the
files (`_files`), and for a list of ours one message is sent to each reader (`_list`). Without --send or --schedule
nothing is sent. The steps are those of `digest.sending`; here they are chosen, asked about and told.

The JSON has `issue`, `target` and `subject`, then for a campaign `state`, `address` and the audience, for a list the
counts of `note_enlisted` and `readers`, how many are in which state. Exit status 1 where anything is left to do, also
where a run was stopped: the same command goes on from there.
"""

from __future__ import annotations

import sys
from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from digest.cli.dates import IssueArgument, issue_named, now_in
from digest.cli.editions import PartOfParts
from digest.cli.options import GIVEN, clock, counted, settings_of
from digest.cli.output import printing
from digest.cli.send_editions import Answers, editions_job, send_editions
from digest.cli.send_report import (
    note_enlisted,
    say_dry_files,
    say_dry_run,
    say_enlisted,
    say_nothing_to_do,
    say_tally,
    watching,
)
from digest.errors import SendingError
from digest.tables import places

if TYPE_CHECKING:
    from datetime import datetime

    from click.shell_completion import CompletionItem

    from digest.cli.dates import AskedIssue
    from digest.cli.output import Printer
    from digest.config.settings import Settings
    from digest.mail.campaign import Audience
    from digest.sending import Enlisted, Job


class TargetName(click.ParamType["str"]):
    """The name of a target, which `registry` knows; a shell completes those that the settings and the program have.

    Not checked here: whether there is such a target is said with the place in the settings where it should stand.
    """

    name = "target"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Offer the names that begin with *incomplete*, the settings' own targets first."""
        from click.shell_completion import CompletionItem

        from digest.config import settings
        from digest.errors import DigestError
        from digest.mail import registry

        del param
        # While the user types there is nowhere to say what is wrong with the settings.
        try:
            own = [target.name for target in settings.load(ctx.params.get("config")).targets]
        except DigestError:
            own = []
        names = dict.fromkeys([*own, *registry.SHIPPED])
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]


@click.command()
@click.argument("issue", type=IssueArgument(), metavar="ISSUE")
@click.option(
    "--to",
    "target",
    required=True,
    type=TargetName(),
    metavar="TARGET",
    help="A target of digest.yaml, or file or outbox.",
)
@click.option("--send", "really", is_flag=True, help="Send it; without this nothing leaves but a draft.")
@click.option(
    "--schedule", type=GIVEN, metavar="TIME", help="Let the service send it at that time, as 2020-11-12T07:00."
)
@click.option("--test", type=GIVEN, metavar="ADDRESS", help="Send one copy to this address only, marked as a test.")
@click.option("--dry-run", is_flag=True, help="Write to the folder outbox/ what would be sent.")
@click.option(
    "--recipients",
    type=GIVEN,
    metavar="FILE",
    help="List of readers: CSV, JSONL, Parquet, addresses; - for standard input.",
)
@click.option("--resend-unknown", is_flag=True, help="Also write to readers who may have the message already.")
@click.option("--retry-failed", is_flag=True, help="Also write to readers whom the server refused in this issue.")
@click.option(
    "--list-shrank", is_flag=True, help="The list is right although it lost more than a tenth of its readers."
)
@click.option("--editions", "personal", is_flag=True, help="Send each reader her edition; see `digest editions`.")
@click.option("--part", type=PartOfParts(), metavar="K/N", help="Send one part of the editions.")
@click.option("--also", is_flag=True, help="The readers of this target are others than those who have the issue.")
@click.option("--new-ledger", is_flag=True, help="Begin a new ledger where the one used before is lost.")
@click.option("--yes", is_flag=True, help="Do not ask before sending.")
@click.option("--insecure", is_flag=True, help="Allow a connection in the clear to this machine.")
@click.option("--config", type=GIVEN, metavar="FILE", help="Settings.  [default: digest.yaml, if there is one]")
@click.option("--out", type=GIVEN, metavar="FOLDER", help="Where issues are written.  [default: out]")
@printing
def send(
    *,
    issue: AskedIssue,
    target: str,
    schedule: str | None,
    test: str | None,
    recipients: str | None,
    personal: bool,
    part: tuple[int, int] | None,
    insecure: bool,
    printer: Printer,
    **options: Any,
) -> None:
    """Hand a built issue over to a mail service.

    ISSUE is its last day, or `latest`: the newest one, unless it was handed over. Without --send nothing is sent:
    services get a draft, and for lists of ours the readers are counted. A run that was interrupted goes on where it
    was, and nobody who has an issue gets it again.
    """
    from digest import sending
    from digest.mail.target import CampaignService, FileTarget

    if part and not personal:
        raise click.UsageError("--part is of editions; add --editions")
    answers = Answers(**{field.name: options.pop(field.name) for field in fields(Answers)})
    settings = settings_of(archive=(), templates=None, days=None, **options)
    now = now_in(settings.newsletter.timezone)
    named = sending.latest(settings, target, now) if issue.is_latest else issue_named(settings, issue)
    counts = not (answers.really or schedule or test)
    if personal:
        if schedule or test:
            raise click.UsageError(f"{'--schedule' if schedule else '--test'} does not go with --editions")
        found = editions_job(settings, named, target, part, answers, insecure=insecure)
        send_editions(found, printer, recipients, answers)
        return
    job = sending.prepare(settings, named, target, insecure=insecure, dry_run=answers.dry_run, counts=counts)
    printer.note(issue=job.letter.issue, target=target, subject=job.letter.subject)
    if issubclass(job.target, CampaignService):
        _campaign(settings, job, printer, _time(schedule, settings) if schedule else None, test, answers)
    elif schedule:
        raise SendingError("--schedule", f"{target} cannot send later by itself", "use --send at that time")
    elif test:
        say_tally(printer, sending.test_copy(job, test, clock()))
    elif issubclass(job.target, FileTarget):
        _files(job, printer, answers)
    else:
        _list(settings, job, printer, recipients or settings.send.recipients, answers)


def _campaign(
    settings: Settings, job: Job, printer: Printer, when: datetime | None, test: str | None, answers: Answers
) -> None:
    """Make or update a draft at a service; then test it or send it, where that is asked for.

    *when* is the moment for the service to send it, None for now. Raises SendingError, and Abort without a yes.
    """
    from digest import sending

    now, leaves = clock(), answers.really or when is not None
    if answers.dry_run:
        say_dry_files(printer, sending.dry_campaign(job))
        return
    # Success: a scheduler that starts the same command twice must not fail, and must not send twice.
    if leaves and job.before and job.before.is_over:
        printer.say(f"nothing to do: {job.name} has it since {job.before.at[:16].replace('T', ' ')} (UTC)")
        printer.note(state=job.before.state)
        return
    if leaves and not answers.also:
        _refuse_a_second_way(settings, job)
    with sending.ledger_of(job, new=answers.new_ledger) as ledger, sending.desk(job, now) as desk:
        campaign = sending.draft(job, desk, ledger, now)
        printer.say(f"{job.name}: draft {campaign.name} at {campaign.address}")
        printer.note(state="draft", name=campaign.name, address=campaign.address)
        if test:
            sending.test_draft(job, desk, campaign, test)
            printer.say(f"one copy to {test}")
            printer.note(test=test)
        if leaves:
            audience = desk.audience()
            _confirm(job, printer, audience, when, answers)
            done = sending.send(job, desk, campaign, when, ledger, now)
            state = "scheduled" if when else "sent"
            printer.say(f"{job.name}: {state}; see {done.address}")
            printer.note(state=state, address=done.address, audience=audience.name, readers=audience.size)


def _confirm(job: Job, printer: Printer, audience: Audience, when: datetime | None, answers: Answers) -> None:
    """Say to whom the issue goes, and ask for a yes unless --yes gave it. Raises Abort for anything else."""
    size = "readers" if audience.size is None else counted(audience.size, "reader")
    moment = f"at {when:%Y-%m-%d %H:%M %Z}" if when else "now"
    (printer.say if answers.yes else printer.ask)(f"{job.letter.subject}\nto {size} of {audience.name}, {moment}")
    if not answers.yes and click.prompt("Send it to them all? Type yes", err=True) != "yes":
        raise click.Abort


def _files(job: Job, printer: Printer, answers: Answers) -> None:
    """Hand the issue over to a target of files, or with --dry-run write the files into the folder outbox/.

    Without --send, too: it reaches no reader, and whoever takes the files from there decides. Asks nothing.
    """
    from digest import sending

    if answers.dry_run:
        say_dry_files(printer, sending.dry_files(job, clock()))
        return
    with sending.ledger_of(job, new=answers.new_ledger) as ledger:
        address = sending.files(job, ledger, clock()).address
    printer.say(f"{job.name}: {address}")
    printer.note(address=address)


def _list(settings: Settings, job: Job, printer: Printer, source: str, answers: Answers) -> None:
    """Write to the readers of the list *source* where --send is given; else count them, and send nothing.

    With --dry-run their messages are written into the folder outbox/. Wrong usage where no list is named.
    """
    from digest import sending

    if not source:
        raise click.UsageError("who are the readers? name the list with --recipients or as send.recipients")
    if answers.really and not answers.dry_run:
        _deliver(settings, job, printer, source, answers)
        return
    # A bar on a terminal; a line a minute in a log is for what really leaves.
    shown = partial(watching, quiet=printer.quiet or not sys.stderr.isatty())
    enlisted, tally = (
        sending.dry_run(job, source, clock(), shown) if answers.dry_run else (sending.count(job, source, clock()), None)
    )
    say_enlisted(settings, job, printer.say, source, enlisted)
    note_enlisted(printer, enlisted)
    if tally:
        say_dry_run(printer, job, tally)
    else:
        printer.say("nothing was sent; add --send")


def _time(written: str, settings: Settings) -> datetime:
    """Return the moment that *written* names in ISO 8601; wrong usage where it names none.

    Without an offset it is a time of day where the newsletter lives, and not where this machine stands.
    """
    from datetime import datetime
    from zoneinfo import ZoneInfo

    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise click.UsageError(f"--schedule {written!r} is no time; write it like 2020-11-12T07:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(settings.newsletter.timezone))


def _deliver(settings: Settings, job: Job, printer: Printer, source: str, answers: Answers) -> None:
    """Write to the readers of the list *source* who do not have the issue yet, after a yes.

    Raises SendingError where the run left something to do, and Abort without a yes.
    """
    from digest import sending

    if source == "-" and not answers.yes:
        raise click.UsageError("the list comes on standard input, so nobody can be asked there; add --yes")
    if not answers.also:
        _refuse_a_second_way(settings, job)
    with sending.ledger_of(job, new=answers.new_ledger) as ledger:
        enlisted = sending.enlist(
            job, ledger, source, clock(), unknown=answers.resend_unknown, failed=answers.retry_failed
        )
        say_enlisted(settings, job, printer.say if answers.yes else printer.ask, source, enlisted)
        note_enlisted(printer, enlisted)
        # Asked before the question whether to send: its answer depends on this one.
        if enlisted.shrank_from and not answers.list_shrank:
            _ask_about(enlisted, source, asked=not answers.yes)
        if not enlisted.waiting:
            # A run that was killed between its last message and its last line comes to its end here.
            sending.say_how_it_stands(job, ledger, enlisted.handover, clock(), over=True)
            say_nothing_to_do(printer, enlisted.counts)
            return
        if not answers.yes and click.prompt("Write to them all? Type yes", err=True) != "yes":
            raise click.Abort
        with watching(enlisted.waiting, quiet=printer.quiet) as watch:
            tally = sending.deliver(job, ledger, clock(), size=enlisted.size, watch=watch)
    say_tally(printer, tally)


def _refuse_a_second_way(settings: Settings, job: Job) -> None:
    """Refuse a target whose readers may have the issue, as one letter or as editions. Raises SendingError."""
    from digest import sending
    from digest.editions import dispatch

    sending.refuse_a_second_way(job)
    dispatch.refuse_sent_editions(settings, job.letter.issue)


def _ask_about(enlisted: Enlisted, source: str, *, asked: bool) -> None:
    """Ask whether the list *source* may be so much shorter than the last one.

    Raises SendingError where nobody can be asked (not *asked*: --yes was given), and Abort without a yes.
    """
    before = enlisted.shrank_from
    assert before is not None
    size = counted(enlisted.size, "reader")
    place = f"{places.shown(source)}: names {size}, and issue {before.issue} had {before.readers:,}"
    if not asked:
        raise SendingError(place, "it may be half written", "if it is right, say so with --list-shrank")
    if click.prompt(f"{place}. Is that right? Type yes", err=True) != "yes":
        raise click.Abort
