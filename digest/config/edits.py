"""An issue's edits, `edits/2020-11-11.yaml`: read, checked, started from a template and changed by the preview.

    subject: Words instead of the first headline
    preheader: What the inbox shows behind it
    introduction: |
      A few lines of *Markdown* before the stories.
    pin:
      - story: 2020-11-09-a-file.md      # by path, address or full title
        section: AI
        position: 1                      # may be left out
    drop:
      - story: https://example.com/a
        reason: not ours to tell
    move:
      - story: A title as it stands in the archive
        section: Robotics
    change:
      - story: 2020-11-09-a-file.md
        title: A better headline
        excerpt: A better excerpt.
    order:
      AI: [2020-11-09-a-file.md, 2020-11-08-another.md]

What is written here wins over every rule of the settings. A story that cannot be found is the business of
`selection.edits`, which knows the articles; here only the form is checked.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from digest import files
from digest.config import yamlfile
from digest.errors import EditsError
from digest.model import Change, Edits, Pin
from digest.text import sanitize

if TYPE_CHECKING:
    from digest.model import Issue

_MAX_POSITION = 100


def load(folder: str, issue_id: str) -> Edits:
    """Return the edits of the issue *issue_id* (`2020-11-11`) in *folder*; empty ones where there is no file.

    Raises EditsError with every problem and its line.
    """
    return parse(read(folder, issue_id), path(folder, issue_id))


def read(folder: str, issue_id: str) -> bytes:
    """Return the editor's file of an issue as it stands; nothing where there is none. Raises EditsError."""
    file = path(folder, issue_id)
    try:
        return files.read(file)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise EditsError([f"{file}: {files.trouble(error)}; put a file there, or remove it"]) from error


def parse(content: bytes, file: str) -> Edits:
    """Return the edits that *content* asks for; *file* is what problems name. Raises EditsError."""
    keys = yamlfile.parse(content, file)
    edits = _edits(keys)
    if keys.problems:
        raise EditsError(keys.in_order())
    return edits


def path(folder: str, issue_id: str) -> str:
    """Return where the edits of an issue stand."""
    return os.path.join(folder, f"{issue_id}.yaml")


def template(issue: Issue) -> str:
    """Return a file to start from: every key as a comment, and all candidates of *issue* to copy names from.

    As it stands it asks for nothing, so an editor may save it and go.
    """
    lines = [
        f"# Edits of the issue {issue.id}, {issue.window.first} to {issue.window.last}.",
        "# What is written here wins over every rule. Take the `#` away from what you need.",
        "# A story is named by its path, its address or its full title.",
        "",
        "# subject: Words instead of the first headline",
        "# preheader: What the inbox shows behind the subject",
        "# introduction: |",
        "#   A few lines of *Markdown* before the stories.",
        "",
        "# pin:                       # it runs, whatever the rules say",
        "#   - story: PATH",
        "#     section: TITLE",
        "#     position: 1            # may be left out",
        "# drop:                      # it does not run",
        "#   - story: PATH",
        "#     reason: why",
        "# move:                      # if it runs, then there",
        "#   - story: PATH",
        "#     section: TITLE",
        "# change:                    # your own words for it",
        "#   - story: PATH",
        "#     title: A headline",
        "#     excerpt: An excerpt.",
        "# order:                     # these come first in their section",
        "#   TITLE: [PATH, PATH]",
        "",
        f"# Sections: {', '.join(section.title for section in issue.sections)}",
        "#",
        "# Candidates, in order:",
    ]
    for verdict in issue.verdicts:
        heat = "no heat" if verdict.article.heat is None else f"heat {verdict.article.heat}"
        place = verdict.section if verdict.rule == "picked" else verdict.rule
        lines += [f"#   {verdict.article.path}", f"#       {verdict.article.title} ({heat}, {place})"]
    return "\n".join(lines) + "\n"


def _edits(keys: yamlfile.Keys) -> Edits:
    keys.allow({"subject", "preheader", "introduction", "pin", "drop", "move", "change", "order"})
    # Where each name is written, for messages of the selection, which finds out later that no article is called so. The
    # first place counts.
    places: dict[str, str] = {}
    pins = [
        Pin(
            story=_named(entry, "story", places),
            section=_named(entry, "section", places),
            position=entry.optional("position", least=1, most=_MAX_POSITION),
        )
        for entry in _each(keys, "pin", {"story", "section", "position"})
    ]
    drops = [
        (_named(entry, "story", places), sanitize.text(entry.text("reason", "no reason given")))
        for entry in _each(keys, "drop", {"story", "reason"})
    ]
    moves = [
        (_named(entry, "story", places), _named(entry, "section", places))
        for entry in _each(keys, "move", {"story", "section"})
    ]
    changes = []
    for entry in _each(keys, "change", {"story", "title", "excerpt"}):
        title, excerpt = (sanitize.text(entry.text(key, "")) or None for key in ("title", "excerpt"))
        # Most likely a key is misspelt or the words were forgotten; to change nothing in silence would hide it.
        if title is None and excerpt is None:
            entry.problem("story", "a change without title or excerpt; write one of them, or both")
        changes.append(Change(story=_named(entry, "story", places), title=title, excerpt=excerpt))
    order = keys.inner("order")
    for section in order.pairs:
        places.setdefault(section, order.place(section))
        for story in order.texts(section, []):
            places.setdefault(story, order.place(section))
    return Edits(
        subject=sanitize.text(keys.text("subject", "")) or None,
        preheader=sanitize.text(keys.text("preheader", "")) or None,
        # Not sanitised here: it is Markdown of several lines, and `rendering.introduction` makes plain values of it.
        introduction=keys.text("introduction", ""),
        pins=tuple(pins),
        drops=tuple(drops),
        moves=tuple(moves),
        changes=tuple(changes),
        order=tuple((section, tuple(order.texts(section, []))) for section in order.pairs),
        places=tuple(places.items()),
    )


def _each(keys: yamlfile.Keys, key: str, allowed: set[str]) -> list[yamlfile.Keys]:
    return keys.each(key, allowed) if keys.has(key) else []


def _named(keys: yamlfile.Keys, key: str, places: dict[str, str]) -> str:
    name = keys.text(key, "")
    if not name:
        keys.problem(key, f"{keys.prefix}{key} is missing")
    places.setdefault(name, keys.place(key))
    return name
