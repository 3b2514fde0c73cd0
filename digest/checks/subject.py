"""Whether subject, preheader and size are such that the issue is opened, and shown whole."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from digest import weight
from digest.checks import cascade
from digest.checks.opened import HTML, RECORD, bare
from digest.checks.page import own_text, text_of
from digest.checks.rules import finding
from digest.checks.spam import phrases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.checks.opened import Opened
    from digest.model import Finding

_SUBJECT = 90
_PREHEADER = range(30, 151)
_SHOUTING = 10
"""Letters from which all capitals are more than an abbreviation."""

_REPLY = re.compile(r"\s*(?:re|fwd?|aw|wg|tr|rv|sv|vs|antw|odp)\s*(?:\[\d+\])?:", re.IGNORECASE)


def findings(issue: Opened) -> Iterator[Finding]:
    """Yield what is wrong with the first impression."""
    for rule, what in _subject(issue.facts.subject):
        yield finding(rule, RECORD, what, element="subject")
    for rule, what in _preheader(issue):
        yield finding(rule, HTML if rule == "preheader-missing" else RECORD, what, element="preheader")
    for name, words in (("subject", issue.facts.subject), ("preheader", issue.facts.preheader)):
        for phrase in phrases(words):
            yield finding("spam-phrase", RECORD, f"says {phrase!r}", element=name)
    yield from _size(issue)


def _subject(subject: str) -> Iterator[tuple[str, str]]:
    if not bare(subject):
        yield "subject-empty", "has no words"
    if len(subject) > _SUBJECT:
        yield "subject-length", f"{len(subject)} characters"
    odd = [sign for sign in subject if unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")]
    # Joiners shape Arabic, Persian and Indic words and some emoji; they hide nothing.
    if odd := [sign for sign in odd if sign not in "\u200c\u200d"]:
        yield "subject-controls", f"has U+{ord(odd[0]):04X}"
    if emoji := [sign for sign in subject if _is_emoji(sign)]:
        yield "subject-emoji", f"has {emoji[0]}"
    letters = [sign for sign in subject if sign.isalpha() and sign.lower() != sign.upper()]
    if len(letters) >= _SHOUTING and all(sign.isupper() for sign in letters):
        yield "subject-shouting", "is all capitals"
    if re.search(r"[!?¡¿]{2}|!.*!|\?.*\?.*\?|\${2}", subject.replace("¿", "").replace("¡", "")):
        yield "subject-marks", "has several ! or ?"
    if _REPLY.match(subject):
        yield "subject-reply", f"begins with {subject.split(':', maxsplit=1)[0]}:"


def _is_emoji(sign: str) -> bool:
    return unicodedata.category(sign) == "So" and ord(sign) >= 0x2600


def _preheader(issue: Opened) -> Iterator[tuple[str, str]]:
    words = issue.facts.preheader
    first = _first_words(issue)
    if first is None or bare(first) != bare(words):
        what = "nothing hidden stands first in the body" if first is None else f"{first[:60]!r} stands first"
        yield "preheader-missing", what
    if len(words) not in _PREHEADER:
        yield "preheader-length", f"{len(words)} characters"
    if bare(words) == bare(issue.facts.subject):
        yield "preheader-repeats", "is the subject"


def _first_words(issue: Opened) -> str | None:
    """The words of the first element of the body that has some, if it is hidden."""
    look = issue.look(cascade.LIGHT)
    for element in issue.page.body.iter():
        if element is not issue.page.body and look[element].hidden != "not shown":
            if look[element].hidden:
                return text_of(element)
            if own_text(element):
                return None
    return None


def _size(issue: Opened) -> Iterator[Finding]:
    size = weight.of(issue.html)
    if size > weight.CLIP:
        yield finding("clip", HTML, f"{size:,} bytes")
    elif size > weight.ROOM:
        yield finding("clip-near", HTML, f"{size:,} bytes")
