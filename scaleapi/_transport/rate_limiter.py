"""One request rate for all threads of a client, adapted to what the server throttles.

As long as the server has never answered with 429 there is no rate, and no attempt
waits. After the first 429, attempts need permits, which are evenly spaced. The rate
follows the number of requests that the server accepts: a 429 lowers the rate to a
little below that number. From there it rises again, slowly around the last limit,
and faster the longer no request is throttled. (The curve is that of TCP's CUBIC, as
in the adaptive retry mode of botocore.)

Requests that are already in flight when the rate drops are ignored if they are
throttled too: each permit carries the epoch in which it was issued, and every drop
begins a new epoch. A server that goes on throttling a few requests well below the
rate that it accepted before, and asks for no pause, does so for other reasons than
the rate. The rate then rises nevertheless, until more requests are throttled.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Callable, ContextManager, Deque, NamedTuple, Optional, Tuple

#: Ratio of the new rate to the old one after a 429.
_DECREASE_FACTOR = 0.9
#: Seconds after a drop until the rate is back where it was throttled.
_RECOVERY_S = 2.0
#: Least seconds between two drops: less is too short to measure a rate.
_MIN_EPOCH_S = 1.0
#: A larger share of throttled attempts lowers the rate in any case.
_MAX_THROTTLED_SHARE = 0.07
#: Number of accepted attempts from which on one 429 is a small share.
_MIN_SAMPLES = 20
#: Length of the window in which accepted attempts are counted.
_WINDOW_S = 5.0
#: Ratio of peak to mean rate over one cycle.
_PEAK_TO_MEAN = 1.03
#: Lowest rate.
_MIN_RATE_PER_S = 0.5
#: Lowest rate after the first 429, when little is known.
_MIN_FIRST_RATE_PER_S = 8.0
#: Longest pause that a server can ask for.
_MAX_PAUSE_S = 60.0
#: Number of accepted attempts whose times are kept.
_MAX_SAMPLES = 1024


class Permit(NamedTuple):
    """Says when an attempt may be made.

    Attributes:
        wait: Seconds until then.
        epoch: Number of drops of the rate, and of pauses, before it was issued.
    """

    wait: float
    epoch: int


class AdaptiveRateLimiter:
    """Issues permits to all attempts of a client, from all its threads.

    Times are seconds on any clock that does not go back.

    Args:
        new_lock: Makes a lock. A pickled rate limiter is restored with a new lock
            and without a rate: another process has to find its own.
    """

    def __init__(self, new_lock: Callable[[], ContextManager[Any]]) -> None:
        self._new_lock = new_lock
        self._lock = new_lock()
        self.epoch = 0
        self._accepted_at: Deque[float] = deque(maxlen=_MAX_SAMPLES)
        self._peak = 0.0
        self._dropped_at = 0.0
        self._next_at = 0.0
        # Counted since the last drop.
        self._accepted = 0
        self._throttled = 0
        self._throttled_early = 0

    def __reduce__(self) -> Tuple[Any, ...]:
        return type(self), (self._new_lock,)

    def rate(self, now: float) -> Optional[float]:
        """Return the permits per second; None as long as there is no limit."""
        if not self.epoch:
            return None
        since = (max(now, self._dropped_at) - self._dropped_at) / _RECOVERY_S - 1
        return max(
            _MIN_RATE_PER_S, self._peak * (1 + (1 - _DECREASE_FACTOR) * since**3)
        )

    def next_permit(self, now: float) -> Permit:
        """Issue the next permit.

        A thread that has waited for its permit must ask for another one if `epoch`
        has changed meanwhile: the server has asked all requests to slow down, and
        may have asked for a pause.
        """
        if not self.epoch:
            return Permit(0.0, 0)
        with self._lock:
            at = max(now, self._next_at)
            self._next_at = at + 1 / (self.rate(at) or _MIN_RATE_PER_S)
            return Permit(at - now, self.epoch)

    def record_success(self, now: float) -> None:
        """Record an attempt that was not throttled, whatever else its result was."""
        self._accepted_at.append(now)
        self._accepted += 1

    def record_throttled(
        self, permit: Permit, now: float, retry_after: Optional[float]
    ) -> None:
        """Record an attempt that was answered with 429.

        Args:
            permit: The permit of the attempt.
            now: Time of the answer.
            retry_after: Seconds that the server asked to wait; None if it did not.
        """
        pause = min(max(retry_after or 0.0, 0.0), _MAX_PAUSE_S)
        with self._lock:
            if permit.epoch == self.epoch and self._must_slow_down(now, pause):
                self._peak = self._measured_rate(now)
                self._dropped_at = now + pause
                self._next_at = now
                self._accepted = self._throttled = self._throttled_early = 0
                self.epoch += 1
            elif pause and now + pause > self._next_at:
                self.epoch += 1
            self._next_at = max(self._next_at, now + pause)

    def _must_slow_down(self, now: float, pause: float) -> bool:
        """Count a 429, and return whether it lowers the rate."""
        if not self.epoch:
            return True
        since = now - self._dropped_at
        self._throttled += 1
        if self._throttled > max(3, _MAX_THROTTLED_SHARE * self._accepted):
            return since >= _MIN_EPOCH_S
        if pause:
            return since >= _RECOVERY_S
        if since < _RECOVERY_S:
            self._throttled_early += self._accepted >= _MIN_SAMPLES
            return False
        # A server that throttles a few requests below the rate that it accepted
        # before has other reasons than the rate.
        return not self._throttled_early

    def _measured_rate(self, now: float) -> float:
        """Return how many attempts per second the server accepts."""
        times = list(self._accepted_at)
        start = now - _WINDOW_S
        if self.epoch:
            start = max(start, self._dropped_at)
        elif times:
            start = max(start, times[0])
        if len(times) == _MAX_SAMPLES:
            start = max(start, times[0])
        # A window under one second measures the server's burst allowance, not its
        # rate.
        accepted = sum(time > start for time in times)
        measured = accepted / max(1.0, now - start)
        if not self.epoch:
            return max(measured, _MIN_FIRST_RATE_PER_S)
        return max(
            min(measured * _PEAK_TO_MEAN, self.rate(now) or measured), _MIN_RATE_PER_S
        )
