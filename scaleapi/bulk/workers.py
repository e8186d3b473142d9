"""Worker threads of bulk calls, the signals to them, and their end.

The garbage collector may run a finalizer in any thread at any time, even while that
thread holds the lock of a queue, a log handler or the rate limiter. Therefore functions
named `drop`, `end` or `note` in this module take no lock and do not wait.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import queue
import sys
import threading
import weakref
from collections import deque
from concurrent.futures import Future
from typing import Any, Callable, Deque, Dict, List, Optional, Set

from scaleapi._transport.interrupt import INTERRUPTION
from scaleapi.bulk.stop_file import StopFile

logger = logging.getLogger("scaleapi")

#: Seconds after which a wait notices at the latest that a run was dropped.
_MAX_REACTION_S = 0.25

_Jobs = queue.SimpleQueue  # the only queue whose put() a finalizer may call


_ending = False


def program_ends() -> bool:
    """Return whether the main thread has ended."""
    # Python waits for executors before the main thread counts as dead. The private
    # variable is set before that, and `_ending` before executors of processes.
    ending = _ending or getattr(threading, "_SHUTTING_DOWN", False)
    return bool(ending) or not threading.main_thread().is_alive()


class Signals:
    """Signals to the workers of a run. They hold no reference to the run itself.

    Attributes:
        no_more: Whether no further input is to be begun.
        handed_over: Futures of an executor that are not finished.
        called_back: Futures of an executor that were canceled before they began.
        stop_file: The file that tells other processes that the run is to end.
    """

    def __init__(self) -> None:
        self.no_more = False
        self.handed_over: Set[Future[Any]] = set()
        self.called_back: Set[Future[Any]] = set()
        self.stop_file: Optional[StopFile] = None
        self._stopped = False
        self._woken = threading.Event()
        self._outer: Optional[Any] = None

    def follow_outer(self) -> None:
        """End with the run whose worker reads the results of this one."""
        outer = INTERRUPTION.get()
        self._outer = None if outer is self else outer

    def at_work_here(self) -> bool:
        """Return whether this thread works for the run, or for one inside it."""
        current = INTERRUPTION.get()
        while current is not None and current is not self:
            current = getattr(current, "_outer", None)
        return current is self

    def drop(self) -> None:
        """Let nothing more be sent. Waits notice it within a fraction of a second."""
        self.no_more = self._stopped = True
        self._show_others()

    def stop(self) -> None:
        """Have nothing more sent, and cut waits short at once."""
        self.no_more = self._stopped = True
        self.wake()

    def wake(self) -> None:
        """Have waits look up now, and call back what is not under way."""
        self._woken.set()
        self._show_others()
        self.call_back()

    def _show_others(self) -> None:
        """Have other processes see it, as long as they work for the run."""
        if self.stop_file is not None:
            if self.handed_over:
                self.stop_file.create()
            if not self.handed_over:
                self.stop_file.remove()

    def call_back(self) -> None:
        """Cancel what an executor has not begun."""
        for future in self.handed_over.copy():
            future.cancel()

    def wait(self, seconds: float) -> bool:
        """Wait; return whether nothing more is to be sent. See `INTERRUPTION`."""
        while not (self._stopped or program_ends() or self._outer_stopped()):
            if seconds <= 0:
                return False
            self._woken.wait(min(seconds, _MAX_REACTION_S))
            seconds -= _MAX_REACTION_S
        return True

    def _outer_stopped(self) -> bool:
        return self._outer is not None and self._outer.wait(0)

    def follow(self, future: Future[Any]) -> None:
        """Call back what an executor was handed, once the run is to end."""
        self.handed_over.add(future)
        future.add_done_callback(self._handed_back)

    def _handed_back(self, future: Future[Any]) -> None:
        if future.cancelled():
            self.called_back.add(future)
        self.handed_over.discard(future)
        # The finalizer of a run that was dropped could not cancel anything.
        if self._stopped and not future.cancelled():
            self.call_back()
        if self._stopped or _ending:
            self._show_others()


class WorkerThreads:
    """A pool of threads, which are started when jobs are submitted.

    They do not keep the program running: at its end they finish their jobs.

    Args:
        max_threads: Maximum number of threads.
    """

    def __init__(self, max_threads: int) -> None:
        self._max_threads = max_threads
        self._jobs: _Jobs[Optional[Callable[[], None]]] = _Jobs()
        self._threads: List[threading.Thread] = []

    def submit(self, job: Callable[[], None]) -> None:
        """Put a job into the queue, and start a thread if there are fewer than allowed.

        Raises:
            RuntimeError: No thread can be started, and none is running.
        """
        if len(self._threads) < self._max_threads:
            self._start_one()
        self._jobs.put(job)

    def _start_one(self) -> None:
        thread = threading.Thread(
            target=_work,
            args=(self._jobs,),
            name=f"scaleapi-bulk_{len(self._threads)}",
            daemon=True,
        )
        # Registered before the start, during which an interrupt may come.
        self._threads.append(thread)
        _at_work[thread] = self._jobs
        try:
            thread.start()
        except Exception:
            self._threads.remove(thread)
            _at_work.pop(thread, None)
            if not self._threads:
                raise

    def end(self) -> None:
        """Let all threads end after the jobs in the queue."""
        self._jobs.put(None)

    def join(self) -> None:
        """Wait until all threads have ended."""
        _join(self._threads)


def _work(jobs: _Jobs[Optional[Callable[[], None]]]) -> None:
    try:
        while True:
            job = jobs.get()
            if job is None:
                jobs.put(None)  # for the next one
                return
            job()
            del job  # releases input and result while the thread waits
    finally:
        _at_work.pop(threading.current_thread(), None)
        tell()


def _join(threads: Any) -> None:
    for thread in threads:
        # In a forked process none of them runs, and one may be the current thread.
        if thread.is_alive() and thread is not threading.current_thread():
            thread.join()


_at_work: Dict[threading.Thread, _Jobs[Optional[Callable[[], None]]]] = {}
_runs: weakref.WeakSet[Signals] = weakref.WeakSet()
_told_of_the_end: Set[bool] = set()


def end_with_the_program(signals: Signals) -> None:
    """Let a run and all worker threads end when the main thread ends."""
    _runs.add(signals)
    # The function registered last is called first, and must be called before an
    # executor of processes waits for all its calls.
    processes = "concurrent.futures.process" in sys.modules
    if processes not in _told_of_the_end:
        _told_of_the_end.add(processes)
        # The private function is called before Python waits for threads and executors;
        # atexit is too late for an executor, but not for threads of our own.
        register = getattr(threading, "_register_atexit", atexit.register)
        with contextlib.suppress(RuntimeError):  # the program is already ending
            register(_end)


def _end() -> None:
    global _ending
    _ending = True
    at_work = _at_work.copy()
    for signals in list(_runs):
        signals.wake()
    for jobs in at_work.values():
        jobs.put(None)
    _join(at_work)
    tell()


_notes: Deque[Callable[[], Any]] = deque()


def note(say: Callable[[], Any]) -> None:
    """Keep a warning of a finalizer until `tell` is called."""
    _notes.append(say)


def tell() -> None:
    """Issue the warnings that finalizers have left."""
    while _notes:
        with contextlib.suppress(IndexError):  # another thread was faster
            say = _notes.popleft()
            try:
                say()
            except Warning as warning:  # where warnings are errors
                logger.warning("%s", warning)
