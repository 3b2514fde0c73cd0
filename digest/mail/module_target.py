"""Targets written as modules, as docs/own-target.md had them before targets were classes. They work as they did.

Such a module (or any object) has ABLE, OPTIONS and the functions of one kind: `write(options, letter)`; or
`line(options, letter, write, *, insecure)`; or the calls of a campaign service. Each takes what stands in `self` of a
class today: always the options, and the letter where the table below says so. `registry` makes a class of each such
module, so that nobody else has to know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digest.mail.target import CampaignService, FileTarget, ReaderTarget

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.mail.target import Target

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


def adapted(module: Any) -> type[Target] | None:  # noqa: ANN401 - whatever an entry point names
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
