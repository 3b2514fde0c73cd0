from __future__ import annotations

import os
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import pytest
from samples import SEEDS, THEME

from digest import pipeline
from digest.config import settings
from digest.issue import record
from digest.theme import palette

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page, Request, Route

    from digest.pipeline import Built

LETTER = "https://letter.example.com/"
WIDTHS = [320, 375, 800]
Scheme = Literal["light", "dark"]
SCHEMES: list[Scheme] = ["light", "dark"]

TEXTS = """() => {
  const rgba = (colour) => { const [r, g, b, a] = colour.match(/[\\d.]+/g).map(Number); return [r, g, b, a ?? 1]; };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    if (!element) return [255, 255, 255, 1];
    const own = rgba(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, ground(element.parentElement));
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    if (!text || !range.getClientRects().length) continue;
    const style = getComputedStyle(walker.currentNode.parentElement);
    const back = ground(walker.currentNode.parentElement);
    const [one, other] = [light(over(rgba(style.color), back)), light(back)];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    found.push({ text, size: parseFloat(style.fontSize), contrast });
  }
  return found;
}"""
"""Every visible piece of text with its size in pixels and its contrast (WCAG 2) against what is behind it."""


def build(folder: str, config: str | None = None) -> Built:
    """Build the sample issue of 11 November 2020 below *folder*."""
    overrides = settings.Overrides(archive=(SEEDS,), out=os.path.join(folder, "out"), templates=THEME)
    chosen = settings.load(config, overrides)
    return pipeline.build(chosen, pipeline.window_of(chosen, last=date(2020, 11, 11)))


@pytest.fixture(scope="module")
def cache_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep compiled themes in a folder of this module's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, cache_home: None) -> Built:  # noqa: ARG001 - it is needed first
    """Build the sample issue once."""
    return build(str(tmp_path_factory.mktemp("issue")))


def serve(page: Page | BrowserContext, folder: str) -> None:
    """Answer as the web does for the letter in *folder*: itself, and the archive's pictures; nothing else is there."""

    def answer(route: Route) -> None:
        url = route.request.url
        picture = os.path.join(SEEDS, "pictures", os.path.basename(url))
        if url == LETTER:
            with open(os.path.join(folder, "index.html"), encoding="utf-8") as handle:
                route.fulfill(body=handle.read(), content_type="text/html; charset=utf-8")
        elif os.path.isfile(picture):
            route.fulfill(path=picture)
        else:
            route.abort()

    page.route("**", answer)


@pytest.fixture
def show(browser: Browser, built: Built) -> Iterator[Callable[..., Page]]:
    """Open the sample issue in a window of a given width and colour scheme; nothing but this machine is reached."""
    contexts = []

    def show(width: int = 800, scheme: Scheme = "light", requests: list[Request] | None = None) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        serve(context, built.folder)
        page = context.new_page()
        page.on("request", lambda request: None if requests is None else requests.append(request))
        page.goto(LETTER, wait_until="load")
        return page

    yield show
    for context in contexts:
        context.close()


def style(page: Page, selector: str, name: str) -> Any:
    """Return a computed style of the first element that matches."""
    return page.eval_on_selector(selector, "(element, name) => getComputedStyle(element)[name]", name)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_scrolls_sideways(show: Callable[..., Page], width: int, scheme: Scheme) -> None:
    """The letter is never wider than the window."""
    page = show(width, scheme)
    wide, window = page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert (True, width) == (wide <= window, window)


@pytest.mark.parametrize("width", WIDTHS)
def test_pictures_load(show: Callable[..., Page], built: Built, width: int) -> None:
    """Every picture of the archive is shown, no wider than the window."""
    page = show(width)
    pictures = page.eval_on_selector_all(
        'img[src^="https://pictures.example.com/"]',
        "all => all.map(one => [one.naturalWidth, one.getBoundingClientRect().right])",
    )
    assert len(pictures) == built.message.html.count('src="https://pictures.example.com/') > 0
    assert [(natural, right) for natural, right in pictures if not natural or right > width] == []


def test_nothing_but_pictures_is_fetched(show: Callable[..., Page]) -> None:
    """The letter asks for pictures and nothing else: no script, style, font or frame."""
    requests: list[Request] = []
    show(requests=requests)
    assert {request.resource_type for request in requests} == {"document", "image"}


def rgb(name: str) -> str:
    """Return a colour of the default palette as a browser tells it."""
    colour = palette.complete({"accent": "#1d4ed8"})[name]
    return f"rgb({int(colour[1:3], 16)}, {int(colour[3:5], 16)}, {int(colour[5:7], 16)})"


def test_dark_scheme_darkens_the_card(show: Callable[..., Page]) -> None:
    """Readers in the dark get a dark card."""
    grounds = [style(show(scheme=scheme), ".card", "backgroundColor") for scheme in SCHEMES]
    assert grounds == [rgb("card"), rgb("dark_card")]


def test_dark_scheme_lightens_headlines(show: Callable[..., Page]) -> None:
    """Readers in the dark get light headlines, the first and the others."""
    colours = [
        [style(show(scheme=scheme), f"{headline} a", "color") for headline in (".lead-headline", ".headline")]
        for scheme in SCHEMES
    ]
    assert colours == [[rgb("ink")] * 2, [rgb("dark_ink")] * 2]


@pytest.mark.parametrize("width", WIDTHS)
def test_text_is_large_enough(show: Callable[..., Page], width: int) -> None:
    """No visible text is smaller than 14 pixels."""
    texts = show(width).evaluate(TEXTS)
    assert len(texts) > 50
    assert [one for one in texts if one["size"] < 14] == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_contrast_is_enough(show: Callable[..., Page], width: int, scheme: Scheme) -> None:
    """Every visible text has a contrast of 7:1 at least (WCAG AAA) to what is behind it."""
    texts = show(width, scheme).evaluate(TEXTS)
    assert len(texts) > 50
    assert [one for one in texts if one["contrast"] < 7] == []


def test_headlines_are_links(show: Callable[..., Page], built: Built) -> None:
    """Each headline leads to the address that the record has for its article."""
    expected = [pick["url"] for one in record.read(built.folder)["sections"] for pick in one["picks"]]
    assert expected == show().eval_on_selector_all("h3 a", "all => all.map(one => one.getAttribute('href'))")


def test_every_story_is_visible(show: Callable[..., Page], built: Built) -> None:
    """Each headline of the issue is on the page for all to see."""
    expected = [pick.article.title for pick in built.issue.picks]
    page = show(320)
    assert expected == [headline.inner_text() for headline in page.locator("h3:visible").all()]


def test_preheader_is_invisible(show: Callable[..., Page], built: Built) -> None:
    """The preheader is in the letter and not to be seen."""
    page = show()
    assert built.message.preheader in (page.text_content("body") or "")
    assert built.message.preheader not in page.inner_text("body")


def test_page_is_in_standards_mode(show: Callable[..., Page]) -> None:
    """Browsers read the letter by the standard, not in quirks mode."""
    assert show().evaluate("document.compatMode") == "CSS1Compat"


def test_letter_fits_its_width(show: Callable[..., Page]) -> None:
    """On a wide screen the letter is as wide as the theme says, and in the middle."""
    left, width = show(800).eval_on_selector(
        ".card", "card => [card.getBoundingClientRect().left, card.getBoundingClientRect().width]"
    )
    assert (left, width) == (90, 620)


def test_arabic_reads_from_right_to_left(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, cache_home: None
) -> None:
    """In an Arabic newsletter headlines and excerpts run from right to left."""
    del cache_home  # it is needed first
    folder = tmp_path_factory.mktemp("arabic")
    (folder / "digest.yaml").write_text("newsletter:\n  language: ar\n")
    arabic = build(str(folder), str(folder / "digest.yaml"))
    with browser.new_page() as page:
        serve(page, arabic.folder)
        page.goto(LETTER)
        assert [style(page, tag, "direction") for tag in ("h1", "h3", ".excerpt")] == ["rtl", "rtl", "rtl"]
