"""The connections whose clients the server waits for."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import Iterator, Set

#: Seconds for the rest of a request that is on its way when the server stops.
_GRACE_S = 0.2


class WaitingConnections:
    """The connections on which the server waits for the client to send something.

    All methods are called in the event loop of the server.
    """

    def __init__(self) -> None:
        self._transports: Set[asyncio.Transport] = set()
        self._closing = False

    @contextmanager
    def holding(self, transport: asyncio.Transport) -> Iterator[None]:
        """Hold a connection while its client is waited for."""
        self._transports.add(transport)
        if self._closing:
            _close_soon(transport)
        try:
            yield
        finally:
            self._transports.discard(transport)

    def close_waiting(self) -> None:
        """Close these connections, and from now on each that is added."""
        self._closing = True
        for transport in self._transports:
            _close_soon(transport)


def _close_soon(transport: asyncio.Transport) -> None:
    asyncio.get_running_loop().call_later(_GRACE_S, transport.close)
