"""Kinds of settings that say when: a word of the calendar, the day on which weeks start, an hour, a name for a letter.

Each reads one key of `window` in digest.yaml; what cannot be read is a problem with its line and an example.
"""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any, get_args

from digest.config.declared import PlainText, Setting
from digest.config.values import WindowPlan
from digest.model import SUFFIX
from digest.text.languages import WEEKDAYS

if TYPE_CHECKING:
    from digest.config.yamlfile import Keys

_HOUR = "^([01]?[0-9]|2[0-3]):[0-5][0-9]$|^24:00$"
_LONGEST_SUFFIX = 40


class OneOf(Setting[str]):
    """One of the words of a Literal type, or none, which is the default."""

    def __init__(self, about: str, literal: object) -> None:
        super().__init__(about)
        self.choices: tuple[str, ...] = get_args(literal)

    def read(self, keys: Keys) -> str:
        """Return the word, empty where there is none."""
        return keys.choice(self.key, self.choices[0], self.choices) if keys.has(self.key) else ""

    def schema(self) -> dict[str, Any]:
        """Return the words."""
        return {"enum": list(self.choices)}

    def kind(self) -> str:
        """Return in words what may be written."""
        return " or ".join(f"`{choice}`" for choice in self.choices)


class WeekStart(Setting[date]):
    """A weekday, or a day from which weeks are counted."""

    def read(self, keys: Keys) -> date:
        """Return the first day of one of the weeks; of a weekday the first one from 3 January 2000, a Monday, on."""
        written = keys.text(self.key, WEEKDAYS[0])
        if written.lower() in WEEKDAYS:
            return WindowPlan().starts + timedelta(days=WEEKDAYS.index(written.lower()))
        try:
            return date.fromisoformat(written)
        except ValueError:
            remedy = "write a weekday such as monday, or the day on which one of the weeks starts, such as 2020-11-09"
            keys.problem(self.key, f"{keys.prefix}{self.key} is {written!r}; {remedy}")
            return WindowPlan().starts

    def schema(self) -> dict[str, Any]:
        """Return the weekdays, or a day in ISO 8601."""
        day = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}
        return {"default": WEEKDAYS[0], "oneOf": [{"enum": list(WEEKDAYS)}, day]}

    def kind(self) -> str:
        """Return in words what may be written."""
        return "weekday, or a day such as 2020-11-09"


class HourOfDay(Setting[time | None]):
    """An hour with its minutes."""

    def read(self, keys: Keys) -> time | None:
        """Return the hour, None for midnight."""
        written = keys.text(self.key, "24:00")
        if not re.fullmatch(_HOUR, written):
            keys.problem(self.key, f'{keys.prefix}{self.key} is {written!r}; write hour and minutes, such as "06:00"')
            return None
        hour, minute = map(int, written.split(":"))
        return time(hour % 24, minute) if hour % 24 or minute else None

    def schema(self) -> dict[str, Any]:
        """Return a text of that form. The quotes are YAML's: bare, some programs take 06:00 for a number."""
        return {"type": "string", "pattern": _HOUR, "examples": ["06:00"]}

    def kind(self) -> str:
        """Return in words what may be written."""
        return "hour and minutes"


class Suffix(PlainText):
    """A word for names of folders."""

    def read(self, keys: Keys) -> str:
        """Return the word, empty where there is none."""
        if not keys.has(self.key):
            return ""
        written = keys.matching(self.key, "", SUFFIX, "small letters, digits and hyphens, such as evening")
        if len(written) > _LONGEST_SUFFIX:
            keys.problem(self.key, f"{keys.prefix}{self.key} has more than {_LONGEST_SUFFIX} letters; shorten it")
        return written

    def schema(self) -> dict[str, Any]:
        """Return a text of that form."""
        return {"type": "string", "pattern": f"^{SUFFIX}$", "maxLength": _LONGEST_SUFFIX, "examples": ["evening"]}
