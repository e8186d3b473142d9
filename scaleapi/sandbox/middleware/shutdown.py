"""Closes the connections whose clients are waited for when the sandbox stops."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scaleapi.sandbox.web.connections import WaitingConnections
from scaleapi.sandbox.web.http_protocol import TRANSPORT


class ShutdownMiddleware:
    """Records which connections wait for their client.

    Args:
        app: The application behind this middleware.
        waiting: Holds these connections, and closes them.
    """

    def __init__(self, app: ASGIApp, waiting: WaitingConnections) -> None:
        self._app = app
        self._waiting = waiting

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport = scope[TRANSPORT]

        async def tracked_receive() -> Message:
            with self._waiting.holding(transport):
                return await receive()

        await self._app(scope, tracked_receive, send)
