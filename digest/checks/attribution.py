"""Whose fault a finding is: what a story's own words cause is a warning on that story, never an error.

An article may say anything, and one article must not stop a week. So where there are errors the issue is looked at a
second time with the stories' own words taken out: an error that is gone then was theirs. This needs nothing of a rule,
so it holds for every rule there is and for those to come.

What an article says (headline, excerpt, providers, topic, addresses) stands in the record, so its places in the letter
are known: in text, in attributes that are read, in addresses. A word of the theme, the settings or the editor stays.
Lines stay where they are, so that a finding of the masked issue has the place of the same finding before.

Texts are found without case, white space and invisible characters, since a letter is wrapped and its text marked; and
by their beginning, since it cuts them.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from digest.checks.context import HTML, RECORD, TEXT, Context
from digest.checks.rule import RuleGroup, Spot, rule
from digest.checks.subject import clipped
from digest.text.phrases import without_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from digest.checks.context import Facts, ShownStory
    from digest.model import Finding

# Rules about the sum of all words, which the words put in their place would change: no single story breaks them.
_OF_THE_WHOLE = frozenset({clipped.name})
_SHOWN = 40


def attributed(
    issue: Context, findings: Sequence[Finding], judge: Callable[[Context], Iterable[Finding]]
) -> list[Finding]:
    """Return the *findings* of *issue*, with errors that a story's own words cause as warnings that name the story.

    *judge* is what gave them; it is called once more, with the masked issue, and only where there are errors.
    """
    errors = [finding for finding in findings if finding.severity == "error" and finding.rule not in _OF_THE_WHOLE]
    if not errors:
        return list(findings)
    mask = Mask(issue.facts.stories)
    masked = mask.issue(issue)
    remaining = {_place(finding) for finding in judge(masked)}
    own = [error for error in errors if _place(error) not in remaining]
    # By identity: two findings with the same values are two places.
    others = [finding for finding in findings if not any(finding is other for other in own)]
    return [*others, *story_faults(own, mask, masked)]


def _place(finding: Finding) -> tuple[str, str, int | None]:
    # Without what is wrong: a message may quote the very words that were replaced.
    return finding.rule, finding.file, finding.line


@rule(
    "article-words",
    "warning",
    RuleGroup.LEFT_OVERS,
    do="if it is not meant, write your own words in the editor's file, or drop the story",
)
def story_faults(own: list[Finding], mask: Mask, masked: Context) -> Iterator[Spot]:
    """No story's own words would be an error in a letter.

    It may be meant; it may also be broken where the article comes from. One article must not stop a week, so it is
    no error.
    """
    # Each fault of each story once, at the first place where it stands.
    merged: dict[tuple[str, str, str], Spot] = {}
    for error in own:
        story = _story(error, mask, masked)
        name = f"“{_short(story.headline)}”" if story else error.element
        key = (error.rule, name, error.what)
        first = merged.get(key)
        spot = Spot(error.file, f"{error.what} ({error.rule})", line=error.line, element=name)
        merged[key] = first._replace(more=first.more + 1) if first else spot
    yield from merged.values()


def _story(finding: Finding, mask: Mask, masked: Context) -> ShownStory | None:
    """Return the story that *finding* is about: the one that stands at its place, else one that it quotes."""
    if finding.file == RECORD:
        parts = {"subject": masked.facts.subject, "preheader": masked.facts.preheader}
        story = mask.named(parts.get(finding.element, ""))
    else:
        lines = {HTML: masked.html, TEXT: masked.given_text or ""}.get(finding.file, "").split("\n")
        story = mask.named("\n".join(lines[finding.line - 1 :])) if finding.line else None
    quoted = (story for story in mask.stories if story.url in finding.what or _short(story.headline) in finding.element)
    return story or next(quoted, None)


def _short(headline: str) -> str:
    return headline if len(headline) <= _SHOWN else f"{headline[:_SHOWN].rstrip()}…"


_PIECE = re.compile(
    r"(?P<raw><!--.*?-->|<!.*?>|<(?P<name>style|script)\b.*?</(?P=name)\s*>)"
    r"|(?P<tag></?[A-Za-z](?:\"[^\"]*\"|'[^']*'|[^\"'>])*>)|(?P<text>[^<]+|<)",
    re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_ADDRESSES = frozenset({"href", "src"})
# Attributes whose values are words for readers; in others an article's word could only be a theme's mistake.
_READ = frozenset({"alt", "title", "aria-label", "aria-description", "abbr", "summary", "content"})

_SIGN = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|\w+);|.", re.DOTALL)
_LINK = re.compile(r"</?a\b", re.IGNORECASE)
_END, _ELSEWHERE = "xq", "elsewhere"
_RUN = re.compile(r"\S+")
# Letters that are enough to know a headline or an excerpt by, where a theme shows its beginning only.
_CUT = 12

Span = tuple[int, int, str]
"""Where words of a story stand in a piece of text, and what to put in their place."""


@dataclass(frozen=True)
class Mask:
    """The words of *stories*, and how each is replaced: by a token, one word that stands for its story.

    Stories are counted from 0, in the order of the record. A mask is made for one issue.
    """

    stories: tuple[ShownStory, ...]

    @cached_property
    def _phrases(self) -> list[tuple[str, list[int]]]:
        """What the stories say, the longest first, each with the numbers of the stories that say it."""
        # The longest first: a provider's name may be part of a headline.
        owners: dict[str, list[int]] = {}
        for number, story in enumerate(self.stories):
            for phrase in filter(None, map(squeezed, story.own_words)):
                owners.setdefault(phrase, []).append(number)
        return sorted(owners.items(), key=lambda pair: -len(pair[0]))

    @cached_property
    def _links(self) -> dict[str, tuple[int, str]]:
        """Where the stories lead: by address the number of the story, and the address to put in its place.

        A story's other coverage gets addresses of its own, since two places must not become one.
        """
        return {
            address: (number, f"https://{_token(number)}{place or ''}.example.com/")
            for number, story in enumerate(self.stories)
            for place, address in enumerate(story.own_addresses)
        }

    def issue(self, issue: Context) -> Context:
        """Return *issue* without the stories' own words: page, text and facts.

        The message stays as it is: what articles say has no influence on its headers but the subject.
        """
        return Context(
            html=self.page(issue.html),
            given_text=None if issue.given_text is None else self.text(issue.given_text),
            given_eml=issue.given_eml,
            record=self._facts(issue.facts),
        )

    def named(self, masked: str) -> ShownStory | None:
        """Return the story whose words stood first in *masked*, a piece of a masked issue; None where none did."""
        places = [(masked.find(_token(number)), number) for number in range(len(self.stories))]
        return next((self.stories[number] for at, number in sorted(places) if at >= 0), None)

    def page(self, page: str) -> str:
        """Return HTML without the stories' words.

        Several stories may say the same: a link's name is then said by the story that it leads to. Where a link of the
        theme has a story's words for its name, other words are put there than on the story's own link: that the two
        have one name is the story's doing.
        """
        pieces, owner, is_foreign = [], None, False
        for piece in _PIECE.finditer(page):
            if piece["tag"] and _LINK.match(piece[0]):
                address = next((html.unescape(value) for value in _values(piece[0], "href")), "")
                owner, _ = self._links.get(address, (None, ""))
                is_foreign = bool(address) and owner is None
            masked = self._piece(piece, owner)
            pieces.append(masked.replace(_END, _END + _ELSEWHERE) if is_foreign and piece["text"] else masked)
        return "".join(pieces)

    def text(self, text: str, owner: int | None = None, *, is_html: bool = False) -> str:
        """Return plain text, or with *is_html* text of a page, without the stories' words.

        What several stories say is said by *owner*, if that is one of them, else by the first.
        """
        spans = list(self._addresses_in(text, is_html=is_html))
        spans += self._words_in(text, spans, owner, is_html=is_html)
        for start, end, by in sorted(spans, reverse=True):
            text = text[:start] + _RUN.sub(by, text[start:end]) + text[end:]
        return text

    def _facts(self, facts: Facts) -> Facts:
        """Return the record with the same words replaced, so that it still agrees with page and text."""
        stories = tuple(
            replace(
                story,
                headline=self.text(story.headline, number) if story.headline in story.own_words else story.headline,
                url=f"https://{_token(self._first(story))}.example.com/",
            )
            for number, story in enumerate(facts.stories)
        )
        return replace(facts, subject=self.text(facts.subject), preheader=self.text(facts.preheader), stories=stories)

    def _first(self, story: ShownStory) -> int:
        """Return the number of the first story that is the same: one that was picked twice stays one."""
        return [(story.headline, story.url) for story in self.stories].index((story.headline, story.url))

    def _piece(self, piece: re.Match[str], owner: int | None) -> str:
        """Return a tag or a text of the page without the stories' words; comments, styles and scripts as they are."""
        if piece["text"]:
            return self.text(piece[0], owner, is_html=True)
        if piece["tag"]:
            return _ATTRIBUTE.sub(lambda attribute: self._attribute(attribute, owner), piece[0])
        return piece[0]

    def _attribute(self, attribute: re.Match[str], owner: int | None) -> str:
        """Return an attribute without the stories' words, if it is an address or one that is read to readers."""
        name, value, quote = attribute[1].lower(), attribute[2] or attribute[3] or "", attribute[0][-1]
        if name in _ADDRESSES:
            _, masked = self._links.get(html.unescape(value), (None, value))
        elif name in _READ:
            masked = self.text(value, owner, is_html=True)
        else:
            return attribute[0]
        return f"{attribute[0][: -len(value) - 2]}{quote}{masked}{quote}"

    def _addresses_in(self, text: str, *, is_html: bool) -> Iterator[Span]:
        """Yield where addresses of the stories stand in *text* as a whole: one may be the beginning of another."""
        if "://" not in text:
            return
        for address, (_, by) in self._links.items():
            written = html.escape(address) if is_html else address
            for place in re.finditer(rf"{re.escape(written)}(?![^\s\"'<>)])", text):
                yield place.start(), place.end(), by

    def _words_in(self, text: str, taken: list[Span], owner: int | None, *, is_html: bool) -> Iterator[Span]:
        """Yield where words of the stories stand in *text*, outside the spans that are *taken* and one another."""
        # A short word counts only where it stands alone: a provider called "AI" is no part of "said".
        signs = list(_signs(text, is_html=is_html))
        line = "".join(sign for sign, _, _ in signs)
        free = [not any(start <= at < end for start, end, _ in taken) for _, at, _ in signs]
        for at, end, owners in self._matches(line):
            first, last = signs[at][1], signs[end - 1][2]
            if all(free[at:end]) and (end - at >= _CUT or _stands_alone(text, first, last)):
                free[at:end] = [False] * (end - at)
                yield first, last, _token(owner if owner in owners else owners[0])

    def _matches(self, line: str) -> Iterator[tuple[int, int, list[int]]]:
        """Yield where words of the stories may stand in *line*, and whose they are: the longest first."""
        matches = []
        for phrase, owners in self._phrases:
            at = line.find(phrase[:_CUT])
            while at >= 0:
                end = at + _common(line[at : at + len(phrase)], phrase)
                matches.append((at, end, owners, end - at == len(phrase)))
                at = line.find(phrase[:_CUT], at + 1)
        # An excerpt may begin with its headline, and be cut in the middle of saying it again: the headline alone, whole
        # as it is, would leave a piece that is too short to be known. Of two that are as long, what is whole is right.
        for at, end, owners, _ in sorted(matches, key=lambda match: (match[0] - match[1], not match[3])):
            yield at, end, owners


def squeezed(text: str) -> str:
    """Return *text* in the form in which words are looked for: without case, white space and invisible characters."""
    return "".join(sign for sign, _, _ in _signs(text, is_html=False))


def _signs(text: str, *, is_html: bool) -> Iterator[tuple[str, int, int]]:
    """Yield each character that counts, with the place in *text* that it is written at."""
    for written in _SIGN.finditer(text) if is_html else re.finditer(r".", text, re.DOTALL):
        for sign in html.unescape(written[0]) if is_html else written[0]:
            if not sign.isspace() and unicodedata.category(sign) != "Cf":
                yield from ((piece, *written.span()) for piece in without_case(sign))


def _common(line: str, text: str) -> int:
    """Return how long the beginning is that both share."""
    return next((at for at, (mine, other) in enumerate(zip(line, text, strict=False)) if mine != other), len(line))


def _values(tag: str, name: str) -> list[str]:
    """Return the values of an attribute of *tag*, of which there should be one."""
    return [match[2] or match[3] or "" for match in _ATTRIBUTE.finditer(tag) if match[1].lower() == name]


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a short word is no part of a longer one, nor of an address."""
    around = text[max(start - 1, 0) : start] + text[end : end + 1]
    return not re.search(r"[\w/.@-]", around, re.ASCII)


def _token(number: int) -> str:
    """Return a word that no letter has and no rule minds, another for each story: `qxaaaxq` for the first."""
    # Letters alone: a digit would make a line of the foot look like a postal address.
    letters = ""
    for _ in range(3):
        number, place = divmod(number, 26)
        letters = chr(ord("a") + place) + letters
    return f"qx{letters}{_END}"
