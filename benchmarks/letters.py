"""How near issues come to real letters: nDCG@2 of weeks that are built one after the other, as an editor lives them.

    python benchmarks/letters.py ARCHIVES LETTERS [--select '{half_life: 3}']

ARCHIVES has a folder a week, called like its day, with the archive as it stood then. LETTERS has the letter of each
week, a file whose name ends in that day, whatever its format: its stories are the articles of the week's archive whose
title or address stands in it. Without both there is nothing to measure, and nothing is.

Issues have one section of two slots for everything. A pick that the letter ran is worth 1, at the second place 0.63;
nDCG@2 is that against the best two picks, and weeks whose letter ran no story of the archive count for nothing. Beside
it stands how many letters each week alone gives, and what became of late stories.
"""

from __future__ import annotations

import argparse
import html
import math
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from digest import archive, pipeline
from digest.analysis import replay
from digest.config import settings
from digest.model import Past

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.model import Article, Issue, Window

SLOTS = 2
NDCG, LETTERS_MISSED, CHOICES_MISSED = 0.95, 1, 1
"""The goals: the least nDCG, the most letters and the most weeks with a choice that come out otherwise."""


@dataclass(frozen=True)
class Week:
    """One week: the paths that the letter ran, and the issues that are chosen in a row and alone."""

    letter: tuple[str, ...]
    issue: Issue
    alone: Issue

    @property
    def ndcg(self) -> float | None:
        """How good the picks are against the letter; None where it ran nothing."""
        best = sum(map(_gain, range(min(SLOTS, len(self.letter)))))
        picks = enumerate(_picks(self.issue))
        return sum(_gain(place) for place, path in picks if path in self.letter) / best if best else None

    @property
    def is_same(self) -> bool:
        """Whether the week alone gives the stories of the letter."""
        return set(_picks(self.alone)) == set(self.letter)

    @property
    def has_choice(self) -> bool:
        """Whether more stories may run than there are slots."""
        return sum(verdict.rule in {"picked", "limit"} for verdict in self.alone.verdicts) > SLOTS


def _gain(place: int) -> float:
    return 1 / math.log2(place + 2)


def _picks(issue: Issue) -> list[str]:
    return [pick.article.path for pick in issue.picks][:SLOTS]


def main() -> int:
    """Measure, print, and return 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", metavar="ARCHIVES LETTERS")
    parser.add_argument("--select", default="{}", help="settings of `select`, in YAML")
    options = parser.parse_args()
    if len(options.folders) != 2 or not all(map(_is_folder, options.folders)):
        print("skipped: name a folder with an archive a week, and one with their letters")
        return 0
    archives, letters = map(Path, options.folders)
    weeks = _weeks(archives, letters, options.select)
    for week in weeks:
        _print_week(week)
    return _summary(weeks)


def _is_folder(name: str) -> bool:
    return Path(name).is_dir()


def _weeks(archives: Path, letters: Path, select: str) -> list[Week]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "digest.yaml")
        section = f"{{title: All, match: {{path: '*'}}, limit: {SLOTS}}}"
        file.write_text(f"archive: '{archives.resolve()}/{{id}}'\nsections: [{section}]\nselect: {select}\n", "utf-8")
        loaded = settings.load(str(file))
        windows = replay.windows(loaded, first=None, last=None, count=None)
        played = replay.play([("letters", loaded)], windows)[0]
        return [
            Week(
                letter=_letter(letters, window, archive.read([str(archives / window.issue_id)]).articles),
                issue=week.issue,
                alone=pipeline.select(
                    loaded, window, past=Past(), read=replay.ArchiveByWeek(loaded, [window]).reader(window)
                ).issue,
            )
            for window, week in zip(windows, played.weeks, strict=True)
        ]


def _letter(letters: Path, window: Window, articles: Sequence[Article]) -> tuple[str, ...]:
    """Return the paths of the articles whose title or address stands in the letter of *window*."""
    files = [file for file in letters.iterdir() if file.stem.endswith(window.issue_id)]
    text = " ".join(html.unescape(" ".join(file.read_text("utf-8") for file in files)).split())
    return tuple(
        article.path for article in articles if article.title in text or any(url in text for url in article.addresses)
    )


def _print_week(week: Week) -> None:
    """Print the figure of a week, and below it what only the letter or only the issue has."""
    figure = "  -  " if week.ndcg is None else f"{week.ndcg:.3f}"
    alone = "as the letter" if week.is_same else "otherwise"
    print(f"{week.issue.id}  nDCG@{SLOTS} {figure}  alone {alone}{', with a choice' if week.has_choice else ''}")
    verdicts = {verdict.article.path: verdict for verdict in week.issue.verdicts}
    for path in week.letter:
        if path not in _picks(week.issue):
            why = f"{verdicts[path].rule}: {verdicts[path].because}" if path in verdicts else "no candidate"
            print(f"    letter  {path} [{why}]")
    for pick in week.issue.picks[:SLOTS]:
        if pick.article.path not in week.letter:
            print(f"    issue   {pick.article.path} (heat {pick.article.heat}{', late' if pick.late else ''})")


def _summary(weeks: Sequence[Week]) -> int:
    figures = [week.ndcg for week in weeks if week.ndcg is not None]
    ndcg = sum(figures) / max(len(figures), 1)
    same, choices = sum(week.is_same for week in weeks), [week for week in weeks if week.has_choice]
    chosen = sum(week.is_same for week in choices)
    print(f"nDCG@{SLOTS} {ndcg:.3f} over {len(figures)} weeks (goal {NDCG})")
    print(f"letters {same} of {len(weeks)}, with a choice {chosen} of {len(choices)} (goal: all but one)")
    _print_late(weeks)
    missed = (ndcg < NDCG, len(weeks) - same > LETTERS_MISSED, len(choices) - chosen > CHOICES_MISSED)
    return int(any(missed))


def _print_late(weeks: Sequence[Week]) -> None:
    """Print what became of the stories that came late: none may wait while a slot is free."""
    ran = {path for week in weeks for pick in week.issue.picks for path in _of(pick.story.lead, *pick.story.others)}
    late: dict[str, str] = {}
    passed_over = 0
    for week in weeks:
        waiting = [verdict for verdict in week.issue.verdicts if _is_late(verdict.article, week.issue.window)]
        late.update((verdict.article.path, verdict.rule) for verdict in waiting)
        if len(week.issue.picks) < SLOTS:
            passed_over += sum(verdict.rule == "limit" for verdict in waiting)
    never = [rule for path, rule in late.items() if path not in ran]
    print(
        f"late stories {len(late)}: {len(late) - len(never)} ran, {never.count('over')} were over, "
        f"{never.count('limit')} found no slot in their days, {passed_over} waited while one was free"
    )


def _of(*articles: Article) -> list[str]:
    return [article.path for article in articles]


def _is_late(article: Article, window: Window) -> bool:
    return article.published_at is not None and article.published_at < window.starts_at


if __name__ == "__main__":
    sys.exit(main())
