"""A disk that fails and a program that dies, at every call of a build that changes a file: never a torn issue.

The calls are found by tracing one build, and then each is made to fail in a build of its own. `--faults all` tries
every fault at every call; without it the faults take turns.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Record = Callable[[str, object], None]

DAY = "2020-11-11"
CHANGING = (
    "openat", "write", "pwrite64", "fsync", "fdatasync", "ftruncate", "fallocate", "rename", "renameat", "renameat2",
    "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "chmod", "fchmod", "fchmodat", "link", "linkat", "symlink",
    "symlinkat", "flock",
)  # fmt: skip
COMMANDS = (["build", "--date", DAY], ["check", DAY], ["explain", "--date", DAY, "towels"], ["check", "--archive"])
KILL, FULL, BROKEN = "signal=KILL", "error=ENOSPC", "error=EIO"
_CALL = re.compile(r"^\d+ +(\w+)\((.*)\) += (-?\d+)")
_DESCRIPTOR = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Point:
    """One call of a build: the *number*th of that *name*, and what it was about."""

    name: str
    number: int
    about: str


@dataclass(frozen=True)
class Desk:
    """A folder with an archive and an issue of it, both in an old and in a new state."""

    folder: Path

    def build(self, *tracing: str, cold: bool = False) -> subprocess.CompletedProcess[str]:
        """Build the issue, under strace where there are options for it; *cold*: with no compiled theme."""
        cache = str(self.folder / "cache")
        if cold:
            shutil.rmtree(cache, ignore_errors=True)
        # With --seccomp-bpf strace is faster, and forgets to send signals.
        fast = [] if KILL in " ".join(tracing) else ["--seccomp-bpf"]
        tracer = ["strace", "-f", *fast, "-o", str(self.folder / "trace"), *tracing] if tracing else []
        command = [*tracer, sys.executable, "-m", "digest", "build", "--date", DAY]
        alike = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "XDG_CACHE_HOME": cache}
        return subprocess.run(
            command, cwd=self.folder, env={**os.environ, **alike}, capture_output=True, text=True, check=False
        )

    def change(self, *, new: bool) -> None:
        """Bring the archive into its old or its new state."""
        second = self.folder / "archive" / "b.md"
        if new:
            second.write_text(_article("Bees count to four", 90), "utf-8")
        else:
            second.unlink(missing_ok=True)

    def state(self) -> dict[str, bytes]:
        """Return every file of the issue."""
        return {file.name: file.read_bytes() for file in sorted((self.folder / "out" / DAY).iterdir())}

    def rest(self) -> list[str]:
        """Return what stands beside the issue."""
        return [name for name in sorted(os.listdir(self.folder / "out")) if name != DAY]

    def put(self, state: dict[str, bytes]) -> None:
        """Bring the folder of issues into a state."""
        shutil.rmtree(self.folder / "out", ignore_errors=True)
        (self.folder / "out" / DAY).mkdir(parents=True)
        for name, content in state.items():
            (self.folder / "out" / DAY / name).write_bytes(content)


def _article(title: str, heat: int) -> str:
    return (
        f"---\ntitle: {title}\nheat: {heat}\npublishedDateTime: 2020-11-09T10:00:00Z\ntopics: [AI]\n"
        f"webUrl: https://news.example.com/{heat}\nprovider: {{name: Harbour Times}}\n---\n"
    )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Set up the folder."""
    if not shutil.which("strace"):
        reason = "strace is not here; install the Debian package strace"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason}, as .ci/run does")
        pytest.skip(reason)
    made = Desk(tmp_path)
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "a.md").write_text(_article("Robots learn to fold towels", 80), "utf-8")
    (tmp_path / "digest.yaml").write_text("archive: [archive]\n", "utf-8")
    return made


def points(desk: Desk, *, cold: bool, below: str) -> list[Point]:
    """Trace a build; return each of its calls that changes a file below the folder *below*."""
    done = desk.build("-e", f"trace={','.join(CHANGING)}", cold=cold)
    assert done.returncode == 0, done.stderr
    seen: Counter[str] = Counter()
    opened: dict[str, bool] = {}
    found = []
    for line in (desk.folder / "trace").read_text("utf-8").splitlines():
        call = _CALL.match(line)
        if not call:
            continue
        name, arguments, answer = call.groups()
        seen[name] += 1
        if _changes(name, arguments, answer, opened, below):
            found.append(Point(name, seen[name], arguments[:60]))
    return found


def _changes(name: str, arguments: str, answer: str, opened: dict[str, bool], below: str) -> bool:
    """Whether a call changes something below *below*; keeps in *opened* which descriptors do."""
    named = re.findall(r'"((?:[^"\\]|\\.)*)"', arguments)
    inside = any(path.startswith(below) or f"/{below}" in path for path in named)
    if name == "openat":
        opened[answer] = inside and "O_PATH" not in arguments
        return opened[answer] and ("O_CREAT" in arguments or "O_WRONLY" in arguments)
    descriptor = _DESCRIPTOR.match(arguments)
    if descriptor and name in {"write", "pwrite64", "fsync", "fdatasync", "ftruncate", "fchmod", "flock", "fallocate"}:
        return opened.get(descriptor[1], False)
    return inside


def sweep(desk: Desk, tried: list[tuple[Point, str]], *, cold: bool) -> None:
    """Let each call fail; after each the issue is the old or the new one, and the next build mends all."""
    desk.change(new=False)
    assert desk.build().returncode == 0
    old = desk.state()
    desk.change(new=True)
    assert desk.build().returncode == 0
    new = desk.state()
    assert old["issue.json"] != new["issue.json"]
    for point, fault in tried:
        desk.put(old)
        done = desk.build(
            "-e", f"trace={point.name}", "-e", f"inject={point.name}:{fault}:when={point.number}", cold=cold
        )
        left = desk.state()
        assert left in (old, new), (point, fault)
        _whole(left)
        _told(done, point, fault, replaced=left == new)
        assert desk.build().returncode == 0, (point, fault)
        assert (desk.state(), desk.rest()) == (new, []), (point, fault)


def _whole(state: dict[str, bytes]) -> None:
    """The record agrees with its neighbours."""
    outputs = json.loads(state["issue.json"])["outputs"]
    assert {name: hashlib.sha256(state[name]).hexdigest() for name in outputs} == outputs


def _told(done: subprocess.CompletedProcess[str], point: Point, fault: str, *, replaced: bool) -> None:
    """A killed program says nothing; another says in a line what could not be written, or did its work."""
    if fault == KILL:
        assert done.returncode in {-9, 137}, (point, done)
        return
    assert "Traceback" not in done.stderr, (point, fault, done.stderr)
    if done.returncode:
        assert re.fullmatch(r"\S+: (cannot be written|another digest is writing).*\n", done.stderr), (
            point,
            done.stderr,
        )
    else:
        assert replaced, (point, fault)


def chosen(found: list[Point], *, every: bool) -> list[tuple[Point, str]]:
    """Return which faults are tried where."""
    if every:
        return [(point, fault) for point in found for fault in (KILL, FULL, BROKEN)]
    return [(point, (KILL, FULL, BROKEN)[number % 3]) for number, point in enumerate(found)]


def test_every_call_that_changes_an_issue(desk: Desk, request: pytest.FixtureRequest, record_property: Record) -> None:
    """Killed, on a full disk and on a broken one: the old issue or the new one, whole, and a clear line."""
    desk.change(new=False)
    desk.build()
    desk.change(new=True)
    found = points(desk, cold=False, below="out")
    tried = chosen(found, every=request.config.getoption("--faults") == "all")
    sweep(desk, tried, cold=False)
    kinds = {point.name for point in found}
    record_property("inputs", f"{len(tried)} faults at {len(found)} calls of {len(kinds)} kinds that write an issue")

    assert kinds >= {"openat", "write", "fsync", "mkdir", "flock", "rmdir"}
    assert len(found) >= 20


def test_every_call_that_keeps_a_compiled_theme(
    desk: Desk, request: pytest.FixtureRequest, record_property: Record
) -> None:
    """A cache that cannot be written, or only half, costs time and no issue."""
    desk.change(new=True)
    desk.build()
    found = points(desk, cold=True, below="cache")
    tried = chosen(found, every=request.config.getoption("--faults") == "all")
    sweep(desk, tried, cold=True)
    record_property("inputs", f"{len(tried)} faults at {len(found)} calls that keep a compiled theme")

    assert len(found) >= 4


def calls_of(desk: Desk, names: str, *command: str) -> list[str]:
    """Run a command under strace, with the cache of *desk*; return its calls of *names* that are about the internet."""
    traced = desk.folder / "sockets"
    tracer = ["strace", "-f", "--seccomp-bpf", "-o", str(traced), "-e", f"trace={names}"]
    done = subprocess.run(
        [*tracer, sys.executable, "-m", "digest", *command],
        cwd=desk.folder,
        env={**os.environ, "XDG_CACHE_HOME": str(desk.folder / "cache")},
        capture_output=True,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr
    assert "exited with" in traced.read_text("utf-8")
    return [line for line in traced.read_text("utf-8").splitlines() if "AF_INET" in line]


def test_a_build_opens_no_connection(desk: Desk) -> None:
    """Nothing that looks at an archive or an issue asks for a socket to anywhere."""
    desk.build()

    assert [line for command in COMMANDS for line in calls_of(desk, "socket,connect,sendto", *command)] == []


def test_a_compile_opens_no_connection(desk: Desk) -> None:
    """A theme is compiled without a word to anywhere.

    premailer brings urllib3, which looks whether this machine has IPv6 by a socket that is bound here and closed.
    """
    shutil.rmtree(desk.folder / "cache", ignore_errors=True)

    assert calls_of(desk, "connect,sendto,sendmsg,sendmmsg,listen", "build", "--date", DAY) == []


def test_twenty_builds_at_once(desk: Desk) -> None:
    """One result, the very bytes of a lone build; who came too late is told so in one line."""
    desk.build()
    alone = desk.state()
    command = [sys.executable, "-m", "digest", "build", "--date", DAY]
    pipe = subprocess.PIPE
    running = [subprocess.Popen(command, cwd=desk.folder, stdout=pipe, stderr=pipe, text=True) for _ in range(20)]
    ends = [(*one.communicate(timeout=120), one.returncode) for one in running]

    told = {error for _, error, status in ends if status}
    late = "another digest is writing an issue at this moment; build again when it is done; nothing was changed"
    assert (desk.state(), desk.rest()) == (alone, [])
    assert Counter(status for *_, status in ends)[0] >= 1
    assert told <= {f"out/{DAY}: {late}\n"}
