"""Patterns of a site's addresses made to fit an archive.

Generators name folders from the root of the site, articles are known by their path within the archive:

content/news of Hugo's site  ─▶  news in the archive [content];  {folder} in the archive [posts]  ─▶  posts/{folder}
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from digest.records import permalinks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.config.values import SitePlan


def fitted(site: SitePlan, folders: Sequence[str], root: str = "") -> SitePlan:
    """Return *site*, whose folders are named from the newsletter's own, for an archive of *folders*.

    Articles are known by their path within the archive, which of a single folder begins below it: what its name adds
    to addresses then stands in the pattern. They begin below *root*, by default below a folder of a name for that.
    """
    if len(folders) != 1 or folders[0] == ".":
        named = [(_shortened(name, folders), pattern) for name, pattern in site.folders]
        return replace(site, folders=tuple((name, pattern) for name, pattern in named if name))
    only = folders[0]
    # The innermost folder with a pattern that the archive is in; patterns of folders inside it stay by their path.
    around = [pattern for name, pattern in sorted(site.folders) if only == name or only.startswith(f"{name}/")]
    inside_it = [
        (name.removeprefix(f"{only}/"), pattern) for name, pattern in site.folders if name.startswith(f"{only}/")
    ]
    lost = _lost(only, root)
    return replace(
        site,
        permalink=_with_lost(around[-1] if around else site.permalink, lost),
        folders=tuple((name, _with_lost(pattern, lost)) for name, pattern in inside_it),
    )


def _shortened(name: str, folders: Sequence[str]) -> str:
    """Return a folder by its path in an archive of several, where each is known by its last part; "" outside of it."""
    for folder in folders:
        if folder in {".", name} or name.startswith(f"{folder}/"):
            above = "" if folder == "." else folder.rpartition("/")[0]
            return name.removeprefix(f"{above}/") if above else name
    return ""


def _lost(folder: str, root: str = "") -> str:
    """Return what the path of an archive's folder adds to addresses: what stands in it behind the content's *root*."""
    if root and f"{folder}/".startswith(f"{root}/"):
        return folder.removeprefix(root).strip("/")
    parts = folder.split("/")
    roots = [place for place, part in enumerate(parts) if part in permalinks.ROOTS]
    return "/".join(parts[roots[-1] + 1 :] if roots else parts)


def _with_lost(pattern: str, lost: str) -> str:
    """Return *pattern* with the folders that the paths of articles lack."""
    if not lost:
        return pattern
    # The first folder of all is known then; those within the archive are none.
    pattern = re.sub(r"\{section(?::\w+)?\}", lost.partition("/")[0], pattern)
    return re.sub(r"\{(?=(?:folder|categories)[:}])", f"{lost}/{{", pattern, count=1)


def usual_pattern(folders: Sequence[str], root: str = "") -> str:
    """Return the pattern of a site of which nothing is known but the address; addresses begin below *root*."""
    pattern = permalinks.DEFAULT_PATTERN
    return _with_lost(pattern, _lost(folders[0], root)) if len(folders) == 1 and folders[0] != "." else pattern
