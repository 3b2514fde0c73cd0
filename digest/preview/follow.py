"""The preview's background work: open the issue, build it again when files change, check it, and tell the page.

    Opening: no issue yet ──a file is saved, and now there is one──▶ Session
    Follower: changed files ─▶ Session.refresh ─▶ Events ─▶ page
              new letter    ─▶ Session.find    ─▶ Events ─▶ page

Three tasks of the event loop do it; whatever takes long runs in a thread, so that requests are answered meanwhile. One
build runs at a time; what is saved during a build is built next, all of it at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from digest import files
from digest.config import edits
from digest.errors import DigestError
from digest.issue import record
from digest.preview import watch
from digest.tables import places

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from digest.config.settings import Settings
    from digest.model import Window
    from digest.preview.session import Load, Session

_Result = TypeVar("_Result")

# Issues whose folders are watched, the newest: nobody marks one of last year as sent while this week's is edited.
_RECENT = 60

# Seconds without a change after which the check begins. It takes a second of a processor, which an editor who moves
# one story after another needs for the builds.
_QUIET = 0.4

# Seconds until the check is tried again where the program had no file descriptor left to run it with.
_CHECK_AGAIN = 2.0

# Seconds that a build may have been under way when its theme is saved again, to be finished all the same. Most builds
# take less; one that takes more is likely to be of a theme with a loop, which the editor has just mended.
_PATIENCE = 1.0

_EVENT_STREAM = "text/event-stream"

# Seconds between two comment lines on an idle stream: a closed window is noticed only by writing to it.
_KEEP_ALIVE = 15

# Milliseconds after which a browser whose stream broke connects again.
_RECONNECT = 500


class GiveUp(Protocol):
    """Ends a rendering that is under way for longer than a time, as `RenderProcess.give_up` does."""

    def __call__(self, *, after: float) -> None:
        """End it if it has taken more than *after* seconds."""


class News(NamedTuple):
    """One server-sent event: its *name*, what tells it from the one before, and its *data*, which is one line."""

    name: str
    version: object
    data: str


class Opening:
    """The session of the issue, or the reason why the files give none yet.

    `session` is None and `trouble` says why until `attempt` succeeds; from then on the session stays, whatever happens
    to the files. Raises DigestError where the settings cannot be read at all, and where it *is_patient* not, for
    whatever gives no session.
    """

    def __init__(self, load: Load, begin: Callable[[], Session], *, config: str, is_patient: bool = True) -> None:
        settings, window = load()
        self.issue = window.issue_id
        self.config = config
        self.session: Session | None = None
        self.trouble = ""
        self.places = _places(settings, window, config)
        self._load, self._begin, self._is_patient = load, begin, is_patient
        self._begun = time.time() - watch.COARSE

    def attempt(self) -> None:
        """Try to build the issue; afterwards either `session` or `trouble` is set. One thread at a time may call it."""
        try:
            settings, window = self._load()
            # First: where the build fails, the files to watch are those that the settings name now.
            self.places = _places(settings, window, self.config)
            self.session = self._begin()
        except DigestError as error:
            if not self._is_patient:
                raise
            self.trouble = str(error)
        else:
            self.trouble = ""

    def saved_since(self) -> bool:
        """Whether a file has been saved since the first attempt, perhaps before anybody watched it."""
        return watch.saved_since(self._begun, self.places)

    def present(self) -> frozenset[str]:
        """The files and folders of the issue that exist now."""
        return frozenset(place for place in self.places if os.path.exists(place))


class Events:
    """Server-sent events for any number of listeners; *news* returns what to send, asked for after each `announce`.

    A listener gets the latest news at once and then whatever is new when it is asked for, so that a slow one misses
    states in between but never the last one.
    """

    def __init__(self, news: Callable[[], News]) -> None:
        self._news = news
        self._changed = asyncio.Event()
        self._closing = False

    def announce(self) -> None:
        """Let all listeners look for news. Only for the thread of the event loop."""
        self._changed.set()
        self._changed = asyncio.Event()

    def close(self) -> None:
        """End all streams: the server waits for its answers, and these would never end."""
        self._closing = True
        self.announce()

    @property
    def changed(self) -> asyncio.Event:
        """An event that the next `announce` sets.

        Take it before looking at what may change: a change between the look and the wait would be missed.
        """
        return self._changed

    def response(self, method: str) -> Response:
        """Return the answer to one listener; that to HEAD is empty."""
        if method == "HEAD":
            return Response(media_type=_EVENT_STREAM)
        return StreamingResponse(self.stream(), media_type=_EVENT_STREAM)

    async def stream(self) -> AsyncIterator[str]:
        """Yield the lines of one listener: the latest news, then whatever is new, until `close`."""
        sent: tuple[str, object] | None = None
        yield f"retry: {_RECONNECT}\n\n"
        while not self._closing:
            changed, news = self._changed, self._news()
            if (news.name, news.version) != sent:
                sent = news.name, news.version
                yield f"event: {news.name}\ndata: {news.data}\n\n"
                continue
            try:
                await asyncio.wait_for(changed.wait(), _KEEP_ALIVE)
            except TimeoutError:
                yield ": still here\n\n"


class Follower:
    """Opens the issue as soon as the files give one, keeps it up to date and checked, and announces each new state.

    *give_up* ends a rendering that the editor has just made pointless.
    """

    def __init__(self, opening: Opening, events: Events, *, give_up: GiveUp) -> None:
        self._opening, self._events, self._give_up = opening, events, give_up
        # Builds and edits wait here, and not in the thread pool: there, a few of them behind a slow theme would take
        # all threads, and no page would be answered.
        self._one_at_a_time = CapacityLimiter(1)
        self._attempting = asyncio.Lock()
        self._must_check_again = False

    async def run(self) -> None:
        """Work until cancelled."""
        await self._open()
        session = self._session()
        # A task that fails must not take the others with it: an issue without findings is better than none.
        await asyncio.gather(
            self._watch(session, deep=True),
            self._watch(session, deep=False),
            self._check(session),
            return_exceptions=True,
        )

    async def alone(self, act: Callable[[], _Result]) -> _Result:
        """Return what *act* returns, called in a thread when no other build or edit is under way.

        Who waits does so in the event loop, in the order of the calls. Raises what *act* raises.
        """
        return await to_thread.run_sync(act, limiter=self._one_at_a_time)

    def _session(self) -> Session:
        """Return the session, which there is as soon as `_open` has returned."""
        assert self._opening.session is not None
        return self._opening.session

    async def _open(self) -> None:
        """Return when there is an issue; the time until then is spent waiting for a file to be saved."""
        if self._opening.session is not None:
            return
        opened = asyncio.Event()
        watchers = [asyncio.create_task(self._try_again(opened, deep=deep)) for deep in (True, False)]
        try:
            await opened.wait()
        finally:
            for watcher in watchers:
                watcher.cancel()
            await asyncio.gather(*watchers, return_exceptions=True)

    async def _try_again(self, opened: asyncio.Event, *, deep: bool) -> None:
        """Attempt to build whenever a file was saved, or a folder has come that was not there; set *opened* then."""
        present, is_first = self._opening.present(), deep
        async for saved in watch.changes(lambda: self._places_to_open(deep=deep), deep=deep):
            before, present = present, self._opening.present()
            missed = is_first and await run_in_threadpool(self._opening.saved_since)
            is_first = False
            if saved or present != before or missed:
                await self._attempt()
            if self._opening.session is not None:
                opened.set()
                return

    async def _attempt(self) -> None:
        """Try to build, and announce a reason that is another one than before, or none any more."""
        trouble = self._opening.trouble
        async with self._attempting:
            # The other watcher may have been faster; a second session would undo the edits made in the first.
            if self._opening.session is None:
                await run_in_threadpool(self._opening.attempt)
        if self._opening.trouble != trouble:
            self._events.announce()

    def _places_to_open(self, *, deep: bool) -> frozenset[str]:
        """Return the folders whose changes may give an issue.

        With *deep* those of the issue that exist, to be watched with all inside them; else the folders that files of
        the issue are in, or in which a missing folder would appear.
        """
        places = self._opening.places
        if deep:
            return frozenset(os.path.abspath(place) for place in places if os.path.isdir(place))
        return frozenset(watch.folder_of(os.path.dirname(os.path.abspath(place))) for place in places)

    async def _watch(self, session: Session, *, deep: bool) -> None:
        """Build again what the changed files concern; files that change meanwhile are the next to be built."""
        changed: set[str] = set()
        building: asyncio.Task[None] | None = None
        config, is_first = self._opening.config, True
        async for saved in watch.changes(lambda: _places_to_watch(session, config, deep=deep), deep=deep):
            if is_first:
                # Nobody has told what happened before the watch began.
                changed |= _newer(session, config, deep=deep)
            is_first = False
            # An empty set is a time to look; the editor's file is cheap to look at, and matters most.
            changed |= saved or {session.edits_file}
            if building is None or building.done():
                building = asyncio.create_task(self._build(session, changed))
            elif any(map(session.is_theme, saved)):
                # Not for an article: somebody may be bringing in hundreds, and each would end the build before it.
                self._give_up(after=_PATIENCE)

    async def _build(self, session: Session, changed: set[str]) -> None:
        """Build until no file is left in *changed*, which `_watch` may add to meanwhile.

        One build for all of them: a checkout of another branch changes hundreds of files within a second.
        """
        while changed:
            batch = frozenset(changed)
            changed.clear()
            if await self.alone(lambda batch=batch: session.refresh(batch, self._opening.config)):  # type: ignore[misc]  # the files of this turn
                self._events.announce()

    async def _check(self, session: Session) -> None:
        """Check every new letter, some time after it has appeared; ends where the session has no judge.

        The letter, and not the state, is what is checked: an edit that changes nothing in it needs no new check.
        """
        checked = ""
        while True:
            changed, letter = self._events.changed, session.snapshot.letter
            if letter == checked:
                await changed.wait()
                await self._until_quiet()
            elif not await run_in_threadpool(self._find, session):
                return
            elif self._must_check_again:
                await asyncio.sleep(_CHECK_AGAIN)
            else:
                checked = letter
                self._events.announce()

    def _find(self, session: Session) -> bool:
        """Ask the judge; return whether there is one.

        A mistake in it must not end the session: its traceback goes to the terminal, and the page has no findings. A
        lack of file descriptors is none, as it passes when windows are closed.
        """
        self._must_check_again = False
        try:
            return session.find()
        except Exception as error:
            self._must_check_again = files.is_passing(error)
            if not self._must_check_again:
                logging.getLogger(__name__).exception("the check of the preview failed")
            return True

    async def _until_quiet(self) -> None:
        """Wait until nothing has changed for a moment."""
        with contextlib.suppress(TimeoutError):
            while True:
                await asyncio.wait_for(self._events.changed.wait(), _QUIET)


def _places_to_watch(session: Session, config: str, *, deep: bool) -> frozenset[str]:
    """Return the folders whose changes concern the issue: with *deep* those that are watched with all inside.

    The folders of settings, edits and earlier issues are watched alone, as they may be somebody's home directory; and
    in the last of these that of each issue, whose sent.json changes when it is handed over.
    """
    settings = session.snapshot.settings
    if deep:
        return frozenset(
            os.path.abspath(path) for path in (*settings.folders, settings.templates) if os.path.isdir(path)
        )
    tables = (places.folder_of(name) for name in settings.local_tables)
    issues = (os.path.join(settings.out, name) for name in record.issues(settings.out)[-_RECENT:])
    return frozenset(
        watch.folder_of(path)
        for path in (os.path.dirname(config), settings.edits, settings.out, *issues, *tables, *session.beside)
    )


def _newer(session: Session, config: str, *, deep: bool) -> set[str]:
    """Return what has changed since the first build of that which is watched with *deep*, or without."""
    return session.saved_since() if deep else session.newer({config, *_places_to_watch(session, config, deep=False)})


def _places(settings: Settings, window: Window, config: str) -> frozenset[str]:
    """Return every file and folder that the issue is made of, present or not."""
    written = edits.path(settings.edits, window.issue_id)
    tables = (file for name in settings.local_tables for file in places.local_files(name))
    return frozenset({*settings.folders, *tables, settings.templates, settings.out, config, written})
