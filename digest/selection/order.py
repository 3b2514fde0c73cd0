"""The order of articles: heat, then quality, then the earlier publication, then path. Total: never a dice roll."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.model import Article

_NEVER = datetime.max.replace(tzinfo=UTC)


def key(article: Article) -> tuple[int, int, datetime, str]:
    """Return what to sort by: the smallest key is the first choice. Unscored articles come last."""
    heat = -1 if article.heat is None else article.heat
    return (-heat, -article.quality, article.published_at or _NEVER, article.path)


def tie_break(winner: Article, loser: Article) -> str:
    """Say what put *winner* before *loser* when their heat is equal."""
    if winner.quality != loser.quality:
        return f"better quality, {winner.quality} to {loser.quality}"
    if winner.published_at != loser.published_at:
        return "published earlier"
    return "first by file name, all else being equal"
