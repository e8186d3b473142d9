"""Bodies that are rejected because they could not be sent back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scaleapi.sandbox.web.bodies import parse_json
from tests.sandbox.calling import Caller

HALF = b'{"attachment": "http://x/\\ud800", "categories": ["a"]}'


@pytest.mark.parametrize(
    "body",
    [
        HALF,
        HALF.replace(b"\\ud800", b"\xed\xa0\x80"),
        b'{"attachment": "x", "categories": ["a"], "\\uDC00": 1}',
        b'{"attachment": "x", "categories": ["a"], "k": 1e999}',
        b'{"attachment": "x", "categories": ["a"], "k": ' + b"9" * 400 + b".0}",
        b'{"attachment": "x", "categories": ["a"], "k": '
        + b"[" * 300
        + b"]" * 300
        + b"}",
    ],
    ids=range(6),
)
def test_json_that_could_not_be_sent_back_is_rejected(
    call: Caller, body: bytes
) -> None:
    status, error = call("POST", "task/categorization", data=body)
    assert status == 400
    assert error.startswith("The body is not valid JSON")
    for path in ("tasks", "tasks?include_attachment_url=true"):
        assert call("GET", path)[1]["total"] == 0


def test_metadata_of_an_upload_that_could_not_be_sent_back_is_rejected(
    call: Caller,
) -> None:
    for metadata in ('{"a": "\\ud800"}', '{"a": NaN}', '{"a": 1e999}', "[", "[]"):
        answer = call(
            "POST", "files/upload", files={"file": b"x"}, data={"metadata": metadata}
        )
        assert answer[0] == 400


@pytest.mark.parametrize(
    "value",
    [
        {"pair": "\U0001f404", "text": "\\ud800 is no character", "n": [1e99, -1e-999]},
        {"deep": json.loads("[" * 150 + "]" * 150)},
        {"long": [[number] for number in range(1000)]},
    ],
)
def test_unusual_but_valid_json_is_returned_unchanged(call: Caller, value: Any) -> None:
    assert parse_json(json.dumps(value)) == value
    body = {"attachment": "x", "categories": ["a"], "k": value}
    _, task = call("POST", "task/categorization", json=body)
    assert call("GET", f"task/{task['task_id']}")[1]["params"]["k"] == value
    assert call("GET", "tasks")[1]["docs"][0]["params"]["k"] == value
