"""MJML that uses every attribute of every element once, to hold our engine against the official one."""

from __future__ import annotations

from digest.theme import vocabulary

PICTURE = "https://example.com/a.png"

# An element of each name with what it needs to be seen; the probe stands in place of the sign.
_BARE = {
    "mj-text": "<mj-text %>Bees <b>sleep</b> in the roof of the old town hall, and nobody minds them.</mj-text>",
    "mj-table": "<mj-table %><tr><td>one</td><td>two</td></tr></mj-table>",
    "mj-image": f'<mj-image src="{PICTURE}" alt="A hive" href="https://example.com/" %></mj-image>',
    "mj-button": '<mj-button href="https://example.com/" %>Read on</mj-button>',
    "mj-divider": "<mj-divider %></mj-divider>",
    "mj-spacer": "<mj-spacer %></mj-spacer>",
    "mj-social": (
        f'<mj-social %><mj-social-element src="{PICTURE}" href="https://example.com/">one</mj-social-element>'
        f'<mj-social-element src="{PICTURE}">two</mj-social-element></mj-social>'
    ),
    "mj-social-element": (
        f'<mj-social><mj-social-element src="{PICTURE}" href="https://example.com/" %>one</mj-social-element>'
        "</mj-social>"
    ),
    "mj-navbar": '<mj-navbar %><mj-navbar-link href="/a">one</mj-navbar-link></mj-navbar>',
    "mj-navbar-link": '<mj-navbar><mj-navbar-link href="/a" %>one</mj-navbar-link></mj-navbar>',
    "mj-accordion": (
        "<mj-accordion %><mj-accordion-element><mj-accordion-title>one</mj-accordion-title>"
        "<mj-accordion-text>two</mj-accordion-text></mj-accordion-element></mj-accordion>"
    ),
    "mj-accordion-element": (
        "<mj-accordion><mj-accordion-element %><mj-accordion-title>one</mj-accordion-title>"
        "<mj-accordion-text>two</mj-accordion-text></mj-accordion-element></mj-accordion>"
    ),
    "mj-accordion-title": (
        "<mj-accordion><mj-accordion-element><mj-accordion-title %>one</mj-accordion-title>"
        "<mj-accordion-text>two</mj-accordion-text></mj-accordion-element></mj-accordion>"
    ),
    "mj-accordion-text": (
        "<mj-accordion><mj-accordion-element><mj-accordion-title>one</mj-accordion-title>"
        "<mj-accordion-text %>two</mj-accordion-text></mj-accordion-element></mj-accordion>"
    ),
}
_CONTENT = f'<mj-text>Some words</mj-text><mj-image src="{PICTURE}" alt=""></mj-image>'
_LAYOUT = {
    "mj-section": f"<mj-section %><mj-column>{_CONTENT}</mj-column><mj-column>{_CONTENT}</mj-column></mj-section>",
    "mj-wrapper": (
        f'<mj-wrapper %><mj-section><mj-column>{_CONTENT}</mj-column></mj-section><mj-section background-color="#eee">'
        f"<mj-column>{_CONTENT}</mj-column></mj-section></mj-wrapper>"
    ),
    "mj-group": (
        f"<mj-section><mj-group %><mj-column>{_CONTENT}</mj-column><mj-column>{_CONTENT}</mj-column></mj-group>"
        "</mj-section>"
    ),
    "mj-column": f"<mj-section><mj-column %>{_CONTENT}</mj-column><mj-column>{_CONTENT}</mj-column></mj-section>",
    "mj-hero": (
        f'<mj-hero background-url="{PICTURE}" background-width="600px" background-height="200px" height="200px" %>'
        f"{_CONTENT}</mj-hero>"
    ),
}

# A value for each attribute that differs from its default; those left out are told by the end of their name.
_VALUES = {
    "align": "right", "base-url": "https://example.com", "cellpadding": "5", "cellspacing": "4", "direction": "rtl",
    "fluid-on-mobile": "true", "font-family": "Georgia, serif", "font-style": "italic", "font-weight": "700",
    "full-width": "full-width", "gap": "21px", "hamburger": "hamburger", "href": "https://example.com/b",
    "icon-align": "top", "icon-position": "right", "ico-close": "x", "ico-open": "o",
    "letter-spacing": "3px", "line-height": "2", "name": "bees", "rel": "nofollow", "role": "list",
    "sizes": "300px", "src": "https://example.com/b.png", "srcset": "https://example.com/c.png 2x",
    "table-layout": "fixed", "target": "_self", "text-align": "left", "text-decoration": "underline",
    "text-transform": "uppercase", "title": "On the roof", "usemap": "#roof", "vertical-align": "bottom",
    "background-repeat": "no-repeat", "background-size": "cover", "background-position": "left bottom",
    "background-position-x": "right", "background-position-y": "bottom", "border-style": "dashed",
    "css-class": "probe other", "ico-text-transform": "none",
    "ico-text-decoration": "underline", "ico-align": "right", "alt": "Bees",
}  # fmt: skip
_ENDINGS = (
    ("mode", {"mj-social": "vertical", "mj-hero": "fluid-height"}),
    ("background-url", PICTURE), ("icon-wrapped-url", PICTURE), ("icon-unwrapped-url", PICTURE), ("alt", "more"),
    ("color", "#b91c1c"), ("border-radius", "11px"), ("border-width", "7px"), ("font-size", "21px"),
    ("padding", "7px 31px 9px 3px"), ("padding-top", "19px"), ("padding-right", "23px"), ("padding-bottom", "29px"),
    ("padding-left", "37px"), ("width", "140px"), ("height", "60px"), ("icon-size", "44px"),
    ("font-family", "Georgia, serif"),
)  # fmt: skip


def elements() -> list[str]:
    """Return the elements that are probed."""
    return [*_BARE, *_LAYOUT]


def probes(name: str) -> dict[str, str]:
    """Return MJML for a body by attribute of the element *name*, each with that attribute set; "" with none."""
    attributes = sorted(vocabulary.attributes(name) - {"mj-class"})
    return {"": _around(name, "")} | {each: _around(name, f'{each}="{_value(name, each)}"') for each in attributes}


def _around(name: str, probe: str) -> str:
    if name in _LAYOUT:
        return _LAYOUT[name].replace("%", probe)
    return f"<mj-section><mj-column>{_BARE[name].replace('%', probe)}</mj-column></mj-section>"


def _value(name: str, attribute: str) -> str:
    if attribute in _VALUES:
        return _VALUES[attribute]
    for ending, value in _ENDINGS:
        if attribute == ending or attribute.endswith(f"-{ending}"):
            return value if isinstance(value, str) else value[name]
    return "3px solid #15803d"
