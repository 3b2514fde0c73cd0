"""Settings of other programs, read for what they say about a site's articles."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from digest.analysis import generator_files, generators, own_links
from digest.config.values import SitePlan
from digest.records.permalinks import OwnPost

if TYPE_CHECKING:
    from pathlib import Path

HOME = "https://example.com"

SITES: dict[str, tuple[dict[str, str], str]] = {
    "jekyll": (
        {"_config.yml": "title: A\nurl: https://example.com\nbaseurl: /b\npermalink: /:year/:title/\n"
                        "timezone: Europe/Berlin\nlang: de\n"},
        "Jekyll https://example.com/b /{year}/{slug}/ de Europe/Berlin A _posts",
    ),
    "jekyll-by-default": ({"_config.yml": "url: https://example.com\n"},
        "Jekyll https://example.com /{categories:raw}/{year}/{month}/{day}/{slug}.html - - - _posts"),
    "jekyll-by-defaults-of-posts": (
        {"_config.yml": "url: https://example.com\ndefaults:\n"
                        "- scope: {path: '', type: pages}\n  values: {permalink: /p}\n"
                        "- scope: {path: '', type: posts}\n  values: {permalink: pretty}\n"},
        "Jekyll https://example.com /{categories:raw}/{year}/{month}/{day}/{slug}/ - - - _posts",
    ),
    "jekyll-collection": (
        {"_config.yml": "url: https://example.com\npermalink: none\ncollections:\n  notes: {output: true}\n"
                        "  talks: {permalink: '/t/:year/:title/'}\n"},
        "Jekyll https://example.com /{categories:raw}/{slug}.html - - - _posts,_notes,_talks "
        "_notes=/notes/{slug}.html _talks=/t/{year}/{slug}/",
    ),
    "jekyll-with-an-alias": (
        {"_config.yml": "x: &a {b: 1}\ny: *a\nurl: 'https://example.com' # here\npermalink: none\n"},
        "Jekyll https://example.com /{categories:raw}/{slug}.html - - - _posts"),
    "jekyll-in-a-folder": ({"docs/_config.yml": "url: https://example.com\npermalink: none\n"},
        "Jekyll https://example.com /{categories:raw}/{slug}.html - - - docs/_posts"),
    "jekyll-on-github": ({"_config.yml": "permalink: none\n", "CNAME": "news.example.com\n"},
        "Jekyll https://news.example.com /{categories:raw}/{slug}.html - - - _posts"),
    "jekyll-at-home": ({"_config.yml": "url: http://localhost:4000\npermalink: none\n"},
        "Jekyll - /{categories:raw}/{slug}.html - - - _posts"),
    "hexo": ({"_config.yml": "title: A\nurl: https://example.com/b\nroot: /b/\nsource_dir: source\nlanguage: [zh-CN]\n"
                             "timezone: Asia/Shanghai\npermalink: :year/:title/\n"},
        "Hexo https://example.com/b /{year}/{folder:raw}/{file:raw}/ zh-CN Asia/Shanghai A source/_posts"),
    "hugo": ({"hugo.toml": 'BaseURL = "https://example.com/"\nlanguageCode = "en-us"\ntitle = "A"\n'
                           'timeZone = "America/Chicago"\n'
                           '[permalinks]\nposts = "/:year/:month/:slug/"\nodd = "/:nonsense/"\n'},
        "Hugo https://example.com /{folder:hugo}/{slug_or_file:hugo}/ en-US America/Chicago A content "
        "content/posts=/{year}/{month}/{slug_or_title:hugo}/"),
    "hugo-of-pages": ({"config.yaml": "baseURL: https://example.com\nuglyURLs: true\npermalinks:\n  page: {a: /:slug}\n"
                                      "frontmatter: {date: [':filename', ':default']}\ncontentDir: texts\n"},
        "Hugo https://example.com /{folder:hugo}/{slug:hugo}.html en - - texts texts/a=/{slug_or_title:hugo}.html"),
    "hugo-in-parts": ({"config/_default/hugo.toml": 'baseURL = "https://example.com"\ndefaultContentLanguage = "de"\n',
                       "config/_default/permalinks.toml": 'posts = "/p/:filename/"\n',
                       "config/_default/languages.toml": '[de]\ntitle = "Alles"\n'},
        "Hugo https://example.com /{folder:hugo}/{slug_or_file:hugo}/ de - Alles content "
        "content/posts=/p/{file:hugo}/"),
    "hugo-by-mounted-folders-of-languages": (
        {"hugo.yaml": "baseURL: https://example.com\nlanguages: {en: {weight: 1}, de: {weight: 2}}\n",
         "content/en/notes/a.md": "", "content/de/notes/a.md": ""},
        "Hugo https://example.com /{folder:hugo}/{slug_or_file:hugo}/ en - - content/en"),
    "jekyll-collection-by-defaults": (
        {"_config.yml": "url: https://example.com\npermalink: none\ncollections: {notes: {output: true}}\n"
                        "defaults:\n- scope: {path: '', type: notes}\n  values: {permalink: '/n/:title/'}\n"},
        "Jekyll https://example.com /{categories:raw}/{slug}.html - - - _posts,_notes _notes=/n/{slug}/"),
    "zola": ({"config.toml": 'base_url = "https://example.com"\ndefault_language = "fr"\ntitle = "A"\n'},
        "Zola https://example.com /{folder:zola}/{slug:zola}/ fr - A content"),
    "pelican": ({"pelicanconf.py": "import os\nSITENAME = 'A'\nSITEURL = ''\nTIMEZONE = 'Europe/Paris'\n"
                                   "PATH = 'content'\n"
                                   "ARTICLE_URL = 'blog/{date:%Y}/{slug}/'\nDEFAULT_LANG = 'en'\nX = os.getcwd()\n",
                 "publishconf.py": "from pelicanconf import *\nSITEURL = 'https://example.com'\n"},
        "Pelican https://example.com /blog/{year}/{slug_or_title:pelican}/ en Europe/Paris A content"),
    "pelican-by-default": ({"pelicanconf.py": "SITEURL = 'https://example.com'\nSLUGIFY_SOURCE = 'basename'\n"},
        "Pelican https://example.com /{slug:pelican}.html en - - content"),
    "eleventy": ({".eleventy.js": "module.exports = () => ({dir: {input: 'src'}});",
                  "src/_data/metadata.js": "module.exports = {title: 'A', url: 'https://example.com/', lang: 'en'};",
                  "src/blog/blog.json": '{"permalink": "/b/{{ page.fileSlug }}/", "tags": ["x"]}'},
        "Eleventy https://example.com /{folder:raw}/{name:raw}/ en - A src src/blog=/b/{name}/"),
    "eleventy-by-data-alone": ({"posts/posts.11tydata.json": '{"permalink": "/{{ title | slugify }}/"}'},
        "Eleventy - /{folder:raw}/{name:raw}/ - - - - posts=/{title}/"),
    "astro": ({"astro.config.mjs": "export default defineConfig({\n  site: 'https://example.com',\n  base: '/b',\n});"},
        "Astro https://example.com/b /{folder:lower}/{slug_or_file:lower}/ - - - src/content,src/pages"),
    "mkdocs": ({"mkdocs.yml": "site_name: A\nsite_url: https://example.com/\ntheme: {name: material, language: de}\n"},
        "MkDocs https://example.com /blog/{year}/{month}/{day}/{slug_or_title}/ de - A docs/blog/posts"),
    "hexo-with-dated-names": ({"_config.yml": "url: https://example.com\nsource_dir: source\n"
                                              "new_post_name: :year-:month-:day-:title.md\npermalink: n/:title/\n"},
        "Hexo https://example.com /n/{folder:raw}/{name:raw}/ - - - source/_posts"),
    "hugo-by-folders-of-languages": (
        {"config.yaml": "baseURL: https://example.com\nanchor: &a x\nalias: *a\n"
                        "permalinks: {blog: '/:section/:slug/'}\n"
                        "languages:\n  en: {title: A, contentDir: ./content/en}\n  de: {contentDir: content/de}\n",
         "content/en/blog/a.md": "", "content/en/docs/b.md": "", "content/en/index.md": ""},
        "Hugo https://example.com /{folder:hugo}/{slug_or_file:hugo}/ en - A content/en/blog "
        "content/en/blog=/{section:hugo}/{slug_or_title:hugo}/"),
    "hugo-in-parts-of-languages": (
        {"config/_default/hugo.toml": 'baseURL = "https://example.com"\ndefaultContentLanguageInSubdir = true\n',
         "config/_default/languages.en.toml": 'title = "A"\ncontentDir = "content/en"\nlocale = "en-GB"\n',
         "config/_default/params.toml": 'mainSections = ["texts", "none"]\n',
         "content/en/texts/a.md": "", "content/en/posts/b.md": ""},
        "Hugo https://example.com /en/{folder:hugo}/{slug_or_file:hugo}/ en-GB - A content/en/texts"),
    "hugo-by-names-of-languages": (
        {"hugo.toml": 'baseURL = "https://example.com"\n[languages.de]\nweight = 1\n[languages.en]\nweight = 2\n'
                      "[languages.zz]\n"},
        "Hugo https://example.com /{folder:hugo}/{slug_or_file:hugo}/ en - - content en,de"),
    "zola-by-names-of-languages": (
        {"config.toml": 'base_url = "https://example.com"\ndefault_language = "fr"\n[languages.en]\n'},
        "Zola https://example.com /{folder:zola}/{slug:zola}/ fr - - content fr,en"),
    "docusaurus": ({"website/docusaurus.config.ts": "import a from 'b';\nexport default {title: 'A', url: website,\n"
                                                    "  url: 'https://example.com', baseUrl: '/b/',\n"
                                                    "  blog: {path: './news', routeBasePath: '/n'},\n"
                                                    "  docs: {routeBasePath: '/d'}, trailingSlash: true};"},
        "Docusaurus https://example.com/b /n/{route}/ en - A website/news"),
    "docusaurus-of-a-blog-alone": (
        {"docusaurus.config.js": "module.exports = {url: 'https://example.com', blog: {routeBasePath: '/'}}"},
        "Docusaurus https://example.com /{route} en - - blog"),
    "gatsby": ({"gatsby-config.js": "module.exports = {siteMetadata: {title: `A`, siteUrl: `https://example.com`}}",
                "content/blog/a/index.md": ""},
        "Gatsby https://example.com - - - A content/blog"),
    "vitepress": ({".vitepress/config.mts": "export default {title: 'A', lang: 'de', cleanUrls: true,\n"
                                            "  sitemap: {hostname: 'https://example.com'}}", "posts/a.md": ""},
        "VitePress https://example.com /{folder:raw}/{file:raw} de - A posts"),
    "vuepress": ({"docs/.vuepress/config.js": "module.exports = {title: 'A', permalinkPattern: ':year/:slug.html'}"},
        "VuePress - /{year}/{slug:plain}.html - - A docs"),
    "bridgetown": ({"config/initializers.rb": 'Bridgetown.configure do\n  url "https://example.com"\n'
                                              '  permalink "simple"\n  timezone "Europe/Paris"\nend\n',
                    "src/_data/site_metadata.yml": "title: A\n"},
        "Bridgetown https://example.com /{categories:raw}/{slug:plain}/ - Europe/Paris A src/_posts"),
    "nikola": ({"conf.py": 'BLOG_TITLE = "A"\nSITE_URL = "https://example.com/"\nDEFAULT_LANG = "fr"\n'
                           'PRETTY_URLS = False\nPOSTS = (\n    ("posts/*.md", "blog", "post.tmpl"),\n)\n'},
        "Nikola https://example.com /blog/{folder}/{slug_or_file}.html fr - A posts"),
    "middleman": ({"config.rb": "Time.zone = 'Europe/Paris'\nactivate :directory_indexes\nactivate :blog do |blog|\n"
                                "  blog.prefix = 'news'\n  blog.permalink = '{year}/{title}.html'\n"
                                "  blog.sources = 'posts/{year}-{month}-{day}-{title}.html'\nend\n"},
        "Middleman - /news/{year}/{slug}/ - Europe/Paris - source/news/posts"),
    "nothing": ({"README.md": "# A\n", "package.json": "{}"}, "- - - - - - -"),
}  # fmt: skip


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files with their content below *folder*."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, "utf-8")


@pytest.mark.parametrize("name", SITES)
def test_what_a_site_says(tmp_path: Path, name: str) -> None:
    """Address, pattern, language, zone, title and folders, each of them as the generator means it."""
    files, expected = SITES[name]
    write(tmp_path, files)
    site = generators.recognised(str(tmp_path))
    values = [site.name, site.site.address, site.site.permalink, site.language, site.timezone, site.title]
    words = [*values, ",".join(site.content)]
    folders = [",".join(site.site.languages)] if site.site.languages else []
    folders += [f"{folder}={pattern}" for folder, pattern in site.site.folders]

    assert " ".join([*(word or "-" for word in words), *folders]) == expected


BROKEN = {
    "yaml": ("_config.yml", "url: [\n", "Jekyll"),
    "deep": ("hugo.json", "[" * 100_000, "Hugo"),
    "deep-mappings": ("hugo.json", '{"a":' * 900 + "1" + "}" * 900, "Hugo"),
    "endless-number": ("hugo.toml", f"title = 0x{'f' * 6_000}", "Hugo"),
    "large": ("config.toml", 'base_url = "https://example.com"\n' + "#" * 300_000, ""),
    "toml": ("config.toml", "base_url = \n", ""),
    "python": ("pelicanconf.py", "SITEURL = (", "Pelican"),
    "deep-python": ("pelicanconf.py", "SITEURL = " + "(" * 5_000, "Pelican"),
    "bytes": ("pelicanconf.py", "SITEURL = '\0'", "Pelican"),
    "javascript": ("astro.config.mjs", "site: `${process.env.SITE}`", "Astro"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_settings_say_nothing(tmp_path: Path, name: str) -> None:
    """What cannot be read is as if it were not there; nothing ends in a traceback."""
    file, content, generator = BROKEN[name]
    write(tmp_path, {file: content})
    site = generators.recognised(str(tmp_path))

    assert (site.name, site.site.address) == (generator, "")


def test_programs_are_not_run(tmp_path: Path) -> None:
    """A settings file that is a program does nothing here, and a link out of the folder is not followed."""
    proof = tmp_path / "proof"
    write(
        tmp_path,
        {"a/pelicanconf.py": f"open({str(proof)!r}, 'w')\nSITENAME = 'A'\n", "secret.yml": "url: https://x.example\n"},
    )
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "_config.yml").symlink_to(tmp_path / "secret.yml")

    assert generators.recognised(str(tmp_path / "a")).title == "A"
    assert not proof.exists()
    assert generators.recognised(str(tmp_path / "b")).site.address == ""


def test_folders_that_hold_no_content_are_left_out(tmp_path: Path) -> None:
    """Neither hidden folders nor packages, and none deeper than four."""
    for name in ("a/b/c/d/e", "node_modules/x", ".git/y"):
        (tmp_path / name).mkdir(parents=True)

    assert list(generator_files.folders(str(tmp_path))) == ["a", "a/b", "a/b/c", "a/b/c/d"]


def article(day: str, name: str, title: str) -> OwnPost:
    """Return an article of *day*, in a file of its day and *name*."""
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return OwnPost(path=f"{day}-{name}.md", title=title, moment=moment, fields={})


POSTS = [
    article("2021-05-06", "ferry", "Night Ferry"),
    article("2021-06-17", "mill", "A Mill"),
    article("2021-07-28", "sea", "Sea"),
]


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        (["https://example.com/b/2021/05/06/ferry/", "http://www.example.com/b/2021/06/17/mill/"],
         "/b/{year}/{month}/{day}/{slug}/"),
        (["https://example.com/2021/night-ferry.html", "https://example.com/2021/a-mill.html"], "/{year}/{title}.html"),
        (["https://example.com/2021/5/ferry", "https://example.com/2021/6/mill"], "/{year}/{i_month}/{slug}/"),
        (["https://example.com/2021/05/06/ferry/"], ""),
        (["https://example.com/2019/05/06/ferry/", "https://example.com/2019/06/17/mill/"], ""),
        (["https://other.example/ferry/", "https://other.example/mill/"], ""),
        ([], ""),
    ],
)  # fmt: skip
def test_a_pattern_is_told_from_links(links: list[str], expected: str) -> None:
    """Links from article to article show it where two of them agree, and dates in them are those of the articles."""
    site = own_links.site_with_pattern(
        SitePlan(address=HOME), [("x.md", f"See [this]({link}).") for link in links], POSTS
    )

    assert site.permalink == expected


def test_links_without_a_host_count() -> None:
    """In Markdown and HTML they are to the same site; a site below a folder has that taken off."""
    texts = ["[a](/2021/ferry/)", '<a href="/2021/mill/">', "[b](//x.example/2021/sea/)"]

    assert (
        own_links.site_with_pattern(SitePlan(address=HOME), [("x.md", text) for text in texts], POSTS).permalink
        == "/{year}/{slug}/"
    )
    texts = [text.replace("/2021", "/b/2021") for text in texts]
    assert (
        own_links.site_with_pattern(SitePlan(address=f"{HOME}/b"), [("x.md", text) for text in texts], POSTS).permalink
        == "/{year}/{slug}/"
    )


def test_a_pattern_that_is_known_stays() -> None:
    """Links say nothing where the generator has said it, and without a site there are no links to it."""
    for site in (SitePlan(address=HOME, permalink="/{slug}/"), SitePlan()):
        assert own_links.site_with_pattern(site, [("x.md", "[a](/2021/ferry/) [b](/2021/mill/)")], POSTS) == site


def test_what_an_article_calls_by_its_own_name_is_not_the_article() -> None:
    """A release links to its download, which is called like the article: that is no address of articles."""
    texts = [(post.path, f"[get it](/dist/{post.path.removesuffix('.md')[11:]}/)") for post in POSTS]

    assert own_links.site_with_pattern(SitePlan(address=HOME), texts, POSTS).permalink == ""
    dated = [(post.path, f"[read it here](/{post.moment:%Y}/{post.path.removesuffix('.md')[11:]}/)") for post in POSTS]
    assert own_links.site_with_pattern(SitePlan(address=HOME), dated, POSTS).permalink == "/{year}/{slug}/"
