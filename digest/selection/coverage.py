"""How many publishers report a story independently of each other. Decides no slot.

Reports are the articles of the story, what one of them lists as related, and witnesses (`witnesses`), which cannot run.

Reports count once, however many there are, where

- they are of one publisher: all hosts of its family;
- they are one text under several names, as copies of a wire are: one page, the same title, or a dozen words in a row;
- one says that it has its text from the other, or both have it from the same agency: "LONDON (Reuters) -".

What one report says of another holds for all that are copies of it. Only reports of one story are compared, so that a
quotation of a dozen words, which would be nothing between two events, is the worst that is taken for a copy.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from digest.model import Article, Coverage
from digest.selection.stories import is_telling, normalised
from digest.text import phrases
from digest.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from digest.model import Related, Story
    from digest.selection.stories import Week
    from digest.selection.witnesses import Witnesses

_RUN = 12
"""Words in a row that two reports of one event only have where one text is a copy; of shorter texts all."""
_FEWEST = 6
"""Words of a text that is short and whole, from which on another one with the same words is a copy."""

# Those whose texts run under others' names, and services that spread the words of a company.
_AGENCIES = (
    "reuters|associated press|ap|afp|agence france-presse|dpa|upi|pa media|xinhua|tass|interfax|kyodo news|kyodo|"
    "yonhap|ansa|efe|belga|anp|ritzau|ntb|tt|apa|pti|ians|ani|aap|bloomberg|pr newswire|prnewswire|business wire|"
    "businesswire|globenewswire|globe newswire|accesswire|ein presswire|newswire"
)
# In brackets or slashes behind the place ("BERLIN (dpa) -", "/PRNewswire/"), as a byline, or at the head of the text.
_CREDIT = re.compile(
    rf"[(\[/]\s?({_AGENCIES})\s?[)\]/]|\bby (?:the )?({_AGENCIES})\b|^({_AGENCIES})\s?[-–—:|]", re.IGNORECASE
)
_HEAD = 120
"""Characters of a text among which an agency is named that it is from."""


def covered(story: Story, week: Week, witnesses: Witnesses) -> Story:
    """Return *story*, of *week*, with its coverage: that of other articles, of what they list, and of *witnesses*."""
    members = (story.lead, *story.others)
    heard = {witness.path: witness for member in members for witness in witnesses.of(member)}
    reports: list[Article | Related] = [*story.others, *week.listed(story)]
    # Most stories are reported once, and taking a text apart into runs of words is the dear part.
    if not reports and not heard:
        return story
    also, unlinked = independent(story.lead, reports, heard.values())
    addresses = {report.url for report in (*reports, *heard.values()) if report.url}
    return replace(story, also=also, unlinked=unlinked, reported_at=tuple(sorted(addresses)))


def independent(
    lead: Article, linked: Iterable[Article | Related], witnesses: Iterable[Article]
) -> tuple[tuple[Coverage, ...], int]:
    """Return the coverage of a story by others than its *lead*, best quality first, and how many more report it.

    *linked* are reports that may be linked, *witnesses* those that may not, since their file says that they are not
    public. Of reports that count once the best that has an address is linked.
    """
    ranked = sorted(
        (report for report in linked if report.url),
        key=lambda report: (-report.quality, report.provider.key, report.url or ""),
    )
    groups = _Groups()
    own = groups.of(lead)
    # All before any is counted: a later one may show that two earlier ones are copies of the same text.
    reports = [(report, groups.of(report)) for report in chain(ranked, witnesses)]
    seen, also = {groups.root(own)}, []
    for report, group in reports[: len(ranked)]:
        if groups.root(group) not in seen and report.url:
            seen.add(groups.root(group))
            also.append(Coverage(provider=report.provider, url=report.url))
    hidden = {groups.root(group) for _, group in reports[len(ranked) :]} - seen
    return tuple(also), len(hidden)


class _Groups:
    """Reports that count once, joined by what they share (a union-find)."""

    def __init__(self) -> None:
        self._above: list[int] = []
        self._sharing: dict[object, int] = {}

    def of(self, report: Article | Related) -> int:
        """Take in *report* and return its number, with all that it shares with those before."""
        number = len(self._above)
        self._above.append(number)
        for sign in _signs(report):
            other = self.root(self._sharing.setdefault(sign, number))
            self._above[max(other, self.root(number))] = min(other, self.root(number))
        return number

    def root(self, number: int) -> int:
        """Return the first report that counts once with that of *number*."""
        while self._above[number] != number:
            # Halved on the way, so that no chain grows long.
            self._above[number] = self._above[self._above[number]]
            number = self._above[number]
        return number


def _signs(report: Article | Related) -> Iterator[tuple[str, object]]:
    """Yield what *report* shares with others that count once with it."""
    yield "publisher", report.provider.key
    yield "publisher", report.provider.name.casefold()
    title = normalised(report.title, report.provider)
    if is_telling(title):
        yield "title", title
    # One page that an archive holds under two names.
    addresses = report.addresses if isinstance(report, Article) else (report.url,)
    yield from (("page", canonical(address)) for address in addresses)
    for credit in _CREDIT.finditer(report.excerpt[:_HEAD]):
        yield "publisher", next(filter(None, credit.groups())).casefold()
    text = phrases.words(report.excerpt)
    # Where each character is a word, a run of as much text has twice as many.
    run = _RUN if sum(map(len, text)) > 2 * len(text) else 2 * _RUN
    if len(text) >= run:
        for start in range(len(text) - run + 1):
            yield "text", tuple(text[start : start + run])
    elif len(text) >= _FEWEST:
        yield "text", tuple(text)
