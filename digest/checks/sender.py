"""Whether the sender is named as the law asks, is no example, and the issue is of these days."""

from __future__ import annotations

import re
from email.utils import parseaddr
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digest.checks import cascade
from digest.checks.context import HTML, MESSAGE, RECORD, TEXT, bare
from digest.checks.rule import finding
from digest.checks.style import texts
from digest.config import values
from digest.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from digest.checks.context import Context
    from digest.model import Finding


_WORDS = 5
_LETTERS = 8
"""How long a line is that says why: words where words are spaced, letters where they are not."""


def findings(issue: Context) -> Iterator[Finding]:
    """Yield what the foot lacks."""
    if not bare(issue.text):
        return  # an empty text is told as that
    yield from _address_shown(issue, "unsubscribe-link", issue.unsubscribe, "the unsubscribe address")
    yield from _address_shown(issue, "web-view", issue.facts.web, "the address of the web view")
    seen = bare(" ".join(text for _, text, _ in texts(issue.page, issue.look(cascade.LIGHT))))
    for rule, lines, problem in (
        ("postal-address", _postal(issue.foot), "a postal address"),
        ("why", _reasons(issue.foot), "a sentence that says why"),
    ):
        if not lines:
            yield finding(rule, TEXT, f"the foot has no line that looks like {problem}")
        elif not any(bare(line) in seen for line in lines):
            yield finding(rule, HTML, f"{lines[0][:60]!r} of the text is not in the page")


def _address_shown(issue: Context, rule: str, address: str, problem: str) -> Iterator[Finding]:
    if not address:
        return  # the headers' own rules say so
    page, look = issue.page, issue.look(cascade.LIGHT)
    links = [link for link in page.named("a") if canonical(link.get("href", "")) == canonical(address)]
    if not links:
        yield finding(rule, HTML, f"{problem}, {address}, is no link")
    elif all(look[link].hidden for link in links):
        yield issue.on(links[0], rule, f"{problem} is hidden")
    if address not in issue.squeezed:
        yield finding(rule, TEXT, f"{problem}, {address}, is not there")


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


IDENTITY, AGE = "placeholder-identity", "old-issue"
_WEEK = 7


def example_identity(issue: Context) -> Iterator[Finding]:
    """Yield each part of the sender that is the sample's: right for trying things out, and wrong for readers."""
    judged = [*_addresses(issue)]
    postal, foot = values.POSTAL.rpartition(",")[0], "".join(issue.foot)  # an address in the country needs no country
    if bare(postal) in bare(foot):
        judged.append(finding(IDENTITY, TEXT, f"the postal address is {postal!r}, which is an example"))
    # A real newsletter may be called so; beside an example's address it is the example's.
    if judged and issue.facts.name == values.NAME:
        judged.append(finding(IDENTITY, RECORD, f"the name is {values.NAME!r}, the sample's"))
    yield from judged


def _addresses(issue: Context) -> Iterator[Finding]:
    unsubscribe = str(issue.mail.get("List-Unsubscribe", ""))
    mailboxes = {
        "From": parseaddr(str(issue.mail.get("From", "")))[1],
        "List-Unsubscribe": "".join(re.findall(r"<mailto:([^>?]+)", unsubscribe)[:1]),
    }
    for name, mailbox in mailboxes.items():
        if values.is_example(mailbox.rpartition("@")[2]):
            yield finding(IDENTITY, MESSAGE, f"{mailbox} is an example; nobody has it", element=name)
    for file, name, address in (
        (MESSAGE, "List-Unsubscribe", issue.unsubscribe),
        (RECORD, "web", issue.facts.web),
    ):
        if values.is_example(urlsplit(address).hostname or ""):
            yield finding(IDENTITY, file, f"{address} is an example; nobody answers there", element=name)


def age(issue: Context, today: date) -> Iterator[Finding]:
    """Yield that the issue is older than a week, by the last day of its window."""
    last = issue.facts.last
    days = (today - last).days if last else 0
    if last and days > _WEEK:
        yield finding(AGE, RECORD, f"its last day, {last}, was {days:,} days ago")
