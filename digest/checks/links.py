"""Whether every link leads somewhere, and says where."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from digest.checks.page import name_of, text_of
from digest.text.urls import is_bare

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from digest.checks.context import Context
    from digest.model import Finding

_EMPTY_WORDS = frozenset(
    {"click here", "here", "click", "link", "this link", "this", "more", "read more", "learn more", "continue"}
    | {"continue reading", "details", "hier", "hier klicken", "klicken sie hier", "mehr", "mehr lesen", "weiterlesen"}
    | {"ici", "cliquez ici", "lire la suite", "en savoir plus", "plus", "aquí", "haz clic aquí", "leer más", "más"}
    | {"aqui", "clique aqui", "leia mais", "saiba mais", "mais", "qui", "clicca qui", "leggi tutto", "continua"}
    | {"lees meer", "klik hier", "meer", "tutaj", "kliknij tutaj", "czytaj więcej", "więcej", "тут", "натисніть тут"}
    | {"читати далі", "докладніше", "buraya tıklayın", "devamı", "devamını oku", "هنا", "اضغط هنا", "اقرأ المزيد"}
    | {"المزيد", "כאן", "לחץ כאן", "קרא עוד", "עוד", "यहाँ क्लिक करें", "और पढ़ें", "こちら", "ここをクリック"}
    | {"続きを読む", "もっと見る", "点击这里", "阅读更多", "更多", "这里"}
)
_SHORTENERS = frozenset(
    {"bit.ly", "bitly.com", "t.co", "goo.gl", "tinyurl.com", "ow.ly", "buff.ly", "is.gd", "v.gd", "rebrand.ly", "s.id"}
    | {"lnkd.in", "tiny.cc", "cutt.ly", "t.ly", "rb.gy", "shorturl.at", "dlvr.it", "trib.al", "fb.me", "amzn.to"}
    | {"nyti.ms", "wapo.st", "econ.st", "on.ft.com", "reut.rs", "adf.ly", "soo.gd"}
)
_PRIVATE = (".local", ".internal", ".lan", ".home.arpa", ".invalid", ".test")
_HOST = re.compile(r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}", re.IGNORECASE)
_NOT_IN_ADDRESS = re.compile(r"[\s\x00-\x1f\x7f\"<>\\^`{|}]|%(?![0-9A-Fa-f]{2})|[^\x00-\x7f]")
_SHOWN_ADDRESS = re.compile(r"(?:https?://|www\.)([^/\s]+)\S*", re.IGNORECASE)


def findings(issue: Context) -> Iterator[Finding]:
    """Yield what is wrong with the links."""
    page = issue.page
    targets = {element.get(name) for element in page.elements for name in ("id", "name")}
    others = _other_issues(issue)
    for link in (*page.named("a"), *page.named("area")):
        address = link.get("href")
        for rule, problem in (*_address(address, targets), *_name(link, address or "")):
            yield issue.on(link, rule, problem)
        other = others.match(address) if others and address else None
        if other and other[1] != issue.facts.id:
            yield issue.on(link, "link-other-issue", f"leads to {address}")
    yield from _same_names(issue)


def _other_issues(issue: Context) -> re.Pattern[str] | None:
    """What the web view of any issue looks like; None where the address does not tell issues apart."""
    web, mine = issue.facts.web, issue.facts.id
    if mine not in web:
        return None
    return re.compile(re.escape(web).replace(re.escape(mine), r"(\d{4}-\d\d-\d\d)", 1))


def _address(address: str | None, targets: set[str | None]) -> Iterator[tuple[str, str]]:
    if not address:
        yield "link-address", "has no address"
        return
    if address.startswith("#"):
        if address[1:] not in targets:
            yield "link-anchor", f"{address} is not in the page"
        return
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        parts, host = SplitResult("", "", "", "", ""), ""
    if parts.scheme == "mailto":
        if not re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@]+", parts.path):
            yield "link-address", f"{address[:80]!r} has no mailbox"
    elif parts.scheme not in ("http", "https"):
        yield "link-address", f"{address[:80]!r} is no web or mail address"
    else:
        yield from _web(address, parts, host)


def _web(address: str, parts: SplitResult, host: str) -> Iterator[tuple[str, str]]:
    if is_bare(host) or host.endswith(_PRIVATE):
        yield "link-ip", f"leads to {host}"
    elif _NOT_IN_ADDRESS.search(address) or not _HOST.fullmatch(host) or parts.username is not None:
        yield "link-address", f"{address[:80]!r} is not well formed"
    else:
        if parts.scheme == "http":
            yield "link-https", "is http"
        if host.removeprefix("www.") in _SHORTENERS:
            yield "link-shortener", f"goes through {host}"


def _name(link: Element, address: str) -> Iterator[tuple[str, str]]:
    name = name_of(link)
    if not name:
        if link.get("href") is not None:
            yield "link-name", f"leads to {address[:80]} and has no name"
        return
    shown = _SHOWN_ADDRESS.fullmatch(text_of(link))
    if shown:
        target, said = _site(urlsplit(address).netloc), _site(shown[1])
        if target != said and not target.endswith(f".{said}"):
            yield "link-disguise", f"says {shown[1]}, leads to {urlsplit(address).netloc}"
        else:
            yield "link-words", "is named by its address"
    elif name.casefold().strip(" .…»›>→") in _EMPTY_WORDS:
        yield "link-words", f"is named {name!r}"


def _site(host: str) -> str:
    return host.casefold().rpartition("@")[2].removeprefix("www.")


def _same_names(issue: Context) -> Iterator[Finding]:
    page = issue.page
    first: dict[str, str] = {}
    for link in page.named("a"):
        name, address = name_of(link).casefold(), link.get("href", "")
        if name and address and first.setdefault(name, address) != address:
            problem = f"leads to {address[:80]}, another of that name to {first[name][:80]}"
            yield issue.on(link, "link-same-name", problem)
