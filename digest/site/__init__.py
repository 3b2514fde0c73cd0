"""The issues in `out/` that readers have as a static site: pages, feeds, a site map, a search without a server.

    out/*/issue.json, web.html ─▶ shelf ─▶ pages   index, issues in a frame, topics
                                            feeds   Atom, JSON Feed, site map, search index

`make` gives files in memory, and `folder` writes them; the same issues give the same bytes. Headlines are only ever
values here, as in the letter. Where pages stand follows from `newsletter.web`, so the web view's links in sent letters
are right.

Decisions: docs/decisions/preview.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.site import feeds, pages
from digest.site.issues import PublishedIssues
from digest.site.places import Places

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.config.settings import Settings
    from digest.model import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class WebArchive:
    """A site: its files by path, the days of its issues and of those that no reader has, and what is wrong with others.

    Days are in order, the oldest first.
    """

    files: Mapping[str, bytes]
    issues: tuple[str, ...]
    left_out: tuple[str, ...]
    problems: tuple[Problem, ...]


def make(settings: Settings, *, every: bool = False) -> WebArchive:
    """Return the site of the issues that were handed over, as readers got them, or with *every* of all.

    Raises SettingsError where `newsletter.web` cannot be the address of a file, and RecordError where no such issue
    stands in `out/`.
    """
    places = Places(settings.newsletter.web)
    shelf = PublishedIssues(settings.out, places, every=every)
    files = {
        **pages.make(shelf, settings.newsletter, dict(settings.theme)),
        **feeds.make(shelf, settings.newsletter),
    }
    days = tuple(sorted(issue.id for issue in shelf.issues))
    return WebArchive(files=files, issues=days, left_out=shelf.left_out, problems=shelf.problems)


def root(settings: Settings) -> str:
    """Return the address at which the site's first page has to stand. Raises SettingsError as `make` does."""
    return Places(settings.newsletter.web).root
