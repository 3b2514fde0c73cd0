"""The fields at the top of a file, in every form that generators take."""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.records import frontmatter

if TYPE_CHECKING:
    from digest.config.yamlfile import Value

BODY = "\n\nThe text below.\n"
FORMS = {
    "yaml": "---\ntitle: A ferry\ntags:\n- harbour\n---" + BODY,
    "yaml-with-dots": "---\ntitle: A ferry\ntags: [harbour]\n..." + BODY,
    "yaml-behind-empty-lines": "\n \r\n\n---\ntitle: A ferry\ntags: [harbour]\n---" + BODY,
    "yaml-with-blanks-at-fences": "--- \t\ntitle: A ferry\ntags: [harbour]\n---  " + BODY,
    "yaml-with-crlf": "---\r\ntitle: A ferry\r\ntags: [harbour]\r\n---\r\n\nThe text below.\n",
    "yaml-by-its-name": "---yaml\ntitle: A ferry\ntags: [harbour]\n---" + BODY,
    "toml": "+++\ntitle = 'A ferry'\ntags = ['harbour']\n+++" + BODY,
    "toml-by-its-name": "---toml\ntitle = 'A ferry'\ntags = ['harbour']\n---" + BODY,
    "yaml-without-its-first-fence": "title: A ferry\ntags:\n- harbour\n---" + BODY,
    "json": '{\n"title": "A ferry",\n"tags": ["harbour"]\n}' + BODY,
    "json-by-its-name": '---json\n{\n"title": "A ferry",\n"tags": ["harbour"]\n}\n---' + BODY,
    "json-between-semicolons": ';;;\n"title": "A ferry",\n"tags": ["harbour"]\n;;;' + BODY,
}


def plain(value: Value) -> object:
    """Return a value without its lines."""
    if isinstance(value, dict):
        return {key: plain(node.value) for key, node in value.items()}
    return [plain(node.value) for node in value] if isinstance(value, tuple) else value


def parsed(text: str, name: str = "a.md") -> dict[str, object]:
    """Return the fields of a file, without their lines."""
    return {key: plain(node.value) for key, node in frontmatter.parse(text.encode(), name).fields.items()}


def refused(text: str | bytes, name: str = "a.md") -> str:
    """Return the line and the message by which a file is refused."""
    with pytest.raises(frontmatter.Malformed) as caught:
        frontmatter.parse(text.encode() if isinstance(text, str) else text, name)
    return f"{caught.value.line}: {caught.value.what}"


@pytest.mark.parametrize("form", FORMS)
def test_a_form(form: str) -> None:
    """The same fields, their lines and the same text come from each form of front matter, with a mark or without."""
    for start in ("", "\ufeff"):
        post = frontmatter.parse((start + FORMS[form]).encode(), "posts/a.md")

        assert {key: plain(node.value) for key, node in post.fields.items()} == {
            "title": "A ferry",
            "tags": ["harbour"],
        }
        assert post.body.strip() == "The text below."
        lines = FORMS[form].split("\n")
        for key, node in post.fields.items():
            assert key in lines[node.line - 1]


def test_no_line_end_behind_the_closing_fence() -> None:
    """Editors that write no last line end leave a whole article behind."""
    for sign, line in (("---", "title: x"), ("+++", "title = 'x'"), (";;;", '"title": "x"')):
        assert frontmatter.parse(f"{sign}\n{line}\n{sign}".encode(), "a.md").body == ""
        assert parsed(f"{sign}\n{line}\n{sign}") == {"title": "x"}


def test_values_are_texts_as_they_were_written() -> None:
    """Flags, numbers and dates of TOML and JSON become the text that says them; nothing is an empty value."""
    toml = "+++\nday = 2021-05-06\nat = 2021-05-06T10:00:00+02:00\nclock = 07:32:00\nheat = 12.50\nmany = 1_000\n"
    toml += "draft = false\n[extra]\nlinks = [{url = 'u'}]\n+++\n"

    assert parsed(toml) == {
        "day": "2021-05-06",
        "at": "2021-05-06T10:00:00+02:00",
        "clock": "07:32:00",
        "heat": "12.50",
        "many": "1000",
        "draft": "false",
        "extra": {"links": [{"url": "u"}]},
    }
    assert parsed('{"heat": 1e3, "id": ' + "9" * 5000 + ', "draft": true, "image": null, "tags": []}') == {
        "heat": "1e3",
        "id": "9" * 5000,
        "draft": "true",
        "image": None,
        "tags": [],
    }


def test_lines_of_toml_and_json() -> None:
    """A key's line is its own, counted from the top of the file, also where a text holds what looks like a key."""
    toml = "\n+++\ntitle = '''\nsub = 1\n'''\n\n[taxonomies]\ntags = ['a']\n+++\n"
    fields = frontmatter.parse(toml.encode(), "a.md").fields
    assert {key: node.line for key, node in fields.items()} == {"title": 3, "taxonomies": 7}

    text = '{\n "a": {"b":\n 1},\n "b": "c: {",\n\n "c" : [\n"d"]}\n'
    fields = frontmatter.parse(text.encode(), "a.md").fields
    assert {key: node.line for key, node in fields.items()} == {"a": 2, "b": 4, "c": 6}


def test_metadata_without_fences() -> None:
    """Pelican's lines: keys in lower case, indented lines go on, the text begins behind the first empty line."""
    text = (
        "Title: The ferry: a story\nDate: 2021-05-06 10:00\nTags: harbour,\n    robots\nSummary:\nwebUrl: https://x/\n"
    )
    post = frontmatter.parse(f"{text}\nNote: this is text.\n".encode(), "a.md")

    assert {key: plain(node.value) for key, node in post.fields.items()} == {
        "title": "The ferry: a story",
        "date": "2021-05-06 10:00",
        "tags": "harbour,\nrobots",
        "summary": None,
        "webUrl": "https://x/",
    }
    assert [node.line for node in post.fields.values()] == [1, 2, 3, 5, 6]
    assert post.body.strip() == "Note: this is text."


def test_metadata_behind_dots() -> None:
    """Nikola's lines, in a comment of HTML or without one, with their lines in the file."""
    for start, end, first in (("<!--\n", "-->\n", 2), ("\n<!--\n\n", "\n-->\n", 4), ("", "\n", 1)):
        text = f"{start}.. title: The ferry: a story\n.. date: 2021-05-06\n.. tags: sea, night\n{end}\nText.\n"
        post = frontmatter.parse(text.encode(), "a.md")

        assert {key: (node.value, node.line) for key, node in post.fields.items()} == {
            "title": ("The ferry: a story", first),
            "date": ("2021-05-06", first + 1),
            "tags": ("sea, night", first + 2),
        }
        assert post.body.strip() == "Text."


@pytest.mark.parametrize(
    "text",
    [
        "Note: mind the step.\n\nText.\n",
        "# Title: x\n",
        "note: x\n---\n",
        ".. note: x\n",
        "<!-- more -->\n",
        "{% include x.html %}\ntext",
        "{{< toc >}}\n",
        "{x",
        "",
        "\n\n",
    ],
)
def test_a_text_that_only_looks_like_front_matter(text: str) -> None:
    """Metadata has a title, and JSON begins with a key: a text, a short code or a statement of Liquid is neither."""
    with pytest.raises(frontmatter.Absent) as caught:
        frontmatter.parse(text.encode(), "a.md")

    assert (caught.value.line, caught.value.what) == (1, "no front matter: the first line is not `---`")


def test_the_ending_says_what_the_text_is() -> None:
    """Pages hold HTML, everything else Markdown."""
    names = {"a.md": "markdown", "a.MD": "markdown", "b/a.mdx": "markdown", "a.html": "html", "a.HTM": "html"}

    assert {name: frontmatter.parse(FORMS["yaml"].encode(), name).kind for name in names} == names


REFUSED: dict[str, tuple[str | bytes, str]] = {
    "json-in-toml-fences": ('+++\n{"title": 1}\n+++\n', "2: is no TOML (Invalid statement)"),
    "toml-without-value": ("\n+++\na = 1\ntitle =\n+++\n", "4: is no TOML (Invalid value)"),
    "toml-never-closed": ("+++\ntitle = 'x'\n", "1: the front matter that starts here has no closing `+++` line"),
    "toml-too-deep": ("+++\na = " + "[" * 20 + "]" * 20 + "\n+++\n", "2: nested deeper than 16 levels"),
    "toml-far-too-deep": ("+++\na = " + "[" * 100_000 + "\n+++\n", "1: is nested too deeply to be read"),
    "toml-endless-number": ("+++\na = 0x" + "f" * 5000 + "\n+++\n", "2: holds a number that is too long to be read"),
    "json-with-a-comma-too-many": ('{\n"title": "x",\n}\n', "3: is no JSON "),
    "json-too-deep": ('{"a":\n' + "[" * 20 + "]" * 20 + "}", "1: nested deeper than 16 levels"),
    "json-far-too-deep": ('{"a":' + "[" * 100_000 + "]" * 100_000 + "}", "1: is nested too deeply to be read"),
    "json-list": ("---json\n[1]\n---\n", "2: is no JSON "),
    "javascript": ("---js\n{title: 'x'}\n---\n", "1: has front matter in a language that is not read: js"),
    "not-utf8-in-toml": (b"\n+++\ntitle = 'caf\xe9'\n+++\n", "3: is not UTF-8; save it as UTF-8"),
    "not-utf8-in-metadata": (b"Date: x\nTitle: caf\xe9\n\n", "2: is not UTF-8; save it as UTF-8"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_front_matter_that_is_broken(case: str) -> None:
    """It is refused with the line that is wrong."""
    text, message = REFUSED[case]

    assert refused(text)[: len(message)] == message


def test_bytes_of_the_text_that_are_no_utf8() -> None:
    """They cost no article: the fields are sound."""
    post = frontmatter.parse(b"---\ntitle: x\n---\ncaf\xe9", "a.md")

    assert post.body.strip() == "caf\ufffd"


def test_half_a_pair_of_surrogates() -> None:
    """JSON may spell what no file can hold, and it is no reason to fail later, on printing."""
    assert parsed('{"title": "a\\ud800b", "\\udc00": 1, "fine": "\\ud83d\\ude00"}') == {
        "title": "a?b",
        "?": "1",
        "fine": "\U0001f600",
    }


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    TEXTS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8
)


@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=5))
def test_json_is_read_as_json_has_it(fields: dict[str, object]) -> None:
    """Whatever its texts hold, the object is taken whole, and the text behind it stays text."""
    post = frontmatter.parse(f"{json.dumps(fields, indent=1)}\n---\ntext".encode(), "a.md")

    assert {key: plain(node.value) for key, node in post.fields.items()} == fields
    assert post.body == "\n---\ntext"


@given(st.binary(max_size=200), st.sampled_from([b"", b"---\n", b"+++\n", b"{", b"Title: x\n", b";;;\n", b"---json\n"]))
def test_any_bytes(content: bytes, start: bytes) -> None:
    """They are fields or a problem with a line of the file."""
    try:
        lines = [node.line for node in frontmatter.parse(start + content, "a.html").fields.values()]
    except frontmatter.Malformed as error:
        lines = [error.line]
    assert all(1 <= line <= (start + content).count(b"\n") + 2 for line in lines)


@pytest.mark.parametrize(
    "content",
    [
        b"\n" * 1_000_000, b" " * 1_000_000, b"Title: x\n" * 100_000, b'{"a":"' + b"\\" * 1_000_000,
        b"---\n" + b"--- x\n" * 100_000, b"+++\n" + b"a = 1\n" * 100_000, b"a: " * 300_000, b"{" * 1_000_000,
        b"title: x\n" * 100_000, b"- x\n" * 200_000, b".. title: x\n" * 90_000, b"<!--\n" + b"\n" * 1_000_000,
    ],
)  # fmt: skip
def test_a_long_file_takes_no_square(content: bytes) -> None:
    """A megabyte of anything is read or refused within seconds, where the square of it would take hours."""
    start = time.monotonic()
    with contextlib.suppress(frontmatter.Malformed):
        frontmatter.parse(content, "a.md")
    assert time.monotonic() - start < 10
