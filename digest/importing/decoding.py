"""Decoding of what a source sends: compressed bytes to bytes (`unpacked`), bytes to text (`decode`).

Compression is that of HTTP (RFC 9110, 8.4: gzip and deflate). It is undone in small steps, so that the caller can stop
at its limit, and no answer of a few kilobytes can fill the memory.

The encoding is never guessed from letter frequencies. These decide, in this order:

1. a byte order mark, or the zeros that UTF-16 and UTF-32 leave in ASCII;
2. the bytes themselves, where they are valid UTF-8;
3. the charset of the server or the user, then the encoding in the XML declaration;
4. for tables, Windows-1252 where every letter fits, since Excel saves no other way (`western`).

Bytes that are invalid in that encoding never become other letters. A private-use character stands in their place, so
that the record that holds them can be reported and the others read.
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
    # UTF-32 before UTF-16: the little-endian mark of UTF-32 (FF FE 00 00) starts with that of UTF-16 (FF FE).
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Appendix F.1 of XML 1.0 has the first four bytes of `<?xml` in EBCDIC, whose declaration no other codec can read.
_EBCDIC = b"\x4c\x6f\xa7\x94"
"""`<?xm` in EBCDIC."""

# Feeds labelled Latin-1 hold the curly quotes of Windows-1252, those labelled GB2312 characters of GBK, and so on.
# Browsers read the wider encoding (https://encoding.spec.whatwg.org/#names-and-labels), and so do we: Python's narrower
# codecs would make control characters of such letters, or damage.
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
"""Python's codec for each that is read as a wider one."""

_LABELS = {"x-sjis": "cp932", "x-gbk": "gb18030", "x-euc-jp": "euc_jp", "x-big5": "big5hkscs", "windows-874": "cp874"}
"""Labels of the WHATWG's list that Python does not know, with its codec for each."""

# Python has codecs that are no encoding of a feed. UTF-7 and the escape codecs make other letters of plain ASCII, so
# that any text would be read wrongly without an error; the others fail, or depend on the machine.
_UNFIT = frozenset({"utf-7", "unicode-escape", "raw-unicode-escape", "unicode_escape", "raw_unicode_escape", "idna",
                    "punycode", "undefined", "mbcs", "oem", "palmos"})  # fmt: skip
"""Codecs of Python that no source may name."""

_SEVEN_BITS = ("iso2022", "hz")
"""Beginnings of the names of codecs whose bytes are all ASCII, so that they would pass for UTF-8."""

_MANY_BYTES = ("gb18030", "big5", "cp932", "cp949", "euc", "johab", "shift_jis")

"""Beginnings of the names of codecs with several bytes a letter, whose text may be valid UTF-8 by chance."""

_DECLARATION = re.compile(rb"\s*<\?xml\s[^>]*?\bencoding\s*=\s*[\"']\s*([\w.:-]{1,40})")
_LABEL = re.compile(r"[\w.:-]{1,40}", re.ASCII)
# A lone surrogate, because no decoder yields one by itself: wherever it stands in a text, bytes were invalid.
_DAMAGE = "\udcff"
"""The character that the decoder puts in the place of invalid bytes."""

_SAMPLE = 64 * 1024
"""Bytes at the start of a source that are searched for zeros and for a declaration."""

codecs.register_error("digest-damage", lambda error: (_DAMAGE, error.end))  # type: ignore[attr-defined]  # of any UnicodeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """The text of a source.

    *encoding* is its name as the source or the standard spells it, for messages. *mark* is the character that stands
    in place of bytes that are invalid in that encoding, "" where there are none; the text has it nowhere else. *doubt*
    says in which point the source's own claim is wrong or contradicts the server's, "" where there is no doubt.
    """

    text: str
    encoding: str
    mark: str = ""
    doubt: str = ""


class UnknownEncoding(ValueError):
    """A source whose declared encoding Python does not know, and that is no UTF-8 either; carries the label."""


def decode(content: bytes, charset: str = "") -> Decoded:
    """Return the text of *content*, without a byte order mark.

    *charset* is the parameter of the server's Content-Type, "" where there is none. An invalid byte is no error (see
    Decoded.mark). Raises UnknownEncoding where only unknown encodings are named and the bytes are not UTF-8.
    """
    wide = _by_mark(content) or _by_zeros(content)
    if content.startswith(_EBCDIC):
        wide = ("cp037", 0)
    if wide:
        encoding, start = wide
        return _marked(content[start:], encoding, encoding)
    declared = _declared(content)
    labels = [label for label in (charset.strip().casefold(), declared) if label]
    if labels[1:] and _codec(labels[0]) == "cp1252":
        # Latin-1 was HTTP's default until RFC 7231, and many servers still say it of every file: the file knows better.
        labels.reverse()
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
    """Return the encoding that a byte order mark names, and the mark's length in bytes."""
    return next(((name, len(mark)) for mark, name in _BYTE_ORDER_MARKS if content.startswith(mark)), None)


def _by_zeros(content: bytes) -> tuple[str, int] | None:
    """Return UTF-16 or UTF-32 where the zeros of a source without a mark tell it, and 0, the length of no mark.

    Each record has addresses, digits and mark-up, whatever its language. As ASCII, half of their bytes are zeros in
    UTF-16 and three quarters in UTF-32; text in any other encoding has no zeros.
    """
    sample = content[: _SAMPLE // 4 * 4]
    quarter = len(sample) // 4
    if not quarter or b"\0" not in sample:
        return None
    zeros = [sample[place::4].count(0) / quarter for place in range(4)]
    if min(zeros[2:]) > 0.9 and zeros[0] < 0.1:
        return "utf-32-le", 0
    if min(zeros[:2]) > 0.9 and zeros[3] < 0.1:
        return "utf-32-be", 0
    # Each is the sum of two shares, so 0.2 is a tenth of the bytes in even or odd places: mark-up and addresses make
    # that much of a feed in Chinese, too.
    even, odd = zeros[0] + zeros[2], zeros[1] + zeros[3]
    if max(even, odd) > 0.2 and min(even, odd) < 0.05:
        return ("utf-16-le" if odd > even else "utf-16-be"), 0
    return None


def _declared(content: bytes) -> str:
    """Return the encoding that an XML declaration names, in lower case; "" where there is none."""
    match = _DECLARATION.match(content[:_SAMPLE])
    return match[1].decode("ascii", "ignore").casefold() if match else ""


def _codec(label: str) -> str:
    """Return Python's codec for a label, widened as browsers do; "" where there is none that reads text.

    Any label of UTF-16 or UTF-32 gives `utf-8`: those two were recognised by their bytes before, so that of what is
    left such a label is wrong.
    """
    if not _LABEL.fullmatch(label):
        return ""
    try:
        name = _LABELS.get(label) or codecs.lookup(label).name
        if name in _UNFIT:
            return ""
        if name.startswith("utf"):
            return "utf-8"
        # EBCDIC and the like are codecs, too, but no feed's: there not even an `a` is ASCII's.
        return _WIDER.get(name, name) if b"a".decode(name) == "a" else ""
    # A codec from bytes to bytes, such as hex, is a LookupError like an unknown one; one that fails at an `a` a
    # ValueError.
    except (LookupError, ValueError):
        return ""


def _as_utf8(content: bytes, named: list[tuple[str, str]]) -> str | None:
    """Return the text where the bytes are UTF-8; None where they are not, or where that may be chance.

    *named* are the labels that server and file name, with their codecs. Text in another encoding is hardly ever valid
    UTF-8: where a letter has one byte, a single accented one settles it. Only a few letters of Chinese, Japanese or
    Korean may be valid by chance.
    """
    # ISO-2022-JP and HZ write everything in ASCII behind an escape (ESC, `~{`), which is valid UTF-8 of nonsense.
    if any(codec.startswith(_SEVEN_BITS) for _, codec in named) and (b"\x1b" in content or b"~{" in content):
        return None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if named and named[0][1].startswith(_MANY_BYTES) and not content.isascii():
        # Below four letters the declared encoding wins where it fits; more would be too much of a coincidence.
        beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
        if beyond_ascii < 4 and _strict(content, named[0][1]) is not None:
            return None
    return text


def _by_name(content: bytes, named: list[tuple[str, str]]) -> Decoded:
    """Return the text in the first encoding of *named* that fits, else in the first, with marks.

    Without any name it is UTF-8 with marks. Where a second encoding fits and gives other letters, *doubt* says so.
    """
    fitting = [(label, text) for label, codec in named if (text := _strict(content, codec)) is not None]
    if not fitting:
        label, codec = named[0] if named else ("UTF-8", "utf-8")
        return _marked(content, codec, "UTF-8" if codec == "utf-8" else label)
    label, text = fitting[0]
    others = [other for other, instead in fitting[1:] if instead != text]
    doubt = f"is {label} or {others[0]}: server and file disagree; read as {label}" if others else ""
    return Decoded(text=text, encoding=label, doubt=doubt)


def _strict(content: bytes, codec: str) -> str | None:
    """Return the text, None where a byte is invalid."""
    try:
        return content.decode(codec)
    except UnicodeDecodeError:
        return None


# Three letters beyond ASCII in a row are no word of Western Europe's languages, nor is one with a superscript or an
# inverted question mark inside: that is Cyrillic, Greek, Arabic or Polish in the code page of another country.
_NOT_WESTERN = re.compile(
    "[\u00c0-\u00ff\u0160\u0161\u0178\u017d\u017e\u0152\u0153\u0192]{3}|[a-z][\u00b9\u00b3\u00b2\u00bf\u00a3\u00a5][a-z]",
    re.IGNORECASE,
)
"""What Windows-1252 makes of text in other code pages."""


def western(content: bytes) -> Decoded | None:
    """Return the text of a table in the code page in which Excel saves it in Western Europe and America (Windows-1252).

    None where its letters tell that it is in another one, and where it holds bytes that the code page has not.
    """
    text = _strict(content, "cp1252")
    if text is None or _NOT_WESTERN.search(text):
        return None
    doubt = "is not UTF-8; read as Windows-1252, as Excel saves it: where letters are wrong, name it with --encoding"
    return Decoded(text=text, encoding="Windows-1252", doubt=doubt)


def _marked(content: bytes, codec: str, label: str) -> Decoded:
    """Return the text in *codec*, a mark in place of each run of invalid bytes; *label* is its name for messages."""
    text = content.decode(codec, "digest-damage")
    if _DAMAGE not in text:
        return Decoded(text=text, encoding=label)
    # The surrogate itself cannot stay, since no text with one can be encoded again for the parsers of XML and YAML. A
    # private-use character passes through all parsers; the first that the text does not have itself.
    mark = next(chr(code) for code in range(0xE000, 0xF900) if chr(code) not in text)
    return Decoded(text=text.replace(_DAMAGE, mark), encoding=label, mark=mark)


# Each layer of compression multiplies what a bomb can unpack to by about a thousand; servers use one, rarely two.
_MOST_LAYERS = 3

# Deflate can grow a thousandfold (1,032 at most), so neither side of a step may be large.
_TAKEN, _GIVEN = 4 * 1024, 64 * 1024
"""Bytes that go into one step of unpacking, and that come out of it at most."""


class Unreadable(ValueError):
    """An answer that cannot be unpacked, and why: an unknown coding, too many layers, damage or an early end."""


def unpacked(pieces: Iterator[bytes], codings: str) -> Iterator[bytes]:
    """Return *pieces* unpacked, as an iterator whose pieces have at most 64 KB each where anything was packed.

    *codings* is the value of Content-Encoding, "" for none. Raises Unreadable, for damage while iterating.
    """
    # `identity` belongs into Accept-Encoding alone (RFC 9110, 12.5.3), but servers send it here, too.
    layers = [name for name in (part.strip().casefold() for part in codings.split(",")) if name not in {"", "identity"}]
    unknown = [name for name in layers if name not in {"gzip", "x-gzip", "deflate"}]
    if unknown:
        raise Unreadable(f"it is packed as {unknown[0]}, which was not asked for")
    if len(layers) > _MOST_LAYERS:
        raise Unreadable(f"it is packed {len(layers)} times over")
    # The header lists the codings in the order in which they were applied (RFC 9110, 8.4).
    for layer in reversed(layers):
        pieces = _inflated(pieces, is_gzip=layer != "deflate")
    return pieces


def _inflated(pieces: Iterator[bytes], *, is_gzip: bool) -> Iterator[bytes]:
    """Yield the content of one layer. Raises Unreadable.

    A file of gzip may have several members, one behind the other (RFC 1952, 2.2); they are read as one. What stands
    behind the last and is no further member is padding, and left out.
    """
    inflater = None
    is_over = False
    for piece in pieces:
        # In small portions, since zlib copies what it has not used at the end of each member: thousands of tiny members
        # in a large piece would take the square of its size.
        for start in range(0, len(piece), _TAKEN):
            packed = piece[start : start + _TAKEN]
            while packed and not is_over:
                if inflater is None:
                    # 31 is 16 + 15: the wrapper of gzip, and the largest window, which is large enough for any.
                    inflater = zlib.decompressobj(31 if is_gzip else _wrapping(packed))
                yield from _given(inflater, packed)
                packed, ended = inflater.unused_data, inflater.eof
                if ended:
                    inflater = None
                    is_over = bool(packed) and not (is_gzip and packed[:1] == b"\x1f")
    if inflater is not None:
        raise Unreadable("what is packed ends too early")


def _given(inflater: zlib._Decompress, packed: bytes) -> Iterator[bytes]:
    """Yield what comes out of *packed*, at most 64 KB at once. Raises Unreadable where it is damaged."""
    while True:
        try:
            piece = inflater.decompress(packed, _GIVEN)
        except zlib.error as error:
            raise Unreadable("what is packed is damaged") from error
        yield piece
        packed = inflater.unconsumed_tail
        # All input may be consumed while zlib still holds output: only a piece that is not full is the last.
        if inflater.eof or (not packed and len(piece) < _GIVEN):
            return


def _wrapping(packed: bytes) -> int:
    """Return zlib's number for data called `deflate`: 15 with the header of RFC 1950, -15 without.

    RFC 9110 (8.4.1.2) asks for the header and notes that some servers leave it out. With it, the lower half of the
    first byte is 8 and the first two bytes, as one number, can be divided by 31 (RFC 1950, 2.2).
    """
    is_zlib = packed[0] & 0x0F == 8 and (len(packed) == 1 or int.from_bytes(packed[:2]) % 31 == 0)
    return 15 if is_zlib else -15
