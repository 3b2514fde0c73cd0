"""Which pictures a letter can show. Judges by address and size, opens none.

Only what is certainly no picture is refused: real archives have pictures without an ending, behind scripts and in
resizing services, and a mail client shows a broken one as nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digest.addresses import canonical

if TYPE_CHECKING:
    from digest.model import Article, Issue, Picture

_OTHER = re.compile(r"\.(x?html?|shtml|pdf|mp4|m4v|webm|mov|avi|m3u8|mp3|json|xml|txt|css|js|zip)$", re.IGNORECASE)
_UNSEEN = re.compile(r"\.(svgz?|tiff?|heic|psd|eps)$", re.IGNORECASE)
"""Kinds of pictures that Gmail or Outlook do not show."""

_VIDEO_PAGE = re.compile(r"(www\.|m\.)?(youtube\.com/(watch|embed/|shorts/)|youtu\.be/|vimeo\.com/\d)")
_LEAST = 10
"""Pixels of a side below which it counts readers and shows nothing."""


def usable(picture: Picture | None, article: Article) -> Picture | None:
    """Return *picture* if a letter can show it."""
    return picture if picture and not refused(picture, article) else None


def refused(picture: Picture, article: Article) -> str:
    """Return why a letter cannot show *picture*; an empty text where it can."""
    parts = urlsplit(picture.url)
    if parts.scheme != "https":
        return "is not https"
    if _UNSEEN.search(parts.path):
        return "is of a kind that mail clients do not show"
    page = parts.path in {"", "/"} and not parts.query
    if page or _OTHER.search(parts.path) or _VIDEO_PAGE.match(f"{parts.netloc}{parts.path}") or _is(picture, article):
        return "is no picture"
    if min(picture.width or _LEAST, picture.height or _LEAST) < _LEAST:
        return f"is smaller than {_LEAST} pixels"
    return ""


def notes(issue: Issue) -> tuple[str, ...]:
    """Return what to tell the editor about the pictures that are left out."""
    pictures = [(pick.article, pick.article.picture) for pick in issue.picks]
    pictures += [(pick.article, pick.article.provider.icon) for pick in issue.picks]
    found = [
        f"{article.path}: {picture.url} {reason}; it is left out"
        for article, picture in pictures
        if picture and (reason := refused(picture, article))
    ]
    return tuple(dict.fromkeys(found))


def _is(picture: Picture, article: Article) -> bool:
    return canonical(picture.url) in {canonical(address) for address in article.addresses}
