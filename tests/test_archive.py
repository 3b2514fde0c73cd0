"""A folder of files to Articles and Problems: what each field may say, and what each broken file is told."""

from __future__ import annotations

import os
import socket
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digest import archive
from digest.archive import walk
from digest.config.values import FieldPlan, ReadingPlan
from digest.errors import ArchiveError
from digest.model import Picture, Provider, Text, Window
from digest.records import filenames

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from digest.archive import Archive
    from digest.model import Article

    Write = Callable[[Mapping[str, str | bytes]], str]
    Read = Callable[..., Article]

HERE = Path(__file__).parent
BROKEN = HERE / "museum" / "articles"
GOOD = HERE / "museum" / "good"

STORY = "---\ntitle: A story\nwebUrl: https://example.com/a\n---\n"
NO_FRONT_MATTER = ":1: no front matter: the first line is not `---`"
OPEN_QUOTE = ":3: a quote opens here and is not closed"
NO_MAPPING = "the front matter is not a list of `key: value` lines"
NOT_YAML = "not valid YAML"
CONTROL = "a character that YAML does not allow (a control character)"
NO_ADDRESS = ":2: no usable address (webUrl, originalUrl or ampWebUrl); it cannot be picked"
WRITE_DATE = "write it like 2020-11-09T10:29:00Z"

UNREADABLE = {
    "alias": [":6: an alias (*times); write the value out"],
    "alias-bomb": [":5: an alias (*a); write the value out"],
    "bad-indentation": [f":6: {NOT_YAML} (while parsing a block mapping: did not find expected key)"],
    "colon-in-a-text": [f":2: {NOT_YAML} (mapping values are not allowed in this context)"],
    "complex-key": [":4: a key that is not plain text"],
    "control-character": [f":4: {CONTROL}"],
    "control-character-below-umlauts": [f":5: {CONTROL}"],
    "directive": [f":2: {NOT_YAML} (while scanning a directive: found unknown directive name)"],
    "duplicate-key": [":5: the key 'heat' stands here again"],
    "duplicate-key-inside": [":6: the key 'name' stands here again"],
    "empty-file": [NO_FRONT_MATTER],
    "empty-front-matter": [f":1: {NO_MAPPING}"],
    "empty-title": [":3: no title"],
    "far-too-deep": [":4: nested deeper than 16 levels"],
    "just-words": [f":3: {NO_MAPPING}"],
    "merge-key": [":4: an alias (*base); write the value out"],
    "no-front-matter": [NO_FRONT_MATTER],
    "no-title": [": no title"],
    "not-a-mapping": [f":2: {NO_MAPPING}"],
    "not-utf8": [":3: is not UTF-8; save it as UTF-8"],
    "nul": [f":5: {CONTROL}"],
    "only-comments": [f":1: {NO_MAPPING}"],
    "quote-in-the-middle": [f":4: {NOT_YAML} (while parsing a block mapping: did not find expected key)"],
    "reserved-character": [
        f":4: {NOT_YAML} (while scanning for the next token: found character that cannot start any token)"
    ],
    "second-document-start": [":5: a second YAML document starts here"],
    "surrogate": [":2: is not UTF-8; save it as UTF-8"],
    "tab-indentation": [
        f":5: {NOT_YAML} (while scanning for the next token: found character that cannot start any token)"
    ],
    "title-is-a-list": [":3: title is a list or mapping, not a text", ":3: no title"],
    "title-without-value": [":3: no title"],
    "too-deep": [":5: nested deeper than 16 levels"],
    "unclosed-bracket": [f":5: {NOT_YAML} (while parsing a flow sequence: did not find expected ',' or ']')"],
    "unclosed-front-matter": [":1: the front matter that starts here has no closing `---` line"],
    "unclosed-quote": [OPEN_QUOTE],
    "unclosed-single-quote": [OPEN_QUOTE],
    "unknown-escape": [f":2: {NOT_YAML} (while parsing a quoted scalar: found unknown escape character)"],
    "utf16": [":1: is UTF-16; save it as UTF-8"],
    "utf16-big-endian": [":1: is UTF-16; save it as UTF-8"],
}
READ_ALL_THE_SAME = {
    "american-date": [
        ":4: publishedDateTime can be 11 September 2020 or 9 November 2020: '11/09/2020 10:29'; "
        "write 2020-09-11 or 2020-11-09"
    ],
    "bad-address": [NO_ADDRESS, ":3: webUrl is not an http(s) address: 'javascript:alert(1)'"],
    "bad-date": [f":4: publishedDateTime is no date and time: 'last Monday'; {WRITE_DATE}"],
    "cache-address-only": [NO_ADDRESS],
    "date-is-a-list": [":4: publishedDateTime is a list or mapping, not a text"],
    "date-outside-the-calendar": [":4: publishedDateTime is outside the calendar: '0001-01-01T00:00:00+05:00'"],
    "images-not-mappings": [":4: images is not a list of mappings"],
    "impossible-date": [f":4: publishedDateTime is a day that does not exist: '2020-02-30T10:29:00Z'; {WRITE_DATE}"],
    "no-address": [NO_ADDRESS.replace(":2:", ":3:")],
    "one-bad-address": [":4: originalUrl is not an http(s) address: 'www.example.com/a'"],
    "provider-not-a-mapping": [":4: provider is a list or mapping, not a text"],
    "published-is-a-list": [":4: published is a list or mapping, not a text"],
    "published-maybe": [":4: published is neither true nor false: 'maybe'; taken for false"],
    "reading-time-not-minutes": [
        ":4: wordCount is no number: 'a few'; write it like 89 or 12.5",
        ":5: readingTime is more than 240 minutes: '276000'; write the minutes that reading takes",
    ],
    "related-not-mappings": [":4: related is not a list of mappings"],
    "related-with-a-bad-date": [f":7: publishedDateTime is no date and time: 'soon'; {WRITE_DATE}"],
    "several-problems": [
        NO_ADDRESS,
        ":3: webUrl is not an http(s) address: 'ftp://example.com/a'",
        ":4: published is neither true nor false: 'perhaps'; taken for false",
        f":5: publishedDateTime is no date and time: 'someday'; {WRITE_DATE}",
    ],
    "topic-not-a-word": [":4: topics is not a plain list of words"],
    "topics-not-a-list": [":4: topics is not a plain list of words"],
}
MUSEUM = UNREADABLE | READ_ALL_THE_SAME


@pytest.fixture(scope="module")
def museum() -> Archive:
    """All broken files and the good ones, read in one run."""
    return archive.read([str(BROKEN), str(GOOD)])


@pytest.fixture
def read(write: Write) -> Read:
    """Return the only article of an archive, whose front matter has title, address and the given lines."""

    def read(*lines: str) -> Article:
        story = STORY.replace("\n---\n", "".join(f"\n{line}" for line in lines) + "\n---\n")
        return archive.read([write({"a.md": story})]).articles[0]

    return read


@pytest.mark.parametrize("name", MUSEUM)
def test_broken_file_is_told_what_is_wrong_where(museum: Archive, name: str) -> None:
    """Each broken file has exactly the problems `path:line: what` that its name promises."""
    file = f"{BROKEN}/{name}.md"
    expected = sorted(file + told for told in MUSEUM[name])
    assert expected == sorted(str(problem) for problem in museum.problems if problem.path == file)


def test_museum_is_complete() -> None:
    """Every file of the museum has its messages in this test."""
    assert sorted(f"{name}.md" for name in MUSEUM) == sorted(os.listdir(BROKEN))


def test_broken_files_stop_no_other(museum: Archive) -> None:
    """A broken value costs only the value, a broken file only the file; the good files are all read."""
    broken = [f"articles/{name}.md" for name in sorted(READ_ALL_THE_SAME)]
    good = ["good/from-windows.md", "good/plain.md", "good/without-end-of-line.md"]
    assert sorted(broken + good) == sorted(article.path for article in museum.articles)


def test_good_files_have_no_problem(museum: Archive) -> None:
    """A byte order mark, CRLF, a body and a missing last line break are no problem."""
    assert [problem for problem in museum.problems if problem.path.startswith(str(GOOD))] == []


def test_all_files_count(museum: Archive) -> None:
    """The archive says how many files it holds, broken ones too."""
    assert len(MUSEUM) + 3 == museum.files


def test_windows_file_reads_like_any_other(museum: Archive) -> None:
    """CRLF and the byte order mark leave no trace in the values."""
    story = next(article for article in museum.articles if article.path == "good/from-windows.md")
    assert (story.title, story.url, story.heat) == ("A story from Windows", "https://example.com/windows", 12)


def test_least_article(write: Write) -> None:
    """An article needs a title and an address; everything else has a meaning when absent."""
    (story,) = archive.read([write({"a.md": STORY})]).articles
    outlet = Provider(name=story.provider.name, domain="example.com")
    expected = ("a.md", "A story", "", outlet, (), True, None, None, 0, None, ())
    actual = (story.path, story.title, story.excerpt, story.provider, story.topics, story.published)
    rest = (story.published_at, story.heat, story.quality, story.picture, story.related)
    assert expected == actual + rest


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", True),
        ("published:", True),
        ("published: ~", True),
        ("published: true", True),
        ("published: Yes", True),
        ("published: 'true'", True),
        ("published: false", False),
        ("published: False", False),
        ('published: "false"', False),
        ("published: ' no '", False),
        ("published: off", False),
        ("published: 0", False),
        ("published: maybe", False),
        ("published: [false]", False),
    ],
)
def test_published(read: Read, written: str, expected: bool) -> None:
    """An article is published unless its file says otherwise, in any of the ways YAML knows; doubt means no."""
    assert expected is read(written).published


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", None),
        ("heat:", None),
        ("heat: null", None),
        ("heat: -1", None),
        ("heat: n/a", None),
        ("heat: 57.5", 57.5),
        ("heat: 57.0", 57),
        ('heat: "1,234"', 1234),
        ("heat: 1e3", 1000),
        ("heat: 89%", 89),
        ("heat: [57]", None),
        ("heat: 99999999999999999999", None),
        ("heat: 0", 0),
        ("heat: 57", 57),
        ("heat: '57'", 57),
        ("heat: +57", 57),
        ("heat: 010", 10),
        ("heat: 210", 210),
    ],
)
def test_heat(read: Read, written: str, expected: float | None) -> None:
    """Heat is a number below a billion in any usual form; absent, negative or not a number means unscored."""
    heat = read(written).heat

    assert (heat, type(heat)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("heat: 89 points", "heat is no number: '89 points'; write it like 89 or 12.5"),
        ("heat: .inf", "heat is no number: '.inf'; write it like 89 or 12.5"),
        ("heat: 1e9", "heat is a billion or more, which no figure of an article is: '1e9'"),
        ("heat: [89]", "heat is a list or mapping, not a text"),
    ],
)
def test_a_heat_that_is_no_number_is_told(write: Write, written: str, problem: str) -> None:
    """What stands there and is no number is a problem with its line, and the article is unscored."""
    folder = write({"a.md": STORY.replace("\n---\n", f"\n{written}\n---\n")})
    told = archive.read([folder])
    line = STORY.count("\n", 0, STORY.rindex("---")) + 1

    assert [article.heat for article in told.articles] == [None]
    assert list(map(str, told.problems)) == [f"{folder}/a.md:{line}: {problem}"]


@pytest.mark.parametrize(("written", "expected"), [("", 0), ("quality: high", 0), ("quality: 92", 92)])
def test_quality(read: Read, written: str, expected: int) -> None:
    """Quality is a whole number, 0 where there is none."""
    assert expected == read(written).quality


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2020-11-09T10:29:00Z", datetime(2020, 11, 9, 10, 29, tzinfo=UTC)),
        ("2020-11-09T10:29:00.5Z", datetime(2020, 11, 9, 10, 29, 0, 500_000, tzinfo=UTC)),
        ("2020-11-09T10:29:00+02:00", datetime(2020, 11, 9, 8, 29, tzinfo=UTC)),
        ("2020-11-09T22:29:00-05:00", datetime(2020, 11, 10, 3, 29, tzinfo=UTC)),
        ("2020-11-09T10:29:00", datetime(2020, 11, 9, 10, 29, tzinfo=UTC)),
        ("2020-11-09 10:29", datetime(2020, 11, 9, 10, 29, tzinfo=UTC)),
        ("'2020-11-09'", datetime(2020, 11, 9, tzinfo=UTC)),
        ("2020-11-09", datetime(2020, 11, 9, tzinfo=UTC)),
        ("", None),
        ("~", None),
        ("soon", None),
    ],
)
def test_date(read: Read, written: str, expected: datetime | None) -> None:
    """A date is in UTC unless it names an offset, a day alone is its first moment; absent or wrong means undated."""
    assert expected == read(f"publishedDateTime: {written}").published_at


@pytest.mark.parametrize(
    ("path", "lines", "expected"),
    [
        ("2020-11-09-a.md", [], datetime(2020, 11, 9, tzinfo=UTC)),
        ("2020/11/09/a.md", ["updated: 2020-11-20"], datetime(2020, 11, 9, tzinfo=UTC)),
        ("2020-11-09-a.md", ["date: 2020-11-07"], datetime(2020, 11, 7, tzinfo=UTC)),
        ("2020-11-09-a.md", ["date: soon"], None),
        ("2020-11-09-a.md", ["published: true"], datetime(2020, 11, 9, tzinfo=UTC)),
        ("a.md", ["published: 2020-11-09"], datetime(2020, 11, 9, tzinfo=UTC)),
        ("a.md", ["updated: 2020-11-09"], datetime(2020, 11, 9, tzinfo=UTC)),
        ("a.md", ["date: 2020-11-07", "publishDate: 2020-11-09"], datetime(2020, 11, 9, tzinfo=UTC)),
        ("a.md", ["date: 2020-11-09", "publishDate: 2020-11-07"], datetime(2020, 11, 9, tzinfo=UTC)),
        ("2020-11-07-a.md", ["publishdate: 2020-11-09"], datetime(2020, 11, 9, tzinfo=UTC)),
        ("a.md", ["date: 2020-11-09", "publishDate: soon"], None),
    ],
)
def test_which_date_counts(write: Write, path: str, lines: list[str], expected: datetime | None) -> None:
    """A field's date comes before the path's, that before the last change; nothing is dated before it is public."""
    matter = "\n".join(["title: A story", "webUrl: https://example.com/a", *lines])
    (story,) = archive.read([write({path: f"---\n{matter}\n---\n"})]).articles
    assert story.published_at == expected


def test_the_end_of_an_article(read: Read) -> None:
    """The day from which an article is no longer public is read under the names that generators give it."""
    end = datetime(2020, 11, 12, tzinfo=UTC)
    assert read("expiryDate: 2020-11-12").expires_at == end
    assert read("expirydate: Nov 12, 2020").expires_at == end
    assert read("heat: 5").expires_at is None


def test_dates_are_in_utc(read: Read) -> None:
    """Whatever offset the file names, the article's date is in UTC."""
    moment = read("publishedDateTime: 2020-11-09T10:29:00+02:00").published_at
    assert moment is not None
    assert moment.tzinfo == UTC


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("ampWebUrl: https://a.example/amp|originalUrl: https://a.example/o|webUrl: https://a.example/w", "w"),
        ("cdnAmpWebUrl: https://a.example/cdn|ampWebUrl: https://a.example/amp|originalUrl: https://a.example/o", "o"),
        ("cdnAmpWebUrl: https://a.example/cdn|ampWebUrl: https://a.example/amp", "amp"),
        ("webUrl: ftp://a.example/w|originalUrl: https://a.example/o", "o"),
        ("webUrl:|originalUrl: https://a.example/o", "o"),
        ("webUrl: null|originalUrl: http://a.example/o", "o"),
        ("cdnAmpWebUrl: https://a.example/cdn", None),
        ("webUrl: //a.example/w", None),
        ("webUrl: 'data:text/html,hello'", None),
    ],
)
def test_address_falls_back(write: Write, lines: str, expected: str | None) -> None:
    """The headline leads to webUrl, else originalUrl, else ampWebUrl; http(s) only, and never to the AMP cache."""
    matter = lines.replace("|", "\n")
    (story,) = archive.read([write({"a.md": f"---\ntitle: A story\n{matter}\n---\n"})]).articles
    assert expected == (story.url and story.url.rsplit("/", 1)[1])


def test_all_addresses_are_kept(read: Read) -> None:
    """An article is known by all its addresses, the linked one first, each once."""
    story = read("cdnAmpWebUrl: https://cdn.example/a", "originalUrl: https://example.com/a")
    assert story.addresses == ("https://example.com/a", "https://cdn.example/a")


def test_cache_address_is_kept_without_a_link(museum: Archive) -> None:
    """An article that only the AMP cache knows cannot be linked, but still be recognised."""
    story = next(article for article in museum.articles if article.path == "articles/cache-address-only.md")
    assert (story.url, story.addresses) == (None, ("https://example.com/amp/a",))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("topics: [AI, Robotics]", ("AI", "Robotics")),
        ("topics:\n  - AI\n  - Robotics", ("AI", "Robotics")),
        ("topics:\n- AI\n- Robotics", ("AI", "Robotics")),
        ("topics: AI", ("AI",)),
        ("topics: AI Ethics, Law", ("AI Ethics", "Law")),
        ("topics: '  AI  '", ("AI",)),
        ("topics: [' Computer   Vision ']", ("Computer Vision",)),
        ("topics: [NO, 010]", ("NO", "010")),
        ("topics: [R&amp;D]", ("R&D",)),
        ("topics: ['', AI]", ("AI",)),
        ("topics: [AI, ai, Ai]", ("AI",)),
        ("topics: [AI, Robotics, ai]", ("AI", "Robotics")),
        ("topics: []", ()),
        ("topics: ''", ()),
        ("topics:", ()),
        ("topics: ~", ()),
    ],
)
def test_topics(read: Read, written: str, expected: tuple[str, ...]) -> None:
    """Topics are a list or a single one, without outer space, each once as first written, in the order written."""
    assert expected == read(written).topics


def test_topics_compare_without_case(read: Read) -> None:
    """Topics keep their case to be shown and lose it to be compared."""
    assert frozenset({"ai", "strasse"}) == read("topics: [AI, Straße]").topic_keys


def test_entities_are_decoded_once(read: Read) -> None:
    """An entity becomes its character; a doubly encoded one becomes the entity as a literal text."""
    assert read('excerpt: "Tom&#8217;s &amp;#8217; R&amp;D"').excerpt == "Tom’s &#8217; R&D"


def test_text_becomes_one_clean_line(read: Read) -> None:
    """A folded text, control characters and odd white space end up as one line."""
    assert read('excerpt: "one\\ttwo', '  three\\u202e\\u2028four\\u0007"').excerpt == "one two three four"


def test_unknown_keys_are_fine(write: Write) -> None:
    """Keys that nobody asks for are no problem, whatever they hold."""
    story = STORY.replace("\n---\n", "\nlayout: post\nauthor: {name: [Ann, {b: c}]}\n---\n")
    assert archive.read([write({"a.md": story})]).problems == ()


@pytest.mark.parametrize("key", ["provider", "images", "related", "topics", "publishedDateTime", "originalUrl"])
@pytest.mark.parametrize("nothing", ["", "~", "null"])
def test_key_without_value_is_absent(write: Write, key: str, nothing: str) -> None:
    """A key that stands there without a value is no problem: it says nothing."""
    story = STORY.replace("\n---\n", f"\n{key}: {nothing}\n---\n")
    assert archive.read([write({"a.md": story})]).problems == ()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("provider: {name: The Times, domain: Times.example}", Provider(name="The Times", domain="times.example")),  # type: ignore[arg-type]  # a clean text
        ("provider: {domain: times.example}", Provider(name="times.example", domain="times.example")),  # type: ignore[arg-type]  # a clean text
        ("provider: The Times", Provider(name="The Times")),  # type: ignore[arg-type]  # a clean text
        ("provider: {}", Provider(name="example.com", domain="example.com")),  # type: ignore[arg-type]  # a clean text
        ("", Provider(name="example.com", domain="example.com")),  # type: ignore[arg-type]  # a clean text
    ],
)
def test_provider(read: Read, written: str, expected: Provider) -> None:
    """A provider is called by its name, else its domain, else that of the article."""
    assert expected == read(written).provider


def test_provider_icon(read: Read) -> None:
    """A provider's icon is the first of its images."""
    icon = read("provider:", "  name: T", "  images: [{url: 'https://example.com/i.png', width: 50}]").provider.icon
    assert Picture(url="https://example.com/i.png", width=50) == icon  # type: ignore[arg-type]  # a clean address


def test_picture_without_usable_address_is_skipped(read: Read) -> None:
    """The picture is the first of `images` with an http(s) address; sizes that are no numbers are unknown."""
    usable = "{url: 'https://example.com/p.png', width: 1200, height: auto}"
    picture = read(f"images: [{{url: 'data:image/png,x'}}, {{width: 5}}, {usable}]").picture
    assert Picture(url="https://example.com/p.png", width=1200) == picture  # type: ignore[arg-type]  # a clean address


def test_related_without_address_or_title_is_left_out(read: Read) -> None:
    """Related coverage that cannot be linked or named is left out without a word."""
    here = read(
        "related:",
        "  - {title: No address}",
        "  - {title: Bad address, webUrl: 'javascript:alert(1)'}",
        "  - {webUrl: https://example.com/untitled}",
        "  - {title: Good, originalUrl: https://example.com/good, quality: 7, provider: {name: The Post}}",
    )
    assert [(one.title, one.url, one.quality, one.provider.name) for one in here.related] == [
        ("Good", "https://example.com/good", 7, "The Post")
    ]


def test_paths_are_relative_to_a_lone_folder(write: Write) -> None:
    """Articles come in the order of their paths, which do not say where the archive stands."""
    folder = write({"b.md": STORY, "2020/11/c.md": STORY, "a.md": STORY})
    assert [article.path for article in archive.read([folder]).articles] == ["2020/11/c.md", "a.md", "b.md"]


@pytest.mark.parametrize(
    ("folders", "expected"),
    [
        (["news"], ["a.md"]),
        (["news/"], ["a.md"]),
        (["news", "more"], ["news/a.md", "more/a.md"]),
        (["old/news", "news", "more"], ["news-1/a.md", "news-2/a.md", "more/a.md"]),
    ],
)
def test_several_folders_are_told_apart(write: Write, folders: list[str], expected: list[str]) -> None:
    """With several folders each path starts with its folder's name, numbered where two are named alike."""
    base = write({f"{folder}/a.md": STORY for folder in ("news", "more", "old/news")})
    read = archive.read([f"{base}/{folder}" for folder in folders])
    assert expected == [article.path for article in read.articles]


def no_trouble(path: str, what: str) -> None:
    """Fail: there should be nothing to tell."""
    pytest.fail(f"{path}: {what}")


def test_other_files_are_no_articles(write: Write) -> None:
    """Hidden files and folders, and files that are not called `*.md`, are left alone."""
    folder = write(dict.fromkeys(("a.md", ".b.md", ".git/c.md", "d.txt", "e.md.bak", "README"), STORY))
    assert [(one.start, one.names) for one in walk.listings(folder, no_trouble)] == [(f"{folder}/", ["a.md"])]


def test_linked_folder_is_not_followed(write: Write) -> None:
    """A link to a folder is not entered, so a link to a parent cannot go round in circles."""
    folder = write({"news/a.md": STORY})
    os.symlink(folder, f"{folder}/news/round")
    assert [article.path for article in archive.read([folder]).articles] == ["news/a.md"]


def test_linked_file_is_read(write: Write) -> None:
    """A link to a file of the archive is as good as the file."""
    folder = write({"news/a.md": STORY, "elsewhere/b.txt": STORY})
    os.symlink(f"{folder}/elsewhere/b.txt", f"{folder}/news/b.md")
    assert [article.path for article in archive.read([folder]).articles] == ["news/a.md", "news/b.md"]


def test_traps_among_the_files(write: Write) -> None:
    """Pipes, sockets, loops, links to the outside and huge files are told and hold nothing up."""
    folder = write({"news/good.md": STORY, "elsewhere/b.txt": STORY, "news/huge.md": STORY + "x" * ReadingPlan().most})
    news = f"{folder}/news"
    os.symlink(f"{folder}/elsewhere/b.txt", f"{news}/outside.md")
    os.symlink("/dev/zero", f"{news}/zero.md")
    os.symlink("loop.md", f"{news}/loop.md")
    os.mkfifo(f"{news}/pipe.md")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{news}/socket.md")
        read = archive.read([news])

    assert [article.path for article in read.articles] == ["good.md"]
    assert [str(one).removeprefix(f"{news}/") for one in read.problems] == [
        f"huge.md: has {len(STORY) + ReadingPlan().most:,} bytes; more than 1,048,576 are not read",
        "loop.md: is a link that goes round in circles",
        "outside.md: is a link out of the archive; put the file itself there",
        "pipe.md: is a pipe, not a file",
        "socket.md: is a socket, not a file",
        "zero.md: is a link out of the archive; put the file itself there",
    ]


def test_names_that_cannot_be_written_down(write: Write) -> None:
    """A name in another encoding or with control characters is one problem, shown in ASCII; the record stays UTF-8."""
    folder = write({"good.md": STORY})
    for name in (b"caf\xe9.md", b"two\nlines.md", "over\u202eride.md".encode()):
        with open(os.fsencode(folder) + b"/" + name, "w", encoding="utf-8") as handle:
            handle.write(STORY)
    read = archive.read([folder])

    assert [article.path for article in read.articles] == ["good.md"]
    wrong = "its name is not UTF-8 or holds control characters; rename it"
    assert sorted(str(one).removeprefix(f"{folder}/") for one in read.problems) == [
        rf"caf\udce9.md: {wrong}",
        rf"over\u202eride.md: {wrong}",
        rf"two\nlines.md: {wrong}",
    ]


def test_folders_nested_deeper_than_pythons_stack(tmp_path: Path) -> None:
    """A thousand folders inside each other are walked through."""
    here = os.getcwd()
    try:
        os.chdir(tmp_path)
        for _ in range(1_200):
            os.mkdir("d")
            os.chdir("d")
        Path("deep.md").write_text(STORY, encoding="utf-8")
    finally:
        os.chdir(here)
    found = [article.path for article in archive.read([f"{tmp_path}"]).articles]
    subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)  # deeper than Python itself can remove
    assert found == ["d/" * 1_200 + "deep.md"]


def test_a_folder_that_cannot_be_entered_is_one_problem(write: Write) -> None:
    """What vanished or is closed to us is told; the rest is read."""
    folder = write({"a.md": STORY})
    found: list[tuple[str, str]] = []
    assert list(walk.listings(f"{folder}/gone", lambda *one: found.append(one))) == []
    assert found == [(f"{folder}/gone", "cannot be read (No such file or directory)")]


def test_dangling_link_is_one_problem(write: Write) -> None:
    """A file that cannot be opened is a problem of its own and stops no other."""
    folder = write({"a.md": STORY})
    os.symlink("nowhere", f"{folder}/gone.md")
    read = archive.read([folder])
    assert [article.path for article in read.articles] == ["a.md"]
    assert [f"{folder}/gone.md: cannot be read (No such file or directory)"] == [str(one) for one in read.problems]


def test_folder_named_like_a_file_is_entered(write: Write) -> None:
    """A folder called `x.md` is a folder."""
    folder = write({"x.md/a.md": STORY})
    assert [article.path for article in archive.read([folder]).articles] == ["x.md/a.md"]


def test_missing_folder(tmp_path: Path) -> None:
    """A missing archive is an error with a remedy, not an empty one."""
    with pytest.raises(ArchiveError) as caught:
        archive.read([f"{tmp_path}/nowhere"])
    assert f"{tmp_path}/nowhere: there is no such folder; name your archive with --archive FOLDER" == str(caught.value)


def test_folder_without_articles(write: Write) -> None:
    """An archive without a single article file is an error with a remedy."""
    folder = write({"notes.txt": "no article"})
    with pytest.raises(ArchiveError) as caught:
        archive.read([folder])
    assert f"{folder}: no article (*.md) in it; name the folder with --archive" == str(caught.value)


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000])
def test_file_of_any_size_is_read_whole(write: Write, size: int) -> None:
    """Files shorter, longer and exactly as long as what is read at once come back unchanged."""
    content = bytes(index % 251 for index in range(size))
    folder = write({"a.md": content})
    assert content == walk.read_bytes(f"{folder}/a.md", folder, ReadingPlan().most)


def test_a_text_far_down_a_long_file_is_read(write: Write) -> None:
    """Front matter longer than what is read at once is read to its end."""
    story = STORY.replace("\n---\n", f"\nexcerpt: {'word ' * 40_000}\nheat: 57\n---\n")
    assert [article.heat for article in archive.read([write({"a.md": story})]).articles] == [57]


def test_how_large_a_file_may_be_is_a_setting(tmp_path: Path) -> None:
    """`largest_article` holds wherever the archive is read; a larger file is named with both sizes."""
    (tmp_path / "a.md").write_text(f"---\ntitle: A\nexcerpt: {'word ' * 400}\n---\n", "utf-8")

    assert [str(one) for one in archive.read([str(tmp_path)], ReadingPlan(most=1_000)).problems] == [
        f"{tmp_path}/a.md: has 2,027 bytes; more than 1,000 are not read"
    ]
    assert len(archive.read([str(tmp_path)]).articles) == 1


# --- fields by other names

ELSEWHERE = ReadingPlan(
    fields=FieldPlan(
        names=(
            ("publishedDateTime", "date"),
            ("webUrl", "link"),
            ("excerpt", "description"),
            ("topics", "tags"),
            ("provider", "source"),
            ("image", "params.cover"),
        ),
        score=(("shares", 1.0), ("params.comments", 2.5)),
    )
)
POST = """---
title: Robots fold towels
description: Slowly.
date: 2020-11-09 10:29:00 +0100
link: https://example.com/towels
tags: [AI, Robots]
source: The Example Post
shares: 40
params:
  comments: 36
  cover: https://example.com/towels.png
---
"""


def test_an_archive_may_have_its_own_names_for_fields(write: Write) -> None:
    """A provider's name and a picture's address may stand alone there, and an offset after a space."""
    (story,) = archive.read([write({"post.md": POST})], ELSEWHERE).articles

    assert (story.title, story.excerpt, story.topics) == ("Robots fold towels", "Slowly.", ("AI", "Robots"))
    assert story.published_at == datetime(2020, 11, 9, 9, 29, tzinfo=UTC)
    assert (story.url, story.provider.name) == ("https://example.com/towels", "The Example Post")
    assert story.picture is not None
    assert story.picture.url == "https://example.com/towels.png"
    assert (story.heat, story.score) == (130, "shares 40 × 1 + params.comments 36 × 2.5")


def test_our_names_hold_where_theirs_are_absent(write: Write) -> None:
    """So an archive into which `digest import` wrote, with the same settings, is read as it was written."""
    assert archive.read([write({"a.md": STORY})], ELSEWHERE) == archive.read([write({"a.md": STORY})])


def test_a_heat_of_its_own_needs_no_score(write: Write) -> None:
    """`score` is for what has no heat."""
    (story,) = archive.read([write({"a.md": POST.replace("shares: 40", "shares: 40\nheat: 7")})], ELSEWHERE).articles

    assert (story.heat, story.score) == (7, "")


def test_without_any_of_its_figures_a_story_is_unscored(write: Write) -> None:
    """Nothing is not a heat of 0."""
    post = POST.replace("shares: 40", "shares: many").replace("  comments: 36\n", "")
    (story,) = archive.read([write({"a.md": post})], ELSEWHERE).articles

    assert (story.heat, story.score) == (None, "")


def test_a_problem_names_the_field_as_it_is_called_there(write: Write) -> None:
    """The editor looks for the word that stands in the file."""
    folder = write({"a.md": POST.replace("2020-11-09 10:29:00 +0100", "last Monday")})

    assert [str(one) for one in archive.read([folder], ELSEWHERE).problems] == [
        f"{folder}/a.md:4: date is no date and time: 'last Monday'; write it like 2020-11-09T10:29:00Z"
    ]


@pytest.mark.parametrize(("draft", "published"), [("true", False), ("false", True), ("", True)])
def test_a_draft_is_not_published(write: Write, draft: str, *, published: bool) -> None:
    """`draft: true`, as Hugo and Jekyll write it, keeps a story out as `published: false` does."""
    (story,) = archive.read([write({"a.md": STORY.replace("title:", f"draft: {draft}\ntitle:", 1)})]).articles

    assert story.published is published


def test_a_look_knows_a_date_by_both_names(write: Write) -> None:
    """Files outside the window are passed over by either name, and where both are there the whole file decides."""
    utc = POST.replace("2020-11-09 10:29:00 +0100", "2020-11-09T10:29:00Z")
    files = {
        "outside-theirs.md": utc.replace("2020-11-09", "2019-11-09"),
        "outside-ours.md": utc.replace("date: 2020", "publishedDateTime: 2019"),
        "inside-ours.md": utc.replace("date:", "publishedDateTime:"),
        "inside-theirs.md": utc.replace("date:", "publishedDateTime: 2019-01-01T00:00:00Z\ndate:"),
        "outside-by-theirs.md": utc.replace("date: 2020", "publishedDateTime: 2020-11-09T10:29:00Z\ndate: 2019"),
    }
    week = Window(first=date(2020, 11, 5), last=date(2020, 11, 11))
    folder = write(files)
    full = [one for one in archive.read([folder], ELSEWHERE).articles if one.published_at in week]
    within = archive.read([folder], ELSEWHERE, within=week)

    assert [one.path for one in full] == ["inside-ours.md", "inside-theirs.md"]
    assert [one for one in within.articles if one.published_at in week] == full
    assert {one.path for one in within.articles} & {"outside-theirs.md", "outside-ours.md"} == set()


def test_files_of_articles_by_their_names(tmp_path: Path) -> None:
    """Every ending in use in any case; pages only with front matter; no drafts, output, packages or sections."""
    for name in (
        "a.md", "b.MD", "c.markdown", "d.mdx", "e.html", "deep/public-affairs/f.Markdown",
        "_drafts/x.md", "draft/x.md", "_site/x.md", "deep/public/x.md", "node_modules/p/x.md", "vendor/x.md",
        "_index.md", "_index.fr.md", ".hidden.md", ".git/x.md", "g.txt", "h.rst", "i.md.bak", "j.md~", "k.png",
    ):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"---\ntitle: {name}\nwebUrl: https://example.com/{name}\n---\n", "utf-8")
    (tmp_path / "page.html").write_text("<!DOCTYPE html><p>A page of the site.</p>", "utf-8")
    (tmp_path / "linked").symlink_to(tmp_path / "deep", target_is_directory=True)
    everything = archive.read([str(tmp_path)])

    assert [article.path for article in everything.articles] == [
        "a.md", "b.MD", "c.markdown", "d.mdx", "deep/public-affairs/f.Markdown", "e.html",
    ]  # fmt: skip
    assert everything.problems == ()
    assert everything.passed_over == (
        "not read: 1 .rst, 1 _drafts folder, 1 _site folder, 1 draft folder, 1 linked folder, "
        "1 node_modules folder, 1 public folder, 1 vendor folder"
    )
    sampled = dict(archive.samples([str(tmp_path)], 10))
    assert sorted(sampled) == ["a.md", "b.MD", "c.markdown", "d.mdx", "deep/public-affairs/f.Markdown", "e.html"]
    assert {tuple(post.fields) for post in sampled.values()} == {("title", "webUrl")}
    assert len(dict(archive.samples([str(tmp_path)], 3))) == 3


def test_one_saved_article_of_another_ending(tmp_path: Path) -> None:
    """The preview reads anew what a walk would find, and nothing else."""
    (tmp_path / "a.markdown").write_text(STORY, "utf-8")
    (tmp_path / "_drafts").mkdir()
    (tmp_path / "_drafts" / "b.md").write_text(STORY, "utf-8")
    before = archive.read([str(tmp_path)])
    changed = [str(tmp_path / "a.markdown"), str(tmp_path / "_drafts" / "b.md")]
    (tmp_path / "a.markdown").write_text(STORY.replace("A story", "Another"), "utf-8")
    after = archive.reread(before, [str(tmp_path)], changed)

    assert [article.title for article in after.articles] == ["Another"]
    assert after.passed_over == before.passed_over == "not read: 1 _drafts folder"


def test_a_large_number_of_what_is_not_read() -> None:
    """Counts are told with their kind, and with an s where there are several."""
    assert filenames.passed_over([]) == ""
    assert filenames.passed_over({"vendor": 2, "linked folder": 2, ".rst": 1200}.items()) == (
        "not read: 1,200 .rst, 2 linked folders, 2 vendor folders"
    )


def test_reading_without_the_beginnings_of_texts(tmp_path: Path) -> None:
    """Whoever counts articles gets no excerpt that no field holds; everything else is the same."""
    (tmp_path / "a.md").write_text("---\ntitle: A\ndate: 2021-05-06\n---\nThe ferry sails at noon.\n", "utf-8")
    (tmp_path / "b.md").write_text("---\ntitle: B\nsummary: It sails at noon.\n---\nA text that is longer.\n", "utf-8")
    whole, counted = (archive.read([str(tmp_path)], ReadingPlan(beginnings=each)).articles for each in (True, False))

    assert [article.excerpt for article in whole] == ["The ferry sails at noon.", "It sails at noon."]
    assert [article.excerpt for article in counted] == ["", "It sails at noon."]
    assert [replace(article, excerpt=Text("")) for article in whole] == [
        replace(article, excerpt=Text("")) for article in counted
    ]


def test_a_date_in_capitals_wins_over_the_name_of_its_file(tmp_path: Path) -> None:
    """A file whose keys are in capitals is read, whatever day its name tells: nothing is proven of it."""
    (tmp_path / "2021-01-01-a.md").write_text("---\nTitle: A\nDate: 2021-05-06\n---\n", "utf-8")
    (tmp_path / "2021-01-01-b.md").write_text("+++\nTitle = 'B'\nDate = 2021-05-06\n+++\n", "utf-8")
    week = Window(first=date(2021, 5, 3), last=date(2021, 5, 9))

    assert [article.title for article in archive.read([str(tmp_path)], within=week).articles] == ["A", "B"]
