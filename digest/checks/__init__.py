"""A built issue to Findings: is it fit to be sent? Reads the files; knows nothing of how they were made.

    index.html  index.txt  message.eml  issue.json
         └──────────┴─── inputs ─┴──────────┘          readable, and the ones of the record?
                          │ opened                     page, Outlook's branch, styles, text, message, facts
         ┌────────────────┼─────────────────┐
     structure validity  contrast   links resources content …   one module a subject, one function a rule
         └────────────────┼─────────────────┘
                     attribution                       what is a story's own fault is a warning
                          │ fragment                   the same for fragment.html, where there is one
                       Findings, by gravity and place ─▶ report

A rule is a function with its declaration over it (`rule`). Nothing is fetched, and no clock is asked: who calls says
what day it is.

Decisions: docs/decisions/checks.md.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

from digest import steps
from digest.checks import (
    attribution,
    clients,
    content,
    context,
    contrast,
    fragment,
    inputs,
    leaving,
    letters,
    links,
    message,
    plaintext,
    resources,
    sender,
    sender_domain,
    structure,
    subject,
    validity,
)
from digest.checks.inputs import archive_problems, load, settings_problems
from digest.checks.letters import is_letter
from digest.checks.letters import read as read_letter
from digest.checks.rule import rules_of
from digest.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from digest.checks.clients import SupportVerdict
    from digest.checks.context import Context
    from digest.checks.letters import Letter, PassedOver
    from digest.checks.sender_domain import NameServers
    from digest.config.values import Waiver
    from digest.model import Finding

__all__ = [
    "RULES",
    "archive_problems",
    "check",
    "check_domain",
    "check_letter",
    "in_order",
    "is_letter",
    "load",
    "read_letter",
    "settings_problems",
    "timezone",
    "verdicts",
    "waived",
    "waiver_problems",
]

# The modules whose every rule takes an opened issue; their order is that of the rows in docs/checks.md.
_SUBJECTS = (
    content,
    structure,
    validity,
    resources,
    contrast,
    links,
    sender,
    plaintext,
    clients,
    subject,
    message,
)
_EVERY_ISSUE = tuple(rule for module in _SUBJECTS for rule in rules_of(module))

RULES = {
    rule.name: rule
    for module in (inputs, *_SUBJECTS, fragment, attribution, leaving, sender_domain)
    for rule in rules_of(module)
}
"""All rules by name: those of every issue, of files that cannot be read, and of issues that leave."""

_GRAVITY = {severity: place for place, severity in enumerate(get_args(Severity))}


def check(
    issue: Mapping[str, bytes],
    *,
    today: date | None = None,
    leaves: bool = False,
    waivers: Sequence[Waiver] = (),
) -> tuple[Finding, ...]:
    """Return what is wrong with the built *issue*, its files by name: errors first, then by place, then what is waived.

    With *today* its age is judged, too; where it *leaves* this machine, the sample's identity is an error: to look at,
    and to write to a folder, it is as good as another. The same fault in several places is one finding that counts
    them. Where a file is missing or cannot be read, that is all there is to say. *waivers* are what the settings do
    without: such findings bear the reason and stop nothing, unless the rule cannot be waived.
    """
    if unreadable := tuple(inputs.unreadable(issue)):
        return in_order(unreadable)
    opened = inputs.opened(issue)
    findings = [*inputs.changed_files(issue, opened.facts)]
    findings += attribution.attributed(opened, tuple(_judged(opened)), _judged)
    findings += fragment.findings(issue, findings)
    # After the attribution: the sample's address is an error in whosever words it stands.
    findings += leaving.example_identity(opened) if leaves else ()
    findings += leaving.old_issue(opened, today) if today else ()
    return in_order(waived(findings, waivers))


def check_letter(letter: Letter) -> tuple[tuple[Finding, ...], tuple[PassedOver, ...]]:
    """Return what is wrong with a letter of any maker, and which rules cannot be asked of it."""
    findings, passed_over = letters.asked(_EVERY_ISSUE, inputs.opened(letter.files))
    renamed = (letter.named(finding) for finding in (*inputs.wrong_encoding(letter.files), *findings))
    return in_order(renamed), passed_over


def check_domain(
    eml: bytes, servers: NameServers, signature: tuple[str, str] | None = None
) -> tuple[tuple[Finding, ...], tuple[PassedOver, ...]]:
    """Return what is wrong with the domain of a message's sender in DNS, and which rules cannot be asked.

    *signature* is the domain and the selector of the DKIM signature that sending puts on the message. Raises NoAnswer
    where DNS does not answer.
    """
    findings, passed_over = letters.asked(rules_of(sender_domain), sender_domain.of_message(eml, servers, signature))
    return in_order(findings), passed_over


def waived(findings: Iterable[Finding], waivers: Iterable[Waiver]) -> Iterator[Finding]:
    """Yield *findings* with the reason in those that *waivers* do without and that can be waived."""
    reasons = {waiver.rule: waiver.reason for waiver in waivers if waiver.rule in RULES and RULES[waiver.rule].waivable}
    return (replace(finding, waived=reasons.get(finding.rule, "")) for finding in findings)


def waiver_problems(waivers: Iterable[Waiver]) -> Iterator[Finding]:
    """Yield what is wrong with the *waivers* of the settings: names of no rule, and of rules that cannot be waived."""
    return inputs.useless_waivers(waivers, {name: rule.waivable for name, rule in RULES.items()})


def timezone(issue: Mapping[str, bytes]) -> str:
    """Return the zone that the days of the built *issue* are counted in; UTC where its record cannot be read."""
    return "UTC" if any(inputs.unreadable(issue)) else context.facts(issue[context.RECORD]).timezone


def verdicts(issue: Mapping[str, bytes]) -> tuple[SupportVerdict, ...]:
    """Return what each major mail client makes of a letter's page, its files by name; nothing where there is none."""
    return clients.verdicts(inputs.opened({context.HTML: issue[context.HTML]})) if context.HTML in issue else ()


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return *findings* by gravity, file, line, rule and words, the waived ones last.

    Those that say the same of a file are merged to the first.

    A merged finding counts the others in `more`, and has the place of the first.
    """
    merged: dict[tuple[str, str, str], Finding] = {}
    for finding in findings:
        key = (finding.rule, finding.file, finding.what)
        first = merged.get(key)
        merged[key] = replace(first, more=first.more + 1) if first else finding
    places = {name: place for place, name in enumerate(context.FILES)}
    return tuple(
        sorted(
            merged.values(),
            key=lambda finding: (
                bool(finding.waived),
                _GRAVITY[finding.severity],
                places.get(finding.file, len(places)),
                finding.file,
                finding.line or 0,
                finding.rule,
                finding.what,
            ),
        )
    )


def _judged(issue: Context) -> Iterator[Finding]:
    for rule in steps.each(_EVERY_ISSUE, "asking the rules"):
        yield from rule(issue)
