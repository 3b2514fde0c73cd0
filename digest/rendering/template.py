"""A compiled theme filled by Jinja, and errors traced to the line of the theme.

Article text and catalogues are only ever values here: they are escaped, and never read as a template.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import re
import sys
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup, escape

from digest import cache
from digest.errors import THEME_FAILURES, ThemeError, of_theme
from digest.text import languages, layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from digest.model import CompiledTheme
    from digest.rendering.language import Language
    from digest.rendering.view import View


_REMEDY = "templates/README.md lists what a theme can use"


def html(theme: CompiledTheme, spoken: Language) -> Callable[[View], str]:
    """Return what fills in the HTML. It raises ThemeError, and so does this."""
    try:
        template = compiled_template(for_html(spoken), theme.html)
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
        template = compiled_template(for_text(spoken), theme.text)
        filled = template.render(shown.variables())
    except (jinja2.TemplateError, *THEME_FAILURES) as error:
        raise ThemeError(f"{theme.text_place}{_line(error)}", *of_theme(error, _REMEDY)) from error
    tidy = layout.tidy(filled)
    return layout.marked(layout.plain(tidy), spoken.direction), layout.marked(layout.flat(tidy), spoken.direction)


def _place_of(error: Exception, theme: CompiledTheme) -> str:
    """Find the piece of Jinja that failed: on the failing line, the one that uses the name in the message."""
    line = int(_line(error)[1:] or 0)
    expressions = [(place, raw) for place, raw, first in _by_line(theme) if first <= line <= first + raw.count("\n")]
    names = [word for word in str(error).replace('"', "'").split("'")[1::2] if word.isidentifier()]
    for name in reversed(names):
        for place, raw in expressions:
            if re.search(rf"\b{name}\b", raw):
                return place
    return (expressions or theme.expressions)[0][0]


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


_OPTIMIZED = False
"""Jinja would fold constants; a theme that is filled once takes longer to fold than it saves."""


def for_html(language: Language) -> jinja2.Environment:
    """Return the environment of issue.mjml, compiled: what is printed is escaped."""

    def say(message: str, **names: object) -> Markup:
        return escape(language.catalogue.gettext(message)) % names

    def count(singular: str, many: str, num: int, **names: object) -> Markup:
        return escape(language.catalogue.ngettext(singular, many, num)) % {"num": num, **names}

    def isolated(value: str, tag: str = "") -> str:
        direction = _foreign(value, tag, language)
        if tag:
            return Markup('<span lang="{}" dir="{}">{}</span>').format(tag, direction or language.direction, value)
        return Markup('<span dir="{}">{}</span>').format(direction, value) if direction else value

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, optimized=_OPTIMIZED)
    environment.globals.update({"_": say, "ngettext": count})
    environment.filters["isolated"] = isolated
    return environment


def for_text(language: Language) -> jinja2.Environment:
    """Return the environment of issue.txt, with the filters that lay out lines."""

    def isolated(value: str, tag: str = "") -> str:
        return layout.isolated(value) if _foreign(value, tag, language) else value

    environment = jinja2.Environment(
        autoescape=False,  # noqa: S701 - plain text has nothing to escape
        undefined=jinja2.StrictUndefined,
        optimized=_OPTIMIZED,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update({"_": language.say, "ngettext": language.count})
    environment.filters |= {
        "fill": layout.fill,
        "isolated": isolated,
        "upper": language.upper,
    }
    return environment


def compiled_template(environment: jinja2.Environment, source: str) -> jinja2.Template:
    """Return what `environment.from_string` does, from the code that an earlier run made of it where that is kept.

    To compile the two templates takes a tenth of a build. Raises what Jinja raises.
    """
    name = f"jinja-{_name(environment, source)}.code"
    content = cache.load(name)
    if content:
        code = marshal.loads(content)  # noqa: S302 - as Python's own .pyc: written by this program, for this user alone
    else:
        code = environment.compile(source)
        cache.store(name, marshal.dumps(code))
    return jinja2.Template.from_code(environment, code, environment.make_globals(None))


def _name(environment: jinja2.Environment, source: str) -> str:
    """A hash of all that decides what code Jinja makes."""
    jinja = os.stat(jinja2.__file__)
    features = (sorted(environment.filters), bool(environment.autoescape), environment.trim_blocks, _OPTIMIZED)
    about = repr((sys.version, jinja2.__file__, jinja.st_mtime_ns, jinja.st_size, features))
    return hashlib.sha256(f"{about}\n{source}".encode("utf-8", "surrogatepass")).hexdigest()


def _foreign(value: str, tag: str, language: Language) -> str:
    """Return the direction of *value*, by its language or its first letter; empty where it is the letter's own."""
    direction = languages.direction(tag) if tag else layout.strong(value)
    return direction if direction != language.direction else ""
