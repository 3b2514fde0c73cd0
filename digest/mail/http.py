"""Calls to a service's API: timeouts, retries that cannot send twice, and what an answer means for the run.

- A call that may be repeated without harm (`Request.again`) is repeated when the service is overloaded, not before the
  time that it names (Retry-After; RFC 9110, 10.2.3).
- A call that makes or sends something is made once. A lost answer to it is a NoAnswer, never a second try. The one
  answer after which it is made again is a 429 that says when: the service has refused it unread.
- TLS is verified. Redirects are not followed, because they would carry the key to another host.
- Error messages hold the service's words with every secret taken out.

`Client.call` is for calls about a campaign, `post` for batches of messages, whose errors are those of `delivery`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from digest.errors import NoAnswer, SendingError
from digest.mail.delivery import Lost, Refused, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from digest.mail.delivery import Clock
    from digest.mail.options import SecretValue


# Seconds that a run waits because a service asks for it. For longer it ends, and says from when on to start the next.
LONGEST_WAIT = 120

# Thirty years, in seconds: as good as more, and still a time that a calendar can name.
_AGES = 1e9

_TRIES = 3

# Answers after which the same call may succeed later: too many requests, and errors of the server or of a proxy.
_OVERLOADED = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call to a service.

    *path* is what follows the base address; *json* or *form* is the body. *again*: it may be made twice without harm.
    """

    method: str
    path: str
    json: Any = None
    form: Sequence[tuple[str, str]] = ()
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    again: bool = False


def get(path: str, *query: tuple[str, str]) -> Request:
    """Return a call that only reads, and so may be repeated."""
    return Request(method="GET", path=path, query=query, again=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer. *body* is its JSON, None where it is no JSON; *retry_after* is the header of that name, as it came."""

    status: int
    retry_after: str = ""
    body: Any = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How a service knows us: by *headers*, or by *basic* (user, password). *secrets* are kept out of messages."""

    headers: Mapping[str, str] = field(default_factory=dict)
    basic: tuple[str, str] | None = None
    secrets: tuple[SecretValue, ...] = ()


class NotSent(SendingError):
    """The call did not leave: the service has seen nothing of it."""


class Client:
    """A connection to one service, for one thread at a time. Close it when done.

    *base* is the address of the API, without a slash at the end; *timeout*, in seconds, is for connecting and for each
    read. Waits go by the caller's *clock*.
    """

    def __init__(self, base: str, access: Access, *, clock: Clock, timeout: float = 30) -> None:
        import httpx  # noqa: PLC0415 - 100 ms that only a call to a service needs

        self._base, self._access, self._clock = base, access, clock
        self._http = httpx.Client(
            headers={"User-Agent": "heat-digest", **access.headers},
            auth=access.basic,
            timeout=timeout,
            follow_redirects=False,
        )

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def call(self, request: Request) -> Response:
        """Return the answer, whose status is below 300.

        Raises NoAnswer where it got lost, so that nobody knows whether the call was carried out, else SendingError.
        """
        for number in range(1, _TRIES + 1):
            backoff, last = 2.0 ** (number - 1), number == _TRIES
            try:
                response = self.exchange(request)
            except SendingError:
                if last or not request.again:
                    raise
            else:
                if response.status < 300:
                    return response
                asked = self.seconds_asked(response)
                # A 429 with Retry-After was refused unread, so even a call that sends may be made again then.
                again = request.again or (response.status == 429 and asked > 0)
                if last or not again or response.status not in _OVERLOADED or asked > LONGEST_WAIT:
                    raise self._refusal(request, response)
                backoff = max(backoff, asked)
            self._clock.wait(backoff)
        raise AssertionError  # the last try returned or raised

    def seconds_asked(self, response: Response) -> float:
        """Return for how many seconds the service asks to be left alone; 0 where it does not say so in a known form.

        Retry-After holds seconds or a date (RFC 9110, 10.2.3). A date that is past asks for nothing.
        """
        value = response.retry_after.strip()
        if value.isascii() and value.isdigit():
            return min(float(value), _AGES)
        try:
            moment = parsedate_to_datetime(value)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return min(max(0.0, moment.timestamp() - self._clock.now()), _AGES)
        except (ValueError, OverflowError):
            return 0

    def when(self, response: Response) -> str:
        """Return from when on the service takes calls again, in words: the time in UTC, or `later`."""
        asked = self.seconds_asked(response)
        if not asked:
            return "later"
        # Rounded up to the minute: a call before that time would be refused again.
        minute = math.ceil((self._clock.now() + asked) / 60) * 60
        return f"after {datetime.fromtimestamp(minute, UTC):%Y-%m-%d %H:%M} UTC"

    def exchange(self, request: Request) -> Response:
        """Make the call once and return any answer. Raises NotSent or NoAnswer where there is none."""
        import httpx  # noqa: PLC0415 - loaded already

        place = f"{request.method} {self._base}{request.path}"
        try:
            raw = self._http.request(
                request.method,
                self._base + request.path,
                params=list(request.query) or None,
                json=request.json,
                data=_grouped(request.form) or None,
                headers=dict(request.headers),
            )
        # These three happen before a byte of the call has left; after any other it may have been carried out. `from
        # None`: an exception of httpx holds its request, with the key among the headers.
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            problem = self._clean(str(error) or "no connection in time")
            raise NotSent(place, f"cannot be reached ({problem})", "try again later") from None
        except httpx.TransportError as error:
            problem = type(error).__name__
            raise NoAnswer(place, f"did not answer ({problem})", "run the same command again: it looks first") from None
        retry_after = raw.headers.get("Retry-After", "")
        return Response(status=raw.status_code, body=_json(raw), text=raw.text, retry_after=retry_after)

    def words(self, response: Response) -> str:
        """Return what the service says, without secrets, as one line of at most 300 characters."""
        return self._clean(response.text)[:300] or "no words"

    def _refusal(self, request: Request, response: Response) -> SendingError:
        """Return the error that an answer of 300 and above means, with its remedy."""
        place = f"{request.method} {self._base}{request.path}"
        reason = self.words(response)
        if response.status in {401, 403}:
            return SendingError(place, f"refuses our key ({response.status}: {reason})", "check the key and its rights")
        if response.status == 429:
            return SendingError(place, "takes no more calls for now (429)", f"try again {self.when(response)}")
        # A server that stumbled may have carried the call out all the same.
        if response.status >= 500 and not request.again:
            problem = f"failed ({response.status}: {reason})"
            return NoAnswer(place, problem, "run the same command again: it looks first")
        if response.status in _OVERLOADED and self.seconds_asked(response):
            return SendingError(place, f"answers {response.status}: {reason}", f"try again {self.when(response)}")
        return SendingError(place, f"answers {response.status}: {reason}", "mend it and try again")

    def _clean(self, text: str) -> str:
        """Return *text* on one printable line, with every secret replaced: some services echo the key they refuse."""
        for secret in self._access.secrets:
            text = text.replace(secret.reveal(), "***")
        return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _grouped(form: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Return *form* as httpx takes it: a key that comes several times has a list, in order."""
    grouped: dict[str, list[str]] = {}
    for name, value in form:
        grouped.setdefault(name, []).append(value)
    return grouped


def _json(raw: Any) -> Any:  # noqa: ANN401 - whatever the service says
    try:
        return raw.json()
    except ValueError:
        return None


def post(client: Client, request: Request, sending: Callable[[], None]) -> Response:
    """Make the call once and return a good answer. Calls *sending* before it. Raises Unreachable, Refused or Lost.

    These are the errors of a `delivery.Connection`: nothing was handed over, the service refuses us, nobody can tell.
    """
    sending()
    try:
        response = client.exchange(request)
    except NotSent as error:
        raise Unreachable(str(error)) from error
    except NoAnswer as error:
        raise Lost(str(error)) from error
    if response.status < 300:
        return response
    reason = client.words(response)
    if response.status == 429:
        asked = client.seconds_asked(response)
        if asked > LONGEST_WAIT:
            raise Refused(f"takes calls again {client.when(response)} (429: {reason})")
        raise Unreachable(f"takes no more calls for now (429): {reason}", after=asked)
    if response.status >= 500:
        # A server that stumbled may have sent the messages all the same.
        raise Lost(f"failed ({response.status}): {reason}")
    raise Refused(f"answers {response.status}: {reason}")
