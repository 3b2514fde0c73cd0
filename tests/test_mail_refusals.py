from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.mail.breaker import BREAK_AT, BREAK_AT_CLEAR, Answer, Breaker, Ruling
from digest.mail.smtp import OURS, REMEDIES, Fault, fault

if TYPE_CHECKING:
    from collections.abc import Sequence

REPLIES = {
    "mailbox": (
        "550 5.1.1 <r@example.com>: Recipient address rejected: User unknown in virtual mailbox table",
        "550 5.1.1 <r@example.com>: Recipient address rejected: User unknown in relay recipient table",
        "550 5.1.1 The email account that you tried to reach does not exist. 5.1.1 https://support.example.com/NoSuchUser",
        "550 5.2.1 The email account that you tried to reach is disabled.",
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
        "550 sorry, no mailbox here by that name (#5.1.1)",
        "550 #5.1.0 Address rejected.",
        "550 5.1.2 Host unknown",
        "553 5.1.3 bad address",
        "550 5.1.6 The mailbox has moved",
        "556 domain takes no mail",
    ),
    "likely": (
        "550 no such user",
        "550 User unknown",
        "550 Unrouteable address",
        "550 Requested action not taken: mailbox unavailable",
        "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).",
        "550 <relay@example.com>: recipient rejected",
        "550 Invalid recipient <spam@example.net>",
        "552 1 Requested mail action aborted, mailbox not found",
        "553 mailbox name not allowed",
        "554 delivery error: dd This user doesn't have a yahoo.com account (r@yahoo.com) [-9]",
        "550 5.4.1 Recipient address rejected: Access denied.",
    ),
    "reader": (
        "552 5.2.2 mailbox full",
        "550 5.1.1 mailbox is full",
        "552 Quota exceeded (mailbox for user is full)",
        "550 5.4.4 unable to route",
    ),
    "relay": (
        "550 relay not permitted",
        "550 5.7.1 Unable to relay",
        "554 5.7.1 <r@example.com>: Relay access denied",
        "550 5.1.1 relaying denied",
        "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
        "530 5.7.0 Must issue a STARTTLS command first",
        "550 Please turn on SMTP Authentication in your mail client",
    ),
    "sender": (
        "550 5.1.8 <news@example.com>: Sender address rejected: Domain not found",
        "550 Sender verify failed",
        "550 5.7.26 Your email has been blocked because the sender is unauthenticated.",
        "550 5.7.1 Unauthenticated email from example.com is not accepted due to domain's DMARC policy",
        "550 SPF check failed",
    ),
    "blocked": (
        "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
        "550 Your IP has a poor reputation",
    ),
    "content": (
        "554 5.7.1 Message rejected as spam",
        "550 5.6.0 malformed",
        "552 Message size exceeds fixed limit",
        "552 5.3.4 no",
    ),
    "policy": (
        "550 Administrative prohibition",
        "554 5.7.1 rejected by policy",
        "550 5.7.1 no",
        "550 access denied",
    ),
    "unclear": ("550 rejected", "551 User not local", "500 5.3.0 Error: command failed"),
}


@pytest.mark.parametrize(("expected", "reply"), [(name, reply) for name, all_ in REPLIES.items() for reply in all_])
def test_replies_of_real_servers_are_told_apart(expected: str, reply: str) -> None:
    """The words of Postfix, Exim, Exchange, Gmail, Outlook.com, Yahoo, qmail and Cisco, each with its own meaning."""
    assert fault(reply) == expected


def test_a_refused_message_is_about_its_content() -> None:
    """After the final dot a reply without a reason is about the message, but an unknown mailbox stays one."""
    assert fault("554 transaction failed", message=True) == "content"
    assert fault("550 5.1.1 user unknown", message=True) == "mailbox"


def test_every_fault_has_a_remedy() -> None:
    """Whatever stops a run comes with what to do about it."""
    assert set(REMEDIES) == set(get_args(Fault))


@given(st.text(max_size=200), st.sampled_from(["relaying denied", "spam", "blocked by us", "DMARC", "policy"]))
def test_a_reply_that_speaks_of_us_never_blames_a_mailbox(text: str, ours: str) -> None:
    """Whatever else a server says, words about us keep the reader's mailbox out of it."""
    text = text.replace("<", "").replace("@", "").replace("://", "")  # what stands in there is a name, no word
    assert fault(f"550 5.1.1 {text} {ours}") not in {"mailbox", "likely"}


@given(st.text(alphabet="user !.-nosch'", max_size=200))
def test_any_text_is_judged(text: str) -> None:
    """Also of nonsense that is made to be slow to match, one of the faults comes out (hypothesis has a deadline)."""
    assert fault(f"550 {text}") in get_args(Fault)


# --- the breaker


def answers(name: Fault, count: int, tries: int = 0, first: int = 0) -> list[Answer]:
    """Return that many refusals."""
    return [
        Answer(address=f"r{number}@example.com", reply="550 no", fault=name, tries=tries)
        for number in range(first, first + count)
    ]


def one_by_one(breaker: Breaker, refused: Sequence[Answer], lane: int = 0) -> tuple[int, Ruling]:
    """Let the breaker hear them until it stops the run; return how many it heard."""
    for count, answer in enumerate(refused, start=1):
        ruling = breaker.heard(lane, [answer], accepted=False)
        if ruling.why:
            return count, ruling
    return len(refused), Ruling()


@pytest.mark.parametrize("name", sorted(set(get_args(Fault)) - {"mailbox", "reader"}))
def test_the_first_ten_stop_the_run_and_are_given_back(name: Fault) -> None:
    """Ten readers refused and nobody reached: that is about us, whatever the words, and none of the ten is blamed."""
    count, ruling = one_by_one(Breaker(proven=False, patience=60), answers(name, 30))

    assert count == BREAK_AT == len(ruling.back) == 10
    assert ruling.strikes == ()
    assert ruling.why == f"the first 10 readers were all refused: {REMEDIES[name]} (the last answer: 550 no)"


@pytest.mark.parametrize("name", ["mailbox", "reader"])
def test_clear_refusals_may_be_more(name: Fault) -> None:
    """A list may begin with dead mailboxes: fifty clear refusals stop the run, and nobody is blamed for them."""
    count, ruling = one_by_one(Breaker(proven=False, patience=60), answers(name, 60))

    assert count == BREAK_AT_CLEAR == len(ruling.back) == 50
    assert ruling.strikes == ()


def test_dead_mailboxes_are_blamed_once_somebody_was_reached() -> None:
    """A message that gets through shows that the refusals before it were about their mailboxes; ours never are."""
    breaker = Breaker(proven=False, patience=60)
    for answer in [*answers("mailbox", 4), *answers("likely", 3, first=4), *answers("policy", 2, first=7)]:
        assert breaker.heard(0, [answer], accepted=False) == Ruling()

    blamed = breaker.heard(0, [], accepted=True)
    assert [answer.address for answer in blamed.strikes] == [f"r{number}@example.com" for number in range(7)]
    assert breaker.end() == Ruling()


def test_a_short_list_that_is_refused_is_given_back() -> None:
    """Three readers, all refused for our sake: they are asked again, too. Three dead mailboxes are three dead."""
    ours, dead = Breaker(proven=False, patience=60), Breaker(proven=False, patience=60)
    one_by_one(ours, answers("relay", 3))
    one_by_one(dead, answers("mailbox", 3))
    end = ours.end()

    assert len(end.back) == 3
    assert end.why == f"the first 3 readers were all refused: {REMEDIES['relay']} (the last answer: 550 no)"
    assert (len(dead.end().strikes), dead.end()) == (3, Ruling())


def test_a_whole_list_of_unknown_mailboxes_is_the_wrong_list() -> None:
    """Thirty readers, all unknown: nobody is blamed, and the editor is asked about the list."""
    breaker = Breaker(proven=False, patience=60)
    one_by_one(breaker, answers("mailbox", 30))
    end = breaker.end()

    assert (len(end.back), end.strikes) == (30, ())
    assert "is this the right list of readers?" in end.why


def test_one_bad_server_of_several_is_noticed() -> None:
    """Where one connection is always refused and another always taken, the run stops and the refused wait."""
    breaker = Breaker(proven=False, patience=60)
    for answer in answers("relay", BREAK_AT - 1):
        assert not breaker.heard(1, [answer], accepted=False).why
        breaker.heard(2, [], accepted=True)
    ruling = breaker.heard(1, answers("relay", 1, first=9), accepted=False)

    assert ruling.why.startswith("10 refusals in a row: the server does not relay for us")
    assert len(ruling.back) == 10
    late = breaker.heard(2, answers("relay", 1, first=10), accepted=False)
    assert [answer.address for answer in late.back] == ["r10@example.com"]


def test_a_batch_that_reached_somebody_stops_nothing() -> None:
    """At a service that takes hundreds a call, some refusals among successes are about their readers."""
    breaker = Breaker(proven=False, patience=60)

    assert breaker.heard(0, answers("policy", 400), accepted=True) == Ruling()
    assert breaker.end() == Ruling()


def test_asking_again_comes_to_an_end() -> None:
    """A reader who was refused in run after run is not given back for ever, unless the run is about us alone."""
    for name, proven, tries, expected in (
        ("unclear", False, 1, 10), ("unclear", False, 2, 0), ("likely", True, 2, 0), ("mailbox", True, 0, 0),
        ("relay", False, 99, 10), ("relay", True, 9, 10), ("relay", True, 10, 0),
    ):  # fmt: skip
        _, ruling = one_by_one(Breaker(proven=proven, patience=60), answers(name, 50, tries))  # type: ignore[arg-type]
        assert len(ruling.back) == expected, (name, proven, tries)


def test_lost_connections_stop_the_run() -> None:
    """Ten in a row, or fewer that have taken all patience; an answer starts the count anew."""
    breaker = Breaker(proven=False, patience=60)
    assert [breaker.lost("bye", waited=1).why for _ in range(9)] == [""] * 9
    breaker.heard(0, [], accepted=True)
    assert breaker.lost("bye", waited=30).why == ""
    assert breaker.lost("bye", waited=31).why == "2 connections lost after 61 s, the last: bye"

    breaker = Breaker(proven=False, patience=60)
    last = [breaker.lost("bye", waited=0).why for _ in range(10)][-1]
    assert last == "10 refusals or lost connections in a row, the last: bye"


EVENTS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from([None, *get_args(Fault)])), max_size=120)


@given(EVENTS, st.booleans())
def test_whatever_happens_nobody_is_blamed_for_us(events: list[tuple[int, Fault | None]], proven: bool) -> None:
    """Of any course of a run: only mailboxes are blamed, nobody twice and given back too, and ten of ours stop it."""
    breaker = Breaker(proven=proven, patience=60)
    struck: list[str] = []
    back: list[str] = []
    ours = 0
    stopped = False
    for number, (lane, name) in enumerate(events):
        refused = answers(name, 1, first=number) if name else []
        ruling = breaker.heard(lane, refused, accepted=not refused)
        stopped = stopped or bool(ruling.why)
        struck += [answer.address for answer in ruling.strikes]
        back += [answer.address for answer in ruling.back]
        assert all(answer.fault in {"mailbox", "likely"} for answer in ruling.strikes)
        ours = ours + (name in OURS) if refused else 0
        assert stopped or ours < BREAK_AT
    end = breaker.end()
    struck += [answer.address for answer in end.strikes]
    back += [answer.address for answer in end.back]

    assert len(struck) == len(set(struck))
    assert len(back) == len(set(back))
    assert set(struck) & set(back) == set()
