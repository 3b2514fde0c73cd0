"""What is handed over, to which target, and with which ledger: found, checked, and refused where it must not leave.

An issue is refused that `check` finds an error in, whose stories ran elsewhere since it was built, or that others have
in a way which no ledger can tell. A ledger that does not know what sent.json knows is refused, because it would let
readers be written to again. `prepare` changes nothing anywhere.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest import checks
from digest.config.values import TargetPlan
from digest.errors import NotFit, SendingError
from digest.issue import memory, sent
from digest.issue.folder import IssueFolder
from digest.mail import built, ledger_file, options, registry
from digest.mail import ledger as ledgers
from digest.mail.ledger import Edition
from digest.mail.target import CampaignService, FileTarget
from digest.model import day_of_issue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.config.settings import Settings
    from digest.config.values import SendPlan
    from digest.issue.sent import HandOver
    from digest.mail.built import BuiltIssue
    from digest.mail.ledger import Ledger
    from digest.mail.target import Target


WENT_AS_EDITIONS = (
    "went to readers as editions, and some of them would get it twice",
    "--editions goes on with those; if these are other readers, say so with --also",
)
"""What is wrong where an issue is to be sent to all whose editions readers have, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One issue and one target, both found and checked.

    *letter* is the issue as it was built; *target* a class, made for each step with the options and the letter of that
    step. *insecure* allows a connection in the clear to this machine. *out* is where the issues stand.
    """

    letter: BuiltIssue
    target: type[Target]
    options: options.Options
    plan: SendPlan
    insecure: bool
    out: str

    @property
    def name(self) -> str:
        """The target's name in the settings."""
        return self.options.name

    @property
    def place(self) -> IssueFolder:
        """The folder of the issue, with its record and what was sent of it."""
        return IssueFolder.of(self.out, self.letter.issue)

    @property
    def folder(self) -> str:
        """The path of that folder."""
        return self.place.path

    @property
    def edition(self) -> Edition:
        """What the ledger knows the issue by."""
        return Edition(newsletter=self.letter.label, issue=self.letter.issue, content=self.letter.hash)

    @property
    def before(self) -> HandOver | None:
        """What sent.json says was handed to this target before, None for nothing. Raises RecordError."""
        so_far = self.place.sent
        return so_far.to(self.name) if so_far else None


def prepare(
    settings: Settings,
    issue: str,
    target: str,
    *,
    insecure: bool = False,
    dry_run: bool = False,
    counts: bool = False,
) -> Job:
    """Find the issue of that day and the *target* of that name, and hold the issue to `digest check`.

    With *dry_run* nothing leaves this machine, so that placeholders in the settings are no error; *counts* says the
    same of a server on this machine whose readers are only counted, so that counting needs no --insecure.

    Raises NotFit where the issue must not go out, else SendingError or SettingsError; nothing was changed then.
    """
    place = IssueFolder.of(settings.out, issue)
    folder, letter = place.path, built.read(place)
    # Before `check`, which takes longer: a mistake in the target's options is told at once.
    target_class, chosen = target_of(settings, target)
    leaves = not dry_run and not options.stays_here(chosen, insecure=insecure or counts)
    findings = checks.check(checks.load(folder), leaves=leaves, waivers=settings.waivers)
    if any(finding.stops for finding in findings):
        raise NotFit(f"{folder}: {finding.rule}: {finding}" for finding in findings if finding.stops)
    # Where it was handed over already, its stories are rightly remembered: of this very issue.
    if place.handed_over is None:
        _refuse_repeats(settings, issue)
    return Job(
        letter=letter, target=target_class, options=chosen, plan=settings.send, insecure=insecure, out=settings.out
    )


def target_of(settings: Settings, target: str) -> tuple[type[Target], options.Options]:
    """Return the class of the *target* of that name, and its options. Raises SettingsError."""
    plan = next((plan for plan in settings.targets if plan.name == target), TargetPlan(name=target, kind=target))
    target_class = registry.find(plan, named=[plan.name for plan in settings.targets])
    return target_class, options.Options(plan, target_class.OPTIONS)


def _refuse_repeats(settings: Settings, issue: str) -> None:
    """Refuse an issue with stories that readers got with another one since it was built. Raises SendingError."""
    again = memory.repeats(settings, issue)
    if again:
        names = ", ".join(sorted({ran.issue for _, ran in again}))
        count = "1 of its stories" if len(again) == 1 else f"{len(again)} of its stories"
        raise SendingError(
            os.path.join(settings.out, issue),
            f"{count} ran in issue {names}, which was handed over since this was built",
            f"build it again: digest build --date {day_of_issue(issue)}",
        )


def refuse_a_second_way(job: Job) -> None:
    """Refuse a target whose readers may have the issue already, in a way that no ledger of ours can tell.

    Readers of a list are passed over one by one; whoever has it from a service, or by the editor's own hand, is known
    to nobody here. Raises SendingError.
    """
    so_far = job.place.handed_over
    if so_far is None:
        return
    if so_far.newsletter != job.letter.newsletter:
        raise SendingError(
            job.folder, f"was handed over as {so_far.newsletter!r}", "give a newsletter of another name its own `out`"
        )
    # Two lists of ours share the ledger, which passes over readers who have the issue whichever target carried it.
    by_list = not issubclass(job.target, CampaignService)
    for hand_over in so_far.hand_overs:
        if hand_over.editions:
            raise SendingError(job.folder, *WENT_AS_EDITIONS)
        elsewhere = (
            hand_over.target != job.name and hand_over.kind not in sent.LOCAL and not issubclass(job.target, FileTarget)
        )
        if elsewhere and not (by_list and hand_over.readers is not None):
            to = f"to {hand_over.target} on" if hand_over.target else "by hand,"
            raise SendingError(
                job.folder,
                f"was handed over {to} {hand_over.at[:10]}, and nobody here can tell to whom",
                "if these are other readers, say so with --also",
            )


@contextmanager
def ledger_of(job: Job, *, new: bool = False) -> Iterator[Ledger]:
    """Lend the ledger of a job, alone; *new*: another may be begun although one was used before.

    Raises SendingError where it is in use, cannot be used, or does not know what sent.json knows.
    """
    hold_ledger(job, new=new)
    with ledgers.opened(job.plan.ledger, job.letter.label) as ledger:
        hold_against(job, ledger)
        yield ledger


def hold_ledger(job: Job, *, new: bool = False) -> None:
    """Refuse to begin a ledger where an issue says that one was used. Raises SendingError.

    With *new* only this issue counts: another ledger may serve later ones, and never readers of an issue that some
    have. Newest issues come first, since the message names the one that is found.
    """
    if not ledger_file.is_empty(job.plan.ledger):
        return
    for place in [job.place] if new else reversed(IssueFolder.all_in(job.out)):
        so_far = place.handed_over
        if (
            so_far
            and any(hand_over.readers is not None and not hand_over.editions for hand_over in so_far.hand_overs)
            and so_far.newsletter == job.letter.newsletter
        ):
            remedy = "bring a copy of it back; if it is lost for good, --new-ledger begins another for later issues"
            raise SendingError(
                job.plan.ledger,
                f"is missing or empty, and issue {place.id} was handed over with it ({so_far.in_words()})",
                remedy,
            )


def hold_against(job: Job, ledger: Ledger) -> None:
    """Refuse a ledger that knows of fewer readers than sent.json: an old copy would write to the others again.

    Raises SendingError.
    """
    so_far = job.place.sent
    for hand_over in so_far.hand_overs if so_far else ():
        if hand_over.readers is None or hand_over.editions:
            continue
        handover = ledger.handover(job.letter.label, job.letter.issue, hand_over.target)
        # More than sent.json has is no contradiction: the ledger is a step ahead of it, and a crash may lie between.
        certain = ledger.carried(handover)[0] if handover else 0
        if certain < hand_over.readers or handover is None:
            raise SendingError(
                job.plan.ledger,
                f"knows {certain:,} of the {hand_over.readers:,} readers who have issue {job.letter.issue} "
                f"by {hand_over.target}",
                "it is an old copy or another ledger; bring the newest one back",
            )
