"""What the documents promise."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from dataclasses import fields
from typing import TYPE_CHECKING, cast

import golden
import jinja2
import pytest
from click.testing import CliRunner
from jinja2 import nodes

from digest import cli, settings
from digest.model import Newsletter
from digest.rendering import view

if TYPE_CHECKING:
    from pathlib import Path

    import click

README = (golden.ROOT / "README.md").read_text(encoding="utf-8")
CONTRACT = (golden.ROOT / "templates" / "README.md").read_text(encoding="utf-8")
VIEWS = {
    "newsletter": Newsletter,
    "issue": view.IssueView,
    "section": view.SectionView,
    "story": view.StoryView,
    "coverage": view.CoverageView,
}


def test_the_contract_lists_every_variable_and_no_other() -> None:
    """templates/README.md and what a theme is given are the same, in both directions."""
    documented = set(re.findall(r"^\| `([\w.]+)` \|", CONTRACT, re.MULTILINE)) - {
        "issue.mjml",
        "issue.txt",
        "theme.yaml",
    }
    given = {f"{name}.{field.name}" for name, kind in VIEWS.items() for field in fields(kind)}
    given |= {field.name for field in fields(view.View)} - {"newsletter", "issue"}

    assert documented == given


def test_the_default_theme_uses_what_the_contract_names() -> None:
    """Each attribute that the theme's templates ask for is documented."""
    folder = golden.ROOT / "templates" / "default"
    used: set[str] = set()
    for file in [*folder.glob("*.mjml"), *folder.glob("*.txt")]:
        tree = jinja2.Environment().parse(re.sub(r"\[\[.*?\]\]|\[%.*?%\]", "", file.read_text(encoding="utf-8")))
        for found in tree.find_all(nodes.Getattr):
            if isinstance(found.node, nodes.Name) and found.node.name != "loop":
                used.add(f"{found.node.name}.{found.attr}")

    assert used
    assert [name for name in sorted(used) if f"`{name}`" not in CONTRACT] == []


def test_three_commands_stand_before_line_25() -> None:
    """The README's first screen holds a picture and three commands."""
    screen = "\n".join(README.splitlines()[:24])

    assert "![" in screen
    assert len(re.findall(r"^(?:make|\.venv/bin/digest) ", screen, re.MULTILINE)) == 3


def test_the_explain_command_of_the_readme_answers() -> None:
    """The README's third command runs as it stands, from the repository, and gets an answer."""
    line = next(line for line in README.splitlines() if line.startswith(".venv/bin/digest explain"))
    arguments = shlex.split(line, comments=True)[1:]

    done = subprocess.run(
        [sys.executable, "-m", "digest", *arguments], cwd=golden.ROOT, capture_output=True, text=True, check=True
    )

    assert "heat 85 would have been enough" in done.stdout


def test_the_settings_of_the_readme_are_read(tmp_path: Path) -> None:
    """The README's digest.yaml is valid, and its sections are those it shows."""
    block = re.search(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert block
    (tmp_path / "digest.yaml").write_text(block[1], encoding="utf-8")

    found = settings.load(str(tmp_path / "digest.yaml"))

    assert [plan.title for plan in found.rules.plans or ()] == ["AI", "Seeing machines"]


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "templates/README.md", "CHANGELOG.md"])
def test_links_between_documents_lead_somewhere(name: str) -> None:
    """Every relative link and picture of a document is a file of the repository."""
    file = golden.ROOT / name
    links = re.findall(r"\]\(([^)#:]+)\)", file.read_text(encoding="utf-8"))

    assert [link for link in links if not (file.parent / link).exists()] == []


def test_every_command_is_documented_and_has_help() -> None:
    """Each command stands in the README, and each of its options says what it does."""
    group = cast("click.Group", cli.main)
    for name, command in group.commands.items():
        assert f"`digest {name}" in README
        assert CliRunner().invoke(group, [name, "-h"]).exit_code == 0
        assert [
            option.name for option in command.params if option.name != "query" and not getattr(option, "help", "")
        ] == []
