"""Editions made by a Dask cluster of real processes, and lists of readers cut into parts."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import random
import re
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
import trustme
from command import run
from hypothesis import given, settings
from hypothesis import strategies as st
from test_editions import DAY, KEY, MARKER, TOPICS, contents, newsroom, week_of

from digest.editions import engine, roll, workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from digest.editions.common import CommonWeek

PARTS = 60
OTHER = "raise ImportError"


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READER_KEY", KEY)


class Cluster:
    """A scheduler of Dask with workers, each a process of its own that writes into a log in *folder*."""

    def __init__(self, folder: Path, scheme: str = "tcp", env: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self._env = {**os.environ, **(env or {})}
        self._all: list[subprocess.Popen[bytes]] = []
        place = folder / "scheduler.json"
        options = ("--host", f"{scheme}://127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(place))
        self.scheduler = self._start("scheduler", options)
        self._await(lambda: place.exists() and place.read_text("utf-8").endswith("}"))
        self.address: str = json.loads(place.read_text("utf-8"))["address"]

    def worker(self, name: str, path: str = "") -> subprocess.Popen[bytes]:
        """Start a worker, whose modules are first looked for in *path*, and wait until it has joined."""
        options = ("--name", name, "--nthreads", "1", "--no-dashboard", "--local-directory", str(self.folder))
        env = {"PYTHONPATH": path} if path else {}
        # Without a nanny nobody starts it anew when it is killed.
        process = self._start(f"worker-{name}", (self.address, "--no-nanny", "--death-timeout", "60", *options), env)
        self._await(lambda: "Registered to" in (self.folder / f"worker-{name}.log").read_text("utf-8"))
        return process

    def logs(self) -> str:
        """Return all that its processes have written."""
        return "".join(file.read_text("utf-8") for file in sorted(self.folder.glob("*.log")))

    def stop(self) -> None:
        """End all its processes."""
        for process in reversed(self._all):
            process.kill()
            process.wait()

    def _start(
        self, name: str, options: tuple[str, ...], env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        kind = name.partition("-")[0]
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", kind, *options],
                cwd=self.folder,
                env={**self._env, **(env or {})},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._all.append(process)
        return process

    def _await(self, is_there: Callable[[], bool]) -> None:
        for _ in range(6000):
            if is_there():
                return
            time.sleep(0.01)
        pytest.fail(self.logs())


@contextmanager
def started(folder: Path, *names: str, scheme: str = "tcp", env: Mapping[str, str] | None = None) -> Iterator[Cluster]:
    """Lend a cluster with workers of these *names*."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        made = Cluster(folder, scheme, env)
        stack.callback(made.stop)
        for name in names:
            made.worker(name)
        yield made


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Return a cluster of one worker."""
    with started(tmp_path_factory.mktemp("cluster"), "one") as made:
        yield made


def editions(folder: Path, *options: str) -> subprocess.Popen[str]:
    """Start `digest editions` in *folder* as a process of its own."""
    command = [sys.executable, "-m", "digest", *DAY, *options]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def many(folder: Path) -> Path:
    """Set up a newsletter in *folder* with so many readers and parts that a run takes a while."""
    newsroom(folder, parts=PARTS)
    chance = random.Random(9)
    rows = [
        f"{MARKER}{number}@example.com,{'; '.join(chance.sample(TOPICS, chance.randint(0, 6)))}\n"
        for number in range(1500)
    ]
    (folder / "readers.csv").write_text("email,topics\n" + "".join(rows), "utf-8")
    return folder


def standing(folder: Path) -> int:
    """Return how many parts stand."""
    return len(list((folder / "editions").rglob("readers/part-*.jsonl")))


def wait_for_a_part(folder: Path, process: subprocess.Popen[str]) -> None:
    """Wait until *process* has made a part, and prove that it has more to make."""
    while process.poll() is None and not standing(folder):
        time.sleep(0.001)
    assert 0 < standing(folder) < PARTS


def test_a_cluster_comes_to_the_bytes_of_this_machine(tmp_path: Path, cluster: Cluster) -> None:
    """Also where one of its two workers is killed while it is at a part; nothing that was asked stays behind."""
    here, there = many(tmp_path / "here"), many(tmp_path / "there")
    assert run(here, *DAY).status == 0
    second = cluster.worker("killed")
    process = editions(there, "--engine", cluster.address)
    wait_for_a_part(there, process)
    second.kill()
    printed, told = process.communicate()

    assert process.returncode == 0, told
    assert printed.splitlines()[-1] == f"editions/2020-11-11: {PARTS} of {PARTS} parts made, 0 were there"
    assert contents(there) == contents(here)
    assert len(contents(here)) == 2 * PARTS + 1


def test_a_cluster_that_is_lost_costs_nothing(tmp_path: Path) -> None:
    """Where its scheduler is killed one line says so, and the same command on this machine makes the rest."""
    here, there = many(tmp_path / "here"), many(tmp_path / "there")
    with started(tmp_path / "cluster", "one") as cluster:
        process = editions(there, "--quiet", "--engine", cluster.address)
        wait_for_a_part(there, process)
        cluster.scheduler.kill()
        printed, told = process.communicate()
    before = standing(there)
    stamps = {file: file.stat().st_mtime_ns for file in (there / "editions").rglob("readers/part-*.jsonl")}

    lost = "the cluster is lost; see to it and run the same command again: what stands stays"
    assert (process.returncode, printed) == (1, "")
    assert [line for line in told.splitlines() if not line.startswith("warning: seeds")] == [
        f"{cluster.address}: {lost}"
    ]
    assert before < PARTS
    assert run(there, *DAY).printed.splitlines()[-1].endswith(f"parts made, {before} were there")
    assert run(here, *DAY).status == 0
    assert contents(there) == contents(here)
    assert stamps == {file: file.stat().st_mtime_ns for file in stamps}


def copied(folder: Path, package: str) -> str:
    """Return a folder with a digest of other code: a line more in its package, or *package* in the place of it."""
    if package:
        (folder / "digest").mkdir(parents=True)
    else:
        shutil.copytree(
            Path(engine.__file__).parents[1], folder / "digest", ignore=shutil.ignore_patterns("__pycache__")
        )
    with (folder / "digest/__init__.py").open("a", encoding="utf-8") as handle:
        handle.write(package or "# Another version.\n")
    return str(folder)


@pytest.mark.parametrize(
    ("package", "has"), [("", r"[\d.]+ of code (?!{code})\w{{8}}, Python {python}"), (OTHER, "none")]
)
def test_a_worker_of_another_program_is_refused(tmp_path: Path, cluster: Cluster, package: str, has: str) -> None:
    """Before anything is written: nobody could say which bytes its parts would have."""
    desk = newsroom(tmp_path / "desk")
    stranger = cluster.worker("other", path=copied(tmp_path / "other", package))
    done = editions(desk, "--engine", cluster.address)
    _, told = done.communicate()
    stranger.kill()
    stranger.wait()

    ours = workers.fingerprint()
    pattern = has.format(code=ours.partition("code ")[2][:8], python=ours.rpartition(" ")[2])
    assert done.returncode == 1
    assert re.fullmatch(
        rf"tcp://127\.0\.0\.1:\d+: has another digest \({pattern}; here {re.escape(ours)}\); "
        r"install the same on all, and start its workers anew; nothing was changed\n",
        told,
    ), told
    assert contents(desk) == {}


def test_a_worker_that_joins_later_is_asked_as_well() -> None:
    """What it is told to make is left, with why."""
    week = cast("CommonWeek", None)  # which it does not come to look at
    why = "a worker that has joined has another digest or Python"
    assert workers._work_for(week, "another", "editions", 7) == workers.LeftPart(number=7, why=why)


@pytest.mark.parametrize(
    "url",
    [
        "ray://127.0.0.1:10001",
        "https://127.0.0.1:8786",
        "scheduler:8786",
        "tcp://127.0.0.1",
        "tcp://127.0.0.1:many",
        "tcp://[::1",
    ],
)
def test_an_engine_that_nobody_knows_is_refused(tmp_path: Path, url: str) -> None:
    """By its address, and nothing is written."""
    done = run(newsroom(tmp_path / "desk"), *DAY, "--engine", url)

    message = f"{url}: is no engine that digest knows; name a scheduler of Dask, as tls://scheduler:8786\n"
    assert (done.status, done.told) == (1, message)
    assert contents(tmp_path / "desk") == {}


TLS = "DASK_DISTRIBUTED__COMM__TLS__"
THERE = "see distributed.comm.tls there"
REFUSED: dict[str, tuple[str, dict[str, str], str]] = {
    "nobody": ("tcp", {}, "cannot be reached; see to it and run the same command again: what stands stays"),
    "encryption": (
        "tcp",
        {"DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "true"},
        "Dask's settings require encryption; name the scheduler with tls://",
    ),
    "no certificates": ("tls", {}, f"the certificates of Dask's settings are missing; {THERE}"),
    "certificates that are gone": (
        "tls",
        {f"{TLS}{name}": "gone.pem" for name in ("CA_FILE", "CLIENT__CERT", "CLIENT__KEY")},
        f"the certificates of Dask's settings cannot be read (No such file or directory); {THERE}",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_cluster_that_cannot_be_spoken_to_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Each reason has its own sentence, and nothing is written."""
    scheme, env, problem = REFUSED[name]
    for variable, text in {"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "200ms", **env}.items():
        monkeypatch.setenv(variable, text)
    done = editions(newsroom(tmp_path / "desk"), "--engine", f"{scheme}://127.0.0.1:9")
    _, told = done.communicate()

    assert (done.returncode, told) == (1, f"{scheme}://127.0.0.1:9: {problem}\n")
    assert contents(tmp_path / "desk") == {}


def test_without_its_extra_an_engine_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And how to install it."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = run(newsroom(tmp_path / "desk"), *DAY, "--engine", "tcp://127.0.0.1:8786")

    assert (done.status, done.told) == (1, "--engine: needs the extra dask; pip install 'heat-digest[dask]'\n")


def test_a_part_alone_needs_no_engine(tmp_path: Path) -> None:
    """Both at once is wrong usage."""
    done = run(newsroom(tmp_path / "desk"), *DAY, "--engine", "tcp://127.0.0.1:8786", "--part", "1/4")

    message = "Error: --part makes its part in this process; leave out --engine"
    assert (done.status, done.told.splitlines()[-1]) == (2, message)


OPENING = """
import os, sys, time
from digest.editions import engine, workers
engine._PATIENCE = 0.5

class TooLarge:
    mark = ""
    settings = property(lambda self: os._exit(9))

try:
    with engine.opened(sys.argv[1]) as cluster:
        print("open", flush=True)
        {work}
except engine.EngineError as error:
    print(error)
"""
ENDING = "print(*workers._there(cluster, TooLarge(), 'editions', [7]))"
# More than a worker is given at once: those that it had are given up with it here, the others wait for another one.
WAITING = "list(cluster.done([cluster.executor.submit(time.sleep, 600) for _ in range(4)]))"


def test_a_cluster_without_workers_is_told(tmp_path: Path) -> None:
    """At the start, where one after another ended at a part, which is named, and where the last one is lost."""
    with started(tmp_path / "cluster", env={"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}) as made:

        def opening(work: str) -> subprocess.Popen[str]:
            command = [sys.executable, "-c", OPENING.format(work=work), made.address]
            return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

        none = opening(WAITING).communicate()[0]
        made.worker("one")
        ended = opening(ENDING).communicate()[0]
        last = made.worker("two")
        process = opening(WAITING)
        assert process.stdout
        assert process.stdout.readline() == "open\n"
        last.kill()
        lost = process.communicate()[0]

    again = "see to it and run the same command again: what stands stays\n"
    why = "one worker after another was ended at it, perhaps for want of memory"
    assert none == f"{made.address}: has no worker; {again}"
    assert ended == f"open\nLeftPart(number=7, why='{why}')\n"
    assert lost == f"{made.address}: has no worker any more; {again}"


def test_a_cluster_may_ask_for_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of Dask's own settings; who has none is not let in."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "one.pem"))
    names = {"CA_FILE": "ca.pem"}
    names |= {f"{who}__{what}": "one.pem" for who in ("SCHEDULER", "WORKER", "CLIENT") for what in ("CERT", "KEY")}
    env = {f"DASK_DISTRIBUTED__COMM__TLS__{name}": str(tmp_path / file) for name, file in names.items()}
    desk = newsroom(tmp_path / "desk")
    with started(tmp_path / "cluster", "one", scheme="tls", env=env) as cluster:
        assert cluster.address.startswith("tls://")
        bare = editions(desk, "--engine", cluster.address)
        _, told = bare.communicate()
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        done = editions(desk, "--engine", cluster.address, "--json")
        printed, _ = done.communicate()

    why = "the certificates of Dask's settings are missing; see distributed.comm.tls there"
    assert (bare.returncode, told) == (1, f"{cluster.address}: {why}\n")
    assert done.returncode == 0
    assert json.loads(printed)["parts"]["made"] == 4


def test_no_log_of_a_cluster_has_an_address(tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a marker in each, and rows, a part and a task that are broken: it stands in no output, file or log."""
    desk = newsroom(tmp_path / "desk")
    with (desk / "readers.csv").open("a", encoding="utf-8") as handle:
        handle.write(f'{MARKER}@,AI\n{MARKER}x@example.com,"{MARKER}a@example.com; AI"\n')
    (desk / "editions/2020-11-11/editions/part-1.jsonl").mkdir(parents=True)
    done = editions(desk, "--engine", cluster.address)
    heard = "".join(done.communicate())
    week = week_of(desk, monkeypatch)
    code = (
        "import os, pickle, sys\nfrom digest.editions import engine, workers\n"
        "with engine.opened(sys.argv[1]) as cluster, open('week', 'rb') as week:\n"
        "    lent = cluster.lend(pickle.load(week))\n"
        "    cluster.result(cluster.executor.submit(workers._work_for, lent, workers.fingerprint(), 7, 1))\n"
    )
    (desk / "week").write_bytes(pickle.dumps(week))
    broken = subprocess.run([sys.executable, "-c", code, cluster.address], capture_output=True, text=True, check=False)
    logs = cluster.logs()

    assert (done.returncode, broken.returncode) == (1, 1)
    assert "1 part could not be made: 1 (" in heard
    assert "Compute Failed" in logs
    assert "READER_KEY" not in logs
    assert MARKER not in heard + broken.stdout + broken.stderr + logs
    assert MARKER.encode() not in b"".join(contents(desk).values())


def test_without_an_engine_nothing_of_one_is_loaded() -> None:
    """Not by `import digest`, the command line or editions."""
    code = (
        "import sys, digest, digest.cli.editions, digest.editions\n"
        "print([name for name in sys.modules if name.partition('.')[0] in {'dask', 'distributed', 'tornado'}])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def asked(place: Path, number: int) -> Path:
    """Return the file of who is in a part."""
    return place / f"editions/2020-11-11/asked/part-{number}.jsonl"


def test_what_was_asked_goes_when_a_part_stands(tmp_path: Path) -> None:
    """Also where a run was killed between the two."""
    desk = newsroom(tmp_path / "desk")
    assert run(desk, *DAY).status == 0
    before = contents(desk)
    asked(desk, 2).write_text("of a run that was killed\n", "utf-8")
    assert run(desk, *DAY).status == 0

    assert contents(desk) == before


def test_a_task_without_its_readers_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a worker does not see the folder, or what stands there is damaged; and one that stands needs none."""
    desk = newsroom(tmp_path / "desk")
    week = week_of(desk, monkeypatch)
    place = "editions/2020-11-11"
    gone = workers._alone(week, place, [3])
    asked(desk, 3).parent.mkdir(parents=True)
    asked(desk, 3).write_text(f'{{"reader": "{MARKER}"}}\n', "utf-8")
    damaged = workers._alone(week, place, [3])
    asked(desk, 3).unlink()
    assert run(desk, *DAY, "--part", "3/4").status == 0

    file = f"{place}/asked/part-3.jsonl"
    remedy = "run the same command again; all its processes have to see this folder"
    assert [part.why for part in gone] == [f"{file}: is not there; {remedy}"]
    unreadable = "is no part of editions that can be read; move it away; nothing was changed"
    assert [part.why for part in damaged] == [f"{file}: {unreadable}"]
    assert workers._alone(week, place, [3]) == ()


def test_a_list_that_fits_on_no_disk_is_told() -> None:
    """In a line, by what the disk says."""
    code = (
        "import resource\nfrom digest.editions import roll\nfrom digest.errors import OutputError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\nlisted = roll.Roll(1, None)\n"
        "try:\n"
        "    for number in range(100_000):\n"
        "        listed.add(number.to_bytes(16, 'big'), 'x' * 500)\n"
        "except OutputError as error:\n"
        "    print(error)\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert re.fullmatch(
        r"editions: the list cannot be sorted on this machine's disk \((disk I/O error|database or disk is full)\); "
        r"make room in its folder for temporary files, or set TMPDIR\n",
        told,
    )


TOPIC = st.sampled_from(["AI", "ai ethics", "Robots", "Gardening"])
ROWS = st.lists(st.tuples(st.integers(0, 9), st.sets(TOPIC), st.sampled_from(["", "en"])), max_size=30)


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, parts=st.integers(1, 4), order=st.randoms())
def test_every_reader_of_a_list_is_in_one_part_once(
    rows: list[tuple[int, set[str], str]], parts: int, order: random.Random
) -> None:
    """With the first wish of several, and in the order of ids, the same in whichever order readers are listed."""
    offer = roll.Offer(("AI", "AI Ethics"), 3, is_open=False)
    listed, turned = roll.Roll(parts, None), roll.Roll(parts, None)
    firsts: dict[bytes, tuple[tuple[str, ...], str]] = {}
    for number, topics, language in rows:
        reader = hashlib.sha256(b"%d" % number).digest()[:16]
        wish = tuple(sorted(topics)), language
        firsts.setdefault(reader, wish)
        listed.add(reader, roll._written(offer, *wish))
    for reader in order.sample(list(firsts), len(firsts)):
        turned.add(reader, roll._written(offer, *firsts[reader]))
    members = [roll.Asked.of(listed.of_part(number)) for number in range(1, parts + 1)]

    assert {reader: wish for part in members for reader, wish in part.readers} == {
        reader.hex(): offer.wish(*wish) if wish[0] else None for reader, wish in firsts.items()
    }
    assert sum(len(part.readers) for part in members) == len(firsts) == len(rows) - listed.duplicates
    assert all(list(part.readers) == sorted(part.readers, key=lambda pair: pair[0]) for part in members)
    assert [part.mark for part in members] == [turned.mark(number) for number in range(1, parts + 1)]
