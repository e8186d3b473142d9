"""``scaleapi auth``."""

from __future__ import annotations

import sys
from typing import Any, Dict, Optional

import click

from scaleapi.cli.bulk import each
from scaleapi.cli.connection import unusable
from scaleapi.cli.failures import CommandFailure
from scaleapi.cli.options import HELP_OPTIONS, Command, Group
from scaleapi.cli.output import Record
from scaleapi.cli.session import Session, pass_session

_COLUMNS = ("profile", "mode", "url", "key", "callback_key")
_DEFAULT = "default"


@click.group(cls=Group)
def command() -> None:
    """Keys and profiles."""


def _record(profile: Any) -> Record:
    return {
        "profile": profile.name,
        "mode": profile.mode,
        "url": profile.url,
        "key": "command" if profile.key_command else "file",
        "callback_key": bool(profile.callback_key),
        "path": profile.path,
    }


@command.command("list", cls=Command, features="records ids")
@pass_session
def list_(session: Session) -> int:
    """List the profiles of the credentials file, without their keys."""
    from scaleapi.profiles import profile_names, read_profile

    def call(name: str) -> Record:
        return _record(read_profile(name, run_command=False))

    return each(session, profile_names(), call, _COLUMNS, "profile", is_list=True)


@command.command(
    cls=Command,
    features="api records",
    context_settings={**HELP_OPTIONS, "allow_extra_args": True},
)
@click.option(
    "--key-command",
    metavar="COMMAND",
    help="Keep this command, which prints the key, instead of the key.",
)
@click.option("--callback-key", is_flag=True, help="Ask also for the key of callbacks.")
@click.option("--no-check", is_flag=True, help="Do not ask the API about the key.")
@pass_session
def login(
    session: Session,
    key_command: Optional[str],
    callback_key: bool,
    no_check: bool,
) -> int:
    """Write a profile: the one of --profile or SCALE_PROFILE, or else "default".

    The key is asked for without showing it or, if standard input is no terminal, read
    from its first line; the key of callbacks from the second.
    """
    from scaleapi.profiles import profile_name, read_profile, write_profile

    if click.get_current_context().args:
        # They are not shown, since they are most likely the key.
        raise click.UsageError(
            "This command takes no arguments, which other users can see. It asks for "
            "the key, or reads it from standard input."
        )
    name = profile_name(session.settings.profile)
    values: Dict[str, Optional[str]] = _kept(name)
    if key_command:
        values["key_command"] = key_command
    else:
        values["api_key"] = _secret(session, "API key")
    if callback_key:
        values["callback_key"] = _secret(session, "Callback key")
    if session.settings.url:
        values["url"] = session.settings.url
    if not (no_check or key_command):
        _check(session, values["api_key"], values["url"])
    write_profile(name, **values)
    session.out.record(_record(read_profile(name, run_command=False)), (), "profile")
    return 0


def _kept(name: str) -> Dict[str, Optional[str]]:
    """Return what an older profile of this name has besides its key."""
    from scaleapi.exceptions import ScaleProfileError
    from scaleapi.profiles import profile_names, read_profile

    if name not in profile_names():
        return {"url": None, "callback_key": None}
    try:
        profile = read_profile(name, run_command=False)
    except ScaleProfileError:  # it is replaced
        return {"url": None, "callback_key": None}
    return {"url": profile.url, "callback_key": profile.callback_key}


def _secret(session: Session, what: str) -> str:
    """Ask for a secret, or read a line of standard input.

    Args:
        session: What the run has.
        what: What it is, for people.

    Raises:
        CommandFailure: Nothing was given.
    """
    if sys.stdin.isatty():
        from getpass import getpass

        try:
            text = getpass(f"{what}: ", sys.stderr)
        except EOFError:  # Ctrl-D
            session.console.end_line()
            text = ""
    else:
        text = sys.stdin.readline()
    if not text.strip():
        raise CommandFailure(f"no {what} was given")
    return text.strip()


def _check(session: Session, api_key: Optional[str], url: Optional[str]) -> None:
    from scaleapi.client import ScaleClient
    from scaleapi.exceptions import ScaleValueError

    require = "test" if session.settings.test_only else None
    try:
        client = ScaleClient(
            api_key, source="cli", api_instance_url=url, require=require
        )
    except ScaleValueError as error:
        raise unusable(error, session.settings) from error
    with client:
        session.warn_of_plain_http(client.mode)
        client.check_key()


@command.command(cls=Command, features="api records")
@pass_session
def logout(session: Session) -> int:
    """Remove a profile: the one of --profile or SCALE_PROFILE, or else "default"."""
    from scaleapi.profiles import credentials_path, profile_name, remove_profile

    name = profile_name(session.settings.profile)
    remove_profile(name)
    record = {"profile": name, "removed": True, "path": credentials_path()}
    session.out.record(record, (), "profile")
    return 0


@command.command(cls=Command, features="api records")
@pass_session
def check(session: Session) -> int:
    """Ask the API whether it accepts the key, and show what the key can see.

    The API does not say whose key it is; the newest batch tells accounts apart.
    """
    found = session.client.check_key()
    record = {
        "mode": found.mode,
        "source": session.source,
        "url": found.url,
        "batches": found.batches,
        "newest_batch": found.newest_batch,
        "newest_batch_project": found.newest_batch_project,
    }
    session.out.record(record, (), "mode")
    return 0
