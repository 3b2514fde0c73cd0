"""Style sheets and style attributes to the declarations that win for each element (CSS Cascading and Inheritance 4).

A `MediaView` says who is looking: how wide, in light or dark, and what of the head's styles is left. Only what a rule
asks for is computed: no inheritance (`style` does that), no layers and no shorthands but those of `longhands`. A
browser is no help here: it would take seconds, and shows what browsers do, not what mail clients drop.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from digest.text.colours import parse_colour

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from xml.etree.ElementTree import Element

    from digest.checks.page import Page


@dataclass(frozen=True, slots=True)
class MediaView:
    """Who is looking: *name* completes "… is too low", *width* is in CSS pixels.

    Without *head* a client drops the head's styles, as Gmail does for accounts of other providers. With *outlook* it is
    Outlook.com in the dark, which never matches `prefers-color-scheme`.
    """

    name: str
    width: int
    dark: bool = False
    head: bool = True
    outlook: bool = False


LIGHT = MediaView("in light", 800)
DARK = MediaView("in dark", 800, dark=True)
# The narrow one is a common phone's. Rules take slices of this, so the light views come first.
VIEWS = (
    LIGHT,
    MediaView("in light", 375),
    MediaView("without the head's styles", 800, head=False),
    DARK,
    MediaView("in dark", 375, dark=True),
    MediaView("in Outlook.com's dark", 800, outlook=True),
)


class Declaration(NamedTuple):
    """One `name: value` without its `!important`, the name in lower case; *line* is the page's."""

    name: str
    value: str
    important: bool
    line: int


class StyleRule(NamedTuple):
    """Declarations with their selectors' text and the media queries around them."""

    selectors: str
    declarations: tuple[Declaration, ...]
    media: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class AtRule:
    """An at-rule such as `@import` or `@media`, with what stands behind its name."""

    name: str
    prelude: str
    line: int


class Broken(NamedTuple):
    """A piece of a style sheet that cannot be read: the parser's words, and the page's line."""

    what: str
    line: int


@dataclass(frozen=True)
class Sheet:
    """All of a page's style elements, each part in the order of the page."""

    rules: tuple[StyleRule, ...]
    at_rules: tuple[AtRule, ...]
    broken: tuple[Broken, ...]


def read(page: Page) -> Sheet:
    """Return what all style elements of *page* hold; what cannot be read is part of it, and no error."""
    nodes: list[StyleRule | AtRule | Broken] = []
    for element in page.named("style"):
        media = (element.get("media", ""),) if element.get("media") else ()
        text = element.text or ""
        # The start tag's line is known, and the text begins right behind it.
        nodes += _parsed(text, media, (page.line(element) or 1) - 1)
    return Sheet(
        rules=tuple(node for node in nodes if isinstance(node, StyleRule)),
        at_rules=tuple(node for node in nodes if isinstance(node, AtRule)),
        broken=tuple(node for node in nodes if isinstance(node, Broken)),
    )


def _parsed(css: str | list[Any], media: tuple[str, ...], first: int) -> Iterator[StyleRule | AtRule | Broken]:
    """Yield the rules of *css*, those inside at-rules with the *media* queries around them; *first* is added to lines.

    A rule with a selector that cannot be read is dropped as a whole, as clients do.
    """
    import tinycss2  # noqa: PLC0415 - `digest --help` must not wait for it

    for node in tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True):
        line = first + node.source_line
        if node.type == "error":
            yield Broken(node.message, line)
        elif node.type == "at-rule":
            prelude = tinycss2.serialize(node.prelude).strip()
            yield AtRule(node.lower_at_keyword, prelude, line)
            if node.lower_at_keyword in ("media", "supports") and node.content is not None:
                inner = (*media, prelude) if node.lower_at_keyword == "media" else media
                yield from _parsed(node.content, inner, first)
        else:
            selectors = tinycss2.serialize(node.prelude).strip()
            try:
                _compiled(selectors)
            except ValueError as error:
                yield Broken(f"the selector {selectors!r}: {error.args[-1]}", line)
                continue
            declarations, broken = _declarations(node.content, first)
            yield from broken
            yield StyleRule(selectors, tuple(declarations), media, line)


@cache
def inline(style: str) -> tuple[tuple[Declaration, ...], tuple[Broken, ...]]:
    """Return the declarations of a style attribute, and what of it cannot be read; lines count within the attribute."""
    declarations, broken = _declarations(style, 0)
    return tuple(declarations), tuple(broken)


def _declarations(css: str | list[Any], first: int) -> tuple[list[Declaration], list[Broken]]:
    """Return the declarations in a block and what of it cannot be read; *first* is added to lines."""
    import tinycss2  # noqa: PLC0415 - `digest --help` must not wait for it

    declarations, broken = [], []
    for node in tinycss2.parse_blocks_contents(css, skip_comments=True, skip_whitespace=True):
        line = first + node.source_line
        if node.type == "declaration":
            value = tinycss2.serialize(node.value).strip()
            declarations.append(Declaration(node.lower_name, value, node.important, line))
        else:
            broken.append(Broken(getattr(node, "message", "no declaration"), line))
    return declarations, broken


@cache
def _compiled(selectors: str) -> tuple[Any, ...]:
    import cssselect2  # noqa: PLC0415 - `digest --help` must not wait for it

    return tuple(cssselect2.compile_selector_list(selectors))


@dataclass(frozen=True)
class Cascade:
    """What applies to which element, for any view. Selectors are matched once, not for each view."""

    page: Page
    sheet: Sheet

    def winners(self, view: MediaView) -> dict[Element, dict[str, str]]:
        """Return the winning value of each property that is set on an element, in lower case, by element."""
        matched = self._outlook if view.outlook else self._matched
        return {element: _winners(element, matched[element], view) for element in self.page.elements}

    @cached_property
    def _matched(self) -> dict[Element, list[tuple[Any, StyleRule]]]:
        return self._match(self.page.root)

    @cached_property
    def _outlook(self) -> dict[Element, list[tuple[Any, StyleRule]]]:
        """What matches in Outlook.com's dark mode, by the elements of the page itself."""
        # It sets these attributes on whatever it recolours, which `[data-ogsc] .name` waits for; which elements those
        # are cannot be known, so it is taken to be all. On a copy: other checks must not see them. Not by deepcopy,
        # which fails where elements stand inside each other deeper than Python's calls may.
        twins: dict[Element, Element] = {}
        for element in self.page.elements:
            twin = element.makeelement(element.tag, {**element.attrib, "data-ogsc": "", "data-ogsb": ""})
            twin.text, twin.tail = element.text, element.tail
            twins[element] = twin
        for element, parent in self.page.parents.items():
            twins[parent].append(twins[element])
        matched = self._match(twins[self.page.root])
        return {element: matched[twin] for element, twin in twins.items()}

    def _match(self, root: Element) -> dict[Element, list[tuple[Any, StyleRule]]]:
        """Return the rules that match each element below *root*, the weakest first, by specificity and order."""
        import cssselect2  # noqa: PLC0415 - `digest --help` must not wait for it

        matcher = cssselect2.Matcher()
        for rule in self.sheet.rules:
            for selector in _compiled(rule.selectors):
                if not selector.pseudo_element:
                    matcher.add_selector(selector, rule)
        wrapped = cssselect2.ElementWrapper.from_html_root(root)
        return {
            node.etree_element: [((specificity, order), rule) for specificity, order, _, rule in matcher.match(node)]
            for node in wrapped.iter_subtree()
        }


def _winners(element: Element, matched: Iterable[tuple[Any, StyleRule]], view: MediaView) -> dict[str, str]:
    """Return the longhands that are set on *element* with the values that win; *matched* is from weak to strong."""
    # From the weakest to the strongest origin, then important ones in the same order: the last word wins.
    layers: list[Iterable[Declaration]] = [tuple(_hints(element))]
    if view.head:
        layers += [rule.declarations for _, rule in matched if all(applies(query, view) for query in rule.media)]
    layers.append(inline(element.get("style", ""))[0])
    won: dict[str, str] = {}
    for important in (False, True):
        for declarations in layers:
            for declaration in declarations:
                if declaration.important is important:
                    won |= {
                        name: value
                        for name, value in longhands(declaration.name, declaration.value.lower()).items()
                        if valid(name, value)
                    }
    return won


def _hints(element: Element) -> Iterator[Declaration]:
    """Yield the attributes that act as styles (HTML, "presentational hints"); any style is stronger."""
    pairs = {"bgcolor": "background-color", "color": "color", "align": "text-align"}
    for attribute, name in pairs.items():
        if element.get(attribute):
            yield Declaration(name, element.get(attribute, ""), important=False, line=0)
    if "hidden" in element.attrib:
        yield Declaration("display", "none", important=False, line=0)


def valid(name: str, value: str) -> bool:
    """Whether a client takes *value* for the property *name*; otherwise it keeps the declaration before.

    Values of properties that no rule asks for are all taken.
    """
    if name in ("color", "background-color"):
        return value in (*_WIDE, "currentcolor") or parse_colour(value) is not None
    if name in ("font-size", "line-height", "font-weight"):
        return _VALUES[name].fullmatch(value) is not None
    return True


NUMBER = r"(?:\d+\.?\d*|\.\d+)"
"""What a number without a sign looks like in CSS; Python reads each of them."""

_LENGTH = rf"{NUMBER}(?:px|pt|em|rem|%)|0"
_VALUES = {
    "font-size": re.compile(rf"{_LENGTH}|(?:x{{1,3}}-)?(?:small|large)|medium|smaller|larger|inherit|initial|unset"),
    "line-height": re.compile(rf"{_LENGTH}|{NUMBER}|normal|inherit|initial|unset"),
    "font-weight": re.compile(r"[1-9]\d{0,2}|1000|normal|bold|bolder|lighter|inherit|initial|unset"),
}
_FONT = re.compile(
    rf"(?:^|.*\s)(?P<size>{NUMBER}(?:px|pt|em|rem|%))(?:\s*/\s*(?P<line>{NUMBER}(?:px|pt|em|rem|%)?))?\s.*", re.DOTALL
)
# Values that any property takes.
_WIDE = ("inherit", "initial", "unset")


def longhands(name: str, value: str) -> dict[str, str]:
    """Return the properties that a declaration sets, as far as a rule asks for them; *value* is in lower case."""
    if name == "background":
        return _background(value)
    if name == "font" and (match := _FONT.fullmatch(value)):
        weight = re.search(r"(?:^|\s)(bold|bolder|[1-9]00)(?=\s)", value)
        line = match["line"] or "normal"
        return {"font-size": match["size"], "line-height": line, "font-weight": weight[1] if weight else "normal"}
    if name in ("padding", "margin") and (sides := value.split()):
        return {f"{name}-top": sides[0], f"{name}-bottom": sides[2] if len(sides) > 2 else sides[0]}
    if name == "text-decoration":
        return {"text-decoration-line": value}
    return {name: value}


def _background(value: str) -> dict[str, str]:
    """Return the colour and the picture of a `background`; the colour is what is seen where pictures are not."""
    picture = re.search(r"(?:url|[a-z-]*gradient|image-set)\(", value)
    values = re.findall(r"[a-z]+\([^)]*\)|[^\s,/()]+", re.sub(r"url\([^)]*\)", " ", value))
    colours_in_it = [word for word in values if word == "currentcolor" or parse_colour(word)]
    plain = value if value in _WIDE else "transparent"
    return {
        "background-color": colours_in_it[-1] if colours_in_it and "gradient(" not in value else plain,
        "background-image": value if picture else "none",
    }


@cache
def applies(media: str, view: MediaView) -> bool:
    """Whether one of the media queries *media* holds for *view*; a feature that is not known does not hold."""
    return any(_holds(query.strip().lower(), view) for query in media.split(","))


def _holds(query: str, view: MediaView) -> bool:
    inverted = query.startswith("not ")
    condition = re.sub(r"^(?:not|only)\s+", "", query)
    parts = [part.strip() for part in re.split(r"\band\b", condition)]
    return inverted is not all(_feature(part, view) for part in parts)


def _feature(part: str, view: MediaView) -> bool:
    """Whether one condition of a media query holds: a kind of medium, a width, a colour scheme. Others do not."""
    if part in ("all", "screen", ""):
        return True
    match = re.fullmatch(r"\(\s*([a-z-]+)\s*(?::\s*([^)]*?)\s*)?\)", part)
    if not match:
        return False
    name, value = match[1], match[2] or ""
    if name == "prefers-color-scheme":
        return value == ("dark" if view.dark else "light")
    width = re.fullmatch(rf"({NUMBER})(px|em|rem)?", value)
    if name in ("min-width", "max-width") and width:
        pixels = float(width[1]) * (16 if width[2] in ("em", "rem") else 1)
        return view.width >= pixels if name == "min-width" else view.width <= pixels
    return False
