"""Windows of the time of creation: how a long list of tasks is divided. Pure.

The time of creation of a task never changes, so a task is always in the same window.
api-notes: created-at-fixed
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import (
    Any,
    Callable,
    Dict,
    Iterable,
    Iterator,
    List,
    NamedTuple,
    Optional,
    Sequence,
)

_EPOCH = datetime(1970, 1, 1)
#: Where halving begins if nothing else says how old the oldest task is: 2016, when
#: Scale began. Older tasks are in the oldest window, whose beginning is open.
_FIRST_MS = 1_451_606_400_000
_HOUR_MS = 60 * 60 * 1000
_YEAR_MS = 365 * 24 * _HOUR_MS
#: Steps of a ladder; the last one is before any task.
_STEPS = 11
#: Parts into which a window is divided at once. More would save a round trip where
#: tasks were created evenly, and count many empty parts where they were not.
_MAX_PARTS = 32

_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(?:[.,](\d+))?)?"
    r"\s*(?:[Zz]|([+-])(\d\d):?(\d\d))?\Z"
)


class Window(NamedTuple):
    """Part of the time of creation.

    Attributes:
        start: Milliseconds since 1970, included; None if the beginning is open.
        end: Milliseconds since 1970, not included; None if the end is open.
        expected: About how many tasks it has.
    """

    start: Optional[int]
    end: Optional[int]
    expected: int = 0

    @property
    def bounds(self) -> Dict[str, str]:
        """The filters that ask for the window.

        They reach a millisecond further than the window on each side, so that it is
        whole whether the API includes the bounds of a filter or not; `Sieve` leaves
        out what is too much. api-notes: time-filters
        """
        found = {}
        if self.start is not None:
            found["start_time"] = time_text(self.start - 1)
        if self.end is not None:
            found["end_time"] = time_text(self.end)
        return found

    @property
    def exact_bounds(self) -> Dict[str, str]:
        """The filters that count its tasks, if the API includes the bounds."""
        found = {}
        if self.start is not None:
            found["start_time"] = time_text(self.start)
        if self.end is not None:
            found["end_time"] = time_text(self.end - 1)
        return found

    def __str__(self) -> str:
        start = "the first" if self.start is None else time_text(self.start)
        end = "the last" if self.end is None else time_text(self.end - 1)
        return f"created from {start} to {end}"


class Sieve:
    """Says which tasks belong to a window, of those that its filters bring.

    Args:
        window: The window.

    Attributes:
        first: First time of the window as the API writes times, which can be compared
            as they are; before any time if its beginning is open.
        after: First time after the window; after any time if its end is open.
    """

    def __init__(self, window: Window) -> None:
        self._start, self._end = window.start, window.end
        self.first = "" if window.start is None else time_text(window.start)
        self.after = "~" if window.end is None else time_text(window.end)

    def passes(self, created_at: Any) -> bool:
        """Return whether a task belongs to the window.

        A task that does not say when it was created is taken to belong.
        """
        if type(created_at) is str and len(created_at) == 24 and created_at[23] == "Z":
            return self.first <= created_at < self.after
        moment = milliseconds(created_at)
        if moment is None:
            return True
        return (self._start is None or self._start <= moment) and (
            self._end is None or moment < self._end
        )


def time_text(moment_ms: int) -> str:
    """Return a time as the API writes it: in UTC, with milliseconds."""
    moment = _EPOCH + timedelta(milliseconds=moment_ms)
    return moment.isoformat(timespec="milliseconds") + "Z"


def milliseconds(text: Any) -> Optional[int]:
    """Return a time in milliseconds since 1970, rounded down.

    Args:
        text: A time as ISO 8601. Without an offset it is UTC. api-notes: time-filters

    Returns:
        None if `text` is not such a time.
    """
    found = _TIME.match(text) if isinstance(text, str) else None
    if found is None:
        return None
    day, minute, second, fraction, sign, hours, minutes = found.groups()
    try:
        moment = datetime.strptime(
            f"{day} {minute or '00:00'}{second or ':00'}", "%Y-%m-%d %H:%M:%S"
        )
    except ValueError:
        return None
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    if sign == "-":
        offset = -offset
    whole = (moment - offset - _EPOCH) // timedelta(milliseconds=1)
    return whole + int(f"{fraction or '0'}000"[:3])


def plan(
    total: int,
    newest: int,
    after: Optional[int],
    count: Callable[[Sequence[Window]], Iterable[int]],
    most: int,
    best: int,
) -> List[Window]:
    """Return windows that hold all of the time, the newest first.

    Windows with more tasks than `most` are divided as long as that is possible, and
    small neighbors are put together. Numbers of tasks only decide how large a window
    is: a window that seems to be empty is kept.

    Args:
        total: Number of all tasks.
        newest: When the newest task was created.
        after: The caller's own lower bound; None if there is none.
        count: Counts the tasks of several windows.
        most: How many tasks a window should have at most.
        best: How many tasks it should have if they were created evenly, which is not
            counted.
    """
    if total <= most:
        return [Window(None, None, total)]
    # Two later, since a window asks for a millisecond more than it has, and that must
    # not be before the caller's bound.
    oldest = min(_FIRST_MS, newest - _YEAR_MS) if after is None else after + 2
    end = newest + 1
    windows = _ladder(total, oldest, end, count)
    while True:
        divided = [_few_too_large(window, oldest, end, most) for window in windows]
        if not any(divided):
            break
        # The last part of a window has what the others do not have.
        counts = iter(count([part for parts in divided for part in parts[:-1]]))
        windows = [
            part
            for window, parts in zip(windows, divided)
            for part in (_expecting(window, parts, counts, most) if parts else [window])
        ]
    # Before empty windows, which may be years long, are added to their neighbors.
    cut = [part for window in windows for part in _cut(window, oldest, end, best)]
    return _merged(cut, best)


def _few_too_large(window: Window, oldest: int, end: int, most: int) -> List[Window]:
    """Return parts to count, of which few should have too many tasks."""
    if window.expected <= most:
        return []
    # A few more than needed, since tasks are not created quite evenly.
    number = 5 * window.expected // (4 * most) + 1
    return _parts(window, oldest, end, min(number, _MAX_PARTS))


def _cut(window: Window, oldest: int, end: int, best: int) -> List[Window]:
    number = -(-window.expected // best)
    parts = _parts(window, oldest, end, number)
    even = [part._replace(expected=window.expected // number) for part in parts]
    return even or [window]


def _ladder(
    total: int,
    oldest: int,
    end: int,
    count: Callable[[Sequence[Window]], Iterable[int]],
) -> List[Window]:
    """Return windows that begin an hour before the end, four hours, and so on.

    They are counted at the same time, which finds out how old a project is much faster
    than halves of ten years.
    """
    steps = (end - _HOUR_MS * 4**step for step in range(_STEPS))
    starts = [start for start in steps if start > oldest]
    since = [0, *count([Window(start, None) for start in starts]), total]
    edges = [None, *starts, None]
    return [
        Window(older, newer, max(later - sooner, 0))
        for newer, older, sooner, later in zip(edges, edges[1:], since, since[1:])
    ]


def _parts(window: Window, oldest: int, end: int, number: int) -> List[Window]:
    """Return equal parts of a window, the newest first; nothing for a millisecond."""
    low = oldest if window.start is None else window.start
    high = end if window.end is None else window.end
    number = min(number, high - low)
    if number < 2:
        return []
    inner = [low + (high - low) * step // number for step in range(1, number)]
    edges = [window.end, *reversed(inner), window.start]
    return [Window(older, newer) for newer, older in zip(edges, edges[1:])]


def _expecting(
    window: Window, parts: List[Window], counts: Iterator[int], most: int
) -> List[Window]:
    numbers = [next(counts) for _ in parts[:-1]]
    if sum(numbers) > 2 * window.expected:
        # The server does not count by time, and division would never end.
        return [window._replace(expected=most)]
    numbers.append(max(window.expected - sum(numbers), 0))
    return [part._replace(expected=some) for part, some in zip(parts, numbers)]


def _merged(windows: List[Window], most: int) -> List[Window]:
    merged = windows[:1]
    for window in windows[1:]:
        expected = merged[-1].expected + window.expected
        if expected <= most:
            merged[-1] = Window(window.start, merged[-1].end, expected)
        else:
            merged.append(window)
    return merged
