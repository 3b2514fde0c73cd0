"""What import does with files that are broken on purpose or by accident, and with folders that others write into."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import tinyhtml5
from command import run
from hypothesis import given
from hypothesis import strategies as st

from digest import archive, importing
from digest.config.values import FieldPlan
from digest.errors import ImportingError
from digest.importing import decoding, entry, feeds, objects, placing, store, tables
from digest.importing.source import Raw
from digest.model import Article, Problem, Provider
from digest.records import dates, markup
from digest.text import sanitize

if TYPE_CHECKING:
    from pathlib import Path

GOOD = {"title": "Good", "date": "2020-11-09", "url": "https://example.org/good"}
GOOD_LINE = json.dumps(GOOD)
DEEP = "[" * 100_000 + "]" * 100_000
FEED = (
    '<?xml version="1.0"{encoding}?><rss version="2.0"><channel><title>c</title>'
    "<item><title>{title}</title><link>https://example.org/1</link><pubDate>Mon, 09 Nov 2020 10:00:00 GMT</pubDate>"
    "{more}</item><item><title>Plain</title><link>https://example.org/2</link>"
    "<pubDate>Mon, 09 Nov 2020 10:00:00 GMT</pubDate></item></channel></rss>"
)


def line(**fields: object) -> str:
    """Return a record in JSON with those fields."""
    return json.dumps({**GOOD, **fields})


def feed(title: str, more: str = "", encoding: str = "") -> str:
    """Return a feed of two entries, declared as that encoding."""
    return FEED.format(title=title, more=more, encoding=f' encoding="{encoding}"' if encoding else "")


def read(folder: Path, name: str, content: bytes | str) -> tuple[list[str], list[str]]:
    """Return the titles in a file and what is told of it, without the folder's name."""
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    brought = importing.read(str(folder / name), FieldPlan())
    told = [*brought.problems, *brought.notes]
    titles = [str(article.title) for article in brought.articles]
    return titles, [str(problem).removeprefix(f"{folder}/") for problem in told]


def sentence(folder: Path, name: str, content: bytes | str) -> str:
    """Return the one sentence that refuses a file."""
    with pytest.raises(ImportingError) as caught:
        read(folder, name, content)
    return str(caught.value).removeprefix(f"{folder}/")


def article(title: str, number: int = 0) -> Article:
    """Return an article of that title, with an address of its own."""
    url = sanitize.address(f"https://example.org/{number}")
    assert url
    return Article(
        path="",
        title=sanitize.text(title),
        excerpt=sanitize.text(""),
        published_at=datetime(2020, 11, 9, tzinfo=UTC),
        url=url,
        provider=Provider(name=sanitize.text("x"), domain="example.org"),
    )


LETTERS = {
    "koi8-r": "Привет",
    "windows-1251": "Мир",
    "windows-1252": "Grüße “an” alle",
    "windows-1255": "שלום",
    "windows-1256": "سلام",
    "iso-8859-1": "Grüße",
    "iso-8859-2": "Pekaři",
    "iso-8859-15": "5 €",
    "macintosh": "café",
    "shift_jis": "日本語の記事",
    "euc-jp": "日本語の記事",
    "iso-2022-jp": "日本語の記事",
    "gb2312": "中文",
    "gbk": "中文",
    "gb18030": "中文",
    "big5": "中文",
    "euc-kr": "한국어",
    "tis-620": "ไทย",
    "utf-8": "Привет",
    "utf-8-sig": "Привет",
    "utf-16": "Привет",
    "utf-16-le": "Привет",
    "utf-16-be": "日本",
    "utf-32": "Привет",
    "utf-32-le": "日本",
    "utf-32-be": "Привет",
    "cp037": "Grüße",
    "cp437": "café",
    "cp866": "Привет",
}
"""Encodings of feeds, and words that no other of them reads alike."""


@pytest.mark.parametrize("encoding", LETTERS)
def test_a_feed_is_read_as_it_declares(tmp_path: Path, encoding: str) -> None:
    """Whatever the encoding, with and without a byte order mark."""
    title = LETTERS[encoding]
    content = feed(title, encoding=encoding.removesuffix("-sig")).encode(encoding)

    assert read(tmp_path, "a.xml", content) == ([title, "Plain"], [])


@pytest.mark.parametrize("label", ["shift_jis", "gb2312", "euc-kr", "iso-8859-1"])
def test_a_label_stands_for_what_browsers_read(tmp_path: Path, label: str) -> None:
    """Characters that vendors have added are read: a label means its wider encoding in practice."""
    title, codec = {
        "shift_jis": ("①髙", "cp932"),
        "gb2312": ("镕", "gbk"),
        "euc-kr": ("똠", "cp949"),
        "iso-8859-1": ("“€”", "cp1252"),
    }[label]

    assert read(tmp_path, "a.xml", feed(title, encoding=label).encode(codec))[0] == [title, "Plain"]


@pytest.mark.parametrize(
    ("declared", "real", "titles", "told"),
    [
        ("utf-8", "latin-1", ["Plain"], "a.xml, entry 1: is not UTF-8; save it as UTF-8"),
        ("", "latin-1", ["Plain"], "a.xml, entry 1: is not UTF-8; save it as UTF-8"),
        ("shift_jis", "latin-1", ["Plain"], "a.xml, entry 1: is not shift_jis; save it as UTF-8"),
        ("iso-8859-1", "utf-8", ["Grüße", "Plain"], "a.xml: says it is iso-8859-1, but is UTF-8; read as that"),
        ("gbk", "utf-8", ["Grüße", "Plain"], "a.xml: says it is gbk, but is UTF-8; read as that"),
    ],
    ids=["utf-8", "none", "many-bytes", "is-utf-8", "chinese-is-utf-8"],
)
def test_a_feed_that_lies(tmp_path: Path, declared: str, real: str, titles: list[str], told: str) -> None:
    """What is in another encoding than it says is told with its entry, never other letters; the other entry is read."""
    more = "<category>äöüß</category>"  # a few letters of Chinese might be UTF-8 by chance
    content = feed("Grüße", more, declared).encode(real)

    assert read(tmp_path, "a.xml", content) == (titles, [told])


@pytest.mark.parametrize("label", ["x-nonsense", "hex", "rot13", "utf-7", "unicode_escape", "idna"])
def test_an_encoding_that_is_none(tmp_path: Path, label: str) -> None:
    """An unknown name, also one of Python's for what is no text, is a sentence, unless the bytes are UTF-8."""
    broken = feed("Grüße", encoding=label).encode("latin-1")

    assert sentence(tmp_path, "a.xml", broken) == (
        f"a.xml: names an encoding that is not known ({label}); save it as UTF-8"
    )
    assert read(tmp_path, "b.xml", feed("Grüße", encoding=label)) == (["Grüße", "Plain"], [])


def test_server_and_file_disagree() -> None:
    """UTF-8 is known by its bytes; then the server counts, and it is said where the letters would be others."""
    declared = feed("Привет", encoding="windows-1251")

    assert decoding.decode(declared.encode("utf-8"), "koi8-r").doubt == "says it is koi8-r, but is UTF-8; read as that"
    assert "Привет" in decoding.decode(declared.encode("koi8-r"), "KOI8-R").text
    assert decoding.decode(declared.encode("koi8-r"), "KOI8-R").doubt == (
        "is koi8-r or windows-1251: server and file disagree; read as koi8-r"
    )
    assert "Привет" in decoding.decode(declared.encode("cp1251"), "iso-8859-1").text  # said of every file by many
    assert "Привет" in decoding.decode("Привет".encode("koi8-r"), "koi8-r").text
    assert decoding.decode(b"plain", "koi8-r").doubt == ""


@given(text=st.text(st.characters(codec="utf-8"), min_size=1), junk=st.binary(max_size=4))
def test_no_byte_is_taken_for_another_letter(text: str, junk: bytes) -> None:
    """UTF-8 comes back as it was; where bytes do not belong to it, a mark stands that the text does not have."""
    content = b"{" + text.encode() + junk + b"}"
    decoded = decoding.decode(content)

    if not decoded.mark:
        assert decoded.text.encode() == content or decoded.encoding.startswith("utf-")
    else:
        assert decoded.mark in decoded.text
        assert decoded.mark not in content.decode("utf-8", "ignore")


ROWS = "title,date,url\nGrüße,2020-11-09,https://example.org/1\nPlain,2020-11-09,https://example.org/2\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_table_in_other_encodings(tmp_path: Path, encoding: str) -> None:
    """Those that can be known for sure are read."""
    assert read(tmp_path, "a.csv", ROWS.encode(encoding)) == (["Grüße", "Plain"], [])


def test_exports_in_an_encoding_that_nobody_declares(tmp_path: Path) -> None:
    """The records that cannot be read are told with their lines; a header that cannot be read refuses the table."""
    lines = f"{GOOD_LINE}\n{json.dumps({**GOOD, 'title': 'Grüße'}, ensure_ascii=False)}\n"

    cyrillic = ROWS.replace("Grüße", "Паром")

    assert read(tmp_path, "a.csv", cyrillic.encode("cp1251")) == (
        ["Plain"],
        ["a.csv:2: is not UTF-8; save it as UTF-8"],
    )
    assert read(tmp_path, "a.jsonl", lines.encode("latin-1")) == (
        ["Good"],
        ["a.jsonl:2: is not UTF-8; save it as UTF-8"],
    )
    assert read(tmp_path, "a.md", "---\ntitle: Grüße\n---\n".encode("latin-1")) == (
        [],
        ["a.md: is not UTF-8; save it as UTF-8"],
    )
    assert sentence(tmp_path, "b.csv", "Заголовок,url\n".encode("cp1251")) == "b.csv: is not UTF-8; save it as UTF-8"


def test_a_table_that_excel_saved(tmp_path: Path) -> None:
    """In Western Europe it is Windows-1252, which is told; letters of another code page are refused, or named."""
    note = "is not UTF-8; read as Windows-1252, as Excel saves it: where letters are wrong, name it with --encoding"
    rows = ROWS.replace("Grüße", "Café – “naïve” 5 €")
    polish = ROWS.replace("Grüße", "Załoga")
    (tmp_path / "pl.csv").write_bytes(polish.encode("cp1250"))
    named = importing.read(str(tmp_path / "pl.csv"), FieldPlan(), importing.Hints(encoding="windows-1250"))

    assert read(tmp_path, "a.csv", rows.encode("cp1252")) == (["Café – “naïve” 5 €", "Plain"], [f"a.csv: {note}"])
    assert read(tmp_path, "b.csv", polish.encode("cp1250")) == (["Plain"], ["b.csv:2: is not UTF-8; save it as UTF-8"])
    assert [found.title for found in named.articles] == ["Załoga", "Plain"]


def test_what_a_feed_says_of_itself_is_damaged(tmp_path: Path) -> None:
    """The entries are read, and named by their addresses."""
    content = feed("One").replace("<title>c<", "<title>Café<").encode("latin-1")

    assert read(tmp_path, "a.xml", content) == (
        ["One", "Plain"],
        ["a.xml: what it says of itself is not UTF-8; save it as UTF-8"],
    )


WRITE = "write it like 2020-11-09T10:29:00Z"
BROKEN_LINES = {
    "deep": (DEEP, "is nested too deeply to be read"),
    "open": ('{"title": ', "is no JSON (Expecting value: line 1 column 11 (char 10))"),
    "number": ('{"heat": ' + "1" * 5000 + "}", "holds a number that is too long to be read"),
    "no-object": ("[1]", "is no object"),
    "list-as-title": (line(title=["a"]), "title is a list or mapping, not a text"),
    "object-as-title": (line(title={"a": 1}), "title is a list or mapping, not a text"),
    "flag-as-title": (line(title=True), "has no title; name the field with `fields`"),
    "endless-number-as-title": (line(title=10**4000), "has no title; name the field with `fields`"),
    "surrogate-in-address": (
        line(url="https://e.org/\ud800"),
        r"url is not an http(s) address: 'https://e.org/\ud800'",
    ),
    "before-all-years": (
        line(date="0001-01-01T00:00:00+14:00"),
        "date is outside the calendar: '0001-01-01T00:00:00+14:00'",
    ),
    "behind-all-years": (
        line(date="9999-12-31T23:59:59-14:00"),
        "date is outside the calendar: '9999-12-31T23:59:59-14:00'",
    ),
    "no-such-day": (line(date="2020-13-45"), f"date is a day that does not exist: '2020-13-45'; {WRITE}"),
    "endless-date": (line(date="1" * 5000), f"date is no date and time: '{'1' * 80}'; {WRITE}"),
    "offset-of-days": (
        line(date="Mon, 09 Nov 2020 10:00:00 +999999"),
        f"date is no date and time: 'Mon, 09 Nov 2020 10:00:00 +999999'; {WRITE}",
    ),
}


@pytest.mark.parametrize("case", BROKEN_LINES)
def test_a_line_that_is_broken(tmp_path: Path, case: str) -> None:
    """It is told, and the one behind it is read."""
    record, expected = BROKEN_LINES[case]

    assert read(tmp_path, "a.jsonl", f"{record}\n{GOOD_LINE}\n") == (["Good"], [f"a.jsonl:1: {expected}"])


ODD_LINES = {
    "number": (line(title=5), "5"),
    "surrogate": (line(title="a\ud800b"), "a b"),
    "zero-byte": (line(title="a\0b"), "a b"),
    "endless-entity": (line(title="a&#" + "9" * 5000 + ";b"), "a\ufffdb"),  # no title is read so far
    "no-numbers": (line(heat=float("nan"), quality=float("inf")), "Good"),
    "lists-everywhere": (line(heat=[1], quality={}, language=["x"], image=[[]], source=[1], draft=[1]), "Good"),
    "surrogates-everywhere": (line(tags=["\ud800"], lang="\ud800", source="\ud800", description="\ud800"), "Good"),
}


@pytest.mark.parametrize("case", ODD_LINES)
def test_a_line_that_is_odd(tmp_path: Path, case: str) -> None:
    """It is an article, which the archive reads again."""
    record, title = ODD_LINES[case]
    (tmp_path / "a.jsonl").write_text(record, "utf-8")
    done = run(tmp_path, "import", "a.jsonl", "--to", "news")
    again = archive.read([str(tmp_path / "news")])

    assert done[:2] == (0, "news: 1 article written, 0 there already, 0 could not be read\n")
    assert [line for line in done[2].splitlines() if not line.startswith("note: a.jsonl:1: ")] == []
    assert [story.title for story in again.articles] == [title]
    assert [problem for problem in again.problems if "heat" not in problem.what] == []


@pytest.mark.parametrize("year", [1, 33, 999, 1000, 9999])
def test_any_year_is_read_again(tmp_path: Path, year: int) -> None:
    """A year before 1000 keeps its zeros, in the file and in its name."""
    day = f"{year:04d}-03-04"
    (tmp_path / "a.jsonl").write_text(line(date=day), "utf-8")
    run(tmp_path, "import", "a.jsonl", "--to", "news")
    [story] = archive.read([str(tmp_path / "news")]).articles

    assert os.listdir(tmp_path / "news") == [f"{day}-good.md"]
    assert story.published_at == datetime(year, 3, 4, tzinfo=UTC)


def test_a_list_with_broken_members(tmp_path: Path) -> None:
    """Each is told by its number; brackets and commas inside strings part nothing."""
    title = json.dumps({**GOOD, "title": 'Brackets ]}, and \\" too'})
    members = [GOOD_LINE, '{"title": "A",}', title, f'{{"x": {DEEP}}}', "7", GOOD_LINE[:-5]]
    expected = [
        "item 2 is no JSON (Expecting property name enclosed in double quotes: line 1 column 16 (char 15))",
        "item 4 is nested too deeply to be read",
        "item 5 is no object",
    ]
    titles, told = read(tmp_path, "a.json", "[" + ", ".join(members))
    in_feed, told_of_feed = read(tmp_path, "b.json", f'{{"version": "1", "items": [{", ".join(members[:3])}]}}')

    assert titles == ["Good", 'Brackets ]}, and \\" too']
    assert [problem.removeprefix("a.json: ") for problem in told[:3]] == expected
    assert told[3].startswith("a.json: item 6 is no JSON (Unterminated string")
    assert (in_feed, told_of_feed) == (titles, [f"b.json: {expected[0]}"])
    assert sentence(tmp_path, "c.json", '{"a":' * 100_000) == (
        "c.json: is nested too deeply to be read; mend it, or name it .jsonl"
    )


HEADER = "title,date,url,description\n"
ROW = "Good,2020-11-09,https://example.org/2,ok\n"
BROKEN_ROWS = {
    "open-quote": ('A,"2020-11-09,https://example.org/1,x\n' + ROW, "a.csv:2: is no CSV (unexpected end of data)"),
    "open-quote-before-another": (
        'A,"2020-11-09,https://example.org/1,x\n' + ROW + 'B,2020-11-09,https://example.org/3,"b, c"\n',
        "a.csv:2: is no CSV (',' expected after '\"')",
    ),
    "stray-quote": ('A,2020-11-09,https://e.org/1,"x"y\n' + ROW, "a.csv:2: is no CSV (',' expected after '\"')"),
    "too-long": ("A,2020-11-09,https://e.org/1,x,y\n" + ROW, "a.csv:2: has more cells than the header"),
    "too-short": (
        "A\n" + ROW,
        "a.csv:2: has no http(s) address and no date; name the field with `fields`",
    ),
}


@pytest.mark.parametrize("case", BROKEN_ROWS)
def test_a_row_that_is_broken(tmp_path: Path, case: str) -> None:
    """It is told with its line, and the row behind it is read, also where an open quote swallowed that."""
    content, expected = BROKEN_ROWS[case]
    titles, told = read(tmp_path, "a.csv", HEADER + content)

    assert "Good" in titles
    assert told == [expected]


def test_large_cells_and_a_header_that_is_none(tmp_path: Path) -> None:
    """A cell has no limit but the file's; an empty table has no rows; a broken header is a sentence."""
    large = HEADER + f"A,2020-11-09,https://example.org/1,{'x' * 200_000}\n" + ROW

    assert read(tmp_path, "a.csv", large) == (["A", "Good"], [])
    assert read(tmp_path, "b.csv", "") == ([], [])
    assert sentence(tmp_path, "c.csv", '"a\n') == "c.csv:1: is no CSV (unexpected end of data); mend the header"


def test_open_quotes_everywhere() -> None:
    """Lines that were swallowed are read again only so often that the work stays in proportion; the rest is told."""
    text = HEADER + 'a","b\n' * 2_000 + ROW
    problems = [
        record for record in tables.read_csv("a.csv", text, decoding.decode(b"")) if isinstance(record, Problem)
    ]

    assert str(problems[0]) == "a.csv:2: is no CSV (unexpected end of data)"
    assert str(problems[-1]).endswith("has too many open quotes; what follows is not read")
    assert len(problems) < 10


BROKEN_MATTER = {
    "deep": ("a = " + "[" * 100_000, "1: is nested too deeply to be read"),
    "key": (".".join("a" * 5000) + " = 1", "1: holds a key of too many parts to be read"),
    "number": ("a = " + "1" * 5000, "1: holds a number that is too long to be read"),
}


@pytest.mark.parametrize("case", BROKEN_MATTER)
def test_front_matter_that_is_broken(tmp_path: Path, case: str) -> None:
    """It is told, and the other files of the folder are read."""
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "a.md").write_text(f"+++\n{BROKEN_MATTER[case][0]}\n+++\n", "utf-8")
    (posts / "b.md").write_text(
        "---\ntitle: Good\ndate: 2020-11-09\nlink: https://example.org/1\n---\n" + "\n\n" * 1000, "utf-8"
    )
    brought = importing.read(str(posts), FieldPlan())

    assert [found.title for found in brought.articles] == ["Good"]
    assert [str(problem) for problem in brought.problems] == [f"{posts}/a.md:{BROKEN_MATTER[case][1]}"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_traps_among_the_files(tmp_path: Path) -> None:
    """Pipes, devices, dangling and circular links, folders called like posts: told or passed over, never waited for."""
    posts = tmp_path / "posts"
    (posts / "folder.md").mkdir(parents=True)
    (posts / ".hidden.md").write_text("x", "utf-8")
    os.mkfifo(posts / "pipe.md")
    os.symlink("nowhere", posts / "dangling.md")
    os.symlink("circle.md", posts / "circle.md")
    os.symlink("/dev/zero", posts / "zero.md")
    os.symlink("..", posts / "above")
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "good.jsonl").write_text(GOOD_LINE, "utf-8")
    status, printed, told = run(tmp_path, "import", "posts", "pipe.jsonl", "good.jsonl", "gone.csv", "--to", "news")

    assert (status, printed) == (
        1,
        "news: 1 article written, 0 there already, 4 could not be read; 2 sources not read at all\n",
    )
    trap = "is a pipe or a device; write what it gives into a file and name that"
    assert told.splitlines() == [
        "warning: posts/circle.md: cannot be read (Too many levels of symbolic links); name another file",
        "warning: posts/dangling.md: cannot be read (No such file or directory); name another file",
        f"warning: posts/pipe.md: {trap}",
        f"warning: posts/zero.md: {trap}",
        f"pipe.jsonl: {trap}",
        "gone.csv: cannot be read (No such file or directory); name another file",
    ]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_files_and_folders_without_permission(tmp_path: Path) -> None:
    """They are told, and the others are read."""
    posts = tmp_path / "posts"
    (posts / "closed").mkdir(parents=True)
    (posts / "a.md").write_text("x", "utf-8")
    (posts / "a.md").chmod(0)
    (posts / "closed").chmod(0)
    told = [str(problem) for problem in importing.read(str(posts), FieldPlan()).problems]
    (posts / "closed").chmod(0o700)

    assert told == [
        f"{posts}/a.md: cannot be read (Permission denied); name another file",
        f"{posts}/closed: cannot be read (Permission denied)",
    ]


def test_folders_deeper_than_the_stack(tmp_path: Path) -> None:
    """A post is read however deep it stands."""
    deep = tmp_path.joinpath(*["d"] * (sys.getrecursionlimit() + 50))
    try:
        subprocess.run(["mkdir", "-p", deep], check=True)
        (deep / "a.md").write_text("---\ntitle: Good\ndate: 2020-11-09\nlink: https://example.org/1\n---\n", "utf-8")
        brought = importing.read(str(tmp_path), FieldPlan())
    finally:
        subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)  # deeper than Python itself can remove

    assert [found.title for found in brought.articles] == ["Good"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_something_else_in_an_articles_place(tmp_path: Path) -> None:
    """A folder, a pipe, a dangling link or a device is not the article: it gets a number, and nothing is touched."""
    (tmp_path / "g.jsonl").write_text(GOOD_LINE, "utf-8")
    news = tmp_path / "news"
    (news / "2020-11-09-good.md").mkdir(parents=True)
    os.mkfifo(news / "2020-11-09-good-2.md")
    os.symlink("nowhere", news / "2020-11-09-good-3.md")
    os.symlink("/dev/zero", news / "2020-11-09-good-4.md")
    first = run(tmp_path, "import", "g.jsonl", "--to", "news")
    second = run(tmp_path, "import", "g.jsonl", "--to", "news")

    assert first[:2] == (0, "news: 1 article written, 0 there already, 0 could not be read\n")
    assert second[:2] == (0, "news: 0 articles written, 1 there already, 0 could not be read\n")
    assert (news / "2020-11-09-good-5.md").is_file()
    assert os.readlink(news / "2020-11-09-good-3.md") == "nowhere"
    assert len(os.listdir(news)) == 5


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A file in its place, or no name at all, is a sentence."""
    (tmp_path / "g.jsonl").write_text(GOOD_LINE, "utf-8")

    assert run(tmp_path, "import", "g.jsonl", "--to", "g.jsonl") == (
        1,
        "",
        "g.jsonl: is a file; name a folder of the archive, or a new one; nothing was changed\n",
    )
    done = run(tmp_path, "import", "g.jsonl", "--to", "")
    assert (done.status, done.told.splitlines()[-1]) == (2, "Error: Invalid value for '--to': it is empty")


def test_sources_that_cannot_be_read_as_json(tmp_path: Path) -> None:
    """Scripts find them in `errors`, beside the counts."""
    (tmp_path / "g.jsonl").write_text(GOOD_LINE, "utf-8")
    status, printed, _ = run(tmp_path, "import", "gone.csv", "g.jsonl", "--to", "news", "--json")

    assert status == 1
    assert json.loads(printed) == {
        "folder": "news",
        "dry_run": False,
        "new": 1,
        "known": 0,
        "updated": 0,
        "bad": 0,
        "left_out": {},
        "errors": ["gone.csv: cannot be read (No such file or directory); name another file"],
    }


def test_a_web_page_is_no_feed(tmp_path: Path) -> None:
    """The site's own address is often given for its feed's."""
    assert sentence(tmp_path, "a.xml", "\n<!DOCTYPE html><html><title>x</title></html>") == (
        "a.xml: is a web page, not a feed; name the feed's own address or file"
    )


def test_a_feed_with_an_address_that_is_none(tmp_path: Path) -> None:
    """One bad address of an entry stops no other."""
    content = feed("One").replace("https://example.org/1", "http://[::1")

    assert read(tmp_path, "a.xml", content) == (
        ["Plain"],
        ["a.xml, entry 1: link is not an http(s) address: 'http://[::1'"],
    )


def test_a_feed_made_to_take_long(tmp_path: Path) -> None:
    """Blank lines, attributes and topics by the thousand, of which feedparser takes the square, are taken off."""
    attributes = " ".join(f'a{number}="1"' for number in range(20_000))
    topics = "".join(f"<category>c{number}</category>" for number in range(20_000))
    tame = feeds._tame("\n \n" * 20_000 + feed("One", f"<x {attributes}/>{topics}"))
    (tmp_path / "a.xml").write_text("\n \n" * 20_000 + feed("One", f"<x {attributes}/>{topics}"), "utf-8")
    [one, _] = importing.read(str(tmp_path / "a.xml"), FieldPlan()).articles

    assert tame.startswith("<rss")
    assert feeds._tame(f"<?xml?> <?a?>{' ' * 400_000}<!-- -->\n<rss>") == "<?a?>\n<!--\n--><rss>"
    assert "<x/>" in tame
    assert tame.count("<category>") == tame.count("</category>") == 500
    assert (one.title, len(one.topics)) == ("One", 500)


def test_a_large_feed_is_bounded_in_time() -> None:
    """It is read by a process of its own; where that ends without an answer, there is an error and no waiting."""
    content = feed("One", "<description>" + "x" * 100_000 + "</description>")
    [one, other] = feeds.read("a.xml", content)
    forever = f"import os, resource; from digest.importing import feeds; feeds.serve({1})"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            forever.replace("feeds.serve", "feeds.parsed = lambda *_: [0 for _ in iter(int, 1)]; feeds.serve"),
        ],
        input=b"",
        check=False,
    )

    assert isinstance(one, Raw)
    assert isinstance(other, Raw)
    assert (one.fields["title"], other.fields["title"]) == ("One", "Plain")
    assert done.returncode < 0


PARTS = [
    "<div>", "</div>", "<b>", "</b>", "<p class='a>b'>", '<i title="a>b">', "</i>", "<br>", "<br/>", "<!-- x -->",
    "<!-->", "<!doctype html>", "<?x ?>", "</ x>", "&amp;", "&lt;b>", "&nbsp;", "&copy", "word", " ", "a<b", "a < b",
    "<script>x<b>y</script>", "<style>p{}</style>", "<SCRIPT>x</ScRiPt >", "<span\n>", "<a href=x/y>", "</a>", "<img>",
]  # fmt: skip


def by_tree(html: str) -> str:
    """Return the words of HTML as a parser that builds the tree finds them."""
    tree = tinyhtml5.parse(html, namespace_html_elements=False)
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag in {"script", "style"}:  # comments have a function there
            element.text = ""
    return "".join("".join(tree.itertext()).split())


@given(parts=st.lists(st.sampled_from(PARTS), max_size=12))
def test_words_are_those_of_the_tree(parts: list[str]) -> None:
    """Without a tree, the same letters are found as with one, whatever is open or closed."""
    html = "".join(parts)

    assert "".join(markup.words(html).split()) == by_tree(html)


def test_words_of_mark_up() -> None:
    """Elements part words unless they stand in a line; scripts and templates have none; entities are decoded once."""
    expected = {
        "a<b>b</b>c": "abc",
        "<p>a</p><p>b</p>": "a b",
        "a<br>b": "a b",
        "<script>x</script>a<style>y</style>": "a",
        "a<template>b<template>c</template>d</template>e": "a e",
        "<textarea><b>a</b></textarea>": "<b>a</b>",
        "<b>&amp;lt;</b>": "&lt;",
        "a<!-- > -->b": "ab",
        "a<!-- b": "a",
        "a<b title='": "a",
    }

    assert {html: markup.words(html) for html in expected} == expected


TRAPS = ["<div>", "<b>", "<", "<!--", "<a x=1 ", "<a x='", "&", "&amp;", "&#1", "<ul><li>", "<script>", "</", "<title>"]


@pytest.mark.parametrize("trap", TRAPS)
def test_no_mark_up_is_looked_at_twice(trap: str) -> None:
    """However many tags are open, a tag is one step: the steps grow as the text does."""
    steps = []
    for times in (1_000, 4_000):
        position = count = 0
        html = trap * times
        while tag := markup._TAG.search(html, position):  # timings belong to benchmarks
            position, count = tag.end(), count + 1
        steps.append(count)

    assert steps[1] <= 4 * max(steps[0], 1)


class Opened:
    """Counts the files that this process opens below a folder."""

    def __init__(self) -> None:
        self.folder, self.count = "", 0
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.folder and event == "open" and str(arguments[0]).startswith(self.folder):
            self.count += 1


OPENED = Opened()
"""A hook cannot be taken away again, so there is one."""


@pytest.mark.parametrize("count", [40, 160])
def test_many_articles_of_one_name(tmp_path: Path, count: int) -> None:
    """Titles without a Latin letter all have one name; a second import opens each file once, whatever their number."""
    articles = [article("日本語", number) for number in range(count)]
    news = str(tmp_path / "news")
    OPENED.folder, OPENED.count = news, 0
    first = store.Store(news)
    new = [first.add(one).is_new for one in articles]
    opened_first, OPENED.count = OPENED.count, 0
    second = store.Store(news)
    again = [second.add(one).is_new for one in articles]
    opened_again, OPENED.folder = OPENED.count, ""

    assert (sum(new), sum(again)) == (count, 0)
    assert len(os.listdir(news)) == count
    assert opened_first <= 3 * count
    assert opened_again == count


def test_a_gap_among_namesakes(tmp_path: Path) -> None:
    """Where the first of a name was removed, the second is known all the same, and the place is free for another."""
    folder = str(tmp_path)
    for number in range(3):
        store.Store(folder).add(article("Same", number))
    os.unlink(tmp_path / "2020-11-09-same.md")

    assert not store.Store(folder).add(article("Same", 1)).is_new
    assert store.Store(folder).add(article("Same", 7)).is_new
    assert sorted(os.listdir(folder)) == ["2020-11-09-same-2.md", "2020-11-09-same-3.md", "2020-11-09-same.md"]


def test_a_title_that_ends_with_a_number(tmp_path: Path) -> None:
    """`Same 2` and the second `Same` want one name; neither is written over, and both are known again."""
    folder = str(tmp_path)
    articles = [article("Same 2", 1), article("Same", 2), article("Same", 3)]

    assert [store.Store(folder).add(one).is_new for one in articles] == [True, True, True]
    assert [store.Store(folder).add(one).is_new for one in articles] == [False, False, False]
    assert len(os.listdir(folder)) == 3


def test_a_dry_run_counts_as_the_real_one(tmp_path: Path) -> None:
    """One address given twice is one article, also where nothing is written."""
    dry = store.Store(str(tmp_path / "news"), dry_run=True)

    assert [dry.add(article("Same", number)).is_new for number in (1, 2, 1)] == [True, True, False]
    assert not (tmp_path / "news").exists()


def test_two_imports_at_once(tmp_path: Path) -> None:
    """Each article is there once, whichever import wrote it, and what both count as new adds up."""
    articles = [article("日本語", number) for number in range(120)]
    new: list[bool] = []

    def bring(each: list[Article]) -> None:
        writing = store.Store(str(tmp_path / "news"))
        ready.wait()
        new.extend([writing.add(one).is_new for one in each])

    ready = threading.Barrier(3)
    threads = [threading.Thread(target=bring, args=(each,)) for each in (articles, articles[::-1], articles[40:])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    written = [(tmp_path / "news" / name).read_bytes() for name in os.listdir(tmp_path / "news")]

    assert sum(new) == len(written) == 120
    assert sorted(written) == sorted(map(entry.file_content, articles))


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for files without a name")
def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With files without a name and without: nothing else is left in the folder, and the mode is the usual one."""
    store.Store(str(tmp_path / "a")).add(article("Same"))
    monkeypatch.setattr(placing, "_OPEN_FILES", "/nowhere")
    store.Store(str(tmp_path / "b")).add(article("Same"))
    (tmp_path / "usual").write_bytes(b"")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in [*tmp_path.glob("?/*"), tmp_path / "usual"]}

    assert os.listdir(tmp_path / "a") == os.listdir(tmp_path / "b") == ["2020-11-09-same.md"]
    assert len(modes) == 1


@given(
    when=st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 28)),  # noqa: DTZ001 - zones follow
    hours=st.integers(-23, 23),
)
def test_any_moment_is_written_as_it_is_read(when: datetime, hours: int) -> None:
    """ISO 8601 with any offset, in any year, comes back to the second."""
    given_moment = when.replace(microsecond=0, tzinfo=UTC)
    written = (given_moment + timedelta(hours=hours)).replace(tzinfo=None).isoformat()
    offset = f"{'-' if hours < 0 else '+'}{abs(hours):02d}:00"

    assert dates.moment(written + offset, ZoneInfo("UTC")) == given_moment


@given(members=st.lists(st.sampled_from([GOOD_LINE, '{"a": ', "]", '"x', "{}", "7", ""]), max_size=6))
def test_json_never_ends_in_a_traceback(members: list[str]) -> None:
    """Whatever stands in a list, it is records and problems, at most one for each member."""
    each = list(objects.json_document("a.json", "[" + ",".join(members) + "]"))

    assert len(each) <= len(members)
