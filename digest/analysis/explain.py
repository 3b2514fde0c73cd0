"""Verdicts to a straight answer: why is this in, and why is that not? Knows the record, not how it came about."""

from __future__ import annotations

from collections import Counter
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from digest import archive
from digest.errors import UnknownStory
from digest.text import sanitize
from digest.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from digest.config.values import ReadingPlan
    from digest.issue.record import Record
    from digest.model import Article, Window

_Told = TypeVar("_Told")

MATCH_LIMIT = 8
"""Most articles explained at once; more than that, and the words were too common."""

_WAITING = frozenset({"limit", "provider", "thin", "no-section"})
"""Verdicts of stories that only lacked a slot."""

NEXT_LIMIT = 5
"""How many that stood next in line are shown a section."""


def ranked(verdicts: Sequence[Record]) -> list[Record]:
    """Return *verdicts* with the rank of each among all candidates, from 1."""
    return [{**verdict, "rank": rank} for rank, verdict in enumerate(verdicts, start=1)]


def named(query: str, verdicts: Sequence[Record]) -> list[Record]:
    """Return the verdicts of the articles that *query* names, by path, address or words of the title."""
    return [verdict for verdict in verdicts if _is_meant(query, verdict["path"], verdict["url"], verdict["title"])]


def of_topic(name: str, sections: Sequence[Record], verdicts: Sequence[Record]) -> list[Record]:
    """Return the verdicts of a topic or section: what carries the topic, and what was decided there.

    Raises UnknownStory with the nearest match.
    """
    section = next((section for section in sections if section["title"].casefold() == name.casefold()), None)
    keys = {key.casefold() for key in (section["topics"] if section else [name])}
    title = section["title"] if section else None
    matching = [verdict for verdict in verdicts if keys & _topics(verdict) or verdict["section"] == title]
    if matching:
        return matching
    names = {key for verdict in verdicts for key in verdict["topics"]} | {section["title"] for section in sections}
    near = get_close_matches(name, sorted(names), n=1)
    remedy = f"did you mean {near[0]!r}?" if near else f"this issue's are {', '.join(sorted(names))}"
    raise UnknownStory(repr(name), "no candidate of this issue has this topic", remedy)


def lines(records: Sequence[Record], of: int) -> list[str]:
    """Return the explanation of single articles; *of* is how many candidates there are."""
    text: list[str] = []
    for verdict in records[:MATCH_LIMIT]:
        text += ["", _title(verdict), f"  {verdict['path']}, rank {verdict['rank']} of {of}", f"  {_sentence(verdict)}"]
    if len(records) > MATCH_LIMIT:
        text += ["", f"and {len(records) - MATCH_LIMIT} more; use more words of the title"]
    return text[1:]


def table(name: str, records: Sequence[Record]) -> list[str]:
    """Return a whole topic, in order, each candidate with its verdict."""
    picked = sum(verdict["verdict"] == "picked" for verdict in records)
    text = [f"{name}: {len(records)} candidates, {picked} in the issue"]
    for verdict in records:
        text += ["", f"{verdict['rank']:>4}. {_title(verdict)}", f"      {_sentence(verdict)}"]
    return text


def issue(record: Record) -> list[str]:
    """Return the whole issue: each section with its picks and who stood next in line, then what became of the rest."""
    verdicts = ranked(record["verdicts"])
    text: list[str] = []
    for section in record["sections"]:
        text += ["", section["title"]]
        text += [f"  in    {_title(pick)}" for pick in section["picks"]]
        waiting = next_in_line(section["title"], section["topics"], verdicts, in_record)
        text += [f"  next  {_title(verdict)} [{verdict['verdict']}]" for verdict in waiting]
    text += ["", "Left out: " + "; ".join(record["empty"])] if record.get("empty") else []
    counts = Counter(verdict["verdict"] for verdict in verdicts)
    text += ["", f"{len(verdicts)} candidates: " + ", ".join(f"{counts[rule]} {rule}" for rule in sorted(counts))]
    return text[1:]


def next_in_line(
    title: str,
    topics: Iterable[str],
    verdicts: Iterable[_Told],
    facts: Callable[[_Told], tuple[str, str, AbstractSet[str]]],
) -> list[_Told]:
    """Return the *verdicts* on stories that would run in a section if it had more slots, the first in line first.

    Those are the stories it was decided about in the section called *title*, and those with one of its *topics*.
    *facts* returns the rule, the section and the topics without case of a verdict, in the record or in memory.
    """
    keys = {topic.casefold() for topic in topics}

    def waits(verdict: _Told) -> bool:
        rule, section, carried = facts(verdict)
        return rule in _WAITING and (section == title or bool(keys & carried))

    return list(islice(filter(waits, verdicts), NEXT_LIMIT))


def in_record(verdict: Record) -> tuple[str, str, AbstractSet[str]]:
    """Return what `next_in_line` asks of a verdict of a record."""
    return verdict["verdict"], verdict["section"], _topics(verdict)


def outsider(query: str, folders: Sequence[str], window: Window, how: ReadingPlan) -> list[str]:
    """Return why what *query* names was no candidate of *window*. Raises UnknownStory where nothing is so named."""
    everything = archive.read(folders, how)
    matching = [
        article for article in everything.articles if _is_meant(query, article.path, article.url, article.title)
    ]
    if matching:
        return [line for article in matching[:MATCH_LIMIT] for line in _outside(article, window)]
    broken = [problem for problem in everything.problems if query.casefold() in problem.path.casefold()]
    if broken:
        return ["Not a candidate: its file could not be read.", *(f"  {problem}" for problem in broken[:MATCH_LIMIT])]
    near = get_close_matches(query, [article.title for article in everything.articles], n=1, cutoff=0.3)
    remedy = f"did you mean “{near[0]}”?" if near else ""
    raise UnknownStory(repr(query), "no article has this path, address or these words in its title", remedy)


def _topics(verdict: Record) -> set[str]:
    return {topic.casefold() for topic in verdict["topics"]}


def _title(verdict: Record) -> str:
    heat = "no heat" if verdict["heat"] is None else f"heat {verdict['heat']}"
    published = f", {verdict['published'][:10]}" if verdict["published"] else ""
    made_of = f" = {verdict['score']}" if verdict.get("score") else ""
    return f"“{verdict['title']}” ({heat}{made_of}, {verdict['provider']}{published})"


def _sentence(verdict: Record) -> str:
    where = "In the issue" if verdict["verdict"] == "picked" else "Not in the issue"
    return f"{where} [{verdict['verdict']}]: {verdict['because']}."


def _outside(article: Article, window: Window) -> list[str]:
    if article.published_at is None:
        why = "it has no date, so it is in no window"
    else:
        day = window.day_of(article.published_at)
        side = "before" if day < window.first else "after"
        why = f"it is of {day}, {side} the window {window.first} to {window.last}"
    return [f"“{article.title}” ({article.provider.name})", f"  {article.path}", f"  Not a candidate: {why}."]


def _is_meant(query: str, path: str, url: str | None, title: str) -> bool:
    wanted = query.casefold()
    address = sanitize.address(query)
    if address:
        return bool(url) and canonical(address) == canonical(sanitize.address(url or "") or address)
    if wanted.endswith(".md"):
        return (
            path.casefold() == wanted
            or wanted.endswith("/" + path.casefold())
            or path.casefold().endswith("/" + wanted)
        )
    return all(word in title.casefold() for word in wanted.split())
