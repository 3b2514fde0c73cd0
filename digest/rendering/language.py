"""The letter's own words in its language: dates and lists from CLDR, sentences and plurals from catalogues.

Catalogues are gettext's `locale/TAG.po`, read as they are; a theme's own come before the shipped ones. What no
catalogue has is English, as it stands in the code. The machine's own language (LANG, LC_ALL) has no influence.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from gettext import GNUTranslations, NullTranslations
from importlib.util import find_spec
from io import BytesIO, StringIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from digest import cache
from digest.errors import ThemeError
from digest.text import languages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from babel import Locale


# To be raised when an answer of this module is another.
_FORMAT = 1

# Answers that are kept of a language; a year of issues asks for some three hundred.
_MOST = 500

# CLDR's thin spaces; some mail clients' fonts lack them.
_SPACES = str.maketrans({"\u2009": " ", "\u202f": "\u00a0"})


class Cldr:
    """CLDR's data on one language, found by the longest part of its tag that CLDR knows; English where there is none.

    Answers are kept from run to run: to load Babel takes a tenth of a small build, and an issue that is built again
    asks for the same few words. They are the same as Babel's, kept or not.
    """

    def __init__(self, tag: str) -> None:
        self._tag = tag
        self._name = f"cldr-{_hash(tag)}.json"
        self._kept: dict[str, Any] = json.loads(cache.load(self._name) or b"{}")
        self._known = dict(self._kept)

    @property
    def language(self) -> str:
        """The language itself: `pt` of pt-BR."""
        return str(self._ask("language"))

    @property
    def names(self) -> list[str]:
        """The names that a catalogue may have, by CLDR's inheritance, the best first: pt_MZ, pt_PT, pt."""
        return list(self._ask("names"))

    def day(self, when: date) -> str:
        """Return `9 November`."""
        return str(self._ask("day", when.isoformat()))

    def period(self, first: date, last: date) -> str:
        """Return `5–11 November 2020`, `30 October – 5 November 2020` or `11 November 2020`, as short as is clear."""
        return str(self._ask("period", first.isoformat(), last.isoformat()))

    def joints(self, count: int) -> list[str]:
        """Return what stands before each member of a list of *count*: `""`, `", "`, `" and "`."""
        return list(self._ask("joints", count)) if count else []

    def keep(self) -> None:
        """Keep what was asked, for the next run; nothing is kept where there is no cache."""
        if self._known != self._kept:
            latest = dict(list(self._known.items())[-_MOST:])
            cache.store(self._name, json.dumps(latest).encode())

    def _ask(self, question: str, *given: str | int) -> Any:  # noqa: ANN401 - whatever the question's answer is
        """Return the answer that is kept, or Babel's; *question* is one of `_ANSWERS`, *given* its arguments."""
        key = " ".join([question, *map(str, given)])
        if key not in self._known:
            self._known[key] = _ANSWERS[question](self._locale, *given)
        return self._known[key]

    @cached_property
    def _locale(self) -> Locale:
        locale = languages.locale(self._tag) or languages.locale("en")
        assert locale is not None
        return locale


def _hash(tag: str) -> str:
    """Return a hash of the language, and of all that decides the answers: Babel's place, time and size."""
    # Found and not imported: loading Babel is what the kept answers save.
    babel = find_spec("babel")
    place = (babel and babel.origin) or ""
    status = os.stat(place)
    about = repr((_FORMAT, tag, place, status.st_mtime_ns, status.st_size))
    return hashlib.sha256(about.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _language(locale: Locale) -> str:
    return str(locale.language)


def _names(locale: Locale) -> list[str]:
    """Return the locale and its parents by CLDR, without the root: pt_AO inherits from pt_PT before pt."""
    from babel.core import get_global  # noqa: PLC0415 - only what is not known has to be asked

    parents = get_global("parent_exceptions")
    name, names = str(locale), []
    while name and name != "root":
        names.append(name)
        name = str(parents.get(name) or name.rpartition("_")[0])
    return names


def _day(locale: Locale, day: str) -> str:
    """Return a day (ISO 8601) with the month's name and without the year, in the order of the language."""
    from babel.dates import format_skeleton  # noqa: PLC0415 - as above

    return _plain(format_skeleton("MMMMd", date.fromisoformat(day), locale=locale))


def _period(locale: Locale, *ends: str) -> str:
    """Return the days from the first to the last of *ends* (ISO 8601), with a shared month or year said once."""
    from babel.dates import format_date  # noqa: PLC0415 - as above

    first, last = map(date.fromisoformat, ends)
    # CLDR has a pattern for each largest field that differs.
    if first == last:
        return _plain(format_date(first, "long", locale=locale))
    largest = "y" if first.year != last.year else "M" if first.month != last.month else "d"
    intervals = locale.interval_formats
    wide = intervals.get("yMMMMd", {}).get(largest)
    if not wide:
        # Most languages have intervals with short months only; ICU widens the fields in the same way.
        short = intervals.get("yMMMd", {}).get(largest) or ()
        wide = [re.sub("(?<!M)MMM(?!M)", "MMMM", piece).replace("dd", "d") for piece in short]
    # A language that CLDR knows little of.
    if not wide:
        return " – ".join(_plain(format_date(day, "long", locale=locale)) for day in (first, last))
    pieces = (format_date(day, piece, locale=locale) for day, piece in zip((first, last), wide, strict=True))
    return _plain("".join(pieces))


def _joints(locale: Locale, count: int) -> list[str]:
    """Return what stands before each member of a list, from CLDR's pattern filled with null characters."""
    from babel.lists import format_list  # noqa: PLC0415 - as above

    return str(format_list(["\0"] * count, locale=locale)).split("\0")[:count]


def _plain(text: str) -> str:
    """Return *text* with ordinary spaces for CLDR's thin ones, one that does not break for one that does not."""
    return text.translate(_SPACES)


_ANSWERS: dict[str, Callable[..., Any]] = {
    "language": _language,
    "names": _names,
    "day": _day,
    "period": _period,
    "joints": _joints,
}


FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "locale")
"""The shipped catalogues."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """How one language says what a letter needs.

    *tag* is as the settings have it (BCP 47), *note* tells the editor that there is no catalogue, and is empty else.
    """

    tag: str
    cldr: Cldr
    catalogue: NullTranslations
    note: str = ""

    @property
    def direction(self) -> str:
        """The writing direction: ltr or rtl."""
        return languages.direction(self.tag)

    def say(self, message: str, **names: object) -> str:
        """Return *message* in this language, with *names* filled in where it says `%(name)s`.

        A message that no catalogue has comes back as it is, in English. Raises KeyError for a name that is not given.
        """
        return self.catalogue.gettext(message) % names

    def count(self, singular: str, many: str, num: int, **names: object) -> str:
        """Return the form of a message that goes with *num*, filled in; `%(num)s` is the number.

        The catalogue decides between as many forms as the language has, up to six in Arabic.
        """
        return self.catalogue.ngettext(singular, many, num) % {"num": num, **names}

    def day(self, when: date) -> str:
        """Return `9 November`."""
        return self.cldr.day(when)

    def period(self, first: date, last: date) -> str:
        """Return `5–11 November 2020`, `30 October – 5 November 2020` or `11 November 2020`, as short as is clear."""
        return self.cldr.period(first, last)

    def joints(self, names: Sequence[str]) -> list[str]:
        """Return what stands before each of *names* in a list of them: `""`, `", "`, `" and "`.

        Apart from the names, so that a theme can put each of them into an element of its own.
        """
        joints = self.cldr.joints(len(names))
        if len(names) > 1:
            joints[-1] = self._before(names[-1], joints[-1])
        return joints

    def listed(self, names: Sequence[str]) -> str:
        """Return `A, B and C`."""
        return "".join(joint + name for joint, name in zip(self.joints(names), names, strict=True))

    def upper(self, text: str) -> str:
        """Return *text* in capitals, with the dotted one of Turkish and Azerbaijani, which Python does not know."""
        return (text.replace("i", "İ") if self.cldr.language in {"az", "tr"} else text).upper()

    def _before(self, name: str, joint: str) -> str:
        """Return the last joint as it sounds before *name*, which CLDR leaves to whoever uses its patterns.

        Spanish `y` is `e` before the sound i (but not before hie-, hia-); Hebrew's is a prefix.
        """
        if self.cldr.language == "es" and joint == " y " and _begins(name, ("i", "hi", "í", "hí"), ("hie", "hia")):
            return " e "
        if self.cldr.language == "he" and not ("\u0590" <= name[:1] <= "\u05ff"):
            # The conjunction is a prefix; a word in another script takes a hyphen.
            return f"{joint}-"
        return joint


def load(tag: str, own: Mapping[str, str]) -> Language:
    """Return the language of *tag*; *own* are a theme's catalogues by their place.

    A language without a catalogue is no error: the letter's own words are then English, and `note` says so. Raises
    ThemeError for a catalogue that is none.
    """
    cldr = Cldr(tag)
    catalogues = [_parsed(*catalogue) for name in cldr.names for catalogue in _named(name, own)]
    # What pt_BR lacks is looked up in pt, and what a theme's catalogue lacks in the shipped one.
    for special, general in pairwise(catalogues):
        special.add_fallback(general)
    spoken = catalogues or cldr.language == "en"
    note = "" if spoken else f"newsletter.language: no catalogue for {tag!r}; the letter's own words are English"
    return Language(tag=tag, cldr=cldr, catalogue=catalogues[0] if catalogues else NullTranslations(), note=note)


def _named(name: str, own: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the catalogues of one name with their places: the theme's, then the shipped one.

    A theme may write pt_BR.po or pt-BR.po.
    """
    files = {f"{name}.po", f"{name.replace('_', '-')}.po"}
    matching = [(place, text) for place, text in own.items() if os.path.basename(place) in files]
    shipped = os.path.join(FOLDER, f"{name}.po")
    if os.path.exists(shipped):
        with open(shipped, encoding="utf-8") as handle:
            matching.append((shipped, handle.read()))
    return matching


def _parsed(place: str, text: str) -> GNUTranslations:
    """Return the catalogue *text*, a `.po` file. Raises ThemeError with its *place* where it is none."""
    # gettext reads compiled catalogues alone. Compiled here, a theme needs no msgfmt, and no file can be out of step.
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - only a language that has one needs it
    from babel.messages.pofile import PoFileError, read_po  # noqa: PLC0415 - likewise

    compiled = BytesIO()
    try:
        write_mo(compiled, read_po(StringIO(text), abort_invalid=True))
        compiled.seek(0)
        return GNUTranslations(compiled)
    except (PoFileError, ValueError, LookupError) as error:
        raise ThemeError(place, f"is no catalogue: {error}", "msgfmt --check says where") from error


def _begins(name: str, sounds: tuple[str, ...], but: tuple[str, ...]) -> bool:
    """Whether *name* begins with one of *sounds* and with none of the exceptions in *but*, whatever its case."""
    return name.casefold().startswith(sounds) and not name.casefold().startswith(but)
