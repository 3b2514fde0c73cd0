"""Calls to a service that is short of breath: when they are made again, and what is said where they are not."""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest
from fakes import web
from hypothesis import given
from hypothesis import strategies as st
from mailroom import Time

from digest.errors import NoAnswer, SendingError
from digest.mail.http import LONGEST_WAIT, Access, Client, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Open(web.Service):
    """A service that lets everybody in."""

    def known(self, headers: Mapping[str, str]) -> bool:
        """Everybody."""
        return bool(headers)

    def routes(self) -> dict[str, Callable[..., tuple[int, Any]]]:
        """Return the routes."""
        return {"GET /x": lambda _: (200, {"good": True}), "POST /x": lambda _: (200, {"good": True})}


def ask(refusals: list[web.Refused], method: str = "GET") -> tuple[list[str], list[float]]:
    """Call a service that first answers with *refusals*; return its calls, and how long we waited before each."""
    clock = Time()
    with web.running(Open(refusals=refusals)) as service:
        client = Client(f"http://127.0.0.1:{service.port}", Access(), clock=clock.clock())
        try:
            client.call(Request(method=method, path="/x", again=method == "GET"))
        finally:
            client.close()
    return service.calls, clock.waits


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("header", "waits"),
    [
        ("7", 7),
        (formatdate(Time.at + 30, usegmt=True), 30),
        ("0", 1),
        (formatdate(Time.at - 30, usegmt=True), 1),
        ("soon", 1),
        ("-5", 1),
        ("", 1),
        (str(LONGEST_WAIT), LONGEST_WAIT),
    ],
    ids=["seconds", "date", "at-once", "past-date", "nonsense", "negative", "unsaid", "longest"],
)
def test_a_call_is_made_again_when_the_service_said(status: int, header: str, waits: float) -> None:
    """Retry-After holds in both forms; without a usable one the wait is ours."""
    calls, waited = ask([web.Refused(status, "slowly", header)])

    assert (calls, waited) == (["GET /x"] * 2, [waits])


def test_each_answer_says_anew_how_long() -> None:
    """A second refusal counts as the first did, and our own wait grows beside it."""
    _, waited = ask([web.Refused(429, "slowly", "5"), web.Refused(503, "slowly", "1")])

    assert waited == [5, 2]


@pytest.mark.parametrize("header", [str(LONGEST_WAIT + 1), formatdate(Time.at + LONGEST_WAIT + 1, usegmt=True)])
def test_nobody_waits_longer_than_two_minutes(header: str) -> None:
    """A service that asks for more is not waited for, and the line says from when on it takes calls."""
    refusals = [web.Refused(429, "slowly", header)]
    with pytest.raises(SendingError) as caught:
        ask(refusals)

    assert refusals == []
    assert caught.value.what == "takes no more calls for now (429)"
    assert caught.value.remedy == "try again after 2023-11-14 22:16 UTC"


def test_what_is_not_there_for_an_hour_says_so_too() -> None:
    """503 with a long Retry-After is told with its words and the time."""
    with pytest.raises(SendingError) as caught:
        ask([web.Refused(503, "we mend it", "3600")])

    assert caught.value.what.startswith('answers 503: {"message": "we mend it"')
    assert caught.value.remedy == "try again after 2023-11-14 23:14 UTC"


def test_a_call_that_makes_something_is_repeated_only_where_it_was_refused_unread() -> None:
    """A POST is made again after a 429 that says when, and after nothing else: its outcome would be unknown."""
    assert ask([web.Refused(429, "slowly", "3")], "POST") == (["POST /x"] * 2, [3])
    for refused in (web.Refused(429, "slowly"), web.Refused(503, "slowly", "3"), web.Refused(500, "fell over")):
        left = [refused, web.Refused(418, "must not be asked")]
        with pytest.raises(SendingError) as caught:
            ask(left, "POST")
        assert len(left) == 1
        assert isinstance(caught.value, NoAnswer) == (refused.status != 429)


@given(st.one_of(st.text(), st.integers().map(str), st.datetimes().map(lambda at: at.strftime("%a, %d %b %Y %T GMT"))))
def test_whatever_retry_after_holds_is_a_wait(header: str) -> None:
    """No header breaks the run: it asks for a number of seconds that a clock can show."""
    client = Client("http://127.0.0.1:9", Access(), clock=Time().clock())
    response = Response(status=429, retry_after=header)

    assert 0 <= client.seconds_asked(response) <= 1e9
    assert client.when(response).startswith(("later", "after "))
    client.close()
