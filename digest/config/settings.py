"""digest.yaml and flags to frozen Settings. Knows every key and its default; reads no article and no clock.

Every problem is reported at once with its line, and an unknown key with the nearest known one. Paths in the file are
relative to the file, paths in flags to the working directory.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from dataclasses import asdict, dataclass, field
from email.utils import parseaddr
from typing import Any, get_args

from digest import files
from digest.config import values
from digest.config.values import (
    DkimPlan,
    FieldPlan,
    Images,
    Match,
    Newsletter,
    Option,
    Order,
    ReadingPlan,
    Rules,
    Secret,
    SectionPlan,
    SendPlan,
    Shape,
    TargetPlan,
    Thin,
)
from digest.config.yamlfile import Keys, read
from digest.errors import SettingsError
from digest.text import sanitize
from digest.weight import ROOM

FILE = "digest.yaml"
"""Where settings are looked for when no file is named."""

_SHIPPED = "templates"
_DEFAULT_TEMPLATES = f"{_SHIPPED}/default"
_KEYS = {
    "newsletter", "archive", "out", "edits", "templates", "window", "sections", "select", "size", "images", "utm",
    "clean_links", "theme", "targets", "send", "fields", "score",
    "largest_article",
}  # fmt: skip
_IMAGES: tuple[Images, ...] = get_args(Images)
_MAX_SLOTS = 100
_LARGEST = ReadingPlan().most
"""Bytes of an article's file; real ones have 2 to 20 thousand."""

_MAX_DAYS = 3_660
_SELECT = {
    "order", "sections", "min_heat", "min_stories", "per_provider", "repeat_after", "returns_with", "late_days",
    "remember",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that can be set.

    *largest_article* is in bytes; *section_places* says where in the file each section plan stands, for messages.
    """

    newsletter: Newsletter
    archive: tuple[str, ...]
    out: str
    edits: str
    templates: str
    days: int
    rules: Rules
    shape: Shape
    theme: tuple[tuple[str, str], ...]
    section_places: tuple[str, ...] = ()
    targets: tuple[TargetPlan, ...] = ()
    send: SendPlan = field(default_factory=SendPlan)
    fields: FieldPlan = field(default_factory=FieldPlan)
    largest_article: int = _LARGEST

    @property
    def reading(self) -> ReadingPlan:
        """How the archive is read."""
        return ReadingPlan(most=self.largest_article, fields=self.fields)

    @property
    def digest(self) -> str:
        """A hash of all that shapes an issue. Folders are not part of it: a moved newsletter stays the same."""
        shaping: dict[str, Any] = {
            "newsletter": asdict(self.newsletter),
            "rules": asdict(self.rules),
            "shape": asdict(self.shape),
            "theme": self.theme,
        }
        if self.fields != FieldPlan():
            shaping["fields"] = asdict(self.fields)
        if not self.rules.remember_all:  # a setting at its default changes no old hash
            del shaping["rules"]["remember_all"]
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
        return _settings(Keys(FILE, {}), flags)
    try:
        keys = read(name)
    except OSError as error:
        problem = f"{name}: {files.trouble(error)}; name your settings with --config FILE"
        raise SettingsError([problem]) from error
    settings = _settings(keys, flags)
    if keys.problems:
        raise SettingsError(keys.in_order())
    return settings


def _settings(keys: Keys, flags: Overrides) -> Settings:
    keys.allow(_KEYS)
    base = os.path.dirname(keys.file)
    window = keys.inner("window", {"days"})
    plans, places = _sections(keys)
    return Settings(
        newsletter=_newsletter(keys),
        archive=flags.archive or tuple(os.path.join(base, folder) for folder in keys.texts("archive", ["seeds"])),
        out=flags.out or os.path.join(base, keys.text("out", "out")),
        edits=os.path.join(base, keys.text("edits", "edits")),
        templates=_templates("", flags.templates)
        if flags.templates
        else _templates(base, keys.text("templates", _DEFAULT_TEMPLATES)),
        days=flags.days or window.integer("days", 7, least=1, most=_MAX_DAYS),
        rules=_rules(keys, plans),
        shape=_shape(keys),
        theme=tuple(sorted(keys.inner("theme").all_texts().items())),
        section_places=places,
        targets=_targets(keys, base),
        send=_send(keys, base),
        fields=_fields(keys),
        largest_article=keys.integer("largest_article", _LARGEST, least=1_000, most=100_000_000),
    )


def _newsletter(keys: Keys) -> Newsletter:
    inner = keys.inner(
        "newsletter",
        {"name", "from", "language", "timezone", "address", "web", "unsubscribe", "unsubscribe_mail", "why"},
    )
    name = sanitize.text(inner.text("name", values.NAME))
    sender = sanitize.text(inner.text("from", _mailbox(name, values.MAILBOX)))
    mail = parseaddr(sender)[1]
    if "@" not in mail:
        inner.problem("from", f"from is no mailbox: {sender!r}; write it like `{name} <news@example.com>`")
    return Newsletter(
        name=name,
        sender=sender,
        language=inner.language("language", "en"),
        timezone=inner.timezone("timezone", "UTC"),
        postal=sanitize.text(inner.text("address", values.POSTAL)),
        web=inner.address("web", values.WEB),
        unsubscribe=inner.address("unsubscribe", values.UNSUBSCRIBE),
        unsubscribe_mail=inner.matching(
            "unsubscribe_mail",
            mail if "@" in mail else values.MAILBOX,
            r"[^\s@<>,?]+@[^\s@<>,?]+",
            "an e-mail address",
        ),
        why=sanitize.text(inner.text("why", "")),
    )


def _mailbox(name: str, address: str) -> str:
    """Return `Name <a@b>`, the name quoted where it needs to be."""
    quoted = name if re.fullmatch(r"[^()<>@,:;.\\\"\[\]]*", name) else '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return f"{quoted} <{address}>"


def _sections(keys: Keys) -> tuple[tuple[SectionPlan, ...] | None, tuple[str, ...]]:
    if "sections" not in keys.pairs:
        return None, ()
    plans, places = [], []
    for inner in keys.each("sections", {"title", "topic", "match", "limit", "min", "thin", "per_provider"}):
        match = _match(inner)
        if match == Match():
            inner.problem("topic", "a section without topic or match; name a topic, or several as [A, B]")
        thin, days = _thin(inner)
        plans.append(
            SectionPlan(
                title=inner.text("title", next(iter(match.any), "Section")),
                match=match,
                limit=inner.integer("limit", 3, least=0, most=_MAX_SLOTS),
                minimum=inner.integer("min", 1, least=0, most=_MAX_SLOTS),
                thin=thin,
                widen_days=days,
                per_provider=inner.optional("per_provider", least=1, most=_MAX_SLOTS),
            )
        )
        places.append(inner.place("topic" if "topic" in inner.pairs else "match"))
    if keys.pairs["sections"].value in (None, ()):
        keys.problem("sections", "sections is empty; leave it out for one section a topic")
    titles = [plan.title.casefold() for plan in plans]
    for title in sorted({title for title in titles if titles.count(title) > 1}):
        keys.problem("sections", f"two sections are titled {title!r}; give each a title of its own")
    return tuple(plans), tuple(places)


def _match(keys: Keys) -> Match:
    """`topic:` is short for `match: {any: …}`."""
    match = keys.inner("match", {"any", "all", "none", "type", "category", "provider", "path"})
    return Match(
        any=(*keys.texts("topic", []), *match.texts("any", [])),
        all=tuple(match.texts("all", [])),
        none=tuple(match.texts("none", [])),
        kinds=tuple(match.texts("type", [])),
        categories=tuple(match.texts("category", [])),
        providers=tuple(match.texts("provider", [])),
        paths=tuple(match.texts("path", [])),
    )


def _thin(keys: Keys) -> tuple[Thin, int]:
    """`skip`, `keep`, or `{widen: DAYS}`."""
    if keys.has("thin") and isinstance(keys.pairs["thin"].value, dict):
        return "widen", keys.inner("thin", {"widen"}).integer("widen", 7, least=1, most=_MAX_DAYS)
    written = keys.text("thin", "skip")
    if written not in ("skip", "keep"):
        keys.problem("thin", f"{keys.prefix}thin is {written!r}; write skip, keep or {{widen: DAYS}}")
    return ("keep" if written == "keep" else "skip"), 0


def _rules(keys: Keys, plans: tuple[SectionPlan, ...] | None) -> Rules:
    inner = keys.inner("select", _SELECT)
    return Rules(
        plans=plans,
        by_heat=inner.choice("sections", "as written", ("as written", "by heat")) == "by heat",
        order=_order(inner),
        min_heat=inner.integer("min_heat", 0, least=0, most=1_000_000),
        min_stories=inner.integer("min_stories", 1, least=1, most=_MAX_SLOTS),
        per_provider=inner.optional("per_provider", least=1, most=_MAX_SLOTS),
        repeat_after=inner.optional("repeat_after", least=1, most=_MAX_DAYS, none="never"),
        returns_with=inner.optional("returns_with", least=1, most=_MAX_SLOTS, none="never"),
        late_days=inner.integer("late_days", 14, least=0, most=_MAX_DAYS),
        remember_all=inner.choice("remember", "own", ("own", "all")) == "all",
    )


def _shape(keys: Keys) -> Shape:
    size = keys.inner("size", {"limit"})
    never = "limit" in size.pairs and not size.has("limit")
    utm = keys.inner("utm", {"source", "medium", "campaign", "term", "content"})
    wanted = keys.choice("images", "all", _IMAGES)
    return Shape(
        limit=None if never else size.integer("limit", ROOM, least=1_000, most=10_000_000),
        images=next(choice for choice in _IMAGES if choice == wanted),
        utm=tuple(sorted((name, sanitize.text(value)) for name, value in utm.all_texts().items())),
        clean_links=keys.choice("clean_links", "true", ("true", "false")) == "true",
    )


def _order(keys: Keys) -> tuple[Order, ...]:
    allowed: tuple[Order, ...] = get_args(Order)
    written = keys.texts("order", ["heat", "quality", "earliest"])
    for word in written:
        if word not in allowed:
            keys.problem("order", f"{keys.prefix}order has no {word!r}; known are {', '.join(allowed)}")
    return tuple(word for name in written for word in allowed if word == name) or ("heat",)


def _targets(keys: Keys, base: str) -> tuple[TargetPlan, ...]:
    """Each target's options as written; the module that talks to the service knows what they mean."""
    inner = keys.inner("targets")
    plans = []
    for name in inner.pairs:
        target = inner.inner(name)
        options = {key: _option(target, key, base) for key in target.pairs if key != "kind"}
        kind = target.text("kind", name)
        plans.append(TargetPlan(name=name, kind=kind, options=tuple(options.items()), place=inner.place(name)))
    return tuple(plans)


def _option(target: Keys, key: str, base: str) -> Option:
    """A text, a list of texts, or where a secret is kept."""
    value = target.pairs[key].value
    if isinstance(value, tuple):
        return tuple(target.texts(key, []))
    if not isinstance(value, dict):
        return target.text(key, "")
    where = target.inner(key, {"env", "file"}).all_texts()
    if len(where) != 1:
        target.problem(key, f"{target.prefix}{key} is no place of a secret; write {{env: NAME}} or {{file: PATH}}")
    return Secret(env=where.get("env", ""), file=os.path.join(base, where["file"]) if "file" in where else "")


def _send(keys: Keys, base: str) -> SendPlan:
    inner = keys.inner(
        "send",
        {
            "ledger",
            "recipients",
            "suppressions",
            "unsubscribe",
            "rate",
            "connections",
            "messages",
            "retry_after",
            "give_up",
            "dkim",
        },
    )
    recipients = inner.text("recipients", "")
    return SendPlan(
        ledger=os.path.join(base, inner.text("ledger", "sent.db")),
        recipients=os.path.join(base, recipients) if recipients else "",
        suppressions=tuple(os.path.join(base, file) for file in inner.texts("suppressions", [])),
        unsubscribe=inner.matching("unsubscribe", "", r'(https://[^\s<>"]+)?', "an https address"),
        rate=inner.optional("rate", least=1, most=10_000, none="unlimited"),
        connections=inner.integer("connections", 2, least=1, most=20),
        messages=inner.integer("messages", 100, least=1, most=100_000),
        retry_after=inner.integer("retry_after", 60, least=1, most=86_400),
        give_up=inner.integer("give_up", 14_400, least=1, most=604_800),
        dkim=_dkim(inner, base),
    )


_FIELDS = (
    "title", "excerpt", "publishedDateTime", "webUrl", "heat", "quality", "topics", "provider", "language", "image",
    "published", "draft",
)  # fmt: skip
"""What `fields` may name."""


def _fields(keys: Keys) -> FieldPlan:
    """`fields: {webUrl: link}`, and `score: shares` or `score: {shares: 1, comments: 2}`."""
    names = keys.inner("fields", _FIELDS).all_texts()
    if not keys.has("score"):
        return FieldPlan(names=tuple(names.items()))
    if not isinstance(keys.pairs["score"].value, dict):
        return FieldPlan(names=tuple(names.items()), score=((keys.text("score", ""), 1.0),))
    inner, score = keys.inner("score"), []
    for name, written in inner.all_texts().items():
        try:
            weight = float(written)
        except ValueError:
            weight = math.nan
        if not -1e6 < weight < 1e6:
            inner.problem(name, f"score.{name} is {written!r}; write a number, the weight of that field")
        score.append((name, weight))
    return FieldPlan(names=tuple(names.items()), score=tuple(score))


def _dkim(send: Keys, base: str) -> DkimPlan | None:
    if not send.has("dkim"):
        return None
    inner = send.inner("dkim", {"selector", "domain", "key"})
    key = _option(inner, "key", base) if inner.has("key") else ""
    if not isinstance(key, Secret):
        inner.problem("key", f"{inner.prefix}key is a secret; write {{env: NAME}} or {{file: PATH}}")
        key = Secret()
    selector = inner.matching("selector", "", r"[A-Za-z0-9._-]+", "the selector of a DKIM record")
    return DkimPlan(selector=selector, domain=inner.text("domain", ""), key=key)


def _templates(base: str, folder: str) -> str:
    """The theme's folder: the newsletter's own, else the shipped one of that name."""
    own = os.path.join(base, folder)
    return own if os.path.isdir(own) else shipped_theme(folder) or own


def shipped_theme(folder: str = _DEFAULT_TEMPLATES) -> str | None:
    """Return where a theme that comes with the program stands, such as `templates/plain`; None if none is called so."""
    return shipped(folder) if os.path.dirname(folder) == _SHIPPED else None


def shipped(folder: str) -> str | None:
    """Return where a folder that comes with the program stands, such as `seeds`; None if none is called so."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for root in (package, os.path.dirname(package)):  # in the wheel; in the repository
        if os.path.isdir(os.path.join(root, folder)):
            return os.path.join(root, folder)
    return None
