"""``python -m scaleapi.sandbox run -- COMMAND``: a script meets the sandbox unchanged.

``docs/sandbox.rst`` says what it does.
"""

from __future__ import annotations

import argparse
import logging
import os
import runpy
import sys
import traceback
from contextlib import ExitStack
from typing import List

from scaleapi import ScaleClient, ScaleException
from scaleapi.sandbox.command_line import (
    add_options,
    log_to_stderr,
    sandbox_arguments,
    warn_of_other_machines,
)
from scaleapi.sandbox.run.calls import Calls
from scaleapi.sandbox.run.process import (
    CANNOT_START,
    INTERRUPTED,
    Command,
    CommandError,
    environment_of,
)
from scaleapi.sandbox.run.redirecting import Redirect
from scaleapi.sandbox.run.report import NOT_REDIRECTED, Report
from scaleapi.sandbox.run.sample import fill
from scaleapi.sandbox.run.world import RunSandbox

#: Of each line on standard error, where the command writes too.
_PREFIX = "[sandbox] "
_USAGE = "python -m scaleapi.sandbox run [options] -- COMMAND ..."


class _CannotRun(Exception):
    """Why nothing is run, in words."""


def main(arguments: List[str]) -> int:
    """Run a command against a sandbox; return its exit status."""
    parser = _parser()
    at = arguments.index("--") if "--" in arguments else len(arguments)
    words = arguments[at + 1 :]
    options, rest = parser.parse_known_args(arguments[:at])
    if rest and rest[0].startswith("-"):
        parser.error(f"there is no option {rest[0]}; options of COMMAND come after --")
    if rest or not words:
        example = " ".join(rest or ["python", "script.py"])
        parser.error(f"write -- before the command: {parser.prog} -- {example}")
    log_to_stderr(logging.WARNING, f"{_PREFIX}%(message)s")
    warn_of_other_machines(options)
    try:
        folder = os.path.dirname(os.path.abspath(options.report or ""))
        if not os.path.isdir(folder):
            raise _CannotRun(f"there is no folder {folder} for the report")
        return _run(options, words, parser)
    except _CannotRun as error:
        _say(f"{error}; the command was not run")
        return CANNOT_START
    except CommandError as error:
        _say(str(error))
        return error.status
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(
    options: argparse.Namespace, words: List[str], parser: argparse.ArgumentParser
) -> int:
    calls = Calls()
    with ExitStack() as stack:
        command = stack.enter_context(Command())
        try:
            sandbox = RunSandbox(
                options.live_key,
                [
                    os.environ.get(n, "")
                    for n in ("SCALE_API_KEY", *options.key_variable)
                ],
                calls,
                **sandbox_arguments(options),
            )
        except ValueError as error:
            parser.error(str(error))
        try:
            stack.enter_context(sandbox)
            origin = sandbox.url[: -len("/v1")]
            redirect = stack.enter_context(Redirect(origin[len("http://") :]))
        except OSError as error:
            raise _CannotRun(str(error)) from None
        _prepare(options, sandbox)
        calls.clear()
        _say(
            f"https://api.scale.com is {sandbox.url} here; {origin}/ shows what is in "
            "it.\nOnly Python programs are redirected. One in another language, under "
            "python -I, -E or -S, or with an environment of its own can reach the live "
            "API."
        )
        environment = environment_of(
            os.environ,
            redirect.folder,
            sandbox.url,
            sandbox.api_key,
            options.key_variable,
        )
        status = command.run(words, environment)
        report = Report(status, calls, redirect.notes())
        _finish(options, report)
        if options.keep and not command.interrupted.is_set():
            _say(f"The sandbox goes on: see {origin}/. Ctrl-C stops it.")
            command.wait_for_interrupt()
        return status


def _prepare(options: argparse.Namespace, sandbox: RunSandbox) -> None:
    """Fill the sandbox as the options say.

    Raises:
        _CannotRun: The function of the user has failed.
    """
    with sandbox.client() as client:
        if options.sample:
            try:
                fill(client, sandbox)
            except ScaleException as error:
                raise _CannotRun(f"--sample has failed: {error}") from error
        if options.seed:
            _seed(options.seed, client, sandbox)


def _seed(path: str, client: ScaleClient, sandbox: RunSandbox) -> None:
    """Call the function ``seed`` of a file.

    Raises:
        _CannotRun: The file at `path` has no such function, or it has failed.
    """
    folder = os.path.dirname(os.path.abspath(path))
    sys.path.insert(0, folder)  # as for a script
    try:
        seed = runpy.run_path(path, run_name="seed").get("seed")
        if callable(seed):
            seed(client, sandbox)
            return
    except (Exception, SystemExit):
        traceback.print_exc()
        raise _CannotRun(f"--seed {path} has failed") from None
    finally:
        if folder in sys.path:
            sys.path.remove(folder)
    raise _CannotRun(f"--seed {path} has no function seed(client, sandbox)")


def _finish(options: argparse.Namespace, report: Report) -> None:
    """Say at the end what the command has done."""
    if not options.quiet:
        _say(str(report))
    if not report.notes["process"]:
        _say(f"Warning: {NOT_REDIRECTED}")
    if options.report:
        try:
            report.save(options.report)
        except OSError as error:
            _say(f"the report cannot be written: {error}")


def _say(text: str) -> None:
    for line in text.split("\n"):
        print(f"{_PREFIX}{line}", file=sys.stderr)
    sys.stderr.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scaleapi.sandbox run",
        usage=_USAGE,
        # --live would mean --live-key here, and the real API in examples/quickstart.py.
        allow_abbrev=False,
        description="Run a command against a sandbox of Scale's API, unchanged. It "
        "ends with the exit status of the command.",
    )
    parser.add_argument(
        "--live-key",
        action="store_true",
        help="take every key as a live one: tasks pend until they are completed",
    )
    parser.add_argument(
        "--key-variable",
        metavar="NAME",
        action="append",
        default=[],
        help="a variable to set to the key, besides SCALE_API_KEY; repeatable",
    )
    parser.add_argument(
        "--seed",
        metavar="FILE.py",
        help="first call the function seed(client, sandbox) of this file",
    )
    parser.add_argument(
        "--sample",
        action="store_true",
        help="first make projects, batches and tasks for scripts that read",
    )
    parser.add_argument(
        "--keep", action="store_true", help="go on serving after the command has ended"
    )
    parser.add_argument(
        "--report", metavar="FILE", help="write the report as JSON into this file"
    )
    parser.add_argument(
        "--quiet", action="store_true", help="write no report to standard error"
    )
    add_options(parser, default_port=0)
    return parser
