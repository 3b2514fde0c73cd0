"""How long digest takes, as ratios to something that runs beside it: in pairs, so a slow moment hits both.

    python benchmarks/bench.py [--runs 9] [--articles 10000] [--json FILE]

Prints a row a figure: the median ratio with the smallest and largest, and the goal. The archive generator and the
fastest peer (Hugo) are taken from ../shared/perf and the machine where they are; what is missing is named, not passed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parent.parent
PERF = ROOT.parent / "shared" / "perf"
PYTHON_START = [sys.executable, "-c", "pass"]
DIGEST = [str(Path(sys.executable).with_name("digest"))]


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: the ratio of a command's wall time to its peer's, over all pairs."""

    name: str
    peer: str
    median: float
    least: float
    most: float
    goal: float
    seconds: float

    def __str__(self) -> str:
        verdict = "ok  " if self.median <= self.goal else "OVER"
        spread = f"{self.least:.2f} to {self.most:.2f}"
        return (
            f"{verdict} {self.name:<44} {self.median:6.2f} x {self.peer:<16} (goal {self.goal:g}; {spread}; "
            f"median {self.seconds:.3f} s)"
        )


def seconds(command: Sequence[str], folder: Path) -> float:
    """Return the wall time of one run, which must succeed."""
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def compare(
    name: str, command: Sequence[str], peer: tuple[str, Sequence[str]], *, goal: float, runs: int, folder: Path
) -> Figure:
    """Run *command* and its peer in turn, after one warm-up of each, and return the figure."""
    seconds(command, folder)
    seconds(peer[1], folder)
    pairs = [(seconds(command, folder), seconds(peer[1], folder)) for _ in range(runs)]
    ratios = [mine / other for mine, other in pairs]
    median = statistics.median(ratios)
    mine = statistics.median(mine for mine, _ in pairs)
    return Figure(name, peer[0], median, min(ratios), max(ratios), goal, mine)


def sample(runs: int, folder: Path) -> list[Figure]:
    """Return the figures that need nothing but this repository."""
    python = ("python -c pass", PYTHON_START)
    build = [*DIGEST, "build", "--date", "2020-11-11", "--archive", str(ROOT / "seeds")]
    return [
        compare("digest --help", [*DIGEST, "--help"], python, goal=6, runs=runs, folder=folder),
        compare("sample issue, theme compiled", build, python, goal=25, runs=runs, folder=folder),
    ]


def large(runs: int, articles: int, folder: Path) -> list[Figure]:
    """Return the figures of a large archive against Hugo doing the same work on it."""
    if not (PERF / "gen_archive.py").exists():
        sys.stdout.write(f"left out: a large archive; looked for the generator in {PERF}\n")
        return []
    archive, site = folder / "archive", folder / "site"
    subprocess.run([sys.executable, PERF / "gen_archive.py", archive, str(articles)], check=True, capture_output=True)
    if not shutil.which("hugo"):
        sys.stdout.write("left out: the comparison with Hugo; install the package `hugo`\n")
        return []
    subprocess.run([PERF / "hugo.sh", archive, site], check=True, capture_output=True)
    build = [*DIGEST, "build", "--date", "2021-02-28", "--archive", str(archive)]
    hugo = ("Hugo", ["hugo", "--source", str(site), "--quiet"])
    return [compare(f"{articles:,} articles, theme compiled", build, hugo, goal=0.6, runs=runs, folder=folder)]


def main() -> int:
    """Print all figures; return 1 where one is over its goal."""
    parser = argparse.ArgumentParser(description="Time digest against what runs beside it.")
    parser.add_argument("--runs", type=int, default=9, help="counted pairs a figure (default 9)")
    parser.add_argument("--articles", type=int, default=10_000, help="size of the large archive (default 10,000)")
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        figures = sample(chosen.runs, folder) + large(max(chosen.runs, 7), chosen.articles, folder)
    for figure in figures:
        sys.stdout.write(f"{figure}\n")
    if chosen.json:
        Path(chosen.json).write_text(json.dumps([asdict(figure) for figure in figures], indent=1), encoding="utf-8")
    return int(any(figure.median > figure.goal for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
