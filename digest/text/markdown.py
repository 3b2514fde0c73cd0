"""The editor's Markdown (CommonMark) to plain values that a theme can print, and what of Markdown is not taken.

Values and not HTML: HTML in it is text, and an address that is not http(s) or mailto is not linked. So a theme styles
what it gets, and nothing in an editor's words can act. Taken are paragraphs, headings, lists, numbered lists,
quotations, rules, links, strong and emphasis, and a picture with its description in a paragraph of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from digest.text import sanitize

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from markdown_it import MarkdownIt
    from markdown_it.token import Token

Kind = Literal["paragraph", "heading", "bullet", "quote", "picture", "rule"]

_RULE = "\u2042"
"""What stands for a rule in plain text: one sign, since a row of them is read aloud sign by sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A piece of a line: its text, whether it stands out, and the address that it links to, if any."""

    text: str
    strong: bool = False
    emphasis: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenParagraph:
    """A paragraph, heading, list item, quotation, picture or rule; levels of headings and lists are not told apart.

    *number* is that of an item of a numbered list, None for any other. *picture* is the address of a picture, whose
    description *runs* are; empty for any other. *elsewhere* are addresses that stand beside it in the plain text.
    """

    kind: Kind
    runs: tuple[Run, ...]
    number: int | None = None
    picture: str = ""
    elsewhere: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """The paragraph as plain text, with each address behind its words, and none that stands *elsewhere*.

        An address is in it once. A list item begins with its number or a dash; strong and emphasis are not marked.
        """
        pieces: list[str] = []
        spelled = {"", *self.elsewhere}
        # A link may have several runs, some of which stand out.
        for address, linked in groupby(self.runs, key=lambda run: run.url):
            shown = "".join(run.text for run in linked)
            pieces.append(shown if address in spelled else _spelled(shown, address))
            spelled.add(address)
        text = "".join(pieces)
        if self.kind != "bullet":
            return text
        return f"- {text}" if self.number is None else f"{self.number}. {text}"


def paragraphs(markdown: str, beside: Iterable[str] = ()) -> tuple[WrittenParagraph, ...]:
    """Return the paragraphs of *markdown*, in order and without empty ones. Never fails: all text is Markdown.

    What `refused` names comes through as its words, and nothing of it is lost. The addresses *beside* it stand in the
    plain text already.
    """
    if not markdown.strip():
        return ()
    result: list[WrittenParagraph] = []
    # What is open around a line, the innermost last, each with the number of its list item.
    kinds: list[tuple[Kind, int | None]] = [("paragraph", None)]
    # Without HTML: what looks like a tag comes through as text.
    for token in _parser(html=False).parse(markdown):
        if token.type in _OPENING:
            number = int(token.info) if token.type == "list_item_open" and token.info.isdigit() else None
            kinds.append((_OPENING[token.type], number))
        elif token.type in _CLOSING:
            kinds.pop()
        elif token.type == "hr":
            result.append(WrittenParagraph(kind="rule", runs=(Run(text=_RULE),)))
        elif token.type == "inline":
            result.append(_paragraph(token, *kinds[-1]))
            # Only the first paragraph of an item has its mark.
            if kinds[-1][0] == "bullet":
                kinds[-1] = ("paragraph", None)
        # There is no code in a newsletter: it is read as a paragraph.
        elif token.type in {"fence", "code_block"}:
            result.append(WrittenParagraph(kind="paragraph", runs=(Run(text=sanitize.text(token.content)),)))
    return tuple(_spelling_once([paragraph for paragraph in result if paragraph.runs], beside))


def _spelling_once(written: Iterable[WrittenParagraph], beside: Iterable[str]) -> Iterator[WrittenParagraph]:
    """Yield each paragraph with the addresses that stand beside it and before it."""
    spelled = frozenset(beside)
    for paragraph in written:
        yield replace(paragraph, elsewhere=spelled)
        spelled |= {run.url for run in paragraph.runs if run.url}


def _spelled(words: str, address: str) -> str:
    """Return the *words* of a link with its *address* behind them, or it alone where they are the address."""
    if address.startswith("mailto:"):
        mailbox = address.removeprefix("mailto:").partition("?")[0]
        return words if words.strip() == mailbox else f"{words} ({mailbox})"
    return address if _without_scheme(words) == _without_scheme(address) else f"{words} ({address})"


def _without_scheme(address: str) -> str:
    return re.sub("^https?://", "", address.strip(), flags=re.IGNORECASE).removesuffix("/").casefold()


def runs(written: Iterable[WrittenParagraph]) -> list[Run]:
    """Return the runs of paragraphs that say something to a reader: all but the sign of a rule, which a theme draws."""
    return [run for paragraph in written if paragraph.kind != "rule" for run in paragraph.runs]


def refused(markdown: str) -> Iterator[tuple[int, str]]:
    """Yield what *markdown* has that is not taken: the line, counted from 0, and what it is with what to do instead."""
    if not markdown.strip():
        return
    parser = _parser(html=True).enable(["table", "strikethrough"])
    # Else a link to `javascript:` is no link, and its brackets are words.
    parser.validateLink = lambda _: True  # type: ignore[assignment]
    for token in parser.parse(markdown):
        line = token.map[0] if token.map else 0
        for number, piece, is_alone in [(0, token, True), *_pieces(token)]:
            if reason := _refusal(piece, is_alone=is_alone):
                yield line + number, reason


_OPENING: dict[str, Kind] = {"heading_open": "heading", "list_item_open": "bullet", "blockquote_open": "quote"}
_SHOWN = 40
_CLOSING = frozenset({"heading_close", "list_item_close", "blockquote_close"})
_REFUSED = {
    "fence": "code; take its fence away",
    "code_block": "code; take its indentation away",
    "code_inline": "code; take its backticks away",
    "table_open": "a table; write a list",
    "s_open": "words that are struck out; leave them out",
}


def _parser(*, html: bool) -> MarkdownIt:
    from markdown_it import MarkdownIt  # noqa: PLC0415 - most issues have no words of the editor's

    return MarkdownIt("commonmark", {"html": html})


def _pieces(token: Token) -> Iterator[tuple[int, Token, bool]]:
    """Yield each piece of a line with the number of its line in the paragraph, and whether it is all there is."""
    number = 0
    children = token.children or []
    for piece in children:
        yield number, piece, len(children) == 1
        number += piece.type in {"softbreak", "hardbreak"}


def _refusal(piece: Token, *, is_alone: bool) -> str:
    """Return what is not taken about a piece of a line, with what to do; empty where it is."""
    if piece.type == "link_open":
        address = str(piece.attrGet("href") or "")
        return "" if _address(address) else f"a link to {address!r}; write an http(s) or mailto address"
    if piece.type in {"html_block", "html_inline"}:
        # Where an element ends was told where it begins.
        tag = piece.content.split("\n")[0][:_SHOWN]
        return "" if tag.startswith("</") else f"HTML, {tag}; write Markdown, or \\< for the sign itself"
    if piece.type != "image":
        return _REFUSED.get(piece.type, "")
    if not piece.content.strip():
        return "a picture without words; write ![what it shows](address)"
    if not is_alone:
        return "a picture among words; give it a paragraph of its own"
    address = str(piece.attrGet("src") or "")
    return "" if _picture(address) else f"a picture at {address!r}; write an https address"


def _paragraph(token: Token, kind: Kind, number: int | None) -> WrittenParagraph:
    pieces = token.children or []
    if len(pieces) == 1 and pieces[0].type == "image":
        address = _picture(str(pieces[0].attrGet("src") or ""))
        if address:
            return WrittenParagraph(kind="picture", runs=tuple(_runs(pieces)), picture=address)
    return WrittenParagraph(kind=kind, runs=tuple(_runs(pieces)), number=number)


def _runs(tokens: Iterable[Token]) -> Iterator[Run]:
    """Yield the pieces of a line with what is open around each; markdown-it pairs opening and closing tokens."""
    style = Run(text="")
    for token in tokens:
        if token.type in {"strong_open", "strong_close"}:
            style = replace(style, strong=token.type == "strong_open")
        elif token.type in {"em_open", "em_close"}:
            style = replace(style, emphasis=token.type == "em_open")
        elif token.type == "link_open":
            style = replace(style, url=_address(str(token.attrGet("href") or "")))
        elif token.type == "link_close":
            style = replace(style, url="")
        elif text := _words(token):
            yield replace(style, text=text)


def _words(token: Token) -> str:
    """Return the text of a token, safe to print; a line end is a space, a picture its description."""
    if token.type in {"softbreak", "hardbreak"}:
        return " "
    # `sanitize.text` trims; the blanks between two runs belong to them.
    before, after = (" " if token.content[at : at + 1].isspace() else "" for at in (0, len(token.content) - 1))
    text = sanitize.text(token.content)
    return f"{before}{text}{after}" if text else " " * bool(token.content)


def _address(written: str) -> str:
    """Return the address of a link in its safe form; empty for one that must not be linked."""
    if written.startswith("mailto:"):
        return written
    return sanitize.address(written) or ""


def _picture(written: str) -> str:
    """Return the address of a picture in its safe form; empty for one that is not https."""
    address = sanitize.address(written) or ""
    return address if address.startswith("https:") else ""
