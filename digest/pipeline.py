"""The stages of a build in their order: read, choose, render, record, write. Used by build, preview and replay alike.

    memory, edits ─▶ archive ─▶ selection ─▶ rendering ─▶ record ─▶ output
    Past, Edits      Archive    Issue        Rendered     files     folder
    └────────────── Chosen ──────────────┘

A stage is kept while its inputs are equal: `choose_again` runs only those that a change on the disk concerns, which is
how the preview follows an editor. Decides nothing itself, prints nothing, asks no clock.

Decisions: docs/decisions/architecture.md.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

from digest import archive, diagnosis, selection, weight
from digest.config import edits
from digest.errors import NothingToSend, ProblemsFound, Sealed, SettingsError
from digest.issue import memory, output, record, windows
from digest.issue import sent as sents
from digest.issue.folder import IssueFolder

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from digest.archive import Archive
    from digest.config.settings import Settings
    from digest.issue.sent import Sent
    from digest.model import CompiledTheme, Edits, Issue, Message, Past, Window

    Reader = Callable[[Window | None], Archive]
    """Reads an archive as far as a window needs, or all of it for None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A finished issue: what was read, what was chosen, what was written where. *sizes* are bytes by file name.

    *sent*: it was handed over before; then either nothing has changed, or the user wanted it built over.
    """

    archive: Archive
    issue: Issue
    message: Message
    folder: str
    sizes: dict[str, int]
    sent: Sent | None = None
    unmatched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """An issue that was chosen, and everything it was chosen from: what each stage of a choice returned.

    *content* is the file of edits as it stood, *wishes* what it says. *within* are the days that the archive was read
    for; None when it was read in full. *tellings* keeps which articles tell one story, for the next choice among them.
    *unmatched* are lines on words of sections that fit no article.
    """

    settings: Settings
    window: Window
    past: Past
    content: bytes
    wishes: Edits
    archive: Archive
    within: Window | None
    tellings: selection.Tellings
    issue: Issue
    unmatched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What changed on the disk since an issue was chosen: earlier issues, its edits, the archive, *articles* of it.

    *articles* are paths of files that were saved, came or went, where the archive's folders are the same.
    """

    past: bool = False
    edits: bool = False
    archive: bool = False
    articles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Given:
    """What a choice starts from. *past* and *content* take the place of what stands on the disk.

    *tellings* keeps what was told among the same articles before, for a choice that begins anew all the same.
    """

    settings: Settings
    window: Window
    read: Reader
    strict: bool = False
    past: Past | None = None
    content: bytes | None = None
    tellings: selection.Tellings = field(default_factory=selection.Tellings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """An issue with its look: the message, the files it makes by name, and the hash of the theme."""

    message: Message
    files: dict[str, bytes]
    theme: str


def build(settings: Settings, window: Window, *, strict: bool = False, again: bool = False) -> Built:
    """Read the archive, choose, render and write the issue of *window*.

    With *strict* every file is read in full, and any problem stops the build before anything is written. An issue that
    was handed over is changed only with *again*, and what readers got is kept beside it. Raises Sealed where it would
    change, NothingToSend where no story may run, and another DigestError for what the user must fix. What was built
    before and not handed over is gone when there is nothing to send now: it must not be sent in this week's place.
    """
    place = IssueFolder.of(settings.out, window.issue_id)
    folder, sent = place.standing, place.handed_over
    try:
        chosen = choose(settings, window, strict=strict)
    # What an earlier build wrote would be sent in this week's place by a script that does not look at exit statuses.
    except NothingToSend:
        if sent is None:
            output.withdraw(folder, record.NAMES)
        raise
    if strict and chosen.unmatched:
        raise SettingsError(chosen.unmatched)
    issue = chosen.issue
    rendered = render(settings, issue)
    files = with_record(settings, issue, rendered)
    sizes = {name: len(content) for name, content in files.items()}
    # To build again what readers have, byte for byte, changes nothing: so a weekly script may run twice.
    is_same = sent is not None and output.holds(folder, files)
    if sent and not is_same:
        if not again:
            raise sealed(folder, sent)
        files = {**files, **_kept(place)}
    if not is_same:
        unless = partial(_refuse_what_was_sent_meanwhile, place, sent)
        folder = output.write(settings.out, issue.id, files, ours=record.NAMES, unless=unless)
    return Built(
        archive=chosen.archive,
        issue=issue,
        message=rendered.message,
        folder=folder,
        sizes=sizes,
        sent=sent,
        unmatched=chosen.unmatched,
    )


def _refuse_what_was_sent_meanwhile(place: IssueFolder, before: Sent | None) -> None:
    """Raise Sealed where the issue in *place* was handed over while this one was built over it."""
    now = place.handed_over
    if now and now != before:
        raise sealed(place.standing, now)


def sealed(folder: str, sent: Sent) -> Sealed:
    """Return the error that the issue in *folder* is not changed unasked."""
    remedy = f"--again builds over it and keeps what readers got in {os.path.join(folder, sents.COPY)}"
    return Sealed(folder, f"was handed over ({sent.in_words()}), and nothing was changed", remedy)


def _kept(place: IssueFolder) -> dict[str, bytes]:
    """Return what readers got of the issue in *place*, by the names that its first rebuild keeps it under.

    Later ones need none: like sent.json, the copy is no file of a build, so it stays as it is.
    """
    if place.as_sent.path != place.standing:
        return {}
    return {f"{sents.COPY}/{name}": content for name, content in place.contents(record.NAMES).items()}


def render(settings: Settings, issue: Issue) -> Rendered:
    """Give *issue* its look, in memory. Raises ThemeError and RenderingError."""
    from digest import rendering, theme  # noqa: PLC0415 - Jinja is not needed to say that the archive is missing
    from digest.mail import mime  # noqa: PLC0415 - likewise the e-mail package

    look = theme.load(settings.templates, dict(settings.theme), language=settings.newsletter.language)
    message = rendering.render(issue, settings.newsletter, look, settings.shape, weight.of)
    html = weight.EncodedText.of(message.html)
    return _in_files(message, html, mime.to_bytes(message, issue, settings.newsletter, html), look)


def renderer(settings: Settings) -> Callable[[Issue], Rendered]:
    """Return what gives issues of one week their look as `render` does, in a fifth of the time where they are many.

    Their messages have no notes for the editor and no fragment. Not for several threads. Raises ThemeError, and so does
    the function, and RenderingError.
    """
    from digest import theme  # noqa: PLC0415 - as above
    from digest.mail import mime  # noqa: PLC0415 - likewise
    from digest.rendering.press import Printing  # noqa: PLC0415 - likewise

    look = theme.load(settings.templates, dict(settings.theme), language=settings.newsletter.language)
    printing = Printing(settings.newsletter, look, settings.shape)

    def rendered(issue: Issue) -> Rendered:
        letter = printing.letter(issue)
        eml = mime.to_bytes(letter.message, issue, settings.newsletter, letter.html)
        return _in_files(letter.message, letter.html, eml, look)

    return rendered


def _in_files(message: Message, html: weight.EncodedText, eml: bytes, look: CompiledTheme) -> Rendered:
    files = {"index.html": html.utf8, "index.txt": message.text.encode(), "message.eml": eml}
    if message.web:
        files["web.html"] = message.web.encode()
    if message.fragment:
        files[record.FRAGMENT] = message.fragment.encode()
    return Rendered(message=message, files=files, theme=look.digest)


def with_record(settings: Settings, issue: Issue, rendered: Rendered) -> dict[str, bytes]:
    """Return all files of an issue: what was rendered, and the record of it."""
    inputs = {"settings": settings.digest, "theme": rendered.theme, "edits": record.hash_of(issue.edits)}
    its_record = record.of(issue, settings.newsletter, rendered.message, inputs=inputs, files=rendered.files)
    return {**rendered.files, record.FILE: record.to_bytes(its_record)}


def choose(
    settings: Settings, window: Window, *, strict: bool = False, tellings: selection.Tellings | None = None
) -> Chosen:
    """Read the archive, the memory and the edits, and choose, without writing anything; raises as `build` does.

    *tellings* are those of a choice before, whatever its settings: what they know of the same articles is kept.
    """
    tellings = tellings or selection.Tellings()
    return _with_enough(_run(_Given(settings, window, _reader(settings), strict=strict, tellings=tellings)))


def choose_again(before: Chosen, changes: Changes, *, content: bytes | None = None) -> Chosen:
    """Choose once more after *changes*, running only the stages that they concern; raises as `build` does.

    *content* takes the place of the file of edits, which is then not read. Where nothing is different, *before* itself
    is returned.
    """
    given = _Given(before.settings, before.window, _reader(before.settings), content=content)
    after = _run(given, before, changes)
    return after if after is before else _with_enough(after, before)


def select(
    settings: Settings,
    window: Window,
    *,
    past: Past | None = None,
    read: Reader | None = None,
    edited: bool = True,
    tellings: selection.Tellings | None = None,
) -> Chosen:
    """Choose as `choose` does, but return an issue with too few stories as well: a replay shows how it came about.

    *past* and *read* take the place of the earlier issues in `out` and of the archive of the settings. The file of
    edits counts only where *edited*. *tellings* are as `choose` takes them.
    """
    # An empty file of edits asks for nothing, so it stands for none.
    content = None if edited else b""
    tellings = tellings or selection.Tellings()
    return _run(_Given(settings, window, read or _reader(settings), past=past, content=content, tellings=tellings))


def _run(given: _Given, before: Chosen | None = None, changes: Changes | None = None) -> Chosen:
    """Run the stages in their order. A stage whose inputs are those of *before* is not run but taken from there."""
    settings, window, past, content = given.settings, given.window, given.past, given.content
    changes = changes or Changes(past=True, edits=True, archive=True)
    if past is None:
        past = memory.past(settings, window) if before is None or changes.past else before.past
    if content is None:
        content = edits.read(settings.edits, window.issue_id) if before is None or changes.edits else before.content
    if before and content == before.content:
        wishes = before.wishes
    else:
        wishes = edits.parse(content, edits.path(settings.edits, window.issue_id))
    # Strict means every file, so that a problem anywhere is found, not only in those of the window.
    wanted = None if given.strict else reach(settings, window, past)
    articles, within = _articles(given.read, wanted, wishes, before, changes)
    if given.strict and articles.problems:
        raise ProblemsFound(articles.problems)
    # A comment in the file of edits changes its bytes and nothing that is chosen.
    if before and articles is before.archive and past == before.past and wishes == before.wishes:
        return replace(before, content=content) if content != before.content else before
    tellings = before.tellings if before else given.tellings
    issue = selection.select(articles.articles, window, settings.rules, past, wishes, tellings)
    # Of every issue first, then of this one.
    blocks = (block.of_issue(issue.id) for block in (*settings.blocks, *wishes.blocks))
    issue = replace(issue, blocks=tuple(blocks), number=number_of(settings, past, wishes))
    return Chosen(
        settings=settings,
        window=window,
        past=past,
        content=content,
        wishes=wishes,
        archive=articles,
        within=within,
        tellings=tellings,
        issue=issue,
    )


def number_of(settings: Settings, past: Past, wishes: Edits) -> int | None:
    """Return the number of an issue: the editor's, else the last one's plus one, from the first of the settings on."""
    first = settings.newsletter.first_number
    if wishes.number is not None or first is None:
        return wishes.number
    # A first number that is raised later goes on from there.
    return max(first, (past.number or 0) + 1)


def _articles(
    read: Reader, wanted: Window | None, wishes: Edits, before: Chosen | None, changes: Changes
) -> tuple[Archive, Window | None]:
    """Return the archive as far as *wanted*, or all of it for a story that the edits name and that is older."""
    if before is None or changes.archive or before.within not in {None, wanted}:
        articles, within = read(wanted), wanted
    else:
        articles, within = before.archive, before.within
        if changes.articles:
            places, how = before.settings.archive, before.settings.reading
            articles = archive.reread(articles, places, changes.articles, how, within=within)
    # Older than what was read, or misspelt.
    if within is not None and selection.missing(wishes, articles.articles):
        articles, within = read(None), None
    return articles, within


def _reader(settings: Settings) -> Reader:
    """Return what reads the archive of *settings*: the days of a window, or everything for None."""
    return lambda within: archive.read(settings.archive, settings.reading, within=within)


def _with_enough(chosen: Chosen, before: Chosen | None = None) -> Chosen:
    """Return *chosen* with what its sections ask for in vain; raises NothingToSend, with why, for too few stories.

    It is a SettingsError where such a section may be the reason.
    """
    settings, issue, whole = chosen.settings, chosen.issue, _whole(chosen)
    # To look for a rare word takes the whole archive, which an editor at the desk must not wait for at each key.
    is_same = before is not None and before.archive is chosen.archive and before.settings is settings
    unmatched = before.unmatched if before and is_same else diagnosis.unmatched(settings, issue, whole)
    if len(issue.picks) < max(settings.rules.min_stories, 1):
        # The likeliest reason comes first: a section that can take nothing.
        if unmatched:
            raise SettingsError(unmatched)
        raise diagnosis.nothing_to_send(settings, issue, whole)
    return replace(chosen, unmatched=unmatched) if unmatched != chosen.unmatched else chosen


def nothing_to_send(chosen: Chosen) -> NothingToSend:
    """Return the error that says why *chosen* has no stories, with the nearest days that have some."""
    return diagnosis.nothing_to_send(chosen.settings, chosen.issue, _whole(chosen))


def _whole(chosen: Chosen) -> Callable[[], Archive]:
    """Return what reads the whole archive of *chosen*, once and only where it is asked: a good build never does."""

    @cache
    def whole() -> Archive:
        if chosen.within is None:
            return chosen.archive
        return archive.read(chosen.settings.archive, chosen.settings.reading, most_rows=_LOOKED_THROUGH)

    return whole


# Some seconds. Whoever has more has them by the million, and would wait for minutes in each build.
_LOOKED_THROUGH = 100_000
"""Rows of a table up to which a build looks through all of them for what its editor may have meant."""


def reach(settings: Settings, window: Window, past: Past) -> Window:
    """Return the days whose articles may matter: the window, and before it what may come late or fill a thin section.

    Articles come late only where an earlier issue is remembered, so a first issue reads fewer files.
    """
    days = settings.rules.reach_days(remembers=past.since is not None)
    return window.from_day(window.first - timedelta(days=days))


def window_of(settings: Settings, *, last: date, first: date | None = None) -> Window:
    """Return the window that *last* names by the settings, or that from *first* to *last*; see `issue.windows.of`."""
    return windows.of(settings, last, first)
