"""HTML reduced to its words, as a whole (`words`) or block by block (`blocks`), and titles, which are text.

By a tokenizer alone, after the HTML standard's rules for where tags, comments and scripts begin and end. No tree is
built: a parser that keeps one walks through all open elements at each tag, so that 20,000 nested <div> take it nine
seconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from digest.text import sanitize

if TYPE_CHECKING:
    from collections.abc import Iterator

_INLINE = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "font", "i", "kbd", "mark", "q", "s", "small", "span",
    "strong", "sub", "sup", "u", "var", "wbr",
})  # fmt: skip
"""Elements that do not part words: `<b>w</b>ord` is one word, `<li>a</li><li>b</li>` are two."""

_RAW = frozenset({"iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp"})
"""Elements whose content is text up to their own end tag, whatever it looks like (HTML, 13.2.6.2 and .4)."""

_HIDDEN = frozenset({"script", "style"})
"""Those of them whose content nobody reads."""

_TAG = re.compile(
    # What is not closed goes to the end of the text, as the standard has it. Each quantifier is possessive, so nothing
    # is looked through twice: ten thousand comments that stay open are one.
    r"<(?:"
    r"!--(?:-?>|(?:(?!--!?>).)*+(?:--!?>)?+)"  # a comment
    r"|[!?][^>]*+>?+|/[^a-zA-Z>][^>]*+>?+|/>"  # a bogus one
    r"|(?P<end>/?)(?P<name>[a-zA-Z][^\s/>]*+)"
    # A `>` inside quotes does not close the tag, but only behind a `=` is a quote one.
    r"[^>=]*+(?:=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+)?+[^>=]*+)*+>?+"
    r")",
    re.DOTALL,
)
_CLOSING = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _RAW}


def words(html: str) -> str:
    """Return the words of a text that may be HTML, parted by single spaces, with entities decoded once.

    The content of scripts, styles, templates and comments is left out. The steps grow with the length of *html*,
    whatever is open or nested in it.
    """
    pieces: list[str] = []
    position = templates = 0
    while tag := _TAG.search(html, position):
        if not templates:
            pieces.append(html[position : tag.start()])
        position = tag.end()
        name = (tag["name"] or "").casefold()
        if name == "template":
            templates = max(0, templates + (-1 if tag["end"] else 1))
        if not templates and name and name not in _INLINE:
            pieces.append(" ")
        if name in _RAW and not tag["end"]:
            closing = _CLOSING[name].search(html, position)
            # An element that is never closed goes to the end, as in browsers.
            start, position = position, closing.start() if closing else len(html)
            if not templates and name not in _HIDDEN:
                pieces.append(html[start:position])
    if not templates:
        pieces.append(html[position:])
    return " ".join("".join(map(sanitize.unescaped, pieces)).split())


class Paragraph(NamedTuple):
    """A paragraph in words; a *weak* one, such as a list or a bare link, serves only where there is no other."""

    text: str
    weak: bool = False


_UNREAD = frozenset({
    "aside", "audio", "button", "canvas", "dialog", "figure", "footer", "form", "map", "nav", "noscript", "object",
    "picture", "pre", "select", "svg", "table", "template", "video",
})  # fmt: skip
"""Elements whose content is no part of the running text: pictures and their captions, tables, menus, code."""

_SKIPPED = (_UNREAD | _RAW) - _HIDDEN
"""Elements whose content is skipped, where they end."""

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LISTS = frozenset({"ul", "ol", "dl"})
_PARTING = _HEADINGS | _LISTS | frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "div",
    "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "html", "img", "legend", "li",
    "main", "nav", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
})  # fmt: skip
"""Elements that end a paragraph; any other, such as a script or one that nobody knows, stands within it."""

_EMPTY_LINE = re.compile(r"\n[ \t\r]*\n")


@dataclass(slots=True)
class _Running:
    """The running text as its tags pass by: what is open, and the pieces of the paragraph that is being read.

    *unread*, *lists* and *links* count the open elements of these kinds.
    """

    pieces: list[str] = field(default_factory=list)
    is_linked: bool = True
    unread: int = 0
    lists: int = 0
    links: int = 0
    heading: bool = False
    inside: bool = False
    after_break: bool = False

    def text(self, text: str) -> Iterator[Paragraph]:
        """Take text between tags, and yield the paragraphs that end in it."""
        if self.unread or self.heading or not text:
            return
        for number, part in enumerate([text] if self.inside else _EMPTY_LINE.split(text)):
            if number:
                yield from self.taken()
            self.pieces.append(part)
            if not self.links and any(map(str.isalnum, part)):
                self.is_linked = False
        self.after_break = self.after_break and not text.strip()

    def tag(self, name: str, step: int) -> Iterator[Paragraph]:
        """Take a tag that opens an element (*step* 1) or closes one (-1), and yield the paragraph that it ends."""
        if name == "a":
            self.links = max(0, self.links + step)
        if name in _INLINE:
            return
        if name not in _PARTING:
            self.pieces.append(" ")
            self.unread = max(0, self.unread + step) if name in _UNREAD else self.unread
            return
        if name == "br" and not self.after_break:
            self.pieces.append(" ")
            self.after_break = True
            return
        yield from self.taken()
        self.after_break = False
        self.unread = max(0, self.unread + step) if name in _UNREAD else self.unread
        self.lists = max(0, self.lists + step) if name in _LISTS else self.lists
        self.heading = name in _HEADINGS and step > 0
        self.inside = name == "p" and step > 0

    def taken(self) -> Iterator[Paragraph]:
        """Yield the paragraph, unless it is empty, and begin the next."""
        text = " ".join("".join(map(sanitize.unescaped, self.pieces)).split())
        if text:
            yield Paragraph(text, self.lists > 0 or self.is_linked)
        self.pieces, self.is_linked = [], True


def blocks(html: str) -> Iterator[Paragraph]:
    """Yield the paragraphs of the running text of HTML: no headings, pictures, tables, code or forms.

    Two line breaks part paragraphs, and so do empty lines outside of `<p>`, by which WordPress writes them. The steps
    grow with the length of *html*.
    """
    running, position = _Running(), 0
    last = _last_ends(html)
    while tag := _TAG.search(html, position):
        yield from running.text(html[position : tag.start()])
        position = tag.end()
        name = (tag["name"] or "").casefold()
        # A picture or frame whose end is missing must not take the rest of the text with it.
        is_open = not tag["end"] and name in _SKIPPED and last.get(name, 0) < position
        if name in _RAW and not tag["end"] and not is_open:
            closing = _CLOSING[name].search(html, position)
            position = closing.start() if closing else len(html)
        elif name and not is_open:
            yield from running.tag(name, -1 if tag["end"] else 1)
    yield from running.text(html[position:])
    yield from running.taken()


def _last_ends(html: str) -> dict[str, int]:
    """Return where the last end tag of each element stands whose content is skipped."""
    folded = html.casefold() if "</" in html else ""
    return {name: place for name in _SKIPPED if (place := folded.rfind(f"</{name}")) >= 0}


_PAIRED = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "em", "font", "i", "ins", "kbd", "mark", "q", "s",
    "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var",
})  # fmt: skip
"""Elements that a headline is set with; only as a pair, since a lone `<b>` in a headline is what it is about."""

_MORE_ELEMENTS = frozenset({
    "address", "article", "blockquote", "br", "caption", "center", "col", "colgroup", "dd", "details", "dfn", "div",
    "dt", "embed", "fieldset", "figcaption", "header", "hr", "img", "input", "label", "legend", "li", "main", "p",
    "param", "section", "source", "summary", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr",
})  # fmt: skip
_KNOWN = (_PAIRED | _UNREAD | _HEADINGS | _LISTS | _RAW | _MORE_ELEMENTS) - {"dialog", "template", "title"}
"""Elements that texts are marked up with; others, such as `<template>`, a text is about."""


def is_known(text: str) -> bool:
    """Whether a comment or an element that texts are marked up with stands in *text*."""
    return any(tag["name"] is None or tag["name"].casefold() in _KNOWN for tag in _TAG.finditer(text))


_COMMENT = re.compile(r"(?<!\\)<!--(?:(?!-->|<!--).)*+-->", re.DOTALL)
_LINE_BREAK = re.compile(r"(?<![ \\])<br[ \t]*/?>|(?<!\\)<br[ \t]*/?>(?! )", re.IGNORECASE)
_LONGEST_TITLE = 10_000
"""Most characters of a title that are looked at; 300 are kept of it."""


def title(written: str) -> str:
    """Return a title that is text: `Vec<T>` and `The <template> tag` stay whole, and entities are decoded once.

    Comments and pairs of the elements that a headline is set with (`<em>…</em>`) are taken off. A title that its source
    says is HTML is read by `words`.
    """
    text = written[:_LONGEST_TITLE]
    if "<" in text:
        text = _LINE_BREAK.sub(" ", _COMMENT.sub("", text))
        text = without_pairs(text)
    return sanitize.unescaped(text)


def without_pairs(text: str) -> str:
    """Return *text* without the tags of each pair of _PAIRED; what is open or closed alone stays."""
    tags = [
        tag
        for tag in _TAG.finditer(text)
        # In Markdown, what is escaped is text.
        if (tag["name"] or "").casefold() in _PAIRED and text[tag.start() - 1 : tag.start()] != "\\"
    ]
    opened: list[re.Match[str]] = []
    spans: list[tuple[int, int]] = []
    for tag in tags:
        if not tag["end"]:
            opened.append(tag)
        elif opened and opened[-1]["name"].casefold() == tag["name"].casefold():
            spans += [opened.pop().span(), tag.span()]
    position, pieces = 0, []
    for start, end in sorted(spans):
        pieces.append(text[position:start])
        position = end
    return "".join([*pieces, text[position:]])
