"""A theme that does not finish, takes all memory or breaks its process: one line, and the next rendering is as ever."""

from __future__ import annotations

import os
import pickle
import re
import threading
import time
from typing import TYPE_CHECKING

import pytest
from previewing import Newsroom, newsroom

from digest import errors, pipeline
from digest.errors import DigestError, NothingToSend, SettingsError, ThemeError
from digest.render_process import RenderProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.config.settings import Settings
    from digest.model import Issue

SHORT = 1.0
"""Seconds for a theme whose loop begins before anything heavy does."""

LOOP = "for x in range(10**9) %}{% for y in range(10**9) %}{% endfor %}{% endfor"
FOREVER = "has not finished after {} s; look for a loop there that does not end"
IN_C = "has not finished after {} s; look for a loop that does not end"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """Set up a newsroom, and keep its compiled themes."""
    folder = tmp_path_factory.mktemp("room")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        yield newsroom(folder)


@pytest.fixture(scope="module")
def chosen(room: Newsroom) -> tuple[Settings, Issue]:
    """Choose the issue."""
    settings, window = room.load()
    return settings, pipeline.choose(settings, window).issue


def wrong(
    room: Newsroom, chosen: tuple[Settings, Issue], name: str, added: str, seconds: float, instead: str = ""
) -> str:
    """Return what is said of a theme with *added* in a file, at its end or *instead* of something there.

    Where it is mended, the next rendering must go well.
    """
    file = room.folder / "theme" / name
    kept = file.read_text("utf-8")
    # Beside a whole suite the theme's part of a core is small: the limits by the processor are what is tested here.
    process = RenderProcess(seconds=seconds, clock_seconds=300)
    try:
        file.write_text(kept.replace(instead, added) if instead else f"{kept}{added}\n", "utf-8")
        with pytest.raises(ThemeError) as caught:
            process.render(*chosen)
        file.write_text(kept, "utf-8")
        # A good theme has the usual time, also on a busy machine.
        again = RenderProcess()
        try:
            assert again.render(*chosen) == pipeline.render(*chosen)
        finally:
            again.close()
    finally:
        file.write_text(kept, "utf-8")
        process.close()
    return str(caught.value).replace(f"{room.folder}/", "")


def test_it_renders_as_in_this_process(chosen: tuple[Settings, Issue]) -> None:
    """The child gives the very bytes, time after time."""
    process = RenderProcess()
    try:
        assert [process.render(*chosen), process.render(*chosen)] == [pipeline.render(*chosen)] * 2
    finally:
        process.close()


@pytest.mark.parametrize(
    ("name", "added", "seconds", "said"),
    [
        ("footer.mjml", f"[% {LOOP.replace('{%', '[%').replace('%}', '%]')} %]", SHORT, FOREVER.format(1)),
        ("footer.mjml", "[[ range(10**12)|sum ]]", SHORT, IN_C.format(1)),
        ("issue.txt", f"{{% {LOOP} %}}", 4, FOREVER.format(4)),
        (
            "footer.mjml",
            "[% macro m() %][[ m() ]][% endmacro %][[ m() ]]",
            5,
            "calls itself without end; look for a macro or an include that leads back to itself",
        ),
        (
            "footer.mjml",
            '[% include "footer.mjml" %]',
            5,
            "calls itself without end; look for a macro or an include that leads back to itself",
        ),
        (
            "issue.txt",
            "{{ 'x' * 10**11 }}",
            5,
            "takes more memory than it may; look for a text or a list there that grows without end",
        ),
        (
            "issue.txt",
            "".join(f"{{% for a{one} in range(2) %}}" for one in range(25)) + "{% endfor %}" * 25,
            5,
            "too many statically nested blocks (<template>, line N); templates/README.md lists what a theme can use",
        ),
    ],
    ids=["own loop", "in C", "loop", "macro", "include", "memory", "nested"],
)
def test_a_theme_that_does_not_finish_is_said(
    room: Newsroom, chosen: tuple[Settings, Issue], name: str, added: str, seconds: float, said: str
) -> None:
    """Each is one line with its place, where that can be told, and the next rendering is as ever."""
    line = wrong(room, chosen, name, added, seconds)
    place, _, what = line.partition(": ")

    assert place.split(":")[0] in {f"theme/{name}", "theme"}
    assert re.sub(r"line \d+", "line N", what) == said


def test_a_letter_without_measure_is_not_taken_in(room: Newsroom, chosen: tuple[Settings, Issue]) -> None:
    """What a theme makes in time may still be more than a page, and a check, can bear."""
    line = wrong(room, chosen, "footer.mjml", "{{ 'x' * 6_000_000 }}", 10, instead="{{ newsletter.why }}")

    assert re.fullmatch(
        r"theme: makes a letter of 1\d,\d{3},\d{3} bytes; more than 10,000,000 are not shown; "
        "look for a loop there that runs too often",
        line,
    )


def test_the_place_of_a_loop_is_its_line(room: Newsroom, chosen: tuple[Settings, Issue]) -> None:
    """The message leads to the line where the theme was when its time was over."""
    last = len((room.folder / "theme" / "footer.mjml").read_text("utf-8").splitlines()) + 1
    own = f"[% {LOOP.replace('{%', '[%').replace('%}', '%]')} %]"

    assert wrong(room, chosen, "footer.mjml", own, SHORT).startswith(f"theme/footer.mjml:{last}:")


@pytest.mark.parametrize(("end", "said"), [("give_up", "was saved again before it had finished"), ("stop", "ends")])
def test_a_rendering_under_way_can_be_ended(
    room: Newsroom, chosen: tuple[Settings, Issue], end: str, said: str
) -> None:
    """Whoever saves the theme again, or ends the program, does not wait for a loop."""
    file = room.folder / "theme" / "footer.mjml"
    kept = file.read_text("utf-8")
    file.write_text(f"{kept}[[ range(10**12)|sum ]]", "utf-8")
    process = RenderProcess(seconds=60)
    caught: list[Exception] = []

    def render() -> None:
        try:
            process.render(*chosen)
        except ThemeError as error:
            caught.append(error)

    thread = threading.Thread(target=render)
    thread.start()
    start = time.monotonic()
    while thread.is_alive() and time.monotonic() - start < 30:
        process.give_up(after=0) if end == "give_up" else process.stop()
        time.sleep(0.05)
    thread.join(30)
    file.write_text(kept, "utf-8")
    process.close()

    assert not thread.is_alive()
    assert said in str(caught[0])
    assert time.monotonic() - start < 30


def test_a_child_that_was_killed_is_replaced(chosen: tuple[Settings, Issue]) -> None:
    """A child that somebody else ends between two renderings is missed by nobody."""
    process = RenderProcess()
    try:
        first = process.render(*chosen)
        child = process._child
        assert child
        child.kill()
        child.wait()

        assert process.render(*chosen) == first
    finally:
        process.close()


def test_the_child_ends_with_its_program(chosen: tuple[Settings, Issue]) -> None:
    """Where nobody asks any more, because the program was killed, the child does not stay."""
    process = RenderProcess()
    process.render(*chosen)
    child = process._child
    assert child
    assert child.stdin
    child.stdin.close()

    assert child.wait(30) == 0
    assert child.stdout
    child.stdout.close()


def test_a_mistake_of_ours_keeps_its_traceback(room: Newsroom, chosen: tuple[Settings, Issue]) -> None:
    """What is no fault of the theme is told as what it is."""
    settings, issue = chosen
    process = RenderProcess()
    try:
        with pytest.raises(RuntimeError, match=r"(?s)a rendering failed:\nTraceback .*AttributeError"):
            process.render("no settings", issue)  # type: ignore[arg-type]  # the mistake
    finally:
        process.close()
    assert os.path.isdir(room.folder)
    assert settings.templates


def test_every_error_comes_through_a_pipe() -> None:
    """Errors of both kinds are the same after they were pickled: type, words and exit status."""
    given: list[DigestError] = [
        ThemeError("a", "b", "c"),
        ThemeError("a", "b"),
        SettingsError(["x: y", "z"]),
        NothingToSend("a", "b"),
    ]
    came = [pickle.loads(pickle.dumps(one)) for one in given]

    assert [(type(one), str(one), one.exit_status) for one in came] == [
        (type(one), str(one), one.exit_status) for one in given
    ]
    assert errors.of_theme(errors.Overdue(5)) == (
        "has not finished after 5 s",
        "look for a loop there that does not end",
    )
