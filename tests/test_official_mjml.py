"""The engine we use against the official one: the same theme and issue, the same pixels."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from samples import ROOT, full_issue, newsletter

from digest import rendering
from digest.theme import compiler, source

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

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
