"""A newsroom to preview: a copy of the sample archive with a theme and settings, and its server in a thread."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from samples import SEEDS, theme

from digest import pipeline
from digest.config import settings
from digest.preview import Preview

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from digest.config.settings import Settings
    from digest.model import Window

DAY = date(2020, 11, 11)
ISSUE = "2020-11-11"
CONFIG = "archive: [seeds]\ntemplates: theme\n"


@dataclass(frozen=True, slots=True)
class Newsroom:
    """A folder with `seeds`, `theme`, `out`, `edits` and `digest.yaml`."""

    folder: Path

    @property
    def edits(self) -> Path:
        """The editor's file of the issue."""
        return self.folder / "edits" / f"{ISSUE}.yaml"

    @property
    def config(self) -> Path:
        """The settings."""
        return self.folder / "digest.yaml"

    def load(self) -> tuple[Settings, Window]:
        """Read the settings, as the command does."""
        found = settings.load(str(self.config))
        return found, pipeline.window_of(found, last=DAY)

    def report(self, name: str, title: str, excerpt: str = "", *, heat: int, provider: str) -> str:
        """Add an article of the week about AI ethics; return its path in the archive."""
        text = f"""---
title: {title}
excerpt: {excerpt}
publishedDateTime: 2020-11-09T10:00:00Z
webUrl: https://{provider.casefold()}.example/{name}
heat: {heat}
topics: [AI Ethics]
provider: {{name: {provider}, domain: {provider.casefold()}.example}}
---
"""
        (self.folder / "seeds" / f"{name}.md").write_text(text, encoding="utf-8")
        return f"{name}.md"

    def build(self, day: date = DAY) -> pipeline.Built:
        """Build as `digest build` does."""
        found = settings.load(str(self.config))
        return pipeline.build(found, pipeline.window_of(found, last=day))

    def titles(self, section: str) -> list[str]:
        """The headlines of a section in the next build."""
        return [
            pick.title or pick.article.title
            for one in self.build().issue.sections
            if one.title == section
            for pick in one.picks
        ]


def newsroom(folder: Path) -> Newsroom:
    """Set up a newsroom in *folder*."""
    shutil.copytree(SEEDS, folder / "seeds")
    theme(folder)
    (folder / "digest.yaml").write_text(CONFIG, encoding="utf-8")
    return Newsroom(folder)


@contextmanager
def serving(
    room: Newsroom, *, first: Callable[[Preview], object] = lambda _: None, **options: Any
) -> Iterator[Preview]:
    """Run a preview of *room* in a thread of its own; *first* is done before it watches any file."""
    served = Preview(room.load, config=str(room.config), **options)
    first(served)
    thread = threading.Thread(target=served.run)
    thread.start()
    try:
        yield served
    finally:
        served.stop()
        thread.join()
        served.close()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        """The content as text."""
        return self.content.decode()

    @property
    def json(self) -> Any:
        """The content as JSON."""
        return json.loads(self.content)


def ask(
    served: Preview, path: str, method: str = "GET", headers: dict[str, str] | None = None, body: bytes = b""
) -> Answer:
    """Send a request whose path and headers go out exactly as they are, with the cookie of the printed address."""
    port = int(re.findall(r":(\d+)/", served.address)[0])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    sent = {
        "Host": f"127.0.0.1:{port}",
        "Cookie": f"{served.door.cookie}={served.door.access}",
        **(headers or {}),
    }
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in {**sent, **({"Content-Length": str(len(body))} if method == "POST" else {})}.items():
        connection.putheader(name, value)
    connection.endheaders(body if method == "POST" else None)
    answer = connection.getresponse()
    found = Answer(answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read())
    connection.close()
    return found


def page_values(served: Preview) -> dict[str, str]:
    """Return what the page hands to its script: the token and the hash of the editor's file."""
    text = ask(served, "/").text
    found = {key: re.findall(rf'data-{key}="([^"]*)"', text) for key in ("token", "base")}
    return {key: values[0] for key, values in found.items()}


def post(served: Preview, path: str, asked: object, **headers: str) -> Answer:
    """Send what the page's script would send; *headers* replace some of its own, with `_` for `-`."""
    port = int(re.findall(r":(\d+)/", served.address)[0])
    own = {
        "Origin": f"http://127.0.0.1:{port}",
        "Content-Type": "application/json",
        "X-Digest-Token": page_values(served)["token"],
    }
    own |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    return ask(served, path, "POST", own, json.dumps(asked).encode())
