"""What the page of the desk may send: values of a request, read by their kind or refused in a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from digest.errors import DigestError
from digest.text import sanitize

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.config.draft import Draft
    from digest.model import Issue

# Characters of a text of the desk: far more than an introduction has, and few enough to be edited in a page.
_LONGEST = 20_000


class BadAction(DigestError):
    """The page asked for an action that the desk does not have, or about something that the issue does not have."""


@dataclass(frozen=True, slots=True)
class Action:
    """A change of the draft, what it is called when it is undone, and the path of its story; empty without one."""

    change: Callable[[Draft], None]
    what: str
    story: str = ""


def text(asked: dict[str, Any], key: str) -> str:
    """Return the text of a request's *key*, empty without one.

    Raises BadAction for a value that is no text, and for a text of more than 20,000 characters.
    """
    value = asked.get(key, "")
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise BadAction(key, f"is not a text, or has more than {_LONGEST:,} characters", "shorten it")
    return value


def one_line(asked: dict[str, Any], key: str) -> str:
    """Return the text of a request's *key* on one line, without control characters. Raises as `text`."""
    return sanitize.text(text(asked, key))


def lines(asked: dict[str, Any], key: str) -> str:
    """Return the Markdown of a request's *key*, where lines matter. Raises as `text`."""
    return "\n".join(text(asked, key).splitlines()).strip()


def section(asked: dict[str, Any], issue: Issue) -> str:
    """Return the section that a request names. Raises BadAction for one that the issue does not have."""
    title = text(asked, "section")
    if title not in {section.title for section in issue.sections}:
        raise BadAction(repr(title), "is not a section of this issue", "reload the page")
    return title
