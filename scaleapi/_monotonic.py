"""`monotonic`: a clock that never goes back, and that tests do not freeze."""

from __future__ import annotations

import functools
import time
from typing import Callable


def _untouched_clock() -> Callable[[], float]:
    """Return a clock that never goes back.

    The clock also runs while the machine sleeps: otherwise a document that a lost
    attempt created before the sleep would look older than the call. Tests do not freeze
    it: freezegun replaces ``time.monotonic`` in all modules that hold it, and
    time-machine replaces it in C, but neither replaces ``time.clock_gettime``.
    """
    for name in ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC"):
        with_sleep = getattr(time, name, None)
        if with_sleep is not None:
            clock = functools.partial(time.clock_gettime, with_sleep)
            try:
                clock()
            except OSError:  # the kernel does not have this clock
                continue
            return clock
    # On Windows, this clock runs during sleep. freezegun does not find it in a partial.
    return functools.partial(time.monotonic)


monotonic = _untouched_clock()
