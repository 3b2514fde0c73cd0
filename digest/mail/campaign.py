"""A draft of an issue at a service that keeps the readers, found again by its name.

Looks before it creates; updates a draft; leaves alone what is sent or scheduled. Where the answer to creating gets lost
it looks again, and does not create a second time. The calls themselves are those of a `target.CampaignService`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from digest.errors import NoAnswer, SendingError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from digest.mail.built import BuiltIssue
    from digest.mail.http import Client
    from digest.mail.target import CampaignService

# Pages of campaigns that are looked through, newest first. A service that never ends its list must not hold us.
MOST_PAGES = 50

# How often a draft is looked for whose creation had no answer: after 1, 2 and 4 seconds.
_LOOKS = 3

State = Literal["draft", "scheduled", "sent"]
"""How a campaign stands: only a draft may be touched. Whatever is neither draft nor scheduled counts as sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A campaign at a service.

    *reference* is the service's own name for it, *name* ours (`BuiltIssue.name`); *address* is where a person looks at
    it, empty where the service does not say.
    """

    reference: str
    name: str
    state: State
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPage:
    """Some campaigns of a service; *cursor* is what `look` takes for the next ones, empty where these were the last."""

    campaigns: tuple[Campaign, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who would get a campaign: the list's *name*, and its *size* in readers, None where the service does not say."""

    name: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class CampaignClient:
    """A service that has an issue, and the connection to it: says which call is made when.

    *wait* sleeps so many seconds. All methods raise SendingError where the service refuses or cannot be reached.
    """

    service: CampaignService
    client: Client
    wait: Callable[[float], object]

    @property
    def letter(self) -> BuiltIssue:
        """The issue in the service's own language."""
        return self.service.letter

    @property
    def target(self) -> str:
        """The name of the target in the settings."""
        return self.service.options.name

    def find(self) -> Campaign | None:
        """Return the campaign of this issue, None where there is none. Raises SendingError for two of that name."""
        cursor, same = "", []
        for _ in range(MOST_PAGES):
            page = self.service.found(self.client.call(self.service.look(cursor)), cursor)
            same += [campaign for campaign in page.campaigns if campaign.name == self.letter.name]
            cursor = page.cursor
            if not cursor:
                break
        if len(same) > 1:
            raise SendingError(
                self.target, f"has {len(same)} campaigns named {self.letter.name!r}", "delete all but one there"
            )
        return same[0] if same else None

    def draft(self) -> Campaign:
        """Create or update the draft of this issue and return it; never makes a second one.

        Raises SendingError where the issue is sent or scheduled there already: then it is not touched.
        """
        condition = self.service.condition()
        if condition:
            self.service.meets(self.client.call(condition))
        campaign, whole = self.find(), False
        if campaign is None:
            campaign, whole = self._create()
        if campaign.state != "draft":
            raise SendingError(
                f"{self.target}, {self.letter.name}",
                f"is {campaign.state} already",
                "it was not touched" + (f"; see {campaign.address}" if campaign.address else ""),
            )
        if not whole:
            self.client.call(self.service.update(campaign))
        content = self.service.content(campaign)
        if content:
            self.client.call(content)
        return campaign

    def audience(self) -> Audience:
        """Return who would get it."""
        return self.service.audience_of([self.client.call(request) for request in self.service.audience()])

    def send(self, campaign: Campaign, when: datetime | None) -> Campaign:
        """Send the draft, or schedule it for *when*. Raises NoAnswer where nobody knows whether it was."""
        try:
            for request in self.service.send(campaign, when):
                self.client.call(request)
        except NoAnswer:
            # Not asked a second time: the service may be sending it. How it stands there says whether it is.
            now = self.find()
            if now is None or now.state == "draft":
                raise
            return now
        return campaign

    def test(self, campaign: Campaign, address: str) -> None:
        """Send one copy of the draft to *address*. The service's ABLE has to say that it can."""
        request = self.service.test(campaign, address)
        assert request is not None, "ABLE says that it can"
        self.client.call(request)

    def _create(self) -> tuple[Campaign, bool]:
        """Create the draft; return it, and whether it is known to hold what we sent."""
        try:
            response = self.client.call(self.service.create())
        except NoAnswer:
            # A service may list a campaign some seconds after it made it, so one look is not enough.
            for number in range(_LOOKS):
                self.wait(2.0**number)
                campaign = self.find()
                if campaign:
                    return campaign, False
            raise
        return self.service.created(response), True
