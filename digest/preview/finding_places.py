"""Which part of the page each finding of `digest check` is about, so that it can be shown there too.

A finding names a rule, a line and, as text, an element. Some rules are about one thing by their name; a line of the
letter's HTML is in a story between its headline and the next heading; and an element may quote a headline. What cannot
be told so is only in the list: a finding that is shown beside the wrong story is worse than one shown beside none.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from digest.model import Finding, Issue, Message

SUBJECT, PREHEADER, SIZE, HEADERS = "subject", "preheader", "size", "headers"
_BY_RULE = {
    SUBJECT: re.compile(r"subject-.+"),
    PREHEADER: re.compile(r"preheader-.+"),
    SIZE: re.compile(r"clip(-near)?"),
    HEADERS: re.compile(r"(header|mime)-.+"),
}
# A quotation of eight characters at least: checks cut long headlines, and a short beginning could be of any story.
_QUOTED = re.compile("“([^”…]{8,})[”…]")
_HEADING = re.compile(r"<h[1-3]\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A finding with its number in the list, from 1, and what it is about.

    *about* is SUBJECT, PREHEADER, SIZE or HEADERS, the path of a story, or empty. *url* is the address of a story's
    headline in the letter, by which the page finds the story in its frame.
    """

    number: int
    finding: Finding
    about: str = ""
    url: str = ""


def place(findings: Iterable[Finding], issue: Issue, message: Message, *, unsubscribe: str) -> tuple[Placed, ...]:
    """Return the findings in their order, each with what it is about.

    *issue* and *message* are those that were checked. *unsubscribe* is the address in the letter's foot, at which the
    last story ends.
    """
    stories = _Stories(issue, message, unsubscribe)
    return tuple(_placed(number, finding, stories) for number, finding in enumerate(findings, start=1))


def by_concern(placed: Sequence[Placed]) -> Mapping[str, list[Placed]]:
    """Return the findings by what they are about, in their order.

    Left out are those about nothing in particular, and what is waived, which no part of the page need warn of.
    """
    groups: dict[str, list[Placed]] = {}
    for finding in placed:
        if finding.about and not finding.finding.waived:
            groups.setdefault(finding.about, []).append(finding)
    return groups


def _placed(number: int, finding: Finding, stories: _Stories) -> Placed:
    """Return a finding with what it is about: by its rule, else by its line, else by the headline it quotes."""
    for about, rules in _BY_RULE.items():
        if rules.fullmatch(finding.rule):
            return Placed(number=number, finding=finding, about=about)
    if finding.rule == "spam-phrase" and finding.element in {SUBJECT, PREHEADER}:
        return Placed(number=number, finding=finding, about=finding.element)
    path = stories.on_line(finding.line) if finding.file == "index.html" and finding.line else ""
    path = path or stories.named(finding.element)
    return Placed(number=number, finding=finding, about=path, url=stories.links.get(path, ""))


class _Stories:
    """The place of each story in the letter's HTML: from the line of its headline to the next heading or the foot.

    `links` are the addresses of the headlines by the path of the story, as the letter has them.
    """

    def __init__(self, issue: Issue, message: Message, unsubscribe: str) -> None:
        links = dict(message.links)
        picks = [pick for section in issue.sections for pick in section.picks]
        self.links = {pick.article.path: links.get(pick.article.url or "", pick.article.url or "") for pick in picks}
        self._titles = {pick.article.path: str(pick.title or pick.article.title) for pick in picks}
        starts = {path: _line_of(message.html, link) for path, link in self.links.items() if link}
        ordered = sorted((line, path) for path, line in starts.items() if line)
        self._lines = [line for line, _ in ordered]
        self._paths = [path for _, path in ordered]
        foot = _line_of(message.html, unsubscribe)
        self._ends = _ends(message.html, self._lines, foot)

    def on_line(self, line: int) -> str:
        """Return the path of the story that *line* of the HTML, from 1, belongs to; empty where there is none."""
        at = bisect_right(self._lines, line) - 1
        return self._paths[at] if at >= 0 and line < self._ends[at] else ""

    def named(self, element: str) -> str:
        """Return the path of the story whose headline *element* quotes; empty where that is none, or more than one."""
        quoted = _QUOTED.search(element)
        paths = [path for path, title in self._titles.items() if quoted and title.startswith(quoted[1].rstrip())]
        return paths[0] if len(paths) == 1 else ""


def _line_of(page: str, link: str) -> int:
    """Return the first line of *page*, from 1, with a link to *link*; 0 where there is none."""
    at = page.find(f'href="{html.escape(link)}"')
    return page.count("\n", 0, at) + 1 if at >= 0 else 0


def _ends(page: str, starts: Sequence[int], foot: int) -> list[int]:
    """Return the first line behind the story that begins on each of the lines *starts*, which are ascending.

    That is the line of the next heading, or the line *foot*, or the one behind the last.
    """
    lines = page.split("\n")
    stops = [number for number, line in enumerate(lines, start=1) if _HEADING.search(line) or number == foot]
    return [next((stop for stop in stops if stop > start), len(lines) + 1) for start in starts]
