"""An issue's edits, `edits/2020-11-11.yaml`: read, checked, started from a template and changed by the preview.

    number: 12
    subject: Words instead of the first headline
    preheader: What the inbox shows behind it
    introduction: |
      A few lines of *Markdown* before the stories.
    pin:
      - story: 2020-11-09-a-file.md      # by path, address or full title
        section: AI
        position: 1                      # may be left out
    drop:
      - story: https://example.com/a
        reason: not ours to tell
    move:
      - story: A title as it stands in the archive
        section: Robotics
    change:
      - story: 2020-11-09-a-file.md
        title: A better headline
        excerpt: A better excerpt.
        kicker: Above the headline
        why: Why it matters, in *Markdown*.
        picture: https://example.com/a.jpg   # or none, for no picture
        alt: What it shows
        credit: Whose it is
    order:
      AI: [2020-11-09-a-file.md, 2020-11-08-another.md]
    join:
      - [2020-11-09-a-file.md, 2020-11-08-another.md]   # one story, whatever the rule says
    split: [2020-11-07-a-third.md]                       # a story of its own
    sections:
      - {title: AI, line: Four stories on one machine., style: brief}   # brief: headline and outlet
    blocks:                                              # words of your own between the stories, see `blocks`
      - {kind: note, title: To you, text: Thank *you*., at: end}

What is written here wins over every rule of the settings. A story that cannot be found is the business of
`selection.edits`, which knows the articles; here only the form is checked.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, cast

from digest import files
from digest.config import blocks, yamlfile
from digest.config.blocks import Blocks, MarkdownText
from digest.config.declared import TEXT_OR_TEXTS, Group, Listed, OptionalInteger, PlainText, Setting, Texts
from digest.config.hours import OneOf
from digest.config.values import LAST_NUMBER, LAST_PLACE
from digest.errors import EditsError
from digest.model import Change, Edits, Picture, Pin, SectionChange, SectionStyle
from digest.text import sanitize
from digest.text.numbers import apart

if TYPE_CHECKING:
    from digest.model import Block, Issue


class StoryName(PlainText):
    """How a story is named: by the path of an article, its address, or its full title."""

    def __init__(self) -> None:
        super().__init__("A story, by its path, address or full title.", required=True)

    def schema(self) -> dict[str, Any]:
        """Return a string that is not empty."""
        return {**super().schema(), "minLength": 1}


class PinEntry(Group):
    """A story that runs."""

    story = StoryName()
    section = PlainText("Title of the section.", required=True)
    position = OptionalInteger("Place in it, from 1.", least=1, most=LAST_PLACE)


class DropEntry(Group):
    """A story that does not run."""

    story = StoryName()
    reason = PlainText("Why; `explain` says it.")


class MoveEntry(Group):
    """A story that stands elsewhere."""

    story = StoryName()
    section = PlainText("Title of the section.", required=True)


_NONE = "none"


class StoryPicture(PlainText):
    """The https address of a picture, or the word for no picture."""

    def read(self, keys: yamlfile.Keys) -> str:
        """Return the address as written safely, the word, or an empty text."""
        written = keys.text(self.key, "")
        address = sanitize.address(written)
        if not written or written.casefold() == _NONE:
            return written.casefold()
        if address is None or not address.startswith("https:"):
            keys.problem(
                self.key, f"{keys.prefix}{self.key} is not an https address: {written!r}; write one, or {_NONE}"
            )
            return ""
        return address

    def schema(self) -> dict[str, Any]:
        """Return an address or the word."""
        return {"type": "string", "pattern": f"^(https://.*|{_NONE})$"}

    def kind(self) -> str:
        """Return in words what may be written."""
        return f"https URL, or `{_NONE}`"


class ChangeEntry(Group):
    """A story in the editor's words."""

    story = StoryName()
    title = PlainText("Headline.")
    excerpt = PlainText("Excerpt.")
    kicker = PlainText("A word or two above the headline.")
    why = MarkdownText("Why it matters, below the excerpt.")
    picture = StoryPicture("Another picture in the place of its own, or none.")
    alt = PlainText("What the picture shows, for those who do not see it.")
    credit = PlainText("Whose picture it is, below it.")

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """Return the schema of the entry: it changes something."""
        return {**super().schema(), "anyOf": [{"required": [key]} for key in cls.settings() if key != "story"]}


class SectionEntry(Group):
    """A section as it is in this issue."""

    title = PlainText("Its title, in any case.", required=True)
    line = PlainText("A line below its title.")
    style = OneOf("How much it shows of its stories; brief: headline and outlet.", SectionStyle)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """Return the schema of the entry: it says something."""
        return {**super().schema(), "anyOf": [{"required": [key]} for key in cls.settings() if key != "title"]}


class OrderBySection(Setting[tuple[tuple[str, tuple[str, ...]], ...]]):
    """For each section by its title, the stories that come first in it."""

    def read(self, keys: yamlfile.Keys) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the sections with their stories, as written."""
        inner = keys.inner(self.key)
        return tuple((section, tuple(inner.texts(section, []))) for section in inner.pairs)

    def schema(self) -> dict[str, Any]:
        """Return stories by any title."""
        return {"type": "object", "additionalProperties": {**TEXT_OR_TEXTS, "description": "Stories."}}

    def kind(self) -> str:
        """Return in words what may be written."""
        return "stories by section"


class JoinedStories(Setting[tuple[tuple[str, ...], ...]]):
    """Articles that are one story: a list of such lists, or one of them."""

    def read(self, keys: yamlfile.Keys) -> tuple[tuple[str, ...], ...]:
        """Return each list of names, as written; a list of fewer than two different ones is a problem."""
        value = keys.pairs[self.key].value if keys.has(self.key) else ()
        members = value if isinstance(value, tuple) else ()
        lists = [member for member in members if isinstance(member.value, tuple)]
        groups = lists or ([keys.pairs[self.key]] if members else [])
        joins = tuple(tuple(_written(node)) for node in groups)
        # A key with a lone name, and a list of names and lists, say nothing for certain.
        is_odd = not isinstance(value, tuple) or (lists and len(lists) < len(members))
        if is_odd or any(len(set(join)) < 2 or "" in join for join in joins):
            keys.problem(self.key, "join is not two or more stories, or a list of such lists; write `join: [[a, b]]`")
            return ()
        return joins

    def schema(self) -> dict[str, Any]:
        """Return an array of arrays of two or more texts, or one of those."""
        name = {"type": "string", "minLength": 1, "description": "A story, by its path, address or full title."}
        names = {"type": "array", "items": name, "minItems": 2}
        return {"oneOf": [names, {"type": "array", "items": {**names, "description": "One story."}}]}

    def kind(self) -> str:
        """Return in words what may be written."""
        return "lists of stories"


def _written(node: yamlfile.Node) -> list[str]:
    """Return the names of a list as written; an empty one for a member that is no text."""
    members = node.value if isinstance(node.value, tuple) else ()
    return [member.value.strip() if isinstance(member.value, str) else "" for member in members]


class EditsFile(Group):
    """What is written here wins over every rule."""

    number = OptionalInteger(
        "Number of this issue, from which the next ones count on; by default the last one's plus one.",
        least=1,
        most=LAST_NUMBER,
    )
    subject = PlainText("Subject of the message.")
    preheader = PlainText("What the inbox shows beside the subject.")
    introduction = MarkdownText("Before the stories, in Markdown.")
    pin = Listed("Stories that run.", PinEntry)
    drop = Listed("Stories that do not run.", DropEntry)
    move = Listed("Stories that stand elsewhere if they run.", MoveEntry)
    change = Listed("Your own words for a story.", ChangeEntry)
    order = OrderBySection("Stories that come first in a section, by its title.")
    join = JoinedStories("Reports that are one story, whatever the rule says; a list for each.")
    split = Texts("Reports that are a story of their own, whatever the rule says.")
    sections = Listed("Sections with a line of yours, or in another style.", SectionEntry)
    blocks = Blocks("Your own words between the stories.")


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a file of edits."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The editor's file of an issue (edits/DAY.yaml)",
        "description": EditsFile.about(),
        **EditsFile.schema(),
    }


def load(folder: str, issue_id: str) -> Edits:
    """Return the edits of the issue *issue_id* (`2020-11-11`) in *folder*; empty ones where there is no file.

    Raises EditsError with every problem and its line.
    """
    return parse(read(folder, issue_id), path(folder, issue_id))


def read(folder: str, issue_id: str) -> bytes:
    """Return the editor's file of an issue as it stands; nothing where there is none. Raises EditsError."""
    file = path(folder, issue_id)
    try:
        return files.read(file)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise EditsError([f"{file}: {files.trouble(error)}; put a file there, or remove it"]) from error


def parse(content: bytes, file: str) -> Edits:
    """Return the edits that *content* asks for; *file* is what problems name. Raises EditsError."""
    keys = yamlfile.parse(content, file)
    edits = _edits(keys)
    if keys.problems:
        raise EditsError(keys.in_order())
    return edits


def path(folder: str, issue_id: str) -> str:
    """Return where the edits of an issue stand."""
    return os.path.join(folder, f"{issue_id}.yaml")


def template(issue: Issue) -> str:
    """Return a file to start from: every key as a comment, and all candidates of *issue* to copy names from.

    As it stands it asks for nothing, so an editor may save it and go.
    """
    lines = [
        f"# Edits of the issue {issue.id}, {issue.window}.",
        "# What is written here wins over every rule. Take the `#` away from what you need.",
        "# A story is named by its path, its address or its full title.",
        "",
        "# number: 12               # of this issue; the next ones count on",
        "# subject: Words instead of the first headline",
        "# preheader: What the inbox shows behind the subject",
        "# introduction: |",
        "#   A few lines of *Markdown* before the stories.",
        "",
        "# pin:                       # it runs, whatever the rules say",
        "#   - story: PATH",
        "#     section: TITLE",
        "#     position: 1            # may be left out",
        "# drop:                      # it does not run",
        "#   - story: PATH",
        "#     reason: why",
        "# move:                      # if it runs, then there",
        "#   - story: PATH",
        "#     section: TITLE",
        "# change:                    # your own words for it",
        "#   - story: PATH",
        "#     title: A headline",
        "#     excerpt: An excerpt.",
        "#     kicker: Above the headline",
        "#     why: Why it matters, in *Markdown*.",
        "#     picture: https://… # another one, or none",
        "#     alt: What it shows",
        "#     credit: Whose it is",
        "# order:                     # these come first in their section",
        "#   TITLE: [PATH, PATH]",
        "# join:                      # each list is one story",
        "#   - [PATH, PATH]",
        "# split: [PATH]              # each is a story of its own",
        "# sections:",
        "#   - title: TITLE",
        "#     line: A line below it",
        "#     style: brief           # headline and outlet alone",
        "# blocks:                    # words of your own between the stories",
        "#   - kind: note             # or sponsor, links, quote, picture, story, poll",
        "#     title: A heading",
        "#     text: A few words in *Markdown*.",
        "#     after: TITLE           # or at: top, at: end, or section: TITLE with position: 2",
        "",
        f"# Sections: {', '.join(section.title for section in issue.sections)}",
        "#",
        "# Candidates, in order:",
    ]
    heats = apart(verdict.article.heat for verdict in issue.verdicts)
    for verdict, figure in zip(issue.verdicts, heats, strict=True):
        heat = "no heat" if verdict.article.heat is None else f"heat {figure}"
        place = verdict.section if verdict.rule == "picked" else verdict.rule
        lines += [f"#   {verdict.article.path}", f"#       {verdict.article.title} ({heat}, {place})"]
    return "\n".join(lines) + "\n"


def _edits(keys: yamlfile.Keys) -> Edits:
    keys.allow(EditsFile.settings())
    file = EditsFile(keys)
    # Where each name is written, for messages of the selection, which finds out later that no article is called so.
    # The first place counts.
    places: dict[str, str] = {}
    pins = tuple(
        Pin(
            story=_named(pin, "story", places),
            section=_named(pin, "section", places),
            position=pin.position,
        )
        for pin in file.pin
    )
    drops = tuple(
        (_named(drop, "story", places), sanitize.text(drop.reason or "no reason given")) for drop in file.drop
    )
    moves = tuple((_named(move, "story", places), _named(move, "section", places)) for move in file.move)
    changes = tuple(_change(change, places) for change in file.change)
    return Edits(
        subject=sanitize.text(file.subject) or None,
        preheader=sanitize.text(file.preheader) or None,
        # Not sanitised here: it is Markdown of several lines, and `text.markdown` makes plain values of it.
        introduction=file.introduction,
        pins=pins,
        drops=drops,
        moves=moves,
        changes=changes,
        order=_order(file, places),
        joins=_joins(file, places),
        splits=_splits(file, places),
        blocks=_blocks(file, places),
        number=file.number,
        sections=_sections(file, places),
        places=tuple(places.items()),
    )


def _change(entry: ChangeEntry, places: dict[str, str]) -> Change:
    title, excerpt, kicker = (sanitize.text(text) or None for text in (entry.title, entry.excerpt, entry.kicker))
    # Most likely a key is misspelt or the words were forgotten; to change nothing in silence would hide it.
    if not (title or excerpt or kicker or entry.why or any(map(entry.keys.has, ("picture", "alt", "credit")))):
        entry.keys.problem(
            "story", "a change without title, excerpt, kicker, why, picture, alt or credit; write one of them"
        )
    for key in ("alt", "credit") if entry.picture == _NONE else ():
        if entry.keys.has(key):
            entry.keys.problem(key, f"{entry.keys.prefix}{key} is of a picture, and picture is none; leave one out")
    address = sanitize.address(entry.picture)
    return Change(
        story=_named(entry, "story", places),
        title=title,
        excerpt=excerpt,
        kicker=kicker,
        why=entry.why,
        picture=Picture(url=address) if address else None,
        without_picture=entry.picture == _NONE,
        alt=sanitize.text(entry.alt),
        credit=sanitize.text(entry.credit),
    )


def _order(file: EditsFile, places: dict[str, str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    order = file.order
    inner = file.keys.pairs["order"].value if file.keys.has("order") else None
    for section, stories in order:
        line = inner[section].line if isinstance(inner, dict) else file.keys.line
        for name in (section, *stories):
            places.setdefault(name, f"{file.keys.file}:{line}")
    return order


def _joins(file: EditsFile, places: dict[str, str]) -> tuple[tuple[str, ...], ...]:
    joins = file.join
    value = file.keys.pairs["join"].value if joins else ()
    for member in value if isinstance(value, tuple) else ():
        for node in member.value if isinstance(member.value, tuple) else (member,):
            _place("join", node, file.keys, places)
    return joins


def _splits(file: EditsFile, places: dict[str, str]) -> tuple[str, ...]:
    splits = file.split
    node = file.keys.pairs.get("split")
    value = node.value if node else ()
    for member in value if isinstance(value, tuple) else (node,):
        if member is not None:
            _place("split", member, file.keys, places)
    return splits


def _sections(file: EditsFile, places: dict[str, str]) -> tuple[SectionChange, ...]:
    changes: dict[str, SectionChange] = {}
    for entry in file.sections:
        title = _named(entry, "title", places)
        if not (entry.keys.has("line") or entry.keys.has("style")):
            entry.keys.problem("title", "a section without line or style; write one of them")
        if title.casefold() in changes:
            entry.keys.problem("title", f"the section {title!r} stands here again; write both in one entry")
        style = cast("SectionStyle | None", entry.style or None)
        changes[title.casefold()] = SectionChange(title=title, line=sanitize.text(entry.line), style=style)
    return tuple(changes.values())


def _blocks(file: EditsFile, places: dict[str, str]) -> tuple[Block, ...]:
    for section, place in blocks.section_places(file.keys, file.blocks):
        places.setdefault(section, place)
    return file.blocks


def _place(key: str, node: yamlfile.Node, keys: yamlfile.Keys, places: dict[str, str]) -> None:
    """Note where a name is joined or split, apart from where else it is named: a contradiction has two lines."""
    name = node.value.strip() if isinstance(node.value, str) else ""
    place = f"{keys.file}:{node.line}"
    places.setdefault(f"{key}: {name}", place)
    places.setdefault(name, place)


def _named(entry: Group, key: str, places: dict[str, str]) -> str:
    keys = entry.keys
    name = keys.text(key, "")
    if not name:
        keys.problem(key, f"{keys.prefix}{key} is missing")
    places.setdefault(name, keys.place(key))
    return name
