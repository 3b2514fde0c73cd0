"""The same source imported again: what is known, what is brought up to date, and that the editor's words stay."""

from __future__ import annotations

import json
import os
import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from command import run
from hypothesis import given
from hypothesis import strategies as st

from digest import archive, cache
from digest.importing import entry, known, naming, store
from digest.model import Article, Picture, Provider
from digest.records import frontmatter
from digest.text import sanitize

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DAY = datetime(2021, 5, 5, 10, tzinfo=UTC)
FERRY = {
    "title": "Ferry Skarvic crosses",
    "url": "https://news.example.com/f",
    "date": "2021-05-05T10:00:00Z",
    "heat": 10,
    "topics": ["AI"],
}


def bring(folder: Path, *records: Mapping[str, object], options: tuple[str, ...] = ()) -> list[str]:
    """Import those records into the archive, and return the lines that are printed."""
    (folder / "a.jsonl").write_text("\n".join(map(json.dumps, records)), "utf-8")
    (folder / "digest.yaml").write_text("archive: [posts]\n", "utf-8")
    done = run(folder, "import", "a.jsonl", *options)
    assert done.told == ""
    return done.printed.splitlines()


def names(folder: Path) -> list[str]:
    """Return the names of the files in the archive."""
    return sorted(os.listdir(folder / "posts"))


def article(title: str = "Ferry", at: datetime = DAY, **values: object) -> Article:
    """Return an article at one address, unless *values* say otherwise."""
    url = sanitize.address("https://news.example.com/f")
    fields = {
        "path": "", "excerpt": sanitize.text("It crosses."), "topics": (sanitize.text("AI"),), "kind": "article",
        "category": "", "language": "en", "published": True, "quality": 0, "heat": 10, "url": url, "addresses": (),
        "provider": Provider(name=sanitize.text("Post"), domain="news.example.com"), "picture": None, "related": (),
        "score": "",
    }  # fmt: skip
    return Article(title=sanitize.text(title), published_at=at, **{**fields, **values})  # type: ignore[arg-type]  # of each type


def test_a_corrected_headline_is_no_second_file(tmp_path: Path) -> None:
    """A file that nobody touched follows its source's headline, name and all; its heat only when asked."""
    bring(tmp_path, FERRY)
    corrected = {**FERRY, "title": "Ferry Skarvik crosses the fjord", "heat": 60}
    printed = bring(tmp_path, corrected)
    name = "2021-05-05-ferry-skarvik-crosses-the-fjord.md"

    assert names(tmp_path) == [name]
    assert printed == [
        f'posts/{name}: title "Ferry Skarvic crosses" → "Ferry Skarvik crosses the fjord"',
        "posts: 0 articles written, 1 there already, 0 could not be read; 1 brought up to date",
    ]
    assert bring(
        tmp_path, {**FERRY, "title": "Ferry Skarvik crosses the fjord", "heat": 60}, options=("--update",)
    ) == [
        f"posts/{name}: heat 10 → 60",
        "posts: 0 articles written, 1 there already, 0 could not be read; 1 brought up to date",
    ]


def test_what_the_editor_wrote_stays(tmp_path: Path) -> None:
    """Fields changed by hand, other keys, comments and the body stay; what the import wrote is brought up to date."""
    bring(tmp_path, {**FERRY, "description": "Old.", "lang": "en"})
    [name] = names(tmp_path)
    file = tmp_path / "posts" / name
    written = file.read_text("utf-8").replace('"Ferry Skarvic crosses"', "Our own headline  # mine")
    written = written.replace("language", "mood: calm  # a note\nlanguage").replace('"Old."', '"Old."\n  and more')
    file.write_text(f"{written}\nOur own words.\n", "utf-8")
    newer = {**FERRY, "title": "Corrected", "description": "New.", "lang": "de", "heat": 95, "tags": None, "quality": 3}
    printed = bring(tmp_path, newer, options=("--update",))
    told = file.read_text("utf-8")

    assert names(tmp_path) == [name]
    assert printed[:2] == [
        f'posts/{name}: heat 10 → 95, quality 3, language "en" → "de"',
        f"posts/{name}: kept as edited: title, excerpt",
    ]
    assert "title: Our own headline  # mine\n" in told
    assert 'excerpt: "Old."\n  and more\n' in told
    assert "mood: calm  # a note\n" in told
    assert told.endswith("---\n\nOur own words.\n")
    assert "heat: 95\n" in told
    assert 'language: "de"\n' in told


def test_without_being_asked_nothing_of_an_edited_file_changes(tmp_path: Path) -> None:
    """Not even its headline, and a second import of the same changes no byte."""
    bring(tmp_path, FERRY)
    [name] = names(tmp_path)
    file = tmp_path / "posts" / name
    before = file.read_bytes()
    same = bring(tmp_path, FERRY)
    assert file.read_bytes() == before
    file.write_bytes(before.replace(b"heat: 10", b"heat: 11"))
    printed = bring(tmp_path, {**FERRY, "title": "Corrected"})

    assert same == printed == ["posts: 0 articles written, 1 there already, 0 could not be read"]
    assert file.read_bytes() == before.replace(b"heat: 10", b"heat: 11")


def test_a_dry_run_says_what_would_change(tmp_path: Path) -> None:
    """It changes nothing, whatever is there."""
    bring(tmp_path, FERRY)
    [name] = names(tmp_path)
    before = (tmp_path / "posts" / name).read_bytes()
    printed = bring(tmp_path, {**FERRY, "heat": 60}, options=("--update", "--dry-run"))

    assert printed == [
        f"posts/{name}: heat 10 → 60",
        "posts: 0 articles would be written, 1 there already, 0 could not be read; 1 would be brought up to date",
    ]
    assert (tmp_path / "posts" / name).read_bytes() == before


def test_many_changes_are_told_in_part(tmp_path: Path) -> None:
    """Twenty lines, and how many more there are."""
    records = [
        {**FERRY, "title": f"Ferry {number}", "url": f"https://news.example.com/{number}"} for number in range(25)
    ]
    bring(tmp_path, *records)
    printed = bring(tmp_path, *({**record, "heat": 60} for record in records), options=("--update",))

    assert len(printed) == 22
    assert printed[20] == "5 more lines like these"


def test_what_is_hidden_and_published_again(tmp_path: Path) -> None:
    """A draft that its source has published since is published; what the editor took out stays out."""
    bring(tmp_path, {**FERRY, "draft": True})
    [name] = names(tmp_path)
    file = tmp_path / "posts" / name
    file.write_text(file.read_text("utf-8").replace("heat: 10\n", ""), "utf-8")
    printed = bring(tmp_path, {**FERRY, "heat": 60}, options=("--update",))

    assert printed[0] == f"posts/{name}: published false taken away"
    assert "heat" not in file.read_text("utf-8")
    assert archive.read([str(tmp_path / "posts")]).articles[0].published


def test_files_of_the_time_before_checksums(tmp_path: Path) -> None:
    """They are known by their addresses, whatever their names; heat is added where it is missing, nothing replaced."""
    posts = tmp_path / "posts"
    posts.mkdir()
    old = '---\ntitle: "日本"\npublishedDateTime: 2021-05-05T10:00:00Z\nwebUrl: "https://news.example.com/f"\n---\n'
    (posts / "2021-05-05-article.md").write_text(old, "utf-8")
    printed = bring(tmp_path, {**FERRY, "title": "日本語"}, options=("--update",))

    assert names(tmp_path) == ["2021-05-05-article.md"]
    assert printed[0] == ("posts/2021-05-05-article.md: heat 10, provider, topics")
    assert printed[1] == "posts/2021-05-05-article.md: kept as edited: title"


@pytest.mark.parametrize(
    "written",
    [
        "---\ndate: 2021-05-04\nlink: 'https://news.example.com/f'  \ntitle: Mine\n---\nurl: https://other.example.com\n",
        "+++\ntitle = 'Mine'\ndate = 2021-05-04\nexternal_url = \"https://news.example.com/f\"\n+++\n",
        "---\r\ntitle: Mine\r\nurl: https://news.example.com/f\r\n---\r\n",
        "---\nslug: x\nurl: /f/\ncanonical: https://news.example.com/f\n---\n",
    ],
    ids=["yaml", "toml", "windows", "relative"],
)
def test_a_post_of_ones_own_is_known(tmp_path: Path, written: str) -> None:
    """By any name of its address, in any folder below, and nothing is changed in it."""
    inner = tmp_path / "posts" / "2021"
    inner.mkdir(parents=True)
    (inner / "my-post.md").write_bytes(written.encode())
    printed = bring(tmp_path, FERRY, options=("--update",))

    assert printed[-1] == "posts: 0 articles written, 1 there already, 0 could not be read"
    assert (inner / "my-post.md").read_bytes() == written.encode()
    assert names(tmp_path) == ["2021"]


def test_an_address_that_several_articles_share(tmp_path: Path) -> None:
    """Episodes that lead to their show's page are articles of their own, and so is next week's page of one address."""
    episodes = [{**FERRY, "title": f"Episode {number}", "date": f"2021-05-0{number}"} for number in (3, 4, 5)]
    first = bring(tmp_path, *episodes)
    again = bring(tmp_path, *episodes)
    later = bring(tmp_path, {**FERRY, "title": "Ferries of the week", "date": "2021-05-12"})

    assert first[0].startswith("posts: 3 articles written, 0 there already")
    assert again == ["posts: 0 articles written, 3 there already, 0 could not be read"]
    assert later[0].startswith("posts: 1 article written, 0 there already")


def test_a_log_of_one_article_is_one_file(tmp_path: Path) -> None:
    """Lines of one address and moment are one article, whose headline was corrected meanwhile."""
    printed = bring(tmp_path, FERRY, {**FERRY, "title": "Ferry Skarvik crosses"})

    assert names(tmp_path) == ["2021-05-05-ferry-skarvik-crosses.md"]
    assert printed[-1].startswith("posts: 1 article written, 1 there already")


def test_a_file_that_was_renamed_or_sorted_keeps_its_name(tmp_path: Path) -> None:
    """Only a name that the import gave follows the headline."""
    bring(tmp_path, FERRY)
    [name] = names(tmp_path)
    (tmp_path / "posts" / "2021").mkdir()
    (tmp_path / "posts" / name).rename(tmp_path / "posts" / "2021" / name)
    printed = bring(tmp_path, {**FERRY, "title": "Corrected"})

    assert printed[0] == f'posts/2021/{name}: title "Ferry Skarvic crosses" → "Corrected"'
    assert os.listdir(tmp_path / "posts" / "2021") == [name]


def test_a_large_folder_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What files hold is kept from one import to the next; one that was changed meanwhile is read again."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(known, "_FEW", 3)
    looked: list[str] = []
    look = known.look

    def counting(path: str) -> tuple[str, int | None]:
        looked.append(os.path.basename(path))
        return look(path)

    monkeypatch.setattr(known, "look", counting)
    posts = tmp_path / "posts"
    posts.mkdir()
    for number in range(4):
        path = posts / f"{number}.md"
        path.write_text(f"---\nurl: https://news.example.com/{number}\n---\n", "utf-8")
    monkeypatch.setattr(known, "_TICK", -(10**10))  # as if they were older than the clock's doubt
    known.Catalogue(str(posts))
    (posts / "2.md").write_text("---\nurl: https://news.example.com/new\n---\n", "utf-8")
    again = known.Catalogue(str(posts))

    assert looked == ["0.md", "1.md", "2.md", "3.md", "2.md"]
    assert [bool(again.near(f"https://news.example.com/{name}", 1, ())) for name in ("0", "2", "new")] == [
        True,
        False,
        True,
    ]


def test_a_damaged_memory_knows_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept of a folder may be anything by now: then its files are read."""
    monkeypatch.setattr(cache, "load", lambda _: b'{"a": ')

    assert known._kept("x") == {}
    bring(tmp_path, FERRY)
    assert known.Catalogue(str(tmp_path / "posts")).near("https://news.example.com/f", DAY.toordinal(), ())


LINE_ENDS = st.sampled_from(["\n", "\r\n"])
BITS = ["---", "title: x", "heat: 3", "  more", "# note", "", "# imported: 0 -", "a: [", "é"]


@given(bits=st.lists(st.sampled_from(BITS), max_size=8), end=LINE_ENDS, heat=st.integers(0, 99))
def test_any_file_of_an_editor_survives(bits: list[str], end: str, heat: int) -> None:
    """Where no line has a checksum, no byte changes, whatever stands in the file."""
    content = end.join(bits).encode()
    if "# imported" in content.decode():
        assert entry.merged(content, article(heat=heat)).content.count(b"\n") >= content.count(b"\n") - 1
    else:
        assert entry.merged(content, article(heat=heat)).content == content


@given(
    heats=st.tuples(st.integers(0, 99), st.integers(0, 99)),
    titles=st.tuples(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20)),
    picture=st.booleans(),
)
def test_an_update_gives_what_an_import_would(heats: tuple[int, int], titles: tuple[str, str], picture: bool) -> None:
    """Of a file that nobody touched, the fields read back are those of the newer article; a second time none change."""
    url = sanitize.address("https://news.example.com/p.png")
    old = article(f"x{titles[0]}", heat=heats[0])
    new = article(f"x{titles[1]}", heat=heats[1], picture=Picture(url=url) if picture and url else None)
    merged = entry.merged(entry.file_content(old), new)
    wanted = {
        key: node.value
        for key, node in frontmatter.parse(entry.file_content(new), "a.md").fields.items()
        if key != "images"
    }
    got = {key: node.value for key, node in frontmatter.parse(merged.content, "a.md").fields.items() if key != "images"}

    assert got.keys() == wanted.keys()
    assert {key: got[key] for key in ("title", "heat", "excerpt")} == {
        key: wanted[key] for key in ("title", "heat", "excerpt")
    }
    assert merged.was_untouched
    assert entry.merged(merged.content, new).changes == ()
    assert entry.merged(merged.content, new).was_untouched


NAMES = {
    "無人フェリーが初航海": "無人フェリーが初航海",
    "Паром «Скарвик»": "паром-скарвик",
    "무인 여객선": "무인-여객선",
    "Café crème": "cafe-creme",
    "Straße": "strasse",
    "เรือ ข้ามฟาก": "เรือ-ข้ามฟาก",
    "हिन्दी समाचार": "हिन्दी-समाचार",
    "e\u0301te\u0301": "ete",
    "C++ & C#": "c-c",
    "…": "article",
    "Łódź": "łodz",
    "१२३ ½": "१२३-1-2",
}


@pytest.mark.parametrize("title", NAMES)
def test_a_name_has_the_letters_of_its_script(title: str) -> None:
    """Accents of Latin letters go, so that their files have the names that they had; no other script loses a letter."""
    assert naming.stem(date(2021, 5, 5), title) == f"2021-05-05-{NAMES[title]}"


@given(title=st.text(max_size=200))
def test_any_title_names_a_file(title: str) -> None:
    """Its name is composed, in letters, digits and hyphens, and short enough for any file system, with a number too."""
    name = naming.stem(date(2021, 5, 5), title)

    assert unicodedata.is_normalized("NFC", name)
    assert all(letter == "-" or unicodedata.category(letter)[0] in "LNM" for letter in name)
    assert len(f".import-{name}-999999999.md.new".encode()) <= 255
    assert not name.endswith("-")


@given(days=st.integers(-30, 30), same=st.booleans())
def test_a_week_of_one_address(days: int, same: bool) -> None:
    """Within seven days it is the same article, also under another headline; later it is another."""
    shelf = store.Store("/nowhere", dry_run=True)
    shelf.add(article("One"))
    later = shelf.add(article("One" if same else "Two", DAY + timedelta(days=days)))

    assert later.is_new == (abs(days) >= 7)
