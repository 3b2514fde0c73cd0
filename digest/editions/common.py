"""What all editions of a week have in common, read once: articles, memory, theme, and what may be asked for.

It is a frozen value, so that a process of its own can be given it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from digest import archive, pipeline, theme
from digest.config import edits
from digest.editions import memory, roll
from digest.editions.marks import hash_of
from digest.errors import EditsError
from digest.issue import memory as issue_memory
from digest.model import Edits, Issue

if TYPE_CHECKING:
    from digest.config.settings import Settings
    from digest.editions.memory import Memory
    from digest.model import Article, Past, Problem, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonWeek:
    """The week of *window* before anybody has asked for anything.

    *frame* is the issue without stories: its number and the words of the editor's own. *mark* is a hash of all that
    decides which editions there are and who is in which part, beside the list and what each reader had; *look* is that
    of the theme. *past* is what all readers together had, *memory* who had what of it. *key* tells the key of ids.
    """

    settings: Settings
    window: Window
    articles: tuple[Article, ...]
    past: Past
    memory: Memory
    offer: roll.Offer
    frame: Issue
    leads: tuple[str, ...]
    look: str
    key: str
    mark: str


def of(settings: Settings, window: Window) -> tuple[CommonWeek, tuple[Problem, ...]]:
    """Return the week of *window*, and the problems of its archive. Raises DigestError."""
    place = edits.path(settings.edits, window.issue_id)
    if edits.parse(edits.read(settings.edits, window.issue_id), place) != Edits():
        # To leave it out would send to readers what the editor has dropped.
        remedy = "send the issue to all, or empty the file; nothing was changed"
        raise EditsError([f"{place}: is not followed by editions yet; {remedy}"])
    # Under another key readers are in other parts: of half a run under each, some would be in two parts or in none.
    key = roll.ids(settings.readers)("").hex()
    sent = memory.sent_before(settings, window)
    past = issue_memory.past(settings, window)
    # Whoever remembers an issue reads further back.
    remembers = replace(past, since=past.since or window.first) if sent else past
    within = pipeline.reach(settings, window, remembers)
    read = archive.read(settings.archive, settings.reading, within=within)
    articles = tuple(sorted(read.articles, key=lambda article: article.path))
    past, remembered = memory.of(settings, window, past, sent, articles, key)
    offer = _offer(settings, articles)
    frame = replace(general, sections=(), verdicts=(), empty_sections=())
    look = theme.load(settings.templates, dict(settings.theme), language=settings.newsletter.language).digest
    plan = settings.editions
    wanted = (offer.topics, plan.limit, plan.fewest, plan.empty)
    deciding = (window, settings.digest, *wanted, articles, past, remembered.deciding, frame, look, key)
    week = CommonWeek(
        settings=settings,
        window=window,
        articles=articles,
        past=past,
        memory=remembered,
        offer=offer,
        frame=frame,
        leads=tuple(pick.article.path for pick in general.picks),
        look=look,
        key=key,
        mark=hash_of(deciding),
    )
    return week, chosen.archive.problems


def _near(chosen: Chosen) -> tuple[Article, ...]:
    """Return the articles that may matter, by path: of the days of a build, and those that the edits name.

    Where one of these is older, all of the archive was read, which is too much to hand to other processes.
    """
    reach = pipeline.reach(chosen.settings, chosen.window, chosen.past)
    # Asked once, as each asks for the time zone.
    starts_at, ends_at = reach.starts_at, reach.ends_at
    named = frozenset(names(chosen.issue.edits))
    near = (
        article
        for article in chosen.archive.articles
        if article.published_at is None or starts_at <= article.published_at < ends_at or article.path in named
    )
    return tuple(sorted(near, key=lambda article: article.path))


def _offer(settings: Settings, articles: tuple[Article, ...]) -> roll.Offer:
    """Return what may be asked for: what the settings say, else the topics of the sections, else those of the week."""
    sections = [topic for plan in settings.rules.plans or () for topic in plan.match.any]
    named = settings.editions.topics or tuple(sections)
    week = sorted({topic for article in articles for topic in article.topics})
    return roll.Offer(named or week, settings.editions.limit, is_open=not named)
