"""A record of an import shaped into an Article that can be written down, by the code that reads an archive in place.

Stricter than reading: what is written has a title, an http(s) address and a date, or it is a Problem. Its provider has
the domain of its address, and its excerpt is short.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from digest.model import Problem
from digest.records import article, excerpts, names
from digest.records.article import Reading, Record
from digest.records.fields import nodes
from digest.records.names import DATE
from digest.text import sanitize
from digest.text.urls import host_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.config.values import FieldPlan
    from digest.importing.source import Raw
    from digest.model import Article

# A feed may carry the whole article, which is not ours to reprint.
_EXCERPT = 600
"""Most characters of an excerpt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaped:
    """What became of a record: its article, or None; and what is wrong with it."""

    article: Article | None
    problems: tuple[Problem, ...]


def shaped(raw: Raw, plan: FieldPlan) -> Shaped:
    """Return the article of a record; none, and a Problem that names all it lacks, without title, address or date.

    *plan* is what the settings say of reading.
    """
    # What counts the heat itself is for who reads what is written here: it must not count twice.
    counts_heat = any(signal.field == "heat" for signal in plan.signals)
    built = reading(raw, replace(plan, signals=()) if counts_heat else plan)
    lacks = _lacks(built, raw.remarks)
    if lacks:
        return Shaped(article=None, problems=(Problem(path=raw.place, what=lacks),))
    provider = replace(built.read.provider, domain=host_of(built.read.url or ""))
    short = sanitize.again(excerpts.cut(built.read.excerpt, _EXCERPT), most=_EXCERPT)
    return Shaped(article=replace(built.read, provider=provider, excerpt=short), problems=built.problems)


def reading(raw: Raw, plan: FieldPlan) -> Reading:
    """Return what an archive would make of a record, whatever that lacks."""
    titles = names.of("title", plan)
    # A flag is no headline, which as a text it would look like.
    fields = {
        str(key): nodes(value) for key, value in raw.fields.items() if not (isinstance(value, bool) and key in titles)
    }
    base = {str(key): nodes(value) for key, value in raw.base.items()}
    record = Record(
        place=raw.place, path=raw.path, fields=fields, base=base, body=raw.body, html=raw.html, text=raw.text
    )
    return article.build(record, plan)


def _lacks(built: Reading, remarks: Mapping[str, str]) -> str:
    """Return what keeps a record from being written down: what it lacks, and what cannot be read; "" where nothing.

    *remarks* are the source's on what it lacks, by our names.
    """
    read = built.read
    needed = ("title", "title", read.title), ("webUrl", "http(s) address", read.url), (DATE, "date", read.published_at)
    lacking = [(key, name) for key, name, value in needed if not value]
    absent = [f"{name} ({remarks[key]})" if key in remarks else name for key, name in lacking if key not in built.wrong]
    sentences = [f"has no {' and no '.join(absent)}; name the field with `fields`"] if absent else []
    return "; ".join([*sentences, *(built.wrong[key] for key, _ in lacking if key in built.wrong)])
