"""The former place of `digest.mail.merge_tags`, for mail targets outside this repository that import from here."""

from __future__ import annotations

from digest.mail.merge_tags import (
    DJANGO,
    GO,
    HANDLEBARS,
    LIQUID,
    MAILCHIMP,
    MAILGUN,
    POSTMARK,
    RESEND,
    plain,
    translate,
)
from digest.mail.merge_tags import TemplateLanguage as Language

__all__ = [
    "DJANGO",
    "GO",
    "HANDLEBARS",
    "LIQUID",
    "MAILCHIMP",
    "MAILGUN",
    "POSTMARK",
    "RESEND",
    "Language",
    "plain",
    "translate",
]
