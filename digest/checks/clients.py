"""The major mail clients: what of the page they lack, by the facts of caniemail.com.

caniemail.json holds a letter for each feature and client (`y` yes, `a` in part, `n` no, `u` unknown), with the date;
`make caniemail` refreshes it. What is judged stays here: which features a letter may use although some client lacks
them, because readers there have something else.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from digest.checks import cascade
from digest.checks.context import HTML
from digest.checks.rule import RuleGroup, Spot, rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from digest.checks.context import Context

MAJOR = ("apple-mail", "gmail", "outlook", "samsung-email", "thunderbird", "yahoo")
"""The families of clients that an issue must work in."""

FALLBACKS: dict[str, str] = {
    "css-at-media": "columns stack or stand side by side without it",
    "css-at-media-prefers-color-scheme": "the page stays light, or the client darkens it",
    "css-border-collapse": "cellspacing stands beside it",
    "css-border-radius": "corners are square",
    "css-border-spacing": "cellspacing stands beside it",
    "css-box-shadow": "the card has no shadow",
    "css-box-sizing": "widths are set on cells, which count that way",
    "css-color-scheme": "the page stays light, or the client darkens it",
    "css-cursor": "the pointer stays an arrow",
    "css-direction": "dir stands beside it",
    "css-display": "inline-block columns become rows; Outlook has cells of its own",
    "css-display-none": "of the preheader; height and mso-hide stand beside it",
    "css-font-kerning": "letters stand a little further apart",
    "css-height": "of spacers that hold no text",
    "css-hyphens": "words are not broken",
    "css-important": "head styles only refine",
    "css-letter-spacing": "letters stand as the font has them",
    "css-margin": "padding of cells keeps the distance",
    "css-max-height": "of the preheader; display stands beside it",
    "css-max-width": "Outlook has a table of fixed width around it",
    "css-min-width": "columns are as wide as their text",
    "css-outline": "of resets",
    "css-overflow": "of the preheader; display stands beside it",
    "css-overflow-wrap": "a long word may stick out",
    "css-padding": "of links and blocks; cells have their own",
    "css-pseudo-class-hover": "nothing changes under the pointer",
    "css-selector-adjacent-sibling": "head styles only refine",
    "css-selector-attribute": "[data-ogsc] is for Outlook.com alone",
    "css-selector-chaining": "head styles only refine",
    "css-selector-child": "head styles only refine",
    "css-selector-class": "head styles only refine",
    "css-selector-descendant": "head styles only refine",
    "css-selector-grouping": "head styles only refine",
    "css-selector-id": "of resets",
    "css-selector-type": "of resets",
    "css-selector-universal": "of resets",
    "css-sytem-ui": "the next font of the list is taken",
    "css-text-decoration-thickness": "lines have their own thickness",
    "css-text-underline-offset": "lines stand at their own distance",
    "css-text-wrap": "lines are not balanced",
    "css-unit-vh": "of resets",
    "css-unit-vw": "of resets",
    "css-vertical-align": "valign stands beside it",
    "css-white-space": "of resets",
    "css-width": "a width attribute stands beside it",
    "css-word-break": "a long word may stick out",
    "css-word-spacing": "of resets",
    "css-word-wrap": "a long word may stick out",
    "html-anchor-links": "the contents are a list without links",
    "html-aria-hidden": "an ornament is read aloud",
    "html-aria-describedby": "the text says it too",
    "html-aria-label": "the text says it too",
    "html-aria-labelledby": "the text says it too",
    "html-body": "its style is repeated on the first div",
    "html-lang": "it is repeated on the children of the body",
    "html-meta-color-scheme": "the page stays light, or the client darkens it",
    "html-role": "tables read as tables",
    "html-semantics": "they read as plain blocks",
    "html-style": "base styles are inline",
    "html-target": "links open where the client opens links",
}
"""Features that a client may lack, and what the reader has there instead."""

# Features that a rule of their own forbids.
_JUDGED_ELSEWHERE = frozenset(
    {"css-at-font-face", "css-at-import", "css-background-image", "css-linear-gradient", "css-radial-gradient"}
    | {"html-audio", "html-background", "html-base", "html-dialog", "html-form", "html-link", "html-marquee"}
    | {"html-object", "html-select", "html-svg", "html-textarea", "html-video", "html-hidden", "image-svg"}
)

# Properties that caniemail counts under the name of another, or of several together.
_SAME = {
    **dict.fromkeys(("left", "right", "top", "bottom"), "left-right-top-bottom"),
    **dict.fromkeys(("column-gap", "row-gap"), "gap"),
    **dict.fromkeys(("overflow-x", "overflow-y"), "overflow"),
    **dict.fromkeys(("margin-inline", "margin-block"), "margin-inline-block"),
    **dict.fromkeys(("padding-inline", "padding-block"), "padding-inline-block"),
    **{
        f"{name}-{side}": name
        for name in ("margin", "padding", "border")
        for side in ("top", "right", "bottom", "left")
    },
    **{
        f"{name}-inline-{end}": f"{name}-inline-start-end" for name in ("margin", "padding") for end in ("start", "end")
    },
    **{f"{name}-block-{end}": f"{name}-block-start-end" for name in ("margin", "padding") for end in ("start", "end")},
    **{f"border-{at}-{side}-radius": "border-radius" for at in ("top", "bottom") for side in ("left", "right")},
}
_PAIRS = {
    ("display", "none"): "display-none",
    ("display", "flex"): "display-flex",
    ("display", "grid"): "display-grid",
    ("flex-direction", "column"): "flex-direction",
    ("flex-wrap", "wrap"): "flex-wrap",
}
_UNITS = ("ch", "cm", "em", "ex", "in", "mm", "pc", "pt", "px", "rem", "vh", "vmax", "vmin", "vw")
_FUNCTIONS = {
    **{f"function-{name}": rf"\b{name}\(" for name in ("clamp", "max", "min", "light-dark")},
    **{name: rf"\b{name}\(" for name in ("rgb", "rgba", "linear-gradient", "radial-gradient", "conic-gradient")},
    "unit-calc": r"\bcalc\(",
    "variables": r"\bvar\(",
    "modern-color": r"\b(?:ok)?l(?:ch|ab)\(",
    "unit-initial": r"\binitial\b",
    "unit-percent": r"\d%",
    # Misspelt there: this is the name by which the facts have it.
    "sytem-ui": r"\b(?:system-ui|ui-serif|ui-sans-serif|ui-rounded|ui-monospace)\b",
    "intrinsic-size": r"\b(?:fit|min|max)-content\b",
    **{f"unit-{unit}": rf"\d{unit}\b" for unit in _UNITS},
}
_MEDIA = {
    "prefers-color-scheme": "prefers-color-scheme",
    "prefers-reduced-motion": "prefers-reduced-motion",
    "orientation": "orientation",
    "hover": "hover",
    "device-pixel-ratio": "device-pixel-ratio",
}
_SELECTORS = {
    "selector-id": r"#[\w-]",
    "selector-class": r"\.[\w-]",
    "selector-type": r"(?:^|[\s>+~,])[a-z]",
    "selector-universal": r"(?:^|[\s>+~,])\*",
    "selector-attribute": r"\[",
    "selector-grouping": r",",
    "selector-child": r">",
    "selector-adjacent-sibling": r"\+",
    "selector-general-sibling": r"~(?!=)",
    "selector-descendant": r"[\w\])*]\s+[\w.#\[:*]",
    "selector-chaining": r"[\w\])][.#]",
}
_FAMILIES = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "h1-h6"),
    **dict.fromkeys(("ul", "ol", "dl"), "lists"),
    **dict.fromkeys(("article", "aside", "figcaption", "figure", "footer", "header"), "semantics"),
    **dict.fromkeys(("main", "mark", "nav", "section", "summary", "time"), "semantics"),
}


@dataclass(frozen=True, slots=True)
class Support:
    """caniemail's facts, of *date* (ISO 8601) and from *source*.

    *clients* has each client's name by its key (`outlook.windows`), *features* a string of letters by feature, one for
    each client in that order, *titles* the name of each feature.
    """

    source: str
    date: str
    clients: Mapping[str, str]
    features: Mapping[str, str]
    titles: Mapping[str, str]

    def clients_without(self, feature: str) -> tuple[str, ...]:
        """Return the keys of the major clients that lack *feature*; of one that is unknown nothing is said."""
        letters = zip(self.clients, self.features[feature], strict=True)
        return tuple(client for client, letter in letters if letter == "n" and client.split(".")[0] in MAJOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportVerdict:
    """What one mail client makes of an issue, by titles of features.

    *missing* are those it lacks without a fallback, *degraded* those with one, *partial* those it has in part.
    """

    client: str
    missing: tuple[str, ...]
    degraded: tuple[str, ...]
    partial: tuple[str, ...]


@cache
def support() -> Support:
    """Return the facts that come with the package, read once."""
    with open(os.path.join(os.path.dirname(__file__), "caniemail.json"), encoding="utf-8") as handle:
        return Support(**json.load(handle))


@rule(
    "client-support",
    "warning",
    RuleGroup.CLIENTS,
    do="do without it, or add what it falls back on to the list in digest/checks/clients.py",
)
def missing_features(issue: Context) -> Iterator[Spot]:
    """What the layout relies on is there in the major mail clients.

    Readers there see something else.
    """
    facts = support()
    for feature, line in features(issue).items():
        without = facts.clients_without(feature)
        if without and feature not in FALLBACKS and feature not in _JUDGED_ELSEWHERE:
            names = tuple(facts.clients[client] for client in without)
            few = f"{', '.join(names[:4])}{' …' if len(names) > 4 else ''}"
            yield Spot(HTML, f"{facts.titles[feature]} is not supported by {few}", line=line, clients=names)


def verdicts(issue: Context) -> tuple[SupportVerdict, ...]:
    """Return what each major client makes of the page, in the order of the facts."""
    facts, used = support(), sorted(features(issue))
    verdicts = []
    for place, (client, name) in enumerate(facts.clients.items()):
        if client.split(".")[0] in MAJOR:
            letters = {feature: facts.features[feature][place] for feature in used}
            lacks = [feature for feature, letter in letters.items() if letter == "n"]
            verdicts.append(
                SupportVerdict(
                    client=name,
                    missing=tuple(facts.titles[feature] for feature in lacks if feature not in FALLBACKS),
                    degraded=tuple(facts.titles[feature] for feature in lacks if feature in FALLBACKS),
                    partial=tuple(facts.titles[feature] for feature, letter in letters.items() if letter == "a"),
                )
            )
    return tuple(verdicts)


def features(issue: Context) -> dict[str, int | None]:
    """Return caniemail's features that the page uses, each with the line of its first use.

    Names that caniemail has no feature for are left out.
    """
    facts, used = support().features, dict[str, int | None]()
    for feature, line in (*_css(issue), *_html(issue)):
        if feature in facts:
            used.setdefault(feature, line)
    return used


def _css(issue: Context) -> Iterator[tuple[str, int | None]]:
    """Yield the features of style sheets and style attributes, with lines; some are no feature of caniemail's."""
    page, sheet = issue.page, issue.cascade.sheet
    for block in sheet.rules:
        yield from ((f"css-{name}", block.line) for name in _selected(block.selectors))
        for declaration in block.declarations:
            yield from ((f"css-{name}", declaration.line) for name in _declared(declaration))
    for at_rule in sheet.at_rules:
        yield f"css-at-{at_rule.name}", at_rule.line
        for condition, name in _MEDIA.items():
            if at_rule.name == "media" and condition in at_rule.prelude:
                yield f"css-at-media-{name}", at_rule.line
    for element in page.elements:
        for declaration in cascade.inline(element.get("style", ""))[0]:
            yield from ((f"css-{name}", page.line(element)) for name in _declared(declaration))


def _selected(selectors: str) -> Iterator[str]:
    """Yield the features that *selectors* use."""
    # `[href*=".pdf"]` has neither a class nor a child in it.
    plain = re.sub(r"\[[^\]]*\]", "[]", selectors)
    yield from (name for name, pattern in _SELECTORS.items() if re.search(pattern, plain))
    for pseudo in re.findall(r"::?([a-z-]+)", plain):
        yield f"pseudo-class-{pseudo}"
        yield f"pseudo-element-{pseudo}"


def _declared(declaration: cascade.Declaration) -> Iterator[str]:
    """Yield the features that a declaration uses, by its property and by what stands in its value."""
    name, value = declaration.name, declaration.value.lower()
    yield "variables" if name.startswith("--") else _SAME.get(name, name)
    if (name, value) in _PAIRS:
        yield _PAIRS[name, value]
    if name.startswith("grid-template"):
        yield "grid-template"
    if declaration.important:
        yield "important"
    for feature, pattern in _FUNCTIONS.items():
        if re.search(pattern, value):
            yield feature


def _html(issue: Context) -> Iterator[tuple[str, int | None]]:
    """Yield the features of elements and attributes, with lines."""
    page = issue.page
    for element in page.elements:
        line, name = page.line(element), str(element.tag)
        yield f"html-{_FAMILIES.get(name, name)}", line
        for attribute in element.attrib:
            # `width` is an attribute of its own there, `style` and `title` are elements.
            if attribute not in ("style", "title", "span", "link", "abbr"):
                yield f"html-{attribute}", line
        yield from ((feature, line) for feature in _addresses(element.attrib, name))


def _addresses(attributes: Mapping[str, Any], name: str) -> Iterator[str]:
    """Yield the features of an element called *name* that show in the values of its attributes."""
    address = attributes.get("href", "")
    if address.startswith("#") and len(address) > 1:
        yield "html-anchor-links"
    if address.startswith("mailto:"):
        yield "html-mailto-links"
    ending = re.search(r"\.([a-z0-9]{2,5})$", attributes.get("src", "").lower().split("?")[0])
    if name == "img" and ending:
        yield f"image-{ending[1].replace('jpeg', 'jpg')}"
    if name == "meta" and attributes.get("name") == "color-scheme":
        yield "html-meta-color-scheme"
