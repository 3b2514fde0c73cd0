"""`digest schema`: a JSON Schema for editors, printed as it is, without --quiet and --json.

Those of settings and edits are made of their declarations; the record's comes with the program (digest/schemas), and
tests hold it against what the program writes.
"""

from __future__ import annotations

import json
import os

import click


@click.command()
@click.argument("name", type=click.Choice(["settings", "edits", "issue"]))
def schema(*, name: str) -> None:
    """Print the JSON Schema of digest.yaml (settings), edits/DAY.yaml (edits) or an issue's record (issue).

    With its first line `# yaml-language-server: $schema=FILE` an editor completes and checks the file.
    """
    if name in {"settings", "edits"}:
        from digest.config import edits
        from digest.config import schema as keys

        made = keys.json_schema() if name == "settings" else edits.json_schema()
        click.echo(json.dumps(made, indent=2, ensure_ascii=False))
        return
    # The record's is kept by hand, and printed as it stands, without reading it.
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with open(os.path.join(package, "schemas", f"{name}.json"), encoding="utf-8") as handle:
        click.echo(handle.read(), nl=False)
