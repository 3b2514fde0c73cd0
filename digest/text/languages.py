"""Language tags (BCP 47): how a tag is spelled, the direction its language is written in, and when two are the same.

Dates and lists of a language come from CLDR by way of Babel, which is imported only where a locale is asked for.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale

_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|[0-9]{3}))?(?:[-_][A-Za-z0-9]{4,8})*")
"""A tag with its language, script and region; variants and extensions may follow and are ignored (RFC 5646, 2.1)."""

# Of our own pages and messages, which are in English. Not strftime's, which speaks the machine's language: a verdict
# must be the same everywhere.
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""As settings and the command line have them, in the order of `date.weekday`."""

# In the room of all, as selection titles sections and every output shows them: they are no words of a theme.
_SECTIONS = {
    "en": ("More", "Stories"), "ar": ("المزيد", "الأخبار"), "de": ("Weitere Meldungen", "Meldungen"),
    "es": ("Más noticias", "Noticias"), "fr": ("Plus d’articles", "Articles"), "he": ("עוד כתבות", "כתבות"),
    "hi": ("और ख़बरें", "ख़बरें"), "it": ("Altre notizie", "Notizie"), "ja": ("その他の記事", "記事"),
    "nl": ("Meer berichten", "Berichten"), "pl": ("Więcej wiadomości", "Wiadomości"),
    "pt": ("Mais notícias", "Notícias"), "tr": ("Diğer haberler", "Haberler"),
    "uk": ("Більше новин", "Новини"), "zh": ("更多文章", "文章"),
    "zh-Hant": ("更多文章", "文章"),
}  # fmt: skip
"""By language, what a section is called that holds what is under no other, and one that holds all there is."""

RIGHT_TO_LEFT = frozenset(
    {
        *(
            "apc",
            "ar",
            "arc",
            "bal",
            "bgn",
            "ckb",
            "dv",
            "fa",
            "glk",
            "haz",
            "he",
            "iw",
            "khw",
            "ks",
            "lrc",
            "luz",
            "mzn",
        ),
        *("nqo", "pnb", "prs", "ps", "rhg", "sd", "sdh", "skr", "syr", "trw", "ug", "ur", "yi"),
    }
)
"""Languages that are written from right to left unless their tag names another script."""

MARK, ISOLATE, END_OF_ISOLATE = "\u200f", "\u2068", "\u2069"
"""Invisible characters that tell the directions in a plain text (UAX #9): RLM, FSI (first-strong isolate) and PDI."""

_MARKS = str.maketrans("", "", f"{MARK}{ISOLATE}{END_OF_ISOLATE}")
_SCRIPTS = frozenset({"adlm", "arab", "aran", "hebr", "mand", "nkoo", "rohg", "samr", "syrc", "thaa"})
"""Scripts that are written from right to left (ISO 15924, in lower case)."""

_TRADITIONAL = frozenset({"HK", "MO", "TW"})
"""Regions whose Chinese is written in traditional characters unless a tag says otherwise."""


def normal(written: str) -> str:
    """Return a tag in its canonical case, language, script and region only: `pt_br` gives `pt-BR`.

    Underscores count as hyphens, since POSIX locales and many exports have them. "" where *written* is no tag. Whether
    there is such a language is not asked.
    """
    match = _TAG.fullmatch(written.strip())
    if not match:
        return ""
    language, script, region = match.groups()
    parts = (language.lower(), script and script.title(), region and region.upper())
    return "-".join(part for part in parts if part)


@lru_cache(maxsize=500)
def direction(tag: str) -> str:
    """Return the writing direction of a tag's language, ltr or rtl; its script decides where it names one."""
    language, _, rest = tag.partition("-")
    script = rest.partition("-")[0].lower()
    # The script comes first: `uz-Arab` runs from right to left though `uz` does not, and `ur-Latn` does not though `ur`
    # does.
    if len(script) == 4 and script.isalpha():
        return "rtl" if script in _SCRIPTS else "ltr"
    return "rtl" if language.lower() in RIGHT_TO_LEFT else "ltr"


def unmarked(text: str) -> str:
    """Return *text* without direction marks and isolates.

    For comparing two texts whose lines break at different places: the marks stand at the beginnings and ends of lines.
    """
    return text.translate(_MARKS)


def differ(first: str, other: str) -> bool:
    """Whether two tags are different languages to a reader.

    Regions make no difference (`en-US` and `en` are one), scripts do where both are known: Chinese has two, which its
    region tells as well.
    """
    ours, theirs = _language_and_script(first), _language_and_script(other)
    return ours[0] != theirs[0] or bool(ours[1] and theirs[1] and ours[1] != theirs[1])


# What a tag stands for beyond itself: `no` is any Norwegian, and where others write it, they mostly mean Bokmål.
_WIDER = {"no": ("no", "nb", "nn"), "nb": ("nb", "no")}


def covers(wanted: str, tag: str) -> bool:
    """Whether a text in *tag* is in the language *wanted*: `en` covers `en-GB`, `pt-BR` not `pt`, `no` also `nb`.

    Chinese has two scripts, which a region tells as well: `zh-Hant` covers `zh-TW`.
    """
    ours, theirs = _language_and_script(wanted), _language_and_script(tag)
    region = _region(wanted)
    return (
        theirs[0] in _WIDER.get(ours[0], (ours[0],))
        and (not ours[1] or ours[1] == theirs[1])
        and (not region or region == _region(tag))
    )


def section_titles(tag: str) -> tuple[str, str]:
    """Return what a section is called for stories under no other, and one for all stories; in English without words."""
    while tag not in _SECTIONS and tag:
        tag = tag.rpartition("-")[0]
    return _SECTIONS[tag or "en"]


def locale(tag: str) -> Locale | None:
    """Return Babel's locale for a tag, by the longest part of the tag that CLDR knows; None where it knows none.

    The locale tells how dates, lists and plurals are written.
    """
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - only a build needs it

    # CLDR's `en` is that of the United States. `9 November` reads right everywhere, `November 9` in one country, which
    # has `en-US`.
    if tag == "en":
        tag = "en-001"
    while tag:
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            tag = tag.rpartition("-")[0]
    return None


def nearest(tag: str) -> str:
    """Return what to do about an unknown tag, for a message: the language that was probably meant, where there is one.

    People write a country's code (`jp`, `ua`, `cz`), the English name of the language, or mistype its code.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only for a message

    from babel import Locale  # noqa: PLC0415 - likewise
    from babel.core import get_global  # noqa: PLC0415 - likewise

    language = tag.partition("-")[0]
    by_country = get_global("likely_subtags").get(f"und_{language.upper()}")
    if by_country:
        return f"did you mean {by_country.partition('_')[0]!r}?"
    names = {name.casefold(): code for code, name in Locale("en").languages.items() if "_" not in code}
    near = get_close_matches(language.casefold(), names, n=1) or get_close_matches(language, names.values(), n=1)
    closest = names.get(near[0], near[0]) if near else ""
    return f"did you mean {closest!r}?" if closest and locale(closest) else "write it like en or pt-BR"


def _region(tag: str) -> str:
    """Return the region of a tag in upper case, "" where it names none."""
    parts = tag.split("-")[1:]
    return next((part.upper() for part in parts if len(part) == 2 or (len(part) == 3 and part.isdigit())), "")


def _language_and_script(tag: str) -> tuple[str, str]:
    """Return the language in lower case, and the script in title case, "" where neither tag nor region tells it."""
    language, *rest = tag.split("-")
    script = next((part.title() for part in rest if len(part) == 4 and part.isalpha()), "")
    if language == "zh" and not script and rest:
        script = "Hant" if rest[0].upper() in _TRADITIONAL else "Hans"
    return language.lower(), script
