"""What a newsletter is recognised by: shown by each theme in each direction, seen by all readers, and never lost."""

from __future__ import annotations

import html as entities
import os
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import golden
import pytest
from jsonschema import Draft202012Validator
from samples import THEME, full_issue, newsletter, theme

from digest import checks, pipeline, rendering
from digest.checks.context import outlook_branch
from digest.config import settings
from digest.config.identity import Feedback, Logo, Signature
from digest.errors import SettingsError
from digest.issue import record
from digest.model import BlockLink
from digest.rendering import identity, language
from digest.text import sanitize
from digest.theme import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, Route

    from digest.config.values import Newsletter
    from digest.model import Message

DAY = date(2020, 11, 11)
LOOKS = sorted(str(path.parent) for path in Path(THEME).parent.glob("*/issue.mjml"))
# The name is long enough that a picture which says it again would be told (`image-alt-repeats`).
SETTINGS = """
newsletter:
  name: Machines of the Week
  language: {language}
  tagline: In plain words
  logo: {{picture: https://example.com/logo.png, dark: https://example.com/dark.png, width: 200}}
  social: [{{name: Mastodon, url: https://social.example.com/@week}}, {{name: Podcast, url: https://example.com/pod}}]
  signature:
    text: |
      Until *Wednesday*, with [our map](https://example.com/more).

      - and a saw
    name: Ada Ferrer
    role: Editor
    picture: https://example.com/ada.jpg
    alt: Ada at her desk
  subscribe: https://example.com/subscribe
  feedback: {{links: [{{title: Good, url: "https://example.com/{{id}}/good"}}, {{title: Poor, url: https://example.com/p}}]}}
archive: [{seeds}]
templates: {theme}
sections: [{{topic: AI, limit: 2}}, {{topic: Robotics, limit: 2}}]
"""


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the compiled themes of these tests to themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def built(folder: Path, *, look: str = THEME, tongue: str = "en") -> pipeline.Built:
    """Build the sample with everything that a newsletter is recognised by."""
    text = SETTINGS.format(language=tongue, seeds=golden.SEEDS, theme=look)
    (folder / "digest.yaml").write_text(text, "utf-8")
    chosen = settings.load(str(folder / "digest.yaml"))
    return pipeline.build(chosen, pipeline.window_of(chosen, last=DAY))


@pytest.mark.parametrize("tongue", ["en", "ar"])
@pytest.mark.parametrize("look", LOOKS, ids=os.path.basename)
def test_all_of_it_is_shown(tmp_path: Path, look: str, tongue: str) -> None:
    """In HTML and text, whatever theme and direction; `check` finds nothing, and no word is left in English."""
    done = built(tmp_path, look=look, tongue=tongue)
    spoken = language.load(tongue, {})
    ours = [spoken.say(words) for words in ("Forwarded to you?", "Subscribe here", "How was this issue?")]

    assert done.message.notes == ()
    assert [str(found) for found in checks.check(checks.load(done.folder)) if found.rule != "old-issue"] == []
    for part in (done.message.html, done.message.text):
        flat = entities.unescape(part)
        for words in ("In plain words", "Ada Ferrer", "Editor", "Mastodon", "Podcast", "Good", "Poor", *ours):
            assert words in flat
        for address in ("subscribe", "2020-11-11/good", "pod", "p", "more"):
            assert f"https://example.com/{address}" in flat
    assert "{id}" not in done.message.html + done.message.text


@pytest.mark.parametrize("look", LOOKS, ids=os.path.basename)
def test_who_sets_nothing_gets_the_letter_of_before(look: str) -> None:
    """No style, element or word of it; the golden issues hold the same byte for byte."""
    made = rendering.render(full_issue(), newsletter(), load(look, {}, language="en"))

    assert [name for name in ("logo", "tagline", "portrait", "signer", "Forwarded") if name in made.html] == []
    assert "Forwarded" not in made.text


def shown(browser: Browser, page: str, *, dark: bool = False, pictures: bool = True) -> Page:
    """Return a page of the browser that shows the HTML *page*; all pictures are a blank of 2:1, or none is loaded."""
    picture = b'<svg xmlns="http://www.w3.org/2000/svg" width="400" height="200"/>'

    def answer(route: Route) -> None:
        if pictures:
            route.fulfill(content_type="image/svg+xml", body=picture)
        else:
            route.abort()

    tab = browser.new_page(color_scheme="dark" if dark else "light", viewport={"width": 375, "height": 700})
    tab.route("**/*", answer)
    tab.set_content(page)
    return tab


@pytest.mark.parametrize("look", LOOKS, ids=os.path.basename)
def test_the_logo_follows_the_light(tmp_path: Path, browser: Browser, look: str) -> None:
    """In light the one picture is seen, in dark the other, as large as the settings say; either way one heading."""
    page = built(tmp_path, look=look).message.html

    for dark, name in ((False, "logo.png"), (True, "dark.png")):
        tab = shown(browser, page, dark=dark)
        seen = tab.locator("h1 img:visible")

        assert [image.get_attribute("src") for image in seen.all()] == [f"https://example.com/{name}"]
        assert seen.bounding_box() == {**(seen.bounding_box() or {}), "width": 200, "height": 100}
        assert tab.get_by_role("heading", level=1, name="Machines of the Week", exact=True).count() == 1
        tab.close()


@pytest.mark.parametrize("width", ["48", "200"])
@pytest.mark.parametrize("tongue", ["en", "ar", "hi"])
@pytest.mark.parametrize("look", LOOKS, ids=os.path.basename)
def test_without_pictures_the_name_is_read(
    tmp_path: Path, browser: Browser, look: str, tongue: str, width: str
) -> None:
    """The alt text is as wide and as large as the name in words would be, however narrow the picture is."""
    page = built(tmp_path, look=look, tongue=tongue).message.html.replace('width="200"', f'width="{width}"')
    tab = shown(browser, page, pictures=False)
    picture, words = tab.locator("h1 img:visible").evaluate(
        """image => {
            const measure = element => ({
                width: element.getBoundingClientRect().width,
                heading: element.parentNode.offsetHeight,
                lines: element.getClientRects().length,
                size: parseFloat(getComputedStyle(element).fontSize),
            });
            const words = document.createElement("span");
            words.textContent = image.alt;
            const before = measure(image);
            image.replaceWith(words);
            return [before, measure(words)];
        }"""
    )
    tab.close()

    # Before the words stands the browser's sign for a picture that is not there.
    assert picture["width"] >= words["width"] > 200
    assert picture["size"] == words["size"]
    assert picture["heading"] >= 1.4 * words["lines"] * words["size"]


def test_outlook_gets_one_logo(tmp_path: Path) -> None:
    """The hidden picture stands in a comment that Outlook on Windows, which hides no picture, passes over."""
    done = built(tmp_path)
    branch = outlook_branch(done.message.html)

    assert "logo.png" in branch
    assert "dark.png" not in branch
    assert "dark.png" in done.message.html


def test_a_letter_without_a_dark_logo_has_no_style_for_it() -> None:
    """One picture is in it, which no style hides."""
    logo = Logo(picture="https://example.com/logo.png", alt="The AI Week")
    made = rendering.render(full_issue(), replace(newsletter(), logo=logo), load(THEME, {}, language="en"))

    assert made.html.count('<img class="logo') == 1
    assert "logo-dark" not in made.html


# --- lost, and told


def letter(look: str, own: Newsletter) -> Message:
    """Return the letter of a full issue of the newsletter *own*."""
    return rendering.render(full_issue(), own, load(look, {}, language="en"))


def recognised(words: str) -> Newsletter:
    """Return a newsletter that says *words* wherever it says anything of its own."""
    said = sanitize.text(words)
    link = BlockLink(title=said, url="https://example.com/{{1234+1111}}")
    return replace(
        newsletter(),
        tagline=said,
        logo=Logo(picture="https://example.com/a.png", dark="https://example.com/b.png", alt=said),
        social=(link,),
        signature=Signature(
            text=words.replace("<", "\\<"), name=said, role=said, picture="https://example.com/c.png", alt=said
        ),
        subscribe="https://example.com/subscribe",
        feedback=Feedback(question=said, links=(link, link)),
    )


def test_a_theme_that_shows_none_is_told(tmp_path: Path) -> None:
    """A line for each, with the variable to show; the letter is built all the same."""
    look = theme(tmp_path)
    for file in [*Path(look).glob("*.mjml"), Path(look) / "issue.txt"]:
        kept = re.sub(r"if newsletter\.\w+(?: and newsletter\.logo\.dark)?", "if false", file.read_text("utf-8"))
        file.write_text(kept.replace("listed(newsletter.social)", "listed([])"), "utf-8")

    assert letter(look, recognised("Never to be seen")).notes == (
        "newsletter.tagline: the theme does not show it in its HTML and plain text; show `newsletter.tagline` there",
        "newsletter.logo: the theme does not show it in its HTML; show `newsletter.logo` there",
        "newsletter.social: the theme does not show it in its HTML and plain text; show `newsletter.social` there",
        "newsletter.signature: the theme does not show it in its HTML and plain text; "
        "show `newsletter.signature` there",
        "newsletter.subscribe: the theme does not show it in its HTML and plain text; "
        "show `newsletter.subscribe` there",
        "newsletter.feedback: the theme does not show it in its HTML and plain text; show `newsletter.feedback` there",
    )


HOSTILE = "{{ 1234+1111 }} {% raw %} [[ theme.ink ]] jinjax0001x <mj-section> <script>x</script> & \"q\" 'q'"


@pytest.mark.parametrize("look", LOOKS, ids=os.path.basename)
def test_words_are_never_read_as_a_template(look: str) -> None:
    """Whatever stands in the settings is printed as it is, escaped, in each of their fields."""
    made, sound = (letter(look, recognised(words)) for words in (HOSTILE, "Words"))

    assert ("2345" in made.text, "2345" in made.html) == (False, False)
    assert made.html.count("{{ 1234+1111 }} {% raw %} [[ theme.ink ]] jinjax0001x &lt;mj-section&gt;") >= 9
    assert elements(made.html) == elements(sound.html)


def elements(page: str) -> list[str]:
    """Return the elements of a page with the names of their attributes, in their order."""
    return [re.sub(r'"[^"]*"', "", tag) for tag in re.findall(r"<[a-z][^>]*>", page)]


# --- settings and record


def test_an_empty_setting_is_none() -> None:
    """As with any other key, one without a value is as one that is not there."""
    empty = "newsletter: {logo: {}, signature: ~, feedback: {}, social: [], tagline: , subscribe: ~}"

    assert settings.of_text(empty.encode(), "d.yaml").newsletter == settings.of_text(b"", "d.yaml").newsletter


@pytest.mark.parametrize(
    ("written", "problems"),
    [
        ("social: [{}]", ["social[0].name", "social[0].url"]),
        ("feedback: {links: [{}]}", ["feedback.links[0].title", "feedback.links[0].url"]),
        ("feedback: {links: [{title: Good}]}", ["feedback.links[0].url"]),
        ("logo: {alt: The Week}", ["logo.picture"]),
    ],
)
def test_what_is_missing_is_told(written: str, problems: list[str]) -> None:
    """Also of an empty line of a list, which is no link."""
    with pytest.raises(SettingsError) as caught:
        settings.of_text(f"newsletter:\n  {written}\n".encode(), "d.yaml")

    assert str(caught.value).splitlines() == [
        f"d.yaml:2: newsletter.{key} is missing; write it, or leave newsletter.{key.rpartition('.')[0]} out"
        for key in problems
    ]


@pytest.mark.parametrize(
    "written",
    [
        "tagline: {}",
        "reply_to: {}",
        "logo: {{picture: https://example.com/a.png, alt: {}}}",
        "social: [{{name: {}, url: https://example.com/a}}]",
        "signature: {{name: {}}}",
        "signature: {{name: Ada, role: {}}}",
        "feedback: {{question: {}, links: [{{title: Good, url: https://example.com/a}}]}}",
        "feedback: {{links: [{{title: {}, url: https://example.com/a}}]}}",
    ],
)
@pytest.mark.parametrize("text", ["\\0", "\\u202e", "\\u200b\\u200b", "&nbsp;&#8203;"])
def test_words_that_nobody_sees_are_told(written: str, text: str) -> None:
    """Of such a name or title a letter would have an empty link."""
    key = re.findall(r"(\w+): \{\}", written)[0]

    with pytest.raises(SettingsError, match=rf"^d\.yaml:2: newsletter\.\S*{key} has only invisible characters; write "):
        settings.of_text(f"newsletter:\n  {written.format(chr(34) + text + chr(34))}\n".encode(), "d.yaml")


def test_the_question_is_the_languages_own() -> None:
    """Unless the settings have one, which is then shown in any language."""
    german = language.load("de", {})
    own = recognised("Words")
    silent = replace(own, feedback=replace(own.feedback or Feedback(links=()), question=""))

    views = [identity.view(each, "2020-11-11", german).feedback for each in (own, silent)]

    assert [view.question for view in views if view] == ["Words", "Wie hat Ihnen diese Ausgabe gefallen?"]


def test_the_record_keeps_what_is_set(tmp_path: Path) -> None:
    """By its schema, for `check`, which knows nothing of the settings."""
    kept: dict[str, Any] = record.read(built(tmp_path).folder)
    own = kept["newsletter"]

    assert list(Draft202012Validator(record.json_schema()).iter_errors(kept)) == []
    assert list(own) == [
        "feedback", "language", "logo", "name", "signature", "social", "subscribe", "tagline", "web",
    ]  # fmt: skip
    assert own["feedback"]["links"][0]["url"] == "https://example.com/2020-11-11/good"


def test_it_is_part_of_the_settings_hash() -> None:
    """Each of them changes the hash, and where none is set it is what it was before there were such settings."""

    def of(text: str) -> str:
        return settings.of_text(text.encode(), "digest.yaml").digest

    texts = ["tagline: A", "tagline: B", "logo: {picture: https://a.example/a.png}", "subscribe: https://a.example/"]
    hashes = {of(f"newsletter: {{{text}}}") for text in texts}

    assert len(hashes | {of("")}) == 5
    assert of("newsletter: {logo: {}}") == of("")


def test_every_word_of_ours_is_translated() -> None:
    """In each language that the program has, and not by the English words."""
    for file in Path(language.FOLDER).glob("*.po"):
        spoken = language.load(file.stem.replace("_", "-"), {})
        for words in (
            "Forwarded to you?",
            "Subscribe here",
            "Forwarded to you? Subscribe here:",
            "How was this issue?",
        ):
            assert spoken.say(words) != words


def test_a_logo_may_say_more_than_the_name(tmp_path: Path) -> None:
    """The text part has the name itself: what the picture's alt text adds is missed by no reader."""
    text = SETTINGS.format(language="en", seeds=golden.SEEDS, theme=THEME).replace(
        "width: 200}", "width: 200, alt: Machines of the Week (logo with a crane)}"
    )
    (tmp_path / "digest.yaml").write_text(text, "utf-8")
    chosen = settings.load(str(tmp_path / "digest.yaml"))
    done = pipeline.build(chosen, pipeline.window_of(chosen, last=DAY))

    assert "(logo with a crane)" in done.message.html
    assert {each.rule for each in checks.check(checks.load(done.folder))} <= {"old-issue"}
