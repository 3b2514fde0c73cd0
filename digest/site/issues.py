"""The issues in `out/`, read for the web: which ones readers have, their letters, and their stories by topic.

An issue that cannot be read is a problem and is left out; the others are shown all the same.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from digest import files, steps
from digest.errors import RecordError
from digest.issue import record
from digest.issue.folder import IssueFolder
from digest.model import Problem, day_of_issue
from digest.site.places import slug
from digest.text.sanitize import address

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from digest.issue.record import Record
    from digest.model import Block
    from digest.site.places import Places

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedStory:
    """A headline of an issue as readers got it: with the editor's words, and the link of the letter.

    *section* is the title of its section and *issue* the id of its issue. *heat* is 0 for a story without one.
    *picture* is one that the editor chose or described, *alt* what it shows and *credit* whose it is, or empty.
    """

    title: str
    url: str
    provider: str
    section: str
    issue: str
    heat: float
    picture: str = ""
    alt: str = ""
    credit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedIssue:
    """An issue on the web.

    *file* is its path below the site's root and *address* its URL. *summary* is the letter's preheader. *at* is the
    last second of its window, with its time zone: the earliest moment at which the issue can have been complete, and
    still of the day that names it. *html* is the web view, or the letter where the issue has none. *stories* are in
    reading order, *blocks* the editor's own words, and *advert* is the word that marks a sponsor among them.
    *fragment* is the issue as HTML without a frame, which XML can hold; empty where it was built without one. *number*
    counts the issues, None where they are not numbered. *lines* are those that stand below titles of sections, each
    with its title.
    """

    id: str
    file: str
    address: str
    subject: str
    summary: str
    at: datetime
    html: str
    stories: tuple[PublishedStory, ...]
    blocks: tuple[Block, ...] = ()
    advert: str = ""
    fragment: str = ""
    number: int | None = None
    lines: tuple[tuple[str, str], ...] = ()


class PublishedIssues:
    """The issues in the folder *out* that were handed over, each as readers got it, or with *every* all of them.

    `issues` are the newest first, `left_out` are the ids of those that no reader has, oldest first, and `problems` say
    which cannot be read. Raises RecordError where there is no issue to show, with what to do.
    """

    def __init__(self, out: str, places: Places, *, every: bool = False) -> None:
        self.places = places
        issues: list[PublishedIssue] = []
        problems: list[Problem] = []
        left_out: list[str] = []
        for place in steps.each(IssueFolder.all_in(out), "reading issues"):
            try:
                # Readers have an issue only once it was handed over; a rehearsal must not appear on the web.
                if not every and place.handed_over is None:
                    left_out.append(place.id)
                else:
                    issues.append(_entry(place.as_sent, places))
            except RecordError as error:
                problems.append(Problem(path=error.place, what=f"{error.what}; the issue is left out"))
            except OSError as error:
                problems.append(
                    Problem(path=str(error.filename), what=f"{files.trouble(error)}; the issue is left out")
                )
        if left_out and not issues:
            raise RecordError(
                out,
                f"no issue in it was handed over ({len(left_out)} built)",
                f"show all with `digest site --all`, or say that readers have one: `digest sent --mark {left_out[-1]}`",
            )
        if not issues:
            raise RecordError(out, "there is no issue to show", "build one first, or name the folder with --out")
        self.issues = tuple(sorted(issues, key=_age, reverse=True))
        self.problems = tuple(problems)
        self.left_out = tuple(left_out)

    def topics(self) -> Mapping[str, list[PublishedStory]]:
        """Return the stories of each section by its title, newest issue first; titles that differ in case are one.

        Such a topic has the title as the newest issue writes it. Topics are in alphabetical order, without case.
        """
        by_topic: dict[str, list[PublishedStory]] = {}
        for issue in self.issues:
            for story in issue.stories:
                by_topic.setdefault(story.section.casefold(), []).append(story)
        return {stories[0].section: stories for _, stories in sorted(by_topic.items())}

    def topic_files(self) -> Mapping[str, str]:
        """Return the path of each topic's page by its title; titles with the same slug are numbered, as `ai-2`."""
        files: dict[str, str] = {}
        for title in self.topics():
            name, number = slug(title), 1
            while f"topics/{name}/index.html" in files.values():
                number += 1
                name = f"{slug(title)}-{number}"
            files[title] = f"topics/{name}/index.html"
        return files


def _age(issue: PublishedIssue) -> tuple[date, datetime, str]:
    """By what issues are sorted: the day in their name, and of two letters of one day the moment at which they end."""
    return day_of_issue(issue.id), issue.at, issue.id


def _entry(place: IssueFolder, places: Places) -> PublishedIssue:
    """Return the issue in *place*. Raises RecordError and OSError."""
    recorded = place.record
    whole = os.path.join(place.standing, "web.html")
    # There is a web view only where the letter had to be cut to its size.
    page = whole if os.path.exists(whole) else os.path.join(place.standing, "index.html")
    html = files.text(page)
    file = places.issue(recorded["id"])
    window = record.window(recorded)
    return PublishedIssue(
        id=recorded["id"],
        file=file,
        address=places.address(file),
        subject=recorded["subject"],
        summary=recorded["preheader"],
        at=window.ends_at - timedelta(seconds=1),
        html=html,
        stories=tuple(_stories(recorded)),
        blocks=record.blocks(recorded),
        advert=next((str(block["label"]) for block in recorded.get("blocks", ()) if block["label"]), ""),
        fragment=_fragment(place),
        number=recorded.get("number"),
        lines=tuple((section["title"], str(section["line"])) for section in recorded["sections"] if "line" in section),
    )


def _fragment(place: IssueFolder) -> str:
    """Return the fragment in *place*, empty where there is none. Raises RecordError."""
    content = place.contents([record.FRAGMENT]).get(record.FRAGMENT, b"")
    # A hand may have changed it since, and a feed with such a character cannot be read at all.
    return _NOT_IN_XML.sub("", content.decode(errors="replace"))


def _stories(record: Record) -> list[PublishedStory]:
    """Return the picks of a record in reading order."""
    return [
        PublishedStory(
            title=pick["changed"]["title"] or pick["title"],
            # As the letter linked it, with the newsletter's own parameters for counting readers.
            url=pick.get("link") or pick["url"],
            provider=pick["provider"],
            section=section["title"],
            issue=record["id"],
            heat=pick["heat"] or 0,
            picture=address(str(pick.get("picture", ""))) or "",
            alt=str(pick["changed"].get("alt", "")),
            credit=str(pick["changed"].get("credit", "")),
        )
        for section in record["sections"]
        for pick in section["picks"]
    ]
