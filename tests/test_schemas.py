"""The schemas that editors complete and check by, held against the code that reads the files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import golden
import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft202012Validator

import digest
from digest import cli
from digest.config import edits, schema, settings
from digest.errors import DigestError, EditsError, SettingsError
from digest.issue import record
from digest.model import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(digest.__file__).parent / "schemas"
SETTINGS = schema.json_schema()
ISSUE = record.json_schema()
EDITS = edits.json_schema()
MUSEUM = Path(__file__).parent / "museum" / "settings"
BEYOND = {
    "alias", "duplicate-key", "malformed", "not-utf8", "second-document", "unclosed-quote", "utf16",  # YAML itself
    "bad-time-zone", "time-zone-is-a-folder", "time-zone-leads-out",  # the zones a machine knows
    "two-sections-one-title",  # a schema compares no values
    "window-days-and-every", "window-starts-alone", "window-starts-of-a-month",  # nor do these rule each other out
    "archive-with-a-blank", "section-with-a-blank-topic",  # what is left of a text when it is clean
    "block-after-no-section", "block-at-two-places",  # likewise
    "block-markdown-not-taken",  # what Markdown is
    "match-empty",  # a section that takes all is a mistake, and no type
    "mute-no-word",  # what is a word in any script
}  # fmt: skip
"""Broken settings that no schema, or no readable one, can tell from sound ones."""


def valid(schema: dict[str, Any], text: str) -> bool:
    """Whether the file with that text keeps the schema, read as an editor's plug-in reads it."""
    return bool(Draft202012Validator(schema).is_valid(yaml.safe_load(text) or {}))


def blocks(file: str) -> Iterator[str]:
    """Yield the YAML examples of a document."""
    yield from re.findall(r"```yaml\n(.*?)```", (golden.ROOT / file).read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("schema", [SETTINGS, EDITS, ISSUE], ids=["settings", "edits", "issue"])
def test_each_is_a_schema(schema: dict[str, Any]) -> None:
    """Of draft 2020-12, with a description for whatever a person may write."""
    Draft202012Validator.check_schema(schema)
    silent = [name for name, one in schema["properties"].items() if "description" not in one]

    assert silent == []


def known(check: Any, text: str) -> set[str]:
    """Return the keys that the code knows where *text* has the key `zzzzzz`."""
    with pytest.raises(DigestError) as caught:
        check(text)
    said = re.search(r"unknown key '(?:[\w.\[\]]*\.)?zzzzzz'; known are (.*)", str(caught.value))
    assert said, str(caught.value)
    return set(said[1].split(", "))


def read_settings(tmp_path: Path, text: str) -> settings.Settings:
    """Read settings."""
    file = tmp_path / "digest.yaml"
    file.write_text(text, "utf-8")
    return settings.load(str(file))


PLACES = {
    (): "zzzzzz: 1",
    ("newsletter",): "newsletter: {zzzzzz: 1}",
    ("newsletter", "logo"): "newsletter: {logo: {zzzzzz: 1}}",
    ("newsletter", "social", "items"): "newsletter: {social: [{zzzzzz: 1}]}",
    ("newsletter", "signature"): "newsletter: {signature: {zzzzzz: 1}}",
    ("newsletter", "feedback"): "newsletter: {feedback: {zzzzzz: 1}}",
    ("window",): "window: {zzzzzz: 1}",
    ("select",): "select: {zzzzzz: 1}",
    ("size",): "size: {zzzzzz: 1}",
    ("utm",): "utm: {zzzzzz: 1}",
    ("send",): "send: {zzzzzz: 1}",
    ("fields",): "fields: {zzzzzz: 1}",
    ("topics",): "topics: {zzzzzz: 1}",
    ("send", "dkim"): "send: {dkim: {zzzzzz: 1}}",
    ("sections", "items"): "sections: [{topic: AI, zzzzzz: 1}]",
    ("sections", "items", "match"): "sections: [{match: {zzzzzz: 1}}]",
}


@pytest.mark.parametrize("place", PLACES, ids=".".join)
def test_the_schema_of_settings_knows_what_the_code_knows(tmp_path: Path, place: tuple[str, ...]) -> None:
    """Neither has a key that the other lacks."""
    here = SETTINGS
    for step in place:
        here = here["items"] if step == "items" else here["properties"][step]

    assert set(here["properties"]) == known(lambda text: read_settings(tmp_path, text), PLACES[place])


@pytest.mark.parametrize("place", ["", "pin", "drop", "move", "change", "sections"])
def test_the_schema_of_edits_knows_what_the_code_knows(place: str) -> None:
    """Neither has a key that the other lacks."""
    here = EDITS["properties"][place]["items"] if place else EDITS
    text = f"{place}: [{{zzzzzz: 1}}]" if place else "zzzzzz: 1"

    assert set(here["properties"]) == known(lambda written: edits.parse(written.encode(), "edits.yaml"), text)


def test_every_example_keeps_its_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What README and docs show is sound by schema and by code alike, and so is what `init` writes."""
    count = 0
    for file in (
        "README.md",
        "docs/settings.md",
        "docs/sending.md",
        "docs/every-week.md",
        "docs/own-theme.md",
        "docs/own-target.md",
    ):
        for block in blocks(file):
            is_edits = "\npin:" in block or block.startswith(("join:", "blocks:"))
            count += 1
            assert valid(EDITS if is_edits else SETTINGS, block), (file, block)
            if not is_edits:
                read_settings(tmp_path, block)
    (tmp_path / "demo").mkdir()
    monkeypatch.chdir(tmp_path / "demo")
    assert CliRunner().invoke(cli.main, ["init", "--demo"]).exit_code == 0
    assert valid(SETTINGS, Path("digest.yaml").read_text("utf-8"))
    assert count >= 5


def keys(schema: dict[str, Any], here: str = "") -> Iterator[str]:
    """Yield every key that a schema knows, with those it stands in."""
    for name, one in schema.get("properties", {}).items():
        yield f"{here}{name}"
        yield from keys(one, f"{here}{name}.")
    if "items" in schema:
        yield from keys(schema["items"], here)


def written(value: object, here: str = "") -> Iterator[str]:
    """Yield every key of a record, likewise."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield f"{here}{name}"
            yield from written(one, f"{here}{name}.")
    elif isinstance(value, list):
        for one in value:
            yield from written(one, here)


def test_records_keep_their_schema() -> None:
    """Those of the golden issues; whatever key the schema has stands in one of them, but for what is of no default."""
    records = [json.loads(file.read_text("utf-8")) for file in golden.HERE.glob("*/issue.json")]
    problems = [error.message for one in records for error in Draft202012Validator(ISSUE).iter_errors(one)]
    seen = {key for one in records for key in written(one) if not key.startswith("outputs.")}

    assert problems == []
    assert set(keys(ISSUE)) - seen == {
        "verdicts.score", "verdicts.ran_in", "verdicts.muted_by", "verdicts.near_miss", "window.since", "window.until",
        "sections.picks.update", "sections.picks.update.issue", "sections.picks.update.title",
        "sections.picks.update.new", "sections.picks.words", "sections.picks.minutes",
    }  # fmt: skip
    assert {one["const"] for one in ISSUE["properties"]["verdicts"]["items"]["properties"]["verdict"]["oneOf"]} == set(
        get_args(Rule)
    )


def test_the_museum_of_broken_settings_is_refused() -> None:
    """But for those that are named above, each with its reason, and those are really beyond it."""
    passed = set()
    for file in MUSEUM.glob("*.yaml"):
        try:
            sound = valid(SETTINGS, file.read_text("utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError):
            sound = True  # no schema is asked
        if sound:
            passed.add(file.stem)

    assert passed == BEYOND


@pytest.mark.parametrize("text", ["pin: [{story: a.md}]", "change: [{story: a.md}]", "drop: [{reason: no}]", "pni: []"])
def test_broken_edits_are_refused(text: str) -> None:
    """By schema and by code alike."""
    assert not valid(EDITS, text)
    with pytest.raises(EditsError):
        edits.parse(text.encode(), "edits.yaml")


@pytest.mark.parametrize("name", ["settings", "edits", "issue"])
def test_a_command_prints_them(name: str) -> None:
    """So that an editor's plug-in can be given a file."""
    done = CliRunner().invoke(cli.main, ["schema", name])

    assert (done.exit_code, json.loads(done.output)) == (
        0,
        {"settings": SETTINGS, "edits": EDITS, "issue": ISSUE}[name],
    )


def test_settings_error_is_the_error_of_settings() -> None:
    """What `known` above catches is what the command turns into a line."""
    assert issubclass(SettingsError, DigestError)
