"""How a field of a record is found: under any of its names, best first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from digest.records.fields import Fields, inside, nodes
from digest.records.names import FieldNames

if TYPE_CHECKING:
    from digest.config.yamlfile import Node

WORDS = ["a", "b", "c", "a.b", "a.b.c", "c.0", "b.a"]
NAMES = st.dictionaries(
    st.sampled_from(["title", "url", "a"]), st.lists(st.sampled_from(WORDS), unique=True).map(tuple)
)
VALUES = st.recursive(
    st.sampled_from(["", "x", None]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
    max_leaves=5,
)
PAIRS = st.dictionaries(st.sampled_from(WORDS), VALUES.map(nodes), max_size=4)


@given(NAMES, PAIRS, PAIRS)
def test_each_name_is_asked_of_each_record(
    names: dict[str, tuple[str, ...]], pairs: dict[str, Node], base: dict[str, Node]
) -> None:
    """What is found is what a look under every name finds: in the record, then in what holds of its source."""
    fields = Fields(place="a record", pairs=pairs, base=base, names=FieldNames(names))
    for key in ("title", "url", "a"):
        looked = [(name, inside(source, name)) for source in (pairs, base) for name in names.get(key, (key,))]
        assert fields.named(key) == [(name, node) for name, node in looked if node is not None and node.value]
