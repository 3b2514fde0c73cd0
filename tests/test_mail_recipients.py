from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from digest.errors import SendingError
from digest.importing import decoding, tables
from digest.mail import recipients
from digest.mail.built import Reader
from digest.mail.recipients import BadRow

if TYPE_CHECKING:
    from collections.abc import Callable


def readers(text: str) -> list[tuple[str, dict[str, str]]]:
    """Return address and columns of each reader of a list; a problem is a mistake in the test."""
    found = list(recipients.of_lines(text.splitlines(keepends=True), "list"))
    assert [one for one in found if isinstance(one, BadRow)] == []
    return [(one.address, dict(one.fields)) for one in found if isinstance(one, Reader)]


def problems(text: str) -> list[str]:
    """Return the problems of a list."""
    found = recipients.of_lines(text.splitlines(keepends=True), "list.csv")
    return [str(one) for one in found if isinstance(one, BadRow)]


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
        ("email\nann\n", "line 2: 'ann' is no e-mail address: An email address must have an @-sign"),
        ("email,token\n,1\n", "line 2: has no e-mail address"),
        ('{"email": 7}\n', "line 1: has no e-mail address"),
        (
            'email,token\nann@example.com,"a\nb"\n',
            "line 2: holds a control character or is too long in column 'token'",
        ),
        (
            "email\nann@example.com\nb\u00fc@example.com\n",
            "line 3: 'bü@example.com' is no e-mail address: Internationalized characters before the @-sign are not "
            "supported: 'ü'",
        ),
    ],
    ids=["no-at", "empty", "number", "line-break", "foreign-local-part"],
)
def test_a_bad_row_has_its_line(text: str, expected: str) -> None:
    """A row that names no reader is reported with its line and left out."""
    assert problems(text) == [expected]


@pytest.mark.parametrize(
    "header", ["Email Address", "E-Mail", "e-mail", "mail", "E-mail-Adresse", "email_address", "\ufeffEMAIL"]
)
def test_the_column_of_addresses_has_many_names(header: str, write: Callable[..., str]) -> None:
    """The column is known by what services and spreadsheets call it, the address is ours to fill in."""
    folder = write({"list.csv": f"Name,{header}\nAnn,ann@example.com\n"})

    assert list(recipients.read(f"{folder}/list.csv")) == [Reader(address="ann@example.com", fields={"name": "Ann"})]


@pytest.mark.parametrize("sign", [";", "\t"])
def test_spreadsheets_part_cells_in_their_own_way(sign: str) -> None:
    """A semicolon or a tab parts cells as well as a comma does."""
    assert readers(f"name{sign}email\nB, Ann{sign}ann@example.com\n") == [("ann@example.com", {"name": "B, Ann"})]


def test_what_a_spreadsheet_adds_is_passed_over() -> None:
    """Empty rows and empty cells behind the last column are no fault."""
    assert readers("email,token,,\nann@example.com,1,,\n,,,\n\n") == [("ann@example.com", {"token": "1"})]


BROKEN = {
    "open-quote": ('email,token\nann@example.com,1\n"bo@example.com,2\ncy@example.com,3\n', 3, "is no row of a CSV"),
    "closed-too-late": ('email\n"ann@example.com\nbo@example.com"\n', 2, "holds a line break in its address"),
    "sign-behind-a-quote": ('email,token\n"ann@example.com"x,1\n', 2, "is no row of a CSV file"),
    "too-few-cells": ("email,token\nann@example.com,1\nbo@exam", 3, "has 1 of 2 cells"),
    "too-many-cells": ("email,name\nann@example.com,B, Ann\n", 2, "has 3 cells, the header 2"),
    "endless-cell": (f"email,token\nann@example.com,{'x' * 200_000}\n", 2, "is no row of a CSV file"),
    "two-columns-of-a-name": ("email,token,Token\n", 1, "names two columns 'token'"),
    "no-header": ("\nann@example.com,1\n", 2, "has cells and no header"),
    "half-a-line-of-json": ('{"email": "ann@example.com"}\n{"email": "bo@e', 2, "is no JSON"),
    "json-array": ('{"email": "ann@example.com"}\n[1]\n', 2, "is no JSON object"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_list_is_refused_as_a_whole(name: str) -> None:
    """Where the form of a list is broken, nobody can tell what is missing: one error with its line."""
    text, line, what = BROKEN[name]

    with pytest.raises(SendingError) as caught:
        readers(text)
    assert str(caught.value).startswith(f"list, line {line}: {what}")
    assert str(caught.value).endswith("; nothing was sent")


def test_a_list_has_its_own_limit_of_a_cell() -> None:
    """What an import has allowed before in the same process does not hold for a list."""
    list(tables.read_csv("a.csv", "title,link\nA,https://example.com/a\n", decoding.decode(b"")))

    with pytest.raises(SendingError, match="line 2: is no row of a CSV file"):
        readers(BROKEN["endless-cell"][0])


def test_a_column_that_the_unsubscribe_address_needs_is_missed_at_once() -> None:
    """A list without the column is one error, not one for each reader."""
    with pytest.raises(SendingError) as caught:
        list(recipients.of_lines(["email\n", "ann@example.com\n"], "list", ["token"]))
    assert str(caught.value) == (
        "list, line 1: has no column 'token', which send.unsubscribe needs; add the column to the list; "
        "nothing was sent"
    )


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


def test_a_list_in_a_field_is_its_members() -> None:
    """With semicolons between them, as a column holds several topics; an empty one is as good as missing."""
    text = '{"email": "ann@example.com", "topics": ["AI", "Robots"], "tags": [], "age": 7, "vip": false}\n'

    assert [reader.fields for reader in recipients.of_lines([text], "list") if isinstance(reader, Reader)] == [
        {"topics": "AI; Robots", "age": "7", "vip": "False"}
    ]
