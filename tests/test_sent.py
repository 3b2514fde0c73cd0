"""sent.json: what it says, what it survives, and what it refuses to be read from."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from digest.errors import RecordError
from digest.issue import sent

if TYPE_CHECKING:
    from pathlib import Path


def hand_over(target: str = "relay", *, kind: str = "smtp", readers: int | None = 50) -> sent.HandOver:
    """Return a finished hand-over."""
    return sent.HandOver(
        target=target, kind=kind, state="sent", at=sent.moment(1_605_081_600), readers=readers, content="c0ffee"
    )


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """A hand-over comes back as it was, with its time in UTC."""
    once = sent.with_hand_over(None, hand_over(), issue="2020-11-11", newsletter="The AI Week")
    (tmp_path / sent.FILE).write_bytes(sent.to_bytes(once))

    assert sent.read(str(tmp_path)) == once
    assert once.hand_overs[0].at == "2020-11-11T08:00:00+00:00"


def test_a_target_stands_once() -> None:
    """A second hand-over to the same target replaces the first; another target stands beside it."""
    once = sent.with_hand_over(None, hand_over(readers=10), issue="2020-11-11", newsletter="N")
    again = sent.with_hand_over(once, hand_over(readers=50), issue="2020-11-11", newsletter="N")
    both = sent.with_hand_over(again, hand_over("file", kind="file", readers=None), issue="2020-11-11", newsletter="N")

    assert [one.readers for one in again.hand_overs] == [50]
    assert [one.target for one in both.hand_overs] == ["relay", "file"]
    assert both.readers == 50
    assert sent.without(again, "relay") is None


def test_editions_stand_beside_one_letter_for_all(tmp_path: Path) -> None:
    """A hand-over of editions is another than that of the issue to the same target, and files of before have none."""
    plain = sent.with_hand_over(None, hand_over(), issue="2020-11-11", newsletter="N")
    editions = replace(hand_over(readers=7), editions=True)
    both = sent.with_hand_over(plain, editions, issue="2020-11-11", newsletter="N")
    (tmp_path / sent.FILE).write_bytes(sent.to_bytes(both))

    assert b"editions" not in sent.to_bytes(plain)
    assert sent.read(str(tmp_path)) == both
    assert (both.to("relay"), both.to("relay", editions=True)) == (hand_over(), editions)
    assert both.readers == 57
    assert sent.without(both, "relay", editions=True) == plain
    assert sent.without(both, "relay") == replace(plain, hand_overs=(editions,))


@pytest.mark.parametrize(
    ("hand_overs", "sentence"),
    [
        ([hand_over(readers=1_204)], "sent to 1,204 readers"),
        ([hand_over(readers=1)], "sent to 1 reader"),
        ([hand_over("listmonk", kind="listmonk", readers=None)], "handed to listmonk"),
        ([hand_over("", kind="", readers=None)], "marked as sent"),
    ],
    ids=["several", "one", "a service", "marked"],
)
def test_it_says_who_got_it(hand_overs: list[sent.HandOver], sentence: str) -> None:
    """The sentence counts readers where they are known and names the service where they are not."""
    assert sent.Sent(issue="d", newsletter="n", hand_overs=tuple(hand_overs)).in_words() == sentence


BROKEN = {
    "empty": b"",
    "half": b'{"format": 1, "issue"',
    "deep": b"[" * 100_000,
    "other-format": b'{"format": 2, "issue": "d", "newsletter": "n", "hand_overs": []}',
    "no-hand-over": b'{"format": 1, "issue": "d", "newsletter": "n", "hand_overs": []}',
    "list": b"[]",
    "not-utf-8": b"\xff",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_damaged_file_is_an_error(tmp_path: Path, name: str) -> None:
    """What cannot be read is never taken for "not handed over"."""
    (tmp_path / sent.FILE).write_bytes(BROKEN[name])

    with pytest.raises(RecordError) as caught:
        sent.read(str(tmp_path))
    assert str(caught.value) == (
        f"{tmp_path}/sent.json: is damaged, and it says who has this issue; "
        "bring it back, or write it anew with `digest sent --mark DAY`"
    )


def test_what_readers_got_is_the_copy_where_there_is_one(tmp_path: Path) -> None:
    """An issue that was built again keeps what readers got in `sent`."""
    assert sent.copy_of(str(tmp_path)) == str(tmp_path)
    (tmp_path / "sent").mkdir()
    (tmp_path / "sent" / "issue.json").write_text(json.dumps({}), encoding="utf-8")

    assert sent.copy_of(str(tmp_path)) == str(tmp_path / "sent")
