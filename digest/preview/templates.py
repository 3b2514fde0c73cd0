"""The preview's pages as HTML: the whole page, its parts, and what the frame shows. Knows no HTTP.

The controls of the page are declared in Python and rendered from there: the frame's views and widths here, and how
other readers get the letter in `emulate.ReaderView`. The script reads the controls from the page.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import jinja2

from digest import weight
from digest.errors import SendingError, SettingsError
from digest.issue import record
from digest.mail import registry
from digest.preview import block_cards, editor, emulate, finding_places, mimeview
from digest.preview.emulate import Control, ViewOption
from digest.preview.issues import PICTURES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.config.values import TargetPlan
    from digest.preview.finding_places import Placed
    from digest.preview.issues import Issues
    from digest.preview.session import Session

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pages")


@dataclass(frozen=True, slots=True)
class FrameView(ViewOption):
    """A view of the frame. *template* is a file of `pages/`; the letter has none, as it is shown as it is.

    That of the `fragment` is a page to put it in, with a `title`, which is then shown as the letter is. Others get the
    `letter` (`mail.built.BuiltIssue`), the parsed `message` (`mimeview.ParsedMessage`), the reader's `how` and its
    `scheme`, light or dark, and the `findings` about the message's headers.
    """

    template: str = ""


VIEWS = (
    FrameView("letter", "Letter"),
    FrameView("text", "Plain text", template="text.html"),
    FrameView("fragment", "Fragment", template="fragment.html"),
    FrameView("inbox", "Inbox", template="inbox.html"),
    FrameView("source", "Source", template="source.html"),
    FrameView("message", "Message", template="message.html"),
)

_TEMPLATES = {view.value: view.template for view in VIEWS}

# 320 and 375 are the widths of small and of usual phones; 600 is that of most letters.
_WIDTHS = (ViewOption("320", "320"), ViewOption("375", "375"), ViewOption("600", "600"), ViewOption("full", "Full"))

# In the order of the page.
CONTROLS = (
    Control("view", "What to look at", VIEWS, default="letter"),
    Control("width", "Width in pixels", _WIDTHS, default="full"),
    *emulate.CONTROLS,
)

_FORMS = block_cards.forms()


class PageTemplates:
    """Renders the pages of a session. *token* is what the desk's requests carry, empty where nothing is edited."""

    def __init__(self, session: Session, issues: Issues, *, token: str) -> None:
        self._session, self._issues, self._token = session, issues, token
        self._environment = _environment()

    def page(self, template: str, issue: str) -> str:
        """Return the page of *issue*, or with `parts.html` those parts that each new state of the issue replaces.

        Raises OSError where the issue's files have gone, and RecordError for a record that cannot be read.
        """
        snapshot, is_live = self._session.snapshot, self._issues.is_live(issue)
        files = self._issues.files(issue)
        built = None if is_live else self._issues.record(issue)
        placed = self._placed() if is_live else None
        return self._environment.get_template(template).render(
            snapshot=snapshot,
            issue=issue,
            issues=self._issues.names(),
            is_live=is_live,
            editable=is_live and bool(self._token),
            desk=editor.of_record(built) if built else editor.of_issue(snapshot.issue, snapshot.message),
            findings=placed,
            beside=finding_places.by_concern(placed or ()),
            window=record.window(built) if built else self._session.window,
            sender=mimeview.sender(files["message.eml"]),
            newsletter=snapshot.settings.newsletter,
            controls=CONTROLS,
            targets=[(plan, _remarks(plan)) for plan in self._issues.targets()],
            configured={plan.name for plan in snapshot.settings.targets},
            size=weight.of(files["index.html"].decode(errors="replace")),
            clip=weight.CLIP,
            room=weight.ROOM,
            edits_file=self._session.edits_file,
            kinds=_FORMS,
            token=self._token,
        )

    def search(self, query: str) -> str:
        """Return the candidates of the live issue that have the words of *query* in their headline, as cards."""
        issue = self._session.snapshot.issue
        return self._environment.get_template("found.html").render(
            cards=editor.search(issue, query),
            sections=[section.title for section in issue.sections],
            editable=bool(self._token),
        )

    def frame(self, issue: str, view: str, how: emulate.ReaderView, target: str, letter: str = "") -> str:
        """Return the *view* of *issue* as a reader gets it who is reached by *target*, all readers where that is empty.

        *letter* names a state of the live issue that was tried and not written (`Session.state`). Where the target
        would refuse the issue, the page says why instead. Raises as `page`.
        """
        scheme = "light" if how.scheme == "light" else "dark"
        try:
            # The inbox is what readers see, and they see none of a service's tags; no target gets the fragment.
            shown = self._issues.letter(issue, "" if view in {"inbox", "fragment"} else target, letter)
        except (SendingError, SettingsError) as error:
            page = self._environment.get_template("refused.html")
            return page.render(scheme=scheme, how=how, target=target, lines=str(error).splitlines())
        if not _TEMPLATES[view]:
            return self._letter(shown.html, how)
        if view == "fragment":
            page = self._environment.get_template(_TEMPLATES[view])
            return self._letter(page.render(fragment=self._issues.fragment(issue, letter), title=shown.subject), how)
        placed = self._placed() if self._issues.is_live(issue) else None
        return self._environment.get_template(_TEMPLATES[view]).render(
            scheme=scheme,
            how=how,
            letter=shown,
            message=mimeview.read(shown.mime),
            findings=finding_places.by_concern(placed or ()).get(finding_places.HEADERS, ()),
        )

    def _letter(self, html: str, how: emulate.ReaderView) -> str:
        """Return a letter as a reader gets it, with the archive's pictures from this server."""
        # The time of the last change is in the address, so that a browser may keep the picture for a day.
        addresses = {
            name: f"/{PICTURES}/{name}?{file.stat().st_mtime_ns}" for name, file in self._issues.pictures().items()
        }
        return emulate.framed(emulate.with_local_pictures(emulate.letter(html, how), addresses))

    def _placed(self) -> tuple[Placed, ...] | None:
        """Return the findings in the live issue, each with what it is about; None before the first check."""
        snapshot = self._session.snapshot
        if snapshot.findings is None:
            return None
        foot = snapshot.settings.newsletter.unsubscribe
        return finding_places.place(snapshot.findings, snapshot.issue, snapshot.message, unsubscribe=foot)


def waiting(lines: Sequence[str]) -> str:
    """Return the page while there is no issue yet; *lines* say why.

    It needs no session, so that it can be shown while there is none.
    """
    return _environment().get_template("waiting.html").render(lines=lines)


def _environment() -> jinja2.Environment:
    """Return the environment of the preview's own templates, which has nothing to do with themes."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        # A misspelt name fails in a test; by default it would be an empty place in the page.
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["thousands"] = "{:,}".format
    return environment


def _remarks(plan: TargetPlan) -> list[str]:
    """Return what the page says about a target; where its settings are wrong that, as its frame does too."""
    try:
        return registry.remarks(plan)
    except SettingsError as error:
        return list(error.lines)
