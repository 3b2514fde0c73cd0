"""`digest schema`: a JSON Schema for editors, printed as it is, without --quiet and --json.

Each is made from what the program itself goes by, so that it cannot lack a key.
"""

from __future__ import annotations

import json

import click


@click.command()
@click.argument("name", type=click.Choice(["settings", "edits", "issue"]))
def schema(*, name: str) -> None:
    """Print the JSON Schema of digest.yaml (settings), edits/DAY.yaml (edits) or an issue's record (issue).

    With its first line `# yaml-language-server: $schema=FILE` an editor completes and checks the file.
    """
    from digest.config import edits
    from digest.config import schema as keys
    from digest.issue import record

    schemas = {"settings": keys.json_schema, "edits": edits.json_schema, "issue": record.json_schema}
    click.echo(json.dumps(schemas[name](), indent=2, ensure_ascii=False))
