"""How connections are made and kept, and how an answer is read from one."""

from __future__ import annotations

import errno
import os
import ssl
import threading
from typing import Any, Dict, Optional

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.ssl_ import create_urllib3_context

_PIECE = 1 << 16
#: Fewer than urllib3 holds, so that none is kept here which it has closed.
_MOST_POOLS = 8


class Response(requests.Response):
    """An answer whose body is read in one go."""

    __attrs__ = [*requests.Response.__attrs__, "_body"]
    _body: Optional[bytes] = None

    @property
    def content(self) -> bytes:
        """The body, decompressed."""
        body = self._body
        if body is None:
            self._body = body = self.raw.read(decode_content=True) or b""
            self.raw.release_conn()
        return body

    def iter_content(self, chunk_size: Any = 1, decode_unicode: bool = False) -> Any:
        """Yield the body, which has been read already, in one piece."""
        return iter([self.text if decode_unicode else self.content])


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
        self.poolmanager.pool_classes_by_scheme = _pool_classes(self._read_timeout)
        self._pools: Dict[Any, Any] = {}
        self._contexts: Dict[Any, ssl.SSLContext] = {}
        self._lock = threading.Lock()

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _pool_classes(self._read_timeout)
        return manager

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
            if len(self._pools) >= _MOST_POOLS:
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
        response.request = req
        response.connection = self
        return response


def _as_key(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _pool_classes(read_timeout: Optional[float]) -> Dict[str, Any]:
    """Return scheme -> pool, for pools whose connections send patiently.

    urllib3 sends a body under the time-out for connecting, so that an upload
    which stalls for longer than that would die.
    """

    def patient(kind: Any) -> Any:
        class Connection(kind):  # type: ignore[misc]
            connecting = False

            def connect(self) -> None:
                self.connecting = True
                try:
                    super().connect()
                except Exception as error:
                    # Nothing of the request has been sent.
                    error.unsent = True  # type: ignore[attr-defined]
                    raise
                finally:
                    self.connecting = False

            def send(self, data: Any) -> None:
                if self.sock is None:
                    self.connect()
                # It is connecting while a proxy is asked to open a tunnel.
                if not self.connecting and self.sock is not None:
                    self.sock.settimeout(read_timeout)
                if not isinstance(data, bytes):
                    super().send(data)
                    return
                # In pieces: the time-out counts for each call as a whole.
                try:
                    for start in range(0, len(data), _PIECE):
                        super().send(data[start : start + _PIECE])
                except ConnectionResetError as error:
                    # The server may have refused the request before it read it
                    # all. After a broken pipe urllib3 reads its answer.
                    raise BrokenPipeError(errno.EPIPE, str(error)) from error

        return Connection

    class Pool(HTTPConnectionPool):
        ConnectionCls = patient(HTTPConnectionPool.ConnectionCls)

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = patient(HTTPSConnectionPool.ConnectionCls)

    return {"http": Pool, "https": SecurePool}
