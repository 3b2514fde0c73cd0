"""digest.yaml and flags to Settings: every key and default, and what each broken file is told."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from jsonschema import Draft202012Validator

from digest.config import schema, settings, yamlfile
from digest.config.muting import MuteRule
from digest.config.schema import SettingsFile
from digest.config.settings import Overrides
from digest.config.values import WITHOUT_HEAT, Match, Newsletter, Rules, SectionPlan
from digest.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Write = Callable[[Mapping[str, str | bytes]], str]

ROOT = Path(__file__).parent.parent
BROKEN = Path(__file__).parent / "museum" / "settings"

KNOWN = (
    "known are archive, blocks, check, clean_links, editions, edits, fields, fragment, images, largest_article, "
    "newsletter, out, readers, score, sections, select, send, site, size, targets, templates, text, theme, times, "
    "topics, utm, window"
)
KNOWN_IN_SELECT = (
    "known are adverts, half_life, late_days, min_heat, min_stories, mute, order, past_events, per_provider, remember, "
    "repeat_after, returns_with, sections, soft_caps, total, updates"
)
NO_MAPPING = "is not a list of `key: value` lines"
NO_MAILBOX = "from is no mailbox: 'nobody'; write it like `The AI Week <news@example.com>`"
NO_SECTIONS = "sections is empty; leave it out for one section a topic"
NO_TOPIC = "a section without topic or match; name a topic, or several as [A, B]"
ORDERS = "heat, quality, coverage, freshness, earliest, latest, path"
NO_WEEKS = "window.starts is for `every: week` and `every: 2 weeks`; leave it out, or add one"

MUSEUM = {
    "alias": [":2: an alias (*out); write the value out"],
    "allow-of-a-list": [":2: check.allow is not a list of `key: value` lines"],
    "allow-without-a-reason": [
        ":3: check.allow.dark-mode has no reason; write one that readers of the report understand",
        ":4: check.allow.text-size has no reason; write one that readers of the report understand",
        ":5: check.allow.list is not a text",
    ],
    "archive-empty": [":1: archive is not a list of texts"],
    "archive-not-a-list": [
        ":1: unknown key 'archive.folder'; known are from, sql",
        ":1: archive.sql is missing; a query has sql and from",
        ":1: archive.from is missing; a query has sql and from",
    ],
    "archive-of-a-list-and-a-query": [":1: archive has a member that is neither a text nor a query"],
    "archive-query-misspelt": [
        ":1: unknown key 'archive[1].frm'; did you mean 'from'?",
        ":1: archive[1].from is missing; a query has sql and from",
    ],
    "archive-query-of-nothing": [":1: archive[1].sql is not a text"],
    "archive-of-lists": [":1: archive is not a list of texts"],
    "archive-with-a-blank": [":1: archive is not a list of texts"],
    "bad-language": [":2: newsletter.language is no language: 'English'; did you mean 'en'?"],
    "bad-mailbox": [f":3: {NO_MAILBOX}"],
    "bad-mailbox-alone": [f":2: {NO_MAILBOX}"],
    "bad-time-zone": [":2: newsletter.timezone is no time zone: 'Mars/Olympus'; write it like Europe/Berlin"],
    "bad-unsubscribe-mail": [":2: newsletter.unsubscribe_mail is not an e-mail address: 'leave at example.com'"],
    "block-after-no-section": [
        ":4: no section is 'Robotic'; did you mean 'Robotics'?",
        ":7: no section is 'Poetry'; there are Robotics",
    ],
    "block-at-two-places": [
        ":2: blocks[0].after is another place than its at; keep one of them",
        ":5: blocks[1].position is a place in a section; write section, too, or leave it out",
    ],
    "block-incomplete": [
        ":2: blocks[0].name is missing; a block of kind sponsor has name and text",
        ":4: blocks[1].alt is missing; a block of kind picture has picture and alt",
        ":5: blocks[2].choices is missing; a block of kind poll has title and choices",
    ],
    "block-links-incomplete": [
        ":4: blocks[0].links[0].url is missing; a line has title and url",
        ":7: blocks[1].choices has 1; write 2 or more",
    ],
    "block-markdown-not-taken": [
        ":4: blocks[0].text has HTML, <b>; write Markdown, or \\< for the sign itself",
        ":5: blocks[0].text has words that are struck out; leave them out",
        ":7: blocks[0].text has HTML, <div>more of it</div>; write Markdown, or \\< for the sign itself",
        ":9: blocks[0].text has code; take its fence away",
        ":13: blocks[0].text has a table; write a list",
        ":17: blocks[0].text has a picture among words; give it a paragraph of its own",
        ":19: blocks[0].text has a picture without words; write ![what it shows](address)",
        ":21: blocks[0].text has a picture at 'http://example.com/a.png'; write an https address",
        ":23: blocks[0].text has a link to 'ftp://example.com/'; write an http(s) or mailto address",
        ":24: blocks[1].text has HTML, <i>; write Markdown, or \\< for the sign itself",
        ":25: blocks[2].text has code; take its backticks away",
    ],
    "block-of-an-unknown-kind": [
        ":2: blocks[0].kind is 'sponsored'; did you mean 'sponsor'?",
    ],
    "block-picture-without-alt": [
        ":5: blocks[0].picture has no alt; say there what it shows",
    ],
    "block-with-a-bad-address": [
        ":5: blocks[0].url is not an https address: 'javascript:alert(1)'",
        ":6: blocks[0].picture is not an https address: 'http://example.com/a.png'",
        ":8: blocks[1].url is not a text",
    ],
    "block-with-a-key-of-another": [
        ":4: unknown key 'blocks[0].url'; known are after, at, kind, position, section, text, title",
    ],
    "block-without-kind": [
        ":2: blocks[0].kind is missing; write sponsor or note or links or quote or picture or story or poll",
    ],
    "blocks-not-a-list": [
        ":1: blocks is not a list",
    ],
    "duplicate-key": [":3: the key 'out' stands here again"],
    "edits-not-a-text": [":1: edits is not a text"],
    "empty-sections": [f":2: {NO_SECTIONS}"],
    "fraction": [":3: sections[0].limit is '2.5', not a whole number from 0 to 100"],
    "http-unsubscribe": [":2: newsletter.unsubscribe is not an https address: 'http://example.com/leave'"],
    "late-days-negative": [":2: select.late_days is '-1', not a whole number from 0 to 3660"],
    "late-days-never": [":2: select.late_days is 'never', not a whole number from 0 to 3660"],
    "malformed": [":3: not valid YAML (while parsing a flow sequence: did not find expected ',' or ']')"],
    "mute-no-word": [":3: select.mute[0].title has no word in '* … *'; `*` stands for text between words"],
    "mute-not-a-list": [":2: select.mute is not a list"],
    "mute-nothing": [":3: select.mute[0] asks for nothing; give provider, title, path, topic or quality_below"],
    "mute-of-texts": [f":3: select.mute[0] {NO_MAPPING}"],
    "mute-quality-of-none": [":3: select.mute[0].quality_below is '0', not a whole number from 1 to 1000000"],
    "mute-unknown-key": [":4: unknown key 'select.mute[0].titel'; did you mean 'title'?"],
    "match-any-of-nothing": [":3: sections[0].match.none is not a list of texts"],
    "match-empty": [f":2: {NO_TOPIC}"],
    "match-language-unknown": [":4: sections[0].match.language is no language: 'English'; did you mean 'en'?"],
    "match-not-a-mapping": [f":3: sections[0].match {NO_MAPPING}"],
    "match-of-mappings": [":4: sections[0].match.type is not a list of texts"],
    "min-stories-of-none": [":2: select.min_stories is '0', not a whole number from 1 to 100"],
    "minimum-in-words": [":3: sections[0].min is 'two', not a whole number from 0 to 100"],
    "minimum-negative": [":1: sections[0].min is '-1', not a whole number from 0 to 100"],
    "negative-number": [":2: select.min_heat is '-1', not a number from 0 to 1000000"],
    "newsletter-not-a-mapping": [f":1: newsletter {NO_MAPPING}"],
    "no-days": [":1: window.days is '0', not a whole number from 1 to 3660"],
    "not-a-mapping": [f":1: {NO_MAPPING}"],
    "not-utf8": [":2: is not UTF-8; save it as UTF-8"],
    "number-in-words": [":2: window.days is 'seven', not a whole number from 1 to 3660"],
    "number-is-a-list": [":2: select.min_heat is not a text"],
    "number-too-large": [":1: window.days is '3661', not a whole number from 1 to 3660"],
    "order-not-a-list": [":2: select.order is not a text"],
    "order-unknown": [f":2: select.order has no 'luck'; known are {ORDERS}"],
    "relative-web": [":2: newsletter.web is not an https address: '/issues/{id}/'"],
    "repeat-after-in-words": [":2: select.repeat_after is 'a year', not a whole number from 1 to 3660"],
    "repeat-after-nothing": [":2: select.repeat_after is '0', not a whole number from 1 to 3660"],
    "returns-with-nobody": [":2: select.returns_with is '0', not a whole number from 1 to 100"],
    "score-of-signals": [
        ":2: score[0].curve is 'lag'; write linear or log or sqrt",
        ":2: score[0].cap is '-5', not a number from 0.001 to 999999999",
        ":3: score[1].signal is 'clicks'; write coverage or age or provider or constant",
        ":4: score[2].half_life is missing; write half_life: 36, the hours after which half of the points are left",
        ":4: score[2].weight is 'x', not a number from -999999 to 999999",
        ":5: score[3].half_life means nothing for provider; its keys are signal, points, other",
        ":5: score[3].points.The Post is 'many'; write a number, the points of that provider",
        ":6: score[4] names no one signal; write a field or a signal, and not both",
        ":7: unknown key 'score[5].wight'; did you mean 'weight'?",
        ":8: score[6] is not a list of `key: value` lines",
    ],
    "second-document": [":2: a second YAML document starts here"],
    "section-share-of-none": [":3: sections[0].per_provider is '0', not a whole number from 1 to 100"],
    "section-style-unknown": [
        ":3: sections[0].style is 'short'; write full or brief",
        ":4: sections[0].line is not a text",
    ],
    "section-with-a-blank-topic": [":2: sections[0].topic is not a list of texts"],
    "section-with-topics-not-words": [":2: sections[0].topic is not a list of texts"],
    "section-without-topic": [f":3: {NO_TOPIC}"],
    "sections-by-luck": [":2: select.sections is 'by luck'; write as written or by heat"],
    "sections-not-a-list": [":1: sections is not a list"],
    "sections-of-words": [f":1: sections[0] {NO_MAPPING}", f":1: sections[1] {NO_MAPPING}"],
    "sections-without-value": [f":1: {NO_SECTIONS}"],
    "several-problems": [
        ":2: window.days is 'soon', not a whole number from 1 to 3660",
        ":4: newsletter.unsubscribe is not an https address: 'leave'",
        ":5: newsletter.language is no language: 'English'; did you mean 'en'?",
        f":7: {NO_TOPIC}",
        ":7: sections[0].limit is 'many', not a whole number from 0 to 100",
        f":8: unknown key 'colour'; {KNOWN}",
    ],
    "share-is-a-list": [":2: select.per_provider is not a text"],
    "share-of-none": [":1: select.per_provider is '0', not a whole number from 1 to 100"],
    "text-is-a-mapping": [":1: out is not a text"],
    "thin-unknown": [":3: sections[0].thin is 'close'; write skip, keep or {widen: DAYS}"],
    "thin-unknown-key": [":3: unknown key 'sections[0].thin.wide'; did you mean 'widen'?"],
    "thin-widen-without-days": [":3: sections[0].thin is 'widen'; write skip, keep or {widen: DAYS}"],
    "time-zone-is-a-folder": [":2: newsletter.timezone is no time zone: 'Europe'; write it like Europe/Berlin"],
    "time-zone-leads-out": [":2: newsletter.timezone is no time zone: '../../etc/passwd'; write it like Europe/Berlin"],
    "two-sections-one-title": [":1: two sections are titled 'ai'; give each a title of its own"],
    "unclosed-quote": [":3: a quote opens here and is not closed"],
    "unknown-key": [":1: unknown key 'outt'; did you mean 'out'?"],
    "unknown-key-far-from-any": [f":1: unknown key 'colour'; {KNOWN}"],
    "unknown-key-far-from-any-in-select": [f":2: unknown key 'select.luck'; {KNOWN_IN_SELECT}"],
    "unknown-key-in-a-section": [":3: unknown key 'sections[0].limits'; did you mean 'limit'?"],
    "unknown-key-in-match": [":4: unknown key 'sections[0].match.providers'; did you mean 'provider'?"],
    "unknown-key-in-select": [":2: unknown key 'select.minheat'; did you mean 'min_heat'?"],
    "unknown-key-inside": [":3: unknown key 'newsletter.time_zone'; did you mean 'timezone'?"],
    "unquoted-colour": [":2: theme.accent is not a text"],
    "utf16": [":1: is not UTF-8; save it as UTF-8"],
    "widen-by-nothing": [":3: sections[0].thin.widen is '0', not a whole number from 1 to 3660"],
    "window-days-and-every": [":1: window has days and every, which both say how long it is; leave one out"],
    "window-every-is-a-list": [":1: window.every is not a text"],
    "window-every-unknown": [":1: window.every is 'fortnight'; write day or week or 2 weeks or month"],
    "window-not-a-mapping": [f":1: window {NO_MAPPING}"],
    "window-since-whenever": [":1: window.since is 'monday'; write sent"],
    "window-starts-alone": [f":1: {NO_WEEKS}"],
    "window-starts-of-a-month": [f":1: {NO_WEEKS}"],
    "window-starts-unknown": [
        ":1: window.starts is 'mondy'; write a weekday such as monday, or the day on which one of the weeks starts, "
        "such as 2020-11-09"
    ],
    "window-suffix-of-capitals": [
        ":1: window.suffix is not small letters, digits and hyphens, such as evening: 'Evening Letter'"
    ],
    "window-suffix-too-long": [":1: window.suffix has more than 40 letters; shorten it"],
    "window-until-too-late": [""":1: window.until is '25:00'; write hour and minutes, such as "06:00\""""],
    "feedback-without-answers": [
        ":1: newsletter.feedback.links is missing; write it, or leave newsletter.feedback out"
    ],
    "logo-not-https": [":1: newsletter.logo.picture is not an https address: 'http://example.com/logo.png'"],
    "logo-too-wide": [":1: newsletter.logo.width is '1200', not a whole number from 16 to 540"],
    "logo-without-picture": [":1: newsletter.logo.picture is missing; write it, or leave newsletter.logo out"],
    "signature-without-name": [
        ":2: newsletter.signature.name is missing; write it, or leave newsletter.signature out",
        ":5: newsletter.signature.text has HTML, <b>; write Markdown, or \\< for the sign itself",
    ],
    "social-without-address-or-name": [
        ":3: newsletter.social[0].url is missing; write it, or leave newsletter.social[0] out",
        ":4: newsletter.social[1].name is missing; write it, or leave newsletter.social[1] out",
    ],
    "window-until-without-minutes": [""":1: window.until is '6'; write hour and minutes, such as "06:00\""""],
}

DEFAULT_NEWSLETTER = Newsletter(
    name="The AI Week",
    sender="The AI Week <news@example.com>",
    language="en",
    timezone="UTC",
    postal="1 Example Street, 10115 Berlin, Germany",
    web="https://example.com/issues/{id}/",
    unsubscribe="https://example.com/unsubscribe",
    unsubscribe_mail="news@example.com",
    why="",
)

EVERY_KEY = """\
newsletter:
  name: Robots & Co
  from: Ann Editor <ann@robots.example>
  language: pt-BR
  timezone: Europe/Berlin
  address: 2 Other Street
  web: https://robots.example/{id}.html?from=mail
  unsubscribe: https://robots.example/leave
  unsubscribe_mail: leave@robots.example
  why: You asked for it.
archive: [news, /absolute/news]
out: built
edits: wishes
templates: look
window: {days: 14}
sections:
  - topic: AI
  - title: Seeing machines
    topic: [Computer Vision, Image Recognition]
    limit: 2
    min: 2
    thin: {widen: 21}
    per_provider: 1
  - title: Films
    match: {any: Film, all: [AI, Art], none: [Ads], type: video, category: [a, b], provider: Wire, path: "2020-*"}
    thin: keep
select:
  order: [coverage, latest]
  sections: by heat
  min_heat: 10
  mute:
    - {provider: [Wire, ads.example], title: market * forecast, quality_below: 3}
    - {path: "ads/*", topic: Ads}
  adverts: run
  past_events: run
  min_stories: 4
  per_provider: 3
  repeat_after: 90
  returns_with: 5
  updates: off
  late_days: 30
  half_life: 1.5
theme:
  spacing: 12
  accent: "#1d4ed8"
"""


@pytest.fixture
def load(write: Write) -> Callable[[str], settings.Settings]:
    """Return the settings of a digest.yaml with the given text."""
    return lambda text: settings.load(f"{write({'digest.yaml': text})}/digest.yaml")


def refused(file: str) -> tuple[str, ...]:
    """Return the lines that say what is wrong with a settings file."""
    with pytest.raises(SettingsError) as caught:
        settings.load(file)
    return caught.value.lines


@pytest.mark.parametrize("name", MUSEUM)
def test_broken_file_is_told_what_is_wrong_where(name: str) -> None:
    """Each broken file has exactly the problems `path:line: what` that its name promises, in the order of lines."""
    file = f"{BROKEN}/{name}.yaml"
    assert tuple(file + told for told in MUSEUM[name]) == refused(file)


def test_museum_is_complete() -> None:
    """Every file of the museum has its messages in this test."""
    assert sorted(f"{name}.yaml" for name in MUSEUM) == sorted(os.listdir(BROKEN))


def test_missing_file(tmp_path: Path) -> None:
    """A settings file that was named and is not there is an error with a remedy."""
    expected = (
        f"{tmp_path}/mine.yaml: cannot be read (No such file or directory); name your settings with --config FILE"
    )
    assert (expected,) == refused(f"{tmp_path}/mine.yaml")


def test_folder_for_a_file(tmp_path: Path) -> None:
    """A folder named as settings file is an error with a remedy."""
    expected = f"{tmp_path}: is a folder, not a file; name your settings with --config FILE"
    assert (expected,) == refused(str(tmp_path))


def test_all_problems_are_one_error() -> None:
    """The error prints every problem on a line of its own."""
    with pytest.raises(SettingsError) as caught:
        settings.load(f"{BROKEN}/several-problems.yaml")
    assert "\n".join(caught.value.lines) == str(caught.value)


def test_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without digest.yaml every setting has its default."""
    monkeypatch.chdir(tmp_path)
    loaded = settings.load()
    assert loaded.newsletter == DEFAULT_NEWSLETTER
    assert (loaded.archive, loaded.out, loaded.edits) == (("seeds",), "out", "edits")
    assert (7, Rules(without_heat=WITHOUT_HEAT), ()) == (loaded.days, loaded.rules, loaded.theme)


def test_default_rules() -> None:
    """By default there are six sections of three slots, no floor, no share and no return; two weeks may be late."""
    rules = Rules()
    assert (rules.plans, rules.default_sections, rules.default_limit) == (None, 6, 3)
    assert (rules.min_heat, rules.per_provider, rules.min_stories) == (0, None, 1)
    assert (rules.order, rules.by_heat) == (("heat", "quality", "earliest"), False)
    assert (rules.repeat_after, rules.returns_with, rules.late_days, rules.half_life) == (None, None, 14, 3)


def test_default_theme_is_the_shipped_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A newsletter without templates of its own gets the default theme that comes with the program."""
    monkeypatch.chdir(tmp_path)
    assert str(ROOT / "templates" / "default") == settings.load().templates


def test_own_default_theme_comes_first(write: Write) -> None:
    """A folder templates/default beside digest.yaml is used instead of the shipped one."""
    folder = write({"digest.yaml": "", "templates/default/issue.txt": ""})
    assert f"{folder}/templates/default" == settings.load(f"{folder}/digest.yaml").templates


@pytest.mark.parametrize(
    "text", ["", "# nothing set\n", "out:\n", "newsletter:\n", "window: ~\n", "theme: null\n", "\ufeff"]
)
def test_empty_file_sets_nothing(load: Callable[[str], settings.Settings], text: str) -> None:
    """An empty file, or keys without value, leave the defaults."""
    loaded = load(text)
    assert (DEFAULT_NEWSLETTER, 7, Rules(), ()) == (loaded.newsletter, loaded.days, loaded.rules, loaded.theme)


def test_digest_yaml_is_found_here(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a name, the digest.yaml of the working directory is read."""
    monkeypatch.chdir(write({"digest.yaml": "window: {days: 3}"}))
    assert settings.load().days == 3


def test_every_key_of_the_newsletter(load: Callable[[str], settings.Settings]) -> None:
    """Each key under `newsletter` arrives where it belongs."""
    assert load(EVERY_KEY).newsletter == Newsletter(
        name="Robots & Co",
        sender="Ann Editor <ann@robots.example>",
        language="pt-BR",
        timezone="Europe/Berlin",
        postal="2 Other Street",
        web="https://robots.example/{id}.html?from=mail",
        unsubscribe="https://robots.example/leave",
        unsubscribe_mail="leave@robots.example",
        why="You asked for it.",
    )


def test_every_section(load: Callable[[str], settings.Settings]) -> None:
    """All that is said of a section arrives where it belongs; it is called by its first topic, with 3 slots."""
    films = Match(
        any=("Film",), all=("AI", "Art"), none=("Ads",), kinds=("video",), categories=("a", "b"), providers=("Wire",),
        paths=("2020-*",),
    )  # fmt: skip
    seeing = Match(any=("Computer Vision", "Image Recognition"))
    assert load(EVERY_KEY).rules.plans == (
        SectionPlan(title="AI", match=Match(any=("AI",)), limit=3, minimum=1, thin="skip"),
        SectionPlan(
            title="Seeing machines", match=seeing, limit=2, minimum=2, thin="widen", widen_days=21, per_provider=1
        ),
        SectionPlan(title="Films", match=films, limit=3, thin="keep"),
    )


@pytest.mark.parametrize(
    ("language", "written", "tags", "unnamed"),
    [
        ("en", "en", ("en",), True),
        ("en-GB", "[de, en]", ("de", "en"), True),
        ("en", "no", ("no",), False),
        ("nb", "[no, pt_br]", ("no", "pt-BR"), True),
    ],
)
def test_a_section_may_choose_by_language(
    load: Callable[[str], settings.Settings], language: str, written: str, tags: tuple[str, ...], *, unnamed: bool
) -> None:
    """`no` is Norwegian and no falsehood; an article without a language is in the newsletter's."""
    text = f"newsletter: {{language: {language}}}\nsections: [{{title: S, match: {{language: {written}}}}}]\n"
    (plan,) = load(text).rules.plans or ()

    assert plan.match == Match(languages=tags, unnamed=unnamed)
    assert Draft202012Validator(schema.json_schema()).is_valid(yaml.safe_load(text))


def test_every_rule(load: Callable[[str], settings.Settings]) -> None:
    """All that is said of selection arrives where it belongs."""
    loaded = load(EVERY_KEY).rules
    assert loaded == Rules(
        plans=loaded.plans,
        by_heat=True,
        order=("coverage", "latest"),
        min_heat=10,
        mute=(
            MuteRule(
                providers=("Wire", "ads.example"),
                titles=("market * forecast",),
                quality_below=3,
                place="digest.yaml:32",
            ),
            MuteRule(paths=("ads/*",), topics=("Ads",), place="digest.yaml:33"),
        ),
        adverts_run=True,
        past_events_run=True,
        min_stories=4,
        per_provider=3,
        repeat_after=90,
        returns_with=5,
        marks_updates=False,
        late_days=30,
        half_life=1.5,
        more_title="Mais notícias",
        all_title="Notícias",
    )


@pytest.mark.parametrize("key", ["repeat_after", "returns_with"])
def test_never_is_the_default(load: Callable[[str], settings.Settings], key: str) -> None:
    """Who writes `never` gets what nobody wrote."""
    assert Rules() == load(f"select: {{{key}: never}}").rules


def test_sections_as_written(load: Callable[[str], settings.Settings]) -> None:
    """`as written` may be written."""
    assert Rules() == load("select: {sections: as written}").rules


def test_one_key_to_order_by(load: Callable[[str], settings.Settings]) -> None:
    """A single key to order by may stand without a list."""
    assert load("select: {order: coverage}").rules.order == ("coverage",)


def test_topic_adds_to_match(load: Callable[[str], settings.Settings]) -> None:
    """`topic` and `match` may stand together: any of the topics of both, and what else is asked."""
    plans = load("sections: [{topic: AI, match: {any: Robots, none: Ads}}]").rules.plans
    assert (SectionPlan(title="AI", match=Match(any=("AI", "Robots"), none=("Ads",))),) == plans


def test_widen_alone_is_a_week(load: Callable[[str], settings.Settings]) -> None:
    """A section that may look back without saying how far looks back a week."""
    plans = load("sections: [{topic: AI, thin: {}}]").rules.plans
    assert [plan.widen_days for plan in plans or ()] == [7]


def test_days_and_theme(load: Callable[[str], settings.Settings]) -> None:
    """The window's length and the theme's tokens are read, the tokens as texts in a fixed order."""
    loaded = load(EVERY_KEY)
    assert (loaded.days, loaded.theme) == (14, (("accent", "#1d4ed8"), ("spacing", "12")))


def test_places_of_sections(write: Write) -> None:
    """Each section plan remembers the line of its topic, or of its match."""
    file = f"{write({'digest.yaml': EVERY_KEY})}/digest.yaml"
    assert (f"{file}:17", f"{file}:19", f"{file}:25") == settings.load(file).section_places


def test_paths_are_relative_to_the_file(write: Write) -> None:
    """Relative folders in the file stand beside the file, absolute ones where they say."""
    base = write({"conf/digest.yaml": EVERY_KEY}) + "/conf"
    loaded = settings.load(f"{base}/digest.yaml")
    expected = ((f"{base}/news", "/absolute/news"), f"{base}/built", f"{base}/wishes", f"{base}/look")
    assert expected == (loaded.archive, loaded.out, loaded.edits, loaded.templates)


def test_an_address_is_relative_to_nothing(write: Write) -> None:
    """Of lists, editions and the archive alike; a path beside it is."""
    lists = "{recipients: 's3://news/a.csv', suppressions: ['gs://news/b.csv', left.csv]}"
    others = "readers: {from: 's3://news/*.parquet'}\neditions: {out: 's3://news/editions'}\n"
    folder = write({"news/d.yaml": f"archive: s3://news/a.jsonl\nsend: {lists}\n{others}"})
    found = settings.load(f"{folder}/news/d.yaml")

    assert found.archive == ("s3://news/a.jsonl",)
    assert (found.readers.source, found.editions.out) == ("s3://news/*.parquet", "s3://news/editions")
    assert found.send.recipients == "s3://news/a.csv"
    assert found.send.suppressions == ("gs://news/b.csv", f"{folder}/news/left.csv")


def test_single_archive_folder(load: Callable[[str], settings.Settings]) -> None:
    """One archive folder may stand without a list."""
    assert [os.path.basename(folder) for folder in load("archive: news").folders] == ["news"]


def test_flags_win(write: Write) -> None:
    """What a flag says wins over the file, and its paths are relative to the working directory."""
    file = f"{write({'digest.yaml': EVERY_KEY})}/digest.yaml"
    loaded = settings.load(file, Overrides(archive=("mine", "yours"), out="there", templates="other", days=2))
    assert (loaded.archive, loaded.out, loaded.templates, loaded.days) == (("mine", "yours"), "there", "other", 2)


def test_flags_win_without_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flags count when there is no settings file, too."""
    monkeypatch.chdir(tmp_path)
    loaded = settings.load(overrides=Overrides(archive=("mine",)))
    assert (loaded.archive, loaded.days) == (("mine",), 7)


def test_name_appears_in_the_defaults(load: Callable[[str], settings.Settings]) -> None:
    """Who sets only the name gets it in the sender, too."""
    assert load("newsletter: {name: Robots}").newsletter.sender == "Robots <news@example.com>"


@pytest.mark.parametrize("name", ["News, Views & Co", "Robots (weekly)", "The @ Week", "Acme: the week", 'The "Week"'])
def test_any_name_may_send(load: Callable[[str], settings.Settings], name: str) -> None:
    """A name with a comma, a colon or an at sign is no problem of a sender that nobody wrote."""
    newsletter = load(f"newsletter: {{name: '{name}'}}").newsletter
    assert (name, "news@example.com") == (newsletter.name, newsletter.unsubscribe_mail)


def test_sender_answers_for_unsubscribing(load: Callable[[str], settings.Settings]) -> None:
    """Without an address for it, readers unsubscribe by mail to the sender."""
    assert load("newsletter: {from: Ann <ann@b.example>}").newsletter.unsubscribe_mail == "ann@b.example"


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Kathmandu"])
def test_time_zones(load: Callable[[str], settings.Settings], zone: str) -> None:
    """Every zone of the IANA database may be named."""
    assert zone == load(f"newsletter: {{timezone: {zone}}}").newsletter.timezone


@pytest.mark.parametrize(
    "web",
    ["https://a.example/{id}/", "https://a.example/", "https://{id}.a.example/", "https://a.example/?i={id}#{id}"],
)
def test_web_address_keeps_its_place_for_the_issue(load: Callable[[str], settings.Settings], web: str) -> None:
    """`{id}` may stand anywhere in the address of the web view, or nowhere."""
    newsletter = load(f"newsletter: {{web: '{web}'}}").newsletter
    assert web.replace("{id}", "2020-11-11") == newsletter.web_address("2020-11-11")


def test_limit_of_none_is_a_section_without_slots(load: Callable[[str], settings.Settings]) -> None:
    """A section may be switched off with a limit of 0."""
    plans = load("sections: [{topic: AI, limit: 0}]").rules.plans
    assert (SectionPlan(title="AI", match=Match(any=("AI",)), limit=0),) == plans


def test_digest_does_not_know_lines(load: Callable[[str], settings.Settings]) -> None:
    """A comment above a rule to mute moves it, and the hash stays."""
    text = "select: {mute: [{topic: Ads}]}"
    assert load(text).digest == load(f"# Adverts\n{text}").digest
    assert load(text).rules.mute[0].place != load(f"# Adverts\n{text}").rules.mute[0].place


def test_digest_does_not_know_folders(write: Write) -> None:
    """The same settings in two folders have the same hash: a moved newsletter stays the same."""
    base = write({"here/digest.yaml": EVERY_KEY, "there/digest.yaml": EVERY_KEY})
    assert settings.load(f"{base}/here/digest.yaml").digest == settings.load(f"{base}/there/digest.yaml").digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: Robots", "name: Androids"),
        ("min_heat: 10", "min_heat: 11"),
        ("topic: Ads", "topic: Adverts"),
        ("adverts: run", "adverts: mute"),
        ("market * forecast", "market forecast"),
        ("limit: 2", "limit: 4"),
        ("min: 2", "min: 1"),
        ("widen: 21", "widen: 20"),
        ("type: video", "type: article"),
        ("thin: keep", "thin: skip"),
        ("[coverage, latest]", "[coverage, earliest]"),
        ("by heat", "as written"),
        ("repeat_after: 90", "repeat_after: never"),
        ("returns_with: 5", "returns_with: 4"),
        ("updates: off", "updates: mark"),
        ("late_days: 30", "late_days: 0"),
        ("half_life: 1.5", "half_life: never"),
        ("past_events: run", "past_events: skip"),
        ("1d4ed8", "1d4ed9"),
        ("https://robots.example/leave", "https://robots.example/bye"),
    ],
)
def test_digest_knows_what_shapes_an_issue(load: Callable[[str], settings.Settings], old: str, new: str) -> None:
    """The hash differs when anything differs that readers could see."""
    assert load(EVERY_KEY).digest != load(EVERY_KEY.replace(old, new)).digest


def test_a_setting_that_came_later_leaves_no_trace_at_its_default() -> None:
    """A hash in an old record stays true: only what is not at its default is part of it, but for the first settings."""
    rules = Rules()

    assert "remember_all" not in settings._hashed(rules)
    assert settings._hashed(replace(rules, remember_all=True))["remember_all"] is True
    assert settings._hashed(rules)["late_days"] == 14


def test_a_setting_is_read_once_however_often_it_is_looked_at() -> None:
    """A bad value is one problem, also where two places ask for it."""
    keys = yamlfile.parse(b"window: {days: many}\n", "digest.yaml")
    file = SettingsFile(keys)

    assert [file.window.days, file.window.days] == [7, 7]
    assert len(keys.problems) == 1


def test_other_names_of_topics(tmp_path: Path) -> None:
    """They reach the reading of articles; without any the settings are those of before, and so is their hash."""
    file = tmp_path / "digest.yaml"
    file.write_text("newsletter: {name: X}\n", "utf-8")
    plain = settings.load(str(file))
    file.write_text("newsletter: {name: X}\ntopics: {aliases: {AI-Ethics: AI Ethics, ki: AI}}\n", "utf-8")
    named = settings.load(str(file))
    file.write_text("newsletter: {name: X}\ntopics: {}\n", "utf-8")

    assert named.fields.aliases == (("AI-Ethics", "AI Ethics"), ("ki", "AI"))
    assert named.digest != plain.digest == settings.load(str(file)).digest


def test_topics_of_sections_have_composed_accents(tmp_path: Path) -> None:
    """Some editors write letters and accents apart; topics of articles are composed."""
    file = tmp_path / "digest.yaml"
    file.write_text("sections: [{topic: Cafe\u0301}, {match: {all: [Cafe\u0301], none: [Te\u0301]}}]\n", "utf-8")
    plans = settings.load(str(file)).rules.plans or ()

    assert [plan.match.topics for plan in plans] == [("Caf\u00e9",), ("Caf\u00e9", "T\u00e9")]
