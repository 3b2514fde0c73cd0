r"""A look at a file's bytes that proves its article cannot be in the window. Knows no YAML parser.

Parsing 10,000 files costs seconds, a look at them a fraction; but a look is only safe when it *proves*. The claim:

    the top-level `publishedDateTime` is the one date seen here, or there is none.

Either way the article is not in the window, as an undated one never is. It holds because the file is skipped only if

1. the first line after `---` is a plain key in column 0, so the top-level mapping starts in column 0;
2. every line that starts in column 0 starts with a letter, `-` or `#`, so each top-level key is a plain word: not
   quoted, escaped (`"\\x70ublished…"`), complex (`? key`), tagged, merged (`<<`) or inside a flow mapping;
3. `publishedDateTime` starts exactly one line, so it has no duplicate; were that one line swallowed by a quoted text
   that goes on in column 0, the key would be absent;
4. nothing but LF and CRLF breaks a line (YAML also takes a lone CR, NEL, LS and PS for line breaks);
5. the value is a UTC time in the one form that compares as text.

Anything else is parsed. A property test holds this against full parsing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.model import Window

_OPENING = re.compile(rb"(?:\xef\xbb\xbf)?---[ \t]*\r?\n(?=[A-Za-z]\w*:[ \r\n])")
_CLOSING = re.compile(rb"\n---[ \t]*(?:\r?\n|\Z)")
_DATE = re.compile(rb"\npublishedDateTime: (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\r?\n")
_DOUBT = re.compile(rb"\n(?![A-Za-z \n#-]|\r\n|\Z)|\r(?!\n)|\xc2\x85|\xe2\x80[\xa8\xa9]")


def outside(window: Window) -> Callable[[bytes], bool]:
    """Return a function that tells of a file's bytes whether its article provably lies outside *window*."""
    first = window.starts_at.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    after = window.ends_at.strftime("%Y-%m-%dT%H:%M:%SZ").encode()

    def provably_outside(content: bytes) -> bool:
        date = _DATE.search(content)
        if not date or first <= date[1] < after:
            return False
        opening = _OPENING.match(content)
        closing = _CLOSING.search(content)
        if not opening or not closing or date.end() > closing.start() + 1:
            return False
        # The line break before the first key stays in: the key may be the date itself.
        matter = content[opening.end() - 1 : closing.start() + 1]
        return matter.count(b"\npublishedDateTime") == 1 and not _DOUBT.search(matter)

    return provably_outside
