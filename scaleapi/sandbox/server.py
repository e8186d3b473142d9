"""The sandbox as something that is started and stopped."""

from __future__ import annotations

import os
import socket
import threading
from types import TracebackType
from typing import Any, Dict, Optional, Type

import uvicorn

from scaleapi.sandbox import clock
from scaleapi.sandbox.app import is_live, make_app
from scaleapi.sandbox.completion import complete
from scaleapi.sandbox.errors import ApiError
from scaleapi.sandbox.hosting import Hosting
from scaleapi.sandbox.store import Books, Database

#: Seconds that an idle connection is kept; longer than clients keep theirs, so
#: that it is they who close.
_KEEP_ALIVE = 90


class Sandbox:
    """A local stand-in for Scale's API, on a port of this machine.

    ::

        with Sandbox() as sandbox:
            client = ScaleClient(sandbox.api_key, api_instance_url=sandbox.url)

    Each API key that begins with ``test_`` or ``live_`` has a world of its own.
    Under a test key tasks are completed at once, with made-up responses, and
    batches are in progress from the start. Under a live key tasks pend until
    `complete` is called, and batches are staging until they are finalized.

    Attributes:
        api_key: A test key.
        live_api_key: A live key; like everything here it costs nothing.

    Args:
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        db: File that keeps the state; without one it is gone after `stop`.

    Raises:
        OSError: When it starts: the port is in use, or the file cannot be used.
    """

    api_key = "test_sandbox"
    live_api_key = "live_sandbox"

    def __init__(
        self, host: str = "127.0.0.1", port: int = 0, db: Optional[str] = None
    ) -> None:
        self._host = host
        self._port = port
        self._db = db
        self._server: Optional[_Server] = None

    @property
    def url(self) -> str:
        """The ``api_instance_url`` for clients; it ends in ``/v1``."""
        return f"{self._running.origin}/v1"

    @property
    def _running(self) -> _Server:
        if self._server is None:
            raise RuntimeError(
                "the sandbox is not running: use `with Sandbox() as sandbox:`, "
                "or call start()"
            )
        return self._server

    def start(self) -> Sandbox:
        """Listen, in a thread of this process; `stop` ends it."""
        if self._server is None:
            self._server = _Server(self._host, self._port, self._db)
        return self

    def stop(self) -> None:
        """Answer what has been asked, close all connections, stop listening."""
        server, self._server = self._server, None
        if server is not None:
            server.stop()

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.stop()

    def complete(self, task_id: str, response: Any = None) -> Dict[str, Any]:
        """Complete a pending task of any world, as a labeler would.

        Args:
            task_id: Id of the task.
            response: The answer; a plausible one is made up if it is None.

        Returns:
            The task's document.

        Raises:
            ValueError: There is no such task, or it is not pending.
        """
        return self._running.complete(task_id, response)

    def archive_batch(self, batch_name: str, *, api_key: Optional[str] = None) -> None:
        """Archive a batch, as people do on Scale's web pages.

        Args:
            batch_name: Its name.
            api_key: The key of the world it is in; by default `Sandbox.api_key`.

        Raises:
            ValueError: There is no such batch, or the key is none.
        """
        self._running.archive_batch(api_key or self.api_key, batch_name)


class _Server:
    """A sandbox that is running."""

    def __init__(self, host: str, port: int, db: Optional[str]) -> None:
        self._socket = _listen(host, port)
        try:
            self._database = Database(db)
        except BaseException:
            self._socket.close()
            raise
        shown = f"[{host}]" if ":" in host else host
        self.origin = f"http://{shown}:{self._socket.getsockname()[1]}"
        self._hosting = Hosting(self.origin)
        config = uvicorn.Config(
            make_app(self._database, self._hosting),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            loop="asyncio",
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=5,
            server_header=False,
            log_level="warning",
        )
        self._uvicorn = uvicorn.Server(config)
        # Connections wait in the socket's backlog until the thread is ready.
        self._thread = threading.Thread(
            target=self._uvicorn.run,
            kwargs={"sockets": [self._socket]},
            name="scaleapi-sandbox",
            daemon=True,
        )
        self._thread.start()

    def stop(self) -> None:
        self._uvicorn.should_exit = True
        self._thread.join()
        self._socket.close()
        self._database.close()

    def archive_batch(self, api_key: str, batch_name: str) -> None:
        try:
            world = self._database.world(api_key, live=is_live(api_key))
        except ApiError:
            raise ValueError("api_key must begin with test_ or live_") from None
        with self._database.writing() as connection:
            if not Books(connection, world).batches.archive(batch_name):
                raise ValueError(f"the sandbox has no batch {batch_name!r} there")

    def complete(self, task_id: str, response: Any) -> Dict[str, Any]:
        world = self._database.world_of(task_id)
        if world is None:
            raise ValueError(f"the sandbox has no task {task_id!r}")
        with self._database.writing() as connection:
            books = Books(connection, world)
            task = books.tasks.get(task_id)
            if task is None or task["status"] != "pending":
                raise ValueError(
                    f"task {task_id!r} is not pending, so it cannot be completed"
                )
            return complete(books, self._hosting, task, clock.now(), response)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Only where the protocol is named does asyncio send answers without delay;
    # otherwise each waits 40 ms for the acknowledgement of its own headers.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(512)
    except (OSError, OverflowError) as error:
        listener.close()
        raise OSError(f"cannot listen on {host}, port {port}: {error}") from error
    return listener
