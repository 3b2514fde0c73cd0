"""Archives in tables: the same articles as from files, by the same rules, under names that stay."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from command import run
from samples import SEEDS
from tabling import STORY, WEEK, database, parquet

from digest import archive, pipeline
from digest.config import settings
from digest.config.values import FieldPlan, Query, ReadingPlan
from digest.errors import ArchiveError, TableError, TooManyRows
from digest.preview.session import Session
from digest.tables import places

if TYPE_CHECKING:
    from pathlib import Path

DAY = "2020-11-11"

# Files as other generators write them: each form of front matter, HTML, notes whose name or heading is their title.
OTHERS = {
    "2020-11-09-toml.md": "+++\ntitle = 'Ferry at night'\nlink = 'https://news.example.com/ferry'\nscore = 61\n"
    "tags = ['AI', 'Boats']\n[params]\ncover = 'https://news.example.com/f.png'\n+++\nIt *sails* again.\n",
    "blog/2020/11/08/json.md": '{"title": "Loom", "url": "https://news.example.com/loom", "heat": 1e2,'
    ' "tags": "AI, Looms"}\n<p>Woven.</p>\n',
    "page.html": "---\ntitle: A page\ndate: 2020-11-07\nlink: https://news.example.com/page\nheat: 40\ntags: AI\n---\n"
    "<p>First &amp; foremost.</p>\n",
    "2020-11-06 Night Ferry.md": "No fence, and no heading.\n",
    "notes/2020-11-06.md": "# A heading is the title\n\nText below.\n",
    "a-b/x.md": "---\ntitle:\n---\n",
    "a/empty.md": "---\ntitle: Empty values\npublishedDateTime:\nexcerpt: ~\ntopics: []\n---\n",
}


@pytest.fixture
def newsletter(tmp_path: Path) -> Path:
    """A newsletter with the sample archive and files of other generators in `seeds`."""
    shutil.copytree(SEEDS, tmp_path / "seeds")
    for name, content in OTHERS.items():
        file = tmp_path / "seeds" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return tmp_path


def configure(folder: Path, source: object, **more: object) -> None:
    """Write a digest.yaml that has *source* as its archive."""
    (folder / "digest.yaml").write_text(json.dumps({"archive": source, **more}), encoding="utf-8")


def built(folder: Path, out: str) -> dict[str, bytes]:
    """Build the sample's issue into *out*; return its files."""
    done = run(folder, "build", "--date", DAY, "--out", out)
    assert done.status == 0, done.told
    return {file.name: file.read_bytes() for file in (folder / out / DAY).iterdir()}


def names(sources: list[str | Query], **options: Any) -> list[str]:
    """Return the names of the articles in *sources*."""
    return [article.path for article in archive.read(sources, **options).articles]


def test_a_packed_folder_gives_the_same_issue(newsletter: Path) -> None:
    """JSON Lines, Parquet and a query give the issue of the folder they were packed from, its record included."""
    configure(newsletter, "seeds")
    wanted = built(newsletter, "of-folder")
    for name in ("news.jsonl", "news.parquet"):
        done = run(newsletter, "archive", "pack", "seeds", "--to", name)
        assert done.status == 0, done.told
        configure(newsletter, name)
        assert built(newsletter, f"of-{name}") == wanted, name
    database(newsletter / "w.duckdb", f"SELECT * FROM '{newsletter}/news.parquet'")
    configure(newsletter, {"sql": "SELECT * FROM news -- all", "from": "w.duckdb"})
    assert built(newsletter, "of-query") == wanted
    assert sorted(wanted) == ["index.html", "index.txt", "issue.json", "message.eml"]


def test_every_article_of_a_packed_folder_is_the_same(newsletter: Path) -> None:
    """Read in full, with other names for fields and a site of its own, every value of every article is the same."""
    fields = settings.of_text(
        b"{site: {address: https://own.example.com}, fields: {image: params.cover}}", "digest.yaml"
    ).reading
    wanted = archive.read([str(newsletter / "seeds")], fields).articles
    for name in ("news.jsonl", "news.parquet"):
        run(newsletter, "archive", "pack", "seeds", "--to", name)
        assert archive.read([str(newsletter / name)], fields).articles == wanted
    assert {"Ferry at night", "Night Ferry", "A heading is the title", "Empty values"} <= {a.title for a in wanted}


def test_a_folder_and_tables_are_one_archive(newsletter: Path) -> None:
    """Of several sources each has its name before its articles', a number where two are alike; parts of one do not."""
    (newsletter / "parts").mkdir()
    for part in ("a", "b"):
        parquet(newsletter / "parts" / f"{part}.parquet", f"SELECT {STORY}, '{part}' AS id FROM range(1) r(i)")
    database(newsletter / "parts.duckdb", f"SELECT {STORY}, 'c' AS id FROM range(1) r(i)")
    sources: list[str | Query] = [
        str(newsletter / "parts" / "*.parquet"),
        Query("FROM news", str(newsletter / "parts.duckdb")),
        str(newsletter / "seeds"),
    ]

    assert names(sources)[:3] == ["parts-1/a", "parts-1/b", "parts-2/c"]
    assert all(name.startswith("seeds/") for name in names(sources)[3:])


NAMED = {
    "archive_path": ("'2020/x.md' AS archive_path, 'z' AS id", "2020/x.md"),
    "id": ("7 AS id, 'z' AS slug", "7"),
    "path": ("'posts/x.md' AS path, 'z' AS slug", "posts/x.md"),
    "slug": ("'night-ferry' AS slug", "night-ferry"),
    "address": ("1 AS x", "https://news.example.com/0"),
    "an id that no line can hold": ("'a' || chr(10) AS id, 'b' AS slug", "b"),
    "an endless id": ("repeat('a', 600) AS id, 'b' AS slug", "b"),
    "an empty id": ("'' AS id, 'b' AS slug", "b"),
}


@pytest.mark.parametrize("case", NAMED)
def test_what_names_a_row(case: str, tmp_path: Path) -> None:
    """The first of the columns that names it, or its address."""
    columns, name = NAMED[case]
    file = parquet(tmp_path / "n.parquet", f"SELECT {STORY}, {columns} FROM range(1) r(i)")

    assert names([file]) == [name]


def test_rows_keep_their_names_when_others_follow(tmp_path: Path) -> None:
    """Rows without any name are called by their place, in JSON Lines and Parquet alike."""
    lines = [json.dumps({"title": f"Story {number}", "date": "2020-11-09"}) for number in range(3)]
    file = tmp_path / "news.jsonl"
    file.write_text("\n".join(lines[:2]), encoding="utf-8")
    before = names([str(file)])
    file.write_text("\n".join(lines), encoding="utf-8")

    assert names([str(file)]) == [*before, "news.jsonl:3"] == [f"news.jsonl:{number}" for number in (1, 2, 3)]
    table = parquet(tmp_path / "news.parquet", f"SELECT * FROM '{file}'")
    assert names([table]) == [f"news.parquet:{number}" for number in (1, 2, 3)]


def test_a_name_belongs_to_the_first_row_that_has_it(tmp_path: Path) -> None:
    """Another row of that name is a problem, for edits and memory could not tell the two apart."""
    file = parquet(tmp_path / "n.parquet", f"SELECT {STORY}, 7 AS id FROM range(2) r(i)")
    read = archive.read([file])

    assert [article.url for article in read.articles] == ["https://news.example.com/0"]
    assert list(map(str, read.problems)) == [f"{file}:2: is called '7' like {file}:1; give each row a name of its own"]


def test_edits_and_memory_go_by_the_names_of_rows(newsletter: Path) -> None:
    """A pin by id runs, and what an issue ran is not run again, although rows were added before it."""
    row = {"date": "2020-11-09", "heat": 50, "topics": ["AI"]}
    rows = [
        {**row, "id": f"id-{number}", "title": f"Tale {word} of {word}s", "url": f"https://{word}.example.com/"}
        for number, word in enumerate(["ferry", "loom", "bridge", "garden", "violin", "harvest"])
    ]
    file = newsletter / "news.jsonl"
    configure(newsletter, "news.jsonl")
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (newsletter / "edits").mkdir()
    (newsletter / "edits" / f"{DAY}.yaml").write_text("pin: [{story: id-5, section: AI}]\n", encoding="utf-8")
    assert "Tale harvest" in run(newsletter, "build", "--date", DAY).printed
    explained = run(newsletter, "explain", "id-5", "--date", DAY)
    assert "In the issue" in explained.printed
    sent = run(newsletter, "sent", DAY, "--mark")
    assert sent.status == 0, sent.told
    fresh = {**rows[0], "id": "new", "title": "Fresh bread at dawn", "url": "https://bread.example.com/"}
    file.write_text("\n".join(map(json.dumps, [fresh, *rows])), encoding="utf-8")
    done = run(newsletter, "explain", "--date", "2020-11-12", "--json")
    fates = {verdict["path"]: verdict["verdict"] for verdict in json.loads(done.printed)}

    assert fates["new"] == "picked"
    assert fates["id-5"] == "repeat"


def test_every_command_reads_tables(newsletter: Path) -> None:
    """explain, topics, replay and check --archive take a table as they take a folder."""
    run(newsletter, "archive", "pack", "seeds", "--to", "news.parquet")
    commands = [
        ["explain", "--date", DAY],
        ["explain", "--date", DAY, "2020-10-26"],
        ["topics", "--date", DAY],
        ["replay", "--from", "2020-11-01", "--to", DAY, "--json"],
    ]
    told = {}
    for source in ("news.parquet", "seeds"):
        configure(newsletter, source)
        told[source] = [run(newsletter, *command).printed for command in commands]
    assert told["news.parquet"] == told["seeds"]
    checked = run(newsletter, "check", "--archive", "news.parquet")
    assert checked.status == 1
    assert "news.parquet:" in checked.printed
    assert "no title" in checked.printed


def test_nothing_is_imported_into_a_table(newsletter: Path) -> None:
    """`import` writes files; where the archive is a table alone, it asks for a folder."""
    configure(newsletter, "news.jsonl")
    (newsletter / "new.jsonl").write_text(
        '{"title": "A", "url": "https://a.example.com", "date": "2020-11-09"}\n', encoding="utf-8"
    )
    done = run(newsletter, "import", "new.jsonl")

    assert (done.status, done.told) == (
        1,
        "archive: has no folder, and only into one are articles written; name one with --to\n",
    )
    assert run(newsletter, "import", "new.jsonl", "--to", "more").status == 0


def test_the_preview_follows_a_table(newsletter: Path) -> None:
    """A row that is added, and a file that a pattern comes to name, are in the letter when the watcher reports them."""
    (newsletter / "parts").mkdir()
    run(newsletter, "archive", "pack", "seeds", "--to", "parts/a.jsonl")
    config = str(newsletter / "digest.yaml")
    configure(newsletter, "parts/*.jsonl", out="out")

    def load() -> tuple[settings.Settings, Any]:
        return settings.load(config), WEEK

    session = Session(load)
    row = {
        "title": "Kites over a harbour town",
        "url": "https://kites.example.com/",
        "date": "2020-11-10",
        "heat": 9000,
        "topics": "AI",
    }
    added = newsletter / "parts" / "b.jsonl"
    added.write_text(json.dumps(row), encoding="utf-8")
    assert session.refresh([str(added)], config)
    assert "Kites over a harbour town" in session.snapshot.message.html
    os.unlink(added)
    assert session.refresh([str(added)], config)
    assert "Kites over a harbour town" not in session.snapshot.message.html
    assert not session.refresh([str(newsletter / "parts" / "readme.txt")], config)


def test_a_database_is_let_go(tmp_path: Path) -> None:
    """Once it is read, also in vain, another program may write to it."""
    file = database(tmp_path / "w.duckdb", f"SELECT {STORY} FROM range(1) r(i)")
    archive.read([Query("FROM news", file)])
    with pytest.raises(TableError):
        archive.read([Query("FROM nothing", file)])
    code = f"import duckdb; duckdb.connect({file!r}).execute('DROP TABLE news')"

    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_week_of_each_week(newsletter: Path) -> None:
    """A table with {{id}} in its name is one a week, as a folder is."""
    for day in ("2020-11-04", DAY):
        run(newsletter, "archive", "pack", "seeds", "--to", f"weeks/{day}.jsonl")
    configure(newsletter, "weeks/{id}.jsonl")
    played = json.loads(run(newsletter, "replay", "--from", "2020-11-01", "--json").printed)

    assert [week["id"] for week in played[0]["weeks"]] == ["2020-11-04", DAY]


@pytest.mark.parametrize("name", ["n.parquet", "n.jsonl"])
def test_rows_in_full_have_a_bound(name: str, tmp_path: Path) -> None:
    """More rows than fit into memory are refused where all are wanted, and a window of them is read all the same.

    Before the first is read: what is told is how many there are, and not at which it was too much.
    """
    file = str(tmp_path / name)
    rows = f"SELECT {STORY.replace('2020-11-09', '2020-11-01')}, i AS id FROM range(9) r(i)"
    duckdb.execute(f"COPY ({rows}) TO '{file}' (FORMAT {'json' if name.endswith('jsonl') else 'parquet'})")
    with pytest.raises(TooManyRows) as error:
        archive.read([file], most_rows=5)

    assert str(error.value) == (
        f"{file}: has 9 rows or more, and at most 5 are read at once;"
        " select fewer with {sql: …, from: …} in `archive`"
    )
    assert archive.read([file], within=WEEK, most_rows=5).files == 9


def test_an_empty_week_of_a_large_table_is_no_mistake(newsletter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not looked through for the nearest day, nor for a word that no story of the week has."""
    monkeypatch.setattr(pipeline, "_LOOKED_THROUGH", 10)
    run(newsletter, "archive", "pack", "seeds", "--to", "news.parquet")
    configure(newsletter, "news.parquet", sections=[{"topic": "AI"}, {"topic": "Falconry"}])
    assert run(newsletter, "build", "--date", DAY).status == 0
    done = run(newsletter, "build", "--date", "2019-11-11")

    assert (done.status, done.told) == (
        3,
        "2019-11-05 to 2019-11-11: the archive has nothing in this window; is the date right?\n",
    )


def test_without_its_extra_a_table_says_so(newsletter: Path) -> None:
    """JSON Lines need none; Parquet and addresses name theirs, in one line."""
    run(newsletter, "archive", "pack", "seeds", "--to", "news.jsonl")
    code = (
        "import sys\nsys.modules.update(duckdb=None, fsspec=None)\nfrom digest import cli\n"
        f"cli.main(['build', '--date', '{DAY}', '--quiet', '--archive', sys.argv[1]])"
    )
    told = {}
    for source in ("news.jsonl", "news.parquet", "https://127.0.0.1/a.jsonl", "s3://news/a.jsonl"):
        (newsletter / "news.parquet").touch()
        done = subprocess.run(
            [sys.executable, "-c", code, source], cwd=newsletter, capture_output=True, text=True, check=False
        )
        told[source] = done.returncode, done.stderr.splitlines()[-1]
    needs = "needs the extra tables; pip install 'heat-digest[tables]'"

    assert told["news.jsonl"][0] == 0
    assert told["news.parquet"] == (1, f"news.parquet: {needs}")
    assert told["https://127.0.0.1/a.jsonl"] == (1, f"https://127.0.0.1/a.jsonl: {needs}")
    # Which brings fsspec with it.
    assert told["s3://news/a.jsonl"] == (1, "s3://news/a.jsonl: needs the extra s3; pip install 'heat-digest[s3]'")


def test_a_start_loads_no_extra() -> None:
    """`import digest`, `digest --help` and a build from a folder load neither DuckDB nor fsspec."""
    code = (
        "import sys, digest, digest.cli, digest.archive, digest.pipeline, digest.archive.packing\n"
        "print([name for name in sys.modules if name.partition('.')[0] in {'duckdb', 'fsspec', 's3fs', 'aiohttp'}])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_other_names_of_columns(tmp_path: Path) -> None:
    """`fields` names columns as it names fields, inside of structs and lists too."""
    select = (
        "SELECT {'head': 'Robots', 'link': [{'href': 'https://news.example.com/r'}]} AS meta, 5 AS \"a.b\","
        " TIMESTAMPTZ '2020-11-09 10:00:00+00' AS at"
    )
    names_of = (("title", "meta.head"), ("webUrl", "meta.link.0.href"), ("publishedDateTime", "at"), ("heat", "a.b"))
    file = parquet(tmp_path / "n.parquet", select)
    (article,) = archive.read([file], ReadingPlan(fields=FieldPlan(names=names_of)), within=WEEK).articles

    assert (article.title, article.url, article.heat) == ("Robots", "https://news.example.com/r", 5)
    assert str(article.published_at) == "2020-11-09 10:00:00+00:00"


def test_a_column_without_a_title_is_told_once(tmp_path: Path) -> None:
    """Where the column is called otherwise, one line says so, and which there are."""
    file = parquet(
        tmp_path / "n.parquet", "SELECT 'T' AS headline_text, DATE '2020-11-09' AS date, i AS id FROM range(50) r(i)"
    )
    read = archive.read([file])

    assert list(map(str, read.problems)) == [
        f"{file}: none of 50 rows has a title; say in `fields` how it is called (there are date, headline_text, id)"
    ]


def test_parts_of_other_columns_are_one_table(tmp_path: Path) -> None:
    """Columns are joined by name; a damaged part is a problem and stops no other; signs of patterns are letters."""
    parquet(tmp_path / "a[1].parquet", f"SELECT {STORY}, 'a' AS id FROM range(1) r(i)")
    parquet(tmp_path / "b.parquet", f"SELECT {STORY}, 'b' AS id, ['AI'] AS topics FROM range(1) r(i)")
    (tmp_path / "c.parquet").write_bytes(b"PAR1 and no more")
    read = archive.read([str(tmp_path / "*.parquet")])

    assert [(article.path, article.topics) for article in read.articles] == [("a", ()), ("b", ("AI",))]
    assert [problem.path for problem in read.problems] == [str(tmp_path / "c.parquet")]
    assert read.problems[0].what.startswith("is no Parquet file (")
    assert names([str(tmp_path / "a[[]1].parquet")]) == names([str(tmp_path / "a[1].parquet")]) == ["a"]


def test_a_folder_of_parts(tmp_path: Path) -> None:
    """A folder that is called like a table has its parts in it, as Spark writes them."""
    (tmp_path / "news.parquet").mkdir()
    for part in range(2):
        parquet(tmp_path / "news.parquet" / f"part-{part}.parquet", f"SELECT {STORY}, {part} AS id FROM range(1) r(i)")
    (tmp_path / "news.parquet" / "_SUCCESS").touch()

    assert names([str(tmp_path / "news.parquet")]) == ["0", "1"]


@pytest.mark.parametrize(
    ("pattern", "files", "gone"),
    [
        ("news-*.jsonl", ["news-2020-01.jsonl", "news-2021-01.jsonl"], "news-2022-01.jsonl"),
        ("*.jsonl", ["news-2020-01.jsonl", "news-2021-01.jsonl"], "news-2022-01.jsonl"),
        ("n*/x.jsonl", ["new/x.jsonl", "newest/x.jsonl"], "north/x.jsonl"),
        ("*/x.jsonl", ["new/x.jsonl", "newest/x.jsonl"], "north/x.jsonl"),
    ],
)
def test_a_pattern_without_a_folder_before_its_sign(
    pattern: str, files: list[str], gone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are called by the whole path, so that no two are alike, and the watcher looks at the working folder."""
    for file in files:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(json.dumps({"title": "A tram", "url": None}), encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    assert names([pattern]) == [f"{file}:1" for file in files]
    assert places.folder_of(pattern) == "."
    assert places.is_part(str(tmp_path / gone), pattern)


def test_an_article_longer_than_duckdb_reads_by_itself(tmp_path: Path) -> None:
    """It is a row with all its text, where the settings take it for an article."""
    (tmp_path / "seeds").mkdir()
    text = "word " * 3_600_000
    (tmp_path / "seeds" / "a.md").write_text(f"---\ntitle: Long\n---\n{text}", encoding="utf-8")
    (tmp_path / "seeds" / "b.md").write_text("---\ntitle: Short\n---\nwords\n", encoding="utf-8")
    configure(tmp_path, "seeds", largest_article=20_000_000)
    assert run(tmp_path, "archive", "pack", "seeds", "--to", "news.parquet").status == 0

    rows = duckdb.execute(f"SELECT length(body) FROM '{tmp_path}/news.parquet'").fetchall()
    assert rows == [(len(text),), (len("words\n"),)]


def test_a_build_of_unreadable_rows_says_what_is_wrong(tmp_path: Path) -> None:
    """Where no row can be read, that is told, and not what an article needs to run."""
    rows = [{"HEADLINE": f"Story {number}", "date": "2020-11-09"} for number in range(30)]
    (tmp_path / "news.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    done = run(tmp_path, "build", "--archive", "news.jsonl", "--date", DAY)

    assert done.status != 0
    assert done.told == (
        "2020-11-05 to 2020-11-11: none of the 30 articles of the archive can be read (news.jsonl: none of 30 rows has "
        "a title; say in `fields` how it is called (there are HEADLINE, date)); "
        "mend that; `digest build --strict` names all problems\n"
    )


def test_duckdb_fetches_nothing_by_itself(tmp_path: Path) -> None:
    """The connections may neither install nor load an extension."""
    with pytest.raises(TableError) as error:
        archive.read([Query("SELECT * FROM sqlite_scan('a', 'b')", database(tmp_path / "w.duckdb", "SELECT 1"))])

    assert "sqlite_scan" in str(error.value)
    assert duckdb.__version__ >= "1.4"


def test_a_file_that_is_no_table_is_not_missing(tmp_path: Path) -> None:
    """A packed table, say: it is there, and only its name is none of a table's."""
    (tmp_path / "news.jsonl.gz").write_bytes(b"\x1f\x8b")
    with pytest.raises(ArchiveError) as caught:
        archive.read([str(tmp_path / "news.jsonl.gz")])

    assert str(caught.value) == (
        f"{tmp_path}/news.jsonl.gz: is neither a folder nor a table; "
        "unpack it if it is compressed; tables end in .jsonl, .ndjson, .parquet, .pq"
    )
