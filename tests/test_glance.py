r"""The glance may skip a file only when its article cannot be in the window: a property and the traps by name.

In the examples two dates matter: IN stands inside the window, OUT outside.
"""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import archive
from digest.archive import dateprobe
from digest.archive.dateproof import Prover
from digest.config.values import FieldPlan, ReadingPlan
from digest.model import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Write = Callable[[Mapping[str, str | bytes]], str]

WEEK = Window(first=date(2020, 11, 5), last=date(2020, 11, 11))
AUCKLAND = Window(first=date(2020, 11, 5), last=date(2020, 11, 11), timezone="Pacific/Auckland")
CLOCKS_GO_BACK = Window(first=date(2020, 11, 1), last=date(2020, 11, 1), timezone="America/New_York")
IN = "2020-11-09T10:29:00Z"
OUT = "2020-10-09T10:29:00Z"


def dates(window: Window) -> list[str]:
    """Return dates around both ends of *window*, far from it and inside it, in several forms."""
    second = timedelta(seconds=1)
    edges = [window.starts_at - second, window.starts_at, window.ends_at - second, window.ends_at]
    plain = [edge.strftime("%Y-%m-%dT%H:%M:%SZ") for edge in edges]
    inside = plain[1]
    return [
        *plain,
        OUT,
        "1066-10-14T09:00:00Z",
        "9999-12-31T23:59:59Z",
        "2020-13-45T99:99:99Z",
        "0000-00-00T00:00:00Z",
        plain[0].replace("Z", "-12:00"),
        plain[3].replace("Z", "+14:00"),
        plain[2].replace("Z", "+00:00"),
        plain[0].replace("Z", ".5Z"),
        inside.removesuffix("Z"),
        inside.replace("T", " "),
        inside[:10],
        plain[0][:10],
        plain[2][:10],
        plain[3][:10],
        *(f"{edge.astimezone(ZoneInfo(window.timezone)):%Y-%m-%d %H:%M:%S %z}" for edge in edges),
        *(f"{edge.astimezone(ZoneInfo(window.timezone)):%Y-%m-%d %H:%M}" for edge in edges),
        f"'{plain[0]}'",
        f"{edges[0]:%B %d, %Y}",
        f"{edges[2]:%a, %d %b %Y %H:%M:%S GMT}",
        f"{edges[2]:%d.%m.%Y}",
        str(int(edges[2].timestamp())),
        f"{plain[3]} # or so",
        f"{plain[3][:10]}\n  10:00",
        f"{plain[3][:10]}\n\n  10:00",
        f"'{plain[3]}'\n  x",
        "true",
        inside.replace("-", "").replace(":", ""),
        f'"{inside}"',
        f"!!str {inside}",
        f"{inside} # or so",
        f"\n  {inside}",
        f">-\n  {inside}",
        f"|\n  {inside}",
        f"{inside}\n  and more",
        f"[{inside}]",
        "~",
        "",
    ]


KEYS = [
    "publishedDateTime",
    '"publishedDateTime"',
    "'publishedDateTime'",
    '"\\x70ublishedDateTime"',
    "!!str publishedDateTime",
    "&date publishedDateTime",
    "? publishedDateTime\n",
    "publishedDateTime ",
    "  publishedDateTime",
    "- publishedDateTime",
    "-publishedDateTime",
    "# publishedDateTime",
    "publishedDateTimes",
    "related:\n  - title: b\n    publishedDateTime",
    "<<: {publishedDateTime",
    "{publishedDateTime",
    "\tpublishedDateTime",
    "\x85publishedDateTime",
    "a: b\x85publishedDateTime",
    "a: b\u2028publishedDateTime",
    "a: b\u2029publishedDateTime",
    "a: b\rpublishedDateTime",
    "\ufeffpublishedDateTime",
]
SWALLOWED = [
    f'excerpt: "it goes\npublishedDateTime: {OUT}\non in column 0"',
    f"excerpt: 'it goes\npublishedDateTime: {OUT}\non in column 0'",
    f"excerpt: |\n  it goes\n  publishedDateTime: {OUT}",
    f"excerpt: plain\n  publishedDateTime: {OUT}",
    f"# publishedDateTime: {OUT}",
]
"""Lines that look like a date to whoever knows no YAML."""
TRAPS = [
    'excerpt: "it goes',
    'on in column 0"',
    "excerpt: 'it goes",
    "on and on'",
    "excerpt: plain words",
    "  and more of them",
    "excerpt: |",
    "excerpt: >-",
    "  text",
    "text",
    "# a comment",
    "#",
    "...",
    "--- # a comment",
    "--- text",
    "---",
    "--- ",
    "%YAML 1.1",
    "<<: *base",
    "base: &base {heat: 5}",
    "{a: b,",
    "c: d}",
    "[",
    "]",
    "? a",
    ": b",
    "- item",
    "-",
    "!!map",
    "&root",
    "title: once more",
    "key:",
    "é: ü",
    "\t",
    " ",
    "  indented: yes",
]


RANKED = ["date", "date", "publishDate", "updated", "published", "embargo", "pubDate", "expiryDate"]
"""Other keys that may date an article, or play no part in it."""

PATHS = [
    "{}.md",
    "{}.md",
    "2020-11-09-{}.md",
    "2020-10-09-{}.md",
    "2020/11/12/{}.md",
    "2020-W45/{}.md",
    "{}-2020-11-04.md",
]
"""Names of files, some of which tell a day in the window or outside."""

TOML_TRAPS = [
    'a = """',
    '"""',
    "a = '''",
    "'''",
    "a = [",
    "]",
    "  [1],",
    "  [extra],",
    "[extra]",
    "[[extra]]",
    "[date]",
    "[ extra ]",
    '["extra"]',
    "a = {",
    "}",
    "a = {b = 1}",
    "date.x = 1",
    "# date = 2020-11-09",
    'title = "once more"',
]


OTHER_FORMS = ("toml", "metadata")


def matter_of(window: Window, form: str) -> st.SearchStrategy[bytes]:
    """Generate files whose fields stand in another *form* than YAML: in TOML, or as metadata without fences."""
    sign, quote = (" = ", '"') if form == "toml" else (": ", "")
    values = [*dates(window), *(f'"{moment}"' for moment in dates(window))]
    key = often("date", [*RANKED, "publishedDateTime", "  date", '"date"', "Date", "dates", "date.x"])
    fields = st.lists(st.builds(f"{{}}{sign}{{}}".format, key, st.sampled_from(values)), min_size=1, max_size=2)
    traps = st.lists(often(f"heat{sign}57", TOML_TRAPS if form == "toml" else TRAPS), max_size=3)
    title = f"title{sign}{quote}A story{quote}"
    lines = st.tuples(fields, traps).flatmap(lambda parts: st.permutations([title, *parts[0], *parts[1]]))
    start, end = ("+++\n", "\n+++\n") if form == "toml" else ("", "\n\n")
    return st.builds(
        file_of,
        lines,
        start=often(start, [f"\ufeff{start}", f"\n{start}"]),
        end=often(end, ["\n", "", f" {end}"]),
        body=st.sampled_from(["", "words", f"date: {OUT}\n", f"  date: {IN}\n"]),
        line_break=often("\n", ["\r\n", "\r"]),
    )


def front_matter(window: Window) -> st.SearchStrategy[bytes]:
    """Generate files: mostly ordinary front matter, with traps among its lines and around them."""
    key = often("publishedDateTime", KEYS)
    date_line = st.builds("{}: {}".format, key, st.sampled_from(dates(window)))
    ranked = st.builds("{}: {}".format, st.sampled_from(RANKED), st.sampled_from(dates(window)))
    lines = st.tuples(
        st.lists(st.one_of(date_line, ranked), min_size=1, max_size=3),
        st.lists(often("heat: 57", [*SWALLOWED, *TRAPS]), max_size=3),
    ).flatmap(lambda parts: st.permutations(["title: A story", "topics:\n- AI", *parts[0], *parts[1]]))
    return st.builds(
        file_of,
        lines,
        start=often("---\n", ["\ufeff---\n", "--- \t\n", "---\n\n", "---\n# note\n", "--- {\n", "\n---\n"]),
        end=often("\n---\n", ["\n---", "\n--- \n", "\n...\n---\n", "\n", "\n---\r", "\n}\n---\n"]),
        body=st.sampled_from(["", "words", f"publishedDateTime: {OUT}\n", f"\npublishedDateTime: {IN}\n---\n"]),
        line_break=often("\n", ["\r\n", "\r", "\x85"]),
        indent=often("", ["  "]),
    )


def often(usual: str, others: Sequence[str]) -> st.SearchStrategy[str]:
    """Generate *usual* three times in four, else one of the *others*."""
    return st.integers(0, 3).flatmap(lambda number: st.sampled_from(others) if number == 3 else st.just(usual))


def file_of(
    lines: Sequence[str],
    *,
    start: str = "---\n",
    end: str = "\n---\n",
    body: str = "",
    line_break: str = "\n",
    indent: str = "",
) -> bytes:
    """Return the bytes of a file with these *lines* for front matter."""
    matter = "\n".join(lines).replace("\n", f"\n{indent}")
    return f"{start}{indent}{matter}{end}{body}".replace("\n", line_break).encode()


@pytest.mark.parametrize("window", [WEEK, AUCKLAND, CLOCKS_GO_BACK], ids=["utc", "auckland", "25-hours"])
def test_reading_within_a_window_misses_nothing(window: Window) -> None:
    """Whatever stands in the files, a read within the window gives the same articles as a full read filtered."""
    plan = ReadingPlan(fields=FieldPlan(zone=window.timezone))
    content = st.one_of(front_matter(window), front_matter(window), *(matter_of(window, form) for form in OTHER_FORMS))

    @settings(max_examples=150)
    @given(st.lists(st.tuples(st.sampled_from(PATHS), content), min_size=1, max_size=6))
    def same(files: list[tuple[str, bytes]]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for number, (path, matter) in enumerate(files):
                file = Path(folder, path.format(number))
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(matter)
            full = archive.read([folder], plan)
            within = archive.read([folder], plan, within=window)
        expected = [article for article in full.articles if article.published_at in window]
        assert expected == [article for article in within.articles if article.published_at in window]
        assert full.files == within.files

    same()


@pytest.mark.parametrize(
    "matter",
    [
        pytest.param(f'title: T\n"publishedDateTime": {IN}\na: "\npublishedDateTime: {OUT}\nx"', id="quoted-key"),
        pytest.param(f'title: T\n"\\x70ublishedDateTime": {IN}\na: "\npublishedDateTime: {OUT}\nx"', id="escaped-key"),
        pytest.param(f'title: T\n? publishedDateTime\n: {IN}\na: "\npublishedDateTime: {OUT}\nx"', id="complex-key"),
        pytest.param(f'title: T\n!!str publishedDateTime: {IN}\na: "\npublishedDateTime: {OUT}\nx"', id="tagged-key"),
        pytest.param(f'title: T\n&d publishedDateTime: {IN}\na: "\npublishedDateTime: {OUT}\nx"', id="anchored-key"),
        pytest.param(f'title: T\npublishedDateTime : {IN}\na: "\npublishedDateTime: {OUT}\nx"', id="spaced-key"),
        pytest.param(f'{{title: T, publishedDateTime: "{IN}", a: "\npublishedDateTime: {OUT}\nx"}}', id="flow-mapping"),
        pytest.param(f'  title: T\n  publishedDateTime: {IN}\n  a: "\npublishedDateTime: {OUT}\nx"', id="indented"),
        pytest.param(f'title: "T\npublishedDateTime: {OUT}\nx"\npublishedDateTime: {IN}', id="swallowed-line"),
        pytest.param(f'title: T\x85publishedDateTime: {IN}\na: "\npublishedDateTime: {OUT}\nx"', id="next-line"),
        pytest.param(f'title: T\u2028publishedDateTime: {IN}\na: "\npublishedDateTime: {OUT}\nx"', id="line-separator"),
        pytest.param(f'title: T\u2029publishedDateTime: {IN}\na: "\npublishedDateTime: {OUT}\nx"', id="paragraph"),
        pytest.param(f'title: T\rpublishedDateTime: {IN}\na: "\npublishedDateTime: {OUT}\nx"', id="carriage-return"),
        pytest.param(f"publishedDateTime: {IN}\ntitle: T\nrelated:\n- a\n", id="date-first"),
        pytest.param(f"title: T\npublishedDateTime: '{IN}'\n---\npublishedDateTime: {OUT}", id="date-in-the-body"),
        pytest.param("title: T\npublishedDateTime: 2020-11-04T20:00:00-05:00", id="offset"),
        pytest.param("title: T\npublishedDateTime: 2020-11-09", id="day-only"),
        pytest.param("title: T\npublishedDateTime:\n  2020-11-09T10:29:00Z", id="date-on-the-next-line"),
    ],
)
def test_trap(write: Write, matter: str) -> None:
    """A file that seems to lie outside the window, but whose article lies inside, is read."""
    folder = write({"a.md": f"---\n{matter}\n---\n"})
    assert [article.path for article in archive.read([folder]).articles if article.published_at in WEEK] == ["a.md"]
    assert [article.path for article in archive.read([folder], within=WEEK).articles] == ["a.md"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(f"---\ntitle: T\npublishedDateTime: {OUT}\nexcerpt: @\n---\n", id="plain"),
        pytest.param(f"---\npublishedDateTime: {OUT}\ntitle: T\nexcerpt: @\n---\n", id="date-first"),
        pytest.param(f"---\r\ntitle: T\r\npublishedDateTime: {OUT}\r\nexcerpt: @\r\n---\r\n", id="crlf"),
        pytest.param(f"\ufeff---\ntitle: T\npublishedDateTime: {OUT}\nexcerpt: @\n---\n", id="byte-order-mark"),
        pytest.param(f"---\ntitle: T\npublishedDateTime: {OUT}\nexcerpt: @\n---", id="no-last-line-break"),
        pytest.param(
            f"---\ntitle: T\n\n# note\ntopics:\n- AI\nexcerpt: @\npublishedDateTime: {OUT}\n---\n", id="date-last"
        ),
        pytest.param(
            f"---\ntitle: T\npublishedDateTime: {OUT}\nexcerpt: @\nrelated:\n  - publishedDateTime: {IN}\n---\n",
            id="related-inside",
        ),
    ],
)
def test_ordinary_file_outside_is_skipped(write: Write, content: str) -> None:
    """An ordinary file outside the window is counted and not read further, so what is wrong in it stays unsaid."""
    read = archive.read([write({"a.md": content})], within=WEEK)
    assert (read.files, read.articles, read.problems) == (1, (), ())


def skipped(content: bytes, window: Window = WEEK, keys: Sequence[str] = (), path: str = "a.md") -> bool:
    """Whether a file is proven to lie outside *window*, if *keys* are what the settings call its date."""
    plan = FieldPlan(names=tuple(("publishedDateTime", key) for key in keys), zone=window.timezone)
    proven = Prover(plan).date(content, path)
    return proven is not None and dateprobe.outside(window)(proven)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        pytest.param("2020-11-09-a.md", f'---\ntitle: "T\ndate: {OUT}\nx"\n---\n', id="swallowed-before-the-name"),
        pytest.param("a.md", f'---\ntitle: "T\ndate: {OUT}\nx"\nupdated: {IN}\n---\n', id="swallowed-by-a-text"),
        pytest.param("a.md", f"---\ntitle: T\na: [\ndate: {OUT}\n]\nupdated: {IN}\n---\n", id="swallowed-by-a-list"),
        pytest.param("a.md", f"---\ntitle: T\na: {{\ndate: {OUT}\n}}\nupdated: {IN}\n---\n", id="by-a-mapping"),
        pytest.param("a.md", f"---\ntitle: T\na: [x, 'y\ndate: {OUT}\n']\nupdated: {IN}\n---\n", id="by-a-member"),
        pytest.param("a.md", f"---\ntitle: T\na: [x, #]\ndate: {OUT}\n]\nupdated: {IN}\n---\n", id="by-a-comment"),
        pytest.param("a.md", f'---\ntitle: T\na: !!str "x\ndate: {OUT}\n"\nupdated: {IN}\n---\n', id="by-a-tag"),
        pytest.param("a.md", f'---\ntitle: "T\ndate: {OUT}\nx"\nurl: 2020/11/09/a\n---\n', id="before-the-address"),
        pytest.param(
            "a.md",
            f'---\ntitle: T\na:\n  b: |\n    "x\n  c: "\ndate: {OUT}\n"\nupdated: {IN}\n---\n',
            id="a-sign-in-a-block",
        ),
        pytest.param(
            "a.md",
            f'---\ntitle: T\na: "x\n  y\ndate: {OUT}\n  z"\nupdated: {IN}\n---\n',
            id="swallowed-below-an-indented-line",
        ),
        pytest.param("2020-11-09-a.md", "---\ntitle: T\npublished: true\n---\n", id="a-flag-is-no-date"),
        pytest.param("2020-10-09-a.md", f"---\ntitle: T\npublished: {IN}\n---\n", id="published-is-a-date"),
        pytest.param("2020-10-09-a.md", f"---\ntitle: T\nembargo: {IN}\n---\n", id="embargo-behind-the-name"),
        pytest.param("a.md", f"---\ntitle: T\ndate: {OUT}\npublishDate: {IN}\n---\n", id="embargo"),
        pytest.param("a.md", "---\ntitle: T\ndate: 2020-11-04\n  23:00 -0500\n---\n", id="goes-on"),
        pytest.param("a.md", "---\ntitle: T\ndate: 2020-11-04\n\n  23:00 -0500\n---\n", id="goes-on-later"),
        pytest.param("a.md", f'+++\ntitle = \'T\'\na = """\ndate = {OUT}\n"""\ndate = {IN}\n+++\n', id="toml-text"),
        pytest.param("2020-11-09-a.md", f"+++\ntitle = 'T'\n[extra]\ndate = {OUT}\n+++\n", id="toml-table"),
        pytest.param("a.md", f"+++\ntitle = 'T'\nupdated = {OUT}\n\"date\" = {IN}\n+++\n", id="toml-quoted-key"),
        pytest.param("a.md", f"+++\ntitle = 'T'\nupdated = {OUT}\n  date = {IN}\n+++\n", id="toml-indented"),
        pytest.param("a.md", "Title: T\nDate: 2020-11-04\n  23:00 -0500\n\nwords\n", id="metadata-goes-on"),
        pytest.param("a.md", f"Title: T\nUpdated: {OUT}\nDATE: {IN}\n\nwords\n", id="metadata-in-capitals"),
    ],
)
def test_trap_of_another_generator(write: Write, path: str, content: str) -> None:
    """Files of other generators that seem to lie outside the window, but whose article lies inside, are read."""
    folder = write({path: content})
    assert [article.path for article in archive.read([folder]).articles if article.published_at in WEEK] == [path]
    assert [article.path for article in archive.read([folder], within=WEEK).articles] == [path]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("2020-10-09-a.md", "---\nlayout: post\ntitle: T\nexcerpt: @\n---\n"),
        ("2020/10/09/a.md", "---\ntitle: T\npublished: true\nexcerpt: @\n---\n"),
        (
            "2020-10-09-a.md",
            "---\ntitle: \"T: 'x'\"\ndate: 2020-10-09 10:00:00 -0500\ntags: [a, 'b']\nexcerpt: @\n---\n",
        ),
        ("a.md", "---\ntitle: T\ndate: 2020-10-09\ndraft: false\nlastmod: 2020-11-09\nexcerpt: @\n---\n"),
        ("2020-10-09-a.md", "---\nexcerpt: 'it goes\n\n  on: \"and on'\ndate: 2020-10-09\ntitle: T\na: @\n---\n"),
        ("2020-10-09-a.md", '---\nexcerpt: "it goes\\\n  \\ on"\ndate: 2020-10-09\ntitle: T\na: @\n---\n'),
        ("a.md", "---\ntitle: T\npubDate: 'Oct 09 2020' # a Friday\nexcerpt: @\n---\n"),
        ("a.md", "---\ntitle: T\ndate: Fri, 09 Oct 2020 10:00:00 GMT\nexcerpt: @\n---\n"),
        ("a.md", "---\ntitle: T\ndate: 1602237600\nexcerpt: @\n---\n"),
        ("a.md", "+++\ntitle = 'T'\ndate = 2020-10-09T10:00:00Z\n[extra]\na = @\n+++\n"),
        ("a.md", "+++\ntitle = 'T'\ndate = \"2020-10-09\" # a Friday\na = @\n+++\n"),
        ("2020-10-09-a.md", "+++\ntitle = 'T'\na = @\n+++\n"),
        ("a.md", "Title: T\nDate: 2020-10-09 10:00\nCategory: news\n\nwords\n"),
    ],
)
def test_file_of_another_generator_outside_is_skipped(write: Write, path: str, content: str) -> None:
    """The usual files of other generators are counted and not read further, so what is wrong in them stays unsaid."""
    read = archive.read([write({path: content})], within=WEEK)
    assert (read.files, read.articles, read.problems) == (1, (), ())
    assert skipped(content.encode(), path=path)


def test_full_read_says_what_a_glance_does_not() -> None:
    """The samples are skipped for their date alone: inside the window nothing is provably outside."""
    assert tuple(skipped(file_of(["title: T", f"publishedDateTime: {moment}"])) for moment in (IN, OUT)) == (
        False,
        True,
    )


@pytest.mark.parametrize("window", [WEEK, AUCKLAND, CLOCKS_GO_BACK], ids=["utc", "auckland", "25-hours"])
def test_edges_of_the_window(window: Window) -> None:
    """The first and last second of the window are inside, the seconds before and after it outside."""
    edges = [file_of(["title: T", f"publishedDateTime: {moment}"]) for moment in dates(window)[:4]]
    assert [skipped(content, window) for content in edges] == [True, False, False, True]


@pytest.mark.parametrize(
    "name", ["...", "? a", "<<: {a: b}", "{a: b}", "'a': b", "!!str a: b", "*a : b", "é: b", "\tx"]
)
def test_doubtful_line_is_never_skipped(name: str) -> None:
    """A line in column 0 that is no plain key, list member or comment makes the file be read."""
    assert not skipped(file_of(["title: T", f"publishedDateTime: {OUT}", name]))


def test_two_dates_are_never_skipped() -> None:
    """A file that seems to have two dates is read, so that the duplicate is reported."""
    twice = [f"publishedDateTime: {OUT}"] * 2
    assert not skipped(file_of(["title: T", *twice]))


@pytest.mark.parametrize(
    ("keys", "lines", "expected"),
    [
        (("date",), [f"date: {OUT}"], True),
        (("date",), [f"date: {IN}"], False),
        (("date",), [f"publishedDateTime: {OUT}"], True),
        (("date", "published_at"), [f"published_at: {OUT}"], True),
        (("date", "published_at"), [f"published_at: {OUT}", f"date: {IN}"], False),
        (("date", "published_at"), [f"published_at: {OUT}", "date:", f"  {IN}"], False),
        (("date",), [f"date: {OUT}", f"dates: {IN}"], True),
        (("date",), [f"date: {OUT}", f"publishedDateTime: {IN}"], True),
        (("said",), [f"date: {OUT}", f"said: {IN}"], False),
        (("said",), [f"date: {OUT}", "said:"], False),
        (("a.b",), [f"date: {OUT}"], True),
        (("a.b",), [f"date: {OUT}", f"a: {{b: {IN}}}"], False),
        ((), [f"date: {OUT}", f"publishDate: {IN}"], False),
        ((), [f"date: {OUT}", f"publishDate: {OUT}"], True),
        ((), [f"date: {OUT}", f"lastmod: {IN}"], True),
        ((), [f"date: {OUT}", f"lastmod: {IN}", 'excerpt: "it goes', 'on"'], True),
        ((), ['excerpt: "it goes', 'on"', f"date: {OUT}", f"lastmod: {IN}"], False),
        ((), [f"lastmod: {OUT}", "published: true"], True),
        ((), [f"lastmod: {OUT}", f"published: {IN}"], False),
        (("a.b",), [f"a.b: {OUT}"], False),
        (("'date'",), [f"'date': {OUT}"], False),
        (("when said",), [f"when said: {OUT}"], False),
        ((), [f"publishedDateTime: {OUT}"], True),
    ],
)
def test_other_keys_for_the_date(keys: tuple[str, ...], lines: list[str], expected: bool) -> None:
    """A date is proven by the best of the keys that are there; what ranks below it plays no part."""
    assert skipped(file_of(["title: T", *lines]), keys=keys) is expected


def test_other_front_matter_proves_nothing() -> None:
    """TOML between `+++` is not ours to prove anything about."""
    toml = f'+++\ntitle = \'T\'\na = """\n---\ntitle: T\npublishedDateTime: {OUT}\n---\n"""\n+++\n'
    assert not skipped(toml.encode())


def test_malformed_file_near_the_window_is_told(write: Write) -> None:
    """A file without a date in plain sight is read within any window, so its problem is heard."""
    folder = write({"a.md": "---\ntitle: T\nexcerpt: @\n---\n"})
    assert [problem.line for problem in archive.read([folder], within=WEEK).problems] == [3]


def test_sample_archive(pytestconfig: pytest.Config) -> None:
    """On the sample archive a read within the week misses no article of it, and skips most others."""
    seeds = [str(pytestconfig.rootpath / "seeds")]
    week = [article for article in archive.read(seeds).articles if article.published_at in WEEK]
    within = archive.read(seeds, within=WEEK)
    assert week == [article for article in within.articles if article.published_at in WEEK]
    assert len(within.articles) - len(week) < (within.files - len(week)) / 4
