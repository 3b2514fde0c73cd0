"""The editor's own words between the stories: as a theme shows them, where they stand, and which a theme lost.

No block is lost in silence. Where its section is not in the issue it stands at the end, where the stories behind it
went to the web it stands behind what is left, and what a theme does not print is told by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.rendering.lost import Wanted
from digest.text import markdown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from digest.model import Address, Block, BlockKind, BlockLink, Issue, Pick
    from digest.rendering.language import Language
    from digest.text.markdown import WrittenParagraph

# Places of blocks beside the paths of stories, which are of files with an ending.
TOP, END = "top", "end"


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


def notes(issue: Issue) -> Iterator[str]:
    """Yield a line for the editor about each block that is not where it was asked for."""
    titles = {section.title.casefold() for section in issue.sections}
    for block in issue.blocks:
        if block.section and block.section.casefold() not in titles:
            yield f"{block.place}: the issue has no section {block.section!r}; {block} stands at the end"


def wanted(issue: Issue, language: Language, gone: Sequence[str], pictures: Mapping[str, Address]) -> Iterator[Wanted]:
    """Yield what readers are to see of the editor's own words.

    *gone* are the paths of stories that are on the web only, *pictures* those that the editor chose or described and
    that are shown, by the path of their story.
    """
    for block in issue.blocks:
        yield Wanted(place=block.place, name=str(block), variable="blocks", pieces=_view(block, language).words)
    for section in issue.sections:
        shown = [pick for pick in section.picks if pick.article.path not in gone]
        if section.line and shown:
            name = "the line below its title"
            yield Wanted(place=section.title, name=name, variable="section.line", pieces=(section.line,))
        for pick in shown:
            yield from _on_story(pick, pictures)


def _on_story(pick: Pick, pictures: Mapping[str, Address]) -> Iterator[Wanted]:
    """Yield what the editor says of a story, and of its picture where that is among the *pictures* that are shown."""
    path = pick.article.path
    why = tuple(run.text for run in markdown.runs(markdown.paragraphs(pick.why)))
    if pick.kicker:
        yield Wanted(place=path, name="the kicker", variable="story.kicker", pieces=(pick.kicker,))
    if why:
        yield Wanted(place=path, name="why it matters", variable="story.why", pieces=why)
    if path in pictures:
        of_picture = {
            "picture": ("the picture", pictures[path]),
            "picture_alt": ("what the picture shows", pick.alt),
            "picture_credit": ("the credit of the picture", pick.credit),
        }
        for field, (name, piece) in of_picture.items():
            yield Wanted(place=path, name=name, variable=f"story.{field}", pictured=(piece,))
