"""The words that are not the news, in the newsletter's language: dates, lists, plurals. Knows Babel, no Issue, no HTML.

Catalogues are gettext's `locale/TAG.po`, read as they are; a theme's own come before the shipped ones. What no
catalogue has is English, as it stands in the code. Nothing here looks at the machine's own language.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO, StringIO
from itertools import pairwise
from typing import TYPE_CHECKING

from digest import languages
from digest.errors import ThemeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from babel import Locale

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "locale")
"""The shipped catalogues."""

_SPACES = str.maketrans({"\u2009": " ", "\u202f": "\u00a0"})
"""CLDR's thin spaces; some mail clients' fonts lack them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """How one language says what a letter needs. *note* tells the editor what it lacks."""

    tag: str
    locale: Locale
    catalogue: NullTranslations
    note: str = ""

    @property
    def direction(self) -> str:
        """The writing direction: ltr or rtl."""
        return languages.direction(self.tag)

    def say(self, message: str, **names: object) -> str:
        """Return *message* in this language, with *names* filled in where it says `%(name)s`."""
        return self.catalogue.gettext(message) % names

    def count(self, one: str, many: str, num: int, **names: object) -> str:
        """Return the form of a message that goes with *num*, filled in; `%(num)s` is the number."""
        return self.catalogue.ngettext(one, many, num) % {"num": num, **names}

    def day(self, when: date) -> str:
        """Return `9 November`."""
        return _day(self.locale, when)

    def period(self, first: date, last: date) -> str:
        """Return `5–11 November 2020`, `30 October – 5 November 2020` or `11 November 2020`, as short as is clear."""
        from babel.dates import format_date  # noqa: PLC0415 - see day

        if first == last:
            return _plain(format_date(first, "long", locale=self.locale))
        largest = "y" if first.year != last.year else "M" if first.month != last.month else "d"
        intervals = self.locale.interval_formats
        wide = intervals.get("yMMMMd", {}).get(largest)
        if not wide:
            # Most languages have intervals with short months only; ICU widens the fields in the same way.
            short = intervals.get("yMMMd", {}).get(largest) or ()
            wide = [re.sub("(?<!M)MMM(?!M)", "MMMM", piece).replace("dd", "d") for piece in short]
        if not wide:  # a language that CLDR knows little of
            return " – ".join(_plain(format_date(day, "long", locale=self.locale)) for day in (first, last))
        pieces = (format_date(day, piece, locale=self.locale) for day, piece in zip((first, last), wide, strict=True))
        return _plain("".join(pieces))

    def joints(self, names: Sequence[str]) -> list[str]:
        """Return what stands before each of *names* in a list of them: `""`, `", "`, `" and "`."""
        from babel.lists import format_list  # noqa: PLC0415 - see day

        marked = format_list(["\0"] * len(names), locale=self.locale) if names else ""
        joints = marked.split("\0")[: len(names)]
        if len(names) > 1:
            joints[-1] = self._before(names[-1], joints[-1])
        return joints

    def listed(self, names: Sequence[str]) -> str:
        """Return `A, B and C`."""
        return "".join(joint + name for joint, name in zip(self.joints(names), names, strict=True))

    def upper(self, words: str) -> str:
        """Return *words* in capitals; Turkish and its sisters have a dotted one."""
        return (words.replace("i", "İ") if self.locale.language in {"az", "tr"} else words).upper()

    def _before(self, name: str, joint: str) -> str:
        """Return the last joint as it sounds before *name*; what CLDR leaves to its reader."""
        if self.locale.language == "es" and joint == " y " and _begins(name, ("i", "hi", "í", "hí"), ("hie", "hia")):
            return " e "
        if self.locale.language == "he" and not ("\u0590" <= name[:1] <= "\u05ff"):
            return f"{joint}-"  # the conjunction is a prefix; a foreign word takes a hyphen
        return joint


def load(tag: str, own: Mapping[str, str]) -> Language:
    """Return the language of *tag*; *own* are a theme's catalogues by their place. Raises ThemeError."""
    locale = languages.locale(tag) or languages.locale("en")
    assert locale is not None
    found = [_parsed(*one) for name in _chain(str(locale)) for one in _named(name, own)]
    for special, general in pairwise(found):
        special.add_fallback(general)
    spoken = found or locale.language == "en"
    note = "" if spoken else f"newsletter.language: no catalogue for {tag!r}; the letter's own words are English"
    return Language(tag=tag, locale=locale, catalogue=found[0] if found else NullTranslations(), note=note)


def _chain(name: str) -> list[str]:
    """Return the names that a catalogue for a locale may have, the best first: pt_MZ, pt_PT, pt."""
    from babel.core import get_global  # noqa: PLC0415 - see Language.day

    parents = get_global("parent_exceptions")
    names = []
    while name and name != "root":
        names.append(name)
        name = str(parents.get(name) or name.rpartition("_")[0])
    return names


def _named(name: str, own: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the catalogues of one name with their places: the theme's, then the shipped one."""
    files = {f"{name}.po", f"{name.replace('_', '-')}.po"}
    found = [(place, text) for place, text in own.items() if os.path.basename(place) in files]
    shipped = os.path.join(FOLDER, f"{name}.po")
    if os.path.exists(shipped):
        with open(shipped, encoding="utf-8") as handle:
            found.append((shipped, handle.read()))
    return found


def _parsed(place: str, text: str) -> GNUTranslations:
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - see Language.day
    from babel.messages.pofile import PoFileError, read_po  # noqa: PLC0415 - likewise

    compiled = BytesIO()
    try:
        write_mo(compiled, read_po(StringIO(text), abort_invalid=True))
        compiled.seek(0)
        return GNUTranslations(compiled)
    except (PoFileError, ValueError, LookupError) as error:
        raise ThemeError(place, f"is no catalogue: {error}", "msgfmt --check says where") from error


@lru_cache(maxsize=500)
def _day(locale: Locale, when: date) -> str:
    from babel.dates import format_skeleton  # noqa: PLC0415 - only a build writes dates

    return _plain(format_skeleton("MMMMd", when, locale=locale))


def _plain(words: str) -> str:
    return words.translate(_SPACES)


def _begins(name: str, sounds: tuple[str, ...], but: tuple[str, ...]) -> bool:
    return name.casefold().startswith(sounds) and not name.casefold().startswith(but)
