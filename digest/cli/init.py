"""`digest init`: settings that fit the articles of a folder.

For a newcomer: it looks for articles, says what it understood of them, and ends with the commands to try next. On a
terminal it asks before it writes; a script is not asked, nor is who says --yes. It writes nothing over anything, so a
second run says that the settings are there already. The JSON has `settings`, `archive`, `articles` and `day`, one on
which the archive has a full week, and `lacks`, what keeps the others from running.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import click

from digest.cli.dates import today_in
from digest.cli.options import GIVEN, counted
from digest.cli.output import printing
from digest.errors import DigestError

if TYPE_CHECKING:
    from digest.analysis.understanding import Owner, Understanding
    from digest.cli.output import Printer

_EXPORTS = (".xml", ".json", ".jsonl", ".csv", ".tsv", ".rss", ".atom", ".opml", ".html")
"""Endings of files that `digest import` reads, the likeliest first."""

# Files of programs that end as exports do.
_NO_EXPORTS = frozenset({"package.json", "package-lock.json", "tsconfig.json", "composer.json", "index.html"})


@click.command()
@click.argument("folder", default=".", type=GIVEN, metavar="[DIR]")
@click.option("--demo", is_flag=True, help="Bring the sample archive, to try things out.")
@click.option("--site", default="", metavar="URL", help="Where the articles stand, if they are of a site of your own.")
@click.option("--language", default="", metavar="TAG", help="Language of the letter, such as en or pt-BR.")
@click.option("--timezone", default="", metavar="ZONE", help="Where a day begins and ends, such as Europe/Berlin.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@printing
def init(*, folder: str, demo: bool, yes: bool, printer: Printer, **owner: str) -> None:
    """Set up a newsletter in DIR, by default here.

    Looks at the articles it finds below DIR, and at the settings of the site's generator, where there are some. Says
    what it understood, and writes a commented digest.yaml that fits, a folder for your edits and a .gitignore. Writes
    nothing over anything.
    """
    from digest.analysis import starter, understanding
    from digest.config import settings, values
    from digest.issue import output
    from digest.text import sanitize

    files = {name: os.path.normpath(os.path.join(folder, name)) for name in ("digest.yaml", ".gitignore")}
    if os.path.lexists(files["digest.yaml"]):
        raise DigestError(files["digest.yaml"], "is there already", "change it, or set up another folder")
    asked = _owner(**owner)
    # Before the look for articles, so that the samples are found like any other archive.
    if demo:
        _bring_samples(folder, printer)
    looked = _looked(folder, asked)
    # A folder's name is somebody's text, which goes into a YAML file and from there into every letter.
    own_name = os.path.basename(os.path.abspath(folder)).replace("-", " ").replace("_", " ").title()
    name = sanitize.text(looked.generator.title or own_name, most=80)
    text = starter.settings(
        values.NAME if demo else name or "The Week",
        looked.folders,
        looked.survey,
        looked.plan,
        starter.Choices(language=looked.language, needs_heat=looked.needs_heat, with_sections=looked.with_sections),
    )
    issue = understanding.first_issue(settings.of_text(text.encode(), files["digest.yaml"]), looked)
    printer.say(*understanding.lines(looked), *understanding.issue_lines(issue, looked.day), "")
    if not yes and sys.stdin.isatty() and not printer.quiet and not printer.as_json:
        click.confirm(f"Write {files['digest.yaml']}?", default=True, abort=True, err=True)
    output.make_folder(os.path.normpath(os.path.join(folder, "edits")))
    output.write_file(files["digest.yaml"], text.encode())
    printer.say(f"{files['digest.yaml']}: written, for {counted(looked.survey.able, 'article')} that may run")
    _write_gitignore(files[".gitignore"], printer)
    printer.note(settings=files["digest.yaml"], archive=list(looked.folders), articles=looked.survey.able)
    printer.note(day=looked.day, lacks=dict(looked.lacks))
    _say_next(folder, looked.day, printer)


def _owner(*, site: str, language: str, timezone: str) -> Owner:
    """Return what the options say, by rule; wrong usage where one of them is none."""
    from digest.analysis.understanding import Owner
    from digest.config.yamlfile import Keys, Node
    from digest.text import sanitize

    written = {"language": language, "timezone": timezone}
    keys = Keys("", {key: Node(value, 1) for key, value in written.items() if value})
    address = sanitize.address(site if "://" in site else f"https://{site}") if site else None
    if site and not address:
        raise click.UsageError(f"--site is no http(s) address: {site!r}; write it like https://example.com")
    owner = Owner(
        site=address or "",
        language=keys.language("language", "en") if language else "",
        timezone=keys.timezone("timezone", "UTC") if timezone else "",
    )
    if keys.problems:
        raise click.UsageError(f"--{keys.problems[0].what}")
    return owner


def _looked(folder: str, owner: Owner) -> Understanding:
    """Return what *folder* holds. Raises DigestError where nothing in it can run, and says what is missing."""
    from digest.analysis import understanding

    looked = understanding.look(folder, owner, partial(today_in)) if os.path.isdir(folder) else None
    if looked is None:
        exports = _exports(folder)
        if exports:
            problem = f"no article below it, but {exports[0]}, which may hold some"
            raise DigestError(folder, problem, f"bring them in: `digest import {exports[0]}`, then `digest init`")
        _refuse_other_texts(folder, 0)
        ways = "put your articles (*.md) into a folder there, bring some in with `digest import`, or try"
        raise DigestError(folder, "no article with a title and a date below it", f"{ways} `digest init --demo`")
    if not looked.survey.able:
        _refuse_other_texts(folder, looked.read.files)
        lacking = ", ".join(f"{count:,} {reason}" for reason, count in looked.lacks)
        where = os.path.normpath(os.path.join(folder, looked.folders[0]))
        remedy = "say with --site https://… where your articles stand, or name the field in `fields`"
        if "without an address" not in dict(looked.lacks):
            remedy = "`digest check --archive` lists what is wrong with each"
        raise DigestError(where, f"none of {looked.read.files:,} files may run ({lacking})", remedy)
    return looked


def _refuse_other_texts(folder: str, files: int) -> None:
    """Raise DigestError where below *folder* more texts stand that are not read than *files*, which are."""
    from digest.archive import walk

    passed = Counter[str]()
    if os.path.isdir(folder):
        for _ in walk.listings(folder, lambda *_: None, passed):
            pass
    kind, count = max(
        ((kind, count) for kind, count in passed.items() if kind.startswith(".")),
        key=lambda pair: pair[1],
        default=("", 0),
    )
    if count > files:
        ways = "turn them into Markdown (`pandoc -t markdown`), or bring in the site's feed: `digest import feed.xml`"
        raise DigestError(folder, f"holds {counted(count, f'{kind} file')}, which are not read", ways)


def _exports(folder: str) -> list[str]:
    """Return the files right in *folder* that `digest import` may read, the likeliest first."""
    if not os.path.isdir(folder):
        return []
    names = [
        name
        for name in sorted(os.listdir(folder))
        if name.lower().endswith(_EXPORTS) and not name.startswith(".") and name not in _NO_EXPORTS
    ]
    by_kind = sorted(names, key=lambda name: _EXPORTS.index(os.path.splitext(name)[1].lower()))
    return [os.path.normpath(os.path.join(folder, name)) for name in by_kind]


def _write_gitignore(file: str, printer: Printer) -> None:
    """Write the .gitignore of a newsletter; where one is there already, say what it needs."""
    from digest.analysis import starter
    from digest.issue import output

    if os.path.lexists(file):
        printer.say(f"{file}: is there already; add what keeps issue.json and sent.json of out/*, the memory")
    else:
        output.write_file(file, starter.GITIGNORE.encode())


def _bring_samples(folder: str, printer: Printer) -> None:
    """Copy the sample archive that comes with the program into *folder*, as `seeds`.

    Raises DigestError where a folder of that name is there: it may be an archive.
    """
    from digest.config import settings
    from digest.issue import output

    target = os.path.normpath(os.path.join(folder, "seeds"))
    if os.path.lexists(target):
        raise DigestError(target, "is there already", "set up an empty folder")
    samples = settings.shipped("seeds")
    assert samples is not None, "the sample archive belongs to the program"
    output.copy_folder(samples, target)
    printer.say(f"{target}: the sample archive")


def _say_next(folder: str, day: object, printer: Printer) -> None:
    """Say what a newcomer does next; *day* is one on which the archive has a full week."""
    printer.say("\nNow:")
    if os.path.abspath(folder) != os.getcwd():
        printer.say(f"  cd {folder}")
    for command, why in (
        ("preview --open", "look at an issue"),
        (f"build --date {day}", "write it"),
        (f"explain --date {day}", "why is each story in, or not?"),
        ("topics", "what the archive holds"),
    ):
        printer.say(f"  digest {command:<26} # {why}")
