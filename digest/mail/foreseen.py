"""What a target would get of an issue, seen beforehand. Talks to nobody and needs no key; knows the targets' languages.

A target that takes the issue as it was built gets just that; a service with a template language gets the letter in
which no word of the news acts and its own tag stands where each reader's unsubscribe address goes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from digest.errors import SendingError
from digest.mail import merge, registry
from digest.model import TargetPlan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.mail.letter import Able, Letter
    from digest.mail.registry import Worded

_AS_BUILT = frozenset({"file", "outbox"})


def plans(configured: Sequence[TargetPlan]) -> list[TargetPlan]:
    """Return the targets that the settings name, then the shipped services that they do not."""
    kinds = {plan.kind for plan in configured} | _AS_BUILT
    shipped = [TargetPlan(name=kind, kind=kind) for kind in registry.SHIPPED if kind not in kinds]
    return [*configured, *sorted(shipped, key=lambda plan: plan.name)]


def foresee(plan: TargetPlan, letter: Letter) -> Letter:
    """Return *letter* as the target gets it. Raises SettingsError, and SendingError for what it cannot express."""
    target = registry.find(plan)
    if not registry.is_worded(target):
        return letter
    told = in_its_words(target, letter, name=plan.name, web_view=str(dict(plan.options).get("web_view", "")))
    if "\0" not in target.UNSUBSCRIBE:
        return told
    # A mark of ours, in whose place each reader's own address goes; here it is the newsletter's.
    own = letter.unsubscribe
    html, text = told.html.replace(target.UNSUBSCRIBE, own), told.text.replace(target.UNSUBSCRIBE, own)
    return replace(told, html=html, text=text)


def in_its_words(target: Worded, letter: Letter, *, name: str, web_view: str = "") -> Letter:
    """Return *letter* in the target's language, with its tags. Raises SendingError for what it cannot express.

    *web_view* `service` lets the links to the web view lead to the service's own page.
    """
    if web_view not in {"", "newsletter", "service"}:
        raise SendingError(f"targets.{name}.web_view", f"is {web_view!r}", "write newsletter or service")
    web = getattr(target, "WEB_VIEW", "") if web_view == "service" else ""
    return merge.translate(letter, target.LANGUAGE, unsubscribe=target.UNSUBSCRIBE, target=name, web=web)


def remarks(plan: TargetPlan) -> list[str]:
    """Say in sentences what the target does with an issue that is not as it was built. Raises SettingsError."""
    target = registry.find(plan)
    found = _limits(target.ABLE)
    if registry.is_worded(target) and "\0" not in target.UNSUBSCRIBE:
        found.insert(0, f"Each reader’s unsubscribe address goes in as {target.UNSUBSCRIBE}.")
    return found


def _limits(able: Able) -> list[str]:
    in_html = "It has no field for the preheader, which stands first in the HTML all the same."
    sentences = {
        "It makes a plain text of its own from the HTML; ours is left out.": able.text,
        "It writes the headers itself.": able.headers,
        in_html: able.preheader or able.headers,
        "It cannot send a test copy.": able.test,
    }
    return [sentence for sentence, holds in sentences.items() if not holds]
