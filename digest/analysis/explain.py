"""Verdicts in words: why a story runs, and why another one does not.

It answers from a record, of an issue that was built or of one chosen just now, and never selects anything itself: an
explanation that worked out the reason again could differ from the choice that it explains.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import datetime
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from digest import archive
from digest.errors import UnknownStory
from digest.issue.record import window as window_of
from digest.records import filenames
from digest.text import sanitize
from digest.text.numbers import apart
from digest.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from digest.config.values import ReadingPlan, Source
    from digest.issue.record import Record
    from digest.model import Article, Window

_AnyVerdict = TypeVar("_AnyVerdict")

MATCH_LIMIT = 8
"""Articles that are explained at once; where more match, the words were too common to mean one of them."""

NEXT_LIMIT, NEXT_IN_ALL = 5, 30
"""Stories next in line that are shown for a section; more, up to so many in all, where an issue has few sections."""

# Verdicts of stories that lacked nothing but a slot. Any other one, such as a repeat, would keep a story out of a
# longer section too.
_WAITING = frozenset({"limit", "provider", "thin", "no-section"})


def ranked(verdicts: Sequence[Record], sections: Iterable[Record] = ()) -> list[Record]:
    """Return copies of *verdicts*, each with its `rank` among all candidates, from 1.

    *verdicts* are all those of a record, which has them in that order. One on a story of *sections* of which the editor
    changed something has what she changed, too (`changed`).
    """
    changed = {pick["path"]: pick["changed"] for section in sections for pick in section["picks"]}
    return [
        {
            **verdict,
            "rank": rank,
            **({"changed": given} if any((given := changed.get(verdict["path"], {})).values()) else {}),
        }
        for rank, verdict in enumerate(verdicts, start=1)
    ]


def named(query: str, verdicts: Sequence[Record]) -> list[Record]:
    """Return the verdicts of the articles that *query* names, in order.

    A query is an address, compared without what only counts readers; a path that ends in `.md`, or the end of one; or
    words, all of which stand in the title, without case.
    """
    return [verdict for verdict in verdicts if _is_meant(query, verdict["path"], verdict["url"], verdict["title"])]


def of_topic(name: str, sections: Sequence[Record], verdicts: Sequence[Record]) -> list[Record]:
    """Return the verdicts on the stories of a topic or a section, in order.

    *name* is the title of one of *sections* or a topic, without case. A story is of a section if it carries one of the
    section's topics, or if its verdict was decided there: the editor may have moved it. Raises UnknownStory, with the
    most similar name, where no candidate is of it.
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


def lines(records: Sequence[Record], of: int, window: Window) -> list[str]:
    """Return the explanation of single articles, a line each; *of* is how many candidates *window* has.

    *records* are verdicts with their rank, of which the first MATCH_LIMIT are explained.
    """
    text: list[str] = []
    heats = _heats(records)
    for verdict in records[:MATCH_LIMIT]:
        text += [
            "",
            _title(verdict, heats, window),
            f"  {verdict['path']}, rank {verdict['rank']} of {of}",
            f"  {_sentence(verdict)}",
            *(f"  {line}" for line in _changes(verdict)),
        ]
    if len(records) > MATCH_LIMIT:
        text += ["", f"and {len(records) - MATCH_LIMIT} more; use more words of the title"]
    return text[1:]


def table(name: str, records: Sequence[Record], window: Window) -> list[str]:
    """Return the explanation of a topic or section of *window*: every candidate with its rank and its verdict."""
    picked = sum(verdict["verdict"] == "picked" for verdict in records)
    text = [f"{name}: {len(records)} candidates, {picked} in the issue"]
    heats = _heats(records)
    for verdict in records:
        text += ["", f"{verdict['rank']:>4}. {_title(verdict, heats, window)}", f"      {_sentence(verdict)}"]
    return text


def issue(record: Record) -> list[str]:
    """Return the explanation of a whole issue.

    Each section with its picks and the stories next in line, then the sections that are left out, then how many
    candidates got which verdict. Picks without heat say what put them where they are.
    """
    verdicts, window = ranked(record["verdicts"]), window_of(record)
    because = {verdict["path"]: verdict["because"] for verdict in verdicts}
    text: list[str] = []
    for section in record["sections"]:
        waiting = next_in_line(
            section["title"], section["topics"], verdicts, in_record, sections=len(record["sections"])
        )
        heats = _heats([*section["picks"], *waiting])
        brief = " (in brief)" if section.get("style") == "brief" else ""
        text += ["", f"{section['title']}{brief}"]
        text += [f"  line  {section['line']}"] if section.get("line") else []
        for pick in section["picks"]:
            text.append(f"  in    {_title(pick, heats, window)}")
            text += [f"        {because[pick['path']]}"] if pick["heat"] is None and pick["path"] in because else []
            text += [f"        {line}" for line in _changes(pick)]
        text += [f"  next  {_title(verdict, heats, window)} [{verdict['verdict']}]" for verdict in waiting]
    # A record is valid without this key.
    text += ["", "Left out: " + "; ".join(record["empty"])] if record.get("empty") else []
    counts = Counter(verdict["verdict"] for verdict in verdicts)
    text += ["", f"{len(verdicts)} candidates: " + ", ".join(f"{counts[rule]} {rule}" for rule in sorted(counts))]
    return text[1:]


def next_in_line(
    title: str,
    topics: Iterable[str],
    verdicts: Iterable[_AnyVerdict],
    facts: Callable[[_AnyVerdict], tuple[str, str, AbstractSet[str]]],
    *,
    sections: int,
) -> list[_AnyVerdict]:
    """Return the *verdicts* on the stories next in line for one of *sections*, the first in line first.

    They would run if the section had more slots: those whose verdict was decided in the section called *title*, and
    those that carry one of its *topics*. *facts* returns the rule, the section and the case-folded topics of a verdict,
    so that the desk can ask of verdicts in memory and get the answer that `issue` gives of a record.
    """
    keys = {topic.casefold() for topic in topics}

    def waits(verdict: _AnyVerdict) -> bool:
        rule, section, carried = facts(verdict)
        return rule in _WAITING and (section == title or bool(keys & carried))

    return list(islice(filter(waits, verdicts), max(NEXT_LIMIT, NEXT_IN_ALL // max(1, sections))))


def in_record(verdict: Record) -> tuple[str, str, AbstractSet[str]]:
    """Return the facts that `next_in_line` asks of a verdict, for one of a record."""
    return verdict["verdict"], verdict["section"], _topics(verdict)


def outsider(query: str, sources: Sequence[Source], window: Window, how: ReadingPlan) -> list[str]:
    """Return why the articles that *query* names were no candidates of *window*, a line each.

    Reads the whole archive, as the reason is mostly a date far outside the window. A file that could not be read is
    explained too, by its path. Raises UnknownStory, with the most similar title, where nothing is named so.
    """
    everything = archive.read(sources, how)
    matching = [
        article for article in everything.articles if _is_meant(query, article.path, article.url, article.title)
    ]
    if matching:
        return [line for article in matching[:MATCH_LIMIT] for line in _outside(article, window)]
    broken = [problem for problem in everything.problems if query.casefold() in problem.path.casefold()]
    if broken:
        return ["Not a candidate: its file could not be read.", *(f"  {problem}" for problem in broken[:MATCH_LIMIT])]
    # A lower cutoff than the default, because a few words are compared with a whole title.
    near = get_close_matches(query, [article.title for article in everything.articles], n=1, cutoff=0.3)
    remedy = f"did you mean “{near[0]}”?" if near else ""
    raise UnknownStory(repr(query), "no article has this path, address or these words in its title", remedy)


def _topics(verdict: Record) -> set[str]:
    """Return the topics of a recorded verdict, case-folded."""
    return {topic.casefold() for topic in verdict["topics"]}


def _heats(records: Sequence[Record]) -> dict[float | None, str]:
    """Return how the heats of *records* are shown beside each other: with as many digits as tell them apart."""
    heats = [record["heat"] for record in records]
    return dict(zip(heats, apart(heats), strict=True))


def _title(verdict: Record, heats: Mapping[float | None, str], window: Window) -> str:
    """Return the headline of a pick or a verdict with heat, provider and the day where the newsletter lives.

    *heats* says how each heat is shown.
    """
    heat = "no heat" if verdict["heat"] is None else f"heat {heats[verdict['heat']]}"
    # As the letter shows it: a record has times in UTC.
    at = verdict["published"]
    published = f", {window.day_of(datetime.fromisoformat(at))}" if at else ""
    made_of = f" = {verdict['score']}" if verdict.get("score") else ""
    return f"“{verdict['title']}” ({heat}{made_of}, {verdict['provider']}{published})"


def _sentence(verdict: Record) -> str:
    """Return a verdict as a sentence, with the name of its rule in brackets.

    The name is the one of docs/selection.md, so that a reader can look up what the rule does.
    """
    where = "In the issue" if verdict["verdict"] == "picked" else "Not in the issue"
    return f"{where} [{verdict['verdict']}]: {verdict['because']}."


# What an editor can change of a story, as she calls it.
_CHANGED = {
    "title": "headline",
    "excerpt": "excerpt",
    "kicker": "kicker",
    "why": "why it matters",
    "picture": "picture",
    "alt": "what the picture shows",
    "credit": "credit of the picture",
}


def _changes(story: Record) -> list[str]:
    """Return a line on what the editor changed of a pick or of a verdict on one; none where she changed nothing."""
    changed = story.get("changed", {})
    own = [name for key, name in _CHANGED.items() if changed.get(key) and changed[key] != "none"]
    sentences = [f"the editor's own: {', '.join(own)}"] if own else []
    sentences += ["the editor took the picture away"] if changed.get("picture") == "none" else []
    return ["; ".join(sentences)] if sentences else []


def _outside(article: Article, window: Window) -> list[str]:
    """Return why *article* is not in *window*, in the window's time zone."""
    if article.published_at is None:
        why = "it has no date, so it is in no window"
    else:
        side = "before" if article.published_at < window.starts_at else "after"
        why = f"it is of {window.told(article.published_at)}, {side} the window {window}"
    return [f"“{article.title}” ({article.provider.name})", f"  {article.path}", f"  Not a candidate: {why}."]


def _is_meant(query: str, path: str, url: str | None, title: str) -> bool:
    """Whether *query* names the article with that path, address and title; see `named`."""
    wanted = query.casefold()
    address = sanitize.address(query)
    if address:
        return bool(url) and canonical(address) == canonical(sanitize.address(url or "") or address)
    # So is a row of a table, whatever it is called.
    if path.casefold() == wanted:
        return True
    # Either may be the longer one: a shell completes a path from the working folder, a record has it from the archive.
    if filenames.is_article(os.path.basename(wanted)):
        return wanted.endswith("/" + path.casefold()) or path.casefold().endswith("/" + wanted)
    return all(word in title.casefold() for word in wanted.split())
