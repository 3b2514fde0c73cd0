"""A YAML file that is changed and keeps its comments, order and quotes. Knows ruamel.yaml, not what the keys mean.

ruamel.yaml ties a comment to the value before it. Here each comment on lines of its own is tied to what it stands
before instead, so that it survives when that value goes, and stays in front when another is added. In front of the
whole goes what stands inside brackets over several lines: it is written back as one line, which has no room for it.
"""

from __future__ import annotations

import io
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.emitter import Emitter
from ruamel.yaml.error import CommentMark, YAMLError
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.scalarstring import (
    DoubleQuotedScalarString,
    FoldedScalarString,
    LiteralScalarString,
    PlainScalarString,
    SingleQuotedScalarString,
)
from ruamel.yaml.tokens import CommentToken
from yaml.reader import Reader

from digest.errors import EditsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Map: TypeAlias = CommentedMap

# What our reader takes for no value where it is not quoted, so such a text has to be written in quotes.
_EMPTY = frozenset({"", "~", "null", "Null", "NULL"})

# In brackets our reader, as YAML 1.1, takes these for a key: `Pourquoi ? Parce que`. ruamel.yaml, as 1.2, does not.
_KEY_IN_BRACKETS = re.compile(r"(?:^|\s)\?|^:")

_BLOCKS = (LiteralScalarString, FoldedScalarString)

# The slot of ruamel.yaml's comment lists that holds the comments before a key or a member of a list.
_BEFORE = 1


def put(entry: Map, key: str, text: str) -> None:
    """Write a text, as a block where it has several lines; an empty one removes the key, and no comment before it."""
    if not text and key in entry:
        _forget(entry, key, [])
    elif text and entry.get(key) != text:
        block = isinstance(entry.get(key), _BLOCKS)
        scalar = _scalar(text)
        # A plain text would take the form of the block that it replaces.
        entry[key] = PlainScalarString(text) if block and scalar is text else scalar


def put_maps(entry: Map, key: str, rows: Sequence[Mapping[str, str]]) -> None:
    """Write a list of mappings of texts; a member that is there already keeps its form, and all comments stay.

    An empty list removes the key.
    """
    if not rows:
        if key in entry:
            _forget(entry, key, _inside(entry[key]))
        return
    if not isinstance(entry.get(key), CommentedSeq):
        entry[key] = CommentedSeq()
    members = entry[key]
    kept = [number for number, member in enumerate(members) if dict(member) in [dict(row) for row in rows]]
    gone = [number for number in range(len(members)) if number not in kept]
    lost: list[str] = []
    # Those that say something else now first go where they are no more; any others are written over.
    for number in reversed(gone[: max(len(members) - len(rows), 0)]):
        lost = _cut(members, number) + lost
    while len(members) > len(rows):
        lost = _cut(members, len(members) - 1) + lost
    for number, row in enumerate(rows):
        if number == len(members):
            members.append(CommentedMap())
        for name in [*members[number], *row]:
            put(members[number], name, row.get(name, ""))
    _put_before(members, len(members) - 1, lost)


def _forget(entry: Map, key: str, lost: list[str]) -> None:
    """Remove a key of a mapping; the comments before it and those *lost* from it stay, while there is another key."""
    following = list(entry)[list(entry).index(key) + 1 :]
    lost = _before(entry, key) + lost
    del entry[key]
    entry.ca.items.pop(key, None)
    if entry:
        _put_before(entry, (following or list(entry)[-1:])[0], lost)


class Tree:
    """A file as ruamel.yaml reads it. Raises EditsError for what is no YAML."""

    def __init__(self, content: bytes, file: str) -> None:
        # An editor on Windows gets back the line ends of her file, also in the lines that we add.
        self._breaks = "\r\n" if b"\r\n" in content else "\n"
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
        self._yaml = _yaml(text)
        try:
            root = self._yaml.load(text)
        except YAMLError as error:
            raise EditsError([f"{file}: the desk cannot read it; {error}"]) from error
        self._root: CommentedMap = root if isinstance(root, CommentedMap) else CommentedMap()
        # A file of nothing but comments has no node that could carry them.
        self._head = "" if self._root else text
        behind = _take_trailing(self._root, list(self._root)[-1]) + _take_end(self._root) if self._root else []
        self._tail = "".join(behind)
        _anchor(self._root)

    def to_bytes(self) -> bytes:
        """The file with its changes; without any the same bytes, but for a mark of byte order and odd blanks."""
        stream = io.StringIO()
        if self._root:
            self._keep_comments_out_of_texts()
            self._yaml.dump(self._root, stream)
        head = self._head + ("\n" if self._head and not self._head.endswith("\n") else "")
        return (head + stream.getvalue() + self._tail).replace("\n", self._breaks).encode()

    def root(self) -> Map:
        """The mapping of the file."""
        return self._root

    def map(self, key: str) -> Map:
        """The mapping at *key*, made where there is none."""
        if not isinstance(self._root.get(key), CommentedMap):
            self._root[key] = CommentedMap()
        return self._root[key]  # type: ignore[no-any-return]  # ruamel does not type what it holds

    def maps(self, key: str) -> list[Map]:
        """The mappings of the list at *key*."""
        return [member for member in self._root.get(key) or () if isinstance(member, CommentedMap)]

    def lists(self, key: str) -> dict[str, list[str]]:
        """The lists of texts of the mapping at *key*; a lone text is a list of one."""
        inner = self._root.get(key)
        pairs = inner.items() if isinstance(inner, CommentedMap) else ()
        return {
            str(name): [str(member) for member in (value if isinstance(value, list) else [value])]
            for name, value in pairs
        }

    def texts(self, key: str) -> list[str]:
        """The list of texts at *key*; a lone text is a list of one."""
        value = self._root.get(key)
        return [str(member) for member in (value if isinstance(value, list) else [value] if value else [])]

    def add_text(self, key: str, text: str) -> None:
        """Add a text to the list at *key*, which is made where there is none."""
        value = self._root.get(key)
        if not isinstance(value, CommentedSeq):
            self._root[key] = _in_brackets([value] if value else [])
        self._root[key].append(_scalar(text))

    def remove_text(self, key: str, number: int) -> None:
        """Take a text out of the list at *key* by its place, and the key with the last of them."""
        if len(self.texts(key)) == 1:
            self.forget(key)
        else:
            self._put_behind(key, _cut(self._root[key], number))

    def groups(self, key: str) -> list[list[str]]:
        """The lists of texts in the list at *key*; where that is itself one of texts, it is the only one."""
        return [[str(member) for member in group] for group in self._groups(key)]

    def add_group(self, key: str, texts: Sequence[str]) -> None:
        """Add a list of *texts* to the list at *key*, in which a list of texts that stands there comes first."""
        groups, value = self._groups(key), self._root.get(key)
        fresh = _in_brackets(map(_scalar, texts))
        if not groups:
            self._root[key] = CommentedSeq([fresh])
        elif groups[0] is value:
            # What stands before the first of them is kept with the key.
            lost = [line for place in range(len(value)) for line in _before(value, place)]
            self._root[key] = CommentedSeq([_in_brackets(value), fresh])
            self._put_behind(key, lost)
        else:
            self._root[key].append(fresh)

    def add_to_group(self, key: str, number: int, texts: Iterable[str]) -> None:
        """Add *texts* to one of the lists that `groups` gives, by its place."""
        self._groups(key)[number].extend(map(_scalar, texts))

    def remove_from_group(self, key: str, number: int, places: Sequence[int]) -> None:
        """Take texts out of one of the lists that `groups` gives, and the list where fewer than two would be left."""
        group = self._groups(key)[number]
        if len(group) - len(places) > 1:
            for place in sorted(places, reverse=True):
                self._put_behind(key, _cut(group, place))
        elif group is self._root[key]:
            self.forget(key)
        else:
            self.remove(key, group)

    def _groups(self, key: str) -> list[CommentedSeq]:
        value = self._root.get(key)
        if not isinstance(value, CommentedSeq) or not value:
            return []
        inner = [member for member in value if isinstance(member, CommentedSeq)]
        return inner or [value]

    def append(self, key: str) -> Map:
        """Add an empty mapping to the list at *key*, and return it."""
        if not isinstance(self._root.get(key), CommentedSeq):
            self._root[key] = CommentedSeq()
        self._root[key].append(CommentedMap())
        return self._root[key][-1]  # type: ignore[no-any-return]  # ruamel does not type what it holds

    def remove(self, key: str, entry: Map | CommentedSeq) -> None:
        """Take a mapping or a list out of the list at *key*, and the key with the last of them."""
        members = self._root[key]
        number = next(place for place, member in enumerate(members) if member is entry)
        if len(members) == 1:
            self.forget(key)
        else:
            self._put_behind(key, _cut(members, number))

    def reorder(self, key: str, number: int, to: int) -> None:
        """Let a member of the list at *key* stand at another place, with the comments before it."""
        members = self._root[key]
        slots, member = members.ca.items.pop(number, None), members[number]
        del members[number]
        members.insert(to, member)
        if slots:
            members.ca.items[to] = slots

    def put_list(self, inner: Map, name: str, texts: Sequence[str]) -> None:
        """Write a list of texts at *name*, found without regard to case, in the style it had; none removes it."""
        written = next((key for key in inner if str(key).casefold() == name.casefold()), _scalar(name))
        old = inner.get(written)
        lost = _inside(old)
        if texts:
            fresh = CommentedSeq(map(_scalar, texts))
            if isinstance(old, CommentedSeq) and old.fa.flow_style():
                fresh.fa.set_flow_style()
            inner[written] = fresh
        elif written in inner:
            lost += _before(inner, written)
            del inner[written]
        key = next(key for key in self._root if self._root[key] is inner)
        if not inner:
            self.forget(str(key))
        self._put_behind(str(key), lost)

    def forget(self, key: str) -> None:
        """Remove a key; the comments before, inside and behind it stay."""
        if key not in self._root:
            return
        comments = self._root.ca.items.get(key) or []
        # A comment before the first key of a mapping is kept twice by ruamel.yaml: there, and with the key above it.
        inside = _opening(self._root[key])
        tokens = [token for token in _flat(comments[2:]) if not any(token is other for other in inside)]
        beside = [f"{line}\n" for token in tokens if (line := token.value.strip()).startswith("#")]
        lost = _before(self._root, key) + beside + _inside(self._root[key])
        self._put_behind(key, lost)
        del self._root[key]
        self._root.ca.items.pop(key, None)
        if not self._root:
            opening = [token.value for token in _flat(self._root.ca.comment)]
            self._head, self._tail = self._head + "".join(opening) + self._tail, ""
            self._root = CommentedMap()

    def _keep_comments_out_of_texts(self) -> None:
        """Move comments behind a block of text to the margin: indented ones would be read as a part of it."""
        names = list(self._root)
        for name, following in zip(names, [*names[1:], None], strict=True):
            if not isinstance(self._root[name], _BLOCKS):
                continue
            if following is None:
                self._tail = "".join(line.lstrip(" ") for line in self._tail.splitlines(keepends=True))
                continue
            for token in (self._root.ca.items.get(following) or [None, None])[_BEFORE] or ():
                token.start_mark.column = 0

    def _put_behind(self, key: str, lines: list[str]) -> None:
        names = list(self._root)
        following = names.index(key) + 1 if key in names else len(names)
        if following < len(names):
            _put_before(self._root, names[following], lines)
        else:
            self._tail = "".join(lines) + self._tail


class _Strings(VersionedResolver):
    """Every plain scalar is a text, as in `digest.config.yamlfile`; so nothing is rewritten as a number or a date."""

    @property
    def versioned_resolver(self) -> dict[str, Any]:
        return {}


class _Emitter(Emitter):
    """A list right in a list begins on the line of that one's dash, as hands write it: `- - a`."""

    def expect_block_sequence_item(self, first: bool = False) -> None:  # noqa: FBT001, FBT002 - as ruamel calls it
        kept = self.sequence_dash_offset, self.best_sequence_indent
        if self.indents.seq_seq():
            self.sequence_dash_offset, self.best_sequence_indent = 0, 2
        super().expect_block_sequence_item(first)
        self.sequence_dash_offset, self.best_sequence_indent = kept

    # Behind brackets with a comment beside them, the emitter forgets that the line has ended: where another comment
    # stands before the first member of the list, it would write the first two keys of the next member on one line.

    def expect_flow_mapping_key(self) -> None:
        super().expect_flow_mapping_key()
        self._begin_line()

    def expect_flow_sequence_item(self) -> None:
        super().expect_flow_sequence_item()
        self._begin_line()

    def _begin_line(self) -> None:
        if self.column == 0:
            self.no_newline = False


def _yaml(text: str) -> YAML:
    yaml = YAML(typ="rt")
    yaml.Emitter = _Emitter
    yaml.Resolver = _Strings
    yaml.preserve_quotes = True
    # Never fold a line: a title that was on one line would come back on two, as a change that nobody made.
    yaml.width = 1_000_000
    # Keep the indentation of lists that the file has: half of all people write `- ` at the margin, half two in.
    dash = re.search(r"^[a-z]+:[^\n]*\n(?:[ ]*(?:#[^\n]*)?\n)*([ ]*)-[ ]", text, re.MULTILINE)
    offset = len(dash[1]) if dash else 2
    yaml.indent(mapping=2, sequence=offset + 2, offset=offset)
    return yaml


def _scalar(text: str) -> Any:  # noqa: ANN401 - ruamel does not type its texts
    """A text that our reader reads back as it is."""
    # Between quotes a control character is escaped; elsewhere YAML does not allow it.
    if text in _EMPTY or Reader.NON_PRINTABLE.search(text):
        return DoubleQuotedScalarString(text)
    if "\n" in text:
        return LiteralScalarString(f"{text}\n")
    return SingleQuotedScalarString(text) if _KEY_IN_BRACKETS.search(text) else text


def _in_brackets(members: Iterable[Any]) -> CommentedSeq:
    """A list on one line."""
    fresh = CommentedSeq(members)
    fresh.fa.set_flow_style()
    return fresh


def _cut(members: CommentedSeq, number: int) -> list[str]:
    """Take out a member of a list, with its comments to the next one; without a next they are returned."""
    lost = _inside(members[number]) + _before(members, number)
    del members[number]
    if number == len(members):
        return lost
    _put_before(members, number, lost)
    return []


def _anchor(node: object) -> None:
    """Tie each comment behind a value to what follows it, and each inside brackets to these, all the way down.

    The comment behind the last value of *node* is left for the caller, which knows what follows the node.
    """
    if not isinstance(node, (CommentedMap, CommentedSeq)):
        return
    keys = list(node) if isinstance(node, CommentedMap) else list(range(len(node)))
    for key in keys:
        value = node[key]
        if isinstance(value, (CommentedMap, CommentedSeq)) and value.fa.flow_style():
            _put_before(node, key, _take_bracketed(value))
    for key, following in pairwise(keys):
        _put_before(node, following, _take_trailing(node, key))
    for key in keys:
        _anchor(node[key])


def _take_bracketed(node: object) -> list[str]:
    """Cut off and return the comments inside brackets, a line each."""
    if not isinstance(node, (CommentedMap, CommentedSeq)):
        return []
    tokens = _flat([*node.ca.items.values(), node.ca.end])
    node.ca.items.clear()
    node.ca.end = []
    lines = [line.strip() for token in tokens for line in token.value.splitlines()]
    inner = node.values() if isinstance(node, CommentedMap) else node
    return [f"{line}\n" for line in lines if line] + [line for value in inner for line in _take_bracketed(value)]


def _take_trailing(node: Any, key: Any) -> list[str]:  # noqa: ANN401 - a mapping or a list of ruamel's, and its key
    """Cut off and return the lines behind the value at *key*, which ruamel.yaml ties to its last leaf."""
    value = node[key]
    if isinstance(value, (CommentedMap, CommentedSeq)) and value and not value.fa.flow_style():
        behind = _take_end(value)
        return _take_trailing(value, list(value)[-1] if isinstance(value, CommentedMap) else len(value) - 1) + behind
    slot = 2 if isinstance(node, CommentedMap) else 0
    tokens = node.ca.items.get(key) or []
    token = tokens[slot] if len(tokens) > slot else None
    if token is None:
        return []
    # Nothing can stand beside a block of text.
    if isinstance(value, _BLOCKS):
        tokens[slot] = None
        return token.value.splitlines(keepends=True)  # type: ignore[no-any-return]  # ruamel does not type it
    beside, _, behind = token.value.partition("\n")
    token.value = f"{beside}\n"
    return behind.splitlines(keepends=True)  # type: ignore[no-any-return]  # likewise


def _take_end(node: Any) -> list[str]:  # noqa: ANN401 - see above
    """Cut off and return the lines at the end of *node*: where its last value is in brackets, they are tied to it."""
    lines = [f"{' ' * token.start_mark.column}{token.value}" for token in _flat(node.ca.end)]
    node.ca.end = []
    return lines


def _put_before(node: Any, key: Any, lines: list[str]) -> None:  # noqa: ANN401 - see above
    if not lines:
        return
    slots = node.ca.items.setdefault(key, [None, None, None, None] if isinstance(node, CommentedMap) else [None, None])
    column = node.lc.col if isinstance(node, CommentedMap) else max(node.lc.col - 2, 0)
    tokens = [CommentToken(line if line.strip() else "\n", CommentMark(_indent(line, column))) for line in lines]
    for token in tokens:
        token.value = token.value.lstrip(" ")
    slots[_BEFORE] = tokens + (slots[_BEFORE] or [])


def _indent(line: str, column: int) -> int:
    return len(line) - len(line.lstrip(" ")) if line.startswith(" ") else min(column, 0)


def _before(node: Any, key: Any) -> list[str]:  # noqa: ANN401 - see above
    slots = node.ca.items.get(key) or [None, None]
    return [f"{' ' * token.start_mark.column}{token.value}" for token in slots[_BEFORE] or ()]


def _inside(node: object) -> list[str]:
    """The comments on lines of their own inside a value."""
    if not isinstance(node, (CommentedMap, CommentedSeq)):
        return []
    keys = list(node) if isinstance(node, CommentedMap) else list(range(len(node)))
    lines = [token.value for token in _opening(node) if token.value.lstrip().startswith("#")]
    for key in keys:
        lines += _before(node, key) + _inside(node[key])
    return lines


def _opening(node: object) -> list[Any]:
    """Return the tokens of the comments before the first key or member of a value; none for a text."""
    comment = node.ca.comment if isinstance(node, (CommentedMap, CommentedSeq)) else None
    return _flat(comment[_BEFORE]) if comment and len(comment) > _BEFORE else []


def _flat(tokens: object) -> list[Any]:
    if isinstance(tokens, list):
        return [token for inner in tokens for token in _flat(inner)]
    return [] if tokens is None else [tokens]
