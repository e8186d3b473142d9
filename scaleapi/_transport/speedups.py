"""Shortcuts for the requests that a client sends by the thousand: speed, nothing else.

What requests does again for each request is done once a client here: checking and
joining the parts of the URL and the headers, reading proxies and certificates from
the environment, looking for the connection pool. Headers and a short body are sent
together, and bodies are read in one go.

With it, the CPU time for 1,000 creates is 1.3 to 1.4 times that of a bare urllib3
loop; without it, it is 2.1 times (``benchmarks/run.py --only create``, over TLS).

The result is the same without this module: delete it, and `FastSession` where
`scaleapi._transport.session` mixes it in. A request for which a user has set something
that is not provided for here is prepared by requests itself.
"""

from __future__ import annotations

import functools
import os
import re
import ssl
from collections import OrderedDict, abc
from http.client import HTTPResponse as HTTPClientResponse
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Dict,
    List,
    Mapping,
    Optional,
    Pattern,
    Tuple,
    Type,
)
from urllib.parse import urlencode

import requests
from requests.auth import HTTPBasicAuth
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar
from requests.structures import CaseInsensitiveDict
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import DecodeError, ProtocolError, ReadTimeoutError, SSLError
from urllib3.response import HTTPResponse
from urllib3.util.ssl_ import create_urllib3_context

from scaleapi._transport.adapter import MAX_SEND_BYTES, Adapter, PatientConnection
from scaleapi._transport.bearer import Bearer
from scaleapi._transport.fast_headers import FastHTTPResponse
from scaleapi._transport.turns import TURN

if TYPE_CHECKING:
    _Session = requests.Session
else:
    _Session = object

#: Number of pools that are remembered. It is less than the number that urllib3 keeps,
#: so that urllib3 has not closed any of them.
_MAX_POOLS = 8

_PIECE = r"[\w\-.~/!$&'()*+,;=:@]*"
_QUERY_PIECE = r"[\w\-.~/!$&'()*+,;=:@?]*"
_ESCAPE = "%[0-9A-F]{2}"
#: A URL that requests may send as it is.
_PLAIN_URL = rf"https?://[a-z0-9.-]+(:\d+)?/{_PIECE}({_ESCAPE}{_PIECE})*"
_READY_URL = re.compile(_PLAIN_URL, re.ASCII)
#: The same with a query, as that of a signed address.
_READY_FILE_URL = re.compile(
    rf"{_PLAIN_URL}(\?{_QUERY_PIECE}({_ESCAPE}{_QUERY_PIECE})*)?", re.ASCII
)
#: What requests normalizes: dot segments, and escapes of unreserved characters.
_NORMALIZED = re.compile(r"/\.{1,2}(/|$)|%(2[DE]|[46][1-9A-F]|[57][0-9A]|5F|7E|3[0-9])")


class Response(requests.Response):
    """An answer whose body is read at once, and not in pieces of 10 KB."""

    _content_consumed: bool

    @property
    def content(self) -> bytes:
        """The body, decompressed."""
        raw = self.raw
        if isinstance(self._content, bytes) and self._content_consumed:
            return self._content
        # If a tool or a hook has set another body, requests reads it.
        unread = isinstance(self._content, bool) and not self._content_consumed
        if not unread or type(raw) is not HTTPResponse:
            return super().content
        turn = TURN.get()
        if turn is not None:
            turn.begin()
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


class FastConnection(PatientConnection):
    """Sends headers and a short body together: one system call, and one packet."""

    _unsent: Optional[List[bytes]] = None

    @property
    def response_class(self) -> Any:
        """Class of the answers, unless a tool has set another one."""
        cls = super().response_class  # type: ignore[misc]
        return FastHTTPResponse if cls is HTTPClientResponse else cls

    def request(self, *args: Any, **options: Any) -> None:
        """Send a request as urllib3 does, in one piece if its body is short."""
        body = options.get("body")
        send_request: Any = super().request  # type: ignore[misc]
        if type(body) is not bytes or len(body) >= MAX_SEND_BYTES:
            send_request(*args, **options)
            return
        self._unsent = []
        try:
            send_request(*args, **options)
            pieces = self._unsent
        finally:
            self._unsent = None
        self.send(b"".join(pieces))

    def send(self, data: Any) -> None:
        """Send headers or a piece of a body, or keep it for the end of `request`."""
        if self._unsent is None or self.connecting:
            super().send(data)
        else:
            self._unsent.append(data)


class FastAdapter(Adapter):
    """Remembers what requests looks up again for each request."""

    connection_mixin = FastConnection

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self._pools: Dict[Any, Any] = {}
        self._contexts: Dict[Any, ssl.SSLContext] = {}

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: Any,
        proxies: Any = None,
        cert: Any = None,
    ) -> Any:
        origin = str(request.url).split("/", 3)[:3]
        key = (*origin, verify or False, _as_key(cert), _as_key(proxies or {}))
        pool = self._pools.get(key)
        if pool is None:
            pool = super().get_connection_with_tls_context(
                request, verify, proxies=proxies, cert=cert
            )
            self._trust(pool, str(request.url), verify, cert)
            if len(self._pools) >= _MAX_POOLS:
                self._pools.clear()
            self._pools[key] = pool
        return pool

    def close(self) -> None:
        super().close()
        self._pools.clear()
        with self._lock:
            self._contexts.clear()  # the files may have changed

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Skip pools that `_trust` has set up already."""
        if conn not in self._pools.values():
            set_up: Any = super().cert_verify
            set_up(conn, url, verify, cert)

    def _trust(self, pool: Any, url: str, verify: Any, cert: Any) -> None:
        """Have all connections of a pool share one TLS context.

        requests gives each connection the path of the certificates. Each connection
        would read the file, which costs more than everything else about it.
        """
        set_up: Any = super().cert_verify
        set_up(pool, url, verify, cert)
        if not (isinstance(pool, HTTPSConnectionPool) and verify):
            return
        if pool.proxy is not None and pool.proxy.scheme == "https":
            return  # urllib3 checks the proxy's certificate with these files too
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
        path = request.path_url
        if proxies or path.startswith("//"):
            return super().request_url(request, proxies)
        return path

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> Response:
        response = Response()
        response.status_code = resp.status
        response.headers = _headers(
            OrderedDict((name.lower(), (name, v)) for name, v in resp.headers.items())
        )
        response.encoding = _encoding(response.headers.get("Content-Type"))
        response.raw = resp
        response.reason = resp.reason
        response.url = str(req.url)
        if "Set-Cookie" in response.headers:
            extract: Any = extract_cookies_to_jar
            extract(response.cookies, req, resp)
        response.request = req
        response.connection = self
        return response


class _Authorization:
    """Encodes the key once; its ``repr`` does not show the key."""

    def __init__(self) -> None:
        self._encoded: Tuple[Any, Any, str] = (None, None, "")

    def of(self, auth: Any) -> str:
        """Return the header ``Authorization`` for this user name and password."""
        username, password, value = self._encoded
        if auth.username is not username or auth.password is not password:
            request = requests.PreparedRequest()
            request.headers = CaseInsensitiveDict()
            value = str(auth(request).headers["Authorization"])
            self._encoded = (auth.username, auth.password, value)
        return value


class FastSession(_Session):
    """Joins the parts of a request without parsing and checking each of them."""

    adapter_class: ClassVar[Type[Adapter]] = FastAdapter

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._settings: Dict[Any, Any] = {}
        self._authorization = _Authorization()

    def prepare_request(self, request: Any) -> requests.PreparedRequest:
        """Join URL, query, headers and body without checking them again."""
        if not self._is_plain(request):
            return super().prepare_request(request)
        prepared = requests.PreparedRequest()
        prepared.method = request.method
        query = _query(request.params) if request.params else ""
        prepared.url = f"{request.url}?{query}" if query else request.url
        fields: Any = self.headers._store.copy()  # type: ignore[attr-defined]
        for name, value in request.headers.items():
            fields[name.lower()] = (name, value)
        auth = request.auth
        value = auth.header if type(auth) is Bearer else self._authorization.of(auth)
        fields["authorization"] = ("Authorization", value)
        if type(request.data) is bytes:
            prepared.body = request.data
            fields["content-length"] = ("Content-Length", str(len(request.data)))
        elif request.method != "GET":
            fields["content-length"] = ("Content-Length", "0")
        prepared.headers = _headers(fields)
        if isinstance(self.cookies, RequestsCookieJar) and not len(self.cookies):
            prepared._cookies = self.cookies  # type: ignore[attr-defined]  # no header
        else:
            prepared.prepare_cookies(self.cookies)
        if self.hooks.get("response"):
            prepared.hooks = self.hooks
        return prepared

    def _is_plain(self, request: Any) -> bool:
        auth = request.auth
        return bool(
            (
                type(auth) is Bearer
                or (type(auth) is HTTPBasicAuth and auth is self.auth)
            )
            and not request.files
            and (not request.data or type(request.data) is bytes)
            and (request.json is None or type(request.data) is bytes)
            and not request.cookies
            and not self.params
            and not request.hooks["response"]
            and type(request.params) is dict
            and type(request.headers) is dict
            and None not in request.headers.values()
            and type(self.headers) is CaseInsensitiveDict
            and _are_texts(self.headers)
            # A bearer goes to v2, whose queries are in the address.
            and _is_ready(
                request.url, _READY_FILE_URL if type(auth) is Bearer else _READY_URL
            )
        )

    def merge_environment_settings(
        self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> Any:
        """Read the environment once for each server and each set of options."""
        origin = str(url).split("/", 3)[:3]
        given = (_as_key(proxies), stream, verify, _as_key(cert))
        own = (_as_key(self.proxies), self.verify, _as_key(self.cert), self.trust_env)
        key = (*origin, *given, *own)
        settings = self._settings.get(key)
        if settings is None:
            settings = super().merge_environment_settings(
                url, proxies, stream, verify, cert
            )
            self._settings[key] = settings
        return settings


class FastFileSession(FastSession):
    """Makes a GET of a file without checking its address and headers again."""

    def prepare_request(self, request: Any) -> requests.PreparedRequest:
        if not (
            _READY_FILE_URL.fullmatch(request.url)
            and not _NORMALIZED.search(request.url)
            and request.method == "GET"
            and type(request.headers) is dict
            and type(self.headers) is CaseInsensitiveDict
            and _are_texts(self.headers)
            and not self.params
            and not self.hooks.get("response")
        ):
            return super().prepare_request(request)
        prepared = requests.PreparedRequest()
        prepared.method, prepared.url = request.method, request.url
        fields: Any = self.headers._store.copy()  # type: ignore[attr-defined]
        for name, value in request.headers.items():
            fields[name.lower()] = (name, value)
        prepared.headers = _headers(fields)
        prepared._cookies = self.cookies  # type: ignore[attr-defined]  # no header
        return prepared


def _headers(fields: Any) -> Any:
    """Return headers without lower-casing and checking the name of each again.

    Args:
        fields: Name in small letters -> (name, value).
    """
    headers: Any = CaseInsensitiveDict.__new__(CaseInsensitiveDict)
    headers._store = fields
    return headers


def _are_texts(headers: Any) -> bool:
    return {type(value) for _, value in headers._store.values()} <= {str}


@functools.lru_cache(maxsize=64)
def _encoding(content_type: Any) -> Any:
    return requests.utils.get_encoding_from_headers(
        CaseInsensitiveDict({"Content-Type": content_type} if content_type else {})
    )


@functools.lru_cache(maxsize=256)
def _is_ready(url: str, ready: Pattern[str]) -> bool:
    return bool(ready.fullmatch(url) and not _NORMALIZED.search(url))


def _query(params: Mapping[str, Any]) -> str:
    """Return a query as requests encodes it."""
    # api-notes: query-lists
    pairs: List[Tuple[str, Any]] = []
    for name, value in params.items():
        several = not isinstance(value, (str, bytes)) and hasattr(value, "__iter__")
        values = value if several else (value,)
        pairs += [(name, each) for each in values if each is not None]
    return urlencode(pairs)


def _as_key(value: Any) -> Any:
    """Return a setting in a form that a dict takes as a key."""
    if value is None or value is True:
        return value
    if isinstance(value, abc.Mapping):
        return tuple(value.items())
    return tuple(value) if isinstance(value, list) else value
