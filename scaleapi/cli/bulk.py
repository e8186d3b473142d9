"""Calls with many inputs: a record for each, a summary, and the exit status."""

from __future__ import annotations

import threading
from typing import Any, Callable, Dict, Iterable, Iterator, NoReturn, Optional, Sequence

from scaleapi.cli.failures import (
    DONE,
    FAILED,
    INTERRUPTED,
    KEY,
    PARTLY,
    CommandFailure,
    failure_of,
)
from scaleapi.cli.interrupts import Interrupts
from scaleapi.cli.output import Record, Writer
from scaleapi.cli.session import Session

_FAILED = "failed"


class Tally:
    """Counts results by status.

    Attributes:
        statuses: Status -> number.
        unsent: Number of inputs that were not sent.
        key_refused: The refusal of the key; None if it was accepted.
    """

    def __init__(self) -> None:
        self.statuses: Dict[str, int] = {}
        self.unsent = 0
        self.key_refused: Optional[BaseException] = None

    def add(self, status: str) -> None:
        """Count a result."""
        self.statuses[status] = self.statuses.get(status, 0) + 1

    @property
    def failed(self) -> int:
        """Number of failures."""
        return self.statuses.get(_FAILED, 0)

    @property
    def done(self) -> int:
        """Number of successes."""
        return sum(self.statuses.values()) - self.failed

    def __str__(self) -> str:
        parts = [
            f"{number:,} {status}" for status, number in sorted(self.statuses.items())
        ]
        if self.unsent:
            parts.append(f"{self.unsent:,} not sent")
        return ", ".join(parts) or "nothing to do"


class Inputs(Iterator[Any]):
    """The inputs of a bulk call: an iterator whose length is known, for bars.

    Args:
        items: The inputs.
        number: How many there are.

    Attributes:
        is_being_read: Whether the next input is awaited at the moment.
    """

    def __init__(self, items: Iterable[Any], number: int) -> None:
        self._items = iter(items)
        self._number = number
        self.is_being_read = False

    def __len__(self) -> int:
        return self._number

    def __next__(self) -> Any:
        self.is_being_read = True
        try:
            return next(self._items)
        finally:
            self.is_being_read = False


class BulkReport:
    """Writes the results of a bulk call.

    Args:
        session: What the run has.
        columns: The fields of a table.
        identity: The field that ``--ids`` writes.
        success: Returns the record of a success, without its status.
        name: Returns the name of an input, by its position and its payload.
        on_failure: Called with each input that has failed or was not sent, and with its
            error, if it has one.
    """

    def __init__(
        self,
        session: Session,
        columns: Sequence[str],
        identity: str,
        success: Callable[[Any], Record],
        name: Callable[[int, Any], str],
        on_failure: Optional[Callable[[Any, Optional[BaseException]], None]] = None,
    ) -> None:
        self._session = session
        self._columns = columns
        self._identity = identity
        self._success = success
        self._name = name
        self._on_failure = on_failure
        self._interrupt: Optional[KeyboardInterrupt] = None
        self._is_stopped = False
        self.tally = Tally()

    def take(self, results: Any, inputs: Inputs, *, count_rest: bool = True) -> None:
        """Write all results, also after an interrupt.

        Args:
            results: What the bulk call returns.
            inputs: What it was given.
            count_rest: Whether the inputs that it has not read at the end are counted
                as not sent.

        Raises:
            Exception: The error of the input, if it could not be read.
        """
        self._session.out.keep_going = True

        def stop() -> None:
            self._is_stopped = True
            # It waits for the calls that have begun, and a signal handler must not.
            threading.Thread(target=results.close, daemon=True).start()

        def may_raise() -> bool:
            # Inputs that must be counted cannot be read on after an exception.
            return inputs.is_being_read and not count_rest

        with self._session.out.records(
            self._columns, self._identity
        ) as writer, Interrupts(stop, may_raise) as interrupts:
            try:
                self._write_all(results, writer)
            except KeyboardInterrupt:
                if self._is_stopped:  # the second one
                    raise
                self._is_stopped = True
                results.close()
                self._write_all(results, writer)
            for payload in inputs if count_rest else ():
                self._note_unsent(payload, None)
        self._interrupt = interrupts.received

    def conclude(self) -> int:
        """Say what was done; return the exit status.

        Raises:
            KeyboardInterrupt: The run was terminated.
            CommandFailure: The run was interrupted, the key was refused, or inputs have
                failed.
        """
        if self._interrupt is not None:
            raise_interrupt(self._session, self._interrupt, self.tally)
        return conclude(self._session, self.tally)

    def _write_all(self, results: Any, writer: Writer) -> None:
        from scaleapi.exceptions import ScaleException, ScaleUnauthorized

        for result in results:
            name = self._name(result.index, result.payload)
            about: Record = {"index": result.index, "input": name}
            error = result.error
            if error is None:
                self.tally.add(result.status)
                success = {"status": result.status, **self._success(result)}
                writer.write({**about, **success, "error": None})
                continue
            if result.payload is None:
                raise error  # of the input
            if (
                self._is_stopped
                and type(error) is ScaleException
                and not error.attempts
            ):
                self._note_unsent(result.payload, error)
                continue
            if self._on_failure is not None:
                self._on_failure(result.payload, error)
            self.tally.add(_FAILED)
            if isinstance(error, ScaleUnauthorized) and self.tally.key_refused is None:
                # The others would be refused, too.
                self.tally.key_refused = error
                self._is_stopped = True
                results.close()
            failure = {"status": _FAILED, "error": _entry(error)}
            writer.write_failure({**about, **failure})
            self._session.console.item_failed(name, failure_of(error).message)

    def _note_unsent(self, payload: Any, error: Optional[BaseException]) -> None:
        self.tally.unsent += 1
        if self._on_failure is not None:
            self._on_failure(payload, error)


def conclude(session: Session, tally: Tally) -> int:
    """Say what was done; return the exit status.

    Raises:
        CommandFailure: Some or all inputs have failed.
    """
    if tally.key_refused is not None and not tally.done:
        refusal = failure_of(tally.key_refused)
        raise CommandFailure(refusal.message, KEY, refusal.kind, counts=tally.statuses)
    if tally.failed:
        status = PARTLY if tally.done else FAILED
        kind = "PartlyFailed" if tally.done else "Failed"
        raise CommandFailure(str(tally), status, kind, counts=tally.statuses)
    session.console.note(str(tally))
    return DONE


def each(
    session: Session,
    names: Sequence[str],
    call: Callable[[str], Record],
    columns: Sequence[str],
    identity: str,
    *,
    status: str = "",
    is_list: bool = False,
) -> int:
    """Make a call for each of a few names, and write a record for each.

    What a call has read of a single name is written as one object, unless `is_list`.

    Args:
        session: What the run has.
        names: The names or ids.
        call: Takes a name; returns its record.
        columns: The fields of a table.
        identity: The field that ``--ids`` writes.
        status: What has happened to an input, such as ``finalized``; nothing for calls
            that only read.
        is_list: Whether the command found the names, so that there could be several.

    Returns:
        The exit status.

    Raises:
        CommandFailure: A call has failed, while others may have succeeded.
    """
    if len(names) == 1 and not (status or is_list):
        session.out.record(call(names[0]), (), identity)
        return DONE
    tally = Tally()
    interrupts = Interrupts(may_raise=lambda: not status)
    # What was begun is finished if it changes something.
    session.out.keep_going = bool(status)
    with interrupts, session.out.records(columns, identity) as writer:
        for name in names:
            try:
                record = call(name)
            except Exception as error:
                if len(names) == 1:
                    raise
                _note_failure(session, tally, name, error)
                writer.write_failure({identity: name, "error": _entry(error)})
            else:
                tally.add(status or "found")
                writer.write(record)
            if tally.key_refused or interrupts.received:
                break
    tally.unsent = len(names) - tally.done - tally.failed
    if interrupts.received:
        raise_interrupt(session, interrupts.received, tally)
    if not status and not tally.failed:
        return DONE
    return conclude(session, tally)


def raise_interrupt(
    session: Session, interrupt: KeyboardInterrupt, tally: Tally
) -> NoReturn:
    """End a run that was interrupted.

    Raises:
        CommandFailure: By Ctrl-C. It says what was done.
        KeyboardInterrupt: By another signal.
    """
    if type(interrupt) is KeyboardInterrupt:
        raise CommandFailure(
            f"interrupted: {tally}", INTERRUPTED, "Interrupted", counts=tally.statuses
        )
    session.console.note(f"stopped: {tally}")
    raise interrupt


def _note_failure(session: Session, tally: Tally, name: str, error: Exception) -> None:
    from scaleapi.exceptions import ScaleException, ScaleUnauthorized

    if not isinstance(error, (ScaleException, OSError)):
        raise error
    tally.add(_FAILED)
    session.console.item_failed(name, failure_of(error).message)
    if isinstance(error, ScaleUnauthorized):
        tally.key_refused = error


def _entry(error: BaseException) -> Dict[str, Any]:
    entry = failure_of(error).as_dict()
    del entry["exit_status"]
    return entry
