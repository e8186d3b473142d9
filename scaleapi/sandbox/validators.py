"""Arguments of those who control the sandbox, from Python or as JSON."""

from __future__ import annotations

import math
import re
from typing import Any, Tuple

#: One exact name of a host: no pattern, scheme, port or path.
HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?\.?")


def integer(name: str, value: Any, least: int, most: float = math.inf) -> int:
    """Return a whole number within bounds.

    Raises:
        TypeError: It is something else.
        ValueError: It is out of bounds.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} must be a whole number; got {value!r}")
    return int(_within(name, value, least, most))


def number(name: str, value: Any, least: float, most: float = math.inf) -> float:
    """Return a finite number within bounds.

    Raises:
        TypeError: It is something else.
        ValueError: It is out of bounds.
    """
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number; got {value!r}")
    return _within(name, value, least, most)


def boolean(name: str, value: Any) -> bool:
    """Return a flag.

    Raises:
        TypeError: It is something else.
    """
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be true or false; got {value!r}")
    return value


def string(name: str, value: Any) -> str:
    """Return a text.

    Raises:
        TypeError: It is something else.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string; got {value!r}")
    return value


def host_names(name: str, value: Any) -> Tuple[str, ...]:
    """Return exact names of hosts.

    Raises:
        TypeError: It is something else than several strings.
        ValueError: One is a pattern, or has more than a name, such as a port.
    """
    if isinstance(value, (str, bytes)):
        raise TypeError(f"{name} must be a list of strings; got {value!r}")
    names = tuple(string(f"each of {name}", host) for host in value)
    for host in names:
        if not HOST_NAME.fullmatch(host):
            raise ValueError(
                f"{name} takes exact names of hosts, without scheme and port, and no "
                f"patterns; got {host!r}"
            )
    return names


def _within(name: str, value: float, least: float, most: float) -> float:
    if not least <= value <= most or value == math.inf:
        bounds = f"at least {least}" if most == math.inf else f"from {least} to {most}"
        raise ValueError(f"{name} must be {bounds}; got {value!r}")
    return value
