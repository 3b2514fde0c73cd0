"""Invitations to events that are over: what shows them in any language, and the news that must not be taken for one."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest
from command import run
from weeks import WEEK, Newsroom, picked, report, rules, verdict

from digest.model import Edits, Pin
from digest.preview import editor
from digest.records import invitations
from digest.selection import select

if TYPE_CHECKING:
    from pathlib import Path

    from digest.model import Article

PUBLISHED, ISSUE = date(2021, 5, 1), date(2021, 5, 12)


def over(title: str, excerpt: str = "", published: date = PUBLISHED, issue: date = ISSUE) -> date | None:
    """Return the last day of the event that an article with these words invites to, if it is over."""
    ended = invitations.over(report(title, excerpt, day=str(published)), published, issue)
    return ended and ended[0]


@pytest.mark.parametrize(
    ("title", "excerpt"),
    [
        ("Join us for the Ports Summit! May 4th, 2021", ""),
        ("Ports Summit Online – 4 May 2021", ""),
        ("Harbour webinar Tuesday 4 May", ""),
        ("May 4th Vancouver Ports User Group: cranes and canvas", ""),
        ("Ports Conference | May 4, 2021", "Join us on May 4, 2021, from 9 to 10:30."),
        ("Ports Conference, 3–4 May", "Register for two days of cranes."),
        ("Save the date: open day on the 4th of May", ""),
        ("The Ports Forum returns", "Register for 4 May and bring a friend. It is free."),
        ("Ports Workshop (2021-05-04)", "When: 4 May, 10:00"),
        ("Reminder: harbour project meeting Tuesday, May 4 at 13:00 UTC", ""),
        ("Vancouver Ports User Group May 4: cranes", "The highlights of the year."),
        ("Hafenkonferenz am 4. Mai: jetzt anmelden", ""),
        ("Webinar am Dienstag, 4. Mai 2021", ""),
        ("Inscrivez-vous au colloque des ports, le 4 mai", ""),
        ("Inscríbete: jornada de puertos el 4 de mayo", ""),
        ("Iscriviti al convegno sui porti, 4 maggio 2021", ""),
        ("Inscreva-se no seminário de portos, 4 de maio", ""),
        ("Meld je aan voor de havenconferentie op 4 mei", ""),
        ("Zapraszamy na konferencję portową 4 maja", ""),
        ("Liman konferansı 4 Mayıs: hemen kaydol", ""),
        ("Запрошуємо на конференцію портів 4 травня", ""),
        ("احجز مقعدك في مؤتمر الموانئ 4 مايو", ""),
        ("הירשמו לכנס הנמלים, 4 במאי", ""),
        ("बंदरगाह सम्मेलन 4 मई: पंजीकरण करें", ""),
        ("बंदरगाह सम्मेलन ४ मई: पंजीकरण करें", ""),
        ("احجز مقعدك في مؤتمر الموانئ ٤ مايو", ""),
        ("港湾ウェビナー　５月４日", ""),
        ("港湾セミナー 5月4日開催、参加者募集", ""),
        ("5月4日港口论坛，欢迎报名", ""),
        ("港口網路研討會 2021年5月4日", ""),
    ],
)
def test_an_invitation_is_over_when_its_day_has_passed(title: str, excerpt: str) -> None:
    """In every language of letters, by the day in the title or in the sentence that calls; not on the day itself."""
    assert over(title, excerpt) == date(2021, 5, 4)
    assert over(title, excerpt, issue=date(2021, 5, 4)) is None


@pytest.mark.parametrize(
    ("title", "excerpt"),
    [
        # Reports, whose day does not lie ahead of them.
        ("Attack of 1 May: what we know", "Join us for live coverage."),
        ("On this day: 4 May 1979", ""),
        ("On this day, May 4: the summit that ended a war", ""),
        ("The 2019 budget: a summit of promises", "Register for free."),
        ("Results of the April 30 webinar survey", ""),
        ("Working group update: meeting of May 4", "The group will meet on Zulip."),
        # News of what lies ahead calls nobody.
        ("Leaders to meet at Geneva summit on May 4", "The agenda is short. Nobody expects an agreement."),
        ("Court to hear ports case on 4 May", "Both sides have filed papers."),
        ("Phasing out support for old browsers on May 4", "Users are asked to update."),
        ("Apple event on May 4: what to expect", "Sign up for our newsletter to hear first."),
        ("Wie der Gipfel am 4. Mai den Hafen verändert", "Die Stadt rechnet mit Staus."),
        # What may be done until then, and what is told when it has passed.
        ("Register for the Ports Summit by May 4", ""),
        ("Jetzt anmelden bis 4. Mai: Hafenkonferenz", ""),
        ("Ports Summit: call for papers, deadline May 4", "Join us in autumn."),
        ("Ports Summit of May 4 is cancelled", "Register for the next one."),
        ("Webinar of May 4 postponed", ""),
        ("Reminder: support for old cranes ends May 4", ""),
        ("Open for submission May 4: the demo extravaganza", ""),
        # Numbers that are no day.
        ("Join us: 4 may be enough", ""),
        ("Webinar: 4 out of 5 ports are late", ""),
        ("Join us on platform 4", ""),
        ("Join us at the Ports Summit, May 45", ""),
        ("Join us at the Ports Summit, February 30", ""),
    ],
)
def test_news_is_no_invitation(title: str, excerpt: str) -> None:
    """A report of a past day, news of a day to come, a deadline, a cancellation: none of them is taken out."""
    assert over(title, excerpt) is None


def test_the_last_of_several_days_counts() -> None:
    """A fair is over when it closes, over the end of a month, too."""
    title = "Save the date: port fair, April 30 through May 4"

    assert over(title, published=date(2021, 4, 20), issue=date(2021, 5, 3)) is None
    assert over(title, published=date(2021, 4, 20), issue=date(2021, 5, 5)) == date(2021, 5, 4)


def test_a_day_without_a_year_is_the_next_one() -> None:
    """The year turns where it must, and an invitation to next year's event is not over."""
    title = "Join us at the Ports Summit on January 4"

    assert over(title, published=date(2020, 12, 28), issue=date(2021, 1, 6)) == date(2021, 1, 4)
    assert over(title, published=date(2021, 1, 5), issue=date(2021, 1, 12)) is None


def test_an_excerpt_calls_in_its_first_sentence() -> None:
    """What stands deeper in a report is beside its point."""
    first = "Join us on 4 May in Ostervik. The harbour will be open."
    later = "The harbour names its sponsors. Join us on 4 May in Ostervik."

    assert over("Ports Conference: the programme", first) == date(2021, 5, 4)
    assert over("Ports Conference: the sponsors", later) is None


INVITED = {"title": "Join us at the Ports Summit on 9 November", "day": "2020-11-06"}


def invited() -> Article:
    """Return an invitation of the week to an event that is over when the week ends."""
    return report(INVITED["title"], "", day=INVITED["day"], path="summit.md", heat=99)


def test_a_past_event_has_its_verdict_its_switch_and_its_pin() -> None:
    """The verdict names call, day and setting; the setting lets it run, and so does a pin."""
    news = report("Ferries sail at night without crews", path="news.md")

    issue = select([invited(), news], WEEK, rules(("AI", 3)))
    pinned = select(
        [invited(), news], WEEK, rules(("AI", 3)), None, Edits(pins=(Pin(story="summit.md", section="AI"),))
    )

    assert picked(issue) == {"AI": ["news"]}
    assert verdict(issue, "summit") == (
        "over",
        "it invites (“join us”) to an event that was over on 2020-11-09, before the issue's day; "
        "`select.past_events: run` lets such run",
    )
    assert picked(select([invited(), news], WEEK, rules(("AI", 3), past_events_run=True))) == {"AI": ["summit", "news"]}
    assert picked(pinned) == {"AI": ["summit", "news"]}


def test_build_explain_and_the_desk_tell_of_past_events(tmp_path: Path) -> None:
    """`build` counts them, `explain` says why, and the desk names each."""
    room = Newsroom(tmp_path)
    room.file("summit", title=INVITED["title"], publishedDateTime="2020-11-06T10:00:00Z", heat=99)
    room.file("news", title="Ferries sail at night without crews")
    room.settings()
    day = ["--date", "2020-11-11"]

    printed = run(tmp_path, "build", *day).printed
    values = json.loads(run(tmp_path, "build", *day, "--json").printed)
    why = run(tmp_path, "explain", *day, "summit.md").printed

    assert "Over: 1 invitation to past events (select.past_events)" in printed.splitlines()
    assert values["over"] == 1
    assert "Not in the issue [over]: it invites (“join us”) to an event that was over on 2020-11-09" in why
    for panel in (
        editor.of_record(room.record("2020-11-11")),
        editor.of_issue(room.issue("2020-11-11"), room.build("2020-11-11").message),
    ):
        assert [event.title for event in panel.over] == [INVITED["title"]]
