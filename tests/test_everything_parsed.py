"""A build that passes files over is, byte for byte, one that parses every file: on the sample and real archives.

The archives stand in ../shared where they are there; what is missing is skipped, and named.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING

import golden
import pytest

from digest import archive, pipeline
from digest.archive import index
from digest.config import settings

if TYPE_CHECKING:
    from pathlib import Path

SHARED = golden.ROOT.parent / "shared"
WEEKS = {
    "seeds": "2020-11-11",
    "power-apps": "2020-11-11",
    "artificial-intelligence": "2020-04-23",
    "generated": "2021-02-28",
}


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each archive by its name; the generated one is messy on purpose."""
    found = {"seeds": golden.ROOT / "seeds"}
    found |= {path.name: path for path in (SHARED / "archives").glob("*") if path.is_dir()}
    generator = SHARED / "perf" / "gen_archive.py"
    if generator.exists():
        found["generated"] = tmp_path_factory.mktemp("generated") / "archive"
        command = [sys.executable, str(generator), str(found["generated"]), "1200", "--messy"]
        subprocess.run(command, check=True, capture_output=True)
    return found


def built(folder: Path, out: Path, day: date, *, in_full: bool) -> dict[str, bytes]:
    """Return the files of an issue as `digest build` makes them, or from an archive that was parsed in full."""
    chosen = settings.load(None, settings.Overrides(archive=(str(folder),), out=str(out)))
    window = pipeline.window_of(chosen, last=day)
    if in_full:
        issue = pipeline.select(chosen, window, read=lambda _: archive.read(chosen.archive)).issue
    else:
        issue = pipeline.choose(chosen, window).issue
    return pipeline.with_record(chosen, issue, pipeline.render(chosen, issue))


@pytest.mark.parametrize("name", WEEKS)
def test_a_build_is_one_that_parses_everything(
    archives: dict[str, Path], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a look, with an index, and with neither, a build writes the same bytes."""
    if name not in archives:
        pytest.skip(f"no archive {name}; looked in {SHARED}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(index, "_FEW", 0)
    day = date.fromisoformat(WEEKS[name])
    look, known = (built(archives[name], tmp_path, day, in_full=False) for _ in range(2))

    assert list((tmp_path / "cache" / "heat-digest").glob("archive-*.index"))
    assert look == known == built(archives[name], tmp_path, day, in_full=True)
