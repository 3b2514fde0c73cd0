"""The name of a target to the module that talks to it: the shipped ones, and those of others by entry point.

A target is a module (or an object) with ABLE, OPTIONS and the functions of one of three kinds: Files, Readers,
Campaigns. docs/sending.md says how to write one. Knows the kinds, not the services.
"""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Protocol, TypeGuard, cast, runtime_checkable

from digest.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.mail.campaigns import Service
    from digest.mail.delivery import Line
    from digest.mail.letter import Able, Letter, Receipt, Writer
    from digest.mail.merge import Language
    from digest.mail.options import Known, Options
    from digest.model import TargetPlan

GROUP = "digest.targets"
SHIPPED = (
    "file",
    "outbox",
    "smtp",
    "listmonk",
    "buttondown",
    "resend",
    "sendgrid",
    "mailchimp",
    "brevo",
    "mailgun",
    "postmark",
    "ses",
)


class Target(Protocol):
    """What every target says of itself."""

    ABLE: Able
    OPTIONS: tuple[Known, ...]


@runtime_checkable
class Files(Target, Protocol):
    """A target that takes the issue as it is."""

    def write(self, options: Options, letter: Letter) -> Receipt:
        """Put the files there."""


@runtime_checkable
class Readers(Target, Protocol):
    """A target that takes one message a reader, from our list."""

    def line(self, options: Options, letter: Letter, write: Writer, *, insecure: bool) -> Line:
        """Return how to reach it."""


class Worded(Target, Protocol):
    """A target with a template language, and its tag for a reader's own unsubscribe address."""

    LANGUAGE: Language
    UNSUBSCRIBE: str


def is_worded(target: Target) -> TypeGuard[Worded]:
    """Whether a target would read words of an issue as its tags."""
    return hasattr(target, "LANGUAGE") and hasattr(target, "UNSUBSCRIBE")


def is_campaigns(target: Target) -> TypeGuard[Service]:
    """Whether a target keeps the readers itself and takes one campaign."""
    return hasattr(target, "create") and hasattr(target, "found")


def find(plan: TargetPlan, *, named: Sequence[str] = ()) -> Target:
    """Return the target of that kind. Raises SettingsError for one that is not there.

    *named* are the settings' own names, one of which may have been meant.
    """
    if plan.kind in SHIPPED:
        return cast("Target", import_module(f"digest.mail.targets.{plan.kind}"))
    others = {point.name: point for point in entry_points(group=GROUP)}
    if plan.kind in others:
        return cast("Target", others[plan.kind].load())
    known = [*named, *SHIPPED, *sorted(others)]
    near = get_close_matches(plan.kind, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
    raise SettingsError([f"{plan.place or '--to'}: no target is called {plan.kind!r}; {hint}"])
