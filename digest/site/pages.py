"""The pages of the site, from its own templates. Knows HTML; reads no issue."""

from __future__ import annotations

import json
import os
import re
from datetime import date
from typing import TYPE_CHECKING

from digest.errors import RecordError
from digest.text import languages
from digest.theme import palette

if TYPE_CHECKING:
    from collections.abc import Mapping

    import jinja2

    from digest.config.values import Newsletter
    from digest.site.issues import PublishedIssue, PublishedIssues

_ACCENT = "#1d4ed8"
"""The shipped theme's."""

_HERE = os.path.dirname(os.path.abspath(__file__))
_HEAD, _BODY, _FOOT = re.compile(r"</head\s*>", re.IGNORECASE), re.compile(r"<body\b[^>]*>", re.IGNORECASE), "</body>"


def make(shelf: PublishedIssues, newsletter: Newsletter, theme: Mapping[str, str]) -> dict[str, bytes]:
    """Return index, issue and topic pages with their style and script. Raises RecordError for a damaged letter."""
    templates = _templates()
    templates.filters["in_words"] = lambda day: _in_words(day, newsletter.language)
    look = palette.complete({"accent": theme.get("accent", _ACCENT)})
    common = {
        "newsletter": newsletter,
        "direction": languages.direction(newsletter.language),
        "shelf": shelf,
        "topics": {title: (file, len(shelf.topics()[title])) for title, file in shelf.topic_files().items()},
        "files": {issue.id: issue.file for issue in shelf.issues},
    }
    made = {
        "index.html": _page(templates, "index.html", "index.html", shelf, common),
        "style.css": templates.get_template("style.css").render(look=look),
        "search.js": templates.get_template("search.js").render(),
        "search.json": _index(shelf),
    }
    for title, file in shelf.topic_files().items():
        stories = shelf.topics()[title]
        made[file] = _page(templates, "topic.html", file, shelf, {**common, "title": title, "stories": stories})
    for number, issue in enumerate(shelf.issues):
        newer = shelf.issues[number - 1] if number else None
        older = shelf.issues[number + 1] if number + 1 < len(shelf.issues) else None
        around = {**common, "issue": issue, "newer": newer, "older": older, "look": look}
        made[issue.file] = _framed(
            issue, *(_page(templates, f"{name}.html", issue.file, shelf, around) for name in _PARTS)
        )
    return {path: text.encode() for path, text in made.items()}


_PARTS = ("head", "top", "foot")


def _templates() -> jinja2.Environment:
    import jinja2  # noqa: PLC0415 - only the site needs it

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(os.path.join(_HERE, "templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"sort_keys": True, "ensure_ascii": False}
    return environment


def _in_words(day: str, language: str) -> str:
    """`2020-11-11` as people of that language write it."""
    from babel import Locale  # noqa: PLC0415 - only the site needs it
    from babel.dates import format_date  # noqa: PLC0415 - likewise

    return format_date(date.fromisoformat(day), "long", Locale.parse(language, sep="-"))


def _page(
    templates: jinja2.Environment, name: str, file: str, shelf: PublishedIssues, values: Mapping[str, object]
) -> str:
    def link(path: str) -> str:
        return shelf.places.link(path, seen_from=file)

    return templates.get_template(name).render(
        link=link, canonical=shelf.places.address(file), address=shelf.places.address, **values
    )


def _framed(issue: PublishedIssue, head: str, top: str, foot: str) -> str:
    """Put the frame around the letter: into its head, before its first word and behind its last."""
    page, start, end = issue.html, _BODY.search(issue.html), issue.html.rfind(_FOOT)
    close = _HEAD.search(page)
    if not close or not start or end < start.end():
        raise RecordError(f"{issue.id}/index.html", "is no letter of ours", "build the issue again")
    return "".join(
        (page[: close.start()], head, page[close.start() : start.end()], top, page[start.end() : end], foot, page[end:])
    )


def _index(shelf: PublishedIssues) -> str:
    """What the search looks through: each issue with its stories, newest first."""
    entries = [
        {
            "id": issue.id,
            "at": issue.id,
            "url": shelf.places.link(issue.file, seen_from="index.html"),
            "subject": issue.subject,
            "stories": [[story.title, story.provider, story.section] for story in issue.stories],
        }
        for issue in shelf.issues
    ]
    return json.dumps(entries, ensure_ascii=False, sort_keys=True) + "\n"
