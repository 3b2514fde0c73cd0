"""Moves style rules into the elements. The only module that knows premailer; sees no news.

The options are each there for a measured reason: by default premailer goes to the network, strips `!important` from
the styles it keeps (dark mode dies) and writes sizes and alignment a second time as attributes.
"""

from __future__ import annotations

import logging


def inline(html: str, rules: str) -> str:
    """Return *html* with the CSS *rules* inlined; only style elements marked `data-premailer="ignore"` are kept."""
    import cssutils  # noqa: PLC0415 - slow to import; only a theme that changed needs it
    import premailer  # noqa: PLC0415 - likewise

    cssutils.log.setLevel(logging.CRITICAL)  # it warns of every property newer than CSS 2.1
    return str(
        premailer.Premailer(
            html,
            css_text=rules,
            keep_style_tags=False,
            strip_important=False,
            disable_validation=True,
            allow_network=False,
            allow_loading_external_files=False,
            align_floating_images=False,
            include_star_selectors=False,
            disable_basic_attributes=["width", "height", "align", "valign", "bgcolor"],
        ).transform()
    )
