"""`digest site`."""

from __future__ import annotations

import os
from typing import Any

import click

from digest.cli.options import counted, settings_of
from digest.cli.voice import spoken, voice, warn
from digest.errors import OutputError, ProblemsFound


@click.command()
@click.option("--to", "target", metavar="FOLDER", default="site", show_default=True, help="Where the site is written.")
@click.option("--strict", is_flag=True, help="Fail where an issue cannot be shown, instead of leaving it out.")
@click.option("--config", metavar="FILE", help="Settings.  [default: digest.yaml, if there is one]")
@click.option("--out", metavar="FOLDER", help="Where the issues are.  [default: out]")
@spoken
def site(*, target: str, strict: bool, quiet: bool, as_json: bool, **options: Any) -> None:
    """Write every issue in out/ as a static site: pages, topics, feeds and a search that needs no server.

    Where pages stand follows from newsletter.web, so the links to the web view in sent letters are right.
    """
    from digest import output
    from digest import site as sites

    settings = settings_of(archive=(), templates=None, days=None, **options)
    files, problems = sites.make(settings)
    if strict and problems:
        raise ProblemsFound(problems)
    if os.path.lexists(target) and os.listdir(target) and not os.path.exists(os.path.join(target, sites.MARK)):
        raise OutputError(target, "holds files that `digest site` did not write", "name another folder with --to")
    parent, name = os.path.split(os.path.abspath(target))
    output.write(parent, name, files)
    for problem in problems:
        warn(problem)
    pages, size = sum(path.endswith(".html") for path in files), sum(map(len, files.values()))
    root = sites.root(settings)
    with voice(quiet=quiet, as_json=as_json) as out:
        out.say(f"{target}: {counted(pages, 'page')}, {size:,} bytes")
        out.say(f"Put it where {root} leads.")
        out.note(folder=target, pages=pages, bytes=size, address=root, problems=[str(problem) for problem in problems])
