"""Addresses of articles of one's own site: its address, and a pattern filled in from an article's date and name.

    https://example.com  +  /{year}/{month}/{slug}/  +  posts/2021-05-06-night-ferry.md, 6 May 2021
        ─▶  https://example.com/2021/05/night-ferry/

Most sites are made by a generator from files that do not hold their own address: the generator makes it from the date,
the title, the name of the file or its folders. Patterns are in a form of ours (docs/archive.md lists what may stand in
one); `generator_patterns` turns those of the generators into it.

Slugs are made as the generators make them, by the name behind a colon: `{title:pelican}`. Without one, a title becomes
its letters and digits in lower case, parted by hyphens, and the name of a file stays as it is, but for signs.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digest.config.values import PLACEHOLDER, SitePlan
from digest.records import generator_patterns
from digest.text import languages, sanitize

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from digest.config.yamlfile import Node
    from digest.model import Address

DEFAULT_PATTERN = "/{folder}/{slug}/"
"""The pattern of a site of which only the address is known: by folder and name, as most generators have it."""

_DATED_NAME = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:T\d{2}[:-]?\d{2}(?:[:-]?\d{2})?Z?)?[-_ ]+(?=\S)")
"""The date that stands before the name in `2021-05-06-night-ferry.md`; a name that is a date alone keeps it."""

_INDEX = frozenset({"index", "_index"})
"""Files that stand for their folder."""

ROOTS = frozenset({"content", "_posts", "_drafts", "source", "src", "pages", "collections"})
"""Folders of generators that are no part of an address."""

_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_OPEN = re.compile(r"\{\{|\{%|\{[a-z_]+[:}]|(?:^|[/_-]):[a-z_]+", re.IGNORECASE)
"""What shows that a text is a pattern and no address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPost:
    """What an address is made of.

    *path* is the article's path within the archive, parted by slashes. *moment* is its date and time in the zone of the
    site, None where it has none. *fields* are those of the file, by the names that they have there.
    """

    path: str
    title: str
    moment: datetime | None
    fields: Mapping[str, Node]

    def written(self, key: str) -> str:
        """Return the text of a field, "" where it has none."""
        node = self.fields.get(key)
        return node.value.strip() if node is not None and isinstance(node.value, str) else ""

    @property
    def parts(self) -> tuple[str, ...]:
        """The folders between the root of the content and the file; a file `index` is known by its folder's name."""
        *folders, file = self.path.split("/")
        if folders and file.rpartition(".")[0].partition(".")[0] in _INDEX:
            folders.pop()
        return tuple(folders)

    @property
    def file(self) -> str:
        """The file's name without its ending; for a file `index` that of its folder."""
        *folders, file = self.path.split("/")
        # Middleman's files are named after the page that they become: `ferry.html.markdown`.
        name = (file.rpartition(".")[0] or file).removesuffix(".html")
        return folders[-1] if folders and name.partition(".")[0] in _INDEX else name

    @property
    def name(self) -> str:
        """The file's name without its ending and without a date before it."""
        return _DATED_NAME.sub("", self.file, count=1) if _DATED_NAME.match(self.file) else self.file


def absolute(site: SitePlan, written: str) -> Address | None:
    """Return the address that *written* is, read against the address of *site* where it is relative.

    None where it is neither, where *site* has no address, and for a pattern, which `address` reads.
    """
    if _SCHEME.match(written.strip()):
        return None if "{{" in written or "{%" in written else sanitize.address(written)
    relative = written.strip()
    if _OPEN.search(relative):
        return None
    # A relative address is told from any other text by its slash or its ending: `the paper` is none.
    is_path = relative.startswith("/") or (" " not in relative and ("/" in relative or relative.endswith(".html")))
    return _joined(site, relative) if site.address and is_path else None


def address(site: SitePlan, post: OwnPost) -> Address | None:
    """Return where *post* stands on *site*; None where *site* has no address, or the pattern needs a date it lacks.

    The file's own `permalink` or `url` comes before the pattern of the site.
    """
    if not site.address:
        return None
    own = _own(site, post)
    if own:
        return own
    tag = language(site, post.path)
    if tag:
        stem, _, ending = post.path.rpartition(".")
        post = replace(post, path=f"{stem.rpartition('.')[0]}.{ending}")
    path = filled(_pattern_of(site, post.path), post)
    if path is None:
        return None
    return _joined(site, f"/{tag.lower()}{path}" if tag not in {"", *site.languages[:1]} else path)


def language(site: SitePlan, path: str) -> str:
    """Return the language of *site* that the name of a file ends with, as `de` in `ferry.de.md`; "" for none."""
    if not site.languages:
        return ""
    name = path.rpartition("/")[2].rpartition(".")[0]
    tag = languages.normal(name.rpartition(".")[2]) if "." in name else ""
    return tag if tag in site.languages else ""


def _own(site: SitePlan, post: OwnPost) -> Address | None:
    """Return the address that the file itself names, which may be a pattern of its generator's."""
    for key in ("permalink", "url"):
        written = post.written(key)
        if not written or written.casefold() in {"true", "false"}:
            continue
        own = absolute(site, written)
        if own:
            return own
        pattern = generator_patterns.of_text(written)
        path = filled(pattern, post) if pattern else None
        if path is not None:
            return _joined(site, path)
    return None


def _pattern_of(site: SitePlan, path: str) -> str:
    """Return the pattern of the innermost folder that *path* is in and that has one, else that of the site."""
    for folder, pattern in sorted(site.folders, key=lambda pair: -len(pair[0])):
        inside = folder.strip("/")
        if path.startswith(f"{inside}/") or inside in {"", "."}:
            return pattern
    return site.permalink or DEFAULT_PATTERN


def filled(pattern: str, post: OwnPost) -> str | None:
    """Return *pattern* with the values of *post*; None where one that it needs is not there."""
    pieces = []
    for literal, name, style in _parts(pattern):
        pieces.append(literal)
        value = VALUES[name](post) if name else ""
        if value is None:
            return None
        # Folders and categories are several slugs in a row.
        pieces.append("/".join(map(STYLES[style], value.split("/"))) if value else "")
    return re.sub("/{2,}", "/", "".join(pieces))


@lru_cache(maxsize=1_000)
def _parts(pattern: str) -> tuple[tuple[str, str, str], ...]:
    """Return what *pattern* is made of: literals, each with the placeholder behind it and its style, "" for none."""
    parts, position = [], 0
    for match in PLACEHOLDER.finditer(pattern):
        style = match[2] or ("plain" if match[1] in _OF_TITLES else "name")
        parts.append((pattern[position : match.start()], match[1], style))
        position = match.end()
    return (*parts, (pattern[position:], "", ""))


def _joined(site: SitePlan, path: str) -> Address | None:
    """Return *path* below the address of *site*, as generators join them: `/a` stays below a base with a folder."""
    base = _base(site.address)
    if path.startswith("//"):
        return sanitize.address(f"{base.partition(':')[0]}:{path}")
    folder = urlsplit(base).path.rstrip("/")
    if folder and (path == folder or path.startswith(f"{folder}/")):
        base = base.removesuffix(folder)
    whole = f"{base}/{path.removeprefix('./').lstrip('/')}"
    return sanitize.address(_without_dots(whole))


@lru_cache(maxsize=16)
def _base(written: str) -> str:
    """Return the address of a site without the slash at its end."""
    return written.rstrip("/")


def _without_dots(whole: str) -> str:
    """Return an address without `.` and `..` in its path, as browsers read it (RFC 3986, 5.2.4)."""
    if "/." not in whole:
        return whole
    scheme, _, rest = whole.partition("://")
    host, *parts = rest.split("/")
    kept: list[str] = []
    for part in parts:
        if part == "..":
            del kept[-1:]
        elif part != ".":
            kept.append(part)
    return f"{scheme}://{host}/{'/'.join(kept)}"


_USUAL = re.compile(r"[a-zA-Z0-9._]++(?:-[a-zA-Z0-9._]++)*+")
"""A name of which nothing has to be changed, as nearly all are."""


def _hyphenated(text: str, signs: str) -> str:
    """Return the letters, digits, marks and *signs* of a text; whatever stands between them becomes one hyphen."""
    # Not \w, which has none of the vowel signs of Indian scripts.
    kept = (sign if sign.isalnum() or sign in signs or unicodedata.category(sign)[0] == "M" else " " for sign in text)
    return "-".join("".join(kept).split())


def _as_named(text: str) -> str:
    """Return a slug as Jekyll makes one of a file's name: what an address may hold stays, and so do capitals."""
    if _USUAL.fullmatch(text):
        return text
    return _hyphenated(text, "._~!$&'()+,;=@")


def plain(text: str) -> str:
    """Return a slug of letters and digits in lower case, parted by hyphens: Jekyll's, and that of most others."""
    return _hyphenated(unicodedata.normalize("NFC", text).lower(), "")


def _ascii(text: str) -> str:
    """Return *text* in ASCII: letters without their accents, and without what has no ASCII letter."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return decomposed.encode("ascii", "ignore").decode()


# Letters that are no base letter with an accent, which decomposition would lose. Scripts other than Latin need tables
# of tens of thousands of entries (Unidecode), which the two generators that use them alone are not worth.
_LETTERS = str.maketrans({
    "ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ł": "l", "Ł": "L", "œ": "oe", "Œ": "OE",
    "þ": "th", "Þ": "Th", "ð": "d", "Ð": "D", "ı": "i", "–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"',
})  # fmt: skip


def _zola(text: str) -> str:
    """Return a slug as Zola makes one: ASCII letters and digits in lower case, parted by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", _ascii(text).lower()).strip("-")


def _hugo(text: str) -> str:
    """Return a slug as Hugo makes one: blanks become hyphens, and signs other than `. _ # + ~ - @` go."""
    kept: list[str] = []
    after_blank = False
    for sign in text.strip().lower():
        if sign.isalnum() or sign in "._#+~-@" or unicodedata.category(sign).startswith("M"):
            if after_blank and sign != "-" and kept:
                kept.append("-")
            kept.append(sign)
            after_blank = False
        elif sign.isspace():
            after_blank = bool(kept) and kept[-1] != "-"
    return "".join(kept)


def _pelican(text: str) -> str:
    """Return a slug as Pelican makes one: in ASCII and lower case, signs go, and blanks become hyphens."""
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", _ascii(text)).strip()).lower()


def _lower(text: str) -> str:
    """Return *text* in lower case and with hyphens for blanks, as Astro and others name a page after its file."""
    return re.sub(r"\s+", "-", text.strip().lower())


def _as_written(text: str) -> str:
    return text


STYLES: Mapping[str, Callable[[str], str]] = {
    "name": _as_named,
    "plain": plain,
    "hugo": _hugo,
    "zola": _zola,
    "pelican": _pelican,
    "lower": _lower,
    "raw": _as_written,
}
"""How a value becomes part of an address, by the name that stands behind a colon."""

_OF_TITLES = frozenset({"title", "slug_or_title"})
"""Placeholders that are `plain` where no style is named; all others are as files are named."""


def _slug(post: OwnPost) -> str:
    return post.written("slug") or post.name


def _slug_or_title(post: OwnPost) -> str:
    return post.written("slug") or post.title


def _slug_or_file(post: OwnPost) -> str:
    return post.written("slug") or post.file


def _folder(post: OwnPost) -> str:
    """Return the folders of the content that a file is in, without those that only hold content."""
    return "/".join(part for part in post.parts if part not in ROOTS)


_DATED_PATH = re.compile(r"(?P<above>(?:[^/]+/)*?)(?P<date>\d{4}[-/]\d{1,2}[-/]\d{1,2})[-/]?(?P<text>.*)")


def _route(post: OwnPost) -> str:
    """Return the path of a post as Docusaurus makes it: its slug, else the date in its name, its folders and name."""
    slug = post.written("slug").strip("/")
    if slug:
        return slug
    path = "/".join([*post.parts, post.file])
    dated = _DATED_PATH.fullmatch(path)
    return f"{dated['date'].replace('-', '/')}/{dated['above']}{dated['text']}" if dated else path


def _section(post: OwnPost) -> str:
    return _folder(post).partition("/")[0]


def _categories(post: OwnPost) -> str:
    """Return the categories as Jekyll joins them: folders above `_posts`, then those of the file, in lower case."""
    parts = post.parts
    above = parts[: parts.index("_posts")] if "_posts" in parts else ()
    names = [*above, *_listed(post, "category"), *_listed(post, "categories")]
    return "/".join(dict.fromkeys(name.lower() for name in names))


def _category(post: OwnPost) -> str:
    """Return the first category, as generators have it that put one into an address."""
    return next(iter([*_listed(post, "category"), *_listed(post, "categories")]), "")


def _listed(post: OwnPost, key: str) -> list[str]:
    """Return the words of a field that is a list; a text is one category in `category`, and parted by blanks else."""
    node = post.fields.get(key)
    value = node.value if node is not None else None
    if isinstance(value, str):
        return [value] if key == "category" else value.split()
    return [member.value for member in value if isinstance(member.value, str)] if isinstance(value, tuple) else []


def _dated(form: str) -> Callable[[OwnPost], str | None]:
    """Return a function that writes the date of a post in a form of strftime; None where it has no date."""

    def write(post: OwnPost) -> str | None:
        return post.moment.strftime(form) if post.moment else None

    return write


def _number(part: str) -> Callable[[OwnPost], str | None]:
    """Return a function that gives a part of the date without a leading zero."""

    def write(post: OwnPost) -> str | None:
        return str(getattr(post.moment, part)) if post.moment else None

    return write


# Of addresses, and therefore not by the system's language.
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

VALUES: Mapping[str, Callable[[OwnPost], str | None]] = {
    # Not strftime("%Y"), which writes the year 800 in three digits on some systems.
    "year": lambda post: f"{post.moment.year:04}" if post.moment else None,
    "short_year": _dated("%y"),
    "month": _dated("%m"),
    "i_month": _number("month"),
    "day": _dated("%d"),
    "i_day": _number("day"),
    "yearday": _dated("%j"),
    "week": _dated("%V"),
    "hour": _dated("%H"),
    "minute": _dated("%M"),
    "second": _dated("%S"),
    "month_name": lambda post: languages.MONTHS[post.moment.month - 1] if post.moment else None,
    "month_short": lambda post: languages.MONTHS[post.moment.month - 1][:3] if post.moment else None,
    "weekday": lambda post: _DAYS[post.moment.weekday()] if post.moment else None,
    "weekday_short": lambda post: _DAYS[post.moment.weekday()][:3] if post.moment else None,
    "slug": _slug,
    "slug_or_title": _slug_or_title,
    "slug_or_file": _slug_or_file,
    "title": lambda post: post.title if plain(post.title) else None,
    "name": lambda post: post.name,
    "file": lambda post: post.file,
    "folder": _folder,
    "section": _section,
    "categories": _categories,
    "category": _category,
    "route": _route,
}
"""What may stand in a pattern, each with what it is of a post; None where the post does not have it."""
