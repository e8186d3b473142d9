from __future__ import annotations

import enum
import json
import os
import subprocess
import sys
from typing import Any, Dict, List

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaleapi import ScaleException, ScaleTypeError, ScaleValueError, TaskType
from scaleapi.bulk.keys import content_id, with_unique_id

#: Written down once. If this changes, scripts that are run again pay twice.
KNOWN = "f78a1432a5981927a2a99a31d05af8af1a6474ada70c796c87df082db92ffc5e"
PAYLOAD: Dict[str, Any] = {
    "attachment": "https://example.com/kühe/1.jpg",
    "metadata": {"b": [1, 2.5, None, True], "a": {"ü": "\U0001f404"}},
}

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
payloads = st.dictionaries(st.text(), json_values)


def test_content_id_never_changes() -> None:
    assert content_id("imageannotation", PAYLOAD) == KNOWN


def test_content_id_can_be_computed_from_its_description() -> None:
    import hashlib

    text = (
        '["imageannotation",{"attachment":"https://example.com/k\\u00fche/1.jpg",'
        '"metadata":{"a":{"\\u00fc":"\\ud83d\\udc04"},"b":[1,2.5,null,true]}}]'
    )
    assert hashlib.sha256(text.encode()).hexdigest() == KNOWN


@pytest.mark.parametrize("seed", ["0", "1", "2"])
def test_content_id_does_not_depend_on_the_hash_seed(seed: str) -> None:
    script = (
        "import json, sys; from scaleapi.bulk.keys import content_id; "
        "print(content_id('imageannotation', json.loads(sys.argv[1])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, json.dumps(PAYLOAD)],
        env={
            **os.environ,
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    assert done.stdout.strip() == KNOWN


def turned(value: Any) -> Any:
    """Return an equal value with all its keys in the other order."""
    if isinstance(value, dict):
        return {key: turned(value[key]) for key in reversed(list(value))}
    if isinstance(value, list):
        return tuple(turned(each) for each in value)
    return value


@settings(max_examples=50)
@given(payloads)
def test_content_id_ignores_the_order_of_keys_and_tuples_for_lists(
    payload: Dict[str, Any],
) -> None:
    assert content_id("t", payload) == content_id("t", turned(payload))


@settings(max_examples=50)
@given(payloads, payloads)
def test_content_id_is_equal_exactly_for_equal_json(
    one: Dict[str, Any], other: Dict[str, Any]
) -> None:
    texts: List[str] = []
    for payload in (one, other):
        payload.pop("unique_id", None)
        texts.append(json.dumps(payload, sort_keys=True))
    same = content_id("t", one) == content_id("t", other)
    assert same == (texts[0] == texts[1])


def test_content_id_is_equal_for_equal_requests() -> None:
    class Color(str, enum.Enum):
        RED = "red"

    assert content_id("t", {"a": Color.RED}) == content_id("t", {"a": "red"})
    assert content_id("t", {"a": {1: 2}}) == content_id("t", {"a": {"1": 2}})
    assert content_id("t", {"a": {"x", "y", "z"}}) == content_id(
        "t", {"a": ["x", "y", "z"]}
    )
    assert content_id("t", {"a": {1: 2, "x": 3}}) == content_id(
        "t", {"a": {"x": 3, "1": 2}}
    )
    assert content_id("t", {"a": 1}) != content_id("u", {"a": 1})
    assert content_id("t", {"a": 1}) != content_id("t", {"a": "1"})


@pytest.mark.parametrize(
    ("value", "cls"),
    [
        (float("nan"), ScaleValueError),
        (float("inf"), ScaleValueError),
        (b"bytes", ScaleTypeError),
        ({b"a"}, ScaleTypeError),
        (object(), ScaleTypeError),
    ],
    ids=["nan", "inf", "bytes", "set", "object"],
)
def test_content_id_rejects_what_cannot_be_json(value: Any, cls: type) -> None:
    with pytest.raises(ScaleException, match="cannot be JSON") as caught:
        content_id("t", {"deep": [{"value": value}]})
    assert isinstance(caught.value, cls)


def test_with_unique_id_keeps_the_id_of_the_payload() -> None:
    payload = {"unique_id": "mine"}
    for way in ("auto", "content", None, lambda payload: "other"):
        assert with_unique_id("t", payload, way, lambda: "fresh") == payload


@pytest.mark.parametrize("own", [{}, {"unique_id": ""}, {"unique_id": None}])
def test_with_unique_id_adds_an_id_to_a_copy(own: Any) -> None:
    payload = {**own, "a": 1}
    before = dict(payload)
    made = with_unique_id("t", payload, "auto", lambda: "fresh")
    assert made == {**payload, "unique_id": "fresh"}
    made = with_unique_id("t", payload, lambda p: f"a-{p['a']}", lambda: "fresh")
    assert made["unique_id"] == "a-1"
    made = with_unique_id(TaskType.Chat.value, payload, "content", lambda: "fresh")
    assert made["unique_id"] == content_id("chat", {"a": 1})
    assert with_unique_id("t", payload, None, lambda: "fresh") == payload
    assert payload == before


def test_with_unique_id_requires_a_callable_that_returns_a_string() -> None:
    with pytest.raises(TypeError, match="must be a str; got 7"):
        with_unique_id("t", {}, lambda payload: 7, lambda: "fresh")  # type: ignore
    with pytest.raises(ValueError, match="is empty"):
        with_unique_id("t", {}, lambda payload: "", lambda: "fresh")


def test_with_unique_id_rejects_a_payload_that_is_not_a_dict() -> None:
    with pytest.raises(TypeError, match="a payload must be a dict; got 'x"):
        with_unique_id("t", "x" * 1000, "auto", lambda: "fresh")
