"""What is asked only where more is known than the issue: that it goes out into the world, and what day it is."""

from __future__ import annotations

import re
from email.utils import parseaddr
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digest import identity
from digest.checks.opened import MESSAGE, RECORD, TEXT, bare
from digest.checks.rules import finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from digest.checks.opened import Opened
    from digest.model import Finding

IDENTITY, AGE = "placeholder-identity", "old-issue"
_WEEK = 7


def example_identity(issue: Opened) -> Iterator[Finding]:
    """Yield each part of the sender that is the sample's: right for trying things out, and wrong for readers."""
    judged = [*_addresses(issue)]
    postal, foot = identity.POSTAL.rpartition(",")[0], "".join(issue.foot)  # an address in the country needs no country
    if bare(postal) in bare(foot):
        judged.append(finding(IDENTITY, TEXT, f"the postal address is {postal!r}, which is an example"))
    # A real newsletter may be called so; beside an example's address it is the example's.
    if judged and issue.facts.name == identity.NAME:
        judged.append(finding(IDENTITY, RECORD, f"the name is {identity.NAME!r}, the sample's"))
    yield from judged


def _addresses(issue: Opened) -> Iterator[Finding]:
    unsubscribe = str(issue.mail.get("List-Unsubscribe", ""))
    mailboxes = {
        "From": parseaddr(str(issue.mail.get("From", "")))[1],
        "List-Unsubscribe": "".join(re.findall(r"<mailto:([^>?]+)", unsubscribe)[:1]),
    }
    for name, mailbox in mailboxes.items():
        if identity.is_example(mailbox.rpartition("@")[2]):
            yield finding(IDENTITY, MESSAGE, f"{mailbox} is an example; nobody has it", element=name)
    for file, name, address in (
        (MESSAGE, "List-Unsubscribe", issue.unsubscribe),
        (RECORD, "web", issue.facts.web),
    ):
        if identity.is_example(urlsplit(address).hostname or ""):
            yield finding(IDENTITY, file, f"{address} is an example; nobody answers there", element=name)


def age(issue: Opened, today: date) -> Iterator[Finding]:
    """Yield that the issue is older than a week, by the last day of its window."""
    last = issue.facts.last
    days = (today - last).days if last else 0
    if last and days > _WEEK:
        yield finding(AGE, RECORD, f"its last day, {last}, was {days:,} days ago")
