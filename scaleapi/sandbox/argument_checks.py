"""Checks of the arguments that control the sandbox, from Python or as JSON."""

from __future__ import annotations

import math
import re
from typing import Any, Tuple

#: An exact host name: no pattern, scheme, port or path.
HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?\.?")


def integer(name: str, value: Any, least: int, most: float = math.inf) -> int:
    """Return an integer within bounds.

    Raises:
        TypeError: `value` is not an integer.
        ValueError: `value` is less than `least` or greater than `most`.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} must be a whole number; got {value!r}")
    return int(_within(name, value, least, most))


def number(name: str, value: Any, least: float, most: float = math.inf) -> float:
    """Return a finite number within bounds.

    Raises:
        TypeError: `value` is not a number.
        ValueError: `value` is less than `least` or greater than `most`, or not finite.
    """
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number; got {value!r}")
    return _within(name, value, least, most)


def boolean(name: str, value: Any) -> bool:
    """Return a boolean.

    Raises:
        TypeError: `value` is not a boolean.
    """
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be true or false; got {value!r}")
    return value


def string(name: str, value: Any) -> str:
    """Return a string.

    Raises:
        TypeError: `value` is not a string.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string; got {value!r}")
    return value


def strings(name: str, value: Any) -> Tuple[str, ...]:
    """Return several strings.

    Raises:
        TypeError: `value` is not a list of strings, such as a single string.
    """
    if isinstance(value, (str, bytes)):
        raise TypeError(f"{name} must be a list of strings; got {value!r}")
    return tuple(string(f"each of {name}", each) for each in value)


def host_names(name: str, value: Any) -> Tuple[str, ...]:
    """Return exact host names.

    Raises:
        TypeError: `value` is not a sequence of strings.
        ValueError: A string in `value` is a pattern, or has more than a name, such as
            a port.
    """
    names = strings(name, value)
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
