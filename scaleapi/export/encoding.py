"""Values as JSON text, by orjson where it is installed. Pure.

The text has the same values with and without orjson, but a number may be written in
another way, such as 1e16 for 1e+16.
"""

from __future__ import annotations

import functools
import json
import re
from typing import Any, Callable, Optional, Tuple

SURROGATE = re.compile("[\ud800-\udfff]")

_COMPACT = (",", ":")
_encode = json.JSONEncoder(ensure_ascii=False, separators=_COMPACT).encode
_encode_ascii = json.JSONEncoder(separators=_COMPACT).encode
_encode_strictly = json.JSONEncoder(separators=_COMPACT, allow_nan=False).encode


def as_json(value: Any) -> str:
    """Return a value as JSON text, which can be encoded as UTF-8.

    Raises:
        RecursionError: `value` is nested too deeply.
        TypeError: `value` has something that JSON does not have.
        ValueError: `value` contains itself.
    """
    encoded = _by_orjson(value)
    if encoded is not None:
        return encoded.decode()
    text = _encode(value)
    if text.isascii() or not SURROGATE.search(text):
        return text
    return _encode_ascii(value)


def as_ascii_json(value: Any) -> bytes:
    """Return a value as JSON text that has nothing but ASCII.

    Raises:
        RecursionError: `value` is nested too deeply.
        TypeError: `value` has something that JSON does not have.
        ValueError: `value` has a number that JSON does not have, or contains itself.
    """
    encoded = _by_orjson(value)
    if encoded is not None and encoded.isascii():
        return encoded
    return _encode_strictly(value).encode()


def _by_orjson(value: Any) -> Optional[bytes]:
    """Return the text if orjson can write it exactly; else None."""
    functions = _orjson()
    if functions is None:
        return None
    dumps, loads = functions
    try:
        encoded = dumps(value)
    except TypeError:  # such as a lone surrogate, or an integer beyond 64 bits
        return None
    # orjson writes null for NaN and infinity. A null of the value is equal to what is
    # read back.
    if b"null" in encoded and loads(encoded) != value:
        return None
    return encoded


@functools.lru_cache(maxsize=None)
def _orjson() -> Optional[Tuple[Callable[[Any], bytes], Callable[[bytes], Any]]]:
    try:
        import orjson  # imported late, since not every program that exports has it
    except ModuleNotFoundError:
        return None
    # What the standard library does not know is for it to refuse.
    option = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
    option |= orjson.OPT_PASSTHROUGH_SUBCLASS
    return functools.partial(orjson.dumps, option=option), orjson.loads
