"""Whether subject and preheader show whole, the letter is not clipped, and no spam filter takes offence."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from digest import weight
from digest.checks import cascade
from digest.checks.context import HTML, RECORD, bare
from digest.checks.page import own_text, text_of
from digest.checks.rule import finding
from digest.checks.style import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.checks.context import Context
    from digest.model import Finding


_SUBJECT = 90
_PREHEADER = range(30, 151)
_SHOUTING = 10
"""Letters from which all capitals are more than an abbreviation."""

_REPLY = re.compile(r"\s*(?:re|fwd?|aw|wg|tr|rv|sv|vs|antw|odp)\s*(?:\[\d+\])?:", re.IGNORECASE)


def findings(issue: Context) -> Iterator[Finding]:
    """Yield what is wrong with the first impression."""
    for rule, problem in _subject(issue.facts.subject):
        yield finding(rule, RECORD, problem, element="subject")
    for rule, problem in _preheader(issue):
        yield finding(rule, HTML if rule == "preheader-missing" else RECORD, problem, element="preheader")
    for name, text in (("subject", issue.facts.subject), ("preheader", issue.facts.preheader)):
        for phrase in phrases(text):
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


def _preheader(issue: Context) -> Iterator[tuple[str, str]]:
    preheader = issue.facts.preheader
    first = _first_words(issue)
    if first is None or bare(first) != bare(preheader):
        problem = "nothing hidden stands first in the body" if first is None else f"{first[:60]!r} stands first"
        yield "preheader-missing", problem
    if len(preheader) not in _PREHEADER:
        yield "preheader-length", f"{len(preheader)} characters"
    if bare(preheader) == bare(issue.facts.subject):
        yield "preheader-repeats", "is the subject"


def _first_words(issue: Context) -> str | None:
    """The words of the first element of the body that has some, if it is hidden."""
    look = issue.look(cascade.LIGHT)
    for element in issue.page.body.iter():
        if element is not issue.page.body and look[element].hidden != "not shown":
            if look[element].hidden:
                return text_of(element)
            if own_text(element):
                return None
    return None


def _size(issue: Context) -> Iterator[Finding]:
    size = weight.of(issue.html)
    if size > weight.CLIP:
        yield finding("clip", HTML, f"{size:,} bytes")
    elif size > weight.ROOM:
        yield finding("clip-near", HTML, f"{size:,} bytes")


_PHRASES = re.compile(
    r"""(?x)\b(?:
    100%\ (?:free|satisfied|guaranteed) | act\ now | additional\ income | as\ seen\ on\ tv | be\ your\ own\ boss
    | buy\ (?:now|direct) | call\ now | cash\ bonus | cheap\ meds | click\ below | congratulations,?\ you
    | consolidate\ (?:your\ )?debt | dear\ friend | double\ your\ (?:cash|income|money)
    | earn\ (?:extra\ )?(?:cash|\$\d+)
    | eliminate\ (?:your\ )?debt | extra\ income | fast\ cash | financial\ freedom
    | free\ (?:access|gift|money|offer|preview|trial|quote) | get\ (?:paid|rich) | guaranteed\ income
    | increase\ (?:your\ )?(?:sales|traffic) | limited\ time\ (?:only|offer) | lose\ weight | lowest\ price
    | make\ (?:\$\d+|money\ fast) | million\ dollars | miracle\ cure | money\ back
    | no\ (?:catch|cost|obligation|strings\ attached|credit\ check) | once\ in\ a\ lifetime | online\ pharmacy
    | order\ now | risk[-\ ]free | satisfaction\ guaranteed | special\ promotion | this\ is\ not\ spam | urgent\ reply
    | while\ supplies\ last | why\ pay\ more | work\ from\ home | you(?:'ve|\ have)\ (?:been\ selected|won) | winner!
    )(?!\w)""",
    re.IGNORECASE,
)
_TEXT_BESIDE_PICTURES = 400
"""Letters below which a letter with pictures is taken to be little more than them."""


def spam_findings(issue: Context) -> Iterator[Finding]:
    """Yield what a filter would count in the page."""
    page = issue.page
    letters = 0
    for element, text, _ in texts(page, issue.look(cascade.LIGHT)):
        letters += 0 if element.tag == "img" else len(text)
        for phrase in phrases(text):
            yield issue.on(element, "spam-words", f"says {phrase!r}")
    if page.named("img") and letters < _TEXT_BESIDE_PICTURES:
        yield finding("picture-only", HTML, f"{letters} characters of text beside {len(page.named('img'))} pictures")


def phrases(text: str) -> list[str]:
    """Return the phrases in *text* that spam is known by."""
    return [match[0] for match in _PHRASES.finditer(text)]
