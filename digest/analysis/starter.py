"""First settings for an archive that was just found: a commented digest.yaml that fits it. Writes no file.

What can be seen is taken from the articles; what cannot (the newsletter's own addresses) is a placeholder that says so.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from digest import archive
from digest.analysis import statistics
from digest.config import values
from digest.config.values import FieldPlan, ReadingPlan
from digest.errors import ArchiveError
from digest.importing import shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.analysis.statistics import Survey, Topic

GITIGNORE = """\
# The issues can be built again; their records are the newsletter's memory and belong under version control.
out/*/*
!out/*/issue.json
!out/*/sent.json
!out/*/sent/
out/*/sent/*
!out/*/sent/issue.json
# Who got what, and what was written to try: private, and large.
sent.db*
outbox/
handed-over/
"""

_FIGURES = ("score", "points", "votes", "likes", "shares", "views", "comments")
"""What may stand for heat."""

_FOUND_OTHERWISE = frozenset({"heat", "language"})
"""The one is made of a figure; for the other the archive looks under its usual names by itself."""

_AS_OURS = FieldPlan()
_SKIPPED = frozenset({"out", "edits", "templates", "site", "node_modules", "outbox", "handed-over"})
_MOST_SECTIONS = 6
_SLOTS = 3
_OFTEN = 0.3
"""A topic gets a section if it has stories in this share of the weeks."""


def find(folder: str) -> tuple[tuple[str, ...], FieldPlan]:
    """Return the folders below *folder* that hold articles, as they are to be written down, and what fields are called.

    Nothing where none does. Other names than ours are looked for only where no file has ours.
    """
    for plan in (FieldPlan(), _guessed(folder)):
        folders = _holding(folder, plan)
        if folders:
            return folders, plan
    return (), FieldPlan()


def _holding(folder: str, plan: FieldPlan) -> tuple[str, ...]:
    inside = sorted(
        entry.name
        for entry in os.scandir(folder)
        if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".") and entry.name not in _SKIPPED
    )
    holding = tuple(name for name in inside if _holds_articles(os.path.join(folder, name), plan))
    return holding or ((".",) if _holds_articles(folder, plan) else ())


def _holds_articles(folder: str, plan: FieldPlan) -> bool:
    try:
        return any(statistics.can_run(article) for article in archive.read([folder], ReadingPlan(fields=plan)).articles)
    except ArchiveError:
        return False


def _guessed(folder: str) -> FieldPlan:
    """What fields are called in most of the files below *folder*, by the names they usually have elsewhere."""
    keys = archive.keys([folder])
    usual = {key for key, count in keys.items() if 2 * count >= max(keys.values())}
    names = []
    for ours, theirs in shape.NAMES.items():
        matching = [name for name in theirs if name in usual]
        is_there = theirs[0].partition(".")[0] in usual  # the first is where the archive's own format has it
        if matching and not is_there and ours not in _FOUND_OTHERWISE:
            names.append((ours, matching[0]))
    figure = next((name for name in _FIGURES if name in usual), "")
    return FieldPlan(names=tuple(names), score=((figure, 1.0),) if figure and "heat" not in usual else ())


def settings(name: str, folders: Sequence[str], survey: Survey, plan: FieldPlan = _AS_OURS) -> str:
    """Return the text of a digest.yaml for the archive that *survey* describes, in *folders* beside it.

    *plan* says what its fields are called.
    """
    language = survey.languages[0][0] if survey.languages else "en"
    lines = [
        "# Settings of this newsletter; `digest init` wrote them after a look at the archive.",
        "# Every key has a default, and every mistake is told with its line.",
        "",
        "newsletter:",
        f"  name: {_text(name)}",
        f"  from: {_text(f'{name} <{values.MAILBOX}>')}   # change: your sender",
        f"  language: {language}   # of the letter's own words; stories keep theirs",
        "  timezone: UTC   # where a day begins and ends, such as Europe/Berlin",
        f"  address: {values.POSTAL}   # change: the law asks for a postal address",
        f"  web: {values.WEB}   # change: where `digest site` puts an issue",
        f"  unsubscribe: {values.UNSUBSCRIBE}   # change",
        "",
        f"archive: [{', '.join(map(_text, folders))}]   # {_contents(survey)}",
        *_names(plan),
        "window: {days: 7}",
        "",
        *_sections(survey),
        "",
        "select:",
        "  min_heat: 0   # no story below this runs" + _heat(survey),
        "  # per_provider: 3   # most stories that one outlet leads in an issue" + _outlets(survey),
        "  repeat_after: never   # or a number of days after which a story may run again",
        "",
        "theme:",
        '  accent: "#1d4ed8"   # all other colours follow from it, light and dark',
        "",
    ]
    return "\n".join(lines)


def _names(plan: FieldPlan) -> Iterator[str]:
    if plan.names:
        pairs = ", ".join(f"{ours}: {_text(theirs)}" for ours, theirs in plan.names)
        yield f"fields: {{{pairs}}}   # what your files call them"
    for figure, _ in plan.score:
        yield f"score: {_text(figure)}   # what makes a heat; several weigh as {{shares: 1, comments: 2.5}}"


def _contents(survey: Survey) -> str:
    span = f", {survey.first} to {survey.last}" if survey.able else ""
    return f"{survey.articles:,} articles, {survey.able:,} of which may run{span}"


def _heat(survey: Survey) -> str:
    heat = survey.heat
    return f"; here they have {heat.least} to {heat.most}, half of them {heat.middle} or more" if survey.able else ""


def _outlets(survey: Survey) -> str:
    if not survey.providers:
        return ""
    (name, count), others = survey.providers[0], len(survey.providers) - 1
    return f"; here {name} has {count * 100 // survey.able} %, and there are {others} more"


def _sections(survey: Survey) -> Iterator[str]:
    """Yield the sections: topics that really fill weeks, narrow ones first; what nearly all is about takes the rest."""
    narrow, wide = chosen(survey)
    others = [topic for topic in survey.topics if topic not in (*narrow, *wide)]
    yield "# Topics with their stories, in how many of the last weeks they had one, and their middle heat."
    yield "# A section below its min is left out of that week (thin: keep, or widen: {days: 7}, are the other ways)."
    if not narrow and not wide:
        yield "# No topic comes often enough to have a section of its own, so each week chooses its own:"
        yield "# sections: [{topic: AI, limit: 3}]"
        return
    yield "sections:"
    for topic in (*narrow, *wide):
        yield f"  - topic: {_text(topic.name)}   # {_about(topic, survey)}"
        yield f"    limit: {_SLOTS if narrow else 2 * _SLOTS}"
        yield "    min: 1"
    for topic in others[:12]:
        yield f"  # - topic: {_text(topic.name)}   # {_about(topic, survey)}"


def chosen(survey: Survey) -> tuple[list[Topic], list[Topic]]:
    """Return the topics that get a section: narrow ones, then those that nearly every story carries."""
    wide = [topic for topic in survey.topics if survey.is_umbrella(topic)][:1]
    often = max(1, round(_OFTEN * len(survey.weeks)))
    narrow = [topic for topic in survey.topics if not survey.is_umbrella(topic) and topic.filled >= often]
    return narrow[: _MOST_SECTIONS - len(wide)], wide


def _about(topic: Topic, survey: Survey) -> str:
    stories = "1 story" if topic.stories == 1 else f"{topic.stories:,} stories"
    return f"{stories}, {topic.filled} of {len(survey.weeks)} weeks, heat {topic.heat.middle}"


def _text(text: str) -> str:
    """Return *text* as YAML reads them back: bare where that is safe, else quoted."""
    plain = text.replace(" ", "").replace("-", "").replace("_", "").replace(".", "")
    return (
        text
        if plain.isalpha() and text[0].isalpha() and text.casefold() not in _WORDS
        else json.dumps(text, ensure_ascii=False)
    )


_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
