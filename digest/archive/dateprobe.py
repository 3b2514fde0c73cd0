r"""Which files may matter to a window: the date is proven from the first bytes, without a YAML parser.

Parsing 10,000 files costs seconds, a look at them a fraction; but a look is only safe when it *proves*. The claim:

    of the keys that may hold the date, the top level has the one seen here and no other, or it has none.

So the article bears that date, or is undated; where the date is outside a window, either way the article is not in it,
and the file need not be read further. The claim holds because a date is proven only if

1. the first line after `---` is a plain key in column 0, so the top-level mapping starts in column 0;
2. every line that starts in column 0 starts with a letter, `-` or `#`, so each top-level key is a plain word: not
   quoted, escaped (`"\\x70ublished…"`), complex (`? key`), tagged, merged (`<<`) or inside a flow mapping;
3. one line starts with one of the keys, and only one, so there is no duplicate and no other date to prefer; were that
   one line swallowed by a quoted text that goes on in column 0, the key would be absent;
4. nothing but LF and CRLF breaks a line (YAML also takes a lone CR, NEL, LS and PS for line breaks);
5. the value is a UTC time in the one form that compares digit by digit.

Anything else is parsed: another format of front matter, a key that is no plain word, an unpublished article (which has
a verdict of its own). What is proven is a fact about the file alone, so it holds for every window. A property test
holds this against full parsing.

What a look finds is a fact about the file alone, so the index keeps it for the next run, whatever its window.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.archive import walk
from digest.archive.index import UNPROVEN, Index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from digest.archive.walk import Listing
    from digest.model import Window


_OPENING = re.compile(rb"(?:\xef\xbb\xbf)?---[ \t]*\r?\n(?=[A-Za-z]\w*:[ \r\n])")
_CLOSING = re.compile(rb"\n---[ \t]*(?:\r?\n|\Z)")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_DOUBTFUL_LINE = re.compile(rb"\n[^A-Za-z \n\r#-]")
_LONE_RETURN = re.compile(rb"\r(?!\n)")
_MORE_BREAKS = (b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9")


def date(keys: Sequence[str]) -> Callable[[bytes], int | None]:
    """Return a function that tells of a file's bytes the one date it can have, in UTC, as 20201109102900.

    *keys* are the top-level keys that may hold it. None where nothing is proven, as with a key that is no plain word.
    """
    if not keys or not all(map(_PLAIN.fullmatch, keys)):
        return lambda _: None
    starts = [f"\n{key}".encode() for key in keys]
    names = "|".join(map(re.escape, keys)).encode()
    seen = re.compile(rb"\n(?:" + names + rb"): (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\r?\n")

    def proven(content: bytes) -> int | None:
        match = seen.search(content)
        opening = _OPENING.match(content)
        if not match or not opening:
            return None
        closing = _CLOSING.search(content, opening.end())
        if not closing or match.end() > closing.start() + 1:
            return None
        # The line break before the first key stays in: the key may be the date itself.
        matter = content[opening.end() - 1 : closing.start() + 1]
        if sum(map(matter.count, starts)) != 1 or _is_doubtful(matter):
            return None
        return int(match[1].translate(None, b"-T:Z"))

    return proven


def outside(window: Window) -> Callable[[int], bool]:
    """Return a function that tells of a proven date whether it lies outside *window*."""
    first = int(window.starts_at.strftime("%Y%m%d%H%M%S"))
    after = int(window.ends_at.strftime("%Y%m%d%H%M%S"))
    return lambda moment: not first <= moment < after


def _is_doubtful(matter: bytes) -> bool:
    """Whether a line may be other than it looks. Four passes, each quick: one expression for all takes four times."""
    return (
        _DOUBTFUL_LINE.search(matter) is not None
        or (b"\r" in matter and _LONE_RETURN.search(matter) is not None)
        or (not matter.isascii() and any(more in matter for more in _MORE_BREAKS))
    )


def below(
    folder: str, listings: Iterable[Listing], within: Window | None, keys: Sequence[str]
) -> Iterator[tuple[int, list[str]]]:
    """Yield for each of *listings*, which are below *folder*, how many files it has and which may matter to *within*.

    All of them may where it is None. *keys* are where a file may bear its date.
    """
    if within is None:
        yield from ((len(listing.names), [listing.start + name for name in listing.names]) for listing in listings)
        return
    every = list(listings)
    is_outside, index = outside(within), Index(folder, keys)
    for listing, dates in zip(every, index.dates(every, _look(keys)), strict=True):
        inside = [
            listing.start + name
            for name, date in zip(listing.names, dates, strict=True)
            if date == UNPROVEN or not is_outside(date)
        ]
        yield len(listing.names), inside
    index.keep()


def at(file: str, within: Window | None, keys: Sequence[str]) -> bool:
    """Whether *file* may matter to *within*."""
    date = UNPROVEN if within is None else _look(keys)(file)
    return within is None or date == UNPROVEN or not outside(within)(date)


def _look(keys: Sequence[str]) -> Callable[[str], int]:
    """Return what tells a file's proven date; UNPROVEN also of one that cannot be read, which is then told."""
    proven = date(keys)

    def look(file: str) -> int:
        try:
            date = proven(walk.start_of(file))
        except OSError:
            return UNPROVEN
        return UNPROVEN if date is None else date

    return look
