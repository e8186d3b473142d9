"""The command-line options of a sandbox, and the sandbox that they describe."""

from __future__ import annotations

import argparse
import ipaddress
import logging
import os
import sys
from typing import Any, Dict, List

from scaleapi.sandbox.options import OPTIONS

_ALLOW_HOST = "SCALE_SANDBOX_ALLOW_HOST"


def add_options(parser: argparse.ArgumentParser, default_port: int) -> None:
    """Add the options of a sandbox to a parser.

    Args:
        parser: The parser of a command.
        default_port: The port to listen on by default; 0 for any free one.
    """
    parser.add_argument(
        "--port",
        type=int,
        default=default_port,
        help="port to listen on "
        + ("(any)" if default_port == 0 else f"({default_port}; 0: any)"),
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


def sandbox_arguments(options: argparse.Namespace) -> Dict[str, Any]:
    """Return the arguments of `Sandbox` that parsed options describe."""
    return {
        "host": options.host,
        "port": options.port,
        "db": options.db,
        "callbacks_to": options.callbacks_to,
        "allow_hosts": [*options.allow_host, *_allowed_by_environment()],
        **{name: getattr(options, name) for name in OPTIONS},
    }


def warn_of_other_machines(options: argparse.Namespace) -> None:
    """Say on standard error if other machines may reach the sandbox."""
    if not _is_loopback(options.host):
        print(
            f"Warning: with --host {options.host} other machines may reach this "
            f"sandbox, see all that is in it and do everything with it.",
            file=sys.stderr,
        )


def log_to_stderr(level: int, format: str = "%(asctime)s  %(message)s") -> None:
    """Log requests and errors of the sandbox to standard error.

    Args:
        level: The lowest level of the log that is written.
        format: Format of a line, as in `logging`.
    """
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format=format, datefmt="%H:%M:%S"
    )
    logging.getLogger("scaleapi.sandbox").setLevel(level)


def _allowed_by_environment() -> List[str]:
    names = os.environ.get(_ALLOW_HOST, "").split(",")
    return [name.strip() for name in names if name.strip()]


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
