# intranet_target.py
"""Puts the week's letter on the intranet."""

import os

from digest.mail.letter import Able, Letter, Receipt
from digest.mail.options import Known, Options

ABLE = Able(text=True, preheader=False, headers=False, schedule=False, test=False)
OPTIONS = (Known(name="folder"), Known(name="address", default="https://intranet.example.com/"))


def write(options: Options, letter: Letter) -> Receipt:
    """Write the page, whole or not at all."""
    path = os.path.join(options.text("folder"), f"{letter.issue}.html")
    with open(f"{path}.new", "w", encoding="utf-8") as handle:
        handle.write(letter.html)
    os.replace(f"{path}.new", path)
    return Receipt(state="sent", reference=path, address=f"{options.text('address')}{letter.issue}.html")
