"""Draws docs/sample-issue.png: the sample issue on a desktop and on a phone. Run by `make picture`.

    python docs/picture.py out/2020-11-11 seeds docs/sample-issue.png [--dark] [--long]

With --long both frames are higher, and the phone shows the letter's second half. Pictures are taken from
`pictures/` beside the settings of docs/own-words, too.

Needs Chromium (the environment variable CHROMIUM names another than /usr/bin/chromium) and no network.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Route

PAGE, LETTER = "https://picture.example.com/", "https://picture.example.com/letter"
OWN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "own-words")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FRAME = """
<style>
  body {{ margin: 0; background: {ground}; display: flex; gap: 44px; padding: 44px; width: 1172px }}
  body > * {{ align-self: flex-start }}
  iframe {{ border: 0; display: block }}
  .desktop {{ width: 720px; height: {desktop}px; border-radius: 14px; box-shadow: 0 10px 40px #0004 }}
  .phone {{ border: 12px solid #111; border-radius: 44px; overflow: hidden; box-shadow: 0 10px 40px #0005 }}
  .phone iframe {{ width: 375px; height: {phone}px }}
</style>
<iframe class="desktop" src="{address}"></iframe>
<div class="phone"><iframe src="{address}"></iframe></div>
"""


def draw(folder: str, archive: str, target: str, *, dark: bool, long: bool) -> None:
    """Write a picture of the issue in *folder* to *target*."""
    desktop, phone = (1560, 1400) if long else (1180, 1000)
    with open(os.path.join(folder, "index.html"), encoding="utf-8") as handle:
        letter = handle.read()

    def answer(route: Route) -> None:
        name = os.path.basename(route.request.url)
        places = (os.path.join(parent, "pictures", name) for parent in (archive, OWN))
        picture = next(filter(os.path.isfile, places), "")
        if route.request.url in {PAGE, LETTER}:
            ground = "#0b0d10" if dark else "#dcd7cc"
            frame = FRAME.format(address=LETTER, ground=ground, desktop=desktop, phone=phone)
            route.fulfill(body=frame if route.request.url == PAGE else letter, content_type="text/html; charset=utf-8")
        elif picture:
            route.fulfill(path=picture)
        else:
            route.abort()

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1260, "height": 1000}, color_scheme="dark" if dark else "light")
        page.route("**", answer)
        page.goto(PAGE, wait_until="networkidle")
        if long:
            page.frames[2].evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        page.screenshot(path=target, full_page=True)
        browser.close()


if __name__ == "__main__":
    draw(*sys.argv[1:4], dark="--dark" in sys.argv, long="--long" in sys.argv)
