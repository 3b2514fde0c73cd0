"""Exports of other services: what they are is seen in them, and what they hold beside articles is left out."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import pytest
from click.testing import CliRunner
from command import run
from hypothesis import given
from hypothesis import strategies as st

from digest import archive, cli
from digest.errors import ImportingError
from digest.importing import bookmarks, decoding, objects, opml, services, tables, wordpress
from digest.importing.source import LeftOut, Raw
from digest.importing.values import in_utc, stamp
from digest.model import Problem
from digest.records.dates import NoDate, moment

if TYPE_CHECKING:
    from pathlib import Path

    from digest.model import Article

DAY = datetime(2021, 5, 6, 8, tzinfo=UTC)
SECONDS = int(DAY.timestamp())


class Brought(NamedTuple):
    """What an import said, and what the archive holds after it."""

    status: int
    printed: list[str]
    said: list[str]
    articles: list[Article]


def brought(folder: Path, name: str, content: object, *options: str) -> Brought:
    """Import a file of that name into an empty archive; anything but text and bytes becomes JSON."""
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    status, printed, said = run(folder, "import", name, "--to", "news", *options)
    articles = archive.read([str(folder / "news")]).articles if (folder / "news").exists() else ()
    return Brought(status, printed.splitlines(), said.splitlines(), sorted(articles, key=lambda each: each.title))


ALGOLIA = {
    "hits": [
        {"objectID": "1", "author": "jo", "points": 89, "title": "Mill", "url": "https://a.example.com/m",
         "created_at": "2021-05-06T08:00:00Z", "_tags": ["story", "author_jo", "story_1"]},
        {"objectID": "2", "author": "jo", "points": 5, "title": "Ask HN: Mills?", "url": None,
         "created_at": "2021-05-06T08:00:00Z"},
        {"objectID": "3", "author": "jo", "points": None, "comment_text": "No.", "story_title": "Mill"},
    ]
}  # fmt: skip
FIREBASE = [
    {"id": 1, "type": "story", "by": "jo", "time": SECONDS, "score": 89, "title": "Mill",
     "url": "https://a.example.com/m"},
    {"id": 2, "type": "comment", "by": "jo", "time": SECONDS, "text": "No."},
    {"id": 3, "type": "story", "deleted": True, "time": SECONDS},
    {"id": 4, "type": "job", "by": "jo", "time": SECONDS, "title": "Miller wanted", "text": "Here."},
]  # fmt: skip
LOBSTERS = [
    {"short_id": "x", "short_id_url": "https://l.example.com/s/x", "created_at": "2021-05-06T03:00:00.000-05:00",
     "title": "Mill", "url": "https://a.example.com/m", "score": 34, "description": "", "tags": ["bread", "law"]},
    {"short_id": "y", "short_id_url": "https://l.example.com/s/y", "created_at": "2021-05-06T03:00:00.000-05:00",
     "title": "Only a text", "url": "", "score": 3, "description": "<p>It <em>turns</em>.</p>", "tags": []},
]  # fmt: skip
PINBOARD = [
    {"href": "https://a.example.com/m", "description": "Mill", "extended": "It turns.", "time": "2021-05-06T08:00:00Z",
     "shared": "yes", "toread": "no", "tags": "bread night"},
    {"href": "https://a.example.com/p", "description": "Mine", "extended": "", "time": "2021-05-06T08:00:00Z",
     "shared": "no", "toread": "no", "tags": ""},
]  # fmt: skip
WALLABAG = [
    {"is_archived": 0, "is_starred": 1, "tags": ["bread", "law"], "title": "Mill", "url": "https://a.example.com/m",
     "content": "<p>It turns.</p>", "created_at": "2021-05-07T08:00:00+00:00",
     "published_at": "2021-05-06T08:00:00+00:00", "language": "en", "domain_name": "a.example.com",
     "preview_picture": "https://a.example.com/p.png"},
]  # fmt: skip
MINIFLUX = {
    "total": 1,
    "entries": [
        {"id": 1, "title": "Mill", "url": "https://a.example.com/m", "published_at": "2021-05-06T08:00:00Z",
         "content": "<p>It turns.</p>", "feed": {"title": "Harbour Times", "category": {"title": "Bread"}}},
    ],
}  # fmt: skip
GOOGLE_READER = {
    "id": "user/-/state/com.google/starred",
    "title": "Starred",
    "items": [
        {"id": "x", "title": "Mill", "published": SECONDS, "alternate": [{"href": "https://a.example.com/m"}],
         "categories": ["user/-/state/com.google/starred", "user/-/label/Bread", "law"],
         "origin": {"title": "Harbour Times"}, "summary": {"content": "<p>It turns.</p>"}},
    ],
}  # fmt: skip
GDELT = {
    "articles": [
        {"url": "https://a.example.com/m", "title": "Mill", "seendate": "20210506T080000Z", "domain": "a.example.com",
         "socialimage": "https://a.example.com/p.png", "language": "German", "sourcecountry": "Germany"},
    ]
}  # fmt: skip
NEWS_API = {
    "status": "ok",
    "articles": [
        {"source": {"id": None, "name": "Harbour Times"}, "title": "Mill", "url": "https://a.example.com/m",
         "urlToImage": "https://a.example.com/p.png", "publishedAt": "2021-05-06T08:00:00Z", "content": "It turns."},
    ],
}  # fmt: skip
READER = {
    "results": [
        {"id": "1", "url": "https://read.example.com/1", "source_url": "https://a.example.com/m", "title": "Mill",
         "site_name": "Harbour Times", "reading_progress": 0, "saved_at": "2021-05-07T08:00:00Z",
         "published_date": SECONDS * 1000, "summary": "It turns.", "tags": {"bread": {"name": "bread"}}},
    ]
}  # fmt: skip
POCKET = (
    "title,url,time_added,tags,status\n"
    f"Mill,https://a.example.com/m,{SECONDS},bread|night shift,unread\n"
    f"https://a.example.com/n,https://a.example.com/n,{SECONDS},,archive\n"
)
INSTAPAPER = (
    "URL,Title,Selection,Folder,Timestamp,Tags\n"
    f'https://a.example.com/m,Mill,It turns.,Unread,{SECONDS},"[""bread"", ""law""]"\n'
    f"https://a.example.com/n,Night,,Bread,{SECONDS},[]\n"
)
RAINDROP = (
    "id,title,note,excerpt,url,folder,tags,created,cover,highlights,favorite\n"
    '1,Mill,,It turns.,https://a.example.com/m,Bread,"bread, law",2021-05-06T08:00:00.000Z,'
    "https://a.example.com/p.png,,false\n"
)
READWISE = (
    "Title,URL,ID,Document tags,Saved date,Reading progress,Location,Seen\n"
    "Mill,https://a.example.com/m,1,\"['bread', 'law']\",2021-05-06 08:00:00+00:00,0.0,feed,False\n"
)


REDDIT = {
    "kind": "Listing",
    "data": {
        "children": [
            {"kind": "t3", "data": {"title": "Mill", "url": "https://a.example.com/m", "score": 89,
                                    "permalink": "/r/mills/1/", "created_utc": float(SECONDS)}},
        ],
    },
}  # fmt: skip
POCKET_API = {
    "list": {
        "1": {"item_id": "1", "given_url": "https://a.example.com/x", "resolved_url": "https://a.example.com/m",
              "resolved_title": "Mill", "excerpt": "It turns.", "time_added": str(SECONDS)},
    },
}  # fmt: skip
LINKDING = {
    "count": 1,
    "results": [
        {"id": 1, "url": "https://a.example.com/m", "title": "Mill", "description": "It turns.",
         "tag_names": ["bread", "law"], "date_added": "2021-05-06T08:00:00Z"},
    ],
}  # fmt: skip
KARAKEEP = {
    "bookmarks": [
        {"createdAt": SECONDS, "title": "Mill", "tags": ["bread"], "content": {"type": "link",
                                                                             "url": "https://a.example.com/m"}},
    ],
}  # fmt: skip


class Export(NamedTuple):
    """A sample of a service's export, and what has to come of its article `Mill`."""

    name: str
    content: object
    articles: int = 1
    topics: tuple[str, ...] = ()
    heat: int | None = None
    excerpt: str = ""
    provider: str = "a.example.com"
    picture: str = ""
    language: str = ""


PICTURE = "https://a.example.com/p.png"
EXPORTS = {
    "hacker-news-search": Export("hn.json", ALGOLIA, heat=89),
    "hacker-news": Export("hn.json", FIREBASE, heat=89),
    "hacker-news-lines": Export("hn.json", "\n".join(map(json.dumps, FIREBASE)), heat=89),
    "lobsters": Export("hottest.json", LOBSTERS, 2, ("bread", "law"), 34),
    "pinboard": Export("pinboard.json", PINBOARD, topics=("bread", "night"), excerpt="It turns."),
    "wallabag": Export(
        "All.json", WALLABAG, topics=("bread", "law"), excerpt="It turns.", picture=PICTURE, language="en"
    ),
    "miniflux": Export("entries.json", MINIFLUX, topics=("Bread",), excerpt="It turns.", provider="Harbour Times"),
    "google-reader": Export("starred.json", GOOGLE_READER, 1, ("Bread", "law"), None, "It turns.", "Harbour Times"),
    "gdelt": Export("gdelt.json", GDELT, picture=PICTURE, language="de"),
    "news-api": Export("everything.json", NEWS_API, picture=PICTURE, provider="Harbour Times"),
    "reader-api": Export("list.json", READER, 1, ("bread",), None, "It turns.", "Harbour Times"),
    "reddit": Export("top.json", REDDIT, heat=89),
    "pocket-api": Export("get.json", POCKET_API, excerpt="It turns."),
    "linkding": Export("bookmarks.json", LINKDING, topics=("bread", "law"), excerpt="It turns."),
    "karakeep": Export("karakeep.json", KARAKEEP, topics=("bread",)),
    "pocket": Export("part_000000.csv", POCKET, topics=("bread", "night shift")),
    "instapaper": Export("instapaper-export.csv", INSTAPAPER, 2, ("bread", "law"), excerpt="It turns."),
    "raindrop": Export("export.csv", RAINDROP, 1, ("bread", "law"), None, "It turns.", picture=PICTURE),
    "readwise": Export("reader.csv", READWISE, topics=("bread", "law")),
}


@pytest.mark.parametrize("service", EXPORTS)
def test_an_export_as_it_comes(tmp_path: Path, service: str) -> None:
    """Without settings, by what stands in the file: title, address, moment, topics, heat, words and picture."""
    export = EXPORTS[service]
    articles = brought(tmp_path, export.name, export.content).articles
    mill = articles[0]

    assert len(articles) == export.articles
    assert (mill.title, mill.url, mill.published_at) == ("Mill", "https://a.example.com/m", DAY)
    assert (mill.topics, mill.heat, mill.excerpt) == (export.topics, export.heat, export.excerpt)
    assert (mill.provider.name, mill.language) == (export.provider, export.language)
    assert (mill.picture.url if mill.picture else "") == export.picture


def test_what_is_no_article_is_counted(tmp_path: Path) -> None:
    """Comments, deleted items and private bookmarks are left out in one line, and a script finds their counts."""
    hacker_news = brought(tmp_path, "hn.json", FIREBASE)
    pinboard = brought(tmp_path, "pinboard.json", PINBOARD, "--json")

    assert hacker_news.printed == [
        "news: 1 article written, 0 there already, 1 could not be read",
        "left out: 1 comment, 1 deleted item",
    ]
    assert hacker_news.said == ["warning: hn.json, item 4: has no http(s) address: it is a text on Hacker News itself"]
    assert json.loads("".join(pinboard.printed))["left_out"] == {"private bookmark": 1}


def test_an_unknown_title_is_none(tmp_path: Path) -> None:
    """Pocket writes the address where it knows no title: that is no headline."""
    assert brought(tmp_path, "part_000000.csv", POCKET).said == [
        "warning: part_000000.csv:3: has no title; name the field with `fields`"
    ]


def test_highlights_have_no_address(tmp_path: Path) -> None:
    """Readwise's other export, of highlights, is told what to export instead."""
    rows = "Highlight,Book Title,Book Author,Note,Highlighted at\nIt turns.,Mill,Jo,,2021-05-06\n"

    assert brought(tmp_path, "highlights.csv", rows).said == [
        "warning: highlights.csv:2: is a highlight, which has no address; export the library of Readwise Reader instead"
    ]


GHOST_POST = {
    "id": "1",
    "title": "Mill & <code> & more",
    "slug": "mill",
    "status": "published",
    "type": "post",
    "visibility": "public",
    "published_at": "2021-05-06 08:00:00",
    "html": "<p>It <b>turns</b>.</p>",
    "feature_image": "__GHOST_URL__/p.png",
}


def ghost(**tables: object) -> dict[str, object]:
    """Return an export of Ghost with those tables beside one post and its topics."""
    data = {
        "posts": [GHOST_POST],
        "tags": [{"id": "a", "name": "Law"}, {"id": "b", "name": "#hidden"}, {"id": "c", "name": "Bread"}],
        "posts_tags": [
            {"post_id": "1", "tag_id": "a", "sort_order": 1},
            {"post_id": "1", "tag_id": "b", "sort_order": 2},
            {"post_id": "1", "tag_id": "c", "sort_order": 0},
        ],
        "settings": [{"key": "title", "value": "The Mill"}, {"key": "url", "value": "https://mill.example.com/"}],
    }
    return {"db": [{"meta": {"version": "5.0.0"}, "data": {**data, **tables}}]}


def test_ghost(tmp_path: Path) -> None:
    """The address is made of site and slug, topics come over their table, internal ones are for nobody."""
    [mill] = brought(tmp_path, "the-mill.ghost.json", ghost()).articles

    assert (mill.title, mill.url) == ("Mill & <code> & more", "https://mill.example.com/mill/")
    assert (mill.topics, mill.published_at, mill.provider.name) == (("Bread", "Law"), DAY, "The Mill")
    assert mill.excerpt == "It turns."
    assert mill.picture is not None
    assert mill.picture.url == "https://mill.example.com/p.png"


def test_ghost_beside_its_posts(tmp_path: Path) -> None:
    """Drafts, scheduled posts, letters and pages are no articles; a post for members has a page and is one."""
    states = {"draft": "post", "scheduled": "post", "sent": "post", "published": "page"}
    others = [{**GHOST_POST, "status": status, "type": kind} for status, kind in states.items()]
    members = {**GHOST_POST, "id": "9", "slug": "members", "title": "Millers", "visibility": "members"}
    done = brought(tmp_path, "g.json", ghost(posts=[GHOST_POST, members, *others, "broken"]))

    assert [article.title for article in done.articles] == ["Mill & <code> & more", "Millers"]
    assert done.printed[1] == ("left out: 1 draft, 1 scheduled post, 1 post sent by e-mail only, 1 page")
    assert done.said == ["warning: g.json, post 7: is no object"]


def test_ghosts_api(tmp_path: Path) -> None:
    """Its posts have their address and topics inside them."""
    post = {**GHOST_POST, "url": "https://mill.example.com/m/", "tags": [{"name": "Bread"}, {"name": "#hidden"}]}
    [mill] = brought(tmp_path, "posts.json", {"posts": [post], "meta": {}}).articles

    assert (mill.url, mill.topics) == ("https://mill.example.com/m/", ("Bread",))


REST = {
    "id": 1,
    "date": "2021-05-06T10:00:00",
    "date_gmt": "2021-05-06T08:00:00",
    "link": "https://mill.example.com/m/",
    "status": "publish",
    "type": "post",
    "title": {"rendered": "Mill &#8217;n&#8217; <em>more</em>"},
    "content": {"rendered": "<p>It turns and turns.</p>", "protected": False},
    "excerpt": {
        "rendered": '<p>It turns [&hellip;] <a class="more-link" href="x">Continue <span>reading</span></a></p>',
        "protected": False,
    },
    "categories": [3],
    "tags": [4],
}
EMBEDDED = {
    "wp:term": [[{"taxonomy": "category", "name": "Bread"}], [{"taxonomy": "post_format", "name": "Aside"}]],
    "wp:featuredmedia": [{"source_url": "https://mill.example.com/p.png"}],
}


def test_wordpress_over_its_api(tmp_path: Path) -> None:
    """Titles and excerpts are HTML, dates are Greenwich's, and numbers are no topics."""
    posts = [
        {**REST, "_embedded": EMBEDDED},
        {**REST, "link": "https://mill.example.com/2/"},
        {**REST, "link": "https://mill.example.com/3/", "status": "draft"},
        {**REST, "link": "https://mill.example.com/4/", "content": {"rendered": "", "protected": True}},
        {**REST, "link": "https://mill.example.com/5/", "type": "page"},
    ]
    done = brought(tmp_path, "posts.json", posts)
    by_address = {str(article.url): article for article in done.articles}
    mill = by_address["https://mill.example.com/m/"]

    assert (mill.title, mill.excerpt, mill.published_at) == ("Mill ’n’ more", "It turns …", DAY)
    assert mill.topics == ("Bread",)
    assert by_address["https://mill.example.com/2/"].topics == ()
    assert len(done.articles) == 2
    assert done.printed[1] == "left out: 1 draft, 1 locked post, 1 page"


WXR = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
  xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>The Mill</title><link>https://mill.example.com</link><language>en-GB</language>
<wp:wxr_version>1.2</wp:wxr_version>{items}</channel></rss>"""
ITEM = """<item><title><![CDATA[{title}]]></title><link>https://mill.example.com/{name}/</link>
<pubDate>Thu, 06 May 2021 09:59:59 +0000</pubDate><guid isPermaLink="false">https://mill.example.com/?p=1</guid>
<content:encoded><![CDATA[<!-- wp:paragraph --><p>It <b>turns</b>.</p><!-- /wp:paragraph -->]]></content:encoded>
<excerpt:encoded><![CDATA[{excerpt}]]></excerpt:encoded>
<wp:post_date><![CDATA[2021-05-06 10:00:00]]></wp:post_date><wp:post_date_gmt><![CDATA[{date}]]></wp:post_date_gmt>
<wp:status><![CDATA[{status}]]></wp:status><wp:post_type><![CDATA[{kind}]]></wp:post_type>
<wp:post_password><![CDATA[{password}]]></wp:post_password>
<category domain="category" nicename="bread"><![CDATA[Bread]]></category>
<category domain="post_format" nicename="aside"><![CDATA[Aside]]></category></item>"""
PUBLISHED = {
    "title": "A <em>mill</em>", "name": "m", "excerpt": "", "date": "2021-05-06 08:00:00", "status": "publish",
    "kind": "post", "password": "",
}  # fmt: skip


def wxr(*items: dict[str, str]) -> str:
    """Return an export of WordPress with items that differ from a published post in those values."""
    return WXR.format(items="".join(ITEM.format(**{**PUBLISHED, **item}) for item in items))


def test_wordpress_export(tmp_path: Path) -> None:
    """Titles are HTML, the date is the one in Greenwich where there is one, and formats are no topics."""
    undated = {"name": "n", "title": "B", "date": "0000-00-00 00:00:00", "excerpt": "In <b>short</b>."}
    done = brought(tmp_path, "mill.WordPress.xml", wxr({}, undated))
    mill, other = done.articles

    assert (mill.title, mill.published_at, mill.topics, mill.excerpt) == ("A mill", DAY, ("Bread",), "It turns.")
    assert (mill.provider.name, mill.language, mill.url) == ("The Mill", "en-GB", "https://mill.example.com/m/")
    assert (other.excerpt, other.published_at) == ("In short.", datetime(2021, 5, 6, 9, 59, 59, tzinfo=UTC))


def test_wordpress_export_that_is_broken(tmp_path: Path) -> None:
    """Where its XML is not well-formed, feedparser escapes the mark-up of excerpts: it is mark-up all the same."""
    done = brought(tmp_path, "mill.xml", wxr({"excerpt": "<p>In <b>short</b> &amp; clear.</p>"}) + "</unopened>")

    assert [article.excerpt for article in done.articles] == ["In short & clear."]


def test_wordpress_export_with_an_endless_reference() -> None:
    """A character reference of thousands of digits, beside mark-up that is escaped, is a character that is none."""
    post = wordpress.of_export({"excerpt_encoded": f"&lt;p&gt;In &#{'9' * 5_000}; short.&lt;/p&gt;"})

    assert isinstance(post, dict)
    assert post["excerpt"] == "<p>In \ufffd short.</p>"


def test_wordpress_beside_its_posts(tmp_path: Path) -> None:
    """Whatever is not published for everybody is left out and counted by its kind."""
    kinds = ["page", "attachment", "nav_menu_item", "nav_menu_item", "wp_block", "mill_stone"]
    states = ["draft", "pending", "private", "future", "trash"]
    items = [{"kind": kind} for kind in kinds] + [{"status": status} for status in states] + [{"password": "x"}, {}]
    done = brought(tmp_path, "mill.xml", wxr(*items))

    assert len(done.articles) == 1
    assert done.printed[1] == (
        "left out: 2 menu items, 2 drafts, 1 page, 1 attachment, 1 block, 1 mill stone item, 1 private post, "
        "1 scheduled post, 1 trashed post, 1 locked post"
    )


def test_bloggers_export(tmp_path: Path) -> None:
    """Its Atom feed holds comments, settings and drafts among the posts."""
    entry = (
        "<entry><id>{0}</id><title>{0}</title><published>2021-05-06T08:00:00Z</published>"
        '<category scheme="http://schemas.google.com/g/2005#kind" term="http://schemas.google.com/blogger/2008/kind#{1}"/>'
        '<category scheme="http://www.blogger.com/atom/ns#" term="Bread"/>{2}'
        '<link rel="alternate" type="text/html" href="https://mill.example.com/{0}"/></entry>'
    )
    draft = '<app:control xmlns:app="http://purl.org/atom/app#"><app:draft>yes</app:draft></app:control>'
    entries = entry.format("a", "post", "") + entry.format("b", "comment", "") + entry.format("c", "post", draft)
    done = brought(tmp_path, "blog.xml", f'<feed xmlns="http://www.w3.org/2005/Atom"><title>M</title>{entries}</feed>')

    assert [(article.title, article.topics) for article in done.articles] == [("a", ("Bread",))]
    assert done.printed[1] == "left out: 1 comment, 1 draft"


BOOKMARKS = f"""<!DOCTYPE NETSCAPE-Bookmark-file-1>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8"><TITLE>Bookmarks</TITLE><H1>Bookmarks</H1>
<DL><p>
  <DT><H3 ADD_DATE="1" PERSONAL_TOOLBAR_FOLDER="true">Bookmarks bar</H3>
  <DL><p>
    <DT><A HREF="https://a.example.com/m?a=1&amp;b=2" ADD_DATE="{SECONDS}" TAGS="bread, law">Mill &lt;code&gt;</A>
    <DD>It <b>turns</b>.
    <DT><H3>Night shift</H3>
    <DL><p>
      <DT><A HREF='https://a.example.com/n' ADD_DATE={SECONDS}>Night</A>
    </DL><p>
    <DT><A HREF="https://a.example.com/o" ADD_DATE="{SECONDS}000000">Outside</A>
  </DL><p>
  <DT><A HREF="javascript:alert(1)" ADD_DATE="{SECONDS}">Bookmarklet</A>
  <DT><A HREF="https://a.example.com/p" PRIVATE="1" ADD_DATE="{SECONDS}">Mine</A>
</DL>"""


def test_bookmarks_of_a_browser(tmp_path: Path) -> None:
    """Folders of one's own are topics where there are none; bookmarklets and private ones are left out."""
    done = brought(tmp_path, "bookmarks.html", BOOKMARKS)
    mill, night, outside = done.articles

    assert (mill.title, mill.url) == ("Mill <code>", "https://a.example.com/m?a=1&b=2")
    assert (mill.topics, mill.excerpt, mill.published_at) == (("bread", "law"), "It turns.", DAY)
    assert (night.url, night.topics) == ("https://a.example.com/n", ("Night shift",))
    assert (outside.topics, outside.published_at) == ((), DAY)
    assert done.printed[1] == "left out: 1 bookmark of no web page, 1 private bookmark"


OPML = (
    '<?xml version="1.0"?><!-- mine --><opml version="2.0"><body><outline text="News">'
    '<outline type="rss" text="a" xmlUrl="{0}?a=1&amp;b=2"/><outline xmlURL=\'https://b.example.com/feed\'/>'
    '<outline text="no" xmlUrl="file:///etc/passwd"/></outline></body></opml>'
)


def test_a_list_of_feeds_names_them(tmp_path: Path) -> None:
    """It holds no articles, and nothing is fetched unless the user says so."""
    done = brought(tmp_path, "feeds.opml", OPML.format("https://a.example.com/feed"))

    assert done.said == [
        "feeds.opml: is OPML, a list of feeds (https://a.example.com/feed?a=1&b=2, https://b.example.com/feed), and "
        "holds no articles; fetch them all with --fetch-feeds, or name those that you want"
    ]
    assert str(opml.refused("x", ["https://a.example.com/"] * 7)).count("https://") == 5
    assert str(opml.refused("x", [])) == "x: is OPML, a list of no feeds, and holds no articles; export it anew"


def test_the_feeds_of_a_list_are_fetched_when_asked(tmp_path: Path) -> None:
    """One that does not answer is told, and stops no other."""
    done = brought(tmp_path, "feeds.opml", OPML.format("http://127.0.0.1:9/feed"), "--fetch-feeds")

    assert (done.status, done.printed) == (1, ["news: 0 articles written, 0 there already, 2 could not be read"])
    assert done.said[0].startswith("warning: http://127.0.0.1:9/feed?a=1&b=2: cannot be fetched (")


@pytest.mark.parametrize(
    "header",
    ["title;url;date;heat", "Title\tURL\tDate\tHeat", " TITLE , Url , Date , Heat ", "sep=|\ntitle|url|date|heat"],
    ids=["semicolons", "tabs", "blanks", "excel"],
)
def test_tables_of_other_lands(tmp_path: Path, header: str) -> None:
    """The header tells what parts the cells; its case and the blanks around its words do not matter."""
    sign = next(sign for sign in "|;\t," if sign in header)
    row = sign.join(["Mill", "https://a.example.com/m", "2021-05-06", "89"])
    [mill] = brought(tmp_path, "a.csv", f"{header}\r\n{row}{sign}{sign}\r\n").articles

    assert (mill.title, mill.url, mill.heat) == ("Mill", "https://a.example.com/m", 89)


def test_excels_unicode_text(tmp_path: Path) -> None:
    """Tabs in UTF-16 with a byte order mark; quotes behind a blank are quotes."""
    table = 'Title\tUrl\tPublished At\n"Mill, ""old"""\thttps://a.example.com/m\t2021-05-06\n'
    spaced = 'title, url, date\n"Mill", "https://a.example.com/n", "2021-05-06"\n'

    assert [each.title for each in brought(tmp_path, "a.txt", table.encode("utf-16")).articles] == ['Mill, "old"']
    assert brought(tmp_path, "b.csv", spaced).printed == [
        "news: 1 article written, 0 there already, 0 could not be read"
    ]


def test_a_column_keeps_its_own_name() -> None:
    """Settings name columns as they are written; a name belongs to the column that is spelt like it."""
    [record] = tables.read_csv("a.csv", "Shares,TITLE,title,Pub Date\n5,A,b,c\n", decoding.decode(b""))

    assert isinstance(record, Raw)
    assert {key: record.fields.get(key) for key in ("Shares", "shares", "TITLE", "title", "pubDate")} == {
        "Shares": "5", "shares": "5", "TITLE": "A", "title": "b", "pubDate": "c",
    }  # fmt: skip


def test_where_the_list_stands(tmp_path: Path) -> None:
    """`--items` names the list of any JSON; what it names has to be there; without it, a lone list is taken."""
    article = {"title": "Mill", "url": "https://a.example.com/m", "date": "2021-05-06"}
    deep = {"a": {"b": [{"c": {"1": article, "2": {**article, "url": "https://a.example.com/n"}}}]}, "n": [{"x": 1}]}

    assert len(brought(tmp_path, "a.json", deep, "--items", "a.b.0.c").articles) == 2
    assert brought(tmp_path, "a.json", deep, "--items", "a.c").said == [
        "a.json: has nothing at a.c; name the path of a list, such as data.stories"
    ]
    assert (
        brought(tmp_path, "b.json", {"meta": 1, "weeks": [article]})
        .printed[0]
        .endswith("1 there already, 0 could not be read")
    )
    assert brought(tmp_path, "c.json", [1, 2, 3]).said == [
        "warning: c.json: is a list of numbers, not of articles; export the articles"
    ]


def test_excerpts_of_tables_and_objects_look_like_what_they_are(tmp_path: Path) -> None:
    """Nobody declares them: Markdown and HTML are reduced to words, and `Vec<T>` is text."""
    written = {
        "See [it](https://a.example.com) now: Vec<T>.": "See it now: Vec<T>.",
        "<p>It <b>is</b>.</p>": "It is.",
    }
    records = [
        {"title": f"Mill {number}", "url": f"https://a.example.com/{number}", "date": "2021-05-06", "summary": excerpt}
        for number, excerpt in enumerate(written)
    ]

    assert [each.excerpt for each in brought(tmp_path, "a.json", records).articles] == [*written.values()]


def test_an_article_with_lists_of_its_own_is_one(tmp_path: Path) -> None:
    """A lone object is a record, whatever lists it holds."""
    article = {"title": "Mill", "url": "https://a.example.com/m", "date": "2021-05-06", "pictures": [{"a": 1}]}

    assert len(brought(tmp_path, "a.json", article).articles) == 1


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([{"title": "Mill", "url": "https://a.example.com/m", "date": "2021-05-06"}]),
        "title;url;date\nMill;https://a.example.com/m;2021-05-06\n",
        "---\ntitle: Mill\nlink: https://a.example.com/m\ndate: 2021-05-06\n---\n",
        BOOKMARKS,
    ],
    ids=["json", "csv", "post", "bookmarks"],
)
def test_standard_input(tmp_path: Path, content: str) -> None:
    """`-` is read from standard input, whatever it is: no name tells."""
    with contextlib.chdir(tmp_path):
        done = CliRunner().invoke(cli.main, ["import", "-", "--to", "news"], input=content.encode())
    count = "3 articles" if content is BOOKMARKS else "1 article"

    assert done.stdout.startswith(f"news: {count} written, 0 there already, 0 could not be read")


STRANGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["url", "href", "name", "x"]), inner),
    max_leaves=6,
)


@given(service=st.sampled_from(services._SERVICES), values=st.lists(STRANGE, min_size=30, max_size=30))
def test_any_values_under_a_services_names(service: services._Service, values: list[object]) -> None:
    """Whatever a record holds under the names of a service, it is a record, something else or a problem."""
    others = ["title", "tags", "categories", "_embedded", "excerpt", "folder", "enclosures", "enclosure", "status"]
    fields = dict(zip([*sorted(service.names), *others], values, strict=False))

    assert isinstance(services.read(Raw(place="x", fields=fields)), Raw | LeftOut | Problem)


@given(tables_of=st.dictionaries(st.sampled_from(["posts", "tags", "posts_tags", "settings", "posts_meta"]), STRANGE))
def test_any_tables_of_ghost(tables_of: dict[str, object]) -> None:
    """Whatever stands in an export's tables, nothing ends in a traceback."""
    text = json.dumps({"db": [{"data": tables_of}]})
    try:
        each = list(objects.json_document("g.json", text))
    except ImportingError:
        each = []

    assert all(isinstance(record, Raw | LeftOut | Problem) for record in each)


ANCHORS = [
    "<DL><p>", "</DL>", "<DT>", "<H3>A</H3>", "<A HREF='https://a.example.com'", ">", "x", "</A>", "<DD>", "<", "'", '"'
]  # fmt: skip


@given(parts=st.lists(st.sampled_from(ANCHORS), max_size=14))
def test_any_bookmarks(parts: list[str]) -> None:
    """Whatever is open or closed, each anchor is at most one bookmark."""
    html = "".join(parts)

    assert len(list(bookmarks.read("b.html", html))) <= html.count("<A ")


def test_moments_of_epochs() -> None:
    """Seconds, thousandths and millionths of them are one moment; 0 is none, and what is no moment stays a problem."""
    counts = (SECONDS, str(SECONDS), SECONDS + 0.0, SECONDS * 1000, SECONDS * 10**6)
    assert {moment(stamp(value), UTC) for value in counts} == {datetime(2021, 5, 6, 8, tzinfo=UTC)}
    assert [stamp(value) for value in (0, None, False, " soon ")] == ["", "", "", "soon"]
    for value in (2021, "2021", 1e300, float("nan"), -SECONDS):
        with pytest.raises(NoDate):
            moment(stamp(value), UTC)
    assert [in_utc(value) for value in ("2021-05-06 08:00:00", "2021-05-06", "2021-05-06T08:00:00+02:00")] == [
        "2021-05-06 08:00:00Z", "2021-05-06", "2021-05-06T08:00:00+02:00",
    ]  # fmt: skip
