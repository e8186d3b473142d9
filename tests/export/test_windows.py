"""Windows: every moment is in exactly one, and the filters bring all of it."""

from __future__ import annotations

from typing import Dict, List, Optional, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleapi.export.windows import Sieve, Window, milliseconds, plan, time_text

BASE = 1_646_121_900_000
moments = st.lists(st.integers(BASE, BASE + 500), min_size=1, max_size=120)


def found(tasks: List[int], bounds: Dict[str, str], *, inclusive: bool) -> List[int]:
    """Return what an API lists for filters."""
    start = milliseconds(bounds.get("start_time"))
    end = milliseconds(bounds.get("end_time"))
    more = 0 if inclusive else 1
    return [
        task
        for task in tasks
        if (start is None or task >= start + more)
        and (end is None or task <= end - more)
    ]


def planned(
    tasks: List[int],
    most: int,
    *,
    inclusive: bool,
    after: Optional[int] = None,
    best: Optional[int] = None,
) -> List[Window]:
    def count(windows: Sequence[Window]) -> List[int]:
        return [
            len(found(tasks, window.exact_bounds, inclusive=inclusive))
            for window in windows
        ]

    return plan(len(tasks), max(tasks), after, count, most, best or most)


@given(moments, st.integers(1, 30), st.integers(1, 30), st.booleans())
def test_each_task_is_in_one_window_whatever_included_means(
    tasks: List[int], most: int, best: int, inclusive: bool
) -> None:
    exported = []
    for window in planned(tasks, most, inclusive=inclusive, best=best):
        passes = Sieve(window).passes
        listed = found(sorted(tasks, reverse=True), window.bounds, inclusive=inclusive)
        exported += [task for task in listed if passes(time_text(task))]
    assert exported == sorted(tasks, reverse=True)


def sizes_of(windows: List[Window], tasks: List[int]) -> List[int]:
    return [len(found(tasks, w.exact_bounds, inclusive=True)) for w in windows]


def test_windows_are_small_and_few() -> None:
    tasks = [BASE + 1000 * number for number in range(1000)]
    windows = planned(tasks, 50, inclusive=True)
    sizes = sizes_of(windows, tasks)
    assert sum(sizes) == 1000
    assert max(sizes) <= 50
    assert len(windows) <= 40


def test_windows_are_smaller_than_what_was_counted() -> None:
    # The oldest is years older than the others.
    tasks = [BASE - 10**11, *(BASE + 1000 * number for number in range(1000))]
    counted = []

    def count(windows: Sequence[Window]) -> List[int]:
        counted.extend(windows)
        return sizes_of(list(windows), tasks)

    windows = plan(len(tasks), max(tasks), None, count, 200, 25)
    sizes = sizes_of(windows, tasks)
    assert sum(sizes) == 1001
    assert max(sizes) <= 35
    assert len(windows) <= 55
    assert len(counted) < 30


def test_a_few_tasks_are_one_walk_without_bounds() -> None:
    (window,) = planned([BASE] * 50, 50, inclusive=True)
    assert window.bounds == {}


def test_a_full_millisecond_is_a_window_of_its_own() -> None:
    tasks = [BASE] * 500 + [BASE - 5000, BASE + 5000]
    windows = planned(tasks, 50, inclusive=True)
    assert [w.end for w in windows if w.start == BASE] == [BASE + 1]


def test_filters_do_not_reach_before_the_bound_of_the_caller() -> None:
    after = BASE + 10
    tasks = list(range(after, after + 40))
    starts = [w.start for w in planned(tasks, 2, inclusive=True, after=after)]
    assert starts[-1] is None
    assert all(start - 1 > after for start in starts[:-1] if start is not None)


def test_tasks_from_before_scale_existed_are_divided_too() -> None:
    tasks = [1000 * number for number in range(200)]
    assert len(planned(tasks, 50, inclusive=True)) > 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01", 0),
        ("1970-01-01T00:00:01Z", 1000),
        ("1970-01-01 00:00:01.5", 1500),
        ("1970-01-01T00:00:00.123456Z", 123),
        ("1970-01-01T01:00+01:00", 0),
        ("1969-12-31T19:00:00-0500", 0),
        ("1969-12-31T23:59:59.999Z", -1),
        ("1970-13-01", None),
        ("yesterday", None),
        (None, None),
        (5, None),
    ],
)
def test_times_are_read_as_the_api_reads_them(text: object, expected: object) -> None:
    assert milliseconds(text) == expected


def test_other_ways_to_write_a_time_are_sifted_alike() -> None:
    passes = Sieve(Window(BASE, BASE + 1000)).passes
    assert passes("2022-03-01T08:05:00+00:00")
    assert not passes("2022-03-01T08:05:01+00:00")
    assert not passes("2022-03-01T08:04:59+00:00")
    assert passes(None)


def test_a_server_that_does_not_count_by_time_is_not_asked_forever() -> None:
    counted = []

    def count(windows: Sequence[Window]) -> List[int]:
        counted.extend(windows)
        return [5000] * len(windows)

    plan(5000, BASE, None, count, 100, 100)
    assert len(counted) < 100
