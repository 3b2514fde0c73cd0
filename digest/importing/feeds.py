"""Records as entries of RSS and Atom, in any dialect. Knows feedparser, not what the fields mean.

feedparser reads everything that calls itself a feed, and some of it in the square of its size: twenty thousand
categories or name spaces take it ten seconds. So a large feed is read by a process of its own, whose time is bounded by
the feed's size; a small one here, since starting a process costs more than reading it.
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
"""Characters of a feed up to which even the square of them is little."""

_SECONDS, _SECONDS_A_MEGABYTE = 10, 3
"""What a large feed may take, as processor time, so that a busy machine changes nothing: ten times what most take."""

_LONG_TAG = 4_000
"""Characters of a tag above which its attributes are left out; feedparser takes the square of their number."""

_MOST_TOPICS = 500
"""Topics of an entry that are read; here, too, it is the square."""

_DECLARATION = re.compile(r"<\?xml\b[^>]*>")
_TAG = re.compile(r"<(/?)([\w:.-]++)((?:[^<>\"'/]++|\"[^\"<]*+\"|'[^'<]*+'|/(?!>))*+)(/?>)")


def read(place: str, text: str) -> Iterator[Raw | Problem]:
    """Yield the entries of a feed. Raises ImportingError where there is none."""
    parsed = _parsed(place, _tame(text))
    if not parsed["entries"]:
        raise ImportingError(place, f"is a feed without entries{parsed['trouble']}", "look at it in a browser")
    for number, entry in enumerate(parsed["entries"], start=1):
        fields = {**entry, "tags": [tag.get("term", "") for tag in entry.get("tags", [])]}
        yield Raw(place=f"{place}, entry {number}", fields=fields, base=parsed["base"])


def _parsed(place: str, text: str) -> dict[str, Any]:
    try:
        import feedparser  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise ImportingError(place, "is a feed", "pip install 'heat-digest[feeds]' to read feeds") from error
    remedy = "look at it in a browser"
    try:
        return parsed(text.encode()) if len(text) <= _SMALL else _parsed_apart(text.encode())
    except (subprocess.SubprocessError, MemoryError) as error:
        raise ImportingError(place, "is a feed that takes too long to be read", remedy) from error
    except Exception as error:  # another's code, which trips over what stands in the feed; ours begins behind it
        raise ImportingError(place, f"is a feed that cannot be read ({type(error).__name__})", remedy) from error


def _parsed_apart(content: bytes) -> dict[str, Any]:
    """Do as `parsed` in another process. Raises SubprocessError where that ends without an answer."""
    seconds = _SECONDS + _SECONDS_A_MEGABYTE * len(content) // 2**20
    command = f"from digest.importing import feeds; feeds.serve({seconds})"
    done = subprocess.run(  # noqa: S603 - the command is ours, and the feed is what it reads
        [sys.executable, "-P", "-c", command],  # -P: nothing is imported from the working folder
        input=content,
        capture_output=True,
        check=True,
        timeout=20 * seconds,  # where there is no limit of processor time
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def serve(seconds: int) -> None:
    """Read a feed from standard input and write what `parsed` makes of it as JSON, in *seconds* of processor time."""
    try:
        import resource  # noqa: PLC0415 - not there on Windows
    except ImportError:
        pass
    else:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    json.dump(parsed(sys.stdin.buffer.read()), sys.stdout, default=str)


def parsed(content: bytes) -> dict[str, Any]:
    """Return what feedparser makes of a feed in UTF-8: its entries, what all have in common, and what is wrong."""
    import feedparser  # noqa: PLC0415 - an extra

    # Bytes, never a name: given an address, feedparser would fetch it. Mark-up is reduced to words later, so that
    # neither its scripts nor its addresses need a look.
    answer = feedparser.parse(
        io.BytesIO(content),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    return {
        # Its dictionaries answer for more keys than they list.
        "entries": [{**entry, "enclosures": entry.get("enclosures", [])} for entry in answer.entries],
        "base": {
            "site": answer.feed.get("title", ""),
            "home": answer.feed.get("link", ""),
            "language": answer.feed.get("language", ""),
        },
        "trouble": f" ({answer.bozo_exception})" if answer.bozo else "",
    }


def _tame(text: str) -> str:
    """Take off the declaration, which is no longer true, blanks before the first element and endless attributes."""
    text = text.lstrip()
    declaration = _DECLARATION.match(text)
    text = text[declaration.end() :] if declaration else text
    first = re.search(r"<\w", text)
    head = first.start() if first else len(text)
    return "\n".join(text[:head].split()) + _TAG.sub(_Tamer(), text[head:])


class _Tamer:
    """Gives each tag of a feed, in their order, as it may stay."""

    def __init__(self) -> None:
        self._topics = 0

    def __call__(self, tag: re.Match[str]) -> str:
        closing, name, attributes, end = tag.groups()
        local = name.rpartition(":")[2].casefold()
        if local in {"item", "entry"}:
            self._topics = 0
        elif local in {"category", "subject"}:
            self._topics += not closing
            if self._topics > _MOST_TOPICS:
                return f"<{closing}ignored{attributes}{end}"
        return tag[0] if len(attributes) <= _LONG_TAG else f"<{closing}{name}{end}"
