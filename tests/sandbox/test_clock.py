from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleapi.sandbox.clock import Clock, to_text, to_timestamp_ms

MOMENTS = st.integers(-(10**12), 10**13)


@given(MOMENTS)
def test_a_timestamp_survives_formatting_and_parsing(moment: int) -> None:
    assert to_timestamp_ms(to_text(moment), earliest=True) == moment
    assert to_timestamp_ms(to_text(moment), earliest=False) == moment


@given(MOMENTS, MOMENTS)
def test_formatted_timestamps_sort_by_time(one: int, two: int) -> None:
    assert (one < two) == (to_text(one) < to_text(two))


def test_a_formatted_timestamp_has_milliseconds_and_z() -> None:
    assert to_text(1646121900250) == "2022-03-01T08:05:00.250Z"


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2021-04-25", "2021-04-25T00:00:00.000Z"),
        ("2021-04-25T03:14", "2021-04-25T03:14:00.000Z"),
        ("2021-04-25T03:14:15-07:00", "2021-04-25T10:14:15.000Z"),
        ("2021-04-25 03:14:15+0200", "2021-04-25T01:14:15.000Z"),
        ("2021-04-25T03:14:15.5z", "2021-04-25T03:14:15.500Z"),
        (" 2021-04-25 ", "2021-04-25T00:00:00.000Z"),
    ],
)
def test_times_are_parsed(text: str, same: str) -> None:
    assert to_text(to_timestamp_ms(text, earliest=True)) == same


def test_fractions_of_milliseconds_are_rounded_into_the_range() -> None:
    text = "2021-04-25 03:14:15.123456"
    low, high = (
        to_timestamp_ms(text, earliest=True),
        to_timestamp_ms(text, earliest=False),
    )
    assert low - high == 1


@pytest.mark.parametrize(
    "text",
    ["", "now", "2021", "2021-02-30", "25.4.2021", "2021-04-25T25:00", "٢٠٢١-04-25"],
)
def test_text_that_is_not_a_time_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        to_timestamp_ms(text, earliest=True)


@given(st.integers(0, 999_999))
def test_microseconds_are_never_off_by_one(microsecond: int) -> None:
    moment = datetime(2021, 4, 25, 1, 2, 3, microsecond, tzinfo=timezone.utc)
    exact = moment - datetime(1970, 1, 1, tzinfo=timezone.utc)
    microseconds = exact // timedelta(microseconds=1)
    assert to_timestamp_ms(moment.isoformat(), earliest=False) == microseconds // 1000
    assert to_timestamp_ms(moment.isoformat(), earliest=True) == -(
        -microseconds // 1000
    )


def test_a_time_at_the_very_end_can_be_written() -> None:
    last = datetime.max.replace(tzinfo=timezone.utc).isoformat()
    assert to_text(to_timestamp_ms(last, earliest=True)) == "9999-12-31T23:59:59.999Z"


def test_the_error_of_clock_set_shows_the_format_of_a_time() -> None:
    with pytest.raises(ValueError, match="^moment must be a time in ISO 8601; got 'x'"):
        Clock().set("x")
