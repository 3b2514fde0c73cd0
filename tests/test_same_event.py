"""Two reports of two outlets: which tell one event, which are kept apart, and what the verdict says of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from weeks import WEEK, at, report, verdict

from digest.config.values import Rules
from digest.selection import order, select, stories, vetoes, wording

if TYPE_CHECKING:
    from digest.model import Article

DEFAULT = order.of_articles(Rules().order)

# Other news of the week, so that the words of a pair are as rare as in life.
REST = [
    report(title, provider=f"Outlet {number}")
    for number, title in enumerate(
        [
            "Orchard growers count their hedgehogs",
            "A choir of bakers sings for Osterby",
            "Kites over the dunes of Norrland",
            "Salt mine becomes a library",
            "Violins made of driftwood",
            "Lighthouse keepers retire after forty years",
            "Snow closes the mountain pass",
            "Bees learn to count",
            "Museum lends its oldest map",
            "Rain delays the harvest festival",
        ]
    )
]


def stories_of(*articles: Article) -> int:
    """Return how many stories *articles* are, in a week that has other news."""
    return len(stories.Week([*articles, *REST], DEFAULT).stories()) - len(REST)


def pair(one: tuple[str, str], other: tuple[str, str], *, hours: int = 3, outlets: tuple[str, str] = ("A", "B")) -> int:
    """Return how many stories two reports are, each a title and an excerpt."""
    first, second = (report(*words, provider=outlet) for words, outlet in zip((one, other), outlets, strict=True))
    later = report(*other, provider=outlets[1], published_at=at("2020-11-09") + timedelta(hours=hours))
    return stories_of(first, later if hours else second)


WORDS = "The decision came after a long night of talks at the town hall of the old harbour."

APART = {
    "a reversed verb": (
        "Harbour board clears Veltra takeover of Ropeworks",
        "Harbour board blocks Veltra takeover of Ropeworks",
    ),
    "an opposite outcome": ("Ferry crews of Hallen accept new rota", "Ferry crews of Hallen reject new rota"),
    "a denial": ("Minister Ekholm to resign over bridge", "Minister Ekholm not to resign over bridge"),
    "a denial in English beside a Portuguese one": (
        "Harbour board sees no risk for Veltra",
        "Harbour board sees risk for Veltra",
    ),
    "swapped parties": ("Veltra sues Ropeworks over winch patent", "Ropeworks sues Veltra over winch patent"),
    "swapped parties in other sentences": (
        "Hallen beats Skarvik to win the cup",
        "Skarvik beats Hallen to claim the cup",
    ),
    "another ordinal": (
        "Lund takes the Brenskar cup for the second time",
        "Crew of Lund takes Brenskar cup for third time",
    ),
    "another place": ("Skarvik bans scooters from its quays", "Tarnwick bans scooters from its quays"),
    "another person": ("Former keeper Ivo Lund dies at home", "Former keeper Per Strand dies at home"),
    "another version": ("Tidewater 4 chart reader is released", "Tidewater 5 chart reader is released"),
    "another quarter": ("Veltra sales fall in second quarter", "Veltra sales fall in third quarter"),
    "another series": ("Veltra raises series B for winches", "Veltra raises series C for winches"),
    "another day of a column": ("Tide tables for Wednesday in Hallen", "Tide tables for Friday in Hallen"),
    "two places in one sentence": (
        "Ropeworks stellen 30 Leute in Hallen ein",
        "Ropeworks bauen 30 Stellen in Hallen ab",
    ),
    "German": ("Stadtrat lehnt Hafenausbau in Hallen ab", "Stadtrat billigt Hafenausbau in Hallen ab"),
    "French": ("Hallen ouvre son port aux voiliers anciens", "Hallen ferme son port aux voiliers anciens"),
    "Chinese": (
        "\u6cb3\u6e2f\u5e02\u5ba3\u5e03\u4e0a\u8c03\u8f6e\u6e21\u7968\u4ef7",
        "\u6cb3\u6e2f\u5e02\u5ba3\u5e03\u4e0b\u8c03\u8f6e\u6e21\u7968\u4ef7",
    ),
    "Japanese": (
        "\u5143\u8239\u9577\u306b\u6709\u7f6a\u5224\u6c7a \u6e2f\u306e\u4e8b\u4ef6",
        "\u5143\u8239\u9577\u306b\u7121\u7f6a\u5224\u6c7a \u6e2f\u306e\u4e8b\u4ef6",
    ),
    "Chinese parties": (
        "\u9752\u6728\u516c\u53f8\u8d77\u8bc9\u767d\u5e06\u96c6\u56e2\u4fb5\u72af\u4e13\u5229",
        "\u767d\u5e06\u96c6\u56e2\u8d77\u8bc9\u9752\u6728\u516c\u53f8\u4fb5\u72af\u4e13\u5229",
    ),
}


@pytest.mark.parametrize("titles", APART.values(), ids=APART)
def test_one_sentence_with_other_words_is_two_events(titles: tuple[str, str]) -> None:
    """However alike the rest is, and though the excerpts are the same."""
    assert pair((titles[0], WORDS), (titles[1], WORDS)) == 2
    assert pair((titles[0], ""), (titles[1], "")) == 2


TOGETHER = {
    "a wire copy": ("Little cheer in Skarvik a day before the regatta", "Little cheer in Skarvik day before regatta"),
    "a form of the word": ("Chinese winch maker opens Hallen yard", "China winch maker opens Hallen yard"),
    "a spelled number": ("Two sailors stranded on Brenskar return", "2 sailors stranded on Brenskar return home"),
    "an ordinal": ("Lund wins third regatta of Brenskar", "Lund wins 3rd regatta of Brenskar"),
    "a rising toll": ("Ferry pier of Brenskar collapses, 12 killed", "31 killed as ferry pier of Brenskar collapses"),
    "a toll that nobody had counted": (
        "Blast at Brenskar winch yard, several hurt",
        "Blast at Brenskar winch yard: gates shut, nine hurt",
    ),
    "a sign of multiplication": (
        "Lund wins the 3\u00d73 oars race of Brenskar",
        "Lund wins the 3x3 oars race of Brenskar",
    ),
    "a headline's label": (
        "Show HN: Keelson draws charts of Brenskar",
        "Introducing Keelson: draws charts of Brenskar",
    ),
    "Portuguese": (
        "Lund rema no Brenskar e leva quinto remo em Skarvik",
        "Lund rema em Brenskar e leva quinto remo em Skarvik",
    ),
    "an agency's prefix": (
        "UPDATE 1-Norrvik ferry line files for insolvency",
        "Norrvik ferry line files for insolvency",
    ),
    "German": ("Brenskar: Lotsen retten vier Segler", "Lotsen retten vier Segler vor Brenskar"),
    "Arabic": (
        "\u0645\u064a\u0646\u0627\u0621 \u0628\u0631\u0646\u0633\u0643\u0627\u0631 "
        "\u064a\u0641\u062a\u062a\u062d \u0631\u0635\u064a\u0641\u0627",
        "\u0627\u0641\u062a\u062a\u0627\u062d \u0631\u0635\u064a\u0641 \u0645\u064a\u0646\u0627\u0621 "
        "\u0628\u0631\u0646\u0633\u0643\u0627\u0631 \u064a\u0641\u062a\u062a\u062d",
    ),
    "Chinese": (
        "\u6cb3\u6e2f\u5e02\u8f6e\u6e21\u7801\u5934\u7206\u70b8 \u591a\u4eba\u53d7\u4f24",
        "\u6cb3\u6e2f\u8f6e\u6e21\u7801\u5934\u53d1\u751f\u7206\u70b8\u4e8b\u6545",
    ),
    "Japanese": (
        "\u30d6\u30ec\u30f3\u30b9\u30ab\u30eb\u306e\u685f\u6a4b\u304c\u5d29\u843d",
        "\u6e2f\u3067\u685f\u6a4b\u5d29\u843d \u30d6\u30ec\u30f3\u30b9\u30ab\u30eb\u5e02",
    ),
    "Thai": (
        "\u0e17\u0e48\u0e32\u0e40\u0e23\u0e37\u0e2d\u0e40\u0e1a\u0e23\u0e19\u0e2a\u0e01\u0e32\u0e23\u0e4c\u0e1e\u0e31\u0e07",
        "\u0e40\u0e1a\u0e23\u0e19\u0e2a\u0e01\u0e32\u0e23\u0e4c "
        "\u0e17\u0e48\u0e32\u0e40\u0e23\u0e37\u0e2d\u0e1e\u0e31\u0e07\u0e25\u0e07",
    ),
}


@pytest.mark.parametrize("titles", TOGETHER.values(), ids=TOGETHER)
def test_other_words_about_one_event_are_one_story(titles: tuple[str, str]) -> None:
    """In any script, and though there is no excerpt."""
    assert pair((titles[0], ""), (titles[1], "")) == 1


def test_an_outlets_own_update_is_one_story_and_its_series_is_not() -> None:
    """Nearly the same words again are an update; what merely resembles it is the next of a kind."""
    first = ("Norrvik ferry line files for insolvency", "Ferries sail for now, the line said.")
    update = ("Norrvik ferry line files for insolvency, stops sailing", "Ferries sail no more, the line said.")
    series = ("Norrvik ferry line opens a yard in Tarnwick", "Ferries will be built there, the line said.")

    assert pair(first, update, outlets=("A", "A")) == 1
    assert pair(first, series, outlets=("A", "A")) == 2


BLAZE = ("Blaze in net loft of Brenskar", "Fire crews are on their way.")
GROWN = ("Blaze in Brenskar is out: net loft lost, thousands of nets gone", "It burned until the morning.")


@pytest.mark.parametrize(
    ("later", "hours", "count"),
    [
        (GROWN, 4, 1),
        (GROWN, 35, 1),
        (GROWN, 37, 2),
        (("Net loft of Hallen sold to Veltra", "It had been empty."), 4, 2),
        (("Blaze in net loft of Tarnwick", "Fire crews are on their way."), 4, 2),
    ],
    ids=["the same day", "the next day", "too late", "two of its words", "another place"],
)
def test_a_title_that_keeps_the_words_of_the_earlier_is_an_update(
    later: tuple[str, str], hours: int, count: int
) -> None:
    """Of one outlet, within a day and a half, and with three rare words that are nearly all of the shorter title."""
    assert pair(BLAZE, later, hours=hours, outlets=("A", "A")) == count


def test_long_texts_are_looked_for_by_their_titles_too() -> None:
    """Reports whose rarest words are each shared with a copy of their own find each other by their titles."""
    titles = ["Hallen salvors lift wreck", "The wreck that Hallen salvors lift"]
    copies = [
        report(title, f"{name}: {' '.join(f'{number}{name}' for number in range(12))}", provider=f"{name}{copy}")
        for title, name in zip(titles, ("Veltra", "Keelson"), strict=True)
        for copy in range(2)
    ]

    assert stories_of(*copies) == 1


def test_more_hours_ask_for_more_agreement() -> None:
    """What is enough on the day of the event is not enough for what comes two days later."""
    one, other = (
        ("Lotsen retten vier Segler vor Brenskar", ""),
        ("Brenskar: Segler in Not, vier gerettet von Lotsen", ""),
    )

    assert pair(one, other, hours=2) == 1
    assert pair(one, other, hours=70) == 2


def test_a_chain_never_joins_what_is_kept_apart() -> None:
    """A report that agrees with both ties no ruling to its opposite."""
    titles = ("Court clears Veltra merger", "Court and Veltra merger: the ruling", "Court blocks Veltra merger")
    reports = [report(title, WORDS, provider=outlet) for title, outlet in zip(titles, "ABC", strict=True)]

    assert stories_of(*reports[:2]) == 1
    assert stories_of(*reports[1:]) == 1
    assert stories_of(*reports) == 2


def test_each_near_miss_names_what_forbade_it() -> None:
    """An editor who wonders why two reports are two reads it in the verdict of each."""
    one = report("Court clears Veltra takeover of Ropeworks", WORDS, provider="Times", heat=60)
    other = report("Court blocks Veltra takeover of Ropeworks", WORDS, provider="Gazette", heat=40)
    issue = select([one, other, *REST], WEEK, Rules())

    assert verdict(issue, one.path[:-3])[1].endswith(
        "; another story than “Court blocks Veltra takeover of Ropeworks” (heat 40, Gazette): "
        "“blocks” in the place of “clears”"
    )
    assert verdict(issue, other.path[:-3])[1].endswith(
        "; another story than “Court clears Veltra takeover of Ropeworks” (heat 60, Times): "
        "“blocks” in the place of “clears”"
    )


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        (*APART["a reversed verb"], "“blocks” in the place of “clears”"),
        (*APART["another person"], "“Ivo Lund” in the place of “Per Strand”"),
        (*APART["a denial"], "one of them denies what the other says"),
        (*APART["swapped parties"], "they say the same words in another order"),
        (*APART["Chinese"], "“\u4e0a” in the place of “\u4e0b”"),
        ("Fury over the quays of Hallen", "Fury as the quays of Hallen", ""),
        ("Lund rema no Brenskar", "Lund rema na Brenskar", ""),
        ("Tokio opens its quays", "Tokyo opens its quays", ""),
        ("Lund passes Brenskar", "Lund pauses Brenskar", "“passes” in the place of “pauses”"),
        ("Several hurt as pier falls in Hallen", "Nine hurt as pier falls in Hallen", ""),
        ("Hallen opens its quays", "Skippers welcome that Hallen opens its quays", ""),
        ("12 killed as pier collapses in Hallen", "15 killed as pier collapses in Hallen", ""),
        (
            "12 killed as pier collapses in Hallen",
            "15 killed as pier collapses in Skarvik",
            "“Hallen” in the place of “Skarvik”",
        ),
        ("", "", ""),
    ],
)
def test_what_forbids_it_is_said_with_the_words_as_written(one: str, other: str, why: str) -> None:
    """The words of both titles, and not what is compared of them."""
    assert vetoes.forbidden(one, other) == why


@pytest.mark.parametrize(
    ("title", "counts"),
    [
        ("At least 12 killed as pier collapses", True),
        ("Pier collapse: death toll climbs to 31", True),
        ("Zwei Tote nach Brand im Hafen", True),
        ("\u6e2f\u306e\u706b\u707d \u6b7b\u800531\u4eba\u306b\u5897\u3048\u308b", True),
        ("Several hurt as pier falls", True),
        ("Mehrere Verletzte nach Brand im Hafen", True),
        ("Several boats for Hallen", False),
        ("Dead Sea 2 is open to divers", False),
        ("Die 20 besten Boote", False),
        ("Mortgages of 7 percent", False),
    ],
)
def test_a_toll_counts_people(title: str, counts: bool) -> None:
    """Only beside a number, and never for a word that begins alike."""
    assert vetoes.counts_victims(title) is counts


@pytest.mark.parametrize(
    ("written", "as_compared"),
    [
        ("Governments", "govern"),
        ("Caf\u00e9s", "cafe"),
        ("two", "2"),
        ("Zw\u00f6lf", "12"),
        ("second", "2."),
        ("21st", "21."),
        ("12,000", "12,000"),
        ("\u0627\u0644\u0645\u064a\u0646\u0627\u0621", "\u0645\u064a\u0646\u0627\u0621"),
    ],
)
def test_a_word_is_compared_by_its_beginning(written: str, as_compared: str) -> None:
    """Six letters of any language, and numbers as figures."""
    assert wording.stem(wording.plain(written)) == as_compared


def test_what_all_news_is_full_of_is_common_in_any_language() -> None:
    """A new year tells no event, whoever writes of it."""
    assert not wording.compared(wording.tokens("new year, neues Jahr, ann\u00e9e nouvelle, nuevo a\u00f1o, ano novo"))


def test_a_script_without_blanks_is_compared_by_pairs_of_characters() -> None:
    """And what stands in it in Latin letters or figures stays whole; a Japanese letter keeps its mark."""
    assert wording.tokens("\u6e2f\u533a\u6da87\u70b9 GDP") == ["\u6e2f\u533a", "\u533a\u6da8", "7", "\u70b9", "GDP"]
    assert wording.tokens("\u30d6\u30ea\u30c3\u30b8") == ["\u30d6\u30ea", "\u30ea\u30c3", "\u30c3\u30b8"]


SENTENCES = st.lists(
    st.sampled_from(["Hallen", "opens", "not", "a", "yard", "2", "12", "killed", "\u6e2f"]), max_size=8
)


@given(SENTENCES, SENTENCES)
def test_what_is_forbidden_is_so_either_way(one: list[str], other: list[str]) -> None:
    """Symmetric, and nothing forbids that a title tells the event of the same title."""
    first, second = " ".join(one), " ".join(other)

    assert vetoes.forbidden(first, second) == vetoes.forbidden(second, first)
    assert vetoes.forbidden(first, first) == ""


@given(st.lists(SENTENCES.filter(bool), min_size=2, max_size=6))
def test_no_story_holds_a_near_miss(sentences: list[list[str]]) -> None:
    """However long the chain, and whatever the order of the articles."""
    reports = [
        report(" ".join(words), provider=f"P{number}", path=f"{number}.md") for number, words in enumerate(sentences)
    ]
    week = stories.Week(reports, DEFAULT)
    of = {one.path: story.lead.path for story, _ in week.stories() for one in (story.lead, *story.others)}

    assert all(of[path] != of[other.path] for path, missed in week.near_misses.items() for other, _ in missed)
