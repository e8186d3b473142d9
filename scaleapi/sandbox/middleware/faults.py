"""Lets requests of the API fail on demand."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import sys
from typing import Dict, List

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scaleapi.sandbox.services.faults import Fault, Faults, answer_of
from scaleapi.sandbox.web.bodies import read_to_end
from scaleapi.sandbox.web.http_protocol import TRANSPORT, until_disconnected


class FaultMiddleware:
    """Injects the faults that were asked for.

    Args:
        app: The application behind this middleware.
        faults: Decides which requests fail, and how.
    """

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        fault = None
        if path.startswith(("/v1/", "/v2/")):
            # A path of v2 is matched with its /v2.
            path = path[len("/v1") :] if path.startswith("/v1/") else path
            fault = self._faults.next_fault(scope["method"], path)
        if fault is None:
            await self._app(scope, receive, send)
        else:
            await self._inject(fault, scope, receive, send)

    async def _inject(
        self, fault: Fault, scope: Scope, receive: Receive, send: Send
    ) -> None:
        answer: List[Message] = []
        if fault.carried_out or fault.kind == "truncate":

            async def keep(message: Message) -> None:
                answer.append(message)

            await self._app(scope, receive, keep)
        elif fault.kind != "slow":
            await read_to_end(receive)
        if fault.kind == "status":
            await _response(fault)(scope, receive, send)
        elif fault.kind == "hang":
            await until_disconnected(receive)
        elif fault.kind == "reset":
            _reset(scope[TRANSPORT])
            await until_disconnected(receive)
        elif fault.kind == "truncate":
            await _send_truncated(answer, send)
            scope[TRANSPORT].close()
            await until_disconnected(receive)
        elif answer:
            await _send_late(fault.seconds, answer, receive, send)
        else:
            await self._call_late(fault.seconds, scope, receive, send)

    async def _call_late(
        self, seconds: float, scope: Scope, receive: Receive, send: Send
    ) -> None:
        # Read the body first: after the body, the next message is http.disconnect.
        body = await _messages(receive)
        if await _disconnects_within(seconds, receive):
            return

        async def replay() -> Message:
            return body.pop(0) if body else await receive()

        await self._app(scope, replay, send)


async def _send_late(
    seconds: float, answer: List[Message], receive: Receive, send: Send
) -> None:
    if not await _disconnects_within(seconds, receive):
        for message in answer:
            await send(message)


async def _disconnects_within(seconds: float, receive: Receive) -> bool:
    disconnected = asyncio.ensure_future(until_disconnected(receive))
    done, _ = await asyncio.wait({disconnected}, timeout=seconds)
    disconnected.cancel()
    await asyncio.wait({disconnected})
    return bool(done)


async def _send_truncated(answer: List[Message], send: Send) -> None:
    """Send half of an answer, whose headers promise more."""
    body = b"".join(message.get("body", b"") for message in answer)
    start = dict(answer[0])
    start["headers"] = [
        (name, value)
        for name, value in start.get("headers", [])
        if name.lower() != b"content-length"
    ] + [(b"content-length", str(len(body) + 1).encode())]
    await send(start)
    half = body[: len(body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})


async def _messages(receive: Receive) -> List[Message]:
    messages = [await receive()]
    while messages[-1].get("more_body", False):
        messages.append(await receive())
    return messages


def _reset(transport: asyncio.Transport) -> None:
    connection = transport.get_extra_info("socket")
    # SO_LINGER 0 makes close() send RST.
    linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()


def _response(fault: Fault) -> Response:
    status, headers, body = answer_of(fault)
    if status in (204, 304):
        return Response(status_code=status, headers=headers)
    if isinstance(body, str):
        return Response(body, status, _typed(headers, "text/plain; charset=utf-8"))
    return Response(json.dumps(body), status, _typed(headers, "application/json"))


def _typed(headers: Dict[str, str], mime_type: str) -> Dict[str, str]:
    return {"Content-Type": mime_type, **headers}
