"""The record of an issue: issue.json, format 1. Knows the shape on disk; writes no file and decides nothing.

It answers "why is this in, and why is that not?" after the build, and it is the memory of later issues. Keys are
sorted and no clock is inside: the same archive, settings and date give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from digest.errors import RecordError
from digest.model import Window

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.model import Article, Issue, Message, Newsletter, Pick, Verdict

FORMAT = 1
FILE = "issue.json"

Record = dict[str, Any]
"""issue.json as read: see `of` for its keys."""


def of(
    issue: Issue, newsletter: Newsletter, message: Message, *, inputs: Mapping[str, str], files: Mapping[str, bytes]
) -> Record:
    """Return the record of *issue*.

    *inputs* are hashes of what shaped it, *files* the outputs by name; the record adds a hash of each, and one of the
    candidates.
    """
    return {
        "format": FORMAT,
        **of_choice(issue),
        "newsletter": {
            "name": newsletter.name,
            "language": newsletter.language,
            "web": newsletter.web_address(issue.id),
        },
        "subject": message.subject,
        "preheader": message.preheader,
        "inputs": {**inputs, "candidates": _candidates(issue)},
        "outputs": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }


def of_choice(issue: Issue) -> Record:
    """Return the part of the record that says what was chosen and why; it needs no message."""
    return {
        "id": issue.id,
        "window": {
            "first": issue.window.first.isoformat(),
            "last": issue.window.last.isoformat(),
            "timezone": issue.window.timezone,
        },
        "sections": [
            {"title": section.title, "topics": list(section.topics), "picks": [_pick(pick) for pick in section.picks]}
            for section in issue.sections
        ],
        "verdicts": [_verdict(verdict) for verdict in issue.verdicts],
    }


def window(record: Record) -> Window:
    """Return the window of a record."""
    days = record["window"]
    return Window(
        first=date.fromisoformat(days["first"]), last=date.fromisoformat(days["last"]), timezone=days["timezone"]
    )


def to_bytes(record: Record) -> bytes:
    """Return *record* as it stands on disk."""
    return (json.dumps(record, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def read(folder: str) -> Record:
    """Return the record of the issue built in *folder*. Raises RecordError."""
    path = os.path.join(folder, FILE)
    try:
        with open(path, encoding="utf-8") as handle:
            record = json.load(handle)
    except OSError as error:
        raise RecordError(path, f"cannot be read ({error.strerror})", "build the issue first") from error
    except (ValueError, RecursionError) as error:
        raise RecordError(path, "is damaged", "build the issue again") from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise RecordError(path, f"is not a record of format {FORMAT}", "build the issue again")
    return record


def _pick(pick: Pick) -> Record:
    article = pick.article
    return {
        **_named(article),
        "also": [{"provider": one.provider.name, "url": one.url} for one in pick.story.also],
        "late": False,
        "pinned": False,
    }


def _verdict(verdict: Verdict) -> Record:
    return {
        **_named(verdict.article),
        "topics": list(verdict.article.topics),
        "verdict": verdict.rule,
        "section": verdict.section,
        "because": verdict.because,
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
    """A hash of every candidate, all its fields: a change in any of them is a change of the input."""
    fields = [asdict(verdict.article) for verdict in sorted(issue.verdicts, key=lambda verdict: verdict.article.path)]
    return hashlib.sha256(json.dumps(fields, sort_keys=True, default=str).encode()).hexdigest()
