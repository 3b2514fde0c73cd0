"""The editor's own words between the stories: as a theme shows them, where they stand, and which a theme lost.

No block is lost in silence. Where its section is not in the issue it stands at the end, where the stories behind it
went to the web it stands behind what is left, and what a theme does not print is told by name.
"""

from __future__ import annotations

import html as html_entities
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from digest.text import markdown
from digest.text.phrases import bare

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from digest.model import Address, Block, BlockKind, BlockLink, Issue, Pick
    from digest.rendering.language import Language
    from digest.text.markdown import WrittenParagraph

# Places of blocks beside the paths of stories, which are of files with an ending.
TOP, END = "top", "end"

HTML, TEXT, FRAGMENT = "HTML", "plain text", "fragment"
"""What the parts of an issue are called, for the editor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockView:
    """Words of the editor's own as a theme shows them; what is empty was not given.

    *label* is `Advertisement` for a sponsor, in the issue's language, and must be shown; it is empty for any other
    *kind*. *name* is who pays, said or reported it, *url* where that name, the headline of a story or the picture
    leads. *picture* is an address or None. *links* are quick links, or the choices of a poll.
    """

    kind: BlockKind
    label: str
    title: str
    name: str
    url: str
    picture: str | None
    alt: str
    paragraphs: tuple[WrittenParagraph, ...]
    links: tuple[BlockLink, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """Every piece of text that a reader is to get of it, none of which has mark-up inside."""
        said = (run.text for run in markdown.runs(self.paragraphs))
        return (self.label, self.title, self.name, self.alt, *said, *(link.title for link in self.links))


@dataclass(frozen=True, slots=True, kw_only=True)
class EndsView:
    """The blocks at the two ends of a letter: before its sections and behind them."""

    top: tuple[BlockView, ...] = ()
    end: tuple[BlockView, ...] = ()


@dataclass(frozen=True, slots=True)
class BlockPlaces:
    """Which blocks stand where in a letter, each place's in the order in which they are shown."""

    at: dict[str | int, tuple[BlockView, ...]]

    @property
    def ends(self) -> EndsView:
        """Those at the ends."""
        return EndsView(top=self.at.get(TOP, ()), end=self.at.get(END, ()))

    def before(self, path: str) -> tuple[BlockView, ...]:
        """Those before the story of an article's path."""
        return self.at.get(path, ())

    def behind(self, number: int) -> tuple[BlockView, ...]:
        """Those behind a section, by its number in the issue from 0."""
        return self.at.get(number, ())

    @property
    def texts(self) -> list[str]:
        """All their words."""
        return [text for blocks in self.at.values() for block in blocks for text in block.words]


def places(issue: Issue, gone: Sequence[str], language: Language) -> BlockPlaces:
    """Return where the blocks of *issue* stand when the stories of the paths *gone* are on the web only."""
    shown = [
        (section.title, [pick.article.path if pick.article.path not in gone else "" for pick in section.picks])
        for section in issue.sections
    ]
    views = [_view(block, language) for block in issue.blocks]
    in_order = standing(shown, issue.blocks)
    return BlockPlaces({place: tuple(views[number] for number in numbers) for place, numbers in in_order.items()})


def standing(
    sections: Sequence[tuple[str, Sequence[str]]], blocks: Sequence[Block]
) -> dict[str | int, tuple[int, ...]]:
    """Return the numbers of *blocks* that stand at each place of a letter, in the order in which they are shown.

    *sections* are the titles with the paths of their stories; an empty path is a story that is not shown. A place is
    TOP, END, the path of the story behind it, or the number of the section before it.
    """
    numbers = {title.casefold(): number for number, (title, _) in enumerate(sections)}
    shown = [paths for _, paths in sections]

    def place(block: Block) -> str | int:
        number = numbers.get(block.section.casefold())
        if number is None:
            return TOP if block.spot == "top" else END
        following = shown[number][block.position - 1 :] if block.spot == "inside" else []
        behind = (before for before in range(number, -1, -1) if any(shown[before]))
        return next(filter(None, following), next(behind, TOP))

    def order(item: tuple[int, Block]) -> tuple[int, bool, int, int]:
        written, block = item
        number = numbers.get(block.section.casefold())
        return (-1, False, 0, written) if number is None else (number, block.spot == "after", block.position, written)

    at: dict[str | int, tuple[int, ...]] = {}
    for number, block in sorted(enumerate(blocks), key=order):
        at[place(block)] = (*at.get(place(block), ()), number)
    return at


def _view(block: Block, language: Language) -> BlockView:
    return BlockView(
        kind=block.kind,
        label=advert(language) if block.kind == "sponsor" else "",
        title=block.title,
        name=block.name,
        url=block.url,
        picture=block.picture or None,
        alt=block.alt,
        paragraphs=markdown.paragraphs(block.text, (block.url, *(link.url for link in block.links))),
        links=block.links,
    )


def advert(language: Language) -> str:
    """Return the word that marks a sponsor, in *language*."""
    return language.say("Advertisement")


def notes(
    issue: Issue,
    language: Language,
    parts: Mapping[str, str],
    gone: Sequence[str] = (),
    pictures: Mapping[str, Address] = MappingProxyType({}),
) -> Iterator[str]:
    """Yield a line for the editor about each block that is not where it was asked for, and what of her words is lost.

    *parts* are what readers get, as it was made, by its name: HTML, TEXT and FRAGMENT, which is empty where there is
    none. Whatever a theme asks for, what counts is what is in them. *gone* are the paths of stories that are on the web
    only, *pictures* those that the editor chose or described, by the path of their story.
    """
    titles = {section.title.casefold() for section in issue.sections}
    for block in issue.blocks:
        if block.section and block.section.casefold() not in titles:
            yield f"{block.place}: the issue has no section {block.section!r}; {block} stands at the end"
    asked = list(_asked(issue, language, gone, pictures))
    if not asked:
        return
    seen = {name: bare(part if name == TEXT else html_entities.unescape(part)) for name, part in parts.items() if part}
    for each in asked:
        lost = [
            part
            for part, shown in seen.items()
            if (each.in_text or part != TEXT) and not all(bare(piece) in shown for piece in each.pieces)
        ]
        if lost:
            where = " and ".join(lost)
            yield f"{each.place}: the theme does not show {each.name} in its {where}; show `{each.variable}` there"


class _Asked(NamedTuple):
    """What the editor asked for: where, what, the pieces of it that must be seen, and the variable that has them."""

    place: str
    name: str
    pieces: tuple[str, ...]
    variable: str
    in_text: bool


def _asked(issue: Issue, language: Language, gone: Sequence[str], pictures: Mapping[str, Address]) -> Iterator[_Asked]:
    """Yield everything that the editor asked for; of stories and pictures as in `notes`."""
    for block in issue.blocks:
        yield _Asked(block.place, str(block), _view(block, language).words, "blocks", in_text=True)
    for section in issue.sections:
        shown = [pick for pick in section.picks if pick.article.path not in gone]
        if section.line and shown:
            yield _Asked(section.title, "the line below its title", (section.line,), "section.line", in_text=True)
        for pick in shown:
            yield from _on_story(pick, pictures)


def _on_story(pick: Pick, pictures: Mapping[str, Address]) -> Iterator[_Asked]:
    """Yield what the editor says of a story, and of its picture where that is among the *pictures* that are shown."""
    path = pick.article.path
    if pick.kicker:
        yield _Asked(path, "the kicker", (pick.kicker,), "story.kicker", in_text=True)
    why = tuple(run.text for run in markdown.runs(markdown.paragraphs(pick.why)))
    if why:
        yield _Asked(path, "why it matters", why, "story.why", in_text=True)
    # The text has no pictures, and so nothing to be said of one.
    if path in pictures:
        yield _Asked(path, "the picture", (pictures[path],), "story.picture", in_text=False)
        yield _Asked(path, "what the picture shows", (pick.alt,), "story.picture_alt", in_text=False)
        yield _Asked(path, "the credit of the picture", (pick.credit,), "story.picture_credit", in_text=False)
