"""Records what clients send to the API, and logs a line for each request."""

from __future__ import annotations

import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scaleapi._monotonic import monotonic
from scaleapi.sandbox.services.request_log import RequestLog

#: A line for each request, at level INFO.
calls_log = logging.getLogger("scaleapi.sandbox.calls")


class RequestLogMiddleware:
    """Adds each request of the API to the request log.

    Args:
        app: The application behind this middleware.
        request_log: Keeps the requests.
    """

    def __init__(self, app: ASGIApp, request_log: RequestLog) -> None:
        self._app = app
        self._request_log = request_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not scope["path"].startswith(("/v1/", "/v2/")):
            await self._app(scope, receive, send)
            return
        started_at = monotonic()
        entry = self._request_log.record(
            scope["method"], scope["path"], scope["query_string"], scope["headers"]
        )

        async def recording_receive() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                self._request_log.append_body(entry, message.get("body", b""))
            return message

        async def recording_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
            await send(message)

        try:
            await self._app(scope, recording_receive, recording_send)
        except Exception:
            entry.status = entry.status or 500  # the framework answers so
            raise
        finally:
            if calls_log.isEnabledFor(logging.INFO):
                query = scope["query_string"].decode("latin-1")
                calls_log.info(
                    "%s %s%s -> %s (%.0f ms)",
                    scope["method"],
                    scope["path"],
                    f"?{query[:200]}" if query else "",
                    entry.status or "no answer",
                    (monotonic() - started_at) * 1000,
                )
