"""What is asked of an issue only where it leaves this machine, or of the day: who calls says which.

To look at, and to write to a folder, an issue with the sample's sender or of another week is as good as any.
"""

from __future__ import annotations

import re
from email.utils import parseaddr
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digest.checks.context import MESSAGE, RECORD, TEXT
from digest.checks.rule import RuleGroup, Spot, rule
from digest.config import values
from digest.text.phrases import bare

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from digest.checks.context import Context


_WEEK = 7


@rule(
    "placeholder-identity",
    "error",
    RuleGroup.LEAVING,
    do="set newsletter.name, from, address, web and unsubscribe in digest.yaml, and build again",
)
def example_identity(issue: Context) -> Iterator[Spot]:
    """What `digest send` hands to any target but `file` and `outbox` has a sender, a postal address and web addresses of its own.

    The defaults and what `digest init` writes are examples: nobody answers there, nobody can unsubscribe there, and
    the law asks for a real address.
    """  # noqa: E501 - the rule as docs/checks.md has it
    spots = [*_addresses(issue)]
    # An address in its own country needs no country's name.
    postal, foot = values.POSTAL.rpartition(",")[0], "".join(issue.foot)
    if bare(postal) in bare(foot):
        spots.append(Spot(TEXT, f"the postal address is {postal!r}, which is an example"))
    # A real newsletter may be called so; beside an example's address it is the example's.
    if spots and issue.facts.name == values.NAME:
        spots.append(Spot(RECORD, f"the name is {values.NAME!r}, the sample's"))
    yield from spots


def _addresses(issue: Context) -> Iterator[Spot]:
    """Yield the mailboxes and web addresses of the sender that are in a domain for examples (RFC 2606)."""
    unsubscribe = str(issue.mail.get("List-Unsubscribe", ""))
    mailboxes = {
        "From": parseaddr(str(issue.mail.get("From", "")))[1],
        "Reply-To": parseaddr(str(issue.mail.get("Reply-To", "")))[1],
        "List-Unsubscribe": "".join(re.findall(r"<mailto:([^>?]+)", unsubscribe)[:1]),
    }
    for name, mailbox in mailboxes.items():
        if values.is_example(mailbox.rpartition("@")[2]):
            yield Spot(MESSAGE, f"{mailbox} is an example; nobody has it", element=name)
    for file, name, address in (
        (MESSAGE, "List-Unsubscribe", issue.unsubscribe),
        (RECORD, "web", issue.facts.web),
        *((RECORD, part.name, address) for part in issue.facts.identity for address in part.addresses),
    ):
        if values.is_example(urlsplit(address).hostname or ""):
            yield Spot(file, f"{address} is an example; nobody answers there", element=name)


@rule("old-issue", "warning", RuleGroup.LEAVING, do="build this week's issue, or name it")
def old_issue(issue: Context, today: date) -> Iterator[Spot]:
    """The issue's last day is at most a week ago, or as many days as it covers. Asked by `digest check`.

    News of another week under today's date puzzles readers; perhaps another issue was meant.
    """
    # By the last day of its window, not by the day it was built: a rebuilt issue is as old as its news. One of a month
    # is old a month later, when another could be built.
    first, last = issue.facts.first, issue.facts.last
    days = (today - last).days if last else 0
    if last and days > max(_WEEK, (last - first).days + 1 if first else 0):
        yield Spot(RECORD, f"its last day, {last}, was {days:,} days ago")


@rule(
    "one-click",
    "warning",
    RuleGroup.MESSAGE,
    do="write send.unsubscribe with {email} or another column of the list in it, or give the list a column unsubscribe",
)
def one_click_left_out() -> Iterator[Spot]:
    """Where we write to each reader, each has an unsubscribe address of their own.

    One click can only take a reader off the list whom its address names, so it is not offered; Gmail and Yahoo ask
    for it of who writes to more than 5,000 readers a day.
    """
    problem = "List-Unsubscribe-Post will be left out: newsletter.unsubscribe is one address for all readers"
    yield Spot(MESSAGE, problem)
