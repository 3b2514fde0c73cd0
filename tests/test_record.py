from __future__ import annotations

import dataclasses
import json
import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from mailroom import DAY, Mailroom
from samples import WINDOW, address, article, full_issue, issue, message, newsletter, section, story

from digest.errors import RecordError
from digest.issue import record
from digest.model import Window

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from digest.model import Article, Issue

HASH = re.compile("[0-9a-f]{64}")
INPUTS = {"settings": "a" * 64, "theme": "b" * 64}
FILES = {"index.html": b"<p>Hello</p>", "index.txt": b"Hello\n"}


def of(shown: Issue) -> dict[str, Any]:
    """Return the record of *shown* with the sample files."""
    return record.of(shown, newsletter(), message(), inputs=INPUTS, files=FILES)


def candidates(*found: Article) -> str:
    """Return the hash of the candidates of an issue with those articles."""
    return str(of(issue(*found))["inputs"]["candidates"])


def test_round_trip(tmp_path: Path) -> None:
    """What is written is read back equal."""
    written = of(full_issue())
    (tmp_path / "issue.json").write_bytes(record.to_bytes(written))
    assert written == record.read(str(tmp_path))


def test_keys_are_sorted() -> None:
    """On disk the keys of every mapping are in order."""
    orders: list[list[str]] = []
    written = record.to_bytes(of(full_issue()))
    json.loads(written, object_pairs_hook=lambda pairs: orders.append([key for key, _ in pairs]))
    assert [sorted(keys) for keys in orders] == orders


def test_same_issue_gives_same_bytes() -> None:
    """No clock, path or chance is in a record."""
    assert record.to_bytes(of(full_issue())) == record.to_bytes(of(full_issue()))


def test_record_is_readable_text() -> None:
    """On disk the record is UTF-8 that a person can read, with a line end."""
    written = record.to_bytes(of(issue(article("Grüße aus 東京"))))
    assert "Grüße aus 東京".encode() in written
    assert written.endswith(b"\n}\n")


def test_top_has_every_key_of_the_design() -> None:
    """Every part of the record that the design names is there, and no other."""
    assert sorted(of(issue())) == [
        "empty",
        "format",
        "id",
        "inputs",
        "newsletter",
        "notes",
        "outputs",
        "preheader",
        "sections",
        "subject",
        "trimmed",
        "verdicts",
        "web_only",
        "weight",
        "window",
    ]


def test_top_says_what_was_sent() -> None:
    """Format, name, window, newsletter and words of the message are as they went out."""
    found = of(issue())
    assert {key: found[key] for key in ("format", "id", "window", "newsletter", "subject", "preheader")} == {
        "format": 1,
        "id": "2020-11-11",
        "window": {"first": "2020-11-05", "last": "2020-11-11", "timezone": "UTC"},
        "newsletter": {"name": "The AI Week", "language": "en", "web": "https://example.com/issues/2020-11-11/"},
        "subject": "Robots learn to fold towels",
        "preheader": "Also: bees",
    }


def test_pick_has_every_key_of_the_design() -> None:
    """A pick is recorded with its article, its coverage and how it came in."""
    told = story(also=(("Lab Notes", "https://lab.example.com/1"),))
    assert of(issue(told))["sections"] == [
        {
            "title": "AI",
            "topics": ["AI"],
            "picks": [
                {
                    "path": "towels.md",
                    "url": "https://news.example.com/towels",
                    "title": "Robots learn to fold towels",
                    "heat": 89,
                    "provider": "Wired Meadow",
                    "published": "2020-11-09T10:29:00Z",
                    "excerpt": "They did it in the dark.",
                    "addresses": ["lab.example.com/1", "news.example.com/towels"],
                    "also": [
                        {
                            "provider": "Lab Notes",
                            "url": "https://lab.example.com/1",
                            "link": "https://lab.example.com/1",
                        }
                    ],
                    "link": "https://news.example.com/towels",
                    "coverage": 2,
                    "late": False,
                    "pinned": False,
                    "changed": {"title": None, "excerpt": None},
                }
            ],
        }
    ]


def test_verdict_has_every_key_of_the_design() -> None:
    """A verdict is recorded with its article, the rule, the section and the reason."""
    [verdict] = of(issue())["verdicts"]
    assert {
        "path": "towels.md",
        "url": "https://news.example.com/towels",
        "heat": 89,
        "verdict": "picked",
        "section": "AI",
        "because": "it is the hottest",
    }.items() <= verdict.items()


def test_undated_and_unscored_are_null() -> None:
    """What an article lacks is null in its verdict, not left out."""
    bare = dataclasses.replace(article(), heat=None, published_at=None, url=None)
    [verdict] = of(issue(bare))["verdicts"]
    assert (verdict["heat"], verdict["published"], verdict["url"]) == (None, None, None)


def test_outputs_are_hashed() -> None:
    """Each file is recorded with the SHA-256 of its bytes."""
    assert of(issue())["outputs"] == {
        "index.html": "d0a26d23e9d8e0538fd47e7bc502d26cf6c320e8daaec7c8521d4769530f5900",
        "index.txt": "66a045b452102c59d840ec097d59d9467e13a3f34f6494e539ffd32c1bb35f18",
    }


def test_inputs_are_hashed() -> None:
    """Settings, theme and candidates are recorded, the last by a hash of its own."""
    found = of(issue())["inputs"]
    assert {**INPUTS, "candidates": found["candidates"]} == found
    assert HASH.fullmatch(found["candidates"])


@pytest.mark.parametrize(
    "other",
    [
        article("Another title"),
        article(excerpt="Another excerpt."),
        article(provider="Lab Notes"),
        article(picture="https://pictures.example.com/b.png"),
        dataclasses.replace(article(), heat=90),
        dataclasses.replace(article(), words=900),
        dataclasses.replace(article(), minutes=4),
        dataclasses.replace(article(), addresses=(address("https://amp.example.com/towels"),)),
    ],
    ids=["title", "excerpt", "provider", "picture", "heat", "words", "minutes", "address"],
)
def test_candidates_hash_sees_every_field(other: Article) -> None:
    """A change in any field of a candidate changes the hash of the candidates."""
    assert candidates(article()) != candidates(other)


def test_candidates_hash_sees_no_order() -> None:
    """The order in which candidates were judged does not change their hash."""
    one, other = article(path="a.md"), article(path="b.md")
    assert candidates(one, other) == candidates(other, one)


def test_choice_is_part_of_the_record() -> None:
    """What is known before there is a message reads the same in the whole record, but for the links as sent."""
    choice, whole = record.of_choice(full_issue()), of(full_issue())
    for section_of_it in whole["sections"]:
        for pick in section_of_it["picks"]:
            assert pick.pop("link") == pick["url"]
            pick["also"] = [{"provider": one["provider"], "url": one["url"]} for one in pick["also"]]

    assert sorted(choice) == ["empty", "id", "sections", "verdicts", "window"]
    assert choice.items() <= whole.items()


def test_sections_stand_in_reading_order() -> None:
    """Sections are recorded in the order in which they are read."""
    shown = issue(sections=(section(article(), title="Zoo"), section(article(), title="AI")))
    assert [one["title"] for one in of(shown)["sections"]] == ["Zoo", "AI"]


@pytest.mark.parametrize(
    "window", [WINDOW, Window(first=date(2020, 1, 1), last=date(2020, 1, 1), timezone="Asia/Tokyo")]
)
def test_window_comes_back(window: Window) -> None:
    """The window of a record is the one the issue had."""
    assert window == record.window(of(dataclasses.replace(issue(), window=window)))


def test_missing_record_is_named(tmp_path: Path) -> None:
    """An issue that was never built fails with the file and what to do."""
    with pytest.raises(RecordError) as caught:
        record.read(str(tmp_path / "2020-11-11"))
    assert str(caught.value) == (
        f"{tmp_path}/2020-11-11/issue.json: cannot be read (No such file or directory); build the issue first"
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is damaged; build the issue again"),
        (b'{"format": 1, "id": ', "is damaged; build the issue again"),
        (b"\xff\xfe", "is damaged; build the issue again"),
        (b"[" * 100_000, "is damaged; build the issue again"),
        (b"[]", "is not a record of format 1; build the issue again"),
        (b"{}", "is not a record of format 1; build the issue again"),
        (b'{"format": 2}', "is not a record of format 1; build the issue again"),
        (b'{"format": "1"}', "is not a record of format 1; build the issue again"),
    ],
    ids=["empty", "cut-off", "no-text", "deep", "list", "no-format", "newer", "text"],
)
def test_unusable_record_is_named(tmp_path: Path, content: bytes, expected: str) -> None:
    """A damaged record, or one of another format, fails with the file and what to do."""
    (tmp_path / "issue.json").write_bytes(content)
    with pytest.raises(RecordError) as caught:
        record.read(str(tmp_path))
    assert f"{tmp_path}/issue.json: {expected}" == str(caught.value)


FOREIGN: dict[str, Callable[[dict[str, Any]], object]] = {
    "no-sections": lambda record: record.pop("sections"),
    "section-without-picks": lambda record: record["sections"].insert(0, {"title": 1}),
    "sections-are-text": lambda record: record.update(sections="x"),
    "no-newsletter": lambda record: record.update(newsletter=None),
    "window-is-a-number": lambda record: record.update(window=3),
    "empty-verdict": lambda record: record["verdicts"].insert(0, {}),
    "id-is-no-day": lambda record: record.update(id="soon"),
    "date-is-none": lambda record: record["sections"][0]["picks"][0].update(published="soon"),
    "date-without-zone": lambda record: record["verdicts"][0].update(published="2020-11-01T10:00:00"),
    "no-outputs": lambda record: record.pop("outputs"),
}


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("command", ["explain", "send", "build", "replay", "sent"])
def test_a_record_from_elsewhere_is_one_error(tmp_path: Path, name: str, command: str) -> None:
    """Whatever reads a record says which one digest did not write, and what to do."""
    room = Mailroom(tmp_path)
    room.build()
    room.run("sent", "--mark", DAY)
    file = tmp_path / "out" / DAY / "issue.json"
    values = json.loads(file.read_text("utf-8"))
    FOREIGN[name](values)
    file.write_text(json.dumps(values, sort_keys=True, indent=1), "utf-8")
    arguments = {
        "explain": ["--date", DAY],
        "send": [DAY, "--to", "file"],
        "build": ["--date", "2020-11-12"],
        "replay": ["--to", "2020-11-12", "--last", "1"],
        "sent": ["--mark", DAY],
    }
    done = room.run(command, *arguments[command])

    assert done.returncode == 1
    assert f"out/{DAY}/issue.json: is not a record that digest wrote" in done.stderr
