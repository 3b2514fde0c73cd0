"""`digest sent`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from digest.cli.options import GIVEN, Day, clock, settings_of
from digest.cli.output import print_json, spoken, voice

if TYPE_CHECKING:
    from datetime import date

    from digest.cli.output import Voice
    from digest.config.settings import Settings


@click.command()
@click.argument("issue", type=Day(), metavar="[ISSUE]", required=False)
@click.option(
    "--list", "state", type=GIVEN, metavar="STATE", help="List the readers in a state, such as unknown or failed."
)
@click.option("--mark", "mark", is_flag=True, help="Write down that ISSUE was sent by hand, past digest.")
@click.option("--unmark", "unmark", is_flag=True, help="Take that back, or a hand-over to files of this machine.")
@click.option("--lift", type=GIVEN, metavar="ADDRESS", help="Write to a mailbox again that was refused.")
@click.option("--config", type=GIVEN, metavar="FILE", help="Settings.  [default: digest.yaml, if there is one]")
@click.option("--out", type=GIVEN, metavar="FOLDER", help="Where issues are written.  [default: out]")
@spoken
def sent(
    *,
    issue: date | None,
    state: str | None,
    mark: bool,
    unmark: bool,
    lift: str | None,
    quiet: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Say what was handed over to whom, and how it went; or write down what digest cannot know.

    Issues that were sent by hand are marked with --mark, so that their stories do not run again.
    """
    from digest import sending

    settings = settings_of(archive=(), templates=None, days=None, **options)
    if (mark or unmark) and (issue is None or mark == unmark):
        raise click.UsageError("--mark and --unmark name one issue, as in `digest sent --mark 2020-11-11`")
    with voice(quiet=quiet, as_json=as_json) as out:
        if mark and issue:
            sending.mark(settings, issue.isoformat(), clock())
            out.say(f"{issue}: marked as sent")
            out.note(issue=issue.isoformat(), state="marked")
        elif unmark and issue:
            taken = sending.unmark(settings, issue.isoformat())
            out.say(f"{issue}: taken back: {', '.join(taken)}")
            out.note(issue=issue.isoformat(), taken_back=taken)
        elif lift:
            was = sending.lift(settings, lift)
            out.say(f"{lift}: {'is written to again' if was else 'was not suppressed'}")
            out.note(address=lift, lifted=was)
        elif as_json:
            print_json(_facts(settings, issue, state))
        else:
            _say_sent(settings, out, issue, state)


def _facts(settings: Settings, issue: date | None, state: str | None) -> list[dict[str, object]]:
    from zoneinfo import ZoneInfo

    from digest import sending

    zone = ZoneInfo(settings.newsletter.timezone)
    by_ledger = sending.handed_over(settings, issue.isoformat() if issue else "", state)
    marked = sending.by_hand(settings, issue.isoformat() if issue else "")
    return [*(handed_over.facts(zone) for handed_over in by_ledger), *marked]


def _say_sent(settings: Settings, out: Voice, issue: date | None, state: str | None) -> None:
    facts = _facts(settings, issue, state)
    if not facts:
        out.say(f"nothing was handed over{f' of issue {issue}' if issue else ''} yet")
    for fact in facts:
        counts = ", ".join(f"{count:,} {name}" for name, count in sorted(fact["readers"].items()))  # type: ignore[attr-defined]  # facts for JSON
        at = str(fact["at"]).replace("T", " ")[:16]
        out.say("  ".join(filter(None, (fact["issue"], fact["target"], fact["state"], at, counts, fact["address"]))))  # type: ignore[arg-type]  # likewise
        for reader in fact["listed"]:  # type: ignore[attr-defined]  # likewise
            out.say(f"  {reader['address']}  {reader['reply']}".rstrip())
