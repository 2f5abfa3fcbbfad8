"""``contrib completion``: the script that makes a shell complete commands, options and their values."""

from __future__ import annotations

import click

from contrib.cli.common import emit
from contrib.cli.completing import SHELLS, script


@click.command(name="completion")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the completion script of SHELL, for its profile.

    bash: `eval "$(contrib completion bash)"` in ~/.bashrc. zsh: the same with zsh, in ~/.zshrc, after compinit.
    fish: `contrib completion fish | source` in ~/.config/fish/config.fish. PowerShell:
    `contrib completion powershell | Out-String | Invoke-Expression` in $PROFILE.

    \b
    contrib completion bash
    contrib completion powershell
    """
    root = click.get_current_context().find_root().command
    emit(script(shell, root))
