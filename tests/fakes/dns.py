"""A DNS server on this machine that answers from a zone in memory, by dnspython's own messages, over UDP."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@contextmanager
def serving(zone: Mapping[tuple[str, str], list[str]]) -> Iterator[tuple[str, list[str]]]:
    """Answer as *zone* has it, records by (name, type); yield the server's address and the questions asked so far."""
    asked: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=_answer, args=(server, zone, asked), daemon=True)
        thread.start()
        host, port = server.getsockname()
        yield f"{host}:{port}", asked
        # An empty packet is no question: it ends the thread.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(b"", (host, port))
        thread.join(timeout=10)


def _answer(server: socket.socket, zone: Mapping[tuple[str, str], list[str]], asked: list[str]) -> None:
    names = {name for name, _ in zone}
    while True:
        packet, client = server.recvfrom(4096)
        if not packet:
            return
        query = dns.message.from_wire(packet)
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
        asked.append(f"{name} {kind}")
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.AA
        if records := zone.get((name, kind)):
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *records))
        elif name not in names:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        server.sendto(answer.to_wire(), client)
