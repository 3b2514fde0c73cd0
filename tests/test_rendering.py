from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import THEME, article, full_issue, issue, newsletter, section, story, theme

from digest import rendering
from digest.text import layout, sanitize
from digest.theme import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from xml.etree.ElementTree import Element

    from digest.model import CompiledTheme, Issue, Message

HOSTILE = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "quotes": '"double" \'single\' `back` ><p class="x">',
    "entities": "AT&amp;amp;T &amp;lt;b&amp;gt; &copy; &notanentity; &#x26;#60;",
    "expression": "{{ 7*7 }} {{ newsletter.sender }} {# gone #}",
    "statement": "{% for x in y %} {% endraw %} {%- if %}",
    "own-jinja": '[[ theme.accent ]] [% include "head.mjml" %] [# gone #]',
    "title": "</title><body onload=alert(1)></h3></a></td></table>",
    "comment": "<!--[if mso]> --> <![endif]--> <!-- jinjax0001x jinjas0001s",
    "merge-tags": "*|UNSUB|* %recipient.name% [[UNSUB_LINK]] {{{raw}}} <%= x %> ${x} #{x}",
    "right-to-left": "שלום \u202eevil\u202c مرحبا \u2067x\u2069",
    "emoji": "👩‍🔬 👍🏽 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "odd-spaces": "a\u00a0b\u200bc\u200dd\u3000e\u2028f\u0085g",
    "combining": "e\u0301 Z\u0361\u0324a\u0324l\u0348g\u0321o\u0322",
    "backslashes": r"\u{A0} \n \\ \x00 \g<0> \1",
    "controls": "a\x00b\x07c\x1bd\ufeffe\ud800f\uffffg\r\nBcc: x@example.com",
    "long-words": "W" * 300 + " " + "ü" * 300,
    "style": "</style>}</style>; background: url(javascript:alert(1))",
}
"""Titles that must arrive as they are, and as nothing else."""


@pytest.fixture(scope="module", autouse=True)
def look(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CompiledTheme]:
    """Compile the default theme once, into a cache of this module's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield load(THEME, {}, language="en")


def render(shown: Issue) -> Message:
    """Return the message of *shown* in the default theme."""
    return rendering.render(shown, newsletter(), load(THEME, {}, language="en"))


def page(message: Message) -> Element:
    """Return the HTML as a browser reads it."""
    found: Element = html5lib.parse(message.html, namespaceHTMLElements=False)
    return found


def structure(message: Message) -> list[tuple[object, ...]]:
    """Return every element and comment with the names of its attributes, but for spans that say a direction."""
    found = [(element.tag, *sorted(element.attrib)) for element in page(message).iter()]
    return [one for one in found if one != ("span", "dir")]


@cache
def harmless() -> list[tuple[object, ...]]:
    """Return the structure of the letter with one harmless story."""
    return structure(render(issue()))


def words_of(message: Message, tag: str) -> list[str]:
    """Return the text of each element of that name."""
    return ["".join(element.itertext()) for element in page(message).iter(tag)]


# --- article text is never more than text


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_titles_arrive_as_they_are(name: str) -> None:
    """A hostile title is read by a browser as its very characters."""
    assert [sanitize.text(HOSTILE[name])] == words_of(render(issue(article(HOSTILE[name]))), "h3")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_titles_add_no_element(name: str) -> None:
    """A hostile title leaves the structure of the letter as a harmless one does."""
    hostile = article(HOSTILE[name], provider=HOSTILE[name])
    assert harmless() == structure(render(issue(hostile)))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_excerpts_add_no_element(name: str) -> None:
    """A hostile excerpt, whether it is cut or not, leaves the structure of the letter alone."""
    assert harmless() == structure(render(issue(article(excerpt=f"{HOSTILE[name]}."))))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_coverage_adds_no_element(name: str) -> None:
    """A hostile name of other coverage, which stands in an attribute too, leaves the structure alone."""
    expected, actual = (
        structure(render(issue(story(also=((provider, "https://lab.example.com/"),)))))
        for provider in ("Lab Notes", HOSTILE[name])
    )
    assert expected == actual


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_section_titles_add_no_element(name: str) -> None:
    """A hostile topic, shown as a section's title, leaves the structure alone."""
    hostile = section(article(), title=sanitize.text(HOSTILE[name]))
    assert harmless() == structure(render(issue(sections=(hostile,))))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_titles_arrive_in_the_text(name: str) -> None:
    """The words of a hostile title stand in the plain text as they are."""
    expected = sanitize.text(HOSTILE[name]).split()
    text = re.sub("[\u2068\u2069]", "", render(issue(article(HOSTILE[name]))).text)
    assert expected == text.partition("1.")[2].split()[: len(expected)]


@given(st.text())
@settings(max_examples=100)
def test_any_title_is_only_text(title: str) -> None:
    """Whatever the title, the headline reads the same and the structure stays."""
    message = render(issue(article(title)))
    assert [sanitize.text(title)] == words_of(message, "h3")
    assert harmless() == structure(message)


@given(st.text(st.sampled_from("<>&\"'{}%#[]/-!=;:*|\\ \n\u00a0\u0301\u202eab1"), max_size=60))
@settings(max_examples=100)
def test_any_markup_is_only_text(title: str) -> None:
    """Whatever is made of the signs of mark-up and templates, it reads the same and the structure stays."""
    message = render(issue(article(title, excerpt=f"{title}.")))
    assert [sanitize.text(title)] == words_of(message, "h3")
    assert harmless() == structure(message)


def test_addresses_arrive_as_they_are() -> None:
    """An address with every odd sign is read by a browser as itself."""
    odd = "https://news.example.com/a'b(c)/\u00fc?q=\"<>&x={{y}}&copy=1&lt=2#f"
    link = page(render(issue(article(url=odd)))).find(".//h3/a")
    assert link is not None
    assert sanitize.address(odd) == link.get("href")


# --- the letter


def test_same_input_gives_same_bytes() -> None:
    """The same issue gives the same message, byte for byte."""
    assert render(full_issue()) == render(full_issue())


def test_headings_are_in_order() -> None:
    """One h1, an h2 a section, an h3 a story, in reading order."""
    headings = [one.tag for one in page(render(full_issue())).iter() if one.tag in {"h1", "h2", "h3", "h4"}]
    assert headings == ["h1", "h2", "h3", "h3", "h2", "h3", "h3"]


def test_preheader_comes_first_and_is_hidden() -> None:
    """The first text of the letter is the preheader, in an element no client shows."""
    message = render(full_issue())
    first = next(element for element in page(message).iter("div") if (element.text or "").strip())
    assert message.preheader == re.sub("[\u034f\u200c\u00a0]+$", "", first.text or "")
    assert "display:none" in (first.get("style") or "")


def test_preheader_names_the_other_headlines() -> None:
    """The preheader lists the headlines behind the subject."""
    shown = issue(article("One"), article("Two"), article("Three"))
    assert (render(shown).subject, render(shown).preheader) == ("One", "Also: Two; Three")


def test_lone_story_has_its_excerpt_as_preheader() -> None:
    """Where there is no other headline, the preheader is the excerpt."""
    assert render(issue()).preheader == "They did it in the dark."


def test_long_headline_is_cut_in_the_subject_only() -> None:
    """A headline longer than a subject may be is cut there, and whole in the letter."""
    title = "word " * 40 + "end"
    message = render(issue(article(title)))
    assert (90, [title]) >= (len(message.subject), words_of(message, "h3"))
    assert message.subject.endswith("word…")


@pytest.mark.parametrize("position", [0, 1], ids=["lead", "other"])
def test_bare_story_leaves_no_empty_element(position: int) -> None:
    """A story without picture, excerpt and coverage leaves no empty paragraph, link or picture behind."""
    stories = [article(), article("Second", path="b.md")]
    stories[position] = article("Bare", excerpt="", path="bare.md")
    found = page(render(issue(*stories))).iter()
    empty = [one.tag for one in found if one.tag in {"p", "a", "h3", "strong"} and not "".join(one.itertext()).strip()]
    assert empty == []


def test_story_without_picture_has_none() -> None:
    """Without picture and icon no img element is in the letter."""
    assert list(page(render(issue())).iter("img")) == []


def test_pictures_carry_alt_and_width() -> None:
    """Every picture has a source over https, an alternative text, be it empty, and a width."""
    pictures = list(page(render(full_issue())).iter("img"))
    assert len(pictures) == 4
    assert {(True, "", True)} == {
        ((one.get("src") or "").startswith("https://"), one.get("alt"), (one.get("width") or "").isdigit())
        for one in pictures
    }


def test_picture_without_tls_is_left_out() -> None:
    """A picture on a plain http address, which clients block, is not shown."""
    assert "http://pictures" not in render(issue(article(picture="http://pictures.example.com/a.png"))).html


def test_no_empty_link_or_row() -> None:
    """Every link of the full letter leads somewhere and has words or a label."""
    links = list(page(render(full_issue())).iter("a"))
    assert [one.attrib for one in links if not (one.get("href") or "").startswith("https://")] == []
    assert [one.attrib for one in links if not "".join(one.itertext()).strip()] == []


def test_headlines_link_to_the_article() -> None:
    """Each headline is a link with the article's address."""
    links = page(render(full_issue())).findall(".//h3/a")
    assert [pick.article.url for pick in full_issue().picks] == [link.get("href") for link in links]


def test_ids_are_unique() -> None:
    """No id stands twice in the letter."""
    found = [one.get("id") for one in page(render(full_issue())).iter() if one.get("id")]
    assert len(set(found)) == len(found)


# --- its plain-text twin


def links(message: Message) -> set[str]:
    """Return every address that the HTML links to."""
    return {one.get("href") or "" for one in page(message).iter("a")}


def long_lines(message: Message) -> list[str]:
    """Return the lines of the text that do not fit a screen, short of those that hold an address."""
    return [line for line in message.text.splitlines() if len(line) > 78 and "https://" not in line]


def test_text_has_every_link() -> None:
    """Every address that the HTML links to stands in the text, followed by white space."""
    message = render(full_issue())
    assert len(links(message)) == 7
    assert links(message) <= set(message.text.split())


def test_text_fits_the_screen() -> None:
    """No line of the text is wider than 78 columns but for addresses."""
    also = (("Very Long Name " * 9, "https://lab.example.com/"),)
    wordy = article("many words " * 30, excerpt="more words " * 60, provider="Very Long Name " * 9)
    assert long_lines(render(issue(wordy, story(wordy, also=also)))) == []


def test_text_fits_the_screen_below_long_section_titles() -> None:
    """A section title of many words makes no line wider than 78 columns."""
    sections = (section(article(), title="Robots and people " * 6), section(article(), title="AI"))
    assert long_lines(render(issue(sections=sections))) == []


def test_text_fits_the_screen_below_a_long_name() -> None:
    """A newsletter with a long name makes no line wider than 78 columns."""
    named = newsletter(name="The Week in Machines that Learn, See, Speak and Write, and What Comes of It Each Time")
    assert long_lines(rendering.render(issue(), named, load(THEME, {}, language="en"))) == []


def test_text_fits_the_screen_above_a_long_imprint() -> None:
    """A long reason and a long postal address make no line wider than 78 columns."""
    wordy = newsletter(why="because you asked " * 12, postal="Some Street 1, " * 12)
    assert long_lines(rendering.render(issue(), wordy, load(THEME, {}, language="en"))) == []


def test_text_never_breaks_a_word() -> None:
    """The longest word there is, of 80 characters, stands whole on a line of its own, over the 78 of others."""
    assert "W" * 80 in render(issue(article("W" * 80))).text.split()


def test_text_has_no_stray_white_space() -> None:
    """No line but the signature mark ends in white space, and three empty lines never follow each other."""
    text = render(full_issue()).text
    assert [line for line in text.splitlines() if line != line.rstrip()] == ["-- "]
    assert ("\n\n\n\n" in text, text.endswith("\n"), text.startswith("THE AI WEEK\n")) == (False, True, True)


def test_text_of_the_letter() -> None:
    """The text of a small issue reads as an editor would write it."""
    also = (("Lab Notes", "https://lab.example.com/1"),)
    bare = article("Bees count to four", excerpt="", url="https://news.example.com/bees")
    message = render(issue(sections=(section(story(also=also)), section(bare, title="Science"))))
    assert message.text == (
        "THE AI WEEK\n"
        "5–11 November 2020, 2 stories, 1 min read\n"
        "\n"
        "Read on the web:\n"
        "https://example.com/issues/2020-11-11/\n"
        "\n"
        "IN THIS ISSUE\n"
        "\n"
        "- AI: Robots learn to fold towels\n"
        "- Science: Bees count to four\n"
        "\n\n"
        "AI\n"
        "\n"
        "1. Robots learn to fold towels\n"
        "\n"
        "   They did it in the dark.\n"
        "\n"
        "   Wired Meadow, 9 November\n"
        "   https://news.example.com/towels\n"
        "\n"
        "   Also covered by:\n"
        "   - Lab Notes\n"
        "     https://lab.example.com/1\n"
        "\n\n"
        "SCIENCE\n"
        "\n"
        "2. Bees count to four\n"
        "\n"
        "   Wired Meadow, 9 November\n"
        "   https://news.example.com/bees\n"
        "\n"
        "-- \n"
        "You get this because you signed up for The AI Week.\n"
        "\n"
        "Unsubscribe with one click:\n"
        "https://example.com/unsubscribe\n"
        "\n"
        "The AI Week, 1 Example Street, 10115 Berlin, Germany\n"
    )


def test_text_is_not_escaped() -> None:
    """The text has signs as they are, not as HTML writes them."""
    assert 'Ben & Jerry\'s <ice> "cream"' in render(issue(article('Ben & Jerry\'s <ice> "cream"'))).text


def test_theme_sees_every_variable(tmp_path: Path) -> None:
    """What templates/README.md promises is there, and ready to print."""
    twin = "{{ issue.id }}|{{ issue.period }}|{{ issue.summary }}|{{ subject }}|{{ web_url }}|{{ unsubscribe_url }}"
    folder = theme(tmp_path)
    (tmp_path / "theme" / "issue.txt").write_text(twin)
    text = rendering.render(issue(), newsletter(), load(folder, {}, language="en")).text
    assert text.split("|") == [
        "2020-11-11",
        "5–11 November 2020",
        "1 story",
        "Robots learn to fold towels",
        "https://example.com/issues/2020-11-11/",
        "https://example.com/unsubscribe\n",
    ]


# --- words


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("as it is", 8, "as it is"),
        ("one two three", 9, "one two…"),
        ("one two three", 7, "one…"),
        ("one, two three", 6, "one…"),
        ("unbreakable", 5, "unbr…"),
        ("", 5, ""),
    ],
    ids=["fits", "cut", "room-for-the-mark", "no-comma", "one-word", "empty"],
)
def test_cut_ends_behind_a_word(text: str, limit: int, expected: str) -> None:
    """Words are cut behind a whole word, marked with an ellipsis and without a comma before it."""
    assert expected == layout.cut(text, limit)


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("Short and whole", 40, "Short and whole"),
        ("First sentence here. Second one is too long", 30, "First sentence here."),
        ("He said “stop.” Then it went on and on", 30, "He said “stop.”"),
        ("One. Then a very long sentence that goes on", 30, "One. Then a very long…"),
        ("A man in ...", 40, "A man in…"),
        ("A man in [...]", 40, "A man in…"),
        ("A man and a wom...", 40, "A man and a…"),
        ("A whole sentence, then half a wo…", 40, "A whole sentence, then half a…"),
        ("It is over. And th...", 40, "It is over."),
        ("word " * 20 + "wor", 200, "word " * 19 + "word…"),
        ("", 40, ""),
        ("...", 40, ""),
    ],
    ids=[
        "whole", "sentence", "quotes", "early-sentence", "between-words", "brackets", "half-word", "ellipsis",
        "half-sentence", "scraped", "empty", "nothing",
    ],
)  # fmt: skip
def test_excerpt_ends_well(text: str, limit: int, expected: str) -> None:
    """An excerpt ends with a sentence where it can, and what the source broke off is mended."""
    assert expected == layout.excerpt(text, limit)


@given(st.text(), st.integers(min_value=20, max_value=80))
def test_excerpt_keeps_its_limit(raw: str, limit: int) -> None:
    """Whatever the text, its excerpt is within the limit and adds nothing but an ellipsis."""
    text = sanitize.text(raw)
    found = layout.excerpt(text, limit)
    assert layout.size(found) <= limit
    assert text.startswith(found.removesuffix("…"))
