"""The newsletter's own words in a theme made of somebody's MJML: logo, blocks, signature and the like, where they are.

Each stands in an `{% if %}` or `{% for %}`: a letter that has none of it looks as its designer made it. Words between
the stories look like those of a story: they stand in a text with the attributes of the designer's. What stands at the
very top and at the foot is on a strip of its own, since a design says nothing of a look there.
"""

from __future__ import annotations

import re
from typing import NamedTuple

INSIDE = r"(?:[^\"'>]|\"[^\"]*\"|'[^']*')"
"""One sign of what is in a tag, or a text in quotes: a > in that does not end it."""

TEXT = re.compile(rf"(<mj-text\b{INSIDE}*+(?<!/)>)(.*?)(</mj-text>)", re.DOTALL)
"""An element of text: its first tag, what is in it, its last tag."""

_BOX = re.compile(rf"<(/?)mj-(section|wrapper|hero|column|group)\b({INSIDE}*+)>")
_GROUND = re.compile(r"\s((?:inner-)?background-color|background-url)\s*=\s*(?:\"([^\"]*)\"|'([^'\"]*)')")
_CLASSES = re.compile(r"\b(?:css-)?class\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


class Look(NamedTuple):
    """How words look, by what stands around them in MJML: the tags *before* and *behind* them."""

    before: str
    behind: str

    def around(self, content: str) -> str:
        """Return the element that shows *content*."""
        return f"{self.before}{content}{self.behind}"


STRIP = Look(
    '<mj-section background-color="#ffffff"><mj-column>'
    '<mj-text align="center" color="#444444" font-size="14px" line-height="1.5">',
    "</mj-text></mj-column></mj-section>",
)
"""The look of what was added above and below the design: dark words on white are read whatever is beside them."""

_LINE = (
    "{% if paragraph.picture %}{{ image(paragraph.picture, paragraph.text, 520) }}"
    "{% else %}{{ line(paragraph, false) }}{% endif %}"
)
KICKER = (
    '{% if story.kicker %}<p style="margin:0 0 4px;font-size:14px;line-height:1.5;font-weight:normal">'
    "{{ story.kicker|isolated }}</p>{% endif %}"
)
CREDIT = '<p style="margin:0">{{ story.picture_credit|isolated }}</p>'
PICTURE = (
    '{% if story.picture_chosen %}<p style="margin:0 0 8px">{{ image(story.picture, story.picture_alt, 520) }}</p>'
    f"{{% if story.picture_credit %}}{CREDIT}{{% endif %}}{{% endif %}}"
)
BELOW = (
    '{% if story.update %}<p style="margin:8px 0 0">{% if story.update.url %}<a href="{{ story.update.url }}" '
    'style="color:inherit">{% endif %}{{ _("Update to %(date)s: %(headline)s", date=story.update.date, '
    "headline=story.update.headline|isolated(story.update.language)) }}{% if story.update.url %}</a>{% endif %}</p>"
    '{% endif %}{% for paragraph in story.why %}<p style="margin:10px 0">'
    '{% if loop.first %}<strong>{{ _("Why it matters:") }}</strong> {% endif %}'
    f"{_LINE}</p>{{% endfor %}}"
)

_INTRODUCTION = f'{{% for paragraph in introduction %}}<p class="words">{_LINE}</p>{{% endfor %}}'
# Stories have the second level of headings and sections none, so the title of one is no heading.
_SECTION_LINE = (
    '<p class="words"><strong>{{ section.title|isolated }}</strong></p><p class="words">{{ section.line|isolated }}</p>'
)
_MORE = '<p class="words"><a class="link" href="{{ web_url }}">{{ issue.more }}</a></p>'
_TOP = (
    "{% if newsletter.logo %}<p>{{ sign() }}</p>{% endif %}"
    '{% if newsletter.tagline %}<p class="words">{{ newsletter.tagline|isolated }}</p>{% endif %}'
    '{% if issue.number %}<p class="words">{{ issue.number }} · {{ issue.period }}</p>{% endif %}'
)
_BOTTOM = (
    '{% if newsletter.subscribe %}<p class="words">{{ _("Forwarded to you?") }} '
    '{{ linked(_("Subscribe here"), newsletter.subscribe, false) }}</p>{% endif %}'
    '{% if newsletter.social %}<p class="words">{{ row(newsletter.social) }}</p>{% endif %}'
)

# The partials name their elements by these classes; of one that the designer has, too, the designer's look counts.
_STYLES = {
    "words": "margin: 0 0 10px",
    "quiet": "margin: 0 0 10px",
    "headline": "margin: 0 0 8px; font-size: inherit; line-height: inherit; font-weight: 700",
    "link": "color: inherit; text-decoration: underline",
    "logo": "display: inline-block; max-width: 100%; height: auto; border: 0",
    "logo-dark": "display: none",
    "portrait": "width: 72px",
    "portrait-picture": "display: block; width: 56px; height: auto; border: 0; border-radius: 28px",
}
_DARK_LOGO = """<mj-raw>{% if newsletter.logo and newsletter.logo.dark %}<style data-premailer="ignore">
  @media (prefers-color-scheme: dark) {
    .logo-light { display: none !important; } .logo-dark { display: inline-block !important; }
  }
  [data-ogsc] .logo-light, [data-ogsb] .logo-light { display: none !important; }
  [data-ogsc] .logo-dark, [data-ogsb] .logo-dark { display: inline-block !important; }
</style>{% endif %}</mj-raw>"""
_PARTIALS = '\n[% include "blocks.mjml" %]\n[% include "identity.mjml" %]\n'


def look_of(block: str) -> Look:
    """Return the look of the words in *block*, MJML that shows a story: in a section, where the block has sections."""
    texts = list(TEXT.finditer(block))[:2]
    tag = texts[-1][1] if texts else "<mj-text>"
    boxes = [box for box in _BOX.finditer(block) if box[2] in {"section", "wrapper", "hero"}]
    if not boxes:
        return Look(tag, "</mj-text>")
    ground = _ground(block[: texts[-1].start()] if texts else "")
    if ground is None:
        return STRIP
    colour = f' background-color="{ground}"' if ground else ""
    return Look(f"<mj-section{colour}><mj-column>{tag}", "</mj-text></mj-column></mj-section>")


def _ground(before: str) -> str | None:
    """Return the colour behind what *before* leads to, "" for that of the page; None where it is a picture."""
    grounds: list[str | None] = []
    for box in _BOX.finditer(before):
        if box[1]:
            del grounds[-1:]
        elif not box[3].endswith("/"):
            given = {name: double or single for name, double, single in _GROUND.findall(box[3])}
            colour = given.get("inner-background-color") or given.get("background-color")
            grounds.append(None if given.get("background-url") else colour or "")
    return next((ground for ground in reversed(grounds) if ground != ""), "")


def tags(name: str, mjml: str) -> list[re.Match[str]]:
    """Return the tags in *mjml* that open or close elements called *name*; those in comments are switched off."""
    matches = re.finditer(rf"<!--.*?-->|</?{name}\b{INSIDE}*+(?<!/)>", mjml, re.DOTALL)
    return [match for match in matches if not match[0].startswith("<!--")]


def repeated(story: str, look: Look) -> str:
    """Return the sections' loop around *story*, with the editor's words before, between and behind in that *look*."""
    signed = look.around("{{ signed(newsletter.signature) }}")
    asked = look.around("{{ asked(newsletter.feedback) }}")
    return (
        f"{{% if introduction %}}{look.around(_INTRODUCTION)}{{% endif %}}{_blocks('blocks.top', look)}"
        f"{{% for section in sections %}}{{% if section.line %}}{look.around(_SECTION_LINE)}{{% endif %}}"
        f"{{% for story in section.stories %}}{_blocks('story.blocks', look)}\n{story}\n{{% endfor %}}"
        f"{_blocks('section.blocks', look)}{{% endfor %}}{_blocks('blocks.end', look)}"
        f"{{% if issue.more %}}{look.around(_MORE)}{{% endif %}}"
        f"{{% if newsletter.signature %}}{signed}{{% endif %}}{{% if newsletter.feedback %}}{asked}{{% endif %}}"
    )


def _blocks(variable: str, look: Look) -> str:
    return f"{{% for block in {variable} %}}{look.around('{{ shown(block, 2) }}')}{{% endfor %}}"


def framed(mjml: str, design: str) -> str:
    """Return *mjml*, which has a body, with the macros that show the words, and with what stands around all.

    *design* is what its designer wrote, whose classes keep the look that they have there.
    """
    top = f"{{% if newsletter.logo or newsletter.tagline or issue.number %}}{STRIP.around(_TOP)}{{% endif %}}\n"
    bottom = f"{{% if newsletter.subscribe or newsletter.social %}}{STRIP.around(_BOTTOM)}{{% endif %}}\n"
    taken = set(" ".join(double or single for double, single in _CLASSES.findall(design)).split())
    rules = "".join(f"  .{name} {{ {look}; }}\n" for name, look in _STYLES.items() if name not in taken)
    body, *_, end = tags("mj-body", mjml)
    before, inside, behind = mjml[: body.start()], mjml[body.end() : end.start()], mjml[end.start() :]
    inside = f"{body[0]}{_PARTIALS}{top}{inside}{bottom}"
    # First, so that what the designer says of all links or headings comes later, and counts.
    head = f'<mj-style inline="inline">\n{rules}</mj-style>\n{_DARK_LOGO}\n'
    if elements := tags("mj-head", before):
        at = elements[0].end()
        return f"{before[:at]}{head}{before[at:]}{inside}{behind}"
    return f"{before}<mj-head>{head}</mj-head>{inside}{behind}"
