"""Text that can be read: its contrast in light and dark (WCAG 2.2, 1.4.6), its size and spacing, its links.

Judged by what each client would paint (`Context.look`), in every view of `cascade.VIEWS`: narrow and wide, light and
dark, with the head's styles dropped, in Outlook.com's own dark mode.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.checks import cascade
from digest.checks.context import HTML
from digest.checks.page import name_of, text_of, visible
from digest.checks.rule import RuleGroup, Spot, rule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from digest.checks.context import Context
    from digest.checks.style import Style


_DARK = next(view for view in cascade.VIEWS if view.dark)
_OUTLOOK = next(view for view in cascade.VIEWS if view.outlook)


@rule("dark-mode", "warning", RuleGroup.PAGE, do="add what is missing")
def undeclared_dark_mode(issue: Context) -> Iterator[Spot]:
    """The page declares that it can be dark: both metas, :root, the media query and Outlook.com's selectors.

    Clients invert colours on their own otherwise.
    """
    return (Spot(HTML, f"{problem} is missing") for problem in _undeclared(issue))


def _undeclared(issue: Context) -> Iterator[str]:
    """Yield what a page must say to be dark in the clients that ask it, and this one does not."""
    page, sheet = issue.page, issue.cascade.sheet
    # Apple Mail reads the second name, from before there was a standard.
    for name in ("color-scheme", "supported-color-schemes"):
        metas = [meta for meta in page.named("meta") if meta.get("name", "").lower() == name]
        if len(metas) != 1 or "dark" not in metas[0].get("content", ""):
            yield f'<meta name="{name}" content="light dark">'
    roots = [block for block in sheet.rules if re.search(r":root|\bhtml\b", block.selectors)]
    if not any(declaration.name == "color-scheme" for block in roots for declaration in block.declarations):
        yield ":root { color-scheme: light dark; }"
    queries = [re.sub(r":\s*", ": ", query) for block in sheet.rules for query in block.media]
    if not any("prefers-color-scheme: dark" in query for query in queries):
        yield "@media (prefers-color-scheme: dark)"
    selectors = " ".join(block.selectors for block in sheet.rules)
    if lacks := [name for name in ("[data-ogsc]", "[data-ogsb]") if name not in selectors]:
        yield " and ".join(lacks)


@rule("contrast", "error", RuleGroup.STYLES, do="take a darker or lighter colour")
def contrast(issue: Context) -> Iterator[Spot]:
    """Text has a contrast of 4.5:1, large text of 3:1 (WCAG AA), in light, in dark, in Outlook.com's dark and without the head's styles.

    Many readers cannot read it otherwise.
    """  # noqa: E501 - the rule as docs/checks.md has it
    return (spot for spot, level in issue.low_contrasts if level == "AA")


@rule("contrast-enhanced", "warning", RuleGroup.STYLES, do="take a darker or lighter colour")
def enhanced_contrast(issue: Context) -> Iterator[Spot]:
    """Text has a contrast of 7:1, large text of 4.5:1 (WCAG AAA), in the same views.

    Who sees poorly, or reads in the sun, cannot read it otherwise.
    """
    return (spot for spot, level in issue.low_contrasts if level == "AAA")


@rule("dark-pairs", "warning", RuleGroup.STYLES, do="repeat the dark colours behind [data-ogsc] and [data-ogsb]")
def dark_pairs(issue: Context) -> Iterator[Spot]:
    """Text has the same colours in Outlook.com's dark as in the dark of the media query.

    Outlook.com knows only its own selectors.
    """
    # Without a declared dark mode nothing is dark by the page's own will, which is said already.
    if any(_undeclared(issue)):
        return
    outlook = issue.look(_OUTLOOK)
    for element, _, style in issue.texts(_DARK):
        other = outlook[element]
        # What cannot be read in one of them is a finding of the contrast.
        if style.colours != other.colours and not (style.missed_level or other.missed_level):
            yield issue.on(element, f"{style.colours} in dark, {other.colours} in Outlook.com's dark")


@rule("background-missing", "warning", RuleGroup.STYLES, do="set the background on the element or around it")
def missing_backgrounds(issue: Context) -> Iterator[Spot]:
    """Where a text colour is set, a background is set too.

    A client that is dark by itself shows dark text on dark.
    """
    for element, _, style in issue.texts(cascade.LIGHT):
        if style.inked and not style.backed and not style.picture:
            yield issue.on(element, "a text colour is set on no background")


@rule("background-picture", "warning", RuleGroup.STYLES, do="use a plain colour")
def background_pictures(issue: Context) -> Iterator[Spot]:
    """No text stands on a background picture.

    Outlook on Windows does not show it, and the contrast is unknown.
    """
    for element, _, style in issue.texts(cascade.LIGHT):
        if style.picture and style.backed:
            yield issue.on(element, "text on a background picture")


@rule("background-colour", "error", RuleGroup.STYLES, do="set a background colour beside the picture")
def background_colours(issue: Context) -> Iterator[Spot]:
    """Behind a background picture with text on it stands a colour.

    Clients that do not show the picture show the text on nothing.
    """
    for element, _, style in issue.texts(cascade.LIGHT):
        if style.picture and not style.backed:
            yield issue.on(element, "text on a background picture without a colour")


_SMALLEST = 14.0
# Below this nobody reads it: it is a way to hide words.
_UNREADABLE = 5.0
_BODY = 16.0
# Characters from which a block is running text, if it has two sentences and no link.
_RUNNING = 100
_LEAST_FACTOR = 1.4
_SENTENCE_END = re.compile(r"[.!?…。！？؟।]\S{0,2}\s+\S")


@rule("text-size", "warning", RuleGroup.STYLES, do="make it larger")
def small_text(issue: Context) -> Iterator[Spot]:
    """No visible text is smaller than 14 px.

    It is hard to read, and spam filters count it.
    """
    # What is too small to be seen at all is hidden, which is an error.
    seen = {element for element, _ in _tiny(issue)}
    # Colours aside the dark views are the light ones again.
    for view in cascade.VIEWS[:3]:
        for element, _, style in issue.texts(view):
            if style.size < _SMALLEST and element not in seen:
                seen.add(element)
                yield issue.on(element, f"text of {style.size:g} px")


@rule("body-size", "warning", RuleGroup.STYLES, do="make it larger")
def small_running_text(issue: Context) -> Iterator[Spot]:
    """Running text has 16 px or more.

    Phones are read at arm's length.
    """
    for element, style in _running(issue):
        if _SMALLEST <= style.size < _BODY:
            yield issue.on(element, f"running text of {style.size:g} px")


@rule("line-height", "warning", RuleGroup.STYLES, do="set line-height to 1.5")
def tight_lines(issue: Context) -> Iterator[Spot]:
    """Running text has a line height of 1.4 or more.

    Lines that are close together are hard to follow.
    """
    for element, style in _running(issue):
        if style.line_height < _LEAST_FACTOR * style.size:
            yield issue.on(element, f"a line height of {style.line_height:g} px for text of {style.size:g} px")


def _running(issue: Context) -> Iterator[tuple[Element, Style]]:
    """Yield each block of running text: long, of more than one sentence, and no list of links."""
    for element, text, style in issue.texts(cascade.LIGHT):
        if len(text) >= _RUNNING and _SENTENCE_END.search(text) and element.find(".//a") is None:
            yield element, style


# WCAG 2.2, 2.5.8 (AA): 24 CSS pixels, but for links in a sentence.
_TALL = 24.0


@rule("tap-target", "warning", RuleGroup.STYLES, do="give it a larger line height or padding")
def tap_targets(issue: Context) -> Iterator[Spot]:
    """A link that stands alone is 24 px tall or more.

    Fingers miss it.
    """
    look = issue.look(cascade.LIGHT)
    for link, block in _links_of_words(issue):
        around = look[block]
        # A link is hit anywhere on its line, and the block's own distance keeps the next link away.
        tall = max(look[link].line_height, around.line_height) + around.padding + around.margin
        if not re.search(r"\w", _outside_links(block)) and tall < _TALL:
            yield issue.on(link, f"a link of {tall:g} px")


@rule("link-in-text", "warning", RuleGroup.STYLES, do="underline it")
def links_in_text(issue: Context) -> Iterator[Spot]:
    """A link inside text is underlined.

    Readers who do not see the colour do not find it.
    """
    look = issue.look(cascade.LIGHT)
    for link, block in _links_of_words(issue):
        is_in_text = re.search(r"\w\W*\w", _outside_links(block))
        # The line may be drawn by an element inside the link.
        if is_in_text and not any(look[node].underlined for node in link.iter() if node in look):
            yield issue.on(link, "a link in text that is not underlined")


def _links_of_words(issue: Context) -> Iterator[tuple[Element, Element]]:
    """Yield each visible link that has a name and no picture in it, with the block that it stands in."""
    look = issue.look(cascade.LIGHT)
    for link in issue.page.named("a"):
        if link.get("href") is not None and not look[link].hidden and name_of(link) and link.find(".//img") is None:
            yield link, next(ancestor for ancestor in issue.page.ancestors(link) if look[ancestor].block)


def _outside_links(block: Element) -> str:
    """Return the text of *block* that is in no link."""
    pieces = [block.text or ""]
    for child in block:
        if child.tag != "a":
            pieces.append(_outside_links(child))
        pieces.append(child.tail or "")
    return visible(" ".join(pieces))


@rule("hidden-text", "error", RuleGroup.STYLES, do="remove it")
def hidden_text(issue: Context) -> Iterator[Spot]:
    """Nothing is hidden but the preheader.

    Spam filters look for hidden text, and clients that drop styles show it.
    """
    page = issue.page
    wide, narrow, dark = (issue.look(view) for view in (*cascade.VIEWS[:2], cascade.DARK))
    is_first = True
    for element in page.body.iter():
        if element is page.body:
            continue
        why = wide[element].hidden
        # What stands in a hidden element is hidden with it, and told once.
        is_inside = bool(wide[page.parents[element]].hidden)
        text = text_of(element)
        # What opens at a click has a rule of its own.
        if page.opens_at_a_click(element):
            continue
        if not why or is_inside or why == "not shown" or not re.search(r"\w", text):
            continue
        # The first is taken for the preheader, and a hidden unsubscribe link has a rule of its own: both are asked
        # about elsewhere.
        is_preheader, is_first = is_first, False
        has_way_out = any(link.get("href") == issue.unsubscribe for link in element.iter("a"))
        # As a logo that has another picture for dark mode.
        is_of_dark = element.tag == "img" and not dark[element].hidden
        if not is_preheader and not has_way_out and narrow[element].hidden and not is_of_dark:
            yield issue.on(element, f"{text[:40]!r} is hidden ({why})")
    for element, text in _tiny(issue):
        yield issue.on(element, f"{text[:40]!r} is hidden (font-size:{wide[element].size:g}px)")


def _tiny(issue: Context) -> Iterator[tuple[Element, str]]:
    """Yield each element whose own words are too small to be seen, on wide and on narrow screens, with these."""
    narrow = issue.look(cascade.VIEWS[1])
    for element, text, style in issue.texts(cascade.LIGHT):
        is_tiny = style.size < _UNREADABLE and narrow[element].size < _UNREADABLE
        # An alt text is in the place of a picture, whose cell often has no size of text to leave no gap.
        if is_tiny and element.tag != "img" and re.search(r"\w", text):
            yield element, text
