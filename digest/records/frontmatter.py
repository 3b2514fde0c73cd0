"""The fields at the top of a file, each with its line, and the text below; what fields mean is decided in `article`.

`---` … `---` or `...`          YAML (Jekyll, Hugo, Zola, Eleventy, Astro)
`+++` … `+++`, `---toml`        TOML (Hugo, Zola; gray-matter, which Eleventy uses)
`{…}`, `---json`, `;;;`         JSON (Hugo; gray-matter; Middleman)
`Title: …` lines, an empty one  metadata without fences (Pelican, MultiMarkdown, Python-Markdown)
`title: …` lines, `---`         YAML without its first fence (Hexo)
`.. title: …` lines             metadata, most often in a comment of HTML (Nikola)

In UTF-8 with or without a byte order mark, with LF or CRLF, with empty lines above (as Hugo takes it) and without a
line end behind the closing fence. Every value becomes a text as it was written; flags, numbers and dates of TOML and
JSON become the text that says them.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from digest.config import yamlfile
from digest.config.yamlfile import Node
from digest.records import filenames
from digest.records.fields import scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANK = re.compile(rb"(?:[ \t]*+\r?\n)*+")
_OPENING = re.compile(rb"(?P<sign>---|\+\+\+|;;;)(?P<language>[A-Za-z]*)[ \t]*\r?$", re.MULTILINE)
_OBJECT = re.compile(rb"\{\s*+[\"}]")
"""The beginning of an object of JSON, which that of a short code or of a statement of Liquid is not."""

_CLOSINGS = {
    b"---": re.compile(rb"^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE),
    b"+++": re.compile(rb"^\+\+\+[ \t]*\r?$", re.MULTILINE),
    b";;;": re.compile(rb"^;;;[ \t]*\r?$", re.MULTILINE),
}
"""Closing fences by what opens; Jekyll also takes the dots that end a document of YAML."""

_LANGUAGES = {b"": "", b"yaml": "yaml", b"yml": "yaml", b"toml": "toml", b"json": "json"}
_USUAL = {b"---": "yaml", b"+++": "toml", b";;;": "json"}


class Malformed(ValueError):
    """A file that is no article.

    *what* is wrong, in words that follow its place, and *line* is where in the file, counted from 1.
    """

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(problem)
        self.what = problem
        self.line = line


class Absent(Malformed):
    """A file without any front matter: no article, and among the pages of a site nothing that is wrong."""


@dataclass(frozen=True, slots=True)
class Post:
    """A file taken apart: *fields* with their lines, counted from the top of the file, and the text below them.

    *kind* is what the text is written in. Bytes of the text that are no UTF-8 stand as U+FFFD.
    """

    fields: dict[str, Node]
    body: str
    kind: Literal["markdown", "html"]


class _Fenced(NamedTuple):
    """Front matter by its bytes: what it is written in, the line that it starts on, and where the text below starts."""

    language: str
    matter: bytes
    line: int
    end: int


def parse(content: bytes, name: str) -> Post:
    """Return the fields and the text of a file; *name* is its name, whose ending says what the text is written in.

    Raises Malformed for a file without front matter (Absent), in another encoding, and for front matter that is broken,
    nested deeper than yamlfile.MAX_DEPTH or, in YAML, refused by `yamlfile`.
    """
    # Windows' Notepad calls UTF-16 "Unicode", so such files come from there; without this they would only lack a fence.
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Malformed("is UTF-16; save it as UTF-8", 1)
    content = content.removeprefix(b"\xef\xbb\xbf")
    part = _fenced(content)
    # Decoded only to be checked: libyaml reports a wrong byte by its offset, and users look for a line.
    try:
        matter = part.matter.decode("utf-8")
    except UnicodeDecodeError as error:
        line = part.line + part.matter.count(b"\n", 0, error.start)
        raise Malformed("is not UTF-8; save it as UTF-8", line) from error
    root = _READERS[part.language](matter, part.line)
    if not isinstance(root.value, dict):
        raise Malformed("the front matter is not a list of `key: value` lines", root.line)
    fields = root.value
    # Hugo takes `Title` for `title`, and Pelican and MultiMarkdown write it so. `dateproof` proves nothing of these.
    if "Title" in fields and "title" not in fields:
        fields = {key.casefold() if key[:1].isupper() else key: node for key, node in fields.items()}
    body = content[part.end :].decode("utf-8", "replace")
    return Post(fields, body, "html" if filenames.is_page(name) else "markdown")


def has_fence(content: bytes) -> bool:
    """Whether a file begins with the fence of front matter; of a page of HTML that tells whether it is an article."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    blank = _BLANK.match(content)
    return bool(_OPENING.match(content, blank.end() if blank else 0))


def _fenced(content: bytes) -> _Fenced:
    """Return the part of a file that is front matter. Raises Malformed where there is none, or no end of it."""
    # Hugo looks past empty lines, and some of its own posts have them.
    start = blank.end() if (blank := _BLANK.match(content)) else 0
    line = 1 + content.count(b"\n", 0, start)
    opening = _OPENING.match(content, start)
    if not opening:
        return _unfenced(content, start, line)
    language = _LANGUAGES.get(opening["language"].lower())
    if language is None:
        raise Malformed(f"has front matter in a language that is not read: {opening['language'].decode()}", line)
    closing = _CLOSINGS[opening["sign"]].search(content, opening.end())
    if not closing:
        sign = opening["sign"].decode()
        raise Malformed(f"the front matter that starts here has no closing `{sign}` line", line)
    end = closing.end() + 1
    # The line end behind the fence stays in, so that lines count from the fence.
    return _Fenced(language or _USUAL[opening["sign"]], content[opening.end() : closing.start()], line, end)


def _unfenced(content: bytes, start: int, line: int) -> _Fenced:
    """Return an object of JSON at the top, or the lines of metadata. Raises Absent where there is neither."""
    if _OBJECT.match(content, start):
        end = _object_end(content, start)
        if end:
            return _Fenced("json", content[start:end], line, end)
    unopened = _UNOPENED.match(content, start)
    if unopened and _LOWER_TITLE.search(unopened["matter"]):
        return _Fenced("yaml", unopened["matter"], line, unopened.end() + 1)
    dotted = _DOTTED.match(content, start)
    if dotted and _DOTTED_TITLE.search(dotted["matter"]):
        first = line + content.count(b"\n", start, dotted.start("matter"))
        return _Fenced("dotted", dotted["matter"], first, dotted.end())
    metadata = METADATA.match(content, start)
    if metadata and _TITLE_LINE.search(metadata[0]):
        return _Fenced("metadata", metadata[0], line, metadata.end())
    raise Absent("no front matter: the first line is not `---`", 1)


def _yaml(matter: str, line: int) -> Node:
    """Return front matter in YAML. Raises Malformed."""
    try:
        return yamlfile.compose(matter.encode(), first_line=line)
    except yamlfile.YamlProblem as error:
        raise Malformed(error.what, error.line) from error


# tomllib takes the square of the number of parts of a dotted key.
_ENDLESS_KEY = re.compile(r"(?:(?:[\w-]++|\"[^\"\n]*+\"|'[^'\n]*+')[ \t]*+\.[ \t]*+){200}")
"""A dotted key of TOML in two hundred parts or more, which no post has."""

_TOML_KEY = re.compile(r"^[ \t]*\[{0,2}[ \t]*(?:([\w-]+)|\"([^\"\n]+)\"|'([^'\n]+)')[ \t]*[.=\]]", re.MULTILINE)
"""A line that may give a value to a key, or open a table of that name."""

_TOML_PLACE = re.compile(r" \(at line (\d+), column \d+\)$")
"""Where tomllib says that a mistake is."""


def _toml(matter: str, line: int) -> Node:
    """Return front matter in TOML. Raises Malformed."""
    if _ENDLESS_KEY.search(matter):
        raise Malformed("holds a key of too many parts to be read", line)
    try:
        value = tomllib.loads(matter.replace("\r\n", "\n"), parse_float=str)
    except RecursionError as error:
        raise Malformed("is nested too deeply to be read", line) from error
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        at = line + int(place[1]) - 1 if place else line
        raise Malformed(f"is no TOML ({_TOML_PLACE.sub('', str(error))})", at) from error
    # A number of more than 4,300 digits, as in JSON; TOMLDecodeError is a ValueError as well, so it comes first.
    except ValueError as error:
        raise Malformed("holds a number that is too long to be read", line) from error
    lines: dict[str, int] = {}
    position, at = 0, line
    for match in _TOML_KEY.finditer(matter):
        at += matter.count("\n", position, match.start())
        position = match.start()
        lines.setdefault(match[1] or match[2] or match[3], at)
    return _nodes(value, lines, line)


_JSON_SIGN = re.compile(r'"(?:[^"\\]++|\\.)*+"?+|[\[\]{}:]', re.DOTALL)
"""A bracket, brace or colon, or a whole string, in which none of these counts; without an end it takes all the rest."""

_JSON_SIGN_BYTES = re.compile(_JSON_SIGN.pattern.encode(), re.DOTALL)


def _object_end(content: bytes, start: int) -> int:
    """Return where the object that starts at *start* ends, 0 where it does not."""
    depth = 0
    for sign in _JSON_SIGN_BYTES.finditer(content, start):
        depth += (sign[0] in {b"{", b"["}) - (sign[0] in {b"}", b"]"})
        if not depth:
            return sign.end()
    return 0


def _json(matter: str, line: int) -> Node:
    """Return front matter in JSON; between `;;;` its outer braces may be left out. Raises Malformed."""
    text = matter if matter.lstrip().startswith("{") else f"{{{matter}}}"
    try:
        # Numbers stay texts, so that none is too long, and none is rounded.
        value = json.loads(text, parse_float=str, parse_int=str)
    # The parser recurses in C, and says so by an error of its own.
    except RecursionError as error:
        raise Malformed("is nested too deeply to be read", line) from error
    except json.JSONDecodeError as error:
        raise Malformed(f"is no JSON ({error.msg})", line + error.lineno - 1) from error
    return _nodes(value, dict(_json_lines(text, line)), line)


def _json_lines(text: str, line: int) -> Iterator[tuple[str, int]]:
    """Yield each key of the outermost object with its line; *line* is that of the text's beginning."""
    depth, position, before = 0, 0, ""
    for sign in _JSON_SIGN.finditer(text):
        line += text.count("\n", position, sign.start())
        position = sign.start()
        depth += (sign[0] in {"{", "["}) - (sign[0] in {"}", "]"})
        if depth == 1 and sign[0] == ":" and before.startswith('"'):
            yield json.loads(before, strict=False), line
        before = sign[0]


METADATA = re.compile(rb"(?:[A-Za-z][\w -]{0,40}:(?!//)[^\n]*+(?:\n|\Z)(?:[ \t]++\S[^\n]*+(?:\n|\Z))*+)++")
"""Lines of metadata from the top on, each `Key: value` with more of it on indented lines."""

_TITLE_LINE = re.compile(rb"^title[ \t]*:[ \t]*\S", re.MULTILINE | re.IGNORECASE)
"""The line that tells metadata from a text which happens to begin with a word and a colon."""


_UNOPENED = re.compile(
    rb"(?P<matter>(?:[A-Za-z][\w-]*+:(?!//)[^\n]*+\n|[ \t]*+-[ \t][^\n]*+\n|[ \t]++\S[^\n]*+\n)++)-{3,}[ \t]*+\r?$",
    re.MULTILINE,
)
"""Lines of YAML, keys with their values and lists, up to a fence."""

_LOWER_TITLE = re.compile(rb"^title:[ \t]", re.MULTILINE)

_DOTTED = re.compile(
    rb"(?:<!--[ \t]*+\r?\n)?+(?P<matter>(?:\.\.[ \t]++[\w-]++:[^\n]*+(?:\n|\Z)|[ \t]*+\r?\n)++)(?:[ \t]*+-->)?+"
)
"""Lines of metadata behind two dots, in a comment or not."""

_DOTTED_TITLE = re.compile(rb"^\.\.[ \t]+title:[ \t]*\S", re.MULTILINE)


def _dotted(matter: str, line: int) -> Node:
    """Return metadata as Nikola writes it, `.. title: …`."""
    return _metadata(re.sub(r"^\.\.[ \t]+", "", matter, flags=re.MULTILINE), line)


def _metadata(matter: str, line: int) -> Node:
    """Return metadata without fences: keys in lower case, as Pelican has them; keys such as `webUrl` stay.

    Of a key that stands there twice, and on lines that go on with it, the parts are joined by line ends.
    """
    pairs: dict[str, Node] = {}
    key = ""
    for number, written in enumerate(matter.split("\n"), start=line):
        if not written.strip():
            continue
        value = written
        if not written.startswith((" ", "\t")):
            label, _, value = written.partition(":")
            key = label.strip() if label[:1].islower() else label.strip().casefold()
        before, part = pairs.get(key), value.strip()
        joined = f"{before.value}\n{part}" if before and before.value else part or None
        pairs[key] = Node(joined, before.line if before else number)
    return Node(pairs, line)


def _nodes(root: dict[str, Any], lines: dict[str, int], line: int) -> Node:
    """Return the values of TOML or JSON as nodes; *lines* are those of the outermost keys. Raises Malformed."""
    at = {key: lines.get(key, line) for key in root}
    return Node({_whole(key): Node(_value(value, at[key], 1), at[key]) for key, value in root.items()}, line)


def _value(value: Any, line: int, depth: int) -> yamlfile.Value:  # noqa: ANN401 - whatever TOML or JSON holds
    """Return a value as texts, lists and mappings of nodes, all of them on *line*. Raises Malformed."""
    if depth > yamlfile.MAX_DEPTH:
        raise Malformed(f"nested deeper than {yamlfile.MAX_DEPTH} levels", line)
    if isinstance(value, dict):
        return {_whole(key): Node(_value(member, line, depth + 1), line) for key, member in value.items()}
    if isinstance(value, list):
        return tuple(Node(_value(member, line, depth + 1), line) for member in value)
    written = scalar(value)
    if written is None and value is not None:
        raise Malformed("holds a number that is too long to be read", line)
    return written and _whole(written)


def _whole(text: str) -> str:
    """Return *text* with a question mark for each lone surrogate, which JSON may spell and no file holds."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


_READERS = {"yaml": _yaml, "toml": _toml, "json": _json, "metadata": _metadata, "dotted": _dotted}
