"""The steps from a theme's source to a compiled theme, in order. Knows the engines by their wrappers only."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from digest.model import CompiledTheme
from digest.theme import hide, inline, mend, mjml, source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.theme.source import Files

_RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_INLINE = re.compile(r"<mj-style\s+inline=[\"']inline[\"']\s*>(.*?)</mj-style>", re.DOTALL)


def compile_theme(files: Files, tokens: Mapping[str, str], *, language: str) -> CompiledTheme:
    """Return the compiled theme. Raises ThemeError with file, line and column of the source."""
    filled = source.fill(files, tokens, language=language, direction=direction(language))
    hidden = hide.hide(filled)
    # MRML keeps inline styles as common ones, so premailer gets them from here. Blanks keep every offset in place.
    rules = "\n".join(_INLINE.findall(hidden.text))
    text = _INLINE.sub(lambda style: " " * len(style[0]), hidden.text)
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


def direction(language: str) -> str:
    """Return the writing direction of *language*: ltr or rtl."""
    return "rtl" if language.split("-", maxsplit=1)[0] in _RIGHT_TO_LEFT else "ltr"
