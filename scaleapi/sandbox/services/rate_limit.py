"""The rate limit on creations of tasks."""

from __future__ import annotations

import math
import threading
from typing import Dict, Optional, Tuple

from scaleapi.sandbox.argument_checks import integer, number
from scaleapi.sandbox.clock import Clock

#: The slowest limit, in creations per second: one in a quarter of an hour.
MIN_RATE = 0.001
#: The fastest limit, in creations per second, and the largest burst.
MAX_RATE = 1_000_000
#: Maximum number of keys that are counted separately.
_MAX_KEYS = 1000


class RateLimit:
    """Limits how many tasks a key may create per second; at first unlimited."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._rate: Optional[float] = None
        self._burst = 0
        #: Key -> number of calls left, and the time of that count.
        self._left: Dict[str, Tuple[float, int]] = {}

    def set(self, creations_per_second: Optional[float], burst: Optional[int]) -> None:
        """Set the limit; None removes it."""
        if creations_per_second is not None:
            number("creations_per_second", creations_per_second, MIN_RATE, MAX_RATE)
        if burst is not None:
            integer("burst", burst, 1, MAX_RATE)
        with self._lock:
            self._rate = creations_per_second
            self._burst = burst or math.ceil(creations_per_second or 1)
            self._left.clear()

    def take(self, key: str) -> Optional[int]:
        """Count a creation; return the seconds to wait if it exceeds the limit."""
        with self._lock:
            if self._rate is None:
                return None
            now = self._clock.now()
            left, since = self._left.pop(key, (float(self._burst), now))
            passed = max(0, now - since) / 1000
            left = min(float(self._burst), left + passed * self._rate)
            wait = None
            if left >= 1:
                left -= 1
            else:
                wait = max(1, math.ceil((1 - left) / self._rate))
            self._left[key] = left, now
            if len(self._left) > _MAX_KEYS:
                self._left.pop(next(iter(self._left)))
            return wait
