"""The HTTP protocol class of uvicorn, with limits on what one client may take."""

from __future__ import annotations

import contextlib
from http import HTTPStatus
from typing import Any, Callable, Optional

import h11
from starlette.types import Receive
from uvicorn.protocols.http.h11_impl import H11Protocol

from scaleapi.sandbox.web import limits
from scaleapi.sandbox.web.responses import encoded

#: Key of the transport of the connection in the scope of a request.
TRANSPORT = "scaleapi.sandbox.transport"


class SandboxH11Protocol(H11Protocol):
    """A connection that is closed when its client takes too much.

    uvicorn bounds how long a connection may be idle after an answer. This class
    bounds everything else: the head and the body of a request, and how long the
    client may take to read the answer.
    """

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        # Bytes that asyncio reads at a time: one client that sends much must not block
        # the others.
        transport.max_size = limits.MAX_RECEIVED_BYTES
        self._head: Optional[limits.Head] = None
        self._refused = self._stopping = False
        self._timer: Any = None
        app = self.app

        async def with_transport(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, TRANSPORT: transport}, receive, send)

        self.app = with_transport
        number = limits.max_connections()
        if len(self.connections) > number:
            self._refuse(503, f"There are {number} connections already")
            if len(self.connections) > number + limits.MAX_REFUSED_AT_ONCE:
                transport.close()
        else:
            # As after an answer.
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def connection_lost(self, exc: Optional[Exception]) -> None:
        self._set_timer(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        problem = None
        if self.conn.their_state is h11.IDLE:
            if self._head is None:
                self._head = limits.Head(self.loop.time())
                # Part of a request that was sent before the last one was answered.
                problem = self._head.add(self.conn.trailing_data[0])
            problem = problem or self._head.add(data)
        if problem is not None:
            self._refuse(*problem)
            return
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._head = None
        self._watch()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._bound_the_answer()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._set_timer(None)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._bound_the_answer()
        else:
            self._watch()

    def shutdown(self) -> None:
        super().shutdown()
        self._stopping = True
        if self.flow.write_paused:
            self._bound_the_answer()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        # The client may not have read all of its last answer.
        self._set_timer(limits.LINGER_S, self.transport.abort)

    def _bound_the_answer(self) -> None:
        stopping = self._stopping
        seconds = limits.LINGER_S if stopping else limits.ANSWER_TIMEOUT_S
        self._set_timer(seconds, self.transport.abort)

    def _watch(self) -> None:
        """Set the time limit for the request that the client has begun, if any."""
        if self._refused or self.flow.write_paused:
            return  # these have a timer of their own
        if self.conn.their_state is h11.SEND_BODY:
            self._set_timer(limits.BODY_TIMEOUT_S, self._body_is_late)
        elif self._head is not None:
            spent = self.loop.time() - self._head.begun_at
            self._set_timer(limits.HEAD_TIMEOUT_S - spent, self._head_is_late)
        else:
            self._set_timer(None)

    def _head_is_late(self) -> None:
        seconds = limits.HEAD_TIMEOUT_S
        self._refuse(408, f"The head of the request took longer than {seconds:g} s")

    def _body_is_late(self) -> None:
        if self.flow.read_paused:
            self._watch()  # the server does not read at present
            return
        seconds = limits.BODY_TIMEOUT_S
        self._refuse(408, f"Nothing came of the request's body for {seconds:g} s")

    def _set_timer(
        self, seconds: Optional[float], act: Callable[[], object] = lambda: None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else self.loop.call_later(seconds, act)

    def send_400_response(self, msg: str) -> None:
        """Answer a request that is not valid HTTP in the form of the API."""
        self._refuse(400, msg)

    def _refuse(self, status: int, text: str) -> None:
        """Answer instead of the application, unless it has begun to, and close."""
        self._refused = True
        self._unset_keepalive_if_required()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self._answer(status, text)
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        # Discard what still arrives: closing with unread data would reset the
        # connection, and the client might not see the answer.
        self.flow.resume_reading()
        with contextlib.suppress(OSError):
            self.transport.write_eof()
        self._set_timer(limits.LINGER_S, self.transport.abort)

    def _answer(self, status: int, text: str) -> None:
        body = encoded({"status_code": status, "error": text})
        headers = [
            ("content-type", "application/json"),
            ("content-length", str(len(body))),
            ("connection", "close"),
        ]
        if status == 503:
            headers.append(("retry-after", "1"))
        for event in (
            h11.Response(
                status_code=status, headers=headers, reason=HTTPStatus(status).phrase
            ),
            h11.Data(data=body),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")


async def until_disconnected(receive: Receive) -> None:
    """Wait until the client has disconnected."""
    while (await receive())["type"] != "http.disconnect":
        pass
