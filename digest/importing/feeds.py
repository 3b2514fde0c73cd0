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

from digest.errors import ImportingError
from digest.importing.source import Raw

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

_DECLARATION = re.compile(r"<\?xml\b[^>]*>")
_TAG = re.compile(r"<(/?)([\w:.-]++)((?:[^<>\"'/]++|\"[^\"<]*+\"|'[^'<]*+'|/(?!>))*+)(/?>)")


def read(place: str, text: str) -> Iterator[Raw | Problem]:
    """Yield the entries of a feed, numbered from 1 in their places.

    *place* names the feed in messages. Raises ImportingError where there is no entry, where feedparser is not
    installed, fails or takes too long.
    """
    parsed = _parsed(place, _tame(text))
    if not parsed["entries"]:
        raise ImportingError(place, f"is a feed without entries{parsed['trouble']}", "look at it in a browser")
    for number, entry in enumerate(parsed["entries"], start=1):
        # feedparser gives topics as mappings with scheme and label; archives know words.
        fields = {**entry, "tags": [tag.get("term", "") for tag in entry.get("tags", [])]}
        yield Raw(place=f"{place}, entry {number}", fields=fields, base=parsed["base"])


def _parsed(place: str, text: str) -> dict[str, Any]:
    """Return what `parsed` does, in this process or another. Raises ImportingError."""
    try:
        import feedparser  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise ImportingError(place, "is a feed", "pip install 'heat-digest[feeds]' to read feeds") from error
    remedy = "look at it in a browser"
    try:
        return parsed(text.encode()) if len(text) <= _SMALL else _parsed_apart(text.encode())
    except (subprocess.SubprocessError, MemoryError) as error:
        raise ImportingError(place, "is a feed that takes too long to be read", remedy) from error
    # Exception, because feedparser trips over what strangers wrote with errors of any type. A bug of ours cannot hide
    # behind it: nearly all that runs in there is the library's.
    except Exception as error:
        raise ImportingError(place, f"is a feed that cannot be read ({type(error).__name__})", remedy) from error


def _parsed_apart(content: bytes) -> dict[str, Any]:
    """Return what `parsed` does, in a child process. Raises SubprocessError where that ends without an answer."""
    seconds = _SECONDS + _SECONDS_A_MEGABYTE * len(content) // 2**20
    command = f"from digest.importing import feeds; feeds.serve({seconds})"
    done = subprocess.run(  # noqa: S603 - the command is ours, and the feed is what it reads
        # -P, because `-c` would put the working folder, which may be anybody's, first where modules are looked for.
        [sys.executable, "-P", "-c", command],
        input=content,
        capture_output=True,
        check=True,
        # For systems without a limit of processor time. Generous, since on a busy machine the clock runs ahead of it.
        timeout=20 * seconds,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def serve(seconds: int) -> None:
    """Parse the feed on standard input and write the result of `parsed` to standard output as JSON.

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
    json.dump(parsed(sys.stdin.buffer.read()), sys.stdout, default=str)


def parsed(content: bytes) -> dict[str, Any]:
    """Return feedparser's reading of *content*, a feed in UTF-8, as plain values that JSON can hold.

    `entries` are mappings by feedparser's names; `base` is what holds of all of them: the `site`'s title, its `home`
    and its `language`; `trouble` is the parser's complaint in brackets, "" for a well-formed feed.
    """
    import feedparser  # noqa: PLC0415 - an extra

    # Bytes, never text: given an address, or a file's name, feedparser would open that. Mark-up is reduced to words
    # later, so that neither its scripts nor its relative addresses need a look.
    answer = feedparser.parse(
        io.BytesIO(content),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    return {
        # feedparser's dictionaries answer for more keys than they list: `enclosures` is made of the links when asked.
        "entries": [{**entry, "enclosures": entry.get("enclosures", [])} for entry in answer.entries],
        "base": {
            "site": answer.feed.get("title", ""),
            "home": answer.feed.get("link", ""),
            "language": answer.feed.get("language", ""),
        },
        "trouble": f" ({answer.bozo_exception})" if answer.bozo else "",
    }


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
