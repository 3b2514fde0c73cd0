"""`text.references`: long addresses of the plain text are numbers, with a list of them at the end."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import date
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING

import golden
import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st
from samples import THEME, article, issue, newsletter, section, story, theme

from digest import checks, pipeline, rendering
from digest.config import settings
from digest.config.values import Shape
from digest.errors import SettingsError
from digest.issue.folder import IssueFolder
from digest.mail import built, merge_tags, personalise
from digest.mail.built import Reader
from digest.rendering import language
from digest.text import layout, references
from digest.theme import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.mail.built import BuiltIssue

LOOKS = sorted(str(path.parent) for path in Path(THEME).parent.glob("*/issue.mjml"))
LONG = "https://news.example.com/2020/11/09/a-ferry-without-a-crew-crosses-the-bay-at-night"
WORDS = """
newsletter: {{language: {tongue}, web: "https://example.com/the-letters-of-the-ai-week/issues/{{id}}/",
  unsubscribe: "https://example.com/leave-the-letters-of-the-ai-week/whoever-you-are/"}}
archive: [{seeds}]
templates: {look}
sections: [{{topic: AI, limit: 2}}, {{topic: Robotics, limit: 2}}]
utm: {{source: the-ai-week, medium: email}}
text: {{references: 40}}
blocks:
  - kind: note
    title: To the reader
    text: |
      We rode along, and [the whole report with all its annexes]({long}) is long.

      > A quotation from [a speech]({long}).
    at: top
  - {{kind: links, title: Quick hits, links: [{{title: A ferry, url: "{long}"}}], at: end}}
"""


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the compiled themes of these tests to themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def build(folder: Path, *, look: str = THEME, tongue: str = "en") -> pipeline.Built:
    """Build the sample with long addresses in stories, in an editor's words, and for leaving."""
    text = WORDS.format(tongue=tongue, seeds=golden.SEEDS, look=look, long=LONG)
    (folder / "digest.yaml").write_text(text, "utf-8")
    chosen = settings.load(str(folder / "digest.yaml"))
    return pipeline.build(chosen, pipeline.window_of(chosen, last=date(2020, 11, 11)))


def parts(text: str) -> tuple[str, dict[str, str], str]:
    """Return what stands before the list, the list, and what stands behind it."""
    bare = re.sub("[\u200f\u2068\u2069]", "", text)
    listed = re.findall(r"^(\[\d+\]) (https?://\S+)$", bare, re.MULTILINE)
    body, _, rest = bare.partition(f"\n{listed[0][0]} {listed[0][1]}\n")
    return body, dict(listed), rest.rpartition(f"{listed[-1][0]} {listed[-1][1]}\n")[2]


def numbered(text: str, longest: int = 20) -> str:
    """Return *text* as a theme may write it, with numbers."""
    return references.numbered(layout.tidy(text), longest, kept=(), heading="LINKS")


@pytest.mark.parametrize("tongue", ["en", "ar", "ja"])
@pytest.mark.parametrize("look", LOOKS, ids=os.path.basename)
def test_every_theme_has_them(tmp_path: Path, look: str, tongue: str) -> None:
    """In every theme and direction each number has its address and each address one number; `check` finds nothing."""
    done = build(tmp_path, look=look, tongue=tongue)
    body, listed, rest = parts(done.message.text)
    links = set(re.findall(r"https://[^\"&]+", done.message.html))

    assert [str(found) for found in checks.check(checks.load(done.folder)) if found.rule != "old-issue"] == []
    assert list(listed) == [f"[{number}]" for number in range(1, len(listed) + 1)]
    assert len(set(listed.values())) == len(listed) > 8
    assert list(dict.fromkeys(re.findall(r"\[\d+\]", body))) == list(listed)
    assert {address.partition("&")[0] for address in listed.values()} <= links
    assert language.load(tongue, {}).say("Links").upper() in body.splitlines()[-2:]
    assert rest.startswith("\n-- \n")


def test_an_address_has_one_number(tmp_path: Path) -> None:
    """An address behind words and on a line of its own is one; its number ends the line above, words go on around."""
    body, listed, _ = parts(build(tmp_path).message.text)

    assert listed["[1]"] == LONG
    assert "\nWe rode along, and the whole report with all its annexes [1] is long.\n" in body
    assert "\n- A ferry [1]\n" in body
    assert re.search(r"\n   Harbour Times, 6 November \[\d+\]\n", body)


@pytest.mark.parametrize("look", LOOKS, ids=os.path.basename)
def test_the_addresses_of_each_reader_stay(tmp_path: Path, look: str) -> None:
    """The addresses of the web view and of leaving stand where they did, for readers and for services."""
    letter: BuiltIssue = built.read(IssueFolder(build(tmp_path, look=look).folder))
    own = "https://example.com/leave?reader=ann"
    sent = personalise.cut(letter).message(Reader(address="ann@example.com"), own, at=0, one_click=True)
    [text, _] = message_from_bytes(sent, policy=default).iter_parts()
    tags = merge_tags.translate(letter, merge_tags.LIQUID, unsubscribe="{{ leave }}", target="x", web="{{ web }}")

    assert len(letter.unsubscribe) > 40 < len(letter.web)
    assert f"\nUnsubscribe with one click:\n{letter.unsubscribe}\n" in letter.text
    assert f"\nRead on the web:\n{letter.web}\n" in letter.text
    assert f"\nUnsubscribe with one click:\n{own}\n" in str(text.get_content()).replace("\r\n", "\n")
    assert "\nRead on the web:\n{{ web }}\n" in tags.text
    assert "\nUnsubscribe with one click:\n{{ leave }}\n" in tags.text


def test_a_strangers_theme_has_them(tmp_path: Path) -> None:
    """A theme that knows nothing of it and has no signature gets the list at its end."""
    stories = "{% for story in sections[0].stories %}\n* {{ story.headline }}: {{ story.url }}\n{% endfor %}"
    own = f"{{{{ newsletter.name }}}}\n{stories}"
    look = load(theme(tmp_path, issue_txt=own), {}, language="en")
    shown = issue(sections=(section(story(article("Ferry", url=LONG))),))

    assert rendering.render(shown, newsletter(), look, Shape(references=60)).text == (
        f"The AI Week\n* Ferry: [1]\n\n\nLINKS\n\n[1] {LONG}\n"
    )
    assert rendering.render(shown, newsletter(), look).text == f"The AI Week\n* Ferry: {LONG}\n"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (f"({LONG}).", "[1]."),
        (f"(see {LONG} and go)", "(see [1] and go)"),
        ("(https://en.example.org/wiki/Ferry_(boat)), says", "[1], says"),
        ("報告（東京）(https://example.com/report)と言う", "報告（東京）[1]と言う"),
        ("[1] is not one of ours: https://example.com/report", "[1] is not one of ours: [1]"),
        # Where the address ends is not certain.
        (f"It is at {LONG}.", f"It is at {LONG}."),
        ("at https://en.example.org/wiki/Ferry_(boat)", "at https://en.example.org/wiki/Ferry_(boat)"),
        ("(https://example.com/report)s of", "(https://example.com/report)s of"),
        ("(https://example.com/report", "(https://example.com/report"),
        # Short, or none.
        ("https://example.com/", "https://example.com/"),
        ("ahttps://example.com/report", "ahttps://example.com/report"),
    ],
)
def test_addresses_among_words(written: str, shown: str) -> None:
    """An address is a number where it is certain where it ends, with its brackets where it stood in some."""
    assert numbered(f"{written}\n").split("\n\n\nLINKS\n")[0].rstrip("\n") == shown


def test_an_address_alone_is_taken_whole() -> None:
    """On a line of its own an address may end in any sign, and one above or an empty line takes no number."""
    text = f"{LONG}.\n\n  {LONG}?\n{LONG}!\n-- \n{LONG})\n"

    assert numbered(text) == (
        f"[1]\n\n  [2] [3]\n\n\nLINKS\n\n[1] {LONG}.\n[2] {LONG}?\n[3] {LONG}!\n[4] {LONG})\n\n-- \n[4]\n"
    )


def test_a_line_that_gets_too_long_is_filled() -> None:
    """A number that does not fit is on the next line, below the words of its item."""
    words = "- " + "a" * (layout.COLUMNS - 4)

    assert numbered(f"{words}\n  {LONG}\n").startswith(f"{words}{' '}{layout.SOFT}  [1]\n")


def test_nothing_long_changes_nothing() -> None:
    """A text whose addresses are short is the same, to the byte."""
    text = layout.tidy(f"{layout.fill('word ' * 40)}\n  https://example.com/\n\n-- \nby\n")

    assert references.numbered(text, 20, kept=(), heading="LINKS") == text
    assert references.numbered(text, 1, kept=("https://example.com/",), heading="LINKS") == text


_WORD = st.text("ab.-日本語、אש\u0301[1]()", min_size=1, max_size=12)
_LINKED = st.integers(0, 4).map(lambda number: f"words ({LONG}{number})")


@given(st.lists(st.lists(_WORD | _LINKED, min_size=1, max_size=20).map(" ".join), min_size=1, max_size=5))
@trials(max_examples=100)
def test_nothing_is_lost(paragraphs: list[str]) -> None:
    """With the addresses put back each paragraph is what it was, and no line is wider than before."""
    text = layout.tidy("\n\n".join(layout.fill(paragraph, indent="  ") for paragraph in paragraphs))
    body, *after = numbered(text).split("\n\n\nLINKS\n\n")
    addresses = dict(line.split(" ") for line in (after[0] if after else "").splitlines())
    wide = [line for line in layout.plain(body).split("\n") if layout.width(line) > layout.COLUMNS]

    def joined(written: str) -> str:
        return written.replace(f"{layout.SOFT}  ", "").rstrip("\n")

    if LONG in text:
        assert len(addresses) == len(set(re.findall(rf"{LONG}\d", text)))
        whole = re.sub(r"words \[(\d+)\]", lambda mark: f"words ({addresses[mark[0][6:]]})", joined(body))
        assert whole == joined(text)
    else:
        assert (body, after) == (text, [])
    assert [line for line in wide if LONG not in line] == [
        line for line in layout.plain(text).split("\n") if layout.width(line) > layout.COLUMNS and LONG not in line
    ]


def test_the_default_is_never(tmp_path: Path) -> None:
    """What is not set is `never`, and changes neither a letter nor the hash of its settings."""
    file = tmp_path / "digest.yaml"
    hashes = []
    for text in ("images: all\n", "text: {references: never}\n", "text: {references: 60}\n"):
        file.write_text(text, "utf-8")
        hashes.append(settings.load(str(file)).digest)

    assert hashes[0] == hashes[1] != hashes[2]
    assert replace(settings.load(str(file)).shape, references=None) == Shape()


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("{references: true}", ":1: text.references is 'true', not a whole number from 1 to 2000"),
        ("{references: 0}", ":1: text.references is '0', not a whole number from 1 to 2000"),
        ("{reference: 60}", ":1: unknown key 'text.reference'; did you mean 'references'?"),
        ("60", ":1: text is not a list of `key: value` lines"),
    ],
)
def test_slips_are_told(tmp_path: Path, written: str, problem: str) -> None:
    """A wrong value has its line and what to write."""
    file = tmp_path / "digest.yaml"
    file.write_text(f"text: {written}\n", "utf-8")
    with pytest.raises(SettingsError) as raised:
        settings.load(str(file))

    assert str(raised.value) == f"{file}{problem}"
