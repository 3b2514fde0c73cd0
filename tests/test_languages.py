"""Languages: tags, catalogues, dates, plurals, lists, directions, and letters in them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import golden
import html5lib
import pytest
from babel import Locale
from babel.localedata import locale_identifiers
from babel.messages import pofile
from hypothesis import given
from hypothesis import strategies as st
from samples import THEME, article, full_issue, issue, newsletter, section, story, theme

from digest import rendering
from digest.errors import ThemeError
from digest.model import Pick, Section
from digest.rendering import language
from digest.rendering.language import Cldr
from digest.text import languages, layout
from digest.theme import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages import Catalog

    from digest.model import Article, Issue, Message

SHIPPED = ("ar", "de", "es", "fr", "he", "hi", "it", "ja", "nl", "pl", "pt", "pt_PT", "tr", "uk", "zh", "zh_Hant")
SHARED = golden.ROOT / "digest" / "theme" / "shared"
CODE = [*(golden.ROOT / "digest" / "rendering").glob("*.py"), *Path(THEME).glob("*.mjml"), *SHARED.iterdir()]


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the compiled themes of these tests to themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def catalogue(name: str) -> Catalog:
    """Return a shipped catalogue as Babel reads it."""
    file = Path(language.FOLDER) / name
    return pofile.read_po(StringIO(file.read_text(encoding="utf-8")), abort_invalid=True)


def letter(tag: str, shown: Issue | None = None, *, look: str = THEME) -> Message:
    """Return a letter in that language."""
    speaking = replace(newsletter(language=tag), why="")
    return rendering.render(shown or full_issue(), speaking, load(look, {}, language=tag))


# --- tags


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("en", "en"),
        ("EN", "en"),
        ("pt_br", "pt-BR"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("de-1996", "de"),
        (" fil ", "fil"),
        ("English", ""),
        ("", ""),
        ("x", ""),
        ("en-", ""),
    ],
)
def test_a_tag_is_written_by_rule(written: str, tag: str) -> None:
    """Case and underscores are put right; what is no tag is none."""
    assert tag == languages.normal(written)


@pytest.mark.parametrize(
    ("wanted", "tag", "covered"),
    [
        ("en", "en-GB", True),
        ("en", "de", False),
        ("pt-BR", "pt-BR", True),
        ("pt-BR", "pt", False),
        ("pt-BR", "pt-PT", False),
        ("es-419", "es-419", True),
        ("no", "nb", True),
        ("no", "nn", True),
        ("nb", "no", True),
        ("nn", "nb", False),
        ("zh-Hant", "zh-TW", True),
        ("zh-Hans", "zh-TW", False),
        ("zh", "zh-TW", True),
        ("sr-Latn", "sr", False),
    ],
)
def test_a_language_covers_its_regions(wanted: str, tag: str, *, covered: bool) -> None:
    """A tag covers what says more, and Norwegian both of its written languages; a script or region must be the same."""
    assert languages.covers(wanted, tag) is covered


@given(st.sampled_from([name.replace("_", "-") for name in locale_identifiers()]))
def test_every_tag_covers_itself(tag: str) -> None:
    """So does its language alone, but for a script that the tag names and the language does not tell."""
    assert languages.covers(tag, tag)
    assert languages.covers(tag.partition("-")[0], tag) or tag.startswith("zh-")


def test_directions_are_those_of_cldr() -> None:
    """Every language and script that CLDR knows has the direction CLDR says, but for two that are written downward."""
    wrong = [
        name
        for name in locale_identifiers()
        if name.count("_") < 2
        and Locale.parse(name).text_direction != languages.direction(name.replace("_", "-"))
        and not name.startswith("mn_Mong")
    ]

    assert wrong == []


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("en", "en-US", False),
        ("en", "de", True),
        ("zh-Hans", "zh-TW", True),
        ("zh-Hans", "zh-CN", False),
        ("zh-Hant", "zh-HK", False),
        ("zh", "zh-TW", False),
        ("sr-Latn", "sr-Cyrl", True),
        ("sr-Latn", "sr", False),
    ],
)
def test_when_two_tags_are_one_language(one: str, other: str, expected: bool) -> None:
    """A region makes no other language; a script that is named on both sides does."""
    assert expected == languages.differ(one, other) == languages.differ(other, one)


@pytest.mark.parametrize(
    ("tag", "known"),
    [
        ("en", "en_001"),
        ("en-US", "en_US"),
        ("pt-BR", "pt_BR"),
        ("zh-TW", "zh_Hant_TW"),
        ("de-XX", "de"),
        ("xx", "None"),
    ],
)
def test_the_longest_part_of_a_tag_that_is_known_counts(tag: str, known: str) -> None:
    """A region that CLDR does not know is left off; English without one is the world's."""
    assert known == str(languages.locale(tag))


@pytest.mark.parametrize(
    ("tag", "hint"),
    [
        ("german", "did you mean 'de'?"),
        ("jp", "did you mean 'ja'?"),
        ("ua", "did you mean 'uk'?"),
        ("frensh", "did you mean 'fr'?"),
        ("xx", "write it like en or pt-BR"),
        ("klingonese", "write it like en or pt-BR"),
    ],
)
def test_an_unknown_language_names_the_nearest(tag: str, hint: str) -> None:
    """A name, a misspelling or a country's code leads to the language that was meant."""
    assert hint == languages.nearest(tag)


# --- catalogues


def used() -> set[tuple[str, ...]]:
    """Return every message that the code and the default theme ask for, plural ones as pairs."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in CODE)
    single = re.findall(r"(?:\b_|\.say)\(\s*\"([^\"]+)\"", text) + re.findall(r"^_WHY = \"(.+)\"$", text, re.MULTILINE)
    plural = re.findall(r"(?:ngettext|\.count)\(\s*\"([^\"]+)\",\s*\"([^\"]+)\"", text)
    return {(one,) for one in single} | set(plural)


def messages(name: str) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Return what a catalogue says, by what it is asked."""
    found = {}
    for message in catalogue(name):
        if message.id:
            key = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
            value = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
            found[tuple(key)] = tuple(form or "" for form in value)
    return found


def test_the_list_of_words_has_all_that_is_asked_for() -> None:
    """words.pot names every message of the code and the default theme."""
    assert len(used()) > 15
    assert used() <= set(messages("words.pot"))


def test_all_catalogues_are_there() -> None:
    """Every language that the documents promise has its file, and no other has."""
    assert {f"{name}.po" for name in SHIPPED} | {"words.pot"} == {file.name for file in Path(language.FOLDER).iterdir()}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_catalogue_is_complete(name: str) -> None:
    """It answers every message of words.pot and no other, nothing is empty, and nothing is marked as doubtful."""
    found = messages(f"{name}.po")

    assert set(messages("words.pot")) == set(found)
    assert [key for key, forms in found.items() if not all(forms)] == []
    assert [message.id for message in catalogue(f"{name}.po") if message.id and message.fuzzy] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_a_catalogue_fills_in_what_it_is_given(name: str) -> None:
    """Each form has the placeholders of the English one; only a number may be written out or left unsaid."""
    for key, forms in messages(f"{name}.po").items():
        wanted = set(re.findall(r"%\(\w+\)s", key[-1]))
        for form in forms:
            found = set(re.findall(r"%\(\w+\)s", form))
            assert (wanted - {"%(num)s"} <= found <= wanted, form) == (True, form)
            assert form % {name[2:-2]: "x" for name in wanted}


@pytest.mark.parametrize("name", SHIPPED)
def test_plurals_are_those_of_cldr(name: str) -> None:
    """The catalogue tells numbers apart as CLDR's rule of the language does, and has a form for each kind."""
    rule = Locale.parse(name).plural_form
    spoken = language.load(name.replace("_", "-"), {}).catalogue
    forms = catalogue(f"{name}.po").num_plurals
    kinds: dict[str, set[str]] = {}
    numbered = "%(num)s more story on the web", "%(num)s more stories on the web"
    for number in range(250):
        kinds.setdefault(rule(number), set()).add(spoken.ngettext(*numbered, number))

    assert [kind for kind, found in kinds.items() if len(found) != 1] == []
    assert len(kinds) in {forms, forms + 1}, "French has a form for millions, which no issue has"


@pytest.mark.parametrize(
    ("tag", "numbers"),
    [
        ("en", "0 stories, 1 story, 2 stories, 5 stories, 22 stories"),
        ("de", "0 Meldungen, 1 Meldung, 2 Meldungen, 5 Meldungen, 22 Meldungen"),
        ("fr", "0 article, 1 article, 2 articles, 5 articles, 22 articles"),
        ("pl", "0 artykułów, 1 artykuł, 2 artykuły, 5 artykułów, 22 artykuły"),
        ("uk", "0 новин, 1 новина, 2 новини, 5 новин, 22 новини"),
        ("ar", "لا أخبار, خبر واحد, خبران, 5 أخبار, 22 خبرًا"),
        ("he", "0 כתבות, כתבה אחת, שתי כתבות, 5 כתבות, 22 כתבות"),
        ("ja", "記事0本, 記事1本, 記事2本, 記事5本, 記事22本"),
    ],
)
def test_counts(tag: str, numbers: str) -> None:
    """Stories are counted as the language counts."""
    spoken = language.load(tag, {})
    counts = [spoken.count("%(num)s story", "%(num)s stories", number) for number in (0, 1, 2, 5, 22)]
    assert numbers == ", ".join(counts)


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("de-AT", "Abmelden"),
        ("pt", "Cancelar inscrição"),
        ("pt-BR", "Cancelar inscrição"),
        ("pt-PT", "Cancelar subscrição"),
        ("pt-MZ", "Cancelar subscrição"),
        ("zh-CN", "退订"),
        ("zh-Hant", "取消訂閱"),
        ("zh-HK", "取消訂閱"),
        ("iw", "ביטול הרשמה"),
        ("en-GB", "Unsubscribe"),
    ],
)
def test_a_region_takes_the_words_of_its_language(tag: str, expected: str) -> None:
    """A tag falls back as CLDR says: Mozambique to Portugal, Hong Kong to the traditional script."""
    spoken = language.load(tag, {})
    assert (expected, "") == (spoken.say("Unsubscribe"), spoken.note)


def test_a_language_without_a_catalogue_is_noted() -> None:
    """It has its dates, English words, and a note to the editor."""
    message = letter("sv", issue(article()))

    assert message.notes == ("newsletter.language: no catalogue for 'sv'; the letter's own words are English",)
    assert "5–11 november 2020" in message.text
    assert "Read on the web:" in message.text


# --- a theme's own


SWEDISH = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Read on the web:"\nmsgstr "{}"\n'


def test_a_theme_brings_a_language(tmp_path: Path) -> None:
    """What is in locale/sv.po is said, what is not is English, and there is nothing to note."""
    look = theme(tmp_path, locale_po="")
    (tmp_path / "theme" / "locale").mkdir()
    (tmp_path / "theme" / "locale" / "sv.po").write_text(SWEDISH.format("Läs på webben:"), encoding="utf-8")

    message = letter("sv", look=look)

    assert ("Läs på webben:" in message.text, "IN THIS ISSUE" in message.text, message.notes) == (True, True, ())


def test_a_theme_says_it_its_own_way(tmp_path: Path) -> None:
    """A theme's catalogue comes before the shipped one, word by word; its signs are escaped in the HTML."""
    look = theme(tmp_path)
    (tmp_path / "theme" / "locale").mkdir()
    own = SWEDISH.format("Hier klicken:").replace('"Read on the web:"', '"Unsubscribe with one click"')
    (tmp_path / "theme" / "locale" / "de.po").write_text(own.replace("Hier klicken:", "Weg & <fort>"), encoding="utf-8")

    message = letter("de", look=look)

    assert ">Weg &amp; &lt;fort&gt;</a>" in message.html
    assert "Im Web lesen:" in message.text


def test_a_changed_catalogue_changes_the_theme(tmp_path: Path) -> None:
    """The cache knows a theme by its catalogues, too."""
    look = theme(tmp_path)
    (tmp_path / "theme" / "locale").mkdir()
    digests = set()
    for said in ("Läs här:", "Läs där:"):
        (tmp_path / "theme" / "locale" / "sv.po").write_text(SWEDISH.format(said), encoding="utf-8")
        assert said in letter("sv", look=look).text
        digests.add(load(look, {}, language="sv").digest)

    assert len(digests) == 2


def test_a_broken_catalogue_has_a_place(tmp_path: Path) -> None:
    """A theme's catalogue that cannot be read is an error that names it."""
    look = theme(tmp_path)
    (tmp_path / "theme" / "locale").mkdir()
    file = tmp_path / "theme" / "locale" / "sv.po"
    file.write_text(SWEDISH.format("Läs") + "\nmsgfoo\n", encoding="utf-8")

    with pytest.raises(ThemeError) as caught:
        letter("sv", look=look)

    assert str(caught.value).startswith(f"{file}: is no catalogue: ")
    assert str(caught.value).endswith("; msgfmt --check says where")


# --- dates and lists
# ruff: noqa: E501 - a table


@pytest.mark.parametrize(
    ("tag", "day", "week", "months", "years"),
    [
        ("en", "9 November", "5–11 November 2020", "30 October – 5 November 2020", "28 December 2020 – 3 January 2021"),
        ("en-US", "November 9", "November 5 – 11, 2020", "October 30 – November 5, 2020", "December 28, 2020 – January 3, 2021"),
        ("de", "9. November", "5.–11. November 2020", "30. Oktober – 5. November 2020", "28. Dezember 2020 – 3. Januar 2021"),
        ("fr", "9 novembre", "5–11 novembre 2020", "30 octobre – 5 novembre 2020", "28 décembre 2020 – 3 janvier 2021"),
        ("es", "9 de noviembre", "5–11 de noviembre de 2020", "30 de octubre – 5 de noviembre de 2020", "28 de diciembre de 2020 – 3 de enero de 2021"),
        ("it", "9 novembre", "5–11 novembre 2020", "30 ottobre – 5 novembre 2020", "28 dicembre 2020 – 3 gennaio 2021"),
        ("pl", "9 listopada", "5–11 listopada 2020", "30 października – 5 listopada 2020", "28 grudnia 2020 – 3 stycznia 2021"),
        ("uk", "9 листопада", "5–11 листопада 2020\u00a0р.", "30 жовтня – 5 листопада 2020\u00a0р.", "28 грудня 2020 – 3 січня 2021\u00a0рр."),
        ("tr", "9 Kasım", "5–11 Kasım 2020", "30 Ekim – 5 Kasım 2020", "28 Aralık 2020 – 3 Ocak 2021"),
        ("ar", "9 نوفمبر", "5–11 نوفمبر 2020", "30 أكتوبر – 5 نوفمبر 2020", "28 ديسمبر 2020 – 3 يناير 2021"),
        ("he", "9 בנובמבר", "5–11 בנובמבר 2020", "30 אוקטובר – 5 נובמבר 2020", "28 דצמבר 2020 – 3 ינואר 2021"),
        ("hi", "9 नवंबर", "5–11 नवंबर 2020", "30 अक्टूबर – 5 नवंबर 2020", "28 दिसंबर 2020 – 3 जनवरी 2021"),
        ("ja", "11月9日", "2020年11月5日～11日", "2020年10月30日～11月5日", "2020年12月28日～2021年1月3日"),
        ("zh", "11月9日", "2020年11月5日至11日", "2020年10月30日至11月5日", "2020年12月28日至2021年1月3日"),
    ],
)  # fmt: skip
def test_dates(tag: str, day: str, week: str, months: str, years: str) -> None:
    """A day has no year, and a period names month and year once where both ends share them."""
    spoken = language.load(tag, {})

    assert day == spoken.day(date(2020, 11, 9))
    assert week == spoken.period(date(2020, 11, 5), date(2020, 11, 11))
    assert months == spoken.period(date(2020, 10, 30), date(2020, 11, 5))
    assert years == spoken.period(date(2020, 12, 28), date(2021, 1, 3))


def test_a_period_of_one_day_is_that_day() -> None:
    """One day is written with its month in full and its year."""
    day = date(2020, 11, 11)
    assert [language.load(tag, {}).period(day, day) for tag in ("en", "de", "ja")] == [
        "11 November 2020",
        "11. November 2020",
        "2020年11月11日",
    ]


def test_every_language_of_cldr_has_a_period() -> None:
    """A period can be written in every language that CLDR knows, and says both days."""
    for name in sorted(name for name in locale_identifiers() if "_" not in name and name != "root"):
        found = language.load(name, {}).period(date(2020, 10, 30), date(2020, 11, 5))
        assert len(found) > 8


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en", "A, B and IOL"),
        ("de", "A, B und IOL"),
        ("es", "A, B e IOL"),
        ("ar", "A وB وIOL"),
        ("he", "A, B ו-IOL"),
        ("ja", "A、B、IOL"),
        ("zh", "A、B和IOL"),
    ],
)
def test_lists(tag: str, expected: str) -> None:
    """Names are listed as the language lists them, with the conjunction as it sounds."""
    assert expected == language.load(tag, {}).listed(["A", "B", "IOL"])


@pytest.mark.parametrize(
    ("tag", "names", "expected"),
    [
        ("en", [], ""),
        ("en", ["A"], "A"),
        ("en", ["A", "B"], "A and B"),
        ("es", ["A", "Hielo"], "A y Hielo"),
        ("es", ["A", "Historia"], "A e Historia"),
        ("es", ["A", "B"], "A y B"),
        ("he", ["הארץ", "מעריב"], "הארץ ומעריב"),
    ],
)
def test_short_lists(tag: str, names: list[str], expected: str) -> None:
    """Two names have no comma, one has no conjunction, none is nothing."""
    assert expected == language.load(tag, {}).listed(names)


def test_turkish_capitals() -> None:
    """A Turkish i keeps its dot in capitals, an English one does not get one."""
    assert [language.load(tag, {}).upper("ilk ışık") for tag in ("tr", "en")] == ["İLK IŞIK", "ILK IŞIK"]


# --- letters


@pytest.mark.parametrize("tag", ["en", *(name.replace("_", "-") for name in SHIPPED)])
def test_a_letter_in_every_language(tag: str) -> None:
    """No English word of the letter's own is left in another language, and its lines fit the screen."""
    message = letter(tag)
    english = [
        "Read on the web",
        "In this issue",
        "Also covered",
        "Unsubscribe with",
        "stories",
        "You get this",
        "min read",
    ]
    found = [one for one in english if one.casefold() in (message.html + message.text).casefold()]

    assert found == (english if tag == "en" else [])
    assert [line for line in message.text.splitlines() if layout.width(line) > 74 and "https://" not in line] == []


def own(title: str, tag: str, **changes: str) -> Article:
    """Return an article whose file names its language."""
    return replace(article(title, **changes), language=tag)


def headline(message: Message) -> str:
    """Return the mark-up of the lead's headline inside its link."""
    found = re.search(r"<h3[^>]*><a[^>]*>(.*?)</a>", message.html)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("tag", "story_tag", "title", "expected"),
    [
        ("en", "", "Bees count", "Bees count"),
        ("en", "en-US", "Bees count", "Bees count"),
        ("en", "de", "Bienen zählen", '<span lang="de" dir="ltr">Bienen zählen</span>'),
        ("en", "ar", "النحل", '<span lang="ar" dir="rtl">النحل</span>'),
        ("en", "", "النحل", '<span dir="rtl">النحل</span>'),
        ("en", "", "1, 2, 3", "1, 2, 3"),
        ("ar", "", "النحل", "النحل"),
        ("ar", "fa", "زنبورها", '<span lang="fa" dir="rtl">زنبورها</span>'),
        ("ar", "", "Bees count?", '<span dir="ltr">Bees count?</span>'),
        ("ar", "en", "Bees count?", '<span lang="en" dir="ltr">Bees count?</span>'),
    ],
)
def test_a_foreign_headline_is_marked(tag: str, story_tag: str, title: str, expected: str) -> None:
    """Language and direction stand on a headline where they differ from the letter's, and nowhere else."""
    assert expected == headline(letter(tag, issue(own(title, story_tag))))


def test_the_editors_own_words_are_in_the_issues_language() -> None:
    """A foreign story whose headline the editor wrote keeps its language for the excerpt only."""
    pick = Pick(story=story(own("Bienen zählen", "de", excerpt="Bis vier.")), title=article("Bees count").title)
    message = letter("en", issue(sections=(Section(title="AI", topics=("AI",), picks=(pick,)),)))

    assert headline(message) == "Bees count"
    assert '<span lang="de" dir="ltr">Bis vier.</span>' in message.html


def test_names_in_a_letter_from_right_to_left_keep_their_order() -> None:
    """Latin names and titles are isolated, so that the comma and the day behind them stay in place."""
    html = letter("ar", issue(sections=(section_of_two(),))).html

    assert '<strong><span dir="ltr">Wired Meadow</span></strong>، 9\u00a0نوفمبر' in html
    assert html.count('<span dir="ltr">Lab Notes</span>') == 1


def section_of_two() -> Section:
    """Return one story with two names below it."""
    also = (("Lab Notes", "https://lab.example.com/1"), ("Morning Ledger", "https://ledger.example.com/2"))
    return section(story(article("عنوان", excerpt="نص."), also=also))


def test_styles_follow_the_direction() -> None:
    """A letter from right to left has no text aligned left, and a letter from left to right none aligned right."""
    aligned = {
        tag: set(re.findall(r"text-align:\s*(left|right)|\balign=\"(left|right)\"", letter(tag).html))
        for tag in ("en", "ar")
    }

    assert {side for pair in aligned["ar"] for side in pair} - {""} == {"right"}
    assert {side for pair in aligned["en"] for side in pair} - {""} == {"left"}


def test_every_child_of_the_body_says_language_and_direction() -> None:
    """What a web mail cuts out of the page still knows both."""
    body = html5lib.parse(letter("ar").html, namespaceHTMLElements=False).find("body")
    assert body is not None

    assert {(child.get("lang"), child.get("dir")) for child in body} == {("ar", "rtl")}


# --- the text from right to left


def test_lines_from_right_to_left_begin_so() -> None:
    """Every line but an address begins with the mark; an address and the signature mark are as they are."""
    lines = [line for line in letter("he").text.splitlines() if line]
    bare = [line for line in lines if not line.startswith("\u200f")]

    assert [line for line in bare if not line.strip().startswith("https://")] == ["-- "]
    assert len(bare) > 5


def test_a_text_from_left_to_right_has_no_marks() -> None:
    """A letter in one direction carries no mark at all."""
    assert set() == set("\u200e\u200f\u2066\u2067\u2068\u2069") & set(letter("de").text)


@given(st.lists(st.tuples(st.text("ab שג \n", max_size=20), st.text("ab שג \n", max_size=20)), max_size=4))
def test_isolates_end_with_their_line(pieces: list[tuple[str, str]]) -> None:
    """However lines break, none leaves an isolate open, and what was isolated still is."""
    text = "".join(f"{outside}\u2068{inside}\u2069" for outside, inside in pieces)

    for line in layout.marked(text, "rtl").split("\n"):
        assert re.fullmatch("[^\u2068\u2069]*(?:\u2068[^\u2068\u2069]*\u2069[^\u2068\u2069]*)*", line)

    found = re.findall("\u2068([^\u2069]*)\u2069", layout.marked(text, "ltr"))
    assert "".join("".join(inside.split()) for _, inside in pieces) == "".join("".join(one.split()) for one in found)


TAGS = ["en", "de", "pt-BR", "ar", "ja", "he", "es", "ast", "tlh"]


def asked(tag: str) -> list[object]:
    """Ask a language for all that CLDR knows, and keep the answers."""
    cldr = Cldr(tag)
    days = [date(2020, 2, 29), date(2020, 11, 5), date(2020, 11, 11), date(2021, 1, 2)]
    answers = [cldr.day(day) for day in days] + [cldr.period(*pair) for pair in product(days, repeat=2)]
    found: list[object] = [cldr.language, cldr.names, *answers, *(cldr.joints(count) for count in range(5))]
    cldr.keep()
    return found


@pytest.mark.parametrize("tag", TAGS)
def test_what_is_kept_of_a_language_is_what_babel_says(
    tag: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first answers, those that were kept, those without a cache and those after damage to it are the same."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first, again = asked(tag), asked(tag)
    [file] = (tmp_path / "heat-digest").iterdir()
    content = file.read_bytes()
    file.write_bytes(content[:-9] + b"broken" + content[-3:])
    damaged = asked(tag)
    monkeypatch.setenv("DIGEST_CACHE", "off")

    assert first == again == damaged == asked(tag)
    assert file.read_bytes() == content


def test_no_more_is_kept_of_a_language_than_is_of_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a thousand days the last ones are kept; what is asked of the others is right all the same."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    days = [date(2020, 1, 1) + timedelta(days=number) for number in range(1_000)]
    first = Cldr("en")
    told = [first.day(day) for day in days]
    first.keep()
    [file] = (tmp_path / "heat-digest").iterdir()
    again = Cldr("en")

    assert len(json.loads(file.read_bytes().partition(b"\n")[2])) == 500
    assert [again.day(day) for day in days] == told
