"""What each command loads: a module more at start is a wait at every start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import golden
import pytest

from digest import cli

OURS = {"digest", "click"}
BUILD = {
    *OURS,
    "babel",
    "cython_runtime",
    "jinja2",
    "markupsafe",
    "markdown_it",
    "mdurl",
    "pytz",
    "wcwidth",
    "yaml",
    "tzdata",
    "idna",
}
"""What a build may load from outside the standard library; babel takes pytz where it is there, and yaml's
parser in C brings a name of its own."""

WEEK = ("--date", "2020-11-11", "--archive", golden.SEEDS)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what a build compiles in a folder of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def loaded(*command: str) -> set[str]:
    """Run a command in a fresh Python and return which packages from outside the standard library it loaded."""
    code = (
        "import sys; before = set(sys.modules)\n"
        "from digest.cli import main\n"
        f"try: main({list(command)!r})\n"
        "except SystemExit: pass\n"
        "print(); print(*(set(sys.modules) - before))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    names = {name.split(".")[0] for name in printed.splitlines()[-1].split()}
    return {name for name in names - sys.stdlib_module_names if not name.startswith("_")}


@pytest.mark.parametrize(
    "command",
    [("--help",), ("build", "--help"), ("send", "-h"), ("bild",), ("build", "--days", "x"), ("build", "--nonsense")],
    ids=" ".join,
)
def test_help_and_wrong_usage_load_click_alone(command: tuple[str, ...]) -> None:
    """Help, and what is refused before anything is read, load nothing but click and our own command line."""
    assert loaded(*command) == OURS


def test_a_build_loads_no_theme_engine(tmp_path: Path) -> None:
    """With its theme compiled a build loads neither MRML nor premailer, lxml, cssutils or coloraide."""
    command = ("build", *WEEK, "--out", str(tmp_path))
    loaded(*command)
    assert {"digest", "click", "jinja2", "yaml"} <= loaded(*command) <= BUILD


def test_what_was_asked_of_babel_is_not_asked_again(tmp_path: Path) -> None:
    """A week that is built again needs no Babel, which takes a tenth of a small build to load."""
    command = ("build", *WEEK, "--out", str(tmp_path))
    first, again = loaded(*command), loaded(*command)
    assert "babel" in first
    assert again.isdisjoint({"babel", "pytz"})


def test_an_explanation_loads_no_theme(tmp_path: Path) -> None:
    """Why a story is in or not is said without Jinja and without a language's calendar."""
    found = loaded("explain", "ferry", *WEEK, "--out", str(tmp_path))
    assert {"digest", "click", "yaml"} <= found <= BUILD - {"jinja2", "markupsafe", "markdown_it", "mdurl"}


def test_a_missing_archive_loads_no_theme(tmp_path: Path) -> None:
    """That there is no archive is said before Jinja is loaded."""
    found = loaded("build", "--archive", str(tmp_path / "nowhere"))
    assert "jinja2" not in found


def test_the_list_of_commands_has_their_own_sentences() -> None:
    """Each command is listed by the first paragraph of its own help, although the list imports none of them."""
    own = {name: " ".join((cli.main.commands[name].help or "").split("\n\n")[0].split()) for name in cli._COMMANDS}

    assert own == cli._COMMANDS
    shared = {"__init__", "dates", "options", "output", "readers", "send_editions", "send_report"}
    modules = [file.stem for file in Path(cli.__file__).parent.glob("*.py")]
    assert sorted(own) == sorted(name.rstrip("_") for name in modules if name not in shared)
