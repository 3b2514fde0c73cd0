"""First settings for an archive: a commented digest.yaml that fits what its articles hold. Writes no file.

What the articles tell is taken from them: folders, names of fields, language, topics that fill a section. What they
cannot tell, such as the sender and the postal address, is a placeholder that says so, and `digest send` sends none of
them. The comments give the figures behind each choice, because the file is where an editor will change it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.config import values
from digest.config.settings import mailbox
from digest.config.values import DEFAULT_LIMIT, FieldPlan
from digest.text.numbers import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.analysis.statistics import Survey, Topic
    from digest.config.values import SitePlan

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

_AS_OURS = FieldPlan()

# Six sections of three stories, as in the sample issue: such a letter stays below the size that Gmail clips.
_MOST_SECTIONS = 6
_SLOTS = DEFAULT_LIMIT

# The share of the weeks in which a topic must have stories to get a section; a rarer one would mostly be left out.
_OFTEN = 0.3

_NEARLY_ALL = 0.9
"""The share of the stories that a topic must have for its section to take what others leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What else was chosen: the letter's *language*, by default that of most articles, and how stories are chosen.

    Without *needs_heat* they are ordered by something else, without *with_sections* each week has sections of its own.
    """

    language: str = ""
    needs_heat: bool = True
    with_sections: bool = True


_BY_HEAT = Choices()


def settings(
    name: str, folders: Sequence[str], survey: Survey, plan: FieldPlan = _AS_OURS, choices: Choices = _BY_HEAT
) -> str:
    """Return the text of a digest.yaml for the newsletter *name* and the archive that *survey* describes.

    *folders* are the archive's, relative to the file, and *plan* says how it is read. The text is a valid digest.yaml
    as it is; its comments tell the editor what to change and why a value was chosen.
    """
    language = choices.language or (survey.languages[0][0] if survey.languages else "en")
    lines = [
        "# Settings of this newsletter; `digest init` wrote them after a look at the archive.",
        "# Every key has a default, and every mistake is told with its line.",
        "",
        "newsletter:",
        f"  name: {_text(name)}",
        f"  from: {_text(mailbox(name, values.MAILBOX))}   # change: your sender",
        f"  language: {language}   # of the letter's own words; stories keep theirs",
        f"  timezone: {plan.zone}   # where a day begins and ends, such as Europe/Berlin",
        f"  address: {values.POSTAL}   # change: the law asks for a postal address",
        f"  web: {values.WEB}   # change: where `digest site` puts an issue",
        f"  unsubscribe: {values.UNSUBSCRIBE}   # change",
        "  # tagline: A line under the name   # also logo, signature, first_number …: docs/settings.md",
        "",
        f"archive: [{', '.join(map(_text, folders))}]   # {_contents(survey)}",
        *_names(plan),
        *_site(plan.site),
        "window: {days: 7}",
        "",
        *_sections(survey, choices),
        "",
        "select:",
        _order(survey, needs_heat=choices.needs_heat),
        "  # per_provider: 3   # most stories that one outlet leads in an issue" + _outlets(survey),
        "  # mute: [{title: market * forecast}]   # what never runs: by title, provider, path, topic or quality_below",
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


def _site(site: SitePlan) -> Iterator[str]:
    """Yield the lines of the site that articles without an address belong to; none without one."""
    if not site.address:
        return
    yield "site:   # of articles that do not say where they stand; docs/archive.md has what may be in a pattern"
    yield f"  address: {_text(site.address)}"
    if site.permalink:
        yield f"  permalink: {_text(site.permalink)}"
    if site.as_written:
        yield "  dates: written   # the day in an address is of the zone that the file writes it in"
    if site.languages:
        yield f"  languages: [{', '.join(map(_text, site.languages))}]   # the endings of names like post.de.md"
    if site.folders:
        yield "  folders:"
        yield from (f"    {_text(folder)}: {_text(pattern)}" for folder, pattern in site.folders)


def _order(survey: Survey, *, needs_heat: bool) -> str:
    """Return the line that says what stories are ordered by, or with heat from which one on they run."""
    if needs_heat:
        return "  min_heat: 0   # no story below this runs" + _heat(survey)
    keys = ", ".join(values.WITHOUT_HEAT)
    return f"  order: [{keys}]   # without figures for heat: what most outlets tell, then the latest"


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


def _sections(survey: Survey, choices: Choices) -> Iterator[str]:
    """Yield the lines of `sections`, each with the figures of its topic; topics without one follow as comments.

    A topic that nearly every story carries comes last and takes what the narrow ones leave.
    """
    narrow, wide = chosen(survey) if choices.with_sections else ([], [])
    others = [topic for topic in survey.topics if topic not in (*narrow, *wide)]
    heat = ", and their middle heat" if choices.needs_heat else ""
    yield f"# Topics with their stories{', ' if heat else ' and '}in how many of the last weeks they had one{heat}."
    yield "# A section below its min is left out of that week (thin: keep, or widen: {days: 7}, are the other ways)."
    if not narrow and not wide:
        yield "# No topics hold most stories, so that sections follow each week: the topics of its first stories."
        yield "# sections: [{topic: AI, limit: 3}]"
        return
    yield "sections:"
    for topic in (*narrow, *wide):
        yield f"  - topic: {_text(topic.name)}   # {_about(topic, survey, needs_heat=choices.needs_heat)}"
        # Where one topic takes what the others leave, a lone story stands there and has no heading of its own.
        takes_lone = any(umbrella.stories >= _NEARLY_ALL * survey.able for umbrella in wide)
        yield f"    limit: {2 * _SLOTS if topic in wide and (takes_lone or not narrow) else _SLOTS}"
        yield f"    min: {2 if takes_lone and topic in narrow else 1}"
    # A dozen to choose from; an archive may have thousands of topics.
    for topic in others[:12]:
        yield f"  # - topic: {_text(topic.name)}   # {_about(topic, survey, needs_heat=choices.needs_heat)}"


def chosen(survey: Survey) -> tuple[list[Topic], list[Topic]]:
    """Return the topics that get a section: narrow ones, most stories first, and the one that most stories carry.

    At most six together, and of the second kind at most one; both may be empty.
    """
    wide = [topic for topic in survey.topics if survey.is_umbrella(topic)][:1]
    often = max(1, round(_OFTEN * len(survey.weeks)))
    # A topic that never had a second story is no section.
    topics = [topic for topic in survey.topics if topic.stories > 1 and topic.filled >= often]
    narrow = [topic for topic in topics if not survey.is_umbrella(topic)]
    return narrow[: _MOST_SECTIONS - len(wide)], wide


def _about(topic: Topic, survey: Survey, *, needs_heat: bool) -> str:
    """Return the figures of a topic as a comment."""
    stories = "1 story" if topic.stories == 1 else f"{topic.stories:,} stories"
    heat = f", heat {shown(topic.heat.middle)}" if needs_heat else ""
    return f"{stories}, {topic.filled} of {len(survey.weeks)} weeks{heat}"


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
