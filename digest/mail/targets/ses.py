"""Amazon SES v2: one whole MIME message a reader (SendEmail, Content.Raw), through boto3, the extra `ses`.

boto3 repeats nothing here: a call whose answer got lost may have sent the message. SES writes Date and Message-ID anew
when it accepts a message, so a signature of ours must not cover them. No ListManagementOptions are given, so that it
adds no unsubscribe header or link of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digest.errors import SendingError
from digest.mail.target import (
    Able,
    Known,
    Lost,
    Outcome,
    ReaderTarget,
    Refused,
    Transport,
    Unreachable,
    base_address,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.mail.target import Reader, Writer

# Codes after which SES takes the message later. A status of 500 and above says the same.
_SOFT = frozenset({"TooManyRequestsException", "LimitExceededException", "Throttling", "ThrottlingException"})
# Codes that are about the account, the sender or the login: the run stops before it burns the list.
_OURS = frozenset(
    {
        # An identity that is not verified, or a message that SES finds dangerous.
        "MessageRejected",
        "AccountSuspendedException",
        "SendingPausedException",
        "MailFromDomainNotVerifiedException",
        "NotFoundException",
        "AccessDeniedException",
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "ExpiredTokenException",
    }
)


class Ses(ReaderTarget):
    """Messages at Amazon SES.

    Without `key_id` and `key` boto3 looks for credentials where it always does: its own variables and files, or the
    role of the machine. `base` is another endpoint, such as a fake; `configuration_set` is SES's name for what it is to
    do with bounces and complaints.
    """

    ABLE = Able(text=True, preheader=False, headers=True, schedule=False, test=True, editions=True)
    OPTIONS = (
        Known(name="region"),
        Known(name="key_id", default="", secret=True),
        Known(name="key", default="", secret=True),
        Known(name="base", default=""),
        Known(name="configuration_set", default=""),
        Known(name="timeout", default="30"),
    )
    # By the SES developer guide, "Manual DKIM signing".
    REWRITES = ("date", "message-id")

    def line(self, write: Writer, *, insecure: bool) -> Transport:
        """Return how to reach it. Raises SendingError where boto3 is not installed.

        Each connection has a client of its own, so that one that breaks breaks no other.
        """
        options = self.options
        try:
            import boto3  # noqa: PLC0415 - an extra, and a slow one
            from botocore.config import Config  # noqa: PLC0415 - likewise
        except ImportError as error:
            place, remedy = f"targets.{options.name}", "pip install 'heat-digest[ses]'"
            raise SendingError(place, "needs the extra ses", remedy) from error
        name, value = options.secret("key_id"), options.secret("key")
        seconds = options.number("timeout")
        # One attempt: boto3 repeats a call by itself whose answer got lost, and that one may have sent the message.
        config = Config(retries={"total_max_attempts": 1}, connect_timeout=seconds, read_timeout=seconds)
        session = boto3.session.Session(
            aws_access_key_id=name.reveal() if name else None,
            aws_secret_access_key=value.reveal() if value else None,
            region_name=options.text("region"),
        )
        base = base_address(options, insecure=insecure) if options.text("base") else None

        def connect() -> _SesConnection:
            client = session.client("sesv2", config=config, endpoint_url=base)
            return _SesConnection(client, self.letter.sender, options.text("configuration_set"), write)

        return Transport(connect)


class _SesConnection:
    """One client of boto3, for one thread; *write* makes a reader's message."""

    def __init__(self, client: Any, sender: str, configuration: str, write: Writer) -> None:  # noqa: ANN401 - boto3 has no types
        self._client, self._sender, self._configuration, self._write = client, sender, configuration, write

    def carry(self, readers: Sequence[Reader], sending: Callable[[], None]) -> list[Outcome]:
        """Hand over one message. Raises Unreachable, Lost or Refused, by what botocore says of the call."""
        from botocore import exceptions  # noqa: PLC0415 - loaded already

        [reader] = readers
        call = request(self._sender, self._configuration, reader.address, self._write(reader))
        sending()
        try:
            answer = self._client.send_email(**call)
        except exceptions.ClientError as error:
            return [_refusal(error.response)]
        # Before the other errors of HTTP, of which these two are: here no byte of the message has left.
        except (exceptions.EndpointConnectionError, exceptions.ConnectTimeoutError) as error:
            raise Unreachable("SES cannot be reached") from error
        except exceptions.HTTPClientError as error:
            raise Lost(f"no answer from SES ({type(error).__name__})") from error
        except exceptions.BotoCoreError as error:
            raise Refused(f"SES: {error}") from error
        return [Outcome(state="sent", reply=str(answer["MessageId"]))]

    def close(self) -> None:
        """Close the client's connections."""
        self._client.close()


def request(sender: str, configuration: str, address: str, message: bytes) -> dict[str, Any]:
    """Return the arguments of SendEmail for a raw *message* to one *address*.

    *sender* is the From address, which has to be verified at SES; *configuration* names a configuration set, or is
    empty.
    """
    more = {"ConfigurationSetName": configuration} if configuration else {}
    return {
        "FromEmailAddress": sender,
        "Destination": {"ToAddresses": [address]},
        "Content": {"Raw": {"Data": message}},
        **more,
    }


def _refusal(response: dict[str, Any]) -> Outcome:
    """Return what an error of SES means for one reader. Raises Refused for one that is about us."""
    code, reason = response["Error"]["Code"], str(response["Error"].get("Message", ""))[:200]
    status = int(response["ResponseMetadata"]["HTTPStatusCode"])
    if code in _OURS:
        raise Refused(f"SES refuses us: {code}: {reason}")
    soft = code in _SOFT or status >= 500
    return Outcome(state="deferred" if soft else "failed", reply=f"{code}: {reason}")
