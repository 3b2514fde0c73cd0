"""Bytes to text: HTTP compression undone within bounds, and the encoding found.

Nothing is guessed from letter frequencies. A byte order mark decides, then UTF-8 where the bytes are UTF-8, then what
the server says, then what the file says of itself. Bytes that mean nothing there never become other letters: a mark
stands in their place, so that the record that holds them can be told and the others read.
"""

from __future__ import annotations

import codecs
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark starts with theirs
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_WIDER = {
    "ascii": "utf-8",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
}
"""Codecs whose names are used for something wider; browsers read the wider (https://encoding.spec.whatwg.org/)."""

_LABELS = {"x-sjis": "cp932", "x-gbk": "gb18030", "x-euc-jp": "euc_jp", "x-big5": "big5hkscs", "windows-874": "cp874"}
"""Labels in use that Python does not have."""

_UNFIT = frozenset({"utf-7", "unicode-escape", "raw-unicode-escape", "unicode_escape", "raw_unicode_escape", "idna",
                    "punycode", "undefined", "mbcs", "oem", "palmos"})  # fmt: skip
"""Codecs of Python that are no encoding of a feed; with some of them ASCII letters become other ones."""

_SEVEN_BITS = ("iso2022", "hz")
"""Codecs whose bytes are all ASCII, so that they would pass for UTF-8."""

_MANY_BYTES = ("gb18030", "big5", "cp932", "cp949", "euc", "johab", "shift_jis")

_DECLARATION = re.compile(rb"\s*<\?xml\s[^>]*?\bencoding\s*=\s*[\"']\s*([\w.:-]{1,40})")
_LABEL = re.compile(r"[\w.:-]{1,40}", re.ASCII)
_DAMAGE = "\udcff"
"""What the decoder puts where bytes mean nothing; no text can hold it by itself."""

_SAMPLE = 64 * 1024

codecs.register_error("digest-damage", lambda error: (_DAMAGE, error.end))  # type: ignore[attr-defined]  # of any UnicodeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A source's text, in *encoding*.

    *mark* is the character that stands where bytes mean nothing in that encoding, "" where there are no such bytes;
    *doubt* says what the source claims and is not so, "" where there is nothing to say.
    """

    text: str
    encoding: str
    mark: str = ""
    doubt: str = ""


class UnknownEncoding(ValueError):
    """A source names an encoding nobody knows, and is not UTF-8 either."""


def decode(content: bytes, charset: str = "") -> Decoded:
    """Return the text of *content*; *charset* is what the server says, "" where nobody says anything.

    Raises UnknownEncoding.
    """
    wide = _by_mark(content) or _by_zeros(content)
    if wide:
        encoding, start = wide
        return _marked(content[start:], encoding, encoding)
    declared = _declared(content)
    labels = [label for label in (charset.strip().casefold(), declared) if label]
    if labels[1:] and _codec(labels[0]) == "cp1252":
        labels.reverse()  # many servers say that of every file; then the file knows better
    named = [(label, codec) for label in labels if (codec := _codec(label))]
    utf8 = _as_utf8(content, named)
    if utf8 is not None:
        other = next((label for label, codec in named if codec != "utf-8"), "")
        is_lie = other and not content.isascii()
        doubt = f"says it is {other}, but is UTF-8; read as that" if is_lie else ""
        return Decoded(text=utf8, encoding="UTF-8", doubt=doubt)
    if labels and not named:
        raise UnknownEncoding(labels[0])
    return _by_name(content, named)


def _by_mark(content: bytes) -> tuple[str, int] | None:
    return next(((name, len(mark)) for mark, name in _BYTE_ORDER_MARKS if content.startswith(mark)), None)


def _by_zeros(content: bytes) -> tuple[str, int] | None:
    """UTF-16 and UTF-32 without a mark: of the bytes of addresses and digits, which each record has, half are zeros."""
    sample = content[: _SAMPLE // 4 * 4]
    quarter = len(sample) // 4
    if not quarter or b"\0" not in sample:
        return None
    zeros = [sample[place::4].count(0) / quarter for place in range(4)]
    if min(zeros[2:]) > 0.9 and zeros[0] < 0.1:
        return "utf-32-le", 0
    if min(zeros[:2]) > 0.9 and zeros[3] < 0.1:
        return "utf-32-be", 0
    even, odd = zeros[0] + zeros[2], zeros[1] + zeros[3]
    if max(even, odd) > 0.2 and min(even, odd) < 0.05:
        return ("utf-16-le" if odd > even else "utf-16-be"), 0
    return None


def _declared(content: bytes) -> str:
    match = _DECLARATION.match(content[:_SAMPLE])
    return match[1].decode("ascii", "ignore").casefold() if match else ""


def _codec(label: str) -> str:
    """Return Python's codec for a label, "" where there is none that reads text."""
    if not _LABEL.fullmatch(label):
        return ""
    try:
        name = _LABELS.get(label) or codecs.lookup(label).name
        if name in _UNFIT:
            return ""
        if name.startswith("utf"):  # UTF-16 and -32 are known by their marks or zeros: who says so of others is wrong
            return "utf-8"
        return _WIDER.get(name, name) if b"a".decode(name) == "a" else ""
    except (LookupError, ValueError):  # none, or one from bytes to bytes
        return ""


def _as_utf8(content: bytes, named: list[tuple[str, str]]) -> str | None:
    """Return the text where the bytes are UTF-8; None where they are not, or where that may be chance.

    Hardly any text of another encoding is UTF-8 by chance: with one byte a letter already a single accent decides, of
    Chinese or Japanese a few letters could.
    """
    if any(codec.startswith(_SEVEN_BITS) for _, codec in named) and (b"\x1b" in content or b"~{" in content):
        return None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if named and named[0][1].startswith(_MANY_BYTES) and not content.isascii():
        beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
        if beyond_ascii < 4 and _strict(content, named[0][1]) is not None:
            return None
    return text


def _by_name(content: bytes, named: list[tuple[str, str]]) -> Decoded:
    """Return the text by the first encoding named that fits; else by the first, with marks."""
    fitting = [(label, text) for label, codec in named if (text := _strict(content, codec)) is not None]
    if not fitting:
        label, codec = named[0] if named else ("UTF-8", "utf-8")
        return _marked(content, codec, "UTF-8" if codec == "utf-8" else label)
    label, text = fitting[0]
    others = [other for other, instead in fitting[1:] if instead != text]
    doubt = f"is {label} or {others[0]}: server and file disagree; read as {label}" if others else ""
    return Decoded(text=text, encoding=label, doubt=doubt)


def _strict(content: bytes, codec: str) -> str | None:
    try:
        return content.decode(codec)
    except UnicodeDecodeError:
        return None


def _marked(content: bytes, codec: str, label: str) -> Decoded:
    text = content.decode(codec, "digest-damage")
    if _DAMAGE not in text:
        return Decoded(text=text, encoding=label)
    # A character for private use, which goes through every parser; the first that the text does not have itself.
    mark = next(chr(code) for code in range(0xE000, 0xF900) if chr(code) not in text)
    return Decoded(text=text.replace(_DAMAGE, mark), encoding=label, mark=mark)


_MOST_LAYERS = 3
_TAKEN, _GIVEN = 4 * 1024, 64 * 1024
"""Bytes that are unpacked in one step, and that come out of it at most: a thousandfold is usual for a bomb."""


class Unreadable(ValueError):
    """What came cannot be unpacked; says why."""


def unpacked(pieces: Iterator[bytes], codings: str) -> Iterator[bytes]:
    """Yield what *pieces* hold unpacked, by the value of `Content-Encoding`. Raises Unreadable."""
    layers = [name for name in (part.strip().casefold() for part in codings.split(",")) if name not in {"", "identity"}]
    unknown = [name for name in layers if name not in {"gzip", "x-gzip", "deflate"}]
    if unknown:
        raise Unreadable(f"it is packed as {unknown[0]}, which was not asked for")
    if len(layers) > _MOST_LAYERS:
        raise Unreadable(f"it is packed {len(layers)} times over")
    for layer in reversed(layers):
        pieces = _inflated(pieces, is_gzip=layer != "deflate")
    return pieces


def _inflated(pieces: Iterator[bytes], *, is_gzip: bool) -> Iterator[bytes]:
    """Yield what one layer holds; a file of gzip may have several members."""
    inflater = None
    is_over = False
    for piece in pieces:
        for start in range(0, len(piece), _TAKEN):  # small, since what is not used of it is copied at each member's end
            packed = piece[start : start + _TAKEN]
            while packed and not is_over:
                if inflater is None:
                    inflater = zlib.decompressobj(31 if is_gzip else _wrapping(packed))
                yield from _given(inflater, packed)
                packed, ended = inflater.unused_data, inflater.eof
                if ended:
                    inflater = None
                    # What is behind it and is no other member is padding.
                    is_over = bool(packed) and not (is_gzip and packed[:1] == b"\x1f")
    if inflater is not None:
        raise Unreadable("what is packed ends too early")


def _given(inflater: zlib._Decompress, packed: bytes) -> Iterator[bytes]:
    """Yield what comes out of *packed*, never more than a little at once."""
    while True:
        try:
            piece = inflater.decompress(packed, _GIVEN)
        except zlib.error as error:
            raise Unreadable("what is packed is damaged") from error
        yield piece
        packed = inflater.unconsumed_tail
        if inflater.eof or (not packed and len(piece) < _GIVEN):
            return


def _wrapping(packed: bytes) -> int:
    """Some servers send `deflate` without the two bytes of zlib that the standard asks for."""
    is_zlib = packed[0] & 0x0F == 8 and (len(packed) == 1 or int.from_bytes(packed[:2]) % 31 == 0)
    return 15 if is_zlib else -15
