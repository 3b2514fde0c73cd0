"""Text that may hold HTML, to its words. One pass, however deep or broken the mark-up is.

No tree is built: a parser that keeps one walks through all open elements at each tag, so that 20,000 nested <div> take
nine seconds. Words need the tags' boundaries only; these are the tokenizer's rules of the HTML standard.
"""

from __future__ import annotations

import re

from digest import clean

_INLINE = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "font", "i", "kbd", "mark", "q", "s", "small", "span",
    "strong", "sub", "sup", "u", "var", "wbr",
})  # fmt: skip
"""Elements that do not part words."""

_RAW = frozenset({"iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp"})
"""Elements in which no other can start."""

_HIDDEN = frozenset({"script", "style"})

_TAG = re.compile(
    # What is not closed goes to the end of the text, as the standard has it: nothing is looked through twice.
    r"<(?:"
    r"!--(?:-?>|(?:(?!--!?>).)*+(?:--!?>)?+)"  # a comment
    r"|[!?][^>]*+>?+|/[^a-zA-Z>][^>]*+>?+|/>"  # a bogus one
    r"|(?P<end>/?)(?P<name>[a-zA-Z][^\s/>]*+)"
    r"[^>=]*+(?:=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+)?+[^>=]*+)*+>?+"  # a `>` inside quotes does not close the tag
    r")",
    re.DOTALL,
)
_CLOSING = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _RAW}


def words(html: str) -> str:
    """Return the words of a text that may be HTML, with entities decoded; what is in scripts and styles is none."""
    pieces: list[str] = []
    position = templates = 0
    while tag := _TAG.search(html, position):
        if not templates:
            pieces.append(html[position : tag.start()])
        position = tag.end()
        name = (tag["name"] or "").casefold()
        if name == "template":
            templates = max(0, templates + (-1 if tag["end"] else 1))
        if not templates and name and name not in _INLINE:
            pieces.append(" ")
        if name in _RAW and not tag["end"]:
            closing = _CLOSING[name].search(html, position)
            start, position = position, closing.start() if closing else len(html)
            if not templates and name not in _HIDDEN:
                pieces.append(html[start:position])
    if not templates:
        pieces.append(html[position:])
    return " ".join("".join(map(clean.unescaped, pieces)).split())
