"""Markdown reduced to its words: that of CommonMark, with what the generators around it add and readers never see.

Taken off before the parser sees it: comments, short codes and templates (Hugo, Liquid, Nunjucks, WordPress), imports,
exports and components of MDX, tables of contents, attributes of kramdown and Pandoc, marks of footnotes. Links of wikis
and marked words keep their words. The parser does the rest; it is given bounded pieces, since some of its steps take
the square of what it is given.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from digest.records import markup
from digest.records.markup import Paragraph

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_LONGEST = 4_000
"""Most characters of a paragraph that are parsed."""

_FOLDED = re.compile(
    r"<!--(?:(?!-->).)*+(?:-->)?+"
    # Statements around what is no running text; the name of what closes is that of what opens.
    r"|\{%-?\s*+(?P<liquid>highlight|comment|capture|set|css|js|javascript|stylesheet)\b(?!(?:(?!%\}).){0,500}=)"
    r"(?:(?!%\}).){0,500}+%\}(?:(?!\{%-?\s*+end).){0,4000}+\{%-?\s*+end(?P=liquid)\s*+-?%\}"
    r"|\{\{[<%]\s*+(?P<hugo>highlight|figure|gallery|mermaid)\b(?:(?![>%]\}\}).){0,500}+[>%]\}\}"
    r"(?:(?!\{\{[<%]).){0,4000}+\{\{[<%]\s*+/\s*+(?P=hugo)\s*+[>%]\}\}"
    r"|\[caption\b[^\]]{0,1000}+\](?:(?!\[/?caption).){0,4000}+\[/caption\]"
    # Single ones; one that is code goes as a whole, or its backticks would pair with others.
    r"|`(?:\{\{(?:(?!\}\}|\{\{).)*+\}\}|\{%(?:(?!%\}|\{%).)*+%\})`"
    r"|\{\{(?:(?!\}\}|\{\{).)*+\}\}|\{%(?:(?!%\}|\{%).)*+%\}|\{\#(?:(?!\#\}|\{\#).)*+\#\}",
    re.DOTALL,
)
"""What generators fold into text, and no reader sees: comments, statements, short codes."""

_LINES = re.compile(
    r"^(?:"
    r"import\s+(?:[\w*{}$,\s]{1,200}?\s+from\s+)?['\"][^'\"\n]*+['\"];?[ \t]*"  # MDX
    r"|export\s+(?:const|let|default|function)\b[^\n]*"
    r"|[ \t]{0,3}[*+-][ \t]+[^\n]*\n\{:\s*toc\b[^}\n]*\}"  # kramdown's table of contents takes the list's place
    r"|[ \t]{0,3}(?:\[\[?_?toc_?\]\]?|\$\{toc\}|\{:\s*toc\b[^}\n]*\}|@\[toc\][^\n]*)[ \t]*"
    r"|[ \t]{0,3}\[\^[^\]\n]{1,100}\]:[^\n]*(?:\n[ \t]+[^\n]+)*"  # notes at the foot
    r"|[ \t]{0,3}:{3,}[^\n]*|[ \t]{0,3}(?:!!!|\?\?\?)[+]?[ \t]+[^\n]*"  # boxes of Docusaurus, Pandoc, MkDocs
    r"|[ \t]{0,3}>?[ \t]*\[!\w+\][+-]?(?:[ \t][^\n]*)?"  # boxes of GitHub and Obsidian, with a title
    r")$",
    re.MULTILINE | re.IGNORECASE,
)
"""Lines that are no text."""

_INLINE = re.compile(
    r"(?<!\\)(?:"
    r"\{:[^}]{0,200}\}|\{[.#][\w-][^}\n]{0,200}\}"  # attributes of kramdown and Pandoc
    r"|\[\^[^\]\n]{1,100}\]"  # marks of footnotes
    r"|!\[\[[^\]\n]{0,300}\]\]"  # pictures of wikis
    r"|\[\[(?P<page>[^\]\[|\n]{1,300})(?:\|(?P<words>[^\]\[\n]{1,300}))?\]\]"
    r"|==(?P<marked>[^=\s\\](?:[^=\n]{0,500}[^=\s\\])?)=="
    r"|\[/?[a-z][\w-]*(?:\s+[\w-]+=(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s\]\"']+))+\s*/?\]"  # short codes of WordPress
    r"|\[/?(?:gallery|caption|embed|video|audio|playlist|code|sourcecode|quote|more|tweet)\]"
    r"|<[A-Z][\w.]*\s[^<>]*/?>"  # components of MDX, whose attributes are no HTML
    r")"
)


def _instead(match: re.Match[str]) -> str:
    """Return the words of what _INLINE has matched, "" where it has none."""
    return match["words"] or match["page"] or match["marked"] or ""


# Only what is set without blanks at its edges, as Pandoc has it; `$5 and $6` are amounts.
_FORMULA = re.compile(r"(?<![\\$\w])\$(?=[^\s$])[^$\n]{0,300}(?<=[^\s\\])\$(?![\d$])")
_SIGNS = re.compile(r"[*_\\`\[\]<>]")


def _kept(match: re.Match[str]) -> str:
    """Return a formula so that the parser leaves its signs alone."""
    return _SIGNS.sub(r"\\\g<0>", match[0])


def bare(text: str) -> str:
    """Return Markdown without what generators add to it."""
    if "<!--" in text or "{" in text or "[caption" in text:
        text = _FOLDED.sub("", text)
    text = _LINES.sub("", text)
    text = _INLINE.sub(_instead, text)
    return _FORMULA.sub(_kept, text) if "$" in text else text


@lru_cache(maxsize=1)
def _parsers() -> tuple[MarkdownIt, MarkdownIt]:
    """Return a parser of blocks alone, and one of what stands in a block."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - most articles need none, and it costs as much as a build

    by_block, inline = (MarkdownIt("commonmark").enable(["table", "strikethrough"]) for _ in range(2))
    by_block.core.ruler.enableOnly(["normalize", "block"])
    # So that it shows which signs are escaped.
    inline.disable("text_join")
    return by_block, inline


_REFERENCE = re.compile(r"^ {0,3}\[([^\]\[\n]{1,200})\]:[ \t]*\S", re.MULTILINE)
_MOST_REFERENCES = 1_000


def _references(text: str) -> dict[str, dict[str, str]]:
    """Return the references of a whole text, so that `[words][1]` is a link where `[1]` stands far below."""
    from markdown_it.common.utils import normalizeReference  # noqa: PLC0415 - as above

    labels = (match[1] for _, match in zip(range(_MOST_REFERENCES), _REFERENCE.finditer(text), strict=False))
    return {normalizeReference(label): {"href": "", "title": ""} for label in labels}


def paragraphs(text: str, *, most: int) -> Iterator[Paragraph]:
    """Yield the paragraphs of a Markdown text: no headings, code, tables or pictures, and lists as weak ones.

    At most *most* characters are parsed; a paragraph that is cut there is left out.
    """
    by_block, _ = _parsers()
    environment: dict[str, Any] = {"references": _references(text)}
    tokens = by_block.parse(bare(text[:most]), environment)
    if len(text) > most:
        ends = [number for number, token in enumerate(tokens) if token.level == 0 and token.nesting <= 0]
        tokens = tokens[: ends[-2] + 1] if len(ends) > 1 else []
    lists = 0
    unread = False
    for token in tokens:
        if token.type in {"bullet_list_open", "ordered_list_open", "bullet_list_close", "ordered_list_close"}:
            lists += token.nesting
        elif token.type in {"heading_open", "heading_close", "table_open", "table_close"}:
            unread = token.nesting > 0
        elif token.type == "html_block":
            yield from (Paragraph(tidy(text), weak or lists > 0) for text, weak in markup.blocks(token.content))
        elif token.type == "inline" and not unread:
            paragraph = _paragraph(token.content, environment)
            if paragraph.text:
                yield Paragraph(paragraph.text, paragraph.weak or lists > 0)


_NO_PARAGRAPH = re.compile(
    r"^(?:[ ]{4}|[ ]{0,3}(?:\t|[#>|:~`]|[*+-](?:[ \t]|$)|[-*_=](?:[ \t]*[-*_=])*[ \t]*$|\d{1,9}[.)](?:[ \t]|$)"
    r"|\[[^\]\n]*\]:|(?:import|export)\s))|[<{]|\[caption|[|]",
    re.MULTILINE,
)
"""Signs of anything but a paragraph of text, and of what may go on in the next one."""

_SIGNED = re.compile(r"[*_`\[\]{}\\&!$=~\0]")
_GAP = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def opening(text: str) -> Iterator[Paragraph]:
    """Yield the first paragraphs of *text*, as `paragraphs` does, as long as nothing else stands among them.

    Most posts begin so, and it takes a fifth of the time.
    """
    if "\r" in text or text.startswith((" ", "\t")):
        return
    position = len(text) - len(text.lstrip("\n"))
    while position < len(text):
        gap = _GAP.search(text, position)
        start, end = gap.span() if gap else (len(text), len(text))
        part = text[position:start]
        # Blanks behind a gap belong to the next line, and may make it code.
        if len(part) > _LONGEST or _NO_PARAGRAPH.search(part) or text[end - 1] in " \t":
            return
        if _SIGNED.search(part):
            references = {"references": _references(text)} if "[" in part else {}
            paragraph = _paragraph(bare(part), references)
        else:
            paragraph = Paragraph(" ".join(part.split()), not any(map(str.isalnum, part)))
        if paragraph.text:
            yield paragraph
        position = end


def inline(text: str) -> str:
    """Return the words of a paragraph of Markdown, without signs of a list or heading at its start."""
    return _paragraph(_START.sub("", bare(text)), {}, only_known=True).text


_START = re.compile(r"\A\s*(?:(?:#{1,6}|>|[*+-])[ \t]+)+")


def _paragraph(text: str, environment: dict[str, Any], *, only_known: bool = False) -> Paragraph:
    """Return the words of a paragraph; it is weak where all of them stand in links.

    With *only_known*, what looks like a tag of an element that HTML does not know stays text.
    """
    _, parser = _parsers()
    pieces: list[str] = []
    links, is_linked = 0, True
    for token in parser.parseInline(text[:_LONGEST], environment)[0].children or ():
        links += token.nesting if token.type in {"link_open", "link_close"} else 0
        piece = _piece(token, only_known=only_known)
        pieces.append(piece)
        # An address in angle brackets is a link, too.
        if not links and piece and token.type != "html_inline" and any(map(str.isalnum, token.content)):
            is_linked = False
    return Paragraph(markup.words(tidy("".join(pieces))), is_linked)


_ANY_SIGN = re.compile(r"[!-/:-@\[-`{-~]")
"""A sign that may be one of Markdown or HTML."""


def _piece(token: Token, *, only_known: bool) -> str:
    """Return what a token brings to the words, as HTML."""
    if token.type == "text":
        return html.escape(token.content, quote=False)
    # Signs that are escaped or code are no left-overs, whatever stands around them.
    if token.type in {"text_special", "code_inline"}:
        return _ANY_SIGN.sub(lambda sign: f"&#{ord(sign[0])};", token.content)
    if token.type in {"softbreak", "hardbreak"}:
        return " "
    if token.type != "html_inline":
        return ""
    return html.escape(token.content) if only_known and not markup.is_known(token.content) else token.content


_ADDRESS = re.compile(
    r"(?:https?://|(?<![\w:/])//(?=[a-z])|(?<![\w@./])www\.)(?:www\.)?(?P<host>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)(?:[/?#:][!-~]*)?"
)
_LEFT_OVER = re.compile(
    r"!\[[^\]\[]{0,300}\]\([^()\n]{0,1000}\)|!\[[^\]\[]{0,300}\]"
    r"|\[(?P<link>[^\]\[]{1,500})\](?:\([^()\s]{0,1000}[/.\#][^()\n]{0,1000}\)|\[[\w -]{0,100}\])"
    # Emphasis that CommonMark does not see, between letters that have no blanks around.
    r"|(?<![0-9A-Za-z*])\*\*(?P<strong>[^*\s][^*]{0,500})\*\*(?:(?<=[\s.,:;!?)]\*\*)|(?![0-9A-Za-z*]))"
    r"|(?P<code>`{2,})"
)


def tidy(text: str) -> str:
    """Return the words of a paragraph without the signs of mark-up that is broken."""
    if "[" in text or "**" in text or "``" in text:
        text = _LEFT_OVER.sub(lambda match: match["link"] or match["strong"] or "", text)
    return " ".join(text.split())


def settled(text: str) -> str:
    """Return words of a text as an excerpt: without what is escaped by mistake, and each address as its host."""
    # Sites that were moved often hold elements escaped twice, which their own readers see.
    if "<" in text:
        text = markup.without_pairs(text)
    text = tidy(text)
    return _ADDRESS.sub(_host, text) if "//" in text or "www." in text else text


def is_address(text: str) -> bool:
    """Whether there is nothing in *text* but addresses."""
    return not any(map(str.isalnum, _ADDRESS.sub("", text)))


def _host(address: re.Match[str]) -> str:
    """Return the host of an address, with the signs of the sentence that stand behind it."""
    end = len(address[0].rstrip(".,;:!?)]}"))
    return address["host"].casefold() + address[0][max(end, address.end("host") - address.start()) :]


_TITLE = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|`(?P<code>[^`]+)`"
    r"|(?<![\w*])\*\*(?P<strong>[^*\s](?:[^*]*[^*\s\\])?)\*\*(?![\w*])"
    r"|(?<![\w*])\*(?P<stress>[^*\s](?:[^*]*[^*\s\\])?)\*(?![\w*])"
    r"|(?<![\w*])_(?P<low>[^_\s](?:[^_]*[^_\s\\])?)_(?!\w)"
    r"|!?\[(?P<link>[^\]\[\\]+)\]\((?=[^()\s]*[/.\#:])[^()\s]+\)"
)


def title(written: str) -> str:
    """Return the title of a Markdown post without the signs of emphasis, code and links; see `markup.title`."""
    text = markup.title(written)
    return _TITLE.sub(_set_plain, text) if any(sign in text for sign in "\\`*_[") else text


def _set_plain(match: re.Match[str]) -> str:
    """Return the words of what _TITLE has matched."""
    if match["escaped"] or match["code"]:
        return match["escaped"] or match["code"]
    # As deep as signs of other kinds stand in each other, which is three times at most.
    return _TITLE.sub(_set_plain, match["strong"] or match["stress"] or match["low"] or match["link"])
