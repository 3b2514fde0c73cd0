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
import os
import stat
from typing import TYPE_CHECKING, Any

import jinja2
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from digest import record
from digest.errors import DigestError
from digest.preview import actions, desk, guard, mailbox, variants, watch
from digest.preview.live import Conflict

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.requests import Request

    from digest.preview.guard import Door
    from digest.preview.live import Live, Picture

PICTURES = "pictures"
_HERE = os.path.dirname(os.path.abspath(__file__))
_STATIC = {"page.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8"}
_PICTURE_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
_FILES = ("index.html", "index.txt", "message.eml")
_STILL_HERE = 15
"""Seconds after which a silent line of events says that it is alive."""

_MOST = 200_000
"""Bytes that a request of the desk may have."""


class Application:
    """The pages of one live issue, and of those built before."""

    def __init__(self, live: Live, door: Door, *, config: str, clip: int, read_only: bool) -> None:
        self.live = live
        self.door = door
        self.config = config
        self.clip = clip
        self.read_only = read_only
        self.closing = False
        self._changed = asyncio.Event()
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
            Route("/events", self.events),
            Route("/frame/{issue}/{kind}", self.frame),
            Route(f"/{PICTURES}/{{name}}", self.picture),
            Route("/static/{name}", self.static),
        ]
        if not read_only:
            routes += [
                Route("/edit", self.edit, methods=["POST"]),
                Route("/undo", self.undo, methods=["POST"]),
            ]
        self.asgi = guard.Guard(Starlette(routes=routes, lifespan=self._lifespan), door)

    async def page(self, request: Request) -> Response:
        """The whole page."""
        issue = self._issue(request)
        return HTMLResponse(await run_in_threadpool(self._page, "page.html", issue))

    async def desk(self, request: Request) -> Response:
        """The parts of the page that a new picture changes."""
        issue = self._issue(request)
        return HTMLResponse(await run_in_threadpool(self._page, "parts.html", issue))

    async def search(self, request: Request) -> Response:
        """Candidates by words of their titles."""
        cards = desk.search(self.live.picture.issue, request.query_params.get("words", "")[:200])
        sections = [section.title for section in self.live.picture.issue.sections]
        found = self._pages.get_template("found.html").render(
            cards=cards, sections=sections, editable=not self.read_only
        )
        return HTMLResponse(found)

    async def events(self, _: Request) -> Response:
        """A line for every new picture."""
        return StreamingResponse(self._events(), media_type="text/event-stream")

    async def frame(self, request: Request) -> Response:
        """What the frame shows, made from the files of an issue."""
        issue, kind = self._issue(request), request.path_params["kind"]
        if kind not in _FRAMES:
            raise HTTPException(404)
        how = variants.view(request.query_params)
        html = await run_in_threadpool(self._frame, issue, kind, how)
        own = f"{request.url.scheme}://{request.headers['host']}"
        images = "'none'" if how.images == "off" else f"{own} https:"
        headers = {
            "Content-Security-Policy": guard.FRAME_POLICY.format(images=images),
            "X-Frame-Options": "SAMEORIGIN",
        }
        return HTMLResponse(html, headers=headers)

    async def picture(self, request: Request) -> Response:
        """A picture of the archive, by its name alone."""
        name = request.path_params["name"]
        path = self._pictures().get(name)
        if path is None:
            raise HTTPException(404)
        headers = {"Cache-Control": "private, max-age=86400"}  # the letter names it with the time of its last change
        return FileResponse(path.path, media_type=_PICTURE_TYPES[os.path.splitext(name)[1].lower()], headers=headers)

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
            action = actions.read(asked, self.live.picture.issue)
            self.live.edit(action.change, action.what, base)
            return actions.outcome(action, self.live.picture.issue)

        return await self._act(act)

    async def undo(self, request: Request) -> Response:
        """Take back the last change of the desk."""
        await _json(request)
        return await self._act(lambda: f"Undone: {self.live.undo()}.")

    async def _act(self, act: Any) -> Response:  # noqa: ANN401 - a function that returns what was done
        try:
            message = await run_in_threadpool(act)
        except Conflict as error:
            return _refused(409, str(error))
        except DigestError as error:
            return _refused(422, str(error))
        self._announce()
        return JSONResponse({"message": message, **self._line(self.live.picture)})

    def _issue(self, request: Request) -> str:
        """The issue that an address names, which must be there: the live one where it names none."""
        name = request.path_params.get("issue") or request.query_params.get("issue") or self.live.window.issue_id
        if name not in self._issues():
            raise HTTPException(404)
        return str(name)

    def _issues(self) -> list[str]:
        """The live issue and all in `out/` that are plain folders, newest first."""
        out = self.live.picture.settings.out
        built = [name for name in record.issues(out) if not os.path.islink(os.path.join(out, name))]
        return sorted({*built, self.live.window.issue_id}, reverse=True)

    def _page(self, template: str, issue: str) -> str:
        picture = self.live.picture
        is_live = issue == self.live.window.issue_id
        files = self._files(issue)
        shown = desk.of_issue(picture.issue, picture.message) if is_live else desk.of_record(self._record(issue))
        return self._pages.get_template(template).render(
            picture=picture,
            issue=issue,
            issues=self._issues(),
            is_live=is_live,
            editable=is_live and not self.read_only,
            desk=shown,
            window=self.live.window if is_live else record.window(self._record(issue)),
            letter=mailbox.read(files["message.eml"]),
            newsletter=picture.settings.newsletter,
            size=len(files["index.html"]),
            clip=self.clip,
            edits_file=self.live.edits_file,
            token="" if self.read_only else self.door.write,
        )

    def _frame(self, issue: str, kind: str, how: variants.View) -> str:
        files = self._files(issue)
        if kind == "letter":
            return self._letter(files["index.html"].decode(), how)
        message = mailbox.read(files["message.eml"])
        subject = next((header.value for header in message.headers if header.name == "Subject"), "")
        return self._pages.get_template(_FRAMES[kind]).render(
            scheme="light" if how.scheme == "light" else "dark",
            how=how,
            html=files["index.html"].decode(),
            text=files["index.txt"].decode(),
            letter=message,
            subject=subject,
            preheader=self._preheader(issue),
        )

    def _letter(self, html: str, how: variants.View) -> str:
        addresses = {name: f"/{PICTURES}/{name}?{one.stat().st_mtime_ns}" for name, one in self._pictures().items()}
        return variants.framed(variants.with_local_pictures(variants.letter(html, how), addresses))

    def _preheader(self, issue: str) -> str:
        if issue == self.live.window.issue_id:
            return self.live.picture.message.preheader
        return str(self._record(issue)["preheader"])

    def _files(self, issue: str) -> Mapping[str, bytes]:
        """The files of an issue: the live one's from memory, a built one's from its folder."""
        if issue == self.live.window.issue_id:
            return self.live.picture.files
        folder = os.path.join(self.live.picture.settings.out, issue)
        return {name: _plain_file(os.path.join(folder, name)) for name in _FILES}

    def _record(self, issue: str) -> record.Record:
        folder = os.path.join(self.live.picture.settings.out, issue)
        _plain_file(os.path.join(folder, record.FILE))
        try:
            return record.read(folder)
        except DigestError as error:
            raise HTTPException(404) from error

    def _pictures(self) -> dict[str, os.DirEntry[str]]:
        """Every picture of the archive's `pictures/` folders by name; of two alike the first archive's."""
        found: dict[str, os.DirEntry[str]] = {}
        for folder in reversed(self.live.picture.settings.archive):
            shelf = os.path.join(folder, PICTURES)
            with contextlib.suppress(OSError), os.scandir(shelf) as inside:
                for one in inside:
                    known = os.path.splitext(one.name)[1].lower() in _PICTURE_TYPES
                    if known and not one.name.startswith(".") and one.is_file(follow_symlinks=False):
                        found[one.name] = one
        return found

    async def _events(self) -> AsyncIterator[str]:
        shown = None
        yield "retry: 500\n\n"
        while not self.closing:
            changed, picture = self._changed, self.live.picture
            if picture.version != shown:
                shown = picture.version
                yield f"event: picture\ndata: {json.dumps(self._line(picture))}\n\n"
                continue
            try:
                await asyncio.wait_for(changed.wait(), _STILL_HERE)
            except TimeoutError:
                yield ": still here\n\n"

    def _line(self, picture: Picture) -> dict[str, object]:
        return {"version": picture.version, "letter": picture.letter, "run": self.door.write[:8]}

    def _announce(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(self._watch(deep=deep)) for deep in (True, False)]
        tasks.append(asyncio.create_task(self._judge()))
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch(self, *, deep: bool) -> None:
        async for files in watch.changes(lambda: self._places(deep=deep), deep=deep):
            changed = files or {self.live.edits_file}
            if await run_in_threadpool(self.live.refresh, changed, self.config):
                self._announce()

    def _places(self, *, deep: bool) -> frozenset[str]:
        settings = self.live.picture.settings
        if deep:
            return frozenset(
                os.path.abspath(one) for one in (*settings.archive, settings.templates) if os.path.isdir(one)
            )
        return frozenset(watch.folder_of(one) for one in (os.path.dirname(self.config), settings.edits, settings.out))

    async def _judge(self) -> None:
        """Ask the judge about every new letter, behind its appearance."""
        judged = ""
        while True:
            changed, letter = self._changed, self.live.picture.letter
            if letter == judged:
                await changed.wait()
            elif await run_in_threadpool(self.live.find):
                judged = letter
                self._announce()
            else:
                return

    def close(self) -> None:
        """Let every line of events end, so that the server can stop."""
        self.closing = True
        self._announce()


_FRAMES = {"letter": "", "text": "text.html", "inbox": "inbox.html", "source": "source.html", "message": "message.html"}


def _plain_file(path: str) -> bytes:
    """The content of a regular file; what is missing, a folder or a link is not found."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise HTTPException(404)
        with open(path, "rb") as handle:
            return handle.read()
    except OSError as error:
        raise HTTPException(404) from error


async def _json(request: Request) -> dict[str, Any]:
    content = b""
    async for piece in request.stream():
        content += piece
        if len(content) > _MOST:
            raise HTTPException(413)
    try:
        asked = json.loads(content)
    except ValueError as error:
        raise HTTPException(400) from error
    if not isinstance(asked, dict):
        raise HTTPException(400)
    return asked


def _refused(status: int, message: str) -> Response:
    return JSONResponse({"error": message}, status)
