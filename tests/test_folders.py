"""Names of folders that lead elsewhere than they say, and folders that are not digest's to write into."""

from __future__ import annotations

import json
import os
import shutil
from datetime import date
from typing import TYPE_CHECKING

import golden
import pytest
from command import run
from hypothesis import given
from hypothesis import strategies as st
from weeks import Newsroom

from digest import folders, pipeline
from digest.config import settings
from digest.errors import OutputError
from digest.issue import memory, record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command import Done

DAY = "2020-11-11"
RECORDS = '{"title": "Robots fold towels", "url": "https://a.example.com/1", "date": "2020-11-09", "heat": 9}\n'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project with a built issue, in a folder of its own."""
    folder = tmp_path_factory.mktemp("made") / "project"
    folder.mkdir()
    Newsroom(folder).file("a", title="Robots learn to fold towels", publishedDateTime="2020-11-10T10:00:00Z")
    (folder / "digest.yaml").write_text("archive: archive\n", "utf-8")
    (folder / "more.jsonl").write_text(RECORDS, "utf-8")
    assert run(folder, "build", "--date", DAY).status == 0
    return folder


@pytest.fixture
def project(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the project, and with it folders that are traps."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(made.parent / "cache"))
    shutil.copytree(made, tmp_path / "project")
    folder = tmp_path / "project"
    (tmp_path / "home").mkdir()
    (folder / "git" / ".git").mkdir(parents=True)
    (folder / "other").mkdir()
    (folder / "other" / "digest.yaml").write_text("", "utf-8")
    (folder / "full").mkdir()
    (folder / "full" / "mine.txt").write_text("mine", "utf-8")
    (folder / "note").write_text("mine", "utf-8")
    (folder / "lost").symlink_to("nowhere")
    (folder / "to-full").symlink_to("full")
    return folder


def everything(folder: Path) -> dict[str, object]:
    """Return what stands below *folder*, to be compared."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else path.is_symlink()
        for path in sorted(folder.rglob("*"))
    }


COMMANDS: dict[str, Callable[[Path, str], Done]] = {
    "site": lambda folder, name: run(folder, "site", "--to", name),
    "build": lambda folder, name: run(folder, "build", "--date", DAY, "--out", name),
    "import": lambda folder, name: run(folder, "import", "more.jsonl", "--to", name),
}
TRAPS = {
    ".": ".: is the working folder; ",
    "build/..": "build/..: is the working folder; ",
    "..": "..: holds the working folder; ",
    "../": "../: holds the working folder; ",
    "/": "/: holds the working folder; ",
    "~": "~: starts with ~, which only a shell expands; write the whole path\n",
    "../home": "../home: is your home folder; ",
    "git": "git: holds a .git, and nothing that `digest` wrote there; ",
    "git/": "git/: holds a .git, and nothing that `digest` wrote there; ",
    "git/.git/new": "git/.git/new: lies in a .git; ",
    "other": "other: holds a digest.yaml; ",
    "full": "full: holds mine.txt, which `digest` did not write there; ",
    "to-full": "to-full: holds mine.txt, which `digest` did not write there; ",
    "build/../full": "build/../full: holds mine.txt, which `digest` did not write there; ",
    "note": "note: is a file; ",
    "lost": "lost: is a link to nowhere, which is not there; mend or remove it\n",
    "lost/new": "lost: is a link to nowhere, which is not there; mend or remove it\n",
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_is_refused_by_name(project: Path, command: str, name: str) -> None:
    """One line says why, and nothing is changed anywhere."""
    before = everything(project.parent)
    done = COMMANDS[command](project, name)

    assert done.status == 1
    assert done.told.startswith(TRAPS[name])
    assert done.told.count("\n") == 1
    assert everything(project.parent) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("site", "--to", ""),
        ("site", "--to", " "),
        ("site", "--out", ""),
        ("site", "--config", ""),
        ("build", "--out", ""),
        ("build", "--archive", ""),
        ("build", "--templates", ""),
        ("build", "--config", ""),
        ("edit", DAY, "--out", ""),
        ("import", "more.jsonl", "--to", ""),
        ("check", DAY, "--html", ""),
        ("topics", "--html", ""),
        ("replay", "--html", ""),
        ("init", ""),
        ("send", DAY, "--to", "outbox", "--recipients", ""),
        ("send", DAY, "--to", "outbox", "--test", ""),
        ("send", DAY, "--to", "outbox", "--schedule", ""),
        ("send", DAY, "--to", "outbox", "--out", ""),
        ("sent", "--lift", ""),
        ("sent", "--list", ""),
        ("sent", "--out", ""),
        ("theme", "new", ""),
    ],
    ids=" ".join,
)
def test_an_empty_name_is_wrong_usage(project: Path, arguments: tuple[str, ...]) -> None:
    """It is an unset variable of a script, and never means the default or the working folder."""
    before = everything(project.parent)
    done = run(project, *arguments)

    assert done.status == 2
    assert "it is empty\n" in done.told or "'' is no name for a theme" in done.told
    assert everything(project.parent) == before


@pytest.mark.parametrize("name", ["../x", "a/b", ".", "..", "/tmp/x", ".hidden", "~"])
def test_a_theme_has_one_name(project: Path, name: str) -> None:
    """A path is no name: the copy stands in templates/ or nowhere."""
    before = everything(project.parent)
    done = run(project, "theme", "new", name)

    assert done.status == 2
    assert f"{name!r} is no name for a theme: one word, without a folder, such as mine\n" in done.told
    assert everything(project.parent) == before


def test_a_theme_of_ones_own(project: Path) -> None:
    """It is copied whole; a second of that name is refused; what a killed run left is gone."""
    (project / "templates" / ".mine.abc_12.new").mkdir(parents=True)
    first, second = run(project, "theme", "new", "mine"), run(project, "theme", "new", "mine")

    assert first.status == 0
    assert os.listdir(project / "templates") == ["mine"]
    assert (project / "templates" / "mine" / "issue.mjml").is_file()
    assert (second.status, second.told) == (1, "templates/mine: is there already; choose another name\n")


def test_a_theme_is_judged_whole(project: Path) -> None:
    """`theme check` tells every problem with its place, then what does nothing; by name, folder or the settings."""
    assert run(project, "theme", "new", "mine").status == 0
    sound = run(project, "theme", "check", "mine")
    footer = project / "templates" / "mine" / "footer.mjml"
    footer.write_text('<mj-section background-colour="red">\n  <mj-text>Words</mj-text>\n</mj-section>\n', "utf-8")
    broken = run(project, "theme", "check", "templates/mine", "--json")
    footer.write_text('<mj-section mj-class="card" />\n', "utf-8")
    (project / "digest.yaml").write_text("archive: archive\ntemplates: templates/mine\n", "utf-8")
    noted = run(project, "theme", "check")

    assert sound == (0, "templates/mine: can be compiled\n", "")
    place = "templates/mine/footer.mjml"
    value = json.loads(broken.printed)
    assert broken.status == 1
    assert [problem[: problem.index(">") + 1] for problem in value["problems"]] == [
        f"{place}:1:1: <mj-section>",
        f"{place}:2:3: <mj-text>",
    ]
    assert noted.status == 0
    assert noted.printed.splitlines() == [
        f"note {place}:1:1: no mj-class 'card'; write <mj-class name=\"card\" /> into <mj-attributes>, or take it out",
        "templates/mine: can be compiled",
    ]


def test_the_text_of_a_theme_is_judged(project: Path) -> None:
    """A mistake of Jinja in issue.txt is found without an issue."""
    assert run(project, "theme", "new", "mine").status == 0
    (project / "templates" / "mine" / "issue.txt").write_text("{{ subject }\n", "utf-8")
    done = run(project, "theme", "check", "mine")

    assert done.status == 1
    assert done.printed.startswith("error templates/mine/issue.txt:1: ")


def test_merge_tags_of_services_are_named(project: Path) -> None:
    """Words that another mail service fills in are told all at once, each with its place, be they the news' or ours."""
    assert run(project, "theme", "new", "mine").status == 0
    folder = project / "templates" / "mine"
    text = "<mj-section><mj-column><mj-text>{} {{{{ FirstName }}}}</mj-text></mj-column></mj-section>\n"
    (folder / "footer.mjml").write_text(text.format("[[HEADLINE]] [[ PERMALINK|upper ]]"), "utf-8")
    ours = run(project, "theme", "check", "mine", "--json")
    (folder / "footer.mjml").write_text(text.format("{{ first_name }}"), "utf-8")
    (folder / "issue.txt").write_text("{{ subject }}\n{% if FirstName %}{{ subject }}{% endif %}\n", "utf-8")
    news = run(project, "theme", "check", "mine", "--json")

    place, remedy = "templates/mine/footer.mjml:1", "templates/README.md lists what a theme can use"
    own = "the theme's own are theme.…, language and direction; words of the news are {{ … }}"
    assert json.loads(ours.printed)["problems"] == [
        f"{place}:33: 'HEADLINE' is undefined; {own}",
        f"{place}:33: 'PERMALINK' is undefined; {own}",
    ]
    assert json.loads(news.printed)["problems"] == [
        f"{place}:33: 'first_name' is undefined; {remedy}",
        f"{place}:50: 'FirstName' is undefined; {remedy}",
        f"templates/mine/issue.txt:2: 'FirstName' is undefined; {remedy}",
    ]


def test_a_variable_is_judged_where_it_stands(project: Path) -> None:
    """A loop's variable is a problem behind its loop alone, one that is set none; Jinja of issue.txt has many lines."""
    assert run(project, "theme", "new", "mine", "--from", "plain").status == 0
    folder = project / "templates" / "mine"
    before, more, behind = (folder / "issue.mjml").read_text("utf-8").partition("{% if issue.more %}")
    (folder / "issue.mjml").write_text(f"{before}<mj-raw>{{{{ story.url }}}}</mj-raw>{more}{behind}", "utf-8")
    branch = "{% if blocks.top %}{% set first = blocks.top[0] %}{{ first.title }}{% endif %}{{ first }}"
    (folder / "issue.txt").write_text(f"{{{{ subject\n  ~ FirstName }}}}\n{branch}\n", "utf-8")
    line = before.count("\n") + 1
    done = run(project, "theme", "check", "mine", "--json")

    remedy = "templates/README.md lists what a theme can use"
    assert json.loads(done.printed)["problems"] == [
        f"templates/mine/issue.mjml:{line}:17: 'story' is undefined; {remedy}",
        f"templates/mine/issue.txt:2: 'FirstName' is undefined; {remedy}",
    ]


@pytest.mark.parametrize("look", ["default", "links", "magazine", "plain"])
def test_the_programs_own_themes_are_sound(project: Path, look: str) -> None:
    """What `theme check` says of a designer's theme holds for them, too."""
    folder = str(golden.ROOT / "templates" / look)
    assert run(project, "theme", "check", folder) == (0, f"{folder}: can be compiled\n", "")


@pytest.mark.parametrize("key", ["out", "edits"])
def test_an_empty_name_in_the_settings(project: Path, key: str) -> None:
    """It is a problem of its line."""
    (project / "digest.yaml").write_text(f'archive: archive\n{key}: ""\n', "utf-8")

    assert run(project, "build", "--date", DAY) == (1, "", f"digest.yaml:2: {key} is not a text\n")


def test_the_archive_may_be_anything(project: Path) -> None:
    """Articles go into the archive's own folder though it is a repository and holds other files, even if it is `.`."""
    (project / "archive" / ".git").mkdir()
    (project / "archive" / "README").write_text("mine", "utf-8")
    (project / "here.yaml").write_text("archive: .\n", "utf-8")

    assert run(project, "import", "more.jsonl").status == 0
    assert run(project, "import", "more.jsonl", "--to", "archive/").status == 0
    assert run(project, "import", "more.jsonl", "--config", "here.yaml").status == 0


def test_out_that_became_a_repository(project: Path) -> None:
    """A folder of issues may hold whatever else came to it later, a .git as well."""
    (project / "out" / ".git").mkdir()
    (project / "out" / "README").write_text("mine", "utf-8")

    assert run(project, "build", "--date", DAY).status == 0
    assert sorted(os.listdir(project / "out")) == [".git", DAY, "README"]


def test_init_where_a_file_is_in_the_way(project: Path) -> None:
    """It is named, and digest.yaml is not written."""
    (project / "digest.yaml").unlink()
    (project / "edits").write_text("mine", "utf-8")

    done = run(project, "init")

    assert (done.status, done.told) == (1, "edits: cannot be made (File exists); move what is in its way\n")
    assert not (project / "digest.yaml").exists()


@given(st.text(alphabet="a./~ \0é", max_size=12))
def test_a_name_leads_to_one_place(name: str) -> None:
    """A name is refused, or is the absolute path without links and dots that the system takes it for."""
    try:
        real = folders.resolve(name, "--to")
    except OutputError as error:
        assert str(error).count("\n") == 0  # noqa: PT017 - either is right
        return
    assert os.path.isabs(real)
    assert real == os.path.realpath(real) == os.path.realpath(name)
    assert name.strip()


# --- an issue that a killed build left under its other name


def left_aside(project: Path) -> Path:
    """Let the project be as a build leaves it that is killed between its two renames; return where the issue stands."""
    aside = project / "out" / f".{DAY}.old"
    (project / "out" / DAY).rename(aside)
    return aside


READERS = (
    ("check",),
    ("check", DAY),
    ("check", f"out/{DAY}"),
    ("explain", "--date", DAY, "towels"),
    ("send", DAY, "--to", "file"),
)


@pytest.mark.parametrize("arguments", READERS, ids=" ".join)
def test_every_reader_puts_it_back(project: Path, arguments: tuple[str, ...]) -> None:
    """Whoever comes first finds the issue, and it stands in its place afterwards."""
    expected = run(project, *arguments)
    aside = left_aside(project)

    assert run(project, *arguments)[:2] == expected[:2]
    assert ((project / "out" / DAY / "issue.json").is_file(), aside.exists()) == (True, False)


def test_memory_knows_it(project: Path) -> None:
    """A later build remembers what it ran."""
    chosen = settings.load(str(project / "digest.yaml"))
    window = pipeline.window_of(chosen, last=date(2020, 11, 18))
    expected = memory.past(chosen, window)
    left_aside(project)

    assert expected.ran
    assert memory.past(chosen, window) == expected
    assert record.issues(str(project / "out")) == [DAY]


def test_a_reader_without_the_lock_looks_there(project: Path) -> None:
    """While a build may still be at work nothing is moved, and the issue is read where it stands."""
    aside = left_aside(project)
    with folders.locked(str(project / "out")) as alone:
        done = run(project, "check", DAY)

    assert (alone, aside.is_dir(), (project / "out" / DAY).exists()) == (True, True, False)
    assert DAY in done.printed
    assert "Traceback" not in done.told


def test_readers_change_nothing_else(project: Path) -> None:
    """Where an issue stands in its place, or nowhere, the name is what was asked for."""
    assert folders.standing(f"{project}/out/{DAY}/") == f"{project}/out/{DAY}/"
    assert folders.standing("nowhere/2020-11-18") == "nowhere/2020-11-18"
