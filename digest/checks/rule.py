"""Every rule by name: how grave, what it asks, why, and what to do. Knows no issue; docs/checks.md is made of this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from digest.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: it *asks* for something, *why*, and what to *do* where that does not hold."""

    severity: Severity
    asks: str
    why: str
    do: str


def _rules(table: str) -> Iterator[tuple[str, Rule]]:
    severities = {severity: severity for severity in get_args(Severity)}
    for line in filter(None, (line.strip() for line in table.splitlines())):
        name, severity, asks, why, do = (cell.strip() for cell in line.split(" | "))
        yield name, Rule(severities[severity], asks, why, do)


_TABLES = {
    "Files and record": """
file-missing | error | All four files of the issue are there. | A part that is missing cannot be sent or explained. | build the issue again
file-encoding | error | HTML and text are UTF-8. | Other bytes show as question marks. | build the issue again
record | error | issue.json is a record of a format that is known. | Without it nobody can say what should be in the issue. | build the issue again
record-hash | error | Each file is the one that the record was made for. | A file that was changed by hand is not what was built, and its neighbours do not know of the change. | build the issue again; put your own words in the editor's file
story-missing | error | The address of every pick is a link in the HTML and stands in the text. | A reader cannot follow a story without it. | let the theme show the address of each story
story-headline | error | The headline of every pick is a heading of the HTML. | Screen reader users go from heading to heading. | let the theme print each headline inside h2 to h4
story-twice | error | No story stands in the issue twice. | Readers take it for a mistake, and it is one. | drop one of the two in the editor's file
""",
    "Left-overs": """
placeholder | error | No template expression or merge tag is left. | The reader sees it as it stands, or a mail service fills it in. | fill it in or remove it in the theme or the article
article-words | warning | No story's own words would be an error in a letter. | It may be meant; it may also be broken where the article comes from. One article must not stop a week, so it is no error. | if it is not meant, write your own words in the editor's file, or drop the story
empty-value | error | No text and no attribute is a program's word for nothing (None, null, undefined, NaN). | A value was missing when the page was made. | let the theme ask whether there is a value
debug-escape | error | No programmer's escape or error report stands in the text. | It is a bug of a tool, printed. | report it with the place; it should have been text
double-entity | error | No entity is left in what readers see. | The text was escaped twice: readers see `&#8217;` instead of ’. | escape it once; in an article write the character itself
mojibake | error | No text was read in the wrong encoding. | Readers see `â€™` instead of ’. | mend the article's file; it must be UTF-8
filler | error | No lorem ipsum is left. | It was meant to be replaced. | replace it
todo | warning | No TODO, FIXME or TBD is left. | It may be a reminder that somebody forgot. | do it or remove it
""",
    "Page": """
doctype | error | The page begins with `<!DOCTYPE html>`. | Without it browsers and some clients fall back on the rules of 1998. | put it first, as it is written here
charset | error | A meta element says UTF-8 within the first 1,024 bytes. | Saved or forwarded without its headers the page is guessed at. | put it first in the head
viewport | error | The viewport is the device's width, and readers may zoom. | Phones show a tiny page otherwise; many readers need to zoom. | `<meta name="viewport" content="width=device-width, initial-scale=1">`
title | error | The page has one title that is not empty. | Screen readers read it first; it is the web view's name. | let it be the subject
lang | error | html and every child of body have the issue's language. | Screen readers choose their voice by it; many clients drop html and body, so their children must say it too. | set lang to the newsletter's language
dir | error | html and every child of body have a writing direction, the one of their language. | Arabic and Hebrew fall apart without it. | set dir to ltr or rtl as the language asks
layout-table | error | Every table without header cells has role="presentation", in Outlook's branch too. | Screen readers announce rows and columns otherwise. | add role="presentation"
heading-one | error | There is exactly one h1. | It is the page's name. | let the newsletter's name be the only h1
heading-order | error | No level of headings is skipped. | Readers who go by headings look for what is missing. | use the next level
heading-empty | error | No heading is empty. | It is announced, and then nothing follows. | remove it or fill it in
aria | error | Roles and aria attributes are ones there are, and point to something. | A wrong one is worse than none. | correct or remove it
list | error | Lists hold only list items, and list items are in lists. | Screen readers count them. | put each li in ul or ol, and nothing else there
tab-order | error | Nothing changes the order of the Tab key or takes a key for itself. | It takes readers away from the order they see. | remove tabindex and accesskey
html-parse | error | The page parses without an error. | Each client mends it in another way. | mend it in the theme
html-nesting | error | Elements stand where HTML allows them. | Each client mends it in another way. | nest them as HTML asks
html-attribute | error | Attributes are ones that HTML knows, with values that they can have. | A misspelt one does nothing. | correct or remove it
html-obsolete | error | No element is one that HTML has given up. | Its looks differ by client. | use styles
duplicate-id | error | No id stands twice. | Links and labels reach only the first. | give each an id of its own
comment | note | No comment is left but Outlook's. | Anybody can read it, and it costs bytes. | remove it
active-content | error | No script, form, frame, object, video or input. | Mail clients remove it or take the message for an attack. | remove it; link to a page that has it
event-handler | error | No on… attribute. | Mail clients remove it or take the message for an attack. | remove it
vml | error | No VML. | Outlook is leaving it behind, and it hides text from screen readers. | use a picture or a plain background
external-css | error | No style is loaded from elsewhere. | Most clients do not load it, and it tells a server who reads. | put it into the page
web-font | error | No font is loaded. | Most clients do not load it, some fall back on Times New Roman, and it tells a server who reads. | name fonts that readers have
dark-mode | error | The page declares that it can be dark: both metas, :root, the media query and Outlook.com's selectors. | Clients invert colours on their own otherwise. | add what is missing
""",
    "Styles": """
css-parse | warning | Styles can be read. | A client drops what it cannot read, some drop all that follows. | correct it
css-property | warning | Properties are ones there are, and lengths have units. | A misspelt one does nothing. | correct or remove it
contrast | error | Text has a contrast of 7:1, large text of 4.5:1 (WCAG AAA), in light, in dark, in Outlook.com's dark and without the head's styles. | Many readers cannot read it otherwise. | take a darker or lighter colour
dark-pairs | warning | Text has the same colours in Outlook.com's dark as in the dark of the media query. | Outlook.com knows only its own selectors. | repeat the dark colours behind [data-ogsc] and [data-ogsb]
background-missing | warning | Where a text colour is set, a background is set too. | A client that is dark by itself shows dark text on dark. | set the background on the element or around it
background-picture | warning | No text stands on a background picture. | Outlook on Windows does not show it, and the contrast is unknown. | use a plain colour
text-size | error | No visible text is smaller than 14 px. | It is hard to read, and spam filters count it. | make it larger
body-size | warning | Running text has 16 px or more. | Phones are read at arm's length. | make it larger
line-height | warning | Running text has a line height of 1.4 or more. | Lines that are close together are hard to follow. | set line-height to 1.5
tap-target | warning | A link that stands alone is 24 px tall or more. | Fingers miss it. | give it a larger line height or padding
link-in-text | warning | A link inside text is underlined. | Readers who do not see the colour do not find it. | underline it
hidden-text | error | Nothing is hidden but the preheader. | Spam filters look for hidden text, and clients that drop styles show it. | remove it
""",
    "Pictures": """
image-alt | error | Every picture has an alt text, empty where it says nothing new. | Screen readers read the address otherwise. | add alt=""
image-alt-repeats | warning | No alt text says the headline again. | Screen readers read it twice. | say what is on the picture, or leave it empty
image-alt-words | warning | No alt text is a file's name or the word picture. | It tells nothing. | say what is on the picture, or leave it empty
image-address | error | Pictures have a full https address. | Clients do not load others, or warn of them. | use a picture with an https address
image-format | error | No picture is SVG. | Gmail and Outlook do not show it. | use PNG or JPEG
image-width | error | Every picture has its width as a whole number of pixels. | Outlook shows it in full size otherwise. | add width
tracking-pixel | warning | No picture is one pixel in size. | It is taken for a spy, and is one. | remove it
""",
    "Links": """
link-address | error | Every link leads to an https, http or mailto address that is well formed, or to a place in the page. | It does nothing otherwise, or something bad. | correct the address
link-https | warning | Links are https. | Some clients and networks warn of others. | use the https address if there is one
link-name | error | Every link has a name. | Screen readers say "link", and no more. | put words or an alt text in it
link-words | warning | A link's name says where it leads. | "Click here" tells nothing in a list of links. | use the headline or what is behind it
link-same-name | error | Links with the same name lead to the same place. | In a list of links nobody can tell them apart. | tell them apart with words or with aria-label
link-anchor | error | A link into the page has its target there. | It does nothing otherwise. | give the target that id
link-other-issue | error | No link leads to the web view of another issue. | The issue was made from an old one. | link to this issue
link-shortener | warning | No link goes through a shortener. | Spam filters mistrust them, and readers cannot see where they lead. | use the real address
link-ip | error | No link leads to a bare IP address or into a private network. | Spam filters take it for an attack. | use a name that everybody can reach
link-disguise | error | A link whose name is an address leads there. | It is what phishing looks like. | let the two agree
unsubscribe-link | error | The unsubscribe address of the headers is a visible link in the HTML, and stands in the text. | Law and mail services ask for it. | let the theme show it
web-view | warning | The address of the web view is a link in the HTML, and stands in the text. | Readers whose client spoils the issue need it. | let the theme show it
why | warning | The foot says why the reader gets this. | Readers who do not remember report it as spam. | set newsletter.why and let the theme show it
postal-address | error | The sender's postal address stands in the foot of the HTML and the text. | Law asks for it. | set newsletter.address and let the theme show it
""",
    "Plain text": """
text-empty | error | The text has words. | Some readers see nothing else. | let the theme's issue.txt say something
text-width | warning | Lines have 78 columns at most, addresses aside. | Clients break longer ones anywhere. | wrap it
text-markup | error | No tag or entity is in it. | Readers see it as it stands. | write the character itself
text-control | error | No control character is in it. | Clients show boxes, or less. | remove it
parity-links | error | Every link of the HTML stands in the text. | Readers of the text would miss it. | let issue.txt show it
parity-headlines | error | Every heading of the HTML stands in the text. | Readers of the text would miss it. | let issue.txt show it
""",
    "Outlook on Windows": """
mso-comments | error | Conditional comments open and close in pairs. | Outlook hides or shows the wrong half of the page. | mend it in the theme
mso-tables | error | Outlook's branch has as many closing tags as opening ones, in order. | Outlook's columns fall out of their table. | mend it in the theme
""",
    "Mail clients": """
client-support | warning | What the layout relies on is there in the major mail clients. | Readers there see something else. | do without it, or add what it falls back on to the list in digest/checks/clients.py
""",
    "Subject, preheader and size": """
subject-empty | error | The subject has words. | Nobody opens it, and spam filters count it. | write one in the editor's file
subject-length | warning | The subject has 90 characters at most. | Phones show about 40, computers about 90. | shorten it in the editor's file
subject-controls | error | The subject has no control or invisible character. | Spam uses them to hide words. | remove it
subject-emoji | note | The subject has no emoji. | It is read aloud by name, and boxes stand for it in old clients. | keep it only if it says something
subject-shouting | warning | The subject is not all capitals. | Spam filters count it. | write it as a sentence
subject-marks | warning | The subject has at most one ! and two ?, and none doubled. | Spam filters count it. | one is enough
subject-reply | warning | The subject does not pretend to be a reply. | It deceives, and spam filters count it. | remove Re: or Fwd:
preheader-missing | error | The preheader stands first in the body, hidden, and is the one of the record. | The inbox shows whatever comes first instead. | let the theme print it first
preheader-length | warning | The preheader has 30 to 150 characters. | A short one lets other words in, of a long one the rest is lost. | write one in the editor's file
preheader-repeats | warning | The preheader is not the subject again. | The inbox shows both side by side. | write one in the editor's file
spam-phrase | warning | Subject and preheader have none of the phrases that spam is known by. | Filters count them. | say it in other words
spam-words | note | The stories have none of the phrases that spam is known by. | Filters count them, though one alone does no harm. | say it in other words if they are yours
picture-only | warning | There is text enough beside the pictures. | Filters take letters that are one picture for spam. | let the theme show the excerpts
clip | error | The HTML has at most 102,000 bytes as it travels. | Gmail cuts the rest off, the unsubscribe link with it. | take fewer stories or shorter excerpts
clip-near | warning | The HTML has at most 99,000 bytes as it travels. | Mail services add some, and Gmail cuts off at about 102,000. | take fewer stories or shorter excerpts
""",
    "Message": """
mime-structure | error | The message is multipart/alternative: the text, then the HTML, nothing else. | Clients show the last part they understand. | build the issue again
mime-encoding | error | Both parts are UTF-8 and quoted-printable. | Servers on the way may spoil others. | build the issue again
mime-lines | error | The message is ASCII, its lines end in CRLF and have 998 bytes at most. | Servers on the way may refuse it or break it. | build the issue again
mime-parts | error | The parts are index.txt and index.html. | What was looked at is not what is sent. | build the issue again
mime-broken | error | The message can be parsed without a defect. | Each client mends it in another way. | build the issue again
header-missing | error | All headers are there that a bulk sender owes. | Gmail and Yahoo refuse bulk mail without them. | build the issue again
header-twice | error | No header stands twice. | Clients and signatures differ in which they take. | build the issue again
header-bcc | error | No Bcc or Cc is in it. | It tells readers who else gets the issue. | remove it; the mail service knows the readers
header-from | error | From is one mailbox. | Several, or none, look like forgery. | set newsletter.from
header-free-mailbox | warning | From is an address of a domain of one's own. | Receivers take bulk mail in the name of gmail.com, yahoo.com and their like for forged (DMARC), unless that provider sent it: it lands in spam or is refused. | set newsletter.from to an address of your own domain
header-subject | error | The subject is the one of the record. | What was looked at is not what is sent. | build the issue again
header-date | error | Date is a date with an offset. | Spam filters count a missing or odd one. | build the issue again
header-message-id | error | Message-ID is one word between angle brackets with a domain. | Replies and bounces cannot be told apart without. | build the issue again
header-list-id | error | List-ID ends with a name between angle brackets. | Readers filter by it. | set newsletter.name and newsletter.from
header-unsubscribe | error | List-Unsubscribe offers an https address and a mailto address, not encoded. | Mail clients offer no way to leave otherwise, and Gmail asks for it. | set newsletter.unsubscribe and newsletter.unsubscribe_mail
header-one-click | error | List-Unsubscribe-Post, where it is there, is `List-Unsubscribe=One-Click`. | Gmail and Yahoo ask for exactly this. | build the issue again
one-click | warning | Where we write to each reader, each has an unsubscribe address of their own. | One click can only take a reader off the list whom its address names, so it is not offered; Gmail and Yahoo ask for it of who writes to more than 5,000 readers a day. | write send.unsubscribe with {email} or another column of the list in it, or give the list a column unsubscribe
header-language | warning | Content-Language is the page's language. | Screen readers and translators go by it. | set newsletter.language
""",
    "Leaving": """
placeholder-identity | error | What `digest send` hands to any target but `file` and `outbox` has a sender, a postal address and web addresses of its own. | The defaults and what `digest init` writes are examples: nobody answers there, nobody can unsubscribe there, and the law asks for a real address. | set newsletter.name, from, address, web and unsubscribe in digest.yaml, and build again
old-issue | warning | The issue's last day is a week ago at most. Asked by `digest check`. | News of another week under today's date puzzles readers; perhaps another issue was meant. | build this week's issue, or name it
""",
    "Archive and settings": """
archive | error | Every article of the archive can be read. | A story is lost otherwise. | mend the file
settings | error | digest.yaml can be read. | Nothing can be built otherwise. | mend the file
""",
}
GROUPS = {title: dict(_rules(table)) for title, table in _TABLES.items()}
"""The rules by name, by subject."""

RULES = {name: rule for rules in GROUPS.values() for name, rule in rules.items()}
"""The rules by name."""


def markdown() -> str:
    """Return all rules as the tables of docs/checks.md."""
    lines = []
    for title, rules in GROUPS.items():
        lines += [f"## {title}", "", "| rule | severity | asks | why | what to do |", "|---|---|---|---|---|"]
        lines += [
            f"| `{name}` | {rule.severity} | {rule.asks} | {rule.why} | {rule.do} |" for name, rule in rules.items()
        ]
        lines.append("")
    return "\n".join(lines)


def finding(  # each is a part of a finding
    rule: str, file: str, problem: str, *, line: int | None = None, element: str = "", clients: tuple[str, ...] = ()
) -> Finding:
    """Return what *rule* has found; how grave it is and what to do stand with the rule."""
    definition = RULES[rule]
    return Finding(
        rule=rule,
        severity=definition.severity,
        file=file,
        line=line,
        element=element,
        what=problem,
        remedy=definition.do,
        clients=clients,
    )
