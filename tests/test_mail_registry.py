from __future__ import annotations

from typing import TYPE_CHECKING

from mailroom import DAY, Mailroom

from digest.mail import registry
from digest.model import TargetPlan

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

MODULE = '''"""A target of somebody else's."""

from digest.mail.letter import Able, Receipt
from digest.mail.options import Known

ABLE = Able()
OPTIONS = (Known(name="where"),)


def write(options, letter):
    with open(options.text("where"), "w") as handle:
        handle.write(letter.subject)
    return Receipt(state="sent", reference="1", address=options.text("where"))
'''


def test_others_add_a_target_by_an_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that names a module in the group `digest.targets` is used like a shipped target."""
    packed = tmp_path / "site" / "pigeon-1.0.dist-info"
    packed.mkdir(parents=True)
    (packed / "METADATA").write_text("Metadata-Version: 2.1\nName: pigeon\nVersion: 1.0\n", "utf-8")
    (packed / "entry_points.txt").write_text("[digest.targets]\npigeon = pigeon_target\n", "utf-8")
    (tmp_path / "site" / "pigeon_target.py").write_text(MODULE, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    room = Mailroom(tmp_path)
    room.build()
    room.configure({"pigeon": {"where": str(tmp_path / "loft")}})

    assert room.run("send", DAY, "--to", "pigeon").stdout == f"pigeon: {tmp_path}/loft\n"
    assert (tmp_path / "loft").read_text("utf-8") == room.letter().subject


def test_every_shipped_target_says_what_it_can() -> None:
    """Each shipped target loads, says what it can express, and is of one of the three kinds."""
    for kind in registry.SHIPPED:
        target = registry.find(TargetPlan(name=kind, kind=kind))
        kinds = [
            isinstance(target, registry.Files),
            isinstance(target, registry.Readers),
            registry.is_campaigns(target),
        ]
        assert kinds.count(True) == 1
        assert [one.name for one in target.OPTIONS]


def test_the_table_of_the_docs_has_every_target(request: pytest.FixtureRequest) -> None:
    """docs/sending.md says of each shipped target what it can express, as its module does."""
    page = (request.config.rootpath / "docs" / "sending.md").read_text("utf-8")
    rows = {row.split("|")[1].strip().strip("`"): row.split("|") for row in page.splitlines() if row.count("|") == 8}
    for kind in registry.SHIPPED:
        able = registry.find(TargetPlan(name=kind, kind=kind)).ABLE
        told = [cell.strip() for cell in rows[kind][3:8]]
        assert (told[0] == "yes") == able.text, kind
        assert (told[2] == "yes") == able.headers, kind
        assert (told[3] != "no") == able.schedule, kind
        assert (told[4] != "no") == able.test, kind
