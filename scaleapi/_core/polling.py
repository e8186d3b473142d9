"""How long until the next look at something that takes its time."""

from __future__ import annotations

from typing import Callable, Optional

from scaleapi.exceptions import ScaleException, ScaleValueError, ScaleWaitTimeoutError

#: Each wait is longer than the one before by this factor,
_GROWTH = 1.5
#: up to this many seconds.
_LONGEST = 60.0


def next_look(
    looks: int, waited: float, *, poll: float, timeout: Optional[float]
) -> Optional[float]:
    """Return the seconds until the next look; None if the time is up.

    Args:
        looks: How many looks there have been.
        waited: Seconds since the first of them.
        poll: Seconds between the first and the second.
        timeout: Seconds after which the last look is taken; None: never.
    """
    wait = min(poll * _GROWTH ** min(looks - 1, 64), max(poll, _LONGEST))
    if timeout is None:
        return wait
    return min(wait, timeout - waited) if waited < timeout else None


def wait_until(
    finished: Callable[[], bool],
    *,
    what: str,
    poll: float,
    timeout: Optional[float],
    clock: Callable[[], float],
    pause: Callable[[float], bool],
) -> None:
    """Look again and again, until it is finished.

    Args:
        finished: Looks.
        what: What is waited for, for errors.
        poll: As in `next_look`.
        timeout: As in `next_look`.
        clock: Returns the time in seconds.
        pause: Waits for seconds; returns whether to go on.

    Raises:
        ScaleValueError: `poll` or `timeout` cannot be.
        ScaleWaitTimeoutError: It was not finished in time.
    """
    if not 0 < poll < float("inf"):
        raise ScaleValueError(f"poll must be seconds, more than 0; got {poll!r}")
    if timeout is not None and not timeout >= 0:
        raise ScaleValueError(f"timeout must be seconds, or None; got {timeout!r}")
    started = clock()
    looks = 1
    while not finished():
        wait = next_look(looks, clock() - started, poll=poll, timeout=timeout)
        if wait is None:
            raise ScaleWaitTimeoutError(
                f"{what} is not finished after {timeout:g} s; wait() again, longer, "
                f"or look at it later"
            )
        if not pause(wait):
            raise ScaleException(f"waiting for {what} was stopped")
        looks += 1
