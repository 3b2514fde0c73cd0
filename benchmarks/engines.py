"""Editions of the same readers made by one process, by two of this machine, and by two workers of a Dask cluster.

    python benchmarks/engines.py [ARCHIVE [READERS ...]]        by default 20,000 readers of the sample archive

All start from nothing and read archive and list themselves, beside those that make parts; seconds of the processors
include those of Dask's scheduler and workers, from their start. Needs a machine with two processors or more, and one
that does nothing else for what is gained by the clock.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from editions import SAMPLE, set_up

if TYPE_CHECKING:
    from collections.abc import Iterator

PYTHON = [sys.executable, "-m"]
GOALS = {
    "1 of this machine": "",
    "2 of this machine": "(goal 1.10, prototype 1.03; sooner: goal 1.7)",
    "2 workers of Dask": "(goal 1.30, prototype 1.12 to 1.25)",
}
"""What a kind of run may take of the processors, as times one, and how much sooner it is to be there by the clock."""


def timed(place: str, day: str, processors: int, *options: str) -> float:
    """Run `digest editions` in *place* on so many *processors*; return seconds by the clock."""
    begun = time.monotonic()
    allowed = sorted(os.sched_getaffinity(0))[:processors]
    command = [*PYTHON, "digest", "editions", "--date", day, "--quiet", *options]
    env = {**os.environ, "READER_KEY": "a key of the benchmark alone"}
    on = partial(os.sched_setaffinity, 0, allowed)
    subprocess.run(command, cwd=place, env=env, stderr=subprocess.DEVNULL, check=True, preexec_fn=on)
    shutil.rmtree(os.path.join(place, "editions"))
    return time.monotonic() - begun


def used() -> float:
    """Return seconds of the processors that processes have used which were started here and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@contextmanager
def cluster(place: str) -> Iterator[str]:
    """Lend the address of a scheduler with two workers, whose files stand in *place*."""
    file, quiet = os.path.join(place, "scheduler.json"), subprocess.DEVNULL
    scheduler = ("scheduler", "--host", "tcp://127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", file)
    worker = ("worker", "--scheduler-file", file, "--no-nanny", "--nthreads", "1", "--local-directory", place)
    started = [
        subprocess.Popen([*PYTHON, "dask", *options], stdout=quiet, stderr=quiet)
        for options in (scheduler, worker, worker)
    ]
    try:
        while not os.path.exists(file):
            time.sleep(0.1)
        with open(file, encoding="utf-8") as handle:
            yield json.load(handle)["address"]
    finally:
        for process in started:
            process.kill()
            process.wait()


def compared(folder: str, count: int) -> Iterator[tuple[str, float, float]]:
    """Yield each kind of run with its seconds by the clock and of the processors."""
    with tempfile.TemporaryDirectory() as place:
        day = set_up(place, folder, count)
        for processors in (1, 2):
            before = used()
            wall = timed(place, day, processors)
            yield f"{processors} of this machine", wall, used() - before
        before = used()
        with tempfile.TemporaryDirectory() as room, cluster(room) as address:
            wall = timed(place, day, 2, "--engine", address)
        yield "2 workers of Dask", wall, used() - before


def main() -> None:
    """Print a line for each kind of run and number of readers."""
    folder = sys.argv[1] if sys.argv[1:] else SAMPLE
    print(f"{'readers':>10} {'made by':<18} {'wall s':>7} {'CPU s':>7} {'times one':>10} {'sooner':>7}")
    for count in [int(number) for number in sys.argv[2:]] or [20_000]:
        alone = waited = 0.0
        for kind, wall, cpu in compared(folder, count):
            alone, waited = alone or cpu, waited or wall
            times = f"{cpu / alone:>10.2f} {waited / wall:>7.2f}"
            print(f"{count:>10,} {kind:<18} {wall:>7.1f} {cpu:>7.1f} {times} {GOALS[kind]}", flush=True)


if __name__ == "__main__":
    main()
