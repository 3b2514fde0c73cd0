"""Editions behind an address, and the list of readers, too: the same parts as in a folder, and the same refusals."""

from __future__ import annotations

import json
import random
import shutil
from typing import TYPE_CHECKING

import fsspec
import golden
import pytest
import yaml
from command import Done, run
from fakes import smtp
from fakes.s3 import serving
from mailroom import OWN
from tabling import parquet
from test_storage import Careless

from digest.tables import storage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from digest.tables.storage import Storage

SEND = ("send", "2020-11-11", "--to", "relay", "--editions", "--insecure", "--send", "--yes")
TOPICS = ("AI", "Computer Vision", "AI Ethics", "AI in Healthcare")
MARKER = "zq7marker"
"""Stands in every address of the tests, and nowhere else."""


@pytest.fixture(scope="module", autouse=True)
def s3() -> Iterator[str]:
    """S3 with a bucket `news`."""
    with serving() as address:
        yield address


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a newsletter with the sample archive and a list of 40 readers in three forms."""
    monkeypatch.setenv("READER_KEY", "0123456789abcdef-of-a-test")
    (tmp_path / "seeds").symlink_to(golden.SEEDS)
    chance = random.Random(7)
    wishes = ["; ".join(chance.sample(TOPICS, chance.randint(0, 4))) for _ in range(40)]
    rows = "".join(f"{MARKER}{number}@example.com,{wish}\n" for number, wish in enumerate(wishes))
    (tmp_path / "readers.csv").write_text(f"email,topics\n{rows}", "utf-8")
    parquet(
        tmp_path / "readers.parquet",
        f"SELECT Email, string_split(topics, '; ') AS Topics FROM read_csv('{tmp_path}/readers.csv', header=true) "
        "AS listed(Email, topics)",
    )
    settle(tmp_path, "editions")
    return tmp_path


def settle(desk: Path, out: str, **more: object) -> None:
    """Write the settings of a newsletter whose editions are written to *out*."""
    editions = {"topics": list(TOPICS), "fewest": 2, "parts": 3, "out": out, **more}
    readers = {"from": "readers.csv", "id": {"env": "READER_KEY"}}
    (desk / "digest.yaml").write_text(yaml.safe_dump({"readers": readers, "editions": editions}), "utf-8")


def make(desk: Path, *arguments: str) -> Done:
    """Run `digest editions` for the sample's week; what it says of the sample's own faults is left out."""
    done = run(desk, "editions", "--date", "2020-11-11", *arguments)
    told = [line for line in done.told.splitlines(keepends=True) if not line.startswith("warning: seeds/")]
    return Done(done.status, done.printed, "".join(told))


def parts(place: Storage) -> dict[str, bytes | None]:
    """Return the content of every part in *place*."""
    return {
        f"{kind}/{name}": place.read(f"{kind}/{name}") for kind in ("editions", "readers") for name in place.names(kind)
    }


def test_editions_in_a_bucket_are_those_of_a_folder(desk: Path) -> None:
    """To the byte; a part that is missing is made anew, those that stand stay, and other settings are refused."""
    assert make(desk).status == 0
    wanted = parts(storage.opened(str(desk / "editions" / "2020-11-11")))
    out = f"s3://news/{desk.name}/editions"
    settle(desk, f"{out}/")
    first = make(desk)
    assert (first.status, first.told) == (0, "")
    assert first.printed.splitlines()[-1] == f"{out}/2020-11-11: 3 of 3 parts made, 0 were there"
    place = storage.opened(f"{out}/2020-11-11")
    assert (len(wanted), parts(place)) == (6, wanted)

    fsspec.filesystem("s3").rm(f"{out}/2020-11-11/readers/part-2.jsonl")
    again = make(desk)
    assert again.printed.splitlines()[-1] == f"{out}/2020-11-11: 1 of 3 parts made, 2 were there"
    assert parts(place) == wanted

    settle(desk, out, limit=1)
    refused = make(desk)
    assert (refused.status, refused.told) == (
        1,
        f"{out}/2020-11-11/readers/part-1.jsonl: is of other articles, edits, settings, theme, memory or key than "
        "there are now; remove the folder to make them anew, or name another with editions.out; nothing was changed\n",
    )
    assert parts(place) == wanted


@pytest.mark.parametrize("kind", ["memory:/", "file://"])
def test_a_part_at_any_address(kind: str, desk: Path) -> None:
    """Each part by itself gives what a whole run writes into a folder."""
    assert make(desk, "--quiet").status == 0
    out = f"{kind}{desk}/by-address"
    settle(desk, out)
    for number in (1, 2, 3):
        done = make(desk, "--part", f"{number}/3")
        assert (done.status, done.told) == (0, "")

    assert parts(storage.opened(f"{out}/2020-11-11")) == parts(storage.opened(str(desk / "editions" / "2020-11-11")))


@pytest.mark.parametrize("name", ["readers.csv", "readers.parquet"])
@pytest.mark.parametrize("remote", [True, False])
def test_a_list_of_any_form_and_place(name: str, desk: Path, *, remote: bool) -> None:
    """CSV or Parquet, a file or in a bucket: the same readers get the same."""
    assert make(desk, "--quiet").status == 0
    wanted = parts(storage.opened(str(desk / "editions" / "2020-11-11")))
    settle(desk, "again")
    source = f"s3://news/{desk.name}/{name}" if remote else name
    if remote:
        fsspec.filesystem("s3").put_file(str(desk / name), source)
    done = make(desk, "--readers", source)

    assert (done.status, done.told) == (0, "")
    assert f"40 readers of {source} (0 duplicates)" in done.printed
    assert parts(storage.opened(str(desk / "again" / "2020-11-11"))) == wanted
    assert MARKER not in done.printed


def send(desk: Path, server: smtp.Server, out: str, source: str) -> Done:
    """Make the editions of the week in *out*, and hand them to *server* for the readers of the list *source*."""
    relay = {"kind": "smtp", "host": "127.0.0.1", "port": str(server.port), "security": "none"}
    settle(desk, out, limit=1, fewest=1, parts=1)
    others = {"newsletter": OWN, "sections": [{"topic": "AI", "limit": 3}], "targets": {"relay": relay}}
    with (desk / "digest.yaml").open("a", encoding="utf-8") as file:
        file.write(yaml.safe_dump({**others, "send": {"recipients": source}}))
    assert run(desk, "build", "--date", "2020-11-11", "--quiet").status == 0
    assert make(desk, "--part", "1/1").status == 0
    return run(desk, *SEND)


def test_editions_in_a_bucket_are_sent_once(desk: Path) -> None:
    """With the list, the parts and the claims in a bucket: each reader has one letter, whoever sends again."""
    out, source = f"s3://news/{desk.name}/editions", f"s3://news/{desk.name}/readers.csv"
    fsspec.filesystem("s3").put_file(str(desk / "readers.csv"), source)
    with smtp.running(smtp.Server()) as server:
        done = send(desk, server, out, source)
        again = run(desk, *SEND)
    place = storage.opened(f"{out}/2020-11-11")

    assert (done.status, done.told, done.printed.splitlines()[-1]) == (0, "", "40 sent")
    assert again.status == 0
    bucket = fsspec.filesystem("s3", use_listings_cache=False)
    written = {name: bucket.cat_file(name) for name in bucket.find(out)}
    assert (len(written), [name for name, content in written.items() if MARKER.encode() in content]) == (9, [])
    assert (len(server.taken), set(server.taken.values())) == (40, {1})
    assert place.names("claims/part-1") == [f"0000{batch}.1.{end}" for batch in (0, 1) for end in ("claim", "done")]
    # Also where the issue for all stands on another machine.
    shutil.rmtree(desk / "out")
    for asked in (("sent", "2020-11-11"), ("sent",)):
        assert [told["readers"]["sent"] for told in json.loads(run(desk, *asked, "--json").printed)] == [40]


def test_where_two_could_claim_a_reader_nobody_is_written_to(desk: Path) -> None:
    """A place that lets several create a file is told before the first letter leaves; it holds parts all the same."""
    fsspec.register_implementation("careless", Careless, clobber=True)
    with smtp.running(smtp.Server()) as server:
        done = send(desk, server, f"careless://{desk.name}", "readers.csv")

    assert (done.status, server.taken) == (1, {})
    assert not (desk / "out" / "2020-11-11" / "sent.json").exists()
    assert done.told.splitlines()[-1] == (
        f"careless://{desk.name}/2020-11-11: lets several create the same file; "
        "name a bucket, or a folder of this machine; nothing was changed"
    )


def test_a_bucket_that_is_not_there(desk: Path) -> None:
    """Is told before a part is made."""
    settle(desk, "s3://nowhere/editions")
    done = make(desk)

    assert (done.status, done.told) == (
        1,
        "s3://nowhere/editions/2020-11-11/asked/part-1.jsonl: there is no such bucket or folder; make it, or name "
        "another\n",
    )
