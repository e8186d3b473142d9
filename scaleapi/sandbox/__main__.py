"""The sandbox from the shell: ``python -m scaleapi.sandbox --port 4010``."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from typing import List, Optional

from scaleapi.sandbox import Sandbox
from scaleapi.sandbox.command_line import (
    add_options,
    log_to_stderr,
    sandbox_arguments,
    warn_of_other_machines,
)
from scaleapi.sandbox.run import command as run_command

#: Seconds between two checks whether a signal has arrived.
_POLL_S = 0.5


def main(arguments: Optional[List[str]] = None) -> int:
    """Serve until Ctrl-C or SIGTERM, or run a command; return the exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["run"]:
        return run_command.main(arguments[1:])
    parser = argparse.ArgumentParser(
        prog="python -m scaleapi.sandbox",
        description="A local stand-in for Scale's API.",
        epilog="python -m scaleapi.sandbox run -- COMMAND runs a script against it "
        "without a change; run --help says more.",
    )
    add_options(parser, default_port=4010)
    parser.add_argument(
        "--quiet", action="store_true", help="do not write a line for each request"
    )
    options = parser.parse_args(arguments)
    log_to_stderr(logging.WARNING if options.quiet else logging.INFO)
    stop = threading.Event()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, lambda *_: stop.set())
    warn_of_other_machines(options)
    try:
        sandbox = Sandbox(**sandbox_arguments(options))
    except ValueError as error:
        parser.error(str(error))
    try:
        sandbox.start()
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    print(_greeting(sandbox), flush=True)
    # wait() without a timeout can miss a signal delivered just before it.
    while not stop.wait(_POLL_S):
        pass
    sandbox.stop()
    return 0


def _greeting(sandbox: Sandbox) -> str:
    """Return what a person needs to know who has started a sandbox."""
    key, url = sandbox.api_key, sandbox.url
    return (
        f"The sandbox listens on {url}\n"
        f"  test key {key}: tasks are completed at once\n"
        f"  live key {sandbox.live_api_key}: tasks pend\n"
        f"  page     {url[: -len('v1')]}\n"
        f"In Python:\n"
        f"  from scaleapi import ScaleClient\n"
        f'  client = ScaleClient("{key}", api_instance_url="{url}")\n'
        f"For a script that calls ScaleClient() without either:\n"
        f"  export SCALE_API_URL={url} SCALE_API_KEY={key}\n"
        f"Ctrl-C stops it."
    )


if __name__ == "__main__":
    sys.exit(main())
