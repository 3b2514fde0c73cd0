"""The issue without a frame, fragment.html, judged as a part of a page of others: that page is put around it.

It has the rules that fit any page and those about what must be in an issue; what only mail asks for (a doctype, dark
styles, how to leave) is the business of who sends it. Whether it is the file of the record is not asked: unlike a
letter it leaves by hand, and an editor may change it first.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from digest.checks import attribution, content, letters, links, resources, structure, validity
from digest.checks.context import FRAGMENT, HTML, MESSAGE, RECORD, Context, facts, line_of
from digest.checks.rule import RuleGroup, Spot, rule, rules_of
from digest.text import languages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from digest.model import Finding

# On the fragment's first line, so that its lines keep their numbers.
_PAGE = '<!DOCTYPE html><html lang="{0}" dir="{1}"><head><meta charset="utf-8"><title>Issue</title></head><body>'
_END = "</body></html>"
# Of what the newsletter is recognised by, the rest is the page's: its logo, its other places, where to subscribe.
_OF_THE_LETTER = frozenset({"newsletter.signature", "newsletter.feedback"})
_OF_A_FRAME = re.compile(r"<(?:!doctype|html|head|body|title|meta|link|base|style)\b|<!--", re.IGNORECASE)


def findings(issue: Mapping[str, bytes], of_letter: Iterable[Finding]) -> list[Finding]:
    """Return what is wrong with the fragment of *issue*, its files by name, without what is told *of_letter*, too.

    Nothing where there is none. What a story's own words cause is a warning on that story, as in the letter.
    """
    if FRAGMENT not in issue:
        return []
    opened = _opened(issue)
    judged = attribution.attributed(opened, _judged(opened), _judged)
    shared = {(finding.rule, finding.what, finding.element) for finding in of_letter}
    named = (replace(each, file=FRAGMENT if each.file == HTML else each.file) for each in judged)
    return [each for each in named if (each.rule, each.what, each.element) not in shared]


def _opened(issue: Mapping[str, bytes]) -> Context:
    """Return the fragment in a page, with all stories of the record, those on the web only among them."""
    record = facts(issue[RECORD], whole=True)
    record = replace(record, identity=tuple(part for part in record.identity if part.name in _OF_THE_LETTER))
    page = _PAGE.format(record.language, languages.direction(record.language))
    html = f"{page}{issue[FRAGMENT].decode(errors='replace')}{_END}"
    return Context(html=html, given_text=None, given_eml=issue[MESSAGE], record=record)


def _judged(fragment: Context) -> list[Finding]:
    own = (frame, unsubscribe)
    fit = (
        *(rule for module in (content, validity, resources, links) for rule in rules_of(module)),
        structure.language,
        structure.direction,
        structure.layout_tables,
        structure.heading_order,
        structure.empty_headings,
        structure.aria,
        structure.lists,
        structure.tab_order,
    )
    return letters.asked((*own, *fit), fragment)[0]


@rule("fragment-frame", "error", RuleGroup.FRAGMENT, waivable=True, do="take it out of the theme's fragment.html")
def frame(fragment: Context) -> Iterator[Spot]:
    """fragment.html has no part of a frame: no html, head or body, nothing that belongs into a head, no comment.

    The page that it becomes a part of has its own; WordPress shows an author's readers the words of a style sheet.
    """
    inside = fragment.html.partition("<body>")[2].removesuffix(_END)
    for match in _OF_A_FRAME.finditer(inside):
        name = "a comment" if match[0] == "<!--" else match[0].lstrip("<!").lower()
        yield Spot(HTML, f"{name} is in it", line=line_of(inside, match.start()))


@rule("fragment-unsubscribe", "error", RuleGroup.FRAGMENT, do="take it out of the theme's fragment.html")
def unsubscribe(fragment: Context) -> Iterator[Spot]:
    """fragment.html does not lead to where readers unsubscribe.

    On a page anybody may press it; the service that sends it has a link of its own for each reader.
    """
    for link in fragment.page.named("a"):
        if fragment.unsubscribe and link.get("href", "").startswith(fragment.unsubscribe):
            yield fragment.on(link, "leads to the unsubscribe page")
