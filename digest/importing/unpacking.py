"""What HTTP packed, unpacked a little at a time: whoever takes the pieces decides when there are too many."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

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
