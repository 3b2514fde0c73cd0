"""Editions to their readers: each gets her own letter and gets it once, whatever happens to runs, list and week."""

from __future__ import annotations

import html as html_entities
import importlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import golden
import pytest
import yaml
from command import run
from fakes import batches, smtp, web
from hypothesis import given, settings
from hypothesis import strategies as st
from mailroom import OWN, Time
from test_editions import DAY, KEY, MARKER, lines, newsroom
from test_mail_registry import install

from digest import folders, pipeline, sending
from digest.config import settings as config
from digest.config.values import SendPlan
from digest.editions import common, dispatch, part_files, press, roll
from digest.editions.sending import say_how_it_stands
from digest.errors import OutputError
from digest.mail import claims
from digest.mail import ledger as ledgers
from digest.mail.built import Reader, Receipt
from digest.mail.delivery import Clock, Delivery, Outcome, Transport
from digest.tables import storage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

ISSUE = "2020-11-11"
SEND = ("send", ISSUE, "--to", "relay", "--editions", "--insecure")
NOW = (*SEND, "--send", "--yes")
EDITIONS = f"editions/{ISSUE}"
PARTS = 2


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READER_KEY", KEY)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's week, built, with editions for 60 readers in two parts: for the tests to copy."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("READER_KEY", KEY)
        # Of one story a topic, and for all of three: small letters are checked in less time.
        folder = newsroom(tmp_path_factory.mktemp("made") / "desk", parts=PARTS, limit=1, fewest=1)
        configure(folder, newsletter=OWN, sections=[{"topic": "AI", "limit": 3}])
        assert run(folder, "build", "--date", ISSUE, "--quiet").status == 0
        for number in range(1, PARTS + 1):
            assert run(folder, *DAY, "--part", f"{number}/{PARTS}", "--quiet").status == 0
    return folder


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Path:
    """A copy of that week."""
    return shutil.copytree(made, tmp_path / "desk", symlinks=True)


@pytest.fixture
def server(desk: Path) -> Iterator[smtp.Server]:
    """A server that takes mail, as the target `relay`."""
    with smtp.running(smtp.Server()) as running:
        relay = {"kind": "smtp", "host": "127.0.0.1", "port": str(running.port), "security": "none"}
        configure(desk, targets={"relay": relay}, send={"retry_after": 1, "give_up": 1, "connections": 2})
        yield running


def configure(folder: Path, **groups: Any) -> None:
    """Write *groups* into digest.yaml, in place of those of the same name."""
    file = folder / "digest.yaml"
    file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text("utf-8")), **groups}), "utf-8")


def fake_service(folder: Path, fake: batches.Batches) -> None:
    """Let *fake* be the target `relay`."""
    base = f"http://127.0.0.1:{fake.port}{fake.prefix}"
    target = {**fake.target, "key": {"env": "SERVICE_KEY"}, "timeout": "2", "base": base}
    configure(folder, targets={"relay": target}, send={"retry_after": 1, "give_up": 1, "connections": 1})


def gets(folder: Path) -> dict[str, str | None]:
    """Return the edition of each reader of the list, by her address."""
    by_id = {row["reader"]: row["edition"] for row in lines(folder, "readers")}
    id_of = roll.ids(config.load(str(folder / "digest.yaml")).readers)
    asked = (folder / "readers.csv").read_text("utf-8").splitlines()[1:]
    return {address: by_id[id_of(address).hex()] for address, _, _ in (row.partition(",") for row in asked)}


def letters(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, str, str]]:
    """Return subject, HTML and text of each edition as `pipeline.render` makes them, and of the issue for all."""
    monkeypatch.chdir(folder)
    loaded = config.load()
    week, _ = common.of(loaded, pipeline.window_of(loaded, last=date.fromisoformat(ISSUE)))
    printing, place = press.Press(week), storage.opened(EDITIONS)
    rows = [row for number in range(1, PARTS + 1) for row in part_files.editions(place, number).values()]
    of_rows = {row.name: pipeline.render(loaded, printing.issue(row.wish, row.had)).message for row in rows}
    shown = {name: (letter.subject, letter.html, letter.text) for name, letter in of_rows.items()}
    out = folder / "out" / ISSUE
    record = json.loads((out / "issue.json").read_text("utf-8"))
    general = (out / "index.html").read_text("utf-8"), (out / "index.txt").read_text("utf-8")
    return {**shown, "general": (record["subject"], *general)}


def read(raw: bytes) -> tuple[str, str, str]:
    """Return subject, HTML and text of a message, the text with the lines that its reader sees."""
    message = message_from_bytes(raw, policy=policy.default)
    html, text = (message.get_body((kind,)) for kind in ("html", "plain"))
    assert html
    assert text
    flowed = re.sub(r"(?m)^ ", "", re.sub(r" \n", " ", text.get_content()))
    return str(message["Subject"]), html.get_content().replace("\r\n", "\n"), flowed


def words(text: str) -> list[str]:
    """Return the words of a text, however its lines are broken."""
    return text.split()


def states(folder: Path) -> dict[str, int]:
    """Return how many readers are in which state, by `digest sent`."""
    [told] = json.loads(run(folder, "sent", ISSUE, "--json").printed)
    counts: dict[str, int] = told["readers"]
    return counts


# --- who gets what


def test_each_reader_gets_the_letter_of_her_edition(
    desk: Path, server: smtp.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every message is the letter that a build of its reader's edition makes, or the issue for all, and comes once."""
    own, shown = gets(desk), letters(desk, monkeypatch)

    done = run(desk, *NOW)

    assert (done.status, done.told) == (0, "")
    assert done.printed.splitlines()[-1] == "59 sent"
    assert server.taken == dict.fromkeys((reader for reader, edition in own.items() if edition), 1)
    assert len({own[reader] for reader in server.taken}) > 20
    for reader, raw in server.messages:
        subject, html, text = read(raw)
        expected = shown[str(own[reader])]
        assert (subject, html) == expected[:2]
        assert words(text) == words(expected[2])


def test_a_message_differs_from_its_letter_in_what_is_the_readers_own(desk: Path, server: smtp.Server) -> None:
    """With an unsubscribe address for each reader her message offers one click, and no other reader's address."""
    send = yaml.safe_load((desk / "digest.yaml").read_text("utf-8"))["send"]
    configure(desk, send={**send, "unsubscribe": "https://machines-letter.org/leave?who={email}"})
    done = run(desk, *NOW)

    assert "one-click" not in done.printed
    for reader, raw in server.messages:
        message = message_from_bytes(raw, policy=policy.default)
        _, html, text = read(raw)
        assert message["To"] == reader
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        own = reader.replace("@", "%40")
        assert set(re.findall(r"who=([\w%.]+)", html)) == set(re.findall(r"who=([\w%.]+)", text)) == {own}


def test_without_send_nothing_leaves(desk: Path, server: smtp.Server) -> None:
    """The first step says to how many, and writes nothing anywhere."""
    before = {file: file.read_bytes() for file in desk.rglob("*") if file.is_file()}
    done = run(desk, *SEND)

    assert done.printed.splitlines() == [
        "The AI Week, editions of 2020-11-11",
        "59 readers of readers.csv to write to over relay (0 duplicates, 0 suppressed, 0 in bad rows)",
        "8 of 59 readers get the issue for all",
        "1 reader gets nothing, as the week has too little of what is asked for",
        "no one-click unsubscribing for 59 readers: their unsubscribe address is everybody's; "
        "write send.unsubscribe with {email} or another column of the list in it",
        "nothing was sent; add --send",
    ]
    assert (done.status, server.sessions) == (0, 0)
    assert {file: file.read_bytes() for file in desk.rglob("*") if file.is_file()} == before


def test_a_dry_run_writes_what_would_be_sent(desk: Path, server: smtp.Server) -> None:
    """--dry-run writes a message a reader into outbox/, each with her own letter, and claims nobody."""
    dry = run(desk, *SEND, "--dry-run")
    assert dry.printed.splitlines()[-1] == f"outbox/{ISSUE}: 59 messages written; nothing has left this machine"
    assert (dry.status, server.sessions) == (0, 0)
    assert not (desk / EDITIONS / "claims").exists()
    run(desk, *NOW)

    written = {message_from_bytes(file.read_bytes())["To"]: file.read_bytes() for file in desk.glob("outbox/*/*.eml")}
    assert {to.strip("<>"): read(raw) for to, raw in written.items()} == {to: read(raw) for to, raw in server.messages}


def test_parts_are_sent_by_themselves(desk: Path, server: smtp.Server) -> None:
    """--part sends one part, and each message once whatever is sent again; only all parts are the end."""
    rows = {number: lines_of(desk, number) for number in (1, 2)}
    first = run(desk, *NOW, "--part", "1/2")
    assert first.printed.splitlines()[0] == "The AI Week, editions of 2020-11-11, part 1 of 2"
    assert len(server.messages) == sum(1 for edition in rows[1].values() if edition)
    assert sent_json(desk)["state"] == "sending"
    for part in ("1/2", "2/2", "2/2"):
        assert run(desk, *NOW, "--part", part).status == 0
    whole = run(desk, *NOW)

    assert whole.printed.splitlines()[-1] == "nothing to do: 59 sent"
    assert set(server.taken.values()) == {1}
    assert {key: sent_json(desk)[key] for key in ("state", "readers", "editions")} == {
        "state": "sent",
        "readers": 59,
        "editions": True,
    }
    assert states(desk) == {"sent": 59}


def lines_of(folder: Path, part: int) -> dict[str, str | None]:
    """Return what each reader of a part gets, by her id."""
    rows = (folder / EDITIONS / "readers" / f"part-{part}.jsonl").read_text("utf-8").splitlines()[1:]
    return {row["reader"]: row["edition"] for row in map(json.loads, rows)}


def sent_json(folder: Path) -> dict[str, Any]:
    """Return the one hand-over in sent.json."""
    told = json.loads((folder / "out" / ISSUE / "sent.json").read_text("utf-8"))
    [hand_over] = told["hand_overs"]
    return dict(hand_over)


# --- services


def test_a_service_that_mixes_gets_many_letters_in_a_call(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Postmark takes readers of many editions in one call, and each gets her own."""
    own, shown = gets(desk), letters(desk, monkeypatch)
    with web.running(batches.Postmark(handling="Custom")) as fake:
        assert isinstance(fake, batches.Postmark)
        fake_service(desk, fake)
        monkeypatch.setenv("SERVICE_KEY", web.KEY)
        done = run(desk, *NOW)

    assert (done.status, done.printed.splitlines()[-1]) == (0, "59 sent")
    assert len([call for call in fake.calls if call.startswith("POST")]) == 1
    hold_mails(fake, own, shown)


def test_a_service_of_one_letter_a_call_gets_readers_of_one_edition(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call of Mailgun has readers of one edition alone, all that were claimed together."""
    own, shown = gets(desk), letters(desk, monkeypatch)
    with web.running(batches.Mailgun()) as fake:
        assert isinstance(fake, batches.Mailgun)
        fake_service(desk, fake)
        monkeypatch.setenv("SERVICE_KEY", web.KEY)
        done = run(desk, *NOW)

    assert (done.status, done.printed.splitlines()[-1]) == (0, "59 sent")
    editions = {edition for edition in own.values() if edition}
    assert len([call for call in fake.calls if call.startswith("POST")]) == len(editions)
    hold_mails(fake, own, shown)


def hold_mails(fake: batches.Batches, own: Mapping[str, str | None], shown: Mapping[str, tuple[str, str, str]]) -> None:
    """Assert that each reader has got her own letter once, and nobody else any."""
    assert sorted(mail.reader for mail in fake.mails) == sorted(reader for reader, edition in own.items() if edition)
    for mail in fake.mails:
        subject, html, text = shown[str(own[mail.reader])]
        assert (mail.subject, mail.text) == (subject, text)
        assert html_entities.unescape(mail.html) == html_entities.unescape(html)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 4), max_size=40), st.integers(1, 7))
def test_readers_of_a_call_are_alike(kinds: list[int], size: int) -> None:
    """Whatever the readers are, a call has no more than fit, all of one kind, and nobody is left out or comes twice."""
    readers = [
        Reader(address=f"r{number}@example.com", fields={"kind": str(kind)}) for number, kind in enumerate(kinds)
    ]
    calls: list[list[Reader]] = []

    class Taking:
        def carry(self, readers: Sequence[Reader], sending: Callable[[], None]) -> list[Outcome]:
            sending()
            calls.append(list(readers))
            return [Outcome(state="sent")] * len(readers)

        def close(self) -> None:
            """Nothing is open."""

    transport = Transport(Taking, size, lambda reader: reader.fields["kind"])
    with ledgers.opened(ledgers.PASSING) as passing:
        edition = ledgers.Edition(newsletter="news", issue=ISSUE, content="")
        handover = passing.note(edition, "it", Receipt(state="draft", reference=""), at=0)
        passing.enlist(handover, readers, at=0)
        plan = SendPlan(connections=1)
        Delivery(ledgers.HandoverBook(passing, handover), transport, plan, Time().clock()).run()

    assert sorted(reader.address for call in calls for reader in call) == sorted(reader.address for reader in readers)
    for call in calls:
        assert len(call) <= size
        assert len({reader.fields["kind"] for reader in call}) == 1


# --- never twice, and nobody lost


def test_a_run_that_was_stopped_goes_on(desk: Path, server: smtp.Server) -> None:
    """Where the server refuses us the run stops and says so without an address; the same command goes on."""
    # Over one connection: what another has accepted meanwhile would make a refusal the reader's own.
    send = yaml.safe_load((desk / "digest.yaml").read_text("utf-8"))["send"]
    configure(desk, send={**send, "connections": 1})
    server.rcpt = lambda reader: f"550 5.7.1 <{reader}>: relaying denied" if len(server.messages) >= 25 else ""
    stopped = run(desk, *NOW)
    before = len(server.messages)
    server.rcpt = lambda _: ""
    done = run(desk, *NOW)

    assert stopped.status == 1
    assert MARKER not in stopped.printed + stopped.told
    assert stopped.told.startswith("stopped: ")
    assert 25 <= before < 59
    assert (done.status, done.printed.splitlines()[-1]) == (0, "59 sent")
    assert set(server.taken.values()) == {1}


def test_a_run_that_was_killed_doubles_nobody(desk: Path, server: smtp.Server) -> None:
    """After kill -9 the next run writes to all but those who may have it; only when the editor says so to these, too.

    And not to those of a claim that is younger than a run may live.
    """
    server.delay = 0.02
    killed = subprocess.Popen([sys.executable, "-m", "digest", *NOW], cwd=desk, stdout=subprocess.DEVNULL)
    until(lambda: len(server.messages) > 8)
    killed.kill()
    killed.wait()
    server.delay = 0
    rest = run(desk, *NOW)
    counts = states(desk)
    listed = run(desk, "sent", ISSUE, "--list", "unknown").printed.splitlines()[1:]

    assert rest.status == 1
    told = f"not sure: {counts['unknown']} readers may have the message or not; see `digest sent ISSUE --list unknown`"
    assert rest.told.startswith(told)
    assert counts["sent"] + counts["unknown"] == 59
    assert 0 < counts["unknown"] <= 2 * claims.BATCH
    assert set(server.taken.values()) == {1}
    assert {line.strip() for line in listed} < set(lines_of(desk, 1)) | set(lines_of(desk, 2))

    early = run(desk, *NOW, "--resend-unknown")
    assert early.printed.splitlines()[-2:] == [
        f"{counts['unknown']} unknown are left alone: they were claimed in the last 15 minutes, "
        "maybe by a run that is at work",
        f"nothing to do: {counts['sent']} sent, {counts['unknown']} unknown",
    ]
    for file in desk.glob(f"{EDITIONS}/claims/*/*.claim"):
        row = json.loads(file.read_text("utf-8"))
        file.write_text(json.dumps({**row, "at": row["at"] - 3_600}), "utf-8")
    again = run(desk, *NOW, "--resend-unknown")
    assert (again.status, again.printed.splitlines()[-1]) == (0, "59 sent")
    assert set(server.taken) == {reader for reader, edition in gets(desk).items() if edition}


def until(condition: Callable[[], bool]) -> None:
    """Wait until *condition* holds."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "nothing happens"
        time.sleep(0.01)


def test_two_runs_at_once_share_the_work(desk: Path, server: smtp.Server) -> None:
    """Two processes that send at the same time write to each reader once between them."""
    server.delay = 0.02
    both = [subprocess.Popen([sys.executable, "-m", "digest", *NOW], cwd=desk, stdout=subprocess.PIPE) for _ in "ab"]
    ends = [process.communicate()[0] and process.returncode for process in both]

    # Whoever ends first may see claims of the other that are under way.
    assert 0 in ends
    assert run(desk, *NOW).printed.splitlines()[-1] == "nothing to do: 59 sent"
    assert server.taken == dict.fromkeys((reader for reader, edition in gets(desk).items() if edition), 1)


@pytest.mark.usefixtures("server")
def test_a_run_waits_where_another_is_at_sent_json(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A while, as many may begin at once; then it says so, and nobody was written to."""
    monkeypatch.chdir(desk)
    job = dispatch.prepare(config.load(), dispatch.Dispatch(issue=ISSUE, target="relay", insecure=True))
    busy = os.open(f"out/{ISSUE}/.sent.json.new", os.O_RDWR | os.O_CREAT)
    folders.lock(busy)
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 8:
            os.close(busy)

    def begin() -> None:
        say_how_it_stands(job, {"queued": 59}, Clock(time.time, wait), begins=True)

    problem = "another digest is writing it at this moment; try again when it is done"
    with pytest.raises(OutputError, match=re.escape(f"out/{ISSUE}/sent.json: {problem}")):
        begin()
    assert waits == [0.1, 0.2, 0.4, 0.8, 1.6]
    begin()
    assert (sent_json(desk)["state"], waits[5:]) == ("sending", [0.1, 0.2, 0.4])


def test_refusals_are_the_readers_own(desk: Path, server: smtp.Server) -> None:
    """Who was refused is listed by id and asked again with --retry-failed, who was deferred in the next run."""
    gone, busy = [reader for reader, edition in gets(desk).items() if edition][:2]
    answers = {gone: f"550 5.1.1 <{gone}>: no such user", busy: f"451 4.2.0 <{busy}>: try later"}
    server.rcpt = lambda reader: answers.get(reader, "")
    first = run(desk, *NOW)
    listed = run(desk, "sent", ISSUE, "--list", "failed").printed.splitlines()
    counts = states(desk)
    server.rcpt = lambda _: ""
    second = run(desk, *NOW)
    third = run(desk, *NOW, "--retry-failed")

    assert first.status == 1
    assert first.told == "not done: 1 reader refused for now; run it again later\n"
    assert counts == {"deferred": 1, "failed": 1, "sent": 57}
    assert listed[1:] == [f"  {id_of(desk, gone)}  550"]
    assert second.printed.splitlines()[-1] == "1 failed, 58 sent"
    assert third.printed.splitlines()[-1] == "59 sent"
    assert set(server.taken.values()) == {1}


def id_of(folder: Path, address: str) -> str:
    """Return the id of a reader."""
    return roll.ids(config.load(str(folder / "digest.yaml")).readers)(address).hex()


def test_the_issue_for_all_and_editions_exclude_each_other(desk: Path, server: smtp.Server) -> None:
    """Who has the issue as one letter gets no edition, and the other way round, whatever is lost, but for --also."""
    out, twice = (
        desk / "out" / ISSUE,
        "its readers would get the week twice; if these are other readers, say so with --also",
    )
    plain = ("send", ISSUE, "--to", "relay", "--insecure", "--send", "--yes", "--recipients", "few.csv")
    (desk / "few.csv").write_text("email\nann@example.com\n", "utf-8")
    assert run(desk, *plain).status == 0
    day = sent_json(desk)["at"][:10]
    for_all = f"out/{ISSUE}: was handed over to relay on {day} as one letter for all; {twice}\n"
    assert (run(desk, *NOW).told, len(server.messages)) == (for_all, 1)
    (out / "sent.json").unlink()
    by_ledger = f"sent.db: says that readers have issue {ISSUE} by relay, as one letter for all; {twice}\n"
    assert (run(desk, *NOW).told, len(server.messages)) == (by_ledger, 1)
    assert run(desk, *NOW, "--also").printed.splitlines()[-1] == "59 sent"

    went = f"{sending.WENT_AS_EDITIONS[0]}; {sending.WENT_AS_EDITIONS[1]}\n"
    assert run(desk, *plain).told == f"out/{ISSUE}: {went}"
    # Another list, since the ledger passes over those who have it.
    (desk / "few.csv").write_text("email\nbob@example.com\n", "utf-8")
    (out / "sent.json").unlink()
    (desk / "sent.db").unlink()
    assert run(desk, *plain).told == f"{EDITIONS}: {went}"
    assert len(server.messages) == 60
    assert run(desk, *plain, "--also").printed.splitlines()[-1] == "1 sent"


@pytest.mark.usefixtures("server")
def test_a_later_issue_needs_no_ledger_for_editions(desk: Path) -> None:
    """Editions leave no ledger, so that none is missed when the next issue goes to all."""
    assert run(desk, *NOW).status == 0
    assert run(desk, "build", "--date", "2020-11-18", "--quiet").status == 0
    (desk / "few.csv").write_text("email\nann@example.com\n", "utf-8")
    done = run(desk, "send", "2020-11-18", "--to", "relay", "--insecure", "--send", "--yes", "--recipients", "few.csv")

    assert (done.status, done.printed.splitlines()[-1]) == (0, "1 sent")


def test_a_run_that_reaches_nobody_leaves_the_issue_free(desk: Path, server: smtp.Server) -> None:
    """Where the sender is refused nobody has an edition, and the issue may go to all."""
    server.mail = lambda _: "550 5.7.1 not you"
    stopped = run(desk, *NOW)
    assert (stopped.status, stopped.told.splitlines()[-1]) == (
        1,
        "stopped: the sender … is refused: 550 5.7.1 not you; "
        "mend it and run the same command again: it goes on from here",
    )
    assert not (desk / "out" / ISSUE / "sent.json").exists()
    server.mail = lambda _: ""
    plain = run(desk, "send", ISSUE, "--to", "relay", "--insecure", "--send", "--yes", "--recipients", "readers.csv")
    assert plain.printed.splitlines()[-1] == "60 sent"


def test_claims_that_were_lost_are_missed(desk: Path, server: smtp.Server) -> None:
    """Where sent.json knows of more readers than the claims, nobody is written to."""
    assert run(desk, *NOW).status == 0
    remedy = "bring back the folder as it was; nobody was written to\n"
    shutil.rmtree(desk / EDITIONS / "claims" / "part-1")
    known = sum(1 for edition in lines_of(desk, 2).values() if edition)
    one_part = f"{EDITIONS}: its claims know {known} of the 59 readers who have issue {ISSUE}; {remedy}"
    assert run(desk, *NOW).told == one_part
    shutil.rmtree(desk / EDITIONS / "claims")
    all_parts = f"{EDITIONS}: its claims are gone, and 59 readers have issue {ISSUE}; {remedy}"
    assert run(desk, *NOW, "--part", "1/2").told == all_parts
    assert len(server.messages) == 59


def only_begun(folder: Path) -> None:
    """Let sent.json be as a run leaves it that is killed."""
    file = folder / "out" / ISSUE / "sent.json"
    written = json.loads(file.read_text("utf-8"))
    written["hand_overs"][0].update(readers=0, state="sending")
    file.write_text(json.dumps(written), "utf-8")


def test_claims_of_a_killed_run_are_missed(desk: Path, server: smtp.Server) -> None:
    """Its sent.json says that it began, and of no reader: to make the parts anew would write to all of them again."""
    assert run(desk, *NOW).status == 0
    only_begun(desk)
    shutil.rmtree(desk / EDITIONS)
    assert run(desk, *DAY, "--quiet").status == 0
    gone = f"{EDITIONS}: its claims are gone, and readers may have issue {ISSUE}"

    assert run(desk, *NOW).told == f"{gone}; bring back the folder as it was; nobody was written to\n"
    assert len(server.messages) == 59


def test_a_run_that_was_killed_before_its_first_claim_goes_on(desk: Path, server: smtp.Server) -> None:
    """Nobody was written to, and no claim was lost."""
    assert run(desk, *NOW).status == 0
    server.messages.clear()
    only_begun(desk)
    for folder in (desk / EDITIONS / "claims").glob("part-*"):
        shutil.rmtree(folder)

    assert run(desk, *NOW).printed.splitlines()[-1] == "59 sent"
    assert len(server.messages) == 59


def test_parts_that_were_lost_are_not_made_anew_where_readers_have_them(desk: Path, server: smtp.Server) -> None:
    """In another number they would have their readers in other parts, of which no claim knows; nor goes it to all."""
    assert run(desk, *NOW).status == 0
    shutil.rmtree(desk / EDITIONS / "readers")
    configure(desk, editions={**yaml.safe_load((desk / "digest.yaml").read_text("utf-8"))["editions"], "parts": 3})
    gone = f"{EDITIONS}/readers/part-1.jsonl: is gone, and there are claims on its readers"
    again = run(desk, *DAY)
    (desk / "out" / ISSUE / "sent.json").unlink()
    plain = run(desk, "send", ISSUE, "--to", "relay", "--insecure", "--send", "--yes", "--recipients", "readers.csv")

    assert (again.status, again.told.splitlines()[-1]) == (1, f"{gone}; bring it back; nothing was changed")
    assert plain.told == f"{EDITIONS}: {'; '.join(sending.WENT_AS_EDITIONS)}\n"
    assert len(server.messages) == 59


def test_parts_that_were_lost_are_made_anew_where_nobody_has_them(desk: Path, server: smtp.Server) -> None:
    """Without the claims, which say that."""
    server.mail = lambda _: "550 5.7.1 not you"
    assert run(desk, *NOW).status == 1
    shutil.rmtree(desk / EDITIONS / "readers")
    first = min((desk / EDITIONS / "claims").glob("part-*")).name
    gone = f"{EDITIONS}/readers/{first}.jsonl: is gone, and there are claims on its readers"
    again = run(desk, *DAY)

    assert again.told.splitlines()[-1] == f"{gone}; remove the folder to make them anew; nothing was changed"


# --- the list, as it is when it is sent


def test_the_list_decides_who_is_there(desk: Path, server: smtp.Server) -> None:
    """Who left, came, or is suppressed gets nothing and is counted; bad rows are told by line, and name nobody."""
    own = [reader for reader, edition in gets(desk).items() if edition]
    left, gone, refused, broken = own[:4]
    file = desk / "readers.csv"
    rows = [row for row in file.read_text("utf-8").splitlines() if not row.startswith((f"{left},", f"{broken},"))]
    rows += [f"{MARKER}-new@example.com,AI", f"{MARKER}bad,AI", f"{own[9].upper()},AI"]
    file.write_text("\n".join([*rows, ""]), "utf-8")
    (desk / "left.txt").write_text(f"{gone.upper()}\n", "utf-8")
    send = yaml.safe_load((desk / "digest.yaml").read_text("utf-8"))["send"]
    configure(desk, send={**send, "suppressions": ["left.txt"]})
    with ledgers.opened(str(desk / "sent.db")) as ledger:
        ledger.suppress([refused], "refused in issues 1 and 2", at=0)
    done = run(desk, *NOW)

    assert done.printed.splitlines()[1:5] == [
        "55 readers of readers.csv to write to over relay (1 duplicates, 2 suppressed, 1 in bad rows)",
        f"{sum(1 for reader in own[4:] if gets_general(desk, reader))} of 55 readers get the issue for all",
        "1 reader gets nothing, as the week has too little of what is asked for",
        "1 reader of the list is not in the editions, which were made before",
    ]
    assert done.printed.splitlines()[5] == "2 readers of the editions are not in the list"
    assert done.told == "warning: readers.csv: 1 row left out: is no e-mail address (line 61)\n"
    assert set(server.taken) == set(own[4:])
    assert states(desk) == {"absent": 2, "sent": 55, "suppressed": 2}
    (desk / "left.txt").write_text("", "utf-8")
    file.write_text("\n".join([*rows, f"{broken},AI", ""]), "utf-8")
    assert run(desk, *NOW).printed.splitlines()[-1] == "1 absent, 57 sent, 1 suppressed"


def gets_general(folder: Path, reader: str) -> bool:
    """Whether a reader gets the issue for all."""
    [gets] = [row["edition"] for row in lines(folder, "readers") if row["reader"] == id_of(folder, reader)]
    return bool(gets == "general")


def test_a_list_that_shrank_is_asked_about(desk: Path, server: smtp.Server) -> None:
    """A list that lacks more than a tenth of the readers with a letter may be half written."""
    file = desk / "readers.csv"
    file.write_text("".join(file.read_text("utf-8").splitlines(keepends=True)[:40]), "utf-8")
    done = run(desk, *NOW)
    told = r"readers\.csv: lacks \d+ of 59 readers with a letter: it may be half written; if it is right, .*\n"

    assert re.fullmatch(told, done.told)
    assert (done.status, server.sessions) == (1, 0)
    assert run(desk, *NOW, "--list-shrank").status == 0


def test_no_address_gets_out(desk: Path, server: smtp.Server) -> None:
    """An address stands in the list and on the wire: in no file, message, JSON or error, whatever goes wrong."""
    with (desk / "readers.csv").open("a", encoding="utf-8") as handle:
        handle.write(f"{MARKER}broken@@example.com,AI\n")
    server.rcpt = lambda reader: f"550 5.1.1 <{reader}> unknown" if "3" in reader else ""
    server.content = lambda reader: f"451 4.7.1 {reader} later" if "4" in reader else ""
    told = [run(desk, *SEND), run(desk, *SEND, "--json"), run(desk, *NOW), run(desk, *NOW, "--retry-failed")]
    told += [run(desk, "sent", "--list", state) for state in ("failed", "deferred", "sent")]
    written = [file for file in desk.rglob("*") if file.is_file() and file.name != "readers.csv"]

    assert any("failed" in done.printed for done in told)
    assert [done for done in told if MARKER in done.printed + done.told] == []
    assert [file for file in written if MARKER.encode() in file.read_bytes() or MARKER in file.name] == []


# --- what is refused before anything leaves

CHANGED = "is of other articles, edits, settings, theme, memory or key than there are now"
ANEW = "remove the folder to make them anew; nothing was sent"
BRING_BACK = "readers have some of these editions, so bring back what they were made of; nothing was sent"


def edit(file: Path, old: str, new: str) -> None:
    """Put *new* in place of *old*, which stands in the file."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def own_theme(folder: Path) -> Path:
    """Let the newsletter have a theme of its own, of which the editions are made, and return its page."""
    shutil.copytree(golden.ROOT / "templates" / "default", folder / "theme")
    configure(folder, templates="theme")
    shutil.rmtree(folder / "editions")
    assert run(folder, "build", "--date", ISSUE, "--quiet").status == 0
    for number in range(1, PARTS + 1):
        assert run(folder, *DAY, "--part", f"{number}/{PARTS}", "--quiet").status == 0
    return folder / "theme" / "issue.mjml"


def test_a_byte_of_the_theme_makes_other_letters(desk: Path, server: smtp.Server) -> None:
    """Where one byte of the theme has changed nothing is sent, before the first message and after some."""
    page = own_theme(desk)
    before = page.read_text("utf-8")
    edit(page, "2px", "3px")
    first = f"{EDITIONS}/readers/part-1.jsonl: {CHANGED}"
    assert run(desk, *NOW).told == f"{first}; {ANEW}\n"
    assert server.sessions == 0
    page.write_text(before, "utf-8")
    assert run(desk, *NOW, "--part", "2/2").status == 0
    edit(page, "2px", "3px")
    assert run(desk, *NOW).told == f"{first}; {BRING_BACK}\n"
    assert run(desk, *DAY, "--part", "1/2").told.endswith(
        f"{first}; {BRING_BACK.removesuffix('; nothing was sent')}; nothing was changed\n"
    )


def another_row(folder: Path) -> None:
    """Let an edition of part 1 ask for less than its name was made of."""
    file = folder / EDITIONS / "editions" / "part-1.jsonl"
    head, *rows = file.read_text("utf-8").splitlines()
    changed = [{**row, "asked": dict(list(row["asked"].items())[:1])} for row in map(json.loads, rows)]
    file.write_text("\n".join([head, *map(json.dumps, changed), ""]), "utf-8")


def without_rows(folder: Path) -> None:
    """Let part 1 have no edition."""
    file = folder / EDITIONS / "editions" / "part-1.jsonl"
    file.write_text(file.read_text("utf-8").splitlines()[0] + "\n", "utf-8")


def another_number(folder: Path) -> None:
    """Let part 1 be one of three."""
    edit(folder / EDITIONS / "readers" / "part-1.jsonl", '"parts": 2', '"parts": 3')


REFUSED: dict[str, tuple[Callable[[Path], object], tuple[str, ...], str]] = {
    "no editions": (
        lambda folder: shutil.rmtree(folder / "editions"),
        (),
        f"{EDITIONS}: no editions stand there; run digest editions --date {ISSUE} first",
    ),
    "a part that is missing": (
        lambda folder: (folder / EDITIONS / "readers" / "part-2.jsonl").unlink(),
        (),
        f"{EDITIONS}: 1 of 2 parts is missing: 2; run digest editions --date {ISSUE} first",
    ),
    "parts of two runs": (
        another_number,
        (),
        f"{EDITIONS}: 1 of 3 parts is missing: 3; run digest editions --date {ISSUE} first",
    ),
    "another number of parts": (
        lambda _: None,
        ("--part", "1/4"),
        "--part 1/4: there are 2 parts; write it like 1/2",
    ),
    "other settings": (
        lambda folder: configure(folder, images="off"),
        (),
        f"{EDITIONS}/readers/part-1.jsonl: {CHANGED}; {ANEW}",
    ),
    "the issue for all is missing": (
        lambda folder: shutil.rmtree(folder / "out"),
        (),
        f"out/{ISSUE}: the issue for all is not built, and 8 readers get it; run digest build --date {ISSUE} first",
    ),
    "an edition that would be another": (
        another_row,
        (),
        f"{EDITIONS}/editions/part-1.jsonl: edition NAME would be another letter now than the one written down; {ANEW}",
    ),
    "a list that names nobody": (
        lambda folder: (folder / "readers.csv").write_text("email\n", "utf-8"),
        (),
        "readers.csv: names no reader; export it again; nothing was changed",
    ),
    "a list of suppressions with a bad row": (
        lambda folder: (folder / "left.txt").write_text("email\nnobody\n", "utf-8"),
        (),
        "left.txt, line 2: is no address, and stands in a list of suppressions; mend the row; nobody was written to",
    ),
    "an option that is of one letter": (
        lambda _: None,
        ("--test", "me@example.com"),
        "--test does not go with --editions",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_must_not_leave_is_refused_in_a_line(desk: Path, server: smtp.Server, name: str) -> None:
    """One line says what is wrong and what to do, and nobody is written to."""
    change, options, message = REFUSED[name]
    (desk / "left.txt").touch()
    send = yaml.safe_load((desk / "digest.yaml").read_text("utf-8"))["send"]
    configure(desk, send={**send, "suppressions": ["left.txt"]})
    change(desk)
    done = run(desk, *NOW, *options)

    told = re.sub(r"edition [0-9a-f]{32} ", "edition NAME ", done.told)
    assert told.splitlines()[-1].removeprefix("Error: ") == message
    assert (done.status, done.printed) == (2 if "--test" in options else 1, "")
    assert server.sessions == 0
    assert not (desk / EDITIONS / "claims").exists()


TARGETS = {
    "buttondown": (
        {"kind": "buttondown", "key": {"env": "SERVICE_KEY"}},
        "smtp",
        "buttondown takes one letter for all",
    ),
    "file": ({"kind": "file"}, "smtp", "file takes one letter for all readers, and editions are many"),
    "outbox": ({"kind": "outbox"}, "", "outbox reaches nobody; use --dry-run to look at the messages"),
}


@pytest.mark.parametrize("kind", TARGETS)
def test_a_target_of_one_letter_is_refused_by_name(desk: Path, kind: str) -> None:
    """What takes one letter for all, or reaches nobody, takes no editions."""
    configure(desk, targets={"it": TARGETS[kind][0]})
    done = run(desk, "send", ISSUE, "--to", "it", "--editions", "--send", "--yes")

    assert done.status == 1
    assert done.told.startswith(f"targets.it: {TARGETS[kind][2]}")
    assert len(done.told.splitlines()) == 1


def test_letters_that_must_not_go_out_are_found_first(desk: Path) -> None:
    """`check` judges editions, too: a sender that was never set up leaves this machine in no letter."""
    relay = {"kind": "smtp", "host": "mail.example.com", "security": "starttls"}
    configure(desk, targets={"relay": relay}, newsletter={**OWN, "from": "News <news@example.com>"})
    shutil.rmtree(desk / "editions")
    configure(desk, editions={"topics": ["AI", "Robotics"], "limit": 1, "fewest": 1, "parts": 1})
    (desk / "readers.csv").write_text(f"email,topics\n{MARKER}@example.com,AI\n", "utf-8")
    assert run(desk, *DAY, "--part", "1/1", "--quiet").status == 0
    done = run(desk, "send", ISSUE, "--to", "relay", "--editions")

    assert done.status == 1
    place = rf"{EDITIONS}/editions/part-1\.jsonl: edition [0-9a-f]{{32}}"
    for line in done.told.splitlines():
        assert re.fullmatch(rf"{place}: placeholder-identity: .*; set newsletter\..*", line)


def test_who_all_have_an_edition_need_no_issue_for_all(desk: Path, server: smtp.Server) -> None:
    """Where nobody gets the issue for all it need not be built; the claims alone say who has a letter."""
    shutil.rmtree(desk / "out")
    shutil.rmtree(desk / "editions")
    (desk / "readers.csv").write_text(f"email,topics\n{MARKER}@example.com,AI\n", "utf-8")
    assert run(desk, *DAY, "--part", "1/1", "--quiet").status == 0
    done = run(desk, *NOW)

    assert (done.printed.splitlines()[-1], done.told) == ("1 sent", "")
    assert run(desk, *NOW).printed.splitlines()[-1] == "nothing to do: 1 sent"
    assert (len(server.messages), (desk / "out").exists()) == (1, False)
    assert run(desk, "sent").printed.startswith(f"{ISSUE}  editions  sent  ")


def test_nobody_gets_a_letter(desk: Path, server: smtp.Server) -> None:
    """Where no reader gets a letter there is nothing to send, which has an exit status of its own."""
    shutil.rmtree(desk / "editions")
    (desk / "readers.csv").write_text(f"email,topics\n{MARKER}@example.com,Power Apps\n", "utf-8")
    assert run(desk, *DAY, "--part", "1/1", "--quiet").status == 0
    done = run(desk, *NOW)

    assert (done.status, server.sessions) == (3, 0)
    assert done.told.startswith(f"{EDITIONS}: none of its readers gets a letter; ")


def test_a_part_is_of_editions(desk: Path) -> None:
    """--part without --editions is wrong usage."""
    done = run(desk, "send", ISSUE, "--to", "relay", "--part", "1/2")
    assert (done.status, done.told.splitlines()[-1]) == (2, "Error: --part is of editions; add --editions")


def test_the_section_can_be_followed(desk: Path, server: smtp.Server) -> None:
    """The commands of docs/editions.md on sending work as they stand there, once somebody says yes."""
    section = (golden.ROOT / "docs" / "editions.md").read_text("utf-8").partition("## Sending")[2]
    commands = [line for line in section.splitlines() if line.startswith("digest ")]
    assert len(commands) == 7
    for line in commands:
        words = shlex.split(line, comments=True)[1:]
        here = ["--insecure", *(["--yes"] if "--send" in words else [])] if words[0] == "send" else []
        parts = ["--part", f"1/{PARTS}"] if words[0] == "editions" else []
        assert run(desk, *words, *here, *parts).status == 0, line
    assert len(server.messages) == 59


@settings(max_examples=50, deadline=None)
@given(st.lists(st.frozensets(st.integers(0, 9), min_size=1), min_size=1, max_size=12), st.data())
def test_letters_that_are_checked_show_each_story(stories: list[frozenset[int]], data: st.DataObject) -> None:
    """Of whatever editions: the longest is checked first, that of most readers too, and each story stands in one."""
    names = [f"{number:032x}" for number in range(len(stories))]
    rows = [
        {
            "edition": name,
            "subject": "S",
            "asked": {},
            "language": "",
            "had": [],
            "sections": [{"title": "T", "picks": [f"{story}.md" for story in sorted(own)]}],
        }
        for name, own in zip(names, stories, strict=True)
    ]
    gets = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=30))
    with tempfile.TemporaryDirectory() as folder:
        place = storage.opened(folder)
        readers = [{"reader": f"{number:032x}", "edition": name} for number, name in enumerate(gets)]
        for file, lines in ((part_files.editions_file(1), rows), (part_files.readers_file(1), readers)):
            place.write(file, "".join(f"{json.dumps(row)}\n" for row in ({}, *lines)).encode())
        shares = dispatch._to_check(place, [1])

    shown = [stories[names.index(name)] for _, name in shares]
    assert len(shown[0]) == max(map(len, stories))
    assert max(map(gets.count, names)) in {gets.count(name) for _, name in shares}
    assert frozenset().union(*shown) == frozenset().union(*stories)


def test_a_target_of_somebodys_own_has_to_say_that_it_can(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that says nothing may send its own copy of one letter to all, so it is refused; one that says so works."""
    code = (golden.ROOT / "tests" / "old_targets" / "letterbox_target.py").read_text("utf-8")
    install(desk / "site", monkeypatch, {"letterbox": "letterbox_target"})
    configure(desk, targets={"mine": {"kind": "letterbox", "folder": "box"}})
    told = {}
    for able in ("test=True", "test=True, editions=True"):
        (desk / "site" / "letterbox_target.py").write_text(code.replace("test=True", able), "utf-8")
        monkeypatch.delitem(sys.modules, "letterbox_target", raising=False)
        importlib.invalidate_caches()
        told[able] = run(desk, "send", ISSUE, "--to", "mine", "--editions", "--send", "--yes")

    assert told["test=True"].told == (
        "targets.mine: letterbox takes one letter for all readers, and editions are many; "
        "name a target that takes a message a reader, such as smtp\n"
    )
    assert told["test=True, editions=True"].printed.splitlines()[-1] == "59 sent"
    assert len({read(file.read_bytes()) for file in desk.glob("box/*/*.eml")}) > 20


def test_an_earlier_issue_that_goes_on_holds_up_no_editions(desk: Path, server: smtp.Server) -> None:
    """Where more readers get last week's issue after this week's editions were made, these are still what they were."""
    last = ("send", ISSUE, "--to", "relay", "--insecure", "--send", "--yes", "--recipients", "few.csv")
    (desk / "few.csv").write_text("email\nann@example.com\n", "utf-8")
    assert run(desk, *last).status == 0
    assert run(desk, "build", "--date", "2020-11-18", "--quiet").status == 0
    assert run(desk, "editions", "--date", "2020-11-18", "--part", "1/1", "--quiet").status == 0
    (desk / "few.csv").write_text("email\nann@example.com\nbob@example.com\n", "utf-8")
    assert run(desk, *last).status == 0
    done = run(desk, "send", "2020-11-18", *NOW[2:])

    assert (done.status, done.told) == (0, "")
    assert len(server.messages) > 2
