"""One rate a client, for all its threads: found by what the server refuses.

Where the server has never said 429 there is no rate, and nothing waits. After the
first one, attempts are given turns, evenly spaced. The rate follows what the
server has let through: a refusal takes it to a little below that, from where it
rises again, slowly past the last limit and faster the longer nothing is refused.
(The curve is that of TCP's CUBIC, as in the adaptive mode of botocore.)

A request that was on its way when the rate was taken down says nothing new when
it is refused too; turns are numbered so that it can be told. And a server that goes
on refusing a few requests, well below what it let through, and asks for no pause,
does so for reasons of its own: the rate rises past these, until they are more.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Callable, ContextManager, Deque, NamedTuple, Optional, Tuple

#: What a refusal leaves of the rate.
_BACK = 0.9
#: Seconds until the rate is again where it was refused.
_RECOVERY = 2.0
#: Seconds from one fall of the rate to the next: less measures no rate.
_HASTE = 1.0
#: Share of refusals that takes the rate down in any case.
_MANY = 0.07
#: Answers after which a single refusal is no large share.
_FEW = 20
#: Seconds over which it is counted what the server lets through.
_SPAN = 5.0
#: The mean of a cycle lies below its peak by so much.
_PEAK = 1.03
#: Turns a second, at the least.
_SLOWEST = 0.5
#: The same after the first refusal, when little is known.
_FIRST = 8.0
#: Seconds that a server can have all wait, at the most.
_LONGEST_PAUSE = 60.0
_COUNTED = 1024


class Turn(NamedTuple):
    """When an attempt may be made.

    Attributes:
        wait: Seconds until then.
        era: Number of refusals that had counted when it was given.
    """

    wait: float
    era: int


class Pacer:
    """Gives turns to all attempts of a client, from all its threads.

    Times are seconds on any clock that does not go back.

    Args:
        new_lock: Makes a lock. A pickled pacer comes back without lock and
            memory: another process has to find its own rate.
    """

    def __init__(self, new_lock: Callable[[], ContextManager[Any]]) -> None:
        self._new_lock = new_lock
        self._lock = new_lock()
        self.era = 0
        self._passed: Deque[float] = deque(maxlen=_COUNTED)
        self._peak = 0.0
        self._cut_at = 0.0
        self._next = 0.0
        self._refused = 0
        self._let_through = 0
        self._early = 0

    def __reduce__(self) -> Tuple[Any, ...]:
        return type(self), (self._new_lock,)

    def rate(self, now: float) -> Optional[float]:
        """Return the turns a second; None as long as there is no limit."""
        if not self.era:
            return None
        since = (max(now, self._cut_at) - self._cut_at) / _RECOVERY - 1
        return max(_SLOWEST, self._peak * (1 + (1 - _BACK) * since**3))

    def turn(self, now: float) -> Turn:
        """Give the next turn.

        Whoever has waited for it must ask for another one if `era` has changed
        meanwhile: the server wants all to slow down, and may want a pause.
        """
        if not self.era:
            return Turn(0.0, 0)
        with self._lock:
            at = max(now, self._next)
            self._next = at + 1 / (self.rate(at) or _SLOWEST)
            return Turn(at - now, self.era)

    def passed(self, now: float) -> None:
        """Note an attempt that the server let through, whatever came of it."""
        self._passed.append(now)
        self._let_through += 1

    def refused(self, turn: Turn, now: float, retry_after: Optional[float]) -> None:
        """Note an attempt that was answered with 429.

        Args:
            turn: The turn that it had.
            now: When the answer came.
            retry_after: Seconds that the server asked to wait, if it did.
        """
        pause = min(max(retry_after or 0.0, 0.0), _LONGEST_PAUSE)
        with self._lock:
            if turn.era == self.era and self._counts(now, pause):
                self._peak = self._measured(now)
                self._cut_at = now + pause
                self._next = now
                self._refused = self._let_through = self._early = 0
                self.era += 1
            elif pause and now + pause > self._next:
                self.era += 1
            self._next = max(self._next, now + pause)

    def _counts(self, now: float, pause: float) -> bool:
        """Note a refusal; return whether the rate is to go down for it."""
        if not self.era:
            return True
        since = now - self._cut_at
        self._refused += 1
        if self._refused > max(3, _MANY * self._let_through):
            return since >= _HASTE
        if pause:
            return since >= _RECOVERY
        if since < _RECOVERY:
            self._early += self._let_through >= _FEW
            return False
        # A server that refuses a few below the rate that it let through before
        # has other reasons than the rate.
        return not self._early

    def _measured(self, now: float) -> float:
        """Return how many attempts a second the server lets through."""
        times = list(self._passed)
        start = now - _SPAN
        if self.era:
            start = max(start, self._cut_at)
        elif times:
            start = max(start, times[0])
        if len(times) == _COUNTED:
            start = max(start, times[0])
        # Less than a second is the server's patience with a burst, no rate.
        count = sum(time > start for time in times)
        measured = count / max(1.0, now - start)
        if not self.era:
            return max(measured, _FIRST)
        return max(min(measured * _PEAK, self.rate(now) or measured), _SLOWEST)
