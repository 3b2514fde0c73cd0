"""The command line: options to one call to one printed result. The only place that prints, exits, or asks the time.

A module a command, called like it; what they share is in `options`, and `output` prints for all of them. A command's
module is imported when the command is asked for, and everything heavy inside the function that needs it: `digest
--help` answers at once, and tests/test_start.py holds what each command loads.
"""

from __future__ import annotations

import atexit
import errno
import gc
from collections import UserDict
from importlib import import_module
from keyword import iskeyword

import click

from digest.cli.output import wanted_colour
from digest.errors import DigestError

# What a disk says that cannot take what a command prints. A reader who has gone (EPIPE) is click's own concern.
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO})

# A tenth of a build was spent in looking for garbage among what is just being made, and as much at the end.
gc.set_threshold(50_000)
atexit.register(gc.freeze)


# A command is the function of its name in the module of its name. The list of all imports all of them, which takes what
# click itself takes to make them, since whatever is heavy is imported inside.
_COMMANDS = (
    "build",
    "check",
    "completion",
    "edit",
    "explain",
    "import",
    "init",
    "preview",
    "replay",
    "schema",
    "send",
    "sent",
    "site",
    "theme",
    "topics",
)


class _Commands(UserDict[str, click.Command]):
    """The commands by name. Each is imported when it is asked for; what they are called is known without."""

    def __init__(self) -> None:
        super().__init__({name: click.Command(name) for name in _COMMANDS})

    def __getitem__(self, name: str) -> click.Command:
        if name not in self.data:
            raise KeyError(name)
        # `import` is a word of Python's own, so that neither a module nor a function can be called so.
        place = f"{name}_" if iskeyword(name) else name
        command: click.Command = getattr(import_module(f"digest.cli.{place}"), place)
        return command


class _Shell(click.Group):
    """The command group: turns an error that the user can mend into one line on stderr and an exit status.

    A DigestError carries its status (1, or 3 for nothing to send), click's own errors have 2, and a bug keeps its
    traceback.
    """

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except DigestError as error:
            click.echo(str(error), err=True)
            ctx.exit(error.exit_status)
        except OSError as error:
            # Without a file name it is the output that failed; with one it is a bug that did not name its problem.
            if error.filename or error.errno not in _NO_ROOM:
                raise
            click.echo(f"standard output: cannot be written ({error.strerror}); the work itself is done", err=True)
            ctx.exit(1)


@click.group(
    cls=_Shell, commands=_Commands(), context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
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
