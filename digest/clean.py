"""Makes text and addresses from outside safe: the only place where `Text` and `Address` are born. Knows no files.

What autoescape cannot promise is promised here: no control, bidi-override or lone-surrogate characters in a text, and
nothing but absolute http(s) addresses. It does not judge whether a text is true or an address alive.
"""

from __future__ import annotations

import html
import re
from urllib.parse import quote, urlsplit, urlunsplit

from digest.model import Address, Text

# Controls (C0, DEL, C1), bidi embeddings, overrides and isolates, zero-width no-break space, line and paragraph
# separators, surrogates and non-characters. Zero-width (non-)joiners stay: Persian and emoji need them.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]")
_ADDRESS_LIMIT = 2_000
"""Longest address in characters; common clients and Outlook cut off longer ones."""


def text(raw: str) -> Text:
    """Return *raw* as one clean line: entities decoded once, unsafe characters and white space made one space."""
    return Text(" ".join(_UNSAFE.sub(" ", html.unescape(raw)).split()))


def is_printable(raw: str) -> bool:
    """Whether *raw* has none of the characters that `text` takes out; a file's name should not."""
    return not _UNSAFE.search(raw)


def address(raw: str) -> Address | None:
    """Return *raw* as an absolute http(s) address in ASCII, or None when it is not one.

    Refuses other schemes, credentials, control characters, white space inside and more than 2,000 characters.
    Encodes what does not belong in an address (quotes, brackets, braces, non-ASCII) and IDNA host names; an encoded
    address comes back unchanged.
    """
    candidate = re.sub("&(?:amp;)+", "&", raw.strip())  # not unescape(): `&copy=1` is a parameter, not a sign
    if _UNSAFE.search(candidate) or len(candidate.split()) != 1:
        return None
    try:
        parts = urlsplit(candidate)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:  # an impossible port, bracket or host name
        return None
    if parts.scheme not in {"http", "https"} or not re.fullmatch(r"[a-z0-9.-]+", host) or "@" in parts.netloc:
        return None
    clean = urlunsplit(
        (
            parts.scheme,
            host + port,
            quote(parts.path, safe="/%:@!$&'()*+,;=~-._"),
            quote(parts.query, safe="/%:@!$&'()*+,;=~-._?"),
            quote(parts.fragment, safe="/%:@!$&'()*+,;=~-._?"),
        )
    )
    return Address(clean) if len(clean) <= _ADDRESS_LIMIT else None
