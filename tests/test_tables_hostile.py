"""Rows that nobody expects: each is an article or one problem with its place, and stops no other."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from tabling import STORY, WEEK, database, parquet

from digest import archive
from digest.config.values import Query
from digest.errors import ArchiveError, TableError
from digest.model import Article

if TYPE_CHECKING:
    from pathlib import Path

ROW = "'T' AS title, 'https://news.example.com/a' AS url, DATE '2020-11-09' AS date, 1 AS id"

VALUES: dict[str, tuple[str, str, object, str]] = {
    "heat is not a number": (
        "'nan'::DOUBLE AS heat",
        "heat",
        None,
        "heat is no number: 'nan'; write it like 89 or 12.5",
    ),
    "heat without end": ("'-inf'::FLOAT AS heat", "heat", None, "heat is no number: '-inf'; write it like 89 or 12.5"),
    "heat as decimal": ("12.50::DECIMAL(9,2) AS heat", "heat", 12.5, ""),
    "heat as a long number": (
        "12345678901234567890::HUGEINT AS heat",
        "heat",
        None,
        "heat is a billion or more, which no figure of an article is: '1.2345678901234567e+19'",
    ),
    "heat is a list": ("[1, 2] AS heat", "heat", None, "heat is a list or mapping, not a text"),
    "heat is null": ("NULL::DOUBLE AS heat", "heat", None, ""),
    "published is false": ("false AS published", "published", False, ""),
    "published is a number": (
        "7 AS published",
        "published",
        False,
        "published is neither true nor false: '7'; taken for false",
    ),
    "topics are nulls and blanks": ("['AI', NULL, ''] AS topics", "topics", ("AI",), ""),
    "topics in topics": ("[['AI'], ['B']] AS topics", "topics", ("AI", "B"), ""),
    "topics are bytes": ("[]::BLOB[] AS topics", "topics", (), ""),
    "topics in JSON": ("'[\"AI\", 5, null]'::JSON AS topics", "topics", ("AI", "5"), ""),
    "topics in broken depths": ("(repeat('[', 3000) || repeat(']', 3000))::JSON AS topics", "topics", (), ""),
    "topics of an enum": ("'AI'::ENUM('AI') AS topics", "topics", ("AI",), ""),
    "provider is a struct": ("{'name': 'The Post', 'domain': NULL} AS provider", "provider.name", "The Post", ""),
    "provider is a map": ("MAP {'name': 'The Post'} AS provider", "provider.name", "The Post", ""),
    "provider is a union": ("union_value(text := 'The Post') AS provider", "provider.name", "news.example.com", ""),
    "language is bytes": ("'de'::BLOB AS language", "language", "de", ""),
    "excerpt holds controls": ("'a' || chr(0) || chr(27) || '[31m' AS excerpt", "excerpt", "a� [31m", ""),
    "excerpt is a template": ("'{{ 7 * 7 }} <mj-text>' AS excerpt", "excerpt", "<mj-text>", ""),
    "a column that SQL would run": ('1 AS "x""; DROP TABLE news; --"', "title", "T", ""),
    "columns of virtual names": ("'x' AS filename, 'y' AS file_row_number", "title", "T", ""),
}


@pytest.mark.parametrize("case", VALUES)
def test_a_value_of_another_type(case: str, tmp_path: Path) -> None:
    """It is read as what it says, or is a problem of its row."""
    column, attribute, value, problem = VALUES[case]
    file = parquet(tmp_path / "n.parquet", f"SELECT {ROW}, {column}")
    read = archive.read([file], within=WEEK)
    (article,) = read.articles
    inner: object = article
    for name in attribute.split("."):
        inner = getattr(inner, name)

    assert inner == value
    assert [problem.what for problem in read.problems if "no usable" not in problem.what] == (
        [problem] if problem else []
    )


REFUSED = {
    "a title that is a struct": ("{'a': 'T'} AS title", ["title is a list or mapping, not a text", "no title"]),
    "a title that is null": ("NULL AS title", ["no title"]),
    "a million topics": (
        "'T' AS title, range(1000000) AS topics",
        ["has 5,888,945 bytes; more than 1,048,576 are not read"],
    ),
    "an endless title": ("repeat('é', 1000000) AS title", ["has 2,000,048 bytes; more than 1,048,576 are not read"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_row_that_is_no_article(case: str, tmp_path: Path) -> None:
    """It is refused as a file would be, with its place, and the others are read."""
    column, problems = REFUSED[case]
    rest = "'https://news.example.com/a' AS url, DATE '2020-11-09' AS date"
    file = parquet(tmp_path / "n.parquet", f"SELECT {column}, {rest}")
    read = archive.read([file], within=WEEK)

    assert list(map(str, read.problems)) == [f"{file}:1: {problem}" for problem in problems]
    assert read.articles == ()


LINES = {
    "no JSON": (
        b"{'title': 'T'}",
        "is no JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1))",
    ),
    "no object": (b'["title"]', "is no object"),
    "not UTF-8": (b'{"title": "\xe4"}', "is not UTF-8; save it as UTF-8"),
    "nested without end": (b'{"title": ' + b"[" * 200_000, "is nested too deeply to be read"),
    "no title": (b'{"id": 5}', "no title"),
    "a line without end": (
        b'{"title": "' + b"x" * 9_000_000 + b'"}',
        "has more than 8,388,608 bytes, which are not read",
    ),
    "a title that is nested": (b'{"title": {"a": 1}}', "no title"),
}


@pytest.mark.parametrize("case", LINES)
def test_a_line_that_is_no_article(case: str, tmp_path: Path) -> None:
    """It is a problem with its line, and the lines before and behind it are read."""
    line, problem = LINES[case]
    good = json.dumps({"title": "Good", "date": "2020-11-09", "url": "https://news.example.com/"}).encode()
    file = tmp_path / "n.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + good.replace(b'"https', b'"http') + b"\n\n" + line + b"\r\n" + good)
    read = archive.read([str(file)])

    assert [article.path for article in read.articles] == ["http://news.example.com/", "https://news.example.com/"]
    assert str(read.problems[-1]) == f"{file}:3: {problem}"
    assert read.files == 3


def test_half_a_letter_in_json(tmp_path: Path) -> None:
    """A lone surrogate, which JSON may spell and no file holds, is in no article, and no name."""
    file = tmp_path / "n.jsonl"
    file.write_text('{"title": "a\\ud800b", "id": "\\ud800", "slug": "s", "date": "2020-11-09", "excerpt": "\\udfff"}')
    (article,) = archive.read([str(file)]).articles

    assert (article.path, article.title, article.excerpt) == ("s", "a b", "")


def test_utf_16(tmp_path: Path) -> None:
    """A table that Windows' Notepad wrote says so once for its first line."""
    file = tmp_path / "n.jsonl"
    file.write_bytes('{"title": "T"}'.encode("utf-16"))

    assert list(map(str, archive.read([str(file)]).problems)) == [f"{file}:1: is UTF-16; save it as UTF-8"]


NOT_ONE = "`sql` is not a single SELECT; an archive is only read"
UNANSWERED = "the query cannot be answered"
SEE = "see to `sql` in `archive`"
QUERIES = {
    "DROP TABLE news": NOT_ONE,
    "SELECT 1; DROP TABLE news": NOT_ONE,
    "SELECT * FROM news) ; DROP TABLE news; --": f'{UNANSWERED} (Parser Error: syntax error at or near ")"); {SEE}',
    "INSERT INTO news SELECT * FROM news": NOT_ONE,
    "UPDATE news SET heat = 1 RETURNING *": NOT_ONE,
    "CREATE TABLE other AS SELECT 1": NOT_ONE,
    "COPY news TO 'stolen.csv'": NOT_ONE,
    "EXPORT DATABASE 'stolen'": NOT_ONE,
    "ATTACH 'other.duckdb'": NOT_ONE,
    "INSTALL httpfs": NOT_ONE,
    "SET enable_external_access = true": NOT_ONE,
    "PRAGMA database_list": NOT_ONE,
    "": NOT_ONE,
    "SELECT": f"{UNANSWERED} (Parser Error: SELECT clause without selection list); {SEE}",
    "SELECT x FROM news": f'{UNANSWERED} (Binder Error: Referenced column "x" not found in FROM clause!); {SEE}',
    "SELECT error('no') AS title, 1 AS id": f"{UNANSWERED} (Invalid Input Error: no); {SEE}",
}


@pytest.mark.parametrize("sql", QUERIES)
def test_a_query_only_reads(sql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anything but one SELECT that can be answered is one line, and the database and the folder stay as they are."""
    monkeypatch.chdir(tmp_path)
    file = database(tmp_path / "w.duckdb", f"SELECT {STORY} FROM range(1) r(i)")
    before = (tmp_path / "w.duckdb").read_bytes()
    with pytest.raises(TableError) as error:
        archive.read([Query(sql, file)])

    assert str(error.value) == f"{file}: {QUERIES[sql]}"
    assert (tmp_path / "w.duckdb").read_bytes() == before
    assert os.listdir(tmp_path) == ["w.duckdb"]


@pytest.mark.parametrize(
    "source",
    [
        "read_text('{0}')",
        "read_csv('{0}')",
        "'{0}'",
        "'{0}.parquet'",
        "glob('{0}*')",
        "'https://127.0.0.1/a.parquet'",
        "duckdb_secrets()",
    ],
)
def test_a_query_reaches_nothing_outside(source: str, tmp_path: Path) -> None:
    """Neither files nor the network: DuckDB's own access to them is off, and cannot be put on."""
    (tmp_path / "secret.csv").write_text("a,b\nKEY,1\n", encoding="utf-8")
    file = database(tmp_path / "w.duckdb", f"SELECT {STORY} FROM range(1) r(i)")
    with pytest.raises(TableError) as error:
        archive.read([Query(f"SELECT * FROM {source.format(tmp_path / 'secret.csv')}", file)])

    assert "disabled by configuration" in str(error.value)
    assert "KEY" not in str(error.value)


def test_databases_that_are_none(tmp_path: Path) -> None:
    """One that is missing, a folder, a text, and a table that is missing, empty or a pipe."""
    (tmp_path / "text.duckdb").write_text("hello " * 1000, encoding="utf-8")
    (tmp_path / "empty.jsonl").touch()
    os.mkfifo(tmp_path / "pipe.jsonl")
    told = []
    sources: list[str | Query] = [
        Query("SELECT 1", str(tmp_path / "no.duckdb")),
        Query("SELECT 1", str(tmp_path)),
        Query("SELECT 1", str(tmp_path / "text.duckdb")),
        str(tmp_path / "no.jsonl"),
        str(tmp_path / "no-*.parquet"),
        str(tmp_path / "empty.jsonl"),
        str(tmp_path / "pipe.jsonl"),
    ]
    for source in sources:
        with pytest.raises(ArchiveError) as error:
            archive.read([source])
        told.append(str(error.value).removeprefix(f"{tmp_path}").split(" (")[0])

    assert told == [
        "/no.duckdb: there is no such database; see to `from` in `archive`",
        ": there is no such database; see to `from` in `archive`",
        "/text.duckdb: is no database that can be opened",
        "/no.jsonl: there is no such file; see to its name",
        "/no-*.parquet: there is no such file; see to its name",
        "/empty.jsonl: no article in it; name the folder with --archive",
        "/pipe.jsonl: is a pipe, not a file; see to the file and its permissions",
    ]


def test_articles_have_no_other_kinds_of_values(tmp_path: Path) -> None:
    """Whatever the types of the columns, an article has the types that the rest relies on."""
    select = (
        f"SELECT {ROW}, 5 AS type, 6.5 AS category, 7 AS quality, TIMESTAMP '2021-01-01' AS expires, uuid() AS guid"
    )
    (article,) = archive.read([parquet(tmp_path / "n.parquet", select)]).articles

    assert isinstance(article, Article)
    assert (article.kind, article.category, article.quality, str(article.expires_at)) == (
        "5",
        "6.5",
        7,
        "2021-01-01 00:00:00+00:00",
    )
