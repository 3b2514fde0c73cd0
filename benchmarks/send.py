"""What sending costs: a message for one more reader, its signature, a run over SMTP, and memory for a long list.

    python benchmarks/send.py [--messages 2000] [--json FILE]

Needs an issue in out/ (`make digest`) and, for the second figure, Postfix's smtp-sink; what is missing is named, not
passed. Everything stays on this machine. Ratios are taken in pairs, so that a slow moment hits both.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import smtplib
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING

import dkim as peer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from digest.config.values import DkimPlan, Secret, SendPlan
from digest.issue.folder import IssueFolder
from digest.mail import built as letters
from digest.mail import dkim
from digest.mail.built import Reader
from digest.mail.delivery import Clock
from digest.sending import Writing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from digest.mail.built import BuiltIssue

ROOT = Path(__file__).parent.parent
DIGEST = str(Path(sys.executable).with_name("digest"))
DAY = "2020-11-11"


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: a measured number, and the goal it is held against."""

    name: str
    value: float
    goal: str
    good: bool
    words: str

    def __str__(self) -> str:
        return f"{'ok  ' if self.good else 'OVER'} {self.name:<58} {self.value:8.4f} (goal {self.goal}; {self.words})"


def seconds(work: Callable[[], object]) -> float:
    """Return how long *work* took."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def each(count: int, make: Callable[[str], object]) -> None:
    """Make that many messages, each gone before the next, as in a run."""
    for number in range(count):
        make(f"r{number}@example.com")


def built(letter: BuiltIssue, reader: str) -> bytes:
    """Build a message anew, as one would with the standard library."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = letter.mailbox, reader, letter.subject
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message.as_bytes()


def a_message(letter: BuiltIssue) -> Figure:
    """The cost of one more reader against building an EmailMessage anew."""
    write = Writing(letter, SendPlan(unsubscribe="https://example.com/u?e={email}"), Clock(time.time, time.sleep))
    ratios = []
    for _ in range(9):
        mine = seconds(lambda: each(500, lambda reader: write(Reader(address=reader)))) / 500
        other = seconds(lambda: each(5, lambda reader: built(letter, reader))) / 5
        ratios.append(mine / other)
    value = statistics.median(ratios)
    return Figure("a message for one more reader / an EmailMessage", value, "<= 0.01", value <= 0.01, "median of 9")


def a_signature(letter: BuiltIssue, folder: Path) -> Figure:
    """The cost of a DKIM signature against that of dkimpy, which is written in Python."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = key.private_bytes(*form)
    (folder / "key.pem").write_bytes(pem)
    sign = dkim.signer(DkimPlan(selector="news", key=Secret(file=str(folder / "key.pem"))), letter.sender)
    how = {"canonicalize": (b"relaxed", b"relaxed"), "include_headers": list(dkim.COVERED)}
    pairs = [
        (
            seconds(lambda: [sign(letter.mime) for _ in range(100)]) / 100,
            seconds(lambda: [peer.sign(letter.mime, b"news", b"example.com", pem, **how) for _ in range(10)]) / 10,
        )
        for _ in range(9)
    ]
    value = statistics.median(mine / other for mine, other in pairs)
    words = f"{statistics.median(mine for mine, _ in pairs) * 1000:.2f} ms, of {len(letter.mime):,} bytes"
    return Figure("a DKIM signature by RSA of 2,048 bits / dkimpy", value, "<= 0.2", value <= 0.2, words)


@contextmanager
def sink() -> Iterator[int]:
    """Run smtp-sink and return its port."""
    program = shutil.which("smtp-sink", path=os.environ["PATH"] + ":/usr/sbin")
    assert program
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    user = ["-u", "nobody"] if os.getuid() == 0 else []
    server = subprocess.Popen([program, *user, f"127.0.0.1:{port}", "50"])
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait()


def run(folder: Path, readers: int, port: int, connections: int) -> tuple[float, int]:
    """Send to that many readers with the command; return seconds and the peak of memory in bytes."""
    (folder / "readers.csv").write_text("email\n" + "".join(f"r{n}@example.com\n" for n in range(readers)), "utf-8")
    target = {"host": "127.0.0.1", "port": str(port), "security": "none", "kind": "smtp"}
    plan = {"recipients": "readers.csv", "connections": connections, "messages": 100_000}
    (folder / "digest.yaml").write_text(json.dumps({"targets": {"sink": target}, "send": plan}), "utf-8")
    # sent.json too: it knows that the issue was handed over, and without its ledger nothing is sent again.
    for file in [*folder.glob("sent.db*"), *folder.glob("out/*/sent.json")]:
        file.unlink()
    command = [DIGEST, "send", DAY, "--to", "sink", "--send", "--yes", "--insecure"]
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=2); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)"
    )
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, *command],
        cwd=folder,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - start, int(done.stdout)


def plainly(letter: BuiltIssue, readers: int, port: int) -> float:
    """Send to that many readers as one would with smtplib: one connection, a message built for each."""
    start = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for number in range(readers):
            reader = f"r{number}@example.com"
            smtp.sendmail(letter.sender, [reader], built(letter, reader))
    return time.perf_counter() - start


def bare(letter: BuiltIssue, readers: int, port: int) -> float:
    """The same with one message for all, made before: what the wire alone costs smtplib."""
    start = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for number in range(readers):
            smtp.sendmail(letter.sender, [f"r{number}@example.com"], letter.mime)
    return time.perf_counter() - start


def over_smtp(letter: BuiltIssue, folder: Path, messages: int) -> list[Figure]:
    """Four connections with the ledger against smtplib with one; and memory for a hundred times the readers."""
    if not shutil.which("smtp-sink", path=os.environ["PATH"] + ":/usr/sbin"):
        sys.stdout.write("left out: SMTP and memory; install the Debian package postfix for smtp-sink\n")
        return []
    with sink() as port:
        pairs = [
            (
                run(folder, messages, port, 4)[0],
                plainly(letter, messages // 10, port) * 10,
                bare(letter, messages, port),
            )
            for _ in range(3)
        ]
        small, large = run(folder, 1_000, port, 4)[1], run(folder, 100_000, port, 4)[1]
    ratio = statistics.median(other / mine for mine, other, _ in pairs)
    wire = statistics.median(other / mine for mine, _, other in pairs)
    rate = statistics.median(messages / mine for mine, _, _ in pairs)
    more = (large - small) / 1e6
    return [
        Figure("smtplib, one connection / digest send, four", ratio, ">= 2", ratio >= 2, f"{rate:.0f} messages/s"),
        Figure("the same, one message for all made before", wire, "no goal", good=True, words="the wire alone"),
        Figure(
            "MB of memory more for 100,000 readers than for 1,000", more, "<= 20", more <= 20, f"{large / 1e6:.0f} MB"
        ),
    ]


def main() -> int:
    """Print all figures; return 1 where one is over its goal."""
    parser = argparse.ArgumentParser(description="Time sending against what the standard library does.")
    parser.add_argument("--messages", type=int, default=2_000, help="messages a run over SMTP (default 2,000)")
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    chosen = parser.parse_args()
    issue = ROOT / "out" / DAY
    letter = letters.read(IssueFolder(str(issue)))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(issue, folder / "out" / DAY)
        figures = [a_message(letter), a_signature(letter, folder), *over_smtp(letter, folder, chosen.messages)]
    for figure in figures:
        sys.stdout.write(f"{figure}\n")
    if chosen.json:
        Path(chosen.json).write_text(json.dumps([asdict(figure) for figure in figures], indent=1), encoding="utf-8")
    return int(not all(figure.good for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
