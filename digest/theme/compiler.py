"""A theme's source to a compiled theme: MJML to HTML, styles inlined, MRML's faults mended.

Each step is a function from text to text; the order matters, and `compile_theme` has it.

The regular expressions here read MRML's output alone, which is regular: the same elements are always written in the
same way. This is no general HTML tool. tests/test_official_mjml.py holds the result against the official compiler,
pixel by pixel.
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
    """Return the theme of *files*, compiled with *tokens*. Raises ThemeError with file, line and column of the source.

    *tokens* are complete but for the colours that an accent gives. The result's `digest` is a hash of all that decides
    what a letter looks like.
    """
    filled = source.fill(files, palette.complete(tokens), language=language, direction=languages.direction(language))
    hidden = placeholders.hide(filled)
    text, rules = without_inline_styles(hidden.text)
    html = mend(mjml.to_html(hidden, text))
    html = in_direction(html, languages.direction(language))
    # After MRML, before premailer: lxml, which premailer uses, would take a comment inside Outlook's for its end.
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
    """Return *text* without its `<mj-style inline="inline">` elements, and the CSS that was in them.

    Blanks take their place, so that every offset still leads to the same line of the theme.
    """
    # MRML keeps them as common style elements instead of inlining them, so premailer gets them.
    return _INLINE.sub(lambda style: " " * len(style[0]), text), "\n".join(_INLINE.findall(text))


def in_direction(html: str, direction: str) -> str:
    """Return *html* written in *direction*, `ltr` or `rtl`."""
    # MJML writes `direction:ltr` into its own cells whatever the body says; what a theme aligns itself it aligns by
    # the direction that it is given.
    if direction == "rtl":
        html = html.replace("text-align:left;direction:ltr", "text-align:right;direction:rtl")
        html = html.replace("direction:ltr", "direction:rtl")
    return html


def inline(html: str, rules: str) -> str:
    """Return *html* with the CSS *rules* inlined; only style elements marked `data-premailer="ignore"` are kept.

    Goes to no network and reads no file, whatever the styles ask for.
    """
    import cssutils  # noqa: PLC0415 - slow to import; only a theme that changed needs it
    import premailer  # noqa: PLC0415 - likewise

    # It warns of every property newer than CSS 2.1, on stderr.
    cssutils.log.setLevel(logging.CRITICAL)
    # Each option has a measured reason. By default premailer goes to the network for style sheets, strips `!important`
    # from the styles that it keeps (the end of dark mode), and writes sizes and alignment a second time as attributes.
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
    """Return MRML's output *html* valid, and with nothing that makes a screen reader or premailer stumble."""
    # premailer drops the lower-case one, and a page without it is shown in quirks mode.
    html = html.replace("<!doctype html>", "<!DOCTYPE html>", 1)
    # Screen readers announce any other table as data, with its rows and columns.
    html = _TABLE.sub('<table role="presentation"', html)
    # Both are invalid attributes, and what they say stands beside them: in the style, and in valign.
    html = _IMAGE.sub(r"\1", html)
    html = _CELL.sub(r"\1", html)
    # The title again, read aloud before the first word.
    html = _LABEL.sub("", html)
    # These refine by media query and class, so they cannot be inlined.
    return html.replace("<style", '<style data-premailer="ignore"')


def finish(html: str) -> str:
    """Return premailer's output *html* without what only the tools needed, and without empty lines and paragraphs."""
    html = html.replace(' data-premailer="ignore"', "")
    # MJML draws a divider as the border of an empty paragraph, which screen readers announce.
    html = re.sub(r"<p style=\"([^\"]*)\"></p>", r'<div style="\1"></div>', html)
    return re.sub(r"\n{2,}", "\n", html)
