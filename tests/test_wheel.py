"""What an installed digest has with it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import golden
import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel as pip would."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=golden.ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_code_and_templates_only(wheel: Path) -> None:
    """Every file of the package and every template is in it, and nothing of tests or seeds."""
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    package = [path for path in (golden.ROOT / "digest").rglob("*.*") if path.suffix != ".pyc"]
    modules = {str(path.relative_to(golden.ROOT)) for path in package}
    templates = {f"digest/{path.relative_to(golden.ROOT)}" for path in (golden.ROOT / "templates").rglob("*.*")}

    compiled = {name for name in names if name.startswith("digest/theme/shipped/")}

    assert names - compiled == modules | templates
    assert len(compiled) == len([path for path in (golden.ROOT / "templates").iterdir() if path.is_dir()])


def test_an_installed_digest_builds_anywhere(wheel: Path, tmp_path: Path) -> None:
    """Unpacked into an empty folder it builds the golden issue from there, with the theme it carries."""
    run(wheel, tmp_path, "build", "--date", "2020-11-11", "--archive", golden.SEEDS)

    expected = (golden.HERE / "sample" / "index.html").read_bytes()
    assert expected == (tmp_path / "out" / "2020-11-11" / "index.html").read_bytes()


def test_the_first_build_of_an_installed_digest_compiles_nothing(wheel: Path, tmp_path: Path) -> None:
    """Each theme that comes with it was compiled with the wheel: no engine is loaded, and nothing has to be kept."""
    for name in ("default", "plain"):
        command = ["build", "--date", "2020-11-11", "--archive", golden.SEEDS, "--templates", f"templates/{name}"]
        loaded = run(wheel, tmp_path / name, *command, cache="off")

        assert {"jinja2", "yaml"} <= loaded
        assert set() == loaded & {"mjml", "premailer", "lxml", "cssutils", "coloraide"}


def test_a_changed_theme_is_not_taken_for_the_shipped_one(wheel: Path, tmp_path: Path) -> None:
    """One byte more in a theme of the wheel, and it is compiled when it is used."""
    command = ["build", "--date", "2020-11-11", "--archive", golden.SEEDS, "--templates", "templates/plain"]
    run(wheel, tmp_path, *command)
    with (tmp_path / "site" / "digest" / "templates" / "plain" / "issue.mjml").open("a") as handle:
        handle.write("\n")

    assert {"mjml", "premailer"} <= run(wheel, tmp_path, *command, cache="off")


def run(wheel: Path, folder: Path, *command: str, cache: str = "on") -> set[str]:
    """Run the digest of the wheel in *folder*, unpacked there, and return the modules it has loaded."""
    if not (folder / "site").exists():
        zipfile.ZipFile(wheel).extractall(folder / "site")
    code = (
        f"import sys; sys.path.insert(0, {str(folder / 'site')!r}); "
        "from digest import cli; assert 'site' in cli.__file__; "
        f"cli.main({list(command)!r}, standalone_mode=False); print(); print(*sys.modules)"
    )
    environment = {**os.environ, "DIGEST_CACHE": cache}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, check=True, capture_output=True, text=True, env=environment
    )
    return set(done.stdout.splitlines()[-1].split())
