"""Where each page of the site stands, derived from the URL of the web view."""

from __future__ import annotations

import re
from posixpath import relpath
from urllib.parse import urljoin, urlsplit

from digest.errors import SettingsError

_ID = "{id}"


class Places:
    """The site's root is the last folder above what names an issue: `…/issues/` of `…/issues/{id}/`."""

    def __init__(self, web: str) -> None:
        parts = urlsplit(web)
        if _ID not in parts.path or _ID in parts.netloc or parts.query or parts.fragment:
            problem = f"newsletter.web: {web!r} cannot be a page of a static site"
            remedy = "write an address whose path has {id} in it, such as https://example.com/issues/{id}/"
            raise SettingsError([f"{problem}; {remedy}"])
        above, _, rest = parts.path.partition(_ID)
        folder, _, start = above.rpartition("/")
        self.root = f"{parts.scheme}://{parts.netloc}{folder}/"
        self._issue = f"{start}{_ID}{rest}"

    def issue(self, issue_id: str) -> str:
        """The file of an issue, relative to the root."""
        return file_of(self._issue.replace(_ID, issue_id))

    def address(self, path: str) -> str:
        """The address of a file of the site, as it is linked to and stands in feeds."""
        return urljoin(self.root, path.removesuffix("index.html"))

    def link(self, path: str, *, seen_from: str) -> str:
        """The way from one file to another, so that the site works wherever it is put."""
        folder = seen_from.rpartition("/")[0] or "."
        way = relpath(path, folder)
        return way.removesuffix("index.html") or "./"


def file_of(page: str) -> str:
    """Return the file that a web server gives for the path *page*."""
    if page.endswith("/"):
        return f"{page}index.html"
    return page if re.search(r"\.html?$", page) else f"{page}/index.html"


def slug(text: str) -> str:
    """Return *text* as a part of an address: letters, digits and hyphens of any script, never empty or a dot."""
    return re.sub(r"[^\w]+", "-", text.casefold()).strip("-_") or "topic"
