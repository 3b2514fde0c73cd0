"""A line for everybody who listens, whenever something is new (server-sent events). Knows not what is told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.responses import Response, StreamingResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

_TYPE = "text/event-stream"

_STILL_HERE = 15
"""Seconds after which a silent line says that it is alive."""


class Events:
    """Tells *news*, which returns what it is known by and what is sent of it; *name* is the name of the event.

    A page whose line broke asks again after *retry* milliseconds.
    """

    def __init__(self, name: str, news: Callable[[], tuple[object, str]], *, retry: int) -> None:
        self._name, self._news, self._retry = name, news, retry
        self._changed = asyncio.Event()
        self._closing = False

    def tell(self) -> None:
        """Let all who listen look for news."""
        self._changed.set()
        self._changed = asyncio.Event()

    def close(self) -> None:
        """Let every line end, so that the server can stop."""
        self._closing = True
        self.tell()

    @property
    def changed(self) -> asyncio.Event:
        """Set at the next `tell`; take it before you look at what may change."""
        return self._changed

    def response(self, method: str) -> Response:
        """Return the answer to one listener: a line for each piece of news, and to HEAD none."""
        if method == "HEAD":
            return Response(media_type=_TYPE)
        return StreamingResponse(self.stream(), media_type=_TYPE)

    async def stream(self) -> AsyncIterator[str]:
        """Yield what one listener gets: the news there is, then each that comes."""
        told: object = None
        yield f"retry: {self._retry}\n\n"
        while not self._closing:
            changed, (known_by, line) = self._changed, self._news()
            if known_by != told:
                told = known_by
                yield f"event: {self._name}\ndata: {line}\n\n"
                continue
            try:
                await asyncio.wait_for(changed.wait(), _STILL_HERE)
            except TimeoutError:
                yield ": still here\n\n"
