"""The check of the preview, in a process of its own that stands back behind the editor. Knows no rule.

A thread would share Python's lock with the builds: an edit made while it checks took twice as long. The process is one
for each check, not one that stays: a check comes after a second or more of quiet, and a process that waits would hold
the memory of all rules meanwhile. Files go in and findings come out as pickles over its pipes.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from digest.config.values import Waiver
    from digest.model import Finding

# What the process runs. Not a module of this package: to import one would load the whole server with it.
_PROGRAM = """
import pickle, sys
from digest import checks
files, waivers = pickle.load(sys.stdin.buffer)
pickle.dump(list(checks.check(files, waivers=waivers)), sys.stdout.buffer)
"""

# Seconds that a check may take: a theme can make a letter that takes hours to look at.
_LONGEST = 60

# How far the process stands back behind others, as `nice` counts.
_LOW = 10


def check(files: Mapping[str, bytes], waivers: Sequence[Waiver] = ()) -> list[Finding]:
    """Return what `digest check` finds in the *files* of an issue, by their names, with the settings' *waivers*.

    It is not told what day it is, so nothing is said about the age of the issue: the desk may show that of any week.
    After `stop` it returns nothing. Raises RuntimeError where the check fails, with its traceback, or takes more than a
    minute, and OSError where no process can be started.
    """
    # -P: a file of the editor's folder that is called like a module is not imported. In a group of its own, as Ctrl-C
    # is for the program that asks; in its own session it would not stand back.
    command = [sys.executable, "-P", "-c", _PROGRAM]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, process_group=0
    ) as running:
        # Windows has no such thing, and the process may have ended already.
        with contextlib.suppress(AttributeError, OSError):
            os.setpriority(os.PRIO_PROCESS, running.pid, _LOW)
        printed, trouble = _answer(running, pickle.dumps((dict(files), tuple(waivers))))
    if _ending.is_set():
        return []
    if running.returncode or not printed:
        raise RuntimeError(f"digest check ended with {running.returncode}: {trouble.decode(errors='replace')}")
    return cast("list[Finding]", pickle.loads(printed))  # noqa: S301 - written by our own process


def stop() -> None:
    """End the checks that are under way, and all that begin from now on: the program ends. From any thread."""
    _ending.set()
    for running in tuple(_under_way):
        running.kill()


_ending = threading.Event()
_under_way: set[subprocess.Popen[bytes]] = set()


def _answer(running: subprocess.Popen[bytes], question: bytes) -> tuple[bytes, bytes]:
    """Return what the process answered to *question*, and its errors. Raises RuntimeError where it takes too long."""
    _under_way.add(running)
    try:
        # Asked for after it is in the set: `stop` either finds it there, or is found out here.
        if _ending.is_set():
            running.kill()
        return running.communicate(question, timeout=_LONGEST)
    except subprocess.TimeoutExpired as error:
        running.kill()
        raise RuntimeError(f"digest check has not finished after {_LONGEST} s") from error
    finally:
        _under_way.discard(running)
