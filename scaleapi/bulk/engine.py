"""`BulkResults`: reads inputs ahead of the workers, yields results in their order."""

from __future__ import annotations

import gc
import logging
import sys
import threading
import warnings
from collections import deque
from concurrent.futures import Executor
from functools import partial
from types import TracebackType
from typing import (
    Any,
    Callable,
    Deque,
    Dict,
    Generic,
    Iterable,
    Iterator,
    List,
    Optional,
    Sized,
    Type,
    TypeVar,
)

from scaleapi._core import notebook
from scaleapi._core.progress import Counts, Meter, Progress
from scaleapi._transport.options import checked_number
from scaleapi.bulk.backends import Slot, backend, failed
from scaleapi.bulk.remote import CallOutcome, Work, failure
from scaleapi.bulk.results import FAILED, BulkResult
from scaleapi.bulk.workers import (
    Signals,
    end_with_the_program,
    note,
    program_ends,
    tell,
)
from scaleapi.exceptions import ScaleException

logger = logging.getLogger("scaleapi")

#: Inputs that are read ahead for each worker.
READ_AHEAD_PER_WORKER = 8

#: Failures that `BulkResults.summary` shows.
_SHOWN_FAILURES = 10

R = TypeVar("R", bound="BulkResult[Any]")
Self = TypeVar("Self", bound="BulkResults[Any]")


class BulkResults(Iterator[R], Generic[R]):
    """An iterator over the results of a bulk call: one for each input, in their order.

    Nothing is sent before the first result is requested. From then on the workers are
    busy, and finished results are kept until you request them. At most 8 inputs for
    each worker are read ahead.

    `close` ends the run: no further request is sent, waits are cut short, and calls
    that have begun are waited for. Ctrl-C while a result is awaited and the end of a
    ``with`` block do the same. No result is lost: further iteration yields those that
    are there and then, as failed with 0 ``attempts``, the inputs that were read but not
    sent. The run also ends when the iterator is garbage-collected, and when the program
    ends.

    Several threads may iterate: each result is yielded to one of them.

    Attributes:
        counts: Numbers of the results that were yielded, by status.
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
        self._begun = self._ended = True  # for __del__, if one of the next lines raises
        workers = checked_number("max_workers", max_workers, 1)
        self._window = READ_AHEAD_PER_WORKER * workers
        self._meter = Meter(progress, label)
        self._items: Optional[Iterator[Any]] = iter(items)
        self._make = result
        self._prepare = prepare
        self._stop_on_error = stop_on_error
        self._signals = Signals()
        self._backend = backend(
            executor, workers, client, work, self._signals, stop_on_error
        )
        self._reading = threading.RLock()
        self._slots: Deque[Slot] = deque()
        self._read = 0
        total = len(items) if isinstance(items, Sized) else None
        self.counts = Counts(total=total)
        self._label = label
        #: Lines about the first failures, for `summary`.
        self._failures: List[str] = []
        end_with_the_program(self._signals)
        tell()
        self._begun = self._ended = False

    def __iter__(self: Self) -> Self:
        return self

    def __next__(self) -> R:
        self._begun = True
        try:
            with self._reading:
                slot = self._next()
        except BaseException:
            self.close()
            raise
        if slot is None:
            self.close()
            raise StopIteration
        result: R = slot.result
        return result

    def _next(self) -> Optional[Slot]:
        self._signals.follow_outer()
        self._read_ahead()
        if not self._slots:
            self._meter.close()
            return None
        slot = self._slots[0]
        if slot.result is None:
            if slot.outcome is None and slot.future is not None:
                self._backend.wait(slot)
            slot.result = self._result(slot)
            self._count(slot.result)
        self._slots.popleft()
        return slot

    def close(self) -> None:
        """End the run: send nothing more, and wait for calls that have begun.

        Further iteration yields the remaining results. If a call of this run calls
        `close`, it does not wait.
        """
        self._begun = True
        if self._ended:
            return
        self._items = None
        self._signals.stop()
        if not self._signals.at_work_here():
            self._backend.join()
            self._ended = True

    def summary(self) -> str:
        """Read the results that are left; return a text about all of them.

        It has the number of each status, and the first failures.
        """
        deque(self, maxlen=0)
        statuses = self.counts.statuses
        numbers = ", ".join(f"{statuses[each]:,} {each}" for each in sorted(statuses))
        lines = [f"{self._label}: {numbers or 'none'}", *self._failures]
        more = self.counts.failed - len(self._failures)
        return "\n".join([*lines, f"  and {more:,} more"] if more else lines)

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self,
        cls: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        # repr() may run before __init__ has finished, e.g. in a traceback.
        own = vars(self)
        running = "under way" if own.get("_begun") else "not begun"
        state = "ended" if own.get("_ended", True) else running
        counts = own.get("counts")
        return f"{type(self).__name__}({own.get('_label')!r}, {state}, {counts})"

    def _repr_html_(self) -> str:
        """Return HTML for notebooks: how many results there were. None is taken."""
        counts = self.counts
        facts = [("results", counts.done), *counts.statuses.items()]
        return notebook.card(type(self).__name__, self._label, facts)

    def __del__(self) -> None:
        if not self._begun:
            text = (
                f"the {self._label} were never begun, so nothing was sent: iterate "
                f"over what the call returns, as in list(...)"
            )
            # If the garbage collector calls this, a warning filter or a log handler may
            # need a lock that this thread holds.
            is_finalized = getattr(gc, "is_finalized", None)
            if is_finalized(self) if is_finalized else sys.getrefcount(self) > 3:
                note(partial(warnings.warn, text, RuntimeWarning))
            else:
                warnings.warn(text, RuntimeWarning, stacklevel=2, source=self)
        elif not self._ended:
            self._signals.drop()
            came = sum(map(self._backend.is_back, self._slots))
            under_way = sum(slot.begun for slot in self._slots if not slot.outcome)
            if came or under_way:
                text = "%d results of %s came back and were not read; %d were under way"
                note(partial(logger.warning, text, came, self._label, under_way))
            self._backend.drop()

    def _read_ahead(self) -> None:
        """Read inputs until enough calls have begun, or a result is there."""
        first = True
        while len(self._slots) < self._window:
            items = self._items  # another thread may close the run meanwhile
            # Read at least one input; read further ahead only while no result is ready,
            # because the next input may block.
            if items is None or not (first or not self._slots[0].is_done):
                return
            first = False
            if self._signals.no_more:
                self._items = None
                return
            try:
                item = next(items)
            except StopIteration:
                self._items = None
            except Exception as error:
                self._items = None
                self._add(None).outcome = failure(error)
            else:
                self._begin(self._add(item))

    def _add(self, payload: Any) -> Slot:
        slot = Slot(self._read, payload)
        self._read += 1
        self._slots.append(slot)
        return slot

    def _begin(self, slot: Slot) -> None:
        try:
            if self._prepare is not None:
                slot.payload = self._prepare(slot.payload)
        except Exception as error:
            slot.outcome = failure(error)
            self._signals.no_more |= self._stop_on_error
            return
        if self._signals.wait(0):
            return
        try:
            self._backend.submit(slot)
        except ScaleException as error:
            slot.outcome = CallOutcome(error=error)

    def _result(self, slot: Slot) -> R:
        outcome = slot.outcome
        if outcome is None:
            why = "the program ends" if program_ends() else "the run was stopped before"
            unsent = failed(f"nothing was sent: {why}", slot.payload)
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
        if result.error is not None and len(self._failures) < _SHOWN_FAILURES:
            self._failures.append(f"  index {result.index}: {result.error}")
