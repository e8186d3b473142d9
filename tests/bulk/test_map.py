"""`map`: order of the results, inputs read ahead, and every way to end early."""

from __future__ import annotations

import gc
import signal
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Iterator, List

import pytest

from scaleapi import BulkResult, Counts, ScaleClient, ScaleException, ScaleTypeError
from scaleapi.bulk.engine import READ_AHEAD_PER_WORKER
from tests.bulk.conftest import join_workers, workers

CLIENT = ScaleClient("key", api_instance_url="http://localhost:9/v1")
SECONDS = 10.0


def values(results: Any) -> List[Any]:
    return [result.value for result in results]


def test_results_come_in_the_order_of_the_inputs() -> None:
    late = threading.Event()

    def square(number: int) -> int:
        if number == 0:
            assert late.wait(SECONDS)
        if number == 20:
            late.set()
        return number * number

    results = list(CLIENT.map(square, range(100)))
    assert values(results) == [n * n for n in range(100)]
    assert [r.index for r in results] == [r.payload for r in results]
    assert {(r.status, r.error) for r in results} == {("done", None)}


def test_map_makes_max_workers_calls_at_the_same_time() -> None:
    together = threading.Barrier(7)
    results = CLIENT.map(lambda _: together.wait(SECONDS), range(14), max_workers=7)
    assert {result.status for result in results} == {"done"}


def test_map_reads_nothing_before_the_first_result_is_requested() -> None:
    read: List[int] = []

    def inputs() -> Iterator[int]:
        for n in range(10):
            read.append(n)
            yield n

    results = CLIENT.map(str, inputs())
    assert read == [] and workers() == []
    assert next(results).value == "0"
    assert read != []
    results.close()


@pytest.mark.parametrize("max_workers", [1, 4])
def test_map_reads_a_limited_number_of_inputs_ahead(max_workers: int) -> None:
    read = 0

    def inputs() -> Iterator[int]:
        nonlocal read
        while True:
            read += 1
            yield read

    go = threading.Event()
    results = CLIENT.map(lambda _: go.wait(SECONDS), inputs(), max_workers=max_workers)
    threading.Timer(0.1, go.set).start()
    for yielded in range(1, 200):
        next(results)
        assert read < yielded + READ_AHEAD_PER_WORKER * max_workers
    results.close()


def test_a_finished_result_does_not_wait_for_the_next_input() -> None:
    first = threading.Event()

    def inputs() -> Iterator[int]:
        yield 0
        assert first.wait(SECONDS)  # By now the first input has been worked on.
        time.sleep(0.02)
        yield 1
        raise AssertionError("read although a result was there")

    results = CLIENT.map(lambda n: first.set(), inputs())
    assert next(results).index == 0
    results.close()


def test_map_continues_after_a_failure() -> None:
    results = list(CLIENT.map(lambda n: 1 // n, [1, 0, 2]))
    assert [r.status for r in results] == ["done", "failed", "done"]
    assert isinstance(results[1].error, ZeroDivisionError)
    assert results[1].value is None


def test_map_reports_system_exit_in_a_call_as_a_failure() -> None:
    (result,) = CLIENT.map(lambda n: sys.exit(n), [3])
    assert isinstance(result.error, SystemExit)


def test_an_exception_of_the_inputs_is_the_last_result() -> None:
    def inputs() -> Iterator[int]:
        yield from range(30)
        raise OSError("the disk is gone")

    results = list(CLIENT.map(str, inputs()))
    assert values(results[:-1]) == [str(n) for n in range(30)]
    assert results[-1].index == 30
    assert results[-1].payload is None
    assert isinstance(results[-1].error, OSError)


def test_map_of_no_inputs_has_no_results() -> None:
    results = CLIENT.map(str, [])
    assert list(results) == [] == list(results)


def test_stop_on_error_starts_nothing_after_the_first_failure() -> None:
    begun: List[int] = []
    before, failed = threading.Event(), threading.Event()

    def call(number: int) -> int:
        begun.append(number)
        if {0, 1, 2} <= set(begun):
            before.set()
        if number == 3:
            assert before.wait(SECONDS)
            failed.set()
            raise ValueError(number)
        if number > 3:
            assert failed.wait(SECONDS)
        return number

    results = list(CLIENT.map(call, range(10**6), max_workers=2, stop_on_error=True))
    assert values(results[:3]) == [0, 1, 2]
    assert isinstance(results[3].error, ValueError)
    assert len(begun) <= 6
    assert len(results) <= 3 + 2 * READ_AHEAD_PER_WORKER
    for result in results[4:]:
        unsent = isinstance(result.error, ScaleException)
        assert unsent == (result.index not in begun)
        if unsent:
            assert result.error.attempts == 0  # type: ignore[union-attr]


class Slowly:
    """A call that returns at once for three inputs, then blocks until released."""

    def __init__(self) -> None:
        self.begun: List[int] = []
        self.go = threading.Event()
        self.waiting = threading.Event()
        self.several = threading.Event()

    def __call__(self, number: int) -> int:
        self.begun.append(number)
        if number == 0:
            assert self.several.wait(SECONDS)  # so that many inputs are read ahead
        elif number == 2:
            self.several.set()
        elif number >= 3:
            self.waiting.set()
            assert self.go.wait(SECONDS)
        return number


def check_the_rest(results: Any, begun: List[int], start: int) -> int:
    """Check that started inputs have results and the others say nothing was sent."""
    assert workers() == []
    before = len(begun)
    rest = list(results)
    assert len(begun) == before
    assert [r.index for r in rest] == list(range(start, start + len(rest)))
    assert {r.index for r in rest if r.error is None} == set(range(start, before))
    assert all(
        isinstance(r.error, ScaleException) and r.error.attempts == 0
        for r in rest
        if r.error is not None
    )
    return len(rest) + 1


def test_close_waits_for_running_calls_and_loses_no_result() -> None:
    call = Slowly()
    results = CLIENT.map(call, range(1000), max_workers=2)
    assert next(results).value == 0
    assert call.waiting.wait(SECONDS)
    threading.Timer(0.05, call.go.set).start()
    results.close()
    assert call.go.is_set()
    assert check_the_rest(results, call.begun, 1) == 2 * READ_AHEAD_PER_WORKER
    results.close()


def test_an_exception_in_the_loop_ends_the_run() -> None:
    call = Slowly()
    call.go.set()
    with pytest.raises(KeyError), CLIENT.map(call, range(1000), max_workers=2) as run:
        for _ in run:
            raise KeyError
    check_the_rest(run, call.begun, 1)


def test_an_exception_in_the_loop_ends_a_run_without_references() -> None:
    begun: List[int] = []
    with pytest.raises(KeyError):
        for _ in CLIENT.map(begun.append, range(10**6), max_workers=2):
            raise KeyError
    gc.collect()
    join_workers()
    assert len(begun) <= 2 * READ_AHEAD_PER_WORKER + 1


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Let Ctrl-C interrupt, even if the shell that started the tests disabled it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="needs signals")
def test_ctrl_c_ends_the_run_and_loses_no_result(ctrl_c: None) -> None:
    call = Slowly()
    main = threading.get_ident()

    def interrupt() -> None:
        assert call.waiting.wait(SECONDS)
        time.sleep(0.5)
        signal.pthread_kill(main, signal.SIGINT)
        time.sleep(0.5)
        call.go.set()

    results = CLIENT.map(call, range(1000), max_workers=2)
    threading.Thread(target=interrupt).start()
    read = 0
    with pytest.raises(KeyboardInterrupt):
        for result in results:
            assert result.index == read
            read += 1
    assert read == 3
    assert call.go.is_set()
    check_the_rest(results, call.begun, 3)


def test_ctrl_c_while_an_input_is_read_ends_the_run() -> None:
    call = Slowly()

    def inputs() -> Iterator[int]:
        yield from range(5)
        call.several.set()
        call.go.set()
        raise KeyboardInterrupt

    results = CLIENT.map(call, inputs(), max_workers=2)
    read = 0
    with pytest.raises(KeyboardInterrupt):
        for _ in results:
            read += 1
    assert workers() == []
    rest = list(results)
    assert [r.index for r in rest] == list(range(read, 5))
    assert {r.index for r in rest if r.error is None} == set(call.begun) - set(
        range(read)
    )


def test_a_dropped_run_that_never_started_warns_that_nothing_was_sent() -> None:
    results = CLIENT.map(str, [1])
    with pytest.warns(RuntimeWarning, match="nothing was sent"):
        del results
        gc.collect()


def test_a_run_that_is_closed_before_it_starts_does_not_warn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results = CLIENT.map(str, [1])
        results.close()
        assert list(results) == []
        del results
        gc.collect()


def test_results_that_are_dropped_unread_are_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    call = Slowly()
    call.go.set()
    results = CLIENT.map(call, range(100), max_workers=2)
    assert next(results).value == 0
    assert call.waiting.wait(SECONDS)
    del results
    gc.collect()
    join_workers()  # A worker logs it, because a finalizer must not.
    assert "results of calls came back and were not read" in caplog.text


def test_a_thread_pool_executor_is_used_and_not_shut_down() -> None:
    with ThreadPoolExecutor(3) as executor:
        assert values(CLIENT.map(lambda n: -n, range(50), executor=executor)) == [
            -n for n in range(50)
        ]
        assert executor.submit(str, 1).result() == "1"


def unsent(results: Any, payloads: List[Any]) -> bool:
    """Return whether each input has a result whose error says it was not sent."""
    results = list(results)
    return [r.payload for r in results] == payloads and all(
        type(r.error) is ScaleException and r.error.attempts == 0 for r in results
    )


def test_each_input_fails_if_the_executor_is_shut_down() -> None:
    executor = ThreadPoolExecutor(3)
    executor.shutdown()
    results = CLIENT.map(str, range(300), max_workers=1, executor=executor)
    assert unsent(results, list(range(300)))


def test_an_input_that_the_executor_cancels_has_0_attempts() -> None:
    under_way, go = threading.Event(), threading.Event()

    def call(_: int) -> bool:
        under_way.set()
        return go.wait(SECONDS)

    class Canceling(ThreadPoolExecutor):
        """Cancels as ``shutdown(cancel_futures=True)`` does, which Python 3.8 lacks."""

        handles: List[Any] = []

        def submit(self, *args: Any, **kwargs: Any) -> Any:
            self.handles.append(super().submit(*args, **kwargs))
            return self.handles[-1]

    def cancel() -> None:
        assert under_way.wait(SECONDS)
        while len(executor.handles) < 8:
            assert not go.wait(0.001)
        for handle in executor.handles:
            handle.cancel()
        go.set()

    with Canceling(1) as executor:
        results = CLIENT.map(call, range(8), max_workers=1, executor=executor)
        threading.Thread(target=cancel).start()
        assert next(results).value is True
        assert unsent(results, list(range(1, 8)))


class Startable:
    """Lets a number of threads of bulk calls start, and then none."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
        self.left = count
        start = threading.Thread.start

        def limited(thread: threading.Thread) -> None:
            if thread.name.startswith(("scaleapi-bulk", "ThreadPoolExecutor")):
                self.left -= 1
                if self.left < 0:
                    raise RuntimeError("can't start new thread")
            start(thread)

        monkeypatch.setattr(threading.Thread, "start", limited)


def test_each_input_fails_if_no_thread_can_be_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Startable(monkeypatch, 0)
    results = list(CLIENT.map(str, range(5)))
    assert unsent(results, list(range(5)))
    assert "can't start new thread" in str(results[0].error)


def test_a_few_threads_do_all_work_if_no_more_can_be_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Startable(monkeypatch, 2)
    assert values(CLIENT.map(str, range(50))) == [str(n) for n in range(50)]


def test_an_input_that_the_executor_queued_and_rejected_is_not_worked_on_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The executor queues the call before it starts a thread, which may fail."""
    done: List[int] = []
    startable = Startable(monkeypatch, 0)

    def inputs() -> Iterator[int]:
        yield 0
        startable.left = 1
        yield 1

    with ThreadPoolExecutor(1) as executor:
        results = CLIENT.map(done.append, inputs(), max_workers=1, executor=executor)
        assert [r.status for r in results] == ["failed", "done"]
    assert done == [1]


def test_several_threads_can_read_the_results() -> None:
    results = CLIENT.map(lambda n: n * n, range(2000))
    lists: List[List[Any]] = [[] for _ in range(8)]
    readers = [
        threading.Thread(target=lambda own=own: own.extend(results)) for own in lists
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    for own in lists:
        assert [r.index for r in own] == sorted(r.index for r in own)
    read = sorted((r.index, r.value) for own in lists for r in own)
    assert read == [(n, n * n) for n in range(2000)]
    assert results.counts.done == 2000


def test_a_run_can_be_closed_while_another_thread_waits_for_a_result() -> None:
    call = Slowly()
    results = CLIENT.map(call, range(1000), max_workers=2)
    read: List[Any] = []
    reader = threading.Thread(target=lambda: read.extend(results))
    reader.start()
    assert call.waiting.wait(SECONDS)
    threading.Timer(0.05, call.go.set).start()
    results.close()
    reader.join()
    assert [r.index for r in read] == list(range(len(read)))
    assert {r.index for r in read if r.error is None} == set(call.begun)
    assert len(read) <= len(call.begun) + 2 * READ_AHEAD_PER_WORKER


def test_a_call_can_close_its_own_run() -> None:
    """A call cannot wait for itself, and two of them cannot wait for each other."""
    together = threading.Barrier(2)

    def call(_: int) -> None:
        together.wait(SECONDS)
        results.close()

    results = CLIENT.map(call, range(100), max_workers=2)
    rest = list(results)
    assert [r.status for r in rest[:2]] == ["done", "done"]
    assert {r.error.attempts for r in rest[2:]} <= {0}  # type: ignore[union-attr]


def test_a_run_inside_another_one_ends_with_it() -> None:
    begun: List[int] = []
    under_way, go = threading.Event(), threading.Event()

    def inner(number: int) -> None:
        begun.append(number)
        under_way.set()
        assert go.wait(SECONDS)

    def outer(_: int) -> List[str]:
        return [r.status for r in CLIENT.map(inner, range(100), max_workers=1)]

    results = CLIENT.map(outer, [0], max_workers=1)
    reader = threading.Thread(target=lambda: read.extend(results))
    read: List[Any] = []
    reader.start()
    assert under_way.wait(SECONDS)
    threading.Timer(0.05, go.set).start()
    results.close()
    reader.join()
    assert begun == [0]
    assert read[0].value == ["done"] + ["failed"] * 99


@pytest.mark.parametrize("max_workers", [0, -1, 1.5, None])
def test_map_rejects_invalid_max_workers(max_workers: Any) -> None:
    with pytest.raises(ValueError, match="max_workers"):
        CLIENT.map(str, [1], max_workers=max_workers)


def test_map_rejects_invalid_items_immediately() -> None:
    with pytest.raises(TypeError):
        CLIENT.map(str, 5)  # type: ignore[arg-type]


def test_a_progress_callable_gets_the_counts_after_each_result() -> None:
    seen: List[Counts] = []
    list(CLIENT.map(lambda n: 1 // n, [1, 0, 2], progress=seen.append))
    assert [tuple(counts)[:3] for counts in seen] == [(1, 3, 0), (2, 3, 1), (3, 3, 1)]
    assert seen[-1].statuses == {"done": 2, "failed": 1}
    seen.clear()
    list(CLIENT.map(str, iter([1]), progress=seen.append))
    assert seen[0].total is None


def test_a_progress_callable_that_raises_ends_the_run_and_loses_no_result() -> None:
    def progress(counts: Counts) -> None:
        if counts.done == 2:
            raise KeyError

    results = CLIENT.map(str, range(5), progress=progress)
    assert next(results).index == 0
    with pytest.raises(KeyError):
        next(results)
    assert workers() == []
    assert [result.index for result in results][:1] == [1]


def test_map_rejects_invalid_progress() -> None:
    with pytest.raises(ScaleTypeError, match="progress"):
        CLIENT.map(str, [1], progress="yes")  # type: ignore[arg-type]


def test_repr_of_a_bulk_result() -> None:
    assert repr(BulkResult(3, "x", "done", 7)) == "BulkResult(3, 'done', 7)"
    failed: BulkResult[int] = BulkResult(3, "x", "failed", error=ValueError("no"))
    assert repr(failed) == "BulkResult(3, 'failed', ValueError('no'))"
