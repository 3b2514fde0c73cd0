"""`digest preview`: the issue live in the browser, until it is stopped.

Settings that are wrong at the start end it; settings that become wrong while it runs are shown in the page. The JSON,
printed as soon as it listens, has `issue` and `address`, with the token that opens it; of a reader's edition its name,
`edition`, too.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from digest.cli.options import common, settings_of, window_of
from digest.cli.output import printing
from digest.cli.readers import asked_reader, of_reader

if TYPE_CHECKING:
    from digest.cli.output import Printer
    from digest.config.settings import Settings
    from digest.model import Window
    from digest.preview import Preview

# Seconds that the program has to end by itself after a signal; a thread may wait for a build of a large archive.
_GRACE = 2.5

# The exit status that shells give a program which Ctrl-C has ended: 128 and the number of the signal.
_ENDED_BY_INTERRUPT = 130


@click.command()
@common
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
    help="Address to listen on; programs of others need the token of the printed address.",
)
@click.option("--read-only", is_flag=True, help="Show the issue without the desk's changes.")
@click.option("--again", is_flag=True, help="Let the desk edit an issue that was handed over, to build over it.")
@click.option("--open", "show", is_flag=True, help="Open it in a browser.")
@of_reader
@printing
def preview(
    *, port: int, host: str, read_only: bool, again: bool, show: bool, printer: Printer, **options: Any
) -> None:
    """Show the issue live in the browser, as every reader will see it, and edit it there.

    Builds in memory, and again when the archive, edits, settings or theme change. Writes nothing but edits/DAY.yaml,
    and that only when you use the desk. With --reader it is the edition of that reader, to read only.
    """
    from digest.config import settings
    from digest.preview import Preview, background_check

    # The day is decided once. A preview that was started yesterday goes on showing yesterday's issue.
    first = settings_of(**options)
    options |= {"last": window_of(first, newest=True, **options).last, "to": None}
    reader = asked_reader(first, **options)
    if reader and again:
        raise click.UsageError("--again lets the desk edit, which it does not with --reader; leave one out")

    def load() -> tuple[Settings, Window]:
        """Return the settings as they stand now and the window of the same last day; `days` may have changed."""
        fresh = settings_of(**options)
        return fresh, window_of(fresh, **options)

    config = os.path.abspath(options["config"] or settings.FILE)
    served = Preview(
        load,
        config=config,
        port=port,
        host=host,
        read_only=read_only,
        again=again,
        judge=background_check.check,
        reader=reader,
        on_signal=_end_soon,
    )
    _say_where(served, printer)
    if show:
        click.launch(served.address)
    try:
        served.run()
    except KeyboardInterrupt:
        printer.say("stopped")
    finally:
        served.close()


def _say_where(served: Preview, printer: Printer) -> None:
    """Say where the preview is, and what keeps the issue from being built, if anything."""
    printer.say(f"issue {served.issue} at {served.address}; Ctrl-C stops")
    printer.note(issue=served.issue, address=served.address)
    if edition := served.edition:
        printer.say(f"edition {edition.name} ({edition.standing.words})")
        printer.note(edition=edition.name, standing=edition.standing.words)
    # Now and not at the end: whoever started it waits for the address.
    printer.flush()
    if served.trouble:
        click.echo(f"not built yet, and shown as soon as this is mended:\n{served.trouble}", err=True)


def _end_soon() -> None:
    """See to it that the program ends within _GRACE seconds of a signal, whatever a thread of it is waiting for.

    To end it like this loses nothing: what is written is written whole or not at all.
    """
    import threading

    from digest.preview import background_check

    background_check.stop()
    over = threading.Timer(_GRACE, os._exit, [_ENDED_BY_INTERRUPT])
    over.daemon = True
    over.start()
