"""What all tests share: how hard hypothesis tries, and a way to write folders."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from playwright.sync_api import Browser

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")

settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, max_examples=300, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Mapping[str, str | bytes]], str]:
    """Write files, named by their path below a folder of the test's own; return that folder."""

    def write(files: Mapping[str, str | bytes]) -> str:
        for path, content in files.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(tmp_path)

    return write


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run one Chromium for all tests of a module, and no longer: while it runs, no other event loop can."""
    _needs_chromium()
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - not needed where there is no Chromium

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


def _needs_chromium() -> None:
    if not os.path.exists(CHROMIUM):
        reason = f"no Chromium at {CHROMIUM}; name one with the environment variable CHROMIUM"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the long tests run their long form."""
    parser.addoption("--kills", default="10", help="how often the crash test kills a run (50 is the long form)")
    parser.addoption("--faults", default="some", help="which faults of a disk are tried: some, or all")
    parser.addoption("--cases", default="", help="how many inputs the fuzz tests make in all (10,000 in CI)")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say of each test that counts its inputs how many it ran."""
    counted = [
        str(value)
        for report in terminalreporter.stats.get("passed", [])
        for name, value in report.user_properties
        if name == "inputs"
    ]
    if counted:
        terminalreporter.section("inputs tried")
        for line in sorted(counted):
            terminalreporter.write_line(line)
