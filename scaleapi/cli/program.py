"""The program: its commands, and what it does about every error."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from types import FrameType
from typing import List, Optional

import click

from scaleapi._version import __version__
from scaleapi.cli.failures import DONE, INTERRUPTED, CommandFailure, failure_of
from scaleapi.cli.interrupts import Terminated, set_handler
from scaleapi.cli.options import LazyGroup
from scaleapi.cli.output import OutputClosed, abandon_stdout
from scaleapi.cli.session import Session

_TERMINATED = 143

#: Command -> what it is about. The modules are imported when they are used.
COMMANDS = {
    "auth": "Keys and profiles.",
    "batch": "Batches of tasks.",
    "callback": "Receive callbacks.",
    "completion": "Write the script that completes commands in a shell.",
    "convert": "Turn an export into CSV, Parquet, COCO, YOLO or masks.",
    "download": "Download the attachments and results of tasks.",
    "draw": "Draw the annotations of tasks on their pictures.",
    "export": "Write all tasks of a project or batch to a file.",
    "file": "Upload files.",
    "project": "Projects.",
    "sandbox": "Run a local stand-in for the API.",
    "task": "Tasks.",
}


@click.group(
    cls=LazyGroup,
    modules=COMMANDS,
    epilog="Exit status: 0 done, 1 failed, 2 wrong usage, 3 partly failed, "
    "4 no key or a wrong one, 130 interrupted.",
)
@click.version_option(__version__, message="%(version)s")
def root() -> None:
    """Data labeling with Scale, from the shell.

    The key comes from --profile or SCALE_PROFILE, else from SCALE_API_KEY, else from
    the profile "default".
    """


def run(arguments: List[str]) -> int:
    """Run the command; return the exit status.

    Args:
        arguments: Those of the process, without its name.
    """
    if "_SCALEAPI_COMPLETE" in os.environ:
        root.main(prog_name="scaleapi")  # for the shell; does not return
    _open_closed_streams()
    session = Session()
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    if "--json" in options or "--jsonl" in options:
        session.settings.errors_as_json = True
    before = set_handler(signal.SIGTERM, _terminate)
    try:
        status = _run(session, arguments)
    except Terminated:
        status = _TERMINATED
    except KeyboardInterrupt:  # a second one, while the first was handled
        status = INTERRUPTED
    finally:
        set_handler(signal.SIGTERM, before)
    return status


def _open_closed_streams() -> None:
    """Let streams that are closed lead nowhere, as in some jobs of cron."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # Also, the next file that is opened would be taken for the stream.
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def _run(session: Session, arguments: List[str]) -> int:
    console = session.console
    try:
        with session:
            status = _invoke(session, arguments)
            sys.stdout.flush()
            if session.out.failure is not None:
                raise session.out.failure
            return status
    except OutputClosed:
        return DONE
    except BrokenPipeError:
        abandon_stdout()
        return DONE
    except KeyboardInterrupt as interrupt:
        console.end_line()
        failure = failure_of(CommandFailure("interrupted", INTERRUPTED, "Interrupted"))
        console.fail(failure, interrupt)
        return INTERRUPTED if type(interrupt) is KeyboardInterrupt else _TERMINATED
    except Exception as error:
        if session.out.failure not in (None, error):
            console.warn(str(session.out.failure))
        failure = failure_of(error)
        console.fail(failure, error)
        with suppress(OSError):
            sys.stdout.flush()
        return failure.status


def _invoke(session: Session, arguments: List[str]) -> int:
    try:
        with root.make_context("scaleapi", list(arguments), obj=session) as ctx:
            return int(root.invoke(ctx) or DONE)
    except click.exceptions.Exit as end:  # after --help and --version
        return end.exit_code


def _terminate(number: int, frame: Optional[FrameType]) -> None:
    raise Terminated
