"""What of a theme's Jinja depends on one story alone, so that letters with the same story can share it.

In a loop over the stories of a section, `{% for story in section.stories %}`, each row of neighbouring statements
becomes the body of a call that is told what the row reads, and that fills it in only where it has not yet:

    {% call shared(7, story, section.style, loop.first) %} the row as it was {% endcall %}

Nothing is asked of a theme for it. A row that reads more than the story and plain values (texts, numbers, true and
false) is filled in anew in each letter, which is slower and never wrong.
"""

from __future__ import annotations

from collections import Counter
from itertools import count, groupby
from typing import TYPE_CHECKING

from jinja2 import meta, nodes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from jinja2 import Environment

NAME = "shared"
"""What the template calls: with a row's number, the story, and what else the row reads, the story's number among it.

A theme that has this name for something of its own is filled in as it is.
"""

# What a row sets would be gone behind it, and what it does to a namespace would be done once.
_APART = (
    nodes.Assign,
    nodes.AssignBlock,
    nodes.NSRef,
    nodes.Macro,
    nodes.Import,
    nodes.FromImport,
    nodes.Include,
    nodes.Block,
    nodes.Extends,
    nodes.ExprStmt,
    nodes.ScopedEvalContextModifier,
)

# In the body of a call they are those of that call.
_OF_CALLS = frozenset({"caller", "varargs", "kwargs", "self", "super"})


def template(environment: Environment, source: str, called: Callable[..., str]) -> nodes.Template:
    """Return the template *source* with its rows as bodies of calls of *called*, which *environment* then knows.

    Raises what Jinja raises.
    """
    tree = environment.parse(source)
    if any(name.name == NAME for name in tree.find_all(nodes.Name)):
        return tree
    environment.globals[NAME] = called
    reading = _RowReading(environment, tree)
    numbers = count()
    for loop in list(tree.find_all(nodes.For)):
        if isinstance(loop.target, nodes.Name) and _is_over_stories(loop.iter):
            loop.body = [*_rows(loop, loop.target.name, reading, numbers)]
    tree.set_environment(environment)
    return tree


def _is_over_stories(iterated: nodes.Node) -> bool:
    fields = (iterated, *iterated.find_all(nodes.Getattr))
    return any(isinstance(field, nodes.Getattr) and field.attr == "stories" for field in fields)


def _rows(loop: nodes.For, story: str, reading: _RowReading, numbers: Iterator[int]) -> Iterator[nodes.Node]:
    """Yield the statements of *loop*, a call for each row; *story* is what the loop calls the story."""
    for is_row, statements in groupby(loop.body, _may_be_in_row):
        row = [*statements]
        read = reading.of(row, story) if is_row else None
        if not read:
            yield from row
            continue
        given = [nodes.Const(next(numbers)), *map(_value, read)]
        call = nodes.Call(nodes.Name(NAME, "load"), given, [], None, None)
        yield nodes.CallBlock(call, [], [], row).set_lineno(row[0].lineno)


def _value(read: tuple[str, str]) -> nodes.Expr:
    name, field = nodes.Name(read[0], "load"), read[1]
    return nodes.Getattr(name, field, "load") if field else name


def _may_be_in_row(statement: nodes.Node) -> bool:
    return not isinstance(statement, _APART) and next(statement.find_all(_APART), None) is None


def _read(statements: Iterable[nodes.Node]) -> Iterator[tuple[str, str]]:
    """Yield what *statements* name, as (`section`, `style`) for `section.style`, and (`section`, ``) for it alone."""
    for node in statements:
        if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
            yield node.node.name, node.attr
            continue
        if isinstance(node, nodes.Name):
            yield node.name, ""
        yield from _read(node.iter_child_nodes())


class _RowReading:
    """What pieces of the template *tree* read that is not the same in every letter."""

    def __init__(self, environment: Environment, tree: nodes.Template) -> None:
        # Without them, since a template may have a variable with the name of a global one.
        self._environment = environment.overlay()
        self._environment.globals = {}
        given = [name.name for name in tree.find_all(nodes.Name) if name.ctx != "load"]
        self._given = Counter([*given, *(macro.name for macro in tree.find_all(nodes.Macro))])
        self._same = {name for name in environment.globals if name not in self._given}
        self._same |= self._alike([node for node in tree.body if isinstance(node, nodes.Macro)])

    def of(self, row: Sequence[nodes.Node], story: str) -> list[tuple[str, str]]:
        """Return the *story* and what else a *row* reads, as `_read` has it; nothing where it cannot be shared."""
        names = self._free(row) - self._same
        if story not in names or names & _OF_CALLS:
            return []
        read = {(name, field) for name, field in _read(row) if name in names}
        whole = {name for name, field in read if not field}
        others = {(name, field) for name, field in read if name != story and (not field or name not in whole)}
        # Who is given the story as a whole may look at its number.
        number = {(story, "number")} if story in whole or (story, "number") in read else set()
        return [(story, ""), *sorted(others | number)]

    def _alike(self, macros: Sequence[nodes.Macro]) -> set[str]:
        """Return the names of those *macros* that give the same for the same arguments, whatever the letter."""
        free = {macro.name: self._free([macro]) - {macro.name} for macro in macros if self._given[macro.name] == 1}
        alike = set(free)
        while others := {name for name in alike if not free[name] <= self._same | alike}:
            alike -= others
        return alike

    def _free(self, statements: Sequence[nodes.Node]) -> set[str]:
        """Return the names that *statements* take from around them."""
        alone = nodes.Template([*statements])
        alone.set_environment(self._environment)
        return meta.find_undeclared_variables(alone)
