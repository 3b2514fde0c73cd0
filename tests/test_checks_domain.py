"""`digest check --dns`: SPF, DKIM, DMARC and MX of the sender, asked of a real DNS server on this machine."""

from __future__ import annotations

import json
from email.message import EmailMessage
from pathlib import Path

import faults
import pytest
from click.testing import CliRunner, Result
from fakes import dns

from digest import checks, cli
from digest.checks.sender_domain import NameServers
from digest.errors import NoAnswer

SOUND = {
    ("news.letters.example.net", "TXT"): ['"v=spf1 include:spf.service.example.net -all"', '"other=1"'],
    ("news.letters.example.net", "MX"): ["10 mail.letters.example.net."],
    ("spf.service.example.net", "TXT"): ['"v=spf1 ip4:192.0.2.0/24 ~all"'],
    ("s1._domainkey.news.letters.example.net", "TXT"): ['"v=DKIM1; k=rsa; " "p=MIGf"'],
    ("_dmarc.news.letters.example.net", "TXT"): ['"v=DMARC1; p=none"'],
}
DOMAIN = "news.letters.example.net"


def message(*signatures: str, sender: str = f"News <news@{DOMAIN}>") -> bytes:
    """Return a message with such DKIM signatures, each written as DOMAIN/SELECTOR."""
    letter = EmailMessage()
    letter["From"] = sender
    for signature in signatures:
        domain, _, selector = signature.partition("/")
        letter["DKIM-Signature"] = f"v=1; a=rsa-sha256; d={domain}; s={selector}; b=abc"
    letter.set_content("Words")
    return letter.as_bytes()


def asked(zone: dict[tuple[str, str], list[str]], eml: bytes) -> list[str]:
    """Return what is found with such a zone, each as `rule: name: what`."""
    with dns.serving(zone) as (server, _):
        findings, passed_over = checks.check_domain(eml, NameServers(server))
    return [f"{each.rule}: {each.element} {each.what}" for each in findings] + [
        f"{each.rule}: no {each.part}" for each in passed_over
    ]


def without(*names: str) -> dict[tuple[str, str], list[str]]:
    """Return the sound zone without these records, written as `NAME TYPE`."""
    return {key: records for key, records in SOUND.items() if " ".join(key) not in names}


SIGNED = message(f"{DOMAIN}/s1")
MANY = {
    (f"n{number}.example.net", "TXT"): [f'"v=spf1 include:n{number + 1}.example.net -all"'] for number in range(1, 12)
}

FAULTS = {
    "no-spf": (without(f"{DOMAIN} TXT"), SIGNED, [f"dns-spf: {DOMAIN} has no SPF record"]),
    "two-spf": (
        {**SOUND, (DOMAIN, "TXT"): ['"v=spf1 -all"', '"v=spf1 mx -all"']},
        SIGNED,
        [f"dns-spf: {DOMAIN} has 2 SPF records"],
    ),
    "spf-for-everybody": (
        {**SOUND, (DOMAIN, "TXT"): ['"v=spf1 +all"']},
        SIGNED,
        [f"dns-spf: {DOMAIN} its SPF record ends in +all, which allows everybody"],
    ),
    "spf-too-deep": (
        {**SOUND, **MANY, (DOMAIN, "TXT"): ['"v=spf1 include:n1.example.net -all"']},
        SIGNED,
        [f"dns-spf: {DOMAIN} its SPF record takes 12 questions to read, and receivers ask 10"],
    ),
    "spf-without-end": (
        {
            **SOUND,
            (DOMAIN, "TXT"): ['"v=spf1 include:n0.example.net -all"'],
            **{
                (f"n{number}.example.net", "TXT"): [
                    '"v=spf1 ' + " ".join(f"include:n{other}.example.net" for other in range(9)) + ' -all"'
                ]
                for number in range(9)
            },
        },
        SIGNED,
        [f"dns-spf: {DOMAIN} its SPF record takes 100 or more questions to read, and receivers ask 10"],
    ),
    "spf-of-no-name": ({**SOUND, (DOMAIN, "TXT"): [f'"v=spf1 include:a..b include:{"x" * 64}.net -all"']}, SIGNED, []),
    "spf-in-a-circle": ({**SOUND, (DOMAIN, "TXT"): [f'"v=spf1 redirect={DOMAIN}"']}, SIGNED, []),
    "no-key": (
        without(f"s1._domainkey.{DOMAIN} TXT"),
        SIGNED,
        [f"dns-dkim: s1._domainkey.{DOMAIN} there is no key"],
    ),
    "key-withdrawn": (
        {**SOUND, (f"s1._domainkey.{DOMAIN}", "TXT"): ['"v=DKIM1; p="']},
        SIGNED,
        [f"dns-dkim: s1._domainkey.{DOMAIN} the key was withdrawn"],
    ),
    "signed-by-the-service-alone": (
        {**SOUND, ("k._domainkey.service.example.net", "TXT"): ['"p=MIGf"']},
        message("service.example.net/k"),
        [f"dns-alignment: {DOMAIN} is signed for by service.example.net alone"],
    ),
    "unsigned": (SOUND, message(), ["dns-dkim: no DKIM signature", "dns-alignment: no DKIM signature"]),
    "no-dmarc": (
        without(f"_dmarc.{DOMAIN} TXT"),
        SIGNED,
        [f"dns-dmarc: _dmarc.{DOMAIN} there is no DMARC record"],
    ),
    "dmarc-without-a-policy": (
        {**SOUND, (f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; rua=mailto:a@example.net"']},
        SIGNED,
        [f"dns-dmarc: _dmarc.{DOMAIN} the DMARC record has no policy (p=none, quarantine or reject)"],
    ),
    "takes-no-mail": (
        {**SOUND, (DOMAIN, "MX"): ["0 ."]},
        SIGNED,
        [f"dns-mx: {DOMAIN} says that it takes no mail (MX .)"],
    ),
    "no-mail-server": (without(f"{DOMAIN} MX"), SIGNED, [f"dns-mx: {DOMAIN} has no mail server and no address"]),
    "no-sender": (SOUND, b"Subject: x\r\n\r\nWords", [
        f"{rule}: no {'DKIM signature' if rule in ('dns-dkim', 'dns-alignment') else 'sender'}"
        for rule in ("dns-spf", "dns-dkim", "dns-alignment", "dns-dmarc", "dns-mx")
    ]),
}  # fmt: skip


def test_a_sound_domain_is_sound() -> None:
    """Nothing stands against a domain with SPF, DKIM, DMARC and a mail server; each question is asked once."""
    with dns.serving(SOUND) as (server, questions):
        findings, passed_over = checks.check_domain(SIGNED, NameServers(server))

    assert (findings, passed_over) == ((), ())
    assert len(questions) == len(set(questions)) == 5


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_domain_is_named(name: str) -> None:
    """Each broken zone has exactly the finding that its name promises."""
    zone, eml, expected = FAULTS[name]

    assert asked(zone, eml) == expected


def test_the_family_has_the_policy_and_the_signature() -> None:
    """A domain below another has that one's DMARC policy, and its signature counts (a public suffix is nobody's)."""
    family = {
        ("news.paper.co.uk", "TXT"): ['"v=spf1 -all"'],
        ("news.paper.co.uk", "MX"): ["10 mail.paper.co.uk."],
        ("s._domainkey.paper.co.uk", "TXT"): ['"p=MIGf"'],
        ("_dmarc.paper.co.uk", "TXT"): ['"v=DMARC1;p=reject"'],
    }

    signed = message("paper.co.uk/s", sender="n@news.paper.co.uk")
    twice = {**family, ("_dmarc.paper.co.uk", "TXT"): ['"v=DMARC1;p=reject"', '"v=DMARC1;p=none"']}

    assert asked(family, signed) == []
    assert asked(twice, signed) == ["dns-dmarc: _dmarc.paper.co.uk there are 2 DMARC records"]


def test_no_answer_is_an_error_and_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no server answers, one line says so, and nothing is said of the domain."""
    monkeypatch.setattr("digest.checks.sender_domain._TIMEOUT", 0.2)
    with dns.serving({}) as (server, _):
        closed = server
    with pytest.raises(NoAnswer, match=f"DNS: the question for TXT of {DOMAIN} got no answer"):
        checks.check_domain(SIGNED, NameServers(closed))


def run(*arguments: str) -> Result:
    """Run `digest check`."""
    return CliRunner().invoke(cli.main, ["check", *arguments])


def test_the_command_asks_only_when_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --dns nobody is asked; with it the findings stand among the others, and an archive has no sender."""
    monkeypatch.chdir(tmp_path)
    letter = EmailMessage()
    letter["From"] = f"n@{DOMAIN}"
    letter.set_content("Words")
    letter.add_alternative("<p>Words</p>", subtype="html")
    Path("a.eml").write_bytes(letter.as_bytes())
    with dns.serving(without(f"{DOMAIN} TXT")) as (server, questions):
        silent, told = run("a.eml"), run("a.eml", "--dns", "--nameserver", server)

    assert "dns-" not in silent.output
    assert ["warning", "dns-spf", "a.eml", DOMAIN] in [line.split() for line in told.output.splitlines()]
    assert "not asked, as there is no DKIM signature: dns-dkim, dns-alignment" in told.output
    assert questions
    assert run("--archive", "--dns").exit_code == 2
    assert run("a.eml", "--nameserver", server).exit_code == 2


def test_warnings_of_dns_and_of_sending_can_be_waived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A waiver counts for what no file of the issue shows, too: a domain without mail, an address for all readers."""
    monkeypatch.chdir(tmp_path)
    folder = Path("out/2020-11-22")
    folder.mkdir(parents=True)
    for name, content in faults.sound().items():
        (folder / name).write_bytes(content)
    Path("readers.csv").write_text("email\na@example.net\n", encoding="utf-8")
    settings = "send: {recipients: readers.csv}\ncheck: {allow: {one-click: few readers, dns-mx: nobody answers}}\n"
    Path("digest.yaml").write_text(settings, encoding="utf-8")
    zone = {("example.com", "TXT"): ['"v=spf1 -all"'], ("_dmarc.example.com", "TXT"): ['"v=DMARC1; p=none"']}
    with dns.serving(zone) as (server, _):
        done = run(str(folder), "--dns", "--nameserver", server, "--json")
    findings = json.loads(done.output)["findings"]

    assert {each["rule"]: each["waived"] for each in findings if each["rule"] != "old-issue"} == {
        "dns-mx": "nobody answers",
        "one-click": "few readers",
    }


@pytest.mark.parametrize(
    "server",
    ["abc", "localhost", "1.2.3", "1.2.3.4:x", "1.2.3.4:", "1.2.3.4:0", "1.2.3.4:65536", ":53", "[::1", "[::1]:x", " ",
     "https://192.0.2.1/dns", "[1.2.3.4]5"],
)  # fmt: skip
def test_a_server_that_is_no_address_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: str) -> None:
    """A slip of the pen in --nameserver is one line, before anybody is asked."""
    monkeypatch.chdir(tmp_path)
    Path("a.eml").write_bytes(b"From: a@example.net\r\nContent-Type: text/html\r\n\r\n<p>Words</p>")
    done = run("a.eml", "--dns", "--nameserver", server)

    assert (done.exit_code, done.output) == (
        1,
        f"--nameserver: {server!r} is no address of a server; write it like 192.0.2.1, 192.0.2.1:5353 or "
        "[2001:db8::1]:5353\n",
    )


@pytest.mark.parametrize(
    ("server", "address"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("192.0.2.1:5353", ("192.0.2.1", 5353)),
        ("::1", ("::1", 53)),
        ("[::1]", ("::1", 53)),
        ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
    ],
)
def test_servers_of_both_kinds_are_asked(server: str, address: tuple[str, int]) -> None:
    """An address of either kind, with a port and without, is the one that dnspython asks."""
    resolver = NameServers(server)._resolver

    assert (resolver.nameservers, resolver.port) == ([address[0]], address[1])
