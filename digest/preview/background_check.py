"""`digest check` in a process of its own, so that an editor at work never waits for it. Knows no rule.

A thread would share Python's lock with the builds of the preview: an edit made while it looks took twice as long.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from typing import TYPE_CHECKING, Any

from digest.checks.sender import AGE
from digest.model import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST = 60
"""Seconds that a check may take: a theme can make a letter that takes hours to look at."""

_TEMPORARY = tempfile.gettempdir()
"""Asked for at the start: with no file left to try it with, Python would say that there is no such folder."""

_LOW = 10
"""How much the process stands back behind others, as `nice` counts."""


def check(files: Mapping[str, bytes]) -> list[Finding]:
    """Return what `digest check` finds in the *files* of an issue. Raises RuntimeError where it cannot look."""
    with tempfile.TemporaryDirectory(prefix="digest-check-", dir=_TEMPORARY) as folder:
        for name, content in files.items():
            with open(os.path.join(folder, name), "wb") as handle:
                handle.write(content)
        command = [sys.executable, "-P", "-m", "digest", "check", folder, "--json"]
        # In a group of its own, as Ctrl-C is for the program that asks; in its own session it would not stand back.
        with subprocess.Popen(  # noqa: S603 - our own command, and a folder of our own
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, process_group=0
        ) as running:
            with contextlib.suppress(AttributeError, OSError):  # Windows has no such thing; it may have ended already
                os.setpriority(os.PRIO_PROCESS, running.pid, _LOW)
            printed, trouble = _waited_for(running)
    if _ending.is_set():
        return []
    if running.returncode not in {0, 1} or not printed:
        raise RuntimeError(f"digest check ended with {running.returncode}: {trouble.decode(errors='replace')}")
    # The desk may show an issue of any week; its age is asked where it is about to be sent.
    return [_finding(**load) for load in json.loads(printed)["findings"] if load["rule"] != AGE]


def stop() -> None:
    """End the checks that are under way, and all that begin from now on: the program ends."""
    _ending.set()
    for running in tuple(_under_way):
        running.kill()


_ending = threading.Event()
_under_way: set[subprocess.Popen[bytes]] = set()


def _waited_for(running: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    """Return what a check printed, and what it complained about. Raises RuntimeError where it takes too long."""
    _under_way.add(running)
    try:
        if _ending.is_set():
            running.kill()
        return running.communicate(timeout=_LONGEST)
    except subprocess.TimeoutExpired as error:
        running.kill()
        raise RuntimeError(f"digest check has not finished after {_LONGEST} s") from error
    finally:
        _under_way.discard(running)


def _finding(*, place: str, clients: list[str], **others: Any) -> Finding:  # noqa: ANN401 - each goes into its own field
    del place  # it is made of the others
    return Finding(clients=tuple(clients), **others)
