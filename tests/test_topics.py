"""Topics of an article, in any of the shapes that they are written in."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.config import yamlfile
from digest.config.yamlfile import Node
from digest.records import topics

BOTH = ("robots", "health")
FORMS = {
    "a list": ("tags", "[robots, health]", BOTH),
    "a list with blanks around": ("tags", "[robots , ' health ']", BOTH),
    "blanks, as Jekyll has it": ("tags", "robots health", BOTH),
    "blanks under categories": ("categories", "robots  health", BOTH),
    "blanks inside another mapping": ("params.tags", "robots health", BOTH),
    "Jekyll's single category": ("category", "Machine learning", ("Machine learning",)),
    "our own name": ("topics", "Machine learning", ("Machine learning",)),
    "commas": ("topics", "robots, health", BOTH),
    "commas under tags": ("tags", "robots, machine learning,", ("robots", "machine learning")),
    "Pelican's semicolons": ("tags", "robots; health, public", ("robots", "health, public")),
    "bars": ("tags", "robots|night shift", ("robots", "night shift")),
    "lines": ("tags", '"robots\\nhealth"', BOTH),
    "a list as a program prints it": ("tags", "\"['robots', 'health']\"", BOTH),
    "a list as JSON prints it": ("tags", '\'["robots","health"]\'', BOTH),
    "mappings with names": ("tags", "[{name: robots}, {name: health, slug: h}]", BOTH),
    "mappings of feeds": ("tags", "[{term: robots, scheme: x, label: Robots}]", ("Robots",)),
    "a mapping of words to weights": ("tags", "{robots: 1, health: 2.5}", BOTH),
    "a mapping of words to flags": ("tags", "{robots: true, health: false}", ("robots",)),
    "taxonomies": ("taxonomies", "{tags: [robots], categories: [health], authors: [Jo]}", BOTH),
    "lists within a list": ("tags", "[[robots, health]]", BOTH),
    "numbers": ("tags", "[2021, robots]", ("2021", "robots")),
    "hashtags": ("tags", "['#robots', '#health', 'C#', '# 1']", (*BOTH, "C#", "# 1")),
    "Ghost's own tags": ("tags", "[{name: robots, visibility: public}, {name: '#x', slug: hash-x}]", ("robots",)),
    "Ghost's internal tags": ("tags", "[{name: robots}, {name: x, visibility: internal}]", ("robots",)),
    "case": ("tags", "[Robots, robots, ROBOTS]", ("Robots",)),
    "commas in a member of a list": ("tags", "['Books, film']", ("Books, film",)),
    "entities": ("tags", "[R&amp;D]", ("R&D",)),
    "nothing": ("tags", "[]", ()),
    "an empty member": ("tags", "[robots, , ~, '']", ("robots",)),
}


def read(key: str, written: str, *aliases: tuple[str, str]) -> tuple[tuple[str, ...], bool]:
    """Return the topics of a field as YAML writes it."""
    return topics.read(yamlfile.compose(written.encode()), key, aliases)


def listed(names: list[str]) -> Node:
    """Return a list of texts."""
    return Node(tuple(Node(name, 1) for name in names), 1)


@pytest.mark.parametrize("form", FORMS)
def test_a_form(form: str) -> None:
    """Each form gives its words, and nothing in it is refused."""
    key, written, expected = FORMS[form]
    if written.startswith("[robots, ,"):
        written = "[robots, ~, '']"

    assert read(key, written) == (expected, True)


@pytest.mark.parametrize("written", ["{first: AI}", "[AI, {first: words}]", "[AI, {first: {second: x}}]"])
def test_a_mapping_without_a_name(written: str) -> None:
    """It is not guessed at, and what stands beside it counts."""
    assert read("tags", written) == (("AI",) if written.startswith("[") else (), False)


def test_other_names_of_a_topic() -> None:
    """An alias gives the name that the settings want, whatever its case, and each topic is there once."""
    aliases = (("AI-Ethics", "AI Ethics"), ("künstliche intelligenz", "AI"))

    assert read("tags", "[ai-ethics, AI ethics, Ku\u0308nstliche Intelligenz, Law]", *aliases) == (
        ("AI Ethics", "AI", "Law"),
        True,
    )


@given(st.lists(st.text(), max_size=5))
@example(["A\u0300" + "\u0300" * 6])
@example(["&amp\u0301"])
def test_two_spellings_of_the_same_accents(names: list[str]) -> None:
    """Composed and decomposed letters give the same topics, in their composed form."""
    composed, decomposed = (
        topics.read(listed([unicodedata.normalize(form, name) for name in names]), "tags")[0] for form in ("NFC", "NFD")
    )

    assert composed == decomposed
    assert all(unicodedata.is_normalized("NFC", topic) for topic in composed)


@given(st.lists(st.text(), max_size=5), st.sampled_from(["tags", "topics"]))
def test_any_text(names: list[str], key: str) -> None:
    """Topics are clean texts of bounded length, each once without case, and read again as they are."""
    first, usable = topics.read(listed(names), key)

    assert usable
    assert len({topic.casefold() for topic in first}) == len(first)
    assert all(0 < len(topic) <= 200 for topic in first)
