"""`digest import`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from digest.cli.options import counted, settings_of
from digest.cli.voice import spoken, voice, warn
from digest.errors import ImportingError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.importing.shape import Found

_MOST = 20
"""Problems that are told one by one."""


@click.command("import")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "--to", "folder", metavar="FOLDER", help="Where articles are written.  [default: the archive's first folder]"
)
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@click.option("--config", metavar="FILE", help="Settings.  [default: digest.yaml, if there is one]")
@spoken
def bring_in(
    *, sources: tuple[str, ...], folder: str | None, dry_run: bool, quiet: bool, as_json: bool, **options: Any
) -> None:
    """Write articles from elsewhere into the archive.

    SOURCE is a file (JSON Lines, CSV, JSON, RSS, Atom, JSON Feed), a folder of Hugo or Jekyll posts, or an address,
    which alone is fetched from the network. `fields` and `score` in digest.yaml say what fields are called there.
    Nothing is written over; a second import of the same changes nothing.
    """
    from digest import importing

    settings = settings_of(archive=(), out=None, templates=None, days=None, **options)
    target = folder or settings.archive[0]
    count = {"new": 0, "known": 0, "bad": 0}
    for source in sources:
        brought = importing.read(source, settings.fields, _fetched(source))
        for problem in brought.problems[:_MOST]:
            warn(problem)
        if len(brought.problems) > _MOST:
            warn(f"{counted(len(brought.problems) - _MOST, 'more problem')} like these")
        count["bad"] += len(brought.problems)
        _write(target, brought.found, count, dry_run=dry_run)
    said = "would be written" if dry_run else "written"
    with voice(quiet=quiet, as_json=as_json) as out:
        out.say(
            f"{target}: {counted(count['new'], 'article')} {said}, {count['known']:,} there already, "
            f"{count['bad']:,} could not be read"
        )
        out.note(folder=target, dry_run=dry_run, **count)
    click.get_current_context().exit(int(not count["new"] + count["known"]))


def _write(target: str, found: Iterable[Found], count: dict[str, int], *, dry_run: bool) -> None:
    """Write each article beside what is there; the same one is known by its bytes, another of that name by a number."""
    from digest import output
    from digest.importing import files

    for one in found:
        name, content, number = files.name(one), files.content(one), 1
        path = os.path.join(target, f"{name}.md")
        while os.path.lexists(path) and not _is(path, content, one.url):
            number += 1
            path = os.path.join(target, f"{name}-{number}.md")
        if os.path.lexists(path):
            count["known"] += 1
            continue
        count["new"] += 1
        if not dry_run:
            output.write_file(path, content)


def _is(path: str, content: bytes, url: str) -> bool:
    """Whether the file at *path* is that article, perhaps with other words or heat by now; it stays as it is."""
    with open(path, "rb") as handle:
        there = handle.read()
    return there == content or f'webUrl: "{url}"\n'.encode() in there


def _fetched(source: str) -> bytes | None:
    """What an address answers; None for a file. At most 50 MB, within half a minute."""
    if not source.startswith(("http://", "https://")):
        return None
    import httpx

    from digest.importing.formats import MOST_BYTES

    content = b""
    try:
        with httpx.stream("GET", source, timeout=30, follow_redirects=True) as answer:
            answer.raise_for_status()
            for piece in answer.iter_bytes():
                content += piece
                if len(content) > MOST_BYTES:
                    raise ImportingError(source, f"has more than {MOST_BYTES:,} bytes", "save it and split it")
    except httpx.HTTPError as error:
        raise ImportingError(source, f"cannot be fetched ({error})", "save it to a file and name that") from error
    return content
