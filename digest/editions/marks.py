"""Hashes that tell whether two are made of the same, in whichever process and on whichever machine."""

from __future__ import annotations

import hashlib
from dataclasses import fields, is_dataclass


def hash_of(value: object) -> str:
    """Return a hash of *value*, the same in every process: values, and tuples, sets and dataclasses of them."""
    return hashlib.sha256(repr(_plain(value)).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _plain(value: object) -> object:
    """Return *value* in a form that is always written alike: sets have no order of their own."""
    if is_dataclass(value):
        return type(value).__name__, *(_plain(getattr(value, each.name)) for each in fields(value))
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    if isinstance(value, frozenset):
        return "set", *sorted(map(repr, map(_plain, value)))
    return value
