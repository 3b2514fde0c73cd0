"""Issue and compiled theme to a Message. Knows the steps, not MJML and not where files go.

    Issue ─▶ fit ─▶ view ─▶ the compiled theme's HTML template ─▶ Message.html
                        └──▶ its text template ─────────────────▶ Message.text

Article text is only ever a value here: it is escaped, and never read as a template.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from digest.model import Message, Shape
from digest.rendering import fit, language, links, pictures, view
from digest.rendering.view import Frame, Room

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.model import CompiledTheme, Issue, Newsletter
    from digest.rendering.view import View


def render(
    issue: Issue,
    newsletter: Newsletter,
    theme: CompiledTheme,
    shape: Shape | None = None,
    weigh: Callable[[str], int] = len,
) -> Message:
    """Return the message of *issue*, as large as its *shape* allows; *weigh* says what an HTML part weighs.

    The same arguments give the same bytes. Raises ThemeError with its place.
    """
    from digest.rendering import template  # noqa: PLC0415 - imports Jinja

    shape = shape or Shape()
    limit = shape.limit
    sent = links.sent(issue, shape)
    spoken = language.load(newsletter.language, dict(theme.catalogues))
    html = template.html(theme, spoken)

    @cache
    def shown(room: Room) -> View:
        return view.of(issue, newsletter, Frame(language=spoken, room=room, images=shape.images, links=sent))

    @cache
    def page(room: Room) -> tuple[str, int]:
        filled = html(shown(room))
        return filled, weigh(filled)

    room = fit.fit(issue, limit, lambda room: page(room)[1])
    letter = shown(room)
    weight = page(room)[1]
    heavy = f"size.limit: the first story alone makes {weight:,} bytes of {limit:,}" if limit and weight > limit else ""
    text, flowed = template.text(theme, spoken, letter)
    spoken.cldr.keep()
    return Message(
        subject=letter.subject,
        preheader=letter.preheader,
        html=page(room)[0],
        text=text,
        flowed=flowed,
        weight=weight,
        trimmed=fit.said(room),
        web_only=room.web_only,
        web=page(Room())[0] if room != Room() else "",
        links=tuple(sorted(sent.items())),
        notes=(*filter(None, (spoken.note, heavy)), *(pictures.notes(issue) if shape.images != "off" else ())),
    )
