"""How long the preview takes: from a saved theme to the new letter in a browser, and from the desk to the letter.

    python benchmarks/preview.py [--runs 15] [--articles 100000] [--json FILE]

Prints a row a figure, the median with the smallest and largest, and the goal. Needs Chromium (CHROMIUM names another
than /usr/bin/chromium); the large archive comes from ../shared/perf where that is, and is named as left out where not.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

ROOT = Path(__file__).parent.parent
PERF = ROOT.parent / "shared" / "perf"
DIGEST = str(Path(sys.executable).with_name("digest"))
LISTEN = """() => { window.shownAt = 0; new MutationObserver(() => { window.shownAt = Date.now(); })
  .observe(document.body, { attributes: true, attributeFilter: ["data-shown"] }); }"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One row; *unit* is ms or MB."""

    name: str
    median: float
    least: float
    most: float
    goal: float
    unit: str

    def __str__(self) -> str:
        verdict = "ok  " if self.median <= self.goal else "OVER"
        spread = f"{self.least:.0f} to {self.most:.0f}"
        return f"{verdict} {self.name:<52} {self.median:7.0f} {self.unit} (goal {self.goal:.0f}; {spread})"


def figure(name: str, values: list[float], goal: float, unit: str = "ms") -> Figure:
    """Sum up what was measured."""
    return Figure(name, statistics.median(values), min(values), max(values), goal, unit)


@contextmanager
def previewing(folder: Path, day: str) -> Iterator[tuple[subprocess.Popen[str], str, float]]:
    """Run `digest preview` in *folder*; give the process, its address, and how long it took to be up, in ms."""
    start = time.perf_counter()
    command = [DIGEST, "preview", "--date", day, "--port", "0"]
    running = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
    assert running.stdout
    line = running.stdout.readline()
    up = (time.perf_counter() - start) * 1000
    try:
        yield running, line.split(" at ")[1].split(";")[0], up
    finally:
        running.terminate()
        running.wait()


def until_shown(page: Page, since: float) -> float:
    """Return the milliseconds from *since*, a wall clock's, to the next letter in the frame."""
    while not page.evaluate("window.shownAt"):
        page.wait_for_timeout(25)  # the page knows the moment; to ask more often would keep it from its work
    return float(page.evaluate("window.shownAt")) - since * 1000


def theme(page: Page, folder: Path, runs: int) -> Figure:
    """Save the theme again and again."""
    footer = folder / "theme" / "footer.mjml"
    content = footer.read_text("utf-8")
    values = []
    for number in range(runs + 1):
        page.evaluate(LISTEN)
        since = time.time()
        footer.write_text(content.replace("Headlines", f"Headlines {number}"), "utf-8")
        values.append(until_shown(page, since))
        page.wait_for_timeout(150)
    return figure("theme saved to letter in the browser, sample issue", values[1:], 300)


def desk(page: Page, runs: int, name: str) -> Figure:
    """Swap the first two stories again and again."""
    values = []
    for _ in range(runs + 1):
        page.evaluate(LISTEN)
        page.locator(".picks .handle").first.focus()
        since = time.time()
        page.keyboard.press("ArrowDown")
        values.append(until_shown(page, since))
        page.wait_for_timeout(150)
    return figure(f"desk to letter in the browser, {name}", values[1:], 300)


def drops(page: Page, runs: int, name: str) -> Figure:
    """Drop the first story and undo that, again and again: each time another moves up, and all are told why anew."""
    values = []
    for _ in range(runs + 1):
        page.locator(".picks [data-do=drop]").first.press("Enter")
        page.keyboard.type("no time")
        for key in ("Enter", "Control+z"):
            page.evaluate(LISTEN)
            since = time.time()
            page.keyboard.press(key)
            values.append(until_shown(page, since))
            page.wait_for_timeout(300)
    return figure(f"drop or undo to letter in the browser, {name}", values[2:], 300)


def peak(process: subprocess.Popen[str]) -> float:
    """The most memory the process has held, in MB."""
    status = Path(f"/proc/{process.pid}/status").read_text("ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1000


def measure(runs: int, articles: int, folder: Path) -> list[Figure]:
    """Return all figures."""
    small, large = folder / "small", folder / "large"
    for room in (small, large):
        shutil.copytree(ROOT / "templates" / "default", room / "theme")
        (room / "digest.yaml").write_text("archive: [seeds]\ntemplates: theme\n", "utf-8")
    shutil.copytree(ROOT / "seeds", small / "seeds")
    figures = []
    with sync_playwright() as play:
        chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        offline = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu", offline])
        with previewing(small, "2020-11-11") as (_, address, _up):
            page = opened(browser.new_page(viewport={"width": 1440, "height": 900}), address)
            figures += [theme(page, small, runs), desk(page, runs, "sample issue")]
        if not (PERF / "gen_archive.py").exists():
            sys.stdout.write(f"left out: a large archive; looked for the generator in {PERF}\n")
            return figures
        generate = [sys.executable, str(PERF / "gen_archive.py"), str(large / "seeds"), str(articles)]
        subprocess.run(generate, check=True, capture_output=True)
        build = [DIGEST, "build", "--date", "2021-02-28"]
        subprocess.run(build, cwd=large, check=True, capture_output=True)
        start = time.perf_counter()
        subprocess.run(build, cwd=large, check=True, capture_output=True)
        one_build = (time.perf_counter() - start) * 1000
        with previewing(large, "2021-02-28") as (process, address, up):
            figures.append(
                figure(f"page up, {articles:,} articles (goal: one build and a half)", [up], one_build * 1.5)
            )
            page = opened(browser.new_page(viewport={"width": 1440, "height": 900}), address)
            figures += [measured(page, runs, f"{articles:,} articles") for measured in (desk, drops)]
            figures.append(figure(f"most memory, {articles:,} articles", [peak(process)], 300, "MB"))
        browser.close()
    return figures


def opened(page: Page, address: str) -> Page:
    """Open the preview and wait for its letter."""
    page.goto(address)
    page.wait_for_selector("body[data-shown]")
    return page


def main() -> int:
    """Print all figures; return 1 where one is over its goal."""
    parser = argparse.ArgumentParser(description="Time the preview in a browser.")
    parser.add_argument("--runs", type=int, default=15, help="counted runs a figure (default 15)")
    parser.add_argument("--articles", type=int, default=100_000, help="size of the large archive (default 100,000)")
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_CACHE_HOME"] = str(Path(name) / "cache")
        figures = measure(chosen.runs, chosen.articles, Path(name))
    for one in figures:
        sys.stdout.write(f"{one}\n")
    if chosen.json:
        Path(chosen.json).write_text(json.dumps([asdict(one) for one in figures], indent=1), encoding="utf-8")
    return int(any(one.median > one.goal for one in figures))


if __name__ == "__main__":
    sys.exit(main())
