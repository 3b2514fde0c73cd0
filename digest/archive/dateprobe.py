r"""Selection of the files that may matter to a window: dates proven from the first bytes, without a YAML parser.

Parsing 10,000 files costs seconds, a look at their first 64 KB a fraction; but passing over a file is only safe where
its date is *proven*. The claim:

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

Anything else is parsed: another format of front matter, a key that is no plain word, a date in any other form. The
value of `published` plays no part, since an unpublished article of the window has a verdict of its own.

What is proven is a fact about the file alone, so it holds for every window, and `index` keeps it for the next run. A
property test (tests/test_glance.py) compares reading within a window with parsing everything.
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


# 1. of the proof: a byte order mark is no part of the text, and blanks behind the fence are allowed as in
# `frontmatter`.
_OPENING = re.compile(rb"(?:\xef\xbb\xbf)?---[ \t]*\r?\n(?=[A-Za-z]\w*:[ \r\n])")
"""The first fence, where a plain key follows in column 0."""

_CLOSING = re.compile(rb"\n---[ \t]*(?:\r?\n|\Z)")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")

# 2. of the proof. Lines that start with a blank go on with what stands above them, whatever they hold.
_DOUBTFUL_LINE = re.compile(rb"\n[^A-Za-z \n\r#-]")

# 4. of the proof: what YAML 1.1 takes for a line break (5.4), and a regular expression does not.
_LONE_RETURN = re.compile(rb"\r(?!\n)")
_MORE_BREAKS = (b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9")
"""NEL, LS and PS in UTF-8."""


def date(keys: Sequence[str]) -> Callable[[bytes], int | None]:
    """Return a function from a file's first bytes to the one date that its article can have.

    The date is in UTC, as an integer such as 20201109102900; None where nothing is proven. *keys* are the top-level
    keys that may hold it; with one that is no plain word (`meta.date`) nothing ever is.
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
        # The closing fence has to be in the bytes, too: behind their end there may be a second date. And a date below
        # the fence is one of the body.
        if not closing or match.end() > closing.start() + 1:
            return None
        # The line break before the first key stays in: the key may be the date itself.
        matter = content[opening.end() - 1 : closing.start() + 1]
        # 3. of the proof. Beginnings of lines are counted, not whole keys: `publishedDateTimeOld` is doubted, too,
        # which costs a parse and is never wrong.
        if sum(map(matter.count, starts)) != 1 or _is_doubtful(matter):
            return None
        return int(match[1].translate(None, b"-T:Z"))

    return proven


def outside(window: Window) -> Callable[[int], bool]:
    """Return a function from a proven date to whether it lies outside *window*."""
    # Integers of fourteen digits sort as the moments do, and one comparison of them is all that a file costs.
    first = int(window.starts_at.strftime("%Y%m%d%H%M%S"))
    after = int(window.ends_at.strftime("%Y%m%d%H%M%S"))
    return lambda moment: not first <= moment < after


def _is_doubtful(matter: bytes) -> bool:
    """Whether a line may be other than it looks: not the plain key that it starts like, or more lines than one."""
    # Four passes, each quick: one expression for all takes four times as long.
    return (
        _DOUBTFUL_LINE.search(matter) is not None
        or (b"\r" in matter and _LONE_RETURN.search(matter) is not None)
        or (not matter.isascii() and any(more in matter for more in _MORE_BREAKS))
    )


def below(
    folder: str, listings: Iterable[Listing], within: Window | None, keys: Sequence[str]
) -> Iterator[tuple[int, list[str]]]:
    """Yield for each of *listings* how many files it has, and the paths of those that may matter to *within*.

    All of them may where that is None. *folder* is what the listings lie below; its index is read and kept. *keys* are
    the top-level keys that may hold a file's date.
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
    """Whether *file* may matter to *within*; any does where that is None. The index is neither asked nor changed."""
    date = UNPROVEN if within is None else _look(keys)(file)
    return within is None or date == UNPROVEN or not outside(within)(date)


def _look(keys: Sequence[str]) -> Callable[[str], int]:
    """Return a function from a file's path to its proven date, or UNPROVEN.

    UNPROVEN is also the answer for a file that cannot be read: it is opened again in full, and then reported.
    """
    proven = date(keys)

    def look(file: str) -> int:
        try:
            date = proven(walk.start_of(file))
        except OSError:
            return UNPROVEN
        return UNPROVEN if date is None else date

    return look
