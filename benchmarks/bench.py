"""How long digest takes, as ratios to something that runs beside it: in pairs, so a slow moment hits both.

    python benchmarks/bench.py [--runs 9] [--articles 10000] [--json FILE]

Prints a row a figure: the median ratio with the smallest and largest, and the goal. The archive generator and the
fastest peer (Hugo) are taken from ../shared/perf and the machine where they are; what is missing is named, not passed.
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


SELECT = """
import glob, json, re, statistics, sys, time
from datetime import date
import yaml
from digest import archive
from digest.model import Match, Rules, SectionPlan, Window
from digest.selection import select, texts

folder, runs = sys.argv[1], int(sys.argv[2])
read = archive.read([folder]).articles
topics = sorted({topic for article in read for topic in article.topics})[:12]
rules = Rules(plans=tuple(SectionPlan(title=one, match=Match(any=(one,)), limit=10) for one in topics))
week = Window(first=date(2021, 2, 22), last=date(2021, 2, 28))
fence = re.compile(rb"^---[ \\t]*\\r?$", re.MULTILINE)
matters = [fence.split(open(file, "rb").read())[1] for file in sorted(glob.glob(folder + "/*.md"))]
pairs = []
for _ in range(runs + 1):
    texts._stem.cache_clear()
    start = time.process_time()
    found = len(select(read, week, rules).verdicts)
    middle = time.process_time()
    for matter in matters:
        yaml.load(matter, yaml.CSafeLoader)
    pairs.append((middle - start, time.process_time() - middle))
print(json.dumps({"found": found, "pairs": pairs[1:]}))
"""
"""Selects a week again and again, each time beside parsing its files; the stems learnt are forgotten in between."""


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
        command = [sys.executable, "-c", SELECT, str(week), str(repeats)]
        measured = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        ratios = [mine / other for mine, other in measured["pairs"]]
        times[count] = statistics.median(mine for mine, _ in measured["pairs"])
        name = f"choosing among {measured['found']:,} in 12 sections"
        median = statistics.median(ratios)
        found.append(Figure(name, "yaml of them", median, min(ratios), max(ratios), 0.25, times[count]))
        shutil.rmtree(week)
    for less, more in ((500, 5_000), (5_000, 50_000)):
        ratio = times[more] / times[less] / (more * math.log(more) / (less * math.log(less)))
        found.append(Figure(f"growth from {less:,} to {more:,}", "n log n", ratio, ratio, ratio, 1.0, times[more]))
    return found


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
        runs = max(chosen.runs, 7)
        figures = sample(chosen.runs, folder) + selection(runs, folder) + large(runs, chosen.articles, folder)
    for figure in figures:
        sys.stdout.write(f"{figure}\n")
    if chosen.json:
        Path(chosen.json).write_text(json.dumps([asdict(figure) for figure in figures], indent=1), encoding="utf-8")
    return int(any(figure.median > figure.goal for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
