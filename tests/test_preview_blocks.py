"""The editor's own blocks at the desk: the forms, the actions on her file, and the letter while she writes."""

from __future__ import annotations

import errno
import json
import os
import re
import time
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import pytest
from previewing import ISSUE, Newsroom, ask, newsroom, page_values, post, serving
from test_preview_page import AXE, letter, until

from digest.config import edits
from digest.config.blocks import KINDS
from digest.preview import actions, block_actions, editor, request_values
from digest.preview.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from digest.model import Block
    from digest.preview import Preview

FIRST = "AI Ethics"
HOSTILE = '</textarea><script>document.title = "owned"</script>" onfocus="x {{ 7*7 }} [[ theme.ink ]] \\ & <mj-raw>'
ARABIC = "قال لي صديقي إن الآلة لا تنام"
EXAMPLES: dict[str, dict[str, Any]] = {
    "sponsor": {"name": "Acme", "text": "Lasers that **cut**.", "url": "https://acme.example/?issue={id}"},
    "note": {"text": "Two lines\n\n- and a list", "title": "To: you"},
    "links": {"links": [{"title": "A ferry", "url": "https://example.com/a"}], "title": "Quick hits"},
    "quote": {"text": ARABIC, "name": "أمل"},
    "picture": {"picture": "https://example.com/p.png", "alt": "A harbour"},
    "story": {"title": "Ours", "text": "Without an article.", "url": "https://example.com/ours"},
    "poll": {
        "title": "Which?",
        "choices": [{"title": title, "url": f"https://example.com/{title}"} for title in ("yes", "no")],
    },
}
BY_HAND = f"""# by hand
blocks:
  # paid for
  - kind: sponsor
    name: 'Acme'   # beside the name
    text: >
      Folded words.
    url: https://acme.example/?issue={{id}}
    section: {FIRST}
    position: 2
  - {{kind: note, text: Thanks, at: end}}
"""


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Set up a newsroom; themes are compiled once for all of them."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    return newsroom(tmp_path)


def written(room: Newsroom, content: str = BY_HAND) -> Newsroom:
    """Write the editor's file."""
    room.edits.parent.mkdir(exist_ok=True)
    room.edits.write_text(content, "utf-8")
    return room


def do(live: Session, **asked: Any) -> str:
    """Do what the page would ask for, and return what it says of it."""
    action = actions.read_action(asked, live.snapshot.issue)
    live.edit(action.change, action.what, live.snapshot.edits_hash)
    return actions.action_outcome(action, live.snapshot.issue)


def blocks(live: Session) -> tuple[Block, ...]:
    """Return the blocks of the editor's file as it is on the disk."""
    return edits.parse(edits.read(live.snapshot.settings.edits, ISSUE), live.edits_file).blocks


def named(live: Session, number: int) -> str:
    """Return the name of a block by its place in the file."""
    return block_actions.names(live.snapshot.issue.edits.blocks)[number]


# --- the forms -------------------------------------------------------------------------------------------------------


def test_each_key_of_each_kind_has_its_field(room: Newsroom) -> None:
    """The page has a form for each kind that is declared, with its keys, their sentences, and what is needed."""
    with serving(room) as served:
        page = ask(served, "/").text
    forms = dict(re.findall(r'<fieldset class="fields" data-kind="(\w+)".*?>(.*?)\n    </fieldset>', page, re.DOTALL))

    assert list(forms) == list(KINDS)
    for kind, group in KINDS.items():
        assert set(re.findall(r'data-field="(\w+)"', forms[kind])) == set(group.settings())
        assert [setting.about in forms[kind] for setting in group.settings().values()] == [True] * len(group.settings())
        assert forms[kind].count(">needed<") == sum(setting.required for setting in group.settings().values())


# --- actions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_block_of_each_kind_is_added_changed_and_taken_out(room: Newsroom, kind: str) -> None:
    """What the form holds stands in file, letter and build; changing nothing changes no byte; undo goes all the way."""
    live = Session(room.load)
    said = do(live, action="add-block", kind=kind, texts=EXAMPLES[kind], place={"after": FIRST})
    (block,), content = blocks(live), room.edits.read_text("utf-8")
    built = room.build().issue.blocks
    do(live, action="change-block", block=named(live, 0), texts=EXAMPLES[kind], place={"after": FIRST})
    same = room.edits.read_text("utf-8")
    do(live, action="remove-block", block=named(live, 0))

    assert said.startswith(f"Done: the new {kind}")
    assert (block.kind, block.where) == (kind, f"after {FIRST}")
    assert [each.kind for each in built] == [kind]
    assert same == content
    assert not room.edits.exists()
    assert [live.undo(), live.undo()] == [f"taking out the {block}", said.removeprefix("Done: ").removesuffix(".")]


def test_a_change_leaves_the_rest_of_the_file_alone(room: Newsroom) -> None:
    """Only the key that is another changes: comments, quotes and forms stay, and the address keeps its `{id}`."""
    live = Session(written(room).load)
    card = editor.of_issue(live.snapshot.issue, live.snapshot.message).blocks.before(_second(live))[0]
    texts = json.loads(card.texts)
    do(live, action="change-block", block=card.name, texts={**texts, "name": "Acme Two"}, place=_place(card.spot))

    assert texts["url"] == "https://acme.example/?issue={id}"
    # The space before a comment on its line may be another.
    assert re.sub(" +#", " #", room.edits.read_text()) == re.sub(" +#", " #", BY_HAND.replace("'Acme'", "'Acme Two'"))


def _second(live: Session) -> str:
    return live.snapshot.issue.sections[0].picks[1].article.path


def _place(spot: str) -> dict[str, Any]:
    """Return the place of a card as the page's script sends it."""
    place: dict[str, Any] = json.loads(spot)
    return {**place, "position": int(place["position"])} if "position" in place else place


def test_steps_lead_through_the_whole_letter_and_back(room: Newsroom) -> None:
    """From the top, each step is one place further; at the last one more is refused; the way back is the same."""
    live = Session(written(room, "blocks: [{kind: note, text: a}]\n").load)
    name, places = named(live, 0), [blocks(live)[0].where]
    for by in (1, -1):
        while True:
            try:
                do(live, action="step-block", block=name, by=by)
            except request_values.BadAction as error:
                places.append(str(error))
                break
            places.append(blocks(live)[0].where)
    sections = live.snapshot.issue.sections
    inside = [
        where
        for section in sections
        for where in (
            *(f"in {section.title}, at {position}" for position in range(1, len(section.picks) + 1)),
            f"after {section.title}",
        )
    ]
    way = ["at the top", *inside, "at the end"]

    assert places[: len(way)] == way
    assert places[len(way)] == "the note: is the last in the letter; move it the other way"
    assert places[len(way) + 1 : -1] == way[-2::-1]
    assert places[-1] == "the note: is the first in the letter; move it the other way"


def test_a_step_goes_past_another_block_first(room: Newsroom) -> None:
    """Blocks at one place change their order before one leaves it, and one that arrives stands on the near side."""
    live = Session(written(room, "blocks:\n" + "".join(f"- {{kind: note, text: {name}}}\n" for name in "abc")).load)
    first = named(live, 0)
    orders = []
    for by in (1, 1, 1, -1, -1):
        do(live, action="step-block", block=first, by=by)
        orders.append([f"{block.text} {block.spot}" for block in blocks(live)])

    assert orders == [
        ["b top", "a top", "c top"],
        ["b top", "c top", "a top"],
        ["b top", "c top", "a inside"],
        ["b top", "c top", "a top"],
        ["b top", "a top", "c top"],
    ]


@pytest.mark.parametrize(
    "place", ["section: AI Ethics, position: 9", "after: ai ethics", "section: AI Ethics, position: 3"]
)
def test_a_place_behind_the_stories_is_left_in_one_step(room: Newsroom, place: str) -> None:
    """Where two stand behind a section by different words, one step changes their order in the letter."""
    live = Session(
        written(room, f"blocks:\n- {{kind: note, text: aaa, {place}}}\n- {{kind: note, text: bbb, {place}}}\n").load
    )
    do(live, action="step-block", block=named(live, 0), by=1)
    text = live.snapshot.message.text

    assert text.index("bbb") < text.index("aaa")


def test_a_name_stays_with_its_block(room: Newsroom) -> None:
    """Wherever it is moved to, so that two quick presses mean the same one; equal blocks are told apart."""
    live = Session(
        written(room, "blocks:\n- {kind: note, text: a}\n- {kind: note, text: a}\n- {kind: note, text: b}\n").load
    )
    names = block_actions.names(live.snapshot.issue.edits.blocks)
    do(live, action="place-block", block=names[2], place={"section": FIRST, "position": 2})
    do(live, action="place-block", block=names[0], place={"at": "end"})

    assert len(set(names)) == 3
    assert sorted(block_actions.names(live.snapshot.issue.edits.blocks)) == sorted(names)
    assert [block.where for block in blocks(live)] == ["at the top", "in AI Ethics, at 2", "at the end"]


def test_blocks_of_every_issue_are_shown_and_not_changed(room: Newsroom) -> None:
    """They say where they are written, and have no name that an action could take."""
    room.config.write_text(room.config.read_text() + "blocks:\n  - {kind: note, text: House, at: end}\n")
    live = Session(written(room).load)
    every, own = editor.of_issue(live.snapshot.issue, live.snapshot.message).blocks.end
    with serving(room) as served:
        page = ask(served, "/").text
    with serving(room, read_only=True) as served:
        to_read = ask(served, "/").text

    assert (every.place, every.name, own.place, bool(own.name)) == ("digest.yaml:4", "", f"{ISSUE}.yaml:11", True)
    assert "every issue, written in digest.yaml:4" in page
    assert page.count('data-do="remove-block"') == 2
    assert ("every issue" in to_read, 'data-do="block"' in to_read, "block-title" in to_read) == (True, False, False)


def test_a_block_of_an_issue_built_before_is_not_called_one_of_every_issue(room: Newsroom) -> None:
    """Its record does not say whose file it is from; where it is written is said."""
    (room.folder / "edits").mkdir()
    (room.folder / "edits" / "2020-11-04.yaml").write_text("blocks: [{kind: note, text: Thanks}]\n", "utf-8")
    room.build(date(2020, 11, 4))
    with serving(room) as served:
        page = ask(served, "/?issue=2020-11-04").text

    assert "written in 2020-11-04.yaml:1" in page
    assert "every issue" not in page


def test_a_story_of_the_editors_is_known_by_its_headline(room: Newsroom) -> None:
    """Not by whose it is: on its card, and in what the desk says of adding and of removing it."""
    live = Session(room.load)
    texts = {**EXAMPLES["story"], "name": "The Quay"}
    said = do(live, action="add-block", kind="story", texts=texts, place={"at": "top"})
    (card,) = editor.of_issue(live.snapshot.issue, live.snapshot.message).blocks.top
    removed = do(live, action="remove-block", block=card.name)

    assert (said, removed) == ("Done: the new story “Ours”.", "Done: taking out the story “Ours”.")
    assert (card.heading, card.called) == ("Ours", "story “Ours”")


def test_the_card_says_what_the_letter_does_not_show(room: Newsroom) -> None:
    """A block whose section the week has not stands at the end, on the desk as in the letter, with that line."""
    room.config.write_text(f"{room.config.read_text()}sections: [{{topic: {FIRST}}}, {{topic: Ferries}}]\n")
    live = Session(written(room, "blocks: [{kind: note, text: a, after: Ferries}]\n").load)
    (card,) = editor.of_issue(live.snapshot.issue, live.snapshot.message).blocks.end

    assert card.notes == ("the issue has no section 'Ferries'; note stands at the end",)


@pytest.mark.parametrize(
    ("kind", "texts", "fields"),
    [
        ("note", {}, {"text": "blocks[0].text is missing; a block of kind note has text"}),
        ("note", {"text": "a <b>b</b>"},
         {"text": "blocks[0].text has HTML, <b>; write Markdown, or \\< for the sign itself"}),
        ("sponsor", {"name": "A", "text": "a", "url": "acme"},
         {"url": "blocks[0].url is not an https address: 'acme'"}),
        ("story", {"title": "A", "text": "a", "picture": "https://example.com/a.png"},
         {"picture": "blocks[0].picture has no alt; say there what it shows"}),
        ("links", {"links": [{"title": "A", "url": "https://example.com/"}, {"title": "B", "url": ""}]},
         {"links[1].url": "blocks[0].links[1].url is missing; a line has title and url"}),
        ("poll", {"title": "?", "choices": [{"title": "A", "url": "https://example.com/"}]},
         {"choices": "blocks[0].choices has 1; write 2 or more"}),
        ("picture", {"text": "1\n\n```\ncode\n```"}, {
            "picture": "blocks[0].picture is missing; a block of kind picture has picture and alt",
            "alt": "blocks[0].alt is missing; a block of kind picture has picture and alt",
            "text": "blocks[0].text has code; take its fence away",
        }),
        ("note", {"text": "a <b>b</b>\n\n`c`"}, {
            "text": "blocks[0].text has HTML, <b>; write Markdown, or \\< for the sign itself\n"
                    "blocks[0].text has code; take its backticks away",
        }),
    ],
    ids=["missing", "html", "url", "alt", "line", "choices", "several", "twice"],
)  # fmt: skip
def test_what_is_wrong_is_told_by_its_field(
    room: Newsroom, kind: str, texts: dict[str, Any], fields: dict[str, str]
) -> None:
    """In the words of the build, which says the same of the same file; nothing is written, tried or not."""
    asked = {"action": "add-block", "kind": kind, "texts": texts, "place": {"at": "top"}}
    with serving(room) as served:
        asked["base"] = page_values(served)["base"]
        answers = [post(served, path, asked) for path in ("/edit", "/try")]

    for answer in answers:
        assert (answer.status, answer.json["fields"], answer.json["rest"]) == (422, fields, "")
        assert all(line in answer.json["error"] for lines in fields.values() for line in lines.splitlines())
    assert not room.edits.exists()


@pytest.mark.parametrize(
    "asked",
    [
        {"action": "add-block", "kind": "advert", "texts": {}, "place": {"at": "top"}},
        {"action": "add-block", "kind": "note", "texts": {"name": "x"}, "place": {"at": "top"}},
        {"action": "add-block", "kind": "note", "texts": ["text"], "place": {"at": "top"}},
        {"action": "add-block", "kind": "note", "texts": {"text": 3}, "place": {"at": "top"}},
        {"action": "add-block", "kind": "note", "texts": {"text": "x" * 20_001}, "place": {"at": "top"}},
        {"action": "add-block", "kind": "links", "texts": {"links": "x"}, "place": {"at": "top"}},
        {"action": "add-block", "kind": "links", "texts": {"links": [["x"]]}, "place": {"at": "top"}},
        {"action": "add-block", "kind": "links", "texts": {"links": [{"title": 1}] * 2}, "place": {"at": "top"}},
        {"action": "add-block", "kind": "links", "texts": {"links": [{}] * 201}, "place": {"at": "top"}},
        {"action": "add-block", "kind": "note", "texts": {"text": "x"}},
        {"action": "add-block", "kind": "note", "texts": {"text": "x"}, "place": {"at": "top", "kind": "poll"}},
        {"action": "add-block", "kind": "note", "texts": {"text": "x"}, "place": {"after": "No section"}},
        {"action": "add-block", "kind": "note", "texts": {"text": "x"}, "place": {"section": FIRST}},
        {"action": "add-block", "kind": "note", "texts": {"text": "x"}, "place": {"section": FIRST, "position": True}},
        {"action": "add-block", "kind": "note", "texts": {"text": "x"}, "place": {"section": FIRST, "position": 9}},
        {"action": "step-block", "block": "NAME", "by": 2},
        {"action": "step-block", "block": "NAME", "by": True},
        {"action": "place-block", "block": "NAME", "place": {"at": 1}},
        {"action": "place-block", "block": "NAME", "place": {"at": "somewhere"}},
        {"action": "place-block", "block": "NAME", "place": "top"},
        {"action": "remove-block", "block": "another"},
        {"action": "remove-block"},
    ],
)  # fmt: skip
def test_what_no_page_of_ours_sends_is_refused(room: Newsroom, asked: dict[str, Any]) -> None:
    """In a line with what to do, before anything is tried."""
    live = Session(written(room).load)
    asked = {key: named(live, 0) if value == "NAME" else value for key, value in asked.items()}
    with pytest.raises(request_values.BadAction) as caught:
        actions.read_action(asked, live.snapshot.issue)

    assert re.fullmatch(r"[^\n]+: [^\n]+; [^\n]+", str(caught.value))


def test_kicker_and_why_are_changed_too(room: Newsroom) -> None:
    """An action changes those words alone that it has; an empty one takes its words away."""
    live = Session(room.load)
    story = live.snapshot.issue.picks[0].article.path
    do(live, action="change", story=story, title="Mine", kicker="At sea", why="It **matters**.\r\n\r\nMuch.")
    both = room.edits.read_text()
    do(live, action="change", story=story, kicker="")
    pick = live.snapshot.issue.picks[0]
    do(live, action="change", story=story, title="", why="")

    assert both == (
        f"change:\n  - story: {story}\n    title: Mine\n    kicker: At sea\n"
        "    why: |\n      It **matters**.\n\n      Much.\n"
    )
    assert (pick.title, pick.kicker, pick.why) == ("Mine", None, "It **matters**.\n\nMuch.")
    assert not room.edits.exists()


# --- the letter while it is written ----------------------------------------------------------------------------------


def test_a_try_shows_and_writes_nothing(room: Newsroom) -> None:
    """The frame shows what was tried last under its own name, the present letter under any other; no file is there."""
    with serving(room) as served:
        values = page_values(served)
        asked = {"action": "add-block", "kind": "note", "place": {"at": "top"}, "base": values["base"]}
        first, second = (
            post(served, "/try", {**asked, "texts": {"text": f"{name} words."}}).json["letter"]
            for name in ("One", "Two")
        )
        shown = [ask(served, f"/frame/{ISSUE}/text?letter={name}").text for name in (second, first, "other")]
        version = served.live.snapshot.version

    assert ["Two words." in text for text in shown] == [True, False, False]
    assert "One words." not in "".join(shown)
    assert version == 0
    assert not room.edits.exists()


def test_a_try_shows_in_the_issue_without_a_frame(room: Newsroom) -> None:
    """Whatever view is chosen, the frame shows what is tried."""
    room.config.write_text(f"{room.config.read_text()}fragment: true\n")
    with serving(room) as served:
        asked = {"action": "add-block", "kind": "note", "place": {"at": "top"}, "texts": {"text": "My words."}}
        tried = post(served, "/try", {**asked, "base": page_values(served)["base"]}).json["letter"]
        shown = [ask(served, f"/frame/{ISSUE}/fragment?letter={name}").text for name in (tried, "other")]

    assert ["My words." in page for page in shown] == [True, False]


def test_a_try_is_refused_as_an_edit_is(room: Newsroom) -> None:
    """On another file it is a conflict, without a base a bad request, and where nothing is written there is no way."""
    asked = {"action": "add-block", "kind": "note", "texts": {"text": "x"}, "place": {"at": "top"}}
    with serving(room) as served:
        statuses = [post(served, "/try", {**asked, "base": base}).status for base in ("other", 3)]
        foreign = post(served, "/try", asked, X_Digest_Token="wrong").status
    with serving(room, read_only=True) as served:
        statuses.append(ask(served, "/try").status)

    assert (statuses, foreign) == ([409, 400, 404], 403)


# --- in a browser ----------------------------------------------------------------------------------------------------


@contextmanager
def visiting(
    browser: Browser, served: Preview, width: int = 1440, scheme: Literal["light", "dark"] = "light"
) -> Iterator[Page]:
    """Open the page; nothing but this machine is reached, and a mistake of its script fails the test."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.set_default_timeout(15_000)
    context.route(lambda url: not url.startswith(served.origin), lambda route: route.abort())
    page = context.new_page()
    mistakes: list[str] = []
    page.on("pageerror", lambda error: mistakes.append(str(error)))
    page.goto(served.address)
    page.wait_for_selector("body[data-shown]")
    yield page
    context.close()
    assert mistakes == []


def add(page: Page, where: str, kind: str, texts: dict[str, str]) -> None:
    """Open the form of a new block at a place, and fill it in."""
    page.get_by_role("button", name=f"Add words {where}").press("Enter")
    page.locator(f"#block .kinds input[value={kind}]").check()
    for key, text in texts.items():
        field(page, key).fill(text)


def field(page: Page, key: str) -> Any:
    """Return a field of the form that is open."""
    return page.locator(f"#block fieldset:enabled [name={key}]")


def save(page: Page, dialog: str = "block") -> None:
    """Press Save."""
    page.locator(f"#{dialog}").get_by_role("button", name="Save").click()


def closed(page: Page) -> None:
    """Wait until no dialog is open."""
    until(page, "document.querySelector('dialog[open]') === null")


def test_the_letter_shows_a_block_while_it_is_written(room: Newsroom, browser: Browser) -> None:
    """Before anything is saved; leaving takes it back, saving keeps it everywhere, and undo takes it out."""
    texts = {"name": "Harbour Bank", "text": f"We *count* every crown. {'And on it goes. ' * 60}"}
    with serving(room) as served, visiting(browser, served) as page:
        add(page, f"after {FIRST}", "sponsor", texts)
        letter(page).get_by_text("every crown").wait_for()
        in_view = page.evaluate("document.querySelector('#frame').contentWindow.scrollY > 500")
        tried = room.edits.exists()
        page.keyboard.press("Escape")
        letter(page).get_by_text("every crown").wait_for(state="detached")
        add(page, f"after {FIRST}", "sponsor", texts)
        save(page)
        closed(page)
        focused = page.evaluate("document.activeElement.dataset.key")
        card = page.locator(".picks[data-section='AI Ethics'] > .block").inner_text()
        letter(page).get_by_text("every crown").wait_for()
        content = room.edits.read_text()
        page.get_by_role("button", name="Undo").click()
        page.locator(".block").wait_for(state="detached")

    assert (in_view, tried) == (True, False)
    assert focused == 'add {"after": "AI Ethics"}'
    assert card.split()[:7] == ["sponsor", "Harbour", "Bank", "We", "count", "every", "crown."]
    assert content.startswith("blocks:\n  - kind: sponsor\n    name: Harbour Bank\n    text: We *count* every crown.")
    assert content.endswith(f"    after: {FIRST}\n")
    assert not room.edits.exists()


def test_problems_stand_beside_their_fields(room: Newsroom, browser: Browser) -> None:
    """While writing those of what is written, at saving all, in the words of the build; mended, it is saved."""
    with serving(room) as served, visiting(browser, served) as page:
        add(page, "before the stories", "sponsor", {"text": "Now <b>bold</b>"})
        page.locator("#block-sponsor-text-problem").wait_for()
        early = page.locator("#block .problem:visible").all_inner_texts()
        save(page)
        page.locator("#block-sponsor-name-problem").wait_for()
        all_of_them = page.locator("#block .problem:visible").all_inner_texts()
        focused = page.evaluate("[document.activeElement.id, document.activeElement.ariaInvalid]")
        described = page.evaluate("document.activeElement.getAttribute('aria-describedby')")
        said = page.locator("#say").inner_text()
        field(page, "name").fill("Acme")
        field(page, "text").fill("Now **bold**")
        until(page, "!document.querySelector('#block [aria-invalid]')")
        save(page)
        closed(page)

    html = "blocks[0].text has HTML, <b>; write Markdown, or \\< for the sign itself"
    missing = "blocks[0].name is missing; a block of kind sponsor has name and text"
    assert early == [html]
    assert all_of_them == [missing, html]
    assert (focused, described) == (
        ["block-sponsor-name", "true"],
        "block-sponsor-name-hint block-sponsor-name-problem",
    )
    assert said == "Nothing was written: 2 fields are wrong."
    assert [block.name for block in room.build().issue.blocks] == ["Acme"]


def test_the_keyboard_edits_moves_and_removes(room: Newsroom, browser: Browser) -> None:
    """Enter opens the form, lines come and go, arrows lead a block through the letter, and the focus stays with it."""
    content = (
        "blocks:\n  - kind: links\n    links:\n      # the ferry\n      - {title: Ferry, url: https://example.com/a}\n"
        "      - {title: Bridge, url: https://example.com/b}\n    at: top\n"
    )
    with serving(written(room, content)) as served, visiting(browser, served) as page:
        page.get_by_role("button", name="Edit the links “Ferry, Bridge”").press("Enter")
        page.locator("#block .link-line [data-do=take-line]").first.press("Enter")
        at_line = page.evaluate("document.activeElement.value")
        page.locator("#block [data-rows=links] [data-do=add-line]").press("Enter")
        page.keyboard.type("Tunnel")
        page.keyboard.press("Tab")
        page.keyboard.type("example.com/c")
        save(page)
        page.locator("#block .link-line .problem:visible").wait_for()
        problem = page.locator("#block .problem:visible").all_inner_texts()
        page.keyboard.press("Home")
        page.keyboard.type("https://")
        page.keyboard.press("Enter")
        closed(page)
        edited, focused = room.edits.read_text(), page.evaluate("document.activeElement.ariaLabel")
        page.locator(".block .handle").focus()
        for _ in range(2):
            page.keyboard.press("ArrowDown")
        until(page, "document.querySelector('.block .handle').ariaLabel.includes('in AI Ethics, at 2')")
        moved, handle = room.edits.read_text(), page.evaluate("document.activeElement.ariaLabel")
        page.locator(".block [data-do=remove-block]").press("Enter")
        page.locator(".block").wait_for(state="detached")
        removed = room.edits.read_text()

    assert at_line == "Bridge"
    assert problem == ["blocks[0].links[1].url is not an https address: 'example.com/c'"]
    assert edited == content.replace("Ferry", "Bridge", 1).replace("example.com/a", "example.com/b").replace(
        "Bridge, url: https://example.com/b}\n    at", "Tunnel, url: https://example.com/c}\n    at"
    )
    assert focused == "Edit the links “Bridge, Tunnel”"
    assert moved == edited.replace("    at: top\n", "    section: AI Ethics\n    position: 2\n")
    assert handle == "The links “Bridge, Tunnel”, in AI Ethics, at 2: arrow keys move it"
    assert removed == "# the ferry\n"


def test_a_hand_and_two_desks_lose_nothing(room: Newsroom, browser: Browser) -> None:
    """A file changed by hand is a conflict that keeps the words; both desks show what either of them writes."""
    with serving(room) as served, visiting(browser, served) as page, visiting(browser, served) as other:
        add(page, "after the stories", "note", {"text": "From the first desk."})
        written(room, "subject: By hand   # mine\n")
        until(page, "document.querySelector('#row .subject').innerText === 'By hand'")
        save(page)
        page.locator("#block .trouble").wait_for()
        trouble, kept = page.locator("#block .trouble").inner_text(), field(page, "text").input_value()
        untouched = room.edits.read_text()
        save(page)
        closed(page)
        other.locator(".block").wait_for()
        add(other, "after the stories", "note", {"text": "From the second."})
        save(other)
        closed(other)
        until(page, "document.querySelectorAll('.block').length === 2")

    assert "was changed meanwhile, and nothing was written" in trouble
    assert (kept, untouched) == ("From the first desk.", "subject: By hand   # mine\n")
    assert room.edits.read_text() == (
        "subject: By hand   # mine\nblocks:\n  - kind: note\n    text: From the first desk.\n    at: end\n"
        "  - kind: note\n    text: From the second.\n    at: end\n"
    )


def test_words_of_another_desk_are_not_written_over(room: Newsroom, browser: Browser) -> None:
    """Who edits a block that says something else by now is told so, and keeps the words to copy."""
    with serving(written(room)) as served, visiting(browser, served) as page:
        page.get_by_role("button", name="Edit the note “Thanks”").press("Enter")
        field(page, "text").fill("Mine")
        written(room, BY_HAND.replace("Thanks", "Theirs"))
        until(page, "document.querySelector('#desk').innerText.includes('Theirs')")
        for _ in range(2):
            save(page)
            page.locator("#block .trouble:visible").wait_for()
            until(page, "document.querySelector('#say.shown')")
        trouble, kept = page.locator("#block .trouble").inner_text(), field(page, "text").input_value()

    assert "the block: says something else in the file now, or has gone" in trouble
    assert kept == "Mine"
    assert room.edits.read_text() == BY_HAND.replace("Thanks", "Theirs")


def test_a_file_that_cannot_be_written_keeps_the_words_in_the_form(
    room: Newsroom, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the system says stands in the form; nothing is half-written, and later it is written."""

    def refuse(_: int) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with serving(room) as served, visiting(browser, served) as page:
        add(page, "after the stories", "note", {"text": "Thanks"})
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", refuse)
            save(page)
            page.locator("#block .trouble:visible").wait_for()
        trouble, kept = page.locator("#block .trouble").inner_text(), field(page, "text").input_value()
        left = list(room.edits.parent.iterdir())
        save(page)
        closed(page)

    assert trouble.startswith(f"{room.edits}: cannot be written (Read-only file system)")
    assert (kept, left) == ("Thanks", [])
    assert room.edits.read_text() == "blocks:\n  - kind: note\n    text: Thanks\n    at: end\n"


def test_hostile_and_arabic_words_are_words(room: Newsroom, browser: Browser) -> None:
    """They come back into the form as they were written, run nothing, and Arabic runs from the right."""
    escaped = HOSTILE.replace("<", "\\<")
    links = (
        "blocks: [{kind: links, title: Quick hits, at: end, links: [{title: A ferry, url: https://example.com/}]}]\n"
    )
    with serving(written(room, links)) as served, visiting(browser, served) as page:
        add(page, "before the stories", "quote", {"text": escaped, "name": HOSTILE})
        save(page)
        closed(page)
        add(page, "before the stories", "quote", {"text": ARABIC, "name": "أمل"})
        # A second press of the button does nothing, and is told of no conflict.
        page.locator("#block").get_by_role("button", name="Save").dblclick()
        closed(page)
        said = page.locator("#say").inner_text()
        page.get_by_role("button", name="Edit the links").press("Enter")
        until(page, "document.querySelector('#frame').contentWindow.scrollY > 500")  # it shows what is edited
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Edit the quote").first.press("Enter")
        again = [field(page, key).input_value() for key in ("text", "name")]
        page.keyboard.press("Escape")
        direction = page.evaluate("getComputedStyle(document.querySelectorAll('.block .value')[1]).direction")
        title = page.title()

    _, first, second = room.build().issue.blocks
    assert said == "Done: the new quote “أمل”."
    assert again == [escaped, first.name]
    assert (first.text, second.text) == (escaped, ARABIC)
    assert (title, direction) == (f"The AI Week, {ISSUE} · digest preview", "rtl")


def test_a_block_is_dragged(room: Newsroom, browser: Browser) -> None:
    """Onto a story it goes before that, and to the end of the letter behind all."""
    content = "blocks:\n  - {kind: note, text: Thanks, title: To you}\n"
    with serving(written(room, content)) as served, visiting(browser, served) as page:
        page.set_viewport_size({"width": 1440, "height": 9000})  # nothing has to be scrolled meanwhile
        page.locator(".block").drag_to(
            page.locator(".picks[data-section='AI Ethics'] > .card").nth(1), target_position={"x": 60, "y": 5}
        )
        page.locator(".picks[data-section='AI Ethics'] > .block").wait_for()
        inside = room.edits.read_text()
        page.locator(".block").drag_to(page.locator("#end-title"))
        page.locator(".blocks > .block").wait_for()

    assert inside == "blocks:\n  - {kind: note, text: Thanks, title: To you, section: AI Ethics, position: 2}\n"
    assert room.edits.read_text() == "blocks:\n  - {kind: note, text: Thanks, title: To you, at: end}\n"


def test_stories_are_reordered_around_blocks(room: Newsroom, browser: Browser) -> None:
    """Arrows and drag count stories alone; the block keeps its place in the section."""
    with serving(written(room)) as served, visiting(browser, served) as page:
        titles = page.locator(".picks[data-section='AI Ethics'] > .card .title").all_inner_texts()
        page.locator(".picks .card .handle").first.press("ArrowDown")
        until(page, f"document.querySelector('.picks .card .title').innerText === {json.dumps(titles[1])}")
        page.locator(".picks .card .handle").nth(1).press("ArrowDown")
        until(page, f"document.querySelectorAll('.picks .card .title')[1].innerText === {json.dumps(titles[2])}")
        until(page, "document.querySelector('#say').textContent === 'Done: the order of AI Ethics.'")
        # The page shows a move before it is written, and says "Done" of the first one still.
        deadline = time.monotonic() + 10
        while room.titles(FIRST) != [titles[1], titles[2], titles[0]] and time.monotonic() < deadline:
            page.wait_for_timeout(50)

    assert room.titles(FIRST) == [titles[1], titles[2], titles[0]]
    assert "position: 2" in room.edits.read_text()


def test_kicker_and_why_are_edited_on_a_story(room: Newsroom, browser: Browser) -> None:
    """With their problems beside them; the letter shows them, and the form has them again."""
    with serving(room) as served, visiting(browser, served) as page:
        edit = page.locator(".picks [data-do=change]").first
        edit.press("Enter")
        page.locator("#change-kicker").fill("Schools")
        page.locator("#change-why").fill("It <i>matters</i>.")
        save(page, "change")
        page.locator("#change-why-problem").wait_for()
        problem = page.locator("#change-why-problem").inner_text()
        page.locator("#change-why").fill("It *matters*.")
        letter(page).get_by_text("It matters.").wait_for()
        save(page, "change")
        closed(page)
        edit.press("Enter")
        again = [page.locator(f"#change-{key}").input_value() for key in ("kicker", "why")]

    assert problem == "change[0].why has HTML, <i>; write Markdown, or \\< for the sign itself"
    assert again == ["Schools", "It *matters*."]
    assert room.build().issue.picks[0].kicker == "Schools"


def test_a_problem_of_the_introduction_stands_beside_it(room: Newsroom, browser: Browser) -> None:
    """As that of any other Markdown."""
    with serving(room) as served, visiting(browser, served) as page:
        page.get_by_role("button", name="Edit the introduction").press("Enter")
        page.locator("#text textarea").fill("a\n\n`b`")
        page.locator("#text-problem").wait_for()
        problem = page.locator("#text-problem").inner_text()

    assert problem == "introduction has code; take its backticks away"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 400])
def test_axe_finds_nothing_in_the_form(
    room: Newsroom, browser: Browser, width: int, scheme: Literal["light", "dark"]
) -> None:
    """The cards of blocks and their forms, with problems told, have no barrier that axe can see."""
    if not AXE.is_dir():
        pytest.skip(f"axe-core is not here; looked for {AXE}")
    axe = AXE.joinpath("axe.min.js").read_text("utf-8")
    run = (
        f"async () => {{ {axe}; const report = await axe.run(document, {{ iframes: false }});"
        " return report.violations.map((rule) => [rule.id, rule.nodes.map((node) => node.html).slice(0, 3)]); }"
    )
    barriers = []
    with serving(written(room)) as served, visiting(browser, served, width, scheme) as page:
        barriers.append(page.evaluate(run))
        for kind in ("sponsor", "poll"):
            add(page, "before the stories", kind, {})
            save(page)
            page.locator("#block .problem:visible").first.wait_for()
            barriers.append(page.evaluate(run))
            page.keyboard.press("Escape")

    assert barriers == [[], [], []]
