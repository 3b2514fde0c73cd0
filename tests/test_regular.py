"""What stands where a file should be and is none: said in one line, and never waited for."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING

import pytest
from previewing import ISSUE, newsroom

from digest import checks, files, theme
from digest.config import edits, settings
from digest.errors import DigestError
from digest.issue import record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def pipe(path: Path) -> None:
    """Make a pipe that nobody writes to."""
    os.mkfifo(path)


def listening(path: Path) -> None:
    """Make a socket; its path is short, as the system wants it."""
    before = os.getcwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(before)


def device(path: Path) -> None:
    """Lead to a device without an end."""
    path.symlink_to("/dev/zero")


def folder(path: Path) -> None:
    """Make a folder."""
    path.mkdir()


KINDS = [(pipe, "a pipe"), (listening, "a socket"), (device, "a device"), (folder, "a folder")]
kinds = pytest.mark.parametrize(("make", "kind"), KINDS, ids=[kind for _, kind in KINDS])


@kinds
def test_what_is_no_file_is_named(tmp_path: Path, make: Callable[[Path], None], kind: str) -> None:
    """Each kind of thing that a path can lead to is told by its name, and nothing of it is read."""
    make(tmp_path / "x")
    with pytest.raises(files.NotAFile) as caught:
        files.read(str(tmp_path / "x"))

    assert files.trouble(caught.value) == f"is {kind}, not a file"


def test_a_file_is_read_as_python_reads_it(tmp_path: Path) -> None:
    """Bytes as they are; text in UTF-8 with every kind of line's end as LF."""
    (tmp_path / "x").write_bytes("é\r\nb\rc\n".encode())

    assert files.read(str(tmp_path / "x")) == "é\r\nb\rc\n".encode()
    assert files.text(str(tmp_path / "x")) == (tmp_path / "x").read_text("utf-8") == "é\nb\nc\n"


def test_a_file_that_is_not_there_is_an_error_as_ever(tmp_path: Path) -> None:
    """What the system says of a file is said on."""
    with pytest.raises(FileNotFoundError) as caught:
        files.read(str(tmp_path / "x"))

    assert files.trouble(caught.value) == "cannot be read (No such file or directory)"


@kinds
@pytest.mark.parametrize(
    ("name", "read", "remedy"),
    [
        (f"edits/{ISSUE}.yaml", lambda room: edits.load(f"{room}/edits", ISSUE), "put a file there, or remove it"),
        ("digest.yaml", lambda room: settings.load(f"{room}/digest.yaml"), "name your settings with --config FILE"),
        (
            "theme/footer.mjml",
            lambda room: theme.load(f"{room}/theme", {}, language="en"),
            "name a theme's folder with --templates",
        ),
        (
            "theme/locale/de.po",
            lambda room: theme.load(f"{room}/theme", {}, language="en"),
            "name a theme's folder with --templates",
        ),
        (f"out/{ISSUE}/issue.json", lambda room: record.read(f"{room}/out/{ISSUE}"), "build the issue first"),
        (f"out/{ISSUE}/index.html", lambda room: checks.load(f"{room}/out/{ISSUE}"), "make it readable"),
    ],
    ids=["edits", "settings", "theme", "catalogue", "record", "issue"],
)
def test_each_file_of_a_newsletter_may_be_a_trap(
    tmp_path: Path, make: Callable[[Path], None], kind: str, name: str, read: Callable[[Path], object], remedy: str
) -> None:
    """Whoever reads it says its path, what it is and what to do."""
    newsroom(tmp_path)
    place = tmp_path / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    make(place)
    with pytest.raises(DigestError) as caught:
        read(tmp_path)

    assert str(caught.value) == f"{place}: is {kind}, not a file; {remedy}"


@pytest.mark.parametrize("make", [pipe, device])
def test_a_built_issue_that_is_no_file_is_left_out(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """The site and the preview read other issues; this one is a problem with its path."""
    from digest.site.issues import PublishedIssues  # noqa: PLC0415 - likewise
    from digest.site.places import Places  # noqa: PLC0415 - for this test alone

    room = newsroom(tmp_path)
    room.build()
    page = tmp_path / "out" / ISSUE / "web.html"
    page.unlink(missing_ok=True)
    room.build(date(2020, 11, 4))
    make(page)
    shelf = PublishedIssues(str(tmp_path / "out"), Places("https://example.com/{id}/"), every=True)

    assert [one.id for one in shelf.issues] == ["2020-11-04"]
    assert [str(one) for one in shelf.problems] == [
        f"{page}: is a {'pipe' if make is pipe else 'device'}, not a file; the issue is left out"
    ]


def test_no_editor_is_opened_on_a_pipe(tmp_path: Path) -> None:
    """`digest edit` says what stands there instead of waiting in the editor."""
    room = newsroom(tmp_path)
    room.edits.parent.mkdir()
    pipe(room.edits)
    command = [sys.executable, "-m", "digest", "edit", ISSUE]
    environment = {**os.environ, "EDITOR": "cat"}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"edits/{ISSUE}.yaml: is a pipe, not a file; put a file there, or remove it\n"


def test_running_out_of_files_leaves_no_article_out(tmp_path: Path) -> None:
    """A build with no file left to open fails in one line; it does not take sound articles for bad ones."""
    room = newsroom(tmp_path)
    code = (
        "import os, resource\n"
        "from digest import archive\n"
        "from digest.errors import ArchiveError\n"
        "archive.read(['seeds'])\n"
        "used = max(map(int, os.listdir('/dev/fd')))\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (used, used))\n"
        "try:\n"
        "    archive.read(['seeds'])\n"
        "except ArchiveError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=room.folder, capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.startswith("seeds")
    assert done.stdout.endswith(
        ": cannot be read (Too many open files); close other programs, or allow more files (ulimit -n)\n"
    )
