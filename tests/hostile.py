"""An archive that wants to do harm, made from public classes of attack, among fifty articles that mean well.

yaml        bombs, tags, merge keys, deep nesting, duplicate and complex keys, directives, open quotes
mark-up     elements, attributes, comments and conditional comments in every field
templates   Jinja, our theme's own brackets, Go, Liquid, Handlebars, merge tags
addresses   other schemes, credentials, controls, quotes, look-alikes, endless ones
characters  bidi overrides, towers of marks, hidden tags, line separators, endless words and titles
headers     line breaks and encoded words that want to be header lines
numbers     dates outside the calendar, heat of any size
files       pipes, loops, links out, folders and binaries with an article's name, names that are no text
"""

from __future__ import annotations

import json
import os
import random
from itertools import cycle, islice, product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GOOD = 50
HOSTILE = 2_000
FIELDS = ("title", "excerpt", "topics", "provider", "related", "type", "category", "language", "images")

MARKUP = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>', "' onmouseover='alert(1)",
    "</title><script>alert(1)</script>", "--><script>alert(1)</script><!--", "<![endif]--><b>out</b><!--[if mso]>",
    "<!--[if mso]><v:rect></v:rect><![endif]-->", "</td></tr></table><iframe src=//evil.example></iframe>",
    "<style>*{display:none}</style>", "<a href=javascript:alert(1)>x</a>", "<math><mtext></form><form>", "<plaintext>",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;script&#62;", "&amp;lt;b&amp;gt;", "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0>", "<mj-raw><script></script></mj-raw>", "<mj-include path='/etc/passwd'/>",
    "expression(alert(1))", "url(javascript:alert(1))", '\\"><img/src=`x`onerror=alert(1)>', "<![CDATA[<x>]]>",
)  # fmt: skip
TEMPLATES = (
    "{{ 7*7 }}", "{% include '/etc/passwd' %}", "{# no #}", "[[ theme.accent ]]", "[% raw %]", "{{ cycler.__init__ }}",
    "{{ ''.__class__.__mro__ }}", "{%- for x in y -%}", "*|UNSUB|*", "%recipient.email%", "<% system('id') %>",
    "{{{ pm:unsubscribe }}}", "${7*7}", "#{7*7}", "@TrackLink", "{{#each x}}{{/each}}", '{{ "{{" }}', "\\{{x}}",
)  # fmt: skip
ADDRESSES = (
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,<script>", "vbscript:x", "file:///etc/passwd",
    "//evil.example/x", "https://user:secret@evil.example/", "https://good.example@evil.example/", "https:\\\\evil",
    "https://evil.example\\@good.example/", "https://ex ample.com/", "https://example.com/\n<script>", "https://",
    "https://[::1]:bad/", "https://example.com:99999/", "https://\u0430pple.example/", "ftp://example.com/",
    'https://example.com/"onclick="alert(1)', "https://example.com/" + "a" * 3_000, "http:///etc", "mailto:a@b.example",
    "https://example.com/\u202egnp.exe", "https://example.com/%0d%0aBcc:x@evil.example", "https://%65vil.example/",
)  # fmt: skip
CHARACTERS = (
    "\u202eevil\u202c", "\u2066\u2067a\u2069", "Z" + "\u0351\u036b" * 60, "\U000e0069\U000e0067 hidden",
    "a\u2028b\u2029c", "\u200b" * 500, "W" * 5_000, "word " * 20_000, "\ufeffmark", "\U0001fffe\U0010ffff", "\ufdd0",
    "\x85next", "❤" + "\ufe0f" * 40, "\u00ad" * 99, "\u0600" * 9, "日本" * 3_000, "😀" * 2_000,
    "\uff1cscript\uff1e", "\u2800" * 50,
)  # fmt: skip
HEADERS = (
    "Hello\r\nBcc: everybody@evil.example", "=?utf-8?q?a=0ABcc=3A_x=40evil.example?=", "=?utf-7?q?+ADw-?=",
    "Subject\n\n<html>", "a\x0bb\x0cc", "Re: " * 200, "\t\t", "x" * 999, "\r.\r\nQUIT\r\n",
)  # fmt: skip
NUMBERS = (
    "heat: 1e5", "heat: -5", "heat: 0x7f", "heat: .inf", f"heat: {'9' * 400}", "heat: [1]", "heat: NO", "heat: 1:30",
    "publishedDateTime: 2020-13-45", "publishedDateTime: 0001-01-01T00:00:00+14:00", "publishedDateTime: now",
    "publishedDateTime: 9999-12-31T23:59:59-14:00", "publishedDateTime: {}", f"publishedDateTime: {'1' * 5_000}",
    "published: maybe", "published: []", "quality: '१२'", "quality: 1_000",
)  # fmt: skip
YAML = (
    "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]", "<<: *gone", "title: !!python/object/apply:os.system ['id']\n]",
    "title: " + "[" * 25_000, "title: " + "{a: " * 3_000, "title: x\ntitle: y", "? [complex]\n: key", "\ttitle: tab",
    "title: 'never closed", 'title: "never closed', "title: [never, closed", "- a list\n- not a mapping", "only words",
    "title: x\n... # end\ntitle: second", "%YAML 9.9\ntitle: x", "title: \x07bell", "title: a\x00b", "a: b: c",
    "title: *nobody", "&anchor", "title: @reserved", 'title: "\\q"', "key: {a: 1, a: 2}",
)  # fmt: skip
BYTES = (
    b"", b"\x00" * 64, b"\xff\xfe-\x00-\x00-\x00", b"---\ntitle: caf\xe9\n---\n", b"---\ntitle: \xed\xa0\x80\n---\n",
    b"%PDF-1.4 \xde\xad\xbe\xef", b"---\ntitle: never closed\n", b"no front matter", b"late\n---\ntitle: x\n---\n",
    b"---\ntitle: x" + b"y" * (1024 * 1024) + b"\n---\n", b"---\n---\n", b"---\n" + b"k: v\n" * 30_000 + b"---\n",
)  # fmt: skip


def article(number: int, **fields: object) -> str:
    """Return an article of the window; *fields* are written as JSON, which is YAML."""
    known: dict[str, object] = {
        "title": f"Hostile {number}",
        "excerpt": "It came off the web.",
        "publishedDateTime": f"2020-11-{5 + number % 7:02}T10:00:00Z",
        "heat": 20 + number % 97,
        "quality": 5,
        "webUrl": f"https://hostile.example.com/{number}",
        "topics": ["AI"],
        "provider": {"name": f"Outlet {number % 9}", "domain": f"outlet{number % 9}.example.com"},
    }
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in (known | fields).items()]
    return "\n".join(["---", *lines, "---", ""])


def good(number: int) -> str:
    """Return an article that means well; among them they use all that an article may have."""
    foreign = number % 10 == 7
    title = f"قصة {number} من الميناء" if foreign else f"Good story {number} of the harbour, told in “plain” words"
    size = {"width": 1200, "height": 800} if number % 2 else {}
    other = {"title": title, "excerpt": "The same report.", "webUrl": f"https://other.example.com/{number}"}
    return article(
        number,
        title=title,
        excerpt=f"Harbour report {number}: Müller & Söhne say 5 < 6.",
        heat=60 + number,
        webUrl=f"https://good.example.com/{number}",
        topics=["AI", ["Robotics", "Health", "Law", "Space", "Music"][number % 5]],
        provider={
            "name": f"Good Paper {number % 5}",
            "domain": f"good{number % 5}.example.com",
            "images": [{"url": f"https://good.example.com/icon{number % 5}.png"}],
        },
        images=[{"url": f"https://good.example.com/{number}.jpg", **size}],
        related=[{**other, "provider": {"name": "Other Paper"}}],
        **({"language": "ar"} if foreign else {}),
    )


def bad_fields() -> Iterator[tuple[str, object]]:
    """Yield every hostile text in every field that takes one, as (field, value)."""
    for field, words in product(FIELDS, (*MARKUP, *TEMPLATES, *CHARACTERS, *HEADERS)):
        yield field, _in(field, words)
    for address in ADDRESSES:
        yield "webUrl", address
        yield "images", [{"url": address}]
        yield (
            "related",
            [{"title": "A story", "webUrl": address, "provider": {"name": "x", "images": [{"url": address}]}}],
        )


def _in(field: str, words: str) -> object:
    if field == "topics":
        return [words, "AI"]
    if field == "provider":
        return {"name": words, "domain": words}
    if field == "related":
        return [{"title": words, "excerpt": words, "webUrl": "https://x.example.com/", "provider": {"name": words}}]
    if field == "images":
        return [{"url": f"https://x.example.com/{words}.png", "width": words}]
    return words


def files(count: int = HOSTILE) -> dict[str, tuple[bytes, bool]]:
    """Return *count* hostile files by name, each with whether it can be read at all."""
    broken = [f"---\n{matter}\n---\n".encode() for matter in YAML] + list(BYTES)
    odd = [article(number).replace("---\n", f"---\n{line}\n", 1) for number, line in enumerate(NUMBERS)]
    odd = [_without_twins(text) for text in odd]
    readable = [article(number, **{field: value}).encode("utf-8") for number, (field, value) in enumerate(bad_fields())]
    readable += [text.encode() for text in odd]
    made = [(content, False) for content in broken] + [(content, True) for content in readable]
    dice = random.Random(7)
    chosen = [*made, *islice(cycle([one for one in made if len(one[0]) < 200_000]), max(0, count - len(made)))][:count]
    dice.shuffle(chosen)
    return {f"hostile-{number:04}.md": one for number, one in enumerate(chosen)}


def _without_twins(text: str) -> str:
    """Return an article without the second line of a key that its first line has."""
    first, *lines = text.split("\n")[1:]
    key = first.partition(":")[0]
    return "\n".join(["---", first, *(line for line in lines if not line.startswith(f"{key}:"))])


def write(folder: Path, *, hostile: int = HOSTILE) -> dict[str, bool]:
    """Write the fifty good ones and *hostile* others; return the hostile names, each with whether it can be read."""
    folder.mkdir()
    for number in range(GOOD):
        (folder / f"good-{number:02}.md").write_text(good(number), "utf-8")
    made = files(hostile)
    for name, (content, _) in made.items():
        (folder / name).write_bytes(content)
    return {name: readable for name, (_, readable) in made.items()}


def set_traps(folder: Path) -> list[str]:
    """Put things with an article's name into *folder* that are none; return what their problems have to name."""
    os.mkfifo(folder / "pipe.md")
    (folder / "folder.md").mkdir()
    os.symlink("loop-b.md", folder / "loop-a.md")
    os.symlink("loop-a.md", folder / "loop-b.md")
    os.symlink("/etc/passwd", folder / "out.md")
    os.symlink("/dev/zero", folder / "zero.md")
    os.symlink("..", folder / "up")
    open(os.fsencode(folder) + b"/\xff\xfe.md", "wb").close()
    (folder / "line\nbreak.md").write_text(article(1), "utf-8")
    (folder / "<img src=x onerror=alert(1)>.md").write_text(article(2, title="A name with mark-up"), "utf-8")
    return ["pipe.md", "loop-a.md", "loop-b.md", "out.md", "zero.md", r"\udcff\udcfe.md", r"line\nbreak.md"]
