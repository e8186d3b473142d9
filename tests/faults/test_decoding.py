"""What the client makes of bodies, with orjson and without it."""

from __future__ import annotations

import gzip
import math
import pickle
from typing import Any

import pytest

from scaleapi import ScaleClient, ScaleException, _answers
from tests.faultserver import Answer, FaultServer


@pytest.fixture(params=["orjson", "json"])
def client(
    request: pytest.FixtureRequest,
    fault_server: FaultServer,
    monkeypatch: pytest.MonkeyPatch,
) -> ScaleClient:
    if request.param == "json":
        monkeypatch.setattr(_answers, "_orjson_loads", lambda: None)
    else:
        pytest.importorskip("orjson")
    return ScaleClient("test_x", None, fault_server.url)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": [1, 2.5, null, true, "\xc3\xa9"]}', {"a": [1, 2.5, None, True, "é"]}),
        (b'"\\ud800"', "\ud800"),
        (b"[1e400]", [math.inf]),
        ("\ufeff[1]".encode(), [1]),
        ("[1]".encode("utf-16"), [1]),
        (b'{"a": 18446744073709551615}', {"a": 18446744073709551615}),
        (b"", None),
        (b"{", None),
        (b"\xff", None),
        (b"OK", None),
        (b"[" * 100_000, None),
    ],
    ids=range(11),
)
def test_a_body_is_decoded_or_none(
    client: ScaleClient, fault_server: FaultServer, body: bytes, value: Any
) -> None:
    fault_server.play(Answer(200, body))
    assert client.api.get_request("x") == value


def test_nan_in_an_answer_is_read(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    fault_server.play(Answer(200, b'{"a": NaN, "b": -Infinity}'))
    answer = client.api.get_request("x")
    assert math.isnan(answer["a"])
    assert answer["b"] == -math.inf


def test_a_compressed_answer_is_read(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    body = gzip.compress(b'{"task_id": "1"}' + b" " * 10_000)
    fault_server.play(Answer(200, body, {"Content-Encoding": "gzip"}))
    assert client.get_task("1").id == "1"
    assert client.get_task("1").id == "1"
    assert fault_server.connections == 1


def test_a_broken_compression_is_an_error(
    client: ScaleClient, fault_server: FaultServer, waits: Any
) -> None:
    fault_server.play(Answer(200, b"no gzip", {"Content-Encoding": "gzip"}))
    with pytest.raises(ScaleException):
        client.get_task("1")
    assert len(waits) == 3


def test_an_answer_given_to_a_hook_is_whole(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    fault_server.play(Answer(200, {"task_id": "é"}, {"X-A": "1"}))
    seen = []
    client.api.session.hooks["response"].append(lambda r, *_, **__: seen.append(r))
    assert client.get_task("1").id == "é"
    (response,) = seen
    assert response.json() == {"task_id": "é"}
    assert response.text == '{"task_id": "\\u00e9"}'
    assert response.content == b'{"task_id": "\\u00e9"}'
    assert b"".join(response.iter_content(3)) == response.content
    assert list(response.iter_lines()) == [response.content]
    assert response.ok
    assert response.headers["x-a"] == "1"
    assert response.url.endswith("/v1/task/1")
    assert response.request.headers["Content-Type"] == "application/json"
    response.close()
    response.request.hooks = {}  # a lambda cannot be pickled
    assert pickle.loads(pickle.dumps(response)).json() == {"task_id": "é"}
