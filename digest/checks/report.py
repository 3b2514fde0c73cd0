"""Findings in words: a table, JSON, a page. Knows how they look, not how they were found."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, get_args

from digest.checks.clients import FALLBACKS, support
from digest.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.checks.clients import SupportVerdict
    from digest.model import Finding


def table(found: Sequence[Finding]) -> Iterator[str]:
    """Yield the lines of a table: severity, rule and place, and below them what is wrong and what to do."""
    width = max((len(one.rule) for one in found), default=0)
    for one in found:
        yield f"{one.severity:<7}  {one.rule:<{width}}  {one.place}"
        yield f"{'':<7}  {one.what}; {one.remedy}"


def summary(name: str, found: Sequence[Finding]) -> str:
    """Return one line: what was checked, how many findings of each severity, and whether it is fit to go out."""
    counts = Counter(one.severity for one in found)
    words = ", ".join(_counted(counts[severity], severity) for severity in get_args(Severity))
    return f"{name}: {words}" + ("" if counts["error"] else "; nothing stands against it")


def as_json(name: str, found: Sequence[Finding], clients: Sequence[SupportVerdict] = ()) -> str:
    """Return all of it as JSON, with stable keys."""
    whole = {
        "checked": name,
        "fit": not any(one.severity == "error" for one in found),
        "findings": [{**asdict(one), "place": one.place} for one in found],
        "clients": [asdict(one) for one in clients],
    }
    return json.dumps(whole, indent=1, ensure_ascii=False, sort_keys=True)


def client_table(verdicts: Sequence[SupportVerdict]) -> Iterator[str]:
    """Yield what each mail client makes of the issue, then what stands in for each feature that some lack."""
    width = max((len(one.client) for one in verdicts), default=0)
    for one in verdicts:
        lacks = f"lacks {', '.join(one.missing)}" if one.missing else "lacks nothing that the layout relies on"
        yield (
            f"{one.client:<{width}}  {lacks}; {_counted(len(one.degraded), 'fallback')}, "
            f"{_counted(len(one.partial), 'feature')} in part"
        )
    known = support()
    slugs = {title: slug for slug, title in known.titles.items()}
    degraded = sorted({title for one in verdicts for title in one.degraded})
    yield ""
    for title in degraded:
        without = sum(title in one.degraded for one in verdicts)
        yield f"{title}: {FALLBACKS[slugs[title]]} ({_counted(without, 'client')})"
    yield f"Facts of {known.source}, {known.date}"


def page(name: str, found: Sequence[Finding], clients: Sequence[SupportVerdict] = ()) -> str:
    """Return one HTML page that needs nothing else: readable in light and dark, and by screen readers."""
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415 - only this of all reports needs it

    with open(os.path.join(os.path.dirname(__file__), "report.html"), encoding="utf-8") as handle:
        template = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(handle.read())
    return template.render(
        name=name, summary=summary(name, found), findings=found, clients=clients, support=support() if clients else None
    )


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" + ("" if count == 1 else "s")
