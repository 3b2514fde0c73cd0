"""How long digest takes, as ratios to something that runs beside it: in pairs, so a slow moment hits both.

    python benchmarks/bench.py [--runs 9] [--articles 10000 100000] [--json FILE] [--against benchmarks/baseline.json]

Prints a row a figure: the median ratio, the smallest, the largest and the goal, and what a prototype of it came to. The
archive generator, the floor in C and the fastest peer (Hugo) are taken from ../shared/perf and the machine where they
are; what is missing is named, not passed. With --against, a figure that is a quarter worse than there counts as over
its goal.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).parent.parent
PERF = ROOT.parent / "shared" / "perf"
CHOOSING = Path(__file__).with_name("choosing.py")
EDITIONS = Path(__file__).with_name("editions.py")
DESK = 0.05
"""Seconds in which a change at the desk is to be judged."""
NO_WORSE = 1.25


class Installed(NamedTuple):
    """Python and digest as a user has them: from the wheel, in an environment that holds nothing else."""

    python: Path

    @property
    def digest(self) -> str:
        """The command."""
        return str(self.python.with_name("digest"))


def install(folder: Path) -> Installed:
    """Return an environment in *folder* with the wheel of this tree and its pinned requirements.

    The one we develop in would not do: it looks through paths for packages that are edited in place, and Babel loads
    pytz where a package for tests has brought it.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], check=True)
    python, wheel = folder / "venv" / "bin" / "python", folder / "wheel"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "install"]
    subprocess.run([*pip, "-r", str(ROOT / "requirements.txt")], check=True, capture_output=True)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheel)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    subprocess.run([*pip, "--no-deps", "--no-index", *map(str, wheel.glob("*.whl"))], check=True, capture_output=True)
    return Installed(python)


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: the ratio of a command to its peer, in wall time or peak memory, over all pairs."""

    name: str
    peer: str
    median: float
    least: float
    most: float
    goal: float
    seconds: float
    prototype: float | None = None

    def __str__(self) -> str:
        verdict = "ok  " if self.median <= self.goal else "OVER"
        spread = f"{self.least:.2f} to {self.most:.2f}"
        tried = f"prototype {self.prototype:g}; " if self.prototype else ""
        return (
            f"{verdict} {self.name:<44} {self.median:6.2f} x {self.peer:<22} (goal {self.goal:g}; {tried}{spread}; "
            f"median {self.seconds:.3f} s)"
        )


class Run(NamedTuple):
    """What one run took."""

    seconds: float
    peak: int


class Peer(NamedTuple):
    """What runs beside digest."""

    name: str
    command: Sequence[str]


def run(command: Sequence[str], folder: Path) -> Run:
    """Run a command, which must succeed; Python may keep its bytecode, as it does at a user's."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    took = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Run(took, usage.ru_maxrss)


def pairs_of(
    command: Sequence[str], peer: Sequence[str], *, runs: int, folder: Path, before: Callable[[], object] = bool
) -> list[tuple[Run, Run]]:
    """Run *command* and its peer in turn, after one warm-up of each; *before* is done before each of the command."""
    found = []
    for _ in range(runs + 1):
        before()
        found.append((run(command, folder), run(peer, folder)))
    return found[1:]


def figure(name: str, peer: str, pairs: Sequence[tuple[Run, Run]], *, goal: float, memory: bool = False) -> Figure:
    """Return the row of what was measured in pairs."""
    ratios = [mine.peak / other.peak if memory else mine.seconds / other.seconds for mine, other in pairs]
    mine = statistics.median(one.seconds for one, _ in pairs)
    return Figure(name, peer, statistics.median(ratios), min(ratios), max(ratios), goal, mine)


def compare(name: str, command: Sequence[str], peer: Peer, *, goal: float, runs: int, folder: Path) -> Figure:
    """Measure *command* beside its peer and return the row."""
    return figure(name, peer.name, pairs_of(command, peer.command, runs=runs, folder=folder), goal=goal)


def sample(runs: int, folder: Path, ours: Installed) -> list[Figure]:
    """Return the figures that need nothing but this repository."""
    python = Peer("python -c pass", [str(ours.python), "-c", "pass"])
    build = [ours.digest, "build", "--date", "2020-11-11", "--archive", str(ROOT / "seeds")]
    return [
        compare("digest --help", [ours.digest, "--help"], python, goal=5, runs=runs, folder=folder),
        compare("sample issue, theme compiled", build, python, goal=18, runs=runs, folder=folder),
        rendered("rendering 50 stories, HTML", "html", runs, goal=0.05),
        rendered("rendering 50 stories, whole message", "message", runs, goal=0.25),
    ]


def rendered(name: str, what: str, runs: int, *, goal: float) -> Figure:
    """Return what rendering takes beside Jinja, MRML and premailer on the same issue, all in one process."""
    command = [sys.executable, str(ROOT / "benchmarks" / "rendering.py"), str(runs), what]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    pairs = [(Run(mine, 1), Run(other, 1)) for mine, other in json.loads(printed)]
    return figure(name, "Jinja, MRML, premailer", pairs, goal=goal)


def large(runs: int, articles: int, folder: Path, ours: Installed) -> list[Figure]:
    """Return the figures of a large archive: beside Hugo doing the same work on it, and the physical floor in C."""
    if not (PERF / "gen_archive.py").exists():
        sys.stdout.write(f"left out: a large archive; looked for the generator in {PERF}\n")
        return []
    archive = folder / f"archive-{articles}"
    subprocess.run([sys.executable, PERF / "gen_archive.py", archive, str(articles)], check=True, capture_output=True)
    time.sleep(3)  # what was written just now is not trusted to be unchanged
    build = [ours.digest, "build", "--date", "2021-02-28", "--archive", str(archive), "--out", f"{archive}-out"]
    return [
        *beside_hugo(build, runs, archive, articles, folder),
        *beside_the_floor(build, runs, archive, articles, folder),
    ]


def forget() -> None:
    """Remove what is known of archives, not the compiled theme: the next build is a cold one."""
    for file in Path(os.environ["XDG_CACHE_HOME"]).glob("heat-digest/archive-*"):
        file.unlink()


def beside_hugo(build: Sequence[str], runs: int, archive: Path, articles: int, folder: Path) -> list[Figure]:
    """Return wall time and peak memory of a cold *build* beside Hugo's."""
    if not shutil.which("hugo"):
        sys.stdout.write("left out: the comparison with Hugo; install the package `hugo`\n")
        return []
    site = folder / f"site-{articles}"
    subprocess.run([PERF / "hugo.sh", archive, site], check=True, capture_output=True)
    hugo = ["hugo", "--source", str(site), "--quiet"]
    pairs = pairs_of(build, hugo, runs=runs, folder=folder, before=forget)
    many = articles > 30_000
    return [
        figure(f"{articles:,} articles, cold", "Hugo", pairs, goal=0.1 if many else 0.25),
        figure(f"{articles:,} articles, cold, peak memory", "Hugo", pairs, goal=0.05 if many else 0.3, memory=True),
    ]


def beside_the_floor(build: Sequence[str], runs: int, archive: Path, articles: int, folder: Path) -> list[Figure]:
    """Return a cold *build* beside reading every byte in C, and those with an index beside asking for every time."""
    compiler = shutil.which("cc")
    if not compiler:
        sys.stdout.write("left out: the comparison with the floor; install a C compiler (`cc`)\n")
        return []
    floor = str(folder / "floor")
    subprocess.run([compiler, "-O2", PERF / "floor.c", "-o", floor], check=True)
    read, ask = [floor, "read", str(archive)], [floor, "stat", str(archive)]
    file = next(archive.glob("*.md"))

    def change() -> None:
        file.write_bytes(file.read_bytes() + b"\n")

    cold = pairs_of(build, read, runs=runs, folder=folder, before=forget)
    warm = pairs_of(build, ask, runs=runs, folder=folder)
    changed = pairs_of(build, ask, runs=runs, folder=folder, before=change)
    return [
        figure(f"{articles:,} articles, cold", "read in C", cold, goal=6 if articles > 30_000 else 12),
        figure(f"{articles:,} articles, unchanged", "stat in C", warm, goal=3 if articles > 30_000 else 12),
        figure(f"{articles:,} articles, one changed", "stat in C", changed, goal=6 if articles > 30_000 else 24),
    ]


def selection(runs: int, folder: Path) -> list[Figure]:
    """Return what choosing a week of 500, 5,000 and 50,000 candidates in 12 sections costs, and how it grows."""
    if not (PERF / "gen_archive.py").exists():
        sys.stdout.write(f"left out: selection; looked for the generator in {PERF}\n")
        return []
    found: list[Figure] = []
    times: dict[int, float] = {}
    for count, repeats in ((500, runs), (5_000, runs), (50_000, 3)):
        week = folder / f"week-{count}"
        generate = [sys.executable, str(PERF / "gen_archive.py"), str(week), str(count), "--days", "7"]
        subprocess.run(generate, check=True, capture_output=True)
        command = [sys.executable, str(CHOOSING), str(week), str(repeats)]
        measured = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        ratios = [mine / other for mine, other in measured["pairs"]]
        times[count] = statistics.median(mine for mine, _ in measured["pairs"])
        name = f"choosing among {measured['candidates']:,} in 12 sections"
        median = statistics.median(ratios)
        found.append(Figure(name, "yaml of them", median, min(ratios), max(ratios), 0.25, times[count]))
        shutil.rmtree(week)
    found += [at_the_desk(runs, folder), for_readers(runs, folder), *for_all_readers(folder)]
    for less, more in ((500, 5_000), (5_000, 50_000)):
        ratio = times[more] / times[less] / (more * math.log(more) / (less * math.log(less)))
        found.append(Figure(f"growth from {less:,} to {more:,}", "n log n", ratio, ratio, ratio, 1.0, times[more]))
    return found


def at_the_desk(runs: int, folder: Path) -> Figure:
    """Return what the dearest kind of change at the desk costs among 2,000 candidates, until the issue is chosen."""
    week = folder / "week-desk"
    generate = [sys.executable, str(PERF / "gen_archive.py"), str(week), "2000", "--days", "7"]
    subprocess.run(generate, check=True, capture_output=True)
    command = [sys.executable, str(CHOOSING), str(week), str(runs), "desk"]
    measured = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    kind, seconds = max(measured["changes"].items(), key=lambda change: statistics.median(change[1]))
    shutil.rmtree(week)
    ratios = [each / DESK for each in seconds]
    name = f"a change at the desk among {measured['candidates']:,} ({kind})"
    median = statistics.median(seconds)
    return Figure(name, f"{DESK * 1000:.0f} ms", median / DESK, min(ratios), max(ratios), 1.0, median)


READER = 400
"""How many readers' own sections are to cost what one `select` costs."""


def for_readers(runs: int, folder: Path) -> Figure:
    """Return what a reader's own sections cost out of a week of 7,200 files that is told once, beside `select`."""
    week = folder / "week-readers"
    generate = [sys.executable, str(PERF / "gen_archive.py"), str(week), "7200", "--days", "7"]
    subprocess.run(generate, check=True, capture_output=True)
    command = [sys.executable, str(CHOOSING), str(week), str(runs), "readers"]
    measured = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    shutil.rmtree(week)
    ratios = [READER * mine / other for mine, other in measured["pairs"]]
    name = f"a reader's sections among {measured['candidates']:,}"
    seconds = statistics.median(mine for mine, _ in measured["pairs"])
    middle, peer = statistics.median(ratios), f"select / {READER}"
    return Figure(name, peer, middle, min(ratios), max(ratios), 1.0, seconds, READER / 1_400)


READERS = 100_000
"""Readers whose editions are made, and of whose letters some are rendered."""
ROOM = 450
"""Megabytes that the largest process of editions may have."""


def for_all_readers(folder: Path) -> list[Figure]:
    """Return what editions and letters of many readers of such a week cost, all included, measured once."""
    week = folder / "week-editions"
    generate = [sys.executable, str(PERF / "gen_archive.py"), str(week), "7200", "--days", "7"]
    subprocess.run(generate, check=True, capture_output=True)
    command = [sys.executable, str(EDITIONS), "--json", str(week), str(READERS)]
    [found] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    shutil.rmtree(week)
    rows = (
        (f"a reader of {READERS:,}, all included", "EmailMessage", found["reader"] / found["email"], 0.15, 0.10),
        (f"memory of the largest process of {READERS:,}", f"{ROOM} MB", found["megabytes"] / ROOM, 1.0, 0.7),
    )
    seconds = found["reader"] / 1e6
    return [Figure(name, peer, ratio, ratio, ratio, goal, seconds, tried) for name, peer, ratio, goal, tried in rows]


def worse(figures: Sequence[Figure], before: Path) -> list[str]:
    """Return the figures that are a quarter worse than they were, in words."""
    was = {(one["name"], one["peer"]): one["median"] for one in json.loads(before.read_text(encoding="utf-8"))}
    return [
        f"WORSE {one.name}: {one.median:.2f} x {one.peer}, was {was[one.name, one.peer]:.2f}"
        for one in figures
        if one.median > NO_WORSE * was.get((one.name, one.peer), math.inf)
    ]


def main() -> int:
    """Print all figures; return 1 where one is over its goal, or worse than it was."""
    parser = argparse.ArgumentParser(description="Time digest against what runs beside it.")
    parser.add_argument("--runs", type=int, default=9, help="counted pairs a figure, at least 7 (default 9)")
    parser.add_argument(
        "--articles", type=int, nargs="*", default=[10_000], help="sizes of the large archives (default 10000)"
    )
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    parser.add_argument("--against", metavar="FILE", help="compare with figures written by --json")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        runs = max(chosen.runs, 7)
        ours = install(folder)
        figures = sample(runs, folder, ours) + selection(runs, folder)
        for articles in chosen.articles:
            figures += large(runs, articles, folder, ours)
    for one in figures:
        sys.stdout.write(f"{one}\n")
    if chosen.json:
        rows = [asdict(one) for one in figures]
        Path(chosen.json).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    fallen = worse(figures, Path(chosen.against)) if chosen.against else []
    sys.stdout.writelines(f"{line}\n" for line in fallen)
    return int(bool(fallen) or any(one.median > one.goal for one in figures))


if __name__ == "__main__":
    sys.exit(main())
