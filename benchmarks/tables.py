"""A week out of a table: CPU, memory and articles, by the number of rows and the kind of the table.

    python benchmarks/tables.py [ROWS ...]        by default 100,000 and 1,000,000; 10,000,000 takes minutes to make

A week has 18,300 articles whatever the size of the table, so that what grows is what the table costs. Each reading is a
process of its own, and its CPU is what `archive.read` takes, without Python's start. The tables stay in build/tables
for the next run. Linux says how much memory a process had at most.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import duckdb

FOLDER = os.path.join("build", "tables")
SECONDS = 33
"""From one story to the next: a week has 18,327."""

_LINES = 1_000_000
"""Rows up to which there are JSON Lines: of ten million they are four gigabytes."""

_TEXT = "strftime(TIMESTAMP '2010-01-01' + INTERVAL (i * {seconds}) SECOND, '%Y-%m-%dT%H:%M:%SZ')"

KINDS = {
    "Parquet, times": ("TIMESTAMPTZ '2010-01-01 00:00:00+00' + INTERVAL (i * {seconds}) SECOND", "parquet"),
    "Parquet, texts": (_TEXT, "parquet"),
    "JSON Lines": (_TEXT, "json"),
}
"""The kinds of tables: how a date is written, and DuckDB's name of the format."""

READ = """
import json, sys, time
from datetime import date, timedelta
from digest import archive
from digest.model import Window
last = date.fromisoformat(sys.argv[2])
begun = time.process_time()
read = archive.read([sys.argv[1]], within=Window(first=last - timedelta(days=6), last=last))
spent = time.process_time() - begun
# Not ru_maxrss, which a process has from the one that started it.
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps([spent, peak // 1024, len(read.articles), read.files]))
"""


def made(kind: str, rows: int) -> str:
    """Return the pattern of a table of that kind and size, made unless it is there; ten files at most."""
    moment, form = KINDS[kind]
    ending = "jsonl" if form == "json" else "parquet"
    folder = os.path.join(FOLDER, f"{kind.replace(', ', '-').replace(' ', '-').lower()}-{rows}")
    if not os.path.isdir(folder):
        os.makedirs(folder)
        parts = 10
        for part in range(parts):
            first, after = rows * part // parts, rows * (part + 1) // parts
            duckdb.execute(
                f"""COPY (SELECT 'id-' || i AS id, 'Story ' || i || ' on ' || hash(i) AS title,
                    'What was found there, and who says so: ' || md5(i::VARCHAR) AS excerpt,
                    {moment.format(seconds=SECONDS)} AS "publishedDateTime",
                    'https://news.example.com/' || i AS "webUrl", (hash(i) % 1000) / 10.0 AS heat,
                    ['AI', 'T' || (i % 30)] AS topics, {{'name': 'Outlet ' || (i % 60)}} AS provider
                    FROM range({first}, {after}) r(i)) TO '{folder}/part-{part}.{ending}' (FORMAT {form})"""
            )
    return os.path.join(folder, f"*.{ending}")


def measured(pattern: str, rows: int) -> tuple[float, int, int, int]:
    """Return CPU seconds, megabytes, articles of a week in the middle of the table, and its rows; best of three."""
    middle = duckdb.execute(f"SELECT (DATE '2010-01-01' + INTERVAL ({rows // 2 * SECONDS}) SECOND)::DATE").fetchone()
    assert middle is not None
    command = [sys.executable, "-c", READ, pattern, str(middle[0])]
    runs = [json.loads(subprocess.run(command, capture_output=True, check=True).stdout) for _ in range(3)]
    return min(map(tuple, runs))


def main() -> None:
    """Print a line for each kind and size."""
    print(f"{'table':<16} {'rows':>12} {'articles':>9} {'CPU s':>7} {'MB':>6}")
    for rows in [int(number) for number in sys.argv[1:]] or [100_000, 1_000_000]:
        for kind in KINDS:
            if kind == "JSON Lines" and rows > _LINES:
                continue
            cpu, memory, articles, count = measured(made(kind, rows), rows)
            print(f"{kind:<16} {count:>12,} {articles:>9,} {cpu:>7.2f} {memory:>6,}")


if __name__ == "__main__":
    main()
