"""Patterns of addresses as the generators of sites write them, turned into ours (see `permalinks`).

    Jekyll, Hexo   /:categories/:year/:month/:day/:title/    their styles `pretty`, `date`, `ordinal` … too
    Hugo           :year/:month/:slug/
    Pelican        {date:%Y}/{date:%b}/{slug}.html
    Eleventy       /blog/{{ page.fileSlug }}/

A pattern that holds something unknown is none: to guess would send readers to pages that are not there. Nothing here
runs a template: only the few expressions listed are known, each by its text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST = 300
"""Most characters of a pattern; no generator's needs them, and a whole page may stand in the wrong field."""

_COLON = re.compile(r":([a-z_]+)", re.IGNORECASE)

_DATES = {
    "year": "{year}", "short_year": "{short_year}", "month": "{month}", "i_month": "{i_month}",
    "short_month": "{month_short}", "long_month": "{month_name}", "day": "{day}", "i_day": "{i_day}",
    "y_day": "{yearday}", "week": "{week}", "w_day": None, "short_day": "{weekday_short}", "long_day": "{weekday}",
    "hour": "{hour}", "minute": "{minute}", "second": "{second}",
}  # fmt: skip

_JEKYLL: Mapping[str, str | None] = {
    **_DATES,
    "title": "{slug}", "slug": "{slug:plain}", "name": "{name:plain}", "categories": "{categories:raw}",
    "slugified_categories": "{categories:plain}", "output_ext": ".html", "path": "{folder:raw}/{file:raw}",
    "basename": "{name}",
}  # fmt: skip

_JEKYLL_STYLES = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}
"""Names that Jekyll has for common patterns."""

_HEXO: Mapping[str, str | None] = {
    **_DATES,
    "title": "{folder:raw}/{file:raw}", "name": "{file:raw}", "post_title": "{title}", "category": "{category:raw}",
}  # fmt: skip

_HUGO: Mapping[str, str | None] = {
    "year": "{year}", "month": "{month}", "monthname": "{month_name:lower}", "day": "{day}", "yearday": "{yearday}",
    "weekdayname": "{weekday:lower}", "section": "{section:hugo}", "sections": "{folder:hugo}", "title": "{title:hugo}",
    "slug": "{slug_or_title:hugo}", "filename": "{file:hugo}", "contentbasename": "{file:hugo}",
    "slugorfilename": "{slug_or_file:hugo}", "slugorcontentbasename": "{slug_or_file:hugo}",
}  # fmt: skip

_STRFTIME = {
    "Y": "{year}", "y": "{short_year}", "m": "{month}", "-m": "{i_month}", "d": "{day}", "-d": "{i_day}",
    "b": "{month_short}", "B": "{month_name}", "j": "{yearday}", "H": "{hour}", "M": "{minute}", "S": "{second}",
    "a": "{weekday_short}", "A": "{weekday}", "V": "{week}",
}  # fmt: skip


def jekyll(pattern: str) -> str:
    """Return a `permalink` of Jekyll in our form, by default its `date`; "" for one that holds something unknown."""
    return _translated(_JEKYLL_STYLES.get(pattern or "date", pattern), _JEKYLL)


def hexo(pattern: str, *, dated: bool = False) -> str:
    """Return a `permalink` of Hexo in our form; "" for one that holds something unknown.

    *dated*: files are named by their date as well (`new_post_name`), which is no part of their title then.
    """
    names = {**_HEXO, "title": "{folder:raw}/{name:raw}", "name": "{name:raw}"} if dated else _HEXO
    return _translated(pattern or ":year/:month/:day/:title/", names)


def hugo(pattern: str, *, ugly: bool = False, dated: bool = False) -> str:
    """Return one of Hugo's `permalinks` in our form; "" for one that holds something unknown.

    *ugly* is its `uglyURLs`, *dated* whether it takes dates and slugs from the names of files.
    """
    names = {**_HUGO, "slugorfilename": "{slug:hugo}", "slugorcontentbasename": "{slug:hugo}"} if dated else _HUGO
    ours = _translated(pattern or "/:sections/:slugorcontentbasename/", names)
    return f"{ours.rstrip('/')}.html" if ours and ugly else ours


def _translated(pattern: str, names: Mapping[str, str | None]) -> str:
    """Return a pattern whose placeholders begin with a colon, in our form; "" where one of them is not in *names*."""
    if len(pattern) > _LONGEST or "{" in pattern or "[" in pattern:
        return ""
    replaced, unknown = [], []

    def replace(match: re.Match[str]) -> str:
        # `:title:output_ext` and `W:week` have no sign between them, and `:year_:month` an underscore: the longest
        # name that is known wins.
        word = match[1].lower()
        for end in range(len(word), 0, -1):
            ours = names.get(word[:end])
            if ours is not None and (end == len(word) or word[end] == "_"):
                replaced.append(ours)
                return ours + match[1][end:]
        unknown.append(word)
        return ""

    ours = _COLON.sub(replace, pattern)
    return "" if unknown or not replaced else _absolute(ours)


def _absolute(pattern: str) -> str:
    return pattern if pattern.startswith("/") else f"/{pattern}"


_BRACED = re.compile(r"\{(\w+)(?::([^{}]*))?\}")
_PERCENT = re.compile(r"%(-?[a-zA-Z])")

_PELICAN = {
    "slug": "{slug_or_title:pelican}", "category": "{category:pelican}", "lang": None, "author": None,
}  # fmt: skip


def pelican(pattern: str, *, by_name: bool = False) -> str:
    """Return an `ARTICLE_URL` of Pelican in our form; "" for one that holds something unknown.

    *by_name*: slugs come from the names of files (SLUGIFY_SOURCE).
    """
    unknown: list[str] = []

    def replace(match: re.Match[str]) -> str:
        if match[1] == "date":
            return _of_strftime(match[2] or "%Y-%m-%d", unknown)
        ours = "{slug:pelican}" if by_name and match[1] == "slug" else _PELICAN.get(match[1])
        if ours is None:
            unknown.append(match[1])
        return ours or ""

    if len(pattern) > _LONGEST:
        return ""
    ours = _BRACED.sub(replace, pattern or "{slug}.html")
    return "" if unknown else _absolute(ours.removesuffix("index.html"))


def _of_strftime(form: str, unknown: list[str]) -> str:
    """Return a form of strftime with our placeholders; what has none is added to *unknown*."""

    def replace(match: re.Match[str]) -> str:
        if match[1] not in _STRFTIME:
            unknown.append(match[0])
        return _STRFTIME.get(match[1], "")

    return _PERCENT.sub(replace, form)


_MIDDLEMAN = {"title": "{slug}", "year": "{year}", "month": "{month}", "day": "{day}", "category": "{category}"}


def middleman(pattern: str, *, is_index: bool) -> str:
    """Return a `permalink` of Middleman's blog in our form; "" for one that holds something unknown.

    *is_index*: pages are folders (`directory_indexes`).
    """
    if len(pattern) > _LONGEST or any(match[1] not in _MIDDLEMAN for match in _BRACED.finditer(pattern)):
        return ""
    ours = _absolute(_BRACED.sub(lambda match: _MIDDLEMAN[match[1]], pattern).lstrip("/"))
    return f"{ours.removesuffix('.html')}/" if is_index else ours


_EXPRESSION = re.compile(r"\{\{-?\s*([^{}]*?)\s*-?\}\}")
_FILTER = re.compile(r"""([\w.]+)\s*((?:\|\s*\w+(?:[:(]\s*["'][^"']*["']\)?)?\s*)*)""")
_DATE_FILTER = re.compile(r"""date\w*\s*[:(]\s*["']([^"']*)["']""")

_ELEVENTY = {
    "page.fileSlug": "{name}", "fileSlug": "{name}", "page.filePathStem": "/{folder:raw}/{name:raw}", "slug": "{slug}",
    "title": "{title}", "category": "{category:plain}",
}  # fmt: skip


def eleventy(pattern: str) -> str:
    """Return a `permalink` of Eleventy in our form; "" for one that holds something unknown.

    Of Liquid's and Nunjucks' expressions those are known that name the file, the title or a part of the date.
    """
    if len(pattern) > _LONGEST or "{%" in pattern:
        return ""
    unknown: list[str] = []

    def replace(match: re.Match[str]) -> str:
        parts = _FILTER.fullmatch(match[1])
        dated = _DATE_FILTER.search(parts[2]) if parts and parts[1] in {"page.date", "date"} else None
        if dated and "%" in dated[1]:
            return _of_strftime(dated[1], unknown)
        ours = _ELEVENTY.get(parts[1]) if parts else None
        if ours is None:
            unknown.append(match[1])
        return ours or ""

    ours = _EXPRESSION.sub(replace, pattern)
    return "" if unknown else _absolute(re.sub("/{2,}", "/", ours).removesuffix("index.html"))


def of_text(pattern: str) -> str:
    """Return the pattern that stands in an article's own `permalink`, of whichever generator, in our form, or ""."""
    if "{{" in pattern:
        return eleventy(pattern)
    return jekyll(pattern) if ":" in pattern or pattern in _JEKYLL_STYLES else ""
