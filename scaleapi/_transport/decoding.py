"""JSON of answers: decoded by orjson where it is installed, with the same result."""

from __future__ import annotations

import functools
import json
import re
from typing import Any, Callable, Optional

#: Older ones let a deeply nested answer overflow the stack, which ends the process.
_MIN_ORJSON = (3, 9, 15)


def _class_of(byte: int) -> bytes:
    """Return 0 for a digit, a space for what may precede a number, or a minus sign."""
    if byte in b"0123456789":
        return b"0"
    if byte in b"[:, \t\r\n":
        return b" "
    return b"-" if byte in b"-" else b"x"


_CLASSES = b"".join(map(_class_of, range(256)))
_DIGITS = b"0" * 19
#: An integer beyond 64 bits has one of these forms.
_POSITIVE = b" " + b"0" * 20
_NEGATIVE = b"-" + b"0" * 19


def loads(content: bytes) -> Any:
    """Return the value of a JSON text; the same with orjson and without.

    Args:
        content: In UTF-8, UTF-16 or UTF-32.

    Raises:
        ValueError: `content` is not JSON.
        RecursionError: `content` is nested too deeply: by a thousand levels or so.
    """
    faster = _orjson_loads()
    # orjson makes floats of integers beyond 64 bits. It refuses NaN, lone surrogates,
    # a byte order mark, and what is not UTF-8.
    if faster is not None and not _may_have_long_integer(content):
        try:
            return faster(content)
        except ValueError:
            pass
    return json.loads(content)


@functools.lru_cache(maxsize=None)
def _orjson_loads() -> Optional[Callable[[bytes], Any]]:
    """Return orjson's way to decode; None without the extra scaleapi[speed]."""
    try:
        import orjson  # here, since importing the package need not wait for it
    except ModuleNotFoundError:
        return None
    version = tuple(map(int, re.findall(r"\d+", orjson.__version__)[:3]))
    return orjson.loads if version >= _MIN_ORJSON else None


def _may_have_long_integer(content: bytes) -> bool:
    """Return whether an integer in a JSON text may be beyond 64 bits.

    Digits of a fraction do not count; those in a string may, which costs time only.
    """
    classes = content.translate(_CLASSES)
    # rfind, since it skips further than find; a number may also be the whole text.
    return classes.rfind(_DIGITS) >= 0 and (
        classes.rfind(_POSITIVE) >= 0
        or classes.rfind(_NEGATIVE) >= 0
        or classes.startswith(_DIGITS)
    )
