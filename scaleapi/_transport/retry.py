"""`RetryPolicy`: whether and when a request is sent again. Without I/O.

Every attempt ends with one of four outcomes (`Outcome`). What follows depends on
whether the request is idempotent, that is, whether sending it twice has the effect
of sending it once (RFC 9110, section 9.2.2):

============= ============================================ ========== ==========
outcome       the attempt ended with                       idempotent otherwise
============= ============================================ ========== ==========
SUCCEEDED     2xx                                          return     return
NOT_PROCESSED 408, 429, 503 with ``Retry-After``, a        retry      retry
              connection that could not be opened
AMBIGUOUS     503 without ``Retry-After``, any other 500   retry      raise
              to 530, a reset, a time-out after sending,
              a truncated answer
FATAL         anything else                                raise      raise
============= ============================================ ========== ==========

A 503 without ``Retry-After`` is ambiguous, because routers send it for requests that
waited too long in a queue, and such a request may be carried out all the same.
"""

from __future__ import annotations

from enum import Enum
from typing import Optional

MAX_RETRIES = 3
BACKOFF_FACTOR = 2
#: Statuses that the official client retries.
RETRIED_STATUSES = [408, 429, *range(500, 531)]
RETRIED_METHODS = frozenset({"GET", "POST", "PUT", "DELETE"})

#: Idempotent methods, as RFC 9110 defines them.
IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})

_NOT_PROCESSED_STATUSES = frozenset({408, 429})
_MAX_BACKOFF_S = 8.0
_MAX_RETRY_AFTER_S = 60.0


class Outcome(Enum):
    """What the end of an attempt means for its request."""

    SUCCEEDED = "succeeded"
    NOT_PROCESSED = "not processed"
    AMBIGUOUS = "ambiguous"
    FATAL = "fatal"


def outcome_of_status(status: int, retry_after: Optional[float] = None) -> Outcome:
    """Return the outcome of an attempt that was answered with this status.

    Args:
        status: The status.
        retry_after: Seconds that the answer asks to wait; None if it does not.
    """
    if 200 <= status < 300:
        return Outcome.SUCCEEDED
    # api-notes: service-unavailable
    if status in _NOT_PROCESSED_STATUSES or (status == 503 and retry_after is not None):
        return Outcome.NOT_PROCESSED
    if status in RETRIED_STATUSES:
        return Outcome.AMBIGUOUS
    return Outcome.FATAL


class RetryPolicy:
    """Decides whether and when a request is sent again.

    Args:
        max_retries: Maximum number of attempts after the first.
    """

    def __init__(self, max_retries: int = MAX_RETRIES) -> None:
        self.max_retries = max_retries

    def wait(
        self,
        attempt: int,
        outcome: Outcome,
        *,
        idempotent: bool,
        jitter: float,
        retry_after: Optional[float] = None,
    ) -> Optional[float]:
        """Return the seconds to wait before the next attempt; None if there is none.

        Args:
            attempt: Number of the attempt that just ended, from 0.
            outcome: How it ended.
            idempotent: Whether sending the request twice has the effect of sending
                it once.
            jitter: A random number, 0 <= jitter < 1. It spreads the retries of
                clients that failed at the same time.
            retry_after: Seconds that the server asked to wait; None if it did not.
        """
        again = outcome is Outcome.NOT_PROCESSED or (
            outcome is Outcome.AMBIGUOUS and idempotent
        )
        if not again or attempt >= self.max_retries:
            return None
        if retry_after is not None and retry_after > 0:
            return min(retry_after, _MAX_RETRY_AFTER_S)
        longest = min(_MAX_BACKOFF_S, BACKOFF_FACTOR * 2.0 ** min(attempt, 8))
        return longest * (0.5 + jitter / 2)
