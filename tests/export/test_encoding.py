"""JSON text has the same values with orjson and without."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given

from scaleapi.export import encoding
from tests.export.test_lines import values


@pytest.fixture(params=["with orjson", "without"])
def encoder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    if request.param == "without":
        monkeypatch.setattr(encoding, "_orjson", lambda: None)
    return encoding


@given(values)
def test_as_json_and_as_ascii_json_hold_the_value(value: Any) -> None:
    text = encoding.as_json(value)
    assert json.loads(text.encode()) == value
    if "Infinity" not in text:  # is refused there, see below
        assert json.loads(encoding.as_ascii_json(value).decode("ascii")) == value


@pytest.mark.parametrize(
    "value",
    ["\ud800", "\U0001f404", 2**70, -0.0, 1e16, None, {"1": None}, [[], {}], True],
)
def test_values_that_encoders_treat_differently(value: Any, encoder: Any) -> None:
    for text in (encoder.as_json([value]).encode(), encoder.as_ascii_json([value])):
        assert repr(json.loads(text)) == repr([value])


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_nan_does_not_become_null(value: float, encoder: Any) -> None:
    assert repr(json.loads(encoder.as_json([value, None]))) == repr([value, None])
    with pytest.raises(ValueError):
        encoder.as_ascii_json([value, None])


def test_what_json_does_not_have_is_refused(encoder: Any) -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    for value, error in ((deep, RecursionError), ({1}, TypeError)):
        for encode in (encoder.as_json, encoder.as_ascii_json):
            with pytest.raises(error):
                encode(value)
