"""How a call goes to another process, and what came of it comes back.

The client travels once for all calls of a run, is kept there with its connections
and its pace, and stays there: objects that come back are given the client that is
here.
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

#: Does the work on one input; returns a status and a value.
Work = Callable[[Any], Tuple[str, Any]]

#: Where the classes of errors are that another process knows.
_EXCEPTIONS = ScaleException.__module__

#: Runs whose client is kept by a process that works for others.
_MOST_KEPT = 8


class CallOutcome(NamedTuple):
    """What came of one call."""

    status: str = ""
    value: Any = None
    error: Optional[BaseException] = None


def outcome_of(work: Work, argument: Any) -> CallOutcome:
    """Do the work on one input."""
    sent = Sent()
    before = SENT.set(sent)
    try:
        return CallOutcome(*work(argument))
    except BaseException as error:
        return failure(error, sent.attempts)
    finally:
        SENT.reset(before)


def failure(error: BaseException, attempts: int = 0) -> CallOutcome:
    """Return the outcome of an input that has failed, with any error whatever.

    It may be that of a second call, which was not sent, or of a hook: what was sent
    is not to be taken for unsent, and sent again.

    Args:
        error: The error, which is given `attempts` if it says nothing of them.
        attempts: What was sent for the input.
    """
    with suppress(Exception):  # it may take no attributes
        if not getattr(error, "attempts", 0):
            error.attempts = attempts  # type: ignore[attr-defined]
    return CallOutcome(error=error)


def make_room(client: Any) -> None:
    """Have a client keep a connection for each thread there is.

    A pool that is too small closes what comes back to it, and says so each time.
    """
    session = getattr(getattr(client, "api", None), "session", None)
    adapters = getattr(session, "adapters", None)
    if isinstance(adapters, Mapping):  # a test may have put something else there
        for adapter in tuple(adapters.values()):
            if isinstance(adapter, Adapter):
                adapter.make_room(threading.active_count())


def pack(client: Any, work: Work) -> bytes:
    """Return client and work, ready to travel.

    Raises:
        ScaleTypeError: They cannot.
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
    packed: bytes, argument: bytes, _ticket: str, stop: Optional[str] = None
) -> bytes:
    """Do the work on one input, in another process; return the `CallOutcome`.

    Args:
        packed: From `pack`.
        argument: The input, from `pack_argument`.
        _ticket: Differs from call to call: Dask takes what is equal for the same.
        stop: Path of the `StopFile`.
    """
    stop_file = StopFile(stop) if stop is not None else None
    if stop_file is not None and stop_file.wait(0):
        unsent = ScaleException("nothing was sent: the run was stopped before")
        return pickle.dumps(CallOutcome(error=unsent))
    with _lock:
        if packed not in _kept:
            while len(_kept) >= _MOST_KEPT:
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
            _loads(client, data)  # many exceptions only seem to come back
        return data
    except Exception as error:
        return _dumps(client, CallOutcome(error=_stand_in(outcome.error, error)))


def _stand_in(
    error: Optional[BaseException], obstacle: BaseException
) -> ScaleException:
    """Return an error that can travel, in place of an outcome that cannot.

    Args:
        error: What the call raised; None if it succeeded.
        obstacle: Why the outcome cannot travel.
    """
    if error is None:
        what = f"the call was carried out, but its result cannot travel: {obstacle}"
    else:
        what = f"{type(error).__name__}: {error}"
    if not isinstance(error, ScaleException):
        stand_in = ScaleException(what)
        # Something may have been sent, and nobody may take it for unsent.
        stand_in.attempts = 1
        return stand_in
    kind: Type[ScaleException] = next(
        each for each in type(error).__mro__ if each.__module__ == _EXCEPTIONS
    )
    known = type(error) is kind
    stand_in = kind(error.message if known else what, error.code)
    for name in ("code", "headers", "body", "attempts", "unique_id"):
        with suppress(Exception):  # it may be what cannot travel
            setattr(stand_in, name, pickle.loads(pickle.dumps(getattr(error, name))))
    return stand_in


def pack_argument(client: Any, argument: Any) -> bytes:
    """Return an input, ready to travel.

    Raises:
        ScaleTypeError: It cannot.
    """
    try:
        return _dumps(client, argument)
    except Exception as error:
        raise ScaleTypeError(f"the input cannot go to another process: {error}") from (
            error
        )


def unpack(client: Any, data: bytes) -> CallOutcome:
    """Return the outcome that `carry_out` sent, its objects with this client."""
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
