"""Small articles, issues and newsletters with sensible defaults, so that a test says only what it is about."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from digest.config.values import Newsletter
from digest.model import Article, Coverage, Issue, Message, Pick, Picture, Provider, Section, Story, Verdict, Window
from digest.text import sanitize
from digest.theme import source

if TYPE_CHECKING:
    from pathlib import Path

    from digest.model import Address

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
THEME = os.path.join(ROOT, "templates", "default")
SEEDS = os.path.join(ROOT, "seeds")
MUSEUM = os.path.join(ROOT, "tests", "museum", "themes")
WINDOW = Window(first=date(2020, 11, 5), last=date(2020, 11, 11))


def address(raw: str) -> Address:
    """Return *raw* as an address; a sample that is none is a mistake in the test."""
    found = sanitize.address(raw)
    assert found is not None
    return found


def article(
    title: str = "Robots learn to fold towels",
    *,
    excerpt: str = "They did it in the dark.",
    provider: str = "Wired Meadow",
    url: str = "https://news.example.com/towels",
    picture: str | None = None,
    icon: str | None = None,
    path: str = "towels.md",
) -> Article:
    """Return an article of 9 November 2020, its texts and addresses made as the archive makes them."""
    return Article(
        path=path,
        title=sanitize.text(title),
        excerpt=sanitize.text(excerpt),
        provider=Provider(
            name=sanitize.text(provider), domain="wired.example.com", icon=Picture(url=address(icon)) if icon else None
        ),
        topics=(sanitize.text("AI"),),
        published_at=datetime(2020, 11, 9, 10, 29, tzinfo=UTC),
        heat=89,
        quality=70,
        url=address(url),
        addresses=(address(url),),
        picture=Picture(url=address(picture)) if picture else None,
    )


def story(lead: Article | None = None, *, also: tuple[tuple[str, str], ...] = ()) -> Story:
    """Return a story with the coverage given as (provider, address)."""
    return Story(
        lead=lead or article(),
        also=tuple(Coverage(provider=Provider(name=sanitize.text(name)), url=address(url)) for name, url in also),
    )


def section(*stories: Story | Article, title: str = "AI", topics: tuple[str, ...] = ()) -> Section:
    """Return a section of *stories*; an article is a story of its own."""
    told = [one if isinstance(one, Story) else Story(lead=one) for one in stories]
    return Section(title=title, topics=topics or (title,), picks=tuple(Pick(story=one) for one in told))


def issue(*stories: Story | Article, sections: tuple[Section, ...] = ()) -> Issue:
    """Return the issue of 11 November 2020, by default one section with one story; each story has its verdict."""
    filled = sections or (section(*(stories or (article(),))),)
    picks = [(one, pick) for one in filled for pick in one.picks]
    verdicts = tuple(
        Verdict(article=pick.article, rule="picked", because="it is the hottest", section=one.title)
        for one, pick in picks
    )
    return Issue(window=WINDOW, sections=filled, verdicts=verdicts)


def full_issue() -> Issue:
    """Return an issue with two sections, pictures, icons and coverage: every branch of the default theme."""
    pictured = article(
        picture="https://pictures.example.com/a.png",
        icon="https://pictures.example.com/icon.png",
        url="https://news.example.com/lead?a=1&b=2",
    )
    other = article("Bees count to four", path="bees.md", url="https://news.example.com/bees?a=1&b=2")
    plain = article("Chips get colder", excerpt="", path="chips.md", url="https://news.example.com/chips")
    also = (("Lab Notes", "https://lab.example.com/1?x=1&y=2"), ("Morning Ledger", "https://ledger.example.com/2"))
    return issue(
        sections=(
            section(story(pictured, also=also), story(other, also=also[:1])),
            section(plain, pictured, title="Science & more"),
        )
    )


def newsletter(
    *,
    name: str = "The AI Week",
    sender: str = "The AI Week <news@example.com>",
    language: str = "en",
    unsubscribe: str = "https://example.com/unsubscribe",
    postal: str = "1 Example Street, 10115 Berlin, Germany",
    why: str = "You get this because you signed up for The AI Week.",
) -> Newsletter:
    """Return a newsletter as `settings` makes it with no file at all."""
    return Newsletter(
        name=name,
        sender=sender,
        language=language,
        timezone="UTC",
        postal=postal,
        web="https://example.com/issues/{id}/",
        unsubscribe=unsubscribe,
        unsubscribe_mail="news@example.com",
        why=why,
    )


def message(
    *, subject: str = "Robots learn to fold towels", html: str = "<p>Hello</p>", text: str = "Hello\n"
) -> Message:
    """Return a message of the given parts."""
    return Message(subject=subject, preheader="Also: bees", html=html, text=text)


def theme(folder: Path, **files: str) -> str:
    """Return a copy of the default theme in *folder* with *files* replaced; `footer_mjml` is footer.mjml.

    It has the text part, as one that `digest theme new` makes.
    """
    copy = folder / "theme"
    shutil.copytree(THEME, copy, dirs_exist_ok=True)
    (copy / "issue.txt").write_text(source.shared()["issue.txt"], encoding="utf-8")
    for name, content in files.items():
        (copy / name.replace("_", ".")).write_text(content, encoding="utf-8")
    return str(copy)


def exhibit(folder: Path, name: str) -> str:
    """Return a copy of the default theme in *folder* with the museum's files of that name on top."""
    copy = theme(folder)
    shutil.copytree(os.path.join(MUSEUM, name), copy, dirs_exist_ok=True)
    return copy


def text_in_footer(markup: str) -> str:
    """Return a footer.mjml whose text element holds *markup* on line 4."""
    return in_footer(f"<mj-text>\n{markup}\n</mj-text>")


def in_footer(elements: str) -> str:
    """Return a footer.mjml whose one column holds *elements*, the first on line 3."""
    return f"<mj-section>\n<mj-column>\n{elements}\n</mj-column>\n</mj-section>\n"


def examples(few: int) -> int:
    """Return how many inputs a slow property is tried on: *few*, and a hundred in its long form, `make fuzz`."""
    return 100 if os.environ.get("LONG_FORM") else few
