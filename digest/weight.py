"""The weight of a letter in bytes, and its limits, each defined once.

The builder trims to them, `digest check` judges by them and the preview's gauge shows them; tests/test_weight.py holds
that all three name the same figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from quopri import encodestring
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Gmail shows about 102 kB and hides the rest, the unsubscribe link with it, behind "View entire message".
CLIP = 102_000
"""Bytes of HTML from which on Gmail clips a letter."""

# Below CLIP, because services add a pixel, a footer and longer links of their own.
ROOM = 99_000
"""Bytes of HTML that a letter is trimmed to unless the settings say otherwise."""


def of(html: str) -> int:
    """Return the weight of an HTML part: its bytes as it travels, in quoted-printable."""
    # Gmail has never said what its limit counts. Those who measured disagree whether it is the encoded source or the
    # decoded, so the larger of the two is taken: a Chinese character is nine bytes, not three.
    return len(encoded(html))


def encoded(content: str) -> str:
    """Return *content* as it stands in a message: quoted-printable (RFC 2045, 6.7), lines ended by CRLF."""
    lines = content.replace("\r\n", "\n").encode()
    return encodestring(lines, quotetabs=False).decode("ascii").replace("\n", "\r\n")


@dataclass(frozen=True, slots=True)
class EncodedText:
    """A text as bytes in *utf8*, and *quoted* as it stands in a message (`encoded`)."""

    utf8: bytes
    quoted: str

    @classmethod
    def of(cls, text: str) -> EncodedText:
        """Return *text* in both forms."""
        return cls(text.encode(), encoded(text))


# Characters from which on a piece is worth looking up.
_LONG = 200

# What stands between long pieces is kept, too, as most of it is the same in each letter; the rest soon makes room.
_BETWEEN = 1 << 10


class PieceEncoder:
    """Encodes texts that are given in pieces, many of which are the same in the next text. Not for several threads."""

    def __init__(self, most: int) -> None:
        """Keep the lines of at most so many long pieces."""
        self._parted = lru_cache(maxsize=most)(_parted)
        self._encoded = lru_cache(maxsize=_BETWEEN)(EncodedText.of)

    def encoded(self, pieces: Iterable[str]) -> EncodedText:
        """Return the *pieces* in a row as `EncodedText.of` does; they have LF at the ends of lines and no CR."""
        # Each line is encoded by itself, so the whole lines of a piece are the same wherever it stands.
        made: list[EncodedText] = []
        loose: list[str] = []
        for piece in pieces:
            if len(piece) < _LONG:
                loose.append(piece)
                continue
            first, lines, last = self._parted(piece)
            loose.append(first)
            if lines:
                made += [self._encoded("".join(loose)), lines]
                loose = [last]
        made.append(self._encoded("".join(loose)))
        return EncodedText(b"".join([each.utf8 for each in made]), "".join([each.quoted for each in made]))


def _parted(piece: str) -> tuple[str, EncodedText | None, str]:
    """Return *piece* in three: up to its first line end, the whole lines behind that, and the rest."""
    start, end = piece.find("\n") + 1, piece.rfind("\n") + 1
    return (piece[:start], EncodedText.of(piece[start:end]), piece[end:]) if start < end else (piece, None, "")
