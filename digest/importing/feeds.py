"""Entries of RSS and Atom feeds as records, in any dialect, by feedparser (the extra `feeds`).

feedparser reads everything that calls itself a feed, and takes the square of the size for some of it: twenty thousand
categories or name spaces cost ten seconds. Therefore a large feed is parsed in a child process whose processor time is
bounded by the feed's size; a small one is parsed here, since starting a process costs more than reading it. What is
known to be quadratic is taken off before (`_tame`).

What the fields of an entry mean is decided in `shape`.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from digest.errors import ImportingError
from digest.importing import wordpress
from digest.importing.source import LeftOut, Raw
from digest.importing.values import escaped, first, mapping, members
from digest.importing.values import text as text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.model import Problem

_SMALL = 64 * 1024
"""Characters of a feed that is parsed in this process: even the square of them is little."""

# Processor time, not time by the clock, so that a busy machine fails no feed. Ten times what ordinary feeds take.
_SECONDS, _SECONDS_A_MEGABYTE = 10, 3
"""Seconds of the processor that a large feed may take: a base, and what each megabyte adds."""

# feedparser takes the square of their number; declarations of name spaces are attributes, too.
_LONG_TAG = 4_000
"""Characters of a tag's attributes above which they are left out."""

# feedparser looks through all topics of an entry whenever one more is added.
_MOST_TOPICS = 500
"""Topics of an entry that are read; further ones are ignored."""

_BLOGGER = "http://schemas.google.com/g/2005#kind"
"""The scheme by which Blogger's export tells posts from comments, pages, settings and templates."""

_DETAILS = {"title": "title", "excerpt": "summary"}
"""For our fields, feedparser's names for what it tells of them."""

_TIME = re.compile(r":|\dT\d")
"""What tells that a date has a time of day."""

_DECLARATION = re.compile(r"<\?xml\b[^>]*>")
_TAG = re.compile(r"<(/?)([\w:.-]++)((?:[^<>\"'/]++|\"[^\"<]*+\"|'[^'<]*+'|/(?!>))*+)(/?>)")


def read(place: str, text: str, base: str = "") -> Iterator[Raw | LeftOut | Problem]:
    """Yield the entries of a feed, numbered from 1 in their places.

    *place* names the feed in messages, and *base* is its own address, "" for a file. Raises ImportingError where there
    is no entry, where feedparser is not installed, fails or takes too long.
    """
    feed = _parsed(place, _tame(text), base)
    if not feed["entries"]:
        kind = "a feed without entries" if feed["version"] else "XML, but no feed"
        raise ImportingError(place, f"is {kind}{feed['trouble']}", "look at it in a browser")
    for number, entry in enumerate(feed["entries"], start=1):
        fields = _article(entry, feed["base"]["home"])
        if isinstance(fields, LeftOut):
            yield fields
            continue
        html = _html(entry, feed["version"])
        yield Raw(
            place=f"{place}, entry {number}",
            fields=fields,
            base=feed["base"],
            body=text_of(fields.pop("body", "")),
            html=html,
            text=frozenset(key for key, kind in _kinds(entry).items() if kind == "text/plain") - html,
            remarks=_remarks(entry),
        )


def _article(entry: dict[str, Any], home: str) -> dict[str, Any] | LeftOut:
    """Return the fields of an entry: feedparser's with ours beside them; *home* is the address of the feed's site."""
    # feedparser gives topics as mappings with scheme and label; archives know words.
    terms = [mapping(tag) for tag in members(entry.get("tags"))]
    kind = next((text_of(term.get("term")) for term in terms if term.get("scheme") == _BLOGGER), "")
    if kind and not kind.endswith("#post"):
        return LeftOut(kind=kind.rpartition("#")[2][:40])
    if text_of(entry.get("app_draft")) == "yes":
        return LeftOut(kind="draft")
    topics = [
        text_of(term.get("label")) or text_of(term.get("term")) for term in terms if term.get("scheme") != _BLOGGER
    ]
    fields: dict[str, Any] = {
        **entry,
        # Its date stands under our name by now; in these places it would be taken for a flag.
        **dict.fromkeys(("published", "created", "updated")),
        "tags": None,
        "topics": topics,
        "link": _joined(home, text_of(entry.get("link"))),
    }
    # Without a summary of its own, feedparser gives an entry its whole content for one.
    fields |= {} if "summary_detail" in entry else {"summary": None}
    # What a feed declares to be text is that, entities and all; in any other text they are decoded once.
    for name in _DETAILS.values():
        if text_of(mapping(entry.get(f"{name}_detail")).get("type")) == "text/plain":
            fields[name] = escaped(text_of(entry.get(name)))
    if "wp_post_type" in entry:
        post = wordpress.of_export(entry)
        if isinstance(post, LeftOut):
            return post
        fields |= post
    else:
        fields["body"] = first(entry.get("content"), "value")
    return {key: value for key, value in fields.items() if value is not None}


def _html(entry: dict[str, Any], version: str) -> frozenset[str]:
    """Return which fields of an entry are HTML; *version* is the feed's dialect.

    Atom says it of each text. In RSS descriptions are HTML, and of titles nobody knows: there their looks decide, which
    feedparser looks at (an end tag or an entity, and no tag that HTML has not).
    """
    marked = {key for key, kind in _kinds(entry).items() if kind not in {"", "text/plain"}}
    # The names of WordPress's topics are HTML, too.
    return frozenset({"topics", *marked, *(() if version.startswith("atom") else ("excerpt", "body"))})


def _kinds(entry: dict[str, Any]) -> dict[str, str]:
    """Return the media type of each field of an entry, "" where it has none."""
    kinds = {key: text_of(mapping(entry.get(f"{name}_detail")).get("type")) for key, name in _DETAILS.items()}
    return {**kinds, "body": first(entry.get("content"), "type")}


def _remarks(entry: dict[str, Any]) -> dict[str, str]:
    """Return why an entry lacks a title or an address, by our names for them."""
    remarks = {}
    if not entry.get("title"):
        remarks["title"] = "a note, as micro blogs write them"
    if entry.get("id") and not entry.get("link"):
        remarks["webUrl"] = f"its guid {text_of(entry['id'])[:80]!r} is no permalink"
    return remarks


def _joined(home: str, link: str) -> str:
    """Return a link, a relative one read against the address of the feed's site."""
    try:
        return link if urlsplit(link).scheme or not link else urljoin(home, link)
    except ValueError:
        return link


def _parsed(place: str, text: str, base: str) -> dict[str, Any]:
    """Return what `parsed` does, in this process or another. Raises ImportingError."""
    try:
        import feedparser  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise ImportingError(place, "is a feed", "pip install 'heat-digest[feeds]' to read feeds") from error
    remedy = "look at it in a browser"
    try:
        return parsed(text.encode(), base) if len(text) <= _SMALL else _parsed_apart(text.encode(), base)
    except (subprocess.SubprocessError, MemoryError) as error:
        raise ImportingError(place, "is a feed that takes too long to be read", remedy) from error
    # Exception, because feedparser trips over what strangers wrote with errors of any type. A bug of ours cannot hide
    # behind it: nearly all that runs in there is the library's.
    except Exception as error:
        raise ImportingError(place, f"is a feed that cannot be read ({type(error).__name__})", remedy) from error


def _parsed_apart(content: bytes, base: str) -> dict[str, Any]:
    """Return what `parsed` does, in a child process. Raises SubprocessError where that ends without an answer."""
    seconds = _SECONDS + _SECONDS_A_MEGABYTE * len(content) // 2**20
    command = f"import sys; from digest.importing import feeds; feeds.serve({seconds}, sys.argv[1])"
    done = subprocess.run(  # noqa: S603 - the command is ours, and the feed is what it reads
        # -P, because `-c` would put the working folder, which may be anybody's, first where modules are looked for.
        [sys.executable, "-P", "-c", command, base],
        input=content,
        capture_output=True,
        check=True,
        # For systems without a limit of processor time. Generous, since on a busy machine the clock runs ahead of it.
        timeout=20 * seconds,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def serve(seconds: int, base: str = "") -> None:
    """Parse the feed on standard input, whose own address is *base*, and write what `parsed` returns as JSON.

    Run in the child process, which the kernel ends after *seconds* of processor time where it can.
    """
    try:
        import resource  # noqa: PLC0415 - not there on Windows
    except ImportError:
        pass
    else:
        # The signal of the first limit (SIGXCPU) leaves a core dump by default, of as much memory as the feed took.
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    json.dump(parsed(sys.stdin.buffer.read(), base), sys.stdout, default=str)


def parsed(content: bytes, base: str = "") -> dict[str, Any]:
    """Return feedparser's reading of *content*, a feed in UTF-8, as plain values that JSON can hold.

    *base* is the feed's own address, against which relative ones are read, "" where it has none. `entries` are mappings
    by feedparser's names, with `publishedDateTime`; `base` is what holds of all of them: the `site`'s title, its `home`
    and its `language`; `version` is the dialect, "" for what is no feed; `trouble` is the parser's complaint in
    brackets, "" for a well-formed feed.
    """
    import feedparser  # noqa: PLC0415 - an extra

    # Bytes, never text: given an address, or a file's name, feedparser would open that. Mark-up is reduced to words
    # later, so that neither its scripts nor its relative addresses need a look.
    answer = feedparser.parse(
        io.BytesIO(content),
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": base},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    return {
        "entries": [_plain(entry) for entry in answer.entries],
        "base": {
            "site": answer.feed.get("title", ""),
            "home": _joined(base, answer.feed.get("link", "")),
            "language": answer.feed.get("language", ""),
        },
        "version": answer.version,
        "trouble": f" ({answer.bozo_exception})" if answer.bozo else "",
    }


def _plain(entry: Any) -> dict[str, Any]:  # noqa: ANN401 - feedparser has no types
    """Return an entry with our name for its date, and with its pictures and enclosures in lists."""
    # feedparser's dictionaries answer for more keys than they list: `enclosures` is made of the links when asked.
    enclosures = entry.get("enclosures", [])
    pictures = [each for each in enclosures if text_of(each.get("type")).startswith("image/")]
    image = first(pictures, "href") or first(entry.get("media_thumbnail", []), "url")
    return {**entry, "enclosures": enclosures, "publishedDateTime": _stamp(dict(entry)), "images": image or None}


def _stamp(entry: dict[str, Any]) -> str:
    """Return when an entry was published, else made or changed, in UTC; a date without a time as such.

    feedparser reads more forms than anybody writes down, and knows their zones. A text that it cannot read comes back
    as it is.
    """
    for key in ("published", "created", "updated"):
        written, moment = text_of(entry.get(key)), entry.get(f"{key}_parsed")
        if moment:
            date = f"{moment[0]:04d}-{moment[1]:02d}-{moment[2]:02d}"
            # In feedparser's reading it would be midnight in Greenwich, another day elsewhere.
            has_time = any(moment[3:6]) or _TIME.search(written)
            return f"{date}T{moment[3]:02d}:{moment[4]:02d}:{min(moment[5], 59):02d}Z" if has_time else date
        if written:
            return written
    return ""


def _tame(text: str) -> str:
    """Return a feed without what misleads feedparser or takes it the square of its size.

    The XML declaration goes, since its encoding is no longer true, and so do needless blanks before the first element,
    very long attributes and topics by the thousand.
    """
    # XML allows nothing before its declaration, but scripts that write feeds like to begin with an empty line.
    text = text.lstrip()
    declaration = _DECLARATION.match(text)
    text = text[declaration.end() :] if declaration else text
    first = re.search(r"<\w", text)
    # feedparser looks for a document type before the first element, from each line there to its end: of empty lines it
    # takes the square.
    head = first.start() if first else len(text)
    return "\n".join(text[:head].split()) + _TAG.sub(_Tamer(), text[head:])


class _Tamer:
    """A replacement function for the tags of one feed, which it has to be given in their order."""

    def __init__(self) -> None:
        self._topics = 0

    def __call__(self, tag: re.Match[str]) -> str:
        """Return a tag as it may stay: whole, without attributes, or renamed so that feedparser ignores it."""
        closing, name, attributes, end = tag.groups()
        local = name.rpartition(":")[2].casefold()
        if local in {"item", "entry"}:
            self._topics = 0
        elif local in {"category", "subject"}:
            self._topics += not closing
            if self._topics > _MOST_TOPICS:
                return f"<{closing}ignored{attributes}{end}"
        return tag[0] if len(attributes) <= _LONG_TAG else f"<{closing}{name}{end}"
