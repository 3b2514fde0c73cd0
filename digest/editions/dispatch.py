"""Editions and a target, found and held to what any hand-over is held to. Changes nothing anywhere.

The parts have to be of the week as it is now, the target must take a letter for each reader, the issue for all has to
be there where somebody gets it, and letters that show the stories between them have to pass `check`. An issue whose
readers got it as one letter is not sent as editions.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from digest import checks, pipeline, sending
from digest.editions import common, part_files
from digest.editions.letters import EditionLetters
from digest.editions.marks import hash_of
from digest.errors import NotFit, NothingToSend, SendingError
from digest.issue.folder import IssueFolder
from digest.issue.sent import LOCAL
from digest.mail import claims, options, registry
from digest.mail import ledger as ledgers
from digest.mail.target import ReaderTarget
from digest.model import day_of_issue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from digest.config.settings import Settings
    from digest.editions.letters import Share
    from digest.editions.part_files import PartHead
    from digest.mail.built import BuiltIssue
    from digest.mail.target import Target
    from digest.sending import Job
    from digest.tables.storage import Storage

_CHECKED = 12
"""Most letters that are checked before a run: each takes a tenth of a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """What is asked for: the editions of *issue* to the *target* of that name.

    *only* is one part and of how many, None for all. *insecure*, *dry_run* and *counts* are as `sending.prepare` takes
    them; *also*: whoever has the issue for all is no reader of these.
    """

    issue: str
    target: str
    only: tuple[int, int] | None = None
    insecure: bool = False
    dry_run: bool = False
    counts: bool = False
    also: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionsJob:
    """Editions and one target.

    *job* is as for the issue for all, with one of the letters. *wanted* are the numbers of the parts to be sent, of
    *parts* in all, which stand in *place*. *content* is a hash of all that readers can see.
    """

    job: Job
    settings: Settings
    place: Storage
    parts: int
    wanted: tuple[int, ...]
    letters: EditionLetters
    content: str

    @property
    def is_whole(self) -> bool:
        """Whether all parts are sent."""
        return len(self.wanted) == self.parts


def prepare(settings: Settings, asked: Dispatch) -> EditionsJob:
    """Find editions and target, and refuse what must not leave.

    Raises NotFit where a letter must not go out, NothingToSend where nobody gets one, and another DigestError for what
    the user must fix.
    """
    target, chosen = sending.target_of(settings, asked.target)
    _refuse_one_letter(target, chosen, asked)
    place = part_files.place_of(settings, asked.issue)
    heads = dict(part_files.heads(place))
    wanted = _wanted(place, heads, asked)
    week, _ = common.of(settings, pipeline.window_of(settings, last=day_of_issue(asked.issue)))
    _refuse_other_weeks(place, heads, week.mark)
    general = _general(settings, asked, sum(head.counts.wishless + head.counts.general for head in heads.values()))
    letters = EditionLetters(week, place, general)
    letter = _checked(settings, asked, letters, _to_check(place, wanted), place) or general
    if letter is None:
        raise NothingToSend(place.place, "none of its readers gets a letter", "see what they ask for")
    insecure, out = asked.insecure, settings.out
    job = sending.Job(letter=letter, target=target, options=chosen, plan=settings.send, insecure=insecure, out=out)
    content = hash_of((week.mark, general.hash if general else ""))
    if not asked.dry_run:
        _refuse_what_readers_have(job, content, also=asked.also)
    return EditionsJob(
        job=job,
        settings=settings,
        place=place,
        parts=len(heads),
        wanted=wanted,
        letters=letters,
        content=content,
    )


def refuse_sent_editions(settings: Settings, issue: str) -> None:
    """Refuse to send an issue to all whose editions readers have, or may have. Raises SendingError."""
    place = part_files.place_of(settings, issue)
    if claims.anybody_has(place):
        raise SendingError(place.place, *sending.WENT_AS_EDITIONS)


def _refuse_one_letter(target: type[Target], chosen: options.Options, asked: Dispatch) -> None:
    """Refuse a target that takes one letter for all readers. Raises SendingError."""
    place = f"targets.{chosen.name}"
    if not issubclass(target, ReaderTarget) or not target.ABLE.editions:
        problem = f"{chosen.kind} takes one letter for all readers, and editions are many"
        raise SendingError(place, problem, "name a target that takes a message a reader, such as smtp")
    if chosen.kind in LOCAL and not (asked.dry_run or asked.counts):
        # Claims cannot be taken back, and would keep readers from the real message.
        raise SendingError(place, f"{chosen.kind} reaches nobody", "use --dry-run to look at the messages")


def _wanted(place: Storage, heads: Mapping[int, PartHead], asked: Dispatch) -> tuple[int, ...]:
    """Return the numbers of the parts to be sent. Raises SendingError where one of all parts is not there."""
    remedy = f"run digest editions --date {day_of_issue(asked.issue)} first"
    if not heads:
        raise SendingError(place.place, "no editions stand there", remedy)
    count = max(head.parts for head in heads.values())
    if asked.only and asked.only[1] != count:
        problem = f"there are {count} parts"
        raise SendingError(f"--part {asked.only[0]}/{asked.only[1]}", problem, f"write it like {1}/{count}")
    missing = [str(number) for number in range(1, count + 1) if number not in heads]
    if missing:
        named = ", ".join(missing[:5]) + (", …" if missing[5:] else "")
        are = "is" if len(missing) == 1 else "are"
        raise SendingError(place.place, f"{len(missing)} of {count} parts {are} missing: {named}", remedy)
    return (asked.only[0],) if asked.only else tuple(range(1, count + 1))


def _refuse_other_weeks(place: Storage, heads: Mapping[int, PartHead], mark: str) -> None:
    """Refuse parts that were made of other things than there are now. Raises SendingError."""
    other = next((number for number, head in heads.items() if head.week_mark != mark), None)
    if other is None:
        return
    remedy = f"{part_files.remedy(place)}; nothing was sent"
    raise SendingError(place.shown(part_files.readers_file(other)), part_files.OTHER_WEEK, remedy)


def _general(settings: Settings, asked: Dispatch, readers: int) -> BuiltIssue | None:
    """Return the issue for all, as it may leave; None where none of the *readers* gets it. Raises as `prepare`."""
    if not readers:
        return None
    folder = IssueFolder.of(settings.out, asked.issue)
    if not folder.is_built:
        gets = "1 reader gets it" if readers == 1 else f"{readers:,} readers get it"
        problem = f"the issue for all is not built, and {gets}"
        raise SendingError(folder.path, problem, f"run digest build --date {day_of_issue(asked.issue)} first")
    job = sending.prepare(
        settings,
        asked.issue,
        asked.target,
        insecure=asked.insecure,
        dry_run=asked.dry_run,
        counts=asked.counts,
    )
    return job.letter


def _to_check(place: Storage, wanted: Sequence[int]) -> list[Share]:
    """Return the editions to check: the longest, that of most readers, and then such as show more of the stories.

    Each story stands in one of them, unless there are so many that _CHECKED editions cannot show them.
    """
    shown: set[str] = set()
    showing: list[Share] = []
    sizes: Counter[Share] = Counter()
    readers: Counter[Share] = Counter()
    for part in wanted:
        gets = Counter(row.edition for row in part_files.readers(place, part))
        rows = part_files.editions(place, part).values()
        paths_of = {row.name: {path for _, paths in row.sections for path in paths} for row in rows}
        for name, paths in sorted(paths_of.items(), key=lambda named: (-len(named[1]), named[0])):
            if len(showing) < _CHECKED and not paths <= shown:
                showing.append((part, name))
                shown |= paths
        for counts, own in ((sizes, {name: len(paths) for name, paths in paths_of.items()}), (readers, gets)):
            counts.update({(part, name): count for name, count in own.items() if name in paths_of})
    first = [share for counts in (sizes, readers) for share, _ in counts.most_common(1)]
    return list(dict.fromkeys([*first, *showing]))[:_CHECKED]


def _checked(
    settings: Settings, asked: Dispatch, letters: EditionLetters, shares: Sequence[Share], place: Storage
) -> BuiltIssue | None:
    """Hold the editions *shares* to `digest check`, and return the letter of the first. Raises NotFit."""
    target, chosen = sending.target_of(settings, asked.target)
    leaves = not asked.dry_run and not options.stays_here(chosen, insecure=asked.insecure or asked.counts)
    for share in shares:
        findings = checks.check(letters.files(share), leaves=leaves, waivers=settings.waivers)
        edition = f"{place.shown(part_files.editions_file(share[0]))}: edition {share[1]}"
        if any(finding.stops for finding in findings):
            raise NotFit(f"{edition}: {finding.rule}: {finding}" for finding in findings if finding.stops)
        # What the service cannot express is told before anything leaves, too.
        registry.translated_for(target, letters.letter(share), name=chosen.name)
    return letters.letter(shares[0]) if shares else None


def _refuse_what_readers_have(job: Job, content: str, *, also: bool) -> None:
    """Refuse where readers have the issue for all, unless *also*, or editions of another content. Raises SendingError.

    By sent.json, and by the ledger where that is lost.
    """
    so_far = job.place.handed_over
    for hand_over in so_far.hand_overs if so_far else ():
        if hand_over.editions and hand_over.content != content:
            problem = "its editions were sent with other content before"
            raise SendingError(job.folder, problem, "bring back what they and the issue for all were made of")
        if not hand_over.editions and hand_over.kind not in LOCAL and not also:
            to = f"to {hand_over.target} on" if hand_over.target else "by hand,"
            _refuse_twice(job.folder, f"was handed over {to} {hand_over.at[:10]} as one letter for all")
    with ledgers.snapshot(job.plan.ledger, job.letter.label) as ledger:
        for handover in ledger.handovers(job.letter.issue, job.letter.label):
            if not also and any(ledger.carried(handover)):
                problem = f"says that readers have issue {job.letter.issue} by {handover.target}, as one letter for all"
                _refuse_twice(job.plan.ledger, problem)


def _refuse_twice(place: str, problem: str) -> NoReturn:
    remedy = "its readers would get the week twice; if these are other readers, say so with --also"
    raise SendingError(place, problem, remedy)
