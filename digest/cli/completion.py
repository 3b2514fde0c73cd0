"""`digest completion`: a script for the shell, printed as it is, without --quiet and --json.

The script asks `digest` itself at every tab, with _DIGEST_COMPLETE set; what is offered for an argument is what its
type says (`Day`, `TargetName`).
"""

from __future__ import annotations

import click


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(*, shell: str) -> None:
    """Print what lets a shell complete commands, options, targets and issues.

    bash: put `eval "$(digest completion bash)"` into ~/.bashrc; zsh: the same with zsh into ~/.zshrc; fish: write it to
    ~/.config/fish/completions/digest.fish.
    """
    from click.shell_completion import get_completion_class

    source_class = get_completion_class(shell)
    assert source_class is not None, "click knows the three"
    root = click.get_current_context().find_root()
    click.echo(source_class(root.command, {}, "digest", "_DIGEST_COMPLETE").source())
