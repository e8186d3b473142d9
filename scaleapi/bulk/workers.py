"""Threads that do the work of a run, what they are told, and how all of it ends.

A finalizer may be run by the garbage collector, in any thread and at any moment:
also while that thread holds the lock of a queue, a log handler or the rate limiter.
So what is called `drop`, `end` or `note` here takes no lock and waits for nothing.
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

#: Seconds after which a wait looks up: what cannot wake it may end it.
_LOOK_UP = 0.25

_Jobs = queue.SimpleQueue  # its put is the one that a finalizer may call


_ending = False


def program_ends() -> bool:
    """Return whether the main thread has come to its end."""
    # Executors are waited for before the main thread counts as dead; the private
    # sign is given before that, and our own before executors of processes.
    ending = _ending or getattr(threading, "_SHUTTING_DOWN", False)
    return bool(ending) or not threading.main_thread().is_alive()


class Signals:
    """What the workers of a run are told; they do not hold the run itself.

    Attributes:
        no_more: Whether inputs that nobody works on yet are to be left alone.
        handed_over: What an executor was given and has not finished.
        called_back: What it was given and was canceled before it was begun.
        stop_file: Where other processes see that the run is to end.
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
        """Have nothing more sent. Waits notice it when they next look up."""
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
            self._woken.wait(min(seconds, _LOOK_UP))
            seconds -= _LOOK_UP
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
    """Up to so many threads, which are started as jobs come.

    They do not keep the program alive: when it ends, they are told to end, and
    waited for.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._jobs: _Jobs[Optional[Callable[[], None]]] = _Jobs()
        self._threads: List[threading.Thread] = []

    def submit(self, job: Callable[[], None]) -> None:
        """Have a thread do a job; fewer do, where not all can be started.

        Raises:
            RuntimeError: There is no thread, and none can be started.
        """
        if len(self._threads) < self._most:
            self._start_one()
        self._jobs.put(job)

    def _start_one(self) -> None:
        thread = threading.Thread(
            target=_work,
            args=(self._jobs,),
            name=f"scaleapi-bulk_{len(self._threads)}",
            daemon=True,
        )
        # Before it starts, during which an interrupt may come.
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
        """Have all threads end after the jobs that they were given."""
        self._jobs.put(None)

    def join(self) -> None:
        """Wait for their end."""
        _join(self._threads)


def _work(jobs: _Jobs[Optional[Callable[[], None]]]) -> None:
    try:
        while True:
            job = jobs.get()
            if job is None:
                jobs.put(None)  # for the next one
                return
            job()
            del job  # and with it input and result, while there is nothing to do
    finally:
        _at_work.pop(threading.current_thread(), None)
        tell()


def _join(threads: Any) -> None:
    for thread in threads:
        # In a forked child none of them lives, and one may be this one.
        if thread.is_alive() and thread is not threading.current_thread():
            thread.join()


_at_work: Dict[threading.Thread, _Jobs[Optional[Callable[[], None]]]] = {}
_runs: weakref.WeakSet[Signals] = weakref.WeakSet()
_told_of_the_end: Set[bool] = set()


def end_with_the_program(signals: Signals) -> None:
    """Have a run, and all worker threads, end when the main thread has ended."""
    _runs.add(signals)
    # What is registered last is called first, and must be called before an
    # executor of processes waits for all that it was given.
    processes = "concurrent.futures.process" in sys.modules
    if processes not in _told_of_the_end:
        _told_of_the_end.add(processes)
        # The private one is called before threads and executors are waited for;
        # atexit is too late for an executor, but not for threads of our own.
        register = getattr(threading, "_register_atexit", atexit.register)
        with contextlib.suppress(RuntimeError):  # it ends already
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
    """Keep what a finalizer has to say until somebody may say it."""
    _notes.append(say)


def tell() -> None:
    """Say what finalizers had to say."""
    while _notes:
        with contextlib.suppress(IndexError):  # another thread says it
            say = _notes.popleft()
            try:
                say()
            except Warning as warning:  # where warnings are errors
                logger.warning("%s", warning)
