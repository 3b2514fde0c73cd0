"""What the settings of a site's generator say about its articles: where they are, their addresses, language and zone.

    folder ─▶ recognised ─▶ Generator: address of the site, patterns, folders of articles, title, language, time zone

Here are those whose settings are data, or Python; `hugo_sites` and `script_sites` have the others. All of it is data to
us: what is a program is never run, but read for the few values that stand in it as literals (`generator_files`). What
settings do not say stays empty, and `digest init` asks for it.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from digest.analysis import generated_site, generator_files, hugo_sites, script_sites
from digest.analysis.generated_site import Generator
from digest.analysis.generator_files import text_at
from digest.config.values import SitePlan
from digest.records import generator_patterns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from digest.analysis.generator_files import Tree

_INSIDE = ("", "site", "website", "www", "docs", "blog", "web", "hugo", "jekyll")
"""Folders in which a repository may have its site, the first that has settings of a generator counts."""


def recognised(folder: str, language: str = "") -> Generator:
    """Return what the settings in *folder* say, or in a folder below it that sites stand in; an empty one for none.

    Of a site in several languages it is the part in *language*, by default the one that the site calls its own.
    """
    for inside in _INSIDE:
        root = os.path.join(folder, inside) if inside else folder
        if not os.path.isdir(root):
            continue
        for read in _READERS:
            generator = hugo_sites.hugo(root, language) if read is hugo_sites.hugo else read(root)
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
        content=tuple(inside if name == "." else f"{inside}/{name}" for name in generator.content),
        root=f"{inside}/{generator.root}" if generator.root else "",
    )


def _with_address(generator: Generator, root: str) -> Generator:
    """Return *generator* with the address of its CNAME file, which GitHub's pages have, where it has none."""
    if generator.site.address:
        return generator
    for place in ("CNAME", "static/CNAME", "public/CNAME", "source/CNAME", "src/CNAME", "extra/CNAME"):
        host = generator_files.content(root, place).strip()
        if re.fullmatch(r"[\w-]+(\.[\w-]+)+", host):
            return replace(generator, site=replace(generator.site, address=generated_site.address(f"https://{host}")))
    return generator


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
        (f"_{name}", _of_collection(name, text_at(options, "permalink") or _default_permalink(tree, name)))
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
            address=generated_site.address(text_at(tree, "url"), text_at(tree, "baseurl")),
            permalink=generator_patterns.jekyll(pattern),
            folders=tuple((name, ours) for name, ours in folders if ours),
        ),
        language=generated_site.language(text_at(tree, "lang", "language", "locale")),
        timezone=generated_site.timezone(text_at(tree, "timezone")),
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


def _default_permalink(tree: Tree, collection: str = "posts") -> str:
    """Return the permalink that Jekyll's `defaults` give to a collection, by default to posts."""
    defaults = tree.get("defaults")
    for member in defaults if isinstance(defaults, list) else ():
        if isinstance(member, dict):
            scope, given = member.get("scope"), member.get("values")
            kind = text_at(scope, "type") if isinstance(scope, dict) else ""
            if isinstance(given, dict) and kind in {"", collection} and text_at(given, "permalink"):
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
            address=generated_site.address(address, below),
            permalink=generator_patterns.hexo(
                text_at(tree, "permalink"), dated=text_at(tree, "new_post_name").startswith(":year-")
            ),
        ),
        language=generated_site.language(text_at(tree, "language")),
        timezone=generated_site.timezone(text_at(tree, "timezone")),
        content=(f"{source}/_posts",),
    )


def _zola(root: str) -> Generator | None:
    """Return the site of Zola's settings."""
    file = generator_files.first(root, "zola.toml", "config.toml")
    tree = generator_files.tree(root, file) if file else {}
    if not file or "base_url" not in tree:
        return None
    slugs = text_at(generated_site.inside(tree, "slugify"), "paths")
    style = ":zola" if slugs in {"", "on"} else ""
    default = generated_site.language(text_at(tree, "default_language") or "en")
    others = [generated_site.language(key) for key in generated_site.inside(tree, "languages")]
    return Generator(
        name="Zola",
        file=file,
        title=text_at(tree, "title"),
        site=SitePlan(
            address=generated_site.address(text_at(tree, "base_url")),
            permalink=f"/{{folder{style}}}/{{slug{style}}}/",
            languages=(default, *filter(None, others)) if any(others) else (),
        ),
        language=default,
        content=("content",),
        names=(("webUrl", "path"),),
    )


_BRIDGETOWN_STYLES = {
    "pretty": "/:categories/:year/:month/:day/:slug/", "pretty_ext": "/:categories/:year/:month/:day/:slug:output_ext",
    "simple": "/:categories/:slug/", "simple_ext": "/:categories/:slug:output_ext",
}  # fmt: skip
"""Names that Bridgetown has for common patterns."""


def _bridgetown(root: str) -> Generator | None:
    """Return the site of Bridgetown, which grew out of Jekyll: settings of its own name, or of Ruby."""
    file = generator_files.first(root, "bridgetown.config.yml", "config/initializers.rb")
    if not file:
        return None
    tree = generator_files.tree(root, file)
    script = generator_files.content(root, "config/initializers.rb")
    tree = {**dict(re.findall(r"^ *(url|permalink|timezone) \"([^\"\n]{1,300})\"", script, re.MULTILINE)), **tree}
    about = generator_files.tree(root, "src/_data/site_metadata.yml")
    pattern = text_at(tree, "permalink") or "pretty"
    return Generator(
        name="Bridgetown",
        file=file,
        title=text_at(about, "title"),
        site=SitePlan(
            address=generated_site.address(text_at(tree, "url"), text_at(tree, "base_path")),
            permalink=generator_patterns.jekyll(_BRIDGETOWN_STYLES.get(pattern, pattern.replace(".*", ":output_ext"))),
        ),
        language=generated_site.language(text_at(tree, "default_locale") or text_at(about, "lang", "locale")),
        timezone=generated_site.timezone(text_at(tree, "timezone")),
        content=("src/_posts",),
    )


def _nikola(root: str) -> Generator | None:
    """Return the site of Nikola's settings, which are a program with most values as literals."""
    written = generator_files.content(root, "conf.py")
    posts = re.search(
        r"^POSTS = [(\[]\s*[(\[]\s*[\"']([\w/-]{1,200})/[^\"'\n]*[\"'],\s*[\"']([\w/-]{0,200})[\"']",
        written,
        re.MULTILINE,
    )
    if not posts:
        return None
    tree = generator_files.literals(root, "conf.py")
    ending = "/" if text_at(tree, "PRETTY_URLS") != "false" else ".html"
    return Generator(
        name="Nikola",
        file="conf.py",
        title=text_at(tree, "BLOG_TITLE"),
        site=SitePlan(
            address=generated_site.address(text_at(tree, "SITE_URL")),
            permalink=f"/{posts[2]}/{{folder}}/{{slug_or_file}}{ending}".replace("//", "/"),
        ),
        language=generated_site.language(text_at(tree, "DEFAULT_LANG") or "en"),
        timezone=generated_site.timezone(text_at(tree, "TIMEZONE")),
        content=(posts[1],),
        root=posts[1],
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
            address=generated_site.address(address),
            permalink=generator_patterns.pelican(pattern, by_name=by_name),
        ),
        language=generated_site.language(text_at(tree, "DEFAULT_LANG") or "en"),
        timezone=generated_site.timezone(text_at(tree, "TIMEZONE")),
        content=(os.path.normpath(text_at(tree, "PATH") or "content").replace(os.sep, "/"),),
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
            address=generated_site.address(address),
            permalink="/blog/{year}/{month}/{day}/{slug_or_title}/",
        ),
        language=generated_site.language(text_at(generated_site.inside(tree, "theme"), "language")),
        content=(f"{source}/blog/posts",),
    )


_READERS: tuple[Callable[[str], Generator | None], ...] = (
    _bridgetown, _jekyll, _zola, hugo_sites.hugo, _pelican, _nikola, script_sites.astro, script_sites.docusaurus,
    script_sites.gatsby, script_sites.vue, script_sites.middleman, _mkdocs, script_sites.eleventy,
)  # fmt: skip
