"""MJML as a tree: read from the theme with every problem's place, and written again for the engine.

MJML has two kinds of elements. Most hold other elements; some (`mj-text`, `mj-table`, `mj-raw`) hold HTML or CSS, which
is none of MJML's business. That content is kept aside here and never shown to the engine, which would re-write it:
in its place stands a word, and what was written takes the word's place in the finished page.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from digest.errors import ThemeError
from digest.theme import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.theme.placeholders import HiddenTemplate

# Possessive, or a tag that is not closed would take time that doubles with each of its words.
_TOKEN = re.compile(
    r"<!--.*?-->|<(/?)([A-Za-z][\w:.-]*)((?:[^\"'<>]++|\"[^\"]*\"|'[^']*')*+)>|<", re.DOTALL
)  # fmt: skip
_OTHER_LANGUAGE = re.compile(r"<%.{0,200}?%>", re.DOTALL)
_ATTRIBUTE = re.compile(r"([^\s\"'<>/=]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+)))?")
_VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
# What stands in a line of text: white space between two of these is a blank, elsewhere it is nothing.
_INLINE_TAGS = (
    "a abbr acronym b bdi bdo big br cite code del dfn em font i img ins kbd label mark q s samp small span strike "
    "strong sub sup time tt u var"
)
_INLINE = frozenset(_INLINE_TAGS.split())
# Far from the depth at which libxml2 gives up; a letter has a dozen.
_MAX_DEPTH = 60
_CONTENT = re.compile(r"<!--(mjml\d{4}c)-->|(mjml\d{4}c)")
_NEWS = re.compile(r"jinjax\d{4}x")
_HIDDEN_STATEMENT = re.compile(r"jinjas(\d{4})s")
_STATEMENT = re.compile(r"<!--(jinjas\d{4}s)-->")
_FIRST_NAME = re.compile(r"\{%[-+]?\s*(\w+)")
# What holds no HTML.
_PLAIN = frozenset({"mj-title", "mj-preview", "mj-style", "mj-html-attribute"})
# Of these the engine takes text and no comment.
_BARE = _PLAIN | {"mj-accordion-title", "mj-accordion-text"}
# What Rust prints as an escape of its own: the engine prints attributes as a programmer would. And the ends of a tag,
# which it prints as they are, so that nobody behind it could say where one ends.
_ESCAPED = re.compile(r"[\"<>\\\x00-\x1f\x7f]|[^\x00-\x7f]")
_NAMED_SIGNS = {'"': "&quot;", "<": "&lt;", ">": "&gt;"}
_LINE_BREAK = re.compile(r"[ \t]*[\r\n][ \t\r\n]*|\t")


@dataclass(slots=True)
class Element:
    """An element of MJML: its attributes as they are written, without their quotes, and what is in it.

    *start* is its offset in the hidden text. *content* is the HTML, CSS or text of an element that holds such; others
    have *children*: elements, and strings, which are statements of the news and Outlook's conditional comments.
    """

    name: str
    start: int
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)
    content: str | None = None

    def elements(self) -> Iterator[Element]:
        """Yield the elements directly in it."""
        return (child for child in self.children if isinstance(child, Element))

    def all(self) -> Iterator[Element]:
        """Yield it and every element in it, in the order of the document."""
        yield self
        for child in self.elements():
            yield from child.all()


@dataclass(frozen=True, slots=True)
class Written:
    """MJML for the engine, and what belongs where it has words: *contents* by word.

    *starts* are pairs of offsets, ascending: where each element begins in *text*, and where in the hidden text.
    """

    text: str
    contents: dict[str, str]
    starts: tuple[tuple[int, int], ...]

    def origin(self, offset: int) -> int:
        """Return where the element that *offset* of *text* lies in begins in the hidden text."""
        return self.starts[max(bisect_right(self.starts, offset, key=lambda start: start[0]) - 1, 0)][1]

    def complete(self, html: str) -> str:
        """Return the engine's *html* with every content in its place."""
        return _CONTENT.sub(lambda word: self.contents.get(word[1] or word[2], word[0]), html)


def write(root: Element) -> Written:
    """Return *root* as the engine is to see it."""
    pieces: list[str] = []
    contents: dict[str, str] = {}
    starts: list[tuple[int, int]] = []
    length = 0

    def put(piece: str) -> None:
        nonlocal length
        pieces.append(piece)
        length += len(piece)

    def put_content(content: str, element: Element) -> None:
        word = f"mjml{len(contents):04d}c"
        contents[word] = content
        put(word if element.name in _BARE else f"<!--{word}-->")

    def put_element(element: Element) -> None:
        starts.append((length, element.start))
        attributes = "".join(f' {name}="{quoted(value)}"' for name, value in element.attributes.items())
        put(f"<{element.name}{attributes}>")
        if element.content:
            put_content(element.content, element)
        for child in element.children:
            if isinstance(child, Element):
                put_element(child)
            elif _STATEMENT.fullmatch(child):
                put(child)
            else:
                put_content(child, element)
        put(f"</{element.name}>")

    put_element(root)
    return Written("".join(pieces), contents, tuple(starts))


def quoted(value: str) -> str:
    """Return an attribute's *value* as it comes through the engine whole: breaks are blanks, odd signs are numbers."""
    return _ESCAPED.sub(_escaped, _LINE_BREAK.sub(" ", value)) if _ESCAPED.search(value) else value


def _escaped(sign: re.Match[str]) -> str:
    # Letters and punctuation come through; marks, joiners and odd blanks do not.
    return sign[0] if sign[0].isalnum() else _NAMED_SIGNS.get(sign[0], f"&#{ord(sign[0])};")


def first_names(hidden: HiddenTemplate, text: str) -> list[str]:
    """Return the first name of each statement that is hidden in *text*, such as `for`."""
    statements = (hidden.jinja[int(word[1])] for word in _HIDDEN_STATEMENT.finditer(text))
    return [name[1] for name in map(_FIRST_NAME.match, statements) if name]


class _TooDeep(Exception):
    """What is nested deeper is not read: the problem has been noted."""


class MjmlReader:
    """Reads the hidden text of a theme once. Afterwards *root* is its tree and *problems* is what is wrong with it.

    *notes* are of what MJML leaves out, and so do we. With problems the tree is good for finding more of them, and not
    for the engine. *root* is the theme's `mjml`, an empty one where it has none.
    """

    def __init__(self, hidden: HiddenTemplate) -> None:
        self.problems: list[ThemeError] = []
        self.notes: list[ThemeError] = []
        self.root = Element("mjml", 0)
        self._hidden = hidden
        self._text = hidden.text
        self._open: list[Element] = [Element("", 0)]
        self._macros = 0
        try:
            self._read()
        except _TooDeep:
            self.problems = self.problems[-1:]
        roots = list(self._open[0].elements())
        if roots and roots[0].name == "mjml":
            self.root = roots[0]
        elif not self.problems:
            self._problem(0, "no <mjml> in it", "begin with <mjml><mj-body> and end with </mj-body></mjml>")

    def _problem(self, offset: int, problem: str, remedy: str) -> None:
        self.problems.append(ThemeError(self._hidden.place(offset), problem, remedy))

    def _note_stray(self, offset: int) -> None:
        """Note a sign `<` that opens no tag; some template languages open their own with it."""
        if piece := _OTHER_LANGUAGE.match(self._text, offset):
            self._problem(offset, f"`{' '.join(piece[0].split())}` is of another template language", "take it out")
        elif self._text.startswith("<!--", offset):
            self._problem(offset, "a comment is not closed", "write --> behind it")
        else:
            self._problem(offset, "a < that opens no tag", "write &lt;")

    def _read(self) -> None:
        """Read all tokens; what stands between the tags of elements that hold content is read with them."""
        at = 0
        while token := _TOKEN.search(self._text, at):
            self._between(at, token.start())
            at = token.end()
            closing, written, rest = token.groups()
            # MJML takes capitals for what they are in small letters.
            name = written and written.lower()
            if name is None:
                if token[0] == "<":
                    self._note_stray(token.start())
                else:
                    self._open[-1].children.append(token[0])
                    self._macros += self._begun_macros(token[0])
            elif closing:
                self._close(name, token.start())
            else:
                at = self._begin(name, rest, token)
        self._between(at, len(self._text))
        for element in self._open[1:]:
            self._problem(element.start, f"<{element.name}> is not closed", f"write </{element.name}>")

    def _between(self, start: int, end: int) -> None:
        """Look at the text between two tags of elements that hold elements: there, words have no place."""
        text = self._text[start:end].replace(vocabulary.BLANK, " ")
        name = self._open[-1].name
        if (stray := text.strip()) and (not name or name in vocabulary.ELEMENTS):
            problem = f"words directly in <{name}>" if name else "words outside <mjml>"
            remedy = "put them into an <mj-text>" if name in vocabulary.HOLDERS else "take them out"
            # MJML leaves such words out; news would be lost with them.
            where = self.problems if _NEWS.search(stray) else self.notes
            where.append(ThemeError(self._hidden.place(start + text.index(stray[0])), problem, remedy))

    def _begin(self, name: str, rest: str, token: re.Match[str]) -> int:
        """Take the element that *token* opens, and its content if it is of that kind; return where to read on."""
        element = Element(name, token.start(), self._attributes(rest, token.start()))
        parent = self._holder(name)
        self._open[-1].children.append(element)
        self._measure(len(self._open), token.start())
        if self._macros:
            problem = f"<{name}> in a macro of the news, which knows no MJML"
            self._problem(element.start, problem, "write [% macro … %], and call it as [[ … ]]")
        for problem, remedy in vocabulary.problems(name, element.attributes, parent.name) if not self._macros else ():
            self._problem(element.start, problem, remedy)
        for problem, remedy in vocabulary.idle(name, element.attributes, parent.name):
            self.notes.append(ThemeError(self._hidden.place(element.start), problem, remedy))
        if rest.endswith("/"):
            return token.end()
        if name not in vocabulary.CONTENT or parent.name in vocabulary.DEFAULTS:
            self._open.append(element)
            return token.end()
        end = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(self._text, token.end())
        if end is None:
            self._problem(element.start, f"<{name}> is not closed", f"write </{name}>")
            return len(self._text)
        element.content = self._content(element, token.end(), end.start())
        return end.end()

    def _attributes(self, text: str, offset: int) -> dict[str, str]:
        """Return the attributes of a tag; of one that stands twice the first, as in HTML."""
        pairs: dict[str, str] = {}
        for name, double, single, bare in _ATTRIBUTE.findall(text):
            if name in pairs:
                problem = f"{name} stands twice, and MJML takes the first"
                self.notes.append(ThemeError(self._hidden.place(offset), problem, "take the second out"))
            pairs.setdefault(name, double or single or bare)
        return pairs

    def _holder(self, name: str) -> Element:
        """Return the element that a new one of that *name* stands in; what includes a document is around its body."""
        depth = len(self._open) - 1
        if depth and name == "mjml":
            return Element("", 0)
        if depth > 2 and self._open[-1].name == "mj-body" and self._open[-2].name == "mjml":
            return self._open[-3]
        return self._open[-1]

    def _measure(self, depth: int, offset: int) -> None:
        if depth > _MAX_DEPTH:
            self._problem(offset, f"nested deeper than {_MAX_DEPTH} elements", "flatten it")
            raise _TooDeep

    def _begun_macros(self, comment: str) -> int:
        """Return how many macros of the news begin in *comment*, less those that end."""
        names = first_names(self._hidden, comment)
        return names.count("macro") - names.count("endmacro")

    def _close(self, name: str, offset: int) -> None:
        if name == self._open[-1].name:
            self._open.pop()
        elif name in {element.name for element in self._open}:
            while self._open[-1].name != name:
                element = self._open.pop()
                self._problem(element.start, f"<{element.name}> is not closed", f"write </{element.name}>")
            self._open.pop()
        else:
            self._problem(offset, f"</{name}> closes nothing", "take it out, or open it before")

    def _content(self, element: Element, start: int, end: int) -> str:
        """Return what *element* holds, without comments and without the white space that means nothing.

        HTML has to be whole, and no other element of MJML may stand in it.
        """
        if element.name in _PLAIN:
            # There, a comment would be words.
            return _STATEMENT.sub(r"\1", self._text[start:end].replace(vocabulary.BLANK, "").strip())
        pieces: list[tuple[str, str]] = []
        opened: list[tuple[str, int]] = []
        at = start
        for token in _TOKEN.finditer(self._text, start, end):
            pieces.append(("", self._text[at : token.start()].replace(vocabulary.BLANK, "")))
            at = token.end()
            name = self._tag(element, token, opened)
            # As browsers read the end of what has none; the inliner would lose a break.
            text = ("<br>" if name == "br" else "") if token[1] and name in _VOID else token[0]
            pieces.append((name, text))
        pieces.append(("", self._text[at:end].replace(vocabulary.BLANK, "")))
        for name, offset in opened:
            self._problem(offset, f"<{name}> is not closed", f"write </{name}>")
        content = _tidy(pieces)
        # A blank alone is nothing, or an icon would have a cell for its words.
        content = "" if content.isspace() else content
        if element.name == "mj-raw":
            # Words among elements are words of their own.
            content = " " * (content[:1] not in {"", "<", " "}) + content + " " * (content[-1:] not in {"", ">", " "})
        return content

    def _tag(self, element: Element, token: re.Match[str], opened: list[tuple[str, int]]) -> str:
        """Take one tag of HTML into the list of those that are *opened*; return its name, `!` for a comment."""
        closing, name, rest = token.groups()
        if name is None:
            if token[0] == "<":
                self._note_stray(token.start())
            return "!"
        name = name.lower()
        if name.startswith("mj-"):
            self._problem(token.start(), *vocabulary.misplaced(name, element.name))
            return name
        if not closing:
            if name not in _VOID and not rest.endswith("/"):
                opened.append((name, token.start()))
                self._measure(len(opened), token.start())
        elif name in _VOID:
            pass
        elif opened and opened[-1][0] == name:
            opened.pop()
        elif name in {tag for tag, _ in opened}:
            while opened[-1][0] != name:
                inner, offset = opened.pop()
                self._problem(offset, f"<{inner}> is not closed", f"write </{inner}>")
            opened.pop()
        else:
            self._problem(token.start(), f"</{name}> closes nothing", "take it out, or open it before")
        return name


def _tidy(pieces: list[tuple[str, str]]) -> str:
    """Return HTML of *pieces*, each with its tag's name (`!` of a comment, "" of text), without idle white space.

    White space that breaks a line is one blank between elements that stand in a line of text, and nothing elsewhere:
    the news may repeat it a hundred times.
    """
    kept: list[str] = []
    for number, (name, text) in enumerate(pieces):
        if name or text.strip() or "\n" not in text:
            kept.append(text)
        elif _in_line(pieces, number, -1) and _in_line(pieces, number, 1):
            kept.append(" ")
    return "".join(kept)


def _in_line(pieces: list[tuple[str, str]], number: int, step: int) -> bool:
    """Whether what stands next to the piece *number*, comments and white space aside, is part of a line of text."""
    number += step
    while 0 <= number < len(pieces):
        name, text = pieces[number]
        if name != "!" and (name or text.strip()):
            return not name or name in _INLINE
        number += step
    return False
