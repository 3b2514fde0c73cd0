from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mailroom import Mailroom, date_of, undated
from samples import issue, message, newsletter

from digest.errors import SendingError
from digest.mail import personalise
from digest.mail.built import BuiltIssue, Reader
from digest.mail.mime import to_bytes
from digest.text import sanitize

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

GENERAL = "https://example.com/unsubscribe"
OWN = "https://example.com/u?e=ann%40example.com&t=a=b"
AT = 1_700_000_000.75


def letter(html: str, text: str) -> BuiltIssue:
    """Return a letter with those parts, its MIME made as a build makes it."""
    shown = message(html=html, text=text)
    return BuiltIssue(
        issue="2020-11-11",
        newsletter="The AI Week",
        label="the-ai-week",
        sender_name="The AI Week",
        sender="news@example.com",
        subject=shown.subject,
        preheader=shown.preheader,
        html=html,
        text=text,
        mime=to_bytes(shown, issue(), newsletter()),
        unsubscribe=GENERAL,
        unsubscribe_mail="mailto:news@example.com?subject=unsubscribe",
        web="https://example.com/issues/2020-11-11/",
    )


def parsed(raw: bytes) -> EmailMessage:
    """Return a message as a mail client reads it."""
    return email.message_from_bytes(raw, policy=email.policy.default)


def part(raw: bytes, kind: str) -> str:
    """Return a part's words with the line ends of the program."""
    [found] = [one for one in parsed(raw).walk() if one.get_content_type() == kind]
    return str(found.get_content()).replace("\r\n", "\n")


def sent(shown: BuiltIssue, reader: str = "ann@example.com", own: str = OWN, at: float = AT) -> bytes:
    """Return what a reader gets."""
    return personalise.cut(shown).message(Reader(address=reader), own, at=at, one_click=own != GENERAL)


def test_a_real_issue_differs_only_where_readers_differ(tmp_path: Path) -> None:
    """With the general address put back, the message of a reader says what message.eml says, header by header."""
    shown = Mailroom(tmp_path).build()
    raw = sent(shown)
    built, own = parsed(shown.mime), parsed(raw)

    assert own["To"] == "ann@example.com"
    assert own["List-Unsubscribe"] == f"<{OWN}>, <mailto:news@example.com?subject=unsubscribe>"
    assert (own["Date"], own["List-Unsubscribe-Post"]) == (
        "Tue, 14 Nov 2023 22:13:20 +0000",
        "List-Unsubscribe=One-Click",
    )
    differing = {"To", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"}
    assert own.keys() == built.keys()
    assert [name for name in own if name not in differing and own[name] != built[name]] == []
    assert part(raw, "text/html").replace(OWN.replace("&", "&amp;"), GENERAL) == shown.html
    assert part(raw, "text/plain").replace(OWN, GENERAL) == part(shown.mime, "text/plain")
    assert f'href="{OWN.replace("&", "&amp;")}"' in part(raw, "text/html")
    assert GENERAL not in part(raw, "text/html") + part(raw, "text/plain")


def test_general_address_gives_the_built_words(tmp_path: Path) -> None:
    """A reader without an address of their own gets the parts as built."""
    shown = Mailroom(tmp_path).build()
    raw = sent(shown, own=GENERAL)

    assert (part(raw, "text/html"), part(raw, "text/plain")) == (shown.html, part(shown.mime, "text/plain"))


def test_one_click_is_offered_where_the_address_is_the_readers_own() -> None:
    """Without an address of their own a reader gets no List-Unsubscribe-Post, nor does whoever takes the file."""
    shown = letter(f'<a href="{GENERAL}">a</a>', GENERAL)

    assert parsed(sent(shown, own=OWN)).get_all("List-Unsubscribe-Post") == ["List-Unsubscribe=One-Click"]
    for shared in (sent(shown, own=GENERAL), personalise.dated(shown.mime, AT)):
        assert "List-Unsubscribe-Post" not in parsed(shared)
        assert parsed(shared)["List-Unsubscribe"] == f"<{GENERAL}>, <mailto:news@example.com?subject=unsubscribe>"


@given(st.integers(min_value=0, max_value=4_000_000_000))
def test_the_date_is_the_time_of_leaving(at: int) -> None:
    """Whenever a message leaves, that moment is its only Date, also of a file that is handed over; the rest stays."""
    shown = letter("<p>Date: never</p>", "Date: never\n")
    raw, handed = sent(shown, own=GENERAL, at=at), personalise.dated(shown.mime, at)

    assert date_of(raw).timestamp() == date_of(handed).timestamp() == at
    assert undated(handed) == undated(shown.mime).replace(b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b"")
    assert undated(raw) == undated(sent(shown, own=GENERAL, at=0))


def test_the_date_is_no_part_of_what_readers_see() -> None:
    """A letter has the same hash whenever its message is dated, and another one with another header."""
    shown = letter("<p>Hello</p>", "Hello\n")

    assert replace(shown, mime=personalise.dated(shown.mime, AT)).hash == shown.hash
    assert replace(shown, mime=shown.mime.replace(b"Content-Language: en", b"Content-Language: de")).hash != shown.hash


def test_message_ids_are_stable_and_each_readers_own() -> None:
    """The same reader gets the same Message-ID again, another one another."""
    shown = letter("<p>Hello</p>", "Hello\n")
    ids = [
        parsed(sent(shown, reader))["Message-ID"] for reader in ("ann@example.com", "ann@example.com", "bo@b.example")
    ]

    assert ids[0] == ids[1] != ids[2]
    assert re.fullmatch(r"<2020-11-11\.[0-9a-f]{16}\.[0-9a-f]{16}@example\.com>", ids[0])


def test_an_address_that_only_begins_like_it_stays() -> None:
    """Only the exact unsubscribe address is replaced, in HTML only as a link."""
    html = f'<a href="{GENERAL}/x">a</a> {GENERAL} <a href="{GENERAL}">b</a>'
    text = f"{GENERAL}/x {GENERAL}. {GENERAL}\n"
    raw = sent(letter(html, text), own="https://example.com/own")

    assert part(raw, "text/html") == f'<a href="{GENERAL}/x">a</a> {GENERAL} <a href="https://example.com/own">b</a>'
    assert part(raw, "text/plain") == f"{GENERAL}/x {GENERAL}. https://example.com/own\n"


@given(st.lists(st.text(), min_size=2, max_size=4), st.text("abc=&?/%.", max_size=120))
def test_any_words_around_the_link_arrive(words: list[str], token: str) -> None:
    """Whatever stands around the links, it arrives as it was, and the lines are fit for any server."""
    told = [sanitize.text(one) for one in words]
    own = f"https://example.com/u?t={token}"
    escaped = own.replace("&", "&amp;")
    shown = letter(f'<a href="{GENERAL}">'.join(told), f" {GENERAL} ".join(told))
    raw = sent(shown, own=own)

    assert part(raw, "text/html") == f'<a href="{escaped}">'.join(told)
    assert part(raw, "text/plain") == f" {own} ".join(told)
    assert raw.isascii()
    assert re.findall(rb"(?<!\r)\n|\r(?!\n)|[^\r\n]{999,}", raw) == []
    body = raw.partition(b"\r\n\r\n")[2]
    assert [line for line in body.split(b"\r\n") if len(line) > 78] == []


@pytest.mark.parametrize(
    ("reader", "own"),
    [
        ("ann@example.com\r\nBcc: x@y.example", OWN),
        ("ann@example.com", "https://example.com/\r\nBcc: x@y.example"),
        ("ann@example.com", "https://example.com/>,<mailto:x@y.example"),
        ("ann@example.com", "https://example.com/" + "x" * 900),
    ],
    ids=["address", "line-break", "bracket", "long"],
)
def test_nothing_is_smuggled_into_a_header(reader: str, own: str) -> None:
    """What cannot stand in a header is refused, and the message names the reader."""
    with pytest.raises(SendingError) as caught:
        sent(letter("<p>Hello</p>", "Hello\n"), reader, own)
    assert (caught.value.place, caught.value.what[:25]) == (reader, "cannot stand in a header:")
