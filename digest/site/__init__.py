"""Every issue in `out/` as a static site: pages, feeds, a site map and a search that needs no server.

    out/*/issue.json, web.html ─▶ shelf ─▶ pages   index, issues in a frame, topics
                                            feeds   Atom, JSON Feed, site map, search index

Makes files in memory and writes none; the same issues give the same bytes. Headlines are only ever values here, as in
the letter. Where pages stand follows from `newsletter.web`, so the web view's links in sent letters are right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.site import feeds, pages
from digest.site.places import Places
from digest.site.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.model import Problem
    from digest.settings import Settings

MARK = ".digest-site"
"""A file that says that a folder was made here and may be made anew."""


def make(settings: Settings) -> tuple[Mapping[str, bytes], tuple[Problem, ...]]:
    """Return the files of the site by path, and what is wrong with issues that are left out.

    Raises SettingsError where `newsletter.web` cannot be the address of a file, and RecordError where no issue stands
    in `out/`.
    """
    places = Places(settings.newsletter.web)
    shelf = Shelf(settings.out, places)
    files = {
        **pages.make(shelf, settings.newsletter, dict(settings.theme)),
        **feeds.make(shelf, settings.newsletter),
        MARK: b"Made by `digest site`, which makes it anew as a whole; do not keep files of your own here.\n",
    }
    return files, shelf.problems


def root(settings: Settings) -> str:
    """Return the address at which the site's first page has to stand. Raises SettingsError as `make` does."""
    return Places(settings.newsletter.web).root
