"""The engine we use against the official one: the same theme and issue, the same pixels; each attribute the same."""

from __future__ import annotations

import json
import os
import re
import shutil
import struct
import subprocess
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import mjml_probes
import pytest
from samples import ROOT, full_issue, newsletter

from digest import rendering
from digest.theme import compiler, source

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

    from digest.model import CompiledTheme

HOME = Path(os.environ.get("QUALITY_HOME") or Path.home() / ".cache" / "digest-quality")
THEMES = sorted(path.name for path in Path(ROOT, "templates").iterdir() if path.is_dir())
WIDTHS = (320, 375, 800)
SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
OFFICIAL = """
const mjml2html = require('mjml');
let source = '';
process.stdin.on('data', (piece) => { source += piece; }).on('end', () => {
  const { html } = mjml2html(source, { keepComments: true, fonts: {}, validationLevel: 'skip' });
  process.stdout.write(JSON.stringify(html));
});
"""
GREY = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU"
    b"\x00\x00\x00\nIDATx\x9cch\x00\x00\x00\x82\x00\x81\xddCj\xf4\x00\x00\x00\x00IEND\xaeB`\x82"
)


def official_html(text: str) -> str:
    """Return what the official MJML makes of *text*; skips where it is not installed."""
    missing = [] if (HOME / "node_modules" / "mjml").is_dir() else [f"MJML in {HOME}"]
    missing += [] if shutil.which("node") else ["node"]
    if missing and os.environ.get("CI") != "true":
        pytest.skip(f"the official MJML is not here; looked for {' and '.join(missing)}")
    assert missing == [], "CI installs them in .ci/run"
    environment = {**os.environ, "NODE_PATH": str(HOME / "node_modules")}
    done = subprocess.run(
        ["node", "-e", OFFICIAL], input=text, capture_output=True, text=True, check=True, env=environment
    )
    return str(json.loads(done.stdout))


def compiled(name: str, language: str) -> tuple[CompiledTheme, CompiledTheme]:
    """Return a theme compiled by our engine and by the official one, with the same steps around both."""
    folder = os.path.join(ROOT, "templates", name)
    files = source.read(folder)
    tokens = source.tokens(files, {})
    ours = compiler.compile_theme(files, tokens, language=language)
    return ours, compiler.compile_theme(files, tokens, language=language, engine=official_html)


def _picture(route: Route) -> None:
    route.fulfill(body=GREY, content_type="image/png")


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("theme", THEMES)
def test_the_same_pixels(browser: Browser, theme: str, language: str, record_property: object) -> None:
    """At three widths, light and dark, not one pixel differs from what the official MJML renders."""
    assert callable(record_property)
    reader = newsletter(language=language)
    pages = [rendering.render(full_issue(), reader, one).html for one in compiled(theme, language)]
    assert pages[0] != pages[1], "they must come from two engines"
    for scheme in SCHEMES:
        with browser.new_context(color_scheme=scheme) as context:
            page = context.new_page()
            page.route("https://**", _picture)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 600})
                shots = []
                for html in pages:
                    page.set_content(html, wait_until="load")
                    shots.append(page.screenshot(full_page=True))
                height = page.evaluate("document.documentElement.scrollHeight")
                record_property(f"{theme} {language} {scheme} {width} px", f"{width * height} pixels, 0 differ")
                assert shots[0] == shots[1], f"{theme} at {width} px, {scheme}"


def _quarters() -> bytes:
    """Return a picture of four quarters, of which size, place and repetition show."""
    blue, yellow = bytes((60, 90, 160)), bytes((230, 190, 90))
    rows = [b"\x00" + (blue + yellow if upper else yellow + blue) for upper in (True, False)]
    wide = [row[:1] + row[1:4] * 40 + row[4:] * 40 for row in rows]
    pixels = zlib.compress(b"".join(wide[:1] * 20 + wide[1:] * 20))
    pieces = ((b"IHDR", struct.pack(">IIBBBBB", 80, 40, 8, 2, 0, 0, 0)), (b"IDAT", pixels), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in pieces
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _quartered(route: Route) -> None:
    route.fulfill(body=_quarters(), content_type="image/png")


def _in_outlook(html: str) -> str:
    """Return *html* with Outlook's branches for all, and without media queries: its widths, drawn by a browser."""
    html = re.sub(r"<!--\[if !mso[^\]]*\]><!-->.*?<!--<!\[endif\]-->", "", html, flags=re.DOTALL)
    html = re.sub(r"<!--\[if lte mso 11\]>.*?<!\[endif\]-->", "", html, flags=re.DOTALL)
    html = re.sub(r"<!--\[if [^\]]*mso[^\]]*\]>(.*?)<!\[endif\]-->", r"\1", html, flags=re.DOTALL)
    return re.sub(r"@media[^{]*{", "@media not all {", html)


def _letters(body: str) -> tuple[str, str]:
    """Return what the two engines make of *body*, ours as a theme is compiled."""
    text = f'<mjml lang="en" dir="ltr"><mj-body>{body}</mj-body></mjml>'
    files = source.with_shared(source.ThemeFiles("", {source.HTML: text, source.TEXT: "", source.TOKENS: ""}))
    return compiler.compile_theme(files, {"accent": "#1d4ed8"}, language="en").html, official_html(text)


def _differ(page: Page, body: str) -> list[str]:
    """Return the views in which the two engines draw *body* in different pixels."""
    letters = _letters(body)
    views = {"wide": (700, letters), "narrow": (375, letters), "Outlook": (700, tuple(map(_in_outlook, letters)))}
    differing = []
    for view, (width, pages) in views.items():
        page.set_viewport_size({"width": width, "height": 600})
        shots = []
        for html in pages:
            page.set_content(html, wait_until="load")
            shots.append(page.screenshot(full_page=True))
        if shots[0] != shots[1]:
            differing.append(view)
    return differing


@pytest.mark.parametrize("name", mjml_probes.elements())
def test_each_attribute_draws_the_same(browser: Browser, name: str) -> None:
    """Each attribute of each element, set once, is drawn as the official MJML draws it, and in Outlook's branch."""
    page = browser.new_page()
    page.route("https://**", _quartered)
    probes = mjml_probes.probes(name)
    # All of them on one page; one after the other only where that differs, to say which.
    if _differ(page, "".join(probes.values())):
        assert {attribute: views for attribute, body in probes.items() if (views := _differ(page, body))} == {}
    page.close()
