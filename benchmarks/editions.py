"""Editions for many readers: readers a second, different editions and memory, by the number of readers.

    python benchmarks/editions.py [--json] [ARCHIVE [READERS ...]]      by default 2,000 readers of the sample archive

ARCHIVE is a folder of articles; the week is the last full one in it. Readers ask for 1 to 8 of its topics, the first of
them most (Zipf's law). The run is `digest editions` as a user starts it, and nothing is left behind; memory is that of
the largest process.

Below stands what the letters cost that are made of them when they are sent: files, pieces for readers, and one message
for each. They are held against Python's EmailMessage of the same mails, which is where a program would begin. With
--json the figures that `bench.py` shows.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from datetime import date, timedelta
from email.message import EmailMessage
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

import digest.cli  # noqa: F401 - as users have it: the command raises the threshold of the garbage collector
from digest import archive, pipeline
from digest.config import settings
from digest.editions import common, part_files
from digest.editions.letters import EditionLetters
from digest.mail import personalise
from digest.mail.built import Reader
from digest.tables import storage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from digest.editions.letters import Share
    from digest.mail.built import BuiltIssue
    from digest.tables.storage import Storage

Given = TypeVar("Given")
Made = TypeVar("Made")

SAMPLE = "seeds"
MOST = 5_000
"""Editions whose letters are made, of all that there are."""
A_FEW = 2_000
"""The same with --json, which is to be done in seconds."""
GOAL, PROTOTYPE = 0.15, 0.10
"""What a reader costs, of what EmailMessage takes for her mail: at most, and what was found to be possible."""
ANN, OWN = Reader(address="ann@example.com"), "https://example.com/u/ann"


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


def set_up(place: str, folder: str, count: int) -> str:
    """Write list and settings into *place*, and return the day of the week that editions are made of."""
    day, topics = week_of(folder)
    enlist(os.path.join(place, "readers.csv"), count, topics)
    chosen = {
        "archive": [os.path.abspath(folder)],
        "readers": {"from": "readers.csv", "id": {"env": "READER_KEY"}},
        "editions": {"topics": topics, "fewest": 2},
    }
    with open(os.path.join(place, "digest.yaml"), "w", encoding="utf-8") as handle:
        json.dump(chosen, handle)
    return day


def run(place: str, *options: str) -> tuple[float, float, bytes]:
    """Run `digest` in *place*; return seconds by the clock and of the processors, and what it printed."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    command = [sys.executable, "-m", "digest", *options]
    done = subprocess.run(command, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    wall, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def measured(place: str, day: str) -> tuple[float, float, int, int, dict[str, int]]:
    """Return seconds by the clock and of the processors, megabytes of command and worker, and what was counted."""
    wall, cpu, printed = run(place, "editions", "--date", day, "--json")
    written = sum(os.path.getsize(os.path.join(top, file)) for top, _, files in os.walk(place) for file in files)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return wall, cpu, memory // 1024, written // 1_000_000, json.loads(printed)["counts"]


class Letters:
    """What the letters of a week's editions cost, step by step, in microseconds of a processor."""

    def __init__(self, place: str, day: str, most: int = MOST) -> None:
        loaded = settings.load(os.path.join(place, "digest.yaml"))
        week, _ = common.of(loaded, pipeline.window_of(loaded, last=date.fromisoformat(day)))
        standing = storage.opened(os.path.join(place, "editions", day))
        letters = EditionLetters(week, standing, None)
        self._spent: dict[str, list[float]] = defaultdict(list)
        # One after the other, as they are sent: who holds all letters measures the memory of the machine.
        for number, share in enumerate(islice(_shares(standing), most)):
            letter = self._timed("making", letters.letter, share)
            pieces = self._timed("cutting", personalise.cut, letter)
            self._timed("joining", _joined, pieces)
            if number % 10 == 0:
                self._timed("EmailMessage", _email, letter)

    def of(self, step: str) -> float:
        """Return what a *step* costs."""
        return 1e6 * sum(self._spent[step]) / len(self._spent[step])

    def reader(self, cpu: float, counts: Mapping[str, int]) -> float:
        """Return what a reader costs, all included, where editions of so many took *cpu* seconds."""
        each_edition = self.of("making") + self.of("cutting")
        chosen = 1e6 * cpu / counts["readers"]
        return chosen + each_edition * counts["editions"] / counts["personal"] + self.of("joining")

    def _timed(self, step: str, work: Callable[[Given], Made], given: Given) -> Made:
        begun = time.process_time()
        made = work(given)
        self._spent[step].append(time.process_time() - begun)
        return made


def _joined(pieces: personalise.Pieces) -> bytes:
    return pieces.message(ANN, OWN, at=1e9, one_click=True)


def _shares(place: Storage) -> Iterator[Share]:
    """Yield the editions of all parts, part by part as they are sent."""
    for part, _ in part_files.heads(place):
        for name in part_files.editions(place, part):
            yield part, name


def _email(letter: BuiltIssue) -> bytes:
    """Return the same mail by Python's own means."""
    message = EmailMessage()
    message["Subject"] = letter.subject
    message["From"], message["To"] = "letters@example.com", ANN.address
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return bytes(message)


def main() -> None:
    """Print a line for each number of readers, and what their letters cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", nargs="?", default=SAMPLE)
    parser.add_argument("readers", nargs="*", type=int, default=[2_000])
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    os.environ["READER_KEY"] = "a key of the benchmark alone"
    figures = []
    heads = f"{'wall s':>7} {'CPU s':>7} {'readers/s':>10} {'MB':>5} {'MB out':>7}"
    if not asked.json:
        print(f"{'readers':>10} {'personal':>10} {'editions':>9} {heads}")
    for count in asked.readers or [2_000]:
        with tempfile.TemporaryDirectory() as place:
            day = set_up(place, asked.archive, count)
            wall, cpu, memory, written, counts = measured(place, day)
            letters = Letters(place, day, A_FEW if asked.json else MOST)
            _, build, _ = run(place, "build", "--date", day)
        reader, email = letters.reader(cpu, counts), letters.of("EmailMessage")
        figures.append({"megabytes": memory, "reader": reader, "email": email})
        if not asked.json:
            spent = f"{wall:>7.1f} {cpu:>7.1f} {count / wall:>10,.0f} {memory:>5,} {written:>7,}"
            print(f"{count:>10,} {counts['personal']:>10,} {counts['editions']:>9,} {spent}")
            print_letters(letters, reader, email)
            builds = reader * count / 1e6 / build
            print(f"  all of them {builds:,.0f} times a build (of a million: goal 200, prototype 147)")
    if asked.json:
        print(json.dumps(figures))


def print_letters(letters: Letters, reader: float, email: float) -> None:
    """Print what letters cost, and what a *reader* does beside an EmailMessage."""
    making, cutting, joining = map(letters.of, ("making", "cutting", "joining"))
    print(f"  µs: an edition's letter made {making:,.0f}, and cut {cutting:,.0f}; a message {joining:,.0f}")
    print(f"  µs: a reader, all included {reader:,.0f}; EmailMessage {email:,.0f}", end="")
    print(f"; ratio {reader / email:.2f} (of 100,000: goal {GOAL:.2f}, prototype {PROTOTYPE:.2f})")


if __name__ == "__main__":
    main()
