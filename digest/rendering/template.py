"""A compiled theme filled in with a View, and where in the theme it went wrong. Knows Jinja, not what a letter says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import jinja2

from digest.errors import THEME_FAILURES, ThemeError, of_theme
from digest.rendering import bidi, environment, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from digest.model import CompiledTheme
    from digest.rendering.language import Language
    from digest.rendering.view import View

_REMEDY = "templates/README.md lists what a theme can use"


def html(theme: CompiledTheme, spoken: Language) -> Callable[[View], str]:
    """Return what fills in the HTML. It raises ThemeError, and so does this."""
    try:
        template = environment.template(environment.for_html(spoken), theme.html)
    except (jinja2.TemplateError, *THEME_FAILURES) as error:
        raise ThemeError(_place_of(error, theme), *of_theme(error, _REMEDY)) from error

    def fill(shown: View) -> str:
        try:
            return template.render(shown.variables())
        except (jinja2.TemplateError, *THEME_FAILURES) as error:
            raise ThemeError(_place_of(error, theme), *of_theme(error, _REMEDY)) from error

    return fill


def text(theme: CompiledTheme, spoken: Language, shown: View) -> tuple[str, str]:
    """Return the plain text, and the same to be filled anew by who can. Raises ThemeError."""
    try:
        template = environment.template(environment.for_text(spoken), theme.text)
        filled = template.render(shown.variables())
    except (jinja2.TemplateError, *THEME_FAILURES) as error:
        raise ThemeError(f"{theme.text_place}{_line(error)}", *of_theme(error, _REMEDY)) from error
    tidy = words.tidy(filled)
    return bidi.marked(words.plain(tidy), spoken.direction), bidi.marked(words.flat(tidy), spoken.direction)


def _place_of(error: Exception, theme: CompiledTheme) -> str:
    """Find the piece of Jinja that failed: on the failing line, the one that uses the name in the message."""
    line = int(_line(error)[1:] or 0)
    here = [(place, raw) for place, raw, first in _by_line(theme) if first <= line <= first + raw.count("\n")]
    names = [word for word in str(error).replace('"', "'").split("'")[1::2] if word.isidentifier()]
    for name in reversed(names):
        for place, raw in here:
            if re.search(rf"\b{name}\b", raw):
                return place
    return (here or theme.expressions)[0][0]


def _by_line(theme: CompiledTheme) -> Iterator[tuple[str, str, int]]:
    """Yield each piece of Jinja of the compiled theme with its place in the source and its line in the compiled one."""
    offset, line = 0, 1
    for place, raw in theme.expressions:
        at = theme.html.find(raw, offset)
        if at >= 0:
            line += theme.html.count("\n", offset, at)
            yield place, raw, line
            line += raw.count("\n")
            offset = at + len(raw)


def _line(error: Exception) -> str:
    line = getattr(error, "lineno", None)
    trace = error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return f":{line}" if line else ""
