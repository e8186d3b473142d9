from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleapi import TaskStatus
from scaleapi._core.filters import encode_filters
from scaleapi.batches import _BATCH_ENCODERS
from scaleapi.tasks.filters import _TASK_ENCODERS

ONE = st.one_of(st.text(), st.sampled_from(TaskStatus), st.just(b"bytes"))
VALUES = st.one_of(ONE, st.lists(ONE), st.sets(ONE), st.dates(), st.datetimes())


@pytest.mark.parametrize("encoders", [_TASK_ENCODERS, _BATCH_ENCODERS])
@given(value=VALUES)
def test_encode_filters_does_not_change_encoded_values(
    encoders: Any, value: Any
) -> None:
    for key in encoders:
        # A date is no status, as get_tasks says before it encodes anything.
        if isinstance(value, (date, datetime)) and not key.endswith(
            ("_time", "_after", "_before")
        ):
            continue
        once = encode_filters({key: value}, encoders)
        if once[key] != []:  # which check_empty_filters refuses
            assert encode_filters(once, encoders) == once


def test_encode_filters_names_the_argument_of_the_caller() -> None:
    with pytest.raises(TypeError, match="task_type must be an enum member or a str"):
        encode_filters({"type": 7}, _TASK_ENCODERS, {"type": "task_type"})
