"""What DuckDB leaves out by date: never a row of the window, whatever the column's type, the zone and the form."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tabling import parquet

from digest import archive, tables
from digest.config.values import FieldPlan, ReadingPlan
from digest.model import Window
from digest.tables.row import Dates, TableRow

ZONES = ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin"]
ADDRESS = "https://news.example.com/a"
NEAR = st.datetimes(datetime(2019, 12, 20), datetime(2020, 1, 15))  # noqa: DTZ001 - zones are what is tried
FORMS = [
    "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S+14:00", "%Y-%m-%dT%H:%M:%S-1200", "%Y/%m/%d",
    "%d %B %Y", "%B %d, %Y", "%a, %d %b %Y %H:%M:%S -1100", "%Y%m%d", "%G-W%V-%u", "%Y-%m-%d %H:%M:%S +0000 UTC",
    " %Y-%m-%d", "%d.%m.%Y", "%Y-%m-%dT%H:%M:%S.123456Z", "%Y-%-m-%-d", "%Y年%-m月%-d日", "%y-%m-%d",
]  # fmt: skip
TEXT = st.one_of(
    st.builds(lambda at, form: at.strftime(form), NEAR, st.sampled_from(FORMS)),
    st.sampled_from(["", " ", "true", "soon", "2020-", "2020-01-32", "2019-12-30x", "1577836800", "1577836800000"]),
    st.text(alphabet="0123456789-: TZ/", max_size=12),
)
SECONDS = st.builds(lambda at: int(at.replace(tzinfo=UTC).timestamp()), NEAR)
COLUMNS = {
    "VARCHAR": TEXT,
    "TIMESTAMP": NEAR.map(str),
    "TIMESTAMPTZ": st.builds(lambda at, away: f"{at}{away:+03}:00", NEAR, st.integers(-12, 14)),
    "DATE": NEAR.map(lambda at: str(at.date())),
    "TIMESTAMP_NS": NEAR.map(str),
    "TIMESTAMP_S": NEAR.map(lambda at: str(at.replace(microsecond=0))),
    "BIGINT": st.one_of(
        st.builds(lambda count, unit: str(count * unit), SECONDS, st.sampled_from([1, 10**3, 10**6, 10**9])),
        NEAR.map(lambda at: at.strftime("%Y%m%d")),
        NEAR.map(lambda at: at.strftime("%Y%m%d%H%M%S")),
        st.integers(-(10**6), 10**12).map(str),
    ),
    "DOUBLE": SECONDS.map(lambda count: f"{count}.5"),
    "BOOLEAN": st.sampled_from(["true", "false"]),
    "JSON": NEAR.map(lambda at: json.dumps(str(at.date()))),
    "TIMESTAMP[]": NEAR.map(lambda at: f"[{at}]"),
}
"""Values by the type of a column, as texts that DuckDB casts."""


@st.composite
def rows(draw: st.DrawFn) -> tuple[dict[str, str], list[dict[str, str | None]]]:
    """Return columns of dates with their types, and rows of them."""
    columns = draw(
        st.lists(
            st.sampled_from(["date", "published_at", "published", "embargo", "updated"]),
            min_size=1,
            max_size=3,
            unique=True,
        )
    )
    types = {column: draw(st.sampled_from(sorted(COLUMNS))) for column in columns}
    row = st.fixed_dictionaries({column: st.none() | COLUMNS[kind] for column, kind in types.items()})
    return types, draw(st.lists(row, min_size=1, max_size=12))


def quoted(value: str | None) -> str:
    """Return a value as SQL has it."""
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


def select(types: dict[str, str], values: list[dict[str, str | None]]) -> str:
    """Return the SELECT of rows with a title and a number each."""
    each = (
        f"SELECT {number} AS id, 'Story {number}' AS title, "
        + ", ".join(f"CAST({quoted(row[column])} AS {kind}) AS {column}" for column, kind in types.items())
        for number, row in enumerate(values)
    )
    return " UNION ALL ".join(each)


@settings(max_examples=100)  # each writes a file and reads it twice
@given(
    table=rows(),
    zone=st.sampled_from(ZONES),
    clock=st.sampled_from(["", *ZONES]),
    first=st.dates(date(2019, 12, 25), date(2020, 1, 6)),
    days=st.integers(0, 6),
)
def test_no_row_of_the_window_is_left_out(
    table: tuple[dict[str, str], list[dict[str, str | None]]], zone: str, clock: str, first: date, days: int
) -> None:
    """Within a window there are the articles of it that reading everything gives, each the same."""
    window = Window(first=first, last=first + timedelta(days=days), timezone=zone)
    how = ReadingPlan(fields=FieldPlan(zone=zone, clock=clock))
    with tempfile.TemporaryDirectory() as folder:
        file = parquet(Path(folder, "n.parquet"), select(*table))
        everything = archive.read([file], how).articles
        within = archive.read([file], how, within=window).articles

    wanted = [article for article in everything if article.published_at in window]
    assert [article for article in within if article.published_at in window] == wanted


@settings(max_examples=20)
@given(table=rows())
def test_json_lines_and_parquet_say_the_same_of_dates(
    table: tuple[dict[str, str], list[dict[str, str | None]]],
) -> None:
    """Texts in a Parquet file are read as texts in JSON Lines."""
    types, values = dict.fromkeys(table[0], "VARCHAR"), table[1]
    lines = [{"id": number, "title": f"Story {number}", **row} for number, row in enumerate(values)]
    with tempfile.TemporaryDirectory() as folder:
        file = parquet(Path(folder, "n.parquet"), select(types, values))
        other = Path(folder, "n.jsonl")
        other.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")

        assert archive.read([file]).articles == archive.read([str(other)]).articles


@pytest.mark.parametrize("kind", ["TIMESTAMPTZ", "TIMESTAMP", "DATE", "VARCHAR", "BIGINT"])
def test_rows_of_other_years_are_left_out(kind: str, tmp_path: Path) -> None:
    """The filter does leave out: of a decade of days those near the window come, without it all."""
    moment = "TIMESTAMP '2015-01-01' + INTERVAL (i) DAY"
    cast = f"epoch({moment})::BIGINT" if kind == "BIGINT" else f"({moment})::{kind}"
    file = parquet(tmp_path / "n.parquet", f"SELECT i AS id, {cast} AS date FROM range(3650) r(i)")
    dates = Dates(
        first=datetime(2020, 11, 5, tzinfo=UTC), after=datetime(2020, 11, 12, tzinfo=UTC), columns=("nothing", "date")
    )
    with tables.named(file, 1_000) as table:
        near = [row for row in table.rows(dates) if isinstance(row, TableRow)]

        assert 7 <= len(near) <= 13
        assert len(list(table.rows())) == table.count() == 3650
        assert {int(str(row.values["id"])) + 1 for row in near} == {int(row.label.rpartition(":")[2]) for row in near}


def test_a_moment_is_taken_as_it_is(tmp_path: Path) -> None:
    """Of a column with a zone come the rows of the window alone, from its first moment to before its end."""
    moments = ["2020-01-01 00:59:59+02", "2020-01-01 01:00:00+02", "2020-01-01 23:59:59+01", "2020-01-02 00:00:00+01"]
    select = " UNION ALL ".join(f"SELECT TIMESTAMPTZ '{moment}' AS date" for moment in moments)
    first = datetime(2019, 12, 31, 23, tzinfo=UTC)
    dates = Dates(first=first, after=first + timedelta(days=1), columns=("date",))
    with tables.named(parquet(tmp_path / "n.parquet", select), 1_000) as table:
        found = [row.label for row in table.rows(dates) if isinstance(row, TableRow)]

    assert found == ["n.parquet:2", "n.parquet:3"]


def test_the_ends_of_the_calendar(tmp_path: Path) -> None:
    """A window at the calendar's ends asks for no day outside of it."""
    file = parquet(tmp_path / "n.parquet", "SELECT 'T' AS title, 1 AS id, TIMESTAMPTZ 'infinity' AS date")
    for day in (date(1, 1, 2), date(9999, 12, 30)):
        assert archive.read([file], within=Window(first=day, last=day)).articles == ()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("VARCHAR", "2015-02-30"),
        ("VARCHAR", "2015-13-01T10:00:00Z"),
        ("VARCHAR", "2015-06-01 99:99"),
        ("VARCHAR", "2015-06-01T10:00:00+25:00"),
        ("VARCHAR", "2015-soon"),
        ("BIGINT", "57"),
        ("BIGINT", "20150230"),
        ("BIGINT", "11047350790"),
    ],
)
def test_a_date_that_is_none_is_told_in_every_window(kind: str, value: str, tmp_path: Path) -> None:
    """As of a file: nobody knows whether the article is one of the window, so its problem is not passed over."""
    file = parquet(
        tmp_path / "n.parquet",
        f"SELECT 'T' AS title, 1 AS id, '{ADDRESS}' AS \"webUrl\", CAST('{value}' AS {kind}) AS date",
    )
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.md").write_text(f"---\ntitle: T\nwebUrl: {ADDRESS}\ndate: '{value}'\n---\n", encoding="utf-8")
    window = Window(first=date(2020, 11, 5), last=date(2020, 11, 11))
    table, files = (archive.read([str(each)], within=window).problems for each in (file, folder))

    assert [problem.what for problem in table] == [problem.what for problem in files]
    assert len(table) == 1
