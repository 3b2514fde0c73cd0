"""`digest schema` and `digest completion`: what editors and shells are given."""

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
    if name == "settings":
        from digest.config import settings

        click.echo(json.dumps(settings.json_schema(), indent=2, ensure_ascii=False))
        return
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with open(os.path.join(package, "schemas", f"{name}.json"), encoding="utf-8") as handle:
        click.echo(handle.read(), nl=False)
