"""Numbers as sources write them: 89, 12.5, "1,234", "1.234,5", 1_000, 1e3, 12 %.

Read alike in an archive, by an import and for a score, so that the same figure is never worth two things. What two
readers could take for two numbers is decided by rule (see `number`), never by a guess at the source's country.
"""

from __future__ import annotations

import re
import unicodedata

# Nobody's article has a billion readers. Larger numbers are mistakes, such as an identifier in the wrong column.
_MOST = 1e9
"""From this number on, a figure counts as none."""

_LONGEST = 40
"""Most characters of a number."""

_SIGNS = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u2007\u2009\u202f", " "),  # the blanks that stand between thousands
        **dict.fromkeys("\u2019\u02bc\uff07", "'"),
        **dict.fromkeys("\u066c\uff0c", ","),
        **dict.fromkeys("\u066b\uff0e", "."),
        **dict.fromkeys("\u066a\uff05", "%"),
        "\u2212": "-",
    }
)
"""Signs of typography and of other scripts, as ASCII writes them."""

# As JSON, YAML and programs write numbers; an underscore may stand between any two digits.
_PLAIN = re.compile(r"(?:\d+(?:_\d+)*(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?")
_GROUPED = re.compile(r"(?!0)\d{1,3}([,. '])\d{3}(?:\1\d{3})*(?:(?!\1)[.,]\d+)?")
_INDIAN = re.compile(r"\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?")
_DECIMAL_COMMA = re.compile(r"\d+,\d+(?:e[+-]?\d{1,3})?")


class NoFigure(ValueError):
    """What stands in a number's place is none; as text it goes on after the field's name: `is no number: 'many'; …`."""


def number(written: str) -> float:
    """Return the number that *written* tells.

    A point alone is a decimal point (`1.234` is less than two), as programs write it. A comma alone before exactly
    three digits parts thousands (`1,234`; but not after a zero: `0,123`), and before any other number of digits it is a
    decimal comma (`12,5`). A sign that comes twice parts thousands (`1.234.567`); of two signs the last is the decimal
    one (`1.234,5`, `1,234.5`, `12,34,567.8`). Blanks and apostrophes part thousands, underscores any digits. A per cent
    sign is taken off: 12 % is 12. Digits may be of any script.

    Raises NoFigure for everything else: words, units, inf and nan, and a billion or more.
    """
    # Most figures are a few digits, and to read those at once takes a tenth of the time.
    if len(written) < 10 and written.isascii() and written.isdecimal():
        return float(written)
    text = written.strip()[: _LONGEST + 1].translate(_SIGNS)
    text = "".join(str(unicodedata.decimal(sign, sign)) for sign in text).casefold()
    sign, digits = (text[0], text[1:]) if text[:1] in {"+", "-"} else ("", text)
    digits = digits.removesuffix("%").rstrip()
    plain = _plain(digits) if len(text) <= _LONGEST else ""
    if not plain:
        raise NoFigure(f"is no number: {written[:80]!r}; write it like 89 or 12.5")
    value = float(sign + plain)
    if abs(value) >= _MOST:
        raise NoFigure(f"is a billion or more, which no figure of an article is: {written[:80]!r}")
    return value


def _plain(digits: str) -> str:
    """Return *digits* as Python reads a number; "" where they are none."""
    if _PLAIN.fullmatch(digits):
        return digits.replace("_", "")
    if _INDIAN.fullmatch(digits):
        return digits.replace(",", "")
    grouped = _GROUPED.fullmatch(digits)
    if grouped:
        return digits.replace(grouped[1], "").replace(",", ".")
    return digits.replace(",", ".") if _DECIMAL_COMMA.fullmatch(digits) else ""
