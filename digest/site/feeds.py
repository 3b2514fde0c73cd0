"""Atom, JSON Feed and site map: what other programs read. Knows the formats, reads no issue.

Sources: RFC 4287 (Atom), JSON Feed 1.1, sitemaps.org 0.9. No clock: an issue's moment is the end of its window.
"""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from digest.config.values import Newsletter
    from digest.site.issues import PublishedIssue, PublishedIssues

MOST = 30
"""Newest issues that a feed holds."""

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


def make(shelf: PublishedIssues, newsletter: Newsletter) -> dict[str, bytes]:
    """Return the feeds and the site map by path."""
    return {
        "feed.atom": _atom(shelf, newsletter),
        "feed.json": _json(shelf, newsletter),
        "sitemap.xml": _sitemap(shelf),
    }


def _atom(shelf: PublishedIssues, newsletter: Newsletter) -> bytes:
    from feedgen.feed import FeedGenerator  # noqa: PLC0415 - lxml and more, for this page alone

    home = shelf.places.address("index.html")
    feed = FeedGenerator()
    feed.id(home)
    feed.title(newsletter.name)
    feed.link(href=home, rel="alternate")
    feed.link(href=shelf.places.address("feed.atom"), rel="self")
    feed.language(newsletter.language)
    feed.author(name=newsletter.name)
    feed.generator("digest")
    feed.updated(shelf.issues[0].at)
    for issue in shelf.issues[:MOST]:
        entry = feed.add_entry(order="append")
        entry.id(issue.address)
        entry.title(issue.subject)
        entry.link(href=issue.address)
        entry.updated(issue.at)
        entry.published(issue.at)
        entry.summary(issue.summary)
        entry.content(_content(issue), type="html")
    made = feed.atom_str(pretty=True)
    assert isinstance(made, bytes)
    return made


def _json(shelf: PublishedIssues, newsletter: Newsletter) -> bytes:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": newsletter.name,
        "home_page_url": shelf.places.address("index.html"),
        "feed_url": shelf.places.address("feed.json"),
        "language": newsletter.language,
        "items": [
            {
                "id": issue.address,
                "url": issue.address,
                "title": issue.subject,
                "summary": issue.summary,
                "content_html": _content(issue),
                "date_published": issue.at.isoformat().replace("+00:00", "Z"),
            }
            for issue in shelf.issues[:MOST]
        ],
    }
    return (json.dumps(feed, ensure_ascii=False, indent=1) + "\n").encode()


def _content(issue: PublishedIssue) -> str:
    """The stories of an issue as lists, a section each."""
    pieces: list[str] = []
    section = None
    for story in issue.stories:
        if story.section != section:
            pieces.append(f"{'</ul>' if section is not None else ''}<h2>{escape(story.section)}</h2><ul>")
            section = story.section
        pieces.append(f'<li><a href="{escape(story.url)}">{escape(story.title)}</a> ({escape(story.provider)})</li>')
    return "".join([*pieces, "</ul>" if pieces else ""])


def _sitemap(shelf: PublishedIssues) -> bytes:
    ET.register_namespace("", _SITEMAP)
    root = ET.Element(f"{{{_SITEMAP}}}urlset")
    pages = [("index.html", shelf.issues[0].id), *((issue.file, issue.id) for issue in shelf.issues)]
    pages += [(file, shelf.topics()[title][0].issue) for title, file in shelf.topic_files().items()]
    for path, changed in pages:
        url = ET.SubElement(root, f"{{{_SITEMAP}}}url")
        ET.SubElement(url, f"{{{_SITEMAP}}}loc").text = shelf.places.address(path)
        ET.SubElement(url, f"{{{_SITEMAP}}}lastmod").text = changed
    ET.indent(root, " ")
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"
