"""The sandbox from the shell: ``python -m scaleapi.sandbox --port 4010``."""

from __future__ import annotations

import argparse
import ipaddress
import logging
import os
import signal
import sys
import threading
from typing import List, Optional

from scaleapi.sandbox import Sandbox
from scaleapi.sandbox.options import OPTIONS

#: Seconds between two checks whether a signal has arrived.
_POLL_S = 0.5
_ALLOW_HOST = "SCALE_SANDBOX_ALLOW_HOST"


def main(arguments: Optional[List[str]] = None) -> int:
    """Serve until Ctrl-C or SIGTERM; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m scaleapi.sandbox",
        description="A local stand-in for Scale's API.",
    )
    parser.add_argument(
        "--port", type=int, default=4010, help="port to listen on (4010; 0: any)"
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on; whoever can reach it can do everything (127.0.0.1)",
    )
    parser.add_argument(
        "--db", metavar="FILE", help="keep the state in this SQLite file"
    )
    parser.add_argument(
        "--callbacks-to",
        metavar="HOST",
        action="append",
        default=[],
        help="host to which callbacks are sent besides this machine; * allows all",
    )
    parser.add_argument(
        "--allow-host",
        metavar="NAME",
        action="append",
        default=[],
        help="exact name by which it may be called besides those of this machine; "
        f"also from {_ALLOW_HOST}, separated by commas",
    )
    parser.add_argument(
        "--quiet", action="store_true", help="do not write a line for each request"
    )
    _add_named_options(parser)
    options = parser.parse_args(arguments)
    _log(logging.WARNING if options.quiet else logging.INFO)
    stop = threading.Event()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, lambda *_: stop.set())
    if not _is_loopback(options.host):
        print(
            f"Warning: with --host {options.host} other machines may reach this "
            f"sandbox, see all that is in it and do everything with it.",
            file=sys.stderr,
        )
    try:
        sandbox = Sandbox(
            options.host,
            options.port,
            options.db,
            callbacks_to=options.callbacks_to,
            allow_hosts=[*options.allow_host, *_allowed_by_environment()],
            **{name: getattr(options, name) for name in OPTIONS},
        )
    except ValueError as error:
        parser.error(str(error))
    try:
        sandbox.start()
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    print(
        f"The sandbox listens on {sandbox.url}\n"
        f"  test key {sandbox.api_key}: tasks are completed at once\n"
        f"  live key {sandbox.live_api_key}: tasks pend\n"
        f"Ctrl-C stops it.",
        flush=True,
    )
    # wait() without a timeout can miss a signal delivered just before it.
    while not stop.wait(_POLL_S):
        pass
    sandbox.stop()
    return 0


def _add_named_options(parser: argparse.ArgumentParser) -> None:
    """Add an option of the command for each named option of the sandbox."""
    group = parser.add_argument_group("what it answers where accounts differ")
    for name, option in OPTIONS.items():
        spelling = "--" + name.replace("_", "-")
        text = f"{option.help} ({option.default})"
        if isinstance(option.default, bool):
            group.add_argument(spelling, action="store_true", help=text)
        elif option.values:
            group.add_argument(
                spelling, choices=option.values, default=option.default, help=text
            )
        else:
            group.add_argument(
                spelling, type=int, metavar="N", default=option.default, help=text
            )


def _allowed_by_environment() -> List[str]:
    names = os.environ.get(_ALLOW_HOST, "").split(",")
    return [name.strip() for name in names if name.strip()]


def _log(level: int) -> None:
    """Log requests and errors to standard error."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s  %(message)s",
        datefmt="%H:%M:%S",
    )  # fmt: skip
    logging.getLogger("scaleapi.sandbox").setLevel(level)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


if __name__ == "__main__":
    sys.exit(main())
