"""Backends of bulk calls: own threads, an executor of threads, or other processes."""

from __future__ import annotations

import concurrent.futures
import os
from concurrent.futures import (
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ThreadPoolExecutor,
)
from contextlib import suppress
from typing import Any, Optional

from scaleapi._transport.interrupt import INTERRUPTION
from scaleapi.bulk.remote import (
    CallOutcome,
    Work,
    carry_out,
    make_room,
    outcome_of,
    pack,
    pack_argument,
    unpack,
)
from scaleapi.bulk.stop_file import StopFile, stop_path
from scaleapi.bulk.workers import Signals, WorkerThreads
from scaleapi.exceptions import ScaleException

#: Waits are cut into slices of this length: on Windows, Ctrl-C is only noticed between.
_WAIT_SLICE_S = 1.0


class Slot:
    """An input that was read, with its outcome.

    Attributes:
        index: Position of the input, from 0.
        payload: The input.
        future: Done when there is nothing more to wait for. For work in threads it is
            a future of our own, and the thread that sets it to running does the work.
        handle: Future of the executor of threads.
        begun: Whether a thread of this process has begun the work.
        outcome: The outcome, as soon as it is known.
        result: The `BulkResult` made of it.
    """

    __slots__ = ("begun", "future", "handle", "index", "outcome", "payload", "result")

    def __init__(self, index: int, payload: Any) -> None:
        self.index = index
        self.payload = payload
        self.future: Optional[Future[Any]] = None
        self.handle: Optional[Future[Any]] = None
        self.begun = False
        self.outcome: Optional[CallOutcome] = None
        self.result: Any = None

    @property
    def is_done(self) -> bool:
        """Whether the result is there without waiting."""
        future = self.future
        return self.outcome is not None or (future is not None and future.done())


def failed(text: str, payload: Any, attempts: int = 0) -> ScaleException:
    """Return the error of an input that nobody has worked on, as far as we know.

    Args:
        text: What went wrong.
        payload: The input.
        attempts: 0 if nothing was sent, 1 if nobody can tell.
    """
    error = ScaleException(text)
    error.attempts = attempts
    unique_id = payload.get("unique_id") if isinstance(payload, dict) else None
    error.unique_id = unique_id if isinstance(unique_id, str) else None
    return error


class Backend:
    """Does the work of one run.

    Args:
        client: Whose calls it makes.
        work: What to do with an input.
        signals: Says when to leave what is left.
        stop_on_error: Whether a failure is such a signal.
    """

    def __init__(
        self, client: Any, work: Work, signals: Signals, stop_on_error: bool
    ) -> None:
        self.client = client
        self.work = work
        self.signals = signals
        self.stop_on_error = stop_on_error

    def submit(self, slot: Slot) -> None:
        """Put an input into the queue of the workers.

        Raises:
            ScaleException: The executor did not accept `slot`.
        """
        raise NotImplementedError

    def wait(self, slot: Slot) -> None:
        """Wait until an input that was submitted has an outcome, or will have none."""
        raise NotImplementedError

    def join(self) -> None:
        """Wait for what is under way, after the signal to stop."""
        # Without what was called back, which counts as done when its executor comes
        # upon it, and that may be never.
        concurrent.futures.wait(self.signals.handed_over.copy())

    def drop(self) -> None:
        """Let the workers end, without waiting: a finalizer calls this."""

    def is_back(self, slot: Slot) -> bool:
        """Return whether an input has an outcome, without taking a lock."""
        return slot.outcome is not None


class Threads(Backend):
    """Common behavior of threads of this process, whoever started them."""

    def submit(self, slot: Slot) -> None:
        slot.future = Future()
        try:
            self.start(slot)
        except BaseException as error:
            # It may be in the queue all the same, where others come upon it, or,
            # after an interrupt, in none, where nobody does.
            unsent = slot.future.cancel()
            if not isinstance(error, Exception):
                raise
            if unsent:
                raise failed(f"nothing was sent: {error}", slot.payload) from error

    def start(self, slot: Slot) -> None:
        """Have a thread call `work_on`."""
        raise NotImplementedError

    def wait(self, slot: Slot) -> None:
        future, handle = slot.future, slot.handle
        assert future is not None
        while not future.done():
            if handle is not None and handle.done():
                # By then it was worked on, unless its executor has dropped it.
                future.cancel()
                return
            # `concurrent.futures.wait` takes three times as long, once an input.
            with suppress(concurrent.futures.TimeoutError, CancelledError):
                (handle or future).exception(timeout=_WAIT_SLICE_S)

    def work_on(self, slot: Slot) -> None:
        """Work on an input."""
        future = slot.future
        assert future is not None
        if not future.set_running_or_notify_cancel():
            return
        try:
            if self.signals.no_more or self.signals.wait(0):
                return
            slot.begun = True
            make_room(self.client)
            before = INTERRUPTION.set(self.signals)
            try:
                slot.outcome = outcome_of(self.work, slot.payload)
            finally:
                INTERRUPTION.reset(before)
            if self.stop_on_error and slot.outcome.error is not None:
                self.signals.no_more = True
        finally:
            future.set_result(None)


class OwnThreads(Threads):
    """Threads that are started for a run, and end with it."""

    def __init__(self, workers: int, *args: Any) -> None:
        super().__init__(*args)
        self._threads = WorkerThreads(workers)

    def start(self, slot: Slot) -> None:
        self._threads.submit(lambda: self.work_on(slot))

    def join(self) -> None:
        self._threads.end()
        self._threads.join()

    def drop(self) -> None:
        self._threads.end()


class GivenThreads(Threads):
    """A pool of threads that is somebody else's."""

    def __init__(self, executor: Executor, *args: Any) -> None:
        super().__init__(*args)
        self._executor = executor

    def start(self, slot: Slot) -> None:
        slot.handle = self._executor.submit(self.work_on, slot)
        self.signals.follow(slot.handle)


class Processes(Backend):
    """An executor that runs in other processes.

    Raises:
        ScaleTypeError: The client or the work in `args` cannot be pickled.
    """

    def __init__(self, executor: Executor, *args: Any) -> None:
        super().__init__(*args)
        self._executor = executor
        self._packed = pack(self.client, self.work)
        self._run_key = os.urandom(16).hex()
        self._stop = stop_path(self._run_key)
        self.signals.stop_file = None if self._stop is None else StopFile(self._stop)
        self._broken: Optional[Exception] = None
        # Whether a canceled future is known not to have started. A future of Dask can
        # be canceled at any time, and its work continues.
        self._calls_back = any(
            base.__module__ == "concurrent.futures.process"
            for base in type(executor).__mro__
        )

    def submit(self, slot: Slot) -> None:
        if self._broken is not None:
            raise failed(f"nothing was sent: {self._broken}", slot.payload)
        argument = pack_argument(self.client, slot.payload)
        task_key = f"{self._run_key}-{slot.index}"
        # Stays the outcome if an interrupt comes before submit() has returned.
        slot.outcome = _unclear(slot, "it was being handed over")
        try:
            slot.future = self._executor.submit(
                carry_out, self._packed, argument, task_key, self._stop
            )
        except Exception as error:
            if _refuses(error):
                text = f"nothing was sent: {error}"
                raise failed(text, slot.payload) from error
            # The call may have been queued before the executor failed to start a
            # worker. More calls would only be queued behind it.
            self._broken = error
            text = f"the executor failed when it was handed over: {error}"
            slot.outcome = _unclear(slot, text)
            return
        slot.outcome = None
        self.signals.follow(slot.future)

    def wait(self, slot: Slot) -> None:
        future = slot.future
        assert future is not None
        while not future.done():
            concurrent.futures.wait([future], timeout=_WAIT_SLICE_S)
        if future.cancelled():
            if not self._calls_back:
                slot.outcome = _unclear(slot, "it was called back")
            return
        # Not raised here: a KeyboardInterrupt in the worker is not one in this process.
        error = future.exception()
        try:
            if error is None:
                slot.outcome = unpack(self.client, future.result())
        except Exception as obstacle:
            error = obstacle
        if error is not None:  # e.g. the worker was killed
            what = f"no answer came back: {str(error) or type(error).__name__}"
            slot.outcome = _unclear(slot, what)
        assert slot.outcome is not None
        if self.stop_on_error and slot.outcome.error is not None:
            self.signals.no_more = True
            self.signals.call_back()

    def is_back(self, slot: Slot) -> bool:
        future = slot.future
        return slot.outcome is not None or (
            future is not None
            and future not in self.signals.handed_over
            and future not in self.signals.called_back
        )


def _unclear(slot: Slot, what: str) -> CallOutcome:
    text = f"{what}; it may or may not have been carried out"
    return CallOutcome(error=failed(text, slot.payload, attempts=1))


def _refuses(error: Exception) -> bool:
    """Return whether an executor accepts no calls because it is shut down or broken."""
    return isinstance(error, BrokenExecutor) or "schedule new futures" in str(error)


def backend(executor: Optional[Executor], workers: int, *args: Any) -> Backend:
    """Return the backend for an executor.

    Args:
        executor: The executor that the caller passed; None for threads of our own.
        workers: Maximum number of threads of our own.
        args: Arguments of `Backend`.

    Raises:
        ScaleTypeError: `executor` runs in other processes, and the client or the work
            in `args` cannot be pickled for them.
    """
    if executor is None:
        return OwnThreads(workers, *args)
    if isinstance(executor, ThreadPoolExecutor):
        return GivenThreads(executor, *args)
    return Processes(executor, *args)
