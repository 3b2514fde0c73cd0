"""Tables behind an address: fsspec's memory, a web server, and S3 as moto plays it. No message has a secret in it."""

from __future__ import annotations

import functools
import http.server
import json
import threading
from typing import TYPE_CHECKING

import fsspec
import pytest
from command import run
from fakes.s3 import SECRET, serving
from samples import SEEDS
from tabling import STORY, WEEK, parquet

from digest import archive
from digest.errors import TableError
from digest.tables import places

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY = "2020-11-11"


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """S3 with a bucket `news`."""
    with serving() as address:
        yield address


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """A web server of the test's own folder; gives its address with a password and a signature to put into it."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Print nothing: the lines would be taken for ours."""

    handler = functools.partial(Handler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://reader:{SECRET}@127.0.0.1:{server.server_port}"
        server.shutdown()


def built(folder: Path, source: str, out: str) -> dict[str, bytes]:
    """Build the sample's issue from *source*; return its files."""
    done = run(folder, "build", "--date", DAY, "--out", out, "--archive", source)
    assert done.status == 0, done.told
    return {file.name: file.read_bytes() for file in (folder / out / DAY).iterdir()}


@pytest.mark.usefixtures("s3")
@pytest.mark.parametrize("name", ["news.jsonl", "news.parquet"])
def test_an_archive_in_a_bucket(name: str, tmp_path: Path) -> None:
    """A folder packed into a bucket gives the same issue from there, by its name and by a pattern."""
    wanted = built(tmp_path, SEEDS, "of-folder")
    place = f"s3://news/here/{name}"
    done = run(tmp_path, "archive", "pack", SEEDS, "--to", place)
    assert done.status == 0, done.told
    again = run(tmp_path, "archive", "pack", SEEDS, "--to", place)

    assert (again.status, again.told) == (
        1,
        f"{place}: is there already; name another, or write over it with --replace\n",
    )
    assert built(tmp_path, place, f"of-{name}") == wanted
    assert built(tmp_path, place.replace("news.", "*."), f"of-all-{name}") == wanted


@pytest.mark.usefixtures("s3")
def test_a_bucket_without_the_file() -> None:
    """A missing file, a pattern that fits none, and a missing bucket are one line each."""
    told = []
    for place in ("s3://news/nothing.jsonl", "s3://news/nothing-*.parquet", "s3://nowhere/a.parquet"):
        with pytest.raises(TableError) as error:
            archive.read([place])
        told.append(str(error.value).partition("; ")[0])

    assert told == [
        "s3://news/nothing.jsonl: there is no such file",
        "s3://news/nothing-*.parquet: there is no such file",
        "s3://nowhere/a.parquet: there is no such file",
    ]


@pytest.mark.usefixtures("s3")
def test_writing_makes_a_folder_of_this_machine_and_no_bucket(tmp_path: Path) -> None:
    """A folder in a `file:` address comes to be, as one in a path does; a bucket is not made of a misspelt name."""
    place = f"file://{tmp_path}/new/folder/news.jsonl"
    done = run(tmp_path, "archive", "pack", SEEDS, "--to", place)
    places.store(b"a letter", f"file://{tmp_path}/letters/2020/a.eml")
    told = run(tmp_path, "archive", "pack", SEEDS, "--to", "s3://nowhere/news.jsonl").told

    assert done.status == 0
    assert (tmp_path / "new" / "folder" / "news.jsonl").is_file()
    assert (tmp_path / "letters" / "2020" / "a.eml").read_bytes() == b"a letter"
    assert told == "s3://nowhere/news.jsonl: there is no such bucket or folder; make it, or name another\n"


def test_signed_addresses(web: str, tmp_path: Path) -> None:
    """An address with a password and a signature is opened as it stands, and shown without them."""
    parquet(tmp_path / "n.parquet", f"SELECT {STORY}, 'x' AS heat_text, i AS id FROM range(2) r(i)")
    (tmp_path / "n.jsonl").write_text('{"title": "T", "date": "2020-11-09"}\nnothing\n', encoding="utf-8")
    shown = web.replace(f"reader:{SECRET}@", "")
    # This server gives whole files only.
    with pytest.raises(TableError) as error:
        archive.read([f"{web}/n.parquet?signature={SECRET}"], within=WEEK)
    of_parquet = archive.read([f"simplecache::{web}/n.parquet?signature={SECRET}"], within=WEEK)
    of_lines = archive.read([f"{web}/n.jsonl?signature={SECRET}"], within=WEEK)

    assert str(error.value) == f"{shown}/n.parquet: cannot be read (ValueError); try simplecache:: before the address"
    assert [article.path for article in of_parquet.articles] == ["0", "1"]
    assert [article.path for article in of_lines.articles] == ["n.jsonl:1"]
    assert [problem.path for problem in of_lines.problems if problem.line] == [f"{shown}/n.jsonl"]
    assert SECRET not in str(of_lines.problems)


BROKEN = {
    "damaged.parquet": "is no Parquet file",
    "damaged.jsonl": "can be read",
    "missing.parquet": "there is no such file",
    "missing.jsonl": "there is no such file",
    "folder/": "there is no such file",
    "page.html": "names no table",
}


@pytest.mark.parametrize("name", BROKEN)
def test_no_secret_in_a_message(name: str, web: str, tmp_path: Path) -> None:
    """Whatever is wrong behind an address, neither its password nor its signature is in the line that says so."""
    (tmp_path / "damaged.parquet").write_bytes(b"PAR1" + b"x" * 100 + b"PAR1")
    (tmp_path / "damaged.jsonl").write_bytes(b"\xff\xfe")
    (tmp_path / "page.html").touch()
    place = f"{web}/{name}?signature={SECRET}"
    done = run(tmp_path, "build", "--date", DAY, "--archive", place, "--out", "out")

    assert done.status in {1, 3}
    assert SECRET not in done.told + done.printed
    assert BROKEN[name] in done.told
    assert done.told.count("\n") <= 2
    assert "Traceback" not in done.told


def test_an_unknown_service_and_a_dead_one() -> None:
    """An address that nobody knows, and one where nobody answers, are one line each."""
    told = []
    for place in ("nowhere://a/b.parquet", f"http://u:{SECRET}@127.0.0.1:1/a.jsonl?{SECRET}"):
        with pytest.raises(TableError) as error:
            archive.read([place])
        told.append(str(error.value))

    assert told == [
        "nowhere://a/b.parquet: cannot be reached (ValueError); see to the address, its rights and the network",
        "http://127.0.0.1:1/a.jsonl: cannot be reached (ClientConnectorError); "
        "see to the address, its rights and the network",
    ]


def test_memory_and_chains(tmp_path: Path) -> None:
    """Any of fsspec's addresses works, chained ones too."""
    lines = "\n".join(json.dumps({"title": f"T{number}", "id": number, "date": "2020-11-09"}) for number in range(3))
    fsspec.filesystem("memory").pipe_file("/tables/a.jsonl", lines.encode())
    fsspec.filesystem("memory").put_file(
        parquet(tmp_path / "b.parquet", f"SELECT {STORY}, 'b' AS id FROM range(1) r(i)"), "/tables/b.parquet"
    )
    sources = ["memory://tables/a.jsonl", "simplecache::memory://tables/b.parquet", f"file://{tmp_path}/b.parquet"]
    paths = [article.path for article in archive.read(sources).articles]

    assert paths == ["a/0", "a/1", "a/2", "b-1/b", "b-2/b"]


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (404, "there is no such file; see to its name"),
        (403, "cannot be reached (ClientResponseError); see to the address, its rights and the network"),
        (500, "cannot be reached (ClientResponseError); see to the address, its rights and the network"),
    ],
)
def test_what_a_server_answers(status: int, line: str, tmp_path: Path) -> None:
    """Only of a file that is not there it is said that it is not there."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_GET  # noqa: N815 - as http.server calls it

        def log_message(self, *_: object) -> None:
            """Print nothing: the lines would be taken for ours."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/news.jsonl"
        done = run(tmp_path, "build", "--archive", address, "--date", DAY)
        server.shutdown()

    assert done.told == f"{address}: {line}\n"
