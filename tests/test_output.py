from __future__ import annotations

import ctypes
import os
import random
import signal
import stat
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from digest import output
from digest.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ID = "2020-11-11"
OLD = {"index.html": b"old", "index.txt": b"old", "gone.txt": b"old"}
NEW = {"index.html": b"new", "index.txt": b"new"}
REMEDY = "make room or name a writable folder with --out; nothing was changed"

FULL_DISK = """
import resource, sys
from digest import errors, output
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    output.write(sys.argv[1], "2020-11-11", {"index.txt": b"new", "index.html": b"new" * 10_000})
except errors.OutputError as error:
    print(error)
"""

WRITE_FOREVER = """
import itertools, os, sys
from digest import output
for number in itertools.count():
    stamp = f"{os.getpid()}-{number}".encode()
    output.write(sys.argv[1], "2020-11-11", {f"{name}.txt": stamp + b" " * 20_000 for name in "abcd"})
    print(number, flush=True)
"""


@pytest.fixture
def out(tmp_path: Path) -> str:
    """Return an out folder that holds the old issue."""
    return os.path.dirname(output.write(str(tmp_path / "out"), ID, OLD))


def holds(folder: str) -> Mapping[str, bytes]:
    """Return the files of a folder by name."""
    found = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as handle:
            found[name] = handle.read()
    return found


def assert_untouched(out: str) -> None:
    """The old issue is whole, and nothing else lies about."""
    assert os.listdir(out) == [ID]
    assert holds(os.path.join(out, ID)) == OLD


# --- writing


def test_writes_all_files(tmp_path: Path) -> None:
    """All files are in the folder that is returned, which is made with those above it."""
    folder = output.write(str(tmp_path / "a" / "b"), ID, NEW)
    assert os.path.join(tmp_path, "a", "b", ID) == folder
    assert holds(folder) == NEW


def test_files_may_stand_in_folders(tmp_path: Path) -> None:
    """Those folders are made, as open as the others."""
    folder = output.write(str(tmp_path), "site", {"index.html": b"1", "a/b/index.html": b"2"})

    assert (tmp_path / "site" / "a" / "b" / "index.html").read_bytes() == b"2"
    assert sorted(os.listdir(folder)) == ["a", "index.html"]


def test_writes_below_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative out folder is one of the working folder's."""
    monkeypatch.chdir(tmp_path)
    assert output.write("out", ID, NEW) == os.path.join("out", ID)
    assert holds(str(tmp_path / "out" / ID)) == NEW


def test_replaces_the_old_issue_wholly(out: str) -> None:
    """What was in the old issue and is not in the new one is gone, and nothing else is left behind."""
    output.write(out, ID, NEW)
    assert holds(os.path.join(out, ID)) == NEW
    assert os.listdir(out) == [ID]


def test_leaves_other_issues_alone(out: str) -> None:
    """Writing one issue does not touch another."""
    output.write(out, "2020-11-18", NEW)
    assert holds(os.path.join(out, ID)) == OLD
    assert sorted(os.listdir(out)) == [ID, "2020-11-18"]


def test_same_issue_twice_is_the_same(out: str) -> None:
    """Writing an issue again leaves the same files."""
    output.write(out, ID, OLD)
    assert_untouched(out)


def test_folder_is_as_open_as_any_other(tmp_path: Path) -> None:
    """The issue's folder has the rights that the user's mask gives, so that a web server can read it."""
    before = os.umask(0o027)
    try:
        folder = output.write(str(tmp_path), ID, NEW)
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(folder).st_mode) == 0o750


def test_mask_stays_as_it_was(tmp_path: Path) -> None:
    """Writing an issue does not change the mask of the program."""
    before = os.umask(0o027)
    output.write(str(tmp_path), ID, NEW)
    assert os.umask(before) == 0o027


@pytest.mark.parametrize("kind", ["file", "link"])
def test_whatever_has_the_name_is_replaced(tmp_path: Path, kind: str) -> None:
    """A file or link that has the issue's name gives way, and is not left beside it under another."""
    (tmp_path / "out").mkdir()
    (tmp_path / "elsewhere").mkdir()
    if kind == "file":
        (tmp_path / "out" / ID).write_text("a note")
    else:
        (tmp_path / "out" / ID).symlink_to(tmp_path / "elsewhere")
    assert holds(output.write(str(tmp_path / "out"), ID, NEW)) == NEW
    assert os.listdir(tmp_path / "out") == [ID]


# --- failing


@pytest.mark.parametrize("name", ["index.html/below-a-file.txt", "\0", "x" * 300], ids=["folder", "nul", "long"])
def test_failure_leaves_the_old_issue(out: str, name: str) -> None:
    """When a file cannot be written, the old issue stays whole and nothing is left beside it."""
    with pytest.raises((OutputError, ValueError)):
        output.write(out, ID, {**NEW, name: b"new"})
    assert_untouched(out)


def test_full_disk_leaves_the_old_issue(out: str) -> None:
    """When the disk is full in the middle of a file, the message says so and the old issue stays whole."""
    run = subprocess.run([sys.executable, "-c", FULL_DISK, out], check=True, capture_output=True, text=True)
    assert run.stdout == f"{os.path.join(out, ID)}: cannot be written (File too large); {REMEDY}\n"
    assert_untouched(out)


def test_file_as_out_folder_is_refused(tmp_path: Path) -> None:
    """A file in the out folder's place is named in the message."""
    place = tmp_path / "out"
    place.write_text("a note")
    with pytest.raises(OutputError) as caught:
        output.write(str(place), ID, NEW)
    assert str(caught.value) == f"{place}: cannot be written (File exists); {REMEDY}"
    assert place.read_text() == "a note"


def test_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    """An out folder that cannot be made is named in the message."""
    (tmp_path / "note").write_text("a note")
    with pytest.raises(OutputError) as caught:
        output.write(str(tmp_path / "note" / "out"), ID, NEW)
    assert str(caught.value) == f"{tmp_path / 'note' / 'out'}: cannot be written (Not a directory); {REMEDY}"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_unwritable_out_folder_is_refused(out: str) -> None:
    """Without the right to write, the message says so and the old issue stays whole."""
    os.chmod(out, 0o500)
    try:
        with pytest.raises(OutputError, match=r"cannot be written \(Permission denied\)"):
            output.write(out, ID, NEW)
    finally:
        os.chmod(out, 0o700)
    assert_untouched(out)


# --- coming back


def test_lone_leftover_comes_back(out: str) -> None:
    """An old issue that a killed run left under its other name stands in its place again, even if this run fails."""
    os.rename(os.path.join(out, ID), os.path.join(out, f".{ID}.old"))
    with pytest.raises(OutputError):
        output.write(out, ID, {"a": b"new", "a/below-a-file": b"new"})
    assert_untouched(out)


def test_leftover_is_tidied_up(out: str) -> None:
    """An old issue left beside the one in place is removed."""
    os.mkdir(os.path.join(out, f".{ID}.old"))
    output.write(out, ID, NEW)
    assert (os.listdir(out), holds(os.path.join(out, ID))) == ([ID], NEW)


class WithoutExchange:
    """A C library that does not know the call."""


class WithoutSupport:
    """A C library that knows the calls, on a file system that does not."""

    @staticmethod
    def renameat2(*_: object) -> int:
        """Fail."""
        return -1

    renamex_np = renameat2


class Macos:
    """A C library that swaps two names as macOS does."""

    @staticmethod
    def renamex_np(one: bytes, other: bytes, flags: int) -> int:
        """Swap *one* and *other*, if asked to."""
        assert flags == 2
        os.rename(one, one + b".tmp")
        os.rename(other, one)
        os.rename(one + b".tmp", other)
        return 0


@pytest.mark.parametrize(
    ("platform", "library"),
    [
        ("linux", WithoutExchange),
        ("linux", WithoutSupport),
        ("darwin", WithoutSupport),
        ("darwin", Macos),
        ("freebsd13", WithoutExchange),
    ],
)
def test_replaces_without_exchange(
    out: str, monkeypatch: pytest.MonkeyPatch, platform: str, library: type[object]
) -> None:
    """Where the system cannot swap two folders in one step, the new issue takes the old one's place all the same."""
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: library())
    monkeypatch.setattr(sys, "platform", platform)
    output.write(out, ID, NEW)
    assert (os.listdir(out), holds(os.path.join(out, ID))) == ([ID], NEW)


def test_killed_at_any_moment_leaves_one_whole_issue(out: str) -> None:
    """However often the program is killed while it writes, the folder holds one whole issue."""
    moments = random.Random(20201111)
    for _ in range(30):
        with subprocess.Popen([sys.executable, "-c", WRITE_FOREVER, out], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()  # it is at work
            time.sleep(moments.uniform(0, 0.03))
            writer.send_signal(signal.SIGKILL)
        found = holds(os.path.join(out, ID))
        assert sorted(found) == ["a.txt", "b.txt", "c.txt", "d.txt"]
        assert len(set(found.values())) == 1


def test_what_a_killed_program_left_is_removed(out: str) -> None:
    """Working folders of killed builds, of whatever issue, are gone after the next build; other hidden names stay."""
    for name in (f".{ID}.abc123.new", ".2019-01-02.x_y.new", ".keep", ".2019-01-02.new"):
        os.mkdir(os.path.join(out, name))
    output.write(out, ID, NEW)
    assert sorted(os.listdir(out)) == [".2019-01-02.new", ".keep", ID]


def test_two_writers_at_once(out: str) -> None:
    """While one program writes, another is told so and changes nothing; when it is killed, the lock is gone."""
    hold = "import fcntl, os, sys, time; fd = os.open(sys.argv[1], os.O_RDONLY); fcntl.flock(fd, fcntl.LOCK_EX); "
    with subprocess.Popen(
        [sys.executable, "-c", hold + "print('held', flush=True); time.sleep(60)", out], stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        with pytest.raises(OutputError) as caught:
            output.write(out, ID, NEW)
        writer.send_signal(signal.SIGKILL)
    assert str(caught.value) == (
        f"{out}/{ID}: another digest is writing an issue at this moment; "
        "build again when it is done; nothing was changed"
    )
    assert holds(os.path.join(out, ID)) == OLD
    output.write(out, ID, NEW)
    assert holds(os.path.join(out, ID)) == NEW
