"""Hides the news' Jinja from the engines, and puts it back when they are done.

`{{ … }}` becomes an opaque word (it may stand in text and in attributes), `{% … %}` an opaque comment (it may stand
between elements and in text). The engines keep both as they are, and know nothing of Jinja.

Putting back is a proof: every expression is there, every statement exactly once and in order; else the theme asked an
engine for something it cannot keep, and the error names the line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import jinja2
from jinja2.lexer import Lexer

from digest.errors import ThemeError, together
from digest.theme import foreign
from digest.theme.vocabulary import BLANK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.theme.source import FilledTheme

# The letter stands at both ends, so that no engine can cut or extend a number without being noticed.
_HIDDEN = re.compile(r"jinja([xs])(\d{4})\1")
_STATEMENT_COMMENT = re.compile(r"<!--(jinjas\d{4}s)-->")
_OUTLOOK = re.compile(r"<!--\[if [^\]]*\]>(?!<!-->).*?<!\[endif\]-->", re.DOTALL)
# Jinja and Outlook's comments first, which stay; the others with what is in them.
_COMMENT = re.compile(
    r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|<!--\[if[^\]]*\]>(?:<!--(?:>|\s*-->))?|<!--<!\[endif\]-->|<!--(.*?)-->|<\?xml.*?\?>|<!doctype[^>]*>",
    re.DOTALL | re.IGNORECASE,
)
# Other ways to write the `<!-->` behind it, which shows a branch to all but Outlook.
_SHOWN = re.compile(r"(?<=\]>)<!--\s*-->")
_BLANKS = re.compile(r"\s*")
_ONLY_STATEMENTS = re.compile(r"\s*(?:\{%(?:(?!%\}).)*%\}\s*)+", re.DOTALL)
_JINJA = re.compile(r"\{\{\{?.*?\}?\}\}|\{%[-+]?\s*(\w*).*?%\}", re.DOTALL)
_TAG = re.compile(r"<[A-Za-z/][^<>]*>")
_STYLE = re.compile(r"<(mj-style|style)\b.*?</\1>|\sstyle\s*=\s*(\"[^\"]*\"|'[^']*')", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HiddenTemplate:
    """The text without Jinja, and the Jinja that was in it by number, with the place of each in the theme.

    *shifts* are pairs of offsets, in *text* and in the filled theme, ascending: from the first on, up to the next pair,
    both run alike. *problems* are pieces that stand where the engines could not keep them.
    """

    filled: FilledTheme
    text: str
    jinja: tuple[str, ...]
    places: tuple[str, ...]
    shifts: tuple[tuple[int, int], ...]
    problems: tuple[ThemeError, ...]

    def place(self, offset: int) -> str:
        """Return the place in the theme, `folder/name:line:column`, of the character at *offset* of *text*."""
        if not self.shifts:
            return self.filled.place(0)
        start, origin = self.shifts[max(bisect_right(self.shifts, offset, key=lambda shift: shift[0]) - 1, 0)]
        return self.filled.place(origin + offset - start)


def hide(filled: FilledTheme) -> HiddenTemplate:
    """Return *filled* with its news' Jinja hidden, and without comments, be it the news' or MJML's; Outlook's stay.

    Raises ThemeError for what is no Jinja, and for the words and comments that stand for it.
    """
    filled, split, unread = _read(_without_comments(filled))
    pieces: list[str] = []
    jinja: list[str] = []
    places: list[str] = []
    shifts: list[tuple[int, int]] = []
    offset = length = 0
    branches = [branch.span() for branch in _OUTLOOK.finditer(filled.text)]
    for kind, raw in split:
        hidden = "" if kind == "comment" else raw
        if kind == "variable":
            hidden = f"jinjax{len(jinja):04d}x"
        elif kind == "block":
            # Comments do not nest: one inside Outlook's would end it.
            is_inside = any(start < offset < end for start, end in branches)
            hidden = f"jinjas{len(jinja):04d}s" if is_inside else f"<!--jinjas{len(jinja):04d}s-->"
        if kind in {"variable", "block"}:
            jinja.append(raw)
            places.append(filled.place(offset))
        elif word := _HIDDEN.search(hidden):
            raise ThemeError(filled.place(offset + word.start()), f"the word {word[0]} is reserved", "use another")
        pieces.append(hidden)
        shifts.append((length, offset))
        length += len(hidden)
        offset += len(raw)
    hidden_text = "".join(pieces)
    bare = _STATEMENT_COMMENT.sub(r"\1", hidden_text)
    if torn := list(_in_tags(bare, places)):
        # Nothing can be said of the rest while they are there.
        raise together([*unread, *torn])
    problems = _misplaced(bare, places)
    return HiddenTemplate(
        filled, hidden_text, tuple(jinja), tuple(places), tuple(shifts), (*filled.problems, *unread, *problems)
    )


def _read(filled: FilledTheme) -> tuple[FilledTheme, list[tuple[str, str]], list[ThemeError]]:
    """Return *filled* with blanks for what is no Jinja, its pieces as `_split` gives them, and an error for each blank.

    Merge tags of mail services look like Jinja: who brings a template along has to hear of all of them at once.
    """
    try:
        return filled, _split(filled), []
    except jinja2.TemplateSyntaxError:
        text, pieces = foreign.blank_out(filled.text, _JINJA, jinja2.Environment(autoescape=True))
        errors = [ThemeError(filled.place(offset), problem, remedy) for offset, problem, remedy in pieces]
        filled = replace(filled, text=text)
    try:
        return filled, _split(filled), errors
    except jinja2.TemplateSyntaxError as error:
        place = filled.place_of_line(error.lineno)
        last = ThemeError(place, error.message or "syntax error", "mend the Jinja there")
        raise together([*errors, last]) from error


def _without_comments(filled: FilledTheme) -> FilledTheme:
    """Return *filled* with a blank for each sign of a comment, so that all places stay right.

    A comment that holds nothing but statements of the news is taken for those statements: so they are hidden from
    editors of MJML. One with rules of CSS in it, which may stand in a style, loses its ends alone.
    """

    def blank(comment: re.Match[str]) -> str:
        inside, text = comment[1], filled.text
        if inside is None and comment[0].startswith(("{", "<!--")):
            return _SHOWN.sub(lambda written: "<!-->".ljust(len(written[0]), BLANK), comment[0])
        in_style = any(
            text.rfind(f"<{name}", 0, comment.start()) > text.rfind(f"</{name}", 0, comment.start())
            for name in ("mj-style", "style")
        )
        if inside and (_ONLY_STATEMENTS.fullmatch(inside) or (in_style and "{" in inside)):
            return BLANK * 4 + inside + BLANK * 3
        return BLANK * len(comment[0])

    return replace(filled, text=_COMMENT.sub(blank, filled.text))


def keep_in_outlook(html: str) -> str:
    """Return *html* with bare words for the statements inside Outlook's conditional comments."""
    # Comments do not nest in HTML: one in there would end Outlook's branch.
    return _OUTLOOK.sub(lambda branch: _STATEMENT_COMMENT.sub(r"\1", branch[0]), html)


def show(html: str, hidden: HiddenTemplate) -> str:
    """Return *html* with the Jinja put back.

    Raises ThemeError, with the place in the theme, where a piece was lost, a statement doubled or moved, or a piece got
    to where it must not be. An expression may be doubled: MJML writes some attributes
    twice.
    """
    seen = [(kind, int(number)) for kind, number in _HIDDEN.findall(html)]
    statements = [number for kind, number in seen if kind == "s"]
    expected = [number for number, raw in enumerate(hidden.jinja) if raw.startswith("{%")]
    kept = {number for _, number in seen}
    for number, raw in enumerate(hidden.jinja):
        if number not in kept:
            problem = f"`{_in_a_line(raw)}` gets lost in the compiled theme"
            raise ThemeError(hidden.places[number], problem, "MJML allows no Jinja there; move it")
    for number, at in zip(expected, statements, strict=False):
        if number != at:
            raise ThemeError(
                hidden.places[at],
                f"`{_in_a_line(hidden.jinja[at])}` is moved or doubled in the compiled theme",
                "put it around whole elements",
            )
    if len(statements) != len(expected):
        raise ThemeError(
            hidden.places[statements[-1]],
            f"`{_in_a_line(hidden.jinja[statements[-1]])}` is doubled in the compiled theme",
            "put it around whole elements",
        )
    bare = _STATEMENT_COMMENT.sub(r"\1", html)
    # Again, since MJML makes styles of attributes.
    if problems := [*_in_tags(bare, hidden.places), *_misplaced(bare, hidden.places)]:
        raise together(problems)
    return _HIDDEN.sub(lambda word: hidden.jinja[int(word[2])], bare)


def _in_a_line(raw: str) -> str:
    """Return *raw* Jinja for a message, which is a line."""
    return " ".join(raw.split())


class _NotingLexer(Lexer):
    """Keeps what it has read in *tokens*, each with its line, its kind and its raw text."""

    def __init__(self, environment: jinja2.Environment) -> None:
        super().__init__(environment)
        self.tokens: list[tuple[int, str, str]] = []

    def tokeniter(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> Iterator[tuple[int, str, str]]:
        """Return the tokens, and keep them."""
        self.tokens = list(super().tokeniter(source, name, filename, state))
        return iter(self.tokens)


class _Splitting(jinja2.Environment):
    """Parses one template, which proves that it is Jinja; its lexer then has the tokens, so that it reads them once."""

    def __init__(self) -> None:
        super().__init__(keep_trailing_newline=True, autoescape=False)
        self._noting = _NotingLexer(self)

    @property
    def lexer(self) -> _NotingLexer:
        """Return the lexer of this template alone; Jinja's own is shared."""
        return self._noting


def _split(filled: FilledTheme) -> list[tuple[str, str]]:
    """Return the text as Jinja and what lies between, in order: (data | variable | block | comment, raw text).

    All raw texts joined are the text again. Raises TemplateSyntaxError for what is no Jinja, ThemeError for
    `{% raw %}`.
    """
    pieces: list[tuple[str, str]] = []
    kind, start, place = "data", 0, 0
    environment = _Splitting()
    environment.parse(filled.text)
    for line, token, raw in environment.lexer.tokens:
        # Inside it Jinja's own marks are text, which the engines would get to see.
        if token.startswith("raw"):
            raise ThemeError(filled.place_of_line(line), "{% raw %} is not for themes", "write the characters out")
        if kind == "data":
            # The blanks that `{%-` takes away before it are in no token; without them all places behind would be wrong.
            blanks = _BLANKS.match(filled.text, place) if not filled.text.startswith(raw, place) else None
            if blanks:
                pieces.append(("data", blanks[0]))
                place += len(blanks[0])
            kind, start = token.removesuffix("_begin"), place
        place += len(raw)
        if kind == "data" or token.endswith("_end"):
            pieces.append((kind, filled.text[start:place]))
            kind = "data"
    return pieces


def _tags(text: str) -> list[str]:
    """Return the tags of *text* that hidden Jinja may stand in; most have none."""
    return [tag for tag in _TAG.findall(text) if "jinja" in tag]


def _in_tags(text: str, places: Sequence[str]) -> Iterator[ThemeError]:
    """Yield an error for each tag of *text* that a hidden statement stands in. *places* are as in `_misplaced`."""
    for tag in _tags(text):
        if word := next((word for word in _HIDDEN.finditer(tag) if word[1] == "s"), None):
            yield ThemeError(places[int(word[2])], "a {% … %} inside a tag", "put it around the whole element")


def _misplaced(text: str, places: Sequence[str]) -> Iterator[ThemeError]:
    """Yield an error for hidden Jinja in *text* where it could break the mark-up, or let news reach a style sheet.

    An expression may stand in text and in quoted attributes. *places* are those of the pieces in the theme, by number.
    """
    for match in _STYLE.finditer(text):
        for word in _HIDDEN.finditer(match[0]):
            yield ThemeError(places[int(word[2])], "news in a style", "styles come from the theme: write [[ theme.… ]]")
    for tag in _tags(text):
        for word in _HIDDEN.finditer(re.sub(r"\"[^\"]*\"|'[^']*'", "", tag)):
            yield ThemeError(
                places[int(word[2])], "a {{ … }} inside a tag but not inside quotes", 'write attribute="{{ … }}"'
            )
