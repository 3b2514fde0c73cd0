"""Each section of docs/your-archive.md: a small archive as that generator or export has it, and two commands."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import golden
import pytest
from command import run

if TYPE_CHECKING:
    from pathlib import Path

FRONT = "---\ntitle: {title}\n{more}---\nThe ferry *sails* at night.\n"

Expected = dict[str, tuple[str, str]]
"""Titles, each with its day and its address."""

SITES: dict[str, tuple[dict[str, str], Expected]] = {
    "Jekyll": (
        {
            "_config.yml": "title: Harbour News\nurl: https://example.com\nbaseurl: /news\n"
                           "permalink: /:categories/:year/:month/:title/\ntimezone: America/New_York\n",
            "_posts/2021-05-04-first-ferry.md": FRONT.format(title="First ferry", more="categories: [Sea]\n"),
            "_posts/2021-05-05-late.markdown": FRONT.format(title="Late", more="date: 2021-05-06 01:30:00 +0000\n"),
            "_posts/2021-05-06-own.md": FRONT.format(title="Own", more="permalink: /own/page.html\n"),
            "_posts/2021-05-07-elsewhere.md": FRONT.format(title="Elsewhere", more="link: https://other.example/a\n"),
            "_drafts/idea.md": FRONT.format(title="Idea", more=""),
            "about.md": FRONT.format(title="About", more=""),
        },
        {
            "First ferry": ("2021-05-04", "https://example.com/news/sea/2021/05/first-ferry/"),
            # Half past one in UTC is the evening before in New York.
            "Late": ("2021-05-05", "https://example.com/news/2021/05/late/"),
            "Own": ("2021-05-06", "https://example.com/news/own/page.html"),
            "Elsewhere": ("2021-05-07", "https://other.example/a"),
        },
    ),
    "Hugo": (
        {
            "hugo.toml": 'baseURL = "https://example.com/"\ntitle = "Harbour News"\nlanguageCode = "en-gb"\n'
                         '[permalinks]\nnews = "/:year/:month/:day/:slug/"\n',
            "content/news/ferry.md": '+++\ntitle = "Night Ferry"\ndate = 2021-05-04T10:00:00Z\n+++\nText.\n',
            "content/news/late.md": FRONT.format(title="Late", more="date: 2021-05-03T23:30:00-05:00\n"),
            "content/news/mill/index.md": FRONT.format(title="A Mill", more="date: 2021-05-05\nslug: the-mill\n"),
            "content/notes/Deep Water.md": FRONT.format(title="Deep", more="date: 2021-05-06\n"),
            "content/notes/own.md": FRONT.format(title="Own", more="date: 2021-05-07\nurl: /elsewhere/\n"),
            "content/notes/draft.md": FRONT.format(title="Draft", more="date: 2021-05-07\ndraft: true\n"),
            "content/news/_index.md": FRONT.format(title="News", more=""),
        },
        {
            "Night Ferry": ("2021-05-04", "https://example.com/2021/05/04/night-ferry/"),
            # The next day in UTC, but Hugo makes the address of the day as it is written.
            "Late": ("2021-05-04", "https://example.com/2021/05/03/late/"),
            "A Mill": ("2021-05-05", "https://example.com/2021/05/05/the-mill/"),
            "Deep": ("2021-05-06", "https://example.com/notes/deep-water/"),
            "Own": ("2021-05-07", "https://example.com/elsewhere/"),
        },
    ),
    "Zola": (
        {
            "config.toml": 'base_url = "https://example.com"\ntitle = "Harbour News"\n',
            "content/blog/2021-05-04-night-ferry.md": '+++\ntitle = "Night Ferry"\n+++\nText.\n',
            "content/blog/mill/index.md": '+++\ntitle = "Mill"\ndate = 2021-05-05\n+++\nText.\n',
            "content/own.md": '+++\ntitle = "Own"\npath = "2021/05/06/own"\n+++\nText.\n',
            "content/_index.md": '+++\ntitle = "All"\n+++\n',
        },
        {
            "Night Ferry": ("2021-05-04", "https://example.com/blog/night-ferry/"),
            "Mill": ("2021-05-05", "https://example.com/blog/mill/"),
            "Own": ("2021-05-06", "https://example.com/2021/05/06/own"),
        },
    ),
    "Pelican": (
        {
            "pelicanconf.py": "SITENAME = 'Harbour News'\nTIMEZONE = 'Europe/Paris'\nPATH = 'content'\n"
                              "ARTICLE_URL = 'blog/{date:%Y}/{slug}.html'\nDEFAULT_LANG = 'en'\n",
            "publishconf.py": "from pelicanconf import *\nSITEURL = 'https://example.com'\n",
            "content/ferry.md": "Title: The Night’s Ferry\nDate: 2021-05-04 10:20\nTags: sea, night\n\nText.\n",
            "content/mill.md": "Title: Mill\nDate: 2021-05-05\nSlug: the-mill\n\nText.\n",
            "content/draft.md": "Title: Draft\nDate: 2021-05-05\nStatus: draft\n\nText.\n",
        },
        {
            "The Night’s Ferry": ("2021-05-04", "https://example.com/blog/2021/the-nights-ferry.html"),
            "Mill": ("2021-05-05", "https://example.com/blog/2021/the-mill.html"),
        },
    ),
    "Eleventy": (
        {
            "eleventy.config.js": "export default function () { return { dir: { input: 'src' } } }\n",
            "src/_data/metadata.js": "export default { title: 'News', url: 'https://example.com/', lang: 'en' }\n",
            "src/blog/blog.json": '{"permalink": "/b/{{ page.fileSlug }}/", "tags": ["posts"]}',
            "src/blog/2021-05-04-night-ferry.md": FRONT.format(title="Night Ferry", more=""),
            "src/blog/mill.md": FRONT.format(title="Mill", more="date: 2021-05-05\n"),
            "src/notes/2021-05-06-own.md": FRONT.format(title="Own", more=""),
        },
        {
            "Night Ferry": ("2021-05-04", "https://example.com/b/night-ferry/"),
            "Mill": ("2021-05-05", "https://example.com/b/mill/"),
            "Own": ("2021-05-06", "https://example.com/notes/own/"),
        },
    ),
    "Hexo": (
        {
            "_config.yml": "title: Harbour News\nurl: https://example.com\npermalink: :year/:title/\nlanguage: en\n"
                           "source_dir: source\n",
            "source/_posts/night-ferry.md": FRONT.format(title="Night Ferry", more="date: 2021-05-04 10:00:00\n"),
            "source/_posts/mill.md": FRONT.format(title="Mill", more="date: 2021-05-05\npermalink: the-mill/\n"),
        },
        {
            "Night Ferry": ("2021-05-04", "https://example.com/2021/night-ferry/"),
            "Mill": ("2021-05-05", "https://example.com/the-mill/"),
        },
    ),
    "Docusaurus": (
        {
            "website/docusaurus.config.js": "module.exports = { title: 'Harbour', url: 'https://example.com' }\n",
            "website/blog/2021-05-04-night-ferry.md": FRONT.format(title="Night Ferry", more=""),
            "website/blog/mill.mdx": FRONT.format(title="Mill", more="date: 2021-05-05\nslug: the-mill\n"),
        },
        {
            "Night Ferry": ("2021-05-04", "https://example.com/blog/2021/05/04/night-ferry"),
            "Mill": ("2021-05-05", "https://example.com/blog/the-mill"),
        },
    ),
    "Gatsby": (
        {
            "gatsby-config.js": "module.exports = { siteMetadata: { siteUrl: `https://example.com` } }\n",
            "content/blog/night-ferry/index.md": FRONT.format(title="Night Ferry", more="date: '2021-05-04T22:12Z'\n"),
            "content/blog/mill/index.md": FRONT.format(title="Mill", more="date: 2021-05-05\n"),
        },
        {
            "Night Ferry": ("2021-05-04", "https://example.com/night-ferry/"),
            "Mill": ("2021-05-05", "https://example.com/mill/"),
        },
    ),
    "VitePress": (
        {
            ".vitepress/config.ts": "export default { sitemap: { hostname: 'https://example.com' } }\n",
            "posts/night-ferry.md": FRONT.format(title="Night Ferry", more="date: 2021-05-04\n"),
            "index.md": FRONT.format(title="All", more="date: 2021-05-04\n"),
        },
        {"Night Ferry": ("2021-05-04", "https://example.com/posts/night-ferry.html")},
    ),
    "VuePress": (
        {
            ".vuepress/config.js": "module.exports = { permalinkPattern: ':year/:slug.html',\n"
                                   "  plugins: [sitemap({ hostname: 'https://example.com' })] }\n",
            "_posts/2021-05-04-night-ferry.md": FRONT.format(title="Night Ferry", more=""),
        },
        {"Night Ferry": ("2021-05-04", "https://example.com/2021/night-ferry.html")},
    ),
    "Bridgetown": (
        {
            "bridgetown.config.yml": "url: https://example.com\n",
            "src/_posts/2021-05-04-night-ferry.md": FRONT.format(title="Night Ferry", more="category: Sea\n"),
        },
        {"Night Ferry": ("2021-05-04", "https://example.com/sea/2021/05/04/night-ferry/")},
    ),
    "Middleman": (
        {
            "config.rb": "activate :blog do |blog|\n  blog.permalink = '{year}/{title}.html'\nend\n",
            "CNAME": "example.com\n",
            "source/2021-05-04-night-ferry.html.markdown": FRONT.format(title="Night Ferry", more=""),
        },
        {"Night Ferry": ("2021-05-04", "https://example.com/2021/night-ferry.html")},
    ),
    "Nikola": (
        {
            "conf.py": 'SITE_URL = "https://example.com/"\nPOSTS = (("posts/*.md", "blog", "post.tmpl"),)\n'
                       'TIMEZONE = "UTC"\nDEFAULT_LANG = "en"\n',
            "posts/a.md": "<!--\n.. title: Night Ferry\n.. slug: night-ferry\n.. date: 2021-05-04 10:00:00 UTC\n"
                          ".. tags: sea, night\n-->\n\nThe ferry sails.\n",
        },
        {"Night Ferry": ("2021-05-04", "https://example.com/blog/night-ferry/")},
    ),
    "Astro": (
        {
            "astro.config.mjs": "export default defineConfig({ site: 'https://example.com' });\n",
            "src/content/blog/Night Ferry.md": FRONT.format(title="Night Ferry", more="pubDate: May 04 2021\n"),
            "src/content/blog/mill.mdx": FRONT.format(title="Mill", more="pubDatetime: 2021-05-05T10:00:00Z\n"),
        },
        {
            "Night Ferry": ("2021-05-04", "https://example.com/blog/night-ferry/"),
            "Mill": ("2021-05-05", "https://example.com/blog/mill/"),
        },
    ),
    "MkDocs": (
        {
            "mkdocs.yml": "site_name: Harbour News\nsite_url: https://example.com/\n",
            "docs/blog/posts/ferry.md": FRONT.format(title="Night Ferry", more="date: 2021-05-04\n"),
            "docs/blog/posts/mill.md": FRONT.format(title="Mill", more="date: 2021-05-05\nslug: the-mill\n"),
            "docs/blog/posts/sea.md": "---\ndate:\n  created: 2021-05-06\n  updated: 2021-06-01\n---\n# Sea\n\nText.\n",
        },
        {
            "Sea": ("2021-05-06", "https://example.com/blog/2021/05/06/sea/"),
            "Night Ferry": ("2021-05-04", "https://example.com/blog/2021/05/04/night-ferry/"),
            "Mill": ("2021-05-05", "https://example.com/blog/2021/05/05/the-mill/"),
        },
    ),
}  # fmt: skip

RSS = """<rss version="2.0"><channel><title>Harbour News</title><link>https://example.com/</link>
<item><title>Night Ferry</title><link>https://example.com/ferry</link>
<pubDate>Tue, 04 May 2021 10:00:00 GMT</pubDate></item>
<item><title>Mill</title><link>https://example.com/mill</link><pubDate>Wed, 05 May 2021 10:00:00 GMT</pubDate></item>
</channel></rss>"""

WXR = """<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:wp="http://wordpress.org/export/1.2/"><channel>
<title>Harbour News</title><link>https://example.com</link><wp:wxr_version>1.2</wp:wxr_version>
<item><title>Night Ferry</title><link>https://example.com/2021/05/ferry/</link>
<pubDate>Tue, 04 May 2021 10:00:00 +0000</pubDate><content:encoded><![CDATA[<p>It sails.</p>]]></content:encoded>
<wp:post_date_gmt>2021-05-04 10:00:00</wp:post_date_gmt><wp:status>publish</wp:status>
<wp:post_type>post</wp:post_type></item>
<item><title>Mill</title><link>https://example.com/?p=2</link><content:encoded><![CDATA[]]></content:encoded>
<wp:post_date_gmt>2021-05-05 10:00:00</wp:post_date_gmt><wp:status>draft</wp:status>
<wp:post_type>post</wp:post_type></item>
</channel></rss>"""

GHOST = json.dumps({"db": [{"meta": {"version": "5.0.0"}, "data": {
    "posts": [
        {"id": "1", "title": "Night Ferry", "slug": "night-ferry", "status": "published", "type": "post",
         "published_at": "2021-05-04T10:00:00.000Z", "html": "<p>It sails.</p>", "visibility": "public"},
        {"id": "2", "title": "Mill", "slug": "mill", "status": "draft", "type": "post", "html": "<p>It turns.</p>"},
    ],
    "tags": [], "posts_tags": [], "settings": [{"key": "url", "value": "https://example.com/"}],
}}]})  # fmt: skip

EXPORTS: dict[str, tuple[str, str, Expected]] = {
    "A feed": (
        "feed.xml",
        RSS,
        {
            "Night Ferry": ("2021-05-04", "https://example.com/ferry"),
            "Mill": ("2021-05-05", "https://example.com/mill"),
        },
    ),
    "WordPress": ("export.xml", WXR, {"Night Ferry": ("2021-05-04", "https://example.com/2021/05/ferry/")}),
    "Ghost": ("harbour.ghost.json", GHOST, {"Night Ferry": ("2021-05-04", "https://example.com/night-ferry/")}),
    "A table": (
        "links.csv",
        "Title;URL;Date;Points\nNight Ferry;https://example.com/ferry;2021-05-04;12\n",
        {"Night Ferry": ("2021-05-04", "https://example.com/ferry")},
    ),
}


def test_notes(tmp_path: Path) -> None:
    """Files with a heading in place of front matter are articles where their path names a day."""
    files = {
        "notes/2021-05-04-ferry.md": "# The `night` ferry #\n\nIt sails.\n",
        "notes/2021/05/05/mill.md": "\n# Mill\n\nIt turns.\n",
        "notes/sea.md": "---\ndate: 2021-05-06\n---\n# Sea\n\nIt is wide.\n",
        "notes/README.md": "# About\n\nNo note.\n",
        "notes/2021-05-07-list.md": "- no heading\n",
    }
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content, "utf-8")
    done = run(tmp_path, "init", "--site", "https://example.com")

    assert done.status == 0, done.told
    assert "3 of 5 may run" in done.printed
    assert issue_of(tmp_path) == {
        "The night ferry": ("2021-05-04", "https://example.com/notes/ferry/"),
        "Mill": ("2021-05-05", "https://example.com/notes/2021/05/05/mill/"),
        "Sea": ("2021-05-06", "https://example.com/notes/sea/"),
    }
    assert "It turns." in (tmp_path / "out" / "2021-05-09" / "index.txt").read_text("utf-8")


def issue_of(folder: Path) -> Expected:
    """Return what an issue of the first week of May says: titles with their days and addresses."""
    built = run(folder, "build", "--date", "2021-05-09")
    assert built.status == 0, built.told
    assert (folder / "out" / "2021-05-09" / "index.txt").stat().st_size
    zone = re.search(r"^  timezone: (\S+)", (folder / "digest.yaml").read_text("utf-8"), re.MULTILINE)
    assert zone
    told = json.loads((folder / "out" / "2021-05-09" / "issue.json").read_text("utf-8"))
    picks = [pick for section in told["sections"] for pick in section["picks"]]
    days = {line["title"]: line["published"] for line in json.loads(run(folder, "explain", "--json").printed)}
    return {pick["title"]: (day_of(days[pick["title"]], zone[1]), pick["url"]) for pick in picks}


def day_of(written: str, zone: str) -> str:
    """Return the day of a moment in a time zone."""
    return str(datetime.fromisoformat(written).astimezone(ZoneInfo(zone)).date())


@pytest.mark.parametrize("name", SITES)
def test_a_site_of_a_generator(tmp_path: Path, name: str) -> None:
    """Two commands give an issue with each article's day and address as the generator makes them."""
    files, expected = SITES[name]
    write(tmp_path, files)
    done = run(tmp_path, "init", "--yes")

    assert done.status == 0, done.told
    assert done.printed.startswith(f"{name} (")
    assert issue_of(tmp_path) == expected


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export(tmp_path: Path, name: str) -> None:
    """Without articles, `init` says how to bring them in; then the same two commands give an issue."""
    file, content, expected = EXPORTS[name]
    (tmp_path / file).write_text(content, "utf-8")
    refused = run(tmp_path, "init", "--yes")
    command = re.search(r"`digest (import [^`]+)`", refused.told)

    assert refused.status == 1
    assert command
    assert run(tmp_path, *command[1].split()).status == 0
    assert run(tmp_path, "init", "--yes").status == 0
    assert issue_of(tmp_path) == expected


def test_the_page_has_a_section_for_each() -> None:
    """Every generator and export that is tried here has its section in the documentation, and none has one untried."""
    page = (golden.ROOT / "docs" / "your-archive.md").read_text("utf-8")
    named = set(re.findall(r"^### (.+)$", page, re.MULTILINE))

    assert named == {*SITES, *EXPORTS}


def test_a_site_deep_in_a_repository(tmp_path: Path) -> None:
    """Addresses begin below the folder of content that holds all articles, wherever in a repository it is."""
    write(
        tmp_path,
        {
            "apps/web/src/content/news/2021-05-04-night-ferry.md": FRONT.format(title="Night Ferry", more=""),
            "apps/web/src/content/news/harbour/mill.md": FRONT.format(title="Mill", more="date: 2021-05-05\n"),
        },
    )
    assert run(tmp_path, "init", "--yes", "--site", "https://example.com").status == 0

    assert issue_of(tmp_path) == {
        "Night Ferry": ("2021-05-04", "https://example.com/news/night-ferry/"),
        "Mill": ("2021-05-05", "https://example.com/news/harbour/mill/"),
    }


def test_where_a_post_stood_first_is_not_where_its_headline_leads(tmp_path: Path) -> None:
    """`canonical_url` on another host is for search engines; the article of one's own site stands on that."""
    more = "date: 2021-05-04\ncanonical_url: https://{host}/first\n"
    write(
        tmp_path,
        {
            "posts/ferry.md": FRONT.format(title="Ferry", more=more.format(host="other.example")),
            "posts/mill.md": FRONT.format(title="Mill", more=more.format(host="www.example.com")),
        },
    )
    assert run(tmp_path, "init", "--yes", "--site", "https://example.com").status == 0

    assert issue_of(tmp_path) == {
        "Ferry": ("2021-05-04", "https://example.com/posts/ferry/"),
        "Mill": ("2021-05-04", "https://www.example.com/first"),
    }


def test_the_language_of_a_name(tmp_path: Path) -> None:
    """An article is in the language that its file's name ends with, and stands below that."""
    settings = 'baseURL = "https://example.com"\n[languages.en]\n[languages.de]\n'
    write(
        tmp_path,
        {
            "hugo.toml": settings,
            "content/posts/ferry.md": FRONT.format(title="Ferry", more="date: 2021-05-04\n"),
            "content/posts/ferry.de.md": FRONT.format(title="Die Fähre fährt", more="date: 2021-05-04\n"),
        },
    )
    assert run(tmp_path, "init", "--yes").status == 0

    assert issue_of(tmp_path) == {
        "Ferry": ("2021-05-04", "https://example.com/posts/ferry/"),
        "Die Fähre fährt": ("2021-05-04", "https://example.com/de/posts/ferry/"),
    }
    settings = (tmp_path / "digest.yaml").read_text("utf-8")
    (tmp_path / "digest.yaml").write_text(f"{settings}sections: [{{title: Auf Deutsch, match: {{language: de}}}}]\n")
    assert set(issue_of(tmp_path)) == {"Die Fähre fährt"}


def test_notes_that_are_named_by_their_title(tmp_path: Path) -> None:
    """A name in words is the title of a note without one, with front matter or without; a name of a program is none."""
    write(
        tmp_path,
        {
            "Notes/Night Ferry.md": "---\ncreated: 2021-05-06\ntags: [sea]\n---\nThe ferry sails at night.\n",
            "Notes/2021-05-05 Mill.md": "The mill turns.\n",
            "Notes/2021-05-04 Sea.md": "# The sea\n\nIt is wide.\n",
            "Notes/2021-05-03-harbour.md": "---\ntags: [sea]\n---\nText.\n",
            "Notes/To do.md": "Nothing.\n",
        },
    )
    assert run(tmp_path, "init", "--yes", "--site", "https://example.com").status == 0

    assert {title: day for title, (day, _) in issue_of(tmp_path).items()} == {
        "Night Ferry": "2021-05-06",
        "Mill": "2021-05-05",
        "The sea": "2021-05-04",
    }


def test_texts_that_are_not_read(tmp_path: Path) -> None:
    """An archive of another mark-up is told what it is, whether a page of it is in Markdown or none."""
    write(tmp_path, {"pelicanconf.py": "PATH = 'content'\n", "content/a.rst": "A\n=\n", "content/b.rst": "B\n=\n"})
    told = (
        ".: holds 2 .rst files, which are not read; turn them into Markdown (`pandoc -t markdown`), or bring in "
        "the site's feed: `digest import feed.xml`"
    )
    assert run(tmp_path, "init", "--yes").told.strip() == told
    write(tmp_path, {"content/about.md": "Title: About\nDate: 2021-05-04\n\nText.\n"})
    assert run(tmp_path, "init", "--yes").told.strip() == told


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files with their content below *folder*."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content, "utf-8")
