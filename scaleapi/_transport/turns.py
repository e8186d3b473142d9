"""`Turn`: threads read and use large answers one after another, to use less CPU.

A body is read in pieces of 16 KB, and Python lets other threads run at each of them. If
they have answers to read, too, as with a server that is near, the threads take turns at
each piece and not at each answer, which takes up to a third more CPU and no less time.
"""

from __future__ import annotations

import threading
from contextvars import ContextVar
from typing import Optional

#: Seconds that a thread waits for its turn. Meanwhile the system receives its answer.
_MAX_WAIT_S = 0.05

_lock = threading.Lock()


class Turn:
    """The turn of a thread that fetches one large answer after another.

    If a thread has waited in vain, it does not wait again: the answers come slowly, so
    that taking turns would take time.
    """

    def __init__(self) -> None:
        self._has_it = False
        self._waits = True

    def begin(self) -> None:
        """Wait for the turn, but not for long, before a body is read."""
        if self._waits and not self._has_it:
            self._has_it = self._waits = _lock.acquire(timeout=_MAX_WAIT_S)

    def end(self) -> None:
        """Let other threads have their turn, when the answer was used."""
        if self._has_it:
            self._has_it = False
            _lock.release()


#: The turn of the thread that reads an answer; None if it does not take turns.
TURN: ContextVar[Optional[Turn]] = ContextVar("TURN", default=None)
