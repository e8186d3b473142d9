"""The sandbox in tests that freeze the time."""

from __future__ import annotations

import subprocess
import sys
import threading
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Callable, Iterator

import freezegun
import pytest
import requests
import time_machine

from scaleapi import ScaleClient, ScaleWaitTimeoutError
from scaleapi.sandbox import Sandbox, running
from scaleapi.sandbox.clock import Clock
from tests.faultserver import FaultServer

COW = {"attachment": "x", "categories": ["cow"]}
MOMENT = "2031-05-05T12:00:00.700"
LIBRARIES = [
    pytest.param(freezegun.freeze_time, id="freezegun"),
    pytest.param(lambda at: time_machine.travel(at + "Z", tick=False), id="machine"),
]


@pytest.fixture(params=LIBRARIES)
def freeze(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def own() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries come after hundredths of a second."""
    monkeypatch.setattr("scaleapi._transport.retry._MAX_BACKOFF_S", 0.02)


def at_once(act: Callable[[], object]) -> None:
    """Call a function in another thread, so that a test fails instead of hanging."""
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()


def lost_answer(sandbox: Sandbox, unique_id: str) -> Any:
    """Create a task whose first answer is 500 and whose second is 409."""
    fault = sandbox.faults.add(status=500, carried_out=True, path="/task/*")
    client = ScaleClient(sandbox.api_key, api_instance_url=sandbox.url)
    task = client.create_task("categorization", unique_id=unique_id, **COW)
    assert fault.triggered == 1
    assert 409 in [sent.status for sent in sandbox.requests]
    return task


def test_a_sandbox_starts_serves_and_stops_while_time_is_frozen(freeze: Any) -> None:
    with freeze(MOMENT):
        sandbox = Sandbox()
        at_once(sandbox.start)
        client = ScaleClient(sandbox.api_key, api_instance_url=sandbox.url)
        client.create_task("categorization", **COW)
        assert [task.status for task in client.tasks()] == ["completed"]
        at_once(sandbox.stop)


def test_a_sandbox_stops_if_time_was_frozen_or_released_after_its_start(
    freeze: Any,
) -> None:
    sandbox = Sandbox().start()
    with freeze(MOMENT):
        at_once(sandbox.stop)
        at_once(sandbox.start)
    at_once(sandbox.stop)


def test_the_sandbox_can_be_imported_while_time_is_frozen() -> None:
    code = (
        "import freezegun\n"
        "with freezegun.freeze_time('2019-05-05'):\n"
        "    from scaleapi.sandbox import Sandbox\n"
        "    with Sandbox(): pass\n"
        "with Sandbox(): pass\n"
    )
    subprocess.run([sys.executable, "-c", code], timeout=60, check=True)


def test_documents_and_date_headers_have_the_frozen_time(
    freeze: Any, own: Sandbox
) -> None:
    with freeze(MOMENT):
        client = ScaleClient(own.api_key, api_instance_url=own.url)
        task = client.create_task("categorization", **COW)
        answer = requests.get(own.url + "/tasks", auth=(own.api_key, ""), timeout=10)
    assert task.created_at == "2031-05-05T12:00:00.700Z"
    date = parsedate_to_datetime(answer.headers["Date"])
    assert date.isoformat() == "2031-05-05T12:00:00+00:00"


def test_callbacks_are_sent_while_time_is_frozen(
    freeze: Any, own: Sandbox, fault_server: FaultServer
) -> None:
    with freeze(MOMENT):
        client = ScaleClient(own.api_key, api_instance_url=own.url)
        task = client.create_task(
            "categorization", callback_url=fault_server.url, **COW
        )
        assert own.wait_for_callbacks()
        task.refresh()
        at_once(own.stop)
    assert task.callback_succeeded_at == "2031-05-05T12:00:00.700Z"


def test_a_task_whose_answer_was_lost_is_found_while_time_is_frozen(
    freeze: Any, own: Sandbox, quick: None
) -> None:
    with freeze(MOMENT):
        assert lost_answer(own, "a").unique_id == "a"
    # Only the clock of the server may run, as that of the API does.
    assert lost_answer(own, "b").unique_id == "b"


@pytest.mark.parametrize("seconds", [1e10, -1e9, 0.4])
def test_a_task_whose_answer_was_lost_is_found_after_the_clock_was_moved(
    own: Sandbox, quick: None, seconds: float
) -> None:
    own.clock.advance(seconds)
    assert lost_answer(own, "a").unique_id == "a"
    own.clock.advance(-seconds)
    assert lost_answer(own, "b").unique_id == "b"


def test_callbacks_are_sent_after_the_clock_was_centuries_ahead(
    own: Sandbox, fault_server: FaultServer
) -> None:
    client = ScaleClient(own.api_key, api_instance_url=own.url)
    own.clock.set("8999-01-01")
    refused = "http://127.0.0.1:1/"
    client.create_task("categorization", callback_url=refused, **COW)
    assert own.wait_for_callbacks()  # The next delivery is due centuries from now.
    own.clock.reset()
    client.create_task("categorization", callback_url=fault_server.url, **COW)
    assert own.wait_for_callbacks()
    assert len(fault_server.received) == 1


def test_a_wait_of_centuries_does_not_overflow() -> None:
    clock = Clock()
    waiting = threading.Thread(target=clock.wait_until, args=(10**15, clock.moves))
    waiting.start()
    clock.wake()
    waiting.join(30)
    assert not waiting.is_alive()


def test_the_clock_works_while_another_thread_leaves_freeze_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Ending:
        @staticmethod
        def now(zone: object) -> None:
            raise IndexError  # as freezegun does when its lists are empty

    monkeypatch.setattr("scaleapi.sandbox.clock.datetime", Ending)
    assert Clock().now() > 0


def test_stop_raises_runtime_error_if_the_server_does_not_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running, "_MAX_STOP_S", 0.05)
    sandbox = Sandbox().start()
    path = sandbox._running.database._path
    stuck, go_on = threading.Event(), threading.Event()

    def hang() -> None:
        stuck.set()
        go_on.wait(30)

    server = sandbox._running.server
    monkeypatch.setattr(server._uvicorn, "on_tick", lambda counter: _hung(hang))
    assert stuck.wait(30)
    with pytest.raises(RuntimeError, match="thread scaleapi-sandbox has not ended"):
        sandbox.stop()
    assert not Path(path).exists()
    go_on.set()
    server._thread.join(30)


async def _hung(hang: Callable[[], None]) -> bool:
    hang()
    return True


def test_waiting_for_a_task_times_out_while_time_is_frozen(
    freeze: Any, own: Sandbox
) -> None:
    client = ScaleClient(own.live_api_key, api_instance_url=own.url)
    task = client.create_task("categorization", **COW)
    errors = []

    def wait() -> None:
        with freeze(MOMENT):
            try:
                task.wait(timeout=0.05, poll=0.01)
            except ScaleWaitTimeoutError as error:
                errors.append(error)

    at_once(wait)
    assert errors


def test_a_throttled_request_is_repeated_while_time_is_frozen(
    freeze: Any, own: Sandbox
) -> None:
    client = ScaleClient(own.api_key, api_instance_url=own.url)
    own.faults.add(status=429, retry_after=1, times=2, path="/task/*")
    tasks = []

    def create() -> None:
        with freeze(MOMENT):
            tasks.append(client.create_task("categorization", **COW))

    at_once(create)
    assert tasks
