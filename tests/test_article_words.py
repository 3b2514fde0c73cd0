"""One article stops no week: whatever it says, in any field, is at most a warning on that story, which names it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import faults
import hostile
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import THEME, article, issue, newsletter, section

from digest import checks, cli, rendering, weight
from digest.checks.attribution import squeezed, story_faults
from digest.issue import record
from digest.mail import mime
from digest.model import Coverage, Edits, Story
from digest.text import sanitize
from digest.text.urls import has_bare_host, is_bare
from digest.theme import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from digest.model import Article, Issue, Section

WORDS = (
    "TypeError: undefined is not a function", r"Why regex \x41 and \u0041 confuse", r"\u{a0}", "<Foo object at 0x7f3a>",
    "Traceback (most recent call last)", "KeyError: 'title'", "Lorem ipsum dolor sit amet", "None", "null", "undefined",
    "NaN", "nan", "[object Object]", "None,", "&amp;amp;amp;", "&amp;lt;b&amp;gt;", "&lt;b&gt;bold&lt;/b&gt;",
    "&amp;#8217;", "Ã© mojibake", "Itâ€™s", "Caf\ufffd", "ï»¿", "{{ name }}", "{{", "{% if %}", "[[ theme ]]",
    "[% raw %]", "${first_name}", "<%= x %>", "*|FNAME|*", "%recipient%", "%recipient.name%", "%%unsubscribe%%",
    "{link_color}", "[UNSUBSCRIBE]", "[FIRST_NAME]", "TODO", "TODO FIXME TBD", "javascript:alert(1)", "onclick=x",
    "W" * 300, "long " * 200, "ALL CAPITALS EVERYWHERE IN THIS HEADLINE", "Act now! Click below!! FREE money $$$",
    "Re: you have won", "🎉🎉🎉", "🎉", "???", "...", "-", "—", "\u200b\u200b", "\u00ad", "a\u200bb\u2060c\u00add",
    "\u202eevil\u202c", "\u2067rtl\u2069", "\u200fרימון", "زنبور\u200cها", "日本語の見出し", "ß ſ ı İ K", "1", "a",
    "h1", "div", "class", "presentation", "https://bank.example.com/login", "http://192.0.2.1/", "www.example.com",
    "click here", "Read on the web", "Unsubscribe with one click", "unsubscribe", "https://example.com/unsubscribe",
    "AI", "The AI Week", "1 Example Street, 10115 Berlin, Germany", "behavior:url(#default#VML)", "<v:rect>",
    "<!-- x -->", "--><b>", "<![endif]-->", "</title>", "]]>", "&", "&amp", "&copy", "'", '"', "`", "=?utf-8?q?x?=",
    "-- ", "> quoted", "From here on", ".", "\u2800\u2800", "\u0600", "\u061c\u061c", "\u180e", "e" + "\u0301" * 6,
    "\ufb01ne", "①②③", "x: y; z",
    *hostile.MARKUP, *hostile.TEMPLATES, *hostile.HEADERS,
)  # fmt: skip


BATCH = 15
"""How many stories of a letter are hostile at once; each letter takes a fifth of a second to look at."""

SOUND = article("Crewless ferry crosses the bay", path="sound.md", url="https://a.example.com/sound")


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the compiled themes of these tests to themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def files(shown: Issue) -> dict[str, bytes]:
    """Return the files of *shown*, made as a build makes them."""
    sender = newsletter()
    message = rendering.render(shown, sender, load(THEME, {}, language="en"), None, weight.of)
    made = {
        "index.html": message.html.encode(),
        "index.txt": message.text.encode(),
        "message.eml": mime.to_bytes(message, shown, sender),
    }
    entry = record.of(shown, sender, message, inputs={}, files=made)
    return {**made, "issue.json": record.to_bytes(entry)}


def saying(words: str, *, excerpt: str | None = None, number: int = 2) -> Section:
    """Return a section with one story that says *words* in headline, excerpt, provider and topic."""
    title, topic = (words if sanitize.text(words) else "Nothing to see", sanitize.text(words) or sanitize.text("AI"))
    loud = article(
        title,
        excerpt=words if excerpt is None else excerpt,
        provider=title,
        path=f"{number}.md",
        url=f"https://a.example.com/{number}",
    )
    also = (
        Coverage(provider=loud.provider, url=sanitize.address(f"https://b.example.com/{number}") or loud.addresses[0]),
    )
    return section(Story(lead=loud, also=also), title=topic, topics=(topic,))


def week(*loud: Section, first: Article | None = SOUND) -> Issue:
    """Return an issue with those sections, below one that is sound unless told otherwise."""
    return issue(sections=(*([section(first)] if first else []), *loud))


def errors(shown: Issue) -> list[str]:
    """Return what stands gravely against *shown*."""
    return [f"{one.rule}: {one}" for one in checks.check(files(shown)) if one.severity == "error"]


def batches(words: Sequence[str]) -> list[Sequence[str]]:
    """Return *words* in portions of a letter."""
    return [words[at : at + BATCH] for at in range(0, len(words), BATCH)]


@pytest.mark.parametrize("words", batches(WORDS), ids=lambda words: ascii(words[0])[:20])
def test_no_word_of_an_article_is_an_error(words: Sequence[str]) -> None:
    """Headline, excerpt, provider, topic: each may say what programs, filters and services take for a mistake."""
    assert errors(week(*(saying(one, number=number) for number, one in enumerate(words)))) == []


@pytest.mark.parametrize("words", batches([*WORDS[:28], *WORDS[52:67]]), ids=lambda words: ascii(words[0])[:20])
def test_no_first_story_is_an_error(words: Sequence[str]) -> None:
    """The first headline is the subject, too, and the next are in the preheader: they may say no less."""
    loud = [saying(one, number=number) for number, one in enumerate(words)]

    assert [errors(week(one, first=None)) for one in (loud[0], loud[-1])] == [[], []]
    assert errors(week(*loud, first=None)) == []


def test_a_headline_in_capitals_is_known_again() -> None:
    """The plain text writes headlines in capitals, from which a dotless ı or a long ſ does not come back as it was."""
    title = "ß ſ ı İ K TypeError: undefined is not a function"

    assert errors(week(saying(title, excerpt="Why regex \\x41 confuses"), first=None)) == []


def test_an_excerpt_that_repeats_its_headline_is_no_error() -> None:
    """Where a cut excerpt says its headline again, the piece that is left of it is still the story's own."""
    title = "TypeError: undefined is not a function"
    excerpt = rf"{title} {title} Why regex \x41 and \u0041 confuse"

    assert errors(week(saying(title, excerpt=excerpt), first=None)) == []


FRAGMENTS = st.one_of(
    st.sampled_from(WORDS), st.text(max_size=12), st.text("{}[]%|*&;#<>=\\'\"/ \u200b\u200fא世", max_size=9)
)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(*[st.lists(FRAGMENTS, min_size=1, max_size=3).map(" ".join)] * 2), min_size=1, max_size=8))
def test_no_mixture_of_words_is_an_error(stories: list[tuple[str, str]]) -> None:
    """Any text does, and any mixture of the worst."""
    loud = [saying(title, excerpt=excerpt, number=number) for number, (title, excerpt) in enumerate(stories)]

    assert errors(week(*loud, first=None)) == []


@pytest.mark.parametrize(
    ("words", "rule", "what"),
    [
        ("None", "empty-value", "says 'None'"),
        ("The [object Object]", None, ""),
        (r"Why \x41 and \u0041 confuse models", "debug-escape", r"'\\x41' is a programmer's escape or error"),
        ("Lorem ipsum learns Latin", "filler", "'Lorem ipsum' is filler"),
        ("What &amp;amp; means", "double-entity", "readers see &amp;"),
        ("Ã© explained", "mojibake", "'Ã©' was read in the wrong encoding"),
        ("Dear {{ name }}, explained", "placeholder", "'{{ name }}' is left"),
        ("Write &lt;b&gt;bold&lt;/b&gt; words", "text-markup", "<b> stands in it"),
        ("???", "subject-empty", "has no words"),
        ("https://bank.example.com/login", "link-disguise", "says bank.example.com, leads to a.example.com"),
    ],
)
def test_the_warning_names_the_story_and_the_rule(words: str, rule: str | None, what: str) -> None:
    """The editor reads which story it is, what is odd about it, and which rule says so."""
    found = [one for one in checks.check(files(week(saying(words), first=None))) if one.rule == story_faults.name]

    if rule is None:  # only a run of its own is a program's word for nothing
        assert found == []
        return
    assert {one.severity for one in found} == {"warning"}
    assert {one.element for one in found} == {f"“{sanitize.text(words)[:40].rstrip()}”"}
    assert [one for one in found if one.what.endswith(f" ({rule})") and one.what.startswith(what)]


ERRORS = [
    fault
    for fault in faults.FAULTS
    if checks.RULES[fault.rule].severity == "error" and fault.rule not in {"story-twice", "header-subject"}
]


@pytest.mark.parametrize("fault", ERRORS[::4], ids=lambda fault: fault.name)
def test_an_error_of_the_letter_stays_one_beside_hostile_words(fault: faults.Fault) -> None:
    """What the theme, the settings or the editor wrote is an error whatever stories say beside it."""
    made = faults._parts()
    loud = "Hostile \\x41 lorem ipsum {{ name }}"
    title = made.record["sections"][0]["picks"][0]["title"]
    made.record["sections"][0]["picks"][0]["title"] = loud
    made.html, made.preheader = made.html.replace(title, loud), made.preheader.replace(title, loud)
    made.text = re.sub(r"\s+".join(map(re.escape, title.split())), lambda _: loud, made.text)
    made.subject = made.subject.replace(title, loud)
    fault.change(made)

    assert fault.rule in {one.rule for one in checks.check(faults.files(made)) if one.severity == "error"}


def test_the_editors_own_words_are_an_error() -> None:
    """A headline that the editor wrote is no article's: a left-over in it must not go out."""
    shown = week(saying("A headline"))
    picks = [replace(pick, title=sanitize.text("Dear {{ name }}")) for pick in shown.sections[1].picks]
    shown = replace(shown, sections=(shown.sections[0], replace(shown.sections[1], picks=tuple(picks))))
    subject = replace(week(saying("Dear {{ name }}")), edits=Edits(subject=sanitize.text("Hello {{ name }}, hello")))

    assert [one.partition(":")[0] for one in errors(shown)] == ["placeholder"] * 2
    assert [one for one in errors(subject) if "'{{ name }}' is left" in one and "issue.json" in one]


def test_a_subject_loses_what_nobody_sees() -> None:
    """Invisible characters of a headline do not reach the subject, where spam hides words behind them."""
    shown = files(week(saying("Ro\u00adbots\u200b \u200flearn \u2060fast"), first=None))

    assert json.loads(shown["issue.json"])["subject"] == "Robots learn fast"
    assert "subject-controls" not in {one.rule for one in checks.check(shown)}


NUMBERS = ("192.0.2.1", "127.1", "3232235777", "0x7f000001", "10.0.0x1", "localhost", "a.localhost", "192.0.2.1.")
NAMES = ("example.com", "127.example.com", "x.0x.example", "localhost.example.com", "a1", "1e100.net", "printer.local")


def test_a_bare_host_has_no_name() -> None:
    """Numbers in any form and this machine are told from names, whatever stands around them in an address."""
    ends = ("", "/", ":8080/a", "?q=example.com", "#f")

    assert [host for host in NUMBERS if not is_bare(host)] == [host for host in NAMES if is_bare(host)] == []
    assert all(has_bare_host(f"http://{host}{end}") for host in NUMBERS for end in ends)
    assert not any(has_bare_host(f"http://{host}/127.0.0.1{end}") for host in NAMES for end in ends)
    assert is_bare("2001:db8::1")


ADDRESSES = (
    "http://192.0.2.1/", "http://127.0.0.1:8025/", "http://localhost/", "http://3232235777/", "https://0x7f.1/",
    "https://news.example.com:6667/", "https://user:secret@news.example.com/", "https://printer.local/", "http://intranet/",
    "https://news.example.com/100%", "https://news.example.com/%recipient%", "https://bit.ly/x", "javascript:alert(1)",
    "https://news.example.com/*|FNAME|*?q={{ name }}", "https://example.com/issues/2020-11-04/", "https://[::1]/",
    "https://example.com/unsubscribe", "https://example.com/issues/2020-11-11/", "https://news.example.com./a",
    "https://news.example.com/?utm_source=a", "https://news.example.com/?utm_source=b", *hostile.ADDRESSES,
)  # fmt: skip


def test_no_address_of_an_article_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no public address is left out with a word; whatever else an address says is at most a warning."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "news").mkdir()
    for number, address in enumerate(("https://news.example.com/sound", *ADDRESSES)):
        fields = {
            "title": f"Story {number} of many, each with an address of its own",
            "publishedDateTime": "2020-11-09T10:29:00Z",
            "heat": 99 - number,
            "webUrl": address,
            "topics": ["AI"],
            "provider": {"name": f"Times {number}"},
            "images": [{"url": address}],
        }
        (tmp_path / "news" / f"{number}.md").write_text(f"---\n{json.dumps(fields)}\n---\n", encoding="utf-8")
    (tmp_path / "digest.yaml").write_text("archive: [news]\nsections: [{topic: AI, limit: 99}]\n", encoding="utf-8")

    built = CliRunner().invoke(cli.main, ["build", "--date", "2020-11-11"])
    found = checks.check(checks.load("out/2020-11-11"))
    page = (tmp_path / "out" / "2020-11-11" / "index.html").read_text("utf-8")

    assert built.exit_code == 0, built.output
    assert [str(one) for one in found if one.severity == "error"] == []
    assert "webUrl leads to a machine by its number, not to a public name: 'http://192.0.2.1/'" in built.output
    assert not any(f"//{host}" in page for host in ("192.0.2.1", "127.0.0.1", "localhost", "3232235777", "0x7f.1"))
    assert "leads to printer.local (link-ip)" in {one.what for one in found}


def test_words_are_found_again_however_they_are_written() -> None:
    """Case, wrapping and marks of direction do not hide a headline."""
    assert squeezed("Die  STRASSE\n\u200f im\u00ad Regen") == squeezed("die straße im regen") == "diestrasseimregen"
