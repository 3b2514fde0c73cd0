"""Findings in words: a table for the terminal, JSON for programs, a page (report.html) for people."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import asdict
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import quote

from digest.checks.clients import FALLBACKS, support
from digest.checks.context import FILES
from digest.checks.letters import HTML_PART, TEXT_PART
from digest.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from digest.checks.clients import SupportVerdict
    from digest.checks.letters import PassedOver
    from digest.checks.rule import Rule
    from digest.model import Finding


def table(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield the lines of a table: severity, rule and place, and below them what is wrong and what to do."""
    width = max((len(finding.rule) for finding in findings), default=0)
    for finding in findings:
        yield f"{finding.severity:<7}  {finding.rule:<{width}}  {finding.place}"
        yield f"{'':<7}  {finding.what}; {_ending(finding)}"


def summary(name: str, findings: Sequence[Finding], *, fit: str = "ready to send") -> str:
    """Return one line: what was checked, how many findings of each severity, and that it is *fit* without an error."""
    counts = Counter("waived" if finding.waived else finding.severity for finding in findings)
    counted = ", ".join(_counted(counts[severity], severity) for severity in get_args(Severity))
    waived = f", {counts['waived']} waived" if counts["waived"] else ""
    return f"{name}: {counted}{waived}" + ("" if counts["error"] else f"; {fit}")


def not_asked(passed_over: Sequence[PassedOver]) -> Iterator[str]:
    """Yield a line for each part that a letter lacks: which rules could not be asked for want of it."""
    for part in sorted({each.part for each in passed_over}):
        yield f"not asked, as there is no {part}: {', '.join(each.rule for each in passed_over if each.part == part)}"


def values(
    name: str,
    findings: Sequence[Finding],
    clients: Sequence[SupportVerdict] = (),
    passed_over: Sequence[PassedOver] = (),
) -> dict[str, object]:
    """Return all of it for other programs, its keys in alphabetical order: checked, clients, findings, fit, not_asked.

    `fit` says that no finding stops a sending; `clients` is empty unless they were asked for.
    """
    return {
        "checked": name,
        "clients": [asdict(finding) for finding in clients],
        "findings": [{**asdict(finding), "place": finding.place} for finding in findings],
        "fit": not any(finding.stops for finding in findings),
        "not_asked": {each.rule: each.part for each in passed_over},
    }


# The levels of SARIF; its fourth is "none".
_SARIF_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "note"}


def sarif(findings: Sequence[Finding], rules: Mapping[str, Rule[Any]], folder: str = "") -> dict[str, object]:
    """Return *findings* as a log of SARIF 2.1.0, which code hosts and editors show at their lines.

    The files of an issue are in *folder*. What is waived is a result that is suppressed, with the reason.
    https://docs.oasis-open.org/sarif/sarif/v2.1.0/
    """
    broken = sorted({finding.rule for finding in findings})
    driver = {
        "name": "digest check",
        "rules": [
            {
                "id": name,
                "shortDescription": {"text": rules[name].asks},
                "fullDescription": {"text": rules[name].why},
                "help": {"text": rules[name].do},
                "defaultConfiguration": {"level": _SARIF_LEVELS[rules[name].severity]},
            }
            for name in broken
        ],
    }
    results = [_sarif_result(finding, broken.index(finding.rule), folder) for finding in findings]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results, "columnKind": "unicodeCodePoints"}],
    }


def _sarif_result(finding: Finding, rule: int, folder: str) -> dict[str, object]:
    file = finding.file.removesuffix(HTML_PART).removesuffix(TEXT_PART)
    path = os.path.join(folder, file) if file in FILES else file
    place: dict[str, object] = {"artifactLocation": {"uri": _uri(path)}}
    # A line of a decoded part is none of the message's.
    if finding.line is not None and file == finding.file:
        place["region"] = {"startLine": finding.line}
    words = " ".join(filter(None, [finding.element, f"{finding.what}; {finding.remedy}"]))
    result: dict[str, object] = {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": _SARIF_LEVELS[finding.severity],
        "message": {"text": words},
        "locations": [{"physicalLocation": place}],
        "occurrenceCount": finding.more + 1,
    }
    if finding.waived:
        result["suppressions"] = [{"kind": "external", "justification": finding.waived}]
    return result


def _uri(path: str) -> str:
    """Return a file's path as a URI: relative to where the command ran, unless *path* is absolute."""
    return PurePath(path).as_uri() if os.path.isabs(path) else quote(os.fsencode(path.replace(os.sep, "/")))


def client_table(verdicts: Sequence[SupportVerdict]) -> Iterator[str]:
    """Yield a line for each mail client, then one for each feature that some lack with what stands in for it.

    The last line has the source and the date of the facts.
    """
    width = max((len(verdict.client) for verdict in verdicts), default=0)
    for verdict in verdicts:
        lacks = f"lacks {', '.join(verdict.missing)}" if verdict.missing else "lacks nothing that the layout relies on"
        yield (
            f"{verdict.client:<{width}}  {lacks}; {_counted(len(verdict.degraded), 'fallback')}, "
            f"{_counted(len(verdict.partial), 'feature')} in part"
        )
    facts = support()
    slugs = {title: slug for slug, title in facts.titles.items()}
    degraded = sorted({title for verdict in verdicts for title in verdict.degraded})
    yield ""
    for title in degraded:
        without = sum(title in verdict.degraded for verdict in verdicts)
        yield f"{title}: {FALLBACKS[slugs[title]]} ({_counted(without, 'client')})"
    yield f"Facts of {facts.source}, {facts.date}"


def page(name: str, findings: Sequence[Finding], clients: Sequence[SupportVerdict] = ()) -> str:
    """Return one HTML page that loads nothing: readable in light and dark, and by screen readers.

    All texts are escaped: a finding may quote whatever stands in an article.
    """
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415 - only this of all reports needs it

    with open(os.path.join(os.path.dirname(__file__), "report.html"), encoding="utf-8") as handle:
        template = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(handle.read())
    return template.render(
        name=name,
        summary=summary(name, findings),
        findings=findings,
        clients=clients,
        support=support() if clients else None,
    )


def _ending(finding: Finding) -> str:
    return f"waived: {finding.waived}" if finding.waived else finding.remedy


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" + ("" if count == 1 else "s")
