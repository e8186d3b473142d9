"""How connections are made, sent over and kept, below what requests does itself."""

from __future__ import annotations

import errno
import socket
import threading
from typing import Any, ClassVar, Optional, Tuple

import requests
from requests.adapters import HTTPAdapter

#: Number of bytes that are sent at once.
MAX_SEND_BYTES = 1 << 16


class PatientConnection:
    """Sends under the read time-out, and marks errors that precede all sending.

    urllib3 sends under the connect time-out, so that an upload which stalls for
    longer would fail.
    """

    read_timeout: Optional[float] = None
    connecting = False
    #: The class ``socket.socket`` at the time when this connection was opened.
    socket_class: Any = socket.socket
    sock: Any

    def connect(self) -> None:
        """Open the connection; an error gets the attribute ``unsent``."""
        self.connecting = True
        self.socket_class = socket.socket
        try:
            super().connect()  # type: ignore[misc]
        except Exception as error:
            error.unsent = True  # type: ignore[attr-defined]
            raise
        finally:
            self.connecting = False

    def send(self, data: Any) -> None:
        """Send headers or a piece of a body."""
        if self.sock is None:
            self.connect()
        # The connect time-out also applies while a proxy sets up a tunnel.
        if not self.connecting and self.sock is not None:
            self.sock.settimeout(self.read_timeout)
        if not isinstance(data, bytes):
            super().send(data)  # type: ignore[misc]
            return
        # The time-out applies to each call of send, so large bodies are sent in pieces.
        try:
            for start in range(0, len(data), MAX_SEND_BYTES):
                super().send(data[start : start + MAX_SEND_BYTES])  # type: ignore[misc]
        except ConnectionResetError as error:
            # The server may have answered before it read everything; urllib3
            # reads that answer after a broken pipe, not after a reset.
            raise BrokenPipeError(errno.EPIPE, str(error)) from error


class Adapter(HTTPAdapter):
    """Sends under the read time-out, and leaves retries to the loop in `Api`.

    Args:
        pool_size: Number of idle connections that are kept.
        read_timeout: Seconds between two bytes, while sending too; None waits
            forever.
    """

    __attrs__ = [*HTTPAdapter.__attrs__, "_read_timeout"]
    #: What is mixed into the class of the connections.
    connection_mixin: ClassVar[type] = PatientConnection
    _pool_maxsize: int

    def __init__(self, pool_size: int, read_timeout: Optional[float]) -> None:
        self._read_timeout = read_timeout
        super().__init__(max_retries=0, pool_maxsize=pool_size)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self._make_patient(self.poolmanager)
        self._lock = threading.Lock()

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        self._make_patient(manager)
        return manager

    def mixin_for(self, manager: Any) -> type:
        """Return what is mixed into the connections of a pool manager."""
        return self.connection_mixin

    def _make_patient(self, manager: Any) -> None:
        """Have a pool manager make patient pools, based on the classes it has."""
        mixin = self.mixin_for(manager)
        manager.pool_classes_by_scheme = {
            scheme: pool
            if issubclass(pool, _PatientPool)
            else _patient_pool(pool, mixin, self._read_timeout)
            for scheme, pool in manager.pool_classes_by_scheme.items()
        }

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: Any,
        proxies: Any = None,
        cert: Any = None,
    ) -> Any:
        # requests turns verification off for any falsy value, but gives only False
        # a pool of its own: None must not share the pool of True.
        return super().get_connection_with_tls_context(
            request, verify or False, proxies=proxies, cert=cert
        )

    def make_room(self, connections: int) -> None:
        """Keep at least this many idle connections from now on."""
        if connections <= self._pool_maxsize:  # it only grows
            return
        with self._lock:
            if connections <= self._pool_maxsize:
                return
            self._pool_maxsize = connections
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            manager.connection_pool_kw["maxsize"] = connections
            for key in manager.pools.keys():  # noqa: SIM118  (cannot be iterated)
                pool = manager.pools.get(key)
                queue = pool and pool.pool
                if queue is not None:  # the pool is open
                    queue.maxsize = connections


def _patient_pool(base: Any, mixin: type, read_timeout: Optional[float]) -> Any:
    """Return a subclass of `base` whose connections send under this read time-out."""
    members = {"connection_mixin": mixin, "read_timeout": read_timeout}
    return type(base.__name__, (_PatientPool, base), members)


class _PatientPool:
    """Opens connections of the class that urllib3 uses at that moment.

    Tools that record or replay HTTP replace the connection class or the socket class.
    They may do so after this pool was made, and may restore the class while the pool
    still holds connections.
    """

    connection_mixin: type = PatientConnection
    read_timeout: Optional[float] = None
    _latest: Tuple[Any, Any] = (None, None)

    @property
    def ConnectionCls(self) -> Any:
        """Class of new connections, derived from the one that urllib3 uses now."""
        base, cls = self._latest
        current = super().ConnectionCls  # type: ignore[misc]
        if current is not base:
            cls = _patient_connection(current, self.connection_mixin, self.read_timeout)
            self._latest = (current, cls)
        return cls

    def _get_conn(self, *args: Any, **kwargs: Any) -> Any:
        """Take a connection, or open one if a tool has come or gone since."""
        connection = super()._get_conn(*args, **kwargs)  # type: ignore[misc]
        opened_with = getattr(connection, "socket_class", socket.socket)
        if type(connection) is self.ConnectionCls and opened_with is socket.socket:
            return connection
        connection.close()
        return self._new_conn()  # type: ignore[attr-defined]


def _patient_connection(base: Any, mixin: type, read_timeout: Optional[float]) -> Any:
    """Return a subclass of a connection class that sends under this read time-out.

    A class with a ``send`` of its own, such as that of vcrpy, is returned unchanged.
    """
    owner = next((cls for cls in base.__mro__ if "send" in vars(cls)), None)
    if owner is None or owner.__module__ != "http.client":
        return base
    members = {"read_timeout": read_timeout}
    return type(base.__name__, (mixin, base), members)
