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
from typing import TYPE_CHECKING, Any

from digest.checks.leaving import AGE
from digest.model import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOW = 10
"""How much the process stands back behind others, as `nice` counts."""


def check(files: Mapping[str, bytes]) -> list[Finding]:
    """Return what `digest check` finds in the *files* of an issue. Raises RuntimeError where it cannot look."""
    with tempfile.TemporaryDirectory(prefix="digest-check-") as folder:
        for name, content in files.items():
            with open(os.path.join(folder, name), "wb") as handle:
                handle.write(content)
        command = [sys.executable, "-P", "-m", "digest", "check", folder, "--json"]
        with subprocess.Popen(  # noqa: S603 - our own command, and a folder of our own
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as running:
            with contextlib.suppress(AttributeError, OSError):  # Windows has no such thing; it may have ended already
                os.setpriority(os.PRIO_PROCESS, running.pid, _LOW)
            printed, trouble = running.communicate()
    if running.returncode not in {0, 1} or not printed:
        raise RuntimeError(f"digest check ended with {running.returncode}: {trouble.decode(errors='replace')}")
    # The desk may show an issue of any week; its age is asked where it is about to be sent.
    return [_finding(**one) for one in json.loads(printed)["findings"] if one["rule"] != AGE]


def _finding(*, place: str, clients: list[str], **others: Any) -> Finding:  # noqa: ANN401 - each goes into its own field
    del place  # it is made of the others
    return Finding(clients=tuple(clients), **others)
