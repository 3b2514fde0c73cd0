"""Every shipped language, and every one that runs from right to left, in every shipped theme: it can be sent."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from samples import ROOT

from digest import checks, cli
from digest.rendering import language
from digest.text import languages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PLAIN = os.path.join(ROOT, "templates", "plain")
THEMES = sorted(path.parent.name for path in Path(ROOT, "templates").glob("*/issue.mjml"))
SHIPPED = sorted({"en", *(name[:-3].replace("_", "-") for name in os.listdir(language.FOLDER) if name[-3:] == ".po")})
ANY_SCRIPT = [f"{tag}-{script}" for tag, script in (("uz", "Arab"), ("pa", "Arab"), ("en", "Hebr"), ("ks", "Deva"))]
TAGS = sorted({*SHIPPED, *ANY_SCRIPT, *filter(languages.locale, languages.RIGHT_TO_LEFT)})
TITLES = (
    "Crewless ferry crosses the bay, and nobody looks up from the morning's papers until it lands 12 minutes late",
    "עבארה ללא צוות חוצה את המפרץ, ואיש על הסיפון אינו מרים 12 את עיניו מן העיתון (v2.0)",
    "عبارة بلا طاقم تعبر الخليج، ولا أحد على متنها يرفع رأسه عن صحيفة The Harbour Times",
)
SETTINGS = """\
newsletter: {language: LANGUAGE, name: Harbour AI, from: Harbour AI <letters@harbour-times.example.com>}
archive: [news]
templates: THEME
send: {recipients: readers.csv}
"""


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the compiled themes of these tests to themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def write(folder: Path, titles: Sequence[str], day: str) -> None:
    """Write a report of *day* for each title, of an outlet of its own."""
    for number, title in enumerate(titles):
        fields = {
            "title": title,
            "excerpt": f"{title}. " * 3,
            "publishedDateTime": f"{day}T10:29:00Z",
            "heat": 90 - number,
            "webUrl": f"https://news.example.com/{day}/{number}",
            "provider": {"name": title[:12]},
            "topics": ["AI"],
        }
        page = f"---\n{json.dumps(fields, ensure_ascii=False)}\n---\n"
        (folder / "news" / f"{day}-{number}.md").write_text(page, encoding="utf-8")


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the issue of the week before, whose stories go on in this one."""
    folder = tmp_path_factory.mktemp("earlier")
    (folder / "news").mkdir()
    write(folder, [title.replace(" 12 ", " ") for title in TITLES[:2]], "2020-11-04")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        (folder / "digest.yaml").write_text(
            SETTINGS.replace("LANGUAGE", "en").replace("THEME", PLAIN), encoding="utf-8"
        )
        done = CliRunner().invoke(cli.main, ["build", "--date", "2020-11-04"])
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture
def folder(tmp_path: Path, earlier: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a working folder with three stories, in Latin, Hebrew and Arabic letters, and one reader."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(earlier / "out", tmp_path / "out")
    (tmp_path / "news").mkdir()
    write(tmp_path, TITLES, "2020-11-06")
    (tmp_path / "readers.csv").write_text("email\nreader@example.net\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("theme", THEMES)
def test_a_letter_in_any_language_can_be_sent(tag: str, theme: str, folder: Path) -> None:
    """It builds, two of its stories as updates, nothing grave stands against it, and `send` takes it."""
    settings = SETTINGS.replace("LANGUAGE", tag).replace("THEME", os.path.join(ROOT, "templates", theme))
    (folder / "digest.yaml").write_text(settings, encoding="utf-8")

    built = CliRunner().invoke(cli.main, ["build", "--date", "2020-11-11"])
    found = checks.check(checks.load("out/2020-11-11"))
    sent = CliRunner().invoke(cli.main, ["send", "2020-11-11", "--to", "outbox", "--send", "--yes"])

    assert built.exit_code == 0, built.output
    assert "Updates: 2 stories of issue 2020-11-04" in built.output
    assert Path("out/2020-11-11/index.html").read_text("utf-8").count("/2020-11-04/") == 2
    assert Path("out/2020-11-11/index.txt").read_text("utf-8").count("/2020-11-04/") == 1
    assert [str(one) for one in found if one.severity == "error"] == []
    assert sent.exit_code == 0, sent.output
    assert len(list((folder / "outbox").rglob("*.eml"))) == 1


def test_the_themes_and_languages_are_those_that_are_there() -> None:
    """The test above leaves none out: all themes, all catalogues, and each language of the table."""
    assert THEMES == ["default", "links", "magazine", "plain"]
    assert {"ar", "he", "pt-PT", "zh-Hant"} < set(SHIPPED)
    assert [tag for tag in TAGS if languages.direction(tag) == "rtl" and tag not in languages.RIGHT_TO_LEFT] == [
        "en-Hebr", "pa-Arab", "uz-Arab",
    ]  # fmt: skip
