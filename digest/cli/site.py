"""`digest site`: the issues that were handed over, as a static web archive.

The folder may be a work tree of its own, such as `gh-pages`: what digest did not write there stays. The JSON has counts
of `pages` and `bytes`, the `issues` shown and `left_out`, and the files `written`, `removed` and `kept`. An issue that
cannot be shown is a warning, with --strict a failure before anything is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from digest.cli.options import GIVEN, counted, settings_of
from digest.cli.output import printing, warn
from digest.errors import ProblemsFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.cli.output import Printer
    from digest.config.settings import Settings
    from digest.site import WebArchive
    from digest.site.folder import Published

# Issues that are named one by one; a newsletter of ten years has five hundred.
_MOST = 10


@click.command()
@click.option(
    "--to", "target", type=GIVEN, metavar="FOLDER", default="site", show_default=True, help="Where the site is written."
)
@click.option("--all", "every", is_flag=True, help="Show issues that were not handed over, too.")
@click.option("--strict", is_flag=True, help="Fail where an issue cannot be shown, instead of leaving it out.")
@click.option("--config", type=GIVEN, metavar="FILE", help="Settings.  [default: digest.yaml, if there is one]")
@click.option("--out", type=GIVEN, metavar="FOLDER", help="Where the issues are.  [default: out]")
@printing
def site(*, target: str, every: bool, strict: bool, printer: Printer, **options: Any) -> None:
    """Write the issues that were handed over as a static site: pages, topics, feeds, a search that needs no server.

    Where pages stand follows from newsletter.web, so the links to the web view in sent letters are right. What else is
    in the folder stays as it is; removed is only what an earlier run wrote.
    """
    from digest import site as sites
    from digest.site import folder

    settings = settings_of(archive=(), templates=None, days=None, **options)
    # First of all: a site that takes seconds to make must not be refused its folder in the end.
    real = folder.admit(target, _kept_apart(settings, options["config"]))
    made = sites.make(settings, every=every)
    # Before anything is written: a site that lacks an issue is not to replace one that has it.
    if strict and made.problems:
        raise ProblemsFound(made.problems)
    root = sites.root(settings)
    done = folder.write(real, target, made.files, newsletter=settings.newsletter.name, address=root)
    for problem in made.problems:
        warn(problem)
    for file in done.kept:
        warn(f"{target}/{file}: is not a page any more, and kept, because it was changed since; remove it yourself")
    _say(printer, target, made, done)
    printer.say(f"Put it where {root} leads.")
    printer.note(folder=target, address=root, problems=[str(problem) for problem in made.problems])


def _say(printer: Printer, target: str, made: WebArchive, done: Published) -> None:
    """Say and note which issues the site shows, which it does not, and what was written, removed and kept."""
    pages, size = sum(path.endswith(".html") for path in made.files), sum(map(len, made.files.values()))
    removed = f", {counted(len(done.removed), 'old file')} removed" if done.removed else ""
    printer.say(f"{target}: {counted(len(made.issues), 'issue')}, {counted(pages, 'page')}, {size:,} bytes{removed}")
    printer.say(f"Shown: {_few(made.issues)}")
    if made.left_out:
        printer.say(f"Left out, because they were not handed over: {_few(made.left_out)} (--all shows them)")
    printer.note(pages=pages, bytes=size, issues=list(made.issues), left_out=list(made.left_out))
    printer.note(written=list(done.written), removed=list(done.removed), kept=list(done.kept))


def _few(days: Sequence[str]) -> str:
    """Return the newest of *days*, which ascend, and how many more there are, on one line for a terminal."""
    newest = list(reversed(days))
    return ", ".join(newest[:_MOST]) + (f" and {len(days) - _MOST:,} older" if days[_MOST:] else "")


def _kept_apart(settings: Settings, config: str | None) -> dict[str, str]:
    """Return what must not lie in the folder of the site, each with what a message calls it."""
    return {
        **{folder: f"the archive ({folder})" for folder in (*settings.folders, *settings.local_tables)},
        settings.out: f"the issues ({settings.out})",
        settings.edits: f"the edits ({settings.edits})",
        settings.templates: f"the theme ({settings.templates})",
        settings.send.ledger: f"the ledger ({settings.send.ledger})",
        **({config: f"the settings ({config})"} if config else {}),
    }
