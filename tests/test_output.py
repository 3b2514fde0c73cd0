from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import random
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from digest import folders
from digest.errors import OutputError
from digest.issue import output

if TYPE_CHECKING:
    from collections.abc import Mapping

ID = "2020-11-11"
OLD = {"index.html": b"old", "issue.json": b"old", "web.html": b"old"}
NEW = {"index.html": b"new", "issue.json": b"new"}
OURS = ("index.html", "issue.json", "web.html")
REMEDY = "make room or name a writable folder with --out; nothing was changed"

FULL_DISK = """
import resource, sys
from digest import errors
from digest.issue import output
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    output.write(sys.argv[1], "2020-11-11", {"issue.json": b"new", "index.html": b"new" * 10_000})
except errors.OutputError as error:
    print(error)
"""

WRITE_FOREVER = """
import itertools, os, sys
from digest.issue import output
for number in itertools.count():
    stamp = f"{os.getpid()}-{number}".encode()
    files = {name: stamp + b" " * 20_000 for name in ("a.txt", "b.txt", "c.txt", "issue.json")}
    output.write(sys.argv[1], "2020-11-11", files)
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
    """What a build wrote and the new one does not is gone, and nothing else is left behind."""
    output.write(out, ID, NEW, ours=OURS)
    assert holds(os.path.join(out, ID)) == NEW
    assert os.listdir(out) == [ID]


def test_leaves_other_issues_alone(out: str) -> None:
    """Writing one issue does not touch another."""
    output.write(out, "2020-11-18", NEW)
    assert holds(os.path.join(out, ID)) == OLD
    assert sorted(os.listdir(out)) == [ID, "2020-11-18"]


def test_same_issue_twice_is_the_same(out: str) -> None:
    """Writing an issue again leaves the same files."""
    output.write(out, ID, OLD, ours=OURS)
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
def test_what_is_no_folder_is_not_replaced(tmp_path: Path, kind: str) -> None:
    """A file or link that has the issue's name is the user's: it is named and stays."""
    output.write(str(tmp_path / "out"), "2020-11-18", NEW)
    (tmp_path / "elsewhere").mkdir()
    if kind == "file":
        (tmp_path / "out" / ID).write_text("a note")
    else:
        (tmp_path / "out" / ID).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError) as caught:
        output.write(str(tmp_path / "out"), ID, NEW)
    place = tmp_path / "out" / ID
    assert str(caught.value) == f"{place}: is no folder of an issue; move it away; nothing was changed"
    assert place.is_symlink() or place.read_text() == "a note"


# --- what the user keeps beside


def keep_own(out: str) -> Path:
    """Put files of the user's into the issue's folder, which is returned."""
    folder = Path(out, ID)
    (folder / "notes.txt").write_text("mine", "utf-8")
    (folder / "private.txt").write_text("mine", "utf-8")
    os.chmod(folder / "private.txt", 0o600)
    os.utime(folder / "notes.txt", (1_000_000_000, 1_000_000_000))
    (folder / "sent").mkdir()
    (folder / "sent" / "index.html").write_text("what readers got", "utf-8")
    (folder / "picture").symlink_to("notes.txt")
    return folder


def assert_own(folder: Path) -> None:
    """All of it is there as it was, beside the new issue."""
    assert (folder / "notes.txt").read_text("utf-8") == (folder / "picture").read_text("utf-8") == "mine"
    assert (folder / "sent" / "index.html").read_text("utf-8") == "what readers got"
    assert stat.S_IMODE((folder / "private.txt").stat().st_mode) == 0o600
    assert (folder / "notes.txt").stat().st_mtime == 1_000_000_000
    assert (folder / "index.html").read_bytes() == b"new"


def test_own_files_survive(out: str) -> None:
    """Files, folders and links that no build writes are in the new folder, with their modes and times."""
    folder = keep_own(out)
    output.write(out, ID, NEW, ours=OURS)

    assert_own(folder)
    assert sorted(os.listdir(folder)) == [
        "index.html", "issue.json", "notes.txt", "picture", "private.txt", "sent",
    ]  # fmt: skip


def test_own_files_survive_without_hard_links(out: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file system knows no second name for a file, it is copied."""
    folder = keep_own(out)

    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    output.write(out, ID, NEW, ours=OURS)

    assert_own(folder)


def test_what_is_written_meanwhile_survives(out: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mark of a hand-over that is written while a build is at work, new or anew, is in the new folder."""
    folder = Path(out, ID)
    (folder / "sent.json").write_text("first", "utf-8")
    bring = folders.carry

    def bring_and_hand_over(*arguments: Any) -> folders.Stamps:
        stamps = bring(*arguments)
        output.write_file(str(folder / "sent.json"), b"second")
        (folder / "later.txt").write_text("later", "utf-8")
        return stamps

    monkeypatch.setattr(folders, "carry", bring_and_hand_over)
    output.write(out, ID, NEW, ours=OURS)

    assert holds(str(folder)) == {**NEW, "sent.json": b"second", "later.txt": b"later"}


@pytest.mark.parametrize("name", ["index.html", "web.html"])
def test_files_without_a_record_are_not_ours(out: str, name: str) -> None:
    """In a folder where no build was, a file that has one of our names is the user's: it is named and stays."""
    folder = Path(out, "2020-11-18")
    folder.mkdir()
    (folder / name).write_text("mine", "utf-8")
    with pytest.raises(OutputError) as caught:
        output.write(out, folder.name, NEW, ours=OURS)

    assert str(caught.value) == f"{folder / name}: was not written by `digest`; move it away; nothing was changed"
    assert holds(str(folder)) == {name: b"mine"}


def test_a_folder_in_a_files_place_is_not_ours(out: str) -> None:
    """It is named and stays, with the old issue."""
    os.unlink(os.path.join(out, ID, "web.html"))
    os.mkdir(os.path.join(out, ID, "web.html"))
    with pytest.raises(OutputError, match=r"web\.html: was not written by `digest`; move it away"):
        output.write(out, ID, NEW, ours=OURS)

    assert Path(out, ID, "index.html").read_bytes() == b"old"


@pytest.mark.parametrize("when", range(4))
def test_an_issue_that_was_half_withdrawn(out: str, monkeypatch: pytest.MonkeyPatch, when: int) -> None:
    """Wherever the program is stopped: there is no record, own files stay, and the next build or withdrawal ends it."""
    folder = Path(out, ID)
    (folder / "notes.txt").write_text("mine", "utf-8")
    unlink, calls = os.unlink, []

    def dies(path: str) -> None:
        calls.append(path)
        if len(calls) > when:
            raise KeyboardInterrupt
        unlink(path)

    monkeypatch.setattr(os, "unlink", dies)
    with contextlib.suppress(KeyboardInterrupt):
        output.withdraw(str(folder), OURS)
    monkeypatch.undo()
    assert not (folder / "issue.json").exists()

    output.write(out, ID, NEW, ours=OURS)
    assert holds(str(folder)) == {**NEW, "notes.txt": b"mine"}
    output.withdraw(str(folder), OURS)
    assert holds(str(folder)) == {"notes.txt": b"mine"}


def test_only_an_issue_is_withdrawn(out: str) -> None:
    """Files of our names in a folder where no build was are the user's; an issue alone goes with its folder."""
    folder = Path(out, "2020-11-18")
    folder.mkdir()
    (folder / "index.html").write_text("mine", "utf-8")
    output.withdraw(str(folder), OURS)
    output.withdraw(os.path.join(out, ID), OURS)

    assert holds(str(folder)) == {"index.html": b"mine"}
    assert os.listdir(out) == ["2020-11-18"]


# --- single files


def test_a_file_keeps_its_mode_and_its_link(tmp_path: Path) -> None:
    """What a link leads to is written, not the link; a file that others may not read stays so."""
    (tmp_path / "real.yaml").write_text("old", "utf-8")
    os.chmod(tmp_path / "real.yaml", 0o600)
    (tmp_path / "link.yaml").symlink_to("real.yaml")
    output.write_file(str(tmp_path / "link.yaml"), b"new")

    assert (tmp_path / "link.yaml").is_symlink()
    assert (tmp_path / "real.yaml").read_bytes() == b"new"
    assert stat.S_IMODE((tmp_path / "real.yaml").stat().st_mode) == 0o600
    assert sorted(os.listdir(tmp_path)) == ["link.yaml", "real.yaml"]


def test_a_private_file_is_for_its_owner(tmp_path: Path) -> None:
    """Whatever the mask, and in place of one that others could read."""
    (tmp_path / "open.json").write_text("old", "utf-8")
    before = os.umask(0)
    try:
        output.write_file(str(tmp_path / "new" / "list.json"), b"x", private=True)
        output.write_file(str(tmp_path / "open.json"), b"x", private=True)
    finally:
        os.umask(before)

    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("new", "new/list.json", "open.json")]
    assert modes == [0o700, 0o600, 0o600]


def test_what_a_killed_writer_of_a_file_left_is_taken_over(tmp_path: Path) -> None:
    """Its half-written file is written anew under the same name, and gone."""
    (tmp_path / ".a.md.new").write_text("half of something much longer than the whole", "utf-8")
    output.write_file(str(tmp_path / "a.md"), b"whole")

    assert holds(str(tmp_path)) == {"a.md": b"whole"}


def test_two_writers_of_one_file(tmp_path: Path) -> None:
    """While one program writes it, another is told so and changes nothing."""
    with open(tmp_path / ".a.md.new", "wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(OutputError) as caught:
            output.write_file(str(tmp_path / "a.md"), b"whole")

    trouble = "another digest is writing it at this moment; try again when it is done"
    assert str(caught.value) == f"{tmp_path / 'a.md'}: {trouble}"
    assert os.listdir(tmp_path) == [".a.md.new"]


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
    assert str(caught.value) == f"{place}: is a file; name a folder for issues with --out; nothing was changed"
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
    output.write(out, ID, NEW, ours=OURS)
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
    output.write(out, ID, NEW, ours=OURS)
    assert (os.listdir(out), holds(os.path.join(out, ID))) == ([ID], NEW)


def test_a_failure_between_two_renames_is_undone(out: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system cannot swap and the second rename fails, the old issue stands in its place again."""
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: WithoutSupport())
    rename, calls = os.rename, []

    def second_fails(old: str, new: str) -> None:
        calls.append(new)
        if len(calls) == 2:
            raise OSError(errno.EIO, "Input/output error")
        rename(old, new)

    monkeypatch.setattr(os, "rename", second_fails)
    with pytest.raises(OutputError) as caught:
        output.write(out, ID, NEW, ours=OURS)
    assert str(caught.value) == f"{out}/{ID}: cannot be written (Input/output error); {REMEDY}"
    assert len(calls) == 3
    assert_untouched(out)


def test_killed_at_any_moment_leaves_one_whole_issue(out: str) -> None:
    """However often the program is killed while it writes, the folder holds one whole issue."""
    moments = random.Random(20201111)
    output.write(out, ID, {"issue.json": b"new"}, ours=OURS)
    with open(os.path.join(out, ID, "mine.txt"), "wb") as handle:
        handle.write(b"mine")
    for _ in range(30):
        with subprocess.Popen([sys.executable, "-c", WRITE_FOREVER, out], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()  # it is at work
            time.sleep(moments.uniform(0, 0.03))
            writer.send_signal(signal.SIGKILL)
        written = dict(holds(os.path.join(out, ID)))
        mine = written.pop("mine.txt")
        assert sorted(written) == ["a.txt", "b.txt", "c.txt", "issue.json"]
        assert (len(set(written.values())), mine) == (1, b"mine")


def test_what_a_killed_program_left_is_removed(out: str) -> None:
    """Working folders of killed builds, of whatever issue, are gone after the next build; other hidden names stay."""
    for name in (f".{ID}.abc123.new", ".2019-01-02.x_y.new", ".keep", ".2019-01-02.new"):
        os.mkdir(os.path.join(out, name))
    output.write(out, ID, NEW, ours=OURS)
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
    output.write(out, ID, NEW, ours=OURS)
    assert holds(os.path.join(out, ID)) == NEW
