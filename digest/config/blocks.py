"""The editor's own words between the stories, in `blocks:` of her file (this issue) and of digest.yaml (every issue).

    blocks:
      - kind: sponsor
        name: Acme Lasers
        text: Lasers that **cut** what others only mark.
        url: https://acme.example/?issue={id}
        after: AI                        # or at: top, at: end, or section: AI with position: 2
      - kind: links
        title: Quick hits
        links:
          - {title: A ferry without a crew, url: https://example.com/ferry}

Each kind is declared once, in its group here: what may be written, what must be, and a sentence on each. Schema, table
and messages follow from it. Words are Markdown, and what is not taken of that is a problem with its line.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, cast, get_args

from digest.config.declared import Choice, Group, Listed, ListedKinds, OptionalInteger, PlainText, WebAddress
from digest.config.values import LAST_PLACE
from digest.model import Block, BlockKind, BlockLink
from digest.text import markdown, sanitize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.config.yamlfile import Keys
    from digest.model import BlockSpot


class MarkdownText(PlainText):
    """Words in Markdown; what is not taken of it is a problem."""

    def read(self, keys: Keys) -> str:
        """Return the Markdown as written."""
        # Not as `PlainText` does, to which characters that nobody sees are a problem: here they do no harm.
        text = keys.text(self.key, "")
        if text:
            written = str(keys.pairs[self.key].value)
            # The line of a value is that of its key. Of the forms that YAML has, only a block (`|`) keeps its lines,
            # and that begins on the next one.
            first = keys.pairs[self.key].line + ("\n" in written)
            for line, reason in markdown.refused(written):
                keys.problem(self.key, f"{keys.prefix}{self.key} has {reason}", line=first + line)
        return text

    def kind(self) -> str:
        """Return in words what may be written."""
        return "Markdown"


class LinkGroup(Group):
    """A line that leads somewhere."""

    title = PlainText("Its words.", required=True)
    url = WebAddress("Where it leads.", required=True)


class PicturedGroup(Group):
    """A block that may have a picture, which then says what it shows."""

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """Return the schema of the group: no picture without words."""
        return {**super().schema(), "dependentRequired": {"picture": ["alt"]}}


class SponsorGroup(PicturedGroup):
    """Words that somebody paid for; always marked as an advertisement, in the letter's language."""

    name = PlainText("Who pays.", required=True)
    text = MarkdownText("The words.", required=True)
    title = PlainText("A heading above them.")
    url = WebAddress("Where the name leads.")
    picture = WebAddress("A picture above the words.")
    alt = PlainText("What the picture shows; a picture needs it.")


class NoteGroup(Group):
    """A few words to the reader."""

    text = MarkdownText("The words.", required=True)
    title = PlainText("A heading above them.")


class LinksGroup(Group):
    """Quick links, a line each."""

    links = Listed("The lines, in their order.", LinkGroup, least=1, required=True)
    title = PlainText("A heading above them.")
    text = MarkdownText("Words before them.")


class QuoteGroup(Group):
    """Words of somebody else."""

    text = MarkdownText("What was said.", required=True)
    name = PlainText("Who said it.")
    url = WebAddress("Where it was said.")


class PictureGroup(Group):
    """A picture."""

    picture = WebAddress("Its address.", required=True)
    alt = PlainText("What it shows, for those who do not see it.", required=True)
    text = MarkdownText("Words below it.")
    url = WebAddress("Where it leads.")


class StoryGroup(PicturedGroup):
    """A story without an article in the archive."""

    title = PlainText("Its headline.", required=True)
    text = MarkdownText("Its words.", required=True)
    url = WebAddress("Where the headline leads.")
    name = PlainText("Who reported it.")
    picture = WebAddress("A picture above it.")
    alt = PlainText("What the picture shows; a picture needs it.")


class PollGroup(Group):
    """A question whose answers are links."""

    title = PlainText("The question.", required=True)
    links = Listed("The answers.", LinkGroup, least=2, key="choices", required=True)
    text = MarkdownText("Words below the question.")


class PlacingGroup(Group):
    """Where a block stands: at an end of the letter, behind a section, or in one."""

    at = Choice("Before all sections or behind them.", ("top", "end"))
    after = PlainText("Title of the section behind which it stands, instead of `at`.")
    section = PlainText("Title of the section in which it stands, instead of `at`.")
    position = OptionalInteger("Before which story of that section, from 1.", least=1, most=LAST_PLACE)


KINDS: dict[str, type[Group]] = {
    "sponsor": SponsorGroup,
    "note": NoteGroup,
    "links": LinksGroup,
    "quote": QuoteGroup,
    "picture": PictureGroup,
    "story": StoryGroup,
    "poll": PollGroup,
}
"""The group of each kind of block."""
assert tuple(KINDS) == get_args(BlockKind)


class Blocks(ListedKinds[tuple[Block, ...]]):
    """The blocks of an issue, in the order in which they are written."""

    def __init__(self, about: str) -> None:
        super().__init__(about, KINDS, PlacingGroup)

    def read(self, keys: Keys) -> tuple[Block, ...]:
        """Return the blocks; one of an unknown kind is left out."""
        return tuple(_block(cast("BlockKind", kind), entry) for kind, entry in self.entries(keys))


def written(block: Block) -> dict[str, str | list[dict[str, str]]]:
    """Return what *block* has under the keys of its kind, in their order; an empty text or list where it has none."""
    texts: dict[str, str | list[dict[str, str]]] = {}
    for key, setting in KINDS[block.kind].settings().items():
        value = getattr(block, setting.name)
        texts[key] = value if isinstance(value, str) else [_line(line) for line in value]
    return texts


def _line(link: BlockLink) -> dict[str, str]:
    return {key: getattr(link, setting.name) for key, setting in LinkGroup.settings().items()}


def written_place(spot: BlockSpot, section: str = "", position: int = 1) -> dict[str, str]:
    """Return what stands under the keys of `PlacingGroup` for a place."""
    if spot == "inside":
        return {"section": section, "position": str(position)}
    return {"after": section} if spot == "after" else {"at": spot}


def section_places(keys: Keys, blocks: tuple[Block, ...]) -> Iterator[tuple[str, str]]:
    """Yield the title of each section that *blocks*, of the file of *keys*, stand at, with the place of that block."""
    for block in blocks:
        if block.section:
            yield block.section, f"{keys.file}:{block.place.rpartition(':')[2]}"


def _block(kind: BlockKind, entry: Keys) -> Block:
    group = KINDS[kind](entry)

    def given(name: str) -> Any:  # noqa: ANN401 - a text or groups, by the name of the setting
        return getattr(group, name, "")

    if isinstance(group, PicturedGroup) and given("picture") and not given("alt"):
        entry.problem("picture", f"{entry.prefix}picture has no alt; say there what it shows")
    spot, section, position = _placing(PlacingGroup(entry))
    return Block(
        kind=kind,
        spot=spot,
        section=section,
        position=position,
        title=sanitize.text(given("title")),
        # Not sanitised here: it is Markdown of several lines, of which `text.markdown` makes plain values.
        text=given("text"),
        name=sanitize.text(given("name")),
        url=given("url"),
        picture=given("picture"),
        alt=sanitize.text(given("alt")),
        links=_links(group, entry) if hasattr(group, "links") else (),
        # Without its folder, so that the record has the same bytes wherever the newsletter stands.
        place=f"{os.path.basename(entry.file)}:{entry.line}",
    )


def _links(group: Any, entry: Keys) -> tuple[BlockLink, ...]:  # noqa: ANN401 - one of those with links
    declared: Any = type(group).links
    lines: tuple[LinkGroup, ...] = group.links
    for line in lines:
        for key in ("title", "url"):
            if not line.keys.has(key):
                line.keys.problem(key, f"{line.keys.prefix}{key} is missing; a line has title and url")
    if entry.has(declared.key) and len(lines) < declared.least:
        entry.problem(declared.key, f"{entry.prefix}{declared.key} has {len(lines)}; write {declared.least} or more")
    return tuple(BlockLink(title=sanitize.text(line.title), url=line.url) for line in lines)


def _placing(group: PlacingGroup) -> tuple[BlockSpot, str, int]:
    """Return where a block stands, with the title of a section and the place in it."""
    keys = group.keys
    given = [key for key in ("at", "after", "section") if keys.has(key)]
    if len(given) > 1:
        keys.problem(given[1], f"{keys.prefix}{given[1]} is another place than its {given[0]}; keep one of them")
    if keys.has("position") and not keys.has("section"):
        keys.problem("position", f"{keys.prefix}position is a place in a section; write section, too, or leave it out")
    # As written, as the titles of the sections are: cleaned, it might be no section's.
    if group.section:
        return "inside", group.section, group.position or 1
    if group.after:
        return "after", group.after, 1
    return ("end" if group.at == "end" else "top"), "", 1
