"""`digest sent`: what was handed over, and what an editor adds to that or takes back.

Reads a copy of the ledger, so it may be asked while a run goes on. The JSON is a list of hand-overs (see
`HandedOver.facts`); for --mark, --unmark and --lift it is an object that says what was changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import click

from digest.cli.dates import IssueArgument, issue_named
from digest.cli.options import GIVEN, Given, clock, settings_of
from digest.cli.output import printing

if TYPE_CHECKING:
    from digest.cli.dates import AskedIssue
    from digest.cli.output import Printer
    from digest.config.settings import Settings


class ReaderState(Given):
    """A state of readers, such as `unknown`. A misspelt one would list nobody, which reads as if all were well."""

    name = "state"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the state; wrong usage where there is none of that name."""
        from digest.mail.ledger import State

        state, known = super().convert(value, param, ctx), get_args(State)
        if state not in known:
            self.fail(f"{state!r} is no state; write one of {', '.join(known)}", param, ctx)
        return state


@click.command()
@click.argument("asked", type=IssueArgument(), metavar="[ISSUE]", required=False)
@click.option(
    "--list",
    "state",
    type=ReaderState(),
    metavar="STATE",
    help="List the readers in a state, such as unknown or failed.",
)
@click.option("--mark", "mark", is_flag=True, help="Write down that ISSUE was sent by hand, past digest.")
@click.option("--unmark", "unmark", is_flag=True, help="Take that back, or a hand-over to files of this machine.")
@click.option("--lift", type=GIVEN, metavar="ADDRESS", help="Write to a mailbox again that was refused.")
@click.option("--config", type=GIVEN, metavar="FILE", help="Settings.  [default: digest.yaml, if there is one]")
@click.option("--out", type=GIVEN, metavar="FOLDER", help="Where issues are written.  [default: out]")
@printing
def sent(
    *,
    asked: AskedIssue | None,
    state: str | None,
    mark: bool,
    unmark: bool,
    lift: str | None,
    printer: Printer,
    **options: Any,
) -> None:
    """Say what was handed over to whom, and how it went; or write down what digest cannot know.

    Issues that were sent by hand are marked with --mark, so that their stories do not run again.
    """
    from digest import sending

    settings = settings_of(archive=(), templates=None, days=None, **options)
    # Both write beside one issue; without one --mark could mean all of them, which nobody means.
    issue = issue_named(settings, asked) if asked else ""
    if (mark or unmark) and (not issue or mark == unmark):
        raise click.UsageError("--mark and --unmark name one issue, as in `digest sent --mark 2020-11-11`")
    if mark and issue:
        sending.mark(settings, issue, clock())
        printer.say(f"{issue}: marked as sent")
        printer.note(issue=issue, state="marked")
    elif unmark and issue:
        taken = sending.unmark(settings, issue)
        printer.say(f"{issue}: taken back: {', '.join(taken)}")
        printer.note(issue=issue, taken_back=taken)
    elif lift:
        was = sending.lift(settings, lift)
        printer.say(f"{lift}: {'is written to again' if was else 'was not suppressed'}")
        printer.note(address=lift, lifted=was)
    else:
        _say_sent(settings, printer, issue, state)


def _facts(settings: Settings, issue: str, state: str | None) -> list[dict[str, Any]]:
    """Return the hand-overs of *issue*, or of all where it is empty, as `HandedOver.facts` has them.

    With *state* there are the readers in it. Those by the ledger come first, then those of editions and those that an
    editor marked. Times are where the newsletter lives.
    """
    from zoneinfo import ZoneInfo

    from digest import sending
    from digest.editions import history

    zone = ZoneInfo(settings.newsletter.timezone)
    # Three sources: the ledger knows readers, claims those of editions, and what was sent by hand stands in sent.json.
    by_ledger = sending.handed_over(settings, issue, state)
    by_claims = history.handed_over(settings, issue, state)
    marked = sending.by_hand(settings, issue)
    return [
        *(handed_over.facts(zone) for handed_over in by_ledger),
        *(handed_over.facts(zone) for handed_over in by_claims),
        *marked,
    ]


def _say_sent(settings: Settings, printer: Printer, issue: str, state: str | None) -> None:
    """Say a line for each hand-over, and below it one for each reader who was asked for."""
    facts = _facts(settings, issue, state)
    printer.result(facts)
    if not facts:
        printer.say(f"nothing was handed over{f' of issue {issue}' if issue else ''} yet")
    for fact in facts:
        counts = ", ".join(f"{count:,} {name}" for name, count in sorted(fact["readers"].items()))
        at = str(fact["at"]).replace("T", " ")[:16]
        printer.say(
            "  ".join(filter(None, (fact["issue"], fact["target"], fact["state"], at, counts, fact["address"])))
        )
        for reader in fact["listed"]:
            printer.say(f"  {reader.get('address') or reader['reader']}  {reader['reply']}".rstrip())
