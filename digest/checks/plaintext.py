"""The plain text, index.txt: readable as it stands, and saying what the HTML says.

Some readers see only this part, screen readers and terminals among them; a filter compares it with the HTML.
"""

from __future__ import annotations

import re
import unicodedata
from html.entities import html5
from typing import TYPE_CHECKING
from urllib.parse import unquote

from digest.checks.context import TAG, TEXT
from digest.checks.page import text_of
from digest.checks.rule import RuleGroup, Spot, rule
from digest.text.phrases import bare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.checks.context import Context

# What format=flowed recommends (RFC 3676, 4.2), and what old mail programs show without wrapping.
_COLUMNS = 78
_ENTITY = re.compile(r"&(?:#\d{2,7}|#[xX][0-9a-fA-F]{2,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@rule("text-empty", "error", RuleGroup.TEXT, do="let the theme's issue.txt say something")
def no_text(issue: Context) -> Iterator[Spot]:
    """The text has words.

    Some readers see nothing else.
    """
    if not re.search(r"\w", issue.text):
        yield Spot(TEXT, "has no words")


@rule("text-width", "warning", RuleGroup.TEXT, do="wrap it")
def wide_lines(issue: Context) -> Iterator[Spot]:
    """Lines have 78 columns at most, addresses aside.

    Clients break longer ones anywhere.
    """
    for number, line in enumerate(issue.text.splitlines(), 1):
        columns = sum(map(_columns, line))
        # An address must not be broken, however long it is.
        if columns > _COLUMNS and "://" not in line:
            yield Spot(TEXT, f"{columns} columns", line=number)


@rule("text-markup", "error", RuleGroup.TEXT, do="write the character itself")
def markup(issue: Context) -> Iterator[Spot]:
    """No tag or entity is in it.

    Readers see it as it stands.
    """
    for number, line in enumerate(issue.text.splitlines(), 1):
        if first := next(_markup(line), None):
            yield Spot(TEXT, f"{first[:60]} stands in it", line=number)


@rule("text-control", "error", RuleGroup.TEXT, do="remove it")
def control_characters(issue: Context) -> Iterator[Spot]:
    """No control character is in it.

    Clients show boxes, or less.
    """
    for number, line in enumerate(issue.text.splitlines(), 1):
        if control := _CONTROL.search(line):
            yield Spot(TEXT, f"U+{ord(control[0]):04X} stands in it", line=number)


@rule("parity-links", "error", RuleGroup.TEXT, do="let issue.txt show it")
def missing_links(issue: Context) -> Iterator[Spot]:
    """Every link of the HTML stands in the text.

    Readers of the text would miss it.
    """
    if not bare(issue.text):
        return  # that it is empty says it all
    addresses = dict.fromkeys(link.get("href", "") for link in issue.page.named("a"))
    for address in addresses:
        if not address.startswith(("http:", "https:")):
            continue
        compact = re.sub(r"\s+", "", address)
        # The unsubscribe address and the web view must stand in the text by rules of their own.
        is_asked_for = address in (issue.unsubscribe, issue.web)
        if compact not in issue.squeezed and unquote(compact) not in issue.squeezed and not is_asked_for:
            yield Spot(TEXT, f"{address} of the HTML is not there")


@rule("parity-headlines", "error", RuleGroup.TEXT, do="let issue.txt show it")
def other_headlines(issue: Context) -> Iterator[Spot]:
    """Every heading of the HTML stands in the text.

    Readers of the text would miss it.
    """
    plain = bare(issue.text)
    if not plain:
        return
    for heading in issue.page.headings:
        # A heading that is a picture, such as a logo, may say of it more than the name that the text has.
        if not "".join(heading.itertext()).strip():
            continue
        # Themes may number the stories of the page; the text need not have the same numbers.
        if bare(text_of(heading)).lstrip("0123456789") not in plain:
            yield Spot(TEXT, f"{text_of(heading)[:60]!r} of the HTML is not there")


def _markup(line: str) -> Iterator[str]:
    """Yield the tags and entities in *line*; in a line with an address, `&copy=1` is a parameter and no entity."""
    yield from (match[0] for match in TAG.finditer(line))
    for match in _ENTITY.finditer("" if "://" in line else line):
        if match[0][1] == "#" or match[0][1:] in html5:
            yield match[0]


def _columns(sign: str) -> int:
    """Return how many columns a terminal gives a character: 2 if it is East Asian and wide, 0 if it combines, else 1.

    By Unicode's East Asian Width (UAX #11), of which ambiguous characters count as narrow.
    """
    if unicodedata.combining(sign) or unicodedata.category(sign) in ("Mn", "Mc", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in ("W", "F") else 1
