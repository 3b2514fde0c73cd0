"""Excerpts in words: what an author wrote as one, else the beginning of the text, cut at the end of a sentence.

The beginning is what stands above `<!--more-->`, else the first real paragraph: not a picture, heading, short code,
list, bare link or table of contents. Only the first characters of a text are looked at, so that none takes long.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from digest.records import markdown, markup
from digest.text import sanitize

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from digest.records.markup import Paragraph

Kind = Literal["markdown", "html"]

LONGEST = 400
"""Most characters of an excerpt that is taken from the text of an article."""

_FIRST_LOOK, _LAST_LOOK = 4_000, 32_000
"""Characters of a text in which a paragraph is looked for; in the second where the first have none."""

_LONGEST_FIELD = 8_000
"""Characters of an excerpt's field that are looked at; half of them are kept."""

_MORE = re.compile(
    r"<!--\s*(?:more\b[^>]{0,200}|/?excerpt|end[_ -]?excerpt|excerpt[_ -]end|read ?more|truncate|summary"
    r"|PELICAN_END_SUMMARY)\s*-->|\{/\*\s*truncate\s*\*/\}|\{\{<\s*more\s*>\}\}",
    re.IGNORECASE | re.MULTILINE,
)
"""Where an author ends the teaser of a text: in WordPress, Hugo, Zola, Hexo, Docusaurus, Jekyll and Pelican."""

_MARKED = re.compile(r"[<\[\]{}*_`\\=#~$|!]|^\s*[>+-]|\n")
"""What a text without any mark-up has none of."""

_LEFT_OVER = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});")
"""A character reference that was escaped once more, as by moving from one system to another: `it&amp;#8217;s`."""

_CONTENTS = re.compile(
    r"(?:table of )?contents?:?|toc|inhalt(?:sverzeichnis)?:?|sommaire:?|índice:?|目次|目录", re.IGNORECASE
)


def of_field(written: str, *, is_html: bool = False) -> str:
    """Return the words of what stands under `excerpt` or the like, which may be text, Markdown or HTML; uncut.

    With *is_html* its source says that it is HTML, also where no element of it is known. Entities are decoded once, and
    in HTML those that were escaped twice as well.
    """
    if not _MARKED.search(written):
        text = sanitize.unescaped(written)
        return _once_more(text) if is_html else text
    written = written[:_LONGEST_FIELD]
    if is_html or markup.is_known(written):
        running = " ".join(paragraph.text for paragraph in markup.blocks(markdown.bare(written)))
        return _once_more(markdown.tidy(running or markup.words(written)))
    if "\n" in written.strip():
        every = " ".join(paragraph.text for paragraph in markdown.paragraphs(written, most=_LONGEST_FIELD))
        if every:
            return every
    return markdown.inline(written)


def _once_more(text: str) -> str:
    """Return *text*, which is decoded, with the references that are left over in it decoded, too."""
    return sanitize.unescaped(text) if "&" in text and _LEFT_OVER.search(text) else text


def of_body(body: str, *, may_be_html: bool = False, most: int = LONGEST) -> str:
    """Return the beginning of a text in words, at most *most* characters; "" where it has no paragraph.

    It is Markdown, or where it may be HTML that, if an element of HTML stands in it.
    """
    head = body[:_LAST_LOOK]
    kind: Kind = "html" if may_be_html and "<" in head else "markdown"
    more = _MORE.search(head) if "<!--" in head or "truncate" in head or "more" in head else None
    if more:
        teaser = " ".join(paragraph.text for paragraph in _paragraphs(head[: more.start()], kind, _LAST_LOOK))
        if teaser:
            return cut(markdown.settled(_once_more(teaser)), most)
    text = _beginning(body, head, kind)
    return cut(markdown.settled(_once_more(text)), most)


def _beginning(body: str, head: str, kind: Kind) -> str:
    """Return the first real paragraph, else the first other one; "" without any."""
    if kind == "markdown":
        for text, weak in _fit(markdown.opening(head)):
            if not weak:
                return text
    spare = ""
    for look in (_FIRST_LOOK, _LAST_LOOK):
        for text, weak in _fit(_paragraphs(body, kind, look)):
            if not weak:
                return text
            spare = spare or text
        if len(body) <= look:
            break
    # HTML of a few words is a short text, and no label of another that does not come.
    return (
        spare
        if spare or kind == "markdown"
        else next((text for text, _ in _paragraphs(body, kind, _FIRST_LOOK) if not _introduces(text)), "")
    )


def _paragraphs(text: str, kind: Kind, most: int) -> Iterator[Paragraph]:
    """Yield the paragraphs of a text that may serve as an excerpt."""
    if kind == "markdown":
        every = markdown.paragraphs(text, most=most)
    else:
        every = (
            markup.Paragraph(markdown.tidy(part), weak) for part, weak in markup.blocks(markdown.bare(text[:most]))
        )
    return (paragraph for paragraph in every if any(map(str.isalnum, paragraph.text)))


def _fit(every: Iterable[Paragraph]) -> Iterator[Paragraph]:
    """Yield the paragraphs that say something by themselves; those that name something by labels are weak."""
    for each in every:
        # Where a letter is missing, bytes were no UTF-8: such a paragraph is not the author's.
        if "\ufffd" not in each.text and not _is_label(each.text):
            yield each._replace(weak=True) if _names(each.text) else each


_LABELLED = re.compile(r"[^\W_][\w -]{0,30}: ")


def _names(text: str) -> bool:
    """Whether a paragraph is a label and what it names, or several (`refs: release note`), and no sentence."""
    return bool(_LABELLED.match(text)) and not _END.search(text)


_SHORT = 20
"""Characters below which a paragraph without a full stop says nothing by itself (`Hello all!`)."""


def _is_label(text: str) -> bool:
    """Whether a paragraph only introduces what follows: a greeting, a line that ends in a colon, "Contents"."""
    return _introduces(text) or (len(text) < _SHORT and (text.endswith(("!", ",")) or not _END.search(text)))


def _introduces(text: str) -> bool:
    """Whether a paragraph says nothing without what follows it, or is an address."""
    return markdown.is_address(text) or text.endswith((":", "：")) or bool(_CONTENTS.fullmatch(text))


_END = re.compile(
    r"(?<!\b[A-Za-z])(?<!\b(?:Mr|Dr|St|vs|No|Jr|Sr|ca|cf|al|Nr))(?<!\b(?:Mrs|Inc|Ltd|etc|Gen|Sen|Rep|Gov|bzw))"
    r"[.!?…؟।॥။።](?![.!?…])[)\]\"'”’»“]*(?=\s+[^a-zß-ÿ\s]|\s*$)"
    r"|[。！？｡．][」』）”’\"]*"
)
"""The end of a sentence, with what closes behind it. In Chinese and Japanese no blank follows."""


def cut(text: str, most: int) -> str:
    """Return *text* with at most *most* characters: whole sentences where a quarter of the room is enough for any."""
    if len(text) <= most:
        return text
    end = 0
    # A little more, since a blank and the beginning of the next sentence tell the end of one.
    for match in _END.finditer(text, 0, most + 2):
        if match.end() <= most:
            end = match.end()
    return text[:end] if end >= most // 4 else sanitize.again(text, most=most)
