"""`digest send` and `digest sent`."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from digest.cli.options import Day, counted, settings_of
from digest.cli.voice import print_json, spoken, voice, warn
from digest.errors import SendingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, datetime

    from click.shell_completion import CompletionItem

    from digest.cli.voice import Voice
    from digest.mail.delivery import Clock, Tally
    from digest.sending import Job
    from digest.settings import Settings


class TargetName(click.ParamType["str"]):
    """The name of a target, which `registry` knows; a shell completes those that the settings and the program have."""

    name = "target"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Offer the settings' own targets first."""
        from click.shell_completion import CompletionItem

        from digest import settings
        from digest.errors import DigestError
        from digest.mail import registry

        del param
        try:
            own = [one.name for one in settings.load(ctx.params.get("config")).targets]
        except DigestError:
            own = []
        names = dict.fromkeys([*own, *registry.SHIPPED])
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]


@click.command()
@click.argument("issue", type=Day(), metavar="ISSUE")
@click.option(
    "--to",
    "target",
    required=True,
    type=TargetName(),
    metavar="TARGET",
    help="A target of digest.yaml, or file or outbox.",
)
@click.option("--send", "really", is_flag=True, help="Send it; without this nothing leaves but a draft.")
@click.option("--schedule", metavar="TIME", help="Let the service send it at that time, as 2020-11-12T07:00.")
@click.option("--test", metavar="ADDRESS", help="Send one copy to this address only.")
@click.option("--dry-run", is_flag=True, help="Write to the folder outbox/ what would be sent.")
@click.option("--recipients", metavar="FILE", help="List of readers: CSV, JSONL, addresses; - for standard input.")
@click.option("--resend-unknown", is_flag=True, help="Also write to readers who may have the message already.")
@click.option("--yes", is_flag=True, help="Do not ask before sending.")
@click.option("--insecure", is_flag=True, help="Allow a connection in the clear to this machine.")
@click.option("--config", metavar="FILE", help="Settings.  [default: digest.yaml, if there is one]")
@click.option("--out", metavar="FOLDER", help="Where issues are written.  [default: out]")
@spoken
def send(
    *,
    issue: date,
    target: str,
    really: bool,
    schedule: str | None,
    test: str | None,
    dry_run: bool,
    recipients: str | None,
    resend_unknown: bool,
    yes: bool,
    insecure: bool,
    quiet: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Hand a built issue over to a mail service.

    ISSUE is its last day. Without --send nothing is sent: services get a draft, and for lists of ours the readers are
    counted. A run that was interrupted goes on where it was.
    """
    from digest import sending
    from digest.mail import registry

    settings = settings_of(archive=(), templates=None, days=None, **options)
    job = sending.prepare(settings, issue.isoformat(), target, insecure=insecure)
    source = recipients or settings.send.recipients
    with voice(quiet=quiet, as_json=as_json) as out:
        out.note(issue=job.letter.issue, target=target, subject=job.letter.subject)
        if registry.is_campaigns(job.target):
            when = _time(schedule, settings) if schedule else None
            _campaign(settings, job, out, when, really=really, test=test, yes=yes, dry_run=dry_run)
        elif schedule:
            raise SendingError("--schedule", f"{target} cannot send later by itself", "use --send at that time")
        elif test:
            _say_tally(out, sending.test_copy(job, test, _clock()))
        elif isinstance(job.target, registry.Files):
            with sending.ledger_of(settings) as ledger:
                address = sending.files(job, ledger, _clock()).address
            out.say(f"{target}: {address}")
            out.note(address=address)
        elif dry_run:
            _say_tally(out, sending.dry_run(job, _named(source), _clock()))
        else:
            _deliver(settings, job, out, _named(source), really=really, yes=yes, unknown=resend_unknown)


@click.command()
@click.argument("issue", type=Day(), metavar="[ISSUE]", required=False)
@click.option("--list", "state", metavar="STATE", help="List the readers in a state, such as unknown or failed.")
@click.option("--config", metavar="FILE", help="Settings.  [default: digest.yaml, if there is one]")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def sent(*, issue: date | None, state: str | None, as_json: bool, **options: Any) -> None:
    """Say what was handed over to whom, and how it went."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from digest import sending

    settings = settings_of(archive=(), templates=None, days=None, out=None, **options)
    found = sending.handed_over(settings, issue.isoformat() if issue else "", state)
    zone = ZoneInfo(settings.newsletter.timezone)
    if as_json:
        print_json([one.facts(zone) for one in found])
        return
    if not found:
        click.echo(f"nothing was handed over{f' of issue {issue}' if issue else ''} yet")
    for one in found:
        counts = ", ".join(f"{count:,} {name}" for name, count in sorted(one.counts.items()))
        at = f"{datetime.fromtimestamp(one.handover.at, zone):%Y-%m-%d %H:%M}"
        what = (one.handover.issue, one.handover.target, one.handover.state, at, counts, one.handover.address)
        click.echo("  ".join(filter(None, what)))
        for address, reply in one.listed:
            click.echo(f"  {address}  {reply}".rstrip())


def _campaign(
    settings: Settings,
    job: Job,
    out: Voice,
    when: datetime | None,
    *,
    really: bool,
    test: str | None,
    yes: bool,
    dry_run: bool,
) -> None:
    """Make or update a draft at a service; then test it or send it, where that is asked for."""
    from digest import sending

    clock = _clock()
    if dry_run:
        paths = sending.dry_campaign(job, clock)
        out.say("\n".join(paths))
        out.note(written=paths)
        return
    with sending.ledger_of(settings) as ledger, sending.desk(job, clock) as desk:
        campaign = sending.draft(job, desk, ledger, clock)
        out.say(f"{job.name}: draft {campaign.name} at {campaign.address}")
        out.note(state="draft", name=campaign.name, address=campaign.address)
        if test:
            sending.test_draft(job, desk, campaign, test)
            out.say(f"one copy to {test}")
            out.note(test=test)
        if not (really or when):
            return
        audience = desk.audience()
        size = "readers" if audience.size is None else counted(audience.size, "reader")
        moment = f"at {when:%Y-%m-%d %H:%M %Z}" if when else "now"
        question = f"{job.letter.subject}\nto {size} of {audience.name}, {moment}"
        (out.say if yes else out.ask)(question)
        if not yes and click.prompt("Send it to them all? Type yes", err=True) != "yes":
            raise click.Abort
        done = sending.send(job, desk, campaign, when, ledger, clock)
        state = "scheduled" if when else "sent"
        out.say(f"{job.name}: {state}; see {done.address}")
        out.note(state=state, address=done.address, audience=audience.name, readers=audience.size)


def _time(written: str, settings: Settings) -> datetime:
    """A moment; without an offset it is one where the newsletter lives."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise click.UsageError(f"--schedule {written!r} is no time; write it like 2020-11-12T07:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(settings.newsletter.timezone))


def _deliver(settings: Settings, job: Job, out: Voice, source: str, *, really: bool, yes: bool, unknown: bool) -> None:
    """Write to a list of readers, or only count it."""
    from digest import sending

    if source == "-" and really and not yes:
        raise click.UsageError("the list comes on standard input, so nobody can be asked there; add --yes")
    with sending.ledger_of(settings) as ledger:
        found = sending.enlist(job, ledger, source, _clock(), unknown=unknown)
        for problem in found.problems[:20]:
            warn(problem)
        if found.problems[20:]:
            warn(f"{counted(len(found.problems) - 20, 'more row')} like these")
        tell = out.say if yes or not really else out.ask
        tell(f"{job.letter.newsletter}, issue {job.letter.issue}: {job.letter.subject}")
        tell(
            f"{counted(found.waiting, 'reader')} of {source} to write to over {job.name} "
            f"({found.twice:,} stood twice, {found.suppressed:,} suppressed, {len(found.problems):,} in bad rows)"
        )
        out.note(waiting=found.waiting, twice=found.twice, suppressed=found.suppressed, bad=len(found.problems))
        if not really:
            out.say("nothing was sent; add --send")
            return
        if found.waiting and not yes and click.prompt("Write to them all? Type yes", err=True) != "yes":
            raise click.Abort
        with _watch(found.waiting) as watch:
            tally = sending.deliver(job, ledger, _clock(), watch=watch)
    _say_tally(out, tally)


def _named(source: str) -> str:
    if not source:
        raise click.UsageError("who are the readers? name the list with --recipients or as send.recipients")
    return source


def _clock() -> Clock:
    import time

    from digest.mail.delivery import Clock

    return Clock(time.time, time.sleep)


@contextmanager
def _watch(total: int) -> Iterator[Callable[[Tally], None]]:
    """A bar with rate and time left on a terminal, else a line a minute."""
    import time

    start = last = time.monotonic()
    if not sys.stderr.isatty():

        def tell(tally: Tally) -> None:
            nonlocal last
            if time.monotonic() - last >= 60:
                last = time.monotonic()
                click.echo(f"{tally.done:,} of {tally.total:,} readers, {tally.waiting:,} waiting", err=True)

        yield tell
        return
    with click.progressbar(length=total, label="sending", show_pos=True, file=sys.stderr, item_show_func=str) as bar:

        def draw(tally: Tally) -> None:
            done = max(total - tally.waiting, bar.pos)
            bar.update(done - bar.pos, f"{done / max(time.monotonic() - start, 0.001):.0f}/s")

        yield draw


def _say_tally(out: Voice, tally: Tally) -> None:
    """Say how a run went; fail where something is left to do."""
    out.note(readers={state: count for state, count in sorted(tally.counts.items()) if count})
    out.say(", ".join(f"{count:,} {state}" for state, count in sorted(tally.counts.items()) if count) or "nobody")
    if tally.stopped:
        raise SendingError("stopped", tally.stopped, "mend it and run the same command again: it goes on from here")
    if tally.waiting:
        raise SendingError("not done", f"{counted(tally.waiting, 'reader')} refused for now", "run it again later")
    if tally.counts["unknown"]:
        raise SendingError(
            "not sure",
            f"{counted(tally.counts['unknown'], 'reader')} may have the message or not",
            "see `digest sent ISSUE --list unknown`; --resend-unknown writes to them again",
        )
