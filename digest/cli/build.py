"""`digest build`: one issue of one newsletter, or with --all one of each.

The JSON is an object (see `_values`), with --all a list of them, each with `newsletter`, or with `error` where that one
failed. Problems of the archive are warnings; with --strict they are what the build fails with. Exit status 3 says that
there is no news: with --all, that there is nothing worse.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from digest import weight
from digest.cli.dates import now_in
from digest.cli.options import common, counted, newsletters, settings_of, window_of
from digest.cli.output import printing, warn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.cli.output import Printer
    from digest.config.settings import Settings
    from digest.model import Issue, Message, Pick, Window
    from digest.pipeline import Built


# Exit statuses by how much they want to be looked at: a week without news (3) is no mistake.
_WORSE = (0, 3, 1)


@click.command()
@common
@click.option("--strict", is_flag=True, help="Read every file in full and fail on any problem in the archive.")
@click.option("--again", is_flag=True, help="Build over an issue that was handed over; what readers got is kept.")
@click.option("--all", "every", is_flag=True, help="Build each newsletter of newsletters/*.yaml, or --config FOLDER.")
@click.option("--open", "show", is_flag=True, help="Open the issue in a browser.")
@printing
def build(*, every: bool, show: bool, printer: Printer, **options: Any) -> None:
    """Build the issue of a week: HTML, plain text, MIME message and record.

    Nothing is sent. A second build of the same week gives the same files.
    """
    if every and (options["out"] or show):
        raise click.UsageError("--all goes with neither --out nor --open: each newsletter has a folder of its own")
    if every:
        _build_all(printer, **options)
        return
    built, settings = _build(**options)
    printer.note(**_values(built))
    printer.remark(built.archive.passed_over)
    printer.say(*_report(built, settings))
    # Last: where a browser cannot be started, the issue is built and reported all the same.
    if show:
        click.launch(os.path.join(built.folder, "index.html"))


def _build(*, strict: bool, again: bool, **options: Any) -> tuple[Built, Settings]:
    """Build one issue, warn of what is wrong in its archive, and return it with the settings that it was built by.

    *options* are those of `common`. Raises DigestError; with *strict* for any problem of the archive, too.
    """
    from digest import pipeline

    settings = settings_of(**options)
    window = window_of(settings, **options)
    built = pipeline.build(settings, window, strict=strict, again=again)
    for problem in (*built.archive.problems, *built.unmatched):
        warn(problem)
    return built, settings


def _build_all(printer: Printer, /, *, config: str | None, **options: Any) -> None:
    """Build one newsletter after the other; one that fails stops no other, and the worst exit status counts.

    Ends the command with that status; a mistake in one newsletter's settings counts as the failure of that one.
    """
    from digest.errors import DigestError

    worst: int = 0
    done: list[dict[str, object]] = []
    for name, file in newsletters(config):
        try:
            built, _ = _build(config=file, **options)
        except DigestError as error:
            worst = max(worst, error.exit_status, key=_WORSE.index)
            click.echo(str(error), err=True)
            done.append({"newsletter": name, "error": str(error)})
            summary = str(error).splitlines()[0]
        else:
            done.append({"newsletter": name, **_values(built)})
            summary = f"{built.folder}, {counted(len(built.issue.picks), 'story', 'stories')}: {built.message.subject}"
        printer.say(f"{name}: {summary}")
    printer.result(done)
    click.get_current_context().exit(worst)


def _values(built: Built) -> dict[str, object]:
    """Return what was built, for other programs, whose keys are only ever added to.

    `files` has the bytes of each file, `weight` those of the HTML part as it travels; `trimmed` and `notes` are
    sentences; `sent` says how an issue was handed over that this build is of, else None; `held_back` counts the
    stories that did not run because an issue had them, by that issue's id, `updates` those that add to what it told,
    `muted` those that a rule of the settings mutes, by its place there, and `over` the invitations to past events.
    `blocks` are the editor's own words, each with where it is written and stands. `number` is None where issues are not
    numbered.
    """
    issue, message = built.issue, built.message
    return {
        "id": issue.id,
        "number": issue.number,
        "folder": built.folder,
        "subject": message.subject,
        "preheader": message.preheader,
        "candidates": len(issue.verdicts),
        "sections": [
            {"title": section.title, "picks": [pick.article.path for pick in section.picks]}
            for section in issue.sections
        ],
        "blocks": [
            {"kind": block.kind, "name": block.name or block.title, "where": block.where, "place": block.place}
            for block in issue.blocks
        ],
        "files": built.sizes,
        "weight": message.weight,
        "trimmed": list(message.trimmed),
        "notes": list(message.notes),
        "sent": built.sent.in_words() if built.sent else None,
        "held_back": dict(Counter(verdict.ran_in for verdict in issue.verdicts if verdict.ran_in)),
        "updates": dict(Counter(pick.update.ran.issue for pick in issue.picks if pick.update)),
        "muted": dict(Counter(verdict.muted_by for verdict in issue.verdicts if verdict.muted_by)),
        "over": _over(issue),
        "rehearsals": list(issue.rehearsals),
        "problems": [str(problem) for problem in (*built.archive.problems, *built.unmatched)],
    }


def _report(built: Built, settings: Settings) -> list[str]:
    """Return what an editor wants to see of a build, in lines: picks by section, memory, sizes, and what to look at."""
    from digest.issue import memory
    from digest.text.numbers import column

    issue, read = built.issue, built.archive
    zone = issue.window.timezone
    lines = [
        f"{settings.newsletter.name}, issue {issue.id}{_numbered(issue)}: {issue.window} ({zone})",
        (
            f"{counted(read.files, 'article')} in {settings.archive_in_words}, "
            f"{counted(len(issue.verdicts), 'candidate')} in the window, {len(issue.picks)} picked"
        ),
        f"Subject: {built.message.subject}",
        *_order(issue, settings),
        *_of_calendar(issue.window, settings),
    ]
    heats = iter(column(pick.article.heat for pick in issue.picks))
    for section in issue.sections:
        lines += ["", section.title]
        lines += [_picked(pick, next(heats), built.message) for pick in section.picks]
    if issue.blocks:
        lines += ["", "Your own words", *(f"  {block.in_words}" for block in issue.blocks)]
    remembered = memory.in_words(settings, issue, built.sent)
    lines += ["", *remembered] if remembered else []
    lines += _left_out(issue)
    if issue.empty_sections:
        lines += ["", f"Sections left out: {', '.join(issue.empty_sections)}"]
    if read.problems:
        lines += ["", f"{counted(len(read.problems), 'problem')} in the archive (see the warnings)"]
    if built.message.trimmed:
        lines += ["", f"Trimmed to {settings.shape.limit or 0:,} bytes: {'; '.join(built.message.trimmed)}"]
    lines += ["", *(f"note: {note}" for note in built.message.notes)] if built.message.notes else []
    return [*lines, "", *_files(built)]


def _numbered(issue: Issue) -> str:
    """Return the number of the issue behind its name; nothing where issues are not numbered."""
    return "" if issue.number is None else f", No. {issue.number}"


def _order(issue: Issue, settings: Settings) -> Iterator[str]:
    """Yield a line that says how stories are ordered, where that is not what the settings say."""
    settled = settings.rules.settled(verdict.article for verdict in issue.verdicts)
    if settled != settings.rules:
        yield f"No article of these days has a heat, so they are ordered by {', then '.join(settled.order)}"


def _left_out(issue: Issue) -> Iterator[str]:
    """Yield a line that counts what the settings mute, by rule, and one on past events; none where that is nothing."""
    by_rule = Counter(verdict.muted_by for verdict in issue.verdicts if verdict.muted_by)
    if by_rule:
        rules = ", ".join(f"{place} {count}" for place, count in by_rule.items())
        yield ""
        yield f"Muted: {counted(by_rule.total(), 'article')} ({rules})"
    if over := _over(issue):
        yield ""
        yield f"Over: {counted(over, 'invitation')} to past events (select.past_events)"


def _over(issue: Issue) -> int:
    """Return how many candidates invite to an event that is over."""
    return sum(verdict.rule == "over" for verdict in issue.verdicts)


def _of_calendar(window: Window, settings: Settings) -> Iterator[str]:
    """Yield what an editor wants to know of a window of the calendar: since which issue it is, and if it is not over.

    Nothing of one that the flags name. Raises RecordError.
    """
    from digest.issue import windows

    yield from windows.since_in_words(settings, window)
    if settings.window.is_of_calendar and now_in(settings.newsletter.timezone) < window.ends_at:
        yield f"The window {window} is not over yet; build again when it is"


def _files(built: Built) -> Iterator[str]:
    """Yield a line for each file of an issue, and a warning where Gmail would clip the letter."""
    for name, size in built.sizes.items():
        share = f", {built.message.weight * 100 // weight.CLIP} % of what Gmail shows" if name == "index.html" else ""
        yield f"{os.path.join(built.folder, name)}  {size:,} bytes{share}"
    if built.message.weight > weight.CLIP:
        yield f"warning: over {weight.CLIP:,} bytes Gmail clips the message; take fewer stories, or set `size.limit`"


def _picked(pick: Pick, heat: str, message: Message) -> str:
    """Return the line of one story: its *heat* as shown, title and provider.

    A story that the letter had no room for says so: it stands in web.html only. So does a late one whose heat counts in
    part, as it stands below others that have less.
    """
    from digest.text.numbers import shown

    article = pick.article
    late = f" [late, counts as {shown(article.counted_heat)}]" if pick.late and article.late_share is not None else ""
    where = " [on the web only]" if article.path in message.web_only else ""
    return f"  {heat}  {article.title} ({article.provider.name}){late}{where}"
