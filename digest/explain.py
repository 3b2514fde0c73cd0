"""Verdicts to a straight answer: why is this in, and why is that not? Knows the record, not how it came about."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from digest import archive, clean
from digest.errors import UnknownStory
from digest.selection import stories

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.model import Article, Window
    from digest.record import Record

MATCH_LIMIT = 8
"""Most articles explained at once; more than that, and the words were too common."""


def article(query: str, verdicts: Sequence[Record]) -> list[str]:
    """Return the lines that explain the articles that *query* names, by path, address or words of the title."""
    found = [verdict for verdict in verdicts if _is_meant(query, verdict["path"], verdict["url"], verdict["title"])]
    if len(found) > MATCH_LIMIT:
        found = [*found[:MATCH_LIMIT]]
        return [*_explained(found), f"and more: {query!r} fits many titles; use more words"]
    return _explained(found)


def outsider(query: str, folders: Sequence[str], window: Window) -> list[str]:
    """Return why what *query* names was no candidate of *window*. Raises UnknownStory where nothing is so named."""
    everything = archive.read(folders)
    found = [one for one in everything.articles if _is_meant(query, one.path, one.url, one.title)]
    if found:
        return [line for one in found[:MATCH_LIMIT] for line in _outside(one, window)]
    broken = [problem for problem in everything.problems if query.casefold() in problem.path.casefold()]
    if broken:
        return ["Not a candidate: its file could not be read.", *(f"  {problem}" for problem in broken[:MATCH_LIMIT])]
    near = get_close_matches(query, [one.title for one in everything.articles], n=1, cutoff=0.3)
    raise UnknownStory(
        repr(query),
        "no article has this path, address or these words in its title",
        f"did you mean “{near[0]}”?" if near else "",
    )


def topic(name: str, record_sections: Sequence[Record], verdicts: Sequence[Record]) -> list[str]:
    """Return a line for every candidate of a topic or section, in order, with its verdict. Raises UnknownStory."""
    section = next((one for one in record_sections if one["title"].casefold() == name.casefold()), None)
    keys = {key.casefold() for key in (section["topics"] if section else [name])}
    members = [verdict for verdict in verdicts if keys & {key.casefold() for key in verdict["topics"]}]
    if not members:
        known = {key for verdict in verdicts for key in verdict["topics"]}
        near = get_close_matches(name, known, n=1)
        remedy = f"did you mean {near[0]!r}?" if near else f"this issue's are {', '.join(sorted(known))}"
        raise UnknownStory(repr(name), "no candidate of this issue has this topic", remedy)
    picked = sum(verdict["verdict"] == "picked" for verdict in members)
    lines = [f"{section['title'] if section else name}: {len(members)} candidates, {picked} in the issue"]
    for rank, verdict in enumerate(members, start=1):
        lines += ["", f"{rank:>3}. {_title(verdict)}", f"     {_sentence(verdict)}"]
    return lines


def _explained(found: Sequence[Record]) -> list[str]:
    lines: list[str] = []
    for verdict in found:
        lines += ["", _title(verdict), f"  {verdict['path']}", f"  {_sentence(verdict)}"]
    return lines[1:]


def _title(verdict: Record) -> str:
    heat = "no heat" if verdict["heat"] is None else f"heat {verdict['heat']}"
    return f"“{verdict['title']}” ({heat}, {verdict['provider']}, {verdict['published'][:10]})"


def _sentence(verdict: Record) -> str:
    where = "In the issue" if verdict["verdict"] == "picked" else "Not in the issue"
    return f"{where} [{verdict['verdict']}]: {verdict['because']}."


def _outside(one: Article, window: Window) -> list[str]:
    if one.published_at is None:
        why = "it has no date, so it is in no window"
    else:
        day = window.day_of(one.published_at)
        side = "before" if day < window.first else "after"
        why = f"it is of {day}, {side} the window {window.first} to {window.last}"
    return [f"“{one.title}” ({one.provider.name})", f"  {one.path}", f"  Not a candidate: {why}."]


def _is_meant(query: str, path: str, url: str | None, title: str) -> bool:
    wanted = query.casefold()
    address = clean.address(query)
    if address:
        return bool(url) and stories.canonical(address) == stories.canonical(clean.address(url or "") or address)
    if wanted.endswith(".md"):
        return (
            path.casefold() == wanted
            or wanted.endswith("/" + path.casefold())
            or path.casefold().endswith("/" + wanted)
        )
    return all(word in title.casefold() for word in wanted.split())
