"""A built issue, opened: parsed page, Outlook's branch, text, message and record, and what several rules ask of them.

A rule gets a `Context` and nothing else. Whatever two rules need stands here as a cached value, made when it is first
asked for: the page is parsed once, its styles are computed once for each view.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from digest import weight
from digest.checks import cascade, style
from digest.checks import page as pages
from digest.checks.page import text_of
from digest.checks.rule import Spot
from digest.errors import RecordError
from digest.text import markdown
from digest.text.phrases import bare
from digest.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from email.message import EmailMessage
    from xml.etree.ElementTree import Element

    from digest.checks.cascade import Cascade, MediaView
    from digest.checks.page import Page
    from digest.checks.style import ContrastLevel, Style

HTML, TEXT, MESSAGE, RECORD = "index.html", "index.txt", "message.eml", "issue.json"
NAMES = (HTML, TEXT, MESSAGE, RECORD)
"""The files that every issue has."""

FRAGMENT = "fragment.html"
FILES = (HTML, TEXT, MESSAGE, FRAGMENT, RECORD)
"""All files of an issue that are judged."""

FORMAT = 1
"""The format of issue.json that is understood."""

TAG = re.compile(
    r"</?(?:a|abbr|b|blockquote|body|br|center|div|em|font|h[1-6]|head|hr|html|i|img|li|meta|ol|p|pre|script|small|span|"
    r"strong|style|sub|sup|table|tbody|td|th|tr|u|ul)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
"""An HTML tag in text."""

# The comment behind a condition that the others see is written `<!-->` or `<!-- -->`.
_REVEALED = re.compile(r"<!--\[if !mso\]><!--(?:>|\s*-->).*?<!--<!\[endif\]-->", re.DOTALL)
_OLD = re.compile(r"<!--\[if lte? mso (?:9|1[01])\]>.*?<!\[endif\]-->", re.DOTALL)
_CONDITION = re.compile(r"<!--\[if [^\]]*mso[^\]]*\]>(?:<!--(?:>|\s*-->))?|<!--<!\[endif\]-->|<!\[endif\]-->")


@dataclass(frozen=True, slots=True)
class ShownStory:
    """A pick as the record has it: what must be seen of it in the issue.

    *own_words* are what its articles say of themselves, not what the editor put in its place; *own_addresses* where
    they lead to, the story's first. *update* is the issue that it goes on from, "" for none.
    """

    headline: str
    url: str
    own_words: tuple[str, ...] = ()
    own_addresses: tuple[str, ...] = ()
    update: str = ""


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """Words of the editor's own as the record has them: what must be seen of them in the issue.

    *name* is what it is called in messages. *texts* are the pieces of its words without mark-up inside, *addresses*
    where its links lead. *label* is the word that marks a sponsor, empty for any other block. *pictured* are the
    address of a picture and what is said of it, which the page alone must have.
    """

    name: str
    texts: tuple[str, ...]
    addresses: tuple[str, ...]
    label: str = ""
    pictured: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What issue.json says about its neighbours.

    *id* is the issue's name, *name* the newsletter's, *web* the address of the web view. *first* and *last* are the
    ends of its window, None in records older than windows, *timezone* the one its days are counted in. *stories* are
    the picks that the message shows, in order; *outputs* has the SHA-256 of each file by its name, in hexadecimal.
    *blocks* are the editor's own words, between the stories and on them, *identity* what the newsletter is recognised
    by, such as its tagline.
    """

    id: str
    name: str
    first: date | None
    last: date | None
    timezone: str
    language: str
    web: str
    subject: str
    preheader: str
    stories: tuple[ShownStory, ...]
    outputs: Mapping[str, str]
    blocks: tuple[ShownBlock, ...] = ()
    identity: tuple[ShownBlock, ...] = ()


def facts(raw: bytes, *, whole: bool = False) -> Facts:
    """Return what *raw*, an issue.json, says, with *whole* also of the stories that are on the web only.

    Raises ValueError where it is not a record of the format known.

    Read here and not by digest.issue: `check` judges what was built, with no code of those who built it.
    """
    try:
        record = json.loads(raw)
        if record["format"] != FORMAT:
            raise ValueError(f"format {record['format']!r} is not known")
        # Those were left to the web view for the message's size.
        unseen = set() if whole else set(record["web_only"])
        # Left out where there are none, and in records older than blocks.
        blocks = [_block(block) for block in record.get("blocks", ())]
        stories = []
        for section in record["sections"]:
            picks = [pick for pick in section["picks"] if pick["path"] not in unseen]
            # A section that was not named by the settings has a topic of its stories for its title.
            title = str(section["title"]) if section["title"] in section["topics"] else ""
            blocks += _line_of(section) if picks else ()
            stories += [_shown(pick, "" if number else title) for number, pick in enumerate(picks)]
            blocks += [
                _words_on(pick) for pick in picks if {"kicker", "why"} & pick["changed"].keys() or "picture" in pick
            ]
        return Facts(
            id=str(record["id"]),
            name=str(record["newsletter"].get("name", "")),
            first=_day(record.get("window", {}).get("first")),
            last=_day(record.get("window", {}).get("last")),
            timezone=str(record.get("window", {}).get("timezone", "UTC")),
            language=str(record["newsletter"]["language"]),
            web=str(record["newsletter"]["web"]),
            subject=str(record["subject"]),
            preheader=str(record["preheader"]),
            stories=tuple(stories),
            outputs=dict(record["outputs"]),
            blocks=tuple(blocks),
            identity=tuple(_identity(record["newsletter"])),
        )
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"it has no {error}" if isinstance(error, KeyError) else "its shape is not known") from error


def _day(written: object) -> date | None:
    return date.fromisoformat(written) if isinstance(written, str) else None


def _line_of(section: dict[str, Any]) -> list[ShownBlock]:
    """Return the line below a section's title; none where there is none."""
    line = str(section.get("line", ""))
    return [ShownBlock(name=f"the line below “{section['title']}”", texts=(line,), addresses=())] if line else []


def _words_on(pick: dict[str, Any]) -> ShownBlock:
    """Return what the editor says of a story, beside its headline and excerpt."""
    changed = pick["changed"]
    runs = _runs(changed.get("why", ""))
    return ShownBlock(
        name=f"words on “{pick['title']}”",
        texts=tuple(map(str, filter(None, [changed.get("kicker", ""), *(run.text for run in runs)]))),
        addresses=tuple(run.url for run in runs if run.url),
        pictured=_of_picture(pick),
    )


def _of_picture(pick: dict[str, Any]) -> tuple[str, ...]:
    """Return the picture that the editor chose or described, where it is shown, and what she says of it."""
    if "picture" not in pick:
        return ()
    alt, credit = (str(pick["changed"].get(key, "")) for key in ("alt", "credit"))
    return tuple(filter(None, (without_escapes(pick["picture"]), alt, credit)))


def _runs(text: object) -> list[markdown.Run]:
    """Return the pieces of Markdown that a reader is to see."""
    return markdown.runs(markdown.paragraphs(str(text)))


def _block(block: dict[str, Any]) -> ShownBlock:
    runs = _runs(block["text"])
    links = block["links"]
    texts = [block["title"], block["name"], block["alt"], *(link["title"] for link in links)]
    addresses = [block["url"], *(link["url"] for link in links), *(run.url for run in runs)]
    title = block["name"] or block["title"]
    return ShownBlock(
        name=f"{block['kind']} “{title}”" if title else str(block["kind"]),
        texts=tuple(map(str, filter(None, [*texts, *(run.text for run in runs)]))),
        addresses=tuple(map(str, filter(None, addresses))),
        label=str(block["label"]),
    )


def _identity(newsletter: dict[str, Any]) -> Iterator[ShownBlock]:
    """Yield what the newsletter is recognised by in both parts of a letter, of which each may be left out."""
    signature, feedback = newsletter.get("signature", {}), newsletter.get("feedback", {})
    social, answers = newsletter.get("social", ()), feedback.get("links", ())
    said = [
        *(run.text for run in _runs(signature.get("text", ""))),
        signature.get("name", ""),
        signature.get("role", ""),
    ]
    parts = {
        "tagline": ([newsletter.get("tagline", "")], []),
        "social": ([link["title"] for link in social], [link["url"] for link in social]),
        "signature": (said, []),
        "subscribe": ([], [newsletter.get("subscribe", "")]),
        "feedback": (
            [feedback.get("question", ""), *(link["title"] for link in answers)],
            [link["url"] for link in answers],
        ),
    }
    for name, (texts, addresses) in parts.items():
        yield ShownBlock(
            name=f"newsletter.{name}",
            texts=tuple(map(str, filter(None, texts))),
            addresses=tuple(map(str, filter(None, addresses))),
        )


def _shown(pick: dict[str, Any], topic: str) -> ShownStory:
    """Return a pick of the record; older ones have no excerpt."""
    changed, also, update = pick["changed"], pick.get("also", ()), pick.get("update", {})
    texts = [
        *((pick["title"],) if not changed["title"] else ()),
        update.get("title", ""),
        *((pick.get("excerpt", ""),) if not changed.get("excerpt") else ()),
        *(pick.get("provider", ""), *(coverage["provider"] for coverage in also), topic),
    ]
    return ShownStory(
        headline=str(changed["title"] or pick["title"]),
        url=str(pick["link"]),
        own_words=tuple(dict.fromkeys(map(str, filter(None, texts)))),
        own_addresses=tuple(
            dict.fromkeys([str(pick["link"]), *(str(coverage.get("link", coverage["url"])) for coverage in also)])
        ),
        update=str(update.get("issue", "")),
    )


class NotGiven(Exception):
    """A letter has no such *part* (message, record, text), so that a rule about it cannot be asked."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


@dataclass(frozen=True)
class Context:
    """One letter: the HTML, and where there are such the plain text, the message's bytes and the record's facts.

    An issue of ours has them all. Of a letter by others a rule gets what is there; to ask for `text`, `eml` or `facts`
    where there is none raises NotGiven, and the rule is passed over. Everything else is made of these when it is first
    asked for, and kept. Nothing of it may be changed.
    """

    html: str
    given_text: str | None
    given_eml: bytes | None
    record: Facts | None
    _looks: dict[MediaView, dict[Element, Style]] = field(default_factory=dict)
    _texts: dict[MediaView, list[tuple[Element, str, Style]]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The plain text. Raises NotGiven."""
        if self.given_text is None:
            raise NotGiven("text")
        return self.given_text

    @property
    def eml(self) -> bytes:
        """The message as it travels. Raises NotGiven."""
        if self.given_eml is None:
            raise NotGiven("message")
        return self.given_eml

    @property
    def facts(self) -> Facts:
        """What the record says. Raises NotGiven."""
        if self.record is None:
            raise NotGiven("record")
        return self.record

    @cached_property
    def subject(self) -> str:
        """The subject by the record, else by the message. Raises NotGiven."""
        return self.record.subject if self.record else str(self.mail["Subject"] or "")

    @cached_property
    def web(self) -> str:
        """The address of the web view; empty where no record names it."""
        return self.record.web if self.record else ""

    @cached_property
    def page(self) -> Page:
        """The page as most clients read it."""
        return pages.parse(self.html)

    @cached_property
    def branch(self) -> str:
        """The page's text as Outlook on Windows reads it, each line at its place."""
        return outlook_branch(self.html)

    @cached_property
    def cascade(self) -> Cascade:
        """The page with its styles."""
        return cascade.Cascade(self.page, cascade.read(self.page))

    @cached_property
    def mail(self) -> EmailMessage:
        """The parsed message. Raises NotGiven and RecordError."""
        return parsed_message(self.eml, MESSAGE)

    @cached_property
    def headers(self) -> list[tuple[str, str, int]]:
        """The message's headers as they travel, unfolded but not decoded: name, value, line. In their order."""
        headers: list[tuple[str, str, int]] = []
        for number, line in enumerate(self.eml.decode("latin-1").splitlines(), 1):
            if not line:
                break
            if line[0] in " \t" and headers:
                name, value, first = headers[-1]
                headers[-1] = (name, f"{value} {line.strip()}".strip(), first)
            else:
                name, _, value = line.partition(":")
                headers.append((name.strip(), value.strip(), number))
        return headers

    def on(self, element: Element, problem: str) -> Spot:
        """Return the spot of *element* in the page, where *problem* is."""
        return Spot(HTML, problem, line=self.page.line(element), element=self.page.label(element))

    def look(self, view: MediaView) -> dict[Element, Style]:
        """Return what each element looks like to *view*; computed once for each view."""
        if view not in self._looks:
            self._looks[view] = style.look(self.cascade, view)
        return self._looks[view]

    def texts(self, view: MediaView) -> list[tuple[Element, str, Style]]:
        """Return each visible element with text of its own, that text, and its style; computed once for each view."""
        if view not in self._texts:
            self._texts[view] = list(style.texts(self.page, self.look(view)))
        return self._texts[view]

    @cached_property
    def low_contrasts(self) -> list[tuple[Spot, ContrastLevel]]:
        """Where the contrast of text is too low in a view, with the lower level of WCAG that it misses."""
        # A pair that is too low in light is mostly so without the head's styles, too: it is one fault, told once.
        spots: dict[tuple[Element, str], tuple[Spot, ContrastLevel]] = {}
        for view in cascade.VIEWS:
            for element, _, look in self.texts(view):
                level = look.missed_level
                if level and (element, look.colours) not in spots:
                    needed = style.needed_contrast(look.size, look.weight, level)
                    # Cut, not rounded: 6.998 must not be called 7.
                    problem = f"{look.colours} {view.name} is {int(look.contrast * 100) / 100:g}:1, not {needed:g}:1"
                    spots[element, look.colours] = (self.on(element, problem), level)
        return list(spots.values())

    @cached_property
    def runs(self) -> list[tuple[Element, str]]:
        """Every run of text in the page and every attribute's value, with the element; escapes taken from addresses."""
        runs: list[tuple[Element, str]] = []
        for element in self.page.elements:
            # Style sheets and scripts are full of what would be left-overs in text.
            if element.tag not in ("style", "script"):
                runs += [(element, run) for run in (element.text, *(child.tail for child in element)) if run]
            for name, value in element.attrib.items():
                runs.append((element, without_escapes(value) if name in ("href", "src") else value))
        return runs

    @cached_property
    def linked(self) -> frozenset[str]:
        """The web addresses that links of the page lead to, in the form in which addresses are compared."""
        addresses = (link.get("href", "") for link in self.page.named("a"))
        return frozenset(canonical(address) for address in addresses if address.startswith("http"))

    @cached_property
    def headlines(self) -> frozenset[str]:
        """The headings of the page and the headlines of the record, bare."""
        shown = (text_of(heading) for heading in self.page.headings)
        stories = self.record.stories if self.record else ()
        return frozenset(map(bare, (*shown, *(story.headline for story in stories))))

    @cached_property
    def weight(self) -> int:
        """The bytes of the HTML as it travels."""
        return weight.of(self.html)

    @cached_property
    def unsubscribe(self) -> str:
        """The https address of List-Unsubscribe; empty where there is none, or no message."""
        header = "" if self.given_eml is None else str(self.mail.get("List-Unsubscribe", ""))
        match = re.search(r"<(https://[^>\s]+)>", header)
        return match[1] if match else ""

    @cached_property
    def squeezed(self) -> str:
        """The text without white space, so that what was wrapped is found again."""
        return re.sub(r"\s+", "", self.text)

    @cached_property
    def said(self) -> dict[str, str]:
        """What the page says in text and attributes, and what the text says, bare, by the name of the file."""
        text = {} if self.given_text is None else {TEXT: bare(self.given_text)}
        return {HTML: "".join(bare(run) for _, run in self.runs), **text}

    @cached_property
    def foot(self) -> tuple[str, ...]:
        """The lines of the text below the last story. Raises NotGiven."""
        ends = [self.text.rfind(story.url) + len(story.url) for story in self.facts.stories if story.url in self.text]
        return tuple(self.text[max(ends, default=0) :].splitlines()[1:])


def parsed_message(eml: bytes, name: str) -> EmailMessage:
    """Return the message *eml*, called *name*. Raises RecordError where it is too odd to be read."""
    from email import message_from_bytes, policy  # noqa: PLC0415 - `digest --help` must not wait for it

    header = ""
    try:
        message = message_from_bytes(eml, policy=policy.default)
        # Headers are parsed when they are asked for, and Python's parser fails at some that are broken, such as the
        # mailbox `news@`, with errors of any kind; at parts inside each other it fails when they are too deep.
        for part in message.walk():
            for header, value in part.raw_items():
                part.policy.header_fetch_parse(header, value)
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        what = f"its header {header} cannot be read" if header else "its parts cannot be read"
        raise RecordError(name, what, "mend or remove what is wrong in it") from error
    return message


def outlook_branch(html: str) -> str:
    """Return *html* as Outlook on Windows reads it: its conditional comments switched on, others' content removed.

    Lines stay where they are.
    """
    for hidden in (_REVEALED, _OLD):
        html = hidden.sub(lambda match: "\n" * match[0].count("\n"), html)
    return _CONDITION.sub("", html)


def without_escapes(address: str) -> str:
    """Return *address* without percent encoding, whose `%C3%A9%` would be taken for a merge tag."""
    return re.sub(r"%[0-9A-Fa-f]{2}", "", address)


def line_of(text: str, offset: int) -> int:
    """Return the line of *text* on which *offset* is, counted from 1."""
    return text.count("\n", 0, offset) + 1
