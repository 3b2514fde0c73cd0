"""Facts of caniemail.com to digest/checks/caniemail.json. Run by `make caniemail`; needs npm.

    python docs/client_support.py FOLDER OUT    FOLDER holds the npm package `caniemail` under node_modules/

Kept are names of features, mail clients and what the newest test of each says: y (yes), a (partly), n (no),
u (unknown). None of its descriptions and notes is.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def facts(data: dict[str, Any], version: str) -> dict[str, Any]:
    """Return the facts of caniemail's own JSON: one letter a feature and client."""
    clients = sorted(
        {f"{family}.{where}" for one in data["data"] for family, by in one["stats"].items() for where in by}
    )
    names = data["nicenames"]
    return {
        "source": f"caniemail.com (npm package caniemail {version})",
        "date": data["last_update_date"][:10],
        "clients": {client: _name(names, *client.split(".")) for client in clients},
        "features": {one["slug"]: _letters(one["stats"], clients) for one in sorted(data["data"], key=_slug)},
        "titles": {one["slug"]: " ".join(one["title"].split()) for one in sorted(data["data"], key=_slug)},
    }


def _slug(feature: dict[str, Any]) -> str:
    return str(feature["slug"])


def _name(names: dict[str, Any], family: str, where: str) -> str:
    return f"{names['family'][family]} ({names['platform'][where]})"


def _letters(stats: dict[str, Any], clients: list[str]) -> str:
    letters = []
    for client in clients:
        family, where = client.split(".")
        # In the order of the file the newest version stands last; its names do not sort.
        tested = list(stats.get(family, {}).get(where, {}).values())
        letters.append(tested[-1][0].lower() if tested else "u")
    return "".join(letters)


def main() -> None:
    """Write the facts of the package in the first argument to the file in the second."""
    package = Path(sys.argv[1]) / "node_modules" / "caniemail"
    version = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
    found = facts(json.loads((package / "data" / "caniemail.json").read_text(encoding="utf-8")), version)
    text = json.dumps(found, indent=0, ensure_ascii=False)
    Path(sys.argv[2]).write_text(text + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
