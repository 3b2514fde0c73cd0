"""The editor's Markdown (CommonMark) to plain values that a theme can print.

Values and not HTML: HTML in it is text, pictures are their description, and an address that is not http(s) or mailto
is not linked. So a theme styles what it gets, and nothing in the edits can act.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from digest.text import sanitize

if TYPE_CHECKING:
    from collections.abc import Iterable

    from markdown_it.token import Token

Kind = Literal["paragraph", "heading", "bullet", "quote"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A piece of a line: its text, whether it stands out, and the address that it links to, if any."""

    text: str
    strong: bool = False
    emphasis: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph, heading, list item or quotation; levels of headings and lists are not told apart."""

    kind: Kind
    runs: tuple[Run, ...]

    @property
    def text(self) -> str:
        """The block as plain text, with each address behind its words.

        A list item begins with a dash; strong and emphasis are not marked.
        """
        text = "".join(run.text + (f" ({run.url})" if run.url else "") for run in self.runs)
        return f"- {text}" if self.kind == "bullet" else text


def blocks(markdown: str) -> tuple[Block, ...]:
    """Return the blocks of *markdown*, in order and without empty ones. Never fails: all text is Markdown."""
    if not markdown.strip():
        return ()
    from markdown_it import MarkdownIt  # noqa: PLC0415 - most issues have no introduction

    # Without HTML: what looks like a tag comes through as text.
    tokens = MarkdownIt("commonmark", {"html": False}).parse(markdown)
    kinds: list[Kind] = ["paragraph"]
    result = []
    for token in tokens:
        if token.type in _OPENING:
            kinds.append(_OPENING[token.type])
        elif token.type in _CLOSING:
            kinds.pop()
        elif token.type == "inline":
            result.append(Block(kind=kinds[-1], runs=tuple(_runs(token.children or ()))))
        # There is no code in a newsletter: it is read as a paragraph, and nothing of it is lost.
        elif token.type in {"fence", "code_block"}:
            result.append(Block(kind="paragraph", runs=(Run(text=sanitize.text(token.content)),)))
    return tuple(block for block in result if block.runs)


_OPENING: dict[str, Kind] = {"heading_open": "heading", "list_item_open": "bullet", "blockquote_open": "quote"}
_CLOSING = frozenset({"heading_close", "list_item_close", "blockquote_close"})


def _runs(tokens: Iterable[Token]) -> Iterable[Run]:
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
