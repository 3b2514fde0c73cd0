"""The functions for other programs: typed, light, and as the documentation shows them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, assert_type

import golden
from click.testing import CliRunner

import digest
from digest import cli
from digest.config.settings import Settings
from digest.model import Issue
from digest.pipeline import Built

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_examples_of_the_documentation_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All blocks of docs/python.md, one after the other, in a folder that `init --demo` made."""
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(cli.main, ["init", "--demo"]).exit_code == 0
    blocks = re.findall(r"```python\n(.*?)```", (golden.ROOT / "docs" / "python.md").read_text("utf-8"), re.DOTALL)
    done = subprocess.run([sys.executable, "-c", "\n".join(blocks)], capture_output=True, text=True, check=False)

    assert (done.returncode, len(blocks)) == (0, 5), done.stderr
    assert done.stdout.splitlines()[0] == "AI Ethics 140"
    assert "out/2020-11-11 Grading algorithm" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("2018-12-26 to 2019-01-01: the archive has nothing in this window")


def test_the_public_names_are_all_there_are() -> None:
    """What `dir` shows beside modules is what `__all__` promises."""
    functions = {name for name, one in vars(digest).items() if callable(one) and not name.startswith("_")}

    assert functions == set(digest.__all__)


def test_importing_it_loads_nothing() -> None:
    """No module of its own, nor of anybody else's but Python's."""
    code = (
        "import sys; import digest; "
        "print(sorted({name.split('.')[0] for name in sys.modules if name != 'digest'} - sys.stdlib_module_names))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, cwd=golden.ROOT
    )

    assert done.stdout == "['__main__']\n"


def test_the_functions_have_types() -> None:
    """Mypy holds these lines against the signatures; they need not run."""

    def typed(settings: Settings) -> None:
        from datetime import date  # noqa: PLC0415 - never run

        assert_type(digest.load_settings(), Settings)
        assert_type(digest.choose(settings, date(2020, 11, 11)), Issue)
        assert_type(digest.build(settings, date(2020, 11, 11)), Built)

    assert typed.__annotations__
    assert os.path.exists(os.path.join(os.path.dirname(digest.__file__), "py.typed"))
