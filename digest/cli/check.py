"""`digest check`: whether a built issue may be sent, or what is wrong with archive and settings.

Judges the files of an issue and not how they were made, so it holds for a theme of one's own and for changes by hand.
The JSON has `checked`, `fit`, `findings`, `clients` and `not_asked`. Exit status 1 where there is an error; warnings
and notes fail nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import click

from digest.cli.dates import issue_named, issue_written, newest_issue, today_in
from digest.cli.options import GIVEN, settings_of
from digest.cli.output import printing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from digest.checks.clients import SupportVerdict
    from digest.checks.letters import PassedOver
    from digest.cli.output import Printer
    from digest.config.settings import Settings
    from digest.config.values import Source
    from digest.model import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was checked, and what is to be said of it; *fit* is what it is where nothing stands against it.

    *files* are those of the letter by what they are in an issue, none of an archive. *folder* is where those that an
    issue of ours has are; names of other files are paths as they stand.
    """

    name: str
    findings: tuple[Finding, ...]
    fit: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    folder: str = ""
    verdicts: tuple[SupportVerdict, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()


@click.command()
@click.argument("places", nargs=-1, metavar="[ISSUE]")
@click.option(
    "--archive", "of_archive", is_flag=True, help="Check the archive and digest.yaml instead; folders may follow."
)
@click.option("--clients", "with_clients", is_flag=True, help="Say what each mail client makes of the issue.")
@click.option("--dns", is_flag=True, help="Ask DNS about the sender's domain, too: SPF, DKIM, DMARC, MX.")
@click.option(
    "--nameserver", metavar="ADDRESS", help="The server to ask instead of the system's; with :PORT, if need be."
)
@click.option("--html", "page", type=GIVEN, metavar="FILE", help="Write the findings as a page, too.")
@click.option("--sarif", type=GIVEN, metavar="FILE", help="Write them as SARIF, too, which code hosts show.")
@click.option("--config", type=GIVEN, metavar="FILE", help="Settings.  [default: digest.yaml, if there is one]")
@click.option("--out", type=GIVEN, metavar="FOLDER", help="Where issues are written.  [default: out]")
@printing
def check(
    *,
    places: tuple[str, ...],
    of_archive: bool,
    with_clients: bool,
    page: str | None,
    sarif: str | None,
    dns: bool,
    nameserver: str | None,
    printer: Printer,
    **options: Any,
) -> None:
    """Say whether a built issue is fit to be sent.

    ISSUE is its day, or a folder; by default the last one built. Exit status 1 where there is an error.
    Any other letter can be checked, too: name its .html or .eml file, or a folder that holds them.
    `digest check --archive [FOLDER]...` says what is wrong with the archive and the settings.
    """
    from digest import checks

    if len(places) > 1 and not of_archive:
        raise click.UsageError("name one issue, or folders behind --archive")
    if of_archive and dns:
        raise click.UsageError("an archive has no sender; --dns is for an issue or a letter")
    if nameserver is not None and not dns:
        raise click.UsageError("--nameserver says whom --dns asks; give both")
    servers = (nameserver or "") if dns else None
    checked = _of_archive(places, **options) if of_archive else _of_letter(*places, servers=servers, **options)
    if with_clients or page or printer.as_json:
        checked = replace(checked, verdicts=checks.verdicts(checked.files))
    _write_reports(checked, page, sarif)
    _say(checked, printer, with_clients=with_clients)
    click.get_current_context().exit(int(any(finding.stops for finding in checked.findings)))


def _write_reports(checked: Checked, page: str | None, sarif: str | None) -> None:
    """Write the files that were asked for. Raises OutputError."""
    from digest import checks
    from digest.checks import report
    from digest.issue import output

    if page:
        # A path may have bytes that are no UTF-8.
        text = report.page(checked.name, checked.findings, checked.verdicts)
        output.write_file(page, text.encode(errors="replace"))
    if sarif:
        log = json.dumps(report.sarif(checked.findings, checks.RULES, checked.folder), ensure_ascii=False, indent=2)
        output.write_file(sarif, f"{log}\n".encode(errors="replace"))


def _say(checked: Checked, printer: Printer, *, with_clients: bool) -> None:
    """Print what there is to say."""
    from digest.checks import report

    printer.note(**report.values(checked.name, checked.findings, checked.verdicts, checked.passed_over))
    printer.report(*report.table([finding for finding in checked.findings if not printer.quiet or _is_wrong(finding)]))
    printer.say(
        *(report.client_table(checked.verdicts) if with_clients else ()),
        *report.not_asked(checked.passed_over),
        report.summary(checked.name, checked.findings, fit=checked.fit),
    )


def _is_wrong(finding: Finding) -> bool:
    # What is told with --quiet, too: a warning or an error; a note is not wrong, and what is waived was decided.
    return finding.severity != "note" and not finding.waived


def _of_letter(place: str | None = None, /, *, servers: str | None, **options: Any) -> Checked:
    """Return what there is to say of the issue that *place* names, or of the letter of any maker that stands there.

    *servers* are those of DNS to ask, "" the system's, None: nobody is asked.
    """
    from digest import checks

    if place is not None and checks.is_letter(place):
        letter = checks.read_letter(place)
        findings, passed_over = checks.check_letter(letter)
        checked = Checked(
            name=place,
            findings=findings,
            fit="nothing stands against it",
            files=letter.files,
            passed_over=passed_over,
        )
        checked = _with_domain(checked, servers, None)
        return replace(checked, findings=checks.in_order(map(letter.named, checked.findings)))
    folder = _issue_folder(place, **options)
    issue = checks.load(folder)
    settings = _settings_of_issue(folder, **options)
    findings = _issue_findings(issue, settings)
    checked = Checked(name=folder, findings=findings, fit="ready to send", files=issue, folder=folder)
    return _with_domain(checked, servers, settings)


def _with_domain(checked: Checked, servers: str | None, settings: Settings | None) -> Checked:
    """Return *checked* with what DNS says, where *servers* are to be asked."""
    from digest import checks
    from digest.checks import context, sender_domain

    if servers is None:
        return checked
    dkim = settings.send.dkim if settings else None
    findings, passed_over = checks.check_domain(
        checked.files.get(context.MESSAGE, b""),
        sender_domain.NameServers(servers),
        (dkim.domain, dkim.selector) if dkim else None,
    )
    return replace(
        checked,
        findings=checks.in_order((*checked.findings, *checks.waived(findings, settings.waivers if settings else ()))),
        passed_over=(*checked.passed_over, *passed_over),
    )


def _issue_folder(place: str | None, /, **options: Any) -> str:
    """Return the folder of the issue that *place* names: a day below out/, or a folder; without it the newest one.

    Raises RecordError where no issue was built yet, and SettingsError.
    """
    from digest.errors import RecordError

    asked = None if place is None else issue_written(place)
    if place is not None and asked is None:
        return place
    settings = settings_of(archive=(), templates=None, days=None, **options)
    issue = issue_named(settings, asked) if asked else newest_issue(settings)
    if issue is None:
        raise RecordError(settings.out, "there is no issue", "build one first, or name the folder of one")
    return os.path.join(settings.out, issue)


def _issue_findings(issue: dict[str, bytes], settings: Settings | None) -> tuple[Finding, ...]:
    """Return the findings of the files *issue*, with those that only the *settings* that they are of can tell.

    Today, which some rules ask, is the day where that newsletter lives: the files say where, whatever the settings do.
    """
    from digest import checks

    findings = checks.check(issue, today=today_in(checks.timezone(issue)), waivers=settings.waivers if settings else ())
    if settings is None:
        return findings
    problems = checks.waiver_problems(settings.waivers)
    return checks.in_order((*findings, *problems, *checks.waived(_of_settings(settings), settings.waivers)))


def _settings_of_issue(folder: str, **options: Any) -> Settings | None:
    """Return the settings that *folder* is an issue of; None where it is one of others, or they cannot be read."""
    from digest.errors import DigestError

    try:
        settings = settings_of(archive=(), templates=None, days=None, **options)
    except DigestError:
        # What is wrong with the settings is said by `check --archive`; this issue is sound without them.
        return None
    ours = os.path.realpath(os.path.dirname(folder)) == os.path.realpath(settings.out)
    return settings if ours else None


def _of_settings(settings: Settings) -> Iterator[Finding]:
    """Yield what *settings* make of a sound issue when it is sent."""
    from digest.checks import leaving
    from digest.errors import DigestError
    from digest.mail import personalise

    # A finding of `check` although no file shows it: the header stands in message.eml for services that fill it in.
    with contextlib.suppress(DigestError):
        if personalise.left_out(settings.send, settings.targets):
            yield from leaving.one_click_left_out()


def _of_archive(folders: tuple[str, ...], **options: Any) -> Checked:
    """Return every problem of the settings and the archive.

    Where the settings cannot be read, the *folders* are read as if there were none: one mistake must not hide others.
    """
    from digest import archive, checks
    from digest.config.values import ReadingPlan
    from digest.errors import SettingsError
    from digest.tables import places

    where: tuple[Source, ...]
    try:
        read_by = settings_of(archive=folders, templates=None, days=None, **options)
        where, how, waivers = read_by.archive, read_by.reading, read_by.waivers
        problems: tuple[str, ...] = ()
    except SettingsError as error:
        where, how, waivers, problems = folders, ReadingPlan(), (), error.lines
    read = archive.read(where, how).problems if where else ()
    name = ", ".join(places.shown(str(source)) for source in where) or "the settings alone, since they name the archive"
    findings = (
        *checks.settings_problems(problems),
        *checks.waiver_problems(waivers),
        *checks.archive_problems(map(str, read)),
    )
    return Checked(name=name, findings=checks.in_order(findings), fit="all of it can be read")
