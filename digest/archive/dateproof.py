r"""What can be said of an article's date from the first bytes of its file, without a parser: the proof.

Parsing 10,000 files costs seconds, a look at their first 64 KB a fraction; but passing over a file is only safe where
its date is *proven*. The claim:

    the article is dated by what is seen here, as `records.article` would date it, or it is undated, or there is none.

So where that date is outside a window, the article is not in it either way, and the file need not be read further.
Which date counts is said by `records.article`: the best of its names that has a value, else the path, else the last
change; and no earlier than an embargo. Where it looks on, nothing is proven. The value is read by the same function,
`records.dates.moment`. What remains to be shown is that a line says what it seems to say:

YAML      1. the first line after `---` is a plain key in column 0, so the top-level mapping starts in column 0;
          2. every line that starts in column 0 starts with a letter, `-` or `#`, so each top-level key is a plain word:
             not quoted, escaped (`"\\x70ublished…"`), complex (`? key`), tagged, merged (`<<`) or in a flow mapping;
          3. nothing but LF and CRLF breaks a line (YAML also takes a lone CR, NEL, LS and PS for line breaks);
          4. the value is a word or a quoted text that ends with its line, and no line goes on with it.
          Then a line that starts with a key gives that key its value, or it is swallowed by a quoted text or a flow
          collection that goes on in column 0. None does:
          5. above the keys, each quoted text, list and mapping in brackets ends with the line it starts in; a text that
             is the value of a top-level key may go on over lines that are indented.
TOML      no text in three quotes and no mapping in braces, which may go over several lines; no quoted or dotted key;
          what stands below the first `[table]` is no key of the top level.
metadata  (Pelican, MultiMarkdown) lines `Key: value` at the top of the file; nothing is quoted in it.

Every key stands there once. Anything else is parsed: front matter in JSON, a key that is no plain word, a value that
is written in another way. What is proven is a fact about the file, its path, the names and the zone alone, so it holds
for every window, and `index` keeps it for the next run. A property test (tests/test_glance.py) compares reading within
a window with parsing everything.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from digest.records import dates, frontmatter, names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.config.values import FieldPlan

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_MARK = b"\xef\xbb\xbf"

# 1. of the proof for YAML. Blanks behind a fence are allowed as in `frontmatter`.
_YAML_OPENING = re.compile(rb"---[ \t]*\r?\n(?=[A-Za-z][\w-]*:[ \r\n])")
_YAML_CLOSING = re.compile(rb"\n---[ \t]*(?:\r?\n|\Z)")

# 2. of it. Lines that start with a blank go on with what stands above them, whatever they hold.
_DOUBTFUL_LINE = re.compile(rb"\n[^A-Za-z \n\r#-]")

# 3. of it: what YAML 1.1 takes for a line break (5.4), and a regular expression does not.
_LONE_RETURN = re.compile(rb"\r(?!\n)")
_MORE_BREAKS = (b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9")
"""NEL, LS and PS in UTF-8."""

# 4. of it. A plain text goes on over empty lines to the next one that is indented.
_YAML_VALUE = re.compile(
    rb"""[ \t]+(?: ([0-9A-Za-z](?:[\x80-\xff\w,./+ -]|:(?=\d))*+) | "([^"\\\n\r]*+)" | '([^'\n\r]*+)' )
         [ \t]*+(?:(?<=[ \t])\#[^\n]*+)?\r?\n (?=(?:[ \t]*+\r?\n)*+[^ \t\r\n])""",
    re.VERBOSE,
)

_ENDS = rb"(?=[ \t]*+(?:(?<=[ \t])\#[^\n]*+)?\r?\n)"
# A sign that could start a text anywhere else but behind a bracket, comma or colon is none of a flow collection's.
_FLOW = rb"""[^"'\[\]{}\#\n]*+
    (?: (?:(?<=[\[{,:][ ])|(?<=[\[{,])) (?:"[^"\\\n]*+"|'[^'\n]*+') [^"'\[\]{}\#\n]*+ )*+"""
_CLOSED = re.compile(
    # Only where a value must begin is a sign at the end of a line sure to be the end of a text, and not its beginning.
    rb"""(?: [^:?\n-]++ | [:?-](?![ \t])
           | \n[A-Za-z][\w-]*+:[ \t]++ (?: " [^"\\\n]*+(?:(?: \\[^\r\n] | \\?ON )[^"\\\n]*+)*+ " ENDS
                                         | ' [^'\n]*+(?:(?: '' | ON )[^'\n]*+)*+ ' ENDS )
           | [:?\n-][ \t]*+ (?: (?!["'\[{!&]) | " [^"\\\n]*+(?:\\[^\r\n][^"\\\n]*+)*+ " ENDS
                              | ' [^'\n]*+(?:''[^'\n]*+)*+ ' ENDS | \[ FLOW \] ENDS | \{ FLOW \} ENDS )
         )*+""".replace(b"FLOW", _FLOW)
    .replace(b"ENDS", _ENDS)
    .replace(b"ON", rb"\r?\n(?=[ \t\r\n])"),
    re.VERBOSE,
)
"""5. of it: lines in which each text, list and mapping ends, and none is hidden behind a tag or an anchor."""

_TOML_OPENING = re.compile(rb"\+\+\+[ \t]*\r?\n")
_TOML_CLOSING = re.compile(rb"\n\+\+\+[ \t]*(?:\r?\n|\Z)")
_TOML_VALUE = re.compile(
    rb"""[ \t]*+(?: ([0-9][\w.: +-]*+) | "([^"\\\n\r]*+)" | '([^'\n\r]*+)' ) [ \t]*+(?:\#[^\n]*+)?\r?\n""", re.VERBOSE
)
_BRACKET = re.compile(rb"\n[ \t]*\[")
# In a list over several lines a line may be a list, too: of numbers, flags or texts, but not of a bare word.
_TABLE = re.compile(rb"\n[ \t]*\[{1,2}(?!(?:true|false|inf|nan)\b)[A-Za-z_][\w.-]*\]{1,2}[ \t]*(?:#[^\n]*)?\r?\n")
_TOML_DOUBTFUL = re.compile(rb"\"\"\"|\'\'\'|\{|\n[ \t]*[\"'][^\n]*=")

_METADATA_KEY = re.compile(rb"(?:\A|\n)([A-Za-z][\w -]{0,40}):")
_METADATA_VALUE = re.compile(rb"([^\n]*+)\n(?![ \t])()()")

_FLAG = re.compile(rb"[ \t]*(?:true|false|yes|no)[ \t]*\r?\n(?=(?:[ \t]*+\r?\n)*+[^ \t\r\n])", re.IGNORECASE)
"""The value of a flag, which under `published` is no date."""

_CAPITAL = b"\nTitle"
"""Where a file calls its title so, all its keys are read without case."""

_EPOCH = datetime(1, 1, 1, tzinfo=UTC)

Values = dict[str, bytes | None]
"""The values of the keys that may hold a date, by name, as they are written; None where that cannot be told."""


class Prover:
    """What the first bytes and the path of a file prove of its date, by the names and the zone of *plan*.

    *basis* is all that the proof depends on beside the file.
    """

    def __init__(self, plan: FieldPlan) -> None:
        self._dates, self._embargoes, self._changes = (
            names.of(key, plan) for key in (names.DATE, names.EMBARGO, names.CHANGED)
        )
        self.basis = (*self._dates, "", *self._embargoes, "", *self._changes, "", plan.zone, plan.clock)
        self._zone, self._clock = ZoneInfo(plan.zone), ZoneInfo(plan.clock or plan.zone)
        every = {*self._dates, *self._embargoes, *self._changes}
        # `meta.date` is inside `meta`: where that stands, nothing is proven.
        self._outer = {name.partition(".")[0] for name in every if "." in name}
        keys = every - {name for name in every if "." in name} | self._outer
        self._can_prove = all(map(_PLAIN.fullmatch, keys))
        self._folded = {key.casefold() for key in keys}
        either = "|".join(map(re.escape, sorted(keys))).encode()
        self._yaml_key = re.compile(rb"\n(" + either + rb")[ \t]*:")
        self._toml_key = re.compile(rb"\n[ \t]*(" + either + rb")[ \t]*[.=]")

    def date(self, content: bytes, path: str) -> int | None:
        """Return the one date that the article can have, in `seconds`; None where nothing is proven.

        *content* is the first bytes of the file, and *path* the name of its article.
        """
        if not self._can_prove:
            return None
        content = content.removeprefix(_MARK)
        if content.startswith(b"---"):
            values = self._in_yaml(content)
        elif content.startswith(b"+++"):
            values = self._in_toml(content)
        else:
            values = self._in_metadata(content)
        at = None if values is None else self._chosen(values, path)
        return None if at is None else seconds(at)

    def _chosen(self, values: Values, path: str) -> datetime | None:
        """Return the date of an article whose keys have *values*, as `records.article` chooses it."""
        name = next(filter(values.__contains__, self._dates), None)
        day = dates.in_path(path) if name is None else None
        if name is None and day is None:
            name = next(filter(values.__contains__, self._changes), None)
        at = self._moment(day.isoformat().encode() if day else values.get(name or ""))
        embargo = next(filter(values.__contains__, self._embargoes), None)
        if at is None or embargo is None or embargo == name:
            return at
        until = self._moment(values[embargo])
        return max(at, until) if until else None

    def _moment(self, written: bytes | None) -> datetime | None:
        try:
            return dates.moment(written.decode(), self._zone, self._clock) if written else None
        except (dates.NoDate, UnicodeDecodeError):
            return None

    def _in_yaml(self, content: bytes) -> Values | None:
        """Return the values in front matter of YAML; None where a line may be other than it looks."""
        part = _between(content, _YAML_OPENING, _YAML_CLOSING)
        if not part:
            return None
        matter, start = part
        keys = list(self._yaml_key.finditer(matter))
        values = self._values(keys, content, start, _YAML_VALUE)
        if values is None or _is_doubtful(matter) or _CAPITAL in matter:
            return None
        # What swallows the last of the keys starts above it.
        return values if not values or _CLOSED.fullmatch(matter, 0, keys[-1].start() + 1) else None

    def _in_toml(self, content: bytes) -> Values | None:
        """Return the values in front matter of TOML; None where a line may be other than it looks."""
        part = _between(content, _TOML_OPENING, _TOML_CLOSING)
        if not part:
            return None
        matter, start = part
        bracket = _BRACKET.search(matter)
        if bracket:
            if not _TABLE.match(matter, bracket.start()):
                return None
            matter = matter[: bracket.start() + 1]
        if _TOML_DOUBTFUL.search(matter) or _CAPITAL in matter:
            return None
        return self._values(list(self._toml_key.finditer(matter)), content, start, _TOML_VALUE)

    def _in_metadata(self, content: bytes) -> Values | None:
        """Return the values in metadata without fences; None where there is none."""
        block = frontmatter.METADATA.match(content)
        # What reaches to the end of the bytes may go on behind it.
        if not block or block.end() == len(content):
            return None
        keys = [
            match for match in _METADATA_KEY.finditer(block[0]) if match[1].strip().decode().casefold() in self._folded
        ]
        return self._values(keys, content, 0, _METADATA_VALUE)

    def _values(
        self, keys: Sequence[re.Match[bytes]], content: bytes, start: int, form: re.Pattern[bytes]
    ) -> Values | None:
        """Return the values of *keys*, found in what begins at *start* of *content*, each in that *form*.

        None where a key is there twice, or holds the dates inside it.
        """
        values: Values = {}
        for key in keys:
            name = key[1].strip().decode()
            if name[0].isupper() and form is _METADATA_VALUE:
                name = name.casefold()
            behind = start + key.end()
            if name == "published" and _FLAG.match(content, behind):
                continue
            if name in values or name in self._outer or content[behind - 1 : behind] == b".":
                return None
            value = form.match(content, behind)
            values[name] = value[1] or value[2] or value[3] if value else None
        return values


def seconds(at: datetime) -> int:
    """Return a moment as whole seconds since the year 1, so that one comparison of numbers is all that a file costs."""
    since = at - _EPOCH
    return since.days * 86_400 + since.seconds


def _between(content: bytes, opening: re.Pattern[bytes], closing: re.Pattern[bytes]) -> tuple[bytes, int] | None:
    """Return the lines between two fences, with the line break above them, and where they start; None without both.

    The closing fence has to be in the bytes, too: behind their end there may be a second date. And a date below the
    fence is one of the body.
    """
    start = opening.match(content)
    end = closing.search(content, start.end()) if start else None
    return (content[start.end() - 1 : end.start() + 1], start.end() - 1) if start and end else None


def _is_doubtful(matter: bytes) -> bool:
    """Whether a line may be other than it looks: not the plain key that it starts like, or more lines than one."""
    # Four passes, each quick: one expression for all takes four times as long.
    return (
        _DOUBTFUL_LINE.search(matter) is not None
        or (b"\r" in matter and _LONE_RETURN.search(matter) is not None)
        or (not matter.isascii() and any(more in matter for more in _MORE_BREAKS))
    )
