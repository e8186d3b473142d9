"""What callers pass -> what goes on the wire."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import Any, Iterable, List, Optional


def wire_word(name: str, value: Any) -> Optional[str]:
    """Return an enum or its string as the string; None stays None.

    Strings that no enum knows pass: the server may know more than this version.

    Raises:
        TypeError: It is neither.
    """
    if value is None:
        return None
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return value
    raise TypeError(f"{name} must be an enum member or a str; got {value!r}")


def wire_words(name: str, value: Any) -> Optional[List[str]]:
    """Return one enum member or string, or any iterable of them, as strings.

    Raises:
        TypeError: An element is neither an enum member nor a string.
    """
    if value is None:
        return None
    words = [wire_word(f"each element of {name}", element) for element in _many(value)]
    if None in words:
        raise TypeError(f"{name} must not contain None; got {value!r}")
    return [word for word in words if word is not None]


def wire_texts(name: str, value: Any) -> Optional[List[str]]:
    """Return one value or any iterable of them as strings.

    Unlike words these are the caller's own, so numbers and UUIDs are welcome.

    Raises:
        TypeError: An element is None.
    """
    if value is None:
        return None
    elements = list(_many(value))
    if None in elements:
        raise TypeError(f"{name} must not contain None; got {value!r}")
    return [
        str(element.value if isinstance(element, Enum) else element)
        for element in elements
    ]


def wire_list(name: str, value: Any) -> List[Any]:
    """Return one value or any iterable of them as a list for a JSON body.

    Raises:
        TypeError: It is None.
    """
    if value is None:
        raise TypeError(f"{name} must be a list of str; got None")
    return list(_many(value))


def _many(value: Any) -> Iterable[Any]:
    if isinstance(value, (str, Enum)) or not isinstance(value, Iterable):
        return [value]
    return value


def wire_time(name: str, value: Any) -> Optional[str]:
    """Return a moment as ISO 8601; strings pass as they are.

    Aware datetimes keep their offset. Naive ones are taken as UTC, which is how
    the server reads a time without an offset; it is written out so that nobody
    has to know. A date is its midnight in UTC.

    Raises:
        TypeError: It is neither a datetime, a date nor a string.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, datetime):
        offset = "" if value.tzinfo else "+00:00"
        return value.isoformat() + offset
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(
        f"{name} must be a datetime, a date or an ISO 8601 str; got {value!r}"
    )
