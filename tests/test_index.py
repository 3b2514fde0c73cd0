"""The index changes how long a read takes and nothing else: a machine of random edits, and each trap by name."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from digest import archive
from digest.archive import index, walk
from digest.archive.index import UNPROVEN, Index
from digest.model import Window

KEYS = ("publishedDateTime",)
WEEK = Window(first=date(2020, 11, 5), last=date(2020, 11, 11))
IN, OUT = 20201109102900, 20201009102900
DAYS = ("2020-11-09", "2020-10-09", "2020-11-02")
TICK = 0.011
"""Seconds after which the clock of a file system tells two writes apart."""


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let a handful of files have an index, kept in a folder of the test's own."""
    monkeypatch.setattr(index, "_FEW", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def _trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files be trusted that were written just now; the test waits between its writes."""
    monkeypatch.setattr(index, "_TICK", -3_600_000_000_000)


def story(day: str, title: str = "T") -> str:
    """Return an article dated *day*; all are of one length."""
    return f"---\ntitle: {title}\npublishedDateTime: {day}T10:29:00Z\nwebUrl: https://example.com/a\n---\n"


def seen(folder: Path, found: int = OUT) -> list[str]:
    """Read *folder* with its index, and return the names that had to be looked at."""
    looked: list[str] = []

    def look(file: str) -> int:
        looked.append(os.path.relpath(file, folder))
        return found

    known = Index(str(folder), KEYS)
    known.dates(list(walk.listings(str(folder), lambda *_: None)), look)
    known.keep()
    return sorted(looked)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An archive of three files in two folders."""
    base = tmp_path / "archive"
    (base / "more").mkdir(parents=True)
    for name in ("a.md", "b.md", "more/c.md"):
        (base / name).write_text(story("2020-10-09"), encoding="utf-8")
    return base


@pytest.mark.usefixtures("_trusting")
def test_an_unchanged_file_is_looked_at_once(folder: Path) -> None:
    """The second run looks at nothing, and the third at the one file that changed."""
    first, second = seen(folder), seen(folder)
    time.sleep(TICK)
    (folder / "b.md").write_text(story("2020-11-09"), encoding="utf-8")

    assert (first, second, seen(folder), seen(folder)) == (["a.md", "b.md", "more/c.md"], [], ["b.md"], [])


def test_a_file_written_just_now_is_looked_at_again(folder: Path) -> None:
    """What was written in the same tick as the look may be written again unseen, so it is not trusted."""
    assert seen(folder) == seen(folder) == ["a.md", "b.md", "more/c.md"]


def test_a_file_from_the_future_is_looked_at_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a clock is wrong, a file dated after now is not trusted."""
    monkeypatch.setattr(index, "_TICK", -60_000_000_000)
    ahead = time.time() + 3_600
    os.utime(folder / "a.md", (ahead, ahead))
    seen(folder)
    assert seen(folder) == ["a.md"]


@pytest.mark.usefixtures("_trusting")
def test_the_same_length_and_time_hide_nothing(folder: Path) -> None:
    """A rewrite of the same length whose time is set back is seen, in place and by another file moved over it."""
    seen(folder)
    for name in ("a.md", "b.md"):
        before = (folder / name).stat()
        time.sleep(TICK)
        target = folder / (name if name == "a.md" else "new.txt")
        target.write_text(story("2020-11-09"), encoding="utf-8")
        os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))
        target.replace(folder / name)
        assert (before.st_size, before.st_mtime_ns) == (
            (folder / name).stat().st_size,
            (folder / name).stat().st_mtime_ns,
        )

    assert seen(folder) == ["a.md", "b.md"]


@pytest.mark.usefixtures("_trusting")
def test_a_link_is_looked_at_each_time(folder: Path) -> None:
    """What a link leads to may change without the link."""
    (folder / "d.md").symlink_to("a.md")
    seen(folder)
    assert seen(folder) == ["d.md"]


@pytest.mark.usefixtures("_trusting")
def test_what_is_unproven_is_known_too(folder: Path) -> None:
    """That a file proves nothing is remembered: it is read in full at once."""
    seen(folder, UNPROVEN)
    known = Index(str(folder), KEYS)
    [top, _] = walk.listings(str(folder), lambda *_: None)
    assert list(known.dates([top], lambda _: IN)[0]) == [UNPROVEN, UNPROVEN]


@pytest.mark.usefixtures("_trusting")
def test_other_keys_for_the_date_know_nothing(folder: Path) -> None:
    """What was proven by one key says nothing of another."""
    seen(folder)
    known = Index(str(folder), ("date",))
    [top, _] = walk.listings(str(folder), lambda *_: None)
    assert list(known.dates([top], lambda _: IN)[0]) == [IN, IN]


@pytest.mark.usefixtures("_trusting")
@pytest.mark.parametrize("damage", [b"", b"\xff" * 9, b"00000000\n[]", b"x" * 100_000])
def test_a_damaged_index_is_made_anew(folder: Path, tmp_path: Path, damage: bytes) -> None:
    """An index that was damaged or cut off counts as none, without a word, and the next run has a good one."""
    seen(folder)
    [file] = (tmp_path / "cache" / "heat-digest").iterdir()
    file.write_bytes(damage or file.read_bytes()[:-1])

    assert seen(folder) == ["a.md", "b.md", "more/c.md"]
    assert seen(folder) == []


@pytest.mark.usefixtures("_trusting")
def test_an_index_that_cannot_be_kept_is_no_error(folder: Path, tmp_path: Path) -> None:
    """Where the cache's folder is a file, each run looks at everything."""
    (tmp_path / "cache").write_text("in the way", encoding="utf-8")
    assert seen(folder) == seen(folder) == ["a.md", "b.md", "more/c.md"]


@pytest.mark.usefixtures("_trusting")
def test_a_full_read_asks_no_index(folder: Path, tmp_path: Path) -> None:
    """`--strict` and `check --archive` read every file in full, and leave no index behind."""
    archive.read([str(folder)])
    assert not (tmp_path / "cache").exists()


@pytest.mark.usefixtures("_trusting")
def test_a_file_that_vanishes_while_it_is_read_is_told(folder: Path) -> None:
    """A file listed and gone is looked at, proves nothing, and is not trusted later."""
    [top, _] = walk.listings(str(folder), lambda *_: None)
    (folder / "a.md").unlink()
    known = Index(str(folder), KEYS)
    [dates] = known.dates([top], lambda file: UNPROVEN if file.endswith("a.md") else OUT)
    assert list(dates) == [UNPROVEN, OUT]
    known.keep()
    assert seen(folder) == ["more/c.md"]


def test_a_few_files_need_no_index(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small archive leaves nothing behind: a look at each file is as quick."""
    monkeypatch.setattr(index, "_FEW", 4)
    seen(folder)
    assert not (tmp_path / "cache").exists()


class Edits(RuleBasedStateMachine):
    """An archive that is edited at random and read with its index, beside the same read without."""

    names = st.sampled_from(["a.md", "b.md", "c.md", "in/d.md", "in/e.md"])

    @initialize()
    def start(self) -> None:
        """Begin with an empty archive and no index."""
        self.base = Path(tempfile.mkdtemp())
        self.folder = self.base / "archive"
        (self.folder / "in").mkdir(parents=True)
        (self.folder / "always.md").write_text(story(DAYS[0]), encoding="utf-8")
        os.environ["XDG_CACHE_HOME"] = str(self.base / "cache")

    @rule(name=names, day=st.sampled_from(DAYS), title=st.sampled_from(["T", "U"]))
    def write(self, name: str, day: str, title: str) -> None:
        """Write a file in place."""
        (self.folder / name).write_text(story(day, title), encoding="utf-8")

    @rule(name=names, day=st.sampled_from(DAYS))
    def write_and_set_the_time_back(self, name: str, day: str) -> None:
        """Write a file in place, and give it the time it had."""
        file = self.folder / name
        before = file.stat() if file.exists() else None
        file.write_text(story(day), encoding="utf-8")
        if before:
            os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    @rule(name=names, text=st.sampled_from(["", "---\n", '---\ntitle: T\n"publishedDateTime": 2020-11-09\n---\n']))
    def write_what_proves_nothing(self, name: str, text: str) -> None:
        """Write a file that has to be read in full."""
        (self.folder / name).write_text(text, encoding="utf-8")

    @rule(name=names, other=names)
    def move(self, name: str, other: str) -> None:
        """Move a file, over another where there is one."""
        if (self.folder / name).exists():
            (self.folder / name).replace(self.folder / other)

    @rule(name=names)
    def remove(self, name: str) -> None:
        """Remove a file."""
        (self.folder / name).unlink(missing_ok=True)

    @precondition(lambda self: (self.base / "cache").exists())
    @rule(length=st.integers(0, 400))
    def damage(self, length: int) -> None:
        """Cut the index off somewhere."""
        for file in (self.base / "cache" / "heat-digest").iterdir():
            file.write_bytes(file.read_bytes()[:length])

    @invariant()
    def the_same_is_read(self) -> None:
        """In any window, what is read is what would be read without an index."""
        time.sleep(TICK)
        for window in (WEEK, Window(first=WEEK.first - timedelta(days=40), last=WEEK.first)):
            os.environ["DIGEST_CACHE"] = "on"
            with_index = archive.read([str(self.folder)], within=window)
            os.environ["DIGEST_CACHE"] = "off"
            assert archive.read([str(self.folder)], within=window) == with_index

    def teardown(self) -> None:
        """Remove the archive."""
        shutil.rmtree(self.base)


@pytest.mark.usefixtures("_trusting")
def test_random_edits_read_the_same_with_an_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is written, moved, removed or damaged, a read with an index is one without."""
    monkeypatch.setenv("DIGEST_CACHE", "on")
    machine = Edits.TestCase
    machine.settings = settings(max_examples=40, stateful_step_count=12, deadline=None)
    machine("runTest").runTest()
