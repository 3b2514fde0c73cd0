"""Language tags (BCP 47): which there are, which way they are written, when two are one. Knows no words."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale

_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|[0-9]{3}))?(?:[-_][A-Za-z0-9]{4,8})*")
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
"""What a plain text is marked with to be read in both directions; nobody sees them."""

_MARKS = str.maketrans("", "", f"{MARK}{ISOLATE}{END_OF_ISOLATE}")
_SCRIPTS = frozenset({"adlm", "arab", "aran", "hebr", "mand", "nkoo", "rohg", "samr", "syrc", "thaa"})
_TRADITIONAL = frozenset({"HK", "MO", "TW"})


def normal(written: str) -> str:
    """Return a tag as it is written by rule (`pt_br` is `pt-BR`), or an empty one where *written* is none."""
    match = _TAG.fullmatch(written.strip())
    if not match:
        return ""
    language, script, region = match.groups()
    parts = (language.lower(), script and script.title(), region and region.upper())
    return "-".join(part for part in parts if part)


@lru_cache(maxsize=500)
def direction(tag: str) -> str:
    """Return the writing direction of a language: ltr or rtl."""
    language, _, rest = tag.partition("-")
    script = rest.partition("-")[0].lower()
    if len(script) == 4 and script.isalpha():
        return "rtl" if script in _SCRIPTS else "ltr"
    return "rtl" if language.lower() in RIGHT_TO_LEFT else "ltr"


def unmarked(text: str) -> str:
    """Return *text* without the marks of direction: where its lines break otherwise, they stand elsewhere."""
    return text.translate(_MARKS)


def differ(first: str, other: str) -> bool:
    """Whether readers would call it another language: `en-US` and `en` are one, Chinese has its two scripts."""
    ours, theirs = _language_and_script(first), _language_and_script(other)
    return ours[0] != theirs[0] or bool(ours[1] and theirs[1] and ours[1] != theirs[1])


def locale(tag: str) -> Locale | None:
    """Return how dates and lists are written in a language, by the longest part of its tag that CLDR knows.

    English without a region is the world's (`9 November`), not that of the United States.
    """
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - only a build needs it

    if tag == "en":
        tag = "en-001"
    while tag:
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            tag = tag.rpartition("-")[0]
    return None


def nearest(tag: str) -> str:
    """Return what to say about a tag that is none: the language that was probably meant, where there is one."""
    from difflib import get_close_matches  # noqa: PLC0415 - only for a message

    from babel import Locale  # noqa: PLC0415 - likewise
    from babel.core import get_global  # noqa: PLC0415 - likewise

    language = tag.partition("-")[0]
    by_country = get_global("likely_subtags").get(f"und_{language.upper()}")
    if by_country:  # jp, ua, cz
        return f"did you mean {by_country.partition('_')[0]!r}?"
    names = {name.casefold(): code for code, name in Locale("en").languages.items() if "_" not in code}
    near = get_close_matches(language.casefold(), names, n=1) or get_close_matches(language, names.values(), n=1)
    closest = names.get(near[0], near[0]) if near else ""
    return f"did you mean {closest!r}?" if closest and locale(closest) else "write it like en or pt-BR"


def _language_and_script(tag: str) -> tuple[str, str]:
    language, *rest = tag.split("-")
    script = next((part.title() for part in rest if len(part) == 4 and part.isalpha()), "")
    if language == "zh" and not script and rest:
        script = "Hant" if rest[0].upper() in _TRADITIONAL else "Hans"
    return language.lower(), script
