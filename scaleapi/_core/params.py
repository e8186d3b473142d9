"""What callers pass -> what goes on the wire."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import Any, Iterable, List, Optional, Union

from scaleapi._transport.encoding import from_bytes, in_order
from scaleapi._transport.endpoint import plain_text
from scaleapi.exceptions import ScaleTypeError


def wire_enum(name: str, value: Any) -> Optional[str]:
    """Return an enum or its string as the string; None stays None.

    Strings that no enum knows pass: the server may know more than this version.

    Raises:
        ScaleTypeError: It is neither.
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
    """Return an enum or its string as the string.

    Raises:
        ScaleTypeError: It is neither.
    """
    word = wire_enum(name, value)
    if word is None:
        raise ScaleTypeError(f"{name} must be an enum member or a str; got None")
    return word


def required_object(name: str, value: Any) -> Any:
    """Return a value as it is.

    Raises:
        ScaleTypeError: It is None, which would be sent as no body at all, and
            be read as ``{}``.
    """
    if value is None:
        raise ScaleTypeError(f"{name} must be a dict; got None")
    return value


def required_string(name: str, value: Any) -> Any:
    """Return a value as it is.

    Raises:
        ScaleTypeError: It is None.
    """
    if value is None:
        raise ScaleTypeError(f"{name} must be a str; got None")
    return value


def wire_enums(name: str, value: Any) -> Optional[List[str]]:
    """Return one enum member or string, or any iterable of them, as strings.

    Raises:
        ScaleTypeError: An element is neither an enum member nor a string.
    """
    if value is None:
        return None
    return [
        required_enum(f"each element of {name}", element) for element in _many(value)
    ]


def wire_strings(_name: str, value: Any) -> Optional[List[str]]:
    """Return one value or any iterable of them as strings.

    Unlike words these are the caller's own, so numbers and UUIDs are welcome.
    None and empty texts are passed over: ids often come from a column with gaps.
    """
    if value is None:
        return None
    # What is empty as text is looked for after all: b"" is, and so is an enum's.
    texts = [plain_text(each) for each in _many(value) if each is not None]
    return [text for text in texts if text]


def wire_tags(name: str, value: Any) -> Optional[List[str]]:
    """Return tags to look for as strings; None if the collection is empty.

    The list is empty where there were values, but only None and empty texts.
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
    """Return a value that `requests` can put on the wire."""
    return value


def wire_names(_name: str, value: Any) -> Any:
    """Return a name as it is, and any iterable of names as a list without None.

    The list is empty, too, where all of its names are.
    """
    if isinstance(value, (str, bytes, Enum)) or not isinstance(value, Iterable):
        return value
    names = [each for each in value if each is not None]
    return names if any(map(plain_text, names)) else []


def wire_list(name: str, value: Any) -> List[Any]:
    """Return one value or any iterable of them as a list for a JSON body.

    Raises:
        ScaleTypeError: It is None.
    """
    if value is None:
        raise ScaleTypeError(f"{name} must be a list of str; got None")
    return _many(value)


def wire_time(_name: str, value: Any) -> Optional[str]:
    """Return a moment as ISO 8601; what is neither is left to the server.

    Aware datetimes keep their offset. Naive ones are taken as UTC, which is how
    the server reads a time without an offset; it is written out so that nobody
    has to know. A date is its midnight in UTC.
    """
    if value is None:
        return None
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
