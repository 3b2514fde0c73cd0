"""The foot: who writes, why the reader gets this, and how to leave, as the law asks (CAN-SPAM, GDPR, Gmail, Yahoo)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.checks import cascade
from digest.checks.context import HTML, TEXT
from digest.checks.rule import RuleGroup, Spot, rule
from digest.text.phrases import bare
from digest.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.checks.context import Context


# How long a line is that says why: words where words are spaced, letters where they are not.
_WORDS = 5
_LETTERS = 8


@rule("unsubscribe-link", "error", RuleGroup.LINKS, do="let the theme show it")
def unsubscribe_link(issue: Context) -> Iterator[Spot]:
    """The unsubscribe address of the headers is a visible link in the HTML, and stands in the text.

    Law and mail services ask for it.
    """
    # Asked for the message, whose header it is: without one this cannot be answered.
    return _address_shown(issue, issue.unsubscribe if issue.eml else "", "the unsubscribe address")


@rule("web-view", "warning", RuleGroup.LINKS, do="let the theme show it")
def web_view_link(issue: Context) -> Iterator[Spot]:
    """The address of the web view is a link in the HTML, and stands in the text.

    Readers whose client spoils the issue need it.
    """
    return _address_shown(issue, issue.facts.web, "the address of the web view")


def _address_shown(issue: Context, address: str, name: str) -> Iterator[Spot]:
    """Yield that *address* is no visible link of the page, and that it is not in the text; *name* says what it is."""
    # An address that is missing altogether is a finding about the headers; an empty text is one by itself.
    if not address or not bare(issue.text):
        return
    look = issue.look(cascade.LIGHT)
    links = [link for link in issue.page.named("a") if canonical(link.get("href", "")) == canonical(address)]
    if not links:
        yield Spot(HTML, f"{name}, {address}, is no link")
    elif all(look[link].hidden for link in links):
        yield issue.on(links[0], f"{name} is hidden")
    if address not in issue.squeezed:
        yield Spot(TEXT, f"{name}, {address}, is not there")


@rule("why", "warning", RuleGroup.LINKS, do="set newsletter.why and let the theme show it")
def reason(issue: Context) -> Iterator[Spot]:
    """The foot says why the reader gets this.

    Readers who do not remember report it as spam.
    """
    return _line_shown(issue, _reasons(issue.foot), "a sentence that says why")


@rule("postal-address", "error", RuleGroup.LINKS, do="set newsletter.address and let the theme show it")
def postal_address(issue: Context) -> Iterator[Spot]:
    """The sender's postal address stands in the foot of the HTML and the text.

    Law asks for it.
    """
    return _line_shown(issue, _postal(issue.foot), "a postal address")


def _line_shown(issue: Context, lines: list[str], name: str) -> Iterator[Spot]:
    """Yield that the text has no such line, or that the page shows none of those that the text has."""
    if not bare(issue.text):
        return
    seen = bare(" ".join(text for _, text, _ in issue.texts(cascade.LIGHT)))
    if not lines:
        yield Spot(TEXT, f"the foot has no line that looks like {name}")
    elif not any(bare(line) in seen for line in lines):
        yield Spot(HTML, f"{lines[0][:60]!r} of the text is not in the page")


def _postal(foot: tuple[str, ...]) -> list[str]:
    """Return the lines with a number, or with several commas, that are no link and no mailbox."""
    # No library knows the addresses of all countries; a wrong guess here only lets an issue pass.
    return [
        line
        for line in map(str.strip, foot)
        if "://" not in line
        and "@" not in line
        and (re.search(r"\d", line) or len(re.findall("[,،、，]", line)) > 1)
        and len(bare(line)) >= _LETTERS
    ]


def _reasons(foot: tuple[str, ...]) -> list[str]:
    """Return the lines that are long enough for a reason; one that looks like an address must end like a sentence."""
    postal = _postal(foot)
    return [
        line
        for line in map(str.strip, foot)
        if "://" not in line
        and (line not in postal or re.search(r"[.!?。！？؟।]$", line))
        and (len(line.split()) >= _WORDS or (len(bare(line)) >= _LETTERS and not line.isascii()))
    ]
