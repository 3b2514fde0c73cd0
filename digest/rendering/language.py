"""The words that are not the news, in the newsletter's language: dates, lists, plurals. Knows no Issue and no HTML.

Catalogues are gettext's `locale/TAG.po`, read as they are; a theme's own come before the shipped ones. What no
catalogue has is English, as it stands in the code. Nothing here looks at the machine's own language.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from gettext import GNUTranslations, NullTranslations
from io import BytesIO, StringIO
from itertools import pairwise
from typing import TYPE_CHECKING

from digest import languages
from digest.errors import ThemeError
from digest.rendering.cldr import Cldr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date


FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "locale")
"""The shipped catalogues."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """How one language says what a letter needs. *note* tells the editor what it lacks."""

    tag: str
    cldr: Cldr
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
        return self.cldr.day(when)

    def period(self, first: date, last: date) -> str:
        """Return `5–11 November 2020`, `30 October – 5 November 2020` or `11 November 2020`, as short as is clear."""
        return self.cldr.period(first, last)

    def joints(self, names: Sequence[str]) -> list[str]:
        """Return what stands before each of *names* in a list of them: `""`, `", "`, `" and "`."""
        joints = self.cldr.joints(len(names))
        if len(names) > 1:
            joints[-1] = self._before(names[-1], joints[-1])
        return joints

    def listed(self, names: Sequence[str]) -> str:
        """Return `A, B and C`."""
        return "".join(joint + name for joint, name in zip(self.joints(names), names, strict=True))

    def upper(self, words: str) -> str:
        """Return *words* in capitals; Turkish and its sisters have a dotted one."""
        return (words.replace("i", "İ") if self.cldr.language in {"az", "tr"} else words).upper()

    def _before(self, name: str, joint: str) -> str:
        """Return the last joint as it sounds before *name*; what CLDR leaves to its reader."""
        if self.cldr.language == "es" and joint == " y " and _begins(name, ("i", "hi", "í", "hí"), ("hie", "hia")):
            return " e "
        if self.cldr.language == "he" and not ("\u0590" <= name[:1] <= "\u05ff"):
            return f"{joint}-"  # the conjunction is a prefix; a foreign word takes a hyphen
        return joint


def load(tag: str, own: Mapping[str, str]) -> Language:
    """Return the language of *tag*; *own* are a theme's catalogues by their place. Raises ThemeError."""
    cldr = Cldr(tag)
    found = [_parsed(*one) for name in cldr.names for one in _named(name, own)]
    for special, general in pairwise(found):
        special.add_fallback(general)
    spoken = found or cldr.language == "en"
    note = "" if spoken else f"newsletter.language: no catalogue for {tag!r}; the letter's own words are English"
    return Language(tag=tag, cldr=cldr, catalogue=found[0] if found else NullTranslations(), note=note)


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
    return name.casefold().startswith(sounds) and not name.casefold().startswith(but)
