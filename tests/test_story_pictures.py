"""The editor's word on a story's picture: another one, none, what it shows and whose it is."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import golden
import pytest
from command import run
from jsonschema import Draft202012Validator
from samples import THEME, address, article, issue, newsletter, section, story, theme

from digest import checks, pipeline, rendering
from digest.analysis import explain
from digest.config import edits, settings
from digest.config.values import Shape
from digest.errors import EditsError
from digest.issue import record
from digest.model import Edits, Issue, Message, Picture
from digest.rendering import pictures
from digest.site import feeds
from digest.site.issues import PublishedIssues
from digest.site.places import Places
from digest.text import sanitize
from digest.theme import load

if TYPE_CHECKING:
    from digest.config.values import Images
    from digest.model import Pick

LOOKS = sorted(str(path.parent) for path in Path(THEME).parent.glob("*/issue.mjml"))
FERRY = "Crewless ferry makes first night crossing between Skarvik and Hallen"
OURS, OWN = "https://pictures.example.com/a.png", "https://example.com/own.jpg?a=1&b=2"


def changed(
    *, by: str | None = None, without: bool = False, alt: str = "", credit: str = "", has: bool = True
) -> Issue:
    """Return an issue of two stories, both with a picture if it *has* some, of whose second the editor says this."""
    lead = article("Bees count to four", path="bees.md", url="https://news.example.com/bees", picture=OURS)
    second = article(picture=OURS if has else None)
    made = issue(sections=(section(story(lead), story(second)),))
    first, pick = made.sections[0].picks
    own = replace(
        pick,
        picture=Picture(url=address(by)) if by else None,
        without_picture=without,
        alt=sanitize.text(alt),
        credit=sanitize.text(credit),
    )
    return replace(made, sections=(replace(made.sections[0], picks=(first, own)),))


def letter(shown: Issue, look: str = THEME, images: Images = "all") -> Message:
    """Return the message of *shown*."""
    return rendering.render(shown, newsletter(), load(look, {}, language="en"), Shape(images=images))


def sources(message: Message) -> list[str]:
    """Return the addresses of the pictures in the HTML."""
    return [found.replace("&amp;", "&") for found in re.findall(r'<img[^>]* src="([^"]+)"', message.html)]


# --- the file


@pytest.mark.parametrize(
    ("lines", "problems"),
    [
        (
            "picture: http://example.com/a.jpg",
            ["3: change[0].picture is not an https address: 'http://example.com/a.jpg'; write one, or none"],
        ),
        ("picture: nome", ["3: change[0].picture is not an https address: 'nome'; write one, or none"]),
        (
            "picture: javascript:alert(1)",
            ["3: change[0].picture is not an https address: 'javascript:alert(1)'; write one, or none"],
        ),
        ("picture: [a]", ["3: change[0].picture is not a text"]),
        ("picture: ''", ["3: change[0].picture is not a text"]),
        ("pictur: none", ["3: unknown key 'change[0].pictur'; did you mean 'picture'?", "2: a change without"]),
        (
            "picture: none\n  alt: A ferry\n  credit: Ada",
            [
                "4: change[0].alt is of a picture, and picture is none; leave one out",
                "5: change[0].credit is of a picture, and picture is none; leave one out",
            ],
        ),
        ("credit: [Ada]", ["3: change[0].credit is not a text"]),
    ],
)
def test_what_cannot_be_is_told(lines: str, problems: list[str]) -> None:
    """Each with its line, all at once."""
    with pytest.raises(EditsError) as caught:
        edits.parse(f"change:\n- story: a.md\n  {lines}\n".encode(), "e.yaml")

    told = str(caught.value).splitlines()
    assert len(told) == len(problems)
    assert all(any(line.startswith(f"e.yaml:{problem}") for line in told) for problem in problems)


def test_what_is_written_is_read() -> None:
    """An address, the word for none in any case, and words of the picture."""
    own = f"{{story: a.md, picture: '{OWN}', alt: A  ferry, credit: 'A &amp; B'}}"
    text = f"change:\n- {own}\n- {{story: b.md, picture: None}}\n"
    first, second = edits.parse(text.encode(), "e.yaml").changes

    assert (first.picture, first.alt, first.credit) == (Picture(url=address(OWN)), "A ferry", "A & B")
    assert (first.without_picture, second.without_picture, second.picture) == (False, True, None)


def test_edits_without_keep_their_hash() -> None:
    """An edit of before has the hash that it had, and each key counts."""
    plain = edits.parse(b"change: [{story: a.md, title: Mine}]", "e.yaml")
    own = ("picture: none", f"picture: '{OWN}'", "alt: A", "credit: A")
    others = {record.hash_of(edits.parse(f"change: [{{story: a.md, {key}}}]".encode(), "e.yaml")) for key in own}

    assert record.hash_of(plain) == "1e70a1a8f0b1e95eb8daba7bfe9384a189e4dd0a1e2a9ac5127e0a6f676a6885"
    assert len(others) == 4


# --- the letter


@pytest.mark.parametrize(
    ("images", "own", "expected"),
    [
        ("all", OWN, [OURS, OWN]),
        ("lead", OWN, [OURS, OWN]),
        ("off", OWN, []),
        ("all", "none", [OURS]),
        ("lead", None, [OURS]),
    ],
)
def test_which_picture_is_shown(images: Images, own: str | None, expected: list[str]) -> None:
    """The editor's comes before the archive's and before `images: lead`, and `off` is for all."""
    made = changed(by=None if own == "none" else own, without=own == "none")

    assert sources(letter(made, images=images)) == expected


@pytest.mark.parametrize(
    ("made", "images", "note"),
    [
        (changed(by=OWN), "off", "your picture is not shown, since `images` is off"),
        (changed(credit="Ada"), "lead", "what you say of its picture is not shown, since `images` is lead"),
        (changed(alt="A ferry", has=False), "all", "what you say of its picture is not shown, since there is none"),
        (changed(by="https://example.com/a.svg"), "all",
         "https://example.com/a.svg is of a kind that mail clients do not show; it is left out"),
        (changed(by="http://example.com/a.jpg", credit="Ada"), "all",
         "http://example.com/a.jpg is not https; it is left out"),
        (changed(without=True), "all", None),
        (changed(by=OWN, alt="A ferry", credit="Ada"), "all", None),
    ],
)  # fmt: skip
def test_the_editor_is_told_of_what_is_not_shown(made: Issue, images: Images, note: str | None) -> None:
    """A line with the story's path and the reason; none where all is as she wants it."""
    assert letter(made, images=images).notes == ((f"towels.md: {note}",) if note else ())


@pytest.mark.parametrize("look", LOOKS, ids=os.path.basename)
@pytest.mark.parametrize("own", [OWN, None], ids=["her picture", "the archive's"])
@pytest.mark.parametrize("at", [0, 1], ids=["lead", "other"])
def test_every_look_shows_what_she_says(look: str, own: str | None, at: int) -> None:
    """The picture with its description, and the credit below it; nothing of either in the text."""
    made = changed(by=own, alt="A ferry & a bee", credit="Picture: Ada <Ferrer>")
    picks = made.sections[0].picks if at else made.sections[0].picks[::-1]
    made = replace(made, sections=(replace(made.sections[0], picks=picks),))
    message = letter(made, look)

    assert f'src="{(own or OURS).replace("&", "&amp;")}" alt="A ferry &amp; a bee"' in message.html
    assert message.html.index('alt="A ferry &amp; a bee"') < message.html.index("Picture: Ada &lt;Ferrer&gt;")
    assert ("ferry" in message.text.casefold(), "Ada" in message.text) == (False, False)
    # No heading and no link says what a picture shows.
    links = re.findall(r"<(h3|a)\b(.*?)</\1>", message.html, re.DOTALL)
    assert [inner for _, inner in links if "A ferry &amp;" in inner or "Ada" in inner] == []
    assert message.notes == ()


@pytest.mark.parametrize("look", LOOKS, ids=os.path.basename)
def test_words_of_a_picture_are_only_words(look: str) -> None:
    """Whatever stands in them is printed as it is, escaped, and adds no element."""
    hostile = "{{ 1234+1111 }} [[ theme.ink ]] <script>x</script> \"onerror='a' {% raw %}"
    bad, good = (letter(changed(by=OWN, alt=words, credit=words), look).html for words in (hostile, "Words"))

    assert "2345" not in bad
    assert bad.count("{{ 1234+1111 }} [[ theme.ink ]] &lt;script&gt;x&lt;/script&gt; &#34;onerror=&#39;a&#39;") == 2
    assert re.findall(r"<([a-z0-9]+)", bad) == re.findall(r"<([a-z0-9]+)", good)


def test_a_theme_that_shows_no_such_words_is_told(tmp_path: Path) -> None:
    """A line for each, with the variable that has it."""
    look = Path(theme(tmp_path))
    text = (look / "story.mjml").read_text("utf-8")
    for name, nothing in (("alt", "''"), ("credit", "''")):
        text = text.replace(f"story.picture_{name}", nothing)
    (look / "story.mjml").write_text(text, "utf-8")

    assert letter(changed(by=OWN, alt="A ferry", credit="Picture: Ada Ferrer"), str(look)).notes == (
        "towels.md: the theme does not show what the picture shows in its HTML; show `story.picture_alt` there",
        "towels.md: the theme does not show the credit of the picture in its HTML; show `story.picture_credit` there",
    )


# --- built, checked, explained, published


CHANGES = f"""
change:
  - story: {FERRY}
    picture: {OWN}
    alt: A ferry at night
    credit: "Picture: Ada Ferrer"
  - story: Silvane says plate-sized chip trains models on a tenth of the energy
    picture: none
  - story: 2020-11-06-grading-algorithm-marked-down-evening-students-for-nine-years-inquiry-finds.md
    alt: A school desk in the evening
"""


def built(folder: Path, look: str, **more: str) -> pipeline.Built:
    """Build the sample in a look, with the editor's pictures."""
    (folder / "edits").mkdir()
    (folder / "edits" / "2020-11-11.yaml").write_text(CHANGES, "utf-8")
    lines = {"archive": f"[{golden.SEEDS}]", "templates": look, **more}
    (folder / "digest.yaml").write_text("".join(f"{key}: {value}\n" for key, value in lines.items()), "utf-8")
    chosen = settings.load(str(folder / "digest.yaml"))
    window = pipeline.window_of(chosen, last=date(2020, 11, 11))
    return pipeline.build(chosen, window)


@pytest.mark.parametrize("look", LOOKS, ids=os.path.basename)
@pytest.mark.parametrize("tag", ["en", "ar"])
def test_a_built_issue_is_sound(tmp_path: Path, look: str, tag: str) -> None:
    """The record has what she asked and what is shown, `check` has nothing to say, and misses what is lost."""
    done = built(tmp_path, look, newsletter=f"{{language: {tag}}}")
    written = record.read(done.folder)
    [pick] = [pick for part in written["sections"] for pick in part["picks"] if pick["title"] == FERRY]

    assert pick["picture"] == OWN
    assert {key: pick["changed"][key] for key in ("picture", "alt", "credit")} == {
        "picture": OWN, "alt": "A ferry at night", "credit": "Picture: Ada Ferrer",
    }  # fmt: skip
    assert list(Draft202012Validator(record.json_schema()).iter_errors(written)) == []
    assert done.message.notes == ()
    assert [str(each) for each in checks.check(checks.load(done.folder)) if each.rule != "old-issue"] == []

    page = Path(done.folder, "index.html")
    page.write_text(page.read_text("utf-8").replace("Picture: Ada Ferrer", ""), "utf-8")
    lost = [str(each) for each in checks.check(checks.load(done.folder)) if each.rule == "block-missing"]
    assert len(lost) == 1
    assert "Picture: Ada Ferrer" in lost[0]


def test_pictures_off_is_no_fault(tmp_path: Path) -> None:
    """Where the settings show no pictures `check` misses none of her words on them."""
    done = built(tmp_path, THEME, images='"off"')

    assert [note.partition(": ")[2] for note in done.message.notes] == [
        "what you say of its picture is not shown, since `images` is off",
        "your picture is not shown, since `images` is off",
    ]
    assert [str(each) for each in checks.check(checks.load(done.folder)) if each.rule != "old-issue"] == []


def test_explain_names_what_she_changed(tmp_path: Path) -> None:
    """For the issue, for an article, and in JSON."""
    done = built(tmp_path, THEME)
    whole = explain.issue(record.read(done.folder))
    at = next(number for number, line in enumerate(whole) if FERRY in line)
    _, one, _ = run(tmp_path, "explain", "--date", "2020-11-11", "crewless", "ferry", "night")
    _, chip, _ = run(tmp_path, "explain", "--date", "2020-11-11", "plate-sized", "chip", "trains")
    _, data, _ = run(tmp_path, "explain", "--date", "2020-11-11", "--json", "crewless", "ferry", "night")

    assert whole[at + 1] == "        the editor's own: picture, what the picture shows, credit of the picture"
    assert "\n  the editor's own: picture, what the picture shows, credit of the picture\n" in one
    assert "\n  the editor took the picture away\n" in chip
    assert [each["changed"]["credit"] for each in json.loads(data) if "changed" in each] == ["Picture: Ada Ferrer"]


def test_feeds_show_her_picture(tmp_path: Path) -> None:
    """With its description and credit, escaped; of other stories a list shows none, as ever."""
    built(tmp_path, THEME)
    shelf = PublishedIssues(str(tmp_path / "out"), Places("https://example.com/issues/{id}/"), every=True)
    content = json.loads(feeds.make(shelf, newsletter())["feed.json"])["items"][0]["content_html"]

    assert (
        f'<p><img src="{OWN.replace("&", "&amp;")}" alt="A ferry at night"></p><p>Picture: Ada Ferrer</p></li>'
        in content
    )
    assert re.findall(r'<img[^>]* alt="([^"]*)"', content) == ["A school desk in the evening", "A ferry at night"]


def test_a_trimmed_letter_says_nothing_of_what_is_on_the_web(tmp_path: Path) -> None:
    """A picture of a story that the message has no room for is no loss to `check`."""
    done = built(tmp_path, THEME, size="{limit: 20000}")

    assert done.message.web_only
    assert [str(each) for each in checks.check(checks.load(done.folder)) if each.rule == "block-missing"] == []
    assert done.message.notes == ()


def test_no_edits_no_pictures_of_hers() -> None:
    """An issue without such words has no picture in its record."""
    pick: Pick = changed().picks[1]

    assert (pick.says_of_picture, pictures.described(changed(), "all")) == (False, ())
    assert Edits().changes == ()
