"""How long an article takes to read, as sources say it: a number of words, or of minutes in one of several forms.

Minutes are written `6`, `6 min read` or `about 6 minutes`, and by schema.org as the duration `PT6M` (ISO 8601). Nothing
is guessed: what is no such figure is none.
"""

from __future__ import annotations

import re

from digest.records.figures import NoFigure, number

_MOST_WORDS, _MOST_MINUTES = 100_000, 240
"""The longest article: a book. More minutes are likelier to be seconds."""

_MINUTES = re.compile(r"(?:~|about|ca\.)? ?(\d[\d.,]*) ?(?:min\.?|mins|minutes?)?(?: (?:to )?read)?", re.IGNORECASE)
_DURATION = re.compile(r"PT(?:(\d{1,3})H)?(?:(\d{1,4})M)?(?:(\d{1,5})S)?", re.IGNORECASE)

SWITCHES = frozenset({"true", "false"})
"""What is no figure, and no mistake either: whether a site's theme shows the time to read."""


def words(written: str) -> int | None:
    """Return the number of words that *written* tells; None for 0. Raises NoFigure for anything else."""
    figure = round(number(written))
    if not 0 <= figure <= _MOST_WORDS:
        raise NoFigure(f"is no number of words of an article: {written[:80]!r}; write it like 1200")
    return figure or None


def minutes(written: str) -> int | None:
    """Return the minutes that *written* tells, of a fraction at least one; None for 0. Raises NoFigure for others."""
    text = " ".join(written[:80].split())
    duration = _DURATION.fullmatch(text)
    phrase = _MINUTES.fullmatch(text)
    if duration and any(duration.groups()):
        hours, whole, seconds = (int(part or 0) for part in duration.groups())
        figure = hours * 60 + whole + seconds / 60
    elif phrase:
        figure = number(phrase[1])
    else:
        raise NoFigure(f"is no number of minutes: {written[:80]!r}; write it like 6")
    if figure > _MOST_MINUTES:
        raise NoFigure(f"is more than {_MOST_MINUTES} minutes: {written[:80]!r}; write the minutes that reading takes")
    return max(round(figure), 1) if figure else None
