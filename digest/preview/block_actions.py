"""The editor's own blocks at the desk: how an action names one, and the changes of her file that are asked for.

A block is named by what it says, so that its name stays while it is moved: of two quick presses the second names it as
the first does, whatever the page shows by then. Only blocks of this issue's file have a name. Those of digest.yaml
stand in every issue, and the desk leaves them alone.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast, get_args

from digest.config.blocks import KINDS, LinkGroup, MarkdownText, PlacingGroup, written, written_place
from digest.config.declared import Listed
from digest.model import Block, BlockKind
from digest.preview import request_values
from digest.preview.request_values import Action, BadAction
from digest.text import sanitize

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from digest.config.declared import Setting
    from digest.config.draft import BlockTexts, Draft
    from digest.model import BlockSpot, Issue

    _Spot = tuple[BlockSpot, str, int]
    """A place as a block has it: spot, title of the section, position."""

# Lines of a block at most: far more than a letter has quick links.
_MOST_LINES = 200


def names(blocks: Sequence[Block]) -> tuple[str, ...]:
    """Return a name for each of an editor's *blocks*, which it keeps wherever it stands; equal ones are numbered."""
    hashes: list[str] = []
    for block in blocks:
        said = replace(block, spot="top", section="", position=1, place="")
        hashes.append(hashlib.sha256(repr(said).encode()).hexdigest()[:12])
    return tuple(f"{name}-{hashes[:number].count(name)}" for number, name in enumerate(hashes))


def read(name: str, asked: dict[str, Any], issue: Issue) -> Action:
    """Return the action on blocks called *name*, of a request whose keys depend on it.

    | action | other keys |
    |---|---|
    | add-block | kind, texts: by the keys of that kind; place |
    | change-block | block: its name; texts; place |
    | place-block | block; place |
    | step-block | block; by: 1 or -1, a place further or back in the letter |
    | remove-block | block |

    A place is `{at: top or end}`, `{after: section}`, or `{section, position}` from 1. Raises BadAction for everything
    else.
    """
    return _READERS[name](asked, issue)


def _add(asked: dict[str, Any], issue: Issue) -> Action:
    """Add a block behind the others that stand at its place."""
    kind = request_values.text(asked, "kind")
    if kind not in get_args(BlockKind):
        raise BadAction(repr(kind), "is no kind of block", "reload the page")
    texts, place = _texts(asked, kind), written_place(*_place(asked, issue))
    return Action(lambda draft: draft.add_block(kind, texts, place), f"the new {_named(kind, texts)}")


def _change(asked: dict[str, Any], issue: Issue) -> Action:
    """Write those words of a block, and that place, which are others than it has."""
    number, block = _block(asked, issue)
    before = written(block)
    texts = {key: text for key, text in _texts(asked, block.kind).items() if text != before[key]}
    place = _place(asked, issue)
    moved = _keys_of(place) if place != spot_of(block, issue) else {}
    return Action(lambda draft: draft.change_block(number, {**texts, **moved}), f"the words of the {block}")


def _put(asked: dict[str, Any], issue: Issue) -> Action:
    """Let a block stand at a place, behind the others there."""
    number, block = _block(asked, issue)
    keys = _keys_of(_place(asked, issue))
    last = len(issue.edits.blocks) - 1

    def change(draft: Draft) -> None:
        draft.change_block(number, keys)
        draft.reorder_blocks(number, last)

    return Action(change, f"the place of the {block}")


def _step(asked: dict[str, Any], issue: Issue) -> Action:
    """Let a block stand a place further in the letter, or back: past another one of hers, or past a story."""
    number, block = _block(asked, issue)
    by = asked.get("by")
    if by not in (1, -1) or isinstance(by, bool):
        raise BadAction("by", "is not 1 or -1", "reload the page")
    spots = _spots(issue)
    at = [spots.index(spot_of(other, issue)) for other in issue.edits.blocks]
    beside = [other for other, spot in enumerate(at) if spot == at[number] and (other - number) * by > 0]
    if beside:
        return _swap(number, min(beside) if by > 0 else max(beside), issue)
    target = at[number] + by
    if not 0 <= target < len(spots):
        raise BadAction(
            f"the {block}", f"is the {'last' if by > 0 else 'first'} in the letter", "move it the other way"
        )
    # It comes before what stands there if it goes on, and behind it if it goes back.
    numbers = [number, *(other for other, spot in enumerate(at) if spot == target)]
    to = min(numbers) if by > 0 else max(numbers)

    def change(draft: Draft) -> None:
        draft.change_block(number, _keys_of(spots[target]))
        draft.reorder_blocks(number, to)

    return Action(change, f"the place of the {block}")


def _swap(number: int, other: int, issue: Issue) -> Action:
    """Let two blocks at one place change their order."""
    blocks = issue.edits.blocks
    places = {each: spot_of(blocks[each], issue) for each in (number, other)}

    def change(draft: Draft) -> None:
        for each, spot in places.items():
            # Behind the stories of a section, one at a position in it would stand before the other in any order.
            if blocks[each].spot == "inside" and spot[0] == "after":
                draft.change_block(each, _keys_of(spot))
        draft.reorder_blocks(number, other)

    return Action(change, f"the place of the {blocks[number]}")


def _remove(asked: dict[str, Any], issue: Issue) -> Action:
    """Take a block out of the letter."""
    number, block = _block(asked, issue)
    return Action(lambda draft: draft.remove_block(number), f"taking out the {block}")


_READERS: Mapping[str, Callable[[dict[str, Any], Issue], Action]] = {
    "add-block": _add,
    "change-block": _change,
    "place-block": _put,
    "step-block": _step,
    "remove-block": _remove,
}

NAMES = frozenset(_READERS)
"""The actions on blocks."""


def spot_of(block: Block, issue: Issue) -> _Spot:
    """Return where *block* stands in *issue*, as one of the places that its letter has.

    A section is named as the issue has it. A place behind all stories of a section is the one behind the section, and
    where the issue has no such section that is the end, as in the letter.
    """
    if block.spot in {"top", "end"}:
        return block.spot, "", 1
    for section in issue.sections:
        if section.title.casefold() == block.section.casefold():
            inside = block.spot == "inside" and block.position <= len(section.picks)
            return ("inside", section.title, block.position) if inside else ("after", section.title, 1)
    return "end", "", 1


def _spots(issue: Issue) -> list[_Spot]:
    """Return the places of the letter in its order."""
    spots: list[_Spot] = [("top", "", 1)]
    for section in issue.sections:
        spots += [("inside", section.title, position) for position in range(1, len(section.picks) + 1)]
        spots.append(("after", section.title, 1))
    return [*spots, ("end", "", 1)]


def _block(asked: dict[str, Any], issue: Issue) -> tuple[int, Block]:
    """Return the block that a request names, with its place in the file. Raises BadAction where it has gone."""
    name = request_values.text(asked, "block")
    blocks = issue.edits.blocks
    for number, (candidate, block) in enumerate(zip(names(blocks), blocks, strict=True)):
        if candidate == name:
            return number, block
    raise BadAction(
        "the block", "says something else in the file now, or has gone", "open it anew, and copy your words there"
    )


def _texts(asked: dict[str, Any], kind: str) -> BlockTexts:
    """Return what a request has under the keys of a *kind*. Raises BadAction for any other key."""
    texts = asked.get("texts")
    settings = KINDS[kind].settings()
    if not isinstance(texts, dict) or not texts.keys() <= settings.keys():
        raise BadAction("texts", f"are not those of a block of kind {kind}", "reload the page")
    return {key: _value(texts, key, setting) for key, setting in settings.items() if key in texts}


def _value(texts: dict[str, Any], key: str, setting: Setting[Any]) -> str | list[dict[str, str]]:
    if isinstance(setting, MarkdownText):
        return request_values.lines(texts, key)
    if not isinstance(setting, Listed):
        return request_values.one_line(texts, key)
    rows = texts[key]
    if not isinstance(rows, list) or len(rows) > _MOST_LINES or not all(isinstance(row, dict) for row in rows):
        raise BadAction(key, f"is not a list of at most {_MOST_LINES} lines", "take some out")
    written_rows = [{name: request_values.one_line(row, name) for name in LinkGroup.settings()} for row in rows]
    return [row for row in written_rows if any(row.values())]


def _place(asked: dict[str, Any], issue: Issue) -> _Spot:
    """Return the place of a request. Raises BadAction for one that the issue does not have."""
    place = asked.get("place")
    # A position is a text where the page has it from us, and a number where it counted stories itself.
    keys = {key: str(value) for key, value in place.items()} if isinstance(place, dict) else {}
    for spot in _spots(issue):
        if written_place(*spot) == keys:
            return spot
    raise BadAction("place", "is none that this issue has", "reload the page")


def _keys_of(spot: _Spot) -> dict[str, str]:
    """Return the keys of a place, with those empty that another place had."""
    return {**dict.fromkeys(PlacingGroup.settings(), ""), **written_place(*spot)}


def _named(kind: str, texts: BlockTexts) -> str:
    """Return what a new block is called."""
    title, name = (sanitize.text(str(texts.get(key, ""))) for key in ("title", "name"))
    return str(Block(kind=cast("BlockKind", kind), title=title, name=name))
