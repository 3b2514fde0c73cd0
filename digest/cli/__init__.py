"""Options to one call to one printed result. The only place that prints, exits, or asks what day it is.

A module a group of commands; what they share is in `options`. A command's module is imported when the command is asked
for, and everything heavy inside the command that needs it: `digest --help` answers at once.
"""

from __future__ import annotations

import atexit
import errno
import gc
from importlib import import_module

import click

from digest.cli.output import wanted_colour
from digest.errors import DigestError

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO})
"""What a disk says that cannot take what a command prints. (Click knows a reader who has gone.)"""


# A tenth of a build was spent in looking for garbage among what is just being made, and as much at the end.
gc.set_threshold(50_000)
atexit.register(gc.freeze)


_COMMANDS = {
    "init": ("init:init", "Set up a newsletter in DIR, by default here."),
    "build": ("build:build", "Build the issue of a week: HTML, plain text, MIME message and record."),
    "explain": ("explain:explain", "Say why an article is in the issue, or why not."),
    "edit": ("edit:edit", "Open the editor's file of an issue, with all its candidates to choose from."),
    "replay": ("replay:replay", "Choose past weeks anew and say what each would have run."),
    "topics": (
        "topics:topics",
        "Say what the archive holds: topics by week and heat, providers, and how full each section would have been.",
    ),
    "import": ("import_:import_", "Write articles from elsewhere into the archive."),
    "check": ("check:check", "Say whether a built issue is fit to be sent."),
    "preview": (
        "preview:preview",
        "Show the issue live in the browser, as every reader will see it, and edit it there.",
    ),
    "theme": ("theme:theme", "Themes of your own."),
    "send": ("send:send", "Hand a built issue over to a mail service."),
    "sent": (
        "sent:sent",
        "Say what was handed over to whom, and how it went; or write down what digest cannot know.",
    ),
    "site": (
        "site:site",
        "Write the issues that were handed over as a static site: pages, topics, feeds, a search that needs no server.",
    ),
    "schema": (
        "schema:schema",
        "Print the JSON Schema of digest.yaml (settings), edits/DAY.yaml (edits) or an issue's record (issue).",
    ),
    "completion": ("completion:completion", "Print what lets a shell complete commands, options, targets and issues."),
}
"""Where each command is, and the first sentence of its help, which a test holds against the command's own."""


class _Later(click.Command):
    """A command that is not loaded yet; enough of it to be listed."""

    def __init__(self, name: str, where: str, sentence: str) -> None:
        super().__init__(name, help=sentence)
        self.where = where

    def load(self) -> click.Command:
        """Return the command itself."""
        module, _, name = self.where.partition(":")
        command: click.Command = getattr(import_module(f"digest.cli.{module}"), name)
        return command


class _Shell(click.Group):
    """Turns what the user can mend into one line on stderr and an exit status; a bug keeps its traceback.

    Loads a command when it is asked for; the list of all needs none.
    """

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        command = super().get_command(ctx, cmd_name)
        if isinstance(command, _Later):
            command = self.commands[cmd_name] = command.load()
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        click.Group(commands=self.commands).format_commands(ctx, formatter)

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


for _name, (_where, _sentence) in _COMMANDS.items():
    main.add_command(_Later(_name, _where, _sentence))
