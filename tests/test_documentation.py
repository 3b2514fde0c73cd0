"""The documentation as a site: it builds without a warning, is current, asks nobody, and its commands run."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import golden
import pytest
from click.testing import CliRunner

from digest import cli
from digest.config import settings as settings_of
from digest.records import permalinks

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DOCS = golden.ROOT / "docs"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `make docs` does."""
    folder = tmp_path_factory.mktemp("docs")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(
        command,
        cwd=golden.ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return folder


def test_every_page_is_in_the_site(built: Path) -> None:
    """Each document has a page, reached from the navigation."""
    pages = {path.stem for path in DOCS.glob("*.md")} - {"index"}
    home = (built / "index.html").read_text("utf-8")

    assert [name for name in sorted(pages) if f'href="{name}/"' not in home] == []


def test_the_site_asks_nobody(built: Path, browser: Browser) -> None:
    """No font, script or picture comes from elsewhere."""
    asked: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto((built / "tutorial" / "index.html").as_uri())
    page.close()

    assert [one for one in asked if not one.startswith(("file:", "data:", "blob:"))] == []


def test_the_commands_are_current(tmp_path: Path) -> None:
    """Each page of the reference is what docs/commands.py writes; `make docs` brings them up to date."""
    spec = importlib.util.spec_from_file_location("commands", DOCS / "commands.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    assert (DOCS / "commands.md").read_text("utf-8") == module.markdown()
    assert (DOCS / "record.md").read_text("utf-8") == module.record()
    page = (DOCS / "settings.md").read_text("utf-8")
    assert page == module.settings_page(page)
    assert page.count("## Every setting") == 1
    page = (DOCS / "checks.md").read_text("utf-8")
    assert page == module.checks_page(page)
    assert page.count("## Files and record") == 1
    module.manual(str(tmp_path))
    written = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    assert {path.name: path.read_text("utf-8") for path in (DOCS / "man").iterdir()} == written


def test_the_manual_is_sound() -> None:
    """Groff sets every page without a warning; what it shows names the command and all its options."""
    if not shutil.which("groff"):
        if os.environ.get("CI") == "true":
            pytest.fail("groff is not here; install it, as .ci/run does")
        pytest.skip("groff is not here")
    for page in sorted((DOCS / "man").iterdir()):
        command = ["groff", "-man", "-Tutf8", "-ww", "-P-cbou", str(page)]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)

        assert (done.returncode, done.stderr) == (0, ""), page.name
        assert page.name.removesuffix(".1") in done.stdout.replace(" - ", "")
        for option in re.findall(r"\\fB(\S+)\\fP", page.read_text("utf-8")):
            assert option.replace("\\-", "-") in done.stdout


def lines(name: str) -> list[str]:
    """Return the command lines of a document's `sh` blocks."""
    found = re.findall(r"```sh\n(.*?)```", (DOCS / name).read_text("utf-8"), re.DOTALL)
    return [line for block in found for line in block.splitlines() if line.strip()]


def test_the_tutorial_can_be_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command of it, in order, in an empty folder; its editor's file takes hold in the second build."""
    monkeypatch.chdir(tmp_path)
    edits = re.findall(r"```yaml\n(.*?)```", (DOCS / "tutorial.md").read_text("utf-8"), re.DOTALL)
    builds = 0
    for line in lines("tutorial.md"):
        name, *arguments = shlex.split(line, comments=True)
        if arguments[0] == "build" and builds:
            Path("edits/2020-11-11.yaml").write_text(edits[0], "utf-8")
        builds += arguments[0] == "build"
        done = CliRunner().invoke(cli.main, arguments)
        assert (name, done.exit_code) == ("digest", 0), (line, done.output)

    assert (builds, len(edits)) == (2, 1)
    assert "Subject: Machines that see" in Path("out/2020-11-11/message.eml").read_text("utf-8")
    assert Path("site/index.html").exists()


def test_the_archive_page_is_read_as_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its example is an article, and its settings make of other names the heat that it tells."""
    monkeypatch.chdir(tmp_path)
    page = (DOCS / "archive.md").read_text("utf-8")
    example, settings, site = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    Path("posts").mkdir()
    Path("posts/ours.md").write_text(example, "utf-8")
    other = example.replace("publishedDateTime:", "date:").replace("webUrl:", "link:").replace("news.", "post.")
    other = other.replace("heat: 57", "shares: 40\nparams: {comments: 36}").replace("towels", "shirts")
    Path("posts/theirs.md").write_text(other, "utf-8")
    Path("digest.yaml").write_text(settings, "utf-8")
    runner = CliRunner()
    done = runner.invoke(cli.main, ["build", "--date", "2020-11-11"])
    told = runner.invoke(cli.main, ["explain", "shirts"])

    assert (done.exit_code, told.exit_code) == (0, 0), (done.output, told.output)
    assert "heat 130 = shares 40 × 1 + params.comments 36 × 2.5" in told.output
    assert "heat 130 = shares 40 × 1 + params.comments 36 × 2.5" in page
    assert "Robots learn to fold towels" in Path("out/2020-11-11/index.txt").read_text("utf-8")
    Path("site.yaml").write_text(site, "utf-8")
    path, address = re.findall(r"# (\S+): (\S+)", site)[0]
    post = permalinks.OwnPost(path=path, title="", moment=datetime(2021, 5, 6, tzinfo=UTC), fields={})
    assert permalinks.address(settings_of.load("site.yaml").fields.site, post) == address


FEED = """<rss version="2.0"><channel><title>Times</title><item><title>B</title><link>https://b.example.com/</link>
<pubDate>Mon, 09 Nov 2020 10:29:00 +0100</pubDate></item></channel></rss>"""

UNRUN = {
    "your-archive.md": "tests/test_your_archive.py runs them on an archive of each kind",
    "editions.md": "they need a list of readers and a key; tests/test_editions.py runs them",
    "sending.md": "they need a mail server and readers; tests/test_mail_*.py run each of them",
    "preview.md": "it serves until it is stopped; tests/test_preview*.py run it",
}


def runnable() -> list[str]:
    """Return the pages with commands that can run, but for the tutorial, which has a test of its own."""
    pages = sorted(path.name for path in DOCS.glob("*.md") if path.name not in {"tutorial.md", *UNRUN})
    return [name for name in pages if any(line.startswith("digest ") for line in lines(name))]


@pytest.mark.parametrize("name", runnable())
def test_commands_of_the_other_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """They run in a folder that the demo set up, but for pages that say above why they cannot, and the preview.

    The sample archive has one problem on purpose, so checking it ends with 1.
    """
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    runner.invoke(cli.main, ["init", "--demo"])
    runner.invoke(cli.main, ["build", "--date", "2020-11-11"])
    Path("newsletters").mkdir()
    shutil.copytree("out/2020-11-11", "some/folder")  # docs/checks.md checks an issue that stands elsewhere
    shutil.copy("out/2020-11-11/index.html", "theirs.html")  # and a page that has no record
    Path("posts").mkdir()  # docs/importing.md brings in three sources
    Path("export.jsonl").write_text('{"title": "A", "url": "https://a.example.com/", "date": "2020-11-09"}\n', "utf-8")
    Path("feed.xml").write_text(FEED, "utf-8")
    for block in re.findall(r"```yaml\n(# newsletters/.*?)```", (DOCS / name).read_text("utf-8"), re.DOTALL):
        Path("newsletters/robots.yaml").write_text(block, "utf-8")
    wanted = [line for line in lines(name) if line.startswith("digest ") and not line.startswith("digest preview")]
    for line in (line for line in wanted if " --dns " not in line):  # no test speaks to the world
        done = runner.invoke(cli.main, shlex.split(line, comments=True)[1:])
        assert done.exit_code == int(line.startswith("digest check --archive")), (line, done.output)
