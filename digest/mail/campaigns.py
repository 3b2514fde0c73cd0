"""The former place of `digest.mail.campaign`, for mail targets outside this repository that import from here."""

from __future__ import annotations

from digest.mail.campaign import Audience, Campaign, State
from digest.mail.campaign import CampaignPage as Page

__all__ = ["Audience", "Campaign", "Page", "State"]
