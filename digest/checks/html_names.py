"""The names that HTML and CSS have. Facts of the standards; judges nothing."""

from __future__ import annotations


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


GIVEN_UP = _names(
    """acronym applet basefont bgsound big blink center dir font frame frameset isindex keygen listing marquee menuitem
    multicol nextid nobr noembed noframes param plaintext rb rtc spacer strike tt xmp"""
)
"""Elements that HTML had once."""

FLOW = _names(
    """address article aside blockquote center details dialog dir div dl dd dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hr main menu nav ol p pre section summary table ul li tbody thead tfoot tr td th"""
)
"""Elements that stand on lines of their own."""

PHRASING = _names(
    """abbr b bdi bdo cite code data dfn em h1 h2 h3 h4 h5 h6 i kbd label mark p pre q s samp small span strong sub sup
    time u var"""
)
"""Elements that may not hold one that stands on lines of its own."""

ELEMENTS = (
    FLOW
    | PHRASING
    | _names(
        """a area audio base body br button canvas caption col colgroup datalist del embed head html iframe img input
        ins legend link map meta meter noscript object optgroup option output picture progress rp rt ruby script select
        source style template textarea title track video wbr"""
    )
)
"""All elements."""

BLOCKS = (FLOW | _names("html body")) - _names("dir details dialog summary form fieldset menu")
"""Elements that a client shows as blocks."""

ACTIVE = _names(
    """script form iframe frame frameset object embed applet video audio canvas input button select textarea dialog
    base"""
)
"""Elements that do something."""

_GLOBAL = _names("class dir hidden id lang role style title tabindex accesskey translate xmlns")
_CELL = "abbr align background bgcolor colspan headers height nowrap rowspan scope valign width"
_OWN = {
    "body": "bgcolor background text link vlink alink marginwidth marginheight leftmargin topmargin",
    "meta": "name content http-equiv charset property media",
    "link": "rel href type media sizes",
    "style": "type media",
    "table": "align bgcolor border cellpadding cellspacing width height summary background",
    "tbody": "align valign",
    "tr": "align bgcolor valign height",
    "td": _CELL,
    "th": _CELL,
    "col": "span width align valign",
    "a": "href target rel name title download hreflang type ping referrerpolicy",
    "img": "src alt width height border align hspace vspace loading srcset sizes decoding ismap usemap referrerpolicy",
    "br": "clear",
    "hr": "align color noshade size width",
    "ol": "start type reversed",
    "ul": "type compact",
    "li": "value type",
    "time": "datetime",
    "blockquote": "cite",
    "q": "cite",
    "del": "cite datetime",
    "ins": "cite datetime",
    **dict.fromkeys(("p", "div", "h1", "h2", "h3", "h4", "h5", "h6"), "align"),
}
_ATTRIBUTES = {element: _names(own) | _GLOBAL for element, own in _OWN.items()}


def attributes(element: str) -> frozenset[str]:
    """The attributes of *element*, those of old that mail clients need included; without aria-, data- and on…."""
    return _ATTRIBUTES.get(element, _GLOBAL)


ROLES = _names(
    """article banner blockquote button caption cell code columnheader complementary contentinfo definition directory
    document emphasis feed figure form generic group heading image img link list listitem main mark math navigation
    none note paragraph presentation region row rowgroup rowheader search separator status strong table term text time
    toolbar tooltip"""
)
"""Roles that make sense in a letter."""

ARIA = _names(
    """atomic busy colcount colindex colspan controls current describedby description details disabled expanded haspopup
    hidden keyshortcuts label labelledby level live orientation owns posinset relevant roledescription rowcount
    rowindex rowspan setsize sort"""
)
"""What may stand behind aria-."""

_SIDES = ("", "-top", "-right", "-bottom", "-left")
PROPERTIES = _names(
    """align-content align-items align-self all animation appearance aspect-ratio background background-attachment
    background-clip background-color background-image background-origin background-position background-repeat
    background-size block-size border-collapse border-image border-radius border-spacing box-shadow box-sizing
    border-top-left-radius border-top-right-radius border-bottom-left-radius border-bottom-right-radius
    bottom break-after break-before break-inside caption-side clear clip clip-path color color-adjust color-scheme
    column-count column-gap column-width columns content counter-increment counter-reset cursor direction display
    empty-cells filter flex flex-basis flex-direction flex-flow flex-grow flex-shrink flex-wrap float font font-family
    font-feature-settings font-kerning font-optical-sizing font-size font-size-adjust font-stretch font-style
    font-synthesis font-variant font-variant-numeric font-weight gap grid grid-area grid-column grid-row grid-template
    grid-template-areas grid-template-columns grid-template-rows height hyphens inline-size inset isolation
    justify-content justify-items justify-self left letter-spacing line-break line-height list-style list-style-image
    list-style-position list-style-type margin-block margin-block-end margin-block-start margin-inline
    margin-inline-end margin-inline-start max-block-size max-height max-inline-size max-width min-block-size
    min-height min-inline-size min-width mix-blend-mode object-fit object-position opacity order orphans outline
    outline-color outline-offset outline-style outline-width overflow overflow-wrap overflow-x overflow-y
    padding-block padding-block-end padding-block-start padding-inline padding-inline-end padding-inline-start
    page-break-after page-break-before page-break-inside place-content place-items pointer-events position
    print-color-adjust quotes resize right row-gap tab-size table-layout text-align text-align-last text-decoration
    text-decoration-color text-decoration-line text-decoration-skip-ink text-decoration-style
    text-decoration-thickness text-emphasis text-indent text-justify text-orientation text-overflow text-rendering
    text-shadow text-size-adjust text-transform text-underline-offset text-underline-position text-wrap top transform
    transform-origin transition unicode-bidi user-select vertical-align visibility white-space widows width
    will-change word-break word-spacing word-wrap writing-mode z-index zoom"""
) | frozenset(
    [
        *(f"{name}{side}" for name in ("margin", "padding", "border") for side in _SIDES),
        *(f"border{side}-{part}" for part in ("color", "style", "width") for side in _SIDES),
        *(
            f"border-{flow}{side}{part}"
            for flow in ("inline", "block")
            for side in ("", "-start", "-end")
            for part in ("", "-color", "-style", "-width")
        ),
    ]
)
"""CSS properties, without those of single makers."""

WIDE = _names("inherit initial unset revert")
"""Values that every property takes."""

KEYWORDS = {
    "border-collapse": _names("collapse separate"),
    "clear": _names("both left none right inline-start inline-end"),
    "direction": _names("ltr rtl"),
    "display": _names(
        """block contents flex flow-root grid inline inline-block inline-flex inline-grid inline-table list-item none
        table table-caption table-cell table-column table-column-group table-footer-group table-header-group table-row
        table-row-group"""
    ),
    "float": _names("left none right inline-start inline-end"),
    "font-style": _names("italic normal oblique"),
    "font-weight": _names("bold bolder lighter normal 100 200 300 400 500 600 700 800 900"),
    "overflow": _names("auto clip hidden scroll visible"),
    "position": _names("absolute fixed relative static sticky"),
    "table-layout": _names("auto fixed"),
    "text-align": _names("center end justify left match-parent right start"),
    "text-transform": _names("capitalize full-width lowercase none uppercase"),
    "unicode-bidi": _names("bidi-override embed isolate isolate-override normal plaintext"),
    "visibility": _names("collapse hidden visible"),
    "white-space": _names("break-spaces normal nowrap pre pre-line pre-wrap"),
    "word-break": _names("break-all break-word keep-all normal auto-phrase"),
}
"""Properties whose values are one of a few words."""

LENGTHS = {
    **dict.fromkeys(("width", "height", "min-width", "min-height", "max-width", "max-height"), 1),
    **dict.fromkeys(("font-size", "letter-spacing", "word-spacing", "text-indent", "line-height", "vertical-align"), 1),
    **{f"{name}{side}": 1 if side else 4 for name in ("margin", "padding") for side in _SIDES},
    "border-spacing": 2,
    "border-radius": 8,
}
"""Properties whose values are lengths, and how many of them."""

LENGTH_WORDS = {
    **dict.fromkeys(("width", "height", "min-width", "min-height"), _names("auto fit-content min-content max-content")),
    **dict.fromkeys(("max-width", "max-height"), _names("none fit-content min-content max-content")),
    **{f"margin{side}": _names("auto") for side in _SIDES},
    **dict.fromkeys(("letter-spacing", "word-spacing", "line-height"), _names("normal")),
    "font-size": _names("xx-small x-small small medium large x-large xx-large xxx-large smaller larger"),
    "vertical-align": _names("baseline sub super top text-top middle bottom text-bottom"),
    "border-radius": _names("/"),
}
"""Words that such a property takes instead of a length."""

COLOURED = frozenset({"color", "background-color", *(f"border{side}-color" for side in _SIDES)})
"""Properties whose values are colours."""
