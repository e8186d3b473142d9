"""Serves an ASGI application on a socket, in a thread of this process."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading
import traceback
from contextlib import suppress
from typing import Callable, Iterator, List, Optional

import uvicorn
from starlette.types import ASGIApp

from scaleapi.sandbox.web import event_loop
from scaleapi.sandbox.web.http_protocol import SandboxH11Protocol
from scaleapi.sandbox.web.limits import MAX_HEAD_BYTES

#: Seconds that an idle connection is kept: longer than clients keep theirs, so that
#: the client is the one who closes it.
_KEEP_ALIVE_S = 90
#: Maximum number of connections that wait to be accepted, and that are accepted at a
#: time: as many files may be open before the first of them can be refused.
_BACKLOG = 256
#: Address that is listened on -> address under which this machine reaches it.
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}
#: Seconds that answers may still take when the server stops.
_GRACE_S = 5
#: Seconds between two looks at whether the server was abandoned.
_TICK_S = 0.1


class Server:
    """A running server.

    Args:
        app: The application to serve.
        listener: A socket from `listen`; `stop` closes it.
        on_shutdown: Is called in the event loop when the server begins to stop.
        on_abandoned: Is called in the thread of the server at its end, if `abandon`
            has ended it.
    """

    def __init__(
        self,
        app: ASGIApp,
        listener: socket.socket,
        *,
        on_shutdown: Callable[[], None],
        on_abandoned: Callable[[], None],
    ) -> None:
        self._socket = listener
        self._on_abandoned = on_abandoned
        self._abandoned = False
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            loop="asyncio",
            http=SandboxH11Protocol,
            # The protocol class checks the size before, and says what is wrong.
            h11_max_incomplete_event_size=2 * MAX_HEAD_BYTES,
            backlog=_BACKLOG,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=_GRACE_S,
            server_header=False,
            date_header=False,
            log_level="warning",
        )
        self._uvicorn = _UvicornServer(config, on_shutdown)
        # Connections wait in the socket's backlog until the thread is ready.
        self._thread = threading.Thread(
            target=self._serve, name="scaleapi-sandbox", daemon=True
        )
        self._thread.start()

    def _serve(self) -> None:
        event_loop.run(self._uvicorn.serve([self._socket]))
        if self._abandoned:
            self._socket.close()
            self._on_abandoned()

    def stop(self, timeout_s: float) -> None:
        """Answer the requests that have begun, then close all connections.

        Args:
            timeout_s: Seconds to wait at most.

        Raises:
            RuntimeError: The thread of the server has not ended in time.
        """
        self._uvicorn.exit_at_once()
        self._thread.join(timeout_s)
        if not self._thread.is_alive():  # a running thread still uses the socket
            self._socket.close()
        check_ended(self._thread, timeout_s)

    def abandon(self) -> None:
        """Have the thread of the server stop everything, without waiting for it.

        May be called while any lock is held, since the garbage collector calls it: it
        only sets what the thread looks at.
        """
        self._abandoned = True
        self._uvicorn.should_exit = True

    def descriptors(self) -> Iterator[int]:
        """Return the descriptors of the sockets that are open."""
        yield self._socket.fileno()
        for connection in list(self._uvicorn.server_state.connections):
            yield connection.transport.get_extra_info("socket").fileno()


class _UvicornServer(uvicorn.Server):
    """A server that does not wait for idle clients once it stops."""

    def __init__(self, config: uvicorn.Config, on_shutdown: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_shutdown = on_shutdown
        self._loop: Optional[asyncio.AbstractEventLoop] = None
        self._exiting: Optional[asyncio.Future[None]] = None

    def exit_at_once(self) -> None:
        """Have the server stop now instead of after its next look at `should_exit`."""
        self.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closed: the server has stopped
                self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        if self._exiting is not None and not self._exiting.done():
            self._exiting.set_result(None)

    async def main_loop(self) -> None:
        """Work until `should_exit`, which uvicorn only looks at ten times a second."""
        self._exiting = asyncio.get_running_loop().create_future()
        self._loop = asyncio.get_running_loop()
        tick = 0
        while not await self.on_tick(tick):
            tick += 1
            await asyncio.wait([self._exiting], timeout=_TICK_S)

    async def shutdown(self, sockets: Optional[List[socket.socket]] = None) -> None:
        self._on_shutdown()
        await super().shutdown(sockets)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Args:
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.

    Raises:
        OSError: The port is in use, or `host` is not an address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Only if the protocol is named, asyncio sends answers without delay. Otherwise
    # each of them waits 40 ms for the acknowledgement of its own headers.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        raise OSError(f"cannot listen on {host}, port {port}: {error}") from error
    return listener


def base_url(host: str, listener: socket.socket) -> str:
    """Return the URL under which this machine reaches a socket.

    Args:
        host: Address that the socket listens on.
        listener: A socket from `listen`.
    """
    name = _LOOPBACK.get(host, host)
    name = f"[{name}]" if ":" in name else name
    return f"http://{name}:{listener.getsockname()[1]}"


def check_ended(thread: threading.Thread, timeout_s: float) -> None:
    """Check that a thread has ended.

    Args:
        thread: The thread, which had time to end.
        timeout_s: Seconds that it had.

    Raises:
        RuntimeError: `thread` has not ended after `timeout_s`. The text says what
            it is doing.
    """
    if thread.is_alive():
        raise RuntimeError(
            f"the sandbox has not stopped: its thread {thread.name} has not "
            f"ended in {timeout_s:.0f} s{_location(thread)}"
        )


def _location(thread: threading.Thread) -> str:
    frame = sys._current_frames().get(thread.ident or 0)
    if frame is None:
        return ""
    at = traceback.extract_stack(frame)[-1]
    return f"; it is in {at.name}, line {at.lineno} of {at.filename}"
