"""Which picture a letter shows of a story, and what the editor is told of those that it leaves out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digest.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.config.values import Images
    from digest.model import Address, Article, Issue, Pick, Picture


_OTHER = re.compile(r"\.(x?html?|shtml|pdf|mp4|m4v|webm|mov|avi|m3u8|mp3|json|xml|txt|css|js|zip)$", re.IGNORECASE)
# Kinds of pictures that Gmail or Outlook do not show.
_UNSEEN = re.compile(r"\.(svgz?|tiff?|heic|psd|eps)$", re.IGNORECASE)

# Archives name the page of a video as the picture of the article about it.
_VIDEO_PAGE = re.compile(r"(www\.|m\.)?(youtube\.com/(watch|embed/|shorts/)|youtu\.be/|vimeo\.com/\d)")
# Pixels of a side below which it counts readers and shows nothing.
_LEAST = 10


def usable(picture: Picture | None, article: Article) -> Picture | None:
    """Return *picture* if a letter can show it, else None; nothing is fetched to find out."""
    return picture if picture and not refused(picture, article) else None


def refused(picture: Picture, article: Article) -> str:
    """Return why a letter cannot show *picture* of *article*; an empty text where it can.

    Only what is certainly no picture is refused: real archives have pictures without an ending, behind scripts and in
    resizing services, and a mail client shows a broken one as nothing.
    """
    parts = urlsplit(picture.url)
    if parts.scheme != "https":
        return "is not https"
    if _UNSEEN.search(parts.path):
        return "is of a kind that mail clients do not show"
    page = parts.path in {"", "/"} and not parts.query
    if (
        page
        or _OTHER.search(parts.path)
        or _VIDEO_PAGE.match(f"{parts.netloc}{parts.path}")
        or _is_video_page(picture, article)
    ):
        return "is no picture"
    if min(picture.width or _LEAST, picture.height or _LEAST) < _LEAST:
        return f"is smaller than {_LEAST} pixels"
    return ""


def of_pick(pick: Pick, images: Images, *, is_lead: bool, is_brief: bool) -> tuple[Picture | None, str]:
    """Return the picture that a letter shows of a story, else None and why, empty where the picture is `refused`.

    What the editor chose comes before the archive's, and before `images: lead`; `off` is for every picture, and a
    section in brief has none.
    """
    picture = pick.picture or (None if pick.without_picture else pick.article.picture)
    reasons = {
        "`images` is off": images == "off",
        "its section is brief": is_brief,
        "there is none": picture is None,
        "`images` is lead": images == "lead" and not (is_lead or pick.picture),
    }
    reason = next((reason for reason, holds in reasons.items() if holds), "")
    return (None, reason) if reason else (usable(picture, pick.article), "")


def described(issue: Issue, images: Images) -> tuple[tuple[str, Address], ...]:
    """Return the pictures that the editor chose or described and that a letter shows, each with its story's path."""
    return tuple((pick.article.path, picture.url) for pick, picture, _ in _said_of(issue, images) if picture)


def _said_of(issue: Issue, images: Images) -> Iterator[tuple[Pick, Picture | None, str]]:
    """Yield each pick of whose picture the editor says something, with what `of_pick` returns of it."""
    is_lead = True
    for section in issue.sections:
        for pick in section.picks:
            if pick.says_of_picture:
                yield (pick, *of_pick(pick, images, is_lead=is_lead, is_brief=section.style == "brief"))
            is_lead = False


def notes(issue: Issue, images: Images) -> tuple[str, ...]:
    """Return a line for the editor about each picture of *issue* that is left out, with the article and the reason.

    Of what the editor says of a picture she hears, too, where a letter shows none for another reason.
    """
    picks = [pick for section in issue.sections if section.style != "brief" for pick in section.picks]
    picks = picks if images != "off" else []
    pictures = [(pick.article, pick.picture or pick.article.picture) for pick in picks if not pick.without_picture]
    pictures += [(pick.article, pick.article.provider.icon) for pick in picks]
    lines = [
        f"{article.path}: {picture.url} {reason}; it is left out"
        for article, picture in pictures
        if picture and (reason := refused(picture, article))
    ]
    for pick, _, reason in _said_of(issue, images):
        if reason:
            asked = "your picture" if pick.picture else "what you say of its picture"
            lines.append(f"{pick.article.path}: {asked} is not shown, since {reason}")
    return tuple(dict.fromkeys(lines))


def _is_video_page(picture: Picture, article: Article) -> bool:
    """Whether the picture is one of the article's own addresses, which are pages."""
    return canonical(picture.url) in {canonical(address) for address in article.addresses}
