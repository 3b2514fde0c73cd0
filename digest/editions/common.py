"""What all editions of a week have in common, read once: articles, memory, theme, and what may be asked for.

It is a frozen value, so that a process of its own can be given it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from digest import archive, pipeline, theme
from digest.editions import memory, roll
from digest.editions.marks import hash_of
from digest.issue import record
from digest.selection import latecomers
from digest.selection.edits import names

if TYPE_CHECKING:
    from digest.config.settings import Settings
    from digest.editions.memory import Memory
    from digest.model import Article, Issue, Past, Problem, Window
    from digest.pipeline import Chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonWeek:
    """The week of *window* before anybody has asked for anything.

    *frame* is the issue for all without stories: its number, its edits and the words of the editor's own; *leads* are
    the paths of its stories, in order. *past* is what all readers together had, *memory* who had what of it. *mark* is
    a hash of all that decides which editions there are and who is in which part, beside the list and what each reader
    had; *look* is that of the theme. *key* tells the key of ids.
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
    """Return the week of *window*, and the problems of its archive. Raises DigestError.

    The issue for all is chosen, too: what is wrong with its edits is so here, and some of their words are of its
    stories.
    """
    chosen = pipeline.select(settings, window)
    return of_choice(chosen), chosen.archive.problems


def of_choice(chosen: Chosen) -> CommonWeek:
    """Return the week that the issue for all was *chosen* from. Raises DigestError, also for a week without news."""
    settings, window, general = chosen.settings, chosen.window, chosen.issue
    # What became of an earlier issue stands in no letter, and may be told anew while this one is half sent.
    before = replace(chosen.past, ran=tuple(replace(ran, fate="") for ran in chosen.past.ran))
    # Under another key readers are in other parts: of half a run under each, some would be in two parts or in none.
    key = roll.ids(settings.readers)("").hex()
    sent = memory.sent_before(settings, window)
    articles = _near(chosen, remembers=bool(sent))
    past, remembered = memory.of(settings, window, before, sent, articles, key)
    # What came late to a week of editions is no candidate of the issue for all.
    if not general.verdicts and not any(latecomers.arrivals(articles, window, past, settings.rules)):
        raise pipeline.nothing_to_send(chosen)
    on_offer = offer(settings, articles)
    frame = replace(general, sections=(), verdicts=(), empty_sections=())
    look = theme.load(settings.templates, dict(settings.theme), language=settings.newsletter.language).digest
    plan = settings.editions
    wanted = (on_offer.topics, plan.limit, plan.fewest, plan.empty)
    edits = record.hash_of(frame.edits)
    leads = tuple(pick.article.path for pick in general.picks)
    deciding = (window, settings.digest, *wanted, articles, past, remembered.deciding, edits, frame.number, leads, look)
    return CommonWeek(
        settings=settings,
        window=window,
        articles=articles,
        past=past,
        memory=remembered,
        offer=on_offer,
        frame=frame,
        leads=leads,
        look=look,
        key=key,
        mark=hash_of((*deciding, key)),
    )


def _near(chosen: Chosen, *, remembers: bool) -> tuple[Article, ...]:
    """Return the articles that may matter, by path: of the days of a build, and those that the edits name.

    Where one of these is older, all of the archive was read, which is too much to hand to other processes. Where an
    earlier issue is remembered, as by *remembers* one is of which editions alone were sent, articles may come late.
    """
    settings, past, everything = chosen.settings, chosen.past, chosen.archive.articles
    if remembers and past.since is None:
        past = replace(past, since=chosen.window.first)
        within = pipeline.reach(settings, chosen.window, past)
        # The issue for all has read no more than its window.
        further = archive.read(settings.archive, settings.reading, within=within).articles
        everything = tuple({article.path: article for article in (*everything, *further)}.values())
    reach = pipeline.reach(settings, chosen.window, past)
    # Asked once, as each asks for the time zone.
    starts_at, ends_at = reach.starts_at, reach.ends_at
    named = frozenset(names(chosen.issue.edits))
    near = (
        article
        for article in everything
        if article.published_at is None or starts_at <= article.published_at < ends_at or article.path in named
    )
    return tuple(sorted(near, key=lambda article: article.path))


def offer(settings: Settings, articles: tuple[Article, ...]) -> roll.Offer:
    """Return what may be asked for: what the settings say, else the topics of the sections, else those of the week."""
    sections = [topic for plan in settings.rules.plans or () for topic in plan.match.any]
    named = settings.editions.topics or tuple(sections)
    week = sorted({topic for article in articles for topic in article.topics})
    return roll.Offer(named or week, settings.editions.limit, is_open=not named)
