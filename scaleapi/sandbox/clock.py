"""Time as the API tells it: UTC, in whole milliseconds."""

from __future__ import annotations

import math
import re
import time
from datetime import datetime, timedelta, timezone
from typing import Optional

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|z|[+-]\d\d:?\d\d)?)?",
    re.ASCII,
)


def now() -> int:
    """Return the milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def to_text(moment: int) -> str:
    """Return milliseconds since 1970 as the API writes them."""
    text = (_EPOCH + timedelta(milliseconds=moment)).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def to_moment(text: str, *, earliest: bool) -> int:
    """Return a time as milliseconds since 1970.

    Args:
        text: A date, or a date and a time with or without seconds, fraction and
            offset (contract 6.6). Without an offset it is UTC.
        earliest: Whether finer fractions are rounded up, as the lower bound of
            a range wants it, or down.

    Raises:
        ValueError: It is no such time.
    """
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    parts = [int(part or 0) for part in (year, month, day, hour, minute, second)]
    try:
        whole = datetime(*parts, tzinfo=timezone.utc) - _offset(offset)  # type: ignore
    except OverflowError:
        raise ValueError(text) from None
    milliseconds = float("0." + (fraction or "0")) * 1000
    rounded = math.ceil(milliseconds) if earliest else math.floor(milliseconds)
    return (whole - _EPOCH) // timedelta(milliseconds=1) + rounded


def _offset(text: Optional[str]) -> timedelta:
    if text in (None, "Z", "z"):
        return timedelta()
    assert text is not None
    size = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return -size if text[0] == "-" else size
