"""The editor's own blocks as the desk shows them: a card for each, where it stands, and a form for each kind.

The forms follow from the declaration of the kinds in `config.blocks`: what may be written there can be written here,
and is explained by the same sentence.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from digest.config.blocks import KINDS, MarkdownText, written, written_place
from digest.config.declared import Listed
from digest.preview import block_actions
from digest.rendering import blocks as own_blocks
from digest.text import markdown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from digest.config.declared import Group, Setting
    from digest.model import Block, Issue


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a form: the *key* it writes, and the sentence on it.

    *rows* are the fields of each line where it is a list of such, of at least *least*. *is_markdown* and *is_needed*
    are as the key is declared.
    """

    key: str
    about: str
    is_needed: bool
    is_markdown: bool = False
    rows: tuple[Field, ...] = ()
    least: int = 0

    @property
    def label(self) -> str:
        """What the field is called: its key, as a word."""
        return "URL" if self.key == "url" else self.key.capitalize()


@dataclass(frozen=True, slots=True, kw_only=True)
class KindForm:
    """The form of a kind of block, with the sentence on it."""

    kind: str
    about: str
    fields: tuple[Field, ...]

    @property
    def label(self) -> str:
        """What the kind is called."""
        return self.kind.capitalize()


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockCard:
    """Words of the editor's own on the desk.

    *kind* is that of the block, *heading* what it is known by, and *words* how it begins. *place* says where
    it is written, and *where* where it stands. *name* names it in an action; it is empty for a block that the desk does
    not change, and so are *texts*, what its form holds, and *spot*, its place, both in JSON. *number* is its place in
    the editor's file. *is_of_every_issue*: it is one of digest.yaml, in the issue at work. *notes* say what of it the
    letter does not show, or not where it was asked for.
    """

    kind: str
    heading: str
    words: str
    place: str
    where: str
    notes: tuple[str, ...] = ()
    name: str = ""
    number: int = 0
    texts: str = ""
    spot: str = ""
    is_of_every_issue: bool = False

    @property
    def called(self) -> str:
        """What it is called for those who do not see it."""
        return f"{self.kind} “{self.heading or self.words}”"


@dataclass(frozen=True, slots=True)
class PlacedCards:
    """The cards of a letter's blocks by their places, as `rendering.blocks.standing` has them."""

    at: Mapping[str | int, tuple[BlockCard, ...]]

    @property
    def top(self) -> tuple[BlockCard, ...]:
        """Those before all sections."""
        return self.at.get(own_blocks.TOP, ())

    @property
    def end(self) -> tuple[BlockCard, ...]:
        """Those behind all sections."""
        return self.at.get(own_blocks.END, ())

    def before(self, path: str) -> tuple[BlockCard, ...]:
        """Those before the story of an article's path."""
        return self.at.get(path, ())

    def behind(self, number: int) -> tuple[BlockCard, ...]:
        """Those behind a section, by its number in the issue from 0."""
        return self.at.get(number, ())


def forms() -> tuple[KindForm, ...]:
    """Return the form of each kind of block, in the order in which they are declared."""
    return tuple(KindForm(kind=kind, about=group.about(), fields=_fields(group)) for kind, group in KINDS.items())


def cards(
    sections: Sequence[tuple[str, Sequence[str]]],
    blocks: Sequence[Block],
    notes: Sequence[str] = (),
    *,
    live: Issue | None = None,
) -> PlacedCards:
    """Return the cards of *blocks* at their places.

    *sections* are the titles of a letter with the paths of their stories, and *notes* those on the letter. *live* is
    the issue at work, whose own blocks, the last of *blocks*, can be changed; None for one that was built before.
    """
    shown = [_card(block, notes) for block in blocks]
    if live:
        own = live.edits.blocks
        names = block_actions.names(own)
        every = len(blocks) - len(own)
        shown[:every] = [replace(card, is_of_every_issue=True) for card in shown[:every]]
        shown[every:] = [
            replace(
                card,
                name=name,
                number=number,
                # Not of the letter's block: its addresses name the issue already.
                texts=json.dumps(written(block)),
                spot=json.dumps(written_place(*block_actions.spot_of(block, live))),
            )
            for number, (card, name, block) in enumerate(zip(shown[every:], names, own, strict=True))
        ]
    in_order = own_blocks.standing(sections, blocks)
    return PlacedCards({place: tuple(shown[number] for number in numbers) for place, numbers in in_order.items()})


def _card(block: Block, notes: Sequence[str]) -> BlockCard:
    """Return the card of a block, which the desk does not change."""
    runs = markdown.runs(markdown.paragraphs(block.text))
    text = " ".join("".join(run.text for run in runs).split())
    about = f"{block.place}: "
    return BlockCard(
        kind=block.kind,
        heading=block.heading or block.alt,
        words=text or ", ".join(link.title for link in block.links),
        place=block.place,
        where=block.where,
        notes=tuple(note.removeprefix(about) for note in notes if note.startswith(about)),
    )


def _fields(group: type[Group]) -> tuple[Field, ...]:
    return tuple(_field(key, setting) for key, setting in group.settings().items())


def _field(key: str, setting: Setting[Any]) -> Field:
    return Field(
        key=key,
        about=setting.about,
        is_needed=setting.required,
        is_markdown=isinstance(setting, MarkdownText),
        rows=_fields(setting.group) if isinstance(setting, Listed) else (),
        least=setting.least if isinstance(setting, Listed) else 0,
    )
