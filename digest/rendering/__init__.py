"""Issue and compiled theme to a Message. Knows Jinja and the words of the letter, not MJML and not where files go.

    Issue ─▶ view ─▶ the compiled theme's HTML template ─▶ Message.html
                └──▶ its text template ─────────────────▶ Message.text

Article text is only ever a value here: it is escaped, and never read as a template.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.errors import ThemeError
from digest.model import Message
from digest.rendering import bidi, language, view, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.model import CompiledTheme, Issue, Newsletter
    from digest.rendering.language import Language
    from digest.rendering.view import View

_FAILURES = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError)
"""What the expressions of a theme can raise beside Jinja's own errors."""

_REMEDY = "templates/README.md lists what a theme can use"


def render(issue: Issue, newsletter: Newsletter, theme: CompiledTheme) -> Message:
    """Return the message of *issue*. The same arguments give the same bytes. Raises ThemeError with its place."""
    spoken = language.load(newsletter.language, dict(theme.catalogues))
    shown = view.of(issue, newsletter, spoken)
    return Message(
        subject=shown.subject,
        preheader=shown.preheader,
        html=_html(theme, shown, spoken),
        text=_text(theme, shown, spoken),
        notes=(spoken.note,) if spoken.note else (),
    )


def _html(theme: CompiledTheme, shown: View, spoken: Language) -> str:
    import jinja2  # noqa: PLC0415 - not needed to say what is wrong with the settings

    from digest.rendering import environment  # noqa: PLC0415 - imports Jinja

    try:
        return environment.for_html(spoken).from_string(theme.html).render(shown.variables())
    except (jinja2.TemplateError, *_FAILURES) as error:
        raise ThemeError(_place_of(error, theme), _words(error), _REMEDY) from error


def _text(theme: CompiledTheme, shown: View, spoken: Language) -> str:
    import jinja2  # noqa: PLC0415 - see _html

    from digest.rendering import environment  # noqa: PLC0415 - see _html

    try:
        text = environment.for_text(spoken).from_string(theme.text).render(shown.variables())
    except (jinja2.TemplateError, *_FAILURES) as error:
        raise ThemeError(f"{theme.text_place}{_line(error)}", _words(error), _REMEDY) from error
    return bidi.marked(words.tidy(text), spoken.direction)


def _words(error: Exception) -> str:
    return str(getattr(error, "message", None) or error)


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
