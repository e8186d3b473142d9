"""Lines hold what the document holds, with orjson and without."""

from __future__ import annotations

import json
import math
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleapi.export.lines import line_encoder, plain_line

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), values, max_size=4))
def test_a_line_is_read_back_as_the_same_document(document: Any) -> None:
    for encode in (line_encoder(), plain_line):
        line = encode(document)
        assert line.count(b"\n") == 1
        assert line.endswith(b"\n")
        assert json.loads(line) == document


@pytest.mark.parametrize(
    "value", ["\ud800", "\U0001f404", "\0", "\u2028\x85\r\n", 2**70, None, -0.0]
)
def test_values_that_encoders_treat_differently(value: Any) -> None:
    document = {"task_id": "1", "metadata": {"value": value, "nothing": None}}
    assert json.loads(line_encoder()(document)) == document


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_a_number_does_not_become_null(value: float) -> None:
    found = json.loads(line_encoder()({"value": value, "nothing": None}))
    assert repr(found) == repr({"value": value, "nothing": None})


def test_orjson_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "orjson", None)
    assert line_encoder() is plain_line
