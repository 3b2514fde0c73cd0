"""The command as its users type it: what is printed, where, and the exit status."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from digest import weight

ROOT = Path(__file__).parent.parent
SEEDS = str(ROOT / "seeds")
GOOD = """---
title: {title}
excerpt: One sentence that says it all.
publishedDateTime: {day}T10:00:00Z
webUrl: https://example.com/{heat}
heat: {heat}
provider: {{name: Times}}
topics: [{topic}]
---
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test runs in an empty folder of its own."""
    monkeypatch.chdir(tmp_path)


os.environ.pop("EDITOR", None)
os.environ.pop("VISUAL", None)


def digest(*arguments: str) -> tuple[int, str, str]:
    """Run the command and return its exit status and what it printed on stdout and stderr."""
    done = subprocess.run([sys.executable, "-m", "digest", *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def write(name: str, content: str) -> None:
    """Write a file below the folder of the test."""
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(content, encoding="utf-8")


def article(
    name: str, *, title: str = "A story about things", heat: int | None = 5, day: str = "2020-11-09", topic: str = "AI"
) -> None:
    """Write a good article into the folder `news`."""
    write(f"news/{name}.md", GOOD.format(title=title, heat="" if heat is None else heat, day=day, topic=topic))


def test_build_prints_what_an_editor_wants_to_see() -> None:
    """A build names the window, what was read, the picks by section with heat and provider, and the files."""
    article("a", title="Robots learn to knit", heat=90)
    article("b", title="Cats ignore all of it", heat=40, topic="Cats")

    assert digest("build", "--date", "2020-11-11", "--archive", "news")[:2] == (
        0,
        "The AI Week, issue 2020-11-11: 2020-11-05 to 2020-11-11 (UTC)\n"
        "2 articles in news, 2 candidates in the window, 2 picked\n"
        "Subject: Robots learn to knit\n"
        "\n"
        "Stories\n"
        "    90  Robots learn to knit (Times)\n"
        "    40  Cats ignore all of it (Times)\n"
        "\n" + "".join(_sizes("out/2020-11-11")),
    )


def _sizes(folder: str) -> list[str]:
    lines = []
    for name in ("index.html", "index.txt", "message.eml", "issue.json"):
        size = os.path.getsize(f"{folder}/{name}")
        with open(f"{folder}/index.html", encoding="utf-8") as page:
            heavy = weight.of(page.read())
        share = f", {heavy * 100 // weight.CLIP} % of what Gmail shows" if name == "index.html" else ""
        lines.append(f"{folder}/{name}  {size:,} bytes{share}\n")
    return lines


def test_a_malformed_file_is_a_warning() -> None:
    """One bad file is named with its line, the issue is built, and the exit status is 0."""
    article("a")
    write("news/bad.md", '---\ntitle: "no end\nheat: 3\n---\n')

    status, printed, warned = digest("build", "--date", "2020-11-11", "--archive", "news")

    assert (status, warned) == (0, "warning: news/bad.md:2: a quote opens here and is not closed\n")
    assert "1 problem in the archive" in printed


def test_strict_makes_a_malformed_file_an_error() -> None:
    """With --strict all problems are printed, nothing is written, and the exit status is 1."""
    article("a")
    write("news/bad.md", "no front matter\n")
    write("news/old.md", "---\npublishedDateTime: 2001-01-01T00:00:00Z\nheat: 2\n---\n")

    assert digest("build", "--date", "2020-11-11", "--archive", "news", "--strict") == (
        1,
        "",
        "news/bad.md:1: no front matter: the first line is not `---`\nnews/old.md: no title\n",
    )
    assert not Path("out").exists()


BAD: dict[str, tuple[list[str], int, str]] = {
    "no archive": (["build"], 1, "seeds: there is no such folder; name your archive with --archive FOLDER\n"),
    "empty archive": (
        ["build", "--archive", "none"],
        1,
        "none: no article (*.md) in it; name the folder with --archive\n",
    ),
    "wrong date": (
        ["build", "--archive", "news", "--date", "2020-11-01"],
        3,
        "2020-10-26 to 2020-11-01: the archive has nothing in this window; "
        "the nearest stories are of 2020-11-09 (8 days after)\n",
    ),
    "date far off": (
        ["build", "--archive", "news", "--date", "2021-11-11"],
        3,
        "2021-11-05 to 2021-11-11: the archive has nothing in this window; is the date right? "
        "the nearest stories are of 2020-11-09 (361 days before)\n",
    ),
    "nothing may run": (
        ["build", "--archive", "news", "--date", "2020-12-02"],
        3,
        "2020-11-26 to 2020-12-02: no story of the window may run (1 unpublished); "
        "the nearest stories are of 2020-11-09 (17 days before)\n",
    ),
    "unknown topic": (
        ["build", "--archive", "news", "--date", "2020-11-11", "--config", "topic.yaml"],
        1,
        "topic.yaml:3: no article has the topic 'Robotic'; did you mean 'Robotics'?\n",
    ),
    "misspelt key": (
        ["build", "--archive", "news", "--date", "2020-11-11", "--config", "key.yaml"],
        1,
        "key.yaml:1: unknown key 'sektions'; did you mean 'sections'?\n",
    ),
    "out is a file": (
        ["build", "--archive", "news", "--date", "2020-11-11", "--out", "key.yaml"],
        1,
        "key.yaml: is a file; name a folder for issues with --out; nothing was changed\n",
    ),
    "broken template": (
        ["build", "--archive", "news", "--date", "2020-11-11", "--templates", "theme"],
        1,
        "theme/story.mjml:1:1: unknown element <mj-txt>; did you mean 'mj-text'?\n",
    ),
    "no theme": (
        ["build", "--archive", "news", "--date", "2020-11-11", "--templates", "nowhere"],
        1,
        "nowhere: cannot be read (No such file or directory); name a theme's folder with --templates\n",
    ),
    "explain of nothing": (
        ["explain", "zebras", "--archive", "news", "--date", "2020-11-11"],
        1,
        "'zebras': no article has this path, address or these words in its title\n",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_gets_one_line(name: str) -> None:
    """Each thing to fix is one line on stderr that says place, fault and remedy; nothing is half-written."""
    article("a", topic="Robotics")
    write("news/hidden.md", GOOD.format(title="Hidden", heat=1, day="2020-12-01", topic="AI") + "")
    hidden = Path("news/hidden.md")
    hidden.write_text(hidden.read_text(encoding="utf-8").replace("heat: 1\n", "heat: 1\npublished: false\n"), "utf-8")
    Path("none").mkdir()
    write("topic.yaml", "sections:\n  - title: Machines\n    topic: Robotic\n")
    write("key.yaml", "sektions: []\n")
    shutil.copytree(ROOT / "templates" / "default", "theme")
    write("theme/story.mjml", "<mj-txt></mj-txt>\n")
    arguments, status, message = BAD[name]

    done = digest(*arguments)

    assert (status, message) == (done[0], done[2])
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("build --dat 2020-11-11", "No such option '--dat'. (Did you mean one of: '--date', '--days', '--to'?)"),
        (
            "build --date 2020-13-11",
            "Invalid value for '--date': '2020-13-11' is no day of the calendar; "
            "write it like 2020-11-11, yesterday or 'last wednesday'",
        ),
        ("bild", "No such command 'bild'. Did you mean 'build'?"),
        ("build --days 0", "Invalid value for '--days': 0 is not in the range 1<=x<=3660."),
        ("build --from 2020-11-12 --to 2020-11-11", "--from 2020-11-12 is after the last day, 2020-11-11"),
        ("build --from 2020-11-01 --days 3", "--from and --days both say where the window starts; give one"),
        ("build --date 2020-11-11 --to 2020-11-11", "--to and --date say the same; give one"),
        ("explain robots --topic AI", "name an article or --topic TOPIC, not both"),
    ],
)
def test_wrong_usage_is_exit_2(arguments: str, message: str) -> None:
    """What click or the command itself refuses is exit status 2, with what was probably meant."""
    status, _, error = digest(*arguments.split())

    assert (status, error.splitlines()[-1]) == (2, f"Error: {message}")


def test_from_and_to_name_the_window() -> None:
    """--from and --to give a window of their own; the issue is named after its last day."""
    article("a")

    status, printed, _ = digest("build", "--archive", "news", "--from", "2020-11-09", "--to", "2020-11-20")

    assert (status, printed.splitlines()[0]) == (0, "The AI Week, issue 2020-11-20: 2020-11-09 to 2020-11-20 (UTC)")


def test_several_archives_are_read_together() -> None:
    """--archive may be given more than once; paths then start with the folder's name."""
    article("a")
    write("more/b.md", GOOD.format(title="Another story entirely", heat=7, day="2020-11-10", topic="AI"))

    digest("build", "--archive", "news", "--archive", "more", "--date", "2020-11-11")

    record = Path("out/2020-11-11/issue.json").read_text(encoding="utf-8")
    assert re.findall(r'"path": "([^"]*)"', record)[:2] == ["more/b.md", "news/a.md"]


def explain(*arguments: str) -> list[str]:
    """Return what explain prints about the sample issue, without its first two lines."""
    status, printed, error = digest("explain", "--date", "2020-11-11", "--archive", SEEDS, *arguments)
    assert (status, error) == (0, "")
    return printed.splitlines()[2:]


def test_explain_answers_for_a_path_an_address_and_words() -> None:
    """The same article is found by its file, its address in any form, and words of its title."""
    by_words = explain("face", "for", "sale")

    assert by_words[2] == "  In the issue [picked]: place 3 of 3 in Computer Vision with heat 89."
    assert by_words == explain(by_words[1].strip().partition(",")[0])
    assert by_words == explain(
        "http://reuters.com/article/russia-privacy-lawsuit/"
        "feature-face-for-sale-leaks-and-lawsuits-blight-russia-facial-recognition-idUSL8N2HQ44M/?utm_source=x"
    )


def test_explain_says_what_heat_would_have_been_enough() -> None:
    """For a story without a slot it names its rank, who took the slot and the heat that would have won it back."""
    rank, sentence = explain("pianist")[1:3]

    assert rank.endswith("sonata-abandoned-in-1911.md, rank 33 of 57")
    assert sentence == (
        "  Not in the issue [limit]: all 9 slots of AI Ethics, AI and Computer Vision went to hotter stories; "
        "the last of them is “Smoke-spotting cameras beat lookout towers by 19 minutes in ridge fire trial” "
        "(heat 84, Signal & Noise); heat 85 would have been enough."
    )


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("history of the perceptron", "  Not a candidate: it has no date, so it is in no window."),
        ("dockers walk out", "  Not a candidate: it is of 2020-10-27, before the window 2020-11-05 to 2020-11-11."),
    ],
)
def test_explain_answers_for_what_is_no_candidate(words: str, answer: str) -> None:
    """An article outside the window, or without a date, gets its reason too."""
    assert explain(words)[-1] == answer


def test_explain_reads_the_record_of_a_built_issue() -> None:
    """What was built is what is explained, even when the archive has changed since."""
    article("a", title="Robots learn to knit")
    digest("build", "--date", "2020-11-11", "--archive", "news")
    Path("news/a.md").unlink()

    assert digest("explain", "robots", "--archive", "news")[1] == (
        "As built in out/2020-11-11:\n\n"
        "“Robots learn to knit” (heat 5, Times, 2020-11-09)\n"
        "  a.md, rank 1 of 1\n"
        "  In the issue [picked]: place 1 of 3 in AI with heat 5.\n"
    )


def test_explain_names_the_day_that_the_letter_prints() -> None:
    """A story of an evening in New York is of that day in the letter and in its explanation, not of UTC's next one."""
    write("digest.yaml", "newsletter: {name: The Week, timezone: America/New_York}\narchive: [news]\n")
    write("news/a.md", GOOD.format(title="Late news", heat=5, day="2020-11-09", topic="AI").replace("T10", "T03"))
    digest("build", "--date", "2020-11-11")

    assert "Times, 8 November\n" in Path("out/2020-11-11/index.txt").read_text(encoding="utf-8")
    assert "“Late news” (heat 5, Times, 2020-11-08)\n" in digest("explain", "--date", "2020-11-11", "late")[1]


def test_a_wrong_year_does_not_lead_astray(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is dated in days to come is counted, and is not the newest week for `topics`, `init` and `explain`."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1606000000")  # 21 November 2020
    article("a", title="Robots learn to knit")
    article("b", title="Cats ignore all of it", day="2091-11-09")

    said = digest("topics", "--archive", "news")[1]
    assert "1 are of days to come" in said
    assert "weeks to 2020-11-09" in said
    assert digest("explain", "--archive", "news")[1].startswith("Not built yet; this is what a build of 2020-11-03 to ")
    assert "digest build --date 2020-11-09" in digest("init")[1]


def test_explain_names_the_issue_that_ran_a_story() -> None:
    """A repeat is explained by the earlier issue that ran it."""
    article("a", title="Robots learn to knit")
    digest("build", "--date", "2020-11-10", "--archive", "news")
    digest("sent", "--mark", "2020-11-10")
    article("b", title="Cats ignore all of it", heat=7)

    assert digest("explain", "robots", "--date", "2020-11-11", "--archive", "news")[1].splitlines()[-1] == (
        "  Not in the issue [repeat]: ran on 10 November 2020, marked as sent: “Robots learn to knit” (Times)."
    )


def test_a_pin_without_heat_is_shown_everywhere() -> None:
    """An article without heat that the editor pins is built, explained and replayed like any other."""
    article("a", title="Robots learn to knit", heat=None)
    Path("edits").mkdir()
    Path("edits/2020-11-11.yaml").write_text("pin: [{story: a.md, section: AI}]\n", "utf-8")

    built = digest("build", "--date", "2020-11-11", "--archive", "news")
    assert "     -  Robots learn to knit (Times)" in built[1].splitlines()
    assert "(no heat, Times" in digest("explain", "--date", "2020-11-11")[1]
    replayed = digest("replay", "--to", "2020-11-11", "--last", "1", "--archive", "news", "--html", "r.html")
    assert (replayed[0], "-  Robots learn to knit (Times)" in replayed[1]) == (0, True)


def test_explain_a_whole_topic() -> None:
    """--topic lists every candidate of a topic in order, each with its rank and verdict."""
    lines = explain("--topic", "robotics")

    assert lines[0] == "robotics: 12 candidates, 3 in the issue"
    assert lines[2].startswith("  10. “Lindqvist's three driverless lorries")


def test_explain_a_whole_issue() -> None:
    """Without a query each section is shown with its picks and who stood next in line, and the rest is counted."""
    lines = explain()

    assert lines[0] == "AI Ethics"
    assert [line[:6].strip() for line in lines[1:9]] == ["in"] * 3 + ["next"] * 3 + ["", "Comput"]
    assert lines[-1] == "57 candidates: 23 limit, 6 merged, 1 no-address, 18 picked, 5 unpublished, 4 unscored"


def test_explain_as_json() -> None:
    """--json prints the verdicts with rank, rule and reason, for programs."""
    status, printed, _ = digest("explain", "--date", "2020-11-11", "--archive", SEEDS, "--json", "kestrel")
    (verdict,) = json.loads(printed)

    assert (status, verdict["rank"], verdict["verdict"], verdict["heat"]) == (0, 38, "limit", 55)


def test_explain_an_unknown_topic_names_the_nearest() -> None:
    """A misspelt topic is an error with what was probably meant."""
    assert digest("explain", "--date", "2020-11-11", "--archive", SEEDS, "--topic", "Robotic")[2] == (
        "'Robotic': no candidate of this issue has this topic; did you mean 'Robotics'?\n"
    )


def test_edit_writes_a_file_with_all_candidates_once() -> None:
    """`digest edit DAY` writes the editor's file with every candidate, and never over one that is there."""
    article("a", title="Robots learn to knit")

    assert digest("edit", "2020-11-11", "--archive", "news")[:2] == (
        0,
        "edits/2020-11-11.yaml: written, with all candidates\n"
        "edits/2020-11-11.yaml: open it in your editor ($EDITOR is not set)\n",
    )
    assert "#   a.md\n#       Robots learn to knit (heat 5, AI)\n" in Path("edits/2020-11-11.yaml").read_text("utf-8")
    write("edits/2020-11-11.yaml", "subject: Mine\n")
    assert digest("edit", "2020-11-11", "--archive", "news")[0] == 0
    assert Path("edits/2020-11-11.yaml").read_text("utf-8") == "subject: Mine\n"


def test_edits_reach_the_issue() -> None:
    """Subject, introduction and a changed headline stand in the built issue."""
    article("a", title="Robots learn to knit")
    write(
        "edits/2020-11-11.yaml",
        "subject: Wool and wires\nintroduction: Dear *reader*.\nchange:\n  - {story: a.md, title: Knitting machines}\n",
    )

    assert "Subject: Wool and wires\n" in digest("build", "--date", "2020-11-11", "--archive", "news")[1]
    text = Path("out/2020-11-11/index.txt").read_text(encoding="utf-8")
    assert "Dear reader.\n" in text
    assert "1. Knitting machines\n" in text


def test_help_names_every_command() -> None:
    """`digest -h` and `digest --help` are the same and name all commands."""
    status, printed, _ = digest("-h")

    assert (status, printed) == digest("--help")[:2]
    assert re.findall(r"^  (\w+)  ", printed, re.MULTILINE) == [
        "archive",
        "build",
        "check",
        "completion",
        "edit",
        "editions",
        "explain",
        "import",
        "init",
        "preview",
        "replay",
        "schema",
        "send",
        "sent",
        "site",
        "theme",
        "topics",
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("digest bu", ["plain,build"]),
        ("digest build --st", ["plain,--strict"]),
        ("digest send ", ["plain,latest", "plain,2020-11-11", "plain,2020-11-04"]),
        ("digest send 2020-11-0", ["plain,2020-11-04"]),
        ("digest send 2020-11-04 --to re", ["plain,relay", "plain,resend"]),
        ("digest schema i", ["plain,issue"]),
    ],
    ids=["command", "option", "issues", "issue", "targets", "choice"],
)
def test_a_shell_completes(tmp_path: Path, words: str, expected: list[str]) -> None:
    """Commands, options, the issues that stand in out/, and targets, the newsletter's own first."""
    (tmp_path / "digest.yaml").write_text("targets: {relay: {kind: smtp}}", "utf-8")
    for day in ("2020-11-04", "2020-11-11"):
        (tmp_path / "out" / day).mkdir(parents=True)
    asked = {"_DIGEST_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    command = [sys.executable, "-c", "from digest.cli import main; main(prog_name='digest')"]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, **asked}, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines() == expected


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed(shell: str) -> None:
    """A script that the shell, where it is here, takes without a word."""
    status, printed, _ = digest("completion", shell)
    checked = ""
    if shutil.which(shell):
        checked = subprocess.run([shell, "-n"], input=printed, capture_output=True, text=True, check=True).stderr

    assert (status, "_DIGEST_COMPLETE" in printed, checked) == (0, True, "")
