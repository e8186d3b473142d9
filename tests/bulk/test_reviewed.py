"""What a review found: each would have cost money or time."""

from __future__ import annotations

import threading
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, Callable, Dict, Iterator

import pytest

from scaleapi import ScaleClient
from scaleapi.sandbox import Sandbox
from tests.keys import new_key


@pytest.mark.parametrize("way", ["auto", "content", None])
def test_a_generator_may_use_one_dict_again(sandbox: Sandbox, way: Any) -> None:
    client = ScaleClient(new_key("live"), api_instance_url=sandbox.url)
    payload: Dict[str, Any] = {"attachments": [], "fields": [], "metadata": {}}

    def payloads() -> Iterator[Dict[str, Any]]:
        for number in range(20):
            payload["metadata"]["n"] = number
            yield payload

    with client.create_tasks(
        "textcollection", payloads(), unique_id=way, max_workers=4
    ) as results:
        assert [result.task.metadata["n"] for result in results] == list(range(20))
    assert "unique_id" not in payload
    client.close()


def test_own_ids_in_a_dict_that_is_used_again_are_all_made(sandbox: Sandbox) -> None:
    client = ScaleClient(new_key("live"), api_instance_url=sandbox.url)
    payload: Dict[str, Any] = {"attachments": [], "fields": []}

    def payloads() -> Iterator[Dict[str, Any]]:
        for number in range(20):
            payload["unique_id"] = f"own{number}"
            yield payload

    results = list(client.create_tasks("textcollection", payloads(), max_workers=4))
    assert [result.status for result in results] == ["created"] * 20
    assert [r.task.unique_id for r in results] == [f"own{n}" for n in range(20)]
    client.close()


def test_closing_does_not_wait_for_the_work_of_others() -> None:
    client = ScaleClient("test_x", None, "http://127.0.0.1:1/v1")
    release = threading.Event()
    started = threading.Event()

    def busy() -> None:
        started.set()
        release.wait(60)

    with ThreadPoolExecutor(1) as pool:
        all_read = threading.Event()

        def items() -> Iterator[int]:
            yield 0
            pool.submit(busy)  # all that is read from here on stands behind it
            yield from range(1, 5)
            all_read.set()

        def first_waits(item: int) -> int:
            assert item or all_read.wait(30)
            return item

        results = client.map(first_waits, items(), executor=pool)
        assert next(results).value == 0
        assert started.wait(30)
        closing = threading.Thread(target=results.close)
        closing.start()
        closing.join(20)
        ended = not closing.is_alive()
        release.set()
    assert ended
    assert [result.error is not None for result in results] == [True] * 4


def test_an_interrupt_while_a_thread_starts_leaves_nothing_that_waits_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = ScaleClient("test_x", None, "http://127.0.0.1:1/v1")
    start = threading.Thread.start

    def interrupted(thread: threading.Thread) -> None:
        if thread.name.endswith("_1"):
            raise KeyboardInterrupt
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    blocked = threading.Event()  # so that a second thread is started

    def work(number: int) -> int:
        assert blocked.wait(60)
        return number

    results = client.map(work, range(4), max_workers=4)
    close = results.close
    monkeypatch.setattr(results, "close", lambda: (blocked.set(), close()))
    with pytest.raises(KeyboardInterrupt):
        next(results)
    rest = list(results)
    assert [result.index for result in rest] == [0, 1]
    assert getattr(rest[1].error, "attempts", None) == 0


class Stand(Executor):
    """An executor whose futures all end in one way."""

    def __init__(self, end: Callable[[Future[Any]], Any]) -> None:
        self.end = end

    def submit(self, *_: Any, **__: Any) -> Any:
        future: Future[Any] = Future()
        self.end(future)
        return future


def test_an_interrupt_in_another_process_is_no_interrupt_here() -> None:
    client = ScaleClient("test_x", None, "http://127.0.0.1:1/v1")
    executor = Stand(lambda future: future.set_exception(KeyboardInterrupt()))
    results = list(client.create_tasks("annotation", [{}, {}], executor=executor))
    errors = [result.error for result in results]
    assert [getattr(error, "attempts", None) for error in errors] == [1, 1]
    assert "no answer came back: KeyboardInterrupt" in str(errors[0])


def test_what_an_executor_such_as_dask_cancels_may_have_been_sent() -> None:
    client = ScaleClient("test_x", None, "http://127.0.0.1:1/v1")
    executor = Stand(lambda future: future.cancel())
    (result,) = client.create_tasks("annotation", [{}], executor=executor)
    assert getattr(result.error, "attempts", None) == 1
