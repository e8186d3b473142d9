"""Waiting for tasks and batches, and knowing when it is in vain."""

from __future__ import annotations

import threading
from typing import Any, List

import pytest

from scaleapi import (
    Batch,
    Counts,
    ScaleClient,
    ScaleException,
    ScaleWaitTimeoutError,
    Task,
)
from scaleapi.sandbox import Sandbox
from tests.faulty_proxy import TEXT


@pytest.fixture
def batch(live_client: ScaleClient) -> Batch:
    live_client.create_project("p", "textcollection", studio=True)
    return live_client.create_batch("p", "b")


def add(client: ScaleClient) -> Task:
    return client.create_task("textcollection", batch="b", **TEXT)


def test_task_wait_returns_the_completed_task(
    live_client: ScaleClient, sandbox: Sandbox
) -> None:
    task = live_client.create_task("textcollection", **TEXT)
    seen: List[Counts] = []

    def progress(counts: Counts) -> None:
        seen.append(counts)
        if len(seen) == 2:
            sandbox.complete(task.id)

    assert task.wait(timeout=30, poll=0.001, progress=progress) is task
    assert task.status == "completed" and task.response is not None
    assert [counts.done for counts in seen] == [0, 0, 1]


def test_batch_wait_returns_the_completed_batch(
    live_client: ScaleClient, sandbox: Sandbox, batch: Batch
) -> None:
    tasks = [add(live_client) for _ in range(3)]
    tasks.pop().cancel()
    batch.finalize()
    seen: List[Any] = []

    def progress(counts: Counts) -> None:
        seen.append((counts.done, counts.total))
        if tasks:
            sandbox.complete(tasks.pop().id)

    assert batch.wait(timeout=30, poll=0.001, progress=progress) is batch
    assert batch.status == "completed"
    assert (batch.tasks_completed, batch.tasks_canceled) == (2, 1)
    assert seen == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("poll", [0.001, 2.0])
def test_wait_raises_after_the_timeout(
    live_client: ScaleClient, batch: Batch, poll: float
) -> None:
    task = add(live_client)
    batch.finalize()
    waiting: Any
    for waiting in (task, batch):
        with pytest.raises(ScaleWaitTimeoutError) as caught:
            waiting.wait(timeout=0.02, poll=poll)
        assert isinstance(caught.value, TimeoutError)
        assert "not finished after 0.02 s" in caught.value.message


def test_task_wait_raises_for_a_canceled_task(live_client: ScaleClient) -> None:
    task = live_client.create_task("textcollection", **TEXT)
    task.cancel()
    with pytest.raises(ScaleException, match="its status is 'canceled'"):
        task.wait()


def test_batch_wait_raises_for_a_batch_in_staging(batch: Batch) -> None:
    with pytest.raises(ScaleException, match=r"is staging.*call finalize\(\) first"):
        batch.wait()


def test_batch_wait_raises_for_an_empty_batch(batch: Batch) -> None:
    batch.finalize()
    with pytest.raises(ScaleException, match="it has no tasks"):
        batch.wait(poll=0.001)


def test_batch_wait_raises_if_all_tasks_are_in_error() -> None:
    class Stub:
        def batch_status(self, name: str) -> Any:
            return {"status": "in_progress", "error": 2, "canceled": 1}

        def get_task(self, task_id: str) -> Task:
            return Task({"task_id": task_id, "status": "error"}, self)

    with pytest.raises(ScaleException, match="all of its 3 tasks are canceled or in"):
        Batch({"name": "b"}, Stub()).wait(poll=0.001)
    with pytest.raises(ScaleException, match="its status is 'error'"):
        Task({"task_id": "t"}, Stub()).wait()


def test_batch_wait_waits_for_numbers_that_are_late() -> None:
    answers = [
        {"status": "in_progress"},
        {"status": "in_progress", "pending": 1},
        {"status": "in_progress"},
        {"status": "completed", "completed": 1},
    ]

    class Stub:
        def batch_status(self, name: str) -> Any:
            return answers.pop(0)

    assert Batch({"name": "b"}, Stub()).wait(poll=0.001).tasks_completed == 1


def test_close_cuts_task_wait_in_a_bulk_call_short(live_client: ScaleClient) -> None:
    tasks = [live_client.create_task("textcollection", **TEXT) for _ in range(2)]
    looked = threading.Event()
    results = live_client.map(
        lambda task: task.wait(progress=lambda _: looked.set()), tasks
    )

    def close() -> None:
        looked.wait(10)
        results.close()

    threading.Thread(target=close).start()
    assert isinstance(next(results).error, ScaleException)
    results.close()
