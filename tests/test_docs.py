"""What the documents promise."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import cast

import click
import golden
import jinja2
import pytest
from click.testing import CliRunner
from jinja2 import nodes

from digest import cli, pipeline
from digest.config import declared, schema, settings
from digest.config.declared import Group
from digest.issue import record
from digest.model import BlockLink
from digest.rendering import blocks, identity, language, template, view
from digest.text import markdown

README = (golden.ROOT / "README.md").read_text(encoding="utf-8")
CONTRACT = (golden.ROOT / "templates" / "README.md").read_text(encoding="utf-8")
SETTINGS = (golden.ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
VIEWS = {
    "newsletter": identity.NewsletterView,
    "logo": identity.LogoView,
    "signature": identity.SignatureView,
    "feedback": identity.FeedbackView,
    "issue": view.IssueView,
    "section": view.SectionView,
    "story": view.StoryView,
    "block": blocks.BlockView,
    "link": BlockLink,
    "blocks": blocks.EndsView,
    "paragraph": markdown.WrittenParagraph,
    "run": markdown.Run,
    "coverage": view.CoverageView,
    "update": view.UpdateView,
}


def test_the_contract_lists_every_variable_and_no_other() -> None:
    """templates/README.md and what a theme is given are the same, in both directions."""
    variables = CONTRACT.partition("## Variables")[2].partition("\n## ")[0]
    documented = set(re.findall(r"^\| `([\w.]+)` \|", variables, re.MULTILINE))
    given = {f"{name}.{field.name}" for name, kind in VIEWS.items() for field in fields(kind)}
    given |= {field.name for field in fields(view.View)} - {"newsletter", "issue", "blocks"} | {"paragraph.text"}

    assert documented == given


def test_the_contract_lists_every_filter_and_no_other() -> None:
    """Each filter that the program adds to Jinja's own is documented, and each that is documented is there."""
    spoken = language.load("en", {})
    added = {
        name
        for made in (template.for_html(spoken), template.for_text(spoken))
        for name, filled in made.filters.items()
        if jinja2.Environment().filters.get(name) is not filled
    }

    filters = CONTRACT.partition("## Filters")[2].partition("\n## ")[0]
    assert added == set(re.findall(r"^\| `(\w+)", filters, re.MULTILINE))


def test_the_default_theme_uses_what_the_contract_names() -> None:
    """Each attribute that the theme's templates ask for is documented."""
    folder = golden.ROOT / "templates" / "default"
    used: set[str] = set()
    for file in [*folder.glob("*.mjml"), *folder.glob("*.txt")]:
        tree = jinja2.Environment().parse(re.sub(r"\[\[.*?\]\]|\[%.*?%\]", "", file.read_text(encoding="utf-8")))
        own = {
            assigned.target.name for assigned in tree.find_all(nodes.Assign) if isinstance(assigned.target, nodes.Name)
        }
        for found in tree.find_all(nodes.Getattr):
            if isinstance(found.node, nodes.Name) and found.node.name not in {"loop", *own}:
                used.add(f"{found.node.name}.{found.attr}")

    assert used
    assert [name for name in sorted(used) if f"`{name}`" not in CONTRACT] == []


def test_three_commands_stand_before_line_25() -> None:
    """The README's first screen holds a picture and three commands."""
    screen = "\n".join(README.splitlines()[:24])

    assert "![" in screen
    assert len(re.findall(r"^(?:make|\.venv/bin/digest) ", screen, re.MULTILINE)) == 3


def test_the_explain_command_of_the_readme_answers(tmp_path: Path) -> None:
    """The README's third command runs as it stands, in a folder with the sample, and gets an answer."""
    (tmp_path / "seeds").symlink_to(golden.SEEDS)
    line = next(line for line in README.splitlines() if line.startswith(".venv/bin/digest explain"))
    arguments = shlex.split(line, comments=True)[1:]

    done = subprocess.run(
        [sys.executable, "-m", "digest", *arguments], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert "heat 85 would have been enough" in done.stdout


def test_the_readme_names_every_file_of_an_issue() -> None:
    """The table of files has each that a build may write."""
    table = re.findall(r"^\| `([a-z]+\.[a-z]+)` \|", README, re.MULTILINE)

    assert set(table) >= set(record.NAMES)


def test_the_settings_of_the_readme_are_read(tmp_path: Path) -> None:
    """The README's digest.yaml is valid, and its sections are those it shows."""
    block = re.search(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert block
    (tmp_path / "digest.yaml").write_text(block[1], encoding="utf-8")

    found = settings.load(str(tmp_path / "digest.yaml"))

    assert [plan.title for plan in found.rules.plans or ()] == ["AI", "Seeing machines"]


def test_the_settings_reference_sets_every_key(tmp_path: Path) -> None:
    """The first block of docs/settings.md is valid and sets every key that is declared."""
    block = re.findall(r"```yaml\n(.*?)```", SETTINGS, re.DOTALL)[0]
    (tmp_path / "digest.yaml").write_text(block, encoding="utf-8")
    declared_keys = [key for key, *_ in declared.rows(schema.SettingsFile)]
    names = {key.rpartition(".")[2].removesuffix("[]") for key in declared_keys}
    shown_by_example = {"title", "excerpt", "publishedDateTime", "heat", "quality", "topics", "provider", "language",
                        "image", "published", "draft"}  # fmt: skip

    assert len(settings.load(str(tmp_path / "digest.yaml")).rules.plans or ()) == 5
    assert len(names) > 50
    assert [name for name in sorted(names - shown_by_example) if f"{name}:" not in block] == []


def test_a_setting_is_declared_once() -> None:
    """No key is read but through its declaration: the module that reads settings has no list of keys of its own."""
    code = Path(settings.__file__).read_text(encoding="utf-8")
    groups = [member for member in vars(schema).values() if isinstance(member, type) and issubclass(member, Group)]
    keys = [f"{group.__name__}.{key}" for group in groups for key in group.settings()]

    assert len(keys) == len(set(keys)) > 60
    assert re.findall(r"keys\.(?:text|texts|integer|optional|choice|address|language|timezone)\(\s*\"", code) == []


def test_the_editors_file_of_the_reference_works(tmp_path: Path) -> None:
    """The second block of docs/settings.md edits the sample issue as it says."""
    (tmp_path / "2020-11-11.yaml").write_text(re.findall(r"```yaml\n(.*?)```", SETTINGS, re.DOTALL)[1], "utf-8")
    chosen = settings.load(None, settings.Overrides(archive=(golden.SEEDS,), out=str(tmp_path / "out")))
    chosen = replace(chosen, edits=str(tmp_path))

    issue = pipeline.choose(chosen, pipeline.window_of(chosen, last=date(2020, 11, 11))).issue

    firsts = {section.title: section.picks[0] for section in issue.sections}
    assert firsts["AI"].pinned
    assert firsts["Robotics"].article.title.startswith("Crewless ferry")


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "CONTRIBUTING.md",
        "templates/README.md",
        "CHANGELOG.md",
        "docs/settings.md",
        "docs/checks.md",
        "docs/sending.md",
        "docs/preview.md",
    ],
)
def test_links_between_documents_lead_somewhere(name: str) -> None:
    """Every relative link and picture of a document is a file of the repository."""
    file = golden.ROOT / name
    links = re.findall(r"\]\(([^)#:]+)\)", file.read_text(encoding="utf-8"))

    assert [link for link in links if not (file.parent / link).exists()] == []


def test_every_command_is_documented_and_has_help() -> None:
    """Each command stands in the README, and each of its options says what it does."""
    group = cast("click.Group", cli.main)
    context = click.Context(group)
    for name in group.list_commands(context):
        listed = group.commands[name]
        command = group.get_command(context, name)
        assert command
        assert listed.get_short_help_str(400) == command.get_short_help_str(400)
        assert f"`digest {name}" in README
        assert CliRunner().invoke(group, [name, "-h"]).exit_code == 0
        options = [option for option in command.params if isinstance(option, click.Option)]
        assert [option.name for option in options if not option.help] == []


def test_the_tests_that_security_names_are_there() -> None:
    """Each promise of SECURITY.md names tests that exist and that CI runs."""
    promises = [line for line in (golden.ROOT / "SECURITY.md").read_text("utf-8").splitlines() if "`tests/" in line]
    named = {name for line in promises for name in re.findall(r"`(tests/[\w.]+)`", line.rpartition(" | ")[2])}

    assert len(promises) >= 13
    assert [name for name in sorted(named) if not (golden.ROOT / name).is_file()] == []
    assert [name for name in sorted(named) if "def test_" not in (golden.ROOT / name).read_text("utf-8")] == []
