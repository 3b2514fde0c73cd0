"""Which pictures a letter shows, and how story links are sent."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import golden
import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import SEEDS, THEME, address, article, full_issue, issue, newsletter, section, story

from digest import archive, pipeline, rendering
from digest.config import settings
from digest.config.values import Shape
from digest.errors import SettingsError
from digest.issue import record
from digest.model import Picture
from digest.rendering import pictures
from digest.text import urls
from digest.text.urls import canonical
from digest.theme import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from digest.config.values import Images
    from digest.model import Issue, Message

ARCHIVES = golden.ROOT.parent / "shared" / "archives"


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the compiled themes of these tests to themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def letter(shown: Issue, shape: Shape | None = None) -> Message:
    """Return the letter in that shape."""
    return rendering.render(shown, newsletter(), load(THEME, {}, language="en"), shape)


def elements(message: Message, tag: str) -> list[Element]:
    """Return the elements of that name."""
    return list(html5lib.parse(message.html, namespaceHTMLElements=False).iter(tag))


# --- pictures

NO_PICTURE = "is no picture"
UNSEEN = "is of a kind that mail clients do not show"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://pictures.example.com/a.jpg", ""),
        ("https://pictures.example.com/a.PNG?w=3", ""),
        ("https://avatars.example.com/u/10974906?s=400&v=4", ""),
        ("https://lh3.example.com/p0WJZ4WeL9KfuPstoE7WxW0moWxK6VZgxHUkXcg3wcELVCbahySHRzPK11MfkavU", ""),
        ("https://o.example.com/images/dims?thumbnail=600%2C350&image_uri=https%3A%2F%2Fs.example.com%2Fa.html", ""),
        ("https://www.example.com/article34650685.ece/ALTERNATES/LANDSCAPE_615/Build-2021", ""),
        ("https://www.example.net/image.axd?picture=2019%2f5%2ffuture.jpg", ""),
        ("https://www.example.net/image.php?id=3", ""),
        ("https://www.example.net/?image=3", ""),
        ("http://pictures.example.com/a.jpg", "is not https"),
        ("https://news.example.com/a-story.html", NO_PICTURE),
        ("https://news.example.com/a-story.HTM?x=1", NO_PICTURE),
        ("https://news.example.com/paper.pdf", NO_PICTURE),
        ("https://news.example.com/film.mp4", NO_PICTURE),
        ("https://news.example.com/", NO_PICTURE),
        ("https://news.example.com", NO_PICTURE),
        ("https://www.youtube.com/watch?v=WJk-Y8LQlfE", NO_PICTURE),
        ("https://youtu.be/WJk-Y8LQlfE", NO_PICTURE),
        ("https://i.ytimg.com/vi/WJk-Y8LQlfE/maxresdefault.jpg", ""),
        ("https://www.news.example.com/towels/?utm_source=x", NO_PICTURE),
        ("https://pictures.example.com/logo.svg", UNSEEN),
        ("https://pictures.example.com/scan.tiff", UNSEEN),
    ],
)
def test_what_is_a_picture(url: str, reason: str) -> None:
    """Only what is certainly no picture is refused: a page, a video, a document, the article itself."""
    assert reason == pictures.refused(Picture(url=address(url)), article())


def test_a_dot_that_counts_readers_is_no_picture() -> None:
    """A picture of one pixel is refused, one without sizes is not."""
    url = address("https://pictures.example.com/a.gif")
    dot, unknown = Picture(url=url, width=1, height=1), Picture(url=url)
    assert [pictures.refused(one, article()) for one in (dot, unknown)] == ["is smaller than 10 pixels", ""]


def test_no_picture_of_the_real_archives_is_refused_but_for_one() -> None:
    """Of the pictures of real archives only the one on plain http is left out."""
    if not ARCHIVES.is_dir():
        pytest.skip(f"the real archives are not here; looked for {ARCHIVES}")
    folders = [str(ARCHIVES / name) for name in ("power-apps", "artificial-intelligence")]
    found = [(one.picture, one) for one in archive.read(folders).articles]
    found += [(one.provider.icon, one) for one in archive.read(folders).articles]
    shown = [(picture, one) for picture, one in found if picture]

    assert len(shown) > 200
    assert {reason for picture, one in shown if (reason := pictures.refused(picture, one))} == {"is not https"}


def test_what_is_left_out_is_noted_once() -> None:
    """A refused picture is not in the letter, and the editor is told which and why."""
    message = letter(issue(article(picture="https://news.example.com/a.html", icon="https://news.example.com/i.svg")))

    assert elements(message, "img") == []
    assert message.notes == (
        f"towels.md: https://news.example.com/a.html {NO_PICTURE}; it is left out",
        f"towels.md: https://news.example.com/i.svg {UNSEEN}; it is left out",
    )


@pytest.mark.parametrize(
    ("images", "sources"), [("all", ["a.png", "icon.png", "icon.png", "a.png"]), ("lead", ["a.png"]), ("off", [])]
)
def test_images(images: Images, sources: list[str]) -> None:
    """All pictures, that of the first story, or none; icons are pictures."""
    found = [
        (one.get("src") or "").rpartition("/")[2] for one in elements(letter(full_issue(), Shape(images=images)), "img")
    ]
    assert sources == found


def test_no_notes_where_no_pictures_are_wanted() -> None:
    """Without pictures nobody needs to know which could not be shown."""
    assert letter(issue(article(picture="https://news.example.com/a.html")), Shape(images="off")).notes == ()


def test_sizes_keep_the_place_free() -> None:
    """A picture has the width it is shown in, and the height that goes with it where the archive has both."""
    url = address("https://pictures.example.com/a.png")
    pictured = replace(article(), picture=Picture(url=url, width=1200, height=630))
    unsized = replace(article("Second", path="b.md"), picture=Picture(url=url))
    shown = issue(pictured, replace(pictured, path="c.md"), unsized)

    assert [(one.get("width"), one.get("height")) for one in elements(letter(shown), "img")] == [
        ("556", "292"),
        ("148", "78"),
        ("148", None),
    ]


def test_alternative_texts_do_not_say_the_headline_again() -> None:
    """A picture whose content nobody described has an empty alternative text."""
    assert {one.get("alt") for one in elements(letter(full_issue()), "img")} == {""}


# --- links


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://a.example.com/x", "https://a.example.com/x"),
        ("https://a.example.com/x?utm_source=rss&id=3&UTM_Medium=feed", "https://a.example.com/x?id=3"),
        ("https://a.example.com/x?fbclid=1#part", "https://a.example.com/x#part"),
        ("https://a.example.com/x?id=%20a+b&gclid=1&empty=&flag", "https://a.example.com/x?id=%20a+b&empty=&flag"),
        ("https://a.example.com/x?ref=main&source=a", "https://a.example.com/x?ref=main&source=a"),
        ("https://a.example.com/x?amp", "https://a.example.com/x"),
        ("https://a.example.com/x?outputType=amp&p=1", "https://a.example.com/x?p=1"),
        ("https://a.example.com/x?outputType=json", "https://a.example.com/x?outputType=json"),
        ("https://a.example.com/x/amp/", "https://a.example.com/x/amp/"),
        ("https://a-example-com.cdn.ampproject.org/c/s/a.example.com/x?utm_medium=amp", "https://a.example.com/x"),
        ("https://a-example-com.cdn.ampproject.org/v/a.example.com/x?id=1", "http://a.example.com/x?id=1"),
        ("https://www.google.com/amp/s/a.example.com/x", "https://a.example.com/x"),
        ("https://www.google.com/amp/s/[bad/x", "https://www.google.com/amp/s/%5Bbad/x"),
    ],
)
def test_cleaned(url: str, clean: str) -> None:
    """What counts readers goes, what a page may need stays, byte for byte; no path is guessed at."""
    assert clean == urls.without_tracking(address(url))


@pytest.mark.parametrize(
    ("url", "marked"),
    [
        ("https://a.example.com/x", "https://a.example.com/x?utm_source=the%20week&utm_medium=email"),
        (
            "https://a.example.com/x?id=1#part",
            "https://a.example.com/x?id=1&utm_source=the%20week&utm_medium=email#part",
        ),
        ("https://a.example.com/x?UTM_SOURCE=theirs", "https://a.example.com/x?UTM_SOURCE=theirs&utm_medium=email"),
        ("https://a.example.com/x?utm_source", "https://a.example.com/x?utm_source&utm_medium=email"),
        ("https://a.example.com/" + "x" * 1_970, "https://a.example.com/" + "x" * 1_970),
    ],
    ids=["bare", "with-more", "theirs-stays", "theirs-without-value", "no-room"],
)
def test_marked(url: str, marked: str) -> None:
    """The newsletter's words come behind what is there, before the part of the page, and never in place of anything."""
    assert marked == urls.with_campaign(url, [("utm_source", "the week"), ("utm_medium", "email")])


@given(st.text(max_size=30), st.sampled_from(["utm_source=a", "id=1", "fbclid=3", "x", ""]))
def test_a_link_is_still_an_address_of_the_same_page(value: str, query: str) -> None:
    """Whatever the words, a sent link is an address that is clean already and known as the same page."""
    url = address(f"https://a.example.com/x?{query}#part")
    sent = urls.with_campaign(urls.without_tracking(url), [("utm_campaign", value)])

    assert sent == address(sent)
    assert canonical(sent) == canonical(url)


NAMES = st.sampled_from(
    ["utm_source", "fbclid", "gclsrc", "gbraid", "wbraid", "yclid", "twclid", "ttclid", "igsh", "_hsenc", "_hsmi",
     "mkt_tok", "vero_id", "oly_enc_id", "wickedid", "amp_js_v", "usqp", "outputType", "id", "ref", "p"]
)  # fmt: skip


@given(st.lists(st.tuples(NAMES, st.sampled_from(["", "1", "amp", "a b"])), max_size=5))
def test_what_links_go_without_tells_no_pages_apart(parameters: list[tuple[str, str]]) -> None:
    """Whatever parameter is dropped when an address is sent is dropped when addresses are compared."""
    url = address(f"https://a.example.com/x?{urlencode(parameters)}")

    assert canonical(urls.without_tracking(url)) == canonical(url)


UTM = Shape(utm=(("campaign", "{id}"), ("source", "week")))


def test_page_and_text_have_the_links_as_sent() -> None:
    """Headlines and other coverage are marked, in the HTML and in the text; the letter's own links are not."""
    message = letter(full_issue(), UTM)
    hrefs = {one.get("href") or "" for one in elements(message, "a")}
    marks = "utm_campaign=2020-11-11&utm_source=week"

    assert hrefs <= set(message.text.split())
    assert sorted(one for one in hrefs if marks not in one) == [
        "https://example.com/issues/2020-11-11/",
        "https://example.com/unsubscribe",
    ]
    assert "https://news.example.com/lead?a=1&b=2&utm_campaign=2020-11-11&utm_source=week" in hrefs


def test_links_are_left_alone_where_nobody_asks() -> None:
    """Without `utm` and `clean_links` every address is as in the archive."""
    dirty = issue(article(url="https://news.example.com/x?utm_source=rss"))
    assert letter(dirty, Shape(clean_links=False)).links == (("https://news.example.com/x?utm_source=rss",) * 2,)


def test_theirs_make_room_for_ours() -> None:
    """A cleaned link takes the newsletter's mark; one that is not cleaned keeps its own."""
    dirty = issue(article(url="https://news.example.com/x?utm_source=rss"))
    [(_, clean)] = letter(dirty, Shape(utm=(("source", "week"),))).links
    [(_, kept)] = letter(dirty, Shape(utm=(("source", "week"),), clean_links=False)).links

    assert (clean, kept) == ("https://news.example.com/x?utm_source=week", "https://news.example.com/x?utm_source=rss")


def test_the_record_keeps_both_addresses() -> None:
    """A pick and its coverage have the address of the archive and the link as sent; the memory goes by the former."""
    also = (("Lab Notes", "https://lab.example.com/1?fbclid=2"),)
    told = issue(sections=(section(story(article(url="https://news.example.com/x?utm_source=rss"), also=also)),))
    found = record.of(told, newsletter(), letter(told, UTM), inputs={}, files={})
    [pick] = found["sections"][0]["picks"]

    assert (pick["url"], pick["link"]) == (
        "https://news.example.com/x?utm_source=rss",
        "https://news.example.com/x?utm_campaign=2020-11-11&utm_source=week",
    )
    assert pick["also"] == [
        {
            "provider": "Lab Notes",
            "url": "https://lab.example.com/1?fbclid=2",
            "link": "https://lab.example.com/1?utm_campaign=2020-11-11&utm_source=week",
        }
    ]
    assert pick["addresses"] == ["lab.example.com/1", "news.example.com/x"]


# --- settings


def load_text(folder: Path, text: str) -> settings.Settings:
    """Return the settings of a file with that text."""
    (folder / "digest.yaml").write_text(text, encoding="utf-8")
    return settings.load(str(folder / "digest.yaml"))


def test_settings_are_read(tmp_path: Path) -> None:
    """Each key is read; the hash of the settings knows them."""
    text = "images: lead\nclean_links: false\nutm: {source: week, campaign: '{id}'}\n"
    shape = load_text(tmp_path, text).shape

    assert shape == Shape(images="lead", clean_links=False, utm=(("campaign", "{id}"), ("source", "week")))
    assert load_text(tmp_path, "").shape == Shape()
    assert load_text(tmp_path, "images: lead").digest != load_text(tmp_path, "").digest


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("images: some", ":1: images is 'some'; write all or lead or off"),
        ("clean_links: maybe", ":1: clean_links is 'maybe'; write true or false"),
        ("utm:\n  sauce: x", ":2: unknown key 'utm.sauce'; did you mean 'source'?"),
        ("utm:\n  source:", ":2: utm.source is not a text"),
        ("utm: x", ":1: utm is not a list of `key: value` lines"),
    ],
)
def test_bad_settings_are_problems(tmp_path: Path, text: str, problem: str) -> None:
    """What cannot be is named with its line."""
    with pytest.raises(SettingsError) as caught:
        load_text(tmp_path, text)
    assert str(caught.value) == str(tmp_path / "digest.yaml") + problem


def test_a_build_says_what_it_left_out(tmp_path: Path) -> None:
    """Notes stand in issue.json."""
    news = tmp_path / "news"
    news.mkdir()
    seed = next(Path(SEEDS).glob("2020-11-10-*.md")).read_text(encoding="utf-8")
    dirty = re.sub(r"(?m)^(  - url: \").*(\"\n    width: 1200)", r"\1https://pictures.example.com/page.html\2", seed)
    assert dirty != seed
    (news / "a.md").write_text(dirty, encoding="utf-8")
    chosen = settings.load(None, settings.Overrides(archive=(str(news),), out=str(tmp_path / "out"), templates=THEME))

    built = pipeline.build(chosen, pipeline.window_of(chosen, last=date(2020, 11, 11)))

    with open(f"{built.folder}/issue.json", encoding="utf-8") as file:
        assert json.load(file)["notes"] == [
            f"a.md: https://pictures.example.com/page.html {NO_PICTURE}; it is left out"
        ]
