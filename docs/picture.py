"""Draws docs/sample-issue.png: the sample issue on a desktop and on a phone. Run by `make picture`.

    python docs/picture.py out/2020-11-11 seeds docs/sample-issue.png [--dark]

Needs Chromium (the environment variable CHROMIUM names another than /usr/bin/chromium) and no network.
"""

from __future__ import annotations

import os
import sys
import threading

from playwright.sync_api import sync_playwright

from digest import preview

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
  .desktop {{ width: 720px; height: 1180px; border-radius: 14px; box-shadow: 0 10px 40px #0004 }}
  .phone {{ border: 12px solid #111; border-radius: 44px; overflow: hidden; box-shadow: 0 10px 40px #0005 }}
  .phone iframe {{ width: 375px; height: 1000px }}
</style>
<iframe class="desktop" src="{address}"></iframe>
<div class="phone"><iframe src="{address}"></iframe></div>
"""


def draw(folder: str, archive: str, target: str, *, dark: bool) -> None:
    """Write a picture of the issue in *folder* to *target*."""
    server = preview.serve(folder, [archive], 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=FLAGS)
        page = browser.new_page(
            viewport={"width": 1260, "height": 1000}, color_scheme="dark" if dark else "light", bypass_csp=True
        )
        page.goto(f"http://127.0.0.1:{server.server_port}/issue.json")
        page.set_content(
            FRAME.format(address=f"http://127.0.0.1:{server.server_port}/", ground="#0b0d10" if dark else "#dcd7cc")
        )
        page.wait_for_load_state("networkidle")
        page.screenshot(path=target, full_page=True)
        browser.close()
    server.shutdown()


if __name__ == "__main__":
    draw(sys.argv[1], sys.argv[2], sys.argv[3], dark="--dark" in sys.argv)
