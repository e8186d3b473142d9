"""A bounded window over the inputs, and the results in their order."""

from __future__ import annotations

import concurrent.futures
import logging
import os
import threading
import warnings
from collections import deque
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from types import TracebackType
from typing import (
    Any,
    Callable,
    Deque,
    Dict,
    Generic,
    Iterable,
    Iterator,
    Optional,
    Sized,
    Type,
    TypeVar,
)

from scaleapi._options import checked_number
from scaleapi._pause import INTERRUPTION
from scaleapi._progress import Counts, Meter, Progress
from scaleapi.bulk.carrying import (
    CallOutcome,
    Work,
    carry_out,
    outcome_of,
    pack,
    pack_argument,
    unpack,
)
from scaleapi.bulk.results import FAILED, BulkResult
from scaleapi.exceptions import ScaleException, ScaleTypeError

logger = logging.getLogger("scaleapi")

#: Inputs that are read ahead, for each worker.
AHEAD = 8
#: Seconds after which a wait looks up: on Windows nothing else interrupts it.
_LOOK_UP = 1.0

R = TypeVar("R", bound="BulkResult[Any]")
Self = TypeVar("Self", bound="BulkResults[Any]")


class _Signals:
    """What the workers of a run are told; they do not hold the run itself."""

    def __init__(self) -> None:
        #: Whether inputs that nobody works on yet are to be left alone.
        self.no_more = False
        #: Whether waits are to be cut short, and nothing is to be sent.
        self.stop = threading.Event()


class _Slot:
    """One input that was read, and what came of it."""

    __slots__ = ("future", "index", "outcome", "payload", "result")

    def __init__(self, index: int, payload: Any) -> None:
        self.index = index
        self.payload = payload
        self.future: Optional[Future[Any]] = None
        self.outcome: Optional[CallOutcome] = None
        self.result: Any = None

    @property
    def is_done(self) -> bool:
        future = self.future
        return self.outcome is not None or (future is not None and future.done())


def _work_on(slot: _Slot, work: Work, signals: _Signals, stop_on_error: bool) -> None:
    """Work on an input, in a thread of this process."""
    if signals.no_more or _exiting():
        return
    before = INTERRUPTION.set(signals.stop)
    try:
        slot.outcome = outcome_of(work, slot.payload)
    finally:
        INTERRUPTION.reset(before)
    if stop_on_error and slot.outcome.error is not None:
        signals.no_more = True


def _exiting() -> bool:
    """Return whether the program ends, so that nobody will read the results."""
    ending = getattr(threading, "_SHUTTING_DOWN", False)
    return bool(ending) or not threading.main_thread().is_alive()


class BulkResults(Iterator[R], Generic[R]):
    """The results of a bulk call: one for each input, in their order.

    An iterator. Nothing is sent before the first result is wanted; from then on
    workers are kept busy, and results wait for you. At most 8 inputs a
    worker are read before their results are wanted.

    `close` ends the run: no further request is sent, waits are cut short, and
    what is under way is waited for. Ctrl-C while a result is awaited does the
    same, and so do the end of a ``with`` block and dropping the iterator.
    Nothing is lost by that: iterating on yields what has come back, then, as
    failed with 0 ``attempts``, the inputs that were read and not sent.

    Attributes:
        counts: How many results were yielded, by status.
    """

    def __init__(
        self,
        client: Any,
        work: Work,
        items: Iterable[Any],
        result: Type[R],
        *,
        prepare: Optional[Callable[[Any], Any]] = None,
        max_workers: int = 16,
        progress: Progress = False,
        stop_on_error: bool = False,
        executor: Optional[Executor] = None,
        label: str = "calls",
    ) -> None:
        self._begun = self._ended = True  # for __del__, should one of these fail
        workers = checked_number("max_workers", max_workers, 1)
        self._window = AHEAD * workers
        self._meter = Meter(progress, label)
        self._items: Optional[Iterator[Any]] = iter(items)
        self._client = client
        self._work = work
        self._make = result
        self._prepare = prepare
        self._stop_on_error = stop_on_error
        self._workers = workers
        self._own: Optional[Executor] = None
        self._executor = executor
        here = executor is None or isinstance(executor, ThreadPoolExecutor)
        self._packed = None if here else pack(client, work)
        self._ticket = os.urandom(16).hex()
        self._signals = _Signals()
        self._slots: Deque[_Slot] = deque()
        self._read = 0
        total = len(items) if isinstance(items, Sized) else None
        self.counts = Counts(total=total)
        self._label = label
        self._begun = self._ended = False

    def __iter__(self: Self) -> Self:
        return self

    def __next__(self) -> R:
        self._begun = True
        try:
            self._read_ahead()
            if not self._slots:
                self.close()
                self._meter.close()
                raise StopIteration
            slot = self._slots[0]
            if slot.result is None:
                self._await(slot)
                slot.result = self._result(slot)
                self._count(slot.result)
            self._slots.popleft()
        except StopIteration:
            raise
        except BaseException:
            self.close()
            raise
        result: R = slot.result
        return result

    def close(self) -> None:
        """Send nothing more, and wait for what is under way.

        What has come back can still be read, by iterating on.
        """
        self._begun = True
        if self._ended:
            return
        self._signals.no_more = True
        self._signals.stop.set()
        self._items = None
        futures = [slot.future for slot in self._slots if slot.future is not None]
        # What is only canceled is done when its executor comes upon it, which may
        # be never: nothing of it is under way, so nobody need wait for it.
        under_way = [future for future in futures if not future.cancel()]
        if self._own is not None:
            self._own.shutdown(wait=True)
        else:
            concurrent.futures.wait(under_way)
        self._ended = True

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        # Also of one that is not made yet, as tracebacks may want it.
        own = vars(self)
        running = "under way" if own.get("_begun") else "not begun"
        state = "ended" if own.get("_ended", True) else running
        counts = own.get("counts")
        return f"{type(self).__name__}({own.get('_label')!r}, {state}, {counts})"

    def __del__(self) -> None:
        if not self._begun:
            warnings.warn(
                f"the {self._label} were never begun, so nothing was sent: iterate "
                f"over what the call returns, as in list(...)",
                RuntimeWarning,
                stacklevel=2,
                source=self,
            )
        elif not self._ended:
            self.close()
            came = sum(map(self._has_come, self._slots))
            if came:
                logger.warning(
                    "%d results of %s came back and were not read", came, self._label
                )

    def _has_come(self, slot: _Slot) -> bool:
        future = slot.future
        return slot.outcome is not None or (
            self._packed is not None
            and future is not None
            and future.done()
            and not future.cancelled()
        )

    def _read_ahead(self) -> None:
        """Read inputs until enough are under way, or a result is there."""
        first = True
        while self._items is not None and len(self._slots) < self._window:
            # One for the one that is to be yielded; more only while there is
            # nothing better to do, since the next input may take its time.
            if not first and self._slots[0].is_done:
                return
            first = False
            if self._signals.no_more:
                self._items = None
                return
            try:
                item = next(self._items)
            except StopIteration:
                self._items = None
            except Exception as error:
                self._items = None
                self._add(None).outcome = CallOutcome(error=error)
            else:
                self._begin(self._add(item))

    def _add(self, payload: Any) -> _Slot:
        slot = _Slot(self._read, payload)
        self._read += 1
        self._slots.append(slot)
        return slot

    def _begin(self, slot: _Slot) -> None:
        try:
            if self._prepare is not None:
                slot.payload = self._prepare(slot.payload)
        except Exception as error:
            slot.outcome = CallOutcome(error=error)
            self._signals.no_more |= self._stop_on_error
            return
        try:
            slot.future = self._submit(slot)
        except ScaleTypeError as error:
            slot.outcome = CallOutcome(error=error)
        except Exception as error:
            # An executor that is shut down or broken: nothing can follow.
            slot.outcome = CallOutcome(error=error)
            self._items = None

    def _submit(self, slot: _Slot) -> Future[Any]:
        if self._packed is not None:
            assert self._executor is not None
            argument = pack_argument(self._client, slot.payload)
            ticket = f"{self._ticket}-{slot.index}"
            return self._executor.submit(carry_out, self._packed, argument, ticket)
        if self._executor is None:
            self._executor = self._own = ThreadPoolExecutor(
                self._workers, thread_name_prefix="scaleapi-bulk"
            )
        return self._executor.submit(
            _work_on, slot, self._work, self._signals, self._stop_on_error
        )

    def _await(self, slot: _Slot) -> None:
        future = slot.future
        if future is None or slot.outcome is not None:
            return
        while not future.done():
            concurrent.futures.wait([future], timeout=_LOOK_UP)
        if self._packed is not None and not future.cancelled():
            slot.outcome = _arrived(self._client, future)
            if self._stop_on_error and slot.outcome.error is not None:
                self._signals.no_more = True
                for other in self._slots:
                    if other.future is not None:
                        other.future.cancel()

    def _result(self, slot: _Slot) -> R:
        outcome = slot.outcome
        if outcome is None:
            unsent = ScaleException("nothing was sent: the run was stopped before")
            outcome = CallOutcome(error=unsent)
        status = outcome.status if outcome.error is None else FAILED
        return self._make(
            slot.index, slot.payload, status, outcome.value, outcome.error
        )

    def _count(self, result: R) -> None:
        statuses: Dict[str, int] = dict(self.counts.statuses)
        statuses[result.status] = statuses.get(result.status, 0) + 1
        self.counts = Counts(
            self.counts.done + 1,
            self.counts.total,
            statuses.get(FAILED, 0),
            statuses,
        )
        self._meter.show(self.counts)


def _arrived(client: Any, future: Future[Any]) -> CallOutcome:
    try:
        return unpack(client, future.result())
    except Exception as error:  # the worker died, or the input cannot travel
        return CallOutcome(error=error)
