"""``scaleapi sandbox``: the command line of ``python -m scaleapi.sandbox``."""

from __future__ import annotations

from typing import List

import click


class _PassedOn(click.Command):
    """A command whose arguments are all for another program."""

    def parse_args(self, ctx: click.Context, args: List[str]) -> List[str]:
        """Take all arguments as they are, ``--`` too."""
        ctx.params["arguments"] = list(args)
        return []


@click.command(cls=_PassedOn, add_help_option=False)
@click.pass_context
def command(ctx: click.Context, arguments: List[str]) -> int:
    """Run a local stand-in for the API.

    The options are those of python -m scaleapi.sandbox. With run -- COMMAND, a command
    is run against a sandbox of its own.
    """
    from scaleapi.sandbox.__main__ import main

    return main(arguments)
