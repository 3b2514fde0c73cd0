"""What Hugo's settings say about a site: one file or several, and a part for each language.

Hugo has several languages in two ways: each in a folder of its own (`contentDir: content/de`), or by the ending of a
file's name (`ferry.de.md`). Of the first the letter's language is read, and its folder is no part of addresses; of the
second all are read, and their names tell the language.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from digest.analysis import generated_site, generator_files
from digest.analysis.generated_site import Generator, inside
from digest.analysis.generator_files import text_at
from digest.config.values import SitePlan
from digest.records import generator_patterns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.analysis.generator_files import Tree

_ENDINGS = ("toml", "yaml", "yml", "json")

_SECTIONS = frozenset({"post", "posts", "blog", "blogs", "news", "article", "articles"})
"""Sections by which a site is known to publish: beside them stand its documentation and the pages about it."""

_NO_SECTIONS = frozenset({
    "docs", "doc", "documentation", "documents", "guides", "reference", "api", "tutorials", "help", "faq",
    "about", "page", "pages", "legal", "contact", "author", "authors", "people", "team", "teams",
    "tag", "tags", "category", "categories", "topics", "series", "search", "img", "images", "static",
})  # fmt: skip
"""Sections that hold no articles where others do, however their pages are dated."""


def hugo(root: str, wanted: str = "") -> Generator | None:
    """Return the site of Hugo's settings in the language *wanted*, by default that of the site."""
    names = [f"{name}.{ending}" for name in ("hugo", "config") for ending in _ENDINGS]
    file = generator_files.first(root, *names, *(f"config/_default/{name}" for name in names))
    tree = generator_files.lowered(generator_files.tree(root, file)) if file else {}
    # `config.toml` may be Zola's, and `config.yml` anybody's.
    if not file or not ("baseurl" in tree or "languagecode" in tree or os.path.basename(file).startswith("hugo.")):
        return None
    if file.startswith("config/"):
        tree = {**_parts(root), **tree}
    languages = inside(tree, "languages")
    default = (text_at(tree, "defaultcontentlanguage") or "en").lower()
    language = _chosen(wanted, list(languages)) or default
    own = inside(languages, language)
    content = _folder(text_at(own, "contentdir") or text_at(tree, "contentdir") or "content")
    # Sites that mount each language's folder by a module have it there, too.
    if languages and not text_at(own, "contentdir") and generator_files.has_texts(root, f"{content}/{language}"):
        content, has_folders = f"{content}/{language}", True
    else:
        has_folders = any(text_at(inside(languages, key), "contentdir") for key in languages)
    in_folder = language != default or text_at(tree, "defaultcontentlanguageinsubdir") == "true"
    below = language if in_folder and not text_at(own, "baseurl") else ""
    # Of languages by the names of files, the default one has no folder.
    by_name = len(languages) > 1 and not has_folders
    patterns = _Patterns(tree, below="" if by_name else below)
    return Generator(
        name="Hugo",
        file=file,
        title=text_at(own, "title") or text_at(tree, "title"),
        site=SitePlan(
            address=generated_site.address(text_at(own, "baseurl") or text_at(tree, "baseurl")),
            permalink=patterns.of(""),
            folders=tuple(patterns.of_sections(content)),
            as_written=True,
            languages=tuple(_by_names(list(languages), default)) if by_name else (),
        ),
        language=generated_site.language(
            text_at(own, "languagecode", "locale")
            or (text_at(tree, "languagecode") if not in_folder else "")
            or language
        ),
        timezone=generated_site.timezone(text_at(own, "timezone") or text_at(tree, "timezone")),
        content=tuple(_sections(root, content, tree)),
        root=content,
    )


def _parts(root: str) -> Tree:
    """Return what stands in files of their own below `config/_default`: `languages.toml`, and those of one language."""
    tree: Tree = {}
    for part in ("permalinks", "languages", "frontmatter", "params"):
        other = generator_files.first(root, *(f"config/_default/{part}.{ending}" for ending in _ENDINGS))
        if other:
            tree[part] = generator_files.lowered(generator_files.tree(root, other))
    languages = dict(inside(tree, "languages"))
    for file in generator_files.names(root, "config/_default"):
        match = re.fullmatch(r"(?:languages|hugo|config)\.([\w-]+)\.(?:toml|ya?ml|json)", file)
        if match:
            languages[match[1].lower()] = generator_files.lowered(generator_files.tree(root, f"config/_default/{file}"))
    return {**tree, "languages": languages} if languages else tree


def _by_names(keys: Sequence[str], default: str) -> Iterator[str]:
    """Yield languages as tags by rule, the site's own first, without those that are none."""
    tags = (generated_site.language(key) for key in dict.fromkeys([default, *keys]))
    yield from filter(None, tags)


def _chosen(wanted: str, languages: Sequence[str]) -> str:
    """Return the one of *languages* that is *wanted*, or the first of the same language elsewhere; "" for none."""
    tag = wanted.lower()
    near = (key for key in languages if tag and key.partition("-")[0] == tag.partition("-")[0])
    return tag if tag in languages else next(near, "")


def _folder(written: str) -> str:
    """Return a folder as paths name it, without `./` before it or a slash behind it."""
    return os.path.normpath(written).replace(os.sep, "/")


def _sections(root: str, content: str, tree: Tree) -> Iterator[str]:
    """Yield the folders of the main sections; else of those that hold articles beside a usual one, else all content."""
    main = inside(tree, "params").get("mainsections") or tree.get("mainsections")
    listed = main if isinstance(main, list) else [main]
    names = [name for name in listed if isinstance(name, str)]
    held = [f"{content}/{name.strip('/')}" for name in names if name.strip("./")]
    if not held:
        inside_it = generator_files.names(root, content)
        held = [f"{content}/{name}" for name in inside_it if name.lower() not in _NO_SECTIONS]
        held = held if _SECTIONS.intersection(inside_it) else []
    sections = [folder for folder in held if generator_files.has_texts(root, folder)]
    yield from sections or [content]


class _Patterns:
    """Patterns of addresses *below* the folder of a language, "" for none."""

    def __init__(self, tree: Tree, *, below: str) -> None:
        self._permalinks = inside(tree, "permalinks")
        self._ugly = text_at(tree, "uglyurls") == "true"
        self._dated = ":filename" in str(inside(tree, "frontmatter").get("date", ""))
        self._before = f"/{below}" if below else ""

    def of(self, written: str) -> str:
        """Return a pattern of Hugo's in our form, by default its own; "" for one that holds something unknown."""
        ours = generator_patterns.hugo(written, ugly=self._ugly, dated=self._dated)
        return f"{self._before}{ours}" if ours else ""

    def of_sections(self, content: str) -> Iterator[tuple[str, str]]:
        """Yield each section of Hugo's `permalinks` as a folder, with its pattern."""
        for section, pattern in {**self._permalinks, **inside(self._permalinks, "page")}.items():
            ours = self.of(pattern) if isinstance(pattern, str) and pattern else ""
            if ours:
                yield f"{content}/{section.strip('/')}".rstrip("/"), ours
