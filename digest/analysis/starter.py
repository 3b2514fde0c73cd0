"""First settings for an archive: a commented digest.yaml that fits what its articles hold. Writes no file.

What the articles tell is taken from them: folders, names of fields, language, topics that fill a section. What they
cannot tell, such as the sender and the postal address, is a placeholder that says so, and `digest send` sends none of
them. The comments give the figures behind each choice, because the file is where an editor will change it.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from digest import archive
from digest.analysis import statistics
from digest.config import values
from digest.config.values import DEFAULT_LIMIT, FieldPlan, ReadingPlan
from digest.errors import ArchiveError
from digest.records import filenames
from digest.records.names import NAMES
from digest.text.numbers import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.analysis.statistics import Survey, Topic

# `out` is ignored but for the records: an issue can be built again, the memory of what ran cannot.
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

# Fields that may stand for heat, tried in this order.
_FIGURES = ("score", "points", "votes", "likes", "shares", "views", "comments")

# Fields that are not renamed: heat is made of a figure, and the archive finds a language under its usual names itself.
_FOUND_OTHERWISE = frozenset({"heat", "language"})

_AS_OURS = FieldPlan()

# Folders of a newsletter that hold no archive: what is built, edited and sent stands in them.
_SKIPPED = frozenset({"out", "edits", "templates", "site", "node_modules", "outbox", "handed-over"})

# Six sections of three stories, as in the sample issue: such a letter stays below the size that Gmail clips.
_MOST_SECTIONS = 6
_SLOTS = DEFAULT_LIMIT

# The share of the weeks in which a topic must have stories to get a section; a rarer one would mostly be left out.
_OFTEN = 0.3


def find(folder: str) -> tuple[tuple[str, ...], FieldPlan]:
    """Return the folders right below *folder* that hold articles, by their names, and what fields are called in them.

    `.` is *folder* itself, if only that holds some. Without any there are no folders. Names that other programs use are
    tried only where no article can run under our own: a file may well have a `score` beside its `heat`.
    """
    for plan in (FieldPlan(), _guessed(folder)):
        folders = _holding(folder, plan)
        if folders:
            return folders, plan
    return (), FieldPlan()


def _holding(folder: str, plan: FieldPlan) -> tuple[str, ...]:
    """Return the names of the folders that hold articles which can run if fields are called as in *plan*."""
    # Links are not followed, as they may lead around in a circle or out of what the user meant.
    inside = sorted(
        entry.name
        for entry in os.scandir(folder)
        if entry.is_dir(follow_symlinks=False) and filenames.is_archive(entry.name) and entry.name not in _SKIPPED
    )
    holding = tuple(name for name in inside if _holds_articles(os.path.join(folder, name), plan))
    return holding or ((".",) if _holds_articles(folder, plan) else ())


def _holds_articles(folder: str, plan: FieldPlan) -> bool:
    """Whether an article in *folder* has all that a pick needs; one is enough, as archives have gaps."""
    try:
        return any(statistics.can_run(article) for article in archive.read([folder], ReadingPlan(fields=plan)).articles)
    except ArchiveError:
        return False


def _guessed(folder: str) -> FieldPlan:
    """Return what fields are called in at least half of the files below *folder*, by the names that others use."""
    keys = archive.keys([folder])
    # Half: a name that stands in a few files is more likely to be something else.
    usual = {key for key, count in keys.items() if 2 * count >= max(keys.values())}
    names = []
    for ours, theirs in NAMES.items():
        matching = [name for name in theirs if name in usual]
        # The first of the names is the one of the archive's own format.
        is_there = theirs[0].partition(".")[0] in usual
        if matching and not is_there and ours not in _FOUND_OTHERWISE:
            names.append((ours, matching[0]))
    figure = next((name for name in _FIGURES if name in usual), "")
    return FieldPlan(names=tuple(names), score=((figure, 1.0),) if figure and "heat" not in usual else ())


def settings(name: str, folders: Sequence[str], survey: Survey, plan: FieldPlan = _AS_OURS) -> str:
    """Return the text of a digest.yaml for the newsletter *name* and the archive that *survey* describes.

    *folders* are the archive's, relative to the file, and *plan* says what its fields are called. The text is a valid
    digest.yaml as it is; its comments tell the editor what to change and why a value was chosen.
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
    """Yield the lines that say what fields are called; none where they are called as ours."""
    if plan.names:
        pairs = ", ".join(f"{ours}: {_text(theirs)}" for ours, theirs in plan.names)
        yield f"fields: {{{pairs}}}   # what your files call them"
    for figure, _ in plan.score:
        yield f"score: {_text(figure)}   # what makes a heat; several weigh as {{shares: 1, comments: 2.5}}"


def _contents(survey: Survey) -> str:
    """Return the size of the archive as a comment."""
    span = f", {survey.first} to {survey.last}" if survey.able else ""
    return f"{survey.articles:,} articles, {survey.able:,} of which may run{span}"


def _heat(survey: Survey) -> str:
    """Return the range of heat as the end of a comment; it tells an editor what `min_heat` would leave out.

    Empty where nothing can run, as there is no heat to tell of.
    """
    least, middle, most = map(shown, (survey.heat.least, survey.heat.middle, survey.heat.most))
    return f"; here they have {least} to {most}, half of them {middle} or more" if survey.able else ""


def _outlets(survey: Survey) -> str:
    """Return the share of the provider with most stories, which tells whether `per_provider` matters here."""
    if not survey.providers:
        return ""
    (name, count), others = survey.providers[0], len(survey.providers) - 1
    return f"; here {name} has {count * 100 // survey.able} %, and there are {others} more"


def _sections(survey: Survey) -> Iterator[str]:
    """Yield the lines of `sections`, each with the figures of its topic; topics without one follow as comments.

    A topic that nearly every story carries comes last and takes what the narrow ones leave.
    """
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
    # A dozen to choose from; an archive may have thousands of topics.
    for topic in others[:12]:
        yield f"  # - topic: {_text(topic.name)}   # {_about(topic, survey)}"


def chosen(survey: Survey) -> tuple[list[Topic], list[Topic]]:
    """Return the topics that get a section: narrow ones, most stories first, and the one that most stories carry.

    At most six together, and of the second kind at most one; both may be empty.
    """
    wide = [topic for topic in survey.topics if survey.is_umbrella(topic)][:1]
    often = max(1, round(_OFTEN * len(survey.weeks)))
    narrow = [topic for topic in survey.topics if not survey.is_umbrella(topic) and topic.filled >= often]
    return narrow[: _MOST_SECTIONS - len(wide)], wide


def _about(topic: Topic, survey: Survey) -> str:
    """Return the figures of a topic as a comment."""
    stories = "1 story" if topic.stories == 1 else f"{topic.stories:,} stories"
    return f"{stories}, {topic.filled} of {len(survey.weeks)} weeks, heat {shown(topic.heat.middle)}"


def _text(text: str) -> str:
    """Return *text* as a YAML scalar: bare where that is safe, else in double quotes, as JSON writes them, too."""
    plain = text.replace(" ", "").replace("-", "").replace("_", "").replace(".", "")
    return (
        text
        if plain.isalpha() and text[0].isalpha() and text.casefold() not in _YAML_WORDS
        else json.dumps(text, ensure_ascii=False)
    )


# Words that are no text in YAML 1.1: a topic called `No` would be read as false.
_YAML_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
