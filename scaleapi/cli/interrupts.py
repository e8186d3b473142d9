"""Ctrl-C and SIGTERM, which end a run without losing what was done."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any, Callable, Dict, Optional

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Terminated(KeyboardInterrupt):
    """SIGTERM, which ends the command as Ctrl-C does."""


def interrupt_of(number: int) -> KeyboardInterrupt:
    """Return the exception for a signal."""
    return Terminated() if number == signal.SIGTERM else KeyboardInterrupt()


def set_handler(number: int, handler: Any) -> Any:
    """Set what a signal does; return what it did before, or None.

    A signal that is ignored stays so, as for a job in the background of a script.
    """
    try:
        if signal.getsignal(number) is signal.SIG_IGN:
            return signal.SIG_IGN
        return signal.signal(number, handler)
    except (ValueError, TypeError):  # not the main thread; or set by other code
        return None


class Interrupts:
    """Notes the first signal instead of raising an exception; the second one raises.

    An exception could come between a call and the line that says what it has done.

    Args:
        stop: Called with the first signal, in a handler.
        may_raise: Whether the first signal raises an exception nevertheless, because
            nothing can be lost at the moment.

    Attributes:
        received: The exception for the first signal; None if there was none.
    """

    def __init__(
        self,
        stop: Callable[[], None] = lambda: None,
        may_raise: Callable[[], bool] = lambda: False,
    ) -> None:
        self._stop = stop
        self._may_raise = may_raise
        self._before: Dict[int, Any] = {}
        self.received: Optional[KeyboardInterrupt] = None

    def __enter__(self) -> "Interrupts":
        for number in _SIGNALS:
            self._before[number] = set_handler(number, self._handle)
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            set_handler(number, handler)

    def _handle(self, number: int, frame: Optional[FrameType]) -> None:
        if self.received is not None:
            raise interrupt_of(number)
        self.received = interrupt_of(number)
        if self._may_raise():
            raise self.received
        self._stop()
