"""The editor's file, changed by the desk: what is not concerned stays, comments survive, and it reads as meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.config import blocks, edits
from digest.config.draft import Draft
from digest.errors import EditsError
from digest.text import markdown, sanitize

if TYPE_CHECKING:
    from digest.model import Edits

FULL = """# Why this week is special.
subject: 'Quoted: yes'   # beside the subject

# before the pins
pin:   # beside pin
  - story: a.md
    section: AI
    # about the place
    position: 01
  # about b
  - story: https://b.example.com   # beside b
    section: NO
# before the drops
drop:
  - story: c.md
    # about the reason
    reason: 2020-11-09

# before the changes
change:
  - story: e.md
    # about the title
    title: Mine
    # about the excerpt
    excerpt: My own.
# before the order
order:
  AI: [a.md, b.md]   # beside the order
  # about NO
  "NO":
    - d.md
# before the joins
join:   # beside join
  - [c.md, 'd.md']   # beside the first
  # about the second
  - - https://b.example.com
    # about e
    - "e.md"
    - a.md
# before the blocks
blocks:
  # about the sponsor
  - kind: sponsor   # beside the kind
    name: 'Acme'
    # about the text
    text: |
      One.

      Two.
    url: https://acme.example/
    at: top
  # about the links
  - kind: links
    # inside the links
    links:
      # first
      - {title: A, url: https://a.example/}   # beside A
      # second
      - title: "B"
        url: https://b.example/
      # third
      - {title: C, url: https://c.example/}
    after: AI
  # about the note
  - {kind: note, text: hi, at: end}
# before the splits
split:
  # about f
  - 'f.md'   # beside f
  # about the address
  - https://g.example.com
# the end
"""
PLACE = "    # about the place\n"
BRACKETS = """# the top
pin: [{story: a.md, section: AI}]
# before the drops
drop:
  - {story: c.md, reason: x}
  # about d, dropped
  - {story: d.md}
# before the order
order: {AI: [a.md, b.md]}
# before the joins
join:
  - [a.md, b.md]
  # about the second
  - ['c.md',
     # about d, joined
     d.md]
# before the splits
blocks: [
  # about the note
  {kind: note, text: hi},
  {kind: links, links: [
    # about the line
    {title: A, url: https://a.example/}]},
]
split: [
  # about f
  f.md,
  https://g.example.com
  # behind g
]
# the end
"""
MEANING = {"https://b.example.com": "b.md", "https://g.example.com": "g.md"}
PATHS = st.sampled_from(["a.md", "b.md", "c.md", "d.md", "e.md", "f.md", "g.md"])
SECTIONS = st.sampled_from(["AI", "NO", "Robots"])
WORDS = st.sampled_from(["", "plain", "with: colon", "# hash", "null", "~", "- dash", "'quote'", "yes", "1_0", "ü “x”"])
TEXTS = st.sampled_from(
    ["plain", "One.\n\n- two\n- *three*", "  # no\n  comment", "a: b\n'c'", "~", "\u0645\u0631\u062d\u0628\u0627"]
)
NOWHERE = {"at": "", "after": "", "section": "", "position": ""}
PLACES = [{"at": "top"}, {"after": "NO"}, {"section": "AI", "position": "2"}]
LINES: st.SearchStrategy[list[dict[str, str]]] = st.lists(
    st.builds(dict, title=TEXTS, url=st.sampled_from(["https://a.example/", "https://c.example/#x"])),
    min_size=1,
    max_size=4,
)
ACTIONS = st.one_of(
    st.tuples(st.just("pin"), st.tuples(PATHS.map(lambda path: [path]), SECTIONS, st.none() | st.integers(1, 9))),
    st.tuples(st.just("drop"), st.tuples(PATHS.map(lambda path: [path]), WORDS)),
    st.tuples(st.just("move"), st.tuples(PATHS.map(lambda path: [path]), SECTIONS)),
    st.tuples(st.just("release"), st.tuples(PATHS.map(lambda path: [path]))),
    st.tuples(
        st.just("change"),
        st.tuples(
            PATHS.map(lambda path: [path]),
            st.dictionaries(st.sampled_from(["title", "excerpt", "kicker", "why"]), WORDS),
        ),
    ),
    st.tuples(
        st.just("add_block"),
        st.tuples(st.just("note"), st.builds(dict, text=TEXTS, title=WORDS), st.sampled_from(PLACES)),
    ),
    st.tuples(st.just("change_block"), st.tuples(st.just(0), st.builds(dict, text=TEXTS, title=WORDS))),
    st.tuples(st.just("change_block"), st.tuples(st.just(1), st.builds(dict, links=LINES))),
    st.tuples(
        st.just("change_block"), st.tuples(st.just(1), st.sampled_from(PLACES).map(lambda place: NOWHERE | place))
    ),
    st.tuples(st.just("order"), st.tuples(SECTIONS, st.lists(PATHS, unique=True, min_size=1))),
    st.tuples(st.just("join"), st.tuples(st.lists(PATHS.map(lambda path: [path]), unique_by=str, min_size=2))),
    st.tuples(st.just("unjoin"), st.tuples(st.lists(PATHS, unique=True, min_size=1))),
    st.tuples(st.sampled_from(["split", "unsplit"]), st.tuples(PATHS)),
    st.tuples(st.just("words"), st.tuples(st.sampled_from(["subject", "preheader"]), WORDS)),
    st.tuples(
        st.just("words"), st.tuples(st.just("introduction"), st.sampled_from(["", "One.", "One.\n\n# Two\n- three"]))
    ),
)


def changed(content: str, *actions: tuple[str, tuple[object, ...]]) -> str:
    """Return *content* after some actions, each on the file that the last one wrote."""
    for name, arguments in actions:
        draft = Draft(content.encode(), "edits.yaml", MEANING)
        getattr(draft, name)(*arguments)
        content = draft.to_bytes().decode()
    return content


@pytest.mark.parametrize(
    "content", [FULL, "", "# only a comment", "pin:\n- story: a.md\n  section: AI\n", FULL.replace("\n", "\r\n")]
)
def test_without_a_change_the_bytes_are_the_same(content: str) -> None:
    """Reading and writing changes nothing: comments, quotes, order, indentation, line ends."""
    assert Draft(content.encode(), "edits.yaml", MEANING).to_bytes().decode() == content + "\n" * (
        content == "# only a comment"
    )


@pytest.mark.parametrize(
    ("action", "changes"),
    [
        (("drop", (["e.md"], "late")), {"2020-11-09\n": "2020-11-09\n  - story: e.md\n    reason: late\n"}),
        (("pin", (["a.md"], "NO")), {f"    section: AI\n{PLACE}    position: 01\n": f"{PLACE}    section: NO\n"}),
        (("words", ("subject", "Other: words")), {"'Quoted: yes'": "'Other: words'"}),
        (("order", ("ai", ["b.md", "a.md"])),
         {"[a.md, b.md]": "[b.md, a.md]", f"    section: AI\n{PLACE}    position: 01\n": f"{PLACE}    section: AI\n"}),
        (("release", (["c.md"],)),
         {"drop:\n  - story: c.md\n    # about the reason\n    reason: 2020-11-09\n": "    # about the reason\n"}),
        (("move", (["b.md"], "AI")), {"beside b\n    section: NO": "beside b\n    section: AI", ", b.md]": "]"}),
        (("join", ([["f.md"], ["g.md"]],)), {"    - a.md\n": "    - a.md\n  - [f.md, g.md]\n"}),
        (("join", ([["f.md"], ["lead.md", "b.md"]],)), {"    - a.md\n": "    - a.md\n    - f.md\n"}),
        (("unjoin", (["e.md"],)), {'    - "e.md"\n': ""}),
        (("unjoin", (["c.md"],)), {"  - [c.md, 'd.md']   # beside the first\n": ""}),
        (("split", ("a.md",)), {"  - https://g.example.com\n": "  - https://g.example.com\n  - a.md\n"}),
        (("unsplit", ("g.md",)), {"  - https://g.example.com\n": ""}),
        (("change", (["e.md"], {"kicker": "At sea", "why": "a\nb"})),
         {"    excerpt: My own.\n": "    excerpt: My own.\n    kicker: At sea\n    why: |\n      a\n      b\n"}),
        (("add_block", ("note", {"title": "T: x", "text": "a\n\nb"}, {"section": "AI", "position": "2"})),
         {"text: hi, at: end}\n": "text: hi, at: end}\n  - kind: note\n    title: 'T: x'\n    text: |\n      a\n\n"
          "      b\n    section: AI\n    position: 2\n"}),
        (("change_block", (0, {"name": "Acme Two", "url": "", "at": "end"})),
         {"'Acme'": "'Acme Two'", "    url: https://acme.example/\n    at: top\n": "    at: end\n"}),
        (("change_block", (1, {"links": [{"title": "A", "url": "https://a.example/"},
                                         {"title": "C", "url": "https://c.example/"}]})),
         {'      - title: "B"\n        url: https://b.example/\n': ""}),
        (("remove_block", (2,)), {"  - {kind: note, text: hi, at: end}\n": ""}),
    ],
    ids=["drop", "pin", "words", "order", "release", "move", "join", "join-more", "unjoin", "unjoin-two", "split",
         "unsplit", "change", "add-block", "change-block", "lines", "remove-block"],
)  # fmt: skip
def test_a_change_leaves_the_rest_alone(action: tuple[str, tuple[object, ...]], changes: dict[str, str]) -> None:
    """Only what the change is about is another; the space before a comment on its line may be."""
    expected = FULL
    for before, after in changes.items():
        assert before in expected
        expected = expected.replace(before, after)

    assert re.sub(" +#", " #", changed(FULL, action)) == re.sub(" +#", " #", expected)


def lines(content: str) -> list[str]:
    """Return the lines without what surrounds them."""
    return [line.strip() for line in content.splitlines()]


def test_a_comment_above_the_first_key_is_kept_once() -> None:
    """When the last section of an order goes, the comment that stood above it stays, and stays one."""
    content = "order:\n  # about NO\n  NO:\n    - d.md\n# the end\n"

    assert changed(content, ("drop", (["d.md"], ""))) == "# about NO\n# the end\ndrop:\n  - story: d.md\n"


def test_no_order_where_there_was_none_changes_nothing() -> None:
    """To take an order from a section that has none leaves the file as it is, also where it has other orders."""
    for content in ("# mine\n", "order:\n  AI: [a.md]\n"):
        assert changed(content, ("order", ("Law", []))) == content


def test_a_comment_above_the_last_pin_is_kept() -> None:
    """When the last pin goes, the comments beside its key and above it stay, each once."""
    content = "pin:   # beside pin\n  # about b\n  - story: https://b.example.com\n    section: NO\n# the end\n"

    left = lines(changed(content, ("drop", (["b.md"], ""))))

    assert [left.count(comment) for comment in ("# beside pin", "# about b", "# the end")] == [1, 1, 1]


# These make another block the first, which other actions then do not fit.
OF_BLOCKS: st.SearchStrategy[tuple[str, tuple[object, ...]]] = st.one_of(
    st.tuples(st.just("reorder_blocks"), st.tuples(st.integers(0, 1), st.integers(0, 1))),
    st.tuples(st.just("change_block"), st.tuples(st.just(1), st.just({"links": []}))),
    st.tuples(st.just("remove_block"), st.tuples(st.just(0))),
)


@given(st.sampled_from([FULL, BRACKETS]), st.lists(ACTIONS, max_size=3), st.lists(OF_BLOCKS, max_size=1))
def test_comments_survive_whatever_the_desk_does(
    content: str, actions: list[tuple[str, tuple[object, ...]]], then: list[tuple[str, tuple[object, ...]]]
) -> None:
    """Every comment on a line of its own is still there, once, after any changes."""
    own = [line.strip() for line in content.splitlines() if line.strip().startswith("#")]

    found = lines(changed(content, *actions, *then))

    assert [found.count(comment) for comment in own] == [1] * len(own)


@given(st.lists(ACTIONS, max_size=4))
def test_what_is_written_reads_as_meant(actions: list[tuple[str, tuple[object, ...]]]) -> None:
    """After any changes the file is valid, no story is both pinned and dropped, and the last word holds."""
    content = changed(FULL, *actions)
    found = edits.parse(content.encode(), "edits.yaml")

    pinned, dropped = {MEANING.get(pin.story, pin.story) for pin in found.pins}, {story for story, _ in found.drops}
    assert not pinned & dropped
    for name, arguments in actions[-1:]:
        if name == "pin":
            assert (arguments[0][0], arguments[1], arguments[2]) in {  # type: ignore[index, operator]  # a list of paths
                (MEANING.get(pin.story, pin.story), pin.section, pin.position) for pin in found.pins
            }
        if name == "drop":
            assert (arguments[0][0], arguments[1] or "no reason given") in found.drops  # type: ignore[index, operator]  # likewise
        if name == "order":
            assert (str(arguments[0]), tuple(arguments[1])) in found.order  # type: ignore[arg-type]  # a list of paths
        if name == "words" and arguments[0] == "introduction":
            assert found.introduction == str(arguments[1])
        if name == "words" and arguments[0] == "subject":
            assert (found.subject or "") == str(arguments[1])
        if name in {"join", "unjoin", "split", "unsplit"}:
            _reads_as_told(found, name, arguments)
        if name in {"add_block", "change_block"}:
            _block_reads_as_told(found, name, arguments)


def _block_reads_as_told(found: Edits, name: str, arguments: tuple[Any, ...]) -> None:
    """Assert that a block of the edits *found* says and stands as the last word has it."""
    number, texts, place = (-1, *arguments[1:]) if name == "add_block" else (*arguments, {})
    block = found.blocks[number]
    place = place or {key: text for key, text in texts.items() if key in NOWHERE and text}
    for key in texts.keys() - NOWHERE.keys() - {"links"}:
        assert getattr(block, key) == texts[key].strip()
    if "links" in texts:
        asked = [(sanitize.text(line["title"]), line["url"]) for line in texts["links"]]
        assert [(link.title, link.url) for link in block.links] == asked
    if place:
        assert blocks.written_place(block.spot, block.section, block.position) == place


def _reads_as_told(found: Edits, name: str, arguments: tuple[object, ...]) -> None:
    """Assert that the last word on which articles are one story holds in the edits *found*."""
    splits = {MEANING.get(split, split) for split in found.splits}
    joins = [{MEANING.get(path, path) for path in join} for join in found.joins]
    if name == "join":
        asked = {path for (path,) in arguments[0]}  # type: ignore[attr-defined]  # lists of paths
        assert any(asked <= join for join in joins)
    elif name == "unjoin":
        assert not any(join.intersection(arguments[0]) for join in joins)  # type: ignore[arg-type]  # paths
    else:
        assert (arguments[0] in splits) == (name == "split")


@given(st.lists(ACTIONS, max_size=4), PATHS)
def test_releasing_leaves_no_trace_of_a_story(actions: list[tuple[str, tuple[object, ...]]], path: str) -> None:
    """A story left to the rules is neither pinned, dropped, moved nor ordered."""
    found = edits.parse(changed(FULL, *actions, ("release", ([path],))).encode(), "edits.yaml")

    named = [pin.story for pin in found.pins] + [story for story, _ in (*found.drops, *found.moves)]
    named += [story for _, stories in found.order for story in stories]
    assert path not in [MEANING.get(name, name) for name in named]


def test_a_new_file_holds_what_was_asked() -> None:
    """From nothing, the file has the change and no more; a file of comments keeps them in front."""
    action = ("drop", (["a.md"], "not ours: no"))

    assert changed("", action) == "drop:\n  - story: a.md\n    reason: 'not ours: no'\n"
    assert changed("# by hand", action) == "# by hand\ndrop:\n  - story: a.md\n    reason: 'not ours: no'\n"


def test_lists_keep_their_indentation() -> None:
    """A file whose dashes stand below the key's first letter gets its new stories there too."""
    found = changed("drop:\n- story: a.md\n", ("drop", (["b.md"], "")))

    assert found == "drop:\n- story: a.md\n- story: b.md\n"


def test_a_text_of_several_lines_is_a_block() -> None:
    """An introduction is written as its editor would, and a comment behind it stays behind it."""
    found = changed("introduction: |\n  Old.\n# end\n", ("words", ("introduction", "New.\n\n# Not a comment")))

    assert found == "introduction: |\n  New.\n\n  # Not a comment\n# end\n"


def test_a_story_is_known_by_all_its_articles() -> None:
    """What another article of the story was pinned or dropped by is found again."""
    found = changed("drop:\n  - story: other.md\n", ("release", (["lead.md", "other.md"],)))

    assert found == ""


@pytest.mark.parametrize(
    ("content", "action", "expected"),
    [
        ("", ("join", ([["a.md"], ["b.md", "c.md"]],)), "join:\n  - [a.md, b.md]\n"),
        ("join: []   # none yet\n", ("join", ([["a.md"], ["b.md"]],)), "join:   # none yet\n  - [a.md, b.md]\n"),
        ("join: ['a.md', b.md]   # why\n", ("join", ([["c.md"], ["d.md"]],)),
         "join:   # why\n  - ['a.md', b.md]\n  - [c.md, d.md]\n"),
        ("join:\n# about a\n- a.md\n# about b\n- b.md\n# end\n", ("join", ([["c.md"], ["d.md"]],)),
         "join:\n# about a\n- [a.md, b.md]\n- [c.md, d.md]\n# about b\n# end\n"),
        ("join: [[a.md, b.md]]\n", ("join", ([["c.md"], ["d.md"]],)), "join: [[a.md, b.md], [c.md, d.md]]\n"),
        ("join: [a.md, b.md]\n", ("join", ([["a.md"], ["b.md"], ["c.md"]],)), "join: [a.md, b.md, c.md]\n"),
        ("join: [a.md, b.md]   # why\n# end\n", ("unjoin", (["a.md"],)), "# why\n# end\n"),
        ("join: [a.md, b.md, c.md]\n", ("unjoin", (["b.md", "x.md"],)), "join: [a.md, c.md]\n"),
        ("join:\n  - [a.md, b.md]\n  # about c\n  - [c.md, a.md]\n# end\n", ("unjoin", (["a.md"],)),
         "  # about c\n# end\n"),
        ("", ("split", ("a, b.md",)), "split: ['a, b.md']\n"),
        ("split: 'a.md'   # why\n", ("split", ("b.md",)), "split: ['a.md', b.md]   # why\n"),
        ("split: a.md\n", ("split", ("a.md",)), "split: a.md\n"),
        ("split: a.md\n# end\n", ("unsplit", ("a.md",)), "# end\n"),
        ("split: [\n  a.md,\n  # about b\n  b.md,   # beside b\n]\nsubject: Mine\n", ("unsplit", ("a.md",)),
         "# about b\n# beside b\nsplit: [b.md]\nsubject: Mine\n"),
    ],
    ids=["new", "empty", "one-list", "one-list-of-lines", "brackets", "grows", "last-goes", "one-goes", "two-go",
         "new-split", "lone-split", "again", "last-split", "lines-in-brackets"],
)  # fmt: skip
def test_joins_and_splits_are_written_in_every_form(
    content: str, action: tuple[str, tuple[object, ...]], expected: str
) -> None:
    """One list of stories, lists of them, a lone split: each is changed as it stands, and no comment is lost."""
    assert re.sub(" +#", " #", changed(content, action)) == re.sub(" +#", " #", expected)


def test_what_is_no_yaml_is_refused() -> None:
    """A file that cannot be read is not written over."""
    with pytest.raises(EditsError) as caught:
        Draft(b"pin: [", "edits.yaml", {})

    assert str(caught.value).startswith("edits.yaml: the desk cannot read it; ")


def test_brackets_with_a_comment_beside_them_end_their_line() -> None:
    """Also where a comment stands above the first member of the list; else the next member is written on one line."""
    content = "drop:\n  # first\n  - {story: a.md}   # beside a\n  - story: b.md\n    reason: late\n"
    of_lists = "join:\n  # first\n  - [a.md, b.md]   # beside a\n  - - c.md\n    - d.md\n"

    assert changed(content) == content
    assert changed(content, ("drop", (["c.md"], ""))) == f"{content}  - story: c.md\n"
    assert changed(of_lists) == of_lists


@pytest.mark.parametrize("words", ["Pourquoi ? Parce que", "? A", ": A", "?A", ":- A", "A ?"])
def test_a_text_in_brackets_is_no_key(words: str) -> None:
    """Question marks behind a blank, as French has them, and colons in front: for our reader they begin a key there."""
    content = "{blocks: [{kind: note, text: A, at: top}]}\n"
    written = changed(content, ("change_block", (0, {"text": words})), ("order", (words, [words])))
    read = edits.parse(written.encode(), "edits.yaml")

    assert [block.text for block in read.blocks] == [words]
    assert read.order == ((words, (words,)),)


@pytest.mark.parametrize("above", ["split: [b.md]", "order:\n  AI: [b.md]", "join:\n  - [a.md, b.md]", "subject: A"])
def test_an_indented_comment_at_the_end_is_no_line_of_a_text(above: str) -> None:
    """Behind a value in brackets, too: it would stand in the letter."""
    content = f"{above}\n    # not for readers\n"
    written = changed(content, ("words", ("introduction", "A\nB")))

    assert written == f"{above}\nintroduction: |\n  A\n  B\n# not for readers\n"
    assert changed(content) == content


def test_a_block_moves_with_its_comments() -> None:
    """What stands above a block goes where it goes; only what stands above the first stays above the list."""
    content = (
        "blocks:\n  - {kind: note, text: a}\n  # about b\n  - kind: note   # beside b\n    text: b\n"
        "  # about c\n  - {kind: note, text: c}\n# the end\n"
    )

    assert changed(content, ("reorder_blocks", (1, 0))) == (
        "blocks:\n  # about b\n  - kind: note   # beside b\n    text: b\n  - {kind: note, text: a}\n"
        "  # about c\n  - {kind: note, text: c}\n# the end\n"
    )


@given(st.text(min_size=1))
def test_any_words_of_a_block_read_as_they_were_written(words: str) -> None:
    """Whatever stands in the text of a block, in any script and with any sign, stands in it when the file is read.

    What is refused as Markdown, such as code, is a problem then, with its own tests.
    """
    try:
        words.encode()
    except UnicodeEncodeError:
        return  # half of a surrogate pair, which the desk refuses before
    text = "\n".join(words.splitlines()).strip()
    content = changed("", ("add_block", ("note", {"text": text}, {"at": "end"})))

    if text and not list(markdown.refused(text)):
        assert edits.parse(content.encode(), "edits.yaml").blocks[0].text == text
