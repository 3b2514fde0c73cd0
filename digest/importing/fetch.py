"""Fetching of one http(s) address, within bounds of size and time, with redirects to public hosts only.

The server may be hostile, or be led by somebody who is. Guarantees:

- an answer of more than MOST_BYTES, counted unpacked, is refused before more than that is held in memory;
- everything together (look-up of the name, connections, redirects, body) takes at most SECONDS;
- a redirect reaches only public addresses, and never leads from https to http, so that no server can make this machine
  read what only it can reach (server-side request forgery). Each address is looked up once and connected to as it was
  checked, so a second DNS answer (DNS rebinding) changes nothing;
- user name and password go to the host they were given for, and appear in no message;
- a server's own words stand in messages as one short printable line.

The user may name any address, a local one as well.
"""

from __future__ import annotations

import http
import ipaddress
import queue
import re
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from digest.errors import ImportingError
from digest.importing import decoding
from digest.importing.source import KNOWN, MOST_BYTES, Content, ending, too_large

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx


SECONDS = 30.0
"""Seconds that a fetch may take, from the look-up of the name to the last byte."""

_REDIRECTS = 10
_HOSTS_TRIED = 4
"""Addresses of one host that are tried until one can be connected to."""

_SHOWN = 300
"""Most characters of an address in messages."""

_INTERNAL = re.compile(r"\[Errno -?\d+\] | \(_ssl\.c:\d+\)")
"""What Python adds to the system's own words for an error; it tells users nothing."""

_SAVE = "save it to a file and name that"
_MEDIA = {"text/csv": ".csv", "application/jsonl": ".jsonl", "application/x-ndjson": ".ndjson"}
"""Media types of the formats that cannot be recognised by their first character, with the ending for each."""


def is_address(name: str) -> bool:
    """Whether *name* is meant as an http(s) address, not as a file."""
    return name.casefold().startswith(("http://", "https://"))


def fetch(address: str, seconds: float = SECONDS) -> Content:
    """Return the answer of an address, which has at most *seconds* for all of it.

    Raises ImportingError, whose place is the address without its password: the address is none, cannot be reached,
    answers with an error, too much or too slowly, or redirects to where it must not.
    """
    task = _Fetch(address, seconds)
    outcome: queue.SimpleQueue[Content | Exception] = queue.SimpleQueue()

    def work() -> None:
        try:
            outcome.put(task.run())
        except Exception as error:  # noqa: BLE001 - raised again below, whatever it is
            outcome.put(error)

    # A thread, since no time-out ends getaddrinfo(), and httpx's starts anew with each byte, so that headers which come
    # one byte at a time would never be too slow. Left behind, it holds no more than one answer may have, and as a
    # daemon keeps nobody waiting.
    threading.Thread(target=work, daemon=True).start()
    try:
        answer = outcome.get(timeout=seconds)
    except queue.Empty:
        raise task.too_slow() from None
    if isinstance(answer, Exception):
        raise answer
    return answer


class _Fetch:
    """One fetch: the address that the user typed, when it has to end, and the addresses looked up for each host.

    *place* is the address without its password, as one printable line, for messages. Raises ImportingError for an
    address that is none.
    """

    def __init__(self, address: str, seconds: float) -> None:
        self._seconds, self._end = seconds, time.monotonic() + seconds
        self._hosts: dict[str, list[str]] = {}
        try:
            self._typed = _url(address)
        except ValueError as error:
            # What cannot be parsed may have its password anywhere: all up to the last `@` is taken for it.
            place = re.sub(r"(?<=://)\S*@", "***@", _line(address))[:_SHOWN]
            raise ImportingError(place, f"is no usable http address ({error})", "correct it") from None
        self.place = re.sub(r"(?<=://)[^/?#\\]*@", "***@", _line(address))[:_SHOWN]

    def too_slow(self) -> ImportingError:
        """Return the error for an answer that is not there in time."""
        return ImportingError(self.place, f"was not there in full within {self._seconds:g} seconds", _SAVE)

    def run(self) -> Content:
        """Return the answer at the end of at most ten redirects. Raises ImportingError."""
        import httpx  # noqa: PLC0415 - 100 ms that only an address needs

        url = self._typed
        try:
            for _ in range(_REDIRECTS + 1):
                with self._answer(url) as response:
                    if not response.has_redirect_location:
                        return self._content(url, response)
                    url = self._next(url, response.headers["location"])
        except httpx.TimeoutException as error:
            raise self.too_slow() from error
        except httpx.HTTPError as error:
            raise self._unfetched(str(error) or type(error).__name__) from error
        except decoding.Unreadable as error:
            raise self._unfetched(str(error)) from error
        raise self._unfetched(f"it redirects more than {_REDIRECTS} times")

    def _unfetched(self, problem: str) -> ImportingError:
        """Return the error for an address that cannot be fetched; *problem* may hold a stranger's words."""
        return ImportingError(self.place, f"cannot be fetched ({_INTERNAL.sub('', _line(problem))[:200]})", _SAVE)

    def _next(self, url: httpx.URL, location: str) -> httpx.URL:
        """Return where a redirect leads; a relative location is resolved (RFC 9110, 10.2.2).

        Raises ImportingError for a location that is no http(s) address, and for one that leads from https to http.
        """
        import httpx  # noqa: PLC0415 - loaded already

        # Without the credentials, which a relative location would take over from the address that it is joined to.
        try:
            following = _url(str(url.copy_with(userinfo=b"").join(location.strip())))
        except (httpx.InvalidURL, ValueError) as error:
            raise self._unfetched(f"it redirects to something that is no http address: {error}") from None
        if url.scheme == "https" and following.scheme == "http":
            raise self._unfetched("it redirects from https to http, where anybody may change what comes")
        return following

    @contextmanager
    def _answer(self, url: httpx.URL) -> Iterator[httpx.Response]:
        """Lend the answer of the first of a host's addresses that can be connected to; it is closed afterwards.

        Raises ImportingError for a proxy that cannot be used, httpx.ConnectError where no address can be reached.
        """
        import httpx  # noqa: PLC0415 - loaded already

        proxy = _proxy(url)
        machines = self._machines(url, is_named=bool(proxy))[:_HOSTS_TRIED]
        try:
            transport = httpx.HTTPTransport(proxy=proxy, limits=httpx.Limits(max_keepalive_connections=0))
        # A SOCKS proxy needs a package that may not be installed; the environment may hold any text.
        except (ImportError, ValueError) as error:
            raise self._unfetched(f"the proxy of this machine cannot be used: {error}") from error
        # The bare transport: a client would add headers, cookies and proxies of its own choice.
        with transport:
            for number, machine in enumerate(machines, start=1):
                try:
                    response = transport.handle_request(self._request(url, machine, len(machines) + 1 - number))
                except (httpx.ConnectError, httpx.ConnectTimeout):
                    if number == len(machines):
                        raise
                    continue
                try:
                    yield response
                finally:
                    response.close()
                return

    def _machines(self, url: httpx.URL, *, is_named: bool) -> list[str]:
        """Return the IP addresses to connect to for *url*; each host is looked up once a fetch.

        With *is_named* there is a proxy, which looks names up by itself: the host is returned as it is, and only its
        spelling is checked. Raises ImportingError for a host without an address, and for one that the user did not type
        unless all its addresses are public.
        """
        host = url.raw_host.decode("ascii")
        is_typed = host == self._typed.raw_host.decode("ascii")
        if is_named:
            if not is_typed and is_plainly_local(host):
                raise self._not_public(host)
            return [host]
        if host not in self._hosts:
            try:
                self._hosts[host] = addresses(host, url.port or 0)
            except (OSError, UnicodeError) as error:
                raise self._unfetched(f"no host is called {host}: {getattr(error, 'strerror', error)}") from error
        machines = self._hosts[host]
        # All, not any: a hostile name may have a public address beside a local one and hope for the second try.
        if not is_typed and not all(map(is_public, machines)):
            raise self._not_public(host)
        return machines

    def _not_public(self, host: str) -> ImportingError:
        """Return the error for a redirect to *host*."""
        problem = f"redirects to {_line(host)[:100]}, which is no public address"
        return ImportingError(self.place, problem, "name that address yourself if it is meant")

    def _request(self, url: httpx.URL, machine: str, tries: int) -> httpx.Request:
        """Return the request for *url* to the address *machine*; *tries* connections share the time that is left."""
        import httpx  # noqa: PLC0415 - loaded already

        left = max(0.1, self._end - time.monotonic())
        headers = {"User-Agent": "heat-digest", "Accept": "*/*", "Accept-Encoding": "gzip"}
        # The connection goes to an IP address, so that it is the one that was checked. The name goes into the header,
        # and below to TLS, which asks for that name's certificate.
        headers["Host"] = url.netloc.decode("ascii")
        typed = self._typed
        # The password is for this scheme, host and port alone: a redirect must not carry it elsewhere.
        if typed.userinfo and (url.scheme, url.netloc) == (typed.scheme, typed.netloc):
            credentials = httpx.BasicAuth(typed.username, typed.password)
            asked = next(credentials.auth_flow(httpx.Request("GET", url)))
            headers["Authorization"] = asked.headers["Authorization"]
        timeout = {"connect": left / tries, "read": left, "write": left, "pool": left}
        return httpx.Request(
            "GET",
            url.copy_with(host=machine, userinfo=b"", fragment=None),
            headers=headers,
            extensions={"timeout": timeout, "sni_hostname": url.raw_host.decode("ascii")},
        )

    def _content(self, url: httpx.URL, response: httpx.Response) -> Content:
        """Return the content of the last answer, which came from *url*. Raises ImportingError for a status of failure.

        Its ending is that of the typed address, else of *url*, else by the media type; "" where none is known.
        """
        if not response.is_success:
            # The standard phrase, not the server's, which a stranger may have written.
            phrase = http.HTTPStatus(response.status_code).phrase if response.status_code in _STATUSES else ""
            raise self._unfetched(f"it answers {response.status_code} {phrase}".rstrip())
        kind = response.headers.get("content-type", "")
        charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", kind)
        endings = [ending(self._typed.path), ending(url.path), _MEDIA.get(kind.partition(";")[0].strip().lower(), "")]
        return Content(
            place=self.place,
            data=self._body(response),
            ending=next((ending for ending in endings if ending in KNOWN), ""),
            charset=charset[1] if charset else "",
            address=str(url.copy_with(userinfo=b"", fragment=None)),
        )

    def _body(self, response: httpx.Response) -> bytes:
        """Return the body, unpacked. Raises ImportingError where it is too large or too slow, and Unreadable."""
        pieces: list[bytes] = []
        size = 0
        codings = response.headers.get("content-encoding", "")
        for piece in decoding.unpacked(self._in_time(response), codings):
            size += len(piece)
            pieces.append(piece)
            if size > MOST_BYTES:
                raise too_large(self.place)
            if time.monotonic() > self._end:
                raise self.too_slow()
        return b"".join(pieces)

    def _in_time(self, response: httpx.Response) -> Iterator[bytes]:
        """Yield the body as it travels, still packed. Raises ImportingError where it is too large or too slow."""
        # iter_raw, since iter_bytes unpacks a piece at once, whatever comes out of it. The size counts here as well as
        # unpacked: empty blocks of gzip go on for ever and come to nothing.
        size = 0
        for piece in response.iter_raw():
            size += len(piece)
            if size > MOST_BYTES:
                raise too_large(self.place)
            if time.monotonic() > self._end:
                raise self.too_slow()
            yield piece


_STATUSES = frozenset(status.value for status in http.HTTPStatus)


def _url(address: str) -> httpx.URL:
    """Return an http(s) address as httpx takes it apart. Raises ValueError with a few words of why it is none.

    Stricter than httpx: no blanks or control characters anywhere, a host, its labels of 1 to 63 characters (RFC 1035,
    2.3.4), a port from 1 to 65535.
    """
    import httpx  # noqa: PLC0415 - loaded already, or soon

    if any(sign.isspace() or not sign.isprintable() for sign in address):
        raise ValueError("it holds blanks or control characters")
    try:
        url = httpx.URL(address)
        host = url.raw_host.decode("ascii")
    except (httpx.InvalidURL, UnicodeError) as error:
        raise ValueError(_line(str(error))[:100]) from None
    if url.scheme not in {"http", "https"}:
        raise ValueError(f"it begins with {_line(url.scheme)[:20]}://")
    if not host:
        raise ValueError("it names no host")
    if ":" not in host and not all(0 < len(label) < 64 for label in host.removesuffix(".").split(".")):
        raise ValueError("a part of its host's name is empty or too long")
    if url.port is not None and not 0 < url.port < 65536:
        raise ValueError("it has an impossible port")
    return url


def _proxy(url: httpx.URL) -> str | None:
    """Return the proxy that the environment (on Windows and macOS the system, too) names for *url*; None for none.

    NO_PROXY is heeded; a proxy without a scheme is one of http.
    """
    import urllib.request  # noqa: PLC0415 - only an address needs it, and httpx has loaded most of it

    proxies = urllib.request.getproxies()
    if urllib.request.proxy_bypass(url.raw_host.decode("ascii")):
        return None
    proxy = proxies.get(url.scheme) or proxies.get("all")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


def _line(text: str) -> str:
    """Return *text* as one line of printable characters, so that no server can send escape sequences to a terminal."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


# Azure's WireServer, which hands a virtual machine its own configuration. By its number it is public, so no library
# takes it for special.
_METADATA = frozenset({ipaddress.ip_address("168.63.129.16")})
"""Addresses of the public range that answer only inside a cloud provider's network, about its machines."""

_SPECIAL = (
    # IETF protocol assignments (RFC 6890), used by some providers for their own services; is_global is right from
    # 3.12.4.
    ipaddress.ip_network("192.0.0.0/24"),
    # NAT64 within one network (RFC 8215): what it leads to is that network's.
    ipaddress.ip_network("64:ff9b:1::/48"),
)
"""Networks that are not public, though some version of Python takes them for global."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""The well-known prefix of NAT64 (RFC 6052): the last 32 bits are an IPv4 address."""

_COMPATIBLE = ipaddress.ip_network("::/96")
"""IPv4-compatible addresses (RFC 4291, 2.5.5.1), out of use, but some systems still route them."""


def is_public(address: str) -> bool:
    """Whether an IP address, in text with or without a zone, belongs to the open internet.

    Loopback, private, shared (CGNAT, RFC 6598), link-local, site-local, multicast and reserved addresses do not, nor do
    IPv6 addresses that lead to such an IPv4 address. False for a text that is no IP address.
    """
    try:
        number = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(number, ipaddress.IPv6Address):
        inner = _wrapped(number)
        if inner is not None:
            return is_public(str(inner))
        # fec0::/10 is deprecated (RFC 3879), and Python calls it global; networks that have it use it as private.
        if number.is_site_local:
            return False
    if number in _METADATA or any(number in network for network in _SPECIAL):
        return False
    return number.is_global and not number.is_multicast and not number.is_reserved


def _wrapped(number: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 one leads to; None where it leads to none.

    Known are IPv4-mapped and -compatible addresses, 6to4 (RFC 3056), Teredo (RFC 4380) and NAT64 (RFC 6052).
    """
    if number.ipv4_mapped or number.sixtofour:
        return number.ipv4_mapped or number.sixtofour
    if number.teredo:
        return number.teredo[1]
    if number in _NAT64 or number in _COMPATIBLE:
        return ipaddress.IPv4Address(int(number) & 0xFFFFFFFF)
    return None


def addresses(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host, each once, in the system's order of preference (RFC 6724).

    Raises OSError where it has none, UnicodeError for what can be no name. May take as long as the system likes.
    """
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def is_plainly_local(host: str) -> bool:
    """Whether a host is local by its spelling alone, without any look-up.

    Such are localhost (RFC 6761), names in .local (RFC 6762) and .internal, and IP addresses that are not public.
    """
    if host.rstrip(".").endswith(("localhost", ".local", ".internal")):
        return True
    # The system reads more spellings of an IPv4 address than ipaddress does, such as 127.1 and 0x7f000001, and a proxy
    # may read them as well. An error means that it is a name.
    try:
        answers = socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except OSError:
        return False
    return not all(is_public(str(answer[4][0])) for answer in answers)
