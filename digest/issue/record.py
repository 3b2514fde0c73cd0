"""The record of an issue: issue.json, format 1, made and read. Decides nothing.

It answers "why is this in, and why is that not?" after the build, and later issues remember by it what ran. Keys are
sorted and no clock is inside: the same archive, settings and date give the same bytes. `docs/record.md` lists the keys,
`digest schema issue` prints them as JSON Schema.

A record is input when it is read back: any program, or a hand, may have written it, so `read` checks all that the
program asks of one, and what is missing is an error that names the file.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from dataclasses import asdict, fields, is_dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from digest import files, folders
from digest.errors import RecordError
from digest.model import (
    ISSUE_ID,
    RULES,
    Block,
    BlockLink,
    Past,
    Provider,
    Ran,
    Window,
    day_of_issue,
    parts_of_issue,
)
from digest.text.sanitize import address, again
from digest.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from digest.config.values import Newsletter
    from digest.model import Address, Article, Edits, Issue, Message, Pick, Update, Verdict

FORMAT = 1
FILE = "issue.json"
FRAGMENT = "fragment.html"
NAMES = ("index.html", "index.txt", "web.html", FRAGMENT, "message.eml", FILE)
"""Every file that a build may write; what else stands beside them is not a build's to replace."""

# An issue's folder, and what `folders.standing` looks for where there is none.
_STANDING = re.compile(rf"(\.)?({ISSUE_ID})(?(1)\.old)")

_ID_LINE = re.compile(rb'^ "id": "([0-9a-z-]+)",?$', re.MULTILINE)
_VERDICTS = b',\n "verdicts": ['
_CHUNK = 65_536
_NAMED = frozenset({"path", "url", "title", "heat", "provider", "published"})
_PICK = _NAMED | {"addresses", "also", "coverage", "pinned", "changed"}
RUN = ("path", "title", "excerpt", "provider", "published", "addresses", "coverage", "changed")
"""What a memory needs of a pick."""

_BLOCK = frozenset(field.name for field in fields(Block)) | {"label"}
_LINE = frozenset(field.name for field in fields(BlockLink))
_VERDICT = _NAMED | {"topics", "verdict", "section", "because"}

# Verdicts of candidates that could not have run then, and may still.
_UNABLE = frozenset({"unpublished", "unscored", "no-address"})

# Verdicts of stories that lacked nothing but a slot.
_WITHOUT_SLOT = frozenset({"limit", "provider", "thin", "no-section"})

_LATER = frozenset({"expires_at", "family", "late_share", "words", "minutes"})
"""Fields of an article and its provider that earlier formats did not have."""

_WEB_ONLY = "; it stands on the web only, because the message had no room for it (`size.limit`)"

Record = dict[str, Any]
"""issue.json as read: see `of` for its keys."""


def of(
    issue: Issue, newsletter: Newsletter, message: Message, *, inputs: Mapping[str, str], files: Mapping[str, bytes]
) -> Record:
    """Return the record of *issue*.

    *inputs* are hashes of what shaped it, *files* the outputs by name; the record adds a hash of each, and one of the
    candidates.
    """
    choice = of_choice(issue)
    links, pictures = dict(message.links), dict(message.pictures)
    for section in choice["sections"]:
        for pick in section["picks"]:
            if pick["path"] in pictures:
                pick["picture"] = pictures[pick["path"]]
            # Beside `url`, which is as in the archive: memory goes by that one, and what readers clicked on is kept,
            # too.
            pick["link"] = links.get(pick["url"], pick["url"])
            pick["also"] = [
                {**coverage, "link": links.get(coverage["url"], coverage["url"])} for coverage in pick["also"]
            ]
    for verdict in choice["verdicts"]:
        # Only the rendering knows what had no room, so the sentence is completed here.
        if verdict["path"] in message.web_only:
            verdict["because"] += _WEB_ONLY
    for block in choice.get("blocks", ()):
        block["label"] = message.advert if block["kind"] == "sponsor" else ""
    return {
        "format": FORMAT,
        **choice,
        "newsletter": {
            "name": newsletter.name,
            "language": newsletter.language,
            "web": newsletter.web_address(issue.id),
            **_identity(newsletter.of_issue(issue.id)),
        },
        "subject": message.subject,
        "preheader": message.preheader,
        "weight": message.weight,
        "trimmed": list(message.trimmed),
        "web_only": list(message.web_only),
        "notes": list(message.notes),
        "inputs": {**inputs, "candidates": _candidates(issue)},
        "outputs": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }


def _identity(newsletter: Newsletter) -> Record:
    """Return what the newsletter is recognised by, of which nothing is there that is not set."""
    parts = {
        "tagline": newsletter.tagline,
        "logo": newsletter.logo and asdict(newsletter.logo),
        "social": [asdict(link) for link in newsletter.social],
        "signature": newsletter.signature and asdict(newsletter.signature),
        "subscribe": newsletter.subscribe,
        "feedback": newsletter.feedback and asdict(newsletter.feedback),
    }
    return {name: part for name, part in parts.items() if part}


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of issue.json, with the rules and their meaning from `model.RULES`."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with open(os.path.join(package, "schemas", FILE), encoding="utf-8") as handle:
        schema: dict[str, Any] = json.load(handle)
    verdict = schema["properties"]["verdicts"]["items"]["properties"]["verdict"]
    verdict["oneOf"] = [{"const": rule, "description": meaning} for rule, meaning in RULES.items()]
    return schema


def of_choice(issue: Issue) -> Record:
    """Return the part of the record that says what was chosen and why; it needs no message."""
    return {
        "id": issue.id,
        "window": of_window(issue.window),
        "sections": [
            {
                "title": section.title,
                "topics": list(section.topics),
                "picks": [_pick(pick) for pick in section.picks],
                **({"line": section.line} if section.line else {}),
                **({"style": section.style} if section.style != "full" else {}),
            }
            for section in issue.sections
        ],
        "verdicts": [_verdict(verdict) for verdict in issue.verdicts],
        "empty": list(issue.empty_sections),
        # Left out where there is none, so that records of before blocks and numbers stay as they are.
        **({"blocks": [_block(block) for block in issue.blocks]} if issue.blocks else {}),
        **({} if issue.number is None else {"number": issue.number}),
    }


def of_window(window: Window) -> Record:
    """Return a window as `window` reads it."""
    return {
        "first": window.first.isoformat(),
        "last": window.last.isoformat(),
        "timezone": window.timezone,
        # Left out where windows are whole days, so that the records of most newsletters stay as they are.
        **({} if window.until is None else {"until": window.until.isoformat("minutes")}),
        **({"since": window.since.isoformat()} if window.since else {}),
    }


def of_run(pick: Pick) -> Record:
    """Return the part of a pick's record that `past_of` asks for."""
    row = _pick(pick)
    return {**{key: row[key] for key in RUN}, "changed": {"title": pick.title}}


def blocks(record: Record) -> tuple[Block, ...]:
    """Return the editor's own words in a record; texts and addresses are made safe again, since others can write it."""
    return tuple(
        Block(
            kind=block["kind"],
            spot=block["spot"],
            section=block["section"],
            position=block["position"],
            title=again(block["title"]),
            text=block["text"],
            name=again(block["name"]),
            url=address(block["url"]) or "",
            picture=address(block["picture"]) or "",
            alt=again(block["alt"]),
            links=tuple(
                BlockLink(title=again(link["title"]), url=address(link["url"]) or "") for link in block["links"]
            ),
            place=block["place"],
        )
        for block in record.get("blocks", ())
    )


def window(record: Record) -> Window:
    """Return the window of a record."""
    days = record["window"]
    since = datetime.fromisoformat(days["since"]) if "since" in days else None
    return Window(
        first=date.fromisoformat(days["first"]),
        last=date.fromisoformat(days["last"]),
        timezone=days["timezone"],
        until=time.fromisoformat(days["until"]) if "until" in days else None,
        since=since.astimezone(UTC) if since else None,
        suffix=parts_of_issue(record["id"])[1],
    )


def hash_of(edits: Edits) -> str:
    """Return a hash of what the editor asked for; where it stands in the file is not part of it."""
    wishes = {key: value for key, value in asdict(edits).items() if key != "places"}
    # Edits of before these keep their hash.
    for key in ("joins", "splits", "blocks", "number", "sections"):
        if not wishes[key]:
            del wishes[key]
    for block in wishes.get("blocks", ()):
        del block["place"]
    wishes["changes"] = [
        {key: value for key, value in change.items() if value or key in ("story", "title", "excerpt")}
        for change in wishes["changes"]
    ]
    return hashlib.sha256(json.dumps(wishes, sort_keys=True).encode()).hexdigest()


def to_bytes(record: Record) -> bytes:
    """Return *record* as it stands on disk."""
    return (json.dumps(record, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def read(folder: str) -> Record:
    """Return the record of the issue built in *folder*. Raises RecordError."""
    path = os.path.join(folders.standing(folder), FILE)
    try:
        record = json.loads(files.text(path))
    except OSError as error:
        raise RecordError(path, files.trouble(error), "build the issue first") from error
    except (ValueError, RecursionError) as error:
        raise RecordError(path, "is damaged", "build the issue again") from error
    return _checked(record, path, whole=True)


def read_picks(folder: str) -> Record:
    """Return the record of the issue in *folder* up to its verdicts, and without those. Raises RecordError.

    Keys are sorted, so the picks of an issue stand before the verdicts on 2,000 candidates: a hundredth of the file.
    """
    path = os.path.join(folders.standing(folder), FILE)
    # A pipe would be waited for; `read` says what stands there.
    if not os.path.isfile(path):
        return read(folder)
    head = b""
    try:
        with open(path, "rb") as handle:
            while chunk := handle.read(_CHUNK):
                head += chunk
                end = head.find(_VERDICTS)
                if end >= 0:
                    return _checked(json.loads(head[:end] + b"}"), path, whole=False)
    except OSError as error:
        raise RecordError(path, f"cannot be read ({error.strerror})", "build the issue first") from error
    except (ValueError, RecursionError) as error:
        raise RecordError(path, "is damaged", "build the issue again") from error
    # Written by another program, in another order.
    return read(folder)


def _checked(record: Any, path: str, *, whole: bool) -> Record:  # noqa: ANN401 - JSON as read
    """Return *record* if it has what the program asks of one. Raises RecordError for anything else."""
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise RecordError(path, f"is not a record of format {FORMAT}", "build the issue again")
    try:
        sections, verdicts = record["sections"], record["verdicts"] if whole else []
        picks = [pick for section in sections for pick in section["picks"]]
        day_of_issue(record["id"])
        sound = (
            all(section.keys() >= {"title", "topics", "picks"} for section in sections)
            # At least these keys: a newer version may have written more, and its records stay readable.
            and all(pick.keys() >= _PICK for pick in picks)
            and all(isinstance(pick["changed"], dict) for pick in picks)
            and all(day_of_issue(pick["update"]["issue"]) for pick in picks if "update" in pick)
            and all(verdict.keys() >= _VERDICT for verdict in verdicts)
            and all(block.keys() >= _BLOCK for block in record.get("blocks", ()))
            and all(link.keys() >= _LINE for block in record.get("blocks", ()) for link in block["links"])
            and all(_is_heat(named["heat"]) for named in (*picks, *verdicts))
            and all(_is_moment(named["published"]) for named in (*picks, *verdicts))
            and isinstance(record["newsletter"]["name"], str)
            and isinstance(record.get("number", 1), int)
            and isinstance(record["outputs"], dict)
            and (not whole or bool(window(record)))
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        sound = False
    if not sound:
        raise RecordError(path, "is not a record that digest wrote", "build the issue again")
    return record


def _is_heat(value: object) -> bool:
    """Whether a value of JSON is a heat: null, or a number that is one (Python reads NaN and Infinity, too)."""
    return value is None or (isinstance(value, int | float) and math.isfinite(value))


def _is_moment(value: str | None) -> bool:
    """Whether a value of JSON is null or a moment with a zone, so that it can be compared. Raises ValueError."""
    return not value or datetime.fromisoformat(value).tzinfo is not None


def past_of(records: Iterable[Record], *, onto: Past | None = None, fate: str = "") -> Past:
    """Return what the issues of *records* ran and had to choose from, on top of *onto*.

    Asks for no more than `of_choice` gives, so that an issue can be remembered that was never written; verdicts and
    window may be left out. *fate* says what became of these issues, for the verdicts on what is not repeated.
    """
    earlier = onto or Past()
    ran = list(earlier.ran)
    considered = set(earlier.considered)
    days = [earlier.since] if earlier.since else []
    for record in records:
        starts_at = window(record).starts_at if "window" in record else None
        for verdict in record.get("verdicts", ()):
            if verdict["verdict"] not in _UNABLE and not _is_still_late(verdict, starts_at):
                considered |= {verdict["path"], canonical(verdict["url"])}
        # A replay's own issues stand nowhere.
        web = address(str(record.get("newsletter", {}).get("web", "")))
        ran += [_ran(record, pick, fate, web) for section in record["sections"] for pick in section["picks"]]
        if "window" in record:
            days.append(window(record).first)
    return Past(ran=tuple(ran), considered=frozenset(considered), since=min(days, default=None))


def _is_still_late(verdict: Record, starts_at: datetime | None) -> bool:
    """Whether a candidate was older than its window and lacked nothing but a slot; the age that it lost by is no fault.

    One that a thin section had looked back to is in the record of its own days, too, and so is not late.
    """
    if verdict["verdict"] not in _WITHOUT_SLOT or starts_at is None or not verdict["published"]:
        return False
    return datetime.fromisoformat(verdict["published"]) < starts_at


def issues(out: str) -> list[str]:
    """Return the ids of all issues that stand in *out*, oldest first; also those that a killed build left aside."""
    names = os.listdir(out) if os.path.isdir(out) else []
    ids = {match[2] for name in names if (match := _STANDING.fullmatch(name))}
    return sorted(name for name in ids if _holds_issue(os.path.join(out, name), name))


def _holds_issue(folder: str, name: str) -> bool:
    """Whether an issue called *name* stands in *folder*. What cannot be read does, so that it is told and not lost."""
    try:
        _, suffix = parts_of_issue(name)
    except ValueError:
        return False
    if not os.path.exists(os.path.join(folders.standing(folder), FILE)):
        return False
    # A copy of somebody's own, such as `2020-11-11-draft`, is called like an issue with a suffix; its record tells.
    return not suffix or _id_in(folder) in (name, None)


def _id_in(folder: str) -> str | None:
    """Return the id in the record of the issue in *folder*; None where it cannot be read."""
    path = os.path.join(folders.standing(folder), FILE)
    # It stands near the beginning, since keys are sorted, and a letter a day has thousands of records.
    try:
        # A pipe would be waited for.
        if os.path.isfile(path):
            with open(path, "rb") as handle:
                if beginning := _ID_LINE.search(handle.read(_CHUNK)):
                    return beginning[1].decode()
        return str(read_picks(folder)["id"])
    except (OSError, RecordError):
        return None


def _ran(record: Record, pick: Record, fate: str, web: Address | None) -> Ran:
    published = pick["published"]
    return Ran(
        issue=record["id"],
        day=day_of_issue(record["id"]),
        fate=fate,
        # Sanitised again: the record is a file that others can write, and these words go into messages and verdicts.
        title=again(pick["title"]),
        provider=Provider(name=again(pick["provider"])),
        published_at=datetime.fromisoformat(published) if published else None,
        # Made canonical again, by today's rules: those of the version that wrote the record may have been others.
        addresses=frozenset(canonical(f"https://{address}") for address in pick["addresses"]),
        coverage=pick["coverage"],
        # Records of other programs are valid without it.
        excerpt=again(str(pick.get("excerpt", ""))),
        headline=again(own) if isinstance(own := pick["changed"].get("title"), str) else None,
        web=web,
    )


def _pick(pick: Pick) -> Record:
    story = pick.story
    addresses = {canonical(address) for article in (story.lead, *story.others) for address in article.addresses}
    # Coverage counts as the story: an outlet that only stood under "also covered by", or would have but for the same
    # text elsewhere, must not bring it back next week, nor a report that is published only then.
    addresses |= {canonical(address) for address in (*story.reported_at, *(coverage.url for coverage in story.also))}
    return {
        **_named(pick.article),
        "excerpt": pick.article.excerpt,
        "addresses": sorted(addresses),
        "also": [{"provider": coverage.provider.name, "url": coverage.url} for coverage in story.also],
        "coverage": story.coverage,
        "late": pick.late,
        "pinned": pick.pinned,
        "changed": {
            "title": pick.title,
            "excerpt": pick.excerpt,
            # Left out where there is none, so that the records of before stay as they are.
            **({"kicker": pick.kicker} if pick.kicker else {}),
            **({"why": pick.why} if pick.why else {}),
            **({"picture": "none"} if pick.without_picture else {}),
            **({"picture": pick.picture.url} if pick.picture else {}),
            **({"alt": pick.alt} if pick.alt else {}),
            **({"credit": pick.credit} if pick.credit else {}),
        },
        **({"update": _update(pick.update)} if pick.update else {}),
        **({"words": pick.article.words} if pick.article.words is not None else {}),
        **({"minutes": pick.article.minutes} if pick.article.minutes is not None else {}),
    }


def _update(update: Update) -> Record:
    return {"issue": update.ran.issue, "title": update.ran.shown, "new": list(update.new)}


def _block(block: Block) -> Record:
    kept = {name: value for name, value in asdict(block).items() if name != "links"}
    return {**kept, "links": [asdict(link) for link in block.links]}


def _verdict(verdict: Verdict) -> Record:
    return {
        **_named(verdict.article),
        "topics": list(verdict.article.topics),
        "verdict": verdict.rule,
        "section": verdict.section,
        "because": verdict.because,
        # Left out where there is none, so that the records of archives without scores stay as they are, byte for byte.
        **({"score": verdict.article.score} if verdict.article.score else {}),
        **({"ran_in": verdict.ran_in} if verdict.ran_in else {}),
        **({"muted_by": verdict.muted_by} if verdict.muted_by else {}),
        **({"lead": verdict.lead} if verdict.lead else {}),
        **({"near_miss": verdict.near_miss} if verdict.near_miss else {}),
    }


def _named(article: Article) -> Record:
    published = article.published_at.strftime("%Y-%m-%dT%H:%M:%SZ") if article.published_at else None
    return {
        "path": article.path,
        "url": article.url,
        "title": article.title,
        "heat": article.heat,
        "provider": article.provider.name,
        "published": published,
    }


def _candidates(issue: Issue) -> str:
    """Return a hash of every candidate with all its fields: a change in any of them is a change of the input."""
    # By path, since the order of the verdicts depends on the rules and not on the input.
    articles = sorted((verdict.article for verdict in issue.verdicts), key=lambda article: article.path)
    return hashlib.sha256(json.dumps(articles, sort_keys=True, default=_plain).encode()).hexdigest()


def _plain(value: object) -> object:
    """Return the fields of a frozen value, or a date as text: `asdict` would copy every text before it is hashed."""
    if not is_dataclass(value):
        return str(value)
    # A field that articles got later counts only where it says something, so that the hashes of old weeks stay.
    named = {field.name: getattr(value, field.name) for field in fields(value)}
    return {name: held for name, held in named.items() if name not in _LATER or held is not None}
