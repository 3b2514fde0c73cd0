"""Killed and resumed: nobody lost, nobody twice. The runs are real processes that get a real SIGKILL."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from fakes import smtp
from mailroom import DAY, Mailroom

from digest.mail import ledger as ledgers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Record = Callable[[str, object], None]

READERS = 400
SEND = ("send", DAY, "--to", "relay", "--send", "--yes", "--insecure")
LEFT_OUT = "smtp-sink is not here; install the Debian package postfix"


def states(room: Mailroom) -> dict[str, str]:
    """Return the state of every reader in the ledger."""
    with ledgers.snapshot(str(room.folder / "sent.db")) as ledger:
        handover = ledger.handover("the-ai-week", DAY, "relay")
        assert handover is not None
        return {
            address: state
            for state in ("queued", "sending", "sent", "deferred", "failed", "unknown", "suppressed")
            for address, _ in ledger.listed(handover, state)
        }


def start(room: Mailroom) -> subprocess.Popen[bytes]:
    """Start a run."""
    return subprocess.Popen(
        [sys.executable, "-m", "digest", *SEND], cwd=room.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def kill_again_and_again(room: Mailroom, count: Callable[[], int], kills: int) -> None:
    """Start a run and kill it, *kills* times, each after some more messages than *count* says there are.

    A run that ends by itself (the list was half written when it looked, say) is not counted, but is not tried for ever.
    """
    dice = random.Random(kills)
    killed = 0
    for _ in range(10 + 12 * kills):
        goal = count() + dice.randint(0, READERS // kills)
        run = start(room)
        while count() < goal and run.poll() is None:
            time.sleep(0.001)
        time.sleep(dice.random() * 0.01)
        killed += run.poll() is None
        run.kill()
        run.wait()
        if killed == kills:
            return
    pytest.fail(f"only {killed} of {kills} runs could be killed while they sent")


LISTS = ("not", "renamed", "in place")
"""How the list of readers is rewritten meanwhile."""


def kills_of(request: pytest.FixtureRequest, rewritten: str) -> int:
    """Return how often to kill: fewer times in the short form where the list is rewritten, to be as fast."""
    kills = int(request.config.getoption("--kills"))
    return kills if rewritten == "not" or kills >= 50 else 4


@pytest.mark.parametrize("rewritten", LISTS)
def test_killed_at_random_points_and_resumed(
    tmp_path: Path, request: pytest.FixtureRequest, record_property: Record, rewritten: str
) -> None:
    """400 readers, killed again and again while it sends: each has one message, but for those reported unknown.

    Those may have one or none, never two, also where the list is rewritten meanwhile. `--kills 50` is the long form.
    """
    kills = kills_of(request, rewritten)
    room = Mailroom(tmp_path)
    room.build()
    with smtp.running(smtp.Server(delay=0.004)) as server:
        relay = {"kind": "smtp", "host": "127.0.0.1", "port": str(server.port), "security": "none"}
        room.configure({"relay": relay}, recipients=room.readers(READERS), connections=2)
        with room.rewriting(rewritten):
            kill_again_and_again(room, lambda: len(server.messages), kills)
        last = room.digest(*SEND)
        again = room.digest(*SEND)

    found = states(room)
    unknown = {reader for reader, state in found.items() if state == "unknown"}
    assert len(found) == READERS
    assert set(found.values()) <= {"sent", "unknown"}
    assert [reader for reader, count in server.taken.items() if count > 1] == []
    assert set(found) - set(server.taken) <= unknown
    assert len(unknown) <= 2 * kills
    assert again.stdout.splitlines()[-1].removeprefix("nothing to do: ") == last.stdout.splitlines()[-1]
    delivered = len(unknown & set(server.taken))
    record_property(
        "inputs", f"{kills} kills, list {rewritten} rewritten: {len(unknown)} unknown, {delivered} delivered"
    )


@pytest.mark.parametrize("connections", [1, 2])
def test_an_interrupt_ends_what_is_under_way(tmp_path: Path, connections: int) -> None:
    """Ctrl-C lets the message that is being sent arrive, so nobody is unknown, and the next run writes to the rest."""
    room = Mailroom(tmp_path)
    room.build()
    with smtp.running(smtp.Server(delay=0.2)) as server:
        relay = {"kind": "smtp", "host": "127.0.0.1", "port": str(server.port), "security": "none"}
        room.configure({"relay": relay}, recipients=room.readers(12), connections=connections)
        # A test that runs in the background has children that ignore an interrupt, unless they ask for it.
        code = "import signal, digest.cli; signal.signal(signal.SIGINT, signal.default_int_handler); digest.cli.main()"
        command = [sys.executable, "-c", code, *SEND]
        pipe = subprocess.PIPE
        run = subprocess.Popen(command, cwd=room.folder, stdout=pipe, stderr=pipe, text=True)
        while len(server.messages) < 3:
            time.sleep(0.001)
        run.send_signal(signal.SIGINT)
        said, trouble = run.communicate(timeout=30)
        between = states(room)
        rest = room.digest(*SEND)

    count = Counter(between.values())
    assert set(count) == {"queued", "sent"}
    assert said.splitlines()[-1] == f"{count['queued']} queued, {count['sent']} sent"
    assert trouble == "stopped: interrupted; mend it and run the same command again: it goes on from here\n"
    assert (run.returncode, rest.returncode, set(server.taken.values())) == (1, 0, {1})


# --- Postfix's fault injector


@contextmanager
def sink(folder: Path, *options: str) -> Iterator[int]:
    """Run smtp-sink, which keeps each message in a file, and return its port."""
    program = shutil.which("smtp-sink") or ("/usr/sbin/smtp-sink" if os.path.exists("/usr/sbin/smtp-sink") else "")
    if not program:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{LEFT_OUT}, as .ci/run does")
        pytest.skip(LEFT_OUT)
    (folder / "sink").mkdir()
    (folder / "sink").chmod(0o777)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    user = ("-u", "nobody") if os.getuid() == 0 else ()
    folder.chmod(0o755)
    command = [program, *user, *options, "-d", str(folder / "sink" / "m."), f"127.0.0.1:{port}", "20"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("smtp-sink does not answer")


def kept(folder: Path) -> list[str]:
    """Return the reader of each message that smtp-sink keeps."""
    found = []
    for file in (folder / "sink").iterdir():
        lines = file.read_bytes().replace(b"\r\n", b"\n").split(b"\n")
        found += [line[4:].strip(b"<> ").decode() for line in lines if line.startswith(b"To: ")]
    return found


@pytest.fixture
def room(tmp_path_factory: pytest.TempPathFactory) -> Mailroom:
    """A built issue in a folder that smtp-sink, as nobody, can reach."""
    folder = tmp_path_factory.mktemp("room")
    for parent in (folder, *folder.parents):
        if str(parent).startswith(os.path.realpath("/tmp/")) and parent != parent.parent and os.getuid() == 0:
            parent.chmod(parent.stat().st_mode | 0o755)
    made = Mailroom(folder)
    made.build()
    return made


def configure(room: Mailroom, port: int, **send: object) -> None:
    """Let the sink be the relay, for twelve readers."""
    relay = {"kind": "smtp", "host": "127.0.0.1", "port": str(port), "security": "none", "timeout": "1"}
    plan = {"connections": 1, "retry_after": 1, "give_up": 2, **send}
    room.configure({"relay": relay}, recipients=room.readers(12), **plan)


def test_a_sink_that_takes_all(room: Mailroom) -> None:
    """A healthy sink gets one message a reader."""
    with sink(room.folder) as port:
        configure(room, port)
        done = room.digest(*SEND)

    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "12 sent")
    assert sorted(kept(room.folder)) == sorted(f"r{number}@example.com" for number in range(12))


def test_a_sink_that_loses_acknowledgements(room: Mailroom) -> None:
    """Where every acknowledgement is lost the run stops, and what may have been taken is never sent again."""
    with sink(room.folder, "-q", ".") as port:
        configure(room, port)
        first = room.digest(*SEND)
        second = room.digest(*SEND)

    assert "10 refusals or lost connections in a row" in first.stderr
    assert second.returncode == 1
    assert second.stdout.splitlines()[-1] == "12 unknown"
    assert len(kept(room.folder)) == len(set(kept(room.folder)))
    assert set(states(room).values()) == {"unknown"}


@pytest.mark.parametrize(
    ("fault", "expected", "left"),
    [
        (("-Q", "MAIL"), "10 refusals or lost connections in a row", "queued"),
        (("-r", "RCPT"), "refused for now; run it again later", "deferred"),
        (("-r", "."), "refused for now; run it again later", "deferred"),
        (("-f", "RCPT"), "the first 10 readers were all refused: the server does not say why", "queued"),
        (("-f", "MAIL"), "the sender news@example.com is refused", "queued"),
        (("-q", "DATA"), "10 refusals or lost connections in a row", "queued"),
    ],
    ids=["421", "soft-rcpt", "soft-dot", "hard-rcpt", "hard-mail", "drop-data"],
)
def test_a_sink_with_faults_loses_nobody(room: Mailroom, fault: tuple[str, ...], expected: str, left: str) -> None:
    """Whatever fails, who got no message still waits or is reported, and a healthy server gets the rest once."""
    with sink(room.folder, *fault) as port:
        configure(room, port)
        done = room.digest(*SEND)
        shutil.rmtree(room.folder / "sink")
    broken = states(room)

    assert done.returncode == 1
    assert expected in done.stderr
    assert left in broken.values()
    assert len(broken) == 12
    with sink(room.folder) as port:
        configure(room, port)
        later = room.digest(*SEND)
    waited = [reader for reader, state in broken.items() if state in ("queued", "deferred")]
    assert sorted(kept(room.folder)) == sorted(waited), later.stderr


def test_a_sink_that_stalls(room: Mailroom) -> None:
    """A server that does not answer in time is hung up on; nobody who may have a message gets a second one."""
    with sink(room.folder, "-w", "3") as port:
        configure(room, port, give_up=1)
        done = room.digest(*SEND)

    assert done.returncode == 1
    assert len(kept(room.folder)) == len(set(kept(room.folder)))
    assert set(states(room).values()) <= {"queued", "unknown"}
