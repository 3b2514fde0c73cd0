"""Makes text and addresses from outside safe: the only place where `Text` and `Address` are born. Knows no files.

What autoescape cannot promise is promised here: no control, bidi-override or lone-surrogate character in a text, no
towers of marks, no messages in invisible characters, no word or text that breaks a layout by its length; and nothing
but absolute http(s) addresses. It does not judge whether a text is true or an address alive.
"""

from __future__ import annotations

import html
import re
from urllib.parse import quote, urlsplit, urlunsplit

from digest.model import Address, Text

# Controls (C0, DEL, C1), bidi embeddings, overrides and isolates, zero-width no-break space, line and paragraph
# separators, interlinear marks, surrogates and non-characters. Zero-width (non-)joiners stay: Persian and emoji need
# them.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17))
    + "]"
)
_TAGS = re.compile("(\U0001f3f4[\U000e0030-\U000e007a]{3,6}\U000e007f)|[\U000e0000-\U000e007f]")
"""Tag characters, which nobody sees: they may spell the flags of regions (group 1) and nothing else."""

_SELECTORS = re.compile("([\ufe00-\ufe0f\U000e0100-\U000e01ef])[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
"""More than one variation selector behind a character says nothing, or hides something."""

_INVISIBLE = re.compile(
    "([\u00ad\u061c\u180e\u200b-\u200f\u2060-\u2065\u206a-\u206f]{2})[\u00ad\u061c\u180e\u200b-\u200f\u2060-\u2065\u206a-\u206f]+"
)
"""Two in a row can mean something (a joiner and a mark of direction), more cannot."""

_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u2060-\u2065\u206a-\u206f\ufe00-\ufe0f\U000e0100-\U000e01ef\\s]"
)
"""What nobody sees: a text of nothing else is empty."""

_MARKS = "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_TOWER = re.compile(f"([{_MARKS}]{{6}})[{_MARKS}]+")
"""Six marks on one letter are more than any language writes."""

_RARE = re.compile(
    f"[\u00ad\u061c\u180e\u200b-\u200f\u2060-\u2065\u206a-\u206f\ufe00-\ufe0f\U000e0000-\U000e01ef{_MARKS}]"
)
"""What most texts have none of: one look instead of four."""

_NO_CHARACTER = re.compile("&#[0-9]{1000,}+;?")

_WORD_LIMIT = 80
_LONG_WORD = re.compile("([!-~\u00a1-\u052f\u0590-\u06ff]{79})[!-~\u00a1-\u052f\u0590-\u06ff]{2,}")
"""A word of over eighty letters, in scripts that part words with spaces; it would stretch the page."""

_LONGEST = 4_000
"""Most characters of a text; the longest excerpt of 400 real articles has 457."""

_ADDRESS_LIMIT = 2_000
"""Longest address in characters; common clients and Outlook cut off longer ones."""

_LABEL = "[a-z0-9-]{1,63}"
_SAFE = r"(?:[\w/:@!$'()*+,;=~.-]|%[0-9A-Fa-f]{2}|&(?!amp;))"
_PLAIN_ADDRESS = re.compile(rf"https?://{_LABEL}(?:\.{_LABEL})*(?:/{_SAFE}*)?(?:\?(?:{_SAFE}|\?)+)?", re.ASCII)
"""Most addresses: those that `address` would give back as they are. A look at one is a tenth of taking it apart."""


def text(raw: str, *, most: int = _LONGEST) -> Text:
    """Return *raw* as one clean line of at most *most* characters; where it is cut stands a `…`.

    Entities are decoded once; unsafe characters and white space become one space.
    """
    return again(unescaped(raw), most=most)


def unescaped(raw: str) -> str:
    """Return *raw* with its entities decoded once; a number that no character has becomes the replacement character."""
    # Python refuses to read a decimal number of more than 4,300 digits, and says so with a ValueError.
    return html.unescape(_NO_CHARACTER.sub("\ufffd", raw) if "&#" in raw else raw)


def again(raw: str, *, most: int = _LONGEST) -> Text:
    """Return *raw* as `text` does, but decode no entity: for what was a text before, such as words of a record."""
    cleaned = raw
    if not (raw.isascii() and raw.isprintable()):  # as most are: nothing in them has to go
        cleaned = _UNSAFE.sub(" ", raw)
        if not cleaned.isascii() and _RARE.search(cleaned):
            cleaned = _tamed(cleaned)
    each = cleaned.split()
    cleaned = " ".join(each)
    if len(cleaned) > _WORD_LIMIT and max(map(len, each)) > _WORD_LIMIT:
        cleaned = _LONG_WORD.sub("\\1…", cleaned)
    return Text(cleaned if len(cleaned) <= most else _cut(cleaned, most))


def _tamed(text: str) -> str:
    text = _TAGS.sub(lambda match: match[1] or "", text)
    text = _SELECTORS.sub(r"\1", text)
    text = _INVISIBLE.sub(r"\1", text)
    text = _TOWER.sub(r"\1", text)
    return text if _HIDDEN.sub("", text) else ""


def _cut(text: str, most: int) -> str:
    """Cut after the last whole word that fits, or in the middle of a word that has no end."""
    whole = text[:most].rpartition(" ")[0]
    return f"{(whole if len(whole) > most // 2 else text[: most - 1]).rstrip()}…"


def is_printable(raw: str) -> bool:
    """Whether *raw* has none of the characters that `text` takes out; a file's name should not."""
    return not _UNSAFE.search(raw)


def address(raw: str) -> Address | None:
    """Return *raw* as an absolute http(s) address in ASCII, or None when it is not one.

    Refuses other schemes, credentials, control characters, white space inside and more than 2,000 characters.
    Encodes what does not belong in an address (quotes, brackets, braces, a lone %, non-ASCII) and IDNA host names; an
    encoded address comes back unchanged.
    """
    if len(raw) <= _ADDRESS_LIMIT and _PLAIN_ADDRESS.fullmatch(raw):
        return Address(raw)
    return _spelled(raw)


def _spelled(raw: str) -> Address | None:
    """Do what `address` promises, part by part."""
    candidate = re.sub("&(?:amp;)+", "&", raw.strip())  # not unescape(): `&copy=1` is a parameter, not a sign
    if _UNSAFE.search(candidate) or len(candidate.split()) != 1:
        return None
    try:
        parts = urlsplit(candidate)
        host = _ascii_host(parts.hostname or "")
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
    clean = re.sub("%(?![0-9A-Fa-f]{2})", "%25", clean)  # a lone sign, or a service's tag such as %recipient%
    return Address(clean) if len(clean) <= _ADDRESS_LIMIT else None


def _ascii_host(host: str) -> str:
    """Return a host name as browsers look it up (UTS 46). Raises ValueError for one that cannot be."""
    if host.isascii():
        if not all(0 < len(label) < 64 for label in host.removesuffix(".").split(".")):
            raise ValueError(host)
        return host
    import idna  # noqa: PLC0415 - its tables cost more than a whole build, and few archives need them

    return idna.encode(host, uts46=True).decode("ascii")
