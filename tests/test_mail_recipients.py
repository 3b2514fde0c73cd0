from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from digest.errors import SendingError
from digest.mail import recipients
from digest.mail.letter import Reader
from digest.model import Problem

if TYPE_CHECKING:
    from collections.abc import Callable


def readers(text: str) -> list[tuple[str, dict[str, str]]]:
    """Return address and columns of each reader of a list; a problem is a mistake in the test."""
    found = list(recipients.of_lines(text.splitlines(keepends=True), "list"))
    assert [one for one in found if isinstance(one, Problem)] == []
    return [(one.address, dict(one.fields)) for one in found if isinstance(one, Reader)]


def problems(text: str) -> list[str]:
    """Return the problems of a list."""
    found = recipients.of_lines(text.splitlines(keepends=True), "list.csv")
    return [str(one) for one in found if isinstance(one, Problem)]


@pytest.mark.parametrize(
    "text",
    [
        "email,token\nann@example.com,1\nbo@example.com,2\n",
        "Token, EMAIL \n1,ann@example.com\n2,bo@example.com\n",
        '{"email": "ann@example.com", "token": 1}\n\n{"Token": "2", "Email": "bo@example.com"}\n',
        'email,token\r\n"ann@example.com","1"\r\n\r\nbo@example.com,2',
    ],
    ids=["csv", "other-order", "jsonl", "windows"],
)
def test_lists_say_the_same_in_every_form(text: str) -> None:
    """CSV and JSONL give the same readers with the same columns."""
    assert readers(text) == [("ann@example.com", {"token": "1"}), ("bo@example.com", {"token": "2"})]


def test_bare_addresses_are_a_list() -> None:
    """A file of addresses without a header is a list."""
    assert readers("ann@example.com\n\n  bo@example.com  \n") == [("ann@example.com", {}), ("bo@example.com", {})]


def test_an_empty_list_has_no_reader() -> None:
    """An empty file is an empty list."""
    assert readers("\n\n") == []


def test_addresses_are_written_as_mail_servers_take_them() -> None:
    """A foreign domain is written in ASCII, the local part is kept as it is."""
    assert readers("email\nAnn.B@BÜCHER.example\n") == [("Ann.B@xn--bcher-kva.example", {})]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("email\nann\n", "list.csv: row 1: 'ann' is no e-mail address: An email address must have an @-sign"),
        ("email,token\n,1\n", "list.csv: row 1 has no e-mail address"),
        ('{"email": 7}\n', "list.csv: row 1 has no e-mail address"),
        ('{"email": "ann@example.com"}\n[1]\n', "list.csv: row 2 has no e-mail address"),
        ('{"email": "ann@example.com"\n', "list.csv: row 1 has no e-mail address"),
        (
            'email,token\nann@example.com,"a\nb"\n',
            "list.csv: row 1, token: holds a control character or is too long",
        ),
        (
            "email\nann@example.com\nb\u00fc@example.com\n",
            "list.csv: row 2: 'bü@example.com' is no e-mail address: Internationalized characters before the @-sign "
            "are not supported: 'ü'",
        ),
    ],
    ids=["no-at", "empty", "number", "array", "broken", "line-break", "foreign-local-part"],
)
def test_a_bad_row_is_a_problem_with_its_place(text: str, expected: str) -> None:
    """A row that is no reader is named and left out."""
    assert problems(text) == [expected]


def test_a_list_without_addresses_is_refused() -> None:
    """A file whose columns do not name the address is refused."""
    with pytest.raises(SendingError) as caught:
        readers("name\nAnn\n")
    assert str(caught.value) == "list: has no column named email; give the column of addresses that name"


def test_a_missing_list_is_named() -> None:
    """A list that cannot be read is named with the reason."""
    with pytest.raises(SendingError) as caught:
        list(recipients.read("nowhere.csv"))
    assert (
        str(caught.value) == "nowhere.csv: cannot be read (No such file or directory); name the list with --recipients"
    )


def test_a_bad_suppression_stops(write: Callable[..., str]) -> None:
    """A suppression that cannot be read is an error: leaving it out would mean to write to that reader."""
    folder = write({"gone.txt": "ann@EXAMPLE.com\nbo\n"})
    found = recipients.suppressions(f"{folder}/gone.txt")

    assert next(found) == "ann@example.com"
    with pytest.raises(SendingError) as caught:
        next(found)
    assert caught.value.what == "stands in a list of suppressions"


def test_unsubscribe_addresses_are_filled_in_and_encoded() -> None:
    """A reader's columns stand percent-encoded in their address."""
    reader = Reader(address="ann+x@example.com", fields={"token": "a/b&c=ü {email}"})
    found = recipients.unsubscribe("https://example.com/{token}?e={email}", reader)

    assert found == "https://example.com/a%2Fb%26c%3D%C3%BC%20%7Bemail%7D?e=ann%2Bx%40example.com"


def test_a_reader_without_the_column_is_refused() -> None:
    """A reader without the column that the address asks for gets no message with a broken link."""
    with pytest.raises(SendingError) as caught:
        recipients.unsubscribe("https://example.com/{token}", Reader(address="ann@example.com"))
    assert str(caught.value) == (
        "ann@example.com: has no 'token', which send.unsubscribe needs; add the column to the list"
    )
