"""The weight of a letter in bytes, and its limits, each defined once.

The builder trims to them, `digest check` judges by them and the preview's gauge shows them; tests/test_weight.py holds
that all three name the same figure.
"""

from __future__ import annotations

from quopri import encodestring

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
