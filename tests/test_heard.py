"""The text part as it is heard: quotations and pictures are told by a word, headings stand apart, no address twice."""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import golden
import pytest
from samples import THEME, address, article, issue, newsletter, section

from digest import checks, pipeline, rendering
from digest.config import settings
from digest.model import Ran, Update
from digest.text import sanitize
from digest.theme import load

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOKS = sorted(str(path.parent) for path in Path(THEME).parent.glob("*/issue.mjml"))
SETTINGS = """
newsletter: {{language: {tongue}}}
archive: [{seeds}]
templates: {look}
sections: [{{topic: AI, limit: 2}}, {{topic: Robotics, limit: 2}}]
blocks:
  - kind: sponsor
    name: Acme Lasers
    text: Lasers for [small workshops](https://acme.example.com/), [thirty days](https://acme.example.com/try) on trial.
    url: https://acme.example.com/
    picture: https://acme.example.com/laser.jpg
    alt: A laser on a workbench
    section: AI
  - kind: quote
    text: "We saw it coming.\\n\\nNobody else did."
    name: Ada Ferrer
    url: https://example.com/ada
    at: end
  - kind: links
    title: Quick hits
    text: We rode on [the ferry](https://example.com/ferry).
    links: [{{title: A ferry, url: https://example.com/ferry}}]
    at: top
"""
EDITS = """
introduction: |
  Good morning from <https://example.com/harbour/>, and [on the web](https://example.com/issues/2020-11-11/).

  ## This week

  > Said is [**really** said](https://example.com/said), [again](https://example.com/said).
  >
  > And said.

  - [example.com/saw](https://example.com/saw)
  - [ed@example.com](mailto:ed@example.com?subject=hello)

  ![A saw that listens](https://example.com/saw.jpg)
change:
  - story: Crewless ferry makes first night crossing between Skarvik and Hallen
    why: |
      > Nobody sailed at night before, [it says]({ferry}).
"""
FERRY = "https://www.ostrava-tech.example.org/2020/11/10/crewless-ferry-makes-first-night-crossing-between-skarvik-and-hallen"
SPOKEN = {
    "en": ("Quote:", "Picture:", "Why it matters:"),
    "ar": ("اقتباس:", "صورة:", "لماذا هذا مهم:"),
    "ja": ("引用：", "画像：", "なぜ重要か："),
}


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the compiled themes of these tests to themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def letter(folder: Path, look: str, tongue: str) -> str:
    """Return the text of the sample with an editor's words, without marks of direction; `check` is content with it."""
    (folder / "edits").mkdir()
    (folder / "edits" / "2020-11-11.yaml").write_text(EDITS.format(ferry=FERRY), "utf-8")
    (folder / "digest.yaml").write_text(SETTINGS.format(tongue=tongue, look=look, seeds=golden.SEEDS), "utf-8")
    chosen = settings.load(str(folder / "digest.yaml"))
    done = pipeline.build(chosen, pipeline.window_of(chosen, last=date(2020, 11, 11)))
    findings = checks.check(checks.load(done.folder))

    assert done.message.notes == ()
    assert [str(each) for each in findings if each.rule not in {"old-issue", "link-words"}] == []
    return re.sub("[\u200f\u2068\u2069]", "", done.message.text)


@pytest.mark.parametrize("tongue", SPOKEN)
@pytest.mark.parametrize("look", LOOKS, ids=os.path.basename)
def test_it_can_be_heard(tmp_path: Path, look: str, tongue: str) -> None:
    """Each paragraph of a quotation and each picture begins with the word for it, and a heading is apart."""
    quote, picture, why = SPOKEN[tongue]
    text = letter(tmp_path, look, tongue)

    for line in (
        f"{quote} Said is really said (https://example.com/said), again.",
        f"{quote} And said.",
        f"{quote} We saw it coming.",
        f"{quote} Nobody else did.",
        f"{picture} A saw that listens",
        f"{picture} A laser on a workbench",
        f"   {why} {quote} Nobody sailed at night before, it says.",
    ):
        assert f"\n\n{line}\n\n" in text
    assert "\n\n\nThis week\n\n" in text


@pytest.mark.parametrize("look", LOOKS, ids=os.path.basename)
def test_no_address_is_spelled_twice(tmp_path: Path, look: str) -> None:
    """An address stands once in the letter, whoever names it again: an editor's link, its own words, or its block."""
    text = letter(tmp_path, look, "en")
    spelled = Counter(address.rstrip(").,") for address in re.findall(r"https?://\S+", text))

    assert {each: times for each, times in spelled.items() if times > 1} == {}
    assert {"https://example.com/saw", "https://example.com/harbour/", FERRY, "https://acme.example.com/"} <= set(
        spelled
    )
    assert "\n- https://example.com/saw\n- ed@example.com\n" in text
    assert "\nLasers for small workshops, thirty days (https://acme.example.com/try) on\ntrial.\n" in text
    assert "\nWe rode on the ferry.\n\n- A ferry\n  https://example.com/ferry\n" in text


def test_the_address_of_an_earlier_issue_is_spelled_once() -> None:
    """Of two stories that go on from one earlier issue the first has its address; another issue has its own."""

    def update(day: int) -> Update:
        when = date(2020, 11, day)
        web = address(f"https://example.com/issues/{when}/")
        ran = Ran(
            issue=str(when),
            day=when,
            title=sanitize.text("Robots fold"),
            provider=article().provider,
            published_at=None,
            addresses=frozenset(),
            coverage=1,
            web=web,
        )
        return Update(ran=ran, new=())

    towels = [article(f"Towels {day}", url=f"https://news.example.com/{day}") for day in range(3)]
    made = section(*towels)
    picks = tuple(replace(pick, update=update(day)) for pick, day in zip(made.picks, (4, 4, 3), strict=True))
    shown = issue(sections=(replace(made, picks=picks),))
    text = rendering.render(shown, newsletter(), load(THEME, {}, language="en")).text

    assert text.count("Update to 4 November: Robots fold\n") == 2
    assert text.count("   https://example.com/issues/2020-11-04/\n") == 1
    assert text.index("/2020-11-04/") < text.index("2. Towels 1") < text.index("/2020-11-03/")
