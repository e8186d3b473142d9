"""Pickling of calls and results for executors that run in other processes.

The other process keeps the client of a run, with its connections and its request rate,
and uses it for all calls of the run. Objects in results get the client of this process.
"""

from __future__ import annotations

import io
import pickle
import threading
from contextlib import suppress
from typing import Any, Callable, Dict, Mapping, NamedTuple, Optional, Tuple, Type

from scaleapi._transport.adapter import Adapter
from scaleapi._transport.history import SENT, Sent
from scaleapi._transport.interrupt import INTERRUPTION
from scaleapi.bulk.stop_file import StopFile
from scaleapi.exceptions import ScaleException, ScaleTypeError

#: Takes one input; returns the status and the value of the result.
Work = Callable[[Any], Tuple[str, Any]]

#: Module with the exception classes that every process has.
_EXCEPTIONS = ScaleException.__module__

#: Maximum number of clients, one for each run, that a process keeps.
_MAX_KEPT_CLIENTS = 8


class CallOutcome(NamedTuple):
    """Outcome of one call: status and value, or error."""

    status: str = ""
    value: Any = None
    error: Optional[BaseException] = None


def outcome_of(work: Work, argument: Any) -> CallOutcome:
    """Do the work on one input; return the outcome, also of an error."""
    sent = Sent()
    before = SENT.set(sent)
    try:
        return CallOutcome(*work(argument))
    except BaseException as error:
        return failure(error, sent.attempts)
    finally:
        SENT.reset(before)


def failure(error: BaseException, attempts: int = 0) -> CallOutcome:
    """Return the outcome of an input whose work raised an error.

    The error may be that of a second call, which sent nothing, or of a hook. Its
    ``attempts`` must still say that the first call was sent, or it may be repeated.

    Args:
        error: The error. Its ``attempts`` are set if they are missing or 0.
        attempts: Number of attempts for the input.
    """
    with suppress(Exception):  # the error may have no settable attributes
        if not getattr(error, "attempts", 0):
            error.attempts = attempts  # type: ignore[attr-defined]
    return CallOutcome(error=error)


def make_room(client: Any) -> None:
    """Let a client keep an idle connection for each thread of the process.

    A smaller pool closes connections that are returned to it, with a warning for each.
    """
    session = getattr(getattr(client, "api", None), "session", None)
    adapters = getattr(session, "adapters", None)
    if isinstance(adapters, Mapping):  # users' tests may replace the session
        threads = threading.active_count()
        for adapter in tuple(adapters.values()):
            if isinstance(adapter, Adapter):
                adapter.make_room(threads)


def pack(client: Any, work: Work) -> bytes:
    """Return client and work, pickled.

    Raises:
        ScaleTypeError: `client` or `work` cannot be pickled.
    """
    try:
        return pickle.dumps((client, work))
    except Exception as error:
        raise ScaleTypeError(
            f"an executor of other processes needs what pickle can send, such as a "
            f"function of a module, and no lambda: {error}"
        ) from error


_kept: Dict[bytes, Tuple[Any, Work]] = {}
_lock = threading.Lock()


def carry_out(
    packed: bytes, argument: bytes, _task_key: str, stop: Optional[str] = None
) -> bytes:
    """Do the work on one input in another process; return the pickled `CallOutcome`.

    Args:
        packed: Client and work, from `pack`.
        argument: The input, from `pack_argument`.
        _task_key: String that differs from call to call. Dask runs two calls with equal
            arguments only once.
        stop: Path of the `StopFile`; None if there is none.
    """
    stop_file = StopFile(stop) if stop is not None else None
    if stop_file is not None and stop_file.wait(0):
        unsent = ScaleException("nothing was sent: the run was stopped before")
        return pickle.dumps(CallOutcome(error=unsent))
    with _lock:
        if packed not in _kept:
            while len(_kept) >= _MAX_KEPT_CLIENTS:
                del _kept[next(iter(_kept))]
            _kept[packed] = pickle.loads(packed)
        client, work = _kept[packed]
    make_room(client)
    before = INTERRUPTION.set(stop_file)
    try:
        outcome = outcome_of(work, _loads(client, argument))
    finally:
        INTERRUPTION.reset(before)
    try:
        data = _dumps(client, outcome)
        if outcome.error is not None:
            _loads(client, data)  # many exceptions can be pickled but not unpickled
        return data
    except Exception as error:
        return _dumps(client, CallOutcome(error=_stand_in(outcome.error, error)))


def _stand_in(
    error: Optional[BaseException], obstacle: BaseException
) -> ScaleException:
    """Return an error that can be pickled, to replace an outcome that cannot.

    Args:
        error: The exception of the call; None if it succeeded.
        obstacle: The exception of pickle.
    """
    if error is None:
        what = f"the call succeeded, but its result cannot be pickled: {obstacle}"
    else:
        what = f"{type(error).__name__}: {error}"
    if not isinstance(error, ScaleException):
        stand_in = ScaleException(what)
        # A request may have been sent.
        stand_in.attempts = 1
        return stand_in
    cls: Type[ScaleException] = next(
        each for each in type(error).__mro__ if each.__module__ == _EXCEPTIONS
    )
    known = type(error) is cls
    stand_in = cls(error.message if known else what, error.code)
    for name in ("code", "headers", "body", "attempts", "unique_id"):
        with suppress(Exception):  # this attribute may be what cannot be pickled
            setattr(stand_in, name, pickle.loads(pickle.dumps(getattr(error, name))))
    return stand_in


def pack_argument(client: Any, argument: Any) -> bytes:
    """Return an input, pickled.

    Raises:
        ScaleTypeError: `argument` cannot be pickled.
    """
    try:
        return _dumps(client, argument)
    except Exception as error:
        raise ScaleTypeError(
            f"the input cannot be pickled for another process: {error}"
        ) from error


def unpack(client: Any, data: bytes) -> CallOutcome:
    """Return the outcome that `carry_out` pickled; its objects get this client."""
    outcome: CallOutcome = _loads(client, data)
    return outcome


def _dumps(client: Any, value: Any) -> bytes:
    stream = io.BytesIO()
    pickler = _Pickler(stream)
    pickler.client = client
    pickler.dump(value)
    return stream.getvalue()


def _loads(client: Any, data: bytes) -> Any:
    unpickler = _Unpickler(io.BytesIO(data))
    unpickler.client = client
    return unpickler.load()


class _Pickler(pickle.Pickler):
    client: Any

    def persistent_id(self, obj: Any) -> Optional[str]:
        return "client" if obj is self.client else None


class _Unpickler(pickle.Unpickler):
    client: Any

    def persistent_load(self, pid: Any) -> Any:
        return self.client
