"""An Issue and a compiled theme to a Message, trimmed to the weight that mail clients show whole.

    Issue ─▶ fit ─▶ view ─▶ the compiled theme's HTML template ─▶ Message.html
                        ├──▶ its text template ─────────────────▶ Message.text
                        └──▶ its fragment template, if asked ───▶ Message.fragment

Article text is only ever a value here: it is escaped, and never read as a template.

What is given up, in this order: the length of excerpts, names under "also covered by", and then stories, the last in
rank first: those stand on the web only, in a page that shows all (`Message.web`). The first story stays, what the
editor pinned goes last, and her own words between the stories are never given up.

Decisions: docs/decisions/letters.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING

from digest.config.values import Shape
from digest.model import Message
from digest.rendering import blocks, identity, language, lost, pictures, view
from digest.rendering.view import Budget, RenderOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from digest.config.values import Newsletter
    from digest.model import CompiledTheme, Issue
    from digest.rendering.language import Language
    from digest.rendering.view import StoryMaker, View
    from digest.weight import EncodedText


def render(
    issue: Issue,
    newsletter: Newsletter,
    theme: CompiledTheme,
    shape: Shape | None = None,
    weigh: Callable[[str], int] = len,
) -> Message:
    """Return the message of *issue*, as large as its *shape* allows.

    *weigh* gives the weight of an HTML part in bytes as it travels; `len` will do where there is no limit. The message
    has at least one story, whatever it weighs. The same arguments give the same bytes. Raises ThemeError with its place
    where the theme asks for what there is not, and for a catalogue that cannot be read.
    """
    from digest.rendering import template  # noqa: PLC0415 - imports Jinja

    shape = shape or Shape()
    spoken = language.load(newsletter.language, dict(theme.catalogues))
    html = template.html(theme, spoken)

    def page(shown: View) -> HtmlPart:
        filled = html(shown)
        return HtmlPart(filled, weigh(filled))

    text = partial(template.text, theme, spoken, longest_address=shape.references)
    made = compose(issue, newsletter, shape, Means(language=spoken, page=page, text=text, story=view.story))
    message = made.message
    if shape.fragment:
        # On a page of others there is no limit, so it has all stories.
        whole = view.with_pictures_of(message.web or message.html, made.whole)
        message = replace(message, fragment=template.fragment(theme, spoken, whole))
    spoken.cldr.keep()
    return replace(message, notes=tuple(_notes(message, issue, shape, spoken, made.letter)))


def _notes(message: Message, issue: Issue, shape: Shape, spoken: Language, letter: View) -> Iterator[str]:
    """Yield what the editor is told of the *message* of *issue*, which shows *letter*."""
    if spoken.note:
        yield spoken.note
    if shape.limit and message.weight > shape.limit:
        yield f"size.limit: the first story alone makes {message.weight:,} bytes of {shape.limit:,}"
    yield from pictures.notes(issue, shape.images)
    yield from blocks.notes(issue)
    wanted = (
        *blocks.wanted(issue, spoken, message.web_only, dict(message.pictures)),
        *identity.wanted(letter.newsletter, letter.issue.number),
    )
    parts = {lost.HTML: message.html, lost.TEXT: message.text, lost.FRAGMENT: message.fragment}
    yield from lost.notes(wanted, parts)


@dataclass(frozen=True, slots=True)
class HtmlPart:
    """A letter's HTML, its weight in bytes as it travels, and it encoded, where that is known."""

    html: str
    weight: int
    encoded: EncodedText | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What makes the parts of a letter: *page* and *text* fill in a view, *story* makes the view of a story."""

    language: Language
    page: Callable[[View], HtmlPart]
    text: Callable[[View], tuple[str, str]]
    story: StoryMaker


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A message without notes and fragment, and its *page*.

    *letter* is what it shows, *whole* the same with all stories.
    """

    message: Message
    page: HtmlPart
    letter: View
    whole: View


def compose(issue: Issue, newsletter: Newsletter, shape: Shape, means: Means) -> Composed:
    """Return the message of *issue*, made by *means*, as large as its *shape* allows. Raises what *means* raise."""
    sent = view.as_sent(issue, shape)

    # The search for the room asks for the same page several times, and the last one asked for is mostly the answer.
    @cache
    def shown(room: Budget) -> View:
        frame = RenderOptions(language=means.language, room=room, images=shape.images, links=sent)
        return view.of(issue, newsletter, frame, means.story)

    @cache
    def page(room: Budget) -> HtmlPart:
        return means.page(shown(room))

    room = fit(issue, shape.limit, lambda room: page(room).weight)
    letter = shown(room)
    text, flowed = means.text(letter)
    message = Message(
        subject=letter.subject,
        preheader=letter.preheader,
        html=page(room).html,
        text=text,
        flowed=flowed,
        weight=page(room).weight,
        trimmed=trimmed_in_words(room),
        web_only=room.web_only,
        web=page(Budget()).html if room != Budget() else "",
        links=tuple(sorted(sent.items())),
        advert=blocks.advert(means.language) if any(block.kind == "sponsor" for block in issue.blocks) else "",
        pictures=pictures.described(issue, shape.images),
    )
    return Composed(message=message, page=page(room), letter=letter, whole=shown(Budget()))


# Excerpts first: a reader misses half a sentence less than a name, and a name less than a story.
_STEPS = (
    Budget(),
    Budget(excerpt=160, lead_excerpt=240),
    Budget(excerpt=100, lead_excerpt=160),
    Budget(excerpt=100, lead_excerpt=160, also=1),
)


def fit(issue: Issue, limit: int | None, weigh: Callable[[Budget], int]) -> Budget:
    """Return the most room that keeps the message within *limit* bytes; None is no limit.

    *weigh* gives the weight in bytes of a message with that much room; it must not grow where room is taken away. Where
    even one story is too heavy, that one is left, and the caller has to say so.
    """
    if limit is None:
        return Budget()
    for room in _STEPS:
        if weigh(room) <= limit:
            return room
    tightest, leaving = _STEPS[-1], _without_stories(issue)

    def without(count: int) -> Budget:
        return replace(tightest, web_only=tuple(leaving[:count]))

    # By halves, since each try renders the whole letter: of 50 stories six are tried instead of 49.
    least, most = min(1, len(leaving)), len(leaving)
    while least < most:
        half = (least + most) // 2
        least, most = (least, half) if weigh(without(half)) <= limit else (half + 1, most)
    return without(least)


def trimmed_in_words(room: Budget) -> tuple[str, ...]:
    """Return what was given up for the size, a sentence each, for the editor; nothing where all has room."""
    whole = Budget()
    steps = (
        (room.excerpt < whole.excerpt, f"excerpts cut to {room.excerpt} columns"),
        (room.also < whole.also, f"“also covered by” cut to {room.also}"),
        (bool(room.web_only), f"on the web only: {len(room.web_only)} of the stories"),
    )
    return tuple(sentence for given_up, sentence in steps if given_up)


def _without_stories(issue: Issue) -> Sequence[str]:
    """Return the paths of the stories that may leave the message, the first to go first."""
    ranks = {verdict.article.path: rank for rank, verdict in enumerate(issue.verdicts)}
    others = sorted(issue.picks[1:], key=lambda pick: (pick.pinned, -ranks[pick.article.path]))
    return [pick.article.path for pick in others]
