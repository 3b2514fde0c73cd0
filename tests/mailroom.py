"""A built issue with targets and readers, for the tests of sending."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner
from weeks import Newsroom

from digest import cli, sending
from digest.config import settings
from digest.issue.folder import IssueFolder
from digest.mail import built
from digest.mail.delivery import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from digest.mail.built import BuiltIssue

DAY = "2020-11-11"
_DATE = re.compile(rb"^Date: ([^\r]*)\r\n", re.MULTILINE)


def undated(raw: bytes) -> bytes:
    """Return a message without its date, which is the moment at which it left."""
    return _DATE.sub(b"", raw, count=1)


def date_of(raw: bytes) -> datetime:
    """Return the date of a message."""
    [written] = _DATE.findall(raw.partition(b"\r\n\r\n")[0] + b"\r\n")
    return parsedate_to_datetime(written.decode())


OWN = {
    "from": "Seeing Machines <letters@machines-letter.org>",
    "address": "9 Canal Row, 2000 Port Ellery, Veldhaven",
    "web": "https://machines-letter.org/letters/{id}/",
    "unsubscribe": "https://machines-letter.org/leave",
}
"""A newsletter of its own: without one an issue cannot leave the machine. Nothing here ever connects to it."""


@dataclass(frozen=True)
class Done:
    """What a command printed and how it ended."""

    returncode: int
    stdout: str
    stderr: str


@dataclass
class Time:
    """A clock that jumps instead of waiting. Its time of day may be set while it runs, its seconds go on evenly."""

    at: float = 1_700_000_000.0
    waits: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def clock(self) -> Clock:
        """Return it as a run takes it."""

        def wait(seconds: float) -> None:
            self.waits.append(seconds)
            self.at += seconds
            self.seconds += seconds

        return Clock(lambda: self.at, wait, lambda: 0.5, monotonic=lambda: self.seconds)


@dataclass(frozen=True)
class Mailroom:
    """A folder with one built issue. *targets* and *send* go into its digest.yaml."""

    folder: Path

    def build(self, title: str = "Robots learn to fold towels", **newsletter: str) -> BuiltIssue:
        """Build the issue of the day with one article of that title, and return it."""
        room = Newsroom(self.folder)
        room.file("a", title=title, webUrl="https://news.example.com/towels")
        self._newsletter(newsletter)
        settings_file = str(self.folder / "digest.yaml")
        from datetime import date  # noqa: PLC0415 - only here

        from digest import pipeline  # noqa: PLC0415 - only here

        loaded = settings.load(settings_file)
        pipeline.build(loaded, pipeline.window_of(loaded, last=date.fromisoformat(DAY)))
        return self.letter()

    def letter(self) -> BuiltIssue:
        """Return the issue as it stands."""
        folder = str(self.folder / "out" / DAY)
        return built.read(IssueFolder(folder))

    def configure(self, targets: dict[str, Any], **send: Any) -> settings.Settings:
        """Write targets and send into digest.yaml and return all settings."""
        file = self.folder / "digest.yaml"
        kept = [line for line in file.read_text("utf-8").splitlines() if not line.startswith(("targets:", "send:"))]
        lines = [*kept, f"targets: {json.dumps(targets)}", f"send: {json.dumps(send)}", ""]
        file.write_text("\n".join(lines), "utf-8")
        return settings.load(str(file))

    def readers(self, count: int, domain: str = "example.com") -> str:
        """Write a list of that many readers and return its path."""
        rows = [f"r{number}@{domain},t{number}" for number in range(count)]
        file = self.folder / "readers.csv"
        file.write_text("\n".join(["email,token", *rows, ""]), "utf-8")
        return str(file)

    @contextlib.contextmanager
    def rewriting(self, way: str) -> Iterator[None]:
        """Write the list of readers anew all the time: whole, half, whole; in the end it is whole.

        *way*: `renamed` puts a new file in its place, `in place` empties the file and writes it again by whole
        lines, `not` leaves it alone.
        """
        file, over = self.folder / "readers.csv", threading.Event()
        whole = file.read_text("utf-8").splitlines(keepends=True)

        def write(lines: list[str]) -> None:
            if way == "renamed":
                fresh = file.with_suffix(".new")
                fresh.write_text("".join(lines), "utf-8")
                fresh.replace(file)
                return
            with file.open("w", encoding="utf-8") as out:
                for start in range(0, len(lines), 40):
                    out.write("".join(lines[start : start + 40]))
                    out.flush()
                    over.wait(0.002)

        def rewrite() -> None:
            while not over.wait(0.05):
                write(whole[: len(whole) // 2])
                over.wait(0.05)
                write(whole)

        writer = threading.Thread(target=rewrite, daemon=True)
        if way != "not":
            writer.start()
        try:
            yield
        finally:
            over.set()
            if way != "not":
                writer.join()
                write(whole)

    def job(self, target: str, *, insecure: bool = True) -> sending.Job:
        """Return the job of handing the issue to *target*."""
        return sending.prepare(settings.load(str(self.folder / "digest.yaml")), DAY, target, insecure=insecure)

    def digest(self, *arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the command in the folder."""
        return subprocess.run(
            [sys.executable, "-m", "digest", *arguments],
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **environment},
        )

    def run(self, *arguments: str, stdin: str = "", **environment: str) -> Done:
        """Run the command in the folder, in this process: faster, where nothing has to be killed."""
        with contextlib.chdir(self.folder):
            done = CliRunner().invoke(cli.main, arguments, input=stdin, env=environment)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Done(done.exit_code, done.stdout, done.stderr)

    def written(self) -> bytes:
        """Return the bytes of every file in the folder."""
        return b"\n".join(path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file())

    def _newsletter(self, fields: dict[str, str]) -> None:
        file = self.folder / "digest.yaml"
        file.write_text(f"archive: archive\nnewsletter: {json.dumps(fields)}\n", "utf-8")
