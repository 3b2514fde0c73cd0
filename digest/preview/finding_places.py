"""Which part of the page each finding of `digest check` is about. Knows rules by name and where stories stand.

What cannot be told stays in the list alone: a finding is never pinned to a story by a guess.
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
_QUOTED = re.compile("“([^”…]{8,})[”…]")
_HEADING = re.compile(r"<h[1-3]\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A finding with its number in the list and what it is about.

    *about* is `subject`, `preheader`, `size` or `headers`, the path of a story, or nothing. *url* is where a story's
    headline leads, so that the letter can be brought to it.
    """

    number: int
    finding: Finding
    about: str = ""
    url: str = ""


def place(findings: Iterable[Finding], issue: Issue, message: Message, *, unsubscribe: str) -> tuple[Placed, ...]:
    """Return the findings in their order, each with what it is about; *unsubscribe* is the address in the foot."""
    stories = _Stories(issue, message, unsubscribe)
    return tuple(_placed(number, finding, stories) for number, finding in enumerate(findings, start=1))


def by_concern(placed: Sequence[Placed]) -> Mapping[str, list[Placed]]:
    """Return the findings by what they are about; those about nothing in particular are left out."""
    groups: dict[str, list[Placed]] = {}
    for finding in placed:
        if finding.about:
            groups.setdefault(finding.about, []).append(finding)
    return groups


def _placed(number: int, finding: Finding, stories: _Stories) -> Placed:
    for about, rules in _BY_RULE.items():
        if rules.fullmatch(finding.rule):
            return Placed(number=number, finding=finding, about=about)
    if finding.rule == "spam-phrase" and finding.element in {SUBJECT, PREHEADER}:
        return Placed(number=number, finding=finding, about=finding.element)
    path = stories.on_line(finding.line) if finding.file == "index.html" and finding.line else ""
    path = path or stories.named(finding.element)
    return Placed(number=number, finding=finding, about=path, url=stories.links.get(path, ""))


class _Stories:
    """Where each story stands in the HTML: from the line of its headline to the next heading or the foot."""

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
        """Return the path of the story that stands on *line* of the HTML; nothing where none does."""
        at = bisect_right(self._lines, line) - 1
        return self._paths[at] if at >= 0 and line < self._ends[at] else ""

    def named(self, element: str) -> str:
        """Return the path of the one story whose headline *element* quotes; nothing where it quotes none, or two."""
        quoted = _QUOTED.search(element)
        paths = [path for path, title in self._titles.items() if quoted and title.startswith(quoted[1].rstrip())]
        return paths[0] if len(paths) == 1 else ""


def _line_of(page: str, link: str) -> int:
    """Return the line, from 1, on which *link* first stands as the address of a link; 0 where it does not."""
    at = page.find(f'href="{html.escape(link)}"')
    return page.count("\n", 0, at) + 1 if at >= 0 else 0


def _ends(page: str, starts: Sequence[int], foot: int) -> list[int]:
    """Return for each start the first line behind the story: that of the next heading, of the foot, or of nothing."""
    lines = page.split("\n")
    stops = [number for number, line in enumerate(lines, start=1) if _HEADING.search(line) or number == foot]
    return [next((stop for stop in stops if stop > start), len(lines) + 1) for start in starts]
