from __future__ import annotations

import http.client
import threading
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from digest import preview
from digest.errors import DigestError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.server import ThreadingHTTPServer
    from pathlib import Path

HTML = (
    '<p>https://pictures.example.com/bees.png</p><img alt="" src="https://pictures.example.com/a/bees.png">'
    '<img src="https://pictures.example.com/unknown.png"><a href="https://pictures.example.com/bees.png">ü</a>'
)
PICTURE = b"\x89PNG bees"
POLICY = "default-src 'none'; img-src 'self' https:; style-src 'unsafe-inline'"


@contextmanager
def serving(folder: Path, *archives: Path) -> Iterator[ThreadingHTTPServer]:
    """Run a preview in a thread of its own."""
    with preview.serve(str(folder), [str(archive) for archive in archives], 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def issue_folder(tmp_path: Path) -> Path:
    """Write an issue with a dot-file and a secret beside it."""
    folder = tmp_path / "out" / "2020-11-11"
    (folder / "inner").mkdir(parents=True)
    for name, content in {
        "index.html": HTML,
        "index.txt": "Grüße",
        "message.eml": "From: a",
        "issue.json": "{}",
        ".secret": "x",
        "inner/a.txt": "x",
        "odd.bin": "x",
        "../secret.txt": "x",
    }.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder


@pytest.fixture
def archive_folder(tmp_path: Path) -> Path:
    """Write an archive with a picture and what must not be served."""
    folder = tmp_path / "seeds"
    (folder / "pictures").mkdir(parents=True)
    for name in ("pictures/bees.png", "pictures/.hidden.png", "pictures/notes.md", "article.md"):
        (folder / name).write_bytes(PICTURE)
    return folder


@pytest.fixture
def server(issue_folder: Path, archive_folder: Path) -> Iterator[ThreadingHTTPServer]:
    """Preview the issue with the archive's pictures."""
    with serving(issue_folder, archive_folder) as running:
        yield running


def get(server: ThreadingHTTPServer, path: str) -> tuple[str, bytes]:
    """Return type and content of what stands at *path*."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}{path}") as answer:
        return answer.headers["Content-Type"], answer.read()


def status(server: ThreadingHTTPServer, path: str, method: str = "GET") -> int:
    """Return the status of a request whose path goes out exactly as it is."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port)
    connection.putrequest(method, path)
    connection.endheaders()
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def test_root_is_the_letter(server: ThreadingHTTPServer) -> None:
    """At / stands index.html, with known pictures taken from here and all else as it was."""
    kind, content = get(server, "/")
    assert kind == "text/html; charset=utf-8"
    assert content.decode() == (
        '<p>https://pictures.example.com/bees.png</p><img alt="" src="/pictures/bees.png">'
        '<img src="https://pictures.example.com/unknown.png"><a href="https://pictures.example.com/bees.png">ü</a>'
    )


@pytest.mark.parametrize(
    ("path", "kind", "content"),
    [
        ("/index.txt", "text/plain; charset=utf-8", "Grüße".encode()),
        ("/message.eml", "text/plain; charset=us-ascii", b"From: a"),
        ("/issue.json", "application/json", b"{}"),
        ("/odd.bin", "application/octet-stream", b"x"),
        ("/pictures/bees.png", "image/png", PICTURE),
        ("/pictures/bees.png?w=600", "image/png", PICTURE),
    ],
)
def test_files_are_served_as_what_they_are(server: ThreadingHTTPServer, path: str, kind: str, content: bytes) -> None:
    """Each file of the issue, and each picture of the archive, has its type."""
    assert (kind, content) == get(server, path)


def test_root_with_a_query_is_the_letter(server: ThreadingHTTPServer) -> None:
    """A query behind / asks for the letter too."""
    assert status(server, "/?utm_source=mail") == 200


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/index.html/",
        "/.secret",
        "/inner",
        "/inner/",
        "/inner/a.txt",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "/....//secret.txt",
        "/pictures/",
        "/pictures/.hidden.png",
        "/pictures/notes.md",
        "/pictures/../article.md",
        "/pictures/..%2farticle.md",
        "/pictures/%2e%2e/%2e%2e/secret.txt",
        "/etc/passwd",
        "//etc/passwd",
        "/../../../../../../etc/passwd",
        "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/pictures/../../../../../etc/passwd",
        "file:///etc/passwd",
        "http://127.0.0.1/etc/passwd",
        "*",
    ],
)
def test_nothing_else_is_served(server: ThreadingHTTPServer, path: str) -> None:
    """Dot-files, folders, and whatever lies elsewhere, however it is written, are not found."""
    assert status(server, path) == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"])
def test_nothing_can_be_written(server: ThreadingHTTPServer, method: str) -> None:
    """No method but GET is known."""
    assert status(server, "/index.html", method) == 501


def test_answers_carry_a_policy(server: ThreadingHTTPServer) -> None:
    """Scripts are forbidden, types are not guessed, and nothing is kept."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/") as answer:
        names = ("Content-Security-Policy", "X-Content-Type-Options", "Cache-Control")
        assert [answer.headers[name] for name in names] == [POLICY, "nosniff", "no-store"]


def test_server_listens_on_this_machine_only(server: ThreadingHTTPServer) -> None:
    """The preview is bound to 127.0.0.1, and to a port of its own."""
    host, port = server.socket.getsockname()
    assert host == "127.0.0.1"
    assert server.server_port == port > 0


def test_taken_port_is_something_to_mend(server: ThreadingHTTPServer, issue_folder: Path) -> None:
    """A port that another program has is an error for the user, which names the port, and no traceback."""
    with pytest.raises(DigestError, match=str(server.server_port)):
        preview.serve(str(issue_folder), [], server.server_port)


def test_rebuilt_issue_shows(server: ThreadingHTTPServer, issue_folder: Path) -> None:
    """An issue that was written anew is shown as it is now."""
    (issue_folder / "index.html").write_text("<p>new</p>")
    assert get(server, "/")[1] == b"<p>new</p>"


def test_file_that_went_away_is_not_found(server: ThreadingHTTPServer, issue_folder: Path) -> None:
    """A file that was there at the start and is gone now is not found."""
    (issue_folder / "index.txt").unlink()
    assert status(server, "/index.txt") == 404


def test_preview_is_quiet(server: ThreadingHTTPServer, capfd: pytest.CaptureFixture[str]) -> None:
    """Requests, good and bad, write nothing to the terminal."""
    assert [status(server, "/"), status(server, "/nothing")] == [200, 404]
    assert capfd.readouterr() == ("", "")


def test_first_archive_wins(tmp_path: Path, issue_folder: Path, archive_folder: Path) -> None:
    """A picture that two archives have is taken from the first; one without pictures is fine."""
    other, bare = tmp_path / "other", tmp_path / "bare"
    (other / "pictures").mkdir(parents=True)
    bare.mkdir()
    (other / "pictures" / "bees.png").write_bytes(b"other")
    with serving(issue_folder, bare, archive_folder, other) as running:
        assert get(running, "/pictures/bees.png") == ("image/png", PICTURE)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<img src="https://a.example.com/x/bees.png">', '<img src="/pictures/bees.png">'),
        ('<img id="a" src="https://a.example.com/bees.png" alt="">', '<img id="a" src="/pictures/bees.png" alt="">'),
        ('<img src="https://a.example.com/ants.png">', '<img src="https://a.example.com/ants.png">'),
        ('<img src="https://a.example.com/no-bees.png">', '<img src="https://a.example.com/no-bees.png">'),
        ('<img src="http://a.example.com/bees.png">', '<img src="http://a.example.com/bees.png">'),
        ('<img alt="https://a.example.com/bees.png">', '<img alt="https://a.example.com/bees.png">'),
        ('<a href="https://a.example.com/bees.png">', '<a href="https://a.example.com/bees.png">'),
        ("&lt;img src=&#34;https:/a/bees.png&#34;&gt;", "&lt;img src=&#34;https:/a/bees.png&#34;&gt;"),
    ],
    ids=["known", "attributes", "unknown", "ending", "no-tls", "alt", "link", "text"],
)  # fmt: skip
def test_only_known_pictures_are_local(html: str, expected: str) -> None:
    """Only the source of a picture whose file name is known is changed."""
    assert expected == preview.with_local_pictures(html, {"bees.png"})
