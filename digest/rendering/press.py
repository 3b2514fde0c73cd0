"""Letters of one week for many readers: what depends on one story alone is made once, for all letters that have it.

    Issue ─▶ view     the view of a story, by its pick and place ──┐
              ├─▶ HTML    the theme's rows on it (`shared`) ────────┼─▶ kept, and put together for each letter
              ├─▶ weight  the lines of a piece as they travel ──────┤
              └─▶ text    the same rows of the text ────────────────┘

A letter has the same bytes as that of `rendering.render`, which is what it is made by: only the means are others.

Decisions: docs/decisions/letters.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import count
from typing import TYPE_CHECKING

import jinja2

from digest import rendering, weight
from digest.config.values import Shape
from digest.errors import THEME_FAILURES
from digest.rendering import HtmlPart, Means, language, lost, shared, template, view
from digest.weight import EncodedText

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.config.values import Newsletter
    from digest.model import CompiledTheme, Issue, Message, Pick, Window
    from digest.rendering.view import RenderOptions, StoryView, View

MOST = 1 << 15
"""Pieces that are kept of each kind. A week has thousands of stories at most, and each stands in several places."""

_LINES = 1 << 12
"""Paragraphs of the text that are kept in lines."""

# Markup is none of them: it is equal to a text that is printed otherwise.
_PLAIN = frozenset({str, int, bool, type(None)})


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedLetter:
    """A *message*, and its *html* encoded, for whom makes MIME and files of it."""

    message: Message
    html: EncodedText


class Printing:
    """Prints letters of *newsletter* in *theme* and *shape*, best those of one week in a row. Not for several threads.

    Raises ThemeError as `rendering.render` does.
    """

    def __init__(self, newsletter: Newsletter, theme: CompiledTheme, shape: Shape | None = None) -> None:
        self._newsletter, self._theme = newsletter, theme
        # A fragment is for a page of the issue for all.
        self._shape = replace(shape or Shape(), fragment=False)
        self._spoken = language.load(newsletter.language, dict(theme.catalogues))
        self._stories = _StoryViews()
        self._pieces = _Pieces(self._stories)
        self._encoder = weight.PieceEncoder(MOST)
        self._means = Means(language=self._spoken, page=self._page, text=self._twin, story=self._stories)

    def letter(self, issue: Issue) -> PrintedLetter:
        """Return the letter of *issue*.

        Its message is that of `rendering.render`, weighed by `weight.of`, but for notes, which are for the editor, and
        the fragment.
        """
        try:
            made = rendering.compose(issue, self._newsletter, self._shape, self._means)
        except (jinja2.TemplateError, *THEME_FAILURES):
            # What fails only in pieces is right all the same, and what fails is told with its place.
            whole = rendering.render(issue, self._newsletter, self._theme, self._shape, weight.of)
            return PrintedLetter(message=replace(whole, notes=()), html=EncodedText.of(whole.html))
        return PrintedLetter(message=made.message, html=made.page.encoded or EncodedText.of(made.message.html))

    def message(self, issue: Issue) -> Message:
        """Return the message of `letter`."""
        return self.letter(issue).message

    @cached_property
    def _html(self) -> jinja2.Template:
        return self._template(lost.HTML, template.for_html(self._spoken), self._theme.html)

    @cached_property
    def _text(self) -> jinja2.Template:
        environment = template.for_text(self._spoken)
        # Titles of sections, and headlines in the list of contents, are not a story's.
        environment.filters["fill"] = lru_cache(_LINES)(environment.filters["fill"])
        return self._template(lost.TEXT, environment, self._theme.text)

    def _template(self, part: str, environment: jinja2.Environment, source: str) -> jinja2.Template:
        code = environment.compile(shared.template(environment, source, self._pieces.of(part)))
        return jinja2.Template.from_code(environment, code, environment.make_globals(None))

    def _page(self, shown: View) -> HtmlPart:
        pieces = list(self._html.root_render_func(self._html.new_context(shown.variables())))
        encoded = self._encoder.encoded(pieces)
        return HtmlPart("".join(pieces), len(encoded.quoted), encoded)

    def _twin(self, shown: View) -> tuple[str, str]:
        filled = self._text.render(shown.variables())
        return template.finished(filled, self._spoken, shown, self._shape.references)


class _StoryViews:
    """Makes the views of stories, and keeps them for letters that have the same story in the same place."""

    def __init__(self) -> None:
        self._serials = count()
        self._forget()

    def _forget(self) -> None:
        self._window: Window | None = None
        # By all that a view depends on but its number; of each, the views by number. The pick is kept, so that no
        # other gets its identity meanwhile.
        self._made: dict[tuple[object, ...], tuple[Pick, int, dict[int, StoryView]]] = {}
        self._serial_of: dict[int, int] = {}

    def __call__(self, pick: Pick, number: int, window: Window, frame: RenderOptions, *, is_brief: bool) -> StoryView:
        """Return what `view.story` returns."""
        if window != self._window or len(self._serial_of) >= MOST:
            self._forget()
            self._window = window
        room = frame.room
        # To compare picks costs as much as all the rest, and a week has one of each story but for what updates another.
        key = (pick if pick.update else id(pick), number == 1, is_brief, room.excerpt, room.lead_excerpt, room.also)
        if key not in self._made:
            shown = view.story(pick, number, window, frame, is_brief=is_brief)
            self._made[key] = pick, next(self._serials), {number: shown}
            self._serial_of[id(shown)] = self._made[key][1]
        _, serial, views = self._made[key]
        if number not in views:
            views[number] = replace(next(iter(views.values())), number=number)
            self._serial_of[id(views[number])] = serial
        return views[number]

    def serial(self, shown: StoryView) -> int | None:
        """Return a number that views which differ by no more than their own have in common; None for one not kept."""
        return self._serial_of.get(id(shown))


class _Pieces:
    """What rows of templates gave for a story, by the story and what else they read."""

    def __init__(self, stories: _StoryViews) -> None:
        self._stories = stories
        self._made: dict[tuple[object, ...], str] = {}

    def of(self, part: str) -> Callable[..., str]:
        """Return what the template of a *part* of letters calls for each of its rows (`shared.NAME`)."""

        def piece(row: int, story: StoryView, *read: object, caller: Callable[[], str]) -> str:
            serial = self._stories.serial(story)
            kinds = tuple(map(type, read))
            if serial is None or not _PLAIN.issuperset(kinds):
                return caller()
            # With their types, since true is equal to 1.
            key = (part, row, serial, *read, *kinds)
            made = self._made.get(key)
            if made is None:
                if len(self._made) >= MOST:
                    self._made.clear()
                made = self._made[key] = caller()
            return made

        return piece
