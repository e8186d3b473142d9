"""The clock of the sandbox, and times as the API writes them."""

from __future__ import annotations

import math
import re
import threading
import time
from datetime import datetime, timedelta, timezone
from typing import Optional, Union

from scaleapi.sandbox.argument_checks import number

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
#: The range in which the clock can be set, in milliseconds since 1970.
_MIN_TIMESTAMP_MS, _MAX_TIMESTAMP_MS = 0, 221_845_392_000_000
#: The end of the year 9999, the last time that can be written.
_LAST_WRITABLE_MS = 253_402_300_799_999
#: Maximum number of seconds of one wait in `Clock.wait_until`: Python does not accept
#: a wait of centuries, and the clock of the machine can be changed meanwhile.
_MAX_WAIT_S = 60.0
_TIME_FORMAT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|z|[+-]\d\d:?\d\d)?)?",
    re.ASCII,
)


class Clock:
    """The time of one sandbox, which can be moved.

    The clock runs as fast as the clock of the machine. If a library like freezegun has
    frozen the time of the process, this clock stands still, too.
    """

    def __init__(self) -> None:
        self._ahead = 0
        self._moves = 0
        self._moved = threading.Condition()

    def __repr__(self) -> str:
        ahead = f", ahead_s={self._ahead / 1000}" if self._ahead else ""
        return f"Clock({to_text(self.now())!r}{ahead})"

    def now(self) -> int:
        """Return the milliseconds since 1970."""
        return _machine_time() + self._ahead

    @property
    def time(self) -> datetime:
        """The time of the sandbox, in UTC."""
        return _EPOCH + timedelta(milliseconds=self.now())

    def advance(self, seconds: float) -> None:
        """Move the clock, forward or, with a negative number, back.

        Events between the old and the new time happen now: signed URLs expire, and
        callbacks are tried again.

        Raises:
            TypeError: `seconds` is not a number.
            ValueError: `seconds` leads to a time before 1970 or after 9000.
        """
        by = number("seconds", seconds, -_MAX_TIMESTAMP_MS, _MAX_TIMESTAMP_MS)
        with self._moved:
            self._put(self._ahead + round(by * 1000))

    def set(self, moment: Union[datetime, str]) -> None:
        """Set the clock to a time.

        Args:
            moment: A `datetime`, or a str in ISO 8601; without an offset it is UTC.

        Raises:
            TypeError: `moment` is neither a datetime nor a str.
            ValueError: `moment` is not a valid time, or is out of range.
        """
        text = moment.isoformat() if isinstance(moment, datetime) else moment
        if not isinstance(text, str):
            raise TypeError(f"moment must be a datetime or a str; got {moment!r}")
        try:
            timestamp_ms = to_timestamp_ms(text, earliest=True)
        except ValueError:
            raise ValueError(
                f"moment must be a time in ISO 8601; got {text!r}"
            ) from None
        with self._moved:
            self._put(timestamp_ms - _machine_time())

    def reset(self) -> None:
        """Set the clock to the time of this machine."""
        with self._moved:
            self._put(0)

    @property
    def moves(self) -> int:
        """How often the clock was moved or `wake` was called."""
        return self._moves

    def wake(self) -> None:
        """End every `wait_until`."""
        with self._moved:
            self._moves += 1
            self._moved.notify_all()

    def wait_until(self, moment: Optional[int], seen: int) -> None:
        """Wait until a given time, or until `moves` differs from `seen`.

        The wait may end early.
        """
        with self._moved:
            seconds = None
            if moment is not None:
                seconds = min((moment - self.now()) / 1000, _MAX_WAIT_S)
            if self._moves == seen and (seconds is None or seconds > 0):
                self._moved.wait(seconds)

    def _put(self, ahead: int) -> None:
        if not _MIN_TIMESTAMP_MS <= _machine_time() + ahead <= _MAX_TIMESTAMP_MS:
            raise ValueError("the clock can be set from the year 1970 to 9000")
        self._ahead = ahead
        self._moves += 1
        self._moved.notify_all()


def _machine_time() -> int:
    """Return the milliseconds since 1970, as the whole process sees them.

    A frozen `datetime` gives the frozen time in every thread. freezegun's
    ``time.time`` gives the real time to functions near the start of a thread.
    """
    try:
        now = datetime.now(timezone.utc)
    except IndexError:  # freezegun is just ending in another thread
        return time.time_ns() // 1_000_000
    return (now - _EPOCH) // timedelta(milliseconds=1)


def to_text(moment: int) -> str:
    """Return milliseconds since 1970 as the API writes them."""
    text = (_EPOCH + timedelta(milliseconds=moment)).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def to_timestamp_ms(text: str, *, earliest: bool) -> int:
    """Return a time as milliseconds since 1970.

    Args:
        text: A date, or a date and a time with or without seconds, fraction and
            offset. Without an offset it is UTC (api-notes: time-filters).
        earliest: Whether finer fractions are rounded up, as a lower bound needs it,
            or down.

    Raises:
        ValueError: `text` is not a time in this format.
    """
    match = _TIME_FORMAT.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    date_parts = (int(year), int(month), int(day))
    time_parts = (int(hour or 0), int(minute or 0), int(second or 0))
    try:
        whole = datetime(*date_parts, *time_parts, tzinfo=timezone.utc)
        whole -= _offset(offset)
    except OverflowError:
        raise ValueError(text) from None
    milliseconds = float("0." + (fraction or "0")) * 1000
    rounded = math.ceil(milliseconds) if earliest else math.floor(milliseconds)
    timestamp_ms = (whole - _EPOCH) // timedelta(milliseconds=1) + rounded
    # The fraction of `datetime.max` is rounded up to a year that cannot be written.
    return min(timestamp_ms, _LAST_WRITABLE_MS)


def _offset(text: Optional[str]) -> timedelta:
    if text in (None, "Z", "z"):
        return timedelta()
    assert text is not None
    size = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return -size if text[0] == "-" else size
