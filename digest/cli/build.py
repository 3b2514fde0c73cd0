"""`digest build` and `digest edit`."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from digest import weight
from digest.cli.options import common, counted, newsletters, settings_of, window_of
from digest.cli.output import first_word_coloured, print_json, spoken, warn

if TYPE_CHECKING:
    from digest.config.settings import Settings
    from digest.model import Message, Pick
    from digest.pipeline import Built


@click.command()
@common
@click.option("--strict", is_flag=True, help="Read every file in full and fail on any problem in the archive.")
@click.option("--again", is_flag=True, help="Build over an issue that was handed over; what readers got is kept.")
@click.option("--all", "every", is_flag=True, help="Build each newsletter of newsletters/*.yaml, or --config FOLDER.")
@click.option("--open", "show", is_flag=True, help="Open the issue in a browser.")
@spoken
def build(*, every: bool, show: bool, quiet: bool, as_json: bool, **options: Any) -> None:
    """Build the issue of a week: HTML, plain text, MIME message and record.

    Nothing is sent. A second build of the same week gives the same files.
    """
    if every and (options["out"] or show):
        raise click.UsageError("--all goes with neither --out nor --open: each newsletter has a folder of its own")
    if every:
        _build_all(quiet=quiet, as_json=as_json, **options)
        return
    built, settings = _build(**options)
    if as_json:
        print_json(_values(built))
    elif not quiet:
        click.echo("\n".join(map(first_word_coloured, _report(built, settings))))
    if show:
        click.launch(os.path.join(built.folder, "index.html"))


def _build(*, strict: bool, again: bool, **options: Any) -> tuple[Built, Settings]:
    from digest import pipeline

    settings = settings_of(**options)
    window = window_of(settings, **options)
    built = pipeline.build(settings, window, strict=strict, again=again)
    for problem in built.archive.problems:
        warn(problem)
    return built, settings


def _build_all(*, quiet: bool, as_json: bool, config: str | None, **options: Any) -> None:
    """Build one newsletter after the other; one that fails stops no other, and the worst exit status counts."""
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
        if not quiet and not as_json:
            click.echo(f"{name}: {summary}")
    if as_json:
        print_json(done)
    click.get_current_context().exit(worst)


_WORSE = (0, 3, 1)
"""Exit statuses by how much they want to be looked at: a week without news is no mistake."""


def _values(built: Built) -> dict[str, object]:
    """What was built, for other programs."""
    issue, message = built.issue, built.message
    return {
        "id": issue.id,
        "folder": built.folder,
        "subject": message.subject,
        "preheader": message.preheader,
        "candidates": len(issue.verdicts),
        "sections": [
            {"title": section.title, "picks": [pick.article.path for pick in section.picks]}
            for section in issue.sections
        ],
        "files": built.sizes,
        "weight": message.weight,
        "trimmed": list(message.trimmed),
        "notes": list(message.notes),
        "sent": built.sent.in_words() if built.sent else None,
        "held_back": dict(Counter(verdict.ran_in for verdict in issue.verdicts if verdict.ran_in)),
        "rehearsals": list(issue.rehearsals),
        "problems": [str(problem) for problem in built.archive.problems],
    }


def _report(built: Built, settings: Settings) -> list[str]:
    """What an editor wants to see of a build."""
    from digest.issue import memory

    issue, read = built.issue, built.archive
    zone = issue.window.timezone
    lines = [
        f"{settings.newsletter.name}, issue {issue.id}: {issue.window.first} to {issue.window.last} ({zone})",
        (
            f"{counted(read.files, 'article')} in {', '.join(settings.archive)}, "
            f"{counted(len(issue.verdicts), 'candidate')} in the window, {len(issue.picks)} picked"
        ),
        f"Subject: {built.message.subject}",
    ]
    for section in issue.sections:
        lines += ["", section.title]
        lines += [_picked(pick, built.message) for pick in section.picks]
    remembered = memory.in_words(settings, issue, built.sent)
    lines += ["", *remembered] if remembered else []
    if issue.empty_sections:
        lines += ["", f"Sections left out: {', '.join(issue.empty_sections)}"]
    if read.problems:
        lines += ["", f"{counted(len(read.problems), 'problem')} in the archive (see the warnings)"]
    if built.message.trimmed:
        lines += ["", f"Trimmed to {settings.shape.limit or 0:,} bytes: {'; '.join(built.message.trimmed)}"]
    lines += ["", *(f"note: {note}" for note in built.message.notes)] if built.message.notes else []
    lines.append("")
    for name, size in built.sizes.items():
        share = f", {built.message.weight * 100 // weight.CLIP} % of what Gmail shows" if name == "index.html" else ""
        lines.append(f"{os.path.join(built.folder, name)}  {size:,} bytes{share}")
    if built.message.weight > weight.CLIP:
        lines.append(
            f"warning: over {weight.CLIP:,} bytes Gmail clips the message; take fewer stories, or set `size.limit`"
        )
    return lines


def _picked(pick: Pick, message: Message) -> str:
    article = pick.article
    where = " [on the web only]" if article.path in message.web_only else ""
    return f"  {article.heat_shown:>4}  {article.title} ({article.provider.name}){where}"
