"""The page before there is an issue: says why there is none, and gives way as soon as a saved file mends it.

Knows the trouble in words, not what an issue is; `opened` tries again and tells.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from typing import TYPE_CHECKING

import jinja2
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from digest.preview import security, watch
from digest.preview.watch import Events

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request

    from digest.preview.security import Door

_PAGES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pages")
_STATIC = {"page.css": "text/css; charset=utf-8", "waiting.js": "text/javascript; charset=utf-8"}


class Waiting:
    """Tries *attempt* again whenever a file in *places* changes.

    *attempt* returns what is still wrong, nothing once there is an issue; *opened* is called then. *begun* is when the
    first attempt was, in seconds since 1970: what was saved since may have been missed.
    """

    def __init__(
        self,
        attempt: Callable[[], str],
        places: Callable[[], frozenset[str]],
        opened: Callable[[], None],
        door: Door,
        trouble: str,
        begun: float,
    ) -> None:
        self.trouble = trouble
        self._begun = begun
        self._attempt, self._places, self._opened = attempt, places, opened
        self.events = Events("trouble", lambda: (self.trouble, json.dumps(self.trouble)), retry=200)
        self._trying = asyncio.Lock()
        pages = jinja2.Environment(loader=jinja2.FileSystemLoader(_PAGES), autoescape=True)
        self._page = pages.get_template("waiting.html")
        routes = [
            Route("/", self.page),
            Route("/events", self.told),
            Route("/static/{name}", self.static),
        ]
        self.asgi = security.Guard(Starlette(routes=routes, lifespan=self._lifespan), door)

    async def page(self, _: Request) -> Response:
        """What is wrong, and where."""
        return HTMLResponse(self._page.render(lines=self.trouble.splitlines()), 503)

    async def told(self, request: Request) -> Response:
        """A line whenever the trouble is another one; the page then asks again."""
        return self.events.response(request.method)

    async def static(self, request: Request) -> Response:
        """The page's own style and script."""
        name = request.path_params["name"]
        if name not in _STATIC:
            raise HTTPException(404)
        return FileResponse(os.path.join(_PAGES, name), media_type=_STATIC[name])

    def close(self) -> None:
        """Let every line of events end, so that the server can stop."""
        self.events.close()

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(self._watch(deep=deep)) for deep in (True, False)]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch(self, *, deep: bool) -> None:
        """Try again when a file was saved, or a place has come that was not there."""
        existing, is_first = self._there(), deep
        async for files in watch.changes(lambda: self._watched(deep=deep), deep=deep):
            before, existing = existing, self._there()
            missed = is_first and await run_in_threadpool(watch.saved_since, self._begun, self._places())
            is_first = False
            if not files and existing == before and not missed:
                continue
            async with self._trying:
                trouble = await run_in_threadpool(self._attempt)
            if not trouble:
                self._opened()
                return
            if trouble != self.trouble:
                self.trouble = trouble
                self.events.tell()

    def _there(self) -> frozenset[str]:
        return frozenset(place for place in self._places() if os.path.exists(place))

    def _watched(self, *, deep: bool) -> frozenset[str]:
        places = self._places()
        if deep:
            return frozenset(os.path.abspath(place) for place in places if os.path.isdir(place))
        return frozenset(watch.folder_of(os.path.dirname(os.path.abspath(place))) for place in places)
