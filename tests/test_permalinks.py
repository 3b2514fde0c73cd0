"""Addresses of articles of one's own site, as the generators of sites make them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, get_args
from urllib.parse import unquote

import pytest
from command import run
from hypothesis import given
from hypothesis import strategies as st

from digest.config import settings, values
from digest.config.schema import json_schema
from digest.config.values import SitePlan
from digest.config.yamlfile import Node, compose
from digest.errors import SettingsError
from digest.records import generator_patterns, permalinks
from digest.records.permalinks import OwnPost

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

BASE = "https://example.com"


def post(path: str, title: str = "A Night: C++ & Rust’s “Ärger”", day: str = "2021-05-06", fields: str = "") -> OwnPost:
    """Return a post of *path*, dated at 09:07:05, with the YAML of *fields*."""
    moment = datetime.fromisoformat(f"{day}T09:07:05").replace(tzinfo=UTC) if day else None
    root = compose(fields.encode()).value
    return OwnPost(path=path, title=title, moment=moment, fields=root if isinstance(root, dict) else {})


def made(pattern: str, given_post: OwnPost, base: str = BASE) -> str:
    """Return the address by *pattern* without the base; "" where there is none."""
    address = permalinks.address(SitePlan(address=base, permalink=pattern), given_post)
    return (address or "").removeprefix(BASE)


FERRY = "_posts/2021-05-06-Night-Ferry.md"


@pytest.mark.parametrize(
    ("permalink", "path", "fields", "expected"),
    [
        ("", FERRY, "", "/2021/05/06/Night-Ferry.html"),
        ("date", FERRY, "categories: [Sea, Two Words]", "/sea/two%20words/2021/05/06/Night-Ferry.html"),
        ("pretty", "ja/news/_posts/2021-05-06-a.md", "category: Sea", "/ja/news/sea/2021/05/06/a/"),
        ("ordinal", FERRY, "", "/2021/126/Night-Ferry.html"),
        ("none", FERRY, "categories: sea boats", "/sea/boats/Night-Ferry.html"),
        ("/:year/:month/:title/", "_posts/2021/05/2021-05-06-x.markdown", "", "/2021/05/x/"),
        ("/:year/:month/:title/", FERRY, "slug: New Name", "/2021/05/New-Name/"),
        ("/:i_month-:i_day/:short_year/:slug", FERRY, "", "/5-6/21/night-ferry"),
        ("/:slugified_categories/:title:output_ext", FERRY, "categories: [Two Words]", "/two-words/Night-Ferry.html"),
        ("/:long_month/:short_month/:long_day/:short_day/:title/", FERRY, "", "/May/May/Thursday/Thu/Night-Ferry/"),
        ("/:hour:minute:second/:title", FERRY, "", "/090705/Night-Ferry"),
        ("/:year_:month/:title", FERRY, "", "/2021_05/Night-Ferry"),
        ("pretty", FERRY, "permalink: /own/", "/own/"),
        ("pretty", FERRY, "permalink: /:year/own/:title:output_ext", "/2021/own/Night-Ferry.html"),
        ("pretty", FERRY, "permalink: none", "/Night-Ferry.html"),
        ("pretty", "_posts/2021-05-06-हिन्दी खबर.md", "", "/2021/05/06/हिन्दी-खबर/"),
    ],
)  # fmt: skip
def test_as_jekyll_has_it(permalink: str, path: str, fields: str, expected: str) -> None:
    """Its styles, its placeholders, categories of folders and of the file, and the file's own permalink."""
    assert unquote(made(generator_patterns.jekyll(permalink), post(path, fields=fields))) == unquote(expected)


@pytest.mark.parametrize(
    ("permalink", "path", "fields", "expected"),
    [
        ("", "news/2021/Night Ferry.md", "", "/news/2021/night-ferry/"),
        ("", "content/posts/a/index.md", "", "/posts/a/"),
        ("", "posts/2021-05-06-a.md", "slug: other", "/posts/other/"),
        (":year/:month/:day/:slug/", "news/x.md", "", "/2021/05/06/a-night-c++-rusts-%C3%A4rger/"),
        ("/:sections/:filename/", "a/b/C.md", "slug: no", "/a/b/c/"),
        ("/:section/:title", "a/b/c.md", "", "/a/a-night-c++-rusts-%C3%A4rger"),
        ("/:monthname/:weekdayname/:yearday/:slug", "a.md", "slug: s", "/may/thursday/126/s"),
        ("", "posts/a.md", "url: /elsewhere/", "/elsewhere/"),
    ],
)
def test_as_hugo_has_it(permalink: str, path: str, fields: str, expected: str) -> None:
    """Folders of the content, slugs, bundles, and the page's own url."""
    assert made(generator_patterns.hugo(permalink), post(path, fields=fields)) == expected


def test_hugo_with_its_switches() -> None:
    """Ugly addresses end in `.html`, and dates in names of files are taken off where the site says so."""
    dated = "posts/2021-05-06-a.md"

    assert made(generator_patterns.hugo("", ugly=True), post(dated)) == "/posts/2021-05-06-a.html"
    assert made(generator_patterns.hugo("", dated=True), post(dated)) == "/posts/a/"


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("", "a.md", "/a-night-c-rusts-arger.html"),
        ("blog/{date:%Y}/{date:%m}/{date:%d}/{slug}/", "a.md", "/blog/2021/05/06/a-night-c-rusts-arger/"),
        ("{date:%Y}/{date:%b}/{slug}/index.html", "a.md", "/2021/May/a-night-c-rusts-arger/"),
        ("{category}/{slug}.html", "a.md", "/two-words/a-night-c-rusts-arger.html"),
    ],
)
def test_as_pelican_has_it(pattern: str, path: str, expected: str) -> None:
    """Slugs in ASCII from titles, dates by strftime."""
    assert made(generator_patterns.pelican(pattern), post(path, fields="category: Two Words")) == expected


def test_pelican_by_names_of_files() -> None:
    """Where the site says so, slugs come from the files' names."""
    pattern = generator_patterns.pelican("{slug}/", by_name=True)

    assert made(pattern, post("2021-05-06-night.md")) == "/night/"


@pytest.mark.parametrize(
    ("permalink", "path", "expected"),
    [
        ("/blog/{{ page.fileSlug }}/", "src/blog/2021-05-06-night.md", "/blog/night/"),
        ("/{{ page.date | date: '%Y/%m' }}/{{ title | slugify }}/index.html", "", "/2021/05/a-night-c-rust-s-ärger/"),
        ("{{page.filePathStem}}.html", "src/a/2021-05-06-b.md", "/a/b.html"),
        ("posts/{{ slug }}.html", "c.md", "/posts/c.html"),
    ],
)  # fmt: skip
def test_as_eleventy_has_it(permalink: str, path: str, expected: str) -> None:
    """Expressions that name the file, the title or a part of the date."""
    assert unquote(made(generator_patterns.eleventy(permalink), post(path))) == expected


def test_as_hexo_has_it() -> None:
    """The year, month, day and name of the file by default."""
    assert made(generator_patterns.hexo(""), post("source/_posts/night.md")) == "/2021/05/06/night/"
    assert made(generator_patterns.hexo(":year/:post_title"), post("a.md", "A B")) == "/2021/a-b"


def test_as_zola_has_it() -> None:
    """Folders and the name of the file without its date, in ASCII."""
    assert made("/{folder:zola}/{slug:zola}/", post("content/My Blog/2021-05-06-Ärger.md")) == "/my-blog/arger/"
    assert made("/{folder:zola}/{slug:zola}/", post("content/blog/rust-1.0/index.md")) == "/blog/rust-1-0/"


@pytest.mark.parametrize(
    ("read", "pattern"),
    [
        (generator_patterns.jekyll, "/:year/:nonsense/"),
        (generator_patterns.jekyll, "/always/the/same/"),
        (generator_patterns.hugo, "/:sections[1:]/:slug"),
        (generator_patterns.pelican, "{author}/{slug}"),
        (generator_patterns.pelican, "{date:%Q}/{slug}"),
        (generator_patterns.eleventy, "/{{ collections.posts | first }}/"),
        (generator_patterns.eleventy, "/{% if a %}x{% endif %}/"),
        (generator_patterns.jekyll, "/:title" * 100),
        (generator_patterns.of_text, "words and no pattern"),
    ],
)
def test_what_is_unknown_is_no_pattern(read: object, pattern: str) -> None:
    """Nothing is guessed: a wrong address would lead readers to a page that is not there."""
    assert callable(read)
    assert read(pattern) == ""


@pytest.mark.parametrize(
    ("base", "written", "expected"),
    [
        (BASE, "/2021/05/ferry/", f"{BASE}/2021/05/ferry/"),
        (f"{BASE}/", "2021/ferry.html", f"{BASE}/2021/ferry.html"),
        (f"{BASE}/blog/", "/ferry/", f"{BASE}/blog/ferry/"),
        (f"{BASE}/blog", "/blog/ferry/", f"{BASE}/blog/ferry/"),
        (BASE, "../x/./y/", f"{BASE}/x/y/"),
        (BASE, "//other.example/x", "https://other.example/x"),
        (BASE, "/two words/", f"{BASE}/two%20words/"),
        (BASE, "https://other.example/x", "https://other.example/x"),
        (BASE, "mailto:a@example.com", None),
        (BASE, "the paper", None),
        (BASE, "true", None),
        (BASE, "/:year/:title/", None),
        (BASE, "/blog/{{ page.fileSlug }}/", None),
        ("", "/2021/05/ferry/", None),
    ],
)
def test_relative_addresses(base: str, written: str, expected: str | None) -> None:
    """They are read below the site's address; what is a pattern, another scheme or a text is no address."""
    assert permalinks.absolute(SitePlan(address=base), written) == expected


def test_a_pattern_of_its_own_for_a_folder() -> None:
    """The innermost folder that has a pattern wins; the site's is for all others."""
    site = SitePlan(
        address=BASE, permalink="/{slug}/", folders=(("news", "/{year}/{slug}/"), ("news/old", "/old/{file}.html"))
    )
    paths = ("news/a.md", "news/old/2021-05-06-b.md", "newsletter/c.md")

    assert [str(permalinks.address(site, post(path))).removeprefix(BASE) for path in paths] == [
        "/2021/a/",
        "/old/2021-05-06-b.html",
        "/c/",
    ]


def test_without_what_a_pattern_needs() -> None:
    """Without a date, or a title of letters, there is no address; without a site there is never one."""
    assert made("/{year}/{slug}/", post("a.md", day="")) == ""
    assert made("/{title}/", post("a.md", title="?!")) == ""
    assert permalinks.address(SitePlan(), post("a.md")) is None
    assert made("", post("posts/2021-05-06-b.md")) == "/posts/b/"


def test_a_number_behind_the_date_is_part_of_the_name() -> None:
    """Only a `T` begins a time in a file's name: `2024-10-21-2024-W43.md` is called `2024-W43`."""
    assert OwnPost(path="2024-10-21-2024-W43.md", title="", moment=None, fields={}).name == "2024-W43"
    assert OwnPost(path="2024-10-21T10:30:00Z_a.md", title="", moment=None, fields={}).name == "a"


def test_names_that_are_dates() -> None:
    """A date before a name is taken off, a name that is nothing else stays."""
    names = ["2021-05-06-a", "2021-05-06_a", "2021-05-06T10-30-00Z-a", "2021-05-06", "2021-5-6-a b", "210506-a"]

    assert [post(f"{name}.md").name for name in names] == ["a", "a", "a", "2021-05-06", "a b", "210506-a"]


def test_every_placeholder_has_a_value() -> None:
    """Settings, schema and code know the same placeholders and styles."""
    assert set(permalinks.VALUES) == set(get_args(values.Placeholder))
    assert set(permalinks.STYLES) == set(get_args(values.SlugStyle))
    everything = "/".join(f"{{{name}}}" for name in permalinks.VALUES)
    assert made(everything, post("a/b.md", fields="categories: [x]")).startswith("/2021/21/05/5/")


def test_the_site_in_the_settings(tmp_path: Path) -> None:
    """An address alone, or with patterns; each mistake has its line."""
    file = tmp_path / "digest.yaml"
    file.write_text("site: https://example.com/\n", "utf-8")
    assert settings.load(str(file)).fields.site == SitePlan(address="https://example.com/")
    file.write_text(
        "site:\n  address: https://example.com\n  permalink: /{year}/{slug:hugo}/\n  folders:\n    a/b: /{title}/\n",
        "utf-8",
    )
    assert settings.load(str(file)).fields.site == SitePlan(
        address="https://example.com", permalink="/{year}/{slug:hugo}/", folders=(("a/b", "/{title}/"),)
    )
    file.write_text("site:\n  address: example.com\n  permalink: /{yeer}/{slug}/\n  folders:\n    a: '{'\n", "utf-8")
    usual = "the usual ones are {year}, {month}, {day}, {slug}, {title} and {folder}"
    with pytest.raises(SettingsError) as error:
        settings.load(str(file))
    assert str(error.value).splitlines() == [
        f"{file}:2: site.address is no http(s) address: 'example.com'; write it like https://example.com",
        f"{file}:3: site.permalink has '{{yeer}}', which means nothing; {usual}",
        f"{file}:5: site.folders.a has '{{', which means nothing; {usual}",
    ]


def test_the_schema_knows_patterns() -> None:
    """An editor is told of a misspelt placeholder, too."""
    pattern = json_schema()["properties"]["site"]["oneOf"][1]["properties"]["permalink"]["pattern"]

    assert re.search(pattern, "/{year}/{slug:hugo}/a.html")
    assert not re.search(pattern, "/{yeer}/")


def test_a_site_is_part_of_the_settings_hash(tmp_path: Path) -> None:
    """A site changes what the settings make; without one the hash is that of old records."""
    file = tmp_path / "digest.yaml"
    hashes = []
    for text in ("", "site: https://example.com\n", "site: https://example.org\n"):
        file.write_text(f"out: out\n{text}", "utf-8")
        hashes.append(settings.load(str(file)).digest)

    assert len(set(hashes)) == 3


OWN = """---
title: Ferry {number}
publishedDateTime: 2021-05-0{number}T23:30:00Z
heat: 50
topics: [Sea]
{fields}
---
"""


def archive_of(folder: Path, fields: Sequence[str], site: str) -> Path:
    """Write an archive with an article for each of *fields*, dated from 1 May 2021 on, and settings with *site*."""
    (folder / "posts").mkdir()
    for number, more in enumerate(fields, 1):
        name = f"2021-05-0{number}-ferry-{number}.md"
        (folder / "posts" / name).write_text(OWN.format(number=number, fields=more), "utf-8")
    settings_file = f"newsletter: {{timezone: Europe/Berlin}}\narchive: [posts]\n{site}"
    (folder / "digest.yaml").write_text(settings_file, "utf-8")
    return folder


def test_an_issue_of_ones_own_site(tmp_path: Path) -> None:
    """Each article leads to its page: by its own address, in full or relative, else by the pattern, in local time."""
    fields = [
        "webUrl: https://other.example/a",
        "permalink: /own/page/",
        "link: 2021/under.html",
        "slug: named",
        "a: b",
    ]
    archive_of(tmp_path, fields, "site: {address: https://example.com/, permalink: '/{year}/{month}/{day}/{slug}/'}\n")
    done = run(tmp_path, "build", "--date", "2021-05-07")
    text = (tmp_path / "out" / "2021-05-07" / "index.txt").read_text("utf-8")
    links = {line.strip() for line in text.splitlines() if line.startswith("   http")}

    assert (done.status, done.told) == (0, "")
    assert links == {
        "https://other.example/a",
        "https://example.com/own/page/",
        "https://example.com/2021/under.html",
        "https://example.com/2021/05/05/named/",
        # Half past eleven in UTC is the next day in Berlin.
        "https://example.com/2021/05/06/ferry-5/",
    }


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2021-05-04T23:30:00-05:00", "04"),
        ("2021-05-04 23:30:00 -0500", "04"),
        ("2021-05-05 04:30:00 +0000 UTC", "05"),
        ("2021-05-05T04:30:00Z", "05"),
        ("2021-05-05", "05"),
        ("2021-05-05 04:30", "05"),
    ],
)
def test_a_day_as_it_is_written(tmp_path: Path, written: str, day: str) -> None:
    """Hugo makes addresses of the date in the zone that it is written in."""
    archive_of(tmp_path, [], "site: {address: https://example.com, permalink: '/{day}/{slug}/', dates: written}\n")
    article = f"---\ntitle: A ferry\ndate: {written}\nheat: 1\ntopics: [Sea]\n---\n"
    (tmp_path / "posts" / "ferry.md").write_text(article, "utf-8")
    run(tmp_path, "build", "--date", "2021-05-07")

    assert f"https://example.com/{day}/ferry/" in (tmp_path / "out" / "2021-05-07" / "index.txt").read_text("utf-8")


def test_an_own_site_that_is_not_named(tmp_path: Path) -> None:
    """The build says what to write, for articles without an address and for one that is relative."""
    archive_of(tmp_path, ["permalink: /own/page/", "a: b"], "")
    done = run(tmp_path, "build", "--date", "2021-05-07")
    problems = run(tmp_path, "check", "--archive", "posts").printed

    assert done == (
        3,
        "",
        "2021-05-01 to 2021-05-07: none of the 2 articles of the archive may ever run (2 have no address); if they are "
        "of your own site, say where that is: `site: https://example.com`\n",
    )
    assert "permalink is relative: '/own/page/'; say where it stands with `site: https://…` in the settings" in problems


@given(
    path=st.text(min_size=1, max_size=30),
    title=st.text(max_size=30),
    slug=st.text(max_size=20),
    own=st.text(max_size=30),
)
def test_whatever_stands_in_a_file_its_address_is_one(path: str, title: str, slug: str, own: str) -> None:
    """An address is made that stays one when it is read again, on the site, or none."""
    fields = {"slug": Node(slug, 1), "permalink": Node(own, 1), "categories": Node((Node(slug, 1),), 1)}
    given_post = OwnPost(path=path, title=title, moment=datetime(2021, 5, 6, tzinfo=UTC), fields=fields)
    for style in permalinks.STYLES:
        site = SitePlan(address=BASE, permalink=f"/{{folder:{style}}}/{{slug:{style}}}/{{title:{style}}}/")
        address = permalinks.address(site, given_post)

        assert address is None or (address.startswith("http") and permalinks.absolute(site, address) == address)


@pytest.mark.parametrize(
    ("path", "fields", "expected"),
    [
        ("2021-05-06-night-ferry.md", "", "/b/2021/05/06/night-ferry"),
        ("2021-05-06-night-ferry/index.mdx", "", "/b/2021/05/06/night-ferry"),
        ("2021/05-06-night-ferry.md", "", "/b/2021/05/06/night-ferry"),
        ("sea/2021-05-06-night-ferry.md", "", "/b/2021/05/06/sea/night-ferry"),
        ("sea/night-ferry.md", "", "/b/sea/night-ferry"),
        ("2021-05-06-night-ferry.md", "slug: /ferry", "/b/ferry"),
    ],
)
def test_as_docusaurus_has_it(path: str, fields: str, expected: str) -> None:
    """The date in a name is folders of the address, before those of the file, and a slug is in the place of all."""
    assert made("/b/{route}", post(path, fields=fields)) == expected


@pytest.mark.parametrize(
    ("path", "language", "expected"),
    [
        ("sea/ferry.md", "", "/sea/ferry/"),
        ("sea/ferry.de.md", "de", "/de/sea/ferry/"),
        ("sea/ferry.pt-br.md", "pt-BR", "/pt-br/sea/ferry/"),
        ("sea/ferry.en.md", "en", "/sea/ferry/"),
        ("sea/ferry/index.de.md", "de", "/de/sea/ferry/"),
        ("sea/ferry.io.md", "", "/sea/ferry.io/"),
    ],
)
def test_languages_of_names(path: str, language: str, expected: str) -> None:
    """A file's name ends with one of the site's languages; the first of them has no folder in addresses."""
    site = SitePlan(address=BASE, permalink="/{folder}/{file}/", languages=("en", "de", "pt-BR"))

    assert permalinks.language(site, path) == language
    assert permalinks.address(site, post(path)) == BASE + expected


@pytest.mark.parametrize(
    ("pattern", "is_index", "expected"),
    [
        ("{year}/{month}/{day}/{title}.html", False, "/2021/05/06/night-ferry.html"),
        ("/news/{title}.html", True, "/news/night-ferry/"),
        ("{lang}/{title}.html", False, ""),
    ],
)
def test_as_middleman_has_it(pattern: str, is_index: bool, expected: str) -> None:
    """Titles are names of files, which have the page's ending before their own; what is unknown makes no pattern."""
    ours = generator_patterns.middleman(pattern, is_index=is_index)

    assert (made(ours, post("2021-05-06-night-ferry.html.markdown")) if ours else "") == expected
