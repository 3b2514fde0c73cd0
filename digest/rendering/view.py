"""The variables of templates/README.md, made from an Issue: texts ready to print, pictures that a letter can show.

Dates are written out, excerpts cut, numbers counted: a theme decides where things stand, not what they say. The
dataclasses here are the contract with themes; their fields only ever grow.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from markupsafe import escape

from digest.rendering import blocks as own_blocks
from digest.rendering import identity, pictures
from digest.text import languages, layout, markdown
from digest.text.urls import with_campaign, without_tracking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.config.values import Images, Newsletter, Shape
    from digest.model import Article, Issue, Pick, SectionStyle, Window
    from digest.rendering.blocks import BlockPlaces, BlockView, EndsView
    from digest.rendering.identity import NewsletterView
    from digest.rendering.language import Language
    from digest.text.markdown import WrittenParagraph


SUBJECT_LIMIT = 90
"""The length of a subject in columns (a Chinese character takes two): two lines on a phone."""
NUMBER = "No. %(number)s"
"""What an issue's number is called, to be said in its language."""
INBOX = 4
"""How many headlines an inbox shows: the first as the subject, the next ones as the preheader."""
PREHEADER_LIMIT = 140
"""The length of a preheader in columns; no inbox shows more."""

_WEEK = 7
_NEARLY_A_YEAR = timedelta(days=300)

# Invisible; keeps mail clients from filling the inbox row with the first words of the letter.
_PADDING = "\u034f\u200c\u00a0" * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How much of an issue is shown.

    *excerpt* and *lead_excerpt* are columns (six lines on a phone), *also* is names of other providers, *web_only* the
    paths of the stories that are not in the message.
    """

    excerpt: int = 240
    lead_excerpt: int = 360
    also: int = 3
    web_only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderOptions:
    """What all stories of a letter share: language, room, which pictures to show (`size.images`) and links.

    *links* has the address that is sent for each address of the archive.
    """

    language: Language
    room: Budget
    images: Images
    links: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageView:
    """Another provider's report of a story, as a theme shows it.

    *name* is the provider's, *url* the address as sent. *label* tells the link apart from those to its other reports,
    for screen readers. *before* is what stands before its name in a list of them: nothing, a comma, or an "and".
    """

    before: str
    name: str
    url: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateView:
    """What a story is an update of, as a theme shows it.

    *date* is the day of the issue that told it, in words, *headline* what it said and *language* that headline's, where
    it is another than the issue's; *url* is where that issue stands on the web, empty for nowhere.
    """

    date: str
    headline: str
    language: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryView:
    """A story as a theme shows it.

    *number* counts through the issue from 1, and *is_lead* is true for the first. *headline* and *excerpt* are the
    editor's where the edits have them; *url* is empty for an article without an address. *language* is the
    headline's and *excerpt_language* the excerpt's (BCP 47), where it is another than the issue's, else empty.

    *provider* is its name, *date* the day of publication in words, empty where it is not known; *note* says of a late
    story that it is from last week, and is empty else. *reading_time* is `6 min read` where the archive says how long
    the article is, else empty. *picture* and *icon* are addresses or None, *picture_ratio* is the height by the width,
    where both are known; *picture_alt* and *picture_credit* are what the editor says of the picture, and
    *picture_chosen* is true where she chose it or says something of it. *coverage* counts all providers of the story,
    *also* has the best of the others. *update* is None for a story that no earlier issue told. *blocks* are words of
    the editor's own that stand before it; *kicker* are those above its headline, and *why* her paragraphs on why it
    matters.
    """

    number: int
    is_lead: bool
    headline: str
    url: str
    excerpt: str
    language: str
    excerpt_language: str
    provider: str
    date: str
    note: str
    picture: str | None
    picture_ratio: float | None
    icon: str | None
    also: tuple[CoverageView, ...]
    coverage: int
    update: UpdateView | None = None
    blocks: tuple[BlockView, ...] = ()
    kicker: str = ""
    why: tuple[WrittenParagraph, ...] = ()
    reading_time: str = ""
    picture_alt: str = ""
    picture_credit: str = ""
    picture_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """A section as a theme shows it; *before* is what stands before its title in a list of all sections.

    *blocks* are words of the editor's own that stand behind it. *line* stands below its title, where there is one. Of a
    section in the *style* `brief` its stories have no picture and no other coverage, and an excerpt only where the
    editor wrote it.
    """

    before: str
    title: str
    stories: tuple[StoryView, ...]
    blocks: tuple[BlockView, ...] = ()
    line: str = ""
    style: SectionStyle = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueView:
    """The issue as a whole, as a theme shows it.

    *id* is `2020-11-11`, *number* `No. 12` or empty where issues are not numbered, *period* `5–11 November 2020`,
    *summary* `17 stories`, *reading_time* `4 min read`; *more* is `3 more stories on the web` where some had no room,
    else empty. All but *id* are in the issue's language.
    """

    id: str
    number: str
    period: str
    summary: str
    reading_time: str
    more: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The variables of both templates; templates/README.md describes each, and a field is a promise to themes."""

    newsletter: NewsletterView
    issue: IssueView
    subject: str
    preheader: str
    preheader_padding: str
    web_url: str
    unsubscribe_url: str
    introduction: tuple[WrittenParagraph, ...]
    blocks: EndsView
    sections: tuple[SectionView, ...]

    def variables(self) -> dict[str, object]:
        """Return the variables by name, as Jinja takes them; the values are not copied."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


NAMES = frozenset(field.name for field in fields(View))
"""The names of the variables."""


class StoryMaker(Protocol):
    """Makes the view of a story. `story` is one."""

    def __call__(self, pick: Pick, number: int, window: Window, frame: RenderOptions, *, is_brief: bool) -> StoryView:
        """Return what `story` returns."""


def of(issue: Issue, newsletter: Newsletter, frame: RenderOptions, told: StoryMaker | None = None) -> View:
    """Return what a theme can show of *issue*, which has at least one pick in the room there is.

    The editor's subject, preheader and headlines come before those that are made here, and are never cut. *told* makes
    the views of its stories, by default `story`.
    """
    language = frame.language
    own = own_blocks.places(issue, frame.room.web_only, language)
    sections = tuple(_sections(issue, frame, own, told or story))
    stories = [story for section in sections for story in section.stories]
    web_url = newsletter.web_address(issue.id)
    introduction = markdown.paragraphs(issue.edits.introduction, (web_url, *(story.url for story in stories)))
    texts = [text for story in stories for text in (story.headline, story.excerpt)]
    written = [*introduction, *(paragraph for story in stories for paragraph in story.why)]
    texts += [*(paragraph.text for paragraph in written), *own.texts, *(section.line for section in sections)]
    return View(
        newsletter=identity.view(newsletter, issue.id, language),
        issue=IssueView(
            id=issue.id,
            number="" if issue.number is None else language.say(NUMBER, number=issue.number),
            period=language.period(*issue.window.shown_days),
            summary=language.count("%(num)s story", "%(num)s stories", len(stories)),
            reading_time=_min_read(layout.minutes(texts), language),
            more=_more(len(frame.room.web_only), language),
        ),
        subject=subject(issue),
        preheader=issue.edits.preheader or layout.cut(_preheader(stories, language), PREHEADER_LIMIT),
        preheader_padding=_PADDING,
        web_url=web_url,
        unsubscribe_url=newsletter.unsubscribe,
        introduction=introduction,
        blocks=own.ends,
        sections=sections,
    )


def subject(issue: Issue) -> str:
    """Return the subject of the letter of *issue*, which has a pick."""
    return issue.edits.subject or layout.cut(layout.visible(headline(issue.picks[0])), SUBJECT_LIMIT)


def headline(pick: Pick) -> str:
    """Return the headline of a story: the editor's, else the article's."""
    return pick.title or pick.article.title


def _more(num: int, language: Language) -> str:
    """Return how many stories stand on the web only, in words; empty where none does."""
    return language.count("%(num)s more story on the web", "%(num)s more stories on the web", num) if num else ""


def with_pictures_of(html: str, shown: View) -> View:
    """Return *shown* without the pictures of stories that the letter *html* does not show.

    So a theme without pictures has none in a form that all themes share, whatever it asks of the variables.
    """

    def kept(story: StoryView) -> StoryView:
        return story if story.picture and escape(story.picture) in html else replace(story, picture=None)

    sections = [replace(section, stories=tuple(map(kept, section.stories))) for section in shown.sections]
    return replace(shown, sections=tuple(sections))


def _sections(issue: Issue, frame: RenderOptions, blocks: BlockPlaces, told: StoryMaker) -> list[SectionView]:
    """Return the sections with a story that is shown, in order, their stories numbered through the whole issue."""
    # Numbers count what is shown, so that there is no gap where a story went to the web.
    gone = frame.room.web_only
    left = [(section, [pick for pick in section.picks if pick.article.path not in gone]) for section in issue.sections]
    filled = [(place, section, picks) for place, (section, picks) in enumerate(left) if picks]
    joints = frame.language.joints([section.title for _, section, _ in filled])
    number = 0
    sections = []
    for before, (place, section, picks) in zip(joints, filled, strict=True):
        stories, is_brief = [], section.style == "brief"
        for pick in picks:
            number += 1
            shown = told(pick, number, issue.window, frame, is_brief=is_brief)
            own = blocks.before(pick.article.path)
            stories.append(replace(shown, blocks=own) if own else shown)
        sections.append(
            SectionView(
                before=before,
                title=section.title,
                stories=tuple(stories),
                blocks=blocks.behind(place),
                line=section.line,
                style=section.style,
            )
        )
    return sections


def story(pick: Pick, number: int, window: Window, frame: RenderOptions, *, is_brief: bool) -> StoryView:
    """Return *pick* as the story of that number; *is_brief* is that of its section.

    The editor's words are in the letter's language, not the article's. Of *number* only `StoryView.number` depends, and
    on whether it is the first what is the lead's.
    """
    shown = _story(pick, number, window, frame, is_brief=is_brief)
    return _in_brief(shown, pick) if is_brief else shown


def _in_brief(shown: StoryView, pick: Pick) -> StoryView:
    """Return *shown*, the story of *pick*, without what a section in brief does not show, so that any theme is brief.

    It has no picture already. Words of the editor's own stay: she wrote them to be read.
    """
    return replace(shown, excerpt=pick.excerpt or "", icon=None, also=())


def _story(pick: Pick, number: int, window: Window, frame: RenderOptions, *, is_brief: bool) -> StoryView:
    article, language, room = pick.article, frame.language, frame.room
    is_lead = number == 1
    url = frame.links.get(article.url or "", "")
    foreign = article.language if article.language and languages.differ(article.language, language.tag) else ""
    picture, _ = pictures.of_pick(pick, frame.images, is_lead=is_lead, is_brief=is_brief)
    icon = pictures.usable(article.provider.icon, article) if frame.images == "all" else None
    return StoryView(
        number=number,
        is_lead=is_lead,
        headline=headline(pick),
        url=url,
        excerpt=pick.excerpt or layout.excerpt(article.excerpt, room.lead_excerpt if is_lead else room.excerpt),
        language="" if pick.title else foreign,
        excerpt_language="" if pick.excerpt else foreign,
        provider=article.provider.name,
        date=language.day(window.day_of(article.published_at)) if article.published_at else "",
        note=_note(pick, window, language),
        picture=picture.url if picture else None,
        picture_ratio=picture.height / picture.width if picture and picture.width and picture.height else None,
        icon=icon.url if icon else None,
        also=_also(pick, frame),
        coverage=pick.story.coverage,
        kicker=pick.kicker or "",
        why=markdown.paragraphs(pick.why, (url,)),
        reading_time=_reading_time(article, language),
        picture_alt=pick.alt if picture else "",
        picture_credit=pick.credit if picture else "",
        picture_chosen=bool(picture and pick.says_of_picture),
        update=_update(pick, window, foreign, language),
    )


def _min_read(minutes: int, language: Language) -> str:
    return language.count("%(num)s min read", "%(num)s min read", minutes)


# A figure of minutes may be how long it plays.
_PLAYED = frozenset({"video", "audio", "podcast"})


def _reading_time(article: Article, language: Language) -> str:
    """Return how long *article* takes to read by what the archive says of it, in words; empty where that is silent."""
    if article.kind.casefold() in _PLAYED:
        return ""
    minutes = article.minutes
    if minutes is None and article.words is not None:
        minutes = layout.minutes_of_words(article.words, article.language or language.tag)
    return "" if minutes is None else _min_read(minutes, language)


def _update(pick: Pick, window: Window, foreign: str, language: Language) -> UpdateView | None:
    """Return what *pick* is an update of; *foreign* is the language of its article, where that is not the letter's."""
    if pick.update is None:
        return None
    ran = pick.update.ran
    # Of an event that comes back after a year the day alone would be that of another year.
    is_old = window.last - ran.day > _NEARLY_A_YEAR
    return UpdateView(
        date=language.period(ran.day, ran.day) if is_old else language.day(ran.day),
        headline=ran.shown,
        # A record has no language of an article, but who tells one event in shared words does so in one.
        language="" if ran.headline else foreign,
        url=ran.web or "",
    )


def _also(pick: Pick, frame: RenderOptions) -> tuple[CoverageView, ...]:
    """Return the other providers of a story, the best first, as many as there is room for."""
    # Links with the same name must lead to the same place: the label names the headline, too.
    shown = pick.story.also[: frame.room.also]
    if not shown:
        return ()
    joints = frame.language.joints([coverage.provider.name for coverage in shown])
    return tuple(
        CoverageView(
            before=before,
            name=coverage.provider.name,
            url=frame.links[coverage.url],
            label=frame.language.say(
                "%(provider)s on “%(headline)s”", provider=coverage.provider.name, headline=headline(pick)
            ),
        )
        for before, coverage in zip(joints, shown, strict=True)
    )


def _note(pick: Pick, window: Window, language: Language) -> str:
    """Return when a late story is from, in words; empty for one of this week."""
    if not pick.late or pick.article.published_at is None:
        return ""
    days = (window.first - window.day_of(pick.article.published_at)).days
    return language.say("from last week") if days <= _WEEK else language.say("from an earlier week")


def _preheader(stories: list[StoryView], language: Language) -> str:
    """Return the second to fourth headline in a row, since the subject is the first; for a lone story its excerpt."""
    others = language.say("; ").join(story.headline for story in stories[1:INBOX])
    return language.say("Also: %(headlines)s", headlines=others) if others else stories[0].excerpt


def as_sent(issue: Issue, shape: Shape) -> dict[str, str]:
    """Return how the address of each story and of its other coverage is sent, by the address in the archive.

    *shape* says whether tracking parameters are taken off, and which campaign parameters are put on; `{id}` in one is
    the issue's.
    """
    parameters = tuple((f"utm_{name}", value.replace("{id}", issue.id)) for name, value in shape.utm)
    addresses = [pick.article.url for pick in issue.picks if pick.article.url]
    addresses += [coverage.url for pick in issue.picks for coverage in pick.story.also]
    return {address: _as_sent(address, parameters, clean=shape.clean_links) for address in addresses}


# Letters of many readers have the same addresses; a week has some thousands.
@lru_cache(maxsize=1 << 13)
def _as_sent(address: str, parameters: tuple[tuple[str, str], ...], *, clean: bool) -> str:
    return with_campaign(without_tracking(address) if clean else address, list(parameters))
