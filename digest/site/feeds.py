"""Atom (RFC 4287), JSON Feed 1.1 and site map (sitemaps.org 0.9): the site for other programs.

No clock is asked: an issue is dated at the end of its window, so building the site again changes no feed. Entries are
identified by the address of their issue, as readers' programs would show an entry again whose id has changed.
"""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from digest.model import day_of_issue
from digest.text import markdown

if TYPE_CHECKING:
    from digest.config.values import Newsletter
    from digest.model import Block
    from digest.site.issues import PublishedIssue, PublishedIssues, PublishedStory

MOST = 30
"""Issues that a feed holds, the newest: half a year of weeks, while programs fetch the whole file each time."""

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


def make(shelf: PublishedIssues, newsletter: Newsletter) -> dict[str, bytes]:
    """Return the feeds and the site map by their paths below the site's root; both are UTF-8."""
    return {
        "feed.atom": _atom(shelf, newsletter),
        "feed.json": _json(shelf, newsletter),
        "sitemap.xml": _sitemap(shelf),
    }


def _atom(shelf: PublishedIssues, newsletter: Newsletter) -> bytes:
    """Return the Atom feed, newest issue first."""
    from feedgen.feed import FeedGenerator  # noqa: PLC0415 - lxml and more, for this page alone

    home = shelf.places.address("index.html")
    feed = FeedGenerator()
    feed.id(home)
    feed.title(newsletter.name)
    own = newsletter.of_issue(shelf.issues[0].id)
    if own.tagline:
        feed.subtitle(own.tagline)
    if own.logo:
        feed.logo(own.logo.picture)
    feed.link(href=home, rel="alternate")
    feed.link(href=shelf.places.address("feed.atom"), rel="self")
    feed.language(newsletter.language)
    feed.author(name=newsletter.name)
    feed.generator("digest")
    # Else feedgen asks the clock, and the same issues would give another file each time.
    feed.updated(shelf.issues[0].at)
    for issue in shelf.issues[:MOST]:
        # feedgen puts each entry in front of the ones before it unless told otherwise.
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
    """Return the JSON Feed, with the same entries as the Atom feed."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": newsletter.name,
        **({"description": newsletter.tagline} if newsletter.tagline else {}),
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
                # As in the examples of the specification; isoformat writes +00:00 for UTC.
                "date_published": issue.at.isoformat().replace("+00:00", "Z"),
            }
            for issue in shelf.issues[:MOST]
        ],
    }
    return (json.dumps(feed, ensure_ascii=False, indent=1) + "\n").encode()


def _content(issue: PublishedIssue) -> str:
    """Return an issue as HTML for a feed: its fragment, else a heading and a list for each section, and own words.

    Not the letter itself: feed readers take its styles away, and what is left of a layout of tables cannot be read.
    """
    if issue.fragment:
        return issue.fragment
    titles = {story.section.casefold(): story.section for story in issue.stories}
    pieces = [_own(block, issue.advert) for block in issue.blocks if block.spot == "top"]
    for key, title in titles.items():
        items = [
            f'<li><a href="{escape(story.url)}">{escape(story.title)}</a> ({escape(story.provider)})'
            f"{_pictured(story)}</li>"
            for story in issue.stories
            if story.section == title
        ]
        lines = "".join(f"<p>{escape(line)}</p>" for section, line in issue.lines if section == title)
        pieces.append(f"<h2>{escape(title)}</h2>{lines}<ul>{''.join(items)}</ul>")
        # A list of headlines has no place before one of them.
        pieces += [_own(block, issue.advert) for block in issue.blocks if block.section.casefold() == key]
    pieces += [
        _own(block, issue.advert)
        for block in issue.blocks
        if block.spot != "top" and block.section.casefold() not in titles
    ]
    return "".join(pieces)


def _pictured(story: PublishedStory) -> str:
    """Return the picture that the editor chose for a story, with its credit; of other stories a list shows none."""
    credit = f"<p>{escape(story.credit)}</p>" if story.credit else ""
    return f'<p><img src="{escape(story.picture)}" alt="{escape(story.alt)}"></p>{credit}' if story.picture else ""


def _own(block: Block, advert: str) -> str:
    """Return words of the editor's own; a sponsor is marked as one by the word *advert*, and so are its links."""
    label = advert if block.kind == "sponsor" else ""
    rel = ' rel="sponsored"' if label else ""

    def link(words: str, url: str) -> str:
        return f'<a href="{escape(url)}"{rel}>{escape(words)}</a>' if url else escape(words)

    def picture(url: str, alt: str, leads: str = "") -> str:
        image = f'<img src="{escape(url)}" alt="{escape(alt)}">' if url else ""
        linked = f'<a href="{escape(leads)}">{image}</a>' if image and leads else image
        return f"<p>{linked}</p>" if linked else ""

    pieces = [f"<p>{escape(label)}: {link(block.name, block.url)}</p>"] if label else []
    pieces.append(picture(block.picture, block.alt, block.url if block.kind == "picture" else ""))
    if block.title:
        pieces.append(f"<h2>{link(block.title, block.url if block.kind == 'story' else '')}</h2>")
    for paragraph in markdown.paragraphs(block.text):
        mark = "" if paragraph.kind != "bullet" else "• " if paragraph.number is None else f"{paragraph.number}. "
        line = f"<p>{mark}{''.join(link(run.text, run.url) for run in paragraph.runs)}</p>"
        pieces.append(picture(paragraph.picture, paragraph.text) or line)
    source = link(block.name or block.url, block.url) if block.kind == "quote" else escape(block.name)
    if source and not label:
        pieces.append(f"<p>{source}</p>")
    return "".join([*pieces, *(f"<p>{link(line.title, line.url)}</p>" for line in block.links)])


def _sitemap(shelf: PublishedIssues) -> bytes:
    """Return the site map: each page with the day of the newest issue that changed it."""
    # Else ElementTree makes up a prefix, and who looks for a plain `<urlset>` finds none.
    ET.register_namespace("", _SITEMAP)
    root = ET.Element(f"{{{_SITEMAP}}}urlset")
    pages = [("index.html", shelf.issues[0].id), *((issue.file, issue.id) for issue in shelf.issues)]
    pages += [(file, shelf.topics()[title][0].issue) for title, file in shelf.topic_files().items()]
    for path, changed in pages:
        url = ET.SubElement(root, f"{{{_SITEMAP}}}url")
        ET.SubElement(url, f"{{{_SITEMAP}}}loc").text = shelf.places.address(path)
        ET.SubElement(url, f"{{{_SITEMAP}}}lastmod").text = str(day_of_issue(changed))
    ET.indent(root, " ")
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"
