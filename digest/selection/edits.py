"""An issue's edits applied: pins, drops, moves, changes and orders win over every rule. Reads no file.

Names are resolved first, since an editor may write a path, an address or a title; from then on only paths are used.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from digest.errors import EditsError
from digest.model import SectionChange, Verdict
from digest.records import filenames
from digest.selection import joining
from digest.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from digest.config.values import SectionPlan
    from digest.model import Article, Edits, Story


def names(edits: Edits) -> list[str]:
    """Return every story that *edits* name, once each and as written: a path, an address or a title."""
    stories = [pin.story for pin in edits.pins] + [story for story, _ in (*edits.drops, *edits.moves)]
    stories += [change.story for change in edits.changes] + [story for _, ordered in edits.order for story in ordered]
    stories += [*edits.splits, *(story for join in edits.joins for story in join)]
    return list(dict.fromkeys(stories))


def missing(edits: Edits, articles: Iterable[Article]) -> list[str]:
    """Return the names in *edits* that none of *articles* has."""
    by_name = _found(edits, articles)
    return [name for name in names(edits) if name not in by_name]


def resolve(edits: Edits, articles: Sequence[Article]) -> Edits:
    """Return *edits* with every story named by its path.

    A story is named by path, address or full title. Raises EditsError with the nearest match for each that is not
    found, for a pinned one that has no address to lead to, and for one that is both joined and split.
    """
    if not names(edits):
        return edits
    by_name = _found(edits, articles)
    places = defaultdict(lambda: "edits", edits.places)
    unknown = [name for name in names(edits) if name not in by_name]
    wrong = [f"{places[name]}: no article is {name!r}{_nearest(name, articles)}" for name in unknown]
    # Everything else about an article may be missing when it is pinned; without an address its headline cannot be a
    # link.
    homeless = {article.path for article in articles if article.url is None}
    wrong += [
        f"{places[pin.story]}: {pin.story!r} has no address to lead to; it cannot be pinned"
        for pin in edits.pins
        if by_name.get(pin.story) in homeless
    ]
    wrong += joining.contradictions(edits, by_name)
    if wrong:
        raise EditsError(wrong)

    return replace(
        joining.resolved(edits, by_name),
        pins=tuple(replace(pin, story=by_name[pin.story]) for pin in edits.pins),
        drops=tuple((by_name[story], reason) for story, reason in edits.drops),
        moves=tuple((by_name[story], section) for story, section in edits.moves),
        changes=tuple(replace(change, story=by_name[change.story]) for change in edits.changes),
        order=tuple((section, tuple(by_name[name] for name in stories)) for section, stories in edits.order),
    )


def dropped(stories: Iterable[Story], edits: Edits) -> tuple[list[Story], list[Verdict]]:
    """Return the stories that the editor did not drop, and a verdict for the lead of each that she did."""
    reasons = dict(edits.drops)
    if not reasons:
        return list(stories), []
    kept: list[Story] = []
    verdicts: list[Verdict] = []
    for story in stories:
        reason = next((reasons[path] for path in paths(story) if path in reasons), None)
        if reason is None:
            kept.append(story)
        else:
            verdicts.append(Verdict(article=story.lead, rule="dropped", because=f"the editor dropped it: {reason}"))
    return kept, verdicts


Places = tuple[dict[int, int], dict[int, int]]
"""Stories that are pinned, and those that are moved, by number, each with the number of its section."""


def placements(
    numbered: Collection[tuple[int, Story]],
    edits: Edits,
    plans: Sequence[SectionPlan],
    could_be: AbstractSet[str] = frozenset(),
) -> Places:
    """Return which stories are pinned and which moved, by the number they have, each with that of its section.

    An order, a block and words for one of the sections that there *could_be*, by titles without case, wait until there
    is. Raises EditsError for another section that the issue does not have.
    """
    titles = {plan.title.casefold(): number for number, plan in enumerate(plans)}
    wanted = [pin.section for pin in edits.pins if pin.section] + [section for _, section in edits.moves]
    waiting = [section for section, _ in edits.order] + [block.section for block in edits.blocks if block.section]
    waiting += [change.title for change in edits.sections]
    wanted += [section for section in waiting if section.casefold() not in could_be]
    wrong = [title for title in dict.fromkeys(wanted) if title.casefold() not in titles]
    if wrong:
        places = defaultdict(lambda: "edits", edits.places)
        have = [plan.title for plan in plans]
        raise EditsError(f"{places[name]}: the issue has no section {name!r}{_near(name, have)}" for name in wrong)
    pins = {pin.story: titles[pin.section.casefold()] for pin in edits.pins if pin.section}
    moves = {story: titles[section.casefold()] for story, section in edits.moves}
    return _by_number(numbered, pins), _by_number(numbered, moves)


def in_order(stories: Sequence[Story], title: str, edits: Edits) -> list[Story]:
    """Return the stories of a section as the editor orders them: named ones first, then pins at their positions."""
    if not edits.order and not edits.pins:
        return list(stories)
    first = next((chosen for section, chosen in edits.order if section.casefold() == title.casefold()), ())
    rank = {path: place for place, path in enumerate(first)}
    ordered = sorted(stories, key=lambda story: min((rank.get(path, len(rank)) for path in paths(story)), default=0))
    for pin in sorted((pin for pin in edits.pins if pin.position), key=lambda pin: pin.position or 0):
        story = next((story for story in ordered if pin.story in paths(story)), None)
        if story:
            ordered.remove(story)
            ordered.insert((pin.position or 1) - 1, story)
    return ordered


def of_section(title: str, edits: Edits) -> SectionChange:
    """Return what the editor says of a section, by its title without case; nothing where she says nothing."""
    changes = (change for change in edits.sections if change.title.casefold() == title.casefold())
    return next(changes, SectionChange(title=title))


def paths(story: Story) -> tuple[str, ...]:
    """Return the paths of all articles of a story."""
    return (story.lead.path, *(other.path for other in story.others))


def _by_number(numbered: Iterable[tuple[int, Story]], places: Mapping[str, int]) -> dict[int, int]:
    sections: dict[int, int] = {}
    if not places:
        return sections
    for number, story in numbered:
        for path in paths(story):
            if path in places:
                sections[number] = places[path]
    return sections


def _found(edits: Edits, articles: Iterable[Article]) -> dict[str, str]:
    """Return the path of each story that *edits* name and *articles* hold.

    A name is a path before it is an address, and that before it is a title; of two alike the first by path counts.
    """
    named = names(edits)
    ordered = sorted(articles, key=lambda article: article.path) if named else []
    paths = {article.path for article in ordered}
    by_name = {name: name for name in named if name in paths}
    # The preview writes paths only, and folding 100,000 titles for each of its edits would be noticed.
    if len(by_name) == len(named):
        return by_name
    by_normal_name: dict[str, str] = {}
    # Three rounds and not one: a path is looked for among all articles before any title is, so that an article titled
    # like another's path cannot take its place.
    for article in ordered:
        by_normal_name.setdefault(_normal(article.path), article.path)
    for article in ordered:
        for address in article.addresses:
            by_normal_name.setdefault(_normal(address), article.path)
    for article in ordered:
        by_normal_name.setdefault(_normal(article.title), article.path)
    return {name: by_normal_name[_normal(name)] for name in named if _normal(name) in by_normal_name} | by_name


def _normal(name: str) -> str:
    return canonical(name) if name.startswith(("http://", "https://")) else name.casefold()


def _nearest(name: str, articles: Sequence[Article]) -> str:
    by: Callable[[Article], str] = (
        (lambda name: name.path) if filenames.is_article(name) else (lambda name: str(name.title))
    )
    if name.startswith(("http://", "https://")):
        by = lambda article: str(article.url)  # noqa: E731 - one of three
    return _near(name, [by(article) for article in articles])


def _near(word: str, choices: Sequence[str]) -> str:
    folded = {choice.casefold(): choice for choice in choices}
    near = get_close_matches(word.casefold(), folded, n=1, cutoff=0.4)
    return f"; did you mean {folded[near[0]]!r}?" if near else ""
