"""What all editions of a week have in common, read once: articles, memory, theme, and what may be asked for.

It is a frozen value, so that a process of its own can be given it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING

from digest import pipeline, theme
from digest.editions import roll
from digest.issue import record
from digest.selection.edits import names

if TYPE_CHECKING:
    from digest.config.settings import Settings
    from digest.model import Article, Issue, Past, Problem, Window
    from digest.pipeline import Chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonWeek:
    """The week of *window* before anybody has asked for anything.

    *frame* is the issue for all without stories: its number, its edits and the words of the editor's own; *leads* are
    the paths of its stories, in order. *mark* is a hash of all that decides which editions there are and who is in
    which part, beside the list; *look* is that of the theme.
    """

    settings: Settings
    window: Window
    articles: tuple[Article, ...]
    past: Past
    offer: roll.Offer
    frame: Issue
    leads: tuple[str, ...]
    look: str
    mark: str


def of(settings: Settings, window: Window) -> tuple[CommonWeek, tuple[Problem, ...]]:
    """Return the week of *window*, and the problems of its archive. Raises DigestError.

    The issue for all is chosen, too: what is wrong with its edits is so here, and some of their words are of its
    stories.
    """
    chosen = pipeline.select(settings, window)
    general, past = chosen.issue, chosen.past
    articles = _near(chosen)
    offer = _offer(settings, articles)
    frame = replace(general, sections=(), verdicts=(), empty_sections=())
    look = theme.load(settings.templates, dict(settings.theme), language=settings.newsletter.language).digest
    plan = settings.editions
    # Under another key readers are in other parts: of half a run under each, some would be in two parts or in none.
    key = roll.ids(settings.readers)("")
    wanted = (offer.topics, plan.limit, plan.fewest, plan.empty)
    edits = record.hash_of(frame.edits)
    deciding = (window, settings.digest, *wanted, articles, past, edits, frame.number, look, key)
    week = CommonWeek(
        settings=settings,
        window=window,
        articles=articles,
        past=past,
        offer=offer,
        frame=frame,
        leads=tuple(pick.article.path for pick in general.picks),
        look=look,
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


def hash_of(value: object) -> str:
    """Return a hash of *value*, the same in every process: values, and tuples, sets and dataclasses of them."""
    return hashlib.sha256(repr(_plain(value)).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _plain(value: object) -> object:
    """Return *value* in a form that is always written alike: sets have no order of their own."""
    if is_dataclass(value):
        return type(value).__name__, *(_plain(getattr(value, each.name)) for each in fields(value))
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    if isinstance(value, frozenset):
        return "set", *sorted(map(repr, map(_plain, value)))
    return value
