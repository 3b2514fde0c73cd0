"""How settings are declared: a group is a class, and a setting an attribute of it, with everything there is to say.

    class SelectGroup(Group):
        "How stories are chosen."
        min_heat = Integer("No story below this runs.", 0, least=0, most=1_000_000)

    select = SelectGroup(keys)      # keys: what the file has below `select:`
    select.min_heat                 # its value, an int; a problem of the file is noted in *keys*

The keys that a file may have, the JSON Schema that editors complete by, and the table in docs/settings.md all come from
the same declaration, so none of them can lack a setting or name another default.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_args, overload

from digest.text import sanitize

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from digest.config.yamlfile import Keys

Value = TypeVar("Value")
GroupType = TypeVar("GroupType", bound="Group")


class Setting(Generic[Value]):
    """One setting: the key in the file, by default the attribute's name, and a sentence about it.

    *about* is a sentence for schema and documentation. *required* settings have no default: their group is incomplete
    without them.
    """

    def __init__(self, about: str, *, key: str = "", required: bool = False) -> None:
        self.about = about
        self.key = key
        self.required = required

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.key = self.key or name

    @overload
    def __get__(self, group: None, owner: type) -> Setting[Value]: ...
    @overload
    def __get__(self, group: Group, owner: type) -> Value: ...
    def __get__(self, group: Group | None, owner: type) -> Setting[Value] | Value:
        if group is None:
            return self
        # Kept in the group, where Python finds it before this is asked again: a problem must be noted once, however
        # often the value is looked at.
        value = self.read(group.keys)
        vars(group)[self.name] = value
        return value

    def read(self, keys: Keys) -> Value:
        """Return the value in *keys*, or the default; a value of another kind is noted in *keys* as a problem."""
        raise NotImplementedError

    def schema(self) -> dict[str, Any]:
        """Return what JSON Schema says of it, without the sentence."""
        raise NotImplementedError

    def kind(self) -> str:
        """Return in words what may be written."""
        raise NotImplementedError

    def default_in_words(self) -> str:
        """Return the default as the documentation shows it; empty where there is none, or it depends on others."""
        default = self.schema().get("default")
        if isinstance(default, list):
            return f"`[{', '.join(map(str, default))}]`"
        return "" if default is None else f"`{str(default).lower() if isinstance(default, bool) else default}`"


class Group:
    """Settings that stand below one key of the file; the docstring of a subclass is the sentence about it."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys

    @classmethod
    def settings(cls) -> dict[str, Setting[Any]]:
        """Return its settings by key, in the order in which they are declared."""
        members = [member for member in vars(cls).values() if isinstance(member, Setting)]
        return {member.key: member for member in members}

    @classmethod
    def needed(cls) -> list[str]:
        """Return the keys that have to be there."""
        return [key for key, setting in cls.settings().items() if setting.required]

    @classmethod
    def about(cls) -> str:
        """Return the sentence about it."""
        return (cls.__doc__ or "").split("\n")[0]

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """Return the JSON Schema of the group: no other keys, and a description for each."""
        members = cls.settings()
        required = cls.needed()
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {key: {**member.schema(), "description": member.about} for key, member in members.items()},
            **({"required": required} if required else {}),
        }


class PlainText(Setting[str]):
    """A text. *default* None: it depends on other settings, or there is none, and an absent text is empty.

    *pattern* is what the schema asks of it; what the code asks beyond that is asked where the value is used.
    """

    def __init__(
        self,
        about: str,
        default: str | None = None,
        *,
        key: str = "",
        pattern: str = "",
        examples: Sequence[str] = (),
        required: bool = False,
    ) -> None:
        super().__init__(about, key=key, required=required)
        self.default = default
        self.pattern = pattern
        self.examples = examples

    def read(self, keys: Keys) -> str:
        """Return the text, without white space around it; of one that nobody would see a problem is noted."""
        text = keys.text(self.key, self.default or "")
        if text and not sanitize.text(text):
            keys.problem(
                self.key, f"{keys.prefix}{self.key} has only invisible characters; write words, or leave it out"
            )
        return text

    def schema(self) -> dict[str, Any]:
        """Return a string, with its pattern."""
        return {
            "type": "string",
            **({} if self.default is None else {"default": self.default}),
            **({"pattern": self.pattern} if self.pattern else {}),
            **({"examples": list(self.examples)} if self.examples else {}),
        }

    def kind(self) -> str:
        """Return in words what may be written."""
        return "text"


class LanguageTag(PlainText):
    """A language tag (BCP 47) whose dates are known."""

    def read(self, keys: Keys) -> str:
        """Return the tag, written by rule."""
        return keys.language(self.key, self.default or "")

    def kind(self) -> str:
        """Return in words what may be written."""
        return "language tag"


class TimeZone(PlainText):
    """The name of a time zone (IANA)."""

    def read(self, keys: Keys) -> str:
        """Return the name; "" where none is set and there is no default."""
        return keys.timezone(self.key, self.default or "") if self.default or keys.has(self.key) else ""

    def kind(self) -> str:
        """Return in words what may be written."""
        return "time zone"


class WebAddress(PlainText):
    """An https URL, in which `{id}` may stand. *placeholder*, which may be empty, is read where none is set."""

    def __init__(
        self,
        about: str,
        default: str | None = None,
        *,
        placeholder: str = "",
        pattern: str = "^https://",
        required: bool = False,
    ) -> None:
        super().__init__(about, default, pattern=pattern, required=required)
        self.placeholder = default or placeholder

    def read(self, keys: Keys) -> str:
        """Return the URL."""
        return keys.address(self.key, self.placeholder)

    def kind(self) -> str:
        """Return in words what may be written."""
        return "https URL"


class Integer(Setting[int]):
    """A whole number from *least* to *most*."""

    def __init__(self, about: str, default: int, *, least: int, most: int, key: str = "") -> None:
        super().__init__(about, key=key)
        self.default, self.least, self.most = default, least, most

    def read(self, keys: Keys) -> int:
        """Return the number."""
        return keys.integer(self.key, self.default, least=self.least, most=self.most)

    def schema(self) -> dict[str, Any]:
        """Return an integer with its bounds."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most, "default": self.default}

    def kind(self) -> str:
        """Return in words what may be written."""
        return f"{self.least:,} to {self.most:,}"


class Number(Setting[float]):
    """A number from *least* to *most*, decimals included; a whole one is an int."""

    def __init__(self, about: str, default: float, *, least: int, most: int) -> None:
        super().__init__(about)
        self.default, self.least, self.most = default, least, most

    def read(self, keys: Keys) -> float:
        """Return the number."""
        return keys.number(self.key, self.default, least=self.least, most=self.most)

    def schema(self) -> dict[str, Any]:
        """Return a number with its bounds."""
        return {"type": "number", "minimum": self.least, "maximum": self.most, "default": self.default}

    def kind(self) -> str:
        """Return in words what may be written."""
        return f"{self.least:,} to {self.most:,}"


class NumberOrNone(Setting[float | None]):
    """A number from *least* to *most*, decimals included, or none, which *none* is the word for."""

    def __init__(self, about: str, default: float, *, least: float, most: int, none: str) -> None:
        super().__init__(about)
        self.default, self.least, self.most, self.none = default, least, most, none

    def read(self, keys: Keys) -> float | None:
        """Return the number, or None where the word is written."""
        if keys.text(self.key, "") == self.none:
            return None
        return keys.number(self.key, self.default, least=self.least, most=self.most)

    def schema(self) -> dict[str, Any]:
        """Return a number with its bounds, or the word."""
        number = {"type": "number", "minimum": self.least, "maximum": self.most}
        return {"oneOf": [number, {"const": self.none}], "default": self.default}

    def kind(self) -> str:
        """Return in words what may be written."""
        return f"{self.least:,} to {self.most:,}, or `{self.none}`"


class OptionalInteger(Setting[int | None]):
    """A whole number from *least* to *most*, or none: the default, which *none* is the word for, where there is one."""

    def __init__(self, about: str, *, least: int, most: int, none: str = "") -> None:
        super().__init__(about)
        self.least, self.most, self.none = least, most, none

    def read(self, keys: Keys) -> int | None:
        """Return the number, or None."""
        return keys.optional(self.key, least=self.least, most=self.most, none=self.none)

    def schema(self) -> dict[str, Any]:
        """Return an integer with its bounds, or that or the word."""
        number = {"type": "integer", "minimum": self.least, "maximum": self.most}
        return {"oneOf": [number, {"const": self.none}]} if self.none else number

    def kind(self) -> str:
        """Return in words what may be written."""
        return f"{self.least:,} to {self.most:,}" + (f", or `{self.none}`" if self.none else "")

    def default_in_words(self) -> str:
        """Return the word for none."""
        return f"`{self.none}`" if self.none else ""


class Choice(Setting[str]):
    """One of several words, the first of which is the default."""

    def __init__(self, about: str, choices: Sequence[str]) -> None:
        super().__init__(about)
        self.choices = choices

    def read(self, keys: Keys) -> str:
        """Return the word."""
        return keys.choice(self.key, self.choices[0], self.choices)

    def schema(self) -> dict[str, Any]:
        """Return the words."""
        return {"enum": list(self.choices), "default": self.choices[0]}

    def kind(self) -> str:
        """Return in words what may be written."""
        return " or ".join(f"`{choice}`" for choice in self.choices)


class Switch(Setting[bool]):
    """True or false."""

    def __init__(self, about: str, *, default: bool) -> None:
        super().__init__(about)
        self.default = default

    def read(self, keys: Keys) -> bool:
        """Return whether it is on."""
        choices = ("true", "false") if self.default else ("false", "true")
        return keys.choice(self.key, choices[0], ("true", "false")) == "true"

    def schema(self) -> dict[str, Any]:
        """Return a Boolean."""
        return {"type": "boolean", "default": self.default}

    def kind(self) -> str:
        """Return in words what may be written."""
        return "`true` or `false`"


TEXT_OR_TEXTS: dict[str, Any] = {
    "oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]
}


class Texts(Setting[tuple[str, ...]]):
    """A text, or a list of texts."""

    def __init__(self, about: str, default: Sequence[str] = (), *, key: str = "") -> None:
        super().__init__(about, key=key)
        self.default = default

    def read(self, keys: Keys) -> tuple[str, ...]:
        """Return the texts."""
        return tuple(keys.texts(self.key, list(self.default)))

    def schema(self) -> dict[str, Any]:
        """Return a string or an array of strings."""
        return {**TEXT_OR_TEXTS, **({"default": list(self.default)} if self.default else {})}

    def kind(self) -> str:
        """Return in words what may be written."""
        return "text or list"


class LanguageTags(Setting[tuple[str, ...]]):
    """A language tag (BCP 47), or a list of them."""

    def read(self, keys: Keys) -> tuple[str, ...]:
        """Return the tags, written by rule."""
        return tuple(keys.languages(self.key))

    def schema(self) -> dict[str, Any]:
        """Return a string or an array of strings, and what YAML 1.1 makes of a bare `no`, which is Norwegian."""
        tags = [{"type": "string", "pattern": "^[A-Za-z]{2,3}([-_][A-Za-z0-9]+)*$"}, {"const": False}]
        return {"oneOf": [*tags, {"type": "array", "items": {"oneOf": tags}, "minItems": 1}]}

    def kind(self) -> str:
        """Return in words what may be written."""
        return "language tag or list"


class WordList(Setting[tuple[str, ...]]):
    """One or several of the words of a Literal type; an unknown one is a problem that names them all."""

    def __init__(self, about: str, literal: object, default: Sequence[str], *, reference: str) -> None:
        super().__init__(about)
        self.choices: tuple[str, ...] = get_args(literal)
        self.default = default
        self.reference = reference

    def read(self, keys: Keys) -> tuple[str, ...]:
        """Return the words that are known."""
        written = keys.texts(self.key, list(self.default))
        for word in written:
            if word not in self.choices:
                keys.problem(self.key, f"{keys.prefix}{self.key} has no {word!r}; known are {', '.join(self.choices)}")
        return tuple(word for word in written if word in self.choices)

    def schema(self) -> dict[str, Any]:
        """Return one word or an array of them, by reference to the definition that lists them."""
        reference = {"$ref": self.reference}
        return {
            "oneOf": [reference, {"type": "array", "items": reference, "minItems": 1}],
            "default": list(self.default),
        }

    def kind(self) -> str:
        """Return in words what may be written."""
        return "one or several of " + ", ".join(f"`{choice}`" for choice in self.choices)


class Nested(Setting[GroupType]):
    """A group of settings below a key."""

    def __init__(self, group: type[GroupType], *, key: str = "") -> None:
        super().__init__(group.about(), key=key)
        self.group = group

    def read(self, keys: Keys) -> GroupType:
        """Return the group; an unknown key in it is a problem."""
        return self.group(keys.inner(self.key, self.group.settings()))

    def schema(self) -> dict[str, Any]:
        """Return the schema of the group."""
        return self.group.schema()

    def kind(self) -> str:
        """Return in words what may be written."""
        return "settings below it"


class Listed(Setting[tuple[GroupType, ...]]):
    """A list of groups, at least *least* of them where the key is there."""

    def __init__(
        self, about: str, group: type[GroupType], *, least: int = 0, key: str = "", required: bool = False
    ) -> None:
        super().__init__(about, key=key, required=required)
        self.group = group
        self.least = least

    def read(self, keys: Keys) -> tuple[GroupType, ...]:
        """Return a group for each member of the list."""
        if self.key not in keys.pairs:
            return ()
        return tuple(self.group(inner) for inner in keys.each(self.key, self.group.settings()))

    def schema(self) -> dict[str, Any]:
        """Return an array of groups."""
        bounds = {"minItems": self.least} if self.least else {}
        return {"type": "array", **bounds, "items": {**self.group.schema(), "description": self.group.about()}}

    def kind(self) -> str:
        """Return in words what may be written."""
        return "list of settings"


class ListedKinds(Setting[Value]):
    """A list of groups of several *kinds*, told apart by the key `kind`; all of them have the settings of *common*."""

    def __init__(self, about: str, kinds: Mapping[str, type[Group]], common: type[Group]) -> None:
        super().__init__(about)
        self.kinds, self.common = kinds, common

    def entries(self, keys: Keys) -> Iterator[tuple[str, Keys]]:
        """Yield kind and keys of each member of the list; an unknown kind or key, and a missing one, is a problem."""
        for entry in keys.each(self.key) if self.key in keys.pairs else ():
            kind = entry.text("kind", "")
            group = self.kinds.get(kind)
            if group is None:
                near = get_close_matches(kind, self.kinds, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"write {' or '.join(self.kinds)}"
                entry.problem("kind", f"{entry.prefix}kind is {f'{kind!r}' if kind else 'missing'}; {hint}")
                continue
            entry.allow({"kind", *group.settings(), *self.common.settings()})
            for key in group.needed():
                if not entry.has(key):
                    has = " and ".join(group.needed())
                    problem = f"{entry.prefix}{key} is missing; a block of kind {kind} has {has}"
                    entry.problem(key, problem, line=entry.pairs["kind"].line)
            yield kind, entry

    def schema(self) -> dict[str, Any]:
        """Return an array whose members are one of the kinds each."""
        common = self.common.schema()["properties"]
        members = []
        for kind, group in self.kinds.items():
            own = group.schema()
            properties = {"kind": {"const": kind, "description": group.about()}, **own["properties"], **common}
            required = ["kind", *own.get("required", ())]
            members.append({**own, "description": group.about(), "properties": properties, "required": required})
        return {"type": "array", "items": {"oneOf": members}}

    def kind(self) -> str:
        """Return in words what may be written."""
        return "list of " + ", ".join(f"`{kind}`" for kind in self.kinds)


def rows(group: type[Group], prefix: str = "") -> Iterator[tuple[str, str, str, str]]:
    """Yield key, kind, default and sentence of every setting of *group* and of the groups in it, for a table."""
    for key, setting in group.settings().items():
        if isinstance(setting, Nested | Listed):
            below = f"{prefix}{key}[]." if isinstance(setting, Listed) else f"{prefix}{key}."
            yield f"{prefix}{key}", setting.kind(), "", setting.about
            yield from rows(setting.group, below)
        elif isinstance(setting, ListedKinds):
            yield f"{prefix}{key}", setting.kind(), "", setting.about
            for kind, one in setting.kinds.items():
                yield f"{prefix}{key}[].kind", f"`{kind}`", "", one.about()
                yield from rows(one, f"{prefix}{key}[{kind}].")
            yield from rows(setting.common, f"{prefix}{key}[].")
        else:
            yield f"{prefix}{key}", setting.kind(), setting.default_in_words(), setting.about
