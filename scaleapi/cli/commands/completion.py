"""``scaleapi completion``."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from scaleapi.cli.options import Command
from scaleapi.cli.session import Session


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@click.pass_context
def command(ctx: click.Context, shell: str) -> int:
    """Write the script that completes commands in a shell.

    For bash, put this into ~/.bashrc: eval "$(scaleapi completion bash)". For zsh, the
    same into ~/.zshrc. For fish: scaleapi completion fish >
    ~/.config/fish/completions/scaleapi.fish.
    """
    session: Session = ctx.obj
    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"There is no completion for {shell}.")
    root = ctx.find_root().command
    script = found(root, {}, "scaleapi", "_SCALEAPI_COMPLETE")
    # source() would start bash, to ask for its version.
    session.out.line(script.source_template % script.source_vars())
    return 0
