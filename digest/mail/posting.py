"""One call that sends messages, and what its answer means for the run. Knows HTTP statuses, not services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.errors import NoAnswer
from digest.mail.delivery import Lost, Refused, Unreachable
from digest.mail.http import LONGEST_WAIT, NotSent

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.mail.http import Client, Request, Response


def post(client: Client, request: Request, sending: Callable[[], None]) -> Response:
    """Make the call once and return a good answer. Raises Unreachable, Refused or Lost."""
    sending()
    try:
        response = client.exchange(request)
    except NotSent as error:
        raise Unreachable(str(error)) from error
    except NoAnswer as error:
        raise Lost(str(error)) from error
    if response.status < 300:
        return response
    words = client.words(response)
    if response.status == 429:
        asked = client.seconds_asked(response)
        if asked > LONGEST_WAIT:
            raise Refused(f"takes calls again {client.when(response)} (429: {words})")
        raise Unreachable(f"takes no more calls for now (429): {words}", after=asked)
    if response.status >= 500:  # a server that stumbled may have sent it all the same
        raise Lost(f"failed ({response.status}): {words}")
    raise Refused(f"answers {response.status}: {words}")
