"""What a theme can use: an Issue turned into the variables of templates/README.md. Knows words, not HTML.

Everything is ready to print: dates written out, excerpts cut, numbers counted. A theme decides where, not what.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from digest.rendering import introduction, words

if TYPE_CHECKING:
    from digest.model import Article, Issue, Newsletter, Pick, Window
    from digest.rendering.introduction import Block

SUBJECT_LIMIT = 90
PREHEADER_LIMIT = 140
EXCERPT_LIMIT = 240
LEAD_EXCERPT_LIMIT = 360
ALSO_LIMIT = 3
DAYS_OF_A_WEEK = 7
"""Lengths in characters, chosen for a phone: a subject in two lines, an excerpt in about six; and counts."""

_PADDING = "\u034f\u200c\u00a0" * 60
"""Invisible; keeps mail clients from filling the inbox row with the first words of the letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageView:
    """Another provider's report: its name, address, and a label that tells it apart from its other reports."""

    name: str
    url: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryView:
    """A story as a theme shows it.

    *number* counts through the issue; *picture* and *icon* are addresses or None; *note* says of a late one that it is
    from last week, and is empty else; *coverage* counts all providers, *also* names the best of the others.
    """

    number: int
    is_lead: bool
    headline: str
    url: str
    excerpt: str
    provider: str
    date: str
    note: str
    picture: str | None
    icon: str | None
    also: tuple[CoverageView, ...]
    coverage: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """A section as a theme shows it."""

    title: str
    stories: tuple[StoryView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueView:
    """The issue as a whole: `2020-11-11`, `5–11 November 2020`, `17 stories`."""

    id: str
    period: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The variables of both templates; templates/README.md describes each."""

    newsletter: Newsletter
    issue: IssueView
    subject: str
    preheader: str
    preheader_padding: str
    web_url: str
    unsubscribe_url: str
    introduction: tuple[Block, ...]
    sections: tuple[SectionView, ...]

    def variables(self) -> dict[str, object]:
        """Return them by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def of(issue: Issue, newsletter: Newsletter) -> View:
    """Return what a theme can show of *issue*, which has at least one pick."""
    sections = tuple(_sections(issue))
    stories = [story for section in sections for story in section.stories]
    count = len(stories)
    return View(
        newsletter=newsletter,
        issue=IssueView(
            id=issue.id,
            period=words.period(issue.window.first, issue.window.last),
            summary="1 story" if count == 1 else f"{count} stories",
        ),
        subject=issue.edits.subject or words.cut(stories[0].headline, SUBJECT_LIMIT),
        preheader=issue.edits.preheader or words.cut(_preheader(stories), PREHEADER_LIMIT),
        preheader_padding=_PADDING,
        web_url=newsletter.web_address(issue.id),
        unsubscribe_url=newsletter.unsubscribe,
        introduction=introduction.blocks(issue.edits.introduction),
        sections=sections,
    )


def _sections(issue: Issue) -> list[SectionView]:
    number = 0
    sections = []
    for section in issue.sections:
        stories = []
        for pick in section.picks:
            number += 1
            stories.append(_story(pick, number, issue.window))
        sections.append(SectionView(title=section.title, stories=tuple(stories)))
    return sections


def _story(pick: Pick, number: int, window: Window) -> StoryView:
    article = pick.article
    is_lead = number == 1
    return StoryView(
        number=number,
        is_lead=is_lead,
        headline=pick.title or article.title,
        url=article.url or "",
        excerpt=pick.excerpt or words.excerpt(article.excerpt, LEAD_EXCERPT_LIMIT if is_lead else EXCERPT_LIMIT),
        provider=article.provider.name,
        date=words.day(window.day_of(article.published_at)) if article.published_at else "",
        note=_note(pick, window),
        picture=article.picture.url if article.picture and article.picture.url.startswith("https:") else None,
        icon=_icon(article),
        also=tuple(
            CoverageView(name=one.provider.name, url=one.url, label=f"{one.provider.name} on “{article.title}”")
            for one in pick.story.also[:ALSO_LIMIT]
        ),
        coverage=pick.story.coverage,
    )


def _note(pick: Pick, window: Window) -> str:
    """Say of a late story when it is from."""
    if not pick.late or pick.article.published_at is None:
        return ""
    days = (window.first - window.day_of(pick.article.published_at)).days
    return "from last week" if days <= DAYS_OF_A_WEEK else "from an earlier week"


def _icon(article: Article) -> str | None:
    icon = article.provider.icon
    return icon.url if icon and icon.url.startswith("https:") else None


def _preheader(stories: list[StoryView]) -> str:
    """The headlines behind the first; for a lone story its excerpt."""
    others = "; ".join(story.headline for story in stories[1:4])
    return f"Also: {others}" if others else stories[0].excerpt
