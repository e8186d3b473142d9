"""``scaleapi callback``."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from typing import Any, Dict, List, Optional, Tuple, Union

import click

from scaleapi.cli.callback_server import CallbackServer
from scaleapi.cli.failures import KEY, CommandFailure
from scaleapi.cli.options import Command, Group
from scaleapi.cli.session import Session, pass_session

_VARIABLE = "SCALE_CALLBACK_KEY"


@click.group(cls=Group)
def command() -> None:
    """Receive callbacks."""


@command.command(cls=Command, features="api")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=4242,
    show_default=True,
    metavar="N",
    help="Port of 127.0.0.1 to listen on; 0 takes any.",
)
@click.option(
    "--also",
    metavar="PROFILE",
    multiple=True,
    help="Accept the callback key of this profile, too; repeatable.",
)
@click.option(
    "--exec",
    "program",
    metavar="COMMAND",
    help="Run this for each callback, without a shell, with its body as standard "
    "input. If it fails, the callback comes again.",
)
@pass_session
def listen(
    session: Session, port: int, also: Tuple[str, ...], program: Optional[str]
) -> int:
    """Receive callbacks on this machine, and write a line of JSON for each.

    The callback key comes from the profile or, if SCALE_API_KEY is used, from
    SCALE_CALLBACK_KEY. Requests with another key are refused. Each delivery is handled
    once. What COMMAND writes goes to standard error.
    """
    from scaleapi.client import ScaleClient

    keys: Dict[str, List[str]] = {}
    _add_key(keys, session.client, session.source)
    for name in also:
        with ScaleClient.from_profile(name) as client:
            _add_key(keys, client, f"profile {name}")
    server = CallbackServer(session, port, keys, _words(program))
    session.console.note(f"listening on {server.url}")
    server.serve()
    return 0


def _add_key(keys: Dict[str, List[str]], client: Any, source: str) -> None:
    """Add the callback key that belongs to a client.

    Raises:
        CommandFailure: The client has no callback key, or its mode is not known.
    """
    key = client.callback_key
    if source == "SCALE_API_KEY":
        key = os.environ.get(_VARIABLE)
    if not key:
        where = (
            f"set {_VARIABLE}"
            if source == "SCALE_API_KEY"
            else ("write it with: scaleapi auth login --callback-key")
        )
        raise CommandFailure(f"{source} has no callback key: {where}", KEY, "NoKey")
    if client.mode is None:
        raise CommandFailure(
            f"the API key of {source} is neither a test nor a live key, so it is not "
            f"known which its callback key is",
            KEY,
            "NoKey",
        )
    found = keys.setdefault(client.mode, [])
    if key not in found:
        found.append(key)


def _words(program: Optional[str]) -> Union[str, List[str], None]:
    """Return the words of a command line.

    Raises:
        click.UsageError: `program` cannot be run, or has a quote that is not closed.
    """
    if program is None or sys.platform == "win32":
        return program  # Windows takes one text, in which \\ needs no escape
    try:
        words = shlex.split(program)
    except ValueError as error:
        raise click.UsageError(f"--exec: {error}") from error
    if not words or shutil.which(words[0]) is None:
        raise click.UsageError("--exec: there is no such program.")
    return words
