"""`digest send` and `digest sent`."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import click

from digest.cli.options import GIVEN, Day, counted, settings_of
from digest.cli.voice import print_json, spoken, voice, warn
from digest.errors import SendingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, datetime

    from click.shell_completion import CompletionItem

    from digest.cli.voice import Voice
    from digest.mail.delivery import Clock, Tally
    from digest.sending import Enlisted, Job
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


class IssueDay(Day):
    """The day of a built issue, or `latest`."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day; `latest` is the last day of the calendar, which no issue can have."""
        from datetime import date

        return date.max if value == LATEST else super().convert(value, param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Offer `latest` before the issues."""
        from click.shell_completion import CompletionItem

        first = [CompletionItem(LATEST)] if LATEST.startswith(incomplete) else []
        return [*first, *super().shell_complete(ctx, param, incomplete)]


LATEST = "latest"


@click.command()
@click.argument("issue", type=IssueDay(), metavar="ISSUE")
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
    "--recipients", type=GIVEN, metavar="FILE", help="List of readers: CSV, JSONL, addresses; - for standard input."
)
@click.option("--resend-unknown", is_flag=True, help="Also write to readers who may have the message already.")
@click.option("--retry-failed", is_flag=True, help="Also write to readers whom the server refused in this issue.")
@click.option(
    "--list-shrank", is_flag=True, help="The list is right although it lost more than a tenth of its readers."
)
@click.option("--also", is_flag=True, help="The readers of this target are others than those who have the issue.")
@click.option("--new-ledger", is_flag=True, help="Begin a new ledger where the one used before is lost.")
@click.option("--yes", is_flag=True, help="Do not ask before sending.")
@click.option("--insecure", is_flag=True, help="Allow a connection in the clear to this machine.")
@click.option("--config", type=GIVEN, metavar="FILE", help="Settings.  [default: digest.yaml, if there is one]")
@click.option("--out", type=GIVEN, metavar="FOLDER", help="Where issues are written.  [default: out]")
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
    yes: bool,
    insecure: bool,
    quiet: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Hand a built issue over to a mail service.

    ISSUE is its last day, or `latest`: the newest one, unless it was handed over. Without --send nothing is sent:
    services get a draft, and for lists of ours the readers are counted. A run that was interrupted goes on where it
    was, and nobody who has an issue gets it again.
    """
    from datetime import date

    from digest import sending
    from digest.mail import registry

    answers = Answers(yes=yes, **{name: options.pop(name) for name in Answers.flags()})
    settings = settings_of(archive=(), templates=None, days=None, **options)
    day = sending.latest(settings, target) if issue == date.max else issue.isoformat()
    counts = not (really or schedule or test)
    job = sending.prepare(settings, day, target, insecure=insecure, dry_run=dry_run, counts=counts)
    source = recipients or settings.send.recipients
    with voice(quiet=quiet, as_json=as_json) as out:
        out.note(issue=job.letter.issue, target=target, subject=job.letter.subject)
        if registry.is_campaigns(job.target):
            when = _time(schedule, settings) if schedule else None
            _campaign(job, out, when, really=really, test=test, dry_run=dry_run, answers=answers)
        elif schedule:
            raise SendingError("--schedule", f"{target} cannot send later by itself", "use --send at that time")
        elif test:
            _say_tally(out, sending.test_copy(job, test, _clock()))
        elif isinstance(job.target, registry.Files) and dry_run:
            _say_dry_files(out, sending.dry_files(job, _clock()))
        elif isinstance(job.target, registry.Files):
            with sending.ledger_of(job, new=answers.new_ledger) as ledger:
                address = sending.files(job, ledger, _clock()).address
            out.say(f"{target}: {address}")
            out.note(address=address)
        elif dry_run:
            found, tally = sending.dry_run(job, _named(source), _clock())
            _say_enlisted(settings, job, out.say, source, found)
            _note_enlisted(out, found)
            _say_dry_run(out, job, tally)
        elif really:
            _deliver(settings, job, out, _named(source), answers)
        else:
            found = sending.count(job, _named(source), _clock())
            _say_enlisted(settings, job, out.say, source, found)
            _note_enlisted(out, found)
            out.say("nothing was sent; add --send")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the command line answers before it is asked."""

    yes: bool
    resend_unknown: bool
    retry_failed: bool
    list_shrank: bool
    also: bool
    new_ledger: bool

    @classmethod
    def flags(cls) -> list[str]:
        """Return the names of the flags that only `send` has."""
        return [field.name for field in fields(cls) if field.name != "yes"]


@click.command()
@click.argument("issue", type=Day(), metavar="[ISSUE]", required=False)
@click.option(
    "--list", "state", type=GIVEN, metavar="STATE", help="List the readers in a state, such as unknown or failed."
)
@click.option("--mark", "mark", is_flag=True, help="Write down that ISSUE was sent by hand, past digest.")
@click.option("--unmark", "unmark", is_flag=True, help="Take that back, or a hand-over to files of this machine.")
@click.option("--lift", type=GIVEN, metavar="ADDRESS", help="Write to a mailbox again that was refused.")
@click.option("--config", type=GIVEN, metavar="FILE", help="Settings.  [default: digest.yaml, if there is one]")
@click.option("--out", type=GIVEN, metavar="FOLDER", help="Where issues are written.  [default: out]")
@spoken
def sent(
    *,
    issue: date | None,
    state: str | None,
    mark: bool,
    unmark: bool,
    lift: str | None,
    quiet: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Say what was handed over to whom, and how it went; or write down what digest cannot know.

    Issues that were sent by hand are marked with --mark, so that their stories do not run again.
    """
    from digest import sending

    settings = settings_of(archive=(), templates=None, days=None, **options)
    if (mark or unmark) and (issue is None or mark == unmark):
        raise click.UsageError("--mark and --unmark name one issue, as in `digest sent --mark 2020-11-11`")
    with voice(quiet=quiet, as_json=as_json) as out:
        if mark and issue:
            sending.mark(settings, issue.isoformat(), _clock())
            out.say(f"{issue}: marked as sent")
            out.note(issue=issue.isoformat(), state="marked")
        elif unmark and issue:
            taken = sending.unmark(settings, issue.isoformat())
            out.say(f"{issue}: taken back: {', '.join(taken)}")
            out.note(issue=issue.isoformat(), taken_back=taken)
        elif lift:
            was = sending.lift(settings, lift)
            out.say(f"{lift}: {'is written to again' if was else 'was not suppressed'}")
            out.note(address=lift, lifted=was)
        elif as_json:
            print_json(_facts(settings, issue, state))
        else:
            _say_sent(settings, out, issue, state)


def _facts(settings: Settings, issue: date | None, state: str | None) -> list[dict[str, object]]:
    from zoneinfo import ZoneInfo

    from digest import sending

    zone = ZoneInfo(settings.newsletter.timezone)
    by_ledger = sending.handed_over(settings, issue.isoformat() if issue else "", state)
    marked = sending.by_hand(settings, issue.isoformat() if issue else "")
    return [*(one.facts(zone) for one in by_ledger), *marked]


def _say_sent(settings: Settings, out: Voice, issue: date | None, state: str | None) -> None:
    facts = _facts(settings, issue, state)
    if not facts:
        out.say(f"nothing was handed over{f' of issue {issue}' if issue else ''} yet")
    for one in facts:
        counts = ", ".join(f"{count:,} {name}" for name, count in sorted(one["readers"].items()))  # type: ignore[attr-defined]  # facts for JSON
        at = str(one["at"]).replace("T", " ")[:16]
        out.say("  ".join(filter(None, (one["issue"], one["target"], one["state"], at, counts, one["address"]))))  # type: ignore[arg-type]  # likewise
        for reader in one["listed"]:  # type: ignore[attr-defined]  # likewise
            out.say(f"  {reader['address']}  {reader['reply']}".rstrip())


def _campaign(
    job: Job, out: Voice, when: datetime | None, *, really: bool, test: str | None, dry_run: bool, answers: Answers
) -> None:
    """Make or update a draft at a service; then test it or send it, where that is asked for."""
    from digest import sending

    clock = _clock()
    if dry_run:
        paths = sending.dry_campaign(job, clock)
        _say_dry_files(out, paths)
        return
    if (really or when) and job.before and job.before.is_over:
        out.say(f"nothing to do: {job.name} has it since {job.before.at[:16].replace('T', ' ')} (UTC)")
        out.note(state=job.before.state)
        return
    if (really or when) and not answers.also:
        sending.refuse_a_second_way(job)
    with sending.ledger_of(job, new=answers.new_ledger) as ledger, sending.desk(job, clock) as desk:
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
        (out.say if answers.yes else out.ask)(question)
        if not answers.yes and click.prompt("Send it to them all? Type yes", err=True) != "yes":
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


def _deliver(settings: Settings, job: Job, out: Voice, source: str, answers: Answers) -> None:
    """Write to a list of readers who do not have the issue yet."""
    from digest import sending

    if source == "-" and not answers.yes:
        raise click.UsageError("the list comes on standard input, so nobody can be asked there; add --yes")
    if not answers.also:
        sending.refuse_a_second_way(job)
    with sending.ledger_of(job, new=answers.new_ledger) as ledger:
        found = sending.enlist(
            job, ledger, source, _clock(), unknown=answers.resend_unknown, failed=answers.retry_failed
        )
        _say_enlisted(settings, job, out.say if answers.yes else out.ask, source, found)
        _note_enlisted(out, found)
        if found.shrank_from and not answers.list_shrank:
            _ask_about(found, source, asked=not answers.yes)
        if not found.waiting:
            sending.say_how_it_stands(job, ledger, found.handover, _clock(), over=True)
            _say_nothing_to_do(out, found)
            return
        if not answers.yes and click.prompt("Write to them all? Type yes", err=True) != "yes":
            raise click.Abort
        with _watch(found.waiting) as watch:
            tally = sending.deliver(job, ledger, _clock(), size=found.size, watch=watch)
    _say_tally(out, tally)


def _say_enlisted(settings: Settings, job: Job, tell: Callable[[str], object], source: str, found: Enlisted) -> None:
    """Say what a list comes to; bad rows are grouped by what is wrong with them."""
    by_reason: dict[str, list[int]] = {}
    for row in found.bad_rows:
        by_reason.setdefault(row.reason, []).append(row.line)
    for reason, lines in by_reason.items():
        shown = ", ".join(map(str, lines[:5])) + (", …" if lines[5:] else "")
        warn(f"{source}: {counted(len(lines), 'row')} left out: {reason} (line{'s' * (len(lines) > 1)} {shown})")
    tell(f"{job.letter.newsletter}, issue {job.letter.issue}: {job.letter.subject}")
    tell(
        f"{counted(found.waiting, 'reader')} of {source} to write to over {job.name} ({found.duplicates:,} duplicates, "
        f"{found.counts.get('suppressed', 0):,} suppressed, {len(found.bad_rows):,} in bad rows)"
    )
    for held in found.held:
        tell(f"{held.readers:,} of {found.size:,} have it, by {held.target}, since {_at(held.since, settings)}")
    if found.counts.get("absent"):
        tell(f"{counted(found.counts['absent'], 'reader')} of an earlier list wait and are not in this one")
    _say_one_click(tell, job, found)


def _note_enlisted(out: Voice, found: Enlisted) -> None:
    out.note(
        waiting=found.waiting,
        duplicates=found.duplicates,
        suppressed=found.counts.get("suppressed", 0),
        absent=found.counts.get("absent", 0),
        bad=len(found.bad_rows),
        without_one_click=found.unnamed,
        have_it={held.target: held.readers for held in found.held},
    )


def _ask_about(found: Enlisted, source: str, *, asked: bool) -> None:
    """Ask whether a list may be so much shorter than the last one. Raises SendingError where nobody can be asked."""
    before = found.shrank_from
    assert before is not None
    place = f"{source}: names {counted(found.size, 'reader')}, and issue {before.issue} had {before.readers:,}"
    if not asked:
        raise SendingError(place, "it may be half written", "if it is right, say so with --list-shrank")
    if click.prompt(f"{place}. Is that right? Type yes", err=True) != "yes":
        raise click.Abort


def _say_nothing_to_do(out: Voice, found: Enlisted) -> None:
    counts = ", ".join(f"{count:,} {state}" for state, count in sorted(found.counts.items()))
    out.note(readers=dict(sorted(found.counts.items())))
    out.say(f"nothing to do: {counts}")
    if found.counts.get("unknown"):
        raise _not_sure(found.counts["unknown"])


def _not_sure(readers: int) -> SendingError:
    return SendingError(
        "not sure",
        f"{counted(readers, 'reader')} may have the message or not",
        "see `digest sent ISSUE --list unknown`; --resend-unknown writes to them again",
    )


def _at(seconds: float, settings: Settings) -> str:
    """Return a moment as the newsletter's readers would say it."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    return f"{datetime.fromtimestamp(seconds, ZoneInfo(settings.newsletter.timezone)):%Y-%m-%d %H:%M}"


def _named(source: str) -> str:
    if not source:
        raise click.UsageError("who are the readers? name the list with --recipients or as send.recipients")
    return source


def _clock() -> Clock:
    import time

    from digest.mail.delivery import Clock

    return Clock(time.time, time.sleep, monotonic=time.monotonic)


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


def _say_one_click(tell: Callable[[str], object], job: Job, found: Enlisted) -> None:
    """Say for how many readers one-click unsubscribing is left out, if for any."""
    from digest.mail import oneclick

    if found.unnamed and found.waiting:
        unless = getattr(job.target, "UNLESS", "")
        readers = counted(found.unnamed, "reader") + (f" unless {unless}" if unless else "")
        tell(f"no one-click unsubscribing for {readers}: {oneclick.WHY}; {oneclick.REMEDY}")


def _say_dry_files(out: Voice, paths: list[str]) -> None:
    """Say what a dry run wrote where the target takes no message a reader."""
    out.say("\n".join([*paths, f"{counted(len(paths), 'file')} written; nothing has left this machine"]))
    out.note(written=paths)


def _say_dry_run(out: Voice, job: Job, tally: Tally) -> None:
    """Say what a dry run wrote: never that anything was sent. Raises SendingError where it could not end."""
    folder, count = f"outbox/{job.letter.issue}", tally.counts["sent"]
    out.say(f"{folder}: {counted(count, 'message')} written; nothing has left this machine")
    out.note(folder=folder, written=count)
    if tally.stopped:
        raise SendingError("stopped", tally.stopped, "mend it and run the same command again")


def _say_tally(out: Voice, tally: Tally) -> None:
    """Say how a run went; fail where something is left to do."""
    out.note(readers={state: count for state, count in sorted(tally.counts.items()) if count})
    out.say(", ".join(f"{count:,} {state}" for state, count in sorted(tally.counts.items()) if count) or "nobody")
    if tally.stopped:
        raise SendingError("stopped", tally.stopped, "mend it and run the same command again: it goes on from here")
    if tally.waiting:
        raise SendingError("not done", f"{counted(tally.waiting, 'reader')} refused for now", "run it again later")
    if tally.counts["unknown"]:
        raise _not_sure(tally.counts["unknown"])
