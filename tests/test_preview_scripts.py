"""The page's script without a browser: its own tests, its types and its style. Needs node, and the tools of .ci/run."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOOLS = ROOT / ".cache" / "js-tools" / "node_modules" / ".bin"
SCRIPTS = ROOT / "digest" / "preview" / "static"
TESTS = ROOT / "tests" / "js"


def needs(program: str) -> str:
    """Return the path of *program*; skip where it is not installed, which in CI is a mistake of .ci/run."""
    # The tools are scripts of Node, and may stand there from another day when node is gone.
    path = shutil.which(program) if shutil.which("node") else None
    if path is None:
        reason = f"{Path(program).name} is not here; looked for {program}"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason}; .ci/run installs it")
        pytest.skip(reason)
    return path


def said(*command: str, cwd: Path = ROOT) -> tuple[int, str]:
    """Run a command; return its status and what it printed."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("file", sorted(path.name for path in TESTS.glob("*.test.js")))
def test_the_scripts_pass_their_own_tests(file: str) -> None:
    """The queue, the frame, the order of updates and the kept look do what they promise, each in a few milliseconds."""
    status, printed = said(needs("node"), "--test", str(TESTS / file))

    assert status == 0, printed
    assert "# fail 0" in printed
    assert "# pass 0" not in printed


def test_the_scripts_have_their_types() -> None:
    """The type checker agrees with every JSDoc comment."""
    assert said(needs(str(TOOLS / "tsc")), "-p", str(TESTS / "tsconfig.json")) == (0, "")


def test_a_wrong_type_is_noticed(tmp_path: Path) -> None:
    """The test above fails for a planted mistake."""
    (tmp_path / "planted.js").write_text("// @ts-check\n/** @type {number} */\nexport const count = 'one';\n", "utf-8")
    settings = (TESTS / "tsconfig.json").read_text("utf-8").replace("../../digest/preview/static/", "")
    (tmp_path / "tsconfig.json").write_text(settings, "utf-8")

    assert said(needs(str(TOOLS / "tsc")), "-p", str(tmp_path))[1].count("TS2322") == 1


def test_the_scripts_keep_their_style() -> None:
    """The linter finds nothing in the scripts and in their tests."""
    config = str(TESTS / "eslint.config.js")

    assert said(needs(str(TOOLS / "eslint")), "-c", config, str(SCRIPTS), str(TESTS)) == (0, "")


def test_every_script_is_type_checked_and_of_a_readable_size() -> None:
    """Each begins with `@ts-check`, and none grows into what had to be taken apart once."""
    sizes = {path.name: len(path.read_text("utf-8").splitlines()) for path in SCRIPTS.glob("*.js")}

    assert [name for name in sizes if not (SCRIPTS / name).read_text("utf-8").startswith("// @ts-check\n")] == []
    assert {name: size for name, size in sizes.items() if size > 160} == {}
