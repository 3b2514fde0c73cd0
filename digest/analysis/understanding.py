"""What `digest init` understands of a stranger's folder: where articles stand, what fields are called, what may run.

    folder ─▶ generators (settings of the site) ─▶ which folders hold articles ─▶ names of fields, addresses
           ─▶ Understanding ─▶ in words here; starter makes a digest.yaml of it

What the owner says comes first, then what the settings of the site's generator say, then what the articles show.
Nothing is written, and articles of the future (a year that is mistyped) decide nothing.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from digest import archive, pipeline
from digest.analysis import field_names, generators, own_links, site_paths, starter, statistics
from digest.config.values import FieldPlan, ReadingPlan, Rules
from digest.errors import ArchiveError
from digest.records import adverts, filenames, permalinks
from digest.records.permalinks import OwnPost

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from digest.analysis.generated_site import Generator
    from digest.analysis.statistics import Survey
    from digest.archive import Archive
    from digest.config.settings import Settings
    from digest.model import Article, Issue
    from digest.records.frontmatter import Post

# Folders of a newsletter that hold no archive: what is built, edited and sent stands in them.
_SKIPPED = frozenset({"out", "edits", "templates", "site", "outbox", "handed-over"})

_SAMPLES = 3_000
"""Most files whose fields and links are looked at one by one; of more, every second, third …"""

_MOST_RAN = 0.5
"""The share of articles that must have a heat for an order by heat: of those without, none would ever run."""


_MOST_HELD = 0.8
"""The share of all stories that sections by topic must hold to be written down; else they follow each week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """What the owner says of the newsletter by options; empty where the look is to tell."""

    site: str = ""
    language: str = ""
    timezone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """A folder as it was understood.

    *folders* are those of the archive, relative to it. *lacks* counts what keeps articles from running, in words, and
    *later* those dated after today. *with_sections*: the commonest topics hold most stories. *day* is one on which the
    archive has a full week, None where nothing can run.
    """

    generator: Generator
    folders: tuple[str, ...]
    plan: FieldPlan
    language: str
    read: Archive
    rows: tuple[field_names.Row, ...]
    survey: Survey
    needs_heat: bool
    with_sections: bool
    lacks: tuple[tuple[str, int], ...]
    later: int
    day: date | None


def look(folder: str, owner: Owner, today: Callable[[str], date]) -> Understanding | None:
    """Return what *folder* is understood to hold; None where no file below it is an article with a date.

    *today* gives the day it is in a time zone.
    """
    generator = generators.recognised(folder, owner.language)
    if owner.language:
        generator = replace(generator, language=owner.language)
    base = FieldPlan(
        names=generator.names,
        zone=owner.timezone or generator.timezone or "UTC",
        site=replace(generator.site, address=owner.site or generator.site.address),
    )

    # Most looks ask for the same files in the same way again; a large archive takes seconds.
    @cache
    def read(folders: tuple[str, ...], plan: FieldPlan) -> Archive:
        return archive.read([os.path.join(folder, name) for name in folders], ReadingPlan(fields=plan))

    for candidates in filter(None, (_of_generator(folder, generator), _below(folder), (".",))):
        plan, folders = base, _holding(read, candidates, base)
        if not folders:
            plan = _guessed(folder, candidates, base)
            folders = _holding(read, candidates, plan)
        if folders:
            folders = folders if generator.name else _deeper(read, folders, plan)
            plan, rows = _plan(read, folder, folders, _fitted(plan, folders, generator), generator)
            return _understood(read(folders, plan), folders, generator, (plan, rows), today(plan.zone))
    return None


_Reader = Callable[[tuple[str, ...], FieldPlan], "Archive"]
"""Reads folders of the one that is looked at, by a plan."""


def _of_generator(folder: str, generator: Generator) -> tuple[str, ...]:
    """Return the folders in which the site's generator looks for articles, as far as they are there."""
    return tuple(name for name in generator.content if os.path.isdir(os.path.join(folder, name)))


def _below(folder: str) -> tuple[str, ...]:
    """Return the folders right below *folder* that may hold articles."""
    # Links are not followed, as they may lead around in a circle or out of what the user meant.
    return tuple(
        sorted(
            entry.name
            for entry in os.scandir(folder)
            if entry.is_dir(follow_symlinks=False) and filenames.is_archive(entry.name) and entry.name not in _SKIPPED
        )
    )


def _holding(read: _Reader, candidates: Sequence[str], plan: FieldPlan) -> tuple[str, ...]:
    """Return those of *candidates* that hold articles that can run if fields are called as in *plan*.

    Where no article has an address, those that hold articles with a date: their site is not known yet.
    """
    able, dated = [], []
    for name in candidates:
        try:
            articles = read((name,), plan).articles
        except ArchiveError:
            continue
        # One is enough, as archives have gaps.
        if any(statistics.can_run(article, statistics.UNRANKED) for article in articles):
            able.append(name)
        elif any(article.published_at for article in articles):
            dated.append(name)
    return tuple(able or dated)


def _deeper(read: _Reader, folders: tuple[str, ...], plan: FieldPlan) -> tuple[str, ...]:
    """Return the one of *folders* as deep as the folder of a generator in it that holds all its articles.

    A repository may have the site in any folder: of `apps/web/src/content/news` the first three are no part of it.
    """
    if len(folders) != 1:
        return folders
    parts = [article.path.split("/")[:-1] for article in read(folders, plan).articles if article.published_at]
    # Of the first and the last in order the shared beginning is shared by all between them.
    shared = [part for part, other in zip(min(parts), max(parts), strict=False) if part == other] if parts else []
    roots = [place for place, part in enumerate(shared) if part in permalinks.ROOTS]
    return (os.path.normpath("/".join([*folders, *shared[: roots[-1] + 1]])),) if roots else folders


def _fitted(plan: FieldPlan, folders: Sequence[str], generator: Generator) -> FieldPlan:
    """Return *plan* with the patterns of addresses as they hold for an archive of *folders*."""
    return replace(plan, site=site_paths.fitted(plan.site, folders, generator.root))


def _plan(
    read: _Reader, folder: str, folders: tuple[str, ...], plan: FieldPlan, generator: Generator
) -> tuple[FieldPlan, tuple[field_names.Row, ...]]:
    """Return how the articles in *folders* are read, with addresses by their own links where no settings tell."""
    samples = tuple(archive.samples([os.path.join(folder, name) for name in folders], _SAMPLES))
    plan = field_names.named(samples, plan)
    articles = read(folders, plan).articles
    if plan.site.address and (generator.guessed or not plan.site.permalink):
        texts = ((path, post.body) for path, post in samples)
        unset = replace(plan.site, permalink="")
        site = own_links.site_with_pattern(unset, texts, _own_posts(samples, articles, plan))
        pattern = site.permalink or plan.site.permalink or site_paths.usual_pattern(folders, generator.root)
        plan = replace(plan, site=replace(site, permalink=pattern))
        articles = read(folders, plan).articles
    able = [article for article in articles if statistics.can_run(article, statistics.UNRANKED)]
    return plan, tuple(field_names.rows(samples, able or articles, plan))


def _understood(
    read: Archive,
    folders: tuple[str, ...],
    generator: Generator,
    fields: tuple[FieldPlan, tuple[field_names.Row, ...]],
    now: date,
) -> Understanding:
    """Return what the articles in *folders* show, read by the plan in *fields*; *now* is today."""
    plan, rows = fields
    past = [article for article in read.articles if not _is_later(article, plan.zone, now)]
    able = [article for article in past or read.articles if statistics.can_run(article, statistics.UNRANKED)]
    needs_heat = sum(article.heat is not None for article in able) > _MOST_RAN * len(able)
    rules = Rules() if needs_heat else statistics.UNRANKED
    survey = statistics.of(read.articles, timezone=plan.zone, rules=rules, today=now)
    return Understanding(
        generator=generator,
        folders=folders,
        plan=plan,
        language=generator.language or _language_of(survey),
        read=read,
        rows=rows,
        survey=survey,
        needs_heat=needs_heat,
        with_sections=_topics_hold(able, survey),
        lacks=_lacks(read, needs_heat=needs_heat),
        later=len(read.articles) - len(past),
        day=statistics.good_day(read.articles, timezone=plan.zone, rules=rules, today=now),
    )


def _language_of(survey: Survey) -> str:
    """Return the language that most articles name; where most name none, a few may be translations: English then."""
    tag, count = survey.languages[0] if survey.languages else ("", 0)
    return tag if 2 * count > survey.able else "en"


def _topics_hold(able: Sequence[Article], survey: Survey) -> bool:
    """Whether the topics that would get a section hold most stories; else too many would never run."""
    chosen = {topic.name.casefold() for topics in starter.chosen(survey) for topic in topics}
    return sum(not article.topic_keys.isdisjoint(chosen) for article in able) >= _MOST_HELD * len(able)


def _is_later(article: Article, zone: str, today: date) -> bool:
    """Whether an article is dated after today."""
    return bool(article.published_at and article.published_at.astimezone(ZoneInfo(zone)).date() > today)


def _lacks(read: Archive, *, needs_heat: bool) -> tuple[tuple[str, int], ...]:
    """Return how many files cannot run for which reason, each counted once, the commonest first."""
    count: Counter[str] = Counter()
    for article in read.articles:
        if not article.published:
            count["not published"] += 1
        elif article.published_at is None:
            count["without a date"] += 1
        elif article.url is None:
            count["without an address"] += 1
        elif needs_heat and article.heat is None:
            count["without heat"] += 1
        elif adverts.signs(article):
            count["adverts for market reports"] += 1
    count["no article"] = read.files - len(read.articles)
    return tuple((reason, number) for reason, number in count.most_common() if number > 0)


def _own_posts(samples: Sequence[tuple[str, Post]], articles: Sequence[Article], plan: FieldPlan) -> Iterator[OwnPost]:
    """Yield the sampled articles as what an address is made of."""
    zone = ZoneInfo(plan.zone)
    by_path = {article.path: article for article in articles}
    for path, post in samples:
        article = by_path.get(path)
        if article:
            moment = article.published_at.astimezone(zone) if article.published_at else None
            yield OwnPost(path=path, title=article.title, moment=moment, fields=post.fields)


def _guessed(folder: str, candidates: Sequence[str], base: FieldPlan) -> FieldPlan:
    """Return *base* with names for a title and a date, where most files have neither under a name in use."""
    samples = tuple(archive.samples([os.path.join(folder, name) for name in candidates], _SAMPLES))
    return field_names.named(samples, base)


def first_issue(settings: Settings, understanding: Understanding) -> Issue | None:
    """Return the issue of the archive's last full week under *settings*; None where there is none."""
    if understanding.day is None:
        return None
    window = pipeline.window_of(settings, last=understanding.day)
    return pipeline.select(settings, window, read=lambda _: understanding.read, edited=False).issue


def lines(understanding: Understanding) -> list[str]:
    """Return in words what was understood: site, archive, what may run and what the others lack, a table of fields."""
    generator, survey, plan = understanding.generator, understanding.survey, understanding.plan
    site = [plan.site.address, plan.site.permalink] if plan.site.address else ["no address of a site"]
    known = [*filter(None, site), understanding.language, plan.zone]
    source = f"{generator.name} ({generator.file})" if generator.name else "site"
    able = f"{survey.able:,} of {understanding.read.files:,} may run"
    span = f", {survey.first} to {survey.last}" if survey.able else ""
    lacking = ", ".join(f"{count:,} {reason}" for reason, count in understanding.lacks)
    report = [f"{source}: {', '.join(known)}", f"articles in {', '.join(understanding.folders)}: {able}{span}"]
    hint = " (of your own site? say --site https://…)"
    homeless = "without an address" in dict(understanding.lacks) and not plan.site.address
    report += [f"  the others: {lacking}{hint if homeless else ''}"] if lacking else []
    verb = "is" if understanding.later == 1 else "are"
    report += [f"  {understanding.later:,} {verb} dated after today"] if understanding.later else []
    if survey.able and not understanding.needs_heat:
        report += ["no figure for heat: stories that more outlets tell come first, then the latest"]
    wide = max(len(row.called) for row in understanding.rows)
    report += ["", f"{'field':<9} {'from':<{wide}}  examples"]
    report += [
        f"{row.field:<9} {row.called:<{wide}}  {' · '.join(row.examples)}".rstrip() for row in understanding.rows
    ]
    return report


def issue_lines(issue: Issue | None, day: date | None) -> list[str]:
    """Return an issue in words, a line for each section and story."""
    if issue is None or not issue.picks:
        return []
    report = ["", f"the issue of {day} would be:"]
    for section in issue.sections:
        report.append(f"  {section.title}")
        report += [f"    {pick.article.title} ({pick.article.provider.name})" for pick in section.picks]
    return report
