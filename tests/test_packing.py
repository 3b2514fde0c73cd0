"""`digest archive pack`: whole or not at all, over nothing unasked, and no file lost without a word."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from command import run
from samples import SEEDS

from digest import archive

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Write = Callable[[Mapping[str, str | bytes]], str]

ARTICLE = "---\ntitle: T\ndate: 2020-11-09\nlink: https://news.example.com/\n{}---\nText.\n"
EMPTY = "name a folder of articles"
REFUSED: dict[str, tuple[dict[str, str | bytes], str, str]] = {
    "no table's name": (
        {"in/a.md": ARTICLE},
        "out.csv",
        "out.csv: names no table; end it in .jsonl or .parquet; nothing was written",
    ),
    "a table that is there": (
        {"in/a.md": ARTICLE, "out.jsonl": "mine"},
        "out.jsonl",
        "out.jsonl: is there already; name another, or write over it with --replace",
    ),
    "no articles": ({"in/a.txt": "T"}, "out.jsonl", f"in: no article (*.md) in it; {EMPTY}"),
    "no folder": ({"x.md": ARTICLE}, "out.jsonl", f"in: there is no such folder; {EMPTY}"),
    "a field called like the text": (
        {"in/a.md": ARTICLE.format("body: mine\n")},
        "out.jsonl",
        "in/a.md:5: has a field 'body', which a table needs for itself; rename it; nothing was written",
    ),
    "a field called like the path": (
        {"in/a.md": ARTICLE.format("archive_path: x\n")},
        "out.parquet",
        "in/a.md:5: has a field 'archive_path', which a table needs for itself; rename it; nothing was written",
    ),
    "fields of one name to Parquet": (
        {"in/a.md": ARTICLE.format("Mood: x\nmood: y\n")},
        "out.parquet",
        "in: there are fields that differ in case only: 'Mood' and 'mood'; "
        "rename one, or pack as .jsonl, which has both",
    ),
    "too many fields": (
        {"in/a.md": ARTICLE.format("".join(f"f{n}: x\n" for n in range(1000)))},
        "out.parquet",
        "in: there are 1,005 different fields; pack as .jsonl instead",
    ),
    "a file in the folder's place": (
        {"in/a.md": ARTICLE, "above": "a file"},
        "above/out.jsonl",
        "above/out.jsonl: cannot be written (File exists); make room or choose another folder",
    ),
    "a path that only a shell reads": (
        {"in/a.md": ARTICLE},
        "~/x.jsonl",
        "~/x.jsonl: starts with ~, which only a shell expands; write the whole path",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_packed(case: str, write: Write, tmp_path: Path) -> None:
    """It is one line, and nothing is written or left behind."""
    files, to, line = REFUSED[case]
    write(
        {
            name: content.format("") if content == ARTICLE and isinstance(content, str) else content
            for name, content in files.items()
        }
    )
    before = sorted(os.walk(tmp_path))
    done = run(tmp_path, "archive", "pack", "in", "--to", to)

    assert (done.status, done.told) == (1, f"{line}\n")
    assert sorted(os.walk(tmp_path)) == before


def test_json_lines_take_what_parquet_does_not(write: Write, tmp_path: Path) -> None:
    """Fields of one name but for case, and any number of fields."""
    fields = "Mood: x\nmood: y\n" + "".join(f"f{n}: x\n" for n in range(1000))
    write({"in/a.md": ARTICLE.format(fields)})
    done = run(tmp_path, "archive", "pack", "in", "--to", "out.jsonl")

    assert done.printed.startswith("out.jsonl: 1 article, ")
    row = json.loads((tmp_path / "out.jsonl").read_text("utf-8"))
    assert (row["Mood"], row["mood"], row["archive_path"], row["body"]) == ("x", "y", "a.md", "Text.\n")


@pytest.mark.parametrize("name", ["out.jsonl", "out.parquet"])
def test_what_is_no_article_is_told_and_left_out(name: str, write: Write, tmp_path: Path) -> None:
    """As a build leaves it out: broken front matter is a problem, a page of a site is nothing."""
    write({"in/a.md": ARTICLE.format(""), "in/b.md": "---\ntitle: [\n---\n", "in/page.html": "<p>", "in/c.md": "words"})
    done = run(tmp_path, "archive", "pack", "in", "--to", name, "--json")

    assert done.status == 0
    assert json.loads(done.printed)["rows"] == 1
    assert done.told.count("warning: in/") == 2
    assert [article.path for article in archive.read([str(tmp_path / name)]).articles] == ["a.md"]


@pytest.mark.parametrize("name", ["out.jsonl", "out.parquet"])
def test_a_table_is_replaced_when_asked(name: str, write: Write, tmp_path: Path) -> None:
    """With --replace; the same folder then gives the same bytes."""
    write({"in/a.md": ARTICLE.format("")})
    for _ in range(2):
        done = run(tmp_path, "archive", "pack", SEEDS, "--to", name, "--replace")
        assert done.status == 0, done.told
    first = (tmp_path / name).read_bytes()
    run(tmp_path, "archive", "pack", SEEDS, "--to", f"again-{name}")

    assert (tmp_path / f"again-{name}").read_bytes() == first
    assert sorted(os.listdir(tmp_path)) == sorted(["in", name, f"again-{name}"])


def test_any_values_of_front_matter_come_back(write: Write, tmp_path: Path) -> None:
    """Texts that look like other types, blanks, signs of every script, lists of mappings and empty values."""
    fields = (
        "a: 0123\nb: 1e5\nc: 2020-11-09\nd: 'true'\ne: ''\nf: ~\ng: []\nh: {}\ni: [x, [y, {z: 1}], '']\n"
        'j: "tab\\there\\nline"\nk: "\\u202Eعربي 中文 😀"\nl: {m: {n: [o]}}\nprovider: {name: P, domain: ~}\n'
        "images: [{url: 'https://news.example.com/a.png', width: 5}]\n"
    )
    folder = write({"in/a.md": ARTICLE.format(fields), "in/b.md": ARTICLE.format("a: [now, a, list]\nheat: {x: 1}\n")})
    wanted = archive.read([f"{folder}/in"])
    for name in ("out.jsonl", "out.parquet"):
        run(tmp_path, "archive", "pack", "in", "--to", name)
        read = archive.read([f"{folder}/{name}"])
        assert read.articles == wanted.articles
        assert [each.what for each in read.problems] == [each.what for each in wanted.problems]
