"""The fields in a file's YAML front matter, each with its line; which fields there are is decided in `article`.

Front matter is what stands between a first line `---` and the next line `---`, in UTF-8, with or without a byte order
mark, with LF or CRLF, as Jekyll has it. The body below it is not read: these articles carry their text in `excerpt`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.config import yamlfile

if TYPE_CHECKING:
    from digest.config.yamlfile import Node

_FENCE = re.compile(rb"^---[ \t]*\r?$", re.MULTILINE)


class Malformed(ValueError):
    """A file that is no article.

    *what* is wrong, in words that follow its place, and *line* is where in the file, counted from 1.
    """

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(problem)
        self.what = problem
        self.line = line


def parse(content: bytes) -> dict[str, Node]:
    """Return the fields of an article file, whose lines count from the top of the file.

    Raises Malformed for a file without front matter, in another encoding or format, and for YAML that `yamlfile`
    refuses.
    """
    # Windows' Notepad calls UTF-16 "Unicode", so such files come from there; without this they would only lack a fence.
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Malformed("is UTF-16; save it as UTF-8", 1)
    content = content.removeprefix(b"\xef\xbb\xbf")
    if content.startswith(b"+++"):
        raise Malformed("has TOML front matter; bring it in with `digest import`", 1)
    opening = _FENCE.match(content)
    if not opening:
        raise Malformed("no front matter: the first line is not `---`", 1)
    closing = _FENCE.search(content, opening.end())
    if not closing:
        raise Malformed("the front matter that starts here has no closing `---` line", 1)
    matter = content[opening.end() : closing.start()]
    # Decoded only to be checked: libyaml reports a wrong byte by its offset, and users look for a line.
    try:
        matter.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("is not UTF-8; save it as UTF-8", 1 + matter.count(b"\n", 0, error.start)) from error
    try:
        root = yamlfile.compose(matter)
    except yamlfile.YamlProblem as error:
        raise Malformed(error.what, error.line) from error
    if not isinstance(root.value, dict):
        raise Malformed("the front matter is not a list of `key: value` lines", root.line)
    return root.value
