"""The Jinja in which a theme is filled in, for HTML and for plain text. Knows how to escape, not what a letter says.

Article text and catalogues are only ever values here: they are escaped, and never read as a template.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup, escape

from digest import kept, languages
from digest.rendering import bidi, words

if TYPE_CHECKING:
    from digest.rendering.language import Language

_OPTIMIZED = False
"""Jinja would fold constants; a theme that is filled once takes longer to fold than it saves."""


def for_html(language: Language) -> jinja2.Environment:
    """Return the environment of issue.mjml, compiled: what is printed is escaped."""

    def say(message: str, **names: object) -> Markup:
        return escape(language.catalogue.gettext(message)) % names

    def count(one: str, many: str, num: int, **names: object) -> Markup:
        return escape(language.catalogue.ngettext(one, many, num)) % {"num": num, **names}

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
        return bidi.isolated(value) if _foreign(value, tag, language) else value

    environment = jinja2.Environment(
        autoescape=False,  # noqa: S701 - plain text has nothing to escape
        undefined=jinja2.StrictUndefined,
        optimized=_OPTIMIZED,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update({"_": language.say, "ngettext": language.count})
    environment.filters |= {
        "fill": words.fill,
        "isolated": isolated,
        "upper": language.upper,
    }
    return environment


def template(environment: jinja2.Environment, source: str) -> jinja2.Template:
    """Return what `environment.from_string` does, from the code that an earlier run made of it where that is kept.

    To compile the two templates takes a tenth of a build. Raises what Jinja raises.
    """
    name = f"jinja-{_name(environment, source)}.code"
    content = kept.load(name)
    if content:
        code = marshal.loads(content)  # noqa: S302 - as Python's own .pyc: written by this program, for this user alone
    else:
        code = environment.compile(source)
        kept.store(name, marshal.dumps(code))
    return jinja2.Template.from_code(environment, code, environment.make_globals(None))


def _name(environment: jinja2.Environment, source: str) -> str:
    """A hash of all that decides what code Jinja makes."""
    jinja = os.stat(jinja2.__file__)
    known = (sorted(environment.filters), bool(environment.autoescape), environment.trim_blocks, _OPTIMIZED)
    about = repr((sys.version, jinja2.__file__, jinja.st_mtime_ns, jinja.st_size, known))
    return hashlib.sha256(f"{about}\n{source}".encode("utf-8", "surrogatepass")).hexdigest()


def _foreign(value: str, tag: str, language: Language) -> str:
    """Return the direction of *value*, by its language or its first letter; empty where it is the letter's own."""
    direction = languages.direction(tag) if tag else bidi.strong(value)
    return direction if direction != language.direction else ""
