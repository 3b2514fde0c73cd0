from __future__ import annotations

import base64
import re
import time
from typing import TYPE_CHECKING

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st
from mailroom import Mailroom, Time, date_of
from test_mail_pieces import letter

from digest.config.values import DkimPlan, Secret, SendPlan
from digest.errors import SendingError, SettingsError
from digest.mail.built import Reader
from digest.mail.dkim import COVERED, signer
from digest.mail.targets.ses import Ses
from digest.sending import Writing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

LINK = '<a href="https://example.com/unsubscribe">Leave</a>'


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    """A key of the test's own."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: PrivateKeyTypes, password: bytes = b"") -> bytes:
    """Return a key as a file has it."""
    lock = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, lock)


@pytest.fixture
def plan(key: rsa.RSAPrivateKey, tmp_path: Path) -> SendPlan:
    """Signing with that key, from a file."""
    (tmp_path / "dkim.pem").write_bytes(pem(key))
    sign = DkimPlan(selector="news", key=Secret(file=str(tmp_path / "dkim.pem")))
    return SendPlan(dkim=sign, unsubscribe="https://example.com/leave?e={email}")


def signed(plan: SendPlan, unsigned: Sequence[str] = ()) -> bytes:
    """Return the message of a reader as it leaves."""
    return Writing(letter(LINK, "Hello\n"), plan, Time().clock(), unsigned=unsigned)(Reader(address="ann@example.com"))


def verified(message: bytes, key: rsa.RSAPrivateKey) -> bool:
    """Whether a receiver who finds the key in DNS trusts the message."""
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    names: list[bytes] = []

    def ask(name: bytes, **_: object) -> bytes:
        names.append(name)
        return record

    good = bool(dkim.verify(message, dnsfunc=ask))
    assert names == [b"news._domainkey.example.com."]
    return good


def test_each_readers_message_is_signed(key: rsa.RSAPrivateKey, plan: SendPlan) -> None:
    """A receiver verifies each message, and the signature covers both List-Unsubscribe headers."""
    message = signed(plan)
    signature = message.partition(b"\r\nFrom:")[0].replace(b"\r\n", b"").replace(b" ", b"")

    assert message.startswith(b"DKIM-Signature: ")
    assert verified(message, key)
    assert b":list-unsubscribe:list-unsubscribe-post:" in signature


@pytest.mark.parametrize(
    "changed", [b"List-Unsubscribe: <https://example.com/", b"List-Unsubscribe-Post: ", b"Subject: ", b"Date: "]
)
def test_a_changed_header_is_noticed(key: rsa.RSAPrivateKey, plan: SendPlan, changed: bytes) -> None:
    """Who changes one of the headers breaks the signature."""
    message = signed(plan)

    assert changed in message
    assert not verified(message.replace(changed, changed + b"x", 1), key)


def test_the_date_that_is_signed_is_the_one_of_leaving(key: rsa.RSAPrivateKey, plan: SendPlan) -> None:
    """The signature is of the message as it leaves, dated by the caller's clock, and not of message.eml."""
    message = signed(plan)

    assert date_of(message).timestamp() == Time.at
    assert date_of(letter(LINK, "Hello\n").mime) != date_of(message)
    assert verified(message, key)


def test_what_a_service_writes_anew_is_not_signed(key: rsa.RSAPrivateKey, plan: SendPlan) -> None:
    """SES puts another Date and Message-ID into a message, and our signature still holds."""
    message = signed(plan, Ses.REWRITES)
    rewritten = re.sub(rb"\r\nDate: [^\r]*", b"\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000", message, count=1)
    rewritten = re.sub(rb"\r\nMessage-ID: [^\r]*", b"\r\nMessage-ID: <1@email.amazonses.com>", rewritten, count=1)

    assert rewritten != message
    assert verified(rewritten, key)
    assert not verified(rewritten.replace(b"Subject: ", b"Subject: x", 1), key)


# What headers and bodies are made of: all that a signature leaves out or joins, and what it must not touch.
PIECES = st.sampled_from(
    [b"a", b"=20", b" ", b"  ", b"\t", b"\r\n", b"\r\n\r\n", b" \r\n", b"\r\n ", b".", b":", b"\xc3\xa4"]
)
NAMES = st.sampled_from([name.title() for name in COVERED] + [b"X-Other", b"SUBJECT"])
VALUES = st.lists(st.sampled_from([b"a", b" ", b"  ", b"\t", b"\r\n ", b"\r\n\t", b";", b"="]), max_size=12).map(
    b"".join
)


@given(
    headers=st.lists(st.tuples(NAMES, VALUES), max_size=6),
    body=st.lists(PIECES, max_size=40).map(b"".join),
    domain=st.sampled_from(["example.com", "a.example", f"{'news.' * 11}example.com"]),
)
def test_the_signature_is_that_of_a_signer_that_is_not_ours(
    key: rsa.RSAPrivateKey, headers: list[tuple[bytes, bytes]], body: bytes, domain: str
) -> None:
    """Of any message it is the one that dkimpy makes, to the byte."""
    head = b"From: a@example.com\r\n" + b"".join(b"%b: a%ba\r\n" % header for header in headers)
    message = head + b"\r\n" + body
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DKIM_KEY", pem(key).decode())
        patch.setattr(time, "time", lambda: 1_605_139_200.5)
        ours = signer(DkimPlan(selector="news", domain=domain, key=Secret(env="DKIM_KEY")), "a@example.com")(message)
        how = {"canonicalize": (b"relaxed", b"relaxed"), "include_headers": list(COVERED)}
        theirs = dkim.sign(message, b"news", domain.encode(), pem(key), **how)

    assert ours == theirs + message


def short() -> rsa.RSAPrivateKey:
    """Return a key of 511 bits, out of two known primes, as no library makes one any more."""
    p, q, public = 2**256 - 189, 2**255 - 19, 65537
    private = pow(public, -1, (p - 1) * (q - 1))
    parts = (rsa.rsa_crt_dmp1(private, p), rsa.rsa_crt_dmq1(private, q), rsa.rsa_crt_iqmp(p, q))
    return rsa.RSAPrivateNumbers(p, q, private, *parts, rsa.RSAPublicNumbers(public, p * q)).private_key()


MAKE = "make one with `openssl genrsa 2048`"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", f"send.dkim.key: holds no private key in PEM; {MAKE}"),
        (pem(ec.generate_private_key(ec.SECP256R1())), f"send.dkim.key: is no RSA key; {MAKE}"),
        (
            pem(ec.generate_private_key(ec.SECP256R1()), b"secret"),
            "send.dkim.key: has a password; take it off with `openssl rsa`",
        ),
        (pem(short()), f"send.dkim.key: has 511 bits, too few for receivers to trust; {MAKE}"),
    ],
)
def test_a_key_of_another_kind_is_told(tmp_path: Path, content: bytes, expected: str) -> None:
    """What is wrong with it is said before anything is sent, and nothing of it."""
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(SendingError) as caught:
        signer(DkimPlan(selector="news", key=Secret(file=str(tmp_path / "key"))), "a@example.com")
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (Secret(env="NOT_SET"), "send.dkim.key: $NOT_SET is not set; export it"),
        (Secret(file="/nowhere"), "/nowhere: cannot be read (No such file or directory); mend the path or its rights"),
        (Secret(file=__file__), "send.dkim.key: holds no private key in PEM; make one with `openssl genrsa 2048`"),
    ],
)
def test_a_key_that_cannot_sign_is_found_before_the_run(where: Secret, expected: str) -> None:
    """Without a usable key nothing is sent."""
    with pytest.raises(SendingError) as caught:
        Writing(letter(LINK, "Hello\n"), SendPlan(dkim=DkimPlan(selector="news", key=where)), Time().clock())
    assert str(caught.value) == expected


def test_the_key_has_no_place_in_the_settings(tmp_path: Path) -> None:
    """A key that is written into digest.yaml is refused."""
    room = Mailroom(tmp_path)
    room.build()
    with pytest.raises(SettingsError) as caught:
        room.configure({}, dkim={"selector": "news", "key": "-----BEGIN"})
    assert str(caught.value) == (
        f"{tmp_path}/digest.yaml:4: send.dkim.key is a secret; write {{env: NAME}} or {{file: PATH}}"
    )
