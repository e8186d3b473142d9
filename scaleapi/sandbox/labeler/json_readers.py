"""Readers of unchecked JSON: a value of the wrong type counts as missing."""

from __future__ import annotations

import math
from typing import Any, Dict, Iterator, List, Optional, Tuple, Union

Scalar = Union[str, int, float, bool]

#: Longer words are skipped, because answers would repeat them many times.
MAX_TEXT = 1000

#: Larger whole numbers are not exact in JavaScript and as floats.
_MAX_NUMBER = 1e15
_MAX_DIGITS = 40


def an_object(value: Any) -> Dict[str, Any]:
    """Return the value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def an_array(value: Any, limit: int) -> List[Any]:
    """Return the first elements of the value if it is an array, else []."""
    return value[:limit] if isinstance(value, list) else []


def entries(value: Any, limit: int) -> Iterator[Tuple[str, Any]]:
    """Yield the first keys and values of an object, without unusable keys."""
    for key, entry in list(an_object(value).items())[:limit]:
        if a_text(key) is not None:
            yield key, entry


def a_text(value: Any) -> Optional[str]:
    """Return the value if it is a text of usable length."""
    if isinstance(value, str) and 0 < len(value) <= MAX_TEXT:
        return value
    return None


def a_scalar(value: Any) -> Optional[Scalar]:
    """Return the value if it is a text, a number or a boolean."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return value if abs(value) <= _MAX_NUMBER else None
    return a_text(value)


def a_number(value: Any) -> Optional[float]:
    """Return a number, also from a text; a huge number is limited."""
    if isinstance(value, str) and len(value) <= _MAX_DIGITS:
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    # Limit first, because whole numbers may be too large for a float.
    number = float(max(min(value, _MAX_NUMBER), -_MAX_NUMBER))
    return None if math.isnan(number) else number


def a_count(value: Any, default: int, low: int, high: int) -> int:
    """Return a whole number between two bounds, also one given as text."""
    number = a_number(value)
    chosen = default if number is None else math.ceil(number)
    return max(low, min(chosen, high))


def a_flag(value: Any) -> bool:
    """Return whether the value means yes."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def is_no(value: Any) -> bool:
    """Return whether the value means no."""
    return value is False or (isinstance(value, str) and value.lower() == "false")


def as_text(value: Any) -> Any:
    """Return a value with all its numbers and booleans, nested too, as text."""
    if isinstance(value, list):
        return [as_text(inner) for inner in value]
    if isinstance(value, dict):
        return {name: as_text(inner) for name, inner in value.items()}
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
