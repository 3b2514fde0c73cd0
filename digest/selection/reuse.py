"""What one choice worked out, for the next one among the same articles. Knows nothing of what it keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")

_MOST = 2
"""Answers a step: a choice asks each once, and once more where a thin section looks back."""


class Reuse:
    """The last answers of each step, for a caller who chooses again and again; the issue is the same without it.

    An editor who reorders or retitles changes nothing that the steps are asked, and one who drops a story not which
    articles tell the same. Not for threads that choose at the same time.
    """

    def __init__(self) -> None:
        self._answers: dict[Callable[..., Any], list[tuple[tuple[object, ...], Any]]] = {}

    def of(self, step: Callable[..., Result], *given: object) -> Result:
        """Return what *step*, which must be pure, makes of *given*, or made of its equal."""
        answers = self._answers.setdefault(step, [])
        for key, answer in answers:
            if key == given:
                return answer  # type: ignore[no-any-return]  # it came from the same step
        answer = step(*given)
        self._answers[step] = [*answers, (given, answer)][-_MOST:]
        return answer
