"""What all editions of a week have in common, read once: articles, memory, theme, and what may be asked for.

It is a frozen value, so that a process of its own can be given it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING

from digest import archive, pipeline, theme
from digest.config import edits
from digest.editions import roll
from digest.errors import EditsError
from digest.issue import memory
from digest.model import Edits, Issue

if TYPE_CHECKING:
    from digest.config.settings import Settings
    from digest.model import Article, Past, Problem, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonWeek:
    """The week of *window* before anybody has asked for anything.

    *frame* is the issue without stories: its number and the words of the editor's own. *mark* is a hash of all that
    decides which editions there are and who is in which part, beside the list; *look* is that of the theme.
    """

    settings: Settings
    window: Window
    articles: tuple[Article, ...]
    past: Past
    offer: roll.Offer
    frame: Issue
    look: str
    mark: str


def of(settings: Settings, window: Window) -> tuple[CommonWeek, tuple[Problem, ...]]:
    """Return the week of *window*, and the problems of its archive. Raises DigestError."""
    place = edits.path(settings.edits, window.issue_id)
    if edits.parse(edits.read(settings.edits, window.issue_id), place) != Edits():
        # To leave it out would send to readers what the editor has dropped.
        remedy = "send the issue to all, or empty the file; nothing was changed"
        raise EditsError([f"{place}: is not followed by editions yet; {remedy}"])
    past = memory.past(settings, window)
    within = pipeline.reach(settings, window, past)
    read = archive.read(settings.archive, settings.reading, within=within)
    articles = tuple(sorted(read.articles, key=lambda article: article.path))
    offer = _offer(settings, articles)
    blocks = tuple(block.of_issue(window.issue_id) for block in settings.blocks)
    number = pipeline.number_of(settings, past, Edits())
    frame = Issue(window=window, sections=(), verdicts=(), blocks=blocks, number=number)
    look = theme.load(settings.templates, dict(settings.theme), language=settings.newsletter.language).digest
    plan = settings.editions
    # Under another key readers are in other parts: of half a run under each, some would be in two parts or in none.
    key = roll.ids(settings.readers)("")
    wanted = (offer.topics, plan.limit, plan.fewest, plan.empty)
    deciding = (window, settings.digest, *wanted, articles, past, frame, look, key)
    week = CommonWeek(
        settings=settings,
        window=window,
        articles=articles,
        past=past,
        offer=offer,
        frame=frame,
        look=look,
        mark=hash_of(deciding),
    )
    return week, read.problems


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
