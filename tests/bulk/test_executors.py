"""Other processes, and a Dask cluster on this machine, carry the calls."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import sys
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path
from typing import Any, Iterator

import pytest

from scaleapi import (
    ScaleClient,
    ScaleConnectionError,
    ScaleException,
    ScaleInvalidRequest,
    ScaleServiceUnavailable,
    ScaleTypeError,
)
from scaleapi.bulk import remote
from scaleapi.bulk.item_calls import CallFunction
from tests.bulk import jobs, scripts
from tests.faultserver import FaultServer, Reset
from tests.faulty_proxy import TEXT, numbered


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        yield executor


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    import dask

    quiet = {
        "distributed.worker.daemon": True,
        "distributed.admin.tick.limit": "60s",
        "distributed.comm.timeouts.connect": "30s",
    }
    with contextlib.ExitStack() as stack:
        stack.enter_context(dask.config.set(quiet))
        cluster = distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=2,
            # With None it takes port 8787, and warns where another process has it.
            dashboard_address="127.0.0.1:0",
            silence_logs=50,
        )
        stack.enter_context(cluster)
        client = stack.enter_context(distributed.Client(cluster))
        yield client


@pytest.fixture
def dask(cluster: Any) -> Any:
    return cluster.get_executor()


@pytest.fixture(params=["processes", "dask"])
def executor(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def test_tasks_are_created_by_others_and_belong_to_the_client_here(
    live_client: ScaleClient, executor: Executor
) -> None:
    results = list(
        live_client.create_tasks("textcollection", numbered(60), executor=executor)
    )
    assert [r.status for r in results] == ["created"] * 60
    assert [r.task.metadata["n"] for r in results if r.task] == list(range(60))
    assert all(r.task._client is live_client for r in results if r.task)
    again = live_client.create_tasks(
        "textcollection", [r.payload for r in results], executor=executor
    )
    assert {r.status for r in again} == {"existing"}


def test_equal_payloads_without_an_id_are_as_many_tasks(
    live_client: ScaleClient, executor: Executor
) -> None:
    for _ in range(2):
        results = live_client.create_tasks(
            "textcollection", [TEXT] * 5, unique_id=None, executor=executor
        )
        assert [r.status for r in results] == ["created"] * 5
    assert live_client.tasks().total == 10


def test_map_runs_in_the_given_executor(
    live_client: ScaleClient, executor: Executor
) -> None:
    results = list(live_client.map(jobs.process_id, range(40), executor=executor))
    assert os.getpid() not in {r.value for r in results}


def test_objects_go_and_come_with_their_client(
    live_client: ScaleClient, executor: Executor
) -> None:
    task = live_client.create_task("textcollection", **TEXT)
    task.cancel()
    (result,) = live_client.map(jobs.status_of, [task], executor=executor)
    assert result.value is not None
    assert result.value.status == "canceled"
    assert result.value._client is live_client
    (result,) = live_client.map(live_client.get_task, [task.id], executor=executor)
    assert result.value == task


def test_errors_come_back_from_other_processes(
    live_client: ScaleClient, executor: Executor
) -> None:
    wrong: Any = [{"fields": []}, TEXT, {**TEXT, "metadata": lambda: None}]
    first, second, third = live_client.create_tasks(
        "textcollection", wrong, executor=executor
    )
    assert isinstance(first.error, ScaleException) and first.error.code == 400
    assert second.status == "created"
    assert isinstance(third.error, ScaleTypeError)
    (result,) = live_client.map(jobs.fail, [7], executor=executor)
    assert isinstance(result.error, ValueError) and result.error.args == (7,)


def test_the_example_for_dask_creates_tasks_in_a_sandbox(
    cluster: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    examples = Path(__file__).resolve().parents[2] / "examples"
    monkeypatch.syspath_prepend(str(examples))
    script: Any = __import__("create_on_dask")
    monkeypatch.delitem(sys.modules, "create_on_dask")
    script.main(["--count", "20", "--scheduler", cluster.scheduler.address])
    assert capsys.readouterr().out.strip() == "{'created': 20}"


def test_values_that_cannot_be_pickled_give_a_clear_error(
    live_client: ScaleClient, processes: Executor
) -> None:
    (result,) = live_client.map(jobs.unpicklable, [1], executor=processes)
    assert "its result cannot be pickled" in str(result.error)
    assert isinstance(result.error, ScaleException)
    # It is not for those who send again what was not sent.
    assert result.error.attempts == 1
    (result,) = live_client.map(jobs.trouble, [1], executor=processes)
    assert "Trouble: 1 and 2" in str(result.error)
    assert isinstance(result.error, ScaleException)
    assert result.error.attempts == 1


def test_an_error_that_cannot_travel_keeps_class_code_attempts_and_unique_id(
    live_client: ScaleClient, processes: Executor
) -> None:
    (result,) = live_client.map(jobs.refused, [1], executor=processes)
    error = result.error
    assert isinstance(error, ScaleInvalidRequest)
    assert (error.code, error.attempts, error.unique_id) == (400, 3, "u")
    assert (error.body, dict(error.headers)) == ("{}", {})
    assert "Burdened: <Response [400]> no such field" in str(error)
    (result,) = live_client.map(jobs.refused_plainly, [1], executor=processes)
    error = result.error
    assert type(error) is ScaleServiceUnavailable
    assert str(error) == "<Response [503]> later"
    assert (error.attempts, error.unique_id) == (4, "v")


def test_an_error_without_an_answer_comes_back_whole(
    fault_server: FaultServer, executor: Executor
) -> None:
    fault_server.play(Reset())
    client = ScaleClient("live_key", None, fault_server.url, max_retries=0)
    for unique_id, payload in ((None, TEXT), ("auto", TEXT)):
        results = client.create_tasks(
            "textcollection", [payload], unique_id=unique_id, executor=executor
        )
        (result,) = results
        error = result.error
        assert type(error) is ScaleConnectionError
        assert (error.code, error.attempts) == (None, 1)
        assert error.unique_id == result.payload.get("unique_id")
        assert "unique_id" in error.message
    # A look follows upon the one that can be looked for, and nothing is repeated.
    sent = [request.method for request in fault_server.received]
    assert sent.count("POST") == 2


def test_clients_and_functions_that_cannot_be_pickled_are_rejected_at_once(
    live_client: ScaleClient, processes: Executor
) -> None:
    with pytest.raises(ScaleTypeError, match="no lambda"):
        live_client.map(lambda n: n, [1], executor=processes)


def test_stop_on_error_stops_other_processes(
    live_client: ScaleClient, processes: Executor
) -> None:
    results = list(
        live_client.map(
            jobs.fail,
            range(10**6),
            max_workers=2,
            stop_on_error=True,
            executor=processes,
        )
    )
    assert len(results) <= 20


def test_closing_leaves_the_executor_open(
    live_client: ScaleClient, processes: Executor
) -> None:
    results = live_client.map(jobs.square, range(10**6), executor=processes)
    assert next(results).value == 0
    results.close()
    rest = list(results)
    assert [r.index for r in rest] == list(range(1, len(rest) + 1))
    for result in rest:
        assert (result.value == result.index**2) or result.error is not None
    assert processes.submit(jobs.square, 3).result() == 9


def test_where_a_worker_dies_each_input_has_a_result(live_client: ScaleClient) -> None:
    """What was handed over may have been sent; what was not cannot have been."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as executor:
        results = list(live_client.map(jobs.die, range(500), executor=executor))
    assert [result.payload for result in results] == list(range(500))
    assert all(type(result.error) is ScaleException for result in results)
    attempts = [result.error.attempts for result in results if result.error]
    assert attempts[0] == 1 and attempts[-1] == 0
    assert attempts == sorted(attempts, reverse=True)
    assert "may or may not have been carried out" in str(results[0].error)


def test_what_fails_while_it_is_handed_over_may_have_been_sent(
    live_client: ScaleClient,
) -> None:
    """A pool of processes queues first, and starts processes then."""

    class Failing(Executor):
        calls = 0

        def submit(self, *_: Any, **__: Any) -> Any:
            self.calls += 1
            raise OSError("no more processes")

    executor = Failing()
    results = list(
        live_client.create_tasks("textcollection", numbered(3), executor=executor)
    )
    assert [result.error.attempts for result in results if result.error] == [1, 0, 0]
    assert all(
        result.error.unique_id == result.payload["unique_id"]
        for result in results
        if isinstance(result.error, ScaleException)
    )
    assert executor.calls == 1


def test_a_client_stays_where_it_was_sent(live_client: ScaleClient) -> None:
    packed = remote.pack(live_client, CallFunction(live_client.get_task))
    try:
        for n in range(2):
            argument = remote.pack_argument(live_client, "f" * 24)
            answer = remote.carry_out(packed, argument, str(n))
            outcome = remote.unpack(live_client, answer)
            assert isinstance(outcome.error, ScaleException)
        client, _ = remote._kept[packed]
        assert client is not live_client
        for n in range(20):
            other = pickle.dumps((n, jobs.square))
            remote.carry_out(other, remote.pack_argument(n, n), "")
        assert len(remote._kept) == remote._MAX_KEPT_CLIENTS
        assert packed not in remote._kept
    finally:
        remote._kept.clear()


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_a_forked_pool_makes_connections_of_its_own(live_client: ScaleClient) -> None:
    task = live_client.create_task("textcollection", **TEXT)
    # In a program of its own: a child that the tests fork would wait forever for a lock
    # that another of their threads holds.
    script = (
        "import multiprocessing\n"
        f"key = {live_client.api.api_key!r}\n"
        "client = ScaleClient(key, api_instance_url=sys.argv[1])\n"
        f"task = client.get_task({task.id!r})\n"
        "context = multiprocessing.get_context('fork')\n"
        "with ProcessPoolExecutor(2, mp_context=context) as executor:\n"
        "    ids = [task.id] * 30\n"
        "    for result in client.map(client.get_task, ids, executor=executor):\n"
        "        assert result.value == task\n"
        "task.refresh()\n"
        "print(task.id)\n"
    )
    output, _ = scripts.run(script, live_client.api.base_api_url)
    assert output.split() == [task.id]
