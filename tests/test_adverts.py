"""Adverts for market reports: what shows them, what does not, and how the editor lets them run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from weeks import WEEK, picked, report, rules, verdict

from digest.model import Address, Text
from digest.records import adverts
from digest.selection import select

PRESS = Address("https://www.example.com/press-release/drones")
STUDY = "According to the report, delivery drones will grow at a CAGR of 12 % in the forecast period."


@pytest.mark.parametrize(
    ("title", "excerpt", "address"),
    [
        ("Delivery Drone Market Size, Share and Growth Forecast 2020-2027", "", ""),
        ("Global Delivery Drone Market 2020 Outlook, Key Players, Analysis to 2025", "", ""),
        ("Delivery Drone Market to Reach 4.1 Billion by 2026", STUDY, ""),
        ("How Will the Delivery Drone Market Deal with the Strike?", STUDY, PRESS),
        ("Drone Market Booming Segments; Investors Seeking Stunning Growth", STUDY, ""),
    ],
)
def test_adverts_are_known_by_two_signs(title: str, excerpt: str, address: str) -> None:
    """A title about a market with two signs of a study for sale is an advert, in any beat."""
    advert = report(title, excerpt)
    advert = replace(advert, url=Address(address)) if address else advert

    assert len(adverts.signs(advert)) >= 2


@pytest.mark.parametrize(
    ("title", "excerpt", "address"),
    [
        ("Drone maker to double its market share", STUDY, ""),
        ("Cloud market to pass a trillion by 2027", "Analysts at the bank expect slower growth.", ""),
        ("Housing market outlook 2021: prices, rents and trends", "Buyers wait for cheaper loans.", ""),
        ("Harbour town opens its Christmas market", "Sixty stalls on the quay.", PRESS),
        ("Size, share, growth and forecast of the drone industry 2020-2027", STUDY, PRESS),
        ("Drones deliver insulin to islands", STUDY, PRESS),
    ],
)
def test_news_about_markets_is_none(title: str, excerpt: str, address: str) -> None:
    """One sign alone is no advert, nor are all of them where no market is named."""
    news = report(title, excerpt)

    assert adverts.signs(replace(news, url=Address(address)) if address else news) == ()


def test_an_advert_has_its_verdict_and_its_switch() -> None:
    """The verdict names the signs and the setting that lets it run, which it does; so does a pin."""
    advert = report("Delivery Drone Market Size and Growth 2020-2027", heat=99, path="advert.md")
    news = report("Drones deliver insulin to islands", path="news.md")

    issue = select([advert, news], WEEK, rules(("AI", 3)))

    assert picked(issue) == {"AI": ["news"]}
    assert verdict(issue, "advert") == (
        "muted",
        "it is an advert for a market report: its title looks years ahead, its title lists growth and size; "
        "`select.adverts: run` lets such run",
    )
    assert picked(select([advert, news], WEEK, rules(("AI", 3), adverts_run=True))) == {"AI": ["advert", "news"]}


def test_an_undated_advert_looks_nowhere() -> None:
    """Without a date nothing is known to lie ahead."""
    undated = replace(report("Drone Market Growth 2020-2027"), published_at=None, title=Text("Drone Market 2020-2027"))

    assert adverts.signs(undated) == ()
