"""A target's options as it declares them: which are needed, known and secret. Knows no target.

What the settings say is held against that once, before anything is called, and every mistake is told in one error. A
secret comes from an environment variable or a file that the settings name, never from the settings themselves, which
are committed and shared. It is held in a value that does not print.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digest.config.values import Secret
from digest.errors import SendingError, SettingsError
from digest.issue.sent import LOCAL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from digest.config.values import Option, TargetPlan


class SecretValue:
    """A secret that prints as `***`, so that no message, log or traceback can hold it by accident."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the secret, to be handed to the service and to nobody else."""
        return self._value

    def __repr__(self) -> str:
        return "***"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An option that a target knows.

    *default* None: it has to be given. *secret*: only from a variable or a file. *several*: a list is taken, too.
    """

    name: str
    default: str | None = None
    secret: bool = False
    several: bool = False


class Options:
    """The options of one target, checked against what it declares. Raises SettingsError, which names every mistake.

    *name* is the target's in the settings, *kind* what kind of target it is, *place* where in the settings it stands.
    """

    def __init__(self, plan: TargetPlan, declared: Sequence[Known]) -> None:
        self.name, self.kind, self.place = plan.name, plan.kind, plan.place
        self._given: Mapping[str, Option] = dict(plan.options)
        self._known = {option.name: option for option in declared}
        problems = [self._problem(name, value) for name, value in self._given.items()]
        problems += [
            f"{name} is missing"
            for name, option in self._known.items()
            if option.default is None and name not in self._given
        ]
        complaints = [f"{self.place or 'digest.yaml'}: targets.{self.name}: {option}" for option in problems if option]
        if complaints:
            raise SettingsError(complaints)

    def text(self, name: str) -> str:
        """Return a single text, the default where none is given."""
        value = self._given.get(name, self._known[name].default or "")
        assert isinstance(value, str)
        return value

    def known_text(self, name: str) -> str:
        """Return a single text; an empty one where the target declares no such option, as targets of others may not."""
        return self.text(name) if name in self._known else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """Return one text or several, none where the default is empty."""
        value = self._given.get(name, self._known[name].default or "")
        assert not isinstance(value, Secret)
        return value if isinstance(value, tuple) else tuple(filter(None, [value]))

    def number(self, name: str) -> int:
        """Return a whole number. Raises SettingsError where it is none."""
        try:
            return int(self.text(name))
        except ValueError as error:
            raise SettingsError([f"{self.place}: targets.{self.name}: {name} is no whole number"]) from error

    def numbers(self, name: str) -> list[int]:
        """Return one whole number or several, such as a service's lists. Raises SettingsError where one is none."""
        values = self.texts(name)
        wrong = [value for value in values if not value.isascii() or not value.isdigit()]
        if wrong:
            raise SettingsError([f"{self.place}: targets.{self.name}: {name}: {wrong[0]!r} is no whole number"])
        return [int(value) for value in values]

    def secret(self, name: str) -> SecretValue | None:
        """Return what the variable or file holds now, None where the option is not given. Raises SendingError."""
        where = self._given.get(name)
        if not isinstance(where, Secret):
            return None
        if where.env:
            value = os.environ.get(where.env, "")
            if not value:
                raise SendingError(f"targets.{self.name}.{name}", f"${where.env} is not set", "export it")
        else:
            value = _content(where.file)
        # It goes into a header, where a line break would begin another one.
        if not value.isprintable():
            raise SendingError(
                f"targets.{self.name}.{name}", "holds a line break or control character", "write it anew"
            )
        return SecretValue(value)

    def needed(self, name: str) -> SecretValue:
        """Return a secret that has no default, so that it was checked to be given. Raises SendingError."""
        secret = self.secret(name)
        assert secret is not None
        return secret

    def _problem(self, name: str, value: Option) -> str:
        """Return what is wrong with an option as it is given, empty for nothing."""
        option = self._known.get(name)
        if option is None:
            near = get_close_matches(name, self._known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(self._known)) or 'none'}"
            return f"unknown option {name!r} of {self.kind}; {hint}"
        if option.secret != isinstance(value, Secret):
            wanted = (
                "is a secret; write {env: NAME} or {file: PATH}" if option.secret else "is no secret; write the value"
            )
            return f"{name} {wanted}"
        if isinstance(value, tuple) and not option.several:
            return f"{name} takes one value, not a list"
        return ""


def several(base: str | None, *more: Known) -> tuple[Known, ...]:
    """Return the options of a service with an API: its address, its key, and *more*.

    *base* is the address of the API, None where it has to be given. `timeout` is in seconds. `without` lists the parts
    of the issue that may be left out because the service cannot express them.
    """
    return (
        Known(name="base", default=base),
        Known(name="key", secret=True),
        Known(name="timeout", default="30"),
        Known(name="without", default="", several=True),
        *more,
    )


def web_view() -> Known:
    """Return the option that says whose page the links to the web view lead to: `newsletter` or `service`."""
    return Known(name="web_view", default="newsletter")


def is_loopback(host: str) -> bool:
    """Return whether *host* can only be this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def stays_here(options: Options, *, insecure: bool) -> bool:
    """Return whether what is handed over cannot leave this machine: a folder, or a server of a rehearsal.

    A server on this machine may be a relay to the world, so that its address alone says nothing. Together with
    --insecure, which tests and rehearsals need and a relay with TLS does not, it is taken for a rehearsal.
    """
    if options.kind in LOCAL:
        return True
    place = options.known_text("host") or urlsplit(options.known_text("base")).hostname or ""
    return insecure and is_loopback(place)


def base_address(options: Options, *, insecure: bool) -> str:
    """Return the option `base`, without a slash at the end. Raises SendingError for plain http to anywhere else."""
    base = options.text("base").rstrip("/")
    parts = urlsplit(base)
    if parts.scheme == "https" and parts.hostname:
        return base
    if parts.scheme == "http" and insecure and is_loopback(parts.hostname or ""):
        return base
    raise SendingError(
        f"targets.{options.name}.base",
        f"{base!r} would carry the key in the clear",
        "write an https address (plain http: only to this machine, with --insecure)",
    )


def _content(file: str) -> str:
    """Return what a file holds, without the line break that editors put at its end. Raises SendingError."""
    try:
        with open(file, encoding="utf-8") as handle:
            return handle.read().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SendingError(file, "cannot be read as the file of a secret", "mend the path or its rights") from error
