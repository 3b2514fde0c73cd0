"""Lengths as the official MJML reckons with them: the first whole number of each, whatever unit stands behind it.

Our engine reckons with fractions of pixels, and passes over what is in no pixels. It is given whole pixels here, and
where the style says more (`padding="5% 10%"`), that is written back behind it. Like the mends of `fidelity`, whose
table they stand in: `before` the engine on the tree, or by a hook behind it.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.theme.fidelity import Mending
    from digest.theme.markup import Element

# Whose padding is taken from a width, and so from those of all that is inside.
_MEASURED = frozenset({
    "mj-section", "mj-wrapper", "mj-column", "mj-hero", "mj-image", "mj-button", "mj-divider", "mj-class", "mj-all",
})  # fmt: skip
_PADDINGS = ("padding", "padding-top", "padding-right", "padding-bottom", "padding-left")
_IN_PIXELS = re.compile(r"(\d+)(?:\.\d+)?(?:px)?")
# Of a pixel.
_HAIR = 1e-4


def give_zero_its_unit(mending: Mending) -> None:
    """`padding="0 30px"`: the engine counts a zero without unit for nothing, and the 30 with it."""
    for element in mending.root.all():
        for name, value in list(element.attributes.items()) if element.name in _MEASURED else ():
            if "padding" not in name:
                continue
            # It stumbles over a second blank, too.
            sides = value.split()
            element.attributes[name] = " ".join(sides)
            if "0" in sides:
                # Where both sides are zero it is right by chance, and the author's way of writing stays. Of a hero the
                # height counts, too, and the zero of one side is to win over `padding`.
                by_chance = set(sides[1::2] or sides) == {"0"} and element.name != "mj-hero"
                if not by_chance or name in {"padding-left", "padding-right"}:
                    element.attributes[name] = " ".join("0px" if side == "0" else side for side in sides)


def take_whole_pixels(mending: Mending) -> None:
    """Widths and heights in other units than pixels, or in parts of one."""
    for element in mending.root.all():
        name, width = element.name, element.attributes.get("width", "")
        match = None
        # The number in front holds even where per cent stand behind it.
        if name == "mj-image":
            match = re.match(r"(\d+)", width)
        elif name in {"mj-column", "mj-group"} or (name == "mj-button" and width.isdecimal()):
            match = _IN_PIXELS.fullmatch(width)
        if match:
            element.attributes["width"] = f"{match[1]}px"
        if name == "mj-hero" and (height := re.match(r"\d+", element.attributes.get("height", ""))):
            element.attributes["height"] = f"{height[0]}px"


def refuse_widths_that_are_none(mending: Mending) -> None:
    """The width of the body, from which all others are reckoned: without pixels there is none."""
    for body in (each for each in mending.elements if each.name == "mj-body"):
        width = body.attributes.get("width", "600px")
        if not re.fullmatch(r"\d+(\.\d+)?(px)?", width):
            mending.problem(body.start, f"the width {width!r} of <mj-body> is not in pixels", "write one such as 600px")


def reckon_with_whole_paddings(mending: Mending) -> None:
    """`padding="5% 10%"`: the engine reckons with pixels; the style is as the author wrote it."""
    for element in mending.elements:
        for name in _PADDINGS if element.name in _MEASURED else ():
            value = mending.value(element, name)
            whole = " ".join(map(_whole, value.split()))
            if whole != value:
                element.attributes[name] = whole
                # The cell of a hero stands behind one whose padding is the picture's height.
                cell = r"<td\b(?![^>]*mso-padding-bottom-alt)[^>]*\bpadding\b[^>]*>"
                mending.hook(element, cell, partial(_with_padding, name=name, whole=whole, value=value))


def _whole(side: str) -> str:
    number = re.match(r"\d+", side)
    return f"{number[0]}px" if number and not re.fullmatch(r"0|\d+px", side) else side


def _with_padding(cell: str, *, name: str, whole: str, value: str) -> str:
    return re.sub(rf'(?<=[;"]){name}:{re.escape(whole)}(?=[;"])', lambda _: f"{name}:{value}", cell, count=1)


def divide_groups(mending: Mending) -> None:
    """Columns of a group: in Outlook they are whole pixels wide, on a telephone whole per cent; padding is inside."""
    for group in mending.elements:
        columns = [child for child in group.elements() if child.name == "mj-column"] if group.name == "mj-group" else []
        if not columns:
            continue
        for column in columns:
            if 100 % len(columns) and not mending.value(column, "width"):
                mending.hook(column, "div", partial(re.sub, r"(?<=;width:)(\d+)\.\d+(?=%)", r"\1"))
        # Each stands in a cell of Outlook's table, which has no class; no other cell says both.
        cells = rf'<div\b(?:.*?<td style="vertical-align:[^"]*\bwidth:[^"]*">){{{len(columns)}}}'
        mending.hook(group, cells, partial(_with_whole_cells, lost=[_sides(mending, column) for column in columns]))


def _with_whole_cells(group: str, *, lost: list[int]) -> str:
    """Return *group* with the width of its cells in whole pixels, each with those that the engine has *lost*."""
    rest = iter(lost)

    def whole(cell: re.Match[str]) -> str:
        return f"{cell[1]}{int(float(cell[2]) + _HAIR) + next(rest)}"

    return re.sub(r'(<td style="vertical-align:[^"]*\bwidth:)(\d+(?:\.\d+)?)(?=px)', whole, group)


def narrow_buttons(mending: Mending) -> None:
    """A button with a width and a border: the engine forgets the border, and the button is wider by it."""
    for element in mending.elements:
        if element.name == "mj-button" and mending.value(element, "width").endswith("px"):
            every = mending.value(element, "border")
            sides = [mending.value(element, f"border-{side}") or every for side in ("left", "right")]
            border = sum(map(_pixels, sides))
            if border:
                mending.hook(element, "(?:a|p)", partial(_narrower, by=border))


def _narrower(tag: str, by: int) -> str:
    return re.sub(r"(?<=;width:)(\d+)(?=px)", lambda width: str(max(int(width[1]) - by, 0)), tag, count=1)


def narrow_pictures(mending: Mending) -> None:
    """Inner borders of a column, padding of a hero: the engine forgets them, and what is inside is too wide.

    So is a picture by a pixel where a width is a hair below a whole number: the engine reckons with fewer digits.
    """
    short = {id(column) for column in _short_columns(mending)}
    for element in mending.elements:
        lost = _lost_width(mending, element)
        for child in element.elements():
            by = lost + (id(element) in short)
            if by and child.name == "mj-image" and not mending.value(child, "width"):
                mending.hook(child, r'<td style="width:.*?<img\b[^>]*>', partial(_narrower_picture, by=by))
            elif lost and child.name == "mj-divider" and mending.value(child, "width") in {"", "100%"}:
                mending.hook(child, "table", partial(_narrower_line, by=lost))


def draw_whole_lines(mending: Mending) -> None:
    """mj-divider: Outlook's line is of whole per cent."""
    for element in mending.elements:
        width = mending.value(element, "width") if element.name == "mj-divider" else ""
        if match := re.fullmatch(r"(\d+)\.\d+%", width):
            element.attributes["width"] = f"{match[1]}%"
            mending.hook(element, "p", partial(re.sub, rf";width:{match[1]}%", f";width:{width}"))


def _short_columns(mending: Mending) -> Iterator[Element]:
    """Yield the columns whose width, in per cent, is a hair below a whole number of pixels."""
    for body in mending.elements[:1]:
        for part in body.elements():
            around = _pixels(mending.value(body, "width") or "600px") - _sides(mending, part)
            for section in part.elements() if part.name == "mj-wrapper" else (part,):
                inside = around if section is part else around - _sides(mending, section)
                for column in section.elements():
                    match = re.fullmatch(r"(\d+(?:\.\d+)?)%", mending.value(column, "width"))
                    if match and 0 < 1 - float(match[1]) * inside / 100 % 1 < _HAIR:
                        yield column


def _sides(mending: Mending, element: Element) -> int:
    """Return the pixels of padding and border at both sides of *element*."""
    every = mending.value(element, "border")
    borders = (mending.value(element, f"border-{side}") or every for side in ("left", "right"))
    return sum(map(_pixels, (*_paddings(mending, element), *borders)))


def _paddings(mending: Mending, element: Element) -> tuple[str, str]:
    """Return the padding of *element* on the left and on the right."""
    given = mending.value(element, "padding").split() or ["0"]
    right = given[1 % len(given)]
    # As CSS reads it: a fourth value is the left side's, else it is as the right one.
    left = given[3] if len(given) > 3 else right
    return mending.value(element, "padding-left") or left, mending.value(element, "padding-right") or right


def _lost_width(mending: Mending, element: Element) -> int:
    """Return the pixels of *element* that are not its content's, and that the engine counts as such."""
    if element.name == "mj-column":
        every = mending.value(element, "inner-border")
        return sum(_pixels(mending.value(element, f"inner-border-{side}") or every) for side in ("left", "right"))
    if element.name == "mj-hero":
        return sum(map(_pixels, _paddings(mending, element)))
    return 0


def _pixels(length: str) -> int:
    """Return the first number of *length*, which is in pixels or a border, as the official MJML does."""
    match = re.search(r"(?:^| )(\d+)", length)
    return int(match[1]) if match else 0


def _narrower_picture(cell: str, by: int) -> str:
    return re.sub(
        r'((?:^<td style="|<img\b[^>]* )width[:=]"?)(\d+)', lambda width: f"{width[1]}{int(width[2]) - by}", cell
    )


def _narrower_line(table: str, by: int) -> str:
    return re.sub(r'(width[:=]"?)(\d+)', lambda width: f"{width[1]}{int(width[2]) - by}", table)
