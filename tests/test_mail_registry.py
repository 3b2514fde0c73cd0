from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import golden
import yaml
from mailroom import DAY, OWN, Mailroom

from digest.config.values import TargetPlan
from digest.mail import registry

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_target_of_the_documentation_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that names a module in the group `digest.targets` is used like a shipped target.

    Module, entry point and settings are those of docs/own-target.md, word for word but for the folder.
    """
    page = (golden.ROOT / "docs" / "own-target.md").read_text("utf-8")
    code, points, wanted = (
        re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL)[0] for kind in ("python", "toml", "yaml")
    )
    named = tomllib.loads(points)["project"]["entry-points"]["digest.targets"]
    packed = tmp_path / "site" / "intranet-1.0.dist-info"
    packed.mkdir(parents=True)
    (packed / "METADATA").write_text("Metadata-Version: 2.1\nName: intranet\nVersion: 1.0\n", "utf-8")
    lines = [f"{name} = {module}" for name, module in named.items()]
    (packed / "entry_points.txt").write_text("\n".join(["[digest.targets]", *lines, ""]), "utf-8")
    (tmp_path / "site" / "intranet_target.py").write_text(code, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    room = Mailroom(tmp_path)
    room.build(**OWN)
    (tmp_path / "news").mkdir()
    room.configure(yaml.safe_load(wanted.replace("/srv/intranet/news", str(tmp_path / "news")))["targets"])
    done = room.run("send", DAY, "--to", "intranet")

    assert done.stdout == f"intranet: https://intranet.example.com/{DAY}.html\n"
    assert (tmp_path / "news" / f"{DAY}.html").read_text("utf-8") == room.letter().html
    assert "intranet  sent" in room.digest("sent").stdout


def test_every_shipped_target_says_what_it_can() -> None:
    """Each shipped target loads, says what it can express, and is of one of the three kinds."""
    for kind in registry.SHIPPED:
        target = registry.find(TargetPlan(name=kind, kind=kind))
        kinds = [
            isinstance(target, registry.FileTarget),
            isinstance(target, registry.ReaderTarget),
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
