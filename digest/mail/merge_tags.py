"""Services' template languages: text of an issue that would act as a tag is made to stand for itself.

Whatever stands in an issue is text; a service reads some of it as tags, and a headline with `{{` or `*|` could leak a
reader's data or stop the campaign. So:

- In HTML the sign that opens a tag becomes a character reference, which no template language decodes and every mail
  client does.
- In plain text and subject the language's own way to write that sign is used. Where a language has none, an invisible
  character behind the sign keeps it from being one: an article's headline must not stop a week.
- Only then the service's own unsubscribe tag takes the place of the unsubscribe link.

The preview shows what a service would get by these same functions: one with a merge of its own would agree with the
service until the day it matters.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from digest.errors import SendingError
from digest.mail.built import in_html, in_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from digest.mail.built import BuiltIssue

_STYLE = re.compile(r"(<style\b[^>]*>)(.*?)(</style>)", re.DOTALL | re.IGNORECASE)

# Word joiner: nobody sees it, no line breaks there, and no tag goes on behind it.
_JOINER = "\u2060"

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@dataclass(frozen=True, slots=True)
class TemplateLanguage:
    """A template language, called *name* in messages.

    *opens* finds each sign that opens a tag, without what follows it. *plain* returns how such a sign is written in
    text so that it stands for itself, None where the language has no way. *comment* wraps an HTML comment, for a
    language that would drop it, and with it what Outlook reads.
    """

    name: str
    opens: re.Pattern[str]
    plain: Callable[[re.Match[str]], str | None]
    comment: Callable[[str], str] | None = None


def _quoted(match: re.Match[str]) -> str:
    """Return an expression whose value is the sign itself, in Go, Liquid and Django."""
    return '{{ "' + match[0] + '" }}'


def _never(_match: re.Match[str]) -> None:
    """Return None: there is no way to write the sign, and `plain` puts a word joiner behind it."""


def _handlebars(match: re.Match[str]) -> str | None:
    r"""A mustache behind a backslash is text; `{{!}}` says nothing and keeps the backslashes before it apart.

    SendGrid's own tags are read after Handlebars was, so Handlebars cannot keep them from acting.
    """
    slashes, sign = match[1], match[2]
    if sign != "{{":
        return None
    return r"\{{" if not slashes else "\\" * (len(slashes) + 1) + r"{{!}}\{{"


def _safe(comment: str) -> str:
    """Return an expression of listmonk's that prints an HTML comment, which Go's html/template would drop."""
    # The string must hold neither `{{`, which would open a tag, nor `<`, which would begin a comment that is dropped.
    quoted = json.dumps(comment, ensure_ascii=False).replace("{", r"\u007b").replace("<", r"\u003c")
    return "{{ Safe " + quoted + " }}"


# One for each service; a language that is new may stand here or beside its target. `@TrackLink` is listmonk's own.
GO = TemplateLanguage("Go templates", re.compile(r"\{(?=\{)|@(?=TrackLink)"), _quoted, _safe)
LIQUID = TemplateLanguage("Liquid", re.compile(r"\{(?=[{%#])"), _quoted)
DJANGO = TemplateLanguage("Brevo's templates", re.compile(r"\{(?=[{%#]|[A-Z_]+\})|\[(?=[A-Z_]+\])"), _quoted)
HANDLEBARS = TemplateLanguage(
    "Handlebars",
    re.compile(r"(\\*)(\{\{|<(?=%asm_)|\[(?=unsubscribe|weblink|sender_|%))", re.IGNORECASE),
    _handlebars,
)
MAILCHIMP = TemplateLanguage("merge tags", re.compile(r"\*(?=\|)"), lambda _: "**|IF:EMAIL|**|END:IF|*")
MAILGUN = TemplateLanguage(
    "recipient variables",
    re.compile(r"%(?=recipient[.%]|(?:mailing_list_|tag_)?unsubscribe)", re.IGNORECASE),
    lambda _: "%recipient.percent%",
)
RESEND = TemplateLanguage("Resend's variables", re.compile(r"\{(?=\{\{)"), _never)
POSTMARK = TemplateLanguage("Postmark's placeholders", re.compile(r"\{(?=\{\{?\s*pm:)"), _never)


def translate(
    letter: BuiltIssue, language: TemplateLanguage, *, unsubscribe: str, target: str, web: str = ""
) -> BuiltIssue:
    """Return *letter* for a service: no word acts, and *unsubscribe*, its tag, stands where the link was.

    With *web* the service's tag for its own web view stands where the links to ours were. Raises SendingError where the
    unsubscribe link is missing or a style of the theme would act.
    """
    if not in_html(letter.html, letter.unsubscribe):
        raise SendingError(
            "index.html",
            f"has no link to {letter.unsubscribe}, so {target} cannot give each reader an own one",
            "add `unsubscribe_url` to the theme",
        )
    tags = {letter.unsubscribe: unsubscribe, **({letter.web: web} if web else {})}
    return replace(
        letter,
        html=_joined(letter.html, in_html, tags, lambda text: _html(text, language)),
        text=_joined(letter.text, in_text, tags, lambda text: plain(text, language)),
        subject=plain(letter.subject, language),
        preheader=plain(letter.preheader, language),
    )


def plain(text: str, language: TemplateLanguage) -> str:
    """Return text that reads as *text* once the language was applied, but for word joiners that nobody sees."""

    def written(match: re.Match[str]) -> str:
        sign = language.plain(match)
        return match[0] + _JOINER if sign is None else sign

    return language.opens.sub(written, text)


def _html(text: str, language: TemplateLanguage) -> str:
    """Return HTML that shows the same once the language was applied. Raises SendingError for a style that would act."""
    # In a style a character reference is no sign: it cannot be neutralised there, and only a theme writes styles.
    for style in _STYLE.finditer(text):
        if language.opens.search(style[2]):
            raise SendingError("index.html", f"has a style that {language.name} would act on", "change the theme")
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(language.comment(match[0]) if language.comment else match[0])
        return f"\0{len(kept) - 1}\0"

    # Comments are set aside while signs become references, which inside of them no mail client would decode.
    bare = _COMMENT.sub(keep, text) if language.comment else text
    neutral = language.opens.sub(lambda match: "".join(f"&#{ord(sign)};" for sign in match[0]), bare)
    return re.sub("\0(\\d+)\0", lambda match: kept[int(match[1])], neutral)


def _joined(
    text: str,
    find: Callable[[str, str], list[tuple[int, int]]],
    tags: Mapping[str, str],
    neutral: Callable[[str], str],
) -> str:
    """Put the tag of each address in *tags* where *find* finds that address, and neutralise what stands between."""
    spans = sorted((first, last, tag) for address, tag in tags.items() for first, last in find(text, address))
    pieces, start = [], 0
    for first, last, tag in spans:
        pieces += [neutral(text[start:first]), tag]
        start = last
    return "".join([*pieces, neutral(text[start:])])
