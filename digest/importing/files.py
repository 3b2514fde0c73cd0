"""An article as a file of the archive: its name and its bytes. Knows the archive's format; writes nothing."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING

from digest import clean

if TYPE_CHECKING:
    from digest.importing.shape import Found

_LONGEST = 80


def name(found: Found) -> str:
    """Return `2020-11-09-title-in-letters`, without an ending: ASCII letters, digits and hyphens only.

    Articles of a day whose titles have no such letters all have the same name, and are told apart by a number.
    """
    letters = unicodedata.normalize("NFKD", found.title).encode("ascii", "ignore").decode().casefold()
    slug = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:_LONGEST].rstrip("-")
    return f"{found.at.date().isoformat()}-{slug or 'article'}"


def content(found: Found) -> bytes:
    """Return the file's bytes; each text is quoted, so that it is read back as it was."""
    provider = {"name": _safe(found.provider), **({"domain": found.domain} if found.domain else {})}
    fields: dict[str, object] = {
        "title": _safe(found.title),
        "excerpt": _safe(found.excerpt),
        # Not strftime, which writes years before 1000 without their zeros on Linux.
        "publishedDateTime": f"{found.at.replace(microsecond=0, tzinfo=None).isoformat()}Z",
        "webUrl": found.url,
        "heat": found.heat,
        "quality": found.quality,
        "published": None if found.published else False,
        "language": found.language,
        "provider": provider,
        "topics": [_safe(topic) for topic in found.topics],
        "images": [{"url": found.image}] if found.image else None,
    }
    lines = [f"{key}: {_written(key, value)}" for key, value in fields.items() if value not in (None, "", [])]
    return "\n".join(["---", *lines, "---", ""]).encode()


def address_line(content: bytes) -> bytes:
    """Return the line of a file of ours that holds its article's address, b"" where none does."""
    match = re.search(rb"^webUrl: .*$", content, re.MULTILINE)
    return match[0].rstrip() if match else b""


def _safe(words: str) -> str:
    """Return words that the reader, who decodes entities once, reads as they are."""
    return words if clean.unescaped(words) == words else words.replace("&", "&amp;")


def _written(key: str, value: object) -> str:
    """The date stays bare, so that a look can prove it; everything else is JSON, which is YAML."""
    return str(value) if key == "publishedDateTime" else json.dumps(value, ensure_ascii=False)
