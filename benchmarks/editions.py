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
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from email.message import EmailMessage
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, TypeVar

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


class Run(NamedTuple):
    """What a run took: seconds by the clock and of the processors, megabytes of its largest process; and printed."""

    wall: float
    cpu: float
    megabytes: int
    printed: bytes

    @property
    def counts(self) -> dict[str, int]:
        """What it counted."""
        counts: dict[str, int] = json.loads(self.printed)["counts"]
        return counts


def run(place: str, *options: str) -> Run:
    """Run `digest` in *place*, which must succeed."""
    begun, command = time.monotonic(), [sys.executable, "-m", "digest", *options]
    process = subprocess.Popen(command, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Run(time.monotonic() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024, printed)


class Letters:
    """What the letters of a week's editions cost, step by step, in microseconds of a processor."""

    def __init__(self, place: str, day: str, most: int = MOST) -> None:
        loaded = settings.load(os.path.join(place, "digest.yaml"))
        week, _ = common.of(loaded, pipeline.window_of(loaded, last=date.fromisoformat(day)))
        standing = storage.opened(os.path.join(place, "editions", day))
        letters = EditionLetters(week, standing, None)
        shares = _shares(standing)
        # With the first a process compiles the theme's templates, once for all of them.
        begun = time.process_time()
        letters.letter(next(shares))
        self._begun = time.process_time() - begun
        self._spent: dict[str, list[float]] = defaultdict(list)
        # One after the other, as they are sent: who holds all letters measures the memory of the machine.
        for number, share in enumerate(islice(shares, most)):
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
        chosen = 1e6 * (cpu + self._begun) / counts["readers"]
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
    parser.add_argument("readers", nargs="*", type=int)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    os.environ["READER_KEY"] = "a key of the benchmark alone"
    figures: list[dict[str, float]] = []
    if not asked.json:
        heads = f"{'wall s':>7} {'CPU s':>7} {'readers/s':>10} {'MB':>5} {'MB out':>7}"
        print(f"{'readers':>10} {'personal':>10} {'editions':>9} {heads}")
    for count in asked.readers or [2_000]:
        # Archive and letters are for a process beside: a command is said to have had the memory of who starts it.
        with tempfile.TemporaryDirectory() as place, ProcessPoolExecutor(1) as beside:
            day = beside.submit(set_up, place, asked.archive, count).result()
            made = run(place, "editions", "--date", day, "--json")
            if not asked.json:
                print_editions(place, made)
            build = run(place, "build", "--date", day)
            letters = beside.submit(Letters, place, day, A_FEW if asked.json else MOST).result()
        reader, email = letters.reader(made.cpu, made.counts), letters.of("EmailMessage")
        figures.append({"megabytes": made.megabytes, "reader": reader, "email": email})
        if not asked.json:
            print_letters(letters, reader, email)
            builds = reader * count / 1e6 / build.cpu
            print(f"  all of them {builds:,.0f} times a build (of a million: goal 200, prototype 147)")
    if asked.json:
        print(json.dumps(figures))


def print_editions(place: str, made: Run) -> None:
    """Print what the editions in *place* took."""
    written = sum(os.path.getsize(os.path.join(top, file)) for top, _, files in os.walk(place) for file in files)
    count, counts = made.counts["readers"], made.counts
    spent = f"{made.wall:>7.1f} {made.cpu:>7.1f} {count / made.wall:>10,.0f} {made.megabytes:>5,}"
    print(f"{count:>10,} {counts['personal']:>10,} {counts['editions']:>9,} {spent} {written // 1_000_000:>7,}")


def print_letters(letters: Letters, reader: float, email: float) -> None:
    """Print what letters cost, and what a *reader* does beside an EmailMessage."""
    making, cutting, joining = map(letters.of, ("making", "cutting", "joining"))
    print(f"  µs: an edition's letter made {making:,.0f}, and cut {cutting:,.0f}; a message {joining:,.0f}")
    print(f"  µs: a reader, all included {reader:,.0f}; EmailMessage {email:,.0f}", end="")
    print(f"; ratio {reader / email:.2f} (of 100,000: goal {GOAL:.2f}, prototype {PROTOTYPE:.2f})")


if __name__ == "__main__":
    main()
