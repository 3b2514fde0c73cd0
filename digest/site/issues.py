"""The issues that stand in `out/`, read for the web. Knows records and files; makes no page."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from digest import files, folders
from digest.errors import RecordError
from digest.issue import record, sent
from digest.model import Problem
from digest.site.places import slug

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from digest.issue.record import Record
    from digest.site.places import Places


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedStory:
    """A headline on the web: where it leads, who told it, in which section of which issue."""

    title: str
    url: str
    provider: str
    section: str
    issue: str
    heat: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedIssue:
    """An issue on the web: its file and address, its letter, and its stories in their order.

    *at* is the first moment after its window, the earliest at which it can have been complete.
    """

    id: str
    file: str
    address: str
    subject: str
    summary: str
    at: datetime
    html: str
    stories: tuple[PublishedStory, ...]


class PublishedIssues:
    """The issues that were handed over, as readers got them, or with *every* all; newest first, with their topics.

    *left_out* are the days of the others. Raises RecordError where there is no issue to show.
    """

    def __init__(self, out: str, places: Places, *, every: bool = False) -> None:
        self.places = places
        issues: list[PublishedIssue] = []
        problems: list[Problem] = []
        left_out: list[str] = []
        for name in record.issues(out):
            folder = folders.standing(os.path.join(out, name))
            try:
                if not every and sent.handed_over(folder) is None:
                    left_out.append(name)
                else:
                    issues.append(_entry(sent.copy_of(folder), places))
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
        self.issues = tuple(sorted(issues, key=lambda issue: issue.id, reverse=True))
        self.problems = tuple(problems)
        self.left_out = tuple(left_out)

    def topics(self) -> Mapping[str, list[PublishedStory]]:
        """The stories of each section by its title, newest issue first; titles that differ in case are one."""
        by_topic: dict[str, list[PublishedStory]] = {}
        for issue in self.issues:
            for story in issue.stories:
                by_topic.setdefault(story.section.casefold(), []).append(story)
        return {stories[0].section: stories for _, stories in sorted(by_topic.items())}

    def topic_files(self) -> Mapping[str, str]:
        """The file of each topic's page; titles that look alike in an address are numbered."""
        files: dict[str, str] = {}
        for title in self.topics():
            name, number = slug(title), 1
            while f"topics/{name}/index.html" in files.values():
                number += 1
                name = f"{slug(title)}-{number}"
            files[title] = f"topics/{name}/index.html"
        return files


def _entry(folder: str, places: Places) -> PublishedIssue:
    recorded = record.read(folder)
    whole = os.path.join(folder, "web.html")
    page = whole if os.path.exists(whole) else os.path.join(folder, "index.html")
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
    )


def _stories(record: Record) -> list[PublishedStory]:
    return [
        PublishedStory(
            title=pick["changed"]["title"] or pick["title"],
            url=pick.get("link") or pick["url"],
            provider=pick["provider"],
            section=section["title"],
            issue=record["id"],
            heat=pick["heat"] or 0,
        )
        for section in record["sections"]
        for pick in section["picks"]
    ]
