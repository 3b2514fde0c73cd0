"""What an installed digest has with it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import urllib.request
import zipfile
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution
from typing import TYPE_CHECKING

import golden
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel as pip would."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=golden.ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


IMPORTED = """
import sys
from importlib.metadata import packages_distributions
from digest import theme

theme.ship(sys.argv[1], sys.argv[2])
known = packages_distributions()
print(*{name.lower() for module in {name.partition(".")[0] for name in sys.modules} for name in known.get(module, ())})
"""


def needed(requirements: Iterable[str]) -> set[str]:
    """Return the distributions that *requirements* name, with all that those need themselves, extras left out."""
    names: set[str] = set()
    waiting = [requirement for requirement in requirements if "extra ==" not in requirement]
    while waiting:
        name = re.split(r"[^\w.-]", waiting.pop())[0].lower().replace("_", "-")
        if name not in names:
            names.add(name)
            with suppress(PackageNotFoundError):
                waiting += [other for other in distribution(name).requires or () if "extra ==" not in other]
    return names


def test_a_wheel_is_built_with_what_building_asks_for(tmp_path: Path) -> None:
    """Compiling the themes imports nothing that pip would not have installed to build, within the same bounds."""
    project = tomllib.loads((golden.ROOT / "pyproject.toml").read_text("utf-8"))
    asked = project["build-system"]["requires"]
    command = [sys.executable, "-c", IMPORTED, str(golden.ROOT / "templates" / "default"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert set(done.stdout.split()) - needed(asked) - {"heat-digest", "setuptools", "pip"} == set()
    assert set(asked) - set(project["project"]["dependencies"]) == {"hatchling>=1.26"}


def test_the_wheel_carries_code_and_templates_only(wheel: Path) -> None:
    """Every file of the package, every template and the sample archive are in it, and nothing of tests or docs."""
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    manual = {name for name in names if ".data/data/share/man/man1/" in name}
    package = [path for path in (golden.ROOT / "digest").rglob("*.*") if path.suffix != ".pyc"]
    modules = {str(path.relative_to(golden.ROOT)) for path in package}
    templates = {
        f"digest/{path.relative_to(golden.ROOT)}"
        for folder in ("templates", "seeds")
        for path in (golden.ROOT / folder).rglob("*.*")
    }

    compiled = {name for name in names if name.startswith("digest/theme/shipped/")}

    assert names - compiled - manual == modules | templates
    assert len(manual) == len(list((golden.ROOT / "docs" / "man").iterdir()))
    assert len(compiled) == len(list((golden.ROOT / "templates").glob("*/issue.mjml")))


def test_an_installed_digest_builds_anywhere(wheel: Path, tmp_path: Path) -> None:
    """Unpacked into an empty folder it builds the golden issue from there, with the theme it carries."""
    run(wheel, tmp_path, "build", "--date", "2020-11-11", "--archive", golden.SEEDS)

    expected = (golden.HERE / "sample" / "index.html").read_bytes()
    assert expected == (tmp_path / "out" / "2020-11-11" / "index.html").read_bytes()


def test_the_first_build_of_an_installed_digest_compiles_nothing(wheel: Path, tmp_path: Path) -> None:
    """Each theme that comes with it was compiled with the wheel: no engine is loaded, and nothing has to be kept."""
    for name in ("default", "links", "magazine", "plain"):
        command = ["build", "--date", "2020-11-11", "--archive", golden.SEEDS, "--templates", f"templates/{name}"]
        loaded = run(wheel, tmp_path / name, *command, cache="off")

        assert {"jinja2", "yaml"} <= loaded
        assert set() == loaded & {"mjml", "premailer", "lxml", "cssutils", "coloraide"}


def test_a_changed_theme_is_not_taken_for_the_shipped_one(wheel: Path, tmp_path: Path) -> None:
    """One byte more in a theme of the wheel, and it is compiled when it is used."""
    command = ["build", "--date", "2020-11-11", "--archive", golden.SEEDS, "--templates", "templates/plain"]
    run(wheel, tmp_path, *command)
    with (tmp_path / "installed" / "digest" / "templates" / "plain" / "issue.mjml").open("a") as handle:
        handle.write("\n")

    assert {"mjml", "premailer"} <= run(wheel, tmp_path, *command, cache="off")


def test_a_strangers_first_ten_minutes(wheel: Path, tmp_path: Path) -> None:
    """In an empty environment outside the repository: set up, build, check, publish, look at it."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", str(wheel)], check=True, capture_output=True)
    [own] = (tmp_path / "venv").glob("lib/python*/site-packages")
    # What it depends on comes from here, so that no network is needed; the package itself is the wheel's.
    theirs = [path for path in sys.path if path.endswith("site-packages")]
    (own / "dependencies.pth").write_text("\n".join(theirs), "utf-8")
    room, program = tmp_path / "room", str(python.with_name("digest"))
    room.mkdir()
    said = {command: told([program, *command.split()], room) for command in FIRST}
    where = told([str(python), "-c", "import digest; print(digest.__file__)"], room)

    assert where.startswith(str(own))
    assert "digest build --date 2020-11-11" in said["init --demo"]
    assert said["check"].splitlines()[-1].startswith("out/2020-11-11: 0 errors")
    assert (room / "site" / "2020-11-11" / "index.html").is_file()
    assert visited(program, room) == (200, "The AI Week")


def test_the_source_archive_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    """Who builds from the source archive, away from the repository, gets what is published, byte for byte."""
    command = [sys.executable, "-m", "hatchling", "build", "-t"]
    subprocess.run([*command, "sdist", "-d", str(tmp_path)], cwd=golden.ROOT, check=True, capture_output=True)
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    [source] = (tmp_path / "source").iterdir()
    subprocess.run([*command, "wheel", "-d", str(tmp_path)], cwd=source, check=True, capture_output=True)
    built = zipfile.ZipFile(next(tmp_path.glob("*.whl")))
    ours = zipfile.ZipFile(wheel)

    assert {one: built.read(one) for one in built.namelist()} == {one: ours.read(one) for one in ours.namelist()}


FIRST = ("init --demo", "build --date 2020-11-11", "check", "site --all", "topics", "schema edits", "--version")


def told(command: list[str], room: Path) -> str:
    """Return what a command prints that ends well."""
    return subprocess.run(command, cwd=room, check=True, capture_output=True, text=True).stdout


def visited(program: str, room: Path) -> tuple[int, str]:
    """Start the preview as the first command of all would, and return what its page answers and is called."""
    command = [program, "preview", "--port", "0"]
    with subprocess.Popen(command, cwd=room, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        try:
            address = running.stdout.readline().split(" at ")[1].split(";")[0]
            with urllib.request.urlopen(address, timeout=30) as answer:
                title = re.search("<h1>(.*?)</h1>", answer.read().decode())
                return answer.status, title[1] if title else ""
        finally:
            running.terminate()


def run(wheel: Path, folder: Path, *command: str, cache: str = "on") -> set[str]:
    """Run the digest of the wheel in *folder*, unpacked there, and return the modules it has loaded."""
    if not (folder / "installed").exists():
        zipfile.ZipFile(wheel).extractall(folder / "installed")
    code = (
        f"import sys; sys.path.insert(0, {str(folder / 'installed')!r}); "
        "from digest import cli; assert 'installed' in cli.__file__; "
        f"cli.main({list(command)!r}, standalone_mode=False); print(); print(*sys.modules)"
    )
    environment = {**os.environ, "DIGEST_CACHE": cache}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, check=True, capture_output=True, text=True, env=environment
    )
    return set(done.stdout.splitlines()[-1].split())
