"""Words, JSON or silence, and colour: what commands say to people and to scripts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from fakes import smtp
from mailroom import DAY, Mailroom

if TYPE_CHECKING:
    from pathlib import Path

BROKEN = "news/broken.md:1: no front matter: the first line is not `---`"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Set up a newsletter of the sample archive, with one file that is no article."""
    folder = tmp_path_factory.mktemp("voice")
    assert run(folder, "init", "--demo").returncode == 0
    (folder / "news").mkdir()
    (folder / "news" / "broken.md").write_text("words\n", "utf-8")
    (folder / "two.jsonl").write_text('{"title": "A", "url": "https://a.example.com/", "date": "2020-11-09"}\n{}\n')
    assert run(folder, *BUILD).returncode == 0
    return folder


BUILD = ("build", "--date", DAY, "--archive", "seeds", "--archive", "news")


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a script does: its output is no terminal."""
    clean = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    clean["SOURCE_DATE_EPOCH"] = "1605139200"  # 12 November 2020: the issue is a day old
    command = [sys.executable, "-m", "digest", *arguments]
    return subprocess.run(
        command, cwd=folder, env=clean | environment, capture_output=True, text=True, encoding="utf-8", check=False
    )


@pytest.mark.parametrize(
    ("arguments", "environment", "coloured"),
    [
        ((), {}, False),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": ""}, False),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": ""}, True),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colour_is_for_who_wants_it(
    folder: Path, arguments: tuple[str, ...], environment: dict[str, str], *, coloured: bool
) -> None:
    """Of the answers and of the warnings; the words are the same either way."""
    told = run(folder, *arguments, "explain", "--date", DAY, **environment)
    built = run(folder, *arguments, *BUILD, **environment)

    assert ("\x1b[32min\x1b[0m" in told.stdout) is coloured
    assert ("\x1b[33mwarning:\x1b[0m" in built.stderr) is coloured
    assert f"warning: {BROKEN}" in built.stderr.replace("\x1b[33m", "").replace("\x1b[0m", "")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (BUILD, {"id": DAY, "weight": int, "sections": list, "problems": list}),
        (("check", DAY), {"fit": True, "findings": []}),
        (("site", "--all"), {"folder": "site", "pages": int, "address": "https://example.com/issues/", "problems": []}),
        (("send", DAY, "--to", "file"), {"issue": DAY, "target": "file", "address": str, "subject": str}),
        (
            ("import", "two.jsonl", "--to", "new", "--dry-run"),
            {"folder": "new", "dry_run": True, "new": 1, "known": 0, "bad": 1},
        ),
    ],
    ids=["build", "check", "site", "send", "import"],
)
def test_json_and_silence(folder: Path, arguments: tuple[str, ...], expected: dict[str, Any]) -> None:
    """--json prints one object on standard output; --quiet nothing there; warnings stay on standard error."""
    spoken = run(folder, *arguments, "--json")
    silent = run(folder, *arguments, "--quiet")
    facts = json.loads(spoken.stdout)

    for name, value in expected.items():
        assert isinstance(facts[name], value) if isinstance(value, type) else facts[name] == value
    assert (spoken.returncode, silent.returncode, silent.stdout) == (0, 0, "")
    assert spoken.stderr == silent.stderr


def test_a_sending_in_json(tmp_path: Path) -> None:
    """How many readers are in which state, also where it ends early; `sent --json` says it again later."""
    room = Mailroom(tmp_path)
    room.build()
    with smtp.running(smtp.Server(rcpt=lambda reader: "450 4.2.1 full" if reader.startswith("r1@") else "")) as server:
        relay = {"kind": "smtp", "host": "127.0.0.1", "port": str(server.port), "security": "none"}
        room.configure({"relay": relay}, recipients=room.readers(3), give_up=1, retry_after=1)
        command = ("send", DAY, "--to", "relay", "--insecure", "--send", "--yes")
        done = room.digest(*command, "--json")
        told = room.digest("sent", "--list", "deferred", "--json")

    facts, [handed] = json.loads(done.stdout), json.loads(told.stdout)
    assert (done.returncode, facts["readers"], facts["waiting"]) == (1, {"deferred": 1, "sent": 2}, 3)
    assert facts["error"] == done.stderr.splitlines()[-1] == "not done: 1 reader refused for now; run it again later"
    assert (handed["target"], handed["readers"]) == ("relay", {"deferred": 1, "sent": 2})
    assert [one["reply"] for one in handed["listed"]] == ["450 4.2.1 full"]


def test_a_question_is_not_within_the_json(tmp_path: Path) -> None:
    """What is to be said yes to is shown all the same, where the question stands."""
    room = Mailroom(tmp_path)
    room.build()
    with smtp.running(smtp.Server()) as server:
        relay = {"kind": "smtp", "host": "127.0.0.1", "port": str(server.port), "security": "none"}
        room.configure({"relay": relay}, recipients=room.readers(3))
        done = room.digest("send", DAY, "--to", "relay", "--insecure", "--send", "--json", stdin="yes\n")

    assert json.loads(done.stdout)["readers"] == {"sent": 3}
    assert "3 readers of" in done.stderr
