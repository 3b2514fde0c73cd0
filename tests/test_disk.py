"""A disk that fails and a program that dies, at every call that changes a file: never a torn file, nobody lost.

For each command the calls are found by tracing one run, and then each is made to fail in a run of its own: the program
is killed there, or the call says that the disk is full, broken or read-only, that too many files are open, or that a
signal came. After each, what stands there is whole; the program said in a line what was wrong, or did its work; and the
next run finishes it. `--faults all` tries every fault at every call; without it a few of each command are tried.
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
    from collections.abc import Callable, Iterable
    from pathlib import Path

    Record = Callable[[str, object], None]
    Files = dict[str, bytes]

DAY, BEFORE = "2020-11-11", "2020-11-04"
CHANGING = (
    "openat", "write", "pwrite64", "fsync", "fdatasync", "ftruncate", "fallocate", "rename", "renameat", "renameat2",
    "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "chmod", "fchmod", "fchmodat", "link", "linkat", "symlink",
    "symlinkat", "flock",
)  # fmt: skip
BY_DESCRIPTOR = {"write", "pwrite64", "fsync", "fdatasync", "ftruncate", "fchmod", "flock", "fallocate"}
COMMANDS = (["build", "--date", DAY], ["check", DAY], ["explain", "--date", DAY, "towels"], ["check", "--archive"])
KILL = "signal=KILL"
FAULTS = (KILL, "error=ENOSPC", "error=EIO", "error=EINTR", "error=EMFILE", "error=EROFS")
FEW = 2
"""Faults a command that are tried without `--faults all`: the whole suite has half a minute for them."""

_CALL = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+)")
_DESCRIPTOR = re.compile(r"(\d+)")
SETTINGS = """\
newsletter: {name: The AI Week, from: News <news@ai.example.org>, unsubscribe: https://ai.example.org/leave}
archive: [archive]
send: {recipients: readers.csv, connections: 1}
"""
READERS = ("ann@example.org", "bob@example.org", "eve@example.org")
MORE = "".join(
    json.dumps({"title": f"News {number}", "url": f"https://b.example.com/{number}", "date": "2020-11-09", "heat": 9})
    + "\n"
    for number in range(2)
)
DESK = f"""
import sys
from datetime import date
from digest import pipeline
from digest.config import settings
from digest.errors import DigestError
from digest.preview.session import Session
chosen = settings.load()
window = pipeline.window_of(chosen, last=date.fromisoformat("{DAY}"))
live = Session(lambda: (chosen, window))
try:
    live.edit(lambda draft: draft.words("subject", "Mine"), "the subject", live.snapshot.edits_hash)
except DigestError as error:
    sys.exit(str(error))
"""


def _article(title: str, heat: int, day: str = "2020-11-09") -> str:
    return (
        f"---\ntitle: {title}\nheat: {heat}\npublishedDateTime: {day}T10:00:00Z\ntopics: [AI]\n"
        f"webUrl: https://news.example.com/{heat}\nprovider: {{name: Harbour Times}}\n---\n"
    )


@dataclass(frozen=True)
class Point:
    """One call of a run: the *number*th of that *name*, and what it was about."""

    name: str
    number: int
    about: str


@dataclass(frozen=True)
class Room:
    """A folder in which commands are run, with a cache of its own beside it."""

    folder: Path

    @property
    def trace(self) -> Path:
        """What strace wrote."""
        return self.folder.with_name("trace")

    @property
    def cache(self) -> Path:
        """Where compiled themes are kept."""
        return self.folder.with_name("cache")

    def run(self, *command: str, tracing: Iterable[str] = ()) -> subprocess.CompletedProcess[str]:
        """Run `digest` with *command*, or Python where that begins with -c; under strace with options *tracing*."""
        options = list(tracing)
        # With --seccomp-bpf strace is faster, and forgets to send signals.
        fast = [] if KILL in " ".join(options) else ["--seccomp-bpf"]
        tracer = ["strace", "-f", *fast, "-o", str(self.trace), *options] if options else []
        ours = [] if command[0] == "-c" else ["-m", "digest"]
        alike = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "XDG_CACHE_HOME": str(self.cache)}
        return subprocess.run(
            [*tracer, sys.executable, *ours, *command],
            cwd=self.folder,
            env={**os.environ, **alike},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def files(self, below: str = "") -> Files:
        """Return every file below a folder of the room by its path in it."""
        top = self.folder / below
        return {str(path.relative_to(top)): path.read_bytes() for path in sorted(top.rglob("*")) if path.is_file()}

    def become(self, other: Path) -> None:
        """Be a copy of another folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(other, self.folder)


@dataclass(frozen=True)
class Scene:
    """A command that changes files *below* some folders, what it begins with, and what must hold.

    *before* brings a project into the state that the command begins with. *whole* is asked after each fault with the
    files there were, the files of a run without a fault, those there are, and whether the program was killed. *again*
    finishes what was begun, where that is another command; *alike* gives what must be the same afterwards; *always* are
    faults of every run, as options of strace.
    """

    command: tuple[str, ...]
    below: tuple[str, ...]
    before: Callable[[Room], None]
    whole: Callable[[Files, Files, Files, bool], bool]
    again: tuple[str, ...] = ()
    alike: Callable[[Files], object] = lambda files: files
    least: int = 1
    cold: bool = False
    always: tuple[str, ...] = ()


# --- the commands


def _add_article(room: Room) -> None:
    assert room.run("build", "--date", DAY).returncode == 0
    (room.folder / "archive" / "b.md").write_text(_article("Bees count to four", 90), "utf-8")


def _add_issue(room: Room) -> None:
    """A site of two issues, of which one is gone and another has come."""
    for day in (BEFORE, DAY):
        assert room.run("build", "--date", day).returncode == 0
    assert room.run("site", *ALL).returncode == 0
    shutil.rmtree(room.folder / "out" / BEFORE)
    (room.folder / "site" / "CNAME").write_text("example.org", "utf-8")
    (room.folder / "archive" / "c.md").write_text(_article("Whales sing in rhyme", 70, "2020-11-16"), "utf-8")
    assert room.run("build", "--date", "2020-11-18").returncode == 0


def _build(room: Room) -> None:
    assert room.run("build", "--date", DAY).returncode == 0


def _word(room: Room) -> None:
    (room.folder / "edits").mkdir()
    (room.folder / "edits" / f"{DAY}.yaml").write_text("introduction: A quiet week.\n", "utf-8")


def _issue_is_whole(old: Files, new: Files, now: Files, killed: bool) -> bool:
    """The issue is the old one or the new one, its record agrees with its neighbours, and own files are there."""
    assert killed or _below(f"out/{DAY}", now)
    issue = _below(f"out/{DAY}", now) or _below(f"out/.{DAY}.old", now)
    outputs = json.loads(issue["issue.json"])["outputs"]
    assert {name: hashlib.sha256(issue[name]).hexdigest() for name in outputs} == outputs
    return issue in (_below(f"out/{DAY}", old), _below(f"out/{DAY}", new))


def _below(folder: str, files: Files) -> Files:
    return {name.removeprefix(f"{folder}/"): content for name, content in files.items() if name.startswith(folder)}


def _site_is_whole(old: Files, new: Files, now: Files, killed: bool) -> bool:
    """Every page is the old one or the new one, and files of others are there; not killed, all are of one kind."""
    before, after, pages = (
        {name: text for name, text in _below("site", state).items() if name[0] != "."} for state in (old, new, now)
    )
    if killed:
        return pages.items() <= before.items() | after.items() and pages["CNAME"] == before["CNAME"]
    stale = {name: text for name, text in before.items() if name not in after}
    return pages == before or after.items() <= pages.items() <= after.items() | stale.items()


def _articles_are_whole(old: Files, new: Files, now: Files, killed: bool) -> bool:
    """Articles that were there are as they were; those that came are whole."""
    del killed
    articles = {name: text for name, text in now.items() if name.endswith(".md")}
    return old.items() <= now.items() and articles.items() <= new.items()


def _edits_are_whole(old: Files, new: Files, now: Files, killed: bool) -> bool:
    """The editor's file is the old one or the new one."""
    del killed
    return now.get(f"edits/{DAY}.yaml") in (old.get(f"edits/{DAY}.yaml"), new[f"edits/{DAY}.yaml"])


def _messages_are_whole(old: Files, new: Files, now: Files, killed: bool) -> bool:
    """Every message in the outbox is a whole one, and each reader's own."""
    del old, killed
    messages = {name: _undated(text) for name, text in now.items() if name.endswith(".eml")}
    expected = {name: _undated(text) for name, text in new.items() if name.endswith(".eml")}
    return messages.items() <= expected.items()


def _undated(message: bytes) -> bytes:
    """A message without its moment, which is that of the run."""
    return re.sub(rb"(?m)^Date: .*\r?\n", b"", message)


def _handed_over(files: Files) -> object:
    """What must be the same after a hand-over: the readers' messages, and who has them by sent.json."""
    messages = {name: _undated(text) for name, text in files.items() if name.endswith(".eml")}
    marks = [json.loads(text) for name, text in files.items() if name.endswith("sent.json")]
    return messages, [[(entry["state"], entry["readers"]) for entry in mark["hand_overs"]] for mark in marks]


ALL = ("--all",)
NO_EXCHANGE = ("-e", "inject=renameat2:error=EINVAL")
"""As on file systems that cannot exchange two folders: the issue stands under another name for a moment."""

ONE_THREAD = """
import threading
from digest.cli import main
threading.Thread.start = threading.Thread.run
main(prog_name="digest")
"""
"""The command, with its connections one after the other in its first thread, where strace can count their calls."""

SEND = ("-c", ONE_THREAD, "send", DAY, "--to", "outbox", "--send", "--yes")
SCENES = {
    "build": Scene(("build", "--date", DAY), ("out",), _add_article, _issue_is_whole, least=20),
    "exchange": Scene(("build", "--date", DAY), ("out",), _add_article, _issue_is_whole, least=20, always=NO_EXCHANGE),
    "compile": Scene(("build", "--date", DAY), ("cache",), _add_article, _issue_is_whole, least=4, cold=True),
    "site": Scene(("site", *ALL), ("site",), _add_issue, _site_is_whole, least=30),
    "import": Scene(("import", "more.jsonl"), ("archive",), lambda _: None, _articles_are_whole, least=8),
    "edit": Scene(("edit", DAY), ("edits",), lambda _: None, _edits_are_whole, least=5),
    "desk": Scene(("-c", DESK), ("edits",), _word, _edits_are_whole, least=5),
    "send": Scene(
        SEND,
        ("outbox", "sent.db", "out"),
        _build,
        _messages_are_whole,
        again=(*SEND, "--resend-unknown"),
        alike=_handed_over,
        least=40,
    ),
}


# --- the sweep


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project in which nothing was built, and a cache with its compiled theme beside it."""
    if not shutil.which("strace"):
        reason = "strace is not here; install the Debian package strace"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason}, as .ci/run does")
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("disk") / "project"
    (folder / "archive").mkdir(parents=True)
    (folder / "archive" / "a.md").write_text(_article("Robots learn to fold towels", 80), "utf-8")
    (folder / "archive" / "z.md").write_text(_article("Llamas learn to queue", 60, "2020-11-03"), "utf-8")
    (folder / "digest.yaml").write_text(SETTINGS, "utf-8")
    (folder / "more.jsonl").write_text(MORE, "utf-8")
    (folder / "readers.csv").write_text("email\n" + "".join(f"{reader}\n" for reader in READERS), "utf-8")
    assert Room(folder).run("topics").returncode == 0
    _build(Room(folder))
    shutil.rmtree(folder / "out")
    return folder


@pytest.fixture
def room(project: Path, tmp_path: Path) -> Room:
    """Return a room like the project."""
    shutil.copytree(project.with_name("cache"), tmp_path / "cache")
    made = Room(tmp_path / "room")
    made.become(project)
    return made


def points(room: Room, below: tuple[str, ...]) -> list[Point]:
    """Read a trace; return each of its calls that changes a file below one of the folders *below*."""
    seen: Counter[tuple[str, str]] = Counter()  # strace counts the calls of each thread by itself
    opened: dict[str, bool] = {}
    changes = []
    for line in room.trace.read_text("utf-8").splitlines():
        call = _CALL.match(line)
        if not call:
            continue
        thread, name, arguments, answer = call.groups()
        seen[thread, name] += 1
        if _changes(name, arguments, answer, opened, below) and "(INJECTED)" not in line:
            changes.append(Point(name, seen[thread, name], arguments[:60]))
    return changes


def _changes(name: str, arguments: str, answer: str, opened: dict[str, bool], below: tuple[str, ...]) -> bool:
    """Whether a call changes something below *below*; keeps in *opened* which descriptors do."""
    named = re.findall(r'"((?:[^"\\]|\\.)*)"', arguments)
    inside = any(path.startswith(place) or f"/{place}" in path for path in named for place in below)
    if name == "openat":
        opened[answer] = inside and "O_PATH" not in arguments
        return opened[answer] and ("O_CREAT" in arguments or "O_WRONLY" in arguments)
    descriptor = _DESCRIPTOR.match(arguments)
    return opened.get(descriptor[1], False) if descriptor and name in BY_DESCRIPTOR else inside


def chosen(changes: list[Point], *, every: bool) -> list[tuple[Point, str]]:
    """Return which faults are tried where: all, or a few that are spread over the run."""
    if every:
        return [(point, fault) for point in changes for fault in FAULTS]
    step = max(len(changes) // FEW, 1)
    return [(point, FAULTS[number % 2]) for number, point in enumerate(changes[step // 2 :: step][:FEW])]


@pytest.mark.parametrize("name", SCENES)
def test_every_call_that_changes_a_file(
    room: Room, name: str, request: pytest.FixtureRequest, record_property: Record
) -> None:
    """Whatever fails or kills a command at whatever call: all is whole, a line says so, and the next run finishes."""
    scene = SCENES[name]
    scene.before(room)
    start = room.folder.with_name("start")
    shutil.copytree(room.folder, start)
    old = room.files()
    if scene.cold:
        shutil.rmtree(room.cache)
    done = room.run(*scene.command, tracing=["-e", f"trace={','.join(CHANGING)}", *scene.always])
    assert done.returncode == 0, done.stderr
    new = room.files()
    changes = points(room, scene.below)
    tried = chosen(changes, every=request.config.getoption("--faults") == "all")
    violations, came = [], 0
    for point, fault in tried:
        wrong, happened = attempt(room, scene, point, fault, (start, old, new))
        violations += [f"{point} {fault}: {line}" for line in wrong]
        came += happened
    record_property("inputs", f"{came} faults at {len(changes)} calls of {name}: {len(violations)} violations")

    assert violations == []
    assert came == len(tried)
    assert len(changes) >= scene.least


def attempt(
    room: Room, scene: Scene, point: Point, fault: str, states: tuple[Path, Files, Files]
) -> tuple[list[str], bool]:
    """Let one call of a command fail, then run it again; return what does not hold, and whether the call came."""
    start, old, new = states
    room.become(start)
    if scene.cold:
        shutil.rmtree(room.cache, ignore_errors=True)
    inject = f"inject={point.name}:{fault}:when={point.number}"
    done = room.run(*scene.command, tracing=["-e", f"trace={point.name},renameat2", "-e", inject, *scene.always])
    trace = room.trace.read_text("utf-8")
    happened = "+++ killed by SIGKILL" in trace if fault == KILL else " (INJECTED)" in trace
    now = room.files()
    wrong = [] if scene.whole(old, new, now, fault == KILL) else [f"torn: {sorted(now)}"]
    wrong += said_wrong(done, killed=fault == KILL and happened, replaced=scene.alike(now) == scene.alike(new))
    again = room.run(*(scene.again or scene.command))
    if again.returncode:
        wrong.append(f"cannot be run again: {again.stderr}")
    finished = room.files()
    if scene.alike(finished) != scene.alike(new):
        wrong.append(f"not finished by the next run: {sorted(finished)}")
    wrong += [f"left behind: {path}" for path in finished if re.search(r"\.(new|old)(/|$)", path)]
    return wrong, happened


def said_wrong(done: subprocess.CompletedProcess[str], *, killed: bool, replaced: bool) -> list[str]:
    """A killed program says nothing; another says in a line what was wrong, or did its work."""
    if killed:
        return [] if done.returncode in {-9, 137} else [f"was not killed: {done}"]
    if "Traceback" in done.stderr:
        return [f"a traceback: {done.stderr}"]
    if done.returncode:
        last = done.stderr.splitlines()[-1:]
        return [] if last and re.fullmatch(r"\S[^:]*: \S.*", last[0]) else [f"no line about it: {done}"]
    return [] if replaced else [f"says that it is done: {done}"]


def calls_of(room: Room, names: str, *command: str) -> list[str]:
    """Run a command under strace, with the cache of *room*; return its calls of *names* that are about the internet."""
    traced = room.folder / "sockets"
    tracer = ["strace", "-f", "--seccomp-bpf", "-o", str(traced), "-e", f"trace={names}"]
    done = subprocess.run(
        [*tracer, sys.executable, "-m", "digest", *command],
        cwd=room.folder,
        env={**os.environ, "XDG_CACHE_HOME": str(room.cache)},
        capture_output=True,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr
    assert "exited with" in traced.read_text("utf-8")
    return [line for line in traced.read_text("utf-8").splitlines() if "AF_INET" in line]


def test_a_build_opens_no_connection(room: Room) -> None:
    """Nothing that looks at an archive or an issue asks for a socket to anywhere."""
    _build(room)

    assert [line for command in COMMANDS for line in calls_of(room, "socket,connect,sendto", *command)] == []


def test_a_compile_opens_no_connection(room: Room) -> None:
    """A theme is compiled without a word to anywhere.

    premailer brings urllib3, which looks whether this machine has IPv6 by a socket that is bound here and closed.
    """
    shutil.rmtree(room.cache, ignore_errors=True)

    assert calls_of(room, "connect,sendto,sendmsg,sendmmsg,listen", "build", "--date", DAY) == []


def test_twenty_builds_at_once(room: Room) -> None:
    """One result, the very bytes of a lone build; who came too late is told so in one line."""
    _build(room)
    alone = room.files("out")
    command = [sys.executable, "-m", "digest", "build", "--date", DAY]
    pipe = subprocess.PIPE
    running = [subprocess.Popen(command, cwd=room.folder, stdout=pipe, stderr=pipe, text=True) for _ in range(20)]
    ends = [(*one.communicate(timeout=120), one.returncode) for one in running]

    told = {error for _, error, status in ends if status}
    late = "another digest is writing an issue at this moment; build again when it is done; nothing was changed"
    assert room.files("out") == alone
    assert Counter(status for *_, status in ends)[0] >= 1
    assert told <= {f"out/{DAY}: {late}\n"}
