"""`History`: what is known about the attempts of one call."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Optional

from scaleapi._monotonic import monotonic
from scaleapi._transport.attempts import Attempt


class Sent:
    """Counts the attempts of all calls that the work on one input makes."""

    def __init__(self) -> None:
        self.attempts = 0


#: What counts the attempts of this thread; None outside of bulk calls.
SENT: ContextVar[Optional[Sent]] = ContextVar("SENT", default=None)


class History:
    """What is known about the attempts of one call.

    Attributes:
        attempts: Number of attempts made.
        last: The latest attempt; None before the first.
        ambiguous: Whether one of them may have been carried out although it failed.
        predecessor: Creation time, as the API writes it, of a document that existed
            before the call and has the name or the ``unique_id`` that the call was
            to use; None if there is none.
        not_before: Earliest time of the next attempt.
    """

    def __init__(self) -> None:
        self.attempts = 0
        self.last: Optional[Attempt] = None
        self.ambiguous = False
        self.predecessor: Optional[str] = None
        self.not_before = 0.0
        self._started = 0.0
        self._ended = 0.0

    @property
    def cause(self) -> Optional[BaseException]:
        """The error that the latest attempt failed with, if it got no answer."""
        return self.last.error if self.last else None

    def start_attempt(self) -> None:
        """Record that an attempt begins."""
        sent = SENT.get()
        if sent is not None:
            sent.attempts += 1
        if self.attempts == 0:
            self._started = monotonic()

    def add(self, attempt: Attempt) -> None:
        """Record how an attempt ended."""
        self._ended = monotonic()
        self.attempts += 1
        self.last = attempt

    def began(self, look: History) -> Optional[float]:
        """Return when the call began, by the clock of the server.

        That is the ``Date`` header of its last answer, less the time that has passed
        between the first attempt and that answer. The wall clock of this machine may
        be wrong, and is not used.

        Args:
            look: History of the recovery request that followed. Its answer is used if
                the last attempt of the call got none.

        Returns:
            Seconds since 1970; None if the answer has no ``Date``.
        """
        for history in (self, look):
            if history.last is not None and history.last.response is not None:
                date = history.last.date
                return None if date is None else date - (history._ended - self._started)
        return None
