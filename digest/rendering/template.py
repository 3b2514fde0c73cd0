"""A compiled theme filled in by Jinja, and errors traced to the line of the theme's source.

Three environments: one for the HTML, where whatever is printed is escaped; one for the plain text, with filters that
lay out lines; and one for the fragment, where signs that a service would act on are escaped, too. Article text and
catalogues are only ever values here, and never read as a template. The code that Jinja makes of a theme is kept between
runs.
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
from digest.errors import THEME_FAILURES, ThemeError, of_theme, together
from digest.rendering import view
from digest.text import languages, layout, references

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jinja2 import nodes
    from jinja2.compiler import Frame

    from digest.model import CompiledTheme
    from digest.rendering.language import Language
    from digest.rendering.view import View


_REMEDY = "templates/README.md lists what a theme can use"


def html(theme: CompiledTheme, spoken: Language) -> Callable[[View], str]:
    """Return a function that fills in the HTML of a view; *spoken* is the letter's language.

    Both raise ThemeError with the place in the theme's source: this for Jinja that cannot be compiled, the function for
    a variable that there is not.
    """
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


def prove(theme: CompiledTheme, spoken: Language) -> None:
    """Raise ThemeError, with each place, for Jinja of the theme that cannot be compiled and words that there are not.

    In the HTML, the text and the fragment, without an issue: what a word's value lacks shows when an issue is rendered.
    """
    html(theme, spoken)
    try:
        compiled_template(for_text(spoken), theme.text)
    except (jinja2.TemplateError, *THEME_FAILURES) as error:
        raise ThemeError(f"{theme.text_place}{_line(error)}", *of_theme(error, _REMEDY)) from error
    try:
        compiled_template(for_fragment(spoken), theme.fragment)
    except (jinja2.TemplateError, *THEME_FAILURES) as error:
        raise ThemeError(_place_in_fragment(error, theme), *of_theme(error, _REMEDY)) from error
    missing = [
        ThemeError(place, f"{name!r} is undefined", _REMEDY)
        for name, line in _missing(for_html(spoken), theme.html)
        for place, raw in _on_line(theme, line)
        if re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", raw)
    ]
    missing += [
        ThemeError(f"{theme.text_place}:{line}", f"{name!r} is undefined", _REMEDY)
        for name, line in _missing(for_text(spoken), theme.text)
    ]
    missing += [
        ThemeError(theme.fragment_places[line - 1], f"{name!r} is undefined", _REMEDY)
        for name, line in _missing(for_fragment(spoken), theme.fragment)
    ]
    if missing:
        raise together(missing)


def _missing(environment: jinja2.Environment, template: str) -> list[tuple[str, int]]:
    """Return each variable of *template* that no issue has, with the line that it stands in, in their order.

    A variable of a loop is one inside of the loop, and none behind it. One that is set in a branch is one, too: whether
    the template comes by there is for an issue to show.
    """
    from jinja2 import idtracking, meta  # noqa: PLC0415 - only for a theme that is judged

    def is_set(name: str, symbols: idtracking.Symbols | None) -> bool:
        return symbols is not None and (name in symbols.stores or is_set(name, symbols.parent))

    class Tracking(meta.TrackingCodeGenerator):
        def visit_Name(self, node: nodes.Name, frame: Frame) -> None:  # noqa: N802 - Jinja's name for it
            load = frame.symbols.find_load(frame.symbols.ref(node.name)) if node.ctx == "load" else None
            # Looked up in what the template is given.
            is_asked_for = load is not None and load[0] == idtracking.VAR_LOAD_RESOLVE
            if is_asked_for and node.name not in given and not is_set(node.name, frame.symbols):
                missing.append((node.name, node.lineno))
            super().visit_Name(node, frame)

    missing: list[tuple[str, int]] = []
    given = view.NAMES | set(environment.globals)
    Tracking(environment).visit(environment.parse(template))
    return sorted(dict.fromkeys(missing), key=lambda pair: pair[1])


def text(theme: CompiledTheme, spoken: Language, shown: View, longest_address: int | None = None) -> tuple[str, str]:
    """Return the plain text in lines of its own, and the same with soft line ends for `format=flowed` (RFC 3676).

    Addresses of more than *longest_address* characters are numbers, with a list of them at its end; None is no such
    list. Raises ThemeError with the line of issue.txt.
    """
    try:
        template = compiled_template(for_text(spoken), theme.text)
        filled = template.render(shown.variables())
    except (jinja2.TemplateError, *THEME_FAILURES) as error:
        raise ThemeError(f"{theme.text_place}{_line(error)}", *of_theme(error, _REMEDY)) from error
    return finished(filled, spoken, shown, longest_address)


def finished(filled: str, spoken: Language, shown: View, longest_address: int | None) -> tuple[str, str]:
    """Return what `text` returns of *filled*, which is the theme's text with *shown* in it."""
    tidy = layout.tidy(filled)
    if longest_address is not None:
        # These two are filled in for each reader, by whoever sends the letter, where they stand.
        kept = (shown.web_url, shown.unsubscribe_url)
        tidy = references.numbered(tidy, longest_address, kept=kept, heading=spoken.upper(spoken.say("Links")))
    return layout.marked(layout.plain(tidy), spoken.direction), layout.marked(layout.flat(tidy), spoken.direction)


def fragment(theme: CompiledTheme, spoken: Language, shown: View) -> str:
    """Return the HTML without a frame, without empty lines and without white space at the ends of lines.

    Raises ThemeError with the line of fragment.html.
    """
    try:
        filled = compiled_template(for_fragment(spoken), theme.fragment).render(shown.variables())
    except (jinja2.TemplateError, *THEME_FAILURES) as error:
        raise ThemeError(_place_in_fragment(error, theme), *of_theme(error, _REMEDY)) from error
    return "".join(f"{line.strip()}\n" for line in filled.split("\n") if line.strip())


def _place_in_fragment(error: Exception, theme: CompiledTheme) -> str:
    line = int(_line(error)[1:] or 1)
    return theme.fragment_places[min(line, len(theme.fragment_places)) - 1]


def _place_of(error: Exception, theme: CompiledTheme) -> str:
    """Return the place in the theme's source of the piece of Jinja that failed.

    That is, on the failing line of the compiled theme, the piece that uses a name in the message; else the first on
    that line; else the first of all.
    """
    line = int(_line(error)[1:] or 0)
    expressions = _on_line(theme, line)
    names = [word for word in str(error).replace('"', "'").split("'")[1::2] if word.isidentifier()]
    # Jinja's message quotes the object before the attribute that it lacks, and the latter is what the theme wrote.
    for name in reversed(names):
        for place, raw in expressions:
            if re.search(rf"\b{name}\b", raw):
                return place
    return (expressions or theme.expressions)[0][0]


def _on_line(theme: CompiledTheme, line: int) -> list[tuple[str, str]]:
    """Return the pieces of Jinja on that line of the compiled theme, each with its place in the source."""
    return [(place, raw) for place, raw, first in _by_line(theme) if first <= line <= first + raw.count("\n")]


def _by_line(theme: CompiledTheme) -> Iterator[tuple[str, str, int]]:
    """Yield each piece of Jinja of the compiled theme with its place in the source and its line in the compiled one.

    Pieces are looked for in order, each behind the one before, since the same expression stands in several places; one
    that MJML wrote before others, as it does with attributes, is looked for from the start.
    """
    offset, line = 0, 1
    for place, raw in theme.expressions:
        at = theme.html.find(raw, offset)
        if at >= 0:
            line += theme.html.count("\n", offset, at)
            yield place, raw, line
            line += raw.count("\n")
            offset = at + len(raw)
        else:
            yield place, raw, theme.html.count("\n", 0, theme.html.find(raw)) + 1


def _line(error: Exception) -> str:
    """Return `:line` of the template that *error* is about; empty where no template is in its traceback."""
    # A syntax error has its line; one while filling in has a frame of the template, the innermost of which counts.
    line = getattr(error, "lineno", None)
    trace = error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return f":{line}" if line else ""


# Jinja would fold constants; a theme that is filled once takes longer to fold than it saves.
_OPTIMIZED = False


def for_html(language: Language) -> jinja2.Environment:
    """Return the environment in which the HTML is filled in: everything that is printed is escaped.

    A variable that there is not is an error, never an empty string. `_` and `ngettext` translate, `isolated` wraps a
    value that runs in the other direction in an element with its own; of one with elements in it, *by* are the words
    that decide.
    """

    # A catalogue is a translator's file: it is text, and the names filled in are escaped by Markup's own `%`.
    def say(message: str, **names: object) -> Markup:
        return escape(language.catalogue.gettext(message)) % names

    def count(singular: str, many: str, num: int, **names: object) -> Markup:
        return escape(language.catalogue.ngettext(singular, many, num)) % {"num": num, **names}

    def isolated(value: str, tag: str = "", by: str = "") -> str:
        direction = _foreign(by or value, tag, language)
        if tag:
            return Markup('<span lang="{}" dir="{}">{}</span>').format(tag, direction or language.direction, value)
        return Markup('<span dir="{}">{}</span>').format(direction, value) if direction else value

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, optimized=_OPTIMIZED)
    environment.globals.update({"_": say, "ngettext": count})
    environment.filters["isolated"] = isolated
    return environment


# What opens a tag in Liquid (Kit), Handlebars and Mailchimp, and a shortcode in WordPress: no template language decodes
# a character reference, and every browser does.
_ACTED_ON = str.maketrans({"{": "&#123;", "}": "&#125;", "[": "&#91;", "]": "&#93;", "|": "&#124;"})


def for_fragment(language: Language) -> jinja2.Environment:
    """Return the environment of fragment.html: that of the HTML, but that no value acts on a service that gets it."""

    def harmless(value: object) -> Markup:
        # Macros have lines of their own; a line break in a value would be one in a paragraph.
        escaped = escape(value) if isinstance(value, Markup) else escape(value).replace("\n", " ")
        # What the theme itself has written passes by here only as the result of a macro.
        return Markup(escaped.translate(_ACTED_ON))  # noqa: S704 - escaped above

    return for_html(language).overlay(finalize=harmless, trim_blocks=True, lstrip_blocks=True)


def for_text(language: Language) -> jinja2.Environment:
    """Return the environment of issue.txt, with the filters that lay out lines: `fill`, `isolated` and `upper`.

    Nothing is escaped; a variable that there is not is an error here, too.
    """

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

    To compile the two templates takes a tenth of a build. What is kept is found by a hash of all that decides the code
    (`_name`), so it cannot be out of step. Raises what Jinja raises.
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
    """Return a hash of all that decides what code Jinja makes: the template, the environment, Jinja and Python.

    Python's version is in it because `marshal` has no format of its own from version to version.
    """
    jinja = os.stat(jinja2.__file__)
    switches = (bool(environment.autoescape), environment.trim_blocks, bool(environment.finalize), _OPTIMIZED)
    features = (sorted(environment.filters), *switches)
    about = repr((sys.version, jinja2.__file__, jinja.st_mtime_ns, jinja.st_size, features))
    return hashlib.sha256(f"{about}\n{source}".encode("utf-8", "surrogatepass")).hexdigest()


def _foreign(value: str, tag: str, language: Language) -> str:
    """Return the direction of *value*, by its language *tag* or its first letter; empty where it is the letter's own.

    So isolates stand only around words that run the other way, and a letter in one direction carries none.
    """
    direction = languages.direction(tag) if tag else layout.strong(value)
    return direction if direction != language.direction else ""
