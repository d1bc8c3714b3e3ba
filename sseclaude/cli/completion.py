"""``sseclaude completion``: a script that lets a shell complete commands, flags and files.

Purpose: print click's script for a shell.
Must not know: the commands; the script looks them up when it completes.
Rule: the script completes the command ``sseclaude``, also if this command was started under another name.
"""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from .terminal import write

NAME = "sseclaude"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for a shell.

    \b
      eval "$(sseclaude completion bash)"                             (in ~/.bashrc)
      eval "$(sseclaude completion zsh)"                              (in ~/.zshrc)
      sseclaude completion fish > ~/.config/fish/completions/sseclaude.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None  # click knows all three
    write(kind(click.get_current_context().find_root().command, {}, NAME, f"_{NAME.upper()}_COMPLETE").source() + "\n")
