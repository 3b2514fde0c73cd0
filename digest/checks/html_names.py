"""The names that HTML and CSS have, from html_names.json: what the checks of validity compare a page with.

Kept by hand, since no source says what this needs: which names make sense in a letter. Elements, their content models
and their attributes are those of the HTML standard, with the presentational attributes of old that mail clients still
need; roles and `aria-` names those of WAI-ARIA without the widgets; properties and keywords those of CSS that browsers
know, without single makers' own. A name that is missing there makes `digest check` refuse a page that is right: add
it, with the standard open. tests/test_checks_outside.py asks Nu's checker the same questions.
"""

from __future__ import annotations

import json
import os
from typing import Any

with open(os.path.join(os.path.dirname(__file__), "html_names.json"), encoding="utf-8") as _file:
    _NAMES: dict[str, Any] = json.load(_file)


def _by_name(table: dict[str, list[str]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(names) for name, names in table.items()}


# Elements: those that HTML once had, those on lines of their own, those that may not hold one of these, and all.
GIVEN_UP = frozenset(_NAMES["given_up"])
FLOW = frozenset(_NAMES["flow"])
PHRASING = frozenset(_NAMES["phrasing"])
ELEMENTS = FLOW | PHRASING | frozenset(_NAMES["other_elements"])
# Those that a client shows as blocks, and those that do something by themselves.
BLOCKS = frozenset(_NAMES["blocks"])
ACTIVE = frozenset(_NAMES["active"])

ROLES = frozenset(_NAMES["roles"])
# What may stand behind `aria-`.
ARIA = frozenset(_NAMES["aria"])
_GLOBAL_ATTRIBUTES = frozenset(_NAMES["global_attributes"])
_ATTRIBUTES = {name: own | _GLOBAL_ATTRIBUTES for name, own in _by_name(_NAMES["attributes"]).items()}

# CSS properties, without those of single makers, and the values that each of them takes.
PROPERTIES = frozenset(_NAMES["properties"])
WIDE = frozenset(_NAMES["wide"])
# Properties that take one of a few keywords; lengths, and how many of them; words instead of a length; a colour.
KEYWORDS = _by_name(_NAMES["keywords"])
LENGTHS: dict[str, int] = _NAMES["lengths"]
LENGTH_WORDS = _by_name(_NAMES["length_words"])
COLOURED = frozenset(_NAMES["coloured"])


def attributes_of(element: str) -> frozenset[str]:
    """Return the attributes of *element*, those of old that mail clients need included; no aria-, data- and on…."""
    return _ATTRIBUTES.get(element, _GLOBAL_ATTRIBUTES)
