"""What the settings of a site's generator say about its articles: where they are, their addresses, language and zone.

    folder ─▶ recognised ─▶ Generator: address of the site, patterns, folders of articles, title, language, time zone

For Jekyll, Hugo, Zola, Pelican, Eleventy, Hexo, Astro and MkDocs. Their files are data here: what is a program is never
run, but read for the few values that stand in it as literals (`generator_files`). What they do not say stays empty, and
`digest init` asks for it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from digest.analysis import generator_files
from digest.analysis.generator_files import text_at
from digest.config.values import SitePlan
from digest.records import generator_patterns
from digest.text import languages, sanitize
from digest.text.urls import has_bare_host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from digest.analysis.generator_files import Tree

_INSIDE = ("", "site", "website", "www", "docs", "blog", "web", "hugo", "jekyll")
"""Folders in which a repository may have its site, the first that has settings of a generator counts."""


_NO_SITE = SitePlan()


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator:
    """What is known of a site; all paths are relative to the folder that was looked at and parted by slashes.

    *name* is the generator's, empty where none was recognised, *file* the settings that told. In *site*, folders that
    have a pattern are named by their path. *content* are folders of articles, best first, and *root* is the one that
    addresses begin below, where that is not told by its name. *names* are fields of ours that are called otherwise
    there.
    """

    name: str = ""
    file: str = ""
    title: str = ""
    site: SitePlan = _NO_SITE
    language: str = ""
    timezone: str = ""
    content: tuple[str, ...] = ()
    root: str = ""
    names: tuple[tuple[str, str], ...] = ()


def recognised(folder: str) -> Generator:
    """Return what the settings in *folder* say, or in a folder below it that sites stand in; an empty one for none."""
    for inside in _INSIDE:
        root = os.path.join(folder, inside) if inside else folder
        if not os.path.isdir(root):
            continue
        for read in _READERS:
            generator = read(root)
            if generator:
                return _below(_with_address(generator, root), inside)
    return _with_address(Generator(), folder)


def _below(generator: Generator, inside: str) -> Generator:
    """Return *generator*, whose paths are relative to the folder *inside*, with paths relative to the one above."""
    if not inside:
        return generator
    folders = tuple((f"{inside}/{name}", pattern) for name, pattern in generator.site.folders)
    return replace(
        generator,
        file=f"{inside}/{generator.file}",
        site=replace(generator.site, folders=folders),
        content=tuple(f"{inside}/{name}" for name in generator.content),
        root=f"{inside}/{generator.root}" if generator.root else "",
    )


def _with_address(generator: Generator, root: str) -> Generator:
    """Return *generator* with the address of its CNAME file, which GitHub's pages have, where it has none."""
    if generator.site.address:
        return generator
    for place in ("CNAME", "static/CNAME", "public/CNAME", "source/CNAME", "src/CNAME", "extra/CNAME"):
        host = generator_files.content(root, place).strip()
        if re.fullmatch(r"[\w-]+(\.[\w-]+)+", host):
            return replace(generator, site=replace(generator.site, address=_address(f"https://{host}")))
    return generator


def _address(base: str, below: str = "") -> str:
    """Return the address of a site, with the folder *below* it; "" for one that nobody else can open."""
    whole = sanitize.address(f"{base.strip().rstrip('/')}/{below.strip().strip('/')}".rstrip("/"))
    return whole if whole and not has_bare_host(whole) else ""


def _language(written: str) -> str:
    """Return a language tag by rule; "" for one whose dates are not known."""
    tag = languages.normal(written.partition(".")[0])
    return tag if tag and languages.locale(tag) else ""


def _timezone(written: str) -> str:
    """Return the name of a time zone; "" for one that is not known."""
    try:
        ZoneInfo(written)
    # As in `yamlfile`: a folder of the database, a malformed name, an unknown one.
    except (OSError, ValueError, KeyError):
        return ""
    return written


def _jekyll(root: str) -> Generator | None:
    """Return the site of a `_config.yml`, of Jekyll or of Hexo."""
    file = generator_files.first(root, "_config.yml", "_config.yaml", "_config.toml")
    if not file:
        return None
    tree = generator_files.tree(root, file)
    if "source_dir" in tree or "new_post_name" in tree or os.path.isdir(os.path.join(root, "source", "_posts")):
        return _hexo(tree, file)
    pattern = text_at(tree, "permalink") or _default_permalink(tree)
    collections = tree.get("collections")
    folders = [
        (f"_{name}", _of_collection(name, text_at(options, "permalink")))
        for name, options in (collections.items() if isinstance(collections, dict) else ())
        if isinstance(options, dict) and name != "posts"
    ]
    posts = collections.get("posts") if isinstance(collections, dict) else None
    pattern = (text_at(posts, "permalink") if isinstance(posts, dict) else "") or pattern
    return Generator(
        name="Jekyll",
        file=file,
        title=text_at(tree, "title", "name"),
        site=SitePlan(
            address=_address(text_at(tree, "url"), text_at(tree, "baseurl")) if text_at(tree, "url") else "",
            permalink=generator_patterns.jekyll(pattern),
            folders=tuple((name, ours) for name, ours in folders if ours),
        ),
        language=_language(text_at(tree, "lang", "language", "locale")),
        timezone=_timezone(text_at(tree, "timezone")),
        content=tuple(_jekyll_content(root, [name for name, _ in folders])),
    )


def _jekyll_content(root: str, collections: Sequence[str]) -> Iterator[str]:
    """Yield where Jekyll looks for posts: in `_posts`, in folders around one, and in collections."""
    yield "_posts"
    around = {folder.partition("/")[0] for folder in generator_files.folders(root) if folder.endswith("/_posts")}
    yield from sorted(around)
    yield from collections


def _of_collection(name: str, pattern: str) -> str:
    """Return the pattern of a collection of Jekyll's, by default its folder and the name of the file."""
    return generator_patterns.jekyll((pattern or "/:collection/:title:output_ext").replace(":collection", name))


def _default_permalink(tree: Tree) -> str:
    """Return the permalink that Jekyll's `defaults` give to posts."""
    defaults = tree.get("defaults")
    for member in defaults if isinstance(defaults, list) else ():
        if isinstance(member, dict):
            scope, given = member.get("scope"), member.get("values")
            kind = text_at(scope, "type") if isinstance(scope, dict) else ""
            if isinstance(given, dict) and kind in {"", "posts"} and text_at(given, "permalink"):
                return text_at(given, "permalink")
    return ""


def _hexo(tree: Tree, file: str) -> Generator:
    """Return the site of Hexo's settings."""
    source = text_at(tree, "source_dir") or "source"
    root = text_at(tree, "root")
    address = text_at(tree, "url")
    # Since Hexo 5 the address holds the folder; before, it stood in `root` as well.
    below = "" if address.rstrip("/").endswith(root.rstrip("/")) else root
    return Generator(
        name="Hexo",
        file=file,
        title=text_at(tree, "title"),
        site=SitePlan(
            address=_address(address, below) if address else "",
            permalink=generator_patterns.hexo(text_at(tree, "permalink")),
        ),
        language=_language(text_at(tree, "language")),
        timezone=_timezone(text_at(tree, "timezone")),
        content=(f"{source}/_posts",),
    )


_ENDINGS = ("toml", "yaml", "yml", "json")


def _hugo(root: str) -> Generator | None:
    """Return the site of Hugo's settings: one file, or several in `config/_default`."""
    names = [f"{name}.{ending}" for name in ("hugo", "config") for ending in _ENDINGS]
    file = generator_files.first(root, *names, *(f"config/_default/{name}" for name in names))
    tree = generator_files.lowered(generator_files.tree(root, file)) if file else {}
    # `config.toml` may be Zola's, and `config.yml` anybody's.
    if not file or not ("baseurl" in tree or "languagecode" in tree or os.path.basename(file).startswith("hugo.")):
        return None
    if file.startswith("config/"):
        for part in ("permalinks", "languages", "frontmatter"):
            other = generator_files.first(root, *(f"config/_default/{part}.{ending}" for ending in _ENDINGS))
            if other:
                tree.setdefault(part, dict(generator_files.lowered(generator_files.tree(root, other))))
    ugly = text_at(tree, "uglyurls") == "true"
    dated = ":filename" in str(_inside(tree, "frontmatter").get("date", ""))
    default = text_at(tree, "defaultcontentlanguage") or "en"
    own = _inside(_inside(tree, "languages"), default)
    content = text_at(own, "contentdir") or text_at(tree, "contentdir") or "content"
    return Generator(
        name="Hugo",
        file=file,
        title=text_at(own, "title") or text_at(tree, "title"),
        site=SitePlan(
            address=_address(text_at(own, "baseurl") or text_at(tree, "baseurl")),
            permalink=generator_patterns.hugo("", ugly=ugly, dated=dated),
            folders=tuple(_hugo_permalinks(tree, content, ugly=ugly, dated=dated)),
            as_written=True,
        ),
        language=_language(text_at(own, "languagecode") or text_at(tree, "languagecode") or default),
        timezone=_timezone(text_at(own, "timezone") or text_at(tree, "timezone")),
        content=(content,),
        root=content,
    )


def _inside(tree: Tree, key: str) -> Tree:
    """Return the mapping at *key*, an empty one where there is none."""
    value = tree.get(key)
    return value if isinstance(value, dict) else {}


def _hugo_permalinks(tree: Tree, content: str, *, ugly: bool, dated: bool) -> Iterator[tuple[str, str]]:
    """Yield each section of Hugo's `permalinks` as a folder, with its pattern."""
    permalinks = _inside(tree, "permalinks")
    for section, pattern in {**permalinks, **_inside(permalinks, "page")}.items():
        ours = generator_patterns.hugo(pattern, ugly=ugly, dated=dated) if isinstance(pattern, str) else ""
        if ours:
            yield f"{content}/{section.strip('/')}".rstrip("/"), ours


def _zola(root: str) -> Generator | None:
    """Return the site of Zola's settings."""
    file = generator_files.first(root, "zola.toml", "config.toml")
    tree = generator_files.tree(root, file) if file else {}
    if not file or "base_url" not in tree:
        return None
    slugs = text_at(_inside(tree, "slugify"), "paths")
    style = ":zola" if slugs in {"", "on"} else ""
    return Generator(
        name="Zola",
        file=file,
        title=text_at(tree, "title"),
        site=SitePlan(address=_address(text_at(tree, "base_url")), permalink=f"/{{folder{style}}}/{{slug{style}}}/"),
        language=_language(text_at(tree, "default_language") or "en"),
        content=("content",),
        names=(("webUrl", "path"),),
    )


def _pelican(root: str) -> Generator | None:
    """Return the site of Pelican's settings, which are a program; those for publishing come on top."""
    file = generator_files.first(root, "pelicanconf.py")
    if not file:
        return None
    tree = {**generator_files.literals(root, file), **generator_files.literals(root, "publishconf.py")}
    pattern = text_at(tree, "ARTICLE_URL") or text_at(tree, "ARTICLE_SAVE_AS")
    by_name = text_at(tree, "SLUGIFY_SOURCE") == "basename"
    address = text_at(tree, "SITEURL")
    return Generator(
        name="Pelican",
        file=file,
        title=text_at(tree, "SITENAME"),
        site=SitePlan(
            address=_address(address) if address else "", permalink=generator_patterns.pelican(pattern, by_name=by_name)
        ),
        language=_language(text_at(tree, "DEFAULT_LANG") or "en"),
        timezone=_timezone(text_at(tree, "TIMEZONE")),
        content=(os.path.normpath(text_at(tree, "PATH") or "content").replace(os.sep, "/"),),
    )


_ELEVENTY = ("eleventy.config.js", "eleventy.config.mjs", "eleventy.config.cjs", "eleventy.config.ts", ".eleventy.js")
_ABOUT_SITE = ("metadata.json", "metadata.js", "site.json", "site.js", "meta.json", "meta.js")
"""Files of Eleventy's `_data` in which its starters have the site's name and address."""


def _eleventy(root: str) -> Generator | None:
    """Return the site of Eleventy: its settings are a program, but addresses stand in the data of folders, as JSON."""
    file = generator_files.first(root, *_ELEVENTY)
    written = generator_files.content(root, file) if file else ""
    source = re.search(r"\binput\s*:\s*[\"']([\w./-]+)[\"']", written)
    content = os.path.normpath(source[1]).replace(os.sep, "/") if source else "."
    folders = tuple(_eleventy_folders(root))
    if not file and not folders:
        return None
    data = "_data" if content == "." else f"{content}/_data"
    about = generator_files.first(root, *(f"{data}/{name}" for name in _ABOUT_SITE), "package.json")
    tree = generator_files.quoted(root, about, "url", "homepage", "title", "language", "lang") if about else {}
    return Generator(
        name="Eleventy",
        file=file or f"{folders[0][0]}/{os.path.basename(folders[0][0])}.json",
        title=text_at(tree, "title"),
        site=SitePlan(
            address=_address(text_at(tree, "url", "homepage")) if text_at(tree, "url", "homepage") else "",
            permalink="/{folder:raw}/{name:raw}/",
            folders=folders,
        ),
        language=_language(text_at(tree, "language", "lang")),
        content=() if content == "." else (content,),
    )


def _eleventy_folders(root: str) -> Iterator[tuple[str, str]]:
    """Yield the folders that have a file of data with a `permalink`, each with the pattern."""
    for folder in generator_files.folders(root):
        name = folder.rpartition("/")[2]
        for ending in (".json", ".11tydata.json"):
            written = text_at(generator_files.tree(root, f"{folder}/{name}{ending}"), "permalink")
            ours = generator_patterns.eleventy(written) if written else ""
            if ours:
                yield folder, ours


def _astro(root: str) -> Generator | None:
    """Return the site of Astro, whose settings are a program with the address as a literal."""
    file = generator_files.first(root, *(f"astro.config.{ending}" for ending in ("mjs", "js", "ts", "mts", "cjs")))
    if not file:
        return None
    tree = generator_files.quoted(root, file, "site", "base")
    return Generator(
        name="Astro",
        file=file,
        site=SitePlan(
            address=_address(text_at(tree, "site"), text_at(tree, "base")) if text_at(tree, "site") else "",
            permalink="/{folder:lower}/{slug_or_file:lower}/",
        ),
        content=("src/content", "src/pages"),
    )


def _mkdocs(root: str) -> Generator | None:
    """Return the site of MkDocs, with the addresses that its blog makes."""
    file = generator_files.first(root, "mkdocs.yml", "mkdocs.yaml")
    if not file:
        return None
    tree = generator_files.tree(root, file)
    address = text_at(tree, "site_url")
    source = text_at(tree, "docs_dir") or "docs"
    return Generator(
        name="MkDocs",
        file=file,
        title=text_at(tree, "site_name"),
        site=SitePlan(
            address=_address(address) if address else "",
            permalink="/blog/{year}/{month}/{day}/{slug_or_title}/",
        ),
        language=_language(text_at(_inside(tree, "theme"), "language")),
        content=(f"{source}/blog/posts",),
    )


_READERS: tuple[Callable[[str], Generator | None], ...] = (
    _jekyll, _zola, _hugo, _pelican, _astro, _mkdocs, _eleventy,
)  # fmt: skip
