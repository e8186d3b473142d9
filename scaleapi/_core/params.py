"""Converters of arguments: what callers pass -> what is sent.

Each takes the name of the argument, for its errors, and the value.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import Any, Iterable, List, Optional, Union

from scaleapi._transport.encoding import from_bytes, in_order
from scaleapi._transport.endpoint import plain_text
from scaleapi.exceptions import ScaleTypeError


def wire_enum(name: str, value: Any) -> Optional[str]:
    """Return an enum member or its string as a string; None stays None.

    A string that is not a member passes: the API may know more than this version.

    Raises:
        ScaleTypeError: `value` is neither an enum member nor a str.
    """
    if value is None:
        return None
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bytes):
        value = from_bytes(value)
    if isinstance(value, str):
        return value
    raise ScaleTypeError(f"{name} must be an enum member or a str; got {value!r}")


def required_enum(name: str, value: Any) -> str:
    """Return an enum member or its string as a string.

    Raises:
        ScaleTypeError: `value` is neither an enum member nor a str.
    """
    string = wire_enum(name, value)
    if string is None:
        raise ScaleTypeError(f"{name} must be an enum member or a str; got None")
    return string


def required_object(name: str, value: Any) -> Any:
    """Return a value as it is.

    Raises:
        ScaleTypeError: `value` is None. The request would have no body then, and the
            API reads that as ``{}``.
    """
    # api-notes: empty-body
    if value is None:
        raise ScaleTypeError(f"{name} must be a dict; got None")
    return value


def required_string(name: str, value: Any) -> Any:
    """Return a value as it is.

    Raises:
        ScaleTypeError: `value` is None.
    """
    if value is None:
        raise ScaleTypeError(f"{name} must be a str; got None")
    return value


def wire_enums(name: str, value: Any) -> Optional[List[str]]:
    """Return one enum member or string, or any iterable of them, as a list of strings.

    Raises:
        ScaleTypeError: An element of `value` is neither an enum member nor a str.
    """
    if value is None:
        return None
    return [
        required_enum(f"each element of {name}", element) for element in _many(value)
    ]


def wire_strings(_name: str, value: Any) -> Optional[List[str]]:
    """Return one value or any iterable of values as a list of strings.

    Values of any type are converted, since ids may be numbers or UUIDs. None and empty
    strings are skipped, since a column of ids may have gaps.
    """
    if value is None:
        return None
    strings = [plain_text(each) for each in _many(value) if each is not None]
    # Empty ones are skipped after the conversion: b"" and an enum member may be empty.
    return [string for string in strings if string]


def wire_tags(name: str, value: Any) -> Optional[List[str]]:
    """Return tags as a list of strings; None if the iterable is empty.

    The list is empty if the iterable has only None and empty strings in it.
    """
    elements = None if value is None else _many(value)
    return wire_strings(name, elements) if elements else None


def wire_choice(name: str, value: Any) -> Union[str, List[str], None]:
    """Return one enum member or string as a string, and any iterable of them as a list.

    An empty iterable becomes None: the filter is left out.

    Raises:
        ScaleTypeError: An element of `value` is neither an enum member nor a str.
    """
    if isinstance(value, (str, bytes, Enum)) or not isinstance(value, Iterable):
        return wire_enum(name, value)
    return wire_enums(name, value) or None


def as_is(_name: str, value: Any) -> Any:
    """Return a value that requests can encode."""
    return value


def wire_names(_name: str, value: Any) -> Any:
    """Return a name as it is, and any iterable of names as a list without None.

    The list is empty if all of its names are empty.
    """
    if isinstance(value, (str, bytes, Enum)) or not isinstance(value, Iterable):
        return value
    names = [each for each in value if each is not None]
    return names if any(map(plain_text, names)) else []


def wire_list(name: str, value: Any) -> List[Any]:
    """Return one value or any iterable of values as a list for a JSON body.

    Raises:
        ScaleTypeError: `value` is None.
    """
    if value is None:
        raise ScaleTypeError(f"{name} must be a list of str; got None")
    return _many(value)


def wire_time(_name: str, value: Any) -> Optional[str]:
    """Return a datetime or date as an ISO 8601 string, and anything else as a string.

    Aware datetimes keep their offset; naive ones get that of UTC.
    """
    if value is None:
        return None
    # api-notes: time-filters
    if isinstance(value, datetime):
        offset = "" if value.tzinfo else "+00:00"
        return value.isoformat() + offset
    if isinstance(value, date):
        return value.isoformat()
    return plain_text(value)


def _many(value: Any) -> List[Any]:
    if isinstance(value, (str, bytes, Enum)) or not isinstance(value, Iterable):
        return [value]
    return list(in_order(value))
