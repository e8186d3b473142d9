"""A bulk call makes room for the connections of its threads."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ContextManager, List, Optional

import pytest
import requests

from scaleapi import ScaleClient
from scaleapi.bulk import remote
from tests.faultserver import Answer, FaultServer, Received

SECONDS = 10.0
WORKERS = 12
TASK = Answer(200, {"task_id": "1", "status": "pending"})


def all_at_once(server: FaultServer, count: int) -> None:
    """Have the server answer the first only when all of them have come."""
    together = threading.Barrier(count)

    def event(request: Received) -> Answer:
        with contextlib.suppress(threading.BrokenBarrierError):
            if request.connection <= count:
                together.wait(SECONDS)
        return TASK

    server.play(event)


@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize("proxied", [False, True])
def test_there_is_a_connection_for_each_worker_and_each_is_kept(
    fault_server: FaultServer,
    caplog: pytest.LogCaptureFixture,
    given: bool,
    proxied: bool,
) -> None:
    """Whether the pool was made before them or not, and through a proxy too."""
    address, proxies = fault_server.url, None
    if proxied:
        address, proxies = "http://nowhere/v1", {"http": fault_server.origin}
    client = ScaleClient("k", api_instance_url=address, proxies=proxies, pool_size=1)
    context: ContextManager[Optional[ThreadPoolExecutor]] = (
        ThreadPoolExecutor(WORKERS) if given else contextlib.nullcontext()
    )
    with context as executor:
        for _ in range(2):
            all_at_once(fault_server, WORKERS)
            results = client.map(
                client.get_task,
                range(3 * WORKERS),
                max_workers=WORKERS,
                executor=executor,
            )
            assert {result.status for result in results} == {"done"}
    assert "Connection pool is full" not in caplog.text
    assert fault_server.connections == WORKERS


def test_several_runs_of_one_client_have_room_for_all_their_workers(
    fault_server: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    client = ScaleClient("k", api_instance_url=fault_server.url, pool_size=1)
    fault_server.play(TASK)
    client.get_task("1")
    all_at_once(fault_server, 1 + 3 * WORKERS)

    def run() -> None:
        list(client.map(client.get_task, range(WORKERS), max_workers=WORKERS))

    threads: List[Any] = [threading.Thread(target=run) for _ in range(3)]
    threads.append(threading.Thread(target=client.get_task, args=("1",)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "Connection pool is full" not in caplog.text


def test_where_there_is_no_session_of_ours_nothing_is_made_room_in() -> None:
    client = ScaleClient("k", api_instance_url="http://localhost:9/v1")
    client.api.session = requests.Session()
    for adapters in (None, {"https://": object()}):
        client.api.session.adapters = adapters  # type: ignore[assignment]
        assert [r.value for r in client.map(str, [1])] == ["1"]
    client.api = None  # type: ignore[assignment]
    remote.make_room(client)
