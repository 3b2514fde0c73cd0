"""Words, JSON or silence, and colour: what commands say to people and to scripts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import click
import pytest
from fakes import smtp
from mailroom import DAY, Done, Mailroom

from digest import cli

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
    (folder / "readers.csv").write_text("email,topics\nann@example.com,AI\n", "utf-8")
    (folder / "key").write_text("a key of these tests alone\n", "utf-8")
    wishes = "readers: {from: readers.csv, id: {file: key}}\neditions: {topics: [AI], fewest: 1, parts: 1}\n"
    (folder / "editions.yaml").write_text(f"archive: [seeds, news]\n{wishes}", "utf-8")
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


def invoke(folder: Path, *arguments: str) -> Done:
    """Run the command in this process, which is enough where colour is of no interest."""
    return Mailroom(folder).run(*arguments, SOURCE_DATE_EPOCH="1605139200", EDITOR="", VISUAL="")


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


SPOKEN: dict[str, tuple[tuple[str, ...], Any]] = {
    "init": (("fresh", "--demo"), {"settings": "fresh/digest.yaml", "archive": ["seeds"], "articles": int, "day": DAY}),
    "build": (BUILD[1:], {"id": DAY, "weight": int, "sections": list, "problems": list}),
    "edit": (("2020-11-04",), {"issue": "2020-11-04", "file": "edits/2020-11-04.yaml", "written": bool}),
    "explain": (("--date", DAY), list),
    "replay": (("--to", DAY, "--last", "1"), list),
    "topics": (("--last", "1", "--html", "topics.html"), {"weeks": list}),
    "import": (
        ("two.jsonl", "--to", "new", "--dry-run"), {"folder": "new", "dry_run": True, "new": 1, "known": 0, "bad": 1},
    ),
    "archive pack": (("seeds", "--to", "seeds.jsonl", "--replace"), {"file": "seeds.jsonl", "rows": int, "bytes": int}),
    "editions": (("--date", DAY, "--config", "editions.yaml"), {"id": DAY, "counts": dict, "left": []}),
    "check": ((DAY,), {"fit": True, "findings": []}),
    "theme new": (("mine",), {"folder": "templates/mine"}),
    "theme check": (("plain",), {"folder": str, "problems": [], "notes": []}),
    "send": ((DAY, "--to", "file"), {"issue": DAY, "target": "file", "address": str, "subject": str}),
    "sent": ((), list),
    "site": (("--all",), {"folder": "site", "pages": int, "address": "https://example.com/issues/", "problems": []}),
}  # fmt: skip
"""Each command with a result: arguments with which it ends well, and what the JSON is or holds."""

SCRIPTS = {
    "completion": "prints a script for a shell",
    "schema": "prints a schema, which is JSON itself",
    "preview": "runs until it is stopped; tests/test_preview_page.py reads its address",
}
"""Commands that have no result to print as JSON."""


def commands(group: click.Group, prefix: str = "") -> dict[str, click.Command]:
    """Return every command that does something, by its whole name."""
    context, listed = click.Context(group), dict[str, click.Command]()
    for name in group.list_commands(context):
        inner = group.get_command(context, name)
        assert inner
        listed |= commands(inner, f"{name} ") if isinstance(inner, click.Group) else {f"{prefix}{name}": inner}
    return listed


def test_every_command_has_one_voice() -> None:
    """Each command has --quiet and --json, with the same help, and stands in the tables of the next two tests."""
    both = {
        name: [option.help for option in command.params if option.name in {"quiet", "as_json"}]
        for name, command in commands(cli.main).items()
    }
    silent = {name for name, helps in both.items() if not helps}

    assert set(both) == {*SPOKEN, *SCRIPTS} == {*FAILING, "completion", "schema"}
    assert silent == {"completion", "schema"}
    assert {tuple(helps) for name, helps in both.items() if name not in silent} == {
        ("Print warnings and errors only.", "Print the result as JSON.")
    }


@pytest.mark.parametrize("name", SPOKEN)
def test_json_and_silence(folder: Path, name: str) -> None:
    """--json prints one value on standard output; --quiet nothing there; warnings stay on standard error."""
    arguments, expected = SPOKEN[name]

    def fresh() -> None:
        for left in ("fresh", "templates"):
            shutil.rmtree(folder / left, ignore_errors=True)

    fresh()
    spoken = invoke(folder, *name.split(), *arguments, "--json")
    fresh()
    silent = invoke(folder, *name.split(), *arguments, "--quiet")
    value = json.loads(spoken.stdout)

    if isinstance(expected, type):
        assert isinstance(value, expected)
    else:
        for key, part in expected.items():
            assert isinstance(value[key], part) if isinstance(part, type) else value[key] == part
    assert (spoken.returncode, silent.returncode, silent.stdout) == (0, 0, "")
    done = "topics.html: written\n" if name == "topics" else ""
    assert spoken.stderr.replace(done, "") == silent.stderr
    assert all(line.startswith("warning: ") for line in silent.stderr.splitlines())


GONE = ("--config", "gone.yaml")
FAILING = {
    **dict.fromkeys(("edit", "explain", "replay", "topics", "preview", "sent", "site", "theme check"), GONE),
    "init": (".",),
    "build": ("--date", "2001-01-03"),
    "import": ("x.jsonl", *GONE),
    "archive pack": ("seeds", "--to", "x.jsonl", *GONE),
    "editions": ("--readers", "x.csv", *GONE),
    "check": ("2001-01-03",),
    "theme new": ("new",),
    "send": ("2001-01-03", "--to", "file"),
}
"""Each command with something that is not there, or there already."""


@pytest.mark.parametrize("name", FAILING)
def test_a_failure_is_said_in_every_voice(folder: Path, name: str) -> None:
    """Where a command fails its message is on standard error, in JSON too as `error`, and the status is not 0."""
    (folder / "templates" / "new").mkdir(parents=True, exist_ok=True)
    arguments = (*name.split(), *FAILING[name])
    plain, quiet, as_json = (invoke(folder, *arguments, *more) for more in ((), ("--quiet",), ("--json",)))

    assert plain.returncode == quiet.returncode == as_json.returncode == (3 if name == "build" else 1)
    assert plain.stderr == quiet.stderr == as_json.stderr != ""
    assert quiet.stdout == ""
    assert json.loads(as_json.stdout)["error"] == as_json.stderr.removesuffix("\n")


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
