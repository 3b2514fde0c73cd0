"""Names that stand in dates: months and weekdays of many languages (from CLDR, by Babel), and time zones.

English is known at once; the other languages are loaded at the first word that is no English one.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from datetime import timedelta, timezone
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from digest.text.languages import MONTHS, WEEKDAYS

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

_ENGLISH = {name[:length].casefold(): number for number, name in enumerate(MONTHS, 1) for length in (3, 9)} | {
    "sept": 9
}
_ENGLISH_DAYS = frozenset(name[:length] for name in WEEKDAYS for length in (3, 9)) | {
    "tues",
    "wednes",
    "thur",
    "thurs",
}

# Those that letters can be written in, and the other large ones of the web. Months of one word only: "tháng 5" is left
# to be written in digits.
_LANGUAGES = (
    "ar", "cs", "da", "de", "el", "es", "fi", "fr", "he", "hi", "hu", "id", "it",
    "nb", "nl", "pl", "pt", "ro", "ru", "sv", "tr", "uk", "ja", "ko", "zh",
)  # fmt: skip

_HOURS = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,  # RFC 822, 5
    "ast": -4, "adt": -3, "nst": -3.5, "ndt": -2.5, "akst": -9, "akdt": -8, "hst": -10,
    "cet": 1, "met": 1, "mez": 1, "cest": 2, "mest": 2, "mesz": 2, "eet": 2, "eest": 3, "msk": 3,
    "sast": 2, "pkt": 5, "sgt": 8, "hkt": 8, "awst": 8, "jst": 9, "kst": 9,
    "acst": 9.5, "acdt": 10.5, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
}  # fmt: skip
"""Abbreviations of zones, in lower case, with their hours east of Greenwich."""

_REGIONS = {"et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles"}
"""Abbreviations that name a region, whatever its clocks say on that day."""

_SEVERAL = {
    "ist": "India (+05:30), Israel (+02:00) or Ireland (+01:00)",
    "bst": "Britain (+01:00) or Bangladesh (+06:00)",
}


class UnknownZone(ValueError):
    """A time zone that is not known, or one of several of that name; as text it says which."""


def in_zone(at: datetime, name: str, home: tzinfo) -> datetime:
    """Return *at*, a time without a zone, in the one that *name* means.

    *home* is the newsletter's own zone, whose abbreviations come first: CST is China's in Shanghai. After them those
    of RFC 822, and others that mean one zone only; then the names of the IANA database. Raises UnknownZone.
    """
    word = name.casefold()
    # At the end of summer time, the same hour has two names.
    for fold in (0, 1):
        local = at.replace(tzinfo=home, fold=fold)
        if (local.tzname() or "").casefold() == word:
            return local
    if word in _HOURS:
        return at.replace(tzinfo=timezone(timedelta(hours=_HOURS[word])))
    if word in _SEVERAL:
        raise UnknownZone(f"is in {name}, which may be {_SEVERAL[word]}")
    try:
        return at.replace(tzinfo=ZoneInfo(_REGIONS.get(word, name)))
    # ValueError where the name is no relative path, OSError where it is that of a folder, such as `America`.
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZone(f"is in {name}, which is no time zone that is known") from error


def is_zone(name: str) -> bool:
    """Whether *name* is an abbreviation of a zone that is known, whichever it may be."""
    word = name.casefold()
    return word in _HOURS or word in _REGIONS or word in _SEVERAL


def english_month(name: str) -> int:
    """Return the number of a month of the English calendar, in full or abbreviated; 0 where *name* is none."""
    return _ENGLISH.get(_plain(name), 0)


def months(name: str) -> frozenset[int]:
    """Return the numbers of the months that *name* means in any language; more than one where languages differ."""
    word = _plain(name)
    if word in _ENGLISH:
        return frozenset({_ENGLISH[word]})
    # Hebrew writes "in May" as one word.
    return _foreign()[0].get(word) or _foreign()[0].get(word.removeprefix("ב")) or frozenset()


def is_weekday(name: str) -> bool:
    """Whether *name* is a day of the week in any language, in full or abbreviated."""
    word = _plain(name)
    return word in _ENGLISH_DAYS or word in _foreign()[1]


@cache
def _foreign() -> tuple[dict[str, frozenset[int]], frozenset[str]]:
    """Return the months by their names, and the names of the days of the week, in languages other than English."""
    from babel.dates import get_day_names, get_month_names  # noqa: PLC0415 - 90 ms, for a word that is not English

    numbers: dict[str, set[int]] = defaultdict(set)
    days: set[str] = set()
    for language in _LANGUAGES:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, language).items():
                    numbers[_plain(name)].add(number)
                days.update(map(_plain, get_day_names(width, context, language).values()))
    return {name: frozenset(meant) for name, meant in numbers.items()}, frozenset(days)


def _plain(name: str) -> str:
    """Return a name as it is compared: without case, without the point of an abbreviation."""
    return unicodedata.normalize("NFKC", name).casefold().rstrip(".")
