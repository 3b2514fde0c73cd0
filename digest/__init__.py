"""A folder of scored news articles in, the week's newsletter out: deterministic, offline, explainable.

    seeds/**/*.md ─▶ archive ─▶ selection ─▶ rendering ─▶ output ─▶ out/2020-11-11/ index.html   the e-mail
      (files,        Article*     Issue       Message      files                    index.txt    its plain-text twin
       tables)          ▲                        ▲                                  message.eml  both, as MIME
                  settings, edits, past        theme ◀─ templates/default           issue.json   why each story is in
                  (digest.yaml,        (compiled when it changes)                       │
                   edits/*.yaml, out/*/issue.json)                                      │
                                                                                        ├─▶ explain (why, in words)
                                                                                        ├─▶ checks  (fit to be sent?)
                                                                                        ├─▶ preview (in a browser)
                                                                                        └─▶ mail    (to a service)

    list of readers ─▶ editions ─▶ editions/2020-11-11/  which of the same week's stories each reader gets ─▶ mail

One frozen value crosses each arrow, and imports go down only:

    9  cli                                        parses options, prints, exits, asks the day; nobody else does
    8  preview                                    builds in memory, serves the page, lets the editor edit
    7  analysis editions render_process           explain, replay, statistics; a letter for each reader; rendering that
                                                  can be ended
    6  pipeline sending                           the steps of a build, the steps of a hand-over
    5  checks mail site                           a built issue judged, handed to services and readers, put on the web
    4  issue diagnosis                            a built issue on the disk; why a week is empty
    3  archive importing selection theme rendering
                                                  one job each; none knows another
    2  records                                    one article as any source writes it
    1  config                                     settings, edits, and the YAML they stand in
    0  errors model text files folders cache weight steps tables
                                                  what everything is made of

Start reading in `pipeline`; the words used are defined in CONTRIBUTING.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from digest.config.settings import Settings
    from digest.model import Finding, Issue
    from digest.pipeline import Built

__all__ = ["build", "check", "choose", "load_settings"]


def load_settings(file: str | None = None) -> Settings:
    """Return the settings of *file*, by default of digest.yaml if there is one in the working folder.

    Raises `digest.errors.SettingsError` with every problem of the file.
    """
    from digest.config import settings  # noqa: PLC0415 - `import digest` loads nothing

    return settings.load(file)


def choose(settings: Settings, last: date, *, first: date | None = None) -> Issue:
    """Choose the issue whose window ends on *last*, or of a calendar the one that has that day, and write nothing.

    With *first* the window is from that day to *last*, whatever the settings say. Each candidate has a verdict with its
    reason. Raises `digest.errors.NothingToSend` where no story may run, and another `digest.errors.DigestError` for
    what the user must fix.
    """
    from digest import pipeline  # noqa: PLC0415 - likewise

    return pipeline.choose(settings, pipeline.window_of(settings, last=last, first=first)).issue


def build(settings: Settings, last: date, *, first: date | None = None, strict: bool = False) -> Built:
    """Choose, render and write the issue of the window that `choose` takes for *last* and *first*; raises as it does.

    With *strict* every file of the archive is read in full, and any problem stops the build before anything is written.
    Sends nothing and asks no clock: the same archive, settings and days give the same bytes.
    """
    from digest import pipeline  # noqa: PLC0415 - likewise

    return pipeline.build(settings, pipeline.window_of(settings, last=last, first=first), strict=strict)


def check(folder: str) -> Sequence[Finding]:
    """Return what is wrong with the issue that was built in *folder*, the worst first."""
    from digest import checks  # noqa: PLC0415 - likewise

    return checks.check(checks.load(folder))
