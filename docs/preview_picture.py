"""Draws docs/preview.png and docs/preview-dark.png: the preview of the sample issue. Run by `make picture`.

    python docs/preview_picture.py DAY seeds docs

Needs Chromium (the environment variable CHROMIUM names another than /usr/bin/chromium) and no network.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from datetime import date
from typing import TYPE_CHECKING, Literal

from playwright.sync_api import sync_playwright

from digest import pipeline
from digest.config import settings
from digest.preview import Preview

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from digest.config.settings import Settings
    from digest.model import Window

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
EDITS = """\
introduction: Good morning. This week the *inquiries* came in.
change:
  - story: 2020-11-05-eu-negotiators-split-over-ban-on-crowd-scanning-cameras-as-talks-enter-final-month.md
    title: EU talks stall over cameras that scan the crowd
blocks:
  - kind: sponsor
    name: Harbour Bank
    text: We *count* every crown, so that you need not.
    url: https://bank.example.com/
    section: AI Ethics
    position: 2
"""


def draw(day: str, archive: str, target: str) -> None:
    """Write both pictures into the folder *target*."""
    with tempfile.TemporaryDirectory() as folder:
        config = os.path.join(folder, "digest.yaml")
        os.mkdir(os.path.join(folder, "edits"))
        for name, content in {config: "", os.path.join(folder, "edits", f"{day}.yaml"): EDITS}.items():
            with open(name, "w", encoding="utf-8") as handle:
                handle.write(content)

        def load() -> tuple[Settings, Window]:
            chosen = settings.load(config, settings.Overrides(archive=(os.path.abspath(archive),)))
            return chosen, pipeline.window_of(chosen, last=date.fromisoformat(day))

        served = Preview(load, config=config)
        running = threading.Thread(target=served.run)
        running.start()
        with sync_playwright() as play:
            chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
            browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
            _shoot(browser, served, os.path.join(target, "preview.png"), "light", (1440, 900))
            _shoot(browser, served, os.path.join(target, "preview-dark.png"), "dark", (820, 900))
            browser.close()
        served.stop()
        running.join()
        served.close()


def _shoot(
    browser: Browser, served: Preview, file: str, scheme: Literal["light", "dark"], size: tuple[int, int]
) -> None:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    # By the origin: the address has the token behind it, and the page's own styles do not.
    page.route(lambda url: not url.startswith(served.origin), lambda route: route.abort())
    page.goto(served.address)
    # Its script says that the letter is there; where that was kept out, no picture is drawn.
    page.wait_for_selector("body[data-shown]")
    if scheme == "dark":
        page.locator(".bar input[name=scheme][value=dark]").click()
    page.locator(f".bar input[name=width][value='{'600' if scheme == 'light' else '375'}']").click()
    page.wait_for_timeout(500)
    page.locator(".picks .card").nth(1).hover()
    page.screenshot(path=file)
    page.close()


if __name__ == "__main__":
    draw(sys.argv[1], sys.argv[2], sys.argv[3])
