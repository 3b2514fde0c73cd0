"""The former place of `digest.mail.built`, for mail targets outside this repository that import from here."""

from __future__ import annotations

from digest.mail.built import Able, Reader, Receipt, Writer
from digest.mail.built import BuiltIssue as Letter

__all__ = ["Able", "Letter", "Reader", "Receipt", "Writer"]
