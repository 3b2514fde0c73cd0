"""Editions for many readers: readers a second, different editions and memory, by the number of readers.

    python benchmarks/editions.py [ARCHIVE [READERS ...]]        by default 2,000 readers of the sample archive

ARCHIVE is a folder of articles; the week is the last full one in it. Readers ask for 1 to 8 of its topics, the first of
them most (Zipf's law). The run is `digest editions` as a user starts it, and nothing is left behind; memory is that of
the largest process.
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta

from digest import archive

SAMPLE = "seeds"


def week_of(folder: str) -> tuple[str, list[str]]:
    """Return the last day of the archive, and its topics, the one with most articles first."""
    articles = archive.read([folder]).articles
    days = Counter(article.published_at.date() for article in articles if article.published_at)
    # The last day may be cut off.
    last = max(days) - timedelta(days=1)
    topics = Counter(topic for article in articles for topic in article.topics)
    return str(last), [topic for topic, _ in topics.most_common(30)]


def enlist(file: str, count: int, topics: list[str]) -> None:
    """Write a list of *count* readers, always the same."""
    chance = random.Random(7)
    weights = [1 / place for place in range(1, len(topics) + 1)]
    with open(file, "w", encoding="utf-8") as handle:
        handle.write("email,topics,language\n")
        for number in range(count):
            asked = set(chance.choices(topics, weights, k=chance.randint(1, 8)))
            handle.write(f"reader{number}@example.com,{'; '.join(sorted(asked))},\n")


def measured(folder: str, count: int) -> tuple[float, float, int, int, dict[str, int]]:
    """Return seconds by the clock and of the processors, megabytes of command and worker, and what was counted."""
    day, topics = week_of(folder)
    with tempfile.TemporaryDirectory() as place:
        enlist(os.path.join(place, "readers.csv"), count, topics)
        settings = {
            "archive": [os.path.abspath(folder)],
            "readers": {"from": "readers.csv", "id": {"env": "READER_KEY"}},
            "editions": {"topics": topics, "fewest": 2},
        }
        with open(os.path.join(place, "digest.yaml"), "w", encoding="utf-8") as handle:
            json.dump(settings, handle)
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "digest", "editions", "--date", day, "--json"],
            cwd=place,
            env={**os.environ, "READER_KEY": "a key of the benchmark alone"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        wall, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
        written = sum(os.path.getsize(os.path.join(top, file)) for top, _, files in os.walk(place) for file in files)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, after.ru_maxrss // 1024, written // 1_000_000, json.loads(done.stdout)["counts"]


def main() -> None:
    """Print a line for each number of readers."""
    folder = sys.argv[1] if sys.argv[1:] else SAMPLE
    heads = f"{'wall s':>7} {'CPU s':>7} {'readers/s':>10} {'MB':>5} {'MB out':>7}"
    print(f"{'readers':>10} {'personal':>10} {'editions':>9} {heads}")
    for count in [int(number) for number in sys.argv[2:]] or [2_000]:
        wall, cpu, memory, written, counts = measured(folder, count)
        figures = f"{wall:>7.1f} {cpu:>7.1f} {count / wall:>10,.0f} {memory:>5,} {written:>7,}"
        print(f"{count:>10,} {counts['personal']:>10,} {counts['editions']:>9,} {figures}")


if __name__ == "__main__":
    main()
