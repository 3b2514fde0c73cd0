"""The steps of a hand-over, in order. Prints nothing, asks nobody, decides no date: `cli` does.

    job         which issue, which target, which ledger; refused where it must not leave
    campaigns   a draft at a service that keeps the readers, its sending, or the issue as files
    lists       a list of ours: read, counted, written to one by one
    history     what was handed over; marked, taken back, lifted

A hand-over begins with `prepare`, which changes nothing anywhere. What may be sent is what stands in out/; nothing is
rebuilt here. Before the first message leaves, sent.json says so beside the issue: from then on the issue is sealed, and
what ran in it counts as having run. All steps raise errors of `digest.errors`, each with its remedy.

Decisions: docs/decisions/sending.md.
"""

from digest.sending.campaigns import desk, draft, dry_campaign, dry_files, files, send, test_draft
from digest.sending.history import HandedOver, by_hand, handed_over, latest, lift, mark, take_back, tell, unmark
from digest.sending.job import (
    WENT_AS_EDITIONS,
    Job,
    hold_ledger,
    ledger_of,
    prepare,
    refuse_a_second_way,
    target_of,
)
from digest.sending.lists import Enlisted, Writing, count, deliver, dry_run, enlist, say_how_it_stands, test_copy

__all__ = [
    "WENT_AS_EDITIONS",
    "Enlisted",
    "HandedOver",
    "Job",
    "Writing",
    "by_hand",
    "count",
    "deliver",
    "desk",
    "draft",
    "dry_campaign",
    "dry_files",
    "dry_run",
    "enlist",
    "files",
    "handed_over",
    "hold_ledger",
    "latest",
    "ledger_of",
    "lift",
    "mark",
    "prepare",
    "refuse_a_second_way",
    "say_how_it_stands",
    "send",
    "take_back",
    "target_of",
    "tell",
    "test_copy",
    "test_draft",
    "unmark",
]
