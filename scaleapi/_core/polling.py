"""Polling for `Task.wait` and `Batch.wait`: ask the API again until something is done.

`next_wait` and `wait_until` know no clock, so that they can be tested without waiting.
"""

from __future__ import annotations

from typing import Callable, Optional

from scaleapi._core.progress import Counts, Meter, Progress
from scaleapi._monotonic import monotonic
from scaleapi._transport.interrupt import pause
from scaleapi.exceptions import ScaleException, ScaleValueError, ScaleWaitTimeoutError

#: Each wait is longer than the one before by this factor ...
_GROWTH_FACTOR = 1.5
#: ... up to this length, or to `poll` if that is longer.
_MAX_WAIT_S = 60.0
#: Growth stops after this many polls at the latest: larger powers overflow.
_MAX_GROWTH_STEPS = 64


def wait_for(
    name: str,
    look: Callable[[], Counts],
    finished: Callable[[], bool],
    *,
    timeout: Optional[float],
    poll: float,
    progress: Progress,
) -> None:
    """Wait until something is finished, and show its progress after each poll.

    Args:
        name: What is waited for, for errors and the progress bar.
        look: Asks the API, and returns the counts to show.
        finished: Returns whether the latest answer was the last one that is needed. It
            raises if there is nothing to wait for.
        timeout: Seconds after which to give up; None never gives up.
        poll: Seconds between the first poll and the second.
        progress: What the caller of `wait` passed as `progress`.

    Raises:
        ScaleTypeError: `progress` is neither a bool nor a callable.
        ScaleValueError: `poll` is not positive and finite, or `timeout` is negative.
        ScaleWaitTimeoutError: `timeout` seconds have passed.
    """
    meter = Meter(progress, name)

    def looked() -> bool:
        meter.show(look())
        return finished()

    try:
        wait_until(
            looked,
            name=name,
            poll=poll,
            timeout=timeout,
            clock=monotonic,
            pause=pause,
        )
    finally:
        meter.close()


def next_wait(
    polls: int, waited: float, *, poll: float, timeout: Optional[float]
) -> Optional[float]:
    """Return the seconds until the next poll; None if the time is up.

    Args:
        polls: How many polls there have been, at least 1.
        waited: Seconds since the first of them.
        poll: Seconds between the first and the second.
        timeout: Seconds after which the last poll is made; None for no last one.
    """
    growth: float = _GROWTH_FACTOR ** min(polls - 1, _MAX_GROWTH_STEPS)
    wait = min(poll * growth, max(poll, _MAX_WAIT_S))
    if timeout is None:
        return wait
    return min(wait, timeout - waited) if waited < timeout else None


def wait_until(
    finished: Callable[[], bool],
    *,
    name: str,
    poll: float,
    timeout: Optional[float],
    clock: Callable[[], float],
    pause: Callable[[float], bool],
) -> None:
    """Call `finished` again and again until it returns True.

    Args:
        finished: Asks the API.
        name: What is waited for, for errors.
        poll: As in `next_wait`.
        timeout: As in `next_wait`.
        clock: Returns the time in seconds.
        pause: Waits for a number of seconds; returns whether to go on.

    Raises:
        ScaleException: `pause` returned False: the bulk run that this wait is part of
            was stopped.
        ScaleValueError: `poll` is not positive and finite, or `timeout` is negative.
        ScaleWaitTimeoutError: `timeout` seconds have passed.
    """
    if not 0 < poll < float("inf"):
        raise ScaleValueError(f"poll must be seconds, more than 0; got {poll!r}")
    if timeout is not None and not timeout >= 0:
        raise ScaleValueError(f"timeout must be seconds, or None; got {timeout!r}")
    started = clock()
    polls = 1
    while not finished():
        wait = next_wait(polls, clock() - started, poll=poll, timeout=timeout)
        if wait is None:
            raise ScaleWaitTimeoutError(
                f"{name} is not finished after {timeout:g} s; wait() again, longer, "
                f"or look at it later"
            )
        if not pause(wait):
            raise ScaleException(f"waiting for {name} was stopped")
        polls += 1
