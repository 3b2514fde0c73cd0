"""Articles, rules and whole newsrooms for the tests of selection, with sensible defaults."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from digest import pipeline, sending
from digest.config import settings
from digest.config.values import Match, Rules, SectionPlan
from digest.mail.delivery import Clock
from digest.model import Address, Article, Issue, Provider, Related, Text, Window

if TYPE_CHECKING:
    from pathlib import Path

    from digest.pipeline import Built

WEEK = Window(first=date(2020, 11, 5), last=date(2020, 11, 11))


def article(
    name: str = "a", *, heat: float | None = 50, topics: str = "AI", provider: str = "Times", **more: object
) -> Article:
    """Return an article of the week with the given fields; *topics* are separated by commas."""
    fields: dict[str, object] = {
        "path": f"{name}.md",
        "title": Text(f"All about {name} and its many consequences"),
        "excerpt": Text(""),
        "provider": Provider(name=Text(provider)),
        "topics": tuple(Text(topic.strip()) for topic in topics.split(",") if topic),
        "published_at": at("2020-11-09"),
        "heat": heat,
        "url": Address(f"https://example.com/{name}"),
        "addresses": (Address(f"https://example.com/{name}"),),
    }
    return Article(**{**fields, **more})  # type: ignore[arg-type]  # fields by name


def report(
    title: str, excerpt: str = "", *, provider: str = "Times", day: str = "2020-11-09", **more: object
) -> Article:
    """Return an article with those words, its path and address made of provider and title."""
    name = "-".join(f"{provider} {title}".casefold().split())
    fields: dict[str, Any] = {"title": Text(title), "excerpt": Text(excerpt), "published_at": at(day)}
    return article(name, provider=provider, **{**fields, **more})


FERRY = (
    ("Ferry Skarvik runs through the ice again", "The Skarvik left Ostervik at dawn with ninety passengers."),
    ("Skarvik cuts the ice off Ostervik", "Ninety passengers saw the ferry leave at dawn."),
    ("Ferry with ninety passengers leaves Ostervik in ice", "The Skarvik left its berth at dawn."),
)
"""Three reports of one event, each in words of its own: titles and excerpts."""


def related(title: str, excerpt: str = "", *, provider: str = "Gazette", url: str = "", quality: int = 0) -> Related:
    """Return coverage as an article's file lists it."""
    address = Address(url or f"https://{provider.casefold()}.example/{'-'.join(title.casefold().split())}")
    return Related(
        title=Text(title),
        excerpt=Text(excerpt),
        provider=Provider(name=Text(provider)),
        url=address,
        quality=quality,
        published_at=at("2020-11-09"),
    )


def at(day: str) -> datetime:
    """Return ten in the morning of a day."""
    return datetime.fromisoformat(f"{day}T10:00:00").replace(tzinfo=UTC)


def section(topic: str, limit: int = 3, **more: object) -> SectionPlan:
    """Return a section for a topic; several are separated by +."""
    return SectionPlan(title=topic, match=Match(any=tuple(topic.split("+"))), limit=limit, **more)  # type: ignore[arg-type]  # fields by name


def rules(*plans: tuple[str, int] | SectionPlan, **more: object) -> Rules:
    """Return rules with one section for each plan or (topic, limit); without any, one a topic found."""
    named = tuple(plan if isinstance(plan, SectionPlan) else section(*plan) for plan in plans)
    return Rules(plans=named or None, **more)  # type: ignore[arg-type]  # fields by name


def picked(issue: Issue) -> dict[str, list[str]]:
    """Return the names of the picks by section."""
    return {one.title: [pick.article.path[:-3] for pick in one.picks] for one in issue.sections}


def verdict(issue: Issue, name: str) -> tuple[str, str]:
    """Return rule and words of one verdict."""
    return next((one.rule, one.because) for one in issue.verdicts if one.article.path == f"{name}.md")


@dataclass(frozen=True)
class Newsroom:
    """A folder with an archive, settings, edits and built issues."""

    folder: Path
    sections: str = "[{topic: AI, limit: 3}]"
    select: str = "{}"
    newsletter: str = "{}"

    def file(self, name: str, **fields: object) -> None:
        """Write an article's file; it is of 9 November, with heat 50, unless *fields* say something else."""
        known: dict[str, object] = {
            "title": f"All about {name} and its many consequences",
            "excerpt": f"Nobody had expected {name}.",
            "publishedDateTime": "2020-11-09T10:00:00Z",
            "webUrl": f"https://example.com/{name}",
            "provider": {"name": "Times"},
            "topics": ["AI"],
            "heat": 50,
        }
        given = {key: value for key, value in (known | fields).items() if value is not None}
        lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in given.items()]
        self._write(f"archive/{name}.md", "\n".join(["---", *lines, "---", ""]))

    def edits(self, day: str, text: str) -> None:
        """Write the edits of the issue of a day."""
        self._write(f"edits/{day}.yaml", text)

    def settings(self) -> settings.Settings:
        """Return the newsroom's settings."""
        text = f"archive: archive\nsections: {self.sections}\nselect: {self.select}\nnewsletter: {self.newsletter}\n"
        return settings.load(self._write("digest.yaml", text if self.sections else text.replace("sections: \n", "")))

    def build(self, day: str, first: str | None = None) -> Built:
        """Build the issue of the seven days that end on *day*, or of those from *first*."""
        loaded = self.settings()
        start = date.fromisoformat(first) if first else None
        return pipeline.build(loaded, pipeline.window_of(loaded, last=date.fromisoformat(day), first=start))

    def sent(self, *days: str) -> None:
        """Mark issues as sent, as an editor does who sends them by hand."""
        for day in days:
            sending.mark(self.settings(), day, Clock(lambda: 1_605_000_000.0, lambda _: None))

    def issue(self, day: str) -> Issue:
        """Build the issue of a day and return it."""
        return self.build(day).issue

    def text(self, path: str) -> str:
        """Return what stands in a file of the newsroom."""
        return (self.folder / path).read_text(encoding="utf-8")

    def record(self, day: str) -> dict[str, Any]:
        """Return the record of a built issue."""
        return dict(json.loads(self.text(f"out/{day}/issue.json")))

    def _write(self, path: str, text: str) -> str:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return os.fspath(file)
