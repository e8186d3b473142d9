"""Response hooks that fail: whatever they raise, the request was sent."""

from __future__ import annotations

import socket
from typing import Any, Callable, List, Tuple

import pytest
import requests

from scaleapi import ScaleClient, ScaleConnectionError, ScaleException
from tests.faultserver import Answer, FaultServer

TASK = Answer(200, {"task_id": "1", "unique_id": "u", "type": "annotation"})


def refused(*_: Any, **__: Any) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    requests.post(f"http://127.0.0.1:{port}/metrics", proxies={"http": ""})


def busy(*_: Any, **__: Any) -> None:
    answer = requests.Response()
    answer.status_code = 429
    raise requests.HTTPError(response=answer)


def full(*_: Any, **__: Any) -> None:
    raise OSError("disk full")


def client_with(server: FaultServer, hook: Callable[..., Any]) -> ScaleClient:
    client = ScaleClient("test_x", api_instance_url=server.url)
    # Read first, or the connection would be kept with an unread answer.
    read = [lambda response, *_, **__: response.content and None, hook]
    client.api.session.hooks["response"] += read
    return client


@pytest.mark.parametrize("hook", [refused, busy, full])
def test_an_error_of_a_hook_does_not_repeat_a_creation(
    hook: Any, fault_server: FaultServer, waits: List[float]
) -> None:
    fault_server.play(TASK, TASK, TASK, TASK)
    with pytest.raises(ScaleConnectionError, match="hook failed") as caught:
        client_with(fault_server, hook).create_task("annotation")
    assert len(fault_server.received) == 1
    assert caught.value.attempts == 1
    assert "may or may not exist" in caught.value.message


def test_a_task_is_looked_up_after_a_hook_failed(fault_server: FaultServer) -> None:
    def hook(response: Any, *_: Any, **__: Any) -> None:
        if response.request.method == "POST":
            full()

    document = {"task_id": "1", "unique_id": "u", "type": "annotation"}
    fault_server.play(TASK, Answer(200, {"docs": [document]}))
    client = client_with(fault_server, hook)
    assert client.create_task("annotation", unique_id="u").id == "1"


def test_a_scale_exception_of_a_hook_counts_the_attempt(
    fault_server: FaultServer,
) -> None:
    def hook(*_: Any, **__: Any) -> None:
        raise ScaleException("not so")

    fault_server.play(TASK)
    with pytest.raises(ScaleException, match="not so") as caught:
        client_with(fault_server, hook).create_task("annotation", unique_id="u")
    assert (caught.value.attempts, caught.value.unique_id) == (1, "u")


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()])
def test_in_bulk_an_error_of_a_hook_has_one_attempt(
    error: BaseException, fault_server: FaultServer
) -> None:
    def hook(*_: Any, **__: Any) -> None:
        raise error

    fault_server.play(TASK)
    client = client_with(fault_server, hook)
    (result,) = client.create_tasks("annotation", [{}], unique_id=None)
    assert result.error is error
    assert getattr(result.error, "attempts", None) == 1


@pytest.mark.parametrize("unique_id", [0, False, ""])
def test_a_falsy_unique_id_does_not_make_a_creation_repeatable(
    unique_id: Any, fault_server: FaultServer, waits: List[float]
) -> None:
    fault_server.play(Answer(500), TASK)
    client = ScaleClient("test_x", api_instance_url=fault_server.url)
    with pytest.raises(ScaleException, match="auto_unique_id"):
        client.create_task("annotation", unique_id=unique_id)
    assert len(fault_server.received) == 1


def second_call(client: ScaleClient, number: int) -> Tuple[int, int]:
    client.create_task("annotation")
    raise LookupError(number)


def test_in_bulk_an_error_of_a_second_call_has_attempts(
    fault_server: FaultServer,
) -> None:
    fault_server.play(TASK)
    client = ScaleClient("test_x", api_instance_url=fault_server.url)
    (result,) = client.map(lambda number: second_call(client, number), [1])
    assert isinstance(result.error, LookupError)
    assert getattr(result.error, "attempts", None) == 1
