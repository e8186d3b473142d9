"""What a callback reports."""

from __future__ import annotations

import json
import pickle
from typing import Any, Dict, Optional

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scaleapi import Batch, ScaleClient, ScaleException, ScaleTypeError, Task
from scaleapi.callbacks import CallbackEvent, CallbackRejected, parse_callback
from tests.callbacks.bodies import ID, KEYS, LIVE, TEST, headers, task_body


def parsed(body: Any, key: str = LIVE, client: Any = None) -> CallbackEvent:
    return parse_callback(body, headers(key), KEYS, client)


def rejection(body: Any, key: str = LIVE) -> CallbackRejected:
    with pytest.raises(CallbackRejected) as caught:
        parsed(body, key)
    return caught.value


def test_a_task_is_a_task_with_its_response() -> None:
    body = task_body({"category": "Kuh \u00fc"}, metadata={"\u725b": "\U0001f404"})
    event = parsed(body)
    assert isinstance(event.task, Task)
    assert (event.task.id, event.task.status) == (ID, "completed")
    assert event.task.metadata == {"\u725b": "\U0001f404"}
    assert event.response == {"category": "Kuh \u00fc"}
    assert event.batch is None
    assert event.raw == body


def test_a_batch_is_a_batch() -> None:
    batch = {"name": "w\u00f6che 9", "project": "cows", "status": "completed"}
    for key, live in ((LIVE, True), (TEST, False)):
        event = parsed(json.dumps({"batch": batch}), key)
        assert isinstance(event.batch, Batch)
        assert (event.batch.name, event.batch.status) == ("w\u00f6che 9", "completed")
        assert (event.task, event.response, event.live) == (None, None, live)
        assert repr(event).startswith("CallbackEvent(batch 'w\u00f6che 9', live=")


def test_the_task_has_the_client_that_was_passed() -> None:
    with ScaleClient("test_key") as client:
        event = parsed(task_body(), client=client)
        assert event.task is not None
        assert event.task._client is client
    event = parsed(task_body())
    assert event.task is not None
    with pytest.raises(ScaleException, match="was made without a client"):
        event.task.refresh()


def test_a_response_that_is_only_in_the_task_is_found() -> None:
    body = {"task": {"task_id": ID, "status": "completed", "response": {"a": 1}}}
    assert parsed(json.dumps(body)).response == {"a": 1}


@pytest.mark.parametrize(
    ("key", "is_test", "live"),
    [
        (LIVE, False, True),
        (LIVE, None, True),
        (LIVE, True, None),
        (LIVE, "true", None),
        (LIVE, 0, None),
        (TEST, True, False),
        (TEST, None, False),
        (TEST, False, None),
        (TEST, "false", None),
        (TEST, 1, None),
    ],
)
def test_the_key_must_be_that_of_the_tasks_mode(
    key: str, is_test: Any, live: Optional[bool]
) -> None:
    body = task_body(is_test=is_test)
    if live is None:
        error = rejection(body, key)
        assert (error.reason, error.status) == ("wrong_mode", 401)
        assert repr(is_test) in str(error)
    else:
        assert parsed(body, key).live is live


def test_a_task_without_is_test_agrees_with_both_keys() -> None:
    body = json.dumps({"task": {"task_id": ID}})
    assert [parsed(body, key).live for key in (LIVE, TEST)] == [True, False]


@pytest.mark.parametrize(
    "body",
    [
        *(b"[]", b"{}", b"7", b"null", b'"task"', b'{"task": null}', b'{"task": []}'),
        *(b'{"task": {}}', b'{"task": {"task_id": null}}', b'{"task": {"id": "a"}}'),
        *(b'{"batch": {}}', b'{"batch": {"name": []}}', b'{"task_id": "a"}'),
        b'{"task_id": "a", "task": {"task_id": "b"}}',
        b'{"task": {"task_id": "a"}, "batch": {"name": "b"}}',
    ],
)
def test_json_that_reports_nothing_is_not_a_callback(body: bytes) -> None:
    error = rejection(body)
    assert (error.reason, error.status) == ("not_a_callback", 400)


NOT_JSON: Dict[str, Any] = {
    "nothing": b"",
    "None": None,
    "text": b"hello",
    "cut off": task_body()[:-1],
    "two documents": task_body() + task_body(),
    "not UTF-8": task_body("x").replace(b'"x"', b'"\xff"'),
    "unicode digits": '{"task": \u0663}'.encode(),
    "a form": b"task=1&key=2",
    "gzip": b"\x1f\x8b\x08\0\0\0\0\0",
    "deep lists": b"[" * 200_000,
    "deep lists with an end": b"[" * 200_000 + b"]" * 200_000,
    "deep objects": b'{"a":' * 200_000,
}


@pytest.mark.parametrize("kind", NOT_JSON)
def test_a_body_that_is_not_json_is_rejected(kind: str) -> None:
    error = rejection(NOT_JSON[kind])
    assert (error.reason, error.status) == ("not_json", 400)


@pytest.mark.parametrize("depth", range(900, 1030, 10))
def test_a_body_that_can_only_just_be_read_is_an_event_or_rejected(depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    body = b'{"task": {"task_id": "a", "response": %s, "is_test": %s}}'
    for given_body in (body % (deep, b"null"), body % (b"1", deep)):
        try:
            parsed(given_body)
        except CallbackRejected as error:
            assert error.reason in ("not_json", "wrong_mode")


def test_other_odd_json_is_read() -> None:
    for text in (
        '{"x": 1, "x": 2}',
        '"\\ud800"',
        '"\ud800"',
        "NaN",
        "1e999",
        "9" * 4000,
    ):
        body = '{"task": {"task_id": "a"}, "response": %s}' % text
        assert parsed(body).task is not None
        assert parsed(body).delivery_id == parsed(body).delivery_id


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda b: b.decode()])
def test_the_body_may_be_of_any_kind_and_raw_is_bytes(kind: Any) -> None:
    event = parsed(kind(task_body()))
    assert event.raw == task_body()
    assert type(event.raw) is bytes


def test_a_body_of_another_type_is_a_type_error() -> None:
    with pytest.raises(ScaleTypeError, match="body must be the bytes"):
        parsed(json.loads(task_body()))


def test_repeats_have_one_delivery_id_and_changes_have_others() -> None:
    first = task_body({"a": 1, "b": 2})
    same = [
        task_body({"b": 2, "a": 1}),
        task_body({"a": 1, "b": 2}, callback_succeeded=False, metadata={"x": 1}),
    ]
    audit = {"audit_result": "accepted", "audited_at": "2022-03-02T11:32:03.750Z"}
    others = [
        task_body({"a": 1, "b": 3}),
        task_body({"a": 1, "b": 2}, status="error"),
        task_body({"a": 1, "b": 2}, task_id="b"),
        task_body({"a": 1, "b": 2}, customer_review_status="accepted"),
        task_body({"a": 1, "b": 2}, customer_review_status="rejected"),
        # It was recalled, and completed again with the same response.
        task_body({"a": 1, "b": 2}, completed_at="2022-03-02T09:10:02.000Z"),
        # It may be accepted again after it was rejected.
        task_body({"a": 1, "b": 2}, customer_review_status="accepted", audits=[audit]),
    ]
    assert {parsed(body).delivery_id for body in same} == {parsed(first).delivery_id}
    ids = {parsed(body).delivery_id for body in [first, *others]}
    assert len(ids) == 1 + len(others)
    assert all(len(each) == 32 and each.isalnum() for each in ids)


def test_batches_of_one_name_in_both_modes_are_two_deliveries() -> None:
    body = json.dumps({"batch": {"name": "b", "status": "completed"}})
    assert parsed(body, LIVE).delivery_id != parsed(body, TEST).delivery_id


def test_an_event_can_be_pickled_and_its_repr_has_no_document() -> None:
    event = parsed(task_body({"secret": "moo"}))
    copy = pickle.loads(pickle.dumps(event))
    assert (copy.task, copy.raw) == (event.task, event.raw)
    assert repr(event).startswith(f"CallbackEvent(task '{ID}', live=True, ")
    assert "moo" not in repr(event)


def test_what_is_logged_of_an_id_has_no_line_break() -> None:
    assert "\n" not in parsed(task_body(task_id="a\nroot: ok")).subject
    assert len(parsed(task_body(task_id="a" * 5000)).subject) < 200


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["task", "batch", "task_id", "name", "is_test", "response", "status"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
@example(b"\xef\xbb\xbf{}")
@example('{"task": {"task_id": "a"}}'.encode("utf-16"))
def test_any_bytes_are_an_event_or_a_rejection(body: bytes) -> None:
    for key in (LIVE, TEST, "x"):
        try:
            event = parsed(body, key)
        except CallbackRejected as error:
            assert error.status in (400, 401)
        else:
            assert (event.task is None) != (event.batch is None)
