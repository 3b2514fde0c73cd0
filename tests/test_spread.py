"""Work parted over cores finds what it finds undivided, also where a core fails or none may be used."""

from __future__ import annotations

import os
import sys
import threading
from array import array
from typing import TYPE_CHECKING

import golden
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import archive
from digest.archive import index, spread

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FILES = [f"{number}.md" for number in range(50)]


@pytest.fixture(autouse=True)
def _four_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine has: forks need no core of their own."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3}, raising=False)


@pytest.fixture(autouse=True)
def _no_threads_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Libraries of earlier tests in this process, such as fsspec, keep threads that wait and hold no lock."""
    count = threading.active_count
    others = count() - 1
    monkeypatch.setattr(threading, "active_count", lambda: count() - others)


def lengths(files: Sequence[str]) -> array[int]:
    """Return two numbers a file."""
    return array("q", [number for file in files for number in (len(file), hash(file) % 97)])


def processes(files: Sequence[str]) -> list[int]:
    """Return by which process each file was worked on."""
    return [os.getpid() for _ in files]


@settings(max_examples=25)  # each forks up to three times
@given(files=st.lists(st.text(max_size=3), max_size=30), worth=st.integers(1, 12))
def test_parted_or_not_it_finds_the_same(files: list[str], worth: int) -> None:
    """Each file's numbers, in order, however few there are for a core."""
    assert spread.over_cores(lengths, files, worth=worth) == lengths(files)


@pytest.mark.skipif(sys.platform != "linux", reason="forks are used on Linux only")
@pytest.mark.parametrize(("worth", "cores"), [(51, 1), (50, 1), (25, 2), (10, 4), (1, 4)])
def test_a_core_has_what_is_worth_its_while(worth: int, cores: int) -> None:
    """The first part is done here, the others each by a process of its own."""
    found = spread.over_cores(processes, FILES, worth=worth)

    assert (len(set(found)), found[0]) == (cores, os.getpid())


def test_with_other_threads_all_is_done_here() -> None:
    """A fork would have their locks, and nobody to open them."""
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    found = spread.over_cores(processes, FILES, worth=1)
    done.set()
    thread.join()

    assert set(found) == {os.getpid()}


@pytest.mark.parametrize("how", ["an error", "killed", "cut short"])
def test_what_a_child_fails_at_is_done_here(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Without a word, and nothing is left out."""
    here, fork, children = os.getpid(), os.fork, list[int]()

    def noted_fork() -> int:
        process = fork()
        children.append(process)
        return process

    monkeypatch.setattr(os, "fork", noted_fork)

    def work(files: Sequence[str]) -> list[str]:
        if os.getpid() != here and how == "an error":
            raise RuntimeError(how)
        if os.getpid() != here:
            os.kill(os.getpid(), 9) if how == "killed" else os._exit(3)
        return list(files)

    assert spread.over_cores(work, FILES, worth=1) == FILES
    assert capfd.readouterr() == ("", "")
    assert children
    # None is left behind; this process may have children of other tests.
    for child in children:
        with pytest.raises(ChildProcessError):
            os.waitpid(child, os.WNOHANG)


def test_an_archive_is_the_same_by_many_processes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Articles, problems and their order, of the sample archive and of all that is broken."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folders = [golden.SEEDS, str(golden.ROOT / "tests" / "museum" / "articles")]
    alone = archive.read(folders)
    for name in ("_WORTH_ASKING", "_WORTH_LOOKING"):
        monkeypatch.setattr(index, name, 1)
    monkeypatch.setattr(archive, "_WORTH_READING", 1)

    assert archive.read(folders) == alone
