"""What `digest init` understands of a folder, says of it, asks and refuses."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from command import run

from digest.analysis import site_paths
from digest.config import settings
from digest.config.values import SitePlan

if TYPE_CHECKING:
    from pathlib import Path

POST = "---\ntitle: {title}\ndate: 2021-05-0{day}\n{more}---\nThe first words of {title}.\n"


def posts(folder: Path, count: int = 5, more: str = "", folder_name: str = "posts") -> None:
    """Write posts of the first days of May 2021 into a folder."""
    (folder / folder_name).mkdir(parents=True)
    for day in range(1, count + 1):
        text = POST.format(title=f"Story {day}", day=day, more=more.format(day=day))
        (folder / folder_name / f"2021-05-0{day}-story-{day}.md").write_text(text, "utf-8")


def test_what_it_says_before_it_writes(tmp_path: Path) -> None:
    """Site, archive, what the others lack, a table of fields with examples, and the issue that it would make."""
    posts(tmp_path, more="tags: [Sea, Night]\n")
    (tmp_path / "posts" / "draft.md").write_text(POST.format(title="Draft", day=2, more="draft: true\n"), "utf-8")
    (tmp_path / "posts" / "undated.md").write_text("---\ntitle: Undated\n---\n", "utf-8")
    (tmp_path / "posts" / "notes.md").write_text("# Notes\n", "utf-8")
    done = run(tmp_path, "init", "--site", "example.com", "--language", "de", "--timezone", "Europe/Berlin", "--yes")
    said = [re.sub(" +", " ", line.strip()) for line in done.printed.splitlines()]

    assert done.status == 0
    assert said[:13] == [
        "site: https://example.com, /posts/{folder}/{slug}/, de, Europe/Berlin",
        "articles in posts: 5 of 8 may run, 2021-05-01 to 2021-05-05",
        "the others: 1 not published, 1 without a date, 1 no article",
        "no figure for heat: stories that more outlets tell come first, then the latest",
        "",
        "field from examples",
        "title title Story 5 · Story 4 · Story 3",
        "date date 2021-05-05 · 2021-05-04 · 2021-05-03",
        "address made, see `site` https://example.com/posts/story-5/ · https://example.com/posts/story-4/ · "
        "https://example.com/posts/story-3/",
        "excerpt first paragraph The first words of Story 5. · The first words of Story 4. · "
        "The first words of Story 3.",
        "topics tags Sea, Night",
        "provider domain example.com",
        "language -",
    ]
    assert "the issue of 2021-05-05 would be:" in said
    assert "Story 5 (example.com)" in said
    chosen = settings.load(str(tmp_path / "digest.yaml"))
    assert (chosen.newsletter.language, chosen.newsletter.timezone) == ("de", "Europe/Berlin")
    assert chosen.rules.order == ("coverage", "latest")
    assert (chosen.fields.site.address, chosen.fields.site.permalink) == (
        "https://example.com",
        "/posts/{folder}/{slug}/",
    )


def test_what_programs_are_told(tmp_path: Path) -> None:
    """The JSON has what keeps articles from running."""
    posts(tmp_path)
    (tmp_path / "posts" / "undated.md").write_text("---\ntitle: Undated\n---\n", "utf-8")
    told = json.loads(run(tmp_path, "init", "--site", "https://example.com", "--json").printed)

    assert told == {
        "settings": "digest.yaml",
        "archive": ["posts"],
        "articles": 5,
        "day": "2021-05-05",
        "lacks": {"without a date": 1},
    }


def test_articles_without_an_address_and_no_site(tmp_path: Path) -> None:
    """Nothing is written, and what is missing is counted, with the option that mends it."""
    posts(tmp_path)

    assert run(tmp_path, "init") == (
        1,
        "",
        "posts: none of 5 files may run (5 without an address); say with --site https://… where your articles stand, "
        "or name the field in `fields`\n",
    )
    assert os.listdir(tmp_path) == ["posts"]


def test_some_articles_without_an_address(tmp_path: Path) -> None:
    """Where a few have one, settings are written, and the option for the others is named."""
    posts(tmp_path)
    (tmp_path / "posts" / "linked.md").write_text(
        POST.format(title="Linked", day=3, more="link: https://other.example/a\n"), "utf-8"
    )
    said = run(tmp_path, "init").printed

    assert "  the others: 5 without an address (of your own site? say --site https://…)\n" in said


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--site", "ftp://x"], "--site is no http(s) address: 'ftp://x'; write it like https://example.com"),
        (["--language", "klingon"], "--language is no language: 'klingon'; "),
        (["--timezone", "Mars"], "--timezone is no time zone: 'Mars'; write it like Europe/Berlin"),
    ],
)
def test_options_that_are_none(tmp_path: Path, options: list[str], told: str) -> None:
    """Wrong usage, before anything is read."""
    posts(tmp_path)
    done = run(tmp_path, "init", *options)

    assert done.status == 2
    assert told in done.told


def test_a_figure_that_few_have(tmp_path: Path) -> None:
    """An order by heat would leave most articles out for ever, so that stories are ordered without."""
    posts(tmp_path, count=9)
    (tmp_path / "posts" / "hot.md").write_text(POST.format(title="Hot", day=3, more="heat: 7\n"), "utf-8")

    assert run(tmp_path, "init", "--site", "https://example.com").status == 0
    assert "order: [coverage, latest]" in (tmp_path / "digest.yaml").read_text("utf-8")


def test_words_in_place_of_a_figure(tmp_path: Path) -> None:
    """`comments: true` says that readers may comment, and is no figure."""
    posts(tmp_path, more="comments: true\n")
    run(tmp_path, "init", "--site", "https://example.com")

    assert "score:" not in (tmp_path / "digest.yaml").read_text("utf-8")


def test_fields_that_are_called_as_nowhere_else(tmp_path: Path) -> None:
    """Names for title and date are guessed from names and values that fit, and written down."""
    (tmp_path / "posts").mkdir()
    for day in range(1, 4):
        text = f"---\nnewstitle: Story {day}\npostdate_: '2021-05-0{day}'\nlink: https://example.com/{day}\n---\n"
        (tmp_path / "posts" / f"{day}.md").write_text(text, "utf-8")

    assert run(tmp_path, "init").status == 0
    assert settings.load(str(tmp_path / "digest.yaml")).fields.names == (
        ("title", "newstitle"),
        ("publishedDateTime", "postdate_"),
    )


def test_a_letter_has_a_subject(tmp_path: Path) -> None:
    """Exports of mail services call the title so, and the end of a long address is what tells articles apart."""
    (tmp_path / "letters").mkdir()
    for day in range(1, 4):
        text = f"---\nsubject: Letter {day}\npublish_date: 2021-05-0{day}T10:00:00Z\n---\nWords.\n"
        (tmp_path / "letters" / f"letter-number-{day}.md").write_text(text, "utf-8")
    said = run(tmp_path, "init", "--site", "https://letters.example.org").printed

    assert re.search("title +subject +Letter 3 · Letter 2 · Letter 1\n", said)
    assert "letters/letter-number-3/ · …" in said


def test_topics_that_hold_few_stories_are_no_sections(tmp_path: Path) -> None:
    """Sections by topic would leave out most; they follow each week instead."""
    posts(tmp_path, count=9)
    (tmp_path / "posts" / "one.md").write_text(POST.format(title="One", day=3, more="tags: [Rare]\n"), "utf-8")
    run(tmp_path, "init", "--site", "https://example.com")

    assert settings.load(str(tmp_path / "digest.yaml")).rules.plans is None


def test_a_typing_error_in_a_year(tmp_path: Path) -> None:
    """One article of the future leads nobody to its week; it is counted."""
    posts(tmp_path)
    (tmp_path / "posts" / "typo.md").write_text("---\ntitle: Typo\ndate: 2921-05-03\n---\n", "utf-8")
    done = run(tmp_path, "init", "--site", "https://example.com")

    assert "digest build --date 2021-05-05" in done.printed
    assert "  1 is dated after today\n" in done.printed


def test_an_export_is_brought_in_first(tmp_path: Path) -> None:
    """The refusal names the command, with the file."""
    (tmp_path / "export.xml").write_text("<rss/>", "utf-8")
    (tmp_path / "package.json").write_text("{}", "utf-8")

    assert run(tmp_path, "init") == (
        1,
        "",
        ".: no article below it, but export.xml, which may hold some; bring them in: `digest import export.xml`, then "
        "`digest init`\n",
    )


def test_a_terminal_is_asked(tmp_path: Path) -> None:
    """There `init` writes after a yes only; a script and --yes are not asked."""
    posts(tmp_path)
    command = [sys.executable, "-m", "digest", "init", "--site", "https://example.com"]
    for answer, exists in (("n\n", False), ("y\n", True)):
        ours, theirs = pty.openpty()
        os.write(ours, answer.encode())
        done = subprocess.run(command, cwd=tmp_path, stdin=theirs, capture_output=True, text=True, check=False)
        with contextlib.suppress(OSError):
            os.close(ours)
        os.close(theirs)

        assert "Write digest.yaml? [Y/n]" in done.stderr
        assert (tmp_path / "digest.yaml").exists() is exists


def test_a_pattern_of_links_is_written(tmp_path: Path) -> None:
    """Without settings of a generator, links from article to article say how addresses are made."""
    posts(tmp_path)
    for day in (1, 2, 3):
        with (tmp_path / "posts" / f"2021-05-0{day}-story-{day}.md").open("a", encoding="utf-8") as file:
            file.write(f"\nSee [the next](https://example.com/news/2021/05/story-{day + 1}.html).\n")
    run(tmp_path, "init", "--site", "https://example.com")

    assert settings.load(str(tmp_path / "digest.yaml")).fields.site.permalink == "/news/{year}/{month}/{slug}.html"


HOME = "https://example.com"


@pytest.mark.parametrize(
    ("folders", "expected"),
    [
        (("content",), ("/{folder}/{slug}/", {"news": "/n/{slug}/", "news/old": "/o/{folder}/"})),
        (("content/news",), ("/n/{slug}/", {"old": "/o/news/{folder}/"})),
        (("content/other",), ("/other/{folder}/{slug}/", {})),
        (("content/news", "content/other"), ("/{folder}/{slug}/", {"news": "/n/{slug}/", "news/old": "/o/{folder}/"})),
        ((".",), ("/{folder}/{slug}/", {"content/news": "/n/{slug}/", "content/news/old": "/o/{folder}/"})),
    ],
)
def test_patterns_fit_the_archive(folders: tuple[str, ...], expected: tuple[str, dict[str, str]]) -> None:
    """Paths of articles begin below the archive's folder; what its name adds to addresses stands in the pattern."""
    site = SitePlan(
        address=HOME,
        permalink="/{folder}/{slug}/",
        folders=(("content/news", "/n/{slug}/"), ("content/news/old", "/o/{folder}/")),
    )
    made = site_paths.fitted(site, folders)

    assert (made.permalink, dict(made.folders)) == expected


def test_addresses_begin_below_the_root_of_the_content() -> None:
    """A language's folder of Hugo adds nothing to them; a folder in it does."""
    site = SitePlan(address=HOME, permalink="/{folder}/{slug}/")

    assert site_paths.fitted(site, ("content/en",), "content/en").permalink == "/{folder}/{slug}/"
    assert site_paths.fitted(site, ("content/en/news",), "content/en").permalink == "/news/{folder}/{slug}/"
