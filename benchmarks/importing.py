"""How `digest import` grows with what it is given, in processor time.

    python benchmarks/importing.py [--size 1000] [--records 100000]

First a row an input that once took the square of its size, or might: its time and that of one four times as large,
without the start of Python, and how much more than four times the larger took: 1.0 is in proportion, 4.0 would be the
square. Then records of ordinary exports, a thousand, ten thousand and so on up to --records, in Latin letters and in
Chinese: the time for each, for a second import of the same, and for one record more with `--update`.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

DIGEST = str(Path(sys.executable).with_name("digest"))
TIMES = 4
GOAL = 1.5
GOOD = {"title": "Good", "date": "2020-11-09", "url": "https://example.org/good"}
ENTRY = (
    "<item><title>x</title><link>https://example.org/x</link><pubDate>Mon, 09 Nov 2020 10:00:00 GMT</pubDate>{}</item>"
)


def record(**fields: object) -> str:
    """Return a line of JSON with those fields."""
    return json.dumps({**GOOD, **fields}) + "\n"


def feed(entries: str) -> str:
    """Return a feed with those entries."""
    return f'<rss version="2.0"><channel><title>c</title>{entries}</channel></rss>'


INPUTS: dict[str, tuple[str, int, Callable[[int], str]]] = {
    "titles of one day without Latin letters": (
        "a.jsonl",
        1,
        lambda size: "".join(record(title="日本語", url=f"https://example.org/{n}") for n in range(size)),
    ),
    "articles of one address": (
        "a.jsonl",
        1,
        lambda size: "".join(
            record(title=f"n {n}", date=f"2020-11-{n % 28 + 1:02d}T10:00:{n % 60:02d}Z") for n in range(size)
        ),
    ),
    "<div> in each other": ("a.jsonl", 100, lambda size: record(description="<div>" * size)),
    "<b> that stay open": ("a.jsonl", 100, lambda size: record(description="<b>x" * size)),
    "attributes of an element": ("a.jsonl", 100, lambda size: record(description=f"<a {'x=1 ' * size}>")),
    "comments that stay open": ("a.jsonl", 100, lambda size: record(description="<!--" * size)),
    "entities": ("a.jsonl", 100, lambda size: record(description="&amp;" * size)),
    "quotes of CSV that stay open": ("a.csv", 10, lambda size: "title,date,url\n" + 'a","b\n' * size),
    "members of a broken JSON list": ("a.json", 10, lambda size: f"[{', '.join([record()] * size)}, {{]"),
    "entries of a feed": ("a.xml", 1, lambda size: feed(ENTRY.format("") * size)),
    "topics of an entry": (
        "a.xml",
        10,
        lambda size: feed(ENTRY.format("".join(f"<category>{n}</category>" for n in range(size)))),
    ),
    "blank lines above a feed": ("a.xml", 100, lambda size: "\n \n" * size + feed(ENTRY.format(""))),
    "blanks in the head of a feed": ("a.xml", 100, lambda size: f"<?a?>{' ' * size}<!-- -->{feed(ENTRY.format(''))}"),
}
"""What an input is made of: its file, how many times the size, and what makes it."""


def export(count: int, title: str) -> str:
    """Return a table of *count* ordinary articles, whose headlines are *title* with a number."""
    rows = (
        f"{title} {number},https://example.org/{number},2020-11-{number % 28 + 1:02d},{number % 500},{title * 9}"
        for number in range(count)
    )
    return "\n".join(["title,url,date,heat,excerpt", *rows, ""])


LETTERS = {"Latin": "Night bakers vote on the ferry", "Chinese": "夜班面包师就渡轮问题进行投票"}
"""Words of the ordinary articles, by their script."""


def running(folder: str, *arguments: str) -> float:
    """Return the processor time of one import in *folder*."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "XDG_CACHE_HOME": str(Path(folder, "cache"))}
    command = [DIGEST, "import", *arguments, "--to", "news", "--quiet"]
    subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def grow(script: str, largest: int) -> int:
    """Print how imports of one script grow, and return how many times tenfold the records took too much more."""
    over, before = 0, 0.0
    for count in (number for number in (1_000, 10_000, 100_000, 1_000_000) if number <= largest):
        # In memory, where there is such a place: each article waits for the disk, and the processor is measured.
        with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
            Path(folder, "a.csv").write_text(export(count, LETTERS[script]), encoding="utf-8")
            Path(folder, "b.csv").write_text(export(1, "Another"), encoding="utf-8")
            first, again = running(folder, "a.csv"), running(folder, "a.csv")
            update = running(folder, "b.csv", "--update")
        growth = first / before / 10 if before else 1.0
        verdict = "OVER" if growth > GOAL else "ok  "
        over += verdict == "OVER"
        label = f"records in {script}, again, one more"
        print(f"{verdict} {count:>9,} {label:<42} {first:6.2f} s, {again:6.2f} s, {update:6.2f} s: {growth:4.2f}")
        before = first
    return over


def seconds(name: str, content: str) -> float:
    """Return the processor time of bringing a file in, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, name).write_text(content, encoding="utf-8")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([DIGEST, "import", name, "--to", "news"], cwd=folder, capture_output=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=int, default=1000, help="how large the smaller inputs are")
    parser.add_argument("--records", type=int, default=100_000, help="how many records there are at most")
    arguments = parser.parse_args()
    size = arguments.size
    start = min(seconds("a.jsonl", record()) for _ in range(3))
    over = 0
    for what, (name, times, make) in INPUTS.items():
        few, many = (max(0.001, seconds(name, make(count * size * times)) - start) for count in (1, TIMES))
        growth = many / few / TIMES
        # Below a tenth of a second it is the machine that is measured, not the growth.
        verdict = "OVER" if growth > GOAL and many > 0.1 else "ok  "
        over += verdict == "OVER"
        print(
            f"{verdict} {TIMES * size * times:>9,} {what:<42} {few:6.2f} s, {many:6.2f} s: {growth:4.2f} (goal {GOAL})"
        )
    over += sum(grow(script, arguments.records) for script in LETTERS)
    return int(over > 0)


if __name__ == "__main__":
    sys.exit(main())
