"""Letters that share what they have in common: the same bytes as of letters that are rendered one by one."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import ROOT, THEME, WINDOW, address, article, examples, newsletter, section, story, theme
from weeks import Newsroom

from digest import pipeline, rendering, weight
from digest.config.values import Shape
from digest.errors import ThemeError
from digest.mail import mime
from digest.model import Block, Edits, Issue, Pick, Picture, Ran, Update, Verdict, Window
from digest.rendering import press
from digest.rendering.press import Printing
from digest.text import sanitize
from digest.theme import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from digest.model import Article, CompiledTheme, Message, Section, SectionStyle

THEMES = ("default", "links", "magazine", "plain")
LOOKS = [(name, tag) for name in THEMES for tag in ("en", "ar")] + [("default", tag) for tag in ("de", "ja", "he")]
SHAPES = (
    Shape(),
    Shape(limit=None, references=30),
    Shape(limit=30_000, images="lead", utm=(("source", "{id}"),)),
    Shape(limit=22_000, images="off", clean_links=False, references=60, fragment=True),
)
WORDS = (
    "Robots learn to fold towels & socks",
    "Bees <count> to four, and nobody asked them why they had not done so before",
    "عبارة بلا طاقم تعبر الخليج، ولا أحد على متنها يرفع رأسه عن صحيفة The Harbour Times",
    "עבארה ללא צוות חוצה את המפרץ, ואיש על הסיפון אינו מרים 12 את עיניו",
    "無人フェリーが湾を横断、乗客は朝刊から目を上げず。",
    "{{ No template }} = no [trouble] 100 %",
)


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the compiled themes of these tests to themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def articles() -> list[Article]:
    """Return articles of several scripts, with and without what an article may have."""
    made = []
    for number, words in enumerate(WORDS * 2):
        told = article(
            f"{words} {number}",
            excerpt=f"{words}. " * (number % 5 * 3) + ("…" if number % 2 else ""),
            provider=WORDS[-number % 6][:14],
            url=f"https://news.example.com/{number}?utm_source=x&a={number}" + "/long" * (number % 3 * 20),
            picture=f"https://pictures.example.com/{number}.png?w=1&h=2" if number % 3 else None,
            icon="https://pictures.example.com/icon.png" if number % 2 else None,
            path=f"{number}.md",
        )
        made.append(replace(told, language=("", "en", "ar", "he", "ja", "de")[number % 6], words=number * 100 or None))
    return made


def ran(told: Article, web: str | None) -> Update:
    """Return what *told* is an update of."""
    return Update(
        ran=Ran(
            issue="2020-11-04",
            day=date(2020, 11, 3),
            title=told.title,
            provider=told.provider,
            published_at=None,
            addresses=frozenset(told.addresses),
            coverage=1,
            web=address(web) if web else None,
        ),
        new=("4",),
    )


def pool() -> list[Pick]:
    """Return picks as they come from the archive, and as an editor changes them."""
    also = (("Lab Notes", "https://lab.example.com/1?x=1&y=2"), ("Morning <Ledger>", "https://ledger.example.com/2"))
    picks = [Pick(story=story(told, also=also[: number % 3])) for number, told in enumerate(articles())]
    text = sanitize.text
    picks[1] = replace(picks[1], late=True, update=ran(picks[1].article, "https://example.com/issues/2020-11-04/"))
    picks[2] = replace(picks[2], update=ran(picks[2].article, "https://example.com/issues/2020-11-04/"))
    picks[3] = replace(picks[3], update=ran(picks[3].article, None))
    picks[4] = replace(
        picks[4], pinned=True, title=text("Her <own> title"), excerpt=text("Her own excerpt, at length. " * 9)
    )
    picks[5] = replace(
        picks[5], kicker=text("At sea"), why="It *matters*, see [there](https://example.com/why?a=1&b=2).\n\n- so"
    )
    picks[6] = replace(picks[6], picture=Picture(url=address("https://own.example.com/p.png"), width=300, height=200))
    picks[7] = replace(picks[7], alt=text("A towel"), credit=text("Photo: <me>"))
    picks[8] = replace(picks[8], without_picture=True, late=True)
    return picks


PICKS = pool()
BLOCKS = (
    Block(
        kind="sponsor",
        title=sanitize.text("Buy"),
        text="Words & [more](https://example.com/s?a=1)",
        name=sanitize.text("Firm"),
        url="https://example.com/firm",
    ),
    Block(kind="note", spot="inside", section="AI", position=2, title=sanitize.text("A note"), text="> said\n\nso"),
    Block(kind="quote", spot="after", section="Bees", text="عبارة", name=sanitize.text("She")),
    Block(kind="picture", spot="end", picture="https://example.com/p.png", alt=sanitize.text("A bee")),
)
INTRODUCTION = "Hello, *readers*: [look](https://news.example.com/3).\n\n> words\n\n1. one\n2. two"


@st.composite
def issues(draw: st.DrawFn) -> Issue:
    """Return an issue: sections of any picks, with and without everything that an editor adds."""
    titles = draw(st.lists(st.sampled_from(("AI", "Bees", "روبوتات", "A & B")), min_size=1, max_size=4, unique=True))
    places = draw(st.permutations(range(len(PICKS))))
    sections: list[Section] = []
    for title in titles:
        count = draw(st.integers(1, 5 if len(titles) < 3 else 3))
        taken, places = places[:count], places[count:]
        # A pick that is equal to another one, and is not that.
        picks = tuple(replace(PICKS[place]) if draw(st.booleans()) else PICKS[place] for place in taken)
        line = sanitize.text(draw(st.sampled_from(("", "A line & more"))))
        style: SectionStyle = draw(st.sampled_from(("full", "full", "brief")))
        sections.append(replace(section(title=title), picks=picks, line=line, style=style))
    ranked = draw(st.permutations([pick for each in sections for pick in each.picks]))
    some = st.sampled_from((None, sanitize.text("Her own words")))
    edits = Edits(subject=draw(some), preheader=draw(some), introduction=draw(st.sampled_from(("", "", INTRODUCTION))))
    return Issue(
        window=draw(st.sampled_from((WINDOW, WINDOW, Window(first=date(2020, 11, 12), last=date(2020, 11, 18))))),
        sections=tuple(sections),
        verdicts=tuple(Verdict(article=pick.article, rule="picked", because="") for pick in ranked),
        edits=edits,
        blocks=tuple(draw(st.lists(st.sampled_from(BLOCKS), max_size=2, unique=True))),
        number=draw(st.sampled_from((None, 12))),
    )


@cache
def printing(name: str, tag: str, shape: Shape) -> tuple[Printing, CompiledTheme]:
    """Return what prints letters, the same for all examples, and its theme."""
    look = load(os.path.join(ROOT, "templates", name), {}, language=tag)
    return Printing(newsletter(language=tag), look, shape), look


def alone(shown: Issue, look: CompiledTheme, tag: str, shape: Shape) -> Message:
    """Return the message of an issue that is rendered by itself, without what is for the editor alone."""
    made = rendering.render(shown, newsletter(language=tag), look, shape, weight.of)
    return replace(made, notes=(), fragment="")


@pytest.mark.parametrize(("name", "tag"), LOOKS)
@settings(max_examples=examples(12), deadline=None)
@given(shown=issues(), shape=st.sampled_from(SHAPES))
def test_a_letter_has_the_bytes_of_one_that_is_rendered_by_itself(
    name: str, tag: str, shown: Issue, shape: Shape
) -> None:
    """Message and MIME, whatever the theme, the language and what an editor adds, trimmed and whole."""
    printed, look = printing(name, tag, shape)
    expected = alone(shown, look, tag, shape)
    with pytest.MonkeyPatch.context() as patch:
        # What cannot be shared is rendered by itself; of these themes everything can.
        patch.delattr(rendering, "render")
        letter = printed.letter(shown)
    assert letter.message == expected
    sender = newsletter(language=tag)
    assert mime.to_bytes(letter.message, shown, sender, letter.html) == mime.to_bytes(expected, shown, sender)


def looped(body: str, before: str = "", behind: str = "") -> str:
    """Return a template that goes through all stories."""
    return (
        f"{before}{{% for section in sections %}}{{% for story in section.stories %}}\n{body}"
        f"{{% endfor %}}{{% endfor %}}{behind}\n"
    )


URL = "{{ story.url }}"
SHARED = {
    "the story": looped("{{ story.headline }}{% if story.excerpt %} {{ story.excerpt }}{% endif %}"),
    "its number": looped("{{ story.number }}. {{ story.headline }}"),
    "its number by another name": looped("{{ story['number'] }}. {{ story|attr('number') }}"),
    "its place": looped("{{ story.headline }}{{ loop.first }}{{ loop.index }}{{ loop.revindex0 }}"),
    "plain values": looped(f"{URL}{{{{ section.title }}}}{{{{ issue.id }}}}{{{{ newsletter.name }}}}{{{{ web_url }}}}"),
    "what is set for it": looped("{% set mark = loop.first and story.is_lead %}{{ mark }}" + URL),
    "true and 1": looped("{% set mark = loop.first or 1 %}{{ mark }}" + URL),
    "Markup": looped("{% set mark = issue.id|safe if loop.first else '<' %}{{ mark }}" + URL),
    "words": looped("{{ _('%(section)s: %(headline)s', section=story.provider, headline=story.headline) }}"),
    "an inner loop": looped("{% for paragraph in story.why %}{{ loop.first }}{{ paragraph.text }}{% endfor %}"),
    "an inner loop that hides it": looped("{% for story in story.also %}{{ story.name }}{% endfor %}" + URL),
    "a macro": looped(
        "{{ shown(story, loop.last) }}", "{% macro shown(told, mark) %}{{ mark }}{{ told.headline }}{% endmacro %}"
    ),
    "macros in macros": looped(
        "{{ outer(story) }}",
        "{% macro inner(told) %}{{ told.url }}{% endmacro %}{% macro outer(told) %}<{{ inner(told) }}>{% endmacro %}",
    ),
    "a block around it": looped(
        "{% filter upper %}{{ story.headline }}{% endfilter %}{% with name = story.provider %}{{ name }}{% endwith %}"
    ),
    "some of the stories": (
        "{% for section in sections %}{% for story in section.stories[1:]|reverse %}{{ story.headline }}"
        "{% endfor %}{% endfor %}"
    ),
    "a loop in a macro": (
        "{% macro all(section) %}{% for story in section.stories if story.url -%}\n{{ story.url }}{{ loop.length }}"
        "{% else %}none{% endfor %}{% endmacro %}{% for section in sections %}{{ all(section) }}{% endfor %}"
    ),
    "a loop in a loop": looped(
        URL + "{% for other in section.stories %}{{ other.provider }}{{ loop.index }}{% endfor %}"
    ),
    "a namespace in one statement": looped(
        URL + "{% if story.number not in seen.all %}{% set seen.all = seen.all + [story.number] %}new{% endif %}",
        "{% set seen = namespace(all=[]) %}",
    ),
}
ANEW = {
    "no story": "{% for section in sections %}{{ section.title }}{% endfor %}",
    "a section": looped("{{ story.headline }}{{ section.stories|length }}"),
    "the letter's sections": looped("{{ story.headline }}{{ sections|length }}"),
    "the story before": looped(URL + "{% if loop.previtem is defined %}{{ loop.previtem.url }}{% endif %}"),
    "what has changed": looped(URL + "{% if loop.changed(story.provider) %}{{ story.provider }}{% endif %}"),
    "in turn": looped(URL + "{{ loop.cycle('odd', 'even') }}"),
    "a macro that reads the letter": looped(
        "{{ shown(story) }}", "{% macro shown(told) %}{{ told.headline }}{{ issue.summary }}{% endmacro %}"
    ),
    "a macro that is given the letter": looped(
        "{{ shown(story) }}", "{% macro shown(told, mark=issue.summary) %}{{ told.headline }}{{ mark }}{% endmacro %}"
    ),
    "something that counts": looped("{{ comma() }}{{ story.url }}", "{% set comma = joiner(', ') %}"),
    "a macro of two forms": looped(
        "{{ shown(story) }}",
        "{% if sections|length > 1 %}{% macro shown(told) %}1{{ told.url }}{% endmacro %}"
        "{% else %}{% macro shown(told) %}2{{ told.url }}{% endmacro %}{% endif %}",
    ),
    "a word of its own for _": looped(URL + "{{ _|length }}", "{% set _ = sections[0].stories %}"),
    "an undefined name that is asked for": looped(URL + "{% if nothing is defined %}{{ nothing }}{% endif %}"),
    "a loop that calls itself": (
        "{% for section in sections %}{% for story in section.stories recursive %}{{ story.url or story.name }}"
        "{{ loop.depth0 }}{% if loop.depth0 == 0 and story.also %}{{ loop(story.also) }}{% endif %}{% endfor %}"
        "{% endfor %}"
    ),
    "who calls": looped(
        "{{ caller(story) }}",
        "{% macro each() %}",
        "{% endmacro %}{% call(told) each() %}{{ told.url }}{{ issue.summary }}{% endcall %}",
    ),
    "a namespace": looped(
        "{% if story.url %}{% set seen.count = seen.count + 1 %}{{ seen.count }}{% endif %}",
        "{% set seen = namespace(count=0) %}",
    ),
    "what it sets for later": looped("{% if story.url %}{% set mark = story.url %}{% endif %}{{ mark is defined }}"),
    "a name of ours": looped("{% set shared = story.url %}{{ shared }}"),
}


@cache
def letters() -> tuple[Issue, ...]:
    """Return letters that have stories in common, in other places."""
    made = []
    for order in ([0, 1, 2, 3], [3, 2, 1, 0, 5], [5, 1, 7], [1, 6, 4], [2, 1, 3, 5, 6, 7]):
        picks = tuple(PICKS[place] for place in order)
        halves = (replace(section(title="AI"), picks=picks[:2]), replace(section(title="B"), picks=picks[2:]))
        verdicts = tuple(Verdict(article=pick.article, rule="picked", because="") for pick in picks)
        made.append(Issue(window=WINDOW, sections=halves, verdicts=verdicts))
    return tuple(made)


@pytest.mark.parametrize(
    ("source", "is_shared"),
    [*product(SHARED.values(), [True]), *product(ANEW.values(), [False])],
    ids=[*SHARED, *ANEW],
)
def test_whatever_a_theme_reads_the_letter_is_the_same(source: str, *, is_shared: bool) -> None:
    """Of each form of a loop it is known whether it can be shared, and what letters have in common is kept then."""
    look = replace(load(THEME, {}, language="en"), html=source, text=source)
    printed = Printing(newsletter(), look)
    for shown in letters() * 2:
        assert printed.message(shown) == alone(shown, look, "en", Shape())
    assert bool(printed._pieces._made) == is_shared


@pytest.mark.parametrize("name", THEMES)
def test_what_letters_have_in_common_is_made_once(name: str) -> None:
    """The same letters once more make no piece that was not there."""
    printed = Printing(newsletter(), load(os.path.join(ROOT, "templates", name), {}, language="en"))
    counts = []
    for _ in range(2):
        for shown in letters():
            printed.letter(shown)
        counts.append(len(printed._pieces._made))
    assert counts[0] == counts[1] > 0


def test_what_a_theme_lacks_is_told_as_of_one_letter(tmp_path: Path) -> None:
    """The error has the place in the theme's source, however the letter was put together."""
    lacking = "<mj-text>\n<p>{{ story.headline }}</p>\n<p>{{ story.nothing }}</p>\n</mj-text>"
    look = load(theme(tmp_path, story_mjml=lacking), {}, language="en")
    with pytest.raises(ThemeError) as expected:
        alone(letters()[0], look, "en", Shape())
    with pytest.raises(ThemeError) as told:
        Printing(newsletter(), look).message(letters()[0])
    assert str(told.value) == str(expected.value)
    assert "story.mjml:3" in str(told.value)


def test_jinja_that_cannot_be_read_is_told_as_of_one_letter() -> None:
    """It is told when the first letter is printed."""
    look = replace(load(THEME, {}, language="en"), text="{{ issue.id }}\n{% if %}")
    with pytest.raises(ThemeError, match=r"issue\.txt:2: .*Expected an expression"):
        Printing(newsletter(), look).message(letters()[0])


def test_a_name_of_ours_is_none_of_a_theme() -> None:
    """What is called in the template is as unknown to a theme as any other name."""
    look = replace(load(THEME, {}, language="en"), text=looped("{{ story.url }}{{ shared }}"))
    with pytest.raises(ThemeError, match=r"issue\.txt:2: 'shared' is undefined"):
        Printing(newsletter(), look).message(letters()[0])


def test_no_more_is_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was made is forgotten where there is too much, and the letters are the same."""
    monkeypatch.setattr(press, "MOST", 3)
    look = load(THEME, {}, language="en")
    printed = Printing(newsletter(), look)
    for shown in letters():
        assert printed.message(shown) == alone(shown, look, "en", Shape())
        assert len(printed._pieces._made) <= press.MOST


def test_files_of_an_issue_are_those_of_a_build(tmp_path: Path) -> None:
    """The steps of a build offer the same for many issues of a week: the files, and the theme that they are of."""
    room = Newsroom(tmp_path)
    for name in ("ferry", "towels", "bees"):
        room.file(name)
    chosen, shown = room.settings(), room.issue("2020-11-10")
    made, expected = pipeline.renderer(chosen)(shown), pipeline.render(chosen, shown)
    assert (made.files, made.theme) == (expected.files, expected.theme)


TEXTS = st.text(st.characters(exclude_characters="\r", codec="utf-8"), max_size=9)


@settings(max_examples=examples(100))
@given(st.lists(st.builds(str.__mul__, TEXTS, st.sampled_from((1, 40))), max_size=9))
def test_pieces_are_encoded_as_their_whole(pieces: list[str]) -> None:
    """Once more, too, when they are known."""
    encoder = weight.PieceEncoder(4)
    for _ in range(2):
        assert encoder.encoded(pieces) == weight.EncodedText.of("".join(pieces))
