"""Renders 50 stories from the compiled theme, and by Jinja, MRML and premailer, in turn: for bench.py.

    python benchmarks/rendering.py RUNS html|message

Prints the processor seconds of each pair as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from digest import rendering, theme
from digest.config import settings
from digest.config.values import Shape
from digest.model import Address, Article, Issue, Pick, Provider, Section, Story, Text, Window
from digest.rendering import language, template, view
from digest.rendering import template as environment
from digest.rendering import view as urls
from digest.theme import compiler, palette, placeholders, source

if TYPE_CHECKING:
    from collections.abc import Callable

TELLING = "a council of bees lends its tram to the library and asks for nothing but honey"
words = TELLING.split()
moment = datetime(2020, 11, 9, 10, 29, tzinfo=UTC)
articles = [
    Article(
        path=f"{number}.md",
        title=Text(" ".join([*words[number % 9 :], str(number)])),
        excerpt=Text(" ".join(words * 2)),
        provider=Provider(name=Text(f"Paper {number % 9}")),
        topics=(Text("Bees"),),
        published_at=moment,
        heat=99 - number,
        url=Address(f"https://example.com/{number}"),
        addresses=(Address(f"https://example.com/{number}"),),
    )
    for number in range(50)
]
sections = tuple(
    Section(title=f"Part {ten}", topics=("Bees",), picks=tuple(Pick(story=Story(lead=one)) for one in articles[ten::5]))
    for ten in range(5)
)
week = Window(first=date(2020, 11, 5), last=date(2020, 11, 11))
issue = Issue(window=week, sections=sections, verdicts=())
chosen = settings.load(None, settings.Overrides())
look = theme.load(chosen.templates, {}, language="en")
files = source.read(chosen.templates)
filled = source.fill(files, palette.complete(source.tokens(files, {})), language="en", direction="ltr").text
spoken = language.load("en", dict(look.catalogues))
shape = Shape(limit=None)


frame = view.RenderOptions(language=spoken, room=view.Budget(), images="all", links=urls.as_sent(issue, shape))


def chain() -> str:
    """Jinja, MRML and premailer, with the news in it."""
    shown = view.of(issue, chosen.newsletter, frame)
    letter = environment.for_html(spoken).from_string(filled).render(shown.variables())
    hidden = placeholders.hide(source.FilledTheme(files, letter, (), ()))
    return compiler.to_html(hidden, language="en", engine=compiler.mrml)


def html() -> str:
    """The same page from the compiled theme."""
    shown = view.of(issue, chosen.newsletter, frame)
    return template.html(look, spoken)(shown)


def message() -> str:
    """The page, and subject, preheader and the text twin in two forms."""
    return rendering.render(issue, chosen.newsletter, look, shape).html


def timed(work: Callable[[], str]) -> float:
    """Return the processor time of some work."""
    start = time.process_time()
    work()
    return time.process_time() - start


assert all(work().count("https://example.com/4") >= 11 for work in (chain, html, message))
work = {"html": html, "message": message}[sys.argv[2]]
print(json.dumps([(timed(work), timed(chain)) for _ in range(int(sys.argv[1]))]))
