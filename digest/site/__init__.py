"""The web archive: the issues that readers have as a static site, with feeds, a site map and a search.

    out/*/issue.json, web.html ─▶ issues ─▶ pages   index, issues in a frame, topics, search
                                             feeds   Atom, JSON Feed, site map
                                  places: where each of them stands

`make` returns the files in memory and `folder` writes them. The site needs no server but one for files: the search is a
script over an index that is one of the files. The same issues give the same bytes, so that a site in Git changes only
where an issue does. Headlines are data of the templates, never templates themselves, as in the letter.

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
    """A site in memory.

    *files* are the contents by their paths below the site's root. *issues* are the ids of the issues in it and
    *left_out* those of issues that no reader has, both oldest first. *problems* are the issues that cannot be read;
    they are neither in the one nor in the other.
    """

    files: Mapping[str, bytes]
    issues: tuple[str, ...]
    left_out: tuple[str, ...]
    problems: tuple[Problem, ...]


def make(settings: Settings, *, every: bool = False) -> WebArchive:
    """Return the site of the issues that were handed over, each as readers got it, or with *every* of all in `out/`.

    An issue that was built again after it was handed over is shown as it was sent. Raises SettingsError where
    `newsletter.web` cannot be the address of a page, and RecordError where there is no issue to show.
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
    """Return the URL at which the site's first page has to stand: links in sent letters lead below it.

    Raises SettingsError as `make` does.
    """
    return Places(settings.newsletter.web).root
