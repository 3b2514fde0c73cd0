"""What a newsletter is recognised by, as a theme shows it: name, logo, signature and the like.

Every address is that of one issue: `{id}` is filled in.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from digest.rendering.lost import Wanted
from digest.text import markdown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.config.identity import Feedback, Logo, Signature
    from digest.config.values import Newsletter
    from digest.model import BlockLink
    from digest.rendering.language import Language
    from digest.text.markdown import WrittenParagraph

_WHY = "You get this because you signed up for %(newsletter)s."
_QUESTION = "How was this issue?"

# Fields of the view that are made for a letter; all others are as the settings have them.
_MADE = frozenset({"why", "logo", "signature", "feedback"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoView:
    """The picture in place of the name. *dark* is the one for dark mode or None; *width* is in pixels."""

    picture: str
    dark: str | None
    alt: str
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureView:
    """Who writes: *paragraphs* stand before *name* and *role*, beside a *picture*, which is an address or None."""

    paragraphs: tuple[WrittenParagraph, ...]
    name: str
    role: str
    picture: str | None
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackView:
    """A *question* on the issue, in the letter's language, and its answers, which are *links*."""

    question: str
    links: tuple[BlockLink, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsletterView:
    """The newsletter as a theme shows it: what the settings say, the sentence that says why in the letter's language.

    *logo*, *signature* and *feedback* are None, *tagline*, *social* and *subscribe* are empty, where they are not set.
    """

    name: str
    sender: str
    language: str
    timezone: str
    postal: str
    web: str
    unsubscribe: str
    unsubscribe_mail: str
    why: str
    tagline: str
    logo: LogoView | None
    social: tuple[BlockLink, ...]
    signature: SignatureView | None
    subscribe: str
    feedback: FeedbackView | None


def view(newsletter: Newsletter, issue_id: str, language: Language) -> NewsletterView:
    """Return what a theme can show of *newsletter* in the issue called *issue_id*."""
    own = newsletter.of_issue(issue_id)
    same = {field.name: getattr(own, field.name) for field in fields(NewsletterView) if field.name not in _MADE}
    return NewsletterView(
        **same,
        why=own.why or language.say(_WHY, newsletter=own.name),
        logo=_logo(own.logo) if own.logo else None,
        signature=_signature(own.signature) if own.signature else None,
        feedback=_feedback(own.feedback, language) if own.feedback else None,
    )


def _logo(logo: Logo) -> LogoView:
    return LogoView(picture=logo.picture, dark=logo.dark or None, alt=logo.alt, width=logo.width)


def _signature(signature: Signature) -> SignatureView:
    return SignatureView(
        paragraphs=markdown.paragraphs(signature.text),
        name=signature.name,
        role=signature.role,
        picture=signature.picture or None,
        alt=signature.alt,
    )


def _feedback(feedback: Feedback, language: Language) -> FeedbackView:
    return FeedbackView(question=feedback.question or language.say(_QUESTION), links=feedback.links)


def wanted(newsletter: NewsletterView, number: str) -> Iterator[Wanted]:
    """Yield each part that is set and that readers are to see; *number* is the issue's in words, empty for none."""
    signature, feedback, logo = newsletter.signature, newsletter.feedback, newsletter.logo
    if newsletter.tagline:
        yield _part("newsletter.tagline", newsletter.tagline)
    if logo:
        yield _part("newsletter.logo", pictured=(logo.picture, logo.dark or ""))
    if newsletter.social:
        yield _part("newsletter.social", *_said(newsletter.social))
    if signature:
        said = (*(run.text for run in markdown.runs(signature.paragraphs)), signature.name, signature.role)
        yield _part("newsletter.signature", *said, pictured=(signature.picture or "", signature.alt))
    if newsletter.subscribe:
        yield _part("newsletter.subscribe", newsletter.subscribe)
    if feedback:
        yield _part("newsletter.feedback", feedback.question, *_said(feedback.links))
    if number:
        yield _part("issue.number", number)


def _part(variable: str, *pieces: str, pictured: tuple[str, ...] = ()) -> Wanted:
    # The page that a fragment is put into mostly has its own; of what it has not, `check` asks in the fragment.
    return Wanted(place=variable, name="it", variable=variable, pieces=pieces, pictured=pictured, in_fragment=False)


def _said(links: tuple[BlockLink, ...]) -> tuple[str, ...]:
    return tuple(piece for link in links for piece in (link.title, link.url))
