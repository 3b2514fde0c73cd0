"""Choosing a week again and again, each time beside parsing its files, in a process of its own.

    python benchmarks/choosing.py FOLDER RUNS           the first choice of a week
    python benchmarks/choosing.py FOLDER RUNS desk      each change that the desk can make, from the action to the issue
    python benchmarks/choosing.py FOLDER RUNS readers   a reader's own sections out of a week told once, beside `select`
    python benchmarks/choosing.py FOLDER RUNS edited    the same, where the editor pins, drops, moves and orders stories
    python benchmarks/choosing.py FOLDER RUNS rules     a choice by other rules, beside the first choice of the week

Prints as JSON how many candidates there were, and the processor time of each pair: choosing, parsing; of the desk that
of each change by its kind, where every one is another than those before. `bench.py` runs it; what a run has learnt is
forgotten before the next first choice. Readers wish for one to eight topics, and had 120 stories of 1,500 that ran, of
which one in ten is news of this week again.
"""

from __future__ import annotations

import json
import random
import re
import sys
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

import digest.cli  # noqa: F401 - as users have it: the command raises the threshold of the garbage collector
from digest import archive
from digest.config.values import Match, Rules, SectionPlan
from digest.model import Edits, Past, Pin, Ran, SectionChange, Text, Window, Wish
from digest.selection import Tellings, select, wording
from digest.selection.week import ToldWeek
from digest.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.model import Article

WEEK = Window(first=date(2021, 2, 22), last=date(2021, 2, 28))

_KEEPING = type(canonical)
_FENCE = re.compile(rb"^---[ \t]*\r?$", re.MULTILINE)


def forget() -> None:
    """Empty all that our modules keep of what a run has learnt: the next is that of a command that has just begun."""
    ours = [module for name, module in sys.modules.items() if name.startswith("digest.")]
    for kept in {value for module in ours for value in vars(module).values() if isinstance(value, _KEEPING)}:
        kept.cache_clear()
    wording._COMPARED.clear()  # noqa: SLF001 - a mapping, and no cache of functools


def main() -> None:
    """Time the folder and the number of runs that the command line names."""
    folder, runs = Path(sys.argv[1]), int(sys.argv[2])
    read = tuple(archive.read([str(folder)]).articles)
    topics = sorted({topic for article in read for topic in article.topics})[:12]
    plans = tuple(SectionPlan(title=topic, match=Match(any=(topic,)), limit=10) for topic in topics)
    kinds = {"desk": at_the_desk, "readers": for_readers, "edited": for_readers_of_edits, "rules": by_other_rules}
    measured = kinds[sys.argv[3]] if sys.argv[3:] else first_choices
    sys.stdout.write(json.dumps(measured(folder, read, Rules(plans=plans), runs)))


def at_the_desk(_: Path, read: tuple[Article, ...], rules: Rules, runs: int) -> dict[str, object]:
    """Return the seconds of *runs* changes of each kind at a desk where the week has been chosen before."""
    tellings = Tellings()
    issue = select(read, WEEK, rules, tellings=tellings)
    waiting = [verdict.article.path for verdict in issue.verdicts if verdict.rule == "limit"]
    runner, section = issue.picks[0].article.path, issue.sections[0]
    changes: dict[str, Callable[[int], Edits]] = {
        "drop": lambda run: Edits(drops=((issue.picks[run].article.path, "late"),)),
        "move": lambda run: Edits(moves=((waiting[run], section.title),)),
        "order": lambda run: Edits(order=((section.title, (issue.picks[run].article.path,)),)),
        "pin": lambda run: Edits(pins=(Pin(story=waiting[run], section=section.title),)),
        "join": lambda run: Edits(joins=((runner, waiting[run]),)),
        "split": lambda run: Edits(splits=(waiting[run],)),
    }
    seconds: dict[str, list[float]] = {kind: [] for kind in changes}
    for kind, change in changes.items():
        for run in range(runs + 1):
            edits = change(run)
            start = time.process_time()
            select(read, WEEK, rules, None, edits, tellings)
            seconds[kind].append(time.process_time() - start)
    return {"candidates": len(issue.verdicts), "changes": {kind: each[1:] for kind, each in seconds.items()}}


_READERS = 2_000


def for_readers_of_edits(folder: Path, read: tuple[Article, ...], rules: Rules, runs: int) -> dict[str, object]:
    """Return the same as `for_readers`, of an issue with four edits of each kind."""
    titles = [plan.title for plan in rules.plans or ()][:4]
    paths = [pick.article.path for pick in select(read, WEEK, rules).picks[:16]]
    edits = Edits(
        pins=tuple(Pin(story=path, section=title) for path, title in zip(paths[:4], titles, strict=True)),
        drops=tuple((path, "late") for path in paths[4:8]),
        moves=tuple(zip(paths[8:12], titles, strict=True)),
        order=tuple((title, (path,)) for path, title in zip(paths[12:], titles, strict=True)),
        sections=tuple(SectionChange(title=title, style="brief") for title in titles),
    )
    return for_readers(folder, read, rules, runs, edits)


def for_readers(
    _: Path, read: tuple[Article, ...], rules: Rules, runs: int, edits: Edits | None = None
) -> dict[str, object]:
    """Return the seconds of a reader's choice, the mean of many readers', beside those of `select` for one of them.

    Both are asked for the same sections, and the program stops where one of them gives others.
    """
    chance = random.Random(7)
    past = Past(ran=tuple(_ran(run, chance.choice(read), chance) for run in range(1_500)), since=WEEK.first)
    week = ToldWeek(read, WEEK, rules, past, edits=edits)
    topics = [plan.title for plan in rules.plans or ()]
    readers = [
        (Wish(topics=tuple((topic, 3) for topic in chance.sample(topics, chance.randint(1, 8)))), had)
        for had in (sorted(chance.sample(range(1_500), 120)) for _ in range(_READERS))
    ]
    pairs: list[tuple[float, float]] = []
    candidates = 0
    for wish, had in readers[: runs + 1]:
        start = time.process_time()
        for each in readers:
            week.choose(*each)
        middle = time.process_time()
        alone = replace(past, ran=tuple(past.ran[number] for number in had))
        issue = select(read, WEEK, replace(rules, plans=week.plans(wish)), alone, week.edits(wish))
        pairs.append(((middle - start) / _READERS, time.process_time() - middle))
        if issue.sections != week.choose(wish, had):
            raise SystemExit(f"other sections than those of select: {wish}")
        candidates = len(issue.verdicts)
    return {"candidates": candidates, "pairs": pairs[1:]}


def _ran(run: int, article: Article, chance: random.Random) -> Ran:
    """Return a story that ran in one of eight weeks before, now and then the very one of an article of this week."""
    is_same = chance.random() < 0.1
    days = timedelta(days=7 * (8 - run * 8 // 1_500))
    return Ran(
        issue=str(WEEK.last - days),
        day=WEEK.last - days,
        title=article.title if is_same else Text(f"The council of bees hears case {run}"),
        provider=article.provider,
        published_at=article.published_at and article.published_at - days,
        addresses=frozenset(map(canonical, article.addresses if is_same else [f"https://example.com/{run}"])),
        coverage=1,
        excerpt=article.excerpt,
    )


def by_other_rules(_: Path, read: tuple[Article, ...], rules: Rules, runs: int) -> dict[str, object]:
    """Return the seconds of choices by rules that tell the week alike, each beside those of the first choice."""
    others = replace(rules, plans=(rules.plans or ())[::-2], per_provider=2, min_heat=20)
    pairs: list[tuple[float, float]] = []
    candidates = 0
    for _run in range(runs + 1):
        forget()
        tellings = Tellings()
        start = time.process_time()
        candidates = len(select(read, WEEK, rules, tellings=tellings).verdicts)
        middle = time.process_time()
        select(read, WEEK, others, tellings=tellings)
        pairs.append((time.process_time() - middle, middle - start))
    return {"candidates": candidates, "pairs": pairs[1:]}


def first_choices(folder: Path, read: tuple[Article, ...], rules: Rules, runs: int) -> dict[str, object]:
    """Return the seconds of *runs* first choices, each beside those of parsing the front matter of *folder*."""
    matters = [_FENCE.split(file.read_bytes())[1] for file in sorted(folder.glob("*.md"))]
    pairs: list[tuple[float, float]] = []
    candidates = 0
    for _ in range(runs + 1):
        forget()
        start = time.process_time()
        candidates = len(select(read, WEEK, rules).verdicts)
        middle = time.process_time()
        for matter in matters:
            yaml.load(matter, yaml.CSafeLoader)
        pairs.append((middle - start, time.process_time() - middle))
    return {"candidates": candidates, "pairs": pairs[1:]}


if __name__ == "__main__":
    main()
