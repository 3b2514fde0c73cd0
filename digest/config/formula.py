"""The setting `score`: what makes a heat, as a field, weights of fields, or a list of signals.

    score: shares
    score: {shares: 1, comments: 2.5}
    score:
      - {field: shares, curve: log, cap: 5000, weight: 10}
      - {signal: coverage, curve: log, cap: 8, weight: 6}
      - {signal: age, half_life: 36, weight: 4}
      - {signal: provider, points: {nature.com: 6, The Post: 3}, other: 1}
      - {signal: constant, weight: 1}

What is worth how many points is reckoned in `records.scoring`. A new signal is a name in `values.SignalName`, its keys
in `_KEYS`, and its value in `records.scoring`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast, get_args

from digest.config.declared import Setting
from digest.config.values import Curve, Signal, SignalName

if TYPE_CHECKING:
    from digest.config.yamlfile import Keys

_CURVES = get_args(Curve)
_SIGNALS: tuple[SignalName, ...] = tuple(name for name in get_args(SignalName) if name != "field")
_MOST = 999_999
"""The greatest weight, either way."""

_NUMBERS: dict[str, tuple[float, float]] = {
    "weight": (-_MOST, _MOST),
    "cap": (0.001, 999_999_999),
    "half_life": (0.1, 100_000),
    "other": (-_MOST, _MOST),
}
"""Keys of numbers, with the least and the most of each."""

_COUNTED = ("weight", "curve", "cap")
_KEYS: dict[SignalName, tuple[str, ...]] = {
    "field": ("field", *_COUNTED),
    "coverage": ("signal", *_COUNTED),
    "age": ("signal", "half_life", "weight"),
    "provider": ("signal", "points", "other"),
    "constant": ("signal", "weight"),
}
_ALL_KEYS = frozenset(key for keys_of in _KEYS.values() for key in keys_of)
_REQUIRED: dict[SignalName, str] = {"age": "half_life", "provider": "points"}

_EXAMPLES = {
    "half_life": "36, the hours after which half of the points are left",
    "points": "{nature.com: 6, The Post: 3}",
}

Formula = tuple[tuple[tuple[str, float], ...], tuple[Signal, ...]]
"""Weights of fields, and signals."""


class Score(Setting[Formula]):
    """A field, weights of fields, or a list of signals."""

    def read(self, keys: Keys) -> Formula:
        """Return the weights and the signals, of which only one is there."""
        if not keys.has(self.key):
            return (), ()
        value = keys.pairs[self.key].value
        if isinstance(value, tuple):
            return (), tuple(filter(None, map(_signal, keys.each(self.key, _ALL_KEYS))))
        if not isinstance(value, dict):
            return ((keys.text(self.key, ""), 1.0),), ()
        return _weights(keys.inner(self.key), "the weight of that field"), ()

    def schema(self) -> dict[str, Any]:
        """Return a field's name, numbers by name, or a list of signals."""
        weights = {"type": "object", "additionalProperties": {"type": "number"}}
        signals = [_schema_of(name) for name in _KEYS]
        return {
            "oneOf": [{"type": "string"}, weights, {"type": "array", "minItems": 1, "items": {"oneOf": signals}}],
        }

    def kind(self) -> str:
        """Return in words what may be written."""
        return "a field, weights of fields, or a list of signals"


def _schema_of(name: SignalName) -> dict[str, Any]:
    """Return the JSON Schema of one kind of signal."""
    kinds: dict[str, dict[str, Any]] = {
        "field": {"type": "string"},
        "signal": {"const": name},
        "curve": {"enum": list(_CURVES), "default": _CURVES[0]},
        "points": {"type": "object", "minProperties": 1, "additionalProperties": {"type": "number"}},
        **{key: {"type": "number", "minimum": least, "maximum": most} for key, (least, most) in _NUMBERS.items()},
    }
    required = [_KEYS[name][0], *([_REQUIRED[name]] if name in _REQUIRED else [])]
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": {key: kinds[key] for key in _KEYS[name]},
    }


def _signal(keys: Keys) -> Signal | None:
    """Return the signal that *keys* describe; None, and a problem, where they name none, or both kinds."""
    if keys.has("field") == keys.has("signal"):
        keys.problem("field", f"{keys.prefix.rstrip('.')} names no one signal; write a field or a signal, and not both")
        return None
    if keys.has("field"):
        name: SignalName = "field"
    else:
        written = keys.choice("signal", "", _SIGNALS)
        if not written:
            return None
        name = cast("SignalName", written)
    for key in sorted((set(keys.pairs) - set(_KEYS[name])).intersection(_ALL_KEYS)):
        keys.problem(key, f"{keys.prefix}{key} means nothing for {name}; its keys are {', '.join(_KEYS[name])}")
    lacking = _REQUIRED.get(name, "")
    if lacking and not keys.has(lacking):
        keys.problem("signal", f"{keys.prefix}{lacking} is missing; write {lacking}: {_EXAMPLES[lacking]}")
    return Signal(
        name=name,
        field=keys.text("field", ""),
        weight=_number(keys, "weight", 1),
        curve=cast("Curve", keys.choice("curve", _CURVES[0], _CURVES)),
        cap=_number(keys, "cap", 1) if keys.has("cap") else None,
        half_life=_number(keys, "half_life", 1),
        points=_weights(keys.inner("points"), "the points of that provider") if keys.has("points") else (),
        other=_number(keys, "other", 0),
    )


def _number(keys: Keys, key: str, default: float) -> float:
    least, most = _NUMBERS[key]
    return keys.number(key, default, least=least, most=most)


def _weights(keys: Keys, meaning: str) -> tuple[tuple[str, float], ...]:
    """Return each name with its number; *meaning* says in a message what that is."""
    weights = []
    for name, written in keys.all_texts().items():
        try:
            weight = float(written)
        except ValueError:
            weight = float("nan")
        if not -1e6 < weight < 1e6:
            keys.problem(name, f"{keys.prefix}{name} is {written!r}; write a number, {meaning}")
        weights.append((name, weight))
    return tuple(weights)
