"""Times of v2: read from documents, and sent in filters."""

from __future__ import annotations

import re
from datetime import date, datetime, timezone
from typing import Any, Optional, Union

from scaleapi.exceptions import ScaleTypeError, ScaleValueError

#: A time: a datetime, a date, ISO 8601 text, or seconds since 1970.
TimeFilter = Union[datetime, date, str, float]
#: ISO 8601, in the parts that `datetime` takes.
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?"
    r" ?([Zz]|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)


def parsed_time(text: str) -> Optional[datetime]:
    """Return the datetime of an ISO 8601 text; None if it is none.

    A text without an offset gives a datetime without a time zone.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    day, minute, second, fraction, offset = match.groups()
    iso = f"{day}T{minute or '00:00'}:{second or '00'}.{(fraction or '0')[:6]:0<6}"
    if offset:
        digits = "0000" if offset in "Zz" else f"{offset[1:].replace(':', ''):0<4}"
        iso += f"{offset[0] if digits != '0000' else '+'}{digits[:2]}:{digits[2:]}"
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return None
    return moment.replace(tzinfo=timezone.utc) if offset in ("Z", "z") else moment


def sent_time(name: str, value: Any) -> str:
    """Return a time as it is sent: with microseconds, and its offset if it has one.

    Raises:
        ScaleTypeError: `value` has none of the types of `TimeFilter`.
        ScaleValueError: `value` is no time.
    """
    # api-notes: v2-time-filters
    moment = _moment(name, value)
    # NaT of pandas is a datetime, and not equal to itself.
    if moment is None or moment != moment:
        raise ScaleValueError(
            f"{name} must be a time, such as 2024-01-31 or 2024-01-31T10:00:00Z; got "
            f"{value!r}"
        )
    naive = moment.replace(tzinfo=None).isoformat(timespec="microseconds")
    return naive + moment.strftime("%z")


def _moment(name: str, value: Any) -> Optional[datetime]:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, str):
        return parsed_time(value.strip())
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ScaleTypeError(f"{name} must be a datetime, date or str; got {value!r}")
    try:
        return datetime.fromtimestamp(value, timezone.utc)
    except (ValueError, OverflowError, OSError):
        return None
