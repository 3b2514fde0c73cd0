"""How a site makes its addresses, told from the links that its articles have to each other.

A site's generator may be a program of one's own, or its settings may stand elsewhere. But articles link to earlier
ones: where the last part of such a link is the name or the title of an article that is there, the rest of it shows the
pattern. `/blog/2021/05/06/night-ferry/` and the article `night-ferry` of 6 May 2021 give `/blog/{year}/{month}/{day}/
{name}/`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import replace
from operator import itemgetter
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from digest.records import permalinks
from digest.text.urls import host_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.config.values import SitePlan
    from digest.records.permalinks import OwnPost

_LEAST = 2
"""Articles that must be linked to before their links count: one may have been moved by hand."""

_MOST_LINKS = 20_000

_OTHERS = 2
"""Linking articles of which one at least is not the linked one itself."""

_TARGET = r"(?<=\]\()(?:\{\{ ?site\.baseurl ?\}\})?|(?<=href=\")(?:\{\{ ?site\.baseurl ?\}\})?"
"""What stands before a link without a host, in Markdown and in HTML; Jekyll's sites may name their base before it."""

_NAMES = ("slug", "title", "title:pelican", "title:hugo", "name", "name:zola", "name:lower", "file", "file:hugo")
"""What the last part of an address may be, the likeliest first."""

_DATES = ("year", "month", "day", "i_month", "i_day", "yearday", "month_short", "folder")
"""What another part of an address may be."""


def site_with_pattern(site: SitePlan, texts: Iterable[tuple[str, str]], posts: Iterable[OwnPost]) -> SitePlan:
    """Return *site* with the pattern that the links in *texts* show, where it has none and they show one.

    *texts* are those of articles, each with the path of its own. What one calls by its own name, and by no date, is no
    article, but a file that belongs to it.
    """
    if not site.address or site.permalink:
        return site
    return replace(site, permalink=_pattern(site.address, _linked(site.address, texts), posts))


def _linked(home: str, texts: Iterable[tuple[str, str]]) -> list[tuple[str, frozenset[str]]]:
    """Return the paths on the site *home* that *texts* link to, in order, each with the paths of two of the texts.

    Links without a host are to it.
    """
    host = re.escape(host_of(home))
    link = re.compile(rf"(?:https?://(?:www\.)?{host}|{_TARGET})(/[^\s\"'<>)\]#?/][^\s\"'<>)\]#?]{{1,300}})")
    paths: dict[str, frozenset[str]] = {}
    for own, text in texts:
        for match in link.finditer(text):
            path = unquote(match[1])
            linking = paths.get(path, frozenset())
            # Of two texts one is another's, whichever article the path is of.
            paths[path] = linking | {own} if len(linking) < _OTHERS else linking
        if len(paths) > _MOST_LINKS:
            break
    return sorted(paths.items(), key=itemgetter(0))


def _pattern(home: str, paths: Iterable[tuple[str, frozenset[str]]], posts: Iterable[OwnPost]) -> str:
    """Return the pattern that most of the *posts* at *paths* have; "" where too few of them are linked to."""
    by_name = _by_last_part(posts)
    below = urlsplit(home).path.rstrip("/")
    counts: Counter[str] = Counter()
    for path, linking in paths:
        counts.update(dict.fromkeys(_patterns(path.removeprefix(below), by_name, linking), 1))
    # Of patterns with as many votes the first counts: the likelier placeholder is tried before the others.
    likeliest = max(counts, key=lambda pattern: counts[pattern], default="")
    return likeliest if counts[likeliest] >= _LEAST else ""


def _by_last_part(posts: Iterable[OwnPost]) -> dict[str, list[tuple[str, OwnPost]]]:
    """Return the articles by what the last part of their address may be, each with the placeholder for it."""
    by_name: dict[str, list[tuple[str, OwnPost]]] = defaultdict(list)
    for post in posts:
        for placeholder in _NAMES:
            value = permalinks.filled(f"{{{placeholder}}}", post)
            if value and len(by_name[value]) < 2 * len(_NAMES):
                by_name[value].append((placeholder, post))
    return by_name


def _patterns(path: str, by_name: dict[str, list[tuple[str, OwnPost]]], linking: frozenset[str]) -> list[str]:
    """Return the patterns by which one of the articles has the address *path*, which those *linking* there tell."""
    ending = next((end for end in ("/index.html", ".html", ".htm", "/") if path.endswith(end)), "")
    *folders, last = path.removesuffix(ending).split("/")
    close = "/" if ending in {"", "/", "/index.html"} else ending
    patterns = []
    for placeholder, post in by_name.get(last, ()):
        parts = _parts(folders, post)
        # A file that belongs to an article has its name and not its date.
        if linking == {post.path} and not any(part.startswith("{") for part in parts):
            continue
        # A folder of the article that stands there by its name is no part of other articles' addresses.
        if not set(post.parts).isdisjoint(parts):
            continue
        # Another article of the same name may be meant where a number of the address is no part of this one's date.
        if not any(part.isdigit() for part in parts):
            patterns.append("/".join([*parts, f"{{{placeholder}}}"]) + close)
    return patterns


def _parts(folders: Sequence[str], post: OwnPost) -> list[str]:
    """Return the folders of an address with a placeholder for each that is a part of the date or a folder."""
    values: dict[str, str] = {}
    for placeholder in reversed(_DATES):
        value = permalinks.filled(f"{{{placeholder}}}", post)
        if value:
            values[value] = f"{{{placeholder}}}"
    whole = permalinks.filled("{folder}", post) or ""
    if "/" in whole and f"/{'/'.join(folders)}".endswith(f"/{whole}"):
        return [*_parts(folders[: -1 - whole.count("/")], post), "{folder}"]
    return [values.pop(part, part) if part else part for part in folders]
