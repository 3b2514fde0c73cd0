"""Whether a filter would take the issue for spam."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.checks import cascade
from digest.checks.opened import HTML
from digest.checks.rules import finding
from digest.checks.styles import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.checks.opened import Opened
    from digest.model import Finding

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


def findings(issue: Opened) -> Iterator[Finding]:
    """Yield what a filter would count in the page."""
    page = issue.page
    letters = 0
    for element, words, _ in texts(page, issue.look(cascade.LIGHT)):
        letters += 0 if element.tag == "img" else len(words)
        for phrase in phrases(words):
            yield issue.on(element, "spam-words", f"says {phrase!r}")
    if page.named("img") and letters < _TEXT_BESIDE_PICTURES:
        yield finding("picture-only", HTML, f"{letters} characters of text beside {len(page.named('img'))} pictures")


def phrases(words: str) -> list[str]:
    """Return the phrases in *words* that spam is known by."""
    return [found[0] for found in _PHRASES.finditer(words)]
