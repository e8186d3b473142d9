"""A dropped run may be collected in any thread, which may hold any lock."""

from __future__ import annotations

import gc
import logging
import queue
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from logging.handlers import QueueHandler
from typing import Any, Callable, Iterator, List

import pytest

from scaleapi import ScaleClient
from tests.bulk.conftest import join_workers
from tests.faultserver import Answer, Received
from tests.faulty_proxy import FaultyProxy, numbered

CLIENT = ScaleClient("key", api_instance_url="http://localhost:9/v1")
SECONDS = 10.0


@pytest.fixture(autouse=True)
def collect_by_hand() -> Any:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def in_a_cycle(results: Any) -> None:
    """Put results into a cycle, so that only the garbage collector finds them."""
    results.itself = results


def in_time(call: Callable[[], Any]) -> None:
    """Call a function that would hang forever if there were a fault."""
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(SECONDS)
    assert not thread.is_alive()


def begin(function: Callable[[int], Any], **options: Any) -> Any:
    """Return results of which the first was read while other calls are under way."""
    several = threading.Event()

    def inputs() -> Iterator[int]:
        yield from range(8)
        several.set()
        yield from range(8, 100)

    def call(number: int) -> Any:
        return function(number) if number else several.wait(SECONDS)

    results = CLIENT.map(call, inputs(), max_workers=2, **options)
    assert next(results).value is True
    return results


def test_garbage_collection_under_a_lock_of_the_workers_does_not_block() -> None:
    lock, wanted = threading.Lock(), threading.Event()

    def call(number: int) -> None:
        wanted.set()
        with lock:
            pass

    def collect() -> None:
        with lock:
            in_a_cycle(begin(call))
            assert wanted.wait(SECONDS)
            gc.collect()

    in_time(collect)
    join_workers()


def test_garbage_collection_under_the_lock_of_the_rate_limiter_does_not_block(
    proxy: FaultyProxy,
) -> None:
    """The permits of all attempts are issued under this lock."""
    asked = threading.Event()

    def refuse(_: Received) -> Answer:
        asked.set()
        return Answer(429, {}, {"Retry-After": "60"})

    proxy.server.play(proxy.forward, refuse)

    def collect() -> None:
        results = proxy.client.create_tasks(
            "textcollection", numbered(50), max_workers=1
        )
        next(results)
        assert asked.wait(SECONDS)
        in_a_cycle(results)
        del results
        with proxy.client.api._rate_limiter._lock:
            gc.collect()

    in_time(collect)
    join_workers()
    assert len(proxy.server.received) == 2


def test_garbage_collection_in_a_worker_of_the_same_run_does_not_block(
    capfd: pytest.CaptureFixture[str],
) -> None:
    dropped, collected = threading.Event(), threading.Event()

    def call(number: int) -> None:
        assert dropped.wait(SECONDS)
        gc.collect()
        collected.set()

    in_a_cycle(begin(call))
    dropped.set()
    assert collected.wait(SECONDS)
    join_workers()
    assert capfd.readouterr().err == ""


@pytest.fixture
def locked_log() -> Any:
    """A log handler with a lock, which this thread holds."""
    logger = logging.getLogger("scaleapi")
    records: "queue.Queue[Any]" = queue.Queue()
    handler = QueueHandler(records)
    logger.addHandler(handler)
    logging.getLogger("py.warnings").addHandler(handler)
    yield records
    logging.getLogger("py.warnings").removeHandler(handler)
    logger.removeHandler(handler)


@pytest.mark.parametrize("collected", [True, False])
@pytest.mark.parametrize("given", [True, False])
def test_a_run_dropped_under_the_lock_of_a_log_handler_is_logged_later(
    locked_log: "queue.Queue[Any]", collected: bool, given: bool
) -> None:
    back = threading.Event()

    def drop() -> None:
        results = begin(lambda n: back.set(), **options)
        assert back.wait(SECONDS)
        with locked_log.mutex:
            if collected:
                in_a_cycle(results)
            del results
            gc.collect()

    with ThreadPoolExecutor(2) as executor:
        options = {"executor": executor} if given else {}
        in_time(drop)
    join_workers()
    list(CLIENT.map(str, [1]))  # If no worker could log it, the next run does.
    text = locked_log.get(timeout=SECONDS).getMessage()
    assert "results of calls came back and were not read" in text


def test_a_collected_run_that_never_started_warns_later(
    locked_log: "queue.Queue[Any]",
) -> None:
    def drop() -> None:
        in_a_cycle(CLIENT.map(str, [1]))
        with locked_log.mutex:
            gc.collect()

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        try:
            in_time(drop)
            assert locked_log.empty()
            list(CLIENT.map(str, [1]))
        finally:
            logging.captureWarnings(False)
    assert "never begun" in locked_log.get(timeout=SECONDS).getMessage()


def test_the_warning_of_a_dropped_run_does_not_break_the_next_run(
    caplog: pytest.LogCaptureFixture,
) -> None:
    in_a_cycle(CLIENT.map(str, [1]))
    gc.collect()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [result.value for result in CLIENT.map(str, [1])] == ["1"]
    assert "never begun" in caplog.text


def test_a_dropped_run_cancels_what_its_executor_has_not_started() -> None:
    begun: List[int] = []
    go, under_way = threading.Event(), threading.Event()

    def call(number: int) -> None:
        begun.append(number)
        under_way.set()
        assert go.wait(SECONDS)

    with ThreadPoolExecutor(1) as executor:
        results = begin(call, executor=executor)
        assert under_way.wait(SECONDS)
        del results
        go.set()
    assert begun == [1]


def test_the_finalizer_of_a_run_does_not_block() -> None:
    go, under_way = threading.Event(), threading.Event()

    def call(number: int) -> None:
        under_way.set()
        assert go.wait(SECONDS)

    results = begin(call)
    assert under_way.wait(SECONDS)
    del results  # It would wait for a call that waits for the next line.
    go.set()
