"""Places of whole files: what is written stands there whole, and of many who create a file one does."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import fsspec
import pytest
from fakes.s3 import SECRET, leading_to, serving
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import OutputError
from digest.tables import remote, storage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from digest.tables.storage import Storage

KINDS = ("path", "file", "memory", "s3")
SHARED = (
    "s3://news/x: lets several create the same file; name a bucket, or a folder of this machine; nothing was changed"
)
NOBODY = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """S3 with a bucket `news`."""
    with serving() as address:
        yield address


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the name of a place of each kind that does not exist yet."""
    if request.param == "s3":
        request.getfixturevalue("s3")
        return f"s3://news/{tmp_path.name}/new"
    return {"path": "", "file": "file://", "memory": "memory:/"}[request.param] + str(tmp_path / "new")


def test_what_is_written_is_read(place: str) -> None:
    """Under its name, in the place of what was there, and listed without what is hidden or deeper."""
    kept = storage.opened(place)

    assert (kept.read("a/b.txt"), kept.exists("a/b.txt"), kept.names("a")) == (None, False, [])
    kept.write("a/b.txt", b"one")
    kept.write("a/b.txt", b"two")
    kept.write("a/deeper/c.txt", b"")
    kept.write("a/.b.txt.new", b"")
    assert (kept.read("a/b.txt"), kept.exists("a/b.txt"), kept.names("a")) == (b"two", True, ["b.txt"])
    assert kept.read("a/deeper/c.txt") == b""
    assert kept.shown("a/b.txt") == f"{place.removeprefix('file://')}/a/b.txt"
    kept.remove("a/b.txt")
    kept.remove("a/b.txt")
    assert (kept.read("a/b.txt"), kept.exists("a/b.txt"), kept.names("a")) == (None, False, [])


@pytest.mark.parametrize("place", ["memory", "s3"], indirect=True)
def test_folders_are_listed(place: str) -> None:
    """Those right below a folder, or the place itself, without what is hidden; a missing one has none."""
    kept = remote.RemoteStorage(place)
    assert (kept.folders(""), kept.names("")) == ([], [])
    for name in ("2020-11-11/readers/part-1", "2020-11-04/readers/part-1", ".old/a", "note"):
        kept.write(name, b"")

    assert (kept.folders(""), kept.names("")) == (["2020-11-04", "2020-11-11"], ["note"])
    assert (kept.folders("2020-11-11"), kept.folders("2020-11-18")) == (["readers"], [])


def test_what_others_write_is_seen(place: str) -> None:
    """At once, also where a listing or its lack was seen before."""
    ours, theirs = storage.opened(place), storage.opened(place)
    ours.write("a/1", b"")

    assert (ours.names("a"), ours.exists("a/2"), ours.read("a/2")) == (["1"], False, None)
    theirs.write("a/2", b"new")
    assert (ours.names("a"), ours.exists("a/2"), ours.read("a/2")) == (["1", "2"], True, b"new")
    theirs.write("a/2", b"newer")
    assert ours.read("a/2") == b"newer"


FILES = st.sampled_from(["a/1", "a/2", "b/1", "c/a/1"])
STEPS = st.lists(
    st.tuples(st.sampled_from(["read", "exists", "remove"]), FILES)
    | st.tuples(st.just("names"), st.sampled_from(["a", "b", "c", "c/a"]))
    | st.tuples(st.sampled_from(["write", "create"]), FILES, st.binary(max_size=3))
)


# Each example opens a place, and the first file that is created there is tried by eight threads.
@settings(max_examples=40)
@given(STEPS)
def test_a_folder_and_an_address_answer_alike(steps: list[tuple[str, str] | tuple[str, str, bytes]]) -> None:
    """Whatever is asked of them, in whatever order."""
    with tempfile.TemporaryDirectory() as folder:
        both = storage.opened(folder), storage.opened(f"memory:/{folder}")
        for call, *arguments in steps:
            here, there = (getattr(kept, call)(*arguments) for kept in both)
            assert here == there


LIST = """
import sys
from digest.tables import remote, storage
place = storage.opened(sys.argv[1])
place.write("a/theirs", b"of another process")
print(*place.names("a"))
"""


def test_what_another_process_writes_is_seen(s3: str) -> None:
    """In a bucket, and it sees what is ours."""
    assert s3
    place = "s3://news/another/process"
    kept = storage.opened(place)
    kept.write("a/ours", b"")
    assert kept.names("a") == ["ours"]
    seen = subprocess.run([sys.executable, "-c", LIST, place], capture_output=True, text=True, check=True).stdout
    assert (seen, kept.names("a"), kept.read("a/theirs")) == (
        "ours theirs\n",
        ["ours", "theirs"],
        b"of another process",
    )


# fsspec's memory is for one thread.
@pytest.mark.parametrize("place", ["path", "file", "s3"], indirect=True)
def test_folders_are_listed_beside_files(place: str) -> None:
    """Those right below, hidden ones left out; of a place that is not there, none."""
    kept = storage.opened(place)
    assert kept.folders("") == []
    for name in ("b/c/d.txt", "a/e.txt", ".hidden/f.txt", "g.txt"):
        kept.write(name, b"")

    assert (kept.folders(""), kept.folders("b"), kept.folders("a")) == (["a", "b"], ["c"], [])


def test_of_many_who_create_a_file_one_does(place: str) -> None:
    """And its content stays."""
    kept = storage.opened(place)
    with ThreadPoolExecutor(8) as threads:
        for number in range(20):
            name = f"claims/{number}"
            won = list(threads.map(lambda who, name=name: kept.create(name, b"%d" % who), range(8)))
            assert won.count(True) == 1
            assert kept.read(name) == b"%d" % won.index(True)
    assert kept.create("claims/0", b"late") is False
    assert len(kept.names("claims")) == 20


def test_whoever_looks_meanwhile_finds_a_whole_file(tmp_path: Path) -> None:
    """A claim that is empty for a moment would be taken for that of a run which was killed."""
    kept, names, seen = (
        storage.opened(str(tmp_path)),
        [f"claims/{number}" for number in range(100)],
        set[bytes | None](),
    )
    with ThreadPoolExecutor(1) as thread:
        creating = thread.submit(lambda: [kept.create(name, b"whole") for name in names])
        while not creating.done():
            seen.update(kept.read(name) for name in names)

    assert seen <= {None, b"whole"}
    assert sorted(os.listdir(tmp_path / "claims")) == sorted(name.removeprefix("claims/") for name in names)


def test_a_folder_without_hard_links_creates_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on FAT: one gets the file, and nothing else is left behind."""

    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    kept = storage.opened(str(tmp_path))

    assert [kept.create("claims/1", content) for content in (b"one", b"other")] == [True, False]
    assert (kept.read("claims/1"), os.listdir(tmp_path / "claims")) == (b"one", ["1"])


CREATE = """
import sys
from digest.tables import remote, storage
place = storage.opened(sys.argv[1])
sys.stdin.readline()
print(*(number for number in range(40) if place.create(f"claims/{number}", sys.argv[2].encode())))
"""


def test_of_two_processes_that_create_the_same_files_each_file_has_one(s3: str) -> None:
    """In a bucket: each of the files was created by exactly one of them, and holds what that one wrote."""
    assert s3
    place = "s3://news/two/processes"
    command = [sys.executable, "-c", CREATE, place]
    both = [
        subprocess.Popen([*command, who], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for who in ("one", "other")
    ]
    for process in both:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    created = [process.communicate()[0].split() for process in both]
    kept = storage.opened(place)

    assert Counter(created[0] + created[1]) == Counter(map(str, range(40)))
    assert {kept.read(f"claims/{number}") for number in created[0]} <= {b"one"}
    assert {kept.read(f"claims/{number}") for number in created[1]} <= {b"other"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_takes_nothing_is_told(tmp_path: Path) -> None:
    """By the name of the file."""
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError) as error:
        storage.opened(str(tmp_path)).create("a", b"")
    assert (
        str(error.value) == f"{tmp_path}/a: cannot be written (Permission denied); make room or choose another folder"
    )


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    """Where a folder would have to be."""
    (tmp_path / "claims").touch()
    with pytest.raises(OutputError) as error:
        storage.opened(str(tmp_path)).create("claims/1", b"")
    assert str(error.value) == f"{tmp_path}/claims: is no folder; move it away; nothing was changed"
    assert storage.opened(str(tmp_path)).exists("claims")


class Careless(MemoryFileSystem):  # type: ignore[misc]  # fsspec has no types
    """A store that takes every file, whoever had it before."""

    protocol = "careless"
    store: dict[str, object] = {}  # noqa: RUF012 - as fsspec has it
    pseudo_dirs = [""]  # noqa: RUF012 - likewise

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **_: object) -> None:
        """Write the file, and never mind that it may be there."""
        del mode
        super().pipe_file(path, value)


def test_a_place_that_lets_several_create_a_file_is_refused() -> None:
    """Before anything is created; parts can be written there, for which nobody fights."""
    fsspec.register_implementation("careless", Careless, clobber=True)
    kept = storage.opened("careless://news")
    kept.write("readers/part-1", b"whole")
    with pytest.raises(OutputError) as error:
        kept.create("claims/1", b"")

    assert str(error.value) == SHARED.replace("s3://news/x", "careless://news")
    assert (kept.names("claims"), kept.names("readers")) == ([], ["part-1"])


class Stepwise(LocalFileSystem):  # type: ignore[misc]  # likewise
    """A store that writes as fsspec does for who knows no better way: open, then write."""

    protocol = "stepwise"


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (
            f"stepwise://reader:{SECRET}@host/news",
            "stepwise://host/news: may keep half a file where a run is killed; "
            "name a bucket, or a folder of this machine; nothing was changed",
        ),
        (
            f"simplecache::s3://news/x?{SECRET}",
            "simplecache::s3://news/x: is an address behind another; name the place itself",
        ),
        (
            "nowhere://a/b",
            "nowhere://a/b: cannot be reached (ValueError); see to the address, its rights and the network",
        ),
    ],
)
def test_a_place_that_cannot_be_one_is_refused(place: str, line: str) -> None:
    """At once, in a line without a secret."""
    fsspec.register_implementation("stepwise", Stepwise, clobber=True)
    with pytest.raises(OutputError) as error:
        storage.opened(place)
    assert str(error.value) == line


@contextmanager
def answering(*answers: tuple[int, str]) -> Iterator[Storage]:
    """Lend a place in a bucket whose service gives those statuses and codes in turn, and the last of them for good."""
    left = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            status, code = left.pop(0) if len(left) > 1 else left[0]
            body = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode() if code else b""
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Print nothing: the lines would be taken for ours."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server, leading_to(f"http://127.0.0.1:{server.server_port}"):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield storage.opened("s3://news/x")
        server.shutdown()


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ([(412, "PreconditionFailed")], "there already"),
        (
            [(409, "ConditionalRequestConflict"), (409, "ConditionalRequestConflict"), (412, "PreconditionFailed")],
            "there already",
        ),
        (
            [(501, "NotImplemented")],
            SHARED,
        ),
        (
            [(200, "")],
            SHARED,
        ),
        ([(403, "AccessDenied")], "s3://news/x/.exclusive: may not be read or written; see to its rights"),
        (
            [(404, "NoSuchBucket")],
            "s3://news/x/.exclusive: there is no such bucket or folder; make it, or name another",
        ),
    ],
    ids=["taken", "others-at-it", "unknown", "ignored", "forbidden", "no-bucket"],
)
def test_what_services_that_play_s3_answer(answers: list[tuple[int, str]], outcome: str) -> None:
    """A file that is there, a wait for others, and a refusal are told apart, also where a service says less than S3."""
    with answering(*answers) as kept:
        try:
            told = "created" if kept.create("claims/1", b"") else "there already"
        except OutputError as error:
            told = str(error)
    assert told == outcome


@pytest.mark.parametrize("call", ["read", "exists", "names", "write", "remove", "create"])
def test_a_place_that_cannot_be_reached_is_told(call: str) -> None:
    """By whatever is asked of it: no silence is taken for a file that is not there."""
    arguments = ("a/1", b"") if call in {"write", "create"} else ("a/1",)
    with leading_to(NOBODY), pytest.raises(OutputError) as error:
        getattr(storage.opened("s3://news/x"), call)(*arguments)

    place = "s3://news/x/.exclusive" if call == "create" else "s3://news/x/a/1"
    assert str(error.value) == (
        f"{place}: cannot be reached (EndpointConnectionError); see to the address, its rights and the network"
    )
