"""The folder of the web archive: what a run removes, what it leaves alone, and what a failure leaves behind."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import OutputError
from digest.site import folder
from digest.site.folder import MARK

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

OLD = {"index.html": b"two issues", "2020-11-04/index.html": b"first", "2020-11-11/index.html": b"second"}
NEW = {"index.html": b"one issue", "2020-11-11/index.html": b"second", "topics/ai/index.html": b"topic"}
ADDRESS = "https://example.com/issues/"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return the folder of a site with two issues."""
    publish(tmp_path / "site", OLD)
    return tmp_path / "site"


def publish(
    place: Path, files: Mapping[str, bytes], newsletter: str = "The AI Week", address: str = ADDRESS
) -> folder.Published:
    """Write a site as the command does."""
    real = folder.admit(str(place), {})
    return folder.write(real, str(place), files, newsletter=newsletter, address=address)


def holds(place: Path) -> dict[str, bytes]:
    """Return all files below a folder but the list."""
    files = {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()}
    return {name: content for name, content in files.items() if name != MARK}


def put_own(site: Path) -> dict[str, bytes]:
    """Put into the folder what page hosts, version control and people want there, and return it."""
    own = {
        ".git/HEAD": b"ref", ".nojekyll": b"", "CNAME": b"example.com", ".well-known/security.txt": b"x",
        "logo.svg": b"x", "2020-11-04/photo.jpg": b"x",
    }  # fmt: skip
    for name, content in own.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_bytes(content)
    return own


def test_only_what_the_last_run_wrote_is_removed(site: Path) -> None:
    """A page that is none any more is gone, with its folder if that is empty; everything else stays."""
    own = put_own(site)
    (site / "empty").mkdir()
    done = publish(site, NEW)

    assert holds(site) == {**NEW, **own}
    assert (site / "empty").is_dir()
    assert (done.removed, done.kept) == (("2020-11-04/index.html",), ())
    assert sorted(done.written) == ["index.html", "topics/ai/index.html"]

    (site / "2020-11-04" / "photo.jpg").unlink()
    publish(site, OLD)
    publish(site, NEW)
    assert not (site / "2020-11-04").exists()


def test_what_is_the_same_is_not_written_again(site: Path) -> None:
    """A page that did not change keeps its time, so that only what changed is uploaded."""
    os.utime(site / "2020-11-11" / "index.html", (1_000_000_000, 1_000_000_000))
    publish(site, NEW)

    assert (site / "2020-11-11" / "index.html").stat().st_mtime == 1_000_000_000


def test_a_page_that_was_changed_by_hand(site: Path) -> None:
    """It is written over where the page is still one, and kept and named where it is not."""
    (site / "index.html").write_text("mine", "utf-8")
    (site / "2020-11-04" / "index.html").write_text("mine", "utf-8")
    done = publish(site, NEW)

    assert holds(site) == {**NEW, "2020-11-04/index.html": b"mine"}
    assert done.kept == ("2020-11-04/index.html",)
    assert publish(site, NEW).kept == ()


def test_a_file_of_others_in_a_pages_place(site: Path) -> None:
    """It is named, and nothing is changed."""
    (site / "topics" / "ai").mkdir(parents=True)
    (site / "topics" / "ai" / "index.html").write_text("mine", "utf-8")
    with pytest.raises(OutputError) as caught:
        publish(site, NEW)

    place = f"{site}/topics/ai/index.html"
    assert str(caught.value) == f"{place}: was not written by `digest site`; move it away; nothing was changed"
    assert holds(site) == {**OLD, "topics/ai/index.html": b"mine"}


@pytest.mark.parametrize("kind", ["link", "file"])
def test_no_page_is_written_through_a_link(site: Path, tmp_path: Path, kind: str) -> None:
    """What stands where a folder of the site belongs is named; what it leads to stays as it is."""
    (tmp_path / "elsewhere").mkdir()
    if kind == "link":
        (site / "topics").symlink_to(tmp_path / "elsewhere")
    else:
        (site / "topics").write_text("mine", "utf-8")
    with pytest.raises(OutputError) as caught:
        publish(site, NEW)

    remedy = "move it away; nothing was changed"
    assert str(caught.value) == f"{site}/topics: is not a folder that `digest site` made; {remedy}"
    assert os.listdir(tmp_path / "elsewhere") == []


def test_a_folder_behind_a_link(site: Path, tmp_path: Path) -> None:
    """The site goes where the link leads, and the link stays."""
    (tmp_path / "www").symlink_to("site")
    publish(tmp_path / "www", NEW)

    assert (tmp_path / "www").is_symlink()
    assert holds(site) == NEW


def test_a_work_tree_is_admitted_by_an_empty_list(tmp_path: Path) -> None:
    """A fresh checkout is refused with what to do; done so, its own files stay and the site stands among them."""
    place = tmp_path / "pages"
    place.mkdir()
    (place / ".git").write_text("gitdir: elsewhere", "utf-8")
    (place / "CNAME").write_text("example.com", "utf-8")
    with pytest.raises(OutputError) as caught:
        publish(place, NEW)
    assert str(caught.value) == (
        f"{place}: holds a .git, and nothing that `digest` wrote there; name another folder with --to, "
        "or put an empty file .digest-site into this one to write among its files; nothing was changed"
    )

    (place / MARK).touch()
    publish(place, NEW)
    assert holds(place) == {**NEW, ".git": b"gitdir: elsewhere", "CNAME": b"example.com"}


def test_a_folder_of_version_0_1_0(tmp_path: Path) -> None:
    """Its mark is a sentence: the pages were all its own, so they are written over; nothing is removed unlisted."""
    for name, content in OLD.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / MARK).write_text("Made by `digest site`, which makes it anew as a whole; do not keep files here.\n")
    publish(tmp_path, NEW)

    assert holds(tmp_path) == {**OLD, **NEW}
    assert publish(tmp_path, OLD).removed == ("topics/ai/index.html",)


def test_the_site_of_another_newsletter(site: Path) -> None:
    """It is named and stays; the same newsletter may change its name, or move."""
    with pytest.raises(OutputError) as caught:
        publish(site, NEW, "Robots Weekly", "https://robots.example.com/")

    assert str(caught.value) == (
        f"{site}: holds the site of another newsletter, The AI Week ({ADDRESS}); "
        "name another folder with --to, or remove that site first"
    )
    assert holds(site) == OLD
    publish(site, NEW, "The New AI Week")
    publish(site, NEW, "The New AI Week", "https://ai.example.com/")


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"format": 2, "files": {}}',
        '{"format": 1, "newsletter": "", "address": "", "files": {"../../digest.yaml": ["x"]}}',
        '{"format": 1, "newsletter": "", "address": "", "files": {"/etc/passwd": ["x"]}}',
        '{"format": 1, "newsletter": "", "address": "", "files": {".git/HEAD": ["x"]}}',
        '{"format": 1, "newsletter": "", "address": "", "files": {"a": 1}}',
        "[" * 100_000,
    ],
    ids=range(8),
)
def test_a_damaged_list(site: Path, content: str) -> None:
    """It is named with what to do, and no file is believed to be ours because of it."""
    (site / MARK).write_text(content, "utf-8")
    with pytest.raises(OutputError) as caught:
        publish(site, NEW)

    remedy = "empty it; then remove the pages that are not written anew by hand"
    assert str(caught.value) == f"{site / MARK}: is no list of format 1; {remedy}"
    assert holds(site) == OLD


@given(st.lists(st.sampled_from(["a", "..", ".", "", ".git", "b\0", "c\\d"]), max_size=4).map("/".join))
def test_a_path_stays_below_its_folder(file: str) -> None:
    """Whatever a list says, what it leads to is a file inside, and none of Git's."""
    inside = folder.is_inside(file)

    assert not inside or os.path.normpath(os.path.join("/site", file)) == f"/site/{file}"
    assert not (inside and ".git" in file)


@pytest.mark.parametrize("when", range(1, 4))
def test_a_failure_takes_back_what_was_put_in_place(site: Path, monkeypatch: pytest.MonkeyPatch, when: int) -> None:
    """Whichever page cannot be put in place: the old site stands, the message says so, and the next run finishes."""
    replace, calls = os.replace, []

    def fails(source: str, place: str) -> None:
        if ".digest-site.new/new" in source:
            calls.append(place)
            if len(calls) == when:
                raise OSError(28, "No space left on device")
        replace(source, place)

    new = {**NEW, "feed.atom": b"feed"}
    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OutputError) as caught:
        publish(site, new)
    monkeypatch.undo()

    remedy = "make room or name a writable folder with --to; run it again to finish"
    assert str(caught.value) == f"{site}: cannot be written (No space left on device); {remedy}"
    assert holds(site) == OLD
    publish(site, new)
    assert holds(site) == new


@pytest.mark.parametrize("when", range(1, 4))
def test_what_a_killed_run_left_the_next_one_finishes(site: Path, monkeypatch: pytest.MonkeyPatch, when: int) -> None:
    """Each page is the old one or the new one, and each is known as ours, also if the next run has fewer pages."""

    class Killed(BaseException):
        """The end of the process."""

    replace, calls = os.replace, []

    def dies(source: str, place: str) -> None:
        if ".digest-site.new/new" in source:
            calls.append(place)
            if len(calls) == when:
                raise Killed
        replace(source, place)

    monkeypatch.setattr(os, "replace", dies)
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: None)
    with pytest.raises(Killed):
        publish(site, {**NEW, "feed.atom": b"feed"})
    monkeypatch.undo()
    assert {name: site.joinpath(name).read_bytes() for name in OLD if (site / name).exists()}.items() <= {
        *OLD.items(),
        *NEW.items(),
    }

    publish(site, {"index.html": b"other"})
    assert holds(site) == {"index.html": b"other"}
    assert not (site / ".digest-site.new").exists()


def test_a_first_run_that_was_killed(tmp_path: Path) -> None:
    """What it left beside the pages to be does not make the folder one of others."""
    (tmp_path / "site" / ".digest-site.new" / "new").mkdir(parents=True)
    (tmp_path / "site" / "..digest-site.new").write_text("{", "utf-8")
    publish(tmp_path / "site", NEW)

    assert holds(tmp_path / "site") == NEW


def test_two_runs_at_once(site: Path) -> None:
    """The second is told so and changes nothing."""
    descriptor = os.open(site, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with pytest.raises(OutputError) as caught:
        publish(site, NEW)
    os.close(descriptor)

    trouble = "another `digest site` is writing it at this moment; run it again when that is done"
    assert str(caught.value) == f"{site}: {trouble}"
    assert holds(site) == OLD


def test_the_same_files_give_the_same_list(site: Path, tmp_path: Path) -> None:
    """However a folder came to its pages, the list is the same."""
    publish(site, NEW)
    publish(tmp_path / "fresh", NEW)

    assert (site / MARK).read_bytes() == (tmp_path / "fresh" / MARK).read_bytes()
