"""Which machine an address leads to, and whether it is one that strangers may send us to. Opens no connection."""

from __future__ import annotations

import ipaddress
import socket

_METADATA = frozenset({ipaddress.ip_address("168.63.129.16")})
"""Public addresses that answer only inside of a provider's network, about its machines (Azure)."""

_SPECIAL = (
    ipaddress.ip_network("192.0.0.0/24"),  # of a provider's own services; Python knows it from 3.12.4 on
    ipaddress.ip_network("64:ff9b:1::/48"),  # NAT64 of a network's own
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet's.

    None is that loops back, is private, shared by a provider (CGNAT), local to the link, a group's or reserved; nor is
    one of IPv6 in which such a one of IPv4 is wrapped.
    """
    try:
        number = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(number, ipaddress.IPv6Address):
        inner = _wrapped(number)
        if inner is not None:
            return is_public(str(inner))
        if number.is_site_local:
            return False
    if number in _METADATA or any(number in network for network in _SPECIAL):
        return False
    return number.is_global and not number.is_multicast and not number.is_reserved


def _wrapped(number: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the address of IPv4 that one of IPv6 leads to; None where it leads to none."""
    if number.ipv4_mapped or number.sixtofour:
        return number.ipv4_mapped or number.sixtofour
    if number.teredo:
        return number.teredo[1]
    if number in _NAT64 or number in _COMPATIBLE:
        return ipaddress.IPv4Address(int(number) & 0xFFFFFFFF)
    return None


def addresses(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host, best first. Raises OSError where it has none, UnicodeError for no name."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def is_plainly_local(host: str) -> bool:
    """Whether a host is no public one as it is written, without asking anybody."""
    if host.rstrip(".").endswith(("localhost", ".local", ".internal")):
        return True
    try:
        answers = socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except OSError:  # a name
        return False
    return not all(is_public(str(answer[4][0])) for answer in answers)
