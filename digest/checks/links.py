"""Links: each leads somewhere on the public web (RFC 3986), says where, and is what it says.

Nothing is fetched: whether a page is still there cannot be said without telling its server who asks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from digest.checks.page import name_of, text_of
from digest.checks.rule import RuleGroup, Spot, rule
from digest.model import ISSUE_ID
from digest.text.urls import is_bare

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from digest.checks.context import Context

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
# Names that no public resolver answers: RFC 6762 (.local), RFC 8375 (home.arpa), RFC 2606 (.invalid, .test), and
# what companies and routers use.
_PRIVATE = (".local", ".internal", ".lan", ".home.arpa", ".invalid", ".test")
_HOST = re.compile(r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}", re.IGNORECASE)
_NOT_IN_ADDRESS = re.compile(r"[\s\x00-\x1f\x7f\"<>\\^`{|}]|%(?![0-9A-Fa-f]{2})|[^\x00-\x7f]")
_SHOWN_ADDRESS = re.compile(r"(?:https?://|www\.)([^/\s]+)\S*", re.IGNORECASE)
_NO_PARTS = SplitResult("", "", "", "", "")


@rule("link-address", "error", RuleGroup.LINKS, do="correct the address")
def wrong_addresses(issue: Context) -> Iterator[Spot]:
    """Every link leads to an https, http or mailto address that is well formed, or to a place in the page.

    It does nothing otherwise, or something bad.
    """
    for link, address in _links(issue):
        if problem := wrong_address(address):
            yield issue.on(link, problem)


def wrong_address(address: str) -> str:
    """Return what is wrong with the *address* of a link; empty for places in the page and for hosts of `link-ip`."""
    parts, host = _split(address)
    quoted = repr(address[:80])
    if not address:
        return "has no address"
    if address.startswith("#") or _is_private(address):
        return ""
    if parts.scheme == "mailto":
        return "" if re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@]+", parts.path) else f"{quoted} has no mailbox"
    if parts.scheme not in ("http", "https"):
        return f"{quoted} is no web or mail address"
    # A user's name before the host is an old way to make an address look like another's.
    is_whole = _HOST.fullmatch(host) and parts.username is None and not _NOT_IN_ADDRESS.search(address)
    return "" if is_whole else f"{quoted} is not well formed"


@rule("link-https", "warning", RuleGroup.LINKS, do="use the https address if there is one")
def insecure_links(issue: Context) -> Iterator[Spot]:
    """Links are https.

    Some clients and networks warn of others.
    """
    for link, address in _links(issue):
        if _split(address)[0].scheme == "http" and _is_public(address):
            yield issue.on(link, "is http")


@rule("link-name", "error", RuleGroup.LINKS, do="put words or an alt text in it")
def nameless_links(issue: Context) -> Iterator[Spot]:
    """Every link has a name.

    Screen readers say "link", and no more.
    """
    for link, address in _links(issue):
        if not name_of(link) and link.get("href") is not None:
            yield issue.on(link, f"leads to {address[:80]} and has no name")


@rule("link-words", "warning", RuleGroup.LINKS, do="use the headline or what is behind it")
def empty_link_words(issue: Context) -> Iterator[Spot]:
    """A link's name says where it leads.

    "Click here" tells nothing in a list of links.
    """
    for link, address in _links(issue):
        name = name_of(link)
        if _shown_host(link):
            if not _is_disguised(link, address):
                yield issue.on(link, "is named by its address")
        elif name.casefold().strip(" .…»›>→") in _EMPTY_WORDS:
            yield issue.on(link, f"is named {name!r}")


@rule("link-same-name", "warning", RuleGroup.LINKS, do="tell them apart with words or with aria-label")
def same_names(issue: Context) -> Iterator[Spot]:
    """Links with the same name lead to the same place.

    In a list of links nobody can tell them apart.
    """
    first: dict[str, str] = {}
    for link in issue.page.named("a"):
        name, address = name_of(link).casefold(), link.get("href", "")
        if name and address and first.setdefault(name, address) != address:
            yield issue.on(link, f"leads to {address[:80]}, another of that name to {first[name][:80]}")


@rule("link-anchor", "error", RuleGroup.LINKS, do="give the target that id")
def lost_anchors(issue: Context) -> Iterator[Spot]:
    """A link into the page has its target there.

    It does nothing otherwise.
    """
    targets = {element.get(name) for element in issue.page.elements for name in ("id", "name")}
    for link, address in _links(issue):
        if address.startswith("#") and address[1:] not in targets:
            yield issue.on(link, f"{address} is not in the page")


@rule("link-other-issue", "error", RuleGroup.LINKS, do="link to this issue")
def other_issues(issue: Context) -> Iterator[Spot]:
    """No link leads to the web view of another issue, but for one that a story is an update of.

    The issue was made from an old one.
    """
    web, mine = issue.facts.web, issue.facts.id
    # A web view at one address for all issues does not tell them apart.
    if mine not in web:
        return
    allowed = {mine, *(story.update for story in issue.facts.stories)}
    any_issue = re.compile(re.escape(web).replace(re.escape(mine), f"({ISSUE_ID})", 1))
    for link, address in _links(issue):
        other = any_issue.match(address)
        if other and other[1] not in allowed:
            yield issue.on(link, f"leads to {address}")


@rule("link-shortener", "warning", RuleGroup.LINKS, do="use the real address")
def shorteners(issue: Context) -> Iterator[Spot]:
    """No link goes through a shortener.

    Spam filters mistrust them, and readers cannot see where they lead.
    """
    for link, address in _links(issue):
        host = _split(address)[1]
        if host.removeprefix("www.") in _SHORTENERS and _is_public(address):
            yield issue.on(link, f"goes through {host}")


@rule("link-ip", "error", RuleGroup.LINKS, waivable=True, do="use a name that everybody can reach")
def private_hosts(issue: Context) -> Iterator[Spot]:
    """No link leads to a bare IP address or into a private network.

    Spam filters take it for an attack.
    """
    for link, address in _links(issue):
        if _is_private(address):
            yield issue.on(link, f"leads to {_split(address)[1]}")


@rule("link-disguise", "error", RuleGroup.LINKS, do="let the two agree")
def disguised_links(issue: Context) -> Iterator[Spot]:
    """A link whose name is an address leads there.

    It is what phishing looks like.
    """
    for link, address in _links(issue):
        if _is_disguised(link, address):
            yield issue.on(link, f"says {_shown_host(link)}, leads to {_split(address)[0].netloc}")


@rule("advert-rel", "warning", RuleGroup.LINKS, do='give it rel="sponsored"')
def unmarked_advert_links(issue: Context) -> Iterator[Spot]:
    """A link that a sponsor paid for has `rel="sponsored"`.

    On the web a search engine takes it for the newsletter's own advice, which it holds against both.
    """
    paid = {address for block in issue.facts.blocks if block.label for address in block.addresses}
    for link, address in _links(issue):
        if address in paid and "sponsored" not in link.get("rel", "").split():
            yield issue.on(link, f"leads to {address[:80]}, which is a sponsor's")


def _links(issue: Context) -> Iterator[tuple[Element, str]]:
    """Yield each link and area of the page with its address, which is empty where it has none."""
    return ((link, link.get("href", "")) for link in (*issue.page.named("a"), *issue.page.named("area")))


def _split(address: str) -> tuple[SplitResult, str]:
    """Return the parts of *address* and its host; nothing for a place in the page and for what cannot be split."""
    try:
        parts = _NO_PARTS if address.startswith("#") else urlsplit(address)
    except ValueError:
        parts = _NO_PARTS
    return parts, parts.hostname or ""


def _is_private(address: str) -> bool:
    """Whether *address* is a web address whose host only some networks know: a bare number or a private name."""
    parts, host = _split(address)
    return parts.scheme in ("http", "https") and (is_bare(host) or host.endswith(_PRIVATE))


def _is_public(address: str) -> bool:
    """Whether *address* is a well-formed web address of a host that everybody can reach."""
    is_web = _split(address)[0].scheme in ("http", "https")
    return is_web and not _is_private(address) and not wrong_address(address)


def _shown_host(link: Element) -> str:
    """Return the host of a link whose text is an address; empty where it has other words."""
    shown = _SHOWN_ADDRESS.fullmatch(text_of(link)) if name_of(link) else None
    return shown[1] if shown else ""


def _is_disguised(link: Element, address: str) -> bool:
    """Whether the text of *link* is an address of another site than it leads to; a subdomain is the same site."""
    if not _shown_host(link):
        return False
    target, said = _site(_split(address)[0].netloc), _site(_shown_host(link))
    return target != said and not target.endswith(f".{said}")


def _site(host: str) -> str:
    return host.casefold().rpartition("@")[2].removeprefix("www.")
