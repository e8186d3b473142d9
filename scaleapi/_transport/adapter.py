"""How connections are made and kept, and how an answer is read from one."""

from __future__ import annotations

import errno
import os
import socket
import ssl
import threading
from typing import Any, Dict, Optional, Tuple

import requests
from requests.adapters import HTTPAdapter
from requests.cookies import extract_cookies_to_jar
from requests.structures import CaseInsensitiveDict
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import DecodeError, ProtocolError, ReadTimeoutError, SSLError
from urllib3.response import HTTPResponse
from urllib3.util.ssl_ import create_urllib3_context

_MAX_SEND_BYTES = 1 << 16
#: Fewer than urllib3 holds, so that none is kept here which it has closed.
_MAX_POOLS = 8


class Response(requests.Response):
    """An answer whose body is read in one go, and not 10 KB at a time."""

    @property
    def content(self) -> bytes:
        """The body, decompressed."""
        raw = self.raw
        unread = isinstance(self._content, bool) and not self._content_consumed
        # What a tool or a hook has put in its place is read as requests reads it.
        if not unread or type(raw) is not HTTPResponse:
            return super().content
        try:
            self._content = raw.read(decode_content=True) or b""
        except ProtocolError as error:
            raise requests.exceptions.ChunkedEncodingError(error) from error
        except DecodeError as error:
            raise requests.exceptions.ContentDecodingError(error) from error
        except ReadTimeoutError as error:
            raise requests.exceptions.ConnectionError(error) from error
        except SSLError as error:
            raise requests.exceptions.SSLError(error) from error
        self._content_consumed = True
        raw.release_conn()
        return self._content


class Adapter(HTTPAdapter):
    """Keeps what requests looks up anew for each request.

    Args:
        pool_size: How many idle connections are kept.
        read_timeout: Seconds from one sign of life to the next, while sending
            too; None waits for ever.
    """

    __attrs__ = [*HTTPAdapter.__attrs__, "_read_timeout"]
    _pool_maxsize: int

    def __init__(self, pool_size: int, read_timeout: Optional[float]) -> None:
        self._read_timeout = read_timeout
        super().__init__(max_retries=0, pool_maxsize=pool_size)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self._make_patient(self.poolmanager)
        self._pools: Dict[Any, Any] = {}
        self._contexts: Dict[Any, ssl.SSLContext] = {}
        self._lock = threading.Lock()

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        self._make_patient(manager)
        return manager

    def _make_patient(self, manager: Any) -> None:
        """Have a pool manager make patient pools, of the classes that it has."""
        manager.pool_classes_by_scheme = {
            scheme: pool
            if issubclass(pool, _PatientPool)
            else _patient_pool(pool, self._read_timeout)
            for scheme, pool in manager.pool_classes_by_scheme.items()
        }

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: Any,
        proxies: Any = None,
        cert: Any = None,
    ) -> Any:
        # As requests has it: what is falsy trusts anything, but only False is
        # given a pool of its own there, so that None must not share True's.
        verify = verify or False
        origin = str(request.url).split("/", 3)[:3]
        key = (*origin, verify, _as_key(cert), tuple((proxies or {}).items()))
        pool = self._pools.get(key)
        if pool is None:
            pool = super().get_connection_with_tls_context(
                request, verify, proxies=proxies, cert=cert
            )
            self._trust(pool, str(request.url), verify, cert)
            if len(self._pools) >= _MAX_POOLS:
                self._pools.clear()
            self._pools[key] = pool
            self._widen(pool)
        return pool

    def make_room(self, connections: int) -> None:
        """Keep as many idle connections, if it is fewer so far."""
        if connections > self._pool_maxsize:
            with self._lock:
                self._pool_maxsize = max(connections, self._pool_maxsize)
            for pool in list(self._pools.values()):
                self._widen(pool)

    def _widen(self, pool: Any) -> None:
        queue = pool.pool
        if queue is not None:  # it is closed
            queue.maxsize = self._pool_maxsize

    def close(self) -> None:
        super().close()
        self._pools.clear()
        with self._lock:
            self._contexts.clear()  # files are read again after a close

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Leave a pool as it was made: it trusts what it is to trust."""
        if conn not in self._pools.values():
            super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call]

    def _trust(self, pool: Any, url: str, verify: Any, cert: Any) -> None:
        """Have all connections of a pool share one context.

        requests gives each connection the path of the certificates, which it
        reads anew; that costs more than all else about a connection.
        """
        super().cert_verify(pool, url, verify, cert)  # type: ignore[no-untyped-call]
        if not (isinstance(pool, HTTPSConnectionPool) and verify):
            return
        if pool.proxy is not None and pool.proxy.scheme == "https":
            return  # the proxy's own certificate is checked by the pool's files
        roots = (
            pool.ca_certs or pool.ca_cert_dir or requests.utils.DEFAULT_CA_BUNDLE_PATH
        )
        key = (roots, _as_key(cert))
        with self._lock:
            context = self._contexts.get(key)
            if context is None:
                context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
                if os.path.isdir(str(roots)):
                    context.load_verify_locations(capath=roots)
                else:
                    context.load_verify_locations(cafile=roots)
                if pool.cert_file:
                    context.load_cert_chain(pool.cert_file, pool.key_file)
                self._contexts[key] = context
        pool.ca_certs = pool.ca_cert_dir = pool.cert_file = pool.key_file = None
        pool.conn_kw["ssl_context"] = context

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:
        return super().request_url(request, proxies) if proxies else request.path_url

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> Response:
        response = Response()
        response.status_code = resp.status
        response.headers = CaseInsensitiveDict(resp.headers)
        response.encoding = requests.utils.get_encoding_from_headers(response.headers)
        response.raw = resp
        response.reason = resp.reason
        response.url = str(req.url)
        if "Set-Cookie" in response.headers:
            extract_cookies_to_jar(response.cookies, req, resp)  # type: ignore[no-untyped-call]
        response.request = req
        response.connection = self
        return response


def _as_key(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _patient_pool(base: Any, read_timeout: Optional[float]) -> Any:
    """Return a subclass of a pool class whose connections have this read time-out."""
    return type(base.__name__, (_PatientPool, base), {"read_timeout": read_timeout})


class _PatientPool:
    """Opens connections of whatever class urllib3 uses at that time.

    Tools that record or replay HTTP put their own connection class, or their own
    socket class, in place of the real one. They may do so after this pool was
    made, and take it back while the pool still holds connections.
    """

    read_timeout: Optional[float] = None
    _latest: Tuple[Any, Any] = (None, None)

    @property
    def ConnectionCls(self) -> Any:
        """The class of new connections, made from the one that urllib3 uses now."""
        base, cls = self._latest
        current = super().ConnectionCls  # type: ignore[misc]
        if current is not base:
            cls = _patient_connection(current, self.read_timeout)
            self._latest = (current, cls)
        return cls

    def _get_conn(self, *args: Any, **kwargs: Any) -> Any:
        """Take a connection from the pool, unless it bypasses or outlives a tool."""
        connection = super()._get_conn(*args, **kwargs)  # type: ignore[misc]
        opened_with = getattr(connection, "socket_class", socket.socket)
        if type(connection) is self.ConnectionCls and opened_with is socket.socket:
            return connection
        connection.close()
        return self._new_conn()  # type: ignore[attr-defined]


def _patient_connection(base: Any, read_timeout: Optional[float]) -> Any:
    """Return a subclass of a connection class that sends under this read time-out.

    A class that has its own way to send, as that of vcrpy has, is returned as it is.
    """
    owner = next((cls for cls in base.__mro__ if "send" in vars(cls)), None)
    if owner is None or owner.__module__ != "http.client":
        return base
    members = {"read_timeout": read_timeout}
    return type(base.__name__, (_PatientConnection, base), members)


class _PatientConnection:
    """Sends a body under the read time-out, and notes whether anything was sent.

    urllib3 sends under the connect time-out, so an upload that stalls longer than
    that would fail.
    """

    read_timeout: Optional[float] = None
    connecting = False
    #: What ``socket.socket`` was when this connection was opened.
    socket_class: Any = socket.socket
    sock: Any

    def connect(self) -> None:
        """Open the connection, and mark an error as one before anything was sent."""
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
        # While a proxy is asked for a tunnel, the connect time-out still applies.
        if not self.connecting and self.sock is not None:
            self.sock.settimeout(self.read_timeout)
        if not isinstance(data, bytes):
            super().send(data)  # type: ignore[misc]
            return
        # The time-out applies to each call of send, so large bodies go in pieces.
        try:
            for start in range(0, len(data), _MAX_SEND_BYTES):
                super().send(data[start : start + _MAX_SEND_BYTES])  # type: ignore[misc]
        except ConnectionResetError as error:
            # The server may have answered before it read everything; urllib3
            # reads that answer after a broken pipe, not after a reset.
            raise BrokenPipeError(errno.EPIPE, str(error)) from error
