"""A theme's source to a compiled theme: MJML to HTML, styles inlined, MRML's faults mended.

The order of the steps matters, and `compile_theme` has it.
"""

from __future__ import annotations

import hashlib
import logging
import re
from typing import TYPE_CHECKING

from digest.errors import ThemeError, together
from digest.model import CompiledTheme
from digest.text import languages
from digest.theme import fidelity, markup, palette, placeholders, source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from digest.theme.markup import Written
    from digest.theme.placeholders import HiddenTemplate
    from digest.theme.source import FilledTheme, ThemeFiles


def compile_theme(
    files: ThemeFiles, tokens: Mapping[str, str], *, language: str, engine: Callable[[str], str] | None = None
) -> CompiledTheme:
    """Return the theme of *files*, compiled with *tokens*. Raises ThemeError with file, line and column of the source.

    *tokens* are complete but for the colours that an accent gives. The result's `digest` is a hash of all that decides
    what a letter looks like. *engine* makes HTML of MJML, by default MRML.
    """
    hidden = _hidden(files, tokens, language)
    template = placeholders.show(to_html(hidden, language=language, engine=engine or mrml), hidden)
    twin = files.contents[source.TEXT]
    fragment = _fragment(files, tokens, language)
    catalogues = tuple((files.place(name), text) for name, text in files.contents.items() if name.endswith(".po"))
    translations = [text for _, text in catalogues]
    return CompiledTheme(
        html=template,
        text=twin,
        text_place=files.place(source.TEXT),
        expressions=tuple(zip(hidden.places, hidden.jinja, strict=True)),
        # A theme without a fragment of its own has the hash that it had before there were any.
        digest=_hash(
            [template, twin, *([fragment.text] if source.FRAGMENT not in files.shared else []), *translations]
        ),
        fragment=fragment.text,
        fragment_places=fragment.places_of_lines(),
        catalogues=catalogues,
    )


def _hash(texts: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _fragment(files: ThemeFiles, tokens: Mapping[str, str], language: str) -> FilledTheme:
    """Return fragment.html, the theme's or that of all themes, with the theme's own Jinja filled in."""
    filled = source.fill(
        files,
        palette.complete(tokens),
        language=language,
        direction=languages.direction(language),
        template=source.FRAGMENT,
    )
    if filled.problems:
        raise together(filled.problems)
    return filled


def notes(files: ThemeFiles, tokens: Mapping[str, str], *, language: str) -> Sequence[ThemeError]:
    """Return what the theme of *files* holds that does nothing. Raises ThemeError as `compile_theme` does."""
    return _prepared(_hidden(files, tokens, language), language).notes


def to_html(hidden: HiddenTemplate, *, language: str, engine: Callable[[str], str]) -> str:
    """Return the HTML page of *hidden*, whose Jinja is still hidden. Raises ThemeError as `compile_theme` does."""
    mending = _prepared(hidden, language)
    written = markup.write(mending.root)
    html = in_direction(fidelity.after(_made(engine, written, hidden), written, mending), mending.direction)
    # After the engine, before premailer: lxml, which premailer uses, would take a comment inside Outlook's for its end.
    return mending.first + finish(inline(placeholders.keep_in_outlook(html), mending.rules, mending.attributes))


def _hidden(files: ThemeFiles, tokens: Mapping[str, str], language: str) -> HiddenTemplate:
    """Return the theme's text with its own Jinja filled in, and the news' hidden."""
    direction = languages.direction(language)
    return placeholders.hide(source.fill(files, palette.complete(tokens), language=language, direction=direction))


def _prepared(hidden: HiddenTemplate, language: str) -> fidelity.Mending:
    """Return the tree of *hidden*, as the engine is to have it. Raises ThemeError with every problem there is."""
    reader = markup.MjmlReader(hidden)
    problems = [*hidden.problems, *reader.problems]
    mending = fidelity.Mending(reader.root, hidden, language, languages.direction(language), problems, reader.notes)
    fidelity.before(mending)
    if mending.problems:
        raise together(mending.problems)
    return mending


def _made(engine: Callable[[str], str], written: Written, hidden: HiddenTemplate) -> str:
    """Return what *engine* makes of *written*. Raises ThemeError with the place of the element that it fails at."""
    try:
        return engine(written.text)
    except ValueError as error:
        # Counted in UTF-8 bytes. A message without a place gives the first: the engine has lost its own.
        match = re.search(r"position (\d+):\d+", str(error))
        offset = len(written.text.encode()[: int(match[1])].decode(errors="ignore")) if match else 0
        place = hidden.place(written.origin(offset))
        raise ThemeError(place, f"MJML: {error}", "mend the element there") from error
    except BaseException as error:
        # So pyo3 reports a Rust panic; the class cannot be imported, and is no Exception.
        if type(error).__name__ == "PanicException":
            raise ThemeError(
                hidden.place(0), "MJML gave up on this theme", "look for stray mark-up or an unclosed tag"
            ) from error
        raise


def mrml(text: str) -> str:
    """Return the HTML that MRML makes of the MJML *text*."""
    import mjml  # noqa: PLC0415 - a native library; only a theme that changed needs it

    # Its own list of fonts would load from Google those that a theme names.
    return str(mjml.mjml2html(text, fonts={}))


def in_direction(html: str, direction: str) -> str:
    """Return *html* written in *direction*, `ltr` or `rtl`."""
    # MJML writes `direction:ltr` into its own cells whatever the body says; what a theme aligns itself it aligns by
    # the direction that it is given.
    if direction == "rtl":
        html = html.replace("text-align:left;direction:ltr", "text-align:right;direction:rtl")
        html = html.replace("direction:ltr", "direction:rtl")
    return html


_FORCED = re.compile(r"([\w-]+)\s*:\s*([^;{}]*?)\s*!\s*important")
_MARK = "x-important-"
# A string, or an address such as url(data:image/png;base64,…), may hold the signs between declarations.
_WHOLE = r"\"[^\"]*\"|'[^']*'|\([^()]*\)"
_MARKED = re.compile(rf"{_MARK}([\w-]+)\s*:\s*((?:{_WHOLE}|[^;{{}}\"'(])*);?\s*")
_DECLARATION = re.compile(rf"(?:{_WHOLE}|[^;])+")
_SHEET = re.compile(r"<style\b.*?</style>", re.DOTALL)
_HEAD_STYLE = re.compile(r"(<(?:head|title|meta|style|link|base)\b[^>]*?) style=\"[^\"]*\"")
_MARKED_STYLE = re.compile(rf"style=([\"'])((?:(?!\1).)*{_MARK}(?:(?!\1).)*)\1", re.DOTALL)


def inline(html: str, rules: str, attributes: Sequence[tuple[str, str, str]] = ()) -> str:
    """Return *html* with the CSS *rules* inlined; only style elements marked `data-premailer="ignore"` are kept.

    A rule with `!important` wins over the styles that stand in an element. *attributes* are given to what their
    selectors match, as (selector, name, value). Goes to no network and reads no file, whatever the styles ask for.
    """
    import cssutils  # noqa: PLC0415 - slow to import; only a theme that changed needs it
    import premailer  # noqa: PLC0415 - likewise

    # It warns of every property newer than CSS 2.1, on stderr.
    cssutils.log.setLevel(logging.CRITICAL)
    # Each option has a measured reason. By default premailer goes to the network for style sheets, strips `!important`
    # from the styles that it keeps (the end of dark mode), and writes sizes and alignment a second time as attributes.
    page = str(
        premailer.Premailer(
            html,
            # It lets the element's own style win, important or not, so such a rule gets a name of its own.
            css_text=_FORCED.sub(rf"{_MARK}\1: \2", _sound(rules)),
            keep_style_tags=False,
            strip_important=False,
            disable_validation=True,
            allow_network=False,
            allow_loading_external_files=False,
            align_floating_images=False,
            include_star_selectors=True,
            disable_basic_attributes=["width", "height", "align", "valign", "bgcolor"],
        ).transform()
    )
    if "*" in rules:
        # A * matches what nobody sees, too.
        head, end, body = page.partition("</head>")
        page = _HEAD_STYLE.sub(r"\1", head) + end + body
    if _MARK in page:
        page = _MARKED_STYLE.sub(lambda style: f"style={style[1]}{_forced(style[2])}{style[1]}", page)
        # What cannot stand in an element, a media query or :hover, is in the head, where premailer makes all important.
        page = _SHEET.sub(lambda sheet: sheet[0].replace(_MARK, ""), page)
    return _with_attributes(page, attributes) if attributes else page


def _sound(rules: str) -> str:
    """Return the CSS *rules* without declarations that cannot be read; as they are, where there is none.

    A browser passes over such a one alone; premailer's parser would over the rules behind it, too.
    """
    import tinycss2  # noqa: PLC0415 - only a theme that changed needs it

    sound, is_whole = [], True
    for rule in tinycss2.parse_stylesheet(rules, skip_comments=True, skip_whitespace=True):
        if rule.type == "error":
            is_whole = False
        elif rule.type == "qualified-rule":
            read = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
            kept = [each for each in read if each.type == "declaration"]
            is_whole = is_whole and len(kept) == len(read)
            sound.append(f"{tinycss2.serialize(rule.prelude)}{{{';'.join(each.serialize() for each in kept)}}}")
        else:
            sound.append(rule.serialize())
    return rules if is_whole else "\n".join(sound)


def _with_attributes(page: str, attributes: Sequence[tuple[str, str, str]]) -> str:
    """Return *page* with *attributes* given to what their selectors match."""
    from lxml import cssselect, etree  # noqa: PLC0415 - premailer's; only a theme that changed needs it

    tree = etree.fromstring(page, etree.HTMLParser()).getroottree()
    for selector, name, value in attributes:
        for element in cssselect.CSSSelector(selector)(tree):
            element.set(name, value)
    return str(etree.tostring(tree, method="html", encoding="unicode"))


def _forced(style: str) -> str:
    """Return *style* with its marked declarations last, under their own names."""
    own = {name: value.strip() for name, value in _MARKED.findall(style)}
    rest = (declaration.strip() for declaration in _DECLARATION.findall(_MARKED.sub("", style)))
    kept = [declaration for declaration in rest if declaration and declaration.split(":")[0].strip() not in own]
    return "; ".join([*kept, *(f"{name}:{value}" for name, value in own.items())])


# Those of a <pre> are seen.
_EMPTY_LINES = re.compile(r"(<pre\b.*?</pre>)|\n{2,}", re.DOTALL)


def finish(html: str) -> str:
    """Return premailer's output *html* without what only the tools needed, and without empty lines and paragraphs."""
    html = html.replace(' data-premailer="ignore"', "")
    # MJML draws a divider as the border of an empty paragraph, which screen readers announce.
    html = re.sub(r"<p style=\"([^\"]*)\"></p>", r'<div style="\1"></div>', html)
    return _EMPTY_LINES.sub(lambda lines: lines[1] or "\n", html)
