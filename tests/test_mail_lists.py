"""Lists of readers in Parquet and behind an address: read like a file, and broken like one."""

from __future__ import annotations

import http.server
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import fsspec
import pytest
from tabling import parquet

from digest.errors import SendingError
from digest.mail import recipients
from digest.mail.built import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MARKER = "zq7marker"
"""Stands in every address of the tests, and nowhere else."""
SECRET = "hunter2"
ROWS = (
    f"SELECT * FROM (VALUES ('{MARKER}1@example.com', ['AI', 'Robots'], 7, NULL),"
    f" (NULL, [], NULL, 'x'), ('{MARKER}2', NULL, 8, 'y'), ('{MARKER}3@example.com', NULL, NULL, 'z'))"
    ' AS listed("E-Mail ", Topics, Age, token)'
)
GOOD = "\n".join(["email,topics", *(f"{MARKER}{number}@example.com,AI" for number in range(3_000)), ""])


def broken(path: str) -> str:
    """Return what is wrong with the list *path*."""
    with pytest.raises(SendingError) as caught:
        list(recipients.read(path))
    assert MARKER not in str(caught.value)
    return str(caught.value)


def test_rows_of_parquet_are_readers(tmp_path: Path) -> None:
    """With the columns that CSV gives, in several files in their order, and bad rows by their number."""
    for part in "ab":
        parquet(tmp_path / f"{part}.parquet", ROWS)
    rows = list(recipients.read(f"{tmp_path}/*.parquet"))
    first = [(row.address, row.fields, row.line) if isinstance(row, Reader) else str(row) for row in rows[:4]]

    assert first == [
        (f"{MARKER}1@example.com", {"topics": "AI; Robots", "age": "7"}, 1),
        "line 2: has no e-mail address",
        f"line 3: '{MARKER}2' is no e-mail address: An email address must have an @-sign",
        (f"{MARKER}3@example.com", {"token": "z"}, 4),
    ]
    assert [row.line for row in rows] == [*range(1, 9)]
    assert list(recipients.read(f"file://{tmp_path}/a.parquet")) == rows[:4]


def test_a_damaged_file_of_several_stops(tmp_path: Path) -> None:
    """Nobody can tell how many readers were in it."""
    parquet(tmp_path / "a.parquet", ROWS)
    (tmp_path / "b.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:-9])

    assert broken(f"{tmp_path}/*.parquet") == (
        f"{tmp_path}/b.parquet: is no Parquet file; export the list again; nothing was sent"
    )
    assert broken(f"{tmp_path}/b.parquet").startswith(f"{tmp_path}/b.parquet: is no Parquet file (")
    assert broken(f"{tmp_path}/c.parquet") == f"{tmp_path}/c.parquet: there is no such file; see to its name"


def test_a_list_that_breaks_off_within_is_told_without_a_cell(tmp_path: Path) -> None:
    """DuckDB quotes what it cannot read, and that may be an address."""
    file = tmp_path / "a.parquet"
    parquet(file, f"SELECT '{MARKER}\u00fc@example.com' AS email FROM range(1)")
    file.write_bytes(file.read_bytes().replace("\u00fc".encode(), b"\xfc "))

    assert broken(str(file)) == f"{file}: cannot be read to its end; export the list again; nothing was sent"


@pytest.fixture
def web() -> Iterator[str]:
    """A web server of lists; gives its address with a password in it."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.partition("?")[0]
            body = {"/good.csv": GOOD, "/half.csv": GOOD, "/row.csv": GOOD[:-20], "/old.csv": GOOD + "ü"}.get(name, "")
            self.send_response(200 if body else 404)
            self.send_header("Content-Length", str(len(body.encode("latin-1"))))
            self.end_headers()
            self.wfile.write(body.encode("latin-1")[: 40_000 if name == "/half.csv" else None])

        def log_message(self, *_: object) -> None:
            """Print nothing: the lines would be taken for ours."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://reader:{SECRET}@127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_list_behind_an_address(web: str) -> None:
    """Is read to its end, with a password and a signature that no message has."""
    shown = web.replace(f"reader:{SECRET}@", "")

    assert sum(isinstance(row, Reader) for row in recipients.read(f"{web}/good.csv?sig={SECRET}")) == 3_000
    assert {name: broken(f"{web}/{name}.csv?sig={SECRET}") for name in ("half", "row", "old", "none")} == {
        "half": f"{shown}/half.csv: cannot be reached (ClientPayloadError); "
        "see to the address, its rights and the network",
        "row": f"{shown}/row.csv, line 3001: has 1 of 2 cells; export the list again; nothing was sent",
        "old": f"{shown}/old.csv: is not UTF-8; save it as UTF-8",
        "none": f"{shown}/none.csv: there is no such file; see to its name",
    }


def test_json_lines_and_suppressions_at_an_address() -> None:
    """Any list that is read may stand anywhere."""
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/lists/a.jsonl", b'{"email": "ann@example.com", "topics": ["AI"]}\n')
    memory.pipe_file("/lists/left.csv", b"email\nAnn@Example.com\nnobody\n")

    assert [row.fields for row in recipients.read("memory://lists/a.jsonl") if isinstance(row, Reader)] == [
        {"topics": "AI"}
    ]
    with pytest.raises(SendingError) as caught:
        list(recipients.suppressions("memory://lists/left.csv"))
    assert str(caught.value).startswith("memory://lists/left.csv: line 3: ")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("readers.parquet", "readers.parquet: needs the extra tables; pip install 'heat-digest[tables]'"),
        ("s3://news/readers.csv", "s3://news/readers.csv: needs the extra s3; pip install 'heat-digest[s3]'"),
        ("gs://news/readers.csv", "gs://news/readers.csv: needs the extra tables; pip install 'heat-digest[tables]'"),
    ],
)
def test_without_its_extra_a_list_says_so(name: str, line: str, tmp_path: Path) -> None:
    """By its name."""
    (tmp_path / "readers.parquet").touch()
    program = (
        "import sys\nsys.modules.update(duckdb=None, fsspec=None)\nfrom digest import errors\n"
        "from digest.mail import recipients\n"
        "try: list(recipients.read(sys.argv[1]))\nexcept errors.SendingError as error: print(error)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, name], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert told.stdout == f"{line}\n"
