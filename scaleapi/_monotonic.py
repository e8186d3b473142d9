"""A clock that only goes forward, and that no test stops."""

from __future__ import annotations

import functools
import time
from typing import Callable


def _untouched_clock() -> Callable[[], float]:
    """Return a clock that only goes forward, for as long as a call may take.

    It goes on while the machine sleeps, or else what a lost attempt made before
    that would look older than the call. And no test stops it: freezegun, which
    replaces ``time.monotonic`` in all modules that hold it, and time-machine,
    which replaces it in C, both leave this way of asking alone.
    """
    for name in ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC"):
        with_sleep = getattr(time, name, None)
        if with_sleep is not None:
            clock = functools.partial(time.clock_gettime, with_sleep)
            try:
                clock()
            except OSError:  # the kernel does not have it
                continue
            return clock
    # On Windows this one goes on during sleep. freezegun does not find it here.
    return functools.partial(time.monotonic)


monotonic = _untouched_clock()
