"""A theme's folder to a compiled theme: two plain Jinja templates, one for the HTML, one for the text.

    issue.mjml + partials + theme.yaml
       │ source    fill in the theme's own [[ ]] and [% %], remembering each line's file
       │ hide      each {{ … }} becomes an opaque word, each {% … %} an opaque comment (placeholders)
       │ read      into a tree, and every problem with its place (markup, vocabulary)
       │ before    what MRML would do otherwise than MJML is written as it takes it (fidelity)
       │ write     MJML without the HTML in it, which is kept aside (markup)
       │ MRML      makes responsive HTML of it (compiler)
       │ after     the HTML is back; what MRML gets wrong is mended (fidelity)
       │ inline    premailer moves styles into the elements (compiler)
       ▼ hide      the Jinja is put back, and proves itself complete
    CompiledTheme, cached by the content of all of this

MRML and premailer run when the theme changes, not when the news does: a build is 60 times as fast, and article text
never meets a parser that was measured to hang, abort or rewrite it. A normal build imports neither.

Decisions: docs/decisions/letters.md.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from digest.theme import cache, source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.model import CompiledTheme


def load(folder: str, tokens: Mapping[str, str], *, language: str) -> CompiledTheme:
    """Return the theme of *folder*, compiled with *tokens* over its own; from a cache if it was compiled before.

    *tokens* are `theme:` of the settings, by name; *language* is the letter's tag (BCP 47), which decides its writing
    direction. The same arguments give the same theme, cached or not. Raises ThemeError with the theme's file and line.
    """
    files = source.read(folder)
    chosen = source.tokens(files, tokens)
    key = cache.key(files, chosen, language)
    # What came with the program first: a stranger's first build then needs no compiler, and no cache of their own.
    compiled = cache.shipped(key, folder) or cache.load(key, folder)
    if compiled is None:
        from digest.theme import compiler  # noqa: PLC0415 - imports MRML, lxml and cssutils: 15 times a Python start

        compiled = compiler.compile_theme(files, chosen, language=language)
        cache.store(key, compiled, folder)
    return compiled


def notes(folder: str, tokens: Mapping[str, str], *, language: str) -> tuple[str, ...]:
    """Return a line for each thing in the theme of *folder* that does nothing, such as a class that there is not.

    Raises ThemeError as `load` does, for every problem of the theme.
    """
    from digest.theme import compiler  # noqa: PLC0415 - as above

    files = source.read(folder)
    return tuple(map(str, compiler.notes(files, source.tokens(files, tokens), language=language)))


def ship(folder: str, into: str) -> str:
    """Compile the theme of *folder* as it is without any settings, to come with the program; return the file written.

    *into* is a folder that exists. The same theme and engines give the same bytes, wherever they stand. Raises
    ThemeError where the theme cannot be compiled, OSError where the file cannot be written.
    """
    from digest.theme import compiler  # noqa: PLC0415 - as above

    files = source.read(folder)
    own = source.tokens(files, {})
    # Without its folder, so that a wheel has the same bytes whichever machine made it.
    compiled = compiler.compile_theme(replace(files, folder=""), own, language="en")
    return cache.ship(cache.key(files, own, "en"), compiled, into)
