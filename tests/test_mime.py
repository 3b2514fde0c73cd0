from __future__ import annotations

import dataclasses
import email
import email.policy
import re
from email.header import decode_header, make_header
from email.utils import getaddresses
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import article, issue, message, newsletter

from digest.errors import RenderingError
from digest.mail.mime import to_bytes
from digest.text import sanitize

if TYPE_CHECKING:
    from email.message import EmailMessage

    from digest.config.values import Newsletter
    from digest.model import Message

HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "List-ID", "List-Unsubscribe", "List-Unsubscribe-Post",
    "Content-Language", "MIME-Version", "Content-Type",
]  # fmt: skip

NASTY = {
    "smuggled-header": "News\r\nBcc: everyone@example.com",
    "smuggled-body": "News\r\n\r\n<script>alert(1)</script>",
    "smuggled-fold": "News\n Bcc: everyone@example.com",
    "smuggled-encoded": "=?utf-8?q?News=0D=0ABcc:_everyone@example.com?=",
    "looks-encoded": "=?utf-8?q?x?= is not x",
    "half-encoded": "=? ?= =?utf-8?b?",
    "long-word": "W" * 300,
    "long-words": "many words, and more; " * 14,
    "long-foreign-words": "Wörter über Wörter " * 16,
    "long-foreign-word": "語" * 300,
    "emoji": "👩‍🔬 discovers 🏴󠁧󠁢󠁥󠁮󠁧󠁿 and 👍🏽" * 4,
    "right-to-left": "שלום עולם \u202eevil\u202c",
    "only-spaces": " \t\r\n ",
    "empty": "",
    "backslashes": r'a "quoted" \ (comment) <a@b>, c@d',
    "combining": "e\u0301" * 60,
    "leading-colon": ": x: y",
}
"""Subjects that must read the same at the other end."""


def written(shown: Message | None = None, sender: Newsletter | None = None) -> bytes:
    """Return the MIME message of the sample issue."""
    return to_bytes(shown or message(), issue(), sender or newsletter())


def parsed(raw: bytes) -> EmailMessage:
    """Return the message as a mail client reads it."""
    return email.message_from_bytes(raw, policy=email.policy.default)


def body(raw: bytes, kind: str) -> str:
    """Return the part of that kind with the line ends of the program."""
    [part] = [part for part in parsed(raw).iter_parts() if part.get_content_type() == kind]
    return str(part.get_content()).replace("\r\n", "\n")


# --- the whole


def test_headers_are_there_once() -> None:
    """Every header a bulk sender owes is there, once, in a fixed order."""
    assert parsed(written()).keys() == HEADERS


def test_headers_of_the_sample() -> None:
    """The headers say who writes, what, when, in which language and how to leave."""
    found = parsed(written())
    assert {name: found[name] for name in HEADERS if name not in {"Message-ID", "Content-Type"}} == {
        "From": "The AI Week <news@example.com>",
        "To": "undisclosed-recipients:;",
        "Subject": "Robots learn to fold towels",
        "Date": "Thu, 12 Nov 2020 00:00:00 +0000",
        "List-ID": '"The AI Week" <the-ai-week.example.com>',
        "List-Unsubscribe": "<https://example.com/unsubscribe>, <mailto:news@example.com?subject=unsubscribe>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Content-Language": "en",
        "MIME-Version": "1.0",
    }


def test_message_id_is_of_the_sender() -> None:
    """The Message-ID holds the issue and the sender's domain, and nothing of this machine."""
    assert re.fullmatch(r"<2020-11-11\.[0-9a-f]{16}@example\.com>", parsed(written())["Message-ID"])


def test_text_stands_before_html() -> None:
    """The parts are alternatives of the same letter, the better one last."""
    found = parsed(written())
    assert found.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]


def test_parser_finds_no_defect() -> None:
    """Neither the whole nor a part nor a header has a defect."""
    found = parsed(written(message(html="<p>é</p>\n" * 500, text="é\n.\n")))
    assert [part.defects for part in found.walk() if part.defects] == []
    assert [name for name, value in found.items() if value.defects] == []


def test_same_input_gives_same_bytes() -> None:
    """The same message gives the same bytes, whatever the time."""
    assert written() == written()


def test_other_words_give_another_id_and_boundary() -> None:
    """Another letter has another Message-ID and boundary."""
    one, other = parsed(written()), parsed(written(message(text="Bye\n")))
    assert (one["Message-ID"], one.get_boundary()) != (other["Message-ID"], other.get_boundary())


BODIES = {
    "plain": "Hello\n",
    "no-line-end": "Hello",
    "empty": "",
    "foreign": "Grüße 👩‍🔬 שלום\u00a0\u3000\n",
    "signature": "Hello\n-- \nMe\n",
    "trailing-space": "a \n\tb\t\n \n",
    "dots": ".\n..\n.a\nFrom me\n",
    "equals": "a=b =3D =\n",
    "boundary": "--=_digest_\n--\n----\n",
    "long-line": "ü" * 5_000 + "\n" + "a" * 5_000,
    "windows": "a\r\nb\r\n",
}


@pytest.mark.parametrize("name", BODIES)
def test_parts_decode_to_what_went_in(name: str) -> None:
    """Both parts read at the other end as they were written, but for line ends."""
    raw = written(message(html=BODIES[name], text=BODIES[name]))
    expected = BODIES[name].replace("\r\n", "\n")
    assert (expected, expected) == (body(raw, "text/plain"), body(raw, "text/html"))


@pytest.mark.parametrize("name", BODIES)
def test_bytes_are_fit_for_any_server(name: str) -> None:
    """Whatever the letter, its bytes are ASCII, its lines end in CRLF and have 998 octets at most."""
    raw = written(message(subject=sanitize.text(BODIES[name]), html=BODIES[name], text=BODIES[name]))
    assert raw.isascii()
    assert re.findall(rb"(?<!\r)\n|\r(?!\n)|[^\r\n]{999,}|\x00", raw) == []


@given(st.text(), st.text())
def test_any_letter_decodes_to_what_went_in(subject: str, words: str) -> None:
    """Whatever subject and text, once clean, they read the same at the other end."""
    shown = message(
        subject=sanitize.text(subject), html=f"<p>{sanitize.text(words)}</p>", text=f"{sanitize.text(words)}\n"
    )
    raw = written(shown)
    assert (shown.subject, shown.html, shown.text) == (
        parsed(raw)["Subject"],
        body(raw, "text/html"),
        body(raw, "text/plain"),
    )


# --- headers


@pytest.mark.parametrize("name", NASTY)
def test_nasty_subjects_read_the_same(name: str) -> None:
    """A nasty subject, once clean, reads at the other end as it was written."""
    subject = sanitize.text(NASTY[name])
    assert subject == parsed(written(message(subject=subject)))["Subject"]


@pytest.mark.parametrize("name", NASTY)
def test_nasty_subjects_inject_nothing(name: str) -> None:
    """A nasty subject adds no header and moves nothing into the body."""
    raw = written(message(subject=sanitize.text(NASTY[name])))
    assert parsed(raw).keys() == HEADERS
    assert body(raw, "text/plain") == "Hello\n"


@pytest.mark.parametrize("name", NASTY)
def test_subject_lines_are_short(name: str) -> None:
    """A subject is folded at 78 columns wherever it has a place to fold."""
    raw = written(message(subject=sanitize.text(NASTY[name])))
    folded = re.search(rb"^Subject: ?(.*(?:\r\n .*)*)", raw, re.MULTILINE)
    assert folded is not None
    assert [line for line in folded[0].split(b"\r\n") if len(line) > 78 and name != "long-word"] == []


NAMES = {
    "long": "N" * 300,
    "long-words": "The Week in Machines " * 15,
    "foreign": "Die Woche für Künstliche Intelligenz " * 9,
    "chinese": "人工智能周刊" * 40,
    "comma": "Weekly, AI",
    "quotes": 'The "AI" Week \\ Co.',
    "address": "ceo@bank.example via AI",
    "looks-encoded": "=?utf-8?q?x?=",
    "brackets": "AI <x@y.example> (Week); Co: a",
}


@pytest.mark.parametrize("name", NAMES)
def test_display_names_stay_one_address(name: str) -> None:
    """However long and odd the sender's name, the message is from one mailbox with that name."""
    words = sanitize.text(NAMES[name])
    escaped = words.replace("\\", "\\\\").replace('"', '\\"')
    raw = written(sender=newsletter(sender=f'"{escaped}" <news@example.com>'))
    # Python's own reader puts a space between two encoded words of a name (3.11), so its parts are decoded here.
    [(name, mailbox)] = getaddresses([email.message_from_bytes(raw)["From"]])
    assert [one.addr_spec for one in parsed(raw)["From"].addresses] == ["news@example.com"]
    assert (words, "news@example.com") == (str(make_header(decode_header(name))), mailbox)


@pytest.mark.parametrize("name", NAMES)
def test_list_id_is_a_domain_in_brackets(name: str) -> None:
    """However odd the newsletter's name, List-ID ends in one identifier that mail clients sort by."""
    found = parsed(written(sender=newsletter(name=sanitize.text(NAMES[name]))))["List-ID"]
    assert re.search(r"<[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?\.example\.com>$", found)


def test_sender_may_be_a_bare_address() -> None:
    """A sender without a name is written without one."""
    assert parsed(written(sender=newsletter(sender="news@example.com")))["From"] == "news@example.com"


def test_long_unsubscribe_address_stays_whole() -> None:
    """An unsubscribe address of 300 characters is written on one line, as it is."""
    long = f"https://example.com/unsubscribe?token={'t' * 262}"
    raw = written(sender=newsletter(unsubscribe=long))
    assert len(long) == 300
    assert f"\r\nList-Unsubscribe: <{long}>,\r\n <mailto:news@example.com?subject=unsubscribe>\r\n".encode() in raw


def test_date_follows_the_newsletters_zone() -> None:
    """The date is the moment the window closes where the newsletter lives."""
    shown = issue(article())
    here = dataclasses.replace(shown, window=dataclasses.replace(shown.window, timezone="Asia/Tokyo"))
    assert parsed(to_bytes(message(), here, newsletter()))["Date"] == "Wed, 11 Nov 2020 15:00:00 +0000"


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        (
            newsletter(sender='"News\nBcc: x@y.example" <news@example.com>'),
            "header From: cannot be written down: 'From: \"News\\nBcc: x@y.example\" <news@example.com>'; "
            "shorten it, in plain ASCII",
        ),
        (
            newsletter(language="en\nBcc: x@y.example"),
            "header Content-Language: cannot be written down: 'Content-Language: en\\nBcc: x@y.example'; "
            "shorten it, in plain ASCII",
        ),
        (
            newsletter(name="News\nBcc: x@y.example"),
            'header List-ID: cannot be written down: \'List-ID: "News\\nBcc: x@y.example" '
            "<news-bcc-x-y-example.example.com>'; shorten it, in plain ASCII",
        ),
        (
            newsletter(unsubscribe="https://example.com/ü"),
            "header List-Unsubscribe: cannot be written down: 'List-Unsubscribe: <https://example.com/ü>,'; "
            "shorten it, in plain ASCII",
        ),
        (
            newsletter(language="x" * 999),
            f"header Content-Language: cannot be written down: 'Content-Language: {'x' * 62}'; "
            "shorten it, in plain ASCII",
        ),
    ],
    ids=["sender", "language", "name", "not-ascii", "too-long"],
)
def test_impossible_header_is_refused(sender: Newsletter, expected: str) -> None:
    """A header with a line break, an odd sign or too many of them is refused, and the message says which."""
    with pytest.raises(RenderingError) as caught:
        written(sender=sender)
    assert expected == str(caught.value)


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        ("From", newsletter(sender='"News\r\nBcc: x@y.example" <news@example.com>')),
        ("Content-Language", newsletter(language="en\r\nBcc: x@y.example")),
        ("List-ID", newsletter(name="News\r\nBcc: x@y.example")),
        ("List-Unsubscribe", newsletter(unsubscribe="https://example.com/\r\nBcc: x@y.example")),
        ("Content-Language", newsletter(language="en\r\n\r\n<script>")),
    ],
    ids=["sender", "language", "name", "unsubscribe", "body"],
)
def test_smuggled_header_is_refused(header: str, sender: Newsletter) -> None:
    """A line break as mail has it smuggles no header in: the message is refused."""
    with pytest.raises(RenderingError) as caught:
        written(sender=sender)
    assert f"header {header}" == caught.value.place
