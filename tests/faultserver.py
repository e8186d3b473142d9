"""A server that answers, delays, resets and truncates on command.

It knows nothing of the API: a test says what happens to each request, in turn,
and reads afterwards what was sent.
"""

from __future__ import annotations

import json
import os
import socket
import socketserver
import ssl
import struct
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import (
    Any,
    BinaryIO,
    Callable,
    Dict,
    List,
    Mapping,
    Optional,
    Tuple,
    Type,
    Union,
)


@dataclass(frozen=True)
class Received:
    """A request as it came over the wire."""

    method: str
    target: str
    headers: Dict[str, str]
    body: bytes
    connection: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Reset:
    """The connection is reset after the request was read."""


class Hangup:
    """The connection is closed after the request was read, without an answer."""


class Truncated:
    """The answer breaks off after half of its body."""


class Stall:
    """Nothing comes until the server is closed."""


@dataclass(frozen=True)
class Answer:
    """An answer, whole; if `close`, the connection ends without a word."""

    status: int
    body: Union[bytes, str, Dict[str, Any], List[Any], None] = None
    headers: Optional[Mapping[str, str]] = None
    close: bool = False

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        if isinstance(self.body, str):
            return self.body.encode()
        return b"" if self.body is None else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Cut:
    """An answer of whose body only the first bytes come."""

    answer: Answer
    after: int


Event = Union[
    Answer, Cut, Reset, Hangup, Truncated, Stall, Callable[[Received], "Event"]
]


class FaultServer:
    """A server on loopback that plays one event a request.

    The last event is repeated for all requests that follow. An event may be a
    function of the request, which returns the event to play.

    Args:
        tls: Serves https with this.

    Attributes:
        received: The requests, in their order.
        connections: How many connections were made.
        open_connections: How many of them are open.
        pause: Seconds to wait between the headers and the body of a request.
        slow_reads: Seconds to wait between the pieces of a body.
        answer_early: Answer before the body is read.
        garble: Send bytes that are no TLS instead of an answer.
    """

    def __init__(self, tls: Optional[ssl.SSLContext] = None) -> None:
        self.received: List[Received] = []
        self.connections = 0
        self.open_connections = 0
        self.pause = 0.0
        self.slow_reads = 0.0
        self.answer_early = False
        self.garble = False
        self._tls = tls
        self._events: List[Event] = [Answer(200, {})]
        self._lock = threading.Lock()
        self._closing = threading.Event()
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with outer._lock:
                    outer.open_connections += 1

                outer._serve(self.request)

            def finish(self) -> None:
                self.request.close()
                with outer._lock:
                    outer.open_connections -= 1

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, *_: Any) -> None:
                """A client that breaks off is no fault of the server."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        scheme = "https" if tls else "http"
        self.origin = f"{scheme}://localhost:{self._server.server_address[1]}"
        self.url = f"{self.origin}/v1"

    def play(self, *events: Event) -> None:
        self._events = list(events)

    def __enter__(self) -> FaultServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _serve(self, connection: socket.socket) -> None:
        with self._lock:
            self.connections += 1
            number = self.connections
        if self._tls:
            try:
                connection = self._tls.wrap_socket(connection, server_side=True)
            except OSError:
                return  # a client that does not trust the certificate
        stream: BinaryIO
        with connection, connection.makefile("rb") as stream:
            while True:
                request = self._read(stream, number)
                if request is None:
                    return
                with self._lock:
                    self.received.append(request)
                    several = len(self._events) > 1
                    event = self._events.pop(0) if several else self._events[0]
                while callable(event):
                    event = event(request)
                if self.garble:
                    os.write(connection.fileno(), b"this is no TLS record at all")
                    return
                if isinstance(event, Stall):
                    self._closing.wait()
                    return
                if not _play(connection, event):
                    return

    def _read(self, stream: BinaryIO, connection: int) -> Optional[Received]:
        head = _read_head(stream)
        if head is None:
            return None
        method, target, headers = head
        if self.pause:
            self._closing.wait(self.pause)
        left = 0 if self.answer_early else int(headers.get("content-length", 0))
        body = b""
        while left:
            piece = stream.read(min(left, 1 << 16) if self.slow_reads else left)
            if not piece:
                return None
            body += piece
            left -= len(piece)
            if self.slow_reads:
                self._closing.wait(self.slow_reads)
        return Received(method, target, headers, body, connection)


def _read_head(stream: BinaryIO) -> Optional[Tuple[str, str, Dict[str, str]]]:
    line = stream.readline().decode("latin-1").split()
    if len(line) != 3:
        return None
    headers: Dict[str, str] = {}
    while True:
        name, _, value = stream.readline().decode("latin-1").strip().partition(":")
        if not name:
            break
        headers[name.lower()] = value.strip()
    return line[0], line[1], headers


def _play(connection: socket.socket, event: Event) -> bool:
    """Carry out an event; return whether the connection lives on."""
    if isinstance(event, Reset):
        # With a linger of zero seconds closing sends a reset.
        linger = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        connection.close()
        return False
    if isinstance(event, Hangup):
        return False
    if isinstance(event, Truncated):
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"a": "')
        return False
    if isinstance(event, Cut):
        content = event.answer.content[: event.after]
        connection.sendall(_head(event.answer) + content)
        return False
    assert isinstance(event, Answer)
    connection.sendall(_head(event) + event.content)
    return not event.close


def _head(answer: Answer) -> bytes:
    given = answer.headers or {}
    head = [f"HTTP/1.1 {answer.status} Status"]
    if answer.status != 204 and not {"Content-Length", "Transfer-Encoding"} & {*given}:
        head.append(f"Content-Length: {len(answer.content)}")
    head += [f"{name}: {value}" for name, value in given.items()]
    return "\r\n".join([*head, "\r\n"]).encode("latin-1")
