"""What the settings say of sites whose generator is set up by a program: JavaScript, TypeScript or Ruby.

No line of it is run: the few values that matter stand in most of them as literals. The addresses that such a generator
makes without settings are known here; of the others the links between articles tell (`own_links`).
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from digest.analysis import generated_site, generator_files
from digest.analysis.generated_site import Generator
from digest.analysis.generator_files import text_at
from digest.config.values import SitePlan
from digest.records import generator_patterns

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCRIPTS = ("js", "ts", "mjs", "mts", "cjs")

_ELEVENTY = ("eleventy.config.js", "eleventy.config.mjs", "eleventy.config.cjs", "eleventy.config.ts", ".eleventy.js")
_ABOUT_SITE = ("metadata.json", "metadata.js", "site.json", "site.js", "meta.json", "meta.js")
"""Files of Eleventy's `_data` in which its starters have the site's name and address."""


def eleventy(root: str) -> Generator | None:
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
            address=generated_site.address(text_at(tree, "url", "homepage")),
            permalink="/{folder:raw}/{name:raw}/",
            folders=folders,
        ),
        guessed=True,
        language=generated_site.language(text_at(tree, "language", "lang")),
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


def astro(root: str) -> Generator | None:
    """Return the site of Astro, whose settings are a program with the address as a literal."""
    file = generator_files.first(root, *(f"astro.config.{ending}" for ending in _SCRIPTS))
    if not file:
        return None
    tree = generator_files.quoted(root, file, "site", "base")
    return Generator(
        name="Astro",
        file=file,
        site=SitePlan(
            address=generated_site.address(text_at(tree, "site"), text_at(tree, "base")),
            permalink="/{folder:lower}/{slug_or_file:lower}/",
        ),
        guessed=True,
        content=("src/content", "src/pages"),
    )


def docusaurus(root: str) -> Generator | None:
    """Return the site of Docusaurus with the addresses of its blog, which the date in a file's name is a part of."""
    file = generator_files.first(root, *(f"docusaurus.config.{ending}" for ending in _SCRIPTS))
    if not file:
        return None
    tree = generator_files.quoted(root, file, "url", "baseUrl", "title", "defaultLocale")
    # Its settings are of one plugin among several, each of them with a `path` of its own.
    blog = re.search(
        r"\bblog\s*:\s*\{([^{}]*)|plugin-content-blog['\"],\s*\{([^{}]*)", generator_files.content(root, file)
    )
    options = (blog[1] or blog[2] or "") if blog else ""
    route, path = (_option(options, name) for name in ("routeBasePath", "path"))
    flags = re.search(r"\btrailingSlash\s*:\s*true\b", generator_files.content(root, file))
    content = (path or "blog").strip("./") or "blog"
    return Generator(
        name="Docusaurus",
        file=file,
        title=text_at(tree, "title"),
        site=SitePlan(
            address=generated_site.address(text_at(tree, "url"), text_at(tree, "baseUrl")),
            permalink=f"/{(route or 'blog').strip('/')}/{{route}}{'/' if flags else ''}".replace("//", "/"),
        ),
        language=generated_site.language(text_at(tree, "defaultLocale") or "en"),
        content=(content,),
        root=content,
    )


def _option(written: str, name: str) -> str:
    """Return the text in quotes behind *name* in an object of JavaScript; "" for none."""
    match = re.search(rf"\b{name}\s*:\s*([\"'`])([^\"'`\n]{{0,300}})\1", written)
    return match[2] if match else ""


_GATSBY = ("content/blog", "content/posts", "src/content/posts", "src/content/blog", "src/posts", "src/blog", "content")
"""Where Gatsby's starters have their posts, the likeliest first."""


def gatsby(root: str) -> Generator | None:
    """Return the site of Gatsby, whose addresses a program makes: its starters name them by folder or file alone."""
    file = generator_files.first(root, *(f"gatsby-config.{ending}" for ending in _SCRIPTS))
    if not file:
        return None
    tree = generator_files.quoted(root, file, "siteUrl", "title", "pathPrefix")
    content = next((folder for folder in _GATSBY if generator_files.has_texts(root, folder)), "")
    address = text_at(tree, "siteUrl")
    return Generator(
        name="Gatsby",
        file=file,
        title=text_at(tree, "title"),
        site=SitePlan(address=generated_site.address(address, text_at(tree, "pathPrefix"))),
        content=(content,) if content else (),
        root=content,
    )


_VUE = ("posts", "blog", "_posts", "news", "articles")
"""Where VitePress and VuePress have articles, beside the pages of a documentation."""


def vue(root: str) -> Generator | None:
    """Return the site of VitePress or VuePress, whose addresses are the paths of files."""
    names = [f"{folder}/config.{ending}" for folder in (".vitepress", ".vuepress") for ending in _SCRIPTS]
    file = generator_files.first(root, *names)
    if not file:
        return None
    tree = generator_files.quoted(root, file, "hostname", "title", "base", "lang", "permalinkPattern")
    address = text_at(tree, "hostname")
    is_clean = re.search(r"\bcleanUrls\s*:\s*(?:true|['\"])", generator_files.content(root, file))
    folders = [folder for folder in _VUE if generator_files.has_texts(root, folder)]
    pattern = generator_patterns.jekyll(text_at(tree, "permalinkPattern")) if text_at(tree, "permalinkPattern") else ""
    return Generator(
        name="VitePress" if file.startswith(".vitepress") else "VuePress",
        file=file,
        title=text_at(tree, "title"),
        site=SitePlan(
            address=generated_site.address(address, text_at(tree, "base")),
            permalink=pattern or f"/{{folder:raw}}/{{file:raw}}{'' if is_clean else '.html'}",
        ),
        language=generated_site.language(text_at(tree, "lang")),
        content=tuple(folders) or (".",),
    )


def middleman(root: str) -> Generator | None:
    """Return the site of Middleman with a blog, whose files are named `2021-05-06-ferry.html.markdown`."""
    written = generator_files.content(root, "config.rb")
    if not re.search(r"^\s*activate :blog\b", written, re.MULTILINE):
        return None
    options = dict(re.findall(r"\bblog\.(permalink|prefix|sources)\s*=\s*[\"']([^\"'\n]{1,300})[\"']", written))
    prefix = options.get("prefix", "").strip("/")
    pattern = options.get("permalink", "{year}/{month}/{day}/{title}.html").replace(":", "")
    is_index = re.search(r"^\s*activate :directory_indexes\b", written, re.MULTILINE)
    zone = re.search(r"^\s*Time\.zone\s*=\s*[\"']([\w/+-]+)[\"']", written, re.MULTILINE)
    folder = os.path.dirname(f"{prefix}/{options.get('sources', '')}".strip("/"))
    return Generator(
        name="Middleman",
        file="config.rb",
        site=SitePlan(permalink=generator_patterns.middleman(f"{prefix}/{pattern}", is_index=bool(is_index))),
        timezone=generated_site.timezone(zone[1]) if zone else "",
        content=(f"source/{folder}".rstrip("/") if "{" not in folder else "source",),
    )
