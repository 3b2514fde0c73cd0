"""The preview's addresses and what each answers. Knows HTTP; decides nothing about the issue.

/                      the page                     /events              an event for every new state
/desk                  the desk alone               /edit, /undo         change edits/DAY.yaml
/try                   tells what an edit would give, and writes nothing
/frame/DAY/letter      what the frame shows: letter, text, inbox, source, message
/pictures/NAME         a picture of the archive     /static/NAME         the page's style and script

While the files give no issue, `/` says why with status 503 and `/events` tells when that changes; the other addresses
have nothing to answer with and are 404. The same application goes on with the issue as soon as there is one.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from digest.errors import DigestError, RecordError
from digest.preview import actions, emulate, security, templates
from digest.preview.follow import Events, Follower, News
from digest.preview.issues import PICTURE_TYPES, PICTURES, Issues
from digest.preview.session import Conflict
from digest.preview.templates import PageTemplates

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.requests import Request

    from digest.preview.follow import GiveUp, Opening
    from digest.preview.security import Door
    from digest.preview.session import Session, Snapshot

    _Handler = Callable[[Request], Awaitable[Response]]

_STATIC_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "static")
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}

# Listed once: a name from a request is looked up here and never joined to a path, so no spelling of `..` leads out. The
# folder's package.json, which tells node that the scripts are modules, has no type and is not served.
_STATIC = {
    name: _TYPES[os.path.splitext(name)[1]]
    for name in os.listdir(_STATIC_FOLDER)
    if os.path.splitext(name)[1] in _TYPES
}

# Bytes of a request of the desk: ten times the longest text it takes, and nothing that a memory would notice.
_MOST = 200_000

_SENTENCES = {
    404: "there is nothing at this address",
    405: "this address does not take that method",
}


class Application:
    """The pages of the live issue, or of the reason why there is none yet, and of the issues built before.

    Guarded by *door*. Read-only, it has no address that writes. *give_up* is handed to the Follower.
    """

    def __init__(self, opening: Opening, door: Door, *, read_only: bool, give_up: GiveUp) -> None:
        self._opening, self._door, self._read_only = opening, door, read_only
        self.events = Events(self._news)
        self._follower = Follower(opening, self.events, give_up=give_up)
        routes = [
            Route("/", self._page),
            Route("/events", self._listen),
            Route("/static/{name}", self._static),
            Route("/desk", self._with_issue(self._desk)),
            Route("/search", self._with_issue(self._search)),
            Route("/frame/{issue}/{view}", self._with_issue(self._frame)),
            Route(f"/{PICTURES}/{{name}}", self._with_issue(self._picture)),
        ]
        if not read_only:
            routes += [
                Route("/edit", self._with_issue(self._edit), methods=["POST"]),
                Route("/try", self._with_issue(self._try), methods=["POST"]),
                Route("/undo", self._with_issue(self._undo), methods=["POST"]),
            ]
        pages = Starlette(routes=routes, lifespan=self._lifespan, exception_handlers={HTTPException: _error})
        self.asgi = security.Guard(pages, door)

    def close(self) -> None:
        """End all streams of events, so that the server can stop."""
        self.events.close()

    @property
    def _session(self) -> Session:
        assert self._opening.session is not None
        return self._opening.session

    @cached_property
    def _issues(self) -> Issues:
        return Issues(self._session)

    @cached_property
    def _templates(self) -> PageTemplates:
        return PageTemplates(self._session, self._issues, token="" if self._read_only else self._door.write)

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        following = asyncio.create_task(self._follower.run())
        yield
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)

    def _with_issue(self, handler: _Handler) -> _Handler:
        """Return *handler* as it is once there is an issue; until then it is 404."""

        async def answer(request: Request) -> Response:
            if self._opening.session is None:
                raise HTTPException(404)
            return await handler(request)

        return answer

    async def _page(self, request: Request) -> Response:
        """Answer with the whole page, or with the reason why there is none."""
        if self._opening.session is None:
            # 503, so that a script that waits for the preview does not take this page for the issue.
            return HTMLResponse(templates.waiting(self._opening.trouble.splitlines()), 503)
        issue = self._issue(request)
        return HTMLResponse(await run_in_threadpool(_present, self._templates.page, "page.html", issue))

    async def _desk(self, request: Request) -> Response:
        """Answer with the parts of the page that each new state replaces."""
        issue = self._issue(request)
        return HTMLResponse(await run_in_threadpool(_present, self._templates.page, "parts.html", issue))

    async def _search(self, request: Request) -> Response:
        """Answer with the candidates that have the words of the query in their headline."""
        return HTMLResponse(self._templates.search(request.query_params.get("words", "")[:200]))

    async def _listen(self, request: Request) -> Response:
        """Answer with a stream of events that ends with the server."""
        return self.events.response(request.method)

    async def _frame(self, request: Request) -> Response:
        """Answer with a view of an issue, under a policy of its own: it is the theme's HTML, not ours."""
        issue, view = self._issue(request), request.path_params["view"]
        if view not in {declared.value for declared in templates.VIEWS}:
            raise HTTPException(404)
        how = emulate.view(request.query_params)
        target = request.query_params.get("target", "")
        letter = request.query_params.get("letter", "")
        html = await run_in_threadpool(_present, self._templates.frame, issue, view, how, target, letter)
        own = f"{request.url.scheme}://{request.headers['host']}"
        # Said by the policy too: a picture that the rewriting of the letter overlooks is not loaded either.
        images = "'none'" if how.images == "off" else f"{own} https:"
        headers = {
            "Content-Security-Policy": security.FRAME_POLICY.format(images=images),
            "X-Frame-Options": "SAMEORIGIN",
        }
        return HTMLResponse(html, headers=headers)

    async def _picture(self, request: Request) -> Response:
        """Answer with a picture of the archive, by its file name alone."""
        name = request.path_params["name"]
        path = self._issues.pictures().get(name)
        if path is None:
            raise HTTPException(404)
        # The one answer that may be kept: the letter's address of it has the time of its last change.
        headers = {"Cache-Control": "private, max-age=86400"}
        return FileResponse(path.path, media_type=PICTURE_TYPES[os.path.splitext(name)[1].lower()], headers=headers)

    async def _static(self, request: Request) -> Response:
        """Answer with a style sheet or a module of the page's script."""
        name = request.path_params["name"]
        if name not in _STATIC:
            raise HTTPException(404)
        return FileResponse(os.path.join(_STATIC_FOLDER, name), media_type=_STATIC[name])

    async def _edit(self, request: Request) -> Response:
        """Change the editor's file; the body is what `actions.read_action` reads, with the `base` it stands on."""
        asked = await _json(request)
        base = asked.get("base")
        if not isinstance(base, str):
            return _refused(400, "base: is missing; reload the page")

        def act() -> str:
            action = actions.read_action(asked, self._session.snapshot.issue)
            self._session.edit(action.change, action.what, base)
            return actions.action_outcome(action, self._session.snapshot.issue)

        return await self._act(act)

    async def _try(self, request: Request) -> Response:
        """Answer with the letter that an edit would give, for the frame to show; nothing is written."""
        asked = await _json(request)
        base = asked.get("base")
        if not isinstance(base, str):
            return _refused(400, "base: is missing; reload the page")

        def attempt() -> str:
            action = actions.read_action(asked, self._session.snapshot.issue)
            return self._session.attempt(action.change, base)

        try:
            return JSONResponse({"letter": await self._follower.alone(attempt)})
        except DigestError as error:
            return _refusal(error)

    async def _undo(self, request: Request) -> Response:
        """Take back the last change of the desk."""
        # Read for its own sake: a body that is left unread would be taken for the connection's next request.
        await _json(request)
        return await self._act(lambda: f"Undone: {self._session.undo()}.")

    async def _act(self, act: Callable[[], str]) -> Response:
        """Answer with what *act* says it has done, and the state it led to; or with the sentence of its error."""
        try:
            message = await self._follower.alone(act)
        except DigestError as error:
            return _refusal(error)
        self.events.announce()
        snapshot = self._session.snapshot
        return JSONResponse({"message": message, "base": snapshot.edits_hash, **self._state(snapshot)})

    def _issue(self, request: Request) -> str:
        """Return the id of the issue that an address names, the live one where it names none; 404 if there is none."""
        name = request.path_params.get("issue") or request.query_params.get("issue") or self._opening.issue
        if name not in self._issues.names():
            raise HTTPException(404)
        return str(name)

    def _news(self) -> News:
        """Return the event that tells of the present state: `trouble` before there is an issue, then `snapshot`."""
        if self._opening.session is None:
            trouble = self._opening.trouble
            return News("trouble", trouble, json.dumps(trouble))
        snapshot = self._session.snapshot
        return News("snapshot", snapshot.version, json.dumps(self._state(snapshot)))

    def _state(self, snapshot: Snapshot) -> dict[str, object]:
        """Return what the page has to know to show a state: an `Announcement` of updates.js."""
        # The run is told so that a page of an earlier one, whose token is no longer taken, loads itself anew.
        return {"version": snapshot.version, "letter": snapshot.letter, "run": self._door.write[:8]}


def _present(make: Callable[..., str], *arguments: object) -> str:
    """Return what *make* returns; 404 for files that an issue does not have, or a record that cannot be read."""
    try:
        return make(*arguments)
    except (OSError, RecordError) as error:
        raise HTTPException(404) from error


async def _json(request: Request) -> dict[str, Any]:
    """Return the object in the body of *request*: 400 for anything else, 413 for a very long one."""
    content = b""
    try:
        async for piece in request.stream():
            content += piece
            if len(content) > _MOST:
                raise HTTPException(413, f"the request has more than {_MOST:,} bytes; shorten the text")
        asked = json.loads(content.decode("utf-8"))
        # JSON can write half of a surrogate pair, which no file takes.
        json.dumps(asked, ensure_ascii=False).encode("utf-8")
    except ClientDisconnect as error:
        raise HTTPException(400, "the request broke off") from error
    # RecursionError: an array inside an array, a hundred thousand times.
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "the request is not JSON in UTF-8; reload the page") from error
    if not isinstance(asked, dict):
        raise HTTPException(400, "the request is not a JSON object; reload the page")
    return asked


async def _error(_: Request, error: Exception) -> Response:
    """Answer with the sentence of the error, or with that of its status, as plain text.

    Starlette's own would be the phrase of the status, such as `Not Found`, which is no sentence.
    """
    status = error.status_code if isinstance(error, HTTPException) else 500
    written = error.detail if isinstance(error, HTTPException) else ""
    usual = HTTPStatus(status).phrase
    return PlainTextResponse(_SENTENCES.get(status, usual) if written == usual else written, status)


def _refusal(error: DigestError) -> Response:
    """Answer what the desk refuses: 409 is a conflict, which the editor can solve by doing it again.

    422 is what the build would refuse, with what is wrong with single fields of a form by their names.
    """
    if isinstance(error, Conflict):
        return _refused(409, str(error))
    fields, rest = actions.problems_by_field(error)
    if not fields:
        return _refused(422, str(error))
    return JSONResponse({"error": str(error), "fields": fields, "rest": rest}, 422)


def _refused(status: int, message: str) -> Response:
    """Answer a request of the desk with an error as JSON; the page shows its sentence."""
    return JSONResponse({"error": message}, status)
