"""The words of the issue: its stories are those of the record, and no left-over of a template or a wrong encoding."""

from __future__ import annotations

import re
from html.entities import html5
from typing import TYPE_CHECKING

from digest.checks.context import HTML, RECORD, TEXT, line_of, without_escapes
from digest.checks.page import text_of
from digest.checks.rule import RuleGroup, Spot, rule
from digest.text.phrases import bare
from digest.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from xml.etree.ElementTree import Element

    from digest.checks.context import Context, ShownBlock, ShownStory

# Jinja, Handlebars, Liquid and Mustache, this program's own theme language, ERB, JavaScript, Mailchimp; a lone brace
# pair is what is left of an expression that was cut in two.
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
# In a style sheet braces and percent signs are CSS, so only what CSS cannot contain counts there.
_IN_STYLES = re.compile(r"\{\{|\{%|\[\[|\[%|\$\{|\*\|")
_NOTHING = re.compile(r"(?:None|null|undefined|NaN|nan|\[object Object\])[,.;:·]?")
_ESCAPE = re.compile(
    r"\\u\{[0-9a-f]+\}|\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|<\w[\w.]* object at 0x[0-9a-f]+>"
    r"|Traceback \(most recent call last\)|\b(?:Undefined|Template|Syntax|Type|Key|Attribute)Error\b: ",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{2,7}|#[xX][0-9a-fA-F]{2,6}|[A-Za-z][A-Za-z0-9]{1,30});")
# UTF-8 read as windows-1252 or Latin-1: the first byte of a sequence with a second that cannot begin a word. Letters
# alone would not do: Â and Ã are letters of French and Portuguese ("NÃO", "Âge d'or").
_MOJIBAKE = re.compile(
    "\ufffd|ï»¿|ï¿½|â€[^\\s\\w]|â€[™œ\x9dž]|Ã[\x80-\xbfƒ‚„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œžŸ]|Â[\xa0£©®°±²³´·º¼½¾]"
    "|Ð[\x80-\xbf‚„…]|Ñ[\x80-\xbfƒ‚„…]"
)
_FILLER = re.compile(r"\blorem ipsum\b|\bdolor sit amet\b", re.IGNORECASE)
_TODO = re.compile(r"\b(?:TODO|FIXME|TBD)\b")
# Marks of Markdown and of the generators around it that no prose has. Single asterisks and underscores are left out:
# they are footnotes, names and sums as well.
_MARKED_UP = re.compile(
    r"!\[[^\]\[]{0,200}\](?:\([^()\s]{0,500}\)?)?"  # ![picture](address)
    r"|\[[^\]\[]{1,200}\]\((?:https?:|mailto:|/|\#|\.)[^()\s]{0,500}\)?"  # [words](address)
    r"|\[[^\]\[]{2,200}\]\[[\w -]{0,60}\]"  # [words][1]
    r"|(?<![*\w])\*\*[^*\s][^*]{0,200}\*\*(?![*\w])|(?<![=\w])==[^=\s][^=]{0,200}==(?![=\w])"
    r"|```|~~~|\{:\s?[.\#\w][^}]{0,100}\}|<!--|-->|\A\s*\#{1,6}\s\w|\A\s*import \w+ from ['\"]"
)
_SHOWN = 60


@rule("story-missing", "error", RuleGroup.FILES, do="let the theme show the address of each story")
def missing_stories(issue: Context) -> Iterator[Spot]:
    """The address of every pick is a link in the HTML and stands in the text.

    A reader cannot follow a story without it.
    """
    for story in issue.facts.stories:
        if not _is_linked(issue, story):
            yield Spot(HTML, f"no link to {story.url}", element=_name(story))


@rule("story-headline", "error", RuleGroup.FILES, do="let the theme print each headline inside h2 to h4")
def missing_headlines(issue: Context) -> Iterator[Spot]:
    """The headline of every pick is a heading of the HTML.

    Screen reader users go from heading to heading.
    """
    headings = [bare(text_of(heading)) for heading in issue.page.headings]
    for story in issue.facts.stories:
        # A story without a link is missing altogether, which has a rule of its own.
        if _is_linked(issue, story) and not any(bare(story.headline) in heading for heading in headings):
            yield Spot(HTML, "is in no heading", element=_name(story))


@rule("story-twice", "error", RuleGroup.FILES, do="drop one of the two in the editor's file")
def repeated_stories(issue: Context) -> Iterator[Spot]:
    """No story stands in the issue twice.

    Readers take it for a mistake, and it is one.
    """
    seen: set[str] = set()
    for story in issue.facts.stories:
        if canonical(story.url) in seen:
            yield Spot(RECORD, f"{story.url} is picked twice", element=_name(story))
        seen.add(canonical(story.url))


@rule("block-missing", "error", RuleGroup.FILES, do="let the theme show them (templates/README.md)")
def missing_blocks(issue: Context) -> Iterator[Spot]:
    """The editor's own words, between the stories and on them, stand in the HTML and in the text.

    What she wrote, or what a sponsor paid for, is lost without a word.
    """
    return _lost(issue, issue.facts.blocks)


@rule("identity-missing", "warning", RuleGroup.FILES, do="let the theme show it (templates/README.md)")
def missing_identity(issue: Context) -> Iterator[Spot]:
    """What the newsletter is recognised by (tagline, signature, where to subscribe) stands in the HTML and in the text.

    It was set to be seen, and no reader sees it.
    """
    yield from _lost(issue, issue.facts.identity)
    # An address that the text lacks has a rule of its own (`parity-links`).
    for part in issue.facts.identity:
        for address in part.addresses:
            if canonical(address) not in issue.linked:
                yield Spot(HTML, f"no link to {address}", element=part.name)


def _lost(issue: Context, blocks: Iterable[ShownBlock]) -> Iterator[Spot]:
    """Yield which of *blocks* the HTML or the text does not say all words of."""
    for block in blocks:
        asked = {HTML: (*block.texts, *block.pictured), TEXT: block.texts}
        lost = [(file, text) for file, shown in issue.said.items() for text in asked[file] if bare(text) not in shown]
        # A block that is lost in both is one fault of the theme.
        for file, text in lost[:1]:
            yield Spot(file, f"does not say {_short(text)}", element=block.name)


@rule("advert-label", "error", RuleGroup.FILES, do="let the theme print `block.label` beside each sponsor")
def unmarked_adverts(issue: Context) -> Iterator[Spot]:
    """Each sponsor is marked as an advertisement, in the HTML and in the text.

    Readers must be able to tell what was paid for, and the law asks for it.
    """
    adverts = [block for block in issue.facts.blocks if block.label]
    for label in dict.fromkeys(block.label for block in adverts):
        count = sum(block.label == label for block in adverts)
        marks = {file: shown.count(bare(label)) for file, shown in issue.said.items()}
        for file, marked in [(file, marked) for file, marked in marks.items() if marked < count][:1]:
            yield Spot(file, f"says {label!r} {marked} times for {count} of them")


def _is_linked(issue: Context, story: ShownStory) -> bool:
    return canonical(story.url) in issue.linked


def _name(story: ShownStory) -> str:
    return f"“{story.headline[:40]}”"


@rule("placeholder", "error", RuleGroup.LEFT_OVERS, do="fill it in or remove it in the theme or the article")
def placeholders(issue: Context) -> Iterator[Spot]:
    """No template expression or merge tag is left.

    The reader sees it as it stands, or a mail service fills it in.
    """
    for element, text in issue.runs:
        yield from (issue.on(element, problem) for problem in _placeholders(text))
    text = issue.given_text or ""
    for match in _PLACEHOLDER.finditer(text):
        if not _in_address(match):
            yield Spot(TEXT, f"{_short(_key(match))} is left", line=line_of(text, match.start()))
    if issue.record or issue.given_eml is not None:
        yield from (Spot(RECORD, problem, element="subject") for problem in _placeholders(issue.subject))
    for style in issue.page.named("style"):
        if left := _IN_STYLES.search(style.text or ""):
            yield issue.on(style, f"{left[0]!r} is left")


def _placeholders(text: str) -> Iterator[str]:
    """Yield the problem of each template expression or merge tag in *text*."""
    return (f"{_short(_key(match))} is left" for match in _PLACEHOLDER.finditer(text))


def _key(match: re.Match[str]) -> str:
    return " ".join(match[0].split())


def _in_address(match: re.Match[str]) -> bool:
    """Whether a match in the plain text is percent encoding of an address, which looks like a merge tag (%C3%A9%)."""
    start = max(match.string.rfind(sign, 0, match.start()) for sign in " \n")
    return "://" in match.string[start : match.start()] and not _PLACEHOLDER.search(without_escapes(match[0]))


@rule("empty-value", "error", RuleGroup.LEFT_OVERS, do="let the theme ask whether there is a value")
def empty_values(issue: Context) -> Iterator[Spot]:
    """No text and no attribute is a program's word for nothing (None, null, undefined, NaN).

    A value was missing when the page was made.
    """
    # Only a run that says nothing else: "null and void" and "None of the above" are English.
    for at, text in _everywhere(issue):
        if _NOTHING.fullmatch(text.strip()):
            yield _spot(issue, at, f"says {text.strip()!r}")


@rule("debug-escape", "error", RuleGroup.LEFT_OVERS, do="report it with the place; it should have been text")
def debug_escapes(issue: Context) -> Iterator[Spot]:
    """No programmer's escape or error report stands in the text.

    It is a bug of a tool, printed.
    """
    return _firsts(issue, _ESCAPE, "{} is a programmer's escape or error")


@rule("double-entity", "error", RuleGroup.LEFT_OVERS, do="escape it once; in an article write the character itself")
def double_entities(issue: Context) -> Iterator[Spot]:
    """No entity is left in what readers see.

    The text was escaped twice: readers see `&#8217;` instead of ’.
    """
    # The plain text has a rule of its own about entities, text-markup.
    for element, text in issue.runs:
        for match in _ENTITY.finditer(text):
            if match[0][1] == "#" or match[0][1:] in html5:
                yield issue.on(element, f"readers see {match[0]}")


@rule("mojibake", "error", RuleGroup.LEFT_OVERS, do="mend the article's file; it must be UTF-8")
def mojibake(issue: Context) -> Iterator[Spot]:
    """No text was read in the wrong encoding.

    Readers see `â€™` instead of ’.
    """
    return _firsts(issue, _MOJIBAKE, "{} was read in the wrong encoding")


@rule("filler", "error", RuleGroup.LEFT_OVERS, do="replace it")
def filler(issue: Context) -> Iterator[Spot]:
    """No lorem ipsum is left.

    It was meant to be replaced.
    """
    return _firsts(issue, _FILLER, "{} is filler")


@rule("todo", "warning", RuleGroup.LEFT_OVERS, do="do it or remove it")
def todo(issue: Context) -> Iterator[Spot]:
    """No TODO, FIXME or TBD is left.

    It may be a reminder that somebody forgot.
    """
    return _firsts(issue, _TODO, "{} is left")


@rule("markup-left", "warning", RuleGroup.LEFT_OVERS, do="write the words in the article or in the editor's file")
def left_markup(issue: Context) -> Iterator[Spot]:
    """No mark-up of Markdown stands among the words.

    Readers see its signs: `[words](https://…)`, `**bold**`, a picture's address. It may be meant, where a story is
    about such signs, so it is no error.
    """
    # Not in the plain text, where a theme may well set its own words so.
    for element, text in issue.runs:
        if first := _MARKED_UP.search(text):
            yield issue.on(element, f"readers see {_short(first[0].strip())}")


def _firsts(issue: Context, pattern: re.Pattern[str], problem: str) -> Iterator[Spot]:
    """Yield the first match of *pattern* in each run of the page and each line of the text; {} of *problem* is it."""
    for at, text in _everywhere(issue):
        if first := pattern.search(text):
            yield _spot(issue, at, problem.format(_short(first[0])))


def _everywhere(issue: Context) -> Iterator[tuple[Element | int, str]]:
    """Yield each run of the page with its element, then each line of the text with its number."""
    yield from issue.runs
    yield from enumerate((issue.given_text or "").splitlines(), 1)


def _spot(issue: Context, at: Element | int, problem: str) -> Spot:
    """Return the spot of an element of the page, or of a line of the text."""
    return Spot(TEXT, problem, line=at) if isinstance(at, int) else issue.on(at, problem)


def _short(text: str) -> str:
    """Return *text* in quotes, cut for a message; invisible characters show as escapes."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
