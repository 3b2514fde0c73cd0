"""The web archive: what stands where, whether it is valid and readable, and that headlines stay words."""

from __future__ import annotations

import functools
import http.server
import json
import os
import re
import shutil
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import feedparser
import golden
import pytest
from command import run
from hypothesis import given
from hypothesis import strategies as st
from weeks import Newsroom

from digest.errors import SettingsError
from digest.issue import sent
from digest.site.places import Places, slug

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

TOOLS = Path(os.environ.get("QUALITY_HOME") or Path.home() / ".cache" / "digest-quality") / "node_modules"
REAL = golden.ROOT.parent / "shared" / "archives" / "power-apps-as-of"
NASTY = "</title><script>alert(1)</script> {{ 7*7 }} & “räv” 🦊 اسألني"
NEEDED = [
    "index.html", "2020-11-04/index.html", "2020-11-11/index.html", "topics/ai/index.html", "feed.atom", "feed.json",
    "sitemap.xml", "search.json", "search.js", "style.css", ".digest-site",
]  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two issues, one with a headline that wants to be mark-up, and their site."""
    folder = tmp_path_factory.mktemp("site")
    room = Newsroom(folder)
    room.file(
        "a",
        title="Robots learn to fold towels",
        publishedDateTime="2020-11-03T10:00:00Z",
        webUrl="https://a.example.com/",
    )
    room.file("b", title=NASTY, publishedDateTime="2020-11-10T10:00:00Z", webUrl="https://b.example.com/?x=1&y=2")
    (folder / "digest.yaml").write_text("archive: archive\n", "utf-8")
    for day in ("2020-11-04", "2020-11-11"):
        assert run(folder, "build", "--date", day)[0] == 0
    assert run(folder, "site", "--all")[0] == 0
    return folder


@pytest.fixture(scope="module")
def address(built: Path) -> Iterator[str]:
    """Serve the site as any web server would."""
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(quiet, directory=built / "site"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_every_issue_and_topic_has_a_page(built: Path) -> None:
    """With feeds, site map and search beside them, and nothing else."""
    site = built / "site"

    assert sorted(str(path.relative_to(site)) for path in site.rglob("*") if path.is_file()) == sorted(NEEDED)


def test_every_link_of_the_site_leads_somewhere(built: Path) -> None:
    """Each address without a scheme is a file of the site, seen from the page that names it."""
    site, dead = built / "site", []
    for page in site.rglob("*.html"):
        for link in re.findall(r'(?:href|src|data-index)="([^"#:]+)"', page.read_text("utf-8")):
            target = (page.parent / link).resolve()
            target = target / "index.html" if target.is_dir() else target
            dead += [] if target.is_file() else [f"{page.relative_to(site)}: {link}"]

    assert dead == []


def test_the_web_view_of_a_sent_letter_is_its_page(built: Path) -> None:
    """The address in the letter, below the site's root, is the page with the letter in it."""
    letter = (built / "out" / "2020-11-11" / "index.html").read_text("utf-8")
    page = (built / "site" / "2020-11-11" / "index.html").read_text("utf-8")
    body = re.search(r"<body[^>]*>(.*)</body>", letter, re.DOTALL)

    assert 'href="https://example.com/issues/2020-11-11/"' in letter
    assert body
    assert body[1] in page
    assert page.count("<nav") == page.count("<main>") == 1


def test_headlines_are_words(built: Path) -> None:
    """What a headline holds is text on every page, in both feeds and in the search index."""
    site = built / "site"
    pages = "".join(path.read_text("utf-8") for path in site.rglob("*.html"))
    atom = feedparser.parse(str(site / "feed.atom"))

    assert "<script>alert" not in pages
    assert "{{ 7*7 }}" in pages
    assert atom.entries[0].title_detail.value == NASTY
    assert json.loads((site / "feed.json").read_text("utf-8"))["items"][0]["title"] == NASTY
    assert json.loads((site / "search.json").read_text("utf-8"))[0]["stories"][0][0] == NASTY


def test_the_atom_feed_keeps_the_standard(built: Path) -> None:
    """RFC 4287: what feed and entries must have is there once, ids are addresses, moments have an offset."""
    space = "{http://www.w3.org/2005/Atom}"
    feed = ET.parse(built / "site" / "feed.atom").getroot()
    entries = feed.findall(f"{space}entry")
    read = feedparser.parse(str(built / "site" / "feed.atom"))

    assert (feed.tag, len(entries), bool(read.bozo)) == (f"{space}feed", 2, False)
    for element in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{space}{name}")) == 1
    assert [entry.findtext(f"{space}id") for entry in entries] == [
        "https://example.com/issues/2020-11-11/",
        "https://example.com/issues/2020-11-04/",
    ]
    assert feed.findtext(f"{space}updated") == "2020-11-11T23:59:59+00:00"
    assert [link.get("rel") for link in feed.findall(f"{space}link")] == ["alternate", "self"]
    assert feed.find(f"{space}author/{space}name") is not None


def test_the_json_feed_keeps_the_standard(built: Path) -> None:
    """JSON Feed 1.1: version, title, and for each item an id and a content."""
    feed = json.loads((built / "site" / "feed.json").read_text("utf-8"))

    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == "https://example.com/issues/feed.json"
    assert [(one["id"], one["date_published"]) for one in feed["items"]] == [
        ("https://example.com/issues/2020-11-11/", "2020-11-11T23:59:59Z"),
        ("https://example.com/issues/2020-11-04/", "2020-11-04T23:59:59Z"),
    ]
    assert all(one["content_html"].startswith("<h2>AI</h2><ul><li>") for one in feed["items"])


def test_the_site_map_names_every_page(built: Path) -> None:
    """Each page once, by its full address, with a day."""
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    urls = ET.parse(built / "site" / "sitemap.xml").getroot().findall(f"{space}url")

    assert {url.findtext(f"{space}loc") for url in urls} == {
        "https://example.com/issues/",
        "https://example.com/issues/2020-11-11/",
        "https://example.com/issues/2020-11-04/",
        "https://example.com/issues/topics/ai/",
    }
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", url.findtext(f"{space}lastmod") or "") for url in urls)


def test_the_same_issues_give_the_same_bytes(built: Path) -> None:
    """A second run changes nothing, and an issue that is gone leaves no page behind."""
    before = {path: path.read_bytes() for path in (built / "site").rglob("*") if path.is_file()}
    run(built, "site", "--all", "--to", "again/site")
    after = {built / "site" / path.relative_to(built / "again" / "site"): path.read_bytes()
             for path in (built / "again" / "site").rglob("*") if path.is_file()}  # fmt: skip
    shutil.copytree(built / "out" / "2020-11-11", built / "fewer" / "2020-11-11")
    run(built, "site", "--all", "--to", "again/site", "--out", "fewer")

    assert after == before
    assert not (built / "again" / "site" / "2020-11-04").exists()


def test_a_folder_of_others_is_left_alone(built: Path, tmp_path: Path) -> None:
    """What the command did not write it does not write over."""
    (tmp_path / "mine").write_text("mine", "utf-8")
    status, _, said = run(built, "site", "--to", str(tmp_path))

    assert (status, said) == (
        1,
        f"{tmp_path}: holds mine, which `digest` did not write there; name another folder with --to, "
        "or put an empty file .digest-site into this one to write among its files; nothing was changed\n",
    )
    assert os.listdir(tmp_path) == ["mine"]


def test_a_damaged_issue_is_named_and_the_rest_is_shown(built: Path, tmp_path: Path) -> None:
    """It is left out with a warning; with --strict nothing is written."""
    shutil.copytree(built / "out", tmp_path / "out")
    (tmp_path / "out" / "2020-11-04" / "issue.json").write_text("{", "utf-8")
    status, _, said = run(tmp_path, "site", "--all")
    strict = run(tmp_path, "site", "--all", "--strict", "--to", "strict")

    assert status == 0
    assert said.startswith("warning: out/2020-11-04/issue.json: ")
    assert said.endswith("; the issue is left out\n")
    assert (tmp_path / "site" / "2020-11-11").is_dir()
    assert (strict[0], (tmp_path / "strict").exists()) == (1, False)


def test_without_issues_there_is_no_site(tmp_path: Path) -> None:
    """What to do first is said."""
    assert run(tmp_path, "site") == (
        1,
        "",
        "out: there is no issue to show; build one first, or name the folder with --out\n",
    )


def hand_over(folder: Path) -> None:
    """Say in an issue's folder that readers have it."""
    relay = sent.HandOver(target="relay", kind="smtp", state="sent", at=sent.moment(0), readers=9, content="c0ffee")
    handed = sent.with_hand_over(None, relay, issue=folder.name, newsletter="The Week")
    (folder / sent.FILE).write_bytes(sent.to_bytes(handed))


def test_only_what_readers_have_is_shown(built: Path, tmp_path: Path) -> None:
    """An issue that was not handed over is left out and named; what was published of it with --all goes."""
    shutil.copytree(built / "out", tmp_path / "out")
    assert run(tmp_path, "site", "--all").status == 0
    hand_over(tmp_path / "out" / "2020-11-04")
    done = run(tmp_path, "site")

    assert done.status == 0
    assert done.printed.splitlines()[1:] == [
        "Shown: 2020-11-04",
        "Left out, because they were not handed over: 2020-11-11 (--all shows them)",
        "Put it where https://example.com/issues/ leads.",
    ]
    assert (tmp_path / "site" / "2020-11-04" / "index.html").is_file()
    assert not (tmp_path / "site" / "2020-11-11").exists()
    facts = json.loads(run(tmp_path, "site", "--json").printed)
    assert (facts["issues"], facts["left_out"], facts["written"]) == (["2020-11-04"], ["2020-11-11"], [])


def test_where_no_reader_has_an_issue(built: Path, tmp_path: Path) -> None:
    """One line says what to do, and a site that stands there stays."""
    shutil.copytree(built / "out", tmp_path / "out")
    shutil.copytree(built / "site", tmp_path / "site")

    assert run(tmp_path, "site") == (
        1,
        "",
        "out: no issue in it was handed over (2 built); show all with `digest site --all`, "
        "or say that readers have one: `digest sent --mark 2020-11-11`\n",
    )
    assert (tmp_path / "site" / "2020-11-11" / "index.html").is_file()


def test_what_readers_got_is_shown(built: Path, tmp_path: Path) -> None:
    """Where an issue was built again after it was sent, its page is the letter that was sent."""
    shutil.copytree(built / "out", tmp_path / "out")
    folder = tmp_path / "out" / "2020-11-04"
    hand_over(folder)
    shutil.copytree(folder, folder / "sent")
    record = json.loads((folder / "issue.json").read_text("utf-8"))
    (folder / "issue.json").write_text(json.dumps({**record, "subject": "Built again"}), "utf-8")
    (folder / "index.html").write_text("<html><head></head><body>Built again</body></html>", "utf-8")
    run(tmp_path, "site")

    pages = "".join(path.read_text("utf-8") for path in (tmp_path / "site").rglob("*.*ml"))
    assert "Robots learn to fold towels" in pages
    assert "Built again" not in pages


def test_a_damaged_mark_of_a_hand_over(built: Path, tmp_path: Path) -> None:
    """Nobody can tell whether readers have that issue: it is named and left out."""
    shutil.copytree(built / "out", tmp_path / "out")
    hand_over(tmp_path / "out" / "2020-11-04")
    (tmp_path / "out" / "2020-11-11" / sent.FILE).write_text("{", "utf-8")
    done = run(tmp_path, "site")

    assert done.status == 0
    assert done.told.startswith("warning: out/2020-11-11/sent.json: is damaged")
    assert done.told.endswith("; the issue is left out\n")
    assert not (tmp_path / "site" / "2020-11-11").exists()


@pytest.mark.parametrize(
    ("web", "root", "file"),
    [
        ("https://example.com/issues/{id}/", "https://example.com/issues/", "2020-11-11/index.html"),
        ("https://example.com/{id}", "https://example.com/", "2020-11-11/index.html"),
        ("https://example.com/news/week-{id}.html", "https://example.com/news/", "week-2020-11-11.html"),
        ("https://example.com/a/{id}/view/", "https://example.com/a/", "2020-11-11/view/index.html"),
    ],
)
def test_pages_stand_where_the_web_view_leads(web: str, root: str, file: str) -> None:
    """Root and file follow from the address in the settings."""
    places = Places(web)

    assert (places.root, places.issue("2020-11-11")) == (root, file)


@pytest.mark.parametrize(
    "web", ["https://example.com/?issue={id}", "https://example.com/", "https://example.com/#{id}"]
)
def test_an_address_that_no_file_can_have(web: str) -> None:
    """It is refused with one that would do."""
    with pytest.raises(SettingsError) as caught:
        Places(web)

    assert str(caught.value) == (
        f"newsletter.web: {web!r} cannot be a page of a static site; write an address whose path has {{id}} in it, "
        "such as https://example.com/issues/{id}/"
    )


@given(st.text(max_size=40))
def test_a_topics_address_leads_nowhere_else(words: str) -> None:
    """Whatever a topic is called, its folder is one name without dots or slashes."""
    assert re.fullmatch(r"[\w-]+", slug(words))
    assert not slug(words).startswith(("-", "_"))


def test_the_search_finds(browser: Browser, address: str) -> None:
    """Without a server; what it finds is shown as words, with its issue; nothing else is asked for."""
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.get_by_label("Search all stories").fill("SCRIPT räv")
    page.wait_for_selector("#found a")
    found = page.locator("#found a").all_inner_texts()
    leads = page.locator("#found a").first.evaluate("link => link.href")
    count = page.locator("#count").inner_text()
    page.close()

    assert (found, count) == ([NASTY], "1 story")
    assert leads == f"{address}2020-11-11/"
    assert [one for one in asked if not one.startswith((address, "data:"))] == []


def needs(path: Path, *, program: str = "") -> None:
    """Skip where a tool, or the *program* that runs it, is not here; in CI that is a mistake of .ci/run."""
    if program and not shutil.which(program):
        path = Path(program)
    if not path.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{path} is not here, though .ci/run installs it")
        pytest.skip(f"looked for {path}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["", "topics/ai/", "2020-11-11/"])
def test_axe_finds_nothing(browser: Browser, address: str, path: str, scheme: str) -> None:
    """No barrier that axe can see, AAA contrast included, and no sideways scrolling on a phone."""
    needs(TOOLS / "axe-core")
    context = browser.new_context(viewport={"width": 375, "height": 800}, color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]  # one of its literals
    page = context.new_page()
    page.route("https://**", lambda route: route.abort())
    page.goto(address + path)
    page.add_script_tag(path=str(TOOLS / "axe-core" / "axe.min.js"))
    found = page.evaluate(
        "async () => (await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag2aaa', 'wcag21aa', 'wcag22aa', "
        "'best-practice'] })).violations.map((one) => [one.id, one.nodes.map((node) => node.html).slice(0, 3)])"
    )
    wide = page.evaluate("() => document.documentElement.scrollWidth")
    context.close()

    assert found == []
    assert wide <= 375


def test_every_page_is_valid(built: Path) -> None:
    """The Nu checker finds no error, but for what belongs to Outlook in the letters."""
    jar = next(iter(TOOLS.glob("vnu-jar/build/dist/vnu.jar")), TOOLS / "vnu-jar")
    needs(jar, program="java")
    pages = [str(path) for path in (built / "site").rglob("*.html")]
    command = ["java", "-jar", str(jar), "--format", "json", "--errors-only", "--exit-zero-always", *pages]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    messages = [one["message"] for one in json.loads(done.stderr)["messages"]]

    assert [one for one in messages if not re.search(r"xmlns:[vo]|mso-|color-scheme|X-UA-Compatible", one)] == []


def test_half_a_year_of_a_real_newsletter(tmp_path: Path) -> None:
    """29 weekly issues of a real archive become a site with a page each."""
    if not REAL.is_dir():
        pytest.skip(f"the real archives are not here; looked in {REAL}")
    weeks = sorted(path.name for path in REAL.iterdir())[:6]
    for week in weeks:
        run(tmp_path, "build", "--date", week, "--archive", str(REAL / week))
    status, said, _ = run(tmp_path, "site", "--all")
    issues = len(os.listdir(tmp_path / "out"))

    assert status == 0
    assert len([one for one in os.listdir(tmp_path / "site") if one[:2] == "20"]) == issues >= 4
    assert said.splitlines()[-1] == "Put it where https://example.com/issues/ leads."


RECOGNISED = """archive: archive
newsletter:
  language: de
  first_number: 12
  tagline: Maschinen & mehr
  logo: {picture: "https://example.com/{id}.png", dark: https://example.com/dark.png, alt: Die Woche, width: 200}
  social: [{name: Mastodon, url: https://social.example.com/@week}]
  subscribe: https://example.com/subscribe
"""


def test_the_site_has_what_the_newsletter_is_recognised_by(built: Path, tmp_path: Path, browser: Browser) -> None:
    """Its first page has logo, tagline and numbers, its lists and feeds what they can show; a site without has none."""
    shutil.copytree(built / "archive", tmp_path / "archive")
    (tmp_path / "digest.yaml").write_text(RECOGNISED, "utf-8")
    for day in ("2020-11-04", "2020-11-11"):
        assert run(tmp_path, "build", "--date", day)[0] == 0
    assert run(tmp_path, "site", "--all")[0] == 0
    site = tmp_path / "site"
    home, topic = ((site / name).read_text("utf-8") for name in ("index.html", "topics/ai/index.html"))
    atom = feedparser.parse((site / "feed.atom").read_bytes()).feed

    assert '<p class="tagline">Maschinen &amp; mehr</p>' in home
    assert re.findall(r'class="day">(\S+ \d+) · ', home) == ["Nr. 13", "Nr. 12"]
    for page in (home, topic):
        assert '<a rel="me" href="https://social.example.com/@week">Mastodon</a>' in page
        assert '<a href="https://example.com/subscribe">Subscribe by e-mail</a>' in page
    assert (atom.subtitle, atom.logo) == ("Maschinen & mehr", "https://example.com/2020-11-11.png")
    assert json.loads((site / "feed.json").read_bytes())["description"] == "Maschinen & mehr"
    for dark, name in ((False, "2020-11-11.png"), (True, "dark.png")):
        tab = browser.new_page(color_scheme="dark" if dark else "light")
        tab.route(re.compile("^https:"), lambda route: route.fulfill(content_type="image/svg+xml", body=SQUARE))
        tab.goto((site / "index.html").as_uri())
        logo = tab.get_by_role("heading", level=1).get_by_alt_text("Die Woche")

        assert logo.evaluate("each => [each.currentSrc, each.naturalWidth]") == [f"https://example.com/{name}", 200]
        tab.close()
    plain = (built / "site" / "index.html").read_text("utf-8")
    assert [words for words in ("<picture", "tagline", 'rel="me"', "Subscribe", "https:; base") if words in plain] == []


SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="200"/>'
