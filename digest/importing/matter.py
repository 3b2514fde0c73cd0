"""A record as the front matter of a post, with the first paragraph below it. Knows YAML and TOML, no key of theirs."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from digest import yamltree
from digest.importing.source import Raw
from digest.model import Problem

if TYPE_CHECKING:
    from digest.yamltree import Node

_ENDLESS_KEY = re.compile(r"(?:(?:[\w-]++|\"[^\"\n]*+\"|'[^'\n]*+')[ \t]*+\.[ \t]*+){200}")
"""A key of TOML in hundreds of parts, for which tomllib takes the square of their number."""


def read(place: str, text: str) -> Raw | Problem:
    """Return the fields of a post, or what is wrong with it."""
    start = len(text) - len(text.lstrip("\r\n"))  # as Hugo, which looks past empty lines
    above = text.count("\n", 0, start)
    fence, _, rest = text[start:].partition("\n")
    fence = fence.rstrip()
    if fence not in {"---", "+++"}:
        return Problem(path=place, line=1, what="no front matter: the first line is neither `---` nor `+++`")
    matter, closing, body = f"\n{rest}".replace("\r\n", "\n").partition(f"\n{fence}\n")
    if not closing:
        return Problem(
            path=place, line=above + 1, what=f"the front matter that starts here has no closing `{fence}` line"
        )
    try:
        fields = _toml(matter) if fence == "+++" else _plain(yamltree.parse(matter.encode(), first_line=above + 1))
    except _NoToml as error:
        return Problem(path=place, what=str(error))
    except yamltree.YamlProblem as error:
        return Problem(path=place, line=error.line, what=error.what)
    if not isinstance(fields, dict):
        return Problem(path=place, line=above + 2, what="the front matter is not a list of `key: value` lines")
    return Raw(place=place, fields=fields, base={"paragraph": _paragraph(body)})


class _NoToml(ValueError):
    """Front matter that is no TOML we read, and why."""


def _toml(matter: str) -> dict[str, Any]:
    if _ENDLESS_KEY.search(matter):
        raise _NoToml("holds a key of too many parts to be read")
    try:
        return tomllib.loads(matter)
    except RecursionError as error:
        raise _NoToml("is nested too deeply to be read") from error
    except tomllib.TOMLDecodeError as error:
        raise _NoToml(f"is no TOML ({error})") from error
    except ValueError as error:  # a number of thousands of digits, which Python refuses to read
        raise _NoToml("holds a number that is too long to be read") from error


def _plain(node: Node) -> Any:  # noqa: ANN401 - whatever YAML holds; the parser bounds the depth
    value = node.value
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items()}
    return [_plain(member) for member in value] if isinstance(value, tuple) else value


def _paragraph(body: str) -> str:
    """Return the first paragraph; blank ones are no paragraphs."""
    return body.strip().partition("\n\n")[0]
