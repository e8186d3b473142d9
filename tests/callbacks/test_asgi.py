"""`Receiver.asgi`, called as a server would."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from typing import Any, Dict, List, Optional, Tuple

import pytest

from scaleapi.callbacks import CallbackEvent, Receiver
from tests.callbacks.bodies import KEYS, LIVE, task_body

MOST = 200_000
TIMEOUT_S = 30


class Request:
    """A request in pieces; it counts how many of them are received."""

    def __init__(
        self,
        *pieces: Any,
        length: Optional[bytes] = None,
        key: str = LIVE,
        method: str = "POST",
    ) -> None:
        self.scope: Dict[str, Any] = {
            "type": "http",
            "method": method,
            "headers": [(b"scale-callback-auth", key.encode())],
        }
        if length is not None:
            self.scope["headers"] += [(b"content-length", length)]
        self.events: List[Dict[str, Any]] = [
            {"type": "http.request", "body": piece, "more_body": more < len(pieces)}
            if isinstance(piece, bytes)
            else piece
            for more, piece in enumerate(pieces, 1)
        ]
        self.sent: List[Any] = []
        self.received = 0

    async def receive(self) -> Any:
        self.received += 1
        return self.events[self.received - 1]

    async def send(self, event: Any) -> None:
        self.sent.append(event)

    @property
    def answer(self) -> Tuple[int, Dict[bytes, bytes], bytes]:
        start, body = self.sent
        return start["status"], dict(start["headers"]), body["body"]


def call(request: Request, handle: Any = None) -> List[CallbackEvent]:
    """Answer a request; return the events."""
    events: List[CallbackEvent] = []
    receiver = Receiver(KEYS, handle or events.append, max_body_bytes=MOST)
    asyncio.run(receiver.asgi(request.scope, request.receive, request.send))
    return events


DISCONNECT = {"type": "http.disconnect"}


def test_a_callback_in_pieces_is_handled() -> None:
    body = task_body("x" * 5000)
    request = Request(body[:10], b"", body[10:], length=b"%d" % len(body))
    (event,) = call(request)
    assert event.raw == body
    assert request.answer == (
        200,
        {b"content-type": b"text/plain; charset=utf-8", b"content-length": b"7"},
        b"handled",
    )


def test_a_body_in_chunks_needs_no_length() -> None:
    body = task_body()
    request = Request(body[:10], body[10:])
    assert len(call(request)) == 1


@pytest.mark.parametrize("more", [-1, 1])
def test_a_length_that_is_not_that_of_the_body_is_refused(more: int) -> None:
    body = task_body()
    request = Request(body, length=b"%d" % (len(body) + more))
    assert call(request) == []
    assert request.answer[0] == 400


@pytest.mark.parametrize(
    ("length", "status"), [(b"x", 400), (b"%d" % (MOST + 1), 413), (b"9" * 5000, 413)]
)
def test_a_length_that_is_wrong_or_too_large_is_refused_unread(
    length: bytes, status: int
) -> None:
    request = Request(task_body(), length=length)
    call(request)
    assert request.answer[0] == status
    assert request.received == 0


def test_a_body_without_a_length_is_read_up_to_the_bound() -> None:
    request = Request(*[b" " * 1000] * 500)
    call(request)
    assert request.answer[0] == 413
    assert request.received == MOST // 1000 + 1


def test_with_a_wrong_key_64_kib_are_discarded_at_most() -> None:
    request = Request(*[b" " * 1024] * 500, key="x")
    call(request)
    assert request.answer[0] == 401
    assert request.received == 65
    request = Request(*[b" " * 1024] * 500, key="x", length=b"%d" % (500 * 1024))
    call(request)
    assert request.answer[0] == 401
    assert request.received == 0


def test_a_sender_that_goes_gets_no_answer_and_nothing_is_handled() -> None:
    body = task_body()
    request = Request(body, DISCONNECT)  # more was to come
    assert call(request) == []
    assert request.sent == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "OPTIONS"])
def test_another_method_is_405(method: str) -> None:
    request = Request(b"", method=method)
    assert call(request) == []
    assert request.answer[0] == 405
    assert request.answer[1][b"allow"] == b"POST"


def test_the_events_of_a_servers_life_are_acknowledged() -> None:
    request = Request({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    request.scope = {"type": "lifespan"}
    call(request)
    assert [event["type"] for event in request.sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]


def test_a_websocket_is_closed() -> None:
    request = Request({"type": "websocket.connect"})
    request.scope = {"type": "websocket"}
    call(request)
    assert request.sent == [{"type": "websocket.close"}]


def test_a_handler_runs_in_a_thread_with_the_context_of_the_request() -> None:
    variable = contextvars.ContextVar("variable", default="")
    found: List[Any] = []

    def handle(event: CallbackEvent) -> None:
        found.append((variable.get(), threading.current_thread()))

    async def main(request: Request) -> None:
        variable.set("here")
        await Receiver(KEYS, handle).asgi(request.scope, request.receive, request.send)

    asyncio.run(main(Request(task_body())))
    ((value, thread),) = found
    assert value == "here"
    assert thread is not threading.main_thread()


def test_a_slow_handler_does_not_block_the_loop() -> None:
    begun, go = threading.Event(), threading.Event()

    def handle(event: CallbackEvent) -> None:
        begun.set()
        assert go.wait(TIMEOUT_S)

    receiver = Receiver(KEYS, handle)
    slow, repeat, fast = (Request(task_body()) for _ in range(3))
    fast.scope["method"] = "GET"

    async def main() -> None:
        first = asyncio.ensure_future(
            receiver.asgi(slow.scope, slow.receive, slow.send)
        )
        while not begun.is_set():
            await asyncio.sleep(0)
        for request in (fast, repeat):
            await receiver.asgi(request.scope, request.receive, request.send)
        assert slow.sent == []
        go.set()
        await first

    asyncio.run(main())
    answers = [request.answer[0] for request in (slow, repeat, fast)]
    assert answers == [200, 503, 405]


def test_a_coroutine_function_runs_in_the_loop_and_its_failure_is_500() -> None:
    found: List[Any] = []

    async def handle(event: CallbackEvent) -> None:
        await asyncio.sleep(0)
        found.append(threading.current_thread())
        if len(found) == 1:
            raise RuntimeError

    receiver = Receiver(KEYS, handle)
    requests = [Request(task_body()) for _ in range(3)]

    async def main() -> None:
        for request in requests:
            await receiver.asgi(request.scope, request.receive, request.send)

    asyncio.run(main())
    assert [request.answer[0] for request in requests] == [500, 200, 200]
    assert found == [threading.main_thread()] * 2


@pytest.mark.parametrize("asynchronous", [False, True])
def test_sys_exit_in_a_handler_does_not_end_the_server(asynchronous: bool) -> None:
    def handle(event: CallbackEvent) -> None:
        raise SystemExit(1)

    async def handle_later(event: CallbackEvent) -> None:
        raise SystemExit(1)

    request = Request(task_body())
    call(request, handle_later if asynchronous else handle)
    assert request.answer[0] == 500


def test_a_request_that_the_server_cancels_is_handled_to_the_end() -> None:
    begun, go, over = threading.Event(), threading.Event(), threading.Event()

    def handle(event: CallbackEvent) -> None:
        begun.set()
        assert go.wait(TIMEOUT_S)
        over.set()

    receiver = Receiver(KEYS, handle)
    first, repeat = Request(task_body()), Request(task_body())

    async def main() -> None:
        task = asyncio.ensure_future(
            receiver.asgi(first.scope, first.receive, first.send)
        )
        while not begun.is_set():
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go.set()
        while not repeat.sent or repeat.answer[0] == 503:
            repeat.sent, repeat.received = [], 0
            await receiver.asgi(repeat.scope, repeat.receive, repeat.send)

    asyncio.run(main())
    assert over.is_set()
    assert repeat.answer[::2] == (200, b"handled before")
