"""How heavy a letter is, and how heavy it may be: the one measure and the one set of limits. Knows no issue.

The builder trims to them, the gate judges by them and the preview's gauge shows them; tests hold that all three name
the same figure.
"""

from __future__ import annotations

from quopri import encodestring

CLIP = 102_000
"""Bytes of HTML behind which Gmail hides the rest of a letter, and its unsubscribe link with it."""

ROOM = 99_000
"""Bytes of HTML that a letter is trimmed to unless the settings say otherwise: services add words of their own."""


def of(html: str) -> int:
    """Return the bytes that an HTML part travels in, encoded.

    Gmail shows about 102 kB of a message. It has never said of what; those who measured disagree whether the encoded
    source counts or the decoded, so the larger of the two is taken: a Chinese character is nine bytes, not three.
    """
    return len(encoded(html))


def encoded(content: str) -> str:
    """Return *content* as it stands in a message: quoted-printable, its lines ended by CRLF."""
    lines = content.replace("\r\n", "\n").encode()
    return encodestring(lines, quotetabs=False).decode("ascii").replace("\n", "\r\n")
