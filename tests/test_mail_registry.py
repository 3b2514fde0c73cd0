from __future__ import annotations

import re
import shutil
import sys
import tomllib
from pathlib import Path

import golden
import pytest
import yaml
from fakes import services, web
from mailroom import DAY, OWN, Mailroom

from digest.config.values import TargetPlan
from digest.errors import SettingsError
from digest.mail import registry
from digest.mail.target import CampaignService, FileTarget, ReaderTarget


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, points: dict[str, str]) -> None:
    """Install a package into *folder* whose entry points in `digest.targets` are *points*."""
    packed = folder / "strangers-1.0.dist-info"
    packed.mkdir(parents=True)
    (packed / "METADATA").write_text("Metadata-Version: 2.1\nName: strangers\nVersion: 1.0\n", "utf-8")
    lines = [f"{name} = {place}" for name, place in points.items()]
    (packed / "entry_points.txt").write_text("\n".join(["[digest.targets]", *lines, ""]), "utf-8")
    monkeypatch.syspath_prepend(str(folder))


def test_the_target_of_the_documentation_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that names a class in the group `digest.targets` is used like a shipped target.

    Module, entry point and settings are those of docs/own-target.md, word for word but for the folder.
    """
    page = (golden.ROOT / "docs" / "own-target.md").read_text("utf-8")
    code, points, wanted = (
        re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL)[0] for kind in ("python", "toml", "yaml")
    )
    install(tmp_path / "site", monkeypatch, tomllib.loads(points)["project"]["entry-points"]["digest.targets"])
    (tmp_path / "site" / "intranet_target.py").write_text(code, "utf-8")
    monkeypatch.delitem(sys.modules, "intranet_target", raising=False)
    room = Mailroom(tmp_path)
    room.build(**OWN)
    (tmp_path / "news").mkdir()
    room.configure(yaml.safe_load(wanted.replace("/srv/intranet/news", str(tmp_path / "news")))["targets"])
    done = room.run("send", DAY, "--to", "intranet")

    assert done.stdout == f"intranet: https://intranet.example.com/{DAY}.html\n"
    assert (tmp_path / "news" / f"{DAY}.html").read_text("utf-8") == room.letter().html
    assert "intranet  sent" in room.digest("sent").stdout


OLD = Path(__file__).parent / "old_targets"
"""Targets as they were written when docs/own-target.md asked for modules: its example, and two that it pointed at."""


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mailroom:
    """Return a built issue, with the old targets installed."""
    names = {file.stem.removesuffix("_target"): file.stem for file in OLD.glob("*_target.py")}
    install(tmp_path / "site", monkeypatch, names)
    for module in names.values():
        shutil.copy(OLD / f"{module}.py", tmp_path / "site")
        monkeypatch.delitem(sys.modules, module, raising=False)
    room = Mailroom(tmp_path)
    room.build(**OWN)
    return room


def test_an_old_target_of_files_works(old: Mailroom) -> None:
    """A module with `write` is used as before."""
    (old.folder / "news").mkdir()
    old.configure({"intranet": {"folder": str(old.folder / "news")}})
    done = old.run("send", DAY, "--to", "intranet")

    assert (done.stdout, done.stderr) == (f"intranet: https://intranet.example.com/{DAY}.html\n", "")
    assert (old.folder / "news" / f"{DAY}.html").read_text("utf-8") == old.letter().html


def test_an_old_target_of_readers_works(old: Mailroom) -> None:
    """A module with `line` writes one message a reader."""
    old.configure({"letterbox": {"folder": str(old.folder / "box")}}, recipients=old.readers(3))
    done = old.run("send", DAY, "--to", "letterbox", "--send", "--yes")

    assert (done.stdout.splitlines()[-1], done.stderr) == ("3 sent", "")
    assert len(list((old.folder / "box" / DAY).glob("*.eml"))) == 3


def test_an_old_campaign_service_works(old: Mailroom) -> None:
    """A module with the functions of a service makes a draft, updates, tests and sends it, and states its condition."""
    with web.running(services.Listmonk(templates=[services.template(1, services.WRAPPING, default=True)])) as fake:
        assert isinstance(fake, services.Listmonk)
        own = {**fake.target, "kind": "ownmonk", "key": {"env": "SERVICE_KEY"}}
        old.configure({"it": {**own, "base": f"http://127.0.0.1:{fake.port}{fake.prefix}"}})
        command = ("send", DAY, "--to", "it", "--insecure")
        refused = old.run(*command, SERVICE_KEY=web.KEY)
        fake.templates[0]["body"] = services.BARE
        made = old.run(*command, SERVICE_KEY=web.KEY)
        tested = old.run(*command, "--test", "me@example.com", SERVICE_KEY=web.KEY)
        sent = old.run(*command, "--send", "--yes", SERVICE_KEY=web.KEY)

    assert "targets.it.template: listmonk would put the letter, a whole page, into its template 1" in refused.stderr
    assert [(done.returncode, done.stderr) for done in (made, tested, sent)] == [(0, "")] * 3
    assert (fake.tests, len(fake.campaigns)) == (["me@example.com"], 1)
    assert sent.stdout.splitlines()[-1].startswith("it: sent; see http")


def test_a_module_stands_for_the_class_that_it_defines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry point may name the module, also where that imports the class of another target to build on."""
    install(tmp_path / "site", monkeypatch, {"cellar": "cellar_target"})
    code = "from digest.mail.targets.outbox import Outbox\n\n\nclass Cellar(Outbox):\n    REWRITES = ('date',)\n"
    (tmp_path / "site" / "cellar_target.py").write_text(code, "utf-8")
    target = registry.find(TargetPlan(name="cellar", kind="cellar"))

    assert issubclass(target, ReaderTarget)
    assert (target.__name__, target.REWRITES) == ("Cellar", ("date",))


def test_what_is_no_target_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry point that names something else is refused by the target's name."""
    install(tmp_path / "site", monkeypatch, {"odd": "json:dumps", "empty": "string"})
    for kind in ("odd", "empty"):
        with pytest.raises(SettingsError, match=f"--to: '{kind}' is no target: it has no class of a target"):
            registry.find(TargetPlan(name=kind, kind=kind))


def test_every_shipped_target_says_what_it_can() -> None:
    """Each shipped target loads, says what it can express, and is of one of the three kinds."""
    for kind in registry.SHIPPED:
        target = registry.find(TargetPlan(name=kind, kind=kind))
        kinds = [issubclass(target, kind) for kind in (FileTarget, ReaderTarget, CampaignService)]
        assert kinds.count(True) == 1
        assert [one.name for one in target.OPTIONS]


def test_the_table_of_the_docs_has_every_target(request: pytest.FixtureRequest) -> None:
    """docs/sending.md says of each shipped target what it can express, as its module does."""
    page = (request.config.rootpath / "docs" / "sending.md").read_text("utf-8")
    rows = {row.split("|")[1].strip().strip("`"): row.split("|") for row in page.splitlines() if row.count("|") == 9}
    for kind in registry.SHIPPED:
        able = registry.find(TargetPlan(name=kind, kind=kind)).ABLE
        told = [cell.strip() for cell in rows[kind][3:9]]
        assert (told[0] == "yes") == able.text, kind
        assert (told[2] == "yes") == able.headers, kind
        assert (told[3] != "no") == able.schedule, kind
        assert (told[4] != "no") == able.test, kind
        assert (told[5] != "no") == able.editions, kind
