"""The museum of broken issues: each is a golden issue with one fault in it, put there by a line of Python.

`FAULTS` says of each what is changed and what `digest check` must say. What depends on a changed part is made again
by the real code (message, hashes), so that the fault stays alone.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

import golden

from digest import pipeline, weight
from digest.config import settings
from digest.mail import mime
from digest.model import Issue, Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.config.values import Newsletter

BASE = "thin-week"
WEB = "https://example.com/issues/2020-11-22/"
FLEET = "Fishing fleet tests camera that weighs the catch before it reaches the deck"
FLEET_ADDRESS = (
    "https://www.harbour-times.example.com/2020/11/18/"
    "fishing-fleet-tests-camera-that-weighs-the-catch-before-it-reaches-the-deck"
)
UNSUBSCRIBE = "https://example.com/unsubscribe"
TEXT_STYLE = "margin:0; font-size:16px; line-height:25px"
LINK_STYLE = "color:#00008b; text-decoration:underline"


@dataclass
class Parts:
    """An issue in parts, to be broken and put together again. *late* is done to the files at the very end."""

    subject: str
    preheader: str
    html: str
    text: str
    record: dict[str, Any]
    mail: list[Callable[[bytes], bytes]] = field(default_factory=list)
    late: list[Callable[[dict[str, bytes]], None]] = field(default_factory=list)


@dataclass(frozen=True)
class Fault:
    """One broken issue: its name, the rule that names it, what it says, and how it is broken."""

    name: str
    rule: str
    what: str
    change: Callable[[Parts], None]

    def files(self) -> dict[str, bytes]:
        """Return the broken issue."""
        parts = _parts()
        self.change(parts)
        return files(parts)


def sound() -> dict[str, bytes]:
    """Return the sample as it is, put together by the same code."""
    return files(_parts())


def files(parts: Parts) -> dict[str, bytes]:
    """Put an issue together: message and hashes are made anew."""
    issue, newsletter = _week()
    message = Message(subject=parts.subject, preheader=parts.preheader, html=parts.html, text=parts.text)
    eml = mime.to_bytes(message, issue, newsletter)
    for change in parts.mail:
        changed = change(eml)
        assert changed != eml, "a fault must change something"
        eml = changed
    made = {"index.html": parts.html.encode(), "index.txt": parts.text.encode(), "message.eml": eml}
    record = parts.record | {"subject": parts.subject, "preheader": parts.preheader}
    record["outputs"] = {name: hashlib.sha256(content).hexdigest() for name, content in made.items()}
    made["issue.json"] = json.dumps(record, ensure_ascii=False).encode()
    for finish in parts.late:
        finish(made)
    return made


@cache
def _week() -> tuple[Issue, Newsletter]:
    case = golden.HERE / BASE
    chosen = settings.load(str(case / "digest.yaml"), settings.Overrides(archive=(golden.SEEDS,), out="nowhere"))
    window = pipeline.window_of(chosen, last=date.fromisoformat((case / "day").read_text("ascii").strip()))
    return pipeline.choose(chosen, window).issue, chosen.newsletter


def _parts() -> Parts:
    found = {name: (golden.HERE / BASE / name).read_bytes() for name in golden.OUTPUTS}
    record = json.loads(found["issue.json"])
    return Parts(
        subject=record["subject"],
        preheader=record["preheader"],
        html=found["index.html"].decode(),
        text=found["index.txt"].decode(),
        record=record,
    )


def _replaced(words: str, pattern: str, by: str, count: int = 1) -> str:
    def filled(found: re.Match[str]) -> str:
        return re.sub(r"\\([12])", lambda group: found[int(group[1])], by)

    changed = re.sub(pattern, filled, words, count=count, flags=re.DOTALL)
    assert changed != words, f"{pattern} is not in the sample any more"
    return changed


def excerpt(old: str, new: str) -> Callable[[Parts], None]:
    """Replace words of an article's excerpt in the record."""

    def change(parts: Parts) -> None:
        picks = [pick for section in parts.record["sections"] for pick in section["picks"] if old in pick["excerpt"]]
        assert picks, f"{old} is not in the sample any more"
        for pick in picks:
            pick["excerpt"] = pick["excerpt"].replace(old, new)

    return change


def html(pattern: str, by: str, count: int = 1) -> Callable[[Parts], None]:
    """Replace what *pattern* finds first in the HTML; *count* 0 replaces all."""

    def change(parts: Parts) -> None:
        parts.html = _replaced(parts.html, pattern, by, count)

    return change


def text(pattern: str, by: str, count: int = 1) -> Callable[[Parts], None]:
    """Replace what *pattern* finds first in the text."""

    def change(parts: Parts) -> None:
        parts.text = _replaced(parts.text, pattern, by, count)

    return change


def both(*changes: Callable[[Parts], None]) -> Callable[[Parts], None]:
    """Do several changes that make one fault."""

    def change(parts: Parts) -> None:
        for one in changes:
            one(parts)

    return change


def put(markup: str) -> Callable[[Parts], None]:
    """Put *markup* below the h1, black on white whatever the theme does."""
    return html("</h1>", f'</h1><div style="color:#000000; background-color:#ffffff">{markup}</div>')


def say(words: str) -> Callable[[Parts], None]:
    """Put a paragraph with *words*, which may hold markup, below the h1."""
    return put(f'<p style="{TEXT_STYLE}">{words}</p>')


def style(css: str) -> Callable[[Parts], None]:
    """Put *css* into the head."""
    return html("</head>", f"<style>{css}</style></head>")


def link(address: str, words: str = "A link of the museum", attributes: str = "") -> Callable[[Parts], None]:
    """Put a link below the h1, and its address into the text."""
    markup = f'See <a href="{address}"{attributes} style="{LINK_STYLE}">{words}</a> for it.'
    return both(say(markup), text("\n\n", f"\n\n{address}\n\n") if "://" in address else lambda _: None)


def picture(attributes: str) -> Callable[[Parts], None]:
    """Put a picture below the h1."""
    return put(f"<div><img {attributes}></div>")


def wording(**words: str) -> Callable[[Parts], None]:
    """Set subject or preheader, wherever they stand."""

    def change(parts: Parts) -> None:
        for name, value in words.items():
            setattr(parts, name, value)
        if "preheader" in words:
            hidden = r"(<div[^>]*display:none[^>]*>)[^<]*"
            parts.html = re.sub(hidden, lambda found: found[1] + words["preheader"], parts.html, count=1)

    return change


def header(pattern: str, by: str) -> Callable[[Parts], None]:
    """Replace what *pattern* finds first in the headers of the message."""

    def change(parts: Parts) -> None:
        parts.mail.append(lambda eml: re.sub(pattern.encode(), by.encode(), eml, count=1, flags=re.DOTALL))

    return change


def mail(change_bytes: Callable[[bytes], bytes]) -> Callable[[Parts], None]:
    """Change the message as a whole."""
    return lambda parts: parts.mail.append(change_bytes)


def late(finish: Callable[[dict[str, bytes]], None]) -> Callable[[Parts], None]:
    """Change the files when all is done."""
    return lambda parts: parts.late.append(finish)


def _record(change: Callable[[dict[str, Any]], object]) -> Callable[[Parts], None]:
    return lambda parts: (change(parts.record), None)[1]


def _wrong_byte(made: dict[str, bytes]) -> None:
    made["index.html"] = made["index.html"].replace(b"</h1>", b"\xe9</h1>", 1)


def _other_mail(made: dict[str, bytes]) -> None:
    made["message.eml"] = made["message.eml"].replace(b"\r\nDate:", b"\r\nX-Mailer: vi\r\nDate:", 1)


def _html_first(eml: bytes) -> bytes:
    return (
        eml.replace(b"text/plain;", b"text/x;")
        .replace(b"text/html;", b"text/plain;")
        .replace(b"text/x;", b"text/html;")
    )


def _other_words_in_ascii(eml: bytes) -> bytes:
    """Put other words in the place of the text, which travel as they stand."""
    head, boundary, rest = eml.partition(b"\r\n--=_digest_")
    end = rest.index(boundary)
    part = b"\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\nOther words\r\n"
    return head + boundary + rest[: rest.index(b"\r\n")] + part + rest[end:]


def _pictures_alone(parts: Parts) -> None:
    """Keep short headlines and the foot, and no excerpt."""
    head, tail = parts.html.split("</h1>")
    for place, pick in enumerate(pick for section in parts.record["sections"] for pick in section["picks"]):
        short, words = f"Story {place}", re.escape(pick["title"]).replace(r"\ ", r"\s+")
        tail, parts.text = (_replaced(part, words, short, 0) for part in (tail, parts.text))
        pick["title"] = short
    parts.html = f"{head}</h1>{re.sub(r'>[^<>]{60,}<', '><', tail)}"


def block(**given: Any) -> Callable[[Parts], None]:
    """Put words of the editor's own into the record."""
    empty = {"kind": "note", "title": "", "name": "", "alt": "", "text": "", "url": "", "links": [], "label": ""}
    return _record(lambda record: record.setdefault("blocks", []).append(empty | given))


SPONSOR: dict[str, Any] = {"kind": "sponsor", "name": "Harbour Times", "label": "Advertisement"}

FAULTS = (
    # Files and record
    Fault("no text file", "file-missing", "is not there", late(lambda made: (made.pop("index.txt"), None)[1])),
    Fault("a byte of Latin-1", "file-encoding", "byte 0xe9 is not UTF-8", late(_wrong_byte)),
    Fault(
        "a damaged record",
        "record",
        "is no record (its shape is not known)",
        late(lambda made: made.update({"issue.json": b"[]"})),
    ),
    Fault(
        "a record of tomorrow",
        "record",
        "is no record (format 2 is not known)",
        _record(lambda record: record.update(format=2)),
    ),
    Fault(
        "a record without picks",
        "record",
        "is no record (it has no 'sections')",
        _record(lambda record: record.pop("sections")),
    ),
    Fault("changed by hand", "record-hash", "is not the file that issue.json has the hash of", late(_other_mail)),
    Fault(
        "a story without link",
        "story-missing",
        f"no link to {FLEET_ADDRESS}",
        html(f'<a [^>]*href="{FLEET_ADDRESS}"[^>]*>([^<]*)</a>', r"\1"),
    ),
    Fault(
        "a headline that is no heading",
        "story-headline",
        "is in no heading",
        html(rf"<h3([^>]*>(?:(?!</h3>).)*{FLEET}(?:(?!</h3>).)*)</h3>", r"<p\1</p>"),
    ),
    Fault(
        "a story twice",
        "story-twice",
        f"{FLEET_ADDRESS} is picked twice",
        _record(lambda record: record["sections"][0]["picks"].append(record["sections"][1]["picks"][0])),
    ),
    Fault("words that a theme lost", "block-missing", "does not say 'lost'", block(text="The *lost* words")),
    Fault(
        "a sponsor that a theme lost",
        "block-missing",
        "does not say 'Acme'",
        block(**SPONSOR | {"name": "Acme", "label": ""}),
    ),
    Fault(
        "a kicker that a theme lost",
        "block-missing",
        "does not say 'At sea'",
        _record(lambda record: record["sections"][0]["picks"][0]["changed"].update(kicker="At sea")),
    ),
    Fault(
        "a tagline that a theme lost",
        "identity-missing",
        "does not say 'Lost words'",
        _record(lambda record: record["newsletter"].update(tagline="Lost words")),
    ),
    Fault(
        "an address to subscribe at that a theme lost",
        "identity-missing",
        "no link to https://example.com/lost",
        _record(lambda record: record["newsletter"].update(subscribe="https://example.com/lost")),
    ),
    Fault("a sponsor without a mark", "advert-label", "says 'Advertisement' 0 times for 1 of them", block(**SPONSOR)),
    Fault(
        "two sponsors and one mark",
        "advert-label",
        "says 'Advertisement' 1 times for 2 of them",
        both(block(**SPONSOR), block(**SPONSOR), say("Advertisement"), text("\n\n", "\n\nAdvertisement\n\n")),
    ),
    Fault(
        "two mailboxes for answers",
        "header-reply-to",
        "'a@example.com, b@example.com' is no mailbox",
        header("(?m)^To: ", "Reply-To: a@example.com, b@example.com\r\nTo: "),
    ),
    # Left-overs
    Fault("Jinja left", "placeholder", "'{{ story.headline }}' is left", say("{{ story.headline }}")),
    Fault("a Jinja statement left", "placeholder", "'{% endif %}' is left", say("{% endif %}")),
    Fault("the theme's own Jinja left", "placeholder", "'[[ theme.accent ]]' is left", say("[[ theme.accent ]]")),
    Fault(
        "a colour left in a style",
        "placeholder",
        "'{link_color}' is left",
        put(f'<p style="{TEXT_STYLE}; border-color:{{link_color}}">Words</p>'),
    ),
    Fault("a legal block left", "placeholder", "'{can-spam}' is left", say("{can-spam}")),
    Fault("a merge tag of one service", "placeholder", "'*|FNAME|*' is left", say("Dear *|FNAME|*")),
    Fault("a merge tag of another", "placeholder", "'%recipient.name%' is left", say("Dear %recipient.name%")),
    Fault("a merge tag of a third", "placeholder", "'${first_name}' is left", say("Dear ${first_name}")),
    Fault(
        "a merge tag in the text", "placeholder", "'%%unsubscribe%%' is left", text("\n\n", "\n\n%%unsubscribe%%\n\n")
    ),
    Fault(
        "a template expression in an article",
        "article-words",
        "'{{ first_name }}' is left (placeholder)",
        both(
            excerpt("Skippers can", "{{ first_name }} can"),
            html("Skippers can", "{{ first_name }} can"),
            text(r"Skippers can", "{{ first_name }}\n   can"),
        ),
    ),
    Fault("None printed", "empty-value", "says 'None'", say("<strong>None</strong>")),
    Fault("undefined printed", "empty-value", "says 'undefined'", say("undefined")),
    Fault("None in the text", "empty-value", "says 'None,'", text("\n\n", "\n\nNone,\n\n")),
    Fault("a debug escape", "debug-escape", r"'\\u{a0}' is a programmer's escape or error", say(r"It&nbsp;is\u{a0}so")),
    Fault("escaped twice", "double-entity", "readers see &#8217;", say("It&amp;#8217;s so")),
    Fault("escaped twice by name", "double-entity", "readers see &amp;", say("Signal &amp;amp; Noise")),
    Fault("mojibake", "mojibake", "'â€™' was read in the wrong encoding", say("Itâ€™s so")),
    Fault("mojibake in the text", "mojibake", "'Ã©' was read in the wrong encoding", text("\n\n", "\n\nCafÃ©\n\n")),
    Fault("a lost character", "mojibake", "'\ufffd' was read in the wrong encoding", say("Caf\ufffd")),
    Fault("filler", "filler", "'Lorem ipsum' is filler", say("Lorem ipsum dolor sit amet")),
    Fault(
        "a link of Markdown",
        "markup-left",
        "readers see '[it](https://example.com/a)'",
        say("Read [it](https://example.com/a)"),
    ),
    Fault("a reference of Markdown", "markup-left", "readers see '[the report][1]'", say("Read [the report][1] now")),
    Fault(
        "a picture of Markdown", "markup-left", "readers see '![A ferry](/a.jpg)'", say("![A ferry](/a.jpg) It sails")
    ),
    Fault("bold words of Markdown", "markup-left", "readers see '**now**'", say("It sails **now**")),
    Fault("a heading of Markdown", "markup-left", "readers see '## T'", say("## The ferry sails")),
    Fault("attributes of kramdown", "markup-left", "readers see '{: .lead}'", say("It sails {: .lead}")),
    Fault("an import of MDX", "markup-left", 'readers see "import X from \'"', say("import X from './x'")),
    Fault("a reminder", "todo", "'TODO' is left", say("TODO: an introduction")),
    # Page
    Fault("no doctype", "doctype", 'begins with \'<html lang="en" dir="ltr" xmln\'', html("<!DOCTYPE html>\n", "")),
    Fault(
        "no charset",
        "charset",
        "no charset in the first 1,024 bytes",
        html('<meta http-equiv="Content-Type"[^>]*>', ""),
    ),
    Fault("no viewport", "viewport", "no viewport", html('<meta name="viewport"[^>]*>', "")),
    Fault("no zoom", "viewport", "readers may not zoom", html("initial-scale=1", "initial-scale=1, maximum-scale=1")),
    Fault("an empty title", "title", "an empty title", html("<title>[^<]*</title>", "<title></title>")),
    Fault("no language", "lang", "has no lang", html('<html lang="en"', "<html")),
    Fault(
        "another language",
        "lang",
        "lang is 'de', the issue's is 'en'",
        both(html('<html lang="en"', '<html lang="de"'), header("Content-Language: en", "Content-Language: de")),
    ),
    Fault("no language below the body", "lang", "has no lang", html('(<body[^>]*><div[^>]*) lang="en"', r"\1")),
    Fault("no direction", "dir", "has no dir", html('(<html[^>]*) dir="ltr"', r"\1")),
    Fault("the wrong direction", "dir", "dir is 'rtl' for 'en'", html('(<html[^>]*) dir="ltr"', r'\1 dir="rtl"')),
    Fault(
        "a table that is announced", "layout-table", "a table without role", put("<table><tr><td></td></tr></table>")
    ),
    Fault(
        "a table that Outlook announces",
        "layout-table",
        "a table in Outlook's branch without role",
        html(r'(<!--\[if mso[^\]]*\]><table[^>]*) role="presentation"', r"\1"),
    ),
    Fault("two h1", "heading-one", "2 h1", put('<h1 style="margin:0">The AI Week</h1>')),
    Fault("no h1", "heading-one", "no h1", html("<h1([^>]*)>(.*?)</h1>", r"<p\1>\2</p>")),
    Fault("a skipped level", "heading-order", "h4 follows h2", html("<h3([^>]*)>(.*?)</h3>", r"<h4\1>\2</h4>")),
    Fault("an empty heading", "heading-empty", "an empty h2", put("<h2></h2>")),
    Fault("an invented role", "aria", "there is no role 'newsletter'", put('<div role="newsletter">Words</div>')),
    Fault(
        "a label that is not there",
        "aria",
        "aria-labelledby points to 'nowhere', which is not there",
        put('<div role="group" aria-labelledby="nowhere">Words</div>'),
    ),
    Fault(
        "a link that is hidden from some",
        "aria",
        "a link inside aria-hidden",
        say(f'Or <span aria-hidden="true"><a href="{WEB}" style="{LINK_STYLE}">Read on the web</a></span> now'),
    ),
    Fault("a list without items", "list", "p stands in ul", put("<ul><p>Words</p></ul>")),
    Fault("an order of its own", "tab-order", "tabindex 3", put('<div tabindex="3">Words</div>')),
    Fault("a stray end tag", "html-parse", "end tag too early", put("</section>")),
    Fault("an attribute twice", "html-parse", "duplicate attribute", put('<div class="a" class="b">Words</div>')),
    Fault("a block in a span", "html-nesting", "div stands in span", put("<span><div>Words</div></span>")),
    Fault(
        "a misspelt attribute", "html-attribute", "div has no attribute styl", put('<div styl="color:red">Words</div>')
    ),
    Fault("an element of old", "html-obsolete", "font is given up", say("<font>Words</font>")),
    Fault("an id twice", "duplicate-id", "id 'a' stands twice", put('<div id="a">One</div><div id="a">Two</div>')),
    Fault("a comment", "comment", "the comment 'ask Ada about this' is left", put("<!-- ask Ada about this -->")),
    Fault("a script", "active-content", "script is in the page", put("<script>1</script>")),
    Fault("a frame", "active-content", "iframe is in the page", put('<iframe src="https://example.com/"></iframe>')),
    Fault("an event handler", "event-handler", "div has onclick", put('<div onclick="f()">Words</div>')),
    Fault("VML", "vml", "<v:rect is in the page", put("<!--[if mso]><v:rect></v:rect><![endif]-->")),
    Fault(
        "a style sheet elsewhere",
        "external-css",
        "loads https://example.com/a.css",
        html("</head>", '<link rel="stylesheet" href="https://example.com/a.css"></head>'),
    ),
    Fault(
        "an import",
        "external-css",
        '@import url("https://example.com/a.css")',
        style('@import url("https://example.com/a.css");'),
    ),
    Fault(
        "a web font",
        "web-font",
        "@font-face is in the page",
        style("@font-face { font-family: Museum; src: url(https://example.com/a.woff2); }"),
    ),
    Fault(
        "a font of a service",
        "web-font",
        "loads https://fonts.googleapis.com/css?family=Roboto",
        html("</head>", '<link rel="stylesheet" href="https://fonts.googleapis.com/css?family=Roboto"></head>'),
    ),
    Fault(
        "an icon of MJML's examples",
        "image-borrowed",
        "https://i.imgur.com/a.png is a stranger's",
        put('<img src="https://i.imgur.com/a.png" width="20" alt="">'),
    ),
    Fault(
        "a menu that opens",
        "interactive",
        "opens a part of the page",
        put('<input type="checkbox" class="mj-menu-checkbox">'),
    ),
    Fault(
        "not declared dark",
        "dark-mode",
        '<meta name="color-scheme" content="light dark"> is missing',
        html('<meta name="color-scheme"[^>]*>', ""),
    ),
    Fault(
        "not declared dark to the root",
        "dark-mode",
        ":root { color-scheme: light dark; } is missing",
        html(r":root\s*\{[^}]*\}", ""),
    ),
    Fault(
        "not dark in Outlook.com",
        "dark-mode",
        "[data-ogsc] and [data-ogsb] is missing",
        html(r"\[data-ogs[bc]\][^{}]*\{[^}]*\}", "", 0),
    ),
    # Styles
    Fault(
        "a broken style",
        "css-parse",
        "cannot be read: EOF reached before {} block for a qualified rule.",
        put('<div style="color">Words</div>'),
    ),
    Fault(
        "a broken selector",
        "css-parse",
        "cannot be read: the selector 'a::( )': Expected a pseudo-element name, got <ParenthesesBlock ( … )>",
        style("a::( ) { color: #000000 }"),
    ),
    Fault(
        "a misspelt property", "css-property", "there is no property colr", put('<div style="colr:#000000">Words</div>')
    ),
    Fault(
        "a length without unit",
        "css-property",
        "padding is '4', a number without unit",
        put('<div style="padding:4">Words</div>'),
    ),
    Fault(
        "a colour that is none",
        "css-property",
        "border-color is 'blau', which is no colour",
        put('<div style="border-color:blau">Words</div>'),
    ),
    Fault(
        "grey on white",
        "contrast",
        "#999999 on #ffffff in light is 2.84:1, not 4.5:1",
        put(f'<p class="museum" style="{TEXT_STYLE}; color:#999999; background-color:#ffffff">Words</p>'),
    ),
    Fault(
        "large grey on white",
        "contrast",
        "#999999 on #ffffff in light is 2.84:1, not 3:1",
        put('<p style="margin:0; font-size:24px; line-height:32px; color:#999999; background-color:#ffffff">Words</p>'),
    ),
    Fault(
        "soft grey on white",
        "contrast-enhanced",
        "#666666 on #ffffff in light is 5.74:1, not 7:1",
        put(f'<p class="museum" style="{TEXT_STYLE}; color:#666666; background-color:#ffffff">Words</p>'),
    ),
    Fault(
        "dark on dark",
        "contrast",
        "#333333 on #101216 in dark is 1.48:1, not 4.5:1",
        both(
            put(f'<p class="museum" style="{TEXT_STYLE}; color:#333333; background-color:#ffffff">Words</p>'),
            style("@media (prefers-color-scheme: dark) { .museum { background-color: #101216 !important; } }"),
        ),
    ),
    Fault(
        "dark on dark in Outlook.com",
        "contrast",
        "#222222 on #101216 in Outlook.com's dark is 1.17:1, not 4.5:1",
        both(
            put(f'<p class="museum" style="{TEXT_STYLE}; color:#222222; background-color:#ffffff">Words</p>'),
            style("[data-ogsb] .museum { background-color: #101216 !important; }"),
        ),
    ),
    Fault(
        "dark without Outlook.com",
        "dark-pairs",
        "#ffffff on #000000 in dark, #000000 on #ffffff in Outlook.com's dark",
        both(
            put(f'<p class="museum" style="{TEXT_STYLE}; color:#000000; background-color:#ffffff">Words</p>'),
            style(
                "@media (prefers-color-scheme: dark) { .museum { color: #ffffff !important; "
                "background-color: #000000 !important; } }"
            ),
        ),
    ),
    Fault(
        "readable only with head styles",
        "contrast",
        "#aaaaaa on #ffffff without the head's styles is 2.32:1, not 4.5:1",
        both(
            put(f'<p class="museum" style="{TEXT_STYLE}; color:#aaaaaa; background-color:#ffffff">Words</p>'),
            style(".museum { color: #000000 !important; }"),
        ),
    ),
    Fault(
        "no backgrounds",
        "background-missing",
        "a text colour is set on no background",
        html(r"background(?:-color)?:\s?#[0-9a-f]{6}(?! !important);?", "", 0),
    ),
    Fault(
        "a background picture",
        "background-picture",
        "text on a background picture",
        put(f'<p style="{TEXT_STYLE}; background-image:url(https://pictures.example.com/a.png)">Words</p>'),
    ),
    Fault(
        "a background picture without a colour",
        "background-colour",
        "text on a background picture without a colour",
        both(
            html(r"background(?:-color)?:\s?#[0-9a-f]{6}(?! !important);?", "", 0),
            html('<body([^>]*) style="', r'<body\1 style="background-image:url(https://pictures.example.com/a.png);'),
        ),
    ),
    Fault(
        "small text",
        "text-size",
        "text of 12 px",
        put('<p style="margin:0; font-size:12px; line-height:25px">Words</p>'),
    ),
    Fault(
        "text that is small on phones",
        "text-size",
        "text of 11 px",
        both(
            put(f'<p class="museum" style="{TEXT_STYLE}">Words</p>'),
            style("@media (max-width: 480px) { .museum { font-size: 11px !important; } }"),
        ),
    ),
    Fault(
        "small running text",
        "body-size",
        "running text of 15 px",
        put(f'<p style="margin:0; font-size:15px; line-height:25px">{"Eleven words in a row. " * 6}</p>'),
    ),
    Fault(
        "tight running text",
        "line-height",
        "a line height of 18 px for text of 16 px",
        put(f'<p style="margin:0; font-size:16px; line-height:18px">{"Eleven words in a row. " * 6}</p>'),
    ),
    Fault(
        "a link that is hard to hit",
        "tap-target",
        "a link of 18 px",
        put(
            '<p style="margin:0; font-size:16px; line-height:18px">'
            f'<a href="{WEB}" style="{LINK_STYLE}">Read on the web</a></p>'
        ),
    ),
    Fault(
        "a link that is hard to find",
        "link-in-text",
        "a link in text that is not underlined",
        say(f'Words and <a href="{WEB}" style="color:#00008b; text-decoration:none">Read on the web</a> and words'),
    ),
    Fault(
        "hidden words",
        "hidden-text",
        "'Cheap words for a filter' is hidden (display:none)",
        put('<div style="display:none">Cheap words for a filter</div>'),
    ),
    Fault(
        "words of no height",
        "hidden-text",
        "'Cheap words' is hidden (height:0)",
        put('<div style="max-height:0; overflow:hidden">Cheap words</div>'),
    ),
    Fault(
        "words too small to be seen",
        "hidden-text",
        "'Cheap words' is hidden (font-size:1px)",
        put('<p style="margin:0; font-size:1px; line-height:25px">Cheap words</p>'),
    ),
    Fault(
        "a way out too small to be seen",
        "hidden-text",
        "'Unsubscribe with one click' is hidden (font-size:1px)",
        html('(<a [^>]*href="https://example.com/unsubscribe"[^>]*style="[^"]*)"', r'\1; font-size:1px"'),
    ),
    # Pictures
    Fault("no alt text", "image-alt", "has no alt", picture('src="https://pictures.example.com/a.png" width="90"')),
    Fault(
        "a headline as alt text",
        "image-alt-repeats",
        "alt says 'Fishing fleet tests camera that weighs t' again",
        picture(f'src="https://pictures.example.com/a.png" width="90" alt="{FLEET}"'),
    ),
    Fault(
        "a file name as alt text",
        "image-alt-words",
        "alt is 'towels.jpg'",
        picture('src="https://pictures.example.com/towels.jpg" width="90" alt="towels.jpg"'),
    ),
    Fault(
        "a picture by http",
        "image-address",
        "'http://pictures.example.com/a.png' is no https address",
        picture('src="http://pictures.example.com/a.png" width="90" alt=""'),
    ),
    Fault(
        "a picture in the page",
        "image-address",
        "its bytes stand in the page (data:)",
        picture('src="data:image/png;base64,iVBORw0KGgo=" width="90" alt=""'),
    ),
    Fault(
        "a picture of this folder",
        "image-address",
        "'a.png' is no https address",
        picture('src="a.png" width="90" alt=""'),
    ),
    Fault("a drawing", "image-format", "is SVG", picture('src="https://pictures.example.com/a.svg" width="90" alt=""')),
    Fault(
        "a picture without width",
        "image-width",
        "has no width",
        picture('src="https://pictures.example.com/a.png" alt=""'),
    ),
    Fault(
        "a picture in percent",
        "image-width",
        "width is '100%'",
        picture('src="https://pictures.example.com/a.png" width="100%" alt=""'),
    ),
    Fault(
        "a spy",
        "tracking-pixel",
        "is 1 × 1 px",
        picture('src="https://pictures.example.com/a.png" width="1" height="1" alt=""'),
    ),
    # Links
    Fault("a script as link", "link-address", "'javascript:f()' is no web or mail address", link("javascript:f()")),
    Fault(
        "a space in an address",
        "link-address",
        "'https://news.example.com/a b' is not well formed",
        both(link("https://news.example.com/a b")),
    ),
    Fault("a link to nowhere", "link-address", "has no address", say('<a style="color:inherit">Words</a> alone')),
    Fault("a link by http", "link-https", "is http", link("http://news.example.com/a")),
    Fault(
        "a link without name",
        "link-name",
        "leads to https://news.example.com/a and has no name",
        link("https://news.example.com/a", ""),
    ),
    Fault(
        "a picture as a link without name",
        "link-name",
        "leads to https://news.example.com/a and has no name",
        link("https://news.example.com/a", '<img src="https://pictures.example.com/a.png" width="90" alt="">'),
    ),
    Fault("click here", "link-words", "is named 'Click here'", link("https://news.example.com/a", "Click here")),
    Fault(
        "an address as a name",
        "link-words",
        "is named by its address",
        link("https://news.example.com/a", "https://news.example.com/a"),
    ),
    Fault(
        "two links of one name",
        "link-same-name",
        f"leads to {WEB}, another of that name to https://news.example.com/a",
        link("https://news.example.com/a", "Read on the web"),
    ),
    Fault("a place that is not there", "link-anchor", "#nowhere is not in the page", link("#nowhere")),
    Fault(
        "another issue",
        "link-other-issue",
        "leads to https://example.com/issues/2020-11-15/",
        link("https://example.com/issues/2020-11-15/"),
    ),
    Fault("a shortener", "link-shortener", "goes through bit.ly", link("https://bit.ly/3abcdef")),
    Fault("a bare IP address", "link-ip", "leads to 192.0.2.1", link("https://192.0.2.1/a")),
    Fault("this machine", "link-ip", "leads to localhost", link("http://localhost:8026/")),
    Fault(
        "phishing",
        "link-disguise",
        "says bank.example.com, leads to news.example.com",
        link("https://news.example.com/a", "www.bank.example.com"),
    ),
    Fault(
        "no way out",
        "unsubscribe-link",
        f"the unsubscribe address, {UNSUBSCRIBE}, is no link",
        html(f'<a[^>]*href="{UNSUBSCRIBE}"[^>]*>([^<]*)</a>', r"\1"),
    ),
    Fault(
        "a hidden way out",
        "unsubscribe-link",
        "the unsubscribe address is hidden",
        html(f'(<a[^>]*href="{UNSUBSCRIBE}"[^>]*style=")', r"\1display:none;"),
    ),
    Fault(
        "no way out of the text",
        "unsubscribe-link",
        f"the unsubscribe address, {UNSUBSCRIBE}, is not there",
        text(UNSUBSCRIBE, "somewhere"),
    ),
    Fault(
        "no web view",
        "web-view",
        f"the address of the web view, {WEB}, is no link",
        html(f'<a[^>]*href="{WEB}"[^>]*>([^<]*)</a>', r"\1", 0),
    ),
    Fault(
        "no reason",
        "why",
        "'You get this because you signed up for The AI Week.' of the text is not in the page",
        html("You get this because you signed up for The AI Week.", ""),
    ),
    Fault(
        "no reason in the text",
        "why",
        "the foot has no line that looks like a sentence that says why",
        text("You get this because you signed up for The AI Week.", ""),
    ),
    Fault(
        "no postal address",
        "postal-address",
        "'The AI Week, 1 Example Street, 10115 Berlin, Germany' of the text is not in the page",
        html("The AI Week, 1 Example Street, 10115 Berlin, Germany", "The AI Week"),
    ),
    Fault(
        "no postal address in the text",
        "postal-address",
        "the foot has no line that looks like a postal address",
        text("The AI Week, 1 Example Street, 10115 Berlin, Germany", ""),
    ),
    Fault(
        "a paid link like any other",
        "advert-rel",
        "leads to https://acme.example.com/, which is a sponsor's",
        both(
            block(**SPONSOR | {"url": "https://acme.example.com/"}),
            link("https://acme.example.com/", "Harbour Times"),
            say("Advertisement"),
            text("\n\n", "\n\nAdvertisement\n\n"),
        ),
    ),
    # Plain text
    Fault("an empty text", "text-empty", "has no words", text(".+", "\n")),
    Fault("a long line", "text-width", "90 columns", text("\n\n", f"\n\n{'word ' * 17}words\n\n")),
    Fault("a long line in Japanese", "text-width", "80 columns", text("\n\n", f"\n\n{'新聞' * 20}\n\n")),
    Fault("a tag in the text", "text-markup", "<b> stands in it", text("\n\n", "\n\nVery <b>bold\n\n")),
    Fault("an entity in the text", "text-markup", "&#8217; stands in it", text("\n\n", "\n\nIt&#8217;s so\n\n")),
    Fault("a control character in the text", "text-control", "U+0007 stands in it", text("\n\n", "\n\nBell\x07\n\n")),
    Fault(
        "a link that the text lacks",
        "parity-links",
        "https://news.example.com/a of the HTML is not there",
        say(f'See <a href="https://news.example.com/a" style="{LINK_STYLE}">a link</a> for it.'),
    ),
    Fault(
        "a headline that the text lacks",
        "parity-headlines",
        "'More of the museum' of the HTML is not there",
        put("<h2>More of the museum</h2>"),
    ),
    # Outlook
    Fault("an open branch", "mso-comments", "<!--[if mso | IE]> stands inside another", put("<!--[if !mso]><!-->")),
    Fault("a stray end of a branch", "mso-comments", "<!--<![endif]--> closes nothing", put("<!--<![endif]-->")),
    Fault("an arrow in a branch", "mso-comments", "--> ends Outlook's branch too early", put("<!--[if mso]>a --> b")),
    Fault("a cell too many", "mso-tables", "</td> while div is open", put("<!--[if mso]></td><![endif]-->")),
    # Mail clients
    Fault(
        "a grid",
        "client-support",
        "display:grid is not supported by Gmail (Android), Gmail (Desktop Webmail), Gmail (iOS), Outlook (Android) …",
        put('<div style="display:grid">Words</div>'),
    ),
    # Subject, preheader and size
    Fault("no subject", "subject-empty", "has no words", wording(subject=" ")),
    Fault(
        "a long subject",
        "subject-length",
        "108 characters",
        wording(subject="A subject that goes on and on " * 3 + "until nobody reads"),
    ),
    Fault(
        "a hidden sign in the subject", "subject-controls", "has U+200B", wording(subject="Robots fold\u200b towels")
    ),
    Fault("a picture in the subject", "subject-emoji", "has 🤖", wording(subject="🤖 Robots learn to fold towels")),
    Fault("a shout", "subject-shouting", "is all capitals", wording(subject="ROBOTS LEARN TO FOLD TOWELS")),
    Fault("marks", "subject-marks", "has several ! or ?", wording(subject="Robots learn to fold towels!!")),
    Fault("a false reply", "subject-reply", "begins with Re:", wording(subject="Re: Robots learn to fold towels")),
    Fault(
        "no preheader",
        "preheader-missing",
        "nothing hidden stands first in the body",
        html("<div[^>]*display:none[^>]*>.*?</div>", ""),
    ),
    Fault(
        "another preheader",
        "preheader-missing",
        "'Words of last week stand here' stands first",
        html("(<div[^>]*display:none[^>]*>)[^<]*", r"\1Words of last week stand here"),
    ),
    Fault("a short preheader", "preheader-length", "4 characters", wording(preheader="Also")),
    Fault(
        "a preheader that repeats",
        "preheader-repeats",
        "is the subject",
        wording(subject="Robots learn to fold towels in the dark", preheader="Robots learn to fold towels in the dark"),
    ),
    Fault("a phrase of spam", "spam-phrase", "says 'Act now'", wording(subject="Act now: robots fold towels")),
    Fault("a phrase of spam in a story", "spam-words", "says 'work from home'", say("Robots cannot work from home.")),
    Fault("pictures alone", "picture-only", "305 characters of text beside 4 pictures", _pictures_alone),
    Fault("a page that Gmail clips", "clip", "102,499 bytes", lambda parts: _padded(parts, 102_499)),
    Fault("a page that Gmail nearly clips", "clip-near", "99,499 bytes", lambda parts: _padded(parts, 99_499)),
    # Message
    Fault("the HTML first", "mime-structure", "is multipart/alternative of text/html, text/plain", mail(_html_first)),
    Fault(
        "one part alone",
        "mime-structure",
        "is text/plain of text/plain",
        header(r"Content-Type: multipart/alternative;\r\n boundary=\"[^\"]*\"", "Content-Type: text/plain"),
    ),
    Fault(
        "eight bits",
        "mime-encoding",
        "text/html is utf-8 in 8bit",
        mail(
            lambda eml: b"Content-Transfer-Encoding: 8bit".join(
                eml.rsplit(b"Content-Transfer-Encoding: quoted-printable", 1)
            )
        ),
    ),
    Fault(
        "another charset",
        "mime-encoding",
        "text/plain is iso-8859-1 in quoted-printable",
        header("text/plain; charset=utf-8", "text/plain; charset=iso-8859-1"),
    ),
    Fault(
        "bare line feeds", "mime-lines", "lines that do not end in CRLF", mail(lambda eml: eml.replace(b"\r\n", b"\n"))
    ),
    Fault(
        "a line without end",
        "mime-lines",
        "a line of 1,006 bytes",
        header("\r\nMIME-Version", f"\r\nX-Long: {'x' * 997}\r\nMIME-Version"),
    ),
    Fault(
        "a byte over 127",
        "mime-lines",
        "a line that is not ASCII",
        mail(lambda eml: eml.replace(b"\r\nMIME-Version", b"\r\nX-Odd: \xe9\r\nMIME-Version", 1)),
    ),
    Fault(
        "another part",
        "mime-parts",
        "the part text/html is not index.html",
        mail(lambda eml: eml.replace(b"</h1>", b", or so</h1>", 1)),
    ),
    Fault(
        "another part, in ASCII",
        "mime-parts",
        "the part text/plain is not index.txt",
        mail(_other_words_in_ascii),
    ),
    Fault(
        "no end of the parts",
        "mime-broken",
        "A start boundary was found, but not the corresponding close boundary",
        mail(lambda eml: eml[: eml.rindex(b"--=_digest")]),
    ),
    Fault("no sender", "header-missing", "there is no From", header("From: [^\r]*\r\n", "")),
    Fault("no List-ID", "header-missing", "there is no List-ID", header("List-ID: [^\r]*\r\n", "")),
    Fault("two subjects", "header-twice", "there are 2", header("\r\nDate:", "\r\nSubject: Another\r\nDate:")),
    Fault(
        "a secret copy",
        "header-bcc",
        "is 'boss@example.com'",
        header("\r\nDate:", "\r\nBcc: boss@example.com\r\nDate:"),
    ),
    Fault("a free mailbox", "header-free-mailbox", "is a mailbox at gmail.com", header("@example.com>", "@gmail.com>")),
    Fault(
        "two senders",
        "header-from",
        "has 2 mailboxes",
        header("<news@example.com>", "<news@example.com>, b@example.com"),
    ),
    Fault(
        "a sender without address",
        "header-from",
        "'The AI Week' is no mailbox",
        header("From: [^\r]*", "From: The AI Week"),
    ),
    Fault(
        "another subject",
        "header-subject",
        "is 'Towels', in the record 'Skin-lesion app withdrawn in two regions after poor results '",
        header("Subject: [^\r]*\r\n [^\r]*", "Subject: Towels"),
    ),
    Fault("no date", "header-date", "'last Wednesday' is no date", header("Date: [^\r]*", "Date: last Wednesday")),
    Fault(
        "a date without offset",
        "header-date",
        "'Thu, 23 Nov 2020 00:00:00 -0000' has no offset",
        header("Date: [^\r]*", "Date: Thu, 23 Nov 2020 00:00:00 -0000"),
    ),
    Fault(
        "an odd Message-ID",
        "header-message-id",
        "is '<2020-11-22>'",
        header("Message-ID: [^\r]*", "Message-ID: <2020-11-22>"),
    ),
    Fault("an odd List-ID", "header-list-id", "is 'The AI Week'", header("List-ID: [^\r]*", "List-ID: The AI Week")),
    Fault(
        "no https way out",
        "header-unsubscribe",
        "offers no https address",
        header("List-Unsubscribe: <https[^\r]*\r\n <", "List-Unsubscribe: <"),
    ),
    Fault(
        "no way out by mail",
        "header-unsubscribe",
        "offers no mailto address",
        header(">,\r\n <mailto[^\r]*\r\n", ">\r\n"),
    ),
    Fault(
        "an encoded way out",
        "header-unsubscribe",
        "is encoded",
        header("List-Unsubscribe: ", "List-Unsubscribe: =?utf-8?q?way_out?= "),
    ),
    Fault(
        "two clicks",
        "header-one-click",
        "is 'List-Unsubscribe=Two-Clicks'",
        header("List-Unsubscribe=One-Click", "List-Unsubscribe=Two-Clicks"),
    ),
    Fault(
        "the language of others",
        "header-language",
        "is 'de', the page's is 'en'",
        header("Content-Language: en", "Content-Language: de"),
    ),
)


def _padded(parts: Parts, size: int) -> None:
    """Fill the page with line breaks, each two bytes on the wire, up to *size* bytes."""
    missing = size - weight.of(parts.html)
    parts.html = parts.html.replace("</body>", "\n" * (missing // 2) + " " * (missing % 2) + "</body>")
