"""Where each page of the site stands, by file, by address and by relative link.

All of it follows from `newsletter.web`, the URL of the web view in letters that were sent: a setting of its own for the
site could disagree with those links.
"""

from __future__ import annotations

import re
from posixpath import relpath
from urllib.parse import urljoin, urlsplit

from digest.errors import SettingsError

_ID = "{id}"


class Places:
    """The places of the site whose issues have the address *web*, with `{id}` for the issue's day.

    `root` is the URL of the last folder above what names an issue: `https://example.com/issues/` for
    `https://example.com/issues/{id}/`. Raises SettingsError for an address that a static file cannot have: one without
    `{id}` in its path, or with a query or a fragment.
    """

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
        """Return the path of an issue's file, relative to the root."""
        return file_of(self._issue.replace(_ID, issue_id))

    def address(self, path: str) -> str:
        """Return the URL of a file of the site; that of an `index.html` is the URL of its folder."""
        return urljoin(self.root, path.removesuffix("index.html"))

    def link(self, path: str, *, seen_from: str) -> str:
        """Return the relative link from the file *seen_from* to the file *path*.

        Relative, so that the site also works from a disk, in a preview of a hosting service, and below another root.
        """
        folder = seen_from.rpartition("/")[0] or "."
        way = relpath(path, folder)
        # An empty link would lead to the page itself, not to its folder's first page.
        return way.removesuffix("index.html") or "./"


def file_of(page: str) -> str:
    """Return the file that a web server for static files serves at the path *page*.

    `2020-11-11/` and `2020-11-11` are both served from `2020-11-11/index.html`; a path with a suffix of HTML is a file.
    """
    if page.endswith("/"):
        return f"{page}index.html"
    return page if re.search(r"\.html?$", page) else f"{page}/index.html"


def slug(text: str) -> str:
    """Return *text* as a segment of a path: its letters and digits of any script in lower case, joined by hyphens.

    It is never empty and never `.` or `..`: a text without a letter or digit is `topic`. Different texts may give the
    same segment.
    """
    return re.sub(r"[^\w]+", "-", text.casefold()).strip("-_") or "topic"
