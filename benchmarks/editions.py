"""Editions for many readers: readers a second, different editions and memory, by the number of readers.

    python benchmarks/editions.py [ARCHIVE [READERS ...]]        by default 2,000 readers of the sample archive

ARCHIVE is a folder of articles; the week is the last full one in it. Readers ask for 1 to 8 of its topics, the first of
them most (Zipf's law). The run is `digest editions` as a user starts it, and nothing is left behind; memory is that of
the largest process.

Below stands what the letters cost that are made of them when they are sent: files, pieces for readers, and one message
for each. They are held against Python's EmailMessage of the same mails, which is where a program would begin.
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
from collections import Counter, defaultdict
from datetime import date, timedelta
from email.message import EmailMessage
from typing import TYPE_CHECKING, TypeVar

from digest import archive, pipeline
from digest.config import settings
from digest.editions import common, part_files
from digest.editions.press import Press
from digest.mail import personalise
from digest.mail.built import BuiltIssue, Reader
from digest.tables import storage

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.config.values import Newsletter
    from digest.editions.press import EditionRow

Given = TypeVar("Given")
Made = TypeVar("Made")

SAMPLE = "seeds"
MOST = 5_000
"""Editions whose letters are made, of all that there are."""
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


def measured(place: str, day: str) -> tuple[float, float, int, int, dict[str, int]]:
    """Return seconds by the clock and of the processors, megabytes of command and worker, and what was counted."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "digest", "editions", "--date", day, "--json"],
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    wall, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    written = sum(os.path.getsize(os.path.join(top, file)) for top, _, files in os.walk(place) for file in files)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, after.ru_maxrss // 1024, written // 1_000_000, json.loads(done.stdout)["counts"]


class Letters:
    """What the letters of a week's editions cost, step by step, in microseconds of a processor."""

    def __init__(self, place: str, day: str) -> None:
        loaded = settings.load(os.path.join(place, "digest.yaml"))
        week, _ = common.of(loaded, pipeline.window_of(loaded, last=date.fromisoformat(day)))
        press, render = Press(week), pipeline.renderer(loaded)
        self._spent: dict[str, list[float]] = defaultdict(list)
        # One after the other, as they are sent: who holds all letters measures the memory of the machine.
        for number, row in enumerate(_editions(os.path.join(place, "editions", day))):
            rendered = self._timed("rendering", render, press.issue(row.wish, row.had))
            pieces = self._timed("cutting", personalise.cut, _letter(rendered, loaded.newsletter))
            self._timed("joining", _joined, pieces)
            if number % 10 == 0:
                self._timed("EmailMessage", _email, rendered)

    def of(self, step: str) -> float:
        """Return what a *step* costs."""
        return 1e6 * sum(self._spent[step]) / len(self._spent[step])

    def _timed(self, step: str, work: Callable[[Given], Made], given: Given) -> Made:
        begun = time.process_time()
        made = work(given)
        self._spent[step].append(time.process_time() - begun)
        return made


def _joined(pieces: personalise.Pieces) -> bytes:
    return pieces.message(ANN, OWN, at=1e9, one_click=True)


def _letter(rendered: pipeline.Rendered, sender: Newsletter) -> BuiltIssue:
    """Return what is sent of an edition, with what decides its pieces."""
    return BuiltIssue(
        issue="",
        newsletter=sender.name,
        label="",
        sender_name="",
        sender="",
        subject=rendered.message.subject,
        preheader=rendered.message.preheader,
        html=rendered.message.html,
        text=rendered.message.text,
        mime=rendered.files["message.eml"],
        unsubscribe=sender.unsubscribe,
        unsubscribe_mail=sender.unsubscribe_mail,
        web=sender.web,
    )


def _editions(folder: str) -> list[EditionRow]:
    """Return different editions of those that were written down."""
    place = storage.opened(folder)
    rows: dict[str, EditionRow] = {}
    for part, _ in part_files.heads(place):
        rows |= part_files.editions(place, part)
    return list(rows.values())[:MOST]


def _email(rendered: pipeline.Rendered) -> bytes:
    """Return the same mail by Python's own means."""
    message = EmailMessage()
    message["Subject"] = rendered.message.subject
    message["From"], message["To"] = "letters@example.com", ANN.address
    message.set_content(rendered.message.text)
    message.add_alternative(rendered.message.html, subtype="html")
    return bytes(message)


def main() -> None:
    """Print a line for each number of readers."""
    folder = sys.argv[1] if sys.argv[1:] else SAMPLE
    os.environ["READER_KEY"] = "a key of the benchmark alone"
    heads = f"{'wall s':>7} {'CPU s':>7} {'readers/s':>10} {'MB':>5} {'MB out':>7}"
    print(f"{'readers':>10} {'personal':>10} {'editions':>9} {heads}")
    for count in [int(number) for number in sys.argv[2:]] or [2_000]:
        with tempfile.TemporaryDirectory() as place:
            day = set_up(place, folder, count)
            wall, cpu, memory, written, counts = measured(place, day)
            letters = Letters(place, day)
        figures = f"{wall:>7.1f} {cpu:>7.1f} {count / wall:>10,.0f} {memory:>5,} {written:>7,}"
        print(f"{count:>10,} {counts['personal']:>10,} {counts['editions']:>9,} {figures}")
        print_letters(letters, cpu / count * 1e6, counts)


def print_letters(letters: Letters, choosing: float, counts: dict[str, int]) -> None:
    """Print what a letter costs; *choosing* is what all before it does, for each reader."""
    steps = [letters.of(step) for step in ("rendering", "cutting", "joining", "EmailMessage")]
    rendering, cutting, joining, email = steps
    reader = choosing + (rendering + cutting) * counts["editions"] / counts["personal"] + joining
    print(f"  µs: an edition rendered, with MIME {rendering:,.0f}, and cut {cutting:,.0f}; a message {joining:,.0f}")
    print(f"  µs: a reader, all included {reader:,.0f}; EmailMessage {email:,.0f}", end="")
    print(f"; ratio {reader / email:.2f} (goal {GOAL:.2f}, prototype {PROTOTYPE:.2f})")


if __name__ == "__main__":
    main()
