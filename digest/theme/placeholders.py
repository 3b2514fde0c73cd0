"""Hides the news' Jinja from the engines, and puts it back when they are done.

`{{ … }}` becomes an opaque word (it may stand in text and in attributes), `{% … %}` an opaque comment (it may stand
between elements and in text). The engines keep both as they are, and know nothing of Jinja.

Putting back is a proof: every expression is there, every statement exactly once and in order; else the theme asked an
engine for something it cannot keep, and the error names the line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.errors import ThemeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.theme.source import FilledTheme

# The letter stands at both ends, so that no engine can cut or extend a number without being noticed.
_HIDDEN = re.compile(r"jinja([xs])(\d{4})\1")
_STATEMENT_COMMENT = re.compile(r"<!--(jinjas\d{4}s)-->")
_OUTLOOK = re.compile(r"<!--\[if [^\]]*\]>(?!<!-->).*?<!\[endif\]-->", re.DOTALL)
_TAG = re.compile(r"<[A-Za-z/][^<>]*>")
_STYLE = re.compile(r"<(mj-style|style)\b.*?</\1>|\sstyle\s*=\s*(\"[^\"]*\"|'[^']*')", re.DOTALL)


@dataclass(frozen=True, slots=True)
class HiddenTemplate:
    """The text without Jinja, and the Jinja that was in it by number, with the place of each in the theme.

    *shifts* are pairs of offsets, in *text* and in the filled theme, ascending: from the first on, up to the next pair,
    both run alike.
    """

    filled: FilledTheme
    text: str
    jinja: tuple[str, ...]
    places: tuple[str, ...]
    shifts: tuple[tuple[int, int], ...]

    def place(self, offset: int) -> str:
        """Return the place in the theme, `folder/name:line:column`, of the character at *offset* of *text*."""
        if not self.shifts:
            return self.filled.place(0)
        start, origin = self.shifts[max(bisect_right(self.shifts, offset, key=lambda shift: shift[0]) - 1, 0)]
        return self.filled.place(origin + offset - start)


def hide(filled: FilledTheme) -> HiddenTemplate:
    """Return *filled* with its news' Jinja hidden.

    Raises ThemeError for Jinja where the engines could not keep it (inside a tag, in a style) or that is no Jinja, and
    for the words and comments that stand for it. Jinja's own comments are dropped.
    """
    pieces: list[str] = []
    jinja: list[str] = []
    places: list[str] = []
    shifts: list[tuple[int, int]] = []
    offset = length = 0
    for kind, raw in _split(filled):
        number = f"{len(jinja):04d}"
        hidden = {"data": raw, "comment": "", "variable": f"jinjax{number}x", "block": f"<!--jinjas{number}s-->"}[kind]
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
    _refuse(_STATEMENT_COMMENT.sub(r"\1", hidden_text), places)
    return HiddenTemplate(filled, hidden_text, tuple(jinja), tuple(places), tuple(shifts))


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
            raise ThemeError(
                hidden.places[number], f"`{raw}` gets lost in the compiled theme", "MJML allows no Jinja there; move it"
            )
    for number, at in zip(expected, statements, strict=False):
        if number != at:
            raise ThemeError(
                hidden.places[at],
                f"`{hidden.jinja[at]}` is moved or doubled in the compiled theme",
                "put it around whole elements",
            )
    if len(statements) != len(expected):
        raise ThemeError(
            hidden.places[statements[-1]],
            f"`{hidden.jinja[statements[-1]]}` is doubled in the compiled theme",
            "put it around whole elements",
        )
    bare = _STATEMENT_COMMENT.sub(r"\1", html)
    # Again, since MJML makes styles of attributes.
    _refuse(bare, hidden.places)
    return _HIDDEN.sub(lambda word: hidden.jinja[int(word[2])], bare)


def _split(filled: FilledTheme) -> list[tuple[str, str]]:
    """Return the text as Jinja and what lies between, in order: (data | variable | block | comment, raw text).

    All raw texts joined are the text again. Raises ThemeError for what is no Jinja, and for `{% raw %}`.
    """
    import jinja2  # noqa: PLC0415 - only a theme that changed is compiled

    pieces: list[tuple[str, str]] = []
    kind = "data"
    environment = jinja2.Environment(keep_trailing_newline=True)  # noqa: S701 - it only splits; nothing is rendered
    try:
        environment.parse(filled.text)
        tokens = list(environment.lex(filled.text))
    except jinja2.TemplateSyntaxError as error:
        raise ThemeError(
            filled.place_of_line(error.lineno), error.message or "syntax error", "mend the Jinja there"
        ) from error
    for line, token, raw in tokens:
        # Inside it Jinja's own marks are text, which the engines would get to see.
        if token.startswith("raw"):
            raise ThemeError(filled.place_of_line(line), "{% raw %} is not for themes", "write the characters out")
        if token.endswith("_begin"):
            kind = token.removesuffix("_begin")
            pieces.append((kind, raw))
        elif kind == "data":
            pieces.append(("data", raw))
        else:
            pieces[-1] = (kind, pieces[-1][1] + raw)
        if token.endswith("_end"):
            kind = "data"
    return pieces


def _refuse(text: str, places: Sequence[str]) -> None:
    """Raise ThemeError for hidden Jinja in *text* where it could break the mark-up, or let news reach a style sheet.

    An expression may stand in text and in quoted attributes, a statement between elements and in text. *places* are
    those of the pieces in the theme, by number.
    """
    for match in _STYLE.finditer(text):
        for word in _HIDDEN.finditer(match[0]):
            raise ThemeError(places[int(word[2])], "news in a style", "styles come from the theme: write [[ theme.… ]]")
    for match in _TAG.finditer(text):
        bare = re.sub(r"\"[^\"]*\"|'[^']*'", "", match[0])
        for word in _HIDDEN.finditer(match[0]):
            if word[1] == "s":
                raise ThemeError(places[int(word[2])], "a {% … %} inside a tag", "put it around the whole element")
        for word in _HIDDEN.finditer(bare):
            raise ThemeError(
                places[int(word[2])], "a {{ … }} inside a tag but not inside quotes", 'write attribute="{{ … }}"'
            )
