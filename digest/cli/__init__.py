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


# A command is the function of its name in the module of its name. The sentences stand in the commands, too, and a test
# holds both against each other: to import fifteen modules for them costs a third of `digest --help`.
_COMMANDS = {
    "archive": "Archives in other forms.",
    "build": "Build the issue of a week: HTML, plain text, MIME message and record.",
    "check": "Say whether a built issue is fit to be sent.",
    "completion": "Print what lets a shell complete commands, options, targets and issues.",
    "edit": "Open the editor's file of an issue, with all its candidates to choose from.",
    "editions": "Write down which edition of a week each reader gets: stories of the topics that she asks for.",
    "explain": "Say why an article is in the issue, or why not.",
    "import": "Write articles from elsewhere into the archive.",
    "init": "Set up a newsletter in DIR, by default here.",
    "preview": "Show the issue live in the browser, as every reader will see it, and edit it there.",
    "replay": "Choose past weeks anew and say what each would have run.",
    "schema": "Print the JSON Schema of digest.yaml (settings), edits/DAY.yaml (edits) or an issue's record (issue).",
    "send": "Hand a built issue over to a mail service.",
    "sent": "Say what was handed over to whom, and how it went; or write down what digest cannot know.",
    "site": (
        "Write the issues that were handed over as a static site: pages, topics, feeds, a search that needs no server."
    ),
    "theme": "Themes of your own.",
    "topics": (
        "Say what the archive holds: topics by week and heat, providers, and how full each section would have been."
    ),
}


class _Commands(UserDict[str, click.Command]):
    """The commands by name. Each is imported when it is asked for; what they are called is known without."""

    def __init__(self) -> None:
        super().__init__({name: click.Command(name, help=about) for name, about in _COMMANDS.items()})

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

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # Listed by what stands here, so that the list imports no command.
        click.Group(commands=dict(_Commands().data)).format_commands(ctx, formatter)

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
