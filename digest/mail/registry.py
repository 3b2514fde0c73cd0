"""From the name of a target to its class, shipped or installed, and what the target would get of an issue.

A shipped target is a module in `targets` with one class; the module's name is what users write as `kind`. Others come
from the entry points of the group `digest.targets`, each of which names a class, a module that holds one, or a module
of functions as the documentation once wanted it, of which a class is made here.

A target that takes the issue as it was built gets just that; a service with a template language gets the letter in
which no word of the news acts and its own tag stands where each reader's unsubscribe address goes.
"""

from __future__ import annotations

import os
from dataclasses import replace
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules
from types import ModuleType
from typing import TYPE_CHECKING, Any

from digest.config.values import TargetPlan
from digest.errors import SendingError, SettingsError
from digest.issue.sent import LOCAL
from digest.mail import merge_tags
from digest.mail.target import CampaignService, FileTarget, ReaderTarget, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.mail.built import Able, BuiltIssue


GROUP = "digest.targets"
_PLACE = "digest.mail.targets"

# By the folder, so that a module that is new is a target at once, and none is imported before it is asked for.
SHIPPED = tuple(sorted(module.name for module in iter_modules([os.path.join(os.path.dirname(__file__), "targets")])))
"""The kinds of target that come with the program: one for each module in `targets`, in alphabetical order."""


def find(plan: TargetPlan, *, named: Sequence[str] = ()) -> type[Target]:
    """Return the target class of that kind. Raises SettingsError for one that is not there, or is no target.

    *named* are the settings' own names, one of which may have been meant.
    """
    if plan.kind in SHIPPED:
        return _target_class(import_module(f"{_PLACE}.{plan.kind}"), plan)
    others = {point.name: point for point in entry_points(group=GROUP)}
    if plan.kind in others:
        return _target_class(others[plan.kind].load(), plan)
    names = [*named, *SHIPPED, *sorted(others)]
    near = get_close_matches(plan.kind, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names)}"
    raise SettingsError([f"{plan.place or '--to'}: no target is called {plan.kind!r}; {hint}"])


def _target_class(named: Any, plan: TargetPlan) -> type[Target]:  # noqa: ANN401 - whatever an entry point names
    """Return the class that *named* is, that it holds, or that calls its functions. Raises SettingsError for none."""
    if isinstance(named, type) and issubclass(named, Target):
        return named
    for value in vars(named).values() if isinstance(named, ModuleType) else ():
        # Defined there and not imported: a module may build on the class of another target.
        if isinstance(value, type) and issubclass(value, Target) and value.__module__ == named.__name__:
            return value
    target = _adapted(named)
    if target is None:
        problem = f"{plan.kind!r} is no target: it has no class of a target and no function of one"
        raise SettingsError([f"{plan.place or '--to'}: {problem}; see docs/own-target.md"])
    return target


def plans(configured: Sequence[TargetPlan]) -> list[TargetPlan]:
    """Return the targets that the settings name, then the shipped services that they do not.

    Without those of files on this machine: nobody would look at what they get, which is the issue as it was built.
    """
    kinds = {plan.kind for plan in configured} | LOCAL
    shipped = [TargetPlan(name=kind, kind=kind) for kind in SHIPPED if kind not in kinds]
    return [*configured, *shipped]


def foresee(plan: TargetPlan, letter: BuiltIssue) -> BuiltIssue:
    """Return *letter* as the target gets it, but for what a reader's own address would be.

    Needs no option and no secret of the target, so that the preview can show it before any is set. Raises
    SettingsError, and SendingError for what the target cannot express.
    """
    target = find(plan)
    translated = translated_for(target, letter, name=plan.name, web_view=str(dict(plan.options).get("web_view", "")))
    if "\0" not in target.UNSUBSCRIBE:
        return translated
    # A mark of ours, in whose place each reader's own address goes; here it is the newsletter's.
    own = letter.unsubscribe
    html, text = translated.html.replace(target.UNSUBSCRIBE, own), translated.text.replace(target.UNSUBSCRIBE, own)
    return replace(translated, html=html, text=text)


def translated_for(target: type[Target], letter: BuiltIssue, *, name: str, web_view: str = "") -> BuiltIssue:
    """Return *letter* in the target's language, with its tags; as it is for a target that has no language.

    *name* is the target's in the settings, for messages. *web_view* `service` lets the links to the web view lead to
    the service's own page. Raises SendingError for what the service cannot express.
    """
    if target.LANGUAGE is None:
        return letter
    if web_view not in {"", "newsletter", "service"}:
        raise SendingError(f"targets.{name}.web_view", f"is {web_view!r}", "write newsletter or service")
    web = target.WEB_VIEW if web_view == "service" else ""
    return merge_tags.translate(letter, target.LANGUAGE, unsubscribe=target.UNSUBSCRIBE, target=name, web=web)


def remarks(plan: TargetPlan) -> list[str]:
    """Say in sentences what the target does with an issue that is not as it was built. Raises SettingsError."""
    target = find(plan)
    limits = _limits(target.ABLE)
    if target.LANGUAGE and "\0" not in target.UNSUBSCRIBE:
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


# --- targets written as modules, as docs/own-target.md had them before targets were classes
#
# Such a module (or any object) has ABLE, OPTIONS and the functions of one kind: `write(options, letter)`; or
# `line(options, letter, write, *, insecure)`; or the calls of a campaign service. Each takes what stands in `self` of a
# class today: always the options, and the letter where the table below says so.

# The constants that such a module may have, each of which is an attribute of the same name today.
_CONSTANTS = ("ABLE", "OPTIONS", "LANGUAGE", "UNSUBSCRIBE", "WEB_VIEW", "REWRITES", "UNLESS")

# The functions of each kind, the telling one first, and whether they take the letter behind the options.
_FUNCTIONS: dict[type[Target], dict[str, bool]] = {
    CampaignService: {
        "create": True,
        "access": False,
        "look": True,
        "found": False,
        "created": True,
        "update": True,
        "content": True,
        "audience": False,
        "audience_of": False,
        "send": True,
        "test": True,
    },
    ReaderTarget: {"line": True},
    FileTarget: {"write": True},
}

# A service that had no condition left these two out.
_OPTIONAL = {"condition": False, "meets": False}


def _adapted(module: Any) -> type[Target] | None:  # noqa: ANN401 - whatever an entry point names
    """Return a target class that calls the functions of *module*; None where it has those of no kind."""
    for kind, functions in _FUNCTIONS.items():
        if hasattr(module, "ABLE") and hasattr(module, next(iter(functions))):
            present = functions | {name: letter for name, letter in _OPTIONAL.items() if hasattr(module, name)}
            body = {
                # Abstract in the class, and only called by what the module replaces: without a value in their place
                # the class could not be used.
                **dict.fromkeys(kind.__abstractmethods__),
                **{name: getattr(module, name) for name in _CONSTANTS if hasattr(module, name)},
                **{name: _method(getattr(module, name), letter=letter) for name, letter in present.items()},
            }
            return type(f"Adapted{kind.__name__}", (kind,), body)
    return None


def _method(function: Callable[..., Any], *, letter: bool) -> Callable[..., Any]:
    """Return *function* as a method, which puts the target's own options before the arguments, and its *letter*."""

    def method(self: Target, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as the function
        own = (self.options, self.letter) if letter else (self.options,)
        return function(*own, *arguments, **named)

    return method
