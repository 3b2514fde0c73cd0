"""What fields are called in files, told from samples of them.

`named` finds names that no other source has, `rows` says of each field where its values are from, with examples.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from digest.records import dates, figures, names
from digest.records.fields import inside
from digest.text import numbers, sanitize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from digest.config.values import FieldPlan
    from digest.model import Article
    from digest.records.frontmatter import Post

# Fields that may stand for heat, tried in this order.
_FIGURES = ("score", "points", "votes", "likes", "shares", "views", "comments")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A field of ours: what it is called in the files, or where it is from, and examples, newest first."""

    field: str
    called: str
    examples: tuple[str, ...]


def named(samples: Sequence[tuple[str, Post]], plan: FieldPlan) -> FieldPlan:
    """Return *plan* with the names of fields that are called as nowhere else, and a figure that may make a heat."""
    keys = Counter(key for _, post in samples for key in post.fields)
    asked = {ours: theirs for ours, theirs in plan.names if keys[theirs]}
    wanted = (
        ("title", r"title|headline|subject", _has_words),
        (names.DATE, r"date|time|publi|posted|created", dates.is_date),
    )
    for ours, pattern, fits in wanted:
        has = sum(_first_name(post, ours, plan) != "" for _, post in samples)
        dated = ours == names.DATE and sum(dates.in_path(path) is not None for path, _ in samples)
        if ours not in asked and 2 * max(has, dated) < len(samples):
            asked.update((ours, key) for key in _likely(samples, pattern, fits))
    figure = next((name for name in _FIGURES if 2 * keys[name] >= len(samples) and _are_figures(samples, name)), "")
    heated = sum(_first_name(post, "heat", plan) != "" for _, post in samples)
    score = ((figure, 1.0),) if figure and 2 * heated < len(samples) else plan.score
    return replace(plan, names=tuple(asked.items()), score=score)


def _likely(samples: Sequence[tuple[str, Post]], pattern: str, fits: Callable[[str], bool]) -> list[str]:
    """Return the key that most files have of those whose name matches and whose values fit; none or one."""
    keys = Counter(key for _, post in samples for key in post.fields)
    for key, count in keys.most_common():
        if 2 * count < len(samples):
            break
        values = [post.fields[key].value for _, post in samples if key in post.fields]
        texts = [value for value in values if isinstance(value, str) and value.strip()]
        if re.search(pattern, key, re.IGNORECASE) and texts and all(map(fits, texts[:20])):
            return [key]
    return []


def _are_figures(samples: Sequence[tuple[str, Post]], name: str) -> bool:
    """Whether most values of a field are numbers."""
    values = [post.fields[name].value for _, post in samples if name in post.fields]
    return 2 * sum(isinstance(value, str) and _is_number(value) for value in values) > len(values)


def _has_words(written: str) -> bool:
    return bool(sanitize.text(written))


def _is_number(written: str) -> bool:
    try:
        figures.number(written)
    except figures.NoFigure:
        return False
    return True


def _first_name(post: Post, field: str, plan: FieldPlan) -> str:
    """Return the name under which a file has a field of ours; "" where it has none."""
    for name in names.of(field, plan):
        node = inside(post.fields, name)
        if node is not None and node.value not in (None, "", (), {}):
            return name
    return ""


_SHOWN, _WIDE = 3, 40
"""Examples of a field, and the most characters of one."""

_FIELDS = (
    ("title", "title", ""), ("date", names.DATE, "path"), ("address", "webUrl", "made, see `site`"),
    ("excerpt", "excerpt", "first paragraph"), ("topics", "topics", "-"), ("provider", "provider", "domain"),
    ("language", "language", "-"), ("picture", "images", "-"), ("heat", "heat", "-"),
)  # fmt: skip
"""Fields as a person calls them, our names, and where a value is from that no field has."""


def rows(samples: Sequence[tuple[str, Post]], articles: Sequence[Article], plan: FieldPlan) -> Iterator[Row]:
    """Yield what is known of each field."""
    newest = sorted(articles, key=lambda article: str(article.published_at or ""), reverse=True)
    zone = ZoneInfo(plan.zone)
    values: dict[str, Callable[[Article], str]] = {
        "title": lambda article: article.title,
        "date": lambda article: str(article.published_at.astimezone(zone).date()) if article.published_at else "",
        "address": lambda article: article.url or "",
        "excerpt": lambda article: article.excerpt,
        "topics": lambda article: ", ".join(article.topics),
        "provider": lambda article: article.provider.name,
        "language": lambda article: article.language,
        "picture": lambda article: article.picture.url if article.picture else "",
        "heat": lambda article: "" if article.heat is None else numbers.shown(article.heat),
    }
    for label, field, otherwise in _FIELDS:
        called = Counter(_first_name(post, field, plan) for _, post in samples)
        del called[""]
        name = called.most_common(1)[0][0] if called and 2 * called.total() >= len(samples) else ""
        if label == "heat" and plan.score:
            name = f"score of {plan.score[0][0]}"
        # Of an address the end tells more, where it is made of the date and the name.
        cut = _end_of if label in {"address", "picture"} else _start_of
        shown = dict.fromkeys(text for article in newest[:200] if (text := values[label](article)))
        examples = tuple(map(cut, list(shown)[:_SHOWN]))
        place = name or (called.most_common(1)[0][0] if called and otherwise == "-" else otherwise)
        yield Row(field=label, called=place if examples else "-", examples=examples)


def _start_of(text: str) -> str:
    return sanitize.again(text, most=_WIDE)


def _end_of(text: str) -> str:
    return text if len(text) <= _WIDE else f"…{text[1 - _WIDE :]}"
