"""Who the sample's newsletter pretends to be: the defaults of the settings and what `digest init` writes.

Nobody answers there. The domains are reserved for examples and tests (RFC 2606, RFC 6761), so no newsletter of this
world has one.
"""

from __future__ import annotations

import re

NAME = "The AI Week"
MAILBOX = "news@example.com"
POSTAL = "1 Example Street, 10115 Berlin, Germany"
WEB = "https://example.com/issues/{id}/"
UNSUBSCRIBE = "https://example.com/unsubscribe"

_RESERVED = re.compile(
    r"(?:.*\.)?(?:example\.(?:com|net|org)|example|test|invalid|localhost|localdomain)\.?", re.IGNORECASE
)


def is_example(host: str) -> bool:
    """Whether *host* is one of the domains that belong to nobody, or below one."""
    return bool(_RESERVED.fullmatch(host))
