"""One measure of weight: the builder, the gate and the preview's gauge name the same bytes for the same letter."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from previewing import DAY, Newsroom, ask, serving
from samples import THEME

from digest import checks, weight
from digest.config.values import Shape
from digest.issue import record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LETTERS = {
    "latin": ("en", "A ferry without a crew crosses the bay, and nobody on board looks up from their paper. "),
    "chinese": ("zh", "无人驾驶的渡轮横渡海湾，船上没有人从报纸上抬起头来。"),
    "arabic": ("ar", "عبارة بلا طاقم تعبر الخليج، ولا أحد على متنها يرفع رأسه عن صحيفته. "),
    "pictures": ("en", "Short. "),
}
STORIES = 60


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the compiled themes of these tests to themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def heavy(folder: Path, name: str) -> Newsroom:
    """Set up a newsroom in *folder* whose only letter is too heavy, in the script that *name* says."""
    language, sentence = LETTERS[name]
    (folder / "seeds").mkdir()
    for number in range(STORIES):
        fields = {
            "title": f"{sentence[:50]} {number}",
            "excerpt": sentence * 6,
            "publishedDateTime": "2020-11-09T10:29:00Z",
            "heat": 100 - number,
            "webUrl": f"https://news.example.com/{number}",
            "provider": {"name": "Times"},
            "topics": ["AI"],
            "images": [{"url": f"https://pictures.example.com/{name}/{number}.jpg", "width": 640, "height": 360}],
        }
        path = folder / "seeds" / f"{number}.md"
        path.write_text(f"---\n{json.dumps(fields, ensure_ascii=False)}\n---\n", encoding="utf-8")
    settings = (
        f"newsletter: {{language: {language}}}\narchive: [seeds]\ntemplates: {THEME}\nsize: {{limit: }}\n"
        f"sections: [{{topic: AI, limit: {STORIES}}}]\n"
    )
    (folder / "digest.yaml").write_text(settings, encoding="utf-8")
    return Newsroom(folder)


@pytest.mark.parametrize("name", LETTERS)
def test_builder_gate_and_gauge_agree(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter in Latin, Chinese or Arabic, or with many pictures, weighs the same for all three."""
    monkeypatch.chdir(tmp_path)
    room = heavy(tmp_path, name)

    built = room.build(DAY)
    found = [one.what for one in checks.check(checks.load(built.folder)) if one.rule == "clip"]
    with serving(room) as served:
        page = ask(served, "/").text

    assert built.message.weight > weight.CLIP
    assert record.read(built.folder)["weight"] == built.message.weight
    assert found == [f"{built.message.weight:,} bytes"]
    assert f"{built.message.weight / 1000:.1f} of 102 kB: Gmail clips it" in page


def test_a_letter_that_fills_its_room_stands_against_nothing() -> None:
    """What the builder trims to is what the gate lets pass without a word."""
    assert Shape().limit == weight.ROOM < weight.CLIP
