"""HTML text to a tree of elements that knows their lines, and the text that readers and screen readers get of them.

Parsed by tinyhtml5, as the HTML standard asks browsers to: any text gives a tree, and every mistake is counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

_LABEL_LENGTH = 40
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_NOT_DISPLAYED = re.compile(r"(?:^|[;\s])display\s*:\s*none", re.IGNORECASE)
# Soft hyphens, joiners, marks of direction and spaces without width.
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


@dataclass(frozen=True)
class Page:
    """A parsed page.

    *source* is its text, *root* the `html` element, which the parser makes where there is none. *comments* are the
    texts of those that have been taken out of the tree. *errors* are (line, code) as the parser names them.
    *lines* has the line on which each element's start tag ends, counted from 1.
    """

    source: str
    root: Element
    comments: tuple[str, ...]
    errors: tuple[tuple[int, str], ...]
    lines: dict[Element, int]

    @cached_property
    def elements(self) -> tuple[Element, ...]:
        """All elements in reading order."""
        return tuple(self.root.iter())

    @cached_property
    def parents(self) -> dict[Element, Element]:
        """The parent of each element but the root."""
        return {child: parent for parent in self.root.iter() for child in parent}

    @cached_property
    def body(self) -> Element:
        """The body; the parser makes one where there is none."""
        body = self.root.find("body")
        return self.root if body is None else body

    def named(self, *names: str) -> list[Element]:
        """All elements of these names in reading order."""
        # Nearly every rule asks for one name, and there are a hundred rules.
        if len(names) == 1:
            return self._by_name.get(names[0], [])
        return [element for element in self.elements if element.tag in names]

    @cached_property
    def _by_name(self) -> dict[str, list[Element]]:
        by_name: dict[str, list[Element]] = {}
        for element in self.elements:
            by_name.setdefault(str(element.tag), []).append(element)
        return by_name

    @property
    def headings(self) -> list[Element]:
        """All headings in reading order."""
        return self.named(*_HEADINGS)

    def line(self, element: Element) -> int | None:
        """The line on which the start tag of *element* ends; None for a copy that the parser made."""
        return self.lines.get(element)

    def ancestors(self, element: Element) -> Iterator[Element]:
        """The element itself, its parent, and so on up to the root."""
        ancestor: Element | None = element
        while ancestor is not None:
            yield ancestor
            ancestor = self.parents.get(ancestor)

    def within(self, element: Element, *names: str) -> Element | None:
        """The nearest ancestor of one of these names, the element itself included."""
        return next((ancestor for ancestor in self.ancestors(element) if ancestor.tag in names), None)

    def opens_at_a_click(self, element: Element) -> bool:
        """Whether *element* is part of an accordion as MJML makes it, which is seen when it is clicked."""
        around = self.within(element, "label")
        return around is not None and "mj-accordion-element" in around.get("class", "").split()

    def label(self, element: Element) -> str:
        """Return a short name for messages: `h3 “Crewless ferry crosses…”`, `img photo.png`, `td.card`."""
        if element.tag in ("html", "head", "body"):
            return str(element.tag)
        label = name_of(element)
        if not label and element.tag == "img":
            label = element.get("src", "").rpartition("/")[2]
        classes = element.get("class", "").split()
        if not label and classes:
            return f"{element.tag}.{classes[0]}"
        short = label if len(label) <= _LABEL_LENGTH else label[:_LABEL_LENGTH].rsplit(" ", 1)[0] + "…"
        return f"{element.tag} “{short}”" if short else str(element.tag)


def parse(source: str) -> Page:
    """Return *source* as a page. Never fails: the parser mends what it can and keeps count of it."""
    from tinyhtml5.parser import HTMLParser  # noqa: PLC0415 - `digest --help` must not wait for it

    parser: Any = HTMLParser(namespace_html_elements=False)
    lines: dict[Element, int] = {}
    for method in ("create_element", "insert_element_normal"):
        setattr(parser.tree, method, _counting(parser, getattr(parser.tree, method), lines))
    root: Element = parser.parse(source)
    errors = tuple((line, code) for (line, _), code, _ in parser.errors)
    return Page(source=source, root=root, comments=tuple(_without_comments(root)), errors=errors, lines=lines)


def _without_comments(root: Element) -> Iterator[str]:
    """Take every comment out of the tree, so that only elements are in it, and yield its words."""
    for parent in list(root.iter()):
        before: Element | None = None
        for child in list(parent):
            # The tag of a comment is the function that made it.
            if not callable(child.tag):
                before = child
                continue
            yield child.text or ""
            if before is None:
                parent.text = (parent.text or "") + (child.tail or "")
            else:
                before.tail = (before.tail or "") + (child.tail or "")
            parent.remove(child)


def _counting(parser: Any, make: Any, lines: dict[Element, int]) -> Any:  # noqa: ANN401 - the parser has no types
    """Wrap what makes elements, so that the line of each is remembered: the tree itself keeps none."""

    def made(token: Any) -> Any:  # noqa: ANN401 - likewise
        element = make(token)
        lines[element._element] = parser.tokenizer.stream.position()[0]  # noqa: SLF001 - it has no public name
        return element

    return made


def name_of(element: Element) -> str:
    """Return what a screen reader calls *element*: its label, else its text with the alt texts of pictures.

    The short form of "Accessible Name and Description Computation 1.2", as far as letters need it.
    """
    return " ".join((element.get("aria-label") or text_of(element)).split())


def text_of(element: Element) -> str:
    """Return the text of *element* with the alt texts of pictures, on one line and without invisible characters.

    A picture in it that is not displayed, as that of dark mode beside that of light, is left out.
    """
    return " ".join(_INVISIBLE.sub("", "".join(_texts(element))).split())


def _texts(element: Element) -> Iterator[str]:
    # Without recursion: a letter of others may be nested deeper than Python's calls.
    pending: list[Element | str] = [element]
    while pending:
        piece = pending.pop()
        if isinstance(piece, str):
            yield piece
        elif piece.tag == "img":
            yield piece.get("alt", "") if piece is element or not _NOT_DISPLAYED.search(piece.get("style", "")) else ""
        elif piece.tag not in ("style", "script", "title"):
            yield piece.text or ""
            for child in reversed(piece):
                pending += [child.tail or "", " " if child.tag == "br" else "", child]


def own_text(element: Element) -> str:
    """Return the text that stands directly in *element*, not in its children, on one line."""
    pieces = [element.text or "", *(child.tail or "" for child in element)]
    return " ".join(_INVISIBLE.sub("", "".join(pieces)).split())


def visible(text: str) -> str:
    """Return *text* without characters that nobody sees."""
    return _INVISIBLE.sub("", text)
