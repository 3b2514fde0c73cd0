"""The frozen values that the settings hold: newsletter, sections, rules, targets.

Nobody answers there. The domains are reserved for examples and tests (RFC 2606, RFC 6761), so no newsletter of this
world has one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from digest.model import Story, folded
from digest.weight import ROOM

# What stories can be ordered by; each is explained in `selection/order.py`. Schema and reference follow from here.
Order = Literal["heat", "quality", "coverage", "freshness", "earliest", "latest", "path"]

# Which pictures a letter shows: all, that of the first story only, or none; icons count as pictures.
Images = Literal["all", "lead", "off"]

# What happens to a section with fewer stories than its minimum: left out, kept, or filled from earlier days.
Thin = Literal["skip", "keep", "widen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsletter:
    """Who sends: what readers see around the stories, and what a bulk sender owes them.

    *sender* is a mailbox (`Name <a@b>`), *postal* the address bulk mail must carry, *web* the address of an issue's
    web view with `{id}` in it, *why* the sentence that tells readers why they get this; empty for the language's own.
    """

    name: str
    sender: str
    language: str
    timezone: str
    postal: str
    web: str
    unsubscribe: str
    unsubscribe_mail: str
    why: str

    def web_address(self, issue_id: str) -> str:
        """The address of the web view of one issue."""
        return self.web.replace("{id}", issue_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How an issue becomes a message, whatever its theme.

    *limit* is the most bytes of HTML, None for no limit; *images* says which pictures are shown; *utm* are the
    newsletter's own marks on story links, as (source, the-ai-week), with `{id}` for the issue; *clean_links* takes off
    what counts readers.
    """

    limit: int | None = ROOM
    images: Images = "all"
    utm: tuple[tuple[str, str], ...] = ()
    clean_links: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which stories a section takes: all that is given must hold; what is empty is not asked.

    Topics compare without case; *paths* are globs on the lead's path; the rest is asked of the lead.
    """

    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()

    @property
    def topics(self) -> tuple[str, ...]:
        """Every topic named, wanted or not."""
        return (*self.any, *self.all, *self.none)

    def takes(self, story: Story) -> bool:
        """Whether *story* may stand in the section."""
        lead, topics = story.lead, story.topic_keys
        return (
            (not self.any or not topics.isdisjoint(folded(self.any)))
            and (not self.all or topics.issuperset(folded(self.all)))
            and (not self.none or topics.isdisjoint(folded(self.none)))
            and (not self.kinds or lead.kind.casefold() in folded(self.kinds))
            and (not self.categories or lead.category.casefold() in folded(self.categories))
            and (
                not self.providers
                or not {lead.provider.key, lead.provider.name.casefold()}.isdisjoint(folded(self.providers))
            )
            and (not self.paths or any(fnmatchcase(lead.path, glob) for glob in self.paths))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPlan:
    """What fields are called where articles come from, and what makes a heat where there is none.

    *names* maps ours to theirs; *score* is weights of fields, whose sum is the heat.
    """

    names: tuple[tuple[str, str], ...] = ()
    score: tuple[tuple[str, float], ...] = ()

    def called(self, name: str) -> tuple[str, ...]:
        """What our field *name* may be called, best first: as the settings say, then as we do."""
        return (*(theirs for ours, theirs in self.names if ours == name and theirs != name), name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingPlan:
    """How the files of an archive are read: none of more than *most* bytes, its fields by the names of *fields*."""

    most: int = 1024 * 1024
    fields: FieldPlan = FieldPlan()


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPlan:
    """A section as the settings ask for it, before anything is picked.

    *limit* slots; below *minimum* stories its policy *thin* holds, *widen_days* says by how many days; *per_provider*
    is the most stories one provider may lead in it.
    """

    title: str
    match: Match
    limit: int = 3
    minimum: int = 1
    thin: Thin = "skip"
    widen_days: int = 0
    per_provider: int | None = None

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics it takes."""
        return self.match.any or self.match.all


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How to choose. *plans* None: a section a topic found, at most *default_sections* of *default_limit* slots.

    *order* ranks stories; *by_heat* lets the sections follow their first story instead of the settings' order.
    *min_heat* is the least heat that may run, *per_provider* the most stories one provider may lead in an issue,
    *min_stories* the fewest that make an issue. *repeat_after* days a story may run again (None: never), and with
    *returns_with* more providers at once (None: not for that). Articles of up to *late_days* before the window may come
    late. *remember_all*: what other newsletters of the same `out` ran counts, too.
    """

    plans: tuple[SectionPlan, ...] | None = None
    by_heat: bool = False
    order: tuple[Order, ...] = ("heat", "quality", "earliest")
    min_heat: int = 0
    per_provider: int | None = None
    min_stories: int = 1
    repeat_after: int | None = None
    returns_with: int | None = None
    late_days: int = 14
    remember_all: bool = False
    default_sections: int = 6
    default_limit: int = 3

    def reach_days(self, *, remembers: bool) -> int:
        """Return how many days before the window an article may still matter.

        A thin section may look back to it; it may come late only where an earlier issue is remembered.
        """
        return max([self.late_days if remembers else 0, *(plan.widen_days for plan in self.plans or ())])


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """Where a secret is kept: the name of an environment variable, or a file. Never the secret itself."""

    env: str = ""
    file: str = ""


Option = str | tuple[str, ...] | Secret
"""What an option of a target may be; the target says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetPlan:
    """A mail service as the settings name it. *kind* says which module talks to it, *place* where it is set."""

    name: str
    kind: str
    options: tuple[tuple[str, Option], ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DkimPlan:
    """How to sign: *domain* by default the sender's."""

    selector: str
    key: Secret
    domain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPlan:
    """How to send where we address each reader ourselves.

    *recipients* and *suppressions* are files, *unsubscribe* is an address with columns of the recipients' file in
    braces. *rate* is messages a second (None: no limit), *messages* the most on one connection. A soft refusal is tried
    again after *retry_after* seconds, then ever later, and no more after *give_up* seconds. *dkim* None: not signed.
    """

    ledger: str = "sent.db"
    recipients: str = ""
    suppressions: tuple[str, ...] = ()
    unsubscribe: str = ""
    rate: int | None = None
    connections: int = 2
    messages: int = 100
    retry_after: int = 60
    give_up: int = 14_400
    dkim: DkimPlan | None = None


NAME = "The AI Week"
MAILBOX = "news@example.com"
POSTAL = "1 Example Street, 10115 Berlin, Germany"
WEB = "https://example.com/issues/{id}/"
UNSUBSCRIBE = "https://example.com/unsubscribe"

_RESERVED = re.compile(
    r"(?:.*\.)?(?:example\.(?:com|net|org)|example|test|invalid|localhost|localdomain)\.?", re.IGNORECASE
)


def is_example(host: str) -> bool:
    """Whether *host* is one of the domains that belong to nobody, or below one."""
    return bool(_RESERVED.fullmatch(host))
