"""The text part of the message: format=flowed (RFC 3676), taken apart by rules written down here once more."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import THEME, article, full_issue, issue, message, newsletter, section

from digest import rendering
from digest.mail.mime import to_bytes
from digest.text import layout, sanitize
from digest.theme import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import MIMEPart

    from digest.model import Issue, Message

LONG = {
    "en": "A sentence of a certain length that says very little, and says it again. " * 6,
    "ja": "機械が見る世界という展覧会（東京）が今週から始まった。" * 6,
    "ar": "جملة طويلة لا تقول الكثير ثم تقوله مرة أخرى (OpenBox 2.0) وتمضي. " * 6,
    "hi": "एक लंबा वाक्य जो बहुत कम कहता है और फिर वही दोहराता है। " * 6,
}


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the compiled themes of these tests to themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def letter(shown: Issue, tag: str = "en") -> Message:
    """Return the letter of an issue in a language."""
    return rendering.render(shown, newsletter(language=tag), load(THEME, {}, language=tag))


def part(shown: Message) -> MIMEPart:
    """Return the text part of the MIME message."""
    [text, _] = message_from_bytes(to_bytes(shown, issue(), newsletter()), policy=default).iter_parts()
    assert text.get_content_type() == "text/plain"
    return text


def content(text: MIMEPart) -> str:
    """Return what stands in the part, its line ends as here."""
    return str(text.get_content()).replace("\r\n", "\n")


def paragraphs(text: MIMEPart) -> list[str]:
    """Fill nothing and join what flows: RFC 3676, section 4, for text without quotations."""
    delete = text.get_param("delsp") == "yes"
    found: list[str] = []
    going_on = False
    for raw in content(text).removesuffix("\n").split("\n"):
        line = raw.removeprefix(" ")
        flows = line.endswith(" ") and line != "-- "
        words_of_it = line[:-1] if flows and delete else line
        if going_on and line != "-- ":
            found[-1] += words_of_it
        else:
            found.append(words_of_it)
        going_on = flows
    return found


def unfilled(shown: Issue, tag: str) -> list[str]:
    """Return the lines of the letter as they are where a line has no end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "COLUMNS", 10**6)
        patch.setattr(layout, "_SIGNS", 10**6)
        return [line.lstrip(" ") for line in bare(letter(shown, tag).text).removesuffix("\n").split("\n")]


def bare(text: str) -> str:
    """Return *text* without direction marks, which stand on each line."""
    return re.sub("[\u200f\u2068\u2069]", "", text)


@pytest.mark.parametrize("tag", LONG)
def test_the_paragraphs_come_back(tag: str) -> None:
    """A client that joins what flows gets each paragraph as one line, in every script, and nothing else is joined."""
    told = article(LONG[tag][:150], excerpt=f"{LONG[tag].strip()[:220]}.", provider=LONG[tag][:100])
    shown = issue(sections=(section(told, title=LONG[tag][:90]), section(told, title="AI")))
    text = part(letter(shown, tag))

    assert unfilled(shown, tag) == [bare(line) for line in paragraphs(text)]
    assert len(paragraphs(text)) < len(content(text).splitlines())


@given(st.lists(st.text("ab 日本語。、> -\u0301ש", max_size=120), min_size=1, max_size=3))
@settings(max_examples=50)
def test_any_paragraphs_come_back(texts: list[str]) -> None:
    """Whatever a headline is made of, it is one paragraph again."""
    shown = issue(*(article(text, excerpt=f"{text}.") for text in texts))
    assert unfilled(shown, "en") == [bare(line) for line in paragraphs(part(letter(shown)))]


@pytest.mark.parametrize(("tag", "delete"), [("en", "no"), ("hi", "no"), ("ar", "no"), ("ja", "yes")])
def test_spaces_are_deleted_only_where_they_must_be(tag: str, delete: str) -> None:
    """Only a text that breaks between characters asks for the spaces at its line ends to be deleted."""
    text = part(letter(issue(article("x", excerpt=LONG[tag])), tag))
    assert (text.get_param("format"), text.get_param("delsp")) == ("flowed", delete)


def test_a_client_that_knows_nothing_of_it_sees_short_lines() -> None:
    """Every line of the part is at most 78 columns wide, but for addresses."""
    lines = content(part(letter(issue(article(LONG["en"], excerpt=LONG["ja"])), "ja"))).splitlines()
    assert [line for line in lines if layout.width(line) > 78 and "https://" not in line] == []


def test_lines_that_could_be_misread_are_stuffed() -> None:
    """A line that begins like a quotation or an mbox separator gets a space in front, and loses it again."""
    shown = replace(message(text="x"), flowed="> not quoted\nFrom here on\n  two spaces\nplain\n")

    assert content(part(shown)) == " > not quoted\n From here on\n   two spaces\nplain\n"
    assert paragraphs(part(shown)) == ["> not quoted", "From here on", "  two spaces", "plain"]


def test_the_signature_mark_does_not_flow() -> None:
    """The mark is a line of its own, whatever stands around it."""
    assert paragraphs(part(letter(full_issue()))).count("-- ") == 1


def test_text_that_cannot_flow_is_sent_as_it_is() -> None:
    """A text without soft line ends of its own is a plain part without format."""
    text = part(message(text=" as it is\n"))
    assert (text.get_param("format"), content(text)) == (None, " as it is\n")


def test_no_news_ends_a_line() -> None:
    """The sign of a soft line end cannot come from an article."""
    assert layout.SOFT not in sanitize.text(f"a{layout.SOFT}b")
