"""Whether the foot of the issue holds what bulk mail owes its readers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.addresses import canonical
from digest.checks import cascade
from digest.checks.opened import HTML, TEXT, bare
from digest.checks.rules import finding
from digest.checks.styles import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.checks.opened import Opened
    from digest.model import Finding

_WORDS = 5
_LETTERS = 8
"""How long a line is that says why: words where words are spaced, letters where they are not."""


def findings(issue: Opened) -> Iterator[Finding]:
    """Yield what the foot lacks."""
    if not bare(issue.text):
        return  # an empty text is told as that
    yield from _address_shown(issue, "unsubscribe-link", issue.unsubscribe, "the unsubscribe address")
    yield from _address_shown(issue, "web-view", issue.facts.web, "the address of the web view")
    seen = bare(" ".join(words for _, words, _ in texts(issue.page, issue.look(cascade.LIGHT))))
    for rule, lines, what in (
        ("postal-address", _postal(issue.foot), "a postal address"),
        ("why", _reasons(issue.foot), "a sentence that says why"),
    ):
        if not lines:
            yield finding(rule, TEXT, f"the foot has no line that looks like {what}")
        elif not any(bare(line) in seen for line in lines):
            yield finding(rule, HTML, f"{lines[0][:60]!r} of the text is not in the page")


def _address_shown(issue: Opened, rule: str, address: str, what: str) -> Iterator[Finding]:
    if not address:
        return  # the headers' own rules say so
    page, look = issue.page, issue.look(cascade.LIGHT)
    links = [one for one in page.named("a") if canonical(one.get("href", "")) == canonical(address)]
    if not links:
        yield finding(rule, HTML, f"{what}, {address}, is no link")
    elif all(look[one].hidden for one in links):
        yield issue.on(links[0], rule, f"{what} is hidden")
    if address not in issue.squeezed:
        yield finding(rule, TEXT, f"{what}, {address}, is not there")


def _postal(foot: tuple[str, ...]) -> list[str]:
    """Lines with a number, or with several commas, that are no link and no sentence."""
    return [
        line
        for line in map(str.strip, foot)
        if "://" not in line
        and "@" not in line
        and (re.search(r"\d", line) or len(re.findall("[,،、，]", line)) > 1)
        and len(bare(line)) >= _LETTERS
    ]


def _reasons(foot: tuple[str, ...]) -> list[str]:
    postal = _postal(foot)
    return [
        line
        for line in map(str.strip, foot)
        if "://" not in line
        and (line not in postal or re.search(r"[.!?。！？؟।]$", line))
        and (len(line.split()) >= _WORDS or (len(bare(line)) >= _LETTERS and not line.isascii()))
    ]
