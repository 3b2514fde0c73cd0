"""The file of edits as the preview changes it: pin, drop, move, change, order, join, split and blocks.

All comments are kept.

    draft = Draft(content, file, meaning)
    draft.drop(["a.md"], "not ours to tell")
    draft.to_bytes()

A story stands in at most one of `pin`, `drop` and `move`: what is asked for last takes it out of the others, so that
the file never says two things about one story.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.config import roundtrip

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from digest.config.roundtrip import Map

    BlockTexts = Mapping[str, str | Sequence[Mapping[str, str]]]
    """Texts of a block by the keys of the file; lines that lead somewhere are a list of such."""


class Draft:
    """A file of edits while it is changed.

    *meaning* maps each name in the file (a path, an address or a title) to the path of the article it means. The
    methods take the *paths* of all articles of a story, the one to write down first. Comments on lines of their own
    survive every change. Raises EditsError for content that is no YAML.
    """

    def __init__(self, content: bytes, file: str, meaning: Mapping[str, str]) -> None:
        self._tree = roundtrip.Tree(content, file)
        self._meaning = meaning

    def to_bytes(self) -> bytes:
        """The file as it is to be written; without a change the same bytes."""
        return self._tree.to_bytes()

    def pin(self, paths: Sequence[str], section: str, position: int | None = None) -> None:
        """Pin a story to *section*, at *position* (from 1) where one is given."""
        self._remove(paths, ("drop", "move"))
        entry = self._one("pin", paths)
        roundtrip.put(entry, "section", section)
        if position:
            roundtrip.put(entry, "position", str(position))
            self._remove_from_order(paths)
        else:
            roundtrip.put(entry, "position", "")

    def drop(self, paths: Sequence[str], reason: str) -> None:
        """Drop a story for *reason*, which `explain` shows."""
        self._remove(paths, ("pin", "move"))
        self._remove_from_order(paths)
        roundtrip.put(self._one("drop", paths), "reason", reason)

    def move(self, paths: Sequence[str], section: str) -> None:
        """Move a story to *section*, where it competes for a slot; a pinned one is pinned there instead."""
        self._remove_from_order(paths)
        pinned = self._find("pin", paths)
        if pinned:
            roundtrip.put(pinned[0], "section", section)
            roundtrip.put(pinned[0], "position", "")
            return
        self._remove(paths, ("drop",))
        roundtrip.put(self._one("move", paths), "section", section)

    def release(self, paths: Sequence[str]) -> None:
        """Forget every pin, drop, move and order of a story: the rules decide again. Changed words stay."""
        self._remove(paths, ("pin", "drop", "move"))
        self._remove_from_order(paths)

    def change(self, paths: Sequence[str], texts: Mapping[str, str]) -> None:
        """Set the editor's own *texts* of a story, by the keys of a change; an empty one takes that one back.

        What stands under other keys stays.
        """
        asked = any(texts.values())
        for entry in [self._one("change", paths)] if asked else self._find("change", paths):
            if not asked and entry.keys() <= {"story", *texts}:
                self._tree.remove("change", entry)
            else:
                for key, text in texts.items():
                    roundtrip.put(entry, key, text)

    def order(self, section: str, stories: Sequence[str]) -> None:
        """Let *stories* come first in *section*, in this order. Positions of their pins go, or both would decide."""
        for story in stories:
            for entry in self._find("pin", [story]):
                roundtrip.put(entry, "position", "")
        self._tree.put_list(self._tree.map("order"), section, stories)

    def join(self, stories: Sequence[Sequence[str]]) -> None:
        """Let *stories*, each by its paths, be one: in a join that already names one of them, else in a new one."""
        groups = [[self._means(name) for name in group] for group in self._tree.groups("join")]
        named = {path for paths in stories for path in paths}
        number = next((place for place, group in enumerate(groups) if named.intersection(group)), None)
        if number is None:
            self._tree.add_group("join", [paths[0] for paths in stories])
            return
        joined = frozenset(groups[number])
        self._tree.add_to_group("join", number, [paths[0] for paths in stories if joined.isdisjoint(paths)])

    def unjoin(self, paths: Sequence[str]) -> None:
        """Forget every join of these articles."""
        # From the end, so that the places of those before stay as they are.
        for number, group in reversed(list(enumerate(self._tree.groups("join")))):
            places = [place for place, name in enumerate(group) if self._means(name) in paths]
            if places:
                self._tree.remove_from_group("join", number, places)

    def split(self, path: str) -> None:
        """Let an article tell a story of its own."""
        if path not in map(self._means, self._tree.texts("split")):
            self._tree.add_text("split", path)

    def unsplit(self, path: str) -> None:
        """Forget that an article was split off."""
        for number, name in reversed(list(enumerate(self._tree.texts("split")))):
            if self._means(name) == path:
                self._tree.remove_text("split", number)

    def add_block(self, kind: str, texts: BlockTexts, place: Mapping[str, str]) -> None:
        """Add a block behind the others, with *texts* by the keys of its *kind* and *place* by those of a place."""
        roundtrip.put(self._tree.append("blocks"), "kind", kind)
        self.change_block(len(self._tree.maps("blocks")) - 1, {**texts, **place})

    def change_block(self, number: int, texts: BlockTexts) -> None:
        """Write *texts* by their keys into a block, by its place in the list; an empty one removes its key."""
        entry = self._tree.maps("blocks")[number]
        for key, value in texts.items():
            if isinstance(value, str):
                roundtrip.put(entry, key, value)
            else:
                roundtrip.put_maps(entry, key, value)

    def reorder_blocks(self, number: int, to: int) -> None:
        """Let a block stand at another place in the list."""
        self._tree.reorder("blocks", number, to)

    def remove_block(self, number: int) -> None:
        """Take a block out of the list."""
        self._tree.remove("blocks", self._tree.maps("blocks")[number])

    def words(self, key: str, text: str) -> None:
        """Set subject, preheader or introduction; an empty text leaves it to the rules."""
        if text.strip():
            roundtrip.put(self._tree.root(), key, text.strip())
        else:
            self._tree.forget(key)

    def _find(self, key: str, paths: Sequence[str]) -> list[Map]:
        return [entry for entry in self._tree.maps(key) if self._means(entry.get("story", "")) in paths]

    def _one(self, key: str, paths: Sequence[str]) -> Map:
        """The mapping of a story in a list, made where there is none."""
        entries = self._find(key, paths)
        if entries:
            return entries[0]
        entry = self._tree.append(key)
        roundtrip.put(entry, "story", paths[0])
        return entry

    def _remove(self, paths: Sequence[str], keys: Iterable[str]) -> None:
        for key in keys:
            for entry in self._find(key, paths):
                self._tree.remove(key, entry)

    def _remove_from_order(self, paths: Sequence[str]) -> None:
        for section, stories in self._tree.lists("order").items():
            kept = [story for story in stories if self._means(story) not in paths]
            # A section whose order is untouched keeps its lines exactly as they were written.
            if kept == stories:
                continue
            self._tree.put_list(self._tree.map("order"), section, kept)

    def _means(self, name: object) -> str:
        return self._meaning.get(str(name).strip(), str(name).strip())
