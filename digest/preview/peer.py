"""Which user of this machine is at the other end of a connection. Knows Linux's list of connections.

The system writes down who opened each connection of this machine, so that nobody can claim to be another one. Only
Linux has such a list to read; elsewhere nobody is known, and everybody has to show the token.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LISTS = ("/proc/net/tcp", "/proc/net/tcp6")
_NOBODY = 65534
"""Whom the list names for a user whom this one's namespace does not have (a container): that may be anybody."""

_End = tuple[str, int]


def is_same_user(client: _End, server: _End) -> bool:
    """Whether the connection from *client* to *server*, both on this machine, was opened by this program's own user.

    False where that cannot be told: on other systems, for a user outside the container, for an end that has hung up.
    """
    if sys.platform != "linux":
        return False
    mine = os.geteuid()
    return mine != _NOBODY and _user(client, server, _lines()) == mine


def _lines() -> Iterable[str]:
    for path in _LISTS:
        try:
            with open(path, encoding="ascii") as handle:
                yield from handle
        except OSError:  # a system without it: without IPv6, or one that hides it
            continue


def _user(client: _End, server: _End, lines: Iterable[str]) -> int | None:
    """Return the number of the user who opened the connection, by *lines* as `/proc/net/tcp` has them."""
    wanted = [f" {one} {other} " for one, other in zip(_written(*client), _written(*server), strict=True)]
    for line in lines:
        if any(pair in line for pair in wanted):
            fields = line.split()
            if fields[9] != "0":  # an end that has hung up belongs to nobody, and says 0, which is root
                return int(fields[7])
    return None


def _written(host: str, port: int) -> tuple[str, str]:
    """Return an end of a connection as the lists for IPv4 and IPv6 write it; the second has both kinds of addresses."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "?", "?"
    if isinstance(address, ipaddress.IPv4Address):
        short = address.packed
        long = ipaddress.IPv6Address(f"::ffff:{host}").packed
        return f"{_hex(short)}:{port:04X}", f"{_hex(long)}:{port:04X}"
    return "?", f"{_hex(address.packed)}:{port:04X}"


def _hex(packed: bytes) -> str:
    """Words of four bytes in the byte order of the machine, as the kernel prints them."""
    words = [packed[start : start + 4] for start in range(0, len(packed), 4)]
    return "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in words)
