"""What is asked of an issue that leaves this machine, and of its age: placeholders of `init`, and news of old."""

from __future__ import annotations

import shutil
from dataclasses import asdict, replace
from datetime import date
from typing import TYPE_CHECKING

import faults
import golden
import pytest
from click.testing import CliRunner
from fakes import smtp
from hypothesis import given
from hypothesis import strategies as st
from mailroom import DAY, OWN, Mailroom

from digest import checks, cli
from digest.analysis import starter
from digest.checks.leaving import example_identity, old_issue
from digest.config import settings
from digest.config import values as identity
from digest.config.values import FieldPlan, TargetPlan
from digest.mail.options import Known, Options, stays_here
from digest.mail.registry import SHIPPED

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE = checks.load(str(golden.HERE / "sample"))
MESSAGES = [
    "message.eml From (and 1 more): news@example.com is an example; nobody has it",
    "message.eml List-Unsubscribe: https://example.com/unsubscribe is an example; nobody answers there",
    "index.txt: the postal address is '1 Example Street, 10115 Berlin', which is an example",
    "issue.json: the name is 'The AI Week', the sample's",
    "issue.json web: https://example.com/issues/2020-11-11/ is an example; nobody answers there",
]


def remarks(files: dict[str, bytes], *, leaves: bool = True, today: date | None = None) -> list[str]:
    """Return what is said of an issue that leaves, without the remedies."""
    found = checks.check(files, leaves=leaves, today=today)
    return [str(one).rpartition("; set newsletter.")[0] for one in found if one.rule == example_identity.name]


def test_the_sample_is_named_part_by_part() -> None:
    """Each part of the sample's identity is an error of its own where the issue leaves, and nothing where it stays."""
    assert sorted(remarks(SAMPLE)) == sorted(MESSAGES)
    assert {one.severity for one in checks.check(SAMPLE, leaves=True)} == {"error"}
    assert checks.check(SAMPLE) == checks.check(SAMPLE, leaves=False) == ()


@pytest.mark.parametrize("missing", [None, *OWN])
def test_every_placeholder_counts(missing: str | None, tmp_path: Path) -> None:
    """A newsletter of its own may leave; one that kept a single placeholder may not."""
    room = Mailroom(tmp_path)
    room.build(**{name: value for name, value in OWN.items() if name != missing}, name="Seeing Machines")
    found = remarks(checks.load(str(tmp_path / "out" / DAY)))

    assert bool(found) is (missing is not None), found


def test_a_letter_may_be_called_like_the_sample(tmp_path: Path) -> None:
    """The sample's name alone is no placeholder: beside an address of its own it is the newsletter's."""
    Mailroom(tmp_path).build(**OWN, name=identity.NAME)

    assert remarks(checks.load(str(tmp_path / "out" / DAY))) == []


def test_what_init_writes_is_a_placeholder(tmp_path: Path) -> None:
    """Whatever `init` fills in is what the gate knows as the sample's: the two cannot drift apart."""
    from digest import archive  # noqa: PLC0415 - only here
    from digest.analysis import statistics  # noqa: PLC0415 - only here

    text = starter.settings("The Week", ["seeds"], statistics.of(archive.read((golden.SEEDS,)).articles), FieldPlan())
    values = [line.partition(": ")[2].partition("   #")[0] for line in text.splitlines() if "# change" in line]
    (tmp_path / "digest.yaml").touch()
    defaults = asdict(settings.load(str(tmp_path / "digest.yaml")).newsletter)

    assert values[1:] == [identity.POSTAL, identity.WEB, identity.UNSUBSCRIBE]
    assert f"<{identity.MAILBOX}>" in values[0]
    assert [defaults[name] for name in ("name", "postal", "web", "unsubscribe")] == [
        identity.NAME, identity.POSTAL, identity.WEB, identity.UNSUBSCRIBE,
    ]  # fmt: skip


@given(st.sampled_from(["example.com", "example.net", "example.org", "example", "test", "invalid", "localhost"]))
def test_reserved_domains_are_examples(domain: str) -> None:
    """Each reserved domain and all below it are examples, a longer or shorter name is not."""
    assert all(identity.is_example(host) for host in (domain, f"a.{domain}", f"A.B.{domain.upper()}", f"{domain}."))
    assert not any(identity.is_example(host) for host in (f"my{domain}", f"{domain}.press", "", "example.co", "com"))


@pytest.mark.parametrize("kind", SHIPPED)
def test_only_folders_and_rehearsals_stay_here(kind: str) -> None:
    """File and outbox stay; another target does only where it is on this machine and --insecure says so."""
    place = "host" if kind == "smtp" else "base"
    known = (Known(name=place, default=""),)

    def stays(address: str, *, insecure: bool) -> bool:
        plan = TargetPlan(name="mine", kind=kind, options=((place, address),))
        return stays_here(Options(plan, known), insecure=insecure)

    here, there = ("127.0.0.1", "relay.press") if place == "host" else ("http://localhost:9/api", "https://api.press")
    folder = kind in {"file", "outbox"}
    assert [stays(here, insecure=True), stays(here, insecure=False)] == [True, folder]
    assert [stays(there, insecure=True), stays(there, insecure=False)] == [folder, folder]


def test_send_refuses_the_sample_and_says_what_to_set(tmp_path: Path) -> None:
    """`send` to the world names each placeholder, reaches nobody and writes nothing; to a folder it goes."""
    room = Mailroom(tmp_path)
    room.build()
    with smtp.running(smtp.Server()) as server:
        relay = {"kind": "smtp", "host": "127.0.0.1", "port": str(server.port), "security": "none"}
        room.configure({"relay": relay}, recipients=room.readers(2))
        refused = room.run("send", DAY, "--to", "relay", "--send", "--yes")
        known = {path.name for path in tmp_path.iterdir()}
        counted = room.run("send", DAY, "--to", "relay")
        rehearsed = room.run("send", DAY, "--to", "relay", "--send", "--yes", "--insecure")
        reached = len(server.messages)
    written = [room.run("send", DAY, "--to", target, "--send", "--yes").returncode for target in ("file", "outbox")]
    tried = room.run("send", DAY, "--to", "relay", "--dry-run")

    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == len(MESSAGES)
    assert (
        f"out/{DAY}: placeholder-identity: message.eml From (and 1 more): news@example.com is an example; "
        "nobody has it; set newsletter.name, from, address, web and unsubscribe in digest.yaml, and build again\n"
    ) in refused.stderr
    assert "sent.db" not in known
    assert (counted.returncode, counted.stderr) == (0, "")  # nothing leaves, and a server on this machine is none yet
    assert (rehearsed.returncode, reached, written, tried.returncode) == (0, 2, [0, 0], 0)


def test_a_waived_error_does_not_stop_a_sending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stops an issue is what `check` calls an error and the settings do not waive."""
    monkeypatch.chdir(tmp_path)
    (fault,) = [fault for fault in faults.FAULTS if fault.rule == "link-ip"][:1]
    place = tmp_path / "out" / "2020-11-22"
    place.mkdir(parents=True)
    for name, content in fault.files().items():
        (place / name).write_bytes(content)
    send = ["send", "2020-11-22", "--to", "file", "--send", "--yes"]
    refused = CliRunner().invoke(cli.main, send)
    (tmp_path / "digest.yaml").write_text("check: {allow: {link-ip: our readers are in our network}}\n", "utf-8")
    done = CliRunner().invoke(cli.main, send)

    assert (refused.exit_code, refused.output.startswith("out/2020-11-22: link-ip: index.html:")) == (1, True)
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(("day", "days"), [(11, 0), (18, 7), (19, 8), (30, 19)])
def test_an_issue_older_than_a_week_is_a_warning(day: int, days: int) -> None:
    """Eight days after its last day an issue is old; on no day at all nothing is said."""
    found = [
        (one.severity, one.what)
        for one in checks.check(SAMPLE, today=date(2020, 11, day))
        if one.rule == old_issue.name
    ]

    assert found == ([("warning", f"its last day, 2020-11-11, was {days} days ago")] if days > 7 else [])
    assert checks.check(SAMPLE, today=date(2020, 11, 1)) == checks.check(SAMPLE) == ()


@pytest.mark.parametrize(("day", "is_old"), [("2020-12-30", False), ("2020-12-31", True)])
def test_a_monthly_issue_is_old_after_a_month(tmp_path: Path, day: str, is_old: bool) -> None:
    """The issue of the thirty days of November is news for as many days."""
    shutil.copytree(golden.HERE / "sample", tmp_path / "issue")
    written = (tmp_path / "issue" / "issue.json").read_text("utf-8")
    month = written.replace('"first": "2020-11-05"', '"first": "2020-11-01"').replace(
        '"last": "2020-11-11"', '"last": "2020-11-30"'
    )
    (tmp_path / "issue" / "issue.json").write_text(month, "utf-8")
    said = checks.check(checks.load(str(tmp_path / "issue")), today=date.fromisoformat(day))

    assert (old_issue.name in {one.rule for one in said}) is is_old


def test_check_asks_the_day_where_the_newsletter_lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`digest check` says that an issue is old and is content all the same; broken settings do not keep it from it."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(golden.HERE / "sample", "issue")
    (tmp_path / "digest.yaml").write_text("no settings", encoding="utf-8")
    done = CliRunner().invoke(cli.main, ["check", "issue"], env={"SOURCE_DATE_EPOCH": "1605830400"})  # 20 November

    assert (done.exit_code, done.output) == (
        0,
        "warning  old-issue  issue.json\n"
        "         its last day, 2020-11-11, was 9 days ago; build this week's issue, or name it\n"
        "issue: 0 errors, 1 warning, 0 notes; ready to send\n",
    )
    assert replace(checks.context.facts(SAMPLE["issue.json"]), timezone="").last == date(2020, 11, 11)
    assert checks.timezone(SAMPLE) == "UTC" == checks.timezone({})
