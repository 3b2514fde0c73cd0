"""A mailbox that people look into while they develop: what MailDev makes of a message, asked over its own API."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from fakes import engines
from fakes.postfix import free_port
from mailroom import DAY, Mailroom, date_of

from digest.mail import personalise
from digest.mail.built import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NASTY = "“Zürich” & <b>räv</b> 🦊 اسألني {{ 7*7 }} *|UNSUB|* {% now %} %recipient% <%x%>"


@contextmanager
def maildev() -> Iterator[tuple[int, str]]:
    """Run MailDev; give its SMTP port and the address of its API."""
    program = engines.TOOLS / ".bin" / "maildev"
    engines.missing(str(program), here=program.exists() and shutil.which("node") is not None)
    smtp, web = free_port(), free_port()
    command = [str(program), "-s", str(smtp), "--ip", "127.0.0.1", "-w", str(web), "--web-ip", "127.0.0.1", "--silent"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    running = subprocess.Popen(command, env=dict(os.environ), **quiet)  # type: ignore[call-overload]  # mypy does not look into the dictionary
    api = f"http://127.0.0.1:{web}/api/email"
    try:
        _wait_for(api)
        yield smtp, api
    finally:
        running.terminate()
        running.wait()


def _wait_for(api: str) -> None:
    for _ in range(300):
        try:
            fetch(api)
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("MailDev does not answer")


def fetch(address: str) -> bytes:
    """Return what an address of the API answers."""
    with urllib.request.urlopen(address, timeout=10) as answer:
        return bytes(answer.read())


def test_a_mailbox_reads_what_was_built(tmp_path: Path) -> None:
    """Its parser finds our subject and both bodies as we wrote them, and its source is our message byte for byte."""
    room = Mailroom(tmp_path)
    letter = room.build(NASTY)
    with maildev() as (port, api):
        relay = {"kind": "smtp", "host": "127.0.0.1", "port": str(port), "security": "none"}
        room.configure({"relay": relay}, recipients=room.readers(2))
        done = room.digest("send", DAY, "--to", "relay", "--send", "--yes", "--insecure")
        listed: list[dict[str, Any]] = json.loads(fetch(api))
        sources = {one["to"][0]["address"]: fetch(f"{api}/{one['id']}/source") for one in listed}
        read = json.loads(fetch(f"{api}/{listed[0]['id']}"))

    at = date_of(sources["r0@example.com"]).timestamp()
    own = personalise.cut(letter).message(Reader(address="r0@example.com"), letter.unsubscribe, at=at, one_click=False)
    assert (done.returncode, len(listed)) == (0, 2)
    assert sources["r0@example.com"].rstrip() == own.rstrip()
    assert read["subject"] == letter.subject == NASTY
    assert read["text"].split() == letter.text.split()
    assert "اسألني {{ 7*7 }} *|UNSUB|* {% now %} %recipient%" in read["html"]
