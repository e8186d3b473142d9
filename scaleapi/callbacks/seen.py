"""Which deliveries have been handled, so that a repeat is not handled again."""

from __future__ import annotations

import threading
from typing import Dict, Protocol, Set

from scaleapi.exceptions import ScaleException, ScaleValueError


class DeliveryInProgress(ScaleException):
    """Another thread or process is handling the same delivery."""


class Seen(Protocol):
    """What a `Receiver` asks and tells about deliveries. Its methods run in threads.

    Receivers in several processes need a common one; the guide shows it. If a process
    can end while it handles a delivery, its mark must expire, so that a repeat is
    handled.
    """

    def begin(self, delivery_id: str) -> bool:
        """Note that a delivery is being handled, unless it was handled before.

        Returns:
            True if the caller must handle it now; False if it was handled.

        Raises:
            DeliveryInProgress: The delivery is being handled elsewhere. The repeat is
                answered with 503, so that it comes again.
        """
        ...

    def done(self, delivery_id: str) -> None:
        """Note that a delivery was handled."""

    def failed(self, delivery_id: str) -> None:
        """Note that a delivery was not handled, so that its repeat is."""


class MemorySeen:
    """The default `Seen`: in the memory of this process.

    Args:
        size: Number of handled deliveries to remember. The oldest are forgotten.

    Raises:
        ScaleValueError: `size` is less than 1.
    """

    def __init__(self, size: int = 100_000) -> None:
        if size < 1:
            raise ScaleValueError(f"size must be at least 1; got {size!r}")
        self._size = size
        self._lock = threading.Lock()
        self._in_progress: Set[str] = set()
        self._done: Dict[str, None] = {}

    def begin(self, delivery_id: str) -> bool:
        """Note that a delivery is being handled, unless it was handled before.

        Raises:
            DeliveryInProgress: The delivery is being handled.
        """
        with self._lock:
            if delivery_id in self._done:
                return False
            if delivery_id in self._in_progress:
                raise DeliveryInProgress(f"delivery {delivery_id} is being handled")
            self._in_progress.add(delivery_id)
            return True

    def done(self, delivery_id: str) -> None:
        """Note that a delivery was handled."""
        with self._lock:
            self._in_progress.discard(delivery_id)
            self._done[delivery_id] = None
            if len(self._done) > self._size:
                del self._done[next(iter(self._done))]

    def failed(self, delivery_id: str) -> None:
        """Note that a delivery was not handled, so that its repeat is."""
        with self._lock:
            self._in_progress.discard(delivery_id)
