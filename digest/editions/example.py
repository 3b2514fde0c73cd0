"""A list of made-up readers, to try editions with before there are any. The same readers every time.

What the week writes much about is asked for by many, as it is with lists of real readers.
"""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from typing import TYPE_CHECKING

from digest import pipeline
from digest.editions import common
from digest.errors import NothingToSend

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from digest.config.settings import Settings
    from digest.model import Window

_MOST_TOPICS = 4
"""Topics that one of them asks for."""

_WISHLESS = 10
"""One of so many asks for no topic."""


def readers(settings: Settings, window: Window, count: int) -> Iterator[tuple[str, str]]:
    """Yield the addresses of *count* readers, and what each of them asks for out of what is on offer in *window*.

    Those of a longer list begin with those of a shorter one. Raises NothingToSend where no topic is on offer.
    """
    articles = pipeline.select(settings, window).archive.articles
    mentions = Counter(topic.casefold() for article in articles for topic in article.topics)
    # A topic with a semicolon in its name is two in a list.
    topics = [topic for topic in common.offer(settings, articles).topics if ";" not in topic]
    if not topics:
        raise NothingToSend("editions.topics", f"no topic is on offer in {window}", "name topics, or another --date")
    chance = random.Random(0)  # noqa: S311 - nothing secret, and the same every time
    for number in range(1, count + 1):
        asked: set[str] = set()
        if chance.randrange(_WISHLESS):
            wanted = chance.randint(1, _MOST_TOPICS)
            asked.update(chance.choices(topics, [1 + mentions[topic.casefold()] for topic in topics], k=wanted))
        yield f"reader{number}@example.com", "; ".join(topic for topic in topics if topic in asked)


def csv_lines(rows: Iterable[tuple[str, str]], column: str) -> list[str]:
    """Return the lines of a CSV file of *rows* of `readers`, whose topics are in *column*."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([("email", column), *rows])
    return written.getvalue().splitlines()
