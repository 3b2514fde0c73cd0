"""Golden issues: the same archive, settings and date give the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import golden
import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("case", golden.cases(), ids=lambda case: case.name)
@pytest.mark.parametrize("name", golden.OUTPUTS)
def test_golden_issue(case: Path, name: str) -> None:
    """A build gives the bytes that were looked at and committed; `make golden ARGS=--force` writes them anew."""
    assert (case / name).read_bytes().decode() == golden.built(case)[name].decode()


def test_golden_issues_are_not_overwritten_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --force a changed file stays as it is, and the command says so and fails."""
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "day").write_text("2020-11-22\n", encoding="ascii")
    (tmp_path / "one" / "digest.yaml").write_text("", encoding="ascii")
    (tmp_path / "one" / "index.txt").write_text("mine", encoding="ascii")
    monkeypatch.setattr(golden, "HERE", tmp_path)
    monkeypatch.setattr(sys, "argv", ["golden.py"])

    assert golden.main() == 1
    assert (tmp_path / "one" / "index.txt").read_text(encoding="ascii") == "mine"


def test_place_zone_locale_and_hash_seed_change_no_byte(tmp_path: Path) -> None:
    """Builds in two folders under other TZ, locale and PYTHONHASHSEED are equal in every byte."""
    found = []
    for name, zone, language, seed in [("a", "UTC", "C", "1"), ("b/c", "Asia/Kathmandu", "tr_TR.UTF-8", "777")]:
        folder = tmp_path / name
        folder.mkdir(parents=True)
        (folder / "news").symlink_to(golden.ROOT / "seeds")
        environment = os.environ | {"TZ": zone, "LC_ALL": language, "LANG": language, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-m", "digest", "build", "--date", "2020-11-11", "--archive", "news"]
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
        issue = folder / "out" / "2020-11-11"
        found.append({file.name: file.read_bytes() for file in issue.iterdir()})

    assert sorted(golden.OUTPUTS) == sorted(found[0])
    assert found[0] == found[1]
