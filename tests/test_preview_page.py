"""The page in a real browser: what each control changes, what a saved file changes, and what the desk does."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from previewing import ISSUE, Newsroom, newsroom, serving

from digest import checks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, FrameLocator, Page

    from digest.preview import Preview

AXE = Path(os.environ.get("QUALITY_HOME") or Path.home() / ".cache" / "digest-quality") / "node_modules" / "axe-core"
SECTION = "AI Ethics"
LEAD = "2020-11-06-grading-algorithm-marked-down-evening-students-for-nine-years-inquiry-finds.md"
PICKS = ".picks[data-section='AI Ethics'] > .card"
Scheme = Literal["light", "dark"]


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, theme_cache: str) -> Newsroom:
    """Set up a newsroom; themes are compiled once for all of them."""
    monkeypatch.setenv("XDG_CACHE_HOME", theme_cache)
    return newsroom(tmp_path)


@pytest.fixture(scope="module")
def theme_cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A place for compiled themes."""
    return str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def served(room: Newsroom) -> Iterator[Preview]:
    """Preview it."""
    with serving(room) as running:
        yield running


@pytest.fixture
def visit(browser: Browser, served: Preview) -> Iterator[Callable[..., Page]]:
    """Open the page; nothing but this machine is reached, and a mistake of its script fails the test."""
    contexts = []
    mistakes: list[str] = []

    def visit(width: int = 1440, scheme: Scheme = "light", height: int = 900) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        contexts.append(context)
        context.set_default_timeout(10_000)
        context.route(lambda url: not url.startswith(served.origin), lambda route: route.abort())
        page = context.new_page()
        page.on("pageerror", lambda error: mistakes.append(str(error)))
        page.goto(served.address)
        page.wait_for_selector("body[data-shown]")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert mistakes == []


def letter(page: Page) -> FrameLocator:
    """Return what the frame shows."""
    return page.frame_locator("#frame")


def in_frame(page: Page, script: str) -> Any:
    """Evaluate *script* on the document of the frame, called `letter`."""
    return page.evaluate(
        f"() => {{ const letter = document.querySelector('#frame').contentDocument; return {script}; }}"
    )


def style(page: Page, selector: str, name: str) -> str:
    """Return a computed style in the frame."""
    return str(
        in_frame(page, f"letter.defaultView.getComputedStyle(letter.querySelector({json.dumps(selector)}))[{name!r}]")
    )


def press(page: Page, name: str, value: str) -> None:
    """Choose a control as an editor does, and wait until the frame shows it."""
    page.evaluate("() => { delete document.body.dataset.shown; }")
    page.locator(f".bar input[name={name}][value='{value}']").click()
    if name != "width":
        page.wait_for_selector("body[data-shown]")


def titles(page: Page, cards: str = PICKS) -> list[str]:
    """Return the headlines on some cards of the desk."""
    return page.locator(f"{cards} .title").all_inner_texts()


def headlines(page: Page) -> list[str]:
    """Return the headlines in the frame."""
    return [text.strip() for text in letter(page).locator("h3").all_inner_texts()]


def until(page: Page, script: str) -> None:
    """Wait for something to be true in the page, whose policy forbids Playwright's own way to wait for it."""
    end = time.monotonic() + 10
    while not page.evaluate(f"() => Boolean({script})"):
        assert time.monotonic() < end, script
        page.wait_for_timeout(20)


def act(page: Page, story: str, name: str) -> None:
    """Press a button of a story's card."""
    card = page.locator(f"#desk .card[data-story='{story}']").first
    card.hover()
    card.get_by_role("button", name=name).click()


@pytest.mark.parametrize("desk_scheme", ["light", "dark"])
def test_each_scheme_shows_whatever_the_editor_prefers(visit: Callable[..., Page], desk_scheme: Scheme) -> None:
    """Light, dark by the author's styles and forced dark are three grounds, also where the editor's system is dark."""
    page = visit(scheme=desk_scheme)
    grounds = [style(page, ".card", "backgroundColor")]
    inks = [style(page, ".headline a", "color")]
    for scheme in ("dark", "forced"):
        press(page, "scheme", scheme)
        grounds.append(style(page, ".card", "backgroundColor"))
        inks.append(style(page, ".headline a", "color"))

    assert grounds == ["rgb(255, 255, 255)", "rgb(21, 24, 31)", "rgb(18, 18, 18)"]
    assert inks[:2] == ["rgb(22, 24, 30)", "rgb(242, 243, 246)"]
    assert min(int(part) for part in inks[2][4:-1].split(",")) > 190


def test_images_off_loads_none(visit: Callable[..., Page]) -> None:
    """Without images no picture has a source, and what they say instead stays."""
    page = visit()
    before = in_frame(page, "[...letter.images].filter((one) => one.naturalWidth).length")
    press(page, "images", "off")
    after = in_frame(page, "[...letter.images].filter((one) => one.currentSrc).length")

    assert (before > 10, after) == (True, 0)


def test_styles_off_leaves_a_bare_letter(visit: Callable[..., Page]) -> None:
    """Without styles the letter has the browser's own look, and its headings."""
    page = visit()
    press(page, "styles", "off")

    assert style(page, "body", "backgroundColor") == "rgba(0, 0, 0, 0)"
    assert in_frame(page, "letter.querySelectorAll('[style], style:not(base + style)').length") == 0
    assert len(headlines(page)) == 18


def test_text_at_200_percent_is_twice_as_large(visit: Callable[..., Page]) -> None:
    """Excerpts go from 16 to 32 pixels."""
    page = visit()
    before = style(page, ".excerpt", "fontSize")
    press(page, "text", "200")

    assert (before, style(page, ".excerpt", "fontSize")) == ("16px", "32px")


def test_outlook_reads_its_own_branch(visit: Callable[..., Page]) -> None:
    """With Outlook's branch the tables that only Outlook sees are there."""
    page = visit()
    before = in_frame(page, "letter.querySelectorAll('table').length")
    press(page, "outlook", "on")

    assert in_frame(page, "letter.querySelectorAll('table').length") > before
    assert "96" not in in_frame(page, "letter.body.innerText").split()


@pytest.mark.parametrize("width", ["320", "375", "600"])
def test_a_width_is_what_media_queries_see(visit: Callable[..., Page], width: str) -> None:
    """The frame is as wide as chosen, and the letter's media queries match that."""
    page = visit()
    press(page, "width", width)

    assert in_frame(page, "letter.defaultView.innerWidth") == int(width)
    assert in_frame(page, "letter.defaultView.matchMedia('(max-width: 520px)').matches") == (int(width) <= 520)
    assert page.locator("#measure").inner_text() == f"{width} px"


def test_the_width_can_be_dragged_and_stepped(visit: Callable[..., Page]) -> None:
    """The handle takes any width, by mouse and by arrow keys."""
    page = visit()
    press(page, "width", "600")
    box = page.locator("#grip").bounding_box()
    assert box
    page.mouse.move(box["x"] + 4, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] - 36, box["y"] + 100, steps=4)
    page.mouse.up()
    dragged = in_frame(page, "letter.defaultView.innerWidth")
    page.locator("#grip").focus()
    page.keyboard.press("ArrowRight")

    assert dragged == 520
    assert in_frame(page, "letter.defaultView.innerWidth") == 530
    assert page.locator("#grip").get_attribute("aria-valuenow") == "530"


def test_the_other_views(visit: Callable[..., Page]) -> None:
    """Plain text, source, the message's parts and the rows of four inboxes are shown."""
    page = visit()
    found = {}
    for view in ("text", "source", "message", "inbox"):
        press(page, "view", view)
        found[view] = in_frame(page, "letter.body.innerText")

    assert "IN THIS ISSUE" in found["text"]
    assert "<!doctype html" in found["source"].lower()
    assert [
        kind in found["message"] for kind in ("multipart/alternative", "text/plain", "text/html", "List-Unsubscribe")
    ] == [True] * 4
    assert found["inbox"].count("Grading algorithm marked down evening students") == 4


def test_long_preheaders_are_cut_as_the_inbox_cuts(visit: Callable[..., Page]) -> None:
    """Gmail cuts in one line, Apple Mail after two."""
    page = visit()
    press(page, "view", "inbox")

    lines = in_frame(
        page,
        "[...letter.querySelectorAll('.gmail .words, .phone .soft, .apple .soft')]"
        ".map((one) => Math.round(one.getBoundingClientRect().height / parseFloat(getComputedStyle(one).fontSize)))",
    )

    assert [1 <= count <= 2 for count in lines[:2]] == [True, True]
    assert [2 <= count <= 3 for count in lines[2:]] == [True, True]


def test_the_frame_cannot_run_a_script(visit: Callable[..., Page], room: Newsroom) -> None:
    """A script in the theme does nothing in the frame, by attribute or by element."""
    page = visit()
    source = room.folder / "theme" / "footer.mjml"
    hostile = "<script>parent.document.title = 1</script><img src='x' alt='' onerror='parent.document.title = 2' />"
    source.write_text(
        source.read_text("utf-8") + f"<mj-section><mj-column><mj-raw>{hostile}</mj-raw></mj-column></mj-section>",
        "utf-8",
    )
    letter(page).locator("img[onerror]").wait_for(state="attached")

    assert in_frame(page, "letter.querySelectorAll('script').length") == 1
    assert page.title() == f"The AI Week, {ISSUE} · digest preview"


def test_a_saved_theme_arrives_without_a_reload(visit: Callable[..., Page], room: Newsroom) -> None:
    """A change of the theme is in the frame at the height where the reader was, and the page was not loaded again."""
    page = visit()
    page.evaluate("window.same = true")
    in_frame(page, "letter.defaultView.scrollTo(0, 1200)")
    footer = room.folder / "theme" / "footer.mjml"
    footer.write_text(footer.read_text("utf-8").replace("Headlines lead", "All headlines lead"), "utf-8")
    letter(page).get_by_text("All headlines lead").wait_for()

    assert page.evaluate("window.same") is True
    assert in_frame(page, "letter.defaultView.scrollY") == 1200


def test_a_broken_theme_shows_its_place_and_recovers(visit: Callable[..., Page], room: Newsroom) -> None:
    """An error stands in the page with file and line, the last good letter stays, and a mended theme clears it."""
    page = visit()
    footer = room.folder / "theme" / "footer.mjml"
    good = footer.read_text("utf-8")
    footer.write_text(good.replace("<mj-spacer", "<mj-spacr"), "utf-8")
    page.locator("#status .trouble").wait_for()
    told = page.locator("#status .trouble").inner_text()
    kept = len(headlines(page))
    footer.write_text(good, "utf-8")
    page.locator("#status .trouble").wait_for(state="detached")

    assert "footer.mjml:3" in told
    assert "mj-spacr" in told
    assert kept == 18


def test_an_added_article_shows_up(visit: Callable[..., Page], room: Newsroom) -> None:
    """A hotter article in the archive takes a slot in the frame and on the desk; when it goes, so does it there."""
    page = visit()
    new = room.folder / "seeds" / "2020-11-09-new.md"
    new.write_text(
        "---\ntitle: A brand new inquiry\nheat: 500\npublishedDateTime: 2020-11-09T10:00:00Z\n"
        "webUrl: https://news.example.com/inquiry\ntopics: [AI Ethics]\nprovider: {name: Harbour Times}\n---\n",
        "utf-8",
    )
    letter(page).get_by_role("link", name="A brand new inquiry").first.wait_for()
    until(page, "document.querySelector('.picks .title').innerText === 'A brand new inquiry'")
    new.unlink()
    until(page, "document.querySelector('.picks .title').innerText !== 'A brand new inquiry'")

    letter(page).get_by_role("link", name="A brand new inquiry").first.wait_for(state="detached")


def test_new_settings_take_hold(visit: Callable[..., Page], room: Newsroom) -> None:
    """A change of digest.yaml is in the letter."""
    page = visit()
    room.config.write_text(room.config.read_text() + "newsletter: {name: Another Week}\n")
    letter(page).get_by_role("heading", name="Another Week").wait_for()

    page.locator("#row .from", has_text="Another Week").wait_for()  # asked for after the letter, on its own


def test_a_drop_changes_frame_file_and_build(visit: Callable[..., Page], room: Newsroom) -> None:
    """A dropped story leaves the frame, the file names it and why, the next build agrees, and undo returns it."""
    page = visit()
    story = page.locator(PICKS).first.get_attribute("data-story")
    assert story
    first = titles(page)[0]
    act(page, story, "Drop")
    page.locator("#drop input[name=reason]").fill("not ours to tell")
    page.keyboard.press("Enter")
    until(page, f"!document.querySelector(\"{PICKS}[data-story='{story}']\")")
    letter(page).locator("h3").filter(has_text=first).wait_for(state="detached")

    assert room.edits.read_text() == f"drop:\n  - story: {story}\n    reason: not ours to tell\n"
    assert first not in room.titles(SECTION)

    page.get_by_role("button", name="Undo").click()
    until(page, f"document.querySelector(\"{PICKS}[data-story='{story}']\")")

    assert not room.edits.exists()


def test_a_dropped_story_can_be_put_back(visit: Callable[..., Page], room: Newsroom) -> None:
    """What the file drops stands on the desk with its reason, and one press puts it back."""
    story = "2020-11-09-court-orders-veldhaven-to-stop-scoring-welfare-claims-by-algorithm.md"
    room.edits.parent.mkdir()
    room.edits.write_text(f"# the lawyers asked\ndrop:\n  - story: {story}\n    reason: wait a week\nsubject: Mine\n")
    page = visit()
    until(page, "document.querySelector('.row .subject').innerText === 'Mine'")
    page.get_by_role("button", name="Put back").click()
    until(page, f"document.querySelector(\"{PICKS}[data-story='{story}']\")")

    assert room.edits.read_text() == "# the lawyers asked\nsubject: Mine\n"


def test_a_pin_brings_in_who_stood_in_line(visit: Callable[..., Page], room: Newsroom) -> None:
    """A story next in line that is pinned takes a slot in frame, file and build."""
    page = visit()
    card = page.locator(".shelf[data-section='AI Ethics'] .waiting .card").first
    story, title = card.get_attribute("data-story"), card.locator(".title").inner_text()
    assert story
    act(page, story, "Pin")
    until(page, f"document.querySelector(\"{PICKS}[data-story='{story}']\")")
    letter(page).locator("h3").filter(has_text=title).wait_for()

    assert room.edits.read_text() == f"pin:\n  - story: {story}\n    section: AI Ethics\n"
    assert title in room.titles(SECTION)
    assert page.locator(f"{PICKS}[data-story='{story}'] .tag").inner_text() == "pinned"


def test_dragging_reorders(visit: Callable[..., Page], room: Newsroom) -> None:
    """A story dragged below another stands there in frame, file and build."""
    page = visit()
    before = titles(page)
    page.locator(PICKS).nth(0).drag_to(page.locator(PICKS).nth(2), target_position={"x": 60, "y": 70})
    after = [before[1], before[2], before[0]]
    until(page, "document.querySelector('#say').textContent === 'Done: the order of AI Ethics.'")

    assert titles(page) == after
    assert headlines(page)[:3] == after
    assert room.titles(SECTION) == after
    letter(page).locator("h3").first.filter(has_text=after[0]).wait_for()
    assert headlines(page)[:3] == after


def test_dragging_into_another_section_pins_there(visit: Callable[..., Page], room: Newsroom) -> None:
    """A story dragged into another section is pinned at that place."""
    page = visit(height=2400)
    title = titles(page)[1]
    page.locator(PICKS).nth(1).drag_to(
        page.locator(".picks[data-section='Computer Vision'] > .card").first, target_position={"x": 60, "y": 5}
    )
    until(page, "document.querySelector(\".picks[data-section='Computer Vision'] .tag\")")

    assert room.titles("Computer Vision")[0] == title
    assert "position: 1" in room.edits.read_text()


def test_a_move_says_where_it_leads(visit: Callable[..., Page], room: Newsroom) -> None:
    """A story moved to a full section with hotter stories does not run, and the page says why."""
    page = visit()
    story = page.locator(PICKS).nth(2).get_attribute("data-story")
    assert story
    act(page, story, "Move")
    page.locator("#move").get_by_label("Natural Language Processing").check()
    page.get_by_role("button", name="Move it").click()
    page.locator("#say.shown").wait_for()
    told = page.locator("#say").inner_text()
    until(page, "document.querySelector('dialog[open]') === null")

    assert told.startswith("Done: the move of “Court orders Veldhaven")
    assert f"move:\n  - story: {story}\n    section: Natural Language Processing\n" == room.edits.read_text()


def test_words_are_the_editors(visit: Callable[..., Page], room: Newsroom) -> None:
    """Headline, excerpt, subject, preheader and introduction are edited on the desk and stand in frame and build."""
    page = visit()
    story = page.locator(PICKS).first.get_attribute("data-story")
    assert story
    act(page, story, "Edit")
    page.locator("#change input[name=title]").fill("Marked down: nine years")
    page.locator("#change textarea[name=excerpt]").fill("Our own words: short.")
    page.get_by_role("button", name="Save").click()
    letter(page).get_by_role("heading", name="Marked down: nine years").wait_for()
    for key, words in {"subject": "Hello # you", "preheader": "Inside", "introduction": "Dear *all*,\n\n- one"}.items():
        page.get_by_role("button", name=f"Edit the {key}").click()
        page.locator("#text textarea").fill(words)
        page.locator("#text").get_by_role("button", name="Save").click()
        until(page, "document.querySelector('dialog[open]') === null")
    letter(page).get_by_text("Dear all,").wait_for()
    built = room.build()

    assert (built.message.subject, built.message.preheader) == ("Hello # you", "Inside")
    assert room.titles(SECTION)[0] == "Marked down: nine years"
    assert "Our own words: short." in built.message.text
    assert page.locator("#row .subject").inner_text() == "Hello # you"


def test_a_change_made_in_the_file_meanwhile_is_kept(visit: Callable[..., Page], room: Newsroom) -> None:
    """While a dialog is open the file changes: saving shows a conflict and writes nothing; saving again is a choice."""
    page = visit()
    page.get_by_role("button", name="Edit the subject").click()
    page.locator("#text textarea").fill("From the desk")
    room.edits.parent.mkdir()
    room.edits.write_text("subject: From the file\n")
    until(page, "document.querySelector('#row .subject').innerText === 'From the file'")
    page.locator("#text").get_by_role("button", name="Save").click()
    page.locator("#text .trouble").wait_for()
    told, kept = page.locator("#text .trouble").inner_text(), room.edits.read_text()
    page.locator("#text").get_by_role("button", name="Save").click()
    until(page, "document.querySelector('#row .subject').innerText === 'From the desk'")

    assert "was changed meanwhile, and nothing was written" in told
    assert kept == "subject: From the file\n"
    assert room.edits.read_text() == "subject: From the desk\n"


def test_a_candidate_is_found_and_pinned(visit: Callable[..., Page], room: Newsroom) -> None:
    """Words of a headline find a candidate with its verdict, and it can be pinned from there."""
    page = visit()
    page.locator("#words").fill("pianist")
    found = page.locator("#found .card")
    found.wait_for()
    told = found.inner_text()
    found.hover()
    found.get_by_role("button", name="Pin").click()
    letter(page).locator("h3").filter(has_text="Pianist").wait_for()

    assert "would have been enough" in told
    assert "pianist-and-neural" in room.edits.read_text()


def test_two_stories_are_joined_and_parted_by_a_key(visit: Callable[..., Page], room: Newsroom) -> None:
    """J on a story offers what it could be the same as; the two are one in desk, file and build, until S parts them."""
    text = "Norvex scanned shoppers in Ostervik, the court of Vesterholm says."
    for many, provider in ((5, "Gazette"), (12, "Courier")):
        room.report(
            f"fine-{many}", f"Court fines Norvex {many} million crowns", text, heat=150 - many, provider=provider
        )
    page = visit()
    card = f"{PICKS}[data-story='fine-5.md']"
    until(page, f'document.querySelector("{card}")')
    page.locator(f"{card} .show").focus()
    page.keyboard.press("j")
    chosen = page.locator("#join input:checked").evaluate_all("inputs => inputs.map((input) => input.value)")
    page.keyboard.press("Enter")
    until(page, f'document.querySelector("{card} .other")')
    until(page, "document.querySelector('dialog[open]') === null")
    joined = room.edits.read_text()

    assert chosen == ["fine-12.md"]
    assert joined == "join:\n  - [fine-5.md, fine-12.md]\n"
    assert "Court fines Norvex 12 million crowns" not in room.titles(SECTION)
    assert page.evaluate("document.activeElement.dataset.key") == "join fine-5.md"
    assert page.locator("#say").inner_text().startswith("Done: the join of “Court fines Norvex 5 million crowns” and ")

    page.keyboard.press("s")
    until(page, f'!document.querySelector("{card} .other")')

    assert not room.edits.exists()
    assert page.locator("#say").inner_text() == "Done: taking back the join of “Court fines Norvex 5 million crowns”."
    page.keyboard.press("s")
    until(page, "document.querySelector('#say').textContent === 'It tells a story of its own already.'")


def test_an_article_behind_another_is_split_off(visit: Callable[..., Page], room: Newsroom) -> None:
    """It stands under its story, can be split off there, keeps the keyboard, and goes back by the same key."""
    page = visit()
    story = page.locator(".card").filter(has_text="Court orders Veldhaven").first
    story.locator("summary").click()
    page.locator(".other [data-do=split]").filter(visible=True).focus()
    page.keyboard.press("s")
    until(page, "document.activeElement.dataset.do === 'unsplit'")
    split = room.edits.read_text()
    page.keyboard.press("s")
    until(page, "document.activeElement.dataset.do === 'split'")

    assert (
        split == "split: [2020-11-09-update-2-court-orders-veldhaven-to-stop-scoring-welfare-claims-by-algorithm.md]\n"
    )
    assert not room.edits.exists()


def test_a_join_of_nothing_keeps_the_dialog_open(visit: Callable[..., Page], room: Newsroom) -> None:
    """Without a tick the dialog says what is missing, and nothing is written."""
    page = visit()
    page.locator(f"{PICKS} .show").first.focus()
    page.keyboard.press("j")
    page.get_by_role("button", name="Join them").click()
    page.locator("#join .trouble").wait_for()

    assert "tick another to join it with" in page.locator("#join .trouble").inner_text()
    assert not room.edits.exists()


def test_a_story_is_shown_in_the_letter(visit: Callable[..., Page]) -> None:
    """Pressing a headline on the desk brings the story into view."""
    page = visit()
    # `click` scrolls, and finds the button anew where the check of the issue ends meanwhile and the desk is replaced.
    page.locator(".picks .show").last.click()

    until(page, "document.querySelector('#frame').contentWindow.scrollY > 1500")


def test_the_keyboard_alone_suffices(visit: Callable[..., Page], room: Newsroom) -> None:
    """With Tab, arrows, space and Enter one changes the scheme, reorders, drops with a reason, and undoes."""
    page = visit()
    before = titles(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the link that leads to the desk

    def to(key: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.dataset.key ?? ''").startswith(key):
                return
        pytest.fail(f"Tab never came to {key}")

    to("handle")
    page.keyboard.press("ArrowDown")
    until(page, f'document.querySelector("{PICKS} .title").innerText === {json.dumps(before[1])}')
    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    to("drop")
    page.keyboard.press("Enter")
    page.keyboard.type("no time")
    page.keyboard.press("Enter")
    until(
        page, "document.querySelectorAll('dialog[open]').length === 0 && document.body.textContent.includes('no time')"
    )
    dropped = room.edits.read_text()
    page.keyboard.press("Control+z")
    until(page, "!document.body.textContent.includes('no time')")
    page.locator(".bar input[name=scheme][value=light]").focus()
    page.keyboard.press("ArrowRight")
    until(page, "document.querySelector('#frame')?.src.includes('scheme=dark')")

    assert focused.startswith("Place 2, “Grading algorithm")
    assert "reason: no time" in dropped
    assert "drop" not in room.edits.read_text()
    assert room.titles(SECTION)[:2] == [before[1], before[0]]


def test_keys_pressed_in_a_row_all_count(visit: Callable[..., Page], room: Newsroom) -> None:
    """Who presses an arrow twice before the first answer is there has moved the story by two, and is told no conflict.

    The second press stands on the file that the first has left.
    """
    page = visit()
    before = titles(page)
    page.locator(".picks .handle").first.focus()
    page.evaluate(
        """() => { for (let press = 0; press < 2; press++) document.activeElement.dispatchEvent(
            new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true, cancelable: true })); }"""
    )
    at_once, label = titles(page), page.evaluate("document.activeElement.ariaLabel")
    page.keyboard.press("Control+z")
    until(page, "document.querySelector('#say').textContent.startsWith('Undone')")
    expected = [before[1], before[0], *before[2:]]
    ends = time.monotonic() + 60
    while titles(page) != expected and time.monotonic() < ends:  # the desk comes behind the letter
        page.wait_for_timeout(50)
    undone = titles(page)

    assert at_once == [before[1], before[2], before[0], *before[3:]]
    assert label.startswith("Place 3, “Grading algorithm")
    assert undone == expected
    assert room.titles(SECTION) == [before[1], before[0], before[2]]


def test_keys_pressed_at_any_moment_all_count(visit: Callable[..., Page], room: Newsroom) -> None:
    """While letters and desks arrive, arrows go on moving the story they are pressed on: none is lost or taken back."""
    page = visit()
    before = titles(page)[:3]
    page.locator(".picks .handle").first.focus()
    answers: list[int] = []
    page.on("response", lambda one: answers.append(one.status) if one.url.endswith("/edit") else None)
    expected, at, moves = [*before], 0, 0
    for number, (key, by) in enumerate([("Down", 1), ("Down", 1), ("Up", -1), ("Up", -1), ("Down", 1)] * 3):
        page.keyboard.press(f"Arrow{key}")
        if 0 <= at + by < len(expected):
            expected.insert(at + by, expected.pop(at))
            at += by
            moves += 1
        page.wait_for_timeout(number * 37 % 210)
    end = time.monotonic() + 30
    while len(answers) < moves and time.monotonic() < end:
        page.wait_for_timeout(50)
    until(
        page,
        f"document.querySelector('#frame').contentDocument.querySelector('h3').innerText === {json.dumps(expected[0])}",
    )
    page.wait_for_timeout(1_000)  # a desk that came late would take something back now

    assert answers == [200] * moves
    assert titles(page)[:3] == expected
    assert page.evaluate("document.activeElement.ariaLabel").startswith(f"Place {at + 1}, “Grading algorithm")
    assert room.titles(SECTION) == expected


def test_an_order_that_is_refused_is_taken_back(visit: Callable[..., Page], room: Newsroom) -> None:
    """The desk shows a new order at once; where the file is another meanwhile, it goes back to what is so."""
    page = visit()
    before = titles(page)
    page.locator(".picks .handle").first.focus()
    page.evaluate("() => { document.querySelector('#desk').dataset.base = 'a hash of another file'; }")
    page.keyboard.press("ArrowDown")
    until(page, "document.querySelector('#say').textContent.includes('was changed meanwhile')")
    until(page, f'document.querySelector("{PICKS} .title").innerText === {json.dumps(before[0])}')

    assert titles(page) == before
    assert not room.edits.exists()


def test_an_order_nobody_hears_is_taken_back(visit: Callable[..., Page], room: Newsroom) -> None:
    """Where the preview does not answer any more, the page says so and shows no order that is not written."""
    page = visit()
    before = titles(page)
    page.locator(".picks .handle").first.focus()
    page.context.set_offline(True)
    page.keyboard.press("ArrowDown")
    until(page, "document.querySelector('#say').textContent !== ''")

    assert page.locator("#say").inner_text() == "The preview does not answer; nothing was changed."
    assert titles(page) == before
    assert not room.edits.exists()


def test_the_page_reads_an_older_issue(visit: Callable[..., Page], room: Newsroom) -> None:
    """The switcher leads to an issue built before, which is shown and cannot be edited."""
    from datetime import date  # noqa: PLC0415 - for this test alone

    room.build(date(2020, 11, 4))
    page = visit()
    page.locator("#issues").select_option("2020-11-04")
    page.wait_for_url("**/?issue=2020-11-04")
    page.wait_for_selector("body[data-shown]")

    assert page.locator(".state").inner_text() == "As built, to read only"
    assert page.locator("#desk .act").count() == 0
    assert "4 November 2020" in in_frame(page, "letter.body.innerText")


def test_a_target_shows_its_own_tags_and_limits(visit: Callable[..., Page]) -> None:
    """The letter for a service carries its tag, with what it cannot do in words, and the choice is kept."""
    page = visit()
    page.evaluate("() => { delete document.body.dataset.shown; }")
    page.locator("#targets").select_option("mailchimp")
    page.wait_for_selector("body[data-shown]")
    told = in_frame(page, "[...letter.links].map((one) => one.getAttribute('href')).filter((one) => one[0] === '*')")
    remarks = page.locator("#remarks").inner_text()
    page.reload()
    page.wait_for_selector("body[data-shown]")

    assert told == ["*|UNSUB|*"]
    assert remarks.startswith("Each reader’s unsubscribe address goes in as *|UNSUB|*.")
    assert page.locator("#targets").input_value() == "mailchimp"


def test_findings_stand_beside_what_they_concern(room: Newsroom, browser: Browser) -> None:
    """Of a subject and of a story, what the check found is said on the spot, and leads to the list and back."""
    room.edits.parent.mkdir(exist_ok=True)
    room.edits.write_text(
        f"subject: 'Re: SHOCKING!!'\nchange:\n  - {{story: {LEAD}, title: 'Lorem ipsum dolor sit amet, they say'}}\n"
    )
    with serving(room, judge=lambda files, waivers: checks.check(files, waivers=waivers)) as served:
        page = browser.new_page()
        page.goto(served.address)
        page.wait_for_selector("[data-concern=subject] .flag")
        page.locator("[data-concern=subject] .flag").first.focus()
        page.keyboard.press("Enter")
        in_list = page.evaluate("() => document.activeElement.id")
        page.locator(f"#{in_list} [data-do=concerned]").focus()
        page.keyboard.press("Enter")
        back = page.evaluate("() => document.activeElement.dataset.concern")
        story = page.locator(f".card[data-concern='{LEAD}'] .flag").all_inner_texts()
        page.close()

    assert in_list.startswith("finding-")
    assert back == "subject"
    assert any("Lorem ipsum" in one for one in story)


def test_the_page_before_an_issue_gives_way_to_it(room: Newsroom, browser: Browser) -> None:
    """A theme broken from the start is said with its place; mended, the issue comes without a reload by hand."""
    theme = room.folder / "theme" / "issue.mjml"
    sound = theme.read_text("utf-8")
    theme.write_text(sound.replace("</mj-body>", "</mj-bodi>"), "utf-8")
    with serving(room) as served:
        page = browser.new_page()
        page.goto(served.address)
        said = page.locator(".trouble").inner_text()
        theme.write_text(sound, "utf-8")
        page.wait_for_selector("body[data-shown]", timeout=10_000)
        shown = titles(page)
        page.close()

    assert "issue.mjml:" in said
    assert len(shown) == 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 820, 400])
def test_axe_finds_nothing(visit: Callable[..., Page], width: int, scheme: Scheme) -> None:
    """The page itself, its desk and its dialogs have no barrier that axe can see."""
    if not AXE.is_dir():
        reason = f"axe-core is not here; looked for {AXE}"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason}; .ci/run installs it")
        pytest.skip(reason)
    page = visit(width, scheme)
    axe = AXE.joinpath("axe.min.js").read_text("utf-8")
    run = (
        f"async () => {{ {axe}; const found = await axe.run(document, {{ iframes: false }});"
        " return found.violations.map((one) => [one.id, one.nodes.map((node) => node.html).slice(0, 3)]); }"
    )
    found = page.evaluate(run)
    page.locator(".card [data-do=change]").first.focus()
    page.keyboard.press("Enter")
    in_dialog = page.evaluate(run)
    page.keyboard.press("Escape")
    page.locator(".others summary").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("j")
    in_join = page.evaluate(run)

    assert (found, in_dialog, in_join) == ([], [], [])
