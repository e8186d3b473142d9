"""Decoding of JSON, by orjson where it is installed, with the same result."""

from __future__ import annotations

import functools
import json
import re
from typing import Any, Callable, Optional

#: In older versions, a deeply nested answer overflows the stack and ends the process.
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
    """Return the value of a JSON text.

    Args:
        content: The text, in UTF-8, UTF-16 or UTF-32.

    Raises:
        ValueError: `content` is not JSON.
        RecursionError: `content` is nested too deeply, by about a thousand levels.
    """
    faster = _orjson_loads()
    # orjson converts integers beyond 64 bits to floats, and rejects NaN, lone
    # surrogates, byte order marks and other encodings than UTF-8.
    if faster is not None and not _may_have_long_integer(content):
        try:
            return faster(content)
        except ValueError:
            pass
    return json.loads(content)


def decode(response: Any) -> Any:
    """Return the decoded body; None if the body is empty or is not JSON.

    Args:
        response: A response of requests, or a user's stand-in for one.
    """
    if response.status_code == 204:
        return None
    content = getattr(response, "content", None)
    try:
        # A user's stand-in for a response may have no content, only json().
        return loads(content) if type(content) is bytes else response.json()
    except (ValueError, RecursionError):
        return None


@functools.lru_cache(maxsize=None)
def _orjson_loads() -> Optional[Callable[[bytes], Any]]:
    """Return ``orjson.loads``; None without the extra ``scaleapi[speed]``."""
    try:
        import orjson  # imported late, so that importing the package is fast
    except ModuleNotFoundError:
        return None
    version = tuple(map(int, re.findall(r"\d+", orjson.__version__)[:3]))
    return orjson.loads if version >= _MIN_ORJSON else None


def _may_have_long_integer(content: bytes) -> bool:
    """Return whether a JSON text may contain an integer beyond 64 bits.

    Digits in a string may give a wrong True, which only costs time.
    """
    classes = content.translate(_CLASSES)
    # rfind is faster than find here. The last case is a text that is a number.
    return classes.rfind(_DIGITS) >= 0 and (
        classes.rfind(_POSITIVE) >= 0
        or classes.rfind(_NEGATIVE) >= 0
        or classes.startswith(_DIGITS)
    )
