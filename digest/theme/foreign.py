"""What looks like Jinja and is none: the merge tags of mail services, in a template that somebody brings along."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import jinja2

# These are Jinja only behind what began.
_ENDS = "else elif endif endfor endset endmacro endcall endfilter endblock endwith endautoescape endraw raw"
_GOING_ON = frozenset(_ENDS.split())


def blank_out(
    text: str, jinja: re.Pattern[str], environment: jinja2.Environment
) -> tuple[str, list[tuple[int, str, str]]]:
    """Return *text* with blanks for what is no Jinja, and of each such piece its offset, what is wrong and what to do.

    *jinja* matches each piece of *environment*'s, and has the first name of a statement as its group. Lines stay.
    """
    from jinja2 import TemplateSyntaxError  # noqa: PLC0415 - a theme that was compiled before needs no Jinja here

    pieces: list[tuple[int, str, str]] = []

    def blank(piece: re.Match[str]) -> str:
        if piece[1] in _GOING_ON:
            return piece[0]
        try:
            environment.parse(piece[0])
        except TemplateSyntaxError as error:
            # Where in the piece alone says nothing; and what a statement begins ends elsewhere.
            reason = re.sub(r" at \d+$", "", error.message or "syntax error").rstrip(".")
            if not reason.startswith("Unexpected end of template"):
                problem = f"`{' '.join(piece[0].split())}` is no Jinja: {reason}"
                pieces.append((piece.start(), problem, "mend it, or take it out"))
                return re.sub(r"[^\n]", " ", piece[0])
        return piece[0]

    return jinja.sub(blank, text), pieces
