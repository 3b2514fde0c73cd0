"""Whether the issue shows what its record says, and no placeholder or mojibake is left in it."""

from __future__ import annotations

import re
from html.entities import html5
from typing import TYPE_CHECKING
from urllib.parse import unquote

from digest.checks.context import HTML, RECORD, TEXT, bare, line_of
from digest.checks.page import text_of
from digest.checks.rule import finding
from digest.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from digest.checks.context import Context
    from digest.model import Finding


_EXPRESSIONS = (
    r"\{\{.{0,200}?\}\}|\{%.{0,200}?%\}|\[\[.{0,200}?\]\]|\[%.{0,200}?%\]|\$\{[^}\n]*\}|<%.{0,200}?%>|\*\|[^|\n]*\|\*"
    r"|\{\{|\}\}|\{%|%\}"
)
_PLACEHOLDER = re.compile(
    rf"{_EXPRESSIONS}|(?<![{{$])\{{[a-z]{{2,}}(?:[_.-][a-z]+)*\}}(?!\}})"  # {link_color}, {can-spam}
    r"|%%?[A-Za-z_][A-Za-z_.-]{1,40}[A-Za-z]%%?"  # %FIRST_NAME%, %recipient.name%
    r"|\[[A-Z]+_[A-Z_]+\]|\[(?:UNSUBSCRIBE|NAME|EMAIL|FNAME)\]",
    re.DOTALL,
)
_IN_STYLES = re.compile(r"\{\{|\{%|\[\[|\[%|\$\{|\*\|")
_NOTHING = re.compile(r"(?:None|null|undefined|NaN|nan|\[object Object\])[,.;:·]?")
_ESCAPE = re.compile(
    r"\\u\{[0-9a-f]+\}|\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|<\w[\w.]* object at 0x[0-9a-f]+>"
    r"|Traceback \(most recent call last\)|\b(?:Undefined|Template|Syntax|Type|Key|Attribute)Error\b: ",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{2,7}|#[xX][0-9a-fA-F]{2,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_MOJIBAKE = re.compile(
    "\ufffd|ï»¿|ï¿½|â€[^\\s\\w]|â€[™œ\x9dž]|Ã[\x80-\xbfƒ‚„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œžŸ]|Â[\xa0£©®°±²³´·º¼½¾]"
    "|Ð[\x80-\xbf‚„…]|Ñ[\x80-\xbfƒ‚„…]"
)
_FILLER = re.compile(r"\blorem ipsum\b|\bdolor sit amet\b", re.IGNORECASE)
_TODO = re.compile(r"\b(?:TODO|FIXME|TBD)\b")
_SHOWN = 60


def findings(issue: Context) -> Iterator[Finding]:
    """Yield every left-over of the page, the text and the subject."""
    for element, text in _page_runs(issue):
        yield from (issue.on(element, "placeholder", placeholder) for placeholder in _placeholders(text))
        yield from (issue.on(element, rule, problem) for rule, problem in _leftovers(text, entities=True))
    for match in _PLACEHOLDER.finditer(issue.text):
        if not _in_address(match):
            problem = f"{_short(_key(match))} is left"
            yield finding("placeholder", TEXT, problem, line=line_of(issue.text, match.start()))
    for number, line in enumerate(issue.text.splitlines(), 1):
        yield from (finding(rule, TEXT, problem, line=number) for rule, problem in _leftovers(line, entities=False))
    yield from (
        finding("placeholder", RECORD, placeholder, element="subject")
        for placeholder in _placeholders(issue.facts.subject)
    )
    for style in issue.page.named("style"):
        if left := _IN_STYLES.search(style.text or ""):
            yield issue.on(style, "placeholder", f"{left[0]!r} is left")


def _key(match: re.Match[str]) -> str:
    return " ".join(match[0].split())


def _in_address(match: re.Match[str]) -> bool:
    """Whether it is percent encoding, which must not be taken for a merge tag."""
    start = max(match.string.rfind(sign, 0, match.start()) for sign in " \n")
    return "://" in match.string[start : match.start()] and not _PLACEHOLDER.search(_plain(match[0]))


def _placeholders(text: str) -> Iterator[str]:
    return (f"{_short(_key(match))} is left" for match in _PLACEHOLDER.finditer(text))


def _page_runs(issue: Context) -> Iterator[tuple[Element, str]]:
    """Every run of words in the page, and every attribute's value."""
    for element in issue.page.elements:
        if element.tag not in ("style", "script"):
            yield from ((element, piece) for piece in (element.text, *(child.tail for child in element)) if piece)
        for name, value in element.attrib.items():
            yield element, _plain(value) if name in ("href", "src") else value


def _plain(text: str) -> str:
    """*text* without percent encoding, which must not be taken for a merge tag."""
    return re.sub(r"%[0-9A-Fa-f]{2}", "", text)


def _leftovers(text: str, *, entities: bool) -> Iterator[tuple[str, str]]:
    if _NOTHING.fullmatch(text.strip()):
        yield "empty-value", f"says {text.strip()!r}"
    for rule, pattern, problem in (
        ("debug-escape", _ESCAPE, "{} is a programmer's escape or error"),
        ("mojibake", _MOJIBAKE, "{} was read in the wrong encoding"),
        ("filler", _FILLER, "{} is filler"),
        ("todo", _TODO, "{} is left"),
    ):
        if first := pattern.search(text):
            yield rule, problem.format(_short(first[0]))
    for match in _ENTITY.finditer(text if entities else ""):
        if match[0][1] == "#" or match[0][1:] in html5:
            yield "double-entity", f"readers see {match[0]}"


def _short(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def story_findings(issue: Context) -> Iterator[Finding]:
    """Yield stories, links and headlines that stand in one part and not in another."""
    yield from _stories(issue)
    if bare(issue.text):  # an empty text is told as that
        yield from _parity(issue)


def _stories(issue: Context) -> Iterator[Finding]:
    page = issue.page
    links = [link.get("href", "") for link in page.named("a")]
    reached = {canonical(link) for link in links if link.startswith("http")}
    headings = [bare(text_of(heading)) for heading in page.headings]
    seen: set[str] = set()
    for story in issue.facts.stories:
        name = f"“{story.headline[:40]}”"
        if canonical(story.url) not in reached:
            yield finding("story-missing", HTML, f"no link to {story.url}", element=name)
        elif not any(bare(story.headline) in heading for heading in headings):
            yield finding("story-headline", HTML, "is in no heading", element=name)
        if canonical(story.url) in seen:
            yield finding("story-twice", RECORD, f"{story.url} is picked twice", element=name)
        seen.add(canonical(story.url))


def _parity(issue: Context) -> Iterator[Finding]:
    page = issue.page
    seen: set[str] = set()
    for link in page.named("a"):
        address = link.get("href", "")
        if not address.startswith(("http:", "https:")) or address in seen:
            continue
        seen.add(address)
        compact = re.sub(r"\s+", "", address)
        # What must stand in the text by a rule of its own is not told twice.
        if (
            compact in issue.squeezed
            or unquote(compact) in issue.squeezed
            or address in (issue.unsubscribe, issue.facts.web)
        ):
            continue
        yield finding("parity-links", TEXT, f"{address} of the HTML is not there")
    plain = bare(issue.text)
    for heading in page.headings:
        if bare(text_of(heading)).lstrip("0123456789") not in plain:
            yield finding("parity-headlines", TEXT, f"{text_of(heading)[:60]!r} of the HTML is not there")
