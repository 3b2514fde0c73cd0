"""Choosing a week again and again, each time beside parsing its files, in a process of its own.

Prints as JSON how many candidates there were, and the processor time of each pair: choosing, parsing. `bench.py` runs
it; what a run has learnt is forgotten before the next.
"""

from __future__ import annotations

import json
import re
import sys
import time
from datetime import date
from pathlib import Path

import yaml

import digest.cli  # noqa: F401 - as users have it: the command raises the threshold of the garbage collector
from digest import archive
from digest.config.values import Match, Rules, SectionPlan
from digest.model import Window
from digest.selection import select, similarity, stories, wording

_FENCE = re.compile(rb"^---[ \t]*\r?$", re.MULTILINE)


def main() -> None:
    """Time the folder and the number of runs that the command line names."""
    folder, runs = Path(sys.argv[1]), int(sys.argv[2])
    read = archive.read([str(folder)]).articles
    topics = sorted({topic for article in read for topic in article.topics})[:12]
    plans = tuple(SectionPlan(title=topic, match=Match(any=(topic,)), limit=10) for topic in topics)
    rules = Rules(plans=plans)
    week = Window(first=date(2021, 2, 22), last=date(2021, 2, 28))
    matters = [_FENCE.split(file.read_bytes())[1] for file in sorted(folder.glob("*.md"))]
    pairs: list[tuple[float, float]] = []
    candidates = 0
    for _ in range(runs + 1):
        for kept in (wording.stem, similarity._vocabulary, stories.normalised):  # noqa: SLF001 - they keep what a run learns
            kept.cache_clear()
        start = time.process_time()
        candidates = len(select(read, week, rules).verdicts)
        middle = time.process_time()
        for matter in matters:
            yaml.load(matter, yaml.CSafeLoader)
        pairs.append((middle - start, time.process_time() - middle))
    sys.stdout.write(json.dumps({"candidates": candidates, "pairs": pairs[1:]}))


if __name__ == "__main__":
    main()
