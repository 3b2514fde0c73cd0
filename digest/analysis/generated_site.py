"""What is known of a site that a generator makes, and the values that its settings give in a form that is safe.

The readers of settings (`generators`, `hugo_sites`, `script_sites`) each make one of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from digest.config.values import SitePlan
from digest.text import languages, sanitize
from digest.text.urls import has_bare_host

if TYPE_CHECKING:
    from digest.analysis.generator_files import Tree

_NO_SITE = SitePlan()


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator:
    """What is known of a site; all paths are relative to the folder that was looked at and parted by slashes.

    *name* is the generator's, empty where none was recognised, *file* the settings that told. In *site*, folders that
    have a pattern are named by their path. *content* are folders of articles, best first, and *root* is the one that
    addresses begin below, where that is not told by its name. *names* are fields of ours that are called otherwise
    there. *guessed*: a program makes the addresses, and the pattern is only what most such programs do.
    """

    name: str = ""
    file: str = ""
    title: str = ""
    site: SitePlan = _NO_SITE
    language: str = ""
    timezone: str = ""
    content: tuple[str, ...] = ()
    root: str = ""
    names: tuple[tuple[str, str], ...] = ()
    guessed: bool = False


def address(base: str, below: str = "") -> str:
    """Return the address of a site, with the folder *below* it; "" for one that nobody else can open."""
    whole = sanitize.address(f"{base.strip().rstrip('/')}/{below.strip().strip('/')}".rstrip("/"))
    return whole if whole and not has_bare_host(whole) else ""


def language(written: str) -> str:
    """Return a language tag by rule; "" for one whose dates are not known."""
    tag = languages.normal(written.partition(".")[0])
    return tag if tag and languages.locale(tag) else ""


def timezone(written: str) -> str:
    """Return the name of a time zone; "" for one that is not known."""
    try:
        ZoneInfo(written)
    # As in `yamlfile`: a folder of the database, a malformed name, an unknown one.
    except (OSError, ValueError, KeyError):
        return ""
    return written


def inside(tree: Tree, key: str) -> Tree:
    """Return the mapping at *key*, an empty one where there is none."""
    value = tree.get(key)
    return value if isinstance(value, dict) else {}
