"""Options to one call to one printed result. The only place that prints, exits, or asks what day it is.

A module a group of commands; what they share is in `options`. Everything heavy is imported inside the command that
needs it, so that `digest --help` answers at once.
"""

from __future__ import annotations

import errno
import gc

import click

from digest.cli import (
    building,
    checking,
    explaining,
    founding,
    handing_over,
    helping,
    importing,
    previewing,
    publishing,
    theming,
)
from digest.cli.voice import wanted_colour
from digest.errors import DigestError

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO})
"""What a disk says that cannot take what a command prints. (Click knows a reader who has gone.)"""


gc.set_threshold(50_000)  # a tenth of a build was spent in looking for garbage among what is just being made


class _Shell(click.Group):
    """Turns what the user can mend into one line on stderr and an exit status; a bug keeps its traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except DigestError as error:
            click.echo(str(error), err=True)
            ctx.exit(error.exit_status)
        except OSError as error:
            if error.filename or error.errno not in _NO_ROOM:
                raise
            click.echo(f"standard output: cannot be written ({error.strerror}); the work itself is done", err=True)
            ctx.exit(1)


@click.group(cls=_Shell, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="heat-digest", prog_name="digest")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Colour the output.  [default: on a terminal, unless NO_COLOR is set]",
)
@click.pass_context
def main(ctx: click.Context, *, color: str) -> None:
    """Turn a folder of scored news articles into the week's newsletter.

    Exit status: 0 done, 1 something to fix, 2 wrong usage, 3 nothing to send.
    """
    ctx.color = wanted_colour(color)


for command in (
    founding.init,
    building.build,
    explaining.explain,
    building.edit,
    explaining.replay,
    founding.topics,
    importing.bring_in,
    checking.check,
    previewing.preview,
    theming.theme,
    handing_over.send,
    handing_over.sent,
    publishing.site,
    helping.schema,
    helping.completion,
):
    main.add_command(command)
