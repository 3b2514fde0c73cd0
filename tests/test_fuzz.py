"""Thousands of damaged inputs for everything that reads one: each is read, or refused in words with its place.

The number of inputs is `--cases`: 10,000 in CI, a tenth elsewhere, as many as you like with `make fuzz`.
"""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import THEME
from weeks import report

from digest import archive, theme
from digest.config import edits
from digest.config import settings as digest_settings
from digest.config.values import FieldPlan, Rules
from digest.errors import EditsError, SettingsError, ThemeError
from digest.model import Provider
from digest.records import article, frontmatter
from digest.records.article import Record
from digest.selection import order, stories
from digest.text import sanitize
from digest.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from digest.model import Article

    Recorder = Callable[[str, object], None]

One = TypeVar("One")
SHARES = {"front matter": 3_000, "addresses": 2_400, "titles": 2_400, "clusterings": 700, "settings": 800,
          "edits": 600, "themes": 100}  # fmt: skip
PIECES = (
    "\n", "\n---\n", ": ", "- ", "  ", "\t", "{", "}", "[", "]", "'", '"', "|\n ", ">\n ", "&a ", "*a", "<<: ", "!!x ",
    "? ", "#", "%YAML 9\n", "~", "null", "true", "NO", "010", "1e9", "2020-13-45", "\x00", "\x07", "\ufeff", "\u2028",
    "\u202e", "é", "日", "\ud7ff", "💥", "{{ x }}", "{% x %}", "[[ x ]]", "<b>", "</mj-text>", "<!--", "-->",
    "&amp;", "&#0;", "javascript:", "https://", "@", "\\", "%0a", "9" * 30, "a" * 200, "[" * 40, "title: x\n",
    "archive: 7\n",
)  # fmt: skip
ARTICLE = """---
title: Robots learn to fold towels
excerpt: "They did it in the dark."
publishedDateTime: 2020-11-09T10:29:00Z
heat: 89
published: true
webUrl: https://news.example.com/towels
provider:
  name: Wired Meadow
  domain: meadow.example.com
topics: [AI, Robotics]
images:
- url: https://news.example.com/towels.jpg
  width: 1200
related:
- title: Towels, folded
  webUrl: https://other.example.com/towels
---
"""
SETTINGS = """newsletter:
  name: The AI Week
  from: The AI Week <news@example.com>
  timezone: Europe/Berlin
archive: [seeds]
window: {days: 7}
sections:
- topic: AI
  limit: 3
- title: Seeing machines
  topic: [Computer Vision]
  min: 1
  thin: {widen: 3}
select: {order: [heat, earliest], min_heat: 3, per_provider: 2, repeat_after: never}
size: {limit: 99000}
theme: {accent: "#1d4ed8"}
targets: {relay: {kind: smtp, host: mail.example.com, password: {env: X}}}
send: {recipients: readers.csv, rate: 20}
"""
CROSSED = FieldPlan(
    names=(
        ("excerpt", "title"), ("publishedDateTime", "heat"), ("webUrl", "related"), ("heat", "topics"),
        ("topics", "provider.name"), ("provider", "type"), ("image", "webUrl"), ("published", "provider"),
    ),
    score=(("quality", 1.5), ("provider.name", -2.0), ("related", 1.0)),
)  # fmt: skip
"""Every name means a field of another kind."""
EDITS = """subject: Machines that see
introduction: |
  Dear *reader*.
pin:
- story: a.md
  section: AI
  position: 1
drop:
- story: b.md
  reason: no
move: [{story: c.md, section: AI}]
change: [{story: d.md, title: A chip}]
order: {AI: [a.md]}
"""


def damaged(text: str) -> st.SearchStrategy[str]:
    """Return *text* with up to six pieces cut out, put in or doubled."""
    cut = st.tuples(
        st.integers(0, len(text)), st.integers(0, 30), st.one_of(st.sampled_from(PIECES), st.text(max_size=5))
    )

    def apply(cuts: list[tuple[int, int, str]]) -> str:
        made = text
        for start, length, piece in cuts:
            made = made[:start] + piece + made[start + length :]
        return made

    return st.lists(cut, max_size=6).map(apply)


class Fuzz:
    """Runs a check on as many inputs as its share says, and counts them."""

    def __init__(self, cases: int, record: Recorder) -> None:
        self._cases, self._record = cases, record

    def __call__(self, name: str, made: st.SearchStrategy[One], check: Callable[[One], None]) -> None:
        """Hold *check* against inputs."""
        count = 0
        share = max(10, self._cases * SHARES[name] // sum(SHARES.values()))

        @settings(max_examples=share, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(made)
        def run(one: One) -> None:
            nonlocal count
            count += 1
            check(one)

        run()
        assert count >= share // 2, "an input must not be left out"
        self._record("inputs", f"{count:,} damaged {name}")


@pytest.fixture
def fuzz(request: pytest.FixtureRequest, record_property: Recorder) -> Fuzz:
    """Return what runs a check."""
    given_cases = request.config.getoption("--cases") or ("10000" if os.environ.get("CI") else "1000")
    return Fuzz(int(given_cases), record_property)


def test_front_matter(fuzz: Fuzz) -> None:
    """A damaged file is an article or a problem, whose line is one of the file's."""

    def check(content: bytes, name: str = "a.md") -> None:
        last = content.count(b"\n") + 2
        try:
            fields = frontmatter.parse(content, name).fields
        except frontmatter.Malformed as error:
            assert 1 <= error.line <= last
            assert error.what == sanitize.text(error.what) or "\n" not in error.what
            return
        for plan in (FieldPlan(), CROSSED):
            reading = article.build(Record(place="archive/a.md", path="a.md", fields=fields), plan)
            assert reading.article or reading.problems
            assert all(1 <= (problem.line or 1) <= last for problem in reading.problems)

    texts = damaged(ARTICLE).map(lambda text: text.encode("utf-8", "surrogatepass"))
    fuzz("front matter", st.one_of(texts, st.binary(max_size=200)), check)


def test_addresses(fuzz: Fuzz) -> None:
    """What comes out is absolute http(s) in ASCII without credentials, and comes out the same again."""

    def check(raw: str) -> None:
        found = sanitize.address(raw)
        if found is not None:
            assert re.fullmatch(r"https?://[a-z0-9._-]+(:\d+)?([/?#][!-~]*)?", found)
            assert not set('<>"{}` \\') & set(found)
            assert sanitize.address(found) == found
            assert canonical(found) == canonical(found.replace("https://", "http://", 1))

    fuzz("addresses", damaged("https://www.example.com:8080/a/b?utm_source=x&id=7#top"), check)


def test_titles(fuzz: Fuzz) -> None:
    """A title is one line of a bounded length, and comparing it never fails."""
    outlet = Provider(name=sanitize.text("The Times"))

    def check(raw: str) -> None:
        title = sanitize.text(raw, most=300)
        assert len(title) <= 300
        assert title == " ".join(title.split())
        assert title.isprintable() or not set(title) & set("\x00\x1f\x7f\u2028\u202e")
        assert stories.normalised(title, outlet) == stories.normalised(title, outlet)

    fuzz("titles", damaged("UPDATE 2-FEATURE: Robots &amp; towels, “folded” | The Times"), check)


def test_clustering(fuzz: Fuzz) -> None:
    """Every report is in exactly one story, whatever the order they come in."""
    titles = st.one_of(
        damaged("Robots learn to fold 12 towels in the dark"), st.sampled_from(["Bees count to four", "Bees"])
    )
    rule = order.of_articles(Rules().order)

    def told(reports: list[Article]) -> list[list[str]]:
        found = stories.Week(reports, rule).stories()
        return sorted(sorted([story.lead.path, *(one.path for one in story.others)]) for story, _ in found)

    def check(many: list[str]) -> None:
        reports = [
            report(title or "x", "They did it.", provider=f"Outlet {number % 3}", path=f"{number}.md")
            for number, title in enumerate(many)
        ]
        found = told(reports)
        assert sorted(path for story in found for path in story) == sorted(one.path for one in reports)
        assert told(reports[::-1]) == found

    fuzz("clusterings", st.lists(titles, max_size=6), check)


def test_settings(fuzz: Fuzz, tmp_path: Path) -> None:
    """A damaged digest.yaml is read, or refused with a place in each line."""
    file = tmp_path / "digest.yaml"

    def check(text: str) -> None:
        file.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            digest_settings.load(str(file))
        except SettingsError as error:
            assert error.lines
            assert all(line.startswith(str(file)) for line in error.lines)

    fuzz("settings", damaged(SETTINGS), check)


def test_edits(fuzz: Fuzz) -> None:
    """A damaged editor's file is read, or refused with a place in each line."""

    def check(text: str) -> None:
        try:
            edits.parse(text.encode("utf-8", "surrogatepass"), "edits/2020-11-11.yaml")
        except EditsError as error:
            assert error.lines
            assert all(line.startswith("edits/2020-11-11.yaml") for line in error.lines)

    fuzz("edits", damaged(EDITS), check)


def test_themes(fuzz: Fuzz, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged theme compiles, or is refused in words; the engines behind it never end the program."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with open(os.path.join(THEME, "story.mjml"), encoding="utf-8") as handle:
        sound = handle.read()
    folder = str(tmp_path / "theme")
    shutil.copytree(THEME, folder)

    def check(text: str) -> None:
        with open(os.path.join(folder, "story.mjml"), "wb") as handle:
            handle.write(text.encode("utf-8", "surrogatepass"))
        try:
            theme.load(folder, {}, language="en")
        except ThemeError as error:
            assert [line for line in str(error).splitlines() if not line.startswith(f"{folder}/")] == []

    fuzz("themes", damaged(sound), check)


def test_an_archive_of_damaged_files_is_read(tmp_path: Path) -> None:
    """A folder of them is read as a whole, each by itself."""
    for number, piece in enumerate(PIECES):
        text = ARTICLE.replace("towels", f"towels {piece}", 1)
        (tmp_path / f"{number}.md").write_bytes(text.encode("utf-8", "surrogatepass"))
    read = archive.read([str(tmp_path)])

    assert read.files == len(PIECES)
    assert len({one.path for one in read.problems} | {one.path for one in read.articles}) >= len(read.articles)
