"""`digest explain` and `digest replay`."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from digest.cli.options import GIVEN, common, named, settings_of, window_of
from digest.cli.voice import first_word_coloured

if TYPE_CHECKING:
    from digest.model import Window
    from digest.settings import Settings


@click.command()
@click.argument("query", nargs=-1)
@common
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
    settings = settings_of(**options)
    its_record, source = _record(settings, window_of(settings, newest=True, **options))
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
        lines = explaining.outsider(words, settings.archive, record.window(its_record), settings.reading)
    for line in [source, "", *lines]:
        click.echo(first_word_coloured(line))


def _record(settings: Settings, window: Window) -> tuple[dict[str, Any], str]:
    """The record of a built issue, or of what a build would choose; and which of the two it is."""
    from digest import folders, pipeline, record, sent

    folder = folders.standing(os.path.join(settings.out, window.issue_id))
    if os.path.exists(os.path.join(folder, record.FILE)):
        handed_over = sent.handed_over(folder)
        fate = f" ({handed_over.in_words()})" if handed_over else ""
        if sent.copy_of(folder) != folder and handed_over:
            fate += f"; what readers got is in {sent.copy_of(folder)}"
        return record.read(folder), f"As built in {folder}{fate}:"
    chosen = record.of_choice(pipeline.choose(settings, window)[1])
    return chosen, f"Not built yet; this is what a build of {window.first} to {window.last} would do:"


@click.command()
@partial(common, configs=True)
@click.option("--last", "count", type=click.IntRange(1, 1000), help="How many weeks.  [default: 10]")
@click.option("--html", type=GIVEN, metavar="FILE", help="Write it as a page too, with a plot of heat a week.")
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
    several = [settings_of(config=file, **options) for file in config or (None,)]
    first, last = (named(several[0], day) for day in (options["first"], options["to"] or options["last"]))
    if first and last and first > last:
        raise click.UsageError(f"--from {first} is after the last day, {last}")
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
