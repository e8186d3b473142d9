"""Whether a raw request is repeated depends on its method, in any spelling."""

from __future__ import annotations

from typing import Any, List

import pytest

from scaleapi import ScaleClient, ScaleException, ScaleTypeError, ScaleValueError
from tests.faultserver import Answer, FaultServer, Hangup

OK = Answer(200, {})


@pytest.fixture
def client(fault_server: FaultServer, waits: List[float]) -> ScaleClient:
    return ScaleClient("test_key", None, fault_server.url)


@pytest.mark.parametrize("end", [Answer(500), Answer(503), Hangup()])
@pytest.mark.parametrize("method", ["post", "Post", b"POST", "PATCH", "patch", "merge"])
def test_a_raw_request_that_may_create_twice_is_sent_once_and_says_so(
    client: ScaleClient, fault_server: FaultServer, method: Any, end: Any
) -> None:
    fault_server.play(end, OK)
    with pytest.raises(ScaleException, match="may or may not") as caught:
        client.api.request(method, "batches/b/prioritize", body={"priority": 30})
    assert len(fault_server.received) == caught.value.attempts == 1


@pytest.mark.parametrize("method", ["get", "Head", "options", b"put", "DELETE"])
def test_a_raw_request_with_an_idempotent_method_is_repeated(
    client: ScaleClient, fault_server: FaultServer, method: Any
) -> None:
    fault_server.play(Hangup(), Answer(503), Answer(500), Answer(204))
    assert client.api.request(method, "x") is None
    name = method.decode() if isinstance(method, bytes) else method
    assert [r.method for r in fault_server.received] == [name.upper()] * 4


@pytest.mark.parametrize("method", ["post", "PATCH"])
@pytest.mark.parametrize(
    "refusal", [Answer(429), Answer(503, None, {"Retry-After": "0"})]
)
def test_a_raw_request_that_was_not_processed_is_repeated(
    client: ScaleClient, fault_server: FaultServer, method: str, refusal: Answer
) -> None:
    fault_server.play(refusal, OK)
    assert client.api.request(method, "x", body={}) == {}


def test_an_error_does_not_say_that_a_request_was_not_repeated_if_it_was(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    fault_server.play(Answer(503, None, {"Retry-After": "0"}))
    with pytest.raises(ScaleException, match=r"may not exist\. Look for it") as caught:
        client.create_task("chat", instruction="i")
    assert caught.value.attempts == len(fault_server.received) == 4
    fault_server.play(Answer(500))
    with pytest.raises(ScaleException, match="it was not sent again, because"):
        client.create_task("chat", instruction="i")


def test_a_unique_id_makes_a_raw_creation_idempotent(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    fault_server.play(Answer(500), OK)
    assert client.api.request("post", "task/chat", body={"unique_id": "u"}) == {}


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        (None, ScaleTypeError),
        (5, ScaleTypeError),
        ("", ScaleValueError),
        (" POST", ScaleValueError),
        ("POST ", ScaleValueError),
        ("PO ST", ScaleValueError),
        ("GET\r\nX-Evil: 1", ScaleValueError),
        (b"\xff", ScaleValueError),
    ],
)
def test_an_invalid_method_is_rejected(
    client: ScaleClient, fault_server: FaultServer, method: Any, kind: Any
) -> None:
    with pytest.raises(kind, match="method must be"):
        client.api.request(method, "x", body={})
    assert fault_server.received == []
