"""Amazon SES v2: one whole MIME message a reader (SendEmail, Content.Raw), through boto3, the extra `ses`.

boto3 repeats nothing here: a call whose answer got lost may have sent the message. SES writes Date and Message-ID anew
when it accepts a message, so a signature of ours must not cover them. No ListManagementOptions are given, so that it
adds no unsubscribe header or link of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digest.errors import SendingError
from digest.mail.built import Able
from digest.mail.delivery import Lost, Outcome, Refused, Transport, Unreachable
from digest.mail.options import Known, Options, base_address

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.mail.built import BuiltIssue, Reader, Writer

ABLE = Able(text=True, preheader=False, headers=True, schedule=False, test=True)
OPTIONS = (
    Known(name="region"),
    Known(name="key_id", default="", secret=True),
    Known(name="key", default="", secret=True),
    Known(name="base", default=""),
    Known(name="configuration_set", default=""),
    Known(name="timeout", default="30"),
)
REWRITES = ("date", "message-id")
"""Headers that SES writes anew (its guide, "Manual DKIM signing")."""

_SOFT = frozenset({"TooManyRequestsException", "LimitExceededException", "Throttling", "ThrottlingException"})
_OURS = frozenset(
    {
        "MessageRejected",  # an identity that is not verified, or a message that SES finds dangerous
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


def line(options: Options, letter: BuiltIssue, write: Writer, *, insecure: bool) -> Transport:
    """Return how to reach it. Raises SendingError where boto3 is not installed."""
    try:
        import boto3  # noqa: PLC0415 - an extra, and a slow one
        from botocore.config import Config  # noqa: PLC0415 - likewise
    except ImportError as error:
        raise SendingError(
            f"targets.{options.name}", "needs the extra ses", "pip install 'heat-digest[ses]'"
        ) from error
    name, value = options.secret("key_id"), options.secret("key")
    seconds = options.number("timeout")
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=seconds, read_timeout=seconds)
    session = boto3.session.Session(
        aws_access_key_id=name.reveal() if name else None,
        aws_secret_access_key=value.reveal() if value else None,
        region_name=options.text("region"),
    )
    base = base_address(options, insecure=insecure) if options.text("base") else None

    def connect() -> _SesConnection:
        client = session.client("sesv2", config=config, endpoint_url=base)
        return _SesConnection(client, letter.sender, options.text("configuration_set"), write)

    return Transport(connect)


class _SesConnection:
    def __init__(self, client: Any, sender: str, configuration: str, write: Writer) -> None:  # noqa: ANN401 - boto3 has no types
        self._client, self._sender, self._configuration, self._write = client, sender, configuration, write

    def carry(self, readers: Sequence[Reader], sending: Callable[[], None]) -> list[Outcome]:
        """Hand over one message."""
        from botocore import exceptions  # noqa: PLC0415 - loaded already

        [reader] = readers
        call = request(self._sender, self._configuration, reader.address, self._write(reader))
        sending()
        try:
            answer = self._client.send_email(**call)
        except exceptions.ClientError as error:
            return [_refusal(error.response)]
        except (exceptions.EndpointConnectionError, exceptions.ConnectTimeoutError) as error:
            raise Unreachable("SES cannot be reached") from error
        except exceptions.HTTPClientError as error:
            raise Lost(f"no answer from SES ({type(error).__name__})") from error
        except exceptions.BotoCoreError as error:
            raise Refused(f"SES: {error}") from error
        return [Outcome(state="sent", reply=str(answer["MessageId"]))]

    def close(self) -> None:
        """Hang up."""
        self._client.close()


def request(sender: str, configuration: str, address: str, message: bytes) -> dict[str, Any]:
    """Return the arguments of SendEmail."""
    more = {"ConfigurationSetName": configuration} if configuration else {}
    return {
        "FromEmailAddress": sender,
        "Destination": {"ToAddresses": [address]},
        "Content": {"Raw": {"Data": message}},
        **more,
    }


def _refusal(response: dict[str, Any]) -> Outcome:
    code, reason = response["Error"]["Code"], str(response["Error"].get("Message", ""))[:200]
    status = int(response["ResponseMetadata"]["HTTPStatusCode"])
    if code in _OURS:
        raise Refused(f"SES refuses us: {code}: {reason}")
    soft = code in _SOFT or status >= 500
    return Outcome(state="deferred" if soft else "failed", reply=f"{code}: {reason}")
