"""Servers of other projects, in a thread, with a receiver mounted."""

from __future__ import annotations

import contextlib
import http.client
import socket
import socketserver
import threading
from typing import Any, Callable, Dict, Iterator
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import uvicorn

from scaleapi.callbacks import Receiver
from tests.docs.blocks import ROOT, parts_of, run

TIMEOUT_S = 30


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 100


class _Handler(WSGIRequestHandler):
    timeout = TIMEOUT_S

    def log_message(self, *arguments: Any) -> None:
        pass


@contextlib.contextmanager
def wsgiref_server(application: Callable[..., Any]) -> Iterator[str]:
    """Serve a WSGI application with the standard library; yield the URL of a hook."""
    server = make_server("127.0.0.1", 0, application, _Server, _Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/scale"
    finally:
        server.shutdown()
        thread.join(TIMEOUT_S)
        server.server_close()


@contextlib.contextmanager
def uvicorn_server(application: Callable[..., Any]) -> Iterator[str]:
    """Serve an ASGI application with uvicorn; yield the URL of a hook."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=100)
    config = uvicorn.Config(application, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/scale"
    finally:
        server.should_exit = True
        thread.join(TIMEOUT_S)
        listening.close()


def wsgi_alone(receiver: Receiver) -> Any:
    return wsgiref_server(receiver.wsgi)


def asgi_alone(receiver: Receiver) -> Any:
    return uvicorn_server(receiver.asgi)


def in_starlette(receiver: Receiver) -> Any:
    return uvicorn_server(run_example("Starlette", receiver)["app"])


#: Name -> a context manager that serves a receiver and gives its URL.
SERVERS: Dict[str, Callable[[Receiver], Any]] = {
    "wsgiref": wsgi_alone,
    "uvicorn": asgi_alone,
    "Starlette": in_starlette,
}


def run_example(title: str, receiver: Receiver) -> Dict[str, Any]:
    """Run the example of the guide that follows a title; return its names."""
    page = ROOT / "docs" / "guides" / "callbacks.rst"
    parts = iter(parts_of(page))
    for part in parts:
        if part.text.startswith(f"**{title}**"):
            example = next(parts)
            assert example.language == "py"
            names: Dict[str, Any] = {"__name__": "example", "receiver": receiver}
            run(example, page, names)
            return names
    raise AssertionError(title)


def send(url: str, sent: bytes) -> int:
    """Send bytes; return the status of the answer."""
    host, port = url.split("/")[2].split(":")
    with socket.create_connection((host, int(port)), TIMEOUT_S) as connection:
        connection.sendall(sent)
        answer = http.client.HTTPResponse(connection, method="POST")
        answer.begin()
        answer.read()
        return answer.status


def request(url: str, body: bytes, *headers: str, method: str = "POST") -> bytes:
    """Return the bytes of a request with exactly these headers and a host."""
    path = "/" + url.split("/", 3)[3]
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body
