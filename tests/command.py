"""A command run in a folder, in this process: what it printed and how it ended."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple

from click.testing import CliRunner

from digest import cli

if TYPE_CHECKING:
    from pathlib import Path


class Done(NamedTuple):
    """Exit status, standard output and standard error."""

    status: int
    printed: str
    told: str


def run(folder: Path, *arguments: str) -> Done:
    """Run `digest` with *arguments* in *folder*; a bug keeps its traceback."""
    with contextlib.chdir(folder):
        done = CliRunner().invoke(cli.main, arguments)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Done(done.exit_code, done.stdout, done.stderr)
