"""A built issue in the browser, on this machine only. Knows its files, not how they came about.

Serves what stands in the issue's folder, and shows pictures without a network: a picture address whose file name is in
a `pictures/` folder of the archive is served from there. Nothing else can be asked for, and nothing can be written.
"""

from __future__ import annotations

import os
import re
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from digest.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Sequence

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".eml": "text/plain; charset=us-ascii",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
_PICTURES = "pictures"
_SOURCE = re.compile(r'(<img\b[^>]*?\bsrc=")https:[^"]*?/([\w.-]+\.(?:png|jpe?g|gif|webp))(?=")')
_POLICY = "default-src 'none'; img-src 'self' https:; style-src 'unsafe-inline'"


def serve(folder: str, archives: Sequence[str], port: int) -> ThreadingHTTPServer:
    """Return a server of the issue in *folder*, bound to 127.0.0.1 and not yet running; port 0 takes a free one."""
    paths = {f"/{name}": os.path.join(folder, name) for name in sorted(os.listdir(folder)) if not name.startswith(".")}
    pictures = _pictures(archives)
    paths |= {f"/{_PICTURES}/{name}": path for name, path in pictures.items()}
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, paths))
    except OSError as error:
        raise OutputError(f"port {port}", str(error.strerror), "take another with --port") from error


def with_local_pictures(html: str, names: set[str]) -> str:
    """Return *html* with each picture whose file name is one of *names* taken from this server."""
    return _SOURCE.sub(lambda found: f"{found[1]}/{_PICTURES}/{found[2]}" if found[2] in names else found[0], html)


def _pictures(archives: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for archive in reversed(archives):
        shelf = os.path.join(archive, _PICTURES)
        for name in os.listdir(shelf) if os.path.isdir(shelf) else ():
            if os.path.splitext(name)[1] in _TYPES and not name.startswith("."):
                found[name] = os.path.join(shelf, name)
    return found


class _Handler(BaseHTTPRequestHandler):
    """Answers GET for the paths it was given, and for nothing else."""

    def __init__(self, paths: dict[str, str], *arguments: object) -> None:
        self.paths = paths
        super().__init__(*arguments)  # type: ignore[arg-type]  # the server passes them through

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        path = "/index.html" if path == "/" else path
        file = self.paths.get(path)
        if file is None or not os.path.isfile(file):
            self.send_error(404)
            return
        with open(file, "rb") as handle:
            content = handle.read()
        if path.endswith(".html"):
            names = {os.path.basename(one) for one in self.paths if one.startswith(f"/{_PICTURES}/")}
            content = with_local_pictures(content.decode(), names).encode()
        self.send_response(200)
        self.send_header("Content-Type", _TYPES.get(os.path.splitext(path)[1], "application/octet-stream"))
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", _POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - the name http.server has
        """Say nothing: the terminal belongs to the editor."""
