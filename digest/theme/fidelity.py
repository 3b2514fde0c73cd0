"""What our engine does otherwise than the official MJML, and how each of it is mended: before the engine, or after it.

MRML is a hundred times as fast as the official compiler and needs no Node, and most of what it makes is the same to the
pixel. `before` works on the theme's tree, `after` on the engine's HTML. Each mend is a function with its reason, and
stands in a table; tests/test_official_mjml.py holds the result against the official compiler, attribute by attribute.

The regular expressions of `after` read the engine's output alone, which is regular: the same elements are always
written in the same way. They are no general tool for HTML.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from digest.errors import ThemeError
from digest.theme import vocabulary
from digest.theme.markup import Element

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.theme.markup import Written
    from digest.theme.placeholders import HiddenTemplate


@dataclass(slots=True)
class Mending:
    """A theme's tree on its way to the engine, and what has to be done behind it.

    *rules* is the CSS to be moved into the elements; *attributes* are those that selectors give to the finished page,
    as (selector, name, value).
    """

    root: Element
    hidden: HiddenTemplate
    language: str
    direction: str
    problems: list[ThemeError] = field(default_factory=list)
    rules: str = ""
    attributes: list[tuple[str, str, str]] = field(default_factory=list)

    def problem(self, offset: int, problem: str, remedy: str) -> None:
        """Note what is wrong at *offset* of the hidden text."""
        self.problems.append(ThemeError(self.hidden.place(offset), problem, remedy))


def before(mending: Mending) -> None:
    """Change the tree of *mending* into what the engine understands as the official MJML understands what it was.

    Adds to its problems what nobody can mend, and to its other fields what is for later.
    """
    for mend in _BEFORE:
        mend(mending)


def _speak(mending: Mending) -> None:
    """The letter's language and direction, where the theme names none: `und` says nothing to a screen reader."""
    mending.root.attributes.setdefault("lang", mending.language)
    mending.root.attributes.setdefault("dir", mending.direction)


def _write_classes_out(mending: Mending) -> None:
    """mj-class: the engine takes the first that was named and not the last, and fails at classes with children."""
    classes: dict[str, Element] = {}
    for element in mending.root.all():
        if element.name == "mj-attributes":
            classes |= {
                child.attributes.get("name", ""): child for child in element.elements() if child.name == "mj-class"
            }
            element.children = [
                child for child in element.children if isinstance(child, Element) and child.name != "mj-class"
            ]
    if classes:
        _with_classes(mending.root, classes, ())


def _with_classes(element: Element, classes: dict[str, Element], around: tuple[str, ...]) -> None:
    """Give *element* and all in it what its classes say, and those of the element *around* it of its children."""
    given: dict[str, str] = {}
    named = element.attributes.pop("mj-class", "").split()
    for name in named:
        if name in classes:
            both = [each["css-class"] for each in (given, classes[name].attributes) if "css-class" in each]
            given |= {key: value for key, value in classes[name].attributes.items() if key != "name"}
            given |= {"css-class": " ".join(both)} if both else {}
    for name in around:
        for child in classes[name].elements() if name in classes else ():
            given |= child.attributes if child.name == element.name else {}
    if given:
        allowed = vocabulary.attributes(element.name)
        element.attributes = {key: value for key, value in given.items() if key in allowed} | element.attributes
    for child in element.elements():
        _with_classes(child, classes, tuple(named) or around)


_BARE_ZERO = re.compile(r"(?<!\S)0(?!\S)")
# Whose padding is taken from a width, and so from those of all that is inside.
_MEASURED = frozenset({
    "mj-section", "mj-wrapper", "mj-column", "mj-hero", "mj-image", "mj-button", "mj-divider", "mj-class", "mj-all",
})  # fmt: skip


def _give_zero_its_unit(mending: Mending) -> None:
    """`padding="0 30px"`: the engine counts a zero without unit for nothing, and the 30 with it."""
    for element in mending.root.all():
        for name, value in element.attributes.items() if element.name in _MEASURED else ():
            # Where both sides are zero it is right by chance, and the author's way of writing stays.
            if "padding" in name and "0" in (sides := value.split()) and set(sides[1::2] or sides) != {"0"}:
                element.attributes[name] = _BARE_ZERO.sub("0px", value)


def _give_pictures_a_text(mending: Mending) -> None:
    """A picture without alt has an empty one, or screen readers read its address."""
    for element in mending.root.all():
        if element.name in {"mj-image", "mj-social-element"}:
            element.attributes.setdefault("alt", "")


def _take_inline_styles(mending: Mending) -> None:
    """`<mj-style inline="inline">`: the engine leaves it in the head, so it is for the inliner."""
    for element in mending.root.all():
        if element.name == "mj-head":
            styles = [child for child in element.elements() if child.attributes.get("inline") == "inline"]
            mending.rules += "\n".join(child.content or "" for child in styles)
            element.children = [child for child in element.children if child not in styles]


def _take_html_attributes(mending: Mending) -> None:
    """mj-html-attributes: the engine does not know it."""
    from lxml import cssselect  # noqa: PLC0415 - premailer's; only a theme that changed needs it

    for head in mending.root.elements():
        groups = [child for child in head.elements() if child.name == "mj-html-attributes"]
        for selector in (each for group in groups for each in group.elements()):
            path = selector.attributes.get("path", "")
            try:
                cssselect.CSSSelector(path)
            except cssselect.SelectorError:
                mending.problem(selector.start, f"{path!r} is no selector of CSS", "write one such as .title a")
            for given in selector.elements():
                name = given.attributes.get("name", "")
                mending.attributes.append((path, name, (given.content or "").strip()))
        head.children = [child for child in head.children if child not in groups]


_IMPORT = re.compile(r"@import", re.IGNORECASE)


def _refuse_imports(mending: Mending) -> None:
    """A style sheet from elsewhere: the letter must hold all that it needs."""
    for match in _IMPORT.finditer(mending.hidden.text):
        mending.problem(match.start(), "@import would go to the network", "write the styles out")


_STATEMENT = re.compile(r"jinjas(\d{4})s")


def _refuse_what_cannot_repeat(mending: Mending) -> None:
    """Columns in a loop, whose widths are computed once; elements in a macro, which are made where it stands."""
    for element in mending.root.all():
        opened: list[str] = []
        for child in element.children:
            if isinstance(child, str):
                for word in _STATEMENT.finditer(child):
                    _step(opened, mending.hidden.jinja[int(word[1])].strip("{%-+ ").split()[0])
            elif "macro" in opened:
                mending.problem(
                    child.start, f"<{child.name}> in a macro of the news", "write [% macro … %], and call it as [[ … ]]"
                )
            elif "for" in opened and child.name in {"mj-column", "mj-group"}:
                mending.problem(
                    child.start,
                    f"<{child.name}> in a loop: the widths of columns are computed once",
                    "let rows repeat, as in {% for row in section.stories|batch(2) %}, and write a column each for "
                    "row[0] and row[1]",
                )


def _step(opened: list[str], statement: str) -> None:
    """Keep in *opened* the loops and macros that are open behind a *statement*, which is its first name."""
    if statement in {"for", "macro"}:
        opened.append(statement)
    elif opened and statement == f"end{opened[-1]}":
        opened.pop()


_BEFORE: tuple[Callable[[Mending], None], ...] = (
    _speak,
    _write_classes_out,
    _give_zero_its_unit,
    _give_pictures_a_text,
    _take_inline_styles,
    _take_html_attributes,
    _refuse_imports,
    _refuse_what_cannot_repeat,
)

_TABLE = re.compile(r"<table(?![^>]*\brole=)")
_IMAGE = re.compile(r"(<img\b[^>]*?)\s+height=\"auto\"")
_CELL = re.compile(r"(<td\b[^>]*?)\s+vertical-align=\"[^\"]*\"")
_LABEL = re.compile(r"\s+aria-label=\"[^\"]*\"\s+aria-roledescription=\"email\"")


def after(html: str, written: Written) -> str:
    """Return the engine's *html* of *written* whole, valid, and with nothing that readers or premailer stumble over."""
    # The title again, read aloud before the first word.
    html = written.complete(_LABEL.sub("", html))
    # premailer drops the lower-case one, and a page without it is shown in quirks mode.
    html = html.replace("<!doctype html>", "<!DOCTYPE html>", 1)
    # Screen readers announce any other table as data, with its rows and columns.
    html = _TABLE.sub('<table role="presentation"', html)
    # Both are invalid attributes, and what they say stands beside them: in the style, and in valign.
    html = _IMAGE.sub(r"\1", html)
    html = _CELL.sub(r"\1", html)
    # These refine by media query and class, so they cannot be inlined.
    return html.replace("<style", '<style data-premailer="ignore"')
