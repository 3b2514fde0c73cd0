"""The museum of broken issues: each fault is named by its rule, and nothing else is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import faults
import golden
import pytest

from digest import checks

if TYPE_CHECKING:
    from pathlib import Path

ELSEWHERE = {"archive", "settings", "waiver", "placeholder-identity", "old-issue", "font-stack"}
"""Rules about the archive and the settings have a museum of their own: articles/ and settings/. Those that ask where an
issue goes, and on what day, are asked in test_checks_leaving.py; one that speaks only beside another in test_checks."""

DNS_RULES = {name for name in checks.RULES if name.startswith("dns-")}
"""Rules about the sender's domain have broken zones, in test_checks_domain.py."""

FRAGMENT_RULES = {name for name in checks.RULES if name.startswith("fragment-")}
"""Rules about the issue without a frame have broken ones, in test_fragment.py."""

SENDING_RULES = {"one-click"}
"""Rules about what the settings make of a sound issue; the tests of sending break them."""


@pytest.mark.parametrize("case", golden.cases(), ids=lambda case: case.name)
def test_a_golden_issue_is_sound(case: Path) -> None:
    """Nothing stands against the issues that were looked at and committed, not even a note."""
    assert checks.check(checks.load(str(case))) == ()


def test_the_sample_put_together_again_is_sound() -> None:
    """What puts the broken issues together breaks nothing itself."""
    assert checks.check(faults.sound()) == ()


@pytest.mark.parametrize("fault", faults.FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_named(fault: faults.Fault) -> None:
    """One fault gives one finding, of its own rule and with its exact words."""
    found = [(one.rule, one.what) for one in checks.check(fault.files())]

    assert found == [(fault.rule, fault.what)]


def test_every_rule_has_a_broken_issue() -> None:
    """No rule is there that nothing in the museum breaks."""
    elsewhere = ELSEWHERE | SENDING_RULES | DNS_RULES | FRAGMENT_RULES
    assert {fault.rule for fault in faults.FAULTS} == set(checks.RULES) - elsewhere
    assert len({fault.name for fault in faults.FAULTS}) == len(faults.FAULTS) >= 40
