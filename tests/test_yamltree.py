"""YAML to a tree of texts that know their line; nothing is guessed, expanded or created."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from digest.config import yamlfile

if TYPE_CHECKING:
    from digest.config.yamlfile import Node

LOADERS = [yaml.BaseLoader, *([yaml.CBaseLoader] if hasattr(yaml, "CBaseLoader") else [])]


@pytest.fixture(params=LOADERS, ids=lambda loader: str(loader.__name__), autouse=True)
def each_loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test with the parser in C and with the one in Python, which some builds have to make do with."""
    monkeypatch.setattr(yamlfile, "Loader", request.param)


def plain(node: Node) -> object:
    """Return the tree without its lines."""
    if isinstance(node.value, dict):
        return {key: plain(value) for key, value in node.value.items()}
    return [plain(member) for member in node.value] if isinstance(node.value, tuple) else node.value


def problem(text: str) -> tuple[int, str]:
    """Return line and words of what is wrong with *text*."""
    with pytest.raises(yamlfile.YamlProblem) as caught:
        yamlfile.compose(text.encode())
    return caught.value.line, caught.value.what


@pytest.mark.parametrize(
    "scalar", ["NO", "010", "0x10", "1_000", "1e3", "12:30:45", "2020-11-09", "true", "=", "<<", ".inf", "-1", "é"]
)
def test_scalars_stay_as_written(scalar: str) -> None:
    """No text is taken for a number, a date or a truth value."""
    assert {"key": scalar} == plain(yamlfile.compose(f"key: {scalar}".encode()))


@pytest.mark.parametrize("nothing", ["", "~", "null", "Null", "NULL", "# only a comment"])
def test_empty_value_is_none(nothing: str) -> None:
    """A key without a value has None, so whoever reads it can tell it from an empty text."""
    assert plain(yamlfile.compose(f"key: {nothing}".encode())) == {"key": None}


@pytest.mark.parametrize("quoted", ["''", '""', "'~'", '"null"'])
def test_quoted_value_is_never_none(quoted: str) -> None:
    """What is quoted is a text, even an empty one."""
    assert {"key": quoted[1:-1]} == plain(yamlfile.compose(f"key: {quoted}".encode()))


def test_empty_members_are_none() -> None:
    """A list may have members without a value."""
    assert plain(yamlfile.compose(b"- a\n-\n- ~\n- ''\n")) == ["a", None, None, ""]


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n...\n"])
def test_empty_document_is_none(text: str) -> None:
    """A text without a document has no value and is no problem."""
    assert None is yamlfile.compose(text.encode()).value


def test_tree() -> None:
    """Block and flow style give the same texts, lists and mappings."""
    block = b"a:\n  b: c\nd:\n- e\n- f: g\n"
    assert plain(yamlfile.compose(block)) == {"a": {"b": "c"}, "d": ["e", {"f": "g"}]}
    assert yamlfile.compose(b"{a: {b: c}}") == yamlfile.compose(b"a: {b: c}")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("|\n  one\n  two\n", "one\ntwo\n"),
        (">-\n  one\n  two\n", "one two"),
        ("one\n  two\n", "one two"),
        ('"one\n  two"\n', "one two"),
        ('"a\\tb\\u00e9"', "a\tbé"),
        ("'it''s'", "it's"),
    ],
)
def test_texts_of_several_lines(written: str, expected: str) -> None:
    """Folded, literal and quoted texts read as YAML says."""
    assert {"key": expected} == plain(yamlfile.compose(f"key: {written}".encode()))


def test_value_stands_where_its_key_stands() -> None:
    """The value of a mapping has the line of its key, also where it starts below it."""
    root = yamlfile.compose(b"a: 1\n\n# note\nb:\n  - x\n  - y\n")
    assert isinstance(root.value, dict)
    assert {key: node.line for key, node in root.value.items()} == {"a": 1, "b": 4}


def test_members_have_their_own_line() -> None:
    """The members of a list know the line on which each of them starts."""
    root = yamlfile.compose(b"- a\n- b: 1\n  c: 2\n\n- d\n")
    assert isinstance(root.value, tuple)
    assert [member.line for member in root.value] == [1, 2, 5]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", (3, "the key 'a' stands here again")),
        ("a: 1\n'a': 2\n", (2, "the key 'a' stands here again")),
        ('a: 1\n"\\x61": 2\n', (2, "the key 'a' stands here again")),
        ("a: &x 1\nb: *x\n", (2, "an alias (*x); write the value out")),
        ("a: &x {b: 1}\n<<: *x\n", (2, "an alias (*x); write the value out")),
        ("a: 1\n? [b]\n: 2\n", (2, "a key that is not plain text")),
        ("a: 1\n~: 2\n", (2, "a key that is not plain text")),
        ("a: 1\n---\nb: 2\n", (2, "a second YAML document starts here")),
        ('a: 1\nb: "c\nd: 2\n', (2, "a quote opens here and is not closed")),
        ("a: 1\nb: 'c\nd: 2\n", (2, "a quote opens here and is not closed")),
        ("äöüäöüäöü: 1\nb: \x07\n", (2, "a character that YAML does not allow (a control character)")),
    ],
)
def test_problem(text: str, expected: tuple[int, str]) -> None:
    """What YAML allows and we do not is refused with the line it stands on, by either parser alike."""
    assert expected == problem(text)


@pytest.mark.parametrize("escape", ["\\q", "\\xZZ", "\\u12"])
def test_unknown_escape_is_no_open_quote(escape: str) -> None:
    """A quote that is closed is not blamed for a wrong escape inside it."""
    line, what = problem(f'a: 1\nb: "see C:{escape} there"\n')
    assert (line, what.partition(" (")[0]) == (2, "not valid YAML")


def test_merge_key_is_a_plain_key() -> None:
    """`<<` merges nothing, it is a key like any other."""
    assert plain(yamlfile.compose(b"<<: {a: b}\nc: d\n")) == {"<<": {"a": "b"}, "c": "d"}


def test_tag_creates_nothing() -> None:
    """A tag is passed over: it neither creates an object nor changes a text."""
    assert plain(yamlfile.compose(b"a: !!python/object/apply:os.system ['rm -rf /']")) == {"a": ["rm -rf /"]}


def test_nesting_is_read_to_its_limit() -> None:
    """As many levels as the limit are read, one more is a problem."""
    depth = yamlfile.MAX_DEPTH
    assert yamlfile.compose(b"[" * depth + b"a" + b"]" * depth).value
    assert (1, f"nested deeper than {depth} levels") == problem("[" * (depth + 1) + "a" + "]" * (depth + 1))


def test_very_deep_nesting_cannot_exhaust_the_stack() -> None:
    """Depth is counted while reading, so an absurd one is refused at once."""
    assert problem("[" * 50_000) == (1, "nested deeper than 16 levels")


def test_lines_count_from_the_first_line() -> None:
    """Where the text starts further down in its file, lines and problems count from there."""
    assert yamlfile.compose(b"a", first_line=10).line == 10
    with pytest.raises(yamlfile.YamlProblem) as caught:
        yamlfile.compose(b"a: 1\na: 2\n", first_line=10)
    assert caught.value.line == 11


@given(
    st.recursive(st.text(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3))
)
def test_round_trip(tree: object) -> None:
    """Whatever tree of texts PyYAML writes is read back unchanged."""
    assert tree == plain(yamlfile.compose(yaml.safe_dump(tree, encoding="utf-8", default_style='"')))


@given(st.text(alphabet="ab:-?[]{}#&*!|>'\"%@`,\n \t~<.é\\\x85", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Every text gives a tree or a YamlProblem with a line inside the text, never another error."""
    try:
        yamlfile.compose(text.encode())
    except yamlfile.YamlProblem as refused:
        assert 1 <= refused.line <= len(text.splitlines()) + 1  # noqa: PT017 - not being refused is fine, too
