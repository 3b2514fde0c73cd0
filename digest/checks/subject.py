"""What readers see before they open the issue, and what filters count: subject, preheader, phrases, size.

Inboxes show the subject, then the beginning of the body, which the hidden preheader is. Gmail cuts a letter off at
about 102,000 bytes (digest/weight.py).
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from digest import weight
from digest.checks import cascade
from digest.checks.context import HTML, RECORD
from digest.checks.page import own_text, text_of
from digest.checks.rule import RuleGroup, Spot, rule
from digest.text.phrases import bare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.checks.context import Context


_SUBJECT = 90
_PREHEADER = range(30, 151)
# Letters from which all capitals are more than an abbreviation.
_SHOUTING = 10
# As mail programs write them in English, German, French, Spanish, Swedish, Norwegian, Dutch and Polish.
_REPLY = re.compile(r"\s*(?:re|fwd?|aw|wg|tr|rv|sv|vs|antw|odp)\s*(?:\[\d+\])?:", re.IGNORECASE)


def _in_subject(problem: str) -> Spot:
    return Spot(RECORD, problem, element="subject")


@rule("subject-empty", "error", RuleGroup.SUBJECT, do="write one in the editor's file")
def empty_subject(issue: Context) -> Iterator[Spot]:
    """The subject has words.

    Nobody opens it, and spam filters count it.
    """
    if not bare(issue.subject):
        yield _in_subject("has no words")


@rule("subject-length", "warning", RuleGroup.SUBJECT, do="shorten it in the editor's file")
def long_subject(issue: Context) -> Iterator[Spot]:
    """The subject has 90 characters at most.

    Phones show about 40, computers about 90.
    """
    if len(issue.subject) > _SUBJECT:
        yield _in_subject(f"{len(issue.subject)} characters")


@rule("subject-controls", "error", RuleGroup.SUBJECT, do="remove it")
def invisible_characters(issue: Context) -> Iterator[Spot]:
    """The subject has no control or invisible character.

    Spam uses them to hide words.
    """
    kinds = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")
    odd = [sign for sign in issue.subject if unicodedata.category(sign) in kinds]
    # Joiners shape Arabic, Persian and Indic words and some emoji; they hide nothing.
    if odd := [sign for sign in odd if sign not in "\u200c\u200d"]:
        yield _in_subject(f"has U+{ord(odd[0]):04X}")


@rule("subject-emoji", "note", RuleGroup.SUBJECT, do="keep it only if it says something")
def emoji(issue: Context) -> Iterator[Spot]:
    """The subject has no emoji.

    It is read aloud by name, and boxes stand for it in old clients.
    """
    # Below U+2600 the category holds signs such as ° and ©.
    signs = [sign for sign in issue.subject if unicodedata.category(sign) == "So" and ord(sign) >= 0x2600]
    if signs:
        yield _in_subject(f"has {signs[0]}")


@rule("subject-shouting", "warning", RuleGroup.SUBJECT, do="write it as a sentence")
def shouting(issue: Context) -> Iterator[Spot]:
    """The subject is not all capitals.

    Spam filters count it.
    """
    # Most scripts have no capitals: their letters say nothing about shouting.
    letters = [sign for sign in issue.subject if sign.isalpha() and sign.lower() != sign.upper()]
    if len(letters) >= _SHOUTING and all(sign.isupper() for sign in letters):
        yield _in_subject("is all capitals")


@rule("subject-marks", "warning", RuleGroup.SUBJECT, do="one is enough")
def many_marks(issue: Context) -> Iterator[Spot]:
    """The subject has at most one ! and two ?, and none doubled.

    Spam filters count it.
    """
    # A Spanish question has two marks and is one question.
    subject = issue.subject.replace("¿", "").replace("¡", "")
    if re.search(r"[!?¡¿]{2}|!.*!|\?.*\?.*\?|\${2}", subject):
        yield _in_subject("has several ! or ?")


@rule("subject-reply", "warning", RuleGroup.SUBJECT, do="remove Re: or Fwd:")
def pretended_reply(issue: Context) -> Iterator[Spot]:
    """The subject does not pretend to be a reply.

    It deceives, and spam filters count it.
    """
    if _REPLY.match(issue.subject):
        yield _in_subject(f"begins with {issue.subject.split(':', maxsplit=1)[0]}:")


@rule("preheader-missing", "error", RuleGroup.SUBJECT, do="let the theme print it first")
def missing_preheader(issue: Context) -> Iterator[Spot]:
    """The preheader stands first in the body, hidden, and is the one of the record.

    The inbox shows whatever comes first instead.
    """
    first = _first_words(issue)
    if first is None or bare(first) != bare(issue.facts.preheader):
        problem = "nothing hidden stands first in the body" if first is None else f"{first[:60]!r} stands first"
        yield Spot(HTML, problem, element="preheader")


def _first_words(issue: Context) -> str | None:
    """Return the text of the first element of the body that has some, if it is hidden; else None."""
    look = issue.look(cascade.LIGHT)
    for element in issue.page.body.iter():
        if element is not issue.page.body and look[element].hidden != "not shown":
            if look[element].hidden:
                return text_of(element)
            if own_text(element):
                return None
    return None


@rule("preheader-length", "warning", RuleGroup.SUBJECT, do="write one in the editor's file")
def preheader_length(issue: Context) -> Iterator[Spot]:
    """The preheader has 30 to 150 characters.

    A short one lets other words in, of a long one the rest is lost.
    """
    if len(issue.facts.preheader) not in _PREHEADER:
        yield Spot(RECORD, f"{len(issue.facts.preheader)} characters", element="preheader")


@rule("preheader-repeats", "warning", RuleGroup.SUBJECT, do="write one in the editor's file")
def repeating_preheader(issue: Context) -> Iterator[Spot]:
    """The preheader is not the subject again.

    The inbox shows both side by side.
    """
    if bare(issue.facts.preheader) == bare(issue.subject):
        yield Spot(RECORD, "is the subject", element="preheader")


# Whole phrases and no words: "free" and "winner" are news, "free gift" and "winner!" are not.
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
# Letters below which a letter with pictures is taken to be little more than them.
_TEXT_BESIDE_PICTURES = 400


@rule("spam-phrase", "warning", RuleGroup.SUBJECT, do="say it in other words")
def phrases_at_the_top(issue: Context) -> Iterator[Spot]:
    """Subject and preheader have none of the phrases that spam is known by.

    Filters count them.
    """
    for name, text in (("subject", issue.subject), ("preheader", issue.record.preheader if issue.record else "")):
        for phrase in _PHRASES.finditer(text):
            yield Spot(RECORD, f"says {phrase[0]!r}", element=name)


@rule("spam-words", "note", RuleGroup.SUBJECT, do="say it in other words if they are yours")
def phrases_of_stories(issue: Context) -> Iterator[Spot]:
    """The stories have none of the phrases that spam is known by.

    Filters count them, though one alone does no harm.
    """
    for element, text, _ in issue.texts(cascade.LIGHT):
        for phrase in _PHRASES.finditer(text):
            yield issue.on(element, f"says {phrase[0]!r}")


@rule("picture-only", "warning", RuleGroup.SUBJECT, do="let the theme show the excerpts")
def little_text(issue: Context) -> Iterator[Spot]:
    """There is text enough beside the pictures.

    Filters take letters that are one picture for spam.
    """
    letters = sum(len(text) for element, text, _ in issue.texts(cascade.LIGHT) if element.tag != "img")
    pictures = len(issue.page.named("img"))
    if pictures and letters < _TEXT_BESIDE_PICTURES:
        yield Spot(HTML, f"{letters} characters of text beside {pictures} pictures")


@rule("clip", "error", RuleGroup.SUBJECT, waivable=True, do="take fewer stories or shorter excerpts")
def clipped(issue: Context) -> Iterator[Spot]:
    """The HTML has at most 102,000 bytes as it travels.

    Gmail cuts the rest off, the unsubscribe link with it.
    """
    if issue.weight > weight.CLIP:
        yield Spot(HTML, f"{issue.weight:,} bytes")


@rule("clip-near", "warning", RuleGroup.SUBJECT, do="take fewer stories or shorter excerpts")
def nearly_clipped(issue: Context) -> Iterator[Spot]:
    """The HTML has at most 99,000 bytes as it travels.

    Mail services add some, and Gmail cuts off at about 102,000.
    """
    if weight.ROOM < issue.weight <= weight.CLIP:
        yield Spot(HTML, f"{issue.weight:,} bytes")
