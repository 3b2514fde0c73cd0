"""What earlier issues of a newsletter ran, from the issues in `out/`. Reads records and sent.json; chooses nothing.

An issue counts as having run when it was handed over. Where a newsletter has handed over nothing yet, its editor may be
pasting HTML by hand, which leaves no trace: then an issue counts when its days are over before those of the new one
begin. So does a draft at a service, which a person may have sent there. A rehearsal of the same days takes nothing from
the real issue.

What is read is bounded: candidates only of the days from which an article may still come late, and of older issues no
more than their picks.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from digest import selection
from digest.issue import record
from digest.issue.folder import IssueFolder
from digest.model import Past, day_of_issue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from digest.config.settings import Settings
    from digest.issue.record import Record
    from digest.issue.sent import Sent
    from digest.model import Issue, Ran, Window

_NOT_KNOWN = "built, and not known to be sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Earlier:
    """An issue older than the one that is built: what was handed over of it, None for nothing."""

    folder: IssueFolder
    day: date
    sent: Sent | None

    @property
    def is_handed_over(self) -> bool:
        """Whether readers have it, as far as anybody knows here."""
        return self.sent is not None and any(hand_over.state != "draft" for hand_over in self.sent.hand_overs)

    @property
    def as_read(self) -> IssueFolder:
        """What readers got of it, else what was built last."""
        return self.folder.as_sent if self.is_handed_over else self.folder

    @property
    def newsletter(self) -> str:
        """Whose issue it was when it was handed over."""
        return self.sent.newsletter if self.sent else ""

    @property
    def fate(self) -> str:
        """What became of it, in words."""
        return self.sent.in_words() if self.sent else _NOT_KNOWN


def past(settings: Settings, window: Window) -> Past:
    """Return what the newsletter's issues before *window* ran and had to choose from. Raises RecordError."""
    earlier = [
        _Earlier(folder=folder, day=day_of_issue(folder.id), sent=folder.sent)
        for folder in IssueFolder.all_in(settings.out)
        if is_before(folder.id, window, partial(_window_of, folder))
    ]
    # One hand-over is enough to know that this editor lets digest send: what was not handed over then counts as a
    # rehearsal.
    has_traces = any(issue.is_handed_over and is_own(issue.newsletter, settings) for issue in earlier)
    counting = [
        issue
        for issue in earlier
        if (issue.is_handed_over and is_own(issue.newsletter, settings))
        or (not issue.is_handed_over and _is_over(issue, window) and (issue.sent or not has_traces))
    ]
    memory = _remembered(counting, settings, window)
    ignored = [
        issue.folder.id
        for issue in earlier
        if not issue.is_handed_over and issue not in counting and issue.day >= late_from(settings, window)
    ]
    return replace(memory, rehearsals=tuple(ignored), number=_last_number(counting, settings))


def in_words(settings: Settings, issue: Issue, sent: Sent | None) -> list[str]:
    """Return what an editor wants to know of what was sent, a line each: whether this issue was, and what is held back.

    *sent* says what was handed over of this issue before. Raises RecordError.
    """
    lines = [f"Handed over before: {sent.in_words()}; see `digest sent {issue.id}`"] if sent else []
    updates = Counter(pick.update.ran.issue for pick in issue.picks if pick.update)
    lines += [f"Updates: {_stories(count)} of issue {name}" for name, count in sorted(updates.items())]
    for name, count in sorted(Counter(verdict.ran_in for verdict in issue.verdicts if verdict.ran_in).items()):
        earlier = IssueFolder.of(settings.out, name).sent
        lines.append(f"Held back: {_stories(count)} of issue {name}, {earlier.in_words() if earlier else _NOT_KNOWN}")
    if issue.rehearsals:
        days = ", ".join(issue.rehearsals)
        lines.append(f"Not counted as run: {days}, not handed over (if readers have it: digest sent --mark DAY)")
    return lines


def _stories(count: int) -> str:
    return "1 story" if count == 1 else f"{count:,} stories"


def repeats(settings: Settings, issue: str) -> list[tuple[Ran, Ran]]:
    """Return the picks of a built issue that readers got with another one meanwhile, each with that run.

    A build knows what was handed over before it. What is built on Monday and handed over on Wednesday has to be held
    against what left on Tuesday. The editor's pins may repeat. Raises RecordError.
    """
    its_record = IssueFolder.of(settings.out, issue).record
    window = record.window(its_record)
    others = [folder for folder in IssueFolder.all_in(settings.out) if folder.id != issue]
    handed_over = [
        _Earlier(folder=folder, day=day_of_issue(folder.id), sent=sent_record)
        for folder in others
        if (sent_record := folder.handed_over) and is_own(sent_record.newsletter, settings)
    ]
    records = [
        earlier_record for earlier in handed_over for earlier_record in _of_newsletter(earlier, settings, whole=False)
    ]
    picks = [pick for section in its_record["sections"] for pick in section["picks"] if not pick["pinned"]]
    mine = record.past_of([{**its_record, "sections": [{"picks": picks}], "verdicts": []}])
    # An update may list among its coverage what it adds to.
    adds_to = dict(zip(mine.ran, (pick.get("update", {"issue": ""})["issue"] for pick in picks), strict=True))
    again = selection.repeats(mine.ran, record.past_of(records), window, settings.rules)
    return [(pick, ran) for pick, ran in again if ran.issue > adds_to[pick]]


def is_before(issue_id: str, window: Window, its_window: Callable[[], Window]) -> bool:
    """Whether an issue is earlier than that of *window*: of two of one day, the one that ended first.

    *its_window* is asked only for one of the same day.
    """
    day = day_of_issue(issue_id)
    if day != window.last or issue_id == window.issue_id:
        return day < window.last
    return (its_window().ends_at, issue_id) < (window.ends_at, window.issue_id)


def is_own(name: str, settings: Settings) -> bool:
    """Whether an issue of the newsletter *name* counts for that of *settings*."""
    return settings.rules.remember_all or name == settings.newsletter.name


def is_forgotten(day: date, settings: Settings, window: Window) -> bool:
    """Whether what ran on *day* may run again."""
    after = settings.rules.repeat_after
    return after is not None and window.last > day + timedelta(days=after)


def late_from(settings: Settings, window: Window) -> date:
    """Return the first day from which an article may still come late."""
    return window.first - timedelta(days=settings.rules.late_days)


def _window_of(folder: IssueFolder) -> Window:
    return record.window(folder.record)


def _is_over(issue: _Earlier, window: Window) -> bool:
    """Whether the days of *issue* are over before *window* begins."""
    if issue.day != window.first:
        return issue.day < window.first
    # Of the day on which the window begins, at an hour of it: a morning letter before an evening one.
    return window.since is not None and record.window(issue.folder.record).ends_at <= window.since


def _remembered(counting: list[_Earlier], settings: Settings, window: Window) -> Past:
    """Return what these issues ran; reads no more of each than may still matter."""
    memory = Past()
    # The newest first, to stop where nothing older can matter.
    for issue in reversed(counting):
        recent = issue.day >= late_from(settings, window)
        if is_forgotten(issue.day, settings, window) and not recent and memory.since is not None:
            break
        for its_record in _of_newsletter(issue, settings, whole=recent):
            memory = record.past_of([its_record], onto=memory, fate=issue.fate)
            # Older than any article that may come late, so its first day decides nothing.
            if not recent:
                memory = replace(memory, since=min(memory.since or issue.day, issue.day))
    return replace(memory, ran=tuple(reversed(memory.ran)))


def _of_newsletter(issue: _Earlier, settings: Settings, *, whole: bool) -> Iterator[Record]:
    """Yield the record of what readers got, unless it is another newsletter's."""
    its_record = issue.as_read.record if whole else issue.as_read.picks
    if is_own(its_record["newsletter"]["name"], settings):
        yield its_record


def _last_number(counting: list[_Earlier], settings: Settings) -> int | None:
    """Return the number of the newsletter's last issue that has one; None where none has, or none is asked for.

    An issue between that was sent while the settings numbered none does not begin the count again.
    """
    # Nothing is read for a newsletter without numbers. Another newsletter's of the same `out` counts by itself.
    numbered = reversed(counting) if settings.newsletter.first_number is not None else ()
    own = (
        kept
        for kept in (issue.as_read.picks for issue in numbered)
        if kept["newsletter"]["name"] == settings.newsletter.name
    )
    return next((kept["number"] for kept in own if "number" in kept), None)
