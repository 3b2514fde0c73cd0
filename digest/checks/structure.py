"""The frame of the page: what screen readers go by, and what Outlook on Windows reads instead.

Head, languages, tables, headings, ARIA and lists of the page; then the conditional comments and the tags of the branch
that only Outlook on Windows sees, which no HTML parser looks at.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from digest.checks import html_names
from digest.checks.cascade import NUMBER
from digest.checks.context import HTML, line_of
from digest.checks.page import name_of
from digest.checks.rule import RuleGroup, Spot, rule
from digest.text import languages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from digest.checks.context import Context

# The syntax of BCP 47 as far as mail needs it: a language of two or three letters, then subtags.
_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
# HTML asks for the declaration within these bytes, since a browser looks no further.
_FIRST_BYTES = 1024
# WCAG 2.2, 1.4.4: text can be enlarged to 200 %.
_LEAST_ZOOM = 2.0


@rule("doctype", "error", RuleGroup.PAGE, do="put it first, as it is written here")
def doctype(issue: Context) -> Iterator[Spot]:
    """The page begins with `<!DOCTYPE html>`.

    Without it browsers and some clients fall back on the rules of 1998.
    """
    if not issue.html.startswith("<!DOCTYPE html>"):
        yield Spot(HTML, f"begins with {issue.html[:30].strip()!r}", line=1)


@rule("charset", "error", RuleGroup.PAGE, do="put it first in the head")
def charset(issue: Context) -> Iterator[Spot]:
    """A meta element says UTF-8 within the first 1,024 bytes.

    Saved or forwarded without its headers the page is guessed at.
    """
    start = issue.html.encode()[:_FIRST_BYTES].decode(errors="replace")
    if not re.search(r"<meta[^>]+charset\s*=\s*[\"']?utf-8", start, re.IGNORECASE):
        yield Spot(HTML, "no charset in the first 1,024 bytes")
    charsets = [
        meta
        for meta in issue.page.named("meta")
        if "charset" in meta.attrib or "charset=" in meta.get("content", "").lower()
    ]
    if len(charsets) > 1:
        yield issue.on(charsets[1], f"{len(charsets)} charsets")


@rule("viewport", "error", RuleGroup.PAGE, do='`<meta name="viewport" content="width=device-width, initial-scale=1">`')
def viewport(issue: Context) -> Iterator[Spot]:
    """The viewport is the device's width, and readers may zoom.

    Phones show a tiny page otherwise; many readers need to zoom.
    """
    views = [meta for meta in issue.page.named("meta") if meta.get("name", "").lower() == "viewport"]
    if len(views) != 1:
        yield Spot(HTML, "no viewport" if not views else f"{len(views)} viewports")
    for view in views:
        line = issue.page.line(view)
        pairs = dict(re.findall(r"([a-z-]+)\s*=\s*([^,;\s]+)", view.get("content", "").lower()))
        if pairs.get("width") != "device-width":
            yield Spot(HTML, "width is not device-width", line=line)
        most = pairs.get("maximum-scale", "10")
        if pairs.get("user-scalable") in ("no", "0") or (re.fullmatch(NUMBER, most) and float(most) < _LEAST_ZOOM):
            yield Spot(HTML, "readers may not zoom", line=line)


@rule("title", "error", RuleGroup.PAGE, do="let it be the subject")
def title(issue: Context) -> Iterator[Spot]:
    """The page has one title that is not empty.

    Screen readers read it first; it is the web view's name.
    """
    page = issue.page
    # An svg element has titles, too; only the head's is the page's.
    titles = [element for element in page.named("title") if page.within(element, "head") is not None]
    texts = [" ".join((element.text or "").split()) for element in titles]
    if len(titles) != 1 or not texts[0]:
        problem = "no title" if not titles else "an empty title" if len(titles) == 1 else f"{len(titles)} titles"
        yield Spot(HTML, problem, line=page.line(titles[-1]) if titles else None)


@rule("lang", "error", RuleGroup.PAGE, do="set lang to the newsletter's language")
def language(issue: Context) -> Iterator[Spot]:
    """html and every child of body have the issue's language.

    Screen readers choose their voice by it; many clients drop html and body, so their children must say it too.
    """  # noqa: D403 - the name of an element
    page = issue.page
    for element in (page.root, *page.body):
        lang = element.get("lang", "")
        if not lang:
            yield issue.on(element, "has no lang")
        elif element is page.root and issue.record and _primary(lang) != _primary(issue.record.language):
            yield issue.on(element, f"lang is {lang!r}, the issue's is {issue.record.language!r}")
    for element in page.elements:
        lang = element.get("lang", "")
        if lang and (not _TAG.fullmatch(lang) or lang.lower() == "und"):
            yield issue.on(element, f"lang {lang!r} is no language")
        # An XML parser knows only xml:lang, an HTML parser only lang: where both are there they must agree.
        other = element.get("{http://www.w3.org/XML/1998/namespace}lang") or element.get("xml:lang") or lang
        if _primary(other) != _primary(lang or other):
            yield issue.on(element, f"xml:lang {other!r} is not its lang")


def _primary(language: str) -> str:
    return language.split("-", maxsplit=1)[0].lower()


@rule("dir", "error", RuleGroup.PAGE, do="set dir to ltr or rtl as the language asks")
def direction(issue: Context) -> Iterator[Spot]:
    """html and every child of body have a writing direction, the one of their language.

    Arabic and Hebrew fall apart without it.
    """  # noqa: D403 - the name of an element
    page = issue.page
    top = (page.root, *page.body)
    for element in top:
        lang, direction = element.get("lang", ""), element.get("dir", "").lower()
        if direction not in ("ltr", "rtl"):
            yield issue.on(element, "has no dir")
        elif lang and direction != languages.direction(lang):
            yield issue.on(element, f"dir is {direction!r} for {lang!r}")
    for element in page.elements:
        if element.get("dir", "ltr").lower() not in ("ltr", "rtl", "auto") and element not in top:
            yield issue.on(element, f"dir is {element.get('dir')!r}")


@rule("layout-table", "error", RuleGroup.PAGE, waivable=True, do='add role="presentation"')
def layout_tables(issue: Context) -> Iterator[Spot]:
    """Every table without header cells has role="presentation", in Outlook's branch too.

    Screen readers announce rows and columns otherwise.
    """
    page = issue.page
    for table in page.named("table"):
        if table.get("role") not in ("presentation", "none") and table.find(".//th") is None:
            yield issue.on(table, "a table without role")
    # Tables of Outlook's branch are in comments, so they are no elements of the page.
    for comment in re.finditer(r"<!--\[if[^\]]*mso.*?<!\[endif\]-->", page.source, re.DOTALL):
        for tag in re.finditer(r"<table\b[^>]*>", comment[0]):
            if not re.search(r"role=[\"']?(?:presentation|none)\b", tag[0]):
                line = line_of(page.source, comment.start() + tag.start())
                yield Spot(HTML, "a table in Outlook's branch without role", line=line)


@rule("heading-one", "warning", RuleGroup.PAGE, do="let the newsletter's name be the only h1")
def first_heading(issue: Context) -> Iterator[Spot]:
    """There is exactly one h1.

    It is the page's name.
    """
    firsts = issue.page.named("h1")
    if len(firsts) != 1:
        yield issue.on(firsts[-1] if firsts else issue.page.body, f"{len(firsts)} h1" if firsts else "no h1")


@rule("heading-order", "warning", RuleGroup.PAGE, do="use the next level")
def heading_order(issue: Context) -> Iterator[Spot]:
    """No level of headings is skipped.

    Readers who go by headings look for what is missing.
    """
    levels = [(heading, int(heading.tag[1])) for heading in issue.page.headings]
    for (_, above), (heading, level) in itertools.pairwise(levels):
        if level > above + 1:
            yield issue.on(heading, f"h{level} follows h{above}")


@rule("heading-empty", "error", RuleGroup.PAGE, do="remove it or fill it in")
def empty_headings(issue: Context) -> Iterator[Spot]:
    """No heading is empty.

    It is announced, and then nothing follows.
    """
    return (issue.on(heading, f"an empty {heading.tag}") for heading in issue.page.headings if not name_of(heading))


@rule("aria", "error", RuleGroup.PAGE, waivable=True, do="correct or remove it")
def aria(issue: Context) -> Iterator[Spot]:
    """Roles and aria attributes are ones there are, and point to something.

    A wrong one is worse than none.
    """
    page = issue.page
    ids = {element.get("id") for element in page.elements}
    for element in page.elements:
        for problem in _wrong_aria(element, ids):
            yield issue.on(element, problem)
        # Who cannot see it still comes to it with the Tab key, and then hears nothing.
        is_link = element.tag in ("a", "button", "input") and "href" in element.attrib
        if is_link and any(ancestor.get("aria-hidden") == "true" for ancestor in page.ancestors(element)):
            yield issue.on(element, "a link inside aria-hidden")


def _wrong_aria(element: Element, ids: set[str | None]) -> Iterator[str]:
    """Yield what is wrong with the role and the aria attributes of *element*; *ids* are all of the page."""
    role = element.get("role")
    if role is not None and role not in html_names.ROLES and not role.startswith("doc-"):
        yield f"there is no role {role!r}"
    for name, value in element.attrib.items():
        if not name.startswith("aria-"):
            continue
        if name.removeprefix("aria-") not in html_names.ARIA:
            yield f"there is no {name}"
        elif name == "aria-hidden" and value not in ("true", "false"):
            yield f"aria-hidden is {value!r}"
        elif name in ("aria-labelledby", "aria-describedby") and not set(value.split()) <= ids:
            yield f"{name} points to {value!r}, which is not there"


@rule("list", "error", RuleGroup.PAGE, waivable=True, do="put each li in ul or ol, and nothing else there")
def lists(issue: Context) -> Iterator[Spot]:
    """Lists hold only list items, and list items are in lists.

    Screen readers count them.
    """
    page = issue.page
    for element in page.named("ul", "ol"):
        for child in element:
            if child.tag not in ("li", "script", "template"):
                yield issue.on(child, f"{child.tag} stands in {element.tag}")
    for element in page.named("li"):
        if page.parents[element].tag not in ("ul", "ol", "menu"):
            yield issue.on(element, "li stands in no list")


@rule("tab-order", "error", RuleGroup.PAGE, waivable=True, do="remove tabindex and accesskey")
def tab_order(issue: Context) -> Iterator[Spot]:
    """Nothing changes the order of the Tab key or takes a key for itself.

    It takes readers away from the order they see.
    """
    for element in issue.page.elements:
        index = element.get("tabindex", "0")
        if "accesskey" in element.attrib or (index.isdecimal() and int(index) > 0):
            yield issue.on(element, "accesskey" if "accesskey" in element.attrib else f"tabindex {index}")


_MARK = re.compile(
    r"(?P<reveal><!--\[if [^\]]*\]>(?:<!--(?:>|\s*-->)|-->))|(?P<hide><!--\[if [^\]]*\]>)|(?P<shown><!\[if [^\]]*\]>)"
    r"|(?P<revealed><!--<!\[endif\]-->)|(?P<hidden><!\[endif\]-->)|(?P<end><!\[endif\]>)|(?P<comment><!--|-->)"
)
_CLOSES = {"revealed": "reveal", "hidden": "hide", "end": "shown"}
_OUTLOOK_TAG = re.compile(
    r"<(/?)(table|tbody|thead|tfoot|tr|td|th|div|a|p|h[1-6]|center|ul|ol|li|span)\b[^>]*?(/?)>", re.IGNORECASE
)


@rule("mso-comments", "error", RuleGroup.OUTLOOK, do="mend it in the theme")
def conditional_comments(issue: Context) -> Iterator[Spot]:
    """Conditional comments open and close in pairs.

    Outlook hides or shows the wrong half of the page.
    """
    opened: tuple[str, int] | None = None
    ordinary = False
    for mark in _MARK.finditer(issue.html):
        kind, line = mark.lastgroup or "", line_of(issue.html, mark.start())
        if kind == "comment":
            # A hidden branch is one comment: an arrow in it ends it too early.
            if opened and opened[0] == "hide" and mark[0] == "-->":
                yield Spot(HTML, "--> ends Outlook's branch too early", line=line)
                opened = None
            ordinary = mark[0] == "<!--"
        elif kind in _CLOSES:
            if opened is None or opened[0] != _CLOSES[kind]:
                yield Spot(HTML, f"{mark[0]} closes nothing", line=line)
            opened = None
        elif not ordinary:
            if opened:
                yield Spot(HTML, f"{mark[0]} stands inside another", line=line)
            opened = (kind, line)
    if opened:
        yield Spot(HTML, "a conditional comment is never closed", line=opened[1])


@rule("mso-tables", "error", RuleGroup.OUTLOOK, do="mend it in the theme")
def outlook_tables(issue: Context) -> Iterator[Spot]:
    """Outlook's branch has as many closing tags as opening ones, in order.

    Outlook's columns fall out of their table.
    """
    # A comment that is not closed and a page that does not parse would show here a second time.
    if issue.page.errors or any(conditional_comments(issue)):
        return
    plain = re.sub(
        r"<!--.*?-->|<style\b.*?</style>", lambda match: "\n" * match[0].count("\n"), issue.branch, flags=re.DOTALL
    )
    stack: list[tuple[str, int]] = []
    for tag in _OUTLOOK_TAG.finditer(plain):
        closes, name, empty = tag[1], tag[2].lower(), tag[3]
        line = line_of(plain, tag.start())
        if empty:
            continue
        if not closes:
            stack.append((name, line))
        elif stack and stack[-1][0] == name:
            stack.pop()
        else:
            around = f"while {stack[-1][0]} is open" if stack else "and nothing is open"
            yield Spot(HTML, f"</{name}> {around}", line=line)
            # Every tag behind it would be wrong in the same way.
            return
    if stack:
        yield Spot(HTML, f"{stack[-1][0]} is never closed", line=stack[-1][1])
