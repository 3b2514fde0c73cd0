"""What a newsletter is recognised by, beside its name: `logo`, `social`, `signature` and `feedback` of the settings.

    newsletter:
      tagline: Machines, in plain words
      logo: {picture: https://example.com/logo.png, dark: https://example.com/logo-dark.png, width: 240}
      social: [{name: Mastodon, url: https://social.example/@week}]
      signature: {text: "Until *Wednesday*,", name: Ada Ferrer, role: Editor}
      feedback: {links: [{title: Good, url: "https://example.com/{id}/good"}, {title: Poor, url: …}]}

Each is declared once, in its group here, and read into a frozen value that themes get. Words are plain but for the
signature's, which are Markdown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from digest.config.blocks import LinkGroup, MarkdownText
from digest.config.declared import Group, Integer, Listed, PlainText, WebAddress
from digest.model import BlockLink
from digest.text import sanitize

if TYPE_CHECKING:
    from collections.abc import Iterable

LOGO_WIDTH = 240
"""Pixels of a logo unless the settings say otherwise: half of a letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """A *picture* in place of the newsletter's name, and *dark*, the one for dark mode, empty for none.

    Both are https addresses. *alt* says what it says, *width* is in pixels on a wide screen.
    """

    picture: str
    dark: str = ""
    alt: str
    width: int = LOGO_WIDTH

    def of_issue(self, issue_id: str) -> Logo:
        """Return it with the name of the issue for each `{id}` in its addresses."""
        picture, dark = (address.replace("{id}", issue_id) for address in (self.picture, self.dark))
        return replace(self, picture=picture, dark=dark)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who writes: *text* is Markdown, *name* and *role* are plain; what is empty was not given.

    *picture* is an https address and *alt* what it shows, empty where the name beside it says that.
    """

    name: str
    text: str = ""
    role: str = ""
    picture: str = ""
    alt: str = ""

    def of_issue(self, issue_id: str) -> Signature:
        """Return it with the name of the issue for each `{id}` in the address of its picture."""
        return replace(self, picture=self.picture.replace("{id}", issue_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """A *question* on the issue, empty for the language's own, and its answers, which are *links*."""

    links: tuple[BlockLink, ...]
    question: str = ""

    def of_issue(self, issue_id: str) -> Feedback:
        """Return it with the name of the issue for each `{id}` in its addresses."""
        return replace(self, links=tuple(link.of_issue(issue_id) for link in self.links))


class LogoGroup(Group):
    """A picture in place of the name at the top."""

    picture = WebAddress("Its address.", required=True)
    dark = WebAddress("The one for dark mode, where a mail program changes them.")
    alt = PlainText("What stands on it; by default the newsletter's name.")
    width = Integer("Pixels across on a wide screen.", LOGO_WIDTH, least=16, most=540)


class SocialGroup(Group):
    """A place where the newsletter can be followed."""

    title = PlainText("What it is called.", key="name", required=True)
    url = WebAddress("Its address.", required=True)


class SignatureGroup(Group):
    """Who writes, at the end of the letter."""

    text = MarkdownText("A few words before the name.")
    name = PlainText("Who writes.", required=True)
    role = PlainText("What they do.")
    picture = WebAddress("A portrait, shown small.")
    alt = PlainText("What the portrait shows; by default nothing, as the name stands beside it.")


class FeedbackGroup(Group):
    """A question on the issue, with links for answers."""

    question = PlainText("The question; by default the language's own.")
    links = Listed("The answers; `{id}` in an address is the issue.", LinkGroup, least=1, required=True)


def logo(group: LogoGroup, newsletter: str) -> Logo | None:
    """Return the logo of the newsletter called so; None where none is set, or it lacks its picture."""
    alt = sanitize.text(group.alt) or newsletter
    written = Logo(picture=group.picture, dark=group.dark, alt=alt, width=group.width)
    return written if group.keys.pairs and _is_complete(group) else None


def signature(group: SignatureGroup) -> Signature | None:
    """Return the signature; None where none is set, or it lacks a name."""
    written = Signature(
        # Not sanitised here: it is Markdown of several lines, of which `text.markdown` makes plain values.
        text=group.text,
        name=sanitize.text(group.name),
        role=sanitize.text(group.role),
        picture=group.picture,
        alt=sanitize.text(group.alt),
    )
    return written if group.keys.pairs and _is_complete(group) else None


def feedback(group: FeedbackGroup) -> Feedback | None:
    """Return the question with its answers; None where none is set, or it lacks those."""
    written = Feedback(question=sanitize.text(group.question), links=links(group.links))
    return written if group.keys.pairs and _is_complete(group) else None


def links(groups: Iterable[LinkGroup | SocialGroup]) -> tuple[BlockLink, ...]:
    """Return a link for each group; a problem is noted for each that lacks its words or its address."""
    return tuple(BlockLink(title=sanitize.text(group.title), url=group.url) for group in groups if _is_complete(group))


def _is_complete(group: Group) -> bool:
    """Return whether *group* has all that it needs; a problem is noted for each setting it lacks."""
    keys = group.keys
    missing = [key for key in group.needed() if not keys.has(key) or keys.pairs[key].value == ()]
    for key in missing:
        keys.problem(key, f"{keys.prefix}{key} is missing; write it, or leave {keys.prefix[:-1]} out")
    return not missing
