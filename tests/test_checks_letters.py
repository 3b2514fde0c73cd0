"""`digest check FILE`: letters of any maker, judged as far as their files go, and what is passed over named."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import faults
import golden
import pytest
from click.testing import CliRunner, Result

from digest import checks, cli
from digest.checks import letters, report
from digest.errors import RecordError

PAGE = (
    "<!DOCTYPE html><html lang='en' dir='ltr'><head><meta charset='utf-8'><title>A title</title></head><body>"
    "<p>Words of a letter that others have made, and a <a href='https://news.example.com/a'>link in it</a>.</p>"
    "</body></html>"
)


def run(*arguments: str) -> Result:
    """Run `digest check`."""
    return CliRunner().invoke(cli.main, ["check", *arguments])


def message(**headers: str) -> bytes:
    """Return a message of text and page as a mail program saves it."""
    letter = EmailMessage()
    for name, value in headers.items():
        letter[name.replace("_", "-")] = value
    letter.set_content("Words of a letter.\n")
    letter.add_alternative(PAGE, subtype="html")
    return letter.as_bytes()


@pytest.mark.parametrize("name", ["index.html", "message.eml", ""], ids=["page", "message", "folder"])
@pytest.mark.parametrize("case", golden.cases(), ids=lambda case: case.name)
def test_our_own_letters_are_sound_without_their_record(tmp_path: Path, case: Path, name: str) -> None:
    """Nothing stands against a golden issue that was carried off: its page, its message, or all but the record."""
    for file in ("index.html", "index.txt", "message.eml"):
        shutil.copy(case / file, tmp_path)

    letter = checks.read_letter(str(tmp_path / name))
    findings, passed_over = checks.check_letter(letter)

    assert findings == ()
    lacking = {"record", "message", "text"} if name == "index.html" else {"record"}
    assert {each.part for each in passed_over} == lacking
    assert len(checks.verdicts(letter.files)) > 15


WHOLE = [fault for fault in faults.FAULTS if fault.rule != "file-missing"]
"""Faults of files that are all there."""


@pytest.mark.parametrize("fault", WHOLE, ids=lambda fault: fault.name)
def test_a_fault_is_named_without_a_record(tmp_path: Path, fault: faults.Fault) -> None:
    """A fault is told of a letter without a record, too, unless its rule is named among those that were not asked."""
    files = fault.files()
    for name in ("index.html", "index.txt", "message.eml"):
        (tmp_path / name).write_bytes(files[name])

    findings, passed_over = checks.check_letter(checks.read_letter(str(tmp_path)))
    # A message without any CR is one that a disk has kept.
    about_the_record = {"record", "record-hash", "article-words", "mime-lines"}

    assert fault.rule in {
        *(finding.rule for finding in findings),
        *(each.rule for each in passed_over),
        *about_the_record,
        # Judged by the record in an issue of ours; of others the subject of the message counts.
        *(name for name in checks.RULES if name.startswith(("subject-", "spam-", "lang"))),
    }


def test_a_page_is_judged_and_what_it_lacks_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page alone is judged as a page; rules about text, message and record are named as not asked."""
    monkeypatch.chdir(tmp_path)
    Path("theirs.html").write_text(PAGE.replace("<p>", "<p onclick='x()'>"), encoding="utf-8")
    done = run("theirs.html")
    lines = done.output.splitlines()

    assert done.exit_code == 1
    assert [line.split()[2] for line in lines if line.startswith("error    event-handler")] == ["theirs.html:1"]
    assert [line.partition(": ")[0] for line in lines if line.startswith("not asked")] == [
        "not asked, as there is no message",
        "not asked, as there is no record",
        "not asked, as there is no text",
    ]
    assert json.loads(run("theirs.html", "--json").output)["not_asked"]["story-missing"] == "record"


def test_a_message_is_judged_as_it_was_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Line ends of the disk and marks of servers on the way are no faults; a header that is owed and missing is."""
    monkeypatch.chdir(tmp_path)
    received = b"Received: from a.example.com\nReceived: from b.example.com\nX-Spam: no\nX-Spam: no\n"
    Path("a.eml").write_bytes(received + message(Subject="RE: A subject", From="News <news@news.example.com>"))
    findings, passed_over = checks.check_letter(checks.read_letter("a.eml"))
    of_message = [(each.rule, each.element) for each in findings if each.file == "a.eml"]

    assert ("header-missing", "List-Unsubscribe") in of_message
    assert ("subject-reply", "subject") in of_message
    assert not {"header-twice", "mime-lines", "mime-encoding"} & {rule for rule, _ in of_message}
    assert {each.part for each in passed_over} == {"record"}
    assert {"a.eml", "a.eml (HTML part)"} <= {each.file for each in findings}


def test_a_folder_is_one_letter(tmp_path: Path) -> None:
    """Of several pages the one called index.html is the letter; without it nobody can know."""
    for name in ("a.html", "b.html"):
        (tmp_path / name).write_text(PAGE, encoding="utf-8")
    with pytest.raises(RecordError, match=r"has 2 files \.html and no index\.html; name one of them"):
        checks.read_letter(str(tmp_path))
    (tmp_path / "index.html").write_text(PAGE, encoding="utf-8")

    assert checks.check_letter(checks.read_letter(str(tmp_path)))[0]


def test_what_is_no_letter_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of another kind, a message without a page, a file too large: one line each, status 1."""
    monkeypatch.chdir(tmp_path)
    Path("a.pdf").write_bytes(b"%PDF")
    Path("plain.eml").write_bytes(b"Subject: x\n\nWords\n")
    with Path("large.html").open("wb") as handle:
        handle.truncate(letters.LARGEST + 1)
    os.mkfifo("pipe.eml")
    Path("folder.eml").mkdir()
    Path("pages/a.html").mkdir(parents=True)
    endings = ".html, .htm, .xhtml, .eml"

    for name, problem in (
        ("a.pdf", f"is no letter; name a file that ends in {endings}, or a folder"),
        ("plain.eml", "has no part that is HTML; name a letter that has one"),
        ("large.html", "has more than 52,428,800 bytes; name a letter"),
        ("pipe.eml", "is a pipe, not a file; name another file"),
        ("folder.eml", "there is no issue; build it first, or name the folder of one"),
        ("missing.html", "there is no issue; build it first, or name the folder of one"),
    ):
        done = run(name)
        assert (done.exit_code, done.output) == (1, f"{name}: {problem}\n")
    assert run("pages").output == "pages/a.html: is a folder, not a file; name another file\n"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file and a folder without permissions are one line each."""
    monkeypatch.chdir(tmp_path)
    Path("closed").mkdir(mode=0)
    Path("a.html").write_text(PAGE, encoding="utf-8")
    Path("a.html").chmod(0)

    assert run("closed").output == "closed: cannot be read (Permission denied); make it readable\n"
    assert run("a.html").output == "a.html: cannot be read (Permission denied); name another file\n"


@pytest.mark.parametrize("charset", ["x-klingon", "idna", "undefined", "hex", '"utf\0-8"', "unicode_escape"], ids=ascii)
def test_a_page_in_any_charset_is_judged(tmp_path: Path, charset: str) -> None:
    """A charset that nobody knows, or that is no charset of texts, is taken for UTF-8."""
    head = f"Content-Type: text/html; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    (tmp_path / "a.eml").write_bytes((head + PAGE.replace("Words", "Wörter")).encode())
    letter = checks.read_letter(str(tmp_path / "a.eml"))

    assert b"link in it" in letter.files["index.html"]
    assert checks.check_letter(letter)[0]


@pytest.mark.parametrize(
    "content", [b"", b"\0", b"<p>Words\0</p>", b"\xff\xfe<", b"<b>a" * 1200], ids=lambda raw: raw[:9]
)
def test_a_page_of_anything_is_judged(tmp_path: Path, content: bytes) -> None:
    """No bytes, NULs, bytes of no charset, elements too deep inside each other: each has findings and no traceback."""
    (tmp_path / "a.html").write_bytes(content)

    assert checks.check_letter(checks.read_letter(str(tmp_path / "a.html")))[0]


NESTED = b"".join(
    b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(3000)
)


@pytest.mark.parametrize(
    ("head", "problem"),
    [
        (b"From: news@\r\n", "its header From cannot be read"),
        (b"Date: Mon, 1 Jan 99999999999 00:00:00 +0000\r\n", "its header Date cannot be read"),
        (b"Message-ID: <\r\n", "its header Message-ID cannot be read"),
        (NESTED, "its parts cannot be read"),
    ],
    ids=["from", "date", "message-id", "nested"],
)
def test_a_message_that_cannot_be_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: bytes, problem: str
) -> None:
    """A header or a nesting at which Python's parser fails is one line, in a letter and in an issue of ours."""
    monkeypatch.chdir(tmp_path)
    Path("a.eml").write_bytes(head + b"Content-Type: text/html\r\n\r\n" + PAGE.encode())
    Path("issue").mkdir()
    for name, content in (faults.sound() | {"message.eml": Path("a.eml").read_bytes()}).items():
        Path("issue", name).write_bytes(content)

    for place, name in (("a.eml", "a.eml"), ("issue", "message.eml")):
        done = run(place)
        assert (done.exit_code, done.output) == (1, f"{name}: {problem}; mend or remove what is wrong in it\n")


def test_findings_as_sarif(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--sarif` writes a log that names each rule once, each finding at its line, and what is waived as suppressed."""
    monkeypatch.chdir(tmp_path)
    Path("a b.html").write_text(PAGE.replace("<p>", "<p onclick='x()'>"), encoding="utf-8")
    run("a b.html", "--sarif", "log.sarif")
    log = json.loads(Path("log.sarif").read_text(encoding="utf-8"))
    (one_run,) = log["runs"]
    rules = [rule["id"] for rule in one_run["tool"]["driver"]["rules"]]
    (handler,) = [each for each in one_run["results"] if each["ruleId"] == "event-handler"]
    findings, _ = checks.check_letter(checks.read_letter("a b.html"))

    assert log["version"] == "2.1.0"
    assert rules == sorted({finding.rule for finding in findings})
    assert [rules[each["ruleIndex"]] for each in one_run["results"]] == [finding.rule for finding in findings]
    assert handler["level"] == "error"
    assert handler["locations"] == [
        {"physicalLocation": {"artifactLocation": {"uri": "a%20b.html"}, "region": {"startLine": 1}}}
    ]
    waived = json.dumps(report.sarif([replace(findings[0], waived="a reason")], checks.RULES))
    assert '"suppressions": [{"kind": "external", "justification": "a reason"}]' in waived


def places(log: str) -> set[tuple[str, bool]]:
    """Return where the results of a SARIF log are: each address, and whether a line of it is named."""
    results = json.loads(Path(log).read_text(encoding="utf-8"))["runs"][0]["results"]
    shown = [each["locations"][0]["physicalLocation"] for each in results]
    return {(place["artifactLocation"]["uri"], "region" in place) for place in shown}


def test_sarif_names_files_that_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses lead from where the command ran to the file: an issue's folder, a message for its part, odd bytes."""
    monkeypatch.chdir(tmp_path)
    issue = next(fault for fault in faults.FAULTS if fault.name == "grey on white").files()
    Path("out/2020-11-22").mkdir(parents=True)
    for name, content in issue.items():
        Path("out/2020-11-22", name).write_bytes(content)
    Path("a.eml").write_bytes(message(Subject="A subject"))
    odd = os.fsdecode(b"b\xff.html")
    Path(odd).write_text("<p>Words</p>", encoding="utf-8")
    run("2020-11-22", "--sarif", "issue.sarif")
    run("a.eml", "--sarif", "message.sarif")
    run(str(tmp_path / "a.eml"), "--sarif", "absolute.sarif")
    run(odd, "--sarif", "odd.sarif", "--html", "odd.html")

    assert ("out/2020-11-22/index.html", True) in places("issue.sarif")
    assert {uri for uri, _ in places("message.sarif")} == {"a.eml"}
    assert {uri for uri, _ in places("absolute.sarif")} == {(tmp_path / "a.eml").as_uri()}
    assert {uri for uri, _ in places("odd.sarif")} == {"b%FF.html"}
    assert "<h1>b?.html: " in Path("odd.html").read_text(encoding="utf-8")
