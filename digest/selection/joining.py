"""The editor's joins and splits: articles that are one story, or one of their own, whatever the rule says.

A split comes first: its article is tied to nothing, by an address neither. Then the rule makes its stories, and then a
join makes one of those that it names, whole: it never takes an article out of the story that the rule put it in. So
neither the order of the lines nor that of the articles matters.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from digest.errors import EditsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from digest.model import Edits, Verdict

JOINED = "the editor joined them"
SPLIT = "the editor split it off"


def united(groups: Sequence[Sequence[int]], joins: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return *groups* with those made one that hold numbers of one join; the numbers and the groups in order."""
    if not joins:
        return sorted(sorted(group) for group in groups)
    members = {place: list(group) for place, group in enumerate(groups)}
    place_of = {number: place for place, group in members.items() for number in group}
    for join in joins:
        for number in join[1:]:
            small, large = sorted((place_of[join[0]], place_of[number]), key=lambda place: len(members[place]))
            if small == large:
                continue
            # The small into the large, so that the work stays n log n however many joins there are.
            for moved in members[small]:
                place_of[moved] = large
            members[large].extend(members.pop(small))
    return sorted(sorted(group) for group in members.values())


def contradictions(edits: Edits, by_name: Mapping[str, str]) -> list[str]:
    """Return a line for each join that names one article alone, and for each article both joined and split.

    *by_name* has the paths of what *edits* name.
    """
    places = defaultdict(lambda: "edits", edits.places)
    problems = [
        f"{places[f'join: {join[0]}']}: {join[0]!r} and {join[-1]!r} are one article; join it to another, or take the "
        "line out"
        for join in edits.joins
        if len({by_name[name] for name in join if name in by_name}) == 1 and all(name in by_name for name in join)
    ]
    joined = {by_name[name]: name for join in edits.joins for name in join if name in by_name}
    for name in edits.splits:
        other = joined.get(by_name.get(name, ""))
        if other is not None:
            problems.append(
                f"{places[f'split: {name}']}: {name!r} is split off here and joined at {places[f'join: {other}']}; "
                "take one of them out"
            )
    return problems


def resolved(edits: Edits, by_name: Mapping[str, str]) -> Edits:
    """Return *edits* with what they join and split named by path."""
    return replace(
        edits,
        joins=tuple(tuple(by_name[name] for name in join) for join in edits.joins),
        splits=tuple(by_name[name] for name in edits.splits),
    )


def candidates_only(written: Edits, by_path: Edits, candidates: AbstractSet[str]) -> None:
    """Raise EditsError for each article joined or split that is none of *candidates*, by its path.

    *written* are the edits as they stand in the file, *by_path* the same by path.
    """
    asked = {*by_path.splits, *(path for join in by_path.joins for path in join)}
    strangers = sorted(asked - candidates)
    if not strangers:
        return
    # The name in the file may be another one than the path: an address or a title.
    pairs = [*zip(written.joins, by_path.joins, strict=True), (written.splits, by_path.splits)]
    named = {path: name for names, paths in pairs for name, path in zip(names, paths, strict=True)}
    places = dict(written.places)
    lines = [places.get(f"join: {named[path]}", places.get(f"split: {named[path]}", "edits")) for path in strangers]
    raise EditsError(
        f"{line}: {path!r} is no candidate of this issue, so it cannot be joined or split; pin it to bring it in, or "
        "take it out of the line"
        for path, line in zip(strangers, lines, strict=True)
    )


def remarked(
    verdicts: Iterable[Verdict], edits: Edits, unable: AbstractSet[str], near_misses: Mapping[str, object]
) -> list[Verdict]:
    """Return *verdicts* with a word on each join and split that changes nothing, and why.

    *unable* are the paths of what may not run, which is out before anybody asks what story it tells.
    """
    joined = {path for join in edits.joins for path in join}
    split = frozenset(edits.splits)

    def remark(verdict: Verdict) -> Verdict:
        path = verdict.article.path
        if path in joined and path in unable:
            return _with(verdict, f"{JOINED} with another, which counts for nothing while it may not run")
        if path in split and path in unable:
            return _with(verdict, f"{SPLIT}, which counts for nothing while it may not run")
        if path in split and path not in near_misses:
            return _with(verdict, f"{SPLIT}, though nothing ties it to another story")
        return verdict

    return [remark(verdict) for verdict in verdicts] if joined or split else list(verdicts)


def _with(verdict: Verdict, remark: str) -> Verdict:
    return replace(verdict, because=f"{verdict.because}; {remark}")
