"""Every shipped language, and every one that runs from right to left, in every shipped theme: it can be sent."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from samples import ROOT

from digest import checks, cli
from digest.rendering import language
from digest.text import languages

if TYPE_CHECKING:
    from collections.abc import Iterator

THEMES = sorted(path.parent.name for path in Path(ROOT, "templates").glob("*/issue.mjml"))
SHIPPED = sorted({"en", *(name[:-3].replace("_", "-") for name in os.listdir(language.FOLDER) if name[-3:] == ".po")})
ANY_SCRIPT = [f"{tag}-{script}" for tag, script in (("uz", "Arab"), ("pa", "Arab"), ("en", "Hebr"), ("ks", "Deva"))]
TAGS = sorted({*SHIPPED, *ANY_SCRIPT, *filter(languages.locale, languages.RIGHT_TO_LEFT)})
TITLES = (
    "Crewless ferry crosses the bay, and nobody looks up from the morning's papers until it lands",
    "עבארה ללא צוות חוצה את המפרץ, ואיש על הסיפון אינו מרים את עיניו מן העיתון (v2.0)",
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


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a working folder with three stories, in Latin, Hebrew and Arabic letters, and one reader."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "news").mkdir()
    for number, title in enumerate(TITLES):
        fields = {
            "title": title,
            "excerpt": f"{title}. " * 3,
            "publishedDateTime": "2020-11-09T10:29:00Z",
            "heat": 90 - number,
            "webUrl": f"https://news.example.com/{number}",
            "provider": {"name": title[:12]},
            "topics": ["AI"],
        }
        page = f"---\n{json.dumps(fields, ensure_ascii=False)}\n---\n"
        (tmp_path / "news" / f"{number}.md").write_text(page, encoding="utf-8")
    (tmp_path / "readers.csv").write_text("email\nreader@example.net\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("theme", THEMES)
def test_a_letter_in_any_language_can_be_sent(tag: str, theme: str, folder: Path) -> None:
    """It builds, nothing grave stands against it, and `send` takes it."""
    settings = SETTINGS.replace("LANGUAGE", tag).replace("THEME", os.path.join(ROOT, "templates", theme))
    (folder / "digest.yaml").write_text(settings, encoding="utf-8")

    built = CliRunner().invoke(cli.main, ["build", "--date", "2020-11-11"])
    found = checks.check(checks.load("out/2020-11-11"))
    sent = CliRunner().invoke(cli.main, ["send", "2020-11-11", "--to", "outbox", "--send", "--yes"])

    assert built.exit_code == 0, built.output
    assert [str(one) for one in found if one.severity == "error"] == []
    assert sent.exit_code == 0, sent.output
    assert len(list((folder / "outbox").rglob("*.eml"))) == 1


def test_the_themes_and_languages_are_those_that_are_there() -> None:
    """The test above leaves none out: both themes, all catalogues, and each language of the table."""
    assert THEMES == ["default", "plain"]
    assert {"ar", "he", "pt-PT", "zh-Hant"} < set(SHIPPED)
    assert [tag for tag in TAGS if languages.direction(tag) == "rtl" and tag not in languages.RIGHT_TO_LEFT] == [
        "en-Hebr", "pa-Arab", "uz-Arab",
    ]  # fmt: skip
