"""The steps from a theme's source to a compiled theme, in order. Knows the engines by their wrappers only."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from digest.model import CompiledTheme
from digest.theme import hide, inline, mend, mjml, palette, source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.theme.source import Files

_RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_INLINE = re.compile(r"<mj-style\s+inline=[\"']inline[\"']\s*>(.*?)</mj-style>", re.DOTALL)


def compile_theme(files: Files, tokens: Mapping[str, str], *, language: str) -> CompiledTheme:
    """Return the compiled theme. Raises ThemeError with file, line and column of the source."""
    filled = source.fill(files, palette.complete(tokens), language=language, direction=direction(language))
    hidden = hide.hide(filled)
    text, rules = without_inline_styles(hidden.text)
    html = mend.mend(mjml.to_html(hidden, text))
    html = html.replace("direction:ltr", f"direction:{direction(language)}")  # MRML knows no other
    html = inline.inline(hide.keep_in_outlook(html), rules)
    template = hide.show(mend.finish(html), hidden)
    twin = files.contents[source.TEXT]
    return CompiledTheme(
        html=template,
        text=twin,
        text_place=files.place(source.TEXT),
        expressions=tuple(zip(hidden.places, hidden.jinja, strict=True)),
        digest=hashlib.sha256(f"{template}\0{twin}".encode()).hexdigest(),
    )


def without_inline_styles(text: str) -> tuple[str, str]:
    """Return *text* without its inline styles, and these: MRML would keep them as common ones, so premailer gets them.

    Blanks keep every offset in place.
    """
    return _INLINE.sub(lambda style: " " * len(style[0]), text), "\n".join(_INLINE.findall(text))


def direction(language: str) -> str:
    """Return the writing direction of *language*: ltr or rtl."""
    return "rtl" if language.split("-", maxsplit=1)[0] in _RIGHT_TO_LEFT else "ltr"
