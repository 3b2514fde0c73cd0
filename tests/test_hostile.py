"""Two thousand files that mean harm, and fifty that do not: the fifty come through as they are."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import hostile
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DAY = "2020-11-11"
MOST_MEMORY = 300_000
"""Kilobytes."""


SETTINGS = "archive: [archive]\nsections: [{topic: AI, limit: 100}]\nsize: {limit: null}\n"
"""A letter of a hundred stories, so that it is full of hostile words."""


MEASURED = """
import atexit, pathlib, re
def keep():
    status = pathlib.Path("/proc/self/status").read_text()
    with open("peaks", "a") as peaks:
        peaks.write(re.search(r"VmHWM:\\s+(\\d+)", status)[1] + " ")
atexit.register(keep)
from digest.cli import main
main(prog_name="digest")
"""
"""`digest`, which writes down the most memory it has held, in kB. (What `wait` tells begins with its parent's.)"""


class Shape(HTMLParser):
    """The elements of a page, each with the names of its attributes, and every address that it leads to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.parts: set[tuple[str, str]] = set()
        self.addresses: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take one element down."""
        self.parts |= {(tag, name) for name, _ in attrs} | {(tag, "")}
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src", "background"}]


def build(folder: Path, *options: str, settings: str = SETTINGS) -> subprocess.CompletedProcess[str]:
    """Build the issue of the archive in *folder*, in a process of its own."""
    (folder / "digest.yaml").write_text(settings, "utf-8")
    command = [sys.executable, "-c", MEASURED, "build", "--date", DAY, *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The issue of the fifty alone."""
    folder = tmp_path_factory.mktemp("alone")
    hostile.write(folder / "archive", hostile=0)
    assert build(folder).returncode == 0
    return folder / "out" / DAY


@pytest.fixture(scope="module")
def names() -> dict[str, bool]:
    """Filled by `mixed`: the hostile files, each with whether it can be read."""
    return {}


@pytest.fixture(scope="module")
def traps() -> list[str]:
    """Filled by `mixed`: what the problems of the traps have to name."""
    return []


@pytest.fixture(scope="module")
def mixed(
    tmp_path_factory: pytest.TempPathFactory, names: dict[str, bool], traps: list[str]
) -> tuple[Path, subprocess.CompletedProcess[str], subprocess.CompletedProcess[str]]:
    """The issue of all of them, as a build and as a strict build left it."""
    folder = tmp_path_factory.mktemp("mixed")
    names |= hostile.write(folder / "archive")
    traps += hostile.set_traps(folder / "archive")
    done = build(folder)
    return folder / "out" / DAY, done, build(folder, "--strict")


Mixed = tuple["Path", "subprocess.CompletedProcess[str]", "subprocess.CompletedProcess[str]"]


def test_the_issue_is_built_within_its_memory(
    mixed: Mixed, names: dict[str, bool], record_property: Callable[[str, object], None]
) -> None:
    """Nothing among them stops the build or makes it large."""
    folder, done, _ = mixed
    record_property("inputs", f"{len(names):,} hostile files among {hostile.GOOD} good ones")

    assert len(names) == hostile.HOSTILE
    assert (done.returncode, (folder / "issue.json").exists()) == (0, True), done.stderr[-2000:]
    peaks = [int(peak) for peak in (folder.parent.parent / "peaks").read_text("ascii").split()]
    assert len(peaks) == 2
    assert 10_000 < min(peaks) <= max(peaks) < MOST_MEMORY


def test_the_good_ones_are_read_as_written(mixed: Mixed, alone: Path) -> None:
    """All fifty are candidates, with the words, heat and addresses that they have alone."""
    kept = ("path", "title", "heat", "url", "provider", "published", "topics")
    found, expected = (
        {
            one["path"]: {key: one[key] for key in kept}
            for one in json.loads((at / "issue.json").read_text("utf-8"))["verdicts"]
        }
        for at in (mixed[0], alone)
    )

    assert len(expected) == hostile.GOOD
    assert {path: found.get(path) for path in expected} == expected


def candidates(issue: Path) -> dict[str, dict[str, object]]:
    """Return what the record of an issue says of each candidate's article."""
    kept = ("title", "heat", "url", "provider", "published", "topics")
    verdicts = json.loads((issue / "issue.json").read_text("utf-8"))["verdicts"]
    return {one["path"]: {key: one[key] for key in kept} for one in verdicts}


def test_no_element_or_attribute_is_new(mixed: Mixed, alone: Path) -> None:
    """The letter is made of what the fifty alone would give, and leads to http(s) addresses only."""
    page = Shape((mixed[0] / "index.html").read_text("utf-8"))

    assert page.parts - Shape((alone / "index.html").read_text("utf-8")).parts == set()
    assert [one for one in page.addresses if not re.match(r"https?://[a-z0-9.-]+(/|$)|#", one)] == []


def test_hostile_words_are_in_the_letter(mixed: Mixed) -> None:
    """Some of them are hot enough to be picked, so the tests here look at something."""
    record = json.loads((mixed[0] / "issue.json").read_text("utf-8"))
    picked = [pick["path"] for section in record["sections"] for pick in section["picks"]]

    assert len([path for path in picked if path.startswith("hostile-")]) > 50


def test_every_file_that_cannot_be_read_is_named_once(mixed: Mixed, names: dict[str, bool], traps: list[str]) -> None:
    """With its line where there is one; and nothing that can be read is called unreadable."""
    found = re.findall(r"^warning: archive/(.+?\.md)(?::(\d+))?: (.*)$", mixed[1].stderr, re.MULTILINE)
    times = Counter(name for name, _, what in found if "no usable address" not in what)
    broken = [name for name, readable in names.items() if not readable]
    placed = {name for name, line, _ in found if line}

    assert [name for name in [*broken, *traps] if times[name] != 1] == []
    assert [name for name in broken if name not in placed and (name, "", _too_large(found, name)) not in found] == []


def _too_large(found: list[tuple[str, str, str]], name: str) -> str:
    """The one problem that has no line: a file that is not read at all."""
    return next((what for one, _, what in found if one == name and what.endswith("are not read")), "-")


def test_strict_lists_all_of_them_and_writes_nothing(mixed: Mixed, names: dict[str, bool], traps: list[str]) -> None:
    """Exit status 1, every problem on a line of its own, and the issue that was there stays."""
    strict = mixed[2]
    broken = [name for name, readable in names.items() if not readable]

    assert strict.returncode == 1
    assert [name for name in [*broken, *traps] if f"archive/{name}:" not in strict.stderr] == []
    assert "Traceback" not in mixed[1].stderr + strict.stderr
