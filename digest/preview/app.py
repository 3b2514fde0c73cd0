"""The preview's addresses and what each answers. Knows HTTP and the pages; decides nothing about the issue.

/                      the page                     /events              a line for every new picture
/desk                  the desk alone               /edit, /undo         change edits/DAY.yaml
/frame/DAY/letter      what the frame shows: letter, text, inbox, source, message
/pictures/NAME         a picture of the archive     /static/NAME         the page's style and script
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import jinja2
from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from digest import files, weight
from digest.errors import DigestError, RecordError, SendingError, SettingsError
from digest.issue import record
from digest.mail import registry
from digest.preview import editor, emulate, finding_places, mimeview, security, watch
from digest.preview.issues import PICTURE_TYPES, PICTURES, Issues
from digest.preview.session import Conflict
from digest.preview.watch import Events

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request

    from digest.config.values import TargetPlan
    from digest.preview.finding_places import Placed
    from digest.preview.security import Door
    from digest.preview.session import Session, Snapshot

_Result = TypeVar("_Result")


class GiveUp(Protocol):
    """Ends a rendering that has been under way for more than *after* seconds."""

    def __call__(self, *, after: float) -> None:
        """End it."""


_HERE = os.path.dirname(os.path.abspath(__file__))
_STATIC = {"page.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8"}
_MOMENT = 0.4
"""Seconds without a change after which the judge is asked."""

_LATER = 2.0
"""Seconds until the judge is asked again where there was no file left to ask with."""

_PATIENCE = 1.0
"""Seconds that a build may have been under way when a file is saved again, to be finished all the same."""

_MOST = 200_000
"""Bytes that a request of the desk may have."""


class Application:
    """The pages of one live issue, and of those built before."""

    def __init__(self, live: Session, door: Door, *, config: str, read_only: bool, give_up: GiveUp) -> None:
        self.live = live
        self._give_up = give_up
        self._one_at_a_time = CapacityLimiter(1)
        self._unasked = False
        self.issues = Issues(live)
        self.door = door
        self.config = config
        self.read_only = read_only
        self.events = Events("picture", self._news, retry=500)
        self._pages = jinja2.Environment(
            loader=jinja2.FileSystemLoader(os.path.join(_HERE, "pages")),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._pages.filters["thousands"] = "{:,}".format
        routes = [
            Route("/", self.page),
            Route("/desk", self.desk),
            Route("/search", self.search),
            Route("/events", self.told),
            Route("/frame/{issue}/{kind}", self.frame),
            Route(f"/{PICTURES}/{{name}}", self.picture),
            Route("/static/{name}", self.static),
        ]
        if not read_only:
            routes += [
                Route("/edit", self.edit, methods=["POST"]),
                Route("/undo", self.undo, methods=["POST"]),
            ]
        pages = Starlette(routes=routes, lifespan=self._lifespan, exception_handlers={HTTPException: _said})
        self.asgi = security.Guard(pages, door)

    async def page(self, request: Request) -> Response:
        """The whole page."""
        issue = self._issue(request)
        return HTMLResponse(await run_in_threadpool(_there, self._page, "page.html", issue))

    async def desk(self, request: Request) -> Response:
        """The parts of the page that a new picture changes."""
        issue = self._issue(request)
        return HTMLResponse(await run_in_threadpool(_there, self._page, "parts.html", issue))

    async def search(self, request: Request) -> Response:
        """Candidates by words of their titles."""
        cards = editor.search(self.live.picture.issue, request.query_params.get("words", "")[:200])
        sections = [section.title for section in self.live.picture.issue.sections]
        rendered = self._pages.get_template("found.html").render(
            cards=cards, sections=sections, editable=not self.read_only
        )
        return HTMLResponse(rendered)

    async def told(self, request: Request) -> Response:
        """A line for every new picture."""
        return self.events.response(request.method)

    async def frame(self, request: Request) -> Response:
        """What the frame shows, made from the files of an issue."""
        issue, kind = self._issue(request), request.path_params["kind"]
        if kind not in _FRAMES:
            raise HTTPException(404)
        how = emulate.view(request.query_params)
        target = request.query_params.get("target", "")
        html = await run_in_threadpool(_there, self._frame, issue, kind, how, target)
        own = f"{request.url.scheme}://{request.headers['host']}"
        images = "'none'" if how.images == "off" else f"{own} https:"
        headers = {
            "Content-Security-Policy": security.FRAME_POLICY.format(images=images),
            "X-Frame-Options": "SAMEORIGIN",
        }
        return HTMLResponse(html, headers=headers)

    async def picture(self, request: Request) -> Response:
        """A picture of the archive, by its name alone."""
        name = request.path_params["name"]
        path = self.issues.pictures().get(name)
        if path is None:
            raise HTTPException(404)
        headers = {"Cache-Control": "private, max-age=86400"}  # the letter names it with the time of its last change
        return FileResponse(path.path, media_type=PICTURE_TYPES[os.path.splitext(name)[1].lower()], headers=headers)

    async def static(self, request: Request) -> Response:
        """The page's own style and script."""
        name = request.path_params["name"]
        if name not in _STATIC:
            raise HTTPException(404)
        return FileResponse(os.path.join(_HERE, "pages", name), media_type=_STATIC[name])

    async def edit(self, request: Request) -> Response:
        """Change the editor's file as the desk asks."""
        asked = await _json(request)
        base = asked.get("base")
        if not isinstance(base, str):
            return _refused(400, "base: is missing; reload the page")

        def act() -> str:
            action = editor.read_action(asked, self.live.picture.issue)
            self.live.edit(action.change, action.what, base)
            return editor.action_outcome(action, self.live.picture.issue)

        return await self._act(act)

    async def undo(self, request: Request) -> Response:
        """Take back the last change of the desk."""
        await _json(request)
        return await self._act(lambda: f"Undone: {self.live.undo()}.")

    async def _alone(self, act: Callable[[], _Result]) -> _Result:
        """Do what only one thread can do at a time; the others wait here, and take no thread from the pages."""
        return await to_thread.run_sync(act, limiter=self._one_at_a_time)

    async def _act(self, act: Any) -> Response:  # noqa: ANN401 - a function that returns what was done
        try:
            message = await self._alone(act)
        except Conflict as error:
            return _refused(409, str(error))
        except DigestError as error:
            return _refused(422, str(error))
        self.events.tell()
        picture = self.live.picture
        return JSONResponse({"message": message, "base": picture.edits_hash, **self._line(picture)})

    def _issue(self, request: Request) -> str:
        """The issue that an address names, which must be there: the live one where it names none."""
        name = request.path_params.get("issue") or request.query_params.get("issue") or self.live.window.issue_id
        if name not in self.issues.names():
            raise HTTPException(404)
        return str(name)

    def _page(self, template: str, issue: str) -> str:
        picture, is_live = self.live.picture, self.issues.is_live(issue)
        files = self.issues.files(issue)
        its_record = None if is_live else self.issues.record(issue)
        shown = editor.of_record(its_record) if its_record else editor.of_issue(picture.issue, picture.message)
        placed = self._placed() if is_live else None
        return self._pages.get_template(template).render(
            picture=picture,
            issue=issue,
            issues=self.issues.names(),
            is_live=is_live,
            editable=is_live and not self.read_only,
            desk=shown,
            findings=placed,
            beside=finding_places.by_concern(placed or ()),
            window=record.window(its_record) if its_record else self.live.window,
            sender=mimeview.sender(files["message.eml"]),
            newsletter=picture.settings.newsletter,
            targets=[(plan, _remarks(plan)) for plan in self.issues.targets()],
            configured={plan.name for plan in picture.settings.targets},
            size=weight.of(files["index.html"].decode(errors="replace")),
            clip=weight.CLIP,
            room=weight.ROOM,
            edits_file=self.live.edits_file,
            token="" if self.read_only else self.door.write,
        )

    def _placed(self) -> tuple[Placed, ...] | None:
        """What the judge found in the live issue, each with what it is about; None before the judge has looked."""
        picture = self.live.picture
        if picture.findings is None:
            return None
        foot = picture.settings.newsletter.unsubscribe
        return finding_places.place(picture.findings, picture.issue, picture.message, unsubscribe=foot)

    def _frame(self, issue: str, kind: str, how: emulate.ReaderView, target: str) -> str:
        scheme = "light" if how.scheme == "light" else "dark"
        try:
            html = self.issues.letter(issue, "" if kind == "inbox" else target)  # readers see no tags
        except (SendingError, SettingsError) as error:
            page = self._pages.get_template("refused.html")
            return page.render(scheme=scheme, how=how, target=target, lines=str(error).splitlines())
        if kind == "letter":
            return self._letter(html.html, how)
        concerned = finding_places.by_concern(self._placed() or ()) if self.issues.is_live(issue) else {}
        return self._pages.get_template(_FRAMES[kind]).render(
            scheme=scheme,
            how=how,
            told=html,
            letter=mimeview.read(html.mime),
            findings=concerned.get(finding_places.HEADERS, ()),
        )

    def _letter(self, html: str, how: emulate.ReaderView) -> str:
        pictures = self.issues.pictures()
        addresses = {name: f"/{PICTURES}/{name}?{file.stat().st_mtime_ns}" for name, file in pictures.items()}
        return emulate.framed(emulate.with_local_pictures(emulate.letter(html, how), addresses))

    def _news(self) -> tuple[object, str]:
        picture = self.live.picture
        return picture.version, json.dumps(self._line(picture))

    def _line(self, picture: Snapshot) -> dict[str, object]:
        return {"version": picture.version, "letter": picture.letter, "run": self.door.write[:8]}

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(self._watch(deep=deep)) for deep in (True, False)]
        tasks.append(asyncio.create_task(self._judge()))
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch(self, *, deep: bool) -> None:
        """Build anew what the changed files concern; those that change meanwhile are the next to be built."""
        changed: set[str] = set()
        building: asyncio.Task[None] | None = None
        first = True
        async for saved in watch.changes(lambda: self._places(deep=deep), deep=deep):
            if first and deep:
                changed |= self.live.saved_since(self.config)
            first = False
            changed |= saved or {self.live.edits_file}
            if building is None or building.done():
                building = asyncio.create_task(self._follow(changed))
            elif any(map(self.live.is_theme, saved)):  # not for an article: somebody may be bringing in hundreds
                self._give_up(after=_PATIENCE)

    async def _follow(self, changed: set[str]) -> None:
        """Build until nothing is left of the files *changed*, which may become more meanwhile."""
        while changed:
            files = frozenset(changed)
            changed.clear()
            if await self._alone(lambda files=files: self.live.refresh(files, self.config)):  # type: ignore[misc]  # the files of this turn
                self.events.tell()

    def _places(self, *, deep: bool) -> frozenset[str]:
        settings = self.live.picture.settings
        if deep:
            return frozenset(
                os.path.abspath(path) for path in (*settings.archive, settings.templates) if os.path.isdir(path)
            )
        return frozenset(watch.folder_of(path) for path in (os.path.dirname(self.config), settings.edits, settings.out))

    async def _judge(self) -> None:
        """Ask the judge about every new letter, behind its appearance."""
        judged = ""
        while True:
            changed, letter = self.events.changed, self.live.picture.letter
            if letter == judged:
                await changed.wait()
                await self._quiet()
            elif not await run_in_threadpool(self._find):
                return
            elif self._unasked:
                await asyncio.sleep(_LATER)
            else:
                judged = letter
                self.events.tell()

    def _find(self) -> bool:
        """Ask the judge; a mistake there must not end the session, and its traceback goes to the terminal.

        Where there was no file left to ask with, it is asked again later.
        """
        self._unasked = False
        try:
            return self.live.find()
        except Exception as error:
            self._unasked = files.is_passing(error)
            if not self._unasked:
                logging.getLogger(__name__).exception("the check of the preview failed")
            return True

    async def _quiet(self) -> None:
        """Wait until nothing has changed for a moment: an editor at work comes before the judge."""
        while True:
            try:
                await asyncio.wait_for(self.events.changed.wait(), _MOMENT)
            except TimeoutError:
                return

    def close(self) -> None:
        """Let every line of events end, so that the server can stop."""
        self.events.close()


_FRAMES = {"letter": "", "text": "text.html", "inbox": "inbox.html", "source": "source.html", "message": "message.html"}


def _there(make: Callable[..., str], *arguments: object) -> str:
    """Make a page; what an issue does not have, or a record that cannot be read, is not found."""
    try:
        return make(*arguments)
    except (OSError, RecordError) as error:
        raise HTTPException(404) from error


def _remarks(plan: TargetPlan) -> list[str]:
    try:
        return registry.remarks(plan)
    except SettingsError as error:  # the page goes on without that target; its frame says why, too
        return list(error.lines)


async def _json(request: Request) -> dict[str, Any]:
    content = b""
    try:
        async for piece in request.stream():
            content += piece
            if len(content) > _MOST:
                raise HTTPException(413, f"the request has more than {_MOST:,} bytes; shorten the text")
        asked = json.loads(content.decode("utf-8"))
        json.dumps(asked, ensure_ascii=False).encode("utf-8")  # an escape may be half a character, which no file takes
    except ClientDisconnect as error:
        raise HTTPException(400, "the request broke off") from error
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "the request is no JSON in UTF-8; reload the page") from error
    if not isinstance(asked, dict):
        raise HTTPException(400, "the request is no JSON object; reload the page")
    return asked


async def _said(_: Request, error: Exception) -> Response:
    """Answer with the sentence of the error, or with that of its status."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    written = error.detail if isinstance(error, HTTPException) else ""
    usual = HTTPStatus(status).phrase
    return PlainTextResponse(_SENTENCES.get(status, usual) if written == usual else written, status)


_SENTENCES = {
    404: "there is nothing at this address",
    405: "this address does not take that method",
}


def _refused(status: int, message: str) -> Response:
    return JSONResponse({"error": message}, status)
