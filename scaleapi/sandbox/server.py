"""The threads and the socket of a sandbox that is running."""

from __future__ import annotations

import os
import socket
import sys
import threading
import traceback
import weakref
from email.utils import formatdate
from typing import TYPE_CHECKING, Iterator, List, Optional, Sequence

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scaleapi.sandbox.app import make_app
from scaleapi.sandbox.clock import Clock
from scaleapi.sandbox.middleware.gate import Gate
from scaleapi.sandbox.routes.control import control_routes
from scaleapi.sandbox.services.callbacks import Callbacks
from scaleapi.sandbox.services.control import Control
from scaleapi.sandbox.services.faults import RateLimit
from scaleapi.sandbox.services.hosting import Hosting, Origin
from scaleapi.sandbox.store import Database
from scaleapi.sandbox.web import event_loop
from scaleapi.sandbox.web.limits import MAX_HEAD_BYTES
from scaleapi.sandbox.web.scope import Line

if TYPE_CHECKING:
    from scaleapi.sandbox.sandbox import Sandbox

#: Seconds that an idle connection is kept; longer than clients keep theirs, so
#: that it is they who close.
_KEEP_ALIVE = 90
#: Connections that wait to be taken, and that are taken at a time: so many files may
#: be open before the first of them can be refused.
_BACKLOG = 256
#: By what name those on this machine reach what listens everywhere.
_HERE = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}
#: Seconds that each thread may take to stop. Answers have five, and callbacks.
_LONGEST_STOP = 20.0


class Running:
    """A sandbox that is running.

    Args:
        sandbox: What clients and tests hold of it.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        db: File that keeps the state; None for a temporary one.
        callbacks_to: Hosts that are called back besides this machine.
        allow_hosts: Names by which it may be called besides those of this machine.
        rate_limit: How fast tasks may be created.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        host: str,
        port: int,
        db: Optional[str],
        callbacks_to: Sequence[str],
        allow_hosts: Sequence[str],
        rate_limit: RateLimit,
    ) -> None:
        #: Id of the process whose threads these are; a forked child has none.
        self.process = os.getpid()
        self._socket = _listen(host, port)
        shown = _HERE.get(host, host)
        shown = f"[{shown}]" if ":" in shown else shown
        self.origin = f"http://{shown}:{self._socket.getsockname()[1]}"
        origin = Origin(self.origin)
        try:
            self.database = Database(db, origin)
        except BaseException:
            self._socket.close()
            raise
        hosting = Hosting(origin, sandbox.clock)
        self.control = Control(self.database, hosting, sandbox.clock, sandbox.options)
        self.callbacks = Callbacks(self.database, sandbox.clock, callbacks_to)
        app = make_app(
            self.database,
            hosting,
            sandbox.clock,
            sandbox.options,
            control_routes(sandbox, self.callbacks),
        )
        names = (host, *allow_hosts)
        gate = Gate(app, names, origin, sandbox.requests, sandbox.faults, rate_limit)
        config = uvicorn.Config(
            _Dated(gate, sandbox.clock),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            loop="asyncio",
            http=Line,
            # Checked before, with an answer that says so.
            h11_max_incomplete_event_size=2 * MAX_HEAD_BYTES,
            backlog=_BACKLOG,
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=5,
            server_header=False,
            date_header=False,
            log_level="warning",
        )
        self._uvicorn = _Uvicorn(config, gate)
        # Connections wait in the socket's backlog until the thread is ready.
        self._thread = threading.Thread(
            target=lambda: event_loop.run(self._uvicorn.serve([self._socket])),
            name="scaleapi-sandbox",
            daemon=True,
        )
        self._thread.start()
        _all.add(self)

    def stop(self) -> None:
        """Answer what has been asked, and end everything.

        In a process that was forked since, nothing happens: it is the parent's.

        Raises:
            RuntimeError: A thread does not end.
        """
        if os.getpid() != self.process:
            return
        self.callbacks.stop(_LONGEST_STOP)  # first, since clients may wait for them
        self._uvicorn.should_exit = True
        self._thread.join(_LONGEST_STOP)
        if not self._thread.is_alive():  # or it would stumble over what it listens to
            self._socket.close()
        self.database.close()
        for thread in (self._thread, self.callbacks.thread):
            if thread.is_alive():
                raise RuntimeError(
                    f"the sandbox has not stopped: its thread {thread.name} has not "
                    f"ended in {_LONGEST_STOP:.0f} s{_whereabouts(thread)}"
                )

    def descriptors(self) -> Iterator[int]:
        """Return the descriptors by which others see that this sandbox is there."""
        yield self._socket.fileno()
        yield from self.database.held_files
        for connection in list(self._uvicorn.server_state.connections):
            yield connection.transport.get_extra_info("socket").fileno()


class _Dated:
    """Dates every answer by the sandbox's own clock, so that clients can compare.

    ``created_at`` and ``Date`` come from one clock, as they do at the API; uvicorn
    would take that of the machine.
    """

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = formatdate(self._clock.now() / 1000, usegmt=True)
                headers = [*message.get("headers", ()), (b"date", date.encode())]
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, dated)


class _Uvicorn(uvicorn.Server):
    """A server that does not wait for clients once it stops."""

    def __init__(self, config: uvicorn.Config, gate: Gate) -> None:
        super().__init__(config)
        self._gate = gate

    async def shutdown(self, sockets: Optional[List[socket.socket]] = None) -> None:
        self._gate.let_go()
        await super().shutdown(sockets)


#: All that are running, in this process or in the one that it was forked from.
_all: "weakref.WeakSet[Running]" = weakref.WeakSet()


def _leave_to_parent() -> None:
    """Let go, in a forked child, of what would stay open when the parent closes it.

    The numbers stay taken, by what is nothing, since the objects that have them may
    close them.
    """
    nothing = os.open(os.devnull, os.O_RDWR)
    for running in list(_all):
        for descriptor in running.descriptors():
            if descriptor >= 0:
                os.dup2(nothing, descriptor, inheritable=False)
    os.close(nothing)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)


def _whereabouts(thread: threading.Thread) -> str:
    frame = sys._current_frames().get(thread.ident or 0)
    if frame is None:
        return ""
    at = traceback.extract_stack(frame)[-1]
    return f"; it is in {at.name}, line {at.lineno} of {at.filename}"


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Only where the protocol is named does asyncio send answers without delay;
    # otherwise each waits 40 ms for the acknowledgement of its own headers.
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
