"""Whether the issue shows what its record says, and the text what the HTML says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from digest.addresses import canonical
from digest.checks.opened import HTML, RECORD, TEXT, bare
from digest.checks.page import text_of
from digest.checks.rules import finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.checks.opened import Opened
    from digest.model import Finding


def findings(issue: Opened) -> Iterator[Finding]:
    """Yield stories, links and headlines that stand in one part and not in another."""
    yield from _stories(issue)
    if bare(issue.text):  # an empty text is told as that
        yield from _parity(issue)


def _stories(issue: Opened) -> Iterator[Finding]:
    page = issue.page
    links = [link.get("href", "") for link in page.named("a")]
    reached = {canonical(link) for link in links if link.startswith("http")}
    headings = [bare(text_of(heading)) for heading in page.headings]
    told: set[str] = set()
    for story in issue.facts.stories:
        name = f"“{story.headline[:40]}”"
        if canonical(story.url) not in reached:
            yield finding("story-missing", HTML, f"no link to {story.url}", element=name)
        elif not any(bare(story.headline) in heading for heading in headings):
            yield finding("story-headline", HTML, "is in no heading", element=name)
        if canonical(story.url) in told:
            yield finding("story-twice", RECORD, f"{story.url} is picked twice", element=name)
        told.add(canonical(story.url))


def _parity(issue: Opened) -> Iterator[Finding]:
    page = issue.page
    told: set[str] = set()
    for link in page.named("a"):
        address = link.get("href", "")
        if not address.startswith(("http:", "https:")) or address in told:
            continue
        told.add(address)
        here = re.sub(r"\s+", "", address)
        # What must stand in the text by a rule of its own is not told twice.
        if here in issue.squeezed or unquote(here) in issue.squeezed or address in (issue.unsubscribe, issue.facts.web):
            continue
        yield finding("parity-links", TEXT, f"{address} of the HTML is not there")
    words = bare(issue.text)
    for heading in page.headings:
        if bare(text_of(heading)).lstrip("0123456789") not in words:
            yield finding("parity-headlines", TEXT, f"{text_of(heading)[:60]!r} of the HTML is not there")
