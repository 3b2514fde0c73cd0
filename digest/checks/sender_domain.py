"""The sender's domain in DNS: whether receivers can tell that a letter is not forged (SPF, DKIM, DMARC), and answer it.

Asked only with `digest check --dns`, as the one part of a check that speaks to a network. Rules are those of RFC 7208
(SPF), RFC 6376 (DKIM), RFC 7489 (DMARC) and RFC 7505 (a domain that takes no mail).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from email.utils import parseaddr
from functools import lru_cache
from typing import TYPE_CHECKING

from digest.checks.context import MESSAGE, NotGiven, parsed_message
from digest.checks.rule import RuleGroup, Spot, rule
from digest.errors import NoAnswer, SettingsError
from digest.records.publishers import family

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dns.resolver import Resolver

_SPF_LOOKUPS = 10
"""How many questions a receiver asks for one SPF record before it gives up (RFC 7208, 4.6.4)."""

_SPF_COUNTED = 100
"""How many are counted here: records that include each other may have no end."""

_TIMEOUT = 5.0


class NameServers:
    """DNS as the system asks it, or as one *server* answers (`192.0.2.1`, `192.0.2.1:5353`); each question once.

    Raises SettingsError where *server* is no address, and NoAnswer where nobody answers. That a name does not exist is
    an answer: it has nothing.
    """

    def __init__(self, server: str = "") -> None:
        from dns import resolver  # noqa: PLC0415 - only this command speaks DNS

        try:
            self._resolver: Resolver = resolver.Resolver(configure=not server)
        except resolver.NoResolverConfiguration as error:
            raise NoAnswer("DNS", "this machine names no server", "name one with --nameserver") from error
        if server:
            host, self._resolver.port = _address(server)
            self._resolver.nameservers = [host]
        self._resolver.lifetime = _TIMEOUT
        self.ask = lru_cache(maxsize=None)(self._ask)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the TXT records of *name*, each put together."""
        return self.ask(name, "TXT")

    def _ask(self, name: str, kind: str) -> tuple[str, ...]:
        from dns import exception, resolver  # noqa: PLC0415 - see above
        from dns.name import from_text  # noqa: PLC0415 - see above

        try:
            absolute = from_text(name)
        except exception.DNSException:
            # Two dots in a row, say: no name of DNS, so there is nobody to ask.
            return ()
        try:
            answer = self._resolver.resolve(absolute, kind, search=False)
        except (resolver.NXDOMAIN, resolver.NoAnswer):
            return ()
        except (exception.DNSException, OSError) as error:
            problem = f"the question for {kind} of {name} got no answer ({type(error).__name__})"
            raise NoAnswer("DNS", problem, "try again, or name a server with --nameserver") from error
        if kind == "TXT":
            return tuple(b"".join(record.strings).decode(errors="replace") for record in answer)
        return tuple(str(record.exchange).rstrip(".") if kind == "MX" else str(record) for record in answer)


def _address(server: str) -> tuple[str, int]:
    """Return the IP address and the port that *server* names, 53 without one. Raises SettingsError."""
    match = re.fullmatch(r"\[([^\]]*)\](?::(\d+))?|([^:]*):(\d+)", server)
    host, port = (match[1] or match[3], match[2] or match[4]) if match else (server, None)
    try:
        ipaddress.ip_address(host or "")
    except ValueError:
        host = None
    if host is None or not 0 < int(port or 53) < 65536:
        problem = f"--nameserver: {server!r} is no address of a server"
        raise SettingsError([f"{problem}; write it like 192.0.2.1, 192.0.2.1:5353 or [2001:db8::1]:5353"])
    return host, int(port or 53)


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderDomain:
    """The domain in From, the DKIM signatures as (domain, selector), and DNS to ask about them."""

    written: str
    given_signatures: tuple[tuple[str, str], ...]
    servers: NameServers

    @property
    def name(self) -> str:
        """The domain. Raises NotGiven."""
        if not self.written:
            raise NotGiven("sender")
        return self.written

    @property
    def signatures(self) -> tuple[tuple[str, str], ...]:
        """The signatures. Raises NotGiven: where the mail service signs, nobody here knows how."""
        if not self.given_signatures:
            raise NotGiven("DKIM signature")
        return self.given_signatures


def of_message(eml: bytes, servers: NameServers, signature: tuple[str, str] | None = None) -> SenderDomain:
    """Return the sender of a message; *signature* is one that sending will put on it."""
    message = parsed_message(eml, MESSAGE)
    name = parseaddr(str(message["From"] or ""))[1].rpartition("@")[2].lower()
    tags = [_tags(str(header)) for header in message.get_all("DKIM-Signature", [])]
    signatures = [(each["d"].lower(), each["s"]) for each in tags if each.get("d") and each.get("s")]
    if signature:
        signatures.append((signature[0].lower() or name, signature[1]))
    return SenderDomain(written=name, given_signatures=tuple(dict.fromkeys(signatures)), servers=servers)


@rule(
    "dns-spf", "warning", RuleGroup.DNS, do="publish one TXT record `v=spf1 include:YOUR-SERVICE -all` for the domain"
)
def spf(sender: SenderDomain) -> Iterator[Spot]:
    """The domain has one SPF record that names its senders, and receivers need ten questions at most to read it.

    Gmail and Yahoo refuse bulk mail without; a record that is wrong counts as none. They ask the domain that errors
    are returned to, which a mail service may set to its own: then that one needs the record.
    """
    records = _records(sender, sender.name, "v=spf1")
    if len(records) != 1:
        yield _spot(sender.name, "has no SPF record" if not records else f"has {len(records)} SPF records")
        return
    terms = records[0].split()
    if any(term.lower() in ("all", "+all") for term in terms):
        yield _spot(sender.name, "its SPF record ends in +all, which allows everybody")
    asked = _spf_questions(sender, records[0])
    if asked > _SPF_LOOKUPS:
        many = str(asked) if asked < _SPF_COUNTED else f"{_SPF_COUNTED} or more"
        yield _spot(sender.name, f"its SPF record takes {many} questions to read, and receivers ask {_SPF_LOOKUPS}")


def _spf_questions(sender: SenderDomain, record: str) -> int:
    """Return how many questions a receiver asks to read *record* to its end, those of included ones among them.

    What is included is read until `_SPF_COUNTED` are counted.
    """
    asked = 0
    pending = [(record, frozenset({sender.name}))]
    while pending:
        text, seen = pending.pop()
        for term in text.lower().split()[1:]:
            mechanism, _, value = re.sub(r"^[+?~-]", "", term).replace("redirect=", "redirect:").partition(":")
            if mechanism.partition("/")[0] in ("a", "mx", "ptr", "exists", "include", "redirect"):
                asked += 1
            # A name made of macros is another one for each letter; one that was seen would go round in circles.
            is_read = mechanism in ("include", "redirect") and "%" not in value and value not in seen
            if is_read and asked < _SPF_COUNTED:
                pending += [(inner, seen | {value}) for inner in _records(sender, value, "v=spf1")[:1]]
    return asked


@rule("dns-dkim", "error", RuleGroup.DNS, do="publish the key that the mail service names, or mend its selector")
def dkim(sender: SenderDomain) -> Iterator[Spot]:
    """Each DKIM signature has its key in DNS.

    A signature without a key counts as none, and Gmail and Yahoo refuse bulk mail without one.
    """
    for domain, selector in sender.signatures:
        name = f"{selector}._domainkey.{domain}"
        keys = [_tags(text) for text in sender.servers.texts(name)]
        if not any("p" in key for key in keys):
            yield _spot(name, "there is no key")
        elif not any(key.get("p") for key in keys):
            yield _spot(name, "the key was withdrawn")


@rule("dns-alignment", "error", RuleGroup.DNS, do="let the mail service sign for the domain of newsletter.from")
def alignment(sender: SenderDomain) -> Iterator[Spot]:
    """A DKIM signature is of the domain in From, or of one of the same family.

    DMARC counts only such a signature; others say that somebody signed, not that the sender did.
    """
    signing = [domain for domain, _ in sender.signatures]
    if not any((family(domain) or domain) == (family(sender.name) or sender.name) for domain in signing):
        yield _spot(sender.name, f"is signed for by {', '.join(signing)} alone")


@rule("dns-dmarc", "error", RuleGroup.DNS, do="publish a TXT record `v=DMARC1; p=none; rua=mailto:YOU` at that name")
def dmarc(sender: SenderDomain) -> Iterator[Spot]:
    """The domain, or the one that it is below, has one DMARC record with a policy.

    Gmail and Yahoo ask for it of who writes to more than 5,000 readers a day.
    """
    names = [f"_dmarc.{name}" for name in dict.fromkeys([sender.name, family(sender.name) or sender.name])]
    name = next((name for name in names if _records(sender, name, "v=DMARC1")), names[0])
    records = _records(sender, name, "v=DMARC1")
    if len(records) != 1:
        yield _spot(name, "there is no DMARC record" if not records else f"there are {len(records)} DMARC records")
    elif _tags(records[0]).get("p", "").lower() not in ("none", "quarantine", "reject"):
        yield _spot(name, "the DMARC record has no policy (p=none, quarantine or reject)")


@rule("dns-mx", "warning", RuleGroup.DNS, do="give the domain a mailbox, or write from one that has")
def mail_exchange(sender: SenderDomain) -> Iterator[Spot]:
    """The domain in From takes mail.

    Readers who answer get an error, and receivers mistrust senders who cannot be answered.
    """
    exchanges = sender.servers.ask(sender.name, "MX")
    if exchanges == ("",):
        yield _spot(sender.name, "says that it takes no mail (MX .)")
    elif not exchanges and not sender.servers.ask(sender.name, "A") and not sender.servers.ask(sender.name, "AAAA"):
        yield _spot(sender.name, "has no mail server and no address")


def _records(sender: SenderDomain, name: str, version: str) -> list[str]:
    """Return the TXT records of *name* that are of the kind that begins with *version*."""
    return [
        text for text in sender.servers.texts(name) if re.match(rf"{version}(?:[ ;]|$)", text.strip(), re.IGNORECASE)
    ]


def _tags(text: str) -> dict[str, str]:
    """Return the tags of a DKIM or DMARC record: `v=DKIM1; p=…`, white space left out."""
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): re.sub(r"\s+", "", value) for name, separator, value in pairs if separator}


def _spot(name: str, problem: str) -> Spot:
    return Spot(MESSAGE, problem, element=name)
