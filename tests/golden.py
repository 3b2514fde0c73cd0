"""Golden issues: what the sample archive must give, byte for byte. Run by `make golden`.

    python tests/golden.py            writes the issues that are missing
    python tests/golden.py --force    writes all anew; look at the difference before you commit it

Each folder tests/golden/NAME holds a digest.yaml (may be empty), `day` and the four files of the issue.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import date
from pathlib import Path

from digest import pipeline
from digest.config import settings

HERE = Path(__file__).parent / "golden"
ROOT = Path(__file__).parent.parent
SEEDS = str(ROOT / "seeds")
THEME = str(ROOT / "templates" / "default")
OUTPUTS = ("index.html", "index.txt", "message.eml", "issue.json")


def cases() -> list[Path]:
    """Return the folders of all golden issues."""
    return sorted(path.parent for path in HERE.glob("*/day"))


def built(case: Path) -> dict[str, bytes]:
    """Return the files that a build of *case* gives now."""
    with tempfile.TemporaryDirectory() as folder:
        chosen = settings.load(
            str(case / "digest.yaml"),
            settings.Overrides(archive=(SEEDS,), out=folder, templates=THEME),
        )
        last = date.fromisoformat((case / "day").read_text(encoding="ascii").strip())
        issue = Path(pipeline.build(chosen, pipeline.window_of(chosen, last=last)).folder)
        return {name: (issue / name).read_bytes() for name in OUTPUTS}


def main() -> int:
    """Write what is missing, or all with --force; return 1 where something would have been overwritten."""
    refused = False
    for case in cases():
        for name, content in built(case).items():
            file = case / name
            if file.exists() and file.read_bytes() != content and "--force" not in sys.argv:
                sys.stderr.write(f"{file}: differs; look at `git diff` after `make golden ARGS=--force`\n")
                refused = True
            else:
                file.write_bytes(content)
    return int(refused)


if __name__ == "__main__":
    sys.exit(main())
