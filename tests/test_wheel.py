"""What an installed digest has with it."""

from __future__ import annotations

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

    assert names == modules | templates


def test_an_installed_digest_builds_anywhere(wheel: Path, tmp_path: Path) -> None:
    """Unpacked into an empty folder it builds the golden issue from there, with the theme it carries."""
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r}); "
        f"sys.argv = ['digest', 'build', '--date', '2020-11-11', '--archive', {golden.SEEDS!r}]; "
        "from digest import cli; assert 'site' in cli.__file__; cli.main()"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True)

    expected = (golden.HERE / "sample" / "index.html").read_bytes()
    assert expected == (tmp_path / "out" / "2020-11-11" / "index.html").read_bytes()
