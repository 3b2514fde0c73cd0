"""The base classes of mail targets, and every other name that a target needs: the seam for targets of one's own.

A target is a class with an issue and its own options in `self`. There are three kinds, by who keeps the readers:

    FileTarget        takes the issue as it is                   write
    ReaderTarget      takes one message a reader, from our list  line
      BatchService    the same by an HTTP API, many a call       request, outcomes
    CampaignService   keeps the readers, takes one campaign      look, found, fields, address, send, …

Each says only what is its own; what services have in common are the defaults here. All methods but `write` and `line`
are pure: they return calls and read answers, and `delivery` or `campaign` decides when a call is made and what may
never happen twice. docs/own-target.md shows how to write one; it imports from here alone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from copy import copy
from dataclasses import replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, ClassVar, Self

from digest.errors import SendingError
from digest.mail.built import Able, BuiltIssue, Reader, Receipt, Writer
from digest.mail.campaign import Audience, Campaign, CampaignPage, State
from digest.mail.delivery import Connection, HungUp, Lost, Outcome, Refused, Transport, Unreachable
from digest.mail.http import Access, Client, Request, Response, get, post
from digest.mail.merge_tags import TemplateLanguage, translate
from digest.mail.options import Known, Options, base_address, is_loopback, several, web_view

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

__all__ = [
    "Able",
    "Access",
    "Audience",
    "BatchService",
    "BuiltIssue",
    "Campaign",
    "CampaignPage",
    "CampaignService",
    "Client",
    "Connection",
    "FileTarget",
    "HungUp",
    "Known",
    "Lost",
    "Options",
    "Outcome",
    "Reader",
    "ReaderTarget",
    "Receipt",
    "Refused",
    "Request",
    "Response",
    "SendingError",
    "State",
    "Target",
    "TemplateLanguage",
    "Transport",
    "Unreachable",
    "Writer",
    "base_address",
    "get",
    "is_loopback",
    "next_offset",
    "parameter",
    "post",
    "several",
    "web_view",
]


_KEPT = 64
"""Letters that are kept in a service's language: a run of editions has many, and each has the weight of a page."""


class Target(ABC):
    """A place that an issue is handed over to. Derive from one of the kinds below, not from this.

    *options* are the target's, checked against OPTIONS; *letter* is the built issue, for a service with a template
    language already in that language.
    """

    ABLE: ClassVar[Able]
    """What the target can express; anything else is refused by name before a call is made."""

    OPTIONS: ClassVar[tuple[Known, ...]] = ()
    """The keys that it takes below `targets:` in digest.yaml."""

    LANGUAGE: ClassVar[TemplateLanguage | None] = None
    """Its template language, in which no word of the news may act; None where it takes text for text."""

    UNSUBSCRIBE: ClassVar[str] = ""
    """Its tag for a reader's own unsubscribe address. One with a NUL byte is a mark that the target itself replaces."""

    WEB_VIEW: ClassVar[str] = ""
    """Its tag for the web page that it makes of a campaign; empty where it makes none."""

    def __init__(self, options: Options, letter: BuiltIssue) -> None:
        self.options, self.letter = options, letter


class FileTarget(Target):
    """A target that takes the issue as it is: files, a server that they are copied to, an intranet."""

    @abstractmethod
    def write(self) -> Receipt:
        """Put the issue there and return where it is. Raises SendingError; a second run replaces the first."""


class ReaderTarget(Target):
    """A target that takes one message a reader, from our list. List, ledger, retries and rate are the program's."""

    REWRITES: ClassVar[tuple[str, ...]] = ()
    """Headers, in lower case, that the service writes anew: a signature of ours must not cover them."""

    UNLESS: ClassVar[str] = ""
    """When readers without an unsubscribe address of their own can leave all the same, as the end of a sentence."""

    @abstractmethod
    def line(self, write: Writer, *, insecure: bool) -> Transport:
        """Return how to reach the target; *write* makes a reader's message, dated at the moment of the call.

        Called once for a run, before the first message. *insecure* allows a connection in the clear to this machine.
        Raises SendingError for what the user can mend, such as a missing extra; nobody was written to then.
        """


class BatchService(ReaderTarget):
    """A service with an HTTP API and a template language, which takes one call for many readers."""

    BATCH: ClassVar[int]
    """How many readers the service takes in one call."""

    MIXES: ClassVar[bool] = False
    """Whether one call may have several letters, those of `letter_of`; else `letter` is that of all its readers."""

    def __init__(self, options: Options, letter: BuiltIssue) -> None:
        super().__init__(options, letter)
        self._translated: Callable[[BuiltIssue], BuiltIssue] = lambda letter: letter

    @abstractmethod
    def access(self) -> Access:
        """Return how the service knows us."""

    @abstractmethod
    def request(self, readers: Sequence[Reader], write: Writer) -> Request:
        """Return the call that sends the issue to *readers*; *write* knows their unsubscribe addresses."""

    @abstractmethod
    def outcomes(self, response: Response, count: int) -> list[Outcome]:
        """Read the answer to `request`: one outcome for each of its *count* readers, in their order.

        Raises Refused where the service refuses us and not a reader.
        """

    def tag(self, connect: Callable[[], Client]) -> str:
        """Return what stands in place of the unsubscribe link; may *connect* to ask. Raises SendingError."""
        return self.UNSUBSCRIBE

    def batch(self) -> int:
        """Return how many readers of this issue fit into one call, at least one."""
        return self.BATCH

    def letter_of(self, reader: Reader, write: Writer) -> BuiltIssue:
        """Return the letter that *reader* gets, in the service's language."""
        return self._translated(write.letter(reader))

    def for_call(self, readers: Sequence[Reader], write: Writer) -> Self:
        """Return the same service with the letter of *readers*, who get the same one unless it MIXES."""
        service = copy(self)
        service.letter = self.letter_of(readers[0], write)
        return service

    def line(self, write: Writer, *, insecure: bool) -> Transport:
        """Translate the issue and return how to reach the service. Raises SendingError."""
        access, base = self.access(), base_address(self.options, insecure=insecure)
        timeout = self.options.number("timeout")

        def connect() -> Client:
            return Client(base, access, clock=write.clock, timeout=timeout)

        assert self.LANGUAGE is not None, "a batch service has a template language"
        translated = partial(translate, language=self.LANGUAGE, unsubscribe=self.tag(connect), target=self.options.name)
        self._translated = lru_cache(_KEPT)(translated)
        self.letter = self._translated(self.letter)
        alike = None if self.MIXES else write.edition
        return Transport(lambda: _BatchConnection(connect(), self, write), self.batch(), alike)


class _BatchConnection:
    """One connection to a batch service. Each has a client of its own, so that one that breaks breaks no other."""

    def __init__(self, client: Client, service: BatchService, write: Writer) -> None:
        self._client, self._service, self._write = client, service, write

    def carry(self, readers: Sequence[Reader], sending: Callable[[], None]) -> list[Outcome]:
        """Hand over one call."""
        # Made before `sending`: an error in making it must not leave its readers as "unknown".
        service = self._service.for_call(readers, self._write)
        call = service.request(readers, self._write)
        return service.outcomes(post(self._client, call, sending), len(readers))

    def close(self) -> None:
        """Close the HTTP client."""
        self._client.close()


class CampaignService(Target):
    """A service that keeps the readers and takes one campaign, by a JSON API over HTTP.

    The defaults fit a service whose campaigns stand below one path, CAMPAIGNS, where POST makes a draft, UPDATE changes
    it and GET lists them, and whose lists of readers stand below LISTS. `campaign.CampaignClient` says in which order
    the calls are made.
    """

    CAMPAIGNS: ClassVar[str]
    """The path of all campaigns; one campaign has its reference behind it."""

    UPDATE: ClassVar[str] = "PATCH"
    """The HTTP method that brings a draft up to date."""

    STATES: ClassVar[Mapping[str, State]] = {"draft": "draft", "scheduled": "scheduled"}
    """The service's words for a draft and a scheduled campaign. Every other word counts as sent: hands off."""

    LISTS: ClassVar[str] = ""
    """The path of all lists of readers, each of which is named in the option `lists`."""

    SIZE: ClassVar[str] = ""
    """The key of a list under which its number of readers stands."""

    def access(self) -> Access:
        """Return how the service knows us: by default the key as a bearer token (RFC 6750)."""
        key = self.options.needed("key")
        return Access(headers={"Authorization": f"Bearer {key.reveal()}"}, secrets=(key,))

    def condition(self) -> Request | None:
        """Ask how the service is set up, where that decides whether a draft there is the letter that was built."""
        return None

    def meets(self, response: Response) -> None:
        """Read the answer to `condition`. Raises SendingError where the letter would not arrive as it was built."""

    def refuse_other_answers(self, address: str, holder: str) -> None:
        """Raise SendingError unless *address* is where the letter's answers go; *holder* has it at the service.

        For a service that takes no such address with a campaign, so that answers do not go elsewhere without a word.
        """
        wanted = self.letter.reply_address
        if wanted and address.casefold() != wanted.casefold():
            raise SendingError(
                f"targets.{self.options.name}",
                f"answers would go to {address or 'the sender'}, as {holder} has it, and not to {wanted}",
                "change it there, or newsletter.reply_to",
            )

    # --- find the campaign of this issue

    @abstractmethod
    def look(self, cursor: str) -> Request:
        """Ask for campaigns among which this issue's would be; *cursor* is empty at first, then that of `found`."""

    @abstractmethod
    def found(self, response: Response, cursor: str) -> CampaignPage:
        """Read the answer to `look`, with the same *cursor*."""

    def page(self, rows: Sequence[Mapping[str, Any]], cursor: str) -> CampaignPage:
        """Return the campaigns that *rows* describe, and the *cursor* of the next page, empty for none."""
        return CampaignPage(campaigns=tuple(self.campaign(row) for row in rows), cursor=cursor)

    def campaign(self, row: Mapping[str, Any]) -> Campaign:
        """Read the description of one campaign."""
        state = self.STATES.get(row["status"], "sent")
        return Campaign(reference=str(row["id"]), name=self.title(row), state=state, address=self.address(row))

    def title(self, row: Mapping[str, Any]) -> str:
        """Return the name that `fields` gave the campaign; this is how a second run finds it."""
        return str(row.get("name") or "")

    @abstractmethod
    def address(self, row: Mapping[str, Any]) -> str:
        """Return where a person looks at the campaign, in the service's own web pages."""

    # --- make it a draft

    @abstractmethod
    def fields(self) -> dict[str, Any]:
        """Return what a draft of this issue holds, as JSON. Raises SendingError for what the service cannot hold."""

    def create(self) -> Request:
        """Make a draft."""
        return Request(method="POST", path=self.CAMPAIGNS, json=self.fields())

    def created(self, response: Response) -> Campaign:
        """Read the answer to `create`."""
        # Some services answer with the reference alone, and what was just made is a draft of that name.
        return replace(self.campaign({"status": "draft", **self.row(response)}), name=self.letter.name)

    def row(self, response: Response) -> dict[str, Any]:
        """Return the one thing that an answer describes: by default the whole of it."""
        body: dict[str, Any] = response.body
        return body

    def at(self, campaign: Campaign, action: str = "") -> str:
        """Return the path of *campaign*, or of an *action* on it."""
        return f"{self.CAMPAIGNS}/{campaign.reference}{action}"

    def update(self, campaign: Campaign) -> Request:
        """Bring a draft up to date."""
        return Request(method=self.UPDATE, path=self.at(campaign), json=self.fields(), again=True)

    def content(self, campaign: Campaign) -> Request | None:
        """Give a draft its HTML and text, where that is a call of its own. None: they are among the fields."""
        return None

    # --- send it

    def lists(self) -> Sequence[object]:
        """Return the lists of readers that the options name, as they go into paths."""
        return self.options.texts("lists")

    def audience(self) -> tuple[Request, ...]:
        """Ask who would get it: by default one call for each list."""
        return tuple(get(f"{self.LISTS}/{name}") for name in self.lists())

    def audience_of(self, responses: Sequence[Response]) -> Audience:
        """Read the answers to `audience`. A reader of two lists is counted twice: services do not say who overlaps."""
        rows = [self.row(response) for response in responses]
        return Audience(name=", ".join(row["name"] for row in rows), size=sum(row[self.SIZE] for row in rows))

    @abstractmethod
    def send(self, campaign: Campaign, when: datetime | None) -> tuple[Request, ...]:
        """Send a draft, now or at *when*, which has a time zone. Only the last call does it."""

    def test(self, campaign: Campaign, address: str) -> Request | None:
        """Send one copy to *address*; None where the service cannot, and ABLE says so."""
        return None


def next_offset(cursor: str, rows: Sequence[object], total: int) -> str:
    """Return the cursor behind *rows* where a service pages by offset, empty where all of *total* were seen.

    A page without rows ends the search whatever *total* says: a count that is too high would never let it end.
    """
    seen = int(cursor or 0) + len(rows)
    return str(seen) if rows and seen < total else ""


def parameter(address: object, name: str) -> str:
    """Return the value of a query parameter in the *address* of the next page; empty where there is no next page."""
    return str(address or "").partition(f"{name}=")[2].partition("&")[0]
