"""digest.yaml and flags to frozen Settings. Knows every key and its default; reads no article and no clock.

Every problem is reported at once with its line, and an unknown key with the nearest known one. Paths in the file are
relative to the file, paths in flags to the working directory.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from email.utils import parseaddr
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from digest import clean, yamltree
from digest.errors import SettingsError
from digest.model import Newsletter, Problem, Rules, SectionPlan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from digest.yamltree import Node

FILE = "digest.yaml"
"""Where settings are looked for when no file is named."""

_SHIPPED_TEMPLATES = "templates/default"
_MAX_SLOTS = 100
_ID = "0-issue-id-0"
"""Stands for `{id}` while an address is cleaned; lower case because hosts are."""
_MAX_DAYS = 3_660


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that can be set. *section_places* says where in the file each section plan stands, for messages."""

    newsletter: Newsletter
    archive: tuple[str, ...]
    out: str
    templates: str
    days: int
    rules: Rules
    theme: tuple[tuple[str, str], ...]
    section_places: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """A hash of all that shapes an issue. Folders are not part of it: a moved newsletter stays the same."""
        shaping = {"newsletter": asdict(self.newsletter), "rules": asdict(self.rules), "theme": self.theme}
        return hashlib.sha256(json.dumps(shaping, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What flags say instead of the file; None and empty mean that the flag was not given."""

    archive: tuple[str, ...] = ()
    out: str | None = None
    templates: str | None = None
    days: int | None = None


def load(file: str | None = None, overrides: Overrides | None = None) -> Settings:
    """Return the settings of *file*, by default of digest.yaml if there is one here, with *overrides* on top.

    Raises SettingsError with every problem of the file.
    """
    flags = overrides or Overrides()
    name = file or FILE
    if file is None and not os.path.exists(FILE):
        return _settings(_Keys(FILE, {}), flags)
    try:
        with open(name, "rb") as handle:
            content = handle.read()
        content.decode("utf-8")
        root = yamltree.parse(content.removeprefix(b"\xef\xbb\xbf"))
    except OSError as error:
        raise SettingsError(
            [f"{name}: cannot be read ({error.strerror}); name your settings with --config FILE"]
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError([f"{name}: is not UTF-8; save it as UTF-8"]) from error
    except yamltree.YamlProblem as error:
        raise SettingsError([Problem(path=name, line=error.line, what=error.what)]) from error
    if root.value is not None and not isinstance(root.value, dict):
        raise SettingsError([Problem(path=name, line=root.line, what="is not a list of `key: value` lines")])
    keys = _Keys(name, root.value or {})
    settings = _settings(keys, flags)
    if keys.problems:
        by_line = sorted(keys.problems, key=lambda problem: problem.line or 0)
        raise SettingsError(by_line)
    return settings


def _settings(keys: _Keys, flags: Overrides) -> Settings:
    keys.allow({"newsletter", "archive", "out", "templates", "window", "sections", "select", "theme"})
    base = os.path.dirname(keys.file)
    window = keys.inner("window", {"days"})
    plans, places = _sections(keys)
    return Settings(
        newsletter=_newsletter(keys),
        archive=flags.archive or tuple(os.path.join(base, folder) for folder in keys.texts("archive", ["seeds"])),
        out=flags.out or os.path.join(base, keys.text("out", "out")),
        templates=flags.templates or _templates(base, keys.text("templates", _SHIPPED_TEMPLATES)),
        days=flags.days or window.integer("days", 7, least=1, most=_MAX_DAYS),
        rules=_rules(keys, plans),
        theme=tuple(sorted(keys.inner("theme").all_texts().items())),
        section_places=places,
    )


def _newsletter(keys: _Keys) -> Newsletter:
    here = keys.inner(
        "newsletter",
        {"name", "from", "language", "timezone", "address", "web", "unsubscribe", "unsubscribe_mail", "why"},
    )
    name = clean.text(here.text("name", "The AI Week"))
    sender = clean.text(here.text("from", _mailbox(name, "news@example.com")))
    mail = parseaddr(sender)[1]
    if "@" not in mail:
        here.problem("from", f"from is no mailbox: {sender!r}; write it like `{name} <news@example.com>`")
    return Newsletter(
        name=name,
        sender=sender,
        language=here.matching(
            "language", "en", r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", "a language tag such as en or pt-BR"
        ),
        timezone=here.timezone("timezone", "UTC"),
        postal=clean.text(here.text("address", "1 Example Street, 10115 Berlin, Germany")),
        web=here.address("web", "https://example.com/issues/{id}/"),
        unsubscribe=here.address("unsubscribe", "https://example.com/unsubscribe"),
        unsubscribe_mail=here.matching(
            "unsubscribe_mail",
            mail if "@" in mail else "news@example.com",
            r"[^\s@<>,?]+@[^\s@<>,?]+",
            "an e-mail address",
        ),
        why=clean.text(here.text("why", f"You get this because you signed up for {name}.")),
    )


def _mailbox(name: str, address: str) -> str:
    """Return `Name <a@b>`, the name quoted where it needs to be."""
    quoted = name if re.fullmatch(r"[^()<>@,:;.\\\"\[\]]*", name) else '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return f"{quoted} <{address}>"


def _sections(keys: _Keys) -> tuple[tuple[SectionPlan, ...] | None, tuple[str, ...]]:
    if "sections" not in keys.pairs:
        return None, ()
    plans, places = [], []
    for here in keys.each("sections", {"title", "topic", "limit"}):
        topics = here.texts("topic", [])
        if not topics:
            here.problem("topic", "a section without topic; name one, or several as [A, B]")
        title = here.text("title", topics[0] if topics else "")
        plans.append(
            SectionPlan(title=title, topics=tuple(topics), limit=here.integer("limit", 3, least=0, most=_MAX_SLOTS))
        )
        places.append(here.place("topic"))
    if keys.pairs["sections"].value in (None, ()):
        keys.problem("sections", "sections is empty; leave it out for one section a topic")
    return tuple(plans), tuple(places)


def _rules(keys: _Keys, plans: tuple[SectionPlan, ...] | None) -> Rules:
    here = keys.inner("select", {"min_heat", "per_provider"})
    per_provider = here.integer("per_provider", 0, least=1, most=_MAX_SLOTS) if here.has("per_provider") else None
    return Rules(plans=plans, min_heat=here.integer("min_heat", 0, least=0, most=1_000_000), per_provider=per_provider)


def _templates(base: str, folder: str) -> str:
    """The theme's folder; the shipped default theme where the newsletter has none of its own."""
    own = os.path.join(base, folder)
    if folder != _SHIPPED_TEMPLATES or os.path.isdir(own):
        return own
    here = os.path.dirname(os.path.abspath(__file__))
    inside = os.path.join(here, _SHIPPED_TEMPLATES)  # in the wheel
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(here), _SHIPPED_TEMPLATES)


@dataclass(slots=True)
class _Keys:
    """A mapping of the file with typed getters. Collects every problem; a bad value reads as its default."""

    file: str
    pairs: Mapping[str, Node]
    prefix: str = ""
    line: int = 1
    problems: list[Problem] = field(default_factory=list)

    def allow(self, known: Iterable[str]) -> None:
        names = sorted(known)
        for key in sorted(set(self.pairs) - set(names)):
            near = get_close_matches(key, names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names)}"
            self.problem(key, f"unknown key {self.prefix + key!r}; {hint}")

    def has(self, key: str) -> bool:
        return key in self.pairs and self.pairs[key].value is not None

    def place(self, key: str) -> str:
        return f"{self.file}:{self.pairs[key].line if key in self.pairs else self.line}"

    def problem(self, key: str, what: str) -> None:
        line = self.pairs[key].line if key in self.pairs else self.line
        self.problems.append(Problem(path=self.file, line=line, what=what))

    def text(self, key: str, default: str) -> str:
        if not self.has(key):
            return default
        value = self.pairs[key].value
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.problem(key, f"{self.prefix}{key} is not a text")
        return default

    def texts(self, key: str, default: list[str]) -> list[str]:
        """A list of texts, or a single one."""
        value = self.pairs[key].value if self.has(key) else None
        if not isinstance(value, tuple):
            single = self.text(key, "")
            return [single] if single else default
        words = [member.value.strip() for member in value if isinstance(member.value, str) and member.value.strip()]
        if not words or len(words) != len(value):
            self.problem(key, f"{self.prefix}{key} is not a list of texts")
        return words

    def all_texts(self) -> dict[str, str]:
        for key in self.pairs:
            if not self.has(key):
                self.problem(key, f"{self.prefix}{key} is not a text")
        return {key: self.text(key, "") for key in self.pairs}

    def integer(self, key: str, default: int, *, least: int, most: int) -> int:
        written = self.text(key, str(default))
        if re.fullmatch(r"-?[0-9]{1,9}", written) and least <= int(written) <= most:
            return int(written)
        if self.has(key) and isinstance(self.pairs[key].value, str):
            self.problem(key, f"{self.prefix}{key} is {written!r}, not a whole number from {least} to {most}")
        return default

    def matching(self, key: str, default: str, pattern: str, wanted: str) -> str:
        written = self.text(key, default)
        if re.fullmatch(pattern, written):
            return written
        self.problem(key, f"{self.prefix}{key} is not {wanted}: {written!r}")
        return default

    def address(self, key: str, default: str) -> str:
        written = self.text(key, default)
        address = clean.address(written.replace("{id}", _ID))
        if address and address.startswith("https:"):
            return address.replace(_ID, "{id}")
        self.problem(key, f"{self.prefix}{key} is not an https address: {written!r}")
        return default

    def timezone(self, key: str, default: str) -> str:
        written = self.text(key, default)
        try:
            ZoneInfo(written)
        except (OSError, ValueError, KeyError):  # a name that is a folder, malformed, or unknown
            self.problem(key, f"{self.prefix}{key} is no time zone: {written!r}; write it like Europe/Berlin")
            return default
        return written

    def inner(self, key: str, known: Iterable[str] | None = None) -> _Keys:
        """The mapping at *key*, empty where there is none; None for *known* allows any key."""
        value = self.pairs[key].value if self.has(key) else {}
        line = self.pairs[key].line if key in self.pairs else self.line
        if not isinstance(value, dict):
            self.problem(key, f"{self.prefix}{key} is not a list of `key: value` lines")
            value = {}
        here = _Keys(self.file, value, f"{self.prefix}{key}.", line, self.problems)
        if known is not None:
            here.allow(known)
        return here

    def each(self, key: str, known: Iterable[str]) -> list[_Keys]:
        """The mappings of the list at *key*."""
        value = self.pairs[key].value
        found = []
        for number, member in enumerate(value if isinstance(value, tuple) else ()):
            if isinstance(member.value, dict):
                here = _Keys(self.file, member.value, f"{key}[{number}].", member.line, self.problems)
                here.allow(known)
                found.append(here)
            else:
                self.problems.append(Problem(path=self.file, line=member.line, what=f"{key}[{number}] is no section"))
        if value is not None and not isinstance(value, tuple):
            self.problem(key, f"{key} is not a list")
        return found
