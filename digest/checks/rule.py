"""What a rule is: a function that yields the spots where it is broken, with its name, severity and words beside it.

    @rule("tab-order", "error", RuleGroup.PAGE, do="remove tabindex and accesskey")
    def tab_order(issue: Context) -> Iterator[Spot]:
        '''Nothing changes the order of the Tab key or takes a key for itself.

        It takes readers away from the order they see.
        '''

The docstring is the rule's text: its first paragraph says what the rule asks for, its second why. Everything else
follows from the declaration: the registry (`checks.RULES`), the tables of docs/checks.md, the severity and the remedy
of each finding. No place names a rule by a string, so a misspelt rule is an ImportError or AttributeError.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, ParamSpec

from digest.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import ModuleType

P = ParamSpec("P")


class RuleGroup(StrEnum):
    """The subjects of rules: each is a heading of docs/checks.md, in this order."""

    FILES = "Files and record"
    LEFT_OVERS = "Left-overs"
    PAGE = "Page"
    STYLES = "Styles"
    PICTURES = "Pictures"
    LINKS = "Links"
    TEXT = "Plain text"
    OUTLOOK = "Outlook on Windows"
    CLIENTS = "Mail clients"
    SUBJECT = "Subject, preheader and size"
    MESSAGE = "Message"
    FRAGMENT = "The issue without a frame (`fragment.html`)"
    LEAVING = "Leaving"
    DNS = "The sender's domain (`--dns`)"
    ARCHIVE = "Archive and settings"


class Spot(NamedTuple):
    """A place where a rule is broken, and how.

    *file* is the name of one of the issue's files (or a path, for problems of the archive), *problem* completes the
    sentence "this place …". *line* counts from 1. *element* is the short name of an element or header. *clients* are
    the mail clients concerned, *more* counts further places with the same fault. A *remedy* replaces the rule's own.
    """

    file: str
    problem: str
    line: int | None = None
    element: str = ""
    clients: tuple[str, ...] = ()
    more: int = 0
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Rule(Generic[P]):
    """A rule, called like the function it was declared over: what that yields as spots, the rule yields as Findings.

    *do* is the remedy in the imperative, without a full stop; *explanation* the function's docstring. *waivable* says
    that a newsletter may do without it for a reason of its own.
    """

    name: str
    severity: Severity
    group: RuleGroup
    do: str
    explanation: str
    waivable: bool
    spots: Callable[P, Iterable[Spot]]

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Iterator[Finding]:
        """Yield a Finding for each spot that the function yields for these arguments."""
        for spot in self.spots(*args, **kwargs):
            yield Finding(
                rule=self.name,
                severity=self.severity,
                file=spot.file,
                line=spot.line,
                element=spot.element,
                what=spot.problem,
                remedy=spot.remedy or self.do,
                clients=spot.clients,
                more=spot.more,
            )

    @property
    def asks(self) -> str:
        """What has to hold, as one sentence; empty under `python -OO`, which drops docstrings."""
        return self._paragraph(0)

    @property
    def why(self) -> str:
        """What happens to readers where it does not hold; empty under `python -OO`."""
        return self._paragraph(1)

    def _paragraph(self, number: int) -> str:
        paragraphs = inspect.cleandoc(self.explanation).split("\n\n")
        return " ".join(paragraphs[number].split()) if number < len(paragraphs) else ""


def rule(
    name: str, severity: Severity, group: RuleGroup, *, do: str, waivable: bool = False
) -> Callable[[Callable[P, Iterable[Spot]]], Rule[P]]:
    """Declare a rule over the function that yields where it is broken; the docstring says what it asks and why.

    Whatever is no error can be waived; an error only where it is declared *waivable*, as it harms some readers and not
    what the letter says.
    """

    def declared(spots: Callable[P, Iterable[Spot]]) -> Rule[P]:
        return Rule(name, severity, group, do, spots.__doc__ or "", waivable or severity != "error", spots)

    return declared


def rules_of(module: ModuleType) -> tuple[Rule[Any], ...]:
    """Return the rules that *module* declares, in the order of their definition, without those it has imported."""
    # Read from the module and not registered by the decorator: a registry filled by imports has their order, which
    # the formatter keeps alphabetical, and its content would depend on what happens to be loaded.
    declared = [value for value in vars(module).values() if isinstance(value, Rule)]
    return tuple(value for value in declared if value.spots.__module__ == module.__name__)


def markdown(rules: Iterable[Rule[Any]]) -> str:
    """Return *rules* as the tables of docs/checks.md: a table for each group, rows in the order given."""
    rows: dict[RuleGroup, list[str]] = {group: [] for group in RuleGroup}
    for each in rules:
        severity = "error, waivable" if each.severity == "error" and each.waivable else each.severity
        rows[each.group].append(f"| `{each.name}` | {severity} | {each.asks} | {each.why} | {each.do} |")
    lines = []
    for group, table in rows.items():
        lines += [
            f"## {group}",
            "",
            "| rule | severity | asks | why | what to do |",
            "|---|---|---|---|---|",
            *table,
            "",
        ]
    return "\n".join(lines)
