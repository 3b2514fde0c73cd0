"""Tables for tests: Parquet files and databases of DuckDB, made by SQL."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import duckdb

from digest.model import Window

if TYPE_CHECKING:
    from pathlib import Path

WEEK = Window(first=date(2020, 11, 5), last=date(2020, 11, 11))
STORY = "'Robots fold' AS title, 'https://news.example.com/' || i AS url, DATE '2020-11-09' AS date, 57 AS heat"


def parquet(file: Path, select: str) -> str:
    """Write the rows of *select* as a Parquet file; return its path."""
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({select}) TO '{file}' (FORMAT parquet)")
    return str(file)


def database(file: Path, select: str) -> str:
    """Write the rows of *select* as the table `news` of a DuckDB file; return its path."""
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"CREATE OR REPLACE TABLE news AS {select}")
    return str(file)
