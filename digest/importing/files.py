"""An article as a file of the archive: its name and its bytes. Knows the archive's format; writes nothing."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.importing.shape import Found

_LONGEST = 80


def name(found: Found) -> str:
    """Return `2020-11-09-title-in-letters`, without an ending: ASCII letters, digits and hyphens only."""
    letters = unicodedata.normalize("NFKD", found.title).encode("ascii", "ignore").decode().casefold()
    slug = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:_LONGEST].rstrip("-")
    return f"{found.at:%Y-%m-%d}-{slug or 'article'}"


def content(found: Found) -> bytes:
    """Return the file's bytes; each text is quoted, so that it is read back as it was."""
    provider = {"name": _safe(found.provider), **({"domain": found.domain} if found.domain else {})}
    fields: dict[str, object] = {
        "title": _safe(found.title),
        "excerpt": _safe(found.excerpt),
        "publishedDateTime": f"{found.at:%Y-%m-%dT%H:%M:%SZ}",
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


def _safe(words: str) -> str:
    """Return words that the reader, who decodes entities once, reads as they are."""
    return words if html.unescape(words) == words else words.replace("&", "&amp;")


def _written(key: str, value: object) -> str:
    """The date stays bare, so that a look can prove it; everything else is JSON, which is YAML."""
    return str(value) if key == "publishedDateTime" else json.dumps(value, ensure_ascii=False)
