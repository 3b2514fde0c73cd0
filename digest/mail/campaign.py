"""A draft of an issue at a service that keeps the readers, found again by its name. Knows the steps, no service.

Looks before it creates; updates a draft; leaves alone what is sent or scheduled. Where the answer to creating gets lost
it looks again, and does not create a second time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from digest.errors import NoAnswer, SendingError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from digest.mail.built import Able, BuiltIssue
    from digest.mail.http import Access, Client, Request, Response
    from digest.mail.merge_tags import TemplateLanguage
    from digest.mail.options import Known, Options

MOST_PAGES = 50
_LOOKS = 3
State = Literal["draft", "scheduled", "sent"]
"""How a campaign stands: only a draft may be touched. Whatever is neither draft nor scheduled counts as sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A campaign at a service: its *reference* there, its name, how it stands, and where to look at it."""

    reference: str
    name: str
    state: State
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPage:
    """Some campaigns of a service; *cursor* leads to the next ones, empty where these were the last."""

    campaigns: tuple[Campaign, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who would get it: the list's name, and how many they are, where the service says so."""

    name: str
    size: int | None = None


class Service(Protocol):
    """What a module says of one service: calls and what their answers mean. All of it is pure."""

    ABLE: Able
    OPTIONS: tuple[Known, ...]
    LANGUAGE: TemplateLanguage
    UNSUBSCRIBE: str
    """The service's own tag for a reader's unsubscribe address."""

    WEB_VIEW: str
    """Its tag for the web page it makes of a campaign; empty where it has none."""

    def access(self, options: Options) -> Access:
        """Return how it knows us."""

    def look(self, options: Options, letter: BuiltIssue, cursor: str) -> Request:
        """Ask for campaigns, among which this issue's would be."""

    def found(self, options: Options, response: Response, cursor: str) -> CampaignPage:
        """Read the answer to `look`."""

    def create(self, options: Options, letter: BuiltIssue) -> Request:
        """Make a draft."""

    def created(self, options: Options, letter: BuiltIssue, response: Response) -> Campaign:
        """Read the answer to `create`."""

    def update(self, options: Options, letter: BuiltIssue, campaign: Campaign) -> Request:
        """Bring a draft up to date."""

    def content(self, options: Options, letter: BuiltIssue, campaign: Campaign) -> Request | None:
        """Give a draft its words, where that is a call of its own."""

    def audience(self, options: Options) -> tuple[Request, ...]:
        """Ask who would get it."""

    def audience_of(self, options: Options, responses: Sequence[Response]) -> Audience:
        """Read the answers to `audience`."""

    def send(
        self, options: Options, letter: BuiltIssue, campaign: Campaign, when: datetime | None
    ) -> tuple[Request, ...]:
        """Send a draft, now or at *when*; only the last call does it."""

    def test(self, options: Options, letter: BuiltIssue, campaign: Campaign, address: str) -> Request | None:
        """Send one copy; None where the service cannot."""


@runtime_checkable
class Conditional(Protocol):
    """A service that has to be set up in some way before a draft there is the letter that was built."""

    def condition(self, options: Options) -> Request:
        """Ask how it is set up."""

    def meets(self, options: Options, response: Response) -> None:
        """Read the answer to `condition`. Raises SendingError where the letter would not arrive as it was built."""


@dataclass(frozen=True, slots=True)
class CampaignClient:
    """A service with everything needed to talk to it about one issue."""

    service: Service
    options: Options
    client: Client
    letter: BuiltIssue
    wait: Callable[[float], object]

    def find(self) -> Campaign | None:
        """Return the campaign of this issue, None where there is none. Raises SendingError for two of that name."""
        cursor, same = "", []
        for _ in range(MOST_PAGES):
            response = self.client.call(self.service.look(self.options, self.letter, cursor))
            page = self.service.found(self.options, response, cursor)
            same += [campaign for campaign in page.campaigns if campaign.name == self.letter.name]
            cursor = page.cursor
            if not cursor:
                break
        if len(same) > 1:
            raise SendingError(
                self.options.name, f"has {len(same)} campaigns named {self.letter.name!r}", "delete all but one there"
            )
        return same[0] if same else None

    def draft(self) -> Campaign:
        """Create or update the draft of this issue and return it. Raises SendingError; never makes a second one."""
        self._hold_to_condition()
        campaign = self.find()
        if campaign is None:
            campaign, whole = self._create()
        else:
            whole = False
        if campaign.state != "draft":
            raise SendingError(
                f"{self.options.name}, {self.letter.name}",
                f"is {campaign.state} already",
                "it was not touched" + (f"; see {campaign.address}" if campaign.address else ""),
            )
        if not whole:
            self.client.call(self.service.update(self.options, self.letter, campaign))
        content = self.service.content(self.options, self.letter, campaign)
        if content:
            self.client.call(content)
        return campaign

    def audience(self) -> Audience:
        """Return who would get it."""
        answers = [self.client.call(request) for request in self.service.audience(self.options)]
        return self.service.audience_of(self.options, answers)

    def send(self, campaign: Campaign, when: datetime | None) -> Campaign:
        """Send the draft, or schedule it. Raises NoAnswer where nobody knows whether it was."""
        try:
            for request in self.service.send(self.options, self.letter, campaign, when):
                self.client.call(request)
        except NoAnswer:
            now = self.find()
            if now is None or now.state == "draft":
                raise
            return now
        return campaign

    def test(self, campaign: Campaign, address: str) -> None:
        """Send one copy of the draft."""
        request = self.service.test(self.options, self.letter, campaign, address)
        assert request is not None, "ABLE says that it can"
        self.client.call(request)

    def _hold_to_condition(self) -> None:
        if isinstance(self.service, Conditional):
            self.service.meets(self.options, self.client.call(self.service.condition(self.options)))

    def _create(self) -> tuple[Campaign, bool]:
        """Create the draft; return it, and whether it is known to hold what we sent."""
        try:
            response = self.client.call(self.service.create(self.options, self.letter))
        except NoAnswer:
            for number in range(_LOOKS):
                self.wait(2.0**number)
                campaign = self.find()
                if campaign:
                    return campaign, False
            raise
        return self.service.created(self.options, self.letter, response), True
