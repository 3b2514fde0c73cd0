"""`digest schema` and `digest completion`: what editors and shells are given."""

from __future__ import annotations

import os

import click


@click.command()
@click.argument("name", type=click.Choice(["settings", "edits", "issue"]))
def schema(*, name: str) -> None:
    """Print the JSON Schema of digest.yaml (settings), edits/DAY.yaml (edits) or an issue's record (issue).

    With its first line `# yaml-language-server: $schema=FILE` an editor completes and checks the file.
    """
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with open(os.path.join(here, "schemas", f"{name}.json"), encoding="utf-8") as handle:
        click.echo(handle.read(), nl=False)


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(*, shell: str) -> None:
    """Print what lets a shell complete commands, options, targets and issues.

    bash: put `eval "$(digest completion bash)"` into ~/.bashrc; zsh: the same with zsh into ~/.zshrc; fish: write it to
    ~/.config/fish/completions/digest.fish.
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None, "click knows the three"
    root = click.get_current_context().find_root()
    click.echo(found(root.command, {}, "digest", "_DIGEST_COMPLETE").source())
