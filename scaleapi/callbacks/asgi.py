"""A `Receiver` as an ASGI application."""

from __future__ import annotations

import asyncio
import contextvars
from typing import Any, Awaitable, Callable, Mapping, Optional

from scaleapi.callbacks.deliveries import Answer, Deliveries
from scaleapi.callbacks.verify import CallbackRejected, declared_length, too_large
from scaleapi.callbacks.wsgi import DISCARDED_BYTES, headers

_Receive = Callable[[], Awaitable[Any]]
_Send = Callable[[Any], Awaitable[None]]


class AsgiApplication:
    """Answers requests, for any path, on asyncio.

    An object and not a function, since uvicorn takes a bound method for an application
    of ASGI 2, and Starlette takes a function for a view.

    Args:
        deliveries: Answers the requests that have been read.
    """

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries

    async def __call__(
        self, scope: Mapping[str, Any], receive: _Receive, send: _Send
    ) -> None:
        """Answer one request, or the events of another kind of scope."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close"})
        else:
            await _respond(self._deliveries, scope, receive, send)


async def _lifespan(receive: _Receive, send: _Send) -> None:
    kind = ""
    while kind != "lifespan.shutdown":
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})


async def _respond(
    deliveries: Deliveries, scope: Mapping[str, Any], receive: _Receive, send: _Send
) -> None:
    sent = list(scope["headers"])  # any iterable, and read more than once
    refused = deliveries.refusal(sent, scope["method"])
    most = DISCARDED_BYTES if refused else deliveries.max_body_bytes
    try:
        body = await _body(sent, receive, most)
    except CallbackRejected as rejected:
        status, text = refused or deliveries.rejected(rejected)
    else:
        if body is None:
            return  # the sender has gone
        status, text = refused or await _answer(deliveries, sent, body)
    content = text.encode("utf-8")
    start = {
        "type": "http.response.start",
        "status": status,
        "headers": headers(status, content),
    }
    await send(start)
    await send({"type": "http.response.body", "body": content})


async def _answer(deliveries: Deliveries, sent: Any, body: bytes) -> Answer:
    loop = asyncio.get_running_loop()
    context = contextvars.copy_context()

    def answer() -> Answer:
        return context.run(deliveries.answer, sent, body, loop)

    # In a thread, so that a slow handler does not block the loop.
    return await loop.run_in_executor(None, answer)


async def _body(sent: Any, receive: _Receive, most: int) -> Optional[bytes]:
    """Return the body; None if the sender has closed the connection.

    Raises:
        CallbackRejected: The body has more than `most` bytes, or not as many as it
            should.
    """
    length = declared_length(sent, most)
    found = bytearray()
    more = True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            return None
        found += event.get("body", b"")
        if len(found) > most:
            raise too_large(most)
        more = event.get("more_body", False)
    if length is not None and len(found) != length:
        raise CallbackRejected(
            f"the body has {len(found):,} bytes instead of {length:,}", "wrong_length"
        )
    return bytes(found)
