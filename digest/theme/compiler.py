"""The steps from a theme's source to a compiled theme, in order. Knows the engines by their wrappers only."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from digest import languages
from digest.model import CompiledTheme
from digest.theme import hide, inline, mend, mjml, palette, source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.theme.source import Files

_INLINE = re.compile(r"<mj-style\s+inline=[\"']inline[\"']\s*>(.*?)</mj-style>", re.DOTALL)


def compile_theme(files: Files, tokens: Mapping[str, str], *, language: str) -> CompiledTheme:
    """Return the compiled theme. Raises ThemeError with file, line and column of the source."""
    filled = source.fill(files, palette.complete(tokens), language=language, direction=languages.direction(language))
    hidden = hide.hide(filled)
    text, rules = without_inline_styles(hidden.text)
    html = mend.mend(mjml.to_html(hidden, text))
    html = in_direction(html, languages.direction(language))
    html = inline.inline(hide.keep_in_outlook(html), rules)
    template = hide.show(mend.finish(html), hidden)
    twin = files.contents[source.TEXT]
    catalogues = tuple((files.place(name), text) for name, text in files.contents.items() if name.endswith(".po"))
    return CompiledTheme(
        html=template,
        text=twin,
        text_place=files.place(source.TEXT),
        expressions=tuple(zip(hidden.places, hidden.jinja, strict=True)),
        digest=hashlib.sha256("\0".join([template, twin, *(text for _, text in catalogues)]).encode()).hexdigest(),
        catalogues=catalogues,
    )


def without_inline_styles(text: str) -> tuple[str, str]:
    """Return *text* without its inline styles, and these: MRML would keep them as common ones, so premailer gets them.

    Blanks keep every offset in place.
    """
    return _INLINE.sub(lambda style: " " * len(style[0]), text), "\n".join(_INLINE.findall(text))


def in_direction(html: str, direction: str) -> str:
    """Return *html* written in *direction*: MJML knows no other than ltr in its own cells."""
    if direction == "rtl":
        html = html.replace("text-align:left;direction:ltr", "text-align:right;direction:rtl")
        html = html.replace("direction:ltr", "direction:rtl")
    return html
