"""Dates every answer by the clock of the sandbox."""

from __future__ import annotations

from email.utils import formatdate

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scaleapi.sandbox.clock import Clock


class DateMiddleware:
    """Adds the header ``Date``.

    Clients compare ``created_at`` with ``Date``. Both come from one clock, as they do
    at the API; uvicorn would take that of the machine.

    Args:
        app: The application behind this middleware.
        clock: The time of the sandbox.
    """

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = formatdate(self._clock.now() / 1000, usegmt=True)
                headers = [*message.get("headers", ()), (b"date", date.encode())]
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, send_dated)
