"""Whether what Outlook on Windows reads is whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.checks.opened import HTML, line_of
from digest.checks.rules import finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.checks.opened import Opened
    from digest.model import Finding

_MARK = re.compile(
    r"(?P<reveal><!--\[if [^\]]*\]>(?:<!-->|-->))|(?P<hide><!--\[if [^\]]*\]>)|(?P<shown><!\[if [^\]]*\]>)"
    r"|(?P<revealed><!--<!\[endif\]-->)|(?P<hidden><!\[endif\]-->)|(?P<end><!\[endif\]>)|(?P<comment><!--|-->)"
)
_CLOSES = {"revealed": "reveal", "hidden": "hide", "end": "shown"}
_TAG = re.compile(
    r"<(/?)(table|tbody|thead|tfoot|tr|td|th|div|a|p|h[1-6]|center|ul|ol|li|span)\b[^>]*?(/?)>", re.IGNORECASE
)


def findings(issue: Opened) -> Iterator[Finding]:
    """Yield where Outlook's branch is not whole."""
    broken = list(_comments(issue.html))
    yield from broken
    if not broken and not issue.page.errors:  # either would show here again
        yield from _tables(issue.branch)


def _comments(html: str) -> Iterator[Finding]:
    opened: tuple[str, int] | None = None
    ordinary = False
    for mark in _MARK.finditer(html):
        kind, line = mark.lastgroup or "", line_of(html, mark.start())
        if kind == "comment":
            # A hidden branch is one comment: an arrow in it ends it too early.
            if opened and opened[0] == "hide" and mark[0] == "-->":
                yield finding("mso-comments", HTML, "--> ends Outlook's branch too early", line=line)
                opened = None
            ordinary = mark[0] == "<!--"
        elif kind in _CLOSES:
            if opened is None or opened[0] != _CLOSES[kind]:
                yield finding("mso-comments", HTML, f"{mark[0]} closes nothing", line=line)
            opened = None
        elif not ordinary:
            if opened:
                yield finding("mso-comments", HTML, f"{mark[0]} stands inside another", line=line)
            opened = (kind, line)
    if opened:
        yield finding("mso-comments", HTML, "a conditional comment is never closed", line=opened[1])


def _tables(branch: str) -> Iterator[Finding]:
    plain = re.sub(
        r"<!--.*?-->|<style\b.*?</style>", lambda found: "\n" * found[0].count("\n"), branch, flags=re.DOTALL
    )
    stack: list[tuple[str, int]] = []
    for tag in _TAG.finditer(plain):
        closes, name, empty = tag[1], tag[2].lower(), tag[3]
        line = line_of(plain, tag.start())
        if empty:
            continue
        if not closes:
            stack.append((name, line))
        elif stack and stack[-1][0] == name:
            stack.pop()
        else:
            around = f"while {stack[-1][0]} is open" if stack else "and nothing is open"
            yield finding("mso-tables", HTML, f"</{name}> {around}", line=line)
            return  # what follows would follow from it
    if stack:
        yield finding("mso-tables", HTML, f"{stack[-1][0]} is never closed", line=stack[-1][1])
