"""Progress on long work: a bar on a terminal, after a second, with rate and time left; nothing anywhere else."""

from __future__ import annotations

import os
import pty
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from command import run
from samples import SEEDS

from digest import cli, steps
from digest.cli import output

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Let standard error be a terminal; what it was shown is in the list afterwards."""
    ours, theirs = pty.openpty()
    shown: list[str] = []

    def look() -> None:
        # A terminal holds a few kilobytes that nobody has read; the program would wait for ever.
        try:
            while piece := os.read(ours, 65_536):
                shown.append(piece.decode())
        except OSError:
            return

    reader = threading.Thread(target=look, daemon=True)
    reader.start()
    with os.fdopen(theirs, "w", encoding="utf-8") as screen:
        monkeypatch.setattr(sys, "stderr", screen)
        yield shown
    reader.join(10)
    os.close(ours)


COMMANDS = [
    (["build", "--date", "2020-11-11", "--archive", SEEDS], "reading articles"),
    (["topics", "--archive", SEEDS], "reading articles"),
    (["replay", "--to", "2020-11-18", "--archive", SEEDS], "choosing weeks"),
    (["check", "2020-11-11"], "asking the rules"),
    (["site", "--all"], "reading issues"),
    (["import", "posts.csv", "--to", "new"], "writing articles"),
    (["init", "--demo"], "reading articles"),
]


@pytest.mark.parametrize(("command", "label"), COMMANDS)
def test_long_work_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], label: str) -> None:
    """On a terminal each long command has its bar, with position and rate."""
    monkeypatch.chdir(tmp_path)
    if command[0] in {"check", "site"}:
        run(tmp_path, "build", "--date", "2020-11-11", "--archive", SEEDS)
    rows = [f"A {number},https://example.com/{number},2020-11-0{1 + number % 9}" for number in range(50)]
    (tmp_path / "posts.csv").write_text("\n".join(["title,url,date", *rows]), "utf-8")
    monkeypatch.setattr(output, "PATIENCE", 0.0)
    monkeypatch.setattr(output, "_BETWEEN", 0.0)
    with terminal(monkeypatch) as shown, pytest.raises(SystemExit) as ended:
        cli.main(command)
    said = "".join(shown)

    assert ended.value.code in {0, None, 1}
    assert f"{label}  [#" in said
    assert "/s" in said


def test_a_dry_run_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So is what is written for each reader of a list, without sending."""
    monkeypatch.chdir(tmp_path)
    run(tmp_path, "build", "--date", "2020-11-11", "--archive", SEEDS)
    (tmp_path / "readers.csv").write_text(
        "email\n" + "".join(f"r{number}@example.org\n" for number in range(20)), "utf-8"
    )
    command = ["send", "2020-11-11", "--to", "outbox", "--recipients", "readers.csv", "--dry-run"]
    with terminal(monkeypatch) as shown, pytest.raises(SystemExit) as ended:
        cli.main(command)

    assert ended.value.code in {0, None}
    assert "sending" in "".join(shown)
    assert "20/20" in "".join(shown)


def test_short_work_shows_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes less than a second, and what was asked to be quiet, leaves a terminal as it is."""
    monkeypatch.chdir(tmp_path)
    command = ["build", "--date", "2020-11-11", "--archive", SEEDS]
    for patience, options in ((60.0, []), (0.0, ["--quiet"])):
        monkeypatch.setattr(output, "PATIENCE", patience)
        monkeypatch.setattr(output, "_BETWEEN", 0.0)
        with terminal(monkeypatch) as shown, pytest.raises(SystemExit):
            cli.main([*command, *options])

        assert "  [#" not in "".join(shown)


def test_a_pipe_is_told_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Logs and scripts get no bar."""
    monkeypatch.setattr(output, "PATIENCE", 0.0)
    monkeypatch.setattr(output, "_BETWEEN", 0.0)

    assert "  [#" not in run(tmp_path, "build", "--date", "2020-11-11", "--archive", SEEDS).told


class Note:
    """A watcher that writes down what it hears."""

    def __init__(self) -> None:
        self.heard: list[object] = []

    def begin(self, label: str, total: int | None) -> None:
        """Note the beginning."""
        self.heard.append((label, total))

    def step(self) -> None:
        """Note a step."""
        self.heard.append(1)

    def end(self) -> None:
        """Note the end."""
        self.heard.append("end")


def test_the_outermost_loop_is_watched() -> None:
    """Loops inside it are not, those behind it are; one that fails ends, too."""
    note = Note()
    with steps.watched(note):
        for _ in steps.each([1, 2], "outer"):
            assert list(steps.each([1, 2, 3], "inner")) == [1, 2, 3]
        assert list(steps.each(iter("ab"), "behind")) == ["a", "b"]
        with pytest.raises(ZeroDivisionError):
            list(steps.each((1 // number for number in (1, 0)), "failing", 2))

    assert note.heard == [("outer", 2), 1, 1, "end", ("behind", None), 1, 1, "end", ("failing", 2), 1, "end"]


def test_without_a_watcher_a_loop_is_the_plain_one() -> None:
    """Nothing is put around it, so that it costs nothing."""
    things = [1, 2]

    assert steps.each(things, "plain") is things


def test_a_child_is_not_watched() -> None:
    """A forked part of the work has the parent's watcher, and shows no second bar."""
    things = [1, 2]
    with steps.watched(Note()):
        child = os.fork()
        if not child:
            os._exit(0 if steps.each(things, "in a child") is things else 1)
        status = os.waitpid(child, 0)[1]

    assert status == 0
