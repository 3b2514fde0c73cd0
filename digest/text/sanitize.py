"""Untrusted text and addresses made safe: the only place where `Text` and `Address` are made.

Escaping keeps a text from acting as mark-up; these guarantees are what it cannot give:

- a text is one line without control, bidi-override or lone-surrogate characters, without towers of combining marks or
  messages in invisible characters, and neither it nor one of its words is long enough to break a layout;
- an address is an absolute http(s) one in ASCII, without credentials, that cannot leave an attribute.

Cleaning a clean value changes nothing. Whether a text is true or an address answers is not judged.
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
"""Characters that a text may not have; each becomes a space."""

_TAGS = re.compile("(\U0001f3f4[\U000e0030-\U000e007a]{3,6}\U000e007f)|[\U000e0000-\U000e007f]")
"""Tag characters, which are invisible: behind a black flag they may spell the flag of a region (group 1)."""

_SELECTORS = re.compile("([\ufe00-\ufe0f\U000e0100-\U000e01ef])[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
"""Variation selectors in a row: the first (group 1) may choose a glyph, more say nothing or hide something."""

_INVISIBLE = re.compile(
    "([\u00ad\u061c\u180e\u200b-\u200f\u2060-\u2065\u206a-\u206f]{2})[\u00ad\u061c\u180e\u200b-\u200f\u2060-\u2065\u206a-\u206f]+"
)
"""Invisible characters in a row: two (group 1) can mean something (a joiner and a direction mark), more cannot."""

_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u2060-\u2065\u206a-\u206f\ufe00-\ufe0f\U000e0100-\U000e01ef\\s]"
)
"""Invisible characters and white space: a text of nothing else counts as empty."""

_MARKS = "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_TOWER = re.compile(f"([{_MARKS}]{{6}})[{_MARKS}]+")
"""Combining marks on one letter: six (group 1) are more than any language writes."""

_RARE = re.compile(
    f"[\u00ad\u061c\u180e\u200b-\u200f\u2060-\u2065\u206a-\u206f\ufe00-\ufe0f\U000e0000-\U000e01ef{_MARKS}]"
)
"""Any character that `_tamed` is about. Most texts have none: one search instead of five substitutions."""

_NO_CHARACTER = re.compile("&#[0-9]{1000,}+;?")

"""A character reference of a number that no character can have."""

_WORD_LIMIT = 80
"""Most characters of a word."""

_LONG_WORD = re.compile("([!-~\u00a1-\u052f\u0590-\u06ff]{79})[!-~\u00a1-\u052f\u0590-\u06ff]{2,}")
"""A word of over eighty letters, which would stretch the page; only in scripts that part words with spaces."""

# The longest excerpt of 400 real articles has 457; a hostile one must not push the rest out of a letter.
_LONGEST = 4_000
"""Most characters of a text."""

# Outlook and other common clients cut off longer ones, and a cut address leads elsewhere.
ADDRESS_LIMIT = 2_000
"""Most characters of an address."""

_LABEL = "[a-z0-9_-]{1,63}"
_SAFE = r"(?:[\w/:@!$'()*+,;=~.-]|%[0-9A-Fa-f]{2}|&(?!amp;))"
_NO_PART = re.compile(r"[^\S ]| https?://", re.IGNORECASE)
"""White space that no address has, also not within its path, and the start of a second address."""

_PLAIN_ADDRESS = re.compile(rf"https?://{_LABEL}(?:\.{_LABEL})*(?:/{_SAFE}*)?(?:\?(?:{_SAFE}|\?)+)?", re.ASCII)
"""An address that `address` gives back as it is, as most are. To match one takes a tenth of taking it apart."""


def text(raw: str, *, most: int = _LONGEST) -> Text:
    """Return *raw* as one clean line of at most *most* characters, with a `…` where it was cut.

    Entities are decoded once; each run of unsafe characters and white space becomes one space.
    """
    return again(unescaped(raw), most=most)


def unescaped(raw: str) -> str:
    """Return *raw* with its entities decoded once; a number that no character has becomes U+FFFD."""
    # html.unescape() calls int(), which refuses more than 4,300 digits with a ValueError (CVE-2020-10735).
    return html.unescape(_NO_CHARACTER.sub("\ufffd", raw) if "&#" in raw else raw)


def again(raw: str, *, most: int = _LONGEST) -> Text:
    """Return *raw* as `text` does, but decode no entity: for what has been a text before, such as words of a record."""
    cleaned = raw
    # Nothing has to go from printable ASCII, which most texts are.
    if not (raw.isascii() and raw.isprintable()):
        cleaned = _UNSAFE.sub(" ", raw)
        if not cleaned.isascii() and _RARE.search(cleaned):
            cleaned = _tamed(cleaned)
    each = cleaned.split()
    cleaned = " ".join(each)
    if len(cleaned) > _WORD_LIMIT and max(map(len, each)) > _WORD_LIMIT:
        cleaned = _LONG_WORD.sub("\\1…", cleaned)
    return Text(cleaned if len(cleaned) <= most else _cut(cleaned, most))


def _tamed(text: str) -> str:
    """Return *text* without heaps of marks and invisible characters; "" where nothing visible is left."""
    text = _TAGS.sub(lambda match: match[1] or "", text)
    text = _SELECTORS.sub(r"\1", text)
    text = _INVISIBLE.sub(r"\1", text)
    text = _TOWER.sub(r"\1", text)
    return text if _HIDDEN.sub("", text) else ""


def _cut(text: str, most: int) -> str:
    """Return *text* cut after the last whole word that fits, or inside a word that takes more than half of the room."""
    whole = text[:most].rpartition(" ")[0]
    return f"{(whole if len(whole) > most // 2 else text[: most - 1]).rstrip()}…"


def is_printable(raw: str) -> bool:
    """Whether *raw* has none of the characters that `text` takes out, so that it can be shown as it is."""
    return not _UNSAFE.search(raw)


def address(raw: str) -> Address | None:
    """Return *raw* as an absolute http(s) address in ASCII, or None when it is not one.

    Refuses other schemes, credentials, control characters, white space inside but for blanks behind the host, and more
    than 2,000 characters, counted after encoding. Encodes what does not belong in an address (blanks, quotes, brackets,
    braces, a lone %, non-ASCII; RFC 3986, 2) and host names by IDNA (UTS 46); an encoded address comes back unchanged.
    """
    if len(raw) <= ADDRESS_LIMIT and _PLAIN_ADDRESS.fullmatch(raw):
        return Address(raw)
    return _spelled(raw) if "//" in raw else None


def _spelled(raw: str) -> Address | None:
    """Return what `address` does, taking *raw* apart."""
    # Not unescape(), to which the parameter in `?a=1&copy=1` is a copyright sign.
    candidate = re.sub("&(?:amp;)+", "&", raw.strip())
    # A blank is taken where browsers take it, which is behind the host; other white space, and a second address behind
    # a blank, are a text that was pasted into the wrong place.
    if not candidate or _UNSAFE.search(candidate) or _NO_PART.search(candidate):
        return None
    try:
        parts = urlsplit(candidate)
        host = _ascii_host(parts.hostname or "")
        port = f":{parts.port}" if parts.port else ""
    # urlsplit() raises ValueError for a bracket without its twin, parts.port for a number that is none, idna for a
    # host.
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not re.fullmatch(r"[a-z0-9._-]+", host) or "@" in parts.netloc:
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
    # quote() leaves `%` alone, so that what is encoded stays so. One that encodes nothing is a lone sign, or the tag of
    # a mail service such as %recipient%, which would put a reader's address into the link.
    clean = re.sub("%(?![0-9A-Fa-f]{2})", "%25", clean)
    return Address(clean) if len(clean) <= ADDRESS_LIMIT else None


def _ascii_host(host: str) -> str:
    """Return a host name in ASCII, as browsers look it up (UTS 46). Raises ValueError for one that cannot be.

    Python's own codec knows IDNA of 2003 only, where `faß.de` is another site.
    """
    if host.isascii():
        if not all(0 < len(label) < 64 for label in host.removesuffix(".").split(".")):
            raise ValueError(host)
        return host
    import idna  # noqa: PLC0415 - its tables cost more than a whole build, and few archives need them

    return idna.encode(host, uts46=True).decode("ascii")
