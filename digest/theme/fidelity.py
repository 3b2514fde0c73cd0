"""What our engine does otherwise than the official MJML, and how each of it is mended: before the engine, or after it.

MRML is a hundred times as fast as the official compiler and needs no Node, and most of what it makes is the same to the
pixel. `before` works on the theme's tree, `after` on the engine's HTML. Each mend is a function with its reason, and
stands in a table; tests/test_official_mjml.py holds the result against the official compiler, attribute by attribute.

The regular expressions of `after` read the engine's output alone, which is regular: the same elements are always
written in the same way. They are no general tool for HTML.
"""

from __future__ import annotations

import re
from collections.abc import Callable  # noqa: TC003 - of a table at run time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from digest.errors import ThemeError
from digest.theme import lengths, vocabulary
from digest.theme.markup import Element, first_names, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.theme.markup import Written
    from digest.theme.placeholders import HiddenTemplate


@dataclass(frozen=True, slots=True)
class Hook:
    """Something to be done behind the engine to what it makes of one element, which has the class *name* till then.

    *change* is done to the first match of *pattern* from the tag on that has the class.
    """

    name: str
    pattern: re.Pattern[str]
    change: Callable[[str], str]


@dataclass(slots=True)
class Mending:
    """A theme's tree on its way to the engine, and what has to be done behind it.

    *problems* cannot be mended, *notes* are of what does nothing. *elements* are those of its body, *defaults* the
    attributes that its head gives to elements, by name. *rules* is the CSS to be moved into the elements; *first* is
    what stands before the page. *attributes* are those that selectors give to it, as (selector, name, value).
    """

    root: Element
    hidden: HiddenTemplate
    language: str
    direction: str
    problems: list[ThemeError]
    notes: list[ThemeError]
    rules: str = ""
    first: str = ""
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    hooks: list[Hook] = field(default_factory=list)
    defaults: dict[str, dict[str, str]] = field(default_factory=dict)
    elements: list[Element] = field(default_factory=list)

    def value(self, element: Element, attribute: str) -> str:
        """Return what *attribute* is for *element*, by itself or by the theme's defaults; "" where it is not set."""
        if (own := element.attributes.get(attribute)) is not None:
            return own
        return self.defaults.get(element.name, {}).get(attribute) or self.defaults.get("mj-all", {}).get(attribute, "")

    def hook(self, element: Element, tag: str, change: Callable[[str], str], *, suffix: str = "") -> None:
        """Let *change* be done, behind the engine, to the first *tag* of what it makes of *element*.

        *tag* is a regular expression: of a tag's name, or of more that begins with a sign `<`. With *suffix* the tag is
        looked for from the class with that ending on.
        """
        name = f"hook{len(self.hooks)}x"
        element.attributes["css-class"] = f"{self.value(element, 'css-class')} {name}".strip()
        pattern = re.compile(tag if tag.startswith("<") else rf"<{tag}\b[^>]*>", re.DOTALL)
        self.hooks.append(Hook(name + suffix, pattern, change))

    def problem(self, offset: int, problem: str, remedy: str) -> None:
        """Note what is wrong at *offset* of the hidden text."""
        self.problems.append(ThemeError(self.hidden.place(offset), problem, remedy))


def before(mending: Mending) -> None:
    """Change the tree of *mending* into what the engine understands as the official MJML understands what it was.

    Adds to its problems what nobody can mend, and to its other fields what is for later.
    """
    for mend in _BEFORE:
        mend(mending)


def _unwrap_documents(mending: Mending) -> None:
    """A whole document that was included: its body stands where it was included, its head goes to the theme's own."""
    heads: list[Element | str] = []
    for element in mending.root.all():
        if any(child.name == "mjml" for child in element.elements()):
            element.children = list(_unwrapped(element.children, heads))
    if heads:
        head = next((child for child in mending.root.elements() if child.name == "mj-head"), Element("mj-head", 0))
        head.children += heads
        if head not in mending.root.children:
            mending.root.children.insert(0, head)


def _unwrapped(children: list[Element | str], heads: list[Element | str]) -> Iterator[Element | str]:
    """Yield *children* with the bodies of documents among them instead of those; their heads go into *heads*."""
    for child in children:
        if isinstance(child, Element) and child.name == "mjml":
            for part in child.elements():
                if part.name == "mj-head":
                    heads += part.children
                else:
                    yield from _unwrapped(part.children, heads)
        else:
            yield child


def _take_the_first_lines(mending: Mending) -> None:
    """mj-raw for the start of the file: the engine writes it into the body, and takes none directly in mjml."""
    for element in mending.root.all():
        raw = [child for child in element.elements() if child.name == "mj-raw"]
        first = [child for child in raw if child.attributes.get("position") == "file-start"]
        mending.first += "".join(f"{child.content or ''}\n" for child in first)
        # Directly in mjml, MJML passes over all others.
        gone = raw if element is mending.root else first
        element.children = [child for child in element.children if child not in gone] if gone else element.children


def _speak(mending: Mending) -> None:
    """The letter's language and direction, where the theme names none: `und` says nothing to a screen reader."""
    mending.root.attributes.setdefault("lang", mending.language)
    mending.root.attributes.setdefault("dir", mending.direction)


def _note_unknown_classes(mending: Mending) -> None:
    """An mj-class that the head does not have: MJML passes over it, and so do we."""
    classes = {each.attributes.get("name", "") for each in mending.root.all() if each.name == "mj-class"}
    for element in mending.root.all():
        for name in element.attributes.get("mj-class", "").split():
            if name not in classes:
                remedy = f'write <mj-class name="{name}" /> into <mj-attributes>, or take it out'
                mending.notes.append(ThemeError(mending.hidden.place(element.start), f"no mj-class {name!r}", remedy))


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


_SHORT_COLOUR = re.compile(r"#([0-9a-fA-F])([0-9a-fA-F])([0-9a-fA-F])")


def _write_colours_out(mending: Mending) -> None:
    """A colour of three digits: the official MJML doubles each, and Outlook needs that where it is an attribute."""
    for element in mending.root.all():
        for name, value in element.attributes.items():
            if name.endswith("color") and (match := _SHORT_COLOUR.fullmatch(value)):
                element.attributes[name] = "#" + "".join(digit * 2 for digit in match.groups())


def _look_around(mending: Mending) -> None:
    """What stands in the body, and what the head says of all elements of a name."""
    for part in mending.root.elements():
        if part.name == "mj-body":
            mending.elements += part.all()
        for group in part.elements():
            for child in group.elements() if group.name == "mj-attributes" else ():
                mending.defaults[child.name] = mending.defaults.get(child.name, {}) | child.attributes


def _give_the_body_its_defaults(mending: Mending) -> None:
    """What the head says of mj-body: the engine passes over it."""
    for body in mending.elements[:1]:
        body.attributes = mending.defaults.get("mj-body", {}) | body.attributes


_FONT = "Ubuntu, Helvetica, Arial, sans-serif"
# What takes attributes from the element around it.
_PARTS = frozenset(
    {"mj-accordion-element", "mj-accordion-title", "mj-accordion-text", "mj-social-element", "mj-navbar-link"}
)


def _write_defaults_of_parts_out(mending: Mending) -> None:
    """What the head says of a part of a list: to the engine the list's own defaults are stronger."""
    for element in mending.elements:
        if element.name in _PARTS:
            element.attributes = mending.defaults.get(element.name, {}) | element.attributes


def _pass_fonts_down(mending: Mending) -> None:
    """Title and text of an accordion: what the head says of their font is weaker than what the accordion has."""
    for accordion in (each for each in mending.elements if each.name == "mj-accordion"):
        for element in accordion.elements():
            font = mending.value(element, "font-family") or mending.value(accordion, "font-family") or _FONT
            for part in element.elements() if element.name == "mj-accordion-element" else ():
                part.attributes.setdefault("font-family", font)


def _drop_what_does_nothing(mending: Mending) -> None:
    """Attributes of other elements, which the official MJML passes over: the engine still knows some."""
    for element in mending.elements:
        idle = element.attributes.keys() - vocabulary.attributes(element.name)
        if idle:
            element.attributes = {name: value for name, value in element.attributes.items() if name not in idle}


# Of these an empty one is none; of others it is a style that is left out.
_NONE_IF_EMPTY = ("background-url", "css-class", "href")


def _drop_what_is_empty(mending: Mending) -> None:
    """`href=""`: the official MJML makes no link of it."""
    for element in mending.elements:
        for name in _NONE_IF_EMPTY:
            if not element.attributes.get(name, "set").strip():
                del element.attributes[name]
        if "css-class" in element.attributes:
            element.attributes["css-class"] = " ".join(element.attributes["css-class"].split())
        # To the engine whatever stands there is yes.
        if element.attributes.get("full-width", "full-width") != "full-width":
            del element.attributes["full-width"]


def _give_pictures_a_text(mending: Mending) -> None:
    """A picture without alt has an empty one, or screen readers read its address."""
    for element in mending.elements:
        if element.name in {"mj-image", "mj-social-element"} and not mending.value(element, "alt"):
            element.attributes["alt"] = ""


def _take_inline_styles(mending: Mending) -> None:
    """`<mj-style inline="inline">`: the engine leaves it in the head, so it is for the inliner."""
    for element in mending.root.all():
        if element.name == "mj-head":
            styles = [child for child in element.elements() if child.attributes.get("inline") == "inline"]
            mending.rules += "\n".join(child.content or "" for child in styles)
            element.children = [child for child in element.children if child not in styles]


def _take_html_attributes(mending: Mending) -> None:
    """mj-html-attributes: the engine does not know it."""
    from lxml import cssselect, etree  # noqa: PLC0415 - premailer's; only a theme that changed needs it

    for head in mending.root.elements():
        groups = [child for child in head.elements() if child.name == "mj-html-attributes"]
        for selector in (each for group in groups for each in group.elements()):
            path = selector.attributes.get("path", "")
            try:
                cssselect.CSSSelector(path)
            except cssselect.SelectorError:
                mending.problem(selector.start, f"{path!r} is no selector of CSS", "write one such as .title a")
            for given in selector.elements():
                name, value = given.attributes.get("name", ""), (given.content or "").strip()
                try:
                    etree.Element("a").set(name, value)
                except ValueError:
                    problem = f"no element can have an attribute {name!r} with this value"
                    mending.problem(given.start, problem, "give it a name such as data-id, and plain text")
                mending.attributes.append((path, name, value))
        head.children = [child for child in head.children if child not in groups]


def _style(tag: str, name: str, value: str) -> str:
    """Return *tag* with a declaration more at the end of its style."""
    if ' style="' in tag:
        return re.sub(r' style="([^"]*?);?"', lambda style: f' style="{style[1]};{name}:{value};"', tag, count=1)
    return re.sub(r"\s*/?>$", lambda end: f' style="{name}:{value};"{end[0]}', tag)


def _attribute(tag: str, name: str, value: str) -> str:
    """Return *tag* with an attribute more."""
    return re.sub(r"\s*/?>$", lambda end: f' {name}="{quoted(value)}"{end[0]}', tag)


# What the engine passes over, by element: the attribute, the tag that the official MJML writes it to, and how.
_PASSED_OVER: dict[str, tuple[tuple[str, str, Callable[[str, str, str], str]], ...]] = {
    "mj-image": (
        *((f"border-{side}", "img", _style) for side in ("top", "right", "bottom", "left")),
        ("sizes", "img", _attribute),
        ("title", "a", _attribute),
    ),
    "mj-button": (("title", "(?:a|p)", _attribute),),
    "mj-hero": (("border-radius", "td(?=[^>]*background)", _style),),
    "mj-accordion-title": (("font-weight", "td", _style),),
    "mj-social-element": (("srcset", "img", _attribute), ("sizes", "img", _attribute)),
}


def _hook_what_is_passed_over(mending: Mending) -> None:
    """Attributes that do nothing in the engine: they are written to its tags behind it."""
    for element in mending.elements:
        for attribute, tag, write in _PASSED_OVER.get(element.name, ()):
            value = mending.value(element, attribute)
            # There is a link around a picture only where it leads somewhere.
            if value and (tag != "a" or mending.value(element, "href")):
                mending.hook(element, tag, partial(_written, write, attribute, value))


def _written(write: Callable[[str, str, str], str], name: str, value: str, tag: str) -> str:
    return write(tag, name, value)


# The two cells of an icon with its words; the icon is in a table of its own.
_ICON_AND_WORDS = r"<td\b[^>]*><table\b.*?</table></td><td\b.*?</td>"


def _put_icons_behind_words(mending: Mending) -> None:
    """mj-social-element icon-position="right": the engine puts every icon before its words."""
    for element in mending.elements:
        if (
            element.name == "mj-social-element"
            and element.content
            and mending.value(element, "icon-position") == "right"
        ):
            mending.hook(element, _ICON_AND_WORDS, _turned)


def _turned(cells: str) -> str:
    icon, end, words = cells.partition("</table></td>")
    return words + icon + end


def _space_cells(mending: Mending) -> None:
    """mj-table: the engine sets cells apart where there is a border, and not where there is space between cells."""
    for element in mending.elements:
        if element.name == "mj-table":
            space = re.sub(r"[^\d.]", "", mending.value(element, "cellspacing")).strip("0.")
            if space or mending.value(element, "border"):
                mending.hook(element, "table", partial(_with_spaced_cells, spaced=bool(space)))


def _with_spaced_cells(tag: str, *, spaced: bool) -> str:
    tag = tag.replace("border-collapse:separate;", "")
    return _style(tag, "border-collapse", "separate") if spaced else tag


def _keep_sections_apart(mending: Mending) -> None:
    """mj-wrapper gap: a distance above each section but the first."""
    for wrapper in mending.elements:
        gap = mending.value(wrapper, "gap") if wrapper.name == "mj-wrapper" else ""
        if not gap:
            continue
        opened: list[str] = []
        first = next(wrapper.elements(), None)
        for child in wrapper.children:
            if isinstance(child, str):
                _step(opened, first_names(mending.hidden, child))
                continue
            if child.name == "mj-section":
                # Outlook's table would be coloured in the gap, too.
                mending.hook(child, "table", _without_ground, suffix="-outlook")
            if child is not first and child.name == "mj-section":
                mending.hook(child, "div", partial(_written, _style, "margin-top", gap))
                mending.hook(child, "table", partial(_written, _style, "padding-top", gap), suffix="-outlook")
            elif "for" in opened:
                remedy = "take the gap out, and give the section a padding-top"
                mending.problem(child.start, "the first of the sections that a gap keeps apart is in a loop", remedy)


def _without_ground(tag: str) -> str:
    return re.sub(r' bgcolor="[^"]*"', "", tag)


def _put_raw_between(mending: Mending) -> None:
    """mj-raw among icons, links or accordions: there the engine takes none, but a comment."""
    for element in mending.elements:
        if element.name in {"mj-social", "mj-navbar", "mj-accordion", "mj-accordion-element"}:
            element.children = [
                (child.content or "") if isinstance(child, Element) and child.name == "mj-raw" else child
                for child in element.children
            ]


def _know_fluid_heroes(mending: Mending) -> None:
    """mode="fluid-height": the engine has another word for it, and forgets a sign of per cent."""
    for element in mending.elements:
        if element.name == "mj-hero" and mending.value(element, "mode") == "fluid-height":
            element.attributes["mode"] = "fluid"


_IMPORT = re.compile(r"@import", re.IGNORECASE)


def _refuse_imports(mending: Mending) -> None:
    """A style sheet from elsewhere: the letter must hold all that it needs."""
    for match in _IMPORT.finditer(mending.hidden.text):
        mending.problem(match.start(), "@import would go to the network", "write the styles out")


def _refuse_news_behind_words(mending: Mending) -> None:
    """A picture of the news behind words would stand in a style, and nobody knows whether they can be read on it."""
    for element in mending.elements:
        if "jinjax" in element.attributes.get("background-url", ""):
            problem = f"a picture of the news behind the words of <{element.name}>"
            mending.problem(element.start, problem, "show it with an <mj-image>")


def _refuse_columns_that_repeat(mending: Mending) -> None:
    """Columns in a loop: their widths are computed once."""
    for element in mending.root.all():
        opened: list[str] = []
        for child in element.children:
            if isinstance(child, str):
                _step(opened, first_names(mending.hidden, child))
            elif "for" in opened and child.name in {"mj-column", "mj-group"}:
                mending.problem(
                    child.start,
                    f"<{child.name}> in a loop: the widths of columns are computed once",
                    "let rows repeat, as in {% for row in section.stories|batch(2) %}, and write a column each for "
                    "row[0] and row[1]",
                )


def _note_columns_that_may_be_missing(mending: Mending) -> None:
    """Columns under a condition: the widths are those of a row in which all of them stand."""
    for element in mending.elements:
        opened: list[str] = []
        columns = [child for child in element.elements() if child.name in {"mj-column", "mj-group"}]
        for child in element.children:
            if isinstance(child, str):
                _step(opened, first_names(mending.hidden, child))
            elif (
                opened
                and len(columns) > 1
                and child.name in {"mj-column", "mj-group"}
                and not mending.value(child, "width")
            ):
                problem = f"<{child.name}> under a condition: the row is divided as if all its columns were there"
                mending.notes.append(ThemeError(mending.hidden.place(child.start), problem, "give each column a width"))


def _step(opened: list[str], statements: list[str]) -> None:
    """Keep in *opened* the loops and conditions that are open behind *statements*."""
    for statement in statements:
        if statement in {"for", "if"}:
            opened.append(statement)
        elif opened and statement == f"end{opened[-1]}":
            opened.pop()


_BEFORE: tuple[Callable[[Mending], None], ...] = (
    _unwrap_documents,
    _take_the_first_lines,
    _speak,
    _note_unknown_classes,
    _write_classes_out,
    lengths.give_zero_its_unit,
    lengths.take_whole_pixels,
    _write_colours_out,
    _look_around,
    _give_the_body_its_defaults,
    lengths.refuse_widths_that_are_none,
    lengths.reckon_with_whole_paddings,
    _pass_fonts_down,
    _write_defaults_of_parts_out,
    _drop_what_does_nothing,
    _drop_what_is_empty,
    _give_pictures_a_text,
    _hook_what_is_passed_over,
    lengths.narrow_buttons,
    lengths.narrow_pictures,
    lengths.draw_whole_lines,
    lengths.divide_groups,
    _put_icons_behind_words,
    _space_cells,
    _keep_sections_apart,
    _put_raw_between,
    _know_fluid_heroes,
    _take_inline_styles,
    _take_html_attributes,
    _refuse_imports,
    _refuse_news_behind_words,
    _refuse_columns_that_repeat,
    _note_columns_that_may_be_missing,
)

_TABLE = re.compile(r"<table(?![^>]*\brole=)")
_IMAGE = re.compile(r"(<img\b[^>]*?)\s+height=\"auto\"")
_CELL = re.compile(r"(<td\b[^>]*?)\s+vertical-align=\"[^\"]*\"")
_LABEL = re.compile(r"\s+aria-label=\"[^\"]*\"\s+aria-roledescription=\"email\"")


_SIDES_FIRST = re.compile(r"((?:(?<=;)padding-[a-z]+:[^;\"]*;)+)(padding:[^;\"]*;)")
_PREVIEW = '<div style="display:none;font-size:1px;color:#ffffff;line-height:1px;'
_LINE = re.compile(r'( width="\d+)\.\d+(px" style="border-top:[^"]*;width:\d+)\.\d+(?=px;")')
_NO_GROUND = re.compile(r' bgcolor="(?:none)?"')
_SHARE = re.compile(r"(?<=mj-column-per-)(\d+)-(\d{4,})")
_WIDTH = re.compile(r"(<img\b[^>]*? width=\"\d+)\.\d+|(<td style=\"width:\d+)\.\d+(?=px;\">(?:<a\b[^>]*>)?<img)")
_OUTLOOK = re.compile(r"<!--\[if mso \| IE\]>.*?<!\[endif\]-->", re.DOTALL)
_KEPT = re.compile(r"(<!--mjml\d{4}c-->)")
_NO_ICON = re.compile(
    r"<!--\[if mso \| IE\]><td><!\[endif\]--><table\b[^>]*><tbody>(<!--(?:jinjas\d{4}s|mjml\d{4}c)-->)</tbody></table>"
    r"<!--\[if mso \| IE\]></td><!\[endif\]-->"
)
_FLUID = re.compile(r"(?<=padding-bottom:)(\d+(?:\.\d+)?)(?=;width:0\.01%)")
_SAME_SHARE = 1e-4
_LINKS = re.compile(r"</a>(?=<!--\[if mso \| IE\]></td><!\[endif\]--><!--\[if mso \| IE\]><td)")
_LABEL_OF_MENU = re.compile(r"<label align=\"([^\"]*)\"([^>]* style=\")")
_OUTLOOK_CLASSES = re.compile(r"(?<= class=\")[^\" ]+(?: [^\" ]+)+-outlook(?=\")")


def after(html: str, written: Written, mending: Mending) -> str:
    """Return the engine's *html* of *written* whole, valid, and with nothing that readers or premailer stumble over."""
    # Of several classes the engine gives the last alone the name that it has in Outlook.
    html = _OUTLOOK_CLASSES.sub(lambda names: names[0].replace(" ", "-outlook "), html)
    html = _hooked(html, mending.hooks)
    # The preheader: many programs drop html and body, so it has to say what it is written in.
    spoken = " ".join(f'{name}="{quoted(mending.root.attributes[name])}"' for name in ("lang", "dir"))
    html = html.replace(_PREVIEW, f"<div {spoken}{_PREVIEW[4:]}", 1)
    # Between sections of a wrapper the engine puts everything into Outlook's comments.
    html = _OUTLOOK.sub(lambda branch: _KEPT.sub(r"<![endif]-->\1<!--[if mso | IE]>", branch[0]), html)
    # Among icons it puts a table around what is none.
    html = _NO_ICON.sub(r"\1", html)
    # The title again, read aloud before the first word.
    html = _LABEL.sub("", html)
    # A general padding behind one of a side would take it back.
    html = _SIDES_FIRST.sub(r"\2\1", html)
    # A width in HTML is a whole number.
    html = _WIDTH.sub(lambda width: width[1] or width[2], html)
    html = _LINE.sub(r"\1\2", html)
    # An attribute is no style: Outlook would take the word for a colour.
    html = _NO_GROUND.sub("", html)
    # Style sheets name these classes.
    html = _SHARE.sub(_share, html)
    # Per cent, and as the official MJML rounds them.
    html = _FLUID.sub(lambda height: f"{int(float(height[1]) + 0.5)}%", html)
    # Between the links of a menu, or they are one word where styles are not read.
    html = _LINKS.sub("</a> ", html)
    # A label has no such attribute.
    html = _LABEL_OF_MENU.sub(r"<label\2text-align:\1;", html)
    html = written.complete(html)
    # premailer drops the lower-case one, and a page without it is shown in quirks mode.
    html = html.replace("<!doctype html>", "<!DOCTYPE html>", 1)
    # Screen readers announce any other table as data, with its rows and columns.
    html = _TABLE.sub('<table role="presentation"', html)
    # Both are invalid attributes, and what they say stands beside them: in the style, and in valign.
    html = _IMAGE.sub(r"\1", html)
    html = _CELL.sub(r"\1", html)
    # These refine by media query and class, so they cannot be inlined.
    return html.replace("<style", '<style data-premailer="ignore"')


def _share(name: re.Match[str]) -> str:
    """Return what a column that has its share of a row is called by the official MJML, which counts more digits."""
    width = float(f"{name[1]}.{name[2]}")
    share = 100 / round(100 / width) if width else 0.0
    return str(share).replace(".", "-") if abs(share - width) < _SAME_SHARE else name[0]


def _hooked(html: str, hooks: Sequence[Hook]) -> str:
    """Return *html* with what is to be done to the tags of *hooks* done, and without their classes."""
    for hook in hooks:
        marked = re.search(rf"<[^<>]*\b{hook.name}\b", html)
        if marked and (match := hook.pattern.search(html, marked.start())):
            html = html[: match.start()] + hook.change(match[0]) + html[match.end() :]
    if hooks:
        html = re.sub(r" class=\"hook\d+x(?:-outlook)?(?: hook\d+x(?:-outlook)?)*\"", "", html)
        html = re.sub(r" hook\d+x(?:-outlook)?", "", html)
    return html
