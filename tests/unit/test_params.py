from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleapi import TaskStatus
from scaleapi._core.params import (
    wire_enum,
    wire_enums,
    wire_names,
    wire_strings,
    wire_tags,
    wire_time,
)
from scaleapi.sandbox.clock import to_timestamp_ms


@pytest.mark.parametrize("value", ["completed", TaskStatus.Completed])
def test_wire_enum_takes_an_enum_member_or_its_string(value: Any) -> None:
    word = wire_enum("status", value)
    assert word == "completed"
    assert type(word) is str


def test_wire_enum_passes_unknown_strings() -> None:
    assert wire_enum("status", "error") == "error"
    assert wire_enum("status", None) is None


def test_wire_enum_rejects_other_types() -> None:
    with pytest.raises(
        TypeError, match="status must be an enum member or a str; got 7"
    ):
        wire_enum("status", 7)
    with pytest.raises(TypeError, match="each element of status"):
        wire_enums("status", ["completed", 7])


@pytest.mark.parametrize("wire", [wire_enums, wire_strings])
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("completed", ["completed"]),
        (TaskStatus.Completed, ["completed"]),
        ([], []),
        (("pending", TaskStatus.Completed), ["pending", "completed"]),
        ({"a": 1}, ["a"]),
    ],
)
def test_wire_enums_and_wire_strings_return_a_list_for_one_or_many(
    wire: Any, value: Any, expected: Any
) -> None:
    assert wire("status", value) == expected


def test_wire_strings_takes_a_generator() -> None:
    assert wire_strings("tags", (word for word in ["a", "b"])) == ["a", "b"]


def test_wire_strings_converts_numbers_and_wire_enums_rejects_none() -> None:
    assert wire_strings("unique_id", [1, "b"]) == ["1", "b"]
    assert wire_strings("unique_id", 5) == ["5"]
    assert wire_strings("unique_id", b"ab") == ["ab"]
    with pytest.raises(TypeError, match="each element of status"):
        wire_enums("status", ["a", None])


def test_wire_strings_skips_none_and_empty_strings() -> None:
    assert wire_strings("unique_id", ["a", None, "b", ""]) == ["a", "b"]
    assert wire_strings("unique_id", [None, None]) == []
    assert wire_strings("unique_id", "") == []


def test_wire_tags_distinguishes_an_empty_iterable_from_one_of_empty_strings() -> None:
    for empty in ([], (), set(), {}, iter([])):
        assert wire_tags("tags", empty) is None
    for gaps in ("", [""], [None], iter([None, ""])):
        assert wire_tags("tags", gaps) == []
    assert wire_tags("tags", ["a", None]) == ["a"]


def test_wire_names_can_be_read_more_than_once() -> None:
    assert wire_names("project", "p") == "p"
    assert wire_names("project", None) is None
    assert wire_names("project", (name for name in ["p", None])) == ["p"]
    assert wire_names("project", ()) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", ""),
        ("2021-04-25", "2021-04-25"),
        (date(2021, 4, 25), "2021-04-25"),
        (datetime(2021, 4, 25, 3, 14, 15), "2021-04-25T03:14:15+00:00"),
        (
            datetime(2021, 4, 25, 3, 14, tzinfo=timezone(timedelta(hours=-7))),
            "2021-04-25T03:14:00-07:00",
        ),
    ],
)
def test_wire_time_returns_iso_8601(value: Any, expected: Any) -> None:
    assert wire_time("created_after", value) == expected


def test_wire_time_passes_other_types_as_strings() -> None:
    assert wire_time("created_after", 1577836800) == "1577836800"
    assert wire_time("created_after", b"2020-01-01") == "2020-01-01"


@given(
    st.datetimes(
        timezones=st.one_of(
            st.none(),
            st.integers(-1439, 1439).map(lambda m: timezone(timedelta(minutes=m))),
        ),
        min_value=datetime(1900, 1, 1),
        max_value=datetime(2200, 1, 1),
    )
)
def test_wire_time_keeps_the_time_of_a_datetime(moment: datetime) -> None:
    wire = wire_time("created_after", moment)
    assert wire is not None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
    microseconds = (aware - epoch) // timedelta(microseconds=1)
    assert to_timestamp_ms(wire, earliest=False) == microseconds // 1000
    assert to_timestamp_ms(wire, earliest=True) == -(-microseconds // 1000)
