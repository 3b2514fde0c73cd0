"""A theme made of somebody's MJML file: where its stories go, and what of it becomes the letter's own words.

The file stays as its designer wrote it but for these: one block shows a story, and is repeated; merge tags of other
services become variables, or are taken out where none fits; title and preview are the issue's; and where the law's
lines are missing at the end (why, how to leave, a postal address, the web view) a section with them is added. The
newsletter's own words have their places (`own_words`). Links and headings of the design stand in the text part, too.

Only text is changed, by the places of tags: what a designer's program has written stays as it is, byte for byte.
"""

from __future__ import annotations

import html
import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.errors import ThemeError
from digest.theme import own_words

if TYPE_CHECKING:
    from collections.abc import Iterator

_BEGIN = re.compile(r"<!--\s*story\s*-->", re.IGNORECASE)
_END = re.compile(r"<!--\s*/\s*story\s*-->", re.IGNORECASE)
_BODY = re.compile(r"(<mj-body\b[^>]*>)(.*)(</mj-body>)", re.DOTALL)
_SECTION = re.compile(r"<(/?)mj-(?:section|wrapper|hero)\b[^>]*?(/?)>")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
# Mailchimp; Handlebars, Mustache and Jinja; Liquid; Mailjet; ERB and Salesforce; SendGrid's and ActiveCampaign's signs.
_MERGE_TAG = re.compile(
    r"\*\|[^|\n]{1,80}\|\*|\{\{\{?[^{}]{0,200}\}\}\}?|\{%[^%]{0,200}%\}|\[\[[^\[\]]{1,80}\]\]|<%[^%]{0,200}%>"
    r"|%%?[A-Za-z_][A-Za-z_.-]{1,40}[A-Za-z]%%?|\[[A-Z]+(?:_[A-Z]+)*\](?!\()|\{[A-Za-z]\w{1,39}\}"
)
# What decides, repeats or calls another file, in whatever language.
_CONTROL = re.compile(
    r"[{<%*|\[]*(?:[#/^>]|\W*(?:if|elif|elsif|elseif|else|unless|each|foreach|for|range|with|case|when|end|endif|section"
    r"|block|define|template|include|partial|set|assign)\b(?!\s*[|}\]%]))",
    re.IGNORECASE,
)
_NAME = "{{ newsletter.name }}"
_POSTAL = "{{ newsletter.name|isolated }}{{ _(', ') }}{{ newsletter.postal|isolated }}"
_VARIABLES = (
    (
        re.compile(r"(?:permalink|browser|archive|web.?version).*(?:label|text)", re.IGNORECASE),
        "{{ _('Read on the web') }}",
    ),
    (re.compile(r"unsub.*(?:label|text)", re.IGNORECASE), "{{ _('Unsubscribe with one click') }}"),
    (re.compile(r"unsub|opt.?out|leave", re.IGNORECASE), "{{ unsubscribe_url }}"),
    (re.compile(r"archive|browser|web.?version|(?<!pre)view|mirror|permalink|online", re.IGNORECASE), "{{ web_url }}"),
    (re.compile(r"subject", re.IGNORECASE), "{{ subject }}"),
    (re.compile(r"preheader|preview|teaser", re.IGNORECASE), "{{ preheader }}"),
    (re.compile(r"address|postal", re.IGNORECASE), "{{ newsletter.postal }}"),
    (re.compile(r"company|sender|brand|list.?name|LIST:", re.IGNORECASE), _NAME),
    (re.compile(r"year|date", re.IGNORECASE), "{{ issue.period }}"),
)
_IMAGE = re.compile(rf"<mj-image\b({own_words.INSIDE}*?)\s*(?:/>|>\s*</mj-image>)", re.DOTALL)
_BUTTON = re.compile(rf"<mj-button\b({own_words.INSIDE}*+)>", re.DOTALL)
_OF_A_PICTURE = ("src", "href", "alt", "srcset", "title", "font-size")
_HEADLINE = (
    '<h2 style="margin:0;font-size:inherit;line-height:inherit;font-weight:inherit"><a href="{{ story.url }}" '
    'style="color:inherit;text-decoration:underline">{{ story.headline|isolated(story.language) }}</a></h2>'
)
_WORDS = (
    "{% if story.excerpt %}{{ story.excerpt|isolated(story.excerpt_language) }}<br>{% endif %}"
    '{{ story.provider|isolated }}{{ _(", ") }}{{ story.date }}'
    '{% if story.note %}{{ _(", ") }}{{ story.note }}{% endif %}'
    '{% if story.reading_time %}{{ _(", ") }}{{ story.reading_time }}{% endif %}'
)
# What a letter owes its readers: by what shows that it is there, the name for it and the words.
_FOOT = (
    ("newsletter.why", "why readers get it", "{{ newsletter.why }}"),
    (
        "unsubscribe_url",
        "how to leave",
        '<a href="{{ unsubscribe_url }}" style="color:inherit">{{ _("Unsubscribe with one click") }}</a>',
    ),
    ("web_url", "the web view", '<a href="{{ web_url }}" style="color:inherit">{{ _("Read on the web") }}</a>'),
    ("newsletter.postal", "the postal address", _POSTAL),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """The theme's *mjml*, the lines that its *text* part needs beside ours, and in *notes* what became of what."""

    mjml: str
    text: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignSection:
    """A section of the design that may show a story: its lines, counted from 1, its first *words*, and its place."""

    line: int
    last_line: int
    words: str
    start: int
    end: int


def parts(source: str) -> list[DesignSection]:
    """Return the sections directly in the body that show words or a picture, in their order."""
    body = _BODY.search(source)
    if body is None:
        return []
    spans, depth, start = [], 0, 0
    for tag in _SECTION.finditer(source, body.start(2), body.end(2)):
        is_end, is_empty = bool(tag[1]), bool(tag[2])
        if not is_end and not is_empty:
            start = tag.start() if depth == 0 else start
            depth += 1
        elif is_end:
            depth -= 1
            if depth == 0:
                spans.append((start, tag.end()))
    return [
        DesignSection(
            line=source.count("\n", 0, start) + 1,
            last_line=source.count("\n", 0, end) + 1,
            words=_words(source[start:end])[:60],
            start=start,
            end=end,
        )
        for start, end in spans
        if own_words.TEXT.search(source, start, end) or _IMAGE.search(source, start, end)
    ]


def is_marked(source: str) -> bool:
    """Whether the file says itself where a story goes: `<!-- story -->` before it and `<!-- /story -->` behind."""
    return bool(_BEGIN.search(source) and _END.search(source))


def adopt(source: str, file: str, part: DesignSection | None = None) -> Adopted:
    """Return the theme of *source*, MJML without variables of ours; a story goes into *part*, else where it is marked.

    Raises ThemeError where that is nowhere, and where the file has no body.
    """
    _need_a_body(source, file)
    before, story, behind = _divided(source, file, part)
    notes: list[str] = []
    frame = (_without_tags(before, notes), _without_tags(behind, notes))
    look = own_words.look_of(_without_tags(_COMMENT.sub("", story), []))
    shown = _story(story, notes)
    text = _lines(_COMMENT.sub("", "".join(frame)))
    foot = _foot(f"{frame[0]}{shown}{frame[1]}", notes)
    mjml = _with_head(f"{frame[0]}{own_words.repeated(shown, look)}{frame[1]}")
    # A mark of a story may have stood in a comment, and have ended it.
    _need_a_body(mjml, file)
    end = own_words.tags("mj-body", mjml)[-1].start()
    return Adopted(mjml=own_words.framed(f"{mjml[:end]}{foot}{mjml[end:]}", source), text=text, notes=tuple(notes))


def with_design(text: str, lines: str) -> str:
    """Return the template of a text part with *lines* of the design above its foot, as mail programs mark that."""
    body, foot, rest = text.rpartition("\n-- \n")
    return f"{body}\n\n{lines}\n{foot}{rest}" if lines else text


def _need_a_body(mjml: str, file: str) -> None:
    """Raise ThemeError where *mjml* has none."""
    if len(own_words.tags("mj-body", mjml)) < 2:
        raise ThemeError(file, "has no <mj-body>", "name a file of MJML")


def _divided(source: str, file: str, part: DesignSection | None) -> tuple[str, str, str]:
    if part is not None:
        return source[: part.start], source[part.start : part.end], source[part.end :]
    begin, end = _BEGIN.search(source), _END.search(source)
    if begin is None or end is None or begin.end() > end.start():
        lines = ", ".join(str(each.line) for each in parts(source)) or "none"
        remedy = (
            "put <!-- story --> before what shows one, and <!-- /story --> behind it, or name its line with --story "
            f"(sections begin at {lines})"
        )
        raise ThemeError(file, "does not say where the stories go", remedy)
    return source[: begin.start()], source[begin.end() : end.start()], source[end.end() :]


def _without_tags(source: str, notes: list[str]) -> str:
    """Return *source* with merge tags replaced by variables; what became of each is told once in *notes*."""
    is_named = False

    def replaced(tag: re.Match[str]) -> str:
        nonlocal is_named
        asked = "" if _CONTROL.match(tag[0]) else tag[0]
        variable = next((variable for pattern, variable in _VARIABLES if pattern.search(asked)), "")
        # A letter goes to a name at an address.
        if variable == "{{ newsletter.postal }}" and not is_named:
            variable = _POSTAL
        is_named = variable == _NAME
        note = f"{tag[0]}: {f'is now {variable}' if variable else 'was taken out; no variable of an issue is like it'}"
        if note not in notes:
            notes.append(note)
        # An attribute without quotes can hold no variable.
        return f'"{variable}"' if source[: tag.start()].endswith("=") else variable

    return _MERGE_TAG.sub(replaced, source)


def _story(block: str, notes: list[str]) -> str:
    """Return the block that shows one story: its picture, headline and words in the place of the designer's."""
    block = _without_tags(_COMMENT.sub("", block), notes)
    if not own_words.TEXT.search(block):
        notes.append("the block of a story has no <mj-text>; its headline stands below it")
        text = "<mj-text></mj-text>"
        # A block that is marked inside a column is of what a column holds.
        block += f"<mj-section><mj-column>{text}</mj-column></mj-section>" if _SECTION.search(block) else text
    is_single = len(own_words.TEXT.findall(block)) == 1
    headline = f"{own_words.KICKER}{_HEADLINE}"
    below = f"{own_words.BELOW}{'' if _IMAGE.search(block) else own_words.PICTURE}"
    contents = iter(
        [f"{headline}{_WORDS}{below}"] if is_single else [headline, f'<p style="margin:0">{_WORDS}</p>{below}']
    )
    credit = f"{own_words.TEXT.findall(block)[:2][-1][0]}{own_words.CREDIT}</mj-text>"

    def filled(text: re.Match[str]) -> str:
        # A third text of the designer's would say the same in every story.
        content = next(contents, "")
        return f"{text[1]}{content}{text[3]}" if content else ""

    block = own_words.TEXT.sub(filled, block)
    block = _IMAGE.sub(
        lambda image: (
            "{% if story.picture %}"
            f'<mj-image{_without(image[1], *_OF_A_PICTURE)} src="{{{{ story.picture }}}}"'
            # What it shows is read where it is not loaded; MJML writes that in 13 pixels.
            ' alt="{{ story.picture_alt }}" font-size="16px" />'
            f"{{% if story.picture_credit %}}{credit}{{% endif %}}{{% endif %}}"
        ),
        block,
        count=1,
    )
    return _BUTTON.sub(lambda button: f'<mj-button{_without(button[1], "href")} href="{{{{ story.url }}}}">', block)


def _without(attributes: str, *names: str) -> str:
    """Return the attributes of a tag as they are written, without those of these names."""
    return re.sub(rf"\s(?:{'|'.join(names)})\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]+)", "", attributes).rstrip()


def _with_head(mjml: str) -> str:
    """Return *mjml* with the issue's subject as its title and the issue's preheader as its preview."""
    for name, variable in (("mj-title", "{{ subject }}"), ("mj-preview", "{{ preheader }}")):
        # One in a comment is switched off.
        elements = re.finditer(rf"<!--.*?-->|<{name}>.*?</{name}>", mjml, re.DOTALL)
        element = next((match for match in elements if match[0].startswith(f"<{name}")), None)
        head = next(iter(own_words.tags("mj-head", mjml)), None)
        if element:
            mjml = f"{mjml[: element.start()]}<{name}>{variable}</{name}>{mjml[element.end() :]}"
        elif head:
            mjml = f"{mjml[: head.end()]}<{name}>{variable}</{name}>{mjml[head.end() :]}"
        else:
            at = next((tag.start() for tag in own_words.tags("mj-body", mjml)), 0)
            mjml = f"{mjml[:at]}<mj-head><{name}>{variable}</{name}></mj-head>{mjml[at:]}"
    return mjml


def _foot(mjml: str, notes: list[str]) -> str:
    """Return a last section of what a letter owes its readers and *mjml*, the design, does not show; "" for none."""
    missing = {name: paragraph for sign, name, paragraph in _FOOT if sign not in mjml}
    if not missing:
        return ""
    notes.append(f"a last section was added with what the file lacks: {', '.join(missing)}")
    lines = "".join(f'<p style="margin:0 0 8px">{paragraph}</p>' for paragraph in missing.values())
    return f"{own_words.STRIP.around(lines)}\n"


def _lines(frame: str) -> str:
    """Return the lines of the text part for headings and links of the design, which readers of the text would miss."""
    headings = [
        textwrap.fill(_words(match[1]), 74) for match in re.finditer(r"<h[1-6]\b[^>]*>(.*?)</h[1-6]>", frame, re.DOTALL)
    ]
    lines = list(dict.fromkeys(filter(None, headings)))
    for address, label in _links(frame):
        if address not in lines:
            filled = textwrap.fill(label, 74)
            lines += [filled, address] if filled and filled not in lines else [address]
    return "\n\n".join(lines)


def _links(frame: str) -> Iterator[tuple[str, str]]:
    """Yield the web addresses that the design links to, each with the words of the link."""
    for tag in re.finditer(r"<([\w-]+)\b[^>]*?\shref\s*=\s*(?:\"([^\"]*)\"|'([^']*)')[^>]*>", frame):
        address = html.unescape(tag[2] or tag[3] or "").strip()
        if address.startswith(("http://", "https://")):
            end = frame.find(f"</{tag[1]}>", tag.end())
            yield address, "" if end < 0 or tag[0].endswith("/>") else _words(frame[tag.end() : end])


def _words(source: str) -> str:
    """Return what is read of a piece of the design, in one line."""
    return " ".join(html.unescape(_TAG.sub(" ", _COMMENT.sub("", source))).split())
