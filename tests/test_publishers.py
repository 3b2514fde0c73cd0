"""Who publishes an article: by name, by domain, by the family that its host belongs to."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from digest.config.values import FieldPlan, Match, SitePlan
from digest.config.yamlfile import Node
from digest.model import Story
from digest.records import article, publishers
from digest.records.article import Record

if TYPE_CHECKING:
    from digest.model import Article

FAMILIES = {
    "news.bbc.co.uk": "bbc.co.uk",
    "www.bbc.co.uk": None,
    "blogs.nytimes.com": "nytimes.com",
    "www.m.spiegel.de": "spiegel.de",
    "nytimes.com": None,
    "www.iol.co.za": None,
    "m.iol.co.za": "iol.co.za",
    "someone.github.io": None,
    "blog.someone.github.io": "someone.github.io",
    "someone.blogspot.com": None,
    "someone.wordpress.com": None,
    "someone.substack.com": None,
    "alpha.example.com": None,
    "deep.alpha.example.org": None,
    "a.b.test": None,
    "192.0.2.1": None,
    "localhost": None,
    "github.io": None,
    "firm.xn--55qx5d.cn": None,
    "news.firm.xn--55qx5d.cn": "firm.xn--55qx5d.cn",
    "firm.公司.cn": None,
    "co.uk": None,
    "": None,
}


@pytest.mark.parametrize("host", FAMILIES)
def test_the_family_of_a_host(host: str) -> None:
    """Hosts of one publisher are one; hosts below what anybody can register under, and examples, are each their own."""
    assert publishers.family(host) == FAMILIES[host]


def read(plan: FieldPlan | None = None, **fields: str | dict[str, str]) -> Article:
    """Return the article of these fields."""
    nodes = {
        key: Node({name: Node(text, 1) for name, text in value.items()} if isinstance(value, dict) else value, 1)
        for key, value in {"title": "A story", **fields}.items()
    }
    return article.build(Record(place="a.md", path="a.md", fields=nodes), plan or FieldPlan()).read


def test_an_article_without_a_publisher_is_named_by_its_host() -> None:
    """Never by a word that readers could take for a name."""
    story = read(webUrl="https://www.alpha.example.com/ferry")

    assert (story.provider.name, story.provider.key) == ("alpha.example.com", "alpha.example.com")


def test_hosts_of_one_publisher_count_as_one() -> None:
    """The cap and the coverage count by the family, the letter shows the host."""
    stories = [read(webUrl=f"https://{host}/x") for host in ("edition.cnn.com", "m.cnn.com", "www.cnn.com", "cnn.com")]

    assert {story.provider.key for story in stories} == {"cnn.com"}
    assert [story.provider.name for story in stories] == ["edition.cnn.com", "m.cnn.com", "cnn.com", "cnn.com"]


def test_a_section_may_name_a_host_or_its_family() -> None:
    """Settings that name a host go on working."""
    story = Story(lead=read(webUrl="https://x.org/1", provider={"name": "BBC News", "domain": "news.bbc.co.uk"}))

    for name in ("bbc.co.uk", "news.bbc.co.uk", "BBC News"):
        assert Match(providers=(name,)).takes(story)
    assert not Match(providers=("co.uk",)).takes(story)


def test_articles_of_ones_own_site() -> None:
    """They are published by the newsletter where the settings give it a name, others by their own host."""
    plan = FieldPlan(site=SitePlan(address="https://www.example.com", name="The Week"))

    assert read(plan, webUrl="/2021/ferry/").provider.name == "The Week"
    assert read(plan, webUrl="https://example.com/a").provider.name == "The Week"
    assert read(plan, webUrl="https://other.example.com/a").provider.name == "other.example.com"
    assert read(plan, webUrl="/a/", provider="The Post").provider.name == "The Post"


def test_no_list_is_loaded_for_hosts_that_are_families() -> None:
    """Examples, hosts of two parts and names right below `co.uk` and the like cost no start."""
    code = (
        "import sys; from digest.records import publishers\n"
        "hosts = 'www.nytimes.com', 'a.example.com', 'www.iol.co.za', 'x.test', '192.0.2.1'\n"
        "[publishers.family(host) for host in hosts]\n"
        "print('publicsuffixlist' in sys.modules)"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed == "False\n"
