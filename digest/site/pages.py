"""The pages of the site as HTML: index, issues and topics, with their style, their script and the search index.

They come from templates of their own, in the colours that follow from the theme's accent. An issue's page is the letter
as it was sent, byte for byte, with a frame around it: what a page adds to a letter's HTML could change how it looks.
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

from digest import steps
from digest.errors import RecordError
from digest.model import day_of_issue, parts_of_issue
from digest.rendering import language as letters
from digest.rendering.view import NUMBER
from digest.text import languages
from digest.theme import palette

if TYPE_CHECKING:
    from collections.abc import Mapping

    import jinja2

    from digest.config.values import Newsletter
    from digest.site.issues import PublishedIssue, PublishedIssues

# The accent of the shipped theme, for a theme that names none.
_ACCENT = "#1d4ed8"

_HERE = os.path.dirname(os.path.abspath(__file__))
_HEAD, _BODY, _FOOT = re.compile(r"</head\s*>", re.IGNORECASE), re.compile(r"<body\b[^>]*>", re.IGNORECASE), "</body>"

# The templates of a frame's pieces, in the order in which `_framed` takes them.
_PARTS = ("head", "top", "foot")


def make(shelf: PublishedIssues, newsletter: Newsletter, theme: Mapping[str, str]) -> dict[str, bytes]:
    """Return the pages with their style, script and search index, UTF-8, by their paths below the site's root.

    *theme* are the values of the theme's settings, of which `accent` colours the site. Raises RecordError for a letter
    whose HTML is not as a build writes it, so that a frame cannot be put around it.
    """
    templates = _templates(newsletter.language)
    look = palette.complete({"accent": theme.get("accent", _ACCENT)})
    common = {
        # The site is of no issue; where an address of the newsletter names one, that is the newest.
        "newsletter": newsletter.of_issue(shelf.issues[0].id),
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
    for number, issue in enumerate(steps.each(shelf.issues, "writing pages")):
        newer = shelf.issues[number - 1] if number else None
        older = shelf.issues[number + 1] if number + 1 < len(shelf.issues) else None
        around = {**common, "issue": issue, "newer": newer, "older": older, "look": look}
        made[issue.file] = _framed(
            issue, *(_page(templates, f"{name}.html", issue.file, shelf, around) for name in _PARTS)
        )
    return {path: text.encode() for path, text in made.items()}


def _templates(language: str) -> jinja2.Environment:
    """Return the environment of the site's templates; values are escaped, and a misspelt name is an error.

    Its filters write the day and the number of an issue in *language*.
    """
    import jinja2  # noqa: PLC0415 - only the site needs it

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(os.path.join(_HERE, "templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # By default Jinja writes all but ASCII as escapes, which makes a title in Greek three times as long.
    environment.policies["json.dumps_kwargs"] = {"sort_keys": True, "ensure_ascii": False}
    spoken = letters.load(language, {})
    environment.filters |= {
        "day": day_of_issue,
        "in_words": lambda issue_id: _in_words(issue_id, language),
        "numbered": lambda number: spoken.say(NUMBER, number=number),
    }
    return environment


def _in_words(issue_id: str, language: str) -> str:
    """Return the day of an issue as people write it in *language*, by CLDR, with the issue's suffix, if it has one."""
    from babel import Locale  # noqa: PLC0415 - only the site needs it
    from babel.dates import format_date  # noqa: PLC0415 - likewise

    day, suffix = parts_of_issue(issue_id)
    return format_date(day, "long", Locale.parse(language, sep="-")) + (f" ({suffix})" if suffix else "")


def _page(
    templates: jinja2.Environment, name: str, file: str, shelf: PublishedIssues, values: Mapping[str, object]
) -> str:
    """Return the page *file* from the template *name*; `link` in it leads to another file from where the page is."""

    def link(path: str) -> str:
        return shelf.places.link(path, seen_from=file)

    return templates.get_template(name).render(
        link=link, canonical=shelf.places.address(file), address=shelf.places.address, **values
    )


def _framed(issue: PublishedIssue, head: str, top: str, foot: str) -> str:
    """Return the letter's page with a frame: *head* at the end of its head, *top* and *foot* around its body.

    Raises RecordError where the letter has no such places.
    """
    page, start, end = issue.html, _BODY.search(issue.html), issue.html.rfind(_FOOT)
    close = _HEAD.search(page)
    if not close or not start or end < start.end():
        raise RecordError(f"{issue.id}/index.html", "is no letter of ours", "build the issue again")
    return "".join(
        (page[: close.start()], head, page[close.start() : start.end()], top, page[start.end() : end], foot, page[end:])
    )


def _index(shelf: PublishedIssues) -> str:
    """Return the search index as JSON: each issue with its stories, newest first.

    Stories are lists, not objects: their keys would be half of a file that each search loads.
    """
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
