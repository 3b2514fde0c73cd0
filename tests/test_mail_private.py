"""Files that hold readers' addresses: nobody but their owner may read them."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest
from command import run
from weeks import Newsroom

if TYPE_CHECKING:
    from pathlib import Path

DAY = "2020-11-11"


@pytest.mark.parametrize("mask", [0o022, 0o000])
def test_the_outbox_and_the_ledger_are_for_their_owner(tmp_path: Path, mask: int) -> None:
    """Whatever the mask, also where an older version or a killed run left a file that others can read."""
    Newsroom(tmp_path).file("a", title="Robots learn to fold towels", publishedDateTime="2020-11-10T10:00:00Z")
    (tmp_path / "digest.yaml").write_text("archive: archive\nsend: {recipients: readers.csv}\n", "utf-8")
    (tmp_path / "readers.csv").write_text("email\nann@example.org\nbob@example.org\n", "utf-8")
    (tmp_path / "sent.db").touch(mode=0o644)
    before = os.umask(mask)
    try:
        assert run(tmp_path, "build", "--date", DAY).status == 0
        run(tmp_path, "send", DAY, "--to", "outbox", "--send", "--yes")
        left = next((tmp_path / "outbox" / DAY).iterdir())
        left.with_name(f"{left.name}.new").write_text("half", "utf-8")
        run(tmp_path, "send", DAY, "--to", "outbox", "--dry-run")
    finally:
        os.umask(before)
    written = [tmp_path / "outbox", *(tmp_path / "outbox").rglob("*"), *tmp_path.glob("sent.db*")]

    assert len(written) >= 5
    assert [path.name for path in written if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
