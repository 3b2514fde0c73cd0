"""From the name of a target to its module, shipped or installed, and what it would get of an issue.

A target is a module (or an object) with ABLE, OPTIONS and the functions of one of three kinds: Files, Readers,
Campaigns. docs/sending.md says how to write one. Knows the kinds, not the services.

A target that takes the issue as it was built gets just that; a service with a template language gets the letter in
which no word of the news acts and its own tag stands where each reader's unsubscribe address goes.
"""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Protocol, TypeGuard, cast, runtime_checkable

from digest.config.values import TargetPlan
from digest.errors import SendingError, SettingsError
from digest.mail import merge_tags

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.mail.built import Able, BuiltIssue, Receipt, Writer
    from digest.mail.campaign import Service
    from digest.mail.delivery import Transport
    from digest.mail.merge_tags import TemplateLanguage
    from digest.mail.options import Known, Options


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
class FileTarget(Target, Protocol):
    """A target that takes the issue as it is."""

    def write(self, options: Options, letter: BuiltIssue) -> Receipt:
        """Put the files there."""


@runtime_checkable
class ReaderTarget(Target, Protocol):
    """A target that takes one message a reader, from our list."""

    def line(self, options: Options, letter: BuiltIssue, write: Writer, *, insecure: bool) -> Transport:
        """Return how to reach it."""


class Worded(Target, Protocol):
    """A target with a template language, and its tag for a reader's own unsubscribe address."""

    LANGUAGE: TemplateLanguage
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
    names = [*named, *SHIPPED, *sorted(others)]
    near = get_close_matches(plan.kind, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names)}"
    raise SettingsError([f"{plan.place or '--to'}: no target is called {plan.kind!r}; {hint}"])


_AS_BUILT = frozenset({"file", "outbox"})


def plans(configured: Sequence[TargetPlan]) -> list[TargetPlan]:
    """Return the targets that the settings name, then the shipped services that they do not."""
    kinds = {plan.kind for plan in configured} | _AS_BUILT
    shipped = [TargetPlan(name=kind, kind=kind) for kind in SHIPPED if kind not in kinds]
    return [*configured, *sorted(shipped, key=lambda plan: plan.name)]


def foresee(plan: TargetPlan, letter: BuiltIssue) -> BuiltIssue:
    """Return *letter* as the target gets it. Raises SettingsError, and SendingError for what it cannot express."""
    target = find(plan)
    if not is_worded(target):
        return letter
    translated = in_its_words(target, letter, name=plan.name, web_view=str(dict(plan.options).get("web_view", "")))
    if "\0" not in target.UNSUBSCRIBE:
        return translated
    # A mark of ours, in whose place each reader's own address goes; here it is the newsletter's.
    own = letter.unsubscribe
    html, text = translated.html.replace(target.UNSUBSCRIBE, own), translated.text.replace(target.UNSUBSCRIBE, own)
    return replace(translated, html=html, text=text)


def in_its_words(target: Worded, letter: BuiltIssue, *, name: str, web_view: str = "") -> BuiltIssue:
    """Return *letter* in the target's language, with its tags. Raises SendingError for what it cannot express.

    *web_view* `service` lets the links to the web view lead to the service's own page.
    """
    if web_view not in {"", "newsletter", "service"}:
        raise SendingError(f"targets.{name}.web_view", f"is {web_view!r}", "write newsletter or service")
    web = getattr(target, "WEB_VIEW", "") if web_view == "service" else ""
    return merge_tags.translate(letter, target.LANGUAGE, unsubscribe=target.UNSUBSCRIBE, target=name, web=web)


def remarks(plan: TargetPlan) -> list[str]:
    """Say in sentences what the target does with an issue that is not as it was built. Raises SettingsError."""
    target = find(plan)
    limits = _limits(target.ABLE)
    if is_worded(target) and "\0" not in target.UNSUBSCRIBE:
        limits.insert(0, f"Each reader’s unsubscribe address goes in as {target.UNSUBSCRIBE}.")
    return limits


def _limits(able: Able) -> list[str]:
    in_html = "It has no field for the preheader, which stands first in the HTML all the same."
    sentences = {
        "It makes a plain text of its own from the HTML; ours is left out.": able.text,
        "It writes the headers itself.": able.headers,
        in_html: able.preheader or able.headers,
        "It cannot send a test copy.": able.test,
    }
    return [sentence for sentence, holds in sentences.items() if not holds]
