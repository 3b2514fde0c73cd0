"""A theme's source to a compiled theme: MJML to HTML, styles inlined, MRML's faults mended.

The options are each there for a measured reason: by default premailer goes to the network, strips `!important` from
the styles it keeps (dark mode dies) and writes sizes and alignment a second time as attributes.

The input is MRML's output alone, which is regular; this is no general HTML tool.
"""

from __future__ import annotations

import hashlib
import logging
import re
from typing import TYPE_CHECKING

from digest.model import CompiledTheme
from digest.text import languages
from digest.theme import mjml, palette, placeholders, source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.theme.source import ThemeFiles


_INLINE = re.compile(r"<mj-style\s+inline=[\"']inline[\"']\s*>(.*?)</mj-style>", re.DOTALL)


def compile_theme(files: ThemeFiles, tokens: Mapping[str, str], *, language: str) -> CompiledTheme:
    """Return the compiled theme. Raises ThemeError with file, line and column of the source."""
    filled = source.fill(files, palette.complete(tokens), language=language, direction=languages.direction(language))
    hidden = placeholders.hide(filled)
    text, rules = without_inline_styles(hidden.text)
    html = mend(mjml.to_html(hidden, text))
    html = in_direction(html, languages.direction(language))
    html = inline(placeholders.keep_in_outlook(html), rules)
    template = placeholders.show(finish(html), hidden)
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


def inline(html: str, rules: str) -> str:
    """Return *html* with the CSS *rules* inlined; only style elements marked `data-premailer="ignore"` are kept."""
    import cssutils  # noqa: PLC0415 - slow to import; only a theme that changed needs it
    import premailer  # noqa: PLC0415 - likewise

    cssutils.log.setLevel(logging.CRITICAL)  # it warns of every property newer than CSS 2.1
    return str(
        premailer.Premailer(
            html,
            css_text=rules,
            keep_style_tags=False,
            strip_important=False,
            disable_validation=True,
            allow_network=False,
            allow_loading_external_files=False,
            align_floating_images=False,
            include_star_selectors=False,
            disable_basic_attributes=["width", "height", "align", "valign", "bgcolor"],
        ).transform()
    )


_TABLE = re.compile(r"<table(?![^>]*\brole=)")
_IMAGE = re.compile(r"(<img\b[^>]*?)\s+height=\"auto\"")
_CELL = re.compile(r"(<td\b[^>]*?)\s+vertical-align=\"[^\"]*\"")
_LABEL = re.compile(r"\s+aria-label=\"[^\"]*\"\s+aria-roledescription=\"email\"")


def mend(html: str) -> str:
    """Return *html* valid, and with nothing that makes a screen reader or an engine stumble."""
    html = html.replace("<!doctype html>", "<!DOCTYPE html>", 1)  # premailer drops the lower-case one: quirks mode
    html = _TABLE.sub('<table role="presentation"', html)  # screen readers announce any other as data
    html = _IMAGE.sub(r"\1", html)  # invalid; the style says the same
    html = _CELL.sub(r"\1", html)  # invalid; valign says the same
    html = _LABEL.sub("", html)  # the title again, read aloud before the first word
    return html.replace("<style", '<style data-premailer="ignore"')  # they refine by media query and class


def finish(html: str) -> str:
    """Return premailer's output without what only the tools needed."""
    html = html.replace(' data-premailer="ignore"', "")
    html = re.sub(r"<p style=\"([^\"]*)\"></p>", r'<div style="\1"></div>', html)  # a divider is no empty paragraph
    return re.sub(r"\n{2,}", "\n", html)
