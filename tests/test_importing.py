"""Articles from elsewhere: what each kind of file gives, what is refused, and that text stays text."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from command import run
from hypothesis import example, given
from hypothesis import strategies as st

from digest import archive, importing
from digest.config.values import FieldPlan
from digest.config.yamlfile import Node
from digest.errors import ImportingError
from digest.importing import entry, naming
from digest.model import Article, Provider
from digest.records import article, frontmatter
from digest.records.article import Record
from digest.records.topics import read as read_topics
from digest.text import sanitize

if TYPE_CHECKING:
    from pathlib import Path

FEED = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Harbour Times</title><link>https://harbour.example.com/</link>
<language>en-GB</language>
<item><title>Robots &amp;amp; towels</title><link>https://harbour.example.com/towels</link>
<description>&lt;p&gt;They &lt;b&gt;fold&lt;/b&gt;.&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;</description>
<pubDate>Mon, 09 Nov 2020 10:29:00 +0100</pubDate><category>AI</category><category>Robotics</category></item>
<item><title>Without a date</title><link>https://harbour.example.com/none</link></item>
</channel></rss>
"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Lab Notes</title><id>x</id>
<updated>2020-11-09T10:00:00Z</updated><entry><title>Bees count</title><id>y</id>
<link href="https://lab.example.com/bees"/><updated>2020-11-09T10:00:00Z</updated>
<summary>To four.</summary></entry></feed>
"""
GRASS = {
    "id": "1",
    "url": "https://meadow.example.com/1",
    "title": "Grass",
    "date_published": "2020-11-09T10:00:00Z",
    "content_html": "<p>It grows.</p>",
    "tags": ["Nature"],
}
JSON_FEED = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Meadow", "items": [GRASS, "none"]})
LINES = """{"headline": "One", "url": "https://a.example.com/1", "date": "2020-11-09", "shares": 40, "comments": "4"}
not json
[1]
{"headline": "Two", "url": "javascript:alert(1)", "date": "2020-11-09"}
"""
ROWS = """title,link,date,score,tags
"A, quoted",https://a.example.com/q,2020-11-09 08:00:00+02:00,77,"AI, Law"
short
1,2,3,4,5,6
"""
HUGO = """+++
title = "Gophers dig"
date = 2020-11-09T10:00:00+01:00
tags = ["Animals"]
draft = true
[params]
link = "https://hugo.example.com/gophers"
score = 55
+++
The *first* paragraph.

The second.
"""
JEKYLL = """---
title: Hyde and seek
date: 2020-11-09 10:00:00 +0000
link: https://jekyll.example.com/hyde
description: Found.
---
Body.
"""


def read(tmp_path: Path, name: str, text: str, plan: FieldPlan | None = None) -> importing.Brought:
    """Read a source of that name."""
    (tmp_path / name).write_text(text, "utf-8")
    return importing.read(str(tmp_path / name), plan or FieldPlan())


def told(brought: importing.Brought, folder: Path) -> list[str]:
    """Return the problems, without the folder's name."""
    return [str(one).removeprefix(f"{folder}/") for one in brought.problems]


def test_rss(tmp_path: Path) -> None:
    """Entities are decoded once, mark-up is reduced to its words, the time is UTC; what has no date is named."""
    brought = read(tmp_path, "feed.xml", FEED)
    [found] = brought.articles

    assert (found.title, found.excerpt) == ("Robots & towels", "They fold.")
    assert (found.url, found.published_at) == (
        "https://harbour.example.com/towels",
        datetime(2020, 11, 9, 9, 29, tzinfo=UTC),
    )
    assert (found.provider.name, found.provider.domain) == ("Harbour Times", "harbour.example.com")
    assert (found.topics, found.language, found.heat) == (("AI", "Robotics"), "en-GB", None)
    assert told(brought, tmp_path) == ["feed.xml, entry 2: has no date; name the field with `fields`"]


def entries(tmp_path: Path, *items: str, head: str = "", channel: str = "") -> importing.Brought:
    """Read an RSS feed with those items."""
    start = f"<rss version='2.0' {head}><channel><title>H</title>{channel}"
    each = "".join(f"<item>{item}</item>" for item in items)
    return read(tmp_path, "feed.xml", f"{start}{each}</channel></rss>")


DATED = "<pubDate>Thu, 06 May 2021 10:00:00 +02:00</pubDate>"


def test_links_of_a_feed(tmp_path: Path) -> None:
    """Relative ones are read against the site's address or xml:base; a guid is one where it is a permalink."""
    links = ["/2021/ferry", "ferry.html", "//cdn.example.com/x", "\n https://a.example.com/y \n"]
    items = [f"<title>{number}</title><link>{link}</link>{DATED}" for number, link in enumerate(links)]
    guids = ["<guid>https://a.example.com/g</guid>", "<guid isPermaLink='false'>urn:5</guid>"]
    items += [f"<title>g</title>{guid}{DATED}" for guid in guids]
    items.append(f"<description>A note.</description><link>https://a.example.com/n</link>{DATED}")
    brought = entries(tmp_path, *items, channel="<link>https://a.example.com/news/</link>")
    based = entries(tmp_path, items[1], head="xml:base='https://b.example.com/c/'")

    assert [found.url for found in brought.articles] == [
        "https://a.example.com/2021/ferry",
        "https://a.example.com/news/ferry.html",
        "https://cdn.example.com/x",
        "https://a.example.com/y",
        "https://a.example.com/g",
    ]
    assert [found.url for found in based.articles] == ["https://b.example.com/c/ferry.html"]
    assert told(brought, tmp_path) == [
        "feed.xml, entry 6: has no http(s) address (its guid 'urn:5' is no permalink); name the field with `fields`",
        "feed.xml, entry 7: has no title (a note, as micro blogs write them); name the field with `fields`",
    ]


DATES = {
    "Thu, 06 May 2021 10:00:00 +02:00": "2021-05-06T08:00:00+00:00",
    "Thu, 06 May 2021 10:00:00 ET": "2021-05-06T15:00:00+00:00",
    "Thu, 2021/05/06 10:00:00 GMT": "2021-05-06T10:00:00+00:00",
    "Thu, 06 May 2021": "2021-05-05T15:00:00+00:00",
    "6 May 2021": "2021-05-05T15:00:00+00:00",
}
"""Dates of feeds, and the moments that they are for a newsletter in Tokyo."""


@pytest.mark.parametrize("written", DATES)
def test_dates_of_a_feed(tmp_path: Path, written: str) -> None:
    """They are as feedparser reads them; one without a time is that day where the newsletter is."""
    text = FEED.replace("Mon, 09 Nov 2020 10:29:00 +0100", written)
    [found] = read(tmp_path, "feed.xml", text, FieldPlan(zone="Asia/Tokyo")).articles

    assert found.published_at is not None
    assert found.published_at.isoformat() == DATES[written]
    assert found.published


def test_what_a_feed_calls_text_stays_text(tmp_path: Path) -> None:
    """Atom says what is HTML; in RSS descriptions are, and titles where they look so."""
    entry = (
        "<entry><id>{0}</id><updated>2021-05-06T10:00:00Z</updated><link href='https://a.example.com/{0}'/>"
        "<title type='{1}'>&lt;i&gt;Vec&lt;/i&gt; &amp;amp; more</title>"
        "<{2} type='{1}'>&lt;p&gt;It.&lt;/p&gt;</{2}></entry>"
    )
    each = entry.format("a", "text", "summary") + entry.format("b", "html", "content")
    text, html = read(tmp_path, "a.atom", f'<feed xmlns="http://www.w3.org/2005/Atom">{each}</feed>').articles
    [rss] = entries(
        tmp_path,
        f"<title>Why Vec&lt;T&gt; wins</title><link>https://a.example.com/r</link>{DATED}"
        "<description>&lt;img src='x'&gt;A picture.</description>",
    ).articles

    assert (text.title, text.excerpt) == ("<i>Vec</i> &amp; more", "<p>It.</p>")
    assert (html.title, html.excerpt) == ("Vec & more", "It.")
    assert (rss.title, rss.excerpt) == ("Why Vec<T> wins", "A picture.")


def test_a_feed_has_pictures(tmp_path: Path) -> None:
    """An enclosure that is one, else the thumbnail of Media RSS; a recording is none."""
    media = "xmlns:media='http://search.yahoo.com/mrss/'"
    thumbnail = "<media:thumbnail url='https://a.example.com/t.png'/>"
    enclosures = "".join(
        f"<enclosure url='https://a.example.com/{name}' type='{kind}'/>"
        for name, kind in (("1.mp3", "audio/mpeg"), ("p.png", "image/png"))
    )
    items = [f"<title>{name}</title><link>https://a.example.com/{name}</link>{DATED}" for name in "ab"]
    first, second = entries(tmp_path, items[0] + enclosures + thumbnail, items[1] + thumbnail, head=media).articles

    assert [article.picture and article.picture.url for article in (first, second)] == [
        "https://a.example.com/p.png",
        "https://a.example.com/t.png",
    ]


def test_xml_that_is_no_feed(tmp_path: Path) -> None:
    """It is told apart from a feed that has no entries."""
    with pytest.raises(ImportingError) as caught:
        read(tmp_path, "map.xml", "<urlset><url><loc>https://a.example.com/</loc></url></urlset>")
    with pytest.raises(ImportingError) as empty:
        entries(tmp_path)

    assert str(caught.value) == f"{tmp_path}/map.xml: is XML, but no feed; look at it in a browser"
    assert str(empty.value) == f"{tmp_path}/feed.xml: is a feed without entries; look at it in a browser"


def test_atom_and_json_feed(tmp_path: Path) -> None:
    """Their own names for things are known."""
    [bees] = read(tmp_path, "a.atom", ATOM).articles
    meadow = read(tmp_path, "b.json", JSON_FEED)
    [grass] = meadow.articles

    assert (bees.title, bees.excerpt, bees.provider.name) == ("Bees count", "To four.", "Lab Notes")
    assert (grass.title, grass.excerpt, grass.provider.name) == ("Grass", "It grows.", "Meadow")
    assert grass.topics == ("Nature",)
    assert told(meadow, tmp_path) == ["b.json: item 2 is no object"]


def test_lines_and_a_score(tmp_path: Path) -> None:
    """Each bad line is named; where there is no heat, weights of other fields make one."""
    plan = FieldPlan(names=(("title", "headline"),), score=(("shares", 1.0), ("comments", 2.5), ("likes", 9.0)))
    brought = read(tmp_path, "x.jsonl", LINES, plan)

    assert [(one.title, one.heat) for one in brought.articles] == [("One", 50)]
    assert told(brought, tmp_path) == [
        "x.jsonl:2: is no JSON (Expecting value: line 1 column 1 (char 0))",
        "x.jsonl:3: is no object",
        "x.jsonl:4: url is not an http(s) address: 'javascript:alert(1)'",
    ]


def test_rows(tmp_path: Path) -> None:
    """Quoted cells, offsets, words between commas; rows that are too short or too long are named."""
    brought = read(tmp_path, "x.csv", ROWS)
    [found] = brought.articles

    assert (found.title, found.heat, found.topics, found.published_at) == (
        "A, quoted",
        77,
        ("AI", "Law"),
        datetime(2020, 11, 9, 6, tzinfo=UTC),
    )
    assert told(brought, tmp_path) == [
        "x.csv:3: has no http(s) address and no date; name the field with `fields`",
        "x.csv:4: has more cells than the header",
    ]


def test_a_folder_of_posts(tmp_path: Path) -> None:
    """Hugo's TOML and Jekyll's YAML; a draft is not published; fields inside others are named with a dot."""
    plan = FieldPlan(names=(("webUrl", "params.link"), ("heat", "params.score")))
    posts = tmp_path / "posts"
    (posts / "deep").mkdir(parents=True)
    read(posts, "broken.md", "+++\ntitle = \n+++\n")
    read(posts, "open.md", "---\ntitle: x\n")
    read(posts, "deep/hugo.md", HUGO)
    hugo = importing.read(str(posts), plan)
    [gophers] = hugo.articles
    [hyde] = read(tmp_path, "hyde.md", JEKYLL).articles

    assert (gophers.title, gophers.excerpt, gophers.heat) == ("Gophers dig", "The first paragraph.", 55)
    assert (gophers.published, hyde.published) == (False, True)
    assert (hyde.title, hyde.excerpt) == ("Hyde and seek", "Found.")
    assert hyde.published_at == datetime(2020, 11, 9, 10, tzinfo=UTC)
    assert told(hugo, posts)[0] == "broken.md:2: is no TOML (Invalid value)"
    assert told(hugo, posts)[1:] == ["open.md:1: the front matter that starts here has no closing `---` line"]


def test_empty_lines_above_front_matter(tmp_path: Path) -> None:
    """Hugo looks past them, and some of its own posts have them; lines still count from the top of the file."""
    [found] = read(tmp_path, "hyde.md", f"\n\r\n{JEKYLL}").articles
    broken = read(tmp_path, "broken.md", "\n\n---\ntitle: x\ntitle: y\n---\n")

    assert found.title == "Hyde and seek"
    assert [one.line for one in broken.problems] == [5]


def test_a_podcast_leads_to_its_recording(tmp_path: Path) -> None:
    """Its episodes have no link of their own; where one has, that counts."""
    episode = FEED.replace("<link>", '<enclosure url="https://pod.example.com/1.mp3" type="audio/mpeg"/><link>')
    without = re.sub("<link>.*?</link>", "", episode)

    assert [one.url for one in read(tmp_path, "a.xml", episode).articles] == [
        one.url for one in read(tmp_path, "b.xml", FEED).articles
    ]
    assert {one.url for one in read(tmp_path, "c.xml", without).articles} == {"https://pod.example.com/1.mp3"}


KNOWN = ".jsonl, .ndjson, .csv, .tsv, .json, .xml, .rss, .atom, .rdf, .opml, .html, .md, .markdown, .mdx and folders"
BAD_JSON = "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("x.docx", b"PK", f"is of no kind that is known; known are {KNOWN}"),
        ("x.json", b"{", f"is no JSON ({BAD_JSON}); mend it, or name it .jsonl"),
        ("x.json", b"7", "holds no list of articles; name the list with --items, such as data.stories"),
        ("x.csv", b"\xcf\xe0\xf0\xee\xec", "is not UTF-8; save it as UTF-8"),
        ("x.zip", b"PK\x03\x04", "is a ZIP archive; unpack it and name the files in it"),
    ],
    ids=["kind", "json", "no-list", "cyrillic", "zip"],
)
def test_a_source_that_cannot_be_read(tmp_path: Path, name: str, content: bytes, expected: str) -> None:
    """It is refused as a whole, with what to do."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ImportingError) as caught:
        importing.read(str(tmp_path / name), FieldPlan())

    assert str(caught.value) == f"{tmp_path}/{name}: {expected}"


def test_importing_twice_changes_nothing(tmp_path: Path) -> None:
    """The same articles are known; one whose heat was changed meanwhile stays; a namesake gets a number."""
    (tmp_path / "feed.xml").write_text(FEED, "utf-8")
    (tmp_path / "hyde.md").write_text(JEKYLL.replace("Hyde and seek", "Robots & towels"), "utf-8")
    first = run(tmp_path, "import", "feed.xml", "--to", "news")
    file = tmp_path / "news" / "2020-11-09-robots-towels.md"
    file.write_text(file.read_text("utf-8").replace("topics", "heat: 90\ntopics"), "utf-8")
    second = run(tmp_path, "import", "feed.xml", "hyde.md", "--to", "news")

    assert first[:2] == (0, "news: 1 article written, 0 there already, 1 could not be read\n")
    assert second[:2] == (0, "news: 1 article written, 1 there already, 1 could not be read\n")
    assert sorted(os.listdir(tmp_path / "news")) == ["2020-11-09-robots-towels-2.md", "2020-11-09-robots-towels.md"]
    assert [one.heat for one in archive.read([str(tmp_path / "news")]).articles] == [None, 90]


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    """It counts; nothing found is a failure."""
    (tmp_path / "feed.xml").write_text(FEED, "utf-8")
    (tmp_path / "empty.jsonl").write_text("", "utf-8")
    said = run(tmp_path, "import", "feed.xml", "--dry-run")[1]

    assert said == "seeds: 1 article would be written, 0 there already, 1 could not be read\n"
    assert run(tmp_path, "import", "empty.jsonl")[0] == 1
    assert not (tmp_path / "seeds").exists()


def test_settings_name_fields_and_score(tmp_path: Path) -> None:
    """What digest.yaml says holds; a weight that is none is named with its line."""
    settings = "archive: [news]\nfields: {title: headline}\nscore: {shares: 2}\n"
    (tmp_path / "digest.yaml").write_text(settings, "utf-8")
    (tmp_path / "x.jsonl").write_text(LINES, "utf-8")
    done = run(tmp_path, "import", "x.jsonl")
    (tmp_path / "digest.yaml").write_text("score: {shares: many}\n", "utf-8")
    wrong = run(tmp_path, "import", "x.jsonl")

    assert done[0] == 0
    assert "heat: 80\n" in (tmp_path / "news" / "2020-11-09-one.md").read_text("utf-8")
    assert wrong == (1, "", "digest.yaml:1: score.shares is 'many'; write a number, the weight of that field\n")


def test_an_address_that_does_not_answer(tmp_path: Path) -> None:
    """It is one line, and nothing is written."""
    status, _, said = run(tmp_path, "import", "http://127.0.0.1:9/feed.xml")

    assert (status, said.split(" (")[0]) == (1, "http://127.0.0.1:9/feed.xml: cannot be fetched")
    assert os.listdir(tmp_path) == []


@given(
    title=st.text(max_size=60), excerpt=st.text(max_size=80), topic=st.text(max_size=20), outlet=st.text(max_size=20)
)
@example(title="&amp;amp; &amp;lt;b&amp;gt;", excerpt="AT&T &amp;copy;", topic="R&D", outlet="&amp;#8217;")
def test_what_is_written_is_read_back(title: str, excerpt: str, topic: str, outlet: str) -> None:
    """Whatever the words, our own reader gives them back, and the file's name leads nowhere else."""
    url = sanitize.address("https://a.example.com/x?y=1&z=2")
    assert url is not None
    written = Article(
        path="",
        title=sanitize.text(title, most=300) or sanitize.text("x"),
        excerpt=sanitize.text(excerpt),
        published_at=datetime(2020, 11, 9, 10, tzinfo=UTC),
        url=url,
        provider=Provider(name=sanitize.text(outlet) or sanitize.text("x"), domain="a.example.com"),
        topics=read_topics(Node((Node(topic, 1),), 1), "topics")[0],
        heat=7,
    )
    fields = frontmatter.parse(entry.file_content(written), "a.md").fields
    reading = article.build(Record(place="a.md", path="a.md", fields=fields))
    back = reading.article

    assert reading.problems == ()
    assert back is not None
    assert (back.title, back.excerpt, back.provider.name, back.topics) == (
        written.title,
        written.excerpt,
        written.provider.name,
        written.topics,
    )
    assert (back.url, back.published_at, back.heat) == (url, written.published_at, 7)
    name = naming.stem(datetime(2020, 11, 9, tzinfo=UTC).date(), written.title)
    assert name.startswith("2020-11-09-")
    assert len(name.encode()) <= 211
    assert all(letter == "-" or unicodedata.category(letter)[0] in "LNM" for letter in name)
