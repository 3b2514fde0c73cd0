"""What the page loads: pictures that every client can show, and nothing that runs, is hidden or loads by itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digest.checks import html_names
from digest.checks.context import HTML, line_of
from digest.checks.page import text_of
from digest.checks.rule import RuleGroup, Spot, rule
from digest.text.phrases import bare

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from digest.checks.context import Context


_FONTS = re.compile(r"\bfonts?\b|\btypekit\b|\.woff2?\b", re.IGNORECASE)
# The boxes by which MJML opens a menu or a text.
_OPENERS = frozenset({"mj-menu-checkbox", "mj-accordion-checkbox"})


@rule("comment", "note", RuleGroup.PAGE, do="remove it")
def comments(issue: Context) -> Iterator[Spot]:
    """No comment is left but Outlook's.

    Anybody can read it, and it costs bytes.
    """
    for comment in issue.page.comments:
        if not re.match(r"\[if |<!\[endif\]|\[endif\]", comment.strip()):
            yield Spot(HTML, f"the comment {' '.join(comment.split())[:60]!r} is left")


@rule("active-content", "error", RuleGroup.PAGE, do="remove it; link to a page that has it")
def active_content(issue: Context) -> Iterator[Spot]:
    """No script, form, frame, object, video or input.

    Mail clients remove it or take the message for an attack.
    """
    for element in issue.page.elements:
        if element.tag in html_names.ACTIVE and not _opens(element):
            yield issue.on(element, f"{element.tag} is in the page")
        if element.tag == "meta" and element.get("http-equiv", "").lower() in ("refresh", "set-cookie"):
            yield issue.on(element, f"meta {element.get('http-equiv')} is in the page")


@rule("interactive", "warning", RuleGroup.PAGE, do="show the links or the words as they are")
def openers(issue: Context) -> Iterator[Spot]:
    """Nothing opens at a click.

    Most clients show the links of a menu in a row and all words of an accordion; some show a box that does nothing.
    """
    return (issue.on(element, "opens a part of the page") for element in issue.page.elements if _opens(element))


def _opens(element: Element) -> bool:
    # Only a box: a field for a password is one whatever its class says.
    is_box = element.tag == "input" and element.get("type", "").strip().lower() == "checkbox"
    return is_box and bool(_OPENERS & set(element.get("class", "").split()))


@rule("event-handler", "error", RuleGroup.PAGE, do="remove it")
def event_handlers(issue: Context) -> Iterator[Spot]:
    """No on… attribute.

    Mail clients remove it or take the message for an attack.
    """
    for element in issue.page.elements:
        for name in element.attrib:
            if re.fullmatch(r"on[a-z]+", name):
                yield issue.on(element, f"{element.tag} has {name}")


@rule("vml", "note", RuleGroup.PAGE, do="use a picture or a plain background")
def vml(issue: Context) -> Iterator[Spot]:
    """No VML.

    It is how Outlook on Windows shows a background picture; the new Outlook does not know it, and shows the colour.
    """
    # In the source and not in the tree: VML stands in conditional comments.
    for match in re.finditer(r"<v:[a-z]+|behavior:\s*url\(#default#VML\)", issue.html):
        yield Spot(HTML, f"{match[0]} is in the page", line=line_of(issue.html, match.start()))


@rule("external-css", "error", RuleGroup.PAGE, do="put it into the page")
def external_styles(issue: Context) -> Iterator[Spot]:
    """No style is loaded from elsewhere.

    Most clients do not load it, and it tells a server who reads.
    """
    return (spot for is_font, spot in _loaded(issue) if not is_font)


@rule("web-font", "warning", RuleGroup.PAGE, do="name fonts that readers have")
def web_fonts(issue: Context) -> Iterator[Spot]:
    """No font is loaded.

    Most clients do not load it and show the next one of the stack; those that do tell its server who reads.
    """
    yield from (spot for is_font, spot in _loaded(issue) if is_font)
    for at_rule in issue.cascade.sheet.at_rules:
        if at_rule.name == "font-face":
            yield Spot(HTML, "@font-face is in the page", line=at_rule.line)


_GENERIC = frozenset({"serif", "sans-serif", "monospace", "cursive", "fantasy", "system-ui"})
_STACK = re.compile(
    r"""(?<![\w-])font-family\s*:\s*((?:"[^"]*"|'[^']*'|[^;"'!])+)""",
    re.IGNORECASE,
)


@rule("font-stack", "error", RuleGroup.PAGE, do="end the stack with serif or sans-serif")
def font_stacks(issue: Context) -> Iterator[Spot]:
    """Where a font is loaded, each stack of fonts ends in a generic one.

    Clients that do not load it take one of their own otherwise, as Outlook takes Times New Roman.
    """
    if not any(web_fonts.spots(issue)):
        return
    for element in issue.page.elements:
        for stack in _STACK.findall(element.get("style", "")):
            if stack.rsplit(",", maxsplit=1)[-1].strip().lower() not in _GENERIC | html_names.WIDE:
                yield issue.on(element, f"the stack of fonts {stack.strip()!r} ends in none that all have")


def _loaded(issue: Context) -> Iterator[tuple[bool, Spot]]:
    """Yield the style sheets that the page loads, and whether each is one of fonts."""
    for element in issue.page.named("link"):
        address = element.get("href", "")
        if re.search(r"stylesheet|preload|import", element.get("rel", "").lower()):
            yield bool(_FONTS.search(address)), issue.on(element, f"loads {address}")
    for at_rule in issue.cascade.sheet.at_rules:
        if at_rule.name == "import":
            yield bool(_FONTS.search(at_rule.prelude)), Spot(HTML, f"@import {at_rule.prelude}", line=at_rule.line)


_FILE_NAME = re.compile(r"[\w%+-]+\.(?:png|jpe?g|gif|webp|svg|avif|bmp)", re.IGNORECASE)
# "Picture" and its like in several languages: a screen reader says that it is one anyway.
_WORDS = frozenset(
    {"image", "picture", "photo", "photograph", "icon", "logo", "img", "graphic", "thumbnail", "banner", "spacer"}
    | {"bild", "foto", "imagen", "immagine", "afbeelding", "zdjęcie", "obraz", "фото", "resim", "صورة", "תמונה"}
    | {"चित्र", "画像", "图片"}
)
# Letters from which an alt text can be called a headline's copy: a provider's name is shorter.
_SHORTEST = 12


@rule("image-alt", "error", RuleGroup.PICTURES, do='add alt=""')
def missing_alt(issue: Context) -> Iterator[Spot]:
    """Every picture has an alt text, empty where it says nothing new.

    Screen readers read the address otherwise.
    """
    return (issue.on(image, "has no alt") for image in issue.page.named("img") if image.get("alt") is None)


@rule("image-alt-repeats", "warning", RuleGroup.PICTURES, do="say what is on the picture, or leave it empty")
def repeating_alt(issue: Context) -> Iterator[Spot]:
    """No alt text says the headline again.

    Screen readers read it twice.
    """
    for image in issue.page.named("img"):
        if _repeats(issue, image):
            yield issue.on(image, f"alt says {image.get('alt', '')[:40]!r} again")


@rule("image-alt-words", "warning", RuleGroup.PICTURES, do="say what is on the picture, or leave it empty")
def empty_alt_words(issue: Context) -> Iterator[Spot]:
    """No alt text is a file's name or the word picture.

    It tells nothing.
    """
    for image in issue.page.named("img"):
        alt = image.get("alt", "")
        if (_FILE_NAME.fullmatch(alt.strip()) or alt.strip().casefold() in _WORDS) and not _repeats(issue, image):
            yield issue.on(image, f"alt is {alt!r}")


def _repeats(issue: Context, image: Element) -> bool:
    """Whether the alt text is a headline, or the text that stands beside the picture in its heading or link."""
    alt = bare(image.get("alt", ""))
    around = issue.page.within(image, "h1", "h2", "h3", "h4", "a")
    # The text around holds the alt text itself, so what is said again stands in it twice.
    text = "" if around is None else bare(text_of(around))
    # A heading that is a picture, such as a logo, has no other words.
    is_heading = around is not None and around.tag != "a" and text == alt
    return len(alt) >= _SHORTEST and (text == 2 * alt or (alt in issue.headlines and not is_heading))


@rule("image-address", "error", RuleGroup.PICTURES, do="use a picture with an https address")
def picture_addresses(issue: Context) -> Iterator[Spot]:
    """Pictures have a full https address.

    Clients do not load others, or warn of them.
    """
    for image in issue.page.named("img"):
        address = image.get("src", "")
        if address.startswith("data:"):
            yield issue.on(image, "its bytes stand in the page (data:)")
        elif not _is_https(address):
            yield issue.on(image, f"{address[:60]!r} is no https address")


# Where MJML takes the icons of mj-social and mj-accordion from, unless a theme names its own.
_BORROWED = re.compile(r"https://(?:www\.mailjet\.com/images/theme/|i\.imgur\.com/)")


@rule("image-borrowed", "warning", RuleGroup.PICTURES, do="put it on a host of your own, and name it with src")
def borrowed_pictures(issue: Context) -> Iterator[Spot]:
    """No icon comes from the hosts of MJML's examples.

    They are strangers: they see who reads, and the icon may change or vanish.
    """
    for image in issue.page.named("img"):
        if _BORROWED.match(image.get("src", "")):
            yield issue.on(image, f"{image.get('src')} is a stranger's")


@rule("image-format", "error", RuleGroup.PICTURES, waivable=True, do="use PNG or JPEG")
def picture_formats(issue: Context) -> Iterator[Spot]:
    """No picture is SVG.

    Gmail and Outlook do not show it.
    """
    for image in issue.page.named("img"):
        address = image.get("src", "")
        if _is_https(address) and urlsplit(address).path.lower().endswith((".svg", ".svgz")):
            yield issue.on(image, "is SVG")


def _is_https(address: str) -> bool:
    """Whether *address* is a complete https address, without characters that must be escaped in one."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and not re.search(r"[\s\"<>\\^`{|}]", address)


@rule("image-width", "warning", RuleGroup.PICTURES, do="add width")
def picture_sizes(issue: Context) -> Iterator[Spot]:
    """Every picture has its width as a whole number of pixels.

    Outlook shows it in full size otherwise.
    """
    for image in issue.page.named("img"):
        width, height = image.get("width", ""), image.get("height", "")
        # Outlook does not get the signs of an accordion.
        if not width.isdecimal() and not issue.page.opens_at_a_click(image):
            yield issue.on(image, f"width is {width!r}" if width else "has no width")
        if "height" in image.attrib and not height.isdecimal():
            yield issue.on(image, f"height is {height!r}")


@rule("tracking-pixel", "warning", RuleGroup.PICTURES, do="remove it")
def tracking_pixels(issue: Context) -> Iterator[Spot]:
    """No picture is one pixel in size.

    It is taken for a spy, and is one.
    """
    for image in issue.page.named("img"):
        width, height = image.get("width", ""), image.get("height", "")
        if width.isdecimal() and (int(width) <= 1 or height in ("0", "1")):
            yield issue.on(image, f"is {width} × {height or width} px")
