"""One http(s) URL to its bytes, within bounds, and never from a machine of the local network.

Who answers may be hostile, or be led by somebody who is: the answer's size is bounded unpacked, the time is bounded as
a whole (name, connection, redirects and body together), and a redirect reaches public addresses only, so that nobody
can make us read what only this machine can reach. The user himself may name any address, also a local one.
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
"""What a fetch may take, from the look-up of the name to the last byte."""

_REDIRECTS = 10
_HOSTS_TRIED = 4
_SHOWN = 300
"""Characters of an address in messages."""

_INTERNAL = re.compile(r"\[Errno -?\d+\] | \(_ssl\.c:\d+\)")
"""What Python adds to the words of the system."""

_SAVE = "save it to a file and name that"
_MEDIA = {"text/csv": ".csv", "application/jsonl": ".jsonl", "application/x-ndjson": ".ndjson"}
"""What a server says of formats that cannot be told by their first character."""


def is_address(name: str) -> bool:
    """Whether *name* is meant as an http(s) address, not as a file."""
    return name.casefold().startswith(("http://", "https://"))


def fetch(address: str, seconds: float = SECONDS) -> Content:
    """Return what an address answers. Raises ImportingError, whose place is the address without its password."""
    task = _Fetch(address, seconds)
    outcome: queue.SimpleQueue[Content | Exception] = queue.SimpleQueue()

    def work() -> None:
        try:
            outcome.put(task.run())
        except Exception as error:  # noqa: BLE001 - raised again below, whatever it is
            outcome.put(error)

    # A thread, since nothing ends the look-up of a name, or an answer whose headers come byte by byte. Left behind, it
    # holds no more than one answer may have and keeps nobody waiting.
    threading.Thread(target=work, daemon=True).start()
    try:
        answer = outcome.get(timeout=seconds)
    except queue.Empty:
        raise task.too_slow() from None
    if isinstance(answer, Exception):
        raise answer
    return answer


class _Fetch:
    """One fetch: where it began, when it has to end, and which addresses each host was seen to have."""

    def __init__(self, address: str, seconds: float) -> None:
        self._seconds, self._end = seconds, time.monotonic() + seconds
        self._hosts: dict[str, list[str]] = {}
        try:
            self._typed = _url(address)
        except ValueError as error:
            place = re.sub(r"(?<=://)\S*@", "***@", _line(address))[:_SHOWN]  # the password may reach to any `@`
            raise ImportingError(place, f"is no usable http address ({error})", "correct it") from None
        self.place = re.sub(r"(?<=://)[^/?#\\]*@", "***@", _line(address))[:_SHOWN]

    def too_slow(self) -> ImportingError:
        """Return the error for an answer that is not there in time."""
        return ImportingError(self.place, f"was not there in full within {self._seconds:g} seconds", _SAVE)

    def run(self) -> Content:
        """Return the answer, which a server gives at the end of at most ten redirects."""
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
        return ImportingError(self.place, f"cannot be fetched ({_INTERNAL.sub('', _line(problem))[:200]})", _SAVE)

    def _next(self, url: httpx.URL, location: str) -> httpx.URL:
        """Return where a redirect leads. Raises ImportingError where nobody should follow it."""
        import httpx  # noqa: PLC0415 - loaded already

        try:
            following = _url(str(url.copy_with(userinfo=b"").join(location.strip())))
        except (httpx.InvalidURL, ValueError) as error:
            raise self._unfetched(f"it redirects to something that is no http address: {error}") from None
        if url.scheme == "https" and following.scheme == "http":
            raise self._unfetched("it redirects from https to http, where anybody may change what comes")
        return following

    @contextmanager
    def _answer(self, url: httpx.URL) -> Iterator[httpx.Response]:
        """Lend the answer of the first of a host's machines that can be reached."""
        import httpx  # noqa: PLC0415 - loaded already

        proxy = _proxy(url)
        machines = self._machines(url, is_named=bool(proxy))[:_HOSTS_TRIED]
        try:
            transport = httpx.HTTPTransport(proxy=proxy, limits=httpx.Limits(max_keepalive_connections=0))
        except (ImportError, ValueError) as error:  # a proxy of a kind that is not installed, or none at all
            raise self._unfetched(f"the proxy of this machine cannot be used: {error}") from error
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
        """Return the IP addresses to ask for *url*: looked up once, and asked as they were checked.

        Behind a proxy it is the proxy that looks up names, so the host itself is returned.
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
        if not is_typed and not all(map(is_public, machines)):
            raise self._not_public(host)
        return machines

    def _not_public(self, host: str) -> ImportingError:
        problem = f"redirects to {_line(host)[:100]}, which is no public address"
        return ImportingError(self.place, problem, "name that address yourself if it is meant")

    def _request(self, url: httpx.URL, machine: str, tries: int) -> httpx.Request:
        import httpx  # noqa: PLC0415 - loaded already

        left = max(0.1, self._end - time.monotonic())
        headers = {"User-Agent": "heat-digest", "Accept": "*/*", "Accept-Encoding": "gzip"}
        headers["Host"] = url.netloc.decode("ascii")
        typed = self._typed
        if typed.userinfo and (url.scheme, url.netloc) == (typed.scheme, typed.netloc):  # for nobody else
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
        if not response.is_success:
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
        )

    def _body(self, response: httpx.Response) -> bytes:
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
    """Return an http(s) address, taken apart. Raises ValueError with a few words of why it is none."""
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
    """Return the proxy that the environment names for an address."""
    import urllib.request  # noqa: PLC0415 - only an address needs it, and httpx has loaded most of it

    proxies = urllib.request.getproxies()
    if urllib.request.proxy_bypass(url.raw_host.decode("ascii")):
        return None
    proxy = proxies.get(url.scheme) or proxies.get("all")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


def _line(text: str) -> str:
    """Return *text* as one line that a terminal can show: what servers say is written by strangers."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


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
