"""Options to one call to one printed result. The only place that prints, exits, or asks what day it is.

Everything heavy is imported inside the command that needs it, so that `digest --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from digest.errors import DigestError, SendingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, datetime

    from digest.mail.delivery import Clock, Tally
    from digest.model import Finding, Message, Pick, Window
    from digest.pipeline import Built
    from digest.sending import Job
    from digest.settings import Settings

CLIP = 99_000
"""Bytes of HTML, as it travels, beyond which Gmail hides the rest of a message, with a small margin."""


class _Shell(click.Group):
    """Turns what the user can mend into one line on stderr and an exit status; a bug keeps its traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except DigestError as error:
            click.echo(str(error), err=True)
            ctx.exit(error.exit_status)


class _Day(click.ParamType["date"]):
    """A calendar day."""

    name = "day"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        from datetime import date

        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no day of the calendar; write it like 2020-11-11", param, ctx)


def _common(command: Callable[..., None], *, configs: bool = False) -> Callable[..., None]:
    """Give *command* the options that say which week of which archive; *configs*: --config may be given twice."""
    day = _Day()
    for option in reversed(
        [
            click.option(
                "--date",
                "last",
                type=day,
                metavar="DAY",
                help="Last day of the window, as 2020-11-11.  [default: today]",
            ),
            click.option(
                "--from", "first", type=day, metavar="DAY", help="First day of the window, instead of --days."
            ),
            click.option("--to", "to", type=day, metavar="DAY", help="Last day of the window; the same as --date."),
            click.option("--days", type=click.IntRange(1, 3660), help="Length of the window in days.  [default: 7]"),
            click.option(
                "--archive",
                multiple=True,
                metavar="FOLDER",
                help="Folder of articles; may be given more than once.  [default: seeds]",
            ),
            click.option(
                "--config",
                multiple=configs,
                metavar="FILE",
                help=f"Settings{'; twice to compare two' * configs}.  [default: digest.yaml, if there is one]",
            ),
            click.option("--out", metavar="FOLDER", help="Where issues are written.  [default: out]"),
            click.option("--templates", metavar="FOLDER", help="The theme.  [default: templates/default]"),
        ]
    ):
        command = option(command)
    return command


@click.group(cls=_Shell, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="heat-digest", prog_name="digest")
def main() -> None:
    """Turn a folder of scored news articles into the week's newsletter.

    Exit status: 0 done, 1 something to fix, 2 wrong usage, 3 nothing to send.
    """


@main.command()
@_common
@click.option("--strict", is_flag=True, help="Read every file in full and fail on any problem in the archive.")
@click.option("--open", "show", is_flag=True, help="Open the issue in a browser.")
def build(*, strict: bool, show: bool, **options: Any) -> None:
    """Build the issue of a week: HTML, plain text, MIME message and record.

    Nothing is sent.
    """
    from digest import pipeline

    settings = _settings(**options)
    window = _window(settings, **options)
    built = pipeline.build(settings, window, strict=strict)
    for line in _report(built, settings):
        click.echo(line)
    for problem in built.archive.problems:
        click.echo(f"warning: {problem}", err=True)
    if show:
        click.launch(os.path.join(built.folder, "index.html"))


@main.command()
@click.argument("query", nargs=-1)
@_common
@click.option("--topic", metavar="TOPIC", help="Explain every candidate of a topic or section instead.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
def explain(*, query: tuple[str, ...], topic: str | None, as_json: bool, **options: Any) -> None:
    """Say why an article is in the issue, or why not.

    QUERY is its address, its path in the archive, or words of its title; without one the whole issue is explained.
    """
    import json

    from digest import explain as explaining
    from digest import record

    if query and topic:
        raise click.UsageError("name an article or --topic TOPIC, not both")
    settings = _settings(**options)
    its_record, source = _record(settings, _window(settings, newest=True, **options))
    verdicts = explaining.ranked(its_record["verdicts"])
    words = " ".join(query)
    if topic:
        found = explaining.of_topic(topic, its_record["sections"], verdicts)
    else:
        found = explaining.named(words, verdicts) if query else verdicts
    if as_json:
        click.echo(json.dumps(found, indent=1, ensure_ascii=False))
        return
    if topic:
        lines = explaining.table(topic, found)
    elif not query:
        lines = explaining.issue(its_record)
    elif found:
        lines = explaining.lines(found, len(verdicts))
    else:
        lines = explaining.outsider(words, settings.archive, record.window(its_record))
    for line in [source, "", *lines]:
        click.echo(line)


@main.command()
@click.argument("day", required=False, type=_Day())
@_common
def edit(*, day: date | None, **options: Any) -> None:
    """Open the editor's file of an issue, with all its candidates to choose from.

    DAY is the last day of the issue. Pins, drops, moves, your own words, subject and introduction go in there.
    """
    from digest import edits, output, pipeline

    if day:
        options["last"] = day
    settings = _settings(**options)
    window = _window(settings, **options)
    file = edits.path(settings.edits, window.issue_id)
    if not os.path.exists(file):
        output.write_file(file, edits.template(pipeline.choose(settings, window)[1]).encode())
        click.echo(f"{file}: written, with all candidates")
    if os.environ.get("EDITOR") or os.environ.get("VISUAL"):
        click.edit(filename=file)
    else:
        click.echo(f"{file}: open it in your editor ($EDITOR is not set)")


@main.command()
@partial(_common, configs=True)
@click.option("--last", "count", type=click.IntRange(1, 1000), help="How many weeks.  [default: 10]")
@click.option("--html", metavar="FILE", help="Write it as a page too, with a plot of heat a week.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def replay(*, config: tuple[str, ...], count: int | None, html: str | None, as_json: bool, **options: Any) -> None:
    """Choose past weeks anew and say what each would have run.

    Weeks end on --to, by default with the newest issue, and reach back to --from or over --last weeks. With --config
    twice, both are replayed and compared. {id} in --archive stands for the day of each week. Writes no issue.
    """
    import json

    from digest import output, replay
    from digest.replay import page, report

    if len(config) > 2:
        raise click.UsageError("two configurations can be compared, not more")
    if options["to"] and options["last"]:
        raise click.UsageError("--to and --date say the same; give one")
    first, last = options["first"], options["to"] or options["last"]
    if first and last and first > last:
        raise click.UsageError(f"--from {first} is after the last day, {last}")
    several = [_settings(config=file, **options) for file in config or (None,)]
    weeks = replay.windows(several[0], first=first, last=last, count=count or (None if first else 10))
    names = [os.path.basename(file) for file in config] if len({*map(os.path.basename, config)}) > 1 else list(config)
    replays = [replay.play(name, one, weeks) for name, one in zip(names or ["digest.yaml"], several, strict=True)]
    if as_json:
        click.echo(json.dumps(report.values(replays), indent=1, ensure_ascii=False))
    else:
        click.echo("\n".join(report.lines(replays)))
    if html:
        output.write_file(html, page.to_html(replays, several[0].newsletter.name).encode())
        click.echo(f"{html}: written", err=as_json)


@main.command()
@click.argument("places", nargs=-1, metavar="[ISSUE]")
@click.option(
    "--archive", "of_archive", is_flag=True, help="Check the archive and digest.yaml instead; folders may follow."
)
@click.option("--clients", "with_clients", is_flag=True, help="Say what each mail client makes of the issue.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--html", "page", metavar="FILE", help="Write the findings as a page, too.")
@click.option("--config", metavar="FILE", help="Settings.  [default: digest.yaml, if there is one]")
@click.option("--out", metavar="FOLDER", help="Where issues are written.  [default: out]")
def check(
    *, places: tuple[str, ...], of_archive: bool, with_clients: bool, as_json: bool, page: str | None, **options: Any
) -> None:
    """Say whether a built issue is fit to be sent.

    ISSUE is its day, or a folder; by default the last one built. Exit status 1 where there is an error.
    `digest check --archive [FOLDER]...` says what is wrong with the archive and the settings.
    """
    from digest import checks, output
    from digest.checks import report

    if len(places) > 1 and not of_archive:
        raise click.UsageError("name one issue, or folders behind --archive")
    if of_archive:
        name, found = _archive_findings(places, **options)
        issue: dict[str, bytes] = {}
    else:
        name = _issue_folder(*places, **options)
        issue = checks.load(name)
        found = checks.check(issue)
    verdicts = checks.verdicts(issue) if issue and (with_clients or as_json or page) else ()
    if page:
        output.write_file(page, report.page(name, found, verdicts).encode())
    if as_json:
        click.echo(report.as_json(name, found, verdicts))
    else:
        for line in (*report.table(found), *(report.client_table(verdicts) if with_clients else ())):
            click.echo(line)
        click.echo(report.summary(name, found))
    click.get_current_context().exit(int(any(one.severity == "error" for one in found)))


def _issue_folder(place: str | None = None, /, **options: Any) -> str:
    """The folder of the issue that *place* names: a day below out/, or a folder; the newest one without."""
    from datetime import date

    from digest.errors import RecordError

    if place is not None:
        try:
            date.fromisoformat(place)
        except ValueError:
            return place
    settings = _settings(archive=(), templates=None, days=None, **options)
    day = place or _newest(settings)
    if day is None:
        raise RecordError(settings.out, "there is no issue", "build one first, or name the folder of one")
    return os.path.join(settings.out, str(day))


def _archive_findings(folders: tuple[str, ...], **options: Any) -> tuple[str, tuple[Finding, ...]]:
    """What is checked, and every problem of the settings and the archive; of what cannot be known, nothing."""
    from digest import archive, checks
    from digest.errors import SettingsError

    try:
        where = _settings(archive=folders, templates=None, days=None, **options).archive
        problems: tuple[str, ...] = ()
    except SettingsError as error:
        where, problems = folders, error.lines
    read = archive.read(where).problems if where else ()
    name = ", ".join(where) or "the settings alone, since they name the archive"
    found = (*checks.of_problems("settings", problems), *checks.of_problems("archive", map(str, read)))
    return name, checks.in_order(found)


@main.command()
@_common
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8026,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; beyond this machine a token is asked for.",
)
@click.option("--read-only", is_flag=True, help="Show the issue without the desk's changes.")
@click.option("--open", "show", is_flag=True, help="Open it in a browser.")
def preview(*, port: int, host: str, read_only: bool, show: bool, **options: Any) -> None:
    """Show the issue live in the browser, as every reader will see it, and edit it there.

    Builds in memory, and again when the archive, edits, settings or theme change. Writes nothing but edits/DAY.yaml,
    and that only when you use the desk.
    """
    from digest import checks, settings
    from digest.preview import Preview

    first = _settings(**options)
    options["last"] = _window(first, newest=True, **options).last
    options["to"] = None

    def load() -> tuple[Settings, Window]:
        fresh = _settings(**options)
        return fresh, _window(fresh, **options)

    config = os.path.abspath(options["config"] or settings.FILE)
    served = Preview(load, config=config, port=port, host=host, read_only=read_only, clip=CLIP, judge=checks.check)
    click.echo(f"issue {served.live.window.issue_id} at {served.address}; Ctrl-C stops")
    if show:
        click.launch(served.address)
    try:
        served.run()
    except KeyboardInterrupt:
        click.echo("stopped")
    finally:
        served.close()


@main.group()
def theme() -> None:
    """Themes of your own."""


@theme.command("new")
@click.argument("name")
@click.option("--from", "original", default="default", show_default=True, help="The shipped theme to start from.")
def new_theme(*, name: str, original: str) -> None:
    """Copy a theme to templates/NAME, to be changed there."""
    from digest import settings, theme

    shipped = settings.shipped_theme(f"templates/{original}")
    if shipped is None:
        raise click.UsageError(f"no shipped theme is called {original!r}; there are default and plain")
    folder = os.path.join("templates", name)
    theme.copy(shipped, folder)
    click.echo(f"{folder}: written; change it, and name it with `templates: {folder}` or --templates {folder}")


@main.command()
@click.argument("issue", type=_Day(), metavar="ISSUE")
@click.option("--to", "target", required=True, metavar="TARGET", help="A target of digest.yaml, or file or outbox.")
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
    **options: Any,
) -> None:
    """Hand a built issue over to a mail service.

    ISSUE is its last day. Without --send nothing is sent: services get a draft, and for lists of ours the readers are
    counted. A run that was interrupted goes on where it was.
    """
    from digest import sending
    from digest.mail import registry

    settings = _settings(archive=(), templates=None, days=None, **options)
    job = sending.prepare(settings, issue.isoformat(), target, insecure=insecure)
    source = recipients or settings.send.recipients
    if registry.is_campaigns(job.target):
        when = _time(schedule, settings) if schedule else None
        _campaign(settings, job, when, really=really, test=test, yes=yes, dry_run=dry_run)
    elif schedule:
        raise SendingError("--schedule", f"{target} cannot send later by itself", "use --send at that time")
    elif test:
        _say_tally(sending.test_copy(job, test, _clock()))
    elif isinstance(job.target, registry.Files):
        with sending.ledger_of(settings) as ledger:
            click.echo(f"{target}: {sending.files(job, ledger, _clock()).address}")
    elif dry_run:
        _say_tally(sending.dry_run(job, _named(source), _clock()))
    else:
        if source == "-" and really and not yes:
            raise click.UsageError("the list comes on standard input, so nobody can be asked there; add --yes")
        _deliver(settings, job, _named(source), really=really, yes=yes, unknown=resend_unknown)


@main.command()
@click.argument("issue", type=_Day(), metavar="[ISSUE]", required=False)
@click.option("--list", "state", metavar="STATE", help="List the readers in a state, such as unknown or failed.")
@click.option("--config", metavar="FILE", help="Settings.  [default: digest.yaml, if there is one]")
def sent(*, issue: date | None, state: str | None, **options: Any) -> None:
    """Say what was handed over to whom, and how it went."""
    from digest import sending

    settings = _settings(archive=(), templates=None, days=None, out=None, **options)
    for line in sending.report(settings, issue.isoformat() if issue else "", state):
        click.echo(line)


def _campaign(
    settings: Settings, job: Job, when: datetime | None, *, really: bool, test: str | None, yes: bool, dry_run: bool
) -> None:
    """Make or update a draft at a service; then test it or send it, where that is asked for."""
    from digest import sending

    clock = _clock()
    if dry_run:
        for path in sending.dry_campaign(job, clock):
            click.echo(path)
        return
    with sending.ledger_of(settings) as ledger, sending.desk(job, clock) as desk:
        campaign = sending.draft(job, desk, ledger, clock)
        click.echo(f"{job.name}: draft {campaign.name} at {campaign.address}")
        if test:
            sending.test_draft(job, desk, campaign, test)
            click.echo(f"one copy to {test}")
        if not (really or when):
            return
        audience = desk.audience()
        size = "readers" if audience.size is None else _counted(audience.size, "reader")
        moment = f"at {when:%Y-%m-%d %H:%M %Z}" if when else "now"
        click.echo(f"{job.letter.subject}\nto {size} of {audience.name}, {moment}")
        if not yes and click.prompt("Send it to them all? Type yes", err=True) != "yes":
            raise click.Abort
        done = sending.send(job, desk, campaign, when, ledger, clock)
        click.echo(f"{job.name}: {'scheduled' if when else 'sent'}; see {done.address}")


def _time(written: str, settings: Settings) -> datetime:
    """A moment; without an offset it is one where the newsletter lives."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise click.UsageError(f"--schedule {written!r} is no time; write it like 2020-11-12T07:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(settings.newsletter.timezone))


def _deliver(settings: Settings, job: Job, source: str, *, really: bool, yes: bool, unknown: bool) -> None:
    """Write to a list of readers, or only count it."""
    from digest import sending

    with sending.ledger_of(settings) as ledger:
        found = sending.enlist(job, ledger, source, _clock(), unknown=unknown)
        for problem in found.problems[:20]:
            click.echo(f"warning: {problem}", err=True)
        if found.problems[20:]:
            click.echo(f"warning: {_counted(len(found.problems) - 20, 'more row')} like these", err=True)
        click.echo(f"{job.letter.newsletter}, issue {job.letter.issue}: {job.letter.subject}")
        click.echo(
            f"{_counted(found.waiting, 'reader')} of {source} to write to over {job.name} "
            f"({found.twice:,} stood twice, {found.suppressed:,} suppressed, {len(found.problems):,} in bad rows)"
        )
        if not really:
            click.echo("nothing was sent; add --send")
            return
        if found.waiting and not yes and click.prompt("Write to them all? Type yes", err=True) != "yes":
            raise click.Abort
        with _watch(found.waiting) as watch:
            tally = sending.deliver(job, ledger, _clock(), watch=watch)
    _say_tally(tally)


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


def _say_tally(tally: Tally) -> None:
    """Print how a run went; fail where something is left to do."""
    click.echo(", ".join(f"{count:,} {state}" for state, count in sorted(tally.counts.items()) if count) or "nobody")
    if tally.stopped:
        raise SendingError("stopped", tally.stopped, "mend it and run the same command again: it goes on from here")
    if tally.waiting:
        raise SendingError("not done", f"{_counted(tally.waiting, 'reader')} refused for now", "run it again later")
    if tally.counts["unknown"]:
        raise SendingError(
            "not sure",
            f"{_counted(tally.counts['unknown'], 'reader')} may have the message or not",
            "see `digest sent ISSUE --list unknown`; --resend-unknown writes to them again",
        )


def _settings(
    *, config: str | None, archive: tuple[str, ...], out: str | None, templates: str | None, days: int | None, **_: Any
) -> Settings:
    from digest import settings

    return settings.load(config, settings.Overrides(archive=archive, out=out, templates=templates, days=days))


def _record(settings: Settings, window: Window) -> tuple[dict[str, Any], str]:
    """The record of a built issue, or of what a build would choose; and which of the two it is."""
    from digest import pipeline, record

    folder = os.path.join(settings.out, window.issue_id)
    if os.path.exists(os.path.join(folder, record.FILE)):
        return record.read(folder), f"As built in {folder}:"
    chosen = record.of_choice(pipeline.choose(settings, window)[1])
    return chosen, f"Not built yet; this is what a build of {window.first} to {window.last} would do:"


def _window(
    settings: Settings,
    *,
    last: date | None,
    first: date | None,
    to: date | None,
    days: int | None,
    newest: bool = False,
    **_: Any,
) -> Window:
    """The window that the flags name; without any that ends today, or with *newest* with the last issue built."""
    from digest import pipeline

    if to and last:
        raise click.UsageError("--to and --date say the same; give one")
    if first and days:
        raise click.UsageError("--from and --days both say where the window starts; give one")
    day = to or last or (_newest(settings) if newest and not first else None) or _today(settings)
    if first and first > day:
        raise click.UsageError(f"--from {first} is after the last day, {day}")
    return pipeline.window_of(settings, last=day, first=first)


def _today(settings: Settings) -> date:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo(settings.newsletter.timezone)).date()


def _newest(settings: Settings) -> date | None:
    """The day of the last issue built."""
    from datetime import date

    days = []
    for name in os.listdir(settings.out) if os.path.isdir(settings.out) else ():
        try:
            days.append(date.fromisoformat(name))
        except ValueError:
            continue
    return max(days, default=None)


def _report(built: Built, settings: Settings) -> list[str]:
    """What an editor wants to see of a build."""
    issue, read = built.issue, built.archive
    zone = issue.window.timezone
    lines = [
        f"{settings.newsletter.name}, issue {issue.id}: {issue.window.first} to {issue.window.last} ({zone})",
        (
            f"{_counted(read.files, 'article')} in {', '.join(settings.archive)}, "
            f"{_counted(len(issue.verdicts), 'candidate')} in the window, {len(issue.picks)} picked"
        ),
        f"Subject: {built.message.subject}",
    ]
    for section in issue.sections:
        lines += ["", section.title]
        lines += [_picked(pick, built.message) for pick in section.picks]
    if issue.empty_sections:
        lines += ["", f"Sections left out: {', '.join(issue.empty_sections)}"]
    if read.problems:
        lines += ["", f"{_counted(len(read.problems), 'problem')} in the archive (see the warnings)"]
    if built.message.trimmed:
        lines += ["", f"Trimmed to {settings.shape.limit or 0:,} bytes: {'; '.join(built.message.trimmed)}"]
    lines += ["", *(f"note: {note}" for note in built.message.notes)] if built.message.notes else []
    lines.append("")
    for name, size in built.sizes.items():
        share = f", {built.message.weight * 100 // CLIP} % of what Gmail shows" if name == "index.html" else ""
        lines.append(f"{os.path.join(built.folder, name)}  {size:,} bytes{share}")
    if built.message.weight > CLIP:
        lines.append(f"warning: over {CLIP:,} bytes Gmail clips the message; take fewer stories, or set `size.limit`")
    return lines


def _picked(pick: Pick, message: Message) -> str:
    article = pick.article
    where = " [on the web only]" if article.path in message.web_only else ""
    return f"  {article.heat:>4}  {article.title} ({article.provider.name}){where}"


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}" + ("" if count == 1 else "s")
