"""`Sandbox`: how a sandbox is started, controlled and stopped."""

from __future__ import annotations

import os
import socket
import weakref
from functools import partial
from types import TracebackType
from typing import (
    TYPE_CHECKING,
    Any,
    Iterable,
    MutableMapping,
    Optional,
    Sequence,
    Set,
    Type,
)

from starlette.types import ASGIApp

from scaleapi.sandbox.app import make_app
from scaleapi.sandbox.argument_checks import host_names, strings
from scaleapi.sandbox.clock import Clock
from scaleapi.sandbox.options import Options
from scaleapi.sandbox.routes.control import Controls
from scaleapi.sandbox.running import Running, end_abandoned
from scaleapi.sandbox.server import Server, base_url, listen
from scaleapi.sandbox.services.callbacks import (
    LIVE_CALLBACK_KEY,
    TEST_CALLBACK_KEY,
    Callbacks,
    longest_wait,
)
from scaleapi.sandbox.services.control import Control
from scaleapi.sandbox.services.faults import Faults
from scaleapi.sandbox.services.hosting import Hosting, Origin
from scaleapi.sandbox.services.rate_limit import RateLimit
from scaleapi.sandbox.services.request_log import RequestLog
from scaleapi.sandbox.store import Database
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.web.auth import LIVE_KEY, TEST_KEY
from scaleapi.sandbox.web.connections import WaitingConnections

if TYPE_CHECKING:
    from scaleapi import ScaleClient
    from scaleapi.api import Api


class Sandbox:
    """A local stand-in for Scale's API, on a port of this machine.

    ::

        with Sandbox() as sandbox:
            client = sandbox.client()

    Each API key that begins with ``test_`` or ``live_`` has a world of its own: all
    data that belongs to the key, and no other key sees.
    Under a test key tasks are completed at once, with made-up responses, and
    batches are in progress from the start. Under a live key tasks pend until
    they are completed here, and batches are staging until they are finalized.

    Every method that controls a running sandbox is also available over HTTP, under
    ``/control``.

    Attributes:
        api_key: A test key.
        live_api_key: A live key; it costs nothing either.
        callback_key: Value of the header ``scale-callback-auth`` of the callbacks of
            test tasks.
        live_callback_key: The same for live tasks.
        clock: The time of this sandbox, which can be moved.
        requests: The requests that clients have sent, the newest last.
        faults: The faults on demand; none at first.
        options: The named options: answers in which accounts of the API differ.

    Args:
        host: Address to listen on. Everybody who can reach it can do everything.
        port: Port to listen on; 0 takes a free one.
        db: File that keeps the state; without a file the state is lost at `stop`.
        callbacks_to: Names of the hosts, besides this machine, to which callbacks are
            sent; ``"*"`` allows all.
        allow_hosts: Exact host names, besides those of this machine, under which the
            sandbox may be called, such as the name of its service in a compose file.
            Requests under other names are refused, because a page of another site
            could send them.
        new_batches: Status of a new batch under a live key in a standard project:
            ``"staging"`` or ``"in_progress"``.
        project_type_mismatch: Whether a task of another type than its project is
            ``"accepted"`` or ``"refused"``.
        single_response: Key of the response to a text collection with
            ``responses_required: 1``: ``"responses"`` or ``"annotations"``.
        track_file: What is around the tracks of a video: ``"bare"``,
            ``"wrapped"``, ``"list"``, or ``"inline"``, which is no file.
        frame_key: Whether the key of a track's frame counts the frames of the
            ``"video"``, or those ``"annotated"``.
        frame_time: Key of the time of a track's frame: ``"timestamp"``,
            ``"timestamp_secs"`` or ``"none"``.
        keyframe_fields: Whether a track's frames have ``keyframeType`` and
            ``isInferredKeyframe``.
        trailing_nuls: How many NUL bytes there are at the end of a JSON result
            of a video.
        attachment_downloads: Whether a single task has ``attachmentS3Downloads``
            ``"always"`` or ``"on_request"``.

    Raises:
        TypeError: An option, or an element of `allow_hosts`, is of a wrong type.
        ValueError: An option does not have one of its values, or an element of
            `allow_hosts` is not a host name.
    """

    api_key = TEST_KEY
    live_api_key = LIVE_KEY
    callback_key = TEST_CALLBACK_KEY
    live_callback_key = LIVE_CALLBACK_KEY

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        db: Optional[str] = None,
        *,
        callbacks_to: Sequence[str] = (),
        allow_hosts: Sequence[str] = (),
        new_batches: str = "staging",
        project_type_mismatch: str = "accepted",
        single_response: str = "responses",
        track_file: str = "bare",
        frame_key: str = "video",
        frame_time: str = "timestamp",
        keyframe_fields: bool = False,
        trailing_nuls: int = 0,
        attachment_downloads: str = "always",
    ) -> None:
        self._host = host
        self._port = port
        # The name by which SQLite knows a database without a file.
        self._db = None if db == ":memory:" else db
        self._callbacks_to = strings("callbacks_to", callbacks_to)
        self._allow_hosts = host_names("allow_hosts", allow_hosts)
        self._parts: Optional[Running] = None
        self._finalizer: Optional[weakref.finalize[Any, Any]] = None
        self.clock = Clock()
        self.requests = RequestLog()
        self.faults = Faults()
        self.options = Options(
            new_batches=new_batches,
            project_type_mismatch=project_type_mismatch,
            single_response=single_response,
            track_file=track_file,
            frame_key=frame_key,
            frame_time=frame_time,
            keyframe_fields=keyframe_fields,
            trailing_nuls=trailing_nuls,
            attachment_downloads=attachment_downloads,
        )
        self._rate_limit = RateLimit(self.clock)

    def __repr__(self) -> str:
        # repr() may run before `__init__` has finished, e.g. in a traceback.
        parts: Optional[Running] = vars(self).get("_parts")
        if parts is None:
            return f"{type(self).__name__}(not running)"
        counts = f"requests={len(self.requests)}, faults={len(self.faults)}"
        return f"{type(self).__name__}('{parts.origin}/v1', {counts})"

    @property
    def url(self) -> str:
        """The ``api_instance_url`` for clients; it ends in ``/v1``."""
        return f"{self._started.origin}/v1"

    @property
    def _started(self) -> Running:
        if self._parts is None:
            raise RuntimeError(
                "the sandbox is not running: use `with Sandbox() as sandbox:`, "
                "or call start()"
            )
        return self._parts

    @property
    def _running(self) -> Running:
        if self._started.process != os.getpid():
            raise RuntimeError(
                "the sandbox runs in the process that this one was forked from: "
                f"control it over HTTP, under {self._started.origin}/control"
            )
        return self._started

    def start(self) -> Sandbox:
        """Listen, in a thread of this process; `stop` ends it.

        A sandbox with neither `port` nor `db` also ends, with a warning, when nothing
        refers to the `Sandbox`, or to a client that it has made, any more: its address
        alone does not keep it.

        Raises:
            OSError: The port is in use, or `db` cannot be used.
        """
        if self._parts is None:
            listener = listen(self._host, self._port)
            try:
                self._parts = self._run(listener)
            except BaseException:
                listener.close()
                raise
            if self._port or self._db:
                _kept.add(self)  # it can be found again without this object
            else:
                self._finalizer = weakref.finalize(self, self._parts.abandon)
                self._finalizer.atexit = False
        return self

    def _run(self, listener: socket.socket) -> Running:
        """Make all parts, and serve them on a socket."""
        url = base_url(self._host, listener)
        origin = Origin(url)
        database = Database(self._db, origin)
        hosting = Hosting(origin, self.clock)
        control = Control(database, hosting, self.clock, self.options)
        callbacks = Callbacks(database, self.clock, self._callbacks_to)
        waiting = WaitingConnections()
        controls = Controls(
            control=control,
            clock=self.clock,
            request_log=self.requests,
            faults=self.faults,
            rate_limit=self._rate_limit,
            callbacks=callbacks,
            options=self.options,
            default_key=partial(_api_key_of, weakref.ref(self)),
            database=database,
        )
        app = make_app(
            database,
            hosting,
            controls,
            names=(self._host, *self._allow_hosts),
            origin=origin,
            waiting=waiting,
        )
        server = Server(
            self._served(app),
            listener,
            on_shutdown=waiting.close_waiting,
            on_abandoned=partial(end_abandoned, url, callbacks, database),
        )
        return Running(os.getpid(), url, database, controls, server)

    def _served(self, app: ASGIApp) -> ASGIApp:
        """Return what is served: the application, or something around it."""
        return app

    def stop(self) -> None:
        """Answer the requests that have begun, close all connections, stop listening.

        In a process that was forked after `start`, the sandbox goes on, because it
        belongs to the process that started it.

        Raises:
            RuntimeError: A thread of the sandbox has not ended after 20 seconds.
        """
        parts, self._parts = self._parts, None
        _kept.discard(self)
        if self._finalizer is not None:
            self._finalizer.detach()
        if parts is not None:
            parts.stop()

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.stop()

    def client(self, *, live: bool = False, **options: Any) -> ScaleClient:
        """Return a client of this sandbox, which runs for as long as the client exists.

        Args:
            live: Whether the client has `live_api_key`, and not `api_key`.
            **options: Further arguments of `ScaleClient`, such as ``timeout``.

        Raises:
            RuntimeError: The sandbox is not running.
        """
        from scaleapi import ScaleClient  # late, since servers need no client

        key = self.live_api_key if live else self.api_key
        client = ScaleClient(key, api_instance_url=self.url, **options)
        _kept_by[client.api] = self
        return client

    def complete(
        self,
        task: Any,
        response: Any = None,
        *,
        form: Optional[str] = None,
        **fields: Any,
    ) -> Document:
        """Complete a pending task of any world, as a labeler would.

        Args:
            task: The task, or its id.
            response: The response; None makes up a plausible one.
            form: Name of the form of the made-up response, such as ``"ratings"`` or
                ``"tracks_list"``; by default the form follows from the task and the
                `options`. "Forms of results" in ``docs/sandbox.rst`` lists them.
            **fields: Further keys of the task's document, as for `set`.

        Returns:
            The task's document.

        Raises:
            ValueError: `task` is unknown or not pending, `form` is unknown, or both
                `response` and `form` are given.
        """
        return self._running.control.complete(task, response, fields, form)

    def fail(self, task: Any, response: Any = None, **fields: Any) -> Document:
        """Give a pending task the status ``error``.

        Its ``unique_id`` is free again if the task was created with
        ``clear_unique_id_on_error``.

        Args:
            task: The task, or its id.
            response: What is wrong; by default, that the attachments could not be
                downloaded.
            **fields: Further keys of the task's document, as for `set`.

        Returns:
            The task's document.

        Raises:
            ValueError: `task` is unknown or not pending.
        """
        return self._running.control.fail(task, response, fields)

    def set(self, task: Any, **fields: Any) -> Document:
        """Change the document of a task, as the API could do.

        ::

            sandbox.set(task, customer_review_status="fixed", prior_responses=[{}])

        Args:
            task: The task, or its id.
            **fields: Key -> new value; None removes the key. Times can be
                `datetime` objects.

        Returns:
            The task's document.

        Raises:
            TypeError: A value in `fields` has a type that its key never has in the
                API.
            ValueError: `task` is unknown, a value in `fields` is impossible, or its
                ``unique_id`` belongs to another task.
        """
        return self._running.control.set(task, fields)

    def label(
        self,
        *,
        batch: Optional[str] = None,
        project: Optional[str] = None,
        api_key: Optional[str] = None,
    ) -> int:
        """Complete all pending tasks, with plausible responses.

        Args:
            batch: Only the tasks of this batch.
            project: Only the tasks of this project.
            api_key: Only the tasks of the world of this key; by default, of all
                worlds.

        Returns:
            The number of tasks.
        """
        return self._running.control.label(batch, project, api_key)

    def archive_batch(self, batch_name: str, *, api_key: Optional[str] = None) -> None:
        """Archive a batch, as people do on Scale's web pages.

        Args:
            batch_name: Name of the batch.
            api_key: Key of the world of the batch; by default `Sandbox.api_key`.

        Raises:
            ValueError: The world has no batch `batch_name`, or `api_key` is not a
                key.
        """
        self._running.control.archive_batch(api_key or self.api_key, batch_name)

    def deliver(
        self,
        project: str,
        name: Optional[str] = None,
        *,
        tasks: Optional[Iterable[Any]] = None,
        api_key: Optional[str] = None,
    ) -> Document:
        """Deliver completed chat tasks, as Scale does: v2 reads deliveries.

        A task is in one delivery at most.

        Args:
            project: Name of the project.
            name: Name of the delivery, unique in the project; None makes one up.
            tasks: The tasks, or their ids; by default all completed tasks of the
                project that are not delivered yet.
            api_key: Key of the world of the project; by default `Sandbox.api_key`.

        Returns:
            The delivery: ``id``, ``name``, ``project``, ``task_count`` and
            ``delivered_at``.

        Raises:
            TypeError: An argument is of a wrong type.
            ValueError: There is no `project`, it has a delivery `name` already,
                one of `tasks` cannot be delivered, or no task can.
        """
        key = api_key or self.api_key
        return self._running.control.deliver(key, project, name, tasks)

    def rate_limit(
        self,
        creations_per_second: Optional[float] = 30.0,
        burst: Optional[int] = None,
    ) -> None:
        """Answer 429 to clients that create tasks too fast.

        Args:
            creations_per_second: Number of tasks that a key may create in a second;
                None ends the limit. The limit of the API is 30.
            burst: Number of tasks that may be created at once after a pause; by
                default as many as in a second.

        Raises:
            TypeError: `creations_per_second` or `burst` is not a number.
            ValueError: `creations_per_second` or `burst` is out of bounds.
        """
        self._rate_limit.set(creations_per_second, burst)

    def wait_for_callbacks(self, timeout: float = 10.0) -> bool:
        """Wait until all callbacks that are due have been tried.

        Args:
            timeout: Seconds to wait at most.

        Returns:
            Whether no due callback is left. Callbacks that failed are due again
            later: see ``clock.advance``.
        """
        return self._running.callbacks.wait(longest_wait(timeout))

    def reset(self) -> None:
        """Delete everything that was recorded: worlds, requests, faults, limits, time.

        Options have the values again with which the sandbox was made.
        """
        self._running.controls.reset()


def _api_key_of(sandbox: weakref.ref[Sandbox]) -> str:
    """Return the test key, also if tests have changed it, without keeping a sandbox."""
    alive = sandbox()
    return Sandbox.api_key if alive is None else alive.api_key


#: Those that run on a fixed port or over a kept file, so that they can be found again.
_kept: Set[Sandbox] = set()
#: What sends for a client -> the sandbox that has made the client.
_kept_by: MutableMapping[Api, Sandbox] = weakref.WeakKeyDictionary()
