"""What MRML gets wrong, put right. Knows HTML, not MJML. Each mend says which reader it is for.

The input is MRML's output alone, which is regular; this is no general HTML tool.
"""

from __future__ import annotations

import re

_TABLE = re.compile(r"<table(?![^>]*\brole=)")
_IMAGE = re.compile(r"(<img\b[^>]*?)\s+height=\"auto\"")
_CELL = re.compile(r"(<td\b[^>]*?)\s+vertical-align=\"[^\"]*\"")
_LABEL = re.compile(r"\s+aria-label=\"[^\"]*\"\s+aria-roledescription=\"email\"")


def mend(html: str) -> str:
    """Return *html* valid, and with nothing that makes a screen reader or an engine stumble."""
    html = html.replace("<!doctype html>", "<!DOCTYPE html>", 1)  # premailer drops the lower-case one: quirks mode
    html = _TABLE.sub('<table role="presentation"', html)  # screen readers announce any other as data
    html = _IMAGE.sub(r"\1", html)  # invalid; the style says the same
    html = _CELL.sub(r"\1", html)  # invalid; valign says the same
    html = _LABEL.sub("", html)  # the title again, read aloud before the first word
    return html.replace("<style", '<style data-premailer="ignore"')  # they refine by media query and class


def finish(html: str) -> str:
    """Return premailer's output without what only the tools needed."""
    html = html.replace(' data-premailer="ignore"', "")
    html = re.sub(r"<p style=\"([^\"]*)\"></p>", r'<div style="\1"></div>', html)  # a divider is no empty paragraph
    return re.sub(r"\n{2,}", "\n", html)
